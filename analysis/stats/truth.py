"""Hold what a survey finds against the truth, which only an invented population has.

Of a wave to practise on the model is known that its people were drawn from (`survey.population`). So it can be
counted how many intervals hold the true share, which differences were found, missed or wrongly claimed, and
how far a share is off when those concerned are keener to answer. A real survey can do none of this once,
let alone over and over again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.stats import comparisons, estimates
from analysis.stats.comparisons import LEVEL
from analysis.stats.value import CONFIDENCE, Value
from analysis.survey import cleaning, expected, invention
from analysis.survey.chances import Population
from analysis.survey.questionnaire import Question
from analysis.survey.waves import Wave

ITEM = ["question", "statement", "answer"]
FOUND, MISSED, WRONG, SILENT = OUTCOMES = ("found", "missed", "wrongly_claimed", "rightly_silent")
"""A true difference shown beyond chance; not shown; one claimed that isn't there, or the other way round; neither."""


class Item(NamedTuple):
    """One answer, or several written `a|c`, to a question: what a share is of, in codes; `item` makes one of names."""

    question: Question
    answers: str
    statement: str = ""


def item(question: Question, answers: str, statement: str = "") -> Item:
    """Name what a share is of: answers and statement by their codes or names; ValueError for what there isn't."""
    return Item(question, question.codes(answers), question.statement(statement).code if statement else "")


