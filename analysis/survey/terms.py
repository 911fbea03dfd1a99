"""On which terms answers of people may leave the book: thresholds, chosen steps, and what was printed already.

A confidential wave says in `wave.toml`, under `[release]`, up to how many people a cell is a word and from how many
on there are shares. Beside it lies `release.csv`, which the build writes and reads again: a row a table, with the
`question`, its `grouping` (blank: everybody), the `step` in points that was chosen (`left_out`: the table isn't given),
and `at_least`, where its owner may ask for a coarser one.

What was opened in this process is remembered: who opened answers of people is held to these terms from then on.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import paths
from analysis.files import digest, digest_file, owned, read_table, write_whole
from analysis.survey import printed
from analysis.survey.waves import LEAST_BASE, THRESHOLD, Wave
from analysis.words import LANGUAGES, Text

if TYPE_CHECKING:  # so that the build can ask whether all is settled before it opens pandas
    import numpy as np
    import pandas as pd

COLUMNS = ["question", "grouping", "at_least", "step"]
LEFT_OUT = "left_out"
"""In the place of a step: the table isn't given."""
STEPS = (1, 2, 5, 10)
"""Points that a share may stand apart from the next, the finest first."""
NOTES = "BOOK_NOTES"
"""Environment variable of a chapter in a build: the file in which it notes which tables it made."""


@dataclass(frozen=True, eq=False)
class Terms:
    """What a confidential wave allows; `people` are its whole cleaned answers, which never leave as they are."""

    wave: Wave
    people: pd.DataFrame
    steps: dict[tuple[str, str], int | None] = field(default_factory=dict)
    at_least: dict[tuple[str, str], int | None] = field(default_factory=dict)

    @property
    def threshold(self) -> int:
        """Up to so many people a cell is a word."""
        return self.wave.release.get("threshold", THRESHOLD)

    @property
    def least_base(self) -> int:
        """From so many people on there are shares."""
        return self.wave.release.get("least_base", LEAST_BASE)

    @property
    def reason(self) -> Text | None:
        """Why the terms are looser than the book's own; None where they aren't."""
        said = self.wave.release
        is_looser = self.threshold < THRESHOLD or self.least_base < LEAST_BASE
        return Text({x: said[f"reason_{x}"] for x in LANGUAGES}) if is_looser else None

    def step(self, question: str, grouping: str) -> int | None:
        """Give the step of a table in points; None where it isn't given.

        While the build runs a chapter whose tables are tried afterwards, an unknown one stands in the finest. Anywhere
        else a table counts only if it was tried on these very answers.
        """
        if os.environ.get(NOTES):
            whole = self.steps.get((question, ""), self.at_least.get((question, ""), STEPS[0]))
            return self.steps.get((question, grouping), whole)
        return self.steps.get((question, grouping)) if self._is_tried else None

    @cached_property
    def _is_tried(self) -> bool:
        try:
            found = json.loads(record_of(self.wave).read_text(encoding="utf-8"))
            return (found["made_from"], found["by"]) == (made_from(self.wave), by())
        except (OSError, ValueError, KeyError):
            return False

    @cached_property
    def printed(self) -> dict[printed.Key, list[printed.Printed]]:
        """What the wave's document printed."""
        return printed.read(self.wave)

    def places(self, responses: pd.DataFrame, columns: list[str]) -> np.ndarray | None:
        """Say which of the wave's people some responses are, by place; None where their answers aren't the wave's.

        Columns that the wave hasn't at all, such as what coders found in texts, are of whoever they are about.
        """
        if not responses.index.is_unique:
            return None
        places = self.people.index.get_indexer(responses.index)
        known = [column for column in columns if column in self.people]
        if len(known) not in (0, len(columns)) or (places < 0).any():
            return None
        same = all(
            self.people[column].dtype == responses[column].dtype
            and self.people[column].iloc[places].reset_index(drop=True).equals(responses[column].reset_index(drop=True))
            for column in known
        )
        return places if same else None


_opened: dict[Path, Terms | pd.DataFrame] = {}
"""By folder, the waves opened in this process: with their terms where they are confidential."""


