"""Of invented people only what was printed, or follows from it, leaves the estimates; bounds say whether it follows."""

import itertools
import math
from fractions import Fraction

import pandas as pd
import pytest
from conftest import as_if_asked

import analysis
from analysis.stats import comparisons, estimates, known, models
from analysis.stats.premises import premises
from analysis.stats.ranges import NARROW, count_range
from analysis.stats.value import KNOWN, NotKnownError
from analysis.survey.questionnaire import Answer, Condition, Question, Recorded

WAVE = "2025-reference"
LONG = ("user", "helped", "q24", "q25", "age_group")
GROUPINGS = ("care", *(pytest.param(by, marks=pytest.mark.long) for by in ("", *LONG)))
NUMBERS = ["n", "share", "low", "high"]


@pytest.fixture(scope="module")
def responses():
    return analysis.load(WAVE)


@pytest.fixture(scope="module")
def questions():
    return analysis.questions(WAVE)


@pytest.fixture(scope="module")
def given(questions):
    return premises(questions)


CODES = [
    q.code for q in (*as_if_asked(WAVE), *as_if_asked(WAVE).derived) if q.kind in ("single", "multiple", "statements")
]


def grouped(responses, questions, code, by):
    """The shares of a question in all or by groups, what is shown and what was counted inside."""
    question, of = questions[code], questions[by] if by else None
    return [estimates.shares(responses, question, of, inside=inside).frame for inside in (False, True)]


def ranged(given, row):
    """Between what the people of a row lie in every set of people that agrees with print."""
    column = f"{row['question']}_{row['statement']}" if row["statement"] else row["question"]
    return count_range(given, f"{column}={row['answer']}", f"{row['by']}={row['group']}" if row["by"] else "")


SOME = ("q04", "q09", "q17", "helped")
"""One question of each kind, of which some is printed and some isn't."""


# --- all questions by all groupings ----------------------------------------------------------


@pytest.mark.parametrize("by", GROUPINGS)
@pytest.mark.parametrize("code", [pytest.param(code, marks=[] if code in SOME else pytest.mark.long) for code in CODES])
def test_a_number_leaves_the_estimates_only_where_it_is_known(responses, questions, code, by):
    shown, counted = grouped(responses, questions, code, by)
    hidden = shown["release"].eq("hidden")
    assert shown.loc[hidden, NUMBERS].isna().all(axis=None), "a count may be worked out from a bound"
    between = shown.loc[hidden & shown["least"].notna()]
    assert (between["most"] - between["least"]).lt(NARROW).all(), "a wide range isn't given"
    assert shown.loc[hidden, "absent"].isin(["pictured", "unpublished"]).all()
    assert shown.loc[~hidden, "origin"].isin(KNOWN[1:]).all() and shown["release"].ne("").all()
    assert shown.loc[hidden, ["reliability", "reason"]].eq("").all(axis=None)
    where = shown["base"].notna()
    assert shown.loc[where, "base"].tolist() == counted.loc[where, "base"].tolist()
    assert shown.loc[~where, "not_asked"].isna().all() and hidden[~where].all(), "of an unknown base there is no share"
    for row, real in zip(shown[~hidden].to_dict("records"), counted[~hidden].to_dict("records"), strict=True):
        if not pd.isna(row["n"]):
            assert row["n"] == real["n"]
        if row["origin"] == "derived" and row["base"]:
            assert row["share"] == real["n"] / real["base"]
        if row["origin"] == "printed" and not pd.isna(row["n"]):
            parts = 3  # at most so many rounded parts were added
            assert row["share"] == pytest.approx(real["share"], abs=parts / 2 * 10 ** -row["decimals"] / 100 + 1e-9)


@pytest.mark.parametrize("by", GROUPINGS)
@pytest.mark.parametrize("code", ["q02", "q03", "q06", "q09", "q11", "q14", "q17", "q20", "user", "care"])
def test_what_is_shown_is_a_number_that_no_other_people_who_agree_with_print_would_give(
    responses, questions, given, code, by
):
    """Every set of people that agrees with print, not only the one that was made, has these numbers."""
    shown, _ = grouped(responses, questions, code, by)
    for row in shown[shown["release"].eq("released") & shown["base"].ne(0)].to_dict("records"):
        found = ranged(given, row)
        if pd.isna(row["n"]):
            assert found.least < found.most, "print leaves the people open"
            assert [row["least"], row["most"]] == pytest.approx(
                [float(n) / row["base"] for n in (found.least, found.most)]
            )
        else:
            assert found.settled and found.least == row["n"], row


