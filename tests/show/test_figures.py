"""Figures and tables draw what the estimates say: no more, no less, and in both languages.

Most frames here hold shares that can't follow from their counts. A room that computed a
share again would be caught at once.
"""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import OTHER, as_if_asked

import analysis
from analysis.show import drawings, edition, exhibits, figures, render, tables
from analysis.stats import estimates
from analysis.stats.estimates import SHARE_COLUMNS, Flow
from analysis.survey.questionnaire import Answer, Condition, Question, Questionnaire, Recorded, Statement
from analysis.words import voice

LANGUAGES = ("nl", "en")
LONG = "Een antwoord dat zo lang is dat het op een telefoon nooit naast zijn eigen balk zou passen"
NASTY = "<b>Brood</b> & boter"

both_languages = pytest.mark.parametrize("language", LANGUAGES)


def frame(*rows, **same):
    """Estimates with these columns; what is left out is blank, and the shares are impossible."""
    blank = dict.fromkeys(SHARE_COLUMNS, "") | {"score": None, "n": 7, "base": 9000, "no_answer": 0, "not_asked": 0}
    blank |= {"question": "q", "share": 0.123, "low": 0.1, "high": 0.2}
    table = pd.DataFrame([blank | same | row for row in rows], columns=SHARE_COLUMNS)
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


def texts(figure):
    return [note.text for note in figure.layout.annotations]


def unsigned(text):
    """A text without the sign that a share of few people carries."""
    return re.sub(r" (\[[ru]\]|<span .*</span>)", "", text)


def is_valid_json(figure):
    return bool(json.dumps(figure.to_plotly_json(), allow_nan=False))


# --- bars -----------------------------------------------------------------------------------


@both_languages
def test_bars_draw_the_shares_and_intervals_of_the_estimates(language):
    (trace,) = figures.bars(answers(0.905, 0.041), voice(language)).data
    assert list(trace.x) == [0.905, 0.041]
    assert list(trace.error_x.array) == pytest.approx([0.03, 0.03])
    assert list(trace.error_x.arrayminus) == pytest.approx([0.01, 0.01])


@pytest.mark.parametrize(("language", "values"), [("nl", ["90,5%", "4,1%"]), ("en", ["90.5%", "4.1%"])])
def test_bars_print_each_share_beside_its_label(language, values):
    said = texts(figures.bars(answers(0.905, 0.041), voice(language)))
    assert said == ["Label 0", f"<b>{values[0]}</b>", "Label 1", f"<b>{values[1]}</b>"]


def test_bars_keep_the_questionnaires_order_unless_sorted():
    table = answers(0.1, 0.2, 0.3, 0.4, n=[1, 9, 2, 8], kind=["", "other", "", "dont_know"])
    assert list(figures.bars(table, voice("nl")).data[0].x) == [0.1, 0.2, 0.3, 0.4]
    assert list(figures.bars(table, voice("nl"), sort=True).data[0].x) == [0.3, 0.1, 0.2, 0.4]


def test_bars_hover_says_count_base_interval_and_origin():
    (trace,) = figures.bars(answers(0.5, origin=["derived"]), voice("en")).data
    assert trace.hovertext[0] == "Label 0, 50.0% (7 of 9,000)<br>95% computed interval: 49.0 to 53.0%<br>derived"


def test_bars_refuse_groups():
    with pytest.raises(ValueError, match="bars are of one question in one group; take dots"):
        figures.bars(groups(0.1, 0.2), voice("nl"))


# --- dots -----------------------------------------------------------------------------------


@both_languages
def test_dots_draw_the_shares_of_the_estimates_a_group_each(language):
    figure = figures.dots(groups(0.905, 0.041), voice(language))
    assert list(figure.data[0].x) == [0.905, 0.041]
    assert texts(figure)[::2] == ["Group g0", "Group g1"]


def test_dots_refuse_more_than_one_answer_a_group():
    with pytest.raises(ValueError, match="dots are of one answer in each group; take bars"):
        figures.dots(answers(0.1, 0.2), voice("nl"))


# --- ranges ---------------------------------------------------------------------------------


