"""What a page shows besides figures, as values: tables, and listings of headings, paragraphs and tables.

Nothing here is markup. A cell is a value, an interval, a text, or a small structure of these;
`show.render` writes the whole as HTML, plain text or CSV in one language.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from analysis.stats.value import Interval, Span, Value
from analysis.words import Text, text


class Absent(NamedTuple):
    """In the place of a number: the sign of a reason (`words.SIGNS`)."""

    reason: str


class Link(NamedTuple):
    """Words that lead to a place: a page beside this one, or an address in it."""

    words: Text | str
    place: str
    code: bool = False


class Several(NamedTuple):
    """Cells one after the other, parted by a text such as a comma."""

    items: tuple
    between: str = ", "


class Stacked(NamedTuple):
    """A cell of lines: the first in full size, the others small below it."""

    lines: tuple


class Phrase(NamedTuple):
    """A standing phrase around values: `Phrase("difference", (("size", value),))` is Difference 4.2 points."""

    key: str
    gaps: tuple[tuple[str, Cell], ...]


class Strong(NamedTuple):
    """A cell that is set bold."""

    cell: Value | Text | str


class Noted(NamedTuple):
    """A cell with notes in brackets behind it: 36.7% (assumed). Blank notes are left out."""

    cell: Cell
    notes: tuple[Cell, ...]


class Lane(NamedTuple):
    """A cell that says a value and draws it beside its words, on the axis of its figure.

    `mark` is how: a `bar` from `start`, a `part` of a row's one bar from `start`, a `dot` with its interval, a `range`
    from the least to the most. `colour` is one of CSS, of a figure's own colours; `outer` are the ends of a wider range
    around it.
    """

    value: Value
    mark: str = "bar"
    start: float = 0.0
    colour: str = "var(--c1)"
    outer: tuple[float, float] | None = None

    @property
    def ranged(self) -> bool:
        """Whether no number is known, but between which two it is."""
        known = self.value.least is not None and self.value.most is not None
        return known and (self.mark == "range" or not self.value.known)


Cell = Value | Interval | Span | Text | str | Absent | Link | Several | Stacked | Strong | Phrase | Noted | Lane | None
"""What may stand in a cell or in a line of text; None is blank."""


def out_of(value: Value) -> Several:
    """Say how many people a share is of, and out of how many: 294 of 771; where they are held back, of 770."""
    if value.release and value.n is None:
        return Several((text("of"), value.base), " ")
    return Several((value.count, text("of"), value.base), " ")


@dataclass(frozen=True)
class Row:
    """A row: its head, its cells, and what it rests on at its weakest (a class of its own on the page)."""

    head: Cell
    cells: tuple[Cell, ...]
    origin: str = ""
    address: str = ""
    choice: str = ""


@dataclass(frozen=True)
class Block:
    """Rows that belong together, under a title if there is one."""

    rows: tuple[Row, ...]
    title: Text | str = ""


@dataclass(frozen=True)
class Table:
    """A table: caption, columns, and rows of cells; the first column names the rows.

    `style` is how it looks: `estimates`, `estimates tests`, `estimates statements` or `words`.
    `narrow` lets rows become blocks on a narrow screen, where each cell is named; `address` is
    its own in the page, and `note` a line above it.
    """

    caption: Text | str
    columns: tuple[Text | str, ...]
    blocks: tuple[Block, ...]
    style: str = "estimates"
    narrow: bool = False
    address: str = ""
    note: Text | str = ""

    def __post_init__(self):
        for row in self.rows:
            if len(row.cells) != len(self.columns) - 1:
                raise ValueError(f"a row has {len(row.cells)} cells for {len(self.columns) - 1} columns: {row}")

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, whatever their block."""
        return tuple(row for block in self.blocks for row in block.rows)


class Axis(NamedTuple):
    """What the lanes of a figure run along: its ends, where it is marked and with which words, and a line across it."""

    low: float = 0.0
    high: float = 1.0
    ticks: tuple[tuple[float, str], ...] = ()
    logarithmic: bool = False
    line: float | None = None

    def place(self, number: float) -> float:
        """Where a number lies, in per cent of the lane; beyond the ends on the end."""
        low, high, at = (math.log(n) if self.logarithmic else n for n in (self.low, self.high, number))
        return min(100.0, max(0.0, 100 * (at - low) / (high - low)))


