"""The invented respondents: what the report printed comes out, and nobody is absurd.

Every expected value is typed from the report (`mind-report-2025.txt`; L… are its lines) or
follows from it by the arithmetic given beside it.
"""

import re
import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats

from analysis.survey import questionnaire as instrument
from analysis.survey import reconstruction

WAVE = ROOT / "data/waves/2025-reference"
USERS, OTHERS = 294, 477

# (question, answer, count, base, printed): one option; printed is the report's percentage.
PRINTED = [
    # who took part, L133-134 and figures 1 and 2
    ("q24", "b", 600, 771, "77.8"),
    ("q24", "a", 145, 771, "18.8"),
    ("q24", "c", 17, 771, "2.2"),
    ("q24", "d", 9, 771, "1.2"),
    ("q25", "a", 3, 771, "0.4"),
    ("q25", "b", 12, 771, "1.6"),
    ("q25", "c", 79, 771, "10.2"),
    ("q25", "d", 227, 771, "29.4"),
    ("q25", "e", 237, 771, "30.7"),
    ("q25", "f", 201, 771, "26.1"),
    ("q25", "g", 12, 771, "1.6"),
    # care and use, L191-200
    ("q02", "a", 412, 771, "53.4"),
    ("q02", "c", 298, 771, "38.7"),
    ("q02", "b", 41, 771, "5.3"),
    ("q03", "a", 294, 771, "38.1"),
    # tools, L212-221
    ("q04", "a", 45, USERS, "15.3"),
    ("q04", "d", 27, USERS, "9.2"),
    ("q04", "f", 18, USERS, "6.1"),
    ("q04", "h", 10, USERS, "3.4"),
    # how often, L226-229
    ("q05", "a", 46, USERS, "15.6"),
    ("q05", "b", 46, USERS, "15.6"),
    ("q05", "c", 64, USERS, "21.8"),
    ("q05", "e", 96, USERS, "32.7"),
    ("q05", "f", 30, USERS, "10.2"),
    # reasons, L239-272
    ("q06", "d", 205, USERS, "69.7"),
    ("q06", "c", 170, USERS, "57.8"),
    ("q06", "h", 142, USERS, "48.3"),
    ("q06", "b", 136, USERS, "46.3"),
    ("q06", "i", 133, USERS, "45.2"),
    ("q06", "j", 70, USERS, "23.8"),
    ("q06", "k", 50, USERS, "17"),
    ("q06", "l", 27, USERS, "9.2"),
    # roles, L292-295
    ("q08", "b", 151, USERS, "51.4"),
    ("q08", "e", 108, USERS, "36.7"),
    ("q08", "a", 99, USERS, "33.7"),
    ("q08", "d", 39, USERS, "13.3"),
    # whether and how it helps, L304-305 and L314-367
    ("q09", "a", 164, USERS, "55.8"),
    ("q09", "c", 108, USERS, "36.7"),
    ("q09", "b", 22, USERS, "7.5"),
    ("q10", "b", 212, 272, "77.9"),
    ("q10", "a", 160, 272, "58.8"),
    ("q10", "c", 148, 272, "54.4"),
    ("q10", "e", 126, 272, "46.3"),
    ("q10", "f", 110, 272, "40.4"),
    ("q10", "d", 98, 272, "36"),
    ("q10", "i", 94, 272, "34.6"),
    ("q10", "g", 89, 272, "32.7"),
    ("q10", "j", 76, 272, "27.9"),
    # less good moments, L373-409
    ("q11", "a", 105, 272, "38.6"),
    ("q12", "c", 69, 105, "65.7"),
    ("q12", "e", 56, 105, "53.3"),
    ("q12", "a", 50, 105, "47.6"),
    ("q12", "d", 35, 105, "33.3"),
    ("q12", "b", 33, 105, "31.4"),
    ("q12", "g", 32, 105, "30.5"),
    ("q12", "h", 11, 105, "10.5"),
    ("q12", "f", 8, 105, "7.6"),
    # one cell of the statements, L452
    ("q14_1", "3", 125, USERS, "42.5"),
    # why not, L529-604
    ("q16", "g", 257, OTHERS, "53.9"),
    ("q16", "e", 202, OTHERS, "42.3"),
    ("q16", "d", 177, OTHERS, "37.1"),
    ("q16", "c", 154, OTHERS, "32.3"),
]

