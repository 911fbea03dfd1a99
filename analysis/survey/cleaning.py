"""Turn an export into typed responses: check, exclude, type, derive, and log every change.

The typed responses have one row a respondent and one column an item. Whatever is absent
says why: `not_asked` (the routing passed by), `no_answer` (asked, left blank); "don't
know" and "not applicable" are answers with codes of their own.
"""

import difflib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.csv

from analysis.files import owned, sweep, write_whole
from analysis.survey import questionnaire as instrument
from analysis.survey import reading
from analysis.survey.questionnaire import (
    GIVEN,
    NO_ANSWER,
    NOT_ASKED,
    STATUS,
    TICKED,
    UNTICKED,
    Question,
    Questionnaire,
)
from analysis.survey.waves import Wave, checksum, fingerprint, is_fresh
from analysis.words import LANGUAGES

ON, OFF = "1", "0"
"""What an export writes for an option that was ticked, and for one that wasn't."""
ROWS_SHOWN = 3
LINES_SHOWN = 20
ROWS_WRITTEN = 20_000
"""Rows of the dataset that are turned into CSV at a time."""
SHOWN = re.compile(r"(?!.*(\d{5}|@))(.{1,6}|\S{1,20})")
"""A wrong cell that is repeated: a word or number; several words, an address or a number to call may be a person's."""
PROBLEM_COLUMNS = ["file", "row", "column", "came", "problem", "allowed", "remedy"]
LOG_COLUMNS = ["respondent", "row", "column", "change", "before", "after", "reason"]


# --- the door -----------------------------------------------------------------------------


def check(export: pd.DataFrame, wave: Wave, questions: Questionnaire) -> pd.DataFrame:
    """Hold an export against the questionnaire and list everything that doesn't fit.

    Returns one row a problem: `file`, `row` (as a spreadsheet numbers it; blank where the
    whole column is meant), `column`, `came`, `problem`, `allowed`, `remedy`. Nothing from a text
    field is repeated, and no key; of a wrong cell elsewhere no more than a short word or number.

    Raises ValueError when the label of the wave takes a question's column for the key.
    """
    problems: list[tuple] = []

    def complain(column, problem, rows=None, came=None, allowed="", remedy=""):
        rows = [""] if rows is None else rows
        for row, what in zip(rows, [""] * len(rows) if came is None else came.loc[rows], strict=True):
            what = "a text" if what and not SHOWN.fullmatch(what) else what
            problems.append((wave.responses.name, row, column, what, problem, allowed, remedy))

    if wave.respondent in questions.export_columns:
        raise ValueError(
            f"{wave.folder / 'wave.toml'}: respondent is {wave.respondent}, which holds answers; "
            "name the column with each respondent's key"
        )
    missing = [c for c in (wave.respondent, *questions.export_columns) if c not in export.columns]
    for column in missing:
        unknown = {c.casefold(): c for c in export.columns if c not in questions.export_columns}
        near = difflib.get_close_matches(column.casefold(), unknown, 1, 0.7)
        hint = (
            f'rename the column "{unknown[near[0]]}" if that is it'
            if near
            else "name the column that holds the keys in wave.toml, as respondent"
            if column == wave.respondent
            else "export it too, blank if it wasn't asked"
        )
        complain(column, "the column is missing", remedy=hint)
    tidy, _ = _tidy(export.reindex(columns=[wave.respondent, *questions.export_columns], fill_value=""), questions)
    if wave.respondent not in missing:
        keys = tidy[wave.respondent]
        complain(
            wave.respondent, "the respondent's key is empty", keys.index[keys.eq("")], remedy="give each row a key"
        )
        complain(
            wave.respondent,
            "this key stands there more than once",
            keys.index[keys.duplicated(keep=False) & keys.ne("")],
            remedy="keep one row a respondent",
        )
    typed: dict[str, pd.Series] = {}
    unsure: dict[str, pd.Series] = {}
    for question in questions:
        doubt = pd.Series(not set(question.export_columns).isdisjoint(missing), index=tidy.index)
        for column, allowed in _allowed(question).items():
            cells = tidy[column]
            wrong = cells.ne("") & ~cells.isin(allowed)
            codes = "; ".join(f"{a.code} is {a.label}" for a in question.options)
            remedy = "write 1 where it was ticked" if question.kind == "multiple" else f"write the code: {codes}"
            complain(column, "is not an answer to this question", cells.index[wrong], cells, ", ".join(allowed), remedy)
            doubt |= wrong
        if question.kind == "number":
            cells = tidy[question.code]
            low, high = question.minimum, question.maximum
            value = _whole_numbers(cells.cat.categories)
            inside = value.notna()
            if low is not None:
                inside &= value.ge(low)
            if high is not None:
                inside &= value.le(high)
            outside = cells.ne("") & ~_spread(cells, inside.to_numpy(bool))
            within = ("" if low is None else f" from {low}") + ("" if high is None else f" to {high}")
            remedy = "write it in figures, or leave it blank"
            complain(
                question.code, "is not such a number", cells.index[outside], cells, f"a whole number{within}", remedy
            )
            doubt |= outside
        if question.kind == "multiple":
            columns = [question.column(a.code) for a in question.options]
            several = sum(tidy[column].eq(ON).astype("int16") for column in columns).gt(1)
            for answer in (a for a in question.options if a.exclusive):
                both = tidy[question.column(answer.code)].eq(ON) & several
                complain(
                    question.column(answer.code),
                    f'"{answer.label}" is ticked together with other answers',
                    both.index[both],
                    allowed="that answer alone",
                    remedy="untick one of them at the source",
                )
        asked = _asked(question, typed, questions, tidy.index)
        for code, _ in question.asked_if.clauses:
            doubt |= unsure[code]  # who was asked can't be told, and the cause stands in the list already
        unsure[question.code] = doubt
        answered = _answered(tidy, question)
        for answer in question.text_answers:
            answered |= tidy[question.text_column(answer.code)].ne("")
        answered &= ~asked & ~doubt
        complain(
            question.code,
            "answered but wasn't asked",
            answered.index[answered],
            allowed=f"asked only when {question.asked_if}",
            remedy="mend the export, or asked_if in questions.csv if people were asked",
        )
        typed |= _type(question, tidy, asked)
    table = pd.DataFrame(problems, columns=PROBLEM_COLUMNS)
    order = {c: i for i, c in enumerate((wave.respondent, *questions.export_columns))}
    order |= {q.code: order[q.export_columns[0]] for q in questions}
    return table.sort_values("column", key=lambda c: c.map(order), kind="stable").reset_index(drop=True)


