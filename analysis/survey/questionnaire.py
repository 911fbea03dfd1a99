"""The instrument: questions, answers, who is asked what, and labels.

A questionnaire is a folder of plain tables, read as text:

`questions.csv`   one row a question: its kind, who is asked it, and the jump as printed
`statements.csv`  the statements of a question of kind `statements`
`answers.csv`     one row an answer option, in the order shown; the jump as printed
`derived.csv`     groups made from one question, such as users and non-users
`exclusions.csv`  who is left out of the analysis, and why

Two descriptions of the routing stand side by side: `asked_if`, the condition under
which a question was put, and the printed jumps ("go to question 17"). The conditions
decide who is in a base; `compare_routing` follows the jumps and says where they differ.

Questions, statements and answers go by their code, which names columns and stands in tables,
or by their name, which people read: `questions["q04"]["b"]` is `questions.tools["chatgpt_free"]`.
"""

import csv
import dataclasses
import difflib
import keyword
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.survey import cards
from analysis.survey.printed import Printed
from analysis.words import LANGUAGES, Text, voice

KINDS = ("single", "multiple", "statements", "text", "number")
ANSWER_KINDS = ("", "other", "dont_know", "refused", "not_applicable")

NOT_ASKED = "not_asked"
"""The routing passed this respondent by: never in a base."""
NO_ANSWER = "no_answer"
"""Asked, left blank: out of the base, always reported."""
TICKED = "yes"
UNTICKED = "no"
GIVEN = "given"
"""A text was written. The text itself goes no further than the export."""

STATUS = "_status"
"""Ending of the column that says why a number is absent."""

END = "end"
"""Printed jump: the questionnaire is finished."""
OUTSIDE = "outside"
"""Printed jump: the respondent is outside the target group and is thanked."""

TABLES = {
    "questions": ["question", "number", "kind", "asked_if", "printed_next", "minimum", "maximum", "name"],
    "statements": ["question", "statement", "name"],
    "answers": ["question", "answer", "kind", "exclusive", "text", "score", "named_as", "printed_next", "name"],
    "derived": ["variable", "answer", "source", "values", "name"],
    "exclusions": ["exclusion", "condition"],
}

RANGE = r"(\d+)\.\.(\d+)"
"""How a condition writes whole numbers, both ends among them."""

UNSAID = Text({language: "" for language in LANGUAGES})
"""Labels of what was made by hand: its one label then stands for every language."""


def _fill_in(thing: "Answer | Statement | Question") -> None:
    """Let the code be the name, and the label the one of every language, where these weren't given."""
    if not thing.name:
        object.__setattr__(thing, "name", thing.code)
    if thing.labels == UNSAID:
        object.__setattr__(thing, "labels", Text({language: thing.label for language in LANGUAGES}))


@dataclass(frozen=True)
class Answer:
    """One answer option.

    `kind` is blank for a substantive answer, else one of `ANSWER_KINDS`. `score` places
    an answer on a scale: positive agrees, zero is neutral, negative disagrees, None is
    off the scale. An answer with `named_as` was not offered: it is what respondents
    wrote at the option `other`, recognised by that text.
    """

    code: str
    label: str
    kind: str = ""
    exclusive: bool = False
    text: bool = False
    score: int | None = None
    named_as: str = ""
    printed_next: str = ""
    name: str = ""
    labels: Text = UNSAID

    def __post_init__(self) -> None:
        _fill_in(self)


@dataclass(frozen=True)
class Statement:
    """One statement of a question of kind `statements`."""

    code: str
    label: str
    name: str = ""
    labels: Text = UNSAID

    def __post_init__(self) -> None:
        _fill_in(self)


