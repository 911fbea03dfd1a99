"""Describe figures: estimates as tables whose cells draw what they say; computes nothing.

One description gives the table on the page, Plotly's drawing of it (`show.figures`) and what a test reads.
Colours are named by the page's own properties, so that they follow it into the dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from analysis.show import saying
from analysis.show.parts import Absent, Axis, Block, Cell, Chart, Lane, Phrase, Row, Several, Stacked, Table, out_of
from analysis.stats.bounds import value_of
from analysis.stats.estimates import Flow, share_of
from analysis.stats.models import ratio_of
from analysis.stats.release import of_things, release
from analysis.stats.reliability import RELIABLE
from analysis.stats.value import Value
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Questionnaire
from analysis.words import Text, Voice, text

AGREE, DISAGREE, NEUTRAL, OFF = ("var(--c1)", "var(--c2)"), ("var(--c5)", "var(--c4)"), "var(--c3)", "var(--na)"
"""The colours of a scale: strong to weak on both sides of its middle, and of what is off it."""
PARTS = ("var(--c1)", "var(--c2)", "var(--c5)", "var(--c4)", "var(--c3)", "var(--na)")
"""The colours of parts that are on no scale."""
RATIOS = (0.1, 0.25, 0.5, 1, 2, 4, 10)
"""Where the axis of odds ratios is marked."""


class Extent(NamedTuple):
    """From where to where a lane is drawn on its axis, its interval, the wider range around it, and if it is open.

    What is open rests on too little to be filled: its number has a sign.
    """

    start: float
    end: float
    low: float | None = None
    high: float | None = None
    outer: tuple[float, float] | None = None
    open: bool = False


def extent(lane: Lane) -> Extent | None:
    """Say what is drawn of a lane; None where nothing is, for its number is held back or isn't known."""
    value = release(lane.value)
    if lane.ranged:
        return Extent(float(value.least or 0), float(value.most or 0), outer=lane.outer)
    if not value.known:
        return None
    number, sure = float(value), value.reliability in ("", RELIABLE)
    interval = (value.low, value.high) if lane.mark != "part" and not _missing(value.low, value.high) else (None, None)
    return Extent(lane.start, lane.start + number, *interval, open=not sure)


def _missing(*ends: float | None) -> bool:
    return any(end is None or math.isnan(end) for end in ends)


def shares(estimates: pd.DataFrame, voice: Voice, mark: str, sort: bool = False) -> Chart:
    """Set the answers of one question as bars, or one answer in each group or to each statement as dots.

    Answers come in the questionnaire's order, or with `sort` by size, "other" and "don't know" last. ValueError for
    bars of several groups or statements, and for dots of several answers.
    """
    several = estimates.groupby(["statement", "group"]).ngroups > 1
    if mark == "bar" and several:
        raise ValueError("bars are of one question in one group; take dots for groups")
    if mark == "dot" and estimates.groupby(["statement", "group"]).size().max() > 1:
        raise ValueError("dots are of one answer in each group; take bars for the answers of one question")
    stub = "answer" if mark == "bar" else "group" if estimates["group"].ne("").all() else "statement"
    rows = estimates
    if sort:
        last = rows["kind"].map({"": 0, "other": 1}).fillna(2)
        rows = rows.assign(last=last).sort_values(["last", "share"], ascending=[True, False], kind="stable")
    told, mixed = _people_told(rows), rows["origin"].nunique() > 1
    made = []
    for row in rows.to_dict("records"):
        share = share_of(row)
        label = row["label"] if stub == "answer" else row[f"{stub}_label"] or row["label"]
        head = Stacked((label, text(share.origin))) if mixed and share.origin else label
        many: tuple[Cell, ...] = () if told is None else (told(share),)
        interval = None if share.release == "hidden" else share.interval
        made.append(Row(head, (Lane(share, mark), interval, *many), row["origin"]))
    names = [text(key) for key in (stub, "share", "interval", *(["people_named"] if told else []))]
    return Chart("rows", Table("", tuple(names), (Block(tuple(made)),)), _of_shares(voice))


def _people_told(rows: pd.DataFrame) -> Callable[[Value], Cell] | None:
    """How the people behind each row are told: their number, where bases differ of how many; not at all in steps."""
    several = rows["base"].nunique(dropna=False) > 1
    if "state" in rows:
        return (lambda share: Several((text("of"), share.base), " ")) if several else None
    return out_of if several else (lambda share: share.count)


def _of_shares(voice: Voice, line: float | None = None) -> Axis:
    return Axis(ticks=tuple((at, saying.tick(at, voice)) for at in (0, 0.25, 0.5, 0.75, 1)), line=line)


def redraws(estimates: pd.DataFrame, truth: float, voice: Voice) -> Chart:
    """Set one share in several rounds as `shares` does, with a line where the true share is."""
    chart = shares(estimates, voice, "dot")
    return Chart("rows", chart.table, _of_shares(voice, truth))


