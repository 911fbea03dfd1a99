"""Shares and means: who is in the base, and every number equal to R's.

Expected values come from tests/stats/r/expected.csv, made by base R (tests/stats/r/yardstick.R), or are
worked out by hand beside the test.
"""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, as_if_asked
from yardstick import EXPECTED, NUMBERS, TABLES, R, nearly, read_expected

import analysis
from analysis.stats import estimates
from analysis.survey.questionnaire import Answer, Condition, Question, Recorded, Statement

WAVE = "2025-reference"


def agree(ours, dataset, key):
    """Every value that R gives under this key is ours too, to nine digits, however small."""
    expected = EXPECTED[dataset, key].to_dict()
    assert {name: float(ours[name]) for name in expected} == nearly(expected)


def question(code, kind, answers="", statements="", provenance=None):
    options = tuple(Answer(a, a.upper()) for a in answers.split())
    items = tuple(Statement(s, f"statement {s}") for s in statements.split())
    return Question(code, "1", kind, code, Condition(), answers=options, statements=items, provenance=provenance)


CHOICE = question("q", "single", "a b c")
GROUP = question("g", "single", "x y z")
BOXES = question("m", "multiple", "a b c")
SCALE = question("s", "statements", "1 2", "p q")
AGE = question("n", "number")


def answered(text, code="q"):
    """One respondent a letter: `-` left it blank, `.` wasn't asked."""
    codes = {"-": "no_answer", ".": "not_asked"}
    return pd.DataFrame({code: pd.Categorical([codes.get(letter, letter) for letter in text])})


def ticked(*people):
    """One respondent a word, the boxes ticked; `-` left it blank, `.` wasn't asked."""
    blank = {"-": "no_answer", ".": "not_asked"}
    columns = {f"m_{a}": [blank.get(p, "yes" if a in p else "no") for p in people] for a in "abc"}
    return pd.DataFrame(columns, dtype="category")


def aged(*ages, status=None):
    given = ["given" if a is not None else "no_answer" for a in ages]
    return pd.DataFrame({"n": pd.array(ages, dtype="Int64"), "n_status": pd.Categorical(status or given)})


@pytest.fixture(scope="module")
def reference():
    return analysis.load(WAVE), as_if_asked(WAVE)


# --- equal to R -----------------------------------------------------------------------------


@pytest.mark.parametrize("confidence", ["0.8", "0.95", "0.99"])
def test_wilson_intervals_equal_those_of_r_from_nobody_to_everybody(confidence):
    keys = [key for key in EXPECTED["grid"].index.unique("key") if key.endswith(f" {confidence}")]
    assert len(keys) == 44  # two counts of base 1, three of 2, four of 3, five of each other base
    for key in keys:
        n, base, _ = map(float, key.split())
        people = pd.DataFrame({"q": pd.Categorical.from_codes([0, 1], list("ab")).repeat([int(n), int(base - n)])})
        agree(estimates.shares(people, CHOICE, confidence=float(confidence)).frame.iloc[0], "grid", key)


@pytest.mark.parametrize(("dataset", "name"), TABLES.groupby(["dataset", "table"]).groups)
def test_shares_within_groups_equal_those_of_r(dataset, name):
    cells = TABLES.query("dataset == @dataset and table == @name")
    people = cells.loc[cells.index.repeat(cells["n"])].reset_index(drop=True)
    asked = question("answer", "single", " ".join(cells["answer"].unique()))
    by = question("group", "single", " ".join(cells["group"].unique()))
    compared = 0
    for row in estimates.shares(people, asked, by).frame.query("base > 0").to_dict("records"):
        agree(row, dataset, f"{name} {row['answer']} {row['group']}")
        compared += 1
    assert compared == sum(key.startswith(f"{name} ") for key in share_keys(dataset))


def share_keys(dataset):
    return EXPECTED[dataset].xs("share", level="statistic").index


