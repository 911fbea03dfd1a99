"""What is known about a study: every item of the standards answered once, counted, and printed in words."""

import re
import shutil

import pandas as pd
import pytest
from conftest import OTHER, ROOT
from markup import well_made

from analysis.__main__ import main
from analysis.show import render
from analysis.show import study as study_page
from analysis.survey import study as items
from analysis.words import LANGUAGES, text, voice

WAVE = "2025-reference"
HEAD = "item,status,value_nl,value_en,place_nl,place_en\n"

# Found by reading the report against the code of AAPOR (2021) before this project had a study file.
BASELINE = {
    "aapor": "disclosed partly disclosed partly partly partly disclosed partly not_stated not_stated disclosed",
    "aapor_further": "not_stated not_stated disclosed not_stated partly partly partly",
}


@pytest.fixture(scope="module")
def study():
    return items.read(WAVE)


@pytest.fixture
def cycling(tmp_path):
    """The other survey's wave, whose study file a test may break: two lists, four items."""
    shutil.copytree(OTHER, tmp_path / "other")
    return tmp_path / "other/waves/2024-cycling"


def refusal(wave, text):
    (wave / "study.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as error:
        items.read(wave)
    return str(error.value)


# --- the reference wave -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BASELINE)
def test_each_item_of_aapor_has_the_status_found_before(study, kind):
    assert study.loc[study["kind"].eq(kind), "status"].tolist() == BASELINE[kind].split()


def test_of_the_eleven_four_are_disclosed_five_partly_and_two_not(study):
    counted = items.count(study)
    assert counted.loc["aapor"].to_dict() == {"disclosed": 4, "partly": 5, "not_stated": 2, "not_applicable": 0}
    assert counted.loc["aapor_further"].tolist() == [1, 3, 3, 0]
    # Eysenbach (2004): design, consent, development, recruitment, administration, rates, double entries, analysis
    assert counted.loc["cherries"].sum() == 1 + 3 + 1 + 3 + 11 + 4 + 4 + 3


def test_items_are_numbered_without_a_gap_in_each_standard(study):
    for _, block in study.groupby("kind"):
        assert block["number"].tolist() == [str(i) for i in range(1, len(block) + 1)]


def test_what_came_before_the_questions_is_told_and_is_not_among_the_limitations(study):
    texts = study.set_index("code")
    for language in LANGUAGES:
        assert "36%" in texts.at["aapor_instrument", f"value_{language}"]
        assert "36%" not in texts.at["aapor_limits", f"value_{language}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_is_printed_with_its_question_status_text_and_place(study, language):
    page = well_made(render.html(study_page.listing(study), language))
    assert page.tables == 3
    at = 0
    for row in study.to_dict("records"):  # one after the other, in the order of the standards
        said = f"{row[f'value_{language}']} ({row[f'place_{language}']})" if row[f"place_{language}"] else ""
        for part in (
            f"{row['number']}. {row[f'label_{language}']}",
            row[f"ask_{language}"],
            text(f"status_{row['status']}")[language],
            said or row[f"value_{language}"] or voice(language).sign(row["status"]).sign,
        ):
            at = page.words.index(part, at) + len(part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_counts_are_printed_by_standard_and_status(study, language):
    page = well_made(render.html(study_page.counts(items.count(study)), language))
    words = {"nl": "Vermeld 4 Deels vermeld 5 Niet vermeld in de bron 2 Niet van toepassing 0",
             "en": "Disclosed 4 Partly disclosed 5 Not stated by the source 2 Not applicable 0"}  # fmt: skip
    assert words[language] in page.words


# --- another survey -----------------------------------------------------------------------------


def test_another_survey_brings_its_own_list_and_answers(cycling):
    study = items.read(cycling)
    assert study["code"].tolist() == ["money", "when", "language", "cookies"]  # the list's order, not the file's
    assert study["status"].tolist() == ["disclosed", "partly", "not_stated", "not_applicable"]
    assert items.count(study).to_numpy().tolist() == [[1, 1, 1, 0], [0, 0, 0, 1]]
    page = well_made(render.html(study_page.listing(study), "en"))
    assert "1. Money Question Who paid for it? Disclosed The municipality. (Cover) 2. Dates" in page.words
    assert page.words.endswith("Not applicable Filled in on paper.")


def test_counts_and_items_of_another_survey_are_written_whole(cycling):
    study = items.read(cycling)
    assert lines(study_page.counts(items.count(study))) == [
        ["How many items are disclosed"],
        ["Judgement", "Number of items"],
        ["AAPOR, to be disclosed with the results"],
        ["Disclosed", "1"],
        ["Partly disclosed", "1"],
        ["Not stated by the source", "1"],
        ["Not applicable", "0"],
        ["CHERRIES, for surveys on the internet"],
        ["Disclosed", "0"],
        ["Partly disclosed", "0"],
        ["Not stated by the source", "0"],
        ["Not applicable", "1"],
    ]
    assert lines(study_page.listing(study)) == [
        ["AAPOR, to be disclosed with the results"],
        ["Item", "Question and answer"],
        ["1. Money"],
        ["Question", "Who paid for it?"],
        ["Disclosed", "The municipality. (Cover)"],
        ["2. Dates"],
        ["Question", "When could people answer?"],
        ["Partly disclosed", "In spring; the days are not said. (Cover)"],
        ["3. Language"],
        ["Question", "In which language were people asked?"],
        ["Not stated by the source", "[s], not stated by the source"],
        [""],
        ["CHERRIES, for surveys on the internet"],
        ["Item", "Question and answer"],
        ["1. Cookies"],
        ["Question", "Was filling it in twice prevented?"],
        ["Not applicable", "Filled in on paper."],
        [""],
    ]


def lines(part) -> list[list[str]]:
    """The lines of a part as plain text, each in its cells."""
    return [re.split(r"  +", line) for line in render.plain(part, "en").split("\n")]


def test_text_is_never_markup(cycling):
    study = items.read(cycling).assign(value_en="<b>a</b> & b", place_en="<i>")
    assert "&lt;b&gt;a&lt;/b&gt; &amp; b (&lt;i&gt;)" in render.html(study_page.listing(study), "en")


# --- a study file that needs mending --------------------------------------------------------------


def test_a_study_file_is_refused_with_all_its_problems(cycling):
    message = refusal(
        cycling,
        HEAD
        + "money,known,a,b,c,d\n"  # no such status
        + "when,partly,,in spring,, \n"  # no Dutch text, no place at all
        + "when,not_stated,,,,\n"  # twice
        + "colour,not_stated,alleen Nederlands,,,\n",  # not an item; one language
    )
    assert "study.csv needs mending: 9 problems. It answers every item" in message and "data/README.md" in message
    assert message.splitlines()[1:] == [
        '  row 2 (money): status "known" is not one of disclosed, partly, not_stated, not_applicable',
        "  row 3 (when): value_nl is blank; partly needs it",
        "  row 3 (when): place_nl is blank; partly needs it",
        "  row 3 (when): place_en is blank; partly needs it",
        "  row 4 (when): it stands there already",
        '  row 5 (colour): item "colour" is not a code in data/standards/disclosure.csv',
        "  row 5 (colour): value_en is blank; the other language has it",
        "  item language (Language) is missing",
        "  item cookies (Cookies) is missing",
    ]


def test_every_item_left_out_is_named(tmp_path):
    for part in ("standards", "waves/2025-reference"):
        shutil.copytree(ROOT / "data" / part, tmp_path / part)
    message = refusal(tmp_path / "waves/2025-reference", HEAD)
    items = pd.read_csv(ROOT / "data/standards/disclosure.csv")
    assert "48 problems" in message
    assert all(f"item {row.code} ({row.label_en}) is missing" in message for row in items.itertuples())


def test_a_study_file_without_a_column_or_with_a_short_row_is_refused(cycling):
    message = refusal(cycling, "item,status,value_nl,value_en,place_nl\nmoney,not_stated\n")
    assert 'column "place_en" is missing' in message and "row 2 has 2 cells for 5 columns" in message


def test_a_wave_without_a_study_file_is_told_what_to_make(cycling):
    (cycling / "study.csv").unlink()
    with pytest.raises(ValueError, match=r"study\.csv can't be read") as error:
        items.read(cycling)
    assert "every item of data/standards/disclosure.csv once; data/README.md shows how" in str(error.value)


@pytest.mark.parametrize("status", items.STATUSES)
def test_only_what_is_told_needs_a_text_and_a_place(cycling, status):
    rows = "".join(f"{item},{status},,,,\n" for item in ("money", "when", "language", "cookies"))
    if status in ("not_stated", "not_applicable"):
        (cycling / "study.csv").write_text(HEAD + rows, encoding="utf-8")
        assert items.read(cycling)["status"].eq(status).all()
    else:
        assert "16 problems" in refusal(cycling, HEAD + rows)  # two texts and two places for each of four


def test_a_standard_without_a_name_is_refused(cycling):
    path = cycling.parents[1] / "standards/disclosure.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("cherries", "iso"), encoding="utf-8")
    with pytest.raises(ValueError, match='kind "iso" has no word standard_iso in locale/book.pot'):
        items.read(cycling)


def test_checking_a_wave_checks_its_study_file_too(cycling, capsys):
    assert main(["check", "--wave", str(cycling)]) == 0
    (cycling / "study.csv").unlink()
    assert main(["check", "--wave", str(cycling)]) == 1
    assert "study.csv can't be read" in capsys.readouterr().err
