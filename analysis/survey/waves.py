"""A wave's label: which round of fieldwork it is, where its files are, whether its dataset is fresh.

Takes no more than the standard library, so that the build can ask before it opens the rest.
"""

import datetime
import json
import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from analysis import paths
from analysis.files import digest, digest_file, owned
from analysis.words import LANGUAGES

KINDS = ("synthetic", "confidential", "public", "practice")
"""What answers a wave holds: invented behind print, of people, of people and published, wholly invented."""
SAMPLES = ("self-selected", "random")
"""How respondents may have been found, as `sample` under `[fieldwork]` says it."""
PUBLISHED = ("by", "at", "licence")
"""What `[published]` in the label of a public wave says: who published the answers, where, on which terms."""
EDITIONS = ("reference", "report", "practice", "wave", "questionnaire")
"""Kinds of edition: invented people behind a report, its own answers, to practise on, another wave, other questions."""

THRESHOLD, LEAST_BASE = 10, 50
"""Of answers of people: so many people or fewer are a word; from so many on there are shares."""


@dataclass(frozen=True)
class Wave:
    """One round of fieldwork: where its files are and what kind of data they hold.

    `kind` is one of `KINDS`, and all that the door lets out follows from it.
    """

    name: str
    folder: Path
    kind: str
    respondent: str
    responses: Path
    questionnaire: Path
    settings: dict

    @property
    def clean(self) -> Path:
        """The folder of the cleaned dataset made from this wave."""
        return self.folder.parents[1] / "clean" / self.name

    @property
    def survey(self) -> Path:
        """The folder beside the questionnaire: what was published about it and how open answers are coded lie there."""
        return self.questionnaire.parent

    @property
    def source(self) -> dict[str, str]:
        """Of published answers: `by` whom, `at` which address or DOI, and under which `licence`; else nothing.

        Without all three a wave of people is confidential, whatever else its label says.
        """
        said = self.settings.get("published")
        said = said if isinstance(said, dict) else {}
        return {key: said[key] for key in PUBLISHED} if all(said.get(key) for key in PUBLISHED) else {}

    @property
    def confidential(self) -> bool:
        """Whether its answers are of people, and were never published."""
        return self.kind == "confidential"

    @property
    def release(self) -> dict:
        """What `[release]` says of the terms on which answers may leave; empty where it says nothing."""
        return self.settings.get("release", {})

    def lists(self) -> Path:
        """Make the folder for what is found about this wave and is no book; its owner's alone where it is of people."""
        return owned(paths.BUILD / paths.CONFIDENTIAL / ".lists") if self.confidential else paths.BUILD

    @property
    def sample(self) -> str:
        """How respondents were found: `self_selected`, `random`, or `unknown` where the label doesn't say."""
        days = self.settings.get("fieldwork")
        return (days.get("sample", "unknown") if isinstance(days, dict) else "unknown").replace("-", "_")

    @property
    def report(self) -> str:
        """The document whose survey this is, as `data/published` calls it; blank when it is of none."""
        return self.settings.get("report", "")

    @property
    def edition(self) -> str:
        """The kind of edition that this wave makes, one of `EDITIONS`: other questions than the book's decide first."""
        if self.questionnaire != paths.DATA / "questionnaire":
            return "questionnaire"
        if self.kind in ("practice", "synthetic"):
            return "practice" if self.kind == "practice" else "reference"
        return "report" if self.report else "wave"

    @property
    def fieldwork(self) -> tuple[datetime.date, datetime.date]:
        """The first and the last day on which people answered; ValueError when the label doesn't say."""
        days = self.settings.get("fieldwork")
        start, end = (days.get(k) for k in ("start", "end")) if isinstance(days, dict) else (None, None)
        # a moment is a day too for Python, and nothing else is meant here than days
        if type(start) is not datetime.date or type(end) is not datetime.date or start > end:
            raise ValueError(
                f"{self.folder / 'wave.toml'}: [fieldwork] needs start and end, the first and the last day on which "
                "people answered, each written like 2026-09-03 without quotation marks"
            )
        return start, end

    def title(self, language: str) -> str:
        """The wave's title in one of the languages of the book."""
        return self.settings[f"title_{language}"]


