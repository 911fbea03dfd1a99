"""Waves to practise on: drawn from tables, always alike, as an export would be, and the truth beside them is true."""

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import OTHER, ROOT

from analysis.survey import chances, cleaning, expected, invention, population, questionnaire, reading, waves
from analysis.survey.questionnaire import NOT_ASKED

ROUNDS = ("practice-1", "practice-2")
MADE = ("responses.csv", "truth/shares.csv", "truth/differences.csv")


@pytest.fixture(scope="module")
def model():
    return population.read(waves.read_wave("practice-1"))


@pytest.fixture
def copied(tmp_path):
    """A copy of the first round, with the questionnaire beside it, that a test may break."""
    shutil.copytree(ROOT / "data/questionnaire", tmp_path / "data/questionnaire")
    return shutil.copytree(ROOT / "data/waves/practice-1", tmp_path / "data/waves/practice-1")


def change(folder, table, *changes):
    """Replace texts in a table of the model, each of which stands there once."""
    path = folder / "model" / f"{table}.csv"
    said = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert said.count(before) == 1, before
        said = said.replace(before, after)
    path.write_text(said, encoding="utf-8")


def drawn(model, people, seed):
    """Cleaned answers of people drawn from a model, none of whom stops."""
    wave = waves.read_wave("practice-1")
    export = invention.draw(dataclasses.replace(model, stops={}), wave, people, seed)
    export.index += 2
    return cleaning.clean(export, wave, model.questions)[0]


# --- the waves that ship --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROUNDS)
def test_the_same_tables_give_the_same_bytes_and_these_are_what_ships(name, tmp_path):
    shutil.copytree(ROOT / "data/questionnaire", tmp_path / "data/questionnaire")
    place = shutil.copytree(ROOT / "data/waves" / name, tmp_path / "data/waves" / name)
    shutil.rmtree(place / "truth")
    (place / "responses.csv").unlink()
    invention.write(place)
    for made in MADE:
        assert (place / made).read_bytes() == (ROOT / "data/waves" / name / made).read_bytes(), made


def test_another_seed_gives_other_people_of_the_same_population(copied):
    before = {made: (copied / made).read_bytes() for made in MADE}
    label = copied / "wave.toml"
    label.write_text(label.read_text(encoding="utf-8").replace("seed = 41", "seed = 43"), encoding="utf-8")
    invention.write(copied)
    assert [(copied / made).read_bytes() == before[made] for made in MADE] == [False, True, True]


@pytest.mark.parametrize(("name", "counted"), [("practice-1", 1200), ("practice-2", 900)])
def test_an_invented_export_is_one_that_cleaning_takes(name, counted):
    wave = waves.read_wave(name)
    questions, export = questionnaire.read(wave.questionnaire), reading.read_export(wave)
    assert cleaning.check(export, wave, questions).empty
    responses, log = cleaning.clean(export, wave, questions)
    assert abs(len(responses) - counted) < 0.05 * counted
    assert len(log[log["change"].eq("excluded")]) == len(export) - len(responses) > 0
    assert log["change"].isin(["excluded", "coded"]).all()  # nothing had to be mended
    for question in questions:
        given = responses[question.status_column]
        assert (~given.isin([NOT_ASKED, "no_answer"])).sum() > 50, question.code
    assert export["q04_t_text"].isin(["", *(a.named_as for a in questions["q04"].named)]).all()


def test_whoever_stops_answers_nothing_any_more():
    export = pd.read_csv(ROOT / "data/waves/practice-1/responses.csv", dtype=str, keep_default_na=False)
    began = export[export["q01"].ne("c")]
    stopped = began["q20"].eq("") & began["q03"].ne("")
    assert 0.02 < stopped.mean() < 0.12
    after = [c for c in export.columns[export.columns.get_loc("q20") :] if c.startswith("q2")]
    assert began.loc[stopped, after].eq("").all(axis=None)
    assert export.loc[export["q01"].eq("c"), export.columns[2:]].eq("").all(axis=None)


def test_of_the_second_round_some_shares_changed_and_others_did_not():
    first, second = (
        pd.read_csv(ROOT / f"data/waves/{name}/truth/shares.csv", dtype={"statement": str}, keep_default_na=False)
        for name in ROUNDS
    )
    both = first.merge(second, on=["question", "statement", "answer"], validate="1:1")
    both["change"] = (both["share_y"] - both["share_x"]).abs()
    change = both.set_index(["question", "statement", "answer"])["change"]
    assert change["q03", "", "a"] > 0.05 and change["q04", "", "d"] > 0.05 and change["q14", "1", "2"] > 0.03
    assert (change[change.index.get_level_values(0).isin(["q01", "q02", "q24"])] == 0).all()
    assert change["q04", "", "f"] < 0.01 and change["q10", "", "a"] == 0


