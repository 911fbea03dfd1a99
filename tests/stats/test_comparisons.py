"""Comparisons: tests, sizes and intervals equal to R's, and the right test for the table.

Expected values come from tests/stats/r/expected.csv, made by base R (tests/stats/r/yardstick.R), or are
worked out by hand beside the test.
"""

import numpy as np
import pandas as pd
import pytest
from conftest import as_if_asked
from yardstick import EXPECTED, NUMBERS, TABLES, nearly

import analysis
from analysis.stats import comparisons
from analysis.survey.questionnaire import Answer, Condition, Question, Recorded, Statement

WAVE = "2025-reference"


def question(code, kind, answers="", statements="", provenance=None):
    options = tuple(Answer(a, a.upper()) for a in answers.split())
    items = tuple(Statement(s, f"statement {s}") for s in statements.split())
    return Question(code, "1", kind, code, Condition(), answers=options, statements=items, provenance=provenance)


CHOICE = question("answer", "single", "a b c d")
GROUP = question("group", "single", "g1 g2 g3 g4 g5 g6")
BOXES = question("m", "multiple", "a b c")
AGE = question("n", "number")


def people(*counts, answers="abcd"):
    """One respondent each of a table of counts: a row an answer, a column a group."""
    rows = [(a, f"g{j + 1}", n) for a, row in zip(answers, counts, strict=False) for j, n in enumerate(row)]
    cells = pd.DataFrame(rows, columns=["answer", "group", "n"])
    return cells.loc[cells.index.repeat(cells["n"]), ["answer", "group"]].reset_index(drop=True)


def aged(**groups):
    rows = [(age, "given", group) for group, ages in groups.items() for age in ages]
    return pd.DataFrame(rows, columns=["n", "n_status", "group"]).astype({"n": "Int64"})


def one(dataset, name):
    """The respondents of one invented table, or one invented set of numbers."""
    source, column = (TABLES, "table") if name in set(TABLES["table"]) else (NUMBERS, "numbers")
    rows = source[source["dataset"].eq(dataset) & source[column].eq(name)]
    rows = rows.loc[rows.index.repeat(rows["n"])].reset_index(drop=True)
    if column == "table":
        return rows[["answer", "group"]]
    return pd.DataFrame({"n": rows["number"].astype("Int64"), "n_status": "given", "group": rows["group"]})


def agree(ours, expected):
    """Ours equal R's to nine digits, however small, by name."""
    assert {k: float(v) for k, v in ours.items()} == nearly(expected)


def agrees_on_association(row, dataset, key):
    r = EXPECTED[dataset, key]
    chosen = "fisher_p" if r["small"] else "chi_square_p"
    pairs = {"base": "base", "size": "v"} | ({} if r["small"] else {"statistic": "chi_square", "df": "df"})
    if r["v"] < r["v_high"] or r["v"] == 1:
        pairs |= {"low": "v_low", "high": "v_high"}
    agree(row[list(pairs)].to_dict(), dict(zip(pairs, r[list(pairs.values())], strict=True)))
    assert row[["statistic", "df", "low", "high"]].notna().tolist() == [
        c in pairs for c in ("statistic", "df", "low", "high")
    ]
    assert row["test"].startswith("fisher" if r["small"] else "chi_square")
    if row["test"] == "fisher_simulated":
        # Four standard errors of a share among the tables drawn.
        assert row["p"] == pytest.approx(r[chosen], abs=4 * (r[chosen] * (1 - r[chosen]) / 99_999) ** 0.5 + 1e-5)
    else:
        agree({"p": row["p"]}, {"p": r[chosen]})


def agrees_on_difference_in_shares(row, dataset, key):
    r = EXPECTED[dataset, key]
    ours = row[["base", "p", "size", "low", "high"]].to_dict()
    agree(ours, dict(zip(ours, r[["base", "p", "difference", "low", "high"]], strict=True)))
    if r["small"]:
        assert row[["statistic", "df"]].isna().all()
    else:
        agree({"statistic": row["statistic"], "df": row["df"]}, {"statistic": r["chi_square"], "df": 1})
    assert row["test"] == ("fisher" if r["small"] else "chi_square")


def agrees_on_difference_in_means(row, dataset, key):
    ours = row[["base", "df", "p", "difference", "difference_low", "difference_high"]].to_dict()
    ours |= {"t": row["statistic"], "g": row["size"]}
    r, ends = EXPECTED[dataset, key], ["g_low", "g_high"]
    agree(ours, r.drop(ends).to_dict())
    # ends are found by a search, to six digits
    assert row[["low", "high"]].tolist() == pytest.approx(r[ends].tolist(), rel=1e-6, abs=1e-8)


