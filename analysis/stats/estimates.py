"""Turn responses into estimates: shares and means, each with the values in it and their frame.

The base is everybody who was asked and answered. Whoever the routing passed by is never
in it; whoever left it blank is out of it and counted beside it. "Don't know" and "not
applicable" are answers like any other. Nothing is rounded, tested or drawn here.
"""

import difflib
import functools
import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.stats import gate, known, reliability
from analysis.stats.value import CONFIDENCE, Value
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, STATUS, TICKED, Answer, Question, Statement
from analysis.survey.terms import Terms
from analysis.words import LANGUAGES, Text

SHARE_COLUMNS = [
    "question", "statement", "statement_label", "by", "group", "group_label", "answer", "label", "kind",
    "score", "n", "base", "share", "low", "high", "no_answer", "not_asked", "origin", "reliability", "reason",
]  # fmt: skip
MEAN_COLUMNS = ["question", "by", "group", "group_label", "base", "mean", "sd", "low", "high", "no_answer", "origin"]


@dataclass(frozen=True, repr=False)
class Estimates:
    """Estimates of one question, each of them a value: `use["yes"]`, `by_care["waiting"]`.

    A key is the name or the code of an answer, a statement or a group, or several of them with
    commas: as many as it takes to mean one estimate. `frame` is the plain pandas frame, for
    whoever wants to sort, merge or plot, and of a confidential wave holds what may leave of it;
    `responses` are those that were counted.
    """

    frame: pd.DataFrame
    question: Question
    by: Question | None = None
    responses: pd.DataFrame | None = field(default=None, compare=False)

    def __getitem__(self, key: str | tuple[str, ...]) -> Value:
        return self._value(self._row(*((key,) if isinstance(key, str) else key)))

    @property
    def value(self) -> Value:
        """The only estimate there is; ValueError where there are several."""
        return self._value(self._row())

    @property
    def base(self) -> Value:
        """How many people were asked and answered; ValueError where that differs between estimates."""
        bases = self.frame["base"].unique()
        if len(bases) != 1:
            raise ValueError(
                f"{self.question.code} has several bases here: {', '.join(map(str, bases))}. "
                f"Ask for one: estimates[{self._keys()[0]!r}].base"
            )
        return replace(self._value(self.frame.iloc[0].to_dict()).base, label=self.question.labels)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return repr(self.frame)

    @property
    def released(self) -> pd.DataFrame:
        """The frame, if it is as it was let out; ValueError where somebody changed it since."""
        if "state" in self.frame and not gate.is_sound(self.frame):
            raise ValueError(
                f"the frame of these estimates of {self.question.code} was changed after it was let out, so nothing of "
                "it can leave a confidential wave. Work on a copy, and show the estimates themselves."
            )
        return self.frame

    def _row(self, *key: str) -> dict:
        """Return the only row that a key means."""
        rows = self.released
        for part in key:
            chosen = pd.Series(False, index=rows.index)
            for column, code in self._meant(part):
                chosen |= rows[column].eq(code)
            rows = rows[chosen]
        if len(rows) == 1:
            return rows.iloc[0].to_dict()
        said = ", ".join(map(repr, key))
        if len(rows):
            keys = self._keys(rows)
            more = f"{said}, " if key else ""
            raise ValueError(
                f"[{said}] means {len(rows)} estimates; say which: [{more}{keys[0]!r}] … [{more}{keys[-1]!r}]"
            )
        near = difflib.get_close_matches(key[-1], self._keys(), 1) if key else []
        hint = f'; did you mean "{near[0]}"?' if near else "."
        raise KeyError(f"there is no estimate [{said}]{hint} There are {', '.join(self._keys())}")

    def _meant(self, part: str) -> list[tuple[str, str]]:
        """List what a part of a key may be: the columns that tell rows apart, and the code meant there."""
        sources: list[tuple[str, Sequence[Answer | Statement]]]
        sources = [("answer", self.question.answers), ("statement", self.question.statements)]
        sources += [("group", self.by.answers)] if self.by else []
        told = [(column, item.code) for column, items in sources if column in self.frame for item in items
                if part in (item.code, item.name) and self.frame[column].nunique() > 1]  # fmt: skip
        return told or [(c, part) for c in ("answer", "statement", "group") if c in self.frame]

    def _keys(self, rows: pd.DataFrame | None = None) -> list[str]:
        """List the names that tell estimates apart, of the first column in which they differ."""
        rows = self.frame if rows is None else rows
        items: list[Answer | Statement] = [*self.question.answers, *self.question.statements]
        items += self.by.answers if self.by else []
        names = {item.code: item.name for item in items}
        for column in ("answer", "statement", "group"):
            if column in rows and rows[column].nunique() > 1:
                return [names.get(code, code) for code in rows[column].unique()]
        return [names.get(code, code) for code in rows.iloc[:, 0]]

    def _label(self, row: dict) -> Text:
        """Say what an estimate is about: its group, else its statement and answers."""
        if row["group"] and self.by:
            return self.by[row["group"]].labels
        return label_of(self.question, row.get("answer", ""), row.get("statement", ""))

    def _value(self, row: dict) -> Value:
        raise NotImplementedError