def test_shares_of_the_reference_wave_equal_those_of_r(reference):
    responses, questions = reference
    compared = set()
    codes = {q.code for q in (*questions, *questions.derived)}
    for code in {key.split()[0] for key in share_keys("reference")}:
        name, _, statement = code.partition("_")
        whole = code if code in codes else name
        table = estimates.shares(responses, questions[whole]).frame
        if whole != code:
            table = table[table["statement"].eq(statement)]
        for row in table.to_dict("records"):
            key = f"{code} {row['answer']}"
            if ("reference", key, "n") in EXPECTED.index:
                agree(row, "reference", key)
                compared.add(key)
            else:
                assert row["n"] == 0 or questions[whole][row["answer"]].named_as
    by_care = estimates.shares(responses, questions["user"], questions["care"]).frame.query("answer == 'yes'")
    for row in by_care.to_dict("records"):
        agree(row, "reference", f"user yes care={row['group']}")
        compared.add(f"user yes care={row['group']}")
    agree(estimates.share(responses, questions["q06"], "b|d").frame.iloc[0], "reference", "q06 b|d")
    assert set(share_keys("reference")) - compared == {"q06 b|d"}


@pytest.mark.parametrize(("dataset", "name"), NUMBERS.groupby(["dataset", "numbers"]).groups)
def test_means_of_invented_numbers_equal_those_of_r(dataset, name):
    rows = NUMBERS.query("dataset == @dataset and numbers == @name")
    people = rows.loc[rows.index.repeat(rows["n"])].reset_index(drop=True)
    people = pd.DataFrame({"n": people["number"].astype("Int64"), "n_status": "given", "g": people["group"]})
    for row in estimates.means(people, AGE, question("g", "single", "g1 g2")).frame.to_dict("records"):
        agree(row, dataset, f"{name} {row['group']}")


def test_means_of_the_reference_wave_equal_those_of_r(reference):
    responses, questions = reference
    agree(estimates.means(responses, questions["q23"]).frame.iloc[0], "reference", "q23")
    for by in ("user", "care"):
        for row in estimates.means(responses, questions["q23"], questions[by]).frame.to_dict("records"):
            agree(row, "reference", f"q23 {by}={row['group']}")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R isn't installed")
def test_r_still_gives_the_expected_values(tmp_path):
    again = tmp_path / "expected.csv"
    subprocess.run(["Rscript", R / "yardstick.R", again], cwd=ROOT, check=True)
    assert read_expected(again).to_dict() == nearly(EXPECTED.to_dict())


# --- who is in the base ---------------------------------------------------------------------


def test_people_not_asked_are_outside_the_base():
    row = estimates.shares(answered("aab..."), CHOICE).frame.iloc[0]
    assert (row["n"], row["base"], row["not_asked"], row["no_answer"]) == (2, 3, 3, 0)


def test_people_who_left_it_blank_are_outside_the_base_and_counted():
    row = estimates.shares(answered("aab--."), CHOICE).frame.iloc[0]
    assert (row["n"], row["base"], row["not_asked"], row["no_answer"]) == (2, 3, 1, 2)


def test_dont_know_and_not_applicable_are_answers():
    kinds = (Answer("a", "Yes"), Answer("b", "Don't know", "dont_know"), Answer("c", "None", "not_applicable"))
    table = estimates.shares(answered("aabbcc-."), Question("q", "1", "single", "Q", Condition(), answers=kinds)).frame
    assert table["base"].tolist() == [6, 6, 6]
    assert table["kind"].tolist() == ["", "dont_know", "not_applicable"]
    assert table["share"].tolist() == [2 / 6] * 3


def test_the_base_of_a_multiple_question_is_everybody_who_ticked_something():
    table = estimates.shares(ticked("ab", "a", "c", "-", "."), BOXES).frame
    assert table[["n", "base", "no_answer", "not_asked"]].values.tolist() == [[2, 3, 1, 1], [1, 3, 1, 1], [1, 3, 1, 1]]


def test_shares_of_a_multiple_question_may_exceed_one_together():
    assert estimates.shares(ticked("abc", "abc"), BOXES).frame["share"].sum() == 3


def test_each_statement_has_a_base_of_its_own():
    people = pd.concat([answered("112-", "s_p"), answered("2--.", "s_q")], axis=1)
    table = estimates.shares(people, SCALE).frame.set_index(["statement", "answer"])
    assert table["n"].to_dict() == {("p", "1"): 2, ("p", "2"): 1, ("q", "1"): 0, ("q", "2"): 1}
    assert table["base"].to_dict() == {("p", "1"): 3, ("p", "2"): 3, ("q", "1"): 1, ("q", "2"): 1}
    assert table.loc[("q", "1"), ["statement_label", "no_answer", "not_asked"]].tolist() == ["statement q", 2, 1]


