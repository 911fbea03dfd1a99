"""What is held against the truth: counted by another way, worked out by hand, and true over many rounds."""

import functools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

import analysis
from analysis.stats import comparisons, estimates, guards, quantities, truth
from analysis.survey import expected, population, waves

ROUNDS = 40


@pytest.fixture(scope="module")
def wave():
    return waves.read_wave("practice-1")


@pytest.fixture(scope="module")
def model(wave):
    return population.read(wave)


@pytest.fixture(scope="module")
def responses(wave):
    return analysis.load(wave.folder)


@pytest.fixture(scope="module")
def redraws(wave, model):
    return truth.redraw(wave, model, ROUNDS)


@pytest.fixture(scope="module")
def many(wave, model):
    """Many rounds, for what is true of procedures and not of one draw."""
    return truth.redraw(wave, model, 400, seed=7)


# --- intervals --------------------------------------------------------------------------------------


def test_an_interval_holds_the_truth_when_that_lies_within_it(responses, model):
    found = truth.intervals(responses, model).set_index(["question", "statement", "answer"])
    beside = pd.read_csv(
        waves.read_wave("practice-1").folder / "truth" / "shares.csv", dtype={"statement": str}, keep_default_na=False
    ).set_index(["question", "statement", "answer"])["share"]
    for question in model.questions:
        if question.kind in ("single", "multiple", "statements"):
            for row in estimates.shares(responses, question).frame.to_dict("records"):
                key = (row["question"], row["statement"], row["answer"])
                if beside[key] == 0:  # out of the target group: nobody in the population
                    assert key not in found.index
                    continue
                assert found.loc[key, "truth"] == beside[key]
                assert found.loc[key, "holds"] == (row["low"] <= beside[key] <= row["high"])
    assert len(found) > 200 and not found["holds"].all()


def test_the_true_share_is_the_one_that_stands_beside_the_wave(model):
    questions = model.questions
    table = expected.differences(model).set_index(["question", "by", "first"])
    item = truth.item(questions.user, "yes")
    groups = [truth.true_share(model, item, (questions.care, name)) for name in ("waiting", "neither")]
    assert [round(float(share), 6) for share in groups] == [
        table.loc[("user", "care", "waiting"), f"share_{which}"] for which in ("first", "second")
    ]
    assert (groups[0] - groups[1]).unit == "points"
    agree = truth.true_share(model, truth.item(questions.opinions, "agree", "hesitates"))
    assert float(agree) == pytest.approx(0.48)  # 17 and 31 in a hundred, and no difference concerns it


def test_a_round_is_a_survey_like_the_wave(redraws, wave, model):
    sizes = np.bincount(redraws.of, minlength=ROUNDS)
    assert len(sizes) == ROUNDS and abs(sizes.mean() - 0.955 * model.people) < 5
    assert sizes.std() == pytest.approx(math.sqrt(model.people * 0.045 * 0.955), rel=0.4)
    assert list(redraws.responses.columns) == list(analysis.load(wave.folder).columns)


def test_rounds_are_counted_as_each_would_be_by_itself(redraws, model):
    questions, number = model.questions, 17
    people = redraws.responses[redraws.of == number]
    for item in [truth.item(questions.talked, "a"), truth.item(questions.tools, "b"),
                 truth.item(questions.opinions, "1|2", "4"), truth.item(questions.user, "yes")]:  # fmt: skip
        n, base = redraws.counts(item)
        alone = estimates.share(people, *item).frame.iloc[0]
        assert (n[number], base[number]) == (alone["n"], alone["base"])
        grouped = estimates.share(people, *item, by=questions.care).frame.set_index("group")
        n, base = redraws.counts(item, ("care", "waiting"))
        assert (n[number], base[number]) == (grouped.loc["waiting", "n"], grouped.loc["waiting", "base"])
    followed = truth.one_share(redraws, truth.item(questions.talked, "a"), 20)
    assert followed["group"].tolist() == [str(n) for n in range(1, 21)]
    assert followed["n"].iloc[number] == redraws.counts(truth.item(questions.talked, "a"))[0][number]


@pytest.mark.long
def test_over_rounds_the_intervals_are_those_of_each_round(redraws, model):
    few = redraws.of < 6
    first = truth.Redraws(redraws.responses[few], redraws.of[few], 6)
    again = truth.redrawn_intervals(first, model).set_index(["question", "statement", "answer"])
    rounds = [truth.intervals(redraws.responses[redraws.of == n], model) for n in range(6)]
    held = pd.concat(rounds).groupby(["question", "statement", "answer"])["holds"].sum()
    assert again["held"].to_dict() == held.loc[again.index].to_dict() and (again["rounds"] == 6).all()


