"""Claims held against the rest of print, on a survey of forty people of whom only print is known.

Forty are analysed, 16 of them use it and 24 don't. Each verdict is worked out by hand beside its claim. There are no
responses at all here: nothing is read of any.
"""

import csv
from collections import Counter
from functools import partial
from types import SimpleNamespace

import pandas as pd
import pytest

import analysis
from analysis.report import claims, deduction
from analysis.survey import printed
from analysis.survey.questionnaire import Answer, Condition, Question, Questionnaire, Statement

STEPS = pd.DataFrame({"step": ["took_part", "stopped", "outside", "analysed"]})


def question(code, kind, answers, on="", statements=(), exclusive=""):
    options = tuple(Answer(a, a, exclusive=a in exclusive) for a in answers)
    about = tuple(Statement(s, s) for s in statements)
    return Question(code, "", kind, code, Condition.parse(on), answers=options, statements=about)


ASKED = (
    question("use", "single", "yn"),
    question("helps", "single", "abc", "use=y"),
    question("why", "multiple", "abx", "use=y", exclusive="x"),
    question("view", "statements", "123", "use=y", statements="12"),
    question("whynot", "multiple", "ab", "use=n"),
    question("care", "single", "abc"),
    question("age", "number", ""),
)
BLANK = dict.fromkeys(claims.COLUMNS, "") | {"document": "d", "rounding": "single", "holds": "yes"}


def row(kind, about="", options="", number="", base="", **more):
    """A claim: `about` is a question, or that and a statement with a colon between."""
    code, _, statement = about.partition(":")
    said = {"kind": kind, "question": code, "statement": statement, "options": options, "printed": number, "base": base}
    return BLANK | said | more


share, count = partial(row, "share"), partial(row, "count")
ALL = count(options="analysed", number="40")
USERS, OTHERS = count("helps", number="16"), count("whynot", number="24")  # as the captions of figures have it


def judged(folder, *rows):
    """The findings on claims that are all there is in print, but for how many were analysed, which comes first."""
    (folder / "published").mkdir(exist_ok=True)
    records = [r | {"claim": f"c{i}"} for i, r in enumerate((ALL, *rows))]
    with (folder / "published/claims.csv").open("w", encoding="utf-8", newline="") as lines:
        out = csv.DictWriter(lines, claims.COLUMNS)
        out.writeheader()
        out.writerows(records)
    wave = SimpleNamespace(report="d", survey=folder)
    questions = Questionnaire("en", ASKED, printed=partial(printed.read, wave))
    return deduction.judge(records, claims.Data(pd.DataFrame(), questions, STEPS))[1:]


def verdicts(folder, *rows):
    return [finding.verdict for finding in judged(folder, *rows)]


# --- each kind of claim and what can be said of it ----------------------------------------------

