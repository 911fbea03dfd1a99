"""Say what became of guarded sentences: their marks, and the record that the book reads."""

from __future__ import annotations

from IPython.display import display
from statsmodels.stats.multitest import multipletests

from analysis.show import phrases, render
from analysis.show.edition import edition
from analysis.show.exhibits import RELEASED, glue
from analysis.show.parts import Absent, Block, Phrase, Row, Table
from analysis.stats import guards
from analysis.stats.estimates import CONFIDENCE
from analysis.stats.guards import BY_CHANCE, HOLDS, Outcome
from analysis.stats.value import Value
from analysis.words import LANGUAGES, Text, text, voice

RECORD = "application/vnd.survey.sentences+json"
"""The kind of output by which the book learns what became of a chapter's sentences (`pages.RECORD`)."""


def check(**outcomes: Outcome) -> None:
    """Put each sentence's mark where the prose has its place, and tell the book what became of it.

    The differences among them are one family: beyond chance means after Holm's correction.
    """
    family = {name: o for name, o in outcomes.items() if o.p is not None}
    if family:
        corrected = multipletests([o.p for o in family.values()], method="holm")[1]
        for (name, outcome), p in zip(family.items(), corrected, strict=True):
            if outcome.state == HOLDS and p >= 1 - CONFIDENCE:
                outcomes[name] = outcome._replace(state=BY_CHANCE)
    glue(**{name: mark(outcome) for name, outcome in outcomes.items()})
    language = edition().language
    record = [{"sentence": name, "condition": o.condition, "state": o.state, "distance": o.distance,
               "why": why(o)[language]} for name, o in outcomes.items()]  # fmt: skip
    shown = table(record)
    display({RECORD: record, "text/html": render.html(shown, language), "text/plain": render.plain(shown, language),
             RELEASED: {}}, raw=True)  # fmt: skip


def mark(outcome: Outcome) -> Text:
    """The words behind a sentence: none while it holds."""
    if outcome.state == HOLDS:
        return Text(**dict.fromkeys(LANGUAGES, ""))
    said = text(f"sentence_{outcome.state}", why=why(outcome))
    return Text(**{language: f" {words}" for language, words in said.items()})


def why(outcome: Outcome) -> Text:
    """The numbers that decide a sentence, each with its base."""

    def said(value: guards.Value, language: str) -> str:
        speaker = voice(language)
        number = speaker.percent(value.value) if value.unit == "share" else speaker.number(value.value, 1)
        return speaker.say("sentence_value", label=value.label, value=number, base=speaker.number(value.base))

    return Text(**{language: "; ".join(said(value, language) for value in outcome.values) for language in LANGUAGES})


def table(record: list[dict]) -> Table:
    """Set what became of sentences as a table: condition, outcome, distance in answers, numbers."""
    rows = []
    for row in record:
        distance = Absent("not_calculable") if row["distance"] is None else Value("count", row["distance"], "answers")
        rows.append(Row(row["sentence"], (row["condition"], text(f"state_{row['state']}"), distance, row["why"])))
    keys = ("name", "condition", "outcome", "distance", "numbers")
    return Table(text("sentence_table"), tuple(text(f"sentence_{k}") for k in keys), (Block(tuple(rows)),), "words")


def words() -> Table:
    """Set the phrases for shares as a table: each with the shares that it stands for."""
    rows = []
    for row in phrases.table():
        low, high = (Value("share", float(row[end]) / 100) for end in ("from", "to"))
        said = Text(**{language: row[language] or voice(language).say("phrase_none") for language in LANGUAGES})
        rows.append(Row(said, (Phrase("phrase_bounds", (("low", low), ("high", high))),)))
    return Table(text("phrase_table"), (text("phrase"), text("share")), (Block(tuple(rows)),), "words")
