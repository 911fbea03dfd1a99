"""What goes with a figure: colours that all can tell apart, tables, pictures of the study, and the exhibit around it.

What a chart says and draws is held in `test_charts`.
"""

import re
import shutil

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from charted import answered, answers, cells, frame, groups, plotly, scale, taken_along, words
from conftest import OTHER, ROOT, as_if_asked

import analysis
from analysis.show import charts, edition, exhibits, figures, render, tables
from analysis.stats import comparisons, estimates, models
from analysis.stats.value import Value
from analysis.stats.vocabulary import Compared
from analysis.survey.questionnaire import Answer, Condition, Question, Questionnaire, Recorded
from analysis.words import text, voice

LANGUAGES = ("nl", "en")
LONG = "Een antwoord dat zo lang is dat het op een telefoon nooit naast zijn eigen balk zou passen"
NASTY = "<b>Brood</b> & boter"

both_languages = pytest.mark.parametrize("language", LANGUAGES)


# --- ranges ---------------------------------------------------------------------------------


def ends(*rows):
    """Ranges of one thing a row: label, least, most, and both without sums where those differ."""
    columns = ["label", "least", "most", "whole_least", "whole_most"]
    made = pd.DataFrame([(*row, *row[1:3])[:5] if len(row) == 3 else row for row in rows], columns=columns)
    return made.assign(about="", base=pd.array([294] * len(made), "Int64"), width=made["most"] - made["least"])


def test_answers_that_can_be_the_same_are_one_bar_the_narrowest_first(shown):
    rows = ends(("Oneens", 0, 0.5), ("Neutraal", 0, 0.5), ("Eens", 0, 0.2))
    exhibits.show_ranges("r", "Titel", rows.assign(about="Fietsen"))
    exhibits.show_ranges("r", "Titel", rows)
    joined, apart = (part["text/html"] for part in shown if "text/html" in part)
    assert [row[:2] for row in cells(joined)] == [
        ["Fietsen: Eens", "0 tot 20,0%"], ["Fietsen: Oneens, Neutraal", "0 tot 50,0%"]
    ]  # fmt: skip
    assert [row[0] for row in cells(apart)] == ["Eens", "Oneens", "Neutraal"]
    note, each = voice("nl").say("range_note"), voice("nl").say("range_of_each")
    assert note in joined and each in joined and note in apart and each not in apart
    assert [line.split(",")[0] for line in taken_along(apart).splitlines()[1:]] == ["Eens", "Oneens", "Neutraal"]


def test_the_table_of_ranges_has_both_ends_how_far_apart_and_the_base():
    table = tables.ranges(ends(("A", 0.25, 0.5, 0, 0.9), ("B", 0, 0.25)), "Titel")
    said = render.plain(table, "nl").splitlines()
    assert re.split(r"  +", said[2]) == ["A", "25,0 tot 50,0%", "25,0", "0 tot 90,0%", "294"]
    assert re.split(r"  +", said[3])[3] == "hetzelfde"
    assert render.as_csv(table, "nl").splitlines()[1].startswith("A,0.25,0.5,")


def test_the_tables_of_answers_name_those_left_open_and_those_that_settle_each_other():
    rows = ends(("Ja", 0, 1), ("Nee", 0, 1), ("Soms", 0, 1)).assign(
        about="Fietsen", answer=["a", "b", "c"], settles=["b", "a", ""]
    )
    opened, settled = tables.by_question(rows, "T", "Vraag"), tables.settling(rows, "T", "Vraag")
    assert render.plain(opened, "nl").splitlines()[-1].split() == ["Fietsen", "3", "Ja,", "Nee,", "Soms"]
    assert render.plain(settled, "nl").splitlines()[-1].split() == ["Fietsen", "Ja", "en", "Nee"]


# --- statements on one scale: their estimates ----------------------------------------------------


FIVE = scale([2, 1, 0, -1, -2, None])
FOUR = scale([2, 1, -1, -2, None])