@pytest.mark.parametrize("by", ["", "care", "user"])
@pytest.mark.parametrize("code", ["q02", "q03", "q09", "q11", "q12", "q17", "q20", "q24", "user", "helped"])
def test_what_print_leaves_open_is_held_back(responses, questions, given, code, by):
    """The other way round: a count that differs between sets of people that agree with print is never shown as one."""
    shown, _ = grouped(responses, questions, code, by)
    for row in shown.to_dict("records"):
        if not pd.isna(row["base"]) and row["base"] and not ranged(given, row).settled:
            assert pd.isna(row["n"]), row


@pytest.mark.parametrize("by", GROUPINGS)
def test_no_sum_of_several_answers_gives_a_hidden_number_away(responses, questions, by):
    """A sum less a known part, or the base less it, would give the other part: so it is known only where all are."""
    of = questions[by] if by else None
    for code in ("q02", "q09", "q11", "q17", "q20"):
        question = questions[code]
        alone = estimates.shares(responses, question, of).frame.set_index(["group", "answer"])["n"]
        for pair in itertools.combinations([a.code for a in question.options], 2):
            both = estimates.share(responses, question, "|".join(pair), by=of).frame
            for group, n in zip(both["group"], both["n"], strict=True):
                parts = [alone[group, code] for code in pair]
                if not pd.isna(n):
                    assert sum(pd.isna(part) for part in parts) != 1, (code, pair, group)


# --- the reference wave, by name ---------------------------------------------------------------


def test_a_printed_share_is_the_number_in_print(responses, questions):
    tools, opinions = (
        estimates.shares(responses, questions["q06"]),
        estimates.share(responses, questions["q14"], "1|2", "2"),
    )
    unsettled, summed = tools["k"], opinions.value
    assert (float(unsettled), unsettled.decimals, unsettled.n, unsettled.of) == (0.17, 0, None, 294)
    assert (round(unsettled.count.least), round(unsettled.count.most)) == (49, 51) and not unsettled.count.known
    assert (float(summed), summed.decimals, summed.n, summed.of) == (0.572, 1, 168, 294)


def test_of_answers_that_print_adds_up_the_sum_is_known_and_the_answers_are_not(responses, questions):
    for code, some, origin in (("q17", "a|c", "printed"), ("q17", "b|d", "derived"), ("q11", "b|c", "derived")):
        alone = estimates.shares(responses, questions[code])
        assert not any(alone[answer].known for answer in some.split("|"))
        assert estimates.share(responses, questions[code], some).value.origin == origin
    both = estimates.shown_sides(estimates.shares(responses, questions["q14"]))
    released = both[both["release"].eq("released")].set_index(["statement", "side"])["share"]
    assert released["2", "agree"] == 0.572 and released["6", "disagree"] == 0.586 and len(released) == 11
    assert ("7", "agree") not in released


def test_an_unknown_base_is_said_to_be_unknown(responses, questions):
    use = estimates.shares(responses, questions["q21"])
    assert not use.base.known and use.base.absent == "unpublished"
    assert not estimates.asked(responses, [questions["q21"]])["q21"].known
    assert int(estimates.asked(responses, [questions["q04"]])["q04"]) == 294


def test_a_mean_in_print_is_known_in_all_and_of_no_group(responses, questions):
    mean = estimates.means(responses, questions["q23"]).value
    assert (float(mean), mean.decimals, mean.low) == (49.2, 1, None) and not mean.base.known
    by = estimates.means(responses, questions["q23"], questions["user"])
    assert not by["yes"].known and by.frame[["base", "mean", "sd", "low", "high", "no_answer"]].isna().all(axis=None)


@pytest.mark.parametrize("kind", ["pictured", "unpublished"])
def test_of_a_number_that_is_not_known_none_can_be_made_and_its_kind_stays(responses, questions, kind):
    value = {
        "pictured": estimates.shares(responses, questions["q17"])["a"],
        "unpublished": estimates.shares(responses, questions["q20"])["a"],
    }[kind]
    firm = estimates.shares(responses, questions["q03"])["a"]
    made = [value, value.count, 1 - value, value - firm, firm + value, value / firm, value.count / firm.base, value * 2]
    for one in made:
        assert (one.known, one.release, one.absent) == (False, "hidden", kind), one
        for ask in (float, int, lambda v: v > 0.1):
            with pytest.raises(
                NotKnownError, match=rf"isn't known, for the people here are invented \({kind}\).*Put the"
            ):
                ask(one)
    assert int(value.base) == value.of, "how many were asked is known"


