"""Draw charts with Plotly, for who wants to point at them or take a picture along; computes nothing.

A chart says itself what it shows (`show.charts`); the page shows it as a table first, and this when a reader asks.
Labels stand above their lane, so that long Dutch answers can be read on a phone.
"""

import math
import textwrap
from html import escape
from typing import Any

import plotly.graph_objects as go

from analysis.show import charts, render, saying
from analysis.show.parts import Chart, Lane, Stacked
from analysis.words import Voice

COLOURS = {"--c1": "#0e6b68", "--c2": "#5aa7a1", "--c3": "#dfd7c6", "--c4": "#bda475", "--c5": "#80642f",
           "--na": "#ffffff", "--ink": "#1d2930", "--muted": "#566169", "--line": "#e3dccf"}  # fmt: skip
"""The colours of a light page, which a picture has; in the page a script takes them from the page itself."""
LINE, BAR, GAP, EDGE = 17, 16, 14, 6
"""Heights in pixels: a line of label, a bar, the space between rows, the rim."""
WRAP = 34
"""Characters of a label that fit beside the value on a screen 360 pixels wide."""
INSIDE = 7.0
"""From so many per cent of the lane on, the number of a part stands in it."""
KNOWN = frozenset({"bar", "box", "contour", "heatmap", "histogram", "histogram2d", "histogram2dcontour", "image", "pie",
                   "scatter", "violin"})  # fmt: skip
"""The kinds of trace that the book's bundle of plotly.js can draw."""


def drawn(chart: Chart, voice: Voice, stamp: str = "") -> go.Figure:
    """Draw a chart: a lane a row, its label above it and its number at the far end, or in its parts.

    `stamp` is written between all rows, so that no part of a picture does without it.
    """
    heads = [row.head.lines if isinstance(row.head, Stacked) else (row.head,) for row in chart.table.rows]
    labels = [textwrap.wrap(render.flat(lines[0], voice), WRAP) or [""] for lines in heads]
    notes, key = [], _key(chart, voice)
    middles, y = [], float(EDGE + LINE * len(key))
    notes += [_note(0, EDGE + LINE * (i + 1), line) for i, line in enumerate(key)]
    for row, lines in zip(chart.table.rows, labels, strict=True):
        y += LINE * len(lines)
        middles.append(y + BAR / 2)
        notes.append(_note(0, y - 2, "<br>".join(escape(line, quote=False) for line in lines)))
        if chart.kind == "rows":
            notes.append(_number(next(cell for cell in row.cells if isinstance(cell, Lane)), middles[-1], voice))
        y += BAR + GAP
        notes += [_note(0, y, f"{stamp} · " * 16, size=8) | {"opacity": 0.7}] if stamp else []
    columns = range(len(chart.table.columns) - 1)
    traces = [trace for column in columns for trace in _traces(chart, column, middles, voice)]
    return _figure(chart, traces, notes, round(y), voice)


def _key(chart: Chart, voice: Voice) -> list[str]:
    """Name the parts of a scale in lines that fit a small screen, each beside its colour."""
    if chart.kind != "scale":
        return []
    lines: list[list[str]] = [[]]
    shown: list[str] = [""]
    for name, colour in zip(chart.table.columns[1:], chart.colours, strict=True):
        if not colour:
            continue
        first, *rest = textwrap.wrap(render.words(name, voice), WRAP) or [""]
        if lines[-1] and len(f"{shown[-1]} {first}") > WRAP:
            lines.append([])
            shown.append("")
        lines[-1].append(_swatch(first, colour))
        shown[-1] += f" {first}"
        lines += [[escape(line, quote=False)] for line in rest]
        shown += rest
    return ["  ".join(line) for line in lines]


def _swatch(words: str, colour: str) -> str:
    """A part's words behind a square in its colour; one that isn't filled is an outline."""
    square, shown = (
        ("\N{WHITE SQUARE}", COLOURS["--muted"]) if "--na" in colour else ("\N{BLACK SQUARE}", light(colour))
    )
    return f'<span style="color:{shown}">{square}</span> {escape(words, quote=False)}'


def _number(lane: Lane, middle: float, voice: Voice) -> dict:
    """Place the number of a row at the far end; words that stand for it have the place of its bar."""
    said = escape("".join(str(bit.said) for bit in render.bits(lane, voice)), quote=False)
    if lane.value.release == "hidden" and not lane.ranged:
        return _note(0, middle + BAR / 2, said)
    return _note(1, middle - BAR / 2 - 2, f"<b>{said}</b>", "right")


