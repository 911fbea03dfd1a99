"""What the author hasn't written yet: each thing with its file and what it is for, and nothing once all is there."""

import shutil

import pytest
from coders import everything, lay
from conftest import KINDS, OTHER, ROOT

import analysis
from analysis.__main__ import main
from analysis.survey import reading, unwritten, waves

WHOLE = """
help_nl = "Bel de verzonnen lijn."
note = "Invented."

[fieldwork]
start = 2026-09-03
end = 2026-09-24
sample = "random"
"""
ITEMS = "item,status,value_nl,value_en,place_nl,place_en\n"


@pytest.fixture
def wave(tmp_path):
    """A wave of which all is written: another round of the questionnaire that the book is about."""
    folder = lay(tmp_path)
    label = folder / "wave.toml"
    label.write_text(label.read_text(encoding="utf-8") + WHOLE, encoding="utf-8")
    shutil.copytree(OTHER / "standards", tmp_path / "standards")
    study(folder, "not_applicable")
    return folder


@pytest.fixture
def ours(wave, monkeypatch):
    """The book's own questionnaire is the one this wave was asked."""
    monkeypatch.setattr("analysis.paths.DATA", wave.parents[1])
    return wave


def study(folder, status):
    rows = "".join(f"{item},{status},,,,\n" for item in ("money", "when", "language", "cookies"))
    (folder / "study.csv").write_text(ITEMS + rows, encoding="utf-8")


def change(folder, old, new):
    label = folder / "wave.toml"
    text = label.read_text(encoding="utf-8")
    assert old in text
    label.write_text(text.replace(old, new), encoding="utf-8")


def found(folder):
    label = waves.read_wave(folder)
    listed = unwritten.find(label, reading.read_export(label), analysis.questions(folder))
    assert all(thing.purpose for thing in listed)
    return [(thing.path.relative_to(folder.parents[1]).as_posix(), thing.what) for thing in listed]


LABEL = "waves/w/wave.toml"


def test_of_a_wave_with_everything_nothing_is_left(ours):
    assert found(ours) == []


def test_of_another_questionnaire_with_everything_nothing_is_left(wave, capsys):
    assert waves.read_wave(wave).edition == "questionnaire"
    assert main(["check", "--wave", str(wave)]) == 0
    assert capsys.readouterr().out.endswith("10 rows.\nTo be written by the author: nothing.\n")


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("start = 2026-09-03\n", "", ["[fieldwork] start"]),
        ('[fieldwork]\nstart = 2026-09-03\nend = 2026-09-24\nsample = "random"\n', "",
         ["[fieldwork] start and end", "[fieldwork] sample"]),
        ('sample = "random"\n', "", ["[fieldwork] sample"]),
        ('help_nl = "Bel de verzonnen lijn."\n', "", ["help_nl"]),
        ('help_nl = "Bel', 'help_en = "Bel', ["help_nl"]),
        ('note = "Invented."\n', "", ["note"]),
        ('"confidential"', '"public"', ["[published] by and at and licence"]),
        ('note = "Invented."\n', 'note = "Invented."\npublished = 3\n', []),  # of a confidential wave nobody asks it
    ],
)  # fmt: skip
def test_what_a_label_leaves_out_is_named(wave, old, new, left):
    change(wave, old, new)
    assert found(wave) == [(LABEL, what) for what in left]


def test_a_public_wave_is_asked_for_the_rest_of_where_it_was_published(wave):
    change(wave, '"confidential"', '"public"')
    change(wave, "[fieldwork]", '[published]\nby = "a university"\nat = ""\n\n[fieldwork]')
    assert found(wave) == [(LABEL, "[published] at and licence")]


def test_the_books_own_questionnaire_has_a_line_on_help(ours):
    change(ours, 'help_nl = "Bel de verzonnen lijn."\n', "")
    assert found(ours) == []


