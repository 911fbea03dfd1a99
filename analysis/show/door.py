"""How a chapter comes in: its questions in the language of the edition, and how values are shown in its kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import standing
from analysis.show import exhibits, saying, sentences, tables
from analysis.show.edition import edition, speak
from analysis.show.exhibits import RELEASED
from analysis.show.parts import Part
from analysis.stats.estimates import Estimates, Flow, Means
from analysis.stats.guards import Outcome
from analysis.stats.value import Interval, Span, Value
from analysis.survey import datasets, waves
from analysis.survey.questionnaire import Question, Questionnaire
from analysis.survey.terms import Terms
from analysis.words import Text

if TYPE_CHECKING:
    from IPython.core.formatters import DisplayFormatter

TEXT, MARK = "application/vnd.survey.text+json", "application/vnd.survey.mark+json"
"""The kinds of output by which an expression in prose gives its text in every language, and a guard's mark."""
UNSAID = {"application/vnd.survey.unsaid+json": True}
"""What goes with a text or a mark of which nothing is known here: the book leaves out its paragraph."""


Bundle = tuple[dict[str, Any], dict[str, Any]]
"""What a kernel shows of a thing, by kind of output, and what the metadata of that output say."""


def questions(wave: str | Path, language: str = "nl") -> Questionnaire:
    """Return the questionnaire that a wave was asked, and let the edition speak `language` from here on."""
    label = waves.read_wave(wave)
    of_report = label.edition in ("reference", "report")
    speak(language, label.confidential, label.sample, label.kind == "practice", of_report, label.title(language))
    _teach_kernel(label.edition)
    return datasets.questions(wave, language)


def flow(wave: str | Path) -> Flow:
    """Count the respondents of a wave step by step; its frame has `step`, `label_nl`, `label_en` and `n`."""
    label, steps = waves.read_wave(wave), datasets.flow(wave)
    if not label.confidential:
        return Flow(steps)
    agreed = Terms(label, datasets.load(wave))
    counted = {(step, int(n)) for step, n in zip(steps["step"], steps["n"], strict=True)}
    printed = {step for step, n in counted for said in agreed.printed.get(("", "", step, ""), [])
               if said.number == str(n)}  # fmt: skip
    return Flow(steps, agreed, frozenset(printed))


def bundle(thing: Value | Interval | Span | Text) -> Bundle:
    """Show a value or a text in a kernel: in the language of the edition, and beside it in every language."""
    said = thing if isinstance(thing, Text) else saying.text(thing)
    unsaid = UNSAID if isinstance(said, saying.Unsaid) else {}
    return {"text/plain": said[edition().language], TEXT: dict(said)} | unsaid, RELEASED


def marked(outcome: Outcome) -> Bundle:
    """Show what became of a sentence in a kernel: the mark behind it, and beside it all that the book keeps."""
    mark = sentences.mark(outcome)
    kept = {key: dict(said) if isinstance(said, Text) else said for key, said in sentences.kept(outcome).items()}
    unsaid = UNSAID if sentences.not_in_print(outcome) else {}
    shown = {"text/plain": mark[edition().language], MARK: kept | {"holds": outcome.holds, "mark": dict(mark)}}
    return shown | unsaid, RELEASED


def _teach_kernel(kind: str) -> None:
    """Tell IPython, where this is a kernel, how things are shown, and to pass by cells of other kinds of edition."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None and shell.display_formatter is not None:
        teach(shell.display_formatter)
        before = [t for t in shell.input_transformers_cleanup if not isinstance(t, PassBy)]
        shell.input_transformers_cleanup[:] = [*before, PassBy(kind)]


@dataclass(frozen=True)
class PassBy:
    """For who runs a chapter by hand: in place of a cell that doesn't stand in `kind`, say in which kinds it does."""

    kind: str

    def __call__(self, lines: list[str]) -> list[str]:
        source = "".join(lines)
        if standing.stands(source, self.kind):
            return lines
        said = edition().say("stands_in", kinds=", ".join(standing.kinds(source)), kind=self.kind)
        return [f"print({said!r})\n"]


def teach(formatter: DisplayFormatter) -> None:
    """Tell a formatter of IPython's how values, marks, estimates and tables are shown."""
    shown: dict[type, Callable[[Any], Bundle]] = dict.fromkeys((Value, Interval, Span, Text), bundle)
    shown |= {Outcome: marked, Estimates: _estimates} | dict.fromkeys(Part.__args__, exhibits.bundle)
    shown |= dict.fromkeys((Question, Questionnaire), _card)
    for kind, show in shown.items():
        formatter.mimebundle_formatter.for_type(kind, show)


def _estimates(estimates: Estimates) -> Bundle:
    """Show estimates as a table."""
    of_what = estimates.question.label
    return exhibits.bundle(
        (tables.means if isinstance(estimates, Means) else tables.shares)(estimates.released, of_what)
    )


def _card(asked: Question | Questionnaire) -> Bundle:
    """Show what was asked as its card: it holds no answers."""
    return {"text/html": asked._repr_html_(), "text/plain": repr(asked)}, RELEASED
