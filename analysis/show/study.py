"""Say what is known about a study: the items of reporting standards, and what its source says of each.

The items stand in `data/standards/disclosure.csv`, the answers in `study.csv` of the wave. A
count says how many items were disclosed, nothing about how good a study is.
"""

import pandas as pd

from analysis import words as lang
from analysis.show import tables
from analysis.survey import study as study_file


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
            value, place = (row[f"{column}_{language}"] for column in study_file.SPOKEN)
            answer = f"{value} ({place})" if place else value or lang.sign(row["status"], language)
            rows = [(asks, [row[f"ask_{language}"]], ""), (lang.say(f"status_{row['status']}", language), [answer], "")]
            bodies.append((f"{row['number']}. {row[f'label_{language}']}", rows))
        parts.append(tables.write(names, bodies, lang.say(f"standard_{kind}", language), kind="words"))
    return "\n".join(parts)
