"""Themes in open answers: counted as worked out by hand, never leaking a text (whose answers: `coders`)."""

import re
from html import escape

import numpy as np
import pytest
from coders import CODES, REVIEWED, codes_of, everything, lay
from statsmodels.stats.inter_rater import cohens_kappa

import analysis
from analysis.show import charts, figures, render
from analysis.show import themes as themes_page
from analysis.stats import themes
from analysis.survey import coding
from analysis.words import LANGUAGES, voice

REFERENCE = "2025-reference"
NOT_APPLICABLE = "[n], niet gevraagd of niet van toepassing"


@pytest.fixture
def wave(tmp_path):
    folder = lay(tmp_path)
    label = (folder / "wave.toml").read_text(encoding="utf-8")
    # so that small counts are there to be seen: they are invented
    (folder / "wave.toml").write_text(label.replace('"confidential"', '"practice"'), encoding="utf-8")
    return folder


def counted(wave, field):
    codes, responses, questions, frame = codes_of(wave)
    wrote = coding.written(wave, responses, questions)
    return themes.count(codes, field, frame, responses, wrote, questions).frame.set_index("answer")


# --- counts and agreement, by hand --------------------------------------------------------------


def test_a_theme_counts_when_all_who_read_the_answer_found_it(wave):
    found = counted(wave, "q2")
    # A found t1 in R1, R2, R3 and B in R1, R2, R4: both in two of the six who wrote
    assert found.loc["t1", ["n", "base", "no_answer", "not_asked"]].tolist() == [2, 6, 2, 2]
    assert found.loc["t2", ["n", "base"]].tolist() == [1, 6]
    assert list(found.index) == ["t1", "t2"]  # t3 isn't for this question


def test_the_interval_is_wilsons(wave):
    row = counted(wave, "q2").loc["t1"]
    # p = 1/3, n = 6, z = 1.959964: centre 0.398390, half 0.301618
    assert (row["low"], row["high"]) == (pytest.approx(0.096772, abs=2e-6), pytest.approx(0.700008, abs=2e-6))


def test_behind_an_option_the_base_is_who_wrote_there(wave):
    found = counted(wave, "q3_o_text")
    # R9 and R10 wrote; R1 ticked it and wrote nothing; the seven others didn't tick it
    assert found.loc["t1", ["n", "base", "no_answer", "not_asked"]].tolist() == [1, 2, 1, 7]
    assert found.loc["t3", "n"] == 0


def test_kappa_by_hand(wave):
    codes, *_, frame = codes_of(wave)
    agreed = themes.kappas(codes, frame).set_index("theme")
    assert list(agreed.index) == ["t1", "t2", ""]  # nobody but A read what t3 is for
    cells = ["texts", "both", "only_first", "only_second", "neither"]
    # t1: agree on 4 of 6, both say it of half: (4/6 - 1/2) / (1 - 1/2) = 1/3
    assert agreed.loc["t1", cells].tolist() == [6, 2, 1, 1, 2]
    assert agreed.loc["t1", "kappa"] == pytest.approx(1 / 3)
    assert agreed.loc["t2", "kappa"] == pytest.approx(1)
    assert agreed.loc["", cells].tolist() == [12, 3, 1, 1, 7]
    assert agreed.loc["", "kappa"] == pytest.approx((1 / 3 + 1) / 2)


def test_the_interval_of_the_mean_kappa_is_the_jackknifes_over_respondents(wave):
    """With statsmodels' kappa and a loop: each respondent left out once, half a width of t times the spread of that."""
    codes, *_, frame = codes_of(wave)
    whole = themes.kappas(codes, frame).set_index("theme").loc[""]
    read = codes[codes["question"].eq("q2")]
    people = sorted(set(read[read["coder"].eq("A")]["respondent"]) & set(read[read["coder"].eq("B")]["respondent"]))

    def mean(left):
        each = []
        for theme in ("t1", "t2"):
            found = {c: set(read[read["coder"].eq(c) & read["theme"].eq(theme)]["respondent"]) for c in "AB"}
            cells = [[sum((r in found["A"]) == a and (r in found["B"]) == b for r in left) for b in (True, False)]
                     for a in (True, False)]  # fmt: skip
            each.append(cohens_kappa(cells).kappa)
        return np.nanmean(each)

    without = np.array([mean([r for r in people if r != out]) for out in people])
    half = 2.570582 * np.sqrt(5 / 6 * ((without - without.mean()) ** 2).sum())
    assert len(people) == 6
    assert (whole["low"], whole["high"]) == (pytest.approx(max(2 / 3 - half, -1)), pytest.approx(min(2 / 3 + half, 1)))


