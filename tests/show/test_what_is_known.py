"""What is known of invented people is shown as it was printed; what isn't stands in a line, and nowhere else."""

import csv
import json
import re
from dataclasses import replace
from html import unescape

import pytest
from charted import cells, taken_along
from conftest import as_if_asked
from markup import well_made

import analysis
from analysis.show import exhibits, render, saying
from analysis.show.edition import speak
from analysis.stats import comparisons, estimates, models
from analysis.stats.vocabulary import Compared
from analysis.words import voice

WAVE = "2025-reference"
PLOTLY = "application/vnd.plotly.v1+json"
both_languages = pytest.mark.parametrize("language", ["nl", "en"])


@pytest.fixture(scope="module")
def responses():
    return analysis.load(WAVE)


def asked(language):
    """The questionnaire of the reference wave in a language, and the edition in the same."""
    questions = analysis.questions(WAVE, language)
    speak(language, sample="self_selected")
    return questions


def figure_of(shown):
    """The only figure shown: Plotly's JSON, its HTML, its hovers."""
    (drawn,) = [part[PLOTLY] for part in shown if PLOTLY in part]
    (html,) = [part["text/html"] for part in shown if "text/html" in part]
    return drawn, html, [text for trace in drawn["data"] for text in trace["hovertext"]]


def taken(html):
    """The rows of the numbers that can be taken along."""
    return list(csv.reader(taken_along(html).splitlines()))[1:]


def lines(html):
    """The lines under a figure, or by themselves."""
    return [unescape(re.sub("<[^>]+>", "", said)) for said in re.findall(r"<p[^>]*>(.*?)</p>", html, re.S)]


UNREAD = {"nl": "een plaatje dat wij niet konden lezen", "en": "a picture that we could not read"}
UNPUBLISHED = {"nl": "niet bekend, want niet gepubliceerd", "en": "known, for"}
FIGURE = {"nl": "figuur {}", "en": "figure {}"}


def of_kind(html, words):
    return [line for line in lines(html) if words in line]


# --- as it was printed ---------------------------------------------------------------------------


@both_languages
def test_a_share_stands_there_as_it_was_printed_and_people_that_print_leaves_open_as_a_range(
    shown, responses, language
):
    exhibits.show(estimates.shares(responses, asked(language)["q06"]), figure=7)
    drawn, html, hovers = figure_of(shown)
    said = voice(language)
    (row,) = [row for row in cells(html) if "17%" in row]
    between = {"nl": "49 tot 51", "en": "49 to 51"}[language]
    assert row[1] == "17%" and row[3] == between and f"294 · {said.say('printed')}</caption>" in html
    (row,) = [row for row in taken(html) if row[3] == "0.17"]
    assert row[1:4] == [between, "294", "0.17"] and row[-1] == said.say("printed")
    assert 0.17 in drawn["data"][0]["x"] and "<b>17%</b>" in [note["text"] for note in drawn["layout"]["annotations"]]
    assert [hover for hover in hovers if f", 17% ({between} " in hover]
    assert not {"17.0%", "17,0%", str(said.percent(50 / 294, 2))} & set(re.findall(r"[\d.,]+%", html))


@both_languages
@pytest.mark.parametrize(
    ("statement", "answers", "printed", "counted"), [("2", "1|2", 0.572, 168), ("5", "4|5", 0.513, 151)]
)
def test_a_sum_of_rounded_parts_stands_as_in_print_and_a_note_says_what_its_people_are(
    shown, responses, language, statement, answers, printed, counted
):
    exhibits.show(estimates.share(responses, asked(language)["q14"], answers, statement), figure=13)
    drawn, html, _ = figure_of(shown)
    as_printed, of_people = (str(voice(language).percent(share)) for share in (printed, counted / 294))
    assert list(drawn["data"][0]["x"]) == [printed]
    assert [(row[1], row[3]) for row in cells(html)] == [(as_printed, str(counted))]
    assert [row[1:4] for row in taken(html)] == [[str(counted), "294", f"{printed:g}"]]
    (note,) = [line for line in lines(html) if of_people in line]
    parts = {"printed": as_printed, "n": str(counted), "base": "294", "share": of_people}
    assert voice(language).say("sum_in_print", **parts) in note
    assert of_people not in html.replace(note, "") and of_people not in json.dumps(drawn)


