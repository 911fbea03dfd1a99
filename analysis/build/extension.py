"""The Sphinx extension that makes pages of executed chapters: `jupyter-book build .` runs what must run.

Knows nothing of what a book is about: `analysis.build.chapters` says what `_config.yml` may hand it. Where
chapters' copies have been made already, `book_executed` names their folder. gettext gets the chapters as written.
"""

import contextlib
import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

from analysis import paths
from analysis.build import chapters, downloads, prose, runs, site
from analysis.files import digest

READER = ""
"""Beside the pages' copies: by what they were read. No page has this name."""
SHOWN = 12
"""Characters of a hash that a reader sees."""
NAMELESS = "Project name not set"
"""What Sphinx calls a book that has a title alone, as Jupyter Book's have."""
AS_WRITTEN = {"gettext"}
"""Builders that take chapters as they were written, without running them."""
INDEX: WeakKeyDictionary[Sphinx, dict[str, dict]] = WeakKeyDictionary()
"""What the chapters of a build were made from, by page; nothing for a build that takes them as written."""
logger = logging.getLogger(__name__)


class BuildError(SphinxError):
    """The book couldn't be built; the message says why and what to do."""

    category = "Book"


def setup(app: Sphinx) -> dict[str, Any]:
    """Hook into Sphinx; listed after MyST-NB, whose `{eval}` asks a kernel that isn't there."""
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(_fold, depart_HideCellInput))
    app.add_config_value("book_parameters", {}, "env")
    for name in ("prepare", "words", "kind", "private", "outputs", "settle", "record", "rule"):
        app.add_config_value(f"book_{name}", "", "env")
    app.add_config_value("book_kinds", [], "env")
    app.add_config_value("book_ids", False, "env")
    app.add_config_value("book_elsewhere", {}, "env")
    app.add_config_value("book_vendor", "book", "env")
    app.add_config_value("book_executed", "", "")
    app.add_config_value("book_timeout", runs.CELL_TIMEOUT, "")
    app.add_config_value("book_said", {}, "env")  # ours to fill, as is the next
    app.add_config_value("book_commit", "", "html")
    for name in ("use_jupyterbook_latex", "use_multitoc_numbering"):
        # Jupyter Book's command asks for its settings even where its extension isn't loaded
        if name not in app.config and "jupyter_book" not in app.config.extensions:
            app.add_config_value(name, False, "env")
    prose.setup(app)
    downloads.setup(app)
    for folder in app.config.locale_dirs:  # words of the theme's buttons that it has no translation for
        app.add_message_catalog("booktheme", str(Path(app.srcdir) / folder))
    app.connect("config-inited", configure)
    app.connect("config-inited", leave_out, priority=950)  # the contents have been read at 900
    app.connect("builder-inited", execute)
    app.connect("env-get-outdated", outdated)
    app.connect("source-read", hand_over)
    app.connect("html-page-context", say_around)
    app.connect("html-page-context", finish_page, priority=900)  # what other extensions add is there by then
    app.connect("build-finished", finish, priority=900)
    app.connect("build-finished", close)
    if app.config.html_baseurl and not _private(app):
        for name in site.ADDRESSED:
            app.setup_extension(name)
        app.connect("builder-inited", site.in_one_process, priority=600)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}


def _book(app: Sphinx) -> chapters.Book:
    """The book that is being built."""
    names = (
        "book_prepare",
        "book_words",
        "book_kinds",
        "book_kind",
        "book_private",
        "book_outputs",
        "book_vendor",
        "book_elsewhere",
    )
    settings = {name: app.config[name] for name in names}
    return chapters.Book(Path(app.srcdir), dict(app.config.book_parameters), app.config.language, settings)


def _private(app: Sphinx) -> bool:
    """Whether the edition is for its maker alone."""
    with _told():
        return _book(app).private


