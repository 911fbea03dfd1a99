"""The voice of the edition that is being made: bound once in a chapter, to its language."""

from analysis.words import LANGUAGES, Voice, voice

_bound: list[Voice] = []


def speak(language: str) -> None:
    """Bind the edition to a language; ValueError when the book isn't said in it."""
    _bound[:] = [voice(language)]


def edition() -> Voice:
    """The voice of this edition; the book's first language until one is bound."""
    return _bound[0] if _bound else voice(LANGUAGES[0])
