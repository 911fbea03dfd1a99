"""What print leaves open stands on a page as a range where it is narrow; what is said of a range is what it is."""

import pytest

from analysis.show import exhibits, saying
from analysis.stats import bounds, estimates
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
    assert exhibits.unknowns(opinions.frame, None, voice("en"))[-1].startswith("A range here rests on a printed number")


def test_what_only_one_number_can_be_is_known_after_all(responses, questions):
    """Whoever chose the last answer to the first question was left out."""
    nobody = estimates.shares(responses, questions["q01"])["c"]
    assert (nobody.known, nobody.number, nobody.n, nobody.origin) == (True, 0, 0, "derived")


def test_of_a_selection_of_people_print_says_nothing(responses, questions):
    some = responses.drop(responses.index[responses["q02"].eq("c")][:1])
    assert estimates.share(some, questions.user, "yes", by=questions.care_status)["past"].least is None


def test_every_narrow_range_is_narrow_and_any_other_is_none(questions):
    found = bounds.narrow_range(questions, "q14_11=1")
    assert found == bounds.share_range(bounds.premises_of(questions), "q14_11=1")
    assert found.most - found.least < bounds.NARROW
    assert bounds.narrow_range(questions, "q11=b") is None and bounds.narrow_range(questions, "q04=b", "q23=a") is None


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
