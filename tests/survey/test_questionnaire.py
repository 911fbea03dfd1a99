"""The instrument as tables: what was asked, of whom, in both languages, by which names, and what is refused.

Expected values are typed from the report's annex A (`mind-report-2025.txt`, L787-1101; L… are its lines).
"""

import ast
import copy
import pickle
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from conftest import OTHER, ROOT

from analysis.survey import questionnaire as instrument
from analysis.survey import routing
from analysis.survey.questionnaire import Condition

FOLDER = ROOT / "data/questionnaire"


@pytest.fixture(scope="module")
def questions() -> instrument.Questionnaire:
    return instrument.read(FOLDER)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A questionnaire of one's own."""
    return Path(shutil.copytree(FOLDER, tmp_path / "questionnaire"))


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def kinds(questions, *wanted: str) -> set[str]:
    return {q.code for q in questions if q.kind in wanted}


def codes(*numbers: int) -> set[str]:
    return {f"q{number:02}" for number in numbers}


# --- what was asked -------------------------------------------------------------------------


def test_there_are_25_questions_numbered_in_order(questions):
    assert [q.number for q in questions] == [str(number) for number in range(1, 26)]
    assert [q.code for q in questions] == [f"q{number:02}" for number in range(1, 26)]


def test_20_are_closed_4_are_open_and_age_is_a_number(questions):  # L116
    assert kinds(questions, "single") == codes(1, 2, 3, 5, 9, 11, 17, 20, 24, 25)
    assert kinds(questions, "multiple") == codes(4, 6, 8, 10, 12, 13, 16, 21, 22)
    assert kinds(questions, "statements") == codes(14)
    assert len(kinds(questions, "single", "multiple", "statements")) == 20
    assert kinds(questions, "text") == codes(7, 15, 18, 19)
    assert kinds(questions, "number") == codes(23)
    assert (questions["q23"].minimum, questions["q23"].maximum) == (12, 110)


OPTIONS = {1: 3, 2: 4, 3: 2, 4: 21, 5: 6, 6: 14, 8: 8, 9: 3, 10: 12, 11: 3, 12: 11, 13: 11, 14: 6, 16: 13,
           17: 4, 20: 4, 21: 7, 22: 7, 24: 4, 25: 7}  # fmt: skip


@pytest.mark.parametrize(("number", "count"), OPTIONS.items())
def test_every_question_offers_as_many_options_as_were_printed(questions, number, count):
    options = questions[f"q{number:02}"].options
    letters = "123456" if number == 14 else "abcdefghijklmnopqrstu"
    assert [a.code for a in options] == list(letters[:count])


def test_twelve_statements_share_a_scale_of_six(questions):
    grid = questions["q14"]
    assert [s.code for s in grid.statements] == [str(number) for number in range(1, 13)]
    assert [a.score for a in grid.options] == [2, 1, 0, -1, -2, None]
    assert [a.kind for a in grid.options] == [""] * 5 + ["not_applicable"]


def test_nine_options_have_a_text_field_behind_them(questions):
    fields = {q.text_column(a.code) for q in questions for a in q.text_answers}
    behind = ["04_t", "06_m", "08_g", "10_k", "12_j", "13_j", "16_l", "21_f", "22_f"]
    assert fields == {f"q{option}_text" for option in behind}
    assert all(a.kind == "other" for q in questions for a in q.text_answers)


def test_only_dont_know_among_tick_boxes_stands_alone(questions):
    alone = {f"{q.code} {a.code}" for q in questions for a in q.options if a.exclusive}
    assert alone == {"q04 u", "q06 n", "q08 h", "q10 l", "q12 k", "q13 k", "q16 m", "q21 g", "q22 g"}
    assert all(q[a.code].kind == "dont_know" for q in questions for a in q.options if a.exclusive)


def test_dont_know_can_also_be_the_one_answer(questions):
    known = {f"{q.code} {a.code}" for q in questions if q.kind == "single" for a in q.options if a.kind == "dont_know"}
    assert known == {"q11 c", "q17 d", "q20 d"}
    assert questions["q24"]["d"].kind == "refused"


def test_names_that_people_wrote_are_not_options(questions):  # L218-221
    tools = questions["q04"]
    assert [a.named_as for a in tools.named] == [
        "Gemini in Google", "Perplexity", "Pi", "Le Chat", "Therabot", "Snapchat AI"
    ]  # fmt: skip
    assert not any(a.code in {n.code for n in tools.named} for a in tools.options)
    assert not any(q.column(a.code) in q.export_columns for q in questions for a in q.named)


