"""A text that is said in every language: it doesn't change, can be a key, and guesses no language."""

import copy
import pickle

import pytest

from analysis.words import Text


def test_a_text_is_a_mapping_from_language_to_words():
    text = Text({"nl": "ja", "en": "yes"})
    assert dict(text) == {"nl": "ja", "en": "yes"} and len(text) == 2 and "fr" not in text
    with pytest.raises(KeyError, match="fr"):
        text["fr"]


def test_texts_that_say_the_same_are_equal_and_one_key():
    text = Text(en="yes", nl="ja")
    assert text == Text({"nl": "ja", "en": "yes"}) == {"en": "yes", "nl": "ja"}
    assert len({text, Text(nl="ja", en="yes"), Text(nl="ja", en="yep")}) == 2
    assert text == copy.deepcopy(text) == pickle.loads(pickle.dumps(text))


def test_a_text_does_not_change():
    said = {"nl": "ja", "en": "yes"}
    text = Text(said)
    said["nl"] = "nee"
    assert text["nl"] == "ja"
    with pytest.raises(TypeError):
        text["nl"] = "nee"


@pytest.mark.parametrize("said", [{"nl": "ja"}, {"nl": "ja", "en": "yes", "fr": "oui"}, {}])
def test_a_text_is_said_in_the_languages_of_the_book_and_no_other(said):
    with pytest.raises(ValueError, match="a text is said in nl and en; this one in"):
        Text(said)


def test_a_text_guesses_no_language():
    text = Text(nl="ja", en="yes")
    assert repr(text) == "Text({'nl': 'ja', 'en': 'yes'})"
    for guess in (str, "{}".format):
        with pytest.raises(TypeError, match=r'choose one, such as text\["nl"\]'):
            guess(text)