def _unknown(
    lead: str,
    wanted: str,
    there: "Iterable[Answer | Statement | Question]",
    groups: dict[str, tuple[str, ...]] | None = None,
) -> str:
    """Say behind `lead` what there is, codes with names behind them, then the groups, and what looks like `wanted`."""
    names, groups = {thing.code: thing.name for thing in there}, groups or {}
    said = lead + " " + (", ".join(c if c == name else f"{c} ({name})" for c, name in names.items()) or "none")
    if groups:
        said += "; in groups " + ", ".join(f"{group} ({'|'.join(codes)})" for group, codes in groups.items())
    near = difflib.get_close_matches(wanted, dict.fromkeys([*names.values(), *names, *groups]))
    return said + (f". Did you mean {' or '.join(near)}?" if near and wanted not in near else "")


@dataclass(frozen=True)
class Condition:
    """Whether somebody is asked: every clause must hold.

    Written `q03=a`, `q09=a|c` (either), `q23=18..29` (a whole number in that range),
    joined by ` & ` (both). A blank condition always holds.
    """

    clauses: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def parse(cls, text: str, questions: "Questionnaire | None" = None) -> "Condition":
        """Read a condition, kept in codes; raise ValueError when it isn't one.

        With `questions`, names and groups of answers are understood as well (`tools=chatgpt_free`,
        `helpful=yes|partly`), and ValueError is raised for what isn't there.
        """
        clauses = []
        for part in filter(None, (p.strip() for p in text.split("&"))):
            match = re.fullmatch(r"(\w+)\s*=\s*([\w.|\s]+)", part)
            if not match:
                raise ValueError(f'"{text}" is not a condition such as q03=a, q09=a|c or q23=18..29')
            code, values = match[1], tuple(v.strip() for v in match[2].split("|"))
            if questions is not None:
                question = questions[code]
                code, values = question.code, question._spelled(values)
            clauses.append((code, values))
        return cls(tuple(clauses))

    def __str__(self) -> str:
        return " & ".join(f"{question}={'|'.join(values)}" for question, values in self.clauses)

    def holds(self, responses: pd.DataFrame, questions: "Questionnaire") -> pd.Series:
        """True for each respondent for whom every clause holds; a blank answer never does."""
        result = pd.Series(True, index=responses.index)
        for code, values in self.clauses:
            question = questions[code]
            if question.kind == "multiple":
                result &= pd.concat([responses[question.column(v)].eq(TICKED) for v in values], axis=1).any(axis=1)
            else:
                result &= matches(responses[code], values)
        return result


def matches(answers: pd.Series, values: tuple[str, ...]) -> pd.Series:
    """True where an answer is one of `values`: codes, or ranges such as `18..29`."""
    if isinstance(answers.dtype, pd.CategoricalDtype):  # each category once, however many people
        of_each = matches(answers.cat.categories.to_series(), values).to_numpy()
        return pd.Series(np.append(of_each, False)[answers.cat.codes], index=answers.index)
    result = pd.Series(False, index=answers.index)
    for value in values:
        low, dots, high = value.partition("..")
        if dots:
            numbers = pd.to_numeric(answers, errors="coerce").astype("Float64")
            result |= numbers.between(int(low), int(high)).fillna(False).astype(bool)
        elif isinstance(answers.dtype, pd.CategoricalDtype):
            result |= answers.eq(value)
        else:
            result |= answers.astype("string").eq(value).fillna(False).astype(bool)
    return result


GROUPS = {"agree": 1, "neutral": 0, "disagree": -1}
"""Groups of answers by the sign of their score."""


class Recorded(NamedTuple):
    """Where a count of an invented wave comes from: its origin, how many of its base, what was printed and as what."""

    origin: str
    people: int
    base: int
    printed: str
    printed_as: str
    answers: str

    def readings(self) -> list[int]:
        """List the numbers of people that a printed share can be, by any reading."""
        parts = self.answers.count("|") + 1 if self.printed_as == "sum" else 1
        return Printed(self.printed, self.base, "share", parts).readings()


