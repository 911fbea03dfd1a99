"""What is shown: each share is in steps within half a step of the truth, and nothing else is said than what it says.

The rule is written here a second time, cell by cell in exact fractions (`by_the_rule`).
"""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis.stats import steps

BASES = [*range(0, 261), 399, 400, 401, 771, 1199]
Z = 1.959963984540054


def by_the_rule(n, base, step, threshold=10, least_base=50):
    """State, points, step and base of one cell, None for what isn't shown."""
    shown_base = None if base <= threshold else 10 * math.floor(Fraction(base, 10) + Fraction(1, 2))
    if base < least_base:
        return "too_few", None, None, shown_base
    if n <= threshold:
        return "few", None, None, shown_base
    if n >= base - threshold:
        return "all_but_few", None, None, shown_base
    own = 1 if base >= 200 else 2 if base >= 100 else 5 if base >= 40 else 10
    step = max(own, step)
    points = step * math.floor(Fraction(100 * n, base * step) + Fraction(1, 2))
    return "share", points, step, shown_base


def as_told(frame):
    return [
        tuple(None if value is pd.NA else value for value in row)
        for row in frame[["state", "points", "step", "base"]].astype(object).values.tolist()
    ]


@pytest.mark.parametrize("step", steps.STEPS)
def test_what_is_shown_is_what_the_rule_says(step):
    for base in BASES:
        counts = range(base + 1)
        assert as_told(steps.shown(counts, base, step)) == [by_the_rule(n, base, step) for n in counts]


def test_threshold_and_least_base_may_be_set():
    for base in range(20, 80):
        told = as_told(steps.shown(range(base + 1), base, threshold=4, least_base=30))
        assert told == [by_the_rule(n, base, 1, 4, 30) for n in range(base + 1)]


@pytest.mark.parametrize(
    ("n", "base", "told"),
    [
        (440, 771, ("share", 57, 1, 770)),
        (11, 200, ("share", 6, 1, 200)),  # 5.5: halves go up
        (189, 200, ("share", 95, 1, 200)),  # 94.5
        (10, 200, ("few", None, None, 200)),
        (0, 200, ("few", None, None, 200)),
        (190, 200, ("all_but_few", None, None, 200)),
        (200, 200, ("all_but_few", None, None, 200)),
        (15, 100, ("share", 16, 2, 100)),  # 15 lies between 14 and 16
        (22, 49, ("too_few", None, None, 50)),
        (22, 41, ("too_few", None, None, 40)),
        (3, 10, ("too_few", None, None, None)),
        (3, 11, ("too_few", None, None, 10)),
        (0, 0, ("too_few", None, None, None)),
    ],
)
def test_cells_worked_out_by_hand(n, base, told):
    assert as_told(steps.shown(n, base)) == [told]


@pytest.mark.parametrize("step", steps.STEPS)
def test_a_share_is_within_half_its_step_of_the_truth_and_stands_for_two_people(step):
    for base in BASES:
        found = steps.shown(range(base + 1), base, step)
        off = [
            abs(Fraction(100 * n, base) - points) <= Fraction(width, 2)
            for n, points, width in zip(range(base + 1), found["points"], found["step"], strict=True)
            if points is not pd.NA
        ]
        assert all(off)
        assert (found["step"].dropna() * base >= 200).all()


def test_a_share_that_is_just_under_half_a_step_more_goes_down():
    """58 of 771 is 7.52 and 57 is 7.39; in steps of 5 at 80 people, 18 are 22.5 and 17 are 21.25."""
    assert steps.shown([58, 57], 771)["points"].tolist() == [8, 7]
    assert steps.shown([18, 17], 80)["points"].tolist() == [25, 20]


def test_the_index_of_the_counts_is_kept():
    counts = pd.Series([100, 5], index=["a", "b"])
    assert steps.shown(counts, 300).index.tolist() == ["a", "b"]
    assert steps.interval(steps.shown(counts, 300)).index.tolist() == ["a", "b"]


@pytest.mark.parametrize(("n", "base"), [(5, 4), (-1, 60), (1.5, 60), (math.nan, 60), (1, 60.5)])
def test_counts_that_cannot_be_are_all_named(n, base):
    with pytest.raises(ValueError, match=f"these aren't: {n:g} of {base:g}, 9 of 8"):
        steps.shown([n, 3, 9], [base, 60, 8])


