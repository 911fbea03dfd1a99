"""The audit: every claim of a report held against a wave and against the others, told and listed."""

from pathlib import Path

import pandas as pd

from analysis import files
from analysis.report import claims as register
from analysis.report import consistency, deduction
from analysis.report.claims import (
    AS_A_SUM,
    ATTAINABLE,
    DIFFERS,
    IMPOSSIBLE,
    KINDS,
    NOT_TESTABLE,
    VERDICTS,
    Data,
    Finding,
)
from analysis.survey import datasets, waves
from analysis.survey import questionnaire as instrument
from analysis.survey.printed import decimals as places
from analysis.survey.questionnaire import Condition, Questionnaire

COLUMNS = [
    "id", "section", "figure", "question", "options", "population", "base", "printed", "recomputed", "verdict",
    "attainable", "power", "kind", "about_nl", "about_en", "place_nl", "place_en", "holds", "book",
]  # fmt: skip


WRONG = (DIFFERS, deduction.IMPOSSIBLE)
"""The verdicts by which a claim doesn't hold: of answers, and of print."""


def findings(records: list[dict], data: Data, inside: bool = False) -> list[Finding]:
    """Judge claims, as rows of `claims.read`: by the answers, or of invented people by the rest of print.

    Of a confidential wave it is what `claims.shown` gives, unless it is `inside` and for nobody but the owner.
    """
    if data.questions.printed is not None:
        return deduction.judge(records, data)
    return [register.judge(claim, data) if inside else register.shown(claim, data) for claim in records]


def evaluate(claims: pd.DataFrame, data: Data, inside: bool = False) -> pd.DataFrame:
    """Judge each claim: the claims with six columns more; `inside` as for `findings`.

    `recomputed` is the value at the precision in print, shares in per cent; `verdict` one of `claims.VERDICTS`, where
    equal means for a claim in words that it is so, or of `deduction.VERDICTS`; `reasons`, and in English `why`, say by
    how much it differs, how else it was rounded, or what keeps it from being tested; `attainable` as
    `claims.attainable` has it; `fails` is True for a claim that should hold and doesn't, or whose share no number of
    people gives.
    """
    records = claims.to_dict("records")
    judged = findings(records, data, inside)
    found = pd.DataFrame(judged, columns=Finding._fields, index=claims.index)
    existing = [register.possible(claim)[0] for claim in records]
    wanting = [how == IMPOSSIBLE or (how == AS_A_SUM and claim["rounding"] != "sum")
               for how, claim in zip(existing, records, strict=True)]  # fmt: skip
    fails = claims["holds"].eq("yes") & (found["verdict"].isin(WRONG) | pd.Series(wanting, index=claims.index))
    attainable = [register.attainable(claim) for claim in records]
    return claims.assign(**found, why=[f.why for f in judged], attainable=attainable, fails=fails)


def verdicts(found: pd.DataFrame) -> tuple[str, ...]:
    """List the verdicts that evaluated claims may have had: of answers, or of print."""
    return deduction.VERDICTS if found["verdict"].isin(set(deduction.VERDICTS) - {NOT_TESTABLE}).any() else VERDICTS


def run(wave: str | Path, out: str | Path | None = None) -> int:
    """Hold all claims against a wave, print what came out, and write the whole list as CSV.

    It goes to `out`, by default to `audit.csv` where the wave's lists lie.

    Returns the exit code: 1 when a claim that should hold doesn't, else 0. Raises
    ValueError when the claims can't be read.
    """
    questions, steps = datasets.questions(wave, "en"), datasets.flow(wave)
    claims = register.read(wave, questions, steps)
    found = evaluate(claims, Data(datasets.load(wave), questions, steps), inside=True)
    checks = consistency.together(claims, questions, steps)
    out = Path(out or waves.read_wave(wave).lists() / "audit.csv")
    files.write_whole(out, as_csv(found, questions))
    print(report(found, checks))
    print(f"Full list: {out}")
    return int(found["fails"].any())


