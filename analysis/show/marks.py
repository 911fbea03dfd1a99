"""Say in signs and words how certain a share is."""

import pandas as pd

from analysis import words as lang
from analysis.stats import reliability


def percents(estimates: pd.DataFrame, language: str, starred: bool = False) -> list[str]:
    """Write each share of `estimates` as a percentage, with the sign of its verdict unless it is reliable.

    With `starred`, one that is assumed has a star behind it.
    """
    judged = reliability.verdicts(estimates["n"], estimates["base"])["verdict"]
    stars = estimates["origin"].eq("assumed") & estimates["base"].gt(0) & starred
    said = [lang.percent(share, language) for share in estimates["share"]]
    said = [f"{value}*" if star else value for value, star in zip(said, stars, strict=True)]
    return [
        value if verdict == reliability.RELIABLE or not base else lang.sign(verdict, language, value)
        for value, verdict, base in zip(said, judged, estimates["base"], strict=True)
    ]


def explain(estimates: pd.DataFrame, language: str) -> list[str]:
    """Say for each sign that `percents` gives what it means, and for which reasons it stands here."""
    answered = estimates[estimates["base"].gt(0)]
    judged = reliability.verdicts(answered["n"], answered["base"])
    bounds = {
        "least": lang.number(reliability.SMALLEST, language),
        "points": lang.number(100 * reliability.WIDE, language),
        "times": lang.percent(reliability.RELATIVE, language, 0),
    }
    notes = []
    for verdict in (reliability.UNRELIABLE, reliability.REVIEW):
        met = set(judged.loc[judged["verdict"].eq(verdict), "reason"])
        reasons = [lang.say(f"reason_{reason}", language, **bounds) for reason in reliability.REASONS if reason in met]
        if reasons:
            mark = lang.sign(verdict, language)
            notes.append(f"{mark} {mark.words}: {lang.listing(reasons, language, 'or')}")
    return notes