def test_steps_and_least_bases_that_protect_nobody_are_refused():
    with pytest.raises(ValueError, match="a step of 3 points isn't one of 1, 2, 5, 10"):
        steps.shown(30, 100, 3)
    with pytest.raises(ValueError, match="a least base of 19 is too small.*take 20 or more"):
        steps.shown(30, 100, least_base=19)


# --- what is said of it ----------------------------------------------------------------------


def wilson(points, base):
    """Solve by hand for the shares of which the shown one is just `Z` standard errors away (Wilson 1927)."""
    p, n = points / 100, base
    middle, reach = (p + Z**2 / (2 * n)) / (1 + Z**2 / n), Z / (1 + Z**2 / n)
    half = reach * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return 100 * (middle - half), 100 * (middle + half)


def test_an_interval_is_that_of_what_is_shown_and_half_a_step_wider():
    cells = steps.shown([440, 11, 30, 5], [771, 1199, 77, 300])
    low, high = (steps.interval(cells)[end].tolist() for end in ("low", "high"))
    for at, (points, base, half) in enumerate([(57, 770, 0.5), (1, 1200, 0.5), (40, 80, 2.5)]):
        expected = wilson(points, base)
        assert low[at] == pytest.approx(max(expected[0] - half, 0), abs=1e-9)
        assert high[at] == pytest.approx(expected[1] + half, abs=1e-9)
    assert math.isnan(low[3]) and math.isnan(high[3])


def test_nothing_that_is_said_of_a_share_tells_more_than_the_share_itself():
    """Counts that are shown alike have the same interval, complement, difference and order."""
    rng = np.random.default_rng(5)
    seen = {}
    other = steps.shown(260, 500)
    for base in rng.integers(20, 700, 300):
        n = int(rng.integers(0, base + 1))
        cell = steps.shown(n, int(base), int(rng.choice(steps.STEPS)))
        said = [
            steps.interval(cell).round(9).astype(str).values.tolist(),
            as_told(steps.complement(cell)),
            steps.difference(cell, other).round(9).astype(str).values.tolist(),
            steps.larger(cell, other).astype(str).tolist(),
        ]
        assert seen.setdefault(tuple(as_told(cell)), said) == said
    assert len(seen) < 300


def test_everybody_else_is_what_is_left_of_what_is_shown():
    cells = steps.shown([11, 5, 296, 20], [200, 300, 300, 40])
    others = [("share", 94, 1, 200), ("all_but_few", None, None, 300), ("few", None, None, 300),
              ("too_few", None, None, 40)]  # fmt: skip
    assert as_told(steps.complement(cells)) == others
    assert as_told(steps.complement(steps.complement(cells))) == as_told(cells)


def test_a_difference_is_that_of_what_is_shown_and_wider_by_both_halves():
    first, second = steps.shown([90, 90], [200, 200]), steps.shown([23, 3], [77, 77])
    (apart, low, high), none = steps.difference(first, second)[["difference", "low", "high"]].values.tolist()
    (l1, u1), (l2, u2) = wilson(45, 200), wilson(30, 80)
    assert apart == 15
    assert low == pytest.approx(15 - math.hypot(45 - l1, u2 - 30) - 3, abs=1e-9)  # Newcombe 1998, method 10
    assert high == pytest.approx(15 + math.hypot(u1 - 45, 30 - l2) + 3, abs=1e-9)
    assert all(math.isnan(value) for value in none)


def test_which_is_larger_is_decided_on_what_is_shown():
    """155 and 156 of 771 are 20.1 and 20.2, both shown as 20; a word can't be told."""
    first, second = steps.shown([155, 300, 100, 5], 771), steps.shown([156, 290, 120, 300], 771)
    assert steps.larger(first, second).astype(object).tolist() == [0, 1, -1, pd.NA]
    assert steps.larger(second, first).astype(object).tolist() == [0, -1, 1, pd.NA]


@pytest.mark.parametrize(
    ("mean", "said"),
    [
        (3.45, "3.5"), (3.4499, "3.4"), (Fraction(69, 20), "3.5"), (-1.25, "-1.2"), (0.125, "0.13"),
        (0.0349, "0.03"), (0, "0.0"), (49.5, "50"), (0.999, "1.00"), (-0.004, "0.0"),
    ],
)  # fmt: skip
def test_a_mean_has_two_digits_and_two_decimals_at_most(mean, said):
    """3.45 as a float is a little more than that."""
    units, unit = steps.shown_mean(mean)
    assert units * unit == Fraction(said)
