"""Sentences that depend on the data: the condition of each, and what happens when it fails.

A chapter states the condition of a sentence in the cell above its paragraph:

    check(language, always_first=guards.leads(responses, questions, "q06=d"))

and the paragraph has a place for its mark, under the same name, right behind the sentence:

    Dat het altijd kan, noemen de meesten.[{glue:text}`reasons.ipynb::always_first:s`]{#always_first .guard}

The mark is blank while the sentence holds. The sentence itself is never changed.

An item is written as in a condition: `q06=d`, `q09=a|c` for any of several answers, `q14_2=1|2`
where a question has statements, and a number by its code alone, `q23`. Groups are written
`care=waiting`. Whoever wasn't asked or left it blank isn't counted.

Every test assumes independent draws, which a sample that recruited itself doesn't promise:
what is beyond chance here may still be a matter of who came forward.
"""

from __future__ import annotations

import csv
import functools
import math
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis import paths
from analysis.stats.estimates import CONFIDENCE, given
from analysis.survey.questionnaire import Condition, Question, Questionnaire

HOLDS, BY_CHANCE, CONTRADICTED, UNKNOWN = STATES = ("holds", "by_chance", "contradicted", "unknown")
"""True beyond chance; true of these people, which may be chance; not true of them; too few to tell."""
FEWEST = 10
"""With fewer answers than this nothing is told. A choice of ours, like every bound in `data/narrative`."""
TABLES = paths.DATA / "narrative"


class Value(NamedTuple):
    """A number that a sentence rests on: whose it is, a share or a mean, and of how many people."""

    label: str
    value: float
    base: int
    unit: str = "share"


class Outcome(NamedTuple):
    """What became of a sentence.

    `condition` in short, one of `STATES`, the numbers that decide it, and the `distance`: how
    many answers would have to change for a sentence that is true of these people to become
    untrue, or the other way round; None where no number of them would or none can be told. `p`
    is there for a difference between two groups, so that `check` can correct for their number.
    """

    condition: str
    state: str
    values: tuple[Value, ...]
    distance: int | None
    p: float | None = None


class Item(NamedTuple):
    """An item: its label and question, the column it shares with answers that exclude it, blank if none do,
    who answered it, who gave it, and how many they are."""

    label: str
    question: Question
    column: str
    answered: np.ndarray
    gave: np.ndarray
    n: int
    base: int

    def among(self, people: pd.Series) -> Item:
        """The same item of some respondents only."""
        answered, gave = self.answered[people], self.gave[people]
        return self._replace(answered=answered, gave=gave, n=int(gave.sum()), base=int(answered.sum()))

    def value(self, label: str = "") -> Value:
        return Value(label or self.label, self.n / self.base if self.base else math.nan, self.base)


# --- one share -------------------------------------------------------------------------------


