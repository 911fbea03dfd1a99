"""Read tables kept by hand as text, hash files, and write them whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

MASK = os.umask(0o077)
"""Who may not read what is written here: as the user has it set."""
os.umask(MASK)
SETTLED = 2
"""Seconds after its last change from which a file's hash is kept for as long as it isn't changed again."""
_hashed: dict[tuple, str] = {}
LEFT = 60
"""Seconds after which a half-written file is taken for one that a killed process left."""


def read_table(path: Path, needed: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read the columns `needed` of a CSV file as text; with it, what keeps it from being such a table.

    The table is empty when there are such problems. Raises ValueError for a file that can't be read.
    """
    import pandas as pd

    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header, *rows = list(csv.reader(lines, strict=True)) or [[]]
    except (FileNotFoundError, csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} can't be read: {error}") from None
    problems = [f'column "{c}" is missing' for c in needed if c not in header]
    problems += [f"row {i} has {len(r)} cells for {len(header)} columns" for i, r in enumerate(rows, 2)
                 if len(r) != len(header)]  # fmt: skip
    if problems:
        return pd.DataFrame(columns=needed, dtype=str), problems
    return pd.DataFrame(rows, columns=header, dtype=str)[needed], []


def digest(content: bytes) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 of a file as hexadecimal text, however large the file.

    The file is opened each time, so that whoever watches notes it, and read again only when it has
    changed: its moment of change is another then, unless both fell within one tick of the clock.
    """
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        if key in _hashed:
            return _hashed[key]
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time() - max(state.st_mtime, state.st_ctime) > SETTLED:
        _hashed[key] = found
    return found


def write_whole(path: Path, content: bytes | Iterable[bytes]) -> str:
    """Write a file, at once or part by part, so that it is either there whole or as it was; return its SHA-256."""
    parts = [content] if isinstance(content, bytes) else content
    written = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
                written.update(part)
        os.chmod(scratch, 0o666 & ~MASK)
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    return written.hexdigest()


def owned(folder: Path) -> Path:
    """Make a folder that nobody but its owner can enter, whatever stands in it; return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def sweep(folder: Path) -> None:
    """Take away half-written files that a killed process left in a folder."""
    for path in folder.glob(".*"):
        if path.is_file() and time.time() - path.stat().st_mtime > LEFT:
            path.unlink(missing_ok=True)
