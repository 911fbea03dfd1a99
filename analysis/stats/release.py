"""The one door: every number passes here on its way out.

Page, hover, JSON, description, prose, download, list and log take nothing but what comes from
here. Today everything may pass; what is held back is decided here and nowhere else.
"""

from dataclasses import replace
from functools import singledispatch

import pandas as pd

from analysis.stats.estimates import Estimates
from analysis.stats.value import Value


@singledispatch
def release(thing):
    """Let a value, estimates or a frame of them out, or hold back what must be: the same with its state of release.

    What was held back stays so. Raises TypeError for anything that carries no such state, such as a plain number.
    """
    raise TypeError(f"the door lets out values and estimates, not a plain {type(thing).__name__}")


@release.register
def _(thing: Value) -> Value:
    return thing if thing.release else replace(thing, release="released")


@release.register
def _(thing: pd.DataFrame) -> pd.DataFrame:
    return thing.assign(release="released")


@release.register
def _(thing: Estimates) -> Estimates:
    return replace(thing, frame=release(thing.frame))
