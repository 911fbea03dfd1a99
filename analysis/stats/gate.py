"""Let numbers of a confidential wave out: shares in steps, words for few people, and nothing that wasn't noted.

Estimates ask here on their way out (`let_out`); where no confidential wave was opened they pass as they are. What a
document printed is public and passes as printed. Each table that passes is noted, so that the attacker can try it
when the chapters have run (`settle`); the terms say which step it stands in, or that it isn't given.
"""

from __future__ import annotations

import base64
import json
import math
import os
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats as distributions
from statsmodels.stats.proportion import proportion_confint

from analysis.files import digest
from analysis.stats import reliability, steps
from analysis.stats.value import CONFIDENCE, Value
from analysis.survey import terms as agreed
from analysis.survey.printed import Printed
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, TICKED, Condition, Question, Questionnaire
from analysis.survey.terms import Terms

PRINTED, WITHHELD = "printed", "withheld"
"""States beside those of `steps`: as a document printed it, and not given at all."""
DIGITS = 2
"""Digits of what is computed exactly and given; a p has one."""


class Table(NamedTuple):
    """A table of one question, as the attacker sees it: the question or statement, and among whom."""

    question: str
    grouping: str
    by: str
    mask: np.ndarray | None


@dataclass(frozen=True)
class Open:
    """The terms that some responses are under, and which of the wave's people they are, by place.

    `places` is missing where the answers aren't the wave's own, so that nothing can be tried, and nothing is given.
    """

    terms: Terms
    places: np.ndarray | None


def opened(responses: pd.DataFrame, columns: Iterable[str]) -> Open | None:
    """Say under which terms these columns of responses are; None where no confidential wave was opened here."""
    bound = agreed.bound()
    if not bound:
        return None
    for terms in bound:
        places = terms.places(responses, list(dict.fromkeys(columns)))
        if places is not None:
            return Open(terms, places)
    return Open(bound[0], None)


def source(question: Question, answers: str) -> tuple[str, str]:
    """Say a question and answers by the question that was asked: those of groups are what the groups are made of."""
    values = dict(question.values)
    if not question.source or any(".." in value for inside in values.values() for value in inside):
        return question.code, "|".join(sorted(answers.split("|"))) if answers else ""
    codes = sorted({value for answer in answers.split("|") if answer for value in values[answer]})
    return question.source, "|".join(codes)


def among(condition: str, questions: Questionnaire) -> str:
    """Say a group by the question that was asked, so that `care=neither` and `q02=c|d` are one."""
    clauses = [source(questions[code], "|".join(values)) for code, values in Condition.parse(condition).clauses]
    return " & ".join(f"{code}={answers}" for code, answers in sorted(clauses))


_by_source: weakref.WeakKeyDictionary[Terms, dict] = weakref.WeakKeyDictionary()


def printed(terms: Terms, questions: Questionnaire | None) -> dict[tuple[str, str, str, str], list[Printed]]:
    """Give what the wave's document printed, by question, statement, answers and group, each as it was asked."""
    if questions is None:
        return {}
    if terms not in _by_source:
        found: dict[tuple[str, str, str, str], list[Printed]] = {}
        codes = {question.code for question in (*questions, *questions.derived)}
        for (code, statement, answers, people), numbers in terms.printed.items():
            if code in codes and "|" not in statement:
                asked, spelled = source(questions[code], answers)
                found.setdefault((asked, statement, spelled, among(people, questions)), []).extend(numbers)
        _by_source[terms] = found
    return _by_source[terms]


def table_of(open_: Open, question: Question, statement: str, by: Question | None, group: str = "") -> Table | None:
    """Name a table: of a question or statement, in all or by groups, of everybody or a selection; None for an unknown.

    A group that is made of several answers is a grouping of its own, and so is a selection of the people asked.
    """
    if open_.places is None:
        return None
    people, key = open_.terms.people, question.column(statement) if statement else source(question, "")[0]
    if question.status_column not in people:  # not of the wave's own answers
        key += f"~{digest('|'.join(question.columns).encode())[:8]}"
    asked = people[question.status_column].ne(NOT_ASKED).to_numpy() if question.status_column in people else None
    mask = np.zeros(len(people), bool)
    mask[open_.places] = True
    name, whole = by.code if by else "", asked is None or bool(mask[asked].all())
    if by is not None and ("|" in group or by.kind != "single"):
        mask &= Condition.parse(f"{by.code}={group}").holds(people, _of(question)).to_numpy(bool)
        return Table(key, f"{by.code}={group}" + ("" if whole else f"@{_bits(mask)[1]}"), "", mask)
    return Table(key, name, name, None) if whole else Table(key, f"{name}@{_bits(mask)[1]}", name, mask)


