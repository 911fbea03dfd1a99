"""A figure is its table: the page, Plotly's drawing and its text say the numbers of the estimates, and no other.

`agreed` holds the three to each other; what a test then compares was worked out by hand, in per cent of the lane.
"""

import csv
import re
import shutil
from html import unescape

import numpy as np
import pandas as pd
import pytest
from charted import (
    agreed,
    answered,
    answers,
    cells,
    everything_said,
    frame,
    groups,
    hovers,
    key,
    lanes,
    notes,
    numbers,
    on_page,
    plotly,
    scale,
    taken_along,
    texts,
    words,
)
from conftest import OTHER, as_if_asked

import analysis
from analysis.show import charts, figures, tables
from analysis.show.parts import Axis, Block, Chart, Lane, Row, Table
from analysis.stats import estimates
from analysis.stats.estimates import Flow
from analysis.stats.release import of_things
from analysis.stats.value import Value
from analysis.survey.questionnaire import Answer, Condition, Question, Questionnaire, Statement
from analysis.words import voice

LONG = "Een antwoord dat zo lang is dat het op een telefoon nooit naast zijn eigen balk zou passen"
NASTY = "</script><b>Brood</b> & \"boter\" <script>alert('1')</script>"

both_languages = pytest.mark.parametrize("language", ["nl", "en"])


def near(*places):
    """Places that are these, a dict a lane."""
    return [pytest.approx(place) for place in places]


# --- bars -----------------------------------------------------------------------------------


@both_languages
def test_bars_run_from_nothing_to_their_share_with_its_interval(language):
    chart = charts.shares(answers(0.905, 0.041), voice(language), "bar")
    assert agreed(chart, language) == near(
        {"a": 0, "b": 90.5, "lo": 89.5, "hi": 93.5}, {"a": 0, "b": 4.1, "lo": 3.1, "hi": 7.1}
    )
    (trace,) = plotly(chart, language)["data"]
    assert trace["x"] == [0.905, 0.041] and trace["base"] == [0, 0] and trace["type"] == "bar"
    assert trace["error_x"]["array"] == pytest.approx([0.03, 0.03])
    assert trace["error_x"]["arrayminus"] == pytest.approx([0.01, 0.01])


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        ("nl", [["Label 0", "90,5%", "89,5 tot 93,5%", "1.234"], ["Label 1", "4,1%", "3,1 tot 7,1%", "7"]]),
        ("en", [["Label 0", "90.5%", "89.5 to 93.5%", "1,234"], ["Label 1", "4.1%", "3.1 to 7.1%", "7"]]),
    ],
)
def test_bars_say_share_interval_and_people_in_the_table_and_in_the_drawing(language, rows):
    chart = charts.shares(answers(0.905, 0.041, n=[1234, 7]), voice(language), "bar")
    assert cells(on_page(chart, language)) == rows
    drawing = plotly(chart, language)
    assert notes(drawing) == ["Label 0", f"<b>{rows[0][1]}</b>", "Label 1", f"<b>{rows[1][1]}</b>"]
    base = {"nl": "9.000", "en": "9,000"}[language]
    assert numbers(" ".join(hovers(drawing))) == numbers(" ".join(sum(rows, []))) | {base, "95"}


def test_what_is_said_of_a_bar_is_its_share_people_base_interval_and_origin():
    chart = charts.shares(answers(0.5, origin=["derived"]), voice("en"), "bar")
    assert hovers(plotly(chart, "en")) == [
        "Label 0, 50.0% (7 of 9,000)<br>95% computed interval: 49.0 to 53.0%<br>derived"
    ]
    assert everything_said(chart, voice("en")) == [
        "Label 0, 50.0% (7 of 9,000), 95% computed interval: 49.0 to 53.0%, derived"
    ]


def test_bars_keep_the_questionnaires_order_unless_sorted():
    table = answers(0.1, 0.2, 0.3, 0.4, 0.35, n=[1, 9, 2, 8, 3], kind=["", "other", "", "dont_know", ""])
    at = lambda chart: [places["b"] for places in agreed(chart)]  # noqa: E731
    assert at(charts.shares(table, voice("nl"), "bar")) == [10, 20, 30, 40, 35]
    chart = charts.shares(table, voice("nl"), "bar", sort=True)
    assert at(chart) == [35, 30, 10, 20, 40], "other and don't know last, whatever their size"
    assert [row[0] for row in cells(on_page(chart))] == [f"Label {i}" for i in (4, 2, 0, 1, 3)]


def test_answers_of_the_same_size_keep_their_order():
    chart = charts.shares(answers(0.2, 0.4, 0.2, 0.4), voice("nl"), "bar", sort=True)
    assert [row.head for row in chart.table.rows] == ["Label 1", "Label 3", "Label 0", "Label 2"]


