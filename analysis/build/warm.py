"""Keep the pages of an edition true while its sources change, in a process that stays warm, for `analysis.build.live`.

What must run is decided as ever, by `chapters.plan`; the Sphinx application stays, and so does the process that kernels
are forked from. An order is a line of JSON, {"changed": files, "pages": addresses, "more": number of other pages}, and
so is the answer. When a file has changed that this process imported, or that shapes all pages, it asks for another
process in its place.
"""

import gc
import io
import json
import os
import shutil
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import filelock
from sphinx.errors import SphinxError

from analysis.build import book, chapters, extension, kernels, pages, processes, runs

TOLD = (chapters.BookError, book.BuildError, runs.ChapterError, pages.PageError, ValueError, OSError)
"""Errors that say themselves what is wrong."""


def tell(**said: Any) -> None:
    """Say something to who gives the orders: standard output is for this alone."""
    print(json.dumps(said), file=sys.__stdout__, flush=True)


def say(line: str) -> None:
    """Pass on a step of a build, but what stays as it was."""
    if not line.startswith("kept "):
        tell(say=line)


def progress(running: list[str], done: int, of: int) -> None:
    """Pass on what is running."""
    tell(progress=[running, done, of])


class Edition:
    """An edition in the making: what is wrong with it, and which pages were written since its sources changed."""

    def __init__(self, made: chapters.Book, name: str, timeout: int):
        self.made, self.timeout = made, timeout
        self.shapes, self.shared = book.shapes(made.root), _shared(made)
        self.work = made.kept("live") / name / made.language
        self.work.mkdir(parents=True, exist_ok=True)
        self.alone = filelock.FileLock(self.work / ".lock")  # for as long as this process is there
        self.alone.acquire(blocking=False)
        if not (self.work / "executed" / chapters.INDEX).exists():
            chapters.write({chapters.INDEX: b"{}"}, self.work / "executed")
        pages.compile_catalogues(made.root, made.language)
        self.settings = pages.settings(made.root) | {
            "language": made.language, "nitpicky": True, "book_parameters": made.parameters,
            "book_executed": str(self.work / "executed"),
        }  # fmt: skip
        for part in ("html", "doctrees"):  # Sphinx wouldn't tell again what was wrong with them
            shutil.rmtree(self.work / part, ignore_errors=True)
        self.warnings = io.StringIO()
        self.wrong, self.written, self.whole, self.read = "", set[str](), False, dict[str, str]()
        self.git = ThreadPoolExecutor(1)
        self.commit: Future[str] | None = None

    def begin(self, app: Any) -> None:
        """Write by an application, which is in the state now in which each build of it has to begin."""
        self.app, self.late = app, set[Path]()
        self.lists = [app.registry.css_files, app.registry.js_files, app.builder._css_files, app.builder._js_files]
        self.begun = [list(files) for files in self.lists]
        there = set[Path]()
        app.connect("build-finished", lambda *_: there.update(self._made()), priority=0)
        app.connect("build-finished", lambda *_: self.late.update(self._made() - there), priority=1000)
        # of a page that is read again Sphinx would write what it was, from the second time on
        app.connect("env-purge-doc", lambda _, env, name: env._pickled_doctree_cache.pop(name, None))
        gc.collect()
        gc.freeze()  # what is loaded stays, so nobody need look for garbage in it

    def _made(self) -> set[Path]:
        return set((self.work / "html" / "_static").iterdir())

    def _as_in_the_beginning(self) -> None:
        """Undo what a build leaves behind and the next would show: scripts that pages added, files that came last."""
        self.warnings.seek(0)
        self.warnings.truncate()
        for path in self.late:
            path.unlink(missing_ok=True)
        for files, begun in zip(self.lists, self.begun, strict=True):
            files[:] = begun

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out an order; say what is wrong, how many pages are left to write, and where they lie."""
        try:
            if order["changed"]:
                if self._outlived(order["changed"]):
                    return {"anew": True}
                self.wrong = ""
                self._run()
            if not self.wrong:
                self._write({address.removesuffix(".html") for address in order["pages"]}, order["more"])
        except TOLD as error:
            self.wrong = str(error)
        left = 0 if self.wrong else len(self.app.env.found_docs - self.written) or int(self.commit is not None)
        about = {"private": self.made.private, "record": self.made.ask("book_record", {})}
        return {"wrong": self.wrong, "left": left, "place": str(self.work / "html"), **about}

    def _outlived(self, changed: list[str]) -> bool:
        """Whether this process imported what has changed, or made its pages by it."""
        imported = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        if any(str(self.made.root / name) in imported for name in changed):
            return True
        self.made = chapters.Book(
            self.made.root, self.made.parameters, self.made.language, chapters.read_settings(self.made.root)
        )
        return book.shapes(self.made.root) != self.shapes or _shared(self.made) != self.shared

    def _run(self) -> None:
        """Run what must run, and hand Sphinx the copies."""
        results = chapters.results(self.made, chapters.plan(self.made), say, timeout=self.timeout, progress=progress)
        files = chapters.copies(self.made, results)
        chapters.write(files, self.work / "executed")
        extension.INDEX[self.app] = json.loads(files[chapters.INDEX])
        self.written, self.whole = set(), False
        # Git filters each notebook that changed, which takes it a second: until then pages name the commit as it was
        if self.commit:
            self.commit.cancel()
        self.commit = self.git.submit(chapters.commit, self.made.root)

    def _write(self, names: set[str], more: int) -> None:
        """Write pages as they are asked for, all of them at once for what is made of all, such as the search index.

        Raises PageError with what Sphinx warns of, in what it read since the last time too.
        """
        env, config = self.app.env, self.app.config
        if self.commit and self.commit.done():
            commit, self.commit = self.commit.result(), None
            if commit != config.book_commit:
                config.book_commit = commit
                self.written, self.whole = set(), False
        left = env.found_docs - self.written
        every = not self.read or not (self.whole or names <= env.found_docs)
        wanted = set(env.found_docs) if every else names & left | set(sorted(left)[:more])
        if not wanted and self.written:
            return
        files = [str(env.doc2path(name)) for name in wanted or {config.root_doc}]
        for _ in range(2):  # once more: what was kept of a page can stand in the way, such as an id that has moved
            self._as_in_the_beginning()
            if every:  # words that no page has any more would stay in the search index
                (self.work / "html" / "searchindex.js").unlink(missing_ok=True)
                env._search_index_mapping.clear()
                env._search_index_title_mapping.clear()
            self.app.build(every, files)
            if not (said := self.warnings.getvalue()):
                self.written |= env.found_docs if every else wanted
                self.read, self.whole = env.book_copies, every or self.whole
                return
            vars(env)["book_copies"] = self.read
        raise pages.refused(said, self.made.root, self.work / "sphinx.log")


def _shared(made: chapters.Book) -> Any:
    """Return what Sphinx takes up once for all pages."""
    return made.words(), made.kind, made.private, list(made.toc.items())


def main() -> None:
    """Carry out orders from standard input; the argument says which edition."""
    processes.end_with_parent(os.getppid())
    processes.spare_parsers()
    sys.stdout = sys.stderr  # of whatever prints
    from analysis.build import client  # noqa: F401  # so that the first run needn't

    given = json.loads(sys.argv[1])
    try:
        root = Path(given["root"])
        made = chapters.Book(root, given["parameters"], given["language"], chapters.read_settings(root))
        book.refuse_two_ways(made, given["opened"])
        if kernels.can_fork():
            kernels.warm_up(lambda: runs.heavy_imports([path for path, there in made.toc.items() if there], root))
        edition = Edition(made, given["name"], given["timeout"])
        with pages.application(root, edition.work, edition.settings, edition.warnings) as app:
            edition.begin(app)
            if edition.warnings.getvalue():
                raise pages.refused(edition.warnings.getvalue(), root, edition.work / "sphinx.log")
            for line in sys.stdin:
                tell(**edition.obey(json.loads(line)))
    except filelock.Timeout:
        tell(wrong="This edition is being shown already, by another make serve. End one of them.", left=0)
    except SphinxError as error:  # who knows what state it is in
        tell(wrong=f"{error.category}: {error}", left=0)
    except TOLD as error:
        tell(wrong=str(error), left=0)
    processes.leave(0)
