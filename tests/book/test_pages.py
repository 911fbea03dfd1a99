"""The built book in a real browser: complete, self-contained, legible on a phone."""

import csv
import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from conftest import KINDS, ROOT

from analysis import edition
from analysis.build import plots
from analysis.show import exhibits
from analysis.survey import waves

PAGES = [chapter.stem for chapter, kinds in KINDS.items() if not kinds or "reference" in kinds]
VIEWS = {"phone": (360, "light"), "desktop-dark": (1280, "dark")}


def look(site, chromium, name, view):
    """Open a page: what it asked for, what it complained of, and what was measured in it."""
    width, scheme = VIEWS[view]
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/chapters/{name}.html")
    page.wait_for_function("document.querySelectorAll('.plot:not(.drawn)').length === 0")
    found = {"requests": requests, "complaints": complaints} | page.evaluate(MEASURE)
    page.close()
    return found


MEASURE = """() => ({
  plots: document.querySelectorAll('.plot').length,
  drawn: [...document.querySelectorAll('.plot.drawn svg.main-svg')].length > 0
    ? document.querySelectorAll('.plot.drawn').length : 0,
  width: document.documentElement.scrollWidth,
  view: window.innerWidth,
  text: document.body.innerText,
  ids: [...document.querySelectorAll('[id]')].map(e => e.id),
  exhibits: [...document.querySelectorAll('figure.exhibit')].map(f => ({
    id: f.id,
    label: document.getElementById(f.getAttribute('aria-labelledby'))?.innerText,
    description: f.querySelector('.description')?.innerText
      ?? f.querySelector('svg')?.getAttribute('aria-label'),
    plot: f.querySelectorAll('.plot').length,
    table: f.querySelectorAll('details table caption').length,
    hatched: f.querySelectorAll('.point path[style*="url("]').length,
    summary: f.querySelector('summary')?.innerText,
  })),
  unscoped: document.querySelectorAll('.table-scroll th:not([scope])').length,
  colour: getComputedStyle(document.body).color,
  figureColour: document.querySelector('.plot .xtick text')?.style.fill,
})"""


@pytest.mark.parametrize("view", ["phone", pytest.param("desktop-dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(site, chromium, book, name, view):
    """One test a page and view, so that each is opened once: asks no other host, draws every figure, fits the screen,

    says where to find help, and gives every figure its caption, description and table.
    """
    page = look(site, chromium, name, view)
    written = (book / "chapters" / f"{name}.html").read_text(encoding="utf-8").count('class="plot"')
    assert [r for r in page["requests"] if not r.startswith((site, "data:", "blob:"))] == []
    assert page["complaints"] == []
    assert page["drawn"] == page["plots"] == written
    assert page["width"] <= page["view"]
    needed = ("113", "0800-0113", "113.nl", "112", "verzonnen", "Niet van MIND")
    assert [text for text in needed if text not in page["text"]] == []
    assert page["unscoped"] == 0
    assert [i for i, times in Counter(page["ids"]).items() if times > 1] == []
    for exhibit in page["exhibits"]:
        assert exhibit["label"].startswith("Figuur"), exhibit
        assert len(exhibit["description"]) > 30, exhibit
        assert exhibit["table"] == exhibit["plot"], exhibit
        if exhibit["plot"]:
            assert "basis" in exhibit["label"], exhibit
        if "Staafdiagram" in exhibit["description"]:
            assert exhibit["hatched"] == 0, exhibit  # what isn't known isn't drawn at all


def test_figures_follow_the_page_into_the_dark(site, chromium):
    light, dark = (look(site, chromium, "use", view)["figureColour"] for view in VIEWS)
    assert light != dark


def test_figures_follow_when_the_reader_changes_the_colours(site, chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page.goto(f"{site}/chapters/use.html")
    page.wait_for_selector(".plot.drawn")
    fill = "document.querySelector('.plot .xtick text').style.fill"
    before = page.evaluate(fill)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"{fill} !== '{before}'")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_function(f"{fill} === '{before}'")
    page.close()


def test_a_table_opens_by_keyboard(site, chromium):
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{site}/chapters/use.html")
    page.locator("figure.exhibit summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure.exhibit table").first.is_visible()
    page.close()


def test_without_scripts_the_numbers_are_still_there(site, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/chapters/use.html")
    text = page.locator("#fig-talked").inner_text()
    assert "38,1% (294 van 771)" in text and "JavaScript" in text
    context.close()


def test_no_sentence_of_the_book_fails_its_condition(book):
    path = ROOT / "_build" / "work" / "2025-reference" / "nl" / "sentences.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        states = [row["state"] for row in csv.DictReader(lines)]
    assert len(states) > 25 and set(states) <= {"holds", "by_chance"}


def test_the_first_page_leads_to_the_book(site, chromium):
    page = chromium.new_page()
    page.goto(site + "/index.html")
    page.wait_for_url("**/chapters/welcome.html")
    assert page.locator("h1").first.inner_text().startswith("Praten met AI over psychische klachten")
    page.close()


def test_the_book_serves_the_plotly_that_the_package_speaks():
    from plotly.offline import get_plotlyjs_version

    head = (ROOT / "vendor" / "plotly-basic.min.js").read_text(encoding="utf-8")[:300]
    assert f"v{get_plotlyjs_version()}" in head


def test_published_files_carry_no_cell_of_a_respondent(book):
    """A respondent's key is R and four digits; none may stand in any file of the book."""
    for path in book.rglob("*"):
        if path.suffix in (".html", ".js", ".json", ".ipynb", ".txt") and path.name != "plotly-basic.min.js":
            assert not re.search(r"\bR\d{4}\b", path.read_text(encoding="utf-8", errors="replace")), path


def test_an_exhibit_waits_for_its_drawing_where_the_book_looks():
    assert exhibits.PLOT == plots.PLACE


def test_our_own_chapters_show_nothing_that_no_door_let_out(book):
    copies = sorted((ROOT / "_build" / "work" / "2025-reference" / "nl" / "executed" / "chapters").glob("*.ipynb"))
    assert [copy.stem for copy in copies] == PAGES
    for copy in copies:
        cells = [c for c in json.loads(copy.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        assert [o for c in cells for o in c["outputs"] if not edition.released(o)] == [], copy.stem


RAW = {"output_type": "execute_result", "data": {"text/plain": "294"}, "metadata": {}, "execution_count": 1}
PRINTED = {"output_type": "stream", "name": "stdout", "text": "294"}


@pytest.mark.parametrize("raw", [RAW, PRINTED])
def test_a_raw_output_is_framed_as_invented_and_stops_where_people_are_real(raw, monkeypatch):
    good = {"output_type": "display_data", "data": {"text/html": "<p>"}, "metadata": {"survey": {"released": True}}}
    given = {"wave": "2025-reference", "language": "en"}
    kept, frame, last = edition.outputs(given, [raw, good])
    assert (kept, last) == (good, raw) and "respondents who do not exist" in frame["data"]["text/html"]
    assert edition.outputs(given, [good]) == [good]
    label = waves.read_wave("2025-reference")
    monkeypatch.setattr(waves, "read_wave", lambda _: replace(label, kind="confidential"))
    assert edition.outputs(given, [good]) == [good]
    with pytest.raises(ValueError, match="no door let out"):
        edition.outputs(given, [good, raw])


def test_provenance_names_every_chapter(book):
    record = json.loads((book / "provenance.json").read_text(encoding="utf-8"))
    assert sorted(record["chapters"]) == [f"chapters/{name}" for name in PAGES]
    assert record["kind"] == "synthetic"
