"""Put a figure on the page as one whole: figure, caption, base, description, table, marks.

`show` is the one way in which a chapter shows an estimate. In JupyterLab the figure comes
first and its text follows; the book puts both into one `<figure>`.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import myst_nb
import pandas as pd
from IPython.display import HTML, display

from analysis import words as lang
from analysis.show import drawings, figures, marks, tables
from analysis.stats import comparisons, reliability
from analysis.stats.estimates import same_share, sides
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Question, Questionnaire

if TYPE_CHECKING:
    from analysis.stats.models import Model

PLOT = "<!-- plot -->"
"""Where the book puts the drawing into the text that goes with it (`plots.PLACE`)."""
CERTAINTY = "certainty.html"
"""The page beside every other that explains intervals and signs."""


def show(
    name: str, estimates: pd.DataFrame, questionnaire: Questionnaire, figure: int | None = None, sort: bool = False
) -> None:
    """Show shares with their table, description, base and marks.

    `name` is the figure's address in the page, `figure` its number in the report. One
    answer per group becomes dots, the answers of one question become bars, and those of
    statements on one scale bars around the middle, ordered by agreement.
    """
    language = questionnaire.language
    question = questionnaire[estimates["question"].iloc[0]]
    if question.kind == "statements" and estimates.groupby(["statement", "group"]).size().max() > 1:
        return _show_statements(name, estimates, question, questionnaire, figure)
    grouped = len(estimates.groupby(["statement", "group"])) > 1
    draw = figures.dots(estimates, language) if grouped else figures.bars(estimates, language, sort)
    title = heading(estimates, questionnaire)
    kind = "describe_dots" if grouped else "describe_bars"
    display({"application/vnd.plotly.v1+json": draw.to_plotly_json()}, raw=True)
    table = tables.shares(estimates, language, lang.say("table_of", language, title=title))
    asked = asked_line(estimates, question, questionnaire)
    words = [title, asked, describe(estimates, language, kind)]
    display(HTML(_exhibit(name, figure, *words, _notes(estimates, question, language), table, language, PLOT)))


def _show_statements(name: str, estimates: pd.DataFrame, question: Question, questionnaire: Questionnaire, figure):
    """Show statements on one scale with their legend, totals, table, description and marks."""
    language = questionnaire.language
    totals = sides(estimates, question)
    estimates = figures.by_agreement(estimates, totals)
    draw = figures.likert(estimates, totals, language)
    display({"application/vnd.plotly.v1+json": draw.to_plotly_json()}, raw=True)
    row, title = figures.row_column(estimates), heading(estimates, questionnaire)
    table = tables.statements(estimates, totals, row, language, lang.say("table_of", language, title=title))
    asked = asked_line(estimates, question, questionnaire)
    words = [title, asked, describe_statements(estimates, totals, row, language)]
    notes = _statement_notes(estimates, totals, row, language)
    drawing = f"{figures.legend(estimates, language)}\n{PLOT}"
    display(HTML(_exhibit(name, figure, *words, notes, table, language, drawing)))


def show_routing(name: str, people: dict[str, int], questionnaire: Questionnaire) -> None:
    """Show the way through the questionnaire, with how many `people` were asked each question."""
    language = questionnaire.language
    svg, blocks = drawings.routing(questionnaire, people)
    title = lang.say("routing_title", language)
    description = lang.say("routing_describe", language, count=len(questionnaire), blocks=blocks)
    display(HTML(_exhibit(name, None, title, "", description, [], "", language, svg)))


def show_flow(name: str, steps: pd.DataFrame, questionnaire: Questionnaire) -> None:
    """Show the flow of respondents from taking part to the analysis, out of `analysis.flow`."""
    language = questionnaire.language
    title = lang.say("flow_title", language)
    parts = []
    for row in steps.to_dict("records"):
        inner = row["step"] in ("took_part", "analysed")
        count = lang.say("people", language, n=lang.number(row["n"], language))
        parts.append(f"{lang.say(row['step'] if inner else 'left_out', language)}: {count}")
    description = lang.say("flow_describe", language, steps="; ".join(parts))
    svg = drawings.respondents(steps, language)
    display(HTML(_exhibit(name, None, title, "", description, [], "", language, svg)))


def spoken(estimates: pd.DataFrame, language: str, what: str = "share", decimals: int = 1, **where: str) -> str:
    """Say one estimate in a sentence: the only row where the columns named have these values.

    `what` is a column: `share` (as a percentage), `n`, `base`, `mean` and so on; whole
    numbers stay whole. An assumed value says so, and so does a share too uncertain to rest on
    (`reliability`). Raises ValueError unless exactly one row is meant.
    """
    row = only(estimates, **where)
    decimals = 0 if pd.api.types.is_integer_dtype(estimates[what]) else decimals
    value = (lang.percent if what == "share" else lang.number)(row[what], language, decimals)
    notes = ["assumed"] if row.get("origin") == "assumed" and what != "base" else []
    if (
        what == "share"
        and row["base"]
        and reliability.verdicts([row["n"]], [row["base"]])["verdict"].iloc[0] == reliability.UNRELIABLE
    ):
        notes.append("short_unreliable")
    return f"{value} ({'; '.join(lang.say(note, language) for note in notes)})" if notes else value


def only(estimates: pd.DataFrame, **where: str) -> pd.Series:
    """Return the only row where the columns named have these values; ValueError when it isn't one."""
    rows = estimates
    for column, value in where.items():
        rows = rows[rows[column].eq(value)]
    if len(rows) != 1:
        raise ValueError(f"{len(rows)} rows have {where}; one is needed")
    return rows.iloc[0]