def test_a_bar_of_nobody_and_of_everybody_lies_on_the_ends_of_its_lane():
    table = answers(0.0, 1.0, low=[0.0, 0.98], high=[0.02, 1.0])
    assert agreed(charts.shares(table, voice("nl"), "bar")) == near(
        {"a": 0, "b": 0, "lo": 0, "hi": 2}, {"a": 0, "b": 100, "lo": 98, "hi": 100}
    )


def test_a_share_without_an_interval_is_drawn_without_one():
    chart = charts.shares(answers(0.5, 0.25, low=[np.nan, 0.2], high=[np.nan, 0.3]), voice("nl"), "bar")
    assert agreed(chart) == near({"a": 0, "b": 50}, {"a": 0, "b": 25, "lo": 20, "hi": 30})
    assert [kinds for kinds, _ in lanes(chart).values()] == [["bar"], ["bar", "sure"]]
    assert "interval" not in hovers(plotly(chart))[0]


def test_bars_refuse_groups_and_dots_more_than_one_answer_a_group():
    with pytest.raises(ValueError, match="bars are of one question in one group; take dots for groups"):
        charts.shares(groups(0.1, 0.2), voice("nl"), "bar")
    with pytest.raises(ValueError, match="dots are of one answer in each group; take bars for the answers"):
        charts.shares(answers(0.1, 0.2), voice("nl"), "dot")


# --- dots -----------------------------------------------------------------------------------


@both_languages
def test_dots_stand_at_their_share_on_its_interval_a_group_each(language):
    chart = charts.shares(groups(0.905, 0.041), voice(language), "dot")
    assert agreed(chart, language) == near({"b": 90.5, "lo": 89.5, "hi": 93.5}, {"b": 4.1, "lo": 3.1, "hi": 7.1})
    (trace,) = plotly(chart, language)["data"]
    assert trace["x"] == [0.905, 0.041] and trace["mode"] == "markers"
    assert [row[0] for row in cells(on_page(chart, language))] == ["Group g0", "Group g1"]
    assert '<table class="chart rows dots"' in on_page(chart)
    assert words(re.search(r"<thead>.*?</th>", on_page(chart))[0]) == "Groep"


def test_dots_of_statements_are_headed_and_labelled_by_statement():
    table = answers(0.2, 0.7, statement=["p", "q"], statement_label=["Statement p", "Statement q"])
    chart = charts.shares(table, voice("nl"), "dot")
    assert [row[:2] for row in cells(on_page(chart))] == [["Statement p", "20,0%"], ["Statement q", "70,0%"]]
    assert words(re.search(r"<thead>.*?</th>", on_page(chart))[0]) == "Stelling"
    assert [hover.split(",")[0] for hover in hovers(plotly(chart))] == ["Statement p", "Statement q"]


def test_people_are_told_with_their_base_only_where_bases_differ():
    same, apart = (charts.shares(groups(0.1, 0.2, base=base), voice("nl"), "dot") for base in ([50, 50], [50, 60]))
    assert [row[-1] for row in cells(on_page(same))] == ["7", "7"]
    assert [row[-1] for row in cells(on_page(apart))] == ["7 van 50", "7 van 60"]
    unknown = charts.shares(groups(0.1, 0.2, base=pd.array([50, None], "Int64")), voice("nl"), "dot")
    assert cells(on_page(unknown))[0][-1] == "7 van 50"


def test_a_true_line_stands_at_the_truth_in_table_and_drawing():
    rows = groups(0.45, 0.52)
    chart = charts.redraws(rows, 0.476, voice("nl"))
    assert agreed(chart) == agreed(charts.shares(rows, voice("nl"), "dot"))
    assert '<table class="chart rows dots line" style="--n:3;--t:47.6">' in on_page(chart)
    (line,) = plotly(chart)["layout"]["shapes"]
    assert line["x0"] == line["x1"] == 0.476
    without = charts.shares(rows, voice("nl"), "dot")
    assert "shapes" not in plotly(without)["layout"] and "--t:" not in on_page(without)


# --- ranges ---------------------------------------------------------------------------------


def ends(*rows):
    """Ranges of one thing a row: label, least, most, and both without sums where those differ."""
    columns = ["label", "least", "most", "whole_least", "whole_most"]
    made = pd.DataFrame([(*row, *row[1:3])[:5] if len(row) == 3 else row for row in rows], columns=columns)
    return made.assign(about="", base=pd.array([294] * len(made), "Int64"), width=made["most"] - made["least"])


@both_languages
def test_ranges_are_bars_from_the_least_to_the_most(language):
    chart = charts.ranges(ends(("A", 0.25, 0.5), ("B", 0, 1)), voice(language))
    assert agreed(chart, language) == near({"a": 25, "b": 50}, {"a": 0, "b": 100})
    (bar,) = plotly(chart, language)["data"]
    assert bar["base"] == [0.25, 0] and bar["x"] == [0.25, 1]