def invented(statistic, table=TABLES, column="table"):
    pairs = table[["dataset", column]].drop_duplicates().values.tolist()
    return [(d, t) for d, t in pairs if {(d, t, statistic), (d, f"{t} g1-g2", statistic)} & set(EXPECTED.index)]


@pytest.fixture(scope="module")
def reference():
    return analysis.load(WAVE), as_if_asked(WAVE)


# --- equal to R -----------------------------------------------------------------------------


@pytest.mark.parametrize(("dataset", "name"), invented("v"))
def test_an_association_equals_that_of_r(dataset, name):
    agrees_on_association(comparisons.association(one(dataset, name), CHOICE, GROUP).iloc[0], dataset, name)


@pytest.mark.parametrize(("dataset", "name"), invented("difference"))
def test_a_difference_in_shares_equals_that_of_r(dataset, name):
    table = comparisons.difference_in_shares(one(dataset, name), CHOICE, "a", GROUP, "g1", "g2")
    agrees_on_difference_in_shares(table.iloc[0], dataset, f"{name} g1-g2")


@pytest.mark.filterwarnings("ignore:Precision loss")  # one group is constant
@pytest.mark.parametrize(("dataset", "name"), invented("t", NUMBERS, "numbers"))
def test_a_difference_in_means_equals_that_of_r(dataset, name):
    table = comparisons.difference_in_means(one(dataset, name), AGE, GROUP, "g1", "g2")
    agrees_on_difference_in_means(table.iloc[0], dataset, f"{name} g1-g2")


@pytest.mark.parametrize("by", ["care", "q02", "age_group", "q24", "q25", "education", "q20"])
def test_associations_in_the_reference_wave_equal_those_of_r(reference, by):
    responses, questions = reference
    row = comparisons.association(responses, questions["user"], questions[by]).iloc[0]
    agrees_on_association(row, "reference", f"user {by}")


def test_a_family_in_the_reference_wave_equals_that_of_r(reference):
    responses, questions = reference
    by = ["care", "q02", "age_group", "q24", "education", "q20"]
    table = comparisons.family(*[comparisons.association(responses, questions["user"], questions[b]) for b in by])
    agree(dict(zip(by, table["p_holm"], strict=True)), {b: EXPECTED["reference", f"user {b}", "p_holm"] for b in by})


@pytest.mark.parametrize(
    ("question", "answers", "statement", "by", "first", "second", "key"),
    [
        ("user", "yes", "", "q02", "b", "a", "user yes q02 b-a"),
        ("q20", "a|c", "", "user", "yes", "no", "q20 a|c user yes-no"),
        ("q14", "4|5", "1", "helped", "yes", "no", "q14_1 4|5 helped yes-no"),
        ("q06", "b|d", "", "helped", "yes", "no", "q06 b|d helped yes-no"),
    ],
)
def test_differences_in_shares_in_the_reference_wave_equal_those_of_r(
    reference, question, answers, statement, by, first, second, key
):
    responses, q = reference
    table = comparisons.difference_in_shares(responses, q[question], answers, q[by], first, second, statement)
    agrees_on_difference_in_shares(table.iloc[0], "reference", key)


@pytest.mark.parametrize(("by", "first", "second"), [("user", "yes", "no"), ("care", "waiting", "now")])
def test_differences_in_means_in_the_reference_wave_equal_those_of_r(reference, by, first, second):
    responses, questions = reference
    table = comparisons.difference_in_means(responses, questions["q23"], questions[by], first, second)
    agrees_on_difference_in_means(table.iloc[0], "reference", f"q23 {by} {first}-{second}")


@pytest.mark.parametrize("name", ["plain", "tied", "ends", "alone", "one_missing"])
def test_holms_correction_equals_that_of_r(name):
    r = EXPECTED["holm"].unstack()
    r = r[r.index.str.startswith(f"{name} ")]
    missing = [pd.DataFrame({"p": [np.nan]})] if name == "one_missing" else []
    table = comparisons.family(*(pd.DataFrame({"p": [p]}) for p in r["p"]), *missing)
    agree(dict(zip(r.index, table["p_holm"], strict=False)), r["p_holm"].to_dict())
    assert table["p_holm"].isna().sum() == len(missing)


# --- by hand --------------------------------------------------------------------------------


def test_fishers_p_counts_the_tables_at_most_as_likely():
    # Margins 4, 5 by 4, 5: 126 tables; with 0, 1, 2, 3, 4 in the corner 5, 40, 60, 20, 1 of them.
    # At most as likely as 3 in the corner: 5 + 20 + 1.
    row = comparisons.association(people([3, 1], [1, 4]), CHOICE, GROUP).iloc[0]
    assert (row["test"], row["p"]) == ("fisher", pytest.approx(26 / 126))