def ranges(rows: pd.DataFrame, voice: Voice) -> Chart:
    """Set what shares can be as bars from the least to the most, the wider range without sums around them.

    `rows` are of `bounds.ranges`.
    """
    made, sums = [], False
    for row in rows.to_dict("records"):
        value, whole = value_of(row), value_of(row, whole=True)
        differs = (value.least, value.most) != (whole.least, whole.most)
        sums |= differs
        outer = (float(whole.least or 0), float(whole.most or 0)) if differs else None
        made.append((row["label"], Lane(value, "range", outer=outer), whole.range if differs else None, value.base))
    keys = ("answer", "range_all", *(["range_whole"] if sums else []), "base")
    cells = [Row(label, (lane, *((whole,) if sums else ()), base)) for label, lane, whole, base in made]
    return Chart("rows", Table("", tuple(map(text, keys)), (Block(tuple(cells)),)), _of_shares(voice))


def odds(terms: pd.DataFrame, voice: Voice) -> Chart:
    """Set odds ratios on a logarithmic axis as dots with their intervals; the reference groups stand at 1."""
    rows = []
    for row in terms.to_dict("records"):
        ratio = ratio_of(row)
        reference = math.isnan(row["low"])
        interval = Absent("not_applicable") if reference else ratio.interval
        rows.append(Row(row["title"], (Lane(ratio, "dot"), interval), row["origin"]))
    least, most = terms["low"].min(), terms["high"].max()
    low = max((tick for tick in RATIOS if tick <= min(least, 0.5)), default=float(least))
    high = min((tick for tick in RATIOS if tick >= max(most, 2)), default=float(most))
    marked = [*dict.fromkeys((low, *(tick for tick in RATIOS if low < tick < high), high))]
    said = [_tick(tick, voice) for tick in marked]
    axis = Axis(low, high, tuple(zip(marked, said, strict=True)), logarithmic=True, line=1)
    names = tuple(map(text, ("group", "odds_ratio", "interval")))
    return Chart("rows", Table("", names, (Block(tuple(rows)),)), axis)


def _tick(ratio: float, voice: Voice) -> str:
    """Write a ratio as the mark of an axis: as many decimals as it takes, and no more."""
    written = saying.written(of_things(ratio, decimals=max(2, 1 - math.floor(math.log10(ratio)))), voice).value
    return written.rstrip("0").rstrip(",.")


def statements(estimates: pd.DataFrame, totals: pd.DataFrame, voice: Voice) -> Chart:
    """Set statements on one scale as bars of parts, agreeing first, as `by_agreement` orders them.

    Below each statement stand its totals. `totals` are `estimates.sides`. One statement may come in groups.
    """
    estimates = by_agreement(estimates, totals)
    row = row_column(estimates)
    answers, colours = scale(estimates)
    made = []
    for code, block in estimates.groupby(row, sort=False):
        given = block.set_index("answer").loc[answers["answer"]].to_dict("records")
        cells: list[Cell] = []
        start = 0.0
        for answer, cell in zip(answers["answer"], given, strict=True):
            share = share_of(cell)
            cells.append(Lane(share, "part", start, colours[answer]))
            start += float(share) if share.known else 0.0
        mine = totals[totals[row].eq(code)].set_index("side")
        sides = [side for side in ("agree", "disagree") if side in mine.index]
        said = [Phrase(f"together_{side}", (("share", share_of(mine.loc[side].to_dict())),)) for side in sides]
        made.append(Row(Stacked((block[f"{row}_label"].iloc[0], Several(tuple(said), " · "))), tuple(cells)))
    return Chart("scale", Table("", (text(row), *answers["label"]), (Block(tuple(made)),)), _of_shares(voice))


def counts(numbers: pd.DataFrame) -> Chart:
    """Set whole numbers of things as bars of parts with their total; the index and the columns are words.

    ValueError where there are more columns than colours.
    """
    if numbers.shape[1] > len(PARTS):
        raise ValueError(f"{numbers.shape[1]} parts can't be told apart: a bar has {len(PARTS)} at most")
    rows = []
    for name, row in numbers.iterrows():
        starts = row.cumsum() - row
        lanes = [Lane(of_things(int(n)), "part", float(start), colour)
                 for n, start, colour in zip(row, starts, PARTS, strict=False)]  # fmt: skip
        rows.append(Row(name, (*lanes, of_things(int(row.sum())))))
    names = (numbers.index.name, *numbers.columns, text("total"))
    return Chart("scale", Table("", names, (Block(tuple(rows)),)), Axis(high=float(numbers.sum(axis=1).max())))


