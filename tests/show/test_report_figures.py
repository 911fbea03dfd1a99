"""The report's eighteen figures in the built book, traced to the cleaned dataset.

The book's pages are read as text and the dataset as CSV; no code of ours that estimates or
draws is used on the way.
"""

import csv
import json
import re

import pytest
from conftest import ROOT

# figure → question, its options in order (or its statements), as the report's text cites them
FIGURES = {
    1: ("q24", "abcd"),
    2: ("q25", "abcdefg"),
    3: ("q02", "abcd"),
    4: ("q03", "ab"),
    5: ("q04", "abcdefghijklmnopqrstu"),
    6: ("q05", "abcdef"),
    7: ("q06", "abcdefghijklmn"),
    8: ("q08", "abcdefgh"),
    9: ("q09", "abc"),
    10: ("q10", "abcdefghijkl"),
    11: ("q11", "abc"),
    12: ("q12", "abcdefghijk"),
    13: ("q14", ["1", "2", "4", "7", "8"]),
    14: ("q14", ["3", "9", "10"]),
    15: ("q14", ["5", "6"]),
    16: ("q14", ["11", "12"]),
    17: ("q17", "abcd"),
    18: ("q16", "abcdefghijklm"),
}
MULTIPLE = {"q04", "q06", "q08", "q10", "q12", "q16"}
SCALE = "123456"


@pytest.fixture(scope="module")
def people(book):
    with (ROOT / "data" / "clean" / "2025-reference" / "responses.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def exhibits(book):
    """Every exhibit in the book, by the number of the report's figure: its HTML, the whole figures only."""
    found = {}
    for page in sorted((book / "chapters").glob("*.html")):
        for exhibit in re.findall(r'<figure class="exhibit".*?</figure>', page.read_text(encoding="utf-8"), re.S):
            number = re.search(r"Figuur (\d+)\.", exhibit)
            if number:
                found.setdefault(int(number[1]), []).append((page.stem, exhibit))
    return found


def drawn(exhibit):
    """The shares that a figure draws: lists of a trace each."""
    figure = json.loads(re.search(r'<script type="application/json">(.*?)</script>', exhibit, re.S)[1])
    return [[x for x in trace["x"]] for trace in figure["data"]]


def counted(people, question, code, statement=""):
    """Count by plain loops: who gave an answer, and who answered at all."""
    column = f"{question}_{statement or code}" if question in MULTIPLE or statement else question
    wanted = "yes" if question in MULTIPLE else code
    answered = [p[column] for p in people if p[column] not in ("not_asked", "no_answer")]
    return sum(a == wanted for a in answered) / len(answered)


@pytest.mark.parametrize("number", FIGURES)
def test_a_figure_of_the_report_shows_what_the_dataset_says(number, exhibits, people):
    question, parts = FIGURES[number]
    statements = parts if question == "q14" else [""]
    options = SCALE if question == "q14" else parts
    expected = sorted(round(counted(people, question, o, s), 9) for s in statements for o in options)
    found = [sorted(round(x, 9) for trace in drawn(html) for x in trace) for _, html in exhibits[number]]
    assert expected in found, f"figure {number}"


@pytest.mark.parametrize("number", FIGURES)
def test_a_figure_of_the_report_has_base_description_table_and_origins(number, exhibits):
    for page, exhibit in exhibits[number]:
        table = exhibit[exhibit.index("<details>") :]
        assert re.search(r"basis: \d+|basis verschilt", exhibit), page
        assert len(re.search(r'<p class="description">(.*?)</p>', exhibit, re.S)[1]) > 40, page
        assert "<caption>" in table and 'scope="row"' in table, page
        assert re.search(r"gedrukt|afgeleid|aangenomen", table), page


def test_all_eighteen_figures_are_there(exhibits):
    assert sorted(exhibits) == list(range(1, 19))
