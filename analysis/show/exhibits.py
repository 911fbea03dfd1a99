"""Put a figure on the page as one whole: what it shows, who was asked, the table that draws itself, notes, source.

`show` is the one way in which a chapter shows an estimate. In JupyterLab Plotly's drawing comes
first and the table follows; the book puts both into one `<figure>`.
"""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from IPython.display import display
from markupsafe import Markup

from analysis.show import charts, drawings, figures, marks, render, saying, tables
from analysis.show.edition import confidential, edition, of_report, sample, source, stamp
from analysis.show.parts import Chart, Exhibit, Paragraph, Part, Strong, Table, Tested
from analysis.stats import vocabulary
from analysis.stats.estimates import Estimates, Flow, Means, Shares, mean_of, same_share, share, share_of, shown_sides
from analysis.stats.gate import sealed
from analysis.stats.guards import HOLDS
from analysis.stats.models import people_of
from analysis.stats.release import release
from analysis.stats.value import Value
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Question, Questionnaire
from analysis.words import Text, Voice, text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analysis.stats.models import Model
    from analysis.stats.vocabulary import Compared

CERTAINTY = "certainty.html"
"""The page beside every other that explains intervals and signs."""
LOOKS = {"template", "colorscale", "colorway", "domain", "range", "font", "margin", "dtype", "shape"}
"""Parts of a Plotly figure that say how it looks, whatever they hold."""
STYLED = {"color", "bgcolor", "bordercolor", "fillcolor", "coloraxis", "type", "symbol", "dash", "anchor", "matches",
          "overlaying", "scaleanchor", "xaxis", "yaxis", "xref", "yref", "tickformat"}  # fmt: skip
"""Parts whose texts say how a figure looks; a list of numbers there is data."""
ALONE = {"x0", "x1", "y0", "y1", "dx", "dy", "value", "base"}
"""Parts that say with a single number what was counted."""
NAMED = 4
"""So many answers that aren't known are named below a figure; of more it says how many there are."""
RELEASED = {"survey": {"released": True}}
"""What the metadata of an output say that came through the door."""


def show(estimates: Shares, name: str = "", title: str = "", figure: int | None = None, sort: bool = False) -> None:
    """Show shares with their table, description, base and marks.

    `name` is the figure's address in the page (by default what it is of), `title` what it is
    called, `figure` its number in the report. One answer per group becomes dots, the answers of one
    question become bars, and those of statements on one scale bars around the middle, ordered
    by agreement; statements whose answers have no score become a figure each.
    """
    voice, frame, question = edition(), estimates.released, estimates.question
    if confidential():
        release(frame)
    name = name or _address(estimates)
    title = title or heading(frame, question, voice)
    if "least" in frame:  # of invented people
        return _show_known(name, title, estimates, figure, sort)
    per_block = frame.groupby(["statement", "group"]).size()
    if question.kind == "statements" and per_block.max() > 1:
        if frame["score"].notna().any():
            return _show_statements(name, title, estimates, figure)
        if per_block.index.get_level_values("statement").nunique() > 1:  # without a scale each stands by itself
            for _, block in frame.groupby("statement", sort=False):
                one = block.reset_index(drop=True)
                show(replace(estimates, frame=sealed(one) if "state" in one else one), figure=figure, sort=sort)
            return None
    grouped = len(per_block) > 1
    table = tables.shares(frame, voice.say("table_of", title=title))
    chart = charts.shares(frame, voice, "dot" if grouped else "bar", sort)
    below = (_notes(frame, voice), reading(frame, question, voice), table)
    _put(name, figure, title, asked_line(frame, question, voice), *below, chart=chart, finding=_finding(estimates))


