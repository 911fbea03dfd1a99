"""Try all that chapters let out of a confidential wave, and settle the steps in which it stands.

Chapters note each table that they made (`gate.note`). When all have run, the attacker tries them question by
question (`attacker.choose`), starting from what the document printed; the steps go into `release.csv` beside the
wave, which chapters read. What came out is kept in a record for the owner: with it the edition may be published.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.stats import attacker, facts, gate, items, steps
from analysis.stats.facts import WHOLE, Known, Shown
from analysis.stats.items import BASE, BLANK, Item
from analysis.survey import terms as agreed
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, TICKED, Question, Questionnaire
from analysis.survey.terms import LEFT_OUT, Terms

SELECTED = "selected"
"""Names the one group of a grouping that is a selection of people."""


class Made(NamedTuple):
    """What chapters made of one question: its cells, and by name its groupings, each a question and a selection.

    `own` is who ticked which box, where the wave itself doesn't hold that.
    """

    cells: set[str]
    groupings: dict[str, tuple[str, str]]
    own: dict[str, str]


def settle(notes: Iterable[str], terms: Terms, questions: Questionnaire) -> tuple[bytes, dict]:
    """Choose the step of each table that was noted: what `release.csv` must hold, and the record of it."""
    made = _read(notes)
    asked = {key: _shown(key, what, terms, questions) for key, what in made.items()}
    given = {key: shown for key, shown in asked.items() if terms.at_least.get((key, WHOLE), 1) is not None}
    start = {key: step for key in given if (step := terms.at_least.get((key, WHOLE)))}
    rule = facts.Rule.of(terms.threshold, terms.least_base)
    choice = attacker.choose(given.values(), start, rule)
    chosen = dict(zip(choice.steps["question"], choice.steps["step"], strict=True))
    without = set(choice.left_out.itertuples(index=False, name=None))
    rows, left_out = [], []
    for key, what in sorted(made.items()):
        for name in sorted({WHOLE, *what.groupings}):
            step = chosen.get(key, attacker.NOT_GIVEN)
            gone = not step or (key, name) in without or (name != WHOLE and name not in asked[key].by)
            left_out += [f"{key} by {name}" if name else key] if gone else []
            hand = terms.at_least.get((key, name), "")
            rows.append({
                "question": key, "grouping": name, "at_least": LEFT_OUT if hand is None else str(hand),
                "step": LEFT_OUT if gone else str(step),
            })  # fmt: skip
    record = {
        "threshold": terms.threshold, "least_base": terms.least_base,
        "apart": rule.apart, "narrowest": choice.narrowest, "programmes": choice.programmes, "tables": len(rows),
        "steps": {str(step): int((choice.steps["step"] == step).sum()) for step in steps.STEPS}, "left_out": left_out,
        "reason": dict(terms.reason) if terms.reason else None,
    }  # fmt: skip
    return agreed.written(rows), record


def _read(notes: Iterable[str]) -> dict[str, Made]:
    made: dict[str, Made] = {}
    for line in notes:
        question, grouping, by, mask, cells, own = json.loads(line)
        of = made.setdefault(question, Made(set(), {}, own))
        of.cells.update(cells)
        if grouping != WHOLE:
            of.groupings[grouping] = (by, mask or "")
    return made


def _shown(key: str, made: Made, terms: Terms, questions: Questionnaire) -> Shown:
    """Describe all that is shown of a question, or of a statement."""
    if made.own:
        return _shown_of_own(key, made, len(terms.people))
    question, statement = _asked(key, questions)
    people = terms.people
    is_asked = people[question.status_column].ne(NOT_ASKED).to_numpy()
    of = people[is_asked]
    by = {}
    for name, (code, mask) in made.groupings.items():
        if terms.at_least.get((key, name), 1) is None:
            continue
        inside = np.ones(len(people), bool) if not mask else gate.unpacked(mask, len(people))
        by[name] = _groups(of, questions[code] if code else None, inside[is_asked])
    item = _item(question, statement, of, made.cells | _leads_on(question, questions))
    return Shown(key, (item,), pd.DataFrame(by, index=of.index), {}, _known(key, item, by, made, of, terms, questions))


def _shown_of_own(key: str, made: Made, people: int) -> Shown:
    """Describe boxes that the wave doesn't hold; who answered and ticked none is in one more, apart from the others."""
    marked = {name: gate.unpacked(bits, people) for name, bits in made.own.items()}
    asked, answered = marked.pop("asked"), marked.pop("")
    ticked = pd.DataFrame(marked)
    ticked["none"] = answered & ~ticked.any(axis=1)
    item = items.multiple(ticked[asked].reset_index(drop=True), exclusive=["none"])
    by = {
        name: pd.Series(SELECTED, index=range(int(asked.sum()))).where(gate.unpacked(mask, people)[asked])
        for name, (_, mask) in made.groupings.items()
    }
    groups = pd.DataFrame(by, index=range(int(asked.sum()))).astype(pd.CategoricalDtype([SELECTED]))
    return Shown(key, (item,), groups)


