"""What a page says, compared whole: a table and a listing of every kind as HTML, plain text and CSV."""

import csv
import io
import re
from dataclasses import replace

import pytest
from markup import well_made

from analysis.show import render
from analysis.show.parts import (
    Absent,
    Article,
    Block,
    Download,
    Facts,
    Folded,
    Heading,
    Items,
    Link,
    Listing,
    Noted,
    Paragraph,
    Phrase,
    Row,
    SearchForm,
    Several,
    Stacked,
    Strong,
    Table,
    out_of,
)
from analysis.stats.value import Value
from analysis.words import LANGUAGES, Text, text

NASTY = '<b>&"'
ESCAPED = "&lt;b&gt;&amp;&#34;"
# every slot filled: 294 of 771, weighted, derived, a rough estimate
FULL = Value(
    "share", 294 / 771, "share", n=294, of=771, low=0.347, high=0.416, least=0.3, most=0.5, weighted_count=301.5,
    effective_base=650.2, origin="derived", reliability="unreliable", label=Text(nl="gebruik", en="use"),
    absent="nobody", decimals=1,
)  # fmt: skip
SIGN = '<span class="sign" aria-hidden="true">{}</span><span class="visually-hidden">{}</span>'
UNSURE, WITHHELD = SIGN.format("[u]", "rough estimate"), SIGN.format("[w]", "withheld: too few people")


def one_row(*cells, **more) -> Table:
    """A table of one row, its columns named a, b, c."""
    return Table("Made up", ("row", *"abcdefghijkl"[: len(cells)]), (Block((Row("x", cells),)),), **more)


def of_rows(html: str) -> list[str]:
    """The cells of a table's body as they are written."""
    return re.findall(r"<td[^>]*>(.*?)</td>", html)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


# --- every kind of cell ---------------------------------------------------------------------------

CELLS = [
    # a cell, the same on the page, as plain text, in a CSV
    (None, "", "", ""),
    ("label", "label", "label", "label"),
    (Text(nl="ja", en="yes"), "yes", "yes", "yes"),
    (FULL, f"38.1% {UNSURE}", "38.1% [u], rough estimate", "0.3813229572"),
    (FULL.count, "294", "294", "294"),
    (FULL.base, "771", "771", "771"),
    (FULL.interval, "34.7 to 41.6%", "34.7 to 41.6%", "0.347,0.416"),
    (Absent("too_few"), WITHHELD, "[w], withheld: too few people", ""),
    (Link("more", "use.html#fig-use"), '<a href="use.html#fig-use">more</a>', "more", "more"),
    (Link("q03", "#q03", code=True), '<a href="#q03"><code>q03</code></a>', "q03", "q03"),
    (Several((Value("count", 1200), Value("count", 2)), "; "), "1,200; 2", "1,200; 2", '"1,200; 2"'),
    (Several(()), "", "", ""),
    (
        Stacked((FULL.base, Several((FULL.count, text("derived")), " "), "last")),
        "771<br><small>294 derived</small><br><small>last</small>",
        "771 · 294 derived · last",
        "771 · 294 derived · last",
    ),
    (Strong(FULL.base), "<b>771</b>", "771", "771"),
    (
        Phrase("against", (("first", FULL.count), ("second", Text(nl="niets", en="nothing")))),
        "294 against nothing",
        "294 against nothing",
        "294 against nothing",
    ),
    (
        Noted(FULL, (out_of(FULL), "", None, text("derived"))),
        f"38.1% {UNSURE} (294 of 771; derived)",
        "38.1% [u], rough estimate (294 of 771; derived)",
        '"38.1% [u], rough estimate (294 of 771; derived)"',
    ),
    (Noted("alone", ("", None)), "alone", "alone", "alone"),
]


@pytest.mark.parametrize(("cell", "html", "plain", "comma"), CELLS)
def test_a_cell_is_written_on_the_page_as_text_and_in_a_csv(cell, html, plain, comma):
    table = one_row(cell)
    assert of_rows(render.html(table, "en")) == [html]
    assert render.plain(table, "en").split("\n")[2] == f"x    {plain}".rstrip()
    assert render.as_csv(table, "en").split("\n")[1] == f"x,{comma}"


