"""Errata on the page: the numbers in their texts, and the list with an address for each."""

from __future__ import annotations

import functools

import pandas as pd

from analysis.report import errata
from analysis.report.claims import Data
from analysis.show import audit, saying
from analysis.show.parts import Absent, Article, Cell, Facts, Heading, Link, Listing, Part, Several
from analysis.stats.release import of_things
from analysis.stats.value import Value
from analysis.words import Text, join, kept, text, voice


def fill(listed: pd.DataFrame, claims: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Put numbers in place of placeholders, in the form of each language: the same rows, filled.

    A sign stands where the data have no value, and words where invented people stand behind one that nobody knows.
    """
    by_code = claims.set_index("claim", drop=False).to_dict("index")

    @functools.cache
    def cell(place: str) -> Cell:
        codes, field = errata.parts(place)
        found = errata.value(codes, field, by_code, data)
        if isinstance(found, Value):
            return found
        return audit.number(by_code[codes[0]], found)

    def filled(words: str, language: str) -> str:
        return errata.PLACE.sub(lambda found: _say(cell(found[1]), language), words)

    return listed.assign(**{c: [filled(words, language) for words in listed[c]] for c, language in errata.TEXTS})


def _say(cell: Cell, language: str) -> str:
    if isinstance(cell, Several):
        return cell.between.join(_say(item, language) for item in cell.items)
    if isinstance(cell, Absent):
        return str(voice(language).sign(cell.reason))
    if isinstance(cell, Value):
        return saying.said(cell, language) if cell.known else str(saying.written(cell, voice(language)))
    return cell[language] if isinstance(cell, Text) else str(cell)


def left(lines: list[str]) -> Value:
    """Count the lines in which errata and claims don't go together (`errata.out_of_step`)."""
    return of_things(len(lines))


def listing(listed: pd.DataFrame) -> Listing:
    """Lay out errata under their kinds: where, what it says, what turns out, how that was found.

    Each has an address, its number: `erratum-7`.
    """
    parts: list[Part] = []
    for kind, block in listed.groupby("kind", sort=False):
        parts.append(Heading(text(f"erratum_{kind}"), address=f"errata-{kind}"))
        parts += [_erratum(row) for row in block.to_dict("records")]
    return Listing(tuple(parts))


def _erratum(row: dict) -> Article:
    facts: list[tuple[Text | str, Cell]] = [(text(f"list_{side}"), kept(row, side)) for side in ("printed", "found")]
    facts.append((text("list_how"), text(f"evidence_{row['evidence']}")))
    links = tuple(Link(code, f"audit.html#claim-{code}", code=True) for code in row["claims"].split())
    facts += [(text("list_claims"), Several(links))] if links else []
    address = f"erratum-{row['number']}"
    heading = Heading(join(". ", row["number"], kept(row, "place")), 4, address)
    return Article((heading, Facts(tuple(facts))), address, "erratum")
