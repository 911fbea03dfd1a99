"""Sentences that depend on the data: the condition of each, and what happens when it fails.

A chapter states the conditions of its sentences together, in a cell above them, as one family:

    story = family(always_first=leads(responses, questions, "q06=d"),
                   care_more=differs(responses, questions, "user=yes", more="care=now", less="care=neither"))

and the prose says `story.always_first` behind its sentence. The mark is blank while the sentence holds. The sentence
itself is never changed.

An item is written as in a condition: `q06=d`, `q09=a|c` for any of several answers, `q14_2=1|2`
where a question has statements, and a number by its code alone, `q23`. Groups are written
`care=waiting`. Whoever wasn't asked or left it blank isn't counted.

Of invented people a sentence is asked of print: it is true where it is true of every set of people that agrees with
what was printed (`stats.ranges`), beyond chance where the largest p of all of them says so, and untrue where it is
true of none. Otherwise it can't be told.

The tests are those of `comparisons`, which assume independent draws. A sample that recruited itself
doesn't promise those: what is beyond chance here may still be a matter of who came forward.
"""

from __future__ import annotations

import functools
import itertools
import math
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from scipy import stats

from analysis.stats import bounds, comparisons, distances, estimates, gate, known, quantities, ranges, reliability
from analysis.stats.comparisons import LEVEL
from analysis.stats.estimates import given, label_of
from analysis.stats.value import Value
from analysis.survey.questionnaire import Condition, Question, Questionnaire
from analysis.words import LANGUAGES, Text, text, voice

HOLDS, BY_CHANCE, NOT_HERE, CONTRADICTED, UNKNOWN = STATES = (
    "holds", "by_chance", "not_here", "contradicted", "unknown",
)  # fmt: skip
"""True beyond chance; true of these people, which may be chance; not true of them, which may be chance; untrue beyond
chance; too few to tell. From best to worst."""
TRUE = (HOLDS, BY_CHANCE)
"""True of these people."""
TRIES = 20_000
"""Up to so many sets of counts that print allows are tried one by one."""
FEWEST = reliability.SMALLEST
"""With fewer answers than this, or in a group, nothing is told: a share of so few is held back too."""


