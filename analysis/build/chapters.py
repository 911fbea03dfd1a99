"""A book's chapters, executed: which there are, which must run, and of each a copy with what it gave.

Knows of a book what its `_config.yml` says under `sphinx: config:`, and nothing of what the book is about:

    book_parameters   what is given to every chapter: each has these in its cell tagged `parameters`
    book_prepare      a function: makes ready what chapters share, returns what it did in words, blank when nothing
    book_words        a function: what the build says on pages, in the language of the edition; see WORDS
    book_kinds        a list: the kinds of edition there are, by which a cell says where it stands (`standing`)
    book_kind         a function: which of them this edition is
    book_outputs      a function of the parameters and the outputs of a cell that a page shows: those that it shows
                      instead, or ValueError for what may not be shown
    book_private      a function: whether this edition is for its maker alone
    book_settle       a function of the parameters and the lines that chapters noted (`kernels.NOTES`): what it changed
                      in files that they read, in words, blank when nothing
    book_record       a function: what the record of a published book says of the edition
    book_rule         a function of an expression and the MIME bundle of its value: why it may not be said, or nothing
    book_ids          whether each heading must have an id that is typed, so that links outlast the next wave
    book_elsewhere    by folder, where its pages are to be found in editions without them: an address or a command
    book_vendor       whose kinds of output carry texts and marks: application/vnd.<vendor>.text+json

A function is a dotted path, is called with the parameters unless said otherwise, and may be left out.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

from analysis import paths, standing
from analysis.build import expressions, links, numbers, runs, settings
from analysis.files import digest, owned, write_whole

PLOTLY = "application/vnd.plotly.v1+json"
NOT_SHOWN = {"remove-cell", "remove-output"}
"""Tags of cells whose outputs no page shows."""
FOLDED = "hide-input"
"""The tag by which a page folds the code of a cell; every cell gets it."""
INDEX = "book.json"
"""The file beside the executed copies that says what each was made from."""
WORDS = {
    "title": "",
    "banner": "",
    "notice": "",
    "preview": "",
    "help": "",
    "footer": "",
    "report": "",
    "contact": "",
    "robots": "",
    "provenance": "Made from: chapter {chapter}, data {data}, parameters {parameters}, packages {lock}.",
    "figure": "figure",
    "figure_failed": "The figure could not be drawn.",
    "show_code": "Show code cell source",
    "hide_code": "Hide code cell source",
    "sentence_head": "Not everything here holds",
    "not_here": "does not hold here, may be chance",
    "contradicted": "does not hold",
    "unknown": "cannot be told",
    "install": '# Once, then restart the kernel:\n# %pip install -e "{source}"',
    "not_found": "Page not found",
    "not_found_why": "",
}
"""What the build says on pages, where the book doesn't say it otherwise. `title` is another than the book's own,
`notice` holds for the whole book and `banner` is its first words, `preview` the picture that a shared link shows,
`install` the first cell of a notebook that a reader takes along, {source} where its code is to be had.
`footer` may hold {commit}, `report` and `contact` a line of `parse: myst_substitutions` of the same name: where that
is blank, the line isn't there. Lines at the foot may hold links, `[words](address)`. `robots` is what search engines
are told."""
ROUNDS = 6
"""So often chapters run again because of what was settled after they had run, before that counts as a fault."""
NAME = re.compile(r"\w[\w.-]*")
"""What an edition may be called: it names a folder."""
WANTING = ("not_here", "contradicted", "unknown")
"""What may become of a sentence so that the head of its chapter and the closing lines name it."""
Decisions = dict[runs.Run, tuple[str, dict | None]]
Say = Callable[[str], None]


class BookError(Exception):
    """The book isn't one that can be built; the message says why and what to do."""


def place_of(name: str, language: str, root: Path, private: bool) -> Path:
    """Return the folder that an edition is published in; ValueError for what can't be the name of one."""
    if not NAME.fullmatch(name):
        raise ValueError(f'"{name}" can\'t be the name of an edition: use letters, digits, hyphens and full stops')
    return root / "_build" / (paths.CONFIDENTIAL if private else paths.OPEN) / name / language


