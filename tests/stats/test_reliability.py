"""Reliability: the verdict on a share is that of the published standard, and shows wherever the share does.

The yardstick is tests/stats/r/reliability.csv, made by base R (tests/stats/r/reliability.R). What is worked
out by hand stands beside the test; the runs of counts are those of the study of the
standard that was made for this project before there was code.
"""

import json
import math
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

import analysis
from analysis.show import exhibits, listings, marks, render, tables
from analysis.stats import estimates, reliability
from analysis.words import LANGUAGES, SIGNS, voice

R = ROOT / "tests/stats/r"
LETTERS = {
    ("unreliable", "small_base"): "s",
    ("unreliable", "wide"): "w",
    ("unreliable", "relative"): "r",
    ("review", "none_or_all"): "z",
    ("reliable", "complement"): "c",
    ("reliable", ""): "p",
}
YARDSTICK = pd.read_csv(R / "reliability.csv")


def letters(counts, bases, design_effect=1.0):
    judged = reliability.verdicts(counts, bases, design_effect)
    return "".join(LETTERS[pair] for pair in zip(judged["verdict"], judged["reason"], strict=True))


# --- the rule -------------------------------------------------------------------------------


def test_the_yardstick_has_a_letter_for_each_of_ten_thousand_pairs_and_every_verdict():
    assert (YARDSTICK["verdicts"].str.len() == YARDSTICK["base"] + 1).all()
    assert (YARDSTICK.loc[YARDSTICK["design_effect"].eq(1), "base"] + 1).sum() >= 10_000
    assert set("".join(YARDSTICK["verdicts"])) == set(LETTERS.values())


@pytest.mark.parametrize("design_effect", sorted(YARDSTICK["design_effect"].unique()))
def test_every_verdict_is_that_of_the_published_rule(design_effect):
    rows = YARDSTICK[YARDSTICK["design_effect"].eq(design_effect)]
    counts = np.concatenate([np.arange(base + 1) for base in rows["base"]])
    bases = np.repeat(rows["base"], rows["base"] + 1)
    ours, theirs = letters(counts, bases, design_effect), "".join(rows["verdicts"])
    different = [pair for pair in zip(counts, bases, ours, theirs, strict=True) if pair[2] != pair[3]]
    assert different == []


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R isn't installed")
def test_r_still_gives_the_verdicts(tmp_path):
    again = tmp_path / "reliability.csv"
    subprocess.run(["Rscript", R / "reliability.R", again], cwd=ROOT, check=True)
    assert again.read_text() == (R / "reliability.csv").read_text()


@pytest.mark.parametrize(
    ("base", "unreliable", "complement"),
    [
        (145, [(3, 9)], [(136, 142)]),  # not a line from good to bad: 2 of 145 passes, 3 doesn't
        (105, [(1, 9)], [(96, 104)]),
        (79, [(1, 9)], [(70, 78)]),
        (49, [(1, 8)], [(41, 48)]),
        (45, [(1, 8), (19, 26)], [(37, 44)]),  # 18 is 29.97 points wide; the office's own program rounds to 30.0 first
        (41, [(1, 8), (13, 28)], [(33, 40)]),
        (30, [(1, 24)], [(25, 29)]),
        (22, [(0, 22)], []),
        (294, [], []),
        (771, [], []),
    ],
)
def test_these_counts_of_these_bases_do_not_pass(base, unreliable, complement):
    judged = reliability.verdicts(range(base + 1), [base] * (base + 1))

    def among(runs):
        return [n for low, high in runs for n in range(low, high + 1)]

    assert judged.index[judged["verdict"].eq("unreliable")].tolist() == among(unreliable)
    assert judged.index[judged["reason"].eq("complement")].tolist() == among(complement)


def test_twenty_two_of_forty_one_is_too_wide_and_eight_of_a_hundred_and_five_relatively():
    assert letters([22, 8], [41, 105]) == "wr"
    # 37.4 to 69.3%, and 11.1 points around 7.6%, in the study of the standard
    assert reliability.verdicts([22, 8], [41, 105])["width"].tolist() == pytest.approx([0.319, 0.111], abs=5e-4)


def test_a_base_of_twenty_nine_is_too_small_whatever_the_count():
    # at 0 of n the interval runs to 1 - 0.025 ** (1 / n): 11.9 points at 29, 11.6 at 30
    assert letters([0, 29, 0, 30], [29, 29, 30, 30]) == "sszz"


def test_nobody_and_everybody_are_for_review_however_narrow():
    assert 1 - 0.025 ** (1 / 771) < 0.05 < 1 - 0.025 ** (1 / 41)
    assert letters([0, 41, 0, 771], [41, 41, 771, 771]) == "zzzz"