@dataclass(frozen=True)
class Outcome:
    """What became of a sentence.

    `condition` in short, one of `STATES`, the numbers that decide it, and the `distance`: how
    many people at least would have to answer otherwise for a sentence that is true of them to
    become untrue, or the other way round; None where no number of them would or none can be told.
    It is the least number that will do, unless `at_least` says that it may take more.

    `p` is how often chance alone would speak so much for the sentence, and 1 where it isn't true
    of these people; None where the sentence is about no test's doing or nothing can be told.
    `checks` says in words what is checked. A family adds the name of the sentence and
    `p_holm`, p corrected for the number of its members.
    """

    condition: str
    state: str
    values: tuple[Value, ...]
    distance: int | None
    p: float | None = None
    checks: Text = Text(dict.fromkeys(LANGUAGES, ""))
    sentence: str = ""
    p_holm: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the sentence is true beyond chance."""
        return self.state == HOLDS


class Item(NamedTuple):
    """An item: its label and question, the column it shares with answers that exclude it, blank if none do,
    who answered it, who gave it, and how many they are; of a confidential wave what may be shown of it, and of
    invented people what is known, with the least and the most who can have given it."""

    label: Text
    question: Question
    column: str
    answered: np.ndarray
    gave: np.ndarray
    n: int
    base: int
    shown: Value | None = None
    asked: str = ""
    group: str = ""

    def among(self, people: np.ndarray, shown: Value | None = None, group: str = "") -> Item:
        """The same item of some respondents only."""
        answered, gave = self.answered[people], self.gave[people]
        return self._replace(
            answered=answered, gave=gave, n=int(np.count_nonzero(gave)), base=int(np.count_nonzero(answered)),
            shown=shown, group=group,
        )  # fmt: skip

    @property
    def counts(self) -> range:
        """How many can have given it: one number, but of invented people all that print allows, none for no base."""
        if self.question.provenance is None or self.shown is None:
            return range(self.n, self.n + 1)
        if self.shown.of is None:
            return range(0)
        if self.shown.known and self.shown.n is not None:
            return range(self.shown.n, self.shown.n + 1)
        if _of(self.question).printed is None:
            return range(0)
        found = ranges.count_range(ranges.premises_of(_of(self.question)), self.asked, self.group)
        return range(int(found.least), int(found.most) + 1)

    def value(self, label: Text | None = None) -> Value:
        if self.shown is not None:
            return replace(self.shown, label=label or self.label)
        share = self.n / self.base if self.base else None
        return Value("share", share, "share", n=self.n, of=self.base, label=label or self.label, absent="nobody")


def _seen(outcome: Outcome, agrees: Callable[..., bool]) -> Outcome:
    """Keep to what is shown: nothing can be told where a value is held back, or what is shown doesn't say the same.

    `agrees` is told the numbers that are shown and says whether they do. No distance is given, which counts people.
    """
    if not any(value.release for value in outcome.values):
        return outcome
    if any(value.origin for value in outcome.values):  # of invented people: it was asked of print
        return outcome
    shown = [value.number for value in outcome.values if value.known]
    if outcome.state == UNKNOWN or len(shown) < len(outcome.values) or not agrees(*shown):
        return replace(outcome, state=UNKNOWN, distance=None, p=None)
    return replace(outcome, distance=None, p=None if outcome.p is None else gate.digits(outcome.p, 1))


def _over(judge: Callable[..., tuple[str, float | None]], *items: Item) -> tuple[str, float | None, bool]:
    """Judge by each number of people that can have given some items: what becomes of a sentence, its p, is it settled.

    True where each says so, with the largest p; untrue where none does. There are too many to try them all: what is
    true of the ends isn't proved of those between, and can't be told.
    """
    each = [item.counts for item in items]
    if not all(each) or math.prod(map(len, each)) > TRIES:
        return UNKNOWN, None, False
    found = [judge(*(number for n, item in zip(counts, items, strict=True) for number in (n, item.base)))
             for counts in itertools.product(*each)]  # fmt: skip
    settled, states = len(found) == 1, {state for state, _ in found}
    if states <= set(TRUE) or not states & set(TRUE):
        state = max(states, key=STATES.index) if states <= set(TRUE) else min(states, key=STATES.index)
        return state, max((p for _, p in found if p is not None), default=None), settled
    return UNKNOWN, None, False


# --- families --------------------------------------------------------------------------------


class Family(dict[str, Outcome]):
    """The sentences of one story, each an `Outcome` under its name: `story.first` or `story["first"]`."""

    def __getattr__(self, name: str) -> Outcome:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f'no sentence "{name}" in this family; it has {", ".join(self) or "none"}') from None


def family(**outcomes: Outcome) -> Family:
    """Put the sentences of one story together: beyond chance then means after Holm's correction (1979).

    The correction is for every member that has a p, whatever its kind. One that held beyond
    chance by itself and doesn't any more becomes `BY_CHANCE`. Raises ValueError for a name
    that a mapping needs itself, such as `items`.
    """
    taken = sorted(set(outcomes) & set(dir(dict)))
    if taken:
        raise ValueError(f"a sentence can't be called {', '.join(taken)}: a family has its own; choose another name")
    corrected = comparisons.holm([math.nan if o.p is None else o.p for o in outcomes.values()])
    tested = int(np.count_nonzero(~np.isnan(corrected)))
    members = Family()
    for (name, outcome), p in zip(outcomes.items(), corrected, strict=True):
        outcome = replace(outcome, sentence=name)
        if not math.isnan(p):
            chance = outcome.state == HOLDS and p >= LEVEL
            checks = outcome.checks
            if tested > 1 and outcome.p_holm is None:
                checks = text("guard_family", checks=checks, number=tested)
            outcome = replace(outcome, state=BY_CHANCE if chance else outcome.state, p_holm=float(p), checks=checks)
        members[name] = outcome
    return members


# --- one share -------------------------------------------------------------------------------


def majority(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """More than half; beyond chance when the Wilson interval lies above half (Pew Research Center 2018)."""
    return amount(responses, questions, item, "majority")


def minority(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Less than half; beyond chance when the Wilson interval lies below half."""
    return amount(responses, questions, item, "minority")


