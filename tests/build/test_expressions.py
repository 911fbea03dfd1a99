"""Expressions in prose, by every way that runs or shows a chapter: the build, papermill, nbconvert, JupyterLab."""

import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from itertools import count
from pathlib import Path

import browser
import hypothesis
import pytest
from conftest import ROOT, copy_project
from hypothesis import example, given
from hypothesis import strategies as some
from IPython.core.interactiveshell import InteractiveShell
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbconvert.filters import markdown2html

from analysis.build import expressions, runs, settings
from analysis.build.expressions import ExpressionError

PARAMETERS = 'wave = "2025-reference"  # a text\nlanguage = "nl"\n'
CONFIG = "sphinx:\n  config:\n    book_parameters: {wave: 2025-reference, language: nl}\n"
FOLDERS = [".", *(pytest.param(folder, marks=pytest.mark.long) for folder in ("book", "book/chapters"))]
ODD = "<b>38%</b> of $5, *a*_b_ & \\(c\\) `d`"
"""A value full of what Markdown, HTML and MathJax would read as theirs."""


def prose(source, **metadata):
    return {"cell_type": "markdown", "id": "prose", "metadata": metadata, "source": source}


def code(source, *tags):
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code", "id": "code", "metadata": metadata, "source": source, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def write(path, *cells):
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    cells = [cell | {"id": f"c{i}"} for i, cell in enumerate(cells)]
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    return path


def said(path):
    """The evaluated expressions of a notebook, each with its text."""
    kept = expressions.kept_in(json.loads(path.read_text(encoding="utf-8"))["cells"])
    return {k["expression"]: expressions.text_of(k["result"]["data"]) for k in kept}


# --- finding them -----------------------------------------------------------------------------


def found(source):
    return [expression.text for expression in expressions.find(source)]


def by_myst(source):
    """What MyST-Parser, which reads the pages, takes for expressions."""
    parser = create_md_parser(MdParserConfig(enable_extensions=["attrs_inline", "deflist"]), RendererHTML)
    inline = [child for token in parser.parse(source) for child in token.children or []]
    return [t.content for t in inline if t.type == "myst_role" and t.meta["name"] == "eval"]


PIECES = [
    "{eval}`a`", "{eval}`b[1]`", "{eval}``c`d``", "`code`", "`` {eval}`e` ``", "\\{eval}`f`", "\\`", "{ref}`g`",
    "*", "words", " ", "\n", "\n\n", "\n- ", "\n> ", "\n# A {eval}`t` {eval}\n",
    "\n```\n{eval}`h`\n```\n", "\n~~~ python\n{eval}`i`\n~~~\n",
    "\n````\n```\n{eval}`j`\n````\n", "[a](b)", "{eval} ", "`{eval}` ",
    "a <!-- {eval}`k` -->", "\n\n<!-- {eval}`l` -->\n\n", "é",
]  # fmt: skip


@example(["{eval}`l``"])
@hypothesis.settings(derandomize=True)  # ticks left open at the end of a quotation are read otherwise, once in 1e5
@given(some.lists(some.sampled_from(PIECES), max_size=12))
def test_the_expressions_found_are_those_that_myst_reads(pieces):
    source = "".join(pieces)
    assert [text.replace("\n", " ") for text in found(source)] == by_myst(source)


def test_expressions_in_notes_are_found_and_in_code_not():
    source = (
        "```{note}\n{eval}`a`\n```\n\n~~~{tip} Title\n```python\n{eval}`no`\n```\n{eval}`b`\n~~~\n"
        "````{code-block}\n{eval}`no`\n````\n:::{note}\n{eval}`c`\n:::\n```{math}\n{eval}`no`\n```\n{eval}`d`\n"
    )
    assert found(source) == ["a", "b", "c", "d"]


def test_an_expression_knows_its_place():
    (_, second) = expressions.find("one\n{eval}`a`\n\ntwo {eval}``b`` three")
    assert second.line == 4 and "one\n{eval}`a`\n\ntwo {eval}``b`` three"[second.start : second.end] == "{eval}``b``"


# --- what decides whether a chapter runs --------------------------------------------------------


