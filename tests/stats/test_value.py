"""A value keeps what it knows: arithmetic takes the weakest origin and the strictest release, and nothing unknown

becomes a number.
"""

import math
from dataclasses import replace

import pandas as pd
import pytest

from analysis.stats import estimates
from analysis.stats.release import release
from analysis.stats.value import NotKnownError, Value, computed, weakest
from analysis.survey.questionnaire import Answer, Condition, Question, Statement

HALF = Value("share", 0.5, "share", n=20, of=40, low=0.35, high=0.65, origin="printed", reliability="reliable")
QUARTER = Value("share", 0.25, "share", n=10, of=40, low=0.14, high=0.40, origin="unpublished")
HIDDEN = replace(QUARTER, release="hidden")
NOBODY = Value("share", None, "share", n=0, of=0, absent="nobody")


@pytest.mark.parametrize(
    ("made", "kind", "number"),
    [
        (HALF + QUARTER, "share", 0.75),
        (HALF - QUARTER, "difference", 0.25),
        (1 - QUARTER, "share", 0.75),
        (HALF / QUARTER, "ratio", 2.0),
        (HALF.count / HALF.base, "share", 0.5),
        (HALF.base / HALF.count, "ratio", 2.0),
        (HALF.count - QUARTER.count, "count", 10),
        (HALF.count * 2, "count", 40),
        (100 / HALF.base, "ratio", 2.5),
        ((HALF + 0.1) / 2, "share", 0.3),
    ],
)
def test_arithmetic_by_hand(made, kind, number):
    assert (made.kind, float(made)) == (kind, pytest.approx(number))


def test_people_over_people_are_a_share_with_its_base_and_wilsons_interval():
    made = HALF.count / HALF.base
    assert (made.n, made.of) == (20, 40)
    # by hand: 1.959964 * sqrt(0.25 / 40 + 3.841459 / 6400) / (1 + 3.841459 / 40) = 0.148005 on either side of a half
    assert (made.low, made.high) == pytest.approx((0.351995, 0.648005), abs=1e-6)


KILOMETRES = Value("mean", 8.0, "km", decimals=2)


@pytest.mark.parametrize(
    ("made", "kind", "unit", "decimals"),
    [
        (KILOMETRES + KILOMETRES, "mean", "km", 2),
        (KILOMETRES * 2, "mean", "km", 2),
        (KILOMETRES - 1, "mean", "km", 2),
        (KILOMETRES + Value("mean", 1.0, "years", decimals=1), "mean", "km", None),  # of two units neither's decimals
        (KILOMETRES - KILOMETRES, "difference", "km", None),
        (HALF.rounded(1) - QUARTER, "difference", "points", None),
        (HALF.rounded(1) - 0.1, "share", "share", 1),
        (HALF.rounded(1) / QUARTER, "ratio", "", None),
        (1 - HALF.rounded(1), "share", "share", 1),
        (1 - KILOMETRES, "mean", "km", 2),
    ],
)
def test_unit_and_decimals_stay_while_the_kind_does(made, kind, unit, decimals):
    assert (made.kind, made.unit, made.decimals) == (kind, unit, decimals)


def test_only_a_share_taken_from_one_is_turned_around():
    assert float(1 - KILOMETRES) == -7 and float(2 - HALF) == 1.5
    assert ((2 - HALF).n, (2 - HALF).low) == (None, None), "not everybody else, so neither people nor interval"


def test_all_of_the_people_are_a_share_and_one_more_is_a_ratio():
    forty, more = Value("count", 40, "people", n=40), Value("count", 41, "people", n=41)
    assert ((forty / forty).kind, (forty / forty).n, (forty / forty).of) == ("share", 40, 40)
    assert ((more / forty).kind, (more / forty).n) == ("ratio", None)


def test_everybody_else_is_the_share_turned_around():
    rest = 1 - QUARTER
    assert (rest.n, rest.of, rest.low, rest.high) == (30, 40, pytest.approx(0.60), pytest.approx(0.86))


@pytest.mark.parametrize("compute", [lambda a, b: a + b, lambda a, b: b - a, lambda a, b: a / b, lambda a, b: b * a])
def test_what_is_computed_rests_on_the_weakest_and_is_as_hidden_as_the_strictest(compute):
    assert compute(HALF, QUARTER).origin == "unpublished"
    assert compute(HALF, HALF).origin == "derived", "computed from print, not printed itself"
    assert compute(HALF, HIDDEN).release == compute(HIDDEN, HALF).release == "hidden"
    assert compute(release(HALF), release(HALF)).release == "released", "of what was let out alone"
    assert compute(release(HALF), HALF).release == "", "the other still has to pass the door"


