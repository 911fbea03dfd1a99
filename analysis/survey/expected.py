"""What a whole population would answer, worked out exactly from its model: the truth behind a wave.

Nobody is drawn. People who answered alike all that later questions look at are one state, with a
weight; each question splits the states by the chances of its answers, and those that nothing looks
at any more are put together again. What comes out is exact, up to the computer's last decimals.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.survey.population import Part, Population, chances, in_sources, marginal
from analysis.survey.questionnaire import NOT_ASKED, Condition, Question

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
    kept = {code for condition in (*within.values(), *left_out) for code, _ in condition.clauses}
    states = _sweep(population, kept)
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
    """Put every question to the whole population; whoever answered the questions `kept` alike is one state."""
    questions = population.questions
    until: dict[str, float] = {}
    for place, question in enumerate(questions):
        conditions = [d.condition for part in population.parts[question.code] for d in part.differences]
        for code, _ in (clause for c in (question.asked_if, *conditions) for clause in c.clauses):
            until[code] = place
    until |= dict.fromkeys(kept, np.inf)
    states = _States(pd.DataFrame(index=[0]), np.ones(1), {}, {})
    for place, question in enumerate(questions):
        asked = question.asked_if.holds(states.answers, questions).to_numpy(bool)
        for part in population.parts[question.code]:
            chance = chances(part, states.answers, questions)
            _count(states, part, marginal(part, chance) * asked[:, None], asked)
        if until.get(question.code, -1) > place:
            _split(states, part, chance, asked)
        _merge(states, [code for code in states.answers if until[code] > place])
    return states


def _count(states: _States, part: Part, gave: np.ndarray, asked: np.ndarray) -> None:
    """Count in each state who was asked, and who `gave` each answer (a row a state, a share each)."""
    code = part.question.code
    states.asked[code, part.statement] = states.weights * asked
    for place, answer in enumerate(part.answers):
        states.gave[code, part.statement, answer] = states.weights * gave[:, place]
    for name, share in part.named:
        field = part.question.text_answers[0].code
        states.gave[code, part.statement, name] = states.gave[code, part.statement, field] * share


def _split(states: _States, part: Part, chance: np.ndarray, asked: np.ndarray) -> None:
    """Split each state by the answer to a single question, or by each whole number."""
    code = part.question.code
    values, of = list(part.answers), np.arange(len(part.answers))
    if part.question.kind == "number":
        values = [str(number) for low, high in part.ranges for number in range(low, high + 1)]
        of = np.repeat(of, [high - low + 1 for low, high in part.ranges])
    into = np.column_stack([chance[:, of] / np.bincount(of)[of] * asked[:, None], ~asked])
    own = np.append(of, -1)

    def spread(weights: np.ndarray, only: int | None = None) -> np.ndarray:
        found = weights[:, None] * into
        return (found if only is None else found * (own == only)).ravel()

    places = {(code, part.statement, answer): place for place, answer in enumerate(part.answers)}
    states.gave = {
        item: spread(states.weights, places[item]) if item in places else spread(gave)
        for item, gave in states.gave.items()
    }
    states.asked = {
        item: (states.weights[:, None] * into * (own >= 0)).ravel()
        if item == (code, part.statement)
        else spread(weights)
        for item, weights in states.asked.items()
    }
    states.weights = spread(states.weights)
    count = len(states.answers)
    states.answers = states.answers.loc[np.repeat(states.answers.index, len(own))].reset_index(drop=True)
    states.answers[code] = np.tile(np.array([*values, NOT_ASKED], dtype=object), count)


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