def routing(questionnaire: Questionnaire, people: dict[str, Value], voice: Voice) -> Chart:
    """Set the way through the questionnaire: a row for each run of questions with one condition, and who was asked.

    `people` counts who was asked each question, by code.
    """
    rows: list[tuple[str, list[str], Value]] = []
    previous = None
    for question in questionnaire:
        line = f"{question.number}. {question.label}"
        if rows and question.asked_if == previous:
            rows[-1][1].append(line)
            continue
        previous = question.asked_if
        who = instrument.in_words(previous, questionnaire)
        asked = voice.say("asked_if", condition=who) if who else voice.say("everyone")
        rows.append((asked[:1].upper() + asked[1:], [line], people[question.code]))
    made = [Row(Stacked((asked, *lines)), (Lane(number),)) for asked, lines, number in rows]
    return _of_people(made, (text("who_was_asked"), text("people_named")))


def flow(steps: Flow, voice: Voice) -> Chart:
    """Set the respondents step by step, from all who took part to all who are analysed."""
    made = []
    for row in steps.frame.to_dict("records"):
        inner = row["step"] in ("took_part", "analysed")
        what, why = voice.say(row["step"] if inner else "left_out"), row[f"label_{voice.language}"]
        colour = "var(--c1)" if inner else "var(--c4)"
        head = Stacked((what[:1].upper() + what[1:], *([why] if why else [])))
        made.append(Row(head, (Lane(steps.people(row), colour=colour),)))
    return _of_people(made, (text("step"), text("people_named")))


def _of_people(rows: list[Row], names: tuple[Text, ...]) -> Chart:
    """A chart of numbers of people, from nobody to the most that are known."""
    counts = [cell.value for row in rows for cell in row.cells if isinstance(cell, Lane)]
    most = max((float(count) for count in counts if count.known), default=1.0)
    return Chart("rows", Table("", names, (Block(tuple(rows)),)), Axis(high=most))


def by_agreement(estimates: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Put statements in the order of the share that agrees, the largest first; groups keep their own."""
    if row_column(estimates) == "group":
        return estimates
    agree = totals[totals["side"].eq("agree")].set_index("statement")["share"]
    return estimates.sort_values("statement", key=lambda codes: -codes.map(agree), kind="stable")


def row_column(estimates: pd.DataFrame) -> str:
    """Say what the rows of a figure on one scale are: `statement`, or `group` where one statement comes in groups."""
    if estimates["score"].isna().all():
        raise ValueError("the answers have no score, so there is no scale to draw; take bars")
    if estimates["statement"].nunique() > 1 and estimates["group"].nunique() > 1:
        raise ValueError("statements by group are one statement in several groups, or several in one; choose one")
    return "group" if estimates["group"].ne("").all() and estimates["statement"].nunique() == 1 else "statement"


def scale(estimates: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Order the answers from agreeing to disagreeing, those off the scale last, and colour them."""
    answers = estimates.drop_duplicates("answer").sort_values(
        "score", kind="stable", ascending=False, na_position="last"
    )
    scores = answers.set_index("answer")["score"]
    colours = dict.fromkeys(scores.index, OFF) | dict.fromkeys(scores.index[scores.eq(0).fillna(False)], NEUTRAL)
    for sign, (strong, weak) in ((1, AGREE), (-1, DISAGREE)):
        steps = (scores * sign)[lambda s: s.gt(0).fillna(False)].sort_values(ascending=False).index
        for step, answer in enumerate(steps):
            colours[answer] = _between(strong, weak, step, max(1, len(steps) - 1))
    return answers, colours


def _between(strong: str, weak: str, step: int, last: int) -> str:
    """The colour so many steps from the strong one of two."""
    if step in (0, last):
        return weak if step else strong
    return f"color-mix(in srgb, {weak} {round(100 * step / last)}%, {strong})"


def hover(row: Row, column: Text | str, lane: Lane, voice: Voice) -> list[str]:
    """Say in lines what a lane shows: what it is of, its number with the people behind it, interval and origin."""
    value, head = lane.value, row.head.lines[0] if isinstance(row.head, Stacked) else row.head
    words = [said[voice.language] if isinstance(said, Text) else str(said) for said in (head, column)]
    label = ": ".join(words) if lane.mark == "part" else words[0]
    if lane.ranged:
        outer = replace(value, least=lane.outer[0], most=lane.outer[1]).range if lane.outer else None
        key, whole = ("in_range_whole", saying.written(outer, voice)) if outer else ("in_range", "")
        lines = [voice.say(key, label=label, range=saying.written(value.range, voice), whole=whole)]
    elif value.kind == "share":
        lines = [said_of(value, label, voice)]
    else:
        lines = [f"{label}: {saying.written(value, voice).aloud}"]
    drawn = extent(lane)
    if drawn and drawn.low is not None:
        lines.append(f"{voice.say('interval')}: {saying.written(value.interval, voice)}")
    return lines + ([voice.say(value.origin)] if value.origin else [])


def said_of(value: Value, label: str, voice: Voice) -> str:
    """Say a share with what it is of and how many people."""
    n, base = (saying.written(people, voice) for people in (value.count, value.base))
    held = value.release and value.n is None and value.least is None  # how many people it is of
    key = "describe_value_of" if held else "describe_value"
    return voice.say(key, label=label, share=saying.written(value, voice).aloud, n=n, base=base)