def glue(**values: str) -> None:
    """Make words and numbers from code available to the prose, under the names given."""
    for name, value in values.items():
        myst_nb.glue(name, str(value), display=False)


def show_means(estimates: pd.DataFrame, questionnaire: Questionnaire) -> None:
    """Show means by group as a table."""
    table = tables.means(estimates, questionnaire.language, heading(estimates, questionnaire))
    display(HTML(table + _caution(questionnaire.language)))


def show_comparisons(results: list[pd.DataFrame], questionnaire: Questionnaire) -> None:
    """Show comparisons as a table, more than one as a family corrected for their number."""
    language = questionnaire.language
    table = comparisons.family(*results) if len(results) > 1 else results[0]
    titles = []
    for row in table.to_dict("records"):
        against = lang.say("against", language, first=row["first"], second=row["second"]) if row["first"] else ""
        titles.append(against or questionnaire[row["by"]].label)
    about = lang.listing([questionnaire[code].label for code in table["question"].unique()], language)
    caption = lang.say("comparisons" if len(titles) > 1 else "comparison_of", language, question=about)
    display(HTML(tables.comparisons(table, language, caption, titles) + _caution(language)))


def _caution(language: str) -> str:
    """Say under a table of tests what an interval and a p can't tell, and where that is explained."""
    link = f'<a href="{CERTAINTY}">{escape(lang.say("certainty", language))}</a>'
    return f'\n<div class="notes"><p>{escape(lang.say("test_note", language))}. {link}</p></div>'


def show_model(name: str, model: Model, questionnaire: Questionnaire) -> None:
    """Show a logistic regression: its odds ratios as a figure, all its terms as a table, and its checks."""
    language = questionnaire.language
    terms = model.terms.copy()
    outcome = questionnaire[terms["question"].iloc[0]]
    labels = []
    for row in terms.to_dict("records"):
        by = questionnaire[row["by"]].label
        label = f"{by}: {row['group_label']}" if row["group"] else lang.say("per_ten", language, label=by)
        labels.append(lang.say("reference_group", language, label=label) if row["odds_ratio"] == 1 else label)
    terms["title"] = labels
    terms["said"] = [
        lang.say("describe_term", language, label=row["title"], ratio=lang.number(row["odds_ratio"], language, 2),
                 interval=lang.interval(row["low"], row["high"], language, 2, percentage=False))
        for row in terms.to_dict("records")
    ]  # fmt: skip
    fitted = terms[terms["p"].notna()]
    title = lang.say("model", language, outcome=outcome[terms["answer"].iloc[0]].label)
    table = tables.model(terms, language, lang.say("table_of", language, title=title))
    if fitted.empty:
        alike = terms["title"][terms["n"].eq(0) | terms["n"].eq(terms["base"])]
        groups = lang.listing(list(alike), language) if len(alike) else lang.say("not_named", language)
        unsolved = lang.say("model_unsolved", language, groups=groups)
        display(HTML(_exhibit(name, None, title, "", unsolved, [], table, language, "")))
        return
    description = lang.say(
        "describe_model", language, count=lang.number(len(fitted), language), all="; ".join(fitted["said"])
    )
    notes = [lang.say("model_note", language)]
    notes += [lang.say("assumed_all", language)] if terms["origin"].eq("assumed").all() else []
    display({"application/vnd.plotly.v1+json": figures.odds(terms, language).to_plotly_json()}, raw=True)
    asked = lang.say("base_is", language, base=lang.number(int(terms.loc[terms["p"].notna(), "base"].max()), language))
    display(HTML(_exhibit(name, None, title, asked, description, notes, table, language, PLOT)))
    display(HTML(tables.checks(model.checks, language)))