def report(problems: pd.DataFrame, wave: Wave, rows: int, full_list: Path | None = None) -> str:
    """Write the problems as one message: a line a column and kind of problem, and what to do."""
    name = f"{wave.responses.parent.name}/{wave.responses.name}"
    if problems.empty:
        return f"{name} matches the questionnaire: {rows} rows."
    noun = "problem" if len(problems) == 1 else "problems"
    lines = [f"{name} doesn't match the questionnaire: {len(problems)} {noun} in {rows} rows."]
    groups = list(problems.groupby(["column", "problem", "came", "allowed"], sort=False))
    width = max(len(str(column)) for (column, *_), _ in groups)
    for (column, problem, came, allowed), group in groups[:LINES_SHOWN]:
        numbers = [str(r) for r in group["row"] if r != ""]
        shown = ", ".join(numbers[:ROWS_SHOWN]) + (", …" if len(numbers) > ROWS_SHOWN else "")
        where = f"{'row' if len(numbers) == 1 else 'rows'} {shown}" if numbers else "whole column"
        what = f'"{came}" {problem}' if came else problem
        people = f"{len(numbers)} people: " if len(numbers) > 1 else ""
        line = f"  {column:<{width}}  {where:<18}  {people}{what}" + (f": {allowed}" if allowed else "")
        remedy = group["remedy"].iloc[0]
        lines.append(line + (f" ({remedy})" if remedy else ""))
    if len(groups) > LINES_SHOWN:
        lines.append(f"  … and {len(groups) - LINES_SHOWN} more kinds of problem")
    lines.append("Nothing was written." + (f" Full list: {full_list}" if full_list else ""))
    return "\n".join(lines)


