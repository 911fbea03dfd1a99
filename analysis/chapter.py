"""All that a chapter says: `from analysis.chapter import leads, shares, show`.

Each name is looked up when it is asked for, so that a chapter depends on the rooms that it uses and no others.
"""

import difflib
import importlib
from typing import Any

ROOMS = {
    "survey.datasets": ("load", "log", "provenance"),
    "stats.estimates": ("means", "share", "shares"),
    "stats.guards": ("changed", "every", "family"),
    "stats.models": ("logistic",),
    "stats.bounds": ("bounds",),
    "stats.release": ("release",),
    "stats.vocabulary": (
        "alike", "amount", "apart", "associations", "difference_in_means", "difference_in_shares", "differs", "falls",
        "few", "highest", "leads", "majority", "minority", "most", "not_shown", "order", "rests_on_few", "undecided",
    ),
    "show.door": ("flow", "questions"),
    "show.saying": ("counted", "date", "how_many", "in_people", "in_words", "laid_down", "plain_share"),
    "show.questions": ("show_questions",),
    "show.exhibits": (
        "show", "show_comparisons", "show_figure", "show_flow", "show_hundred", "show_means", "show_model",
        "show_ranges", "show_redraws", "show_routing", "show_same_share", "show_table",
    ),
}  # fmt: skip
"""Where each name lives."""
DOOR = {name: (room, name) for room, names in ROOMS.items() for name in names} | {"wave": ("survey.waves", "read_wave")}


def __getattr__(name: str) -> Any:
    if name not in DOOR:
        near = difflib.get_close_matches(name, DOOR, 1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; there are {', '.join(sorted(DOOR))}"
        raise AttributeError(f'chapters have no word "{name}"{hint}')
    module, called = DOOR[name]
    return getattr(importlib.import_module(f"analysis.{module}"), called)


def __dir__() -> list[str]:
    return sorted({*globals(), *DOOR})
