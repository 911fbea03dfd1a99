"""The audit on the page: every claim and its place, counts, the file that the command writes, a search that works."""

import base64
import csv
import re
from collections import Counter
from decimal import Decimal
from html import unescape

import pandas as pd
import pytest
from charted import agreed, cells, hovers, key, on_page, plotly, texts
from conftest import OTHER, ROOT

import analysis
from analysis.report import audit, claims, consistency
from analysis.show import audit as audit_page
from analysis.show import charts, edition, render
from analysis.words import text, voice

NOT_APPLICABLE = "[n]niet gevraagd of niet van toepassing"
NOT_CALCULABLE = "[x]niet te berekenen"
WAVE = "2025-reference"
PAGE = "chapters/audit.html"


@pytest.fixture(scope="module")
def written() -> list[dict]:
    """The claims as they stand in the file, read without the code under test."""
    with (ROOT / "data/published/claims.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module", params=["nl", pytest.param("en", marks=pytest.mark.long)])
def opened(request):
    """Questionnaire, evaluated claims and joint checks, in each language."""
    questions, steps = analysis.questions(WAVE, request.param), analysis.flow(WAVE).frame
    listed = claims.read(WAVE, questions, steps)
    found = audit.evaluate(listed, claims.Data(analysis.load(WAVE), questions, steps))
    return questions, found, consistency.together(listed, questions, steps)


def rows_of(html: str) -> dict[str, list[str]]:
    """The rows of a table by their header: the text of each cell."""
    found = {}
    for row in re.findall(r"<tr[^>]*><th scope=\"row\".*?</tr>", html):
        header, *cells = (unescape(re.sub(r"<[^>]+>", "", c)) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row))
        found[header] = cells
    return found


# --- the table ---------------------------------------------------------------------------------


def test_the_table_has_every_claim_in_the_order_of_the_file(opened, written):
    questions, found, _ = opened
    html = render.html(audit_page.table(found, questions), questions.language)
    assert re.findall(r'id="claim-([^"]+)"', html) == [claim["claim"] for claim in written]
    headers = re.findall(r'<th scope="row">(.*?)<br>', html)
    assert [unescape(h) for h in headers] == [claim[f"about_{questions.language}"] for claim in written]


def test_every_number_in_print_stands_in_the_table_as_the_language_writes_it(opened, written):
    questions, found, _ = opened
    html = render.html(audit_page.table(found, questions), questions.language)
    cells = re.findall(r'<th scope="row">.*?</th><td[^>]*>(.*?)</td>', html)
    point = {"nl": ",", "en": "."}[questions.language]
    for claim, cell in zip(written, cells, strict=True):
        if claim["printed"]:
            bare = unescape(cell).removesuffix("%").replace("\N{MINUS SIGN}", "-").replace("< ", "<")
            assert bare == claim["printed"].replace(".", point), claim
            assert cell.endswith("%") == (claim["kind"] == "share"), claim
        else:
            assert cell.startswith(text("audit_words")[questions.language]), claim


def test_headers_are_scoped_and_every_cell_is_named(opened):
    questions, found, _ = opened
    html = render.html(audit_page.table(found, questions), questions.language)
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html)
    assert html.count("<caption>") == 1 and "<th>" not in html
    named = re.search(r'<table class="words stacked"[^>]* style="([^"]*)"', html)[1]
    assert unescape(named) == "".join(f"--l{i}:'{unescape(head)}: ';" for i, head in enumerate(heads[1:], 1))
    sheet = (ROOT / "_static" / "book.css").read_text(encoding="utf-8")
    for i in range(1, len(heads)):
        assert f"table.stacked td:nth-child({i + 1}) {{ --l: var(--l{i}); }}" in sheet, (
            "a cell that is named by nothing"
        )
    rows = re.findall(r"<tr[^>]*><th scope=\"row\".*?</tr>", html, re.DOTALL)
    assert {row.count("<td>") for row in rows} == {len(heads) - 1} and len(rows) == len(found)


