"""Read a chart as a reader meets it: in the table of the page, in Plotly's drawing, and as text."""

import json
import re
from html import unescape

import pandas as pd
import pytest

from analysis.show import charts, figures, render
from analysis.show.parts import Exhibit, Lane
from analysis.stats.estimates import SHARE_COLUMNS
from analysis.survey.questionnaire import Answer, Condition, Question, Statement
from analysis.words import voice

# --- estimates, made up -------------------------------------------------------------------------


def frame(*rows, **same):
    """Estimates with these columns; what is left out is blank, and the shares can't follow from their counts.

    What computed a share again would be caught at once.
    """
    blank = dict.fromkeys(SHARE_COLUMNS, "") | {"score": None, "n": 7, "base": 9000, "no_answer": 0, "not_asked": 0}
    blank |= {"question": "q", "share": 0.123, "low": 0.1, "high": 0.2}
    made = [blank | same | row for row in rows]
    table = pd.DataFrame(made, columns=list(dict.fromkeys((*SHARE_COLUMNS, *(key for row in made for key in row)))))
    return table.astype({"score": "Int64"})


def answers(*shares, **columns):
    """One question: an answer a share, with more columns given as lists."""
    rows = [{"answer": f"a{i}", "label": f"Label {i}", "share": s, "low": s - 0.01, "high": s + 0.03}
            for i, s in enumerate(shares)]  # fmt: skip
    return frame(*(row | {key: values[i] for key, values in columns.items()} for i, row in enumerate(rows)))


def groups(*shares, **columns):
    """One answer in groups: a group a share."""
    names = [f"g{i}" for i in range(len(shares))]
    return answers(*shares, group=names, group_label=[f"Group {n}" for n in names], by=["b"] * len(shares), **columns)


def scale(scores, codes="pq", labels=None):
    """A question of statements, an answer a score; `None` is off the scale."""
    options = tuple(Answer(str(i), (labels or {}).get(i, f"Score {s}"), score=s) for i, s in enumerate(scores, 1))
    about = tuple(Statement(code, f"Statement {code}") for code in codes)
    return Question("s", "1", "statements", "Scale", Condition(), answers=options, statements=about)


def answered(**given):
    """Responses to statements: for each a word with one letter a person, `-` for no answer."""
    return pd.DataFrame({f"s_{code}": pd.Categorical(["no_answer" if c == "-" else c for c in word])
                         for code, word in given.items()})  # fmt: skip


# --- the page -----------------------------------------------------------------------------------


def on_page(chart, language="nl", **more):
    """The whole exhibit of a chart as HTML."""
    given = {"name": "x", "number": None, "title": "T", "asked": "A", "chart": chart} | more
    return render.html(Exhibit(**given), language)


def cells(html):
    """The body of the first table, a list of texts a row."""
    body = re.findall(r"<tr[^>]*>(.*?)</tr>", html.split("</thead>")[1].split("</table>")[0], re.S)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in body]


def words(html):
    """What a piece of HTML says, lines and signs apart."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def taken_along(html):
    """The CSV that stands in an exhibit."""
    return unescape(re.search(r' data-rows="([^"]*)"', html)[1])


def lanes(chart, language="nl"):
    """What the table draws: for each lane its row, column, kinds and places in per cent of the lane."""
    body = on_page(chart, language).split("<tbody>")[1].split("</tbody>")[0]
    found = {}
    for i, row in enumerate(re.findall(r"<tr>(.*?)</tr>", body, re.S)):
        for j, (kinds, style) in enumerate(re.findall(r'<td class="([^"]*)"(?: style="([^"]*)")?>', row)):
            if style:
                pairs = dict(pair.split(":") for pair in style.split(";"))
                places = {name[2:]: float(at) for name, at in pairs.items() if name != "--c"}
                found[i, j] = (kinds.split(), places)
    return found


SQUARE = re.compile(r'<span style="color:(#\w{6})">[■□]</span> (.*?)(?=  <span|$)')
"""A name in the key of a drawing, behind its colour."""


# --- Plotly -------------------------------------------------------------------------------------


def plotly(chart, language="nl"):
    """Plotly's drawing as the page holds it: JSON that was read again."""
    return json.loads(json.dumps(figures.drawn(chart, voice(language)).to_plotly_json(), allow_nan=False))