def _traces(chart: Chart, column: int, middles: list[float], voice: Voice) -> list[Any]:
    """One column of a chart as traces: what its cells draw, each with what is said when it is pointed at."""
    lanes, ys, said = [], [], []
    for row, middle in zip(chart.table.rows, middles, strict=True):
        lane = row.cells[column]
        if isinstance(lane, Lane):
            lanes.append(lane)
            ys.append(middle)
            lines = charts.hover(row, chart.table.columns[column + 1], lane, voice)
            said.append("<br>".join(escape(line, quote=False) for line in lines))
    if not lanes:
        return []
    told = {"y": ys, "hovertext": said, "hoverinfo": "text", "meta": lanes[0].colour}
    spans = [charts.extent(lane) for lane in lanes]
    colour = light(lanes[0].colour)
    if lanes[0].mark == "dot":
        marker = {"size": 12, "color": colour, "line": {"width": 2, "color": colour},
                  "symbol": ["circle-open" if span and span.open else "circle" for span in spans]}  # fmt: skip
        return [go.Scatter(x=[span.end if span else None for span in spans], mode="markers", marker=marker,
                           error_x=_whiskers(spans), **told)]  # fmt: skip
    outline = {"color": COLOURS["--muted"], "width": 1}
    made: list[Any] = []
    if any(span and span.outer for span in spans):
        ends = [span.outer if span and span.outer else (None, None) for span in spans]
        made.append(go.Bar(told | {"meta": "", "base": [low for low, _ in ends], "width": BAR, "orientation": "h",
                                   "x": [None if low is None or high is None else high - low for low, high in ends],
                                   "marker": {"color": "rgba(0,0,0,0)", "line": outline}}))  # fmt: skip
    bar = go.Bar(
        x=[span.end - span.start if span else None for span in spans],
        base=[span.start if span else None for span in spans],
        width=BAR - 6 if made else BAR,
        orientation="h",
        marker={"color": colour, "line": outline, "opacity": [0.35 if span and span.open else 1 for span in spans]},
        **told,
    )
    if chart.kind == "scale":
        sizes = [chart.axis.place(span.end) - chart.axis.place(span.start) if span else 0 for span in spans]
        words = [str(saying.written(lane.value, voice)).replace("%", "") for lane in lanes]
        bar.update(text=[word if size >= INSIDE else "" for word, size in zip(words, sizes, strict=True)],
                   textposition="inside", insidetextanchor="middle", textangle=0, constraintext="none",
                   textfont={"size": 11, "color": _readable(colour)})  # fmt: skip
    elif any(span and span.low is not None for span in spans):
        bar.update(error_x=_whiskers(spans) | {"color": COLOURS["--muted"]})
    return [*made, bar]


def _whiskers(spans: list[charts.Extent | None]) -> dict:
    """The intervals of points and bars, around where they end."""
    ends = [(span.end, span.low, span.high) if span and span.low is not None and span.high is not None else None
            for span in spans]  # fmt: skip
    return {
        "type": "data", "symmetric": False, "thickness": 1.5, "width": 4,
        "array": [end[2] - end[0] if end else None for end in ends],
        "arrayminus": [end[0] - end[1] if end else None for end in ends],
    }  # fmt: skip


def light(colour: str) -> str:
    """A colour of the page as it is in the light: of a property, or mixed of two."""
    names = [name for name in COLOURS if f"var({name})" in colour]
    if len(names) < 2:
        return COLOURS[names[0]] if names else colour
    part = int(colour.partition("%")[0].rpartition(" ")[2]) / 100
    first, second = sorted(names, key=lambda name: colour.index(f"var({name})"))
    mixed = [round(part * one + (1 - part) * other) for one, other in zip(_rgb(first), _rgb(second), strict=True)]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _rgb(name: str) -> list[int]:
    return [int(COLOURS[name][i : i + 2], 16) for i in (1, 3, 5)]


def _readable(colour: str) -> str:
    """Black or white, whichever stands out on a colour more."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < 0.18 else "#000000"


def _note(x: float, y: float, text: str, anchor: str = "left", size: int = 13) -> dict:
    """Text that stands on the height `y`."""
    return {"x": x, "xref": "paper", "xanchor": anchor, "align": anchor, "y": y, "yanchor": "bottom",
            "showarrow": False, "font": {"size": size}, "text": text}  # fmt: skip


def _figure(chart: Chart, traces: list, notes: list[dict], height: int, voice: Voice) -> go.Figure:
    axis, look = chart.axis, {"fixedrange": True, "zeroline": False, "gridcolor": COLOURS["--line"]}
    ends = [axis.low, axis.high]
    marked, named = ([tick[i] for tick in axis.ticks] for i in (0, 1))
    marks = {"tickvals": marked, "ticktext": named} if axis.ticks else {}
    across = {"range": [math.log10(end) for end in ends], "type": "log"} if axis.logarithmic else {"range": ends}
    layout = go.Layout(
        template="none",
        height=height + 28,
        margin={"l": 18, "r": 18, "t": 0, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": COLOURS["--ink"]},
        showlegend=False,
        dragmode=False,
        barmode="overlay",
        annotations=notes,
        xaxis=look | across | marks,
        yaxis=look | {"range": [height, 0], "visible": False},
        hoverlabel={"align": "left"},
    )
    figure = go.Figure(traces, layout)
    if axis.line is not None:
        figure.add_vline(x=axis.line, line={"color": COLOURS["--muted"], "width": 2})
    return figure


def refuse_unknown(figure: dict) -> None:
    """Raise ValueError for a trace that the book's bundle of plotly.js would draw as something else."""
    unknown = sorted({trace.get("type", "scatter") for trace in figure.get("data", [])} - KNOWN)
    if unknown:
        raise ValueError(
            f"the book can't draw {', '.join(unknown)}: its Plotly knows {', '.join(sorted(KNOWN))}. Draw it with one "
            "of these, or show its numbers as a table"
        )


def stamp(figure: go.Figure, words: str) -> None:
    """Write words across a figure of somebody's own, again and again: whatever is cut off it, it says what it is."""
    height = figure.layout.height or 400
    for y in range(20, height - 20, 60) if words else ():
        figure.add_annotation(
            text=f"{words} · " * 8, x=0.5, y=1 - y / height, xref="paper", yref="paper", showarrow=False, opacity=0.35,
            font={"size": 14, "color": COLOURS["--muted"]},
        )  # fmt: skip
