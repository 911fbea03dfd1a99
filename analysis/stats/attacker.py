"""Try to work out small counts from what is shown of a question, and choose a step at which that fails.

A *whole table* says how many people of each kind (of a group, or of a group of one grouping and one of
another) gave each answer. The attacker looks at all whole tables that agree with everything he knows
(`facts`); what a count is in any of them he can't exclude. The least and the most are integer programmes.

A question is safe when for each true count of 1 to 9 there are two whole tables in which it is 5 or more
apart (`facts.Rule`). That it is doesn't rest on a solver: both tables were found, and held in whole numbers to
every fact. Not counted are three groupings together, p-values and effects, what is known of single
people, and what a step or a table that isn't given tells by itself.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.stats import steps
from analysis.stats.facts import NO_LIMIT, RULE, WHOLE, Rule, Shown, Table
from analysis.stats.items import BASE, BLANK, Item
from analysis.stats.steps import STEPS

NODES = 20_000
"""Branches after which a programme gives up, on any machine the same; what wasn't found isn't relied on."""
SOLVED = 0
"""What scipy's `milp` reports when it has found the least."""
NOT_GIVEN = 0
"""Stands for the step of a question of which not even the whole can be given."""


class Target(NamedTuple):
    """A true count of 1 to 9, and where it stands: a cell, or with `others` those who answered and aren't in it."""

    item: str
    by: str
    group: str
    cell: str
    others: bool
    people: int


@dataclass
class Work:
    """How much was done: programmes solved, and the seconds of the longest."""

    programmes: int = 0
    longest: float = 0.0


@dataclass(frozen=True, eq=False)
class System:
    """The whole tables that agree with everything known: whole numbers x with `least` <= `facts` x <= `most`.

    `truth` is the true one. A target is its row of `wanted` times x. `enough` people are more than there are by
    all that is known: a programme needs an end, and the true number of people would give a base away.
    """

    facts: sparse.csr_array
    least: np.ndarray
    most: np.ndarray
    truth: np.ndarray
    targets: tuple[Target, ...]
    wanted: np.ndarray
    enough: int
    work: Work

    def agrees(self, table: np.ndarray) -> bool:
        """Whether a table of whole numbers agrees with every fact."""
        found = self.facts @ table
        return bool((table >= 0).all() and (found >= self.least).all() and (found <= self.most).all())

    def least_of(self, weights: np.ndarray) -> tuple[np.ndarray, bool]:
        """Find a table that agrees and in which weights times counts is small, and say whether it is the least.

        It isn't where the programme gave up: then it is the best that was found, or the true table.
        """
        most = np.where(self.most < NO_LIMIT, self.most, np.inf)
        for presolve in (True, False):  # HiGHS 1.12 simplifies some programmes until they have no solution at all
            began = time.perf_counter()
            result = milp(
                weights, integrality=np.ones(len(weights)), bounds=Bounds(0, self.enough),
                constraints=LinearConstraint(self.facts, self.least, most),
                options={"node_limit": NODES, "presolve": presolve},
            )  # fmt: skip
            self.work.programmes += 1
            self.work.longest = max(self.work.longest, time.perf_counter() - began)
            table = self.truth if result.x is None else np.rint(result.x).astype(np.int64)
            if result.status == SOLVED and self.agrees(table):
                return table, True
        return (table, False) if self.agrees(table) else (self.truth, False)


def system(
    tables: Sequence[Table], step: int, rule: Rule = RULE, print_only: bool = False, work: Work | None = None
) -> System:
    """Write down everything that is known of one item, in the whole and by each grouping of `tables`.

    A whole table counts kinds of people: a kind is a place in each of the groupings. With `print_only` nothing
    is known but what was printed.
    """
    item, question = tables[0].item, tables[0].question
    sizes = [len(table.groups) for table in tables]
    kinds, parts = int(np.prod(sizes)), len(item.parts)
    of = np.ravel_multi_index([question.places(table.by) for table in tables], sizes)
    truth = np.zeros((kinds, parts), np.int64)
    np.add.at(truth, of, item.people)
    at = np.indices(sizes).reshape(len(sizes), kinds)
    rows = [np.kron(np.eye(kinds, dtype=np.int64), item.rules)]
    least, most = [0] * len(rows[0]), [NO_LIMIT] * len(rows[0])
    targets, wanted = [], [np.zeros((0, kinds * parts), np.int64)]
    for table, places in zip(tables, at, strict=True):
        for fact in [*table.known(printed=print_only), *([] if print_only else table.shown(step, rule))]:
            rows.append(np.kron(places == fact.place, fact.parts)[None])
            least.append(fact.least)
            most.append(fact.most)
        for target, place, cell in _targets(table, rule):
            targets.append(target)
            wanted.append(np.kron(places == place, cell)[None])
    return System(
        sparse.csr_array(np.vstack(rows)), np.array(least), np.array(most), truth.ravel(), tuple(targets),
        np.vstack(wanted), 2 * len(item.people) + 100, work or Work(),
    )  # fmt: skip


