"""What a whole population would answer, worked out exactly from its model: the truth behind a wave.

Nobody is drawn. People who answered alike all that later questions look at are one state, with a
weight; each question splits the states by the chances of its answers, and those that nothing looks
at any more are put together again. What comes out is exact, up to the computer's last decimals.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.survey.chances import Part, Population, chances, columns_of, marginal
from analysis.survey.population import in_sources
from analysis.survey.questionnaire import NOT_ASKED, TICKED, UNTICKED, Condition, Question

TALLY_COLUMNS = ["question", "statement", "answer", "group", "gave", "asked", "size"]
SHARE_COLUMNS = ["question", "statement", "answer", "share"]
DIFFERENCE_COLUMNS = ["share_first", "share_second", "difference"]
DECIMALS = 6
"""Decimals of a share between 0 and 1 that are kept beside a wave."""


@dataclass
class _States:
    """Kinds of people: what each answered (a row each), its weight, and the weight of whoever gave each item."""

    answers: pd.DataFrame
    weights: np.ndarray
    gave: dict[tuple[str, str, str], np.ndarray]
    asked: dict[tuple[str, str], np.ndarray]


def tally(population: Population, by: Question | None = None) -> pd.DataFrame:
    """Work out the part of the population that was asked each question and gave each answer, within each group.

    `by` is a single question or derived variable; without it there is one group, of everybody. Whoever is left
    out of the analysis isn't counted; people who stop are, as if they had gone on.

    Returns one row a group and answer: `question`, `statement`, `answer` (of a number a range, of a text `given`),
    `group` (blank without `by`), `gave`, `asked`, and the `size` of the group: parts of the analysed population
    between 0 and 1.
    """
    questions = population.questions
    within = {"": Condition()}
    if by is not None:
        within = {a.code: in_sources(Condition(((by.code, (a.code,)),)), questions) for a in by.options}
    left_out = [condition for _, condition, _ in questions.exclusions]
    states = _sweep(population, columns_of((*within.values(), *left_out), questions))
    counted = np.ones(len(states.answers), dtype=bool)
    for condition in left_out:
        counted &= ~condition.holds(states.answers, questions).to_numpy(bool)
    everybody = states.weights[counted].sum()
    rows = []
    for group, condition in within.items():
        inside = counted & condition.holds(states.answers, questions).to_numpy(bool)
        for (code, statement, answer), gave in states.gave.items():
            parts = (gave, states.asked[code, statement], states.weights)
            rows.append((code, statement, answer, group, *(part[inside].sum() / everybody for part in parts)))
    return pd.DataFrame(rows, columns=TALLY_COLUMNS)


def shares(population: Population) -> pd.DataFrame:
    """Work out the true share of each answer among those asked: `question`, `statement`, `answer`, `share` (0 to 1)."""
    table = tally(population)
    return table.assign(share=(table["gave"] / table["asked"]).round(DECIMALS))[SHARE_COLUMNS]


def differences(population: Population) -> pd.DataFrame:
    """Work out the true share in both groups of each comparison of the model, and the difference.

    Returns the columns of `comparisons.csv` and `share_first`, `share_second`, `difference` (first less second,
    between -1 and 1): 0 where the model makes none.
    """
    rows, tallies = [], {}
    for row in population.comparisons.to_dict("records"):
        if row["by"] not in tallies:
            tallies[row["by"]] = tally(population, population.questions[row["by"]])
        first, second = (
            share_of(tallies[row["by"]], population, row["question"], row["answer"], row["statement"], row[group])
            for group in ("first", "second")
        )
        numbers = [round(number, DECIMALS) + 0.0 for number in (first, second, first - second)]
        rows.append(row | dict(zip(DIFFERENCE_COLUMNS, numbers, strict=True)))
    return pd.DataFrame(rows, columns=[*population.comparisons.columns, *DIFFERENCE_COLUMNS])


def share_of(
    table: pd.DataFrame, population: Population, code: str, answers: str, statement: str = "", group: str = ""
) -> float:
    """Find in a tally the share (0 to 1) of a group that gave one of several answers: see `parts_of`."""
    parts = parts_of(table, population, code, answers, statement, group)
    return parts["gave"] / parts["asked"]


def parts_of(
    table: pd.DataFrame, population: Population, code: str, answers: str, statement: str = "", group: str = ""
) -> dict[str, float]:
    """Find in a tally how many gave one of several answers, written `a|c`, to a question or a derived variable.

    Returns the parts of the population in that group that `gave` one, were `asked`, and are in it (`size`).
    Raises ValueError for several tick boxes at once: who ticked both would count twice.
    """
    question = population.questions[code]
    wanted = answers.split("|")
    if question.source:
        wanted = [value for group_of in wanted for value in dict(question.values)[group_of]]
    if question.kind == "multiple" and len(wanted) > 1:
        raise ValueError(f"{code}={answers}: tick boxes go one at a time here; who ticked both would count twice")
    rows = table[table["question"].eq(question.source or question.code) & table["statement"].eq(statement)
                 & table["group"].eq(group) & table["answer"].isin(wanted)]  # fmt: skip
    return {"gave": rows["gave"].sum(), "asked": rows["asked"].iloc[0], "size": rows["size"].iloc[0]}


def _sweep(population: Population, kept: set[str]) -> _States:
    """Put every question to the whole population; whoever answered the columns `kept` alike is one state."""
    questions = population.questions
    until: dict[str, float] = {}
    for place, question in enumerate(questions):
        conditions = [d.condition for part in population.parts[question.code] for d in part.differences]
        until |= dict.fromkeys(columns_of((question.asked_if, *conditions), questions), place)
    until |= dict.fromkeys(kept, np.inf)
    states = _States(pd.DataFrame(index=[0]), np.ones(1), {}, {})
    for place, question in enumerate(questions):
        asked = question.asked_if.holds(states.answers, questions).to_numpy(bool)
        for part in population.parts[question.code]:
            chance = chances(part, states.answers, questions)
            _count(states, part, marginal(part, chance) * asked[:, None], asked)
        columns = [c for c in question.columns if until.get(c, -1) > place]
        if columns:
            _split(states, part, _ways(part, chance, columns), asked)
        _merge(states, [column for column in states.answers if until[column] > place])
    return states


def _count(states: _States, part: Part, gave: np.ndarray, asked: np.ndarray) -> None:
    """Count in each state who was asked, and who `gave` each answer (a row a state, a share each)."""
    given = {answer: gave[:, place] for place, answer in enumerate(part.answers)}
    states.asked[part.question.code, part.statement] = states.weights * asked
    for answer, share in _with_names(part, given).items():
        states.gave[part.question.code, part.statement, answer] = states.weights * share


def _with_names(part: Part, gave: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Add to the chances of answers those of the names that are written behind one of them."""
    return gave | {name: gave[part.question.text_answers[0].code] * share for name, share in part.named}


