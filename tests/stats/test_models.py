"""Logistic regression against R, and what it refuses."""

import csv
import warnings

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, as_if_asked
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.tools import add_constant

import analysis
from analysis.stats import models

PREDICTORS = ("q23", "care", "q24", "education")


@pytest.fixture(scope="module")
def questions():
    return as_if_asked("2025-reference")


@pytest.fixture(scope="module")
def model(questions):
    responses = analysis.load("2025-reference")
    return models.logistic(responses, questions["user"], "yes", [questions[p] for p in PREDICTORS])


def yardstick():
    with (ROOT / "tests" / "stats" / "r" / "logistic.csv").open(encoding="utf-8") as lines:
        return [(row["key"], row["what"], float(row["value"])) for row in csv.DictReader(lines)]


@pytest.mark.parametrize(("key", "what", "expected"), yardstick())
def test_the_model_equals_that_of_r(model, key, what, expected):
    if key == "model":
        value = model.checks.set_index("check").at[what, "value"]
    else:
        by, _, group = key.partition("=")
        terms = model.terms
        value = terms[terms["by"].eq(by) & terms["group"].eq(group)][what].item()
    assert value == pytest.approx(expected, rel=1e-6), "both iterate to a solution"


def test_the_first_group_of_each_question_is_what_others_are_held_against(model):
    first = model.terms[model.terms["odds_ratio"].eq(1)]
    assert first[["by", "group"]].values.tolist() == [["care", "now"], ["q24", "a"], ["education", "lower"]]
    assert first["low"].isna().all()


def test_terms_count_people(model):
    """172 of 412 in care and 22 of 41 on a waiting list are printed."""
    terms = model.terms.set_index(["by", "group"])
    assert terms.loc[("care", "now"), ["n", "base"]].tolist() == [172, 412]
    assert terms.loc[("care", "waiting"), ["n", "base"]].tolist() == [22, 41]


def test_users_per_term_are_counted(questions):
    """294 users are fewer than 477 others; the three groups of care beside the first are two terms."""
    model = models.logistic(analysis.load("2025-reference"), questions["user"], "yes", [questions["care"]])
    terms = len(questions["care"].options) - 1
    assert model.checks.set_index("check").at["events_per_term", "value"] == pytest.approx(294 / terms)


def test_people_without_an_answer_are_left_out_and_counted(questions):
    responses = analysis.load("2025-reference").copy()
    responses.loc[responses.index[:5], "q24"] = "no_answer"
    model = models.logistic(responses, questions["user"], "yes", [questions["q24"]])
    assert model.checks.set_index("check").at["left_out_model", "value"] == 5
    assert model.terms["base"].sum() == 766


def test_a_group_with_one_answer_stays_out_and_the_others_are_as_without_its_people(questions):
    responses = analysis.load("2025-reference").copy()
    responses.loc[responses["q24"].eq("c"), "user"] = "yes"
    predictors = [questions["q23"], questions["q24"]]
    model = models.logistic(responses, questions["user"], "yes", predictors)
    without = models.logistic(responses[responses["q24"].ne("c")], questions["user"], "yes", predictors)
    out = model.terms["group"].eq("c")
    assert model.terms.loc[out, ["n", "base"]].values.tolist() == [[17, 17]]
    assert model.terms.loc[out, ["odds_ratio", "low", "high", "p", "effect"]].isna().to_numpy().all()
    kept = model.terms[~out].reset_index(drop=True)
    columns = kept.columns.difference(["n", "base"])
    pd.testing.assert_frame_equal(kept[columns], without.terms[columns])
    pd.testing.assert_frame_equal(model.checks, without.checks)


def test_such_a_group_is_what_the_others_tend_to_as_its_odds_grow_without_end(questions):
    """Fitted with a column of its own the group's odds ratio runs away, and the others' come to ours."""
    responses = analysis.load("2025-reference").copy()
    responses.loc[responses["q24"].eq("c"), "user"] = "yes"
    model = models.logistic(responses, questions["user"], "yes", [questions["q23"], questions["q24"]])
    columns = pd.DataFrame({g: responses["q24"].eq(g) for g in "bcd"} | {"q23": responses["q23"] / 10}).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = Logit(responses["user"].eq("yes").astype(float), add_constant(columns)).fit(disp=False, maxiter=30)
    assert fit.params["c"] > 10
    ours = model.terms.set_index(model.terms["group"].where(model.terms["group"].ne(""), "q23"))["odds_ratio"]
    assert ours["b"] == pytest.approx(np.exp(fit.params["b"]), rel=1e-4)
    assert ours["q23"] == pytest.approx(np.exp(fit.params["q23"]), rel=1e-4)


def test_the_first_group_may_be_the_one_that_stays_out(questions):
    responses = analysis.load("2025-reference").copy()
    responses.loc[responses["q24"].eq("a"), "user"] = "no"
    model = models.logistic(responses, questions["user"], "yes", [questions["q24"]])
    ratios = model.terms.set_index("group")["odds_ratio"]
    assert np.isnan(ratios["a"]) and ratios["b"] == 1 and ratios[["c", "d"]].gt(0).all()


