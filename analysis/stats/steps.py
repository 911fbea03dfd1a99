"""What is shown of a count where real people answered: a share in steps, a word, or nothing.

A share stands in steps wide enough for two people or more, so that it never gives its count or
its base away; how few people gave an answer, or didn't, is a word. Whatever else is said of a
share (its interval, a difference, everybody else, which is larger) is computed here from what is
shown alone: computed from the count, it would give the count back.

Points are percentage points, 0 to 100. `attacker` chooses the step of a question.
"""

from fractions import Fraction
from math import floor, log10

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats.proportion import proportion_confint

from analysis.stats.value import CONFIDENCE
from analysis.survey.terms import STEPS
from analysis.survey.waves import LEAST_BASE, THRESHOLD

PEOPLE = 2
"""A step stands for so many people or more."""
SMALLEST_BASE = 100 * PEOPLE // STEPS[-1]
"""Of fewer people no step stands for `PEOPLE`."""
ROUND_BASE = 10
"""A base is shown to the nearest so many."""
DECIMALS = 2
"""A mean is never given in more."""

SHARE, FEW, ALL_BUT_FEW, TOO_FEW = STATES = ("share", "few", "all_but_few", "too_few")
"""A share in steps; at most `THRESHOLD` gave it, or all but as many did; a base too small for shares."""


def own_step(bases: ArrayLike) -> np.ndarray:
    """Give the least step, in points, that stands for `PEOPLE` or more of each base; the widest where none does.

    From 200 people on 1 point, of 100 to 199 it is 2, of 40 to 99 it is 5, under that 10.

    >>> own_step([771, 200, 199, 100, 99, 50]).tolist()
    [1, 1, 2, 2, 5, 5]
    """
    enough = np.asarray(bases)[..., None] * np.array(STEPS) >= 100 * PEOPLE
    return np.where(enough.any(-1), np.array(STEPS)[enough.argmax(-1)], STEPS[-1])


