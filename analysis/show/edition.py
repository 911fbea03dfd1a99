"""The edition that is being made: its voice, whose answers, how these were found; bound once in a chapter."""

from dataclasses import dataclass

from analysis.words import LANGUAGES, Voice, voice


@dataclass
class _Edition:
    voice: Voice
    confidential: bool
    sample: str
    practice: bool


_bound = _Edition(voice(LANGUAGES[0]), False, "unknown", False)


def speak(language: str, confidential: bool = False, sample: str = "unknown", practice: bool = False) -> None:
    """Bind the edition to a language and a kind of wave; ValueError when the book isn't said in that language.

    `sample` says how respondents were found, as `Wave.sample` has it; `practice` that they are invented to practise on.
    """
    _bound.voice, _bound.confidential, _bound.sample = voice(language), confidential, sample
    _bound.practice = practice


def stamp() -> str:
    """What stands across every drawing of an edition to practise on; blank in any other."""
    return edition().say("stamp") if _bound.practice else ""


def sample() -> str:
    """How the respondents of this edition were found: by it is chosen what is said of intervals and tests."""
    return _bound.sample


def edition() -> Voice:
    """The voice of this edition; the book's first language until one is bound."""
    return _bound.voice


def confidential() -> bool:
    """Whether the answers behind this edition are those of people and not to be shared."""
    return _bound.confidential
