"""From a survey's export to a book: the front door that chapters come in by.

A chapter takes what it says from here: `from analysis import leads, shares, show`. Each name is
looked up when it is asked for, so that the command line can say "nothing changed" without
opening all rooms, and a chapter depends on those that it uses.
"""

import importlib
from typing import Any

ROOMS = {
    "survey.datasets": ("load", "log", "provenance"),
    "stats.estimates": ("means", "share", "shares"),
    "stats.guards": ("changed", "every", "family"),
    "stats.models": ("logistic",),
    "stats.release": ("release",),
    "stats.vocabulary": (
        "alike", "associations", "difference_in_means", "difference_in_shares", "differs", "few", "highest", "leads",
        "majority", "minority", "most", "not_shown", "order", "undecided",
    ),
    "show.door": ("flow", "questions"),
    "show.saying": ("counted", "date", "in_words", "plain_share"),
    "show.exhibits": (
        "show", "show_comparisons", "show_figure", "show_flow", "show_means", "show_model", "show_routing",
        "show_same_share", "show_table",
    ),
}  # fmt: skip
"""Where the names of the front door live."""
DOOR = {name: (room, name) for room, names in ROOMS.items() for name in names} | {"wave": ("survey.waves", "read_wave")}


def __getattr__(name: str) -> Any:
    if name not in DOOR:
        raise AttributeError(f'the package "analysis" has no "{name}"; it has {", ".join(sorted(DOOR))}')
    module, called = DOOR[name]
    return getattr(importlib.import_module(f"analysis.{module}"), called)


def __dir__() -> list[str]:
    return sorted({*globals(), *DOOR})
