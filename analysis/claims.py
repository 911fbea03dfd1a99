"""Hold every claim of a report against the data, and against arithmetic alone.

A claim is a row of `data/published/claims.csv`, read as text; what it says is in the row, so
that another report needs another file and nothing else.

`claim`      its own code
`section`    where in the report, in one word; `place` says it in words, `figure` is a number or blank
`about`      what it says, short and in our words
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
             Of a share in words: what the words allow, in per cent: `33.3..40`. Of a test: the second
             group. Of no_difference: the question that makes the groups
`rounding`   `single`, or `sum`: each option was rounded, and then they were added
`holds`      `yes` or `no`: whether it should on data with the printed totals; blank where those don't tell
`book`       chapter, or chapter#figure, where the book has it now

Recomputing needs data; whether a share can exist at its base (`attainable`) needs none. Whether
claims agree with each other is for `agreement`.
"""

import csv
import functools
import math
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import comparisons, estimates, waves
from analysis.questionnaire import KINDS as QUESTION_KINDS
from analysis.questionnaire import Condition, Questionnaire

COLUMNS = [
    "claim", "section", "place", "figure", "about", "kind", "question", "statement", "options", "among",
    "base", "printed", "against", "rounding", "holds", "book",
]  # fmt: skip
KINDS = ("count", "share", "mean", "test", "rank", "majority", "no_difference")
EQUAL, DIFFERS, NOT_TESTABLE = VERDICTS = ("equal", "differs", "not testable")
TESTED = {"statistic": "statistic", "df": "df", "p": "p"}
SIGNIFICANT = 0.05
RULES = {
    "half_up": lambda value: math.floor(abs(value) + Fraction(1, 2)) * (-1 if value < 0 else 1),
    "half_even": round,
}
"""How a half is rounded: away from zero, as in print, or to the even neighbour (IEEE 754)."""


class Finding(NamedTuple):
    """What the data say of a claim: the value as text, one of `VERDICTS`, and why or by how much."""

    recomputed: str
    verdict: str
    why: str = ""


class Data(NamedTuple):
    """What claims are held against: typed responses, their questionnaire, and the flow of respondents."""

    responses: pd.DataFrame
    questions: Questionnaire
    steps: pd.DataFrame

    def people(self, among: str) -> pd.DataFrame:
        """Return the responses of those for whom a condition holds."""
        return self.responses[Condition.parse(among).holds(self.responses, self.questions)]

    def tally(self, claim: dict, options: str, among: str) -> tuple[int, int]:
        """Count who gave any of the options, and who answered, among some."""
        people = self.people(among)
        row = estimates.share(people, self.questions[claim["question"]], options, claim["statement"]).iloc[0]
        return int(row["n"]), int(row["base"])


# --- the table -------------------------------------------------------------------------------


def read(wave: str | Path, questions: Questionnaire, steps: pd.DataFrame) -> pd.DataFrame:
    """Read the claims of the survey that a wave belongs to, one row a claim, as text.

    Raises ValueError listing everything that is wrong with them at once.
    """
    path = waves.read_wave(wave).folder.parents[1] / "published" / "claims.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header, *rows = list(csv.reader(lines, strict=True)) or [[]]
    except (FileNotFoundError, csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} can't be read: {error}") from None
    problems = [f'column "{c}" is missing' for c in COLUMNS if c not in header]
    problems += [f"row {i} has {len(r)} cells for {len(header)} columns" for i, r in enumerate(rows, 2)
                 if len(r) != len(header)]  # fmt: skip
    if not problems:
        table = pd.DataFrame(rows, columns=header, dtype=str)[COLUMNS]
        records = table.to_dict("records")
        for i, claim in enumerate(records, 2):
            problems += [f"row {i} ({claim['claim']}): {text}" for text in problems_of(claim, questions, steps)]
        twice = table.index[table.duplicated(["claim"])]
        problems += [f'row {i + 2}: claim "{table.at[i, "claim"]}" stands there already' for i in twice]
    if problems:
        many = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        raise ValueError(f"{path} needs mending: {many}.\n  " + "\n  ".join(problems))
    return table


def problems_of(claim: dict, questions: Questionnaire, steps: pd.DataFrame) -> list[str]:
    """Say everything that is wrong with one claim: what it names must exist, what is a number must be one."""
    said = [f"{c} is blank" for c in ("claim", "section", "place", "about") if not claim[c]]
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
    if in_words and claim["printed"]:
        said.append(f"printed is filled, and {kind} is said in words")
    if kind == "share" and not claim["base"]:
        said.append("base is blank: no share without its base")
    if kind == "share" and against and not re.fullmatch(rf"{number}\.\.{number}", against):
        said.append(f'against "{against}" is not a range such as 33.3..40')
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
        for rival in _rivals(claim, questions) if kind == "rank" else []:
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


