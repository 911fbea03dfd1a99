"""List what the author of an edition hasn't written yet, and what its pages leave out or say less well until then.

What is wrong is told elsewhere. What may be absent for good, such as quotations, isn't listed.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import files, paths
from analysis.survey import coding, study
from analysis.survey.questionnaire import Questionnaire
from analysis.survey.waves import PUBLISHED, Wave
from analysis.words import LANGUAGES

CODES_SHOWN = 3
OF_A_REPORT = ("reference", "report")
WITH_STUDY = ("reference", "report", "wave")
"""Kinds of edition in which the chapter on transparency stands."""
DOCUMENTED = {
    "claims": "the chapters on the audit and on the report's slips, and make audit",
    "errata": "the chapter on the report's slips",
    "recommendations": "the recommendations in the conclusions, each with the questions that bear on it",
}
"""Tables of what a document says, and where its rows are shown."""


class Unwritten(NamedTuple):
    """A thing to write: in which file, what, and what it is for."""

    path: Path
    what: str
    purpose: str


def find(wave: Wave, export: pd.DataFrame, questions: Questionnaire) -> list[Unwritten]:
    """List what isn't written yet for an edition of a wave whose export matches its questionnaire."""
    return [*_label(wave), *_study(wave), *_codes(wave, export, questions), *_document(wave)]


def report(found: list[Unwritten]) -> str:
    """Write the list as one message: a line a thing."""
    if not found:
        return "To be written by the author: nothing."
    shown = [str(u.path.relative_to(paths.ROOT) if u.path.is_relative_to(paths.ROOT) else u.path) for u in found]
    lines = [f"  {path}: {u.what}; for {u.purpose}" for path, u in zip(shown, found, strict=True)]
    return "\n".join(["To be written by the author:", *lines])


def _label(wave: Wave) -> list[Unwritten]:
    """What the label doesn't say yet."""
    said = wave.settings.get("fieldwork")
    days = said if isinstance(said, dict) else {}
    stated = wave.settings.get("published")
    published = [key for key in PUBLISHED if not (stated.get(key) if isinstance(stated, dict) else "")]
    absent = [key for key in ("start", "end") if key not in days]
    found = []
    if absent:
        found.append((f"[fieldwork] {' and '.join(absent)}", "the days on which people answered, without which no book "
                      "is built"))  # fmt: skip
    if wave.sample == "unknown":
        found.append(("[fieldwork] sample", "the notes under figures, tables and tests, which say until then that it "
                      "isn't known how respondents were found"))  # fmt: skip
    if wave.settings["kind"] == "public" and not wave.source:
        found.append((f"[published] {' and '.join(published)}", "a public edition, with a line on each page that says "
                      "who published the answers; until then the wave counts as confidential"))  # fmt: skip
    helped = f"help_{LANGUAGES[0]}"
    if wave.edition == "questionnaire" and not wave.settings.get(helped):
        found.append((helped, "the line at the foot of each page that says where to find help"))
    if not wave.settings.get("note"):
        found.append(("note", "whoever finds the cleaned dataset, whose datapackage.json describes it by this"))
    return [Unwritten(wave.folder / "wave.toml", *what) for what in found]


def _study(wave: Wave) -> list[Unwritten]:
    """What isn't said of how the study was made; a study file that is wrong is told elsewhere."""
    path, purpose = wave.folder / "study.csv", "the chapter on transparency"
    if not path.exists():
        return [Unwritten(path, "the whole file", f"{purpose}, and for make check, which asks for it")]
    if wave.edition not in WITH_STUDY:
        return []
    try:
        items = study.read(wave.folder)
    except (ValueError, OSError):
        return []
    codes = list(items.loc[items["status"].eq("not_stated"), "code"])
    if not codes:
        return []
    more = f" and {len(codes) - CODES_SHOWN} more" if len(codes) > CODES_SHOWN else ""
    what = f"what is not_stated: {', '.join(codes[:CODES_SHOWN])}{more}"
    return [Unwritten(path, what, f"{purpose}, which says of each that the source doesn't state it")]


def _codes(wave: Wave, export: pd.DataFrame, questions: Questionnaire) -> list[Unwritten]:
    """The table of codes, where the chapter on themes stands and somebody wrote what the frame is for."""
    path = wave.folder / "codes.csv"
    if wave.edition == "questionnaire" or path.exists():
        return []
    try:
        frame = coding.read_frame(wave.folder, questions)
    except (ValueError, OSError):
        return []
    read = {field for listed in frame["questions"] for field in listed.split("|")}
    if not any(text.strip() for field in read for text in export[field].cat.categories):
        return []
    purpose = "the counts of themes and the coders' agreement in the chapter on themes, which says that nobody coded"
    return [Unwritten(path, "the themes of the open answers", purpose)]


def _document(wave: Wave) -> list[Unwritten]:
    """The tables of what the wave's document says, where they have no row of it."""
    found = []
    for name, purpose in DOCUMENTED.items() if wave.report else ():
        path = wave.survey / "published" / f"{name}.csv"
        if name != "claims" and wave.edition not in OF_A_REPORT:
            continue
        if not path.exists() or wave.report not in set(files.read_table(path, ["document"])[0]["document"]):
            found.append(Unwritten(path, f"rows about the document {wave.report}", purpose))
    return found
