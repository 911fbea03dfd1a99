"""Count themes in open answers from coders' tables, and keep the answers themselves inside.

A survey's coding frame is `data/themes/frame.csv`, with `topics.csv` beside it. A wave may
have two tables of its own, made by people who read the answers:

`codes.csv`     who of the coders found which theme in whose answer; a blank theme means
                read, and no theme of the frame fits
`reviewed.csv`  texts that somebody has judged fit to be published, without a key

Themes come out as estimates. A text only comes out of the reviewed list: no function here
returns what stands in an export.
"""

import csv
import datetime
import itertools
from pathlib import Path

import pandas as pd
from statsmodels.stats.inter_rater import cohens_kappa

from analysis import estimates, exhibits, reading, tables, waves
from analysis import language as lang
from analysis.language import LANGUAGES
from analysis.questionnaire import NO_ANSWER, NOT_ASKED, TICKED, UNTICKED, Answer, Question, Questionnaire

FRAME = ["theme", "group", "topic", "questions", *(f"{c}_{x}" for c in ("label", "meaning") for x in LANGUAGES)]
TOPICS = ["topic", "group", *(f"label_{x}" for x in LANGUAGES)]
CODES = ["respondent", "question", "theme", "coder"]
REVIEWED = ["text", "question", "theme", "reviewer", "date"]
ROWS_SHOWN = 3
"""Rows named for one kind of problem; the rest is counted."""
LONGEST_SHOWN = 20
"""Characters of a wrong cell that are repeated: what is longer may be something a person wrote."""


# --- the door ------------------------------------------------------------------------------


def read_frame(wave: str | Path, questions: Questionnaire) -> pd.DataFrame:
    """Read the coding frame, one row a theme, with its topic's labels.

    Raises ValueError listing everything that is wrong with the two tables.
    """
    folder = waves.read_wave(wave).folder.parents[1] / "themes"
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

    The list holds no key of a respondent, and a column beyond its own is refused. Raises
    ValueError listing all problems.
    """
    folder = waves.read_wave(wave).folder
    problems: list[str] = []
    reviewed = _table(folder / "reviewed.csv", REVIEWED, problems, exactly=True)
    if reviewed is None:
        return pd.DataFrame(columns=REVIEWED, dtype=str)
    for row, text in reviewed.iterrows() if not problems else []:
        where = f"reviewed.csv row {row + 2}"
        problems += [f"{where}: {c} is blank" for c in REVIEWED if not text[c].strip()]
        if text["theme"] and text["theme"] not in list(frame["theme"]):
            problems.append(f"{where}: there is no theme {_shown(text['theme'])} in the frame")
        if text["question"] and text["question"] not in fields(questions):
            problems.append(f"{where}: {_shown(text['question'])} is not a text field of the questionnaire")
        if text["date"] and not _is_date(text["date"]):
            problems.append(f"{where}: date {_shown(text['date'])} is not a day such as 2026-01-31")
    if problems:
        raise ValueError(_message(folder, problems))
    return reviewed


def written(wave: str | Path, responses: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Say who wrote something where: True or False, a row an analysed respondent, a column a text field."""
    label = waves.read_wave(wave)
    export = reading.read_export(label)
    export = export.set_index(export[label.respondent].str.strip())
    return export[list(fields(questions))].apply(lambda c: c.str.strip().ne("")).reindex(responses.index)


# --- estimates -------------------------------------------------------------------------------


def count(
    codes: pd.DataFrame, field: str, frame: pd.DataFrame, responses: pd.DataFrame, wrote: pd.DataFrame,
    questions: Questionnaire,
) -> pd.DataFrame:  # fmt: skip
    """Estimate what share of those who wrote something at `field` named each theme.

    An answer has a theme when every coder who read it found it there. Columns as
    `estimates.shares`, one row a theme that the frame has at this field: `base` wrote
    something, `no_answer` were asked and didn't.
    """
    source = fields(questions)[field]
    listed = frame[frame["questions"].str.split("|").map(lambda named: field in named)]
    labels = zip(listed["theme"], listed[f"label_{questions.language}"], strict=True)
    question = Question(source.code, source.number, "multiple", source.label, source.asked_if,
                        answers=tuple(Answer(theme, label) for theme, label in labels))  # fmt: skip
    status = pd.Series(NO_ANSWER, index=responses.index)
    if source.kind == "text":
        status[responses[source.code].eq(NOT_ASKED)] = NOT_ASKED
    else:
        option = next(a.code for a in source.text_answers if source.text_column(a.code) == field)
        status[responses[source.column(option)].ne(TICKED)] = NOT_ASKED
    given = wrote[field].fillna(False).astype(bool)
    here = codes[codes["question"].eq(field)]
    readers = here.groupby("respondent")["coder"].nunique()
    finders = here.groupby(["theme", "respondent"])["coder"].nunique()
    typed = pd.DataFrame(index=responses.index)
    for answer in question.answers:
        found = finders.get(answer.code, pd.Series(dtype=int)) if answer.code in finders.index else pd.Series(dtype=int)
        agreed = found.index[found.eq(readers.reindex(found.index))]
        named = pd.Series(UNTICKED, index=responses.index)
        named[responses.index.isin(agreed)] = TICKED
        typed[question.column(answer.code)] = named.where(given, status)
    return estimates.shares(typed, question)


