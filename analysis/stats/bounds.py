"""The least and the most that something can be in every set of people that agrees with what a report printed.

The people of the reference wave are invented: of the real ones only print is known. A range says what print leaves
open, and no seed of the invention does. It rests on who was asked what, on who can't have given what together, and on
printed numbers with their rounding (`stats.premises`), never on a printed word or a choice of ours. It is exact: whole
people, found by integer programmes (HiGHS, by `scipy.optimize.milp`) and checked in whole numbers.

A range is of the answers given; it says nothing of chance.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from statsmodels.stats.proportion import proportion_confint

from analysis.stats import estimates, gate
from analysis.stats.premises import Cells, Clause, Premises, Unit, clauses, premises
from analysis.stats.value import CONFIDENCE, Value
from analysis.survey.printed import Key
from analysis.survey.questionnaire import Condition, Questionnaire

READINGS = ("all", "whole")
"""How printed numbers are read: also as sums of rounded parts, or only as rounded whole."""
CLASH = "what was printed can't all be true of one set of people; conflict(premises) says which numbers clash"
Joint = tuple[Clause, ...]


class ClashError(ValueError):
    """No set of people agrees with everything that was printed."""


@dataclass(frozen=True)
class Range:
    """The least and the most that a count, share, difference or mean can be.

    `summed` says that it rests on a printed number that must be a sum of rounded parts: `readings="whole"`, which
    leaves that out, gives another range. `base` is how many people it is of, None where print leaves that open too.
    """

    least: Fraction
    most: Fraction
    summed: bool = False
    base: int | None = None

    @property
    def settled(self) -> bool:
        """Whether it can be one number only."""
        return self.least == self.most


# --- programmes ------------------------------------------------------------------------------


class Programme:
    """Whole numbers of people in the cells of some blocks, and everything that print says of them.

    `joints` are the clauses that must be seen together. Blocks that those don't need are left out, but for how many
    people they need at least. With `free`, of one block alone, it is open how many people are asked it.
    """

    def __init__(self, given: Premises, joints: Iterable[Joint], summed: bool, free: frozenset[Unit] | None = None):
        self.given, sets = given, {}
        for unit, answers in itertools.chain(*joints):
            sets.setdefault(unit, set()).add(answers)
        everything = given.blocks([frozenset(unit for unit, _ in joint) for joint in joints])
        needed, asked = [free] if free else [b for b in everything if b & sets.keys()], {}
        for block in needed if not free else ():
            on = given.hangs_on(block)
            asked[block] = _asked(given, on, summed)
            if asked[block] is None:  # else they share as many people whatever is true of the rest
                needed += [b for b in everything if on[0][0] in b and b not in needed]
        self.cells = [_cells(given, block, sets, asked.get(block)) for block in needed]
        starts = [0, *itertools.accumulate(len(cells.ways) for cells in self.cells)]
        self.places = [slice(*ends) for ends in itertools.pairwise(starts)]
        self.size = starts[-1]
        self.rows: list[tuple[np.ndarray, float, float]] = []
        self.gaps: list[tuple[np.ndarray, list[tuple[int, int]]]] = []
        for cells, place, block in zip(self.cells, self.places, needed, strict=True):
            for row, allowed, least, most in cells.rows(summed):
                self._add(self._spread(place, row), allowed, least, most)
            if not free:
                all_of, number, on = self._spread(place, np.ones(len(cells.ways), bool)), asked[block], given.hangs_on(block)
                if number is not None:
                    self.rows.append((all_of, number, number))
                if on and any(on[0][0] in b for b in needed):
                    self.rows.append((all_of - self.holds(on), 0, 0))
        for block in everything:
            on = given.hangs_on(block)
            if block not in needed and on and any(on[0][0] in b for b in needed):
                if least := _least(given, block, summed):
                    self.rows.append((self.holds(on), least, math.inf))

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

    def solve(self, cost: np.ndarray, also: Sequence[tuple[np.ndarray, float, float]] = ()) -> np.ndarray | None:
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

    def extreme(self, cost: np.ndarray, way: int, also: Sequence = ()) -> int:
        """The least of a sum (way 1) or its most (way -1)."""
        return int(cost @ self._solved(way * cost, also))

    def _solved(self, cost: np.ndarray, also: Sequence = ()) -> np.ndarray:
        people = self.solve(cost, also)
        if people is None:
            raise ClashError(CLASH)
        return people

    def ratio(self, part: np.ndarray, whole: np.ndarray, way: int, also: Sequence = ()) -> Fraction:
        """The least of a ratio (way 1) or its most (way -1), where the whole isn't 0: by Dinkelbach (1967), exact."""
        also = [*also, (whole, 1, math.inf)]
        people = self._solved(way * part, also)
        while True:
            found = Fraction(int(part @ people), int(whole @ people))
            people = self._solved(way * (found.denominator * part - found.numerator * whole), also)
            if Fraction(int(part @ people), int(whole @ people)) == found:
                return found


