"""What can be known of the people who answered a question from what is shown of it, as facts about counts.

A *part* is what people are counted in: each answer of a single question, or each box of a multiple one,
and those who left it blank. A *place* is a group of people that a table has a row or a column for, or the
whole. A fact says of one place that some parts of it, each so many times, add up to a number between two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.stats import steps
from analysis.stats.items import BASE, BLANK, Item, refuse
from analysis.stats.steps import ALL_BUT_FEW, FEW, LEAST_BASE, SHARE, STEPS, THRESHOLD

WHOLE = ""
"""The grouping with everybody in one place."""
NO_LIMIT = 2**40
"""Stands where a fact has no bound at that end."""


class Known(NamedTuple):
    """A count known from elsewhere: from `least` to `most` people, the same number where it is known exactly.

    `cell` is one of the item, or `base` or `blank`; `by` and `group` say among whom, blank for the whole.
    `printed`: a document printed it. Anything else is of the book's own making, such as the base of a next
    question, as shown, to which only this answer leads.
    """

    cell: str
    least: int
    most: int
    by: str = WHOLE
    group: str = ""
    item: str = ""
    printed: bool = True


@dataclass(frozen=True)
class Rule:
    """What is shown, and what is kept: with the threshold of ten, counts of 1 to 9 are anything within 5 or more.

    Up to `threshold` people a cell is a word, and from `least_base` on there are shares. A count of 1 to `small`
    is kept: the least and the most that it can be are `apart` or more from each other.
    """

    threshold: int = THRESHOLD
    least_base: int = LEAST_BASE
    small: int = THRESHOLD - 1
    apart: int = THRESHOLD // 2

    def __post_init__(self):
        steps.refuse(STEPS[0], self.least_base)

    @classmethod
    def of(cls, threshold: int = THRESHOLD, least_base: int = LEAST_BASE) -> Rule:
        """Make the rule of another threshold: a word stands for twice the distance, here as at ten people.

        >>> Rule.of(6, 30)
        Rule(threshold=6, least_base=30, small=5, apart=3)
        """
        return cls(threshold, least_base, threshold - 1, threshold // 2)


RULE = Rule()


@dataclass(frozen=True, eq=False)
class Shown:
    """All that is shown of one question: its items, in the whole and by each of its groupings.

    Parameters
    ----------
    name
        The question's.
    items
        What was asked: one, or the statements.
    by
        A row a person who was asked, as in the items; a categorical column a grouping. Whoever is missing in
        one is in none of its groups, and no table shows them.
    exact
        By grouping (the whole is `WHOLE`): whether bases of the least base or more are known exactly. False: as
        shown. Left out: exactly, unless a hidden count would be the difference of some of them, where a group is, or
        the blanks in it are, people up to the threshold. (Smaller bases are always known as shown.)
    known
        Counts known from elsewhere.

    Raises BadFactsError for items and groupings of different people, and for names that aren't there.
    """

    name: str
    items: tuple[Item, ...]
    by: pd.DataFrame
    exact: Mapping[str, bool] = field(default_factory=dict)
    known: tuple[Known, ...] = ()

    def __post_init__(self):
        problems = [f'item "{item.name}" has {len(item.people)} people, the groupings have {len(self.by)}'
                    for item in self.items if len(item.people) != len(self.by)]  # fmt: skip
        plain = [by for by in self.by if not isinstance(self.by[by].dtype, pd.CategoricalDtype)]
        problems += [f'grouping "{by}" is {self.by[by].dtype}; make it categorical' for by in plain]
        problems += [f'there is no grouping "{by}"' for by in self.exact if by != WHOLE and by not in self.by]
        problems += [f"{fact} isn't among what is shown" for fact in self.known if not plain and not self._has(fact)]
        refuse(self.name, problems)

    def _has(self, fact: Known) -> bool:
        items = [item for item in self.items if item.name == fact.item]
        cells = {BASE, BLANK}.union(*(item.cells for item in items))
        is_place = (fact.by == WHOLE or fact.by in self.by) and fact.group in self.groups(fact.by)
        return bool(items) and is_place and fact.cell in cells

    def groups(self, by: str) -> list[str]:
        """Name the places of a grouping in its order: blank for the whole, and last for those in none of its groups."""
        if by == WHOLE:
            return [""]
        column = self.by[by].cat
        return [str(group) for group in column.categories] + [""] * bool((column.codes < 0).any())

    def places(self, by: str) -> np.ndarray:
        """Say of each person which place of a grouping they are in, by its number."""
        if by == WHOLE:
            return np.zeros(len(self.by), np.int64)
        return self.by[by].cat.codes.to_numpy(np.int64) % len(self.groups(by))  # in no group is -1: the last


class Fact(NamedTuple):
    """In one place (by its number) the parts, each so many times, add up to `least` or more and `most` or less."""

    place: int
    parts: np.ndarray
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class Table:
    """An item by one grouping: the true counts, and the facts that follow from what is shown of them."""

    question: Shown
    item: Item
    by: str = WHOLE

    @cached_property
    def counts(self) -> np.ndarray:
        """Count the people: a row a place, a column a part."""
        counts = np.zeros((len(self.groups), len(self.item.parts)), np.int64)
        np.add.at(counts, self.question.places(self.by), self.item.people)
        return counts

    @cached_property
    def groups(self) -> list[str]:
        """Name the places."""
        return self.question.groups(self.by)

    @property
    def bases(self) -> np.ndarray:
        """Count who answered, by place."""
        return self.counts @ self.item.base

    @property
    def blanks(self) -> np.ndarray:
        """Count who was asked and left it blank, by place."""
        return self.counts @ self.item.blank

    def known(self, printed: bool = False) -> list[Fact]:
        """Give the facts known from elsewhere; only what was printed, where that is asked.

        Raises BadFactsError where the answers contradict one, all of them named.
        """
        found, wrong = [], []
        for fact in self.question.known:
            if (fact.item, fact.by) == (self.item.name, self.by) and fact.printed >= printed:
                place, parts = self.groups.index(fact.group), self.item.cell(fact.cell)
                if not fact.least <= (count := int(self.counts[place] @ parts)) <= fact.most:
                    wrong.append(f"{fact} against {count} in the answers")
                found.append(Fact(place, parts, fact.least, fact.most))
        wrong = wrong and [*wrong, "hand over only what the answers agree with"]
        refuse(self.question.name, wrong)
        return found

    def shown(self, step: int, rule: Rule) -> Iterator[Fact]:
        """Yield the facts that follow from what is shown of it at a step: bases, cells, blanks and means."""
        item, asked = self.item, self.bases + self.blanks
        exact = self.question.exact.get(self.by)
        asked_exact = not _has_hidden(asked, rule) if exact is None else exact
        base_exact = asked_exact and not _has_hidden(self.blanks, rule) if exact is None else exact
        judged = [(item.base, list(item.cells.values()), self.bases, base_exact)]
        if self.blanks.any():
            judged.append((item.base + item.blank, [item.blank], asked, asked_exact))
        for base, cells, bases, is_exact in judged:
            counts = np.array([self.counts @ cell for cell in cells])
            frame = steps.shown(counts.ravel(), np.tile(bases, len(cells)), step,
                                threshold=rule.threshold, least_base=rule.least_base)  # fmt: skip
            states = frame["state"].to_numpy().reshape(counts.shape)
            points, widths = (
                frame[column].to_numpy(np.int64, na_value=0).reshape(counts.shape) for column in ("points", "step")
            )
            for place, group in enumerate(self.groups):
                if self.by != WHOLE and not group:
                    continue
                people = int(bases[place])
                is_known = is_exact and people >= rule.least_base
                least, most = (people, people) if is_known else shown_alike(people, step, rule)
                yield Fact(place, base, least, most)
                for number, cell in enumerate(cells):
                    said = Said(states[number, place], int(points[number, place]), int(widths[number, place]))
                    yield from _of_cell(place, cell, base, said, people if is_known else None, rule.threshold)
                if base is item.base and item.scores and people >= rule.least_base:
                    yield from self._of_mean(place, states[:, place])

    def _of_mean(self, place: int, states: np.ndarray) -> Iterator[Fact]:
        """Yield what a mean tells, which is given where no cell of the scale is a word."""
        item = self.item
        scored = [list(item.cells).index(name) for name in item.scores]
        if not all(states[cell] == SHARE for cell in scored):
            return
        weights = sum((item.cells[name] * score for name, score in item.scores.items()), np.zeros_like(item.base))
        people = sum((item.cells[name] for name in item.scores), np.zeros_like(item.base))
        total, of = int(self.counts[place] @ weights), int(self.counts[place] @ people)
        units, unit = steps.shown_mean(Fraction(total, of))
        up, down = 2 * unit.denominator, unit.numerator  # units - 1/2 <= total / of / unit < units + 1/2
        yield Fact(place, up * weights - (2 * units - 1) * down * people, 0, NO_LIMIT)
        yield Fact(place, (2 * units + 1) * down * people - up * weights, 1, NO_LIMIT)


class Said(NamedTuple):
    """What is shown of a cell: its state, and of a share its points and the step it stands in."""

    state: str
    points: int
    step: int


def shown_alike(base: int, step: int, rule: Rule = RULE) -> tuple[int, int]:
    """Give the least and the most people that a base can be of which the same is shown, its own step included.

    >>> shown_alike(47, 1), shown_alike(8, 1), shown_alike(203, 1), shown_alike(203, 2)
    ((45, 49), (0, 10), (200, 204), (195, 204))
    """
    least, most = rounded_alike(base, rule)
    if base <= rule.threshold:
        return least, most
    if base < rule.least_base:
        return least, min(most, rule.least_base - 1)
    people = np.arange(max(least, rule.least_base), most + 1)
    width = np.maximum(steps.own_step(people), step)
    alike = people[width == width[people == base]]
    return int(alike[0]), int(alike[-1])


def rounded_alike(people: int, rule: Rule = RULE) -> tuple[int, int]:
    """Give the least and the most that a number of people can be which is shown to the same ten, or as a word.

    >>> rounded_alike(47), rounded_alike(8), rounded_alike(203)
    ((45, 54), (0, 10), (195, 204))
    """
    if people <= rule.threshold:
        return 0, rule.threshold
    near = int(steps.shown_base(people, threshold=rule.threshold)[0])
    return max(near - steps.ROUND_BASE // 2, rule.threshold + 1), near + steps.ROUND_BASE // 2 - 1


def _of_cell(
    place: int, cell: np.ndarray, base: np.ndarray, said: Said, people: int | None, threshold: int
) -> Iterator[Fact]:
    """Yield what is known of a cell whose base is `people`, or isn't known exactly.

    A share of p points in steps of s: `(p - s/2) base <= 100 n < (p + s/2) base`, in whole numbers,
    the second one strict because halves go up. That it isn't a word tells something as well.
    """
    if said.state == FEW:
        yield Fact(place, cell, 0, threshold)
    elif said.state == ALL_BUT_FEW:
        yield Fact(place, base - cell, 0, threshold)
        yield Fact(place, cell, threshold + 1, NO_LIMIT)
    elif said.state == SHARE:
        low, high = 2 * said.points - said.step, 2 * said.points + said.step
        if people is not None:
            least, most = -(-low * people // 200), -(-high * people // 200) - 1
            yield Fact(place, cell, max(least, threshold + 1), min(most, people - threshold - 1))
            return
        yield Fact(place, cell, threshold + 1, NO_LIMIT)
        yield Fact(place, base - cell, threshold + 1, NO_LIMIT)
        yield Fact(place, 200 * cell - low * base, 0, NO_LIMIT)
        yield Fact(place, high * base - 200 * cell, 1, NO_LIMIT)


def _has_hidden(counts: np.ndarray, rule: Rule) -> bool:
    return bool(((counts >= 1) & (counts <= rule.threshold)).any())
