"""What is data is printed whole: every question, option, statement, column, slip, in both languages."""

import re
import shutil

import pandas as pd
import pytest
from conftest import OTHER, ROOT
from markup import Page, well_made

import analysis
from analysis.report import recommendations
from analysis.show import corrections, listings, render
from analysis.survey import lists
from analysis.words import LANGUAGES, voice

WAVE = "2025-reference"


@pytest.fixture(params=LANGUAGES)
def questions(request):
    return analysis.questions(WAVE, request.param)


@pytest.fixture(scope="module")
def responses():
    return analysis.load(WAVE)


def questionnaire(questions) -> str:
    return render.html(listings.questionnaire(questions), questions.language)


# --- questionnaire and codebook ---------------------------------------------------------------


def test_every_question_option_and_statement_is_printed(questions):
    page = well_made(questionnaire(questions))
    at = 0
    for question in questions:  # one after the other, in the order asked
        at = page.words.index(f"{question.number}. {question.label}", at)
        after = page.words[at:]
        for item in (*question.statements, *question.answers):
            assert item.label in after, (question.code, item.code)


def test_every_question_says_who_was_asked_it(questions):
    page = questionnaire(questions)
    blocks = page.split("<h3>")[1:]
    assert len(blocks) == len(questions) == 25
    assert all(listings.asked_of(q, questions)[questions.language] in Page("<h3>" + b.removesuffix("</div>")).words
               for q, b in zip(questions, blocks, strict=True))  # fmt: skip


def test_printed_jumps_stand_where_they_were_printed():
    dutch = questionnaire(analysis.questions(WAVE, "nl"))
    third = next(b for b in dutch.split("<h3>") if b.startswith("3. "))
    assert re.findall(r"naar vraag (\d+)", third) == ["4", "17"]
    first = next(b for b in dutch.split("<h3>") if b.startswith("1. "))
    assert "buiten de doelgroep" in first


def test_an_option_says_that_it_stands_alone_or_can_be_written_in():
    english = questionnaire(analysis.questions(WAVE, "en"))
    sixth = next(b for b in english.split("<h3>") if b.startswith("6. "))
    assert re.search(r"Another reason</th><td>m</td><td>room to write something<", sixth)
    assert re.search(r"know</th><td>n</td><td>rules out other answers<", sixth)


def test_the_codebook_prints_every_column_and_counts_no_invented_people(questions):
    html = render.html(listings.codebook(WAVE, questions), questions.language)
    page = well_made(html)
    book = pd.read_csv(analysis.wave(WAVE).clean / "codebook.csv", dtype=str, keep_default_na=False)
    assert all(f"{column}: " in page.words for column in book["column"].unique())
    assert html.count("<details") == 25 + 5
    assert re.findall(r"<td>([\d.,]+)</td></tr>", html) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_codebook_of_another_wave_prints_every_count(language, tmp_path):
    shutil.copytree(OTHER, tmp_path / "other")
    wave = tmp_path / "other/waves/2024-cycling"
    asked = analysis.questions(wave, language)
    html = render.html(listings.codebook(wave, asked), language)
    book = pd.read_csv(analysis.wave(wave).clean / "codebook.csv", dtype=str, keep_default_na=False)
    counts = [str(voice(language).number(int(n))) for n in book["n"] if n]
    assert counts and sorted(re.findall(r"<td>([\d.,]+)</td></tr>", html)) == sorted(counts)


# --- lists kept by hand -------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_references_are_the_twelve_of_the_report(language):
    listed = lists.read(WAVE, "sources/references")
    page = well_made(render.html(listings.references(listed), language))
    assert len(listed) == 12
    assert all(f"{row.authors} ({row.year})" in page.words for row in listed.itertuples())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_erratum_is_printed_under_its_kind_at_its_address(language):
    listed = lists.read(WAVE, "published/errata")
    html = render.html(corrections.listing(listed), language)
    page = well_made(html)
    assert re.findall(r'<h3 id="errata-(\w+)">', html) == list(dict.fromkeys(listed["kind"]))
    for kind, part in zip(listed["kind"].unique(), html.split("<h3 ")[1:], strict=True):
        assert re.findall(r'id="erratum-(\d+)"', part) == listed.loc[listed["kind"].eq(kind), "number"].tolist()
    assert all(html.count(f'href="#erratum-{number}"') == 1 for number in listed["number"])
    for column in ("place", "printed", "found"):
        assert all(text in page.words for text in listed[f"{column}_{language}"])


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "zonder gegevens"), ("en", "arithmetic on what is printed alone")]
)
def test_an_erratum_says_in_words_how_it_was_found_and_which_claims_it_is_about(language, words):
    listed = lists.read(WAVE, "published/errata")
    html = render.html(corrections.listing(listed), language)
    seventh = html.split('id="erratum-7"')[1].split("</article>")[0]
    assert words in seventh and "<code>less-02</code>" in seventh
    first = html.split('id="erratum-1"')[1].split("</article>")[0]
    assert first.count("<dt>") == 3 and "<code>" not in first


