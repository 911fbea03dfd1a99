"""Errata say what they can prove: numbers from claims, in step with them both ways, shown able to fail."""

import dataclasses
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import OTHER, ROOT, as_if_asked

import analysis
from analysis.report import claims, errata
from analysis.show import corrections
from analysis.survey import printed as printed_numbers
from analysis.survey.questionnaire import read
from analysis.survey.routing import compare_routing
from analysis.words import LANGUAGES, text

HEAD = "document,number,kind,evidence,claims,place_nl,place_en,printed_nl,printed_en,found_nl,found_en\n"


def opened(place: Path, source: Path, wave: str):
    """Copy a survey's tables and return its wave's folder, its claims and its data."""
    for part in ("questionnaire", "published", f"waves/{wave}"):
        shutil.copytree(source / part, place / part)
    wave = place / "waves" / wave
    questions, steps = analysis.questions(wave, "en"), analysis.flow(wave).frame
    return wave, claims.read(wave, questions, steps), claims.Data(analysis.load(wave), questions, steps)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("report"), ROOT / "data", "2025-reference")


@pytest.fixture
def cycling(tmp_path):
    return opened(tmp_path, OTHER, "2024-cycling")


@pytest.fixture(scope="module")
def listed(report) -> pd.DataFrame:
    return errata.read(*report[:2])


@pytest.fixture(scope="module")
def filled(report, listed) -> pd.DataFrame:
    return corrections.fill(listed, *report[1:])


def said(filled: pd.DataFrame, number: int, column: str) -> str:
    return filled.set_index("number").at[str(number), column]


# --- both ways: errata and claims ---------------------------------------------------------------


def test_errata_and_claims_are_in_step(report, listed):
    assert errata.out_of_step(listed, *report[1:]) == []


@pytest.mark.long
@pytest.mark.whole
def test_an_erratum_on_evidence_in_the_claims_is_missed_when_it_goes(report, listed):
    by_number = listed.set_index("number")["evidence"]
    relied = by_number.index[by_number.isin(errata.CHECKED)]
    assert relied.tolist() == ["6", "7", "11", "12", "13", "14"]
    for number in relied:
        without = errata.out_of_step(listed[listed["number"].ne(number)], *report[1:])
        named = listed.loc[listed["number"].eq(number), "claims"].iloc[0].split()
        assert {line.split(":")[0] for line in without} >= set(named), number


def unsound(table: pd.DataFrame) -> set[str]:
    """The claims marked as not holding, and the five sums that research counted by hand."""
    five = table["printed"].isin(["57.2", "25.1", "58.6", "51.3", "8.1"])
    return set(table.loc[table["holds"].eq("no") | five, "claim"])


def test_every_unsound_claim_is_in_an_erratum(report, listed):
    assert unsound(report[1]) - set(" ".join(listed["claims"]).split()) == set()
    assert len(unsound(report[1])) == 9 + 5


@pytest.mark.long
def test_a_new_contradiction_in_print_is_missed_until_an_erratum_names_it(report, listed):
    _, table, data = report
    wrong = table.assign(printed=table["printed"].mask(table["claim"].eq("summary-02"), "39"))  # 38.1 in the text
    assert [line for line in errata.out_of_step(listed, wrong, data) if "q03=a" in line]
    row = listed.iloc[[0]].assign(number="99", evidence="arithmetic", claims="summary-02")
    assert errata.out_of_step(pd.concat([listed, row]), wrong, data) == []


@pytest.mark.parametrize("evidence", errata.CHECKED)
def test_an_erratum_on_a_sound_claim_is_found_out(report, listed, evidence):
    row = listed.iloc[[0]].assign(number="99", evidence=evidence, claims="use-14")
    (line,) = errata.out_of_step(pd.concat([listed, row]), *report[1:])
    assert line.startswith("erratum 99: ")


def test_evidence_outside_the_claims_leaves_them_alone(report, listed):
    row = listed.iloc[[0]].assign(number="99", evidence="text", claims="use-14")
    assert errata.out_of_step(pd.concat([listed, row]), *report[1:]) == []