# of ten: p has 1 2 3 1 2 1 (agree 3), q has 4 2 1 1 1 1 (agree 6)
TEN = answered(p="1223334456", q="1111223456")


def test_sides_add_up_answers_as_worked_out_by_hand():
    totals = estimates.sides(estimates.shares(TEN, FIVE).frame, FIVE)
    found = totals.set_index(["statement", "side"])[["answer", "n", "base", "share"]]
    assert found.loc[("p", "agree")].tolist() == ["1|2", 3, 10, 0.3]
    assert found.loc[("q", "agree")].tolist() == ["1|2", 6, 10, 0.6]
    assert found.loc[("p", "disagree")].tolist() == ["4|5", 3, 10, 0.3]
    assert found.loc[("p", "neutral")].tolist() == ["3", 3, 10, 0.3]
    assert found.loc[("q", "off_scale")].tolist() == ["6", 1, 10, 0.1]
    alone = estimates.share(TEN, FIVE, "1|2", statement="q").frame.iloc[0]
    assert (
        totals.set_index(["statement", "side"]).loc[("q", "agree"), ["low", "high"]] == alone[["low", "high"]]
    ).all()


def test_sides_have_no_neutral_on_a_scale_without_one():
    totals = estimates.sides(estimates.shares(answered(p="12345", q="12345"), FOUR).frame, FOUR)
    assert set(totals["side"]) == {"agree", "disagree", "off_scale"}


def test_a_total_has_its_own_origin_apart_from_its_parts():
    printed = {
        ("p", "1|2", ""): Recorded("printed", 3, 10, "3", "count", "1|2"),
        ("p", "3", ""): Recorded("derived", 3, 10, "", "", "3"),
    }
    question = Question("s", "1", "statements", "Scale", Condition(), answers=FIVE.answers,
                        statements=FIVE.statements, provenance=printed)  # fmt: skip
    table = estimates.shares(TEN, question, statements="p")
    unknown = "unpublished"
    assert table.frame["origin"].tolist() == [unknown, unknown, "derived", unknown, unknown, unknown]
    assert table.frame["n"].fillna(-1).tolist() == [-1, -1, 3, -1, -1, -1]
    totals = estimates.shown_sides(table).set_index("side")
    origins = {"agree": "printed", "neutral": "derived", "disagree": unknown, "off_scale": unknown}
    assert totals["origin"].to_dict() == origins
    assert totals["n"].fillna(-1).to_dict() == {"agree": 3, "neutral": 3, "disagree": -1, "off_scale": -1}


def test_statements_are_chosen_by_code_and_a_wrong_one_is_refused():
    assert set(estimates.shares(TEN, FIVE, statements="q").frame["statement"]) == {"q"}
    assert set(estimates.shares(TEN, FIVE).frame["statement"]) == {"p", "q"}
    with pytest.raises(ValueError, match='s has no statement "z"; it has p, q'):
        estimates.shares(TEN, FIVE, statements="p|z")


def test_the_score_of_each_answer_stands_in_the_estimates():
    assert estimates.shares(TEN, FIVE, statements="p").frame["score"].tolist() == [2, 1, 0, -1, -2, pd.NA]


def five():
    table = estimates.shares(TEN, FIVE).frame
    return table, estimates.sides(table, FIVE)


# --- statements on one scale: colours -----------------------------------------------------------


def linear(colour):
    """The colour as linear red, green and blue between 0 and 1 (IEC 61966-2-1)."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    """Contrast ratio as WCAG 2.2 has it."""
    light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) + 0.05 for c in (first, second))
    return light[1] / light[0]


EYES = {  # Machado, Oliveira and Fernandes (2009), severity 1
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def lab(colour, eyes):
    """CIELAB under D65 of a colour as these eyes see it."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    seen = np.clip(np.array(EYES[eyes]) @ linear(colour), 0, 1)
    x, y, z = np.cbrt(np.maximum(np.array(to_xyz) @ seen / [0.9505, 1, 1.089], 1e-9))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def chart_of(question, letters):
    table = estimates.shares(answered(p=letters, q=letters), question).frame
    return charts.statements(table, estimates.sides(table, question), voice("nl"))


