"""Hold a claim against the rest of print, where the people behind a report are invented.

Nobody has the answers, so a claim can't be recomputed. What can be asked is whether the other printed numbers allow
it: `stats.ranges` looks at every set of whole people that agrees with them. A claim is never among its own premises,
and neither is what repeats it, nor a claim that is marked as wrong in print. Who leads several others is looked at one
by one. Nothing here depends on who was invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from scipy import stats

from analysis.report import claims as register
from analysis.report.claims import AS_A_SUM, NOT_TESTABLE, Data, Finding, possible
from analysis.stats import quantities, ranges
from analysis.stats.premises import Premises, premises
from analysis.stats.programmes import ClashError
from analysis.stats.ranges import Range
from analysis.survey.printed import RULES, Key, decimals

AS_PRINTED, FOLLOWS, SUMMED, OPEN = "as printed", "follows", "possible as a sum", "possible"
IMPOSSIBLE = "impossible"
VERDICTS = (AS_PRINTED, FOLLOWS, SUMMED, OPEN, IMPOSSIBLE, NOT_TESTABLE)
"""A number that stands on its own; what the rest of print forces; a number that only exists as a sum of rounded parts;
what the rest allows and doesn't force; what no people who agree with the rest allow; and what nothing tells."""


def judge(records: list[dict], data: Data) -> list[Finding]:
    """Hold claims, as rows of `claims.read`, against the rest of print: a finding each."""
    given = premises(data.questions)
    return [_told_of(claim, records, data, given) for claim in records]


def _told_of(claim: dict, records: list[dict], data: Data, given: Premises) -> Finding:
    """Judge a claim, if the rest of print can be true and says anything of its people."""
    try:
        return _judge(claim, records, data, given)
    except ClashError:
        return Finding("", NOT_TESTABLE, (("rest_clashes", {}),))
    except ValueError:
        return Finding("", NOT_TESTABLE, (("not_in_print", {}),))


def _judge(claim: dict, records: list[dict], data: Data, given: Premises) -> Finding:
    if not (claim["question"] or claim["options"]):
        return Finding("", NOT_TESTABLE, (("no_question", {}),))
    if claim["kind"] == "count":
        return _count(claim, records, data, given)
    if claim["kind"] in ("mean", "test"):
        return _of_numbers(claim, records)
    if claim["kind"] == "no_difference" or data.questions[claim["question"]].kind == "number":
        return Finding("", OPEN, (("not_in_print", {}),))
    if claim["kind"] == "rank":
        return _rank(claim, data, given)
    if claim["printed"]:
        return _share(claim, data, given)
    return _in_words(claim, data, given)


def _in_words(claim: dict, data: Data, given: Premises) -> Finding:
    """A share in words, or a majority: whether it is true of every set of people, or of some."""
    found = _range(claim, claim["options"], claim["among"], data, given)
    base = found.base or int(claim["base"] or found.least.denominator * found.most.denominator)
    if ".." in claim["against"]:
        low, high = (Fraction(end) * base / 100 for end in claim["against"].split(".."))
    else:
        low, high = map(Fraction, quantities.people(claim["against"] or claim["kind"], base))
    least, most = found.least * base, found.most * base
    return _told(found, low <= least and most <= high, most < low or least > high, _other_base(claim, found))


def _item(claim: dict, options: str, data: Data) -> str:
    return f"{data.questions[claim['question']].column(claim['statement'])}={options}"


def _range(claim: dict, options: str, among: str, data: Data, given: Premises) -> Range:
    return ranges.share_range(given, _item(claim, options, data), among)


def _told(found: Range, follows: bool, impossible: bool, objections: tuple = ()) -> Finding:
    """Say what a range makes of a claim, with the number where it is settled."""
    number = f"{Decimal(RULES['half_up'](1000 * found.least)).scaleb(-1)}" if found.settled else ""
    if objections or impossible:
        return Finding(number, IMPOSSIBLE, objections)
    return Finding(number, FOLLOWS if follows else OPEN)


def _other_base(claim: dict, found: Range) -> tuple:
    other = claim["base"] and found.base is not None and int(claim["base"]) != found.base
    return (("other_base", {"base": str(found.base), "printed": claim["base"]}),) if other else ()


def _share(claim: dict, data: Data, given: Premises) -> Finding:
    """A printed share: whether it exists at its base, and what the rest of print says of it."""
    key: Key = (claim["question"], claim["statement"], claim["options"], claim["among"])
    found = _range(claim, claim["options"], claim["among"], data, given.without([key]))
    how, counts = possible(claim)
    base = int(claim["base"])
    allowed = [n for n in counts if found.least <= Fraction(n, base) <= found.most]
    objections = _other_base(claim, found)
    if objections or not allowed:
        return _told(found, False, True, objections)
    if how == AS_A_SUM:
        return Finding(claim["printed"], SUMMED)
    return _told(found, True, False) if found.settled else Finding(claim["printed"], AS_PRINTED)


