"""The one door: every number passes here on its way out.

Page, hover, JSON, description, prose, download, list and log take nothing but what comes from
here. Today everything may pass; what is held back is decided here and nowhere else.
"""

from dataclasses import replace
from typing import TypeVar

import pandas as pd

from analysis.stats.estimates import Estimates
from analysis.stats.value import Value

Released = TypeVar("Released", bound=Value | Estimates | pd.DataFrame)


def release(thing: Released) -> Released:
    """Let a value, estimates or a frame of them out, or hold back what must be: the same with its state of release.

    What was held back stays so. Raises TypeError for anything that carries no such state, such as a plain number.
    """
    if isinstance(thing, Value):
        return thing if thing.release else replace(thing, release="released")
    if isinstance(thing, Estimates):
        return replace(thing, frame=release(thing.frame))
    if isinstance(thing, pd.DataFrame):
        return thing.assign(release="released")
    raise TypeError(f"the door lets out values and estimates, not a plain {type(thing).__name__}")
