"""Render pages with Sphinx, by the settings that Jupyter Book makes of `_config.yml`, in a process of its own.

The process starts early, so that its imports cost no time. Jupyter Book's command is asked for the settings, and
for nothing else: `jupyter-book config sphinx`, once for each `_config.yml`.
"""

import contextlib
import gc
import io
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from analysis.build import chapters, processes
from analysis.files import digest, write_whole


class PageError(Exception):
    """The pages can't be rendered; the message says which and why."""


class Renderer:
    """Sphinx in a process of its own, which waits for the chapters."""

    def __init__(self, root: Path, language: str, log: Path):
        self.log = log
        self._root = root
        self._process = subprocess.Popen(
            [sys.executable, "-m", "analysis.build.pages", str(root), language],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def render(self, work: Path, parameters: dict[str, str]) -> None:
        """Render the copies in `executed` of a work folder into its `html`; PageError with what was wrong.

        Every warning is an error.
        """
        message, _ = self._process.communicate(json.dumps([str(work), parameters]))
        write_whole(self.log, message.encode())
        if self._process.returncode:
            raise refused(message, self._root, self.log)

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


def refused(message: str, root: Path, log: Path) -> PageError:
    """Make an error of what Sphinx said."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", message).replace(f"{root}/", "")
    lines = [line.strip() for line in plain.splitlines() if re.search(r"WARNING|ERROR|[Ee]rror:", line)]
    shown = "\n  ".join(lines[:20] or plain.strip().splitlines()[-10:])
    return PageError(f"Sphinx refused the pages:\n  {shown}\nIts whole log: {log}")


def settings(root: Path) -> dict[str, Any]:
    """Return Sphinx's settings for a book, as Jupyter Book makes them of `_config.yml`; kept until that changes."""
    import runpy
    from importlib.metadata import entry_points, version

    static = [p for p in sorted((root / "_static").rglob("*")) if p.suffix in (".css", ".js")]
    sources = [root / "_config.yml", root / "_toc.yml"]
    names = [path.relative_to(root).as_posix() for path in static]
    kept = digest(json.dumps([version("jupyter-book"), names, digest(sources[0].read_bytes())]).encode())[:16]
    path = root / "_build" / "settings" / f"{kept}.py"
    if not path.exists():
        with tempfile.TemporaryDirectory(prefix="book-") as folder:
            place = Path(folder)
            for source in (*sources, *static):
                (place / source.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, place / source.relative_to(root))
            # its command, in this process, which has imported most of what it needs
            (command,) = entry_points(group="console_scripts", name="jupyter-book")
            with contextlib.redirect_stdout(io.StringIO()):
                command.load()(["config", "sphinx", folder], standalone_mode=False)
            write_whole(path, (place / "conf.py").read_bytes())
    return {name: value for name, value in runpy.run_path(str(path)).items() if not name.startswith("_")}


def compile_catalogues(root: Path, language: str) -> None:
    """Compile the catalogues of a language where they changed, whole or not at all; Sphinx would write into them."""
    from babel.messages import mofile, pofile

    for source in (root / "locale" / language / "LC_MESSAGES").glob("*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compiled = io.BytesIO()
            with source.open("rb") as file:
                mofile.write_mo(compiled, pofile.read_po(file, language))
            write_whole(target, compiled.getvalue())


def render(source: Path, work: Path, configuration: dict[str, Any]) -> int:
    """Render a book into `html` of a work folder, all pages written anew: a title that changed shows on every page."""
    with application(source, work, configuration, sys.stderr) as app:
        app.build(force_all=True)
        return app.statuscode


@contextlib.contextmanager
def application(source: Path, work: Path, configuration: dict[str, Any], warning: IO[str]) -> Iterator[Any]:
    """Have Sphinx ready to write a book into `html` of a work folder, and its warnings into `warning`."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with patch_docutils(str(source)), docutils_namespace():
        yield Sphinx(
            source, None, work / "html", work / "doctrees", "html", configuration,
            status=None, warning=warning, warningiserror=True, keep_going=True,
        )  # fmt: skip


def main() -> int:
    """Wait for [work folder, parameters] on standard input, then render; the arguments are root and language."""
    processes.end_with_parent(os.getppid())
    processes.spare_parsers()
    gc.disable()  # what is imported stays, so looking for garbage in it is a fifth of the time lost
    import sphinx_book_theme  # noqa: F401
    from myst_nb import sphinx_  # noqa: F401
    from sphinx.builders import html as _  # noqa: F401
    from sphinx.errors import SphinxError

    from analysis.build import extension  # noqa: F401

    gc.enable()
    root, language = Path(sys.argv[1]), sys.argv[2]
    configuration = settings(root) | {"language": language, "nitpicky": True}
    if os.name == "posix" and not select.select([sys.stdin], [], [], 0)[0]:
        rehearse(root, configuration)
    order = sys.stdin.read()
    if not order:
        return 1
    folder, parameters = json.loads(order)
    work = Path(folder)
    compile_catalogues(root, language)
    configuration |= {"book_parameters": parameters, "book_executed": str(work / "executed")}
    if address := configuration.get("html_baseurl"):  # of all editions; each is published in a folder of its own
        configuration["html_baseurl"] = f"{address.rstrip('/')}/{work.parent.name}/{work.name}/"
    if (work / "doctrees").exists():
        # what is kept of the last time can stand in the way, such as an id that has moved to another page
        with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SphinxError):
            if not render(root, work, configuration):
                return 0
        shutil.rmtree(work / "doctrees")
    try:
        return render(root, work, configuration)
    except SphinxError as error:
        print(f"{error.category}: error: {error}", file=sys.stderr)
        return 1


def rehearse(root: Path, configuration: dict[str, Any]) -> None:
    """Render a page of next to nothing, so that all that is loaded only once is loaded when the chapters are done.

    In the language of the edition: Sphinx keeps some words of the first language it is given.
    """
    output = {"output_type": "display_data", "data": {"text/html": "<p>1</p>", "text/plain": "1"}, "metadata": {}}
    cell = {"cell_type": "code", "metadata": {}, "source": "1", "execution_count": 1, "outputs": [output]}
    text = {"cell_type": "markdown", "metadata": {}, "source": "# One"}
    notebook = json.dumps({"cells": [text, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    with tempfile.TemporaryDirectory(prefix="book-") as folder, contextlib.redirect_stderr(io.StringIO()):
        place = Path(folder)
        made_from = {"chapter": "", "parameters": {}, "reads": {}, "lock": ""}
        index = {"one": {"copy": "", "made_from": made_from, "figures": 0, "sentences": []}}
        files = {"_toc.yml": "format: jb-book\nroot: one\n", "one.ipynb": notebook, "_static/figures.js": "",
                 "executed/one.ipynb": notebook, f"executed/{chapters.INDEX}": json.dumps(index)}  # fmt: skip
        chapters.write({name: content.encode() for name, content in files.items()}, place)
        for part in ("locale", "_templates"):
            if (root / part).exists():
                shutil.copytree(root / part, place / part, ignore=shutil.ignore_patterns("*.csv"), dirs_exist_ok=True)
        here = {"book_executed": f"{folder}/executed", "html_static_path": ["_static"], "html_favicon": "",
                "html_baseurl": ""}  # fmt: skip
        with contextlib.suppress(Exception):  # what is wrong with the book is told when it is its turn
            render(place, place, configuration | here)


if __name__ == "__main__":
    processes.leave(main())
