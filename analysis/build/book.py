"""Build the book: decide which chapters run, run them, render, publish the whole or nothing.

`_toc.yml` alone decides which chapters there are and in what order. What stands in
`_build/html/<language>` is always one whole book: a new one is made beside it and changes
places with it in one step. Whatever stops a build before that, the last good book stays.
"""

import contextlib
import csv
import ctypes
import html
import io
import json
import os
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import yaml

from analysis import paths
from analysis.build import pages, runs, settings
from analysis.files import digest, write_whole
from analysis.survey import waves
from analysis.words import voice

RECORD = "provenance.json"
"""The file in a published book that says what it was made from."""
SHAPES = ("_toc.yml", "_config.yml", "_static", "vendor", "locale", "analysis/*.py", "analysis/build")
"""What shapes pages, as patterns of files and folders; what shapes results is found by watching the runs."""


class BuildError(Exception):
    """The book couldn't be built; the message says why and what to do."""


def build(
    wave: str, language: str = "nl", root: Path = paths.ROOT, say=print, fork: bool | None = None,
    timeout: int = runs.CELL_TIMEOUT,
) -> Path:  # fmt: skip
    """Build the edition of one wave in one language; return the folder it is published in.

    Chapters whose result still holds aren't run; when no page would differ, nothing is done.
    `say` is told of every step, a line each. `fork` chooses how kernels start, by default by
    what the machine can do. Raises BuildError, or ValueError for data that don't match the
    questionnaire; the book that stood there before is then as it was.
    """
    start = time.perf_counter()
    place, work, cache = root / "_build" / "html" / language, root / "_build" / language, root / "_build" / "cache"
    try:
        with _alone(root / "_build" / f".{language}.lock", say):
            chapters, label = read_toc(root), waves.read_wave(wave)
            if label.folder.parent != root / "data" / "waves":
                raise BuildError(
                    f"{label.folder} is not a wave of this book, so a change in it would go unseen. "
                    f"Put it in {root / 'data' / 'waves'}, or a link to it."
                )
            parameters = {"wave": label.name, "language": language}
            todo = [runs.Run(chapter, tuple(parameters.items())) for chapter in chapters]
            refuse_unknown(chapters, parameters)
            decisions = {run: runs.decide(run, root, cache) for run in todo}
            renderer = None
            try:
                if any(reason for reason, _ in decisions.values()):
                    renderer = pages.Renderer(work / "jupyter-book.log", language)
                    results = _results(todo, decisions, label, root, say, fork, timeout)
                else:
                    results = {run: result for run, (_, result) in decisions.items()}
                    for run in todo:
                        say(f"kept      {run.name}")
                sources, notebooks, record = _sources(results, label, language, root)
                told = _told(results, work / "sentences.csv")
                if _stands(place, record):
                    say("\n".join(told))
                    say(f"unchanged {place / 'index.html'}  {time.perf_counter() - start:.1f} s")
                    return place
                say("pages     rendering")
                renderer = renderer or pages.Renderer(work / "jupyter-book.log", language)
                book = _render(sources, notebooks, work, renderer, root)
            finally:
                if renderer:
                    renderer.end()
            files = {
                p.relative_to(book).as_posix(): digest(p.read_bytes()) for p in sorted(book.rglob("*")) if p.is_file()
            }
            record |= {"files": files}
            text = json.dumps(record | {"seal": _seal(record)}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            (book / RECORD).write_text(text, encoding="utf-8")
            publish(book, place)
    except (runs.ChapterError, pages.PageError) as error:
        raise BuildError(f"{error}\nThe book that was there before is unchanged.") from None
    except OSError as error:
        if error.errno is None:  # one of ours, which says what to do
            raise BuildError(f"{error}\nThe book that was there is unchanged.") from None
        where = f" ({error.filename})" if error.filename else ""
        raise BuildError(f"{error.strerror}{where}. {runs.remedy(error)}") from None
    say("\n".join([*told, f"done      {place / 'index.html'}  {time.perf_counter() - start:.1f} s"]))
    return place


def _told(results: dict[runs.Run, dict], full_list: Path) -> list[str]:
    """Count what became of the book's guarded sentences, name those that the data contradict, and list all as CSV."""
    found = [(run.name, row) for run, result in results.items() for row in pages.sentences(result)]
    text = io.StringIO()
    lines = csv.DictWriter(text, ["chapter", "sentence", "condition", "state", "distance", "why"], lineterminator="\n")
    lines.writeheader()
    lines.writerows({"chapter": name} | row for name, row in found)
    write_whole(full_list, text.getvalue().encode("utf-8"))
    counts = Counter(row["state"] for _, row in found)
    lines = [
        f"sentences {len(found)} guarded: {counts['holds']} hold, {counts['by_chance']} hold here but may be chance, "
        f"{counts['contradicted']} contradicted, {counts['unknown']} can't be told; all of them: {full_list}"
    ]
    wanting = [(name, row) for name, row in found if row["state"] in ("contradicted", "unknown")]
    return lines + [f"  {row['state']:<13} {name}: {row['sentence']}: {row['why']}" for name, row in wanting]


def _results(todo, decisions, label, root, say, fork, timeout) -> dict[runs.Run, dict]:
    """Clean the data if need be, run what must run, keep the rest; a result for every chapter."""
    from analysis.build import kernels

    fork = kernels.can_fork() if fork is None else fork
    if fork:
        kernels.warm_up(runs.heavy_imports([run.chapter for run, (reason, _) in decisions.items() if reason], root))
    cache = root / "_build" / "cache"
    if not waves.is_fresh(label):
        from analysis.survey import cleaning

        cleaning.prepare(label, root / "_build" / "check")
        say(f"data      {label.name}: cleaned")
        # results of a dataset that has come back as it was hold again
        decisions = {run: runs.decide(run, root, cache) for run in todo}
    results = {}
    for run, (reason, result) in decisions.items():
        say(f"{'run ' if reason else 'kept'}      {run.name}" + (f": {reason}" if reason else ""))
        if not reason:
            results[run] = result
    again = [run for run in todo if run not in results]
    count = 0

    def report(run, seconds):
        nonlocal count
        count += 1
        say(f"ran       {run.name}  {seconds:.1f} s  ({count} of {len(again)})")

    results |= runs.execute(again, root, cache, root / "_build" / "failed", report, fork, timeout)
    return {run: results[run] for run in todo}


def read_toc(root: Path) -> list[Path]:
    """List the chapters in reading order, sections within them too; BuildError names those that aren't there."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))

    def files(entry: dict):
        if "file" in entry:
            yield entry["file"]
        for level in ("parts", "chapters", "sections"):
            for inner in entry.get(level) or []:
                yield from files(inner)

    chapters = [root / f"{name}.ipynb" for name in (toc["root"], *files(toc))]
    names = [chapter.stem for chapter in chapters]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BuildError(f"_toc.yml names more than one chapter {', '.join(twice)}; give each a name of its own")
    missing = [str(c.relative_to(root)) for c in chapters if not c.exists()]
    if missing:
        raise BuildError(f"_toc.yml names chapters that aren't there: {', '.join(missing)}")
    return chapters


def refuse_unknown(chapters: list[Path], parameters: dict[str, str]) -> None:
    """Refuse a parameter that a chapter doesn't have; papermill would run on with the default."""
    problems = []
    for chapter in chapters:
        known = settings.defaults(runs.read_notebook(chapter))
        unknown = [name for name in parameters if name not in known]
        if unknown:
            has = ", ".join(known) or "none"
            problems.append(f"{chapter.name} has no parameter {', '.join(unknown)}; it has {has}")
    if problems:
        raise BuildError("Nothing was run.\n  " + "\n  ".join(problems) + "\nAdd it to the cell tagged `parameters`.")


# --- sources and their record ---------------------------------------------------------------


def _sources(results, label, language, root) -> tuple[dict[str, bytes], dict[str, dict], dict]:
    """Make what Jupyter Book renders, and the record of what it was made from.

    Returns the files by name, the notebooks among them by page, and the record.
    """
    commit = _commit(root)
    sources = {
        "_toc.yml": (root / "_toc.yml").read_bytes(),
        "_config.yml": _config(root, label, language, commit),
    }
    for path in sorted([*(root / "_static").rglob("*"), *(root / "locale").rglob("*.po")]):
        if path.is_file():
            sources[path.relative_to(root).as_posix()] = path.read_bytes()
    notebooks, chapters = {}, {}
    for run, result in results.items():
        name = run.chapter.relative_to(root).with_suffix("").as_posix()
        made_from = {
            "chapter": runs.digest_of(root, run.chapter.relative_to(root).as_posix()),
            "parameters": dict(run.parameters),
            "reads": result["reads"],
            "python": result["python"],
        }
        chapters[name] = made_from
        footer = _footer(made_from, result[runs.LOCK], language)
        notebooks[name] = pages.page(run, result, language, footer, label.kind == "synthetic")
        sources[f"{name}.ipynb"] = (
            json.dumps(notebooks[name], sort_keys=True, ensure_ascii=False, indent=1) + "\n"
        ).encode()
    shapes = _shapes(root)
    everything = [{name: digest(content) for name, content in sources.items()}, shapes]
    record = {
        "commit": commit,
        "language": language,
        "wave": label.name,
        "kind": label.kind,
        "lock": runs.digest_of(root, runs.LOCK),
        "chapters": chapters,
        "shapes": shapes,
        "inputs": digest(json.dumps(everything, sort_keys=True).encode()),
    }
    return sources, notebooks, record


def _shapes(root: Path) -> dict[str, str]:
    """Hash every file that shapes pages."""
    found = [p for name in SHAPES for p in root.glob(name)]
    files = [p for place in found for p in ([place] if place.is_file() else place.rglob("*"))]
    files = [p for p in files if p.is_file() and p.suffix != ".pyc"]
    return {p.relative_to(root).as_posix(): digest(p.read_bytes()) for p in sorted(files)}


def _config(root: Path, label: waves.Wave, language: str, commit: str) -> bytes:
    """Adapt `_config.yml` to the edition: language, notice, help and commit on every page."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    help_line = html.escape(voice(language).say("help"))
    made = html.escape(voice(language).say("edition", wave=label.title(language), commit=commit))
    config["html"]["extra_footer"] = f'<p class="help" role="note">{help_line}</p><p class="edition">{made}</p>'
    if label.kind != "public":
        config["html"]["announcement"] = html.escape(voice(language).say(f"notice_{label.kind}"))
    for name in (settings.PARAMETERS, settings.RULE):  # nothing of Sphinx's
        config["sphinx"]["config"].pop(name, None)
    config["sphinx"]["config"] |= {
        "language": language,
        "html_copy_source": False,
        "nb_code_prompt_show": voice(language).say("show_code"),
        "nb_code_prompt_hide": voice(language).say("hide_code"),
    }
    return yaml.safe_dump(config, allow_unicode=True, sort_keys=False).encode()


def _footer(made_from: dict, lock: str, language: str) -> str:
    """Write the line under a page that says what it was made from."""
    hashes = {
        "chapter": made_from["chapter"],
        "data": digest(json.dumps(made_from["reads"], sort_keys=True).encode()),
        "parameters": digest(json.dumps(made_from["parameters"], sort_keys=True).encode()),
        "lock": lock,
    }
    text = voice(language).say("made_from", **{k: v[: pages.SHOWN] for k, v in hashes.items()})
    return f'<p class="provenance">{html.escape(text)}</p>'


def _commit(root: Path) -> str:
    """Name the commit that the checkout stands at, with + behind it when files have changed since."""
    git = ["git", "-C", str(root)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(
            [*git, "status", "--porcelain"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "?"
    return commit + ("+" if changed else "")


def _stands(place: Path, record: dict) -> bool:
    """Whether the published book was made from the same inputs and is whole."""
    try:
        published = json.loads((place / RECORD).read_text(encoding="utf-8"))
        whole = published["seal"] == _seal(published) and published["inputs"] == record["inputs"]
        return whole and not _spoiled(place, published["files"])
    except (OSError, ValueError, KeyError):
        return False


def _seal(record: dict) -> str:
    """Hash what a record says, but for this hash itself."""
    said = {key: value for key, value in record.items() if key != "seal"}
    return digest(json.dumps(said, sort_keys=True).encode())


def _spoiled(place: Path, files: dict[str, str]) -> list[str]:
    """List the published files that are missing, changed, or there without having been published."""
    there = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()} - {RECORD}
    return sorted(there ^ set(files)) + [
        n for n, then in files.items() if n in there and runs.digest_of(place, n) != then
    ]


def verify(language: str = "nl", root: Path = paths.ROOT) -> list[str]:
    """Recompute a published book's record from its folder and the checkout; list the differences."""
    place = root / "_build" / "html" / language
    try:
        published = json.loads((place / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return [f"{place / RECORD} can't be read: {error}"]
    if published.get("seal") != _seal(published):
        return [f"{place / RECORD}: not as it was published; build the book again"]
    differences = [f"page {name}: not as it was published" for name in _spoiled(place, published["files"])]
    commit = _commit(root)
    if commit != published["commit"]:
        differences.append(f"commit: the checkout is at {commit}, the book was made at {published['commit']}")
    if runs.digest_of(root, runs.LOCK) != published["lock"]:
        differences.append(f"{runs.LOCK}: not as it was")
    try:
        chapters = {c.relative_to(root).with_suffix("").as_posix() for c in read_toc(root)}
    except BuildError as error:
        return [*differences, str(error)]
    differences += [
        f"{name}: in the book or in _toc.yml, not in both" for name in sorted(chapters ^ set(published["chapters"]))
    ]
    shapes = _shapes(root)
    differences += [
        f"{name} is not as it was"
        for name in sorted(shapes | published["shapes"])
        if shapes.get(name) != published["shapes"].get(name)
    ]
    for name, made_from in published["chapters"].items():
        read = {f"{name}.ipynb": made_from["chapter"]} | made_from["reads"]
        differences += [
            f"{name}: {path} is not as it was" for path, then in read.items() if runs.digest_of(root, path) != then
        ]
    return differences


# --- rendering and publishing ---------------------------------------------------------------


def _render(sources, notebooks, work: Path, renderer, root: Path) -> Path:
    """Render into the work folder, which keeps what Sphinx has read; return a copy to publish.

    A work folder that a killed build left in the middle of something is thrown away.
    """
    work.mkdir(parents=True, exist_ok=True)
    busy = work / ".busy"
    if busy.exists():
        for part in ("source", "doctrees", "html"):
            shutil.rmtree(work / part, ignore_errors=True)
    busy.touch()
    pages.write_sources(sources, work / "source")
    shutil.rmtree(work / "html", ignore_errors=True)
    renderer.render(work / "source", work / "html", work / "doctrees")
    pages.check_figures(notebooks, work / "html")
    busy.unlink()
    book = work / "publish"
    shutil.rmtree(book, ignore_errors=True)
    shutil.copytree(
        work / "html", book, ignore=shutil.ignore_patterns(".buildinfo*", ".doctrees", "_sources", "reports")
    )
    shutil.copy(root / "vendor" / "plotly-basic.min.js", book / "_static")
    return book


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


@contextlib.contextmanager
def _alone(lock: Path, say):
    """Let one build at a time work on a language; the lock goes with the process that holds it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    place = lock.parent / "html" / lock.name.strip(".").removesuffix(".lock")
    with lock.open("w") as file:
        try:
            import fcntl
        except ImportError:  # Windows: builds of one language aren't kept apart there
            _recover(place)
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting   another build of this language is running")
            fcntl.flock(file, fcntl.LOCK_EX)
        _recover(place)
        yield