def evaluate(claims: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Hold each claim against the data: the claims with five columns more.

    `recomputed` is the value at the precision in print, shares in per cent; `verdict` one
    of `VERDICTS`, where equal means for a claim in words that it is so; `why` says by how much it
    differs or what keeps it from being tested; `attainable` as `attainable` has it; `fails` is
    True for a claim that should hold and doesn't, or whose share no number of people gives.
    """
    records = claims.to_dict("records")
    found = pd.DataFrame([judge(claim, data) for claim in records], columns=Finding._fields, index=claims.index)
    possible = [attainable(claim) for claim in records]
    wanting = [p == "no" or (p.startswith("as a sum") and c["rounding"] != "sum")
               for p, c in zip(possible, records, strict=True)]  # fmt: skip
    fails = claims["holds"].eq("yes") & (found["verdict"].eq(DIFFERS) | pd.Series(wanting, index=claims.index))
    return claims.assign(**found, attainable=possible, fails=fails)


def judge(claim: dict, data: Data) -> Finding:
    """Recompute one claim from its row alone."""
    if not (claim["question"] or claim["options"]):
        return Finding("", NOT_TESTABLE, "no closed question is about it")
    return _JUDGES[claim["kind"]](claim, data)


def _count(claim: dict, data: Data) -> Finding:
    options, questions = claim["options"].split("|"), data.questions
    if not claim["question"]:
        steps = data.steps[data.steps["step"].isin(options)]
        return _held(claim, int(steps["n"].sum()) + sum(q.kind in options for q in questions))
    if claim["options"]:
        n, base = data.tally(claim, claim["options"], claim["among"])
        return _held(claim, n, base)
    question = questions[claim["question"]]
    people = data.people(claim["among"])
    number = question.kind == "number"
    statements = {} if number else {"statements": claim["statement"]}
    table = (estimates.means if number else estimates.shares)(people, question, **statements)
    low, high = int(table["base"].min()), int(table["base"].max())
    return _held(claim, low) if low == high else Finding(f"{low} to {high}", DIFFERS, "not one base")


def _share(claim: dict, data: Data) -> Finding:
    n, base = data.tally(claim, claim["options"], claim["among"])
    if not base:
        return Finding("", NOT_TESTABLE, "nobody answered")
    if not claim["printed"]:
        low, high = (Fraction(bound) for bound in claim["against"].split(".."))
        share = Fraction(100 * n, base)
        outside = "" if low <= share <= high else f"outside {claim['against']}"
        return _said(_show(share), outside, *_other_base(claim, base))
    if claim["rounding"] == "sum":
        parts = [Fraction(100 * data.tally(claim, o, claim["among"])[0], base) for o in claim["options"].split("|")]
        return _held(claim, parts, base)
    return _held(claim, Fraction(100 * n, base), base)


def _mean(claim: dict, data: Data) -> Finding:
    mean, base = _mean_of(claim, data, claim["among"])
    return _held(claim, mean, base) if base else Finding("", NOT_TESTABLE, "nobody answered")


def _mean_of(claim: dict, data: Data, among: str) -> tuple[float, int]:
    row = estimates.means(data.people(among), data.questions[claim["question"]]).iloc[0]
    return float(row["mean"]), int(row["base"])


def _test(claim: dict, data: Data) -> Finding:
    """Welch's t-test of the first group against the second; a bound such as `<0.001` is met or isn't."""
    (by, first), (other, second) = (_group(claim[c], data.questions) for c in ("among", "against"))
    if by != other:
        return Finding("", NOT_TESTABLE, f"{by} and {other} make no two groups")
    q, by = data.questions[claim["question"]], data.questions[by]
    value = comparisons.difference_in_means(data.responses, q, by, first, second)[claim["options"]].iloc[0]
    if math.isnan(value):
        return Finding("", NOT_TESTABLE, "too few people, or no spread")
    if claim["printed"].startswith("<"):
        bound = claim["printed"][1:]
        return _said(f"{value:.3g}", "" if value < float(bound) else f"not under {bound}")
    return _held(claim, float(value))


def _majority(claim: dict, data: Data) -> Finding:
    n, base = data.tally(claim, claim["options"], claim["among"])
    if not base:
        return Finding("", NOT_TESTABLE, "nobody answered")
    short = base // 2 + 1 - n
    lacking = f"{n} of {base}, {short} short of more than half"
    return _said(_show(Fraction(100 * n, base)), lacking if short > 0 else "", *_other_base(claim, base))


def _rank(claim: dict, data: Data) -> Finding:
    """Each leader must exceed each rival: answers among the same people, or the same answers among groups."""
    number = data.questions[claim["question"]].kind == "number"

    def value(options: str, among: str):
        if number:
            mean, base = _mean_of(claim, data, among)
            return Fraction(mean) if base else None
        n, base = data.tally(claim, options, among)
        return Fraction(100 * n, base) if base else None

    leaders, rivals = sides(claim, data.questions)
    ours, theirs = ([value(*side) for side in sides] for sides in (leaders, rivals))
    if None in ours + theirs:
        return Finding("", NOT_TESTABLE, "nobody answered")
    lowest, highest = min(ours), max(theirs)
    rival = next(among if "=" in claim["against"] else options
                 for (options, among), v in zip(rivals, theirs, strict=True) if v == highest)  # fmt: skip
    return _said(f"{_show(lowest)} and {_show(highest)}", "" if lowest > highest else f"not above {rival}")


def sides(claim: dict, questions: Questionnaire) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """List the leaders and the rivals of a rank, each as answers and the condition of a group."""
    rivals = _rivals(claim, questions)
    if "=" in claim["against"]:
        return [(claim["options"], claim["among"])], [(claim["options"], group) for group in rivals]
    leaders = claim["options"].split("|")
    return [(o, claim["among"]) for o in leaders], [(o, claim["among"]) for o in rivals]


def _no_difference(claim: dict, data: Data) -> Finding:
    question, by = data.questions[claim["question"]], data.questions[claim["against"]]
    try:
        p = comparisons.association(data.people(claim["among"]), question, by)["p"].iloc[0]
    except ValueError as error:
        return Finding("", NOT_TESTABLE, str(error))
    return _said(f"p = {p:.3f}", "" if p >= SIGNIFICANT else f"p is under {SIGNIFICANT}")


_JUDGES = {
    "count": _count, "share": _share, "mean": _mean, "test": _test, "rank": _rank, "majority": _majority,
    "no_difference": _no_difference,
}  # fmt: skip


def _held(claim: dict, value, base: int | None = None) -> Finding:
    """Hold a value, or the parts of a sum, against what is printed, at its precision and under both rules."""
    decimals, parts = _decimals(claim["printed"]), value if isinstance(value, list) else [value]
    scaled = [Fraction(part) * 10**decimals for part in parts]
    found = [sum(rule(part) for part in scaled) for rule in RULES.values()]
    printed = _units(claim["printed"])
    shown = f"{Decimal(found[0]).scaleb(-decimals):f}"
    off = Decimal(found[0] - printed).scaleb(-decimals)
    return _said(shown, "" if printed in found else f"{off:+f}", *_other_base(claim, base))


def _other_base(claim: dict, base: int | None) -> list[str]:
    return [f"base {base}, not {claim['base']}"] if base and claim["base"] and int(claim["base"]) != base else []


def _said(recomputed: str, *objections: str) -> Finding:
    why = "; ".join(filter(None, objections))
    return Finding(recomputed, DIFFERS if why else EQUAL, why)


def _show(value: Fraction) -> str:
    return f"{float(value):.1f}"


# --- against arithmetic ----------------------------------------------------------------------


def _decimals(printed: str) -> int:
    """How many decimals stand in print."""
    return -Decimal(printed.lstrip("<")).as_tuple().exponent


def _units(printed: str) -> int:
    """A printed number in units of its last decimal: 38.1 is 381."""
    return int(Decimal(printed).scaleb(_decimals(printed)))


@functools.lru_cache(maxsize=64)
def _rounded(base: int, decimals: int, rule: str) -> tuple[int, ...]:
    """The percentage of 0, 1, … `base` people in units of its last decimal, exactly."""
    return tuple(RULES[rule](Fraction(100 * n * 10**decimals, base)) for n in range(base + 1))


def counts(printed: str, base: int, rules=tuple(RULES)) -> list[int]:
    """List how many of `base` people round to a printed percentage, under any of the rules.

    >>> counts("38.1", 771)
    [294]
    >>> counts("57.2", 294)
    []
    """
    tables = [_rounded(base, _decimals(printed), rule) for rule in rules]
    return [n for n in range(base + 1) if _units(printed) in (table[n] for table in tables)]


def totals(printed: str, base: int, parts: int = 2, rules=tuple(RULES)) -> list[int]:
    """List the totals that `parts` exclusive shares can have when they were rounded and then added.

    Each part is off by at most half a unit, which leaves few totals to try.

    >>> totals("57.2", 294)
    [168]
    """
    units, decimals = _units(printed), _decimals(printed)
    one = Fraction(base, 100 * 10**decimals)
    low = max(0, math.ceil((units - Fraction(parts, 2)) * one))
    high = min(base, math.floor((units + Fraction(parts, 2)) * one))
    tables = [_rounded(base, decimals, rule) for rule in rules]
    return [n for n in range(low, high + 1) if any(_splits(n, parts, units, table) for table in tables)]


def _splits(total: int, parts: int, units: int, rounded: tuple[int, ...]) -> bool:
    """Whether a total falls apart into so many whole numbers whose rounded shares add up to `units`."""
    if parts == 1:
        return rounded[total] == units
    return any(_splits(total - n, parts - 1, units - rounded[n], rounded) for n in range(total + 1))


def attainable(claim: dict) -> str:
    """Say whether a printed share can exist at its base, whatever the data.

    `yes: 294` names the only number of people that gives it, `yes: 290 to 296` the range;
    `as a sum: 168` means that no number does, but its options rounded apart and then added do, with
    that total; `no` that nothing does. Blank for what isn't a printed share.
    """
    if claim["kind"] != "share" or not (claim["printed"] and claim["base"]):
        return ""
    found = counts(claim["printed"], int(claim["base"]))
    if found:
        return f"yes: {_span(found)}"
    parts = claim["options"].count("|") + 1
    found = totals(claim["printed"], int(claim["base"]), parts) if parts > 1 else []
    return f"as a sum: {_span(found)}" if found else "no"


def _span(numbers: list[int]) -> str:
    return f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