def ends(*rows):
    """Ranges of one thing a row: label, least, most, and both without sums where those differ."""
    columns = ["label", "least", "most", "whole_least", "whole_most"]
    made = pd.DataFrame([(*row, *row[1:3])[:5] if len(row) == 3 else row for row in rows], columns=columns)
    return made.assign(about="", base=pd.array([294] * len(made), "Int64"), width=made["most"] - made["least"])


@both_languages
def test_ranges_are_bars_from_the_least_to_the_most(language):
    (bar,) = figures.ranges(ends(("A", 0.25, 0.5), ("B", 0, 1)), voice(language)).data
    assert list(bar.base) == [0.25, 0] and list(bar.x) == [0.25, 1]


@pytest.mark.parametrize(
    ("language", "values"), [("nl", ["12,5 tot 50,0%", "0 tot 100%"]), ("en", ["12.5 to 50.0%", "0 to 100%"])]
)
def test_ranges_print_both_ends_under_their_label(language, values):
    said = texts(figures.ranges(ends(("A", 0.125, 0.5), ("B", 0, 1)), voice(language)))
    assert said == ["A", f"<b>{values[0]}</b>", "B", f"<b>{values[1]}</b>"]


def test_a_range_without_sums_is_a_hollow_bar_around_it_and_is_said():
    figure = figures.ranges(ends(("A", 0.25, 0.5, 0, 0.9), ("B", 0.1, 0.2)), voice("nl"))
    hollow, bar = figure.data
    assert list(hollow.base) == [0, None] and list(hollow.x) == [0.9, None] and hollow.marker.color == "rgba(0,0,0,0)"
    assert hollow.width > bar.width and list(bar.x) == pytest.approx([0.25, 0.1])
    assert list(bar.hovertext) == [
        "A, 25,0 tot 50,0%; zonder sommen van afgeronde delen 0 tot 90,0%",
        "B, 10,0 tot 20,0%",
    ]


def test_a_settled_range_is_a_dot():
    figure = figures.ranges(ends(("A", 0.25, 0.25), ("B", 0, 1)), voice("nl"))
    dots = figure.data[-1]
    assert list(dots.x) == [0.25, None] and dots.mode == "markers" and "<b>25,0%</b>" in texts(figure)


def test_ranges_are_escaped_wrapped_and_valid():
    figure = figures.ranges(ends((NASTY, 0, 0.5), (LONG, 0.1, 0.3, 0, 1)), voice("nl"))
    assert "&lt;b&gt;" in texts(figure)[0] and is_valid_json(figure)
    assert texts(figure)[2].replace("<br>", " ") == LONG


def test_answers_that_can_be_the_same_are_one_bar_the_narrowest_first(monkeypatch):
    put = {}
    monkeypatch.setattr(
        exhibits,
        "_put",
        lambda *given: put.update(
            zip(("name", "number", "title", "asked", "said", "notes", "table"), given, strict=False)
        ),
    )
    rows = ends(("Oneens", 0, 0.5), ("Neutraal", 0, 0.5), ("Eens", 0, 0.2))
    exhibits.show_ranges("r", "Titel", rows.assign(about="Fietsen"))
    heads = [row.head for row in put["table"].rows]
    assert heads == ["Fietsen: Eens", "Fietsen: Oneens, Neutraal"] and "2 rijen" in put["said"]
    assert len(put["notes"]) == 2  # what a bar is, and that it is of each answer apart
    exhibits.show_ranges("r", "Titel", rows)
    assert len(put["table"].rows) == 3 and len(put["notes"]) == 1


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


# --- what all figures share -------------------------------------------------------------------


@pytest.mark.parametrize("draw", [figures.bars, figures.dots])
def test_long_labels_wrap_and_lose_no_word(draw):
    figure = draw(frame({"label": LONG, "group": "g", "group_label": LONG}), voice("nl"))
    lines = texts(figure)[0].split("<br>")
    assert " ".join(lines) == LONG and max(map(len, lines)) <= figures.WRAP
    assert (
        figure.layout.height - draw(answers(0.1, group=["g"]), voice("nl")).layout.height
        == (len(lines) - 1) * figures.LINE
    )


