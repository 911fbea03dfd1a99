"""Read what coders found in open answers: the frame of themes, their codes, and texts fit to be published.

A survey's coding frame is `data/themes/frame.csv`, with `topics.csv` beside it. A wave may
have two tables of its own, made by people who read the answers:

`codes.csv`     who of the coders found which theme in whose answer; a blank theme means
                read, and no theme of the frame fits
`reviewed.csv`  texts that somebody has judged fit to be published, without a key

A text only comes out of the reviewed list, where it also stands in the export and was searched for traces of a
person: no function here returns what stands in an export.
"""

import csv
import datetime
from pathlib import Path

import pandas as pd

from analysis.survey import quoting, reading, waves
from analysis.survey.questionnaire import Question, Questionnaire
from analysis.survey.waves import Wave
from analysis.words import LANGUAGES

FRAME = ["theme", "group", "topic", "questions", *(f"{c}_{x}" for c in ("label", "meaning") for x in LANGUAGES)]


TOPICS = ["topic", "group", *(f"label_{x}" for x in LANGUAGES)]


CODES = ["respondent", "question", "theme", "coder"]


REVIEWED = ["text", "question", "theme", "reviewer", "date"]


CLEARED = "cleared"
"""A column that a reviewed list may have too: words with `|` between that its reviewer vouches for."""


ROWS_SHOWN = 3
"""Rows named for one kind of problem; the rest is counted."""


LONGEST_SHOWN = 20
"""Characters of a wrong cell that are repeated: what is longer may be something a person wrote."""


def read_frame(wave: str | Path, questions: Questionnaire) -> pd.DataFrame:
    """Read the coding frame, one row a theme, with its topic's labels.

    Raises ValueError listing everything that is wrong with the two tables.
    """
    folder = waves.read_wave(wave).survey / "themes"
    problems: list[str] = []
    frame = _table(folder / "frame.csv", FRAME, problems)
    topics = _table(folder / "topics.csv", TOPICS, problems)
    if frame is None or topics is None or problems:
        raise ValueError(_message(folder, problems or ["frame.csv or topics.csv is missing"]))
    known, groups = fields(questions), dict(zip(topics["topic"], topics["group"], strict=True))
    for row, theme in frame.iterrows():
        problems += [f"frame.csv row {row + 2}: {c} is blank" for c in FRAME if not theme[c]]
        if theme["topic"] not in groups:
            problems.append(f'frame.csv row {row + 2}: there is no topic "{theme["topic"]}" in topics.csv')
        elif theme["group"] != groups[theme["topic"]]:
            problems.append(f'frame.csv row {row + 2}: group "{theme["group"]}" is not that of its topic')
        for field in theme["questions"].split("|"):
            if field not in known:
                problems.append(f'frame.csv row {row + 2}: "{field}" is not a text field; there are {", ".join(known)}')
    for name, table, key in (("frame", frame, "theme"), ("topics", topics, "topic")):
        twice = table.index[table[key].duplicated()]
        problems += [f'{name}.csv row {i + 2}: {key} "{table.at[i, key]}" stands there already' for i in twice]
    if problems:
        raise ValueError(_message(folder, problems))
    labels = topics.set_index("topic")[[f"label_{x}" for x in LANGUAGES]].add_prefix("topic_")
    return frame.join(labels, on="topic")


def fields(questions: Questionnaire) -> dict[str, Question]:
    """Map each text field of the questionnaire, by its export column, to its question."""
    found = {}
    for question in questions:
        if question.kind == "text":
            found[question.code] = question
        found |= {question.text_column(a.code): question for a in question.text_answers}
    return found


