"""Hold every claim of a report against the data, and against arithmetic alone.

A claim is a row of `data/published/claims.csv`, read as text; what it says is in the row, so
that another report needs another file and nothing else.

`claim`      its own code
`section`    where in the report, in one word; `figure` is its number there, or blank
`place_nl`, `place_en`  where, in words; `about_nl`, `about_en` what it says, short, ours, clear by itself
`kind`       one of `KINDS`
`question`   which question or derived variable; blank for a count that isn't of answers, or when
             no closed question is about it, which makes it not testable
`statement`  which statement; of a base several, written `1|4`
`options`    answers, any of which counts: `a|c`. Of a count without them: who answered. Of a count
             without a question: steps of the flow of respondents, or kinds of question. Of a rank:
             the leaders, each by itself. Of a test: `statistic`, `df` or `p`
`among`      a condition that picks people from those who were asked; blank: all of them
`base`       how many people, as printed or as the text implies
`printed`    the number with its decimals and a point; `<0.001` is a bound; blank where words stand
`against`    of a rank: answers to exceed, blank for all others, or groups such as `q02=a; q02=c|d`.
             Of a share in words: the key of the word in `data/narrative/quantities.csv`, or where it has
             none what the words allow, in per cent: `33.3..40`. Of a test: the second group. Of
             no_difference: the question that makes the groups
`rounding`   `single`, or `sum`: each option was rounded, and then they were added
`holds`      `yes` or `no`: whether it should on data with the printed totals; blank where those don't tell
`book`       chapter, or chapter#figure, where the book has it now

Recomputing needs data; whether a share can exist at its base (`attainable`) needs none. Whether
claims agree with each other is for `agreement`.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from analysis import files
from analysis.stats import comparisons, estimates, quantities
from analysis.stats.value import Value
from analysis.survey import lists, terms, waves
from analysis.survey.printed import RULES, counts, decimals, rounded, totals, units
from analysis.survey.questionnaire import KINDS as QUESTION_KINDS
from analysis.survey.questionnaire import Condition, Question, Questionnaire
from analysis.words import Text, Voice, in_all

COLUMNS = [
    "document", "claim", "section", "place_nl", "place_en", "figure", "about_nl", "about_en", "kind", "question",
    "statement", "options", "among", "base", "printed", "against", "rounding", "holds", "book",
]  # fmt: skip
NEEDED = ("document", "claim", "section", "place_nl", "place_en", "about_nl", "about_en")
KINDS = ("count", "share", "mean", "test", "rank", "majority", "no_difference")
ATTAINABLE, AS_A_SUM, IMPOSSIBLE = ("yes", "as a sum", "no")
EQUAL, ROUNDED, DIFFERS, NOT_TESTABLE = VERDICTS = ("equal", "rounded", "differs", "not testable")
"""Of answers: as printed; as printed if rounded another way; something else; nothing to hold it against."""
TESTED = {"statistic": "statistic", "df": "df", "p": "p"}
SIGNIFICANT = 0.05
Counted = TypeVar("Counted")


Reason = tuple[str, dict[str, str]]
"""Why a claim differs or can't be tested: a key of the words, behind `audit_`, and what fills its gaps."""


class Finding(NamedTuple):
    """What the data say of a claim: the value as text, one of `VERDICTS`, and why or by how much."""

    recomputed: str
    verdict: str
    reasons: tuple[Reason, ...] = ()

    @property
    def why(self) -> str:
        """The reasons in the language of errors and logs."""
        return explain(self.reasons)["en"]


def explain(reasons: tuple[Reason, ...]) -> Text:
    """Say reasons in words, their numbers as each language writes them."""

    def say(voice: Voice) -> str:
        written = ((key, {name: voice.numerals(value) for name, value in values.items()}) for key, values in reasons)
        return "; ".join(voice.say(f"audit_{key}", **values) for key, values in written)

    return in_all(say)


