"""Say numbers and the book's own standing words in the languages of the book.

Labels of questions and answers come from the questionnaire, prose from the chapters; what is
left, such as "base" or "not known", stands in gettext catalogues: `locale/book.pot` holds the
English, each under its key as context, and `locale/<language>/LC_MESSAGES/book.po` a translation.
A `Voice` is bound to one language; a `Text` is a thing said in all of them.
"""

from __future__ import annotations

import datetime
import functools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from analysis import paths

SOURCE = "en"
"""The language in which standing words are kept; the catalogues in `locale` translate them."""
LANGUAGES = ("nl", "en")
"""The languages of the book, the first one first."""
SIGNS = ("not_applicable", "nobody", "too_few", "unreliable", "review", "not_calculable", "not_stated")
"""Why a number is absent, or must be read with care: the one list, in the order in which it is explained.

Among the standing words each has its sign (`sign_`), what it says in short (`short_`) and when it stands (`why_`).
"""
HELD = ("few", "all_but_few", "too_few", "pictured", "unpublished", "withheld")
"""Why a number is held back, of a confidential wave or because nobody knows it: each has words for it (`held_`)."""
COUNTED = ("n", "count")
"""The gaps of a phrase whose number decides between singular and plural."""


class Text(Mapping[str, str]):
    """A thing said in every language of the book: `text["nl"]` is how it is said in Dutch.

    It doesn't change, may be a key, and won't guess a language: `str(text)` raises TypeError.
    Raises ValueError when a language is missing, or is none of the book's.

    >>> text = Text({"nl": "ja", "en": "yes"})
    >>> text["en"], text == Text(en="yes", nl="ja")
    ('yes', True)
    """

    __slots__ = ("_said",)

    def __init__(self, said: Mapping[str, str] | None = None, /, **more: str) -> None:
        given = {**(said or {}), **more}
        if set(given) != set(LANGUAGES):
            raise ValueError(f"a text is said in {' and '.join(LANGUAGES)}; this one in {', '.join(given) or 'none'}")
        self._said = {language: given[language] for language in LANGUAGES}

    def __getitem__(self, language: str) -> str:
        return self._said[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def __hash__(self) -> int:
        return hash(tuple(self._said.items()))

    def __str__(self) -> str:
        raise TypeError(f'{self!r} is said in {" and ".join(self)}; choose one, such as text["{LANGUAGES[0]}"]')

    def __repr__(self) -> str:
        return f"Text({self._said!r})"


class Marked(NamedTuple):
    """A written number with the sign behind it, or in its place, and the words that explain the sign."""

    value: str
    sign: str = ""
    words: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.value, self.sign)))

    @property
    def aloud(self) -> str:
        """The number and what its sign means, written out."""
        return ", ".join(filter(None, (str(self), self.words)))


