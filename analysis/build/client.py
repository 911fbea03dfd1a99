"""Run a chapter for papermill: its code cells, and the expressions in its prose as they come by."""

from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.iorw import write_ipynb
from papermill.log import logger

from analysis.build import expressions, held, settings


class Client(PapermillNotebookClient):
    """Run the cells of one chapter in order; whatever stops it, the cell where it stopped is marked as failed."""

    def __init__(
        self, nb_man: Any, chapter: str, rule: expressions.Rule | None, judge: held.Judge | None = None, **options: Any
    ):
        super().__init__(nb_man, **options)
        self.chapter, self.rule, self.judge = chapter, rule, judge
        self.known: dict[str, tuple[str, dict]] = {}

    def execute_cell(self, cell: Any, cell_index: int, *args: Any, **options: Any) -> Any:
        """Run a cell of code, or evaluate the expressions of one of prose; papermill calls it for both."""
        place = expressions.place_of(self.nb.cells, cell_index, self.chapter)
        try:
            if cell.cell_type != "markdown":
                executed = super().execute_cell(cell, cell_index, *args, **options)
                held.judged(cell, place, self.judge)
                return executed
            ask = lambda asked: expressions.ask(self, cell, asked)  # noqa: E731
            expressions.evaluate(cell, place, ask, self.rule, self.known, silent=self.judge is not None)
            return cell
        except BaseException as error:
            if isinstance(error, CellExecutionError) and not self.judge:
                raise  # papermill marks these itself
            ours = isinstance(error, (expressions.ExpressionError, held.HeldBackError))
            told = held.silenced(cell, place, error) if self.judge and not ours else None
            # for papermill only a mistake in code is one: it would call this cell and all behind it completed
            self.nb_man.cell_exception(cell, cell_index=cell_index)
            if told:
                raise told from None
            if not ours:
                error.add_note(place)
            raise


class ChapterEngine(NBClientEngine):
    """Run chapters of a book, each by a `Client`.

    `chapter` is its path, `judge` says what may not be saved. A kernel manager that is handed over is used, and its
    kernel ended with the chapter. When the chapter fails, the notebook as far as it came is written to `kept`, if that
    is given.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, chapter: Path, kept: Path | None = None, judge: held.Judge | None = None,
        start_timeout: int = 60, execution_timeout: int | None = None, **options: Any,
    ) -> None:  # fmt: skip
        """Run the cells; an error in code is left in the notebook, where papermill looks for it, others are raised."""
        rule = settings.rule(chapter)
        client = Client(
            nb_man, chapter.name, rule, judge, kernel_name=kernel_name, log=logger, timeout=execution_timeout,
            startup_timeout=start_timeout, shutdown_kernel="immediate", **options,
        )  # fmt: skip
        client.owns_km = True
        try:
            client.execute()
        finally:
            if kept and any(cell.metadata.papermill.get("exception") for cell in nb_man.nb.cells):
                kept.parent.mkdir(parents=True, exist_ok=True)
                write_ipynb(nb_man.nb, str(kept))