@pytest.mark.parametrize(
    ("language", "values"), [("nl", ["12,5 tot 50,0%", "0 tot 100%"]), ("en", ["12.5 to 50.0%", "0 to 100%"])]
)
def test_ranges_say_both_ends_and_the_base(language, values):
    chart = charts.ranges(ends(("A", 0.125, 0.5), ("B", 0, 1)), voice(language))
    assert cells(on_page(chart, language)) == [["A", values[0], "294"], ["B", values[1], "294"]]
    drawing = plotly(chart, language)
    assert notes(drawing) == ["A", f"<b>{values[0]}</b>", "B", f"<b>{values[1]}</b>"]
    derived = voice(language).say("derived")
    assert hovers(drawing) == [f"A, {values[0]}<br>{derived}", f"B, {values[1]}<br>{derived}"]


def test_a_range_without_sums_lies_around_it_and_is_said_in_a_column_of_its_own():
    chart = charts.ranges(ends(("A", 0.25, 0.5, 0, 0.9), ("B", 0.1, 0.2)), voice("nl"))
    assert agreed(chart) == near({"a": 25, "b": 50, "lo": 0, "hi": 90}, {"a": 10, "b": 20})
    assert cells(on_page(chart)) == [["A", "25,0 tot 50,0%", "0 tot 90,0%", "294"], ["B", "10,0 tot 20,0%", "", "294"]]
    assert [kinds for kinds, _ in lanes(chart).values()] == [["range", "outer"], ["range"]]
    hollow, bar = plotly(chart)["data"]
    assert hollow["base"] == [0, None] and hollow["x"] == [0.9, None]
    assert hollow["marker"]["color"] == "rgba(0,0,0,0)" and hollow["width"] > bar["width"]
    without = charts.ranges(ends(("A", 0.25, 0.5)), voice("nl"))
    assert len(plotly(without)["data"]) == 1 and plotly(without)["data"][0]["width"] == hollow["width"]


@pytest.mark.parametrize("whole", [(0.25, 0.6), (0.2, 0.5)])
def test_a_wider_range_that_differs_at_one_end_is_drawn_too(whole):
    assert agreed(charts.ranges(ends(("A", 0.25, 0.5, *whole)), voice("nl"))) == near(
        {"a": 25, "b": 50, "lo": 100 * whole[0], "hi": 100 * whole[1]}
    )


def test_a_settled_range_is_one_number():
    chart = charts.ranges(ends(("A", 0.25, 0.25), ("B", 0, 1)), voice("nl"))
    assert agreed(chart) == near({"a": 25, "b": 25}, {"a": 0, "b": 100})
    assert [kinds for kinds, _ in lanes(chart).values()] == [["range", "settled"], ["range"]]
    assert cells(on_page(chart))[0][1] == "25,0%" and "<b>25,0%</b>" in notes(plotly(chart))


# --- odds ratios ----------------------------------------------------------------------------


def terms(*rows):
    """Terms of a model: title, ratio, and the ends of its interval; blank ends for a group of reference."""
    made = pd.DataFrame([(*row, np.nan, np.nan)[:4] for row in rows], columns=["title", "odds_ratio", "low", "high"])
    return made.assign(origin="", p=0.01)


def test_odds_ratios_stand_on_a_logarithmic_axis_with_the_reference_at_one():
    chart = charts.odds(terms(("Ref", 1.0), ("Twice", 2.0, 0.5, 4.0), ("Half", 0.5, 0.25, 1.0)), voice("nl"))
    assert (chart.axis.low, chart.axis.high, chart.axis.line) == (0.25, 4, 1)
    assert agreed(chart) == near({"b": 50}, {"b": 75, "lo": 25, "hi": 100}, {"b": 25, "lo": 0, "hi": 50})
    none = voice("nl").sign("not_applicable")
    said = [["Ref", "1,00", f"{none.sign} {none.words}"], ["Twice", "2,00", "0,50 tot 4,00"]]
    assert cells(on_page(chart))[:2] == said
    drawing = plotly(chart)
    axis, (line,) = drawing["layout"]["xaxis"], drawing["layout"]["shapes"]
    assert axis["type"] == "log" and axis["range"] == pytest.approx([np.log10(0.25), np.log10(4)])
    assert axis["tickvals"] == [0.25, 0.5, 1, 2, 4] and axis["ticktext"] == ["0,25", "0,5", "1", "2", "4"]
    assert line["x0"] == line["x1"] == 1 and "--t:50" in on_page(chart)
    assert drawing["data"][0]["x"] == [1, 2, 0.5]
    assert hovers(drawing) == ["Ref: 1,00", "Twice: 2,00<br>95%-rekeninterval: 0,50 tot 4,00",
                               "Half: 0,50<br>95%-rekeninterval: 0,25 tot 1,00"]  # fmt: skip


