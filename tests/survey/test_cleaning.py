"""From export to typed responses: the door, the log, what is absent and why, and a dataset that is whole.

The export is the reference wave's, cut short and spoiled by hand; the cells put in here are the expected values.
"""

import dataclasses
import json
import os
import shutil
import time
from pathlib import Path

import frictionless
import pandas as pd
import pytest
from conftest import ROOT

import analysis
from analysis import files
from analysis.__main__ import main
from analysis.survey import cleaning, reading, waves
from analysis.survey import questionnaire as instrument

WAVE = ROOT / "data/waves/2025-reference"
PLANTED = "Mijn buurvrouw Quirina van Zoelen-Xylander uit Nergenshuizen weet ervan"
FILES = ["codebook.csv", "datapackage.json", "flow.csv", "log.csv", "responses.csv", "responses.parquet"]
FIELDS = ["04_t", "06_m", "08_g", "10_k", "12_j", "13_j", "16_l", "21_f", "22_f"]
TEXTS = ["q07", "q15", "q18", "q19", *(f"q{field}_text" for field in FIELDS)]


RAW = pd.read_csv(WAVE / "responses.csv", dtype=str, keep_default_na=False)


def copy(folder: Path, export: pd.DataFrame) -> waves.Wave:
    """A confidential wave of one's own with this export, asked the same questionnaire."""
    shutil.copytree(ROOT / "data/questionnaire", folder / "questionnaire")
    wave = folder / "waves/2026"
    wave.mkdir(parents=True)
    (wave / "wave.toml").write_text(
        'title_nl = "Golf"\ntitle_en = "Wave"\nkind = "confidential"\nrespondent = "respondent"\n'
        'questionnaire = "../../questionnaire"\nresponses = "export.csv"\n',
        encoding="utf-8",
    )
    export.to_csv(wave / "export.csv", index=False)
    return waves.read_wave(wave)


def people(export: pd.DataFrame, **answers: str) -> pd.Index:
    """Rows of the export where these columns hold these values."""
    chosen = pd.Series(True, index=export.index)
    for column, value in answers.items():
        chosen &= export[column].eq(value)
    return export.index[chosen]


def sixty() -> pd.DataFrame:
    """Sixty respondents of the reference wave, one of them not helped."""
    return pd.concat([RAW.head(59), RAW[RAW["q09"].eq("b")].tail(1)], ignore_index=True)


@pytest.fixture
def small() -> pd.DataFrame:
    return sixty()


def planted(export: pd.DataFrame) -> pd.DataFrame:
    """Write the sentence in every text field of whoever was asked that question."""
    for column in TEXTS:
        boxes = f"{column[:3]}_a"
        if boxes in export:
            who = export.index[export[boxes].ne("")]
        else:
            who = people(export, q03="b" if column in ("q18", "q19") else "a")
        assert len(who)
        export.loc[who, column] = PLANTED
    return export


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def cycling(tmp_path_factory) -> Path:
    """The small other survey, cleaned once: eighteen people, sixteen analysed."""
    survey = tmp_path_factory.mktemp("cycling") / "survey"
    shutil.copytree(ROOT / "tests/data/other", survey)
    cleaning.prepare(waves.read_wave(survey / "waves/2024-cycling"))
    return survey


@pytest.fixture
def made(tmp_path, cycling) -> waves.Wave:
    """A copy of that survey with its cleaned dataset, which is as fresh as the first."""
    shutil.copytree(cycling, tmp_path / "survey")
    wave = waves.read_wave(tmp_path / "survey/waves/2024-cycling")
    assert waves.is_fresh(wave)
    return wave


