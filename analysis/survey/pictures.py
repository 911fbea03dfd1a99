"""Take up what somebody read in a report's figures: `published/figures.csv`, a row an answer.

The columns `document`, `question`, `statement` (blank where there is none) and `answer`, in codes, say what the
number is of; `figure`, its number in the report, only helps to find it. `printed` is the percentage as it is
printed, with a point, or `absent` where the figure doesn't show it either: then nobody published it.

What stands there is held against the report's text, its bases and its sums, and taken up by `reconstruct`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize

from analysis.files import read_table
from analysis.survey import printed
from analysis.survey.printed import ABSENT, FIGURES, Printed
from analysis.survey.questionnaire import Question, Questionnaire
from analysis.survey.waves import Wave

FIGURES_CSV = "published/figures.csv"
KEY = ("question", "statement", "answer", "among")
INVENTED = ("pictured", "unpublished")
"""The origins of counts that nobody knows."""


class Read(NamedTuple):
    """An answer read in a figure: its row, its codes, its number as text or `absent`, and the base of its share."""

    row: int
    question: str
    statement: str
    answer: str
    number: str
    base: int


def read(wave: Wave, questions: Questionnaire) -> list[Read]:
    """Read what was typed in from the figures of the document behind a wave.

    Raises ValueError listing everything that is wrong with it: what isn't in the questionnaire, what is no share of its
    base, what the text of the report contradicts, and what doesn't add up.
    """
    path = wave.survey / FIGURES_CSV
    if not wave.report or not path.exists():
        return []
    table, problems = read_table(path, FIGURES)
    told, found = printed.of_text(wave), list[Read]()
    for i, row in enumerate(table.to_dict("records"), 2):
        if row["document"] != wave.report:
            continue
        try:
            question = questions[row["question"]]
            statement = question.statement(row["statement"]).code if question.statements or row["statement"] else ""
            base = printed.base_of(told, question.code, statement) or 0
            one = Read(i, question.code, statement, question[row["answer"]].code, row["printed"], base)
        except ValueError as error:
            problems.append(f"row {i}: {error}")
            continue
        typed = (row["question"], row["statement"], row["answer"])
        if one[1:4] != typed:
            names = ", ".join(f'"{name}" is {code}' for name, code in zip(typed, one[1:4], strict=True) if name != code)
            problems.append(f"row {i}: write codes, as in claims.csv: {names}")
        elif one[1:4] in {other[1:4] for other in found}:
            problems.append(f'row {i}: {question.column(statement)} "{row["answer"]}" stands there already')
        elif one.number != ABSENT and not re.fullmatch(r"\d+(\.\d+)?", one.number):
            problems.append(f'row {i}: printed "{one.number}" is neither a percentage such as 38.1 nor {ABSENT}')
        else:
            found.append(one)
    for one in found:
        problems += [f"row {one.row}: {said}" for said in _against_text(one, questions[one.question], told)]
    for block in sorted({one[1:3] for one in found}):
        mine = [one for one in found if one[1:3] == block and one.number != ABSENT and one.base]
        possible = all(Printed(one.number, one.base, "share").readings() for one in mine)
        if mine and possible and (said := _against_sums(mine, questions[block[0]], told)):
            rows = ", ".join(str(one.row) for one in mine)
            problems.append(f"row{'s' * (len(mine) > 1)} {rows}: {said}")
    if problems:
        many = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise ValueError(f"{path} needs mending: {many}. Look at the figure again.\n  " + "\n  ".join(problems))
    return found


def _against_text(one: Read, question: Question, told: dict[printed.Key, list[Printed]]) -> list[str]:
    """Hold a number against its base, and against the same answer in the report's text."""
    column, base = question.column(one.statement), one.base
    in_text = [number for number in told.get((one.question, one.statement, one.answer, ""), []) if number.readings()]
    if one.number == ABSENT:
        return [f'{column} "{one.answer}" is {in_text[0].number} in the text, so it isn\'t absent'] if in_text else []
    if not base:
        return [f"the text doesn't say of how many people {column} is, so no share of it can be checked"]
    counts = Printed(one.number, base, "share").readings()
    if not counts:
        return [
            f'{column} "{one.answer}": {one.number}% is no share of {base} people; {_nearest(one.number, base)} are'
        ]
    return [f'{column} "{one.answer}": {one.number}% here, and {number.number} in the text'
            for number in in_text if not set(counts) & set(number.readings())]  # fmt: skip


def _nearest(number: str, base: int) -> str:
    """Write the shares of a base on both sides of a number that is none, with as many decimals."""
    places, below = printed.decimals(number), min(base, int(float(number) * base / 100))
    around = [n for n in (below, below + 1) if n <= base]
    return " and ".join(f"{100 * n / base:.{places}f} ({n})" for n in around)


