"""What leaves a confidential wave: of every question and grouping, held against the exact counts that stay inside."""

import dataclasses
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

import analysis
from analysis.chapter import (
    associations,
    counted,
    difference_in_means,
    difference_in_shares,
    differs,
    family,
    few,
    highest,
    how_many,
    laid_down,
    leads,
    logistic,
    majority,
    means,
    minority,
    not_shown,
    plain_share,
    release,
    share,
    shares,
    undecided,
)
from analysis.show import phrases, saying, tables
from analysis.stats import comparisons, gate, guards, settle
from analysis.stats.value import Value
from analysis.survey import terms
from analysis.survey.questionnaire import NO_ANSWER, TICKED

GROUPINGS = ("", "care", "gender")
SHOWN = {"share", "few", "all_but_few", "too_few"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The reference wave's people, labelled as answers of people that were never published; of no report."""
    place = tmp_path_factory.mktemp("data") / "waves" / "real"
    shutil.copytree(ROOT / "data" / "waves" / "2025-reference", place)
    shutil.rmtree(place / "reconstruction")
    (place / "provenance.csv").unlink()
    label = (place / "wave.toml").read_text(encoding="utf-8").partition("[reconstruction]")[0]
    label = label.replace('kind = "synthetic"', 'kind = "confidential"').replace('report = "mind-2025"', "")
    label = label.replace('"../../questionnaire"', f'"{ROOT / "data" / "questionnaire"}"')
    (place / "wave.toml").write_text(label, encoding="utf-8")
    return place


@pytest.fixture
def wave(folder, tmp_path, monkeypatch):
    """The opened wave, as while the build runs a chapter: responses, questions, and where notes are written."""
    monkeypatch.setenv(terms.NOTES, str(tmp_path / "notes"))
    (tmp_path / "notes").touch()
    return analysis.load(folder), analysis.questions(folder, "en"), tmp_path / "notes"


def pairs(wave):
    """What is shown and what is so, of every question in all and by every grouping: two frames."""
    responses, questions, _ = wave
    for question in [*questions, *questions.derived]:
        for name in GROUPINGS if question.kind in ("single", "multiple", "statements") else ():
            by = questions[name] if name else None
            if by is None or by.code != question.code:
                yield shares(responses, question, by).frame, shares(responses, question, by, inside=True).frame


def test_every_share_is_within_half_its_step_of_the_truth_and_no_count_is_there(wave):
    seen = 0
    for shown, true in pairs(wave):
        assert shown["n"].isna().all() and set(shown["state"]) <= SHOWN
        known = shown["state"].eq("share").to_numpy()
        off = (shown["share"] - true["share"]).abs()[known]
        assert (off <= shown["step"][known] / 2 + 1e-12).all()
        assert ((shown["low"] <= shown["share"]) & (shown["share"] <= shown["high"]))[known].all()
        assert ((shown["share"] / shown["step"])[known].round(6) % 1 == 0).all(), "a whole number of steps"
        seen += int(known.sum())
    assert seen > 500


def test_a_cell_of_few_a_cell_of_all_but_few_and_a_small_base_are_words(wave):
    for shown, true in pairs(wave):
        small = true["base"] < 50
        is_few, others = true["n"] <= 10, true["base"] - true["n"] <= 10
        assert shown.loc[small, "state"].eq("too_few").all()
        assert shown.loc[~small & is_few, "state"].eq("few").all()
        assert shown.loc[~small & ~is_few & others, "state"].eq("all_but_few").all()
        assert shown.loc[~small & ~is_few & ~others, "state"].eq("share").all(), "and what is safe is there"
        base = shown["base"].astype("Float64")
        assert (base.isna() == true["base"].le(10)).all() and (base.dropna() % 10 == 0).all()
        assert ((base - true["base"]).abs().dropna() <= 5).all()


def test_values_say_shares_in_steps_bases_in_tens_and_words_for_few(wave):
    responses, questions, _ = wave
    use, tools = shares(responses, questions.talked), shares(responses, questions.tools)
    said = [saying.said(value, "en") for value in (use["yes"], use.base, use["yes"].count, use["yes"].interval)]
    assert said == ["38%", "about 770", "38%", "34 to 42%"]
    assert saying.said(tools["tess"], "en") == "[at most 10 people]"
    assert saying.said(tools["tess"].count, "nl") == "[hoogstens 10 mensen]"
    assert saying.said(1 - tools["tess"], "en") == "[all but at most 10 people]"
    waiting = share(responses, questions.user, "yes", by=questions.care)["waiting"]
    assert saying.said(waiting, "en") == "[too few people for percentages]"
    assert saying.said(waiting.base, "en") == "about 40"
    with pytest.raises(ValueError, match="held back"):
        int(use["yes"].count)


def test_what_is_computed_with_a_word_is_not_given_and_of_shares_it_is(wave):
    responses, questions, _ = wave
    tools = shares(responses, questions.tools)
    assert (tools["chatgpt_free"] + tools["tess"]).release == "hidden"
    apart = tools["chatgpt_free"] - tools["chatgpt_paid"]
    assert (apart.release, round(float(apart), 10)) == ("released", 0.67)
    part = tools["chatgpt_free"].count / analysis.flow(responses_wave(wave))["analysed"]
    assert saying.said(part, "en") == "31%", "what is shown of the count over what is shown of the base"


def responses_wave(wave):
    return terms.bound()[0].wave.folder


@pytest.mark.parametrize("made", [
    lambda r, q: counted(int(r["q24"].eq("d").sum())),
    lambda r, q: counted(len(r[r["q24"].eq("d")])),
    lambda r, q: plain_share(float(r["q24"].eq("d").mean())),
    lambda r, q: Value("count", 8, "people", n=8),
    lambda r, q: Value("share", 8 / 771, "share", n=8, of=771),
    lambda r, q: shares(r, q.gender, inside=True)["d"],
    lambda r, q: shares(r, q.gender, inside=True)["b"].count,
    lambda r, q: shares(r, q.gender)["b"] + Value("share", 8 / 771, "share"),
])  # fmt: skip
def test_a_number_that_nobody_let_out_passes_no_door(wave, made):
    responses, questions, _ = wave
    value = made(responses, questions)
    with pytest.raises(ValueError, match="plain number") as stopped:
        saying.said(value, "en")
    assert "8" not in str(stopped.value)


@pytest.mark.parametrize("things", [
    lambda r, q: r[r["q24"].eq("d")],
    lambda r, q: list(r.index[:8]),
    lambda r, q: r["q24"],
    lambda r, q: r[r["q24"].eq("d")].index,
    lambda r, q: r[r["q24"].eq("d")].reset_index(drop=True),
    lambda r, q: r.loc[r["q24"].eq("d"), []].reset_index(),
    lambda r, q: dict.fromkeys(r.index[:8], q.gender["d"].label),
    lambda r, q: analysis.log(terms.bound()[0].wave.folder),
    lambda r, q: "12345678",
])  # fmt: skip
def test_people_are_not_counted_as_things(wave, things):
    responses, questions, _ = wave
    with pytest.raises(TypeError, match="may hold people"):
        how_many(things(responses, questions))


def test_a_tally_of_people_is_no_tally_of_things(wave):
    responses, questions, _ = wave
    crossed = pd.crosstab(responses["q24"], responses["q03"]).rename_axis("q24")
    listed = pd.DataFrame({"claim": range(int(crossed.iloc[0].sum()))})
    with pytest.raises(TypeError, match="may hold people"):
        tables.counts(crossed, responses, "", "")
    with pytest.raises(ValueError, match="no tally of the 3 things"):
        tables.counts(crossed, listed.head(3), "", "")


def test_things_and_what_was_laid_down_are_said_exactly(wave):
    _, questions, _ = wave
    assert saying.said(how_many(questions), "en") == "25"
    assert saying.said(how_many(questions.opinions.statements), "en") == "12"
    assert saying.said(laid_down("reliability.WIDE", "points"), "en") == "30"
    assert saying.said(laid_down("0.20", "share"), "en") == "20%"


def test_a_frame_that_was_changed_is_let_out_no_more(wave):
    responses, questions, _ = wave
    use = shares(responses, questions.talked)
    assert release(use.frame) is use.frame
    for changed in (
        use.frame.assign(share=8 / 771),
        use.frame.assign(more=8),
        pd.DataFrame({"n": [8]}),
        shares(responses, questions.talked, inside=True).frame,
    ):
        with pytest.raises(ValueError, match="not as it was let out"):
            release(changed)
    doctored = dataclasses.replace(use, frame=use.frame.assign(share=8 / 771))
    with pytest.raises(ValueError, match="changed after it was let out"):
        doctored["yes"]
    use.frame.loc[0, "share"] = 8 / 771
    with pytest.raises(ValueError, match="changed after it was let out"):
        use["yes"]


# --- guards ----------------------------------------------------------------------------------


def test_a_sentence_about_a_hidden_cell_cannot_be_told_and_one_about_a_visible_cell_can(wave):
    responses, questions, _ = wave
    tools, use = shares(responses, questions.tools), shares(responses, questions.talked)
    by_care = share(responses, questions.user, "yes", by=questions.care)
    assert minority(use, "yes").holds
    for outcome in (
        few(tools, "tess"),
        minority(tools, "tess"),
        majority(tools, "tess"),
        differs(by_care, "waiting", "neither"),
        not_shown(by_care, "waiting", "now"),
        highest(by_care, "now"),
        undecided(by_care_of(responses, questions, "waiting")),
    ):
        assert (outcome.state, outcome.distance, outcome.p) == ("unknown", None, None)
    assert differs(by_care, "now", "neither").holds
    assert differs(by_care, "now|waiting", "neither").holds


def by_care_of(responses, questions, group):
    return share(responses[responses["care"].eq(group)], questions.user, "yes")


def test_no_sentence_tells_by_how_many_people_it_holds(wave):
    responses, questions, _ = wave
    use, tools = shares(responses, questions.talked), shares(responses, questions.tools)
    found = family(rule=minority(use, "yes"), first=leads(tools, "chatgpt_free"))
    for outcome in found.values():
        assert outcome.holds and outcome.distance is None
        assert outcome.p in (None, gate.digits(outcome.p or 0, 1)), "p in one digit"


def test_where_what_is_shown_ties_or_says_the_other_nothing_is_told():
    value = Value("share", 0.5, "share", of=290, step=0.01, near=10, bound=10, release="released")
    outcome = guards.Outcome("majority", "holds", (value,), 3, 0.04)
    assert guards._seen(outcome, lambda share: share > 0.5).state == "unknown"
    assert guards._seen(outcome, lambda share: share >= 0.5).state == "holds"


def test_no_word_for_a_share_says_more_than_half_of_what_is_not(wave):
    for points in range(0, 101):
        for step in (1, 2, 5, 10):
            value = Value("share", points / 100, "share", of=300, step=step / 100, near=10, release="released")
            said = phrases.phrase_of(value, "en")
            low, high = max(1, 10 * points - 5 * step), min(999, 10 * points + 5 * step - 1)
            ends = {phrases.phrase(n, 1000, "en") for n in range(low, high + 1)}
            assert not said or ends <= {said}, (points, step)


# --- tests, means, models --------------------------------------------------------------------


def test_tests_are_given_in_two_digits_only_where_no_cell_is_hidden(wave):
    responses, questions, _ = wave
    found = associations(responses, questions.user, [questions.age_group, questions.gender, questions.care]).frame
    exact = comparisons.association(responses, questions.user, questions.age_group, inside=True).iloc[0]
    first = found.iloc[0]
    assert (first["release"], first["base"]) == ("released", 770)
    assert first["size"] == gate.digits(exact["size"]) != exact["size"]
    assert found.iloc[1:][["statistic", "df", "p", "size", "low", "high", "p_holm"]].isna().all(axis=None)
    by_care = share(responses, questions.user, "yes", by=questions.care)
    shown = difference_in_shares(by_care, "now", "neither").frame.iloc[0]
    assert round(shown["size"], 10) == 0.11, "the difference of 42% and 31%"
    hidden = difference_in_shares(by_care, "waiting", "now").frame.iloc[0]
    assert hidden["release"] == "hidden" and np.isnan(hidden["size"]) and np.isnan(hidden["p"])


def test_means_are_given_in_two_digits_of_fifty_people_or_more(wave):
    responses, questions, _ = wave
    ages = means(responses, questions.age, by=questions.care).frame.set_index("group")
    assert ages.loc["waiting", ["mean", "sd", "low", "high"]].isna().all()
    assert ages.loc["now", "mean"] % 1 == 0 and ages.loc["now", "base"] % 10 == 0
    compared = difference_in_means(means(responses, questions.age, by=questions.user), "yes", "no").frame.iloc[0]
    assert compared["statistic"] == gate.digits(compared["statistic"])
    assert "minimum" not in ages and "maximum" not in ages


def test_a_model_with_a_small_group_is_not_given_and_one_without_is_in_two_digits(wave):
    responses, questions, _ = wave
    gone = logistic(responses, questions.user, "yes", [questions.gender])
    assert gone.terms[["odds_ratio", "low", "high", "p", "effect", "n", "base"]].isna().all(axis=None)
    assert gone.checks[["value", "df", "p"]].isna().all(axis=None)
    kept = logistic(responses, questions.user, "yes", [questions.age_group])
    assert kept.terms["n"].isna().all() and (kept.terms["base"] % 10 == 0).all()
    ratios = kept.terms["odds_ratio"].dropna()
    assert (ratios.map(gate.digits) == ratios).all() and kept.terms["release"].eq("released").all()


# --- what is tried ---------------------------------------------------------------------------


def noted(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_table_is_noted_with_its_cells_and_who_is_in_it(wave):
    responses, questions, path = wave
    share(responses, questions.user, "yes", by=questions.care)
    shares(responses[responses["q24"].eq("b")], questions.talked)
    differs(share(responses, questions.user, "yes", by=questions.care), "now|waiting", "neither")
    found = {grouping: (by, mask) for question, grouping, by, mask, *_ in noted(path) if question == "q03"}
    assert found["care"] == ("care", "") and found[""] == ("", "")
    (women,) = [name for name in found if name.startswith("@")]
    assert found[women][1] and found["care=now|waiting"][1], "a selection is a grouping of its own"


def test_people_whose_answers_are_not_the_waves_are_given_nothing_of(wave):
    responses, questions, path = wave
    changed = responses.assign(q24=responses["q24"].where(responses["q24"].ne("d"), "a"))
    drawn = responses.iloc[[0, 0, 1, 2] * 100]
    for people in (changed, drawn):
        assert shares(people, questions.gender).frame["state"].eq("withheld").all()
    assert noted(path) == []


def test_outside_a_build_nothing_is_shown_that_was_not_tried_on_these_very_answers(wave, monkeypatch):
    responses, questions, _ = wave
    monkeypatch.delenv(terms.NOTES)
    assert shares(responses, questions.talked).frame["state"].eq("withheld").all()
    assert saying.said(shares(responses, questions.talked)["yes"], "en") == "[not given]"


def settled(wave, questions=None):
    _, asked, path = wave
    agreed = terms.bound()[0]
    return settle.settle(path.read_text(encoding="utf-8").splitlines(), agreed, questions or asked)


def test_steps_are_settled_for_every_table_and_read_again(wave, folder):
    responses, questions, _ = wave
    shares(responses, questions.opinions)
    for by in (questions.care, questions.gender):
        shares(responses, questions.talked, by)
    written, record = settled(wave)
    try:
        (folder / "release.csv").write_bytes(written)
        steps, _ = terms.read(terms.bound()[0].wave)
        assert {key for key, _ in steps} == {"q03", *(f"q14_{n}" for n in range(1, 13))}
        assert {name for key, name in steps if key == "q03"} == {"", "care", "q24"}
        assert record["narrowest"] >= 5 and record["left_out"] == []
        terms.forget()
        again = analysis.load(folder)
        shown = shares(again, questions.opinions).frame
        for statement, block in shown.groupby("statement"):
            points = block["step"].dropna().unique()
            assert list(points) in ([], [steps[f"q14_{statement}", ""] / 100]), statement
    finally:
        (folder / "release.csv").unlink(missing_ok=True)


def test_an_owner_may_ask_for_a_coarser_step_or_none_at_all_and_not_for_a_finer(wave, folder):
    responses, questions, _ = wave
    for by in (None, questions.care, questions.gender):
        shares(responses, questions.talked, by)
    by_hand = "question,grouping,at_least,step\nq03,,5,1\nq03,q24,left_out,1\nq03,care,,1\n"
    (folder / "release.csv").write_text(by_hand, encoding="utf-8")
    try:
        terms.forget()
        analysis.load(folder)
        written, record = settled(wave)
        assert written.decode().splitlines()[1:] == ["q03,,5,5", "q03,care,,5", "q03,q24,left_out,left_out"]
        assert record["left_out"] == ["q03 by q24"]
    finally:
        (folder / "release.csv").unlink()


def test_a_list_of_steps_that_cannot_be_read_names_every_row_and_what_to_do(folder):
    bad = "question,grouping,at_least,step\nq03,,3,1\nq03,,,1\nq04,,,none\n"
    (folder / "release.csv").write_text(bad, encoding="utf-8")
    try:
        with pytest.raises(ValueError, match="take it away: the build writes it anew") as error:
            analysis.load(folder)
        said = str(error.value)
        assert 'row 2: at_least "3"' in said and "row 3: question q03" in said and 'row 4: step "none"' in said
    finally:
        (folder / "release.csv").unlink()


# --- what was printed, what coders found ------------------------------------------------------


def test_what_the_document_printed_is_shown_as_printed_also_where_it_is_one_person(folder, wave):
    label = (folder / "wave.toml").read_text(encoding="utf-8")
    (folder / "wave.toml").write_text('report = "mind-2025"\n' + label, encoding="utf-8")
    survey = ROOT / "data"
    try:
        terms.forget()
        responses, questions = analysis.load(folder), analysis.questions(folder, "en")
        assert terms.bound()[0].wave.survey == survey
        diploma, use = shares(responses, questions.diploma), shares(responses, questions.talked)
        assert (use["yes"].n, use["yes"].of, use["yes"].origin) == (294, 771, "printed")
        assert saying.said(use["yes"], "en") == "38.1%" and saying.said(use["no"], "en") == "62%"
        few_but_printed = [row for row in diploma.frame.to_dict("records") if row["state"] == "printed"]
        assert min(row["n"] for row in few_but_printed) == 3
        by_care = share(responses, questions.user, "yes", by=questions.care)
        assert (by_care["waiting"].n, by_care["waiting"].of) == (22, 41)
        assert not_shown(by_care, "waiting", "now").state != "unknown", "guards use what was printed"
    finally:
        (folder / "wave.toml").write_text(label, encoding="utf-8")


def test_boxes_that_the_wave_does_not_hold_are_tried_by_what_is_noted_of_them(wave):
    responses, questions, path = wave
    texts = questions["q07"]
    found = pd.DataFrame(index=responses.index)
    asked = responses["q07"].ne("not_asked")
    for number, code in ((3, "rare"), (60, "often")):
        ticked = pd.Series("no", index=responses.index)
        ticked[responses.index[asked][:number]] = TICKED
        found[f"q07_{code}"] = ticked.where(asked, "not_asked")
        found.loc[responses.index[asked][200:], f"q07_{code}"] = NO_ANSWER
    from analysis.survey.questionnaire import Answer

    themes = dataclasses.replace(texts, kind="multiple", answers=(Answer("rare", "Rare"), Answer("often", "Often")))
    shown = shares(found, themes)
    assert shown.frame["state"].tolist() == ["few", "share"] and float(shown["often"]) == 0.30
    (line,) = noted(path)
    assert line[0].startswith("q07~") and set(line[5]) == {"rare", "often", "", "asked"}
    _, record = settled(wave)
    assert record["narrowest"] is None or record["narrowest"] >= 5
