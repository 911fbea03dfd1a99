"""What is left of each chapter in each kind of edition: true there, whole, and as the map says."""

import ast
import builtins
import json
import re
import shutil

import pytest
from conftest import OTHER, ROOT, command, copy_project, published

from analysis import standing
from analysis.build import expressions
from analysis.survey.waves import EDITIONS

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
NOTEBOOKS = [*CHAPTERS, *EXERCISES]
ABOUT = {
    ("reference", "report"): "the report, its makers and what they told",
    ("reference",): "the rebuilt people, and what the report says where nothing else is known",
    ("report",): "the report, held against the answers of its own respondents",
    ("reference", "report", "practice", "wave"): "the subject of the book, which another questionnaire doesn't have",
    ("reference", "report", "wave"): "people who really answered, and doors for readers who seek them",
    ("report", "practice", "wave"): "a page of comparisons, which needs answers",
    ("reference", "practice"): "sums by hand, on nobody's answers",
    ("practice", "wave"): "a page without a report",
    ("practice", "questionnaire"): "what leads on where there are no doors",
    ("questionnaire",): "another questionnaire",
}
"""What cells are about that stand in some kinds of edition."""
MARKS = {"there": "there", "as said": "said", "–": ""}
"""How the table in ARCHITECTURE.md says that a page stands in a kind of edition, and what that is called here."""

INVENTED = [r"nagebouw", r"verzonnen", r"aangenomen", r"reconstructie"]
DOCUMENT = [
    r"\bMIND\b", r"\b2025", r"\b[Hh]et rapport\b", r"Rapport van", r"[Gg]edrukt", r"\bde druk\b", r"Instagram",
    r"[Bb]ijlage A\b", r"[Aa]anbeveling", r"[Cc]orrecties", r"nooit vermeld",
]  # fmt: skip
RECRUITED = [r"niet geloot", r"niemand is geloot", r"meldden", r"aanmeld", r"oproep", r"kwamen zelf", r"\b[Oo]nline\b"]
SUBJECT = [r"\bAI\b", r"klachten", r"psychisch", r"gebruikers", r"hulpverlener", r"\bwachtlijst", r"\bq\d\d\b", r"113"]
FORBIDDEN = {
    "report": INVENTED,
    "practice": [*INVENTED, *DOCUMENT, *RECRUITED],
    "wave": [*INVENTED, *DOCUMENT, *RECRUITED, r"echte meting"],
    "questionnaire": [*INVENTED, *DOCUMENT, *RECRUITED, *SUBJECT],
}
"""By kind, what its prose can't say: it would be true of another."""
EXCEPTIONS = [
    ("report", "discussion", "dat getal is verzonnen", "a number in a sum, made up for everybody to see"),
    ("report", "certainty", "wat daarbij is aangenomen", "what a code of ethics asks to be told"),
    ("practice", "introduction", ", 2025", "the years of other people's writings"),
    ("wave", "introduction", ", 2025", "the years of other people's writings"),
    ("practice", "truth", "verzonnen", "what it is about: everybody in such a wave is invented, and it says so"),
    ("practice", "truth", "is niet geloot maar uit het model uitgerekend", "of the truth, not of people"),
    ("practice", "truth", "Bij mensen die zichzelf aanmelden belooft", "of surveys in general"),
    ("practice", "truth", "Wie zich herkent in een oproep", "of surveys in general"),
    ("practice", "certainty", "weet niets van zelfaanmelding", "of a rule, not of these people"),
    ("wave", "certainty", "weet niets van zelfaanmelding", "of a rule, not of these people"),
    ("questionnaire", "certainty", "weet niets van zelfaanmelding", "of a rule, not of these people"),
    *((kind, "reuse", "een boek over verzonnen antwoorden", "what a command makes") for kind in FORBIDDEN),
    ("wave", "themes", "In een echte meting is een aantal", "what a count means wherever people are real"),
]

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.stem)
each_kind = pytest.mark.parametrize("kind", EDITIONS)


def read(chapter):
    """A chapter with the sources of its cells as text."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    notebook["cells"] = [c | {"source": "".join(c["source"])} for c in notebook["cells"]]
    return notebook


def left(chapter, kind):
    """The cells of a chapter that stand in a kind of edition: none where the chapter doesn't."""
    notebook = read(chapter)
    return standing.leave_out(notebook, kind)["cells"] if standing.there(notebook, kind) else []


def prose(cells):
    return [c["source"] for c in cells if c["cell_type"] == "markdown"]


def table():
    """The table of pages by kinds in ARCHITECTURE.md, as a mark for each page and kind."""
    lines = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()
    start = lines.index(next(line for line in lines if line.startswith("| page |")))
    assert [cell.strip() for cell in lines[start].strip("|").split("|")] == ["page", *EDITIONS]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return {
        (page.strip(" `"), kind): MARKS[mark]
        for pages, *marks in rows
        for page in pages.split(",")
        for kind, mark in zip(EDITIONS, marks, strict=True)
    }


# --- the list and the map -------------------------------------------------------------------


