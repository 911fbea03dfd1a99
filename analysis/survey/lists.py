"""Read lists that are kept by hand beside the questionnaire: references, recommendations, errata, standards."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import files, paths
from analysis.survey import waves
from analysis.words import LANGUAGES, knows


class Listed(NamedTuple):
    """How a list kept by hand is made up.

    `keys` tell rows apart, `columns` are plain, `spoken` are kept in each language; `words`
    gives the family of words in which a column is said; `may_be_blank` may be. A `shared` list holds
    for every survey that has none of its own.
    """

    keys: tuple[str, ...]
    columns: tuple[str, ...]
    spoken: tuple[str, ...]
    words: dict[str, str] = {}
    may_be_blank: tuple[str, ...] = ()
    shared: bool = False


LISTS = {
    "sources/references": Listed(
        ("key",), ("key", "authors", "year", "kind", "cited_in"), ("about",), {"kind": "reference"}
    ),
    "published/recommendations": Listed(
        ("number",), ("document", "number", "evidence"), ("label", "text", "remark"), may_be_blank=("evidence",)
    ),
    "published/errata": Listed(
        ("number",), ("document", "number", "kind", "evidence", "claims"), ("place", "printed", "found"),
        {"kind": "erratum", "evidence": "evidence"}, ("claims",),
    ),
    "standards/disclosure": Listed(
        ("code",), ("code", "kind", "number"), ("label", "ask"), {"kind": "standard"}, shared=True,
    ),
}  # fmt: skip


def read(wave: str | Path, name: str, complain: Callable[[dict], list[str]] | None = None) -> pd.DataFrame:
    """Read a list that is kept by hand beside the questionnaire, as text, in its own order.

    `name` is one of `LISTS`: the file `<name>.csv` beside the questionnaire that the wave was asked; `complain` says
    what else is wrong with a row. Raises ValueError listing everything that is wrong with it at once.
    """
    keys, columns, spoken, words, may_be_blank, shared = LISTS[name]
    path = waves.read_wave(wave).survey / f"{name}.csv"
    if shared and not path.exists():
        path = paths.DATA / f"{name}.csv"
    needed = [*columns, *(f"{column}_{language}" for column in spoken for language in LANGUAGES)]
    table, problems = files.read_table(path, needed)
    if not problems:
        for i, row in enumerate(table.to_dict("records"), 2):
            said = [f"{c} is blank" for c in needed if not row[c] and c not in may_be_blank]
            said += [f'{column} "{row[column]}" has no word {family}_{row[column]} in locale/book.pot'
                     for column, family in words.items()
                     if row[column] and not knows(f"{family}_{row[column]}")]  # fmt: skip
            problems += [f"row {i}: {text}" for text in [*said, *(complain(row) if complain else [])]]
        twice = table.index[table.duplicated(list(keys))]
        problems += [f'row {i + 2}: {keys[0]} "{table.at[i, keys[0]]}" stands there already' for i in twice]
    if problems:
        many = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise ValueError(f"{path} needs mending: {many}.\n  " + "\n  ".join(problems))
    return of_report(table, wave)


def see_report(wave: str | Path) -> None:
    """Raise ValueError where a wave is said to be of a document that nothing is claimed of.

    Its pages would say of these answers what another document says of its own.
    """
    label = waves.read_wave(wave)
    path = label.survey / "published" / "claims.csv"
    if not label.report or not path.exists():
        return
    table, problems = files.read_table(path, ["document"])
    there = sorted(set(table["document"])) if not problems else []
    if there and label.report not in there:
        raise ValueError(
            f'{label.folder / "wave.toml"}: report "{label.report}" is no document of {path}, which has '
            f"{', '.join(there)}. Name one of these, or leave report out if the answers are behind none of them."
        )


def of_report(table: pd.DataFrame, wave: str | Path) -> pd.DataFrame:
    """Keep the rows about the document whose survey a wave is; all of them where it is of none, or rows name none."""
    report = waves.read_wave(wave).report
    if not report or "document" not in table:
        return table
    return table[table["document"].eq(report)].reset_index(drop=True)
