"""Compare groups: size of the difference first, its interval beside it, p last.

The tests themselves take counts (`two_shares`, `two_means`, `one_share`, `paired`) and are the
only ones here: the tables and the conditions of sentences (`guards`) both come from them. Above
them, every result of answers is one row, so that a family of comparisons can be put together and
corrected for their number (`family`). All of it assumes independent draws, which a sample that
recruited itself doesn't promise.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special, stats
from statsmodels.stats.contingency_tables import Table
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from analysis.stats import estimates, gate, known
from analysis.stats.estimates import CONFIDENCE
from analysis.stats.value import Value, computed
from analysis.survey.questionnaire import Question

SMALL = 5
"""Expected counts under this make chi-square's approximation doubtful (Cochran 1954)."""
LEVEL = round(1 - CONFIDENCE, 10)
"""A p under this is beyond chance."""
SIMULATED = 99_999
"""Tables drawn for Fisher's test of more than two by two."""


# --- of counts and numbers -------------------------------------------------------------------


class Tested(NamedTuple):
    """A difference, first less second, with its interval and its test; what couldn't be made is missing."""

    difference: float
    low: float
    high: float
    test: str
    statistic: float
    df: float
    p: float


def one_share(n: int, base: int, expected: float) -> float:
    """The two-sided p of `n` people of `base`, were the share `expected` (0 to 1), by the score test.

    The Wilson interval (1927) is this test turned around: it leaves `expected` out exactly when p
    is under one less its confidence (Agresti and Coull 1998, *The American Statistician* 52).
    """
    return float(proportions_ztest(n, base, value=expected, prop_var=expected)[1])


def paired(first: int, second: int, base: int, overlap: int | None = None) -> float:
    """The p of two answers of the same `base` people, given by `first` and `second` of them: McNemar's exact test.

    Of those who gave just one of the two it is a binomial test of half (McNemar 1947). Where
    nobody knows how many gave both, the overlap that speaks most for chance is taken, which is
    the smallest that the counts allow.
    """
    if overlap is None:
        overlap = max(0, first + second - base)
    one_only, other_only = first - overlap, second - overlap
    return float(stats.binomtest(one_only, one_only + other_only).pvalue) if one_only + other_only else 1.0


@functools.lru_cache(maxsize=4096)
def two_shares(n1: int, base1: int, n2: int, base2: int, confidence: float = CONFIDENCE) -> Tested:
    """Compare two shares of separate people, `n1` of `base1` and `n2` of `base2`.

    The interval is Newcombe's (1998, method 10), made of two Wilson intervals. p comes from
    Pearson's chi-square without continuity correction, which is the pooled z-test squared, or from
    Fisher's exact test where an expected count is under 5; it is missing where all answered alike, which leaves
    nothing to test, and all is missing where a base is 0.

    >>> found = two_shares(30, 100, 10, 100)
    >>> round(found.difference, 2), found.test, round(found.p, 4)
    (0.2, 'chi_square', 0.0004)
    """
    if not (base1 and base2):
        return Tested(np.nan, np.nan, np.nan, "chi_square", np.nan, np.nan, np.nan)
    low, high = confint_proportions_2indep(n1, base1, n2, base2, method="newcomb", alpha=1 - confidence)
    tested: tuple[str, float, float, float] = ("chi_square", np.nan, np.nan, np.nan)
    total = n1 + n2
    if 0 < total < base1 + base2:
        if _few_expected(total, base1, base2):
            counts, p = _fisher(total, base1, base2)
            tested = ("fisher", np.nan, np.nan, float(p[n1 - counts[0]]))
        else:
            z, p = proportions_ztest([n1, n2], [base1, base2])
            tested = ("chi_square", float(z**2), 1, float(p))
    return Tested(n1 / base1 - n2 / base2, float(low), float(high), *tested)


