"""Weigh several characteristics at once: logistic regression of one answer.

What a single comparison can't tell, whether two characteristics each count when the other
is held equal, a model can, as far as its form is right. It assumes independent draws, which
a sample that recruited itself doesn't promise.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.discrete.discrete_model import BinaryResultsWrapper, Logit
from statsmodels.stats.outliers_influence import variance_inflation_factor
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning
from statsmodels.tools.tools import add_constant

from analysis.stats import gate
from analysis.stats.estimates import CONFIDENCE
from analysis.stats.value import Value
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, Question

TERM_COLUMNS: list[str] = [
    "question", "answer", "by", "group", "group_label", "n", "base",
    "odds_ratio", "low", "high", "p", "effect", "effect_low", "effect_high", "origin",
]  # fmt: skip
CHECKS = (
    "likelihood_ratio", "mcfadden", "roc_area", "hosmer_lemeshow", "inflation", "events_per_term", "left_out_model",
)  # fmt: skip
STEP = 10
"""Units of a number that one odds ratio is about: ten years of age."""
CALIBRATION_GROUPS = 10

Term = tuple[Question, str, str, str | None]
"""A term before it is fitted: question, code and label of its group, column in the model.

A group that others are held against has None for a column, and what isn't in the model a blank one.
"""


@dataclass(frozen=True)
class Model:
    """A fitted logistic regression: `terms`, one row each, and `checks`, one row a check."""

    outcome: Question
    terms: pd.DataFrame
    checks: pd.DataFrame

    def __getitem__(self, term: str) -> Value:
        """The odds ratio of a number, by the name of its question, or of a group by its own."""
        questionnaire = self.outcome.questionnaire
        named = [] if questionnaire is None else [questionnaire[code] for code in self.terms["by"].unique()]
        codes = {q.name: q.code for q in named} | {a.name: a.code for q in named for a in q.answers}
        code = codes.get(term, term)
        rows = self.terms[self.terms["by"].eq(code) & self.terms["group"].eq("") | self.terms["group"].eq(code)]
        if len(rows) != 1:
            raise KeyError(f'{len(rows)} terms are "{term}"; there are {", ".join(self.terms["group_label"])}')
        return ratio_of(rows.iloc[0].to_dict())


def ratio_of(term: dict) -> Value:
    """The odds ratio in a row of the terms of a model."""
    return Value("ratio", term["odds_ratio"], low=term["low"], high=term["high"], origin=term["origin"],
                 release=term.get("release", ""), absent=term.get("absent", "not_calculable"))  # fmt: skip


def people_of(term: dict) -> Value:
    """How many people a row of the terms of a model is of; of a confidential wave to the nearest ten."""
    near = gate.steps.ROUND_BASE if term.get("release") else None
    return Value("count", term["base"], "people", n=None if near else int(term["base"]), step=near,
                 origin=term["origin"], release=term.get("release", ""),
                 absent=term.get("absent", "not_calculable"))  # fmt: skip


def logistic(
    responses: pd.DataFrame, outcome: Question, answer: str, predictors: list[Question], confidence: float = CONFIDENCE
) -> Model:
    """Model the odds of one answer from several questions, by maximum likelihood (statsmodels' Logit).

    Parameters
    ----------
    responses
        Typed responses; who lacks any of the answers is left out and counted.
    outcome, answer
        A single question or derived variable, and the answer whose odds are modelled.
    predictors
        Single questions or derived variables, entered as groups against their first group;
        or numbers, entered in steps of ten units. Groups in which nobody is are dropped. Groups in which
        everybody or nobody gave the answer tell of no other: they and their people stay out of the model
        (it is what the others' estimates tend to as such a group's own odds ratio grows without end),
        and so does a number that is the same for all.

    Returns
    -------
    Model
        `terms`: one row a group or number. `n` and `base` are the people in the group with
        the answer and at all; `odds_ratio` with `low`, `high` (Wald), `p`; `effect`, the
        average marginal effect on the probability (between -1 and 1; see `_effect`), with `effect_low`
        and `effect_high` (delta method). The first group of each question in the model has odds ratio 1
        and nothing else. Of what isn't in the model, and of all where it has no solution, all but `n`
        and `base` is missing. `checks`: `check`, `value`, `df`, `p`, `origin`: likelihood ratio against
        no predictors, McFadden's R2, area under the ROC curve, Hosmer and Lemeshow's test in ten groups,
        the largest variance inflation factor, events per term, and people left out for a missing answer.
    """
    outcome[answer]
    used = [outcome, *predictors]
    complete = pd.Series(True, index=responses.index)
    for question in used:
        complete &= ~responses[question.status_column].isin([NO_ANSWER, NOT_ASKED])
    people = responses[complete]
    given = people[outcome.code].eq(answer).astype(float)
    for question in predictors:
        if question.kind not in ("number", "single"):
            raise ValueError(f"{question.code} is of kind {question.kind}; predictors are single questions or numbers")
    inside = _telling(people, given, predictors)
    columns, about = _enter(people, people[inside], predictors)
    origin = "" if outcome.provenance is None else "unpublished"
    left_out = int((~complete).sum())
    fitted = _fit(given[inside], columns)
    columns_used = [column for q in used for column in (q.code, q.status_column)]
    if fitted is None:
        return _let_out(_unsolved(outcome, answer, about, people, given, origin, left_out), responses, columns_used)
    bounds = fitted.conf_int(alpha=1 - confidence)
    rows = []
    for question, group, label, name in about:
        row = _counted(outcome, answer, question, group, label, people, given)
        if not name:
            rows.append((*row, 1.0 if name is None else np.nan, *[np.nan] * 6, origin))
            continue
        others = [column for q, _, _, column in about if q is question and column]
        rows.append(
            (*row, np.exp(fitted.params[name]), *np.exp(bounds.loc[name]), fitted.pvalues[name])
            + (*_effect(fitted, name, others if group else [], confidence), origin)
        )
    checks = _checks(fitted, given[inside], fitted.model.exog, left_out)
    model = Model(outcome, pd.DataFrame(rows, columns=TERM_COLUMNS), checks.assign(origin=origin))
    return _let_out(model, responses, columns_used)


def _telling(people: pd.DataFrame, given: pd.Series, predictors: list[Question]) -> pd.Series:
    """Say who tells of the others: nobody in a group of which everybody or nobody gave the answer.

    Without them other groups may be so, which then go too.
    """
    inside = pd.Series(True, index=people.index)
    for _ in range(len(people)):
        left = inside.copy()
        for question in (q for q in predictors if q.kind == "single"):
            left &= given.where(left).groupby(people[question.code], observed=True).transform("nunique").gt(1)
        if left.equals(inside):
            break
        inside = left
    return inside


def _enter(people: pd.DataFrame, inside: pd.DataFrame, predictors: list[Question]) -> tuple[pd.DataFrame, list[Term]]:
    """Make the columns of the model of those inside it, and the terms that stand for them and for what stays out."""
    columns: dict[str, pd.Series] = {}
    about: list[Term] = []
    for question in predictors:
        if question.kind == "number":
            numbers = inside[question.code].astype(float) / STEP
            varies = numbers.nunique() > 1
            if varies:
                columns[question.code] = numbers
            about.append((question, "", question.label, question.code if varies else ""))
            continue
        there = [a.code for a in question.options if inside[question.code].eq(a.code).any()]
        for group in [a for a in question.options if people[question.code].eq(a.code).any()] or question.options:
            column: str | None = f"{question.code}={group.code}" if group.code in there[1:] else ""
            if column:
                columns[column] = inside[question.code].eq(group.code).astype(float)
            elif group.code in there[:1] and len(there) > 1:
                column = None
            about.append((question, group.code, group.label, column))
    return pd.DataFrame(columns, index=inside.index), about


def _effect(
    fitted: BinaryResultsWrapper, name: str, factor: list[str], confidence: float
) -> tuple[float, float, float]:
    """Return the average marginal effect of a term on the probability, and its interval by the delta method.

    Of a group: the probability if everybody were in it, less that if everybody were in the first group of its
    question, on average over people; `factor` are the columns of that question, which can't be 1 together. Of a
    number: the average slope, for a step. (Greene, Econometric Analysis, on binary choice.)
    """
    design = pd.DataFrame(fitted.model.exog, columns=fitted.model.exog_names)
    weights = fitted.params[design.columns].to_numpy()
    if factor:
        none = design.assign(**dict.fromkeys(factor, 0.0))
        then, else_ = none.assign(**{name: 1.0}).to_numpy(), none.to_numpy()
        p, q = special.expit(then @ weights), special.expit(else_ @ weights)
        effect = (p - q).mean()
        slope = ((p * (1 - p))[:, None] * then - (q * (1 - q))[:, None] * else_).mean(axis=0)
    else:
        x, weight = design.to_numpy(), fitted.params[name]
        p = special.expit(x @ weights)
        effect = (p * (1 - p) * weight).mean()
        slope = ((p * (1 - p))[:, None] * ((1 - 2 * p)[:, None] * weight * x + (design.columns == name))).mean(axis=0)
    spread = fitted.cov_params().loc[design.columns, design.columns].to_numpy()
    half = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(slope @ spread @ slope)
    return effect, effect - half, effect + half


def _let_out(model: Model, responses: pd.DataFrame, columns: list[str]) -> Model:
    """Of a confidential wave give a model in two digits, and only where no group of it has a hidden count.

    How many have the answer isn't given, and groups are to the nearest ten. Of invented people nothing is given: no
    print says how several answers of the same people go together.
    """
    open_, invented = gate.opened(responses, columns), model.outcome.provenance is not None
    if open_ is None and not invented:
        return model
    terms, checks = model.terms, model.checks
    counts = np.array([terms["n"], terms["base"] - terms["n"]])
    if open_ is None or open_.places is None or not gate.are_visible(counts, open_.terms):
        gone = {"release": "hidden", "absent": "unpublished" if invented else gate.WITHHELD}
        numbers = TERM_COLUMNS[TERM_COLUMNS.index("n") : -1]
        hidden = terms.assign(**dict.fromkeys(numbers, np.nan), **gone)
        return Model(model.outcome, hidden, checks.assign(value=np.nan, df=np.nan, p=np.nan, **gone))
    limits = open_.terms
    near = lambda numbers: [gate.people(int(number), limits).number or np.nan for number in numbers]  # noqa: E731
    out = terms.assign(n=np.nan, base=near(terms["base"]), release="released")
    kept = checks.assign(release="released")
    left = kept["check"].eq("left_out_model")
    kept.loc[left, "value"] = near(kept.loc[left, "value"])
    for frame, columns in ((out, TERM_COLUMNS[TERM_COLUMNS.index("odds_ratio") : -1]), (kept, ["value", "df", "p"])):
        for column in columns:
            frame[column] = [gate.digits(n, 1 if column == "p" else gate.DIGITS) for n in frame[column].astype(float)]
    return Model(model.outcome, out, kept)


def _fit(given: pd.Series, columns: pd.DataFrame) -> BinaryResultsWrapper | None:
    """Fit the model by maximum likelihood; None when there is no solution, as where a number parts the answers."""
    if columns.empty or given.nunique() < 2:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", (ConvergenceWarning, PerfectSeparationWarning, RuntimeWarning))
            return Logit(given, add_constant(columns, has_constant="add")).fit(disp=False, maxiter=100)
    except (ConvergenceWarning, PerfectSeparationWarning, RuntimeWarning, np.linalg.LinAlgError, ValueError):
        return None


def _counted(
    outcome: Question, answer: str, question: Question, group: str, label: str, people: pd.DataFrame, given: pd.Series
) -> list[str | int]:
    """Start a row of `terms`: what the term is, and how many people are in it."""
    inside = people[question.code].eq(group) if group else pd.Series(True, index=people.index)
    return [outcome.code, answer, question.code, group, label, int(given[inside].sum()), int(inside.sum())]


def _unsolved(
    outcome: Question, answer: str, about: list[Term], people: pd.DataFrame, given: pd.Series, origin: str,
    left_out: int,
) -> Model:  # fmt: skip
    """Return a model without solution: the counts of its groups, and nothing else."""
    rows = [
        (*_counted(outcome, answer, question, group, label, people, given), *[np.nan] * 7, origin)
        for question, group, label, _ in about
    ]
    checks = pd.DataFrame({"check": CHECKS, "value": np.nan, "df": np.nan, "p": np.nan, "origin": origin})
    checks.loc[checks["check"].eq("left_out_model"), "value"] = left_out
    return Model(outcome, pd.DataFrame(rows, columns=TERM_COLUMNS), checks)


def _checks(fitted: BinaryResultsWrapper, given: pd.Series, design: np.ndarray, left_out: int) -> pd.DataFrame:
    """Collect what says how far the model can be trusted."""
    expected = fitted.predict()
    ranks = stats.rankdata(expected.round(10))  # equal but for the last bits is equal
    events = int(given.sum())
    others = len(given) - events
    area = (ranks[given.eq(1)].sum() - events * (events + 1) / 2) / (events * others)
    hosmer, df = hosmer_lemeshow(given.to_numpy(), expected)
    inflation = [variance_inflation_factor(design, i) for i in range(1, design.shape[1])]
    values = (
        (fitted.llr, fitted.df_model, fitted.llr_pvalue), (fitted.prsquared,), (area,),
        (hosmer, df, stats.chi2.sf(hosmer, df)), (max(inflation),),
        (min(events, others) / (design.shape[1] - 1),), (left_out,),
    )  # fmt: skip
    rows = [(check, *value, *[np.nan] * (3 - len(value))) for check, value in zip(CHECKS, values, strict=True)]
    return pd.DataFrame(rows, columns=["check", "value", "df", "p"])


def hosmer_lemeshow(given: np.ndarray, expected: np.ndarray, groups: int = CALIBRATION_GROUPS) -> tuple[float, int]:
    """Compare expected and observed counts in groups of rising probability (Hosmer and Lemeshow 1980).

    Groups are cut at the quantiles of the probabilities, people of equal probability in one group, so that the
    order of rows has no say; ties may leave fewer groups. Returns chi-square and its degrees of freedom, the number
    of groups less two.
    """
    parts = pd.DataFrame({"p": expected, "seen": given}).groupby(
        pd.qcut(np.round(expected, 10), groups, labels=False, duplicates="drop")
    )
    n, p, seen = parts.size(), parts["p"].mean(), parts["seen"].sum()
    return float(((seen - n * p) ** 2 / (n * p * (1 - p))).sum()), max(len(n) - 2, 0)