def test_the_errata_on_jumps_explain_all_that_code_finds_on_the_routing(tmp_path, listed):
    # question 3, no: 17 should be 16; question 15: 21 should be 20; question 20: two jumps
    assert listed.loc[listed["evidence"].eq("routing"), "place_en"].tolist() == [f"Question {n}" for n in (3, 15, 20)]
    shutil.copytree(ROOT / "data/questionnaire", tmp_path / "q")
    assert len(compare_routing(read(tmp_path / "q"))) > 0
    mend(tmp_path / "q/answers.csv", ["question", "answer"], ("q03", "b"), "q16")
    mend(tmp_path / "q/questions.csv", ["question"], ("q15",), "q20")
    mend(tmp_path / "q/questions.csv", ["question"], ("q20",), "")
    assert compare_routing(read(tmp_path / "q")).empty


def mend(path: Path, keys: list[str], which: tuple, jump: str) -> None:
    """Change a printed jump in a table of the questionnaire."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = table[keys].agg(" ".join, axis=1).eq(" ".join(which))
    assert row.sum() == 1 and table.loc[row, "printed_next"].iloc[0] != jump
    table.assign(printed_next=table["printed_next"].mask(row, jump)).to_csv(path, index=False)


def test_the_figure_on_less_good_moments_has_no_percentage_of_both_groups(report):
    # erratum 8: 105 with less good moments and 22 who were not helped
    table = report[1]
    of_figure = table[table["figure"].eq("12") & table["kind"].eq("share")]
    assert len(of_figure) == 8
    assert not any(printed_numbers.counts(printed, 105 + 22) for printed in of_figure["printed"])


def test_the_reason_read_as_a_part_of_another_has_no_such_percentage():
    assert printed_numbers.counts("23.8", 133) == []  # erratum 43: 133 don't want to burden others


# --- numbers --------------------------------------------------------------------------------------

REFERENCES = (
    r"\b(?:[Vv]ra(?:ag|gen)|[Ff]igu(?:ur|ren)|[Qq]uestions?|[Ff]igures?) \d+(?:(?:, \d+)*(?: (?:en|and|or|of) \d+)?)"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_is_typed_in_what_we_find(listed, language):
    allowed = re.compile(rf"{errata.PLACE.pattern}|{REFERENCES}")
    typed = [(row["number"], allowed.sub("", row[f"found_{language}"])) for row in listed.to_dict("records")]
    left = {number: text for number, text in typed if re.search(r"\d", text)}
    # a jump's number and the questions with a field for explanations, as the questionnaire prints them
    assert set(left) == {"29", "30", "32", "36"}


def test_what_the_data_say_comes_out_as_worked_out_by_hand(filled):
    # 22 of 771 is 2.853 per cent; 177 and 154 of 771 are 22.96 and 19.97
    assert said(filled, 7, "found_en").endswith("294 users: 22 people. Of all 771 respondents that is 2.9%.")
    assert said(filled, 7, "found_nl").endswith("294 gebruikers: 22 mensen. Van alle 771 deelnemers is dat 2,9%.")
    assert "477 non-users" in said(filled, 10, "found_en") and "23.0% and 20.0%" in said(filled, 10, "found_en")
    assert all(text in said(filled, 11, "found_nl") for text in ("36,7%", "108 van de 294", "51,4%"))


@pytest.mark.long
def test_totals_that_print_allows_need_no_data(report, listed):
    # nobody is left to count, and the report's five sums still stand for as many people
    _, table, data = report
    empty = dataclasses.replace(data, responses=data.responses.iloc[:0])
    text = said(corrections.fill(listed, table, empty), 6, "found_en")
    assert "168, 74, 172, 151 and 24 people" in text
    assert "57.1%, 25.2%, 58.5%, 51.4% and 8.2%" in text


def test_a_sign_stands_where_nobody_answered(report, listed):
    wave, table, data = report
    empty = dataclasses.replace(data, responses=data.responses.iloc[:0], questions=as_if_asked(wave))
    row = listed.iloc[[0]].assign(found_en="{role-03}; {role-03/role-02}; {sample-04}; {role-03:base}")
    assert corrections.fill(row, table, empty)["found_en"].iloc[0] == "[x]; [e]; [x]; 0"


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "[x] niet in de tekst 36,7% 108 niet bekend"), ("en", "[x] not in the text 36.7% 108 not known")],
)
def test_of_invented_people_only_what_is_known_stands_there(report, listed, language, words):
    # people picked by a condition, as in use-04, are no group that is recorded
    column = f"found_{language}"
    row = listed.iloc[[0]].assign(**{column: "{opinions-08} {opinions-08:n} {role-03} {role-03:n} {use-04:n}"})
    assert corrections.fill(row, *report[1:])[column].iloc[0] == words


def test_no_placeholder_is_left(filled):
    assert not filled.apply(lambda column: column.str.contains("[{}]")).any(axis=None)


def test_errata_are_not_changed_by_being_filled(report, listed):
    before = listed.copy()
    corrections.fill(listed, *report[1:])
    pd.testing.assert_frame_equal(listed, before)


# --- another report -------------------------------------------------------------------------------


def test_another_report_has_its_own_errata(cycling):
    wave, table, data = cycling
    listed = errata.read(wave, table)
    assert errata.out_of_step(listed, table, data) == []
    filled = corrections.fill(listed, table, data)
    assert said(filled, 1, "found_en") == "It is 5 of 15, 33.3%."
    assert said(filled, 3, "found_nl") == "50% van 15 bestaat niet. 46% is een som: 7 mensen, 46,7%."
    assert said(filled, 2, "found_nl") == "Van wie dichtbij woont; van alle 16 is het 25,0%. De toets geeft −3,16."


def test_another_report_without_its_errata_is_out_of_step(cycling):
    wave, table, data = cycling
    none = errata.read(wave, table).iloc[:0]
    found = errata.out_of_step(none, table, data)
    assert {line.split(":")[0] for line in found} >= {"half", "rain", "urged"}


# --- errata that need mending ---------------------------------------------------------------------


def refusal(cycling, *rows: str) -> str:
    wave, table, _ = cycling
    (wave.parents[1] / "published/errata.csv").write_text(
        HEAD + "".join(f"cycling-2024,{r}\n" for r in rows), encoding="utf-8"
    )
    with pytest.raises(ValueError) as error:
        errata.read(wave, table)
    return str(error.value)


def test_all_problems_are_told_at_once_with_row_and_column(cycling):
    message = refusal(
        cycling,
        "1,wording,data,haf rain,a,b,c,d,{bicicle},f",
        "2,gossip,rumour,half,a,b,c,{half:size},e,",
        "2,base,arithmetic,,a,{rain,c,d,e,f",
    )
    assert "errata.csv needs mending: 9 problems." in message
    for line in (
        'row 2: claims: claims.csv has no claim "haf"; did you mean "half"?',
        'row 2: found_nl: {bicicle}: claims.csv has no claim "bicicle"; did you mean "bicycle"?',
        "row 3: found_en is blank",
        'row 3: kind "gossip" has no word erratum_gossip in locale/book.pot',
        'row 3: evidence "rumour" has no word evidence_rumour in locale/book.pot',
        'row 3: printed_en: {half:size}: ":size" behind one claim is not one of n, base, printed',
        "row 4: claims is blank, and evidence arithmetic is about claims",
        "row 4: place_en: a brace without its pair",
        'row 4: number "2" stands there already',
    ):
        assert line in message


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("most", "most, of kind rank, has no such number"),
        ("health", "health, of kind majority, has no such number"),
        ("half:printed", "half, of kind majority, has no such number"),
        ("km:n", "km, of kind mean, has no such number"),
        ("rain:printed_n", "rain, of kind share, has no such number"),
        ("km/half", "km, of kind mean, has no such number"),
        ("half/analysed:n", '":n" behind one claim is not one of'),
        ("", 'claims.csv has no claim ""'),
    ],
)
def test_a_number_that_a_claim_does_not_have_is_refused(cycling, place, problem):
    assert f"row 2: found_nl: {{{place}}}: {problem}" in refusal(cycling, f"1,base,text,,a,b,c,d,{{{place}}},f")


def test_an_address_is_a_whole_number(cycling):
    assert 'row 2: number "7a" is not a whole number' in refusal(cycling, "7a,base,text,,a,b,c,d,e,f")


@pytest.mark.parametrize("language", LANGUAGES)
def test_evidence_that_is_checked_has_its_words(language):
    assert all(text(f"evidence_{evidence}")[language] for evidence in errata.CHECKED)
