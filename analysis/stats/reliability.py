"""Say of a share whether it is certain enough to present, by the standard of the US health statistics office.

The standard is about chance alone. It knows nothing of privacy, and nothing of who chose to
take part: a share that meets it isn't therefore right.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

SMALLEST = 30
"""People in the base, at least."""
NARROW, WIDE = 0.05, 0.30
"""Up to the first width an interval is good, from the second on it is not."""
RELATIVE = 1.30
"""In between, the interval may be this many times the share."""

RELIABLE, REVIEW, UNRELIABLE = "reliable", "review", "unreliable"
REASONS = ("small_base", "wide", "relative", "none_or_all")
"""Why a share isn't reliable."""


def verdicts(counts: ArrayLike, bases: ArrayLike, design_effect: float = 1.0) -> pd.DataFrame:
    """Judge shares by the NCHS Data Presentation Standards for Proportions.

    Parker, Talih, Malec and others (2017, revised 2018 and 2021), *Vital and Health
    Statistics* series 2, number 175, table on page 2. In this order:

    1. A base, or an effective base, under 30 is too small.
    2. The 95% interval is Clopper and Pearson's (1934) on the effective base, as Korn and
       Graubard (1998) have it. From 30 points wide the share isn't reliable.
    3. Nobody or everybody, when it passes so far, is for a person to review; the interval is
       then on the base itself.
    4. Up to 5 points wide the share is reliable.
    5. In between it is unless the interval is wider than 130% of the share.
    6. If only the complement, everybody else, fails at 5, the share is still reliable.

    The standard also asks for a review under 8 degrees of freedom. Without clusters these are
    the base less one, so that 1 has seen to it. Nothing is rounded before it is compared; the
    office's own program rounds widths to a tenth of a point first.

    Parameters
    ----------
    counts, bases
        How many gave the answer, of how many: whole numbers, of equal length.
    design_effect
        How many times the variance is that of a random draw of the same size; the effective
        base is the base divided by it, and never more than the base.

    Returns
    -------
    pd.DataFrame
        A row a share: `verdict` (`reliable`, `review` or `unreliable`), `reason`
        (`small_base`, `wide`, `relative`, `none_or_all`, `complement` or blank) and `width`
        of the interval, between 0 and 1.

    Examples
    --------
    >>> verdicts([22, 294, 0], [41, 771, 771])[["verdict", "reason"]].values.tolist()
    [['unreliable', 'wide'], ['reliable', ''], ['review', 'none_or_all']]
    """
    counts, bases = np.asarray(counts, float), np.asarray(bases, float)
    impossible = (counts < 0) | (counts > bases)
    if impossible.any():
        pairs = ", ".join(f"{n:g} of {base:g}" for n, base in zip(counts[impossible], bases[impossible], strict=True))
        raise ValueError(f"a count lies between 0 and its base; these don't: {pairs}")
    share = np.divide(counts, bases, out=np.zeros_like(counts), where=bases > 0)
    effective = np.where((share == 0) | (share == 1), bases, bases / max(design_effect, 1))
    n = share * effective
    low = np.where(share > 0, stats.beta.ppf(0.025, n, effective - n + 1), 0)
    high = np.where(share < 1, stats.beta.ppf(0.975, n + 1, effective - n), 1)
    return judge(share, high - low, effective).assign(width=high - low)


def judge(shares: ArrayLike, widths: ArrayLike, effective: ArrayLike) -> pd.DataFrame:
    """Apply the rules to shares, widths of their intervals (0 to 1) and effective bases; the columns of `verdicts`."""
    shares, widths, effective = (np.asarray(values, float) for values in (shares, widths, effective))
    between = (widths > NARROW) & (widths < WIDE)
    rules = [
        (effective < SMALLEST, UNRELIABLE, "small_base"),
        (widths >= WIDE, UNRELIABLE, "wide"),
        ((shares == 0) | (shares == 1), REVIEW, "none_or_all"),
        (between & (widths > RELATIVE * shares), UNRELIABLE, "relative"),
        (between & (widths > RELATIVE * (1 - shares)), RELIABLE, "complement"),
    ]
    met = [rule for rule, *_ in rules]
    return pd.DataFrame({
        "verdict": np.select(met, [verdict for _, verdict, _ in rules], RELIABLE),
        "reason": np.select(met, [reason for *_, reason in rules], ""),
    })  # fmt: skip
