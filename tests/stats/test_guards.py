"""Sentences that depend on the data: each guard holds, fails, and turns where it says."""

import ast
import csv
import dataclasses
import itertools
import json
import math
import random
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats

import analysis
from analysis import words as lang
from analysis.build import pages
from analysis.show import sentences
from analysis.stats import guards
from analysis.stats.guards import BY_CHANCE, CONTRADICTED, HOLDS, UNKNOWN
from analysis.survey.questionnaire import Answer, Condition, Question, Questionnaire

WAVE = "2025-reference"
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
TRIGGER = re.compile(
    r"\b(meest\w*|merendeel|meerderheid|minderheid|vaker|vaakst|(?:meer|minder) gebruik|minder vaak|hoogste?|laagste?"
    r"|grootste?|kleinste?|sterkste?|jongere?|oudere?|verschil(?:len)?|evenveel|even (?:vaak|groot|sterk)|weinigen"
    r"|bijna (?:alle\w*|iedereen|niemand)|nauwelijks|zelden|stijg\w*|steeg|daalt|daling|groeit|gegroeid|toegenomen"
    r"|afgenomen|vooral|(?:meer|minder) dan|groter|kleiner|hoger|lager|de helft|de regel|daarna komen)\b",
    re.IGNORECASE,
)
"""Words by which a sentence says how numbers compare."""


@pytest.fixture(scope="module")
def responses():
    return analysis.load(WAVE)


@pytest.fixture(scope="module")
def questions():
    return analysis.questions(WAVE, "nl")


