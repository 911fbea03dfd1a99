"""What becomes of a chapter's prose: values in sentences, ids of headings, findings in their headings' place.

A value is read where the executed copy keeps it, and is text: never parsed as Markdown, and in its own place in a
translated sentence too.
"""

import html
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from analysis.build import expressions
from analysis.build.chapters import WANTING, in_language, media

logger = logging.getLogger(__name__)
NO_ID = 'the heading "%s" has no id: put (some-name)= on the line above it, in words that no new number changes'
VALUES = "book_values"
"""Where Sphinx's environment holds the values of the chapter that is being read; absent where there are none."""


class ValueMissing(SphinxError):
    """An expression in prose that has no value, or two; the message names chapter and expression."""

    category = "Prose"


class guard(nodes.inline):
    """The mark behind a guarded sentence: empty while it holds; its title says what is checked."""


class finding(nodes.General, nodes.Element):
    """A finding that is shown in its heading; it stays in its own place for the search alone."""


def values(notebook: dict) -> dict[str, list[dict]]:
    """List by expression the values that an executed copy keeps, each different one once."""
    found: dict[str, list[dict]] = {}
    for cell in notebook["cells"]:
        for kept in cell["metadata"].get(expressions.KEPT, []):
            data = found.setdefault(kept["expression"].strip(), [])
            if kept["result"].get("status") == "ok" and kept["result"]["data"] not in data:
                data.append(kept["result"]["data"])
    return found


def role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Put the value of an expression into a sentence; the expression itself where chapters aren't run."""
    env = inliner.document.settings.env
    if VALUES not in env.temp_data:
        return [nodes.literal(rawtext, text)], []
    expression = " ".join(text.split())
    data = env.temp_data[VALUES].get(expression, [])
    if len(data) != 1:
        why = "two values in one chapter" if data else "no value; no Markdown cell of the chapter has it"
        raise ValueMissing(f"{env.docname}: {{eval}}`{expression}`: {why}")
    language, vendor = env.config.language, env.config.book_vendor
    if mark := data[0].get(media(vendor, "mark")):
        return [_mark(mark, language)], []
    texts = data[0].get(media(vendor, "text"))
    return [nodes.Text(in_language(texts, language) if texts else expressions.text_of(data[0]))], []


def _mark(mark: dict, language: str) -> guard:
    """Make the mark of a guard a node, with what the head of the chapter will say of it."""
    words = "" if mark["holds"] else in_language(mark["mark"], language)
    node = guard("", words, classes=["guard"] if mark["holds"] else ["guard", "fails"])
    node["ids"] = [nodes.make_id(mark["sentence"])]
    node["title"] = in_language(mark["checks"], language)
    node["sentence"] = mark["sentence"]
    return node


class UniqueMarks(SphinxTransform):
    """Let a mark that stands in more than one place have its id in the first alone."""

    default_priority = 262

    def apply(self, **kwargs: Any) -> None:
        seen: set[str] = set()
        for node in self.document.findall(guard):
            node["ids"] = [i for i in node["ids"] if i not in seen]
            seen.update(node["ids"])


class TypedIds(SphinxTransform):
    """Let a heading with a typed id, `(name)=`, have no other: one of its words would change with its numbers."""

    default_priority = 262
    """Behind docutils' PropagateTargets (260) and MyST-Parser's SortIds (261)."""

    def apply(self, **kwargs: Any) -> None:
        doc, slugs = self.document, dict(getattr(self.document, "myst_slugs", {}))
        for section in doc.findall(nodes.section):
            typed = typed_ids(doc, section)
            if not typed:
                if self.config.book_ids:
                    logger.warning(NO_ID, section[0].astext(), location=section)
                continue
            for worded in set(section["ids"]) - set(typed):
                doc.ids.pop(worded, None)
                for name in [n for n, i in doc.nameids.items() if i == worded]:
                    doc.nameids[name] = None
                slugs = {slug: about for slug, about in slugs.items() if about[1] != worded}
            section["ids"], section["typed"] = typed, True
            slugs |= {i: (section.line, typed[0], section[0].astext()) for i in typed}
        if slugs:  # for [](file.ipynb#id)
            self.env.metadata[self.env.docname]["myst_slugs"] = doc.myst_slugs = slugs


