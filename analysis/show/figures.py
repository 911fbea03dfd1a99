"""Turn estimates into Plotly figures, and the study's structure into pictures; computes nothing.

Labels stand above their bar instead of beside it, so that long Dutch answers can be read
on a phone. Colours of text and lines are left to the page, which knows whether it is dark.
"""

import math
import textwrap
from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from analysis.show import marks, saying
from analysis.show.parts import Legend, Swatch
from analysis.stats.bounds import value_of
from analysis.stats.estimates import share_of
from analysis.stats.models import ratio_of
from analysis.stats.release import of_things
from analysis.words import Marked, Voice

BLUE = "#3b82c4"
GREY = "#8a8f98"
LINE, BAR, GAP, EDGE = 17, 16, 12, 6
"""Heights in pixels: a line of label, a bar, the space between rows, the rim."""
WRAP = 34
"""Characters of a label that fit beside the value on a screen 360 pixels wide."""
WRAP_SMALL = 48
"""Characters of a line that has this width for itself."""
DISAGREE = ("#f1a340", "#d0761b", "#b35806")
NEUTRAL = "#d9dadf"
AGREE = ("#b2abd2", "#9383c2", "#7a5fb0")
"""Weak to strong, after ColorBrewer's PuOr: told apart by all eyes, and outlined for any page."""
PARTS = ((BLUE, ""), (AGREE[0], "-"), (DISAGREE[0], "x"), (NEUTRAL, "."), (AGREE[2], "/"), (GREY, "|"))
"""Colour and pattern of the parts of a bar."""
DOT = {"size": 12, "symbol": "circle", "color": BLUE, "line": {"width": 2, "color": BLUE}}
"""The marks of dots."""
HOLLOW: dict = {"color": "rgba(0,0,0,0)", "line": {"width": 1.5, "color": GREY}}
"""A bar of which only the outline is drawn."""
SIDE = 0.23
"""Part of the width that answers off the scale have for themselves."""


def bars(estimates: pd.DataFrame, voice: Voice, sort: bool = False) -> go.Figure:
    """Draw the shares of one question as horizontal bars with their intervals.

    In the questionnaire's order, or with `sort` by size, "other" and "don't know" last.
    """
    if estimates["statement"].nunique() > 1 or estimates["group"].nunique() > 1:
        raise ValueError("bars are of one question in one group; take dots for groups")
    rows = estimates
    if sort:
        last = rows["kind"].map({"": 0, "other": 1}).fillna(2)
        rows = rows.assign(last=last).sort_values(["last", "share"], ascending=[True, False], kind="stable")
    labels, base, height = _rows(rows["label"])
    trace = go.Bar(
        x=_plain(rows["share"]),
        y=base,
        width=BAR,
        orientation="h",
        marker={"color": BLUE, "line": {"color": BLUE, "width": 1}},
        error_x=_whiskers(rows),
        hovertext=_hover(rows, voice),
        hoverinfo="text",
    )
    return _figure([trace], _labels(rows, labels, base, voice), height, voice)


def dots(estimates: pd.DataFrame, voice: Voice) -> go.Figure:
    """Draw one share in each group as a dot with its interval."""
    if estimates.groupby(["statement", "group"]).size().max() > 1:
        raise ValueError("dots are of one answer in each group; take bars for the answers of one question")
    by_group = estimates["group"].ne("").all()
    labels, base, height = _rows(estimates["group_label" if by_group else "statement_label"])
    trace = go.Scatter(
        x=_plain(estimates["share"]),
        y=base,
        mode="markers",
        marker=DOT,
        error_x=_whiskers(estimates) | {"color": BLUE},
        hovertext=_hover(estimates, voice),
        hoverinfo="text",
    )
    return _figure([trace], _labels(estimates, labels, base, voice), height, voice)


def rounds(estimates: pd.DataFrame, truth: float, voice: Voice) -> go.Figure:
    """Draw one share in several rounds as `dots` does, with a line where the true share is."""
    return dots(estimates, voice).add_vline(x=truth, line={"color": DISAGREE[1], "width": 2, "dash": "dash"})


