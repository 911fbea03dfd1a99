"""Run chapters, and keep a result for as long as nothing it depends on has changed.

A result depends on the chapter's code: its code cells, and the expressions in its prose. Further on its
parameters, the lock of packages, the Python that ran it, and every file of the project that it opened while it
ran: data, modules however deep, words. The last are noted by the kernel itself (`analysis.build.kernels`), as
far as Python opens them; nothing is declared by hand. The words around expressions, and metadata that have no
bearing on a run, don't count.

Deciding takes no more than the standard library, so that "nothing changed" is said at once.
"""

import functools
import json
import os
import platform
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import standing
from analysis.build import expressions, held
from analysis.files import digest, digest_file, sweep, write_whole

ABSENT = "absent"
"""Stands for the hash of a file that isn't there."""
LOCK = "requirements.txt"
KEPT = {"code", "parameters", LOCK, "python", "reads", "seconds", "outputs", "notes", expressions.KEPT}
"""What a stored result holds."""
MADE = "data/clean/"
CELL_TIMEOUT = 120
"""Seconds a cell may take before the chapter counts as hung."""
Look = Callable[[str], str]
"""Hashes a file of the project by its name; see `digest_of`."""
Progress = Callable[[list[str], int, int], None]
"""Told which chapters are running, how many are done, and of how many."""


def untold(running: list[str], done: int, of: int) -> None:
    """Be told of progress, and do nothing."""


class ChapterError(Exception):
    """A chapter didn't run to its end; the message names chapter, cell and what to do."""


@dataclass(frozen=True)
class Run:
    """One chapter with its parameters, in an edition of some kind: what doesn't stand there isn't run."""

    chapter: Path
    parameters: tuple[tuple[str, str], ...]
    kind: str = ""
    private: bool = False

    def read(self) -> dict:
        """Read the chapter as it stands in the edition; ValueError when it isn't a notebook."""
        return standing.leave_out(read_notebook(self.chapter), self.kind)

    @property
    def name(self) -> str:
        """The chapter's name behind the last slash of `_toc.yml`; of one in a folder of its own with that before it."""
        folder = self.chapter.parent
        ours = folder.name == "chapters" or (folder / "_toc.yml").exists()
        return self.chapter.stem if ours else f"{folder.name}-{self.chapter.stem}"

    @property
    def entry(self) -> str:
        """The file name of its stored result."""
        return f"{self.name}-{digest(json.dumps(self.parameters).encode())[:16]}.json"