def _of(question: Question) -> Questionnaire:
    if question.questionnaire is None:
        raise ValueError(f"{question.code} is of no questionnaire, so it can't be said what leaves of it")
    return question.questionnaire


def _bits(mask: np.ndarray) -> tuple[str, str]:
    """Write who is in a selection as text, and the name that it goes by."""
    packed = np.packbits(mask).tobytes()
    return base64.b64encode(packed).decode("ascii"), digest(packed)[:8]


def unpacked(mask: str, people: int) -> np.ndarray:
    """Read back who is in a selection, of so many people."""
    return np.unpackbits(np.frombuffer(base64.b64decode(mask), np.uint8), count=people).astype(bool)


def note(table: Table, cells: Iterable[str], own: dict[str, str] | None = None) -> None:
    """Note which cells of a table left, where the build tries that: answers, `a|c` where several are one.

    `own` is who gave what, where the wave itself doesn't hold it (`_own`).
    """
    path = os.environ.get(agreed.NOTES)
    if path:
        mask = "" if table.mask is None else _bits(table.mask)[0]
        with open(path, "a", encoding="utf-8") as notes:
            notes.write(json.dumps([table.question, table.grouping, table.by, mask, sorted(cells), own or {}]) + "\n")


def _own(open_: Open, question: Question, responses: pd.DataFrame) -> dict[str, str]:
    """Write down who ticked which box, and who answered and was asked at all, of boxes that the wave doesn't hold."""
    if question.status_column in open_.terms.people or open_.places is None:
        return {}
    status = responses[question.status_column]
    marked = {answer.code: responses[question.column(answer.code)].eq(TICKED) for answer in question.answers}
    marked |= {"": ~status.isin([NO_ANSWER, NOT_ASKED]), "asked": status.ne(NOT_ASKED)}
    said = {}
    for name, who in marked.items():
        mask = np.zeros(len(open_.terms.people), bool)
        mask[open_.places] = who.to_numpy(bool)
        said[name] = _bits(mask)[0]
    return said


def columns_of(question: Question, by: Question | None = None) -> list[str]:
    """List the columns that estimates of a question are made from."""
    return [*question.columns, *([by.code] if by else [])]


# --- shares ----------------------------------------------------------------------------------


def let_out(counted: pd.DataFrame, question: Question, by: Question | None, responses: pd.DataFrame) -> pd.DataFrame:
    """Say what is shown of a frame of `estimates.shares`: the same rows, and beside their columns `state` and `step`.

    `n` is missing, unless a document printed it; `base` and `no_answer` are to the nearest ten, missing where they
    are words; `share`, `low` and `high` are of what is shown. `few` is up to how many people a cell is a word.
    """
    open_ = opened(responses, columns_of(question, by)) if len(counted) else None
    if open_ is None:
        return counted
    terms, made = open_.terms, []
    for (statement, group), block in counted.groupby(["statement", "group"], sort=False):
        table = table_of(open_, question, str(statement), by, str(group))
        step = None if table is None else terms.step(table.question, table.grouping)
        if table is not None:
            cells = (source(question, a)[1] for a in block["answer"] if not _is_untried(question, a))
            note(table, cells, _own(open_, question, responses))
        shown = _shown(block["n"], block["base"], step, terms)
        untried = [_is_untried(question, answer) for answer in block["answer"]]
        if any(untried):
            shown.loc[untried, ["state", "points", "step"]] = [WITHHELD, pd.NA, pd.NA]
        where = f"{by.code}={group}" if by else ""
        made.append(_as_printed(block, shown, open_, question, str(statement), where, is_whole(table)))
    rows = pd.concat(made)
    judged = reliability.verdicts(
        (rows["share"].fillna(0) * rows["base"].astype(float).fillna(0)).round(), rows["base"].astype(float).fillna(0)
    )
    known = rows["share"].notna().to_numpy()
    return sealed(rows.assign(
        reliability=np.where(known, judged["verdict"], ""), reason=np.where(known, judged["reason"], "")
    ).reset_index(drop=True))  # fmt: skip


def sealed(frame: pd.DataFrame) -> pd.DataFrame:
    """Seal a frame as let out."""
    frame.attrs["released"] = _seal(frame)
    return frame


def is_sound(frame: pd.DataFrame) -> bool:
    """Whether a frame is as it was let out: nothing in it was changed, added or taken away."""
    return frame.attrs.get("released") == _seal(frame)


