"""Hold printed claims against each other: what a report says in one place and in another.

No data are needed. Print gives bounds on numbers of people (`Known`): a share and its base, a count,
the base of what only they were asked. The bounds of one number must meet, and parts must fit their whole.
"""

from collections import Counter
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from analysis.report import claims as register
from analysis.survey.questionnaire import Condition, Questionnaire

ENDLESS = 10**9


class Known(NamedTuple):
    """What print alone says of a number of people: between `low` and `high`, by these claims."""

    low: int
    high: int
    claims: tuple[str, ...]


def together(claims: pd.DataFrame, questions: Questionnaire, steps: pd.DataFrame) -> pd.DataFrame:
    """Hold printed claims against each other, without any data.

    Returns one row a check: `check`, `people` (which number it is about) and `key` (the same as
    question, statement, answers, condition; None for the flow), `claims` (their codes), `reasons` and in
    English `found`, `agree`, and `known_wrong`: True when a contradiction goes away without the
    claims marked as not holding. The checks:

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
            spread = [("by", {"number": _range(*bounds), "count": str(times)})
                      for bounds, times in sorted(Counter(f[:2] for f in listed).items())]  # fmt: skip
            rows.append(("same", _name(key), key, found.claims, spread, found.low <= found.high))
    bases = {_key(c): int(c["base"]) for c in records if c["base"] and c["options"]}
    rows += _parts(known, bases, questions)
    rows += _groups(known)
    rows += _flow(records, steps)
    rows += _words(records, known, bases, questions)
    table = pd.DataFrame(rows, columns=["check", "people", "key", "claims", "reasons", "agree"])
    return table.assign(found=[register.explain(reasons)["en"] for reasons in table["reasons"]])


def _key(claim: dict, options: str | None = None, among: str | None = None) -> tuple:
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
            numbers = [int(claim["printed"])] if claim["kind"] == "count" else register.possible(claim)[1]
            if numbers:
                facts.setdefault(_key(claim), []).append(Known(numbers[0], numbers[-1], (claim["claim"],)))
        question, base = questions[claim["question"]], claim["printed"] if of_base else claim["base"]
        asked = Condition.parse(claim["among"]).clauses or question.asked_if.clauses
        # Who answered can't be more than who was asked: a base is the least that a group can be.
        if base and len(asked) == 1 and (
            not claim["among"] or questions[asked[0][0]].asked_if == question.asked_if
        ):  # fmt: skip
            key = (asked[0][0], "", tuple(sorted(asked[0][1])), "")
            facts.setdefault(key, []).append(Known(int(base), ENDLESS, (claim["claim"],)))
    return facts


def _join(listed: list[Known]) -> Known:
    claims = tuple(dict.fromkeys(c for fact in listed for c in fact.claims))
    return Known(max(f.low for f in listed), min(f.high for f in listed), claims)


def _range(low: int, high: int) -> str:
    if low >= high:
        return str(high)
    return f"{low}.." + (str(high) if high != ENDLESS else "")


def _added(numbers: list[Known], whole: str, left: int | None = None) -> list[register.Reason]:
    """Say what numbers were added up to which whole, and what is left."""
    values = {"sum": " + ".join(str(f.low) for f in numbers), "whole": whole}
    return [("added", values) if left is None else ("added_left", values | {"left": str(left)})]


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
            key = (question, statement, tuple(single), among)
            name = _name(key)
            found = _added(list(single.values()), str(base), None if everything else base - low)
            agree = low <= base <= high if everything else low <= base
            rows.append(("parts", name, key, claims, found, agree))
        for key, whole in known.items():
            several = (key[0], key[1], key[3]) == (question, statement, among) and len(key[2]) > 1
            if several and set(key[2]) <= set(single):
                pieces = [single[o] for o in key[2]]
                low, high = sum(p.low for p in pieces), sum(p.high for p in pieces)
                found = _added(pieces, _range(*whole[:2]))
                claims = whole.claims + tuple(c for p in pieces for c in p.claims)
                rows.append(("sum", _name(key), key, tuple(dict.fromkeys(claims)), found,
                             low <= whole.high and whole.low <= high))  # fmt: skip
    return rows


def _groups(known: dict) -> list[tuple]:
    """Add up those who gave the same answer in separate groups, beside those who gave it in all."""
    rows = []
    of: dict[tuple, list[tuple[tuple[str, ...], Known]]] = {}
    for key, fact in known.items():
        clauses = Condition.parse(key[3]).clauses
        if len(clauses) == 1 and (*key[:3], "") in known:
            of.setdefault((*key[:3], clauses[0][0]), []).append((clauses[0][1], fact))
    for (*key, by), groups in of.items():
        values = [v for group, _ in groups for v in group]
        if len(groups) > 1 and len(values) == len(set(values)):
            whole, low = known[(*key, "")], sum(f.low for _, f in groups)
            found = _added([f for _, f in groups], _range(*whole[:2]), whole.high - low)
            claims = tuple(dict.fromkeys(c for f in (*(f for _, f in groups), whole) for c in f.claims))
            rows.append(("groups", f"{_name((*key, ''))} by {by}", (*key, ""), claims, found, low <= whole.high))
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
    left = " - ".join("/".join(map(str, n)) for n in (first, *out))
    found = [("less", {"less": left, "rest": "/".join(map(str, last))})]
    return [("flow", "respondents", None, tuple(c for *_, c in said), found, agree)]


def _words(records: list[dict], known: dict, bases: dict, questions: Questionnaire) -> list[tuple]:
    """Hold words such as majority and most against the numbers that print gives, where those decide."""
    rows = []

    def bounds(claim: dict, options: str, among: str) -> tuple[Fraction, Fraction, tuple[str, ...]] | None:
        key = _key(claim, options, among)
        fact, base = known.get(key), bases.get(key)
        if not (fact and base):
            return None
        return Fraction(fact.low, base), Fraction(min(fact.high, base), base), fact.claims

    for claim in filter(lambda c: c["question"], records):
        if claim["kind"] == "majority":
            share = bounds(claim, claim["options"], claim["among"])
            half = Fraction(1, 2)
            if share and (share[0] > half or share[1] <= half):
                found = [("percent", {"share": f"{100 * float(share[0]):.1f}"})]
                key = _key(claim)
                rows.append(
                    (
                        "majority",
                        f"{claim['claim']}: {_name(key)}",
                        key,
                        (claim["claim"], *share[2]),
                        found,
                        share[0] > half,
                    )
                )
        elif claim["kind"] == "rank" and questions[claim["question"]].kind != "number":
            ours, theirs = ([bounds(claim, *side) for side in sides] for sides in register.sides(claim, questions))
            decided = [(o, t) for o in ours if o for t in theirs if t]
            beaten = [(o, t) for o, t in decided if o[1] <= t[0]]
            if beaten or (decided and None not in ours + theirs and all(o[0] > t[1] for o, t in decided)):
                o, t = beaten[0] if beaten else min(decided, key=lambda pair: pair[0][0] - pair[1][1])
                found = [("percents", {"first": f"{100 * float(o[0]):.1f}", "second": f"{100 * float(t[0]):.1f}"})]
                key = _key(claim)
                rows.append(
                    ("order", f"{claim['claim']}: {_name(key)}", key, (claim["claim"], *o[2], *t[2]), found, not beaten)
                )
    return rows