@pytest.mark.parametrize("draw", [figures.bars, figures.dots])
def test_labels_are_escaped(draw):
    figure = draw(frame({"label": NASTY, "group": "g", "group_label": NASTY}), voice("nl"))
    shown = texts(figure)[0] + figure.data[0].hovertext[0]
    assert shown.count("&lt;b&gt;Brood&lt;/b&gt; &amp; boter") == 2


@pytest.mark.parametrize("figure", [figures.bars(answers(0.1), voice("nl")), figures.dots(groups(0.1), voice("nl"))])
def test_the_page_sets_the_colours_of_text_and_lines(figure):
    assert figure.data[0].marker.color == figures.BLUE
    assert figure.layout.font.color is None and figure.layout.xaxis.gridcolor is None
    assert {note.font.color for note in figure.layout.annotations} == {None}
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


@pytest.mark.parametrize(("draw", "table"), [(figures.bars, answers(0.3, 0.1)), (figures.dots, groups(0.3, 0.1))])
def test_drawing_changes_no_estimate(draw, table):
    before = table.copy()
    draw(table, voice("nl"))
    pd.testing.assert_frame_equal(table, before)


# --- statements on one scale: what is drawn ----------------------------------------------------


def scale(scores, codes="pq", labels=None):
    """A question of statements, an answer a score; `None` is off the scale."""
    options = tuple(Answer(str(i), (labels or {}).get(i, f"Score {s}"), score=s) for i, s in enumerate(scores, 1))
    about = tuple(Statement(code, f"Statement {code}") for code in codes)
    return Question("s", "1", "statements", "Scale", Condition(), answers=options, statements=about)


FIVE = scale([2, 1, 0, -1, -2, None])
FOUR = scale([2, 1, -1, -2, None])


def answered(**given):
    """Responses to statements: for each a word with one letter a person, `-` for no answer."""
    return pd.DataFrame({f"s_{code}": pd.Categorical(["no_answer" if c == "-" else c for c in word])
                         for code, word in given.items()})  # fmt: skip


# of ten: p has 1 2 3 1 2 1 (agree 3), q has 4 2 1 1 1 1 (agree 6)
TEN = answered(p="1223334456", q="1111223456")


def drawn(figure):
    """For each answer's trace, where each bar starts and how long it is."""
    return [(list(trace.base), list(trace.x)) for trace in figure.data]


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


def test_statements_lie_around_the_middle_of_neutral_the_most_agreed_with_first():
    # in hand: q disagrees .2, neutral .1, agrees .6; p disagrees .3, neutral .3, agrees .3
    parts = drawn(figures.likert(*five(), voice("nl")))
    expected = [
        ([-0.25, -0.45], [0.1, 0.1]),  # strongly disagree: q, p
        ([-0.15, -0.35], [0.1, 0.2]),  # disagree
        ([-0.05, -0.15], [0.1, 0.3]),  # neutral, its middle on zero
        ([0.05, 0.15], [0.2, 0.2]),  # agree
        ([0.25, 0.35], [0.4, 0.1]),  # strongly agree
    ]
    for (starts, lengths), (expected_starts, expected_lengths) in zip(parts, expected, strict=False):
        assert starts == pytest.approx(expected_starts) and lengths == pytest.approx(expected_lengths)


def test_answers_off_the_scale_stand_apart_at_the_side():
    figure = figures.likert(*five(), voice("nl"))
    *on_scale, (starts, lengths) = drawn(figure)
    furthest = max(start + length for bases, sizes in on_scale for start, length in zip(bases, sizes, strict=True))
    assert lengths == [0.1, 0.1] and min(starts) > furthest and len(set(starts)) == 1
    assert max(starts) + max(lengths) <= figure.layout.xaxis.range[1]