def _show_known(name: str, title: str, estimates: Shares, figure: int | None, sort: bool) -> None:
    """Show what is known of shares of invented people, and say in a line what isn't; of statements the printed sums."""
    voice, question, frame = edition(), estimates.question, estimates.frame
    narrow = _narrow(frame)
    unknown, drawn = unknowns(frame, figure, voice), frame[frame["release"].ne("hidden")]
    if question.kind == "statements" and len(drawn) < len(frame):
        drawn = _known_of_statements(drawn, shown_sides(estimates), voice)
    elif not question.statements:
        drawn = pd.concat([drawn, *_known_sums(estimates)])
    if drawn.empty:
        display_part(Paragraph(Strong(title)))
        for line in unknown:
            display_part(Paragraph(line))
        return
    drawn = drawn.reset_index(drop=True)
    grouped = drawn.groupby(["statement", "group"]).ngroups > 1
    table = tables.shares(pd.concat([drawn, frame[narrow]]), voice.say("table_of", title=title))
    chart = charts.shares(drawn, voice, "dot" if grouped else "bar", sort)
    asked = _with_origin(asked_line(frame, question, voice), drawn, voice)
    how = reading(pd.concat([drawn, frame[narrow]]), question, voice)
    below = ([*unknown, *_notes(drawn, voice)], how, table)
    _put(name, figure, title, asked, *below, chart=chart, finding=_finding(estimates))


def _with_origin(asked: str, drawn: pd.DataFrame, voice: Voice) -> str:
    """Add what all that is drawn rests on, where it is one thing; else each row says it."""
    origins = drawn["origin"].unique()
    return f"{asked} · {voice.say(origins[0])}" if len(origins) == 1 and origins[0] else asked


def _finding(estimates: Shares) -> str:
    """The answer to a question that was given most often, in a sentence; blank unless that holds beyond chance.

    Of answers of people nothing is said here that no chapter asked for, for every sentence tells something.
    """
    voice, frame = edition(), estimates.frame
    one = frame["statement"].nunique() == 1 and frame["statement"].iloc[0] == "" and estimates.by is None
    known = frame[frame["release"].ne("hidden")] if "release" in frame else frame
    whole = len(frame) == len(estimates.question.options) > 2
    if confidential() or not one or not whole or known["share"].isna().all():
        return ""
    first = known.loc[known["share"].idxmax()].to_dict()
    if estimates.responses is None or vocabulary.leads(estimates, first["answer"]).state != HOLDS:
        return ""
    return voice.say("finding_leads", label=first["label"], share=saying.written(share_of(first), voice).value)