def _targets(table: Table, rule: Rule) -> Iterator[tuple[Target, int, np.ndarray]]:
    """Yield each small count with its place and parts: of cells, of whoever isn't in them, of blanks, of bases."""
    item = table.item
    wanted = [(name, False, cell) for name, cell in item.cells.items()]
    wanted += [(name, True, item.base - cell) for name, cell in item.cells.items()]
    wanted += [(BLANK, False, item.blank), (BASE, False, item.base)]
    for name, others, cell in wanted:
        counts = table.counts @ cell
        for place in np.flatnonzero((counts >= 1) & (counts <= rule.small)):
            yield Target(item.name, table.by, table.groups[place], name, others, int(counts[place])), int(place), cell


# --- looking ---------------------------------------------------------------------------------


class Search:
    """The least and the most of each target of a system, as far as whole tables were found."""

    def __init__(self, system: System):
        self.system = system
        self.least = self.most = system.wanted @ system.truth

    @property
    def apart(self) -> np.ndarray:
        """How far the two are from each other, by target."""
        return self.most - self.least

    def push(self, targets: np.ndarray | int, sign: int) -> bool:
        """Look for a table with few people (sign 1) or many (-1) in some targets together; it counts for all targets.

        Returns whether there can be no fewer, or no more.
        """
        wanted = self.system.wanted
        table, is_end = self.system.least_of(sign * np.atleast_2d(wanted[targets]).sum(0))
        self.least, self.most = np.minimum(self.least, wanted @ table), np.maximum(self.most, wanted @ table)
        return is_end

    def spread(self, apart: int) -> np.ndarray:
        """Push all targets that are less than `apart` people apart, together, while that helps; name what is left."""
        close = np.flatnonzero(self.apart < apart)
        while len(close):
            for sign in (1, -1):
                if len(still := np.flatnonzero(self.apart < apart)):
                    self.push(still, sign)
            before, close = len(close), np.flatnonzero(self.apart < apart)
            if len(close) == before:
                break
        return close


def close(search: Search, apart: int, by_print: Callable[[int], int | None] | None = None) -> int | None:
    """Find a target whose least and most can't be as far apart as they should; None where there is none.

    They should be `apart`, or as far as they are by print alone, which `by_print` says of the number of
    a target (None: that isn't known). Of the target found, `search` has the true least and most.
    """
    for target in search.spread(apart):
        for sign in (1, -1):
            if search.apart[target] < apart:
                search.push(target, sign)
        if search.apart[target] < apart:
            printed = by_print(target) if by_print else None
            if printed is None or search.apart[target] < printed:
                return int(target)
    return None


def intervals(question: Shown, step: int, by: Sequence[str] = (), rule: Rule = RULE) -> pd.DataFrame:
    """Say of each count of 1 to 9 what the attacker can't exclude, of the whole and some groupings shown at once.

    Returns a row a target, with the columns of `Target`, and `least` and `most`. Raises RuntimeError
    where a programme gives up.
    """
    rows = []
    for item in question.items:
        search = Search(system([Table(question, item, name) for name in (WHOLE, *by)], step, rule))
        for target in range(len(search.least)):
            if not all([search.push(target, sign) for sign in (1, -1)]):
                raise RuntimeError(f"{question.name}: a programme gave up after {NODES} branches")
        found = zip(search.system.targets, search.least, search.most, strict=True)
        rows += [(*target, int(least), int(most)) for target, least, most in found]
    return pd.DataFrame(rows, columns=[*Target._fields, "least", "most"])


# --- choosing --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Choice:
    """The steps at which nothing small can be worked out, and how that was found.

    `steps` has a row a question: `question`, `step` in points (`NOT_GIVEN` where nothing of it can be given) and
    `narrowest`, the people between the least and the most that were found of its closest count; the true
    distance is that or more, and it is missing where there is no small count but what print gives away.
    `left_out` has a row a `grouping` of a `question` that isn't given. `programmes` were solved, in `seconds`,
    the longest in `longest`.
    """

    steps: pd.DataFrame
    left_out: pd.DataFrame
    programmes: int
    longest: float
    seconds: float

    @property
    def narrowest(self) -> int | None:
        """The people between the least and the most of the closest count of all; None where there is none."""
        return None if self.steps["narrowest"].isna().all() else int(self.steps["narrowest"].min())