def _cells(given: Premises, block: frozenset[Unit], sets: dict[Unit, set[frozenset[str]]], asked: int | None) -> Cells:
    """The cells of a block; those that print alone asks for are kept."""
    full = frozenset(u for u in block if asked and given.asked_if[u] == given.hangs_on(block) and asked in given.bases(u))
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


def _least(given: Premises, block: frozenset[Unit], summed: bool) -> int:
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


def _fewest(given: Premises, block: frozenset[Unit], summed: bool) -> int | None:
    try:
        programme = Programme(given, [], summed, block)
        return programme.extreme((~programme.cells[0].silent).astype(int), 1)
    except ClashError:
        return None


# --- ranges ----------------------------------------------------------------------------------


def count_range(given: Premises, item: str, among: str = "", readings: str = "all") -> Range:
    """Give the least and the most people of a group who can have given an item, or several joined by ` & `.

    Raises ValueError for what isn't there, isn't a question with answers to choose from, or is never asked together,
    and ClashError where print contradicts itself.
    """
    joint, group = clauses(item, given.questions), clauses(among, given.questions) if among else ()

    def find(p: Programme) -> tuple:
        part, (low, high) = p.holds((*joint, *group)), _base(p, p.answered(joint, group), item, among)
        return p.extreme(part, 1), p.extreme(part, -1), low if low == high else None

    return _ranged(given, [(*joint, *group)], readings, find)


def share_range(given: Premises, item: str, among: str = "", readings: str = "all") -> Range:
    """Give the least and the most that the share of an item, or of several joined by ` & `, can be.

    It is a share of those of the group who answered all that is asked about. Raises as `count_range`.
    """
    joint, group = clauses(item, given.questions), clauses(among, given.questions) if among else ()

    def find(p: Programme) -> tuple:
        return _shares(p, p.holds((*joint, *group)), p.answered(joint, group), item, among)

    return _ranged(given, [(*joint, *group)], readings, find)


def mean_range(given: Premises, item: str, among: str = "", readings: str = "all") -> Range:
    """Give the least and the most that the mean score of a question or statement can be, such as `q14_2`.

    It is the mean of those of a group whose answer has a score. Raises ValueError where none has, else as
    `count_range`.
    """
    question, statement = given.questions.unit(item)
    scores = {a.code: a.score for a in question.answers if a.score is not None}
    if not scores or question.kind == "multiple":
        raise ValueError(f"{item} has no answers with a score on a scale, so it has no mean; ask for a share")
    group = clauses(among, given.questions) if among else ()
    joints = [(((question.code, statement), frozenset({code})), *group) for code in scores]

    def find(p: Programme) -> tuple:
        each = [p.holds(joint) for joint in joints]
        total = np.sum([score * row for score, row in zip(scores.values(), each, strict=True)], axis=0)
        return _shares(p, total, np.sum(each, axis=0), item, among)

    return _ranged(given, joints, readings, find)


def lead_range(given: Premises, item: str, other: str, among: str = "", readings: str = "all") -> Range:
    """Give the least and the most by which more people of a group can have given one item than another.

    With a least above 0 the first is given more often in every set of people that agrees with print. Raises as
    `count_range`.
    """
    group = clauses(among, given.questions) if among else ()
    joints = [(*clauses(each, given.questions), *group) for each in (item, other)]

    def find(p: Programme) -> tuple:
        for joint, said in zip(joints, (item, other), strict=True):
            _base(p, p.answered(joint, group), said, among)
        lead = p.holds(joints[0]) - p.holds(joints[1])
        return p.extreme(lead, 1), p.extreme(lead, -1), None

    return _ranged(given, joints, readings, find)