@dataclass(frozen=True)
class Book:
    """A book in one edition: its folder, what its chapters are given, its language, and its settings."""

    root: Path
    parameters: dict[str, str]
    language: str
    settings: dict[str, Any]

    @cached_property
    def private(self) -> bool:
        """Whether the edition is for its maker alone."""
        return bool(self.ask("book_private", False))

    def place(self, name: str) -> Path:
        """The folder that the edition is published in, under this name; ValueError for what can't be one."""
        return place_of(name, self.language, self.root, self.private)

    def kept(self, part: str) -> Path:
        """A folder in which the build keeps what it needs, such as `cache`: the owner's alone for a private edition."""
        return (
            owned(self.root / "_build" / paths.CONFIDENTIAL) / f".{part}"
            if self.private
            else self.root / "_build" / part
        )

    def ask(self, name: str, otherwise: Any, *more: Any) -> Any:
        """Call the function that `_config.yml` names so; return `otherwise` where it names none."""
        try:
            function = settings.function(name, self.settings.get(name))
        except ValueError as error:
            raise BookError(str(error)) from None
        return function(self.parameters, *more) if function else otherwise

    @cached_property
    def kind(self) -> str:
        """Which kind of edition this is, blank where the book has no kinds."""
        return self.ask("book_kind", "")

    @cached_property
    def toc(self) -> dict[Path, bool]:
        """The chapters in reading order, and whether each stands in this edition; BookError for a kind unheard of."""
        problems, found = [], {}
        for chapter in read_toc(self.root):
            notebook = runs.read_notebook(chapter)
            known = self.settings.get("book_kinds") or ()
            problems += [f"{chapter.name}, {problem}" for problem in standing.problems(notebook, known) if known]
            found[chapter] = standing.there(notebook, self.kind)
        if problems:
            raise BookError("Nothing was run.\n  " + "\n  ".join(problems))
        return found

    @cached_property
    def absent(self) -> set[str]:
        """The pages that don't stand in this edition."""
        return {docname(self.root, chapter) for chapter, stands in self.toc.items() if not stands}

    @property
    def elsewhere(self) -> dict[str, str]:
        """Where the pages of a folder are to be found that this edition doesn't have."""
        return self.settings.get("book_elsewhere") or {}

    def words(self) -> dict[str, str]:
        """What the build says on pages, in the language of the edition."""
        return WORDS | self.ask("book_words", {})

    @property
    def vendor(self) -> str:
        """Whose kinds of output these are; see `media`."""
        return self.settings.get("book_vendor") or "book"


def media(vendor: str, kind: str) -> str:
    """Name the kind of output that carries `text` in more languages, or a `mark`."""
    return f"application/vnd.{vendor}.{kind}+json"


def read_settings(root: Path) -> dict[str, Any]:
    """Read what a book's `_config.yml` sets for Sphinx and us; BookError when it can't be read."""
    try:
        return settings.sphinx(root / settings.CONFIG)
    except ValueError as error:
        raise BookError(str(error)) from None


# --- which there are --------------------------------------------------------------------------


def read_toc(root: Path) -> list[Path]:
    """List the chapters in reading order, sections within them too; BookError names those that aren't there.

    Pages that aren't notebooks are Sphinx's alone.
    """
    path = root / "_toc.yml"
    if not path.exists():
        raise BookError(f"{path} isn't there. Build the whole book, from the folder that has it: jupyter-book build .")
    toc = settings.load(path)

    def files(entry: dict) -> Iterator[str]:
        if "file" in entry:
            yield entry["file"]
        for level in ("parts", "chapters", "sections"):
            for inner in entry.get(level) or []:
                yield from files(inner)

    pages = [name.removesuffix(".ipynb") for name in (toc["root"], *files(toc))]
    chapters = [root / f"{name}.ipynb" for name in pages if not (root / f"{name}.md").exists()]
    names = [f"{chapter.parent.name}/{chapter.stem}" for chapter in chapters]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BookError(f"_toc.yml names more than one chapter {', '.join(twice)}; give each a name of its own")
    missing = [str(c.relative_to(root)) for c in chapters if not c.exists()]
    if missing:
        raise BookError(f"_toc.yml names chapters that aren't there: {', '.join(missing)}")
    return chapters


def docname(root: Path, chapter: Path) -> str:
    """Name the page that a chapter becomes, as Sphinx does."""
    return chapter.relative_to(root).with_suffix("").as_posix()