def hovers(drawing):
    """What is said of each lane when it is pointed at; what goes around a lane says the same."""
    return [unescape(text) for trace in drawing["data"] if "meta" not in trace or trace["meta"]
            for text in trace["hovertext"]]  # fmt: skip


def notes(drawing):
    """The words that stand in a drawing, but for its key."""
    return [text for text in texts(drawing) if not SQUARE.search(text)]


def texts(drawing):
    """All words that stand in a drawing."""
    return [note["text"] for note in drawing["layout"]["annotations"]]


def key(drawing):
    """The key of a drawing: what is named, each with its colour."""
    return [(unescape(name), colour) for text in texts(drawing) for colour, name in SQUARE.findall(text)]


def lanes_of(drawing, chart):
    """What Plotly draws, as `lanes` says it: numbers are made places, and traces columns."""
    heights = sorted({y for trace in drawing["data"] for y in trace["y"]})
    columns = [j for j in range(len(chart.table.columns) - 1)
               if any(isinstance(row.cells[j], charts.Lane) for row in chart.table.rows)]  # fmt: skip
    found, outer, place = {}, {}, chart.axis.place
    main = [trace for trace in drawing["data"] if trace["meta"]]
    for trace in drawing["data"]:
        for k, y in enumerate(trace["y"]):
            if trace["x"][k] is None:
                continue
            start = trace["base"][k] if "base" in trace else None
            end = (start or 0) + trace["x"][k]
            if not trace["meta"]:
                outer[heights.index(y)] = {"lo": place(start), "hi": place(end)}
                continue
            at = {"b": place(end)} | ({} if start is None else {"a": place(start)})
            error = trace.get("error_x")
            if error and error["array"][k] is not None:
                at |= {"lo": place(end - error["arrayminus"][k]), "hi": place(end + error["array"][k])}
            found[heights.index(y), columns[main.index(trace)]] = at | outer.get(heights.index(y), {})
    return found


# --- the three together -------------------------------------------------------------------------


def agreed(chart, language="nl"):
    """Hold table, drawing and text to each other, and return what the table draws: places, a dict a lane.

    Both draw the same lanes at the same places; what is said of a lane holds the words that stand in its cell, and
    the drawing has no text but its key, labels and the numbers of cells.
    """
    table, drawing, speaker = lanes(chart, language), plotly(chart, language), voice(language)
    drawn = lanes_of(drawing, chart)
    assert drawn.keys() == table.keys()
    for key, (_, places) in table.items():
        assert drawn[key] == pytest.approx(places, abs=0.006), key
    said = everything_said(chart, speaker)
    assert sorted(", ".join(hover.split("<br>")) for hover in hovers(drawing)) == sorted(said)
    values = [(render.flat(row.head, speaker), render.flat(cell, speaker), drawn_as(cell, speaker))
              for row in chart.table.rows for cell in row.cells if isinstance(cell, Lane)]  # fmt: skip
    for (head, number, _), line in zip(values, said, strict=True):
        assert number in line and head.split(" · ")[0] in line
    written = {re.sub("<br>", " ", unescape(note)) for note in notes(drawing)}
    known = {head.split(" · ")[0] for head, *_ in values} | {number for *_, number in values}
    assert {re.sub("</?b>", "", note) for note in written} <= known
    return [places for _, places in table.values()]


def numbers(text):
    """The numbers in a text, as they are written."""
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


def everything_said(chart, speaker):
    """All that a chart draws, a line a lane, as it is said when somebody points at it."""
    names = chart.table.columns[1:]
    return [", ".join(charts.hover(row, name, cell, speaker)) for row in chart.table.rows
            for name, cell in zip(names, row.cells, strict=True) if isinstance(cell, Lane)]  # fmt: skip


def drawn_as(lane, speaker):
    """A number as it stands in a drawing: with its sign, which a hover says in words."""
    return "".join(str(bit.said) for bit in render.bits(lane, speaker))
