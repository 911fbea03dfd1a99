"""Nothing of a small cell gets out: exports that differ in what is hidden alone give the same bytes everywhere.

Two waves of the same people are made, in which some hundred small counts differ, every open text and every key.
What the door shows of them is the same. So must be then every page with all its figures, hovers, descriptions,
downloads and its search index, in both kinds of chapters, and what papermill and nbconvert leave behind.
"""

import csv
import itertools
import json
import os
import random
import re
import subprocess
import sys

import pytest
from conftest import command, copy_project, published

pytestmark = pytest.mark.long

KINDS = ["wave", "report"]
NAME = "mine"
HIDDEN_GROUPS = {"q24": ("c", "d"), "q25": ("a", "b")}
"""Two answers each that fewer than fifty people gave, so that nothing is shown of the groups they make."""
SINGLE = {"q24": ["q05", *(f"q14_{n}" for n in range(1, 13))], "q25": ["q17"]}
"""Answers that are shown by one of these groupings alone, and lead to no other question."""
PEOPLE = """\
by_gender, by_diploma = questions["q24"], questions["q25"]
by = {"q05": by_gender, "q17": by_diploma}
"""
EVERY_WAY = """\
for code in by:
    for answer in questions[code].options:
        show(share(responses, questions[code], answer.code, by=by[code]), f"{code}-{answer.code}")
    show(share(responses, questions[code], "a|b", by=by[code]), f"{code}-several")
for tool in "bdkl":
    show(share(responses, questions["q04"], tool, by=by_gender), f"tool-{tool}")
show(shares(responses, questions["q04"], named=True), "named", sort=True)
show(shares(responses, questions["q13"]), "why-not", sort=True)
for number in ("1", "2", "3"):
    show(shares(responses, questions["q14"], by_gender, statements=number), f"statement-{number}")
"""
TESTED = """\
show_comparisons(associations(responses, questions["q05"], [by_gender]))
show_comparisons(difference_in_shares(share(responses, questions["q05"], "e", by=by_gender), "c", "d"))
show_means(means(responses, questions["q23"], by=by_gender))
show_model(logistic(responses, questions["user"], "yes", [by_gender]))
"""
OWN = """\
import plotly.graph_objects as go
drawn = shares(responses, questions["q04"])
figure = go.Figure(go.Bar(x=drawn.frame["share"], y=drawn.frame["label"], orientation="h"))
show_figure(figure, title="Own", base="Users", description="As in the table", data=drawn)
drawn
"""
IMPORTS = """\
import analysis
from analysis.chapter import (associations, difference_in_shares, differs, family, few, in_people, in_words, leads,
    logistic, means, minority, share, shares, show, show_comparisons, show_figure, show_means, show_model, show_table)
from analysis.show import listings
responses, questions = analysis.load(wave), analysis.questions(wave, language)
"""
LISTED = "show_table(listings.codebook(wave, questions))"
SAID = """\
*In words*

{names}. {{eval}}`shares(responses, questions.why_not_helpful).base`{{eval}}`told.rare`{{eval}}`told.first`
{{eval}}`in_words(tools["k"])`{{eval}}`in_words(tools["k"], first=True)`{{eval}}`in_people(tools["k"].count)`
"""