@dataclass(frozen=True, eq=False)
class Data:
    """What claims are held against: typed responses, their questionnaire, and the flow of respondents.

    What was counted once is kept, for many claims ask for the same number.
    """

    responses: pd.DataFrame
    questions: Questionnaire
    steps: pd.DataFrame
    _kept: dict[tuple, Any] = field(default_factory=dict, init=False, repr=False)

    def people(self, among: str, *questions: Question) -> pd.DataFrame:
        """Return the answers to some questions of those for whom a condition holds."""
        answers = self.responses[list(dict.fromkeys(c for q in questions for c in (*q.columns, q.status_column)))]
        if not among:
            return answers
        holds = lambda: Condition.parse(among).holds(self.responses, self.questions)  # noqa: E731
        return answers[self.once(("people", among), holds)]

    def tally(self, claim: dict, options: str, among: str) -> tuple[int, int]:
        """Count who gave any of the options, and who answered, among some."""
        question, statement = self.questions[claim["question"]], claim["statement"]

        def count() -> tuple[int, int]:
            row = estimates.share(self.people(among, question), question, options, statement, inside=True).frame.iloc[0]
            return int(row["n"]), int(row["base"])

        return self.once(("tally", question.code, statement, options, among), count)

    def mean(self, claim: dict, among: str) -> tuple[float, int]:
        """Return the mean of a number among some, and how many gave one."""
        question = self.questions[claim["question"]]

        def count() -> tuple[float, int]:
            row = estimates.means(self.people(among, question), question, inside=True).frame.iloc[0]
            return float(row["mean"]), int(row["base"])

        return self.once(("mean", question.code, among), count)

    def once(self, key: tuple, count: Callable[[], Counted]) -> Counted:
        """Give what `count` gives, counted once for these data."""
        if key not in self._kept:
            self._kept[key] = count()
        return self._kept[key]


# --- the table -------------------------------------------------------------------------------


def read(wave: str | Path, questions: Questionnaire, steps: pd.DataFrame) -> pd.DataFrame:
    """Read the claims of the document whose survey a wave is, one row a claim, as text; of all, where it is of none.

    Raises ValueError listing everything that is wrong with them at once.
    """
    lists.see_report(wave)
    path = waves.read_wave(wave).survey / "published" / "claims.csv"
    table, problems = files.read_table(path, COLUMNS)
    if not problems:
        records = table.to_dict("records")
        for i, claim in enumerate(records, 2):
            problems += [f"row {i} ({claim['claim']}): {text}" for text in problems_of(claim, questions, steps)]
        twice = table.index[table.duplicated(["claim"])]
        problems += [f'row {i + 2}: claim "{table.at[i, "claim"]}" stands there already' for i in twice]
    if problems:
        many = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise ValueError(f"{path} needs mending: {many}.\n  " + "\n  ".join(problems))
    return lists.of_report(table, wave)


