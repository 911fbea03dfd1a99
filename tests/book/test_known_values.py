"""What is known of the reference wave stands in the book as a number, on the page of its question."""

import csv
import json
import re
from html import unescape

import pytest
from conftest import ROOT

PAGES = {
    "design": ("q02", "q23", "q24", "q25", "q01", "care", "education"),
    "use": ("q03", "user", "q04", "q05"),
    "reasons": ("q06", "q08"),
    "helps": ("q09", "helped", "q10"),
    "less": ("q11", "q12"),
    "opinions": ("q14",),
    "nonusers": ("q16", "q17"),
}
OF = {question: page for page, questions in PAGES.items() for question in questions}


def known():
    """The counts that print gives or alone allows, each with the number that must be seen."""
    with (ROOT / "data" / "waves" / "2025-reference" / "provenance.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["origin"] not in ("printed", "derived"):
                continue
            share = f"{100 * int(row['count']) / int(row['base']):.1f}"
            number = row["printed"] or share
            percent = row["printed_as"] not in ("count", "mean")
            yield row["origin"], OF[row["question"]], number.replace(".", ",") + "%" * percent


def text_of(book, page):
    """The words of a page's own text, a space between its parts; what scripts hold is not seen."""
    article = (book / "chapters" / f"{page}.html").read_text(encoding="utf-8").partition("<article")[2]
    article = re.sub(r"<script.*?</script>", " ", article.partition("</article>")[0], flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", article))


@pytest.fixture(scope="module")
def texts(book):
    return {page: text_of(book, page) for page in PAGES}


def test_what_is_known_stands_on_the_page_of_its_question(texts):
    wanted = list(known())
    assert [origin for origin, *_ in wanted].count("printed") == 101
    assert [origin for origin, *_ in wanted].count("derived") == 20
    assert [
        (page, number) for _, page, number in wanted if not re.search(rf"(?<![\d,]){re.escape(number)}", texts[page])
    ] == []


def test_the_welcome_says_how_many_answers_of_the_figures_the_text_gives(book):
    said = " ".join(text_of(book, "welcome").split())
    assert re.search(
        r"Van de 190 antwoorden in de figuren van het rapport geeft de tekst er 69; 2 volgen daaruit", said
    )


def test_no_figure_draws_a_share_that_print_does_not_give(book):
    """Every length in every chart of the result pages is a printed or derived share, or the interval of one."""
    with (ROOT / "data" / "waves" / "2025-reference" / "provenance.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["printed_as"] not in ("count", "mean")]
    shares = {round(float(row["printed"]) / 100, 6) for row in rows if row["origin"] == "printed" and row["printed"]}
    shares |= {
        round(int(row["count"]) / int(row["base"]), 6) for row in rows if row["origin"] in ("printed", "derived")
    }
    shares |= {round(477 / 771, 6)}
    drawn = 0
    for page in PAGES:
        source = (book / "chapters" / f"{page}.html").read_text(encoding="utf-8")
        for figure in re.findall(r'<figure class="exhibit.*?</figure>', source, re.S):
            if 'id="fig-flow"' in figure or 'id="fig-routing"' in figure:
                continue  # these draw numbers of people
            (held,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', figure, re.S)
            xs = [x for trace in json.loads(held)["data"] for x in trace["x"]]
            assert {round(x, 6) for x in xs} <= shares, (page, xs)
            lanes = [float(at) for at in re.findall(r"--b:([\d.]+)", figure)]
            assert len(lanes) == len(xs), "the table draws what Plotly does"
            assert not [at for at in lanes if not any(abs(at - 100 * share) < 0.006 for share in shares)], page
            drawn += len(xs)
    assert drawn > 80