def test_the_expressions_count_as_code_and_the_words_around_them_do_not():
    def hashed(*cells):
        return runs.code_of({"cells": list(cells)})

    one = hashed(code("x = 1"), prose("Of all {eval}`x` say so, {eval}`y`."))
    assert one == hashed(prose("New."), code("x = 1"), prose("Now {eval}`x`."), prose("`{eval}`"), prose("{eval}`y`"))
    others = [
        hashed(code("x = 1"), prose("Of all {eval}`x` say so, {eval}`z`.")),
        hashed(code("x = 1"), prose("Of all {eval}`y` say so, {eval}`x`.")),
        hashed(prose("Of all {eval}`x` say so, {eval}`y`."), code("x = 1")),
        hashed(code("x = 1"), prose("Of all {eval}`x` say so.")),
        hashed(code("x = 1"), code("x"), code("y")),
        hashed(code("x = 1"), prose("Of all `{eval}` x say so")),
    ]
    assert one not in others


def test_a_result_is_put_back_by_order_whatever_the_cells_are_called():
    """Cells are renamed, one of prose is divided, one without expressions is new."""
    evaluated = [{"expression": n, "result": {"status": "ok", "data": {"text/plain": n.upper()}}} for n in "abc"]
    outputs = [[{"output_type": "stream", "text": "first"}], []]
    stale = [{"expression": "a", "result": {"status": "ok", "data": {"text/plain": "old"}}}]
    notebook = {
        "cells": [
            prose("New.", user_expressions=stale), code("1"), prose("{eval}`a`", user_expressions=stale),
            prose("{eval}`b` {eval}`c`"), code("2"),
        ]
    }  # fmt: skip
    expressions.put(notebook, outputs, evaluated)
    assert [cell["metadata"].get("user_expressions") for cell in notebook["cells"]] == [
        None, None, evaluated[:1], evaluated[1:], None,
    ]  # fmt: skip
    assert [(c["execution_count"], c["outputs"]) for c in notebook["cells"] if c["cell_type"] == "code"] == [
        (1, outputs[0]),
        (2, []),
    ]


# --- evaluating -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shell():
    """What evaluates in a kernel, without the kernel."""
    return InteractiveShell()


def evaluate(shell, source, names, rule=None, known=None):
    """The values of a cell by expression, as a kernel with these names gives them."""
    shell.reset(new_session=False)
    shell.push(names)
    cell = prose(source)
    known = {} if known is None else known
    expressions.evaluate(cell, "use.ipynb, cell 7 (c6)", shell.user_expressions, rule, known)
    return {k["expression"]: expressions.text_of(k["result"]["data"]) for k in expressions.kept_in([cell])}


def refused(shell, source, names, rule=None, known=None):
    with pytest.raises(ExpressionError) as caught:
        evaluate(shell, source, names, rule, known)
    return str(caught.value).splitlines()


def test_plain_numbers_and_texts_pass_where_the_book_has_no_rule(shell):
    assert evaluate(shell, "{eval}`n + 1` {eval}`text`", {"n": 1, "text": "it's"}) == {"n + 1": "2", "text": "it's"}


def test_all_wrong_expressions_of_a_cell_are_named_with_their_lines_and_what_was_meant(shell):
    class Completing:
        def __getitem__(self, key):
            raise KeyError(key)

        def _ipython_key_completions_(self):
            return ["chatgpt_free", "other"]

    names = {"helped": {"yes": 1, "no": 2}, "tools": Completing(), "usage": 3}
    source = (
        "{eval}`usge`\n{eval}`helped['yess']` {eval}`helped[\"perhaps\"]`\n\n{eval}`helped.kees()` {eval}`usage`\n"
        "{eval}`tools['chatgpt']` {eval}`1 +` {eval}`1 / 0` {eval}` usage `"
    )
    at = "use.ipynb, cell 7 (c6), line "
    assert refused(shell, source, names) == [
        f"{at}1: usge: NameError: name 'usge' is not defined. Did you mean usage?",
        f"{at}2: helped['yess']: KeyError: 'yess'. Did you mean yes?",
        f"{at}2: helped[\"perhaps\"]: KeyError: 'perhaps'. There is: yes, no",
        f"{at}4: helped.kees(): AttributeError: 'dict' object has no attribute 'kees'. Did you mean keys?",
        f"{at}5: tools['chatgpt']: KeyError: 'chatgpt'. Did you mean chatgpt_free?",
        f"{at}5: 1 +: SyntaxError: invalid syntax (<string>, line 1)",
        f"{at}5: 1 / 0: ZeroDivisionError: division by zero",
        f"{at}5:  usage : write it on one line, without spaces at its ends; "
        "the book and JupyterLab would each read another",
    ]


