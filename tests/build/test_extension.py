"""The Sphinx extension by itself: executed copies made by hand in, pages out; and books that aren't ours."""

import ast
import base64
import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from analysis.build import chapters, extension
from analysis.files import digest

PYTHON = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
TEXT, MARK = chapters.media("book", "text"), chapters.media("book", "mark")
YES = {"text/plain": "'38,1%'", TEXT: {"nl": "38,1%", "en": "38.1%"}}
NO = {"text/plain": "'61,9%'", TEXT: {"nl": "61,9%", "en": "61.9%"}}


def prose(source, **values):
    """A Markdown cell with the values of its expressions; `x__y` stands for the expression x.y."""
    kept = [
        {"expression": name.replace("__", "."), "result": {"status": "ok", "data": data, "metadata": {}}}
        for name, data in values.items()
    ]
    return {"cell_type": "markdown", "metadata": {"user_expressions": kept}, "source": source}


def code(*outputs):
    """A code cell with outputs, each given as its MIME bundle."""
    shown = [{"output_type": "display_data", "data": data, "metadata": {}} for data in outputs]
    return {"cell_type": "code", "metadata": {}, "source": "1", "execution_count": 1, "outputs": shown}


def mark(state, sentence="helped"):
    """What a guard shows."""
    said = "" if state == "holds" else " [Klopt niet: 12% van 40.]"
    record = {
        "sentence": sentence, "condition": "majority", "state": state, "holds": state == "holds", "distance": 3,
        "mark": {"nl": said, "en": said and " [Doesn't hold: 12% of 40.]"},
        "why": {"nl": "12% van 40", "en": "12% of 40"},
        "checks": {"nl": "meer dan de helft zegt ja", "en": "more than half say yes"},
    }  # fmt: skip
    return {"text/plain": said, MARK: record}


def build(place, pages, language="nl", builder="html", **settings):
    """Write pages' executed copies and render them with Sphinx alone; what it warned of."""
    executed = place / "executed"
    index = {}
    for name, cells in pages.items():
        notebook = {"cells": cells, "metadata": PYTHON, "nbformat": 4, "nbformat_minor": 4}
        source = notebook | {
            "cells": [{k: v for k, v in c.items() if k != "outputs"} | {"metadata": {}} for c in cells]
        }
        source["cells"] = [c | {"outputs": []} if c["cell_type"] == "code" else c for c in source["cells"]]
        if not (place / f"{name}.ipynb").exists():
            chapters.write_whole(place / f"{name}.ipynb", json.dumps(source).encode())
        chapters.write_whole(executed / f"{name}.ipynb", json.dumps(notebook).encode())
        index[name] = {
            "copy": digest(json.dumps(notebook).encode()),
            "made_from": {"chapter": "c" * 64, "parameters": {}, "reads": {}, "lock": "l" * 64},
            "figures": settings.pop("figures", None) or chapters._figures(notebook),
            "sentences": chapters.sentences(notebook, "book", language),
        }
    chapters.write_whole(executed / chapters.INDEX, json.dumps(index).encode())
    made = {
        "extensions": ["analysis.build.extension"], "root_doc": next(iter(pages)), "language": language,
        "book_executed": str(executed), "exclude_patterns": ["executed", "html", "gettext"], "locale_dirs": ["locale"],
        "gettext_compact": "book", "nitpicky": True,
    }  # fmt: skip
    warnings = io.StringIO()
    with contextlib.redirect_stderr(warnings), patch_docutils(str(place)), docutils_namespace():
        app = Sphinx(
            place, None, place / builder / language, place / "doctrees" / language, builder, made | settings,
            status=None, warning=warnings,
        )  # fmt: skip
        app.build()
    return warnings.getvalue()


def page(place, name="one", language="nl"):
    return (place / "html" / language / f"{name}.html").read_text(encoding="utf-8")


def article(html):
    """The text of a page's article, without tags."""
    body = html.partition('<div class="body" role="main">')[2].partition('<div class="clearer">')[0]
    return " ".join(re.sub(r"<[^>]+>", "", body).split())


# --- values in sentences ----------------------------------------------------------------------


