"""What leaves by the door: one made-up value by every way, values and marks in a kernel, figures of one's own."""

from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go
import pytest
from IPython.core.formatters import DisplayFormatter

import analysis
from analysis import edition as house
from analysis.show import door, exhibits, render, saying, sentences
from analysis.show.edition import speak
from analysis.show.parts import Block, Row, Table
from analysis.stats import estimates, guards
from analysis.stats.release import release
from analysis.stats.value import Value
from analysis.survey.questionnaire import Answer, Condition, Question
from analysis.words import Text

LABEL = Text(nl="Koeken & <b>zopie</b>", en="Cakes & <b>ale</b>")
FULL = Value(
    "share", 0.412, "share", n=412, of=1000, low=0.382, high=0.443, least=0.4, most=0.42, weighted_count=409.5,
    effective_base=871.2, origin="derived", reliability="unreliable", label=LABEL,
)  # fmt: skip
HIDDEN = replace(FULL, release="hidden")


def ways(value):
    """What a value says by every way out, in English: page, CSV, plain text, prose, and behind a guarded sentence."""
    table = Table("c", ("", "share", "interval"), (Block((Row(LABEL, (value, value.interval)),)),))
    outcome = guards.Outcome("made", guards.CONTRADICTED, (value,), 3)
    return (
        render.html(table, "en"), render.as_csv(table, "en"), render.plain(table, "en"),
        door.bundle(value)[0][door.TEXT]["en"], sentences.why(outcome)["en"],
    )  # fmt: skip


def test_one_value_with_every_slot_filled_goes_out_by_every_way():
    page, csv, plain, prose, guard = ways(FULL)
    assert "<td>41.2% <span" in page and "rough estimate" in page and "<td>38.2 to 44.3%" in page
    assert "Cakes &amp; &lt;b&gt;ale&lt;/b&gt;" in page and "<b>" not in page
    assert csv.splitlines()[1] == "Cakes & <b>ale</b>,0.412,0.382,0.443"
    assert "41.2% [u], rough estimate" in plain and "38.2 to 44.3%" in plain
    assert prose == "41.2% (rough estimate)"
    assert guard == "Cakes & <b>ale</b> 41.2% of 1,000"


def test_a_value_that_is_held_back_leaves_by_no_way():
    for said in ways(HIDDEN):
        assert not [digits for digits in ("41", "38.", "0.38", "44.") if digits in said], said
    assert door.bundle(HIDDEN)[0]["text/plain"] == "[niet gegeven]"


def test_a_value_speaks_the_edition_in_a_kernel_and_says_both_languages_beside_it():
    speak("nl")
    data, about = door.bundle(FULL)
    assert data["text/plain"] == "41,2% (ruwe schatting)"
    assert data[door.TEXT] == {"nl": "41,2% (ruwe schatting)", "en": "41.2% (rough estimate)"}
    assert about == exhibits.RELEASED
    assert house.rule("x", data) == ""


@pytest.mark.parametrize("given", ["294", "'ruim een derde'", "Shares"])
def test_a_plain_number_or_text_may_not_be_said(given):
    said = house.rule("x", {"text/plain": given})
    assert "it gives a plain Python value" in said and given not in said  # it may be an answer


def test_a_mark_keeps_all_that_the_book_tells_of_a_sentence():
    questions = analysis.questions("2025-reference", "en")
    outcome = guards.family(few_men=guards.majority(analysis.load("2025-reference"), questions, "gender=man")).few_men
    data, _ = door.marked(outcome)
    kept = data[door.MARK]
    assert (kept["sentence"], kept["state"], kept["holds"]) == ("few_men", "contradicted", False)
    assert data["text/plain"] == kept["mark"]["en"] == " [Not so in this wave: Man 18.8% of 771.]"
    assert "more than 50%" in kept["checks"]["en"] and "Man 18,8% van 771" in kept["why"]["nl"]
    assert house.rule("story.few_men", data) == ""


def test_a_kernel_shows_values_marks_and_estimates_by_their_words_and_not_by_their_slots():
    formatter = DisplayFormatter()
    door.teach(formatter)
    speak("en")
    questions = analysis.questions("2025-reference", "en")
    use = estimates.shares(analysis.load("2025-reference"), questions.talked)
    outcome = guards.family(most_do=guards.most(use.responses, questions, "talked=yes")).most_do
    for thing, said in [(FULL, "41.2%"), (FULL.interval, "38.2"), (LABEL, "Cakes"), (outcome, "[Not so"), (use, "294")]:
        data, metadata = formatter.format(thing)
        assert said in data["text/plain"] and "=" not in data["text/plain"], data["text/plain"]
        assert metadata.get("survey") == {"released": True}
    for asked in (questions, questions.talked):
        data, metadata = formatter.format(asked)
        assert "talked" in data["text/plain"] and "<table" in data["text/html"]
        assert metadata["survey"] == {"released": True}, "a card holds no answers"


