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
from analysis.build.chapters import PLOTLY
from analysis.show import render
from analysis.survey import waves

PAGES = [chapter.stem for chapter, kinds in KINDS.items() if not kinds or "reference" in kinds]
VIEWS = {"phone": (360, "light"), "desktop-dark": (1280, "dark")}


def look(site, chromium, name, view):
    """Open a page: what it asked for, what it complained of, what was measured in it, and then in its drawings."""
    width, scheme = VIEWS[view]
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/chapters/{name}.html")
    found = page.evaluate(MEASURE) | {"at_first": list(requests)}
    for button in page.locator("button[data-take=point]").all():
        button.click()
    page.wait_for_function("document.querySelectorAll('.plot:not(.drawn)').length === 0")
    found |= {"requests": requests, "complaints": complaints} | page.evaluate(DRAWN)
    page.close()
    return found


MEASURE = """() => ({
  plots: document.querySelectorAll('.plot').length,
  width: document.documentElement.scrollWidth,
  view: window.innerWidth,
  text: document.body.innerText,
  ids: [...document.querySelectorAll('[id]')].map(e => e.id),
  exhibits: [...document.querySelectorAll('figure.exhibit')].map(f => ({
    id: f.id,
    label: document.getElementById(f.getAttribute('aria-labelledby'))?.innerText,
    asked: f.querySelector('caption, .asked')?.innerText ?? '',
    number: f.querySelector('.number').innerText,
    description: f.querySelector('.visually-hidden')?.innerText
      ?? f.querySelector('svg')?.getAttribute('aria-label') ?? '',
    plot: f.querySelectorAll('.plot').length,
    table: f.querySelectorAll('table.chart, .plot ~ details table').length,
    rows: f.querySelectorAll('table.chart tbody tr').length,
    csv: f.querySelectorAll('[data-rows]').length,
    buttons: [...f.querySelectorAll('button[data-take]')].filter(b => b.checkVisibility()).map(b => b.dataset.take),
    wide: f.scrollWidth - f.clientWidth,
    lanes: [...f.querySelectorAll('table.chart td i')].map(i => {
      const lane = i.getBoundingClientRect(), cell = getComputedStyle(i.parentElement);
      const whole = lane.width / 100, read = name => parseFloat(cell.getPropertyValue(name));
      const known = getComputedStyle(i, '::before'), more = getComputedStyle(i, '::after');
      return {
        kinds: i.parentElement.className.split(' '), a: read('--a'), b: read('--b'), lo: read('--lo'), hi: read('--hi'),
        from: parseFloat(known.left) / whole, long: parseFloat(known.width) / whole,
        around: parseFloat(more.left) / whole, about: parseFloat(more.width) / whole,
        dot: (parseFloat(more.left) + parseFloat(more.width) / 2) / whole,
        inside: lane.left >= 0 && lane.right <= window.innerWidth + 1 && lane.height > 4 && lane.width > 100,
        width: lane.width,
      };
    }),
  })),
  unscoped: document.querySelectorAll('.table-scroll th:not([scope]), table.chart th:not([scope])').length,
  colour: getComputedStyle(document.body).color,
  barColour: (i => i && getComputedStyle(i, '::before').borderTopColor)(document.querySelector('table.chart td i')),
})"""

DRAWN = """() => ({
  drawn: [...document.querySelectorAll('.plot.drawn')].filter(p => p.querySelector('svg.main-svg')).length,
  drawn_wide: document.documentElement.scrollWidth,
  axisColour: document.querySelector('.plot .xtick text')?.style.fill,
})"""