@pytest.mark.parametrize("language, said", [("nl", "Ja zegt 38,1%."), ("en", "Ja zegt 38.1%.")])
def test_a_value_is_said_in_the_language_of_the_edition(tmp_path, language, said):
    assert build(tmp_path, {"one": [prose("# One\n\nJa zegt {eval}`yes`.", yes=YES)]}, language) == ""
    assert said in article(page(tmp_path, language=language))


@pytest.mark.parametrize(
    "plain, said",
    [
        ("'a*b*c_d_ <b>'", "a*b*c_d_ &lt;b&gt;"),
        ("12", "12"),
        ("'it\\'s'", "it&#39;s"),
        ('"so" they say', '"so" they say'),
    ],
)
def test_a_value_is_text_and_never_markup(tmp_path, plain, said):
    assert build(tmp_path, {"one": [prose("# One\n\nIt is {eval}`x`!", x={"text/plain": plain})]}) == ""
    found = re.search(r"<p>It is (.*)!</p>", page(tmp_path))[1].replace("’", "&#39;").replace("&quot;", '"')
    assert found.replace("“", '"').replace("”", '"') == said


def test_a_translation_says_the_values_in_its_own_order_without_a_second_run(tmp_path):
    catalogue = tmp_path / "locale" / "en" / "LC_MESSAGES" / "book.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Ja zegt {eval}`yes`, nee {eval}`no`."\nmsgstr "No say {eval}`no`, and yes {eval}`yes`."\n',
        encoding="utf-8",
    )
    cells = {"one": [prose("# One\n\nJa zegt {eval}`yes`, nee {eval}`no`.", yes=YES, no=NO)]}
    assert build(tmp_path, cells, "nl") == "" and build(tmp_path, cells, "en") == ""
    assert "Ja zegt 38,1%, nee 61,9%." in article(page(tmp_path))
    assert "No say 61.9%, and yes 38.1%." in article(page(tmp_path, language="en"))


@pytest.mark.parametrize(
    "cells, why",
    [
        ([prose("# One\n\n{eval}`use.no`", use__yes=YES)], "one: {eval}`use.no`: no value"),
        ([prose("# One\n\n{eval}`x`", x=YES), prose("{eval}`x`", x=NO)], "one: {eval}`x`: two values in one chapter"),
    ],
)
def test_an_expression_without_a_value_or_with_two_stops_the_build(tmp_path, cells, why):
    with pytest.raises(SphinxError, match=re.escape(why)):
        build(tmp_path, {"one": cells})


def test_the_same_value_twice_is_one_value(tmp_path):
    assert build(tmp_path, {"one": [prose("# One\n\n{eval}`x`", x=YES), prose("And {eval}`x`.", x=dict(YES))]}) == ""
    assert article(page(tmp_path)).count("38,1%") == 2


def test_gettext_gets_the_chapter_as_written(tmp_path):
    cells = {"one": [prose("(top)=\n# One\n\n**Ja zegt {eval}`yes`.** {eval}`helped`", yes=YES, helped=mark("holds"))]}
    assert build(tmp_path, cells, builder="gettext") == ""
    (catalogue,) = (tmp_path / "gettext").rglob("book.pot")  # beside the words of templates, if any were kept
    assert 'msgid "**Ja zegt {eval}`yes`.** {eval}`helped`"' in catalogue.read_text(encoding="utf-8")


# --- guards and headings ----------------------------------------------------------------------


def test_a_mark_is_silent_while_its_sentence_holds_and_says_what_it_checks(tmp_path):
    build(tmp_path, {"one": [prose("# One\n\nMost say yes. {eval}`helped`", helped=mark("holds"))]})
    assert '<span class="guard" id="helped" title="meer dan de helft zegt ja"></span>' in page(tmp_path)
    assert '<aside class="sentences"' not in page(tmp_path)


@pytest.mark.parametrize(("state", "words"), [("contradicted", "does not hold"),
                                              ("not_here", "does not hold here, may be chance")])  # fmt: skip