# --- the door ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def broken() -> pd.DataFrame:
    """An export as a tired researcher would hand it in, with sixteen problems, and texts in every text field."""
    export = planted(sixty())
    users = people(export, q03="a")
    others = people(export, q03="b")
    export.loc[users[0], "q05"] = "z"  # a code that wasn't offered
    export.loc[users[1], "q04_b"] = "yes"
    export.loc[others[0], "q05"] = "a"  # answered, not asked
    export.loc[others[1:5], "q09"] = "b"
    export.loc[others[5], "q06_m_text"] = "wrote it all the same"
    export.loc[others[6], "q23"] = "veertig"
    export.loc[others[7], "q23"] = "7"
    export.loc[others[8], ["q16_m", "q16_a"]] = "1"  # don't know, and something else
    export.loc[others[9], "respondent"] = export.loc[others[10], "respondent"]
    export.loc[others[11], "respondent"] = ""
    export.insert(3, "started", "2026-01-01")
    return export.rename(columns={"q25": "Q25", "q11": "lessgood"})


def rows(index: pd.Index | list) -> list[int]:
    return [int(i) + 2 for i in index]


@pytest.fixture(scope="module")
def refused(tmp_path_factory, broken) -> tuple[str, waves.Wave, Path]:
    """The message that the broken export is refused with, its wave, and the folder it is all in."""
    folder = tmp_path_factory.mktemp("refused")
    wave = copy(folder, broken)
    before = contents(folder)
    with pytest.raises(ValueError, match="Nothing was written") as caught:
        cleaning.prepare(wave, folder / "check")
    assert {name: c for name, c in contents(folder).items() if not name.startswith("check")} == before
    return str(caught.value), wave, folder


def test_a_broken_export_is_answered_with_all_its_problems_at_once(refused, broken):
    message, _, folder = refused
    users, others = people(broken, q03="a"), people(broken, q03="b")
    for column, row, what in [
        ("q05", rows(users[:1]), '"z" is not an answer to this question: a, b, c, d, e, f'),
        ("q04_b", rows(users[1:2]), '"yes" is not an answer to this question: 1, 0'),
        ("q05", rows(others[:1]), "answered but wasn't asked: asked only when q03=a"),
        ("q09", rows(others[1:4]), "4 people: answered but wasn't asked: asked only when q03=a"),
        ("q06", rows(others[5:6]), "answered but wasn't asked: asked only when q03=a"),
        ("q23", rows(others[6:7]), '"veertig" is not such a number: a whole number from 12 to 110'),
        ("q23", rows(others[7:8]), '"7" is not such a number: a whole number from 12 to 110'),
        ("q16_m", rows(others[8:9]), "is ticked together with other answers: that answer alone (untick one"),
        ("respondent", rows(others[9:11]), "this key stands there more than once (keep one row a respondent)"),
        ("respondent", rows(others[11:12]), "the respondent's key is empty (give each row a key)"),
        ("q25", [], 'the column is missing (rename the column "Q25" if that is it)'),
        ("q11", [], "the column is missing (export it too, blank if it wasn't asked)"),
    ]:
        where = ", ".join(map(str, row)) or "whole column"
        assert any(
            line.split()[0] == column and where in line and what in line for line in message.splitlines()[1:-1]
        ), (column, row, what, message)
    first, *_, last = message.splitlines()
    assert first == "2026/export.csv doesn't match the questionnaire: 16 problems in 60 rows."
    assert last == f"Nothing was written. Full list: {folder / 'check/2026.csv'}"
    assert len(message.splitlines()) == 12 + 2  # each problem once, and no other


def test_the_full_list_has_a_row_for_every_problem(refused, broken):
    _, _, folder = refused
    table = pd.read_csv(folder / "check/2026.csv", dtype=str, keep_default_na=False)
    assert table.columns.tolist() == ["file", "row", "column", "came", "problem", "allowed", "remedy"]
    assert len(table) == 16  # q05 2, q04 1, q09 4, q06 1, q23 2, q16 1, keys 3, columns 2
    assert table["file"].eq("export.csv").all()
    assert table[table["column"].eq("q09")]["row"].tolist() == [str(r) for r in rows(people(broken, q03="b")[1:5])]
    assert table["problem"].ne("").all()


def test_nothing_is_written_from_a_broken_export(refused):
    _, wave, folder = refused
    assert not wave.clean.exists()
    assert sorted(p.name for p in folder.iterdir()) == ["check", "questionnaire", "waves"]