def notebook(cells):
    made = []
    for number, (kind, source, tags) in enumerate(cells):
        cell = {"cell_type": kind, "id": f"cell-{number:02}", "metadata": {"tags": tags} if tags else {}}
        made.append(cell | {"source": source} | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def forks(project):
    """A chapter as a student may write it, in every way there is."""
    parameters = ("code", f'wave = "{NAME}"\nlanguage = "nl"', ["parameters", "remove-cell"])
    body = [("code", part, []) for part in (PEOPLE, EVERY_WAY, TESTED, OWN, LISTED)]
    said = ", ".join(
        f"{{eval}}`tools['{code}']{what}`" for code in "cdfghijklmnopq" for what in ("", ".count", ".interval")
    )
    with_marks = 'tools = shares(responses, questions["q04"])\nwhy = shares(responses, questions["q13"])\n' + (
        'told = family(rare=minority(tools, "k"), first=leads(why, "a"))'
    )
    write = {
        "fork_eval": [("markdown", "(fork)=\n# Said", []), parameters, ("code", IMPORTS, []), *body,
                      ("code", with_marks, []), ("markdown", SAID.format(names=said), [])],
    }  # fmt: skip
    for name, cells in write.items():
        (project / "chapters" / f"{name}.ipynb").write_text(notebook(cells), encoding="utf-8")
    toc = project / "_toc.yml"
    lines = "".join(f"      - file: chapters/{name}\n" for name in write)
    first, rest = toc.read_text(encoding="utf-8").split("    chapters:\n", 1)
    toc.write_text(f"{first}    chapters:\n{lines}{rest}", encoding="utf-8")


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as lines:
        file = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        file.writeheader()
        file.writerows(rows)


def boxes(rows, question):
    return [c for c in rows[0] if re.fullmatch(rf"{question}_[a-z]", c)]


def count(rows, **wanted):
    return sum(all(row[column] == value for column, value in wanted.items()) for row in rows)


def otherwise(rows, seed):
    """The same people, with other small counts where nothing is shown of them, other texts and other keys."""
    draw, made = random.Random(seed), [dict(row) for row in rows]
    for question in ("q04", "q06", "q08", "q10", "q16", "q21", "q22"):
        rare = [box for box in boxes(rows, question) if 1 <= count(rows, **{box: "1"}) <= 9]
        for one, other in itertools.permutations(rare, 2):
            able = [row for row in made if row[one] == "1" and row[other] == "0"
                    and sum(row[b] == "1" for b in boxes(rows, question)) > 1 and "_t" not in one + other]  # fmt: skip
            if able and count(made, **{one: "1"}) > 1 and count(made, **{other: "1"}) < 9 and draw.random() < 0.7:
                draw.choice(able).update({one: "0", other: "1"})
    for row in made:
        if row["q13_a"]:  # asked of 22 people, of whom nothing is shown
            row.update({box: "0" for box in boxes(rows, "q13")} | {f"q13_{draw.choice('abcdefg')}": "1"})
    for column, groups in HIDDEN_GROUPS.items():
        inside = [[row for row in made if row[column] == group] for group in groups]
        for question in SINGLE[column]:
            one, other = ([row for row in group if row[question]] for group in inside)
            for first, second in zip(draw.sample(one, len(one)), draw.sample(other, len(other)), strict=False):
                first[question], second[question] = second[question], first[question]
                break
    for number, row in enumerate(made):
        row["respondent"] = f"K{seed}{number:04}"
        for column in [c for c in row if c.endswith("_text") and c != "q04_t_text"] + ["q07", "q15", "q18", "q19"]:
            row[column] = f"kxqzt {seed} {number}" if row[column] else ""
    return made


def differing(before, after):
    """Count the small cells of the chapters' tables that aren't the same: answers in all, and by both groupings."""
    found = 0
    columns = [c for c in before[0] if re.fullmatch(r"q\d\d(_[a-z]|_\d+)?", c) and c not in HIDDEN_GROUPS]
    for column in columns:
        for value in {row[column] for row in before} - {""}:
            if value == "0":
                continue
            cells = [{}] + [{by: group} for by in HIDDEN_GROUPS for group in {row[by] for row in before} - {""}]
            for among in cells:
                counts = [count(rows, **{column: value}, **among) for rows in (before, after)]
                found += counts[0] != counts[1] and min(counts) <= 10
    return found


def with_texts(rows):
    """Some write something where they may, which no page may show."""
    for number, row in enumerate(rows):
        for column, asked in (("q07", "q05"), ("q18", "q17")):
            row[column] = f"kxqzt 0 {number}" if row[asked] and number % 3 == 0 else row[column]
    return rows


@pytest.fixture(scope="module", params=KINDS)
def both(request, tmp_path_factory):
    """Two projects of one kind of edition whose waves differ in what is hidden alone, and in how many small cells."""
    projects, seed = [], 11
    for version in ("one", "other"):
        project = copy_project(tmp_path_factory.mktemp(f"{request.param}-{version}") / "project")
        waves = project / "data" / "waves"
        (waves / "2025-reference").rename(waves / NAME)
        wave = waves / NAME
        label = (wave / "wave.toml").read_text(encoding="utf-8").partition("[reconstruction]")[0]
        label = label.replace('kind = "synthetic"', 'kind = "confidential"')
        if request.param == "wave":
            label = label.replace('report = "mind-2025"', "")
        (wave / "wave.toml").write_text(label, encoding="utf-8")
        (wave / "provenance.csv").unlink()
        rows = with_texts(read(wave / "responses.csv"))
        write(wave / "responses.csv", rows if version == "one" else otherwise(rows, seed))
        forks(project)
        projects.append(project)
    one, other = (read(project / "data" / "waves" / NAME / "responses.csv") for project in projects)
    return *projects, differing(one, other)


def built(project):
    done = command(project, "book", "--wave", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    place = published(project, NAME)
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def test_exports_that_differ_in_what_is_hidden_give_the_same_book(both):
    one, other, cells = both
    assert cells >= 60, cells
    print(f"{cells} small cells differ")
    books = built(one), built(other)
    steps = [(project / "data" / "waves" / NAME / "release.csv").read_bytes() for project in (one, other)]
    assert steps[0] == steps[1], "what the attacker chose is told by the pages"
    assert books[0].keys() == books[1].keys()
    differ = [name for name in books[0] if books[0][name] != books[1][name]]
    assert differ == []
    whole = b"".join(books[1].values())
    assert b"kxqzt" not in whole and not re.search(rb"K11\d{4}", whole)
    assert b"hoogstens 10 mensen" in whole


def run(project, *arguments):
    """Run somebody else's command among the chapters of a project."""
    environment = os.environ | {"PYTHONPATH": str(project)}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command, cwd=project / "chapters", env=environment, capture_output=True, text=True, timeout=300
    )


def test_both_commands_leave_the_same_behind(both, tmp_path):
    chapter = "fork_eval"
    one, other, _ = both
    left = []
    for project in (one, other):
        out = tmp_path / f"{project.parent.name}.ipynb"
        done = run(project, "papermill", f"{chapter}.ipynb", str(out), "-p", "wave", NAME)
        assert done.returncode == 0, done.stderr
        executed = json.loads(out.read_text(encoding="utf-8"))
        html = run(project, "nbconvert", "--to", "html", "--execute", f"{chapter}.ipynb", "--stdout")
        assert html.returncode == 0, html.stderr
        left.append(
            ([(c.get("outputs"), c["metadata"].get("user_expressions")) for c in executed["cells"]], html.stdout)
        )
    assert left[0][0] == left[1][0], "papermill"
    assert left[0][1] == left[1][1], "nbconvert"
    assert "hoogstens 10 mensen" in left[0][1]
