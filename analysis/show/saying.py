"""Say values: the one place where a number becomes words, behind the one door that lets it out."""

from __future__ import annotations

import datetime
import math

from analysis.show import phrases
from analysis.stats import reliability
from analysis.stats.release import release
from analysis.stats.value import Interval, Value
from analysis.words import LANGUAGES, Marked, Text, Voice, voice

DECIMALS = {"share": 1, "difference": 1, "mean": 1, "ratio": 2, "effect": 2}
"""How many decimals each kind of value is written with."""


def written(value: Value | Interval, voice: Voice) -> Marked:
    """Write a value or its interval as tables do: the number alone, with the sign that belongs to it."""
    return _bounds(release(value.of), voice) if isinstance(value, Interval) else _number(release(value), voice)


def _number(value: Value, voice: Voice) -> Marked:
    if value.release == "hidden":
        return voice.sign("too_few")
    if value.number is None or math.isnan(value.number):
        return voice.sign(value.absent)
    decimals = DECIMALS.get(value.kind, 0) if value.decimals is None else value.decimals
    if value.kind == "p":
        return voice.p_value(value.number)
    if value.kind == "share":
        said = voice.percent(value.number, decimals)
        sure = value.reliability in ("", reliability.RELIABLE)
        return said if sure else voice.sign(value.reliability, said.value)
    points = value.kind == "difference" and value.unit == "points"
    return voice.number(100 * value.number if points else value.number, decimals)


def _bounds(value: Value, voice: Voice) -> Marked:
    if value.release == "hidden":
        return voice.sign("too_few")
    low, high = (math.nan if bound is None else bound for bound in (value.low, value.high))
    absent = "nobody" if value.absent == "nobody" and not value.of else "not_calculable"
    share, points = value.kind == "share", value.kind == "difference" and value.unit == "points"
    scale = 100 if points else 1
    decimals = DECIMALS.get(value.kind, 1) if value.decimals is None else value.decimals
    return voice.interval(scale * low, scale * high, decimals, percentage=share, absent=absent)


def said(value: Value | Interval, language: str) -> str:
    """Say a value or its interval as it stands in a sentence: with its unit, and in words what must be said with it.

    An assumed value says so, and so does a share that is too uncertain to rest on.
    """
    of = value.of if isinstance(value, Interval) else value
    speaker = voice(language)
    text = written(value, speaker)
    number = text.value if text.value else text.aloud
    if isinstance(value, Value) and value.kind == "difference" and value.unit == "points" and text.value:
        number = speaker.say("points", n=number)
    notes = [speaker.say("assumed")] if of.origin == "assumed" else []
    if of.kind == "share" and of.reliability == reliability.UNRELIABLE:
        notes.append(speaker.say("short_unreliable"))
    return f"{number} ({'; '.join(notes)})" if notes and text.value else number


def text(thing: Value | Interval) -> Text:
    """Say a value, or its interval, in every language of the book."""
    return Text(**{language: said(thing, language) for language in LANGUAGES})


def in_words(value: Value) -> Text:
    """Say a share in words with its percentage, `ruim een derde (38,1%)`; where there are no words, the percentage."""
    value = release(value)

    def say(language: str) -> str:
        words = phrases.phrase(value.n or 0, value.of or 0, language) if value.known else ""
        return f"{words} ({said(value, language)})" if words else said(value, language)

    return Text(**{language: say(language) for language in LANGUAGES})


def date(day: datetime.date) -> Text:
    """Say a day in full, such as the first day of fieldwork."""
    return Text(**{language: voice(language).date(day) for language in LANGUAGES})


def people(number: float | Value, voice: Voice) -> str:
    """Say a number of people, `1 mens`, `1.200 mensen`."""
    value = number if isinstance(number, Value) else counted(number, "people")
    return voice.say("people", n=written(value, voice), count=int(value) if value.known else 0)


def count(number: float, voice: Voice) -> Marked:
    """Write a number that was counted."""
    return written(counted(number), voice)


def tick(share: float, voice: Voice) -> str:
    """Write a place on an axis of shares, `50%`; nobody's share, so it needs no door."""
    return voice.percent(share, 0).value


def counted(number: float, unit: str = "", decimals: int = 0) -> Value:
    """Make a value of a number that was counted or laid down, such as how many questions there are."""
    return Value("count", float(number), unit, decimals=decimals)


def plain_share(share: float, decimals: int = 1) -> Value:
    """Make a value of a share that isn't of people, such as a bound that was laid down; between 0 and 1."""
    return Value("share", float(share), "share", decimals=decimals)
