"""Ten invented people whose open answers two coders read: a survey of three questions to lay down in a folder.

Eight were asked the open question q2 and six wrote something; R9 and R10 wrote something behind
"other" at q3, R1 ticked it and wrote nothing. A part of what R3 wrote was reviewed.
"""

from pathlib import Path

import analysis
from analysis.survey import coding

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
R3,a,kept inside charlie; fit to be read,1,0,
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


def lay(place: Path) -> Path:
    """Write the survey down and return its wave's folder."""
    for name, text in TABLES.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    folder = place / "waves/w"
    (folder / "codes.csv").write_text(CODES, encoding="utf-8")
    return folder


def everything(wave, language="en"):
    """What a chapter has at hand: responses, questions, frame."""
    questions = analysis.questions(wave, language)
    return analysis.load(wave), questions, coding.read_frame(wave, questions)


def codes_of(wave, language="en"):
    responses, questions, frame = everything(wave, language)
    return coding.read_codes(wave, frame, responses, questions), responses, questions, frame
