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
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.show import exhibits
from analysis.show.parts import Absent, Block, Cell, Paragraph, Row, Table
from analysis.stats import themes
from analysis.stats.gate import WITHHELD, digits
from analysis.stats.value import Value
from analysis.survey import coding
from analysis.survey.questionnaire import Questionnaire
from analysis.survey.terms import bound
from analysis.words import Text, in_all, join, kept, text


def show(wave: str | Path, frame: pd.DataFrame, responses: pd.DataFrame, questions: Questionnaire) -> None:
    """Show the counts of a coded wave: a figure for each text field, the coders' agreement, reviewed texts.

    Of a wave that nobody coded, say that.
    """
    codes = coding.read_codes(wave, frame, responses, questions)
    if codes is None:
        exhibits.show_table(Paragraph(text("themes_not_coded")))
    else:
        wrote, known = coding.written(wave, responses, questions), coding.fields(questions)
        for field in dict.fromkeys(f for listed in frame["questions"] for f in listed.split("|")):
            found = themes.count(codes, field, frame, responses, wrote, questions)
            base = found.frame["base"].iloc[0]
            if pd.isna(base) or base:  # a word for few isn't nobody
                asked = replace(found, question=known[field])  # what people were asked, not the coders
                exhibits.show(asked, f"themes-{field}", sort=True)
        agreed = themes.kappas(codes, frame)
        if len(agreed):
            exhibits.show_table(agreement_table(agreed, frame))
    reviewed = coding.read_reviewed(wave, frame, questions)
    if len(reviewed):
        exhibits.show_table(reviewed_table(reviewed, frame, questions))


def listing(frame: pd.DataFrame, questions: Questionnaire) -> Table:
    """Set the coding frame as a table: each theme under its topic, with its meaning and the questions it is for."""
    known = coding.fields(questions)
    blocks = []
    for _, block in frame.groupby("topic", sort=False):
        rows = []
        for theme in block.to_dict("records"):
            numbers = dict.fromkeys(q.number for f, q in known.items() if f in theme["questions"].split("|"))
            rows.append(Row(kept(theme, "label"), (kept(theme, "meaning"), ", ".join(numbers))))
        blocks.append(Block(tuple(rows), kept(block.iloc[0], "topic_label")))
    columns = (text("themes_theme"), text("list_meaning"), text("question_short"))
    return Table(text("themes_listing"), columns, tuple(blocks), "words")


def agreement_table(agreed: pd.DataFrame, frame: pd.DataFrame) -> Table:
    """Set `agreement` as a table, a block for each pair of coders, all themes together last.

    Of a confidential wave without counts, and kappa only where none of the four that it rests on is a word.
    """
    labels, agreed_terms = _labels(frame) | {"": text("themes_overall")}, bound()
    blocks = []
    for (first, second), block in agreed.groupby(["first", "second"], sort=False):
        rows = []
        for row in block.to_dict("records"):
            counted = ("texts", *themes.CELLS)
            rests = block if row["theme"] == "" else block[block["theme"].eq(row["theme"])]
            if agreed_terms:
                shown = bool((rests[themes.CELLS] > agreed_terms[0].threshold).to_numpy().all())
                gone = Value("count", None, release="hidden", absent=WITHHELD)
                kappa, low, high = (digits(row[column]) if shown else None for column in ("kappa", "low", "high"))
                agreement = (
                    gone
                    if kappa is None
                    else Value("effect", kappa, low=low, high=high, decimals=2, release="released")
                )
                cells: list[Cell] = [gone] * len(counted)
            else:
                cells = [Value("count", int(row[column]), "answers") for column in counted]
                agreement = Value("effect", row["kappa"], low=row["low"], high=row["high"])
            interval = Absent("not_applicable") if math.isnan(row["low"]) else agreement.interval
            rows.append(Row(labels[row["theme"]], (*cells, agreement, interval)))
        blocks.append(Block(tuple(rows), text("against", first=first, second=second)))
    keys = ("themes_theme", "themes_texts", "themes_both", "themes_first", "themes_second", "themes_neither")
    return Table(text("themes_agreement"), (*(text(key) for key in keys), "kappa", text("interval")), tuple(blocks))


def reviewed_table(reviewed: pd.DataFrame, frame: pd.DataFrame, questions: Questionnaire) -> Table:
    """Set the reviewed texts as a table by theme, with the number of the question and who judged them when."""
    labels, known = _labels(frame), coding.fields(questions)
    blocks = []
    for theme, block in reviewed.groupby("theme", sort=False):
        rows = [Row(join(" ", text("question_short"), known[r["question"]].number), (r["text"], _judged(r)))
                for r in block.to_dict("records")]  # fmt: skip
        blocks.append(Block(tuple(rows), labels[theme]))
    columns = (text("question_short"), text("themes_text"), text("themes_reviewer"))
    return Table(text("themes_reviewed"), columns, tuple(blocks), "words")


def _labels(frame: pd.DataFrame) -> dict[str, Text]:
    return {theme["theme"]: kept(theme, "label") for theme in frame.to_dict("records")}


def _judged(row: dict) -> Text:
    """Say who judged a text, and when."""
    day = datetime.date.fromisoformat(row["date"])
    return in_all(lambda voice: f"{row['reviewer']}, {voice.date(day)}")
