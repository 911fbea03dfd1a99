"""Turn results into pages: put outputs into chapters, draw figures, render with Jupyter Book.

The same bytes come from the same inputs: figures are numbered, not named at random; no
time, path or order of files gets in.
"""

import contextlib
import html
import io
import json
import os
import re
import select
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis.build import expressions, processes, runs
from analysis.files import write_whole
from analysis.words import voice

PLOTLY = "application/vnd.plotly.v1+json"
PLOT = "<!-- plot -->"
"""Where an exhibit waits for its drawing."""
RECORD = "application/vnd.survey.sentences+json"
"""The kind of output that says what became of a chapter's sentences."""
INVENTED = "invented"
"""The tag of prose that is true of an invented wave only."""
SHOWN = 12
"""Characters of a hash that a reader sees."""


class PageError(Exception):
    """The pages can't be rendered; the message says which and why."""


def page(run: runs.Run, result: dict, language: str, footer: str, invented: bool) -> dict:
    """Make the notebook that becomes a page: a chapter's cells with the outputs of a result.

    Prose in a cell tagged `invented` is left out unless the wave is.
    """
    notebook = runs.executed(run, result)
    if not invented:
        about = [c["cell_type"] == "markdown" and INVENTED in c["metadata"].get("tags", []) for c in notebook["cells"]]
        notebook["cells"] = [c for c, left_out in zip(notebook["cells"], about, strict=True) if not left_out]
    drawn = 0
    for cell in notebook["cells"]:
        cell.pop("attachments", None)
        if cell["cell_type"] != "code":
            # as long as the pages have no role that reads the values where they are kept
            cell["source"] = expressions.as_text(cell["source"], cell["metadata"].pop(expressions.KEPT, []))
            continue
        shown = [output for output in cell["outputs"] if RECORD not in output.get("data", {})]
        cell["outputs"], drawn = _draw(shown, run.name, drawn, language)
    prose = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    warning = head(sentences(result), "\n\n".join(prose), language)
    if warning:
        title, _, rest = "".join(notebook["cells"][0]["source"]).partition("\n")
        notebook["cells"][0]["source"] = f"{title}\n\n{warning}\n{rest}"
    notebook["cells"].append({"cell_type": "markdown", "id": "provenance", "metadata": {}, "source": footer})
    notebook["metadata"] = {k: v for k, v in notebook["metadata"].items() if k in ("kernelspec", "language_info")}
    return notebook


def sentences(result: dict) -> list[dict]:
    """List what became of the sentences of a chapter, as `sentences.check` recorded it."""
    outputs = (output.get("data", {}) for outputs in result["outputs"] for output in outputs)
    return [row for data in outputs for row in data.get(RECORD, [])]


def head(found: list[dict], prose: str, language: str) -> str:
    """List the sentences of a chapter's prose that don't hold or can't be told, with links; blank if there are none."""
    wanting = [row for row in found if row["state"] in ("contradicted", "unknown")]
    if not wanting:
        return ""
    items = "".join(
        f'<li>‘<a href="#{row["sentence"].replace("_", "-")}">{html.escape(_quote(prose, row["sentence"]))}</a>’ '
        f"{html.escape(voice(language).say('state_' + row['state']))}: {html.escape(row['why'])}.</li>"
        for row in wanting
    )
    title = html.escape(voice(language).say("sentence_head"))
    return f'<aside class="sentences" aria-label="{title}">\n<p><b>{title}</b></p>\n<ul>{items}</ul>\n</aside>'


def _quote(prose: str, name: str) -> str:
    """Return the sentence of Markdown prose that a mark stands behind, as plain text, three dots for its numbers."""
    before, _, _ = prose.partition(f"{{#{name} .guard}}")
    sentence = re.split(r"\n|(?<=[.?!])\s+|(?<=[.?!]\*\*)\s+|(?<=\.guard\})\s*", before.rpartition("[")[0])[-1]
    return re.sub(r"[*_`]|\]\([^)]*\)|\[", "", re.sub(r"\{glue:text\}`[^`]*`", "…", sentence)).strip()


def _draw(outputs: list[dict], chapter: str, drawn: int, language: str) -> tuple[list[dict], int]:
    """Replace Plotly outputs by HTML, each put into the exhibit behind it if there is one."""
    made, waiting = [], ""
    for output in outputs:
        data = output.get("data", {})
        if PLOTLY in data:
            made += [_html_output(waiting)] if waiting else []
            drawn += 1
            waiting = plot(data[PLOTLY], f"{chapter}-{drawn}", language)
            continue
        if waiting and PLOT in "".join(data.get("text/html", "")):
            text = "".join(data["text/html"]).replace(PLOT, waiting)
            output, waiting = output | {"data": data | {"text/html": text}}, ""
        made.append(output)
    return made + ([_html_output(waiting)] if waiting else []), drawn