def undecided(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Whether it is more than half can't be told: half lies within the Wilson interval.

    That is where the score test of half (`comparisons.one_share`) has a p of at least 0.05. It
    shows nothing beyond chance, so it has no p of its own.
    """
    found, name = _item(responses, questions, item), f"undecided {item}"
    checks = text("guard_undecided", item=found.label)
    if found.base < FEWEST:
        return Outcome(name, UNKNOWN, (found.value(),), None, checks=checks)
    state, _, settled = _over(lambda n, base: (_state(comparisons.one_share(n, base, 0.5) >= LEVEL, True), None), found)
    within, now = math.floor(stats.norm.isf(LEVEL / 2) * math.sqrt(found.base)), state in TRUE
    distance = distances.one_share(found.n, found.base, (found.base - within + 1) // 2, (found.base + within) // 2)
    value = found.value()
    told = Outcome(name, state, (value,), distance if settled else None, checks=checks)
    return _seen(
        told, lambda _: value.low is not None and value.high is not None and now == (value.low < 0.5 < value.high)
    )


def most(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Most people: at least as many as `quantities.csv` says, for readers expect more than just over half."""
    return amount(responses, questions, item, "most")


def few(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """Few people, as bounded in `quantities.csv`."""
    return amount(responses, questions, item, "few")


def amount(responses: pd.DataFrame, questions: Questionnaire, item: str, quantity: str) -> Outcome:
    """Whether a share is what a word of `data/narrative/quantities.csv` says; p and chance as in `quantified`."""
    limits = quantities.bounds(quantity)
    found = _item(responses, questions, item)
    name, checks = f"{quantity} {item}", _amount_in_words(limits, found.label)
    if found.base < FEWEST:
        return Outcome(name, UNKNOWN, (found.value(),), None, checks=checks)
    state, p, settled = _over(lambda n, base: quantified(n, base, quantity), found)
    distance = distances.one_share(found.n, found.base, *quantities.people(quantity, found.base)) if settled else None
    told, now = Outcome(name, state, (found.value(),), distance, p, checks), state in TRUE
    ends = _ends(limits)
    # equal to a bound is neither: what is shown may be up to half a step off
    return _seen(
        told, lambda share: share not in dict(ends) and now == all(way * (share - end) > 0 for end, way in ends)
    )


def quantified(n: int, base: int, quantity: str) -> tuple[str, float]:
    """What becomes of a sentence that `n` people of `base` are what a word says, and its p: 1 where they aren't.

    Beyond chance when the whole Wilson interval lies within the word's bounds, and untrue beyond chance when all of it
    lies outside. p is that of the score test of the bound (`comparisons.one_share`), which says the same.
    """
    low, high = quantities.people(quantity, base)
    tested = [(comparisons.one_share(n, base, end), way * (n - end * base) > 0)
              for end, way in _ends(quantities.bounds(quantity))]  # fmt: skip
    if low <= n <= high:
        p = max(chance for chance, _ in tested)
        return _state(True, p < LEVEL), p
    return _state(False, any(chance < LEVEL for chance, inside in tested if not inside)), 1.0


def _ends(limits: dict[str, str]) -> list[tuple[float, int]]:
    """Bounds as shares, each with the way in which a share must lie of it: 1 above, -1 below."""
    return [(float(percent) / 100, -1 if key == "below" else 1) for key, percent in limits.items()]


def _amount_in_words(limits: dict[str, str], label: Text) -> Text:
    """Say what share a word of `quantities.csv` asks for."""
    said = Text({
        language: voice(language).listing(
            voice(language).say(f"guard_{key}", bound=voice(language).numerals(bound)) for key, bound in limits.items())
        for language in LANGUAGES
    })  # fmt: skip
    return text("guard_amount", item=label, bounds=said)


# --- several answers of the same people ------------------------------------------------------


def leads(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Outcome:
    """An answer was given most often: more than every other that was offered. Of `q10=a|b`, each of both is.

    Beyond chance when McNemar's exact test against each rival is significant: no correction
    is needed for finding out the winner (Hung and Fithian 2019, Annals of Statistics 47). p is the
    largest of them.
    """
    question, answers, _ = questions.item(item)
    column, _, _ = item.partition("=")
    given = [_item(responses, questions, f"{column}={a.code}") for a in question.options]
    lead = [a.code in answers.split("|") for a in question.options]
    if all(lead):
        raise ValueError(f"leads {item} names all answers, so there is none to exceed")
    pairs = [(one, other) for one in range(len(given)) for other in range(len(given)) if lead[one] > lead[other]]
    found = [_exceeds(given[one], given[other]) for one, other in pairs]
    leaders, others = ([item for item, first in zip(given, lead, strict=True) if first == way] for way in (True, False))
    last, nearest = min(leaders, key=_seen_size), max(others, key=_seen_size)
    checks = text("guard_leads", items=_listed([leader.label for leader in leaders]))
    alone = [question.kind != "multiple" or a.exclusive for a in question.options]
    return _all(f"leads {item}", found, (last.value(), nearest.value()), checks, lambda: _ranked(given, pairs, alone))


def _seen_size(item: Item) -> float:
    """How many gave an item, to rank by; of a confidential wave what is shown of it, for a rank is told too."""
    return item.n if item.shown is None else item.shown.number if item.shown.known and item.shown.number else -1.0


def order(responses: pd.DataFrame, questions: Questionnaire, *items: str) -> Outcome:
    """Each item was given more often than the next, by the same people; tested as in `leads`.

    Raises ValueError where two items of a question have an answer in common.
    """
    asked = [questions.item(item) for item in items]
    named = [(question.code, statement, code) for question, codes, statement in asked for code in codes.split("|")]
    if len(set(named)) < len(named):
        raise ValueError(f"order {', '.join(items)} names an answer twice; each may stand in one item only")
    found = [_item(responses, questions, item) for item in items]
    pairs = list(itertools.pairwise(range(len(items))))
    steps = [_exceeds(found[one], found[other]) for one, other in pairs]
    checks = text("guard_order", items=_listed([item.label for item in found]))
    alone = [question.kind != "multiple" or all(question[code].exclusive for code in codes.split("|"))
             for question, codes, _ in asked]  # fmt: skip
    together = len({(question.code, statement) for question, _, statement in asked}) == 1
    return _all(f"order {', '.join(items)}", steps, tuple(item.value() for item in found), checks,
                (lambda: _ranked(found, pairs, alone)) if together else None)  # fmt: skip


def _ranked(items: list[Item], pairs: list[tuple[int, int]], alone: list[bool]) -> tuple[int | None, bool]:
    """How many people turn a sentence about items of one question: `distances.ranked`."""
    gave = np.column_stack([item.gave for item in items])[items[0].answered]
    return distances.ranked(gave, pairs, np.array(alone))


def _exceeds(one: Item, other: Item) -> Outcome:
    """Whether one item was given more often than another, of those who answered both: `comparisons.paired`.

    On an invented wave nobody knows who gave both, so the overlap that speaks most against the
    sentence is taken.
    """
    both = one.answered & other.answered
    a, b = one.gave & both, other.gave & both
    base, x, y, overlap = (int(np.count_nonzero(people)) for people in (both, a, b, a & b))
    values: tuple[Value, ...] = (one.value(), other.value())
    if base < FEWEST:
        return Outcome("", UNKNOWN, values, None)
    if one.question.provenance is not None and (len(one.counts), len(other.counts)) != (1, 1):
        return _exceeds_in_print(one, other, base)
    exclusive = one.column != "" and one.column == other.column
    overlaps = one.question.provenance is None or exclusive
    if other.shown is not None and other.shown.absent == "few" and x > y:  # as many as the word allows
        y, overlap, overlaps = min(other.shown.bound or 0, base), 0, False
        values = values[:1]
    p = comparisons.paired(x, y, base, overlap if overlaps else None)
    # one person who changes can take an answer from one side and give the other: a step of two
    distance = math.ceil((x - y) / 2) if x > y else (y - x) // 2 + 1
    told = Outcome("", _state(x > y, p < LEVEL), values, distance, p if x > y else 1.0)
    return _seen(told, lambda first, second=0.0: (x > y) == (first > second) and first != second)


def _exceeds_in_print(one: Item, other: Item, base: int) -> Outcome:
    """Whether one item was given more often than another in every set of people that agrees with print, or in none.

    The more gave the one and the fewer the other, the smaller is p, whatever the overlap; so p at the ends is the
    largest.
    """
    values = (one.value(), other.value())
    if not (one.counts and other.counts):
        return Outcome("", UNKNOWN, values, None)
    lead = ranges.lead_range(ranges.premises_of(_of(one.question)), one.asked, other.asked)
    if lead.least <= 0 < lead.most:
        return Outcome("", UNKNOWN, values, None)
    way = lead.least > 0
    x, y = (one.counts[0], other.counts[-1]) if way else (one.counts[-1], other.counts[0])
    p = comparisons.paired(x, y, base, None) if (x > y) == way else 1.0
    return Outcome("", _state(way, p < LEVEL), values, None, p if way else 1.0)


def every(*outcomes: Outcome) -> Outcome:
    """A sentence that says several things: as true as the least true of them, and p the largest of theirs.

    A union of hypotheses is rejected when each of them is (Berger 1982, *Technometrics* 24). What turns all that is
    untrue of it may turn something else, so its distance is then a lower bound.
    """
    values = tuple(dict.fromkeys(value for outcome in outcomes for value in outcome.values))
    checks = Text({language: "; ".join(outcome.checks[language] for outcome in outcomes) for language in LANGUAGES})
    return _all("; ".join(outcome.condition for outcome in outcomes), list(outcomes), values, checks)


def _all(
    condition: str, found: list[Outcome], values: tuple[Value, ...], checks: Text,
    turned: Callable[[], tuple[int | None, bool]] | None = None,
) -> Outcome:  # fmt: skip
    """As true as the least true of several; `turned` gives how many people make all true, and whether at least."""
    state = max((o.state for o in found), key=STATES.index)
    if state == UNKNOWN:
        return Outcome(condition, state, values, None, None, checks)
    p = max((o.p for o in found if o.p is not None), default=None)
    told = [o.distance for o in found if o.distance is not None and (state in TRUE or o.state not in TRUE)]
    distance, at_least = min(told, default=None), False
    if state not in TRUE:
        if None in [o.distance for o in found if o.state not in TRUE]:
            distance = None
        elif len(found) == 1:
            distance, at_least = found[0].distance, found[0].at_least
        else:
            distance, at_least = turned() if turned else (max(told), True)
    return Outcome(condition, state, values, distance, p, checks, at_least=at_least)


# --- groups ----------------------------------------------------------------------------------


def differs(responses: pd.DataFrame, questions: Questionnaire, item: str, more: str, less: str) -> Outcome:
    """Higher in one group than in another: a share, or the mean of a number.

    Beyond chance when p is under 0.05 and the interval of the difference lies above 0:
    `comparisons.two_shares` for shares, `two_means` for means.
    """
    inside = _groups(responses, questions, more, less)
    name = f"differs {item}: {more} > {less}"
    labels = [_group_label(group, questions) for group in (more, less)]
    if "=" not in item:
        return _means_differ(responses, questions, item, inside, name, labels)
    whole = _item(responses, questions, item)
    a, b = (whole.among(people, _shown(responses, questions, item, group), group)
            for people, group in zip(inside, (more, less), strict=True))  # fmt: skip
    checks = text("guard_differs", item=whole.label, more=labels[0], less=labels[1])
    return _higher(a, b, (a.value(labels[0]), b.value(labels[1])), name, checks)


def _higher(a: Item, b: Item, values: tuple[Value, ...], name: str, checks: Text) -> Outcome:
    """Whether the first share is higher than the second, of separate people."""
    counts = (a.n, a.base, b.n, b.base)
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, values, None, checks=checks)
    state, p, settled = _over(higher, a, b)
    distance = distances.two_shares(*counts, distances.higher(a.base, b.base)) if settled else None
    told, now = Outcome(name, state, values, distance, p, checks), state in TRUE
    return _seen(told, lambda first, second: first != second and now == (first > second))


def higher(n1: int, base1: int, n2: int, base2: int) -> tuple[str, float]:
    """What becomes of a sentence that the first share is higher, and its p: 1 where it isn't."""
    now, tested = n1 * base2 > n2 * base1, comparisons.two_shares(n1, base1, n2, base2)
    apart = tested.low > 0 if now else tested.high < 0
    return _state(now, tested.p < LEVEL and apart), tested.p if now else 1.0


def highest(responses: pd.DataFrame, questions: Questionnaire, item: str, group: str, others: str = "") -> Outcome:
    """A share is higher in one group than in every other: `others` as `a|c`, by default all of that question.

    Beyond chance when it differs from each, without a correction, as in `leads`. A group of too
    few people to tell leaves the sentence untold only where its own share is higher.
    """
    ((code, (answer,)),) = Condition.parse(group, questions).clauses
    question = questions[code]
    rivals = question.codes(others).split("|") if others else [a.code for a in question.options if a.code != answer]
    found = [differs(responses, questions, item, group, f"{code}={rival}") for rival in rivals]
    told = [o for o in found if o.state != UNKNOWN or _height(o.values[1]) > _height(o.values[0])
            or any(value.release == "hidden" for value in o.values)]  # fmt: skip
    nearest = max(
        told or found, key=lambda o: (o.state == UNKNOWN and o.values[1].release == "hidden", _height(o.values[1]))
    )
    against = _listed([_group_label(f"{code}={rival}", questions) for rival in rivals])
    whole = _item(responses, questions, item)
    checks = text("guard_highest", item=whole.label, more=_group_label(group, questions), others=against)

    def turned() -> tuple[int, bool]:
        groups = [group, *(f"{code}={rival}" for rival, o in zip(rivals, found, strict=True) if o in told)]
        own, *others = (whole.among(_members(responses, questions, one)) for one in groups)
        return distances.highest(own.n, own.base, [(other.n, other.base) for other in others]), False

    return _all(f"highest {item}: {group}", told or found, nearest.values, checks, turned)


def _height(value: Value) -> float:
    """A share to rank by; of nobody none, which is neither higher nor lower."""
    return float(value) if value.known else math.nan


def alike(responses: pd.DataFrame, questions: Questionnaire, item: str, one: str, other: str, margin: float) -> Outcome:
    """Shares in two groups differ by no more than a margin that was chosen beforehand, between 0 and 1.

    Beyond chance when the 90% interval of the difference lies within the margin: two
    one-sided tests (Schuirmann 1987). A difference that isn't shown is not enough. Untrue beyond
    chance when all of that interval lies beyond the margin.
    """
    a, b, values, labels = _two(responses, questions, item, one, other)
    name = f"alike {item}: {one}, {other} within {margin}"
    points = Text({language: voice(language).numerals(f"{100 * margin:.10g}") for language in LANGUAGES})
    checks = text("guard_alike", item=a.label, one=labels[0], other=labels[1], margin=points)
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, values, None, checks=checks)
    within = distances.within(a.base, b.base, margin)

    def judge(n1: int, base1: int, n2: int, base2: int) -> tuple[str, float]:
        low, high = within(np.array([n1 + n2]))
        now, counts = bool(low[0] <= n1 <= high[0]), (n1, base1, n2, base2)
        p = comparisons.equivalent(*counts, margin) if now else 1.0
        tested = comparisons.two_shares(*counts, 1 - 2 * LEVEL)
        return _state(now, p < LEVEL if now else max(tested.low, -tested.high) > margin), p

    state, p, settled = _over(judge, a, b)
    distance, now = distances.two_shares(a.n, a.base, b.n, b.base, within) if settled else None, state in TRUE
    told = Outcome(name, state, values, distance, p, checks)
    return _seen(told, lambda first, second: now == (abs(first - second) <= margin))


def apart(responses: pd.DataFrame, questions: Questionnaire, item: str, more: str, less: str, margin: float) -> Outcome:
    """A share is higher in one group than in another by a margin, chosen beforehand and between 0 and 1, at least.

    Beyond chance when the 95% interval of the difference lies above the margin (`comparisons.beyond`), untrue beyond
    chance when it lies below.
    """
    a, b, values, labels = _two(responses, questions, item, more, less)
    points = Text({language: voice(language).numerals(f"{100 * margin:.10g}") for language in LANGUAGES})
    name, checks = f"apart {item}: {more} > {less} by {margin}", text(
        "guard_apart", item=a.label, more=labels[0], less=labels[1], margin=points)  # fmt: skip
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, values, None, checks=checks)
    far = distances.apart(a.base, b.base, margin)

    def judge(n1: int, base1: int, n2: int, base2: int) -> tuple[str, float]:
        now, p = n1 >= far(np.array([n1 + n2]))[0][0], comparisons.beyond(n1, base1, n2, base2, margin)
        sure = p < LEVEL if now else comparisons.two_shares(n1, base1, n2, base2).high < margin
        return _state(bool(now), sure), p if now else 1.0

    state, p, settled = _over(judge, a, b)
    distance, now = distances.two_shares(a.n, a.base, b.n, b.base, far) if settled else None, state in TRUE
    told = Outcome(name, state, values, distance, p, checks)
    return _seen(told, lambda first, second: first - second != margin and now == (first - second > margin))