def configure(app: Sphinx, config: Config) -> None:
    """Set what follows from the edition: what the build says, and how figures are drawn."""
    language = config.book_parameters.get("language", config.language)
    if language != config.language:
        raise BuildError(f'_config.yml has language "{config.language}", and "{language}" among book_parameters')
    with _told():
        book = _book(app)
        config.book_said = book.words()
        private = book.private
    if private and not config.book_executed:
        raise BuildError(
            "this edition is for its maker alone, and what stands in _build/html is what gets published. Nothing was "
            f"run. `make book` builds it, into {book.place('NAME').relative_to(book.root)}, which only you can enter"
        )
    if config.book_said["title"]:
        config.html_title = config.book_said["title"]
    if config.book_said["title"] or config.project == NAMELESS:
        config.project = config.html_title
    config.book_commit = chapters.commit(Path(app.srcdir))
    site.lead_somewhere(config, private)
    if private:
        config.html_baseurl = ""
    elif config.html_baseurl:
        site.address(config, config.book_said)
    config.nb_code_prompt_show, config.nb_code_prompt_hide = (config.book_said[k] for k in ("show_code", "hide_code"))
    config.nb_execution_mode = "off"
    config.nb_render_plugin = "book"
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, ("*", chapters.PLOTLY, 1)]


def leave_out(app: Sphinx, config: Config) -> None:
    """Take the pages that this edition doesn't have out of the contents, and parts that are left empty."""
    if not config.book_kind:
        return
    with _told():
        absent = _book(app).absent
    contents = config.external_site_map
    for document in contents.values():
        for tree in document.subtrees:
            tree.items = [item for item in tree.items if item not in absent]
        document.subtrees = [tree for tree in document.subtrees if tree.items]
    for name in absent & set(contents):
        del contents[name]
    config.exclude_patterns = [*config.exclude_patterns, *sorted(f"{name}.ipynb" for name in absent)]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Let Sphinx tell what keeps a book from being built, without a traceback."""
    try:
        yield
    except (chapters.BookError, runs.ChapterError, ValueError, OSError) as error:
        raise BuildError(str(error)) from error


def execute(app: Sphinx) -> None:
    """Run the chapters that must run and write their executed copies, unless they are there already."""
    if app.builder.name in AS_WRITTEN:
        return
    folder = _executed(app)
    if not app.config.book_executed:
        book = _book(app)
        with _told(), _not_imported_again():
            decisions = chapters.plan(book)
            results = chapters.results(book, decisions, logger.info, timeout=app.config.book_timeout)
            chapters.write(chapters.copies(book, results), folder)
    INDEX[app] = json.loads((folder / chapters.INDEX).read_text(encoding="utf-8"))


def _executed(app: Sphinx) -> Path:
    """The folder of the executed copies."""
    return Path(app.config.book_executed or Path(app.outdir).parent / "executed")


@contextlib.contextmanager
def _not_imported_again() -> Iterator[None]:
    """Keep forked kernels from importing the command that this process runs, as multiprocessing would have it."""
    main = vars(sys.modules["__main__"])
    file = main.pop("__file__", None)
    try:
        yield
    finally:
        if file:
            main["__file__"] = file


def outdated(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list[str]:
    """Name the pages that a new result touches; all of them where what reads them has changed."""
    now = {name: page["copy"] for name, page in INDEX.get(app, {}).items()} | {READER: read_by()}
    before = getattr(env, "book_copies", {})
    vars(env)["book_copies"] = now
    same_reader = now[READER] == before.get(READER)
    return [name for name in env.found_docs if not same_reader or now.get(name) != before.get(name)]


def read_by(folder: Path = paths.ROOT / "analysis" / "build") -> str:
    """Hash the modules that make a page of a chapter's copy."""
    return digest(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py"))))


def hand_over(app: Sphinx, docname: str, source: list[str]) -> None:
    """Give MyST-NB the executed copy of a chapter for its text, and the prose its values."""
    page = INDEX.get(app, {}).get(docname)
    if page is None:
        return
    source[0] = (_executed(app) / f"{docname}.ipynb").read_text(encoding="utf-8")
    app.env.temp_data[prose.VALUES] = prose.values(json.loads(source[0]))
    app.env.temp_data["book_sentences"] = page["sentences"]


def say_around(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: Any) -> None:
    """Say on every page what holds for the whole book, and under each chapter what it was made from."""
    words = app.config.book_said
    if words["notice"]:
        # on a phone the first words alone, in one line; all of it stands at the foot of each page
        context["theme_announcement"] = "".join(
            f'<span class="{name}">{html.escape(words[name])}</span> ' for name in ("banner", "notice") if words[name]
        )
    lines = {
        "help": words["help"],
        "notice": words["notice"],
        "edition": words["footer"].replace("{commit}", app.config.book_commit),
    }
    for name in ("report", "contact"):
        said = app.config.myst_substitutions.get(name, "").replace("*", "")
        lines[name] = words[name].replace(f"{{{name}}}", said) if said else ""
    attributes = {"help": ' role="note"'}
    context["theme_extra_footer"] = "".join(
        f'<p class="{name}"{attributes.get(name, "")}>{_linked(line)}</p>' for name, line in lines.items() if line
    )
    if words["robots"]:
        robots = f'<meta name="robots" content="{html.escape(words["robots"])}">'
        context["metatags"] = context.get("metatags", "") + robots
    page = INDEX.get(app, {}).get(pagename)
    if page and "body" in context:
        drawn = context["body"].count('<div class="plot" id="')
        if drawn != page["figures"]:
            logger.warning("%d of %d figures reached the page", drawn, page["figures"], location=pagename)
        context["body"] += f'<p class="provenance">{html.escape(provenance(page["made_from"], words))}</p>\n'


def finish_page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: Any) -> None:
    """Leave out what the page doesn't need, and say in its head what it may load and what it is."""
    if app.builder.format != "html":
        return
    site.take_out(context)
    said = site.policy(context)
    if app.config.html_baseurl and doctree:
        said += site.citation(app.config, context)
    context["metatags"] = said + context.get("metatags", "")


