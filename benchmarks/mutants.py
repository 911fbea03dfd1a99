"""How much the tests notice: small changes to the code, one at a time, and whether a package's own tests turn red.

    python benchmarks/mutants.py                                     40 changes in each of five packages
    python benchmarks/mutants.py --package stats --sample 30 --seed 2

A change turns a comparison, moves a number by one, drops a decorator, empties a loop and the like
(cosmic-ray's operators). Drawn are places in the code, then one change at each, so that an
expression which can be changed in ten ways counts no more than one that can be in two. Changes of
annotations aren't drawn. Each is made in a copy of the project that is thrown away after it. Tests
that fail, can't even be collected, or take `--patience` times as long as without a change have noticed it.

Printed are, by package, how many were noticed, and every change that wasn't: some change nothing,
and only a person can say which. A measurement: it ends well whatever it finds.
"""

import argparse
import ast
import difflib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from statsmodels.stats.proportion import proportion_confint

try:
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names
except ImportError:
    sys.exit(
        "The changes come from cosmic-ray, which nothing else needs: pip install cosmic-ray. Then run this once more."
    )

ROOT = Path(__file__).resolve().parents[1]
SERVER = multiprocessing.get_context("forkserver")
"""Starts the tests' processes from one that has imported what all of them import: half of their time."""
SERVER.set_forkserver_preload(["pandas", "scipy.stats", "statsmodels.api", "pytest", "hypothesis", "lxml", "babel"])
NOTICED, SURVIVED = "noticed", "not noticed"


class Change(NamedTuple):
    """A change of one module: its file from the project's root, the line it is in, and the whole new source."""

    file: Path
    line: int
    source: str


class Meaning(ast.NodeTransformer):
    """What a module does: its tree without annotations and docstrings."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def meaning(source: str) -> str:
    """Return what two sources have alike that differ in annotations, docstrings, comments and spaces alone."""
    return ast.dump(Meaning().visit(ast.parse(source)))


def changes(package: str, seed: int) -> Iterator[Change]:
    """Yield changes of a package's modules, one a place, in an order that the seed fixes."""
    places: dict[tuple[Path, tuple[int, int]], list[tuple[str, int]]] = {}
    for module in sorted((ROOT / "analysis" / package).glob("*.py")):
        nodes = list(ast_nodes(get_ast(module.read_text(encoding="utf-8"))))
        for name in operator_names():
            operator = get_operator(name)
            if operator.arguments():
                continue
            found = (start for node in nodes for start, _ in operator().mutation_positions(node))
            for occurrence, start in enumerate(found):
                places.setdefault((module, start), []).append((name, occurrence))
    draw = random.Random(seed)
    for (module, start), ways in draw.sample(sorted(places.items()), len(places)):
        name, occurrence = draw.choice(ways)
        source = module.read_text(encoding="utf-8")
        try:
            changed = mutate_code(source, get_operator(name)(), occurrence)
            same = not changed or meaning(changed) == meaning(source)
        except (AttributeError, SyntaxError):
            # cosmic-ray 8.7 trips over some forms (`except (A, B)` among others), or writes what isn't Python.
            continue
        if not same:
            yield Change(module.relative_to(ROOT), start[0], changed)


def pytest_in(place: Path, said: Path, arguments: list[str]) -> None:
    """Run pytest in a project, in a process (and group of processes) of its own, and end with its exit code."""
    os.setsid()
    os.chdir(place)
    os.environ["PYTHONPATH"] = str(place)
    sys.path.insert(0, str(place))
    with said.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    import pytest

    code = pytest.main(arguments)
    sys.exit(0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else int(code))