def falls(responses: pd.DataFrame, questions: Questionnaire, item: str, *groups: str) -> Outcome:
    """A share falls from each group to the next, in the order given; to say that it rises, turn the order round.

    Beyond chance when the trend over the groups is (`comparisons.trend`); untrue beyond chance when a share is higher
    in a group than in the one before, and that is (`higher`).
    """
    whole = _item(responses, questions, item)
    inside = [_members(responses, questions, group) for group in groups]
    if len(groups) < 2 or np.sum(inside, axis=0).max() > 1:
        raise ValueError(f"falls {item}: {', '.join(groups)} aren't two or more groups without people in common")
    items = [whole.among(people, _shown(responses, questions, item, group), group)
             for people, group in zip(inside, groups, strict=True)]  # fmt: skip
    labels = [_group_label(group, questions) for group in groups]
    values = tuple(one.value(label) for one, label in zip(items, labels, strict=True))
    name, checks = f"falls {item}: {', '.join(groups)}", text("guard_falls", item=whole.label, groups=_listed(labels))
    if min(one.base for one in items) < FEWEST:
        return Outcome(name, UNKNOWN, values, None, checks=checks)

    def judge(*counts: int) -> tuple[str, float]:
        pairs = list(itertools.pairwise(zip(counts[::2], counts[1::2], strict=True)))
        if all(n1 * base2 > n2 * base1 for (n1, base1), (n2, base2) in pairs):
            p = comparisons.trend(counts[::2], counts[1::2])
            return _state(True, p < LEVEL), p
        back = [higher(*two, *one) for one, two in pairs]
        return _state(False, any(state == HOLDS for state, _ in back)), 1.0

    state, p, settled = _over(judge, *items)
    distance, now = None, state in TRUE
    if settled:
        pairs = [(a.n, a.base, b.n, b.base) for a, b in itertools.pairwise(items)]
        turns = [distances.two_shares(*four, distances.higher(four[1], four[3]))
                 for four in pairs if (four[0] * four[3] > four[2] * four[1]) == now]  # fmt: skip
        distance = (min if now else max)((turn for turn in turns if turn is not None), default=None)
    told = Outcome(name, state, values, distance, p, checks, at_least=not now and distance is not None)
    return _seen(told, lambda *shares: now == all(one > two for one, two in itertools.pairwise(shares)))