def _allowed(question: Question) -> dict[str, list[str]]:
    """Say per column of the export which cells are allowed, for closed questions."""
    if question.kind == "multiple":
        return {question.column(a.code): [ON, OFF] for a in question.options}
    if question.kind in ("single", "statements"):
        return {column: [a.code for a in question.options] for column in question.columns}
    return {}


def _answered(tidy: pd.DataFrame, question: Question) -> pd.Series:
    """True where something was answered; for tick boxes, where at least one is ticked."""
    answered = pd.Series(False, index=tidy.index)
    for column in question.columns:
        if column in tidy.columns:
            answered |= tidy[column].eq(ON) if question.kind == "multiple" else tidy[column].ne("")
    return answered


def _asked(question: Question, typed: dict[str, pd.Series], questions: Questionnaire, people: pd.Index) -> pd.Series:
    """True for whoever a question was put to, by the answers to those before it."""
    looked_at = [column for code, _ in question.asked_if.clauses for column in questions[code].columns]
    return question.asked_if.holds(pd.DataFrame({c: typed[c] for c in looked_at}, index=people, copy=False), questions)


def _spread(cells: pd.Series, of_each: np.ndarray) -> pd.Series:
    """Spread what was found of each category of a column over its rows."""
    return pd.Series(of_each[cells.cat.codes], index=cells.index)


# --- cleaning -----------------------------------------------------------------------------


def clean(export: pd.DataFrame, wave: Wave, questions: Questionnaire) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Type an export that passed `check`; leave out who is excluded; derive the groups.

    Returns the typed responses (one row an analysed respondent, indexed by key) and the
    log (one row an exclusion or a changed cell, with its reason). Texts stay behind: of
    an open question only whether something was written goes on.
    """
    columns = [wave.respondent, *questions.export_columns]
    tidy, recodes = _tidy(export[columns], questions)
    keys = tidy[wave.respondent]
    typed: dict[str, pd.Series] = {}
    for question in questions:
        typed |= _type(question, tidy, _asked(question, typed, questions, tidy.index))
    log = []

    def note(rows, column, change, before, after, reason):
        what = (keys.loc[rows].astype(str).to_numpy(), rows, column, change, before, after, reason)
        log.append(pd.DataFrame(dict(zip(LOG_COLUMNS, what, strict=True)), index=range(len(rows)), dtype=str))

    for column, before, after in recodes:
        reason = "space, capitals or decimals taken off"
        note(before.index, column, "recoded", before.to_numpy(), after.to_numpy(), reason)
    for question in questions:
        for answer in question.named:
            column = question.column(answer.code)
            reason = f'"{answer.named_as}" recognised in the text written at another option'
            note(typed[column].index[typed[column].eq(TICKED)], column, "coded", "", TICKED, reason)
    for column in export.columns.difference(columns, sort=False):
        log.append(
            pd.DataFrame([("", "", column, "column left out", "", "", "not in the questionnaire")], None, LOG_COLUMNS)
        )
    table = pd.DataFrame(typed, index=tidy.index, copy=False)
    kept = pd.Series(True, index=tidy.index)
    for exclusion, condition, label in questions.exclusions:
        out = kept & condition.holds(table, questions)
        note(out.index[out], "", "excluded", "", exclusion, label)
        kept &= ~out
    typed |= {variable.code: _derive(variable, table) for variable in questions.derived}
    responses = pd.DataFrame(typed, index=tidy.index, copy=False)[kept]
    responses.index = pd.Index(keys[kept].astype(str), name="respondent")
    log = pd.concat(log, ignore_index=True) if log else pd.DataFrame(columns=LOG_COLUMNS)
    return responses, log.astype(str)


def flow(export: pd.DataFrame, log: pd.DataFrame, languages: dict[str, Questionnaire]) -> pd.DataFrame:
    """Count respondents step by step, from all who took part to all analysed.

    `languages` holds the questionnaire by language.
    Returns one row a step: `step`, why people were left out (`label_nl`, `label_en`), `n`.
    """
    excluded = log[log["change"].eq("excluded")]["after"].value_counts()
    reasons = [questions.exclusions for questions in languages.values()]
    rows = [("took_part", *[""] * len(reasons), len(export))]
    for reason in zip(*reasons, strict=True):
        rows.append((reason[0][0], *(label for _, _, label in reason), int(excluded.get(reason[0][0], 0))))
    rows.append(("analysed", *[""] * len(reasons), len(export) - int(excluded.sum())))
    return pd.DataFrame(rows, columns=["step", *(f"label_{language}" for language in LANGUAGES), "n"])


def _tidy(
    export: pd.DataFrame, questions: Questionnaire
) -> tuple[pd.DataFrame, list[tuple[str, pd.Series, pd.Series]]]:
    """Take off what doesn't carry meaning; return the table and, by column, the cells that changed: before, after.

    Space around an answer or a key, capitals in a code, and `,0` or `.00` behind a whole
    number (as SPSS and spreadsheets write them); never `.000`, which may be a thousand.
    """
    closed: dict[str, list[str]] = {}
    asked = set(questions.export_columns)
    for question in questions:
        closed |= _allowed(question) | ({question.code: []} if question.kind == "number" else {})
    tidy, changes = {}, []
    for column in export.columns:
        cells = export[column].astype("category")
        categories = cells.cat.categories
        plain = [_plain(cell, closed.get(column)) for cell in categories]
        changed = np.array([cell != meant for cell, meant in zip(categories, plain, strict=True)], dtype=bool)
        if changed.any():
            before, (places, meant) = cells, pd.factorize(pd.Index(plain, dtype=categories.dtype))
            codes = places[before.cat.codes]
            cells = pd.Series(pd.Categorical.from_codes(codes, meant), index=before.index)
            if column in closed or column not in asked:
                rows = before.index[changed[before.cat.codes]]
                changes.append((column, before.loc[rows], cells.loc[rows]))
        tidy[column] = cells
    return pd.DataFrame(tidy, index=export.index, copy=False), changes


def _plain(cell: str, codes: list[str] | None) -> str:
    """Take from one cell what doesn't carry meaning; `codes` are the answers of a closed question."""
    cell = cell.strip()
    if codes is None:
        return cell
    cell = re.sub(r"[.,]0{1,2}$", "", cell)
    return cell.lower() if cell not in codes and cell.lower() in codes else cell


