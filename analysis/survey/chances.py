"""The chance of each answer, by what somebody answered before: a model of a population.

It is read from tables (`population`), worked out (`expected`), and drawn from (`invention`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.survey.questionnaire import Condition, Question, Questionnaire


@dataclass(frozen=True)
class Difference:
    """For whoever meets `condition`, the odds of the answers at `places` are `odds` times as high."""

    condition: Condition
    places: tuple[int, ...]
    odds: float


@dataclass(frozen=True)
class Part:
    """One question, or one statement of it: its answers and their shares (0 to 1).

    The answers are codes; of a number the ranges, of a text `given`. Names that are recognised in a text
    field stand apart in `named`, as shares of those who ticked that option.
    """

    question: Question
    statement: str
    answers: tuple[str, ...]
    shares: np.ndarray
    differences: tuple[Difference, ...] = ()
    named: tuple[tuple[str, float], ...] = ()

    @property
    def column(self) -> str:
        """The column of the export that holds it; of tick boxes the question's code."""
        return self.question.column(self.statement)

    @property
    def alone(self) -> np.ndarray:
        """Which answers exclude all others of the same tick boxes."""
        return np.array([a in {o.code for o in self.question.options if o.exclusive} for a in self.answers])

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The ends of each range of a number, both in it."""
        return [(int(low), int(high)) for low, _, high in (answer.partition("..") for answer in self.answers)]


@dataclass(frozen=True)
class Population:
    """A questionnaire with the chance of every answer: what a wave is drawn from.

    `stops` has the share (0 to 1) that stops at a question; `comparisons` is that table, in codes.
    """

    questions: Questionnaire
    parts: dict[str, tuple[Part, ...]]
    stops: dict[str, float]
    comparisons: pd.DataFrame
    people: int
    seed: int
    text: str


def chances(part: Part, people: pd.DataFrame, questions: Questionnaire) -> np.ndarray:
    """Give the chance of each answer for each of some people, by what they answered before.

    `people` has the columns that differences look at (`columns_of`), as in typed responses; what isn't an answer, such
    as a blank, meets no condition. Returns a row a person and a column an answer, between 0 and 1: rows add up
    to 1, but for tick boxes and texts, where each column is a chance by itself, before what excludes what (`marginal`).
    Raises ValueError where differences leave somebody without any answer.
    """
    odds = np.ones((len(people), len(part.answers)))
    for difference in part.differences:
        concerned = difference.condition.holds(people, questions).to_numpy(bool)
        odds[np.ix_(concerned, list(difference.places))] *= difference.odds
    weights = part.shares * odds
    if part.question.kind == "text":
        return weights / (weights + 1 - part.shares)
    offered = weights[:, ~part.alone] if part.question.kind == "multiple" else weights
    if not offered.any(axis=1).all():
        raise ValueError(f"{part.column}: differences.csv leaves somebody no answer; odds of 0 rule one out")
    return weights / (weights + 1 - part.shares if part.question.kind == "multiple" else weights.sum(axis=1)[:, None])


def marginal(part: Part, chance: np.ndarray) -> np.ndarray:
    """Turn the chances of tick boxes, each by itself, into those of being ticked in the end; others stay as they are.

    An exclusive answer is taken before those behind it and instead of all others. Whoever ticks none of the rest
    takes one of them, in proportion to its chance: that adds to each its part of the chance of none.
    """
    if part.question.kind != "multiple":
        return chance
    alone, free = part.alone, ~part.alone
    ends = np.empty_like(chance)
    passed_by = np.cumprod(1 - chance[:, alone], axis=1)
    before = np.hstack([np.ones((len(chance), 1)), passed_by])
    ends[:, alone] = chance[:, alone] * before[:, :-1]
    none = np.prod(1 - chance[:, free], axis=1, keepdims=True)
    ends[:, free] = before[:, -1:] * chance[:, free] * (1 + none / chance[:, free].sum(axis=1, keepdims=True))
    return ends


def columns_of(conditions: Iterable[Condition], questions: Questionnaire) -> set[str]:
    """The columns of typed responses that conditions look at: of tick boxes those of the options they name."""
    columns = set()
    for code, values in (clause for condition in conditions for clause in condition.clauses):
        question = questions[code]
        columns |= {question.column(v) for v in values} if question.kind == "multiple" else {code}
    return columns