def rests_on_few(
    responses: pd.DataFrame, questions: Questionnaire, item: str, group: str = "", most: int = 50
) -> Outcome:
    """What is said of an item, in all or in a group, rests on no more than so many answers; no chance is in that."""
    found = _item(responses, questions, item)
    if group:
        members = _members(responses, questions, group)
        found = found.among(members, _shown(responses, questions, item, group), group)
    value, name = found.value().base, f"rests on few {item}: {group} up to {most}"
    checks = text("guard_rests_on_few", item=found.label, n=most)
    if not value.known:
        return Outcome(name, UNKNOWN, (value,), None, checks=checks)
    return Outcome(name, HOLDS if value <= most else CONTRADICTED, (value,), None, checks=checks)


def not_shown(responses: pd.DataFrame, questions: Questionnaire, item: str, one: str, other: str) -> Outcome:
    """No difference between two groups is shown: p of `comparisons.two_shares` isn't significant.

    Says nothing of likeness, shows nothing beyond chance, and so has no p for a family.
    """
    a, b, values, labels = _two(responses, questions, item, one, other)
    name = f"not shown {item}: {one}, {other}"
    checks = text("guard_not_shown", item=a.label, one=labels[0], other=labels[1])
    if min(a.base, b.base) < FEWEST:
        return Outcome(name, UNKNOWN, values, None, checks=checks)
    state, _, settled = _over(lambda *counts: (unshown(*counts), None), a, b)
    apart = functools.partial(comparisons.not_told_apart, base1=a.base, base2=b.base)
    distance = distances.two_shares(a.n, a.base, b.n, b.base, apart) if settled else None
    return _seen(Outcome(name, state, values, distance, checks=checks), lambda first, second: True)