def test_somebody_who_ticked_two_of_the_answers_counts_once():
    row = estimates.share(ticked("ac", "a", "b", "bc", "-", "."), BOXES, "a|c").frame.iloc[0]
    assert (row["n"], row["base"], row["no_answer"], row["not_asked"]) == (3, 4, 1, 1)


def test_several_answers_of_a_single_question_add_up():
    row = estimates.share(answered("aabcc-."), CHOICE, "a|c").frame.iloc[0]
    assert (row["n"], row["base"], row["share"], row["label"]) == (4, 5, 0.8, "A / C")
    assert estimates.share(answered("ab"), CHOICE, "a|c", label="either").frame.loc[0, "label"] == "either"


def test_several_answers_to_one_statement_add_up():
    people = pd.concat([answered("112-", "s_p"), answered("2222", "s_q")], axis=1)
    row = estimates.share(people, SCALE, "1|2", "p").frame.iloc[0]
    assert (row["n"], row["base"], row["statement_label"]) == (3, 3, "statement p")


@pytest.mark.parametrize("asked", [CHOICE, SCALE, question("m", "multiple", "a b")])
def test_only_a_number_has_a_mean(asked):
    with pytest.raises(ValueError, match="means are of kind number"):
        estimates.means(answered("ab"), asked)


def test_blank_ages_are_outside_the_mean_and_counted():
    people = aged(20, 40, None, None, status=["given", "given", "no_answer", "not_asked"])
    row = estimates.means(people, AGE).frame.iloc[0]
    assert (row["base"], row["mean"], row["no_answer"]) == (2, 30, 1)
    assert row["sd"] == pytest.approx(200**0.5)  # (10² + 10²) / (2 - 1)


def test_asked_counts_who_left_it_blank_but_not_whom_the_routing_passed_by():
    people = pd.concat([answered("a-.", "q"), ticked("a", "-", "."), aged(20, None, 30)], axis=1)
    asked = estimates.asked(people, [CHOICE, BOXES, AGE])
    assert {code: int(people) for code, people in asked.items()} == {"q": 2, "m": 2, "n": 3}


def test_a_crosstab_counts_whoever_answered_both():
    people = pd.concat([answered("aab-.c", "q"), answered("xyxxx-", "g")], axis=1)
    table = estimates.crosstab(people, CHOICE, GROUP)
    assert table.values.tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert (list(table.index), list(table.columns)) == (["a", "b", "c"], ["x", "y", "z"])


# --- nobody, and next to nobody -------------------------------------------------------------


@pytest.mark.parametrize("people", ["", "--..", "."])
def test_a_base_of_nobody_gives_missing_shares(people):
    for table in (
        estimates.shares(answered(people), CHOICE).frame,
        estimates.share(answered(people), CHOICE, "a|b").frame,
    ):
        assert table["n"].eq(0).all() and table["base"].eq(0).all()
        assert table[["share", "low", "high"]].isna().all(axis=None)


def test_a_base_of_nobody_gives_missing_shares_of_boxes():
    assert estimates.shares(ticked("-", "."), BOXES).frame["share"].isna().all()
    assert estimates.share(ticked("-", "."), BOXES, "a|c").frame["share"].isna().all()


@pytest.mark.parametrize(("ages", "mean"), [([], np.nan), ([None], np.nan), ([30], 30), ([30, 30], 30)])
def test_a_mean_without_spread_has_no_interval(ages, mean):
    row = estimates.means(aged(*ages), AGE).frame.iloc[0]
    assert row["mean"] == pytest.approx(mean, nan_ok=True)
    assert np.isnan(row["low"]) and np.isnan(row["high"])