def test_an_export_has_a_column_for_every_item(questions):
    # 10 single, 104 boxes (21+14+8+12+11+11+13+7+7), 12 statements, 4 texts, 1 number, 9 fields
    assert len(questions.export_columns) == 10 + 104 + 12 + 4 + 1 + 9
    assert len(set(questions.export_columns)) == len(questions.export_columns)


def test_an_unknown_code_is_answered_with_those_there_are(questions):
    with pytest.raises(ValueError, match=r'no question "q26"; there are q01 \(experience\), q02 \(care_status\)'):
        questions["q26"]
    with pytest.raises(ValueError, match=r'q03 has no answer "z"; it has a \(yes\), b \(no\)$'):
        questions["q03"]["z"]


# --- two languages --------------------------------------------------------------------------


def labels(questions) -> dict[tuple, str]:
    found = {(q.code,): q.label for q in (*questions, *questions.derived)}
    found |= {(q.code, a.code): a.label for q in (*questions, *questions.derived) for a in q.answers}
    found |= {(q.code, "statement", s.code): s.label for q in questions for s in q.statements}
    return found | {("exclusion", name): label for name, _, label in questions.exclusions}


def test_everything_has_a_label_in_both_languages():
    dutch, english = (labels(instrument.read(FOLDER, language)) for language in ("nl", "en"))
    assert dutch.keys() == english.keys()
    # 25 questions, 150 options, 6 names, 12 statements, 5 derived variables of 14 groups, 1 exclusion
    assert len(dutch) == 25 + 150 + 6 + 12 + 5 + 14 + 1
    assert all(label.strip() for label in (*dutch.values(), *english.values()))


def test_labels_within_a_question_differ_from_each_other():
    for language in ("nl", "en"):
        for question in instrument.read(FOLDER, language):
            names = [a.label for a in question.answers]
            assert len(set(names)) == len(names), question.code


def test_a_language_without_labels_is_refused():
    with pytest.raises(ValueError, match='language "fr" is not one of nl, en'):
        instrument.read(FOLDER, "fr")


def test_labels_are_said_in_both_languages_whichever_the_questionnaire_is_read_in():
    for language in ("nl", "en"):
        questions = instrument.read(FOLDER, language)
        assert questions["q23"].labels == {"nl": "Leeftijd", "en": "Age"}
        assert questions["q05"]["d"].labels == {"nl": "Elke maand", "en": "Every month"}
        assert questions["q14"].statement("3").labels["en"] == "AI feels like a friend"
        assert questions["care"].labels == {"nl": "Zorg, in drie groepen", "en": "Care, in three groups"}
        assert questions["care"]["waiting"].labels["nl"] == "Op een wachtlijst"
        for question in (*questions, *questions.derived):
            for thing in (question, *question.answers, *question.statements):
                assert thing.label == thing.labels[language]


def test_who_was_asked_is_said_in_both_languages(questions):
    assert questions["q01"].asked == {"nl": "gevraagd aan iedereen", "en": "asked of everyone"}
    assert questions["q16"].asked == {
        "nl": "gevraagd aan wie bij ‘Ooit met AI over klachten gepraat’ ‘Nee’ antwoordde",
        "en": "asked of those who answered ‘No’ to ‘Ever talked to AI about complaints’",
    }
    assert questions["helped"].asked == questions["q09"].asked


# --- names ----------------------------------------------------------------------------------


def test_a_question_goes_by_its_code_and_its_name(questions):
    assert questions.tools is questions["tools"] is questions["q04"]
    assert (questions.tools.code, questions.tools.name) == ("q04", "tools")
    assert questions.age is questions["q23"] and questions.helped is questions["helped"]
    assert questions.age_group.source == "q23"


def test_an_answer_and_a_statement_go_by_their_code_and_their_name(questions):
    assert questions.tools["chatgpt_free"] is questions.tools["b"]
    assert questions.tools["b"].label == "ChatGPT (gratis)"
    assert questions.opinions.statement("safe") is questions.opinions.statement("1")
    assert questions.opinions.statement("12").name == "beside_care"
    assert questions.age_group["age_30_to_44"].code == "30_44"


def test_everything_has_a_name_of_its_own(questions):
    everything = (*questions, *questions.derived)
    for scope in [everything, *(q.answers for q in everything), *(q.statements for q in everything)]:
        names = [thing.name for thing in scope]
        assert len(set(names)) == len(names) and all(name.isidentifier() for name in names)
    assert not [q.code for q in questions if q.name == q.code]
    assert not [(q.code, a.code) for q in questions for a in q.answers if a.name == a.code]
    for question in everything:
        assert getattr(questions, question.name) is question