def unshown(n1: int, base1: int, n2: int, base2: int) -> str:
    """What becomes of a sentence that two shares aren't shown to differ."""
    return _state(not comparisons.two_shares(n1, base1, n2, base2).p < LEVEL, True)


def changed(
    responses: pd.DataFrame, before: pd.DataFrame, questions: Questionnaire, item: str, fell: bool = False
) -> Outcome:
    """A share rose since an earlier wave, or fell; tested as in `differs`, as if nobody took part in both."""
    a, b = _item(responses, questions, item), _item(before, questions, item)
    way = "fell" if fell else "rose"
    first, second = (b, a) if fell else (a, b)
    return _higher(first, second, (a.value(), b.value()), f"{way} {item}", text(f"guard_{way}", item=a.label))


def _means_differ(
    responses: pd.DataFrame,
    questions: Questionnaire,
    code: str,
    inside: list[np.ndarray],
    name: str,
    labels: list[Text],
) -> Outcome:
    """Welch's test of two means of whole numbers. A changed answer may be any number that the question allows."""
    question = questions[code]
    numbers = responses[question.code].to_numpy(float, na_value=np.nan)
    a, b = (numbers[people & ~np.isnan(numbers)] for people in inside)
    values = tuple(
        Value("mean", float(x.mean()) if len(x) else None, question.name, of=len(x), label=label, absent="nobody")
        for label, x in zip(labels, (a, b), strict=True)
    )
    if question.provenance is not None or gate.opened(responses, [question.code, question.status_column]) is not None:
        shown = (estimates.means(responses[people], question).value for people in inside)
        values = tuple(replace(mean, label=label) for label, mean in zip(labels, shown, strict=True))
    checks = text("guard_differs_mean", item=question.labels, more=labels[0], less=labels[1])
    tested = comparisons.two_means(a, b)
    if min(len(a), len(b)) < FEWEST or math.isnan(tested.p) or question.provenance is not None:
        return Outcome(name, UNKNOWN, values, None, checks=checks)
    whole = [x.astype(np.int64) for x in (a, b)]
    ahead = int(whole[0].sum()) * len(b) - int(whole[1].sum()) * len(a)
    state = _state(ahead > 0, tested.p < LEVEL)
    distance = distances.two_means(whole[0], whole[1], ahead, question)
    told = Outcome(name, state, values, distance, tested.p if ahead > 0 else 1.0, checks)
    return _seen(told, lambda first, second: first != second and (ahead > 0) == (first > second))


