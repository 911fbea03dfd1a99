"""What coders found, at the door: every problem with its row, all at once, and never a text or a key."""

import pytest
from coders import CODES, codes_of, everything, lay

import analysis
from analysis.survey import coding

REFERENCE = "2025-reference"


@pytest.fixture
def wave(tmp_path):
    return lay(tmp_path)


def refusal(wave, name, text):
    (wave / name).write_text(text, encoding="utf-8")
    responses, questions, frame = everything(wave)
    with pytest.raises(ValueError) as error:
        if name == "codes.csv":
            coding.read_codes(wave, frame, responses, questions)
        else:
            coding.read_reviewed(wave, frame, questions)
    return str(error.value)


def test_all_problems_of_a_table_of_codes_come_at_once(wave):
    wrong = "R1,q2,t9,A\nR1,q8,t1,A\nR99,q2,t1,A\nR1,q2,t1,A\nR1,q2,t3,A\nR7,q2,t1,A\nR4,q2,t2,A\nR2,q2,t2,\n"
    message = refusal(wave, "codes.csv", CODES.replace("R10,q3_o_text,,A\n", "") + wrong)
    assert "9 problems" in message
    for row, problem in [
        (15, 'there is no theme "t9" in the frame'),
        (16, '"q8" is not a text field of the questionnaire'),
        (17, "this respondent is not in the analysed wave"),
        (18, "the same code stands there twice"),
        (19, "the frame does not have this theme at this question"),
        (20, "this respondent wrote nothing there"),
        (5, "a blank theme means that none fits, and this coder gave one too"),
        (22, "coder is blank"),
    ]:
        assert f"codes.csv row {row}: {problem}" in message
    assert "1 answers at q3_o_text have no row" in message
    assert "R99" not in message


def test_a_table_of_codes_without_a_column_is_refused(wave):
    assert 'codes.csv: column "coder" is missing' in refusal(wave, "codes.csv", "respondent,question,theme\n")


def test_a_reviewed_list_is_held_against_the_frame(wave):
    text = "text,question,theme,reviewer,date\nx,q9,t9,,31-1-2026\n"
    message = refusal(wave, "reviewed.csv", text)
    assert "4 problems" in message
    for problem in ("reviewer is blank", 'no theme "t9"', '"q9" is not a text field', 'date "31-1-2026" is not a day'):
        assert problem in message


def test_a_reviewed_list_with_a_respondents_key_is_refused(wave):
    text = "respondent,text,question,theme,reviewer,date\nR1,x,q2,t1,Reader,2026-01-31\n"
    assert 'column "respondent" does not belong here' in refusal(wave, "reviewed.csv", text)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("t2,g,", "t1,g,", 'row 3: theme "t1" stands there already'),
        ("t3,g,all,q3_o_text", "t3,g,none,q7", 'row 4: "q7" is not a text field; there are q2, q3_o_text'),
        ("t3,g,all", "t3,g,none", 'row 4: there is no topic "none" in topics.csv'),
        ("t3,g,all", "t3,h,all", 'row 4: group "h" is not that of its topic'),
        (",third", ",", "row 4: meaning_en is blank"),
    ],
)
def test_a_frame_is_refused(wave, old, new, problem):
    path = wave.parents[1] / "themes/frame.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match="frame.csv row") as error:
        coding.read_frame(wave, analysis.questions(wave))
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("header", "problem"),
    [("theme,group", 'frame.csv: column "theme" is missing'), ("topic,group", 'topics.csv: column "topic" is missing')],
)
def test_a_frame_without_a_column_is_refused(wave, header, problem):
    name = problem.partition(":")[0]
    path = wave.parents[1] / "themes" / name
    path.write_text(path.read_text(encoding="utf-8").replace(header, f"x,{header.partition(',')[2]}"), encoding="utf-8")
    with pytest.raises(ValueError) as error:
        coding.read_frame(wave, analysis.questions(wave))
    assert str(error.value).splitlines()[1:] == [f"  {problem}"]


@pytest.mark.parametrize("name", ["frame.csv", "topics.csv"])
def test_a_frame_needs_both_its_tables(wave, name):
    (wave.parents[1] / "themes" / name).unlink()
    with pytest.raises(ValueError, match="1 problem.\n  frame.csv or topics.csv is missing"):
        coding.read_frame(wave, analysis.questions(wave))