def test_an_expression_has_one_value_in_a_chapter(shell):
    known = {}
    evaluate(shell, "{eval}`n`", {"n": 1}, known=known)
    evaluate(shell, "{eval}`n`", {"n": 1}, known=known)
    (message,) = refused(shell, "\n{eval}`n`", {"n": 2}, known=known)
    assert message == (
        "use.ipynb, cell 7 (c6), line 2: n: two values in one chapter, 1 in use.ipynb, cell 7 (c6), line 1 and 2 here. "
        "Give the second one a name of its own"
    )
    (message,) = refused(shell, "{eval}`next(n)` {eval}`next(n)`", {"n": count()})
    assert "two values in one chapter, 0 in" in message


def only_said(expression, data):
    """A toy rule: what a kernel can say in two languages may be said."""
    return "" if "application/vnd.survey.text+json" in data else f"{expression} is a plain {data['text/plain']}"


class Said:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": ODD, "application/vnd.survey.text+json": {"nl": ODD, "en": ODD}}


def test_a_rule_of_the_book_decides_what_may_be_said(shell):
    names = {"n": 38, "said": Said(), "text": "38%"}
    assert evaluate(shell, "{eval}`said`", names, only_said) == {"said": ODD}
    assert [line.partition("line 1: ")[2] for line in refused(shell, "{eval}`n` {eval}`text`", names, only_said)] == [
        "n: n is a plain 38",
        "text: text is a plain '38%'",
    ]


def test_a_result_that_is_kept_is_held_against_the_rule_too():
    kept = [{"expression": "n", "result": {"status": "ok", "data": {"text/plain": "38"}, "metadata": {}}}]
    with pytest.raises(ExpressionError, match=r"use.ipynb, cell 2 \(prose\): n: n is a plain 38"):
        expressions.judge({"cells": [code("1"), prose("", user_expressions=kept)]}, "use.ipynb", only_said)


def test_a_rule_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="book_rule in _config.yml: analysis.nowhere.rule can't be had"):
        settings.function(settings.RULE, "analysis.nowhere.rule")


# --- as text ----------------------------------------------------------------------------------


@given(
    some.text(some.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["C", "Z"]) | some.just(" "))
)
def test_a_value_put_into_prose_says_just_itself(value):
    """Rendered by nbconvert and by MyST's parser, in the middle and at the beginning of a line."""
    value = value.strip()
    bundle = {"text/plain": repr(value)}
    kept = [{"expression": "a", "result": {"status": "ok", "data": bundle, "metadata": {}}}]
    by_myst_parser = create_md_parser(MdParserConfig(), RendererHTML).render
    for render in (markdown2html, by_myst_parser):
        for before in ("", "Of *all* ") if value else ():
            shown = render(expressions.as_text(before + "{eval}`a` and `{eval}`", kept))
            words = html.unescape(re.sub(r"</?(p|em|code|span class=.tex2jax_ignore.|span)>", "", shown))
            assert words.strip() == before.replace("*", "") + expressions.text_of(bundle) + " and {eval}"


def test_a_quotation_is_not_taken_for_a_text_of_pythons():
    assert expressions.text_of({"text/plain": "'s avonds en 'ja'"}) == "'s avonds en 'ja'"
    assert expressions.text_of({"text/plain": "'1\u00a0234\\n  people'"}) == "1\u00a0234 people"


# --- papermill and nbconvert --------------------------------------------------------------------


@pytest.fixture
def place(tmp_path):
    """A small book, a chapter with a mistake, and a notebook of somebody else's."""
    book = tmp_path / "book"
    made = (
        f"import os\nuse = {{'yes': {ODD!r}}}\nprint(os.getcwd())\nprint(1, file=open({str(tmp_path / 'runs')!r}, 'a'))"
    )
    start = [prose("# Use"), code(PARAMETERS, "parameters")]
    write(book / "chapters" / "use.ipynb", *start, code(made), prose("Of all {eval}`use['yes']` in {eval}`wave`."))
    write(book / "chapters" / "wrong.ipynb", *start, prose("\n{eval}`wav`"), code("1 + 1"))
    write(book / "other.ipynb", code("x = 1", "parameters"), code(made), prose("Theirs: {eval}`x`."))
    (book / "_config.yml").write_text(CONFIG)
    return tmp_path