def colours_of(question, letters):
    """The colours of the parts of a scale, on a light page."""
    return [trace["marker"]["color"] for trace in plotly(chart_of(question, letters))["data"]]


def tokens(scheme):
    """The colours of the page itself; in the dark those that it has anew."""
    light, dark = (ROOT / "_static" / "tokens.css").read_text(encoding="utf-8").split('html[data-theme="dark"] {')
    found = {}
    for rule in (light, dark.partition("}")[0]) if scheme == "dark" else (light,):
        found |= dict(re.findall(r"(--[\w-]+): (#\w{3,6}|var\(--\w+\));", rule))
    return {name: found.get(colour[4:-1], colour) for name, colour in found.items()}


@pytest.mark.parametrize("eyes", EYES)
def test_the_five_steps_can_be_told_apart_by_all_eyes(eyes):
    *steps, _ = colours_of(FIVE, "123456")
    apart = [np.linalg.norm(lab(a, eyes) - lab(b, eyes)) for i, a in enumerate(steps) for b in steps[i + 1 :]]
    assert min(apart) > 15  # a difference of 2 to 3 is just noticeable


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("eyes", EYES)
def test_the_colours_of_the_page_can_be_told_apart_by_all_eyes(eyes, scheme):
    steps = [tokens(scheme)[f"--c{i}"] for i in range(1, 6)]
    apart = [np.linalg.norm(lab(a, eyes) - lab(b, eyes)) for i, a in enumerate(steps) for b in steps[i + 1 :]]
    assert min(apart) > 15


def test_a_picture_has_the_colours_of_the_light_page():
    of_page = tokens("light")
    assert {name: of_page.get(name, "#ffffff") for name in figures.COLOURS} == figures.COLOURS


def test_every_part_has_an_outline_that_shows():
    for trace in plotly(chart_of(FIVE, "123456"))["data"]:
        assert contrast(trace["marker"]["line"]["color"], "#ffffff") >= 3 and trace["marker"]["line"]["width"] == 1


def test_a_number_in_a_part_stands_out_on_its_colour():
    for trace in plotly(chart_of(FIVE, "123456"))["data"]:
        assert contrast(trace["textfont"]["color"], trace["marker"]["color"]) >= 4.5


def test_the_same_colour_means_the_same_on_every_scale():
    one_step, two = colours_of(scale([1, 0, -1]), "123"), colours_of(FIVE, "123456")
    three = colours_of(scale([3, 2, 1, 0, -1, -2, -3]), "1234567")
    strong, weak, neutral, against, firmly = (figures.COLOURS[f"--c{i}"] for i in (1, 2, 3, 4, 5))
    assert one_step == [strong, neutral, firmly]
    assert two == [strong, weak, neutral, against, firmly, figures.COLOURS["--na"]]
    assert (three[0], three[2], three[3], three[4], three[6]) == (strong, weak, neutral, against, firmly)
    assert len(set(three)) == 7
    assert colours_of(FOUR, "12345")[:4] == [two[0], two[1], two[3], two[4]]


def test_a_colour_between_two_is_mixed_as_the_page_mixes_it():
    assert figures.light("color-mix(in srgb, var(--c2) 50%, var(--c1))") == "#348984"  # (90, 167, 161), (14, 107, 104)
    assert figures.light("color-mix(in srgb, var(--c4) 40%, var(--c5))") == "#987e4b"
    assert figures.light("var(--c3)") == "#dfd7c6" and figures.light("#123456") == "#123456"
    middle = chart_of(scale([3, 2, 1, 0, -1, -2, -3]), "1234567").colours[1]
    assert middle == "color-mix(in srgb, var(--c2) 50%, var(--c1))"
    four = chart_of(scale([4, 3, 2, 1, -1]), "12345").colours
    assert four[1:3] == [f"color-mix(in srgb, var(--c2) {part}%, var(--c1))" for part in (33, 67)]