def test_a_scale_without_a_neutral_parts_at_zero():
    table = estimates.shares(answered(p="1223344445", q="1223344445"), FOUR).frame  # p: 1 2 2 4 1
    parts = drawn(figures.likert(table, estimates.sides(table, FOUR), voice("nl")))
    assert [starts[0] for starts, _ in parts[:4]] == pytest.approx([-0.6, -0.2, 0, 0.2])
    assert [lengths[0] for _, lengths in parts[:4]] == pytest.approx([0.4, 0.2, 0.2, 0.1])


def test_without_answers_off_the_scale_there_is_no_side():
    question = scale([1, 0, -1])
    table = estimates.shares(answered(p="123", q="123"), question).frame
    figure = figures.likert(table, estimates.sides(table, question), voice("nl"))
    low, high = figure.layout.xaxis.range
    assert low == -high and len(figure.data) == 3


def test_what_is_drawn_are_the_shares_of_the_estimates_and_nothing_is_counted_again():
    table, totals = five()
    table["share"], table["n"] = np.arange(1, 13) / 100, 1
    figure = figures.likert(table, totals, voice("nl"))
    order = table.drop_duplicates("answer").sort_values("score", kind="stable")["answer"]
    for trace, answer in zip(figure.data, order, strict=True):
        given = table[table["answer"].eq(answer)].set_index("statement")["share"]
        assert list(trace.x) == [given["q"], given["p"]]


@pytest.mark.parametrize(
    ("language", "words"), [("nl", ["Oneens", "Eens", "7,7%"]), ("en", ["Disagree", "Agree", "7.7%"])]
)
def test_the_totals_are_printed_as_given_disagreeing_left_and_agreeing_right(language, words):
    table, totals = five()
    totals.loc[totals["side"].eq("agree"), "share"] = [0.077, 0.6]  # p, q
    figure = figures.likert(table, totals, voice(language))
    placed = {unsigned(note.text): note for note in figure.layout.annotations}
    left, right, value = words
    assert placed[left].x == -placed[right].x == figure.layout.xaxis.range[0]
    assert (placed[left].xanchor, placed[right].xanchor) == ("left", "right")
    assert placed[f"<b>{value}</b>"].x == placed[right].x


def test_one_statement_in_groups_keeps_the_groups_in_order():
    table = pd.concat([
        estimates.shares(TEN, FIVE, statements=code).frame
        .assign(statement="p", by="b", group=code, group_label=f"Group {code}")
        for code in "pq"
    ])  # fmt: skip
    figure = figures.likert(table, estimates.sides(table, FIVE), voice("nl"))
    assert texts(figure)[:2] == ["Group p", "Group q"]
    assert list(figure.data[4].x) == [0.1, 0.4]


def test_several_statements_by_group_and_answers_without_a_score_are_refused():
    table, totals = five()
    twice = pd.concat([table.assign(group="x"), table.assign(group="y")])
    with pytest.raises(ValueError, match="one statement in several groups, or several in one; choose one"):
        figures.likert(twice, totals, voice("nl"))
    with pytest.raises(ValueError, match="no score, so there is no scale to draw; take bars"):
        figures.likert(table.assign(score=pd.NA), totals, voice("nl"))


def test_where_nobody_answered_nothing_is_drawn_and_its_sign_is_printed():
    table = estimates.shares(answered(p="123", q="---"), FIVE).frame
    figure = figures.likert(table, estimates.sides(table, FIVE), voice("nl"))
    assert is_valid_json(figure)
    assert all(trace.x[1] == 0 for trace in figure.data)
    assert "<b>[l]</b>" in texts(figure)


def test_long_statements_wrap_and_are_escaped():
    question = Question("s", "1", "statements", "Scale", Condition(), answers=FIVE.answers,
                        statements=(Statement("p", LONG), Statement("q", NASTY)))  # fmt: skip
    table = estimates.shares(TEN, question).frame
    nasty, long = texts(figures.likert(table, estimates.sides(table, question), voice("nl")))[:2]
    assert nasty == "&lt;b&gt;Brood&lt;/b&gt; &amp; boter"
    assert long.replace("<br>", " ") == LONG and max(map(len, long.split("<br>"))) <= figures.WRAP + 6


