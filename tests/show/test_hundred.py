"""Of every hundred people: dots that make a hundred, in the order asked for, and nothing of what isn't shown."""

import re

import pytest
from conftest import as_if_asked

import analysis
from analysis.show import drawings, exhibits, saying
from analysis.show.edition import speak
from analysis.stats import estimates
from analysis.stats.release import of_things
from analysis.stats.value import Value

WAVE = "2025-reference"


def drawn(html):
    """How many dots of each kind stand there, without those of the key."""
    found = re.findall(r'class="dot-(\w+)" cx="[\d.]+" cy="[\d.]+" r', html)
    return {kind: found.count(kind) for kind in sorted(set(found))}


@pytest.mark.parametrize(
    ("shares", "dots"),
    [
        ([164 / 294, 108 / 294, 22 / 294], [56, 37, 7]),  # 55.8, 36.7 and 7.5: the last half goes to who lost most
        ([1 / 3, 1 / 3, 1 / 3], [34, 33, 33]),
        ([1.0, 0.0], [100, 0]),
        ([0.0, 0.0], [0, 0]),
        ([0.4, 0.0], [40, 0]),
    ],
)
def test_dots_are_rounded_so_that_they_make_what_the_shares_make(shares, dots):
    assert exhibits._of_a_hundred(shares) == dots


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_answer_has_its_dots_and_its_share_in_the_order_asked_for(shown, language):
    speak(language)
    responses, questions = analysis.load(WAVE), as_if_asked(WAVE, language)
    helps = estimates.shares(responses, questions.helpful)
    exhibits.show_hundred((helps, "yes|partly|no"))
    html = shown[0]["text/html"]
    assert drawn(html) == {"0": 56 + 1, "1": 37 + 1, "2": 7 + 1}, "one of each kind is the key's"
    said = [saying.said(helps[answer], language) for answer in ("yes", "partly", "no")]
    places = [html.index(f">{share} ") for share in said]
    assert places == sorted(places) and all(f"{share} " in re.search('aria-label="([^"]+)"', html)[1] for share in said)


def test_an_answer_that_is_not_known_has_no_dots_and_says_so(shown):
    speak("nl")
    responses, questions = analysis.load(WAVE), analysis.questions(WAVE, "nl")
    exhibits.show_hundred((estimates.shares(responses, questions.less_good_moments), "yes|no"))
    html = shown[0]["text/html"]
    assert drawn(html) == {"0": 39 + 1, "1": 1, "open": 61}
    assert "[niet in de tekst] Nee" in html


def test_a_picture_says_what_its_words_say_and_no_markup():
    svg = drawings.hundreds([("<b>", [(100, "38,1% Ja")])], 'a "b" <c>')
    assert "&lt;b&gt;" in svg and 'aria-label="a &quot;b&quot; &lt;c&gt;"' in svg and "<b>" not in svg


# --- people and words in a sentence ---------------------------------------------------------


def test_people_are_said_with_the_word_that_agrees():
    assert dict(saying.in_people(of_things(1))) == {"nl": "1 mens", "en": "1 person"}
    assert dict(saying.in_people(of_things(1200))) == {"nl": "1.200 mensen", "en": "1,200 people"}


def test_words_that_begin_a_sentence_have_a_capital():
    share = Value("share", 294 / 771, "share", n=294, of=771)
    assert saying.in_words(share)["nl"] == "ruim een derde (38,1%)"
    assert saying.in_words(share, first=True)["nl"] == "Ruim een derde (38,1%)"
    without = Value("share", 0.56, "share", n=56, of=100)  # of which there is no word
    assert saying.in_words(without, first=True)["nl"] == "56,0%"


def test_a_printed_share_of_people_whose_number_is_open_has_its_word_and_is_not_nobody():
    """36% of 272 are 97 to 99 people: more than a third whichever it is; 31% may be nearly a third or another word."""
    responses, questions = analysis.load(WAVE), analysis.questions(WAVE, "nl")
    preparing = estimates.shares(responses, questions.ways_it_helps)["preparing"]
    assert preparing.n is None and saying.in_words(preparing)["nl"] == "ruim een derde (36%)"
    between = Value("share", 0.45, "share", of=272, decimals=0, origin="printed")
    assert saying.in_words(between)["nl"] == "45%", "44.5 and 45.5 have different words"


def test_what_nobody_published_is_unsaid_and_what_is_known_is_not():
    responses, questions = analysis.load(WAVE), analysis.questions(WAVE, "nl")
    need = estimates.shares(responses, questions.wants_information)
    use = estimates.shares(responses, questions.talked)
    for unsaid in (saying.text(need["yes"]), saying.in_words(need["yes"]), saying.in_people(need["yes"].count)):
        assert isinstance(unsaid, saying.Unsaid)
    for told in (saying.text(use["yes"]), saying.in_words(use["yes"]), saying.text(use["yes"].interval)):
        assert not isinstance(told, saying.Unsaid)


def test_people_who_are_held_back_are_said_in_words_alone():
    few = Value("count", None, "people", release="hidden", absent="few", bound=10)
    assert dict(saying.in_people(few)) == {"nl": "hoogstens 10 mensen", "en": "at most 10 people"}