def test_chi_square_has_no_continuity_correction():
    # 20 people in each of two groups, 15 and 5: expected 10 everywhere, (5² / 10) × 4 = 10.
    row = comparisons.association(people([15, 5], [5, 15]), CHOICE, GROUP).iloc[0]
    assert (row["test"], row["statistic"], row["df"]) == ("chi_square", pytest.approx(10), 1)
    assert row["size"] == pytest.approx((10 / 40) ** 0.5)


def test_v_runs_from_none_to_perfect():
    assert comparisons.association(people([9, 9], [9, 9]), CHOICE, GROUP).loc[0, "size"] == 0
    row = comparisons.association(people([9, 0], [0, 9]), CHOICE, GROUP).iloc[0]
    assert (row["size"], row["high"]) == (pytest.approx(1), 1)


def test_where_there_is_nothing_to_compare_the_test_is_missing():
    row = comparisons.association(people([9, 9]), CHOICE, GROUP).iloc[0]
    assert row["base"] == 18 and row[["statistic", "df", "p", "size", "low", "high"]].isna().all()


def test_v_has_no_interval_where_groups_are_more_alike_than_chance_makes_them():
    # Chi-square with 1 df is under 0.00098 in 2.5% of draws: no noncentrality makes 0 extreme enough.
    row = comparisons.association(people([9, 9], [9, 9]), CHOICE, GROUP).iloc[0]
    assert row["size"] == 0 and row[["low", "high"]].isna().all()


def test_hedges_g_by_hand():
    # 1, 2, 3 and 3, 4, 5: spread 1, difference -2; with 4 degrees of freedom the correction is gamma(2) over
    # root 2 times gamma(3/2), which is 0.797885.
    row = comparisons.difference_in_means(aged(g1=[1, 2, 3], g2=[3, 4, 5]), AGE, GROUP, "g1", "g2").iloc[0]
    assert row["size"] == pytest.approx(-2 * 0.7978846)
    # t = -2 / sqrt(1/3 + 1/3), and equal spread gives Welch the pooled 4 degrees of freedom.
    assert (row["statistic"], row["df"]) == (pytest.approx(-(6**0.5)), pytest.approx(4))


def test_hedges_g_is_missing_at_one_degree_of_freedom():
    row = comparisons.difference_in_means(aged(g1=[1, 9], g2=[4, 4, 4, 4]), AGE, GROUP, "g1", "g2").iloc[0]
    assert row["df"] == 1 and row["p"] > 0 and row[["size", "low", "high"]].isna().all()


@pytest.mark.long
@pytest.mark.parametrize("sizes", [(8, 13), (8, 228), (40, 40)])
def test_g_never_contradicts_welch_and_holds_the_truth_as_often_as_it_should(sizes):
    """Groups of unequal size and spread, 4 apart: of 1,000 draws the interval leaves out 0 exactly where p is small."""
    chance, truth, held = np.random.default_rng(11), 4 / ((5**2 + 9**2) / 2) ** 0.5, 0
    for _ in range(1000):
        a, b = pd.Series(chance.normal(44, 5, sizes[0])), pd.Series(chance.normal(40, 9, sizes[1]))
        tested = comparisons.two_means(a, b)
        size, low, high = comparisons.hedges_g(a, b, tested)
        assert low < size < high and np.sign(size) == np.sign(tested.statistic)
        if abs(tested.p - 0.05) > 1e-5:
            assert (low > 0 or high < 0) == (tested.p < 0.05)
        held += low < truth < high
    assert 930 <= held <= 970


# --- the right test -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "test"),
    [
        ([[5, 5], [5, 5]], "chi_square"),  # all expect exactly 5
        ([[6, 6], [3, 6]], "fisher"),  # one of four expects 9 × 9 / 21 = 3.9
        ([[12, 18, 9, 30, 3], [20, 11, 15, 14, 4]], "chi_square"),  # two of ten expect under 5: a fifth, not more
        ([[12, 18, 9, 3, 3], [20, 11, 15, 4, 4]], "fisher_simulated"),  # four of ten
        ([[30, 25, 28, 22, 20, 1], [22, 31, 27, 30, 21, 0]], "fisher_simulated"),  # two of twelve, but under 1
    ],
)
def test_fisher_is_chosen_when_expected_counts_are_small(counts, test):
    assert comparisons.association(people(*counts), CHOICE, GROUP).loc[0, "test"] == test


