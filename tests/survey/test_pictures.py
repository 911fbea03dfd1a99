"""What is read in a report's figures: held against its text and its sums, and taken up on the page.

Shares are of 294 users or 477 others, of whom the text says that 49.5%, 236 people, see a use in it (q17, a or c).
"""

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, command

import analysis
from analysis.show import exhibits
from analysis.stats import estimates
from analysis.survey import pictures, printed
from analysis.survey import questionnaire as instrument
from analysis.survey.waves import read_wave

WAVE = "waves/2025-reference"
QUESTIONS = instrument.read(ROOT / "data/questionnaire", "en")
WHOLE = ["q17,,a,13.0", "q17,,b,31.0", "q17,,c,36.5", "q17,,d,19.5"]  # 62 + 148 + 174 + 93 = 477, and 62 + 174 = 236


@pytest.fixture
def wave(tmp_path):
    """The reference wave without its people, beside what was printed."""
    for part in ("questionnaire", "published", WAVE):
        ignore = shutil.ignore_patterns("responses.csv")
        shutil.copytree(ROOT / "data" / part, tmp_path / part, ignore=ignore)
    return read_wave(tmp_path / WAVE)


def typed(wave, *rows: str) -> None:
    """Type numbers in, each as question, statement, answer, number."""
    lines = [",".join(printed.FIGURES), *(f"{wave.report},7,{row}" for row in rows)]
    (wave.survey / pictures.FIGURES_CSV).write_text("\n".join(lines) + "\n", encoding="utf-8")


def refusal(wave, *rows: str) -> list[str]:
    """The problems that typing these numbers gives, a line each."""
    typed(wave, *rows)
    with pytest.raises(ValueError) as error:
        pictures.read(wave, QUESTIONS)
    head, *problems = str(error.value).split("\n  ")
    many = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
    assert head == f"{wave.survey / pictures.FIGURES_CSV} needs mending: {many}. Look at the figure again."
    return problems


def margins(wave) -> pd.DataFrame:
    return pd.read_csv(wave.folder / "reconstruction/margins.csv", dtype=str, keep_default_na=False)


def taken_up(wave, *rows: str) -> pd.DataFrame:
    """The margins of everybody once these numbers are taken up, by question, statement and answer."""
    typed(wave, *rows)
    made = pictures.take_up(margins(wave), pictures.read(wave, QUESTIONS), QUESTIONS)
    return made[made["among"].eq("")].set_index(["question", "statement", "answer"])