# (item, answers, count, base, printed): two or three shares, each rounded, then added up.
SUMS = [
    ("q25", "e|f|g", 450, 771, "58.4"),  # L135
    ("q09", "a|c", 272, USERS, "93"),  # L15
    ("q14_2", "1|2", 168, USERS, "57.2"),  # L457
    ("q14_3", "1|2", 55, USERS, "18.7"),  # L471
    ("q14_4", "1|2", 136, USERS, "46.3"),  # L458
    ("q14_5", "4|5", 151, USERS, "51.3"),  # L495
    ("q14_6", "4|5", 172, USERS, "58.6"),  # L485
    ("q14_8", "1|2", 107, USERS, "36.4"),  # L464
    ("q14_9", "1|2", 65, USERS, "22.1"),  # L475
    ("q14_10", "1|2", 74, USERS, "25.1"),  # L476
    ("q14_11", "1|2", 24, USERS, "8.1"),  # L512
    ("q14_12", "1|2", 188, USERS, "63.9"),  # L508
    ("q17", "a|c", 236, OTHERS, "49.5"),  # L521
]

# (name, count, printed): written at "another tool", L218-221.
NAMED = [
    ("Gemini in Google", 3, "1"),
    ("Perplexity", 2, "0.7"),
    ("Pi", 2, "0.7"),
    ("Le Chat", 2, "0.7"),
    ("Therabot", 1, "0.3"),
    ("Snapchat AI", 1, "0.3"),
]

# (item, leader, its rivals): who stands above whom in the report's words.
RANKS = [
    ("q04", "b", "acdefghijklmnopqrstu"),  # L212: most used
    ("q04", "h", "cegijklmnopqrsu"),  # L216: the rest by only a few
    ("q06", "d", "abcefghijklmn"),  # L239
    ("q06", "c", "abefghijklmn"),  # L239
    ("q06", "e", "abfghijklmn"),  # L15: third, before good advice
    ("q08", "b", "acdefgh"),  # L292
    ("q10", "b", "acdefghijkl"),  # L314
    ("q12", "c", "abdefghijk"),  # L379
    ("q12", "a", "bdfghijk"),  # L379: the three above all others
    ("q14_1", "3", "12456"),  # L452
    ("q16", "g", "abcdefhijklm"),  # L528
]


