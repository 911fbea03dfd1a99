"""How fast the book builds, against what one would do instead, on the same chapters in one run.

    python benchmarks/speed.py                      12 small chapters
    python benchmarks/speed.py --chapters 12 48 200 how it grows

Rivals: `jupyter-book build` with its own execution (`force`, then `cache`), and papermill's
command line one chapter after another followed by Jupyter Book with execution off. Each
starts from the same project, its dataset cleaned already, in a folder of its own. What counts
is the ratio within a run; seconds differ from machine to machine. Whoever shows another number
of people than we do was fast because it didn't look: that is marked stale.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["analysis", "data", "locale", "_static", "_templates", "vendor", "_config.yml", "requirements.txt"]
BIN = Path(sys.executable).parent
CODE = [
    'wave = "2025-reference"\nlanguage = "nl"',
    "import analysis\nfrom analysis.show.exhibits import show\nfrom analysis.stats import comparisons\n"
    "from analysis.stats.estimates import share, shares",
    "responses = analysis.load(wave)\nquestions = analysis.questions(wave, language)",
    "use = shares(responses, questions.talked)\nshow(use)",
    "show(shares(responses, questions.tools))",
    'show(share(responses, questions.user, "yes", by=questions.age_group))',
    "comparisons.association(responses, questions.user, questions.care)",
]


def project(place: Path, count: int) -> Path:
    """Make a project of `count` small chapters that load the data, estimate, test and draw three figures."""
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        place.mkdir(parents=True, exist_ok=True)
        copy(source, place / part, **({"ignore": shutil.ignore_patterns("__pycache__")} if source.is_dir() else {}))
    (place / "chapters").mkdir()
    names = [f"toy{i}" for i in range(count)]
    for name in names:
        write(place / "chapters" / f"{name}.ipynb", name)
    first, *rest = names
    toc = f"format: jb-book\nroot: chapters/{first}\nchapters:\n" + "".join(f"  - file: chapters/{n}\n" for n in rest)
    (place / "_toc.yml").write_text(toc)
    return place


def write(path: Path, name: str, prose: str = "Some words.", code: list[str] = CODE) -> None:
    """Write one chapter; its last cell names it, for caches take chapters with the same code for one."""
    code = [*code, f"print({name!r}, len(responses))"]
    cells = [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": f"# {name}\n\n{prose}"}]
    for i, source in enumerate(code):
        tags = {"tags": ["parameters"]} if not i else {}
        cell = {"cell_type": "code", "id": f"c{i}", "metadata": tags, "source": source}
        cells.append(cell | {"outputs": [], "execution_count": None})
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook))


def run(place: Path, *command: str) -> float:
    """Run a command in a project and return the seconds it took; stop when it fails."""
    environment = os.environ | {"PYTHONPATH": str(place)}
    began = time.perf_counter()
    result = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return time.perf_counter() - began


def without_ours(place: Path, mode: str) -> None:
    """Take our extension and what is meant for it out of `_config.yml`, and let Jupyter Book execute as `mode` says."""
    path = place / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["execute"]["execute_notebooks"] = mode
    sphinx = config["sphinx"]["config"]
    sphinx["extensions"] = [e for e in sphinx["extensions"] if not e.startswith("analysis.")] + ["jupyter_book"]
    config["sphinx"]["config"] = {key: value for key, value in sphinx.items() if not key.startswith("book_")}
    path.write_text(yaml.safe_dump(config), encoding="utf-8")


def ours(place: Path) -> float:
    """Our build."""
    return run(place, sys.executable, "-m", "analysis", "book")


def jupyter_book(mode: str):
    """Jupyter Book with its own execution."""

    def build(place: Path) -> float:
        without_ours(place, mode)
        return run(place, str(BIN / "jupyter-book"), "build", ".")

    return build


def papermill(place: Path) -> float:
    """Papermill's command line, one after another, then Jupyter Book with execution off."""
    copies = place / "copies"
    (copies / "chapters").mkdir(parents=True, exist_ok=True)
    seconds = 0.0
    for chapter in sorted((place / "chapters").glob("*.ipynb")):
        target = str(copies / "chapters" / chapter.name)
        options = ["--no-progress-bar", "-p", "wave", "2025-reference", "--cwd", str(place / "chapters")]
        seconds += run(place, str(BIN / "papermill"), str(chapter), target, *options)
    for part in ("_toc.yml", "_config.yml"):
        shutil.copy(place / part, copies)
    without_ours(copies, "off")
    return seconds + run(place, str(BIN / "jupyter-book"), "build", str(copies))


RIVALS = {"jb-force": jupyter_book("force"), "jb-cache": jupyter_book("cache"), "papermill": papermill}


def shown(place: Path) -> str:
    """How many people the first chapter's page shows; stops when there is no such page."""
    pages = [page for page in place.rglob("toy0.html") if {"html", "editions"} & set(page.parent.parts)]
    found = re.search(r"toy0 (\d+)", max(pages, key=lambda page: page.stat().st_mtime).read_text()) if pages else None
    if not found:
        sys.exit(f"{place}: the first chapter has no page with its result, so there is nothing to time")
    return found[1]


def changes(place: Path):
    """Yield the name of each situation after bringing it about."""
    yield "cold"
    yield "unchanged"
    write(place / "chapters" / "toy0.ipynb", "toy0", prose="Other words.")
    yield "one prose edit"
    write(place / "chapters" / "toy0.ipynb", "toy0", prose="Other words.", code=[*CODE, "print(1)"])
    yield "one code edit"
    path = place / "data" / "waves" / "2025-reference" / "responses.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:701]))
    yield "data edit"


def main() -> None:
    """Measure and print a table of seconds and ratios for each number of chapters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chapters", type=int, nargs="+", default=[12], help="numbers of chapters (default: 12)")
    parser.add_argument(
        "--against", nargs="*", default=list(RIVALS), choices=list(RIVALS), help="rivals (default: all)"
    )
    options = parser.parse_args()
    rivals = {"ours": ours} | {name: RIVALS[name] for name in options.against}
    for count in options.chapters:
        seconds: dict[str, dict[str, float]] = {}
        people: dict[str, dict[str, str]] = {}
        for name, build in rivals.items():
            with tempfile.TemporaryDirectory() as folder:
                place = project(Path(folder) / "project", count)
                for situation in changes(place):
                    seconds.setdefault(situation, {})[name] = build(place)
                    people.setdefault(situation, {})[name] = shown(place)
        print(f"\n{count} chapters, seconds (and ours as a share of it)")
        print(f"{'':16}" + "".join(f"{name:>20}" for name in rivals))
        for situation, row in seconds.items():
            right = people[situation]["ours"]
            stale = [" stale" * (people[situation][name] != right) for name in row]
            ratios = [f"{value:.1f} ({row['ours'] / value:.2f})" for value in row.values()]
            cells = [ratio + mark for ratio, mark in zip(ratios, stale, strict=True)]
            print(f"{situation:16}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