@dataclass
class _Ways:
    """Ways to answer a question that differ in what later questions look at.

    By column what stands there, a value a way; the `chance` of each way (a row a state), and by answer that
    of going this way and giving it.
    """

    answers: dict[str, list[str]]
    chance: np.ndarray
    gave: dict[str, np.ndarray]


def _ways(part: Part, chance: np.ndarray, columns: list[str]) -> _Ways:
    """List the ways to answer: each option, each whole number, or each pattern of the tick boxes in `columns`."""
    if part.question.kind == "multiple":
        return _patterns(part, chance, columns)
    values, of = list(part.answers), np.arange(len(part.answers))
    if part.question.kind == "number":
        values = [str(number) for low, high in part.ranges for number in range(low, high + 1)]
        of = np.repeat(of, [high - low + 1 for low, high in part.ranges])
    each = chance[:, of] / np.bincount(of)[of]
    gave = {answer: each * (of == place) for place, answer in enumerate(part.answers)}
    return _Ways({part.question.code: values}, each, gave)


def _patterns(part: Part, chance: np.ndarray, columns: list[str]) -> _Ways:
    """List what may be ticked among some boxes, by the rules of `chances.marginal`.

    A pattern comes about in three ways: an exclusive answer was taken; boxes were ticked each by itself; or none was,
    and one taken after all.
    """
    looked_at = np.array([part.question.column(answer) in columns for answer in part.answers])
    alone, ends, order = part.alone, marginal(part, chance), np.arange(len(part.answers))
    rest, none = (np.prod(1 - chance[:, which], axis=1) for which in (alone, ~alone))
    single = np.where(alone, ends, (rest * none / chance[:, ~alone].sum(axis=1))[:, None] * chance)
    patterns = list(product([True, False], repeat=looked_at.sum()))
    chances_of: list[np.ndarray] = []
    gave: dict[str, list[np.ndarray]] = {answer: [] for answer in part.answers}
    for pattern in patterns:
        ticked = np.zeros(len(part.answers), dtype=bool)
        ticked[looked_at] = pattern
        by_itself = np.where(ticked, chance, 1 - chance)[:, looked_at & ~alone].prod(axis=1)
        several = rest * by_itself * (not ticked[alone].any())
        # an answer that is the only one makes this pattern where no other box that is looked at is ticked in it
        makes = [not (ticked & (order != i)).any() and ticked[i] == looked_at[i] for i in order]
        only = single * makes
        chances_of.append(several - (0 if ticked.any() else rest * none) + only.sum(axis=1))
        for i, answer in enumerate(part.answers):
            among = 0 if alone[i] else several * (ticked[i] if looked_at[i] else chance[:, i])
            gave[answer].append(among + only[:, i])
    boxes = [part.question.column(answer) for answer in np.array(part.answers)[looked_at]]
    answers = {box: [TICKED if pattern[i] else UNTICKED for pattern in patterns] for i, box in enumerate(boxes)}
    given = {answer: np.column_stack(of_patterns) for answer, of_patterns in gave.items()}
    return _Ways(answers, np.column_stack(chances_of), given)