def test_names_are_the_same_in_both_languages():
    dutch, english = (instrument.read(FOLDER, language) for language in ("nl", "en"))
    assert [q.name for q in dutch] == [q.name for q in english]
    assert [a.name for q in dutch for a in q.answers] == [a.name for q in english for a in q.answers]


def test_an_unknown_name_is_answered_with_the_nearest(questions):
    with pytest.raises(AttributeError, match=r"no question \"tols\".*q04 \(tools\).*Did you mean tools"):
        _ = questions.tols
    with pytest.raises(ValueError, match=r"no question \"genders\".*Did you mean gender\?"):
        questions["genders"]
    with pytest.raises(ValueError, match=r"q04 has no answer \"chatgpt_fre\".*b \(chatgpt_free\).*mean chatgpt_free"):
        questions.tools["chatgpt_fre"]
    with pytest.raises(ValueError, match=r"q14 has no statement \"saef\"; it has 1 \(safe\).*Did you mean safe\?"):
        questions.opinions.statement("saef")
    with pytest.raises(ValueError, match='q04 has no statement "1"; it has none'):
        questions.tools.statement("1")


def test_names_are_offered_for_completion(questions):
    assert {"tools", "q04", "helped", "item", "language"} <= set(dir(questions))
    assert not hasattr(questions, "_ipython_display_")
    assert copy.deepcopy(questions) == pickle.loads(pickle.dumps(questions)) == questions


@pytest.mark.parametrize(
    ("question", "text", "codes"),
    [
        ("q04", "a|chatgpt_free", "a|b"),
        ("q04", " tess | t1 ", "s|t1"),
        ("q14", "agree", "1|2"),
        ("q14", "neutral", "3"),
        ("q14", "disagree", "4|5"),
        ("q14", "strongly_agree|agree|6", "1|2|6"),
        ("q23", "18..29|40..50", "18..29|40..50"),
        ("helped", "no", "no"),
    ],
)
def test_answers_are_said_in_codes(questions, question, text, codes):
    assert questions[question].codes(text) == codes


def test_a_group_is_no_answer_and_no_group_of_a_question_without_scores(questions):
    with pytest.raises(
        ValueError, match=r"\"agree\" is a group of answers to q14: codes\(\"agree\"\) gives their codes"
    ):
        questions.opinions["agree"]
    with pytest.raises(
        ValueError, match=r"q14 has no answer \"agre\".*in groups agree \(1\|2\), neutral \(3\), disagree"
    ):
        questions.opinions.codes("1|agre")
    with pytest.raises(ValueError, match=r'q09 has no answer "agree"; it has a \(yes\), b \(no\), c \(partly\)$'):
        questions.helpful.codes("agree")
    with pytest.raises(ValueError, match='q23 has no answer "young"'):
        questions.age.codes("young")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tools=chatgpt_free|a", ("q04", "b|a", "")),
        ("q04=chatgpt_free", ("q04", "b", "")),
        ("opinions_safe=agree", ("q14", "1|2", "1")),
        ("q14_safe=1|2", ("q14", "1|2", "1")),
        ("opinions_12=strongly_disagree", ("q14", "5", "12")),
        ("helped=no", ("helped", "no", "")),
    ],
)
def test_an_item_may_be_named_and_comes_out_in_codes(questions, text, found):
    question, answers, statement = questions.item(text)
    assert (question.code, answers, statement) == found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tools=chatgpt", 'q04 has no answer "chatgpt"'),
        ("opinions=agree", "opinions has statements; name one: q14_1, q14_2"),
        ("opinions_saef=agree", 'no question "opinions_saef"'),
        ("age=18..29", 'q23 has no answer "18..29"'),
    ],
)
def test_an_item_that_is_not_there_is_refused(questions, text, problem):
    with pytest.raises(ValueError, match=problem):
        questions.item(text)


def test_a_condition_with_names_is_kept_in_codes(questions, people):
    condition = Condition.parse("talked=yes|no & reasons=free & age=18..28", questions)
    assert str(condition) == "q03=a|b & q06=a & q23=18..28"
    assert condition.holds(people, questions).tolist() == [True, False, False, False]
    assert Condition.parse(str(condition), questions) == condition
    with pytest.raises(ValueError, match='q03 has no answer "maybe"'):
        Condition.parse("talked=maybe", questions)
    with pytest.raises(ValueError, match='no question "walked"'):
        Condition.parse("walked=yes", questions)


