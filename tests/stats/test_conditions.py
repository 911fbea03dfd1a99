"""Conditions of sentences about a shape, a size, a base and answers of the same people."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import analysis
from analysis.stats import bounds, comparisons, guards
from analysis.stats.estimates import share
from analysis.stats.guards import BY_CHANCE, CONTRADICTED, HOLDS, NOT_HERE, UNKNOWN
from analysis.survey.questionnaire import Answer, Condition, Question, Questionnaire

WAVE = "2025-reference"


def survey(**groups):
    """People in groups `a`, `b`, …, of whom so many of so many said yes to `said`."""
    rows = [(group, "y" if i < n else "n") for group, (n, base) in groups.items() for i in range(base)]
    data = pd.DataFrame(rows, columns=["group", "said"]).astype("category")
    answers = (Answer("y", "Yes"), Answer("n", "No"))
    said = Question("said", "1", "single", "Said", Condition(), answers=answers)
    group = Question("group", "2", "single", "Group", Condition(), answers=tuple(Answer(g, g) for g in groups))
    return data, Questionnaire("nl", (said, group))


def test_a_trend_is_that_of_places_and_answers():
    for counts, bases in [((30, 25, 10), (50, 50, 50)), ((12, 40, 7, 3), (40, 90, 30, 41)), ((5, 6, 9), (30, 31, 33))]:
        place = np.repeat(np.arange(len(bases)), bases)
        said = np.concatenate([np.arange(base) < n for n, base in zip(counts, bases, strict=True)])
        by_hand = stats.chi2.sf((len(said) - 1) * np.corrcoef(place, said)[0, 1] ** 2, 1)
        assert comparisons.trend(counts, bases) == pytest.approx(by_hand, rel=1e-9)
    assert np.isnan(comparisons.trend([0, 0], [5, 5]))


def test_a_difference_beyond_a_margin_is_one_whose_interval_lies_beyond():
    for n1, n2, margin in itertools.product(range(0, 61, 4), range(0, 61, 5), (0.0, 0.1, 0.25)):
        p, tested = comparisons.beyond(n1, 60, n2, 60, margin), comparisons.two_shares(n1, 60, n2, 60)
        assert (p < 0.05) == (tested.low > margin), (n1, n2, margin)
        if 0.001 < p < 0.999:
            assert comparisons.two_shares(n1, 60, n2, 60, 1 - p).low == pytest.approx(margin, abs=1e-6)


@pytest.mark.parametrize(
    ("more", "less", "state"),
    [((90, 100), (20, 100), HOLDS), ((50, 100), (30, 100), BY_CHANCE), ((32, 100), (20, 100), NOT_HERE),
     ((20, 100), (50, 100), CONTRADICTED), ((20, 29), (5, 100), UNKNOWN)],
)  # fmt: skip
def test_a_share_is_higher_by_a_margin(more, less, state):
    found = guards.apart(*survey(a=more, b=less), "said=y", "group=a", "group=b", 0.2)
    assert found.state == state


@pytest.mark.parametrize(
    ("groups", "state"),
    [({"a": (40, 50), "b": (25, 50), "c": (10, 50)}, HOLDS), ({"a": (26, 50), "b": (25, 50), "c": (24, 50)}, BY_CHANCE),
     ({"a": (26, 50), "b": (28, 50), "c": (10, 50)}, NOT_HERE),
     ({"a": (5, 50), "b": (40, 50), "c": (1, 50)}, CONTRADICTED),
     ({"a": (40, 50), "b": (25, 50), "c": (10, 29)}, UNKNOWN)],
)  # fmt: skip
def test_a_share_falls_over_an_order_of_groups(groups, state):
    """Under 30 at 12% and 30 to 44 at 94% isn't *the younger the more*, though the mean age is lower."""
    found = guards.falls(*survey(**groups), "said=y", "group=a", "group=b", "group=c")
    assert found.state == state
    turned = guards.falls(*survey(**groups), "said=y", "group=c", "group=b", "group=a")
    assert turned.state != HOLDS


def test_the_groups_of_an_order_have_nobody_in_common():
    with pytest.raises(ValueError, match="two or more groups without people in common"):
        guards.falls(*survey(a=(1, 50), b=(2, 50)), "said=y", "group=a|b", "group=b")


def test_what_rests_on_few_answers_says_so_without_any_chance():
    data, questions = survey(a=(20, 40), b=(100, 400))
    assert guards.rests_on_few(data, questions, "said=y", "group=a").state == HOLDS
    assert guards.rests_on_few(data, questions, "said=y", "group=b").state == CONTRADICTED
    assert guards.rests_on_few(data, questions, "said=y", "group=a", most=39).state == CONTRADICTED
    assert guards.rests_on_few(data, questions, "said=y").values[0].number == 440


def test_together_is_of_the_same_people():
    data, questions = survey(a=(30, 40), b=(10, 60))
    both = guards.majority(data, questions, "said=y & group=a")
    assert (both.values[0].n, both.values[0].of, both.state) == (30, 100, CONTRADICTED)


def test_together_is_asked_of_print_where_people_are_invented():
    """Of 272 helped and 168 who hesitate, of 294, at least 146 are both."""
    responses, questions = analysis.load(WAVE), analysis.questions(WAVE)
    both = "q09=a|c & q14_2=1|2"
    assert guards.amount(responses, questions, both, "not_rare").state == HOLDS
    assert guards.majority(responses, questions, both).state == UNKNOWN
    assert guards.few(responses, questions, both).state == CONTRADICTED
    assert bounds.bounds(responses, questions, both).least == pytest.approx(146 / 294)


def test_together_of_a_real_wave_is_what_people_did():
    responses = analysis.load("practice-1")
    questions = analysis.questions("practice-1")
    found = guards.amount(responses, questions, "q03=a & q24=b", "not_rare")
    women = share(responses[responses["q24"].eq("b")], questions["q03"], "a", inside=True).frame.iloc[0]
    assert found.values[0].n == women["n"]
