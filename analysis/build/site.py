"""What makes a folder of pages a site: light, asking no other host, found at its address, with buttons that lead on.

Theme and extensions are taken as they come; what readers don't need of them is left out here.
"""

import base64
import hashlib
import html
import json
import queue
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from sphinx.application import Sphinx
from sphinx.config import Config

from analysis import standing
from analysis.build import runs, settings

ADDRESSED = ("sphinxext.opengraph", "sphinx_sitemap", "notfound.extension")
"""Extensions for a book that has an address: what a shared link shows, the list for search engines, the 404 page."""
BUTTONS = ("use_repository_button", "use_source_button", "use_edit_page_button", "use_issues_button")
POLICY = (
    "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
"""What a page may load and run: nothing of another host, and of the scripts inside it those that were built in.

Styles may stand inside a page, since a figure's lengths do.
"""
INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL)
ONLY = {"togglebutton": r'class="[^"]*\b(toggle|dropdown)\b', "design-tabs": "sd-tab", "sphinx-design": "sd-",
        "copybutton": 'class="highlight', "clipboard": 'class="highlight'}  # fmt: skip
"""Files of extensions that a page needs only where its text has something, by part of their name."""
UNUSED = re.compile(
    r"\.(fa[brs]?|carousel|accordion|offcanvas|toast|modal|spinner|placeholder|popover|tooltip|bs-\w+|pagination|page-"
    r"(item|link)|progress|input-group|form-(?!control)\w+|btn-(?!sm)\w+|list-group|ablog|alert|ratio|col|row|offset|order"
    r"|gx?y?|card|breadcrumb|rounded|border|bg|text|link|fs|fw|display|overflow|focus-ring|icon-link|drop(start|end|up)"
    r"|(was-|in)?valid\w*|[\w-]+-(sm|md|lg|xl|xxl))(?=[-.:>\s\[]|$)"
)
"""Classes in the theme's style that its templates don't use: icons, and parts of Bootstrap."""
USED = re.compile(r"\.(btn-sm|navbar-expand-lg)")
PLURALS = {
    "doctools.js": (re.compile(r"new Function\([^;]*\)(?=;)"), "catalog.plural_expr"),
    "translations.js": (re.compile(r'("plural_expr": )"([^"]+)"'), r"\1(n) => Number(\2)"),
}
"""Sphinx makes code of a string to choose a plural, which the policy forbids: let it be code from the start."""
LEFT_OUT = ("**/*.map", "scripts/fontawesome.js*", "scripts/bootstrap.js*", "vendor/fontawesome",
            "*webpack-macros.html", "locales", ".gitignore")  # fmt: skip
"""What the theme brings that no page asks for: 6 MB."""


def lead_somewhere(config: Config, private: bool) -> None:
    """Leave out the buttons that need a repository where none is named, and all for an edition of its maker alone."""
    options = config.html_theme_options
    if config.html_theme != "sphinx_book_theme":
        return
    config.html_copy_source = bool(options.get("repository_url")) and not private  # a place for `notebooks`
    if not config.html_copy_source:
        dead = dict.fromkeys((*BUTTONS, "use_download_button"), False)
        config.html_theme_options = options | dead | {"launch_buttons": {}, "repository_url": ""}


def address(config: Config, words: dict[str, str]) -> None:
    """Tell the extensions of a book that has an address what they need."""
    config.html_baseurl = config.html_baseurl.rstrip("/") + "/"
    config.ogp_site_url = config.html_baseurl
    config.ogp_image = words["preview"]
    config.ogp_image_alt = words["notice"]
    config.ogp_social_cards = {"enable": False}
    config.sitemap_url_scheme = "{link}"
    config.sitemap_locales = [None]
    config.sitemap_excludes = ["404.html", "search.html", "genindex.html"]
    config.notfound_urls_prefix = urlparse(str(config.html_baseurl)).path
    title = html.escape(words["not_found"])
    config.notfound_context = {"title": title, "body": f"<h1>{title}</h1>\n<p>{words['not_found_why']}</p>"}


def in_one_process(app: Sphinx) -> None:
    """Let the map of the site be gathered here: its library starts a process for that, which would outlive ours."""
    vars(app)["sitemap_links"] = queue.Queue()