def choose(questions: Iterable[Shown], start: Mapping[str, int] | None = None, rule: Rule = RULE) -> Choice:
    """Choose the step of each question, and the groupings that can't be given at any.

    Parameters
    ----------
    questions
        What is shown of each.
    start
        By question, the step to begin with, where somebody wants a coarser one than the finest: no finer is chosen.
    rule
        What is shown, and what is kept.

    The step is the least of `STEPS` at which every two groupings can be shown together. (Every one can be shown by
    itself then: the two tables that keep two groupings safe keep each of them safe.) Where the widest step doesn't
    do, the groupings that fail by themselves are left out, or else the one that most pairs fail with; of equals the
    one with the fewest bases that have shares, and of these the last. Then the steps are tried anew.

    Raises ValueError for steps that aren't one of `STEPS` and for questions that aren't there.
    """
    questions, start = list(questions), dict(start or {})
    unknown = set(start) - {question.name for question in questions}
    if unknown:
        raise ValueError(f"steps are set for {', '.join(sorted(unknown))}, of which nothing is shown")
    for step in start.values():
        steps.refuse(step)
    began, work = time.perf_counter(), Work()
    chosen, left_out = [], []
    for question in questions:
        attack = _Attack(question, rule, work)
        step, narrowest, without = attack.choose(start.get(question.name, STEPS[0]))
        chosen.append((question.name, step, narrowest))
        left_out += [(question.name, grouping) for grouping in without]
    frame = pd.DataFrame(chosen, columns=["question", "step", "narrowest"]).astype({"narrowest": "Int64"})
    without = pd.DataFrame(left_out, columns=["question", "grouping"])
    return Choice(frame, without, work.programmes, work.longest, time.perf_counter() - began)


class _Attack:
    """The attacker at work on one question."""

    def __init__(self, question: Shown, rule: Rule, work: Work):
        self.question, self.rule, self.work = question, rule, work
        self.tables = {(item.name, by): Table(question, item, by)
                       for item in question.items for by in (WHOLE, *question.by)}  # fmt: skip

    def choose(self, start: int) -> tuple[int, int | None, list[str]]:
        """Give the step, the narrowest interval found at it, and the groupings left out."""
        given, without = list(self.question.by), list[str]()
        while True:
            views = [(), *((by,) for by in given), *itertools.combinations(given, 2)]
            tries = [(item, view) for view in views for item in self.question.items]
            for step in STEPS[STEPS.index(start) :]:
                narrowest = []
                for number, (item, view) in enumerate(tries):
                    is_safe, apart = self._try(item, view, step)
                    if not is_safe:
                        tries.insert(0, tries.pop(number))  # what fails at one step is the first to fail at the next
                        break
                    narrowest += [apart] if apart is not None else []
                else:
                    return step, min(narrowest, default=None), without
            worst = self._worst(given)
            if not worst:
                return NOT_GIVEN, None, list(self.question.by)
            given = [by for by in given if by not in worst]
            without += worst

    def _worst(self, given: Sequence[str]) -> list[str]:
        """Name the groupings to leave out where the widest step doesn't do; none where the whole fails by itself."""
        if not self._is_safe(()):
            return []
        alone = [by for by in given if not self._is_safe((by,))]
        if alone:
            return alone
        fails = Counter(by for pair in itertools.combinations(given, 2) if not self._is_safe(pair) for by in pair)
        item = self.question.items[0]
        bases = {by: int((self.tables[item.name, by].bases >= self.rule.least_base).sum()) for by in given}
        return [max(given, key=lambda by: (fails[by], -bases[by], given.index(by)))]

    def _is_safe(self, view: tuple[str, ...]) -> bool:
        return all(self._try(item, view, STEPS[-1])[0] for item in self.question.items)

    def _try(self, item: Item, view: tuple[str, ...], step: int) -> tuple[bool, int | None]:
        """Say whether an item is safe with some groupings shown at once, and the narrowest interval found there."""
        tables = [self.tables[item.name, by] for by in (WHOLE, *view)]
        search = Search(system(tables, step, self.rule, work=self.work))
        is_safe = close(search, self.rule.apart, self._by_print(tables)) is None
        apart = search.apart[search.apart >= self.rule.apart]
        return is_safe, int(apart.min()) if len(apart) else None

    def _by_print(self, tables: list[Table]) -> Callable[[int], int | None] | None:
        """Give what tells how far apart a target is by print alone, where anything was printed."""
        if not any(table.known(printed=True) for table in tables):
            return None

        def apart(target: int) -> int | None:
            search = Search(system(tables, STEPS[0], self.rule, print_only=True, work=self.work))
            are_ends = [search.push(target, sign) for sign in (1, -1)]
            return int(search.apart[target]) if all(are_ends) else None

        return apart