def test_the_axis_of_odds_ratios_reaches_as_far_as_their_intervals_and_at_least_to_a_half_and_two():
    small = charts.odds(terms(("A", 1.1, 0.9, 1.3)), voice("en")).axis
    assert (small.low, small.high) == (0.5, 2) and [said for _, said in small.ticks] == ["0.5", "1", "2"]
    wide = charts.odds(terms(("A", 1.0, 0.04, 25.0)), voice("en"))
    assert (wide.axis.low, wide.axis.high) == (0.04, 25)
    assert [said for _, said in wide.axis.ticks] == ["0.04", "0.1", "0.25", "0.5", "1", "2", "4", "10", "25"]
    assert agreed(wide, "en") == near({"b": pytest.approx(50), "lo": 0, "hi": 100})
    assert [said for _, said in charts.odds(terms(("A", 1.0, 0.1, 10.0)), voice("nl")).axis.ticks] == [
        "0,1", "0,25", "0,5", "1", "2", "4", "10"
    ]  # fmt: skip


# --- statements on one scale ------------------------------------------------------------------

FIVE = scale([2, 1, 0, -1, -2, None])
FOUR = scale([2, 1, -1, -2, None])

# of ten: p has 1 2 3 1 2 1 (agree 3), q has 4 2 1 1 1 1 (agree 6)
TEN = answered(p="1223334456", q="1111223456")


def of(question, responses=TEN, **more):
    """The chart of statements and their estimates."""
    table = estimates.shares(responses, question, **more).frame
    return charts.statements(table, estimates.sides(table, question), voice("nl"))


def parts(*lengths):
    """The places of parts that follow each other."""
    starts = np.cumsum([0, *lengths])
    return near(*({"a": starts[i], "b": starts[i + 1]} for i in range(len(lengths))))


def test_parts_of_a_statement_follow_each_other_agreeing_first_and_the_most_agreed_with_comes_first():
    chart = of(FIVE)
    assert [row.head.lines[0] for row in chart.table.rows] == ["Statement q", "Statement p"]
    found = agreed(chart)
    assert found[:6] == parts(40, 20, 10, 10, 10, 10), "q: strongly agree to strongly disagree, then off the scale"
    assert found[6:] == parts(10, 20, 30, 20, 10, 10)
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', on_page(chart))
    assert heads == ["Stelling", "Score 2", "Score 1", "Score 0", "Score -1", "Score -2", "Score None"]
    rough = "[r], ruwe schatting"
    assert cells(on_page(chart))[0][0] == f"Statement q eens: 60,0% {rough} · oneens: 20,0% {rough}"


def test_every_part_says_its_share_in_the_table_in_the_drawing_and_when_pointed_at():
    chart = of(FIVE)
    assert [cell.split()[0] for cell in cells(on_page(chart))[0][1:]] == ["40,0%", "20,0%", *["10,0%"] * 4]
    data = plotly(chart)["data"]
    by_part = [("40,0", "10,0"), ("20,0", "20,0"), ("10,0", "30,0"), ("10,0", "20,0"), *[("10,0", "10,0")] * 2]
    assert [trace["text"] for trace in data] == [[f"{n} [r]" for n in pair] for pair in by_part]
    first = unescape(data[0]["hovertext"][0])
    assert first.startswith("Statement q: Score 2, 40,0%") and "(4 van 10)" in first
    assert "interval" not in " ".join(hovers(plotly(chart))), "a part has none: it stands in the table of all numbers"


def test_a_part_too_small_for_its_number_has_none_inside():
    table = estimates.shares(TEN, FIVE, statements="p").frame
    table["share"] = [0.069, 0.07, 0.5, 0.2, 0.161, 0.0]
    chart = charts.statements(table, estimates.sides(table, FIVE), voice("nl"))
    assert [trace["text"] for trace in plotly(chart)["data"]] == [
        [f"{n} [r]" if n else ""] for n in ("", "7,0", "50,0", "20,0", "16,1", "")
    ]
    assert [cell.split()[0] for cell in cells(on_page(chart))[0][1:]] == [
        "6,9%", "7,0%", "50,0%", "20,0%", "16,1%", "0,0%"
    ]  # fmt: skip


def test_a_scale_without_a_neutral_and_one_without_answers_off_it():
    four = of(FOUR, answered(p="1223344445", q="1223344445"))  # 1 2 2 4 1
    assert agreed(four)[:5] == parts(10, 20, 20, 40, 10)
    assert four.colours == ["var(--c1)", "var(--c2)", "var(--c4)", "var(--c5)", "var(--na)"]
    three = of(scale([1, 0, -1]), answered(p="1123", q="1233"))
    assert agreed(three) == [*parts(50, 25, 25), *parts(25, 25, 50)]
    assert "var(--na)" not in on_page(three)


def test_a_scale_of_seven_is_ordered_from_agreeing_to_disagreeing():
    chart = of(scale([3, 2, 1, 0, -1, -2, -3], "p"), answered(p="1234567777"))
    assert agreed(chart) == parts(10, 10, 10, 10, 10, 10, 40)
    assert len(set(chart.colours)) == 7


