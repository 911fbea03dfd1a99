"""The report's eighteen figures in the built book, traced to what was printed and to the cleaned dataset.

The book's pages are read as text, what is printed and the dataset as CSV; no code of ours that estimates or
draws is used on the way.
"""

import csv
import json
import re
from html import unescape

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
            number = re.search(r"in het rapport figuur (\d+)", exhibit)
            if number:
                found.setdefault(int(number[1]), []).append((page.stem, exhibit))
    return found


def drawn(exhibit):
    """The shares that a figure draws: lists of a trace each."""
    figure = json.loads(re.search(r'<script type="application/json">(.*?)</script>', exhibit, re.S)[1])
    return [[x for x in trace["x"]] for trace in figure["data"]]


def table(exhibit):
    """The shares that its table draws, in per cent, and those that it says."""
    body = exhibit.partition('<table class="chart rows')[2].partition("</table>")[0]
    said = re.findall(r"<span>(\d+(?:,\d+)?)%", body)
    return [float(at) for at in re.findall(r"--b:([\d.]+)", body)], [float(n.replace(",", ".")) for n in said]


def taken_along(exhibit):
    """The column of shares in its CSV."""
    lines = unescape(re.search(r' data-rows="([^"]*)"', exhibit)[1]).splitlines()
    return [row["Aandeel"] for row in csv.DictReader(lines)]


def counted(people, question, code, statement=""):
    """Count by plain loops: who gave an answer, and who answered at all."""
    column = f"{question}_{statement or code}" if question in MULTIPLE or statement else question
    wanted = "yes" if question in MULTIPLE else code
    answered = [p[column] for p in people if p[column] not in ("not_asked", "no_answer")]
    return sum(a == wanted for a in answered) / len(answered)


def known(number):
    """What is known of a figure: statement, answers, share as it was printed or as counts give it, and its last place.

    An answer that print gives with others alone stands there as their sum.
    """
    question, parts = FIGURES[number]
    with (ROOT / "data/waves/2025-reference/provenance.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["question"] == question and not row["among"]]
    rows = [row for row in rows if set(row["answer"].split("|")) <= set(SCALE if question == "q14" else parts)]
    if question == "q14":
        rows = [row for row in rows if row["statement"] in parts]
    sure = [row for row in rows if row["origin"] in ("printed", "derived")]
    alone = {(row["statement"], row["answer"]) for row in sure}
    for row in sure:
        if "|" in row["answer"] and any((row["statement"], a) in alone for a in row["answer"].split("|")):
            continue
        as_share = row["printed_as"] in ("percent", "sum")
        share = float(row["printed"]) / 100 if as_share else int(row["count"]) / int(row["base"])
        place = 10 ** -len(row["printed"].partition(".")[2]) / 100 if as_share else 0
        yield row["statement"], row["answer"], share, place


def all_of(number):
    question, parts = FIGURES[number]
    return len(parts) * (len(SCALE) if question == "q14" else 1)


@pytest.mark.parametrize("number", FIGURES)
def test_a_figure_of_the_report_shows_what_is_known_as_it_is_printed_and_nothing_else(number, exhibits):
    expected = sorted(round(share, 9) for _, _, share, _ in known(number))
    found = [sorted(round(x, 9) for trace in drawn(html) for x in trace) for _, html in exhibits[number]]
    assert expected and expected in found, f"figure {number}"
    for (_, html), shares in zip(exhibits[number], found, strict=True):
        places, said = table(html)
        assert sorted(places) == pytest.approx([100 * share for share in shares], abs=0.01)
        assert sorted(said) == pytest.approx([100 * share for share in shares], abs=0.051)
        numbers = [float(share) for share in taken_along(html) if re.fullmatch(r"[\d.]+", share)]
        assert sorted(numbers) == pytest.approx(shares)
    whole = [html for (_, html), shares in zip(exhibits[number], found, strict=True) if shares == expected]
    unread = f"vermoedelijk alleen in figuur {number}, een plaatje dat wij niet konden lezen" in whole[0]
    assert unread is (number not in {1, 2, 3, 4, 6, 9}), "where all is known, nothing is missed"


@pytest.mark.parametrize("number", FIGURES)
def test_what_a_figure_shows_is_what_the_dataset_counts_but_for_rounding(number, people):
    question, _ = FIGURES[number]
    for statement, answers, share, place in known(number):
        each = [counted(people, question, answer, statement) for answer in answers.split("|")]
        assert share == pytest.approx(sum(each), abs=len(each) * place / 2 + 1e-9), (number, statement, answers)


@pytest.mark.parametrize("number", FIGURES)
def test_a_figure_of_the_report_has_base_table_and_origins(number, exhibits):
    for page, exhibit in exhibits[number]:
        shown = exhibit[: exhibit.index("</table>")]
        caption = re.search(r"<caption>(.*?)</caption>", shown, re.S)[1]
        assert re.search(r"basis: \d+|basis verschilt", caption), page
        assert len(caption) > 40 and 'scope="row"' in shown and 'scope="col"' in shown, page
        rows = re.findall(r'<th scope="row">(.*?)</th>', shown, re.S)
        origin = re.compile("in het rapport|afgeleid")
        assert origin.search(caption) or all(origin.search(row) for row in rows), page


@pytest.mark.parametrize("number", FIGURES)
def test_no_text_of_a_figure_has_the_share_of_an_answer_that_is_not_known(number, exhibits, people):
    question, parts = FIGURES[number]
    told = {(statement, answers) for statement, answers, *_ in known(number)}
    statements, options = (parts, SCALE) if question == "q14" else ([""], parts)
    cells = [(s, o) for s in statements for o in options]
    assert len(cells) == all_of(number)
    shown = {round(share, 3) for _, _, share, _ in known(number)}
    hidden = {round(counted(people, question, o, s), 3) for s, o in cells if (s, o) not in told} - shown
    for page, exhibit in exhibits[number]:
        shares = re.findall(r"(?<![\d,])(\d+(?:,\d)?)%(?!-)", re.sub(r"\d+,\d tot \d+,\d%", "", exhibit))
        assert not {f"{100 * share:.1f}".replace(".", ",") for share in hidden} & set(shares), page
        apart = {round(float(share), 3) for share in taken_along(exhibit) if re.fullmatch(r"[\d.]+", share)}
        assert not hidden & apart and not hidden & {round(place / 100, 3) for place in table(exhibit)[0]}, page


def test_all_eighteen_figures_are_there(exhibits):
    assert sorted(exhibits) == list(range(1, 19))
