"""The one door: every number passes here on its way out.

Page, hover, JSON, description, prose, download, list and log take nothing but what comes from
here. Today everything may pass; what is held back is decided here and nowhere else.
"""

from dataclasses import replace

from analysis.stats.value import Value


def release(value: Value) -> Value:
    """Let a value out, or hold it back: the same value with its state of release.

    A value that was held back stays so.
    """
    return value if value.release else replace(value, release="released")
