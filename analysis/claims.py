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

Recomputing needs data. Whether a share can exist at its base (`attainable`) and whether
claims agree with each other (`together`) needs none.
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

import analysis
from analysis import comparisons, estimates, files, waves
from analysis import language as lang
from analysis.questionnaire import KINDS as QUESTION_KINDS
from analysis.questionnaire import Condition, Questionnaire

COLUMNS = [
    "claim", "section", "place", "figure", "about", "kind", "question", "statement", "options", "among",
    "base", "printed", "against", "rounding", "holds", "book",
]  # fmt: skip
AUDIT_COLUMNS = [
    "id", "section", "figure", "question", "options", "population", "base", "printed", "recomputed", "verdict",
    "attainable", "kind", "about", "place", "holds", "book",
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
ENDLESS = 10**9


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

    leaders, rivals = _sides(claim, data.questions)
    ours, theirs = ([value(*side) for side in sides] for sides in (leaders, rivals))
    if None in ours + theirs:
        return Finding("", NOT_TESTABLE, "nobody answered")
    lowest, highest = min(ours), max(theirs)
    rival = next(among if "=" in claim["against"] else options
                 for (options, among), v in zip(rivals, theirs, strict=True) if v == highest)  # fmt: skip
    return _said(f"{_show(lowest)} and {_show(highest)}", "" if lowest > highest else f"not above {rival}")


def _sides(claim: dict, questions: Questionnaire) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
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


# --- against each other ----------------------------------------------------------------------


class Known(NamedTuple):
    """What print alone says of a number of people: between `low` and `high`, by these claims."""

    low: int
    high: int
    claims: tuple[str, ...]


def together(claims: pd.DataFrame, questions: Questionnaire, steps: pd.DataFrame) -> pd.DataFrame:
    """Hold printed claims against each other, without any data.

    Returns one row a check: `check`, `people` (which number it is about), `claims` (their codes),
    `found`, `agree`, and `known_wrong`: True when a contradiction goes away without the claims
    marked as not holding. The checks:

    `same`      the same number in summary, text and figures; as a count, a share or a base
    `parts`     exclusive answers add up to their base, or leave a rest
    `sum`       several answers together are what each is by itself
    `groups`    those who gave an answer in separate groups don't exceed those who gave it in all
    `flow`      who took part, less who was left out, is who was analysed
    `majority`  what is called one is more than half
    `order`     what is called more is more
    """
    table = _checks(claims, questions, steps)
    trusted = _checks(claims[claims["holds"].ne("no")], questions, steps)
    still = set(trusted.loc[~trusted["agree"].astype(bool), "people"])
    wrong = [not agree and people not in still for agree, people in zip(table["agree"], table["people"], strict=True)]
    return table.assign(known_wrong=wrong)


def _checks(claims: pd.DataFrame, questions: Questionnaire, steps: pd.DataFrame) -> pd.DataFrame:
    records = claims.to_dict("records")
    facts = _facts(records, questions)
    known = {key: _join(listed) for key, listed in facts.items()}
    rows = []
    for key, listed in facts.items():
        if len(listed) > 1:
            found = known[key]
            spread = sorted({f"{_range(f)} by {len([g for g in listed if g[:2] == f[:2]])}" for f in listed})
            rows.append(("same", _name(key), found.claims, ", ".join(spread), found.low <= found.high))
    bases = {_key(c, questions): int(c["base"]) for c in records if c["base"] and c["options"]}
    rows += _parts(known, bases, questions)
    rows += _groups(known)
    rows += _flow(records, steps)
    rows += _words(records, known, bases, questions)
    return pd.DataFrame(rows, columns=["check", "people", "claims", "found", "agree"])


def _key(claim: dict, questions: Questionnaire, options: str | None = None, among: str | None = None) -> tuple:
    """Name a number of people: question, statement, answers, condition."""
    options = claim["options"] if options is None else options
    among = claim["among"] if among is None else among
    return claim["question"], claim["statement"], tuple(sorted(options.split("|"))), str(Condition.parse(among))


def _name(key: tuple) -> str:
    question, statement, options, among = key
    return f"{question}{'_' * bool(statement)}{statement}={'|'.join(options)}" + (f" if {among}" if among else "")


def _facts(records: list[dict], questions: Questionnaire) -> dict[tuple, list[Known]]:
    """List what each claim says of numbers of people: of who answered so, and of who was asked."""
    facts: dict[tuple, list[Known]] = {}
    for claim in records:
        if not claim["question"] or claim["kind"] not in ("share", "count"):
            continue
        of_base = claim["kind"] == "count" and not claim["options"]
        if claim["printed"] and not of_base:
            numbers = [int(claim["printed"])] if claim["kind"] == "count" else _possible(claim)
            if numbers:
                facts.setdefault(_key(claim, questions), []).append(Known(numbers[0], numbers[-1], (claim["claim"],)))
        question, base = questions[claim["question"]], claim["printed"] if of_base else claim["base"]
        asked = Condition.parse(claim["among"]).clauses or question.asked_if.clauses
        # Who answered can't be more than who was asked: a base is the least that a group can be.
        if base and len(asked) == 1 and (
            not claim["among"] or questions[asked[0][0]].asked_if == question.asked_if
        ):  # fmt: skip
            key = (asked[0][0], "", tuple(sorted(asked[0][1])), "")
            facts.setdefault(key, []).append(Known(int(base), ENDLESS, (claim["claim"],)))
    return facts


def _possible(claim: dict) -> list[int]:
    """List the numbers of people that a printed share allows."""
    base, parts = int(claim["base"]), claim["options"].count("|") + 1
    return counts(claim["printed"], base) or (totals(claim["printed"], base, parts) if parts > 1 else [])


def _join(listed: list[Known]) -> Known:
    claims = tuple(dict.fromkeys(c for fact in listed for c in fact.claims))
    return Known(max(f.low for f in listed), min(f.high for f in listed), claims)


def _range(fact: Known) -> str:
    if fact.high == ENDLESS:
        return f"at least {fact.low}"
    return str(fact.low) if fact.low == fact.high else f"{fact.low} to {fact.high}"


def _parts(known: dict, bases: dict, questions: Questionnaire) -> list[tuple]:
    """Add up exclusive answers: to their base when all are known, to what is printed of several."""
    rows = []
    for question, statement, among in dict.fromkeys((k[0], k[1], k[3]) for k in known):
        if questions[question].kind not in ("single", "statements"):
            continue
        single = {k[2][0]: v for k, v in known.items() if (k[0], k[1], k[3]) == (question, statement, among)
                  and len(k[2]) == 1}  # fmt: skip
        base = max((b for k, b in bases.items() if (k[0], k[1], k[3]) == (question, statement, among)), default=0)
        low, high = sum(f.low for f in single.values()), sum(f.high for f in single.values())
        claims = tuple(dict.fromkeys(c for f in single.values() for c in f.claims))
        if base and len(single) > 1:
            everything = len(single) == len(questions[question].options)
            name = _name((question, statement, tuple(single), among))
            rest = "" if everything else f", {base - low} left"
            found = f"{' + '.join(str(f.low) for f in single.values())} of {base}{rest}"
            rows.append(("parts", name, claims, found, low <= base <= high if everything else low <= base))
        for key, whole in known.items():
            several = (key[0], key[1], key[3]) == (question, statement, among) and len(key[2]) > 1
            if several and set(key[2]) <= set(single):
                pieces = [single[o] for o in key[2]]
                low, high = sum(p.low for p in pieces), sum(p.high for p in pieces)
                found = f"{' + '.join(str(p.low) for p in pieces)} and {_range(whole)}"
                claims = whole.claims + tuple(c for p in pieces for c in p.claims)
                rows.append(("sum", _name(key), tuple(dict.fromkeys(claims)), found,
                             low <= whole.high and whole.low <= high))  # fmt: skip
    return rows


def _groups(known: dict) -> list[tuple]:
    """Add up those who gave the same answer in separate groups, beside those who gave it in all."""
    rows, of = [], {}
    for key, fact in known.items():
        clauses = Condition.parse(key[3]).clauses
        if len(clauses) == 1 and (*key[:3], "") in known:
            of.setdefault((*key[:3], clauses[0][0]), []).append((clauses[0][1], fact))
    for (*key, by), groups in of.items():
        values = [v for group, _ in groups for v in group]
        if len(groups) > 1 and len(values) == len(set(values)):
            whole, low = known[(*key, "")], sum(f.low for _, f in groups)
            found = f"{' + '.join(str(f.low) for _, f in groups)} of {_range(whole)}, {whole.high - low} left"
            claims = tuple(dict.fromkeys(c for f in (*(f for _, f in groups), whole) for c in f.claims))
            rows.append(("groups", f"{_name((*key, ''))} by {by}", claims, found, low <= whole.high))
    return rows


def _flow(records: list[dict], steps: pd.DataFrame) -> list[tuple]:
    """Take those left out from those who took part, when print gives every step."""
    names = list(steps["step"])
    said = [
        (c["options"], int(c["printed"]), c["claim"]) for c in records if not c["question"] and c["options"] in names
    ]
    numbers = [sorted({n for step, n, _ in said if step == name}) for name in names]
    if not all(numbers):
        return []
    (first, *out, last) = numbers
    agree = all(len(n) == 1 for n in numbers) and first[0] - sum(n[0] for n in out) == last[0]
    found = " - ".join("/".join(map(str, n)) for n in (first, *out)) + f" = {'/'.join(map(str, last))}"
    return [("flow", "respondents", tuple(c for *_, c in said), found, agree)]


def _words(records: list[dict], known: dict, bases: dict, questions: Questionnaire) -> list[tuple]:
    """Hold words such as majority and most against the numbers that print gives, where those decide."""
    rows = []

    def bounds(claim: dict, options: str, among: str):
        key = _key(claim, questions, options, among)
        fact, base = known.get(key), bases.get(key)
        if not (fact and base):
            return None
        return Fraction(fact.low, base), Fraction(min(fact.high, base), base), fact.claims

    for claim in filter(lambda c: c["question"], records):
        if claim["kind"] == "majority":
            share = bounds(claim, claim["options"], claim["among"])
            half = Fraction(1, 2)
            if share and (share[0] > half or share[1] <= half):
                found = f"{100 * float(share[0]):.1f}"
                people = f"{claim['claim']}: {_name(_key(claim, questions))}"
                rows.append(("majority", people, (claim["claim"], *share[2]), found, share[0] > half))
        elif claim["kind"] == "rank" and questions[claim["question"]].kind != "number":
            ours, theirs = ([bounds(claim, *side) for side in sides] for sides in _sides(claim, questions))
            decided = [(o, t) for o in ours if o for t in theirs if t]
            beaten = [(o, t) for o, t in decided if o[1] <= t[0]]
            if beaten or (decided and None not in ours + theirs and all(o[0] > t[1] for o, t in decided)):
                o, t = beaten[0] if beaten else min(decided, key=lambda pair: pair[0][0] - pair[1][1])
                found = f"{100 * float(o[0]):.1f} and {100 * float(t[0]):.1f}"
                people = f"{claim['claim']}: {_name(_key(claim, questions))}"
                rows.append(("order", people, (claim["claim"], *o[2], *t[2]), found, not beaten))
    return rows


# --- the audit -------------------------------------------------------------------------------


def audit(wave: str | Path, out: str | Path = Path("_build") / "audit.csv") -> int:
    """Hold all claims against a wave, print what came out, and write the whole list as CSV.

    Returns the exit code: 1 when a claim that should hold doesn't, else 0. Raises
    ValueError when the claims can't be read.
    """
    questions, steps = analysis.questions(wave, "en"), analysis.flow(wave)
    claims = read(wave, questions, steps)
    found = evaluate(claims, Data(analysis.load(wave), questions, steps))
    checks = together(claims, questions, steps)
    files.write_whole(Path(out), listing(found, questions).to_csv(index=False, lineterminator="\n").encode("utf-8"))
    print(report(found, checks, analysis.wave(wave).kind == "synthetic"))
    print(f"Full list: {out}")
    return int(found["fails"].any())


def listing(found: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Lay out evaluated claims for readers: one row a claim, the columns of `AUDIT_COLUMNS`."""
    rows = []
    for claim in found.to_dict("records"):
        item, population = "", ""
        if claim["question"]:
            question = questions[claim["question"]]
            item = question.code + (f"_{claim['statement']}" if claim["statement"] else "")
            asked = " & ".join(filter(None, (str(question.asked_if), claim["among"])))
            population = lang.condition(Condition.parse(asked), questions)
        verdict = claim["verdict"] + (f": {claim['why']}" if claim["why"] else "")
        rows.append(claim | {"id": claim["claim"], "question": item, "population": population, "verdict": verdict})
    return pd.DataFrame(rows, columns=AUDIT_COLUMNS)


def report(found: pd.DataFrame, checks: pd.DataFrame, synthetic: bool) -> str:
    """Sum up evaluated claims in a few lines: by kind and verdict, attainability, contradictions, failures."""
    table = pd.crosstab(found["kind"], found["verdict"]).reindex(index=KINDS, columns=VERDICTS, fill_value=0)
    table = pd.concat([table, table.sum().rename("all").to_frame().T])
    lines = [f"{len(found)} claims, {found['printed'].ne('').sum()} of them with a number", table.to_string()]
    if synthetic:
        lines.append(
            "This wave was made from the printed figures, so equal was to be expected; the checks below need no data."
        )
    shares = found[found["attainable"].ne("")]
    word = shares["attainable"].str.partition(":")[0]
    lines.append(f"{len(shares)} printed shares: {word.eq('yes').sum()} are a whole number of people")
    for answer, label in [("as a sum", "only a sum of rounded shares"), ("no", "impossible")]:
        items = [f"{c['printed']} of {c['base']} (total{c['attainable'].partition(':')[2] or ' none'}; {c['claim']})"
                 for c in shares[word.eq(answer)].to_dict("records")]  # fmt: skip
        lines.append(f"  {label}: {', '.join(items) or 'none'}")
    against = checks[~checks["agree"].astype(bool)].to_dict("records")
    lines.append(f"{len(checks)} checks of claims against each other: {len(against)} contradict")
    lines += [f"  {c['check']}: {c['people']}: {c['found']}{' (known)' * c['known_wrong']}" for c in against]
    marked = found["holds"].eq("no")
    for label, rows in [
        ("Marked as wrong in print, and wrong", found[marked & found["verdict"].eq(DIFFERS)]),
        ("Marked as wrong in print, but right on these data", found[marked & found["verdict"].eq(EQUAL)]),
        ("Should hold and don't", found[found["fails"]]),
    ]:
        lines.append(f"{label}: {len(rows)}")
        for c in rows.to_dict("records"):
            lines.append(f"  {c['claim']}: {c['about']}: {c['recomputed']} ({c['why'] or c['attainable']})")
    return "\n".join(lines)