def show_same_share(name: str, estimate: pd.DataFrame, bases: list[int], questionnaire: Questionnaire) -> None:
    """Show how wide the interval of one share would be in groups of other sizes: `estimates.same_share`."""
    language = questionnaire.language
    rows = same_share(estimate, bases)
    rows["group_label"] = [lang.say("people", language, n=lang.number(base, language)) for base in rows["base"]]
    title = lang.say("same_share", language, share=lang.percent(estimate["share"].iloc[0], language))
    asked = lang.say("same_share_is", language, base=lang.number(estimate["base"].iloc[0], language))
    words = [title, asked, describe(rows, language, "describe_dots")]
    notes = [lang.say("interval_note", language), *marks.explain(rows, language)]
    table = tables.shares(rows, language, lang.say("table_of", language, title=title))
    display({"application/vnd.plotly.v1+json": figures.dots(rows, language).to_plotly_json()}, raw=True)
    display(HTML(_exhibit(name, None, *words, notes, table, language, PLOT)))


def show_counts(name: str, counts: pd.DataFrame, title: str, base: str, language: str) -> None:
    """Show whole numbers in parts: `counts` has a row a bar and a column a part, both named in words.

    `title` says what is counted, `base` how many there are. The last row is all together and comes first.
    """
    counts = pd.concat([counts.tail(1), counts.iloc[:-1]])
    said = []
    for row, numbers in counts.iterrows():
        parts = [f"{lang.number(n, language)} {part}" for part, n in numbers.items() if n]
        said.append(f"{row}: {', '.join(parts)}")
    description = lang.say("describe_counts", language, count=lang.number(len(counts), language), all="; ".join(said))
    display({"application/vnd.plotly.v1+json": figures.stacks(counts, language).to_plotly_json()}, raw=True)
    table = tables.counts(counts, language, lang.say("table_of", language, title=title))
    drawing = f"{figures.key(list(counts.columns))}\n{PLOT}"
    display(HTML(_exhibit(name, None, title, base, description, [], table, language, drawing)))


def show_table(html: str) -> None:
    """Show a table that needs no figure."""
    display(HTML(html))


def heading(estimates: pd.DataFrame, questionnaire: Questionnaire) -> str:
    """Name what is shown: the question or the one answer, and the groups it is set against."""
    language = questionnaire.language
    question = questionnaire[estimates["question"].iloc[0]]
    by = estimates["by"].iloc[0]
    what = estimates["label"].iloc[0] if "label" in estimates and estimates["label"].nunique() == 1 else question.label
    if "statement" in estimates and question.statements:
        chosen = list(dict.fromkeys(estimates["statement"]))
        about = estimates["statement_label"].iloc[0] if len(chosen) == 1 else ""
        if about:
            what = f"{about}: {what}" if what != question.label else about
        elif len(chosen) < len(question.statements):
            codes = [s.code for s in question.statements if s.code in chosen]
            what = lang.say("statements_chosen", language, question=what, codes=lang.listing(codes, language))
    if "answer" in estimates and set(estimates["answer"]) <= {a.code for a in question.named}:
        what = lang.say("written_themselves", language, question=what)
    if not by:
        return what if question.statements or what.startswith(question.label) else f"{question.label}: {what}"
    return lang.say("by", questionnaire.language, question=what, by=questionnaire[by].label.lower())


def asked_line(estimates: pd.DataFrame, question: Question, questionnaire: Questionnaire) -> str:
    """Say which question it was, how it was answered, who was asked, and how many answered."""
    language = questionnaire.language
    source = questionnaire[question.source] if question.source else question
    bases = estimates["base"].unique()
    by_statement = estimates["statement"].nunique() > 1
    who = instrument.in_words(source.asked_if, questionnaire) if estimates["not_asked"].any() else ""
    asked = lang.say("asked_if", language, condition=who) if who else lang.say("everyone_counted", language)
    base = lang.say("base_is", language, base=lang.number(bases[0], language))
    parts = [
        f"{lang.say('question_short', language)} {source.number}" + (f" ({source.label})" if question.source else ""),
        lang.say(f"kind_{source.kind}", language),
        lang.say("asked_of", language, who=asked),
        lang.say("bases_differ_statement" if by_statement else "bases_differ", language) if len(bases) > 1 else base,
    ]
    return " · ".join(parts)


