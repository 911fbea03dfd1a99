"""Draw Plotly figures: how MyST-NB shows outputs, with a figure as its data and the place where a script draws it.

Registered with MyST-NB as the renderer `book` (its entry point `myst_nb.renderers`). A text of HTML that is shown
right behind a figure and has a place for it takes the figure in.
"""

import html
import json
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer

from analysis.build import downloads
from analysis.build.chapters import PLOTLY

PLACE = "<!-- plot -->"
"""Where a text waits for its drawing."""


class Renderer(NbElementRenderer):
    """Render the outputs of one chapter."""

    drawn = 0
    waiting: nodes.raw | None = None
    """The figure before, as long as no text has taken it in."""

    def render_mime_type(self, data: MimeData) -> list[nodes.Element]:
        """Render one kind of an output."""
        if data.mime_type == PLOTLY:
            self.drawn += 1
            env = self.renderer.sphinx_env
            name = f"{env.docname.rpartition('/')[2]}-{self.drawn}"
            self.waiting = html_node(plot(data.content, name, env.config.book_said))
            return [self.waiting]
        if data.mime_type == "text/html" and self.waiting is not None and PLACE in data.string:
            text = data.string.replace(PLACE, self.waiting.astext())
            bundle = self.waiting.parent.parent
            bundle.parent.remove(bundle)
            self.waiting = None
            return [html_node(text)]
        if data.mime_type == "text/html":
            return [html_node(downloads.beside(data.string, self.renderer.sphinx_env))]
        return super().render_mime_type(data)


def html_node(text: str) -> nodes.raw:
    """Make HTML a node, as MyST-NB does with an output of that kind."""
    return nodes.raw(text=text, format="html", classes=["output", "text_html"])


def plot(figure: Any, identity: str, words: dict[str, str]) -> str:
    """Write a Plotly figure as HTML: its data, and the place where `_static/figures.js` draws it."""
    data = json.dumps(figure, sort_keys=True, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<div class="plot" id="{identity}" aria-hidden="true" data-failed="{html.escape(words["figure_failed"])}">'
        f'<script type="application/json">{data}</script></div>'
    )
