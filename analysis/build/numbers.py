"""Number the figures of a book in the order of its contents, and let prose cite them by number.

A figure has its number where its HTML says `NUMBER`. Prose cites it by page and address: {figure}`helps#fig-helpful` is
a link in words, such as figure 12.
"""

import posixpath
import re
from collections.abc import Mapping

NUMBER = "<!-- number -->"
FIGURE = re.compile(r'<figure [^>]*id="([^"]+)"')
CITED = re.compile(r"\{figure\}`([^`]+)`")
Numbers = dict[str, tuple[int, str]]


def number(notebooks: Mapping[str, dict]) -> Numbers:
    """Give each figure its number, in the order of the notebooks and their outputs.

    Returns number and page of each, by page and address, such as `helps#fig-helpful`.
    `notebooks` are executed chapters by page; their outputs are changed.
    """
    numbers: Numbers = {}
    count = 0
    for page, notebook in notebooks.items():
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        for data in (output["data"] for output in outputs if "text/html" in output.get("data", {})):
            first, *rest = data["text/html"].split(NUMBER)
            for address, text in zip(FIGURE.findall(data["text/html"]), rest, strict=True):
                count += 1
                numbers[f"{page.rpartition('/')[2]}#{address}"] = (count, page)
                first += f" {count}{text}"
            if rest:
                data["text/html"] = first
    return numbers


def cite(source: str, page: str, numbers: Numbers, word: str) -> str:
    """Write the figures that a page's prose cites as links; ValueError names one that the book doesn't have."""

    def link(found: re.Match) -> str:
        if found[1] not in numbers:
            raise ValueError(f"it cites figure {found[1]}, and the book has {', '.join(sorted(numbers)) or 'none'}")
        count, place = numbers[found[1]]
        to = posixpath.relpath(place, posixpath.dirname(page) or ".")
        return f'<a href="{to}.html#{found[1].partition("#")[2]}">{word} {count}</a>'

    return CITED.sub(link, source)