def test_drawing_statements_changes_no_estimate():
    table, totals = five()
    before = table.copy(), totals.copy()
    figures.likert(table, totals, voice("nl"))
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(totals, before[1])


@both_languages
def test_every_statement_of_a_survey_of_twelve_is_drawn_as_estimated(language):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", language)
    (question,) = [q for q in questions if q.kind == "statements"]
    table = estimates.shares(responses, question).frame
    figure = figures.likert(table, estimates.sides(table, question), voice(language))
    rows = [text for text in texts(figure) if text.replace("<br>", " ") in set(table["statement_label"])]
    assert len(rows) == 12 and is_valid_json(figure)
    order = table.drop_duplicates("answer").sort_values("score", kind="stable")["answer"]
    for trace, answer in zip(figure.data, order, strict=True):
        given = (
            table[table["answer"].eq(answer)].set_index("statement_label").loc[[r.replace("<br>", " ") for r in rows]]
        )
        assert list(trace.x) == given["share"].tolist()


@both_languages
def test_another_surveys_scale_of_four_is_drawn(language, tmp_path):
    wave = copied_wave(tmp_path)
    responses, question = analysis.load(wave), analysis.questions(wave, language)["view"]
    table = estimates.shares(responses, question).frame
    figure = figures.likert(table, estimates.sides(table, question), voice(language))
    # agree, by hand: 9 of 16, 8 of 16, 4 of 15
    agree = [voice(language).percent(share) for share in (9 / 16, 8 / 16, 4 / 15)]
    said = [unsigned(text) for text in texts(figure)]
    assert [said.index(f"<b>{value}</b>") for value in agree] == sorted(
        said.index(f"<b>{value}</b>") for value in agree
    )
    assert len(figure.data) == 5


def copied_wave(place):
    shutil.copytree(OTHER, place / "other")
    return place / "other/waves/2024-cycling"


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


def colours_of(question, letters):
    table = estimates.shares(answered(p=letters, q=letters), question).frame
    return [trace.marker.color for trace in figures.likert(table, estimates.sides(table, question), voice("nl")).data]


@pytest.mark.parametrize("eyes", EYES)
def test_the_five_steps_can_be_told_apart_by_all_eyes(eyes):
    *steps, _ = colours_of(FIVE, "123456")
    apart = [np.linalg.norm(lab(a, eyes) - lab(b, eyes)) for i, a in enumerate(steps) for b in steps[i + 1 :]]
    assert min(apart) > 15  # a difference of 2 to 3 is just noticeable


@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_every_part_has_an_outline_that_shows_on_a_light_and_a_dark_page(page):
    for trace in figures.likert(*five(), voice("nl")).data:
        assert contrast(trace.marker.line.color, page) >= 3 and trace.marker.line.width == 1


def test_the_same_colour_means_the_same_on_every_scale():
    one_step, two = colours_of(scale([1, 0, -1]), "123"), colours_of(FIVE, "123456")
    three = colours_of(scale([3, 2, 1, 0, -1, -2, -3]), "1234567")
    assert one_step == [figures.DISAGREE[-1], figures.NEUTRAL, figures.AGREE[-1]]
    assert two[0] == three[0] == figures.DISAGREE[-1] and two[4] == three[6] == figures.AGREE[-1]
    assert two[2] == three[3] == figures.NEUTRAL and two[5] == figures.GREY
    assert len(set(three)) == 7
    assert colours_of(FOUR, "12345")[:4] == [two[0], two[1], two[3], two[4]]


def test_the_legend_names_the_answers_in_the_order_drawn_beside_their_colours():
    question = scale([2, 1, 0, -1, -2, None], labels={1: NASTY})
    html = render.html(figures.legend(estimates.shares(TEN, question).frame, voice("en")), "en")
    assert re.findall(r"background-color:(#\w+)", html) == colours_of(question, "123456")
    words = " ".join(re.sub("<[^>]+>", "", html).split())
    assert words == (
        "From left to right: Score -2, Score -1, Score 0, Score 1, &lt;b&gt;Brood&lt;/b&gt; &amp; boter. "
        "Apart at the side: Score None."
    )