def difference_range(given: Premises, item: str, among: str, against: str, readings: str = "all") -> Range:
    """Give the least and the most that the share of an item in one group, less that in another, can be.

    Raises as `count_range`.
    """
    joint, groups = clauses(item, given.questions), [clauses(text, given.questions) for text in (among, against)]

    def find(p: Programme) -> tuple:
        parts, wholes = [p.holds((*joint, *g)) for g in groups], [p.answered(joint, g) for g in groups]
        ends = [_base(p, whole, item, text) for whole, text in zip(wholes, (among, against), strict=True)]
        bases = [(max(low, 1), high) for low, high in ends]
        if p.solve(np.zeros(p.size), [(w, *end) for w, end in zip(wholes, bases, strict=True)]) is None:
            raise ValueError(f"by what was printed nobody of {among} or nobody of {against} answered {item}")
        most = _furthest(p, parts, wholes, bases)
        return -_furthest(p, parts[::-1], wholes[::-1], bases[::-1]), most, None

    return _ranged(given, [(*joint, *group) for group in groups], readings, find)


def _ranged(given: Premises, joints: list[Joint], readings: str, find) -> Range:
    """Find a range as print is read, and say whether it rests on sums."""
    if readings not in READINGS:
        raise ValueError(f'readings "{readings}" is not one of {", ".join(READINGS)}')
    programme = Programme(given, joints, readings == "all")
    least, most, base = find(programme)
    summed = False
    if readings == "all" and given.sums:
        try:
            whole = Programme(given, joints, False)
            summed = not programme.says_as(whole) and find(whole)[:2] != (least, most)
        except ValueError:  # not without sums
            summed = True
    return Range(Fraction(least), Fraction(most), summed, base)


def _base(p: Programme, whole: np.ndarray, item: str, among: str) -> tuple[int, int]:
    """How many people a share can be of; ValueError where that is nobody."""
    where = f" of {among}" if among else ""
    if not whole.any():
        raise ValueError(f"{item} is never asked together{where}: nobody is asked all of it")
    fixed = [int(low) for row, low, high in p.rows if low == high and np.array_equal(row, whole)]
    low, high = (fixed[0], fixed[0]) if fixed else (p.extreme(whole, 1), p.extreme(whole, -1))
    if not high:
        raise ValueError(f"by what was printed nobody{where} answered {item}, so there is no share")
    return low, high


def _shares(p: Programme, part: np.ndarray, whole: np.ndarray, item: str, among: str) -> tuple:
    low, high = _base(p, whole, item, among)
    if (low := max(low, 1)) < high:
        return p.ratio(part, whole, 1), p.ratio(part, whole, -1), None
    also = [(whole, low, high)]
    return Fraction(p.extreme(part, 1, also), low), Fraction(p.extreme(part, -1, also), low), low