def test_what_is_drawn_are_the_shares_of_the_estimates_and_nothing_is_counted_again():
    table, totals = five()
    table["share"], table["n"] = np.arange(1, 13) / 100, 1  # p 1 to 6, q 7 to 12
    chart = charts.statements(table, totals, voice("nl"))
    assert agreed(chart) == [*parts(7, 8, 9, 10, 11, 12), *parts(1, 2, 3, 4, 5, 6)]


def five():
    table = estimates.shares(TEN, FIVE).frame
    return table, estimates.sides(table, FIVE)


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "eens: 7,7% · oneens: 88,8%"), ("en", "agree: 7.7% · disagree: 88.8%")]
)
def test_the_totals_stand_under_each_statement_as_given(language, said):
    table, totals = five()
    totals["share"] = totals["side"].map({"agree": 0.077, "disagree": 0.888}).fillna(0.5)
    totals["reliability"] = ""
    chart = charts.statements(table, totals, voice(language))
    assert [row[0] for row in cells(on_page(chart, language))] == [f"Statement {code} {said}" for code in "pq"]


def test_one_statement_in_groups_keeps_the_groups_in_order():
    table = pd.concat([
        estimates.shares(TEN, FIVE, statements=code).frame
        .assign(statement="p", by="b", group=code, group_label=f"Group {code}")
        for code in "pq"
    ])  # fmt: skip
    chart = charts.statements(table, estimates.sides(table, FIVE), voice("nl"))
    assert [row[0].split(" eens")[0] for row in cells(on_page(chart))] == ["Group p", "Group q"]
    assert words(re.search(r"<thead>.*?</th>", on_page(chart))[0]) == "Groep"
    assert agreed(chart) == [*parts(10, 20, 30, 20, 10, 10), *parts(40, 20, 10, 10, 10, 10)]


def test_several_statements_by_group_and_answers_without_a_score_are_refused():
    table, totals = five()
    twice = pd.concat([table.assign(group="x"), table.assign(group="y")])
    with pytest.raises(ValueError, match="one statement in several groups, or several in one; choose one"):
        charts.statements(twice, totals, voice("nl"))
    with pytest.raises(ValueError, match="no score, so there is no scale to draw; take bars"):
        charts.statements(table.assign(score=pd.NA), totals, voice("nl"))


def test_where_nobody_answered_nothing_is_drawn_and_its_sign_stands_in_words():
    chart = of(FIVE, answered(p="123", q="---"))
    found = lanes(chart)
    assert {row for row, _ in found} == {0} and len(agreed(chart)) == 6
    nobody = voice("nl").sign("nobody")
    (_, row) = cells(on_page(chart))
    assert all(cell == f"{nobody.sign} {nobody.words}" for cell in row[1:])
    assert all(trace["x"][1] is None for trace in plotly(chart)["data"])


@both_languages
def test_every_statement_of_a_survey_of_twelve_is_drawn_as_estimated(language):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", language)
    (question,) = [q for q in questions if q.kind == "statements"]
    table = estimates.shares(responses, question).frame
    chart = charts.statements(table, estimates.sides(table, question), voice(language))
    agreed(chart, language)
    given = table.set_index(["statement_label", "label"])["share"]
    order = [row.head.lines[0] for row in chart.table.rows]
    assert len(order) == 12
    for trace, answer in zip(plotly(chart, language)["data"], chart.table.columns[1:], strict=True):
        assert trace["x"] == pytest.approx([given[label, answer] for label in order])


@both_languages
def test_another_surveys_scale_of_four_is_drawn(language, tmp_path):
    shutil.copytree(OTHER, tmp_path / "other")
    wave = tmp_path / "other/waves/2024-cycling"
    responses, question = analysis.load(wave), analysis.questions(wave, language)["view"]
    table = estimates.shares(responses, question).frame
    chart = charts.statements(table, estimates.sides(table, question), voice(language))
    agreed(chart, language)
    heads = [row[0] for row in cells(on_page(chart, language))]
    for head, share in zip(heads, (9 / 16, 8 / 16, 7 / 15), strict=True):  # agree, by hand
        assert voice(language).percent(share).value in head.split("·")[0]
    assert len(chart.table.columns) == 6


def test_the_key_of_a_scale_names_each_part_in_its_colour_in_table_and_drawing():
    chart = of(FIVE)
    light = ["#0e6b68", "#5aa7a1", "#dfd7c6", "#bda475", "#80642f"]
    named = ["Score 2", "Score 1", "Score 0", "Score -1", "Score -2", "Score None"]
    assert key(plotly(chart)) == [*zip(named[:5], light, strict=True), ("Score None", figures.COLOURS["--muted"])]
    assert [trace["marker"]["color"] for trace in plotly(chart)["data"]] == [*light, "#ffffff"]
    of_page = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--na)"]
    assert re.findall(r'class="key" style="--c:([^"]*)"', on_page(chart)) == of_page
    assert re.findall(r'class="part[^"]*" style="[^"]*--c:([^"]*)"', on_page(chart)) == 2 * of_page
    assert [trace["meta"] for trace in plotly(chart)["data"]] == of_page, "a script takes them from the page"
    assert key(plotly(charts.shares(answers(0.5), voice("nl"), "bar"))) == []


