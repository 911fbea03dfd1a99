"""Say on a page what a share can be: between which numbers where people are invented, else what was counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.stats import estimates, gate
from analysis.stats.bounds import Range, premises_of, share_range
from analysis.stats.value import CONFIDENCE, Value
from analysis.survey.questionnaire import Questionnaire


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