# --- a figure of one's own -----------------------------------------------------------------------

PEOPLE = pd.DataFrame({"q": pd.Categorical(["a"] * 30 + ["b"] * 50)})
QUESTION = Question("q", "1", "single", "Q", Condition(), answers=(Answer("a", "A"), Answer("b", "B")))
DATA = estimates.shares(PEOPLE, QUESTION)


@pytest.fixture
def shown(monkeypatch):
    parts = []
    monkeypatch.setattr(exhibits, "display", lambda what, **_: parts.append(what))
    return parts


def drawing(**trace):
    return go.Figure(go.Bar(**({"x": ["A", "B"], "y": DATA.frame["share"]} | trace)))


WORDS = {"title": "Own", "base": "base: 80", "description": "Two bars."}


@pytest.mark.parametrize(
    "figure",
    [
        drawing(),
        drawing(y=100 * DATA.frame["share"], text=["37.5%", "62.5%"]),
        drawing(y=DATA.frame["n"], customdata=DATA.frame["base"]),
        drawing(y=[]),
        drawing().add_hline(y=0.375),
        drawing(hovertemplate="%{y:.2f}", marker={"color": "#636efa", "line": {"width": 3}}),
        drawing(x=["A", "B"]).update_layout(height=300, template="plotly_white", yaxis={"range": [0, 1]}),
    ],
)
def test_a_figure_of_what_was_released_leaves_a_confidential_wave(shown, figure):
    speak("en", confidential=True)
    exhibits.show_figure(figure, **WORDS, data=DATA)
    assert len(shown) == 2 and "Two bars." in shown[1]["text/html"]


@pytest.mark.parametrize(
    ("figure", "strangers"),
    [
        (drawing(y=[0.375, 0.6]), "0.6"),
        (drawing(y=DATA.frame["share"], text=["37.5%", "of 31 people"]), "31"),
        (drawing(y=DATA.frame["share"], error_y={"array": [0.07, 0.375]}), "0.07"),
        (drawing().add_annotation(text="79 in all"), "79"),
        (drawing().update_layout(title="All 79"), "79"),
        (drawing().update_xaxes(tickvals=["A"], ticktext=["A: 79"]), "79"),
        (drawing(name="of 79"), "79"),
        (drawing(hovertemplate="%{y:.2f} of 79"), "79"),
        (drawing(marker={"color": [0.375, 0.7]}), "0.7"),
        (drawing().add_hline(y=0.5), "0.5"),
    ],
)
def test_a_figure_with_another_number_stays_and_says_which(shown, figure, strangers):
    speak("en", confidential=True)
    with pytest.raises(ValueError, match=f"aren't in the estimates given as data.*: {strangers}\\. Draw from"):
        exhibits.show_figure(figure, **WORDS, data=DATA)
    assert shown == []
    speak("en")
    exhibits.show_figure(figure, **WORDS, data=DATA)
    assert len(shown) == 2, "of an invented wave anything may be drawn"


@pytest.mark.parametrize("words", [{"title": "79 own"}, {"base": "base: 79"}, {"description": "Two of 79."}])
def test_the_words_with_a_figure_are_held_to_it_too(shown, words):
    speak("en", confidential=True)
    with pytest.raises(ValueError, match="1 numbers in this figure .*: 79\\. Draw from"):
        exhibits.show_figure(drawing(), **WORDS | words, data=DATA)
    assert shown == []


def test_a_label_with_numbers_in_it_is_no_stranger(shown):
    speak("en", confidential=True)
    ages = replace(QUESTION, answers=(Answer("a", "18 to 24"), Answer("b", "25 to 34")))
    data = estimates.shares(PEOPLE, ages)
    figure = go.Figure(go.Bar(x=["18 to 24", "25 to 34"], y=data.frame["share"]))
    exhibits.show_figure(figure, **WORDS, data=data)
    assert len(shown) == 2


@pytest.mark.parametrize("thing", [294, 0.381, "38%", {"n": 294}])
def test_the_door_lets_no_plain_number_out(thing):
    with pytest.raises(TypeError, match="not a plain"):
        release(thing)


@pytest.mark.parametrize("thing", ["<table></table>", pd.DataFrame(), 294])
def test_show_table_takes_parts_alone(thing):
    with pytest.raises(TypeError, match="parts of show.parts"):
        exhibits.show_table(thing)


def test_an_interval_is_said_with_the_marks_of_its_share():
    assert saying.said(FULL.interval, "en") == "38.2 to 44.3% (rough estimate)"
    nobody = Value("share", None, n=0, of=0, absent="nobody", origin="derived")
    assert "∞" not in saying.said(nobody.interval, "en") and saying.said(nobody, "en") == "[e], empty: nobody answered"
