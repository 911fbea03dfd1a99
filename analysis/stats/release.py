"""The one door: every number passes here on its way out.

Page, hover, JSON, description, prose, download, list and log take nothing but what comes from
here. In a book of invented or published answers everything may pass. Who has opened answers of people that were
never published gets nothing out but what `gate` let out, and what counts no people (`of_things`).
"""

from dataclasses import replace
from typing import TypeVar

import pandas as pd

from analysis.stats import gate
from analysis.stats.estimates import Estimates
from analysis.stats.value import Value
from analysis.survey import terms

Released = TypeVar("Released", bound=Value | Estimates | pd.DataFrame)


def release(thing: Released) -> Released:
    """Let a value, estimates or a frame of them out, or hold back what must be: the same with its state of release.

    What was held back stays so. Raises TypeError for anything that carries no such state, such as a plain number, and
    ValueError for what nobody let out of a confidential wave.
    """
    if isinstance(thing, Value):
        if not thing.release and terms.bound():
            raise ValueError(
                f"a {thing.kind} was made here of a plain number, and nobody can tell how many people stand behind it, "
                "so it can't leave a confidential wave. Take a value of shares, share or means instead; for things, "
                "such as questions or claims, how_many(things)"
            )
        return thing if thing.release else replace(thing, release="released")
    if isinstance(thing, Estimates):
        return replace(thing, frame=release(thing.frame))
    if isinstance(thing, pd.DataFrame):
        if terms.bound():
            if not gate.is_sound(thing):
                raise ValueError(
                    "this frame is not as it was let out, so nothing of it can leave a confidential wave. Take the "
                    "frame of estimates as it is"
                )
            return thing
        return thing.assign(release="released")
    raise TypeError(f"the door lets out values and estimates, not a plain {type(thing).__name__}")


def of_things(number: float, unit: str = "", decimals: int = 0, kind: str = "count") -> Value:
    """Make a value of a number that counts no people, such as how many questions there are; the door lets it out."""
    return Value(kind, float(number), unit, decimals=decimals, release="released")