def _known_of_statements(cells: pd.DataFrame, sides: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Set known sums of statements and other known answers to them below each other, labelled by their statement.

    A sum is said in a word, agree, or by its answers where one of those stands beside it.
    """
    order = {statement: i for i, statement in enumerate(sides["statement"].unique())}
    sides = sides[sides["release"].ne("hidden")]
    summed = set(zip(sides["statement"], sides["answer"], strict=True))
    other = [key not in summed for key in zip(cells["statement"], cells["answer"], strict=True)]
    cells = cells[pd.Series(other, cells.index, dtype=bool)]
    apart = set(cells["statement"])
    said = [voice.say(row.side) if row.side in ("agree", "disagree") and row.statement not in apart else row.label
            for row in sides.itertuples()]  # fmt: skip
    both = pd.concat([sides.assign(label=said), cells])
    both = both.sort_values("statement", key=lambda statements: statements.map(order), kind="stable")
    about = zip(both["statement_label"], both["label"], strict=True)
    return both.assign(
        label=[f"{label}: {answer.lower()}" for label, answer in about], statement="", statement_label=""
    )


def _known_sums(estimates: Shares) -> list[pd.DataFrame]:
    """Count several answers to a single choice as one where print gives only how many they are together."""
    question, frame, responses = estimates.question, estimates.frame, estimates.responses
    hidden = set(frame.loc[frame["release"].eq("hidden"), "answer"])
    if question.kind != "single" or estimates.by or responses is None or not hidden:
        return []
    recorded = {answers for (_, answers, among) in question.provenance or {} if "|" in answers and not among}
    sums = [
        share(responses, question, answers).frame for answers in sorted(recorded) if hidden >= set(answers.split("|"))
    ]
    return [one for one in sums if one["release"].ne("hidden").all()]


def unknowns(frame: pd.DataFrame, figure: int | None, voice: Voice) -> list[str]:
    """Say in a line a kind which shares of a frame of invented people aren't known, and why; last those in a range."""
    narrow = _narrow(frame)
    lines = []
    for kind in ("pictured", "unpublished"):
        rows = frame[frame["absent"].eq(kind) & ~narrow]
        if rows.empty:
            continue
        if rows["group"].ne("").all() and frame["statement"].nunique() == 1:
            about = rows["group_label"]
        else:
            about = rows["statement_label"] if rows["statement"].ne("").any() else rows["label"]
        named = dict.fromkeys(about)
        answers = f": {voice.listing(named)}" if len(rows) <= NAMED else ""
        where = voice.say("figure", number=figure).lower() if figure else voice.say("a_figure")
        key = "not_in_text" if kind == "pictured" else "not_published"
        lines.append(voice.say(key, count=len(rows), where=where, answers=answers))
    return lines + _ranges(frame[narrow], voice)


def _narrow(frame: pd.DataFrame) -> pd.Series:
    """Tell the rows of which no number is known, but between which two it is."""
    return frame["release"].eq("hidden") & (frame["least"].notna() if "least" in frame else False)


def _ranges(rows: pd.DataFrame, voice: Voice) -> list[str]:
    """Say in a line what shares can be that print keeps in a range."""
    said = []
    for row in rows.to_dict("records"):
        about = [row["statement_label"], row["group_label"] or row["label"]]
        range_of = saying.written(share_of(row).range, voice)
        said.append(voice.say("in_range", label=": ".join(filter(None, about)), range=range_of))
    return [voice.say("known_between", count=len(said), answers="; ".join(said))] if said else []


def _address(estimates: Shares) -> str:
    """Name a figure by what it is of: its question, the statement if it is one, and its groups."""
    question, by = estimates.question, estimates.by
    statements = estimates.frame["statement"].unique()
    one = [question.statement(statements[0]).name] if len(statements) == 1 and statements[0] else []
    named = ["named"] if set(estimates.frame["answer"]) <= {a.code for a in question.named} else []
    return "-".join([question.name, *one, *named, *(["by", by.name] if by else [])]).replace("_", "-")


def _show_statements(name: str, title: str, estimates: Shares, figure: int | None) -> None:
    """Show statements on one scale with their legend, totals, table, description and marks."""
    voice, frame, question = edition(), estimates.frame, estimates.question
    totals = shown_sides(estimates)
    frame = charts.by_agreement(frame, totals)
    row = charts.row_column(frame)
    table = tables.statements(frame, totals, row, voice.say("table_of", title=title))
    notes = [*_blank(frame, voice, both_ends=True), *marks.explain(pd.concat([frame, totals]), voice)]
    below = (notes, _reading_statements(frame, row, voice), tables.shares(frame, title))
    chart = charts.statements(frame, totals, voice)
    _put(name, figure, title, asked_line(frame, question, voice), *below, chart=chart, table=table)


def _put(
    name: str, number: int | None, title: str, asked: str, notes: list[str], reading: list[str],
    data: Table | None = None, chart: Chart | None = None, table: Table | None = None, finding: str = "",
    drawing: go.Figure | str = "", description: str = "",
) -> None:  # fmt: skip
    """Put an exhibit on the page: what Plotly makes of it first, which the book moves into the text that follows it.

    What is taken along is `data`, by default what the chart shows.
    """
    place = Markup("")
    if isinstance(drawing, str):
        place = Markup(drawings.stamped(drawing, stamp())) if drawing else place
        drawn = figures.drawn(chart, edition(), stamp()) if chart else None
    else:
        drawn = drawing
        figures.stamp(drawn, stamp())
    if drawn is not None:
        figures.refuse_unknown(drawn.to_plotly_json())
        display({"application/vnd.plotly.v1+json": drawn.to_plotly_json()}, raw=True, metadata=RELEASED)
        place = render.PLOT
    display_part(Exhibit(
        name, number if of_report() else None, title, asked, tuple(notes), CERTAINTY, chart, table,
        data or (chart.table if chart else None), place,
        description, finding, tuple(reading), source(), stamp(),
    ))  # fmt: skip


def display_part(part: Part) -> None:
    """Put a part on the page."""
    said, metadata = bundle(part)
    display(said, raw=True, metadata=metadata)


def bundle(part: Part) -> tuple[dict, dict]:
    """Show a part in the language of the edition: as HTML, as text for who reads without, and that it is released."""
    language = edition().language
    return {"text/html": render.html(part, language), "text/plain": render.plain(part, language)}, RELEASED


def show_routing(name: str, people: dict[str, Value], questionnaire: Questionnaire) -> None:
    """Show the way through the questionnaire, with how many `people` were asked each question."""
    voice = edition()
    base = _base_is(people[next(iter(questionnaire)).code], voice)
    _put(name, None, voice.say("routing_title"), base, [], [], chart=charts.routing(questionnaire, people, voice))


def show_hundred(*asked: tuple[Shares, str], name: str = "of-every-hundred") -> None:
    """Show answers to questions as dots: of every hundred people, how many gave each.

    `asked` are shares of a question with the names of its answers in the order in which they are drawn, `"yes|no"`.
    Dots are rounded so that those of all answers make a hundred; an answer that isn't shown has none.
    """
    voice, blocks, told = edition(), [], []
    for estimates, answers in asked:
        shares = [(estimates.question[answer].label, release(estimates[answer])) for answer in answers.split("|")]
        dots = _of_a_hundred([float(share) if share.known else 0.0 for _, share in shares])
        words = [f"{saying.said(share, voice.language)} {label}" for label, share in shares]
        heading = f"{estimates.question.label} ({_base_is(estimates.base, voice)})"
        blocks.append((heading, list(zip(dots, words, strict=True))))
        told.append(f"{estimates.question.label}: {voice.listing(words)}")
    drawing = drawings.hundreds(blocks, "; ".join(told))
    _put(name, None, voice.say("hundred"), voice.say("hundred_is"), [], [], drawing=drawing)


def _of_a_hundred(shares: list[float]) -> list[int]:
    """Round shares to whole dots by their largest remainders, so that shares of everything make a hundred."""
    dots = [int(100 * share) for share in shares]
    left = round(100 * sum(shares)) - sum(dots)
    for i in sorted(range(len(shares)), key=lambda i: dots[i] - 100 * shares[i])[:left]:
        dots[i] += 1
    return dots


def show_flow(name: str, flow: Flow) -> None:
    """Show the flow of respondents from taking part to the analysis, out of `analysis.flow`."""
    voice = edition()
    base = _base_is(flow.people(flow.frame.iloc[0].to_dict()), voice)
    _put(name, None, voice.say("flow_title"), base, [], [], chart=charts.flow(flow, voice))


def show_means(estimates: Means) -> None:
    """Show means by group as a table."""
    voice, frame = edition(), estimates.released
    if len(frame) and frame.get("absent", pd.Series("", frame.index)).eq("unpublished").all():
        display_part(Paragraph(Strong(heading(frame, estimates.question, voice))))
        for line in unknowns(frame.assign(statement="", label=estimates.question.label), None, voice):
            display_part(Paragraph(line))
        return
    table = tables.means(estimates.released, heading(estimates.frame, estimates.question, voice))
    _put_table(table, caution=True)


def show_comparisons(compared: Compared) -> None:
    """Show comparisons as a table; more than one are a family, corrected for their number."""
    voice, frame, questionnaire = edition(), compared.frame, compared.questions
    unknown = frame.get("absent", pd.Series("", frame.index)).eq("unpublished")
    for question, by in frame.loc[unknown, ["question", "by"]].itertuples(index=False):
        items = [questionnaire[code].label.lower() for code in (question, by)]
        display_part(Paragraph(text("test_unknown", first=items[0], second=items[1])))
    frame = frame[~unknown]
    if frame.empty:
        return
    titles = []
    for row in frame.to_dict("records"):
        against = voice.say("against", first=row["first"], second=row["second"]) if row["first"] else ""
        titles.append(against or questionnaire[row["by"]].label)
    about = voice.listing([questionnaire[code].label for code in frame["question"].unique()])
    caption = voice.say("comparisons" if len(titles) > 1 else "comparison_of", question=about)
    _put_table(tables.comparisons(frame, caption, titles), caution=True)


def _put_table(table: Table, caution: bool) -> None:
    """Put a table on the page, under a table of tests what an interval and a p can't tell."""
    note = edition().say(f"test_note_{sample()}")
    display_part(Tested(table, note, CERTAINTY) if caution else table)


def show_model(model: Model, name: str = "model") -> None:
    """Show a logistic regression: its odds ratios as a figure, all its terms as a table, and its checks."""
    voice, outcome = edition(), model.outcome
    questionnaire, terms = _of(outcome), model.terms.copy()
    labels = []
    for row in terms.to_dict("records"):
        by = questionnaire[row["by"]].label
        label = f"{by}: {row['group_label']}" if row["group"] else voice.say("per_ten", label=by)
        labels.append(voice.say("reference_group", label=label) if row["odds_ratio"] == 1 else label)
    terms["title"] = labels
    fitted = terms[terms["p"].notna()]
    if fitted.empty and terms.get("release", pd.Series(dtype=str)).eq("hidden").any():
        key = "model_unknown" if terms["absent"].eq("unpublished").all() else "model_withheld"
        display_part(Paragraph(text(key, outcome=outcome[terms["answer"].iloc[0]].labels)))
        return
    title = voice.say("model", outcome=outcome[terms["answer"].iloc[0]].label)
    table = tables.model(terms, voice.say("table_of", title=title))
    if fitted.empty:
        alike = terms["title"][terms["n"].eq(0) | terms["n"].eq(terms["base"])]
        groups = voice.listing(list(alike)) if len(alike) else voice.say("not_named")
        _put(name, None, title, "", [voice.say("model_unsolved", groups=groups)], [], table, table=table)
        return
    notes = [voice.say("model_note")]
    outside = terms["odds_ratio"].isna()
    notes += [voice.say("model_outside", groups=voice.listing(list(terms["title"][outside])))] if outside.any() else []
    asked = _base_is(people_of(fitted.loc[fitted["base"].idxmax()].to_dict()), voice)
    chart = charts.odds(terms[~outside], voice)
    _put(name, None, title, asked, notes, [], table, chart=chart, table=table)
    display_part(tables.checks(model.checks))


def show_same_share(share: Value, bases: list[Value], name: str = "same-share") -> None:
    """Show how wide the interval of one share would be in groups of other sizes: `estimates.same_share`."""
    voice = edition()
    if not share.known:  # of which nothing can be thought of
        return
    sizes = {int(base): base for base in bases if base.known}
    rows = same_share(share, list(sizes))
    rows["group_label"] = [saying.people(sizes[base], voice) for base in rows["base"]]
    title = voice.say("same_share", share=saying.written(share, voice).value)
    asked = voice.say("same_share_is", base=saying.written(share.base, voice))
    notes = [voice.say(f"interval_note_{sample()}"), *marks.explain(rows, voice)]
    table = tables.shares(rows, voice.say("table_of", title=title))
    _put(name, None, title, asked, notes, [], table, chart=charts.shares(rows, voice, "dot"))


def show_redraws(rounds: pd.DataFrame, truth: Value, name: str = "redraws") -> None:
    """Show one share in round after round of the same survey, beside the true share: `stats.truth.one_share`."""
    voice = edition()
    rows = rounds.assign(group_label=[voice.say("truth_round", number=number) for number in rounds["group"]])
    held = rows["low"].le(float(truth)) & rows["high"].ge(float(truth))
    title = voice.say("truth_rounds", item=rows["label"].iloc[0], share=saying.written(truth, voice))
    many = saying.count(held.sum(), voice)
    table = tables.shares(rows, voice.say("table_of", title=title))
    notes = [voice.say("truth_all_held", rounds=len(rows), held=many), voice.say("truth_line")]
    notes += marks.explain(rows, voice)
    chart = charts.redraws(rows, float(truth), voice)
    _put(name, None, title, voice.say("truth_bases"), notes, [], table, chart=chart)


def show_ranges(name: str, title: str, rows: pd.DataFrame) -> None:
    """Show what shares can be, as `bounds.ranges` has it, the narrowest first.

    Answers to one question that can be the same become one bar, which is of each of them.
    """
    voice = edition()
    apart = [rows["about"].where(rows["about"].ne(""), rows["label"]), "least", "most", "whole_least", "whole_most"]
    made = []
    for _, part in rows.groupby(apart, sort=False):
        said = ": ".join(filter(None, (part["about"].iloc[0], ", ".join(part["label"]))))
        made.append(part.head(1).assign(label=said))
    joined = pd.concat(made).sort_values("width", kind="stable").reset_index(drop=True)
    several = len(joined) < len(rows)
    notes = [voice.say("range_note"), *[voice.say("range_of_each")] * several]
    table = tables.ranges(joined, voice.say("table_of", title=title))
    _put(name, None, title, voice.say("range_bases"), notes, [], table, chart=charts.ranges(joined, voice))


def show_counts(name: str, counts: pd.DataFrame, things: pd.DataFrame, title: Text, base: Text) -> None:
    """Show whole numbers in parts: `counts` has a row a bar and a column a part, both named in texts.

    They tally `things`, which are no people. `title` says what is counted, `base` how many there are. The last row is
    all together and comes first.
    """
    voice = edition()
    name_of = lambda text: render.words(text, voice)  # noqa: E731
    head = name_of(counts.index.name)
    counts = pd.concat([counts.tail(1), counts.iloc[:-1]]).rename(index=name_of, columns=name_of)
    table = tables.counts(counts, things, voice.say("table_of", title=title), head)
    _put(name, None, title[voice.language], base[voice.language], [], [], table, chart=charts.counts(counts))


def show_figure(figure: go.Figure, title: str, base: str, description: str, data: Estimates, name: str = "own") -> None:
    """Show a Plotly figure of one's own, with the estimates that it draws.

    `title` names it, `base` says of how many and who, `description` says in words what it shows.
    On a confidential wave every number in the figure and in these words must stand in the frame of `data` (as it
    is, or in per cent), or be in one of its labels; ValueError names those that don't.
    """
    data = release(data)
    if confidential():
        _refuse_strangers(figure, (title, base, description), data)
    table = (tables.means if isinstance(data, Means) else tables.shares)(data.frame, title)
    _put(name, None, title, base, [], [], table, table=table, drawing=figure, description=description)


def _refuse_strangers(figure: go.Figure, words: tuple[str, ...], data: Estimates) -> None:
    """Raise ValueError for numbers in a figure, or in the words with it, that its released estimates don't hold."""
    known = {round(float(n), 6) for n in data.frame.select_dtypes("number").to_numpy(float).ravel() if n == n}
    known |= {round(100 * n, places) for n in known for places in (0, 1)} | {round(n, 1) for n in known if n >= 1}
    cells = data.frame.select_dtypes(exclude="number").to_numpy().ravel()
    labels = {cell for cell in cells if isinstance(cell, str)}  # 18-24 years
    numbers = _numbers([json.loads(figure.to_json()), *words], labels)
    strangers = sorted({n for n in numbers if not math.isnan(n) and round(n, 6) not in known})
    if strangers:
        raise ValueError(
            f"{len(strangers)} numbers in this figure aren't in the estimates given as data, so it can't leave a "
            f"confidential wave: {', '.join(f'{n:g}' for n in strangers[:5])}. Draw from data.frame alone, and name "
            "rows by their labels."
        )


def _numbers(part: Any, labels: set[str], key: str = "") -> list[float]:
    """List the numbers of a figure: in lists wherever they stand, in words, and alone under a name of `ALONE`."""
    if key in LOOKS:
        return []
    if isinstance(part, dict):
        if "bdata" in part:
            return [float(n) for n in np.frombuffer(base64.b64decode(part["bdata"]), part["dtype"])]
        across = {a for a in "xy" if str(part.get(f"{a}ref")).endswith(("domain", "paper"))}  # from edge to edge
        return [n for name, inner in part.items() if name not in {f"{a}{end}" for a in across for end in "01"}
                for n in _numbers(inner, labels, name)]  # fmt: skip
    if isinstance(part, list):
        return [n for inner in part for n in ([float(inner)] if _is_number(inner) else _numbers(inner, labels, key))]
    if isinstance(part, str) and part not in labels and key not in STYLED:
        return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", re.sub(r"%\{[^}]*\}", "", part))]
    return [float(part)] if key in ALONE and _is_number(part) else []