def majority(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """More than half; beyond chance when the Wilson interval lies above half (Pew Research Center 2018)."""
    return amount(responses, questions, item, "majority")


def minority(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Less than half; beyond chance when the Wilson interval lies below half."""
    return amount(responses, questions, item, "minority")


def undecided(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Whether it is more than half can't be told: half lies within the Wilson interval."""
    item, name = _item(responses, questions, item), f"undecided {item}"
    if item.base < FEWEST:
        return Outcome(name, UNKNOWN, (item.value(),), None)

    def true(n: int) -> bool:
        low, high = proportion_confint(n, item.base, alpha=1 - CONFIDENCE, method="wilson")
        return low <= 0.5 <= high

    now = true(item.n)
    return Outcome(name, _state(now, True), (item.value(),), _turns(true, item.n, item.base))


def most(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Most people: at least as many as `quantities.csv` says, for readers expect more than just over half."""
    return amount(responses, questions, item, "most")


def few(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Few people, as bounded in `quantities.csv`."""
    return amount(responses, questions, item, "few")


def amount(responses: pd.DataFrame, questions: Questionnaire, item: str, quantity: str) -> Outcome:
    """Whether a share is what a word of `data/narrative/quantities.csv` says.

    The share must lie within `above` (exclusive), `at_least` and `below` (exclusive), in per
    cent; beyond chance when its Wilson interval lies beyond `surely_above` or `surely_below`.
    """
    bounds = quantities()[quantity]
    item = _item(responses, questions, item)
    name = f"{quantity} {item.label}"
    if item.base < FEWEST:
        return Outcome(name, UNKNOWN, (item.value(),), None)

    def true(n: int) -> bool:
        share = Decimal(100 * n) / item.base
        checks = {"above": share.__gt__, "at_least": share.__ge__, "below": share.__lt__}
        return all(check(Decimal(bounds[key])) for key, check in checks.items() if bounds[key])

    low, high = (100 * float(b) for b in proportion_confint(item.n, item.base, alpha=1 - CONFIDENCE, method="wilson"))
    sure = not (bounds["surely_above"] and low <= float(bounds["surely_above"]))
    sure = sure and not (bounds["surely_below"] and high >= float(bounds["surely_below"]))
    return Outcome(name, _state(true(item.n), sure), (item.value(),), _turns(true, item.n, item.base))


def _turns(true, n: int, base: int) -> int | None:
    """The least number of answers to add to `n`, or take away, for `true(n)` to turn around."""
    near = (d for d in range(1, base + 1) for m in (n - d, n + d) if 0 <= m <= base and true(m) != true(n))
    return next(near, None)


# --- several answers of the same people ------------------------------------------------------


def leads(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """An answer was given most often: more than every other that was offered. Of `q10=a|b`, each of both is.

    Beyond chance when McNemar's exact test against each rival is significant: no correction
    is needed for finding out the winner (Hung and Fithian 2019, Annals of Statistics 47).
    """
    question, answers, _ = questions.item(item)
    column, _, _ = item.partition("=")
    leaders, others = [
        [
            _item(responses, questions, f"{column}={a.code}")
            for a in question.options
            if (a.code in answers.split("|")) == lead
        ]
        for lead in (True, False)
    ]
    if not others:
        raise ValueError(f"leads {item} names all answers, so there is none to exceed")
    found = [_exceeds(leader, rival) for leader in leaders for rival in others]
    last, nearest = min(leaders, key=lambda item: item.n), max(others, key=lambda item: item.n)
    return _all(f"leads {item}", found, (last.value(), nearest.value()))


def order(responses: pd.DataFrame, questions: Questionnaire, *items: str) -> Outcome:
    """Each item was given more often than the next, by the same people; tested as in `leads`."""
    found = [_item(responses, questions, item) for item in items]
    steps = [_exceeds(one, next_one) for one, next_one in zip(found, found[1:], strict=False)]
    return _all(f"order {', '.join(items)}", steps, tuple(item.value() for item in found))


def _exceeds(one: Item, other: Item) -> Outcome:
    """Whether one item was given more often than another, of those who answered both.

    McNemar's exact test: of those who gave just one of the two, a binomial test of half. On
    an invented wave nobody knows who gave both, so the overlap that speaks most against the
    sentence is taken, which is the smallest that the two counts allow.
    """
    both = one.answered & other.answered
    a, b = one.gave & both, other.gave & both
    base, x, y = int(both.sum()), int(a.sum()), int(b.sum())
    values = (one.value(), other.value())
    if base < FEWEST:
        return Outcome("", UNKNOWN, values, None)
    overlap = int((a & b).sum())
    exclusive = one.column != "" and one.column == other.column
    if one.question.provenance is not None and not exclusive:
        overlap = max(0, x + y - base)
    p = stats.binomtest(x - overlap, x + y - 2 * overlap).pvalue if x + y > 2 * overlap else 1.0
    step = 2 if exclusive else 1
    distance = math.ceil((x - y) / step) if x > y else (y - x) // step + 1
    return Outcome("", _state(x > y, p < 1 - CONFIDENCE), values, distance)


def every(*outcomes: Outcome) -> Outcome:
    """A sentence that says several things: as true as the least true of them."""
    values = tuple(dict.fromkeys(value for outcome in outcomes for value in outcome.values))
    return _all("; ".join(outcome.condition for outcome in outcomes), list(outcomes), values)


def _all(condition: str, found: list[Outcome], values: tuple[Value, ...]) -> Outcome:
    states = [o.state for o in found]
    state = next(s for s in (UNKNOWN, CONTRADICTED, BY_CHANCE, HOLDS) if s in states)
    distances = [o.distance for o in found if o.state == CONTRADICTED] or [o.distance for o in found]
    told = [d for d in distances if d is not None]
    pick = max if state == CONTRADICTED else min
    return Outcome(condition, state, values, pick(told) if told and state != UNKNOWN else None)


# --- groups ----------------------------------------------------------------------------------


def differs(responses: pd.DataFrame, questions: Questionnaire, item: str, more: str, less: str) -> Outcome:
    """Higher in one group than in another: a share, or the mean of a number.

    Beyond chance when the interval of the difference lies above 0: Newcombe's (1998, method
    10) for shares, Welch's for means; `check` corrects for the number of differences.
    """
    one, other = _groups(responses, questions, more, less)
    name = f"differs {item}: {more} > {less}"
    labels = [_group_label(group, questions) for group in (more, less)]
    if "=" not in item:
        question = questions[item]
        numbers = responses[question.code]
        return _means_differ(numbers[one], numbers[other], question, name, labels)
    whole = _item(responses, questions, item)
    a, b = whole.among(one), whole.among(other)
    values = (a.value(labels[0]), b.value(labels[1]))
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, values, None)
    now = _more(a.n, a.base, b.n, b.base)
    low, _ = _newcombe(a.n, a.base, b.n, b.base)
    p = _p_of_shares(a.n, a.base, b.n, b.base)
    distance = _changes(a.n, a.base, b.n, b.base, _more)
    return Outcome(name, _state(now, low > 0), values, distance, p)


def highest(responses: pd.DataFrame, questions: Questionnaire, item: str, group: str, others: str = "") -> Outcome:
    """A share is higher in one group than in every other: `others` as `a|c`, by default all of that question.

    Beyond chance when it differs from each, without a correction, as in `leads`. A group of too
    few people to tell leaves the sentence untold only where its own share is higher.
    """
    ((code, (answer,)),) = Condition.parse(group, questions).clauses
    question = questions[code]
    rivals = question.codes(others).split("|") if others else [a.code for a in question.options if a.code != answer]
    found = [differs(responses, questions, item, group, f"{code}={rival}") for rival in rivals]
    told = [o for o in found if o.state != UNKNOWN or o.values[1].value > o.values[0].value]
    nearest = max(told or found, key=lambda o: o.values[1].value)
    return _all(f"highest {item}: {group}", told or found, nearest.values)


def alike(responses: pd.DataFrame, questions: Questionnaire, item: str, one: str, other: str, margin: float) -> Outcome:
    """Shares in two groups differ by no more than a margin that was chosen beforehand.

    Beyond chance when the 90% interval of the difference lies within the margin: two
    one-sided tests (Schuirmann 1987). A difference that isn't shown is not enough.
    """
    whole = _item(responses, questions, item)
    a, b = (whole.among(people) for people in _groups(responses, questions, one, other))
    name = f"alike {item}: {one}, {other} within {margin}"
    labels = [_group_label(group, questions) for group in (one, other)]
    values = (a.value(labels[0]), b.value(labels[1]))
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, values, None)

    def true(n1, base1, n2, base2):
        return abs(n1 / base1 - n2 / base2) <= margin

    low, high = _newcombe(a.n, a.base, b.n, b.base, 2 * CONFIDENCE - 1)
    distance = _changes(a.n, a.base, b.n, b.base, true)
    return Outcome(name, _state(true(a.n, a.base, b.n, b.base), -margin < low and high < margin), values, distance)


def not_shown(responses: pd.DataFrame, questions: Questionnaire, item: str, one: str, other: str) -> Outcome:
    """No difference between two groups is shown: p of chi-square isn't significant. Says nothing of likeness."""
    whole = _item(responses, questions, item)
    a, b = (whole.among(people) for people in _groups(responses, questions, one, other))
    labels = [_group_label(group, questions) for group in (one, other)]
    values = (a.value(labels[0]), b.value(labels[1]))
    name = f"not shown {item}: {one}, {other}"
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, values, None)

    def true(*counts):
        return _p_of_shares(*counts) >= 1 - CONFIDENCE

    now = true(a.n, a.base, b.n, b.base)
    return Outcome(name, _state(now, True), values, _changes(a.n, a.base, b.n, b.base, true))


def changed(
    responses: pd.DataFrame, before: pd.DataFrame, questions: Questionnaire, item: str, fell: bool = False
) -> Outcome:
    """A share rose since an earlier wave, or fell; beyond chance when Newcombe's interval says so too."""
    a, b = _item(responses, questions, item), _item(before, questions, item)
    name = f"{'fell' if fell else 'rose'} {item}"
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, (a.value(), b.value()), None)
    high, low = (b, a) if fell else (a, b)
    counts = (high.n, high.base, low.n, low.base)
    sure = _newcombe(*counts)[0] > 0
    return Outcome(name, _state(_more(*counts), sure), (a.value(), b.value()), _changes(*counts, _more),
                   _p_of_shares(*counts))  # fmt: skip


