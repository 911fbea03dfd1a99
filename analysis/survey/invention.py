"""Invent the answers of a wave to practise on: draw people from a model, and write them as an export would.

The model is read by `population`; the truth that it implies is worked out by `expected`, and written beside the wave.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.files import write_whole
from analysis.survey import expected, population
from analysis.survey.chances import Part, Population, chances, columns_of
from analysis.survey.cleaning import OFF, ON
from analysis.survey.questionnaire import TICKED, UNTICKED
from analysis.survey.waves import Wave, read_wave


def write(wave_folder: Path | str) -> list[Path]:
    """Write the export of a wave to practise on, and the truth beside it; return the paths.

    Besides the export these are `truth/shares.csv` and `truth/differences.csv` (`expected`). The same tables
    give the same bytes. Raises ValueError as `population.read` does, before anything is written.
    """
    wave = read_wave(wave_folder)
    model = population.read(wave)
    beside = population.folder(wave)
    tables = {
        wave.responses: draw(model, wave, model.people, model.seed),
        beside / "shares.csv": expected.shares(model),
        beside / "differences.csv": expected.differences(model),
    }
    for path, table in tables.items():
        write_whole(path, table.to_csv(index=False, lineterminator="\n").encode())
    return list(tables)


def draw(model: Population, wave: Wave, people: int, seed: int) -> pd.DataFrame:
    """Draw so many people at random from a population, and put the questionnaire to each.

    Returns what an export holds: a row a person and a column an item, besides the key that the wave's label
    names, all text: the code of an answer, `1` or `0` for an option, a whole number, blank where not asked
    or left blank. Each question has random numbers of its own, so a change in one leaves the others as they
    were, as far as they don't depend on it.
    """
    questions = model.questions
    width = len(str(people))
    export: dict[str, pd.Categorical | list[str]] = {wave.respondent: [f"P{n:0{width}}" for n in range(1, people + 1)]}
    looked_at = pd.DataFrame(index=range(people))
    differences = [d.condition for parts in model.parts.values() for part in parts for d in part.differences]
    columns = columns_of((*(q.asked_if for q in questions), *differences), questions)
    going = np.ones(people, dtype=bool)
    for question in questions:
        rng = np.random.default_rng([seed, *question.code.encode()])
        asked = question.asked_if.holds(looked_at, questions).to_numpy(bool) & going
        if question.code in model.stops:
            stopped = asked & (rng.random(people) < model.stops[question.code])
            asked, going = asked & ~stopped, going & ~stopped
        those = looked_at[asked]
        for part in model.parts[question.code]:
            for column, (places, texts) in _answer(part, chances(part, those, questions), rng, model.text).items():
                codes = np.zeros(people, dtype=np.int16)
                codes[asked] = places + 1
                export[column] = pd.Categorical.from_codes(codes, ["", *texts])
        for column in columns & set(question.columns):
            cells = pd.Categorical(export[column])
            names = {OFF: UNTICKED, ON: TICKED} if question.kind == "multiple" else {}
            looked_at[column] = cells.rename_categories(names)
    order = [wave.respondent, *questions.export_columns]
    return pd.DataFrame(export)[order]


Drawn = dict[str, tuple[np.ndarray, list[str]]]
"""What some people answer, by column: the place of each one's text in the list behind it, -1 for blank."""


def _answer(part: Part, chance: np.ndarray, rng: np.random.Generator, text: str) -> Drawn:
    """Draw the answers of those who are asked, a row of chances each."""
    kind = part.question.kind
    if kind == "multiple":
        return _tick(part, chance, rng)
    if kind == "text":
        return {part.column: (-1 * (rng.random(len(chance)) >= chance[:, 0]), [text])}
    places = _choose(chance, rng)
    if kind != "number":
        return {part.column: (places, list(part.answers))}
    low, high = np.array(part.ranges).T
    numbers = low[places] + np.floor(rng.random(len(places)) * (high - low + 1)[places]).astype(int)
    texts = [str(number) for number in range(low.min(), high.max() + 1)]
    return {part.column: (numbers - low.min(), texts)}


def _tick(part: Part, chance: np.ndarray, rng: np.random.Generator) -> Drawn:
    """Draw what is ticked, by the rules of `chances.marginal`, and the names written behind an option."""
    question, alone, free = part.question, part.alone, ~part.alone
    ticks = rng.random(chance.shape) < chance
    none = ~ticks[:, free].any(axis=1)
    ticks[np.flatnonzero(none), np.flatnonzero(free)[_choose(chance[:, free], rng)[none]]] = True
    excluding = ticks[:, alone].any(axis=1)
    first = np.flatnonzero(alone)[ticks[excluding][:, alone].argmax(axis=1)] if alone.any() else []
    ticks[excluding] = False
    ticks[excluding, first] = True
    drawn: Drawn = {question.column(a): (ticks[:, i].astype(int), [OFF, ON]) for i, a in enumerate(part.answers)}
    blank = np.full(len(ticks), -1)
    drawn |= {question.text_column(a.code): (blank, []) for a in question.text_answers}
    if part.named:
        names = {a.code: a.named_as for a in question.named}
        shares = np.array([share for _, share in part.named])
        field = question.text_answers[0].code
        wrote = _choose(np.tile([*shares, 1 - shares.sum()], (len(ticks), 1)), rng)
        wrote = np.where(ticks[:, part.answers.index(field)] & (wrote < len(shares)), wrote, -1)
        drawn[question.text_column(field)] = (wrote, [names[code] for code, _ in part.named])
    return drawn


def _choose(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose one column for each row, by the weights in it."""
    reached = weights.cumsum(axis=1)
    lots = rng.random((len(weights), 1)) * reached[:, -1:]
    return (lots >= reached[:, :-1]).sum(axis=1)
