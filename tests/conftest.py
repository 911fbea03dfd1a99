"""What tests share: the repository, a copy of it to break, and the built book."""

import contextlib
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from browser import find
from playwright.sync_api import sync_playwright

from analysis import standing
from analysis.survey import questionnaire, waves

ROOT = Path(__file__).resolve().parents[1]
OTHER = ROOT / "tests" / "data" / "other"
"""Another survey, of eighteen invented cyclists, with a report of its own."""
KINDS = {
    path: standing.kinds("".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]))
    for path in sorted((*(ROOT / "chapters").glob("*.ipynb"), *(ROOT / "exercises").glob("*.ipynb")))
}
"""Every chapter and page of exercises, and the kinds of edition that it stands in; none for all."""
WHOLE = {"wheel", "book", "built", "toy", "chromium"}
"""What a test asks for that builds books or opens a browser."""
PARTS = [
    "analysis",
    "chapters",
    "exercises",
    "data",
    "locale",
    "_static",
    "_templates",
    "vendor",
    "_config.yml",
    "_toc.yml",
    "requirements.txt",
]


def pytest_collection_modifyitems(items):
    """Mark the tests that need a whole book, or run chapters: the fast ring leaves them out."""
    for item in items:
        if WHOLE & set(item.fixturenames) or item.path.parent.name in ("build", "book"):
            item.add_marker("whole")


@pytest.fixture
def shown(monkeypatch):
    """What a chapter would display."""
    from analysis.show import exhibits

    parts = []
    monkeypatch.setattr(exhibits, "display", lambda what, **_: parts.append(what))
    return parts


@pytest.fixture(autouse=True)
def first_language():
    """The edition speaks the book's first language and no answers of people are open, whatever a test before did."""
    from analysis.show.edition import speak
    from analysis.survey import terms

    speak("nl")
    terms.forget()


def command(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run the command line of the project in `root` and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def as_if_asked(wave: str | Path, language: str = "nl") -> questionnaire.Questionnaire:
    """A wave's questionnaire without origins or print: its people count as if they had really answered."""
    return questionnaire.read(waves.read_wave(wave).questionnaire, language)


@pytest.fixture(scope="session")
def book() -> Path:
    """The published book of the reference wave, built as `make book` does."""
    result = command(ROOT, "book")
    assert result.returncode == 0, result.stdout + result.stderr
    return published(ROOT)


def published(root: Path, name: str = "2025-reference") -> Path:
    """Return the folder that an edition is published in, in the open or for its maker alone."""
    private = root / "_build" / "confidential" / name / "nl"
    return private if private.exists() else root / "_build" / "editions" / name / "nl"


def copy_project(place: Path) -> Path:
    """Copy the project's sources, not what was made from them."""
    ignore = shutil.ignore_patterns("__pycache__", "clean", ".ipynb_checkpoints")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, place / part, ignore=ignore)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place / part)
    return place


@pytest.fixture
def project(tmp_path) -> Path:
    """A copy of the project that a test may break."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def site(book):
    """The address of the book on a server of its own, in a folder: as on any static host."""
    with serve(book.parents[1]) as address:
        yield f"{address}/{book.parent.name}/{book.name}"


@contextlib.contextmanager
def serve(folder: Path):
    """Serve a folder as it is; give the address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")  # one at a time: two of them in a process are one too many
def chromium():
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=find(), args=options)
        yield browser
        browser.close()
