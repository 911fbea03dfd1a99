"""The edition that is being made: its voice, and whether its answers are confidential; bound once in a chapter."""

from dataclasses import dataclass

from analysis.words import LANGUAGES, Voice, voice


@dataclass
class _Edition:
    voice: Voice
    confidential: bool


_bound = _Edition(voice(LANGUAGES[0]), False)


def speak(language: str, confidential: bool = False) -> None:
    """Bind the edition to a language and a kind of wave; ValueError when the book isn't said in that language."""
    _bound.voice, _bound.confidential = voice(language), confidential


def edition() -> Voice:
    """The voice of this edition; the book's first language until one is bound."""
    return _bound.voice


def confidential() -> bool:
    """Whether the answers behind this edition are those of people and not to be shared."""
    return _bound.confidential
