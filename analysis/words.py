"""Say numbers and the book's own standing words in the language of the edition.

Labels of questions and answers come from the questionnaire, prose from the chapters; what
is left, such as "base" or "assumed", stands in `locale/words.csv`.
"""

from __future__ import annotations

import csv
import datetime
import functools
import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.numbers import format_decimal

from analysis import paths

if TYPE_CHECKING:
    pass

LANGUAGES = ("nl", "en")
WORDS = paths.LOCALE / "words.csv"
SIGNS = ("not_applicable", "nobody", "too_few", "unreliable", "review", "not_calculable", "not_stated")
"""Why a number is absent, or must be read with care: the one list, in the order in which it is explained.

In `locale/words.csv` each has its sign (`sign_`), what it says in short (`short_`) and when it stands (`why_`).
"""


class Sign(str):
    """A text that ends in a sign of the list: the `value` before it if any, the `sign`, and `words` that explain it."""

    value = sign = words = ""


@functools.cache
def words(language: str) -> dict[str, str]:
    """Return the standing words of one language, by key."""
    with WORDS.open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row[language] for row in csv.DictReader(lines)}


def say(key: str, language: str, **values) -> str:
    """Return a standing word or phrase, its gaps filled from `values`."""
    return words(language)[key].format(**values)


def sign(reason: str, language: str, value: str = "") -> Sign:
    """Give the sign of one reason of the list, behind a value if there is one.

    >>> sign("unreliable", "en", "53.7%"), sign("unreliable", "en").words
    ('53.7% [u]', 'too uncertain')
    """
    mark = say(f"sign_{reason}", language)
    made = Sign(f"{value} {mark}".lstrip())
    made.value, made.sign, made.words = value, mark, say(f"short_{reason}", language)
    return made


def aloud(text: str) -> str:
    """Write out what a sign at the end of a text means, if there is one."""
    return f"{text}, {text.words}" if isinstance(text, Sign) else text


def number(value: float, language: str, decimals: int = 0, absent: str = "not_calculable") -> str:
    """Write a number, `1.234,5` in Dutch and `1,234.5` in English; the sign of `absent` when there is none.

    >>> number(1234.5, "en", 1), number(math.nan, "en"), number(math.inf, "en")
    ('1,234.5', '[x]', '[x]')
    """
    if not math.isfinite(value):
        return sign(absent, language)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=language).replace("-", "\N{MINUS SIGN}")


def percent(share: float, language: str, decimals: int = 1, absent: str = "nobody") -> str:
    """Write a share between 0 and 1 as a percentage; the sign of `absent` when it is missing."""
    return sign(absent, language) if not math.isfinite(share) else number(100 * share, language, decimals) + "%"


def numerals(text: str, language: str) -> str:
    """Write the plain numbers in a text as the language does: `-0.1` is −0,1, `33.3..40` is 33,3 tot 40.

    `294..` has no end: at least 294. Digits in a code such as q03 stay.
    """
    text = re.sub(r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}", text)
    text = re.sub(r"(?<![\w.])(\d[\d.]*)\.\.(?!\d)", lambda found: say("at_least", language, low=found[1]), text)
    text = re.sub(r"(?<=\d)\.\.(?=\d)", f" {say('to', language)} ", text)
    plain = re.compile(r"(?<![\w.,])\d+(?:\.(\d+))?")
    return plain.sub(lambda found: number(float(found[0]), language, len(found[1] or "")), text)


def interval(
    low: float, high: float, language: str, decimals: int = 1, percentage: bool = True, absent: str = "not_calculable"
) -> str:
    """Write an interval, as percentages or as plain numbers; the sign of `absent` when it is missing."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return sign(absent, language)
    low, high = (number(100 * v if percentage else v, language, decimals) for v in (low, high))
    return f"{low} {say('to', language)} {high}" + ("%" if percentage else "")


def p_value(p: float, language: str, absent: str = "not_calculable") -> str:
    """Write a p-value to three decimals, never as zero; the sign of `absent` when it is missing."""
    return "< " + number(0.001, language, 3) if p < 0.001 else number(p, language, 3, absent)


def date(day: datetime.date, language: str) -> str:
    """Write a day in full: 3 september 2025, 3 September 2025."""
    return format_date(day, "d MMMM y", locale=language)


def listing(items: list[str], language: str, last: str = "and") -> str:
    """Join words: a, b and c."""
    *first, final = items
    return f"{', '.join(first)} {say(last, language)} {final}" if first else final


class Text(Mapping[str, str]):
    """A thing said in every language of the book: `text["nl"]`. It doesn't change, and may be a key.

    >>> Text({"nl": "ja", "en": "yes"})["en"]
    'yes'
    >>> Text({"nl": "ja"})
    Traceback (most recent call last):
    ValueError: a text is said in nl and en; this one in nl
    """

    def __init__(self, said: Mapping[str, str]) -> None:
        if set(said) != set(LANGUAGES):
            raise ValueError(f"a text is said in {' and '.join(LANGUAGES)}; this one in {', '.join(said) or 'none'}")
        self._said = tuple((language, said[language]) for language in LANGUAGES)

    def __getitem__(self, language: str) -> str:
        return dict(self._said)[language]

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)

    def __hash__(self) -> int:
        return hash(self._said)

    def __repr__(self) -> str:
        return f"Text({dict(self._said)!r})"


def said(key: str, **values: object) -> Text:
    """Return a standing word or phrase in every language; a gap that is a `Text` is filled in the same language."""
    return Text(
        {
            language: say(key, language, **{k: v[language] if isinstance(v, Text) else v for k, v in values.items()})
            for language in LANGUAGES
        }
    )