class Shares(Estimates):
    """Shares of one question, made by `shares` or `share`."""

    def _value(self, row: dict) -> Value:
        return replace(share_of(row), label=self._label(row))


class Means(Estimates):
    """Means of a number, in the question's own unit, made by `means`."""

    def _value(self, row: dict) -> Value:
        return replace(mean_of(row), unit=self.question.name, label=self._label(row))


@dataclass(frozen=True)
class Flow:
    """The respondents step by step, from all who took part to all who are analysed: `flow["analysed"]` is a value.

    Of a confidential wave, `terms` say what may leave of them; the steps in `printed` stand in its document.
    """

    frame: pd.DataFrame
    terms: Terms | None = None
    printed: frozenset[str] = frozenset()

    def __getitem__(self, step: str) -> Value:
        rows = self.frame[self.frame["step"].eq(step)].to_dict("records")
        if not rows:
            raise KeyError(f'there is no step "{step}"; there are {", ".join(self.frame["step"])}')
        return self.people(rows[0])

    @property
    def left_out(self) -> Value:
        """How many people were left out, for whatever reason."""
        return gate.people(int(self.frame["n"].iloc[1:-1].sum()), self.terms)

    def people(self, row: dict) -> Value:
        """The people in a row of its frame."""
        return gate.people(int(row["n"]), self.terms, row["step"] in self.printed)


def label_of(question: Question, answers: str, statement: str = "") -> Text:
    """Say in every language what answers are, written `a|c`, and which statement they are to."""
    given = [question[code].labels for code in answers.split("|") if code]
    about = [question.statement(statement).labels] if statement else []
    said = {}
    for language in LANGUAGES:
        together = " / ".join(label[language] for label in given)
        said[language] = ": ".join(filter(None, [*(label[language] for label in about), together]))
    return Text(said)


def share_of(row: dict) -> Value:
    """The value in a row of the frame of `shares`."""
    if "state" in row:
        return gate.share_of(row)
    n, base = (None if pd.isna(row[column]) else int(row[column]) for column in ("n", "base"))
    return Value(
        "share", _or_none(row["share"]), "share", n=n, of=base, low=_or_none(row["low"]),
        high=_or_none(row["high"]), origin=row["origin"], reliability=row["reliability"],
        absent=row.get("absent", "nobody"), release=row.get("release", ""), decimals=row.get("decimals"),
        least=_or_none(row.get("least", math.nan)), most=_or_none(row.get("most", math.nan)),
    )  # fmt: skip


