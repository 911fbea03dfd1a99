"""How many people must answer otherwise for a sentence to turn around: from true of these people to untrue, or back.

Who answers otherwise may give any answers that the question allows, and stays in the same group. All in whole numbers,
and in closed form or at a cost of what is found: among a million people too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.survey.questionnaire import Question

LARGEST, NODES = 1000, 10_000
"""Kinds of people, and nodes of a search, up to which the least number of people is looked for: about a second."""
Counts = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""For each total of people in two groups who gave an answer, the least and the greatest count of the first
group with which a sentence is true. `comparisons.not_told_apart` is one."""


def one_share(n: int, base: int, low: int, high: int) -> int | None:
    """The least number of people to add to `n` of `base`, or take away, to get into `low` to `high`, or out of it."""
    low, high = max(low, 0), min(high, base)
    if low <= n <= high:
        return min([n - low + 1] * (low > 0) + [high - n + 1] * (high < base), default=None)
    return None if low > high else max(low - n, n - high)


def two_shares(n1: int, base1: int, n2: int, base2: int, counts: Counts) -> int | None:
    """The least number of people, in one group or both, that turns a sentence about two shares around.

    `counts` gives, for each total of both groups, the least and the greatest count of the first
    with which the sentence is true. To change the total by d takes |d| people, and two more for
    each by which the first group must change beyond what lies between 0 and d. Totals are tried
    from near to far and no further than the least number found, so this costs what it finds.
    """
    total, people = n1 + n2, base1 + base2
    best, tried, reach = people + 1, -1, 16
    low, high = (int(bound[0]) for bound in counts(np.array([total])))
    now = low <= n1 <= high
    while True:
        change = np.arange(max(-reach, -total), min(reach, people - total) + 1)
        change = change[np.abs(change) > tried]
        least, greatest = np.maximum(0, total + change - base2), np.minimum(base1, total + change)
        lows, highs = counts(total + change)
        lows, highs = np.clip(lows, least, greatest + 1), np.clip(highs, least - 1, greatest)
        for one, last in ((least, lows - 1), (highs + 1, greatest)) if now else ((lows, highs),):
            beyond = np.maximum(one - n1 - np.maximum(change, 0), np.minimum(change, 0) - (last - n1))
            cost = np.abs(change) + 2 * np.maximum(beyond, 0)
            best = min(best, int(cost[one <= last].min(initial=best)))
        if best <= reach or reach >= people:
            return best if best <= people else None
        tried, reach = reach, reach * 4


def higher(base1: int, base2: int) -> Counts:
    """With which counts of the first group, for each total, its share is higher: from where, up to all."""

    def counts(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return totals * base1 // (base1 + base2) + 1, np.full_like(totals, base1)

    return counts


def apart(base1: int, base2: int, margin: float) -> Counts:
    """With which counts of the first group, for each total, its share is higher by a margin at least."""
    far = Fraction(str(margin)) * base1 * base2

    def counts(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        low = np.array([math.ceil((far + int(total) * base1) / (base1 + base2)) for total in totals])
        return low, np.full_like(low, base1)

    return counts


def within(base1: int, base2: int, margin: float) -> Counts:
    """With which counts of the first group, for each total, two shares differ by no more than a margin."""
    reach = math.floor(Fraction(str(margin)) * base1 * base2)

    def counts(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        even, people = totals * base1, base1 + base2
        return -((reach - even) // people), (even + reach) // people

    return counts


def highest(n: int, base: int, rivals: list[tuple[int, int]]) -> int:
    """The least number of people for a share to become higher than each of several others, in groups of their own.

    For each count that the first group may get, every other must go down to the most that is still a lower share.
    """
    counts = np.arange(1, base + 1)
    costs = abs(counts - n)
    for other, of in rivals:
        costs += np.maximum(other - (counts * of - 1) // base, 0)
    return int(costs.min())


def ranked(gave: np.ndarray, pairs: list[tuple[int, int]], alone: np.ndarray) -> tuple[int | None, bool]:
    """The least number of people for each first of `pairs` of items to be given more often than its second.

    `gave` says who, a row each, gave which item; `alone` which items can't be given together, as all of a question
    with one answer. The programme's unknowns are how many people of each kind (who gave the same) change, and how many
    of those then give each item. Returns the number, None where none will do, and whether it is a lower bound only, of
    the pair that needs most: where there are more than `LARGEST` kinds or the search isn't over in `NODES`.
    """
    kinds, people = np.unique(gave, axis=0, return_counts=True)
    items = gave.shape[1]
    each = np.eye(items)
    ahead = np.array([each[one] - each[other] for one, other in pairs])
    lack = 1 - ahead @ gave.sum(axis=0)
    least = -(-int(lack.max()) // 2)  # one person takes from one and gives to the other
    if len(kinds) > LARGEST:
        return least, True
    given = np.vstack([alone, *(alone + each[item] for item in np.flatnonzero(~alone))])  # by one person at most
    found = milp(
        np.append(np.ones(len(kinds)), np.zeros(items)),
        integrality=np.ones(len(kinds) + items),
        bounds=Bounds(0, np.append(people, np.full(items, len(gave)))),
        constraints=[
            LinearConstraint(np.hstack([-ahead @ kinds.T, ahead]), lb=lack),
            LinearConstraint(np.hstack([-np.ones((len(given), len(kinds))), given]), ub=0),
        ],
        options={"node_limit": NODES},
    )
    if found.status == 2:  # infeasible
        return None, False
    return (round(found.fun), False) if found.status == 0 else (least, True)


def two_means(a: np.ndarray, b: np.ndarray, ahead: int, question: Question) -> int | None:
    """How many people turn around whether the first mean is higher; None where none can.

    `ahead` is by how much it is, times the people in both groups, so that all is in whole
    numbers. The answers that can give most go first, all the way to an end of what is allowed.
    """
    if question.minimum is None or question.maximum is None:
        return None
    upper, lower = (a, b) if ahead > 0 else (b, a)
    steps = np.concatenate([(upper - question.minimum) * len(lower), (question.maximum - lower) * len(upper)])
    gained = np.cumsum(np.sort(steps)[::-1])
    reached = gained >= (ahead if ahead > 0 else 1 - ahead)
    return int(np.argmax(reached)) + 1 if reached.any() else None
