"""Opening a wave: what an export may look like, and what is refused with its row."""

import csv
import io
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.survey import reading, waves

LABEL = """title_nl = "Golf"
title_en = "Wave"
kind = "confidential"
questionnaire = "../../questionnaire"
responses = "export.csv"
respondent = "id"
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "waves/2026"
    folder.mkdir(parents=True)
    (folder / "wave.toml").write_text(LABEL, encoding="utf-8")
    return folder


def read(folder: Path, content: str | bytes) -> pd.DataFrame:
    """Open an export with this content, and see that the file stays as it was."""
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / "export.csv").write_bytes(raw)
    try:
        return reading.read_export(waves.read_wave(folder))
    finally:
        assert (folder / "export.csv").read_bytes() == raw
        assert sorted(p.name for p in folder.iterdir()) == ["export.csv", "wave.toml"]


# --- dialects ---------------------------------------------------------------------------------

CELLS = "id,q1,q2\n1,a,één\n2,,b\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_commas_semicolons_tabs_and_encodings_give_the_same_table(folder, separator, encoding, ending):
    content = CELLS.replace(",", separator).replace("\n", ending).encode(encoding)
    export = read(folder, content)
    assert export.columns.tolist() == ["id", "q1", "q2"]
    assert export.to_numpy().tolist() == [["1", "a", "één"], ["2", "", "b"]]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(folder):
    assert read(folder, CELLS).index.tolist() == [2, 3]
    assert read(folder, "id,q1\n1,a\n\n2,b\n\n,\n").index.tolist() == [2, 4]
    assert read(folder, 'id,q1\n1,"two\nlines"\n2,b\n').index.tolist() == [2, 3]


@pytest.mark.parametrize(
    "text", ["None", "NA", "N/A", "nan", "null", "NULL", "-", "#N/A", "TRUE", "007", "1e5", "1.0", " a "]
)
def test_what_somebody_wrote_stays_what_it_is(folder, text):
    assert read(folder, f"id,q1\n1,{text}\n").at[2, "q1"] == text


def test_quotation_marks_separators_and_new_lines_may_stand_in_a_text(folder):
    export = read(folder, 'id;q1;q2\n1;"one; two, ""three""\r\nfour";b\n')
    assert export.at[2, "q1"] == 'one; two, "three"\r\nfour'
    assert export.at[2, "q2"] == "b"


def test_every_cell_is_text_and_an_empty_one_is_blank(folder):
    export = read(folder, "id,q1\n1,\n2,3\n")
    assert export["q1"].tolist() == ["", "3"]
    assert not export.isna().any(axis=None)


def test_names_of_columns_lose_the_space_around_them(folder):
    assert read(folder, ' id ,"q1 "\n1,2\n').columns.tolist() == ["id", "q1"]


def test_empty_cells_at_the_end_of_a_row_do_no_harm(folder):
    assert read(folder, "id,q1\n1,a,\n2,b,,\n").to_numpy().tolist() == [["1", "a"], ["2", "b"]]


# --- two readers, one table --------------------------------------------------------------------

PIECES = [
    "a",
    "id",
    "1",
    "é",
    " ",
    '"',
    '""',
    '"a"',
    '"a\nb"',
    ",",
    ";",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\ufeff",
    "\x0b",
    "\u2028",
]
CELL = st.lists(st.sampled_from(PIECES), max_size=3).map("".join)


@st.composite
def exports(draw) -> str:
    """A table that a program would write, sometimes with something put in at a random place; or any text at all."""
    if draw(st.booleans()):
        return "id,q1\n" + "".join(draw(st.lists(st.sampled_from(PIECES), max_size=12)))
    out, width = io.StringIO(), draw(st.integers(1, 4))
    ending, quoting = draw(st.sampled_from(["\n", "\r\n"])), draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    table = csv.writer(out, lineterminator=ending, quoting=quoting)
    table.writerow(["id", "q1", 'q"2', "q\n3"][:width])
    table.writerows(draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=4)))
    text = out.getvalue()
    place, spoiled = draw(st.integers(0, len(text))), draw(st.sampled_from(["", "", *PIECES]))
    return text[:place] + spoiled + text[place:]


@given(exports())
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_what_the_fast_reader_takes_the_careful_one_reads_the_same(text):
    separator = max(reading.SEPARATORS, key=text.splitlines()[0].count) if text.splitlines() else ","
    fast = reading._read_plain(text, separator)
    if fast is not None:
        wave = SimpleNamespace(responses=Path("export.csv"), respondent="id")
        careful = reading._read_carefully(text, separator, wave)
        pd.testing.assert_frame_equal(fast.astype(object), careful.astype(object))


@pytest.mark.parametrize(
    ("text", "fast"),
    [
        ('id,q1\n1,"a, ""b""\r\nc"\n,\n2,\n\n', True),
        ("id,q1\n1,a\n\n2,b\n", True),
        ('id,q1\n1,5" long\n', False),
        ("id,q1\n1,a\r2,b\n", False),
        ("id,q1\n1,a,\n", False),
    ],
)
def test_only_an_irregular_file_is_read_row_by_row(folder, text, fast):
    assert (reading._read_plain(text, ",") is not None) == fast
    assert len(read(folder, text)) == text.count("\n1,") + text.count("\n2,") + text.count("\r2,")


@pytest.fixture
def limit():
    """The standard library's limit of a cell, which other libraries raise for all."""
    before = csv.field_size_limit(131_072)
    yield csv.field_size_limit()
    csv.field_size_limit(before)


