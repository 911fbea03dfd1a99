"""The house rules that no package holds by itself: derived lists, layers, one place for paths, a whole wheel."""

import ast
import csv
import json
import re
import subprocess
import sys
import zipfile
from fnmatch import fnmatch

import pytest
from babel.messages.pofile import read_po
from conftest import ROOT, copy_project

PACKAGE = ROOT / "analysis"
MODULES = sorted(p for p in PACKAGE.rglob("*.py"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of the project, built from a copy."""
    place = copy_project(tmp_path_factory.mktemp("wheel") / "project")
    for name in ("pyproject.toml", "requirements.in", "LICENSE", "LICENSE-text-and-data.md"):
        (place / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", "dist", "."]
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    (built,) = (place / "dist").glob("*.whl")
    return built


def test_the_wheel_holds_every_module_and_template(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix in (".py", ".html")]
    assert {p.relative_to(ROOT).as_posix() for p in files} <= names


def test_the_wheel_is_imported_where_the_checkout_is_not(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    modules = [".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for p in MODULES]
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport importlib\n" + "".join(
        f"assert importlib.import_module({name!r}).__file__.startswith({str(tmp_path)!r})\n"
        for name in modules if not name.endswith(("__main__", "_config"))
    )  # fmt: skip
    subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, check=True)


def test_the_wheel_names_what_it_depends_on_and_its_licence(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
    metadata = archive.read(name).decode()
    listed = re.findall(r"^([\w-]+)", (ROOT / "requirements.in").read_text(encoding="utf-8"), re.M)
    assert [p for p in listed if not re.search(rf"^Requires-Dist: {re.escape(p)}\b", metadata, re.M)] == []
    assert "License-Expression: MIT" in metadata


def test_only_one_module_knows_where_the_checkout_stands():
    hops = [p.name for p in MODULES if re.search(r"__file__\)?.*parents?\b", p.read_text(encoding="utf-8"))]
    assert hops == ["paths.py"]


def test_only_saying_writes_numbers_of_a_reader():
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / "analysis" / "show").glob("*.py"))
        if path.name != "saying.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\b(voice|speaker)(\([^)]*\))?\.(number|percent|interval|p_value)\(", line)
        or re.search(r"\b(say|text)\(.*\b(n|base)=(int|len)\(", line)
    ]
    assert not found


def test_every_module_says_in_its_first_line_what_it_is_for():
    assert [p for p in MODULES if not (ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))) or "")] == []


def _public(node):
    """Yield the functions of a module or class that anybody may call, each with its name within it."""
    for inner in node.body:
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not inner.name.startswith("_"):
            if isinstance(inner, ast.ClassDef):
                yield from ((f"{inner.name}.{name}", function) for name, function in _public(inner))
            else:
                yield inner.name, inner


def _untyped(code):
    """Name what public functions of a module leave untyped, `function: parameter` or `function: return`."""
    for name, function in _public(ast.parse(code)):
        given = function.args
        all_of_them = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        for parameter in filter(None, all_of_them):
            if parameter.annotation is None and parameter.arg not in ("self", "cls"):
                yield f"{name}: {parameter.arg}"
        if function.returns is None:
            yield f"{name}: return"


def test_every_public_function_says_what_it_takes_and_what_it_gives():
    """The type checker passes over a function without a single annotation."""
    assert [f"{p.name}: {said}" for p in MODULES for said in _untyped(p.read_text(encoding="utf-8"))] == []


def test_an_untyped_parameter_is_named_wherever_it_stands():
    code = "def f(a, /, b: int, *c, d, **e) -> int: ...\nclass K:\n    async def g(self): ...\n    def _h(x): ...\n"
    assert list(_untyped(code)) == ["f: a", "f: d", "f: c", "f: e", "K.g: return"]


@pytest.mark.parametrize(
    "module", ["analysis/survey/weighting.py", "analysis/survey/formats/new.py", "analysis/new.py"]
)
def test_a_new_module_makes_the_dataset_anew(tmp_path, module):
    """No list is kept by hand: what may make the dataset is what lies in the package and below it."""
    project = copy_project(tmp_path / "project")
    code = "from analysis.survey import waves; print(waves.fingerprint(waves.read_wave('2025-reference')))"

    def fingerprint():
        ran = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
        return ran.stdout

    before = fingerprint()
    (project / module).parent.mkdir(exist_ok=True)
    (project / module).write_text('"""New."""\n')
    assert fingerprint() != before


def standing_words(path):
    with path.open("rb") as file:
        return [message.context for message in read_po(file) if message.context]


def literals_of_code():
    """Every text that stands in code or in a table, and every beginning of a key, such as `f"kind_{…}"`."""
    sources = [p.read_text(encoding="utf-8") for p in MODULES]
    for path in (ROOT / "chapters").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    plain = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    started = {node.values[0].value for node in nodes if isinstance(node, ast.JoinedStr)
               and len(node.values) == 2 and isinstance(node.values[0], ast.Constant)}  # fmt: skip
    for template in PACKAGE.rglob("*.html"):
        source = template.read_text(encoding="utf-8")
        for said in [*re.findall(r"voice\.say\(([^)]*)", source), *re.findall(r'\["[\w", ]+"\]', source)]:
            plain |= set(re.findall(r"""["'](\w+)["']""", said))
            started |= set(re.findall(r'"(\w+_)" ~', said))
    for path in (ROOT / "data").rglob("*.csv"):
        if "clean" not in path.parts:
            with path.open(encoding="utf-8", newline="") as lines:
                plain |= {cell for row in csv.reader(lines) for cell in row}
    return plain, {start for start in started if re.fullmatch(r"[a-z]\w*_", start)}


def test_every_standing_word_is_used():
    plain, starts = literals_of_code()
    ends = {re.sub("[ -]", "_", text) for text in plain}
    left_over = [
        key for key in standing_words(ROOT / "locale" / "book.pot")
        if key not in plain and not any(key.startswith(s) and key.removeprefix(s) in ends for s in starts)
    ]  # fmt: skip
    assert left_over == []


def test_a_translation_has_the_standing_words_and_no_others():
    words = standing_words(ROOT / "locale" / "book.pot")
    assert len(words) == len(set(words)) > 300
    for path in (ROOT / "locale").glob("*/LC_MESSAGES/book.po"):
        assert standing_words(path) == words


def test_every_file_of_tests_is_met(pytestconfig):
    """By default pytest passes by folders with names such as `build`, and says nothing."""
    passed_by = pytestconfig.getini("norecursedirs")
    folders = {part for top in ("tests", "analysis") for file in (ROOT / top).rglob("*.py") for part in file.parts}
    assert not [name for name in folders - set(ROOT.parts) for pattern in passed_by if fnmatch(name, pattern)]