def test_a_sentence_that_fails_is_marked_and_listed_at_the_head(tmp_path, state, words):
    text = "# One\n\nA first sentence. Most, {eval}`yes`, say *yes*. {eval}`helped` Again. {eval}`helped`"
    build(tmp_path, {"one": [prose(text, yes=YES, helped=mark(state))]})
    html = page(tmp_path)
    assert html.count('id="helped"') == 1, "an id stands once"
    assert '<span class="guard fails" id="helped" title="meer dan de helft zegt ja"> [Klopt niet: 12% van 40.]' in html
    said = f'‘<a href="#helped">Most, 38,1%, say yes.</a>’ {words}: 12% van 40.'
    assert said in html and html.index("<h1>") < html.index(said) < html.index("A first sentence")


def test_closing_lines_count_marks_and_name_those_that_fail():
    marks = {"a": mark("holds", "first"), "b": mark("contradicted", "second"), "c": mark("not_here", "third")}
    notebook = {"cells": [prose("{eval}`a` {eval}`b` {eval}`c`", **marks)]}
    lines = chapters.told({"chapters/one": {"sentences": chapters.sentences(notebook, "book", "en")}})
    assert lines[0] == (
        "sentences 3 guarded: 1 hold, 0 hold here but may be chance, 1 don't hold here but that may be chance, "
        "1 contradicted, 0 can't be told"
    )
    assert lines[1:] == ["  contradicted  one: second: 12% of 40", "  not_here      one: third: 12% of 40"]


FOUND = "{}\n\n**{{eval}}`yes` says yes.** {{eval}}`helped`\n\nMore words about it."


def finding(tmp_path, state):
    """Two pages in the book's theme: a chapter and a section of it that have a topic and a finding each."""
    top = prose(FOUND.format("(about)=\n# About help"), yes=YES, helped=mark(state))
    section = prose(FOUND.format("(helps)=\n## Does it help?"), yes=YES, helped=mark(state))
    pages = {
        "one": [top, section, prose("## Plain words")],
        "two": [prose("# Two\n\n[](one.ipynb#helps) [](one.ipynb)")],
    }
    warned = build(tmp_path, pages, html_theme="sphinx_book_theme")
    assert [line for line in warned.splitlines() if "toctree" not in line] == []
    return page(tmp_path)


def headings(html):
    """The headings of an article as HTML, without the link behind each."""
    article = html.partition("<article")[2]
    return re.findall(r"<h[12]>(.*?)<a class=\"headerlink\"", article)


def test_a_finding_stands_in_its_headings_place_while_it_holds(tmp_path):
    html = finding(tmp_path, "holds")
    top, section, _ = headings(html)
    for heading in (top, section):
        topic = re.search('<span class="topic">([^<]+)</span> ', heading)
        said = re.sub("<[^>]+>", "", heading.replace(topic[0], "")).strip()
        assert topic[1] and said == "38,1% says yes." and 'title="meer dan' in heading
    assert article_of(tmp_path / "html" / "nl" / "one.html").count("38,1% says yes.") == 2
    assert re.search(r"<title>About help\b", html)
    contents = html.partition('class="page-toc')[2]
    assert re.search(r'href="#helps"[^>]*>Does it help\?<', contents)
    search = (tmp_path / "html" / "nl" / "searchindex.js").read_text(encoding="utf-8")
    assert "Does it help?" in search and "says yes" not in search
    links = page(tmp_path, "two").partition("<article")[2]
    assert re.search(r'href="one.html#helps".*?Does it help\?', links) and re.search(
        r'href="one.html".*?About help', links
    )


def test_a_finding_that_fails_stands_marked_below_its_topic(tmp_path):
    html = finding(tmp_path, "contradicted")
    assert headings(html) == ["About help", "Does it help?", "Plain words"]
    assert re.search(r"</h2>\s*<p><strong>38,1% says yes.</strong> <span class=\"guard fails\"", html)


def test_a_typed_id_is_the_only_one_and_others_keep_their_words(tmp_path):
    html = finding(tmp_path, "holds")
    assert 'id="helps"' in html and 'id="does-it-help"' not in html and 'id="plain-words"' in html


@pytest.mark.parametrize(
    "section",
    ["## Topic\n\n**All bold.**", "(two)=\n## Topic\n\n**Bold** and more.", "(two)=\n## Topic\n\nPlain.\n\n**Bold.**"],
)
def test_only_a_bold_sentence_that_opens_a_section_with_a_typed_id_is_a_finding(tmp_path, section):
    build(tmp_path, {"one": [prose(f"# One\n\n{section}")]})
    assert re.search(r"<h2>Topic<a", page(tmp_path)) and "<strong>" in page(tmp_path)


