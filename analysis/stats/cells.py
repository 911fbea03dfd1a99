"""The ways in which one person can answer some questions, and what print says of how many people do.

A single question or a statement is cut into the coarsest classes of answers that have to be told apart. Of a multiple
one the options that are spoken of are told apart, ticked or not; the others are one box, `OTHERS`, which loses nothing
as long as it is ticked by as many people as those options allow.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import numpy as np

from analysis.stats.premises import Block, Clause, Premises, Unit

NOT_ASKED, BLANK, FIRST = 0, 1, 2
"""How a cell numbers what somebody did with a unit: wasn't asked it, left it blank, or gave the first class."""
OTHERS = "+"
"""Stands for whatever else was ticked of a multiple question."""
Row = tuple[np.ndarray, frozenset[int] | None, int, int | None]
"""A sum over cells and what it may be: one of some numbers, or anything between a least and a most (None: any)."""


class Cells:
    """The ways in which one person can answer the units of a block, and what print says of their numbers.

    `sets` are answers to tell apart besides those that print does, `full` the units that nobody left blank. `ways` has
    a row a cell and a column a unit, numbered as `NOT_ASKED`, `BLANK` and `FIRST` say.
    """

    def __init__(
        self,
        given: Premises,
        block: Block,
        sets: Mapping[Unit, set[frozenset[str]]],
        full: Block = frozenset(),
    ):
        self.given, self.units = given, sorted(block, key=given.order.__getitem__)
        self.named = {unit: self._named(unit, given.sets[unit] | sets.get(unit, set())) for unit in self.units}
        self.classes = {unit: self._classes(unit, self.named[unit]) for unit in self.units}
        ways: list[tuple[int, ...]] = [()]
        for unit in self.units:
            inside = [c for c in given.asked_if[unit] if c[0] in block]
            open_to = range(FIRST if unit in full else BLANK, FIRST + len(self.classes[unit]))
            ways = [(*way, n) for way in ways for n in (open_to if self._hold(way, inside) else (NOT_ASKED,))]
        out = [clauses for clauses in given.excluded if all(unit in block for unit, _ in clauses)]
        self.ways = np.array([way for way in ways if not any(self._hold(way, clauses) for clauses in out)])

    def _hold(self, way: tuple[int, ...], clauses: Iterable[Clause]) -> bool:
        return all(way[i := self.units.index(unit)] >= FIRST and bool(self.classes[unit][way[i] - FIRST] & answers)
                   for unit, answers in clauses)  # fmt: skip

    def _named(self, unit: Unit, sets: set[frozenset[str]]) -> list[frozenset[str]]:
        """List what is told apart: of a multiple question every option in the sets, and where names are written."""
        question = self.given.questions[unit[0]]
        if question.kind != "multiple":
            return sorted(sets, key=sorted)
        options = frozenset[str]().union(*sets)
        texts = frozenset(a.code for a in question.text_answers)
        if question.named and options & {*texts, *(a.code for a in question.named)}:
            options |= texts
        return [frozenset({a.code}) for a in question.answers if a.code in options]

    def _classes(self, unit: Unit, named: list[frozenset[str]]) -> list[frozenset[str]]:
        """List the classes of answers: of a multiple question what may be ticked together, `OTHERS` for the rest."""
        question = self.given.questions[unit[0]]
        if question.kind != "multiple":
            by: dict[tuple[bool, ...], set[str]] = {}
            for answer in question.answers:
                by.setdefault(tuple(answer.code in answers for answers in named), set()).add(answer.code)
            return [frozenset(codes) for codes in by.values()]
        alone = [a.code for a in question.options if a.exclusive]
        names, texts = ({a.code for a in those} for those in (question.named, question.text_answers))
        options = [code for one in named for code in one if code not in alone]
        rest = [OTHERS] if any(a.code not in (*options, *alone) for a in question.options) else []
        boxes = [*options, *rest]
        ticked = (frozenset(itertools.compress(boxes, on)) for on in itertools.product((0, 1), repeat=len(boxes)))
        offered = [t for t in ticked if t - names and (not t & names or t & texts)]
        return offered + [frozenset({code}) for code in alone]

    def holds(self, unit: Unit, answers: frozenset[str]) -> np.ndarray:
        """Say of each cell whether its people gave any of the answers."""
        table = np.array([False, False, *(bool(c & answers) for c in self.classes[unit])])
        return table[self.ways[:, self.units.index(unit)]]

    def all_hold(self, clauses: Iterable[Clause]) -> np.ndarray:
        """Say of each cell whether its people gave any of the answers of every clause."""
        return np.array([self.holds(*c) for c in clauses], bool).reshape(-1, len(self.ways)).min(axis=0, initial=True)

    def answered(self, unit: Unit) -> np.ndarray:
        """Say of each cell whether its people answered a unit."""
        return self.ways[:, self.units.index(unit)] >= FIRST

    @property
    def silent(self) -> np.ndarray:
        """Say of each cell whether its people answered nothing of the block."""
        return self.ways.max(axis=1) < FIRST

    def rows(self, summed: bool) -> list[Row]:
        """List what print says of the numbers of people in the cells."""
        found: list[Row] = []
        for fact in self.given.facts:
            if fact.unit not in self.units:
                continue
            group = self.all_hold(fact.among)
            found += [(group & self.answered(fact.unit), None, base, base) for base in fact.bases]
            kept = set().union(*self.classes[fact.unit])
            if fact.answers <= kept and (allowed := fact.allowed(summed)) is not None:
                found.append((group & self.holds(fact.unit, fact.answers), allowed, 0, None))
        for unit in self.units:
            if self.given.questions[unit[0]].kind == "multiple":
                found += self._collapsed(unit, summed)
        return found

    def _collapsed(self, unit: Unit, summed: bool) -> list[Row]:
        """Say what print says of options that aren't told apart: how many people can have ticked any of them.

        At least as many as the most frequent was ticked by, and at most as many as all of them were together. What was
        written at an option is at most as frequent as that.
        """
        question, kept = self.given.questions[unit[0]], set().union(*self.classes[unit])
        printed: dict[str, frozenset[int]] = {}
        for fact in self.given.facts:
            if fact.unit == unit and len(fact.answers) == 1 and not fact.among:
                allowed, (code,) = fact.allowed(summed), fact.answers
                if allowed is not None:
                    printed[code] = allowed & printed.get(code, allowed)
        names = [min(printed[a.code], default=self.given.people + 1) for a in question.named
                 if a.code in printed and a.code not in kept]  # fmt: skip
        texts = frozenset(a.code for a in question.text_answers)
        apart: list[Row] = []
        if names and texts & kept:
            apart.append((self.holds(unit, texts), None, max(names), None))
        if OTHERS in kept:
            number = np.arange(self.given.people + 1)
            most, written, fits = np.zeros_like(number), np.zeros_like(number), np.ones(len(number), bool)
            for answer in question.options:
                if answer.code in kept or answer.exclusive:
                    continue
                readings = np.array(sorted(printed.get(answer.code, number)), dtype=int)
                place = np.searchsorted(readings, number, side="right")  # the largest reading up to that number
                fits &= place > 0
                largest = readings[np.maximum(place - 1, 0)] if len(readings) else number
                most += largest
                written += largest if answer.code in texts else 0
            fits &= most >= number
            if names and not texts & kept:
                fits &= (written >= max(names)) & (number >= max(names))
            apart.append((self.holds(unit, frozenset({OTHERS})), frozenset(number[fits].tolist()), 0, None))
        return apart