def _is_number(thing: Any) -> bool:
    return isinstance(thing, (int, float)) and not isinstance(thing, bool)


def show_table(part: Part) -> None:
    """Show a table or a listing that needs no figure; anything else, HTML among it, is refused."""
    if not isinstance(part, Part):
        raise TypeError(f"show_table shows parts of show.parts, such as a Table; this is a {type(part).__name__}")
    display_part(part)


def heading(estimates: pd.DataFrame, question: Question, voice: Voice) -> str:
    """Name what is shown: the question or the one answer, and the groups it is set against."""
    by = estimates["by"].iloc[0]
    what = estimates["label"].iloc[0] if "label" in estimates and estimates["label"].nunique() == 1 else question.label
    if "statement" in estimates and question.statements:
        chosen = list(dict.fromkeys(estimates["statement"]))
        about = estimates["statement_label"].iloc[0] if len(chosen) == 1 else ""
        if about:
            what = f"{about}: {what}" if what != question.label else about
    if "answer" in estimates and set(estimates["answer"]) <= {a.code for a in question.named}:
        what = voice.say("written_themselves", question=what)
    if not by:
        return what if question.statements or what.startswith(question.label) else f"{question.label}: {what}"
    return voice.say("by", question=what, by=_of(question)[by].label.lower())


