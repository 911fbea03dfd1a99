"""The instrument as tables: what was asked, of whom, in both languages, and what is refused.

Expected values are typed from the report's annex A (`mind-report-2025.txt`, L787-1101; L… are its lines).
"""

import ast
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

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
    with pytest.raises(ValueError, match='no question "q26"; there are q01, q02'):
        questions["q26"]
    with pytest.raises(ValueError, match='q03 has no answer "z"; it has a, b'):
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
    edit(folder / "derived.csv", "age_group,45_59,q23,45..59,45 tot en met 59,45 to 59\n", "")
    edit(folder / "derived.csv", "age_group,30_44,q23,30..44", f"age_group,30_44,q23,{values}")
    with pytest.raises(ValueError, match=rf"derived\.csv row 15: {problem}"):
        instrument.read(folder)


def test_tables_that_are_no_tables_are_named_all_at_once(folder):
    (folder / "derived.csv").unlink()
    edit(folder / "statements.csv", "question,statement,label_nl,label_en", "question,statement,label_nl")
    edit(folder / "answers.csv", '"Praat mee, geen tegenspraak","Goes along, no pushback"\nq12,f',
         'Praat mee, geen tegenspraak,"Goes along, no pushback"\nq12,f')  # fmt: skip
    edit(
        folder / "questions.csv", "q07,7,text,q03=a,q08,,,Toelichting op de redenen,Explanation of the reasons", "q07,7"
    )
    (folder / "exclusions.csv").write_bytes("exclusion,condition,label_nl,label_en\nx,q01=c,één,\n".encode("cp1252"))
    with pytest.raises(ValueError) as caught:
        instrument.read(folder)
    message = str(caught.value)
    for line in [
        "derived.csv is missing",
        "statements.csv row 1: lacks the column label_en; it has question, statement, label_nl",
        "answers.csv row 88: 11 cells for 10 columns; put quotation marks around a text with a comma",
        "questions.csv row 8: 2 cells for 9 columns",
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