def test_a_finding_that_only_says_a_number_needs_no_guard(tmp_path):
    build(tmp_path, {"one": [prose("# One\n\n(two)=\n## Topic\n\n**{eval}`yes` said so.**", yes=YES)]})
    assert re.search(r'<h2><span class="topic">Topic</span> 38,1% said so.<a', page(tmp_path))


# --- figures ----------------------------------------------------------------------------------

FIGURE = {chapters.PLOTLY: {"data": [{"x": ["</script>"]}], "layout": {"height": 321}}}


def test_a_figure_is_drawn_where_it_stands_or_in_the_text_behind_it_that_waits(tmp_path):
    exhibit = {"text/html": "<figure><!-- plot --></figure>", "text/plain": ""}
    other = {"text/html": "<p>nothing waits</p>"}
    cells = [prose("# One"), code(FIGURE, exhibit), code(FIGURE), code(other)]
    assert build(tmp_path, {"one": cells}) == ""
    html = page(tmp_path)
    assert re.search(r'<figure><div class="plot" id="one-1".*?</div></figure>', html)
    assert html.count('class="plot"') == 2 and html.index('id="one-2"') < html.index("nothing waits")
    assert html.count('<div class="plot" id="one-1" aria-hidden="true" data-failed="') == 1, "its table is heard"
    assert '"</script>"' not in html and '"\\u003c/script>"' in html


def test_a_figure_that_did_not_reach_its_page_is_warned_of(tmp_path):
    assert "1 of 2 figures reached the page" in build(tmp_path, {"one": [prose("# One"), code(FIGURE)]}, figures=2)


def test_a_page_says_what_it_was_made_from(tmp_path):
    build(tmp_path, {"one": [prose("# One")]})
    assert "Made from: chapter cccccccccccc, data 44136fa355b3, " in page(tmp_path), (
        "SHA-256 of {} starts with 44136fa355b3"
    )