def test_the_weakest_of_two_unknown_kinds_is_named(responses, questions):
    pictured, unpublished = (estimates.shares(responses, questions[code])["a"] for code in ("q17", "q20"))
    assert (pictured + unpublished).absent == (unpublished - pictured).absent == "unpublished"


def test_a_comparison_is_known_only_where_each_count_is(responses, questions):
    row = comparisons.association(responses, questions["user"], questions["care"]).iloc[0]
    asked = as_if_asked(WAVE)
    real = comparisons.association(responses, asked["user"], asked["care"]).iloc[0]
    assert row["p"] == real["p"] and row["size"] == real["size"] and row["origin"] == "derived"
    for by in ("q24", "age_group", "education", "q02"):
        row = comparisons.association(responses, questions["user"], questions[by]).iloc[0]
        assert row[list(known.TESTED[:7])].isna().all() and row["absent"] == "unpublished", by
    row = comparisons.difference_in_shares(responses, questions["user"], "yes", questions["q02"], "b", "a").iloc[0]
    assert row["size"] == pytest.approx(22 / 41 - 172 / 412)
    row = comparisons.difference_in_shares(responses, questions["user"], "yes", questions["q02"], "b", "c").iloc[0]
    assert pd.isna(row["size"]) and pd.isna(row["base"]) and pd.isna(row["p"])


def test_a_model_is_not_known_for_it_rests_on_who_answered_what_together(responses, questions):
    model = models.logistic(responses, questions["user"], "yes", [questions["care"], questions["q23"]])
    for table in (model.terms, model.checks):
        numbers = table.select_dtypes("number")
        assert len(numbers.columns) and numbers.isna().all(axis=None)
    assert not model["waiting"].known


# --- by hand -----------------------------------------------------------------------------------

ABC = tuple(Answer(c, c.upper()) for c in "abc")


def asked(kind="single", **printed):
    """A question of three answers, of which these were printed of two hundred people."""
    recorded = {}
    for answers, (origin, people, number, how) in printed.items():
        codes = answers.replace("_", "|")
        recorded["", codes, ""] = Recorded(origin, people, 200, number, how, codes)
    return Question("q", "1", kind, "Q", Condition(), answers=ABC, provenance=recorded)


PEOPLE = pd.DataFrame({"q": pd.Categorical(["a"] * 34 + ["b"] * 100 + ["c"] * 66)})


def shown(question):
    frame = estimates.shares(PEOPLE, question).frame
    return [None if math.isnan(share) else share for share in frame["share"]], frame["n"].fillna(-1).tolist()


def test_the_rest_follows_from_settled_counts_and_not_from_a_rounded_share():
    """Of 200, 17% is 33 to 35 people, so the rest of them isn't known; 17.0% is 34 only."""
    half = ("printed", 100, "100", "count")
    assert shown(asked(a=("printed", 34, "17.0", "percent"), b=half)) == ([0.17, 0.5, 0.33], [34, 100, 66])
    assert shown(asked(a=("printed", 34, "17", "percent"), b=half)) == ([0.17, 0.5, None], [-1, 100, -1])
    assert Fraction(33, 200) * 100 == Fraction("16.5"), "a half is rounded up"


def test_of_a_sum_the_rest_of_it_follows_and_its_parts_do_not():
    assert shown(asked(a_b=("printed", 134, "134", "count"))) == ([None, None, 0.33], [-1, -1, 66])
    found = asked(a_b=("printed", 134, "134", "count"), a=("printed", 34, "34", "count"))
    assert shown(found) == ([0.17, 0.5, 0.33], [34, 100, 66])


def test_a_sum_of_boxes_never_follows_from_its_parts():
    """Whoever ticked both counts once, and nobody knows how many did."""
    boxes = pd.DataFrame({f"q_{c}": pd.Categorical(["yes"] * 100 + ["no"] * 100) for c in "abc"})
    question = asked("multiple", a=("printed", 100, "100", "count"), b=("printed", 100, "100", "count"))
    assert estimates.share(boxes, question, "a").value.known
    assert estimates.share(boxes, question, "a|b").value.absent == "unpublished"


def test_a_sum_of_shares_of_which_none_is_in_a_figure_is_not_said_to_be_in_one():
    question = asked(a=("printed", 34, "17", "percent"), b=("printed", 100, "50", "percent"))
    assert estimates.share(PEOPLE, question, "a|b").value.absent == "unpublished"
    question = asked(a=("printed", 34, "17", "percent"), b=("pictured", 100, "", ""))
    assert estimates.share(PEOPLE, question, "a|b").value.absent == "pictured"
