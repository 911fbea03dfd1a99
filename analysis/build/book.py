"""Build an edition of the book: run what must run, render, check the whole, publish all of it or nothing.

What stands in `_build/editions/<name>/<language>` is always one whole book: a new one is made beside it and changes
places with it in one step. Whatever stops a build before that, the last good book stays.
"""

import csv
import ctypes
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock

from analysis import paths
from analysis.build import chapters, pages, runs
from analysis.files import digest, write_whole

RECORD = "provenance.json"
"""The file in a published book that says what it was made from."""
SHAPES = ("_toc.yml", "_config.yml", "_static", "_templates", "vendor", "locale", "analysis/*.py", "analysis/build")
"""What shapes pages, as patterns of files and folders; what shapes results is found by watching the runs."""
MADE = (".pyc", ".mo")
"""Endings of files that are made of others."""


class BuildError(Exception):
    """The book couldn't be built; the message says why and what to do."""


def build(
    name: str, parameters: dict[str, str], language: str = "nl", root: Path = paths.ROOT, say: chapters.Say = print,
    fork: bool | None = None, timeout: int = runs.CELL_TIMEOUT, opened: bool = False,
    progress: runs.Progress = runs.untold,
) -> Path:  # fmt: skip
    """Build an edition in one language; return the folder it is published in.

    Its chapters are given `parameters`. Those whose result still holds aren't run; when no page would differ, nothing
    is done. An edition that stands here for its maker alone isn't built in the open unless `opened` says so, which the
    record keeps. `say` is told of every step, a line each, and `progress` of what is running. `fork` chooses how
    kernels start, by default by what the machine can do. Raises BuildError, or ValueError for data that don't match the
    questionnaire; the book that stood there before is then as it was.
    """
    start = time.perf_counter()
    try:
        book = chapters.Book(root, parameters, language, chapters.read_settings(root))
        place, work = book.place(name), book.kept("work") / name / language
        refuse_two_ways(book, opened)
        with _alone(place, work, say):
            decisions = chapters.plan(book)
            renderer = None
            try:
                if any(reason for reason, _ in decisions.values()):
                    renderer = pages.Renderer(root, language, work / "sphinx.log")
                files = chapters.copies(book, chapters.results(book, decisions, say, fork, timeout, progress))
                index = json.loads(files[chapters.INDEX])
                record = _record(book, name, index, opened)
                told = chapters.told(index)
                told[0] += f"; all of them: {_list(index, work / 'sentences.csv')}"
                if _stands(place, record):
                    say("\n".join(told))
                    say(f"unchanged {place / 'index.html'}  {time.perf_counter() - start:.1f} s")
                    return place
                say("pages     rendering")
                renderer = renderer or pages.Renderer(root, language, work / "sphinx.log")
                made = _render(files, parameters, work, renderer)
            finally:
                if renderer:
                    renderer.end()
            if _record(book, name, index, opened) != record:
                raise BuildError("Sources changed while the pages were made. Build again; the book is unchanged.")
            record |= {"files": {n: digest((made / n).read_bytes()) for n in sorted(_files(made))}}
            if book.private:
                write_whole(_kept(place), _written(record))
                record = _without_answers(record)
            (made / RECORD).write_bytes(_written(record))
            publish(made, place)
    except (runs.ChapterError, pages.PageError) as error:
        raise BuildError(f"{error}\nThe book that was there before is unchanged.") from None
    except chapters.BookError as error:
        raise BuildError(str(error)) from None
    except OSError as error:
        if error.errno is None:  # one of ours, which says what to do
            raise BuildError(f"{error}\nThe book that was there is unchanged.") from None
        where = f" ({error.filename})" if error.filename else ""
        raise BuildError(f"{error.strerror}{where}. {runs.remedy(error)}") from None
    say("\n".join([*told, f"done      {place / 'index.html'}  {time.perf_counter() - start:.1f} s"]))
    return place


def _list(index: dict[str, dict], path: Path) -> Path:
    """Write what became of all guarded sentences as CSV; return where."""
    text = io.StringIO()
    columns = ["chapter", "sentence", "condition", "state", "distance", "at_least", "why", "checks"]
    lines = csv.DictWriter(text, columns, lineterminator="\n")
    lines.writeheader()
    lines.writerows({"chapter": n.rpartition("/")[2]} | row for n, page in index.items() for row in page["sentences"])
    write_whole(path, text.getvalue().encode("utf-8"))
    return path


