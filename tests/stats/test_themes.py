"""Themes in open answers: counted as worked out by hand, checked at the door, never leaking a text.

Ten invented people and two coders. Eight were asked the open question q2 and six wrote
something; R9 and R10 wrote something behind "other" at q3, R1 ticked it and wrote nothing.
"""

import re
from html import escape

import pytest

import analysis
from analysis.show import figures, render
from analysis.show import themes as themes_page
from analysis.stats import themes
from analysis.survey import coding
from analysis.words import LANGUAGES, voice

REFERENCE = "2025-reference"
TABLES = {
    "questionnaire/questions.csv": """\
question,number,kind,asked_if,printed_next,minimum,maximum,name,label_nl,label_en
q1,1,single,,,,,,Ooit,Ever
q2,2,text,q1=a,,,,,Waarom,Why
q3,3,multiple,,,,,,Hoe,How
""",
    "questionnaire/answers.csv": """\
question,answer,kind,exclusive,text,score,named_as,printed_next,name,label_nl,label_en
q1,a,,,,,,,,Ja,Yes
q1,b,,,,,,,,Nee,No
q3,x,,,,,,,,Zo,So
q3,o,other,,yes,,,,,Anders,Other
""",
    "questionnaire/statements.csv": "question,statement,name,label_nl,label_en\n",
    "questionnaire/derived.csv": "variable,answer,source,values,name,label_nl,label_en\n",
    "questionnaire/exclusions.csv": "exclusion,condition,label_nl,label_en\n",
    "themes/topics.csv": "topic,group,label_nl,label_en\nall,g,Alles,All\n",
    "themes/frame.csv": """\
theme,group,topic,questions,label_nl,label_en,meaning_nl,meaning_en
t1,g,all,q2|q3_o_text,Een,One,eerste,first
t2,g,all,q2,Twee,Two,tweede,second
t3,g,all,q3_o_text,Drie,Three,derde,third
""",
    "waves/w/wave.toml": """\
title_nl = "Verzonnen"
title_en = "Invented"
kind = "confidential"
questionnaire = "../../questionnaire"
responses = "export.csv"
respondent = "id"
""",
    "waves/w/export.csv": """\
id,q1,q2,q3_x,q3_o,q3_o_text
R1,a,kept inside alpha,0,1,
R2,a,kept inside bravo,1,0,
R3,a,kept inside charlie,1,0,
R4,a,kept inside delta,1,0,
R5,a,kept inside echo,1,0,
R6,a,kept inside foxtrot,1,0,
R7,a,,1,0,
R8,a,,1,0,
R9,b,,0,1,kept inside golf
R10,b,,0,1,kept inside hotel
""",
}
CODES = """\
respondent,question,theme,coder
R1,q2,t1,A
R2,q2,t1,A
R3,q2,t1,A
R4,q2,,A
R5,q2,t2,A
R6,q2,,A
R1,q2,t1,B
R2,q2,t1,B
R3,q2,,B
R4,q2,t1,B
R5,q2,t2,B
R6,q2,,B
R9,q3_o_text,t1,A
R10,q3_o_text,,A
"""
REVIEWED = "text,question,theme,reviewer,date\nfit to be read,q2,t1,Reader,2026-01-31\n"


@pytest.fixture
def wave(tmp_path):
    for name, text in TABLES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    folder = tmp_path / "waves/w"
    (folder / "codes.csv").write_text(CODES, encoding="utf-8")
    return folder


def everything(wave, language="en"):
    """What a chapter has at hand: responses, questions, frame."""
    questions = analysis.questions(wave, language)
    return analysis.load(wave), questions, coding.read_frame(wave, questions)


def codes_of(wave, language="en"):
    responses, questions, frame = everything(wave, language)
    return coding.read_codes(wave, frame, responses, questions), responses, questions, frame


def counted(wave, field):
    codes, responses, questions, frame = codes_of(wave)
    wrote = coding.written(wave, responses, questions)
    return themes.count(codes, field, frame, responses, wrote, questions).frame.set_index("answer")


# --- counts and agreement, by hand --------------------------------------------------------------


def test_a_theme_counts_when_all_who_read_the_answer_found_it(wave):
    found = counted(wave, "q2")
    # A found t1 in R1, R2, R3 and B in R1, R2, R4: both in two of the six who wrote
    assert found.loc["t1", ["n", "base", "no_answer", "not_asked"]].tolist() == [2, 6, 2, 2]
    assert found.loc["t2", ["n", "base"]].tolist() == [1, 6]
    assert list(found.index) == ["t1", "t2"]  # t3 isn't for this question


