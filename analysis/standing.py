"""The line by which a cell says in which kinds of edition it stands, and what that leaves of a chapter.

A cell of prose that stands in some kinds of edition only begins with `*In: reference, report*`, one of code with
`# In: reference, report`; a cell without such a line stands in all. A chapter stands where its first cell does. The
line is seen wherever a notebook is opened; pages don't have it.
"""

import re
from collections.abc import Collection
from typing import Any

LINE = re.compile(r"\A(?:\*In: ([^*\n]+)\*|# In: ([^\n]+))[ \t]*(?:\n+|\Z)")


def kinds(source: str) -> tuple[str, ...]:
    """Return the kinds of edition that a cell stands in, as it says itself; none for all.

    >>> kinds("# In: reference, report\\nshow(use)"), kinds("Some words.")
    (('reference', 'report'), ())
    """
    found = LINE.match(source)
    return tuple(kind.strip() for kind in (found[1] or found[2]).split(",")) if found else ()


def stands(source: str, kind: str) -> bool:
    """Whether a cell stands in a kind of edition; a book without kinds, a blank, has all its cells."""
    return not kind or not kinds(source) or kind in kinds(source)


def leave_out(notebook: Any, kind: str) -> Any:
    """Leave out of a chapter the cells that don't stand in a kind of edition, and the lines that say so in its prose.

    The notebook is changed, and returned. Code keeps its line, which is a comment there.
    """
    if kind:
        notebook["cells"] = [cell for cell in notebook["cells"] if stands(cell["source"], kind)]
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = LINE.sub("", cell["source"])
    return notebook


def there(notebook: Any, kind: str) -> bool:
    """Whether a chapter stands in a kind of edition: where its first cell does."""
    cells = notebook["cells"]
    return not cells or stands(cells[0]["source"], kind)


def problems(notebook: Any, known: Collection[str]) -> list[str]:
    """Say of each cell what is wrong with its line: a kind that isn't one of `known`."""
    return [
        f'cell {number} stands in "{kind}", which is no kind of edition; there are {", ".join(known)}'
        for number, cell in enumerate(notebook["cells"], 1)
        for kind in kinds(cell["source"])
        if kind not in known
    ]