def test_the_key_is_escaped_keeps_long_names_whole_and_fits_a_small_screen():
    nasty = charts.counts(things().rename(columns={"ja": "<b>&"}))
    assert key(plotly(nasty))[0][0] == "<b>&" and "<b>&" not in " ".join(texts(plotly(nasty)))
    assert "<b>&" not in on_page(nasty) and "&lt;b&gt;&amp;" in on_page(nasty)
    long = texts(plotly(charts.counts(things().rename(columns={"ja": LONG}))))
    lines = unescape(re.sub("<(?!br>)[^>]+>", "", "<br>".join(long[: long.index("Alles")]))).split("<br>")
    assert " ".join(re.sub("[■□]", "", " ".join(lines)).split()) == f"{LONG} nee anders"
    assert all(lines), "no line is blank"
    assert max(map(len, lines)) <= figures.WRAP + 6, "with squares"


# --- counts of things ---------------------------------------------------------------------------


def things():
    rows = pd.DataFrame([[3, 0, 5], [1, 2, 1]], index=["Alles", "Een"], columns=["ja", "nee", "anders"])
    rows.index.name = "Wat"
    return rows


def test_counts_are_parts_of_one_bar_as_long_as_the_longest_with_their_total():
    chart = charts.counts(things())
    assert agreed(chart) == [*parts(37.5, 0, 62.5), *parts(12.5, 25, 12.5)]
    assert cells(on_page(chart)) == [["Alles", "3", "0", "5", "8"], ["Een", "1", "2", "1", "4"]]
    assert chart.axis.high == 8 and chart.colours == ["var(--c1)", "var(--c2)", "var(--c5)", ""]
    drawing = plotly(chart)
    assert [trace["x"] for trace in drawing["data"]] == [[3, 1], [0, 2], [5, 1]]
    assert hovers(drawing)[:2] == ["Alles: ja: 3", "Een: ja: 1"]
    assert drawing["data"][1]["text"] == ["", "2"]


def test_more_parts_than_colours_are_refused():
    six = pd.DataFrame([[1] * 6], index=["x"], columns=list("abcdef"))
    assert len(set(charts.counts(six).colours[:6])) == 6
    with pytest.raises(ValueError, match="7 parts can't be told apart: a bar has 6 at most"):
        charts.counts(six.assign(g=1))


# --- what isn't known, and what rests on little ---------------------------------------------------


def test_a_hidden_value_is_words_in_table_and_drawing_and_draws_nothing():
    table = answers(0.905, np.nan).assign(
        release=["released", "hidden"], absent=["", "pictured"], n=pd.array([7, None], "Int64"),
        origin=["printed", "pictured"], least=np.nan, most=np.nan,
    )  # fmt: skip
    chart = charts.shares(table, voice("nl"), "bar")
    hidden = voice("nl").say("held_pictured")
    assert agreed(chart) == near({"a": 0, "b": 90.5, "lo": 89.5, "hi": 93.5})
    assert cells(on_page(chart))[1][1:3] == [hidden, ""]
    assert '<td class="words">' in on_page(chart)
    drawing = plotly(chart)
    assert drawing["data"][0]["x"] == [0.905, None]
    assert notes(drawing) == ["Label 0", "<b>90,5%</b>", "Label 1", hidden]
    placed = {note["text"]: note for note in drawing["layout"]["annotations"]}
    assert placed[hidden]["x"] == 0 and placed[hidden]["y"] > placed["Label 1"]["y"], "it stands where its bar would"
    assert placed["<b>90,5%</b>"]["x"] == 1 and placed["<b>90,5%</b>"]["y"] == placed["Label 0"]["y"]


def test_a_number_that_is_held_back_stands_nowhere():
    table = answers(0.777, 0.905).assign(release=["hidden", "released"], absent=["pictured", ""],
                                         origin=["pictured", "printed"], n=pd.array([777, 7], "Int64"))  # fmt: skip
    chart = charts.shares(table, voice("nl"), "bar")
    said = [on_page(chart, data=tables.shares(table, "c")), plotly(chart), everything_said(chart, voice("nl"))]
    ends_too = ("77,7", "76,7", "80,7", "0.777", "0.767", "0.807", ">777<", "777 van", ",777,")
    assert not [number for number in ends_too if number in str(said)]


def test_a_value_that_is_known_in_a_range_only_is_drawn_as_one():
    value = Value("share", None, "share", of=40, least=0.2, most=0.5, release="hidden", absent="unpublished")
    chart = Chart("rows", Table("", ("a", "b"), (Block((Row("Label", (Lane(value),)),)),)), Axis())
    assert agreed(chart) == near({"a": 20, "b": 50})
    assert cells(on_page(chart)) == [["Label", "20,0 tot 50,0%"]] and lanes(chart)[0, 0][0] == ["range"]
    assert hovers(plotly(chart))[0].startswith("Label, 20,0 tot 50,0%")