def plan(book: Book) -> Decisions:
    """Say of each chapter in reading order why it must run, or which result it has."""
    given = tuple(book.parameters.items())
    todo = [runs.Run(chapter, given, book.kind, book.private) for chapter, stands in book.toc.items() if stands]
    _refuse_unknown([run.chapter for run in todo], book.parameters)
    look = cache(partial(runs.digest_of, book.root))  # chapters read the same files
    return {run: runs.decide(run, look, book.kept("cache")) for run in todo}


def _refuse_unknown(chapters: list[Path], parameters: dict[str, str]) -> None:
    """Refuse a parameter that a chapter doesn't have; papermill would run on with the default."""
    problems = []
    for chapter in chapters:
        known = settings.defaults(runs.read_notebook(chapter))
        unknown = [name for name in parameters if name not in known]
        if unknown:
            has = ", ".join(known) or "none"
            problems.append(f"{chapter.name} has no parameter {', '.join(unknown)}; it has {has}")
    if problems:
        raise BookError("Nothing was run.\n  " + "\n  ".join(problems) + "\nAdd it to the cell tagged `parameters`.")


# --- run them ---------------------------------------------------------------------------------


def results(
    book: Book, decisions: Decisions, say: Say, fork: bool | None = None, timeout: int = runs.CELL_TIMEOUT,
    progress: runs.Progress = runs.untold,
) -> dict[runs.Run, dict]:  # fmt: skip
    """Run what must run, after what chapters share has been made ready; return a result for every chapter.

    `say` is told of every step, a line each, and `progress` of what is running. `fork` chooses how kernels start, by
    default by what the machine can do. What chapters noted is settled by the book (`book_settle`): where that changes a
    file that some have read, these run again, until nothing changes. Raises runs.ChapterError when any chapter failed.
    """
    if not any(reason for reason, _ in decisions.values()):
        found = {run: result for run, (_, result) in decisions.items() if result is not None}
        if not (settled := _settle(book, found)):
            for run in decisions:
                say(f"kept      {run.name}")
            return found
        say(f"settled   {settled}")
        decisions = plan(book)
    from analysis.build import kernels

    again = [run for run, (reason, _) in decisions.items() if reason]

    fork = kernels.can_fork() if fork is None else fork
    if fork:
        kernels.warm_up(lambda: runs.heavy_imports([run.chapter for run in again], book.root))
    if done := book.ask("book_prepare", ""):
        say(f"data      {done}")
        # results of data that have come back as they were hold again
        decisions = plan(book)
    for _ in range(ROUNDS):
        found = _run(book, decisions, say, fork, timeout, progress)
        if not (settled := _settle(book, found)):
            return found
        say(f"settled   {settled}")
        decisions = plan(book)
    raise BookError(f"What chapters noted isn't settled after {ROUNDS} rounds: each made another thing of it.")


def _run(
    book: Book, decisions: Decisions, say: Say, fork: bool, timeout: int, progress: runs.Progress
) -> dict[runs.Run, dict]:
    """Run what must run by these decisions; return a result for every chapter."""
    again = [run for run, (reason, _) in decisions.items() if reason]
    for run, (reason, _) in decisions.items():
        say(f"run       {run.name}: {reason}" if reason else f"kept      {run.name}")
    count = 0

    def report(run: runs.Run, seconds: float) -> None:
        nonlocal count
        count += 1
        say(f"ran       {run.name}  {seconds:.1f} s  ({count} of {len(again)})")

    new = runs.execute(again, book.root, book.kept("cache"), book.kept("failed"), report, fork, timeout, progress)
    return {run: new[run] if kept is None else kept for run, (_, kept) in decisions.items()}


def _settle(book: Book, found: dict[runs.Run, dict]) -> str:
    """Let the book settle what chapters noted; say what it changed, blank when results hold as they are."""
    notes = sorted({note for result in found.values() for note in result["notes"]})
    try:
        return book.ask("book_settle", "", notes)
    except ValueError as error:
        raise BookError(str(error)) from None


# --- their executed copies --------------------------------------------------------------------


