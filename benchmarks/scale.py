"""How cleaning and the book grow with the number of people.

    python benchmarks/scale.py                          10,000 to 1,000,000 people
    python benchmarks/scale.py --people 10000 100000    other sizes
    python benchmarks/scale.py --no-book                cleaning alone
    python benchmarks/scale.py --chapters               a line a chapter besides

Each wave is drawn with replacement from the reference wave's responses, under new keys: invented
people, in a copy of the project that is thrown away. Cleaning is a process of its own, its memory
the highest that it held; of the book it is the highest that one of its processes held. Behind each
number stands how many times that of the row above it is: linear is no more than their people are.
On a busy machine seconds of processor tell more than those on the clock.
"""

import argparse
import contextlib
import csv
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
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
REFERENCE = "2025-reference"
PEOPLE = [10_000, 100_000, 200_000, 400_000, 1_000_000]
SEED = 2025
PAUSE = 0.05
"""Seconds between two looks at how much memory a process holds."""
MB = 1024**2
LABEL = """title_nl = "Bij loting getrokken uit verzonnen mensen: {people}"
title_en = "Drawn by lot from invented people: {people}"
kind = "synthetic"
questionnaire = "../../questionnaire"
responses = "responses.csv"
respondent = "respondent"
note = "Drawn by lot from invented respondents, to see how long it takes. It says nothing about anybody."

[fieldwork]
start = 2025-09-03
end = 2025-09-24
"""


def project(place: Path) -> Path:
    """Copy the project's sources, not what was made from them."""
    place.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__", "clean"))
        else:
            shutil.copy(ROOT / part, place / part)
    return place


def draw(place: Path, people: int) -> str:
    """Make a wave of so many people in a copy of the project; return its name."""
    source = place / "data" / "waves" / REFERENCE
    folder = source.parent / f"scale-{people}"
    folder.mkdir()
    (folder / "wave.toml").write_text(LABEL.format(people=people), encoding="utf-8")
    shutil.copy(source / "study.csv", folder)
    with (source / "provenance.csv").open(encoding="utf-8") as lines:
        (folder / "provenance.csv").write_text(next(lines), encoding="utf-8")
    with (source / "responses.csv").open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    key = header.index("respondent")
    chance = random.Random(SEED)
    with (folder / "responses.csv").open("w", encoding="utf-8", newline="") as lines:
        export = csv.writer(lines)
        export.writerow(header)
        for number in range(people):
            row = list(chance.choice(rows))
            row[key] = f"P{number:08d}"
            export.writerow(row)
    return folder.name


def measured(place: Path, *arguments: str) -> tuple[float, float, float, str]:
    """Run a command: seconds, its own seconds of processor, the most MB that one process held, what it printed."""
    environment = os.environ | {"PYTHONPATH": str(place)}
    start = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "analysis", *arguments], cwd=place, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    held, done = [0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(psutil.Process(running.pid), held, done))
    watcher.start()
    said = running.stdout.read()
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    if running.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{said}")
    return seconds, usage.ru_utime + usage.ru_stime, max(usage.ru_maxrss * 1024, *held) / MB, said


def _watch(process: psutil.Process, held: list[int], done: threading.Event) -> None:
    """Note the most memory that any process which this one started is seen to hold."""
    while not done.wait(PAUSE):
        with contextlib.suppress(psutil.Error):
            held += [max(held.pop(), *(one.memory_info().rss for one in process.children(recursive=True)), 0)]


def _watch(process: psutil.Process, held: list[int], done: threading.Event) -> None:
    """Note the most memory that a process, or any that it started, is seen to hold."""
    while not done.wait(PAUSE):
        try:
            family = process.children(recursive=True)
        except psutil.Error:
            return
        for one in family:
            try:
                held.append(max(held.pop(), one.memory_info().rss))
            except psutil.Error:
                held.append(held[-1] if held else 0)


def main() -> None:
    """Print the table, a row a size, as each is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    parser.add_argument("--no-book", action="store_true", help="cleaning alone")
    parser.add_argument("--chapters", action="store_true", help="a line a chapter besides, the longest first")
    options = parser.parse_args()
    names = ["cleaning s", "of processor", "MB"] + ["book s", "MB"] * (not options.no_book)
    print(f"{'people':>10}" + "".join(f"{name:>16}" for name in names) + f"{'load':>8}", flush=True)
    before: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        place = project(Path(folder) / "project")
        for people in options.people:
            wave = draw(place, people)
            load, chapters = os.getloadavg()[0], []
            *row, _ = measured(place, "clean", "--wave", wave)
            if not options.no_book:
                seconds, _, megabytes, said = measured(place, "book", "--wave", wave, "--timeout", "3600")
                row += [seconds, megabytes]
                chapters = re.findall(r"^ran +(\S+) +([\d.]+) s", said, re.MULTILINE)
            ratios = [f" ({now / then:.2f})" for now, then in zip(row, before, strict=False)] or [""] * len(row)
            cells = [f"{value:.1f}{ratio}" for value, ratio in zip(row, ratios, strict=True)]
            print(f"{people:>10,}" + "".join(f"{cell:>16}" for cell in cells) + f"{load:>8.1f}", flush=True)
            for name, seconds in sorted(chapters, key=lambda chapter: -float(chapter[1])) if options.chapters else ():
                print(f"{'':>10}{name:>16}{seconds:>16}", flush=True)
            before = row
            shutil.rmtree(place / "data" / "waves" / wave)
            shutil.rmtree(place / "data" / "clean" / wave)


if __name__ == "__main__":
    main()
