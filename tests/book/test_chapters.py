"""The house rules of chapters, and that each runs alone."""

import ast
import contextlib
import io
import json
import math
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from conftest import KINDS, ROOT
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from analysis.show import sentences

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
LONGEST = 12
"""Lines of code in a cell, imports apart."""

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.stem)


def cells(chapter, kind="code"):
    """The cells of one kind with their source as text."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    return [c | {"source": "".join(c["source"])} for c in notebook["cells"] if c["cell_type"] == kind]


def tags(cell):
    return set(cell["metadata"].get("tags", []))


def test_the_table_of_contents_names_every_chapter():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    named = [toc["root"]] + [c["file"] for part in toc["parts"] for c in part["chapters"]]
    assert sorted(named) == [f"chapters/{c.stem}" for c in CHAPTERS]


@each_chapter
def test_chapters_are_kept_without_outputs(chapter):
    assert not [c for c in cells(chapter) if c["outputs"] or c["execution_count"]]


@each_chapter
def test_one_cell_holds_the_parameters_and_computes_nothing(chapter):
    (parameters,) = [c for c in cells(chapter) if "parameters" in tags(c)]
    values = [node.value for node in ast.parse(parameters["source"]).body]
    assert all(isinstance(value, ast.Constant) for value in values)


@each_chapter
def test_cells_are_short_and_define_nothing(chapter):
    for cell in cells(chapter):
        tree = ast.parse(cell["source"])
        imports = [n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
        imported = sum(n.end_lineno - n.lineno + 1 for n in imports)
        assert len(cell["source"].splitlines()) - imported <= LONGEST, cell["source"]
        assert not [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.For, ast.While))]


@each_chapter
def test_glued_words_stand_in_the_form_that_survives_translation(chapter):
    roles = re.findall(r"\{glue:?\w*\}`([^`]*)`", "".join(c["source"] for c in cells(chapter, "markdown")))
    assert all(re.fullmatch(r"\w+\.ipynb::\w+:s", role) for role in roles), roles


@each_chapter
def test_what_is_glued_is_used_and_the_other_way_round(chapter):
    text = "".join(c["source"] for c in cells(chapter, "markdown"))
    used = set(re.findall(rf"`{chapter.stem}\.ipynb::(\w+):s`", text))
    glued = set()
    for cell in cells(chapter):
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("glue", "check"):
                glued |= {keyword.arg for keyword in node.keywords}
    assert used == glued


@each_chapter
def test_every_chapter_ends_with_things_to_try(chapter):
    if chapter.stem != "welcome":
        text = "\n".join(c["source"] for c in cells(chapter, "markdown"))
        assert "\n## Probeer het zelf" in text and "\n#" not in text.partition("\n## Probeer het zelf")[2]


OF_ANY_WAVE = [c for c in CHAPTERS if KINDS[c] != ("practice",)]


def long_but(*short, chapters=CHAPTERS):
    """All chapters, those that aren't named here in the long ring of tests."""
    return [pytest.param(c, id=c.stem, marks=[] if c.stem in short else pytest.mark.long) for c in chapters]


@pytest.mark.parametrize("chapter", long_but("use"))
def test_a_chapter_runs_alone_as_a_student_would_run_it(chapter, tmp_path):
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            chapter.name,
            "--output-dir",
            str(tmp_path),
        ],
        cwd=chapter.parent,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert [c for c in cells(tmp_path / chapter.name) if c["outputs"]]


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The reference wave's answers under a label that says they are real: without origins."""
    survey = shutil.copytree(
        ROOT / "data", tmp_path_factory.mktemp("real") / "data", ignore=shutil.ignore_patterns("clean")
    )
    wave = survey / "waves" / "2025-reference"
    label = (wave / "wave.toml").read_text(encoding="utf-8").replace('kind = "synthetic"', 'kind = "confidential"')
    # of the book's own questionnaire, or cells of its editions would be passed by
    label = label.replace('"../../questionnaire"', f'"{(ROOT / "data" / "questionnaire").as_posix()}"')
    (wave / "wave.toml").write_text(label, encoding="utf-8")
    (wave / "provenance.csv").unlink()
    return wave


