"""Integer programmes: whole numbers of people in the cells of some blocks, agreeing with all that print says of them.

Solved by HiGHS through `scipy.optimize.milp`; what it finds is checked in whole numbers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.stats.cells import Cells
from analysis.stats.premises import Block, Clause, Premises, Unit

CLASH = "what was printed can't all be true of one set of people; conflict(premises) says which numbers clash"
Joint = tuple[Clause, ...]
"""Clauses that must all hold."""
Limit = tuple[np.ndarray, float, float]
"""A sum over all cells, its least and its most."""


class ClashError(ValueError):
    """No set of people agrees with everything that was printed."""


class Programme:
    """Whole numbers of people in the cells of some blocks, and everything that print says of them.

    `joints` are the clauses that must be seen together. Blocks that those don't need are left out, but for how many
    people they need at least. With `free`, of one block alone, it is open how many people are asked it.
    """

    def __init__(self, given: Premises, joints: Iterable[Joint], summed: bool, free: Block | None = None):
        self.given = given
        self.rows: list[Limit] = []
        self.gaps: list[tuple[np.ndarray, list[tuple[int, int]]]] = []
        sets: dict[Unit, set[frozenset[str]]] = {}
        for unit, answers in itertools.chain(*joints):
            sets.setdefault(unit, set()).add(answers)
        everything = given.blocks([frozenset(unit for unit, _ in joint) for joint in joints])
        needed = [free] if free else [b for b in everything if b & sets.keys()]
        asked = {} if free else self._upwards(everything, needed, summed)
        self.cells = [_cells(given, block, sets, asked.get(block)) for block in needed]
        starts = [0, *itertools.accumulate(len(cells.ways) for cells in self.cells)]
        self.places, self.size = [slice(*ends) for ends in itertools.pairwise(starts)], starts[-1]
        for cells, place in zip(self.cells, self.places, strict=True):
            for row, allowed, least, most in cells.rows(summed):
                self._add(self._spread(place, row), allowed, least, most)
        for block, place in zip(needed, self.places, strict=True) if not free else ():
            people = self._spread(place, np.ones(place.stop - place.start, int))
            if (number := asked[block]) is not None:
                self.rows.append((people, number, number))
            if self._has(on := given.hangs_on(block)):
                self.rows.append((people - self.holds(on), 0, 0))
        for block in everything:
            if block not in needed and self._has(on := given.hangs_on(block)):
                self.rows.append((self.holds(on), least_asked(given, block, summed), math.inf))

    def _upwards(self, everything: list[Block], needed: list[Block], summed: bool) -> dict[Block, int | None]:
        """Add the blocks that needed ones hang on, unless print settles how many people those share; give that number.

        Where it does, they share as many whatever is true of the rest.
        """
        asked = {}
        for block in needed:  # which grows
            on = self.given.hangs_on(block)
            if (number := _asked(self.given, on, summed)) is None:
                needed += [b for b in everything if on[0][0] in b and b not in needed]
            asked[block] = number
        return asked

    def _has(self, on: Joint) -> bool:
        return bool(on) and any(on[0][0] in cells.units for cells in self.cells)

    def _add(self, row: np.ndarray, allowed: frozenset[int] | None, least: int, most: int | None) -> None:
        """Add what a sum may be: between two numbers, or one of several stretches."""
        if allowed is None:
            self.rows.append((row, least, math.inf if most is None else most))
            return
        numbers = sorted(allowed)
        stretches = [[n for _, n in run] for _, run in itertools.groupby(enumerate(numbers), lambda p: p[1] - p[0])]
        if len(stretches) > 1:
            self.gaps.append((row, [(run[0], run[-1]) for run in stretches]))
        else:
            self.rows.append((row, numbers[0], numbers[-1]) if numbers else (0 * row, 1, 1))

    def _spread(self, place: slice, row: np.ndarray) -> np.ndarray:
        whole = np.zeros(self.size, int)
        whole[place] = row
        return whole

    def _of(self, units: Iterable[Unit]) -> tuple[Cells, slice]:
        wanted = set(units)
        return next((c, p) for c, p in zip(self.cells, self.places, strict=True) if wanted <= set(c.units))

    def holds(self, joint: Joint) -> np.ndarray:
        """Mark the cells whose people gave every one of some answers."""
        cells, place = self._of(unit for unit, _ in joint)
        return self._spread(place, cells.all_hold(joint))

    def answered(self, joint: Joint, among: Joint) -> np.ndarray:
        """Mark the cells whose people are of a group and answered every unit of `joint`."""
        cells, place = self._of(unit for unit, _ in (*joint, *among))
        told = [cells.answered(unit) for unit, _ in joint]
        return self._spread(place, np.logical_and.reduce([cells.all_hold(among), *told]))

    def says_as(self, other: Programme) -> bool:
        """Whether it allows what another one does, of the same cells."""
        mine, theirs = ([(row.tobytes(), *ends) for row, *ends in p.rows] for p in (self, other))
        return mine == theirs and [g[1] for g in self.gaps] == [g[1] for g in other.gaps]

    def solve(self, cost: np.ndarray, also: Sequence[Limit] = ()) -> np.ndarray | None:
        """Find numbers of people at which the cost is least, or None where there are none."""
        rows, low, high = (list(part) for part in zip(*self.rows, *also, strict=True))
        matrix, extra = np.array(rows), sum(len(runs) for _, runs in self.gaps)
        if extra:  # each stretch has a switch, and one of them is on
            matrix = np.hstack([matrix, np.zeros((len(matrix), extra), int)])
            at = self.size
            for row, runs in self.gaps:
                switches = np.zeros((3, self.size + extra), int)
                switches[:2, : self.size] = row
                for k, (least, most) in enumerate(runs):
                    switches[:, at + k] = -least, -most, 1
                at += len(runs)
                matrix = np.vstack([matrix, switches])
                low, high = [*low, 0, -math.inf, 1], [*high, math.inf, 0, 1]
        top = np.append(np.full(self.size, self.given.people), np.ones(extra))
        found = milp(
            np.append(cost, np.zeros(extra)), integrality=np.ones(len(top)), bounds=Bounds(0, top),
            constraints=LinearConstraint(matrix, low, high), options={"mip_rel_gap": 0},
        )  # fmt: skip
        if found.status == 2:
            return None
        people = np.rint(found.x).astype(int) if found.status == 0 else np.zeros(len(top), int)
        sums = matrix @ people
        if found.status or (sums < low).any() or (sums > high).any():
            raise RuntimeError(f"no whole numbers of people were found, nor that there are none: {found.message}")
        return people[: self.size]

    def extreme(self, cost: np.ndarray, way: int, also: Sequence[Limit] = ()) -> int:
        """The least of a sum (way 1) or its most (way -1)."""
        return int(cost @ self._solved(way * cost, also))

    def _solved(self, cost: np.ndarray, also: Sequence[Limit] = ()) -> np.ndarray:
        people = self.solve(cost, also)
        if people is None:
            raise ClashError(CLASH)
        return people

    def ratio(self, part: np.ndarray, whole: np.ndarray, way: int, also: Sequence[Limit] = ()) -> Fraction:
        """The least of a ratio (way 1) or its most (way -1), where the whole isn't 0: by Dinkelbach (1967), exact."""
        also = [*also, (whole, 1, math.inf)]
        people = self._solved(way * part, also)
        while True:
            found = Fraction(int(part @ people), int(whole @ people))
            people = self._solved(way * (found.denominator * part - found.numerator * whole), also)
            if Fraction(int(part @ people), int(whole @ people)) == found:
                return found