def test_what_was_made_by_hand_is_named_by_its_code_and_labelled_alike_in_every_language():
    answer = instrument.Answer("y", "Yes")
    assert (answer.name, answer.labels) == ("y", {"nl": "Yes", "en": "Yes"})
    question = instrument.Question("q", "1", "single", "One", Condition(), answers=(answer,))
    assert (question.name, question.labels["nl"], question["y"]) == ("q", "One", answer)
    assert question.language == "nl", "the book's first"


def test_another_survey_may_leave_names_blank(other):
    assert other.views is other["view"] and other.mode is other["mode"] and other.mode.name == "mode"
    assert other.mode["bicycle"] is other.mode["a"] and other.mode["b"].name == "b"
    assert other.views.codes("agree|not_applicable") == "1|2|5" and other.views.codes("disagree") == "3|4"
    assert other.views.statement("path_safe") is other.views.statement("1")
    assert other.item("views_path_safe=agree_fully")[1:] == ("1", "1")
    assert str(Condition.parse("mode=bicycle|b & distance=nearby", other)) == "mode=a|b & distance=near"
    with pytest.raises(ValueError, match=r'view has no answer "neutral".*in groups agree \(1\|2\), disagree \(3\|4\)'):
        other.views.codes("neutral")


@pytest.fixture(scope="module", params=["nl", "en"])
def other(request) -> instrument.Questionnaire:
    return instrument.read(OTHER / "questionnaire", request.param)


def test_names_that_cannot_be_are_listed_all_at_once(folder):
    edit(folder / "questions.csv", ",q07,,,reasons,", ",q07,,,Reasons,")
    edit(folder / "questions.csv", ",q06,,,frequency,", ",q06,,,label,")
    edit(folder / "questions.csv", ",q21,,,remarks_of_users,", ",q21,,,q14_safe,")
    edit(folder / "questions.csv", "24,12,110,age,", "24,12,110,class,")
    edit(folder / "questions.csv", ",gender,", ",helped,")
    edit(folder / "questions.csv", ",diploma,", ",care,")
    edit(folder / "answers.csv", ",chatgpt_paid,", ",b,")
    edit(folder / "answers.csv", ",gemini_paid,", ",chatgpt_free,")
    edit(folder / "answers.csv", ",tess,", ",tess_,")
    edit(folder / "answers.csv", ",just_agree,", ",agree,")
    edit(folder / "statements.csv", ",knows_data_use,", ",3,")
    edit(folder / "statements.csv", ",favours_ai,", ",friend,")
    edit(folder / "derived.csv", ",age_30_to_44,", ",under_30,")
    edit(folder / "derived.csv", "q02,,care,", "q02,,kind,")
    with pytest.raises(ValueError) as caught:
        instrument.read(folder)
    shape = (
        "is not lower-case letters and digits joined by single underscores, a letter first, or it is a word of Python"
    )
    own = "is what every question or the questionnaire has itself; choose another"
    whole = "questions and derived variables"
    assert set(str(caught.value).splitlines()[1:-1]) == {
        f'  questions.csv row 7: name "Reasons" {shape}',
        f'  questions.csv row 6: name "label" {own}',
        '  questions.csv row 16: name "q14_safe" is what a statement is called with its question in front; '
        "choose another",
        f'  questions.csv row 24: name "class" {shape}',
        f'  questions.csv row 25: name "helped" is the code of another among {whole}; choose another',
        f'  derived.csv row 5: name "helped" stands in questions.csv row 25 too; it is given once among {whole}',
        f'  questions.csv row 26: name "care" is the code of another among {whole}; choose another',
        '  answers.csv row 11: name "b" is the code of another among the answers of q04; choose another',
        '  answers.csv row 13: name "chatgpt_free" stands in answers.csv row 12 too; '
        "it is given once among the answers of q04",
        f'  answers.csv row 29: name "tess_" {shape}',
        '  answers.csv row 107: name "agree" is the group of the answers 1|2 of q14; choose another',
        f'  statements.csv row 5: name "3" {shape}',
        '  statements.csv row 5: name "3" is the code of another among the statements of q14; choose another',
        '  statements.csv row 7: name "friend" stands in statements.csv row 4 too; '
        "it is given once among the statements of q14",
        '  derived.csv row 14: name "under_30" is the code of another among the groups of age_group; choose another',
        '  derived.csv row 14: name "under_30" stands in derived.csv row 13 too; '
        "it is given once among the groups of age_group",
        f'  derived.csv row 8: name "kind" {own}',
    }