def _type(question: Question, tidy: pd.DataFrame, asked: pd.Series) -> dict[str, pd.Series]:
    """Type the columns of one question, marking why an answer is absent."""
    if question.kind == "multiple":
        answered = asked & _answered(tidy, question)
        ticked = {a.code: tidy[question.column(a.code)].eq(ON) for a in question.options} | _names(tidy, question)
        return {
            question.column(a.code): _categories([TICKED, UNTICKED], (~ticked[a.code]).where(answered, -1), asked)
            for a in question.answers
        }
    if question.kind == "number":
        cells = tidy[question.code]
        numbers = _whole_numbers(cells.cat.categories).array.take(cells.cat.codes)
        numbers = pd.Series(numbers, index=tidy.index).where(asked)
        status = _categories([GIVEN], numbers.isna() * -1, asked)
        return {question.code: numbers, question.status_column: status}
    if question.kind == "text":
        return {question.code: _categories([GIVEN], tidy[question.code].eq("") * -1, asked)}
    codes = [a.code for a in question.options]
    places = {column: pd.Index(codes).get_indexer(tidy[column].cat.categories) for column in question.columns}
    return {column: _categories(codes, _spread(tidy[column], at), asked) for column, at in places.items()}


def _whole_numbers(texts: pd.Index) -> pd.Series:
    """Read each text as a whole number of at most fifteen digits, missing where it is none."""
    cells = pd.Series(texts, dtype=str)
    cells = cells.where(cells.str.fullmatch(r"-?\d{1,15}"), "")
    return pd.to_numeric(cells, errors="coerce").astype("Int64")


def _names(tidy: pd.DataFrame, question: Question) -> dict[str, pd.Series]:
    """Say by code of each answer that wasn't offered who wrote its name in a text field, capitals or not."""
    found = {}
    for answer in question.named:
        found[answer.code] = pd.Series(False, index=tidy.index)
    for option in question.text_answers if found else ():
        cells = tidy[question.text_column(option.code)]
        written = [re.split(r"[,;/]| en | and ", text.casefold()) for text in cells.cat.categories]
        names = [{name.strip() for name in parts} for parts in written]
        for answer in question.named:
            found[answer.code] |= _spread(cells, np.array([answer.named_as.casefold() in n for n in names], dtype=bool))
    return found


