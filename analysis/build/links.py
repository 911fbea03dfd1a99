"""Links to pages that an edition doesn't have: plain text, or where they are to be found."""

import posixpath
import re
from collections.abc import Collection, Mapping

MARKDOWN = re.compile(
    r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]"  # text, with brackets in it at most one deep
    r"\((?P<page>[\w./-]+)\.(?:ipynb|md|html)(?:#[^)\s]*)?\)"
)
HTML = re.compile(r"<a\b[^>]*\bhref=\"(?P<page>[\w./-]+)\.html(?:#[^\"]*)?\"[^>]*>(?P<text>.*?)</a>", re.DOTALL)


def without(source: str, here: str, absent: Collection[str], elsewhere: Mapping[str, str]) -> str:
    """Return the MyST of the page `here` in which links to `absent` pages, by their names, are what they say.

    `elsewhere` says of a folder where its pages are to be found where they are absent: an address to which their names
    are added, or a command to type.

    >>> without("See [the audit](audit.ipynb#claims) and [use](use.ipynb).", "chapters/x", {"chapters/audit"}, {})
    'See the audit and [use](use.ipynb).'
    """

    def found(link: re.Match) -> str:
        page = _resolved(link["page"], here)
        if page not in absent:
            return link[0]
        where = elsewhere.get(page.partition("/")[0], "")
        if "//" in where:
            return f"[{link['text']}]({where.rstrip('/')}/{page}.html)"
        return f"{link['text']} (`{where}`)" if where else link["text"]

    return MARKDOWN.sub(found, source)


def without_in(output: dict, here: str, absent: Collection[str]) -> dict:
    """The same of an output of a cell, in its HTML; a kind of output in a list of lines stays as it is."""
    html = output.get("data", {}).get("text/html")
    if not absent or not isinstance(html, str):
        return output
    plain = HTML.sub(lambda link: link["text"] if _resolved(link["page"], here) in absent else link[0], html)
    return output | {"data": output["data"] | {"text/html": plain}}


def _resolved(page: str, here: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(here), page))