def test_a_cell_too_long_for_the_careful_reader_is_too_long_for_the_fast_one(folder, limit):
    with pytest.raises(ValueError, match="can't be read as a table: field larger than field limit"):
        read(folder, f"id,q1\n1,{'a' * (limit + 1)}\n")


# --- what is no table -------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(folder, content):
    with pytest.raises(ValueError, match="is empty: export it again"):
        read(folder, content)


def test_a_file_with_names_and_no_respondents_is_refused(folder):
    with pytest.raises(ValueError, match="holds no respondents: export it again"):
        read(folder, "id,q1\n")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("id,q1,q2\n1,a,b\n2,a\n", r"row 3: 2 cells for 3 columns \(1 such rows\)"),
        ("id,q1,q2\n1\n2,a\n", r"row 2: 1 cells for 3 columns \(2 such rows\)"),
        ("id,q1\n1,a\n2,so, he said\n", r"row 3: 3 cells for 2 columns"),
        ("id,q1\n1,so, he said\n2,so, she said\n", r"row 2: 3 cells for 2 columns"),
        ('id,q1\n1,a\n2,"cut o', "in the row after 2. A quotation mark may be missing, or the end"),
    ],
)
def test_a_row_that_is_cut_off_or_too_long_is_refused(folder, content, where):
    with pytest.raises(ValueError, match=where):
        read(folder, content)


def test_a_text_is_not_repeated_when_its_row_is_refused(folder):
    with pytest.raises(ValueError) as caught:
        read(folder, "id,q1\n1,nobody knows, but I\n")
    assert "nobody" not in str(caught.value)


def test_columns_that_stand_there_twice_are_refused(folder):
    with pytest.raises(ValueError, match="row 1: the column q1, q2 stands there twice; keep one"):
        read(folder, "id,q1,q2,q1,q2\n1,a,b,c,d\n")


@pytest.mark.parametrize("above", ["sep=,\n", "Export of 3 September\n", ""])
def test_names_that_do_not_stand_in_the_first_row_are_missed(folder, above):
    cells = f"{above}id,q1,q2\n1,a,b\n2,a,b\n" if above else "1,a,a\n2,b,b\n"
    with pytest.raises(ValueError, match="row 1: no column is called id, the key that wave.toml names. Do the names"):
        read(folder, cells)


def test_an_unknown_encoding_is_refused(folder):
    with pytest.raises(ValueError, match="not text in UTF-8, UTF-16 or Windows-1252: export it as CSV UTF-8"):
        read(folder, b"id,q1\n1,\x81\n")


def test_a_missing_file_says_where_it_should_be(folder):
    with pytest.raises(FileNotFoundError, match=r"2026.export\.csv is missing: put the export there, or name it"):
        reading.read_export(waves.read_wave(folder))


# --- the label on the jar ---------------------------------------------------------------------


def test_a_label_says_where_everything_is(folder):
    wave = waves.read_wave(folder)
    assert (wave.name, wave.kind, wave.respondent) == ("2026", "confidential", "id")
    assert wave.responses == folder / "export.csv"
    assert wave.questionnaire == folder.parents[1] / "questionnaire"
    assert wave.clean == folder.parents[1] / "clean/2026"
    assert (wave.title("nl"), wave.title("en")) == ("Golf", "Wave")


