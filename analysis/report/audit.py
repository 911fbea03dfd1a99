"""The audit: every claim of a report held against a wave and against the others, told and listed."""

from pathlib import Path

import pandas as pd

from analysis import files
from analysis.report import claims as register
from analysis.report import consistency
from analysis.report.claims import AS_A_SUM, ATTAINABLE, DIFFERS, EQUAL, IMPOSSIBLE, KINDS, ROUNDED, VERDICTS
from analysis.survey import datasets, waves
from analysis.survey import questionnaire as instrument
from analysis.survey.printed import decimals as places
from analysis.survey.questionnaire import Condition, Questionnaire

COLUMNS = [
    "id", "section", "figure", "question", "options", "population", "base", "printed", "recomputed", "verdict",
    "origin", "attainable", "power", "kind", "about_nl", "about_en", "place_nl", "place_en", "holds", "book",
]  # fmt: skip


def run(wave: str | Path, out: str | Path | None = None) -> int:
    """Hold all claims against a wave, print what came out, and write the whole list as CSV.

    It goes to `out`, by default to `audit.csv` where the wave's lists lie.

    Returns the exit code: 1 when a claim that should hold doesn't, else 0. Raises
    ValueError when the claims can't be read.
    """
    questions, steps = datasets.questions(wave, "en"), datasets.flow(wave)
    claims = register.read(wave, questions, steps)
    found = register.evaluate(claims, register.Data(datasets.load(wave), questions, steps), inside=True)
    checks = consistency.together(claims, questions, steps)
    label = waves.read_wave(wave)
    out = Path(out or label.lists() / "audit.csv")
    files.write_whole(out, as_csv(found, questions))
    print(report(found, checks, label.kind == "synthetic"))
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
    table = pd.crosstab(found["kind"], found["verdict"]).reindex(index=KINDS, columns=VERDICTS, fill_value=0)
    return pd.concat([table, table.sum().rename("all").to_frame().T])


def report(found: pd.DataFrame, checks: pd.DataFrame, synthetic: bool) -> str:
    """Sum up evaluated claims in a few lines: by kind and verdict, attainability, contradictions, failures."""
    lines = [f"{len(found)} claims, {found['printed'].ne('').sum()} of them with a number", tally(found).to_string()]
    if synthetic:
        lines.append(
            "This wave was made from the printed figures, so equal was to be expected; the checks below need no data."
        )
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
        ("Marked as wrong in print, and wrong", found[marked & found["verdict"].eq(DIFFERS)]),
        ("Marked as wrong in print, but right on these data", found[marked & found["verdict"].isin([EQUAL, ROUNDED])]),
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