def ranges(rows: pd.DataFrame, voice: Voice) -> go.Figure:
    """Draw what shares can be as bars from the least to the most, and a dot where that is one number.

    `rows` are of `bounds.ranges`. Where it is more without sums of rounded parts, a hollow bar around it shows that.
    """
    labels, middles, height = _rows(rows["label"], between=[LINE] * len(rows), wrap=WRAP + 8)
    said, settled = range_said(rows, voice), rows["least"].eq(rows["most"])
    more = rows["whole_least"].ne(rows["least"]) | rows["whole_most"].ne(rows["most"])
    hover = {"hovertext": [escape(text, quote=False) for text in said], "hoverinfo": "text"}
    bar: dict = {"y": middles, "orientation": "h"} | hover
    traces: list[BaseTraceType] = []
    if more.any():
        ends = rows[["whole_least", "whole_most"]].where(more)
        traces.append(go.Bar(bar | {"x": _plain(ends["whole_most"] - ends["whole_least"]), "width": BAR,
                                    "base": _plain(ends["whole_least"]), "marker": HOLLOW}))  # fmt: skip
    inner = BAR - 6 if more.any() else BAR
    traces.append(go.Bar(bar | {"x": _plain(rows["width"]), "base": _plain(rows["least"]), "width": inner,
                                "marker": {"color": BLUE, "line": {"color": BLUE, "width": 1}}}))  # fmt: skip
    if settled.any():
        dots = {"x": _plain(rows["least"].where(settled)), "y": middles, "mode": "markers", "marker": DOT}
        traces.append(go.Scatter(dots | hover))
    notes = []
    for label, middle, row in zip(labels, middles, rows.to_dict("records"), strict=True):
        value = f"<b>{saying.written(value_of(row).range, voice)}</b>"
        notes += [_note(0, middle - BAR / 2 - 2 - LINE, label), _note(0, middle - BAR / 2 - 2, value)]
    return _figure(traces, notes, height, voice).update_layout(barmode="overlay")


def range_said(rows: pd.DataFrame, voice: Voice) -> list[str]:
    """Say each range with what it is of, and what it is without sums of rounded parts where that differs."""
    said = []
    for row in rows.to_dict("records"):
        both = [saying.written(value_of(row, whole).range, voice) for whole in (False, True)]
        key = "in_range" if both[0] == both[1] else "in_range_whole"
        said.append(voice.say(key, label=row["label"], range=both[0], whole=both[1]))
    return said


def ranges_key(voice: Voice) -> Legend:
    """Name the two bars of `ranges`."""
    return Legend(
        (("", (Swatch(voice.say("range_all"), BLUE), Swatch(voice.say("range_whole"), HOLLOW["color"])), ""),)
    )


def odds(terms: pd.DataFrame, voice: Voice) -> go.Figure:
    """Draw odds ratios on a logarithmic scale as dots with their intervals; the reference groups stand at 1."""
    labels, middles, height = _rows(terms["title"])
    fitted = terms["p"].notna()
    marker = DOT | {"symbol": ["circle" if found else "line-ns-open" for found in fitted]}
    trace = go.Scatter(
        x=terms["odds_ratio"].tolist(),
        y=middles,
        mode="markers",
        marker=marker,
        error_x=_whiskers(terms.rename(columns={"odds_ratio": "share"})) | {"color": BLUE},
        hovertext=[escape(text, quote=False) for text in terms["said"]],
        hoverinfo="text",
    )
    notes = []
    for label, middle, row, known in zip(labels, middles, terms.to_dict("records"), fitted, strict=True):
        notes.append(_note(0, middle - BAR / 2 - 2, label))
        if known:
            value = f"<b>{saying.written(ratio_of(row), voice)}</b>"
            notes.append(_note(1, middle - BAR / 2 - 2, value, "right"))
    figure = _figure([trace], notes, height, voice)
    ticks = [0.1, 0.25, 0.5, 1, 2, 4, 10]
    low, high = min(terms["low"].min(), 0.5), max(terms["high"].max(), 2)
    texts = [saying.written(of_things(t, decimals=2), voice).value.rstrip("0").rstrip(",.") for t in ticks]
    figure.update_xaxes(type="log", range=[math.log10(low), math.log10(high)], tickvals=ticks, ticktext=texts)
    return figure.add_vline(x=1, line={"color": GREY, "width": 1.5}, layer="below")