def tested(package: str, change: Change | None, limit: float | None = None) -> tuple[str, str]:
    """Run a package's own tests on a copy of the project with a change in it: what became of it, and what they said.

    Tests of the changed module come first, for they are the likeliest to fail, and the first failure ends it.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        ignore = shutil.ignore_patterns("__pycache__", ".git", ".venv", ".*_cache", "_build", "clean")
        shutil.copytree(ROOT, place, ignore=ignore)
        for words in (["init", "--quiet"], ["add", "--all"]):  # some tests ask Git which files there are
            subprocess.run(["git", *words], cwd=place, check=True)
        first = []
        if change:
            (place / change.file).write_text(change.source, encoding="utf-8")
            first = [p for p in [f"tests/{package}/test_{change.file.stem}.py"] if (place / p).exists()]
        base = ["-x", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}/temp"]
        base += ["-m", "not long"]
        said = Path(folder) / "said"
        others = [f"tests/{package}", f"analysis/{package}", *(f"--ignore={path}" for path in first)]
        for tests in filter(None, (first, others)):
            process = SERVER.Process(target=pytest_in, args=(place, said, [*base, *tests]))
            process.start()
            process.join(limit)
            if process.is_alive():
                os.killpg(process.pid, signal.SIGKILL)
                process.join()
                return NOTICED, "no end within the limit"
            if process.exitcode:
                break
        return NOTICED if process.exitcode else SURVIVED, said.read_text(errors="replace")


def shown(change: Change) -> str:
    """Say where a change is, and the first line that went and the first that came."""
    before = (ROOT / change.file).read_text(encoding="utf-8").splitlines()
    lines = list(difflib.unified_diff(before, change.source.splitlines(), n=0, lineterm=""))[3:]
    firsts = [next((line for line in lines if line[0] == sign and line[1:].strip()), sign) for sign in "-+"]
    return "\n".join([f"{change.file}:{change.line}", *(f"    {line[0]} {line[1:].strip()}" for line in firsts)])


def measured(package: str, sample: int, seed: int, patience: float, processes: int) -> str:
    """Try a sample of changes of a package, print those not noticed, and return its row of the table."""
    began = time.perf_counter()
    state, said = tested(package, None)
    if state != SURVIVED:
        sys.exit(f"{package}: its tests fail without any change, so they can notice none.\n{said[-3000:]}")
    limit = patience * (time.perf_counter() - began) + 10
    drawn = list(islice(changes(package, seed), sample))
    noticed = 0
    with ThreadPoolExecutor(processes) as pool:
        results = pool.map(lambda change: tested(package, change, limit)[0], drawn)
        for i, (change, result) in enumerate(zip(drawn, results, strict=True), 1):
            print(f"{package}: {i} of {len(drawn)}", end="\r", file=sys.stderr, flush=True)
            noticed += result == NOTICED
            if result == SURVIVED:
                print(shown(change), flush=True)
    tried = len(drawn)
    low, high = proportion_confint(noticed, tried, method="wilson") if tried else (0, 1)
    share = f"{noticed / max(tried, 1):.0%} ({low:.0%} to {high:.0%})"
    counts = f"{tried:>9}{noticed:>9}{tried - noticed:>13}"
    return f"{package:10}{counts}   {share:20}{time.perf_counter() - began:>6.0f} s"


def main() -> None:
    """Measure each package that is asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = ["survey", "stats", "report", "show", "build"]
    parser.add_argument("--package", nargs="+", default=known, choices=known, help="packages (default: all five)")
    parser.add_argument("--sample", type=int, default=40, help="changes of each package (default: 40)")
    parser.add_argument("--seed", type=int, default=1, help="which sample (default: 1)")
    parser.add_argument("--patience", type=float, default=4, help="the limit, in times of a run without change")
    parser.add_argument("--processes", type=int, default=2, help="how many at a time (default: 2)")
    options = parser.parse_args()
    print(f"not noticed, of {options.sample} changes a package (seed {options.seed})\n", flush=True)
    rows = [
        measured(package, options.sample, options.seed, options.patience, options.processes)
        for package in options.package
    ]
    print(f"\n{'':10}{'sampled':>9}{'noticed':>9}{'not noticed':>13}   {'share (95%)':20}")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