def test_answers_and_groups_that_nobody_gave_are_left_out():
    with_empty = comparisons.association(people([15, 0, 5], [0, 0, 0], [5, 0, 15]), CHOICE, GROUP).iloc[0]
    assert (with_empty["df"], with_empty["base"]) == (1, 40)
    assert with_empty["statistic"] == pytest.approx(10)


def test_people_who_answered_only_one_of_the_two_are_left_out():
    answered = people([15, 5], [5, 15])
    others = pd.DataFrame({"answer": ["no_answer", "a", "not_asked"], "group": ["g1", "not_asked", "g2"]})
    row = comparisons.association(pd.concat([answered, others]), CHOICE, GROUP).iloc[0]
    assert (row["base"], row["statistic"]) == (40, pytest.approx(10))


def test_a_simulated_p_is_the_same_every_time():
    few = people([5, 0, 1], [2, 3, 0], [1, 0, 6])
    first, second = (comparisons.association(few, CHOICE, GROUP) for _ in range(2))
    assert first.loc[0, "test"] == "fisher_simulated"
    pd.testing.assert_frame_equal(first, second)
    hundred_thousandths = first.loc[0, "p"] * 100_000
    # 99,999 drawn tables and the one seen: so many of 100,000 are at most as likely
    assert hundred_thousandths == pytest.approx(round(hundred_thousandths), abs=1e-6)


# --- differences ----------------------------------------------------------------------------


def test_a_difference_is_first_less_second():
    answered = people([15, 5], [5, 15])
    one_way = comparisons.difference_in_shares(answered, CHOICE, "a", GROUP, "g1", "g2").iloc[0]
    other = comparisons.difference_in_shares(answered, CHOICE, "a", GROUP, "g2", "g1").iloc[0]
    assert (one_way["size"], other["size"]) == (0.5, -0.5)  # 15 / 20 - 5 / 20
    assert (one_way["low"], one_way["high"]) == pytest.approx((-other["high"], -other["low"]))
    assert (one_way["first"], one_way["second"]) == ("G1", "G2")
    older = comparisons.difference_in_means(aged(g1=[60, 70], g2=[20, 26]), AGE, GROUP, "g1", "g2").iloc[0]
    assert older["difference"] == 42 and older["size"] > 0 and older["statistic"] > 0


@pytest.mark.parametrize("n", range(0, 11))
def test_the_interval_contains_the_difference(n):
    row = comparisons.difference_in_shares(people([n, 3], [10 - n, 4]), CHOICE, "a", GROUP, "g1", "g2").iloc[0]
    assert -1 <= row["low"] <= row["size"] <= row["high"] <= 1
    assert row["size"] == pytest.approx(n / 10 - 3 / 7)


def test_an_answer_that_everybody_gave_differs_nowhere():
    row = comparisons.difference_in_shares(people([6, 9]), CHOICE, "a", GROUP, "g1", "g2").iloc[0]
    assert row["size"] == 0 and np.isnan(row["p"]) and row["low"] < 0 < row["high"]
    assert comparisons.family(row.to_frame().T.astype({"p": float}))["p_holm"].isna().all(), (
        "nor is it one of their number"
    )


def test_a_difference_in_boxes_counts_a_person_once():
    boxes = pd.DataFrame(
        {"m_a": ["yes", "no", "yes", "no"], "m_b": ["yes", "yes", "no", "no"], "m_c": ["no"] * 3 + ["yes"]}
    )
    responses = boxes.assign(group=["g1", "g1", "g2", "g2"])
    row = comparisons.difference_in_shares(responses, BOXES, "a|b", GROUP, "g1", "g2").iloc[0]
    assert (row["size"], row["base"]) == (0.5, 4)  # 2 / 2 - 1 / 2


def test_a_group_of_nobody_gives_a_missing_difference():
    row = comparisons.difference_in_shares(people([6], [9]), CHOICE, "a", GROUP, "g1", "g2").iloc[0]
    assert row["base"] == 15
    assert row[["size", "low", "high", "p"]].isna().all()


@pytest.mark.parametrize("second", [[], [40], [30, 30]])
def test_too_few_numbers_give_a_missing_test(second):
    row = comparisons.difference_in_means(aged(g1=[30, 30], g2=second), AGE, GROUP, "g1", "g2").iloc[0]
    assert row["base"] == 2 + len(second)
    assert row[["statistic", "p", "size", "low", "high", "difference_low", "difference_high"]].isna().all()


# --- families and origins -------------------------------------------------------------------