def likert(estimates: pd.DataFrame, totals: pd.DataFrame, voice: Voice) -> go.Figure:
    """Draw statements on one scale as bars around the middle of neutral, as `by_agreement` orders them.

    Disagreeing is on the left, agreeing on the right, each with its total; answers off the
    scale stand apart. `totals` are `estimates.sides`. One statement may come in groups.
    """
    estimates = by_agreement(estimates, totals)
    row = row_column(estimates)
    names = estimates.drop_duplicates(row)
    answers, colours = _scale(estimates)
    header = textwrap.wrap(" / ".join(answers.loc[answers["score"].isna(), "label"]), 11) or [""]
    top = 15 * len(header)
    labels, middles, height = _rows(names[f"{row}_label"], top, [LINE] * len(names), WRAP + 6)
    starts, at, edge = _places(totals, row, names[row])
    traces, places = [], {True: starts, False: pd.Series(at["off_scale"], starts.index)}
    for answer, scored in zip(answers["answer"], answers["score"].notna(), strict=True):
        rows = estimates[estimates["answer"].eq(answer)].set_index(row, drop=False).loc[names[row]]
        drawn = rows["share"].fillna(0)
        traces.append(_segment(rows, drawn, places[scored], middles, colours[answer], voice))
        places[scored] = places[scored] + drawn
    notes = [_note(0, y - BAR / 2 - 2 - LINE, text) for text, y in zip(labels, middles, strict=True)]
    heads = {side: voice.say(side) for side in at}
    heads["off_scale"] = "<br>".join(escape(line, quote=False) for line in header)
    for side, rows in totals[totals["side"].isin(at)].groupby("side"):
        anchor = "right" if side == "agree" else "left"
        notes.append(_note(at[side], top, heads[side], anchor, "x", 12))
        said = [f"<b>{value}</b>" for value in marks.percents(rows.set_index(row).loc[names[row]], voice)]
        notes += [_note(at[side], y - BAR / 2 - 2, text, anchor, "x") for text, y in zip(said, middles, strict=True)]
    ticks = [t for t in (-1, -0.5, 0, 0.5, 1) if abs(t) <= at["agree"]]
    figure = _figure(traces, notes, height, voice)
    figure.update_xaxes(range=[at["disagree"], edge], tickvals=ticks)
    figure.update_xaxes(ticktext=[saying.tick(abs(t), voice) for t in ticks])
    return figure.update_layout(barmode="overlay")


def stacks(counts: pd.DataFrame, voice: Voice) -> go.Figure:
    """Draw whole numbers as bars of parts: a bar a row, its parts in words above it and its total at the far end.

    The index and the columns of `counts` are words. ValueError where there are more columns than `PARTS`.
    """
    if counts.shape[1] > len(PARTS):
        raise ValueError(f"{counts.shape[1]} parts can't be told apart: a bar has {len(PARTS)} at most")
    worded = [_worded(row, voice) for _, row in counts.iterrows()]
    labels, middles, height = _rows(pd.Series(counts.index), between=[LINE * len(lines) for lines in worded])
    longest, totals = counts.sum(axis=1).max(), counts.sum(axis=1)
    traces = []
    for (name, numbers), (colour, pattern) in zip(counts.items(), PARTS, strict=False):
        said = [voice.say("part", row=row, part=name, n=saying.count(n, voice))
                for row, n in numbers.items()]  # fmt: skip
        traces.append(go.Bar(
            x=[int(n) for n in numbers], y=middles, width=BAR, orientation="h",
            marker={"color": colour, "line": {"color": GREY, "width": 1},
                    "pattern": {"shape": pattern, "fillmode": "overlay", "size": 6, "solidity": 0.3}},
            hovertext=[escape(text, quote=False) for text in said], hoverinfo="text",
        ))  # fmt: skip
    notes = []
    for label, middle, total, lines in zip(labels, middles, totals, worded, strict=True):
        above = middle - BAR / 2 - 2 - LINE * len(lines)
        notes += [_note(0, above, f"<b>{label}</b>"), _note(0, middle - BAR / 2 - 2, "<br>".join(lines))]
        notes.append(_note(1, above, f"<b>{saying.count(total, voice)}</b>", "right"))
    figure = _figure(traces, notes, height, voice)
    figure.update_xaxes(range=[0, int(longest)], tickvals=None, ticktext=None, nticks=5)
    return figure.update_layout(barmode="stack")


