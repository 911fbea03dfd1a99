"""Say what became of guarded sentences: their marks, and what the book keeps of each."""

from __future__ import annotations

from dataclasses import replace

from analysis.show import phrases
from analysis.show.parts import Block, Phrase, Row, Table
from analysis.show.saying import written
from analysis.stats.guards import HOLDS, UNKNOWN, Outcome
from analysis.stats.release import of_things
from analysis.stats.value import Value
from analysis.words import LANGUAGES, Text, text, voice


def kept(outcome: Outcome) -> dict[str, object]:
    """What the book keeps of one sentence: how it came out, and in words why and what was checked."""
    plain = {key: getattr(outcome, key) for key in ("sentence", "condition", "state", "distance", "at_least")}
    return plain | {"why": why(outcome), "checks": outcome.checks}


def mark(outcome: Outcome) -> Text:
    """The words behind a sentence: none while it holds."""
    if outcome.state == HOLDS:
        return Text(**dict.fromkeys(LANGUAGES, ""))
    said = text("sentence_not_in_print" if not_in_print(outcome) else f"sentence_{outcome.state}", why=why(outcome))
    return Text(**{language: f" {words}" for language, words in said.items()})


def not_in_print(outcome: Outcome) -> bool:
    """Whether print doesn't tell if a sentence about invented people is true; the book then leaves it out."""
    return outcome.state == UNKNOWN and any(value.origin for value in outcome.values)


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


def words() -> Table:
    """Set the phrases for shares as a table: each with the shares that it stands for."""
    rows = []
    for row in phrases.table():
        low, high = (of_things(float(row[end]) / 100, "share", 1, "share") for end in ("at_least", "below"))
        said = Text(**{language: row[language] or voice(language).say("phrase_none") for language in LANGUAGES})
        rows.append(Row(said, (Phrase("phrase_bounds", (("low", low), ("high", high))),)))
    return Table(text("phrase_table"), (text("phrase"), text("share")), (Block(tuple(rows)),), "words")