def citation(config: Config, context: dict[str, Any]) -> str:
    """Name in the words of reference managers what a page is: part of which book, by whom, of when, where."""
    found = {
        "citation_title": context.get("pagetitle", context["title"]),
        "citation_inbook_title": config.project,
        "citation_author": config.author,
        "citation_publication_date": config.copyright,
        "citation_language": config.language,
        "citation_fulltext_html_url": context.get("pageurl"),
    }
    return "".join(f'<meta name="{k}" content="{html.escape(str(v))}">\n' for k, v in found.items() if v)


def policy(context: dict[str, Any]) -> str:
    """Say in the head of a page what it may load and run."""
    scripts = [js.attributes["body"] for js in context["script_files"] if getattr(js, "attributes", {}).get("body")]
    scripts += INLINE.findall(context.get("body", ""))
    digests = sorted({base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts})
    said = POLICY.format(hashes="".join(f" 'sha256-{digest}'" for digest in digests))
    return f'<meta http-equiv="Content-Security-Policy" content="{said}">\n'


def take_out(context: dict[str, Any]) -> None:
    """Take out of a page the files of extensions that nothing in it needs."""
    body = context.get("body", "")
    idle = [name for name, sign in ONLY.items() if not re.search(sign, body)]
    for files in ("css_files", "script_files"):
        context[files] = [f for f in context[files] if not any(name in str(f.filename or "") for name in idle)]


def lighten(static: Path) -> None:
    """Take out of the theme's files what no page asks for, and out of its style what none of its templates uses."""
    for pattern in LEFT_OUT:
        for path in sorted(static.glob(pattern), reverse=True):
            _remove(path)
    style = static / "styles" / "pydata-sphinx-theme.css"
    if style.exists():
        style.write_text(_lighter(style.read_text(encoding="utf-8")), encoding="utf-8")
    for name, (as_it_is, instead) in PLURALS.items():
        if (script := static / name).exists():
            script.write_text(as_it_is.sub(instead, script.read_text(encoding="utf-8")), encoding="utf-8")


def _remove(path: Path) -> None:
    if not path.is_dir():
        path.unlink()
        return
    for inner in path.iterdir():
        _remove(inner)
    path.rmdir()


@cache
def _lighter(style: str) -> str:
    """Leave out the rules whose every selector has a class that isn't used.

    >>> _lighter("a{b:c}.fa-sun,.fas{d:e}@media print{.toast .btn{f:g}.btn-sm{h:i}}")
    'a{b:c}@media print{.btn-sm{h:i}}'
    """

    def kept(rule: re.Match) -> str:
        selectors = [s for s in rule[1].split(",") if not UNUSED.search(USED.sub("", s))]
        return ",".join(selectors) + rule[2] if selectors else ""

    return re.sub(r"@[^{}]+\{\}", "", re.sub(r"(?:(?<=[{}])|^)([^{}@]+)(\{[^{}]*\})", kept, style))


def entrance(place: Path, config: Config) -> None:
    """Write the page that leads from the folder to the first page, as a whole page: the library writes one line."""
    title, first = html.escape(config.html_title), f"{config.root_doc}.html"
    icon = f'<link rel="icon" href="_static/{Path(config.html_favicon).name}">' if config.html_favicon else ""
    (place / "index.html").write_text(
        f'<!DOCTYPE html>\n<html lang="{config.language}"><head><meta charset="utf-8"><title>{title}</title>{icon}'
        f'<meta http-equiv="Refresh" content="0; url={first}"></head>'
        f'<body><main><h1><a href="{first}">{title}</a></h1></main></body></html>\n',
        encoding="utf-8",
    )


def notebooks(
    root: Path, names: Iterable[str], parameters: dict[str, str], kind: str, install: str
) -> dict[str, bytes]:
    """Make of each chapter the notebook that a reader takes along: as written, for this edition, and how to install."""
    found = {}
    for name in names:
        notebook = standing.leave_out(runs.read_notebook(root / f"{name}.ipynb"), kind)
        written = settings.values(notebook)
        given = "\n".join(f"{k} = {json.dumps(v)}" for k, v in parameters.items() if written.get(k) != v)
        cells = []
        for cell in notebook["cells"]:
            cells.append(cell)
            if given and "parameters" in cell["metadata"].get("tags", []):
                cells.append(_code("given", given))
        notebook["cells"] = [_code("install", install), *cells]
        found[f"{name}.ipynb"] = (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()
    return found


def _code(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source, "execution_count": None, "outputs": []}
