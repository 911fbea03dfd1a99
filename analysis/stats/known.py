"""Keep to what is known where people are invented: what a report printed, and what only that allows.

A reconstruction has an answer of every person to every question, and most of them nobody knows. What
leaves the estimates of such a wave is what was printed, as it was printed, or what follows from it; of anything else
the number is held back, and its kind says why: it presumably stands in a figure that couldn't be read here
(`pictured`), or nobody published it (`unpublished`). Of real and of practice answers all is known.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.stats import ranges, reliability
from analysis.stats.value import CONFIDENCE, KNOWN, Value
from analysis.survey.questionnaire import Question, Recorded

HIDDEN = {"n": pd.NA, "share": np.nan, "low": np.nan, "high": np.nan, "release": "hidden", "reliability": "",
          "reason": ""}  # fmt: skip
"""What stands in a row of shares of which the number isn't known."""

TESTED = ("base", "statistic", "df", "p", "size", "low", "high", "difference", "difference_low", "difference_high")
"""The columns of comparisons that hold numbers."""

NOBODY_KNOWS = Value("count", None, "people", origin="unpublished", release="hidden", absent="unpublished")
"""A number of people that nobody published."""


class Source(NamedTuple):
    """Where a count comes from, one of `value.ORIGINS`; the number in print, blank where it wasn't printed as such; and
    the least and the most people that it can be, where that isn't settled: 17% of 294 may be 49, 50 or 51."""

    origin: str
    printed: str = ""
    between: tuple[int, int] | None = None

    @property
    def known(self) -> bool:
        """Whether it may be shown."""
        return self.origin in KNOWN

    @property
    def firm(self) -> bool:
        """Whether it is known, and how many people that are as well."""
        return self.known and self.between is None


def source(question: Question, answers: str, n: int, base: int, statement: str = "", among: str = "") -> Source:
    """Say where a count comes from: `n` of `base` gave any of the answers, written `a|c`, among some.

    A count is only known while it is the recorded one at the recorded base, so of a selection of people nothing is. Of
    a single choice a sum of settled counts is known as well, and so is what they leave of the base.
    """
    if question.provenance is None:
        return Source("")
    if not base and not n:
        return Source("derived")  # the routing leaves nobody
    direct = _recorded(question, answers, statement, among, base)
    found = _said(direct) if direct and direct.people == n else None
    if found and found.firm:
        return found
    parts = answers.split("|")
    single = question.kind in ("single", "statements") and answers != ""
    if single and _follows(question, parts, n, statement, among, base):
        return found._replace(between=None) if found and found.known else Source("derived")
    if found:
        return found
    each = [_recorded(question, part, statement, among, base) for part in parts]
    kinds = {r.origin if r else "unpublished" for r in each}
    return Source("pictured" if single and "pictured" in kinds and "unpublished" not in kinds else "unpublished")


def origin(question: Question, answers: str, n: int, base: int, statement: str = "", among: str = "") -> str:
    """Say where a count comes from as `source` does, in one word: blank where answers are real."""
    return source(question, answers, n, base, statement, among).origin


def _recorded(question: Question, answers: str, statement: str, among: str, base: int) -> Recorded | None:
    """Find a count as it is recorded at a base: of a group, of several, or of everybody where that is the group."""
    recorded = question.provenance or {}
    found = [recorded.get((statement, answers, group)) for group in dict.fromkeys((among, ""))]
    code, _, values = among.partition("=")
    each = [recorded.get((statement, answers, f"{code}={value}")) for value in values.split("|")]
    if all(r and _said(r).firm for r in each):
        people, of = (sum(numbers) for numbers in zip(*((r.people, r.base) for r in each if r), strict=True))
        found.append(Recorded("derived", people, of, "", "", answers))
    return next((r for r in found if r and r.base == base), None)


def _said(recorded: Recorded) -> Source:
    if recorded.printed_as not in ("percent", "sum"):
        return Source(recorded.origin)
    readings = recorded.readings()
    return Source(recorded.origin, recorded.printed, (readings[0], readings[-1]) if len(readings) > 1 else None)


def _follows(question: Question, parts: list[str], n: int, statement: str, among: str, base: int) -> bool:
    """Whether it follows how many gave any of some answers to a single choice.

    As a sum of settled counts, or as what settled counts leave of the base, or of a printed sum.
    """

    def settled(codes: list[str]) -> int | None:
        for groups in (["|".join(codes)], codes):
            found = [_recorded(question, answers, statement, among, base) for answers in groups]
            told = [r.people for r in found if r and _said(r).firm]
            if len(told) == len(groups):
                return sum(told)
        return None

    wholes = [(frozenset(a.code for a in question.options), base)]
    for about, answers, _ in question.provenance or {}:
        inside = frozenset(answers.split("|"))
        if about == statement and inside > set(parts) and (total := settled(sorted(inside))) is not None:
            wholes.append((inside, total))
    rests = ((total, settled(sorted(inside - set(parts)))) for inside, total in wholes)
    left = {total - rest for total, rest in rests if rest is not None}
    return n in left | {settled(parts)}


def is_base_known(question: Question, base: int, by: Question | None = None, group: str = "") -> bool:
    """Whether it is known how many people were asked a question, in all or in a group of another."""
    if question.provenance is None or question.questionnaire is None or not base:
        return True
    asked = question.asked_if.clauses
    if by is not None and set(asked) <= set(by.asked_if.clauses):
        return source(by, group, base, _base(by)).firm
    if not asked:
        return by is None
    if len(asked) > 1:
        return False
    ((code, answers),) = asked
    before, among = question.questionnaire[code], f"{by.code}={group}" if by else ""
    found = (before.provenance or {}).get(("", "|".join(answers), among))
    return source(before, "|".join(answers), base, found.base if found else _base(before), "", among).firm