HALF = share("care", "a", "50.0", "40")  # 20 of 40
HELPED = [share("helps", "a", "56.3", "16"), share("helps", "b", "12.5", "16")]  # 9 and 2 of 16, so 5 are left
CASES = [
    # a share: nothing else tells it; the other two tell it; it isn't what they leave
    ("as printed", share("care", "a", "50.0", "40"), []),
    ("follows", share("helps", "c", "31.3", "16"), HELPED),
    ("impossible", share("helps", "c", "37.5", "16"), HELPED),
    ("impossible", share("care", "a", "50.1", "40"), []),  # of nobody
    ("as printed", share("helps", "a", "56.3", "16"), [USERS]),
    # 5 of 16 are 31.25%, which is rounded either way
    ("follows", share("helps", "c", "31.2", "16"), HELPED),
    # parts that were rounded and then added: two of one, 6.3 + 6.3, or three, 6.3 + 12.5
    ("possible as a sum", share("view:1", "1|2", "12.6", "16", rounding="sum"), [USERS]),
    ("possible as a sum", share("view:1", "1|2", "12.6", "16", rounding="sum"), [share("view:1", "1", "6.3", "16")]),
    ("impossible", share("view:1", "1|2", "12.6", "16", rounding="sum"),
     [share("view:1", "1", "6.3", "16"), share("view:1", "2", "12.5", "16")]),
    ("as printed", share("view:1", "1|2", "12.5", "16", rounding="sum"), [USERS]),
    # of the sixteen users, not of all forty, of whom nine are 22.5%
    ("impossible", share("helps", "a", "22.5", "40"), [USERS, share("helps", "b", "12.5", "16")]),
    # in words: a third of 40 is 13.3, and nobody knows; half is in it, or isn't
    ("possible", share("care", "b", base="40", against="33.3..40"), [HALF]),
    ("follows", share("care", "a", base="40", against="45..55"), [HALF]),
    ("impossible", share("care", "b", base="40", against="55..60"), [HALF]),
    ("follows", share("care", "a", base="40", against="about_half"), [HALF]),
    # a majority
    ("follows", row("majority", "helps", "a"), HELPED),
    ("impossible", row("majority", "helps", "c"), HELPED),
    ("impossible", row("majority", "care", "a", base="40"), [HALF]),  # half isn't
    ("possible", row("majority", "why", "a"), [USERS]),
    ("possible", row("majority", "why", "a"), []),  # of nobody knows how many
    ("possible", row("majority", "why", "a", among="care=a", base="7"), [USERS]),
    # a number of people: who answered, who gave an answer
    ("follows", count("helps", number="16"), HELPED),
    ("impossible", count("helps", number="17"), HELPED),
    ("as printed", count("helps", number="16"), []),
    ("impossible", count("helps", number="25"), [count("use", "n", "24"), count("use", "y", "16")]),
    ("follows", count("helps", "c", "5"), HELPED),
    ("as printed", count("why", "a", "3"), [USERS]),
    ("as printed", count("why", "a", "17"), [USERS]),  # sixteen of them answered something else; they may be more
    ("impossible", count("why", "a", "17"), [share("use", "y", "40.0", "40")]),
    ("follows", count("view:1|2", number="16"), [share("view:1", "1", "6.3", "16"), share("view:2", "1", "6.3", "16")]),
    # 14 lies between 12 and 16, and is neither
    ("impossible", count("view:1|2", number="14"),
     [share("view:1", "1", "25.0", "12"), share("view:2", "1", "6.3", "16")]),
    # kinds of question: two are `multiple`, one is a number
    ("follows", count(options="multiple|number", number="3"), []),
    ("impossible", count(options="multiple|number", number="4"), []),
    # a mean, and a test
    ("as printed", row("mean", "age", number="49.2"), []),
    ("as printed", row("test", "age", "statistic", "-2.50", among="use=y", against="use=n"), []),
    # who leads: 16 against 24; 20 against at most 20; nobody knows; a number of years
    ("follows", row("rank", "use", "n"), [share("use", "y", "40.0", "40")]),
    ("impossible", row("rank", "use", "y"), [share("use", "y", "40.0", "40")]),
    ("follows", row("rank", "care", "a", against="b"), [share("care", "a", "52.5", "40")]),
    ("possible", row("rank", "care", "a", against="b"), [HALF]),
    ("possible", row("rank", "why", "a", against="b"), [USERS]),
    ("possible", row("rank", "age", among="use=y", against="use=n"), [USERS]),
    # and between groups: 15 of the 20 in one use it, and so one at most of the others
    ("follows", row("rank", "use", "y", among="care=a", against="care=b"),
     [HALF, share("care", "b", "25.0", "40"), share("use", "y", "75.0", "20", among="care=a"),
      share("use", "y", "40.0", "40")]),
    ("possible", row("rank", "use", "y", among="care=a", against="care=b"), [HALF, share("use", "y", "40.0", "40")]),
    ("possible", row("no_difference", "use", against="care"), [HALF]),
    ("not testable", row("majority"), []),
    ("not testable", share("helps", "a", "50.0", "16", among="age=16..29"), []),  # print says nothing of ages
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "claim", "rest"), CASES)
def test_verdicts_by_hand(tmp_path, verdict, claim, rest):
    assert judged(tmp_path, claim, *rest)[0].verdict == verdict


def test_every_kind_of_claim_and_every_verdict_is_among_these():
    assert {claim["kind"] for _, claim, _ in CASES} == set(claims.KINDS)
    assert {verdict for verdict, _, _ in CASES} == set(deduction.VERDICTS)


def test_what_follows_is_told_as_a_number_and_what_is_impossible_with_what_it_should_be(tmp_path):
    assert judged(tmp_path, share("helps", "c", "37.5", "16"), *HELPED)[0].recomputed == "31.3"
    of_all = judged(tmp_path, share("helps", "a", "22.5", "40"), USERS, share("helps", "b", "12.5", "16"))[0]
    assert of_all.reasons == (("other_base", {"base": "16", "printed": "40"}),)


# --- a claim and its repeats ---------------------------------------------------------------------

MISPRINT = share("use", "y", "42.5", "40")  # 17, and the captions have 16 and 24
REPEATS = [MISPRINT, share("use", "n", "57.5", "40"), row("share", "use", "y", "43", "40")]


def test_a_misprint_is_impossible_however_often_it_is_repeated(tmp_path):
    bases = [*HELPED, share("whynot", "a", "50.0", "24")]  # a figure of sixteen and one of twenty-four
    captions = [USERS, OTHERS]
    everybody = [count("use", number="40")]
    found = verdicts(tmp_path, *REPEATS, *bases, *captions, *everybody)
    assert found[:3] == ["impossible"] * 3