def listing(found: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Lay out evaluated claims for readers: one row a claim, the columns of `COLUMNS`.

    `power` is of a printed share: the per cent of all percentages that its base can't give.
    """
    rows = []
    for claim in found.to_dict("records"):
        item, population = "", ""
        if claim["question"]:
            question = questions[claim["question"]]
            item = question.code + (f"_{claim['statement']}" if claim["statement"] else "")
            asked = " & ".join(filter(None, (str(question.asked_if), claim["among"])))
            population = instrument.in_words(Condition.parse(asked), questions)
        verdict = claim["verdict"] + (f": {claim['why']}" if claim["why"] else "")
        base = claim["base"] if claim["attainable"] else ""
        power = f"{100 * float(register.power(int(base), places(claim['printed']))):.1f}" if base else ""
        told = {"id": claim["claim"], "question": item, "population": population, "verdict": verdict, "power": power}
        rows.append(claim | told)
    return pd.DataFrame(rows, columns=COLUMNS)


def as_csv(found: pd.DataFrame, questions: Questionnaire) -> bytes:
    """Write the listing as the CSV that the command leaves behind and the page offers."""
    return listing(found, questions).to_csv(index=False, lineterminator="\n").encode("utf-8")


def tally(found: pd.DataFrame) -> pd.DataFrame:
    """Count evaluated claims by kind (rows, "all" below) and verdict (columns)."""
    table = pd.crosstab(found["kind"], found["verdict"]).reindex(index=KINDS, columns=verdicts(found), fill_value=0)
    return pd.concat([table, table.sum().rename("all").to_frame().T])


def report(found: pd.DataFrame, checks: pd.DataFrame) -> str:
    """Sum up evaluated claims in a few lines: by kind and verdict, attainability, contradictions, failures."""
    lines = [f"{len(found)} claims, {found['printed'].ne('').sum()} of them with a number", tally(found).to_string()]
    if verdicts(found) == deduction.VERDICTS:
        lines.append("The people are invented, so claims are held against the rest of print; nothing here needs data.")
    shares = found[found["attainable"].ne("")]
    word = shares["attainable"].str.partition(":")[0]
    lines.append(f"{len(shares)} printed shares: {word.eq(ATTAINABLE).sum()} are a whole number of people")
    for answer, label in [(AS_A_SUM, "only a sum of rounded shares"), (IMPOSSIBLE, "impossible")]:
        items = [f"{c['printed']} of {c['base']} (total{c['attainable'].partition(':')[2] or ' none'}; {c['claim']})"
                 for c in shares[word.eq(answer)].to_dict("records")]  # fmt: skip
        lines.append(f"  {label}: {', '.join(items) or 'none'}")
    against = checks[~checks["agree"].astype(bool)].to_dict("records")
    lines.append(f"{len(checks)} checks of claims against each other: {len(against)} contradict")
    lines += [f"  {c['check']}: {c['people']}: {c['found']}{' (known)' * c['known_wrong']}" for c in against]
    marked = found["holds"].eq("no")
    for label, rows in [
        ("Marked as wrong in print, and wrong", found[marked & found["verdict"].isin(WRONG)]),
        ("Marked as wrong in print, but right here", found[marked & ~found["verdict"].isin((*WRONG, NOT_TESTABLE))]),
        ("Should hold and don't", found[found["fails"]]),
    ]:
        lines.append(f"{label}: {len(rows)}")
        for c in rows.to_dict("records"):
            lines.append(f"  {c['claim']}: {c['about_en']}: {c['recomputed']} ({c['why'] or c['attainable']})")
    return "\n".join(lines)


def powers(found: pd.DataFrame) -> pd.DataFrame:
    """Say how much the test of printed shares can notice: one row a base and number of decimals.

    Returns `base`, `decimals`, `shares` (how many were printed so), `impossible` (how many of
    them no number of people gives) and `power` (a fraction), the largest base first.
    """
    shares = found[found["attainable"].ne("")]
    lost = ~shares["attainable"].str.startswith(ATTAINABLE)
    decimals = shares["printed"].map(places)
    table = pd.DataFrame({"base": shares["base"].astype(int), "decimals": decimals, "lost": lost})
    table = table.groupby(["base", "decimals"], as_index=False).agg(shares=("lost", "size"), impossible=("lost", "sum"))
    table = table.sort_values("base", ascending=False, kind="stable", ignore_index=True)
    return table.assign(power=list(map(register.power, table["base"].tolist(), table["decimals"].tolist())))