@pytest.mark.parametrize(
    ("value", "nl", "en", "comma"),
    [
        (Value("count", 1200, "people"), "1.200", "1,200", "1200"),
        (Value("share", 0.0825), "8,2%", "8.2%", "0.0825"),
        (Value("share", 0.0825, decimals=2), "8,25%", "8.25%", "0.0825"),
        (Value("mean", 31.44, "years"), "31,4", "31.4", "31.44"),
        (Value("difference", -0.042, "points"), "−4,2", "−4.2", "-0.042"),
        (Value("difference", -4.25, "years"), "−4,2", "−4.2", "-4.25"),
        (Value("ratio", 1.5), "1,50", "1.50", "1.5"),
        (Value("effect", 0.127), "0,13", "0.13", "0.127"),
        (Value("p", 0.0004), "< 0,001", "< 0.001", "0.0004"),
        (Value("p", 0.042), "0,042", "0.042", "0.042"),
        (Value("share", None, absent="nobody"), "[l], leeg: niemand antwoordde", "[e], empty: nobody answered", ""),
        (Value("mean", float("nan")), "[x], niet te berekenen", "[x], not calculable", ""),
    ],
)
def test_a_value_of_each_kind_is_written_in_its_unit_and_stays_a_number_in_a_csv(value, nl, en, comma):
    table = one_row(value)
    for language, said in (("nl", nl), ("en", en)):
        assert render.plain(table, language).split("\n")[2] == f"x    {said}"
        assert render.as_csv(table, language).split("\n")[1] == f"x,{comma}"


def test_an_interval_without_ends_is_a_sign_on_the_page_and_two_blanks_in_a_csv():
    unknown = Value("mean", 3.0, of=1, low=None, high=float("nan"))
    table = one_row(unknown.interval, FULL.interval)
    assert of_rows(render.html(table, "en")) == [SIGN.format("[x]", "not calculable"), "34.7 to 41.6%"]
    assert render.as_csv(table, "en").split("\n")[1] == "x,,,0.347,0.416"


# --- one value with every slot filled, let out and held back ----------------------------------------


def everywhere(value: Value) -> Table:
    """A value in every kind of cell that can hold one."""
    return one_row(
        value, value.count, value.base, value.interval, Strong(value), Several((value, value.count)), out_of(value),
        Stacked((value, value.count, value.interval)), Noted(value, (out_of(value),)),
        Phrase("against", (("first", value), ("second", value.interval))),
    )  # fmt: skip