def mean_of(row: dict) -> Value:
    """The value in a row of the frame of `means`."""
    if "state" in row:
        return gate.mean_of(row)
    base = None if pd.isna(row["base"]) else int(row["base"])
    return Value(
        "mean", _or_none(row["mean"]), of=base, low=_or_none(row["low"]), high=_or_none(row["high"]),
        origin=row["origin"], release=row.get("release", ""), decimals=row.get("decimals"),
        absent=row.get("absent", "not_calculable" if base else "nobody"),
    )  # fmt: skip


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def shares(
    responses: pd.DataFrame, question: Question, by: Question | None = None, named: bool = False,
    statements: str = "", confidence: float = CONFIDENCE, inside: bool = False,
) -> Shares:  # fmt: skip
    """Estimate what share of people gave each answer, in all or within each group of `by`.

    Parameters
    ----------
    responses
        Typed responses, one row a respondent, as `analysis.load` returns them.
    question
        A question of kind single, multiple or statements, or a derived variable.
    by
        A single question or a derived variable; its groups come in its own order.
    named
        Count what was written at "other, namely" instead of what was offered.
    statements
        Which statements, written `1|4`; all of them when blank.
    confidence
        Coverage of the interval, between 0 and 1.
    inside
        For what judges and lets nothing out: of a confidential wave too everything as it was counted.

    Returns
    -------
    Shares
        Its frame has one row per statement, group and answer, in the questionnaire's order. `score` is
        the answer's place on its scale, missing off the scale. `n` and
        `base` count people; `share`, `low` and `high` lie between 0 and 1, missing where the
        base is 0; `no_answer` were asked and left it blank, `not_asked` weren't asked; `origin` is blank, or of a
        reconstruction one of `value.ORIGINS`; what isn't known of it is missing (`known.keep`). The interval is
        Wilson's (1927): what chance alone would give if the base were a random draw, which a sample that
        recruited itself isn't. `reliability` and `reason` are the verdict of `stats.reliability`.

    Examples
    --------
    Of three who answered two said yes; a fourth was never asked.

    >>> from analysis.survey.questionnaire import Answer, Condition
    >>> answers = (Answer("y", "Yes"), Answer("n", "No"))
    >>> question = Question("q", "1", "single", "Question", Condition(), answers=answers)
    >>> four = pd.DataFrame({"q": ["y", "y", "n", "not_asked"]}, dtype="category")
    >>> found = shares(four, question)
    >>> found.frame[["answer", "n", "base"]].values.tolist()
    [['y', 2, 3], ['n', 1, 3]]
    >>> int(found["y"].count), found["n"].of
    (2, 3)
    """
    _refuse_uncounted(question)
    answers = question.named if named else question.options
    wanted = [question.statement(s).code for s in statements.split("|")] if statements else []
    rows = []
    for group, group_label, people in _groups(responses, by, question):
        for statement, statement_label, counts, base, absent in _tallies(people, question, answers):
            if wanted and statement not in wanted:
                continue
            for answer, n in zip(answers, counts, strict=True):
                among = f"{by.code}={group}" if by else ""
                origin = known.origin(question, answer.code, n, base, statement, among)
                rows.append(
                    (question.code, statement, statement_label, by.code if by else "", group, group_label)
                    + (
                        answer.code,
                        answer.label,
                        answer.kind,
                        answer.score,
                        n,
                        base,
                        *_interval(n, base, confidence),
                        *absent,
                        origin,
                    )
                )
    return _let_out(_frame(rows), question, by, responses, inside)


def share(
    responses: pd.DataFrame, question: Question, answers: str, statement: str = "", by: Question | None = None,
    label: str = "", confidence: float = CONFIDENCE, inside: bool = False,
) -> Shares:  # fmt: skip
    """Estimate what share gave any of several answers, written `a|c`; frame and `inside` as those of `shares`.

    One row, or one a group of `by`. Someone who ticked two of the answers counts once.
    """
    _refuse_uncounted(question)
    if statement or question.statements:
        statement = question.statement(statement).code
    answers = question.codes(answers)
    codes = answers.split("|")
    column = question.column(codes[0] if question.kind == "multiple" else statement)
    rows = []
    for group, group_label, people in _groups(responses, by, question):
        base, *absent = _bases(people[column])
        n = int(given(people, question, answers, statement).sum())
        among = f"{by.code}={group}" if by else ""
        origin = known.origin(question, answers, n, base, statement, among)
        words = label or " / ".join(question[c].label for c in codes)
        about = next((s.label for s in question.statements if s.code == statement), "")
        rows.append(
            (question.code, statement, about, by.code if by else "", group, group_label, answers, words, "")
            + (question[codes[0]].score if len(codes) == 1 else None,)
            + (n, base, *_interval(n, base, confidence), *absent, origin)
        )
    return _let_out(_frame(rows), question, by, responses, inside)


def _let_out(
    counted: pd.DataFrame, question: Question, by: Question | None, responses: pd.DataFrame, inside: bool
) -> Shares:
    frame = counted if inside else gate.let_out(known.keep(counted, question, by), question, by, responses)
    return Shares(frame, question, by, responses)


def given(responses: pd.DataFrame, question: Question, answers: str, statement: str = "") -> pd.Series:
    """Say of each respondent whether they gave any of several answers, written `a|c`.

    Nullable booleans: missing for whoever wasn't asked or left it blank.
    """
    codes = answers.split("|")
    if question.kind == "multiple":
        boxes = [responses[question.column(c)] for c in codes]
        gave, asked = functools.reduce(operator.or_, (box.eq(TICKED) for box in boxes)), boxes[0]
    else:
        asked = responses[question.column(statement)]
        gave = asked.isin(codes)
    absent = asked.isin([NO_ANSWER, NOT_ASKED]).to_numpy(bool)
    return pd.Series(pd.arrays.BooleanArray(gave.to_numpy(bool), absent), index=responses.index)