def test_where_a_share_is_what_its_people_give_there_is_no_such_note(shown, responses):
    exhibits.show(estimates.shares(responses, asked("nl")["q03"]), figure=4)
    assert "in het rapport een som" not in figure_of(shown)[1]


# --- what isn't known ------------------------------------------------------------------------------


@both_languages
def test_what_is_presumably_in_a_figure_is_not_drawn_and_stands_in_one_line_with_its_number(shown, responses, language):
    questions = asked(language)
    exhibits.show(estimates.shares(responses, questions["q04"]), figure=5)
    drawn, html, hovers = figure_of(shown)
    known, hidden = (
        [questions["q04"][code].label for code in codes]
        for codes in ("adfh", [a.code for a in questions["q04"].options if a.code not in "adfh"])
    )
    assert list(drawn["data"][0]["x"]) == [0.153, 0.092, 0.061, 0.034]
    assert [row[0] for row in cells(html)] == known and len(hovers) == 4
    (line,) = of_kind(html, UNREAD[language])
    assert FIGURE[language].format(5) in line and str(len(hidden)) in line
    elsewhere = html.replace(line, "") + json.dumps(drawn, ensure_ascii=False)
    assert not [label for label in hidden if f"{label}," in line + elsewhere or f">{label}<" in elsewhere]
    assert not of_kind(html, UNPUBLISHED[language])


@both_languages
def test_without_a_number_of_a_figure_the_line_speaks_of_a_figure(shown, responses, language):
    exhibits.show(estimates.shares(responses, asked(language)["q04"]))
    (line,) = of_kind(figure_of(shown)[1], UNREAD[language])
    assert voice(language).say("a_figure") in line


@both_languages
def test_groups_of_which_nothing_was_published_stand_in_a_line(shown, responses, language):
    questions = asked(language)
    exhibits.show(estimates.share(responses, questions["q03"], "a", by=questions["q02"]))
    drawn, html, hovers = figure_of(shown)
    labels = [a.label for a in questions["q02"].answers]
    assert list(drawn["data"][0]["x"]) == [0.417, 0.537]
    assert [row[0] for row in cells(html)] == labels[:2]
    assert [row[0] for row in taken(html)] == labels[:3], "of past care print forces a narrow range"
    between = {"nl": "26,8 tot 33,6%", "en": "26.8 to 33.6%"}[language]
    assert taken(html)[2][3] == between and of_kind(html, f"{labels[2]}, {between}")
    (line,) = of_kind(html, UNPUBLISHED[language])
    assert labels[3] in line and not any(label in line for label in labels[:3])
    assert not of_kind(html, UNREAD[language])


@both_languages
@pytest.mark.parametrize("code", ["q13", "q20", "q21", "q22", "age_group"])
def test_a_question_of_which_nothing_is_known_shows_its_title_and_one_line(shown, responses, language, code):
    questions = asked(language)
    exhibits.show(estimates.shares(responses, questions[code]))
    assert not [part for part in shown if PLOTLY in part]
    html = "".join(part["text/html"] for part in shown)
    assert "<table" not in html and "<figure" not in html
    title, line = lines(html)
    assert title == questions[code].label and UNPUBLISHED[language] in line
    labels = [a.label for a in questions[code].options]
    assert all(label in line for label in labels) == (len(labels) <= exhibits.NAMED)
    assert re.findall(r"\d+", re.sub("|".join(map(re.escape, labels)), "", line)) == [str(len(labels))]


