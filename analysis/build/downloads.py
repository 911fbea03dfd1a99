"""Put the files that outputs carry within themselves beside the pages: a link that holds a file leads to one.

In a notebook a link holds its whole file, so that it works anywhere; in a page that would be read by everybody who
never takes it along.
"""

import base64
import posixpath
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

FOLDER = "_downloads"
HELD = re.compile(r'<a download="([\w.-]+)" href="data:[^"]*?;base64,([^"]*)"')


def setup(app: Sphinx) -> None:
    """Keep the files of each page with what Sphinx has read of it, and write them when pages have been made."""
    app.connect("env-purge-doc", lambda app, env, page: _kept(env).pop(page, None))
    app.connect("env-merge-info", lambda app, env, pages, other: _kept(env).update(_kept(other)))
    app.connect("build-finished", _write)


def beside(html: str, env: BuildEnvironment) -> str:
    """Let the links of an output that hold a file lead to a file, which is kept for the page that is being read."""
    page = env.docname

    def lead(found: re.Match) -> str:
        name, held = found[1], base64.b64decode(found[2])
        place = f"{FOLDER}/{page.replace('/', '-')}-{name}"
        _kept(env).setdefault(page, {})[place] = held
        return f'<a download="{name}" href="{posixpath.relpath(place, posixpath.dirname(page) or ".")}"'

    return HELD.sub(lead, html)


def _kept(env: Any) -> dict[str, dict[str, bytes]]:
    if not hasattr(env, "book_downloads"):
        env.book_downloads = {}
    return env.book_downloads


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    for files in _kept(app.env).values():
        for place, content in files.items():
            path = Path(app.outdir, place)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