@pytest.mark.parametrize("mark", ["bar", "dot"])
def test_the_page_sets_the_ground_of_a_drawing_and_its_colour(mark):
    figure = figures.drawn(charts.shares(groups(0.1), voice("nl"), mark), voice("nl"))
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert {note.font.color for note in figure.layout.annotations} == {None}
    assert figure.data[0].meta == "var(--c1)" and figure.data[0].marker.color == figures.COLOURS["--c1"]
    assert figure.layout.xaxis.range == (0, 1) and figure.layout.xaxis.ticktext == ("0%", "25%", "50%", "75%", "100%")


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "row", "head"),
    [
        ("nl", ["Label 0", "1.234", "9.000", "90,5%", "89,5 tot 93,5%", "afgeleid"], "Herkomst"),
        ("en", ["Label 0", "1,234", "9,000", "90.5%", "89.5 to 93.5%", "derived"], "Origin"),
    ],
)
def test_a_table_sets_the_estimates_with_base_interval_and_origin(language, row, head):
    html = render.html(tables.shares(answers(0.905, n=[1234], origin=["derived"]), "A caption"), language)
    assert cells(html) == [row]
    assert f'<th scope="col">{head}</th>' in html and '<th scope="row">Label 0</th>' in html
    assert "<caption>A caption</caption>" in html and '<tr class="derived">' in html


def test_a_real_waves_table_says_nothing_of_origin():
    html = render.html(tables.shares(answers(0.5), "A caption"), "en")
    assert "Origin" not in html and "printed" not in html


def test_a_table_can_be_scrolled_by_keyboard_and_is_named():
    assert 'role="region" tabindex="0" aria-label="A &amp; B"' in render.html(
        tables.shares(answers(0.5), "A & B"), "en"
    )


def test_tables_are_escaped():
    html = render.html(tables.shares(frame({"label": NASTY}), NASTY), "en")
    assert "<b>" not in html and html.count("&lt;b&gt;Brood&lt;/b&gt; &amp; boter") == 3


def test_the_statements_table_has_a_row_a_statement_and_a_column_an_answer():
    html = render.html(tables.statements(*five(), "statement", "A caption"), "en")
    heads = re.findall(r'<th scope="col">(.*?)</th>', html)
    assert heads == ["Statement", "Score -2", "Score -1", "Score 0", "Score 1", "Score 2", "Score None",
                     "Disagree, together", "Agree, together", "Base"]  # fmt: skip
    rows = cells(html)
    assert [row[0] for row in rows] == ["Statement p", "Statement q"]
    assert [cell.split()[0] for cell in rows[0][1:7]] == ["10.0%", "20.0%", "30.0%", "20.0%", "10.0%", "10.0%"]
    assert rows[0][8] == "30.0% [u] rough estimate 3 10.8 to 60.3%"  # Wilson, 3 of 10
    assert {row[-1] for row in rows} == {"10"}
    assert html.count('scope="row"') == 2


def test_the_statements_table_draws_what_it_is_given_and_counts_nothing():
    table, totals = five()
    table["share"], table["n"], table["base"], table["reliability"] = 0.777, 5555, 9000, ""
    totals["share"], totals["n"], totals["base"], totals["reliability"] = 0.888, 6666, 9000, ""
    row = cells(render.html(tables.statements(table, totals, "statement", "c"), "nl"))[0]
    assert all(cell == "77,7% 5.555" for cell in row[1:7])
    assert all(cell.startswith("88,8% 6.666 ") for cell in row[7:9])


@both_languages
def test_the_statements_table_marks_the_origin_of_each_cell_in_words(language):
    table, totals = five()
    table["origin"] = np.where(table["answer"].eq("3"), "printed", "unpublished")
    totals["origin"] = np.where(totals["side"].eq("agree"), "derived", "unpublished")
    html = render.html(tables.statements(table, totals, "statement", "c"), language)
    for origin, times in (("unpublished", 2 * 5 + 2), ("printed", 2), ("derived", 2)):
        assert html.count(f'<td class="{origin}">') == times
        assert html.count(f"<small>{voice(language).say(origin)}</small>") == times


