"""Figures are numbered through the whole book, and prose cites them by address."""

import re

import pytest

from analysis.build import numbers
from analysis.show import render
from analysis.show.parts import Exhibit


def figure(name):
    exhibit = Exhibit(name=name, number=4, title="T", asked="A", source="Figure 7")
    return {"output_type": "display_data", "data": {"text/html": render.html(exhibit, "en"), "text/plain": "Figure"}}


def notebook(*cells):
    """A chapter: a cell a list of outputs."""
    return {"cells": [{"cell_type": "code", "outputs": list(outputs)} for outputs in cells]}


def said(*notebooks):
    """The numbers that stand in figures."""
    outputs = [o["data"]["text/html"] for book in notebooks for cell in book["cells"] for o in cell["outputs"]
               if "data" in o]  # fmt: skip
    return re.findall(r'<span class="number">(.*?)</span>', " ".join(outputs))


def test_figures_are_numbered_in_the_order_of_the_book():
    first = notebook([figure("b")], [], [figure("a"), figure("c")])
    second = notebook([{"output_type": "stream", "text": "x"}, figure("d")])
    found = numbers.number({"chapters/one": first, "exercises/two": second})
    assert said(first, second) == ["Figure 1", "Figure 2", "Figure 3", "Figure 4"]
    assert found == {"one#fig-b": (1, "chapters/one"), "one#fig-a": (2, "chapters/one"),
                     "one#fig-c": (3, "chapters/one"), "two#fig-d": (4, "exercises/two")}  # fmt: skip


def test_a_figure_that_stands_on_two_pages_is_cited_on_the_one_that_is_named():
    found = numbers.number({"chapters/one": notebook([figure("a")]), "chapters/two": notebook([figure("a")])})
    assert numbers.cite("{figure}`one#fig-a`", "x", found, "figure") == '<a href="chapters/one.html#fig-a">figure 1</a>'
    assert numbers.cite("{figure}`two#fig-a`", "x", found, "figure") == '<a href="chapters/two.html#fig-a">figure 2</a>'


def test_two_figures_in_one_output_have_a_number_each_and_nothing_is_lost():
    both = figure("a")
    both["data"]["text/html"] = (
        f"<p>before</p>{both['data']['text/html']}<hr>{figure('b')['data']['text/html']}<p>after"
    )
    without = both["data"]["text/html"].replace(numbers.NUMBER, "")
    book = notebook([both])
    assert numbers.number({"x": book}) == {"x#fig-a": (1, "x"), "x#fig-b": (2, "x")}
    assert re.sub(r" [12](?=</span>)", "", both["data"]["text/html"]) == without


def test_what_is_no_figure_stays_as_it_is():
    table = {"output_type": "display_data", "data": {"text/html": "<table></table>"}}
    plain = {"output_type": "execute_result", "data": {"text/plain": "1"}}
    chapter = {"cells": [{"cell_type": "markdown", "source": numbers.NUMBER}, {"outputs": [table, plain]}]}
    assert numbers.number({"x": chapter}) == {}
    assert table["data"] == {"text/html": "<table></table>"} and chapter["cells"][0]["source"] == numbers.NUMBER


NUMBERS = {"use#fig-use": (3, "chapters/use"), "welcome#fig-way": (12, "welcome")}


@pytest.mark.parametrize(
    ("page", "address", "link"),
    [
        ("chapters/use", "use#fig-use", '<a href="use.html#fig-use">figure 3</a>'),
        ("chapters/needs", "use#fig-use", '<a href="use.html#fig-use">figure 3</a>'),
        ("chapters/needs", "welcome#fig-way", '<a href="../welcome.html#fig-way">figure 12</a>'),
        ("welcome", "use#fig-use", '<a href="chapters/use.html#fig-use">figure 3</a>'),
    ],
)
def test_prose_cites_a_figure_by_number_with_a_link(page, address, link):
    cited = numbers.cite(f"See {{figure}}`{address}`, and {{figure}}`{address}`.", page, NUMBERS, "figure")
    assert cited == f"See {link}, and {link}."
    assert numbers.cite("No `figure` here.", page, NUMBERS, "figure") == "No `figure` here."


def test_an_address_that_the_book_does_not_have_is_refused():
    with pytest.raises(ValueError, match="it cites figure fig-gone, and the book has use#fig-use, welcome#fig-way$"):
        numbers.cite("{figure}`use#fig-use` {figure}`fig-gone`", "x", NUMBERS, "figure")
    with pytest.raises(ValueError, match="the book has none"):
        numbers.cite("{figure}`fig-gone`", "x", {}, "figure")


def test_the_number_is_put_where_a_figure_waits_for_it():
    assert figure("a")["data"]["text/html"].count(numbers.NUMBER) == 1