def test_origins_are_ranked_and_a_real_wave_has_none():
    assert weakest({"printed", "derived"}) == "derived" and weakest({"unpublished", "printed"}) == "unpublished"
    assert weakest({"pictured", "derived"}) == "pictured" and weakest({"pictured", "unpublished"}) == "unpublished"
    assert weakest([]) == weakest([""]) == ""
    assert (computed(["printed"]), computed([""])) == ("derived", "")


@pytest.mark.parametrize("number", [NOBODY, HIDDEN, NOBODY + HALF, HIDDEN.count, 1 - HIDDEN, HIDDEN / 2])
def test_what_is_not_known_or_hidden_becomes_no_number(number):
    for ask in (float, int, lambda value: value > 0.1, lambda value: value <= 1):
        with pytest.raises(NotKnownError, match="Put the value itself|put the value itself"):
            ask(number)
    assert not number.known


def test_an_unknown_value_says_why_through_arithmetic():
    assert (NOBODY + HALF).absent == (HALF - NOBODY).absent == "nobody"


def test_dividing_by_nobody_is_not_calculable():
    nothing = HALF.count / NOBODY.base
    assert not nothing.known and nothing.absent == "not_calculable"
    assert (nothing.kind, nothing.n, nothing.of, nothing.low, nothing.high) == ("ratio", None, None, None, None)


def test_a_base_is_known_where_the_answers_are_not():
    assert QUARTER.base.origin == "" and QUARTER.count.origin == "unpublished"


@pytest.mark.parametrize(("slot", "wrong"), [("kind", "sort"), ("origin", "guessed"), ("release", "maybe")])
def test_a_slot_with_a_word_that_does_not_exist_is_refused(slot, wrong):
    with pytest.raises(ValueError, match=f'{slot} "{wrong}" is not one of '):
        replace(HALF, **{slot: wrong})


def test_the_door_lets_out_and_never_opens_what_is_hidden():
    assert release(HALF).release == "released" and release(HIDDEN) is HIDDEN
    assert float(release(HALF)) == 0.5


# --- estimates as values -----------------------------------------------------------------------

YES, NO = Answer("y", "Yes"), Answer("n", "No")
ONE = Question("one", "1", "single", "One", Condition(), answers=(YES, NO))
BY = Question("by", "2", "single", "By", Condition(), answers=(Answer("a", "A"), Answer("b", "B")))
SCALE = Question("s", "3", "statements", "Scale", Condition(), answers=(Answer("1", "Agree"), Answer("2", "Not")),
                 statements=(Statement("p", "P"), Statement("q", "Q")))  # fmt: skip
PEOPLE = pd.DataFrame({
    "one": pd.Categorical(list("yyyn") + ["no_answer"]), "by": pd.Categorical(list("aabbb")),
    "s_p": pd.Categorical(list("11122")), "s_q": pd.Categorical(list("12222")),
})  # fmt: skip


def test_an_answer_is_a_value_with_its_count_and_base():
    use = estimates.shares(PEOPLE, ONE)
    assert (use["y"].n, use["y"].of, float(use["y"])) == (3, 4, 0.75)
    assert int(use.base) == 4 and use.base.kind == "count"
    assert use["y"].reliability == "unreliable", "four people are too few"


def test_groups_and_statements_are_keys_too_and_several_parts_make_one():
    by = estimates.share(PEOPLE, ONE, "y", by=BY)
    assert (by["a"].n, by["a"].of, by["b"].n, by["b"].of) == (2, 2, 1, 2)
    scale = estimates.shares(PEOPLE, SCALE)
    assert scale["p", "1"].n == scale["1", "p"].n == 3 and scale["q", "1"].n == 1
    assert estimates.shares(PEOPLE, ONE, by=BY)["y", "b"].n == 1


def test_a_key_that_means_none_or_several_says_which_there_are():
    by = estimates.shares(PEOPLE, ONE, by=BY)
    with pytest.raises(ValueError, match=r"\['y'\] means 2 estimates; say which: \['y', 'a'\] … \['y', 'b'\]"):
        by["y"]
    for key, hint in [("z", "."), ("yy", '; did you mean "y"?')]:
        with pytest.raises(KeyError) as error:
            by[key]
        assert error.value.args == (f"there is no estimate ['{key}']{hint} There are y, n",)
    with pytest.raises(ValueError, match="one has several bases here: 2, 1"):
        estimates.shares(PEOPLE.iloc[:3], ONE, by=BY).base  # noqa: B018


def test_where_nobody_answered_the_value_is_not_known():
    nobody = estimates.shares(PEOPLE.assign(one="no_answer"), ONE)["y"]
    assert not nobody.known and nobody.absent == "nobody" and nobody.reliability == ""
    assert nobody.number is None and not math.isnan(nobody.of)