def opened(wave: Wave, people: pd.DataFrame) -> None:
    """Remember that a wave was opened here."""
    _opened[wave.folder] = Terms(wave, people, *read(wave)) if wave.confidential else people


def forget() -> None:
    """Forget what was opened, for a test that opens another wave."""
    _opened.clear()


def bound() -> list[Terms]:
    """List the terms of the confidential waves that were opened in this process."""
    return [terms for terms in _opened.values() if isinstance(terms, Terms)]


def read(wave: Wave) -> tuple[dict[tuple[str, str], int | None], dict[tuple[str, str], int | None]]:
    """Read `release.csv`: the step of each table, and the least that its owner asks for; None for one left out.

    Both are empty where there is no such file. Raises ValueError listing everything that is wrong with it.
    """
    path = wave.folder / "release.csv"
    try:
        path.open().close()  # who watches what a chapter reads notes that it isn't there, too
    except FileNotFoundError:
        return {}, {}
    table, problems = read_table(path, COLUMNS)
    allowed = [str(step) for step in STEPS] + [LEFT_OUT]
    steps: dict[tuple[str, str], int | None] = {}
    at_least: dict[tuple[str, str], int | None] = {}
    seen: set[tuple[str, str]] = set()
    for i, row in enumerate(table.to_dict("records"), 2):
        key = (row["question"], row["grouping"])
        if key in seen:
            problems.append(f"row {i}: question {key[0]} by {key[1] or 'nothing'} stands there already")
        seen.add(key)
        for column in ("step", "at_least"):
            if row[column] not in allowed and (row[column] or column == "step"):
                problems.append(f'row {i}: {column} "{row[column]}" is not one of {", ".join(allowed)}')
        if not problems:
            steps[key] = None if row["step"] == LEFT_OUT else int(row["step"])
            if row["at_least"]:
                at_least[key] = None if row["at_least"] == LEFT_OUT else int(row["at_least"])
    if problems:
        advice = "Mend it, or take it away: the build writes it anew."
        raise ValueError(f"{path} needs mending. {advice}\n  " + "\n  ".join(problems))
    return steps, at_least


def written(rows: list[dict[str, str]]) -> bytes:
    """Write the rows of `release.csv`."""
    lines = [",".join(COLUMNS), *(",".join(row[column] for column in COLUMNS) for row in rows)]  # codes have no commas
    return ("\n".join(lines) + "\n").encode()


def record_of(wave: Wave) -> Path:
    """Where it is kept what the attacker found out about a wave: for its owner alone."""
    return paths.BUILD / paths.CONFIDENTIAL / ".records" / f"{wave.name}.gate.json"


def keep(record: dict, wave: Wave, asked: str) -> None:
    """Keep what the attacker found out, with what it was found out from; its folder is the owner's alone."""
    owned(paths.BUILD / paths.CONFIDENTIAL)
    said = record | {"made_from": made_from(wave), "asked": asked, "by": by()}
    write_whole(record_of(wave), (json.dumps(said, indent=1, sort_keys=True) + "\n").encode())


def is_settled(wave: Wave, asked: str) -> bool:
    """Whether just this was asked of the attacker already, of the same answers and terms, and by the same rules."""
    try:
        found = json.loads(record_of(wave).read_text(encoding="utf-8"))
        return (found["made_from"], found["asked"], found["by"]) == (made_from(wave), asked, by())
    except (OSError, ValueError, KeyError):
        return False


def by() -> str:
    """Hash the rules that steps are chosen by."""
    rules = [paths.PACKAGE / "survey" / "terms.py", *sorted((paths.PACKAGE / "stats").glob("*.py"))]
    return digest("".join(digest_file(path) for path in rules).encode())


def made_from(wave: Wave) -> dict[str, str]:
    """Hash what the steps of a wave were chosen from: its cleaned answers, its label, and the steps themselves."""
    files = {"answers": wave.clean / "responses.parquet", "label": wave.folder / "wave.toml",
             "steps": wave.folder / "release.csv"}  # fmt: skip
    return {name: digest_file(path) for name, path in files.items()}
