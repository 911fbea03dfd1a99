"""The built book in a real browser: complete, self-contained, legible on a phone."""

import functools
import http.server
import json
import re
import threading

import pytest
from browser import find
from conftest import ROOT
from playwright.sync_api import sync_playwright

from analysis import exhibits, pages

PAGES = sorted(c.stem for c in (ROOT / "chapters").glob("*.ipynb"))
VIEWS = {"phone": (360, "light"), "desktop-dark": (1280, "dark")}


@pytest.fixture(scope="module")
def site(book):
    """The address of the book on a server of its own."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(book)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=find(), args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def seen(site, chromium):
    """Every page in every view: the requests and complaints it made, and what was measured in it."""
    found = {}
    for view, (width, scheme) in VIEWS.items():
        context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        for name in PAGES:
            page, requests, complaints = context.new_page(), [], []
            page.on("request", lambda r, requests=requests: requests.append(r.url))
            page.on("pageerror", lambda e, complaints=complaints: complaints.append(str(e)))
            page.on("console", lambda m, c=complaints: c.append(m.text) if m.type == "error" else None)
            page.goto(f"{site}/chapters/{name}.html")
            page.wait_for_function("document.querySelectorAll('.plot:not(.drawn)').length === 0")
            found[name, view] = {"requests": requests, "complaints": complaints} | page.evaluate(MEASURE)
            page.close()
        context.close()
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
    description: f.querySelector('.description')?.innerText,
    plot: f.querySelectorAll('.plot').length,
    table: f.querySelectorAll('details table caption').length,
    assumedBars: f.querySelectorAll('.point path[style*="url("]').length,
    assumedRows: f.querySelectorAll('tr.assumed').length,
    summary: f.querySelector('summary')?.innerText,
  })),
  unscoped: document.querySelectorAll('.table-scroll th:not([scope])').length,
  colour: getComputedStyle(document.body).color,
  figureColour: document.querySelector('.plot .xtick text')?.style.fill,
})"""

pytestmark = pytest.mark.xdist_group("book")
"""All in one process, so that each page is opened once in each view."""

every_page = pytest.mark.parametrize("name", PAGES)
every_view = pytest.mark.parametrize("view", VIEWS)


@every_view
@every_page
def test_no_page_asks_anything_of_another_host(seen, site, name, view):
    assert [r for r in seen[name, view]["requests"] if not r.startswith((site, "data:", "blob:"))] == []


@every_view
@every_page
def test_no_page_complains(seen, name, view):
    assert seen[name, view]["complaints"] == []


@every_view
@every_page
def test_every_figure_is_drawn(seen, book, name, view):
    written = (book / "chapters" / f"{name}.html").read_text(encoding="utf-8").count('class="plot"')
    assert seen[name, view]["drawn"] == seen[name, view]["plots"] == written


@every_view
@every_page
def test_no_page_is_wider_than_the_screen(seen, name, view):
    assert seen[name, view]["width"] <= seen[name, view]["view"]


@every_page
def test_every_page_says_where_to_find_help_and_that_the_data_are_invented(seen, name):
    text = seen[name, "phone"]["text"]
    for needed in ("113", "0800-0113", "113.nl", "112", "verzonnen", "onafhankelijke uitgave"):
        assert needed in text


@every_page
def test_every_figure_has_caption_description_and_table(seen, name):
    for exhibit in seen[name, "desktop-dark"]["exhibits"]:
        assert exhibit["label"].startswith("Figuur"), exhibit
        assert len(exhibit["description"]) > 30, exhibit
        assert exhibit["table"] == exhibit["plot"], exhibit
        if exhibit["plot"]:
            assert "basis" in exhibit["label"], exhibit


@every_page
def test_assumed_values_are_hatched_where_they_are_marked(seen, name):
    for exhibit in seen[name, "desktop-dark"]["exhibits"]:
        if "Staafdiagram" in exhibit["description"]:
            assert exhibit["assumedBars"] == exhibit["assumedRows"], exhibit


@every_page
def test_headers_are_scoped_and_identities_unique(seen, name):
    page = seen[name, "desktop-dark"]
    assert page["unscoped"] == 0
    assert len(page["ids"]) == len(set(page["ids"]))


def test_figures_follow_the_page_into_the_dark(seen):
    light, dark = (seen["use", view]["figureColour"] for view in VIEWS)
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
    text = page.locator("#fig-use").inner_text()
    assert "38,1% (294 van 771)" in text and "JavaScript" in text
    context.close()


def test_the_first_page_leads_to_the_book(site, chromium):
    page = chromium.new_page()
    page.goto(site + "/index.html")
    page.wait_for_url("**/chapters/welcome.html")
    assert page.locator("h1").first.inner_text().startswith("AI en psychische klachten")
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


def test_a_plotly_output_without_an_exhibit_is_drawn_too():
    output = {"output_type": "display_data", "data": {pages.PLOTLY: {"data": [], "layout": {}}}, "metadata": {}}
    (made,), drawn = pages._draw([output], "own", 0, "nl")
    assert drawn == 1 and 'class="plot" id="own-1"' in made["data"]["text/html"]


def test_an_exhibit_waits_for_its_drawing_where_the_book_looks():
    assert exhibits.PLOT == pages.PLOT


def test_a_figure_that_did_not_reach_its_page_fails_the_build(tmp_path):
    html = pages.plot({"data": [], "layout": {}}, "own-1", "nl")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [{"data": {"text/html": html}}]}
    (tmp_path / "own.html").write_text("<p>nothing was drawn</p>")
    with pytest.raises(pages.PageError, match="own-1"):
        pages.check_figures({"own": {"cells": [cell]}}, tmp_path)


def test_provenance_names_every_chapter(book):
    record = json.loads((book / "provenance.json").read_text(encoding="utf-8"))
    assert sorted(record["chapters"]) == [f"chapters/{name}" for name in PAGES]
    assert record["kind"] == "synthetic"