@pytest.mark.parametrize(
    ("share", "width", "effective", "letter"),
    [
        (0.01, 0.05, 500, "p"),  # five points: narrow enough, though five times the share
        (0.01, math.nextafter(0.05, 1), 500, "r"),
        (0.5, 0.30, 500, "w"),
        (0.5, math.nextafter(0.30, 0), 500, "p"),
        (0.1, 0.13, 500, "p"),  # 130% is allowed
        (0.1, 0.131, 500, "r"),
        (0.9, 0.129, 500, "p"),
        (0.9, 0.131, 500, "c"),
        (0.5, 0.2, 30, "p"),
        (0.5, 0.2, 29.99, "s"),
        (0.0, 0.04, 30, "z"),
        (1.0, 0.04, 30, "z"),
        (1.0, 0.30, 30, "w"),
    ],
)
def test_each_bound_is_on_the_side_that_the_standard_says(share, width, effective, letter):
    judged = reliability.judge([share], [width], [effective])
    assert LETTERS[tuple(judged.iloc[0])] == letter


def test_a_design_effect_makes_the_base_smaller_but_never_larger():
    # 45 / 1.5 = 30 people are left, of 44 fewer
    assert letters([20, 20], [45, 44], 1.5) == "ws"
    assert letters([10], [29], 0.5) == "s"


def test_where_nobody_answered_the_base_is_too_small():
    assert letters([0], [0]) == "s"


def test_a_count_above_its_base_is_refused_with_all_the_others():
    with pytest.raises(ValueError, match="these don't: 5 of 4, -1 of 9$"):
        reliability.verdicts([5, 3, -1], [4, 9, 9])


# --- where it shows -------------------------------------------------------------------------

WAVE = "2025-reference"
both_languages = pytest.mark.parametrize("language", LANGUAGES)


def shares(*pairs):
    """Shares of one question, each a count and a base."""
    blank = dict.fromkeys(estimates.SHARE_COLUMNS, "") | {"score": None, "no_answer": 0, "not_asked": 0}
    rows = [
        blank | {"label": f"{n} of {base}", "n": n, "base": base, "share": n / base if base else np.nan}
        | dict.fromkeys(("low", "high"), 0.5 if base else np.nan)
        for n, base in pairs
    ]  # fmt: skip
    return estimates._judged(pd.DataFrame(rows))


@pytest.fixture
def shown(monkeypatch):
    """What a chapter would display."""
    parts = []
    monkeypatch.setattr(exhibits, "display", lambda what, **_: parts.append(what))
    return parts


def show_use(language, by=None):
    responses, questions = analysis.load(WAVE), analysis.questions(WAVE, language)
    exhibits.show(estimates.share(responses, questions["user"], "yes", by=by and questions[by]), "use")


@pytest.mark.parametrize(
    ("language", "sign", "words", "review"),
    [("nl", "[r]", "ruwe schatting", "[k]"), ("en", "[u]", "rough estimate", "[r]")],
)
def test_a_table_marks_what_is_not_reliable_by_a_sign_and_in_words(language, sign, words, review):
    html = render.html(tables.shares(shares((22, 41), (294, 771), (0, 771)), "c"), language)
    said = f'<span class="sign" aria-hidden="true">{sign}</span><span class="visually-hidden">{words}</span>'
    assert html.count(f"{voice(language).percent(22 / 41)} {said}</td>") == 1
    assert html.count(f"<td>{voice(language).percent(294 / 771)}</td>") == 1
    assert html.count('class="sign"') == 2 and html.count(f">{review}<") == 1
    legend = re.search(r'<p class="signs">(.*?)</p>', html)[1]
    assert legend.startswith(f"{sign} {words}; {review} ")


def test_where_all_is_reliable_a_table_says_nothing_of_it():
    html = render.html(tables.shares(shares((294, 771), (477, 771)), "c"), "nl")
    assert "sign" not in html and "visually-hidden" not in html


@pytest.mark.parametrize(("language", "sign", "words"), [("nl", "[l]", "leeg"), ("en", "[e]", "empty")])
def test_where_nobody_answered_the_table_says_so_and_not_that_it_is_uncertain(language, sign, words):
    html = render.html(tables.shares(shares((0, 0)), "c"), language)
    assert html.count(f'aria-hidden="true">{sign}<') == html.count(f'visually-hidden">{words}') == 2  # share, interval
    assert html.count('class="sign"') == 2