@pytest.fixture(scope="module")
def responses() -> pd.DataFrame:
    return pd.read_csv(WAVE / "responses.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def provenance() -> pd.DataFrame:
    return pd.read_csv(WAVE / "provenance.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def questions() -> instrument.Questionnaire:
    return instrument.read(ROOT / "data/questionnaire")


@pytest.fixture(scope="module")
def asked(responses, questions) -> dict[str, pd.Series]:
    """Who meets each question, by the conditions; they look at single questions only."""
    return {q.code: q.asked_if.holds(responses, questions) for q in questions}


def count(responses: pd.DataFrame, item: str, answer: str) -> int:
    """Count an answer straight from the export: a code, or `1` in an option's own column."""
    if f"{item}_{answer}" in responses and not item.startswith("q14"):
        return int(responses[f"{item}_{answer}"].eq("1").sum())
    return int(responses[item].isin(answer.split("|")).sum())


def base(responses: pd.DataFrame, item: str) -> int:
    column = item if item in responses else f"{item}_a"
    return int((responses[column].ne("") & responses["q01"].ne("c")).sum())


def percent(n: int, of: int, printed: str) -> Decimal:
    """Round a share half up to as many decimals as `printed` has."""
    return (Decimal(100 * n) / of).quantize(Decimal(printed), ROUND_HALF_UP)


# --- what was printed ---------------------------------------------------------------------


def test_804_took_part_33_are_outside_the_target_group_and_771_are_counted(responses):
    assert len(responses) == 804
    assert responses["respondent"].is_unique
    assert count(responses, "q01", "c") == 33
    assert count(responses, "q01", "a|b") == 771


@pytest.mark.parametrize(("question", "answer", "n", "of", "printed"), PRINTED)
def test_a_printed_share_comes_out(responses, question, answer, n, of, printed):
    assert (count(responses, question, answer), base(responses, question)) == (n, of)
    assert percent(n, of, printed) == Decimal(printed)


@pytest.mark.parametrize(("item", "answers", "n", "of", "printed"), SUMS)
def test_a_printed_sum_is_the_sum_of_rounded_shares(responses, item, answers, n, of, printed):
    assert (count(responses, item, answers), base(responses, item)) == (n, of)
    rounded = [percent(count(responses, item, a), of, printed) for a in answers.split("|")]
    assert sum(rounded) == Decimal(printed)


@pytest.mark.parametrize(("name", "n", "printed"), NAMED)
def test_a_tool_that_was_named_comes_out(responses, name, n, printed):
    named = responses["q04_t_text"].eq(name)
    assert named.sum() == n
    assert responses.loc[named, "q04_t"].eq("1").all()
    assert percent(n, USERS, printed) == Decimal(printed)


@pytest.mark.parametrize(
    ("care", "n", "of", "printed"), [("a", 172, 412, "41.7"), ("b", 22, 41, "53.7"), ("c|d", 100, 318, "")]
)
def test_use_by_care_comes_out(responses, care, n, of, printed):  # L202-204; 100 = 294 - 172 - 22
    group = responses[responses["q02"].isin(care.split("|"))]
    assert (count(group, "q03", "a"), len(group)) == (n, of)
    assert not printed or percent(n, of, printed) == Decimal(printed)


def test_remainders_come_out(responses):
    assert count(responses, "q02", "d") == 20  # 771 - 412 - 41 - 298
    assert count(responses, "q03", "b") == 477  # L525
    assert count(responses, "q05", "d") == 12  # 294 - 46 - 46 - 64 - 96 - 30
    assert count(responses, "q11", "b|c") == 167  # 272 - 105


def test_about_a_quarter_trusts_the_answers_and_most_do_not(responses):  # L461-463
    assert 72 <= count(responses, "q14_7", "1|2") <= 75
    assert count(responses, "q14_7", "3|4|5") > 147


# --- ages ---------------------------------------------------------------------------------


def test_mean_age_and_welch_test_come_out(responses):  # L133, L208
    ages = pd.to_numeric(responses["q23"])
    users, others = (ages[responses["q03"].eq(answer)] for answer in "ab")
    assert (len(users), len(others)) == (294, 477)
    assert f"{ages.mean():.1f}" == "49.2"
    test = stats.ttest_ind(users, others, equal_var=False)
    assert (f"{test.statistic:.2f}", f"{test.df:.0f}") == ("-10.88", "635")
    assert test.pvalue < 0.001


def settings() -> dict:
    groups = {"q03=a": 294, "q03=b": 477}
    return {"mean": 49.2, "t": -10.88, "df": 635, "youngest": 16, "oldest": 85, "sd": 15.0, "groups": groups, "seed": 1}


@pytest.mark.parametrize(("reading", "people"), [("welch", 771), ("pooled", 637)])
def test_both_readings_of_the_age_test_can_be_had(reading, people):
    counts = reconstruction.ages(settings(), reading)
    users, others = (np.repeat(counts.index, counts[group]) for group in counts)
    test = stats.ttest_ind(users, others, equal_var=reading == "pooled")
    assert len(users) + len(others) == people
    assert (f"{test.statistic:.2f}", f"{test.df:.0f}") == ("-10.88", "635")
    assert f"{np.concatenate([users, others]).mean():.1f}" == "49.2"


def test_both_readings_say_how_many_gave_an_age():  # pooled, 60 degrees of freedom are of 62 people, and 16 are left
    numbers = settings() | {"t": -3.0, "df": 60, "groups": {"q03=a": 30, "q03=b": 48}}
    wave = SimpleNamespace(settings={"reconstruction": {"seed": 1, "numbers": {"q23": numbers}}})
    found = reconstruction.compare_readings(wave, "q23")
    assert found.to_dict("list") == {"reading": ["welch", "pooled"], "base": [78, 62], "missing": [0, 16]}


def test_an_unknown_reading_of_the_age_test_is_refused():
    with pytest.raises(ValueError, match='"student" is not one of welch, pooled'):
        reconstruction.ages(settings(), "student")


def test_ages_are_plausible(responses):
    ages = pd.to_numeric(responses["q23"])
    assert ages.min() >= 16 and ages.max() <= 90
    assert ages.value_counts().max() <= 25  # no heap: 771 people over some 65 ages
    youngest = ages.groupby(responses["q25"]).min()
    assert youngest["g"] >= 26 and youngest["f"] >= 21 and youngest["e"] >= 20 and youngest["d"] >= 17


# --- what the report says in words --------------------------------------------------------


@pytest.mark.parametrize(("item", "leader", "rivals"), RANKS)
def test_a_rank_in_words_holds(responses, item, leader, rivals):
    assert all(count(responses, item, leader) > count(responses, item, rival) for rival in rivals)


def test_use_is_highest_on_a_waiting_list_then_in_care(responses):  # L201-204
    use = responses[responses["q01"].ne("c")].groupby("q02")["q03"].agg(lambda q03: q03.eq("a").mean())
    assert use["b"] > use["a"] > max(use["c"], use["d"])


@pytest.mark.parametrize("groups", ["abcd", "ab"])
def test_use_does_not_differ_by_gender(responses, groups):  # L209
    people = responses[responses["q24"].isin([*groups])]
    assert stats.chi2_contingency(pd.crosstab(people["q24"], people["q03"])).pvalue > 0.05


@pytest.mark.parametrize("merged", ["abcdefg", "aaadeee", "aaaaeee"])
def test_use_does_not_differ_by_education(responses, merged):  # L210
    people = responses[responses["q25"].ne("")]
    levels = people["q25"].map(dict(zip("abcdefg", merged, strict=True)))
    assert stats.chi2_contingency(pd.crosstab(levels, people["q03"])).pvalue > 0.05


# --- coherence ----------------------------------------------------------------------------


def test_nobody_answers_what_they_were_not_asked_and_everybody_the_rest(responses, questions, asked):
    for question in questions:
        if question.kind == "text":
            continue
        for column in question.export_columns:
            if not column.endswith("_text"):
                answered = responses[column].ne("")
                assert answered.equals(asked[question.code]), column


def test_someone_outside_the_target_group_answers_nothing_else(responses):
    outside = responses[responses["q01"].eq("c")].drop(columns=["respondent", "q01"])
    assert outside.eq("").all(axis=None)


def test_those_outside_the_target_group_are_spread_over_the_file(responses):
    rows = np.flatnonzero(responses["q01"].eq("c"))
    assert rows.min() < 100 and rows.max() > 650


def test_every_answer_is_one_that_was_offered(responses, questions):
    for question in questions:
        offered = {"multiple": {"0", "1"}, "text": set()}.get(question.kind, {a.code for a in question.options})
        for column in question.export_columns:
            if question.kind != "number" and not column.endswith("_text"):
                assert set(responses[column]) - {""} <= offered, column


def test_an_exclusive_option_stands_alone_and_everybody_ticks_something(responses, questions, asked):
    for question in (q for q in questions if q.kind == "multiple"):
        ticks = responses.loc[asked[question.code], [f"{question.code}_{a.code}" for a in question.options]].eq("1")
        assert (ticks.sum(axis=1) >= 1).all(), question.code
        for answer in (a for a in question.options if a.exclusive):
            alone = ticks[ticks[f"{question.code}_{answer.code}"]]
            assert (alone.sum(axis=1) == 1).all(), question.code


def test_no_words_are_put_in_anybodys_mouth(responses, questions):
    texts = [q.code for q in questions if q.kind == "text"] + [c for c in responses if c.endswith("_text")]
    assert len(texts) == 13  # four open questions, nine fields behind "other"
    assert responses[texts].drop(columns="q04_t_text").eq("").all(axis=None)
    assert responses["q04_t_text"].ne("").sum() == 11


@pytest.mark.parametrize(
    ("who", "must"),
    [
        ({"q02": "a|b"}, {"q01": "a"}),
        ({"q06_l": "1"}, {"q02": "a|b"}),
        ({"q08_c": "1"}, {"q02": "a|b"}),
        ({"q08_e": "1"}, {"q02": "a|c"}),
        ({"q08_f": "1"}, {"q02": "a|c"}),
        ({"q16_j": "1"}, {"q02": "a"}),
        ({"q04_u": "1"}, {"q05": "d|e|f"}),
        ({"q09": "b"}, {"q05": "c|d|e|f"}),
        ({"q14_9": "1|2"}, {"q05": "a|b|c|d|e"}),
    ],
)
def test_answers_of_one_person_do_not_contradict_each_other(responses, who, must):
    ((column, values),), ((other, needed),) = who.items(), must.items()
    people = responses[responses[column].isin(values.split("|"))]
    assert len(people) and people[other].isin(needed.split("|")).all()


# --- where each count comes from ----------------------------------------------------------


def test_provenance_covers_every_option_of_every_question(provenance, questions):
    told = set(provenance.loc[provenance["among"].eq(""), ["question", "statement", "answer"]].itertuples(False, None))
    for question in (*questions, *questions.derived):
        for statement in [s.code for s in question.statements] or [""]:
            for answer in question.answers:
                assert (question.code, statement, answer.code) in told
    assert set(provenance["origin"]) == {"printed", "derived", "pictured", "unpublished"}
    assert not provenance.duplicated(["question", "statement", "answer", "among"]).any()


def test_provenance_covers_every_margin_and_its_count(provenance):
    key = ["question", "statement", "answer", "among"]
    margins = pd.read_csv(WAVE / "reconstruction/margins.csv", dtype=str, keep_default_na=False)
    both = margins.merge(provenance, on=key, suffixes=("", "_made"))
    assert len(both) == len(margins)
    assert (both["count"].eq(both["count_made"]) | both["count"].eq("")).all()
    assert both["origin"].eq(both["origin_made"]).all()


def test_a_count_is_printed_exactly_where_the_report_prints_it(provenance):
    everybody = provenance[provenance["origin"].eq("printed") & provenance["among"].eq("")]
    keys = everybody[["question", "statement", "answer"]].to_numpy()
    shown = {f"{q}_{s} {a}" if s else f"{q} {a}" for q, s, a in keys}
    expected = {f"{item} {answer}" for item, answer, *_ in PRINTED + SUMS}
    expected |= {f"q04 t{number}" for number in range(1, 7)} | {"q01 c", "q01 a|b", "q03 b", "q23 "}
    expected |= {"user yes", "user no", "helped yes", "helped no", "care now", "care waiting"}
    expected |= {"education middle", "education higher"}
    assert shown == expected


def test_what_is_not_known_is_pictured_where_the_report_has_a_figure_and_else_unpublished(provenance, questions):
    # the figures that print captions for; there is none of questions 1, 13 and 20 to 22
    whole = provenance[provenance["among"].eq("") & provenance["question"].isin([q.code for q in questions])]
    unknown = whole[whole["origin"].isin(["pictured", "unpublished"])]
    with_figure = unknown["question"].isin(["q04", "q06", "q08", "q10", "q11", "q12", "q14", "q16", "q17"])
    assert unknown["origin"].eq("pictured").equals(with_figure)


@pytest.mark.parametrize(
    ("answer", "among", "n", "of", "origin"),
    [
        ("a", "q02=a", 172, 412, "printed"),
        ("b", "q02=a", 240, 412, "derived"),
        ("a", "q02=b", 22, 41, "printed"),
        ("a", "care=neither", 100, 318, "derived"),
        ("b", "care=neither", 218, 318, "derived"),
    ],
)
def test_use_by_group_says_where_it_comes_from(provenance, answer, among, n, of, origin):
    for question, code in [("q03", answer), ("user", {"a": "yes", "b": "no"}[answer])]:
        rows = provenance[provenance[["question", "answer", "among"]].eq([question, code, among]).all(axis=1)]
        assert rows[["count", "base", "origin"]].to_numpy().tolist() == [[str(n), str(of), origin]]


@pytest.mark.parametrize("by", ["q01", "q20", "q24", "q25", "age_group", "education"])
def test_use_by_any_other_group_is_unpublished(provenance, by):
    rows = provenance[provenance["question"].isin(["q03", "user"]) & provenance["among"].str.startswith(f"{by}=")]
    assert len(rows) and rows["origin"].eq("unpublished").all()


def test_printed_percentages_in_the_margins_follow_from_their_counts(provenance):
    rows = provenance[provenance["printed_as"].eq("percent")]
    for n, of, printed in rows[["count", "base", "printed"]].to_numpy():
        assert percent(int(n), int(of), printed) == Decimal(printed)


# --- the making ---------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path) -> Path:
    """A wave of one's own, beside the questionnaire it asks."""
    shutil.copytree(ROOT / "data/questionnaire", tmp_path / "questionnaire")
    return Path(shutil.copytree(WAVE, tmp_path / "waves/2025-reference"))


def edit(path: Path, pattern: str, replacement: str) -> None:
    text, edits = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert edits == 1
    path.write_text(text, encoding="utf-8")


@pytest.mark.whole
def test_making_it_again_gives_the_same_bytes(copy):
    paths = reconstruction.write(copy)
    assert [p.name for p in paths] == ["responses.csv", "provenance.csv"]
    for path in paths:
        assert path.read_bytes() == (WAVE / path.name).read_bytes()
        assert b"\r" not in path.read_bytes()


def test_margins_that_clash_are_named(copy):
    edit(copy / "reconstruction/margins.csv", r"^q02,,d,,20,", "q02,,d,,21,")
    with pytest.raises(ValueError, match=r"q02: no 771 whole people .*: c = 298; d = 21; c\|d = 318$"):
        reconstruction.reconstruct(copy)


def test_a_margin_that_the_rules_forbid_is_named(copy):
    # 319 people have no complaints now, and only c and d are open to them: 318 is one too few.
    edit(copy / "reconstruction/margins.csv", r"^q01,,a,,596,", "q01,,a,,452,")
    edit(copy / "reconstruction/margins.csv", r"^q01,,b,,175,", "q01,,b,,319,")
    with pytest.raises(ValueError, match=r"q02: .*: c\|d = 318\. Without the rules they do: .*rules\.csv$"):
        reconstruction.reconstruct(copy)


def test_an_option_without_a_margin_and_an_unknown_answer_are_refused(copy):
    edit(copy / "reconstruction/margins.csv", r"^q13,,k,", "q13,,z,")
    with pytest.raises(ValueError, match=r'(?s)q13 has no answer "z".*margins.csv lacks q13 k'):
        reconstruction.reconstruct(copy)


def test_a_group_of_another_size_than_its_numbers_is_told(copy):
    edit(copy / "wave.toml", '"q03=a" = 294', '"q03=a" = 293')
    with pytest.raises(ValueError, match="^q23: 293 numbers for 294 people with q03=a$"):
        reconstruction.reconstruct(copy)


def test_real_people_are_never_made_up(copy):
    edit(copy / "wave.toml", r'^kind = "synthetic"', 'kind = "confidential"')
    with pytest.raises(ValueError, match="only a synthetic wave is made up"):
        reconstruction.write(copy)
    assert (copy / "responses.csv").read_bytes() == (WAVE / "responses.csv").read_bytes()
