"""Say what became of guarded sentences, and say shares in words."""

import csv
import functools
from decimal import Decimal

import pandas as pd
from IPython.display import display
from statsmodels.stats.multitest import multipletests

from analysis import words as lang
from analysis.show import tables
from analysis.show.exhibits import glue, only, spoken
from analysis.stats import guards
from analysis.stats.estimates import CONFIDENCE
from analysis.stats.guards import BY_CHANCE, HOLDS, Outcome, Value

RECORD = "application/vnd.survey.sentences+json"
"""The kind of output by which the book learns what became of a chapter's sentences (`chapters.media`)."""


def check(language: str, **outcomes: Outcome) -> None:
    """Put each sentence's mark where the prose has its place, and tell the book what became of it.

    The differences among them are one family: beyond chance means after Holm's correction.
    """
    family = {name: o for name, o in outcomes.items() if o.p is not None}
    if family:
        corrected = multipletests([o.p for o in family.values()], method="holm")[1]
        for (name, outcome), p in zip(family.items(), corrected, strict=True):
            if outcome.state == HOLDS and p >= 1 - CONFIDENCE:
                outcomes[name] = outcome._replace(state=BY_CHANCE)
    glue(**{name: mark(outcome, language) for name, outcome in outcomes.items()})
    record = [{"sentence": name, "condition": o.condition, "state": o.state, "distance": o.distance,
               "why": why(o, language)} for name, o in outcomes.items()]  # fmt: skip
    display({RECORD: record, "text/html": table(record, language), "text/plain": str(record)}, raw=True)


def mark(outcome: Outcome, language: str) -> str:
    """The words behind a sentence: none while it holds."""
    return "" if outcome.state == HOLDS else " " + lang.say(
        f"sentence_{outcome.state}", language, why=why(outcome, language)
    )  # fmt: skip


def why(outcome: Outcome, language: str) -> str:
    """The numbers that decide a sentence, each with its base."""

    def said(value: Value) -> str:
        number = lang.percent if value.unit == "share" else functools.partial(lang.number, decimals=1)
        return lang.say("sentence_value", language, label=value.label, value=number(value.value, language),
                        base=lang.number(value.base, language))  # fmt: skip

    return "; ".join(map(said, outcome.values))


def table(record: list[dict], language: str) -> str:
    """Set what became of sentences as a table: condition, outcome, distance in answers, numbers."""
    rows = []
    for row in record:
        distance = (
            lang.sign("not_calculable", language) if row["distance"] is None else lang.number(row["distance"], language)
        )
        cells = [row["condition"], lang.say(f"state_{row['state']}", language), distance, row["why"]]
        rows.append((row["sentence"], cells, ""))
    names = [lang.say(f"sentence_{key}", language) for key in ("name", "condition", "outcome", "distance", "numbers")]
    return tables.write(names, [("", rows)], lang.say("sentence_table", language), kind="words")


@functools.cache
def _phrases() -> list[dict[str, str]]:
    with (guards.TABLES / "words.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def phrase(n: int, base: int, language: str) -> str:
    """Say a share in words, `ruim een derde`, by `data/narrative/words.csv`; blank where it has none, or of nobody.

    The bounds are ours; both ends count in per cent, the lower included. A phrase that differs
    between two waves is no change: use `changed`.
    """
    if not base:
        return ""
    if not 0 <= n <= base:
        raise ValueError(f"{n} of {base} is not a share")
    if n in (0, base):
        return lang.say("everyone" if n else "nobody", language)
    share = Decimal(100 * n) / base
    return next(row[language] for row in _phrases() if Decimal(row["from"]) <= share < Decimal(row["to"]))


def in_words(estimates: pd.DataFrame, language: str, **where: str) -> str:
    """Say one share in words with its percentage, `ruim een derde (38,1%)`; picked as `exhibits.spoken` does."""
    row = only(estimates, **where)
    said, number = phrase(int(row["n"]), int(row["base"]), language), spoken(estimates, language, **where)
    return f"{said} ({number})" if said else number


def words(language: str) -> str:
    """Set the phrases for shares as a table: each with the shares that it stands for."""
    rows = []
    for row in _phrases():
        low, high = (lang.percent(float(row[end]) / 100, language) for end in ("from", "to"))
        said = row[language] or lang.say("phrase_none", language)
        rows.append((said, [lang.say("phrase_bounds", language, low=low, high=high)], ""))
    names = [lang.say(key, language) for key in ("phrase", "share")]
    return tables.write(names, [("", rows)], lang.say("phrase_table", language), kind="words")
