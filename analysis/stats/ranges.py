"""The least and the most that something can be in every set of people that agrees with what a report printed.

The people of the reference wave are invented: of the real ones only print is known. A range says what print leaves
open, and no seed of the invention does. It rests on who was asked what, on who can't have given what together, and on
printed numbers with their rounding (`stats.premises`), never on a printed word or a choice of ours. It is exact, and of
whole people (`stats.programmes`).

A range is of the answers given; it says nothing of chance.
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from analysis.stats.premises import Premises, Unit, clauses, premises
from analysis.stats.programmes import ClashError, Joint, Limit, Programme, least_asked
from analysis.survey.printed import Key
from analysis.survey.questionnaire import Questionnaire

NARROW = Fraction(1, 10)
"""How wide a range may at most be that stands on a page of results in place of what wasn't printed: under 10 points."""
READINGS = ("all", "whole")
"""How printed numbers are read: also as sums of rounded parts, or only as rounded whole."""


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


def _ranged(given: Premises, joints: list[Joint], readings: str, find: Callable[[Programme], tuple]) -> Range:
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


def _shares(
    p: Programme, part: np.ndarray, whole: np.ndarray, item: str, among: str, also: Sequence[Limit] = ()
) -> tuple:
    low, high = _base(p, whole, item, among)
    if (low := max(low, 1)) < high:
        return p.ratio(part, whole, 1, also), p.ratio(part, whole, -1, also), None
    also = [*also, (whole, low, high)]
    return Fraction(p.extreme(part, 1, also), low), Fraction(p.extreme(part, -1, also), low), low


def _furthest(p: Programme, parts: list, wholes: list, bases: list[tuple[int, int]]) -> Fraction:
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
        return all(least_asked(given, b, True) <= given.people for b in given.blocks() if not given.hangs_on(b))
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


# --- for pages -------------------------------------------------------------------------------


def premises_of(questions: Questionnaire) -> Premises:
    """Give the premises of a questionnaire that knows what was printed; kept, for many ranges rest on them."""
    return _premises(questions, questions.printed)


@functools.lru_cache(maxsize=8)
def _premises(questions: Questionnaire, printed: Callable[[], dict] | None) -> Premises:
    """The premises of a questionnaire; `printed` tells apart those that only differ in what was printed."""
    return premises(questions)


def alike(given: Premises, unit: Unit) -> list[list[str]]:
    """Part the answers that were offered to a unit into those that nothing printed tells apart.

    What holds of one of them holds of any other: exchange both, and a set of people that agreed with print still does.
    """
    question, found = given.questions[unit[0]], dict[tuple, list[str]]()
    said = [fact.answers for fact in given.facts if fact.unit == unit]
    said += [answers for clauses in (*(f.among for f in given.facts), *given.asked_if.values(), *given.excluded)
             for about, answers in clauses if about == unit]  # fmt: skip
    for answer in question.options:
        mark = (answer.exclusive, answer.text, *(answer.code in answers for answers in said))
        found.setdefault(mark, []).append(answer.code)
    return list(found.values())


def ranges_if(given: Premises, item: str, other: str, numbers: Iterable[int]) -> list[Range]:
    """Give what the share of an item could be, had it been printed too that so many people gave another: a range each.

    Raises as `share_range`, and ClashError for a number that can't be.
    """
    joint, printed = clauses(item, given.questions), clauses(other, given.questions)
    programme, found = Programme(given, [joint, printed], True), []
    for people in numbers:
        also = [(programme.holds(printed), people, people)]
        least, most, base = _shares(programme, programme.holds(joint), programme.answered(joint, ()), item, "", also)
        found.append(Range(Fraction(least), Fraction(most), base=base))
    return found


def narrow_range(questions: Questionnaire, item: str, among: str = "") -> Range | None:
    """Give what the share of an item can be where print leaves less than `NARROW` open; None where more, or no share.

    It is quick where print leaves more open, and what was found is kept.
    """
    given = premises_of(questions)
    if (key := ("narrow", item, among)) not in given.own:
        given.own[key] = _narrow(given, item, among)
    return given.own[key]


def _narrow(given: Premises, item: str, among: str) -> Range | None:
    try:
        joint = clauses(item, given.questions), clauses(among, given.questions) if among else ()
        programme = Programme(given, [(*joint[0], *joint[1])], True)
        whole = programme.answered(*joint)
        least, most, _ = _shares(programme, programme.holds((*joint[0], *joint[1])), whole, item, among)
    except ValueError:  # of a number, of nobody, or of print that contradicts itself
        return None
    return share_range(given, item, among) if most - least < NARROW else None