def told(made: pd.DataFrame, question: str, answers: str, statement: str = "") -> list[tuple[str, str]]:
    """The count and the origin of each of some answers."""
    rows = made.loc[[(question, statement, answer) for answer in answers]]
    return list(rows[["count", "origin"]].itertuples(index=False, name=None))


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        # of 294 people, 58 are 19.73% and 59 are 20.07%
        ("q14,2,1,20.0", 'row 2: q14_2 "1": 20.0% is no share of 294 people; 19.7 (58) and 20.1 (59) are'),
        ("q04,,b,120", 'row 2: q04 "b": 120% is no share of 294 people; 100 (294) are'),
        # the text has 15.3% for ChatGPT Plus: 45 people, and 48 are 16.3%
        ("q04,,a,16.3", 'row 2: q04 "a": 16.3% here, and 15.3 in the text'),
        ("q04,,a,absent", 'row 2: q04 "a" is 15.3 in the text, so it isn\'t absent'),
        ("q04,,b,81,6", "row 2 has 7 cells for 6 columns"),
        ("q04,,b,82%", 'row 2: printed "82%" is neither a percentage such as 38.1 nor absent'),
        ("q04,,b,", 'row 2: printed "" is neither a percentage such as 38.1 nor absent'),
        ("q44,,b,81.6", 'row 2: there is no question "q44"'),
        ("q17,,e,81.6", 'row 2: q17 has no answer "e"'),
        ("q14,13,1,20.1", 'row 2: q14 has no statement "13"'),
        ("q14,,1,20.1", 'row 2: q14 has no statement ""'),
        ("could_help,,maybe,36.5", 'row 2: write codes, as in claims.csv: "could_help" is q17, "maybe" is c'),
        ("q20,,a,20.1", "row 2: the text doesn't say of how many people q20 is, so no share of it can be checked"),
        # more than the 236 that the text has for both
        ("q17,,a,50.1", "row 2: no 477 people answer q17 so: a 239, a|c 236 of 477 can't stand together"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_its_row_and_what_is_allowed(wave, row, problem):
    (said,) = refusal(wave, row)
    assert said.startswith(problem)


def test_a_whole_figure_that_does_not_add_up_is_refused(wave):
    # 62 + 148 + 174 + 94: each is a share of 477, and together they are one person too many
    (said,) = refusal(wave, *WHOLE[:3], "q17,,d,19.7")
    assert said == (
        "rows 2, 3, 4, 5: no 477 people answer q17 so: a 62, b 148, c 174, d 94, a|c 236 of 477 can't stand together"
    )


def test_cells_of_a_statement_that_miss_its_printed_sum_are_refused(wave):
    # 57.2% of 294 is 168 who agree: 59 + 110 are 169
    (said,) = refusal(wave, "q14,2,1,20.1", "q14,2,2,37.4")
    assert said.startswith("rows 2, 3: no 294 people answer q14_2 so: 1 59, 2 110, 1|2 168 of 294")


def test_all_problems_are_told_at_once(wave):
    said = refusal(wave, "q44,,b,1.0", "q04,,b,81.7", "q04,,b,81.7", "q16,,a,x", "q14,2,1,58.5", "q17,,a,50.1")
    assert [line.partition(":")[0] for line in said] == ["row 2", "row 4", "row 5", "row 3", "row 6", "row 7"]
    assert said[1] == 'row 4: q04 "b" stands there already'


def test_rows_of_another_document_are_left_alone(wave):
    typed(wave)
    with (wave.survey / pictures.FIGURES_CSV).open("a", encoding="utf-8") as lines:
        lines.write("elsewhere,1,q99,,z,no number\n")
    assert pictures.read(wave, QUESTIONS) == []


def test_the_number_of_a_figure_is_a_help_only(wave):
    typed(wave, *WHOLE)
    found = pictures.read(wave, QUESTIONS)
    path = wave.survey / pictures.FIGURES_CSV
    path.write_text(path.read_text(encoding="utf-8").replace(",7,q17", ",somewhere,q17"), encoding="utf-8")
    assert pictures.read(wave, QUESTIONS) == found and len(found) == 4


def test_the_example_for_whoever_types_numbers_in_is_taken(wave):
    lines = (ROOT / "data/README.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("    " + ",".join(printed.FIGURES))
    example = [line[4:] for line in lines[start : start + 5]]
    (wave.survey / pictures.FIGURES_CSV).write_text("\n".join(example) + "\n", encoding="utf-8")
    assert [(one.answer, one.number, one.base) for one in pictures.read(wave, QUESTIONS)] == [
        ("a", "14.7", 477), ("b", "29.4", 477), ("c", "34.8", 477), ("d", "21.2", 477),
    ]  # fmt: skip


# --- what is taken up ---------------------------------------------------------------------------


def test_nothing_changes_while_nothing_was_read(wave):
    typed(wave)
    pd.testing.assert_frame_equal(pictures.take_up(margins(wave), [], QUESTIONS), margins(wave))


def test_a_whole_figure_is_printed_from_then_on(wave):
    made = taken_up(wave, *WHOLE)
    assert told(made, "q17", "abcd") == [("62", "printed"), ("148", "printed"), ("174", "printed"), ("93", "printed")]
    assert made.loc[("q17", "", "c"), ["printed", "printed_as", "note"]].tolist() == [
        "36.5", "percent", "published/figures.csv row 4",
    ]  # fmt: skip


def test_of_a_figure_half_read_the_others_make_room(wave):
    # 63 are 13.2%: then 236 - 63 see a use perhaps, and the other 241 stay as they were
    made = taken_up(wave, "q17,,a,13.2")
    assert told(made, "q17", "abcd") == [
        ("63", "printed"), ("148", "pictured"), ("173", "pictured"), ("93", "pictured"),
    ]  # fmt: skip
    assert told(made, "q17", ["a|c", "b|d"]) == [("236", "printed"), ("241", "derived")]


def test_what_the_figure_does_not_show_either_is_unpublished(wave):
    made = taken_up(wave, "q16,,a,absent", "q20,,a,absent")
    assert told(made, "q16", "ab") == [("41", "unpublished"), ("67", "pictured")]
    assert told(made, "q20", "a")[0][1] == "unpublished"


def test_of_tick_boxes_only_the_one_that_was_read_changes(wave):
    made, before = taken_up(wave, "q04,,b,81.6"), margins(wave)
    assert told(made, "q04", "b") == [("240", "printed")]
    others = made.drop(("q04", "", "b")).reset_index()
    columns = [column for column in others if column != "among"]
    kept = before[before["among"].eq("") & ~(before["question"].eq("q04") & before["answer"].eq("b"))]
    pd.testing.assert_frame_equal(others[columns], kept[columns].reset_index(drop=True))


def test_a_cell_of_a_statement_leaves_the_printed_sum(wave):
    made = taken_up(wave, "q14,2,1,20.1")
    assert told(made, "q14", "12", "2") == [("59", "printed"), ("109", "pictured")]
    assert told(made, "q14", ["1|2"], "2") == [("168", "printed")]


def test_of_a_percentage_that_is_several_numbers_one_is_taken_that_fits(wave):
    # 13% and 31% of 477 are 60 to 64 and 146 to 150; 37.1% is 177, and leaves 236 - 177 = 59 for the first: 12%
    assert told(taken_up(wave, "q17,,a,13", "q17,,b,31"), "q17", "abc")[:2] == [("62", "printed"), ("148", "printed")]
    made = taken_up(wave, "q17,,a,13", "q17,,c,36.3")  # 173, and so 63
    assert told(made, "q17", "ac") == [("63", "printed"), ("173", "printed")]


def test_what_the_text_says_more_exactly_stands(wave):
    # 45.2% in the text is 133 people; 45% in a figure may be 131 to 133
    made = taken_up(wave, "q06,,i,45", "q24,,b,77.8")
    assert made.loc[("q06", "", "i"), ["count", "printed", "note"]].tolist() == ["133", "45.2", "L269"]
    assert told(made, "q24", "b") == [("600", "printed")]


def test_how_many_stand_in_the_text_does_not_change_by_reading_figures(wave):
    expected = {"all": 190, "in_text": 69, "derived": 2}
    assert pictures.tally(wave, QUESTIONS) == expected
    # one that is printed already, one that follows from the text, and a whole figure
    typed(wave, "q24,,b,77.8", "q05,,d,4.1", *WHOLE)
    assert pictures.tally(wave, QUESTIONS) == expected


# --- from the table to the page -----------------------------------------------------------------

READ = [*WHOLE, "q14,2,1,20.1", "q04,,b,80.3", "q16,,a,absent", "q11,,b,20.2"]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The reference wave made anew by the command, with what was read taken up."""
    survey = tmp_path_factory.mktemp("figures")
    for part in ("questionnaire", "published", WAVE):
        shutil.copytree(ROOT / "data" / part, survey / part)
    typed(read_wave(survey / WAVE), *READ)
    for name in ("check", "reconstruct"):
        done = command(ROOT, name, "--wave", str(survey / WAVE))
        assert done.returncode == 0, done.stdout + done.stderr
    return survey / WAVE


def known(made: Path, question: str, statement: str = "") -> dict[str, tuple]:
    """What may be shown of each answer: its share in per cent, how many people, and why not."""
    asked = analysis.questions(made)[question]
    of = {"statements": statement} if statement else {}
    frame = estimates.shares(analysis.load(made), asked, **of).frame
    shown = frame.assign(share=(100 * frame["share"]).round(1)).astype(object)[["share", "n", "origin"]]
    rows = shown.where(shown.notna(), None).itertuples(index=False, name=None)
    return dict(zip(frame["answer"], rows, strict=True))


@pytest.mark.long
@pytest.mark.whole
def test_what_was_read_is_known_and_so_is_what_follows(made):
    assert known(made, "q17") == {
        "a": (13.0, 62, "printed"), "b": (31.0, 148, "printed"), "c": (36.5, 174, "printed"),
        "d": (19.5, 93, "printed"),
    }  # fmt: skip
    statement = known(made, "q14", "2")
    assert statement["1"] == (20.1, 59, "printed") and statement["2"] == (37.1, 109, "derived")
    assert statement["3"] == (None, None, "pictured")
    assert known(made, "q04")["b"] == (80.3, 236, "printed")
    assert known(made, "q16")["a"] == (None, None, "unpublished")
    # 105 of 272 had less good moments, 55 didn't: 112 don't know
    assert known(made, "q11") == {
        "a": (38.6, 105, "printed"), "b": (20.2, 55, "printed"), "c": (41.2, 112, "derived"),
    }  # fmt: skip


@pytest.mark.whole
def test_a_page_shows_what_was_read(made, monkeypatch):
    said = []
    monkeypatch.setattr(exhibits, "display", lambda data, **_: said.append(data.get("text/plain", "")))
    for wave in ("2025-reference", made):
        exhibits.show(estimates.shares(analysis.load(wave), analysis.questions(wave).could_help), figure=17)
    before, after = ("\n".join(said[i : i + 2]) for i in (0, 2))
    for number in ("13,0%", "31,0%", "36,5%", "19,5%"):
        assert number in after and number not in before
    assert "kon" in before and "49,5%" in before


@pytest.mark.whole
def test_a_page_shows_what_was_read_of_a_statement_beside_its_sum(made, monkeypatch):
    said = []
    monkeypatch.setattr(exhibits, "display", lambda data, **_: said.append(data.get("text/plain", "")))
    about, other = "Twijfelt over delen van eigen gegevens", "Weet wat AI met de gegevens doet"
    for wave in ("2025-reference", made):
        opinions = analysis.questions(wave).opinions
        exhibits.show(estimates.shares(analysis.load(wave), opinions, statements="2|4"), figure=13)
    rows = ([re.split(r"  +", line) for line in text.splitlines() if line.startswith((about, other))]
            for text in said[1::2])  # fmt: skip
    before, after = ([[label.split(" · ")[0], share, people] for label, share, _, people in table] for table in rows)
    assert before == [[f"{about}: eens", "57,2%", "168"], [f"{other}: eens", "46,3%", "136"]]
    assert after == [
        [f"{about}: volledig eens / eens", "57,2%", "168"],
        [f"{about}: volledig eens", "20,1%", "59"],
        [f"{about}: eens", "37,1%", "109"],
        [f"{other}: eens", "46,3%", "136"],
    ]
    assert "basis: 294" in said[1] and "basis: 294" in said[3]


@pytest.mark.whole
def test_people_are_made_who_answer_as_was_read(made):
    with (made / "responses.csv").open(encoding="utf-8", newline="") as lines:
        people = list(csv.DictReader(lines))
    assert sum(person["q04_b"] == "1" for person in people) == 236
    assert [sum(person["q17"] == answer for person in people) for answer in "abcd"] == [62, 148, 174, 93]


@pytest.mark.whole
def test_bounds_rest_on_what_was_read(made):
    found = analysis.questions(made).printed()
    assert found["q17", "", "c", ""] == [printed.Printed("36.5", 477, "share")]
    assert ("q16", "", "a", "") not in found


@pytest.mark.whole
def test_nothing_is_written_while_a_number_is_refused(made, tmp_path):
    survey = shutil.copytree(made.parents[1], tmp_path / "survey")
    wave = read_wave(survey / WAVE)
    before = {path: path.read_bytes() for path in wave.folder.rglob("*") if path.is_file()}
    typed(wave, "q17,,a,50.1", "q04,,b,81.7")
    for name in ("check", "reconstruct"):
        done = command(ROOT, name, "--wave", str(wave.folder))
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "figures.csv needs mending: 2 problems" in done.stderr
        assert 'row 3: q04 "b": 81.7% is no share of 294 people; 81.6 (240) and 82.0 (241) are' in done.stderr
    assert {path: path.read_bytes() for path in wave.folder.rglob("*") if path.is_file()} == before


@pytest.mark.long
@pytest.mark.whole
def test_a_rule_of_ours_that_print_contradicts_is_named_with_what_to_do(wave):
    # only who is in care can think that care is enough; 412 were, and 300 of the 477 others are read to think so
    shutil.copy(ROOT / "data" / WAVE / "responses.csv", wave.folder)
    typed(wave, "q16,,j,62.9")
    done = command(ROOT, "reconstruct", "--wave", str(wave.folder))
    assert done.returncode == 1
    assert "q16: no 477 whole people fit the rules and these margins together" in done.stderr
    assert "Without the rules they do: where print has it so, take a rule away in rules.csv" in done.stderr
    assert (wave.folder / "responses.csv").read_bytes() == (ROOT / "data" / WAVE / "responses.csv").read_bytes()
