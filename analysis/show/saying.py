"""Say values: the one place where a number becomes words, behind the one door that lets it out."""

from __future__ import annotations

import datetime
import importlib
import math
from collections.abc import Callable, Collection, Mapping

import pandas as pd

from analysis.show import phrases
from analysis.stats import reliability
from analysis.stats.release import of_things, release
from analysis.stats.value import ORIGINS, Interval, Span, Value
from analysis.survey.questionnaire import Answer, Question, Statement
from analysis.survey.terms import bound
from analysis.words import HELD, LANGUAGES, Marked, Text, Voice, voice

DECIMALS = {"share": 1, "difference": 1, "mean": 1, "ratio": 2, "effect": 2}
"""How many decimals each kind of value is written with."""


def written(value: Value | Interval | Span, voice: Voice) -> Marked:
    """Write a value, its interval or its range as tables do: the number alone, with the sign that belongs to it."""
    if isinstance(value, Span):
        of = release(value.of)
        return held(of, voice) if of.least is None or of.most is None else Marked(_span(of, voice))
    return _bounds(release(value.of), voice) if isinstance(value, Interval) else _number(release(value), voice)


def _number(value: Value, voice: Voice) -> Marked:
    if value.release == "hidden":
        return _number(value.instead, voice) if value.instead else held(value, voice)
    if value.number is None or math.isnan(value.number):
        return voice.sign(value.absent)
    decimals = DECIMALS.get(value.kind, 0) if value.decimals is None else value.decimals
    if value.kind == "count" and value.step:
        return Marked(voice.say("about", n=voice.number(value.number)))
    if value.kind == "p":
        return voice.p_value(value.number)
    if value.kind == "share":
        said = voice.percent(value.number, decimals)
        sure = value.reliability in ("", reliability.RELIABLE)
        return said if sure else voice.sign(value.reliability, said.value)
    points = value.kind == "difference" and value.unit == "points"
    return voice.number(100 * value.number if points else value.number, decimals)


def held(value: Value, voice: Voice) -> Marked:
    """Say in words why a number is held back: at most so many people, too few for shares, not known, not given.

    Where there is no number to hold back, for print only keeps it between two, these are said.
    """
    if value.number is None and value.least is not None and value.most is not None:
        return Marked(_span(value, voice))
    reason = value.absent if value.absent in HELD else HELD[-1]
    return Marked(voice.say(f"held_{reason}", n=voice.number(value.bound or 0)))


def _span(value: Value, voice: Voice, in_words: bool = False) -> str:
    """Say the least and the most that a value can be; nobody and everybody without decimals."""
    share = value.kind == "share"
    ends = [100 * end if share else end for end in (value.least or 0, value.most or 0)]
    low, high = (voice.number(end, int(share and end not in (0, 100))).value for end in ends)
    unit = "%" if share else ""
    if low == high:
        return high + unit
    return voice.say("between", low=low, high=high + unit) if in_words else f"{low} {voice.say('to')} {high}{unit}"


def _bounds(value: Value, voice: Voice) -> Marked:
    if value.release == "hidden":
        return voice.sign("not_applicable" if value.absent in ORIGINS else "too_few")
    low, high = (math.nan if bound is None else bound for bound in (value.low, value.high))
    absent = "nobody" if value.absent == "nobody" and not value.of else "not_calculable"
    share, points = value.kind == "share", value.kind == "difference" and value.unit == "points"
    scale = 100 if points else 1
    plain = value.decimals is None or value.origin != ""  # a share printed as 17% has an interval as any other
    decimals = DECIMALS.get(value.kind, 1) if plain else value.decimals or 0
    return voice.interval(scale * low, scale * high, decimals, percentage=share, absent=absent)


class Unsaid(Text):
    """A text that says no more than that a number isn't known: the book leaves out the paragraph that it stands in."""

    __slots__ = ()


def said(value: Value | Interval | Span, language: str) -> str:
    """Say a value, its interval or its range as it stands in a sentence: with its unit, and what must be said with it.

    A share that is too uncertain to rest on says so. What is held back stands in square brackets.
    """
    of = value if isinstance(value, Value) else value.of
    speaker = voice(language)
    if isinstance(value, Span) and of.least is not None and of.most is not None:
        return _span(release(of), speaker, in_words=True)
    text = written(value, speaker)
    if of.release == "hidden" and not of.instead:
        return f"[{held(of, speaker)}]"
    number = text.value if text.value else text.aloud
    if isinstance(value, Value) and value.kind == "difference" and value.unit == "points" and text.value:
        number = speaker.say("points", n=number)
    notes = []
    if of.kind == "share" and of.reliability == reliability.UNRELIABLE:
        notes.append(speaker.say("short_unreliable"))
    return f"{number} ({'; '.join(notes)})" if notes and text.value else number