def problems_of(claim: dict, questions: Questionnaire, steps: pd.DataFrame) -> list[str]:
    """Say everything that is wrong with one claim: what it names must exist, what is a number must be one."""
    said = [f"{c} is blank" for c in NEEDED if not claim[c]]
    for column, allowed in [("kind", KINDS), ("rounding", ("single", "sum", "")), ("holds", ("yes", "no", ""))]:
        if claim[column] not in allowed:
            said.append(f'{column} "{claim[column]}" is not one of {", ".join(filter(None, allowed))}')
    number = r"\d+(\.\d+)?"
    if not re.fullmatch(rf"(<?-?{number})?", claim["printed"]):
        said.append(f'printed "{claim["printed"]}" is not a number such as 38.1')
    if claim["base"] and not (claim["base"].isdigit() and int(claim["base"])):
        said.append(f'base "{claim["base"]}" is not a whole number above 0')
    about_nothing = not (claim["question"] or claim["options"])
    if about_nothing and claim["holds"]:
        said.append("holds is filled, but question is blank, so it can't be tested")
    if claim["options"] and not claim["question"] and claim["kind"] != "count":
        said.append(f"question is blank; {claim['kind']} needs one")
    if said or about_nothing:
        return said
    given, kind, against = filter(None, claim["options"].split("|")), claim["kind"], claim["against"]
    in_words = kind in ("rank", "majority", "no_difference")
    if not (claim["printed"] or in_words or (kind == "share" and against)):
        said.append(f"printed is blank, and {kind} is a number")
    if claim["printed"].startswith("<") and kind != "test":
        said.append(f'printed "{claim["printed"]}" is a bound, which only a test has')
    if kind in ("count", "share") and "-" in claim["printed"]:
        said.append(f'printed "{claim["printed"]}" is below 0, which no {kind} is')
    if kind == "count" and "." in claim["printed"]:
        said.append(f'printed "{claim["printed"]}" is not a whole number')
    if "|" in claim["statement"] and (kind != "count" or claim["options"]):
        said.append(f'statement "{claim["statement"]}" is several; only a base is of several')
    if in_words and claim["printed"]:
        said.append(f"printed is filled, and {kind} is said in words")
    if kind == "share" and not claim["base"]:
        said.append("base is blank: no share without its base")
    try:
        if kind == "share" and against and not re.fullmatch(rf"{number}\.\.{number}", against):
            quantities.bounds(against)
    except ValueError as error:
        said.append(f"against {error}; nor is it a range such as 33.3..40")
    try:
        if not claim["question"]:
            known = [*steps["step"], *QUESTION_KINDS]
            said += [f'"{o}" is not a step or a kind of question: {", ".join(known)}' for o in given if o not in known]
            return said
        question = questions[claim["question"]]
        _check(Condition.parse(claim["among"]), questions)
        statements = [s.code for s in question.statements]
        said += [f'{question.code} has no statement "{s}"' for s in filter(None, claim["statement"].split("|"))
                 if s not in statements]  # fmt: skip
        if statements and not claim["statement"]:
            said.append(f"statement is blank; {question.code} has {', '.join(statements)}")
        if (kind in ("mean", "test")) != (question.kind == "number") and kind not in ("rank", "count"):
            said.append(f"{kind} can't be of {question.code}, which is of kind {question.kind}")
        if kind in ("share", "majority") and not claim["options"]:
            said.append("options is blank")
        if kind == "test":
            said += [f'options "{claim["options"]}" is not one of {", ".join(TESTED)}'] * (
                claim["options"] not in TESTED
            )
            for text in (claim["among"], against):
                _group(text, questions)
        else:
            for option in given:
                question[option]
        if kind == "no_difference":
            questions[against]
        if kind == "rank" and question.kind != "number" and not claim["options"]:
            said.append("options is blank: who leads?")
        rivals = _rivals(claim, questions) if kind == "rank" else []
        if kind == "rank" and claim["options"] and not rivals:
            said.append("options names all answers, so there is nothing to exceed")
        for rival in rivals:
            _check(Condition.parse(rival), questions) if "=" in rival else question[rival]
    except ValueError as error:
        said.append(str(error))
    return said


def _check(condition: Condition, questions: Questionnaire) -> None:
    """Raise ValueError for a question or an answer that doesn't exist."""
    for code, values in condition.clauses:
        for value in values:
            if ".." not in value:
                questions[code][value]


def _group(text: str, questions: Questionnaire) -> tuple[str, str]:
    """Read a group of one answer to one question, such as `q03=a`: both codes."""
    clauses = Condition.parse(text).clauses
    if len(clauses) != 1 or len(clauses[0][1]) != 1:
        raise ValueError(f'"{text}" is not a group of one answer, such as question=answer')
    code, (value,) = clauses[0]
    questions[code][value]
    return code, value


def _rivals(claim: dict, questions: Questionnaire) -> list[str]:
    """List what a rank must exceed: groups, or answers; blank means all other answers."""
    if "=" in claim["against"]:
        return [part.strip() for part in claim["against"].split(";")]
    leaders = claim["options"].split("|")
    others = [a.code for a in questions[claim["question"]].options if a.code not in leaders]
    return claim["against"].split("|") if claim["against"] else others


# --- against the data ------------------------------------------------------------------------


def judge(claim: dict, data: Data) -> Finding:
    """Recompute one claim from its row alone."""
    if not (claim["question"] or claim["options"]):
        return _untested("no_question")
    return _JUDGES[claim["kind"]](claim, data)


def shown(claim: dict, data: Data) -> Finding:
    """Recompute a claim as `judge` does, and keep of a confidential wave what may leave: what was printed, or a share.

    The verdict rests on exact counts. What is as printed is given as printed; of a share that differs, what the door
    shows of it; and no reason, which would say by how many people.
    """
    finding = judge(claim, data)
    if not terms.bound():
        return finding
    differs = finding.verdict == DIFFERS and claim["kind"] in ("share", "majority")
    number = claim["printed"] if finding.verdict in (EQUAL, ROUNDED) else ""
    if differs and (share := share_shown(claim, data)).known:
        number = f"{100 * float(share):.{share.decimals or 0}f}"
    return Finding(number, finding.verdict)


def share_shown(claim: dict, data: Data) -> Value:
    """Give the share that a claim is about as the door shows it."""
    question = data.questions[claim["question"]]
    people = data.people(claim["among"], question)
    return estimates.share(people, question, claim["options"], claim["statement"]).value


