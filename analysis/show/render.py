"""Write tables and listings as HTML, plain text or CSV, in one language.

HTML comes from Jinja2's templates beside this module, which escape whatever they are given.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import math
import os
from typing import NamedTuple

import jinja2
from markupsafe import Markup

from analysis import paths
from analysis.show.charts import extent
from analysis.show.parts import (
    Absent,
    Axis,
    Cell,
    Download,
    Exhibit,
    Facts,
    Folded,
    Heading,
    Interval,
    Items,
    Lane,
    Link,
    Noted,
    Paragraph,
    Part,
    Phrase,
    SearchForm,
    Several,
    Span,
    Stacked,
    Strong,
    Table,
    Tested,
    Value,
)
from analysis.show.saying import written
from analysis.stats.release import release
from analysis.words import Marked, Text, Voice, voice

PLOT = Markup("<!-- plot -->")
"""Where the book puts Plotly's drawing into the text that goes with it (`plots.PLACE`)."""


class Bit(NamedTuple):
    """A piece of a line as it is written: its words, its sign, and how it is set."""

    said: Marked
    place: str = ""
    strong: bool = False
    code: bool = False


def bits(cell: Cell, voice: Voice) -> list[Bit]:
    """Take a cell apart into the pieces that it is written with."""
    if cell is None:
        return []
    if isinstance(cell, (Value, Interval, Span)):
        return [Bit(written(cell, voice))]
    if isinstance(cell, Lane):
        return bits(cell.value.range if cell.ranged else cell.value, voice)
    if isinstance(cell, Absent):
        return [Bit(voice.sign(cell.reason))]
    if isinstance(cell, Link):
        return [Bit(Marked(words(cell.words, voice)), cell.place, code=cell.code)]
    if isinstance(cell, Phrase):
        return [Bit(Marked(voice.say(cell.key, **{name: flat(value, voice) for name, value in cell.gaps})))]
    if isinstance(cell, Strong):
        return [bit._replace(strong=True) for bit in bits(cell.cell, voice)]
    if isinstance(cell, Several):
        found: list[Bit] = []
        for item in cell.items:
            found += [Bit(Marked(cell.between))] if found else []
            found += bits(item, voice)
        return found
    if isinstance(cell, Noted):
        notes = tuple(note for note in cell.notes if flat(note, voice))
        return bits(Several((cell.cell, " (", Several(notes, "; "), ")"), "") if notes else cell.cell, voice)
    if isinstance(cell, Stacked):
        return [bit for line in cell.lines for bit in bits(line, voice)]
    return [Bit(cell if isinstance(cell, Marked) else Marked(words(cell, voice)))]


def lines(cell: Cell, voice: Voice) -> list[list[Bit]]:
    """Take a cell apart into its lines: one, unless it is stacked."""
    return [bits(line, voice) for line in (cell.lines if isinstance(cell, Stacked) else (cell,))]


def words(text: Text | str, voice: Voice) -> str:
    """Say a text in a voice; what is kept in one language only stays as it is."""
    return text[voice.language] if isinstance(text, Text) else str(text)


def html(part: Part, language: str) -> str:
    """Write a table or a listing as HTML."""
    return _template(type(part).__name__.lower(), part, voice(language))


