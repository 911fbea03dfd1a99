"""Read how a study was made: the items of reporting standards, and what its source says of each.

The items stand in `data/standards/disclosure.csv`, the answers in `study.csv` of the wave. A
count says how many items were disclosed, nothing about how good a study is.
"""

from pathlib import Path

import pandas as pd

from analysis import files
from analysis.survey import lists, waves
from analysis.words import LANGUAGES

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
    items = lists.read(wave, "standards/disclosure")
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