def not_told_apart(totals: np.ndarray, base1: int, base2: int) -> tuple[np.ndarray, np.ndarray]:
    """Say which tables have a p of at least `LEVEL` by `two_shares`, for each total of people who gave the answer.

    Returns the least and the greatest count of the first group, an array each: with a given total
    the test is one and the same, and its p falls on both sides of the count that is expected.
    """
    people = base1 + base2
    reach = np.sqrt(stats.chi2.isf(LEVEL, 1) * totals * (people - totals) * (base1 * base2 / people))
    low, high = np.ceil((totals * base1 - reach) / people), np.floor((totals * base1 + reach) / people)
    for i in np.flatnonzero(_few_expected(totals, base1, base2) & (totals > 0) & (totals < people)):
        counts, p = _fisher(int(totals[i]), base1, base2)
        low[i], high[i] = counts[p >= LEVEL][[0, -1]]
    return low.astype(int), high.astype(int)


def _few_expected(totals: int | np.ndarray, base1: int, base2: int) -> np.ndarray:
    """Whether an expected count is under `SMALL`: the product of the smallest margins over all people."""
    people = base1 + base2
    return np.minimum(totals, people - totals) * min(base1, base2) < SMALL * people


def _fisher(total: int, base1: int, base2: int) -> tuple[np.ndarray, np.ndarray]:
    """Fisher's exact p of every count of the first group that a total allows: the counts, and p of each.

    p adds up the chances of all tables at most as likely (Fisher 1935). Chances that differ by
    less than one in ten million count as alike, as R has it: equal ones rarely come out equal.
    """
    counts = np.arange(max(0, total - base2), min(total, base1) + 1)
    # By the ratio of each chance to the one before: a distance asks for thousands, and scipy's take far longer.
    k = counts[:-1]
    steps = np.log((base1 - k) * (total - k)) - np.log((k + 1) * (base2 - total + k + 1))
    logs = np.cumsum(np.append(0, steps))
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    ranked = np.sort(chances)
    return counts, np.minimum(np.cumsum(ranked)[np.searchsorted(ranked, chances * (1 + 1e-7), "right") - 1], 1)


def equivalent(n1: int, base1: int, n2: int, base2: int, margin: float) -> float:
    """The p of two shares that differ by no more than `margin` (0 to 1): of two one-sided tests (Schuirmann 1987).

    The least p at which the interval of `two_shares` with a confidence of 1 - 2p lies within the
    margin: under 0.05 exactly when the 90% interval does. One half where not even the difference itself does.
    """

    def beyond(p: float) -> float:
        tested = two_shares(n1, base1, n2, base2, 1 - 2 * p)
        return max(tested.high - margin, -margin - tested.low)

    least, most = 1e-9, 0.5 - 1e-9
    if beyond(most) >= 0:
        return 0.5
    return float(optimize.brentq(beyond, least, most)) if beyond(least) > 0 else least


def beyond(n1: int, base1: int, n2: int, base2: int, margin: float) -> float:
    """The p of a first share that is more than `margin` (0 to 1) above the second.

    The least p at which the interval of `two_shares` with a confidence of 1 - p lies above the margin: under 0.05
    exactly when the 95% interval does. 1 where not even the difference itself does.
    """

    def short(p: float) -> float:
        return margin - two_shares(n1, base1, n2, base2, 1 - p).low

    least, most = 1e-9, 1 - 1e-9
    if short(most) >= 0:
        return 1.0
    return float(optimize.brentq(short, least, most)) if short(least) > 0 else least


def trend(counts: Sequence[int], bases: Sequence[int]) -> float:
    """The p of shares that rise or fall over groups in an order, each as far from the next: the linear trend in them.

    Mantel's test (1963) of a linear trend, from statsmodels: the people less one, times the square of the correlation
    of answer and place, as chi-square of one degree. (Cochran and Armitage's has all people there.) Missing where all
    answered alike.
    """
    n, of = np.asarray(counts), np.asarray(bases)
    if not 0 < n.sum() < of.sum():
        return np.nan
    return float(Table(np.array([n, of - n]), shift_zeros=False).test_ordinal_association().pvalue)


