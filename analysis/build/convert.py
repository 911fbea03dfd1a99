"""What nbconvert needs to show a chapter with its numbers; `jupyter_config.py` names it."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import ExecutePreprocessor as Execute
from nbconvert.preprocessors import Preprocessor
from traitlets import Bool

from analysis import standing
from analysis.build import expressions, held, settings


class ExecutePreprocessor(Execute):
    """Execute a notebook as nbconvert does, with `--execute`; of a chapter of a book the expressions in prose too.

    Cells that don't stand in the chapter's kind of edition are left out first. Where answers are of people, each cell
    is judged before anything is saved.
    """

    def preprocess(self, nb: Any, resources: Any = None, km: Any = None) -> tuple:
        """Run all cells; raises ExpressionError when expressions are wrong or may not be said."""
        about = (resources or {}).get("metadata", {})
        self.chapter = Path(about.get("path") or ".") / f"{about.get('name')}.ipynb"
        self.ours = settings.is_chapter(nb, self.chapter)
        self.rule = settings.rule(self.chapter) if self.ours else None
        given = settings.values(nb)
        self.judge = settings.judge(self.chapter, given) if self.ours else None
        if self.ours:
            standing.leave_out(nb, settings.kind(self.chapter, given))
        self.known: dict[str, tuple[str, dict]] = {}
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple:
        """Run one cell, or evaluate the expressions of one of prose."""
        place = expressions.place_of(self.nb.cells, index, self.chapter.name)
        try:
            if self.ours and cell.cell_type == "markdown":
                ask = lambda asked: expressions.ask(self, cell, asked)  # noqa: E731
                expressions.evaluate(cell, place, ask, self.rule, self.known, silent=self.judge is not None)
            done = super().preprocess_cell(cell, resources, index)
        except BaseException as error:
            if self.judge and not isinstance(error, expressions.ExpressionError):
                raise held.silenced(cell, place, error) from None
            raise
        if cell.cell_type == "code":
            held.judged(cell, place, self.judge)
        return done


class ValuesAsText(Preprocessor):
    """Put kept values into the prose as text, for all ways out but notebooks, which keep them as JupyterLab does."""

    enabled = Bool(True).tag(config=True)

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple:
        """Put the values of one cell into its text."""
        if cell.cell_type == "markdown" and not isinstance(self.parent, NotebookExporter):
            expressions.say_what_is_known(cell)
            cell.source = expressions.as_text(cell.source, cell.metadata.get(expressions.KEPT, []))
        return cell, resources