def test_sums_by_question_are_those_of_its_answers():
    keys = {"question": ["q1", "q1", "q2"], "statement": "", "answer": ["a", "b", "a"]}
    found = pd.DataFrame(keys | {"holds": [True, False, True]})
    again = pd.DataFrame(keys | {"rounds": [10, 10, 5], "held": [9, 10, 4]})
    summed = truth.by_question(found, again)
    assert summed.to_numpy().tolist() == [["q1", 2, 1, 0.95], ["q2", 1, 1, 0.8]]


@pytest.mark.long
def test_over_many_rounds_intervals_hold_the_truth_as_often_as_they_promise(many, model):
    again = truth.redrawn_intervals(many, model)
    assert again["held"].sum() / again["rounds"].sum() == pytest.approx(0.95, abs=0.005)
    large = again[again["truth"].between(0.05, 0.95)]
    by_answer = large["held"] / large["rounds"]
    spread = math.sqrt(0.05 * 0.95 / many.rounds)
    assert by_answer.min() > 0.95 - 6 * spread and by_answer.mean() == pytest.approx(0.95, abs=0.005)


# --- differences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("true", "seen", "p", "outcome"),
    [
        (0.1, 0.2, 0.04, "found"), (0.1, 0.2, 0.05, "missed"), (-0.1, -0.2, 0.04, "found"),
        (0.1, -0.2, 0.04, "wrongly_claimed"), (0.0, 0.2, 0.04, "wrongly_claimed"), (0.0, -0.2, 0.06, "rightly_silent"),
        (0.1, math.nan, math.nan, "missed"), (0.0, math.nan, math.nan, "rightly_silent"),
    ],
)  # fmt: skip
def test_what_comes_of_a_comparison_follows_from_truth_and_test(true, seen, p, outcome):
    assert truth.outcomes(pd.Series([true]), np.array([seen]), np.array([p])).tolist() == [outcome]


def test_the_comparisons_of_a_wave_are_one_family(responses, model):
    found = truth.differences(responses, model)
    corrected = multipletests(found["p"], method="holm")[1]
    assert found["p_holm"].to_numpy() == pytest.approx(corrected)
    row = found.iloc[0]
    use = estimates.share(responses, model.questions.user, "yes", by=model.questions.care).frame.set_index("group")
    counts = [int(use.loc[group, column]) for group in ("waiting", "neither") for column in ("n", "base")]
    assert row["p"] == comparisons.two_shares(*counts).p
    assert row["seen"] == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert set(found["outcome"]) <= set(truth.OUTCOMES) and found["difference"].eq(0).sum() >= 4


@pytest.mark.long
def test_a_round_is_tested_as_a_wave_would_be(redraws, model):
    again = truth.redrawn_differences(redraws, model)
    assert len(again) == ROUNDS * len(model.comparisons)
    for number in (0, 23):
        alone = truth.differences(redraws.responses[redraws.of == number], model)
        of_round = again[again["round"].eq(number + 1)]
        assert of_round["outcome"].tolist() == alone["outcome"].tolist()
        by_itself = truth.outcomes(alone["difference"], alone["seen"], alone["p"])
        assert of_round["alone"].tolist() == by_itself.tolist()


def test_rounds_are_summed_up_by_hand():
    """Two comparisons in four rounds: one difference that is there, one that isn't."""
    known = {"question": "q", "statement": "", "answer": ["a", "b"] * 4, "by": "g", "first": "x", "second": "y"}
    shares = {"share_first": [0.5, 0.2] * 4, "share_second": [0.4, 0.2] * 4, "difference": [0.1, 0.0] * 4}
    found, missed, wrong, silent = truth.OUTCOMES
    again = pd.DataFrame(known | shares | {
        "round": [1, 1, 2, 2, 3, 3, 4, 4],
        "outcome": [found, silent, missed, silent, missed, silent, missed, wrong],
        "alone": [found, wrong, found, silent, wrong, silent, missed, wrong],
    })  # fmt: skip
    summed = truth.by_comparison(again)
    assert summed[["found", "wrong", "found_alone", "wrong_alone"]].to_numpy().tolist() == [
        [0.25, 0, 0.5, 0.25], [0, 0.25, 0, 0.5],
    ]  # fmt: skip
    assert truth.wrong_rounds(again) == (0.25, 0.75)


@pytest.mark.long
def test_over_many_rounds_holm_keeps_wrong_claims_rare_and_misses_more(many, model):
    again = truth.redrawn_differences(many, model)
    corrected, alone = truth.wrong_rounds(again)
    assert corrected < 0.05 < alone < 0.4
    summed = truth.by_comparison(again)
    nothing = summed["difference"].eq(0)
    spread = math.sqrt(0.05 * 0.95 / many.rounds / nothing.sum())
    assert summed.loc[nothing, "wrong_alone"].mean() == pytest.approx(0.05, abs=5 * spread)
    assert (summed["found"] <= summed["found_alone"]).all()
    large = summed.loc[summed["difference"].abs().gt(0.19), "found_alone"]
    assert len(large) >= 3 and large.min() > 0.9


