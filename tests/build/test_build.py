"""The build: never stale, never half done, the same bytes. Each test is a real build of a small project."""

import csv
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, command, copy_project, published

from analysis.build import book, runs
from analysis.files import digest

REAL = os.environ.get("REAL", "themes,reference").split(",")
"""Chapters of the book that are built twice; they link to no other."""
PARAMETERS = 'wave = "2025-reference"\nlanguage = "nl"\n'
TOYS = {
    "reader": ["import analysis\nprint(len(analysis.load(wave)))"],
    "importer": ["from analysis.stats import comparisons\nprint(comparisons.SMALL)"],
    "plain": ["print(1 + 1)"],
}


def write_chapter(place, name, sources, prose="Some words.", after=None):
    cells = [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": f"# {name}\n\n{prose}"}]
    cells += [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {"tags": [] if i else ["parameters"]},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for i, source in enumerate([PARAMETERS, *sources])
    ]
    if after:
        cells.append({"cell_type": "markdown", "id": "after", "metadata": {}, "source": after})
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (place / "chapters" / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def write_toc(place, names):
    first, *rest = names
    chapters = "".join(f"\n  - file: chapters/{name}" for name in rest)
    (place / "_toc.yml").write_text(f"format: jb-book\nroot: chapters/{first}\nchapters:{chapters}\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project of three small chapters, built once, whose expressions may be anything."""
    place = copy_project(tmp_path_factory.mktemp("toy") / "project")
    edit(place / "_config.yml", "    book_rule: analysis.edition.rule\n", "")
    edit(place / "_config.yml", "book_ids: true", "book_ids: false")
    shutil.rmtree(place / "exercises")
    shutil.rmtree(place / "chapters")
    (place / "chapters").mkdir()
    for name, sources in TOYS.items():
        write_chapter(place, name, sources)
    write_toc(place, TOYS)
    first = command(place, "book")
    assert (first.returncode, ran(first.stdout), first.stderr) == (0, set(TOYS), ""), first.stdout + first.stderr
    return place


@pytest.fixture
def toy(built, tmp_path):
    """A copy of the built project, results and book included, that a test may break."""
    return shutil.copytree(built, tmp_path / "toy", symlinks=True)


def build(place, *options, **environment):
    result = command(place, "book", *options, **environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def ran(output):
    """The chapters that a build says it runs."""
    return set(re.findall(r"^run +(\w+):", output, re.M))


def page(place, name, edition="2025-reference"):
    return (published(place, edition) / "chapters" / f"{name}.html").read_text(encoding="utf-8")


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- never stale ----------------------------------------------------------------------------


def test_nothing_changed_runs_nothing(toy):
    output = build(toy)
    assert ran(output) == set() and "unchanged" in output


def test_prose_runs_nothing_and_shows(toy):
    edit(toy / "chapters" / "plain.ipynb", "Some words.", "Other words.")
    assert ran(build(toy)) == set()
    assert "Other words." in page(toy, "plain")


@pytest.mark.long
def test_touching_everything_runs_nothing(toy):
    for path in toy.rglob("*"):
        if "_build" not in path.parts:
            os.utime(path)
    assert ran(build(toy)) == set()


@pytest.mark.long
def test_a_fresh_clone_with_a_restored_cache_runs_nothing(toy, tmp_path):
    clone = shutil.copytree(toy, tmp_path / "clone", ignore=shutil.ignore_patterns("_build", "clean", "__pycache__"))
    shutil.copytree(toy / "_build" / "cache", clone / "_build" / "cache")
    assert ran(build(clone)) == set()
    assert page(clone, "reader") == page(toy, "reader")


@pytest.mark.long
def test_metadata_without_bearing_on_output_runs_nothing(toy):
    path = toy / "chapters" / "plain.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][2]["metadata"] = {"tags": ["hide-input"], "collapsed": True}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert ran(build(toy)) == set()


def test_code_runs_its_chapter(toy):
    edit(toy / "chapters" / "plain.ipynb", "1 + 1", "20 + 3")
    output = build(toy)
    assert ran(output) == {"plain"} and "plain: its code changed" in output
    assert "23" in page(toy, "plain")


def test_an_expression_runs_its_chapter(toy):
    write_chapter(toy, "plain", ["x = 20"], after="Of all {eval}`x + 3`.")
    build(toy)
    edit(toy / "chapters" / "plain.ipynb", "{eval}`x + 3`", "{eval}`x * 2`")
    output = build(toy)
    assert ran(output) == {"plain"} and "plain: its code changed" in output
    assert "Of all 40." in page(toy, "plain")


@pytest.mark.long
def test_only_the_words_around_an_expression_run_nothing_and_show_with_its_value(toy):
    write_chapter(toy, "plain", ["x = 20"], after="Of all {eval}`x + 3`, {eval}`str(x)`.")
    build(toy)
    edit(toy / "chapters" / "plain.ipynb", "Of all {eval}`x + 3`,", "Now **{eval}`x + 3`** and")
    assert ran(build(toy)) == set()
    assert "Now <strong>23</strong> and 20." in page(toy, "plain")


@pytest.mark.long
def test_what_an_expression_reads_runs_its_chapter(toy):
    (toy / "data" / "note.txt").write_text("before")
    write_chapter(toy, "plain", ["from pathlib import Path"], after="A {eval}`Path('../data/note.txt').read_text()`.")
    build(toy)
    (toy / "data" / "note.txt").write_text("after")
    assert ran(build(toy)) == {"plain"} and "A after." in page(toy, "plain")


def test_data_run_those_that_read_them(toy):
    path = toy / "data" / "waves" / "2025-reference" / "responses.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:101]), encoding="utf-8")
    analysed = sum(not re.match(r"\w+,c,", line) for line in lines[1:101])
    output = build(toy)
    assert ran(output) == {"reader"} and "responses.csv changed" in output
    assert f">{analysed}\n<" in page(toy, "reader")


def test_a_module_two_imports_deep_runs_those_that_import_it(toy):
    """comparisons imports estimates; the reader imports neither."""
    path = toy / "analysis" / "stats" / "estimates.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a thought\n", encoding="utf-8")
    output = build(toy)
    assert ran(output) == {"importer"} and "analysis/stats/estimates.py changed" in output


@pytest.mark.long
def test_a_changed_constant_in_a_module_shows(toy):
    edit(toy / "analysis" / "stats" / "comparisons.py", "SMALL = 5", "SMALL = 77")
    assert ran(build(toy)) == {"importer"}
    assert "77" in page(toy, "importer")


@pytest.mark.long
def test_a_parameter_runs_anew_and_the_old_result_still_holds(toy):
    shutil.copytree(toy / "data" / "waves" / "2025-reference", toy / "data" / "waves" / "again")
    output = build(toy, "--wave", "again")
    assert ran(output) == set(TOYS) and "no result with these parameters" in output
    assert ran(build(toy)) == set()


@pytest.mark.long
def test_an_edition_of_another_name_stands_beside_the_first_and_runs_nothing(toy):
    before = tree(toy)
    assert ran(build(toy, "--name", "for-the-board")) == set()
    assert page(toy, "plain", "for-the-board") == page(toy, "plain")
    assert tree(toy) == before and command(toy, "verify", "--name", "for-the-board").returncode == 0
    assert '"../html" can\'t be the name of an edition' in failing(toy, "--name", "../html")


@pytest.mark.long
def test_the_lock_runs_everything(toy):
    (toy / "requirements.txt").write_text("another==1.0\n")
    output = build(toy)
    assert ran(output) == set(TOYS) and output.count("requirements.txt changed") == len(TOYS)


def test_a_new_chapter_runs_alone(toy):
    write_chapter(toy, "new", ["print('new here')"])
    write_toc(toy, [*TOYS, "new"])
    output = build(toy)
    assert ran(output) == {"new"}
    assert "new" in page(toy, "plain"), "the other pages name it in their menu"


@pytest.mark.long
def test_a_file_that_was_listed_runs_those_that_listed(toy):
    (toy / "data" / "notes").mkdir()
    write_chapter(toy, "plain", ["from pathlib import Path\nprint(len(list(Path('../data/notes').iterdir())))"])
    build(toy)
    (toy / "data" / "notes" / "extra.txt").write_text("one more")
    assert ran(build(toy)) == {"plain"}


@pytest.mark.long
def test_what_lies_behind_a_link_is_watched(toy, tmp_path):
    """Answers of people may have to stay on a drive of their own."""
    (toy / "data").rename(tmp_path / "elsewhere")
    (toy / "data").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    build(toy)
    path = tmp_path / "elsewhere" / "waves" / "2025-reference" / "responses.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:101]), encoding="utf-8")
    assert ran(build(toy)) == {"reader"}


def test_a_wave_that_stands_elsewhere_is_refused(toy, tmp_path):
    shutil.copytree(toy / "data", tmp_path / "other")
    output = failing(toy, "--wave", str(tmp_path / "other" / "waves" / "2025-reference"))
    assert "is not a wave of this book" in output and "or a link to it" in output


@pytest.mark.long
def test_a_module_of_the_project_is_watched_wherever_it_stands(toy):
    (toy / "helper.py").write_text("VALUE = 'early'\n")
    write_chapter(toy, "plain", ["import helper\nprint(helper.VALUE)"])
    build(toy)
    (toy / "helper.py").write_text("VALUE = 'later on'\n")
    assert ran(build(toy)) == {"plain"} and "later on" in page(toy, "plain")


@pytest.mark.long
def test_a_module_is_watched_wherever_it_is_compiled(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "helper.py").write_text("VALUE = 1\n")
    watching = (
        "import sys\nfrom pathlib import Path\nfrom analysis.build import kernels\n"
        "kernels.watch(Path(sys.argv[1]), Path(sys.argv[2]))\nimport helper"
    )
    elsewhere = {"PYTHONPYCACHEPREFIX": str(tmp_path / "compiled"), "PYTHONPATH": str(tmp_path / "project")}
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | elsewhere
    for trace in (tmp_path / "first", tmp_path / "second"):
        command = [sys.executable, "-c", watching, str(trace), str(tmp_path / "project")]
        subprocess.run(command, env=environment, check=True)
        assert "helper.py" in trace.read_text().splitlines()
    assert list((tmp_path / "compiled").rglob("helper*.pyc")), "the second time it was there compiled"


@pytest.mark.long
def test_nobodys_own_start_up_files_have_a_say(toy, tmp_path):
    start = tmp_path / "profile_default" / "startup"
    start.mkdir(parents=True)
    (start / "own.py").write_text("import builtins\nbuiltins.OWN = 'mine'\n")
    write_chapter(toy, "plain", ["import builtins\nprint(getattr(builtins, 'OWN', 'nothing of mine'))"])
    build(toy, IPYTHONDIR=str(tmp_path), PYTHONSTARTUP=str(start / "own.py"))
    assert "nothing of mine" in page(toy, "plain")


def test_the_script_that_draws_figures_is_published_as_it_is(toy):
    (script,) = (toy / "vendor").glob("*.js")
    script.write_text(script.read_text(encoding="utf-8") + "\n// newer\n", encoding="utf-8")
    assert ran(build(toy)) == set()
    assert "// newer" in (published(toy) / "_static" / script.name).read_text(encoding="utf-8")


# --- kinds of edition -------------------------------------------------------------------------


def another(toy, old='kind = "synthetic"', new='kind = "confidential"'):
    """A wave `again` beside the reference one, with another label."""
    wave = shutil.copytree(toy / "data" / "waves" / "2025-reference", toy / "data" / "waves" / "again")
    edit(wave / "wave.toml", old, new)
    return wave


def sayings(toy, **cells):
    """Give the toys, which print, cells that a wave of people may have; `plain` these cells of prose and code."""
    for name in TOYS:
        write_chapter(toy, name, ["import analysis\nquestions = analysis.questions(wave, language)"])
    path = toy / "chapters" / "plain.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for name, source in cells.items():
        more = {} if name.startswith("prose") else {"outputs": [], "execution_count": None}
        kind = "markdown" if name.startswith("prose") else "code"
        notebook["cells"].append({"cell_type": kind, "id": name, "metadata": {}, "source": source, **more})
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.long
def test_a_cell_stands_in_the_kinds_of_edition_that_it_names(toy):
    sayings(
        toy,
        prose="*In: reference*\n\nNobody here exists.",
        prose2="*In: report, wave*\n\nThese are people.",
        code="# In: reference\nimport analysis.show.exhibits\nanalysis.show.exhibits.show",
        code2="# In: report\nraise ValueError('only in the report')",
    )
    assert "only in the report" not in build(toy)
    html = page(toy, "plain")
    assert "Nobody here exists." in html and "verzonnen deelnemers" in html and "These are people." not in html
    assert "In: reference" not in html.partition("# In: reference")[0] and "only in the report" not in html
    another(toy)
    said = failing(toy, "--wave", "again")
    assert "(code2): ValueError" in said and "only in the report" not in said  # words of people's answers, perhaps
    another_label = toy / "data" / "waves" / "again" / "wave.toml"
    edit(another_label, 'report = "mind-2025"', 'report = ""')
    build(toy, "--wave", "again")
    html = page(toy, "plain", "again")
    assert "These are people." in html and "Nobody here exists." not in html and "die zijn niet openbaar" in html


def test_a_kind_of_edition_that_there_is_not_stops_the_build(toy):
    sayings(toy, prose="*In: referense, wave*\n\nWords.")
    said = failing(toy)
    assert 'plain.ipynb, cell 4 stands in "referense", which is no kind of edition; there are reference, report' in said


@pytest.mark.long
def test_a_page_that_an_edition_does_not_have_is_in_no_contents_and_no_link(toy):
    sayings(toy, prose="See [the *importer*](importer.ipynb) and [ours](reader.ipynb).")
    edit(toy / "chapters" / "importer.ipynb", "# importer", "*In: reference*\\n\\n# importer")
    build(toy)
    assert 'href="importer.html"' in page(toy, "plain")
    another(toy)
    build(toy, "--wave", "again")
    html = page(toy, "plain", "again")
    assert not (published(toy, "again") / "chapters" / "importer.html").exists()
    assert "See the <em>importer</em> and <a" in html and "importer.html" not in html


@pytest.mark.long
def test_a_confidential_edition_lies_where_its_maker_alone_can_enter(toy):
    sayings(toy, prose="*In: report*\n\nWoord van mensen.")
    build(toy)
    another(toy)
    build(toy, "--wave", "again")
    folder = toy / "_build" / "confidential"
    assert "Woord van mensen" in page(toy, "plain", "again")
    assert (folder / "again" / "nl" / "index.html").exists() and folder.stat().st_mode & 0o077 == 0
    outside = [p for p in (toy / "_build").rglob("*") if p.is_file() and folder not in p.parents]
    assert outside and not [p for p in outside if b"Woord van" in p.read_bytes()]
    clean = toy / "data" / "clean" / "again"
    assert clean.stat().st_mode & 0o077 == 0 and (clean / "responses.csv").exists()
    assert command(toy, "verify", "--wave", "again").returncode == 0
    # nor is there a hash of anything that answers make: a small table can be found by its hash
    record = (folder / "again" / "nl" / "provenance.json").read_text(encoding="utf-8")
    assert "reads" not in record and "inputs" not in record and "data/" not in record and '"chapter"' in record
    assert "gegevens" not in page(toy, "plain", "again").partition('class="provenance"')[2]
    assert "unchanged" in build(toy, "--wave", "again")
    label = toy / "data" / "waves" / "again" / "wave.toml"
    before = label.read_bytes()
    label.write_bytes(before + b"\n")
    changed = command(toy, "verify", "--wave", "again")
    assert changed.returncode == 1 and "data/waves/again/wave.toml is not as it was" in changed.stderr
    label.write_bytes(before)
    # nor does it come into the open by another word in its label
    published_by = '[published]\nby = "us"\nat = "https://example.org"\nlicence = "CC0"\n\n[fieldwork]'
    edit(toy / "data" / "waves" / "again" / "wave.toml", 'kind = "confidential"', 'kind = "public"')
    edit(toy / "data" / "waves" / "again" / "wave.toml", "[fieldwork]", published_by)
    said = failing(toy, "--wave", "again")
    assert "for you alone" in said and "--no-longer-confidential" in said and "ran " not in said
    build(toy, "--wave", "again", "--no-longer-confidential")
    opened = toy / "_build" / "editions" / "again" / "nl"
    assert json.loads((opened / "provenance.json").read_text(encoding="utf-8"))["opened"] is True
    html = (opened / "chapters" / "plain.html").read_text("utf-8")
    assert "gepubliceerd door us, op https://example.org, onder CC0" in html
    edit(toy / "data" / "waves" / "again" / "wave.toml", 'kind = "public"', 'kind = "confidential"')
    said = failing(toy, "--wave", "again")
    assert f"{opened} is an edition of the same answers in the open" in said and "ran " not in said
    shutil.rmtree(toy / "_build" / "editions" / "again")
    build(toy, "--wave", "again")
    # the plain command refuses it, says what to do, and what would be published has nothing of it
    program(toy, ["jupyter-book", "build", ".", "-n", "-W"])
    edit(toy / "_config.yml", "wave: 2025-reference", "wave: again")
    environment = os.environ | {"PYTHONPATH": str(toy)}
    plain = [Path(sys.executable).parent / "jupyter-book", "build", "."]
    refused = subprocess.run(plain, cwd=toy, env=environment, capture_output=True, text=True)
    assert (
        refused.returncode
        and "`make book` builds it, into _build/confidential/NAME/nl" in refused.stdout + refused.stderr
    )
    published_next = [p for p in (toy / "_build" / "html").rglob("*") if p.is_file()]
    assert published_next and not [p for p in published_next if b"Woord van" in p.read_bytes()]


@pytest.mark.parametrize(
    "damage", ["altered", *(pytest.param(d, marks=pytest.mark.long) for d in ("truncated", "emptied"))]
)
def test_a_damaged_result_is_noticed(toy, damage):
    (path,) = (toy / "_build" / "cache").glob("plain-*.json")
    content = path.read_bytes()
    new = {"truncated": content[:-40], "altered": content.replace(b'"2\\n"', b'"3\\n"'), "emptied": b""}[damage]
    assert new != content
    path.write_bytes(new)
    output = build(toy)
    assert ran(output) == {"plain"} and "damaged" in output


def test_a_heading_without_an_id_is_refused_with_what_to_type(toy):
    edit(toy / "_config.yml", "book_ids: false", "book_ids: true")
    message = failing(toy)
    assert 'the heading "plain" has no id: put (some-name)= on the line above it' in message


def test_an_id_may_move_to_another_page(toy):
    """What was kept of the last time names the page that it stood on."""
    for name, other in (("plain", "reader"), ("reader", "plain")):
        write_chapter(toy, other, TOYS[other])
        write_chapter(toy, name, TOYS[name], prose="(moves)=\n## Moves\n\nWords.")
        build(toy)
        assert 'id="moves"' in page(toy, name) and 'id="moves"' not in page(toy, other)


def test_books_change_places_where_the_system_knows_no_exchange(tmp_path, monkeypatch):
    monkeypatch.setattr(book, "_exchange", lambda one, other: False)
    for words in ("first", "second"):
        made = tmp_path / "made"
        made.mkdir()
        (made / "index.html").write_text(words)
        book.publish(made, tmp_path / "published")
    assert (tmp_path / "published" / "index.html").read_text() == "second"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["published"]


def test_a_damaged_page_is_published_again(toy):
    whole = page(toy, "plain")
    (published(toy) / "chapters" / "plain.html").write_text("spoiled")
    assert ran(build(toy)) == set()
    assert page(toy, "plain") == whole


@pytest.mark.long
def test_a_file_that_changes_while_a_chapter_runs_is_not_trusted(toy):
    """The chapter reads a file, then it changes: the next build runs the chapter again."""
    (toy / "data" / "note.txt").write_text("before")
    code = (
        "from pathlib import Path\nnote = Path('../data/note.txt')\nprint(note.read_text())\nnote.write_text('after')"
    )
    write_chapter(toy, "plain", [code])
    assert ran(build(toy)) == {"plain"}
    output = build(toy)
    assert ran(output) == {"plain"} and "after" in page(toy, "plain")


# --- two ways to start a kernel -------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "module"),
    [
        ("from analysis.chapter import logistic", "statsmodels.discrete.discrete_model"),  # opened when asked for
        ("import analysis", "pyarrow.parquet"),
        ("from analysis.show import render", "jinja2"),
    ],
)
def test_what_a_chapter_imports_is_imported_before_kernels_fork(tmp_path, code, module):
    chapter = tmp_path / "one.ipynb"
    chapter.write_text(json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": code}]}))
    assert module in runs.heavy_imports([chapter], ROOT)


@pytest.mark.long
def test_forked_and_ordinary_kernels_give_the_same(toy):
    forked = results(toy)
    shutil.rmtree(toy / "_build")
    assert ran(build(toy, BOOK_FORK="0")) == set(TOYS)
    assert results(toy) == forked


def results(place):
    stored = {}
    for path in (place / "_build" / "cache").glob("*.json"):
        result = json.loads(path.read_bytes().partition(b"\n")[2])
        stored[path.name] = {k: v for k, v in result.items() if k != "seconds"}
    return stored


# --- sentences that the data contradict -----------------------------------------------------


def test_a_contradicted_sentence_is_marked_listed_and_counted(toy):
    guarded = (
        "import analysis\nfrom analysis.chapter import family, majority, shares\n"
        "responses, questions = analysis.load(wave), analysis.questions(wave, language)\n"
        "gender = shares(responses, questions.gender)\n"
        "story = family(all_men=majority(gender, 'man'), all_women=majority(gender, 'woman'))"
    )
    prose = "Most are men.{eval}`story.all_men` Most are women.{eval}`story.all_women`"
    write_chapter(toy, "plain", [guarded], after=prose)
    output, html = build(toy), page(toy, "plain")
    assert "sentences 2 guarded: 1 hold, 0 hold here but may be chance, 0 don't hold here" in output
    assert "contradicted  plain: all_men: Man 18,8% van 771" in output
    assert re.search(r'id="all-men"[^>]*> \[Klopt niet voor deze meting: Man 18,8% van 771\.\]<', html)
    assert re.search(r'id="all-women"[^>]*></span>', html)
    assert html.index("<h1>") < html.index('<aside class="sentences"') < html.index("Most are men")
    assert 'href="#all-men"' in html
    with (toy / "_build" / "work" / "2025-reference" / "nl" / "sentences.csv").open(
        encoding="utf-8", newline=""
    ) as lines:
        assert [row["state"] for row in csv.DictReader(lines)] == ["contradicted", "holds"]


def test_prose_that_rests_on_what_nobody_published_is_left_out_and_the_rest_stays(toy):
    code = (
        "import analysis\nfrom analysis.chapter import differs, family, in_people, in_words, leads, means, shares\n"
        "responses, questions = analysis.load(wave), analysis.questions(wave, language)\n"
        "use, need = shares(responses, questions.talked), shares(responses, questions.wants_information)\n"
        "ages = means(responses, questions.age, by=questions.user)\n"
        "story = family(younger=differs(ages, 'no', 'yes'), wanted=leads(need, 'yes'))"
    )
    prose = """(young)=
## Young

**Users are younger.**{eval}`story.younger`

They are {eval}`ages["yes"]` years old.

- Of all {eval}`use["yes"]` did.
- Of all {eval}`in_words(need["yes"])` want it, {eval}`in_people(need["yes"].count)`.

They said so.{eval}`story.wanted` And {eval}`use["yes"].interval` stays."""
    write_chapter(toy, "plain", [code], after=prose)
    output, html = build(toy), page(toy, "plain")
    article = html[html.index('id="young"') : html.index("</article>")]
    assert "sentences 0 guarded" in output
    assert "Young" in article and "Of all 38,1% did." in article
    assert not re.search("younger|years old|want it|They said so|stays|niet bekend", article)


# --- never half done ------------------------------------------------------------------------


def failing(place, *options, **environment):
    before = tree(place)
    result = command(place, "book", *options, **environment)
    assert result.returncode == 1, result.stdout + result.stderr
    assert tree(place) == before, "the book that was there is unchanged"
    assert processes(place) == []
    return result.stderr


def tree(place):
    """The published book: every file's hash."""
    root = published(place)
    return {str(p.relative_to(root)): digest(p.read_bytes()) for p in sorted(root.rglob("*")) if p.is_file()}


def processes(place, patience=5.0):
    """The processes that still work for a project, after some patience."""
    end = time.monotonic() + patience
    while True:
        found = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                environment = Path(f"/proc/{process}/environ").read_bytes()
            except OSError:
                continue
            if f"PYTHONPATH={place}\0".encode() in environment:
                found.append(Path(f"/proc/{process}/cmdline").read_text().replace("\0", " "))
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.1)


def test_a_failing_chapter_stops_the_build_and_is_kept(toy):
    write_chapter(toy, "plain", ["first = 1", "print('before')", "1 / 0"])
    message = failing(toy)
    assert "plain stopped at cell 5" in message and "ZeroDivisionError: division by zero" in message
    kept = json.loads((toy / "_build" / "failed" / "plain.ipynb").read_text(encoding="utf-8"))
    assert "before" in json.dumps(kept) and "ZeroDivisionError" in json.dumps(kept)


@pytest.mark.long
def test_all_failing_chapters_are_named_at_once(toy):
    for name in ("plain", "importer"):
        write_chapter(toy, name, ["1 / 0"])
    message = failing(toy)
    assert "plain stopped" in message and "importer stopped" in message


def test_wrong_expressions_stop_the_build_and_are_named(toy):
    write_chapter(toy, "plain", ["users = 20"], after="Of {eval}`users`\nand {eval}`user`.")
    message = failing(toy)
    assert (
        "plain.ipynb, cell 4 (after), line 2: user: NameError: name 'user' is not defined. Did you mean use" in message
    )
    kept = json.loads((toy / "_build" / "failed" / "plain.ipynb").read_text(encoding="utf-8"))
    (first, second) = kept["cells"][-1]["metadata"]["user_expressions"]
    assert first["result"]["data"] == {"text/plain": "20"} and second["result"]["ename"] == "NameError"


@pytest.mark.long
def test_a_hung_expression_meets_its_limit(toy):
    write_chapter(toy, "plain", ["from time import sleep"], after="{eval}`sleep(60)`")
    assert "plain.ipynb, cell 4 (after): hung, it ran longer than the limit of 2 s" in failing(toy, "--timeout", "2")


def test_a_rule_of_the_book_stops_the_build_on_results_that_are_kept_too(toy):
    write_chapter(toy, "plain", ["x = 20"], after="Of {eval}`x`.")
    build(toy)
    rule = "def small(text, data):\n    return 'too many' if int(data['text/plain']) > 9 else ''\n"
    (toy / "rule.py").write_text(rule)
    edit(toy / "_config.yml", "    book_parameters:", "    book_rule: rule.small\n    book_parameters:")
    message = failing(toy)
    assert "plain.ipynb, cell 4 (after): x: too many" in message
    shutil.rmtree(toy / "_build" / "cache")
    assert "plain.ipynb, cell 4 (after), line 1: x: too many" in failing(toy)


def test_an_unknown_parameter_is_refused_before_anything_runs(toy):
    edit(toy / "chapters" / "plain.ipynb", 'language = \\"nl\\"', "taal = 1")
    message = failing(toy)
    assert "plain.ipynb has no parameter language; it has wave, taal" in message and "Nothing was run" in message


def test_a_missing_chapter_is_named(toy):
    write_toc(toy, [*TOYS, "gone"])
    assert "chapters/gone.ipynb" in failing(toy)


def test_a_wave_that_is_not_there_is_refused_before_anything_runs(toy):
    output = failing(toy, "--wave", "2031")
    assert 'there is no wave "2031"' in output and "There are: 2025-reference" in output and "run " not in output


def test_a_number_without_code_fails_the_build(toy):
    edit(toy / "chapters" / "plain.ipynb", "Some words.", "{eval}`nothing`")
    assert "nothing: NameError" in failing(toy)


def test_a_hung_chapter_meets_its_limit(toy):
    write_chapter(toy, "plain", ["print('working')", "while True: pass"])
    message = failing(toy, "--timeout", "2")
    assert "plain.ipynb, cell 4 (c2): hung, it ran longer than the limit of 2 s" in message


@pytest.mark.long
@pytest.mark.parametrize("death", ["import os; os._exit(1)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_dead_kernel_is_named(toy, death):
    write_chapter(toy, "plain", [death])
    assert "plain.ipynb, cell 3 (c1): the kernel died" in failing(toy)


def test_data_that_do_not_fit_leave_the_book(toy):
    path = toy / "data" / "waves" / "2025-reference" / "responses.csv"
    edit(path, "R0001,a,", "R0001,z,")
    message = failing(toy)
    assert "row 2" in message and '"z" is not an answer' in message


def mounted(place, options):
    """Put a small file system where the build writes; skip where we may not."""
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting a file system isn't allowed here")


@pytest.mark.long
def test_a_full_disk_is_told_and_mended_by_space(toy):
    build_folder = toy / "_build"
    shutil.rmtree(build_folder)
    mounted(build_folder, "size=200k")
    try:
        result = command(toy, "book")
        assert (
            result.returncode == 1 and "No space left on device" in result.stderr and "Free some space" in result.stderr
        )
        assert not published(toy).exists() and processes(toy) == []
        subprocess.run(["mount", "-o", "remount,size=100m", build_folder], check=True)
        build(toy)
    finally:
        subprocess.run(["umount", "-l", build_folder], check=True)


def test_a_read_only_folder_is_told(toy):
    build_folder = toy / "_build"
    shutil.rmtree(build_folder)
    mounted(build_folder, "ro")
    try:
        result = command(toy, "book")
        assert result.returncode == 1 and "Read-only file system" in result.stderr and "writable" in result.stderr
        assert processes(toy) == []
    finally:
        subprocess.run(["umount", "-l", build_folder], check=True)


def start(place):
    environment = os.environ | {"PYTHONPATH": str(place)}
    return subprocess.Popen(
        [sys.executable, "-m", "analysis", "book"], cwd=place, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def whole(place):
    """Whether the published book is exactly what its record says."""
    root = published(place)
    record = json.loads((root / "provenance.json").read_text(encoding="utf-8"))
    return book._spoiled(root, record["files"]) == []


@pytest.mark.long
@pytest.mark.parametrize("kills", [4, 50])
def test_killed_builds_leave_the_last_good_book_and_nothing_running(toy, kills):
    began = time.monotonic()
    edit(toy / "chapters" / "plain.ipynb", "Some words.", "Words of version 0.")
    edit(toy / "chapters" / "plain.ipynb", "1 + 1", "1 + 0")
    build(toy)
    longest = time.monotonic() - began
    chance = random.Random(20250903)
    for number in range(kills):
        edit(toy / "chapters" / "plain.ipynb", f"version {number}.", f"version {number + 1}.")
        edit(toy / "chapters" / "plain.ipynb", f"1 + {number}", f"1 + {number + 1}")
        process = start(toy)
        time.sleep(chance.uniform(0, longest * 1.1))
        if number % 2:
            os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C does
        else:
            process.kill()
        process.wait(30)
        assert whole(toy), f"kill {number}"
        assert processes(toy) == [], f"kill {number}"
    build(toy)
    assert f"version {kills}." in page(toy, "plain")
    assert [p.name for p in published(toy).parent.iterdir()] == ["nl"]


@pytest.mark.long
def test_two_builds_at_the_same_time_do_not_damage_each_other(toy):
    edit(toy / "chapters" / "plain.ipynb", "1 + 1", "40 + 2")
    both = [start(toy), start(toy)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert whole(toy) and "42" in page(toy, "plain")


# --- the same bytes -------------------------------------------------------------------------


@pytest.mark.long
def test_builds_in_other_places_times_and_languages_give_the_same_bytes(tmp_path):
    """Real chapters, twice from nothing: other folder, time zone, locale, hash seed and way to start kernels."""
    one, other = copy_project(tmp_path / "one"), copy_project(tmp_path / "another" / "place")
    for place in (one, other):
        for chapter in (place / "chapters").glob("*.ipynb"):
            if chapter.stem not in REAL:
                chapter.unlink()
        write_toc(place, REAL)
    build(one, TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="1")
    build(other, TZ="America/Adak", LC_ALL="C.UTF-8", LANG="nl_NL.UTF-8", PYTHONHASHSEED="2", BOOK_FORK="0")
    assert tree(one) == tree(other)


@pytest.mark.long
def test_a_book_built_step_by_step_is_the_book_built_at_once(toy):
    edit(toy / "chapters" / "plain.ipynb", "# plain", "# plainer")
    build(toy)
    steps = tree(toy)
    shutil.rmtree(toy / "_build")
    build(toy)
    assert tree(toy) == steps


@pytest.mark.long
def test_a_rehearsal_leaves_no_trace_in_the_pages(toy, tmp_path):
    """Whether there is time to rehearse depends on the machine; the bytes may not."""
    work = toy / "_build" / "work" / "2025-reference" / "nl"
    parameters = {"wave": "2025-reference", "language": "nl"}
    no_order_yet = "import select; select.select = lambda *_: ([], [], []); "
    for name, rehearsed in (("straight", ""), ("rehearsed", no_order_yet)):
        shutil.copytree(work / "executed", tmp_path / name / "executed")
        code = (
            f"import sys; {rehearsed}from analysis.build import pages; sys.argv = ['', {str(toy)!r}, 'nl']; "
            "sys.exit(pages.main())"
        )
        order = json.dumps([str(tmp_path / name), parameters])
        result = subprocess.run(
            [sys.executable, "-c", code], input=order, text=True, capture_output=True, cwd=toy,
            env=os.environ | {"PYTHONPATH": str(toy)},
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr
    straight, rehearsed = (
        {p.relative_to(tmp_path / name): digest(p.read_bytes()) for p in (tmp_path / name / "html").rglob("[!.]*.*")}
        for name in ("straight", "rehearsed")
    )
    assert straight and straight == rehearsed


def test_the_plain_command_gives_the_same_pages(toy):
    """The record alone is ours."""
    assert plain(toy, ["jupyter-book", "build", ".", "-n", "-W"]) == {
        n: d for n, d in tree(toy).items() if n != "provenance.json"
    }


def test_a_chapter_alone_is_refused_by_the_plain_command_with_what_to_do(toy):
    command = [Path(sys.executable).parent / "jupyter-book", "build", "chapters/plain.ipynb"]
    environment = os.environ | {"PYTHONPATH": str(toy)}
    result = subprocess.run(command, cwd=toy, env=environment, capture_output=True, text=True)
    assert result.returncode != 0 and "Build the whole book, from the folder that has it" in result.stderr


@pytest.mark.long
def test_the_plain_command_killed_leaves_nothing_running(toy):
    begun = toy / "begun"
    waits = f"import time\nfrom pathlib import Path\nPath({str(begun)!r}).touch()\ntime.sleep(60)"
    write_chapter(toy, "plain", [waits])
    command = [Path(sys.executable).parent / "jupyter-book", "build", "."]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=toy, env=os.environ | {"PYTHONPATH": str(toy)}, **quiet)
    end = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert begun.exists() and processes(toy, 0) != []
    process.kill()
    process.wait(30)
    assert processes(toy) == []


@pytest.mark.long
def test_sphinx_alone_gives_the_same_pages_without_jupyter_book(tmp_path):
    """The whole book, from sources alone, by the README's two lines."""
    place = copy_project(tmp_path / "project")
    lines = re.findall(r"^    ((?:jupyter-book config|sphinx-build)[^#\n]*)", (ROOT / "README.md").read_text(), re.M)
    assert [line.split()[0] for line in lines] == ["jupyter-book", "sphinx-build"]
    program(place, lines[0].split())
    assert "jupyter_book'" not in (place / "conf.py").read_text() and "import" not in (place / "conf.py").read_text()
    pages = plain(place, lines[1].split())
    build(place)
    assert pages == {n: d for n, d in tree(place).items() if n != "provenance.json"}


def plain(place, words):
    """Make pages by a command of others; each file's hash, but for what only Sphinx itself needs."""
    program(place, words)
    root = place / "_build" / "html"
    files = [p for p in root.rglob("*") if p.is_file() and not p.relative_to(root).parts[0].startswith(".")]
    return {str(p.relative_to(root)): digest(p.read_bytes()) for p in sorted(files)}


def program(place, words):
    environment = os.environ | {"PYTHONPATH": str(place)}
    command = [Path(sys.executable).parent / words[0], *words[1:]]
    result = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_config_that_cant_be_read_is_said_in_a_sentence(toy):
    (toy / "_config.yml").write_text("title: [\n", encoding="utf-8")
    result = command(toy, "book")
    assert result.returncode == 1 and "_config.yml can't be read" in result.stderr
    assert "Traceback" not in result.stderr


# --- provenance -----------------------------------------------------------------------------


def test_verify_looks_at_all_that_shapes_pages_and_at_its_own_record(toy):
    edit(toy / "_config.yml", "title:", "title: Another #")
    edit(toy / "_static" / "book.css", "{", "{ ")
    edit(toy / "locale" / "nl" / "LC_MESSAGES" / "book.po", "afgeleid", "gevolgd")
    write_toc(toy, [name for name in TOYS if name != "plain"])
    result = command(toy, "verify")
    for needed in (
        "_config.yml is",
        "_static/book.css is",
        "locale/nl/LC_MESSAGES/book.po is",
        "_toc.yml is",
        "chapters/plain: in the book",
    ):
        assert result.returncode == 1 and needed in result.stderr
    write_toc(toy, [*TOYS, "gone"])
    assert "names chapters that aren't there: chapters/gone.ipynb" in command(toy, "verify").stderr
    edit(published(toy) / "provenance.json", '"kind": "synthetic"', '"kind": "confidential"')
    result = command(toy, "verify")
    assert result.returncode == 1 and "provenance.json: not as it was published" in result.stderr


def test_a_result_of_another_version_of_the_build_is_run_again(toy):
    (path,) = (toy / "_build" / "cache").glob("plain-*.json")
    result = json.loads(path.read_bytes().partition(b"\n")[2])
    del result["python"]
    body = json.dumps(result, sort_keys=True).encode()
    path.write_bytes(digest(body).encode() + b"\n" + body)
    output = build(toy)
    assert ran(output) == {"plain"} and "of another version of the build" in output


@pytest.mark.long
def test_sections_are_chapters_too_and_names_are_their_own(toy):
    write_chapter(toy, "deeper", ["print('deep down')"])
    (toy / "_toc.yml").write_text(
        "format: jb-book\nroot: chapters/reader\nchapters:\n  - file: chapters/importer\n    sections:\n"
        "      - file: chapters/plain\n        sections:\n          - file: chapters/deeper\n"
    )
    assert ran(build(toy)) == {"deeper"} and "deep down" in page(toy, "deeper")
    write_toc(toy, [*TOYS, "plain"])
    assert "more than one chapter chapters/plain" in failing(toy)


def test_verify_accepts_the_book_and_names_each_difference(toy):
    assert command(toy, "verify").returncode == 0
    path = published(toy) / "chapters" / "plain.html"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    edit(toy / "chapters" / "importer.ipynb", "Some words.", "Other words.")
    (toy / "requirements.txt").write_text("another==1.0\n")
    edit(toy / "data" / "questionnaire" / "exclusions.csv", "Geen ervaring", "Zonder ervaring")
    result = command(toy, "verify")
    assert result.returncode == 1
    for needed in ("chapters/plain.html", "importer.ipynb", "requirements.txt", "exclusions.csv"):
        assert needed in result.stderr


def test_the_repository_has_nothing_the_build_writes():
    tracked = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True).stdout.split()
    assert not [name for name in tracked if name.startswith(("_build/", "data/clean/"))]
