"""The edition that is being made: its voice, and what its wave's label says; bound once in a chapter."""

from dataclasses import dataclass, field

from analysis.words import LANGUAGES, Voice, voice


@dataclass
class _Edition:
    voice: Voice = field(default_factory=lambda: voice(LANGUAGES[0]))
    confidential: bool = False
    sample: str = "unknown"
    practice: bool = False
    of_report: bool = True
    title: str = ""


_bound = _Edition()


def speak(
    language: str, confidential: bool = False, sample: str = "unknown", practice: bool = False, of_report: bool = True,
    title: str = "",
) -> None:  # fmt: skip
    """Bind the edition to a language and to a wave; ValueError when the book isn't said in that language.

    `confidential` and `sample` are those of the wave; `practice` says that its people are invented to practise on, and
    `of_report` that it is of the report whose figures the book numbers; `title` is what the wave is called.
    """
    global _bound
    _bound = _Edition(voice(language), confidential, sample, practice, of_report, title)


def edition() -> Voice:
    """The voice of this edition; the book's first language until one is bound."""
    return _bound.voice


def confidential() -> bool:
    """Whether the answers behind this edition are those of people and not to be shared."""
    return _bound.confidential


def stamp() -> str:
    """What stands across every drawing of an edition to practise on; blank in any other."""
    return edition().say("stamp") if _bound.practice else ""


def sample() -> str:
    """How the respondents of this edition were found: by it is chosen what is said of intervals and tests."""
    return _bound.sample


def of_report() -> bool:
    """Whether a figure of this edition has the number that it has in the report."""
    return _bound.of_report


def source() -> str:
    """What goes with a figure wherever it goes: where its numbers are from, that it is ours, and on which terms."""
    kind = "practice" if _bound.practice else "report" if _bound.of_report else "wave"
    return edition().say(f"source_{kind}", title=_bound.title)