def _means_differ(one: pd.Series, other: pd.Series, question: Question, name: str, labels: list[str]) -> Outcome:
    """Welch's test of two means. A changed answer may be any number that the question allows."""
    a, b = (numbers.dropna().to_numpy(float) for numbers in (one, other))
    values = tuple(Value(label, float(x.mean()) if len(x) else math.nan, len(x), "mean")
                   for label, x in zip(labels, (a, b), strict=True))  # fmt: skip
    if min(len(a), len(b)) < FEWEST or not (a.std() or b.std()):
        return Outcome(name, UNKNOWN, values, None)
    test = stats.ttest_ind(a, b, equal_var=False)
    now = a.mean() > b.mean()
    upper, lower = (a, b) if now else (b, a)
    least, greatest = question.minimum, question.maximum
    distance = None
    if least is not None and greatest is not None:
        steps = np.concatenate([(upper - least) / len(upper), (greatest - lower) / len(lower)])
        reached = np.cumsum(np.sort(steps)[::-1]) >= upper.mean() - lower.mean() - 1e-9
        distance = int(np.argmax(reached)) + 1 if reached.any() else None
    sure = bool(test.confidence_interval(CONFIDENCE).low > 0)
    return Outcome(name, _state(bool(now), sure), values, distance, float(test.pvalue))