def test_a_broken_export_leaves_the_dataset_made_before_as_it_was(made):
    before = contents(made.clean)
    text = made.responses.read_text(encoding="utf-8")
    made.responses.write_text(text.replace("P01;a;", "P01;z;"), encoding="utf-8")
    with pytest.raises(ValueError, match='work .* row 2 .*"z" is not an answer'):
        analysis.load(made.folder)
    assert contents(made.clean) == before
    assert not waves.is_fresh(made)


def test_the_command_says_it_all_and_leaves_with_1(made, monkeypatch, capsys, tmp_path):
    text = made.responses.read_text(encoding="utf-8")
    made.responses.write_text(text.replace("P01;a;", "P01;z;"), encoding="utf-8")
    shutil.rmtree(made.clean)
    monkeypatch.setattr("analysis.paths.BUILD", tmp_path / "_build")
    assert main(["check", "--wave", str(made.folder)]) == 1
    assert "1 problem in 18 rows" in capsys.readouterr().out
    listed = tmp_path / "_build/check/2024-cycling.csv"
    assert listed.exists()
    assert main(["clean", "--wave", str(made.folder)]) == 1
    assert "1 problem in 18 rows" in capsys.readouterr().err
    assert not made.clean.exists()
    made.responses.write_text(text, encoding="utf-8")
    assert main(["check", "--wave", str(made.folder)]) == 0
    assert not listed.exists(), "what was mended is not kept"


def test_one_wrong_answer_does_not_drag_in_the_questions_behind_it(tmp_path, small):
    user = people(small, q03="a")[0]
    small.loc[user, "q03"] = "x"
    wave = copy(tmp_path, small)
    problems = cleaning.check(reading.read_export(wave), wave, instrument.read(wave.questionnaire))
    assert problems[["row", "column", "came"]].to_numpy().tolist() == [[user + 2, "q03", "x"]]


def test_a_long_text_in_a_closed_column_is_not_repeated(made):
    text = made.responses.read_text(encoding="utf-8")
    made.responses.write_text(text.replace("P01;a;", f"P01;{PLANTED};"), encoding="utf-8")
    problems = cleaning.check(reading.read_export(made), made, instrument.read(made.questionnaire))
    assert problems["came"].tolist() == ["a text"]


@pytest.mark.parametrize("cell", ["Piet Jansen", "0612345678", "p@x.nl", "+31 6 1234 5678", "Keizersgracht 1"])
def test_what_could_be_a_persons_is_not_repeated(made, cell):
    text = made.responses.read_text(encoding="utf-8")
    made.responses.write_text(text.replace("P01;a;", f"P01;{cell};"), encoding="utf-8")
    assert cleaning.check(reading.read_export(made), made, instrument.read(made.questionnaire))["came"].tolist() == [
        "a text"
    ]


def test_a_key_that_stands_there_twice_is_told_by_its_rows_alone(made):
    text = made.responses.read_text(encoding="utf-8")
    made.responses.write_text(text.replace("P02;", "P01;"), encoding="utf-8")
    problems = cleaning.check(reading.read_export(made), made, instrument.read(made.questionnaire))
    assert problems["row"].tolist() == [2, 3] and problems["came"].eq("").all()


def test_a_question_is_not_taken_for_the_key(made):
    label = made.folder / "wave.toml"
    label.write_text(label.read_text(encoding="utf-8").replace('"person"', '"often"'), encoding="utf-8")
    wave = waves.read_wave(made.folder)
    with pytest.raises(ValueError, match="respondent is often, which holds answers; name the column with each"):
        cleaning.check(reading.read_export(wave), wave, instrument.read(wave.questionnaire))


def test_what_is_no_plausible_age_is_refused(tmp_path, small):
    cells = ["1.000", "49,5", "49.5", "4 9", "-49", "1e2", "111", "11"]
    small.loc[people(small, q01="a")[: len(cells)], "q23"] = cells
    wave = copy(tmp_path, small)
    problems = cleaning.check(reading.read_export(wave), wave, instrument.read(wave.questionnaire))
    assert problems["column"].eq("q23").all() and problems["came"].tolist() == cells