def _seal(frame: pd.DataFrame) -> str:
    return digest(frame.to_csv(index=False, lineterminator="\n").encode())


def is_whole(table: Table | None) -> bool:
    """Whether a table is of all who were asked, in all or by the groups of a question: a document prints no others."""
    return table is not None and table.mask is None


def _is_untried(question: Question, answers: str) -> bool:
    """Whether several boxes as one can't be tried: one of them excludes all others."""
    codes = answers.split("|")
    return question.kind == "multiple" and len(codes) > 1 and any(question[code].exclusive for code in codes)


def _shown(n: pd.Series, base: pd.Series, step: int | None, terms: Terms) -> pd.DataFrame:
    shown = steps.shown(n, base, step or steps.STEPS[-1], threshold=terms.threshold, least_base=terms.least_base)
    return shown if step else shown.assign(state=WITHHELD, points=pd.NA, step=pd.NA)


def _as_printed(
    block: pd.DataFrame, shown: pd.DataFrame, open_: Open, question: Question, statement: str, group: str, whole: bool
) -> pd.DataFrame:
    """Put what is shown into the rows of a block, and what was printed of them as it was printed."""
    terms = open_.terms
    ends = steps.interval(shown) / 100
    blank = steps.shown_base(block["no_answer"], threshold=terms.threshold)
    passed_by = steps.shown_base(block["not_asked"], threshold=terms.threshold)
    rows = block.assign(
        n=pd.array([pd.NA] * len(block), dtype="Int64"), base=shown["base"].array,
        share=shown["points"].astype("Float64").to_numpy(float, na_value=np.nan) / 100,
        low=ends["low"], high=ends["high"], no_answer=blank, not_asked=passed_by, state=shown["state"],
        step=shown["step"].astype("Float64").to_numpy(float, na_value=np.nan) / 100, few=terms.threshold,
        near=steps.ROUND_BASE, decimals=0,
    )  # fmt: skip
    known = printed(terms, question.questionnaire) if whole else {}
    if not known:
        return rows
    where = among(group, _of(question))
    base, of = int(block["base"].iloc[0]), source(question, "")[0]
    in_print = [number for (asked, about, _, people), numbers in known.items() for number in numbers
                if (asked, about, people) == (of, statement, where)]  # fmt: skip
    counted = known.get((of, statement, "", where), [])
    if any(number.base == base for number in in_print) or any(base in number.counts(base) for number in counted):
        rows["base"], rows["near"] = base, 1
    for place, (row, answer, n) in enumerate(zip(block.index, block["answer"], block["n"], strict=True)):
        found = [p for p in known.get((of, statement, source(question, answer)[1], where), []) if n in p.counts(base)]
        if found:
            exact = min(found, key=lambda number: len(number.counts(base)))
            only = exact.counts(base)
            share = int(n) / base if exact.kind == "count" else float(Fraction(exact.number) / 100)
            low, high = proportion_confint(share * base, base, alpha=1 - CONFIDENCE, method="wilson")
            said = {"share": share, "low": float(low), "high": float(high), "state": PRINTED, "origin": "printed",
                    "step": np.nan, "decimals": 1 if exact.kind == "count" else exact.decimals}  # fmt: skip
            for column, value in said.items():
                rows.iloc[place, rows.columns.get_loc(column)] = value
            if len(only) == 1:
                rows.loc[row, "n"] = only[0]
    return rows


def share_of(row: dict) -> Value:
    """The value in a row of what was let out."""
    base = None if pd.isna(row["base"]) else int(row["base"])
    near, few = (int(row["near"]) if row["near"] > 1 else None), int(row["few"])
    if row["state"] not in (steps.SHARE, PRINTED):
        return Value("share", None, "share", of=base, release="hidden", absent=row["state"], bound=few, near=near)
    n = None if pd.isna(row["n"]) else int(row["n"])
    step = None if math.isnan(row["step"]) else float(row["step"])
    return Value(
        "share", float(row["share"]), "share", n=n, of=base, low=float(row["low"]), high=float(row["high"]), step=step,
        near=near, bound=few, origin=row["origin"], reliability=row["reliability"], release="released",
        decimals=int(row["decimals"]),
    )  # fmt: skip


# --- bases -----------------------------------------------------------------------------------