# --- who comes forward ------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.5, 1, 1.25, 3])
def test_the_share_of_the_keen_is_seen_as_their_odds_times_the_ratio(model, ratio):
    item = truth.item(model.questions.user, "yes")
    seen = truth.keenness(model, (model.questions.user, "yes"), item, [ratio], 1000).iloc[0]
    p = float(truth.true_share(model, item))
    assert seen["truth"] == pytest.approx(p) and seen["base"] == 1000
    assert seen["seen"] == pytest.approx(p * ratio / (p * ratio + 1 - p))
    assert seen["off"] == pytest.approx(seen["seen"] - p)


@pytest.mark.parametrize(("question", "answer"), [("care", "waiting"), ("information", "what_is_safe"),
                                                  ("age", "16..29")])  # fmt: skip
def test_what_hangs_together_with_keenness_moves_along(redraws, model, question, answer):
    """Another way: people drawn without regard to keenness, the keen counted double."""
    questions = model.questions
    asked = questions[question]
    item = truth.item(asked, answer)
    seen = truth.keenness(model, (questions.user, "yes"), item, [2], 1000).iloc[0]
    people = redraws.responses[redraws.responses["user"].isin(["yes", "no"])]
    if question == "age":
        gave, told = people["q23"].between(16, 29).fillna(False), people["q23"].notna()
    else:
        given = estimates.given(people, asked, asked.codes(answer))
        gave, told = given.fillna(False), given.notna()
    weights = people["user"].map({"yes": 2, "no": 1}).astype(float)
    share = weights[gave.astype(bool)].sum() / weights[told].sum()
    assert share == pytest.approx(seen["seen"], abs=5 * math.sqrt(0.25 / told.sum()))
    assert seen["base"] == pytest.approx(1000 * weights[told].sum() / weights.sum(), rel=0.15)


def test_how_often_an_interval_still_holds_the_truth_is_a_sum_of_chances():
    """Of four people one half is held by the intervals around 1, 2 and 3, worked out from Wilson's formula."""
    z = stats.norm.ppf(0.975)
    held = []
    for n in range(5):
        middle, half = n / 4 + z**2 / 8, z * math.sqrt(n / 4 * (1 - n / 4) / 4 + z**2 / 64)
        held.append((middle - half) / (1 + z**2 / 4) <= 0.5 <= (middle + half) / (1 + z**2 / 4))
    assert held == [False, True, True, True, False]
    assert truth.how_often_held(0.5, 0.5, 4) == pytest.approx(14 / 16)
    assert truth.how_often_held(0.5, 0.8, 4) == pytest.approx(1 - 0.8**4 - 0.2**4)


def test_more_people_hold_a_share_that_is_off_less_often_and_a_right_one_no_less():
    assert truth.how_often_held(0.4, 0.45, 300) > truth.how_often_held(0.4, 0.45, 1200) > 0
    assert truth.how_often_held(0.4, 0.4, 4800) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("ratios", [[0, 1], [-1]])
def test_a_ratio_that_is_none_is_refused(model, ratios):
    item = truth.item(model.questions.user, "yes")
    with pytest.raises(ValueError, match="each is above 0, and 1 is as keen as the rest"):
        truth.keenness(model, (model.questions.user, "yes"), item, ratios, 100)


def test_several_tick_boxes_at_once_are_refused(model):
    with pytest.raises(ValueError, match="tick boxes go one at a time"):
        truth.true_share(model, truth.item(model.questions.tools, "a|b"))


# --- the words of sentences -------------------------------------------------------------------------


@pytest.mark.long
def test_a_word_that_is_false_of_a_population_holds_in_one_round_of_twenty_and_one_that_is_surely_true_in_most(
    many, model
):
    """Every share of the questionnaire, with each word: what chance adds to 400 rounds is allowed for."""
    told = functools.cache(lambda n, base, word: guards.quantified(n, base, word)[0])
    often, seldom = stats.binom.ppf((0.9999, 0.0001), many.rounds, (0.05, 0.85)) / many.rounds
    false = true = 0
    for row in truth.redrawn_intervals(many, model).to_dict("records"):
        n, base = many.counts(truth.item(model.questions[row["question"]], row["answer"], row["statement"]))
        if base.min() < guards.FEWEST:
            continue
        for word in ("majority", "most", "nearly_all", "minority", "few"):
            held = np.mean(
                [told(*counts, word) == guards.HOLDS for counts in zip(n.tolist(), base.tolist(), strict=True)]
            )
            ((key, end),) = quantities.bounds(word).items()
            beyond = (row["truth"] - float(end) / 100) * (-1 if key == "below" else 1)
            margin = 3 * math.sqrt(float(end) * (100 - float(end)) / 1e4 / base.mean()) + 1 / base.mean()
            if beyond <= 0:
                assert held <= often, (row, word)
                false += 1
            elif beyond >= margin:
                assert held >= seldom, (row, word)
                true += 1
    assert min(false, true) > 100
