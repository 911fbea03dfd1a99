"""Another survey goes the whole way: other subject, routing, scale, separators; same rooms.

Eighteen invented people on cycling to work (`tests/data/other`), sixteen of them analysed.
All counts were made by hand from `export.csv`.
"""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from charted import agreed, cells, notes, on_page, plotly
from conftest import OTHER

import analysis
from analysis.__main__ import main
from analysis.show import charts, render, tables
from analysis.stats import comparisons, estimates
from analysis.survey import cleaning, reading, routing, waves
from analysis.survey import questionnaire as instrument
from analysis.words import voice

ANALYSED = [f"P{number:02}" for number in range(1, 17)]
LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def wave(tmp_path_factory) -> Path:
    survey = tmp_path_factory.mktemp("survey") / "other"
    shutil.copytree(OTHER, survey)
    return survey / "waves/2024-cycling"


@pytest.fixture(scope="module")
def responses(wave) -> pd.DataFrame:
    return analysis.load(wave)


@pytest.fixture(params=LANGUAGES)
def questions(request, wave) -> instrument.Questionnaire:
    return analysis.questions(wave, request.param)


def counts(table: pd.DataFrame, *columns: str) -> dict:
    """Map each answer (or the columns named) to its count and base."""
    keys = table[list(columns) or ["answer"]].agg("".join, axis=1)
    return {key: (n, base) for key, n, base in zip(keys, table["n"], table["base"], strict=True)}


# --- check and clean ------------------------------------------------------------------------


