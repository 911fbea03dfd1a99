"""What a report printed about a survey, and which numbers of people each printed number can be.

Printed numbers stand in `published/claims.csv`, from the report's text, and in `published/figures.csv`, typed in from
its figures (`survey.pictures`). Everything here is arithmetic: exact, in whole numbers, and without any answers.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from analysis.files import read_table

if TYPE_CHECKING:
    from analysis.survey.waves import Wave

FIGURES = ["document", "figure", "question", "statement", "answer", "printed"]
"""The columns of `published/figures.csv`."""
ABSENT = "absent"
"""In the place of a number: the figure doesn't show it either."""
Key = tuple[str, str, str, str]
"""What a number was printed of: question, statement, answers (`a|c`) and the condition of a group; blank where none."""
RULES: dict[str, Callable[[Fraction], int]] = {
    "half_up": lambda value: math.floor(abs(value) + Fraction(1, 2)) * (-1 if value < 0 else 1),
    "half_even": round,
}
"""How a half is rounded: away from zero, as in print, or to the even neighbour (IEEE 754)."""


@dataclass(frozen=True)
class Printed:
    """A number that a document printed, as text: a share in per cent of `base` people, or a `count` of people.

    `parts` are the answers that were rounded apart and then added, 1 where a number was rounded whole.
    """

    number: str
    base: int | None
    kind: str
    parts: int = 1

    @property
    def decimals(self) -> int:
        """How many it was printed with."""
        return decimals(self.number)

    def counts(self, base: int) -> list[int]:
        """List the numbers of people, of the base it was printed of, that it can be; none where that is another.

        A half is rounded up, as in print.
        """
        if self.kind == "count":
            return [int(self.number)]
        return counts(self.number, base, ("half_up",)) if self.base == base else []

    def readings(self) -> list[int]:
        """List the numbers of people that it can be by any reading: rounded whole, or in parts that were then added."""
        if self.kind == "count":
            return [int(self.number)]
        if self.base is None:
            return []
        summed = totals(self.number, self.base, self.parts) if self.parts > 1 else []
        return sorted({*counts(self.number, self.base), *summed})


def read(wave: Wave) -> dict[Key, list[Printed]]:
    """Read what the document behind a wave printed, in its text and in its figures; nothing where it is of none."""
    found, path = of_text(wave), wave.survey / "published" / "figures.csv"
    if not found or not path.exists():
        return found
    for row in read_table(path, FIGURES)[0].to_dict("records"):
        if row["document"] == wave.report and row["printed"] != ABSENT:
            base = base_of(found, row["question"], row["statement"])
            key = (row["question"], row["statement"], row["answer"], "")
            found.setdefault(key, []).append(Printed(row["printed"], base, "share"))
    return found


def base_of(found: dict[Key, list[Printed]], question: str, statement: str = "") -> int | None:
    """Say of how many people a question's shares were printed, or those of a statement; None where print doesn't."""
    for (code, about, answers, among), numbers in found.items():
        if code == question and not among and statement in (about, *about.split("|")):
            base = next((n.base for n in numbers if n.base), None) if answers else int(numbers[0].number)
            if base:
                return base
    return None


def in_figures(wave: Wave) -> set[str]:
    """List the questions that the document behind a wave has a figure of."""
    rows = read_table(wave.survey / "published" / "claims.csv", ["document", "question", "figure"])[0]
    return set(rows.loc[rows["document"].eq(wave.report) & rows["figure"].ne(""), "question"]) - {""}


def of_text(wave: Wave) -> dict[Key, list[Printed]]:
    """Read what the text of the document behind a wave printed: its claims that are numbers.

    A claim that is marked as wrong in print (`holds` is no) isn't among it.
    """
    path = wave.survey / "published" / "claims.csv"
    found: dict[Key, list[Printed]] = {}
    if not wave.report or not path.exists():
        return found
    needed = ["document", "kind", "question", "statement", "options", "among", "base", "printed", "rounding", "holds"]
    for row in read_table(path, needed)[0].to_dict("records"):
        is_number = row["kind"] in ("share", "count") and row["printed"]
        if row["document"] == wave.report and is_number and row["holds"] != "no":
            key = (row["question"], row["statement"], row["options"], row["among"])
            base = int(row["base"]) if row["base"].isdigit() else None
            parts = row["options"].count("|") + 1 if row["rounding"] == "sum" else 1
            found.setdefault(key, []).append(Printed(row["printed"], base, row["kind"], parts))
    return found


# --- which numbers of people a printed one can be ----------------------------------------------


def decimals(printed: str) -> int:
    """How many decimals stand in print."""
    return -int(Decimal(printed.lstrip("<")).as_tuple().exponent)


def units(printed: str) -> int:
    """A printed number in units of its last decimal: 38.1 is 381."""
    return int(Decimal(printed).scaleb(decimals(printed)))


@functools.lru_cache(maxsize=64)
def rounded(base: int, decimals: int, rule: str) -> tuple[int, ...]:
    """The percentage of 0, 1, … `base` people in units of its last decimal, exactly."""
    return tuple(RULES[rule](Fraction(100 * n * 10**decimals, base)) for n in range(base + 1))


def counts(printed: str, base: int, rules: tuple[str, ...] = tuple(RULES)) -> list[int]:
    """List how many of `base` people round to a printed percentage, under any of the rules.

    >>> counts("38.1", 771)
    [294]
    >>> counts("57.2", 294)
    []
    """
    tables = [rounded(base, decimals(printed), rule) for rule in rules]
    return [n for n in range(base + 1) if units(printed) in (table[n] for table in tables)]


def totals(printed: str, base: int, parts: int = 2, rules: tuple[str, ...] = tuple(RULES)) -> list[int]:
    """List the totals that `parts` exclusive shares can have when they were rounded and then added.

    Each part is off by at most half a unit, which leaves few totals to try.

    >>> totals("57.2", 294)
    [168]
    """
    wanted, places = units(printed), decimals(printed)
    one = Fraction(base, 100 * 10**places)
    low = max(0, math.ceil((wanted - Fraction(parts, 2)) * one))
    high = min(base, math.floor((wanted + Fraction(parts, 2)) * one))
    tables = [rounded(base, places, rule) for rule in rules]
    return [n for n in range(low, high + 1) if any(_splits(n, parts, wanted, table) for table in tables)]


def _splits(total: int, parts: int, units: int, rounded: tuple[int, ...]) -> bool:
    """Whether a total falls apart into so many whole numbers whose rounded shares add up to `units`."""
    if parts == 1:
        return rounded[total] == units
    return any(_splits(total - n, parts - 1, units - rounded[n], rounded) for n in range(total + 1))