@pytest.mark.parametrize(
    ("minimum", "maximum", "refused", "allowed"),
    [
        (5, 100, ["4", "101"], "a whole number from 5 to 100"),
        (5, None, ["4"], "a whole number from 5"),
        (None, 100, ["101"], "a whole number to 100"),
        (None, None, [], ""),
    ],
)
def test_a_number_may_be_its_bound_and_a_bound_may_be_left_open(made, minimum, maximum, refused, allowed):
    questions = instrument.read(made.questionnaire)
    bounded = [dataclasses.replace(q, minimum=minimum, maximum=maximum) if q.code == "km" else q for q in questions]
    export = reading.read_export(made)
    asked = export.index[export["work"].eq("a")]
    cells = export["km"].astype(str).where(export["km"].eq(""), "50")
    cells[asked[:4]] = ["4", "5", "100", "101"]
    export["km"] = cells.astype("category")
    problems = cleaning.check(export, made, dataclasses.replace(questions, questions=tuple(bounded)))
    found = problems[problems["column"].eq("km")]
    assert found["came"].tolist() == refused and set(found["allowed"]) <= {allowed}
    rows_of = dict(zip(["4", "5", "100", "101"], asked, strict=False))
    assert found["row"].tolist() == [rows_of[cell] for cell in refused]


# --- texts stay behind ------------------------------------------------------------------------


def assert_nowhere(folder: Path, export: Path) -> None:
    words = [PLANTED, "Quirina", "Nergenshuizen"]
    for path in folder.rglob("*"):
        if path.is_file() and path != export:
            content = path.read_bytes()
            assert not any(word.encode() in content for word in words), path
            if path.suffix == ".parquet":
                cells = pd.read_parquet(path).reset_index().astype(str)
                assert not any(cells.map(lambda cell, word=word: word in cell).any(axis=None) for word in words)


def test_what_people_wrote_stays_in_the_export(tmp_path, small, capsys, caplog):
    wave = copy(tmp_path, planted(small))
    assert main(["clean", "--wave", str(wave.folder)]) == 0
    assert sorted(p.name for p in wave.clean.iterdir()) == FILES
    assert_nowhere(tmp_path, wave.responses)
    captured = capsys.readouterr()
    assert "Quirina" not in captured.out + captured.err + caplog.text
    responses = analysis.load(wave.folder)
    assert responses["q07"].eq("given").sum() == len(people(small, q03="a"))


def test_what_people_wrote_is_not_in_the_list_of_problems(refused):
    message, wave, folder = refused
    assert "Quirina" not in message
    assert_nowhere(folder, wave.responses)


# --- absence ----------------------------------------------------------------------------------


def test_the_four_kinds_of_absence_stay_apart(tmp_path, small):
    other, user = people(small, q03="b")[0], people(small, q03="a", q11="b")
    small.loc[user[0], "q11"] = ""  # asked, left blank
    small.loc[user[1], "q11"] = "c"  # doesn't know
    small.loc[user[0], "q14_1"] = "6"  # not applicable
    small.loc[user[1], "q14_1"] = ""
    small.loc[other, "q23"] = ""
    boxes = [c for c in small if c.startswith("q08_") and not c.endswith("_text")]
    small.loc[user[2], boxes] = "0"  # asked, nothing ticked
    wave = copy(tmp_path, small)
    parquet = analysis.load(wave.folder)
    csv = pd.read_csv(wave.clean / "responses.csv", dtype=str, keep_default_na=False, index_col="respondent")
    key = small["respondent"]
    for responses in (parquet, csv):
        assert responses.at[key[user[0]], "q11"] == "no_answer"
        assert responses.at[key[user[1]], "q11"] == "c"
        assert responses.at[key[other], "q11"] == "not_asked"
        assert responses.at[key[user[0]], "q14_1"] == "6"
        assert responses.at[key[user[1]], "q14_1"] == "no_answer"
        assert responses.at[key[other], "q14_1"] == "not_asked"
        assert responses.at[key[other], "q23_status"] == "no_answer"
        assert responses.at[key[other], "age_group"] == "no_answer"
        assert responses.at[key[user[0]], "q23_status"] == "given"
        assert responses.loc[key[user[2]], boxes].eq("no_answer").all()
        assert responses.loc[key[other], boxes].eq("not_asked").all()
    assert pd.isna(parquet.at[key[other], "q23"]) and csv.at[key[other], "q23"] == ""
    assert not parquet.drop(columns="q23").isna().any(axis=None)
    assert csv.drop(columns="q23").ne("").all(axis=None)