# --- what the model says --------------------------------------------------------------------------


def test_the_truth_is_what_the_tables_say_worked_out_by_hand(model):
    truth = expected.shares(model).set_index(["question", "statement", "answer"])["share"]
    now, past = 63 / 95.5, 32.5 / 95.5  # of those in the target group
    assert truth["q01", "", "a"] == pytest.approx(now, abs=1e-6) and truth["q01", "", "c"] == 0
    waiting_past = 1.5 / (10.2 + 1.5 + 33 + 18)  # with odds of 0.3 and 0.1 in care and waiting
    waiting = now * 0.15 + past * waiting_past
    assert truth["q02", "", "b"] == pytest.approx(waiting, abs=1e-6)
    in_care = now * 0.34 + past * 10.2 / 62.7
    odds = {2.2: waiting, 1.25: in_care, 1: 1 - waiting - in_care}
    use = sum(part * 0.44 * k / (0.44 * k + 0.56) for k, part in odds.items())
    assert truth["q03", "", "a"] == pytest.approx(use, abs=1e-6)
    forgotten, other = 0.04, truth["q04", "", "t"]
    assert truth["q04", "", "u"] == pytest.approx(forgotten, abs=1e-6)
    assert truth["q04", "", "t2"] == pytest.approx(0.25 * other, abs=1e-6)
    younger, older = 24 * 2 * 1.4, 20 * 0.5  # a user on a waiting list
    whole = younger + 29 + 27 + older
    users = expected.tally(model, model.questions["q02"])
    assert younger / whole > expected.share_of(users, model, "q23", "16..29", group="b") > 24 * 1.4 / (24 * 1.4 + 76)


def test_ticks_that_exclude_each_other_are_counted_out_by_hand(model):
    """Two options of one half and one fifth, and one of a tenth that excludes both."""
    part = model.parts["q21"][0]
    part = dataclasses.replace(part, answers=("a", "b", "g"), shares=np.array([0.5, 0.2, 0.1]), differences=())
    chance = chances.chances(part, pd.DataFrame(index=[0]), model.questions)
    none = 0.5 * 0.8
    by_hand = [0.9 * (0.5 + none * 5 / 7), 0.9 * (0.2 + none * 2 / 7), 0.1]
    assert chances.marginal(part, chance)[0] == pytest.approx(by_hand)


def test_a_difference_multiplies_the_odds_of_whom_it_concerns(model):
    people = pd.DataFrame({"q02": ["b", "a", "c", ""]})
    chance = chances.chances(model.parts["q03"][0], people, model.questions)[:, 0]
    assert (chance / (1 - chance) / (44 / 56)).tolist() == pytest.approx([2.2, 1.25, 1, 1])


@pytest.fixture(scope="module")
def many(model):
    """Cleaned answers of 60,000 people."""
    return drawn(model, 60_000, 99)


@pytest.mark.parametrize(
    "by", [None, *(pytest.param(by, marks=pytest.mark.long) for by in ("care", "age_group", "education", "helped"))]
)
def test_the_truth_is_what_many_people_drawn_come_to(model, many, by):
    """Another way to the same shares, through the export and cleaning: none is off by five standard errors."""
    compare(expected.tally(model, model.questions[by] if by else None), many, model, by)


def compare(table, responses, model, by=None):
    """Hold a tally against people drawn: no share is off by five standard errors."""
    for row in table[table["asked"].gt(0)].to_dict("records"):
        question = model.questions[row["question"]]
        people = responses[responses[by].eq(row["group"])] if by else responses
        column = question.column(row["answer"] if question.kind == "multiple" else row["statement"])
        if question.kind == "number":
            low, high = row["answer"].split("..")
            answers = people.loc[people[question.status_column].eq("given"), column]
            given = answers.between(int(low), int(high)).mean()
        else:
            answers = people.loc[people[column].ne(NOT_ASKED), column]
            given = answers.eq("yes" if question.kind == "multiple" else row["answer"]).mean()
        share = row["gave"] / row["asked"]
        error = max(np.sqrt(share * (1 - share) / max(len(answers), 1)), 1 / max(len(answers), 1))
        assert abs(given - share) < 5 * error, (row, given)


