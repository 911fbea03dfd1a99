"""Open a wave's export as text, one column an item.

Nothing is repaired here. A cell comes out exactly as it stood in the file; a file that
isn't a table is refused with its row.
"""

import codecs
import contextlib
import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.csv

from analysis.survey.waves import Wave

SEPARATORS = (",", ";", "\t")
FIRST_ROW = 2
"""Spreadsheets number rows from 1, and the first holds the column names."""
LINE_END = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""The end of a line, of any kind."""


def read_export(wave: Wave) -> pd.DataFrame:
    """Open a wave's export: every cell as text, blank where the cell is empty.

    Returns one row a respondent, indexed by the row number that a spreadsheet shows
    (the first respondent stands in row 2), with the columns as the file names them, each a
    categorical: its categories are the texts that stand in it, so that a million cells cost little.
    UTF-8 with or without a byte order mark, UTF-16 with one and Windows-1252 are read; columns
    are parted by comma, semicolon or tab, whichever the first line holds most of.

    Raises FileNotFoundError, or ValueError for a file that isn't a table.
    """
    path = wave.responses
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: put the export there, or name it in wave.toml as responses")
    text = _text(path)
    header = text[: end.start()] if (end := LINE_END.search(text)) else text
    separator = max(SEPARATORS, key=header.count)
    export = _read_plain(text, separator)
    return _read_carefully(text, separator, wave) if export is None else export


def _text(path: Path) -> str:
    """Decode a file in the first encoding that fits it; ValueError when none does, or nothing is in it."""
    raw = path.read_bytes()
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp1252"]:
        with contextlib.suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            break
    else:
        raise ValueError(f"{path} is not text in UTF-8, UTF-16 or Windows-1252: export it as CSV UTF-8")
    if not text or text.isspace():
        raise ValueError(f"{path} is empty: export it again")
    return text


def _read_plain(text: str, separator: str) -> pd.DataFrame | None:
    """Read a table without irregularities, fast; None for any other text, which `_read_carefully` reads or refuses.

    Both give the same cells for whatever this one reads: every quotation mark opens or closes a whole
    cell or is doubled within one, lines end in one way, and no row is longer or shorter than the first.
    """
    content = text.encode()
    if not _is_regular(content, separator):
        return None
    names = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    names = [name.strip() for name in names]
    places = [str(place) for place in range(len(names))]
    if not names or len(set(names)) < len(names):
        return None
    try:
        table = pyarrow.csv.read_csv(
            pyarrow.BufferReader(content),
            read_options=pyarrow.csv.ReadOptions(column_names=places, skip_rows_after_names=1),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(places, pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
                strings_can_be_null=False,
            ),
        )
    except pyarrow.ArrowInvalid:
        return None
    del content
    columns, filled = {}, np.zeros(table.num_rows, dtype=bool)
    for place, name in zip(places, names, strict=True):
        cells = table.column(place).unify_dictionaries()
        table = table.drop_columns(place)
        codes = np.concatenate([chunk.indices.to_numpy() for chunk in cells.chunks] or [np.empty(0, dtype=np.int32)])
        values = pd.Index(cells.chunk(0).dictionary.to_pylist() if cells.num_chunks else [], dtype=str)
        if len(values) and values.str.len().max() > csv.field_size_limit():
            return None
        columns[name] = pd.Categorical.from_codes(codes, values)
        filled |= np.append(values != "", False)[codes]
    if not filled.any():
        return None
    export = pd.DataFrame(columns, index=pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(filled), name="row"), copy=False)
    return export if filled.all() else export[filled]


def _is_regular(content: bytes, separator: str) -> bool:
    """Whether lines end in one way, and each quotation mark opens or closes a whole cell or is doubled within one."""
    if b"\0" in content or content.count(b"\r") != content.count(b"\r\n"):
        return False
    cells = np.frombuffer(content, dtype=np.uint8)
    marks = np.flatnonzero(cells == ord('"'))
    if len(marks) % 2:
        return False
    edges = np.frombuffer(f"{separator}\r\n".encode(), dtype=np.uint8)
    openings, closings = marks[::2], marks[1::2]
    opens = (openings == 0) | np.isin(cells[openings - 1], edges)
    closes = (closings == len(cells) - 1) | np.isin(cells[np.minimum(closings + 1, len(cells) - 1)], edges)
    doubled = closings[:-1] + 1 == openings[1:]
    opens[1:] |= doubled
    closes[:-1] |= doubled
    return bool(opens.all() and closes.all())


def _read_carefully(text: str, separator: str, wave: Wave) -> pd.DataFrame:
    """Read a table row by row, or say in which row it is none."""
    path = wave.responses
    cells = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
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
    export = pd.DataFrame(rows, columns=names, index=pd.Index(numbers, name="row"), dtype=str)
    return export.astype("category")


def read_provenance(wave: Wave) -> pd.DataFrame | None:
    """Read where each count of an invented wave comes from; None for a real wave."""
    if wave.kind != "synthetic":
        return None
    path = wave.folder / "provenance.csv"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: an invented wave must say what of it was printed")
    return pd.read_csv(path, dtype=str, keep_default_na=False)
