"""Compare groups: size of the difference first, its interval beside it, p last.

Every result is one row, so that a family of comparisons can be put together and corrected
for their number (`family`). All of it assumes independent draws, which a sample that
recruited itself doesn't promise.
"""

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.stats import estimates
from analysis.stats.estimates import CONFIDENCE
from analysis.survey.questionnaire import Question

SMALL = 5
"""Expected counts under this make chi-square's approximation doubtful (Cochran 1954)."""
SIMULATED = 99_999
"""Tables drawn for Fisher's test of more than two by two."""


def association(
    responses: pd.DataFrame, question: Question, by: Question, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Test whether the answers differ between groups, with Cramér's V as size.

    Pearson's chi-square without continuity correction; Fisher's exact test where more than
    a fifth of the expected counts is under 5 or one is under 1 (Cochran 1954), simulated
    with a fixed seed when the table is larger than two by two. Answers and groups that
    nobody gave are left out; with fewer than two left, test and size are missing.

    Returns one row: `question`, `by`, `first` and `second` (labels of two groups compared,
    blank where all are), `base`, `test`, `statistic` (chi-square) and `df`, which Fisher's test hasn't, `p`,
    `measure` ("cramers_v"), `size` (0 to 1) with `low` and `high`, `origin`.
    """
    table = estimates.crosstab(responses, question, by)
    origins = {question.origin(a, int(table.at[a, g]), int(table[g].sum()), "", f"{by.code}={g}")
               for g in table.columns for a in table.index}  # fmt: skip
    counts = table.loc[table.any(axis=1), table.any(axis=0)].to_numpy()
    n, test = int(counts.sum()), "chi_square"
    if min(counts.shape) < 2:
        row = (question.code, by.code, "", "", n, test, *(np.nan,) * 3, "cramers_v", *(np.nan,) * 3)
        return pd.DataFrame([(*row, _computed(origins))], columns=_COLUMNS)
    statistic, p, df, expected = stats.chi2_contingency(counts, correction=False)
    sized = cramers_v(statistic, n, counts.shape, confidence)
    if (expected < SMALL).mean() > 0.2 or expected.min() < 1:
        test, statistic, df = "fisher", np.nan, np.nan
        if counts.shape == (2, 2):
            p = stats.fisher_exact(counts).pvalue
        else:
            test = "fisher_simulated"
            method = stats.MonteCarloMethod(n_resamples=SIMULATED, rng=np.random.default_rng(1))
            p = float(np.ravel(stats.fisher_exact(counts, method=method).pvalue)[0])
    row = (question.code, by.code, "", "", n, test, statistic, df, p, "cramers_v", *sized, _computed(origins))
    return pd.DataFrame([row], columns=_COLUMNS)


def cramers_v(statistic: float, n: int, shape: tuple[int, int], confidence: float = CONFIDENCE):
    """Return Cramér's V and its interval, all between 0 and 1; no interval where it wouldn't hold V.

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
    if high <= statistic:  # groups more alike than chance makes them: an interval that doesn't hold V itself
        low = high = np.nan
    return tuple(float(np.minimum(1, np.sqrt(value / scale))) for value in (statistic, low, high))


def difference_in_means(
    responses: pd.DataFrame, question: Question, by: Question, first: str, second: str, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Compare the means of two groups of `by`: Welch's t-test, and Hedges' g as size.

    Welch (1947) doesn't suppose equal spread. g is the difference in pooled standard
    deviations, corrected for small samples (Hedges 1981).

    Returns one row: `base`, `test`, `statistic` (t), `df`, `p`, `measure` ("hedges_g"), `size`,
    `low`, `high`, and `difference` (first less second, in the question's unit) with
    `difference_low` and `difference_high`. Test and sizes are missing where a group has fewer
    than two numbers, or where neither has any spread.
    """
    for q, kind in ((question, "number"), (by, "single")):
        if q.kind != kind:
            raise ValueError(f"{q.code} is of kind {q.kind}; a difference in means takes a number by a single question")
    groups = []
    for code in (first, second):
        by[code]
        groups.append(responses.loc[responses[by.code].eq(code), question.code].dropna().astype(float))
    a, b = groups
    tested, sized, interval = (np.nan,) * 3, (np.nan,) * 3, (np.nan,) * 2
    if min(len(a), len(b)) > 1 and a.std() + b.std() > 0:
        result = stats.ttest_ind(a, b, equal_var=False)
        size, variance = effectsize_smd(a.mean(), a.std(), len(a), b.mean(), b.std(), len(b))
        half = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(variance)
        tested, sized = (result.statistic, result.df, result.pvalue), (size, size - half, size + half)
        interval = result.confidence_interval(confidence)
    row = (question.code, by.code, by[first].label, by[second].label, len(a) + len(b), "welch", *tested)
    row += ("hedges_g", *sized, "" if question.provenance is None else "assumed")
    table = pd.DataFrame([row], columns=_COLUMNS)
    low, high = interval
    return table.assign(difference=a.mean() - b.mean(), difference_low=low, difference_high=high)


def difference_in_shares(
    responses: pd.DataFrame, question: Question, answers: str, by: Question, first: str, second: str,
    statement: str = "", confidence: float = CONFIDENCE,
) -> pd.DataFrame:  # fmt: skip
    """Compare the share that gave any of `answers` in two groups of `by`.

    The interval of the difference is Newcombe's (1998, method 10), made of two Wilson
    intervals; p comes from Pearson's chi-square of the two by two table, or Fisher's
    exact test where an expected count is under 5.

    Returns one row: as `association`, with the difference itself as `size`
    (first less second, between -1 and 1); size and p are missing where nobody in a group answered.
    """
    for code in (first, second):
        by[code]
    table = estimates.share(responses, question, answers, statement, by).frame.set_index("group").loc[[first, second]]
    (n1, n2), (base1, base2) = table["n"], table["base"]
    counts = np.array([[n1, n2], [base1 - n1, base2 - n2]])
    statistic, df, p, test = np.nan, np.nan, 1.0, "chi_square"
    size, low, high = (np.nan,) * 3
    if not (base1 and base2):
        p = np.nan
    else:
        size = n1 / base1 - n2 / base2
        low, high = confint_proportions_2indep(n1, base1, n2, base2, method="newcomb", alpha=1 - confidence)
    if counts.any(axis=0).all() and counts.any(axis=1).all():
        statistic, p, _, expected = stats.chi2_contingency(counts, correction=False)
        df = 1
        if expected.min() < SMALL:
            test, statistic, df, p = "fisher", np.nan, np.nan, stats.fisher_exact(counts).pvalue
    row = (question.code, by.code, by[first].label, by[second].label, int(base1 + base2), test, statistic, df, p)
    return pd.DataFrame([(*row, "difference", size, low, high, _computed(set(table["origin"])))], columns=_COLUMNS)


def family(*results: pd.DataFrame) -> pd.DataFrame:
    """Put comparisons together and add `p_holm`: p corrected for their number (Holm 1979).

    A comparison that couldn't be made, whose p is missing, isn't one of that number.
    """
    table = pd.concat(results, ignore_index=True)
    made = table["p"].notna()
    table.loc[made, "p_holm"] = multipletests(table.loc[made, "p"], method="holm")[1] if made.any() else np.nan
    return table


def weakest(origins: set[str]) -> str:
    """Say what a result rests on at its weakest, blank on a real wave."""
    return next((o for o in ("assumed", "derived", "published") if o in origins), "")


def _computed(origins: set[str]) -> str:
    """Say what a comparison rests on: one of printed numbers is derived, for it isn't printed itself."""
    return weakest(origins).replace("published", "derived")


_COLUMNS = [
    "question", "by", "first", "second", "base", "test", "statistic", "df", "p",
    "measure", "size", "low", "high", "origin",
]  # fmt: skip
