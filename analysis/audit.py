"""The audit: every claim of a report held against a wave and against the others, told and listed."""

from pathlib import Path

import pandas as pd

import analysis
from analysis import agreement, files
from analysis import claims as register
from analysis import language as lang
from analysis.claims import DIFFERS, EQUAL, KINDS, VERDICTS
from analysis.questionnaire import Condition, Questionnaire

COLUMNS = [
    "id", "section", "figure", "question", "options", "population", "base", "printed", "recomputed", "verdict",
    "attainable", "kind", "about", "place", "holds", "book",
]  # fmt: skip


def run(wave: str | Path, out: str | Path = Path("_build") / "audit.csv") -> int:
    """Hold all claims against a wave, print what came out, and write the whole list as CSV.

    Returns the exit code: 1 when a claim that should hold doesn't, else 0. Raises
    ValueError when the claims can't be read.
    """
    questions, steps = analysis.questions(wave, "en"), analysis.flow(wave)
    claims = register.read(wave, questions, steps)
    found = register.evaluate(claims, register.Data(analysis.load(wave), questions, steps))
    checks = agreement.together(claims, questions, steps)
    files.write_whole(Path(out), listing(found, questions).to_csv(index=False, lineterminator="\n").encode("utf-8"))
    print(report(found, checks, analysis.wave(wave).kind == "synthetic"))
    print(f"Full list: {out}")
    return int(found["fails"].any())


def listing(found: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Lay out evaluated claims for readers: one row a claim, the columns of `COLUMNS`."""
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
    return pd.DataFrame(rows, columns=COLUMNS)


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