def test_a_family_corrects_for_the_number_of_its_comparisons():
    # 0.01 × 3; 0.03 × 2; 0.04 × 1, but never under the one before.
    table = comparisons.family(*(pd.DataFrame({"p": [p]}) for p in (0.04, 0.01, 0.03)))
    assert table["p_holm"].tolist() == pytest.approx([0.06, 0.03, 0.06])


def test_a_comparison_that_could_not_be_made_does_not_count_in_a_family():
    table = comparisons.family(*(pd.DataFrame({"p": [p]}) for p in (0.04, np.nan, 0.01)))
    assert table["p_holm"].tolist() == pytest.approx([0.04, np.nan, 0.02], nan_ok=True)


def test_a_result_rests_on_its_weakest_count():
    answered = people([15, 5], [5, 15])

    def recorded(origin, n, answer):
        return Recorded(origin, n, 20, str(n), "count", answer)

    printed = {("", a, f"group={g}"): recorded("printed", n, a) for a, g, n in
               [("a", "g1", 15), ("a", "g2", 5), ("b", "g1", 5)]}  # fmt: skip
    by = question("group", "single", "g1 g2")

    def row(provenance, answers="a b"):
        asked = question("answer", "single", answers, provenance=provenance)
        return comparisons.association(answered, asked, by).iloc[0]

    last = ("", "b", "group=g2")
    for settled in (printed | {last: recorded("printed", 15, "b")}, printed | {last: recorded("derived", 15, "b")}):
        assert row(settled)["origin"] == "derived" and row(settled)["p"] > 0, "a test isn't printed"
    assert row(printed)["origin"] == "derived", "what is left of a group follows"
    told = {key: found for key, found in printed.items() if key[1] == "a"}
    unknown = row(told, "a b c")  # of what is left, nobody knows how many are b
    assert (unknown["origin"], unknown["absent"]) == ("unpublished", "unpublished")
    assert unknown[["base", "statistic", "df", "p", "size", "low", "high"]].isna().all()
    assert row(None)["origin"] == ""


def test_a_real_wave_has_no_origins():
    answered = people([15, 5], [5, 15])
    assert comparisons.difference_in_shares(answered, CHOICE, "a", GROUP, "g1", "g2").loc[0, "origin"] == ""
    ages = aged(g1=[20, 30], g2=[20, 26])
    assert comparisons.difference_in_means(ages, AGE, GROUP, "g1", "g2").loc[0, "origin"] == ""
    row = comparisons.difference_in_means(ages, question("n", "number", provenance={}), GROUP, "g1", "g2").iloc[0]
    assert row["origin"] == row["absent"] == "unpublished"
    assert row[["difference", "difference_low", "difference_high", "p", "size"]].isna().all()


def test_the_responses_stay_as_they_were():
    responses = pd.concat([people([3, 1], [1, 4]), aged(g1=range(20, 24), g2=range(30, 35))[["n", "n_status"]]], axis=1)
    before = responses.copy(deep=True)
    comparisons.association(responses, CHOICE, GROUP)
    comparisons.difference_in_shares(responses, CHOICE, "a", GROUP, "g1", "g2")
    comparisons.difference_in_means(responses, AGE, GROUP, "g1", "g2")
    pd.testing.assert_frame_equal(responses, before)


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compare", "message"),
    [
        (
            lambda r: comparisons.association(r, BOXES, GROUP),
            "m is of kind multiple; a crosstab takes single questions",
        ),
        (lambda r: comparisons.association(r, CHOICE, AGE), "n is of kind number; a crosstab takes single questions"),
        (
            lambda r: comparisons.difference_in_shares(r, CHOICE, "e", GROUP, "g1", "g2"),
            'no answer "e"; it has a, b, c, d',
        ),
        (
            lambda r: comparisons.difference_in_shares(r, CHOICE, "a", GROUP, "g1", "g9"),
            'no answer "g9"; it has g1, g2',
        ),
        (
            lambda r: comparisons.difference_in_shares(r, AGE, "a", GROUP, "g1", "g2"),
            "n is of kind number; shares are of",
        ),
        (lambda r: comparisons.difference_in_means(r, AGE, GROUP, "g1", "g9"), 'no answer "g9"; it has g1, g2'),
        (lambda r: comparisons.difference_in_means(r, CHOICE, GROUP, "g1", "g2"), "answer is of kind single"),
        (lambda r: comparisons.difference_in_means(r, AGE, BOXES, "a", "b"), "m is of kind multiple"),
    ],
)
def test_a_wrong_question_or_group_is_refused_by_naming_what_is_allowed(compare, message):
    responses = people([3, 1], [1, 4]).assign(n=30)
    with pytest.raises(ValueError) as error:
        compare(responses)
    assert message in str(error.value)