def shown_base(bases: ArrayLike, *, threshold: int = THRESHOLD) -> pd.arrays.IntegerArray:
    """Give each base to the nearest ten, halves up; missing where it is a word, at `threshold` people or fewer.

    >>> shown_base([10, 11, 294, 295]).tolist()
    [<NA>, 10, 290, 300]
    """
    people = np.atleast_1d(np.asarray(bases, dtype=np.int64))
    return pd.arrays.IntegerArray((people + ROUND_BASE // 2) // ROUND_BASE * ROUND_BASE, people <= threshold)


def shown(
    counts: ArrayLike, bases: ArrayLike, step: int = STEPS[0], *,
    threshold: int = THRESHOLD, least_base: int = LEAST_BASE,
) -> pd.DataFrame:  # fmt: skip
    """Say what is shown of people who gave an answer.

    Parameters
    ----------
    counts, bases
        How many gave it, of how many: whole numbers, one or a row of them. A named group of
        answers is counted like one answer.
    step
        The question's, one of `STEPS`; a share stands in it, or in the base's own where that is wider.
    threshold, least_base
        People up to which a cell or a base is a word; people from which on there are shares.

    Returns
    -------
    pd.DataFrame
        A row a count, with the index of `counts` if they have one. `state` is one of `STATES`;
        `points` is the share to the nearest step, halves up, and `step` what it stands in, both
        missing unless `state` is `share`; `base` is that of `shown_base`. A share of 0 or 100
        points is less than half a step away from nobody or everybody, and isn't that.

    Raises
    ------
    ValueError
        For a step that isn't one of `STEPS`, a least base of which no step is enough, and counts
        that aren't whole numbers from 0 to their base: all of them named.

    Examples
    --------
    >>> shown([440, 10, 284, 22], [771, 771, 294, 41])[["state", "points", "step", "base"]].values.tolist()
    [['share', 57, 1, 770], ['few', <NA>, <NA>, 770], ['all_but_few', <NA>, <NA>, 290], ['too_few', <NA>, <NA>, 40]]
    """
    refuse(step, least_base)
    index = counts.index if isinstance(counts, pd.Series) else None
    n, base = (np.atleast_1d(np.asarray(values, dtype=float)) for values in (counts, bases))
    n, base = np.broadcast_arrays(n, base)
    wrong = ~((n >= 0) & (n <= base) & (n % 1 == 0) & (base % 1 == 0))
    if wrong.any():
        pairs = ", ".join(f"{a:g} of {b:g}" for a, b in zip(n[wrong], base[wrong], strict=True))
        raise ValueError(f"a count is a whole number from 0 to its base, which is one too; these aren't: {pairs}")
    n, base = n.astype(np.int64), base.astype(np.int64)
    state = np.select(
        [base < least_base, n <= threshold, base - n <= threshold], [TOO_FEW, FEW, ALL_BUT_FEW], default=SHARE
    )
    steps = np.maximum(step, own_step(base))
    twice = 2 * steps * np.maximum(base, 1)
    points = steps * ((200 * n + steps * base) // twice)
    hidden = state != SHARE
    return pd.DataFrame(
        {
            "state": state,
            "points": pd.arrays.IntegerArray(points, hidden),
            "step": pd.arrays.IntegerArray(steps.astype(np.int64), hidden),
            "base": shown_base(base, threshold=threshold),
        },
        index=index,
    )


def refuse(step: int, least_base: int = LEAST_BASE) -> None:
    """Raise ValueError for a step that isn't one of `STEPS`, or a least base of which no step is enough."""
    if step not in STEPS:
        raise ValueError(f"a step of {step} points isn't one of {', '.join(map(str, STEPS))}")
    if least_base < SMALLEST_BASE:
        raise ValueError(
            f"a least base of {least_base} is too small: {STEPS[-1]} points of it are fewer than {PEOPLE} people; "
            f"take {SMALLEST_BASE} or more"
        )


def interval(cells: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Give each share the interval that chance alone would give, from what is shown of it.

    Wilson's (1927) of the shown share at the shown base, half a step wider at both ends for what
    the step leaves open, within 0 to 100. Returns `low` and `high` in points, a row a row of
    `shown`, missing where there is no share.

    >>> interval(shown(440, 771)).round(1).values.tolist()
    [[53.0, 61.0]]
    """
    points, base, half = _plain(cells)
    low, high = _wilson(points, base, confidence)
    bounds = {"low": np.maximum(low - half, 0), "high": np.minimum(high + half, 100)}
    return pd.DataFrame(bounds, index=cells.index)


def complement(cells: pd.DataFrame) -> pd.DataFrame:
    """Say of everybody else what follows from what is shown of those who gave an answer: a frame as of `shown`."""
    others = {FEW: ALL_BUT_FEW, ALL_BUT_FEW: FEW}
    return cells.assign(state=cells["state"].replace(others), points=100 - cells["points"])


def difference(first: pd.DataFrame, second: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Give the difference of what is shown of separate people, `first` less `second`, a row a pair of rows.

    Returns `difference`, `low` and `high` in points, missing where either is no share. The interval
    is Newcombe's (1998, method 10) of the shown shares at the shown bases, wider at both ends by
    half of each step, within -100 to 100. `second` is matched by place.
    """
    (one, base1, half1), (other, base2, half2) = _plain(first), _plain(second)
    low1, high1 = _wilson(one, base1, confidence)
    low2, high2 = _wilson(other, base2, confidence)
    apart = one - other
    low = apart - np.hypot(one - low1, high2 - other) - half1 - half2
    high = apart + np.hypot(high1 - one, other - low2) + half1 + half2
    bounds = {"difference": apart, "low": np.maximum(low, -100), "high": np.minimum(high, 100)}
    return pd.DataFrame(bounds, index=first.index)


def larger(first: pd.DataFrame, second: pd.DataFrame) -> pd.Series:
    """Say which share is larger as shown: 1 the first, -1 the second, 0 equal; missing where either is no share.

    Equal means shown alike: the counts behind them may differ either way. `second` is matched by place.
    """
    one, other = (_plain(cells)[0] for cells in (first, second))
    return pd.Series(np.sign(one - other), index=first.index, name="larger").astype("Int8")


def shown_mean(mean: Fraction | float) -> tuple[int, Fraction]:
    """Round a mean to two digits and at most `DECIMALS` decimals: so many units, halves up, and the unit.

    A digit further than that of a mean near zero would tell the sum of a few hundred scores exactly.

    >>> shown_mean(3.449), shown_mean(49.2), shown_mean(0.034)
    ((34, Fraction(1, 10)), (49, Fraction(1, 1)), (3, Fraction(1, 100)))
    """
    places = max(floor(log10(abs(float(mean)))) - 1, -DECIMALS) if mean else -DECIMALS
    unit = Fraction(10) ** places
    return floor(Fraction(mean) / unit + Fraction(1, 2)), unit


def _plain(cells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give share, base and half a step of what is shown, as floats, missing where there is no share."""
    is_share = cells["state"].eq(SHARE).to_numpy()
    points, base, step = (
        np.where(is_share, cells[column].to_numpy(dtype=float, na_value=np.nan), np.nan)
        for column in ("points", "base", "step")
    )
    return points, base, step / 2


def _wilson(points: np.ndarray, base: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    low, high = proportion_confint(points / 100 * base, base, alpha=1 - confidence, method="wilson")
    return 100 * np.asarray(low), 100 * np.asarray(high)