@dataclass(frozen=True, repr=False)
class Question:
    """One question, or one derived variable.

    `label` is in one language, `labels` and `asked` (who was asked, in words) in all.
    """

    code: str
    number: str
    kind: str
    label: str
    asked_if: Condition
    printed_next: str = ""
    minimum: int | None = None
    maximum: int | None = None
    answers: tuple[Answer, ...] = ()
    statements: tuple[Statement, ...] = ()
    source: str = ""
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    provenance: dict | None = field(default=None, compare=False)
    name: str = ""
    labels: Text = UNSAID
    asked: Text = UNSAID
    language: str = LANGUAGES[0]
    questionnaire: "Questionnaire | None" = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        _fill_in(self)

    def __repr__(self) -> str:
        return cards.question_as_text(self)

    def _repr_html_(self) -> str:
        return cards.question_as_html(self)

    @property
    def options(self) -> tuple[Answer, ...]:
        """The answers that were offered, in the order shown."""
        return tuple(a for a in self.answers if not a.named_as)

    @property
    def named(self) -> tuple[Answer, ...]:
        """The answers that respondents wrote themselves and that are recognised."""
        return tuple(a for a in self.answers if a.named_as)

    @property
    def text_answers(self) -> tuple[Answer, ...]:
        """The options with a text field behind them."""
        return tuple(a for a in self.options if a.text)

    @property
    def _codes(self) -> dict[str, str]:
        """The code of every answer, by its code and by its name."""
        return {a.name: a.code for a in self.answers} | {a.code: a.code for a in self.answers}

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The codes of the answers that agree, are neutral and disagree; a group without answers isn't there."""
        scored = [(a.code, (a.score > 0) - (a.score < 0)) for a in self.answers if a.score is not None]
        groups = {group: tuple(code for code, sign in scored if sign == wanted) for group, wanted in GROUPS.items()}
        return {group: codes for group, codes in groups.items() if codes}

    def __getitem__(self, answer: str) -> Answer:
        """Return an answer by its code or name; ValueError names those there are."""
        if (code := self._codes.get(answer)) is None:
            if answer in self.groups:
                lead = f'"{answer}" is a group of answers to {self.code}: codes("{answer}") gives their codes; it has'
            else:
                lead = f'{self.code} has no answer "{answer}"; it has'
            raise ValueError(_unknown(lead, answer, self.answers, self.groups))
        return next(a for a in self.answers if a.code == code)

    def codes(self, text: str) -> str:
        """Say answers in codes: `a|chatgpt_free` is `a|b`, and `agree` every answer with a score above 0.

        Parts are codes, names or groups (`agree`, `neutral`, `disagree`), joined by `|`; of a
        number, ranges such as `18..29`. A code comes out once. Raises ValueError for any other part.
        """
        return "|".join(self._spelled(part.strip() for part in text.split("|")))

    def _spelled(self, parts: Iterable[str]) -> tuple[str, ...]:
        codes: list[str] = []
        for part in parts:
            if self.kind == "number" and re.fullmatch(RANGE, part):
                codes.append(part)
            elif part in self.groups and part not in self._codes:
                codes += self.groups[part]
            else:
                codes.append(self[part].code)
        return tuple(dict.fromkeys(codes))

    def statement(self, text: str) -> Statement:
        """Return a statement by its code or name; ValueError names those there are."""
        by = {s.name: s for s in self.statements} | {s.code: s for s in self.statements}
        if text not in by:
            raise ValueError(_unknown(f'{self.code} has no statement "{text}"; it has', text, self.statements))
        return by[text]

    def column(self, part: str = "") -> str:
        """Name the column of one option or statement, or of the question itself."""
        return f"{self.code}_{part}" if part else self.code

    def text_column(self, answer: str) -> str:
        """Name the export's column for the text written behind an option."""
        return f"{self.code}_{answer}_text"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of this question in the typed responses, one an item."""
        if self.kind == "multiple":
            return tuple(self.column(a.code) for a in self.answers)
        if self.kind == "statements":
            return tuple(self.column(s.code) for s in self.statements)
        return (self.code,)

    @property
    def status_column(self) -> str:
        """A column of the typed responses that says who was asked this question."""
        return self.code + STATUS if self.kind == "number" else self.columns[0]

    @property
    def export_columns(self) -> tuple[str, ...]:
        """The columns of this question in an export, one an item."""
        items = [self.column(a.code) for a in self.options] if self.kind == "multiple" else self.columns
        return (*items, *(self.text_column(a.code) for a in self.text_answers))


@dataclass(frozen=True, repr=False)
class Questionnaire:
    """All questions in order, the derived variables, and who is excluded.

    `printed` gives what a document printed of the answers (`survey.printed`), where people were invented behind it; it
    is read when it is called, so that only who needs it depends on it.
    """

    language: str
    questions: tuple[Question, ...]
    derived: tuple[Question, ...] = ()
    exclusions: tuple[tuple[str, Condition, str], ...] = ()
    folder: Path | None = None
    printed: Callable[[], dict] | None = field(default=None, compare=False)
    _known: dict[str, Question] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        everything = (*self.questions, *self.derived)
        self._known.update({q.name: q for q in everything} | {q.code: q for q in everything})
        for question in everything:  # so that a question can say what it stands among
            object.__setattr__(question, "questionnaire", self)

    def __repr__(self) -> str:
        return cards.overview_as_text(self)

    def _repr_html_(self) -> str:
        return cards.overview_as_html(self)

    def __getitem__(self, question: str) -> Question:
        """Return a question or derived variable by its code or name; ValueError names those there are."""
        if question not in self._known:
            raise ValueError(self._missing(question))
        return self._known[question]

    def __getattr__(self, name: str) -> Question:
        """Return a question or derived variable as an attribute: `questions.tools`."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._known:
            raise AttributeError(self._missing(name))
        return self._known[name]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in self._known if name.isidentifier())})

    def _missing(self, wanted: str) -> str:
        return _unknown(f'there is no question "{wanted}"; there are', wanted, (*self.questions, *self.derived))

    def unit(self, text: str) -> tuple[Question, str]:
        """Read what is answered once, a question such as `q09` or a statement such as `q14_2`: question, statement.

        Names are understood too, and of a statement its name alone, where no question has that name. Raises ValueError
        for what doesn't exist, and for statements without saying which.
        """
        by_column = {
            f"{of}_{part}": (q, s.code)
            for q in self.questions
            for s in q.statements
            for of in (q.name, q.code)
            for part in (s.name, s.code)
        }
        by_name = {
            s.name: (q, s.code) for q in self.questions for s in q.statements if s.name and s.name not in self._known
        }
        question, statement = by_column.get(text) or by_name.get(text) or (self[text], "")
        if question.statements and not statement:
            columns = ", ".join(question.column(s.code) for s in question.statements)
            raise ValueError(f"{text} has statements; name one: {columns}")
        return question, statement

    def item(self, text: str) -> tuple[Question, str, str]:
        """Read an item such as `q09=a|c`, or `q14_2=1|2` of a statement: question, answers, statement.

        Names are understood too, and come out as codes: `tools=chatgpt_free`, `opinions_safe=agree`.
        Raises ValueError when it isn't one clause, or names what doesn't exist.
        """
        clauses = Condition.parse(text).clauses
        if len(clauses) != 1:
            raise ValueError(f'"{text}" is not one item, such as q09=a|c')
        ((code, answers),) = clauses
        question, statement = self.unit(code)
        codes = question.codes("|".join(answers))
        for code in codes.split("|"):
            question[code]
        return question, codes, statement

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)

    @property
    def export_columns(self) -> tuple[str, ...]:
        """Every column that an export must have, besides the respondent's key."""
        return tuple(c for q in self.questions for c in q.export_columns)