# --- the log ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> waves.Wave:
    """The whole reference wave, cleaned outside the repository."""
    folder = tmp_path_factory.mktemp("reference")
    shutil.copytree(ROOT / "data/questionnaire", folder / "questionnaire")
    shutil.copytree(WAVE, folder / "waves/2025-reference")
    wave = waves.read_wave(folder / "waves/2025-reference")
    cleaning.prepare(wave)
    return wave


def test_804_become_771_respondent_by_respondent(reference):
    log = analysis.log(reference.folder)
    excluded = log[log["change"].eq("excluded")]
    assert (len(RAW), len(excluded)) == (804, 33)
    assert excluded["respondent"].tolist() == RAW.loc[people(RAW, q01="c"), "respondent"].tolist()
    assert excluded["row"].astype(int).tolist() == rows(people(RAW, q01="c"))
    assert excluded["after"].eq("outside_target_group").all() and excluded["reason"].ne("").all()
    stayed = RAW.loc[~RAW["respondent"].isin(excluded["respondent"]), "respondent"].tolist()
    assert analysis.load(reference.folder).index.tolist() == stayed
    assert len(stayed) == 771
    assert analysis.flow(reference.folder).frame["n"].tolist() == [804, 33, 771]


def test_what_was_tidied_is_logged_with_before_and_after(tmp_path, small):
    user = people(small, q03="a")[0]
    boxes = small.loc[user, [c for c in small if c.startswith("q04_") and c != "q04_t_text"]]
    ticked = boxes.index[boxes.eq("1")][0]
    spoiled = {"q02": " A", ticked: "1.0", "q23": "49,0", "q14_2": "4.00"}
    small.loc[user, list(spoiled)] = list(spoiled.values())
    key = small.loc[user, "respondent"]
    small.loc[user, "respondent"] = f"{key} "
    wave = copy(tmp_path, small)
    responses, log = analysis.load(wave.folder), analysis.log(wave.folder)
    recoded = log[log["change"].eq("recoded")]
    changes = recoded.set_index("column")[["before", "after"]].T.to_dict("list")
    assert changes == {
        "respondent": [f"{key} ", key], "q02": [" A", "a"], ticked: ["1.0", "1"], "q14_2": ["4.00", "4"],
        "q23": ["49,0", "49"],
    }  # fmt: skip
    assert recoded["respondent"].eq(key).all() and recoded["row"].astype(int).eq(user + 2).all()
    assert responses.loc[key, ["q02", ticked, "q14_2", "q23"]].tolist() == ["a", "yes", "4", 49]


def test_names_written_at_other_are_recognised_and_logged(tmp_path, small):
    users = people(small, q03="a")[:4]
    small.loc[users, "q04_t"] = "1"
    small.loc[users, "q04_u"] = "0"
    small.loc[users, "q04_t_text"] = ["perplexity", "Le Chat en Pi", "PI; snapchat ai", "Pistache, een Therabotje"]
    wave = copy(tmp_path, small)
    responses = analysis.load(wave.folder).loc[small.loc[users, "respondent"]]
    named = responses[[f"q04_t{number}" for number in range(1, 7)]].eq("yes").astype(int)
    assert named.to_numpy().tolist() == [[0, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 1, 0, 0, 1], [0] * 6]
    log = analysis.log(wave.folder)
    coded = log[log["change"].eq("coded") & log["respondent"].isin(responses.index)]
    assert len(coded) == 5