def typed_ids(doc: nodes.document, section: nodes.section) -> list[str]:
    """List the ids of a section that its source names."""
    return [doc.nameids[n] for n in section["names"] if doc.nametypes.get(n) and doc.nameids.get(n)]


class Head(SphinxTransform):
    """List at the head of a chapter its sentences that don't hold or can't be told, with links."""

    default_priority = 270

    def apply(self, **kwargs: Any) -> None:
        rows = self.env.temp_data.get("book_sentences", [])
        wanting = [row for row in rows if row["state"] in WANTING]
        section = next(self.document.findall(nodes.section), None)
        if not wanting or section is None:
            return
        words = self.config.book_said
        places = {
            i: node for node in self.document.findall(nodes.inline) if "guard" in node["classes"] for i in node["ids"]
        }
        items = ""
        for row in wanting:
            identity = nodes.make_id(row["sentence"])
            said = quote(places[identity]) if identity in places else row["sentence"]
            items += (
                f'<li>‘<a href="#{identity}">{html.escape(said)}</a>’ '
                f"{html.escape(words[row['state']])}: {html.escape(row['why'])}.</li>"
            )
        title = html.escape(words["sentence_head"])
        text = f'<aside class="sentences" aria-label="{title}">\n<p><b>{title}</b></p>\n<ul>{items}</ul>\n</aside>'
        section.insert(1, nodes.raw("", text, format="html"))


def quote(mark: nodes.Element) -> str:
    """Return the sentence that a mark stands behind, three dots for a number that isn't known yet."""
    before = ""
    for node in mark.parent.children[: mark.parent.index(mark)]:
        if isinstance(node, nodes.inline) and "guard" in node["classes"]:
            before += "\n"
        else:
            before += node.astext() or ("" if isinstance(node, nodes.Text) else "…")
    return re.split(r"\n|(?<=[.?!])\s+", before.strip())[-1].strip()


def place_findings(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Show a section's finding in its heading while its guard holds; else put it, marked, right below the topic.

    A finding is the first paragraph of a section with a typed id: one bold sentence, and its guards if it has any. By
    now titles, contents and labels have been collected, so that they have the topic.
    """
    if app.builder.format != "html":
        return
    for section in doctree.findall(lambda n: isinstance(n, nodes.section) and n.get("typed")):
        node = next((n for n in section if isinstance(n, nodes.paragraph)), None)
        said = _bold(node) if node is not None else None
        if node is None or said is None:
            continue
        marks = list(node.findall(guard))
        if any("fails" in mark["classes"] for mark in marks):
            section.remove(node)
            section.insert(1, node)
        else:
            section[0].finding = finding("", *[n.deepcopy() for n in (*said.children, *marks)])
            node.replace_self(finding("", *[n.deepcopy() for n in said.children]))


def _bold(paragraph: nodes.paragraph) -> nodes.strong | None:
    """Return the bold sentence of a paragraph that else holds guards' marks alone; None for other paragraphs."""
    rest = [n for n in paragraph if not isinstance(n, guard) and n.astext().strip()]
    return rest[0] if len(rest) == 1 and isinstance(rest[0], nodes.strong) else None


def visit_title(self: Any, node: nodes.title) -> None:
    """Write a heading: its finding, if it has one to show, with its topic small above it."""
    type(self).visit_title(self, node)
    if hasattr(node, "finding"):
        self.body.append(f'<span class="topic">{html.escape(node.astext())}</span> ')
        for child in node.finding:
            child.walkabout(self)
        raise nodes.SkipChildren


def skip(self: Any, node: nodes.Element) -> None:
    """Write nothing."""
    raise nodes.SkipNode


def visit_guard(self: Any, node: guard) -> None:
    """Open a mark, with what it checks as its title."""
    self.body.append(self.starttag(node, "span", "", title=node["title"]))


def depart_guard(self: Any, node: guard) -> None:
    """Close a mark."""
    self.body.append("</span>")


def setup(app: Sphinx) -> None:
    """Hook prose into Sphinx."""
    app.add_transform(UniqueMarks)
    app.add_transform(TypedIds)
    app.add_transform(Head)
    app.add_node(finding, html=(skip, None))
    app.add_node(guard, html=(visit_guard, depart_guard))
    app.add_node(nodes.title, override=True, html=(visit_title, None))
    app.add_role("eval", role, override=True)  # MyST-NB's own asks a kernel
    app.connect("doctree-resolved", place_findings)