def run(program, *arguments, cwd):
    command = [Path(sys.prefix, "bin", program), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


def test_a_notebook_is_a_chapter_when_the_nearest_config_names_its_parameters(place):
    chapter, other = place / "book" / "chapters" / "use.ipynb", place / "book" / "other.ipynb"
    assert settings.is_chapter(runs.read_notebook(chapter), chapter)
    assert not settings.is_chapter(runs.read_notebook(other), other)
    for nearer, ours in [("title: a site of another kind\n", False), (CONFIG, True), ("", False)]:
        (chapter.parent / "_config.yml").write_text(nearer)
        assert settings.is_chapter(runs.read_notebook(chapter), chapter) == ours
    (chapter.parent / "_config.yml").write_text("a: [")
    with pytest.raises(ValueError, match="_config.yml can't be read"):
        settings.is_chapter(runs.read_notebook(chapter), chapter)


def test_a_cell_of_parameters_that_is_not_python_names_none():
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "%matplotlib inline\nwave = '2026'"}
    assert settings.defaults({"cells": [cell]}) == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_papermill_runs_a_chapter_from_any_folder(place, folder):
    out = place / "out.ipynb"
    chapter = os.path.relpath(place / "book" / "chapters" / "use.ipynb", place / folder)
    result = run("papermill", chapter, out, "-p", "wave", "2026", cwd=place / folder)
    assert result.returncode == 0, result.stderr
    assert said(out) == {"use['yes']": ODD, "wave": "2026"}
    assert f"{place / 'book' / 'chapters'}\n" in json.loads(out.read_text())["cells"][3]["outputs"][0]["text"]


def test_papermill_runs_in_the_folder_it_is_told(place):
    out = place / "out.ipynb"
    result = run("papermill", "book/chapters/use.ipynb", "out.ipynb", "--cwd", "book", cwd=place)
    assert result.returncode == 0, result.stderr
    assert f"{place / 'book'}\n" in out.read_text().replace("\\n", "\n") and said(out)["wave"] == "2025-reference"


def test_papermill_refuses_what_a_chapter_has_no_parameter_for(place):
    out = place / "out.ipynb"
    given_ = ["-p", "wav", "2026", "-p", "language", "1.50"]
    result = run("papermill", "book/chapters/use.ipynb", out, *given_, cwd=place)
    assert result.returncode == 1 and not out.exists() and not (place / "runs").exists()
    assert "use.ipynb has no parameter wav; it has wave, language" in result.stderr
    assert "language is a text, and 1.5 is none; write -r language <text>" in result.stderr


def test_papermill_marks_where_a_wrong_expression_stopped_it(place):
    out = place / "out.ipynb"
    result = run("papermill", "book/chapters/wrong.ipynb", out, "-p", "wave", "x", cwd=place)
    assert result.returncode == 1
    assert (
        "wrong.ipynb, cell 3 (c2), line 2: wav: NameError: name 'wav' is not defined. Did you mean wave?"
        in result.stderr
    )
    notebook = json.loads(out.read_text())
    states = [cell["metadata"]["papermill"]["status"] for cell in notebook["cells"]]
    assert states == ["completed", "completed", "completed", "failed", "pending"]
    assert notebook["metadata"]["papermill"]["exception"] is True


@pytest.mark.long
def test_papermill_runs_a_notebook_of_somebody_elses_as_ever(place):
    out = place / "out.ipynb"
    result = run("papermill", "book/other.ipynb", out, "-p", "x", "2", "-p", "y", "3", cwd=place)
    assert result.returncode == 0 and "Passed unknown parameter: y" in result.stderr
    assert said(out) == {} and "{eval}`x`" in out.read_text()


@pytest.mark.long
@pytest.mark.parametrize("first", ["papermill", "analysis.build.engine", "analysis.build.client"])
def test_papermills_engine_is_the_books_whichever_is_imported_first(first):
    """papermill imports the engine while it is being imported itself."""
    asking = (
        f"import {first}\nfrom papermill.engines import papermill_engines as engines\n"
        "print({engines.get_engine(name).__module__ for name in (None, 'book')}, "
        "engines.get_engine('nbclient').__module__)"
    )
    result = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True)
    assert result.stdout == "{'analysis.build.engine'} papermill.engines\n", result.stderr