def people(number: int, terms: Terms | None, exact: bool = False) -> Value:
    """Make a value of a number of people: as it is in the open, or where print gives it, else to the nearest ten."""
    if terms is None or exact:
        return Value("count", number, "people", n=number, release="released" if terms else "")
    (near,) = steps.shown_base([number], threshold=terms.threshold)
    if pd.isna(near):
        return Value("count", None, "people", release="hidden", absent=steps.FEW, bound=terms.threshold)
    return Value("count", int(near), "people", step=steps.ROUND_BASE, release="released")


# --- what is computed exactly ----------------------------------------------------------------


def digits(number: float, many: int = DIGITS) -> float:
    """Round to so many digits that say something; 0 and what is missing stay.

    >>> digits(12.345), digits(0.01234, 1), digits(-0.567)
    (12.0, 0.01, -0.57)
    """
    if not number or not math.isfinite(number):
        return number
    return round(number, many - 1 - math.floor(math.log10(abs(number))))


def are_visible(counts: np.ndarray, terms: Terms) -> bool:
    """Whether no cell of a table (answers by groups, counts of people) is a word, nor any of its groups too small."""
    bases = counts.sum(axis=0)
    return bool((counts > terms.threshold).all() and (bases >= terms.least_base).all()) if counts.size else False


def means(counted: pd.DataFrame, question: Question, by: Question | None, responses: pd.DataFrame) -> pd.DataFrame:
    """Say what is shown of a frame of `estimates.means`: two digits, of groups of which shares may be shown.

    The interval is made of what is shown, wider at both ends by half a unit of the mean.
    """
    open_ = opened(responses, [question.code, question.status_column, *([by.code] if by else [])])
    if open_ is None:
        return counted
    terms, rows = open_.terms, []
    for row in counted.to_dict("records"):
        base, state = row["base"], WITHHELD
        near = people(base, terms)
        said = {"base": near.number, "mean": np.nan, "sd": np.nan, "low": np.nan, "high": np.nan, "unit": np.nan}
        if open_.places is not None and base >= terms.least_base and near.number:
            units, unit = steps.shown_mean(Fraction(float(row["mean"])))
            mean, sd, state = float(units * unit), digits(row["sd"]), steps.SHARE
            half = distributions.t.ppf((1 + CONFIDENCE) / 2, near.number - 1) * sd / near.number**0.5 + float(unit) / 2
            said |= {"mean": mean, "sd": sd, "low": mean - half, "high": mean + half, "unit": float(unit)}
        no_answer = people(row["no_answer"], terms).number
        rows.append(row | said | {"state": state, "few": terms.threshold, "no_answer": no_answer})
    return sealed(pd.DataFrame(rows))


def mean_of(row: dict) -> Value:
    """The value in a row of means that were let out."""
    base = None if pd.isna(row["base"]) else int(row["base"])
    more: dict[str, Any] = {"of": base, "near": steps.ROUND_BASE, "bound": int(row["few"])}
    if row["state"] != steps.SHARE:
        return Value("mean", None, release="hidden", absent=row["state"], **more)
    return Value("mean", row["mean"], low=row["low"], high=row["high"], step=row["unit"], release="released",
                 decimals=max(0, -round(math.log10(row["unit"]))), **more)  # fmt: skip


def tested(result: pd.DataFrame, visible: bool, terms: Terms) -> pd.DataFrame:
    """Say what is shown of comparisons: two digits, p in one; nothing of them where a cell that they use is hidden."""
    numbers = ["statistic", "df", "p", "size", "low", "high", "difference", "difference_low", "difference_high"]
    found = result.assign(base=[people(int(base), terms).number for base in result["base"]], release="released")
    for column in (c for c in numbers if c in found):
        found[column] = [digits(n, 1 if column == "p" else DIGITS) if visible else np.nan for n in found[column]]
    return found if visible else found.assign(release="hidden", absent=WITHHELD)


def difference(result: pd.DataFrame, seen: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Say what is shown of a comparison of two shares: their difference and interval as what is shown of both gives it.

    `seen` are the two rows that were let out; the test is exact, and given as `tested` gives it.
    """
    found = tested(result, bool(seen["share"].notna().all()), terms)
    if found["release"].eq("hidden").any():
        return found
    (first, second), (low1, low2), (high1, high2) = (seen[column] for column in ("share", "low", "high"))
    half1, half2 = seen["step"].fillna(0) / 2
    apart = first - second
    # Newcombe's method 10 of what is shown: both intervals are wider by half a step already
    low = apart - math.hypot(first - low1 - half1, high2 - half2 - second) - half1 - half2
    high = apart + math.hypot(high1 - half1 - first, second - low2 - half2) + half1 + half2
    return found.assign(size=apart, low=max(low, -1.0), high=min(high, 1.0))
