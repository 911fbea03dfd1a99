"""Count themes in open answers from coders' tables, and keep the answers themselves inside.

A survey's coding frame is `data/themes/frame.csv`, with `topics.csv` beside it. A wave may
have two tables of its own, made by people who read the answers:

`codes.csv`     who of the coders found which theme in whose answer; a blank theme means
                read, and no theme of the frame fits
`reviewed.csv`  texts that somebody has judged fit to be published, without a key

Themes come out as estimates. A text only comes out of the reviewed list: no function here
returns what stands in an export.
"""

import datetime
from pathlib import Path

import pandas as pd

from analysis import words as lang
from analysis.show import exhibits, tables
from analysis.stats import themes
from analysis.survey import coding
from analysis.survey.questionnaire import Questionnaire

# --- the door ------------------------------------------------------------------------------


# --- estimates -------------------------------------------------------------------------------


# --- the page ----------------------------------------------------------------------------------


def show(wave: str | Path, frame: pd.DataFrame, responses: pd.DataFrame, questions: Questionnaire) -> None:
    """Show the counts of a coded wave: a figure for each text field, the coders' agreement, reviewed texts.

    Of a wave that nobody coded, say that.
    """
    language = questions.language
    codes = coding.read_codes(wave, frame, responses, questions)
    if codes is None:
        exhibits.show_table(f"<p>{lang.say('themes_not_coded', language)}</p>")
    else:
        wrote = coding.written(wave, responses, questions)
        for field in dict.fromkeys(f for listed in frame["questions"] for f in listed.split("|")):
            found = themes.count(codes, field, frame, responses, wrote, questions)
            if found["base"].iloc[0]:
                exhibits.show(f"themes-{field}", found, questions, sort=True)
        agreed = themes.kappas(codes, frame)
        if len(agreed):
            exhibits.show_table(agreement_table(agreed, frame, language))
    reviewed = coding.read_reviewed(wave, frame, questions)
    if len(reviewed):
        exhibits.show_table(reviewed_table(reviewed, frame, questions))


def listing(frame: pd.DataFrame, questions: Questionnaire) -> str:
    """Print the coding frame: each theme under its topic, with its meaning and the questions it is for."""
    language = questions.language
    known = coding.fields(questions)
    bodies = []
    for topic, block in frame.groupby(f"topic_label_{language}", sort=False):
        rows = []
        for theme in block.to_dict("records"):
            numbers = dict.fromkeys(q.number for f, q in known.items() if f in theme["questions"].split("|"))
            rows.append((theme[f"label_{language}"], [theme[f"meaning_{language}"], ", ".join(numbers)], ""))
        bodies.append((topic, rows))
    names = [lang.say(key, language) for key in ("themes_theme", "list_meaning", "question_short")]
    return tables.write(names, bodies, lang.say("themes_listing", language), kind="words")


def agreement_table(agreed: pd.DataFrame, frame: pd.DataFrame, language: str) -> str:
    """Set `agreement` as a table, a block for each pair of coders, all themes together last."""
    labels = dict(zip(frame["theme"], frame[f"label_{language}"], strict=True))
    bodies = []
    for (first, second), block in agreed.groupby(["first", "second"], sort=False):
        rows = []
        for row in block.to_dict("records"):
            cells = [lang.number(row[c], language) for c in ("texts", "both", "only_first", "only_second", "neither")]
            cells.append(lang.number(row["kappa"], language, 2))
            rows.append((labels.get(row["theme"]) or lang.say("themes_overall", language), cells, ""))
        bodies.append((lang.say("against", language, first=first, second=second), rows))
    keys = ("themes_theme", "themes_texts", "themes_both", "themes_first", "themes_second", "themes_neither")
    names = [*(lang.say(key, language) for key in keys), "kappa"]
    return tables.write(names, bodies, lang.say("themes_agreement", language))


def reviewed_table(reviewed: pd.DataFrame, frame: pd.DataFrame, questions: Questionnaire) -> str:
    """Print the reviewed texts by theme, with the number of the question and who judged them when."""
    language = questions.language
    labels = dict(zip(frame["theme"], frame[f"label_{language}"], strict=True))
    known = coding.fields(questions)
    bodies = []
    for theme, block in reviewed.groupby("theme", sort=False):
        rows = [
            (f"{lang.say('question_short', language)} {known[r['question']].number}",
             [r["text"], f"{r['reviewer']}, {lang.date(datetime.date.fromisoformat(r['date']), language)}"], "")
            for r in block.to_dict("records")
        ]  # fmt: skip
        bodies.append((labels[theme], rows))
    names = [lang.say(key, language) for key in ("question_short", "themes_text", "themes_reviewer")]
    return tables.write(names, bodies, lang.say("themes_reviewed", language), kind="words")