def test_a_difference_may_look_at_tick_boxes_and_those_that_exclude_others(copied):
    """By hand, of options of one half and one fifth and one of a tenth that excludes both; then by drawing."""
    model = population.read(waves.read_wave("practice-1"))
    tools = model.parts["q04"][0]
    tools = dataclasses.replace(tools, answers=("a", "b", "u"), shares=np.array([0.5, 0.2, 0.1]), named=())
    states = expected._ways(tools, tools.shares[None], ["q04_a", "q04_u"])
    found = dict(zip(zip(*states.answers.values(), strict=True), states.chance[0], strict=True))
    none = 0.5 * 0.8
    only_b = 0.9 * (0.5 * 0.2 + none * 2 / 7)
    by_hand = {("yes", "no"): 0.9 * (0.5 + none * 5 / 7), ("no", "yes"): 0.1, ("no", "no"): only_b, ("yes", "yes"): 0}
    assert found == pytest.approx(by_hand)
    gave = dict(zip(found, states.gave["b"][0], strict=True))
    assert gave == pytest.approx(
        {("yes", "no"): 0.9 * 0.5 * 0.2, ("no", "no"): only_b, ("no", "yes"): 0, ("yes",) * 2: 0}
    )
    table = copied / "model" / "differences.csv"
    table.write_text(
        table.read_text(encoding="utf-8") + "helpful,,yes,tools=chatgpt_paid|copilot_free,3\n"
        "less_good_moments,,yes,tools=forgotten,4\nwants_information,,yes,tools=other & reasons=advice,0.4\n",
        encoding="utf-8",
    )  # fmt: skip
    model = population.read(waves.read_wave(copied))
    compare(expected.tally(model, model.questions["helped"]), drawn(model, 12_000, 3), model, "helped")


