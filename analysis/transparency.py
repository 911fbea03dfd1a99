"""Say what is known about a study: the items of reporting standards, and what its source says of each.

The items stand in `data/standards/disclosure.csv`, the answers in `study.csv` of the wave. A
count says how many items were disclosed, nothing about how good a study is.
"""

from pathlib import Path

import pandas as pd

from analysis import files, listings, tables, waves
from analysis import language as lang
from analysis.language import LANGUAGES

STATUSES = ("disclosed", "partly", "not_stated", "not_applicable")
TOLD = ("disclosed", "partly")
"""Statuses that need a text, and the place in the source where it is found."""
SPOKEN = ("value", "place")
COLUMNS = ["item", "status", *(f"{column}_{language}" for column in SPOKEN for language in LANGUAGES)]


def read(wave: str | Path) -> pd.DataFrame:
    """Read what a wave's study file says of every item: one row an item, in the order of the standards.

    Columns: `code`, `kind` (the standard), `number`, `status`, and in each language `label`,
    `ask`, `value` and `place`. Raises ValueError listing everything that is missing or wrong.
    """
    items = listings.read(wave, "standards/disclosure")
    path = waves.read_wave(wave).folder / "study.csv"
    advice = "It answers every item of data/standards/disclosure.csv once; data/README.md shows how."
    try:
        study, problems = files.read_table(path, COLUMNS)
    except ValueError as error:
        raise ValueError(f"{error}. {advice}") from None
    if not problems:
        problems = _problems(study, items)
    if problems:
        many = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise ValueError(f"{path} needs mending: {many}. {advice}\n  " + "\n  ".join(problems))
    return items.merge(study, left_on="code", right_on="item", validate="1:1").drop(columns="item")


def _problems(study: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    """Say everything that keeps a study file from answering every item once."""
    labels = dict(zip(items["code"], items["label_en"], strict=True))
    problems, seen = [], set()
    for i, row in enumerate(study.to_dict("records"), 2):
        item, status = row["item"], row["status"]
        said = []
        if item not in labels:
            said.append(f'item "{item}" is not a code in data/standards/disclosure.csv')
        elif item in seen:
            said.append("it stands there already")
        seen.add(item)
        if status not in STATUSES:
            said.append(f'status "{status}" is not one of {", ".join(STATUSES)}')
        for column in SPOKEN:
            blank = [name for name in (f"{column}_{language}" for language in LANGUAGES) if not row[name].strip()]
            if status in TOLD or len(blank) < len(LANGUAGES):
                why = f"{status} needs it" if status in TOLD else "the other language has it"
                said += [f"{name} is blank; {why}" for name in blank]
        problems += [f"row {i} ({item}): {text}" for text in said]
    return problems + [f"item {code} ({label}) is missing" for code, label in labels.items() if code not in seen]


def count(study: pd.DataFrame) -> pd.DataFrame:
    """Count items by standard (rows, in their own order) and status (columns, all of `STATUSES`)."""
    counted = pd.crosstab(study["kind"], study["status"])
    return counted.reindex(index=study["kind"].unique(), columns=list(STATUSES), fill_value=0)


def counts(counted: pd.DataFrame, language: str) -> str:
    """Set what `count` found as a table: a block for each standard, a row for each status."""
    bodies = []
    for kind, row in counted.iterrows():
        rows = [(lang.say(f"status_{status}", language), [lang.number(n, language)], "") for status, n in row.items()]
        bodies.append((lang.say(f"standard_{kind}", language), rows))
    names = [lang.say(key, language) for key in ("standard_status", "standard_items")]
    return tables.write(names, bodies, lang.say("standards_counted", language))


def listing(study: pd.DataFrame, language: str) -> str:
    """Print items, a table for each standard: what each asks; its status in words, and what the source says.

    Each item is a block of two rows, which fits on a phone.
    """
    names = [lang.say(key, language) for key in ("standard_item", "standard_answer")]
    asks = lang.say("standard_ask", language)
    parts = []
    for kind, block in study.groupby("kind", sort=False):
        bodies = []
        for row in block.to_dict("records"):
            value, place = (row[f"{column}_{language}"] for column in SPOKEN)
            answer = f"{value} ({place})" if place else value or lang.sign(row["status"], language)
            rows = [(asks, [row[f"ask_{language}"]], ""), (lang.say(f"status_{row['status']}", language), [answer], "")]
            bodies.append((f"{row['number']}. {row[f'label_{language}']}", rows))
        parts.append(tables.write(names, bodies, lang.say(f"standard_{kind}", language), kind="words"))
    return "\n".join(parts)