def _of(question: Question) -> Questionnaire:
    """The questionnaire that a question is of; ValueError for one that is of none."""
    if question.questionnaire is None:
        raise ValueError(f"{question.code} is of no questionnaire, so it can't be said who was asked")
    return question.questionnaire


def asked_line(estimates: pd.DataFrame, question: Question, voice: Voice) -> str:
    """Say which question it was, how it was answered, who was asked, and how many answered."""
    questionnaire = _of(question)
    source = questionnaire[question.source] if question.source else question
    bases = estimates["base"].unique()
    if estimates["base"].isna().all():
        bases = bases[:1]
    by_statement = "statement" in estimates and estimates["statement"].nunique() > 1
    passed_by = "state" in estimates or estimates["not_asked"].fillna(1).any()  # a word for few may be anybody
    who = instrument.in_words(source.asked_if, questionnaire) if passed_by else ""
    asked = voice.say("asked_if", condition=who) if who else voice.say("everyone_counted")
    parts = [
        f"{voice.say('question_short')} {source.number}" + (f" ({source.label})" if question.source else ""),
        voice.say(f"kind_{source.kind}"),
        voice.say("asked_of", who=asked),
        voice.say("bases_differ_statement" if by_statement else "bases_differ") if len(bases) > 1
        else _base_is(_base_of(estimates.iloc[0].to_dict()), voice),
    ]  # fmt: skip
    return " · ".join(parts)