@pytest.mark.parametrize(
    ("claim", "cells"),
    [
        # 7.5 per cent of the 294 users, ascribed to all 771, of whom 58 would be 7.5 per cent too
        ("less-02", ["7,5%", "7,5%", "771", "onmogelijk: basis 294, niet 771", "ja, met 58"]),
        ("opinions-04", ["57,2%", "57,2%", "294", "alleen mogelijk als som van afgeronde delen",
                         "alleen als som, van 168"]),
        # the others, 477, are printed too
        ("use-01", ["38,1%", "38,1%", "771", "volgt uit de rest van het rapport", "ja, met 294"]),
        ("use-08", ["−10,88", "−10,88", NOT_APPLICABLE, "zoals in het rapport", ""]),
        # the claim judged alone: its statistic and degrees of freedom aren't beside it
        ("use-09", ["< 0,001", "< 0,001", NOT_APPLICABLE, "zoals in het rapport", ""]),
        # 36.7 against 51.4 per cent, both printed
        ("summary-09", ["in woorden", NOT_CALCULABLE, NOT_APPLICABLE, "onmogelijk", ""]),
    ],
)  # fmt: skip
def test_rows_by_hand(claim, cells):
    questions, steps = analysis.questions(WAVE, "nl"), analysis.flow(WAVE).frame
    listed = claims.read(WAVE, questions, steps)
    one = listed[listed["claim"].eq(claim)]
    found = audit.evaluate(one, claims.Data(analysis.load(WAVE), questions, steps))
    ((_, shown),) = rows_of(render.html(audit_page.table(found, questions), "nl")).items()
    assert shown == cells


def test_numbers_in_a_text_are_written_as_the_language_does():
    dutch, english = voice("nl"), voice("en")
    assert dutch.numerals("-0.1; q03=a of 1234.5") == "−0,1; q03=a of 1.234,5"
    assert dutch.numerals("33.3..40") == "33,3 tot 40" and english.numerals("33.3..40") == "33.3 to 40"
    assert dutch.numerals("294..") == "minstens 294" and english.numerals("771 - 33") == "771 - 33"


# --- the picture and the other tables ----------------------------------------------------------


def test_counts_equal_a_tally_of_the_file(opened, written):
    _, found, _ = opened
    counts = audit.tally(found)
    by_kind = Counter(claim["kind"] for claim in written)
    assert counts.drop(index="all").sum(axis=1).to_dict() == by_kind
    assert counts.loc["all"].sum() == len(written) == 181
    # on the reference wave: nothing is said without a question, and what is impossible is what is marked
    untested = Counter(c["kind"] for c in written if not (c["question"] or c["options"]))
    assert {k: n for k, n in counts["not testable"].drop("all").items() if n} == untested
    assert counts.at["all", "impossible"] == sum(c["holds"] == "no" for c in written) == 9
    assert counts.loc["all"].tolist() == [65, 74, 5, 19, 9, 9]


def test_the_picture_draws_the_counts_in_their_words(opened):
    questions, found, _ = opened
    edition.speak(questions.language)
    counts = audit_page.in_words(audit.tally(found))
    chart = charts.counts(counts)
    agreed(chart, questions.language)
    drawing = plotly(chart, questions.language)
    assert [trace["x"] for trace in drawing["data"]] == counts.T.to_numpy().tolist()
    assert cells(on_page(chart, questions.language)) == [
        [kind, *map(str, row), str(row.sum())] for kind, row in counts.iterrows()
    ]
    said = set(hovers(drawing))
    assert said == {f"{kind}: {verdict}: {n}" for kind, row in counts.iterrows() for verdict, n in row.items()}
    named = [re.sub("<[^>]+>|[■□]", "", line) for line in texts(drawing)]
    above = " ".join(named[: named.index(counts.index[0])])  # a long name goes on in the next line
    assert unescape(above).split() == " ".join(counts.columns).split() and len(key(drawing)) == counts.shape[1]
    assert len({trace["marker"]["color"] for trace in drawing["data"]}) == 6 == counts.shape[1]


def test_more_parts_than_can_be_told_apart_are_refused_and_none_is_dropped():
    with pytest.raises(ValueError, match="7 parts can't be told apart"):
        charts.counts(pd.DataFrame([[1] * 7], index=["x"], columns=list("abcdefg")))


