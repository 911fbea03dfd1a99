"""Say in signs and words how certain a share is."""

from __future__ import annotations

import pandas as pd

from analysis.show.saying import laid_down, written
from analysis.stats import reliability
from analysis.stats.estimates import share_of
from analysis.words import Marked, Voice


def percents(estimates: pd.DataFrame, voice: Voice) -> list[Marked]:
    """Write each share of a frame of `shares` as a percentage, with the sign of its verdict unless it is reliable."""
    return [written(share_of(row), voice) for row in estimates.to_dict("records")]


def explain(estimates: pd.DataFrame, voice: Voice) -> list[str]:
    """Say for each sign that `percents` gives what it means, and for which reasons it stands here."""
    bounds = {
        "least": written(laid_down("reliability.SMALLEST"), voice),
        "points": written(laid_down("reliability.WIDE", "points"), voice),
        "times": written(laid_down("reliability.RELATIVE", "share"), voice),
    }
    notes = []
    for verdict in (reliability.UNRELIABLE, reliability.REVIEW):
        met = set(estimates.loc[estimates["reliability"].eq(verdict), "reason"])
        reasons = [voice.say(f"reason_{reason}", **bounds) for reason in reliability.REASONS if reason in met]
        if reasons:
            mark = voice.sign(verdict)
            notes.append(f"{mark.sign} {mark.words}: {voice.listing(reasons, either=True)}")
    return notes