def test_the_statements_table_is_escaped():
    question = scale([1, -1], labels={1: NASTY})
    table = estimates.shares(answered(p="12", q="12"), question).frame.assign(statement_label=NASTY)
    html = render.html(tables.statements(table, estimates.sides(table, question), "statement", NASTY), "en")
    assert "<b>" not in html and html.count("&lt;b&gt;Brood&lt;/b&gt; &amp; boter") == 5  # twice caption, rows; a head


# --- the whole exhibit ------------------------------------------------------------------------------


PLOTLY = "application/vnd.plotly.v1+json"


@both_languages
def test_statements_are_shown_with_key_base_totals_notes_and_tables(shown, language):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", language)
    edition.speak(language, sample="self_selected")
    (question,) = [q for q in questions if q.kind == "statements"]
    chosen = [s.code for s in question.statements][10:]
    exhibits.show(estimates.shares(responses, question, statements="|".join(chosen)), "role", figure=16)
    figure, html = shown[0][PLOTLY], shown[1]["text/html"]
    assert len(figure["data"]) == 6 and html.count('class="key"') == 6
    order = ['<table class="chart scale"', render.PLOT, "<details>", '<div class="notes">', 'class="take"', "data-rows"]
    assert [html.index(part) for part in order] == sorted(html.index(part) for part in order)
    said = {  # 188 and 24 of 294
        "nl": ["Vult een hulpverlener goed aan eens: 63,9%", "Kan een hulpverlener goed vervangen eens: 8,2%"],
        "en": ["Supplements a professional well agree: 63.9%", "Can replace a professional well agree: 8.2%"],
    }[language]
    rows = cells(html)
    assert [row[0].split(" · ")[0] for row in rows] == said, "the most agreed with first"
    base = {"nl": "basis: 294", "en": "base: 294"}[language]
    assert base in re.search(r"<caption>(.*?)</caption>", html)[1]
    folded = html[html.index("<details>") :]
    assert cells(folded)[0][0] == question.statements[11].label and len(cells(folded)[0]) == 10
    assert voice(language).say("interval_in_table_self_selected") in folded
    assert voice(language).say("figure_in_report", number=16) in html and "11" in words(html)
    assert len(taken_along(html).strip().splitlines()) == 1 + 2 * 6


def test_a_real_waves_statements_carry_no_mark(shown, tmp_path):
    shutil.copytree(OTHER, tmp_path / "other")
    wave = tmp_path / "other/waves/2024-cycling"
    questions = analysis.questions(wave, "en")
    exhibits.show(estimates.shares(analysis.load(wave), questions["view"]), "view")
    html = shown[1]["text/html"]
    assert not re.search("printed|derived|not known", html)
    assert "the base differs by statement and stands in the table" in html  # 16, 16, 15
    assert "Asked and left blank: 0 to 1" in html


def test_a_total_of_one_statement_by_group_is_drawn_as_dots(shown):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "en")
    (question,) = [q for q in questions if q.kind == "statements"]
    code = question.statements[1].code
    table = estimates.share(responses, question, "1|2", statement=code, by=questions["user"])
    exhibits.show(table, "x")
    assert shown[0][PLOTLY]["data"][0]["type"] == "scatter"
    assert question.statements[1].label in caption(shown[1]["text/html"])


def caption(html):
    """What a figure says above its table: its title or its finding."""
    return words(re.search(r"<figcaption[^>]*>(.*?)</figcaption>", html, re.S)[1])


def asked(html):
    """The line below it."""
    return words(re.search(r"<caption>(.*?)</caption>", html, re.S)[1])


def test_the_whole_of_an_exhibit_can_be_heard(shown):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    exhibits.show(estimates.shares(responses, questions.talked), title="Titel")
    html, plain = shown[1]["text/html"], shown[1]["text/plain"]
    assert 'aria-labelledby="fig-talked-caption"' in html and 'id="fig-talked-caption"' in html
    assert html.count("<caption>") == 1 and html.count('scope="row"') == 2
    for said in ("38,1%", "34,8 tot 41,6%", "294", "basis: 771"):
        assert said in html and said in plain
    assert '<a href="certainty.html">' in html and "fig-talked" in re.search(r'<a href="#([^"]+)', html)[1]