@both_languages
@pytest.mark.parametrize(
    ("code", "number", "sums", "shares"),
    [("q17", 17, ["ac", "bd"], [0.495, 241 / 477]), ("q11", 11, ["a", "bc"], [0.386, 167 / 272])],
)
def test_answers_that_print_gives_together_are_one_bar(shown, responses, language, code, number, sums, shares):
    questions = asked(language)
    exhibits.show(estimates.shares(responses, questions[code]), figure=number)
    drawn, html, _ = figure_of(shown)
    assert list(drawn["data"][0]["x"]) == pytest.approx(shares)
    together = [" / ".join(questions[code][a].label for a in some) for some in sums]
    origins = [voice(language).say(origin) for origin in ("printed", "derived")]
    assert [row[0] for row in cells(html)] == [f"{a} {o}" for a, o in zip(together, origins, strict=True)]
    assert [(row[0], row[-1]) for row in taken(html)] == list(zip(together, origins, strict=True))
    assert len(of_kind(html, UNREAD[language])) == 1


@both_languages
def test_of_statements_the_printed_totals_are_drawn(shown, responses, language):
    questions = asked(language)
    exhibits.show(estimates.shares(responses, questions["q14"], statements="5|6|7"), figure=15)
    drawn, html, _ = figure_of(shown)
    assert list(drawn["data"][0]["x"]) == [0.513, 0.586] and drawn["data"][0]["type"] == "bar"
    disagree = voice(language).say("disagree").lower()
    labels = [questions["q14"].statement(code).label for code in "567"]
    assert [row[0] for row in cells(html)] == [f"{label}: {disagree}" for label in labels[:2]]
    (line,) = of_kind(html, UNREAD[language])
    assert not any(label in line for label in labels) and FIGURE[language].format(15) in line


@both_languages
def test_a_mean_in_print_is_in_the_table_and_means_of_groups_are_a_line(shown, responses, language):
    questions = asked(language)
    exhibits.show_means(estimates.means(responses, questions["q23"]))
    (row,) = cells(shown[0]["text/html"])
    said = voice(language)
    assert row[2] == {"nl": "49,2", "en": "49.2"}[language] and row[1] == said.say("held_unpublished")
    assert not re.search(r"\d", " ".join((row[1], *row[3:]))) and said.sign("nobody").words not in " ".join(row)
    shown.clear()
    exhibits.show_means(estimates.means(responses, questions["q23"], questions["user"]))
    html = "".join(part["text/html"] for part in shown)
    _, line = lines(html)
    assert UNPUBLISHED[language] in line and all(a.label in line for a in questions["user"].answers)
    assert "<table" not in html and re.findall(r"\d+", line) == ["2"]


def compared(responses, questions, *by):
    tables = [comparisons.association(responses, questions["user"], questions[code]) for code in by]
    return Compared(comparisons.family(*tables), questions)


@both_languages
def test_of_comparisons_the_known_ones_are_columns_and_each_other_is_a_line(shown, responses, language):
    questions = asked(language)
    exhibits.show_comparisons(compared(responses, questions, "care", "q24"))
    html = "".join(part["text/html"] for part in shown)
    assert questions["care"].label in html and html.count("<table") == 1 and well_made(html)
    words = {"nl": "Niet bekend: hoe", "en": "Not known: how"}[language]
    (line,) = of_kind(html, words)
    assert questions["q24"].label.lower() in line and questions["q24"].label not in html.replace(line, "")
    shown.clear()
    exhibits.show_comparisons(compared(responses, questions, "q24", "age_group"))
    html = "".join(part["text/html"] for part in shown)
    assert len(of_kind(html, words)) == 2 and "<table" not in html and not re.search(r"\d", html)