@pytest.mark.parametrize("verdict", ["", "reliable", "review", "unreliable"])
def test_what_rests_on_too_little_is_open_and_has_its_sign(verdict):
    open_ = verdict in ("review", "unreliable")
    for mark, table in (("bar", answers(0.5)), ("dot", groups(0.5))):
        chart = charts.shares(table.assign(reliability=verdict), voice("nl"), mark)
        ((kinds, _),) = lanes(chart).values()
        assert ("open" in kinds) is open_
        (number,) = [note for note in notes(plotly(chart)) if "50,0%" in note]
        assert (number != "<b>50,0%</b>") is open_ and (voice("nl").sign(verdict).sign in number if open_ else True)
        agreed(chart)
    assert plotly(chart)["data"][0]["marker"]["symbol"] == ["circle-open" if open_ else "circle"]


# --- what it rests on -----------------------------------------------------------------------------


def test_mixed_origins_are_said_a_row_each_and_one_origin_nowhere_in_the_table():
    mixed = charts.shares(answers(0.5, 0.25, origin=["printed", "derived"]), voice("nl"), "bar")
    assert [row[0] for row in cells(on_page(mixed))] == ["Label 0 in het rapport", "Label 1 afgeleid"]
    assert [note for note in notes(plotly(mixed)) if "Label" in note] == ["Label 0", "Label 1"]
    one = charts.shares(answers(0.5, 0.25, origin=["printed", "printed"]), voice("nl"), "bar")
    assert [row[0] for row in cells(on_page(one))] == ["Label 0", "Label 1"]
    for chart in (mixed, one):
        agreed(chart)
        assert "in het rapport" in everything_said(chart, voice("nl"))[0]
        assert "in het rapport" in hovers(plotly(chart))[0]


def test_a_row_of_real_answers_among_others_says_no_origin():
    mixed = charts.shares(answers(0.5, 0.25, origin=["", "derived"]), voice("nl"), "bar")
    assert [row[0] for row in cells(on_page(mixed))] == ["Label 0", "Label 1 afgeleid"]


# --- what all charts share --------------------------------------------------------------------------

ALL = {
    "bars": lambda label: charts.shares(frame({"label": label}), voice("nl"), "bar"),
    "dots": lambda label: charts.shares(frame({"group": "g", "group_label": label}), voice("nl"), "dot"),
    "line": lambda label: charts.redraws(frame({"group": "g", "group_label": label}), 0.4, voice("nl")),
    "ranges": lambda label: charts.ranges(ends((label, 0.1, 0.2, 0.1, 0.4)), voice("nl")),
    "odds": lambda label: charts.odds(terms((label, 2.0, 1.0, 4.0)), voice("nl")),
    "counts": lambda label: charts.counts(things().rename(index={"Alles": label})),
    "statements": lambda label: of(Question("s", "1", "statements", "Scale", Condition(), answers=FIVE.answers,
                                            statements=(Statement("p", label),)), statements="p"),
}  # fmt: skip
every_chart = pytest.mark.parametrize("make", ALL.values(), ids=ALL)


@every_chart
def test_long_labels_wrap_and_lose_no_word(make):
    first = notes(plotly(make(LONG)))[0].split("<br>")
    assert " ".join(first) == LONG and max(map(len, first)) <= figures.WRAP
    heights = [plotly(make(label))["layout"]["height"] for label in (LONG, "kort")]
    assert heights[0] - heights[1] == (len(first) - 1) * figures.LINE
    assert LONG in words(on_page(make(LONG)))


@every_chart
def test_everything_is_escaped(make):
    chart = make(NASTY)
    page, drawing = on_page(chart, title=NASTY, asked=NASTY, source=NASTY, stamp="ver'zon\"nen"), plotly(chart)
    assert "<b>Brood" not in page and "<script>alert" not in page
    assert NASTY in unescape(re.search(r'data-source="([^"]*)"', page)[1])
    assert unescape(re.search(r'style="(--w:[^"]*)"', page)[1]).startswith("--w:'ver\\'zon\"nen")
    for text in [*notes(drawing), *(text for trace in drawing["data"] for text in trace["hovertext"])]:
        assert not re.search("<(?!br>|/?b>)", text.replace("<b>Brood", "<x")), text
    assert NASTY in " ".join(unescape(notes(drawing)[0].replace("<br>", " ")).split())


@every_chart
def test_rows_do_not_overlap_and_lie_within_the_drawing(make):
    drawing = plotly(make("kort"))
    top, bottom = sorted(drawing["layout"]["yaxis"]["range"])
    heights = sorted({y for trace in drawing["data"] for y in trace["y"]})
    widest = max(trace.get("width", figures.BAR) for trace in drawing["data"])
    assert top < heights[0] - widest / 2 and heights[-1] + widest / 2 < bottom
    assert all(b - a >= widest + figures.LINE for a, b in zip(heights, heights[1:], strict=False))
    assert drawing["layout"]["height"] == bottom + drawing["layout"]["margin"]["b"]