def test_the_door_lets_it_in(wave, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.paths.BUILD", tmp_path / "_build")
    assert main(["check", "--wave", str(wave)]) == 0
    first, then, *_ = capsys.readouterr().out.splitlines()
    assert first == "2024-cycling/export.csv matches the questionnaire: 18 rows."
    assert then == "To be written by the author:"
    assert not list(tmp_path.iterdir())


def test_the_door_asks_for_the_days_of_fieldwork(wave, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.paths.BUILD", tmp_path / "_build")
    label = wave / "wave.toml"
    text = label.read_text(encoding="utf-8")
    label.write_text(text.replace("start = 2024-03-04", 'start = "4 maart"'), encoding="utf-8")
    assert main(["check", "--wave", str(wave)]) == 1
    label.write_text(text, encoding="utf-8")
    said = capsys.readouterr()
    assert "matches the questionnaire" in said.out and "[fieldwork] needs start and end" in said.err


def test_the_command_cleans_it_once(wave, capsys):
    assert main(["clean", "--wave", str(wave)]) == 0
    assert main(["clean", "--wave", str(wave)]) == 0
    assert capsys.readouterr().out.endswith("nothing to do\n")
    assert (wave.parents[1] / "clean/2024-cycling/responses.parquet").exists()


def test_who_works_at_home_is_left_out(wave, responses):
    assert sorted(responses.index) == ANALYSED
    assert analysis.flow(wave).frame[["step", "n"]].to_numpy().tolist() == [
        ["took_part", 18],
        ["at_home", 2],
        ["analysed", 16],
    ]


def test_the_log_tells_every_change(wave, responses):
    log = analysis.log(wave)
    changes = sorted(log[["respondent", "column", "change", "before", "after"]].itertuples(False, None))
    assert changes == [
        ("", "started", "column left out", "", ""),
        ("P04", "km", "recoded", "12,0", "12"),
        ("P10", "mode_x1", "coded", "", "yes"),
        ("P11", "mode_x1", "coded", "", "yes"),
        ("P11", "mode_x2", "coded", "", "yes"),
        ("P15", "often", "recoded", " A", "a"),
        ("P17", "", "excluded", "", "at_home"),
        ("P18", "", "excluded", "", "at_home"),
    ]


def test_a_wave_that_is_not_invented_marks_no_origin(wave, responses, questions):
    assert analysis.provenance(wave) is None
    table = estimates.shares(responses, questions["often"]).frame
    assert table["origin"].eq("").all()
    html = render.html(tables.shares(table, "x"), questions.language)
    assert voice(questions.language).say("origin") not in html


@pytest.mark.parametrize(
    ("question", "asked"),
    [("work", 16), ("mode", 16), ("km", 16), ("often", 7), ("shower", 8), ("view", 16), ("note", 16)],
)
def test_a_condition_on_ticks_or_on_a_range_decides_who_is_asked(wave, responses, question, asked):
    assert int(estimates.asked(responses, analysis.questions(wave))[question]) == asked


def test_each_person_is_asked_what_they_should_be(responses):
    cyclists = responses.index[responses["often"].ne("not_asked")]
    assert set(cyclists) == {"P01", "P02", "P03", "P04", "P05", "P11", "P15"}
    far = responses.index[responses["shower"].ne("not_asked")]
    assert set(far) == {"P04", "P05", "P06", "P07", "P08", "P09", "P13", "P15"}


# --- counts, by hand ------------------------------------------------------------------------

SHARES = {
    "mode": ({"a": 5, "b": 2, "c": 5, "d": 3, "x": 3, "y": 1}, 15, 1, 0),
    "often": ({"a": 4, "b": 2, "c": 1}, 7, 0, 9),
    "shower": ({"a": 3, "b": 3, "c": 1}, 7, 1, 8),
    "distance": ({"near": 7, "far": 8}, 15, 1, 0),
}


@pytest.mark.parametrize("question", SHARES)
def test_shares_are_as_counted_by_hand(responses, questions, question):
    expected, base, no_answer, not_asked = SHARES[question]
    table = estimates.shares(responses, questions[question]).frame
    assert counts(table) == {answer: (n, base) for answer, n in expected.items()}
    assert table["no_answer"].eq(no_answer).all() and table["not_asked"].eq(not_asked).all()
    assert table["share"].tolist() == pytest.approx([n / base for n in expected.values()])


def test_names_written_at_other_are_counted(responses, questions):
    assert counts(estimates.shares(responses, questions["mode"], named=True).frame) == {"x1": (2, 15), "x2": (1, 15)}


def test_a_scale_of_four_without_a_middle_is_counted(responses, questions):
    by_hand = {"1": (4, 5, 4, 2, 1), "2": (3, 5, 4, 3, 1), "3": (2, 5, 2, 2, 4)}
    table = estimates.shares(responses, questions["view"]).frame
    found = {statement: tuple(block["n"]) for statement, block in table.groupby("statement")}
    assert found == by_hand
    assert table.groupby("statement")["base"].first().tolist() == [16, 16, 15]
    assert table["kind"].eq("not_applicable").sum() == 3
    assert estimates.share(responses, questions["view"], "1|2", "2").frame[["n", "base"]].to_numpy().tolist() == [
        [8, 16]
    ]


def test_shares_by_group_are_as_counted_by_hand(responses, questions):
    table = estimates.shares(responses, questions["often"], questions["distance"]).frame
    assert counts(table, "group", "answer") == {
        "neara": (2, 4), "nearb": (1, 4), "nearc": (1, 4), "fara": (2, 3), "farb": (1, 3), "farc": (0, 3),
    }  # fmt: skip
    cyclists = estimates.share(responses, questions["mode"], "a|b", by=questions["distance"]).frame
    assert counts(cyclists, "group") == {"near": (4, 7), "far": (3, 8)}


def test_means_are_as_worked_out_by_hand(responses, questions):
    everyone = estimates.means(responses, questions["km"]).frame
    assert everyone[["base", "no_answer"]].to_numpy().tolist() == [[15, 1]]
    assert everyone["mean"].tolist() == pytest.approx([177 / 15])
    by_group = estimates.means(responses, questions["km"], questions["distance"]).frame
    assert by_group["base"].tolist() == [7, 8]
    assert by_group["mean"].tolist() == pytest.approx([28 / 7, 149 / 8])


def test_an_association_is_as_worked_out_by_hand(responses, questions):
    # counts 2 2 / 1 1 / 1 0: chi-square is 147/168, V the root of that over 7; Fisher's test has neither it nor df
    row = comparisons.association(responses, questions["often"], questions["distance"]).iloc[0]
    assert row["base"] == 7 and row[["statistic", "df"]].isna().all()
    assert row["size"] == pytest.approx(0.125**0.5)
    assert row["test"] == "fisher_simulated"


def test_a_remark_is_given_even_when_it_reads_none_or_runs_over_two_lines(responses):
    assert set(responses.index[responses["note"].eq("given")]) == {"P01", "P06", "P12"}


# --- tables and figures, in both languages ----------------------------------------------------


def test_a_table_comes_out_in_both_languages(responses, questions):
    language = questions.language
    html = render.html(tables.shares(estimates.shares(responses, questions["mode"]).frame, "Modes"), language)
    cells = re.sub(r"<[^>]+>", "|", html)
    fifth, word = {"nl": ("13,3%", "Ander vervoer"), "en": ("13.3%", "Another way")}[language]
    assert word in cells and fifth in cells  # 2 of 15
    assert html.count('scope="row"') == 6
    means = render.html(
        tables.means(estimates.means(responses, questions["km"], questions["distance"]).frame, "Means"), language
    )
    assert {"nl": "18,6", "en": "18.6"}[language] in means  # 149 / 8


def test_a_figure_comes_out_in_both_languages(responses, questions):
    language = questions.language
    bars = charts.shares(estimates.shares(responses, questions["often"]).frame, voice(language), "bar")
    assert [place["b"] for place in agreed(bars, language)] == pytest.approx([400 / 7, 200 / 7, 100 / 7], abs=0.01)
    label, value = {"nl": ("Elke werkdag", "57,1%"), "en": ("Every working day", "57.1%")}[language]
    texts = " ".join(notes(plotly(bars, language)))
    assert label in texts and value in texts and label in cells(on_page(bars, language))[0]
    by_distance = estimates.share(responses, questions["mode"], "a", by=questions["distance"]).frame
    dots = charts.shares(by_distance, voice(language), "dot")
    assert [place["b"] for place in agreed(dots, language)] == pytest.approx([400 / 7, 12.5], abs=0.01)


def test_the_way_through_is_drawn_in_both_languages(responses, questions):
    people = estimates.asked(responses, questions)
    page = on_page(charts.routing(questions, people, voice(questions.language)), questions.language)
    rows = cells(page)
    assert len(rows) == 5  # work; mode and km; often; shower; view and note
    assert "8..100" not in page and "100’" in page
    assert "7" in [row[1] for row in rows]


# --- routing ----------------------------------------------------------------------------------


def test_without_printed_jumps_there_is_nothing_to_contradict(wave, capsys):
    assert routing.compare_routing(instrument.read(wave.parents[1] / "questionnaire")).empty
    assert main(["routing", "--wave", str(wave)]) == 0
    assert capsys.readouterr().out == "nothing to report\n"


def test_printed_jumps_are_held_against_ticks_and_ranges(tmp_path):
    shutil.copytree(OTHER, tmp_path / "other")
    path = tmp_path / "other/questionnaire/answers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("work,b,,,,,,,", "work,b,,,,,,outside,"), encoding="utf-8")
    questions = instrument.read(path.parent, "en")
    findings = routing.compare_routing(questions)
    assert findings.to_numpy().tolist() == [
        ["asked_wrongly", "often", "work=a & mode=c|d|x|y"],
        ["asked_wrongly", "shower", "work=a & km=0..7"],
    ]
    assert "0 to 7" in render.html(tables.routing(findings, questions), "en")


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"work": "b"}, ["work"]),
        ({"work": "a", "mode": "c", "km": "7"}, ["work", "mode", "km", "view", "note"]),
        ({"work": "a", "mode": "c|b", "km": "7"}, ["work", "mode", "km", "often", "view", "note"]),
        ({"work": "a", "mode": "c", "km": "8"}, ["work", "mode", "km", "shower", "view", "note"]),
        ({"work": "a", "mode": "a", "km": "100"}, ["work", "mode", "km", "often", "shower", "view", "note"]),
    ],
)
def test_the_way_of_one_person_follows_ticks_and_ranges(given, asked):
    assert routing.asked_by_condition(instrument.read(OTHER / "questionnaire"), given) == asked


def test_the_export_itself_is_never_changed(wave, responses):
    assert (wave / "export.csv").read_bytes() == (OTHER / "waves/2024-cycling/export.csv").read_bytes()
    assert len(cleaning.check(reading.read_export(waves.read_wave(wave)), waves.read_wave(wave),
                              instrument.read(wave.parents[1] / "questionnaire"))) == 0  # fmt: skip