def test_extra_columns_are_left_out_and_logged(made):
    assert "started" not in analysis.load(made.folder)
    log = analysis.log(made.folder)
    assert log.loc[log["change"].eq("column left out"), "column"].tolist() == ["started"]
    assert b"2024-04-02" in made.responses.read_bytes()
    assert all(b"2024-04-02" not in content for content in contents(made.clean).values())


def test_the_input_is_not_changed(made):
    export, questions = reading.read_export(made), instrument.read(made.questionnaire)
    before = export.copy()
    cleaning.check(export, made, questions)
    cleaning.clean(export, made, questions)
    pd.testing.assert_frame_equal(export, before)


@pytest.mark.parametrize(
    ("column", "answer", "group", "expected"),
    [
        ("q03", "a", "user", "yes"), ("q03", "b", "user", "no"),
        ("q09", "a", "helped", "yes"), ("q09", "c", "helped", "yes"), ("q09", "b", "helped", "no"),
        ("q02", "a", "care", "now"), ("q02", "b", "care", "waiting"), ("q02", "d", "care", "neither"),
        ("q25", "c", "education", "lower"), ("q25", "d", "education", "middle"), ("q25", "e", "education", "higher"),
        ("q09", "not_asked", "helped", "not_asked"),
    ],
)  # fmt: skip
def test_groups_follow_from_their_question(reference, column, answer, group, expected):
    responses = analysis.load(reference.folder)
    found = responses.loc[responses[column].eq(answer), group].astype(str).unique()
    assert found.tolist() == [expected]


def test_ages_fall_in_their_groups(reference):
    responses = analysis.load(reference.folder)
    bounds = responses.groupby("age_group", observed=True)["q23"].agg(["min", "max"])
    for group, low, high in [("under_30", 12, 29), ("30_44", 30, 44), ("45_59", 45, 59), ("60_over", 60, 110)]:
        assert low <= bounds.at[group, "min"] and bounds.at[group, "max"] <= high


# --- fresh or not -----------------------------------------------------------------------------


def test_a_fresh_dataset_is_read_and_not_made_again(made):
    before = {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in made.clean.iterdir()}
    assert len(analysis.load(made.folder)) == 16
    assert not cleaning.prepare(made)
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in made.clean.iterdir()} == before


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("waves/2024-cycling/export.csv", "P16;a;0;0;1", "P16;a;0;1;0"),
        ("waves/2024-cycling/wave.toml", "spring 2024", "spring of 2024"),
        ("questionnaire/answers.csv", "Minder vaak", "Zelden"),
        ("questionnaire/questions.csv", "Place of work", "Where people work"),
        ("questionnaire/exclusions.csv", "at_home", "home"),
    ],
)
def test_a_stale_dataset_is_made_again(made, path, before, after):
    source = made.folder.parents[1] / path
    text = source.read_text(encoding="utf-8")
    assert text.count(before) == 1
    source.write_text(text.replace(before, after), encoding="utf-8")
    if path.endswith("export.csv"):  # P16 rides an e-bike now and so was asked how often
        source.write_text(source.read_text(encoding="utf-8").replace(";1;;;3;4;4", ";1;c;;3;4;4"), encoding="utf-8")
    wave = waves.read_wave(made.folder)
    assert not waves.is_fresh(wave)
    old = contents(wave.clean)
    responses = analysis.load(made.folder)
    assert waves.is_fresh(wave) and contents(wave.clean) != old
    assert responses.at["P16", "often"] == ("c" if path.endswith("export.csv") else "not_asked")