def finish(app: Sphinx, error: Exception | None) -> None:
    """Make of the pages a site; write the notebooks that readers take along."""
    if error or app.builder.format != "html":
        return
    site.lighten(Path(app.outdir) / "_static")
    if "sphinx_external_toc" in app.extensions and app.config.root_doc != "index":
        site.entrance(Path(app.outdir), app.config)
    if repository := app.config.html_theme_options.get("repository_url"):
        book, words = _book(app), app.config.book_said
        version = app.config.book_commit.rstrip("+?")
        install = words["install"].format(source=f"git+{repository.rstrip('/')}" + (f"@{version}" if version else ""))
        made = site.notebooks(book.root, INDEX[app], book.parameters, book.kind, install)
        chapters.write(made, Path(app.outdir) / "_sources")


def _fold(self: Any, node: HideCodeCellNode) -> None:
    """Begin folded code as MyST-NB does, its summary said in the words that it shows."""
    words = "".join(
        f'<span class="{state} admonition-title">{html.escape(node[key])}</span>'
        for state, key in (("collapsed", "prompt_show"), ("expanded", "prompt_hide"))
    )
    self.body.append(f'<details class="admonition hide {" ".join(node["classes"])}"><summary>{words}</summary>\n')


def _linked(line: str) -> str:
    """Write a line as HTML, in which `[words](address)` is a link."""
    return re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', html.escape(line))


def provenance(made_from: dict, words: dict[str, str]) -> str:
    """Say what a page was made from, in hashes."""

    def hashed(what: dict) -> str:
        return digest(json.dumps(what, sort_keys=True).encode())

    text = words["provenance"]
    hashes = {
        "chapter": made_from["chapter"],
        "data": hashed(made_from["reads"]),
        "parameters": hashed(made_from["parameters"]),
        "lock": made_from["lock"],
    }
    for name, value in hashes.items():
        text = text.replace(f"{{{name}}}", value[:SHOWN])
    return text


def close(app: Sphinx, error: Exception | None) -> None:
    """Say at the end what became of guarded sentences, as far as no other command does."""
    if not error and app in INDEX and not app.config.book_executed:
        logger.info("\n".join(chapters.told(INDEX[app])))