def test_a_topic_that_stands_there_twice_is_told_with_its_row(wave):
    path = wave.parents[1] / "themes/topics.csv"
    path.write_text(path.read_text(encoding="utf-8") + "other,g,Ander,Other\nall,g,Alles,All\n", encoding="utf-8")
    with pytest.raises(ValueError, match='topics.csv row 4: topic "all" stands there already'):
        coding.read_frame(wave, analysis.questions(wave))


def test_a_frame_brings_the_labels_of_its_topics(wave):
    *_, frame = everything(wave)
    about = ["theme", "topic", "questions", "label_nl", "meaning_en", "topic_label_nl", "topic_label_en"]
    assert frame[about].to_numpy().tolist() == [
        ["t1", "all", "q2|q3_o_text", "Een", "first", "Alles", "All"],
        ["t2", "all", "q2", "Twee", "second", "Alles", "All"],
        ["t3", "all", "q3_o_text", "Drie", "third", "Alles", "All"],
    ]


@pytest.mark.parametrize(("rows", "more"), [(3, ""), (4, " and 1 more"), (5, " and 2 more")])
def test_three_rows_of_a_problem_are_named_and_the_others_counted(wave, rows, more):
    message = refusal(wave, "codes.csv", CODES + "".join(f"R{i},q2,t9,A\n" for i in range(1, rows + 1)))
    assert f'codes.csv row 16, 17, 18{more}: there is no theme "t9" in the frame' in message


@pytest.mark.parametrize(("length", "told"), [(20, '"' + "x" * 20 + '"'), (21, "(a longer text)")])
def test_a_wrong_cell_is_repeated_up_to_twenty_characters(wave, length, told):
    assert f"there is no theme {told} in" in refusal(wave, "codes.csv", CODES + f"R1,q2,{'x' * length},A\n")


def test_a_row_of_a_reviewed_list_is_named_with_each_of_its_problems(wave):
    good = "text,question,theme,reviewer,date\nfit to be read,q2,t1,Reader,2026-01-31\n"
    message = refusal(wave, "reviewed.csv", good + " ,q2,t1,Reader,2026-02-30\nfit,q2,t9,Reader,2026-02-28\n")
    assert message.splitlines()[1:] == [
        "  reviewed.csv row 3: text is blank",
        '  reviewed.csv row 3: date "2026-02-30" is not a day such as 2026-01-31',
        '  reviewed.csv row 4: there is no theme "t9" in the frame',
    ]


def test_a_row_with_a_cell_too_many_or_too_few_is_named(wave):
    message = refusal(wave, "codes.csv", CODES + "R1,q2\nR1,q2,t1,A,x\n")
    assert message.splitlines()[1:] == [
        "  codes.csv row 16 has 2 cells for 4 columns",
        "  codes.csv row 17 has 5 cells for 4 columns",
    ]


def test_only_who_wrote_more_than_spaces_has_written(wave):
    export = wave / "export.csv"
    export.write_text(export.read_text(encoding="utf-8").replace("R7,a,,", "R7,a,  ,"), encoding="utf-8")
    responses, questions, _ = everything(wave)
    wrote = coding.written(wave, responses, questions)
    assert wrote["q2"].tolist() == [True] * 6 + [False] * 4
    assert wrote["q3_o_text"].tolist() == [False] * 8 + [True] * 2


def test_a_text_in_the_wrong_column_is_not_repeated_in_the_refusal(wave):
    message = refusal(wave, "codes.csv", CODES + "R1,q2,kept inside alpha and more of it,A\n")
    assert "row 16: there is no theme (a longer text)" in message and "kept inside" not in message


def test_a_theme_is_only_for_people_who_were_asked_its_question():
    questions = analysis.questions(REFERENCE)
    frame = coding.read_frame(REFERENCE, questions)
    known = coding.fields(questions)
    for group, asked in (("users", {"a"}), ("nonusers", {"b"})):
        for listed in frame.loc[frame["group"].eq(group), "questions"]:
            for field in listed.split("|"):
                answers = {v for code, values in known[field].asked_if.clauses if code == "q03" for v in values}
                assert not answers or answers == asked, field


def test_reading_the_tables_leaves_the_wave_as_it_was(wave):
    before = {p.name: p.read_bytes() for p in wave.iterdir() if p.is_file()}
    codes_of(wave)
    assert {p.name: p.read_bytes() for p in wave.iterdir() if p.is_file()} == before