def _furthest(p: Programme, parts: list[np.ndarray], wholes: list[np.ndarray], bases: list[tuple[int, int]]) -> Fraction:
    """The most that one share less another can be: over the sizes of both groups, by branch and bound.

    Between two pairs of sizes the one share can't be more than its most, less the least of the other; often some set
    of people has both.
    """
    best, order = Fraction(-2), itertools.count()
    waiting = [(Fraction(-1), next(order), bases)]
    while waiting and -waiting[0][0] > best:
        _, _, sizes = heapq.heappop(waiting)
        also = [(whole, *size) for whole, size in zip(wholes, sizes, strict=True)]
        if all(low == high for low, high in sizes):
            (one, _), (other, _) = sizes
            if (people := p.solve(one * parts[1] - other * parts[0], also)) is not None:
                best = max(best, Fraction(int(parts[0] @ people), one) - Fraction(int(parts[1] @ people), other))
            continue
        try:
            ends = [p.ratio(part, whole, way, also) for part, whole, way in zip(parts, wholes, (-1, 1), strict=True)]
        except ClashError:  # no groups of such sizes
            continue
        both = [(end.denominator * part - end.numerator * whole, 0, 0)
                for end, part, whole in zip(ends, parts, wholes, strict=True)]  # fmt: skip
        if p.solve(np.zeros(p.size), [*also, *both]) is not None:
            best = max(best, ends[0] - ends[1])
            continue
        wider = max((0, 1), key=lambda i: sizes[i][1] - sizes[i][0])
        low, high = sizes[wider]
        for half in ((low, (low + high) // 2), ((low + high) // 2 + 1, high)):
            halved = [half if i == wider else size for i, size in enumerate(sizes)]
            heapq.heappush(waiting, (ends[1] - ends[0], next(order), halved))
    return best


# --- whether print can be true ---------------------------------------------------------------


def feasible(given: Premises) -> bool:
    """Whether some set of people agrees with everything that was printed."""
    try:
        return all(_least(given, b, True) <= given.people for b in given.blocks() if not given.hangs_on(b))
    except ClashError:
        return False


def conflict(given: Premises) -> list[Key]:
    """Name printed numbers that can't all be true, none of which can be missed for that; nothing if all can.

    Each number in turn is left out, for good where the rest still can't be true (a deletion filter: Chinneck and
    Dravnieks 1991). There may be other such sets, and smaller ones; mend this one and ask again.
    """
    if feasible(given):
        return []
    for key in dict.fromkeys(fact.key for fact in given.facts):
        rest = replace(given, facts=tuple(fact for fact in given.facts if fact.key != key))
        if not feasible(rest):
            given = rest
    return list(dict.fromkeys(fact.key for fact in given.facts))


# --- for a chapter ---------------------------------------------------------------------------


@functools.lru_cache(maxsize=8)
def _premises(questions: Questionnaire, printed: int) -> Premises:
    """The premises of a questionnaire, kept; `printed` tells apart those that only differ in what was printed."""
    return premises(questions)


def bounds(
    responses: pd.DataFrame, questions: Questionnaire, item: str, among: str = "", readings: str = "all"
) -> Value:
    """Say what the share of an item can be, whatever isn't known: in `least` and `most` of a value.

    Parameters
    ----------
    responses, questions
        Of one wave. Of invented people nothing is counted: the range is what print leaves open. Of any other wave it
        is the share itself, and of a confidential one what `estimates.share` shows.
    item
        Such as `helped=yes`, `opinions_friend=agree`, or several joined by ` & `, all of which must hold.
    among
        A group, written in the same way; everybody when blank.
    readings
        `all`, or `whole` to do without printed numbers that must be sums of rounded parts.

    Returns
    -------
    Value
        A share of those who answered all that is asked about. It has a number where least and most are the same.

    Raises
    ------
    ValueError
        For what isn't there, a number or a text, what is never asked together, and what was printed and can't be true.

    Examples
    --------
    Of four people three were printed to say yes, and two to agree.

    >>> from analysis.survey.printed import Printed
    >>> from analysis.survey.questionnaire import Answer, Question
    >>> said = (Answer("y", "Yes"), Answer("n", "No"))
    >>> two = tuple(Question(code, "", "single", code, Condition(), answers=said) for code in ("helped", "agrees"))
    >>> numbers = {("helped", "", "y", ""): "75", ("agrees", "", "y", ""): "50"}
    >>> found = {key: [Printed(number, 4, "share")] for key, number in numbers.items()}
    >>> found["", "", "analysed", ""] = [Printed("4", None, "count")]
    >>> both = bounds(pd.DataFrame(), Questionnaire("en", two, printed=found), "helped=y & agrees=y")
    >>> both.known, both.least, both.most
    (False, 0.25, 0.5)
    """
    if questions.printed is None:
        return _observed(responses, questions, item, among)
    found = share_range(_premises(questions, id(questions.printed)), item, among, readings)
    number, base = float(found.least) if found.settled else None, found.base
    n = int(found.least * base) if found.settled and base is not None else None
    return Value("share", number, "share", n=n, of=base, least=float(found.least), most=float(found.most),
                 origin="derived", absent="not_stated")  # fmt: skip


def _observed(responses: pd.DataFrame, questions: Questionnaire, item: str, among: str) -> Value:
    """The share among those who did answer; of a confidential wave no more than `estimates.share` shows."""
    items, groups = ([questions.item(part.strip()) for part in text.split("&") if part] for text in (item, among))
    if gate.opened(responses, ()) is not None:
        if len(items) > 1 or len(groups) > 1 or any("|" in answers for _, answers, _ in groups):
            return Value("share", None, "share", release="hidden", absent=gate.WITHHELD)
        (question, answers, statement), (by, of, _) = items[0], groups[0] if groups else (None, "", "")
        shown = estimates.share(responses, question, answers, statement, by)
        return shown[of] if by else shown.value
    told = [estimates.given(responses, question, answers, statement) for question, answers, statement in items]
    whole = np.logical_and.reduce([t.notna() for t in told])
    for question, answers, statement in groups:
        whole &= estimates.given(responses, question, answers, statement).fillna(False).to_numpy(bool)
    n, base = int(np.logical_and.reduce([whole, *(t.fillna(False) for t in told)]).sum()), int(whole.sum())
    if not base:
        return Value("share", None, "share", n=0, of=0, absent="nobody")
    low, high = proportion_confint(n, base, alpha=1 - CONFIDENCE, method="wilson")
    return Value("share", n / base, "share", n=n, of=base, low=float(low), high=float(high), least=n / base,
                 most=n / base)  # fmt: skip