def text(thing: Value | Interval | Span) -> Text:
    """Say a value, its interval or its range, in every language of the book."""
    return _in_all(thing, lambda language: said(thing, language))


def _in_all(thing: Value | Interval | Span, say: Callable[[str], str]) -> Text:
    return (Unsaid if is_unsaid(thing) else Text)(**{language: say(language) for language in LANGUAGES})


def is_unsaid(thing: Value | Interval | Span) -> bool:
    """Whether nothing is known of it but why: a number of invented people that nobody printed."""
    if isinstance(thing, Span) and thing.of.least is not None:
        return False
    value = thing if isinstance(thing, Value) else thing.of
    return value.release == "hidden" and value.instead is None and value.absent in ORIGINS


def in_words(value: Value, first: bool = False) -> Text:
    """Say a share in words with its percentage, `ruim een derde (38,1%)`; where there are no words, the percentage.

    `first` is for words that begin a sentence: they get a capital.
    """
    value = release(value)

    def say(language: str) -> str:
        words = phrases.phrase_of(value, language) if value.known else ""
        words = words[:1].upper() + words[1:] if first else words
        return f"{words} ({said(value, language)})" if words else said(value, language)

    return _in_all(value, say)


def in_people(number: Value) -> Text:
    """Say a number of people with the word that agrees with it, `294 mensen` or `1 mens`."""
    number = release(number)
    return _in_all(number, lambda language: people(number, voice(language)))


def date(day: datetime.date) -> Text:
    """Say a day in full, such as the first day of fieldwork."""
    return Text(**{language: voice(language).date(day) for language in LANGUAGES})


def people(number: float | Value, voice: Voice) -> str:
    """Say a number of people, `1 mens`, `1.200 mensen`."""
    value = number if isinstance(number, Value) else counted(number, "people")
    if value.release == "hidden" and not value.instead:
        return str(written(value, voice))
    return voice.say("people", n=written(value, voice), count=int(value) if value.known else 0)


def count(number: float, voice: Voice) -> Marked:
    """Write a number of things."""
    return written(of_things(number), voice)


def tick(share: float, voice: Voice) -> str:
    """Write a place on an axis of shares, `50%`; nobody's share, so it needs no door."""
    return voice.percent(share, 0).value


def how_many(things: Collection) -> Value:
    """Count things of the questionnaire, of a document or of a list, such as questions or claims: no people.

    Raises TypeError for what may be people: responses, a part of them, or what doesn't say what it holds.
    """
    if isinstance(things, pd.DataFrame):
        sound = "respondent" not in things and not any(
            things.index.isin(terms.people.index).any()
            or not {*things.columns, *things.index.names}.isdisjoint({*terms.people.columns, terms.people.index.name})
            for terms in bound()
        )
    else:
        listed = things.values() if isinstance(things, Mapping) else things
        sound = all(isinstance(thing, (Question, Answer, Statement)) for thing in listed)
    if not sound:
        raise TypeError(
            f"how_many counts questions, answers, claims and the like; this {type(things).__name__} may hold people. "
            "Of people there are estimates: use.base, use['yes'].count"
        )
    return of_things(len(things))


LAID_DOWN = {"share": (1, "share"), "points": (100, ""), "": (1, "")}
"""By what is asked for, how many times a number that was laid down is said, and its unit."""


def laid_down(name: str, as_what: str = "") -> Value:
    """Make a value of what was laid down: a constant of `analysis.stats` by its name, or a numeral.

    `laid_down("reliability.WIDE", "points")` are 30 points, `laid_down("0.20", "share")` is 20%. It can't be of people:
    a number from the answers has no name.
    """
    module, dot, constant = name.rpartition(".")
    if module and not module.isdigit():
        found = getattr(importlib.import_module(f"analysis.stats.{module}"), constant)
    else:
        found = float(name)
    times, unit = LAID_DOWN[as_what]
    return of_things(times * found, unit, kind="share" if as_what == "share" else "count")


def counted(number: float, unit: str = "", decimals: int = 0) -> Value:
    """Make a value of a plain number; the door doesn't let it out of a confidential wave, for it may count people."""
    return Value("count", float(number), unit, decimals=decimals)


def plain_share(share: float, decimals: int = 1) -> Value:
    """Make a value of a share that was laid down, between 0 and 1; the door treats it as `counted`."""
    return Value("share", float(share), "share", decimals=decimals)
