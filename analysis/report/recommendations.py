"""Estimate what a report's recommendations rest on."""

import pandas as pd

from analysis.stats import estimates
from analysis.survey.questionnaire import Questionnaire


def evidence(responses: pd.DataFrame, listed: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Estimate what a list of recommendations rests on: rows as `estimates.share`, with `number`.

    `evidence` names answers as a condition does, joined by semicolons: `q16=d; q14_2=1|2`, with
    the column where a question has statements. Raises ValueError listing all that don't exist.
    """
    rows, problems = [], []
    for item in listed.to_dict("records"):
        for part in filter(None, (p.strip() for p in item["evidence"].split(";"))):
            try:
                question, answers, statement = questions.item(part)
                found = estimates.share(responses, question, answers, statement).frame
            except ValueError as error:
                problems.append(f'recommendation {item["number"]}: "{part}": {error}')
                continue
            rows.append(found.assign(number=item["number"]))
    if problems:
        raise ValueError(f"{len(problems)} pieces of evidence don't exist.\n  " + "\n  ".join(problems))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=[*estimates.SHARE_COLUMNS, "number"])