def _against_sums(mine: list[Read], question: Question, told: dict[printed.Key, list[Printed]]) -> str:
    """Say where the numbers of one question, or one statement, can't stand together with their base and sums."""
    if question.kind == "multiple":
        return ""
    statement, base = mine[0].statement, mine[0].base
    sums = {one.answer: Printed(one.number, base, "share").readings() for one in mine}
    for (code, about, answers, among), numbers in told.items():
        if (code, about, among) == (question.code, statement, "") and answers:
            sums.setdefault(answers, sorted(set.intersection(*(set(number.readings()) for number in numbers))))
    if settle([a.code for a in question.options], base, sums, {}) is not None:
        return ""
    listed = ", ".join(f"{answers} {' or '.join(map(str, counts[:: len(counts) - 1 or 1]))}"
                       for answers, counts in sums.items())  # fmt: skip
    return f"no {base} people answer {question.column(statement)} so: {listed} of {base} can't stand together"


def tally(wave: Wave, questions: Questionnaire) -> dict[str, int]:
    """Count the answers in the figures of the document behind an invented wave, whatever was read of them since.

    `all`, those whose number stands `in_text`, and those that follow from it (`derived`), as its margins say.
    """
    in_figures = printed.in_figures(wave)
    cells = {(q.code, statement, answer.code, "") for q in questions if q.code in in_figures
             for statement in [s.code for s in q.statements] or [""] for answer in q.answers}  # fmt: skip
    margins = read_table(wave.folder / "reconstruction" / "margins.csv", [*KEY, "origin"])[0]
    origins = [row["origin"] for row in margins.to_dict("records") if tuple(row[column] for column in KEY) in cells]
    return {"all": len(cells), "in_text": origins.count("printed"), "derived": origins.count("derived")}


def settle(
    answers: list[str], base: int, sums: dict[str, list[int]], wished: dict[str, int]
) -> dict[str, int] | None:  # fmt: skip
    """Find how many people gave each answer of a single choice, as near as can be to what is wished.

    `sums` says of answers, `a|c` for several, how many people it can be; None where no whole people fit. Parts that
    were rounded before they were added aren't asked to be: any total that is allowed will do.
    """
    k = len(answers)
    each, none = np.eye(k), np.zeros((k, k))
    wish = np.array([wished.get(answer, 0) for answer in answers])
    weight = np.array([float(answer in wished) for answer in answers])
    rows = [(np.r_[np.ones(k), np.zeros(k)], base, base)]
    for some, counts in sums.items():
        inside = np.isin(answers, some.split("|")).astype(float)
        rows.append((np.r_[inside, np.zeros(k)], min(counts, default=base + 1), max(counts, default=base + 1)))
    off = [(np.hstack([each, -each]), -np.inf, wish), (np.hstack([each, each]), wish, np.inf)]
    result = optimize.milp(
        np.r_[none[0], weight],
        constraints=[*rows, *off],
        integrality=np.r_[np.ones(k), none[0]],
        bounds=optimize.Bounds(0, np.r_[np.full(k, base), np.full(k, np.inf)]),
    )
    return dict(zip(answers, np.rint(result.x[:k]).astype(int).tolist(), strict=True)) if result.success else None


def take_up(margins: pd.DataFrame, found: Iterable[Read], questions: Questionnaire) -> pd.DataFrame:
    """Put what was read in figures in place of what was invented: the margins of a reconstruction, so changed.

    Of a single choice the other invented counts make room, as little as can be; what a figure leaves out as well is
    unpublished. Of a percentage that is several counts the one nearest to the invented is taken. A number that the text
    gives stays as the text has it.
    """
    made = margins.copy()
    whole = made["among"].eq("")
    for block in sorted({one[1:3] for one in found}):
        question = questions[block[0]]
        of_block = made["question"].eq(block[0]) & made["statement"].eq(block[1])
        in_text = of_block & whole & made["origin"].eq("printed")
        mine = [one for one in found if one[1:3] == block and not made.loc[in_text, "answer"].eq(one.answer).any()]
        typed = {one.answer: Printed(one.number, one.base, "share").readings() for one in mine if one.number != ABSENT}
        invented = of_block & whole & made["origin"].isin(INVENTED)
        wished = {answer: int(n) for answer, n in made.loc[invented, ["answer", "count"]].itertuples(index=False)
                  if "|" not in answer}  # fmt: skip
        counts = {answer: min(several, key=lambda n: abs(n - wished.get(answer, n)))
                  for answer, several in typed.items()}  # fmt: skip
        if question.kind != "multiple" and typed:
            firm = made.loc[of_block & whole & ~invented, ["answer", "count"]].itertuples(index=False)
            sums = {answers: [int(n)] for answers, n in firm} | typed
            counts = settle([a.code for a in question.options], mine[0].base, sums, wished | counts) or counts
        for one in mine:
            row = of_block & whole & made["answer"].eq(one.answer)
            origin = ["unpublished", "", ""] if one.number == ABSENT else ["printed", one.number, "percent"]
            made.loc[row, ["origin", "printed", "printed_as"]] = origin
            made.loc[row, "note"] = f"{FIGURES_CSV} row {one.row}"
        for row in made.index[of_block & made["origin"].isin(INVENTED) | of_block & whole]:
            answers, among, count = made.loc[row, ["answer", "among", "count"]]
            if all(answer in counts for answer in answers.split("|")):
                total = sum(counts[answer] for answer in answers.split("|"))
                made.at[row, "count"] = str(min(int(count), total) if among else total)
    return made