def read(folder: Path | str, language: str = "nl", provenance: pd.DataFrame | None = None) -> Questionnaire:
    """Read a questionnaire from its folder, with labels in `language`.

    `provenance`, for an invented wave, has one row a count that its source settles:
    `question`, `statement`, `answer`, `among`, `count`, `base`, `origin`, `printed`, `printed_as`.
    Raises ValueError listing everything that is wrong with the tables at once.
    """
    folder = Path(folder)
    if language not in LANGUAGES:
        raise ValueError(f'language "{language}" is not one of {", ".join(LANGUAGES)}')
    problems: list[str] = []
    tables = {name: _read_table(folder, name, problems) for name in TABLES}
    problems = problems or _problems(tables)
    if problems:
        raise ValueError(
            f"{folder} is not a questionnaire yet: {len(problems)} problem{'s' * (len(problems) > 1)}.\n  "
            + "\n  ".join(problems)
            + "\nMend the tables named above; data/README.md says what each column means."
        )
    origins: dict[str, dict] | None = None
    if provenance is not None:
        origins = {}
        for row in provenance.to_dict("records"):
            key = (row["statement"], row["answer"], row["among"])
            counted, printed = (int(row["count"]), int(row["base"])), (row["printed"], row["printed_as"], row["answer"])
            origins.setdefault(row["question"], {})[key] = Recorded(row["origin"], *counted, *printed)
    return _build(tables, language, folder, origins)