def _asked(key: str, questions: Questionnaire) -> tuple[Question, str]:
    """Find a question, or a statement, by the name that its tables go by."""
    for question in (*questions, *questions.derived):
        if question.code == key:
            return question, ""
        for statement in question.statements:
            if question.column(statement.code) == key:
                return question, statement.code
    raise ValueError(f"{key} is no question and no statement")


def _groups(of: pd.DataFrame, by: Question | None, inside: np.ndarray) -> pd.Series:
    """Say in which group of a grouping each person is; missing for whoever is in none that is shown."""
    if by is None:
        groups, names = pd.Series(SELECTED, index=of.index), [SELECTED]
    else:
        groups, names = of[by.code].astype(object), [answer.code for answer in by.options]
    return groups.where(inside & groups.isin(names).to_numpy()).astype(pd.CategoricalDtype(names))


def _item(question: Question, statement: str, of: pd.DataFrame, cells: set[str]) -> Item:
    """Describe what was asked, with its cells: answers, and groups of answers written `a|c`."""
    several = sorted(cell for cell in cells if "|" in cell)
    if question.kind == "multiple":
        offered = [answer for answer in question.answers if answer.code in cells or not answer.named_as]
        ticked = of[[question.column(answer.code) for answer in offered]].eq(TICKED)
        ticked.columns = [answer.code for answer in offered]
        exclusive = [answer.code for answer in offered if answer.exclusive]
        return items.multiple(ticked, {cell: cell.split("|") for cell in several}, exclusive)
    answers = of[question.column(statement)]
    typed = answers.where(~answers.isin([NO_ANSWER, NOT_ASKED]))
    codes = [answer.code for answer in question.options]
    whole = set(codes)
    unions = {cell: cell.split("|") for cell in several if set(cell.split("|")) < whole}
    return items.single(typed.astype(pd.CategoricalDtype(codes)), unions)


def _leads_on(question: Question, questions: Questionnaire) -> set[str]:
    """Name the answers that lead to a next question, whose base tells how many gave them."""
    alone = [follow.asked_if.clauses[0] for follow in questions if len(follow.asked_if.clauses) == 1]
    return {"|".join(sorted(answers)) for code, answers in alone if code == question.code}


def _known(
    key: str, item: Item, by: dict[str, pd.Series], made: Made, of: pd.DataFrame, terms: Terms, questions: Questionnaire
) -> tuple[Known, ...]:
    """List what is known from elsewhere: what was printed, the bases of next questions, and how many left it blank."""
    question, statement = _asked(key, questions)
    whole = item.people.sum(axis=0)
    rule = facts.Rule.of(terms.threshold, terms.least_base)
    found = [Known(BLANK, *facts.rounded_alike(int(whole @ item.blank), rule), printed=False)]
    for cell in _leads_on(question, questions) & set(item.cells):
        found.append(Known(cell, *facts.rounded_alike(int(whole @ item.cell(cell)), rule), printed=False))
    places = {"": (WHOLE, "")}
    for name, groups in by.items():
        code, mask = made.groupings[name]
        if code and not mask:
            for group in groups.cat.categories:
                places[gate.among(f"{code}={group}", questions)] = (name, str(group))
    for (asked, about, answers, among), numbers in gate.printed(terms, questions).items():
        if (asked, about) != (question.code, statement) or among not in places or answers not in {"", *item.cells}:
            continue
        grouping, group = places[among]
        inside = item.people if grouping == WHOLE else item.people[by[grouping].eq(group).to_numpy()]
        counts = inside.sum(axis=0)
        base, n = int(counts @ item.base), int(counts @ item.cell(answers or BASE))
        for number in numbers:
            if answers and number.base == base:
                found.append(Known(BASE, base, base, grouping, group))
            possible = number.counts(base)
            if n in possible:
                found.append(Known(answers or BASE, min(possible), max(possible), grouping, group))
    return tuple(dict.fromkeys(found))