def test_the_five_impossible_shares_stand_with_the_total_that_is_left(opened):
    questions, found, _ = opened
    shown = [cells for cells in rows_of(render.html(audit_page.sums(found), questions.language)).values()]
    point = {"nl": ",", "en": "."}[questions.language]
    expected = [("57.2", 168, "57.1"), ("25.1", 74, "25.2"), ("58.6", 172, "58.5"), ("51.3", 151, "51.4"),
                ("8.1", 24, "8.2")]  # fmt: skip
    assert shown == [[f"{p}%".replace(".", point), "294", str(n), f"{q}%".replace(".", point)] for p, n, q in expected]


def test_the_power_stands_beside_each_base_with_its_shares(opened, written):
    _, found, _ = opened
    table = audit.powers(found)
    shares = [c for c in written if c["kind"] == "share" and c["printed"] and c["base"]]
    counted = Counter((int(c["base"]), -Decimal(c["printed"]).as_tuple().exponent) for c in shares)
    assert dict(zip(zip(table["base"], table["decimals"], strict=True), table["shares"], strict=True)) == counted
    assert table.loc[table["impossible"].gt(0), ["base", "decimals", "impossible"]].values.tolist() == [[294, 1, 5]]
    assert table.loc[table["decimals"].eq(0), "power"].eq(0).all()


def test_every_marked_claim_is_named_where_print_contradicts_itself(opened, written):
    questions, found, checks = opened
    html = render.html(audit_page.contradictions(checks, found, questions), questions.language)
    linked = set(re.findall(r'href="#claim-([^"]+)"', html))
    assert linked == {claim["claim"] for claim in written if claim["holds"] == "no"}
    assert html.count("<tr") - 1 == 12


def test_a_contradiction_that_nobody_marked_names_all_who_take_part(opened):
    questions, found, _ = opened
    changed = found.assign(printed=found["printed"].mask(found["claim"].eq("sample-01"), "805"))
    checks = consistency.together(changed, questions, analysis.flow(WAVE).frame)
    part = audit_page.contradictions(checks[checks["check"].eq("flow")], changed, questions)
    html = render.html(part, questions.language)
    assert set(re.findall(r"#claim-([^\"]+)", html)) >= {"sample-01", "sample-02", "sample-03"}
    assert "805 - 33 = 771" in html


# --- another report, whole ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def cycling():
    """The other survey's questionnaire, claims, responses, and claims evaluated."""
    wave = OTHER / "waves/2024-cycling"
    questions, steps, responses = analysis.questions(wave, "en"), analysis.flow(wave).frame, analysis.load(wave)
    listed = claims.read(wave, questions, steps)
    found = audit.evaluate(listed, claims.Data(responses, questions, steps))
    return wave, questions, steps, responses, listed, found


def lines(part, language="en") -> list[list[str]]:
    """The lines of a table as plain text, each in its cells."""
    return [re.split(r"  +", line) for line in render.plain(part, language).split("\n")]


def test_what_no_number_gives_stands_with_what_is_left(cycling):
    *_, found = cycling
    assert lines(audit_page.sums(found)) == [
        ["Percentages that belong to no number of people"],
        ["Claim", "Printed", "Base", "Totals that are left", "Which is"],
        ["The employer encourages it", "46%", "15", "7", "47%"],  # 7 / 15 = 0.4667
        ["Rain is no objection", "50%", "15", "[x], not calculable", "[x], not calculable"],
    ]


def test_the_power_of_each_base_is_what_its_counts_leave_out(cycling):
    *_, found = cycling
    # of 1001 percentages 16 people give 17, four of them either way when a half is rounded: 980 are left
    assert lines(audit_page.power_table(audit.powers(found)))[2:] == [
        ["16", "1", "1", "0", "97.9%"],
        ["15", "0", "3", "2", "84.2%"],  # 85 of 101
        ["15", "1", "1", "0", "98.4%"],  # 985 of 1001
        ["7", "1", "1", "0", "99.2%"],  # 993 of 1001
    ]


def test_majorities_are_held_against_half_with_their_interval_and_their_sign(cycling):
    _, questions, _, responses, listed, _ = cycling
    assert lines(audit_page.majorities(listed, responses, questions)) == [
        ["What the report calls a majority"],
        ["Claim", "Share", "95% computed interval", "More than half?"],
        ["Most come by bicycle", "33.3% [u], rough estimate (5 of 15)", "15.2 to 58.3%", "cannot be told"],  # Wilson's
        ["Every working day", "57.1% [u], rough estimate (4 of 7)", "25.0 to 84.2%", "cannot be told"],
    ]