@pytest.mark.parametrize("chapter", long_but("certainty", "design", "use", chapters=OF_ANY_WAVE))
def test_a_chapter_runs_on_a_real_wave_too(chapter, real, monkeypatch):
    monkeypatch.chdir(ROOT / "chapters")
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells(chapter):
            exec(compile(cell["source"], chapter.stem, "exec"), names)
            if "parameters" in tags(cell):
                names["wave"] = real


THIN = {
    "five people": lambda people: people[people["q01"].ne("c")].iloc[[0, 150, 300, 450, 600]],
    "users alone": lambda people: people[people["q03"].eq("a")].assign(q23=""),
    "non-users alone": lambda people: people[people["q03"].eq("b") & people["q02"].ne("b")],
}
"""Waves in which groups are empty or alike."""


@pytest.fixture(scope="module", params=THIN)
def thin(request, real, tmp_path_factory):
    """A real wave with hardly anybody in some groups."""
    place = shutil.copytree(real.parents[1], tmp_path_factory.mktemp("thin") / "data")
    export = place / "waves" / real.name / "responses.csv"
    people = pd.read_csv(export, dtype=str, keep_default_na=False)
    THIN[request.param](people).to_csv(export, index=False)
    return export.parent


STRAY = re.compile(r"(?<![\w-])-?(∞|nan|NaN|inf|None|NaT|<NA>)(?![\w-])")
"""What code says of a number that isn't there; a page has a sign or a word for it."""
RAW = {("certainty", "cell-09")}
"""Cells that show a bare frame, by chapter; these show pandas' own words."""


def stray(shown):
    """The places where an output, or anything in it, says what `STRAY` finds; JSON's null is no number either."""
    if isinstance(shown, dict):
        return [place for value in shown.values() for place in stray(value)]
    if isinstance(shown, (list, tuple)):
        return [place for value in shown for place in stray(value)]
    if isinstance(shown, float) and not math.isfinite(shown):
        return [str(shown)]
    if isinstance(shown, str):
        return [shown[max(0, found.start() - 60) : found.end() + 30] for found in STRAY.finditer(shown)]
    return []


@pytest.fixture
def shell():
    """IPython as in a kernel, so that what a chapter displays and glues can be looked into."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("chapter", long_but("certainty", "conclusions", "less", "use", chapters=OF_ANY_WAVE))
def test_a_chapter_says_nothing_that_is_no_number_where_groups_are_empty(chapter, thin, shell, monkeypatch):
    """The words of the record of guards are for the build alone: there `None` is a distance that isn't there."""
    monkeypatch.chdir(ROOT / "chapters")
    found = []
    for cell in cells(chapter):
        with capture_output() as output:
            shell.run_cell(cell["source"]).raise_error()
        if "parameters" in tags(cell):
            shell.user_ns["wave"] = thin
        shown = [{k: v for k, v in one.data.items() if k != sentences.RECORD} for one in output.outputs]
        if (chapter.stem, cell["id"]) not in RAW:
            found += [(cell["id"], place) for place in stray([output.stdout, output.stderr, *shown])]
    assert found == []


def test_the_search_for_what_is_no_number_finds_it():
    for wrong in ("∞ procentpunt", {"text/html": "<td>nan</td>"}, ["-inf"], {"x": [float("nan")]}, "(None)"):
        assert len(stray(wrong)) == 1, wrong
    assert stray(["een financier", "information", "fill: none", 0.5, None]) == []


def families(chapter):
    """How many sentences each family of a chapter has, of those that a test can be made for."""
    nodes = [node for cell in cells(chapter) for node in ast.walk(ast.parse(cell["source"]))]
    called = [node for node in nodes if isinstance(node, ast.Call)]
    made = [node for node in called if ast.unparse(node.func).rpartition(".")[2] in ("check", "family")]
    untested = ("guards.undecided", "guards.not_shown", "undecided", "not_shown")
    return [sum(ast.unparse(k.value).partition("(")[0] not in untested for k in node.keywords) for node in made]


@pytest.mark.parametrize("chapter", [c for c in CHAPTERS if c.stem not in ("use", "reasons")], ids=lambda c: c.stem)
def test_a_page_that_compares_several_times_has_no_family_of_one(chapter):
    """Corrected for the number of one, nothing is corrected; `use` and `reasons` follow with their expressions."""
    assert sum(families(chapter)) < 2 or 1 not in families(chapter)