def _read_table(folder: Path, name: str, problems: list[str]) -> pd.DataFrame:
    """Read one table as text, its index the row less two; add to `problems` why it isn't a table."""
    path = folder / f"{name}.csv"
    needed = TABLES[name] + [f"label_{language}" for language in LANGUAGES]
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header, *rows = list(csv.reader(lines, strict=True)) or [[]]
    except FileNotFoundError:
        problems.append(f"{path.name} is missing: a questionnaire is {', '.join(f'{t}.csv' for t in TABLES)}")
        return pd.DataFrame(columns=needed)
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{path.name} can't be read: {error}; save it as CSV UTF-8 with commas")
        return pd.DataFrame(columns=needed)
    missing = [column for column in needed if column not in header]
    if missing:
        problems.append(f"{path.name} row 1: lacks the column {', '.join(missing)}; it has {', '.join(header)}")
    filled = {number: row for number, row in enumerate(rows) if any(row)}
    for number, row in filled.items():
        if len(row) != len(header) and not missing:
            problems.append(
                f"{path.name} row {number + 2}: {len(row)} cells for {len(header)} columns; "
                "put quotation marks around a text with a comma"
            )
    cells = [(row + [""] * len(header))[: len(header)] for row in filled.values()]
    return pd.DataFrame(cells, columns=header, index=pd.Index(list(filled), dtype=int), dtype=str)