def in_paragraph(page):
    """The text of the paragraph that begins with "Of all" or "Theirs", without markup."""
    (paragraph,) = re.findall(r"<p>((?:Of all|Theirs).*?)</p>", page)
    return html.unescape(re.sub(r"</?(?:span|code)[^>]*>", "", paragraph))


@pytest.mark.parametrize("folder", FOLDERS)
def test_nbconvert_shows_a_chapter_from_any_folder_and_runs_it_once(place, folder):
    chapter = os.path.relpath(place / "book" / "chapters" / "use.ipynb", place / folder)
    result = run("jupyter", "nbconvert", "--to", "html", "--execute", chapter, cwd=place / folder)
    assert result.returncode == 0, result.stderr
    page = (place / "book" / "chapters" / "use.html").read_text(encoding="utf-8")
    assert in_paragraph(page) == f"Of all {ODD} in 2025-reference."
    assert (place / "runs").read_text() == "1\n"


def test_nbconvert_makes_a_notebook_that_shows_its_numbers_without_being_run(place):
    to_notebook = ["nbconvert", "--to", "notebook", "--execute", "book/chapters/use.ipynb", "--output-dir", place]
    result = run("jupyter", *to_notebook, cwd=place)
    assert result.returncode == 0, result.stderr
    assert said(place / "use.ipynb") == {"use['yes']": ODD, "wave": "2025-reference"}
    assert "Of all {eval}`use['yes']` in {eval}`wave`." in (place / "use.ipynb").read_text()
    result = run("jupyter", "nbconvert", "--to", "html", "use.ipynb", cwd=place)
    assert in_paragraph((place / "use.html").read_text(encoding="utf-8")) == f"Of all {ODD} in 2025-reference."
    assert (place / "runs").read_text() == "1\n"


def test_nbconvert_leaves_no_page_of_a_wrong_expression(place):
    result = run("jupyter", "nbconvert", "--to", "html", "--execute", "book/chapters/wrong.ipynb", cwd=place)
    assert result.returncode == 1 and "wrong.ipynb, cell 3 (c2), line 2: wav: NameError" in result.stderr
    assert not (place / "book" / "chapters" / "wrong.html").exists()


@pytest.mark.long
def test_nbconvert_converts_a_notebook_of_somebody_elses_as_ever(place):
    result = run("jupyter", "nbconvert", "--to", "html", "--execute", "book/other.ipynb", cwd=place)
    assert result.returncode == 0, result.stderr
    assert in_paragraph((place / "book" / "other.html").read_text(encoding="utf-8")) == "Theirs: {eval}x."
    assert (place / "runs").read_text() == "1\n"