def test_a_mean_of_nobody_and_one_without_spread_have_different_signs():
    columns = dict.fromkeys(estimates.MEAN_COLUMNS, "")
    none = columns | {"base": 0, "mean": np.nan, "sd": np.nan, "low": np.nan, "high": np.nan}
    one = none | {"base": 1, "mean": 40.0}
    assert render.html(tables.means(pd.DataFrame([none]), "c"), "en").count('class="sign" aria-hidden="true">[e]') == 3
    assert render.html(tables.means(pd.DataFrame([one]), "c"), "en").count('class="sign" aria-hidden="true">[x]') == 2


@both_languages
def test_the_number_behind_the_headline_is_marked_in_figure_description_note_and_table(shown, language):
    show_use(language, by="care")
    figure, html = json.dumps(shown[0]), shown[1]["text/html"]
    _, sign, words = voice(language).sign("unreliable")
    share = voice(language).percent(22 / 41)
    assert figure.count(f"<b>{share} {sign}") == 1 and figure.count(f"{share} {sign}, {words} (22 ") == 1
    assert figure.count("circle-open") == 1 and html.count('<td class="dot open sure"') == 1
    (note,) = re.findall(rf"<p>({re.escape(sign)} .*?)</p>", html)
    assert note.startswith(f"{sign} {words}: ") and "30" in note and "130" not in note
    assert html[html.index("<table") :].count('class="sign"') == 1


@both_languages
def test_an_exhibit_that_is_reliable_throughout_says_nothing_of_it(shown, language):
    show_use(language)
    text = json.dumps(shown[0]) + shown[1]["text/html"]
    signs = [voice(language).sign(reason) for reason in SIGNS]
    assert not [sign for sign in signs if sign.sign in text or sign.words in text]


def test_every_reason_met_is_named_once():
    notes = marks.explain(shares((5, 29), (6, 29), (22, 41), (8, 105), (0, 771), (0, 0)), voice("en"))
    assert [note[:3] for note in notes] == ["[u]", "[r]"]
    assert [notes[0].count(bound) for bound in ("fewer than 30 people", "30 points", "130%")] == [1, 1, 1]


def test_the_same_share_in_other_groups_takes_whole_people():
    share = estimates.share_of(shares((22, 41)).iloc[0].to_dict())
    found = estimates.same_share(share, [41, 82, 294, 771])
    assert found["n"].tolist() == [22, 44, 158, 414]  # 157.8 and 413.7 people
    assert found["base"].tolist() == [41, 82, 294, 771]
    assert (found["high"] - found["low"]).is_monotonic_decreasing


# --- the list of signs ----------------------------------------------------------------------


@both_languages
def test_every_sign_is_different_and_explained(language):
    signs = [voice(language).sign(reason) for reason in SIGNS]
    assert len(set(signs)) == len({sign.words for sign in signs}) == len(SIGNS)
    html = render.html(listings.signs(), language)
    for reason, sign in zip(SIGNS, signs, strict=True):
        assert f'<th scope="row">{sign.sign} {sign.words}</th><td>{voice(language).say(f"why_{reason}")}</td>' in html


def test_the_list_has_every_sign_that_there_are_words_for():
    text = (ROOT / "locale" / "book.pot").read_text(encoding="utf-8")
    keys = [re.findall(rf'^msgctxt "{family}_(.*)"$', text, re.M) for family in ("sign", "short", "why")]
    assert [sorted(of_family) for of_family in keys] == [sorted(SIGNS)] * 3


# --- what an interval is called -------------------------------------------------------------

FORBIDDEN = re.compile(r"foutenmarge|foutmarge|margin of (sampling )?error|steekproeffout", re.IGNORECASE)
FOLDERS = ("chapters", "locale", "data", "analysis", "_static")
KINDS = {".ipynb", ".csv", ".po", ".py", ".toml", ".md", ".js", ".css"}
COPIES = ".ipynb_checkpoints"  # what JupyterLab keeps beside a notebook that was saved
TEXTS = [
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in KINDS and COPIES not in path.parts
]


def test_an_interval_has_the_usual_name_only_where_it_is_said_why_not():
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in [*TEXTS, ROOT / "README.md"]}
    found = {str(name): len(FORBIDDEN.findall(text)) for name, text in texts.items()}
    assert {name: times for name, times in found.items() if times} == {"chapters/certainty.ipynb": 1}


def test_every_exhibit_with_notes_leads_to_the_page_on_certainty(book):
    pages = sorted((book / "chapters").glob("*.html"))
    shown = [f for page in pages for f in re.findall(r'<figure class="exhibit".*?</figure>', page.read_text(), re.S)]
    noted = [figure for figure in shown if '<div class="notes">' in figure]
    assert all(figure.count(f'<a href="{exhibits.CERTAINTY}">') == 1 for figure in noted) and len(noted) > 18
    assert (book / "chapters" / exhibits.CERTAINTY).exists()