# --- what a figure found -------------------------------------------------------------------------


def test_what_is_given_most_often_is_the_title_only_where_that_holds_beyond_chance(shown):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    exhibits.show(estimates.shares(responses, questions.helpful))
    html = shown[1]["text/html"]
    assert caption(html) == "Het vaakst: ‘Ja’, 55,8%"
    assert asked(html).startswith(f"{questions.helpful.label} · ")


def of_three(*many):
    """A question with three answers, given by so many."""
    options = tuple(Answer(code, f"Answer {code}") for code in "abc")
    question = Question("q", "1", "single", "Question", Condition(), answers=options)
    held = Questionnaire("nl", (question,))
    people = pd.DataFrame({"q": pd.Categorical([code for code, n in zip("abc", many, strict=True) for _ in range(n)])})
    return estimates.shares(people, held["q"])


@pytest.mark.parametrize(("many", "found"), [((60, 20, 20), True), ((34, 33, 33), False), ((0, 50, 50), False)])
def test_a_lead_that_may_be_chance_is_not_said(shown, many, found):
    exhibits.show(of_three(*many))
    html = shown[1]["text/html"]
    assert (caption(html) == "Het vaakst: ‘Answer a’, 60,0%") is found
    assert found or caption(html) == "Question" and not asked(html).startswith("Question")


def test_less_than_a_whole_question_two_answers_and_groups_have_no_finding(shown):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    exhibits.show(estimates.share(responses, questions.helpful, "yes"))
    exhibits.show(estimates.shares(responses, questions.talked))
    exhibits.show(estimates.shares(responses, questions.opinions, statements="1"))
    exhibits.show(estimates.share(responses, questions.helpful, "yes", by=questions["care"]))
    assert not [part for part in shown if "Het vaakst" in part.get("text/html", "")]


def test_a_confidential_edition_says_no_finding(monkeypatch):
    estimate = of_three(60, 20, 20)
    assert exhibits._finding(estimate) == "Het vaakst: ‘Answer a’, 60,0%"
    edition.speak("nl", confidential=True)
    assert exhibits._finding(estimate) == ""


# --- figures of one's own --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [go.Bar, go.Scatter, go.Histogram, go.Box, go.Violin, go.Heatmap, go.Pie, go.Contour])
def test_what_the_bundle_can_draw_is_let_in(kind):
    figures.refuse_unknown(go.Figure(kind()).to_plotly_json())


@pytest.mark.parametrize("kind", [go.Scatter3d, go.Sunburst, go.Sankey, go.Scattergl, go.Choropleth])
def test_what_it_can_not_draw_is_refused_with_what_it_can(shown, kind):
    figure = go.Figure([go.Bar(), kind()])
    name = kind().type
    with pytest.raises(ValueError, match=f"the book can't draw {name}: its Plotly knows bar, box, .*as a table"):
        exhibits.show_figure(figure, "Title", "base: 3", "In words", of_three(1, 1, 1))
    assert shown == []


def test_the_bundle_that_is_served_has_the_kinds_that_are_let_in():
    source = (ROOT / "vendor" / "plotly-cartesian.min.js").read_text(encoding="utf-8")
    held = set(re.findall(r'moduleType:"trace",name:"(\w+)"', source))
    assert held >= figures.KNOWN and "scatter3d" not in held


def test_a_figure_of_ones_own_has_its_words_its_table_and_its_numbers(shown):
    exhibits.show_figure(go.Figure(go.Bar(x=[0.6])), "Title & <b>", "base: 3", "In <b> words", of_three(60, 20, 20))
    html = shown[1]["text/html"]
    assert caption(html) == "Title & <b>" and '<p class="asked">base: 3</p>' in html
    assert '<p class="description">In &lt;b&gt; words</p>' in html and "<b>" not in html
    assert [row[0] for row in cells(html)] == [f"Answer {code}" for code in "abc"]
    assert html.index(render.PLOT) < html.index("description") and 'data-take="png"' in html
    assert taken_along(html).splitlines()[1].startswith("Answer a,60,100,0.6,")