def test_without_what_it_contradicts_a_misprint_is_as_printed(tmp_path):
    assert verdicts(tmp_path, MISPRINT) == ["as printed"]
    assert verdicts(tmp_path, *REPEATS)[:2] == ["as printed"] * 2


def test_what_is_true_follows_where_it_was_a_misprint_that_could_not_be(tmp_path):
    right = share("use", "y", "40.0", "40")
    assert verdicts(tmp_path, right, count("use", number="40"), *HELPED, OTHERS)[0] == "follows"


def test_a_claim_that_is_marked_as_wrong_tells_nothing_of_others(tmp_path):
    wrong = [share("helps", "a", "62.5", "16", holds="no"), share("helps", "b", "12.5", "16")]
    assert verdicts(tmp_path, share("helps", "c", "31.3", "16"), *wrong) == ["as printed", "impossible", "as printed"]


def test_where_the_rest_of_print_cannot_be_true_it_says_nothing_of_a_claim(tmp_path):
    # 9 + 8 are more than 16: each of the two is impossible by the other, and the third can't be held against both
    clash = [share("helps", "a", "56.3", "16"), share("helps", "b", "50.0", "16")]
    first, second, third = judged(tmp_path, *clash, share("helps", "c", "6.3", "16"))
    assert [first.verdict, second.verdict, third.verdict] == ["impossible", "impossible", "not testable"]
    assert third.why == "the other printed numbers cannot all be true"


# --- tests and steps -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("t", "df", "p", "verdict"),
    [
        # two-sided, Student's t with 38 degrees of freedom: 0.0169 at 2.50; 0.0171 at 2.495 and 0.0167 at 2.505
        ("-2.50", "38", "0.017", "follows"),
        ("-2.50", "38", "0.02", "follows"),
        ("-2.50", "38", "<0.05", "follows"),
        ("-2.50", "38", "0.018", "impossible"),
        ("-2.50", "38", "<0.01", "impossible"),
        # 2.5 is anything from 2.45 to 2.55: 0.0190 to 0.0149
        ("2.5", "38", "0.018", "possible"),
        ("2.5", "38", "0.02", "possible"),
        ("2.5", "38", "0.013", "impossible"),
        ("2.5", "38", "<0.017", "possible"),
    ],
)
def test_a_p_follows_from_its_statistic_and_degrees_of_freedom_as_far_as_they_were_rounded(tmp_path, t, df, p, verdict):
    test = partial(row, "test", "age", among="use=y", against="use=n")
    rows = [test(options="p", number=p), test(options="statistic", number=t), test(options="df", number=df)]
    assert verdicts(tmp_path, *rows) == [verdict, "as printed", "as printed"]
    assert verdicts(tmp_path, *rows[:2])[0] == "as printed"  # of what degrees of freedom?
    other = rows[2] | {"against": "care=a"}
    assert verdicts(tmp_path, *rows[:2], other)[0] == "as printed"


FLOW = [count(options=step, number=n) for step, n in (("took_part", "50"), ("stopped", "6"), ("outside", "4"))]


def test_each_step_of_the_flow_follows_from_the_others(tmp_path):
    found = judged(tmp_path, *FLOW)  # 50 - 6 - 4 = 40
    assert [(f.verdict, f.recomputed) for f in found] == [("follows", "50"), ("follows", "6"), ("follows", "4")]


@pytest.mark.parametrize(("wrong", "left"), [(0, "50"), (1, "6"), (2, "4")])
def test_a_step_that_does_not_add_up_is_impossible(tmp_path, wrong, left):
    rows = [step | {"printed": "7"} if i == wrong else step for i, step in enumerate(FLOW)]
    found = judged(tmp_path, *rows)[wrong]
    assert (found.verdict, found.recomputed) == ("impossible", left)


def test_a_step_stands_by_itself_where_another_is_not_printed(tmp_path):
    assert verdicts(tmp_path, *FLOW[:2]) == ["as printed"] * 2
    assert verdicts(tmp_path, *FLOW[:2], FLOW[2] | {"holds": "no"})[:2] == ["as printed"] * 2


# --- nobody's answers ----------------------------------------------------------------------------


@pytest.mark.long
def test_no_verdict_on_the_report_rests_on_who_was_invented():
    wave = "2025-reference"
    questions, steps = analysis.questions(wave, "en"), analysis.flow(wave).frame
    records = claims.read(wave, questions, steps).to_dict("records")
    nobody = claims.Data(None, questions, steps)  # there is nothing to read
    counted = Counter(finding.verdict for finding in deduction.judge(records, nobody))
    assert [counted[verdict] for verdict in deduction.VERDICTS] == [65, 74, 5, 19, 9, 9]