def _base_of(row: dict) -> Value:
    """The base of a row of shares or means."""
    return (share_of if "share" in row else mean_of)(row).base


def _base_is(base: Value, voice: Voice) -> str:
    return voice.say("base_is", base=saying.written(base, voice))


def _notes(estimates: pd.DataFrame, voice: Voice) -> list[str]:
    """What must be said below a figure of these numbers."""
    return [*_blank(estimates, voice), *marks.explain(estimates, voice)]


def reading(estimates: pd.DataFrame, question: Question, voice: Voice) -> list[str]:
    """How a figure of shares is read, the same for all such figures."""
    notes = [voice.say(f"interval_note_{sample()}"), *_steps(estimates, voice), *_sums_in_print(estimates, voice)]
    if "least" in estimates and estimates.loc[_narrow(estimates), "summed"].any():
        notes.append(voice.say("range_of_sum"))
    return notes + [voice.say("several")] * (question.kind == "multiple" and len(estimates) > 1)


def _sums_in_print(estimates: pd.DataFrame, voice: Voice) -> list[str]:
    """Say of each printed share that no number of people gives, and is a sum of rounded parts, what its people are."""
    if "least" not in estimates:
        return []
    notes = []
    for row in estimates[estimates["origin"].eq("printed") & estimates["n"].notna()].to_dict("records"):
        printed, of_people = share_of(row), replace(share_of(row), number=row["n"] / row["base"])
        if saying.written(printed, voice) != saying.written(of_people, voice):
            words = {"printed": saying.written(printed, voice), "share": saying.written(of_people, voice)}
            notes.append(voice.say("sum_in_print", n=saying.written(printed.count, voice), 
                                   base=saying.written(printed.base, voice), **words))  # fmt: skip
    return notes