def read_codes(
    wave: str | Path, frame: pd.DataFrame, responses: pd.DataFrame, questions: Questionnaire
) -> pd.DataFrame | None:
    """Read a wave's table of codes and check it; None when the wave has none.

    Raises ValueError listing all problems at once: an unknown theme, question or respondent, a
    theme that the frame doesn't have at that question, a row that stands there twice, a blank
    theme beside another, a code where nothing was written, and texts that nobody has read.
    Neither texts nor keys of respondents stand in the message, only rows.
    """
    label = waves.read_wave(wave)
    problems: list[str] = []
    codes = _table(label.folder / "codes.csv", CODES, problems)
    if codes is None:
        return None
    if problems:
        raise ValueError(_message(label.folder, problems))
    allowed = {(field, t) for t, listed in zip(frame["theme"], frame["questions"], strict=True)
               for field in listed.split("|")}  # fmt: skip
    known = fields(questions)
    wrote = written(wave, responses, questions)
    texts = {(key, field) for field in known for key in wrote.index[wrote[field]]}
    found: dict[str, list[int]] = {}

    def complain(problem, rows):
        if len(rows):
            found.setdefault(problem, []).extend(int(i) + 2 for i in rows)

    blank = codes["theme"].eq("")
    good_theme, good_field = codes["theme"].isin(frame["theme"]), codes["question"].isin(list(known))
    good_key = codes["respondent"].isin(responses.index)
    for theme, block in codes[~blank & ~good_theme].groupby("theme"):
        complain(f"there is no theme {_shown(theme)} in the frame", block.index)
    for field, block in codes[~good_field].groupby("question"):
        complain(f"{_shown(field)} is not a text field of the questionnaire", block.index)
    complain("this respondent is not in the analysed wave", codes.index[~good_key])
    complain("coder is blank", codes.index[codes["coder"].eq("")])
    complain("the same code stands there twice", codes.index[codes.duplicated(CODES)])
    reads = codes.groupby(["respondent", "question", "coder"])["theme"]
    beside = blank & reads.transform("nunique").gt(1)
    complain("a blank theme means that none fits, and this coder gave one too", codes.index[beside])
    pairs = list(zip(codes["question"], codes["theme"], strict=True))
    elsewhere = pd.Series([pair not in allowed for pair in pairs], index=codes.index, dtype=bool)
    complain("the frame does not have this theme at this question", codes.index[elsewhere & good_theme & good_field])
    coded = list(zip(codes["respondent"], codes["question"], strict=True))
    empty = pd.Series([text not in texts for text in coded], index=codes.index, dtype=bool)
    complain("this respondent wrote nothing there", codes.index[empty & good_key & good_field])
    for problem, rows in found.items():
        shown = ", ".join(str(r) for r in rows[:ROWS_SHOWN])
        more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
        problems.append(f"codes.csv row {shown}{more}: {problem}")
    in_use = {field for listed in frame["questions"] for field in listed.split("|")}
    unread = {text for text in texts if text[1] in in_use} - set(coded)
    for field in sorted({field for _, field in unread}):
        count = sum(1 for text in unread if text[1] == field)
        problems.append(f"codes.csv: {count} answers at {field} have no row; one with a blank theme means none fits")
    if problems:
        raise ValueError(_message(label.folder, problems))
    return codes


