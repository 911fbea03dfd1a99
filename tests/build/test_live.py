"""What is shown while someone writes: what a build would publish, as soon as it is saved, or in words what is wrong."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from browser import find
from conftest import command, published
from playwright.sync_api import sync_playwright
from test_build import built, edit, processes, toy, write_chapter, write_toc  # noqa: F401  # two are fixtures

from analysis.build import live

PUT_IN = re.compile(re.escape(live.PUT_IN).replace(r"\{made\}", "[0-9a-f]{64}").encode())
PATIENCE = 180


class Live:
    """`serve` in a project, as it says it."""

    def __init__(self, place, *options):
        environment = os.environ | {"PYTHONPATH": str(place), "CI": "true"}
        self.log = (place.parent / "serve.log").open("w+", encoding="utf-8")
        words = [sys.executable, "-m", "analysis", "serve", "--port", "0", *options]
        self.process = subprocess.Popen(words, cwd=place, env=environment, stdout=self.log, stderr=self.log)
        self.waited = 0
        self.after("whole ", "stopped", "refused", "wrong")
        self.address = re.search(r"http://127.0.0.1:\d+", self.said())[0]

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def after(self, *words):
        """Wait until it has said one of these since it was last waited for."""
        end = time.monotonic() + PATIENCE
        while not any(word in self.said()[self.waited :] for word in words):
            assert time.monotonic() < end and self.process.poll() is None, self.said()
            time.sleep(0.05)
        self.waited = len(self.said())

    def get(self, name, **headers):
        """The state and the content of a file."""
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.address}/{name}", headers=headers)) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def page(self, name):
        status, content = self.get(f"chapters/{name}.html")
        return status, content.decode()


@pytest.fixture
def shows():
    """Start `serve` in a project, and end it with the test, with all that it started."""
    with contextlib.ExitStack() as stack:

        def start(place, *options):
            shown = Live(place, *options)

            def end():
                shown.process.send_signal(signal.SIGINT)
                assert shown.process.wait(30) == 0 and processes(place) == []
                shown.log.close()

            stack.callback(end)
            return shown

        yield start


def same(place, shown):
    """Hold what is shown against what a build publishes: every file, apart from the script that is put in."""
    result = command(place, "book")
    assert result.returncode == 0, result.stdout + result.stderr
    root = published(place)
    names = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()} - {"provenance.json"}
    assert {n for n in names if n.endswith(".html")} >= {"index.html", "search.html", "chapters/plain.html"}
    for name in sorted(names, key=lambda name: name != "search.html"):  # which loads the search index
        served = PUT_IN.sub(b"", shown.get(name)[1])
        assert served == (root / name).read_bytes(), name
        assert b"/.live/" not in served


def test_what_is_shown_is_what_a_build_publishes_through_words_code_and_an_error(toy, shows):  # noqa: F811
    shown = shows(toy)
    edit(toy / "chapters" / "plain.ipynb", "# plain", "# A plainer title")
    shown.after("shown ")
    assert "A plainer title" in shown.page("reader")[1], "the menu of another page"
    edit(toy / "chapters" / "plain.ipynb", "1 + 1", "20 / 0")
    shown.after("division")
    status, page = shown.page("plain")
    assert status == 500 and "plain stopped at cell 3" in page and "ZeroDivisionError: division by zero" in page
    edit(toy / "chapters" / "plain.ipynb", "20 / 0", "20 + 3")
    shown.after("shown ")
    status, page = shown.page("plain")
    assert status == 200 and "23" in page
    same(toy, shown)
    assert shown.get("chapters/plain.html", Host="elsewhere.example")[0] == 400


@pytest.mark.long
def test_what_is_shown_stays_true_whatever_changes(toy, shows):  # noqa: F811
    shown = shows(toy)
    path = toy / "data" / "waves" / "2025-reference" / "responses.csv"
    whole = path.read_text(encoding="utf-8")
    edit(path, "R0001,a,", "R0001,z,")
    shown.after("is not an answer")
    assert shown.page("reader")[0] == 500 and "is not an answer" in shown.page("reader")[1]
    path.write_text("".join(whole.splitlines(keepends=True)[:101]), encoding="utf-8")
    shown.after("shown ")
    same(toy, shown)
    # a module that a chapter imports, one that the build imports itself, and one that can't be imported
    edit(toy / "analysis" / "stats" / "comparisons.py", "SMALL = 5", "SMALL = 77")
    shown.after("shown ")
    assert "77" in shown.page("importer")[1]
    edit(toy / "analysis" / "words.py", '"""', '"""(')
    shown.after("shown ")
    same(toy, shown)
    edit(toy / "analysis" / "words.py", "import", "(import")
    shown.after("SyntaxError")
    assert shown.page("plain")[0] == 500 and "SyntaxError" in shown.page("plain")[1]
    edit(toy / "analysis" / "words.py", "(import", "import")
    shown.after("shown ")
    # an id that moves to another page, and a link to one that is gone
    for name, other in (("plain", "reader"), ("reader", "plain")):
        write_chapter(toy, other, ["print(1)"])
        write_chapter(toy, name, ["print(1)"], prose="(moves)=\n## Moves\n\nWords.")
        shown.after("whole ")
        assert 'id="moves"' in shown.page(name)[1] and 'id="moves"' not in shown.page(other)[1]
    write_chapter(toy, "importer", ["print(1)"], prose="See [](#moves).")
    shown.after("whole ")
    write_chapter(toy, "reader", ["print(1)"])
    shown.after("Sphinx refused the pages")
    assert "moves" in shown.page("importer")[1] and shown.page("plain")[0] == 500
    write_chapter(toy, "reader", ["print(1)"], prose="(moves)=\n## Moves\n\nWords.")
    shown.after("whole ")
    # what shapes all pages, and which there are
    write_chapter(toy, "new", ["print('new here')"])
    write_toc(toy, ["reader", "importer", "plain", "new"])
    shown.after("whole ")
    assert "new here" in shown.page("new")[1]
    edit(toy / "_config.yml", "title: ", "title: Of ")
    edit(toy / "_static" / "book.css", "{", "{ ")
    shown.after("whole ")
    same(toy, shown)


@pytest.mark.long
def test_a_confidential_edition_is_shown_on_this_machine_alone_and_says_so(toy, shows):  # noqa: F811
    for name in ("reader", "importer", "plain"):
        write_chapter(toy, name, ["import analysis\nquestions = analysis.questions(wave, language)"])
    wave = shutil.copytree(toy / "data" / "waves" / "2025-reference", toy / "data" / "waves" / "again")
    edit(wave / "wave.toml", 'kind = "synthetic"', 'kind = "confidential"')
    shown = shows(toy, "--wave", "again")
    assert "These are answers of people, for you alone: no other machine can reach this address" in shown.said()
    assert shown.page("plain")[0] == 200
    listening = subprocess.run(["ss", "-tln"], capture_output=True, text=True).stdout if shutil.which("ss") else ""
    assert f"0.0.0.0:{shown.address.rpartition(':')[2]}" not in listening
    private = toy / "_build" / "confidential"
    assert (private / ".live" / "again").exists() and not (toy / "_build" / "live").exists()
    write_chapter(toy, "plain", ["raise ValueError('words of somebody')"])
    shown.after("ValueError")
    assert "ValueError" in shown.page("plain")[1] and "words of somebody" not in shown.page("plain")[1] + shown.said()


@pytest.mark.long
def test_the_browser_shows_what_is_saved_at_the_same_place_and_an_error_over_the_page(toy, shows):  # noqa: F811
    long = "\\n\\n".join(f"Paragraph {i}." for i in range(200)).replace("\\n", "\n")
    write_chapter(toy, "plain", ["print(1 + 1)"], prose=f"Some words.\n\n{long}")
    shown = shows(toy)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)  # for what is asked here
        page.goto(f"{shown.address}/chapters/plain.html")
        page.evaluate("window.scrollTo(0, 3000)")
        edit(toy / "chapters" / "plain.ipynb", "Some words.", "Other words.")
        page.wait_for_function("document.body?.textContent.includes('Other words.')")
        page.wait_for_function("Math.abs(window.scrollY - 3000) < 5")
        edit(toy / "chapters" / "plain.ipynb", "1 + 1", "1 / 0")
        page.wait_for_selector("#live-wrong >> text=ZeroDivisionError: division by zero")
        edit(toy / "chapters" / "plain.ipynb", "1 / 0", "1 + 1")
        page.wait_for_selector("#live-wrong", state="detached")
        assert abs(page.evaluate("window.scrollY") - 3000) < 5
        browser.close()
