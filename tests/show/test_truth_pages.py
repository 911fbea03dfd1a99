"""The tables and the figure of the chapter on truth: the truth stands in them, and nothing that is no number."""

import pandas as pd
import pytest

from analysis.show import charts, figures, render
from analysis.show import truth as pages
from analysis.stats import truth
from analysis.survey import population, waves
from analysis.words import LANGUAGES, voice


@pytest.fixture(scope="module")
def model():
    return population.read(waves.read_wave("practice-1"))


def compared(**more):
    known = {"question": "q14", "statement": "1", "answer": "1|2", "by": "care", "first": "waiting", "second": "now"}
    return pd.DataFrame([known | {"difference": 0.0} | more, known | {"difference": -0.125} | more])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_shows_the_truth_before_what_was_found(model, language):
    seen = {"seen": 0.05, "low": -0.02, "high": 0.12, "p_holm": 0.2}
    outcomes = [truth.SILENT, truth.MISSED]
    table = pages.differences(compared(**seen).assign(outcome=outcomes), model.questions)
    said = render.plain(table, language)
    for label in (model.questions.opinions.statements[0].labels, model.questions.care["waiting"].labels):
        assert label[language] in said
    assert {"nl": "gemist", "en": "missed"}[language] in said and "12" in said and "nan" not in said


def test_where_there_is_nothing_to_find_no_share_of_finding_it_is_shown(model):
    table = pages.often(compared(found=0.0, found_alone=0.0, wrong=0.01, wrong_alone=0.05), model.questions)
    nothing, something = table.rows
    assert [getattr(cell, "reason", "") for cell in nothing.cells[1:3]] == ["not_applicable"] * 2
    assert [cell.number for cell in something.cells[1:3]] == [0, 0]


def test_an_item_is_said_with_its_question_unless_that_says_nothing_more(model):
    questions = model.questions
    items = [truth.item(questions.wants_information, "a"), truth.item(questions.user, "yes")]
    frame = pd.DataFrame([[1.0, 0.4, 0.4, 0.0, 1000, 0.95]], columns=["ratio", "truth", "seen", "off", "base", "held"])
    titles = [block.title["nl"] for block in pages.keenness({item: frame for item in items}).blocks]
    assert titles[0].startswith(f"{questions.wants_information.label}: ") and "40,0%" in titles[0]
    assert titles[1].startswith(questions.user["yes"].label)


def test_the_line_in_the_figure_stands_at_the_true_share(model):
    redraws = truth.redraw(waves.read_wave("practice-1"), model, 3)
    rows = truth.one_share(redraws, truth.item(model.questions.talked, "a"), 3).assign(group_label=["1", "2", "3"])
    chart = charts.redraws(rows, 0.476, voice("nl"))
    (line,) = figures.drawn(chart, voice("nl")).layout.shapes
    assert line.x0 == line.x1 == chart.axis.line == 0.476
