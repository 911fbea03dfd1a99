"""How a chapter comes in: its questions in the language of the edition, and how values are shown in its kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.show import render, saying, tables
from analysis.show.edition import edition, speak
from analysis.show.parts import Part
from analysis.stats.estimates import Estimates, Flow, Means
from analysis.stats.value import Interval, Value
from analysis.survey import datasets, waves
from analysis.survey.questionnaire import Questionnaire
from analysis.words import Text

TEXT = "application/vnd.survey.text+json"
"""The kind of output by which an expression in prose gives its text in every language."""


def questions(wave: str | Path, language: str = "nl") -> Questionnaire:
    """Return the questionnaire that a wave was asked, and let the edition speak `language` from here on."""
    speak(language, waves.read_wave(wave).kind == "confidential")
    _teach_kernel()
    return datasets.questions(wave, language)


def flow(wave: str | Path) -> Flow:
    """Count the respondents of a wave step by step; its frame has `step`, `label_nl`, `label_en` and `n`."""
    return Flow(datasets.flow(wave))


def bundle(thing: Value | Interval | Text) -> dict[str, Any]:
    """Show a value or a text in a kernel: in the language of the edition, and beside it in every language."""
    said = thing if isinstance(thing, Text) else saying.text(thing)
    return {"text/plain": said[edition().language], TEXT: dict(said)}


def _teach_kernel() -> None:
    """Tell IPython, where this is a kernel, how values, estimates and tables are shown."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    bundles = shell.display_formatter.mimebundle_formatter
    for kind in (Value, Interval, Text):
        bundles.for_type(kind, bundle)
    bundles.for_type(Estimates, _estimates)
    for kind in Part.__args__:
        bundles.for_type(kind, _part)


def _estimates(estimates: Estimates) -> dict[str, Any]:
    """Show estimates as a table."""
    of_what = estimates.question.label
    return _part((tables.means if isinstance(estimates, Means) else tables.shares)(estimates.frame, of_what))


def _part(part: Part) -> dict[str, Any]:
    language = edition().language
    return {"text/html": render.html(part, language), "text/plain": render.plain(part, language)}
