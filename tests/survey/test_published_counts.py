"""What the report printed, recomputed from the cleaned dataset the way a chapter does it.

Counts and bases are typed from the report (`mind-report-2025.txt`; L… are its lines): a printed percentage is the
one count that rounds to it at its base, and a remainder follows by the subtraction beside it. The raw export is
held against the same report in `test_reconstruction.py`. That all of it comes out is true by construction of the
reference wave; what is tested here is that cleaning and estimating keep it so, of its people as if they had answered.
What a page shows of them is print itself, and where that leaves open how many people it is of, no number.
"""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, as_if_asked

import analysis
from analysis.stats import estimates

# (question, statement, answers, n, base): the share that gave any of these answers
COUNTS = [
    # care, L191-194
    ("q02", "", "a", 412, 771),
    ("q02", "", "b", 41, 771),
    ("q02", "", "c", 298, 771),
    ("q02", "", "d", 20, 771),  # 771 - 412 - 41 - 298
    # use, L200 and L525
    ("q03", "", "a", 294, 771),
    ("q03", "", "b", 477, 771),
    # gender and diploma, L133-135 and their figures
    ("q24", "", "a", 145, 771),
    ("q24", "", "b", 600, 771),
    ("q24", "", "c", 17, 771),
    ("q24", "", "d", 9, 771),
    ("q25", "", "a", 3, 771),
    ("q25", "", "b", 12, 771),
    ("q25", "", "c", 79, 771),
    ("q25", "", "d", 227, 771),
    ("q25", "", "e", 237, 771),
    ("q25", "", "f", 201, 771),
    ("q25", "", "g", 12, 771),
    ("q25", "", "e|f|g", 450, 771),
    ("education", "", "higher", 450, 771),
    # tools, L212-217
    ("q04", "", "a", 45, 294),
    ("q04", "", "d", 27, 294),
    ("q04", "", "f", 18, 294),
    ("q04", "", "h", 10, 294),
    # tools that people named, L218-221
    ("q04", "", "t1", 3, 294),
    ("q04", "", "t2", 2, 294),
    ("q04", "", "t3", 2, 294),
    ("q04", "", "t4", 2, 294),
    ("q04", "", "t5", 1, 294),
    ("q04", "", "t6", 1, 294),
    # how often, L226-229
    ("q05", "", "a", 46, 294),
    ("q05", "", "b", 46, 294),
    ("q05", "", "c", 64, 294),
    ("q05", "", "d", 12, 294),  # 294 - 46 - 46 - 64 - 96 - 30
    ("q05", "", "e", 96, 294),
    ("q05", "", "f", 30, 294),
    # reasons, L239-272
    ("q06", "", "d", 205, 294),
    ("q06", "", "c", 170, 294),
    ("q06", "", "h", 142, 294),
    ("q06", "", "b", 136, 294),
    ("q06", "", "i", 133, 294),
    ("q06", "", "j", 70, 294),
    ("q06", "", "k", 50, 294),
    ("q06", "", "l", 27, 294),
    # roles, L292-295
    ("q08", "", "b", 151, 294),
    ("q08", "", "e", 108, 294),
    ("q08", "", "a", 99, 294),
    ("q08", "", "d", 39, 294),
    # whether it helps, L304-305
    ("q09", "", "a", 164, 294),
    ("q09", "", "c", 108, 294),
    ("q09", "", "b", 22, 294),
    ("helped", "", "yes", 272, 294),
    # how it helps, L314-367
    ("q10", "", "b", 212, 272),
    ("q10", "", "a", 160, 272),
    ("q10", "", "c", 148, 272),
    ("q10", "", "e", 126, 272),
    ("q10", "", "f", 110, 272),
    ("q10", "", "d", 98, 272),
    ("q10", "", "i", 94, 272),
    ("q10", "", "g", 89, 272),
    ("q10", "", "j", 76, 272),
    # less good moments and why, L373-409
    ("q11", "", "a", 105, 272),
    ("q11", "", "b|c", 167, 272),  # 272 - 105
    ("q12", "", "c", 69, 105),
    ("q12", "", "e", 56, 105),
    ("q12", "", "a", 50, 105),
    ("q12", "", "d", 35, 105),
    ("q12", "", "b", 33, 105),
    ("q12", "", "g", 32, 105),
    ("q12", "", "h", 11, 105),
    ("q12", "", "f", 8, 105),
    # statements: who agrees, who disagrees, who is neutral, L452-513
    ("q14", "1", "3", 125, 294),
    ("q14", "2", "1|2", 168, 294),
    ("q14", "3", "1|2", 55, 294),
    ("q14", "4", "1|2", 136, 294),
    ("q14", "5", "4|5", 151, 294),
    ("q14", "6", "4|5", 172, 294),
    ("q14", "8", "1|2", 107, 294),
    ("q14", "9", "1|2", 65, 294),
    ("q14", "10", "1|2", 74, 294),
    ("q14", "11", "1|2", 24, 294),
    ("q14", "12", "1|2", 188, 294),
    # why not, L528-604, and whether AI could help, L521
    ("q16", "", "g", 257, 477),
    ("q16", "", "e", 202, 477),
    ("q16", "", "d", 177, 477),
    ("q16", "", "c", 154, 477),
    ("q17", "", "a|c", 236, 477),
]

