"""Write editions into a folder for publishing: as they stand, and one of answers of people only once somebody read it.

An edition in the open is copied. A confidential one leaves by hand alone: with its gate record whole, which says what
the attacker found on these very answers; with the name of who read it, which the page on how the study was made then
prints; and with its own name typed (`I_HAVE_READ_IT=<edition>`).
"""

import json
import os
import shutil
from html import escape
from pathlib import Path

from analysis.build import book
from analysis.files import MASK, write_whole
from analysis.survey import terms, waves
from analysis.words import voice

TYPED = "I_HAVE_READ_IT"
"""Environment variable in which the name of a confidential edition is typed by who read it."""
PAGE = "chapters/design.html"
"""The page that prints who read an edition."""
RECORD = "gate.json"
"""The file in a published edition that says on which terms answers of people are shown in it."""
LINES = {"threshold", "least_base", "apart", "narrowest", "programmes", "tables", "steps", "left_out", "reason",
         "made_from", "asked", "by"}  # fmt: skip
"""What a gate record says when it is whole."""


def publish(names: list[str], language: str, folder: Path, reader: str = "") -> list[Path]:
    """Write editions into a folder, each in one of its name; return where.

    Nothing is written unless all may be. Raises ValueError listing everything that keeps them.
    """
    found, problems = {}, []
    for name in names:
        *_, place = book.places(name, language)
        if not (place / book.RECORD).exists():
            problems.append(f"there is no edition {name} in {place}; make book NAME={name} builds it")
            continue
        found[name] = place
        problems += [f"{name}: {problem}" for problem in _differs(name, language)]
        if _wave(place).confidential:
            problems += [f"{name}: {problem}" for problem in _held(name, place, language, reader)]
    if problems:
        raise ValueError(f"Nothing was written to {folder}.\n  " + "\n  ".join(problems))
    return [_write(place, folder / name / language, language, reader) for name, place in found.items()]


def _wave(place: Path) -> waves.Wave:
    """Read the label of the wave that an edition is of."""
    return waves.read_wave(json.loads((place / book.RECORD).read_text(encoding="utf-8"))["wave"])


def _differs(name: str, language: str) -> list[str]:
    """Say whether an edition is another than the checkout makes."""
    differences = book.verify(name, language)
    more = f" and {len(differences) - 1} more" if len(differences) > 1 else ""
    return [f"it isn't what the checkout makes ({differences[0]}{more}); build it again"] if differences else []


def _held(name: str, place: Path, language: str, reader: str) -> list[str]:
    """Say what keeps a confidential edition from being published."""
    label, problems = _wave(place), []
    try:
        record = json.loads(terms.record_of(label).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = {}
    missing = sorted(LINES - set(record))
    if missing:
        problems.append(f"its gate record lacks {', '.join(missing)}; make book WAVE={label.name} makes it")
    elif (record["made_from"], record["by"]) != (terms.made_from(label), terms.by()):
        problems.append("its gate record is of other answers, terms or rules; build it again")
    elif record["narrowest"] is not None and record["narrowest"] < record["apart"]:
        problems.append(f"the attacker came within {record['narrowest']} people of a small number")
    if not reader.strip():
        problems.append('nobody is named who read it: READER="…"')
    if os.environ.get(TYPED) != name:
        problems.append(f"it is of people's answers: read it whole, then type {TYPED}={name}")
    if _unread(language) not in (place / PAGE).read_text(encoding="utf-8"):
        problems.append(f"{PAGE} doesn't say on which terms these answers are shown; build it again")
    return problems


def _unread(language: str) -> str:
    return escape(voice(language).say("release_unread"), quote=False)


def _write(place: Path, target: Path, language: str, reader: str) -> Path:
    """Copy an edition beside its target, put in what publishing adds, and let it take its place."""
    label, fresh = _wave(place), target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(place, fresh)
    if label.confidential:
        page = (fresh / PAGE).read_text(encoding="utf-8")
        write_whole(fresh / PAGE, page.replace(_unread(language), escape(reader, quote=False)).encode())
        record = json.loads(terms.record_of(label).read_text(encoding="utf-8"))
        said = {key: record[key] for key in sorted(LINES - {"made_from", "asked"})} | {"read_by": reader}
        write_whole(fresh / RECORD, (json.dumps(said, indent=1, sort_keys=True) + "\n").encode())
    for path in [fresh, *fresh.rglob("*")]:
        path.chmod((0o777 if path.is_dir() else 0o666) & ~MASK)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target
