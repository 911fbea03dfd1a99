"""The house rules of chapters, and that each runs alone."""

import ast
import contextlib
import io
import itertools
import json
import math
import re
import shutil
import statistics
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from conftest import KINDS, ROOT
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from analysis import standing
from analysis.build.expressions import KEPT
from analysis.survey.waves import EDITIONS

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
NOTEBOOKS = [*CHAPTERS, *EXERCISES]
LONGEST = 12
"""Lines of code in a cell."""
HEADING = re.compile(r"^(?:\(([\w-]+)\)=\n)?(#+ .*)$", re.MULTILINE)

each_notebook = pytest.mark.parametrize("chapter", NOTEBOOKS, ids=lambda c: f"{c.parent.name}-{c.stem}")


def cells(chapter, kind="code"):
    """The cells of one kind with their source as text."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    return [c | {"source": "".join(c["source"])} for c in notebook["cells"] if c["cell_type"] == kind]


def tags(cell):
    return set(cell["metadata"].get("tags", []))


def test_the_table_of_contents_names_every_chapter():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    named = [toc["root"]] + [c["file"] for part in toc["parts"] for c in part["chapters"]]
    assert sorted(named) == [f"{c.parent.name}/{c.stem}" for c in NOTEBOOKS]


@each_notebook
def test_chapters_are_kept_without_outputs(chapter):
    assert not [c for c in cells(chapter) if c["outputs"] or c["execution_count"]]


@each_notebook
def test_one_cell_holds_the_parameters_and_computes_nothing(chapter):
    (parameters,) = [c for c in cells(chapter) if "parameters" in tags(c)]
    values = [node.value for node in ast.parse(parameters["source"]).body]
    assert all(isinstance(value, ast.Constant) for value in values)


@each_notebook
def test_cells_are_short_and_define_nothing(chapter):
    for cell in cells(chapter):
        tree = ast.parse(cell["source"])
        assert len(cell["source"].splitlines()) <= LONGEST, cell["source"]
        assert not [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.For, ast.While))]


@each_notebook
def test_every_heading_has_an_id_of_its_own_that_is_typed(chapter):
    found = [heading for cell in cells(chapter, "markdown") for heading in HEADING.findall(cell["source"])]
    assert found and all(identity for identity, _ in found), found


@pytest.mark.parametrize("kind", EDITIONS)
def test_no_id_of_a_heading_stands_twice_in_an_edition(kind):
    found = [
        identity
        for chapter in NOTEBOOKS
        if not KINDS.get(chapter) or kind in KINDS[chapter]
        for cell in cells(chapter, "markdown")
        if standing.stands(cell["source"], kind)
        for identity, _ in HEADING.findall(cell["source"])
    ]
    assert found and [identity for identity in found if found.count(identity) > 1] == []


@each_notebook
def test_a_section_that_begins_in_bold_begins_with_a_finding_that_is_wholly_bold(chapter):
    """Else an opening would be taken for a finding, or a finding wouldn't stand in its heading."""
    for kind in EDITIONS:
        for opening in openings(chapter, kind):
            whole = re.sub(r"\{eval\}`\w+\.\w+`", "", opening).strip()
            assert not opening.startswith("**") or re.fullmatch(r"\*\*(?:(?!\*\*).)+\*\*", whole), opening


def openings(chapter, kind):
    """The first paragraph of each section of a chapter in a kind of edition."""
    if KINDS.get(chapter) and kind not in KINDS[chapter]:
        return []
    shown = [
        standing.LINE.sub("", c["source"]) for c in cells(chapter, "markdown") if standing.stands(c["source"], kind)
    ]
    blocks = re.split(r"\n\s*\n", "\n\n".join(shown))
    return [after for block, after in itertools.pairwise(blocks) if HEADING.search(block) and not HEADING.search(after)]


def test_an_opening_is_found_behind_the_line_of_its_cell():
    assert HEADING.findall("(use)=\n# Gebruik") == [("use", "# Gebruik")] and HEADING.findall("# Kop") == [
        ("", "# Kop")
    ]
    assert any(opening.startswith("**MIND: vooral") for opening in openings(ROOT / "chapters/use.ipynb", "reference"))
    assert not any(opening.startswith("**MIND: vooral") for opening in openings(ROOT / "chapters/use.ipynb", "wave"))


@each_notebook
def test_nothing_of_a_chapter_is_hidden_but_its_parameters(chapter):
    """Code is folded by the book; what is tagged is the parameters, and prose on method."""
    for cell in cells(chapter) + cells(chapter, "markdown"):
        allowed = {"parameters", "remove-cell"} if "parameters" in tags(cell) else {"method"}
        assert tags(cell) <= allowed, cell["id"]
    assert not cells(chapter, "raw")


def test_cells_that_are_shown_are_no_crumbs():
    shown = [cell for chapter in CHAPTERS for cell in cells(chapter) if "parameters" not in tags(cell)]
    sizes = [len(cell["source"].splitlines()) for cell in shown]
    assert statistics.median(sizes) >= 3


def test_each_chapter_has_exercises_of_its_own_and_leads_there_at_its_end():
    """They stand with the invented waves; other editions say there how to make those."""
    of = {exercise.stem for exercise in EXERCISES}
    assert of < {chapter.stem for chapter in CHAPTERS} and all(KINDS[e] == ("practice",) for e in EXERCISES)
    for name in ("use", "reasons", "helps", "less", "opinions", "nonusers", "information", "conclusions", "design"):
        last = cells(ROOT / "chapters" / f"{name}.ipynb", "markdown")[-1]["source"]
        assert f"](../exercises/{name}.ipynb)" in last and name in of
    for exercise in EXERCISES:
        assert re.search(r"^1\. ", cells(exercise, "markdown")[-1]["source"])


OF_ANY_WAVE = [c for c in CHAPTERS if KINDS[c] != ("practice",)]


def long_but(*short, chapters=CHAPTERS):
    """All chapters, those that aren't named here in the long ring of tests."""
    return [pytest.param(c, id=c.stem, marks=[] if c.stem in short else pytest.mark.long) for c in chapters]


@pytest.mark.parametrize("chapter", long_but("helps"))
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
    made = tmp_path / chapter.name
    shown = [c for c in cells(made) if c["outputs"]] + [c for c in cells(made, "markdown") if KEPT in c["metadata"]]
    assert shown or not [c for c in cells(chapter) if "parameters" not in tags(c)]


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


@pytest.mark.parametrize("chapter", long_but("helps", chapters=OF_ANY_WAVE))
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
    """IPython as in a kernel, so that what a chapter displays can be looked into."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("chapter", long_but("less", chapters=OF_ANY_WAVE))
def test_a_chapter_says_nothing_that_is_no_number_where_groups_are_empty(chapter, thin, shell, monkeypatch):
    monkeypatch.chdir(ROOT / "chapters")
    found = []
    for cell in cells(chapter):
        with capture_output() as output:
            shell.run_cell(cell["source"]).raise_error()
        if "parameters" in tags(cell):
            shell.user_ns["wave"] = thin
        shown = [one.data for one in output.outputs]
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
    made = [node for node in called if ast.unparse(node.func).rpartition(".")[2] == "family"]
    untested = ("undecided", "not_shown")
    return [sum(ast.unparse(k.value).partition("(")[0] not in untested for k in node.keywords) for node in made]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.stem)
def test_a_page_that_compares_several_times_has_no_family_of_one(chapter):
    """Corrected for the number of one, nothing is corrected."""
    assert sum(families(chapter)) < 2 or 1 not in families(chapter)