# --- pictures of the study's structure ----------------------------------------------------------


def svg_texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_boxes_hold_every_word_within_their_width():
    svg = drawings.boxes([(0, [LONG]), (1, ["kort", LONG])], "A title")
    assert " ".join(svg_texts(svg)) == f"{LONG} kort {LONG}"
    for x, width in re.findall(r'class="box" x="(\d+)"[^>]* width="(\d+)"', svg):
        assert int(x) + int(width) <= drawings.WIDTH
    assert max(len(text) for text in svg_texts(svg)) * 6.6 <= drawings.WIDTH


def test_boxes_hang_from_the_nearest_box_above_that_is_less_deep():
    svg = drawings.boxes([(0, ["a"]), (1, ["b"]), (2, ["c"]), (1, ["d"])], "t")
    assert svg.count('class="stem"') == 3
    x = [int(x) for x in re.findall(r'class="box" x="(\d+)"', svg)]
    assert x == [2, 2 + drawings.INDENT, 2 + 2 * drawings.INDENT, 2 + drawings.INDENT]


def test_boxes_are_escaped_and_named():
    svg = drawings.boxes([(0, [NASTY])], 'He said "&"')
    assert svg_texts(svg) == ["&lt;b&gt;Brood&lt;/b&gt; &amp; boter"]
    assert 'role="img"' in svg and 'aria-label="He said &quot;&amp;&quot;"' in svg


@both_languages
def test_routing_shows_every_question_and_who_was_asked(language):
    yes = Answer("y", "Yes & no")
    first = Question("one", "1", "single", "First", Condition(), answers=(yes, Answer("n", "No")))
    then = [
        Question(code, number, "text", f"Label {code}", Condition.parse("one=y"))
        for code, number in [("two", "2"), ("three", "3")]
    ]
    svg, blocks = drawings.routing(
        Questionnaire(language, (first, *then)), {"one": 1234, "two": 56, "three": 56}, voice(language)
    )
    said = " ".join(svg_texts(svg))
    assert blocks == 2 and svg.count('class="box"') == 2
    assert all(words in said for words in ("1. First", "2. Label two", "3. Label three", "Yes &amp; no"))
    count = {"nl": "1.234 mensen", "en": "1,234 people"}[language]
    assert count in said and said.count("56") == 1


@both_languages
def test_respondents_shows_every_step_as_counted(language):
    steps = pd.DataFrame({"step": ["took_part", "gone", "analysed"], "n": [1804, 33, 1771],
                          "label_nl": ["", "Weg < & >", ""], "label_en": ["", "Gone < & >", ""]})  # fmt: skip
    svg = drawings.respondents(Flow(steps), voice(language))
    said = svg_texts(svg)
    assert svg.count('class="box"') == 3 and svg.count('class="stem"') == 1
    assert said[0] == {"nl": "1.804 mensen: Deden mee", "en": "1,804 people: Took part"}[language]
    assert said[2] == {"nl": "Weg &lt; &amp; &gt;", "en": "Gone &lt; &amp; &gt;"}[language]


# --- tables ---------------------------------------------------------------------------------------


def cells(html):
    """The body of a table, a list of texts a row."""
    body = re.findall(r"<tr[^>]*>(.*?)</tr>", html.split("</thead>")[1], re.S)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in body]


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
    rows = [[unsigned(cell) for cell in row] for row in cells(html)]
    assert [row[0] for row in rows] == ["Statement p", "Statement q"]
    assert [cell.split("<br>")[0] for cell in rows[0][1:7]] == ["10.0%", "20.0%", "30.0%", "20.0%", "10.0%", "10.0%"]
    assert rows[0][8].startswith("30.0%<br><small>3</small><br><small>10.8 to 60.3%</small>")  # Wilson, 3 of 10
    assert {row[-1] for row in rows} == {"10"}
    assert html.count('scope="row"') == 2


