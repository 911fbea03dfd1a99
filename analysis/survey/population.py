"""Read a model of a population from tables: what share gives each answer, and what that depends on.

It stands in `model/` beside a wave to practise on, and is nobody's survey:

`shares.csv`       the share of each answer, in per cent of those asked whom no difference concerns
`differences.csv`  how many times the odds of an answer are for whoever meets a condition on earlier questions
`stops.csv`        at which questions people stop, in per cent of those who got there
`comparisons.csv`  the pairs of groups whose difference is worked out as well

Answers of one question, or of one statement, exclude each other and add up to 100. Tick boxes
don't: each is ticked by itself, an exclusive one instead of all others, and whoever would tick none
ticks a single one, in proportion to the shares. A name written behind an option is a share of those who
ticked that option; a number is a share for each range, and even within it; of a text, the share that writes one.
Several differences that concern the same person multiply; odds of 0 rule an answer out.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import files
from analysis.survey import questionnaire as instrument
from analysis.survey.chances import Difference, Part, Population
from analysis.survey.questionnaire import GIVEN, RANGE, Condition, Question, Questionnaire
from analysis.survey.waves import Wave

KIND = "practice"
"""The kind of wave that is drawn from such a model."""
TABLES = {
    "shares": ["question", "statement", "answer", "share"],
    "differences": ["question", "statement", "answer", "among", "odds"],
    "stops": ["question", "share"],
    "comparisons": ["question", "statement", "answer", "by", "first", "second"],
}
ROUNDING = 0.01
"""How far, in per cent, shares that exclude each other may add up to something else than 100."""
LOOKED_AT = ("single", "multiple", "number")
"""The kinds of question that something may depend on."""


def read(wave: Wave) -> Population:
    """Read the model that a wave to practise on is drawn from.

    Raises ValueError listing everything that is wrong with the tables in `model/` and with `[invention]` in
    `wave.toml`, or saying that the wave isn't one to practise on.
    """
    label = wave.folder / "wave.toml"
    if wave.kind != KIND:
        raise ValueError(f'{label}: kind is "{wave.kind}"; only a wave of kind "{KIND}" is drawn from a model')
    questions = instrument.read(wave.questionnaire)
    settings, problems = wave.settings.get("invention", {}), []
    for key, wanted, kind in [("seed", "a whole number", int), ("respondents", "a whole number above 0", int),
                              ("text", "a text", str)]:  # fmt: skip
        if type(settings.get(key)) is not kind or (key == "respondents" and settings[key] < 1):
            problems.append(f"wave.toml: [invention] needs {key}, {wanted}")
    tables = {}
    for name, columns in TABLES.items():
        try:
            tables[name], said = files.read_table(wave.folder / "model" / f"{name}.csv", columns)
            problems += [f"{name}.csv: {problem}" for problem in said]
        except ValueError as error:
            problems.append(str(error))
    if not problems:
        reader = _Reader(questions, problems)
        parts, stops = reader.parts(tables["shares"], tables["differences"]), reader.stops(tables["stops"])
        compared = reader.comparisons(tables["comparisons"])
    if problems:
        many = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise ValueError(
            f"no people can be drawn from {wave.folder / 'model'} yet: {many}.\n  " + "\n  ".join(problems)
            + "\nMend the tables named above; data/README.md says what each column means."
        )  # fmt: skip
    return Population(questions, parts, stops, compared, settings["respondents"], settings["seed"], settings["text"])


class _Reader:
    """Reads the tables of one model in the terms of its questionnaire, and gathers what is wrong with them."""

    def __init__(self, questions: Questionnaire, problems: list[str]):
        self.questions, self.problems = questions, problems
        self.order = {q.code: place for place, q in enumerate(questions)}
        for asked, condition in [
            *((q.code, q.asked_if) for q in questions),
            *((f'exclusion "{code}"', condition) for code, condition, _ in questions.exclusions),
        ]:
            for code, values in condition.clauses:
                if problem := self._unseen(code, values):
                    problems.append(f"the questionnaire: {asked} {problem}")

    def parts(self, shares: pd.DataFrame, differences: pd.DataFrame) -> dict[str, tuple[Part, ...]]:
        """Read shares and differences: the parts of each question, by its code."""
        given: dict[tuple[str, str], dict[str, float]] = {}
        for place, row in _rows("shares", shares):
            found = self._answers(place, row)
            share = self._number(place, "share", row["share"], "a number from 0 to 100", lambda n: 0 <= n <= 100)
            if found is None:
                continue
            question, statement, (answer, *more) = found
            known = given.setdefault((question.code, statement), {})
            if more:
                self._say(place, "answer", row["answer"], "is several answers; give each a row of its own")
            elif answer in known:
                self._say(place, "answer", row["answer"], f"stands there twice for {question.column(statement)}")
            known[answer] = np.nan if share is None else share / 100
        concern: dict[tuple[str, str], list[tuple[Condition, tuple[str, ...], float]]] = {}
        for place, row in _rows("differences", differences):
            found = self._answers(place, row)
            odds = self._number(place, "odds", row["odds"], "a number from 0, such as 1.5", lambda n: n >= 0)
            condition = self._earlier(place, row["among"], found[0]) if found else None
            if found is None or odds is None or condition is None:
                continue
            question, statement, answers = found
            unknown = [a for a in answers if a not in given.get((question.code, statement), {})]
            named = [a for a in answers if a in {n.code for n in question.named}]
            if unknown:
                self._say(place, "answer", row["answer"], "has no such row in shares.csv")
            elif named:
                self._say(place, "answer", row["answer"], "is a name that people write; only what is offered differs")
            concern.setdefault((question.code, statement), []).append((condition, answers, odds))
        return {
            question.code: tuple(
                self._part(question, s, given.get((question.code, s), {}), concern.get((question.code, s), []))
                for s in [s.code for s in question.statements] or [""]
            )
            for question in self.questions
        }

    def _part(self, question: Question, statement: str, given: dict[str, float], concern: list) -> Part:
        """Make one part, and say what keeps its shares from being one."""
        column, named = question.column(statement), {a.code for a in question.named}
        wanted = {"number": [], "text": [GIVEN]}.get(question.kind, [a.code for a in question.answers])
        missing = [answer for answer in wanted if answer not in given]
        total = 100 * sum(given.values())
        if missing or not given:
            self.problems.append(f"shares.csv: {column} lacks {', '.join(missing) or 'its ranges'}; give each a share")
        elif question.kind in ("single", "statements", "number") and abs(total - 100) > ROUNDING:
            self.problems.append(f"shares.csv: the shares of {column} add up to {total:.10g}; together they are 100")
        elif 100 * sum(given[a] for a in named) > 100 + ROUNDING:
            self.problems.append(f"shares.csv: the names written at {column} add up to more than 100")
        elif question.kind == "multiple" and not any(given[a.code] for a in question.options if not a.exclusive):
            self.problems.append(f"shares.csv: nobody ticks anything at {column}; give an option a share above 0")
        ranges = sorted(tuple(map(int, answer.split(".."))) for answer in given) if question.kind == "number" else []
        for (_, end), (start, _) in zip(ranges, ranges[1:], strict=False):
            if start <= end:
                self.problems.append(f"shares.csv: the ranges of {column} overlap at {start}")
        answers = tuple(a for a in (given if question.kind in ("number", "text") else wanted) if a not in named)
        places = {answer: place for place, answer in enumerate(answers)}
        return Part(
            question, statement, answers, np.array([given.get(a, 0.0) for a in answers]),
            tuple(Difference(c, tuple(places[a] for a in which if a in places), odds) for c, which, odds in concern),
            tuple((a.code, given.get(a.code, 0.0)) for a in question.named),
        )  # fmt: skip

    def stops(self, table: pd.DataFrame) -> dict[str, float]:
        """Read at which questions people stop: question → share between 0 and 1."""
        found: dict[str, float] = {}
        for place, row in _rows("stops", table):
            question = self._question(place, row["question"])
            share = self._number(place, "share", row["share"], "a number from 0 to under 100", lambda n: 0 <= n < 100)
            if question is None or share is None:
                continue
            if question.code in found:
                self._say(place, "question", row["question"], "stands there twice")
            found[question.code] = share / 100
        return found

    def comparisons(self, table: pd.DataFrame) -> pd.DataFrame:
        """Read which groups are compared, each name as its code."""
        rows = []
        for place, row in _rows("comparisons", table):
            found, by = self._answers(place, row, derived=True), self._question(place, row["by"], "by", derived=True)
            if found is None or by is None:
                continue
            question, statement, answers = found
            if by.kind != "single":
                self._say(place, "by", row["by"], f"is of kind {by.kind}; groups come from a single question")
                continue
            if question.kind in ("number", "text") or (question.source and self._of(question).kind == "number"):
                self._say(place, "question", row["question"], "has no shares of answers that groups can differ in")
            groups = [self._group(place, column, by, row[column]) for column in ("first", "second")]
            if groups[0] == groups[1] and groups[0]:
                self._say(place, "second", row["second"], "is the first group too")
            rows.append((question.code, statement, "|".join(answers), by.code, *groups))
        return pd.DataFrame(rows, columns=TABLES["comparisons"])

    def _of(self, question: Question) -> Question:
        """The question that was asked: of a derived variable its source."""
        return self.questions[question.source] if question.source else question

    def _group(self, place: str, column: str, by: Question, name: str) -> str:
        try:
            return by[name].code
        except ValueError as error:
            self._say(place, column, "", str(error))
            return ""

    def _question(self, place: str, name: str, column: str = "question", derived: bool = False) -> Question | None:
        try:
            question = self.questions[name]
        except ValueError as error:
            self._say(place, column, "", str(error))
            return None
        if question.source and not derived:
            self._say(place, column, name, f"is made from {question.source}; name that question")
            return None
        return question

    def _answers(self, place: str, row: dict, derived: bool = False) -> tuple[Question, str, tuple[str, ...]] | None:
        """Read question, statement and answers of a row, in codes; None, and what is wrong said, where that fails."""
        question = self._question(place, row["question"], derived=derived)
        if question is None:
            return None
        statement = ""
        try:
            if question.statements or row["statement"]:
                statement = question.statement(row["statement"]).code
        except ValueError as error:
            self._say(place, "statement", "", str(error))
            return None
        if question.kind == "text":
            return self._allowed(place, question, row["answer"], row["answer"] == GIVEN, f"is not {GIVEN}")
        if question.kind == "number":
            ends = re.fullmatch(RANGE, row["answer"])
            low, high = (int(end) for end in ends.groups()) if ends else (1, 0)
            least, most = question.minimum, question.maximum
            right = low <= high and (least is None or least <= low) and (most is None or high <= most)
            bounds = ("" if least is None else f" from {least}") + ("" if most is None else f" to {most}")
            return self._allowed(place, question, row["answer"], right, f"is not a range{bounds}, such as 16..29")
        try:
            return question, statement, tuple(question.codes(row["answer"]).split("|"))
        except ValueError as error:
            self._say(place, "answer", "", str(error))
            return None

    def _allowed(
        self, place: str, question: Question, answer: str, right: bool, problem: str
    ) -> tuple[Question, str, tuple[str, ...]] | None:
        if right:
            return question, "", (answer,)
        self._say(place, "answer", answer, problem)
        return None

    def _earlier(self, place: str, text: str, question: Question) -> Condition | None:
        """Read a condition on questions before this one, with derived variables as what they are made from."""
        try:
            condition = Condition.parse(text, self.questions)
            if not condition.clauses:
                raise ValueError("is blank; without a condition it belongs in shares.csv")
        except ValueError as error:
            self._say(place, "among", "", str(error))
            return None
        condition = in_sources(condition, self.questions)
        for code, values in condition.clauses:
            if problem := self._unseen(code, values):
                self._say(place, "among", text, problem)
                return None
            if self.order[code] >= self.order[question.code]:
                self._say(place, "among", text, f"looks at {code}, which is not asked before {question.code}; "
                          "let the later question depend on the earlier one")  # fmt: skip
                return None
        return condition

    def _unseen(self, code: str, values: tuple[str, ...]) -> str:
        """Say what in a clause of a condition nothing that is drawn can depend on; blank where all is well."""
        question = self.questions[code]
        if question.kind not in LOOKED_AT:
            return f"looks at {code}, of kind {question.kind}; something may depend on {', '.join(LOOKED_AT)}"
        written = [value for value in values if value in {a.code for a in question.named}]
        return f"looks at {', '.join(written)} of {code}, which people write themselves; look at an option" * bool(
            written
        )

    def _number(self, place: str, column: str, text: str, wanted: str, right: Callable[[float], bool]) -> float | None:
        number = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else -1.0
        if right(number):
            return number
        self._say(place, column, text, f"is not {wanted}")
        return None

    def _say(self, place: str, column: str, came: str, problem: str) -> None:
        """Note what is wrong with a cell: what came, unless the problem says so itself, and what is allowed."""
        self.problems.append(f'{place}: {column} "{came}" {problem}' if came else f"{place}: {column}: {problem}")


def in_sources(condition: Condition, questions: Questionnaire) -> Condition:
    """Say a condition in what was asked: a group of a derived variable as the answers it is made from."""
    clauses = []
    for code, values in condition.clauses:
        question = questions[code]
        made = dict(question.values)
        clauses.append((question.source, tuple(v for group in values for v in made[group])) if question.source
                       else (code, values))  # fmt: skip
    return Condition(tuple(clauses))


def folder(wave: Wave) -> Path:
    """Where the truth that a wave was drawn from stands."""
    return wave.folder / "truth"


def _rows(name: str, table: pd.DataFrame) -> Iterator[tuple[str, dict]]:
    """List the rows of a table, each with where it stands."""
    for number, row in enumerate(table.to_dict("records"), 2):
        yield f"{name}.csv row {number}", row