def copies(book: Book, results: dict[runs.Run, dict]) -> dict[str, bytes]:
    """Make an executed copy of each chapter, and the index that says what each was made from; files by name.

    Links to pages that the edition doesn't have are plain text, prose that rests on what nobody knows is left out,
    figures have their number, and code is folded.
    """
    files: dict[str, bytes] = {}
    index, notebooks = {}, {}
    for run, result in results.items():
        name = docname(book.root, run.chapter)
        notebooks[name] = notebook = runs.executed(run, result)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                expressions.say_what_is_known(cell)
                cell["source"] = links.without(cell["source"], name, book.absent, book.elsewhere)
            if cell["cell_type"] == "code":
                tags = set(cell["metadata"].get("tags", []))
                shown = [] if NOT_SHOWN & tags else cell["outputs"]
                shown = _let_out(book, f"{name}, cell {cell.get('id', '?')}", shown)
                cell["outputs"] = [links.without_in(output, name, book.absent) for output in shown]
                cell["metadata"]["tags"] = sorted(tags | {FOLDED})
        notebook["metadata"] = {k: v for k, v in notebook["metadata"].items() if k in ("kernelspec", "language_info")}
    numbered, word = numbers.number(notebooks), book.words()["figure"]
    for result, (name, notebook) in zip(results.values(), notebooks.items(), strict=True):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                try:
                    cell["source"] = numbers.cite(cell["source"], name, numbered, word)
                except ValueError as error:
                    raise BookError(f"{name}, cell {cell.get('id', '?')}: {error}") from None
        files[f"{name}.ipynb"] = (json.dumps(notebook, sort_keys=True, ensure_ascii=False) + "\n").encode()
        index[name] = {
            "copy": digest(files[f"{name}.ipynb"]),
            "made_from": {
                "chapter": runs.digest_of(book.root, f"{name}.ipynb"),
                "parameters": book.parameters,
                "reads": result["reads"],
                "python": result["python"],
                "lock": result[runs.LOCK],
            },
            "figures": _figures(notebook),
            "sentences": sentences(notebook, book.vendor, book.language),
        }
    files[INDEX] = (json.dumps(index, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _let_out(book: Book, place: str, outputs: list[dict]) -> list[dict]:
    """Ask the book what may be shown of a cell's outputs; BookError names the cell where something may not be."""
    try:
        return book.ask("book_outputs", outputs, outputs)
    except ValueError as error:
        raise BookError(f"{place}: {error}") from None


def _figures(notebook: dict) -> int:
    """Count the figures of a chapter that its page has to show."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return sum(PLOTLY in output.get("data", {}) for cell in code for output in cell["outputs"])


def sentences(notebook: dict, vendor: str, language: str) -> list[dict]:
    """List what became of a chapter's guarded sentences, by the marks in its prose."""
    kept = [k["result"].get("data", {}) for c in notebook["cells"] for k in c["metadata"].get(expressions.KEPT, [])]
    marks = {mark["sentence"]: mark for data in kept if (mark := data.get(media(vendor, "mark")))}
    keys = ("sentence", "condition", "state", "distance", "at_least")
    said = ("why", "checks")
    return [
        {key: mark.get(key) for key in keys} | {key: in_language(mark[key], language) for key in said}
        for mark in marks.values()
    ]


def in_language(text: Any, language: str) -> str:
    """Return a text in the language of the edition; one that is the same in all as it is."""
    return text[language] if isinstance(text, dict) else str(text)


def write(files: dict[str, bytes], place: Path) -> None:
    """Make a folder hold exactly these files, leaving alone what is the same already."""
    place.mkdir(parents=True, exist_ok=True)
    for path in sorted(place.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(place).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        path = place / name
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content)


def told(index: dict[str, dict]) -> list[str]:
    """Count what became of the book's guarded sentences, and name those that don't hold or can't be told."""
    found = [(name.rpartition("/")[2], row) for name, page in index.items() for row in page["sentences"]]
    states = [row["state"] for _, row in found]
    lines = [
        f"sentences {len(found)} guarded: {states.count('holds')} hold, {states.count('by_chance')} hold here but may "
        f"be chance, {states.count('not_here')} don't hold here but that may be chance, "
        f"{states.count('contradicted')} contradicted, {states.count('unknown')} can't be told"
    ]
    wanting = [(name, row) for name, row in found if row["state"] in WANTING]
    return lines + [f"  {row['state']:<13} {name}: {row['sentence']}: {row['why']}" for name, row in wanting]


def commit(root: Path) -> str:
    """Name the commit that the checkout stands at, with + behind it when files have changed since."""
    git = ["git", "-C", str(root)]

    def ask(*arguments: str) -> str:
        return subprocess.run([*git, *arguments], capture_output=True, text=True, check=True).stdout.strip()

    try:
        return ask("rev-parse", "HEAD") + ("+" if ask("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "?"