@dataclass(frozen=True)
class Chart:
    """A figure that is a table: some of its cells draw what they say (`Lane`), all along one axis.

    `kind` is how it is set: `rows`, a lane a row beside its number; or `scale`, the parts of a row in one bar below
    their numbers, each column of parts in a colour of its own.
    """

    kind: str
    table: Table
    axis: Axis

    def __post_init__(self):
        if self.kind not in ("rows", "scale"):
            raise ValueError(f"a chart is set as rows or as a scale, not as {self.kind}")

    @property
    def lanes(self) -> list[list[Lane]]:
        """What is drawn, a list a row."""
        return [[cell for cell in row.cells if isinstance(cell, Lane)] for row in self.table.rows]

    @property
    def dotted(self) -> bool:
        """Whether it draws dots."""
        return any(lane.mark == "dot" for lanes in self.lanes for lane in lanes)

    @property
    def colours(self) -> list[str]:
        """The colour of each column after the first, blank where it draws nothing: the key of a scale."""
        columns: list[tuple[Cell, ...]] = list(zip(*(row.cells for row in self.table.rows), strict=True))
        return [next((cell.colour for cell in column if isinstance(cell, Lane)), "") for column in columns]


@dataclass(frozen=True)
class Exhibit:
    """A figure with all that goes with it.

    What is seen is its `chart`; else `drawing`, an SVG or the place of a Plotly figure of somebody's own, with a
    `description` in words. `finding` is what it shows in a sentence, and `title` what it is of; `asked` says who was
    asked what, and of how many the shares are; `notes` what must be said below, which lead to the page `certainty`;
    `reading` how to read it. `table` holds what the chart leaves out, folded; `data` all its numbers, to take along.
    `source` is what goes with it wherever it goes, `stamp` what is written across it.
    """

    name: str
    number: int | None
    title: str
    asked: str
    notes: tuple[str, ...] = ()
    certainty: str = ""
    chart: Chart | None = None
    table: Table | None = None
    data: Table | None = None
    drawing: Markup = Markup("")
    description: str = ""
    finding: str = ""
    reading: tuple[str, ...] = ()
    source: str = ""
    stamp: str = ""


@dataclass(frozen=True)
class Tested:
    """A table of tests or means, and below it a `note` of what they can't tell, which the page `certainty` explains."""

    table: Table
    note: str
    certainty: str


@dataclass(frozen=True)
class Heading:
    """A heading within a listing, of level 3 or 4; with an address it can be led to."""

    words: Text | str
    level: int = 3
    address: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A line of text."""

    cell: Cell


@dataclass(frozen=True)
class Items:
    """A list of lines."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Facts:
    """Terms with what is said of each."""

    pairs: tuple[tuple[Text | str, Cell], ...]


@dataclass(frozen=True)
class Download:
    """A file within the page: its name, what it holds, and the words that are chosen to have it."""

    name: str
    content: bytes
    words: Text | str
    kind: str = "text/csv;charset=utf-8"

    @property
    def place(self) -> str:
        """The address that holds the whole file."""
        return f"data:{self.kind};base64,{base64.b64encode(self.content).decode('ascii')}"


@dataclass(frozen=True)
class SearchForm:
    """A form above a table that is searched: words to look for, and a choice of rows (`Row.choice`).

    It stays hidden until `_static/filter.js` makes it work. `table` is the table's address and
    `name` what the choice is called in addresses; `options` holds each choice with its words, `every`
    the words for all of them, and `shown` says how many rows are left, with the gaps `{shown}` and `{all}`.
    """

    table: str
    name: str
    search: Text | str
    choice: Text | str
    every: Text | str
    options: tuple[tuple[str, Text | str], ...]
    shown: Text | str


@dataclass(frozen=True)
class Folded:
    """Parts that unfold when their summary is chosen."""

    summary: Text | str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Article:
    """Parts that are one thing with an address of its own."""

    parts: tuple[Part, ...]
    address: str
    kind: str


@dataclass(frozen=True)
class Listing:
    """Headings, paragraphs and tables one after the other."""

    parts: tuple[Part, ...]


Part = (
    Table | Heading | Paragraph | Items | Facts | Folded | Article | Listing | Exhibit | Tested | Download | SearchForm
)