def read_reviewed(wave: str | Path, frame: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Read the texts that a reviewer has judged fit to be published; none when there is no list.

    Each must have been written at its text field, and hold no address, number or name. The list holds no key of a
    respondent, and a column beyond its own is refused. Raises ValueError listing all problems, by row; none
    repeats a text.
    """
    label = waves.read_wave(wave)
    problems: list[str] = []
    reviewed = _table(label.folder / "reviewed.csv", REVIEWED, problems, optional=CLEARED)
    if reviewed is None:
        return pd.DataFrame(columns=REVIEWED, dtype=str)
    if problems:
        raise ValueError(_message(label.folder, problems))
    known, themes, ordinary = fields(questions), set(frame["theme"]), quoting.ordinary(questions)
    unwritten = _not_written(label, reviewed[reviewed["question"].isin(list(known))])
    for row, text in reviewed.iterrows():
        said = [f"{c} is blank" for c in REVIEWED if not text[c].strip()]
        if text["theme"] and text["theme"] not in themes:
            said.append(f"there is no theme {_shown(text['theme'])} in the frame")
        if text["question"] and text["question"] not in known:
            said.append(f"{_shown(text['question'])} is not a text field of the questionnaire")
        if text["date"] and not _is_date(text["date"]):
            said.append(f"date {_shown(text['date'])} is not a day such as 2026-01-31")
        if row in unwritten:
            said.append(
                f"the text stands in no answer at {text['question']}; copy it as it was written, with … for what is "
                "left out and one to three words in square brackets, such as [plaats], for what is replaced"
            )
        said += [f"{kind} stands in the text; replace it, by [plaats] for example, or leave it out with …"
                 for kind in quoting.traces(text["text"])]  # fmt: skip
        vouched = ordinary | set(quoting.WORD.findall(text[CLEARED]))
        said += [f"word {place} of the text may be a name: {kind}; replace it, by [naam] for example, or put it under "
                 f"{CLEARED} if it leads to nobody"
                 for kind, place in quoting.names(text["text"], vouched)]  # fmt: skip
        problems += [f"reviewed.csv row {row + 2}: {problem}" for problem in said]
    if problems:
        raise ValueError(_message(label.folder, problems))
    return reviewed[REVIEWED]


def _not_written(label: Wave, reviewed: pd.DataFrame) -> set:
    """Say which rows of a reviewed list hold a text that stands in no answer at its field; blank ones don't count."""
    texts = reviewed[reviewed["text"].str.strip().ne("")]
    if texts.empty:
        return set()
    export, found = reading.read_export(label), set()
    for field, block in texts.groupby("question"):
        answers = [answer.strip() for answer in export[field].cat.categories] if field in export else []
        found |= {row for row, text in block["text"].items() if not quoting.stands(text.strip(), answers)}
    return found


def written(wave: str | Path, responses: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Say who wrote something where: True or False, a row an analysed respondent, a column a text field."""
    label = waves.read_wave(wave)
    export = reading.read_export(label)
    export = export.set_index(export[label.respondent].str.strip())
    return export[list(fields(questions))].apply(lambda c: c.str.strip().ne("")).reindex(responses.index)


def _table(path: Path, columns: list[str], problems: list[str], optional: str = "") -> pd.DataFrame | None:
    """Read a table as text; None when it isn't there. Adds to `problems` why it isn't such a table.

    Where a column is `optional` the table may have that one and no other; it is blank where it isn't there.
    """
    try:
        # opened rather than asked for: the build notes what is opened, so a table added later counts
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header, *rows = list(csv.reader(lines, strict=True)) or [[]]
    except FileNotFoundError:
        return None
    except (csv.Error, UnicodeDecodeError) as error:
        problems.append(f"{path.name} can't be read: {error}")
        return pd.DataFrame(columns=columns, dtype=str)
    problems += [f'{path.name}: column "{c}" is missing' for c in columns if c not in header]
    if optional:
        others = [c for c in header if c not in (*columns, optional)]
        problems += [f"{path.name}: column {_shown(c)} does not belong here; take it out" for c in others]
    problems += [f"{path.name} row {i} has {len(r)} cells for {len(header)} columns" for i, r in enumerate(rows, 2)
                 if len(r) != len(header)]  # fmt: skip
    if problems:
        return pd.DataFrame(columns=columns, dtype=str)
    table = pd.DataFrame(rows, columns=header, dtype=str)
    return table.reindex(columns=[*columns, optional], fill_value="") if optional else table[columns]


def _shown(cell: str) -> str:
    """Repeat a wrong cell, unless it is so long that it may be an answer."""
    return f'"{cell}"' if len(cell) <= LONGEST_SHOWN else "(a longer text)"


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _message(folder: Path, problems: list[str]) -> str:
    noun = "problem" if len(problems) == 1 else "problems"
    return f"{folder}: {len(problems)} {noun}.\n  " + "\n  ".join(problems)
