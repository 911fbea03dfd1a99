"""Tell what a build does: a person at a terminal sees a bar too, a log has lines alone."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from analysis.build import chapters, runs


@contextmanager
def told() -> Iterator[tuple[chapters.Say, runs.Progress]]:
    """Yield what takes lines, and what takes progress: chapters done, time left and what is running."""
    if not sys.stdout.isatty() or "CI" in os.environ:
        yield _line, runs.untold
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("", visible=False)

        def progress(running: list[str], done: int, of: int) -> None:
            if running and not done:
                bar.reset(task)
            bar.update(task, description=", ".join(running), completed=done, total=of, visible=bool(running))

        def say(line: str) -> None:
            bar.console.print(line, markup=False, highlight=False, soft_wrap=True)

        yield say, progress


def _line(line: str) -> None:
    print(line, flush=True)
