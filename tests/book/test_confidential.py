"""A confidential edition: what is safe is there, and it is published by hand alone.

Built of waves of 400 and 600 people, and of people who agree with the report. What their chapters noted is counted anew
here, cell by cell.
"""

import json
import os
import random
import re
import shutil

import pandas as pd
import pytest
from conftest import command, copy_project, published
from test_shut import read, write

import analysis
from analysis.chapter import share
from analysis.stats import settle
from analysis.survey import terms

pytestmark = pytest.mark.long


@pytest.fixture(scope="module", params=["report", 400, 600])
def built(request, tmp_path_factory):
    """A built edition: its wave's folder, what its chapters noted, and the record of the attacker."""
    project = copy_project(tmp_path_factory.mktemp(str(request.param)) / "project")
    folder = project / "data" / "waves" / "real"
    shutil.copytree(project / "data" / "waves" / "2025-reference", folder)
    (folder / "provenance.csv").unlink()
    label = (folder / "wave.toml").read_text(encoding="utf-8").partition("[reconstruction]")[0]
    label = label.replace('kind = "synthetic"', 'kind = "confidential"')
    if request.param != "report":
        label = label.replace('report = "mind-2025"', "")
        drawn = random.Random(request.param).choices(read(folder / "responses.csv"), k=request.param)
        write(folder / "responses.csv", [row | {"respondent": f"D{i}"} for i, row in enumerate(drawn)])
    (folder / "wave.toml").write_text(label, encoding="utf-8")
    done = command(project, "book", "--wave", "real")
    assert done.returncode == 0, done.stdout + done.stderr
    kept = project / "_build" / "confidential"
    results = [json.loads(path.read_bytes().partition(b"\n")[2]) for path in (kept / ".cache").glob("*.json")]
    record = json.loads((kept / ".records" / "real.gate.json").read_text(encoding="utf-8"))
    return folder, sorted({note for result in results for note in result["notes"]}), record


def cells(folder, monkeypatch, notes):
    """List each cell and named group above ten people on a base of fifty or more, as the door lets it out and as it is.

    Of each table of a question, in all and by groupings, the answers and the groups of answers that chapters named.
    """
    monkeypatch.setenv(terms.NOTES, os.devnull)
    responses, questions = analysis.load(folder), analysis.questions(folder, "en")
    found = []
    for key, made in settle._read(notes).items():
        question, statement = settle._asked(key, questions)
        for name in ["", *(name for name, (by, mask) in made.groupings.items() if by and not mask)]:
            by = questions[name] if name else None
            for cell in sorted(made.cells):
                seen, true = (
                    share(responses, question, cell, statement, by, inside=inside).frame for inside in (False, True)
                )
                above = true["n"].gt(10) & true["base"].ge(50) & true["base"].sub(true["n"]).gt(10)
                off = (seen["share"] - true["share"]).abs()
                steps = seen["step"].fillna(10.0 ** -(seen["decimals"] + 2))  # of what was printed its last digit
                found.append(pd.DataFrame({"visible": seen["share"].notna(), "off": off, "step": steps})[above])
    return pd.concat(found)


def test_nearly_every_cell_above_ten_is_visible_and_close_to_the_truth(built, monkeypatch):
    folder, notes, record = built
    found = cells(folder, monkeypatch, notes)
    visible, off = found["visible"].mean(), 100 * found["off"].dropna()
    print(f"{len(found)} cells, {100 * visible:.1f}% visible; off by {off.mean():.2f} points on average, "
          f"{off.max():.2f} at most; narrowest {record['narrowest']}, steps {record['steps']}, "
          f"left out {record['left_out']}")  # fmt: skip
    assert len(found) > 150 and visible >= 0.95
    assert (found["off"].fillna(0) <= found["step"] / 2 + 1e-9).all()
    assert record["narrowest"] is None or record["narrowest"] >= 5


def test_the_pages_show_what_the_door_lets_out(built):
    """Shares stand in the tables and in the sentence that heads its page: nothing is held back that needn't be."""
    folder, *_ = built
    page = (published(folder.parents[2], "real") / "chapters" / "use.html").read_text(encoding="utf-8")
    assert len(re.findall(r"<td[^>]*>\s*(?:<[^>]+>)*\d+(?:,\d)?%", page)) >= 20
    assert re.search(r"Van de deelnemers praatte [^<]*?\d+(?:,\d)?%", page)


# --- letting it out -------------------------------------------------------------------------------


def publish(project, place, reader="Wie het las", **environment):
    return command(project, "publish", "--edition", "real", "--to", str(place), "--reader", reader, **environment)


def test_it_is_published_by_hand_with_its_record_whole_and_the_page_says_who_read_it(built, tmp_path):
    project = built[0].parents[2]
    done = publish(project, tmp_path / "out", I_HAVE_READ_IT="real")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "real" / "nl" / "chapters" / "design.html").read_text(encoding="utf-8")
    kept = (published(project, "real") / "chapters" / "design.html").read_text(encoding="utf-8")
    assert "Wie het las" in page and "nog niemand" not in page and "Wie het las" not in kept
    said = json.loads((tmp_path / "out" / "real" / "nl" / "gate.json").read_text(encoding="utf-8"))
    assert said["read_by"] == "Wie het las" and said["narrowest"] >= 5 and "asked" not in said
    again = publish(project, tmp_path / "out", I_HAVE_READ_IT="real")
    assert again.returncode == 0, "and once more in its place"


@pytest.mark.parametrize("line", ["threshold", "narrowest", "left_out", "made_from", "by"])
def test_it_stays_where_a_line_of_its_record_is_missing(built, tmp_path, line):
    project = built[0].parents[2]
    path = project / "_build" / "confidential" / ".records" / "real.gate.json"
    whole = path.read_text(encoding="utf-8")
    path.write_text(json.dumps({k: v for k, v in json.loads(whole).items() if k != line}), encoding="utf-8")
    done = publish(project, tmp_path / "out", I_HAVE_READ_IT="real")
    path.write_text(whole, encoding="utf-8")
    assert done.returncode == 1 and f"its gate record lacks {line}" in done.stderr, done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change, says", [
    ({"reader": ""}, "nobody is named who read it"),
    ({"I_HAVE_READ_IT": ""}, "then type I_HAVE_READ_IT=real"),
    ({"I_HAVE_READ_IT": "another"}, "then type I_HAVE_READ_IT=real"),
])  # fmt: skip
def test_it_stays_where_nobody_says_to_have_read_it(built, tmp_path, change, says):
    done = publish(built[0].parents[2], tmp_path / "out", **({"I_HAVE_READ_IT": "real"} | change))
    assert done.returncode == 1 and says in done.stderr and not (tmp_path / "out").exists()


def test_it_stays_where_its_answers_or_its_pages_are_others(built, tmp_path):
    folder, *_ = built
    project = folder.parents[2]
    page = published(project, "real") / "index.html"
    for path in (folder / "wave.toml", page):
        whole = path.read_bytes()
        path.write_bytes(whole + b"\n")
        done = publish(project, tmp_path / "out", I_HAVE_READ_IT="real")
        path.write_bytes(whole)
        assert done.returncode == 1 and "Nothing was written" in done.stderr and not (tmp_path / "out").exists()


def test_an_edition_that_is_not_there_is_named_with_what_makes_it(built, tmp_path):
    done = command(built[0].parents[2], "publish", "--edition", "nowhere", "--to", str(tmp_path / "out"))
    assert done.returncode == 1 and "make book NAME=nowhere" in done.stderr