def refuse_two_ways(book: chapters.Book, opened: bool) -> None:
    """Refuse to build in the open what stands here as an edition for its maker alone, unless `opened`; or turned about.

    What was built in the open before its answers were called confidential would be published with the next edition.
    """
    other = paths.OPEN if book.private else paths.CONFIDENTIAL
    for path in sorted((book.root / "_build" / other).glob(f"*/*/{RECORD}")) if book.private or not opened else ():
        with suppress(OSError, ValueError, KeyError):
            if json.loads(path.read_text(encoding="utf-8"))["parameters"] != book.parameters:
                continue
            if book.private:
                raise BuildError(
                    f"{path.parent} is an edition of the same answers in the open, made before they were called "
                    "confidential. Throw that folder away, and every copy of it, then build again. Nothing was run."
                )
            raise BuildError(
                f"{path.parent} is an edition of the same answers for you alone, and this one would be in the "
                "open. If anybody may read them now, say so with --no-longer-confidential. Nothing was run."
            )


# --- the record -----------------------------------------------------------------------------


def _record(book: chapters.Book, name: str, index: dict[str, dict], opened: bool) -> dict:
    """Say what an edition is made from."""
    commit, shaped = chapters.commit(book.root), shapes(book.root)
    said = [name, book.language, commit, book.words(), {page: made["copy"] for page, made in index.items()}, shaped]
    return {
        "name": name,
        "language": book.language,
        "parameters": book.parameters,
        "commit": commit,
        "lock": runs.digest_of(book.root, runs.LOCK),
        "chapters": {page: made["made_from"] for page, made in index.items()},
        "shapes": shaped,
        "inputs": digest(json.dumps(said, sort_keys=True).encode()),
        **book.ask("book_record", {}),
        **({"opened": True} if opened else {}),
    }


def _without_answers(record: dict) -> dict:
    """Leave out of a record the hashes of data and of what came of them: a small table can be found by its hash."""
    said = {key: value for key, value in record.items() if key != "inputs"}
    return said | {"chapters": {name: {key: made[key] for key in ("chapter", "parameters", "python", "lock")}
                                for name, made in record["chapters"].items()}}  # fmt: skip


def _kept(place: Path) -> Path:
    """Where the whole record of an edition lies that isn't published with it."""
    return place.parents[1] / ".records" / place.parent.name / f"{place.name}.json"