def test_a_value_with_every_slot_filled_goes_through_page_text_and_csv():
    table = everywhere(FULL)
    share, aloud = f"38.1% {UNSURE}", "38.1% [u], rough estimate"
    assert of_rows(render.html(table, "en")) == [
        share,
        "294",
        "771",
        "34.7 to 41.6%",
        f"<b>38.1% {UNSURE}</b>",
        f"{share}, 294",
        "294 of 771",
        f"{share}<br><small>294</small><br><small>34.7 to 41.6%</small>",
        f"{share} (294 of 771)",
        f"{aloud} against 34.7 to 41.6%",
    ]
    assert render.html(table, "en").endswith('<p class="signs">[u] rough estimate</p></div>')
    assert re.split(r"  +", render.plain(table, "en").split("\n")[2]) == [
        "x",
        aloud,
        "294",
        "771",
        "34.7 to 41.6%",
        aloud,
        f"{aloud}, 294",
        "294 of 771",
        f"{aloud} · 294 · 34.7 to 41.6%",
        f"{aloud} (294 of 771)",
        f"{aloud} against 34.7 to 41.6%",
    ]
    head, row = csv.reader(io.StringIO(render.as_csv(table, "en")))
    assert dict(zip(head, row, strict=True)) == {
        "row": "x",
        "a": "0.3813229572",
        "b": "294",
        "c": "771",
        "d, lower end": "0.347",
        "d, upper end": "0.416",
        "e": aloud,
        "f": f"{aloud}, 294",
        "g": "294 of 771",
        "h": f"{aloud} · 294 · 34.7 to 41.6%",
        "i": f"{aloud} (294 of 771)",
        "j": f"{aloud} against 34.7 to 41.6%",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_that_is_held_back_gives_words_or_its_sign_and_no_number_anywhere(language):
    table = everywhere(replace(FULL, release="hidden"))
    pages = text_of(render.html(table, language)), render.plain(table, language), render.as_csv(table, language)
    for page in pages:
        assert not re.search(r"\d", page), page
    # three cells hold it twice, and so does the stacked one thrice
    held = re.compile(r"\[w\]|niet gegeven|not given")  # an interval has the sign alone
    assert len(held.findall(render.plain(table, language))) == 5 + 2 + 2 + 3 + 3 + 2
    *_, row = csv.reader(io.StringIO(render.as_csv(table, language)))
    assert all(held.search(cell) for cell in row[1:]) and len(row) == 12
    assert of_rows(render.html(table, "en"))[:2] == ["not given", "not given"]


# --- whole tables -----------------------------------------------------------------------------------

HOW = Table(
    Text(nl="Gebruik", en="Use"),
    (text("group"), text("n"), text("share"), text("interval")),
    (
        Block((Row("men", (FULL.count, FULL, FULL.interval), "derived"),), Text(nl="Deel een", en="Part one")),
        Block((Row("women", (Value("count", 0), Value("share", None, of=0, absent="nobody"), None)),), "Part two"),
    ),
    note=Text(nl="Let op.", en="Mind this."),
)


def test_a_table_of_estimates_is_written_whole():
    assert render.html(HOW, "en") == (
        '<div class="table-scroll" role="region" tabindex="0" aria-label="Use">\n'
        "<p>Mind this.</p>\n"
        '<table class="estimates"><caption>Use</caption>\n'
        '<thead><tr><th scope="col">Group</th><th scope="col">Count</th><th scope="col">Share</th>'
        '<th scope="col">95% computed interval</th></tr></thead>\n'
        "<tbody>\n"
        '<tr><th scope="rowgroup" colspan="4">Part one</th></tr>\n'
        f'<tr class="derived"><th scope="row">men</th><td>294</td><td>38.1% {UNSURE}</td><td>34.7 to 41.6%</td></tr>\n'
        "</tbody>\n"
        "<tbody>\n"
        '<tr><th scope="rowgroup" colspan="4">Part two</th></tr>\n'
        f'<tr><th scope="row">women</th><td>0</td><td>{SIGN.format("[e]", "empty: nobody answered")}</td>'
        "<td></td></tr>\n"
        "</tbody>\n"
        '</table><p class="signs">[u] rough estimate; [e] empty: nobody answered</p></div>'
    )
    assert render.plain(HOW, "nl") == (
        "Gebruik\n"
        "Let op.\n"
        "Groep  Aantal  Aandeel                        95%-rekeninterval\n"
        "Deel een\n"
        "men    294     38,1% [r], ruwe schatting      34,7 tot 41,6%\n"
        "Part two\n"
        "women  0       [l], leeg: niemand antwoordde"
    )
    assert render.as_csv(HOW, "en") == (
        'Group,Group,Count,Share,"95% computed interval, lower end","95% computed interval, upper end"\n'
        "Part one,men,294,0.3813229572,0.347,0.416\n"
        "Part two,women,0,,,\n"
    )


def test_a_narrow_table_names_its_cells_and_its_rows_can_be_found():
    rows = (
        Row(Stacked(("What is said", Several(("there", Link("here", "use.html")), " · "))), (FULL.base,),
            address="claim-use-01", choice="equal"),
        Row("Another", (Absent("not_applicable"),)),
    )  # fmt: skip
    table = Table("Claims", ("Claim", "Base"), (Block(rows),), "words", narrow=True, address="audit")
    assert render.html(table, "en") == (
        '<div class="table-scroll" role="region" tabindex="0" aria-label="Claims">\n'
        '<table class="words stacked" id="audit"><caption>Claims</caption>\n'
        '<thead><tr><th scope="col">Claim</th>'
        '<th scope="col">Base</th></tr></thead>\n'
        "<tbody>\n"
        '<tr id="claim-use-01" data-choice="equal"><th scope="row">What is said<br><small>'
        'there · <a href="use.html">here</a></small></th><td data-label="Base">771</td></tr>\n'
        '<tr><th scope="row">Another</th><td data-label="Base">'
        f"{SIGN.format('[n]', 'not asked or not applicable')}</td></tr>\n"
        '</tbody></table><p class="signs">[n] not asked or not applicable</p></div>'
    )
    assert render.plain(table, "en") == (
        "Claims\n"
        "Claim                        Base\n"
        "What is said · there · here  771\n"
        "Another                      [n], not asked or not applicable"
    )
    assert render.as_csv(table, "en") == "Claim,Base\nWhat is said · there · here,771\nAnother,\n"


def test_each_sign_is_explained_once_below_a_table_and_none_where_there_is_none():
    signed = one_row(FULL, Absent("too_few"), Stacked(("a", FULL)), Several((Absent("too_few"), FULL)))
    assert render.html(signed, "en").count('class="signs"') == 1
    assert re.findall(r'<p class="signs">(.*?)</p>', render.html(signed, "nl")) == [
        "[r] ruwe schatting; [w] weggelaten: te weinig mensen"
    ]
    assert "signs" not in render.html(one_row(FULL.count), "en")


def test_a_row_with_another_number_of_cells_than_columns_is_refused():
    with pytest.raises(ValueError, match="a row has 2 cells for 1 columns"):
        Table("t", ("row", "a"), (Block((Row("x", ("1", "2")),)),))


# --- whole listings ---------------------------------------------------------------------------------

FORM = SearchForm(
    "audit", "verdict", Text(nl="Zoek", en="Search"), "Verdict", "any", (("equal", text("verdict_equal")),),
    "{shown} of {all}",
)  # fmt: skip
SMALL = Table("Two", ("Row", "Base"), (Block((Row("x", (FULL.base,)),)),), "words")
EVERYTHING = Listing(
    (
        Heading("A heading", address="errata-base"),
        Paragraph(Strong(Text(nl="Let op", en="Mind"))),
        Items((Noted("first", (FULL.base,)), "second")),
        Article(
            (
                Heading("7. A place", 4, "erratum-7"),
                Facts((("It says", FULL.count), ("Claims", Several((Link("a-1", "#a-1", True),))))),
            ),
            "erratum-7",
            "erratum",
        ),
        Folded(Text(nl="Meer", en="More"), (Paragraph("inside"), SMALL)),
        FORM,
        Download("audit.csv", b"a,b\n", "Download"),
        Listing((Heading("Inner", 4), Listing(()))),
    )
)


def test_a_listing_of_every_part_is_written_whole_as_html():
    assert render.html(EVERYTHING, "en") == (
        '<div class="listing"><h3 id="errata-base">A heading</h3>\n'
        "<p><b>Mind</b></p>\n"
        "<ul><li>first (771)</li><li>second</li></ul>\n"
        '<article class="erratum" id="erratum-7">\n'
        '<h4><a href="#erratum-7">7. A place</a></h4>\n'
        "<dl>\n"
        "<dt>It says</dt><dd>294</dd>\n"
        '<dt>Claims</dt><dd><a href="#a-1"><code>a-1</code></a></dd>\n'
        "</dl>\n"
        "</article>\n"
        '<details class="listing"><summary>More</summary>\n'
        "<p>inside</p>\n"
        '<div class="table-scroll" role="region" tabindex="0" aria-label="Two">\n'
        '<table class="words"><caption>Two</caption>\n'
        '<thead><tr><th scope="col">Row</th><th scope="col">Base</th></tr></thead>\n'
        "<tbody>\n"
        '<tr><th scope="row">x</th><td>771</td></tr>\n'
        "</tbody>\n"
        "</table></div>\n"
        "</details>\n"
        '<form class="filter" role="search" data-table="audit" data-shown="{shown} of {all}" hidden>\n'
        '<p><label for="audit-text">Search</label> <input id="audit-text" name="text" type="search" autocomplete="off"'
        ' aria-controls="audit"></p>\n'
        '<p><label for="audit-verdict">Verdict</label> <select id="audit-verdict" name="choice" aria-controls="audit">'
        '<option value="">any</option><option value="equal">equal</option></select></p>\n'
        '<p role="status"></p></form>\n'
        '<p><a download="audit.csv" href="data:text/csv;charset=utf-8;base64,YSxiCg==">Download</a></p>\n'
        '<div class="listing"><h4>Inner</h4>\n'
        '<div class="listing"></div></div></div>'
    )


def test_a_listing_of_every_part_is_written_whole_as_text():
    assert render.plain(EVERYTHING, "nl") == (
        "\nA heading\n"
        "Let op\n"
        "- first (771)\n"
        "- second\n"
        "\n7. A place\n"
        "It says: 294\n"
        "Claims: a-1\n"
        "\nMeer\n"
        "inside\n"
        "Two\n"
        "Row  Base\n"
        "x    771\n"
        "\n"
        "Download: audit.csv\n"
        "\nInner"
    )


@pytest.mark.parametrize("part", EVERYTHING.parts[:-1])
def test_a_part_alone_is_written_as_it_is_in_a_listing(part):
    assert render.html(part, "en") in render.html(EVERYTHING, "en")


# --- escaping ---------------------------------------------------------------------------------------


def test_text_is_never_markup_wherever_it_stands():
    told = Text(nl=NASTY, en=NASTY)
    cells = (
        NASTY, told, Link(NASTY, NASTY, True), Several((NASTY, told), NASTY), Stacked((NASTY, told)), Strong(told),
        Phrase("against", (("first", NASTY), ("second", told))), Noted(NASTY, (told,)),
    )  # fmt: skip
    names = (told, *(NASTY for _ in cells))
    wide = Table(NASTY, names, (Block((Row(told, cells, NASTY),), told),), NASTY, note=told)
    narrow = Table(told, names, (Block((Row(told, cells, "", NASTY, NASTY),)),), NASTY, True, NASTY, NASTY)
    # 15 in the cells: 1, 1, 2 (words and place), 3, 2, 1, 2, 2, and their head; the caption stands twice
    written = 14 + 1
    for table, more in (
        (wide, 2 + 1 + 1 + 9 + 1 + 1),  # caption, note, style, columns, title, origin
        (narrow, 2 + 1 + 1 + 9 + 8 + 3),  # caption, note, style, columns, names of cells, three addresses
    ):
        html = render.html(table, "en")
        assert NASTY not in html and html.count(ESCAPED) == written + more
        assert html.count("<b>") == 1  # what is strong
    form = SearchForm(NASTY, NASTY, NASTY, told, NASTY, ((NASTY, told),), told)
    for part, count in (
        (Heading(told, 3, NASTY), 2),
        (Heading(NASTY, 4, NASTY), 2),
        (Paragraph(told), 1),
        (Items((NASTY, told)), 2),
        (Facts(((NASTY, told),)), 2),
        (Folded(told, (Paragraph(NASTY),)), 2),
        (Article((Paragraph(NASTY),), NASTY, NASTY), 3),
        (Download(NASTY, b"", told, NASTY), 3),
        (form, 2 + 2 * 4 + 3 + 2),  # table and what is shown, four addresses of two, three words, an option
    ):
        html = render.html(part, "en")
        assert NASTY not in html and html.count(ESCAPED) == count, html


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_well_made(language):
    assert well_made(render.html(HOW, language)).tables == 1
    assert well_made(render.html(EVERYTHING.parts[4], language)).captions == 1