def _count(claim: dict, data: Data) -> Finding:
    options, questions = claim["options"].split("|"), data.questions
    if not claim["question"]:
        steps = data.steps[data.steps["step"].isin(options)]
        return _held(claim, int(steps["n"].sum()) + sum(q.kind in options for q in questions))
    if claim["options"]:
        n, base = data.tally(claim, claim["options"], claim["among"])
        return _held(claim, n, base)
    question = questions[claim["question"]]
    people = data.people(claim["among"], question)
    number = question.kind == "number"
    statements = {} if number else {"statements": claim["statement"]}
    table = (estimates.means if number else estimates.shares)(people, question, **statements, inside=True).frame
    low, high = int(table["base"].min()), int(table["base"].max())
    return _held(claim, low) if low == high else Finding(f"{low}..{high}", DIFFERS, (("not_one_base", {}),))


def _share(claim: dict, data: Data) -> Finding:
    n, base = data.tally(claim, claim["options"], claim["among"])
    if not base:
        return _untested("nobody")
    if not claim["printed"]:
        share, against = Fraction(100 * n, base), claim["against"]
        if ".." in against:
            low, high = (Fraction(bound) for bound in against.split(".."))
            inside = low <= share <= high
        else:
            ends = quantities.bounds(against)
            against = f"{ends.get('above') or ends.get('at_least') or 0}..{ends.get('below', 100)}"
            least, most = quantities.people(claim["against"], base)
            inside = least <= n <= most
        outside = [] if inside else [("outside", {"allowed": against})]
        return _said(_show(share), *outside, *_other_base(claim, base))
    if claim["rounding"] == "sum":
        parts = [Fraction(100 * data.tally(claim, o, claim["among"])[0], base) for o in claim["options"].split("|")]
        return _held(claim, parts, base)
    return _held(claim, Fraction(100 * n, base), base)


def _mean(claim: dict, data: Data) -> Finding:
    mean, base = data.mean(claim, claim["among"])
    return _held(claim, mean, base) if base else _untested("nobody")


def _test(claim: dict, data: Data) -> Finding:
    """Welch's t-test of the first group against the second; a bound such as `<0.001` is met or isn't."""
    (code, first), (other, second) = (_group(claim[c], data.questions) for c in ("among", "against"))
    if code != other:
        return _untested("no_groups", first=code, second=other)
    question, by = data.questions[claim["question"]], data.questions[code]
    found = comparisons.difference_in_means(data.responses, question, by, first, second, inside=True)
    value = found[claim["options"]].iloc[0]
    if math.isnan(value):
        return _untested("too_few")
    if claim["printed"].startswith("<"):
        bound = claim["printed"][1:]
        return _said(f"{value:.3g}", *([] if value < float(bound) else [("not_under", {"bound": bound})]))
    return _held(claim, float(value))


def _majority(claim: dict, data: Data) -> Finding:
    n, base = data.tally(claim, claim["options"], claim["among"])
    if not base:
        return _untested("nobody")
    short = base // 2 + 1 - n
    lacking = [("short", {"n": str(n), "base": str(base), "short": str(short)})] if short > 0 else []
    return _said(_show(Fraction(100 * n, base)), *lacking, *_other_base(claim, base))


def _rank(claim: dict, data: Data) -> Finding:
    """Each leader must exceed each rival: answers among the same people, or the same answers among groups."""
    number = data.questions[claim["question"]].kind == "number"

    def value(options: str, among: str) -> Fraction | None:
        if number:
            mean, base = data.mean(claim, among)
            return Fraction(mean) if base else None
        n, base = data.tally(claim, options, among)
        return Fraction(100 * n, base) if base else None

    leaders, rivals = sides(claim, data.questions)
    values = [value(*side) for side in leaders + rivals]
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return _untested("nobody")
    ours, theirs = known[: len(leaders)], known[len(leaders) :]
    lowest, highest = min(ours), max(theirs)
    rival = next(among if "=" in claim["against"] else options
                 for (options, among), v in zip(rivals, theirs, strict=True) if v == highest)  # fmt: skip
    return _said(
        f"{_show(lowest)} and {_show(highest)}", *([] if lowest > highest else [("not_above", {"rival": rival})])
    )