def _two(
    responses: pd.DataFrame, questions: Questionnaire, item: str, one: str, other: str
) -> tuple[Item, Item, tuple[Value, ...], list[Text]]:
    """One item in two groups: of the first, of the second, their values and labels."""
    whole = _item(responses, questions, item)
    a, b = (whole.among(people, _shown(responses, questions, item, group), group)
            for people, group in zip(_groups(responses, questions, one, other), (one, other), strict=True))  # fmt: skip
    labels = [_group_label(group, questions) for group in (one, other)]
    return a, b, (a.value(labels[0]), b.value(labels[1])), labels


def _group_label(group: str, questions: Questionnaire) -> Text:
    """The labels of a group's answers: In care now / On a waiting list."""
    clauses = Condition.parse(group, questions).clauses
    labels = [questions[code][value].labels for code, values in clauses for value in values]
    return Text({language: " / ".join(label[language] for label in labels) for language in LANGUAGES})


def _groups(responses: pd.DataFrame, questions: Questionnaire, one: str, other: str) -> list[np.ndarray]:
    """Who is in each of two groups; ValueError when somebody is in both."""
    inside = [_members(responses, questions, group) for group in (one, other)]
    if (inside[0] & inside[1]).any():
        raise ValueError(f"{one} and {other} share people; a difference needs two separate groups")
    return inside


# --- counting, once --------------------------------------------------------------------------

_COUNTED: dict[int, tuple[weakref.ref, dict]] = {}
"""By the identity of living responses, what was counted of them: see `_once`."""
Counted = TypeVar("Counted")
"""What a count gives: who did, how many."""


def _once(responses: pd.DataFrame, key: tuple, columns: list[str], count: Callable[[], Counted]) -> Counted:
    """Give what `count()` gives, counted once as long as these responses live and these columns don't change.

    The columns are kept beside the result. pandas copies a column that somebody else holds before
    it writes to it, so one that was changed since has another place in memory. Columns other
    than categorical ones, which no cleaned wave has here, are counted each time.
    """
    held = [responses[column] for column in columns]
    if not all(isinstance(column.dtype, pd.CategoricalDtype) for column in held):
        return count()
    if id(responses) not in _COUNTED:
        gone = functools.partial(lambda identity, _: _COUNTED.pop(identity, None), id(responses))
        _COUNTED[id(responses)] = (weakref.ref(responses, gone), {})
    _, counted = _COUNTED[id(responses)]
    if key not in counted or not all(map(_same, counted[key][0], held)):
        counted[key] = (held, count())
    return counted[key][1]