# (by, group, n, base): users in each group of care, L201-204
USE = [
    ("q02", "a", 172, 412),
    ("q02", "b", 22, 41),
    ("care", "now", 172, 412),
    ("care", "waiting", 22, 41),
    ("care", "neither", 100, 318),  # 294 - 172 - 22 of 298 + 20
]

# who was asked, from the captions: everybody, users, non-users, those helped, with less good moments, not helped
ASKED = {771: [2, 3, 20, 23, 24, 25], 294: [4, 5, 6, 7, 8, 9, 14, 15], 477: [16, 17, 18, 19], 272: [10, 11], 105: [12],
         22: [13]}  # fmt: skip


@pytest.fixture(scope="module")
def wave(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("data")
    shutil.copytree(ROOT / "data/questionnaire", data / "questionnaire")
    return Path(shutil.copytree(ROOT / "data/waves/2025-reference", data / "waves/2025-reference"))


@pytest.fixture(scope="module")
def responses(wave):
    return analysis.load(wave)


@pytest.fixture(scope="module")
def questions(wave):
    return as_if_asked(wave)


@pytest.fixture(scope="module")
def kept(wave):
    """The questionnaire that keeps what nobody knows."""
    return analysis.questions(wave)


@pytest.mark.parametrize(("question", "statement", "answers", "n", "base"), COUNTS)
def test_a_printed_count_comes_out_of_the_cleaned_dataset(responses, questions, question, statement, answers, n, base):
    row = estimates.share(responses, questions[question], answers, statement).frame.iloc[0]
    assert (row["n"], row["base"], row["no_answer"]) == (n, base, 0)
    assert row["share"] == pytest.approx(n / base)


@pytest.mark.parametrize(("question", "statement", "answers", "n", "base"), COUNTS)
def test_a_printed_count_says_that_it_was_printed_or_derived(responses, kept, question, statement, answers, n, base):
    row = estimates.share(responses, kept[question], answers, statement).frame.iloc[0]
    # remainders; a sum that was printed shows as it was printed, though its parts settle how many people it is
    derived = [("q02", "d"), ("q05", "d"), ("q11", "b|c")]
    assert row["origin"] == ("derived" if (question, answers) in derived else "printed")
    unit = 0.01 / 10 ** row["decimals"] if row["origin"] == "printed" else 0
    assert row["base"] == base and row["share"] == pytest.approx(n / base, abs=unit / 2 * len(answers.split("|")))
    if row["n"] is pd.NA:
        assert row["least"] <= n / base <= row["most"] and row["least"] < row["most"]
    else:
        assert row["n"] == n


@pytest.mark.parametrize("question", ["q02", "q03", "q05", "q09", "q24", "q25"])
def test_the_answers_of_a_whole_question_come_out_together(responses, questions, question):
    table = estimates.shares(responses, questions[question]).frame
    printed = {answer: n for code, _, answer, n, _ in COUNTS if code == question and "|" not in answer}
    assert dict(zip(table["answer"], table["n"], strict=True)) == printed
    assert table["n"].sum() == table["base"].iloc[0]


def test_the_tools_that_people_named_come_out_together(responses, questions):
    table = estimates.shares(responses, questions["q04"], named=True).frame
    assert table["n"].tolist() == [3, 2, 2, 2, 1, 1]


@pytest.mark.parametrize(("by", "group", "n", "base"), USE)
def test_use_in_a_group_of_care_comes_out(responses, questions, by, group, n, base):
    table = estimates.share(responses, questions["user"], "yes", by=questions[by]).frame.set_index("group")
    assert (table.at[group, "n"], table.at[group, "base"]) == (n, base)


@pytest.mark.parametrize(("asked", "number"), [(n, q) for n, numbers in ASKED.items() for q in numbers])
def test_as_many_are_asked_as_the_captions_say(responses, questions, asked, number):
    assert int(estimates.asked(responses, questions)[f"q{number:02}"]) == asked


def test_about_a_quarter_trusts_the_answers(responses, questions):  # L461
    assert 72 <= estimates.share(responses, questions["q14"], "1|2", "7").frame["n"].iloc[0] <= 75


def test_the_mean_age_comes_out(responses, questions):  # L133
    row = estimates.means(responses, questions["q23"]).frame.iloc[0]
    assert f"{row['mean']:.1f}" == "49.2"
    assert (row["base"], row["no_answer"]) == (771, 0)


def test_of_the_mean_age_only_print_is_shown(responses, kept):
    row = estimates.means(responses, kept["q23"]).frame.iloc[0]
    assert (row["mean"], row["release"]) == (49.2, "released")
    assert row[["base", "sd", "low", "high"]].isna().all()  # how ages spread wasn't printed
    assert estimates.means(responses, kept["q23"], kept["user"]).frame["mean"].isna().all()


def test_users_are_younger_than_others(responses, questions):  # L206-208
    users, others = estimates.means(responses, questions["q23"], questions["user"]).frame["mean"]
    assert users < others