def test_a_contradiction_says_what_it_is_about_and_leads_to_its_claim(cycling):
    _, questions, steps, _, listed, _ = cycling
    part = audit_page.contradictions(consistency.together(listed, questions, steps), listed, questions)
    assert lines(part, "nl")[2:] == [
        ["De meesten komen met de fiets", "een meerderheid is meer dan de helft", "33,3%", "half"]
    ]
    assert '<a href="#claim-half">half</a>' in render.html(part, "nl")


@pytest.mark.parametrize(
    ("claim", "recomputed", "nl"),
    [
        ("took-part", "1294", "1.294"),
        ("took-part", "12..1500", "12 tot 1.500"),
        ("bicycle", "33.3", "33,3%"),
        ("bicycle", "", "[x], niet te berekenen"),
        ("most", "33.3 and 20.0", "33,3% tegenover 20,0%"),
        ("near", "57.1 and 12.5", "57,1% tegenover 12,5%"),
        ("half", "33.3", "33,3%"),
        ("no-link", "p = 1.000", "p = 1,000"),
        ("km", "11.80", "11,80"),
        ("km-t", "-3.16", "−3,16"),
        ("km-t", "<0.05", "< 0,05"),
    ],
)
def test_a_recomputed_value_is_written_in_the_unit_of_its_claim(cycling, claim, recomputed, nl):
    _, questions, *_, found = cycling
    one = found[found["claim"].eq(claim)].assign(recomputed=recomputed)
    assert lines(audit_page.table(one, questions).parts[1], "nl")[2][2] == nl


@pytest.mark.parametrize(("p", "nl"), [("0.0124", "0,012"), ("2.15e-25", "< 0,001"), ("<0.001", "< 0,001")])
def test_a_p_is_written_to_three_decimals_and_never_as_zero(cycling, p, nl):
    _, questions, *_, found = cycling
    one = found[found["claim"].eq("km-t")].assign(options="p", recomputed=p)
    assert lines(audit_page.table(one, questions).parts[1], "nl")[2][2] == nl


def test_a_figure_is_named_once_and_a_claim_leads_to_where_the_book_has_it(cycling):
    _, questions, *_, found = cycling
    one = found[found["claim"].eq("bicycle-n")]
    for book, link in [("use#fig-use", "use.html#fig-use"), ("use", "use.html")]:
        html = render.html(audit_page.table(one.assign(book=book), questions), "en")
        words = "figure in this book" if "#" in book else "chapter in this book"
        assert f'<small>bicycle-n · figure 1, caption · <a href="{link}">{words}</a></small>' in html
    assert "<small>bicycle-n · figure 1, caption</small>" in render.html(audit_page.table(one, questions), "en")


def test_the_file_is_offered_whole_with_its_size(cycling):
    wave, questions, *_, found = cycling
    content = audit.as_csv(found, questions)
    html = render.html(audit_page.download(found, wave), "nl")
    (data,) = re.findall(r'<a download="audit.csv" href="data:text/csv;charset=utf-8;base64,([^"]+)">', html)
    assert base64.b64decode(data) == content and f"({len(content) / 1000:.0f} kB)" in html


# --- the file ----------------------------------------------------------------------------------


def test_the_page_offers_the_file_that_the_command_writes(book, tmp_path, capsys):
    audit.run(WAVE, tmp_path / "audit.csv")
    page = (book / PAGE).read_text(encoding="utf-8")
    (place,) = re.findall(r'download="audit.csv" href="([^":]+)"', page)
    assert (book / PAGE).parent.joinpath(place).resolve().read_bytes() == (tmp_path / "audit.csv").read_bytes()


def test_the_file_has_every_claim_and_the_power_of_its_test(opened, written):
    _, found, _ = opened
    listed = audit.listing(found, analysis.questions(WAVE, "en")).set_index("id")
    assert listed.index.tolist() == [claim["claim"] for claim in written]
    assert listed.at["use-01", "power"] == "22.9" and listed.at["summary-02", "power"] == "0.0"
    assert listed["power"].ne("").sum() == 90  # shares with a number


# --- in the book -------------------------------------------------------------------------------

pytestmark = pytest.mark.xdist_group("book")