def _worded(row: pd.Series, voice: Voice) -> list[str]:
    """Say the parts of a bar in lines that fit a small screen, each part whole."""
    parts = [f"{saying.count(n, voice)} {escape(part, quote=False)}" for part, n in row.items() if n]
    joined = "\N{NO-BREAK SPACE}· ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in textwrap.wrap(joined, WRAP_SMALL)] or [""]


def key(parts: list[str]) -> Legend:
    """Name the parts of `stacks` in the order in which they are drawn, each beside its colour and pattern."""
    entries = tuple(Swatch(part, colour, f"part part-{i}") for i, (part, (colour, _))
                    in enumerate(zip(parts, PARTS, strict=False), 1))  # fmt: skip
    return Legend((("", entries, ""),))


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


def legend(estimates: pd.DataFrame, voice: Voice) -> Legend:
    """Name the answers of `likert` in the order in which they are drawn, each beside its colour."""
    answers, colours = _scale(estimates)
    scored = answers["score"].notna()
    lines = []
    for key, block in (("left_to_right", answers[scored]), ("at_the_side", answers[~scored])):
        if len(block):
            before, _, after = voice.say(key, answers="\n").partition("\n")
            drawn = tuple(Swatch(row["label"], colours[row["answer"]]) for row in block.to_dict("records"))
            lines.append((before, drawn, after))
    return Legend(tuple(lines))


