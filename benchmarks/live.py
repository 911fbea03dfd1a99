"""How long it takes from a save to the page in the browser, for us and for what one would write a book with instead.

    python benchmarks/live.py                 20 saves of each kind; a few minutes
    python benchmarks/live.py --saves 5 --against observable

Three kinds of saves: words in a chapter, code in a chapter, a table that the chapter reads. Ours is the whole book with
one more chapter; a rival has a project of that one page, in a folder of its own. Every save writes another mark, and
what is measured is the time until it stands in the page of a headless Chromium: the median, and the longest. What the
cells of our chapter took is said beside it, for that is whoever wrote them. Who doesn't show the mark is stale.

Rivals: Observable Framework's preview and MyST's, from npm. Where one can't be had or doesn't start, that is said.
"""

import argparse
import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright
from speed import CODE, PARTS, ROOT, write

sys.path.insert(0, str(ROOT / "tests"))
from browser import find

BIN = Path(sys.executable).parent
GOALS = {"words": "0.6 s", "code": "0.8 s and the cells", "table": "1 s and what must run"}
KINDS = list(GOALS)
START, STALE, PAUSE = 240, 15, 2.5
"""Seconds a preview may take to show its first page, and a save to be shown; seconds between two saves."""
LOADER = 'import pandas\nprint("mark-code {mark},", *pandas.read_csv("table.csv").columns)\n'


class Preview:
    """What shows a page as it is written."""

    place: Path
    log: Path

    def cells(self) -> list[float]:
        """How long the page's cells ran, each time, as far as it says so."""
        return [float(seconds) for seconds in re.findall(r"^ran +mark +([\d.]+) s", self.log.read_text(), re.M)]


class Ours(Preview):
    """`serve`, on the whole book and a chapter that loads the wave, shows two figures, and reads a table."""

    name = "ours"

    def __init__(self, place: Path):
        self.place, self.log = place / "book", place / "log"
        for part in [*PARTS, "_toc.yml", "chapters", "exercises"]:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, self.place / part, ignore=shutil.ignore_patterns("__pycache__", "clean"))
            else:
                self.place.mkdir(exist_ok=True)
                shutil.copy(source, self.place / part)
        if (kept := ROOT / "_build" / "cache").exists():  # results that hold needn't be made again
            shutil.copytree(kept, self.place / "_build" / "cache")
        config, toc = self.place / "_config.yml", self.place / "_toc.yml"
        config.write_text(config.read_text().replace("book_ids: true", "book_ids: false"))
        toc.write_text(re.sub(r"(\n *)- file: ", r"\1- file: chapters/mark\1- file: ", toc.read_text(), count=1))
        self.marks = dict.fromkeys(KINDS, 0)
        self.page = "chapters/mark.html"
        self.command = [sys.executable, "-m", "analysis", "serve"]
        self.environment = {"PYTHONPATH": str(self.place)}
        for kind in ("table", "words"):
            self.save(kind, 0)

    def save(self, kind: str, mark: int) -> None:
        """Save something with a mark in it."""
        self.marks[kind] = mark
        if kind == "table":
            (self.place / "data" / "mark.csv").write_text(f"mark-table {mark}.\n1\n")
            return
        said = f"print('mark-code {self.marks['code']},', *pandas.read_csv('../data/mark.csv').columns)"
        code = [*CODE, f"import pandas\n{said}"]
        write(self.place / "chapters" / "mark.ipynb", "mark", f"mark-words {self.marks['words']}.", code)


class Observable(Preview):
    """Observable Framework's preview, of a page with a data loader in Python that imports pandas and reads a table."""

    name, package = "observable", "@observablehq/framework"

    def __init__(self, place: Path):
        self.place, self.log = place / "observable", place / "log"
        (self.place / "src").mkdir(parents=True)
        npm(self.place, self.package)
        self.page = "mark"
        self.command = ["npx", "observable", "preview", "--no-open", "--host", "127.0.0.1"]
        self.environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "OBSERVABLE_TELEMETRY_DISABLE": "true"}
        for kind in KINDS:
            self.save(kind, 0)

    def save(self, kind: str, mark: int) -> None:
        """Save something with a mark in it."""
        if kind == "words":
            told = '```js\ndisplay(await FileAttachment("mark.txt").text())\n```'
            (self.place / "src" / "mark.md").write_text(f"# mark\n\nmark-words {mark}.\n\n{told}\n")
        elif kind == "code":
            (self.place / "src" / "mark.txt.py").write_text(LOADER.format(mark=mark))
        else:
            (self.place / "table.csv").write_text(f"mark-table {mark}.\n1\n")