def test_two_numbers_are_enough_for_a_spread_and_an_interval():
    """30 and 34: n - 1 = 1, so sd is root of 8; t of one degree of freedom is tan(0.475 pi) = 12.7062, times 2."""
    row = estimates.means(aged(30, 34), AGE).frame.iloc[0]
    expected = [2, 32, 8**0.5, 32 - 2 * np.tan(0.475 * np.pi), 32 + 2 * np.tan(0.475 * np.pi)]
    assert row[["base", "mean", "sd", "low", "high"]].tolist() == pytest.approx(expected)


# --- groups and order -----------------------------------------------------------------------


def test_groups_and_answers_come_in_the_questionnaires_order_the_empty_ones_too():
    people = pd.concat([answered("cab", "q"), answered("zxz", "g")], axis=1)
    table = estimates.shares(people, CHOICE, GROUP).frame
    assert table["group"].tolist() == ["x"] * 3 + ["y"] * 3 + ["z"] * 3
    assert table["answer"].tolist() == ["a", "b", "c"] * 3
    assert table["n"].tolist() == [1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert table["base"].tolist() == [1] * 3 + [0] * 3 + [2] * 3
    assert table["group_label"].unique().tolist() == ["X", "Y", "Z"]


def test_means_keep_an_empty_group():
    people = pd.concat([aged(20, 30, 50), answered("zzx", "g")], axis=1)
    table = estimates.means(people, AGE, GROUP).frame
    assert table["group"].tolist() == ["x", "y", "z"]
    assert table["base"].tolist() == [1, 0, 2]
    assert table["mean"].tolist() == pytest.approx([50, np.nan, 25], nan_ok=True)


def test_people_without_a_group_are_in_no_group():
    people = pd.concat([answered("aaaa", "q"), answered("xx-.", "g")], axis=1)
    assert estimates.share(people, CHOICE, "a", by=GROUP).frame["base"].tolist() == [2, 0, 0]


def test_named_answers_are_counted_instead_of_those_offered():
    answers = (Answer("a", "Offered"), Answer("t", "Other", "other", text=True), Answer("t1", "Pi", named_as="Pi"))
    boxes = Question("m", "1", "multiple", "M", Condition(), answers=answers)
    columns = {"m_a": ["yes", "yes", "no"], "m_t": ["no", "yes", "yes"], "m_t1": ["no", "no", "yes"]}
    people = pd.DataFrame(columns, dtype="category")
    assert estimates.shares(people, boxes).frame[["answer", "n", "base"]].values.tolist() == [["a", 2, 3], ["t", 2, 3]]
    named = estimates.shares(people, boxes, named=True).frame
    assert named[["answer", "n", "base"]].values.tolist() == [["t1", 1, 3]]


def test_the_responses_stay_as_they_were():
    people = pd.concat(
        [answered("ab-.", "q"), answered("xyz-", "g"), ticked("a", "b", "-", "."), aged(1, 2, 3, None)], axis=1
    )
    before = people.copy(deep=True)
    estimates.shares(people, CHOICE, GROUP)
    estimates.shares(people, BOXES)
    estimates.share(people, BOXES, "a|b", by=GROUP)
    estimates.means(people, AGE, GROUP)
    estimates.crosstab(people, CHOICE, GROUP)
    pd.testing.assert_frame_equal(people, before)


# --- where a count comes from ---------------------------------------------------------------

PRINTED = {
    ("", "a", ""): Recorded("printed", 2, 5, "2", "count", "a"),
    ("", "b", ""): Recorded("derived", 3, 5, "", "", "b"),
    ("", "a|b", ""): Recorded("printed", 5, 5, "5", "count", "a|b"),
    ("", "a", "g=x"): Recorded("printed", 1, 2, "1", "count", "a"),
}


def test_a_count_is_printed_only_as_recorded_and_among_the_recorded_base():
    printed = question("q", "single", "a b c", provenance=PRINTED)
    assert estimates.shares(answered("aabbb"), printed).frame["origin"].tolist() == ["printed", "derived", "derived"]
    assert estimates.shares(answered("aabb"), printed).frame["origin"].tolist() == ["unpublished"] * 3
    assert estimates.share(answered("aabbb"), printed, "a|b").frame.loc[0, "origin"] == "printed"
    other = estimates.shares(answered("abbbb"), printed).frame  # as many people, but others
    assert other["origin"].tolist() == ["unpublished", "unpublished", "derived"], "nobody is left for c"


def test_a_count_within_a_group_has_an_origin_of_its_own():
    printed = question("q", "single", "a b c", provenance=PRINTED)
    people = pd.concat([answered("abbba", "q"), answered("xxyyy", "g")], axis=1)
    table = estimates.share(people, printed, "a", by=GROUP).frame
    assert table["origin"].tolist() == ["printed", "unpublished", "derived"], "of nobody nothing is open"
    table = estimates.shares(people, printed, GROUP).frame.set_index(["group", "answer"])
    assert table.index[table["origin"].eq("printed")].tolist() == [("x", "a")]
    assert table.index[table["origin"].eq("derived")].tolist() == [("z", answer) for answer in "abc"]


def test_a_real_wave_has_no_origins():
    people = pd.concat([answered("ab", "q"), aged(20, 30)], axis=1)
    assert estimates.shares(people, CHOICE).frame["origin"].tolist() == ["", "", ""]
    assert estimates.share(people, CHOICE, "a|b").frame["origin"].tolist() == [""]
    assert estimates.means(people, AGE).frame["origin"].tolist() == [""]


def test_of_a_selection_of_the_reference_wave_nothing_is_known():
    responses, questions = analysis.load(WAVE), analysis.questions(WAVE)
    assert estimates.shares(responses, questions["q03"]).frame["origin"].tolist() == ["printed", "printed"]
    assert estimates.means(responses, questions["q23"]).frame["release"].tolist() == ["released"]
    some = responses[responses["q24"].eq("b")]
    found = estimates.shares(some, questions["q03"]).frame
    assert found["origin"].tolist() == ["unpublished", "unpublished"] and found["n"].isna().all()
    found = estimates.means(some, questions["q23"]).frame
    assert found["absent"].tolist() == ["unpublished"] and found[["base", "mean"]].isna().all(axis=None)


def test_a_mean_that_no_source_gives_is_not_known():
    row = estimates.means(aged(20, 30), question("n", "number", provenance={})).frame.iloc[0]
    assert row["origin"] == row["absent"] == "unpublished" and row[["mean", "sd", "low", "base"]].isna().all()


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        (lambda p: estimates.shares(p, AGE), "n is of kind number; shares are of single, multiple or statements"),
        (
            lambda p: estimates.share(p, AGE, "1"),
            "n is of kind number; shares are of single, multiple or statements",
        ),
        (lambda p: estimates.means(p, CHOICE), "q is of kind single; means are of kind number"),
        (
            lambda p: estimates.shares(p, CHOICE, BOXES),
            "m is of kind multiple; groups come from a single question",
        ),
        (lambda p: estimates.crosstab(p, CHOICE, BOXES), "m is of kind multiple; a crosstab takes single questions"),
        (lambda p: estimates.share(p, CHOICE, "a|d"), 'q has no answer "d"; it has a, b, c'),
        (lambda p: estimates.share(p, SCALE, "1"), 's has no statement ""; it has p, q'),
        (lambda p: estimates.share(p, SCALE, "1", "r"), 's has no statement "r"; it has p, q'),
        (lambda p: estimates.share(p, CHOICE, "a", "p"), 'q has no statement "p"; it has none'),
    ],
)
def test_a_wrong_question_or_answer_is_refused_by_naming_what_is_allowed(estimate, message):
    people = pd.concat([answered("ab"), ticked("a", "b"), answered("12", "s_p"), answered("12", "s_q")], axis=1)
    with pytest.raises(ValueError) as error:
        estimate(people)
    assert message in str(error.value)


def test_a_code_instead_of_a_question_and_a_confidence_in_per_cent_are_refused():
    answered = pd.DataFrame({"q": pd.Categorical(["a", "b"])})
    for wrong in (
        lambda: estimates.shares(answered, "q").frame,
        lambda: estimates.share(answered, CHOICE, "a", by="q").frame,
    ):
        with pytest.raises(TypeError, match='"q" is a code; give the question itself'):
            wrong()
    with pytest.raises(ValueError, match="confidence is 95; it lies between 0 and 1"):
        estimates.share(answered, CHOICE, "a", confidence=95)