def digest_of(root: Path, name: str) -> str:
    """Hash a file of the project; of a folder (a slash behind it) the names in it."""
    path = root / name
    try:
        if name.endswith("/"):
            return digest("\n".join(sorted(p.name for p in path.iterdir() if not p.name.startswith("."))).encode())
        return digest_file(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ABSENT


def read_notebook(chapter: Path) -> dict:
    """Read a chapter; ValueError when it isn't a notebook."""
    try:
        notebook = json.loads(chapter.read_text(encoding="utf-8"))
        assert isinstance(notebook["cells"], list)
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise ValueError(f"{chapter} can't be read as a notebook: {error or 'no list of cells'}") from None
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def code_of(notebook: dict) -> str:
    """Hash what is executed, in order: code cells, which of them holds the parameters, and expressions in prose.

    How prose is divided into cells doesn't count.
    """
    code: list = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            code.append((cell["source"], "parameters" in cell["metadata"].get("tags", [])))
        elif cell["cell_type"] == "markdown":
            code += [expression.text for expression in expressions.find(cell["source"])]
    return digest(json.dumps(code).encode())


def executed(run: Run, result: dict) -> dict:
    """Return a chapter as it stands now with a result put in: outputs in code cells, values with the prose.

    Raises ChapterError when a value may not be said by a rule that the book didn't have when the chapter ran.
    """
    notebook = run.read()
    expressions.put(notebook, result["outputs"], result[expressions.KEPT])
    if result[expressions.KEPT]:
        from analysis.build import settings

        rule = settings.rule(run.chapter)
        try:
            expressions.judge(notebook, run.chapter.name, rule)
        except expressions.ExpressionError as error:
            raise ChapterError(str(error)) from None
    return notebook


def ingredients(run: Run, look: Look) -> dict:
    """Collect what a run depends on before it has run: code, parameters, lock, Python."""
    return {
        "code": code_of(run.read()),
        "parameters": dict(run.parameters),
        LOCK: look(LOCK),
        "python": platform.python_version(),
    }


def decide(run: Run, look: Look, cache: Path) -> tuple[str, dict | None]:
    """Say why a chapter must run, or return its stored result: (reason, None) or ("", result)."""
    path = cache / run.entry
    try:
        seal, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        others = list(cache.glob(f"{run.name}-" + "?" * 16 + ".json"))
        return ("no result with these parameters" if others else "no earlier result"), None
    if seal.decode("ascii", "replace") != digest(body):
        return "its stored result is damaged", None
    result = json.loads(body)
    if set(result) != KEPT:
        return "its stored result is of another version of the build", None
    now = ingredients(run, look)
    for what, words in [("code", "its code changed"), (LOCK, f"{LOCK} changed"), ("python", "another Python")]:
        if result[what] != now[what]:
            return words, None
    changed = [name for name, then in result["reads"].items() if look(name) != then]
    changed.sort(key=lambda name: name.startswith(MADE))  # the cause before what was made from it
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        return f"{changed[0]} changed{more}", None
    return "", result


def store(run: Run, cache: Path, result: dict) -> None:
    """Keep a result, sealed with its own hash, all or nothing."""
    body = json.dumps(result, sort_keys=True, ensure_ascii=False).encode()
    write_whole(cache / run.entry, digest(body).encode() + b"\n" + body)


# --- running ------------------------------------------------------------------------------


def execute(
    todo: list[Run],
    root: Path,
    cache: Path,
    failed: Path,
    report: Callable[[Run, float], None],
    fork: bool,
    timeout: int = CELL_TIMEOUT,
    progress: Progress = untold,
) -> dict[Run, dict]:
    """Run chapters, as many at a time as there are processors, the longest first.

    `report` is told of each chapter that is done and how many seconds it took, `progress` each time
    that one begins or ends. Returns the results by run. Raises ChapterError when any failed, after
    the others have finished, with the executed notebook of each failed one kept in `failed`. Leaves
    no kernel behind.
    """
    from analysis.build import kernels, processes

    processes.spare_parsers()
    sockets = Path(tempfile.mkdtemp(prefix="book-"))
    sweep(cache)
    shutil.rmtree(failed, ignore_errors=True)  # of an earlier build, of other answers perhaps
    done: queue.Queue = queue.Queue()
    waiting = sorted(todo, key=lambda run: _expected(run, cache))
    alive: list = []
    closing = threading.Event()

    def work():
        while not closing.is_set():
            try:
                run = waiting.pop()
            except IndexError:
                return
            done.put((run, None, None))
            try:
                done.put((run, _run(run, root, sockets, failed, fork, timeout, alive), None))
            except BaseException as error:  # handed to the main thread, which raises it
                done.put((run, None, error))

    results: dict[Run, dict] = {}
    errors: list[str] = []
    running: set[str] = set()
    try:
        for _ in range(min(len(todo), processors())):
            threading.Thread(target=work, daemon=True).start()
        for _ in (*todo, *todo):
            run, result, error = done.get()
            running ^= {run.name}
            progress(sorted(running), len(results) + len(errors) + bool(result or error), len(todo))
            if error:
                errors.append(_explain(run, error, failed, timeout))
            if not result:
                continue
            report(run, result["seconds"])
            results[run] = result
            if result.pop("steady"):
                store(run, cache, result)
    finally:
        closing.set()
        for manager in list(alive):
            kernels.end(manager)
        shutil.rmtree(sockets, ignore_errors=True)
    if errors:
        raise ChapterError("\n".join(errors))
    return results


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _expected(run: Run, cache: Path) -> float:
    """Guess how long a chapter takes: as its last run did, else longer than any that is known."""
    try:
        return json.loads((cache / run.entry).read_bytes().partition(b"\n")[2])["seconds"]
    except (OSError, ValueError, KeyError):
        return float("inf")


def _run(run: Run, root: Path, sockets: Path, failed: Path, fork: bool, timeout: int, alive: list) -> dict:
    """Run one chapter in a kernel of its own; return its result with what it read."""
    import nbformat
    import papermill

    from analysis.build import engine, kernels, settings

    trace, notes = (sockets / f"{run.entry}.{what}" for what in ("reads", "notes"))
    trace.touch()
    notes.touch()
    started = trace.stat().st_ctime_ns
    look = functools.partial(digest_of, root)
    before = ingredients(run, look)
    began = time.perf_counter()
    manager = kernels.BookKernelManager(trace, notes, root, sockets, fork)
    alive.append(manager)
    try:
        notebook = papermill.execute_notebook(
            standing.leave_out(nbformat.read(run.chapter, as_version=4), run.kind),
            None,
            dict(run.parameters),
            engine_name=engine.NAME,
            kernel_name="chapter",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=timeout,
            chapter=run.chapter,
            km=manager,
            resources={"metadata": {"path": str(run.chapter.parent)}},
            kept=failed / f"{run.name}.ipynb",
            judge=settings.judge(run.chapter, dict(run.parameters)) if run.private else None,
        )
    finally:
        kernels.end(manager)
        alive.remove(manager)
    names = sorted(set(trace.read_text(encoding="utf-8").split("\n")) - {""})
    # a file that changed while the chapter ran may have been read before or after: don't keep
    steady = all(_last_change(path) < started for path in [*(root / name for name in names), run.chapter])
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells = [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    return before | {
        "reads": {name: look(name) for name in names},
        "seconds": round(time.perf_counter() - began, 2),
        "outputs": [cell.outputs for cell in cells],
        "notes": sorted(set(notes.read_text(encoding="utf-8").splitlines())),
        expressions.KEPT: expressions.kept_in(notebook.cells),
        "steady": steady,
    }


def _last_change(path: Path) -> int:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0
    return max(status.st_mtime_ns, status.st_ctime_ns)


def _explain(run: Run, error: Any, failed: Path, timeout: int) -> str:
    """Say in a few lines which chapter stopped where, and what to do."""
    kept = failed / f"{run.name}.ipynb"
    trace = f"\n  As far as it came, with the traceback: {kept}" if kept.exists() else ""
    kind = type(error).__name__
    place = " ".join(getattr(error, "__notes__", [])) or f"{run.chapter.name}, its start"
    if isinstance(error, (expressions.ExpressionError, held.HeldBackError)):
        return f"{error}{trace}"
    if kind == "PapermillExecutionError":
        # the parameters are put in as a cell of their own, which the chapter doesn't have
        where = f"cell {error.cell_index + 1 - bool(run.parameters)} (In [{error.exec_count}])"
        return f"{run.name} stopped at {where}: {error.ename}: {error.evalue}{trace}"
    if kind == "CellTimeoutError":
        return (
            f"{place}: hung, it ran longer than the limit of {timeout} s.\n"
            f"  Make it faster, or raise the limit with --timeout.{trace}"
        )
    if kind == "DeadKernelError":
        return (
            f"{place}: the kernel died, of too little memory or of a crash in a library.\n"
            f"  Run the chapter alone in JupyterLab to see which.{trace}"
        )
    if isinstance(error, OSError):
        return f"{run.name}: {error.strerror or error} ({error.filename or 'no file named'}). {remedy(error)}"
    return f"{run.name}: {kind}: {error}{trace}"


def remedy(error: OSError) -> str:
    """Say what to do about a file that can't be written or read."""
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Free some space and build again; the book that was there is unchanged."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Make the folder writable and build again; the book that was there is unchanged."
    return "The book that was there is unchanged."


def _module(path: Path) -> str:
    """Name the module that a file of the project is."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def heavy_imports(chapters: Iterable[Path], root: Path) -> list[str]:
    """List the modules from outside the project that chapters import, through ours or directly.

    A text in one of ours that names another, such as "stats.models", counts too: some are opened when asked for.
    """
    import ast

    codes = [c["source"] for chapter in chapters for c in read_notebook(chapter)["cells"] if c["cell_type"] == "code"]
    ours = {_module(p.relative_to(root)): p for p in (root / "analysis").rglob("*.py")}
    ours |= {p.stem: p for p in (root / "chapters").glob("*.py")}
    outside, followed = {"pyarrow.parquet": None}, set()  # which pandas imports when it first reads Parquet
    while codes:
        try:
            tree = ast.parse(codes.pop(0))
        except SyntaxError:
            continue  # a magic command, or a mistake that the run will show
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and f"analysis.{node.value}" in ours:
                names = [f"analysis.{node.value}"]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                if name in ours and name not in followed:
                    followed.add(name)
                    codes.append(ours[name].read_text(encoding="utf-8"))
                elif name.partition(".")[0] not in ours and node in tree.body:
                    outside[name] = None
    return list(outside)