def test_each_recommendation_stands_beside_its_evidence(questions, responses):
    listed = lists.read(WAVE, "published/recommendations")
    found = recommendations.evidence(responses, listed, questions)
    html = render.html(listings.recommendations(listed, found, questions), questions.language)
    page = well_made(html)
    assert len(listed) == 8
    for column in ("label", "text", "remark"):
        assert all(text in page.words for text in listed[f"{column}_{questions.language}"])
    # 57.2% hesitate to share data, 37.1% name privacy: as the report printed it, and in people 168 and 177
    privacy = found[found["number"].eq("3")]
    assert privacy[["n", "base"]].to_numpy().tolist() == [[168, 294], [136, 294], [177, 477]]
    printed, of_people = (f"<b>{voice(questions.language).percent(share)}</b>" for share in (0.572, 168 / 294))
    assert html.count(printed) == 1 and of_people not in html


def test_evidence_that_nobody_published_has_words_for_a_number_and_no_interval(questions, responses):
    listed = lists.read(WAVE, "published/recommendations").head(1).assign(evidence="q20=a|c; q16=d; q04=b")
    found = recommendations.evidence(responses, listed, questions)
    assert found["absent"].tolist() == ["unpublished", "nobody", "pictured"] and found["n"].isna().sum() == 2
    html = render.html(listings.recommendations(listed, found, questions), questions.language)
    said = [re.sub("<[^>]+>", "", item) for item in re.findall("<li>(.*?)</li>", html)]
    unknown, pictured = {
        "nl": ("niet bekend", "niet in de tekst"),
        "en": ("not known", "not in the text"),
    }[questions.language]
    assert len(said) == 3 and said[0].startswith(unknown) and said[2].startswith(pictured)
    bases = re.compile(r"\b(771|294)\b")
    assert not [item for item in (said[0], said[2]) if re.search(r"\d", bases.sub("", item))]
    assert "37" in said[1] and "177" in said[1]


def test_evidence_that_does_not_exist_is_refused_all_at_once(questions, responses):
    listed = pd.DataFrame({"number": ["1", "2"], "evidence": ["q99=a; q16=z", "q14_13=1; q16=d"]})
    with pytest.raises(ValueError) as error:
        recommendations.evidence(responses, listed, questions)
    assert str(error.value).startswith("3 pieces of evidence don't exist.")
    assert all(part in str(error.value) for part in ("q99=a", "q16=z", "q14_13=1"))


def test_a_recommendation_without_evidence_is_printed_all_the_same(questions, responses):
    listed = lists.read(WAVE, "published/recommendations").head(1).assign(evidence="")
    found = recommendations.evidence(responses, listed, questions)
    page = well_made(render.html(listings.recommendations(listed, found, questions), questions.language))
    assert listed[f"remark_{questions.language}"].iloc[0] in page.words


# --- a list that needs mending ------------------------------------------------------------------


@pytest.fixture
def survey(tmp_path):
    """A survey's data folder whose lists a test may break."""
    for part in ("published", "sources", "questionnaire"):
        shutil.copytree(ROOT / "data" / part, tmp_path / part)
    shutil.copytree(ROOT / "data/waves" / WAVE, tmp_path / "waves" / WAVE)
    return tmp_path


def refusal(survey, name, text):
    (survey / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as error:
        lists.read(survey / "waves" / WAVE, name)
    return str(error.value)


def test_a_list_is_refused_with_all_its_problems(survey):
    name = "sources/references"
    head = "key,authors,year,kind,cited_in,about_nl,about_en\n"
    message = refusal(survey, name, head + "a,A,2025,news,x,nl,en\na,,2025,rumour,x,nl,en\n")
    assert "3 problems" in message
    assert "row 3: authors is blank" in message
    assert 'row 3: kind "rumour" has no word reference_rumour' in message
    assert 'row 3: key "a" stands there already' in message


def test_a_list_without_a_column_or_with_a_short_row_is_refused(survey):
    head = "number,kind,evidence,claims,place_nl,place_en,printed_nl,printed_en,found_nl\n"
    message = refusal(survey, "published/errata", head + "1,base\n")
    assert 'column "found_en" is missing' in message and "row 2 has 2 cells for 9 columns" in message


def test_a_list_that_is_not_there_is_refused(survey):
    (survey / "sources/references.csv").unlink()
    with pytest.raises(ValueError, match="references.csv can't be read"):
        lists.read(survey / "waves" / WAVE, "sources/references")


def test_text_is_never_markup(questions):
    listed = lists.read(WAVE, "published/errata").head(1)
    listed = listed.assign(**{f"found_{questions.language}": "<b>a</b> & b"})
    assert "&lt;b&gt;a&lt;/b&gt; &amp; b" in render.html(corrections.listing(listed), questions.language)
