"""Hold back what a cell showed where it may not be saved: answers of people are judged before anything is written."""

from collections.abc import Callable
from typing import Any

Judge = Callable[[list], Any]
"""What raises ValueError for outputs that may not be saved."""


class HeldBackError(ValueError):
    """A cell of an edition for its maker alone may not be saved; the message says where and why, and quotes nothing."""


def judged(cell: Any, place: str, judge: Judge | None) -> None:
    """Hold back what a cell showed unless it may be saved, and say why: HeldBackError. Without a judge all may be."""
    if judge is None:
        return
    try:
        judge(list(cell.outputs))
    except ValueError as error:
        cell.outputs = []
        raise HeldBackError(f"{place}: {error}") from None


def silenced(cell: Any, place: str, error: BaseException) -> HeldBackError:
    """Take away all that a failed cell showed; return an error that names only where and what kind it was."""
    if cell.cell_type == "code":
        cell.outputs = []
    kind = getattr(error, "ename", "") or type(error).__name__
    return HeldBackError(f"{place}: {kind}; what it said may hold answers. Run the chapter in JupyterLab to see it")