@dataclass(frozen=True)
class Redraws:
    """The same survey, drawn over and over from one population: typed responses, and in which round each was given."""

    responses: pd.DataFrame
    of: np.ndarray
    rounds: int

    def counts(self, of: Item, group: tuple[str, str] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Count in each round who gave an item and who answered, of a group (question, answer) or of everybody."""
        told = estimates.given(self.responses, *of)
        answered, gave = told.notna().to_numpy(), told.fillna(False).to_numpy(bool)
        if group is not None:
            inside = self.responses[group[0]].eq(group[1]).to_numpy()
            answered, gave = answered & inside, gave & inside
        n, base = (np.bincount(self.of[people], minlength=self.rounds) for people in (gave, answered))
        return n, base


def true_share(model: Population, of: Item, group: tuple[Question, str] | None = None) -> Value:
    """The true share of an item, in all or in one group (a single question or derived variable, and its answer)."""
    by, code = (group[0], group[0][group[1]].code) if group else (None, "")
    number = expected.share_of(expected.tally(model, by), model, of.question.code, of.answers, of.statement, code)
    return Value("share", number, "share", label=estimates.label_of(*of))


# --- intervals ------------------------------------------------------------------------------------


def intervals(responses: pd.DataFrame, model: Population) -> pd.DataFrame:
    """Set each share of a wave, with its interval, beside the true share.

    One row an answer that somebody in the population gives: `question`, `statement`, `answer`, `n`, `base`,
    `share`, `low` and `high` (of `estimates.shares`), `truth`, and whether the interval `holds` it.
    """
    counted = [estimates.shares(responses, question).frame for question in _counted(model)]
    found = pd.concat(counted)[[*ITEM, "n", "base", "share", "low", "high"]].merge(_truth(model), on=ITEM)
    return found.assign(holds=_holds(found["low"], found["high"], found["truth"]))


def redraw(wave: Wave, model: Population, rounds: int, seed: int | None = None) -> Redraws:
    """Field the survey of a wave over and over: `rounds` times as many people as it has, through export and cleaning.

    Without a seed the wave's own is taken, plus one.
    """
    export = invention.draw(model, wave, rounds * model.people, model.seed + 1 if seed is None else seed)
    of = pd.Series(np.arange(len(export)) // model.people, index=export[wave.respondent])
    responses, _ = cleaning.clean(export, wave, model.questions)
    return Redraws(responses, of.loc[responses.index].to_numpy(), rounds)


def one_share(redraws: Redraws, of: Item, first: int) -> pd.DataFrame:
    """Follow one share through the `first` rounds: the frame of `estimates.share`, a row a round, counted from 1."""
    rounds = []
    for number in range(first):
        frame = estimates.share(redraws.responses[redraws.of == number], *of).frame
        rounds.append(frame.assign(group=str(number + 1)))
    return pd.concat(rounds, ignore_index=True)


def redrawn_intervals(redraws: Redraws, model: Population) -> pd.DataFrame:
    """Say of each answer in how many rounds its interval holds the true share.

    One row an answer, as in `intervals`: `question`, `statement`, `answer`, `truth`, `rounds` in which somebody
    answered, and in how many of them the interval `held` it.
    """
    truth = _truth(model)
    rows = []
    for row in truth.to_dict("records"):
        n, base = redraws.counts(Item(model.questions[row["question"]], row["answer"], row["statement"]))
        asked = base > 0
        low, high = _wilson(n[asked], base[asked])
        rows.append((int(asked.sum()), int(_holds(low, high, row["truth"]).sum())))
    return truth.join(pd.DataFrame(rows, columns=["rounds", "held"]))


def by_question(found: pd.DataFrame, redrawn: pd.DataFrame) -> pd.DataFrame:
    """Sum up `intervals` and `redrawn_intervals` by question, in order.

    One row a question: `question`, `intervals` (how many this wave has), how many of them `held` the truth, and
    `redrawn`, the share (0 to 1) of all its intervals in all rounds that did.
    """
    here = found.groupby("question", sort=False)["holds"].agg(intervals="count", held="sum")
    over = redrawn.groupby("question", sort=False)[["held", "rounds"]].sum()
    return here.assign(redrawn=over["held"] / over["rounds"]).reset_index()


# --- differences ----------------------------------------------------------------------------------


def differences(responses: pd.DataFrame, model: Population) -> pd.DataFrame:
    """Test the comparisons of the model in a wave, as one family, and say of each what came of it.

    Returns the frame of `expected.differences` and, of `comparisons.difference_in_shares`, `base`, `seen` (the
    difference in the wave, between -1 and 1), `low`, `high`, `p`, `p_holm`; and the `outcome`, of `OUTCOMES`:
    what p after Holm's correction says, held against the truth.
    """
    truth, questions = expected.differences(model), model.questions
    tested = comparisons.family(*(
        comparisons.difference_in_shares(responses, questions[row["question"]], row["answer"], questions[row["by"]],
                                         row["first"], row["second"], row["statement"])
        for row in truth.to_dict("records")
    ))  # fmt: skip
    found = truth.join(tested.rename(columns={"size": "seen"})[["base", "seen", "low", "high", "p", "p_holm"]])
    return found.assign(outcome=outcomes(found["difference"], found["seen"], found["p_holm"]))


def redrawn_differences(redraws: Redraws, model: Population) -> pd.DataFrame:
    """Test the comparisons of the model in every round, corrected for their number and each by itself.

    One row a round and comparison: the frame of `expected.differences`, `round`, `outcome` after Holm's correction
    within its round, and `alone`, the outcome without any.
    """
    truth, questions = expected.differences(model), model.questions
    seen, p = np.empty((2, redraws.rounds, len(truth)))
    for place, row in enumerate(truth.to_dict("records")):
        compared = Item(questions[row["question"]], row["answer"], row["statement"])
        counts = [redraws.counts(compared, (row["by"], row[group])) for group in ("first", "second")]
        for turn, numbers in enumerate(zip(*counts[0], *counts[1], strict=True)):
            tested = comparisons.two_shares(*map(int, numbers))
            seen[turn, place], p[turn, place] = tested.difference, tested.p
    corrected = np.array([comparisons.holm(of_round) for of_round in p])
    long = truth.loc[np.tile(truth.index, redraws.rounds)].reset_index(drop=True)
    long["round"] = np.repeat(np.arange(1, redraws.rounds + 1), len(truth))
    for name, values in {"outcome": corrected, "alone": p}.items():
        long[name] = outcomes(long["difference"], seen.ravel(), values.ravel())
    return long


def outcomes(true: pd.Series, seen: pd.Series | np.ndarray, p: pd.Series | np.ndarray) -> np.ndarray:
    """Say what came of each comparison, in `OUTCOMES`: a true difference, one that was seen, and its p.

    A p that is missing claims nothing.

    >>> outcomes(pd.Series([0.1, 0.1, 0.0]), pd.Series([0.2, 0.1, 0.2]), np.array([0.01, 0.2, 0.01])).tolist()
    ['found', 'missed', 'wrongly_claimed']
    """
    claimed = np.asarray(p) < LEVEL
    right = np.sign(seen) == np.sign(true)
    return np.select([claimed & right & true.ne(0), claimed, true.ne(0)], [FOUND, WRONG, MISSED], SILENT)


def by_comparison(redrawn: pd.DataFrame) -> pd.DataFrame:
    """Sum up `redrawn_differences` by comparison: a row each, with the shares (0 to 1) of rounds.

    `found` and `wrong` after Holm's correction, `found_alone` and `wrong_alone` without.
    """
    known = [*ITEM, "by", "first", "second"]
    ticks = {"found": ("outcome", FOUND), "wrong": ("outcome", WRONG), "found_alone": ("alone", FOUND),
             "wrong_alone": ("alone", WRONG)}  # fmt: skip
    told = redrawn.assign(**{name: redrawn[column].eq(outcome) for name, (column, outcome) in ticks.items()})
    summed = told.groupby(known, sort=False)[list(ticks)].mean().reset_index()
    truth = redrawn.drop_duplicates(known)[[*known, *expected.DIFFERENCE_COLUMNS]]
    return truth.merge(summed, on=known, validate="1:1")


def wrong_rounds(redrawn: pd.DataFrame) -> tuple[float, float]:
    """The share of rounds (0 to 1) with at least one wrong claim: after Holm's correction, and without any."""
    corrected, alone = (redrawn[column].eq(WRONG).groupby(redrawn["round"]).any().mean() for column in
                        ("outcome", "alone"))  # fmt: skip
    return float(corrected), float(alone)


# --- who comes forward ----------------------------------------------------------------------------


def keenness(model: Population, keen: tuple[Question, str], of: Item, ratios: list[float], people: int) -> pd.DataFrame:
    """Say what a survey sees of a share when one group is keener to take part than everybody else.

    Whoever is in the group `keen` (a single question or derived variable, and its answer) takes part `ratio` times
    as readily; for the rest it is a random draw of `people` who are analysed. Nobody stops. Exact, without drawing.

    Returns one row a ratio: `ratio`, the true share `truth`, the share `seen` on average, what it is `off` by
    (seen less true), `base` (how many people would answer the question), and `held`, how often the 95%
    interval would hold the truth (0 to 1), which more people make rarer as soon as the share is off.

    Raises ValueError for a ratio that isn't above 0, or a group that there isn't.
    """
    by, group = keen[0], keen[0][keen[1]].code
    if min(ratios) <= 0:
        raise ValueError(f"ratios are {ratios}; each is above 0, and 1 is as keen as the rest")
    wanted = (model, of.question.code, of.answers, of.statement)
    everybody = expected.parts_of(expected.tally(model), *wanted)
    members = expected.parts_of(expected.tally(model, by), *wanted, group)
    true = everybody["gave"] / everybody["asked"]
    rows = []
    for ratio in ratios:
        part = {name: everybody[name] + (ratio - 1) * members[name] for name in everybody}
        seen, base = part["gave"] / part["asked"], round(people * part["asked"] / part["size"])
        rows.append((ratio, true, seen, seen - true, base, how_often_held(true, seen, base)))
    return pd.DataFrame(rows, columns=["ratio", "truth", "seen", "off", "base", "held"])


def how_often_held(truth: float, seen: float, base: int) -> float:
    """How often (0 to 1) an interval holds the `truth`, when `base` people are drawn of whom a share `seen` gives it.

    The chances of every count are added up whose Wilson interval holds it: the binomial distribution, exactly.
    """
    counts = np.arange(base + 1)
    held = _holds(*_wilson(counts, np.full(base + 1, base)), truth)
    return float(stats.binom.pmf(counts[held], base, seen).sum())


# --- counting -------------------------------------------------------------------------------------


def _counted(model: Population) -> list[Question]:
    """The questions whose answers are counted."""
    return [q for q in model.questions if q.kind in ("single", "multiple", "statements")]


def _truth(model: Population) -> pd.DataFrame:
    """The true share of each answer that is offered and that somebody gives, as `truth`."""
    table = expected.shares(model).rename(columns={"share": "truth"})
    offered = [(q.code, a.code) for q in _counted(model) for a in q.options]
    known = pd.MultiIndex.from_frame(table[["question", "answer"]]).isin(offered)
    return table[known & table["truth"].gt(0)].reset_index(drop=True)


def _wilson(n: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of each count, as in `estimates.shares`."""
    low, high = proportion_confint(n, base, alpha=1 - CONFIDENCE, method="wilson")
    return low, high


def _holds(low: np.ndarray | pd.Series, high: np.ndarray | pd.Series, truth: float | pd.Series) -> np.ndarray:
    return np.asarray((low <= truth) & (truth <= high))
