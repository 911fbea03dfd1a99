"""What print leaves open stands on a page as a range where it is narrow; what is said of a range is what it is."""

from fractions import Fraction

import pytest

from analysis.show import exhibits, saying
from analysis.stats import bounds, estimates, ranges
from analysis.stats.programmes import ClashError
from analysis.stats.value import Value
from analysis.survey import datasets
from analysis.words import voice


@pytest.fixture(scope="module")
def questions():
    return datasets.questions("2025-reference", "nl")


@pytest.fixture(scope="module")
def responses():
    return datasets.load("2025-reference")


# --- on pages of results -------------------------------------------------------------------------


def test_use_in_past_care_lies_where_the_other_groups_leave_it(responses, questions):
    """By hand: 172 and 22 of 294 users are in care or wait, which leaves 100; at most 20 of them never had any care."""
    use = estimates.share(responses, questions.user, "yes", by=questions.care_status)
    past = use["past"]
    assert past.release == "hidden" and not past.known
    assert (past.least, past.most) == pytest.approx((80 / 298, 100 / 298))
    assert saying.said(past.range, "nl") == "tussen 26,8 en 33,6%"
    assert use["never"].least is None  # 0 to 100%: its line says that it isn't known, in the words of its kind


def test_the_line_under_a_figure_says_the_range_and_not_that_it_is_unknown(responses, questions):
    use = estimates.share(responses, questions.user, "yes", by=questions.care_status)
    unknown, ranged = exhibits.unknowns(use.frame, None, voice("nl"))
    assert "Vroeger" not in unknown and ranged.endswith("Vroeger in zorg, 26,8 tot 33,6%")


def test_a_range_that_rests_on_sums_says_so(responses, questions):
    """8.1% exists of 294 people only as a sum of rounded parts: 24 people, so none of both parts is more."""
    opinions = estimates.shares(responses, questions.opinions)
    rows = opinions.frame[opinions.frame["release"].eq("hidden") & opinions.frame["least"].notna()]
    assert rows[["statement", "answer"]].values.tolist() == [["11", "1"], ["11", "2"]]
    assert rows["most"].tolist() == pytest.approx([24 / 294] * 2) and rows["summed"].all()
    assert exhibits.reading(rows, questions.opinions, voice("en"))[1:] == [
        "A range here rests on a printed number that no number of people gives, "
        "and that only exists as a sum of rounded parts"
    ]


def test_what_only_one_number_can_be_is_known_after_all(responses, questions):
    """Whoever chose the last answer to the first question was left out."""
    nobody = estimates.shares(responses, questions["q01"])["c"]
    assert (nobody.known, nobody.number, nobody.n, nobody.origin) == (True, 0, 0, "derived")


def test_of_a_selection_of_people_print_says_nothing(responses, questions):
    some = responses.drop(responses.index[responses["q02"].eq("c")][:1])
    assert estimates.share(some, questions.user, "yes", by=questions.care_status)["past"].least is None


def test_every_narrow_range_is_narrow_and_any_other_is_none(questions):
    found = ranges.narrow_range(questions, "q14_11=1")
    assert found == ranges.share_range(ranges.premises_of(questions), "q14_11=1")
    assert found.most - found.least < bounds.NARROW
    assert ranges.narrow_range(questions, "q11=b") is None and ranges.narrow_range(questions, "q04=b", "q23=a") is None


# --- how it is said -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "written", "said"),
    [
        ((0.4966, 0.5714), "49,7 tot 57,1%", "tussen 49,7 en 57,1%"),
        ((0, 1), "0 tot 100%", "tussen 0 en 100%"),
        ((0.25, 0.25), "25,0%", "25,0%"),
    ],
)
def test_a_range_is_said_by_its_ends_and_nobody_and_everybody_without_decimals(ends, written, said):
    value = Value("share", None, "share", least=ends[0], most=ends[1], origin="derived", absent="not_stated")
    assert str(saying.written(value.range, voice("nl"))) == written and saying.said(value.range, "nl") == said


def test_a_range_of_something_held_back_without_one_is_said_in_words():
    value = Value("share", None, "share", origin="unpublished", absent="unpublished", release="hidden")
    assert saying.said(value.range, "nl") == "[niet bekend]"


# --- many at once ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def left(responses, questions):
    return bounds.unprinted(responses, questions)


def test_answers_that_print_does_not_tell_apart_have_the_range_of_each(questions, left):
    """One of them is asked about for all; here each is."""
    given = ranges.premises_of(questions)
    for row in left[left["question"].isin(["q06", "q11", "q14", "q17"])].to_dict("records"):
        unit = "_".join(filter(None, (row["question"], row["statement"])))
        found = ranges.share_range(given, f"{unit}={row['answer']}")
        assert (float(found.least), float(found.most)) == (row["least"], row["most"]), row


def test_what_no_text_gives_is_all_that_presumably_stands_in_a_figure(left):
    """Counted by hand from the report: 17, 6, 4, 3, 2, 3, 71, 9 and 4 answers to questions 4 to 17."""
    counted = left.groupby("question", sort=False).size()
    assert counted.to_dict() == dict(
        q04=17, q06=6, q08=4, q10=3, q11=2, q12=3, q14=71, q16=9, q17=4
    )  # fmt: skip
    assert left["width"].between(0, 1).all() and (left["least"] >= left["whole_least"]).all()
    assert (left["most"] <= left["whole_most"]).all()


def test_ranges_worth_knowing_are_as_worked_out_by_hand(questions):
    """168 of 294 hesitate and 272 were helped; 600 of 771 are women, 294 users; of 477, 202 and 177 give a reason."""
    found = bounds.ranges(
        questions,
        {
            "both": "helped=yes & hesitates=agree",
            "women": ("user=yes", "gender=woman"),
            "worries": "reasons_against=privacy|fear_of_errors",
        },
    ).set_index("label")
    assert found[["least", "most"]].values.tolist() == [
        [(168 + 272 - 294) / 294, 168 / 294],
        [(294 - 171) / 600, 294 / 600],
        [202 / 477, (202 + 177) / 477],
    ]
    assert found.at["both", "whole_least"] == 0 and found.at["women", "whole_most"] == 294 / 600
    assert bounds.value_of(found.loc["both"].to_dict(), whole=True).most == 272 / 294


def test_one_more_number_settles_what_a_known_sum_leaves(questions, left):
    """236 said yes or maybe, so either tells the other; 167 said no or don't know; none of the tools tells another."""
    more = bounds.one_more(questions, left)
    pairs = more[more["settles"].ne("")].set_index(["question", "statement", "answer"])["settles"].sort_index()
    assert pairs["q17", ""].to_dict() == {"a": "c", "c": "a", "b": "d", "d": "b"}
    assert pairs["q11", ""].to_dict() == {"b": "c", "c": "b"}
    assert pairs["q14", "5"].to_dict() == {"4": "5", "5": "4"} and "q04" not in pairs.index
    assert len(pairs) == 26 and more["narrows"].eq("").all() and len(more) == len(left)


def test_what_would_follow_from_a_number_is_what_follows_where_it_is_printed(questions):
    given = ranges.premises_of(questions)
    yes, other = bounds.ranges_if(given, "q17=c", "q17=a", [100, 236])
    assert (yes.least, yes.most, yes.settled) == (Fraction(136, 477), Fraction(136, 477), True) and other.least == 0
    (wide,) = bounds.ranges_if(given, "q17=b", "q17=a", [100])
    assert (wide.least, wide.most) == (0, Fraction(241, 477))
    with pytest.raises(ClashError):
        bounds.ranges_if(given, "q17=c", "q17=a", [237])