def _categories(codes: list[str], given: pd.Series, asked: pd.Series) -> pd.Series:
    """Type answers: `given` is the place of each in `codes`, -1 where there is none."""
    places = given.to_numpy().astype("int16")
    places = np.where(asked, np.where(places < 0, len(codes), places), len(codes) + 1)
    return pd.Series(pd.Categorical.from_codes(places, [*codes, NO_ANSWER, NOT_ASKED]), index=asked.index)


def _derive(variable: Question, typed: pd.DataFrame) -> pd.Series:
    """Sort respondents into the groups of a derived variable; absence is carried over."""
    source = typed[variable.source]
    status = typed.get(variable.source + STATUS, source)
    groups = pd.Series(-1, index=typed.index)
    for place, (_, values) in enumerate(variable.values):
        groups[instrument.matches(source, values)] = place
    left = groups.lt(0) & ~status.isin([NO_ANSWER, NOT_ASKED])
    if left.any():
        raise ValueError(
            f'derived.csv: "{variable.code}" has no group for {", ".join(map(str, sorted(source[left].unique())))} '
            f"of {variable.source}; give every answer a group"
        )
    return _categories([a.code for a in variable.answers], groups, status.ne(NOT_ASKED))


# --- the shared cleaned dataset -----------------------------------------------------------


def prepare(wave: Wave, problems_folder: Path | None = None) -> bool:
    """Make the cleaned dataset of a wave unless it is fresh; say whether it was made.

    Writes `responses.parquet`, `responses.csv`, `codebook.csv`, `log.csv`, `flow.csv` and
    `datapackage.json`, all or none. Raises ValueError with the report when the export
    doesn't match the questionnaire; the full list of problems is then in `problems_folder`.
    """
    if is_fresh(wave):
        return False
    languages = {language: instrument.read(wave.questionnaire, language) for language in LANGUAGES}
    questions = languages[LANGUAGES[0]]
    export = reading.read_export(wave)
    problems = check(export, wave, questions)
    full_list = write_list(problems, wave, problems_folder) if problems_folder else None
    if len(problems):
        raise ValueError(report(problems, wave, len(export), full_list))
    responses, log = clean(export, wave, questions)
    _write(wave, responses, log, flow(export, log, languages), codebook(responses, languages), questions)
    return True


def write_list(problems: pd.DataFrame, wave: Wave, folder: Path) -> Path:
    """Write the list of problems as CSV into `folder` and return its path; without problems, take the old one away."""
    path = folder / f"{wave.name}.csv"
    if problems.empty:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, problems.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return path


def codebook(responses: pd.DataFrame, languages: dict[str, Questionnaire]) -> pd.DataFrame:
    """Describe every column of the typed responses, one row a column and value.

    `languages` holds the questionnaire by language.
    Columns: `column`, `question`, `name` (of the question or derived variable), `kind`, `asked_if`,
    `label_nl`, `label_en`, `value`, `value_nl`, `value_en`, `n` (respondents with this value; of a
    number, those who gave one).
    """
    rows = []
    for column, question, part in _columns(languages[LANGUAGES[0]]):
        labels = {language: _label(questions[question.code], part) for language, questions in languages.items()}
        about = {
            "column": column,
            "question": question.source or question.code,
            "name": question.name,
            "kind": "derived" if question.source else question.kind,
            "asked_if": str(question.asked_if),
        } | {f"label_{language}": label for language, label in labels.items()}
        values = responses[column]
        if values.dtype == "Int64":
            low, high = ("" if bound is None else bound for bound in (question.minimum, question.maximum))
            rows.append(about | {"value": f"{low}..{high}", "n": int(values.notna().sum())})
            continue
        counts = values.value_counts()
        for value in values.cat.categories:
            words = {f"value_{k}": _value_label(q[question.code], value) for k, q in languages.items()}
            rows.append(about | {"value": value, "n": int(counts[value])} | words)
    order = [
        "column",
        "question",
        "name",
        "kind",
        "asked_if",
        "label_nl",
        "label_en",
        "value",
        "value_nl",
        "value_en",
        "n",
    ]
    return pd.DataFrame(rows)[order].fillna("")