def agreement(codes: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Say how far two coders agree, theme by theme and overall, over the answers that both read.

    Returns one row a pair of coders and theme, and one with a blank theme for all decisions of
    the pair together: `first`, `second` (coders), `theme`, `texts` (decisions made by both), `both`,
    `only_first`, `only_second`, `neither`, and Cohen's `kappa` (1960), missing where both always
    decided alike in one way only. Without two coders of the same answers there is no row.
    """
    columns = ["first", "second", "theme", "texts", "both", "only_first", "only_second", "neither", "kappa"]
    rows = []
    for first, second in itertools.combinations(sorted(codes["coder"].unique()), 2):
        read = [_read_by(codes, coder) for coder in (first, second)]
        texts = [text for text in read[0] if text in read[1]]
        total = [0, 0, 0, 0]
        for theme, listed in zip(frame["theme"], frame["questions"], strict=True):
            decided = [t for t in texts if t[1] in listed.split("|")]
            cells = [0, 0, 0, 0]
            for text in decided:
                a, b = (theme in read[i][text] for i in (0, 1))
                cells[(0 if b else 1) if a else (2 if b else 3)] += 1
            if decided:
                total = [x + y for x, y in zip(total, cells, strict=True)]
                rows.append((first, second, theme, len(decided), *cells, _kappa(cells)))
        if texts:
            rows.append((first, second, "", sum(total), *total, _kappa(total)))
    return pd.DataFrame(rows, columns=columns)


def _read_by(codes: pd.DataFrame, coder: str) -> dict[tuple[str, str], set[str]]:
    """Map each answer that a coder read, as (respondent, question), to the themes found in it."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in codes[codes["coder"].eq(coder)].to_dict("records"):
        found.setdefault((row["respondent"], row["question"]), set()).add(row["theme"])
    return found


def _kappa(cells: list[int]) -> float:
    """Cohen's kappa of a two by two table; missing where chance alone would agree fully."""
    both, only_first, only_second, neither = cells
    by_first, by_second, n = both + only_first, both + only_second, sum(cells)
    if not n or (by_first, by_second) in ((0, 0), (n, n)):
        return float("nan")
    return float(cohens_kappa([[both, only_first], [only_second, neither]]).kappa)


# --- the page ----------------------------------------------------------------------------------


def show(wave: str | Path, frame: pd.DataFrame, responses: pd.DataFrame, questions: Questionnaire) -> None:
    """Show the counts of a coded wave: a figure for each text field, the coders' agreement, reviewed texts.

    Of a wave that nobody coded, say that.
    """
    language = questions.language
    codes = read_codes(wave, frame, responses, questions)
    if codes is None:
        exhibits.show_table(f"<p>{lang.say('themes_not_coded', language)}</p>")
    else:
        wrote = written(wave, responses, questions)
        for field in dict.fromkeys(f for listed in frame["questions"] for f in listed.split("|")):
            found = count(codes, field, frame, responses, wrote, questions)
            if found["base"].iloc[0]:
                exhibits.show(f"themes-{field}", found, questions, sort=True)
        agreed = agreement(codes, frame)
        if len(agreed):
            exhibits.show_table(agreement_table(agreed, frame, language))
    reviewed = read_reviewed(wave, frame, questions)
    if len(reviewed):
        exhibits.show_table(reviewed_table(reviewed, frame, questions))


def listing(frame: pd.DataFrame, questions: Questionnaire) -> str:
    """Print the coding frame: each theme under its topic, with its meaning and the questions it is for."""
    language = questions.language
    known = fields(questions)
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
    known = fields(questions)
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


def _table(path: Path, columns: list[str], problems: list[str], exactly: bool = False) -> pd.DataFrame | None:
    """Read a table as text; None when it isn't there. Adds to `problems` why it isn't such a table."""
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
    if exactly:
        problems += [
            f"{path.name}: column {_shown(c)} does not belong here; take it out" for c in header if c not in columns
        ]
    problems += [f"{path.name} row {i} has {len(r)} cells for {len(header)} columns" for i, r in enumerate(rows, 2)
                 if len(r) != len(header)]  # fmt: skip
    if problems:
        return pd.DataFrame(columns=columns, dtype=str)
    return pd.DataFrame(rows, columns=header, dtype=str)[columns]


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