def _group_label(group: str, questions: Questionnaire) -> str:
    """The labels of a group's answers: In care now / On a waiting list."""
    return " / ".join(
        questions[code][v].label for code, values in Condition.parse(group, questions).clauses for v in values
    )


def _groups(responses, questions, one: str, other: str) -> list[pd.Series]:
    """Who is in each of two groups; ValueError when somebody is in both."""
    inside = [Condition.parse(group, questions).holds(responses, questions) for group in (one, other)]
    if (inside[0] & inside[1]).any():
        raise ValueError(f"{one} and {other} share people; a difference needs two separate groups")
    return inside


def _more(n1: int, base1: int, n2: int, base2: int) -> bool:
    return n1 * base2 > n2 * base1


def _newcombe(n1: int, base1: int, n2: int, base2: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    low, high = confint_proportions_2indep(n1, base1, n2, base2, method="newcomb", alpha=1 - confidence)
    return float(low), float(high)


def _p_of_shares(n1: int, base1: int, n2: int, base2: int) -> float:
    """Pearson's chi-square of two shares, without continuity correction; 1 where all answered alike."""
    pooled = (n1 + n2) / (base1 + base2)
    if pooled in (0, 1):
        return 1.0
    z = (n1 / base1 - n2 / base2) / math.sqrt(pooled * (1 - pooled) * (1 / base1 + 1 / base2))
    return math.erfc(abs(z) / math.sqrt(2))


def _changes(n1: int, base1: int, n2: int, base2: int, true) -> int | None:
    """The least number of changed answers, in one group or both, that turns `true(n1, base1, n2, base2)` around."""
    now = true(n1, base1, n2, base2)
    for changes in range(1, base1 + base2 + 1):
        for way in (1, -1):
            for first in range(changes + 1):
                m1, m2 = n1 - way * first, n2 + way * (changes - first)
                if 0 <= m1 <= base1 and 0 <= m2 <= base2 and true(m1, base1, m2, base2) != now:
                    return changes
    return None


# --- marks -----------------------------------------------------------------------------------


# --- words for shares ------------------------------------------------------------------------


@functools.cache
def quantities() -> dict[str, dict[str, str]]:
    """The words for quantities with their bounds, in per cent."""
    with (TABLES / "quantities.csv").open(encoding="utf-8", newline="") as lines:
        return {row["quantity"]: row for row in csv.DictReader(lines)}


def _item(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Item:
    question, answers, statement = questions.item(item)
    about = next((s.label for s in question.statements if s.code == statement), "")
    label = ": ".join(filter(None, (about, " / ".join(question[a].label for a in answers.split("|")))))
    told = given(responses, question, answers, statement)
    answered, gave = told.notna().to_numpy(), told.fillna(False).to_numpy(bool)
    column = "" if question.kind == "multiple" else question.column(statement)
    return Item(label, question, column, answered, gave, int(gave.sum()), int(answered.sum()))


def _state(true: bool, sure: bool) -> str:
    return CONTRADICTED if not true else HOLDS if sure else BY_CHANCE