def damage(path: Path, how: str) -> None:
    whole, half = path.read_bytes(), path.stat().st_size // 2
    path.unlink()
    if how != "gone":
        path.write_bytes(whole[:half] if how == "cut" else whole[:half] + b"!" + whole[half + 1 :])


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["cut", "changed", "gone"])
def test_a_damaged_dataset_does_not_pass_for_fresh(made, name, how):
    damage(made.clean / name, how)
    assert not waves.is_fresh(made)


@pytest.mark.parametrize("name", ["responses.parquet", "responses.csv", "datapackage.json"])
def test_a_damaged_dataset_is_made_again_the_same(made, name):
    whole = contents(made.clean)
    damage(made.clean / name, "changed")
    assert len(analysis.load(made.folder)) == 16
    assert contents(made.clean) == whole


def test_a_package_that_tells_another_kind_of_data_is_not_believed(made):
    path = made.clean / "datapackage.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"kind": "public"', '"kind": "secret"'), encoding="utf-8")
    assert not waves.is_fresh(made)


@pytest.mark.parametrize("content", ["[]", "1", "{}", '{"fingerprint": 1, "files": []}', "null", ""])
def test_a_package_that_says_nonsense_is_not_believed(made, content):
    (made.clean / "datapackage.json").write_text(content)
    assert not waves.is_fresh(made)


@pytest.mark.parametrize("swaps", range(6))
def test_a_killed_write_leaves_nothing_that_passes_for_fresh(made, monkeypatch, swaps):
    lines = made.responses.read_text(encoding="utf-8").splitlines(keepends=True)
    made.responses.write_text("".join(lines[:-1]), encoding="utf-8")  # one person fewer
    swap, done = cleaning.write_whole, []

    def killed(path, content):
        if len(done) == swaps:
            left = path.with_name(f".{path.name}.part")
            left.write_bytes(b"respondent")
            os.utime(left, (0, 0))  # long ago
            raise KeyboardInterrupt
        done.append(path)
        swap(path, content)

    monkeypatch.setattr(cleaning, "write_whole", killed)
    with pytest.raises(KeyboardInterrupt):
        cleaning.prepare(made)
    monkeypatch.undo()
    assert not waves.is_fresh(made)
    made.responses.write_text("".join(lines), encoding="utf-8")  # nor for the one that was there before
    assert not waves.is_fresh(made)
    if swaps in (0, 5):
        assert len(analysis.load(made.folder)) == 16
        assert sorted(p.name for p in made.clean.iterdir()) == FILES


def test_a_file_is_hashed_again_when_it_changed_whatever_its_size_and_date_say(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SETTLED", -1)  # keep each hash at once
    path = tmp_path / "a.csv"
    assert files.write_whole(path, iter([b"a", b"b"])) == files.digest_file(path) == files.digest(b"ab")
    then = path.stat()
    time.sleep(0.05)  # more than a tick of the file system's clock
    path.write_bytes(b"xy")
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    assert files.digest_file(path) == files.digest(b"xy")


def test_a_hash_of_a_file_that_has_only_just_changed_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_hashed", {})
    path = tmp_path / "a.csv"
    path.write_bytes(b"a")
    files.digest_file(path)
    assert files._hashed == {}


def test_parts_that_break_off_leave_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.csv"
    files.write_whole(path, b"whole")

    def parts():
        yield b"half"
        raise OSError

    with pytest.raises(OSError):
        files.write_whole(path, parts())
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"whole"]


@pytest.mark.parametrize("key", ["R0001", "R,1", 'R"1', "R\n1", "R'1 é"])
def test_rows_written_some_at_a_time_are_those_that_pandas_writes(reference, monkeypatch, key):
    monkeypatch.setattr(cleaning, "ROWS_WRITTEN", 100)  # of 771
    responses = analysis.load(reference.folder)
    responses = responses.rename(index={responses.index[150]: key})
    responses.iloc[151, responses.columns.get_loc("q23")] = pd.NA
    assert (
        b"".join(cleaning._lines(responses))
        == responses.reset_index().to_csv(index=False, lineterminator="\n").encode()
    )


