"""Every question of another survey is shown, in its order, under whom it was asked."""

import csv
import shutil

import pytest
from conftest import OTHER

import analysis
from analysis.show import exhibits, questions

HERE = "Asked of those who answered ‘At a workplace’ to ‘Place of work’"
IN_ORDER = [
    "Asked of everyone", "Place of work", HERE, "Ways of getting to work", "Kilometres one way", "Distance",
    "Asked of those who answered ‘Bicycle’ or ‘E-bike’ to ‘Ways of getting to work’", "How often by bicycle",
    "Asked of those who answered ‘8 to 100’ to ‘Kilometres one way’", "Would a shower help", HERE,
]  # fmt: skip
REMARK = "Remark: here respondents wrote in their own words, which aren't in the book."


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """Make what a chapter shows of the cyclists: of each output the first line, a drawing left out."""

    def show(change=None):
        survey = tmp_path / "other"
        shutil.copytree(OTHER, survey)
        if change:
            change(survey / "questionnaire")
        outputs = []
        monkeypatch.setattr(exhibits, "display", lambda data, **_: outputs.append(data.get("text/plain", "")))
        wave = survey / "waves" / "2024-cycling"
        questions.show_questions(analysis.load(wave), analysis.questions(wave, "en"))
        return [output.strip().split("\n")[0] for output in outputs if output]

    return show


def test_each_question_is_shown_once_in_its_order(shown):
    assert shown() == [*IN_ORDER, "Statements about cycling", REMARK]


def test_statements_without_scores_are_shares_of_each(shown):
    def unscored(folder):
        with (folder / "answers.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as lines:
            file = csv.DictWriter(lines, list(rows[0]))
            file.writeheader()
            file.writerows(row | {"score": ""} for row in rows)

    each = ["The cycle path is safe", "Rain is no objection", "The employer encourages cycling"]
    assert shown(unscored) == [*IN_ORDER, *each, REMARK]