@pytest.mark.parametrize("name", ["tools2", "a_1", "x"])
def test_a_name_may_have_digits_and_be_short(folder, name):
    edit(folder / "questions.csv", ",tools,", f",{name},")
    assert instrument.read(folder)[name].code == "q04"


def test_a_code_may_not_be_called_as_a_group_either(folder):
    edit(folder / "answers.csv", "q14,1,,,,2,,,strongly_agree,", "q14,agree,,,,2,,,,")
    with pytest.raises(
        ValueError, match=r'answers.csv row 106: name "agree" is the group of the answers agree\|2 of q14'
    ):
        instrument.read(folder)


# --- shown ----------------------------------------------------------------------------------

SHOWN = {
    "nl": """\
9. Of het helpt
Naam: helpful · Code: q09
gevraagd aan wie bij ‘Ooit met AI over klachten gepraat’ ‘Ja’ antwoordde · één antwoord

Code  Naam    Antwoord
a     yes     Ja
b     no      Nee
c     partly  Een beetje of soms""",
    "en": """\
9. Whether it helps
Name: helpful · Code: q09
asked of those who answered ‘Yes’ to ‘Ever talked to AI about complaints’ · one answer

Code  Name    Answer
a     yes     Yes
b     no      No
c     partly  A little or sometimes""",
}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_question_shows_its_words_who_was_asked_and_its_answers(language):
    assert repr(instrument.read(FOLDER, language)["q09"]) == SHOWN[language]


def test_statements_and_derived_variables_show_what_they_are_made_of(questions):
    lines = repr(questions.opinions).splitlines()
    assert lines[4:6] == [
        "Code  Naam               Stelling",
        "1     safe               Zulke gesprekken zijn veilig",
    ]
    assert lines[-1] == "6     not_applicable     Niet van toepassing"
    assert repr(questions.age_group).splitlines()[-1] == "60_over   age_60_and_over  60 en ouder       q23=60..110"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_shown_stays_small(language):
    questions = instrument.read(FOLDER, language)
    for question in (*questions, *questions.derived):
        lines = repr(question).splitlines()
        assert len(lines) <= 32 and max(map(len, lines)) <= 130, question.code
    assert len(repr(questions.tools)) < 1200


def test_the_questionnaire_shows_every_question_in_a_line(questions):
    head, *lines = repr(questions).splitlines()
    assert head.split() == ["Code", "Naam", "Vraag"]
    assert len(lines) == 25 + 5
    assert re.split(" {2,}", lines[15]) == ["16", "q16", "reasons_against", "Redenen om het niet te doen",
        "gevraagd aan wie bij ‘Ooit met AI over klachten gepraat’ ‘Nee’ antwoordde"]  # fmt: skip
    assert lines[-1].split()[:2] == ["education", "education"]


def cells(html: str) -> list[list[str]]:
    """List the cells of all tables, row by row, as a browser's parser reads them."""
    rows = ElementTree.fromstring(html).iter("tr")
    return [["".join(cell.itertext()) for cell in row] for row in rows]


def test_the_page_shows_the_same_as_the_text(questions):
    for thing in (questions, *questions, *questions.derived):
        html = thing._repr_html_()
        for row in cells(html):
            assert re.sub(r"\s+", "", "".join(row)) in re.sub(r"[ ]+", "", repr(thing)).replace(" ", "")
        said = [p for p in ElementTree.fromstring(html).iter("p")]
        assert ["".join(p.itertext()) for p in said] == repr(thing).split("\n\n")[0].splitlines()[: len(said)]
    assert cells(questions.tools._repr_html_())[2] == ["b", "chatgpt_free", "ChatGPT (gratis)"]


def test_a_label_is_never_read_as_html(folder):
    edit(folder / "questions.csv", "Gewenste vorm,", "<b>Vorm</b> & meer,")
    html = instrument.read(folder)["q22"]._repr_html_()
    assert "&lt;b&gt;Vorm&lt;/b&gt; &amp; meer" in html and "<b>" not in html


def test_another_survey_shows_itself(other):
    assert len(repr(other).splitlines()) == 1 + 7 + 1
    assert repr(other.mode).splitlines()[7].split()[:2] == ["c", "car"]
    assert len(repr(other["note"]).splitlines()) == 3


# --- routing --------------------------------------------------------------------------------