def _steps(estimates: pd.DataFrame, voice: Voice) -> list[str]:
    """Say of answers of people how coarse they are shown, and which of them are as they were printed."""
    if "state" not in estimates:
        return []
    steps = sorted({round(100 * step) for step in estimates["step"].dropna()})
    said = (
        [voice.say("in_steps", steps=voice.listing([str(saying.count(step, voice)) for step in steps]))]
        if steps
        else []
    )
    return said + [voice.say("as_printed")] * bool(estimates["state"].eq("printed").any())


def _blank(estimates: pd.DataFrame, voice: Voice, both_ends: bool = False) -> list[str]:
    """Say how many left a question open: of several bases the most, or the least too."""
    blank = estimates.groupby(["statement", "group"], sort=False)["no_answer"].first()
    if "state" in estimates:  # to the nearest ten, and a word for few
        few, many = blank.isna().any(), blank.max()
        if pd.isna(many):
            return [voice.say("no_answer_few", n=saying.count(estimates["few"].iloc[0], voice))]
        shown = [saying.written(Value("count", int(n), "people", step=10, release="released"), voice)
                 for n in ((many,) if few or not both_ends else dict.fromkeys((blank.min(), many)))]  # fmt: skip
        return [voice.say("no_answer", n=f" {voice.say('to')} ".join(map(str, shown)))]
    if not blank.any():
        return []
    ends = [str(saying.count(n, voice)) for n in (blank.min(), blank.max())]
    return [voice.say("no_answer", n=f" {voice.say('to')} ".join(dict.fromkeys(ends if both_ends else ends[1:])))]


def _reading_statements(estimates: pd.DataFrame, row: str, voice: Voice) -> list[str]:
    """How a figure of statements on one scale is read."""
    notes = [voice.say("likert_note")]
    if row == "statement" and estimates["statement"].nunique() > 1:
        notes.append(voice.say("likert_order"))
    apart = estimates.loc[estimates["score"].isna(), "label"].unique().tolist()
    if apart:
        notes.append(voice.say("apart_note", answers=voice.listing([f"‘{label}’" for label in apart])))
    return [*notes, voice.say(f"interval_in_table_{sample()}"), *_steps(estimates, voice)]