def test_another_questionnaire_is_drawn_too_with_its_routing_by_tick_boxes(tmp_path):
    place = shutil.copytree(OTHER, tmp_path / "other") / "waves" / "2024-cycling"
    label = (place / "wave.toml").read_text(encoding="utf-8").replace('"public"', '"practice"')
    (place / "wave.toml").write_text(
        label + '[invention]\nseed = 1\nrespondents = 20000\ntext = "Made up."\n', encoding="utf-8"
    )
    scale = [f"view,{s},{a},20" for s in "123" for a in "12345"]
    tables = {
        "shares": ["question,statement,answer,share", "work,,a,80", "work,,b,20", "mode,,a,40", "mode,,b,10",
                   "mode,,c,30", "mode,,d,25", "mode,,x,5", "mode,,x1,50", "mode,,x2,25", "mode,,y,3", "km,,0..7,60",
                   "km,,8..100,40", "often,,a,30", "often,,b,50", "often,,c,20", "shower,,a,50", "shower,,b,30",
                   "shower,,c,20", *scale, "note,,given,30"],
        "differences": ["question,statement,answer,among,odds", "km,,8..100,mode=a,0.3"],
        "stops": ["question,share"],
        "comparisons": ["question,statement,answer,by,first,second"],
    }  # fmt: skip
    (place / "model").mkdir()
    for name, lines in tables.items():
        (place / "model" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    invention.write(place)
    wave = waves.read_wave(place)
    model, export = population.read(wave), reading.read_export(wave)
    assert cleaning.check(export, wave, model.questions).empty
    responses, _ = cleaning.clean(export, wave, model.questions)
    compare(expected.tally(model), responses, model)
    asked = expected.shares(model).set_index(["question", "answer"])["share"]
    assert 0 < asked["km", "8..100"] < 0.4 and responses["often"].ne(NOT_ASKED).mean() < 0.6


def test_groups_that_nothing_tells_apart_differ_by_nothing_at_all(model):
    table = expected.differences(model).set_index(["question", "by"])["difference"]
    assert (table.loc[:, "q24"] == 0).all() and len(table.loc[:, "q24"]) >= 3
    assert abs(table["user", "education"]) > 0.01  # no row of the model says so: both hang together with age


def test_ages_that_a_diploma_takes_are_not_undercut(model):
    responses = drawn(model, 20_000, 5)
    young = responses[responses["q23"].lt(21).fillna(False)]
    assert len(young) > 500 and not young["q25"].isin(["e", "f", "g"]).any()


# --- what isn't a model ---------------------------------------------------------------------------


def test_everything_wrong_with_a_model_is_said_at_once(copied):
    change(
        copied, "shares",
        ("talked,,yes,44", "talked,,yes,54"), ("roles,,coach,46", "rolls,,coach,46"),
        ("gender,,man,38\n", ""), ("age,,30..44,29", "age,,29..44,29"), ("age,,60..85,20", "age,,60..111,20"),
        ("helpful,,no,19", "helpful,,no,many"),
        ("opinions,friend,neutral", "opinions,fiend,neutral"),
    )  # fmt: skip
    change(
        copied, "differences",
        ("talked,,yes,care=waiting", "talked,,yes,age=16..29"), 
        ("while_waiting,care=waiting", "while_waiting,tools=perplexity"),
        ("no,frequency=once", "no,opinions=1"),
        ("could_help,,yes,care=waiting,1.4", "could_help,,yes,care=queueing,-2"),
    )  # fmt: skip
    change(copied, "stops", ("age,2", "age,200"))
    change(copied, "comparisons", ("user,,yes,gender,man,woman", "user,,yes,gender,man,man"))
    before = (copied / "responses.csv").read_bytes()
    with pytest.raises(ValueError) as said:
        invention.write(copied)
    lines = str(said.value).splitlines()
    for expected_line in [
        'shares.csv row 59: question: there is no question "rolls"',
        "shares.csv: the shares of q03 add up to 110; together they are 100",
        "shares.csv: q08 lacks a",
        "shares.csv: q24 lacks a",
        "shares.csv: the ranges of q23 overlap at 29",
        'answer "60..111" is not a range from 12 to 110, such as 16..29',
        'share "many" is not a number from 0 to 100',
        'statement: q14 has no statement "fiend"',
        'among "age=16..29" looks at q23, which is not asked before q03; let the later question depend',
        'among "tools=perplexity" looks at t2 of q04, which people write themselves; look at an option',
        'among "opinions=1" looks at q14, of kind statements; something may depend on single, multiple, number',
        'among: care has no answer "queueing"',
        'odds "-2" is not a number from 0',
        'stops.csv row 6: share "200" is not a number from 0 to under 100',
        'comparisons.csv row 5: second "man" is the first group too',
    ]:
        assert any(expected_line in line for line in lines), expected_line
    assert lines[0] == f"no people can be drawn from {copied / 'model'} yet: 18 problems." and "Mend" in lines[-1]
    assert (copied / "responses.csv").read_bytes() == before


def test_a_label_without_what_a_draw_needs_says_what_that_is(copied):
    label = copied / "wave.toml"
    text = label.read_text(encoding="utf-8")
    label.write_text(text[: text.index("[invention]")] + "[invention]\nseed = 1.5\n", encoding="utf-8")
    (copied / "model" / "stops.csv").unlink()
    (copied / "model" / "shares.csv").write_text("question,answer,share\n", encoding="utf-8")
    with pytest.raises(ValueError) as said:
        population.read(waves.read_wave(copied))
    for key in ("seed, a whole number", "respondents, a whole number above 0", "text, a text"):
        assert f"[invention] needs {key}" in str(said.value)
    assert 'shares.csv: column "statement" is missing' in str(said.value)
    assert "stops.csv can't be read" in str(said.value) and "5 problems" in str(said.value)


def test_odds_that_leave_somebody_no_answer_are_refused(copied):
    change(copied, "differences", ("talked,,yes,care=waiting,2.2", "talked,,yes|no,care=waiting,0"))
    with pytest.raises(ValueError, match="q03: differences.csv leaves somebody no answer"):
        invention.write(copied)


@pytest.mark.parametrize(("wave", "problem"), [
    (ROOT / "data/waves/2025-reference", 'kind is "synthetic"; only a wave of kind "practice" is drawn'),
    (OTHER / "waves/2024-cycling", "kind is"),
])  # fmt: skip
def test_only_a_wave_to_practise_on_is_drawn(wave, problem):
    with pytest.raises(ValueError, match=problem):
        invention.write(wave)


def test_the_command_draws_a_wave_and_refuses_one_of_another_kind(copied, capsys):
    from analysis.__main__ import main

    (copied / "responses.csv").unlink()
    assert main(["invent", "--wave", str(copied)]) == 0 and (copied / "responses.csv").exists()
    assert [line.endswith(": made") for line in capsys.readouterr().out.splitlines()] == [True] * 3
    assert main(["invent"]) == 1
    assert 'only a wave of kind "practice" is drawn from a model' in capsys.readouterr().err


@pytest.mark.parametrize("name", ROUNDS)
def test_a_wave_to_practise_on_passes_its_check(name, capsys):
    from analysis.__main__ import main

    assert main(["check", "--wave", name]) == 0 and capsys.readouterr().err == ""