def _split(states: _States, part: Part, ways: _Ways, asked: np.ndarray) -> None:
    """Split each state by the ways in which its people answer a question, and whoever isn't asked."""

    def put(chance: np.ndarray, others: np.ndarray) -> np.ndarray:
        return np.column_stack([chance * asked[:, None], others])

    into, none = put(ways.chance, ~asked), np.zeros(len(asked))
    of_part = (part.question.code, part.statement)
    own = {(*of_part, answer): put(gave, none) for answer, gave in _with_names(part, ways.gave).items()}
    states.gave = {
        item: ((states.weights[:, None] * own[item]) if item in own else gave[:, None] * into).ravel()
        for item, gave in states.gave.items()
    }
    states.asked = {item: (weights[:, None] * into).ravel() for item, weights in states.asked.items()}
    states.asked[of_part] = (states.weights[:, None] * put(ways.chance, none)).ravel()
    states.weights = (states.weights[:, None] * into).ravel()
    count = len(asked)
    states.answers = states.answers.loc[np.repeat(states.answers.index, into.shape[1])].reset_index(drop=True)
    for column, values in ways.answers.items():
        states.answers[column] = np.tile(np.array([*values, NOT_ASKED], dtype=object), count)


def _merge(states: _States, columns: list[str]) -> None:
    """Put states together that differ in nothing a later question looks at, and leave out those that nobody is in."""
    there = states.weights > 0
    answers = states.answers.loc[there, columns]
    if columns:
        group = answers.groupby(columns, sort=False).ngroup().to_numpy()
        first = np.unique(group, return_index=True)[1]
        states.answers = answers.iloc[first].reset_index(drop=True)
    else:
        group = np.zeros(len(answers), dtype=int)
        states.answers = pd.DataFrame(index=[0])
    add = lambda weights: np.bincount(group, weights[there])  # noqa: E731
    states.gave = {item: add(weights) for item, weights in states.gave.items()}
    states.asked = {item: add(weights) for item, weights in states.asked.items()}
    states.weights = add(states.weights)
