"""What can be counted of people who were asked a question: their parts, and what is shown as a share of them.

A *part* is what people are counted in: each answer of a single question, or each box of a multiple
one, and those who left it blank. `facts` says what can be known of these counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

BASE, BLANK = "base", "blank"
"""Whoever answered, and whoever was asked and left it blank; no answer may have these names."""


class BadFactsError(ValueError):
    """What was handed over as shown or known contradicts itself, or the answers."""


@dataclass(frozen=True, eq=False)
class Item:
    """One thing that people were asked: a single question, a statement, or all boxes of a multiple one.

    Parameters
    ----------
    name
        A statement's; blank where a question has one item.
    parts
        What people are counted in.
    people
        0 or 1, a row a person who was asked, a column a part.
    rules
        Whole numbers, a column a part: each row times the counts of any people at all is 0 or more.
    cells
        What is shown as a share of the base: by name, how many times each part is in it.
    base, blank
        The parts of whoever answered, and of whoever left it blank.
    scores
        By name of a part, its place on a scale; empty where no mean is given.
    """

    name: str
    parts: tuple[str, ...]
    people: np.ndarray
    rules: np.ndarray
    cells: dict[str, np.ndarray]
    base: np.ndarray
    blank: np.ndarray
    scores: Mapping[str, int] = field(default_factory=dict)

    def cell(self, name: str) -> np.ndarray:
        """Give the parts of a cell, of the base or of the blanks."""
        return {BASE: self.base, BLANK: self.blank, **self.cells}[name]


def single(
    answers: pd.Series, unions: Mapping[str, Sequence[str]] | None = None,
    scores: Mapping[str, int] | None = None, name: str = "",
) -> Item:  # fmt: skip
    """Describe a question, or a statement, to which each person gives one answer.

    Parameters
    ----------
    answers
        Categorical, a row a person who was asked; missing where it was left blank. Each category is
        shown, also one that nobody chose.
    unions
        Named groups of answers that are shown too, such as `{"agree": ["4", "5"]}`.
    scores
        The place of answers on a scale, where the mean of them is given.
    name
        A statement's, which tells it from the others of its question.

    Raises BadFactsError for answers that aren't categorical, names used twice, and what is in a group or on the
    scale and no answer.
    """
    if not isinstance(answers.dtype, pd.CategoricalDtype):
        raise BadFactsError(f"{name or answers.name}: answers are {answers.dtype}; make them categorical, in order")
    options, unions, scores = [str(option) for option in answers.cat.categories], unions or {}, scores or {}
    refuse(name, _misnamed(options, unions, scores))
    parts = (*options, BLANK)
    unit = np.eye(len(parts), dtype=np.int64)
    one = dict(zip(parts, unit, strict=True))
    cells = {option: one[option] for option in options}
    cells |= {union: unit[[options.index(option) for option in inside]].sum(0) for union, inside in unions.items()}
    people = unit[answers.cat.codes.to_numpy()]  # left blank is -1: the last
    return Item(name, parts, people, unit[:0], cells, 1 - one[BLANK], one[BLANK], dict(scores))


def multiple(
    ticked: pd.DataFrame, unions: Mapping[str, Sequence[str]] | None = None, exclusive: Iterable[str] = ()
) -> Item:
    """Describe a question whose boxes people tick, each a yes or a no.

    Parameters
    ----------
    ticked
        True or false, a row a person who was asked, a column a box. Whoever ticked none left it blank.
    unions
        Named groups of boxes that are shown too: who ticked one of them, or more. A box is in one at most.
    exclusive
        Boxes that can't be ticked with another.

    Parts are boxes, groups of boxes and whoever answered, not every combination of ticks; the rules
    hold just where some people have such counts. (They can be chosen so: a group lies between its
    largest box and the sum of them, and boxes and groups may overlap as long as everybody ticked one.)

    Raises BadFactsError for missing ticks, names used twice, groups that overlap or name no box, and people who
    ticked an exclusive box with another.
    """
    boxes, unions, exclusive = [str(box) for box in ticked.columns], unions or {}, list(exclusive)
    problems = _misnamed(boxes, unions, dict.fromkeys(exclusive, 0))
    problems += [f'"{box}" has missing ticks; they are true or false' for box in boxes if ticked[box].isna().any()]
    inside = [box for union in unions.values() for box in union]
    if len(inside) != len(set(inside)) or set(inside) & set(exclusive):
        problems.append("a box is in one named group at most, and an exclusive one in none")
    refuse("", problems)
    gave = dict(zip(boxes, ticked.to_numpy(bool).T, strict=True))
    number = sum(box.astype(int) for box in gave.values())
    strays = sum(int((gave[box] & (number > 1)).sum()) for box in exclusive)
    refuse("", [f"{strays} people ticked an exclusive box with another"] * bool(strays))
    columns = gave | {union: np.any([gave[box] for box in unions[union]], axis=0) for union in unions}
    columns |= {BASE: number > 0, BLANK: number == 0}
    parts = tuple(columns)
    one = dict(zip(parts, np.eye(len(parts), dtype=np.int64), strict=True))
    nothing = np.zeros(len(parts), np.int64)
    others = sum((-one[box] for box in exclusive), one[BASE])  # who ticked something that isn't exclusive
    ticks = [one[name] for name in (*boxes, *unions) if name not in inside and name not in exclusive]
    rules = [others, sum(ticks, nothing) - others, *(others - tick for tick in ticks)]
    for union, members in unions.items():
        rules += [sum((one[box] for box in members), -one[union]), *(one[union] - one[box] for box in members)]
    cells = {name: one[name] for name in (*boxes, *unions)}
    return Item("", parts, np.column_stack(list(columns.values())).astype(np.int64), np.array(rules), cells,
                one[BASE], one[BLANK])  # fmt: skip


def _misnamed(options: list[str], unions: Mapping[str, Sequence[str]], others: Mapping[str, int]) -> list[str]:
    """Say what is named twice, and what stands in a group, on a scale or among the exclusive and is no answer."""
    names = [*options, *unions, BASE, BLANK]
    problems = [f'"{name}" is named twice' for name in dict.fromkeys(names) if names.count(name) > 1]
    meant = [*(option for inside in unions.values() for option in inside), *others]
    return problems + [f'"{name}" is not one of {", ".join(options)}' for name in meant if name not in options]


def refuse(name: str, problems: list[str]) -> None:
    """Raise BadFactsError with all problems of a question at once, if there are any."""
    if problems:
        raise BadFactsError(f"{name}: {'; '.join(problems)}" if name else "; ".join(problems))