HEAD, TAIL = [1, 2, 3], [23, 24, 25]
USER, NOT_USER = [4, 5, 6, 7, 8, 9], [16, 17, 18, 19, 20]
LAST = [14, 15, 20]
# (answers that route, the questions met): annex A as it must have been fielded
PATHS = [
    ("q01=c", [1]),
    ("q01=a q03=a q09=a q11=b q20=b", HEAD + USER + [10, 11] + LAST + TAIL),
    ("q01=a q03=a q09=a q11=c q20=a", HEAD + USER + [10, 11] + LAST + [21, 22] + TAIL),
    ("q01=b q03=a q09=c q11=a q20=d", HEAD + USER + [10, 11, 12] + LAST + TAIL),
    ("q01=b q03=a q09=c q11=a q20=c", HEAD + USER + [10, 11, 12] + LAST + [21, 22] + TAIL),
    ("q01=a q03=a q09=b q20=b", HEAD + USER + [13] + LAST + TAIL),
    ("q01=a q03=a q09=b q20=a", HEAD + USER + [13] + LAST + [21, 22] + TAIL),
    ("q01=a q03=b q20=d", HEAD + NOT_USER + TAIL),
    ("q01=a q03=b q20=c", HEAD + NOT_USER + [21, 22] + TAIL),
]


@pytest.mark.parametrize(("given", "met"), PATHS)
def test_everyone_is_asked_what_they_should_be(questions, given, met):
    answers = dict(clause.split("=") for clause in given.split())
    assert routing.asked_by_condition(questions, answers) == [f"q{number:02}" for number in met]


def test_the_paths_are_as_long_as_counted_by_hand(questions):
    lengths = {given: len(met) for given, met in PATHS}
    assert list(lengths.values()) == [1, 17, 19, 18, 20, 16, 18, 11, 13]
    paths = routing.routing_paths(questions)
    found = paths["by_condition"].map(len)
    user, helped = paths["q03"].eq("a"), paths["q09"].isin(["a", "c"])
    inside = paths["q01"].ne("c")
    assert set(found[~inside]) == {1}
    assert set(found[inside & ~user]) == {11, 13}
    assert set(found[inside & user & ~helped]) == {16, 18}
    assert set(found[inside & user & helped & paths["q11"].ne("a")]) == {17, 19}
    assert set(found[inside & user & helped & paths["q11"].eq("a")]) == {18, 20}


def test_the_printed_jumps_go_wrong_in_three_places_and_nowhere_else(questions):
    # L815: the jump of q03 b is one too far; L1012: so is that of q15, after which q21 and q22 come
    # unfiltered; L1050-1056: the stem of q20 and its options disagree.
    findings = routing.compare_routing(questions)
    assert findings.to_numpy().tolist() == [
        ["unreachable", "q16", ""],
        ["skipped", "q20", "q01=a|b & q03=a"],
        ["two_jumps", "q20", ""],
        ["asked_wrongly", "q21", "q01=a|b & q03=a"],
        ["asked_wrongly", "q22", "q01=a|b & q03=a"],
    ]


def test_with_the_jumps_mended_print_and_conditions_agree(folder):
    edit(folder / "answers.csv", "q03,b,,,,,,q17,", "q03,b,,,,,,q16,")
    edit(folder / "questions.csv", "q15,15,text,q03=a,q21,", "q15,15,text,q03=a,q20,")
    edit(folder / "questions.csv", "q20,20,single,q01=a|b,q21,", "q20,20,single,q01=a|b,,")
    assert routing.compare_routing(instrument.read(folder)).empty


def test_jumps_that_run_in_a_circle_are_refused(folder):
    edit(folder / "questions.csv", "q05,5,single,q03=a,q06,", "q05,5,single,q03=a,q04,")
    with pytest.raises(ValueError, match="the printed jumps lead back to q04"):
        routing.compare_routing(instrument.read(folder))


# --- conditions -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Four typed respondents."""
    return pd.DataFrame(
        {
            "q03": pd.Categorical(["a", "b", "no_answer", "not_asked"]),
            "q06_a": pd.Categorical(["yes", "no", "no_answer", "not_asked"]),
            "q06_b": pd.Categorical(["no", "yes", "no_answer", "not_asked"]),
            "q23": pd.array([18, 29, 30, pd.NA], dtype="Int64"),
        }
    )


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ("", [True, True, True, True]),
        ("q03=a", [True, False, False, False]),
        ("q03=a|b", [True, True, False, False]),
        (" q03 = b ", [False, True, False, False]),
        ("q06=b", [False, True, False, False]),
        ("q06=a|b", [True, True, False, False]),
        ("q06=a & q06=b", [False, False, False, False]),
        ("q23=18..29", [True, True, False, False]),
        ("q23=0..17|30..99", [False, False, True, False]),
        ("q03=a|b & q23=29..110", [False, True, False, False]),
    ],
)
def test_a_condition_holds_for_whom_it_should_and_never_on_a_blank(questions, people, condition, who):
    before = people.copy()
    assert Condition.parse(condition).holds(people, questions).tolist() == who
    pd.testing.assert_frame_equal(people, before)