def _same(one: pd.Series, other: pd.Series) -> bool:
    """Whether two categorical columns are one and the same in memory, by the same categories."""
    places = [column.array.codes.__array_interface__["data"] for column in (one, other)]
    return places[0] == places[1] and one.cat.categories.equals(other.cat.categories) and len(one) == len(other)


def _item(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Item:
    """Count an item; of several joined by ` & ` who gave all of them, of those who answered all."""
    if "&" in item:
        return _together(responses, questions, item)
    question, answers, statement = questions.item(item)
    codes = answers.split("|")
    columns = [question.column(c) for c in codes] if question.kind == "multiple" else [question.column(statement)]

    def count() -> tuple[np.ndarray, np.ndarray, int, int]:
        told = given(responses, question, answers, statement)
        answered, gave = told.notna().to_numpy(), told.fillna(False).to_numpy(bool)
        return answered, gave, int(np.count_nonzero(gave)), int(np.count_nonzero(answered))

    column = "" if question.kind == "multiple" else question.column(statement)
    counted = _once(responses, (question.kind, tuple(columns), answers), columns, count)
    return Item(
        label_of(question, answers, statement), question, column, *counted, _shown(responses, questions, item), item
    )


def _together(responses: pd.DataFrame, questions: Questionnaire, item: str) -> Item:
    parts = [_item(responses, questions, part.strip()) for part in item.split("&")]
    answered = np.logical_and.reduce([part.answered for part in parts])
    gave = answered & np.logical_and.reduce([part.gave for part in parts])
    label = Text({x: voice(x).listing(f"‘{part.label[x]}’" for part in parts) for x in LANGUAGES})
    question, shown = parts[0].question, None
    if question.provenance is not None or gate.opened(responses, ()) is not None:
        shown = bounds.bounds(responses, questions, item)
        shown = shown if shown.known or shown.release else replace(shown, release="hidden", absent="unpublished")
    return Item(label, question, "", answered, gave, int(gave.sum()), int(answered.sum()), shown, item)


def _shown(responses: pd.DataFrame, questions: Questionnaire, item: str, group: str = "") -> Value | None:
    """Give what is known of an item of invented people, or may be shown of one of a confidential wave; else None."""
    question, answers, statement = questions.item(item)
    if question.provenance is None and gate.opened(responses, ()) is None:
        return None
    if not group:
        return estimates.share(responses, question, answers, statement).value
    condition = Condition.parse(group, questions)
    if len(condition.clauses) > 1:
        absent, origin = (gate.WITHHELD, "") if question.provenance is None else ("unpublished", "unpublished")
        return Value("share", None, "share", release="hidden", absent=absent, origin=origin)
    ((code, of),), by = condition.clauses, questions[condition.clauses[0][0]]
    if len(of) == 1 and by.kind == "single":
        return estimates.share(responses, question, answers, statement, by)[of[0]]
    people = responses[condition.holds(responses, questions)]  # several groups are a grouping of their own
    counted = estimates.share(people, question, answers, statement, inside=True).frame
    counted = counted.assign(by=code, group="|".join(of))
    shown = gate.let_out(known.keep(counted, question, by), question, by, responses)
    return estimates.share_of(shown.iloc[0].to_dict())


def _members(responses: pd.DataFrame, questions: Questionnaire, group: str) -> np.ndarray:
    """Who is in a group."""
    condition = Condition.parse(group, questions)
    kinds = {code: questions[code].kind for code, _ in condition.clauses}
    columns = [questions[code].column(v) if kinds[code] == "multiple" else code
               for code, values in condition.clauses for v in values]  # fmt: skip
    return _once(responses, (str(condition), *kinds.values()), columns,
                 lambda: condition.holds(responses, questions).to_numpy(bool))  # fmt: skip


def _of(question: Question) -> Questionnaire:
    """The questionnaire that a question is of; ValueError for one that is of none."""
    if question.questionnaire is None:
        raise ValueError(f"{question.code} is of no questionnaire, so print can't be asked about it")
    return question.questionnaire


def _listed(labels: list[Text]) -> Text:
    """Labels between quotation marks, as one list."""
    return Text({
        language: voice(language).listing(f"‘{label[language]}’" for label in labels) for language in LANGUAGES
    })  # fmt: skip


def _state(true: bool, sure: bool) -> str:
    """What becomes of a sentence that is true of these people or isn't, beyond chance or not."""
    if true:
        return HOLDS if sure else BY_CHANCE
    return CONTRADICTED if sure else NOT_HERE