def describe_statements(estimates: pd.DataFrame, totals: pd.DataFrame, row: str, language: str) -> str:
    """Say in words what share agrees with each statement, is neutral, disagrees, or is off the scale."""
    parts = []
    for code, block in estimates.groupby(row, sort=False):
        mine = totals[totals[row].eq(code)].set_index("side")
        shares = dict(zip(mine.index, figures.marked(mine, language), strict=True))
        values = []
        for side in ("agree", "neutral", "disagree", "off_scale"):
            if side in shares:
                word = lang.say(side, language) if side in ("agree", "disagree") else mine.at[side, "label"]
                values.append(f"{word.lower()} {shares[side]}")
        label, base = block[f"{row}_label"].iloc[0], lang.number(block["base"].iloc[0], language)
        parts.append(lang.say("describe_statement", language, label=label, values=", ".join(values), base=base))
    count = lang.number(len(parts), language)
    return lang.say("describe_statements", language, count=count, all="; ".join(parts))


def describe(estimates: pd.DataFrame, language: str, kind: str) -> str:
    """Say in words what the figure shows, from the same numbers."""

    def value(row) -> str:
        label = row["group_label"] or row["statement_label"] or row["label"]
        key = "describe_value_assumed" if row["origin"] == "assumed" else "describe_value"
        return lang.say(key, language, label=label, share=lang.aloud(row["said"]),
                        n=lang.number(row["n"], language), base=lang.number(row["base"], language))  # fmt: skip

    estimates = estimates.assign(said=pd.Series(marks.percents(estimates, language), estimates.index, object))
    ranked = estimates.sort_values("n", ascending=False, kind="stable").to_dict("records")
    if kind == "describe_bars" and len(ranked) <= 5:
        kind = "describe_few_bars" if len(ranked) > 1 else "describe_one_bar"
    return lang.say(
        kind,
        language,
        count=lang.number(len(estimates), language),
        top="; ".join(value(row) for row in ranked[:3]),
        bottom=value(ranked[-1]),
        all="; ".join(value(row) for row in estimates.to_dict("records")),
    )


def _notes(estimates: pd.DataFrame, question: Question, language: str) -> list[str]:
    notes = [lang.say("interval_note", language)]
    if question.kind == "multiple" and len(estimates) > 1:
        notes.append(lang.say("several", language))
    blank = int(estimates.groupby(["statement", "group"], sort=False)["no_answer"].first().max())
    if blank:
        notes.append(lang.say("no_answer", language, n=lang.number(blank, language)))
    assumed = estimates["origin"].eq("assumed")
    if assumed.any():
        notes.append(lang.say("assumed_all" if assumed.all() else "assumed_note", language))
    return notes + marks.explain(estimates, language)


def _statement_notes(estimates: pd.DataFrame, totals: pd.DataFrame, row: str, language: str) -> list[str]:
    notes = [lang.say("likert_note", language)]
    if row == "statement" and estimates["statement"].nunique() > 1:
        notes.append(lang.say("likert_order", language))
    apart = estimates.loc[estimates["score"].isna(), "label"].unique().tolist()
    if apart:
        named = lang.listing([f"‘{label}’" for label in apart], language)
        notes.append(lang.say("apart_note", language, answers=named))
    notes.append(lang.say("interval_in_table", language))
    blank = estimates.groupby(["statement", "group"], sort=False)["no_answer"].first()
    if blank.any():
        least, most = (lang.number(n, language) for n in (blank.min(), blank.max()))
        notes.append(
            lang.say("no_answer", language, n=f"{least} {lang.say('to', language)} {most}" if least != most else most)
        )
    if estimates["origin"].eq("assumed").any() or totals["origin"].eq("assumed").any():
        notes.append(lang.say("assumed_in_scale", language))
    return notes + marks.explain(pd.concat([estimates, totals]), language)


def _exhibit(name, number, title, asked, description, notes, table, language, drawing) -> str:
    label = lang.say("figure", language, number=number) if number else lang.say("figure_own", language)
    text = "".join(f"<p>{escape(note)}.</p>" for note in notes)
    if notes:
        text += f'<p><a href="{CERTAINTY}">{escape(lang.say("certainty", language))}</a></p>'
    details = (
        f"<details><summary>{escape(lang.say('show_table', language))}</summary>\n{table}\n</details>" if table else ""
    )
    return (
        f'<figure class="exhibit" id="fig-{escape(name)}" role="group" aria-labelledby="fig-{escape(name)}-caption">\n'
        f'<figcaption id="fig-{escape(name)}-caption"><b>{escape(label)}. {escape(title)}</b>'
        f"{f'<br>{escape(asked)}' if asked else ''}</figcaption>\n"
        f'{drawing}\n<p class="description">{escape(description)}</p>\n'
        f'<div class="notes">{text}</div>\n{details}\n</figure>'
    )