def _problems(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Say everything that is wrong, a line each, with file and row as a spreadsheet shows it."""
    questions, answers, statements = tables["questions"], tables["answers"], tables["statements"]
    problems = []

    def complain(table, row, text):
        problems.append(f"{table}.csv row {row + 2}: {text}")

    for name, keys in [
        ("questions", ["question"]),
        ("statements", ["question", "statement"]),
        ("answers", ["question", "answer"]),
        ("derived", ["variable", "answer"]),
    ]:
        table = tables[name]
        for row in table.index[table.duplicated(keys)]:
            complain(name, row, f"{' '.join(table.loc[row, keys])} stands there twice")
        for language in LANGUAGES:
            for row in table.index[table[f"label_{language}"].str.strip().eq("")]:
                complain(name, row, f"label_{language} is empty")
    kinds = questions.set_index("question")["kind"].to_dict()
    codes = answers.groupby("question")["answer"].agg(set).to_dict()
    with_text = set(answers.loc[answers["text"].eq("yes"), "question"])
    seen: set[str] = set()
    targets = {*kinds, END, OUTSIDE, ""}
    for row, q in _numbered(questions):
        if q["kind"] not in KINDS:
            complain("questions", row, f'kind "{q["kind"]}" is not one of {", ".join(KINDS)}')
        if q["kind"] in ("single", "multiple", "statements") and q["question"] not in codes:
            complain("questions", row, f"{q['question']} has no answers in answers.csv")
        if q["kind"] == "statements" and q["question"] not in set(statements["question"]):
            complain("questions", row, f"{q['question']} has no statements in statements.csv")
        if q["printed_next"] not in targets:
            complain("questions", row, f'printed_next "{q["printed_next"]}" is not a question, {END} or {OUTSIDE}')
        for bound in ("minimum", "maximum"):
            if q[bound] and not q[bound].lstrip("-").isdigit():
                complain("questions", row, f'{bound} "{q[bound]}" is not a whole number')
        problem = _condition_problem(q["asked_if"], seen, kinds, codes)
        if problem:
            complain("questions", row, f"asked_if {problem}")
        seen.add(q["question"])
    for row, a in _numbered(answers):
        if a["question"] not in kinds:
            complain("answers", row, f'there is no question "{a["question"]}" in questions.csv')
        if a["kind"] not in ANSWER_KINDS:
            complain("answers", row, f'kind "{a["kind"]}" is not blank or one of {", ".join(ANSWER_KINDS[1:])}')
        if a["printed_next"] not in targets:
            complain("answers", row, f'printed_next "{a["printed_next"]}" is not a question, {END} or {OUTSIDE}')
        for column in ("exclusive", "text"):
            if a[column] not in ("", "yes"):
                complain("answers", row, f'{column} "{a[column]}" is not blank or yes')
        if a["named_as"] and (kinds.get(a["question"]) != "multiple" or a["question"] not in with_text):
            complain("answers", row, f"named_as needs an option of {a['question']} with text = yes, of kind multiple")
        if a["score"] and not a["score"].lstrip("-").isdigit():
            complain("answers", row, f'score "{a["score"]}" is not a whole number')
    for row, s in _numbered(statements):
        if kinds.get(s["question"]) != "statements":
            complain("statements", row, f'"{s["question"]}" is not a question of kind statements')
    derived_sources: dict[str, str] = {}
    groups: dict[str, list[tuple[int, str]]] = {}
    for row, d in _numbered(tables["derived"]):
        source = derived_sources.setdefault(d["variable"], d["source"])
        if d["variable"] in kinds:
            complain("derived", row, f'"{d["variable"]}" is already a question')
        if d["source"] != source:
            complain("derived", row, f'{d["variable"]} has two sources, "{source}" and "{d["source"]}"')
        if kinds.get(source) not in ("single", "number"):
            complain("derived", row, f'source "{source}" is not a question of kind single or number')
        elif d["answer"]:
            problem = _condition_problem(f"{source}={d['values']}", set(kinds), kinds, codes)
            if problem:
                complain("derived", row, f"values {problem}")
            groups.setdefault(d["variable"], []).append((row, "" if problem else d["values"]))
    for variable, rows in groups.items():
        problem = _grouping_problem(questions, answers, derived_sources[variable], [values for _, values in rows])
        if problem:
            complain("derived", rows[-1][0], f"{variable} {problem}")
    for row, e in _numbered(tables["exclusions"]):
        problem = _condition_problem(e["condition"], set(kinds), kinds, codes) if e["condition"] else "is empty"
        if problem:
            complain("exclusions", row, f"condition {problem}")
    for table, row, problem in _name_problems(tables):
        complain(table, row, problem)
    return problems


def _numbered(table: pd.DataFrame) -> Iterator[tuple[int, dict]]:
    """List the rows of a table, each with the number of its row."""
    return zip(table.index, table.to_dict("records"), strict=True)


def _condition_problem(text: str, before: set[str], kinds: dict, codes: dict) -> str:
    """Say what is wrong with a condition that may only look at questions in `before`."""
    try:
        condition = Condition.parse(text)
    except ValueError as error:
        return str(error)
    for question, values in condition.clauses:
        if question not in before:
            return f'"{text}" looks at "{question}", which is not asked before it'
        if kinds[question] not in ("single", "multiple", "number"):
            return f'"{text}" looks at "{question}", which is of kind {kinds[question]}'
        if kinds[question] == "number":
            wrong = [v for v in values if not (m := re.fullmatch(RANGE, v)) or int(m[1]) > int(m[2])]
            if wrong:
                return f'"{text}": {wrong[0]} is not a range such as 18..29'
        else:
            wrong = [v for v in values if v not in codes.get(question, set())]
            if wrong:
                return f'"{text}": {question} has no answer {wrong[0]}'
    return ""


def _grouping_problem(questions: pd.DataFrame, answers: pd.DataFrame, source: str, groups: list[str]) -> str:
    """Say which answers to `source` are in no group, or in more than one."""
    question = questions[questions["question"].eq(source)].iloc[0]
    parts: list = [value for values in groups if values for value in values.split("|")]
    everything: list = answers.loc[answers["question"].eq(source), "answer"].tolist()
    if question["kind"] == "number":
        if "" in groups or not (question["minimum"].isdigit() and question["maximum"].isdigit()):
            return ""
        ranges = [part.split("..") for part in parts]
        parts = [number for low, high in ranges for number in range(int(low), int(high) + 1)]
        everything = list(range(int(question["minimum"]), int(question["maximum"]) + 1))
    said = []
    for what, wrong in [
        ("no group", [str(v) for v in everything if v not in parts]),
        ("more than one group", [str(v) for v in everything if parts.count(v) > 1]),
    ]:
        if wrong and "" not in groups:
            said.append(f"has {what} for {', '.join(wrong[:5])}{', …' if len(wrong) > 5 else ''} of {source}")
    return "; ".join(said)


def _name_problems(tables: dict[str, pd.DataFrame]) -> Iterator[tuple[str, int, str]]:
    """Say which names can't be used: table, row, and what is wrong.

    A name is looked up among questions and derived variables, or among the statements or
    answers of one of them: there it is the only one, and nobody else's code.
    """
    scopes: dict[tuple[str, str], list[tuple[str, int, str, str]]] = {}
    for table, whole, part in [
        ("questions", "", "question"),
        ("derived", "variable", "answer"),
        ("statements", "question", "statement"),
        ("answers", "question", "answer"),
    ]:
        for row, cells in _numbered(tables[table]):
            scope, code = (table, cells[whole] if whole else ""), cells[part]
            if table == "derived" and not code:
                scope, code = ("questions", ""), cells["variable"]
            scopes.setdefault(scope, []).append((table, row, code, cells["name"]))
    spellings = {code: (code, name or code) for _, _, code, name in scopes.get(("questions", ""), [])}
    columns = {
        f"{of}_{part}"
        for (table, question), entries in scopes.items()
        if table == "statements"
        for _, _, code, name in entries
        for of in spellings.get(question, ())
        for part in (code, name or code)
    }
    answers = tables["answers"].to_dict("records")
    attributes = {name for kind in (Question, Questionnaire) for name in (*dir(kind), *kind.__dataclass_fields__)}
    for (table, whole), entries in scopes.items():
        parts = "groups" if table == "derived" else table
        among = f"the {parts} of {whole}" if whole else "questions and derived variables"
        codes = {code for _, _, code, _ in entries}
        groups = _groups([a for a in answers if a["question"] == whole]) if table == "answers" else {}
        rows: dict[str, tuple[str, int]] = {}
        for place, row, code, name in entries:
            said = []
            if name and (not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name)):
                said.append(
                    "is not lower-case letters and digits joined by single underscores, a letter first, "
                    "or it is a word of Python"
                )
            if name in attributes:
                said.append("is what every question or the questionnaire has itself; choose another")
            if name in codes - {code}:
                said.append(f"is the code of another among {among}; choose another")
            if name in rows:
                said.append(
                    f"stands in {rows[name][0]}.csv row {rows[name][1] + 2} too; it is given once among {among}"
                )
            if table == "questions" and name in columns:
                said.append("is what a statement is called with its question in front; choose another")
            group = groups.get(name or code, [code])
            if group != [code]:
                said.append(f"is the group of the answers {'|'.join(group)} of {whole}; choose another")
            if name:
                rows.setdefault(name, (place, row))
            for problem in said:
                yield place, row, f'name "{name or code}" {problem}'


def _groups(answers: list[dict]) -> dict[str, list[str]]:
    """Give the codes of each group of a question's answers, as far as their scores are numbers."""
    signs = {a["answer"]: np.sign(int(a["score"])) for a in answers if a["score"].lstrip("-").isdigit()}
    groups = {group: [code for code, s in signs.items() if s == sign] for group, sign in GROUPS.items()}
    return {group: codes for group, codes in groups.items() if codes}


def _build(tables: dict[str, pd.DataFrame], language: str, folder: Path, origins: dict | None) -> Questionnaire:
    label = f"label_{language}"

    def labels(row: dict) -> Text:
        return Text({language: row[f"label_{language}"] for language in LANGUAGES})

    def origins_of(code: str) -> dict | None:
        return None if origins is None else origins.get(code, {})

    answers: dict[str, list[Answer]] = {}
    for a in tables["answers"].to_dict("records"):
        answers.setdefault(a["question"], []).append(
            Answer(
                code=a["answer"],
                label=a[label],
                kind=a["kind"],
                exclusive=a["exclusive"] == "yes",
                text=a["text"] == "yes",
                score=int(a["score"]) if a["score"] else None,
                named_as=a["named_as"],
                printed_next=a["printed_next"],
                name=a["name"],
                labels=labels(a),
            )
        )
    statements: dict[str, list[Statement]] = {}
    for s in tables["statements"].to_dict("records"):
        statements.setdefault(s["question"], []).append(Statement(s["statement"], s[label], s["name"], labels(s)))
    questions = tuple(
        Question(
            code=q["question"],
            number=q["number"],
            kind=q["kind"],
            label=q[label],
            asked_if=Condition.parse(q["asked_if"]),
            printed_next=q["printed_next"],
            minimum=int(q["minimum"]) if q["minimum"] else None,
            maximum=int(q["maximum"]) if q["maximum"] else None,
            answers=tuple(answers.get(q["question"], [])),
            statements=tuple(statements.get(q["question"], [])),
            provenance=origins_of(q["question"]),
            name=q["name"],
            labels=labels(q),
            language=language,
        )
        for q in tables["questions"].to_dict("records")
    )
    asked_if = {q.code: q.asked_if for q in questions}
    derived = []
    for variable, rows in tables["derived"].groupby("variable", sort=False):
        records = rows.to_dict("records")
        groups = [r for r in records if r["answer"]]
        own = next((r for r in records if not r["answer"]), None)
        source = records[0]["source"]
        derived.append(
            Question(
                code=variable,
                number="",
                kind="single",
                label=own[label] if own else variable,
                asked_if=asked_if[source],
                answers=tuple(Answer(r["answer"], r[label], name=r["name"], labels=labels(r)) for r in groups),
                source=source,
                values=tuple((r["answer"], tuple(r["values"].split("|"))) for r in groups),
                provenance=origins_of(variable),
                name=own["name"] if own else "",
                labels=labels(own) if own else UNSAID,
                language=language,
            )
        )
    exclusions = tuple(
        (e["exclusion"], Condition.parse(e["condition"]), e[label]) for e in tables["exclusions"].to_dict("records")
    )
    unsaid = Questionnaire(language, questions, tuple(derived), exclusions, folder)
    asked, made = (
        tuple(dataclasses.replace(q, asked=_asked(q.asked_if, unsaid)) for q in group)
        for group in (unsaid.questions, unsaid.derived)
    )
    return dataclasses.replace(unsaid, questions=asked, derived=made)


def _asked(condition: Condition, questions: Questionnaire) -> Text:
    """Say in every language who was asked, everybody included."""
    said = {}
    for language in LANGUAGES:
        speaker, who = voice(language), in_words(condition, questions, language)
        whom = speaker.say("asked_if", condition=who) if who else speaker.say("everyone")
        said[language] = speaker.say("asked_of", who=whom)
    return Text(said)


def in_words(condition: Condition, questions: Questionnaire, language: str = "") -> str:
    """Say in words who was asked, blank when everybody was; in the questionnaire's language unless told otherwise."""
    speaker, parts = voice(language or questions.language), []
    for code, values in condition.clauses:
        question = questions[code]
        labels = [
            speaker.numerals(value) if ".." in value else question[value].labels[speaker.language] for value in values
        ]
        answers = speaker.listing([f"‘{label}’" for label in labels], either=True)
        parts.append(speaker.say("condition", question=question.labels[speaker.language], answers=answers))
    return speaker.listing(parts)
