"""The one engine for all who run a chapter by papermill: the build, and `papermill chapters/use.ipynb out.ipynb`.

papermill loads this module by its entry point while it is being imported itself, so nothing of papermill is imported
before the last lines. They make the engine papermill's default, which has no name an entry point could give.
It runs chapters of a book; all other notebooks go to papermill's own engine as they are.
"""

import ast
import os
from pathlib import Path
from typing import Any

from analysis import standing
from analysis.build import settings

NAME = "book"


class ParameterError(ValueError):
    """Parameters don't fit those of the chapter; the message names each, what it may be, and what to write."""


class Engine:
    """What papermill asks of an engine: which kernel and language a notebook wants, and to execute it."""

    @staticmethod
    def nb_kernel_name(nb: Any, name: str | None = None) -> str:
        """Return the name of the kernel that a notebook wants."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @staticmethod
    def nb_language(nb: Any, language: str | None = None) -> str:
        """Return the language that a notebook is written in."""
        from papermill.utils import nb_language

        return nb_language(nb, language)

    @staticmethod
    def execute_notebook(nb: Any, kernel_name: str, chapter: Path | None = None, **options: Any) -> Any:
        """Run a notebook and return it: as a chapter when it is one, else as papermill does.

        The build names the `chapter`. Anyone else's runs in its own folder, as in JupyterLab and in the build, unless
        papermill is told of another with `--cwd`. Raises ParameterError before anything has been run or written.
        """
        from papermill.engines import NBClientEngine

        from analysis.build.client import ChapterEngine

        if chapter is None:
            started_in, path = _started_in(), options.get("input_path")
            chapter = started_in / path if isinstance(path, str) else started_in
            if not chapter.is_file() or not settings.is_chapter(nb, chapter):
                return NBClientEngine.execute_notebook(nb, kernel_name, **options)
            fit_parameters(nb, kernel_name, chapter.name)
            if Path.cwd() == started_in:
                options["resources"] = {"metadata": {"path": str(chapter.parent)}}
            given = settings.values(nb)
            standing.leave_out(nb, settings.kind(chapter, given))
            if judge := settings.judge(chapter, given):
                # nothing is written, nor logged, of a cell that isn't judged yet
                options |= {"judge": judge, "autosave_cell_every": 0, "log_output": False}
                options |= {"stdout_file": None, "stderr_file": None}
        options.pop("input_path", None)
        return ChapterEngine.execute_notebook(nb, kernel_name, chapter=chapter, **options)


def _started_in() -> Path:
    """Return the folder that papermill was started in, from which its paths count; `--cwd` has left it by now."""
    from papermill.iorw import papermill_io

    files = papermill_io.get_handler("local")
    folder = files.cwd(None)
    files.cwd(folder)
    return Path(folder or os.getcwd())


def fit_parameters(nb: Any, kernel_name: str, chapter: str) -> None:
    """Make the parameters that papermill put into a chapter those that the chapter has.

    papermill itself runs on when a name isn't one of them, and takes `2026` for a number: where the chapter's own
    default is a text, it is one. Raises ParameterError for all that don't fit.
    """
    from papermill.translators import translate_parameters

    given = dict(nb.metadata.papermill.get("parameters") or {})
    known, problems = settings.defaults(nb), []
    for name, value in given.items():
        default = known.get(name)
        if name not in known:
            problems.append(f"{chapter} has no parameter {name}; it has {', '.join(known)}")
        elif isinstance(default, ast.Constant) and isinstance(default.value, str) and not isinstance(value, str):
            given[name] = str(value)
            if type(value) is not int:  # how it was written can't be told any more: 2026.10 is 2026.1 by now
                problems.append(f"{chapter}: {name} is a text, and {value!r} is none; write -r {name} <text> for -p")
    if problems:
        raise ParameterError("Nothing was run.\n  " + "\n  ".join(problems))
    for cell in nb.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = translate_parameters(kernel_name, Engine.nb_language(nb), given, "Parameters")
    nb.metadata.papermill["parameters"] = given


from papermill.engines import papermill_engines  # noqa: E402

papermill_engines.register(NAME, Engine)
papermill_engines.register(None, Engine)