@pytest.mark.parametrize(("agreement", "covered"), [(0.0, (0.92, 0.98)), (0.4, (0.91, 0.98))])
def test_coders_who_agree_by_chance_alone_get_a_kappa_of_nil(agreement, covered):
    """Of 2,000 pairs the interval holds the truth as often as it should; one kappa of all decisions said 0.28."""
    chance, common = np.random.default_rng(5), np.array([0.1, 0.2, 0.35, 0.5, 0.65])
    means, held = [], []
    for _ in range(2000):
        first = chance.random((80, 5)) < common
        second = np.where(chance.random((80, 5)) < agreement, first, chance.random((80, 5)) < common)
        kinds = np.where(first, np.where(second, 0, 1), np.where(second, 2, 3))
        mean, low, high = themes._mean(np.eye(4, dtype=int)[kinds])
        means.append(mean)
        held.append(low <= agreement <= high)
    assert np.mean(means) == pytest.approx(agreement, abs=0.01)
    assert covered[0] <= np.mean(held) <= covered[1]


def test_kappa_is_missing_where_both_always_say_no(wave):
    text = CODES.replace("R5,q2,t2", "R5,q2,t1")
    (wave / "codes.csv").write_text(text, encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    agreed = themes.kappas(codes, frame).set_index("theme")
    assert agreed.loc["t2", "neither"] == 6 and agreed["kappa"].isna()["t2"]


def test_kappa_is_missing_where_both_always_say_yes(wave):
    every = "".join(f"R{i},q2,t1,{coder}\n" for coder in "AB" for i in range(1, 7))
    kept = "".join(line + "\n" for line in CODES.splitlines() if ",q2," not in line)
    (wave / "codes.csv").write_text(kept + every, encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    agreed = themes.kappas(codes, frame).set_index("theme")
    assert agreed.loc["t1", "both"] == 6 and agreed["kappa"].isna()["t1"]


@pytest.mark.parametrize("finder", "AB")
def test_kappa_is_nil_where_one_alone_ever_finds_a_theme(wave, finder):
    """One of the two finds t2 twice in six texts: alike in 4 of 6, and by chance in (0 * 2 + 6 * 4) / 36 = 4 of 6."""
    lines = [line for line in CODES.splitlines() if not line.startswith(("R4,q2", "R6,q2", "R5,q2"))]
    other = "B" if finder == "A" else "A"
    found = [f"{r},q2,t2,{finder}" for r in ("R4", "R5")] + [f"{r},q2,,{other}" for r in ("R4", "R5")]
    (wave / "codes.csv").write_text("\n".join([*lines, *found, "R6,q2,,A", "R6,q2,,B"]) + "\n", encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    row = themes.kappas(codes, frame).set_index("theme").loc["t2"]
    only = [2, 0] if finder == "A" else [0, 2]
    assert row[["texts", "both", "only_first", "only_second", "neither"]].tolist() == [6, 0, *only, 4]
    assert row["kappa"] == 0


def test_one_coder_has_nobody_to_agree_with(wave):
    text = "\n".join(line for line in CODES.splitlines() if not line.endswith(",B")) + "\n"
    (wave / "codes.csv").write_text(text, encoding="utf-8")
    codes, *_, frame = codes_of(wave)
    assert themes.kappas(codes, frame).empty
    assert counted(wave, "q2").loc["t1", "n"] == 3


def test_counts_can_be_drawn(wave):
    estimates = counted(wave, "q2").reset_index()
    chart = charts.shares(estimates, voice("en"), "bar", sort=True)
    assert len(figures.drawn(chart, voice("en")).data[0].x) == len(chart.table.rows) == 2


def test_agreement_and_reviewed_texts_are_written_whole(wave):
    (wave / "reviewed.csv").write_text(REVIEWED, encoding="utf-8")
    codes, _, questions, frame = codes_of(wave)
    agreed = render.plain(themes_page.agreement_table(themes.kappas(codes, frame), frame), "nl")
    assert [re.split(r"  +", line) for line in agreed.split("\n")] == [
        ["Hoe vaak twee codeurs hetzelfde vonden"],
        [
            "Thema",
            "Gelezen door beiden",
            "Beiden",
            "Alleen de eerste",
            "Alleen de tweede",
            "Geen van beiden",
            "kappa",
            "95%-rekeninterval",
        ],
        ["A tegenover B"],
        ["Een", "6", "2", "1", "1", "2", "0,33", NOT_APPLICABLE],
        ["Twee", "6", "1", "0", "0", "5", "1,00", NOT_APPLICABLE],
        ["Alle thema’s: de som, en de gemiddelde kappa", "12", "3", "1", "1", "7", "0,67", "−0,56 tot 1,00"],
    ]
    texts = themes_page.reviewed_table(coding.read_reviewed(wave, frame, questions), frame, questions)
    assert render.as_csv(texts, "nl") == (
        'Groep,Vraag,Antwoord,Beoordeeld door\nEen,Vraag 2,fit to be read,"Reader, 31 januari 2026"\n'
    )


def test_a_frame_is_listed_by_topic_with_the_questions_of_each_theme(wave):
    _, questions, frame = everything(wave)
    assert render.as_csv(themes_page.listing(frame, questions), "en") == (
        'Group,Theme,Meaning,Question\nAll,One,first,"2, 3"\nAll,Two,second,2\nAll,Three,third,3\n'
    )


# --- texts stay inside ----------------------------------------------------------------------------


def shown(wave, language, monkeypatch):
    """Everything that the chapter puts on the page."""
    out = []
    monkeypatch.setattr(
        "analysis.show.exhibits.display", lambda what, **_: out.append(getattr(what, "data", str(what)))
    )
    responses, questions, frame = everything(wave, language)
    themes_page.show(wave, frame, responses, questions)
    return "".join([*out, render.html(themes_page.listing(frame, questions), language)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_nobody_reviewed_cannot_come_out(wave, language, monkeypatch):
    (wave / "reviewed.csv").write_text(REVIEWED, encoding="utf-8")
    page = shown(wave, language, monkeypatch)
    assert page.count('<figure class="exhibit') == 2 and "kappa" in page
    assert "fit to be read" in page and "kept inside" not in page
    codes, responses, questions, frame = codes_of(wave, language)
    wrote = coding.written(wave, responses, questions)
    results = [codes, wrote, frame, themes.kappas(codes, frame), coding.read_reviewed(wave, frame, questions)]
    results += [
        themes.count(codes, field, frame, responses, wrote, questions).frame for field in coding.fields(questions)
    ]
    assert not any("kept inside" in result.to_csv() for result in results)
    assert "kept inside" not in responses.to_csv()


def test_without_a_reviewed_list_there_is_no_text_at_all(wave, monkeypatch):
    page = shown(wave, "en", monkeypatch)
    assert "fit to be read" not in page and "Judged by" not in page


def test_no_key_of_a_respondent_reaches_the_page(wave, monkeypatch):
    (wave / "reviewed.csv").write_text(REVIEWED, encoding="utf-8")
    page = shown(wave, "en", monkeypatch)
    assert not [key for key in ("R1", "R2", "R9", "R10") if f">{key}<" in page]


# --- the reference wave ---------------------------------------------------------------------------


def test_the_reference_wave_has_49_themes_no_counts_and_no_texts(monkeypatch):
    questions = analysis.questions(REFERENCE)
    frame = coding.read_frame(REFERENCE, questions)
    assert len(frame) == 49 and frame["group"].value_counts().to_dict() == {"users": 33, "nonusers": 16}
    assert coding.read_codes(REFERENCE, frame, analysis.load(REFERENCE), questions) is None
    assert coding.read_reviewed(REFERENCE, frame, questions).empty
    assert not coding.written(REFERENCE, analysis.load(REFERENCE), questions)["q07"].any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_theme_of_the_frame_is_listed(language):
    questions = analysis.questions(REFERENCE, language)
    frame = coding.read_frame(REFERENCE, questions)
    page = render.html(themes_page.listing(frame, questions), language)
    assert all(escape(text) in page for text in frame[f"meaning_{language}"])
    assert page.count('scope="rowgroup"') == frame["topic"].nunique() == 9