def cells(chapter, kind):
    for cell in json.loads(chapter.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == kind:
            yield "".join(cell["source"])


GUARDS = [
    (chapter.stem, compile(source, f"{chapter.stem}: guard", "exec"))
    for chapter in CHAPTERS
    for source in cells(chapter, "code")
    if source.startswith("check(")
]


def outcomes(responses, questions):
    """What became of every sentence of the book, by chapter and name, from the chapters' own conditions."""
    found = {}
    for chapter, code in GUARDS:

        def check(language, chapter=chapter, **of_cell):
            found.update({(chapter, name): outcome for name, outcome in of_cell.items()})

        exec(code, {"check": check, "guards": guards, "responses": responses, "questions": questions, "language": "nl"})
    return found


@pytest.fixture(scope="module")
def reference(responses, questions):
    return outcomes(responses, questions)


# --- every sentence that compares has a guard ------------------------------------------------


def split_sentences(chapter):
    """The sentences of a chapter, but for headings, exercises and questions."""
    for source in cells(chapter, "markdown"):
        for line in source.partition("## Probeer het zelf")[0].splitlines():
            if not line.startswith("#"):
                yield from (s for s in re.split(r"(?<=[.?!])\s+(?![^\[\]]*\]\{)", line) if not s.endswith("?"))


def bare(sentence):
    """A sentence without code, links and glued numbers."""
    return re.sub(r"\[?\{glue:text\}`[^`]*`(\]\{[^}]*\})?|`[^`]*`|\]\([^)]*\)", " ", sentence)


def unguarded():
    with (ROOT / "data" / "narrative" / "unguarded.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.stem)
def test_every_sentence_with_a_word_that_compares_has_a_guard_or_a_reason(chapter):
    excused = [row["words"] for row in unguarded() if row["chapter"] == chapter.stem]
    found = [s for s in split_sentences(chapter) if TRIGGER.search(bare(s)) and ".guard}" not in s]
    assert [s for s in found if not any(words in bare(s) for words in excused)] == []


def test_every_excuse_is_of_one_sentence_that_needs_it():
    for row in unguarded():
        assert row["reason"] in ("report", "method", "assumed", "possible", "other source"), row
        found = [s for s in split_sentences(ROOT / "chapters" / f"{row['chapter']}.ipynb") if row["words"] in bare(s)]
        assert len(found) == 1 and TRIGGER.search(bare(found[0])) and ".guard}" not in found[0], row


def test_the_finder_finds():
    assert TRIGGER.search("Dat is de meerderheid.") and not TRIGGER.search("Dat zijn mensen.")
    assert bare("Wat [x](vaker.ipynb) {glue:text}`a.ipynb::meest:s`[{glue:text}`a.ipynb::b:s`]{#b .guard}").split() == [
        "Wat",
        "[x",
    ]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.stem)
def test_every_mark_has_the_name_of_its_condition(chapter):
    marks = re.findall(
        r"\[\{glue:text\}`(\w+)\.ipynb::(\w+):s`\]\{#(\w+) \.guard\}", "".join(cells(chapter, "markdown"))
    )
    assert all((file, key) == (chapter.stem, name) for file, key, name in marks)
    checked = [
        keyword.arg
        for source in cells(chapter, "code")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "check"
        for keyword in node.keywords
    ]
    assert sorted(checked) == sorted(key for _, key, _ in marks) and len(set(checked)) == len(checked)


# --- on the reference wave -------------------------------------------------------------------


def test_on_the_reference_wave_no_sentence_is_contradicted_and_each_could_be(reference):
    assert len(reference) > 30
    assert {k: o.state for k, o in reference.items() if o.state in (CONTRADICTED, UNKNOWN)} == {}
    assert [k for k, o in reference.items() if not o.distance] == []


@pytest.mark.parametrize(
    ("item", "share", "distance"),
    [("q02=a", "53,4%", 27), ("q16=g", "53,9%", 19), ("q14_5=4|5", "51,4%", 4)],
)
def test_majorities_of_the_report_that_do_not_clear_half(responses, questions, item, share, distance):
    """From the ground work: 412 of 771, 257 of 477 and 151 of 294, and how many people make the difference."""
    outcome = guards.majority(responses, questions, item)
    assert (outcome.state, outcome.distance) == (BY_CHANCE, distance)
    assert share in outcome.why["nl"]
    assert guards.undecided(responses, questions, item).state == HOLDS


@pytest.mark.parametrize(("item", "distance"), [("q14_2=1|2", 21), ("q14_6=4|5", 25), ("education=higher", 65)])
def test_majorities_of_the_report_that_do(responses, questions, item, distance):
    assert guards.majority(responses, questions, item)[1::2] == (HOLDS, distance)


@pytest.mark.parametrize("item", ["q14_1=3", "q05=e", "q16=e", "q16=d", "q08=e"])
def test_what_the_report_calls_a_majority_and_is_none(responses, questions, item):
    assert guards.majority(responses, questions, item).state == CONTRADICTED


def test_the_waiting_list_is_highest_here_but_cannot_be_told_from_care(responses, questions):
    outcome = guards.highest(responses, questions, "user=yes", "care=waiting")
    assert (outcome.state, outcome.distance) == (BY_CHANCE, 5)
    assert guards.differs(responses, questions, "user=yes", "care=now|waiting", "care=neither").state == HOLDS


@pytest.mark.parametrize(("item", "state"), [("q06=d", HOLDS), ("q08=b", HOLDS), ("q10=b", HOLDS), ("q16=g", HOLDS),
                                             ("q12=c", BY_CHANCE)])  # fmt: skip
def test_leaders_that_lead_whatever_the_overlap(responses, questions, item, state):
    """Worked out from the printed totals alone: only question 12 depends on who ticked both."""
    assert guards.leads(responses, questions, item).state == state


# --- another wave ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def different(responses):
    """A wave made to differ: 60% use it, least of all on the waiting list, and age makes no difference."""
    users, others = responses[responses["user"].eq("yes")], responses[responses["user"].eq("no")]
    wave = pd.concat([users, users.iloc[:169], others.iloc[:308]], ignore_index=True)
    on_list, in_care, rest = (("b", "waiting"), ("a", "now"), ("c", "neither"))
    of_users = [on_list] * 12 + [in_care] * 248 + [rest] * 203
    of_others = [on_list] * 29 + [in_care] * 164 + [rest] * 115
    columns = np.array(of_users + of_others).T
    for column, values in zip(("q02", "care"), columns, strict=True):
        wave[column] = pd.Categorical(values, categories=responses[column].cat.categories)
    ages = [60, 40] * 232
    wave["q23"] = pd.array(ages[:463] + ages[:308], dtype=responses["q23"].dtype)
    return wave


def test_a_different_wave_contradicts_exactly_the_sentences_it_should(different, questions):
    found = outcomes(different, questions)
    assert {key for key, o in found.items() if o.state == CONTRADICTED} == {
        # nobody is younger
        ("welcome", "younger"),
        ("summary", "younger"),
        ("use", "younger"),
        ("use", "age_and_care"),
        ("discussion", "younger"),
        ("conclusions", "care_and_young"),
        # 60% is the rule
        ("use", "not_the_rule"),
        # the waiting list is lowest, and by so much that it can be told
        ("use", "waiting_highest"),
        ("use", "waiting_or_care"),
        ("use", "care_more"),
    }


@pytest.mark.parametrize("redrawn", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_redrawn_waves_without_change_contradict_at_most_one_sentence_in_twenty(
    responses, questions, reference, redrawn
):
    chance = np.random.default_rng(20250903)
    wrong = total = 0
    for _ in range(redrawn):
        wave = responses.iloc[chance.integers(0, len(responses), len(responses))].reset_index(drop=True)
        found = outcomes(wave, questions)
        wrong += sum(o.state == CONTRADICTED for o in found.values())
        total += len(found)
    assert total == redrawn * len(reference)
    assert wrong / total <= 1 / 20, wrong / total


# --- against plain arithmetic ----------------------------------------------------------------


def toy(provenance=None):
    """A survey of one single question, one multiple, one number and two groups."""
    make = {"asked_if": Condition(), "provenance": provenance}
    abc = tuple(Answer(c, c.upper()) for c in "abc")
    return Questionnaire(
        "nl",
        (
            Question("one", "1", "single", "One", answers=abc, **make),
            Question("more", "2", "multiple", "More", answers=abc, **make),
            Question("age", "3", "number", "Age", minimum=10, maximum=99, **make),
            Question("group", "4", "single", "Group", answers=abc[:2], **make),
        ),
    )


def draw(chance):
    n = chance.randint(24, 90)
    data = {"one": [chance.choice("aabc") for _ in range(n)], "group": [chance.choice("ab") for _ in range(n)]}
    for c, often in zip("abc", (0.6, 0.4, 0.3), strict=True):
        data[f"more_{c}"] = ["yes" if chance.random() < often else "no" for _ in range(n)]
    data["age"] = [chance.randint(20, 80) for _ in range(n)]
    return data


def frame(data):
    return pd.DataFrame({k: pd.array(v, "Int64") if k == "age" else pd.Categorical(v) for k, v in data.items()})


def wilson(k, n):
    z = stats.norm.ppf(0.975)
    middle, half = (k + z * z / 2) / (n + z * z), z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return middle - half, middle + half


def newcombe(k1, n1, k2, n2):
    (l1, u1), (l2, u2), d = wilson(k1, n1), wilson(k2, n2), k1 / n1 - k2 / n2
    return d - math.sqrt((k1 / n1 - l1) ** 2 + (u2 - k2 / n2) ** 2), d + math.sqrt(
        (u1 - k1 / n1) ** 2 + (k2 / n2 - l2) ** 2
    )


def state(true, sure):
    return CONTRADICTED if not true else HOLDS if sure else BY_CHANCE


def exact_mcnemar(b, c):
    tail = sum(math.comb(b + c, i) for i in range(min(b, c) + 1)) / 2 ** (b + c)
    return min(1.0, 2 * tail)


def test_outcomes_equal_plain_arithmetic_on_random_waves():
    chance, questions, seen = random.Random(1), toy(), set()
    for _ in range(200):
        data = draw(chance)
        responses, n = frame(data), len(data["one"])
        a = [x == "a" for x in data["one"]]
        k, (low, _) = sum(a), wilson(sum(a), n)
        expected = {"majority": state(2 * k > n, low > 0.5)}
        expected["most"] = state(k >= 0.6 * n, low > 0.5)
        ticks = {c: [x == "yes" for x in data[f"more_{c}"]] for c in "abc"}
        beaten = [
            (sum(ticks["a"]) > sum(ticks[c]), exact_mcnemar(
                sum(x and not y for x, y in zip(ticks["a"], ticks[c], strict=True)),
                sum(y and not x for x, y in zip(ticks["a"], ticks[c], strict=True))) < 0.05)
            for c in "bc"
        ]  # fmt: skip
        expected["leads"] = state(all(t for t, _ in beaten), all(s for _, s in beaten))
        groups = [[x for x, g in zip(a, data["group"], strict=True) if g == code] for code in "ab"]
        counts = [f(g) for g in groups for f in (sum, len)]
        difference = counts[0] / counts[1] - counts[2] / counts[3]
        expected["differs"] = state(difference > 0, newcombe(*counts)[0] > 0)
        ages = [[x for x, g in zip(data["age"], data["group"], strict=True) if g == code] for code in "ab"]
        test = stats.ttest_ind(*ages, equal_var=False)
        expected["older"] = state(np.mean(ages[0]) > np.mean(ages[1]), test.pvalue < 0.05)
        found = {
            "majority": guards.majority(responses, questions, "one=a"),
            "most": guards.most(responses, questions, "one=a"),
            "leads": guards.leads(responses, questions, "more=a"),
            "differs": guards.differs(responses, questions, "one=a", "group=a", "group=b"),
            "older": guards.differs(responses, questions, "age", "group=a", "group=b"),
        }
        if min(counts[1], counts[3]) < guards.FEWEST:
            expected |= {"differs": UNKNOWN, "older": UNKNOWN}
        assert {name: outcome.state for name, outcome in found.items()} == expected
        seen |= set(expected.items())
    assert {(name, s) for name in expected for s in (HOLDS, BY_CHANCE, CONTRADICTED)} - seen <= {("most", BY_CHANCE)}


@pytest.mark.parametrize("true", [guards._more, lambda a, b, c, d: abs(a / b - c / d) <= 0.2,
                                  lambda *c: guards._p_of_shares(*c) >= 0.05])  # fmt: skip
def test_a_difference_turns_at_its_distance_and_not_one_answer_earlier(true):
    """Every way to change answers in two small groups, tried one by one."""
    for base1, base2 in [(4, 7), (7, 4), (6, 6)]:
        for n1, n2 in itertools.product(range(base1 + 1), range(base2 + 1)):
            now = true(n1, base1, n2, base2)
            costs = [abs(m1 - n1) + abs(m2 - n2) for m1 in range(base1 + 1) for m2 in range(base2 + 1)
                     if true(m1, base1, m2, base2) != now]  # fmt: skip
            assert guards._changes(n1, base1, n2, base2, true) == min(costs, default=None), (n1, base1, n2, base2)


@pytest.mark.parametrize("kind", ["majority", "leads", "order", "differs"])
def test_a_sentence_turns_at_its_distance_and_not_one_answer_earlier(kind):
    """The answers are changed for real, one after another."""
    one = ["a"] * 20 + ["b"] * 9 + ["c"] * 11
    data = {"one": one, "group": (["a"] * 20 + ["b"] * 20), "age": [30] * 40}
    data |= {"more_a": ["yes"] * 30 + ["no"] * 10, "more_b": ["yes"] * 12 + ["no"] * 28,
             "more_c": ["no"] * 40}  # fmt: skip
    how = {
        "majority": ("more_a", "no", lambda r: guards.majority(r, toy(), "more=a")),
        "leads": ("one", "c", lambda r: guards.leads(r, toy(), "one=a")),
        "order": ("more_a", "no", lambda r: guards.order(r, toy(), "more=a", "more=b")),
        "differs": ("one", "b", lambda r: guards.differs(r, toy(), "one=a", "group=a", "group=b")),
    }
    column, other, outcome = how[kind]
    distance, turned = outcome(frame(data)).distance, 0
    for i in range(40):
        if turned and outcome(frame(data)).state == CONTRADICTED:
            break
        data[column][i], turned = other, turned + 1
    assert turned == distance > 0


def test_answers_to_one_statement_turn_at_their_distance_too(responses, questions):
    people = responses.copy()
    distance = guards.leads(people, questions, "q14_1=3").distance
    neutral = people.index[people["q14_1"].eq("3")]
    people.loc[neutral[: distance - 1], "q14_1"] = "4"
    assert guards.leads(people, questions, "q14_1=3").state != CONTRADICTED
    people.loc[neutral[distance - 1], "q14_1"] = "4"
    assert guards.leads(people, questions, "q14_1=3").state == CONTRADICTED


@pytest.mark.parametrize(("third", "expected"), [([9, 9], UNKNOWN), ([1, 9], HOLDS)])
def test_a_group_of_few_people_leaves_the_highest_untold_where_it_lies_above(third, expected):
    groups = {"a": [60, 100], "b": [20, 100], "c": third}
    data = {"one": [x for n, base in groups.values() for x in ["a"] * n + ["b"] * (base - n)]}
    data["group"] = [code for code, (_, base) in groups.items() for _ in range(base)]
    questions = toy()
    group = dataclasses.replace(questions["group"], answers=questions["one"].answers)
    questions = Questionnaire("nl", (*questions.questions[:3], group))
    people = pd.DataFrame({k: pd.Categorical(v) for k, v in data.items()})
    assert guards.highest(people, questions, "one=a", "group=a").state == expected


def test_means_turn_when_so_many_answers_change():
    data = {"one": ["a"] * 40, "group": ["a"] * 20 + ["b"] * 20, "age": [60, 58] * 10 + [40, 42] * 10}
    outcome = guards.differs(frame(data), toy(), "age", "group=a", "group=b")
    assert outcome.state == HOLDS
    data["age"][20 : 20 + outcome.distance] = [99] * outcome.distance
    data["age"] = pd.array(data["age"], "Int64")
    assert guards.differs(frame(data), toy(), "age", "group=a", "group=b").state == CONTRADICTED
    assert outcome.distance == 7, "7 people of 99 instead of 40 or 42 raise a mean of 20 by 20; 6 don't"


def test_on_an_invented_wave_the_worst_overlap_counts():
    data = {"more_a": ["yes"] * 26 + ["no"] * 14, "more_b": ["yes"] * 18 + ["no"] * 22}
    data |= {"more_c": ["no"] * 40, "one": ["a"] * 40, "group": ["a"] * 40, "age": [30] * 40}
    assert guards.order(frame(data), toy(), "more=a", "more=b").state == HOLDS
    assert guards.order(frame(data), toy(provenance={}), "more=a", "more=b").state == BY_CHANCE


def test_alike_needs_its_margin_and_not_just_no_difference():
    def groups(n):
        data = {"one": (["a"] * (n // 2) + ["b"] * (n // 2)) * 2, "group": ["a"] * n + ["b"] * n}
        return frame(data | {"age": [30] * 2 * n})

    arguments = (toy(), "one=a", "group=a", "group=b", 0.10)
    assert guards.alike(groups(1000), *arguments).state == HOLDS
    assert guards.alike(groups(40), *arguments).state == BY_CHANCE
    assert guards.not_shown(groups(40), *arguments[:-1]).state == HOLDS


def test_a_change_between_waves_has_a_direction():
    def wave(n):
        return frame({"one": ["a"] * n + ["b"] * (100 - n)})

    assert guards.changed(wave(70), wave(40), toy(), "one=a").state == HOLDS
    assert guards.changed(wave(45), wave(40), toy(), "one=a").state == BY_CHANCE
    assert guards.changed(wave(45), wave(40), toy(), "one=a", fell=True).state == CONTRADICTED


def test_too_few_answers_tell_nothing():
    data = draw(random.Random(2))
    few = frame({k: v[:9] for k, v in data.items()})
    for outcome in (
        guards.majority(few, toy(), "one=a"),
        guards.leads(few, toy(), "more=a"),
        guards.undecided(few, toy(), "one=a"),
        guards.changed(few, few, toy(), "one=a"),
    ):
        assert (outcome.state, outcome.distance) == (UNKNOWN, None)


@pytest.mark.parametrize("item", ["gone=a", "one=z", "one", "one=a & group=a"])
def test_an_item_that_does_not_exist_is_refused(item):
    with pytest.raises(ValueError):
        guards.majority(frame(draw(random.Random(3))), toy(), item)


def test_a_group_is_not_set_against_a_whole_that_holds_it():
    with pytest.raises(ValueError, match="share people"):
        guards.differs(frame(draw(random.Random(3))), toy(), "one=a", "group=a", "group=a|b")


# --- marks -----------------------------------------------------------------------------------


def made(state, p=None):
    return guards.Outcome("made", state, (guards.Value("Ja", 0.412, 100), guards.Value("Nee", 44.04, 90, "mean")), 3, p)  # fmt: skip  # noqa: E501


def test_marks_are_silent_while_a_sentence_holds_and_speak_in_words_when_not():
    assert sentences.mark(made(HOLDS), "nl") == sentences.mark(made(HOLDS), "en") == ""
    assert (
        sentences.mark(made(CONTRADICTED), "nl") == " [Klopt niet voor deze ronde: Ja 41,2% van 100; Nee 44,0 van 90.]"
    )
    assert "may be chance" in sentences.mark(made(BY_CHANCE), "en")
    assert "Too few answers" in sentences.mark(made(UNKNOWN), "en")


def test_a_family_of_differences_is_corrected_for_its_number(monkeypatch):
    glued = {}
    monkeypatch.setattr(sentences, "glue", lambda **marks: glued.update(marks))
    shown = []
    monkeypatch.setattr(sentences, "display", lambda data, raw: shown.append(data))
    sentences.check("nl", a=made(HOLDS, 0.03), b=made(HOLDS, 0.04), c=made(HOLDS))
    assert "toeval" in glued["a"] and "toeval" in glued["b"] and glued["c"] == ""
    sentences.check("nl", a=made(HOLDS, 0.001), b=made(HOLDS, 0.04))
    assert glued["a"] == glued["b"] == "", "0.04 is the last of the family and needs no correction"
    assert [row["state"] for row in shown[0][sentences.RECORD]] == [BY_CHANCE, BY_CHANCE, HOLDS]


def test_the_book_looks_for_what_the_chapters_record():
    assert pages.RECORD == sentences.RECORD
    rows = [{"sentence": "it_is", "state": s, "why": "Ja < Nee"} for s in guards.STATES]
    mark = "[{glue:text}`a.ipynb::it_is:s`]{#it_is .guard}"
    prose = "Before. **Mind.** *So* {glue:text}`a.ipynb::n:s` say [yes](b.ipynb)." + mark + " Then."
    text = pages.head(rows, prose, "nl")
    assert text.count("<li>") == 2 and "Ja &lt; Nee" in text
    assert '‘<a href="#it-is">So … say yes.</a>’ klopt niet:' in text
    assert pages.head(rows[:2], prose, "nl") == ""


# --- words for shares ------------------------------------------------------------------------


def test_the_phrases_leave_no_gap_and_do_not_overlap():
    rows = sentences._phrases()
    assert rows[0]["from"] == "0" and rows[-1]["to"] == "100"
    assert all(Decimal(one["to"]) == Decimal(next_one["from"]) for one, next_one in itertools.pairwise(rows))
    assert all(bool(row["nl"]) == bool(row["en"]) for row in rows)


@pytest.mark.parametrize(
    ("n", "base", "words"),
    [
        (294, 771, "ruim een derde"),
        (55, 294, "bijna een vijfde"),
        (95, 294, "bijna een derde"),
        (151, 294, "ruim de helft"),
        (1, 3, "een derde"),
        (385, 1000, "bijna vier op de tien"),
        (3849, 10000, "ruim een derde"),
        (0, 9, "niemand"),
        (9, 9, "iedereen"),
        (15, 100, ""),
    ],
)
def test_a_share_in_words(n, base, words):
    """The edges count exactly: 38.5 is already nearly four in ten, 38.49 isn't."""
    assert sentences.phrase(n, base, "nl") == words


def test_what_is_no_share_has_no_words():
    for n, base in [(3, 2), (-1, 2)]:
        with pytest.raises(ValueError, match="is not a share"):
            sentences.phrase(n, base, "nl")
    assert sentences.phrase(0, 0, "nl") == "", "of nobody there is no share"


def test_every_state_has_its_words_in_both_languages():
    for language in lang.LANGUAGES:
        assert all(lang.say(f"state_{state}", language) for state in guards.STATES)
