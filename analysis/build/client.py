"""Run a chapter for papermill: its code cells, and the expressions in its prose as they come by."""

from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.iorw import write_ipynb
from papermill.log import logger

from analysis.build import expressions, settings


class Client(PapermillNotebookClient):
    """Run the cells of one chapter in order; whatever stops it, the cell where it stopped is marked as failed."""

    def __init__(self, nb_man: Any, chapter: str, rule: expressions.Rule | None, **options: Any):
        super().__init__(nb_man, **options)
        self.chapter, self.rule = chapter, rule
        self.known: dict[str, tuple[str, dict]] = {}

    def execute_cell(self, cell: Any, cell_index: int, *args: Any, **options: Any) -> Any:
        """Run a cell of code, or evaluate the expressions of one of prose; papermill calls it for both."""
        place = expressions.place_of(self.nb.cells, cell_index, self.chapter)
        try:
            if cell.cell_type != "markdown":
                return super().execute_cell(cell, cell_index, *args, **options)
            expressions.evaluate(cell, place, lambda asked: expressions.ask(self, cell, asked), self.rule, self.known)
            return cell
        except CellExecutionError:
            raise  # papermill marks these itself
        except BaseException as error:
            # for papermill only a mistake in code is one: it would call this cell and all behind it completed
            self.nb_man.cell_exception(cell, cell_index=cell_index)
            if not isinstance(error, expressions.ExpressionError):
                error.add_note(place)
            raise


class ChapterEngine(NBClientEngine):
    """Run chapters of a book, each by a `Client`.

    `chapter` is its path. A kernel manager that is handed over is used, and its kernel ended with the chapter.
    When the chapter fails, the notebook as far as it came is written to `kept`, if that is given.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, chapter: Path, kept: Path | None = None, start_timeout: int = 60,
        execution_timeout: int | None = None, **options: Any,
    ) -> None:  # fmt: skip
        """Run the cells; an error in code is left in the notebook, where papermill looks for it, others are raised."""
        rule = settings.rule(chapter)
        client = Client(
            nb_man, chapter.name, rule, kernel_name=kernel_name, log=logger, timeout=execution_timeout,
            startup_timeout=start_timeout, shutdown_kernel="immediate", **options,
        )  # fmt: skip
        client.owns_km = True
        try:
            client.execute()
        finally:
            if kept and any(cell.metadata.papermill.get("exception") for cell in nb_man.nb.cells):
                kept.parent.mkdir(parents=True, exist_ok=True)
                write_ipynb(nb_man.nb, str(kept))
