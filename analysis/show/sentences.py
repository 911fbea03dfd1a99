"""Say what became of guarded sentences: their marks, and the record that the book reads."""

from __future__ import annotations

from dataclasses import replace

from IPython.display import display

from analysis.show import phrases, render
from analysis.show.edition import edition
from analysis.show.exhibits import RELEASED, glue
from analysis.show.parts import Absent, Block, Cell, Phrase, Row, Table
from analysis.show.saying import written
from analysis.stats import guards
from analysis.stats.guards import HOLDS, UNKNOWN, Outcome
from analysis.stats.release import of_things
from analysis.stats.value import Value
from analysis.words import LANGUAGES, Text, text, voice

RECORD = "application/vnd.survey.sentences+json"
"""The kind of output by which the book learns what became of a chapter's sentences (`chapters.media`)."""


def check(**outcomes: Outcome) -> None:
    """Put each sentence's mark where the prose has its place, and tell the book what became of it.

    They are one family (`guards.family`): beyond chance means after Holm's correction.
    """
    story, language = guards.family(**outcomes), edition().language
    glue(**{name: mark(outcome) for name, outcome in story.items()})
    record = [{key: said[language] if isinstance(said, Text) else said for key, said in kept(outcome).items()}
              for outcome in story.values()]  # fmt: skip
    told_all = "\n".join(f"{name}: {told(outcome)[language]}" for name, outcome in story.items())
    shown = {RECORD: record, "text/html": render.html(table(record), language), "text/plain": told_all}
    display(shown, raw=True, metadata=RELEASED)


def kept(outcome: Outcome) -> dict[str, object]:
    """What the book keeps of one sentence: how it came out, and in words why and what was checked."""
    plain = {key: getattr(outcome, key) for key in ("sentence", "condition", "state", "distance", "at_least")}
    return plain | {"why": why(outcome), "checks": outcome.checks}


def mark(outcome: Outcome) -> Text:
    """The words behind a sentence: none while it holds."""
    if outcome.state == HOLDS:
        return Text(**dict.fromkeys(LANGUAGES, ""))
    in_print = outcome.state == UNKNOWN and any(value.origin for value in outcome.values)
    said = text("sentence_not_in_print" if in_print else f"sentence_{outcome.state}", why=why(outcome))
    return Text(**{language: f" {words}" for language, words in said.items()})


def why(outcome: Outcome) -> Text:
    """The numbers that decide a sentence, each with its base."""

    def said(value: Value, language: str) -> str:
        speaker = voice(language)
        number, base = written(replace(value, reliability=""), speaker), written(value.base, speaker)
        label = value.label[language] if value.label else ""
        if value.of is None or value.kind == "count":  # nobody knows of how many it is, or it says how many itself
            return speaker.say("sentence_value_alone", label=label, value=number)
        return speaker.say("sentence_value", label=label, value=number, base=base)

    return Text(**{language: "; ".join(said(value, language) for value in outcome.values) for language in LANGUAGES})


def told(outcome: Outcome) -> Text:
    """What is checked, what came of it, and the numbers that decide it."""
    return text("sentence_told", checks=outcome.checks, state=text(f"state_{outcome.state}"), why=why(outcome))


def table(record: list[dict]) -> Table:
    """Set what became of sentences as a table: what is checked, outcome, distance in people, numbers."""
    rows = []
    for row in record:
        distance: Cell = Absent("not_calculable")
        if row["distance"] is not None:
            number = of_things(row["distance"])
            distance = Phrase("at_least", (("low", number),)) if row["at_least"] else number
        rows.append(Row(row["sentence"], (row["checks"], text(f"state_{row['state']}"), distance, row["why"])))
    keys = ("name", "checks", "outcome", "distance", "numbers")
    return Table(text("sentence_table"), tuple(text(f"sentence_{k}") for k in keys), (Block(tuple(rows)),), "words")


def words() -> Table:
    """Set the phrases for shares as a table: each with the shares that it stands for."""
    rows = []
    for row in phrases.table():
        low, high = (of_things(float(row[end]) / 100, "share", 1, "share") for end in ("at_least", "below"))
        said = Text(**{language: row[language] or voice(language).say("phrase_none") for language in LANGUAGES})
        rows.append(Row(said, (Phrase("phrase_bounds", (("low", low), ("high", high))),)))
    return Table(text("phrase_table"), (text("phrase"), text("share")), (Block(tuple(rows)),), "words")
