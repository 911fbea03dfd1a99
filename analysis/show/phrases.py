"""Words for shares, `ruim een derde`, chosen by the number from one table with stated bounds."""

from __future__ import annotations

from decimal import Decimal

from analysis.stats import quantities
from analysis.stats.value import Value
from analysis.words import voice


def table() -> list[dict[str, str]]:
    """The phrases of `quantities`, a row each, with bounds from 0 to 100 and none left out."""
    rows = (row for row in quantities.table() if row["nl"] or not row["key"])
    return [row | {"below": row["below"] or "100"} for row in rows]


def phrase_of(value: Value, language: str) -> str:
    """Say a share in words: of what was counted, or where that is held back of what is shown.

    A share that is shown in steps, or of which print gives no number of people, gets a phrase only where all that is
    rounded to it has the same one, so that no word says more than half of what isn't.
    """
    if value.n is not None:
        return phrase(value.n, value.of or 0, language)
    off = 50 * value.step if value.step else 0.5 * 10.0 ** -(value.decimals or 0)
    low, high = (Decimal(str(round(100 * float(value) + sign * off, 4))) for sign in (-1, 1))
    found = [row[language] for row in table() if Decimal(row["at_least"]) <= low and high <= Decimal(row["below"])]
    return found[0] if found else ""


def phrase(n: int, base: int, language: str) -> str:
    """Say a share in words by `data/narrative/quantities.csv`; blank where it has none, or of nobody.

    The bounds are ours; both ends count in per cent, the lower included. A phrase that differs
    between two waves is no change: use `guards.changed`.
    """
    if not base:
        return ""
    if not 0 <= n <= base:
        raise ValueError(f"{n} of {base} is not a share")
    if n in (0, base):
        return voice(language).say("everyone" if n else "nobody")
    share = Decimal(100 * n) / base
    return next(row[language] for row in table() if Decimal(row["at_least"]) <= share < Decimal(row["below"]))