@pytest.mark.parametrize(("mark", "table"), [("bar", answers(0.3, 0.1)), ("dot", groups(0.3, 0.1))])
def test_drawing_changes_no_estimate(mark, table):
    before = table.copy()
    figures.drawn(charts.shares(table, voice("nl"), mark, sort=True), voice("nl"))
    pd.testing.assert_frame_equal(table, before)


def test_drawing_statements_changes_no_estimate():
    table, totals = five()
    before = table.copy(), totals.copy()
    charts.statements(table, totals, voice("nl"))
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(totals, before[1])


def test_a_chart_is_set_as_rows_or_as_a_scale():
    with pytest.raises(ValueError, match="a chart is set as rows or as a scale, not as heap"):
        Chart("heap", Table("", ("a",), ()), Axis())


def test_a_number_beyond_the_axis_lies_on_its_end():
    assert [Axis(0.5, 2, logarithmic=True).place(n) for n in (0.1, 1, 9)] == pytest.approx([0, 50, 100])
    assert [Axis(10, 20).place(n) for n in (0, 15, 99)] == [0, 50, 100]


def test_the_ends_of_the_axis_stand_in_the_head_of_a_chart_of_rows_alone():
    assert """<i style="--from:'0%';--to:'100%'"></i>""" in on_page(charts.shares(answers(0.5), voice("nl"), "bar"))
    assert "--from" not in on_page(of(FIVE))


# --- the numbers to take along ------------------------------------------------------------------


def test_a_csv_holds_every_number_with_the_ends_of_intervals():
    table = answers(0.905, 0.041, n=[1234, 7], origin=["printed", "derived"])
    html = on_page(charts.shares(table, voice("en"), "bar"), "en", data=tables.shares(table, "c"))
    head, *rows = taken_along(html).strip().split("\n")
    assert [line.split(",") for line in rows] == [
        ["Label 0", "1234", "9000", "0.905", "0.895", "0.935", "printed"],
        ["Label 1", "7", "9000", "0.041", "0.031", "0.071", "derived"],
    ]
    ends_of = '"95% computed interval, lower end","95% computed interval, upper end"'
    assert head == f"Answer,Count,Base,Share,{ends_of},Origin"


@pytest.mark.parametrize("label", ["</script><b>x</b>", 'said "so"', "a, b", "<!--<script>"])
def test_a_csv_holds_any_words_and_none_of_them_becomes_markup(label):
    table = frame({"label": label})
    page = on_page(charts.shares(table, voice("nl"), "bar"), data=tables.shares(table, "c"))
    assert "<script" not in page and "<b>" not in page
    (row,) = list(csv.reader(taken_along(page).splitlines()))[1:]
    assert row[0] == label and "0.123" in row


def test_a_chart_without_data_has_no_csv_and_no_button_for_one():
    page = on_page(charts.counts(things()))
    assert "data-rows" not in page and 'data-take="csv"' not in page


# --- who was asked what, and who was left out -----------------------------------------------


@both_languages
def test_the_way_through_has_a_row_for_each_run_of_questions_and_who_was_asked(language):
    yes = Answer("y", "Yes & no")
    first = Question("one", "1", "single", "First", Condition(), answers=(yes, Answer("n", "No")))
    then = [Question(code, number, "text", f"Label {code}", Condition.parse("one=y"))
            for code, number in [("two", "2"), ("three", "3")]]  # fmt: skip
    people = {code: of_things(n) for code, n in [("one", 1234), ("two", 56), ("three", 56)]}
    chart = charts.routing(Questionnaire(language, (first, *then)), people, voice(language))
    assert agreed(chart, language) == near({"a": 0, "b": 100}, {"a": 0, "b": 4.538})
    (all_of_them, number), (some, few) = cells(on_page(chart, language))
    assert number == {"nl": "1.234", "en": "1,234"}[language] and few == "56"
    assert "1. First" in all_of_them
    assert all(part in some for part in ("Yes & no", "2. Label two", "3. Label three"))


@both_languages
def test_the_steps_from_taking_part_to_being_counted_are_bars_of_people_with_why(language):
    steps = pd.DataFrame({"step": ["took_part", "gone", "analysed"], "n": [1804, 33, 1771],
                          "label_nl": ["", "Weg < & >", ""], "label_en": ["", "Gone < & >", ""]})  # fmt: skip
    chart = charts.flow(Flow(steps), voice(language))
    assert agreed(chart, language) == near({"a": 0, "b": 100}, {"a": 0, "b": 1.829}, {"a": 0, "b": 98.17})
    rows = cells(on_page(chart, language))
    assert rows[0][0] == {"nl": "Deden mee", "en": "Took part"}[language]
    assert {"nl": "Weg < & >", "en": "Gone < & >"}[language] in rows[1][0] and rows[1][1] == "33"
    assert chart.lanes[1][0].colour != chart.lanes[0][0].colour