@pytest.mark.long
def test_jupyterlab_shows_values_kept_and_values_evaluated(place):
    """A value as the book's are: a bundle with its text in every language, which JupyterLab doesn't know."""
    from playwright.sync_api import expect, sync_playwright

    bundle = {"text/plain": ODD, "application/vnd.survey.text+json": {"nl": ODD, "en": ODD}}
    made = f"class Said:\n    def _repr_mimebundle_(self, **_):\n        return {bundle!r}\nvalue = Said()"
    start = [prose("# Use"), code(PARAMETERS, "parameters"), code(made)]
    write(place / "book" / "chapters" / "use.ipynb", *start, prose("Of all {eval}`value` in {eval}`wave`."))
    result = run("papermill", "book/chapters/use.ipynb", "out.ipynb", cwd=place)
    assert result.returncode == 0, result.stderr
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    here = f"http://localhost:{port}"
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    options += ["--ServerApp.token=", "--ServerApp.password=", f"--ServerApp.root_dir={place}"]
    nobodys = {name: str(place / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    with (place / "log").open("w") as log:
        command = [Path(sys.prefix, "bin", "jupyter"), "lab", *options]
        lab = subprocess.Popen(command, cwd=place, env=os.environ | nobodys, stdout=log, stderr=log)
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{here}/api", timeout=1).close()
                break
            except OSError:
                assert lab.poll() is None, (place / "log").read_text()
                time.sleep(0.2)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
            page = chromium.new_page()
            page.goto(f"{here}/doc/tree/out.ipynb")
            cell = page.locator(".jp-MarkdownCell").nth(1)
            expect(cell).to_contain_text(f"Of all {ODD} in 2025-reference.", timeout=40_000)
            exported = page.request.get(f"{here}/nbconvert/html/out.ipynb", headers={"Referer": here})
            assert in_paragraph(exported.text()) == f"Of all {ODD} in 2025-reference."
            page.goto(f"{here}/doc/tree/book/chapters/use.ipynb")
            expect(cell).to_contain_text("Of all value in wave.", timeout=40_000)
            kernel = page.locator(".jp-Notebook-ExecutionIndicator")
            expect(kernel).to_have_attribute("data-status", "idle", timeout=40_000)  # it starts as the page shows
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text("Run All Cells", exact=True).click()
            expect(cell).to_contain_text(f"Of all {ODD} in 2025-reference.", timeout=40_000)
            chromium.close()
    finally:
        lab.terminate()
        lab.wait(20)


# --- nothing evaluated is committed -------------------------------------------------------------


def git(*arguments, cwd):
    return subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, check=True).stdout


def test_no_committed_notebook_holds_what_was_evaluated():
    names = git("ls-files", "*.ipynb", cwd=ROOT).decode().splitlines()
    assert names
    for name in names:
        for cell in json.loads(git("show", f":{name}", cwd=ROOT))["cells"]:
            kept = [cell.get("outputs"), cell.get("execution_count"), cell["metadata"].get(expressions.KEPT)]
            assert not any(kept), (
                f"{name}, {cell['id']}: run `make`, which sets the filter, then git add --renormalize ."
            )


def strip():
    """The command of the filter that `make` sets."""
    (command,) = re.findall(r"^STRIP := (.*)$", (ROOT / "Makefile").read_text(), re.M)
    return str(Path(sys.prefix, "bin", command))


def test_the_filter_leaves_every_chapter_byte_for_byte():
    chapters = sorted((ROOT / "chapters").glob("*.ipynb"))
    committed = [json.loads(chapter.read_bytes()) for chapter in chapters]
    clean = [n for n in committed if not any(c.get("outputs") or c.get("execution_count") for c in n["cells"])]
    assert len(clean) == len(chapters), "clear their outputs first"
    result = subprocess.run([*strip().split(), "--textconv", *chapters], capture_output=True, check=True)
    assert result.stdout == b"".join(chapter.read_bytes() for chapter in chapters)


def test_what_was_evaluated_stays_out_of_a_commit_and_a_clone_needs_no_filter(tmp_path):
    before = (ROOT / "chapters" / "use.ipynb").read_bytes()
    notebook = json.loads(before)
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["38%"]}]
        else:
            cell["metadata"]["user_expressions"] = [{"expression": "a", "result": {"status": "ok", "data": {}}}]
    executed = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    for filtered, committed in [(True, before), (False, executed.encode())]:
        place = tmp_path / f"{filtered}"
        place.mkdir()
        git("init", "-q", cwd=place)
        if filtered:
            git("config", "filter.nbstripout.clean", strip(), cwd=place)
        shutil.copy(ROOT / ".gitattributes", place)
        (place / "use.ipynb").write_text(executed, encoding="utf-8")
        git("add", ".", cwd=place)
        assert git("show", ":use.ipynb", cwd=place) == committed
        assert (place / "use.ipynb").read_text(encoding="utf-8") == executed


# --- a wave of people, by others' commands ----------------------------------------------------


