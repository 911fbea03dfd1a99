"""How long the attacker takes to choose a wave's steps, and what stays visible of it.

    python benchmarks/gate.py                         the reference wave's people, as if they were real
    python benchmarks/gate.py --people 400 --seed 2   so many of them, drawn by lot with replacement

Every question, each statement by itself, is shown in the whole and by gender, education, care and use
(where those who were asked are of two groups or more, and the groups aren't made of the question itself);
groups of answers are those of derived variables and the sides of a scale. On one processor.
"""

import argparse

import numpy as np
import pandas as pd

import analysis
from analysis.stats import attacker, facts, items, steps
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, TICKED, Question, Questionnaire

WAVE = "2025-reference"
GROUPINGS = ("q24", "education", "care", "user")


def shown(responses: pd.DataFrame, questions: Questionnaire, question: Question) -> list[facts.Shown]:
    """Describe all that is shown of a question; each statement is one of its own."""
    of = responses[responses[question.columns[0]].ne(NOT_ASKED)]
    groupings = [questions[code] for code in GROUPINGS]
    by = pd.DataFrame({g.code: answers(of[g.code], g) for g in groupings if question.code not in (g.code, g.source)})
    by = by[[code for code in by if by[code].nunique() > 1]]
    if question.kind == "multiple":
        ticked = of[[question.column(answer.code) for answer in question.options]].eq(TICKED)
        ticked.columns = [answer.code for answer in question.options]
        boxes = items.multiple(ticked, exclusive=[answer.code for answer in question.options if answer.exclusive])
        return [facts.Shown(question.code, (boxes,), by)]
    scores = {answer.code: answer.score for answer in question.options if answer.score is not None}
    unions = {"agree": [c for c in scores if scores[c] > 0], "disagree": [c for c in scores if scores[c] < 0]}
    for derived in questions.derived:
        if derived.source == question.code:
            unions |= {f"{derived.code}={group}": list(codes) for group, codes in derived.values}
    unions = {name: codes for name, codes in unions.items() if len(codes) > 1}
    return [
        facts.Shown(column, (items.single(answers(of[column], question), unions, scores),), by)
        for column in question.columns
    ]


def answers(column: pd.Series, question: Question) -> pd.Series:
    """Give answers as categories in the questionnaire's order; blank is missing."""
    codes = [answer.code for answer in question.options]
    return column.where(~column.isin([NO_ANSWER, NOT_ASKED])).astype(pd.CategoricalDtype(codes))


def visible(question: facts.Shown, step: int, left_out: set[str]) -> pd.DataFrame:
    """List the cells and named groups above the threshold, at bases with shares: whether visible, and how far off."""
    rows = []
    for item in question.items:
        for by in (facts.WHOLE, *question.by):
            table = facts.Table(question, item, by)
            for cell in item.cells.values():
                counts, bases = table.counts @ cell, table.bases
                keep = (counts > steps.THRESHOLD) & (bases >= steps.LEAST_BASE)
                if keep.any():
                    found = steps.shown(counts[keep], bases[keep], step or steps.STEPS[-1])
                    gone = not step or by in left_out
                    off = (found["points"].astype("Float64") - 100 * counts[keep] / bases[keep]).abs()
                    rows.append(found.assign(visible=not gone, off=off))
    return pd.concat(rows) if rows else pd.DataFrame(columns=["state", "visible", "off"])


def main() -> None:
    """Choose the steps, and print a line a question and what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, help="draw so many people from the wave; without it, all as they are")
    parser.add_argument("--seed", type=int, default=2025)
    options = parser.parse_args()
    responses, questions = analysis.load(WAVE), analysis.questions(WAVE, "nl")
    if options.people:
        drawn = np.random.default_rng(options.seed).integers(0, len(responses), options.people)
        responses = responses.iloc[drawn].reset_index(drop=True)
    shares = [question for question in questions if question.kind in ("single", "multiple", "statements")]
    all_shown = [one for question in shares for one in shown(responses, questions, question)]
    parts, programmes, longest, seconds = [], 0, 0.0, 0.0
    print(f"{'question':>10}{'groupings':>11}{'step':>6}{'narrowest':>11}{'programmes':>12}{'longest s':>11}{'s':>8}")
    for one in all_shown:
        choice = attacker.choose([one])
        left_out = set(choice.left_out["grouping"])
        ((name, step, narrowest),) = choice.steps.itertuples(index=False)
        without = f"  without {', '.join(sorted(left_out))}" if left_out else ""
        print(f"{name:>10}{len(one.by.columns):>11}{step:>6}{narrowest!s:>11}{choice.programmes:>12}"
              f"{choice.longest:>11.2f}{choice.seconds:>8.2f}{without}", flush=True)  # fmt: skip
        parts.append(visible(one, step, left_out))
        programmes += choice.programmes
        longest = max(longest, choice.longest)
        seconds += choice.seconds
    cells = pd.concat(parts)
    off = cells.loc[cells["visible"], "off"].dropna()
    print(f"{len(all_shown)} questions, {programmes} programmes, the longest {longest:.2f} s, all {seconds:.1f} s")
    print(
        f"{int(cells['visible'].sum())} of {len(cells)} cells and groups above {steps.THRESHOLD} are visible, at bases"
    )
    print(f"of {steps.LEAST_BASE} or more; a share is {off.mean():.2f} points off on average, {off.max():.2f} at most")


if __name__ == "__main__":
    main()
