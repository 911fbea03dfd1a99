"""Open a wave's export as text, one column an item.

Nothing is repaired here. A cell comes out exactly as it stood in the file; a file that
isn't a table is refused with its row.
"""

import codecs
import contextlib
import csv
import io

import pandas as pd

from analysis.survey.waves import Wave

SEPARATORS = (",", ";", "\t")
FIRST_ROW = 2
"""Spreadsheets number rows from 1, and the first holds the column names."""


def read_export(wave: Wave) -> pd.DataFrame:
    """Open a wave's export: every cell as text, blank where the cell is empty.

    Returns one row a respondent, indexed by the row number that a spreadsheet shows
    (the first respondent stands in row 2), with the columns as the file names them.
    UTF-8 with or without a byte order mark, UTF-16 with one and Windows-1252 are read; columns
    are parted by comma, semicolon or tab, whichever the first line holds most of.

    Raises FileNotFoundError, or ValueError for a file that isn't a table.
    """
    path = wave.responses
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: put the export there, or name it in wave.toml as responses")
    raw = path.read_bytes()
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp1252"]:
        with contextlib.suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            break
    else:
        raise ValueError(f"{path} is not text in UTF-8, UTF-16 or Windows-1252: export it as CSV UTF-8")
    if not text.strip():
        raise ValueError(f"{path} is empty: export it again")
    header = text.splitlines()[0]
    cells = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count), strict=True)
    rows: list[list[str]] = []
    numbers, misshapen = [], []
    number = 1
    try:
        names = [name.strip() for name in next(cells)]
        for number, row in enumerate(cells, FIRST_ROW):
            if not any(row):
                continue
            if len(row) < len(names) or any(row[len(names) :]):
                misshapen.append((number, len(row)))
            rows.append(row[: len(names)])
            numbers.append(number)
    except csv.Error as error:
        raise ValueError(
            f"{path} can't be read as a table: {error}, in the row after {number}. "
            "A quotation mark may be missing, or the end: export it again."
        ) from None
    twice = sorted({name for name in names if names.count(name) > 1})
    if wave.respondent not in names and (twice or misshapen):
        raise ValueError(
            f"{path} row 1: no column is called {wave.respondent}, the key that wave.toml names. "
            "Do the names of the columns stand in row 1, with nothing above them?"
        )
    if twice:
        raise ValueError(f"{path} row 1: the column {', '.join(twice)} stands there twice; keep one")
    if misshapen:
        number, count = misshapen[0]
        raise ValueError(
            f"{path} row {number}: {count} cells for {len(names)} columns ({len(misshapen)} such rows). "
            "The export may be cut off, or a text lacks its quotation marks: export it again."
        )
    if not rows:
        raise ValueError(f"{path} names columns and holds no respondents: export it again")
    return pd.DataFrame(rows, columns=names, index=pd.Index(numbers, name="row"), dtype=str)


def read_provenance(wave: Wave) -> pd.DataFrame | None:
    """Read what of an invented wave was published, derived or assumed; None for a real wave."""
    if wave.kind != "synthetic":
        return None
    path = wave.folder / "provenance.csv"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: an invented wave must say what of it was published")
    return pd.read_csv(path, dtype=str, keep_default_na=False)