def _count(claim: dict, records: list[dict], data: Data, given: Premises) -> Finding:
    """A number of people, of who answered, or of questions."""
    options, said = claim["options"].split("|"), int(claim["printed"])
    if not claim["question"]:
        return _step(options, said, records, data)
    question, key = (
        data.questions[claim["question"]],
        (claim["question"], claim["statement"], claim["options"], claim["among"]),
    )
    rest, found = given.without([key]), list[Range]()
    everything = "|".join(a.code for a in question.options)
    for statement in claim["statement"].split("|"):
        among, answers = claim["among"], claim["options"] or everything
        one = ranges.count_range(rest, _item(claim | {"statement": statement}, answers, data), among)
        found.append(one)
    if all(one.least == said == one.most for one in found):
        return Finding(str(said), FOLLOWS)
    possible = all(one.least <= said <= one.most for one in found)
    return Finding(str(said) if possible else "", AS_PRINTED if possible else IMPOSSIBLE)


def _step(options: list[str], said: int, records: list[dict], data: Data) -> Finding:
    """A step of the flow from all who took part to all analysed, which the others give, or kinds of question."""
    kinds = sum(question.kind in options for question in data.questions)
    if not set(options) & set(data.steps["step"]):
        return Finding(str(kinds), FOLLOWS if kinds == said else IMPOSSIBLE)
    printed = {claim["options"]: int(claim["printed"]) for claim in records
               if claim["kind"] == "count" and not claim["question"] and claim["holds"] != "no"}  # fmt: skip
    first, *between, last = data.steps["step"]
    others = [printed.get(step) for step in (first, *between, last) if step not in options]
    if len(options) > 1 or None in others:
        return Finding(str(said), AS_PRINTED)
    whole, *rest = (number for number in others if number is not None)
    left = whole + sum(rest) if options == [first] else whole - sum(rest)
    return Finding(str(left), FOLLOWS if left == said else IMPOSSIBLE)


def _of_numbers(claim: dict, records: list[dict]) -> Finding:
    """A mean or a test: nothing else tells them, but a p follows from its statistic and degrees of freedom."""
    if claim["kind"] == "mean" or claim["options"] != "p":
        return Finding(claim["printed"], AS_PRINTED)
    same = {c["options"]: c["printed"] for c in records if c["kind"] == "test" and c["holds"] != "no"
            and all(c[column] == claim[column] for column in ("question", "among", "against"))}  # fmt: skip
    if not {"statistic", "df"} <= set(same):
        return Finding(claim["printed"], AS_PRINTED)
    (t, off), (df, either) = ((abs(float(same[part])), _half(same[part])) for part in ("statistic", "df"))
    low, high = 2 * stats.t.sf(t + off, df + either), 2 * stats.t.sf(max(t - off, 0), max(df - either, either))
    bound = float(claim["printed"].removeprefix("<"))
    half = _half(claim["printed"])
    least, most = (0.0, bound) if claim["printed"].startswith("<") else (bound - half, bound + half)
    verdict = FOLLOWS if least <= low and high <= most else IMPOSSIBLE if high < least or most < low else OPEN
    return Finding(f"{2 * stats.t.sf(t, df):.3g}", verdict)


def _half(printed: str) -> float:
    """How far a number can be from what was rounded to it: half a unit of its last decimal."""
    return 0.5 / 10 ** decimals(printed)


def _rank(claim: dict, data: Data, given: Premises) -> Finding:
    """Each leader must exceed each rival, in every set of people or in some."""
    leaders, rivals = register.sides(claim, data.questions)
    found = list(_leads(claim, leaders, rivals, data, given))
    if all(one.least > 0 for one in found):
        return Finding("", FOLLOWS)
    return Finding("", IMPOSSIBLE if any(one.most <= 0 for one in found) else OPEN)


def _leads(
    claim: dict, leaders: list[tuple[str, str]], rivals: list[tuple[str, str]], data: Data, given: Premises
) -> Iterable[Range]:
    for options, among in leaders:
        for others, group in rivals:
            if "=" in claim["against"]:
                yield ranges.difference_range(given, _item(claim, options, data), among, group)
            else:
                yield ranges.lead_range(given, _item(claim, options, data), _item(claim, others, data), among)