class Myst(Preview):
    """`myst start`, of a notebook that it executes; it needs a template from its makers' server."""

    name, package = "myst", "mystmd"

    def __init__(self, place: Path):
        self.place, self.log = place / "myst", place / "log"
        self.place.mkdir()
        npm(self.place, self.package)
        self.page = "mark"
        self.command = ["npx", "myst", "start", "--execute"]
        self.environment = {"PATH": f"{BIN}:{os.environ['PATH']}"}
        self.marks = dict.fromkeys(KINDS, 0)
        (self.place / "myst.yml").write_text("version: 1\nproject:\n  toc: [{file: mark.ipynb}]\nsite: {}\n")
        for kind in ("table", "words"):
            self.save(kind, 0)

    def save(self, kind: str, mark: int) -> None:
        """Save something with a mark in it."""
        self.marks[kind] = mark
        if kind == "table":
            (self.place / "table.csv").write_text(f"mark-table {mark}.\n1\n")
        else:
            code = [LOADER.format(mark=self.marks["code"])]
            write(self.place / "mark.ipynb", "mark", f"mark-words {self.marks['words']}.", code)


RIVALS = {rival.name: rival for rival in (Observable, Myst)}


def npm(place: Path, package: str) -> None:
    """Install a package in a folder; OSError when it isn't to be had."""
    (place / "package.json").write_text('{"type": "module"}')
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", package]
    result = subprocess.run(command, cwd=place, capture_output=True, text=True)
    if result.returncode:
        raise OSError(f"npm has no {package}: {result.stderr.strip()[-200:]}")


@contextlib.contextmanager
def started(preview) -> Iterator[tuple[str, Callable]]:
    """Start a preview in its folder; yield its address, and what asks whether it has ended."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with preview.log.open("w") as log:
        process = subprocess.Popen(
            [*preview.command, "--port", str(port)], cwd=preview.place, stdout=log, stderr=log,
            env=os.environ | preview.environment, start_new_session=True,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}/{preview.page}", process.poll
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait(30)


def shown(page: Page, text: str, patience: float) -> bool:
    """Whether a text stands in a page within so many seconds."""
    try:
        page.wait_for_function("text => document.body?.textContent.includes(text)", arg=text, timeout=1000 * patience)
    except Error:
        return False
    return True


def first(page: Page, address: str, ended: Callable) -> bool:
    """Open the page as soon as it is served; False when that takes too long, or nobody is left to serve it."""
    end = time.monotonic() + START
    while time.monotonic() < end and ended() is None:
        with contextlib.suppress(Error):
            page.goto(address, timeout=1000 * START)
            if shown(page, "mark-words 0.", 5):
                return True
        time.sleep(1)
    return False


def measure(make: Callable, place: Path, page: Page, saves: int) -> Iterator[tuple[str, str]]:
    """Yield each kind of save with what a preview took for it, in words."""
    place.mkdir()
    try:
        preview = make(place)
    except OSError as error:
        yield "all", f"not here: {error}"
        return
    with started(preview) as (address, ended):
        if not first(page, address, ended):
            lines = preview.log.read_text().strip().splitlines() or ["said nothing"]
            wrong = next((line for line in lines if "rror" in line or "ould not" in line), lines[-1])
            yield "all", f"didn't start: {wrong.strip()[:70]}"
            return
        time.sleep(3 * PAUSE)
        for kind in KINDS:
            before, seconds = len(preview.cells()), list[float]()
            for mark in range(1, saves + 1):
                time.sleep(PAUSE)
                began = time.perf_counter()
                preview.save(kind, mark)
                if not shown(page, f"mark-{kind} {mark}{',' if kind == 'code' else '.'}", STALE):
                    break
                seconds.append(time.perf_counter() - began)
            if len(seconds) < saves:
                yield kind, "stale"
                continue
            ran = preview.cells()[before:]
            cells = f"; cells {statistics.median(ran):.2f} s" if ran else ""
            yield kind, f"{statistics.median(seconds):.2f} s, {max(seconds):.2f} at most{cells}"


def main() -> None:
    """Measure all in one run, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saves", type=int, default=20, help="saves of each kind (default: %(default)s)")
    parser.add_argument(
        "--against", nargs="*", default=list(RIVALS), choices=list(RIVALS), help="rivals (default: all)"
    )
    options = parser.parse_args()
    print(f"{options.saves} saves of each kind, median from the save to the page; load {os.getloadavg()[0]:.1f} "
          f"on {os.cpu_count()} processors", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        for make in (Ours, *(RIVALS[name] for name in options.against)):
            page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)
            for kind, said in measure(make, Path(folder) / make.name, page, options.saves):
                goal = f"goal {GOALS[kind]}" if make is Ours and kind in GOALS else ""
                print(f"{make.name:<12}{kind:<8}{said:<46}{goal}", flush=True)
            page.close()
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