def test_a_study_file_is_asked_for_and_its_items_where_a_page_shows_them(wave, monkeypatch):
    study(wave, "not_stated")
    assert found(wave) == []  # another questionnaire: the chapter doesn't stand
    monkeypatch.setattr("analysis.paths.DATA", wave.parents[1])
    path = "waves/w/study.csv"
    assert found(wave) == [(path, "what is not_stated: money, when, language and 1 more")]
    (wave / "study.csv").write_text("item\n", encoding="utf-8")
    assert found(wave) == []  # wrong, which is told elsewhere
    (wave / "study.csv").unlink()
    assert found(wave) == [(path, "the whole file")]


def test_the_chapter_on_transparency_stands_where_its_items_are_asked_for():
    assert KINDS[ROOT / "chapters/transparency.ipynb"] == unwritten.WITH_STUDY
    for chapter in ("audit", "corrections"):
        assert KINDS[ROOT / f"chapters/{chapter}.ipynb"] == unwritten.OF_A_REPORT
    assert set(waves.EDITIONS) - set(KINDS[ROOT / "chapters/themes.ipynb"]) == {"questionnaire"}


def test_answers_that_nobody_coded_are_named_where_somebody_wrote_them(ours):
    (ours / "codes.csv").unlink()
    assert found(ours) == [("waves/w/codes.csv", "the themes of the open answers")]
    frame = ours.parents[1] / "themes/frame.csv"
    text = frame.read_text(encoding="utf-8")
    frame.write_text(text.replace("q2|q3_o_text", "q2").replace("all,q3_o_text", "all,q2"), encoding="utf-8")
    export = ours / "export.csv"
    lines = [",".join([*line.split(",")[:2], "  ", *line.split(",")[3:]]) if i else line
             for i, line in enumerate(export.read_text(encoding="utf-8").splitlines())]  # fmt: skip
    export.write_text("\n".join(lines) + "\n", encoding="utf-8")
    everything(ours)
    assert found(ours) == [], "what stands in a field that no theme is for needs no codes"


def test_of_another_questionnaire_no_codes_are_asked_for(wave):
    (wave / "codes.csv").unlink()
    assert found(wave) == []


def test_the_tables_of_a_document_are_asked_for_until_they_have_rows_of_it(ours):
    change(ours, 'kind = "confidential"', 'kind = "confidential"\nreport = "one"')
    what, tables = "rows about the document one", ("claims", "errata", "recommendations")
    assert found(ours) == [(f"published/{name}.csv", what) for name in tables]
    folder = ours.parents[1] / "published"
    folder.mkdir()
    for name, document in zip(tables, ("one", "two", "one"), strict=True):
        (folder / f"{name}.csv").write_text(f"document,x\n{document},y\n", encoding="utf-8")
    assert found(ours) == [("published/errata.csv", what)]


def test_a_document_of_another_questionnaire_needs_its_claims_alone(wave):
    change(wave, 'kind = "confidential"', 'kind = "confidential"\nreport = "one"')
    assert found(wave) == [("published/claims.csv", "rows about the document one")]


def test_the_check_lists_it_behind_what_is_wrong_and_only_of_an_export_that_fits(wave, capsys):
    change(wave, 'start = 2026-09-03\nend = 2026-09-24\nsample = "random"\n', "")
    assert main(["check", "--wave", str(wave)]) == 1
    said = capsys.readouterr()
    assert "[fieldwork] needs start and end" in said.err
    _, title, days, sample = said.out.splitlines()
    assert title == "To be written by the author:"
    assert days == f"  {wave / 'wave.toml'}: [fieldwork] start and end; for the days on which people answered, " \
                   "without which no book is built"  # fmt: skip
    assert sample.startswith(f"  {wave / 'wave.toml'}: [fieldwork] sample; for the notes under figures")
    export = wave / "export.csv"
    export.write_text(export.read_text(encoding="utf-8").replace("R1,a", "R1,z"), encoding="utf-8")
    assert main(["check", "--wave", str(wave)]) == 1
    assert "To be written" not in capsys.readouterr().out


def test_a_file_of_the_checkout_is_named_from_there():
    path = ROOT / "data/waves/2026/wave.toml"
    assert unwritten.report([unwritten.Unwritten(path, "note", "finders")]).splitlines()[1] == (
        "  data/waves/2026/wave.toml: note; for finders"
    )