def plain(part: Part, language: str) -> str:
    """Write a table or a listing as text that reads without markup; signs are written out."""
    speaker = voice(language)
    if isinstance(part, Exhibit):
        parts = [part.finding, part.title, part.asked, part.description]
        parts += [f"{note}." for note in (*part.notes, *part.reading)]
        tables = [part.chart.table if part.chart else None, part.table]
        return "\n".join([*filter(None, parts), *(f"\n{plain(table, language)}" for table in tables if table)])
    if isinstance(part, Tested):
        return plain(part.table, language)
    if not isinstance(part, Table):
        return "\n".join(_lines(part, speaker))
    rows = [[words(name, speaker) for name in part.columns]]
    for block in part.blocks:
        rows += [[words(block.title, speaker)]] if block.title else []
        rows += [[flat(cell, speaker) for cell in (row.head, *row.cells)] for row in block.rows]
    widths = [max((len(row[i]) for row in rows if len(row) > 1), default=0) for i in range(len(part.columns))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    return "\n".join([words(part.caption, speaker), *([words(part.note, speaker)] if part.note else []), *lines])


def as_csv(table: Table, language: str) -> str:
    """Write a table as CSV: numbers as numbers, an interval or a range as its two ends, what isn't known blank.

    What is held back has its sign in its place.
    """
    speaker = voice(language)
    file = io.StringIO()
    lines = csv.writer(file, lineterminator="\n")
    spread = [
        any(isinstance(row.cells[i], (Interval, Span)) for row in table.rows) for i in range(len(table.columns) - 1)
    ]
    head = [words(table.columns[0], speaker)]
    for name, two in zip(table.columns[1:], spread, strict=True):
        said = words(name, speaker)
        head += [speaker.say("lower_end", of=said), speaker.say("upper_end", of=said)] if two else [said]
    titled = any(block.title for block in table.blocks)
    lines.writerow([speaker.say("group"), *head] if titled else head)
    for block in table.blocks:
        for row in block.rows:
            cells = [flat(row.head, speaker)]
            for cell, two in zip(row.cells, spread, strict=True):
                cells += _numbers(cell, two, speaker)
            lines.writerow([words(block.title, speaker), *cells] if titled else cells)
    return file.getvalue()


def _numbers(cell: Cell, two: bool, voice: Voice) -> list[str]:
    """Write a cell of a CSV: one, or the two ends of an interval or a range."""
    cell = cell.value if isinstance(cell, Lane) else cell
    if not isinstance(cell, (Value, Interval, Span)):
        said = ["" if isinstance(cell, Absent) else flat(cell, voice)]
    else:
        value = release(cell if isinstance(cell, Value) else cell.of)
        if value.release == "hidden":
            return [flat(cell, voice)] * (1 + two)
        ends = (value.low, value.high) if isinstance(cell, Interval) else (value.least, value.most)
        numbers = (value.number,) if isinstance(cell, Value) else ends
        said = ["" if number is None or math.isnan(number) else f"{number:.10g}" for number in numbers]
    return said + [""] * (two and len(said) < 2)


def flat(cell: Cell, voice: Voice) -> str:
    """Write a cell as plain text."""
    return " · ".join("".join(bit.said.aloud for bit in line) for line in lines(cell, voice))


def _lines(part: Part, voice: Voice) -> list[str]:
    """Write the parts of a listing as lines of plain text."""
    if isinstance(part, (Table, Exhibit, Tested)):
        return [*plain(part, voice.language).split("\n"), ""]
    if isinstance(part, Heading):
        return ["", words(part.words, voice)]
    if isinstance(part, Paragraph):
        return [flat(part.cell, voice)]
    if isinstance(part, Items):
        return [f"- {flat(cell, voice)}" for cell in part.cells]
    if isinstance(part, Facts):
        return [f"{words(term, voice)}: {flat(said, voice)}" for term, said in part.pairs]
    if isinstance(part, Download):
        return [f"{words(part.words, voice)}: {part.name}"]
    if isinstance(part, SearchForm):  # there is nothing to search with
        return []
    inner = [line for one in part.parts for line in _lines(one, voice)]
    return ["", words(part.summary, voice), *inner] if isinstance(part, Folded) else inner


def lane(cell: Cell, axis: Axis) -> str:
    """Say in properties of CSS what a cell draws, in per cent of its lane; blank where it draws nothing."""
    drawn = extent(cell) if isinstance(cell, Lane) else None
    if drawn is None or not isinstance(cell, Lane):
        return ""
    places = {"a": drawn.start, "b": drawn.end, "lo": drawn.low, "hi": drawn.high}
    if drawn.outer:
        places |= dict(zip(("lo", "hi"), drawn.outer, strict=True))
    if cell.mark == "dot" and not cell.ranged:
        del places["a"]
    said = [f"--{name}:{axis.place(at):.4g}" for name, at in places.items() if at is not None]
    plain = cell.colour == Lane._field_defaults["colour"] and cell.mark != "part"
    return ";".join([*said, *([] if plain else [f"--c:{cell.colour}"])])


def lane_class(cell: Cell) -> str:
    """How a cell is set in a chart: what it draws, whether that is open, or that it is plain words."""
    if not isinstance(cell, Lane):
        return "plain"
    drawn = extent(cell)
    if drawn is None:
        return "words"
    kind = "range" if cell.ranged else cell.mark
    more = ["open"] * drawn.open + ["outer"] * (drawn.outer is not None) + ["sure"] * (drawn.low is not None)
    return " ".join([kind, *more, *(["settled"] if cell.ranged and drawn.start == drawn.end else [])])


def origin(cell: Cell) -> str:
    """What the value of a cell of lines rests on, which is then a class of its own."""
    return cell.lines[0].origin if isinstance(cell, Stacked) and isinstance(cell.lines[0], Value) else ""


def signs(table: Table, voice: Voice, explained: tuple[str, ...] = ()) -> list[Marked]:
    """List the signs that stand in a table, each once, to be explained below it; those that notes explain aren't."""
    cells = [cell for row in table.rows for cell in (row.head, *row.cells)]
    found = {bit.said.sign: bit.said for cell in cells for bit in bits(cell, voice) if bit.said.sign}
    return [mark for sign, mark in found.items() if not any(note.startswith(sign) for note in explained)]


@functools.cache
def _environment() -> jinja2.Environment:
    loader = jinja2.PackageLoader("analysis.show")
    compiled, cache = paths.BUILD / "templates", None  # every kernel would compile them anew
    with contextlib.suppress(OSError):  # where nothing may be written, it does
        compiled.mkdir(parents=True, exist_ok=True)
        cache = jinja2.FileSystemBytecodeCache(str(compiled)) if os.access(compiled, os.W_OK) else None
    return jinja2.Environment(
        loader=loader, bytecode_cache=cache, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip


def _template(name: str, part: object, voice: Voice) -> str:
    """Fill the macro that writes this kind of part."""
    macros = _environment().get_template("parts.html").make_module(
        {"voice": voice, "lines": lambda cell: lines(cell, voice), "words": lambda text: words(text, voice),
         "origin": origin, "lane": lane, "lane_class": lane_class,
         "signs": lambda table, explained=(): signs(table, voice, explained),
         "css": lambda text: Markup("'%s'") % text.replace("\\", "\\\\").replace("'", "\\'"),
         "data": lambda table: as_csv(table, voice.language),
         "plotted": lambda part: part.drawing == PLOT, "kind": lambda part: type(part).__name__.lower()}
    )  # fmt: skip
    return str(getattr(macros, name)(part)).strip()