SECRET = "f'geheim-{len(responses)}'"
LEAKS = {
    "printed": code(f"print({SECRET})"),
    "shown": code(SECRET),
    "to stderr": code(f"import sys\nprint({SECRET}, file=sys.stderr)"),
    "a frame": code(f"import pandas\npandas.DataFrame([{SECRET}])"),
    "a figure": code(f"import plotly.graph_objects as go\ngo.Figure(layout={{'title': {{'text': {SECRET}}}}})"),
    "hidden": code(f"print({SECRET})", "remove-cell"),
    "an error": code(f"raise ValueError({SECRET})"),
    "said": prose(f"{{eval}}`{SECRET}`"),
    "said wrongly": prose(f"{{eval}}`int({SECRET})`"),
}


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A project with a wave `again` of people."""
    project = copy_project(tmp_path_factory.mktemp("people") / "project")
    wave = shutil.copytree(project / "data" / "waves" / "2025-reference", project / "data" / "waves" / "again")
    label = (wave / "wave.toml").read_text(encoding="utf-8")
    (wave / "wave.toml").write_text(label.replace('kind = "synthetic"', 'kind = "confidential"'), encoding="utf-8")
    return project


@pytest.mark.parametrize("program", ["papermill", "nbconvert"])
@pytest.mark.parametrize("leak", [pytest.param(leak, marks=[] if leak == "shown"
                                               else pytest.mark.long) for leak in LEAKS])  # fmt: skip
def test_others_commands_let_nothing_of_people_out(people, tmp_path, program, leak):
    load = "import analysis\nresponses = analysis.load(wave)\nquestions = analysis.questions(wave, language)"
    show = "from analysis.chapter import shares, show\nuse = shares(responses, questions.talked)\nshow(use)"
    chapter = people / "chapters" / "leaky.ipynb"
    parameters = PARAMETERS.replace("2025-reference", "again")
    write(chapter, prose("# Leaky"), code(parameters, "parameters"), code(load), code(show), LEAKS[leak])
    (out := tmp_path / "out").mkdir()
    words = ["papermill", chapter, out / "out.ipynb", "-p", "wave", "again", "--log-output"]
    words += ["--stdout-file", out / "stdout.txt", "--stderr-file", out / "stderr.txt"]
    if program == "nbconvert":
        words = ["jupyter", "nbconvert", "--to", "html", "--execute", chapter, "--output-dir", out]
    command = [Path(sys.prefix, "bin", words[0]), *words[1:]]
    environment = os.environ | {"PYTHONPATH": str(people)}
    result = subprocess.run(command, cwd=people, env=environment, capture_output=True, text=True, timeout=120)
    said = result.stdout + result.stderr
    assert result.returncode != 0 and "geheim-771" not in said
    assert "leaky.ipynb, cell 5" in said, said[-2000:]
    written = [path for path in out.rglob("*") if path.is_file()]
    assert not [path for path in written if b"geheim-771" in path.read_bytes()]
    if program == "papermill":  # what came through the door before is there
        cells = json.loads((out / "out.ipynb").read_text(encoding="utf-8"))["cells"]
        assert any(cell.get("outputs") for cell in cells)


# --- what nobody published ------------------------------------------------------------------


def left_of(source, unsaid):
    """What is left of prose of which some expressions say that nothing is known, and the expressions that it keeps."""
    kept = [
        {
            "expression": e.text,
            "result": {"status": "ok", "data": {"text/plain": "x"} | (UNSAID if e.text in unsaid else {})},
        }
        for e in expressions.find(source)
    ]
    cell = {"cell_type": "markdown", "source": source, "metadata": {expressions.KEPT: kept}}
    expressions.say_what_is_known(cell)
    return cell["source"], [k["expression"] for k in cell["metadata"][expressions.KEPT]]


UNSAID = {"application/vnd.any.unsaid+json": True}


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("Of {eval}`a`.\n\nAnd {eval}`b`.", "Of {eval}`a`."),
        ("And {eval}`b`.\n\nOf {eval}`a`.", "Of {eval}`a`."),
        ("One.\n\n \t\nOf {eval}`b`,\nover lines.\n\nTwo.", "One.\n\nTwo."),
        ("- {eval}`a`\n- {eval}`b`\n  goes on\n- c", "- {eval}`a`\n- c"),
        ("1. {eval}`b`\n2. {eval}`a`", "2. {eval}`a`"),
        ("(id)=\n## Topic\n\n**{eval}`b` said so.**{eval}`a`", "(id)=\n## Topic"),
        ("{eval}`b`", ""),
        ("`` {eval}`b` `` is code", "`` {eval}`b` `` is code"),
        ("Nothing said.", "Nothing said."),
    ],
)
def test_a_paragraph_or_item_that_rests_on_what_nobody_published_is_left_out(source, left):
    assert left_of(source, {"b"}) == (left, [e.text for e in expressions.find(left)])
    assert left_of(source, set()) == (source, [e.text for e in expressions.find(source)])