def test_the_interval_is_wilsons(wave):
    row = counted(wave, "q2").loc["t1"]
    # p = 1/3, n = 6, z = 1.959964: centre 0.398390, half 0.301618
    assert (row["low"], row["high"]) == (pytest.approx(0.096772, abs=2e-6), pytest.approx(0.700008, abs=2e-6))


def test_behind_an_option_the_base_is_who_wrote_there(wave):
    found = counted(wave, "q3_o_text")
    # R9 and R10 wrote; R1 ticked it and wrote nothing; the seven others didn't tick it
    assert found.loc["t1", ["n", "base", "no_answer", "not_asked"]].tolist() == [1, 2, 1, 7]
    assert found.loc["t3", "n"] == 0


def test_kappa_by_hand(wave):
    codes, *_, frame = codes_of(wave)
    agreed = themes.kappas(codes, frame).set_index("theme")
    assert list(agreed.index) == ["t1", "t2", ""]  # nobody but A read what t3 is for
    cells = ["texts", "both", "only_first", "only_second", "neither"]
    # t1: agree on 4 of 6, both say it of half: (4/6 - 1/2) / (1 - 1/2) = 1/3
    assert agreed.loc["t1", cells].tolist() == [6, 2, 1, 1, 2]
    assert agreed.loc["t1", "kappa"] == pytest.approx(1 / 3)
    assert agreed.loc["t2", "kappa"] == pytest.approx(1)
    # overall: agree on 10 of 12, each says it of 4: (10/12 - 5/9) / (1 - 5/9) = 5/8
    assert agreed.loc["", cells].tolist() == [12, 3, 1, 1, 7]
    assert agreed.loc["", "kappa"] == pytest.approx(5 / 8)