def plot(figure: dict, identity: str, language: str) -> str:
    """Write a Plotly figure as HTML: its data, and the place where `_static/figures.js` draws it."""
    data = json.dumps(figure, sort_keys=True, ensure_ascii=False).replace("<", "\\u003c")
    height = figure.get("layout", {}).get("height", 400)
    return (
        f'<div class="plot" id="{identity}" aria-hidden="true" style="min-height:{height}px" '
        f'data-failed="{html.escape(voice(language).say("figure_failed"))}">'
        f"<noscript>{html.escape(voice(language).say('script_off'))}</noscript>"
        f'<script type="application/json">{data}</script></div>'
    )


def _html_output(text: str) -> dict:
    return {
        "output_type": "display_data",
        "data": {"text/html": text, "text/plain": "figure"},
        "metadata": {},
    }


def write_sources(sources: dict[str, bytes], place: Path) -> None:
    """Make a folder hold exactly these files, leaving alone what is the same already."""
    place.mkdir(parents=True, exist_ok=True)
    for path in sorted(place.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(place).as_posix() not in sources:
            path.unlink()
    for name, content in sources.items():
        path = place / name
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content)


class Renderer:
    """Jupyter Book in a process of its own, started early so that its imports cost no time."""

    def __init__(self, log: Path, language: str):
        self.log = log
        command = [sys.executable, "-m", "analysis.build.pages", language]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def render(self, source: Path, target: Path, doctrees: Path) -> None:
        """Render a folder, every warning an error; raise PageError with what was wrong."""
        message, _ = self._process.communicate(json.dumps([str(source), str(target), str(doctrees)]))
        write_whole(self.log, message.encode())
        if self._process.returncode:
            plain = re.sub(r"\x1b\[[0-9;]*m", "", message).replace(str(source) + "/", "")
            lines = [line.strip() for line in plain.splitlines() if re.search(r"WARNING|ERROR|[Ee]rror:", line)]
            shown = "\n  ".join(lines[:20] or plain.strip().splitlines()[-10:])
            raise PageError(f"Jupyter Book refused the pages:\n  {shown}\nIts whole log: {self.log}")

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


def check_figures(notebooks: dict[str, dict], folder: Path) -> None:
    """Raise PageError when a figure of a chapter isn't in its page."""
    for name, notebook in notebooks.items():
        shown = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        shown = [c for c in shown if not {"remove-cell", "remove-output"} & set(c["metadata"].get("tags", []))]
        text = "".join("".join(o.get("data", {}).get("text/html", "")) for c in shown for o in c["outputs"])
        page = (folder / f"{name}.html").read_text(encoding="utf-8")
        lost = [i for i in re.findall(r'class="plot" id="([^"]+)"', text) if f'class="plot" id="{i}"' not in page]
        if lost:
            raise PageError(f"{name}: {len(lost)} figures did not reach the page: {', '.join(lost)}")


def main() -> int:
    """Wait for [source, target, doctrees] on standard input, then render; the argument is the language."""
    processes.end_with_parent(os.getppid())
    import sphinx_book_theme  # noqa: F401
    from jupyter_book.sphinx import build_sphinx
    from myst_nb import sphinx_  # noqa: F401
    from sphinx.builders import html as _  # noqa: F401

    def render(source, target, doctrees):
        # what the command `jupyter-book build -n -W --keep-going` calls, with all pages written
        # anew: a title or a number that changed shows on every page that repeats it
        return build_sphinx(
            source, target, noconfig=True, path_config=f"{source}/_config.yml", doctreedir=doctrees,
            confoverrides={"nitpicky": True, "latex_individualpages": False},
            force_all=True, warningiserror=True, keep_going=True, quiet=True,
        )  # fmt: skip

    if os.name == "posix" and not select.select([sys.stdin], [], [], 0)[0]:
        rehearse(render, sys.argv[1])
    order = sys.stdin.read()
    if not order:
        return 1
    result = render(*json.loads(order))
    return result if isinstance(result, int) else 1


def rehearse(render, language: str) -> None:
    """Render a page of next to nothing, so that all that is loaded only once is loaded when the chapters are done.

    In the language of the edition: Sphinx keeps some words of the first language it is given.
    """
    cell = {
        "cell_type": "code",
        "metadata": {},
        "source": "1",
        "execution_count": 1,
        "outputs": [_html_output("<p>1</p>")],
    }
    text = {"cell_type": "markdown", "metadata": {}, "source": "# One"}
    notebook = {"cells": [text, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    with tempfile.TemporaryDirectory(prefix="book-") as folder, contextlib.redirect_stderr(io.StringIO()):
        place = Path(folder)
        config = {"title": "One", "execute": {"execute_notebooks": "off"}, "sphinx": {"config": {"language": language}}}
        (place / "_config.yml").write_text(json.dumps(config), encoding="utf-8")
        (place / "_toc.yml").write_text("format: jb-book\nroot: one\n", encoding="utf-8")
        (place / "one.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        render(folder, f"{folder}/html", f"{folder}/doctrees")


if __name__ == "__main__":
    processes.leave(main())
