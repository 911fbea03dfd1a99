"""Sentences about invented people are asked of print: true of every set of people that agrees with it, or of none."""

import numpy as np
import pytest

import analysis
from analysis.stats import comparisons, guards, quantities
from analysis.stats.guards import BY_CHANCE, CONTRADICTED, HOLDS, NOT_HERE, UNKNOWN
from analysis.survey.questionnaire import TICKED, UNTICKED

WAVE = "2025-reference"
CARE_BOTS = "q04=i|j|k|l|m|n|o|p|s"
SENTENCES = {  # what a chapter asks, and what can be worked out on paper from the printed numbers
    "women": (lambda r, q: guards.majority(r, q, "q24=b"), HOLDS),
    "know care": (lambda r, q: guards.amount(r, q, "q02=a|c", "nearly_all"), BY_CHANCE),  # 710 of 771
    "not the rule": (lambda r, q: guards.minority(r, q, "q03=a"), HOLDS),
    "care more": (lambda r, q: guards.differs(r, q, "user=yes", "q02=a|b", "care=neither"), HOLDS),
    "waiting highest": (lambda r, q: guards.highest(r, q, "user=yes", "care=waiting"), BY_CHANCE),  # 22 of 41
    "waiting or care": (lambda r, q: guards.not_shown(r, q, "user=yes", "care=waiting", "care=now"), HOLDS),
    "past care less": (
        lambda r, q: guards.differs(r, q, "user=yes", "q02=a", "q02=c"),
        HOLDS,
    ),  # 80 to 100 of 298
    "younger": (lambda r, q: guards.differs(r, q, "q23", "user=no", "user=yes"), UNKNOWN),
    "men or women": (lambda r, q: guards.not_shown(r, q, "user=yes", "q24=a", "q24=b"), UNKNOWN),
    "free first": (lambda r, q: guards.leads(r, q, "q04=b"), UNKNOWN),  # not in the text
    "paid first": (lambda r, q: guards.leads(r, q, "q04=a"), UNKNOWN),  # nor that it isn't
    "few care bots": (lambda r, q: guards.few(r, q, CARE_BOTS), UNKNOWN),
    "always first": (lambda r, q: guards.leads(r, q, "q06=d"), UNKNOWN),  # six reasons aren't in the text
    "always before trust": (lambda r, q: guards.order(r, q, "q06=d", "q06=k"), HOLDS),  # 205 and 49 to 51
    "trust before always": (lambda r, q: guards.order(r, q, "q06=k", "q06=d"), CONTRADICTED),
    "friend before beside": (lambda r, q: guards.order(r, q, "q08=b", "q08=e"), HOLDS),
    "now and then first": (lambda r, q: guards.leads(r, q, "q05=e"), HOLDS),  # all six are known
    "most now and then": (lambda r, q: guards.majority(r, q, "q05=e"), CONTRADICTED),
    "helped first": (lambda r, q: guards.leads(r, q, "q09=a"), HOLDS),
    "most helped": (lambda r, q: guards.most(r, q, "q09=a|c"), HOLDS),
    "neutral first": (lambda r, q: guards.leads(r, q, "q14_1=3"), UNKNOWN),
    "neutral not half": (lambda r, q: guards.minority(r, q, "q14_1=3"), HOLDS),
    "share less undecided": (lambda r, q: guards.undecided(r, q, "q14_5=4|5"), HOLDS),  # 151 of 294
    "beside": (lambda r, q: guards.majority(r, q, "q14_12=1|2"), HOLDS),
    "instead": (lambda r, q: guards.few(r, q, "q14_11=1|2"), BY_CHANCE),  # 24 of 294
    "relies": (lambda r, q: guards.minority(r, q, "q14_7=1|2"), UNKNOWN),  # only a word is printed
    "rather human": (lambda r, q: guards.majority(r, q, "q16=g"), BY_CHANCE),  # 257 of 477
    "could help": (lambda r, q: guards.majority(r, q, "q17=a|c"), NOT_HERE),  # 236 of 477
    "less good no": (lambda r, q: guards.minority(r, q, "q11=a"), HOLDS),
    "less good leads": (lambda r, q: guards.leads(r, q, "q11=a"), UNKNOWN),  # 105, and 167 together
}


@pytest.fixture(scope="module")
def responses():
    return analysis.load(WAVE)


@pytest.fixture(scope="module")
def questions():
    return analysis.questions(WAVE)


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_is_as_print_has_it(responses, questions, name):
    ask, state = SENTENCES[name]
    assert ask(responses, questions).state == state


@pytest.mark.long
def test_no_sentence_depends_on_who_was_invented(responses, questions):
    """Other answers wherever print says nothing, and other people together everywhere."""
    dice, others = np.random.default_rng(5), responses.copy()
    led_by = {code for q in questions for code, _ in q.asked_if.clauses} | {v.source for v in questions.derived}
    for column in (column for q in questions if q.code not in led_by for column in q.columns):
        asked = ~others[column].isin(["not_asked"]).to_numpy()
        others.loc[asked, column] = dice.permutation(others.loc[asked, column].to_numpy())
    for option in "aefgm":
        asked = ~others[f"q06_{option}"].eq("not_asked").to_numpy()
        others.loc[asked, f"q06_{option}"] = dice.choice([TICKED, UNTICKED], int(asked.sum()))
    for name, (ask, _) in SENTENCES.items():
        before, after = ask(responses, questions), ask(others, questions)
        assert (after.state, after.p, after.distance) == (before.state, before.p, before.distance), name
        assert [v.number for v in after.values] == [v.number for v in before.values], name


@pytest.mark.parametrize(
    ("bound", "state"), [("16.5", HOLDS), ("17", UNKNOWN), ("17.4", NOT_HERE), ("30", CONTRADICTED)]
)
def test_a_share_that_may_be_several_counts_is_tried_at_each(responses, questions, monkeypatch, bound, state):
    """17% of 294 is 49, 50 or 51 people: 16.7, 17.0 or 17.3%."""
    word = {"key": "word", "above": "", "at_least": bound, "below": ""}
    monkeypatch.setattr(quantities, "table", lambda: [word])
    found = guards.amount(responses, questions, "q06=k", "word")
    each = [guards.quantified(n, 294, "word") for n in (49, 50, 51)]
    if state == HOLDS:
        assert found.state == max((s for s, _ in each), key=guards.STATES.index)
        assert found.p == max(p for _, p in each)
    else:
        assert found.state == state
    assert found.distance is None


def test_the_ends_of_two_ranges_have_the_largest_p():
    """`_exceeds_in_print` tries one pair of counts: the fewest of the one and the most of the other."""
    for base in (3, 8, 13):
        p = {(x, y): comparisons.paired(x, y, base, None) for x in range(base + 1) for y in range(x)}
        for (x, y), here in p.items():
            assert all(p[x, less] <= here + 1e-12 for less in range(y))
            assert all(p[more, y] <= here + 1e-12 for more in range(x, base + 1))


def test_where_there_is_no_base_nothing_can_be_told(responses, questions):
    assert guards.majority(responses, questions, "q21=a").state == UNKNOWN
    assert guards.order(responses, questions, "q21=a", "q21=b").state == UNKNOWN