def _columns(questions: Questionnaire) -> Iterator[tuple[str, Question, str]]:
    """Yield (column, question, option or statement) in the order of the typed responses."""
    for question in (*questions.questions, *questions.derived):
        if question.kind == "multiple":
            yield from ((question.column(a.code), question, a.code) for a in question.answers)
        elif question.kind == "statements":
            yield from ((question.column(s.code), question, s.code) for s in question.statements)
        else:
            yield question.code, question, ""
            if question.kind == "number":
                yield question.status_column, question, ""


def _label(question: Question, part: str) -> str:
    parts = {s.code: s.label for s in question.statements} | (
        {a.code: a.label for a in question.answers} if question.kind == "multiple" else {}
    )
    return f"{question.label}: {parts[part]}" if part else question.label


def _value_label(question: Question, value: str) -> str:
    return next((a.label for a in question.answers if a.code == value and question.kind != "multiple"), "")


def _write(
    wave: Wave, responses: pd.DataFrame, log: pd.DataFrame, steps: pd.DataFrame, book: pd.DataFrame,
    questions: Questionnaire,
) -> None:  # fmt: skip
    """Write the dataset beside its old self and swap file by file, the package last."""
    owned(wave.clean)
    sweep(wave.clean)
    (wave.clean / "datapackage.json").unlink(missing_ok=True)
    contents: dict[str, bytes | Iterator[bytes]] = {"responses.csv": _lines(responses)}
    for name, table in {"codebook.csv": book, "log.csv": log, "flow.csv": steps}.items():
        contents[name] = table.to_csv(index=False, lineterminator="\n").encode()
    contents["responses.parquet"] = responses.to_parquet()
    files = {name: write_whole(wave.clean / name, content) for name, content in contents.items()}
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": re.sub(r"[^a-z0-9._-]+", "-", wave.name.lower()),
        "title": wave.title("en"),
        "description": wave.settings.get("note", ""),
        "kind": wave.kind,
        "fingerprint": fingerprint(wave),
        "files": files,
        "resources": [
            {
                "name": "responses",
                "path": "responses.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "primaryKey": ["respondent"],
                    "fields": [
                        {"name": "respondent", "type": "string", "constraints": {"required": True, "unique": True}}
                    ]
                    + [
                        _field(column, responses[column], question, part)
                        for column, question, part in _columns(questions)
                    ],
                },
            },
        ],
    }
    package["checksum"] = checksum(package)
    write_whole(wave.clean / "datapackage.json", (json.dumps(package, indent=1, ensure_ascii=False) + "\n").encode())


def _lines(responses: pd.DataFrame) -> Iterator[bytes]:
    """Write the responses as CSV, some rows at a time: the same bytes as pandas would, in a tenth of its time."""
    yield responses.iloc[:0].reset_index().to_csv(index=False, lineterminator="\n").encode()
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    for start in range(0, len(responses), ROWS_WRITTEN):
        rows = responses.iloc[start : start + ROWS_WRITTEN].reset_index()
        cells = pyarrow.Table.from_pandas(rows, preserve_index=False)
        table = pyarrow.table({name: cells[name].cast(pyarrow.string()) for name in cells.column_names})
        out = io.BytesIO()
        try:
            pyarrow.csv.write_csv(table, out, options)
            yield out.getvalue()
        except pyarrow.ArrowInvalid:  # a key or a code that needs quotation marks
            yield rows.to_csv(index=False, header=False, lineterminator="\n").encode()


def _field(column: str, values: pd.Series, question: Question, part: str) -> dict:
    """Describe a column as a Table Schema field, its allowed values as categories and enum."""
    about = {"name": column, "title": _label(question, part), "asked_if": str(question.asked_if)}
    if values.dtype == "Int64":
        bounds = {"minimum": question.minimum, "maximum": question.maximum}
        return about | {"type": "integer", "constraints": {k: v for k, v in bounds.items() if v is not None}}
    codes = list(values.cat.categories)
    categories = [{"value": code, "label": _value_label(question, code) or code} for code in codes]
    return about | {"type": "string", "categories": categories, "constraints": {"required": True, "enum": codes}}