def sides(estimates: pd.DataFrame, question: Question, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Add up the frame of `shares` of statements by side of the scale, each statement and group apart.

    Returns the columns of `shares` and `side`: `disagree` (scores under 0), `neutral` (0),
    `agree` (over 0) or `off_scale` (no score), a row for each side that the scale has.
    """
    names = {-1: "disagree", 0: "neutral", 1: "agree"}
    side = np.sign(estimates["score"].astype("Float64")).map(names).astype("string").fillna("off_scale")
    rows = []
    for (_, _, name), block in estimates.groupby(["statement", "group", side], sort=False):
        first, n, answers = block.iloc[0], int(block["n"].sum()), "|".join(block["answer"])
        base = int(first["base"])
        among = f"{first['by']}={first['group']}" if first["by"] else ""
        low = dict(zip(("share", "low", "high"), _interval(n, base, confidence), strict=True))
        added = {"answer": answers, "label": " / ".join(block["label"]), "kind": "", "score": None, "n": n}
        origin = known.origin(question, answers, n, base, first["statement"], among)
        rows.append(first.to_dict() | added | low | {"origin": origin, "side": name})
    table = pd.DataFrame(rows, columns=[*SHARE_COLUMNS, "side"]).astype({"score": "Int64"})
    return _judged(table)


def shown_sides(estimates: Shares) -> pd.DataFrame:
    """Add up shares of statements as `sides` does; of a confidential wave each sum is counted and let out by itself."""
    question, by, responses = estimates.question, estimates.by, estimates.responses
    if responses is None or not {"state", "release"} & set(estimates.frame):
        return sides(estimates.frame, question)
    statements = "|".join(estimates.frame["statement"].unique())
    counted = sides(shares(responses, question, by, statements=statements, inside=True).frame, question)
    return gate.let_out(known.keep(counted, question, by), question, by, responses)


def same_share(share: Value, bases: list[int], confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Think of one share in groups of other sizes: `share` is where it comes from, `bases` the sizes.

    Returns the columns of the frame of `shares`, a row a size (once each), its count to the nearest person.
    """
    blank = dict.fromkeys(SHARE_COLUMNS, "") | {"score": None, "no_answer": 0, "not_asked": 0}
    rows = []
    for base in dict.fromkeys(bases):
        n = round(float(share) * base) if share.known else 0
        found = dict(zip(("share", "low", "high"), _interval(n, base, confidence), strict=True))
        rows.append(blank | {"group": str(base), "group_label": str(base), "n": n, "base": base} | found)
    return _judged(pd.DataFrame(rows, columns=SHARE_COLUMNS).astype({"score": "Int64"})).assign(release=share.release)


def means(
    responses: pd.DataFrame, question: Question, by: Question | None = None, confidence: float = CONFIDENCE,
    inside: bool = False,
) -> Means:  # fmt: skip
    """Estimate the mean of a number, in all or within each group of `by`; `inside` as for `shares`.

    Its frame has one row a group: `base` people gave a number; `mean`, `sd` (n - 1) and the
    interval `low` to `high` (Student's t) are in the question's own unit; the interval is missing
    where fewer than two gave one, or all gave the same.
    """
    if question.kind != "number":
        raise ValueError(f"{question.code} is of kind {question.kind}; means are of kind number")
    rows = []
    for group, group_label, people in _groups(responses, by, question):
        numbers = people[question.code].dropna().astype(float)
        base = len(numbers)
        mean = numbers.mean() if base else np.nan
        sd = numbers.std(ddof=1) if base > 1 else np.nan
        low, high = stats.t.interval(confidence, base - 1, mean, sd / base**0.5) if sd > 0 else (np.nan, np.nan)
        blank = int(people[question.status_column].eq(NO_ANSWER).sum())
        origin = known.origin(question, "", base, base, "", f"{by.code}={group}" if by else "")
        rows.append(
            (question.code, by.code if by else "", group, group_label, base, mean, sd, low, high, blank, origin)
        )
    counted = pd.DataFrame(rows, columns=MEAN_COLUMNS)
    shown = counted if inside else gate.means(known.keep_means(counted, question, by), question, by, responses)
    return Means(shown, question, by, responses)


def asked(responses: pd.DataFrame, questions: Iterable[Question]) -> dict[str, Value]:
    """Count who was asked each question, by its code, whether or not they answered."""
    found = {}
    for q in questions:
        open_ = gate.opened(responses, [q.status_column])
        number = int(responses[q.status_column].ne(NOT_ASKED).sum())
        known_to_all = open_ is not None or known.is_base_known(q, number)
        found[q.code] = gate.people(number, open_.terms if open_ else None) if known_to_all else known.NOBODY_KNOWS
    return found


def crosstab(responses: pd.DataFrame, question: Question, by: Question) -> pd.DataFrame:
    """Count answers by group, of whoever answered both: one row an answer, one column a group."""
    for q in (question, by):
        if q.kind != "single":
            raise ValueError(f"{q.code} is of kind {q.kind}; a crosstab takes single questions and derived variables")
    rows, columns = ([a.code for a in q.options] for q in (question, by))
    answer, group = (_codes(responses[question.code], rows), _codes(responses[by.code], columns))
    both = (answer >= 0) & (group >= 0)
    cells = answer[both].astype(int) * len(columns) + group[both]
    counts = np.bincount(cells, minlength=len(rows) * len(columns)).reshape(len(rows), len(columns))
    return pd.DataFrame(counts, pd.Index(rows, name=question.code), pd.Index(columns, name=by.code))


def _codes(answers: pd.Series, codes: list[str]) -> np.ndarray:
    """Number each answer by its place in `codes`; -1 for any other."""
    return answers.astype("category").cat.set_categories(codes).cat.codes.to_numpy()


def _refuse_uncounted(question: Question) -> None:
    """Raise TypeError for a code instead of a question, ValueError for one whose answers aren't counted."""
    _refuse_code(question)
    if question.kind not in ("single", "multiple", "statements"):
        raise ValueError(f"{question.code} is of kind {question.kind}; shares are of single, multiple or statements")


def _refuse_code(question: Question) -> None:
    """Raise TypeError for a question's code where the question itself is needed."""
    if isinstance(question, str):
        raise TypeError(f'"{question}" is a code; give the question itself: questions["{question}"]')


def _frame(rows: list[tuple]) -> pd.DataFrame:
    return _judged(pd.DataFrame(rows, columns=SHARE_COLUMNS[:-2]).astype({"score": "Int64"}))


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """Judge once how reliable each share is; the verdict travels with it from here."""
    judged = reliability.verdicts(table["n"], table["base"]).set_index(table.index)
    judged = judged[["verdict", "reason"]].where(table["base"].gt(0), "")  # of nobody there is no share to judge
    return table.assign(reliability=judged["verdict"], reason=judged["reason"])


def _groups(
    responses: pd.DataFrame, by: Question | None, question: Question
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield (group, label, its answers to a question): everybody's, or those of each group of `by` in order."""
    if by is None:
        yield "", "", responses
        return
    _refuse_code(by)
    if by.kind != "single":
        raise ValueError(f"{by.code} is of kind {by.kind}; groups come from a single question or a derived variable")
    answers = responses[[c for c in (*question.columns, question.code + STATUS) if c in responses]]
    for answer in by.options:
        yield answer.code, answer.label, answers[responses[by.code].eq(answer.code)]


def _tallies(
    people: pd.DataFrame, question: Question, answers: Sequence[Answer]
) -> Iterator[tuple[str, str, list[int], int, list[int]]]:
    """Yield (statement, its label, count per answer, base, (no answer, not asked))."""
    if question.kind == "multiple":
        base, *absent = _bases(people[question.columns[0]])
        counts = [int(people[question.column(a.code)].eq(TICKED).sum()) for a in answers]
        yield "", "", counts, base, absent
        return
    items = [(s.code, s.label) for s in question.statements] or [("", "")]
    for code, label in items:
        given = people[question.column(code)].value_counts()
        base, *absent = _bases(people[question.column(code)])
        yield code, label, [int(given.get(a.code, 0)) for a in answers], base, absent


def _bases(answers: pd.Series) -> tuple[int, int, int]:
    """Count who answered, who was asked and left it blank, and who wasn't asked."""
    no_answer, not_asked = (int(answers.eq(code).sum()) for code in (NO_ANSWER, NOT_ASKED))
    return len(answers) - no_answer - not_asked, no_answer, not_asked


def _interval(n: int, base: int, confidence: float) -> tuple[float, float, float]:
    """Return the share and its Wilson interval (Wilson 1927), missing where nobody answered."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; it lies between 0 and 1, such as 0.95")
    if not base:
        return np.nan, np.nan, np.nan
    low, high = proportion_confint(n, base, alpha=1 - confidence, method="wilson")
    return n / base, float(low), float(high)
