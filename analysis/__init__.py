"""From a survey's export to a book: the front door that chapters come in by.

`analysis.load`, `wave`, `questions`, `flow`, `log` and `provenance` open a wave. Each name is
looked up when it is asked for, so that the command line can say "nothing changed" without
opening all rooms, and a chapter depends on those that it uses.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.show.door import flow, questions
    from analysis.survey.datasets import load, log, provenance
    from analysis.survey.waves import read_wave as wave

DOOR = {
    "flow": "show.door", "load": "survey.datasets", "log": "survey.datasets",
    "provenance": "survey.datasets", "questions": "show.door", "wave": "survey.waves:read_wave",
}  # fmt: skip
"""Where each name of the front door lives: a module, and behind a colon what it is called there if otherwise."""

__all__ = ["flow", "load", "log", "provenance", "questions", "wave"]


def __getattr__(name: str) -> Any:
    if name not in DOOR:
        raise AttributeError(f'the package "analysis" has no "{name}"; it has {", ".join(DOOR)}')
    module, _, called = DOOR[name].partition(":")
    return getattr(importlib.import_module(f"analysis.{module}"), called or name)