def two_means(first: Sequence[float], second: Sequence[float], confidence: float = CONFIDENCE) -> Tested:
    """Compare the means of two groups of numbers by Welch's t-test (1947), which doesn't suppose equal spread.

    Interval and test are missing where a group has fewer than two numbers, or where neither has any spread.
    """
    a, b = (np.asarray(numbers, float) for numbers in (first, second))
    difference = float(a.mean() - b.mean()) if len(a) and len(b) else np.nan
    if min(len(a), len(b)) < 2 or not (np.ptp(a) or np.ptp(b)):
        return Tested(difference, np.nan, np.nan, "welch", np.nan, np.nan, np.nan)
    result = stats.ttest_ind(a, b, equal_var=False)
    low, high = result.confidence_interval(confidence)
    return Tested(
        difference, float(low), float(high), "welch", *map(float, (result.statistic, result.df, result.pvalue))
    )


def holm(values: Sequence[float]) -> np.ndarray:
    """Correct p-values for their number (Holm 1979); one that is missing stays so, and isn't one of that number."""
    found = np.asarray(values, float)
    by_size = np.argsort(found)[: np.count_nonzero(~np.isnan(found))]
    corrected = np.full(len(found), np.nan)
    # Not statsmodels' multipletests: it collects all garbage at each call, a tenth of a second in a chapter.
    corrected[by_size] = np.minimum(np.maximum.accumulate(found[by_size] * np.arange(len(by_size), 0, -1)), 1)
    return corrected


# --- of answers ------------------------------------------------------------------------------


def association(
    responses: pd.DataFrame, question: Question, by: Question, confidence: float = CONFIDENCE, inside: bool = False
) -> pd.DataFrame:
    """Test whether the answers differ between groups, with Cramér's V as size.

    Pearson's chi-square without continuity correction; Fisher's exact test where more than
    a fifth of the expected counts is under 5 or one is under 1 (Cochran 1954), simulated
    with a fixed seed when the table is larger than two by two. Answers and groups that
    nobody gave are left out; with fewer than two left, test and size are missing.

    Returns one row: `question`, `by`, `first` and `second` (labels of two groups compared,
    blank where all are), `base`, `test`, `statistic` (chi-square) and `df`, which Fisher's test hasn't, `p`,
    `measure` ("cramers_v"), `size` (0 to 1) with `low` and `high`, `origin`. Of a confidential wave what may leave
    of it (`gate.tested`), unless it is for what judges `inside`.
    """
    table = estimates.crosstab(responses, question, by)
    found = {known.source(question, a, int(table.at[a, g]), int(table[g].sum()), "", f"{by.code}={g}")
             for g in table.columns for a in table.index}  # fmt: skip
    origins, settled = {source.origin for source in found}, inside or all(source.firm for source in found)
    counts = table.loc[table.any(axis=1), table.any(axis=0)].to_numpy()
    n, test = int(counts.sum()), "chi_square"
    if min(counts.shape) < 2:
        row = (question.code, by.code, "", "", n, test, *(np.nan,) * 3, "cramers_v", *(np.nan,) * 3)
        result = pd.DataFrame([(*row, computed(origins))], columns=_COLUMNS)
        return _let_out(known.tested(result, settled), table.to_numpy(), responses, (question, by), inside)
    statistic, p, df, expected = stats.chi2_contingency(counts, correction=False)
    sized = cramers_v(statistic, n, counts.shape, confidence)
    if (expected < SMALL).mean() > 0.2 or expected.min() < 1:
        test, statistic, df = "fisher", np.nan, np.nan
        if counts.shape == (2, 2):
            (n1, n2), (other1, other2) = counts.tolist()
            p = two_shares(n1, n1 + other1, n2, n2 + other2).p
        else:
            test = "fisher_simulated"
            method = stats.MonteCarloMethod(n_resamples=SIMULATED, rng=np.random.default_rng(1))
            p = float(np.ravel(stats.fisher_exact(counts, method=method).pvalue)[0])
    row = (question.code, by.code, "", "", n, test, statistic, df, p, "cramers_v", *sized, computed(origins))
    result = known.tested(pd.DataFrame([row], columns=_COLUMNS), settled)
    return _let_out(result, table.to_numpy(), responses, (question, by), inside)