def test_every_claim_leads_to_a_chapter_and_figure_that_are_there(book, written):
    page = (book / PAGE).read_text(encoding="utf-8")
    for claim in written:
        (row,) = re.findall(rf'<tr id="claim-{claim["claim"]}".*?</tr>', page, re.DOTALL)
        (link,) = re.findall(r'href="([^"]+)"', row)
        chapter, _, figure = link.partition("#")
        assert f"{chapter.removesuffix('.html')}{'#' * bool(figure)}{figure}" == claim["book"]
        target = (book / "chapters" / chapter).read_text(encoding="utf-8")
        assert not figure or f'id="{figure}"' in target, claim


@pytest.fixture
def page(book, chromium):
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.goto((book / PAGE).as_uri())
    yield page
    page.close()


def shown(page) -> list[str]:
    """The claims whose rows can be seen."""
    rows = page.locator("#audit tbody tr:visible").evaluate_all("rows => rows.map(row => row.id)")
    return [row.removeprefix("claim-") for row in rows]


def test_typing_leaves_the_rows_with_every_word_and_says_how_many(page, written):
    page.get_by_label("Zoek in de uitspraken").fill("PRIVACY conclusie")
    expected = [c["claim"] for c in written if "privacy" in c["about_nl"] and "conclusie" in c["place_nl"]]
    assert shown(page) == expected == ["conclusion-11"]
    status = page.locator("form.filter [role=status]")
    assert status.inner_text() == "1 van de 181 uitspraken"
    page.get_by_label("Zoek in de uitspraken").fill("een promotie zonder opgave")
    assert shown(page) == [] and status.inner_text() == "0 van de 181 uitspraken"
    page.get_by_label("Zoek in de uitspraken").fill("")
    assert len(shown(page)) == 181


def test_accents_do_not_matter_in_a_search(page, written):
    page.get_by_label("Zoek in de uitspraken").fill("een keer geprobeerd")
    assert shown(page) == [c["claim"] for c in written if c["about_nl"] == "Eén keer geprobeerd"] != []


def test_a_verdict_can_be_chosen_by_keyboard(page, written):
    page.get_by_label("Oordeel", exact=True).focus()
    page.keyboard.type("onmogelijk")
    marked = {claim["claim"] for claim in written if claim["holds"] == "no"}
    assert set(shown(page)) == marked
    page.get_by_label("Zoek in de uitspraken").fill("privacy")
    assert shown(page) == ["summary-16", "conclusion-11"]


def test_enter_in_the_search_leaves_the_page_where_it_is(page):
    before = page.url
    page.get_by_label("Zoek in de uitspraken").fill("privacy")
    page.keyboard.press("Enter")
    assert page.url == before and 0 < len(shown(page)) < 181


def test_on_a_phone_rows_are_blocks_that_name_their_cells_and_fit(page):
    row = page.locator("#claim-use-01")
    assert row.evaluate("row => getComputedStyle(row).display") == "block"
    label = row.locator("td").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert "In het rapport" in label
    region = page.locator(".table-scroll:has(#audit)")
    assert region.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.get_by_role("table", name="Alle 181 uitspraken").get_by_role("rowheader").count() == 181


def test_without_scripts_the_whole_table_stands_there_and_no_form(book, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((book / PAGE).as_uri())
    assert len(shown(page)) == 181 and not page.locator("form.filter").is_visible()
    context.close()


def test_the_page_says_plainly_what_claims_are_held_against(page):
    text = page.locator("main").inner_text()
    assert "naast alle andere getallen in het rapport gelegd" in text
    assert "74" in text and "hangt niet af van wie er verzonnen is" in text


def test_the_figure_can_be_read_without_seeing_it(page):
    figure = page.locator("#fig-verdicts")
    assert "181" in figure.locator("caption").inner_text()
    cells = "row => [...row.cells].map(cell => cell.textContent)"
    first = figure.locator("tbody tr").first.evaluate(cells)
    assert first == ["Alle uitspraken", "65", "74", "5", "19", "9", "9", "181"]
    assert figure.locator("thead tr").evaluate(cells)[1:-1] == [
        "zoals in het rapport", "volgt uit de rest van het rapport", "alleen mogelijk als som van afgeronde delen",
        "mogelijk", "onmogelijk", "niet te toetsen",
    ]  # fmt: skip