# --- a wave to practise on -------------------------------------------------------------------


def stamped(drawing):
    """The heights at which a drawing says that it is invented."""
    return sorted(
        note["y"] for note in drawing["layout"].get("annotations", ()) if note["text"].startswith("verzonnen · ")
    )


@pytest.mark.parametrize("practice", [True, False])
def test_every_drawing_and_table_of_a_wave_to_practise_on_says_that_it_is_invented(shown, practice):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    edition.speak("nl", practice=practice)
    exhibits.show(estimates.shares(responses, questions.talked))
    exhibits.show(estimates.shares(responses, questions.opinions))
    exhibits.show_figure(go.Figure(go.Bar(x=[0.6])), "Title", "base: 3", "In words", of_three(60, 20, 20))
    exhibits.show_routing("way", estimates.asked(responses, questions), questions)
    drawn = [part[PLOTLY] for part in shown if PLOTLY in part]
    pages = [part["text/html"] for part in shown if "text/html" in part]
    assert [bool(stamped(figure)) for figure in drawn] == [practice] * 4
    assert ["--w:" in page and 'class="exhibit made"' in page for page in pages] == [practice] * 4
    source = "Verzonnen antwoorden" if practice else "Cijfers uit het rapport"
    assert all(f'data-source="{source}' in page for page in pages)


def test_the_stamp_stands_between_all_rows_of_a_drawing():
    chart = charts.shares(answers(0.5, 0.3, 0.2), voice("nl"), "bar")
    drawing = figures.drawn(chart, voice("nl"), "verzonnen").to_plotly_json()
    heights, stamps = drawing["data"][0]["y"], stamped(drawing)
    assert len(stamps) == len(heights) == 3
    assert all(y < at <= y + figures.BAR + figures.GAP for y, at in zip(heights, stamps, strict=True))
    without = figures.drawn(chart, voice("nl")).to_plotly_json()
    assert not stamped(without) and without["layout"]["height"] == drawing["layout"]["height"]


@pytest.mark.parametrize(("height", "least"), [(None, 6), (100, 1), (600, 9)])
def test_a_figure_of_ones_own_is_stamped_from_top_to_bottom(height, least):
    figure = go.Figure(go.Bar(x=[1]))
    figure.update_layout(height=height)
    figures.stamp(figure, "verzonnen")
    places = stamped(figure.to_plotly_json())
    assert len(places) >= least and places[0] > 0 and places[-1] < 1
    assert max(np.diff([0, *places, 1])) * (height or 400) <= 81
    nothing = go.Figure()
    figures.stamp(nothing, "")
    assert not nothing.layout.annotations


@pytest.mark.parametrize("of_report", [True, False])
def test_a_figure_says_its_number_in_the_report_where_the_edition_is_of_the_report(shown, of_report):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    edition.speak("nl", of_report=of_report)
    exhibits.show(estimates.shares(responses, questions.talked), figure=4)
    html = shown[1]["text/html"]
    assert ("in het rapport figuur 4" in html) is of_report
    assert '<span class="number">Figuur<!-- number --></span>' in html, "the book gives it its own"


# --- each way of showing, whole --------------------------------------------------------------------


def test_a_model_draws_its_fitted_terms_and_sets_all_in_a_table(shown):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    exhibits.show_model(models.logistic(responses, questions["user"], "yes", [questions["care"], questions["age"]]))
    drawing, html = shown[0][PLOTLY], shown[1]["text/html"]
    names = [row[0] for row in cells(html)]
    assert len(names) == len(drawing["data"][0]["x"]) == 4
    assert sum(voice("nl").say("reference_group", label="").strip() in name for name in names) == 1
    (reference,) = [i for i, x in enumerate(drawing["data"][0]["x"]) if x == 1]
    assert cells(html)[reference][1] == "1,00"
    assert '<table class="chart rows dots line"' in html and "771" in asked(html)
    assert voice("nl").say("model_note") in html
    assert [row[0] for row in cells(html[html.index("<details>") :])] == names
    assert len(taken_along(html).splitlines()) == 5
    assert voice("nl").say("model_checks") in shown[2]["text/html"]