def _let_out(
    result: pd.DataFrame, counts: np.ndarray, responses: pd.DataFrame, used: tuple[Question, ...], inside: bool
) -> pd.DataFrame:
    """Let the row of a test out where none of the counts that it rests on is hidden."""
    open_ = None if inside else gate.opened(responses, [column for q in used for column in q.columns])
    if open_ is None:
        return result
    visible = open_.places is not None and gate.are_visible(counts, open_.terms)
    return gate.tested(result, visible, open_.terms)


def cramers_v(statistic: float, n: int, shape: tuple[int, ...], confidence: float = CONFIDENCE) -> tuple[float, ...]:
    """Return Cramér's V and its interval, all between 0 and 1; no interval where it wouldn't hold V.

    V is never under nothing, so chance pushes it up, the more so the more cells a table has; the interval is of what
    lies behind. Of a table of many cells it may lie below V as a whole, also where the groups do differ.

    V is the square root of chi-square over n times the smaller dimension less one (Cramér
    1946). The interval inverts the noncentral chi-square distribution: its ends are the
    noncentralities for which the observed statistic is just not extreme, put on V's scale
    (Steiger 2004, *Psychological Methods* 9, 164-182).
    """
    rows, columns = shape
    df, scale = (rows - 1) * (columns - 1), n * (min(shape) - 1)

    def noncentrality(tail: float) -> float:
        if stats.chi2.cdf(statistic, df) < tail:
            return 0.0
        excess = lambda value: stats.ncx2.cdf(statistic, df, value) - tail  # noqa: E731
        return optimize.brentq(excess, 1e-9, 4 * statistic + 100)

    low, high = (noncentrality(tail) for tail in ((1 + confidence) / 2, (1 - confidence) / 2))
    if high <= statistic:
        low = high = np.nan
    return tuple(float(np.minimum(1, np.sqrt(value / scale))) for value in (statistic, low, high))


