"""From a survey's export to a book: the front door that chapters come in by.

`analysis.load`, `questions`, `wave`, `flow`, `log` and `provenance` open a wave. What a chapter says of it stands in
`analysis.chapter`. No room is opened before it is asked for: the command line must be able to say "nothing changed"
without opening all of them.
"""

from typing import Any

OPENS = ("flow", "load", "log", "provenance", "questions", "wave")


def __getattr__(name: str) -> Any:
    if name not in OPENS:
        raise AttributeError(f'the package "analysis" has no "{name}"; it has {", ".join(OPENS)}')
    from analysis import chapter

    return getattr(chapter, name)