def _cells(given: Premises, block: Block, sets: dict[Unit, set[frozenset[str]]], asked: int | None) -> Cells:
    """The cells of a block; those that print alone asks for are kept."""
    firsts = [unit for unit in block if given.asked_if[unit] == given.hangs_on(block)]
    full = frozenset(unit for unit in firsts if asked and asked in given.bases(unit))
    if block & sets.keys():
        return Cells(given, block, sets, full)
    if (found := given.own.get(("cells", block, full))) is None:
        found = given.own["cells", block, full] = Cells(given, block, sets, full)
    return found


def _asked(given: Premises, on: Joint, summed: bool) -> int | None:
    """How many people are asked what hangs on some clauses, if print leaves one number."""
    if not on:
        return given.people
    if ("asked", on, summed) not in given.own:
        programme = Programme(given, [on], summed)
        ends = {programme.extreme(programme.holds(on), way) for way in (1, -1)}
        given.own["asked", on, summed] = ends.pop() if len(ends) == 1 else None
    return given.own["asked", on, summed]


def least_asked(given: Premises, block: Block, summed: bool) -> int:
    """How many people must have been asked a block and what hangs on it; ClashError where it contradicts itself."""
    if (block, summed) not in given.own:
        below = [block]
        for on in below:
            below += [b for b in given.blocks() if b not in below and any(u in on for u, _ in given.hangs_on(b))]
        units = frozenset[Unit]().union(*below)
        key = (block, summed, tuple(fact for fact in given.facts if fact.unit in units))
        if key not in given.memo:
            given.memo[key] = _fewest(given, block, summed)
        given.own[block, summed] = given.memo[key]
    if (found := given.own[block, summed]) is None:
        raise ClashError(CLASH)
    return found


def _fewest(given: Premises, block: Block, summed: bool) -> int | None:
    try:
        programme = Programme(given, [], summed, block)
        return programme.extreme((~programme.cells[0].silent).astype(int), 1)
    except ClashError:
        return None