def read_wave(wave: str | Path) -> Wave:
    """Read the label of a wave, given its name or its folder.

    Raises FileNotFoundError naming the waves there are, and ValueError listing
    everything that is wrong with `wave.toml`.
    """
    folder = Path(wave)
    if not (folder / "wave.toml").exists():
        folder = paths.DATA / "waves" / str(wave)
    path = folder / "wave.toml"
    if not path.exists():
        there = sorted(p.parent.name for p in (paths.DATA / "waves").glob("*/wave.toml"))
        raise FileNotFoundError(
            f'there is no wave "{wave}": {path} is missing. There are: {", ".join(there) or "none"}. '
            "A new wave is a folder in data/waves/ with the export and a wave.toml; data/README.md shows one."
        )
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} can't be read as TOML: {error}") from None
    needed = ["kind", "responses", "respondent", "questionnaire", *(f"title_{language}" for language in LANGUAGES)]
    problems = [f"{key} is missing" for key in needed if not settings.get(key)]
    problems += [f"{key} is not a text" for key in needed if not isinstance(settings.get(key, ""), str)]
    if settings.get("kind", KINDS[0]) not in KINDS:
        problems.append(f'kind "{settings["kind"]}" is not one of {", ".join(KINDS)}')
    days = settings.get("fieldwork")
    sample = days.get("sample") if isinstance(days, dict) else None
    if sample is not None and sample not in SAMPLES:
        problems.append(f'[fieldwork] sample "{sample}" is not one of {", ".join(SAMPLES)}; leave it out if unknown')
    problems += _release_problems(settings.get("release", {}))
    if not isinstance(settings.get("report", ""), str):
        problems.append('report is not a text, such as "mind-2025"')
    elif settings.get("kind") == "synthetic" and not settings.get("report"):
        problems.append("report is missing: kind synthetic needs the document behind which its people are invented")
    if problems:
        raise ValueError(f"{path} is not a wave's label yet: {'; '.join(problems)}. data/README.md shows one.")
    folder = Path(os.path.abspath(folder))  # a link stays what it is called here
    found = Wave(
        name=folder.name,
        folder=folder,
        kind=settings["kind"],
        respondent=settings["respondent"],
        responses=folder / settings["responses"],
        questionnaire=Path(os.path.abspath(folder / settings["questionnaire"])),
        settings=settings,
    )
    return replace(found, kind="confidential") if found.kind == "public" and not found.source else found


def _release_problems(said: object) -> list[str]:
    """Say what is wrong with `[release]`: whole numbers, and a reason for looser ones than the book's own."""
    if not isinstance(said, dict):
        return ["[release] is not a table"]
    reasons = [f"reason_{language}" for language in LANGUAGES]
    own = {"threshold": (THRESHOLD, 3), "least_base": (LEAST_BASE, 20)}
    problems = [
        f"[release] {key} is none of {', '.join([*own, *reasons])}" for key in said if key not in {*own, *reasons}
    ]
    for key, (usual, least) in own.items():
        number = said.get(key, usual)
        if type(number) is not int or number < least:
            problems.append(f"[release] {key} is not a whole number from {least} up")
        elif number < usual and not all(said.get(reason) for reason in reasons):
            problems.append(f"[release] {key} under {usual} needs {' and '.join(reasons)}, which the book prints")
    return problems


def fingerprint(wave: Wave) -> str:
    """Hash everything the cleaned dataset is made from: export, label, questionnaire, code, packages."""
    sources = [paths.LOCK] if paths.LOCK.exists() else []
    sources += [wave.responses, wave.folder / "wave.toml", *sorted(wave.questionnaire.glob("*.csv")), *makers()]
    return digest("".join(f"{path.name} {digest_file(path)}\n" for path in sources).encode())


def makers() -> list[Path]:
    """List the modules that the cleaned dataset may be made by: all of this package, and what all stand on."""
    return sorted([*paths.PACKAGE.glob("*.py"), *(paths.PACKAGE / "survey").rglob("*.py")])


def is_fresh(wave: Wave) -> bool:
    """Whether the cleaned dataset on disk is whole and made from what is there now."""
    try:
        package = json.loads((wave.clean / "datapackage.json").read_text(encoding="utf-8"))
        return (package["fingerprint"], package["checksum"]) == (fingerprint(wave), checksum(package)) and all(
            digest_file(wave.clean / name) == then for name, then in package["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def checksum(package: dict) -> str:
    """Hash what the package says, but for this hash itself."""
    said = {key: value for key, value in package.items() if key != "checksum"}
    return digest(json.dumps(said, sort_keys=True).encode())
