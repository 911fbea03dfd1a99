"""Make plain text of links to pages that an edition doesn't have."""

import re
from collections.abc import Collection

MARKDOWN = re.compile(
    r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]"  # text, with brackets in it at most one deep
    r"\((?P<page>[\w/-]+)\.(?:ipynb|md|html)(?:#[^)\s]*)?\)"
)
HTML = re.compile(r"<a\b[^>]*\bhref=\"(?P<page>[\w/-]+)\.html(?:#[^\"]*)?\"[^>]*>(?P<text>.*?)</a>", re.DOTALL)


def without(source: str, absent: Collection[str]) -> str:
    """Return a text of MyST in which links to `absent` pages, by their names, are what they say.

    >>> without("See [the audit](audit.ipynb#claims) and [use](use.ipynb).", {"chapters/audit"})
    'See the audit and [use](use.ipynb).'
    """
    return _plain(MARKDOWN, source, absent)


def without_in(output: dict, absent: Collection[str]) -> dict:
    """The same of an output of a cell, in its HTML; a kind of output in a list of lines stays as it is."""
    html = output.get("data", {}).get("text/html")
    if not absent or not isinstance(html, str):
        return output
    return output | {"data": output["data"] | {"text/html": _plain(HTML, html, absent)}}


def _plain(link: re.Pattern, text: str, absent: Collection[str]) -> str:
    names = {name.rpartition("/")[2] for name in absent}
    return link.sub(lambda found: found["text"] if found["page"].rpartition("/")[2] in names else found[0], text)