@both_languages
def test_a_model_is_one_line(shown, responses, language):
    questions = asked(language)
    exhibits.show_model(models.logistic(responses, questions["user"], "yes", [questions["care"], questions["q23"]]))
    html = "".join(part["text/html"] for part in shown)
    assert len(shown) == 1 and questions["user"]["yes"].label in html and not re.search(r"\d", html)
    assert {"nl": "Niet bekend: een model", "en": "Not known: a model"}[language] in html


@both_languages
@pytest.mark.parametrize(("code", "key"), [("q17", "held_pictured"), ("q20", "held_unpublished")])
def test_in_a_sentence_words_stand_for_what_is_not_known(responses, language, code, key):
    value = estimates.shares(responses, asked(language)[code])["a"]
    words = f"[{voice(language).say(key)}]"
    for thing in (value, value.count, 1 - value, value * 2):
        assert saying.said(thing, language) == words
    assert not re.search(r"\d", saying.said(value.interval, language))
    assert saying.in_words(value)[language] == words
    assert saying.said(value.base, language) == {"q17": "477", "q20": "771"}[code], "who was asked is known"


def test_a_number_of_people_that_print_leaves_open_is_said_as_a_range(responses):
    count = estimates.shares(responses, asked("nl")["q06"])["k"].count
    assert saying.said(count, "nl") == "[49 tot 51]" and saying.said(count, "en") == "[49 to 51]"


# --- everywhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["nl", pytest.param("en", marks=pytest.mark.long)])
def test_no_exhibit_has_a_share_of_an_answer_that_is_not_known(shown, responses, language):
    """Each question, and each by care: of what isn't known neither page nor figure has the invented share or count."""
    questions, real = asked(language), as_if_asked(WAVE, language)
    for code in [q.code for q in (*questions, *questions.derived) if q.kind in ("single", "multiple")]:
        shown.clear()
        one = estimates.shares(responses, questions[code])
        counted = estimates.shares(responses, real[code]).frame
        exhibits.show(one)
        pages = [part.get("text/html", "") + part.get("text/plain", "") for part in shown]
        drawn = [part[PLOTLY] for part in shown if PLOTLY in part]
        said = set(re.findall(r"[\d.,]+%", " ".join([*pages, *(json.dumps(f, ensure_ascii=False) for f in drawn)])))
        known = {str(voice(language).percent(share)) for share in one.frame["share"].dropna()}
        intervals = {
            number for page in pages for pair in re.findall(r"([\d.,]+) (?:tot|to) ([\d.,]+%)", page) for number in pair
        }
        hidden = {str(voice(language).percent(share)) for share in counted.loc[one.frame["n"].isna(), "share"]}
        assert not (hidden - known - intervals) & said, code
        xs = [x for figure in drawn for trace in figure["data"] for x in trace["x"]]
        sums = {"q17": 2, "q11": 1, "q01": 1}.get(code, 0)  # answers that print gives together
        assert len(xs) == one.frame["release"].eq("released").sum() + sums, code


def test_a_table_of_hidden_rows_is_words_in_every_format(responses):
    from analysis.show import tables

    frame = estimates.shares(responses, asked("en")["q20"]).frame
    table = tables.shares(frame, "A caption")
    labels = "|".join(map(re.escape, frame["label"]))
    for page in (render.html(table, "en"), render.plain(table, "en"), render.as_csv(table, "en")):
        said = re.sub("<[^>]+>|771|95%", "", re.sub(labels, "", unescape(page)))
        assert not re.search(r"\d", said) and "not known" in said


def test_a_printed_sum_is_one_bar_only_while_none_of_its_parts_is_known(shown, responses):
    could = estimates.shares(responses, asked("nl")["q17"])
    exhibits.show(could)
    assert "49,5%" in [row[1] for row in cells(figure_of(shown)[1])]
    shown.clear()
    known = could.frame.copy()
    known.loc[known["answer"].eq("a"), ["release", "share"]] = "released", 0.13
    exhibits.show(replace(could, frame=known))
    assert "49,5%" not in "".join(part.get("text/html", "") for part in shown)