def test_the_statements_table_draws_what_it_is_given_and_counts_nothing():
    table, totals = five()
    table["share"], table["n"], table["base"], table["reliability"] = 0.777, 5555, 9000, ""
    totals["share"], totals["n"], totals["base"], totals["reliability"] = 0.888, 6666, 9000, ""
    row = cells(render.html(tables.statements(table, totals, "statement", "c"), "nl"))[0]
    assert all(cell == "77,7%<br><small>5.555</small>" for cell in row[1:7])
    assert all(cell.startswith("88,8%<br><small>6.666</small>") for cell in row[7:9])


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


@pytest.fixture
def shown(monkeypatch):
    """What a chapter would display."""
    parts = []
    monkeypatch.setattr(exhibits, "display", lambda what, **_: parts.append(what))
    return parts


@both_languages
def test_statements_are_shown_with_legend_base_description_notes_and_table(shown, language):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", language)
    edition.speak(language, sample="self_selected")
    (question,) = [q for q in questions if q.kind == "statements"]
    chosen = [s.code for s in question.statements][10:]
    exhibits.show(estimates.shares(responses, question, statements="|".join(chosen)), "role", figure=16)
    figure, html = shown[0]["application/vnd.plotly.v1+json"], shown[1]["text/html"]
    assert len(figure["data"]) == 6
    assert (
        html.index('class="legend"')
        < html.index(exhibits.PLOT)
        < html.index('class="description"')
        < html.index("<table")
    )
    description = re.search(r'class="description">(.*?)</p>', html)[1]
    for label, value in {  # 188 and 24 of 294
        "nl": [
            ("Vult een hulpverlener goed aan", "eens 63,9%,"),
            ("Kan een hulpverlener goed vervangen", "eens 8,2%,"),
        ],
        "en": [
            ("Supplements a professional well", "agree 63.9%,"),
            ("Can replace a professional well", "agree 8.2%,"),
        ],
    }[language]:
        assert re.search(rf"{label}: {value}[^;]*294\)", description)
    most_agreed, _ = cells(html[html.index("<table") :])
    assert most_agreed[0] == question.statements[11].label  # 63.9% before 8.2%, as in the figure
    assert voice(language).say("interval_in_table_self_selected") in html
    assert "11" in re.search(r"<figcaption.*?</b>", html)[0]


def test_a_real_waves_statements_carry_no_mark(shown, tmp_path):
    wave = copied_wave(tmp_path)
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
    assert shown[0]["application/vnd.plotly.v1+json"]["data"][0]["type"] == "scatter"
    assert question.statements[1].label in re.search(r"<figcaption.*?</b>", shown[1]["text/html"])[0]


# --- a wave to practise on -------------------------------------------------------------------


@pytest.mark.parametrize("practice", [True, False])
def test_every_drawing_of_a_wave_to_practise_on_says_that_it_is_invented(monkeypatch, practice):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    edition.speak("nl", practice=practice)
    outputs = []
    monkeypatch.setattr(exhibits, "display", lambda data, **_: outputs.append(data))
    exhibits.show(estimates.shares(responses, questions.talked))
    exhibits.show(estimates.shares(responses, questions.opinions))
    exhibits.show_routing("way", estimates.asked(responses, questions), questions)
    drawn = [o["application/vnd.plotly.v1+json"] for o in outputs if "application/vnd.plotly.v1+json" in o]
    stamps = [[a for a in figure["layout"]["annotations"] if a["text"] == "verzonnen"] for figure in drawn]
    assert [len(found) for found in stamps] == [practice] * 2
    assert (">verzonnen</text></svg>" in outputs[-1]["text/html"]) is practice


@pytest.mark.parametrize("of_report", [True, False])
def test_a_figure_has_its_number_in_the_report_where_the_edition_is_of_the_report(monkeypatch, of_report):
    responses, questions = analysis.load("2025-reference"), as_if_asked("2025-reference", "nl")
    edition.speak("nl", of_report=of_report)
    outputs = []
    monkeypatch.setattr(exhibits, "display", lambda data, **_: outputs.append(data))
    exhibits.show(estimates.shares(responses, questions.talked), figure=4)
    assert ("Figuur 4." in outputs[-1]["text/html"]) is of_report and "Figuur" in outputs[-1]["text/html"]
