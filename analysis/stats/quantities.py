"""Words for quantities and the bounds of each, written once: sentences, claims and phrases all read them here.

`data/narrative/quantities.csv` has a word a row: its `key`; its bounds, in per cent and choices of ours, `above`
(exclusive), `at_least` and `below` (exclusive); and its phrase in each language. Rows with a phrase, and those without
a key, for which there is no word, follow each other from 0 to 100% without a gap.
"""

from __future__ import annotations

import csv
import functools
import math
from fractions import Fraction

from analysis import paths


@functools.cache
def table() -> list[dict[str, str]]:
    """Read the table, a row a word."""
    with (paths.DATA / "narrative" / "quantities.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def bounds(key: str) -> dict[str, str]:
    """Return those bounds that a word has, as text; ValueError for a word that isn't there, with those that are."""
    words = {row["key"]: row for row in table() if row["key"]}
    if key not in words:
        raise ValueError(f'"{key}" is not a word of data/narrative/quantities.csv: {", ".join(words)}')
    return {bound: words[key][bound] for bound in ("above", "at_least", "below") if words[key][bound]}


def people(key: str, base: int) -> tuple[int, int]:
    """From how many up to how many of `base` people a word is true, exactly; the first is larger where none are."""
    ends = {bound: Fraction(percent) * base / 100 for bound, percent in bounds(key).items()}
    low = max(math.floor(ends["above"]) + 1 if "above" in ends else 0, math.ceil(ends.get("at_least", 0)))
    return low, math.ceil(ends["below"]) - 1 if "below" in ends else base