def test_whose_leaving_makes_another_group_alike_takes_that_along(questions):
    """Every man says no, and whoever else waits says yes: without the men everybody who waits says yes."""
    responses = analysis.load("2025-reference").copy()
    men, waiting = responses["q24"].eq("a"), responses["care"].eq("waiting")
    responses.loc[waiting, "user"] = "yes"
    responses.loc[men, "user"] = "no"
    assert (men & waiting).any() and (~men & waiting).any()
    model = models.logistic(responses, questions["user"], "yes", [questions["q24"], questions["care"]])
    out = model.terms[model.terms["odds_ratio"].isna()]
    assert out["group"].tolist() == ["a", "waiting"] and model.terms["p"].notna().sum() >= 3


def test_a_number_that_is_the_same_for_all_stays_out_and_the_intercept_in(questions):
    """With a column of 44 beside it, statsmodels leaves the intercept out unless told, and gives 44 its part."""
    responses = analysis.load("2025-reference").copy()
    responses["q23"] = 44
    predictors = [questions["q23"], questions["care"]]
    model = models.logistic(responses, questions["user"], "yes", predictors)
    alone = models.logistic(responses, questions["user"], "yes", predictors[1:])
    assert model.terms[model.terms["by"].eq("q23")]["odds_ratio"].isna().all()
    pd.testing.assert_frame_equal(model.terms[1:].reset_index(drop=True), alone.terms)
    nobody = models.logistic(responses, questions["user"], "yes", predictors[:1])
    assert nobody.terms["odds_ratio"].isna().all()


def test_the_order_of_rows_has_no_say(questions):
    """Without age there are many people of one probability: their order decided who was in which tenth."""
    responses = analysis.load("2025-reference")
    predictors = [questions[p] for p in PREDICTORS[1:]]
    first = models.logistic(responses, questions["user"], "yes", predictors)
    for seed in range(5):
        again = models.logistic(responses.sample(frac=1, random_state=seed), questions["user"], "yes", predictors)
        pd.testing.assert_frame_equal(first.checks, again.checks, rtol=1e-6)
        pd.testing.assert_frame_equal(first.terms, again.terms, rtol=1e-6)


def test_nothing_to_compare_leaves_the_model_without_solution(questions):
    responses = analysis.load("2025-reference")
    for people in (responses[responses["user"].eq("yes")], responses[responses["user"].eq("no")]):
        model = models.logistic(people, questions["user"], "yes", [questions["q23"], questions["q24"]])
        assert model.terms["odds_ratio"].isna().all()


def test_a_number_that_parts_the_answers_leaves_the_model_without_solution(questions):
    """Everybody under 45 says yes and nobody else: the odds ratio has no end, and the fit says so by a warning."""
    responses = analysis.load("2025-reference").copy()
    responses["user"] = np.where(responses["q23"].lt(45), "yes", "no")
    model = models.logistic(responses, questions["user"], "yes", [questions["q23"]])
    assert model.terms["odds_ratio"].isna().all() and (model.terms["n"] > 0).all()


def test_the_largest_inflation_is_sought_among_all_terms(questions):
    """One predictor alone is inflated by nothing: 1 / (1 - 0). Of two, each is inflated alike, by 1 / (1 - r2)."""
    responses = analysis.load("2025-reference")
    people = responses[responses["q24"].isin(["a", "b"]) & responses["q23_status"].eq("given")]

    def inflation(*predictors):
        model = models.logistic(people, questions["user"], "yes", [questions[p] for p in predictors])
        return model.checks.set_index("check").at["inflation", "value"]

    r = np.corrcoef(people["q23"].astype(float), people["q24"].eq("b"))[0, 1]
    assert inflation("q23") == pytest.approx(1)
    assert inflation("q23", "q24") == inflation("q24", "q23") == pytest.approx(1 / (1 - r**2))


def test_hosmer_and_lemeshow_by_hand():
    """Two groups of four at 1/4 and 3/4 with 2 and 3 seen: (2-1)2/(4*1/4*3/4) + 0."""
    expected = np.array([0.25] * 4 + [0.75] * 4)
    given = np.array([1, 1, 0, 0, 1, 1, 1, 0])
    statistic, df = models.hosmer_lemeshow(given, expected, groups=2)
    assert (statistic, df) == (pytest.approx(4 / 3), 0)


def test_an_unknown_answer_and_a_wrong_kind_are_refused(questions):
    responses = pd.DataFrame()
    with pytest.raises(ValueError, match="yes, no"):
        models.logistic(responses, questions["user"], "maybe", [])
    responses = analysis.load("2025-reference")
    with pytest.raises(ValueError, match="multiple"):
        models.logistic(responses, questions["user"], "yes", [questions["q04"]])


def test_the_input_is_not_changed(questions):
    responses = analysis.load("2025-reference")
    before = responses.copy()
    models.logistic(responses, questions["user"], "yes", [questions["care"]])
    pd.testing.assert_frame_equal(responses, before)