def test_a_cell_stands_apart_for_what_it_is_about_and_never_for_what_is_not_known():
    """What nobody published is left out by itself, and is there once it is known."""
    found = {kinds for c in NOTEBOOKS for cell in read(c)["cells"][1:] if (kinds := standing.kinds(cell["source"]))}
    assert found == set(ABOUT)


@each_chapter
def test_cells_have_ids_of_their_own_and_kinds_that_there_are_in_their_order(chapter):
    cells = read(chapter)["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert standing.problems({"cells": cells}, EDITIONS) == []
    for cell in cells:
        kinds = standing.kinds(cell["source"])
        assert list(kinds) == [kind for kind in EDITIONS if kind in kinds] and len(kinds) < len(EDITIONS)


def test_each_page_stands_where_the_map_says():
    found = {(c.stem, kind): bool(left(c, kind)) for c in CHAPTERS for kind in EDITIONS}
    assert {key: bool(mark) for key, mark in table().items()} == found
    assert all(bool(left(c, kind)) == (kind == "practice") for c in EXERCISES for kind in EDITIONS)


# --- what is left is whole ------------------------------------------------------------------


@each_kind
@each_chapter
def test_a_page_has_one_title_and_no_heading_or_caution_without_words(chapter, kind):
    cells = left(chapter, kind)
    assert len(re.findall(r"^# ", "\n".join(prose(cells)), re.MULTILINE)) == bool(cells)
    blocks = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            blocks += [block for block in re.split(r"\n\s*\n", cell["source"]) if block.strip()]
        elif re.search(r"^(?:\w+\.)?show\w*\(", cell["source"], re.MULTILINE):
            blocks.append("an exhibit")
    blocks = [re.sub(r"\A\([\w-]+\)=\n", "", block) for block in blocks]
    for block, after in zip(blocks, [*blocks[1:], "# "][: len(blocks)], strict=True):
        level, following = (len(re.match("#*", text)[0]) for text in (block, after))
        assert not level or not following or following > level or level == 1, block
        assert block.strip() != "**Let op.**" or not following, after


@each_kind
@each_chapter
def test_what_prose_and_code_use_is_made_in_cells_that_are_left(chapter, kind):
    known = set(vars(builtins)) | {"__name__"}
    for cell in left(chapter, kind):
        if cell["cell_type"] == "markdown":
            trees = [ast.parse(expression.text) for expression in expressions.find(cell["source"])]
        else:
            trees = [ast.parse(cell["source"])]
        for tree in trees:
            nodes = list(ast.walk(tree))
            known |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            known |= {(n.asname or n.name).partition(".")[0] for n in nodes if isinstance(n, ast.alias)}
            wanted = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
            assert wanted <= known, (cell["id"], wanted - known)


@each_kind
@each_chapter
def test_footnotes_that_are_used_are_there_and_no_others(chapter, kind):
    text = "\n".join(prose(left(chapter, kind)))
    defined = re.findall(r"^\[\^(\w+)\]:", text, re.MULTILINE)
    assert sorted(defined) == sorted(set(re.findall(r"(?<!^)\[\^(\w+)\]", text, re.MULTILINE)))


@each_kind
@each_chapter
def test_no_sentence_leads_to_a_page_that_is_not_there(chapter, kind):
    absent = {c.stem for c in CHAPTERS if not left(c, kind)}
    linked = re.findall(r"\]\((\w+)\.ipynb|:link: (\w+)$", "\n".join(prose(left(chapter, kind))), re.MULTILINE)
    assert not absent & {page for pair in linked for page in pair}


# --- what is left is true -------------------------------------------------------------------


def wrong(text, kind, about_documents=False):
    """What stands in a text that isn't true of a kind of edition; a page about documents may name them."""
    plain = re.sub(r"\{eval\}`[^`]*`", " ", text)
    patterns = [pattern for pattern in FORBIDDEN[kind] if not (about_documents and pattern in DOCUMENT)]
    return [match[0] for pattern in patterns for match in re.finditer(pattern, plain)]


@pytest.mark.parametrize("kind", FORBIDDEN)
@each_chapter
def test_no_word_is_left_that_is_true_of_another_kind_only(chapter, kind):
    text = "\n".join(prose(left(chapter, kind)))
    for among, page, words, _ in EXCEPTIONS:
        if (among, page) == (kind, chapter.stem):
            text = text.replace(words, " ")
    assert wrong(text, kind, table()[chapter.stem, kind] == "said") == []


def test_every_exception_is_needed():
    for kind, page, words, reason in EXCEPTIONS:
        assert reason and words in "\n".join(prose(left(ROOT / "chapters" / f"{page}.ipynb", kind)))
        assert wrong(words, kind), words


def test_the_search_finds_what_is_not_true():
    assert wrong("In september 2025 vroeg MIND dat.", "wave") == ["MIND", "2025"]
    assert wrong("In de nagebouwde ronde is dat aangenomen.", "report") == ["nagebouw", "aangenomen"]
    assert wrong("Zij meldden zich zelf aan.", "practice") and not wrong("Zij meldden zich zelf aan.", "report")
    assert wrong("Van de gebruikers praatte een deel met AI.", "questionnaire") == ["AI", "gebruikers"]
    assert not wrong("{eval}`verzonnen` mensen", "report")


def test_every_kind_but_the_reference_has_words_that_it_can_not_say():
    assert set(FORBIDDEN) == set(EDITIONS) - {"reference"}


# --- built ----------------------------------------------------------------------------------

LABEL = """title_nl = "Een ronde"
title_en = "A round"
kind = "{kind}"
{report}questionnaire = "../../{questionnaire}"
responses = "{responses}"
respondent = "{respondent}"

[fieldwork]
start = 2026-04-03
end = 2026-04-24
"""
PUBLISHED = """
[published]
by = "Somebody"
at = "https://example.org/cycling"
licence = "CC0 1.0"
"""


def wave_of(kind, project):
    """Put a wave into a project that makes this kind of edition: the reference's answers, or those on cycling."""
    if kind == "practice":  # which there is
        return "practice-1"
    wave = project / "data" / "waves" / kind
    if kind == "questionnaire":
        shutil.copytree(OTHER / "waves" / "2024-cycling", wave)
        shutil.copytree(OTHER / "questionnaire", project / "data" / "cycling")
        about = {"kind": "public", "questionnaire": "cycling", "responses": "export.csv", "respondent": "person"}
    else:
        reference = ROOT / "data" / "waves" / "2025-reference"
        shutil.copytree(reference, wave, ignore=shutil.ignore_patterns("provenance.csv", "reconstruction"))
        about = {"questionnaire": "questionnaire", "responses": "responses.csv", "respondent": "respondent"}
        about["kind"] = "confidential"
    shown = PUBLISHED if about["kind"] == "public" else ""
    report = 'report = "mind-2025"\n' if kind == "report" else ""
    (wave / "wave.toml").write_text(LABEL.format(report=report, **about) + shown, encoding="utf-8")
    return wave.name


@pytest.mark.long
@pytest.mark.parametrize("kind", FORBIDDEN)
def test_an_edition_of_each_kind_is_built_with_its_pages_and_no_dead_link(kind, tmp_path):
    project = copy_project(tmp_path / "project")
    name = wave_of(kind, project)
    result = command(project, "book", "--wave", name)
    assert result.returncode == 0, result.stdout + result.stderr
    pages = {p.stem: p.read_text(encoding="utf-8") for p in (published(project, name) / "chapters").glob("*.html")}
    assert set(pages) == {page for (page, among), mark in table().items() if among == kind and mark}
    addresses = {page: set(re.findall(r'\bid="([^"]+)"', html)) for page, html in pages.items()}
    for page, html in pages.items():
        article = html[html.index("<article") : html.rindex("</article>")]  # one in another is a listing's
        for link in re.findall(r'<a\b[^>]*\bhref="((?:\w+\.html)?(?:#[^"]*)?)"', article):
            leads, _, place = link.partition("#")
            leads = leads.removesuffix(".html") or page
            assert leads in pages and (not place or place in addresses[leads]), (page, link)
        if kind != "report" and page not in ("questionnaire", "transparency"):
            words = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", article, flags=re.DOTALL)
            assert not re.findall(r"\bMIND\b|nagebouw|[Hh]et rapport\b", words), page


OFF = {
    "analysis/survey/terms.py": "    return [terms for terms in _opened.values() if isinstance(terms, Terms)]",
    "analysis/edition.py": '    if not label.confidential:\n        return ""',
    "analysis/stats/gate.py": "    bound = agreed.bound()",
}
INSTEAD = ["    return []", '    return ""', "    return None"]
"""What is changed in a copy so that no terms are bound, no attacker is asked, and the gate knows of nothing."""


@pytest.mark.long
@pytest.mark.parametrize("kind", ["reference", "practice", "questionnaire"])
def test_the_gate_has_no_say_in_a_book_of_invented_or_published_answers(kind, tmp_path):
    made = []
    for state in ("on", "off"):
        project = copy_project(tmp_path / state)
        name = "2025-reference" if kind == "reference" else wave_of(kind, project)
        for (path, old), new in zip(OFF.items(), INSTEAD, strict=True) if state == "off" else ():
            code = (project / path).read_text(encoding="utf-8")
            assert code.count(old) == 1, path
            (project / path).write_text(code.replace(old, new), encoding="utf-8")
        if state == "off":  # frames pass by; whoever asks for more gets an error
            with (project / "analysis" / "stats" / "gate.py").open("a", encoding="utf-8") as code:
                code.write("\nlet_out = means = lambda counted, *_: counted\nnote = tested = difference = None\n")
        result = command(project, "book", "--wave", name)
        assert result.returncode == 0, result.stdout + result.stderr
        book = published(project, name)
        files = {p.relative_to(book).as_posix(): p.read_bytes() for p in book.rglob("*") if p.is_file()}
        files.pop("provenance.json")  # it and the foot of a page have hashes of this very code
        made.append({name: re.sub(rb"(gegevens) [0-9a-f]{12}", rb"\1", content) for name, content in files.items()})
    on, off = made
    assert len(on) > 30 and on.keys() == off.keys()
    assert [name for name in on if on[name] != off[name]] == []