@pytest.mark.parametrize("view", ["phone", pytest.param("desktop-dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(site, chromium, book, name, view):
    """One test a page and view, so that each is opened once: asks no other host, draws every figure, fits the screen,

    says where to find help, and gives every figure its number, base, table and numbers to take along. Plotly comes
    when it is asked for.
    """
    page = look(site, chromium, name, view)
    written = (book / "chapters" / f"{name}.html").read_text(encoding="utf-8").count('class="plot"')
    assert [r for r in page["requests"] if not r.startswith((site, "data:", "blob:"))] == []
    assert page["complaints"] == []
    assert page["drawn"] == page["plots"] == written
    assert any("plotly" in r for r in page["requests"]) is (written > 0)
    assert not [r for r in page["at_first"] if "plotly" in r], "nobody asked for it yet"
    assert page["width"] <= page["view"] and page["drawn_wide"] <= page["view"]
    needed = ("113", "0800-0113", "113.nl", "112", "verzonnen", "Niet van MIND")
    assert [text for text in needed if text not in page["text"]] == []
    assert page["unscoped"] == 0
    assert [i for i, times in Counter(page["ids"]).items() if times > 1] == []
    for exhibit in page["exhibits"]:
        assert re.fullmatch(r"Figuur \d+", exhibit["number"]) and exhibit["label"], exhibit
        assert exhibit["wide"] <= 0, exhibit
        if exhibit["plot"]:
            assert exhibit["table"] and exhibit["rows"] and exhibit["csv"] == 1, exhibit
            assert "basis" in exhibit["asked"], exhibit
            assert exhibit["buttons"][:4] == ["point", "png", "svg", "csv"] and "cite" in exhibit["buttons"], exhibit
        else:
            assert len(exhibit["description"]) > 30 and exhibit["buttons"][0] == "cite", exhibit
        for lane in exhibit["lanes"]:
            hold_lane(lane)


def hold_lane(lane):
    """Hold what the browser draws to the numbers that the cell has: from where to where, and its interval."""
    near = lambda number: pytest.approx(number, abs=1)  # noqa: E731  (per cent of the lane; a pixel on a phone is .3)
    assert lane["inside"], lane
    kinds = lane["kinds"]
    if "bar" in kinds or "part" in kinds or kinds[0] == "range" and "settled" not in kinds:
        assert (lane["from"], lane["from"] + lane["long"]) == (near(lane["a"]), near(lane["b"])), lane
    if "bar" in kinds and "sure" in kinds or "outer" in kinds:
        assert (lane["around"], lane["around"] + lane["about"]) == (near(lane["lo"]), near(lane["hi"])), lane
    if "dot" in kinds:
        assert lane["dot"] == near(lane["b"]), lane
    if "dot" in kinds and "sure" in kinds:
        assert (lane["from"], lane["from"] + lane["long"]) == (near(lane["lo"]), near(lane["hi"])), lane


def test_figures_follow_the_page_into_the_dark(site, chromium):
    light, dark = (look(site, chromium, "use", view) for view in VIEWS)
    assert light["barColour"] != dark["barColour"] and light["axisColour"] != dark["axisColour"]


def test_figures_follow_when_the_reader_changes_the_colours(site, chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page.goto(f"{site}/chapters/use.html")
    page.locator("button[data-take=point]").first.click()
    page.wait_for_selector(".plot.drawn")
    fill = "document.querySelector('.plot .xtick text').style.fill"
    bar = "getComputedStyle(document.querySelector('.plot .point path')).fill"
    before, filled = page.evaluate(fill), page.evaluate(bar)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"{fill} !== '{before}' && {bar} !== '{filled}'")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_function(f"{fill} === '{before}' && {bar} === '{filled}'")
    page.close()


def test_a_reader_turns_a_table_into_a_drawing_and_back(site, chromium):
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{site}/chapters/use.html")
    figure = page.locator("#fig-talked")
    body, plot, button = (
        figure.locator("table.chart tbody"),
        figure.locator(".plot"),
        figure.locator("[data-take=point]"),
    )
    assert body.is_visible() and not plot.is_visible() and button.get_attribute("aria-pressed") == "false"
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#fig-talked .plot.drawn")
    assert plot.is_visible() and not body.is_visible() and button.get_attribute("aria-pressed") == "true"
    assert "38,1%" in plot.inner_text()
    page.keyboard.press("Enter")
    assert body.is_visible() and not plot.is_visible() and button.get_attribute("aria-pressed") == "false"
    page.close()


@pytest.fixture
def taken(site, chromium):
    """A figure of a page, and what it gives along."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site}/chapters/use.html")

    def take(what):
        with page.expect_download() as download:
            page.locator(f"#fig-user-by-care [data-take={what}]").click()
        return download.value.suggested_filename, download.value.path().read_bytes()

    yield page, take
    context.close()


SOURCE = "Cijfers uit het rapport van MIND uit 2025, opnieuw getekend; niet van MIND. CC BY 4.0"


def test_a_table_that_is_taken_along_says_in_every_row_where_it_is_from(taken):
    page, take = taken
    name, content = take("csv")
    shown = page.locator("#fig-user-by-care [data-rows]").get_attribute("data-rows")
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert name == "fig-user-by-care.csv" and [row[:-1] for row in rows] == list(csv.reader(shown.splitlines()))
    assert rows[0][-1] == "bron" and {row[-1] for row in rows[1:]} == {f"{SOURCE}. {page.url}#fig-user-by-care"}


def test_a_picture_that_is_taken_along_says_what_it_is_and_where_it_is_from(taken):
    page, take = taken
    name, content = take("svg")
    said = " ".join(re.sub("<[^>]+>", " ", content.decode("utf-8")).split())
    figure = page.locator("#fig-user-by-care")
    assert name == "fig-user-by-care.svg"
    for part in (figure.locator("figcaption"), figure.locator("caption"), figure.locator(".number")):
        assert set(part.text_content().split()) <= set(said.replace(". ", " . ").replace("&amp;", "&").split()) | set(
            said.split()
        )
    assert all(word in said for word in SOURCE.split()) and "fig-user-by-care" in said
    assert "53,7%" in said
    name, content = take("png")
    assert name == "fig-user-by-care.png" and content.startswith(b"\x89PNG") and len(content) > 10_000


def test_a_citation_has_number_title_book_source_and_address(taken):
    page, _ = taken
    figure = page.locator("#fig-user-by-care")
    figure.locator("[data-take=cite]").click()
    said = figure.locator("output").inner_text()
    number, title = figure.locator(".number").inner_text(), figure.locator("figcaption").inner_text()
    assert said.startswith(f"{number}: {title}. ") and said.endswith(f". {SOURCE}. {page.url}#fig-user-by-care")
    assert "AI en psychische klachten" in said


def test_figures_are_numbered_through_the_contents(book):
    order = re.findall(r"file: (chapters/\w+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [page for page in order if (book / f"{page}.html").exists()]
    first = [page for page in ("chapters/welcome",) if page not in pages]
    numbers = []
    for page in (*first, *pages):
        text = (book / f"{page}.html").read_text(encoding="utf-8")
        numbers += re.findall(r'class="number">Figuur (\d+)<', text)
        assert "<!-- number -->" not in text and "<!-- plot -->" not in text
    assert numbers == [str(i) for i in range(1, len(numbers) + 1)] and len(numbers) > 30


def test_how_a_figure_is_read_opens_by_keyboard(site, chromium):
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{site}/chapters/use.html")
    page.locator("figure.exhibit summary").first.focus()
    assert not page.locator("figure.exhibit details .notes").first.is_visible()
    page.keyboard.press("Enter")
    assert page.locator("figure.exhibit details .notes").first.is_visible()
    page.close()


def test_without_scripts_the_numbers_are_still_there(site, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/chapters/use.html")
    text = page.locator("#fig-talked").inner_text()
    assert all(said in text for said in ("38,1%", "34,7 tot 41,6%", "294", "basis: 771", "Figuur 3"))
    assert not page.locator("#fig-talked button").first.is_visible() and not page.locator(".plot").first.is_visible()
    assert page.locator("#fig-talked table.chart i").last.bounding_box()["height"] > 4, "bars need no script"
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

    head = (ROOT / "vendor" / "plotly-cartesian.min.js").read_text(encoding="utf-8")[:300]
    assert f"v{get_plotlyjs_version()}" in head


def test_published_files_carry_no_cell_of_a_respondent(book):
    """A respondent's key is R and four digits; none may stand in any file of the book."""
    for path in book.rglob("*"):
        if path.suffix in (".html", ".js", ".json", ".ipynb", ".txt") and path.name != "plotly-cartesian.min.js":
            assert not re.search(r"\bR\d{4}\b", path.read_text(encoding="utf-8", errors="replace")), path


def test_an_exhibit_waits_for_its_drawing_where_the_book_looks():
    assert render.PLOT == plots.PLACE


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


@pytest.mark.parametrize("wave", ["2025-reference", "practice-1"])
def test_a_raw_figure_that_the_book_would_draw_as_something_else_stops_its_cell(wave):
    def raw(kind):
        return {"output_type": "display_data", "metadata": {}, "data": {PLOTLY: {"data": [{"type": kind}]}}}

    given = {"wave": wave, "language": "nl"}
    assert raw("box") in edition.outputs(given, [raw("box")])
    with pytest.raises(ValueError, match="can't draw scatter3d"):
        edition.outputs(given, [raw("scatter3d")])