@pytest.mark.parametrize("dtype", ["str", "category"])
def test_an_answer_that_is_missing_is_none_of_those_asked_for(dtype):
    answers = pd.Series(["7", None, "8", "no_answer"], index=[3, 1, 4, 2]).astype(dtype)
    for values, who in ((("7", "8"), [True, False, True, False]), (("0..7",), [True, False, False, False])):
        found = instrument.matches(answers, values)
        assert (found.tolist(), found.index.tolist()) == (who, [3, 1, 4, 2])


def test_a_condition_reads_back_as_it_was_written():
    assert str(Condition.parse("q03=a|b&q23=18..29")) == "q03=a|b & q23=18..29"
    assert Condition.parse("").clauses == ()


@pytest.mark.parametrize("text", ["q03", "q03=", "=a", "q03=a,b", "q03 is a", "q03=a & & ; "])
def test_what_is_not_a_condition_is_refused(text):
    with pytest.raises(ValueError, match="is not a condition such as"):
        Condition.parse(text)


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("q09=a|z", "q09 has no answer z"),
        ("q11=a", 'looks at "q11", which is not asked before it'),
        ("q99=a", 'looks at "q99", which is not asked before it'),
        ("q07=given", 'looks at "q07", which is of kind text'),
        ("nonsense", "is not a condition such as"),
    ],
)
def test_a_condition_that_cannot_be_met_is_refused_with_its_row(folder, condition, problem):
    edit(folder / "questions.csv", "q10,10,multiple,q09=a|c,", f"q10,10,multiple,{condition},")
    with pytest.raises(ValueError, match=rf"questions\.csv row 11: asked_if .*{re.escape(problem)}"):
        instrument.read(folder)


@pytest.mark.parametrize("values", ["29", "29..12", "a", "twelve..29"])
def test_a_number_is_looked_at_in_ranges(folder, values):
    edit(folder / "exclusions.csv", "outside_target_group,q01=c,", f"too_young,q23={values},")
    with pytest.raises(ValueError, match=r"exclusions\.csv row 2: .* is not a range such as 18\.\.29"):
        instrument.read(folder)


def test_a_number_that_routes_parts_ways_up_to_its_bounds(folder):
    edit(folder / "questions.csv", "q24,24,single,q01=a|b,", "q24,24,single,q23=18..29|50..64,")
    asked = instrument.read(folder)
    ways = routing.routing_paths(asked)["q23"].unique()
    assert list(ways) == ["12..17", "18..29", "30..49", "50..64", "65..110"]


# --- a questionnaire that is broken -----------------------------------------------------------


def test_a_broken_folder_lists_all_its_problems_at_once(folder):
    edit(folder / "questions.csv", "q05,5,single,q03=a,q06,", "q05,5,slider,q03=a,q66,")
    edit(folder / "questions.csv", ",q24,12,110,", ",q24,twelve,110,")
    edit(folder / "questions.csv", "Gewenste vorm,Preferred form", "Gewenste vorm,")
    edit(folder / "statements.csv", "q14,12,", "q13,12,")
    edit(folder / "answers.csv", "q03,b,,,,,,q17,", "q03,a,,,,,,q17,")
    edit(folder / "answers.csv", "q09,b,,,,,,q13,", "q09,b,maybe,never,,,,q13,")
    edit(folder / "answers.csv", "q14,1,,,,2,", "q14,1,,,,much,")
    edit(folder / "answers.csv", "q25,g,,", "q26,g,,")
    edit(folder / "answers.csv", "q24,a,,,,,,,", "q24,a,,,,,Man,,")
    edit(folder / "derived.csv", "care,waiting,q02,b,", "care,waiting,q02,a,")
    edit(folder / "exclusions.csv", "q01=c", "")
    with pytest.raises(ValueError) as caught:
        instrument.read(folder)
    message = str(caught.value)
    for line in [
        'questions.csv row 6: kind "slider" is not one of single, multiple, statements, text, number',
        'questions.csv row 6: printed_next "q66" is not a question, end or outside',
        'questions.csv row 24: minimum "twelve" is not a whole number',
        "questions.csv row 23: label_en is empty",
        'statements.csv row 13: "q13" is not a question of kind statements',
        "answers.csv row 10: q03 a stands there twice",
        'answers.csv row 67: kind "maybe" is not blank or one of other, dont_know, refused, not_applicable',
        'answers.csv row 67: exclusive "never" is not blank or yes',
        'answers.csv row 106: score "much" is not a whole number',
        'answers.csv row 157: there is no question "q26" in questions.csv',
        "answers.csv row 147: named_as needs an option of q24 with text = yes, of kind multiple",
        "derived.csv row 11: care has no group for b of q02; has more than one group for a of q02",
        "exclusions.csv row 2: condition is empty",
    ]:
        assert line in message
    lines = message.splitlines()
    assert lines[0] == f"{folder} is not a questionnaire yet: {len(lines) - 2} problems."
    assert lines[-1].endswith("data/README.md says what each column means.")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ("30..44", "age_group has no group for 45, 46, 47, 48, 49, … of q23"),
        ("30..45|44..59", "age_group has more than one group for 44, 45 of q23"),
        ("31..59", "age_group has no group for 30 of q23"),
    ],
)
def test_every_number_must_fall_in_one_group(folder, values, problem):
    edit(folder / "derived.csv", "age_group,45_59,q23,45..59,age_45_to_59,45 tot en met 59,45 to 59\n", "")
    edit(folder / "derived.csv", "age_group,30_44,q23,30..44", f"age_group,30_44,q23,{values}")
    with pytest.raises(ValueError, match=rf"derived\.csv row 15: {problem}"):
        instrument.read(folder)