def test_kappa_is_missing_where_both_always_say_no(wave):
    text = CODES.replace("R5,q2,t2", "R5,q2,t1")
    (wave / "codes.csv").write_text(text, encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    agreed = themes.kappas(codes, frame).set_index("theme")
    assert agreed.loc["t2", "neither"] == 6 and agreed["kappa"].isna()["t2"]


def test_kappa_is_missing_where_both_always_say_yes(wave):
    every = "".join(f"R{i},q2,t1,{coder}\n" for coder in "AB" for i in range(1, 7))
    kept = "".join(line + "\n" for line in CODES.splitlines() if ",q2," not in line)
    (wave / "codes.csv").write_text(kept + every, encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    agreed = themes.kappas(codes, frame).set_index("theme")
    assert agreed.loc["t1", "both"] == 6 and agreed["kappa"].isna()["t1"]


@pytest.mark.parametrize("finder", "AB")
def test_kappa_is_nil_where_one_alone_ever_finds_a_theme(wave, finder):
    """One of the two finds t2 twice in six texts: alike in 4 of 6, and by chance in (0 * 2 + 6 * 4) / 36 = 4 of 6."""
    lines = [line for line in CODES.splitlines() if not line.startswith(("R4,q2", "R6,q2", "R5,q2"))]
    other = "B" if finder == "A" else "A"
    found = [f"{r},q2,t2,{finder}" for r in ("R4", "R5")] + [f"{r},q2,,{other}" for r in ("R4", "R5")]
    (wave / "codes.csv").write_text("\n".join([*lines, *found, "R6,q2,,A", "R6,q2,,B"]) + "\n", encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    row = themes.kappas(codes, frame).set_index("theme").loc["t2"]
    only = [2, 0] if finder == "A" else [0, 2]
    assert row[["texts", "both", "only_first", "only_second", "neither"]].tolist() == [6, 0, *only, 4]
    assert row["kappa"] == 0


def test_one_coder_has_nobody_to_agree_with(wave):
    text = "\n".join(line for line in CODES.splitlines() if not line.endswith(",B")) + "\n"
    (wave / "codes.csv").write_text(text, encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    assert themes.kappas(codes, frame).empty
    assert counted(wave, "q2").loc["t1", "n"] == 3


def test_counts_can_be_drawn(wave):
    estimates = counted(wave, "q2").reset_index()
    assert len(figures.bars(estimates, voice("en"), sort=True).data[0].x) == 2


def test_agreement_and_reviewed_texts_are_written_whole(wave):
    (wave / "reviewed.csv").write_text(REVIEWED, encoding="utf-8")
    codes, _, questions, frame = codes_of(wave)
    agreed = render.plain(themes_page.agreement_table(themes.kappas(codes, frame), frame), "nl")
    assert [re.split(r"  +", line) for line in agreed.split("\n")] == [
        ["Hoe vaak twee codeurs hetzelfde vonden"],
        ["Thema", "Gelezen door beiden", "Beiden", "Alleen de eerste", "Alleen de tweede", "Geen van beiden", "kappa"],
        ["A tegenover B"],
        ["Een", "6", "2", "1", "1", "2", "0,33"],
        ["Twee", "6", "1", "0", "0", "5", "1,00"],
        ["Alle thema’s samen", "12", "3", "1", "1", "7", "0,63"],  # 5/8
    ]
    texts = themes_page.reviewed_table(coding.read_reviewed(wave, frame, questions), frame, questions)
    assert render.as_csv(texts, "nl") == (
        'Groep,Vraag,Antwoord,Beoordeeld door\nEen,Vraag 2,fit to be read,"Reader, 31 januari 2026"\n'
    )


def test_a_frame_is_listed_by_topic_with_the_questions_of_each_theme(wave):
    _, questions, frame = everything(wave)
    assert render.as_csv(themes_page.listing(frame, questions), "en") == (
        'Group,Theme,Meaning,Question\nAll,One,first,"2, 3"\nAll,Two,second,2\nAll,Three,third,3\n'
    )


# --- the door -------------------------------------------------------------------------------------


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


# --- texts stay inside ----------------------------------------------------------------------------


def shown(wave, language, monkeypatch):
    """Everything that the chapter puts on the page."""
    out = []
    monkeypatch.setattr(
        "analysis.show.exhibits.display", lambda what, **_: out.append(getattr(what, "data", str(what)))
    )
    responses, questions, frame = everything(wave, language)
    themes_page.show(wave, frame, responses, questions)
    return "".join([*out, render.html(themes_page.listing(frame, questions), language)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_nobody_reviewed_cannot_come_out(wave, language, monkeypatch):
    (wave / "reviewed.csv").write_text(REVIEWED, encoding="utf-8")
    page = shown(wave, language, monkeypatch)
    assert page.count('<figure class="exhibit"') == 2 and "kappa" in page
    assert "fit to be read" in page and "kept inside" not in page
    codes, responses, questions, frame = codes_of(wave, language)
    wrote = coding.written(wave, responses, questions)
    results = [codes, wrote, frame, themes.kappas(codes, frame), coding.read_reviewed(wave, frame, questions)]
    results += [
        themes.count(codes, field, frame, responses, wrote, questions).frame for field in coding.fields(questions)
    ]
    assert not any("kept inside" in result.to_csv() for result in results)
    assert "kept inside" not in responses.to_csv()


def test_without_a_reviewed_list_there_is_no_text_at_all(wave, monkeypatch):
    page = shown(wave, "en", monkeypatch)
    assert "fit to be read" not in page and "Judged by" not in page


def test_a_text_in_the_wrong_column_is_not_repeated_in_the_refusal(wave):
    message = refusal(wave, "codes.csv", CODES + "R1,q2,kept inside alpha and more of it,A\n")
    assert "row 16: there is no theme (a longer text)" in message and "kept inside" not in message


def test_no_key_of_a_respondent_reaches_the_page(wave, monkeypatch):
    (wave / "reviewed.csv").write_text(REVIEWED, encoding="utf-8")
    page = shown(wave, "en", monkeypatch)
    assert not [key for key in ("R1", "R2", "R9", "R10") if f">{key}<" in page]


# --- the reference wave ---------------------------------------------------------------------------


def test_the_reference_wave_has_49_themes_no_counts_and_no_texts(monkeypatch):
    questions = analysis.questions(REFERENCE)
    frame = coding.read_frame(REFERENCE, questions)
    assert len(frame) == 49 and frame["group"].value_counts().to_dict() == {"users": 33, "nonusers": 16}
    assert coding.read_codes(REFERENCE, frame, analysis.load(REFERENCE), questions) is None
    assert coding.read_reviewed(REFERENCE, frame, questions).empty
    assert not coding.written(REFERENCE, analysis.load(REFERENCE), questions)["q07"].any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_theme_of_the_frame_is_listed(language):
    questions = analysis.questions(REFERENCE, language)
    frame = coding.read_frame(REFERENCE, questions)
    page = render.html(themes_page.listing(frame, questions), language)
    assert all(escape(text) in page for text in frame[f"meaning_{language}"])
    assert page.count('scope="rowgroup"') == frame["topic"].nunique() == 9


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
