"""Say what is known about a study: the items of reporting standards, and what its source says of each.

The items stand in `data/standards/disclosure.csv`, the answers in `study.csv` of the wave. A
count says how many items were disclosed, nothing about how good a study is.
"""

import pandas as pd

from analysis.show.parts import Absent, Block, Cell, Listing, Noted, Row, Table
from analysis.stats.release import of_things
from analysis.words import join, kept, text


def counts(counted: pd.DataFrame) -> Table:
    """Set what `count` found as a table: a block for each standard, a row for each status."""
    blocks = []
    for kind, row in counted.iterrows():
        rows = tuple(Row(text(f"status_{status}"), (of_things(int(n), "items"),)) for status, n in row.items())
        blocks.append(Block(rows, text(f"standard_{kind}")))
    return Table(text("standards_counted"), (text("standard_status"), text("standard_items")), tuple(blocks))


def listing(study: pd.DataFrame) -> Listing:
    """Lay out items, a table for each standard: what each asks; its status in words, and what the source says.

    Each item is a block of two rows, which fits on a phone.
    """
    columns = (text("standard_item"), text("standard_answer"))
    made = []
    for kind, block in study.groupby("kind", sort=False):
        blocks = tuple(_item(row) for row in block.to_dict("records"))
        made.append(Table(text(f"standard_{kind}"), columns, blocks, "words"))
    return Listing(tuple(made))


def _item(row: dict) -> Block:
    said, place = kept(row, "value"), kept(row, "place")
    answer: Cell = Noted(said, (place,)) if any(said.values()) else Absent(row["status"])
    rows = (Row(text("standard_ask"), (kept(row, "ask"),)), Row(text(f"status_{row['status']}"), (answer,)))
    return Block(rows, join(". ", row["number"], kept(row, "label")))
