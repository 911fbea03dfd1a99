"""Say on a page what a share can be: between which numbers where people are invented, else what was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.stats import estimates, gate
from analysis.stats.premises import Premises, Unit
from analysis.stats.ranges import NARROW, Range, alike, premises_of, ranges_if, share_range
from analysis.stats.value import CONFIDENCE, Value
from analysis.survey.questionnaire import Question, Questionnaire

TRIES = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
"""How far between its least and its most a number is thought of as printed, to see what would follow from it."""


def bounds(
    responses: pd.DataFrame, questions: Questionnaire, item: str, among: str = "", readings: str = "all"
) -> Value:
    """Say what the share of an item can be, whatever isn't known: in `least` and `most` of a value.

    Parameters
    ----------
    responses, questions
        Of one wave. Of invented people nothing is counted: the range is what print leaves open. Of any other wave it
        is the share itself, and of a confidential one what `estimates.share` shows.
    item
        Such as `helped=yes`, `hesitates=agree`, or several joined by ` & `, all of which must hold.
    among
        A group, written in the same way; everybody when blank.
    readings
        `all`, or `whole` to do without printed numbers that must be sums of rounded parts.

    Returns
    -------
    Value
        A share of those who answered all that is asked about. It has a number where least and most are the same.

    Raises
    ------
    ValueError
        For what isn't there, a number or a text, what is never asked together, and what was printed and can't be true.

    Examples
    --------
    Of four people three were printed to say yes, and two to agree.

    >>> from analysis.survey.printed import Printed
    >>> from analysis.survey.questionnaire import Answer, Condition, Question
    >>> said = (Answer("y", "Yes"), Answer("n", "No"))
    >>> two = tuple(Question(code, "", "single", code, Condition(), answers=said) for code in ("helped", "agrees"))
    >>> numbers = {("helped", "", "y", ""): "75", ("agrees", "", "y", ""): "50"}
    >>> found = {key: [Printed(number, 4, "share")] for key, number in numbers.items()}
    >>> found["", "", "analysed", ""] = [Printed("4", None, "count")]
    >>> both = bounds(pd.DataFrame(), Questionnaire("en", two, printed=lambda: found), "helped=y & agrees=y")
    >>> both.known, both.least, both.most
    (False, 0.25, 0.5)
    """
    if questions.printed is None:
        return _observed(responses, questions, item, among)
    return _value(share_range(premises_of(questions), item, among, readings))


def _value(found: Range) -> Value:
    """A range as a value, which has a number where that is settled."""
    number, base = float(found.least) if found.settled else None, found.base
    n = int(found.least * base) if found.settled and base is not None else None
    return Value("share", number, "share", n=n, of=base, least=float(found.least), most=float(found.most),
                 origin="derived", absent="not_stated")  # fmt: skip


def _observed(responses: pd.DataFrame, questions: Questionnaire, item: str, among: str) -> Value:
    """The share among those who did answer; of a confidential wave no more than `estimates.share` shows."""
    items, groups = ([questions.item(part.strip()) for part in text.split("&") if part] for text in (item, among))
    if gate.opened(responses, ()) is not None:
        if len(items) > 1 or len(groups) > 1 or any("|" in answers for _, answers, _ in groups):
            return Value("share", None, "share", release="hidden", absent=gate.WITHHELD)
        (question, answers, statement), (by, of, _) = items[0], groups[0] if groups else (None, "", "")
        shown = estimates.share(responses, question, answers, statement, by)
        return shown[of] if by else shown.value
    told = [estimates.given(responses, question, answers, statement) for question, answers, statement in items]
    whole = np.logical_and.reduce([t.notna() for t in told])
    for question, answers, statement in groups:
        whole &= estimates.given(responses, question, answers, statement).fillna(False).to_numpy(bool)
    n, base = int(np.logical_and.reduce([whole, *(t.fillna(False) for t in told)]).sum()), int(whole.sum())
    if not base:
        return Value("share", None, "share", n=0, of=0, absent="nobody")
    low, high = proportion_confint(n, base, alpha=1 - CONFIDENCE, method="wilson")
    return Value("share", n / base, "share", n=n, of=base, low=float(low), high=float(high), least=n / base,
                 most=n / base)  # fmt: skip


# --- many at once ----------------------------------------------------------------------------


def ranges(questions: Questionnaire, items: Mapping[str, str | tuple[str, str]]) -> pd.DataFrame:
    """Give the ranges of items, each under a label, or of an item and the group that it is among.

    Returns a row each: `about` (blank) and `label`, `base` (missing where print leaves it open), `least` and `most`
    between 0 and 1, `width`, and `whole_least` and `whole_most`, which do without sums of rounded parts.
    """
    given = premises_of(questions)
    pairs = {label: (item, "") if isinstance(item, str) else item for label, item in items.items()}
    return _frame([{"about": "", "label": label} | _ends(given, *pair) for label, pair in pairs.items()])


def unprinted(responses: pd.DataFrame, questions: Questionnaire, origin: str = "pictured") -> pd.DataFrame:
    """Give the ranges of all answers that presumably stand in a figure of the report and not in its text.

    Or with another `origin` of those that nobody published.

    Returns the columns of `ranges`, a row an answer in the questionnaire's order, and `question`, `statement`, `answer`
    as codes; `about` is the question or the statement, `label` the answer.
    """
    given, rows = premises_of(questions), []
    for question, unit, pictured in _unknown(responses, questions, origin):
        about = question.statement(unit[1]).label if unit[1] else question.label
        one = {c: part[0] for part in alike(given, unit) for c in part}
        ends = {code: _ends(given, _item(unit, code)) for code in dict.fromkeys(one[code] for code in pictured)}
        rows += [{"question": unit[0], "statement": unit[1], "answer": code, "about": about,
                  "label": question[code].label} | ends[one[code]] for code in pictured]  # fmt: skip
    return _frame(rows)


def one_more(questions: Questionnaire, rows: pd.DataFrame) -> pd.DataFrame:
    """Say of each answer of `unprinted` which others of its question would have followed, had it been printed.

    A number is thought of, at each of `TRIES` between the least and the most that it can be, and added to what was
    printed. `settles` are the answers of which then only one number is left, and `narrows` those that then lie within
    `ranges.NARROW` and didn't: those that do so at every one of these numbers, by their codes as in `a|c`.
    """
    given, made = premises_of(questions), []
    for unit, block in rows.groupby(["question", "statement"], sort=False):
        there = {row["answer"]: row for row in block.to_dict("records")}
        parts = [[code for code in part if code in there] for part in alike(given, unit)]
        for part in filter(None, parts):
            found = _following(given, unit, part[0], [other for other in parts if other], there)
            for code in part:
                others = {how: "|".join(other for other in there if other in codes - {code})
                          for how, codes in found.items()}  # fmt: skip
                made.append(there[code] | others)
    return pd.DataFrame(made)


def _following(given: Premises, unit: Unit, code: str, parts: list[list[str]], there: dict) -> dict[str, set[str]]:
    """What would follow from the number of one answer: for the first other one of each part, and so for all of it."""
    least, most = (round(there[code][end] * there[code]["base"]) for end in ("least", "most"))
    tried = sorted({int(least + (most - least) * at) for at in TRIES})
    found: dict[str, set[str]] = {"settles": set(), "narrows": set()}
    for part in parts:
        others = [other for other in part if other != code]
        if others:
            now = ranges_if(given, _item(unit, others[0]), _item(unit, code), tried)
            if all(one.settled for one in now):
                found["settles"].update(part)
            elif there[others[0]]["width"] >= NARROW > max(one.most - one.least for one in now):
                found["narrows"].update(part)
    return found


def value_of(row: Mapping, whole: bool = False) -> Value:
    """The range in a row of `ranges` as a value; with `whole` the one without sums of rounded parts."""
    least, most = (row[f"whole_{end}" if whole else end] for end in ("least", "most"))
    base = None if pd.isna(row["base"]) else int(row["base"])
    return Value("share", least if least == most else None, "share", of=base, least=float(least), most=float(most),
                 origin="derived", absent="not_stated")  # fmt: skip


def _unknown(
    responses: pd.DataFrame, questions: Questionnaire, origin: str
) -> Iterator[tuple[Question, Unit, list[str]]]:
    """Give each question, or each statement of one, with the answers whose number isn't known, by its origin."""
    for question in questions:
        if question.kind in ("single", "multiple", "statements"):
            rows = estimates.shares(responses, question).frame
            if "absent" in rows:
                rows = rows[rows["absent"].eq(origin)]
                for statement, those in rows.groupby("statement", sort=False):
                    yield question, (question.code, statement), list(those["answer"])


def _item(unit: Unit, answer: str) -> str:
    return f"{'_'.join(filter(None, unit))}={answer}"


def _ends(given: Premises, item: str, among: str = "") -> dict:
    found, whole = (share_range(given, item, among, readings) for readings in ("all", "whole"))
    return {"base": found.base, "least": float(found.least), "most": float(found.most),
            "whole_least": float(whole.least), "whole_most": float(whole.most)}  # fmt: skip


def _frame(rows: list[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).astype({"base": "Int64"})
    return frame.assign(width=frame["most"] - frame["least"])
