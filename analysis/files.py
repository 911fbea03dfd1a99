"""Hash files, and write them whole or not at all."""

import hashlib
import os
import tempfile
import time
from pathlib import Path

LEFT = 60
"""Seconds after which a half-written file is taken for one that a killed process left."""


def digest(content: bytes) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is either there whole or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(scratch, 0o644)
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """Take away half-written files that a killed process left in a folder."""
    for path in folder.glob(".*"):
        if path.is_file() and time.time() - path.stat().st_mtime > LEFT:
            path.unlink(missing_ok=True)