def sides(claim: dict, questions: Questionnaire) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """List the leaders and the rivals of a rank, each as answers and the condition of a group."""
    rivals = _rivals(claim, questions)
    if "=" in claim["against"]:
        return [(claim["options"], claim["among"])], [(claim["options"], group) for group in rivals]
    leaders = claim["options"].split("|")
    return [(o, claim["among"]) for o in leaders], [(o, claim["among"]) for o in rivals]


def _no_difference(claim: dict, data: Data) -> Finding:
    question, by = data.questions[claim["question"]], data.questions[claim["against"]]
    p = comparisons.association(data.people(claim["among"], question, by), question, by, inside=True)["p"].iloc[0]
    if math.isnan(p):
        return _untested("no_test")
    return _said(f"p = {p:.3f}", *([] if p >= SIGNIFICANT else [("significant", {"level": str(SIGNIFICANT)})]))


_JUDGES = {
    "count": _count, "share": _share, "mean": _mean, "test": _test, "rank": _rank, "majority": _majority,
    "no_difference": _no_difference,
}  # fmt: skip


def _held(claim: dict, value: float | Fraction | list[Fraction], base: int | None = None) -> Finding:
    """Hold a value, or the parts of a sum, against what is printed, at its precision and under both rules.

    A printed number that isn't the whole with its half rounded up, but its parts rounded and then added, or its half
    rounded to the even digit, is rounded another way.
    """
    places, parts = decimals(claim["printed"]), value if isinstance(value, list) else [value]
    scaled = [Fraction(part) * 10**places for part in parts]
    found = [sum(rule(part) for part in scaled) for rule in RULES.values()]
    whole, printed = RULES["half_up"](sum(scaled, Fraction())), units(claim["printed"])
    off = Decimal(found[0] - printed).scaleb(-places)
    objections = [] if printed in (whole, *found) else [("off", {"off": f"{off:+f}"})]
    objections += _other_base(claim, base)
    if objections or printed == whole:
        return _said(f"{Decimal(found[0] if objections else whole).scaleb(-places):f}", *objections)
    how = "as_a_sum" if len(parts) > 1 else "half_even"
    return Finding(f"{Decimal(whole).scaleb(-places):f}", ROUNDED, ((how, {}),))


def _other_base(claim: dict, base: int | None) -> list[Reason]:
    other = base and claim["base"] and int(claim["base"]) != base
    return [("other_base", {"base": str(base), "printed": claim["base"]})] if other else []


def _said(recomputed: str, *objections: Reason) -> Finding:
    return Finding(recomputed, DIFFERS if objections else EQUAL, objections)


def _untested(key: str, **values: str) -> Finding:
    return Finding("", NOT_TESTABLE, ((key, values),))


def _show(value: Fraction) -> str:
    return f"{float(value):.1f}"


# --- against arithmetic ----------------------------------------------------------------------


def attainable(claim: dict) -> str:
    """Say whether a printed share can exist at its base, whatever the data.

    `yes: 294` names the only number of people that gives it, `yes: 290 to 296` the range;
    `as a sum: 168` means that no number does, but its options rounded apart and then added do, with
    that total; `no` that nothing does. Blank for what isn't a printed share.
    """
    how, found = possible(claim)
    return f"{how}: {_span(found)}" if found else how


def possible(claim: dict) -> tuple[str, list[int]]:
    """Say how the printed share of a claim can exist, `""` for what isn't one, and list the numbers of people."""
    if claim["kind"] != "share" or not (claim["printed"] and claim["base"]):
        return "", []
    base, parts = int(claim["base"]), claim["options"].count("|") + 1
    if found := counts(claim["printed"], base):
        return ATTAINABLE, found
    found = totals(claim["printed"], base, parts) if parts > 1 else []
    return (AS_A_SUM, found) if found else (IMPOSSIBLE, [])


def power(base: int, decimals: int = 1, rules: tuple[str, ...] = tuple(RULES)) -> Fraction:
    """Return which part of all percentages no number of `base` people gives: 0 to 1, exactly.

    All percentages are those from 0 to 100 with so many decimals. It is the chance that a
    percentage drawn from them by lot would be noticed by `counts`; at 0 the test can notice nothing.

    >>> power(9, 0)
    Fraction(91, 101)
    """
    reached = {units for rule in rules for units in rounded(base, decimals, rule)}
    return 1 - Fraction(len(reached), 100 * 10**decimals + 1)


def _span(numbers: list[int]) -> str:
    return f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