def _written(record: dict) -> bytes:
    """Write a record with its seal."""
    sealed = record | {"seal": _seal(record)}
    return (json.dumps(sealed, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _read(place: Path) -> dict:
    """Read the record of a published edition with what is kept of it beside; OSError or ValueError when it can't be."""
    found: dict[str, Any] = {}
    for path in (place / RECORD, _kept(place)):
        if path == place / RECORD or path.exists():
            record = json.loads(path.read_text(encoding="utf-8"))
            if record.get("seal") != _seal(record):
                raise ValueError(f"{path}: not as it was published; build the book again")
            found |= record
    return found


def shapes(root: Path) -> dict[str, str]:
    """Hash every file that shapes pages."""
    found = [p for name in SHAPES for p in root.glob(name)]
    files = [p for place in found for p in ([place] if place.is_file() else place.rglob("*"))]
    files = [p for p in files if p.is_file() and p.suffix not in MADE]
    return {p.relative_to(root).as_posix(): digest(p.read_bytes()) for p in sorted(files)}


def _stands(place: Path, record: dict) -> bool:
    """Whether the published book was made from the same inputs and is whole."""
    try:
        published = _read(place)
        return published["inputs"] == record["inputs"] and not _spoiled(place, published["files"])
    except (OSError, ValueError, KeyError):
        return False


def _files(place: Path) -> set[str]:
    """Name the files in a folder, with slashes."""
    return {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}


def _seal(record: dict) -> str:
    """Hash what a record says, but for this hash itself."""
    said = {key: value for key, value in record.items() if key != "seal"}
    return digest(json.dumps(said, sort_keys=True).encode())


def _spoiled(place: Path, files: dict[str, str]) -> list[str]:
    """List the published files that are missing, changed, or there without having been published."""
    there = _files(place) - {RECORD}
    return sorted(there ^ set(files)) + [
        n for n, then in files.items() if n in there and runs.digest_of(place, n) != then
    ]


def verify(name: str, language: str = "nl", root: Path = paths.ROOT) -> list[str]:
    """Recompute a published edition's record from its folder and the checkout; list the differences."""
    return [said for place in places(name, language, root) for said in _differences(place, root)]


def places(name: str, language: str, root: Path = paths.ROOT) -> list[Path]:
    """List the folders in which an edition of this name stands; where it would stand in the open, if it doesn't."""
    public, private = (chapters.place_of(name, language, root, private) for private in (False, True))
    return [place for place in (public, private) if place.exists()] or [public]


def _differences(place: Path, root: Path) -> list[str]:
    """Say in what a published edition isn't what the checkout makes."""
    try:
        published = _read(place)
    except (OSError, ValueError) as error:
        return [f"{place / RECORD} can't be read: {error}"]
    differences = [f"page {name}: not as it was published" for name in _spoiled(place, published["files"])]
    commit = chapters.commit(root)
    if commit != published["commit"]:
        differences.append(f"commit: the checkout is at {commit}, the book was made at {published['commit']}")
    if runs.digest_of(root, runs.LOCK) != published["lock"]:
        differences.append(f"{runs.LOCK}: not as it was")
    try:
        book = chapters.Book(root, published["parameters"], published["language"], chapters.read_settings(root))
        there = {chapters.docname(root, chapter) for chapter, stands in book.toc.items() if stands}
    except (chapters.BookError, ValueError, OSError) as error:
        return [*differences, str(error)]
    differences += [
        f"{name}: in the book or in _toc.yml for it, not in both" for name in sorted(there ^ set(published["chapters"]))
    ]
    shaped = shapes(root)
    differences += [
        f"{name} is not as it was"
        for name in sorted(shaped | published["shapes"])
        if shaped.get(name) != published["shapes"].get(name)
    ]
    for name, made_from in published["chapters"].items():
        read = {f"{name}.ipynb": made_from["chapter"]} | made_from.get("reads", {})
        differences += [
            f"{name}: {path} is not as it was" for path, then in read.items() if runs.digest_of(root, path) != then
        ]
    return differences


# --- rendering and publishing ---------------------------------------------------------------


def _render(files: dict[str, bytes], parameters: dict[str, str], work: Path, renderer: pages.Renderer) -> Path:
    """Render executed copies in the work folder, which keeps what Sphinx has read; return a copy to publish.

    A work folder that a killed build left in the middle of something is thrown away.
    """
    busy = work / ".busy"
    if busy.exists():
        for part in ("executed", "doctrees", "html"):
            shutil.rmtree(work / part, ignore_errors=True)
    busy.touch()
    chapters.write(files, work / "executed")
    shutil.rmtree(work / "html", ignore_errors=True)
    renderer.render(work, parameters)
    busy.unlink()
    made = work / "publish"
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(work / "html", made, ignore=shutil.ignore_patterns(".buildinfo*", ".doctrees", "reports"))
    return made


def publish(book: Path, place: Path) -> None:
    """Let a new book and the published one change places in one step; then drop the old one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        book.rename(place)
        return
    if not _exchange(book, place):
        # two steps where the system knows no exchange; `_recover` mends a kill between them
        aside = place.with_name(f".{place.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)
        book.rename(place)
        aside.rename(book)
    shutil.rmtree(book, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places atomically (Linux's renameat2); False where that can't be."""
    at_working_folder, exchange = -100, 2
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return call(at_working_folder, os.fsencode(one), at_working_folder, os.fsencode(other), exchange) == 0


def _recover(place: Path) -> None:
    """Put back a book that a kill between the two steps of `publish` left aside."""
    aside = place.with_name(f".{place.name}.old")
    if aside.exists() and not place.exists():
        aside.rename(place)


@contextmanager
def _alone(place: Path, work: Path, say: chapters.Say) -> Iterator[None]:
    """Let one build at a time work on a place; the lock goes with the process that holds it."""
    work.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(work / ".lock")
    try:
        held = lock.acquire(blocking=False)
    except filelock.Timeout:
        say("waiting   another build of this edition is running")
        held = lock.acquire()
    with held:
        _recover(place)
        yield