def test_rounds_say_how_many_intervals_hold_the_truth(shown):
    rounds = groups(0.45, 0.47, 0.52, low=[0.40, 0.44, 0.50], high=[0.46, 0.50, 0.54])
    exhibits.show_redraws(rounds.assign(label="Ja", group=["1", "2", "3"]), Value("share", 0.46, "share", n=46, of=100))
    html = shown[1]["text/html"]
    assert voice("nl").say("truth_all_held", rounds=3, held=2) in html, "an end on the truth holds it"
    assert voice("nl").say("truth_line") in html and "46,0%" in caption(html) and "--t:46" in html
    names = [voice("nl").say("truth_round", number=number) for number in "123"]
    assert [row[0] for row in cells(html)] == names
    assert [row[1] for row in cells(html)] == ["45,0%", "47,0%", "52,0%"]


def test_the_same_share_in_groups_of_other_sizes_is_dots_of_the_same_share(shown):
    share = Value("share", 0.5, "share", n=50, of=100)
    people = lambda n: Value("count", n, "people", n=n)  # noqa: E731
    exhibits.show_same_share(share, [people(100), people(20), people(100)])
    html = shown[1]["text/html"]
    assert [row[:2] for row in cells(html)] == [["100 mensen", "50,0%"], ["20 mensen", f"50,0% {ROUGH}"]]
    assert list(shown[0][PLOTLY]["data"][0]["x"]) == [0.5, 0.5]
    assert "50,0%" in caption(html) and "100" in asked(html)


ROUGH = "[r] ruwe schatting"


def test_counts_of_things_start_with_all_and_are_held_to_the_things(shown):
    columns, index = [text("agree"), text("disagree")], [text("share"), text("total")]
    counts = pd.DataFrame([[1, 2], [3, 4]], columns=columns, index=index)
    counts.index.name = text("answer")
    listed = pd.DataFrame({"claim": range(7)})
    exhibits.show_counts("c", counts, listed, text("share"), text("base"))
    html = shown[1]["text/html"]
    rows = cells(html)
    assert [row[1:] for row in rows] == [["3", "4", "7"], ["1", "2", "3"]]
    assert [line.split(",")[1:] for line in taken_along(html).splitlines()[1:]] == [["3", "4", "7"], ["1", "2", "3"]]
    with pytest.raises(ValueError, match="no tally of the 6 things"):
        exhibits.show_counts("c", counts, listed.head(6), text("share"), text("base"))


@pytest.mark.parametrize(("by", "rows"), [(["gender"], 7), (["gender", "care"], 8)])
def test_a_family_of_tests_has_a_row_more_than_a_test_alone(shown, by, rows):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    found = [comparisons.association(responses, questions["user"], questions[code]) for code in by]
    exhibits.show_comparisons(Compared(comparisons.family(*found) if len(found) > 1 else found[0], questions))
    table = cells(shown[0]["text/html"])
    assert len(table) == rows and {len(row) for row in table} == {1 + len(by)}
    assert (table[-1][0] == voice("nl").say("p_holm")) is (len(by) > 1)


def test_of_several_bases_the_most_that_left_it_open_is_said_and_of_statements_both_ends():
    table = groups(0.2, 0.3, no_answer=[4, 12])
    assert exhibits._blank(table, voice("en")) == [voice("en").say("no_answer", n="12")]
    assert exhibits._blank(table, voice("en"), both_ends=True) == [voice("en").say("no_answer", n="4 to 12")]
    assert exhibits._blank(groups(0.2, 0.3), voice("en")) == []