def test_an_export_of_plain_texts_is_cleaned_as_one_of_categories(tmp_path, small):
    small.loc[0, "q01"], small.loc[1, "respondent"] = small.loc[0, "q01"].upper(), " R0002 "
    wave = copy(tmp_path, small)
    export, questions = reading.read_export(wave), instrument.read(wave.questionnaire)
    assert len(cleaning.check(export, wave, questions)) == len(cleaning.check(export.astype(str), wave, questions)) == 0
    (once, log), (again, logged) = (cleaning.clean(e, wave, questions) for e in (export, export.astype(str)))
    pd.testing.assert_frame_equal(once, again)
    pd.testing.assert_frame_equal(log, logged)
    changed = log[log["change"].eq("recoded")][["respondent", "row", "column", "before", "after"]]
    meant = small.loc[0, "q01"].lower()
    assert changed.to_numpy().tolist() == [
        ["R0002", "3", "respondent", " R0002 ", "R0002"], ["R0001", "2", "q01", meant.upper(), meant]
    ]  # fmt: skip


def test_the_same_export_gives_the_same_bytes(made):
    before = contents(made.clean)
    assert sorted(before) == FILES
    shutil.rmtree(made.clean)
    cleaning.prepare(made)
    assert contents(made.clean) == before


# --- what others can read ---------------------------------------------------------------------


def test_an_independent_checker_accepts_the_dataset(reference):
    report = frictionless.Package(str(reference.clean / "datapackage.json")).validate()
    assert report.valid, report.flatten(["fieldName", "rowNumber", "message"])
    assert report.stats["errors"] == 0
    assert report.tasks[0].stats["rows"] == 771


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [
        ("work", "z", "constraint-error"),
        ("often", "", "constraint-error"),
        ("view_1", "6", "constraint-error"),
        ("km", "101", "constraint-error"),
        ("km", "veertig", "type-error"),
        ("respondent", "", "constraint-error"),
    ],
)
def test_an_independent_checker_refuses_a_value_that_was_spoiled(made, column, value, error):
    path = made.clean / "responses.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[3, column] = value
    table.to_csv(path, index=False, lineterminator="\n")
    report = frictionless.Package(str(made.clean / "datapackage.json")).validate()
    assert [error, 5] in report.flatten(["type", "rowNumber"])


def test_the_package_names_every_column_and_says_what_kind_of_data_it_is(made):
    package = json.loads((made.clean / "datapackage.json").read_text(encoding="utf-8"))
    fields = [field["name"] for field in package["resources"][0]["schema"]["fields"]]
    assert fields == ["respondent", *pd.read_parquet(made.clean / "responses.parquet").columns]
    assert (package["kind"], package["title"]) == ("public", "Cycling to work, spring 2024")
    assert str(made.folder) not in json.dumps(package)


def test_parquet_and_csv_hold_the_same(reference):
    parquet = pd.read_parquet(reference.clean / "responses.parquet")
    csv = pd.read_csv(reference.clean / "responses.csv", dtype=str, keep_default_na=False, index_col="respondent")
    pd.testing.assert_frame_equal(parquet.astype(object).fillna("").astype(str), csv, check_dtype=False)


def test_the_codebook_counts_every_value_in_both_languages(reference):
    book = pd.read_csv(reference.clean / "codebook.csv", dtype=str, keep_default_na=False)
    responses = analysis.load(reference.folder)
    assert list(dict.fromkeys(book["column"])) == responses.columns.tolist()
    totals = book[book["value"].ne("12..110")].groupby("column")["n"].agg(lambda n: n.astype(int).sum())
    assert totals.eq(771).all()
    assert book[["label_nl", "label_en"]].ne("").all(axis=None)
    chosen = book[book["column"].eq("q03") & book["value"].eq("a")].iloc[0]
    assert (chosen["value_nl"], chosen["value_en"], chosen["n"]) == ("Ja", "Yes", "294")
    names = book.drop_duplicates("column").set_index("column")["name"]
    assert names[["q04_b", "q14_1", "q23_status", "helped"]].tolist() == ["tools", "opinions", "age", "helped"]