def _base(question: Question) -> int:
    """How many people are recorded as asked a question, none where it isn't recorded."""
    return next((r.base for (_, _, among), r in (question.provenance or {}).items() if not among), 0)


def keep(counted: pd.DataFrame, question: Question, by: Question | None = None) -> pd.DataFrame:
    """Keep of a frame of `estimates.shares` what is known: the same rows, with `release`, `absent`, `decimals`,
    `least`, `most` and `summed`.

    Of what isn't known, `n`, `share` and its interval are missing, and `absent` says of which kind it is. A printed
    share is the number in print; how many people it is of is missing where print leaves that open, and `least` and
    `most` are the shares that they can be. So they are of what isn't known, where print forces it to lie between two
    that are less than `ranges.NARROW` apart (`summed` says that this rests on sums of rounded parts); where they are
    the same it is known after all. An unknown base is missing, too.
    """
    if question.provenance is None or not len(counted):
        return counted
    rows = []
    for row in counted.astype({"n": object, "base": object, "not_asked": object}).to_dict("records"):
        among = f"{row['by']}={row['group']}" if row["by"] else ""
        found = source(question, row["answer"], row["n"], row["base"], row["statement"], among)
        base, known = row["base"], is_base_known(question, row["base"], by, row["group"])
        row |= {"origin": found.origin, "release": "released", "absent": "nobody", "decimals": 1}
        row |= {"least": np.nan, "most": np.nan, "summed": False}
        if not known:
            row |= {"base": pd.NA, "not_asked": pd.NA}
        if not (found.known and known):
            row |= HIDDEN | {"absent": found.origin if not found.known else "unpublished"}
            row |= _between(question, row, among, int(base))
        elif found.printed:
            row |= _in_print(found, row["base"])
        rows.append(row)
    types = {"n": "Int64", "base": "Int64", "not_asked": "Int64", "score": "Int64"}
    return pd.DataFrame(rows, index=counted.index).astype(types)


def _between(question: Question, row: dict, among: str, base: int) -> dict[str, Any]:
    """What print forces a share to be, which itself isn't known, as a row has it: of all people at their known base."""
    asked = question.questionnaire
    if asked is None or asked.printed is None:
        return {}
    unit = f"{question.code}_{row['statement']}" if row["statement"] else question.code
    found = ranges.narrow_range(asked, f"{unit}={row['answer']}", among)
    if found is None or found.base != base:  # of a selection of people print says nothing
        return {}
    if not found.settled:
        return {"least": float(found.least), "most": float(found.most), "summed": found.summed}
    known = {"n": int(found.least * base), "base": base, "origin": "derived", "release": "released", "absent": "nobody"}
    return known | _of_share(float(found.least), base)


def _in_print(found: Source, base: int) -> dict[str, Any]:
    """A printed share of a base with its interval and verdict, as a row has them."""
    row = _of_share(float(Fraction(found.printed) / 100), base) | {"decimals": len(found.printed.partition(".")[2])}
    if found.between:
        row |= {"n": pd.NA, "least": found.between[0] / base, "most": found.between[1] / base}
    return row


def _of_share(share: float, base: int) -> dict[str, Any]:
    """A share of a base with its interval and verdict, as a row has them."""
    low, high = proportion_confint(share * base, base, alpha=1 - CONFIDENCE, method="wilson")
    judged = reliability.verdicts([round(share * base)], [base]).iloc[0]
    return {"share": share, "low": float(low), "high": float(high),
            "reliability": judged["verdict"], "reason": judged["reason"]}  # fmt: skip


def keep_means(counted: pd.DataFrame, question: Question, by: Question | None = None) -> pd.DataFrame:
    """Keep of a frame of `estimates.means` what is known: a mean that was printed, as it was printed.

    How it spreads and of how many people it is wasn't, so these are missing.
    """
    if question.provenance is None or not len(counted):
        return counted
    rows = []
    for row in counted.astype({"base": object, "no_answer": object}).to_dict("records"):
        found = (question.provenance or {}).get(("", "", f"{row['by']}={row['group']}" if row["by"] else ""))
        known = found is not None and found.origin in KNOWN and found.printed_as == "mean"
        row |= {"base": pd.NA, "sd": np.nan, "low": np.nan, "high": np.nan, "no_answer": pd.NA}
        if found is not None and known and found.base == counted["base"].sum():
            decimals = len(found.printed.partition(".")[2])
            row |= {"mean": float(found.printed), "release": "released", "decimals": decimals}
            row |= {"absent": "not_calculable"}  # as its spread is
        else:
            row |= {"mean": np.nan, "release": "hidden", "absent": "unpublished", "decimals": 1}
        rows.append(row)
    return pd.DataFrame(rows, index=counted.index).astype({"base": "Int64", "no_answer": "Int64"})


def tested(result: pd.DataFrame, settled: bool) -> pd.DataFrame:
    """Keep of comparisons what is known: all of them where each count that they rest on is settled, else nothing."""
    if settled:
        return result
    numbers = [column for column in TESTED if column in result]
    return result.assign(**dict.fromkeys(numbers, np.nan), release="hidden", absent="unpublished")