def test_nothing_of_ours_imports_jupyter_book():
    """It is in maintenance; what the book stands on is Sphinx, MyST-NB and the theme."""
    for path in (ROOT / "analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith("jupyter_book")], path


# --- somebody else's book ---------------------------------------------------------------------

STREETS = "street,lamps\nHigh Street,12\nMill Lane,3\nHigh Street,4\n"


@pytest.fixture
def lamps(tmp_path):
    """A small book on street lamps, with a parameter of its own, and nothing of ours but the extension."""
    place = tmp_path / "lamps"
    (place / "data").mkdir(parents=True)
    (place / "data" / "lamps.csv").write_text(STREETS)
    (place / "_config.yml").write_text(
        "title: Street lamps\nonly_build_toc_files: true\nexecute: {execute_notebooks: 'off'}\n"
        "sphinx:\n  extra_extensions: [analysis.build.extension]\n"
        "  config:\n    language: en\n    book_parameters: {street: High Street}\n"
    )
    (place / "_toc.yml").write_text("format: jb-book\nroot: lamps\nchapters: [{file: names}, {file: sums}]\n")
    count = (
        "import csv\nrows = csv.DictReader(open('data/lamps.csv'))\n"
        "print(street, sum(int(row['lamps']) for row in rows if row['street'] == street))"
    )
    for name, source in {"lamps": count, "names": "print(street.upper())", "sums": "print(len(street) + 1)"}.items():
        cells = [
            {"cell_type": "markdown", "id": "t", "metadata": {}, "source": f"# {name}"},
            {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "source": 'street = ""'},
            {"cell_type": "code", "id": "c", "metadata": {}, "source": source},
        ]
        cells = [c | ({"outputs": [], "execution_count": None} if c["cell_type"] == "code" else {}) for c in cells]
        kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        kernel["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
        (place / f"{name}.ipynb").write_text(json.dumps(notebook))
    return place


def jupyter_book(place):
    """Build a book as anyone does, warnings being errors."""
    program = Path(sys.executable).parent / "jupyter-book"
    result = subprocess.run(
        [program, "build", ".", "-n", "-W"], cwd=place, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(place if (place / "analysis").exists() else ROOT)},
    )  # fmt: skip
    return result


def ran(result):
    assert result.returncode == 0, result.stdout + result.stderr
    return set(re.findall(r"^run +(\w+):", result.stdout, re.M))


@pytest.mark.long
def test_somebody_elses_book_runs_what_a_change_touches(lamps):
    def said(name):
        return article_of(lamps / "_build" / "html" / f"{name}.html")

    assert ran(jupyter_book(lamps)) == {"lamps", "names", "sums"}
    assert "High Street 16" in said("lamps") and "HIGH STREET" in said("names") and "12" in said("sums")
    assert ran(jupyter_book(lamps)) == set()
    (lamps / "data" / "lamps.csv").write_text(STREETS.replace("Street,4", "Street,40"))
    assert ran(jupyter_book(lamps)) == {"lamps"}
    assert "High Street 52" in said("lamps")
    config = lamps / "_config.yml"
    config.write_text(config.read_text().replace("street: High Street", "street: Mill Lane"))
    assert ran(jupyter_book(lamps)) == {"lamps", "names", "sums"}
    assert "Mill Lane 3" in said("lamps") and "MILL LANE" in said("names")


def article_of(path):
    """The text of the article on a page of the book's theme."""
    body = path.read_text(encoding="utf-8").partition("<article")[2].partition("</article>")[0]
    return " ".join(re.sub(r"<[^>]+>", "", body).split())


def test_a_parameter_that_a_chapter_does_not_have_stops_the_plain_command_too(lamps):
    config = lamps / "_config.yml"
    config.write_text(config.read_text().replace("street: High", "road: High"))
    result = jupyter_book(lamps)
    assert result.returncode != 0 and "names.ipynb has no parameter road; it has street" in result.stderr
    assert not (lamps / "_build" / "html" / "lamps.html").exists()


@pytest.mark.long
def test_a_chapter_that_fails_stops_the_plain_command_too(lamps):
    path = lamps / "sums.ipynb"
    path.write_text(path.read_text().replace("len(street) + 1", "len(street) / 0"))
    result = jupyter_book(lamps)
    assert result.returncode != 0 and "sums stopped at cell 3" in result.stderr and "ZeroDivisionError" in result.stderr


def test_a_function_that_is_not_there_is_named(lamps):
    config = lamps / "_config.yml"
    config.write_text(config.read_text() + "    book_words: lamps.words.say\n")
    result = jupyter_book(lamps)
    assert result.returncode != 0 and "book_words in _config.yml: lamps.words.say can't be had" in result.stderr


# --- a site ---------------------------------------------------------------------------------------

THEME = {
    "extensions": ["sphinx_book_theme", "analysis.build.extension"], "html_theme": "sphinx_book_theme",
    "templates_path": [str(ROOT / "_templates")], "html_sidebars": {"**": ["contents.html"]},
    "html_theme_options": {"article_header_start": []},
}  # fmt: skip
REPOSITORY = {
    "html_theme_options": {
        "article_header_start": [], "repository_url": "https://github.com/someone/survey", "repository_branch": "main",
        "use_repository_button": True, "use_source_button": True, "use_edit_page_button": True,
        "use_issues_button": True, "use_fullscreen_button": False,
        "launch_buttons": {"binderhub_url": "https://mybinder.org", "colab_url": "https://colab.research.google.com",
                           "jupyterhub_url": "https://hub.example.org"},
    },
}  # fmt: skip
FEATURES = ("source-repository-button", "source-file-button", "source-edit-button", "source-issues-button",
            "mybinder.org", "hub.example.org", "colab.research", "_sources/one.ipynb")  # fmt: skip
CELLS = [prose("# One\n\nWords.", x=YES), code({"text/plain": "1"})]


def test_a_repository_gives_readers_its_buttons(tmp_path):
    assert build(tmp_path, {"one": CELLS}, **THEME | REPOSITORY) == ""
    assert [feature for feature in FEATURES if feature not in page(tmp_path)] == []
    taken = json.loads((tmp_path / "html/nl/_sources/one.ipynb").read_text(encoding="utf-8"))
    first, *others = taken["cells"]
    assert "git+https://github.com/someone/survey" in first["source"] and "%pip install" in first["source"]
    assert [cell["source"] for cell in others] == ["# One\n\nWords.", "1"]


def test_without_a_repository_there_is_no_button_that_leads_nowhere(tmp_path):
    options = REPOSITORY["html_theme_options"] | {"repository_url": ""}
    assert build(tmp_path, {"one": CELLS}, **THEME | {"html_theme_options": options}) == ""
    assert [feature for feature in FEATURES if feature in page(tmp_path)] == []
    assert not (tmp_path / "html/nl/_sources").exists()


def test_an_edition_for_its_maker_alone_has_no_button_address_or_download(tmp_path):
    settings = THEME | REPOSITORY | {"html_baseurl": "https://example.org", "book_private": "operator.truth"}
    assert build(tmp_path, {"one": CELLS}, **settings, book_parameters={"wave": "mine"}) == ""
    said = page(tmp_path)
    assert [feature for feature in (*FEATURES, "og:", "citation_", "example.org") if feature in said] == []
    there = {path.name for path in (tmp_path / "html/nl").iterdir()}
    assert there & {"_sources", "sitemap.xml", "404.html"} == set()


def test_an_address_gives_a_preview_a_citation_a_map_and_a_page_for_what_is_not_there(tmp_path):
    settings = THEME | {"html_baseurl": "https://example.org/books/one", "project": "A book", "author": "Somebody"}
    first = [prose("# One\n\n```{toctree}\ntwo\n```", x=YES)]
    assert build(tmp_path, {"one": first, "two": [prose("# Two\n\nWords.", x=YES)]}, **settings) == ""
    said, place = page(tmp_path), tmp_path / "html" / "nl"
    assert '<meta property="og:url" content="https://example.org/books/one/one.html"' in said
    assert '<meta name="citation_inbook_title" content="A book">' in said and "Dataset" not in said
    assert '<link rel="canonical" href="https://example.org/books/one/one.html"' in said
    assert "<loc>https://example.org/books/one/one.html</loc>" in (place / "sitemap.xml").read_text(encoding="utf-8")
    lost = (place / "404.html").read_text(encoding="utf-8")
    assert 'href="/books/one/_static/' in lost and 'href="/books/one/one.html"' in lost and 'href="_static' not in lost


def test_without_an_address_none_of_these_is_there(tmp_path):
    assert build(tmp_path, {"one": CELLS}, **THEME) == ""
    assert [name for name in ("og:", "citation_", "canonical") if name in page(tmp_path)] == []
    assert {path.name for path in (tmp_path / "html/nl").iterdir()} & {"sitemap.xml", "404.html"} == set()


def test_a_script_of_the_page_may_run_and_an_icon_needs_none(tmp_path):
    shown = code({"text/html": "<script>one = 1</script>", "text/plain": "1"})
    assert build(tmp_path, {"one": [prose("# One", x=YES), shown]}, **THEME) == ""
    allowed = hashlib.sha256(b"one = 1").digest()
    assert f"'sha256-{base64.b64encode(allowed).decode()}'" in page(tmp_path)
    static = tmp_path / "html/nl/_static"
    assert "fontawesome" not in page(tmp_path) and not list(static.rglob("fontawesome*"))
    assert "new Function" not in (static / "doctools.js").read_text(encoding="utf-8")


def test_all_pages_are_read_anew_where_what_reads_them_has_changed(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("1")
    one = extension.read_by(tmp_path)
    assert extension.read_by(tmp_path) == one
    (tmp_path / "b.py").write_text("1")
    assert extension.read_by(tmp_path) != one

    class App:
        pass

    app, env = App(), App()
    env.found_docs = ["x", "y"]
    extension.INDEX[app] = {"x": {"copy": "1"}, "y": {"copy": "2"}}
    assert extension.outdated(app, env, set(), set(), set()) == ["x", "y"]
    assert extension.outdated(app, env, set(), set(), set()) == []
    monkeypatch.setattr(extension, "read_by", lambda: "another")
    assert extension.outdated(app, env, set(), set(), set()) == ["x", "y"]