def _scale(estimates: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Order the answers from disagreeing to agreeing, those off the scale last, and colour them."""
    answers = estimates.drop_duplicates("answer").sort_values("score", kind="stable", na_position="last")
    scores = answers.set_index("answer")["score"]
    colours = dict.fromkeys(scores.index, GREY) | dict.fromkeys(scores.index[scores.eq(0).fillna(False)], NEUTRAL)
    for sign, ramp in ((-1, DISAGREE), (1, AGREE)):
        steps = (scores * sign)[lambda s: s.gt(0).fillna(False)].sort_values()
        last = max(1, len(steps) - 1)
        for step, answer in enumerate(steps.index):
            colours[answer] = ramp[round(step * (len(ramp) - 1) / last)] if len(steps) > 1 else ramp[-1]
    return answers, colours


def _places(totals: pd.DataFrame, row: str, codes: pd.Series) -> tuple[pd.Series, dict[str, float], float]:
    """Say where each bar starts, where each side's totals stand, and where the figure ends, all in shares."""
    sums = totals.pivot(index=row, columns="side", values="share").loc[codes]
    sums = sums.reindex(columns=["disagree", "neutral", "agree", "off_scale"]).fillna(0)
    starts = -sums["disagree"] - sums["neutral"] / 2
    reach = max(0.1, -starts.min(), (sums["agree"] + sums["neutral"] / 2).max())
    apart = 1.06 * reach
    width = max(2 * reach * SIDE / (1 - SIDE), sums["off_scale"].max())
    edge = apart + width if totals["side"].eq("off_scale").any() else reach
    return starts, {"disagree": -reach, "agree": reach, "off_scale": apart}, edge


def _segment(
    rows: pd.DataFrame, drawn: pd.Series, place: pd.Series, middles: list[float], colour: str, voice: Voice
) -> go.Bar:
    """One answer's part of every bar."""
    return go.Bar(
        x=drawn.tolist(),
        base=place.tolist(),
        y=middles,
        width=BAR,
        orientation="h",
        marker={"color": colour, "line": {"color": GREY, "width": 1}},
        hovertext=_hover(rows, voice, by_answer=True),
        hoverinfo="text",
    )


def _rows(
    labels: pd.Series, top: float = 0, between: Sequence[float] = (), wrap: int = WRAP
) -> tuple[list[str], list[float], int]:
    """Wrap labels and place their rows: wrapped text, the middle of each bar, total height.

    Above the rows is `top` left free, and as much as `between` says of each row between its label and its bar.
    """
    wrapped, middles, y = [], [], float(EDGE + top)
    for label, free in zip(labels, between or [0] * len(labels), strict=True):
        lines = textwrap.wrap(label, wrap) or [""]
        y += LINE * len(lines) + free
        wrapped.append("<br>".join(escape(line, quote=False) for line in lines))
        middles.append(y + BAR / 2)
        y += BAR + GAP
    return wrapped, middles, round(y)


def _plain(numbers: pd.Series) -> list[float | None]:
    """List numbers as JSON knows them: what is missing becomes nothing."""
    return [None if pd.isna(n) else float(n) for n in numbers]


def _whiskers(rows: pd.DataFrame) -> dict:
    return {
        "type": "data",
        "symmetric": False,
        "array": _plain(rows["high"] - rows["share"]),
        "arrayminus": _plain(rows["share"] - rows["low"]),
        "color": GREY,
        "thickness": 1.5,
        "width": 4,
    }


def said_of(rows: pd.DataFrame, voice: Voice) -> list[str]:
    """Say each share with what it is of and how many people."""
    said = []
    for row, share in zip(rows.to_dict("records"), marks.percents(rows, voice), strict=True):
        said.append(_said(row, share, row["group_label"] or row["statement_label"] or row["label"], voice))
    return said


def _said(row: dict, share: Marked, label: str, voice: Voice) -> str:
    value = share_of(row)
    n, base = (saying.written(people, voice) for people in (value.count, value.base))
    held = value.release and value.n is None and value.least is None  # how many people it is of
    key = "describe_value_of" if held else "describe_value"
    return voice.say(key, label=label, share=share.aloud, n=n, base=base)


def _hover(rows: pd.DataFrame, voice: Voice, by_answer: bool = False) -> list[str]:
    texts = []
    for row, share in zip(rows.to_dict("records"), marks.percents(rows, voice), strict=True):
        label = row["label"] if by_answer else row["group_label"] or row["statement_label"] or row["label"]
        value = _said(row, share, label, voice)
        interval = saying.written(share_of(row).interval, voice)
        parts = [value, f"{voice.say('interval')}: {interval}"]
        parts += [voice.say(row["origin"])] if row["origin"] else []
        texts.append("<br>".join(escape(part, quote=False) for part in parts))
    return texts


def _labels(rows: pd.DataFrame, labels: list[str], middles: list[float], voice: Voice) -> list[dict]:
    """Place each label above its bar, and the share at the far end."""
    notes = []
    held = [share_of(row).release == "hidden" for row in rows.to_dict("records")]
    for label, middle, share, in_words in zip(labels, middles, marks.percents(rows, voice), held, strict=True):
        y = middle - BAR / 2 - 2
        # words that stand for a share have the place of its bar, which isn't drawn
        value = _note(0, middle + BAR / 2, str(share)) if in_words else _note(1, y, f"<b>{share}</b>", "right")
        notes += [_note(0, y, label), value]
    return notes


def _note(x: float, y: float, text: str, anchor: str = "left", xref: str = "paper", size: int = 13) -> dict:
    """Text that stands on the height `y`."""
    return {"x": x, "xref": xref, "xanchor": anchor, "align": anchor, "y": y, "yanchor": "bottom",
            "showarrow": False, "font": {"size": size}, "text": text}  # fmt: skip


def _figure(traces: Sequence[BaseTraceType], notes: list[dict], height: int, voice: Voice) -> go.Figure:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axis = {"fixedrange": True, "zeroline": False}
    layout = go.Layout(
        template="none",
        height=height + 28,
        margin={"l": 2, "r": 2, "t": 0, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
        annotations=notes,
        xaxis=axis | {"range": [0, 1], "tickvals": ticks, "ticktext": [saying.tick(t, voice) for t in ticks]},
        yaxis=axis | {"range": [height, 0], "visible": False},
        hoverlabel={"align": "left"},
    )
    return go.Figure(traces, layout)


def stamp(figure: go.Figure, words: str) -> None:
    """Write words across a figure, which then says of itself what it is wherever it goes; none when they are blank."""
    if words:
        figure.add_annotation(
            text=words, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, textangle=-20, opacity=0.35,
            font={"size": 44, "color": GREY},
        )  # fmt: skip