def difference_in_means(
    responses: pd.DataFrame, question: Question, by: Question, first: str, second: str,
    confidence: float = CONFIDENCE, inside: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Compare the means of two groups of `by`: Welch's t-test, and Hedges' g as size.

    The test is `two_means`, the size `hedges_g`.

    Returns one row: `base`, `test`, `statistic` (t), `df`, `p`, `measure` ("hedges_g"), `size`,
    `low`, `high`, and `difference` (first less second, in the question's unit) with
    `difference_low` and `difference_high`. Test and sizes are missing where a group has fewer
    than two numbers, or where neither has any spread. Of a confidential wave as `association`.
    """
    for q, kind in ((question, "number"), (by, "single")):
        if q.kind != kind:
            raise ValueError(f"{q.code} is of kind {q.kind}; a difference in means takes a number by a single question")
    groups = []
    for code in (first, second):
        by[code]
        groups.append(responses.loc[responses[by.code].eq(code), question.code].dropna().astype(float))
    a, b = groups
    tested = two_means(a, b, confidence)
    sized = (np.nan,) * 3 if np.isnan(tested.p) else hedges_g(a, b, tested, confidence)
    row = (question.code, by.code, by[first].label, by[second].label, len(a) + len(b), *tested[3:])
    origin = "" if question.provenance is None else "unpublished"
    table = pd.DataFrame([(*row, "hedges_g", *sized, origin)], columns=_COLUMNS)
    table = table.assign(difference=tested.difference, difference_low=tested.low, difference_high=tested.high)
    table = known.tested(table, inside or not origin)
    open_ = None if inside else gate.opened(responses, [question.code, question.status_column, by.code])
    if open_ is None:
        return table
    visible = open_.places is not None and min(len(a), len(b)) >= open_.terms.least_base
    return gate.tested(table, visible, open_.terms)


def hedges_g(
    first: pd.Series, second: pd.Series, tested: Tested, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:  # fmt: skip
    """Return Hedges' g of two groups that `two_means` has tested, and its interval.

    The difference in units of the groups' mean spread, the root of the mean of both variances, corrected for small
    samples (Hedges 1981). Nothing is pooled: as Welch's test, it doesn't suppose that groups spread alike (Delacre,
    Lakens, Ley, Liu and Leys 2021, who call it g*). The interval turns the noncentral t of Welch's statistic around,
    so that it leaves out 0 exactly when Welch's p is under one less its confidence. Missing at one degree of freedom.
    """
    if tested.df <= 1:
        return (np.nan,) * 3
    tails = np.array([(1 + confidence) / 2, (1 - confidence) / 2])
    found = [tested.statistic, *special.nctdtrinc(tested.df, tails, tested.statistic)]
    error = np.sqrt(first.var() / len(first) + second.var() / len(second))
    half = tested.df / 2
    small = np.exp(special.gammaln(half) - np.log(half) / 2 - special.gammaln(half - 0.5))
    size, low, high = np.array(found) * small * error / np.sqrt((first.var() + second.var()) / 2)
    return float(size), float(low), float(high)


def difference_in_shares(
    responses: pd.DataFrame, question: Question, answers: str, by: Question, first: str, second: str,
    statement: str = "", confidence: float = CONFIDENCE,
) -> pd.DataFrame:  # fmt: skip
    """Compare the share that gave any of `answers` in two groups of `by`.

    Interval and test are those of `two_shares`.

    Returns one row: as `association`, with the difference itself as `size`
    (first less second, between -1 and 1); size and p are missing where nobody in a group answered. Of a
    confidential wave as `association`, and the difference and its interval are those of what is shown of both.
    """
    for code in (first, second):
        by[code]
    counted, seen = (
        estimates.share(responses, question, answers, statement, by, inside=inside).frame for inside in (True, False)
    )
    table, seen = (rows.set_index("group").loc[[first, second]] for rows in (counted, seen))
    (n1, n2), (base1, base2) = table["n"], table["base"]
    tested = two_shares(int(n1), int(base1), int(n2), int(base2), confidence)
    row = (question.code, by.code, by[first].label, by[second].label, int(base1 + base2), *tested[3:], "difference")
    result = pd.DataFrame([(*row, *tested[:3], computed(set(table["origin"])))], columns=_COLUMNS)
    open_ = gate.opened(responses, gate.columns_of(question, by))
    if open_ is None:
        return known.tested(result, bool(seen[["n", "base"]].notna().all(axis=None)))
    return gate.difference(result, seen, open_.terms)


def difference(result: pd.DataFrame) -> Value:
    """The difference in a comparison of means as a value: first less second, in the question's own unit."""
    row = result.iloc[0]
    ends = {"low": row["difference_low"], "high": row["difference_high"], "release": row.get("release", "")}
    return Value(
        "difference", row["difference"], **ends, origin=row["origin"], absent=row.get("absent", "not_calculable")
    )


def family(*results: pd.DataFrame) -> pd.DataFrame:
    """Put comparisons together and add `p_holm`: p corrected for their number (Holm 1979).

    A comparison that couldn't be made, whose p is missing, isn't one of that number.
    """
    table = pd.concat(results, ignore_index=True)
    if "release" in table:  # of some of them
        table = table.fillna({"release": "", "absent": "not_calculable"})
    return table.assign(p_holm=holm(table["p"]))


_COLUMNS = [
    "question", "by", "first", "second", "base", "test", "statistic", "df", "p",
    "measure", "size", "low", "high", "origin",
]  # fmt: skip