@functools.cache
def _phrases(language: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """Read the phrases of one language by key, one or one a form of the plural, and how its plural is chosen."""
    path = paths.LOCALE / "book.pot" if language == SOURCE else paths.LOCALE / language / "LC_MESSAGES" / "book.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    found = {}
    for message in catalogue:
        if message.context:
            said = message.id if language == SOURCE else message.string
            found[message.context] = (said,) if isinstance(said, str) else tuple(said or ())
    return found, catalogue.plural_expr


def knows(key: str) -> bool:
    """Whether there is a standing word of this key."""
    return key in _phrases(SOURCE)[0]


class Voice:
    """Says words and numbers in one language; it is bound to it once, and asked for by `voice`."""

    def __init__(self, language: str):
        if language not in LANGUAGES:
            raise ValueError(f'the book isn\'t said in "{language}"; there are {", ".join(LANGUAGES)}')
        self.language = language

    def say(self, key: str, **values: str | int | Text | Marked) -> str:
        """Return a standing word or phrase, its gaps filled from `values`; a whole number is written as one.

        >>> Voice("en").say("people", n=1), Voice("en").say("people", n=1200)
        ('1 person', '1,200 people')
        """
        forms, plural = _phrases(self.language)
        if key not in forms:
            raise KeyError(f'there is no standing word "{key}" in locale/book.pot')
        said = forms[key]
        count = next((value for gap in COUNTED if isinstance(value := values.get(gap), int)), None)
        phrase = said[_form(plural, count)] if len(said) > 1 and count is not None else said[-1]
        return phrase.format(**{name: self._written(value) for name, value in values.items()})

    def _written(self, value: str | int | Text | Marked) -> str:
        if isinstance(value, Text):
            return value[self.language]
        return self.number(value).value if isinstance(value, int) else str(value)

    def sign(self, reason: str, value: str = "") -> Marked:
        """Give the sign of one reason of the list, behind a value if there is one.

        >>> str(Voice("en").sign("unreliable", "53.7%")), Voice("en").sign("unreliable").words
        ('53.7% [u]', 'rough estimate')
        """
        return Marked(value, self.say(f"sign_{reason}"), self.say(f"short_{reason}"))

    def number(self, value: float, decimals: int = 0, absent: str = "not_calculable") -> Marked:
        """Write a number, `1.234,5` in Dutch and `1,234.5` in English; the sign of `absent` when there is none.

        >>> str(Voice("en").number(1234.5, 1)), str(Voice("en").number(math.inf))
        ('1,234.5', '[x]')
        """
        if not math.isfinite(value):
            return self.sign(absent)
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return Marked(format_decimal(value, format=pattern, locale=self.language).replace("-", "\N{MINUS SIGN}"))

    def percent(self, share: float, decimals: int = 1, absent: str = "nobody") -> Marked:
        """Write a share between 0 and 1 as a percentage; the sign of `absent` when it is missing."""
        return self.sign(absent) if not math.isfinite(share) else Marked(self.number(100 * share, decimals).value + "%")

    def numerals(self, text: str) -> str:
        """Write the plain numbers in a text as the language does: `-0.1` is −0,1, `33.3..40` is 33,3 tot 40.

        `294..` has no end: at least 294. Digits in a code such as q03 stay.
        """
        text = re.sub(r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}", text)
        text = re.sub(r"(?<![\w.])(\d[\d.]*)\.\.(?!\d)", lambda found: self.say("at_least", low=found[1]), text)
        text = re.sub(r"(?<=\d)\.\.(?=\d)", f" {self.say('to')} ", text)
        plain = re.compile(r"(?<![\w.,])\d+(?:\.(\d+))?")
        return plain.sub(lambda found: self.number(float(found[0]), len(found[1] or "")).value, text)

    def interval(
        self, low: float, high: float, decimals: int = 1, percentage: bool = True, absent: str = "not_calculable"
    ) -> Marked:
        """Write an interval, as percentages or as plain numbers; the sign of `absent` when it is missing."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return self.sign(absent)
        ends = (self.number(100 * v if percentage else v, decimals).value for v in (low, high))
        return Marked(f" {self.say('to')} ".join(ends) + ("%" if percentage else ""))

    def p_value(self, p: float, absent: str = "not_calculable") -> Marked:
        """Write a p-value to three decimals, never as zero; the sign of `absent` when it is missing."""
        return Marked(f"< {self.number(0.001, 3).value}") if p < 0.001 else self.number(p, 3, absent)

    def date(self, day: datetime.date) -> str:
        """Write a day in full: 3 september 2025, 3 September 2025."""
        return format_date(day, "d MMMM y", locale=self.language)

    def listing(self, items: Iterable[str | Text], either: bool = False) -> str:
        """Join words: a, b and c; or with `either` a, b or c."""
        said = [item[self.language] if isinstance(item, Text) else item for item in items]
        style: Literal["or", "standard"] = "or" if either else "standard"
        if not said:
            return ""
        joined = format_list(said, style, self.language)
        return joined.replace(", and ", " and ").replace(", or ", " or ")


@functools.cache
def voice(language: str) -> Voice:
    """The voice of one language; ValueError when the book isn't said in it."""
    return Voice(language)


def text(key: str, **values: str | int | Text | Marked) -> Text:
    """Say a standing word or phrase in every language of the book."""
    return in_all(lambda speaker: speaker.say(key, **values))


def in_all(say: Callable[[Voice], str]) -> Text:
    """Say in every language of the book what `say` says in one voice."""
    return Text(**{language: say(voice(language)) for language in LANGUAGES})


def listing(items: Iterable[str | Text]) -> Text:
    """Join words in every language: a, b and c."""
    said = list(items)
    return in_all(lambda speaker: speaker.listing(said))


def kept(row: Mapping, column: str) -> Text:
    """Take from a row what it keeps in every language: of `label` the columns `label_nl`, `label_en`."""
    return Text(**{language: row[f"{column}_{language}"] for language in LANGUAGES})


def join(between: str, *pieces: Text | str) -> Text:
    """Set texts one after the other with `between` between them; what is blank in a language is left out there.

    >>> join(": ", "3", "", Text(nl="wachtenden", en="people waiting"))["nl"]
    '3: wachtenden'
    """

    def say(voice: Voice) -> str:
        said = (piece[voice.language] if isinstance(piece, Text) else piece for piece in pieces)
        return between.join(filter(None, said))

    return in_all(say)


def _form(plural: str, count: int) -> int:
    """Choose the form of the plural for a number, by a catalogue's own expression (C, as gettext has it).

    >>> _form("(n != 1)", 1), _form("(n != 1)", 2)
    (0, 1)
    """
    from gettext import c2py

    return c2py(plural)(count)
