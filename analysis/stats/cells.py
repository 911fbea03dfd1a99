"""The ways in which one person can answer some questions, and what print says of how many people do.

A question is cut into the coarsest classes of answers that have to be told apart. Of a multiple one, options that
nothing tells apart are one box, ticked by whoever ticked any of them: which loses nothing, as long as it is ticked by
as many people as those options allow.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import numpy as np

from analysis.stats.premises import Block, Clause, Premises, Unit

NOT_ASKED, BLANK, FIRST = 0, 1, 2
"""How a cell numbers what somebody did with a unit: wasn't asked it, left it blank, or gave the first class."""
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
        self.boxes = {unit: self._boxes(unit, given.sets[unit] | sets.get(unit, set())) for unit in self.units}
        self.classes = {unit: self._classes(unit) for unit in self.units}
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

    def _boxes(self, unit: Unit, sets: set[frozenset[str]]) -> list[frozenset[str]]:
        """Put together the answers that are in the same sets; of a multiple question no two that exclude each other.

        What is written at an option is no answer that was offered: it is left out where no set speaks of it, and where
        one does the options that it can be written at are told apart.
        """
        question, spoken = self.given.questions[unit[0]], frozenset[str]().union(*sets)
        texts, names = self._written(unit)
        if names and spoken & (texts | names):
            sets = sets | {frozenset({text}) for text in texts}
        alike: dict[tuple, set[str]] = {}
        for answer in question.answers:
            alone = answer.code if question.kind == "multiple" and answer.exclusive else ""
            mark = (answer.code in names, alone, *(answer.code in answers for answers in sets))
            alike.setdefault(mark, set()).add(answer.code)
        return [frozenset(box) for box in alike.values() if box & spoken or not box & names]

    def _written(self, unit: Unit) -> tuple[frozenset[str], frozenset[str]]:
        """The options of a unit with a text behind them, and the answers that are recognised there."""
        question = self.given.questions[unit[0]]
        return frozenset(a.code for a in question.text_answers), frozenset(a.code for a in question.named)

    def _classes(self, unit: Unit) -> list[frozenset[str]]:
        """List the classes of answers: of a multiple question the boxes that may be ticked together."""
        question, boxes = self.given.questions[unit[0]], self.boxes[unit]
        if question.kind != "multiple":
            return boxes
        texts, names = self._written(unit)
        alone = [box for box in boxes if any(question[code].exclusive for code in box)]
        rest = [box for box in boxes if box not in alone]
        ticked = [frozenset[str]().union(*itertools.compress(rest, on))
                  for on in itertools.product((0, 1), repeat=len(rest))]  # fmt: skip
        return alone + [t for t in ticked if t - names and (not t & names or t & texts)]

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
            told = frozenset[str]().union(*(box for box in self.boxes[fact.unit] if box <= fact.answers))
            if told == fact.answers and (allowed := fact.allowed(summed)) is not None:
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
        boxes, (texts, names) = self.boxes[unit], self._written(unit)
        printed: dict[str, frozenset[int]] = {}
        for fact in self.given.facts:
            if fact.unit == unit and len(fact.answers) == 1 and not fact.among:
                allowed, (code,) = fact.allowed(summed), fact.answers
                if allowed is not None:
                    printed[code] = allowed & printed.get(code, allowed)
        left_out = names.difference(*boxes) & printed.keys()
        written = max((min(printed[name], default=self.given.people + 1) for name in left_out), default=0)
        found: list[Row] = []
        if written and any(box <= texts for box in boxes):
            found.append((self.holds(unit, texts), None, written, None))
        for box in boxes:
            if len(box) > 1:
                number = np.arange(self.given.people + 1)
                largest = {code: _largest(printed.get(code), number) for code in box}
                fits = np.all([n >= 0 for n in largest.values()], axis=0) & (sum(largest.values()) >= number)
                if at := box & texts:
                    fits &= sum(largest[code] for code in at) >= written
                found.append((self.holds(unit, box), frozenset(number[fits].tolist()), 0, None))
        return found


def _largest(readings: frozenset[int] | None, number: np.ndarray) -> np.ndarray:
    """The largest reading up to each number, -1 where there is none; without readings the number itself."""
    if readings is None:
        return number
    each = np.array([-1, *sorted(readings)])
    return each[np.searchsorted(each, number, side="right") - 1]