def test_tables_that_are_no_tables_are_named_all_at_once(folder):
    (folder / "derived.csv").unlink()
    edit(folder / "statements.csv", "question,statement,name,label_nl,label_en", "question,statement,label_nl")
    edit(folder / "answers.csv", '"Meegaand, geen tegenspraak","Goes along, no pushback"\nq12,f',
         'Praat mee, geen tegenspraak,"Goes along, no pushback"\nq12,f')  # fmt: skip
    edit(
        folder / "questions.csv",
        "q07,7,text,q03=a,q08,,,reasons_explained,Toelichting op de redenen,Explanation of the reasons",
        "q07,7",
    )
    (folder / "exclusions.csv").write_bytes("exclusion,condition,label_nl,label_en\nx,q01=c,één,\n".encode("cp1252"))
    with pytest.raises(ValueError) as caught:
        instrument.read(folder)
    message = str(caught.value)
    for line in [
        "derived.csv is missing",
        "statements.csv row 1: lacks the column name, label_en; it has question, statement, label_nl",
        "answers.csv row 88: 12 cells for 11 columns; put quotation marks around a text with a comma",
        "questions.csv row 8: 2 cells for 10 columns",
        "exclusions.csv can't be read",
    ]:
        assert line in message


def test_an_empty_line_does_not_shift_the_rows_that_are_named(folder):
    edit(folder / "exclusions.csv", "label_en\n", "label_en\n\n")
    edit(folder / "exclusions.csv", "q01=c", "q01=z")
    with pytest.raises(ValueError, match=r"exclusions\.csv row 3: condition .* q01 has no answer z"):
        instrument.read(folder)


def test_a_byte_order_mark_is_no_part_of_a_column_name(folder):
    path = folder / "questions.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(instrument.read(folder)) == 25


# --- the questionnaire is data ------------------------------------------------------------------

ROOMS = sorted((ROOT / "analysis").glob("*.py"))
COMMON = {
    "agree",
    "neutral",
    "disagree",
    "age",
    "yes",
    "no",
    "fisher",
    "care",
    "user",
    "text",
    "other",
    "man",
    "coach",
    "fouten",
    "gender",
    "training",
}
"""Words of the questionnaire that mean something else in code."""


def literals(path: Path) -> list[tuple[int, str]]:
    """List the string literals of a module, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [(node.lineno, node.value) for node in strings if id(node) not in alone]


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.stem)
def test_no_question_code_is_typed_in_a_room(path):
    own = {"user", "helped", "care", "age_group", "education"}
    typed = [(line, text) for line, text in literals(path) if re.fullmatch(r"q\d\d(_\w+)?", text) or text in own]
    typed += [(line, text) for line, text in literals(path) if re.search(r"\bq\d\d\b", text) and "such as" not in text]
    assert not typed


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.stem)
def test_no_label_is_typed_in_a_room(path):
    known = set()
    for language in ("nl", "en"):
        known |= {label.casefold() for label in labels(instrument.read(FOLDER, language)).values()} - COMMON
    for line, text in literals(path):
        plain = text.casefold()
        assert plain not in known, f"{path.name}:{line} {text!r}"
        assert not [label for label in known if len(label) > 15 and label in plain], f"{path.name}:{line} {text!r}"