def test_everything_wrong_with_a_label_is_said_at_once(folder):
    (folder / "wave.toml").write_text('kind = "secret"\ntitle_nl = "Golf"\nresponses = ""\n', encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        waves.read_wave(folder)
    message = str(caught.value)
    for problem in [
        "responses is missing", "respondent is missing", "questionnaire is missing", "title_en is missing",
        'kind "secret" is not one of synthetic, confidential, public', "data/README.md shows one",
    ]:  # fmt: skip
        assert problem in message


def test_a_label_says_when_people_answered(folder):
    label = folder / "wave.toml"
    label.write_text(f"{LABEL}[fieldwork]\nstart = 2026-09-03\nend = 2026-09-24\n", encoding="utf-8")
    assert waves.read_wave(folder).fieldwork == (date(2026, 9, 3), date(2026, 9, 24))


@pytest.mark.parametrize(
    "days",
    ["", "fieldwork = 3", "[fieldwork]\nstart = 2026-09-03", '[fieldwork]\nstart = "3 september"\nend = 2026-09-24',
     "[fieldwork]\nstart = 2026-09-24\nend = 2026-09-03", "[fieldwork]\nstart = 2026-09-03T09:00:00\nend = 2026-09-24"],
)  # fmt: skip
def test_days_that_are_missing_or_no_days_are_told(folder, days):
    label = folder / "wave.toml"
    label.write_text(f"{LABEL}{days}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"2026.wave\.toml: \[fieldwork\] needs start and end, .* like 2026-09-03"):
        waves.read_wave(folder).fieldwork  # noqa: B018


@pytest.mark.parametrize("content", [b"kind = confidential", 'note = "één"'.encode("cp1252")])
def test_a_label_that_is_no_toml_is_refused_by_name(folder, content):
    (folder / "wave.toml").write_bytes(content)
    with pytest.raises(ValueError, match=r"wave\.toml can't be read as TOML"):
        waves.read_wave(folder)


@pytest.mark.parametrize(("before", "after"), [('"export.csv"', "5"), ('"id"', '["id"]'), ('"confidential"', "true")])
def test_a_label_with_something_else_than_text_is_refused(folder, before, after):
    (folder / "wave.toml").write_text(LABEL.replace(before, after), encoding="utf-8")
    with pytest.raises(ValueError, match="is not a wave's label yet"):
        waves.read_wave(folder)


def test_an_unknown_wave_is_answered_with_those_there_are():
    with pytest.raises(FileNotFoundError) as caught:
        waves.read_wave("1825-autumn")
    assert 'there is no wave "1825-autumn"' in str(caught.value)
    assert "2025-reference" in str(caught.value).split("There are: ")[1]


def test_only_an_invented_wave_says_where_its_counts_come_from(folder):
    assert reading.read_provenance(waves.read_wave(folder)) is None
    (folder / "wave.toml").write_text(
        LABEL.replace('kind = "confidential"', 'kind = "synthetic"\nreport = "one"'), encoding="utf-8"
    )
    with pytest.raises(FileNotFoundError, match="an invented wave must say what of it was printed"):
        reading.read_provenance(waves.read_wave(folder))


# --- what a label says of its answers ----------------------------------------------------------

WHERE = {"by": "a university", "at": "https://example.org/10.1", "licence": "CC BY 4.0"}


@pytest.mark.parametrize("missing", [None, "by", "at", "licence"])
def test_answers_are_public_only_where_it_is_said_who_published_them_where_and_how(folder, missing):
    said = "".join(f'{key} = "{value}"\n' for key, value in WHERE.items() if key != missing)
    label = LABEL.replace('kind = "confidential"', 'kind = "public"')
    (folder / "wave.toml").write_text(f"{label}\n[published]\n{said}", encoding="utf-8")
    wave = waves.read_wave(folder)
    assert (wave.kind, wave.source) == (("public", WHERE) if missing is None else ("confidential", {}))
    assert wave.confidential is bool(missing)


@pytest.mark.parametrize(
    ("kind", "report", "edition"),
    [
        ("confidential", "", "wave"),
        ("confidential", "one", "report"),
        ("synthetic", "one", "reference"),
        ("practice", "", "practice"),
        ("practice", "one", "practice"),
    ],
)
def test_the_kind_of_edition_follows_from_the_label(folder, monkeypatch, kind, report, edition):
    label = LABEL.replace('kind = "confidential"', f'kind = "{kind}"') + f'report = "{report}"\n'
    (folder / "wave.toml").write_text(label, encoding="utf-8")
    assert waves.read_wave(folder).edition == "questionnaire"  # other questions than the book's
    monkeypatch.setattr("analysis.paths.DATA", folder.parents[1])
    assert waves.read_wave(folder).edition == edition
