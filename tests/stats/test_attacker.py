"""The attacker finds what can be worked out, no more and no less, and the steps that he chooses keep small counts.

His programmes are held against all whole tables of small questions, one by one: `everything` knows people as
patterns (an answer, or a set of ticked boxes), and asks of each table whether the same would be shown of it, by the
rule as `test_steps` writes it.
"""

import functools
import itertools
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from test_steps import by_the_rule

from analysis.stats import attacker, facts, items, steps
from analysis.stats.attacker import choose, intervals
from analysis.stats.facts import Known, Rule, Shown
from analysis.stats.items import BadFactsError, multiple, single

# --- all whole tables, one by one ------------------------------------------------------------


@functools.cache
def compositions(total, parts):
    """All rows of whole numbers that add up to a total."""
    if parts == 1:
        return np.array([[total]])
    return np.vstack([
        np.column_stack([np.full(len(rest), first), rest])
        for first in range(total + 1) for rest in [compositions(total - first, parts - 1)]
    ])  # fmt: skip


@functools.cache
def alike(largest, step, rule):
    """Number what is shown of every count of every base, equals alike; and of every base by itself."""
    numbers = {}
    cells, bases = np.full((largest + 1, largest + 1), -1), np.full(largest + 1, -1)
    for base in range(largest + 1):
        state, *_, shown_base = by_the_rule(0, base, step, rule.threshold, rule.least_base)
        width = None if state == "too_few" else max(step, next(s for s in steps.STEPS if s * base >= 200))
        bases[base] = numbers.setdefault((state == "too_few", shown_base, width), len(numbers))
        for n in range(base + 1):
            told = by_the_rule(n, base, step, rule.threshold, rule.least_base)
            cells[n, base] = numbers.setdefault(told, len(numbers))
    return cells, bases


class Small:
    """A small question at random: its people as patterns, by group, and all that is shown of it."""

    def __init__(self, rng, kind, shape, sizes):
        self.rng, self.kind, self.shape = rng, kind, shape
        if kind == "single":
            options = list("abcd")[: {0: int(rng.integers(3, 5)), 1: 2 + (shape == (2,))}.get(len(shape), 2)]
            self.patterns = [{option} for option in options]
            self.unions = {"ab": ["a", "b"]} if len(options) > 2 and rng.random() < 0.5 else {}
            self.scores = dict(zip(options, (-1, 0, 2), strict=False)) if rng.random() < 0.5 else {}
        else:
            options, self.scores, self.exclusive = ["a", "b"], {}, []
            self.patterns = [{"a"}, {"b"}, {"a", "b"}]
            self.unions = {}
            if kind == "exclusive":
                options, self.exclusive = ["a", "b", "x"], ["x"]
                self.patterns.append({"x"})
            if kind == "union":
                options, self.unions = ["a", "b", "c"], {"ab": ["a", "b"]}
                self.patterns = [{"a"}, {"b"}, {"c"}, {"a", "b"}, {"a", "c"}, {"b", "c"}, {"a", "b", "c"}]
        self.options = options
        self.blank = bool(rng.random() < 0.3) and kind != "union" and shape in ((), (2,))
        self.patterns += [set()] * self.blank
        kinds = int(np.prod(shape))
        weights = rng.dirichlet(np.ones(len(self.patterns)) * 0.8, kinds)
        self.table = np.array([rng.multinomial(n, w) for n, w in zip(sizes, weights, strict=True)])
        self.exact = {} if rng.random() < 0.6 else dict.fromkeys(["", *"gh"[: len(shape)]], False)

    def cells(self):
        """Which patterns are in each cell and each group of answers."""
        found = {option: [option in p for p in self.patterns] for option in self.options}
        found |= {name: [bool(set(inside) & p) for p in self.patterns] for name, inside in self.unions.items()}
        return {name: np.array(inside, int) for name, inside in found.items()}

    def shown(self, known=()):
        """Say it to the attacker: a row a person."""
        kind, pattern = (np.repeat(index.ravel(), self.table.ravel()) for index in np.indices(self.table.shape))
        codes = np.unravel_index(kind, self.shape or (1,))
        by = pd.DataFrame(index=range(len(kind)))
        for name, size, code in zip("gh", self.shape, codes, strict=False):
            by[name] = pd.Categorical.from_codes(code, categories=[f"{name}{i}" for i in range(size)])
        people = [self.patterns[p] for p in pattern]
        if self.kind == "single":
            answers = pd.Series([next(iter(p), None) for p in people], dtype=pd.CategoricalDtype(self.options))
            item = single(answers, self.unions, self.scores)
        else:
            ticked = pd.DataFrame([[o in p for o in self.options] for p in people], columns=self.options, dtype=bool)
            item = multiple(ticked, self.unions, self.exclusive)
        return Shown("q", (item,), by, {k: v for k, v in self.exact.items() if not k or k in by}, tuple(known))

    def places(self):
        """Each place: its grouping, group, and which kinds of people are in it."""
        yield "", "", np.ones(len(self.table), bool)
        at = np.indices(self.shape).reshape(len(self.shape), len(self.table))
        for axis, size in enumerate(self.shape):
            for code in range(size):
                yield "gh"[axis], f"{'gh'[axis]}{code}", at[axis] == code

    def same(self, tables, places, step, rule, known=()):
        """Which of some tables (a row a table, kinds by patterns) are shown like the true one in some places."""
        keep = np.ones(len(tables), bool)
        cells_of, bases_of = alike(len_of(self.table), step, rule)
        answered = np.array([bool(p) for p in self.patterns], int)
        for by, group, inside in places:
            small_group, small_blank = self.small(by, rule)
            counts, truth = tables[:, inside].sum(1), self.table[inside].sum(0)
            flag = self.exact.get(by)
            asked, base = (counts.sum(1), truth.sum()), (counts @ answered, truth @ answered)
            judged = [(base, not small_group and not small_blank if flag is None else flag, self.cells())]
            if self.blank and self.table[:, -1].any():
                judged.append((asked, not small_group if flag is None else flag, {"blank": 1 - answered}))
            for (found, true), is_exact, cells in judged:
                if is_exact and true >= rule.least_base:
                    keep &= found == true
                keep &= bases_of[found] == bases_of[true]
                for cell in cells.values():
                    keep &= cells_of[counts @ cell, found] == cells_of[truth @ cell, true]
            if self.scores:
                keep &= self.same_mean(counts, truth, rule)
            for fact in known:
                if (fact.by, fact.group) == (by, group):
                    keep &= counts @ self.cells()[fact.cell] == fact.least
        return keep

    def small(self, by, rule):
        """Whether a grouping has a group that is a word, and whether anywhere those who left it blank are one."""
        groups = [self.table[inside] for name, _, inside in self.places() if name == by]
        blanks = [int(group[:, [not p for p in self.patterns]].sum()) for group in groups]
        return any(1 <= group.sum() <= rule.threshold for group in groups), any(
            1 <= b <= rule.threshold for b in blanks
        )

    def same_mean(self, counts, truth, rule):
        """Which counts have the mean of the true ones in two digits, where no cell of it is hidden."""
        weight = np.array([self.scores.get(next(iter(p), ""), 0) for p in self.patterns])
        scored = np.array([next(iter(p), "") in self.scores for p in self.patterns], int)
        base = int(truth @ [bool(p) for p in self.patterns])
        shown = [by_the_rule(int(truth @ cell), base, 1, rule.threshold, rule.least_base)[0]
                 for name, cell in self.cells().items() if name in self.scores]  # fmt: skip
        if any(state != "share" for state in shown):
            return np.ones(len(counts), bool)
        units, unit = steps.shown_mean(Fraction(int(truth @ weight), int(truth @ scored)))
        low, high = (units - Fraction(1, 2)) * unit, (units + Fraction(1, 2)) * unit
        total, of = counts @ weight, counts @ scored
        return (total * low.denominator >= low.numerator * of) & (total * high.denominator < high.numerator * of)


def len_of(table):
    return int(table.sum()) + 50


def everything(small, step, rule, known=()):
    """All whole tables of which the same is shown as of the true one."""
    kinds, patterns = small.table.shape
    first = small.shape[0] if small.shape else 1
    blocks = []
    places = list(small.places())
    for block in range(first):
        inside = np.arange(kinds) // (kinds // first) == block
        true = int(small.table[inside].sum())
        exact = not small.small("g" if small.shape else "", rule)[0] and true >= rule.least_base and not small.exact
        totals = [true] if exact else range(max(0, true - 10), true + 11)
        found = []
        for total in totals:
            rows = np.zeros((len(compositions(total, inside.sum() * patterns)), kinds, patterns), np.int64)
            rows[:, inside] = compositions(total, int(inside.sum()) * patterns).reshape(len(rows), -1, patterns)
            here = [
                place for place in places if (place[0] == "g" if small.shape else True) and (place[2] == inside).all()
            ]
            found.append(rows[small.same(rows, here, step, rule, known)].astype(np.int16))
        blocks.append(np.concatenate(found))
    if np.prod([len(block) for block in blocks], dtype=float) > 4e6:
        return None
    tables = blocks[0]
    for block in blocks[1:]:
        tables = (tables[:, None] + block[None]).reshape(-1, kinds, patterns)
    return tables[small.same(tables, places, step, rule, known)]


def targets(small):
    """Count each small count by itself: where it stands, and which kinds and patterns are in it."""
    answered = np.array([bool(p) for p in small.patterns], int)
    for by, group, inside in small.places():
        wanted = [(name, False, cell) for name, cell in small.cells().items()]
        wanted += [(name, True, answered - cell) for name, cell in small.cells().items()]
        wanted += [("blank", False, 1 - answered), ("base", False, answered)]
        for name, others, cell in wanted:
            if 1 <= (count := int(small.table[inside].sum(0) @ cell)) <= 9:
                yield (by, group, name, others, count), inside, cell


def held_against_everything(rng, step=None):
    """Hold the ends of one small question against all its whole tables; how many there were, None if too many."""
    rule = Rule(int(rng.integers(1, 4)), 20)  # and counts of 1 to 9 as ever, so that more of them are looked at
    kind = rng.choice(["single", "single", "boxes", "exclusive", "union"])
    shape = [(), (2,), (3,), (2, 2)][int(rng.integers(0, 4))]
    if kind in ("exclusive", "union"):
        shape = ()
    if kind == "boxes":
        shape = shape[:1] if shape[:1] == (2,) else ()
    size = {"single": {0: 34, 1: 24, 2: 11}[len(shape)], "boxes": 26 - len(shape), "exclusive": 30, "union": 20}[kind]
    sizes = rng.integers(size - 4, size + 4, int(np.prod(shape)))
    if shape and rng.random() < 0.3:
        sizes[0] = rng.integers(2, 8)
    small = Small(rng, kind, shape, sizes)
    known = []
    if rng.random() < 0.2:
        cell = rng.choice(list(small.cells()))
        count = int(small.table.sum(0) @ small.cells()[cell])
        known = [Known(str(cell), count, count)]
    step = step or int(rng.choice(steps.STEPS))
    tables = everything(small, step, rule, known)
    if tables is None:
        return None
    found = intervals(small.shown(known), step, ["g", "h"][: len(shape)], rule)
    ends = {tuple(row[:5]): tuple(row[5:]) for row in found.drop(columns="item").itertuples(index=False)}
    expected = {}
    for key, inside, cell in targets(small):
        counts = tables[:, inside].sum(1) @ cell
        expected[key] = (int(counts.min()), int(counts.max()))
    assert ends == expected, (small.__dict__, step, rule, known)
    return len(tables), len(expected)


def test_the_least_and_the_most_are_those_of_all_whole_tables():
    done = [held_against_everything(np.random.default_rng([18, number])) for number in range(8)]
    assert sum(result is not None for result in done) > 5


@pytest.mark.long
def test_the_least_and_the_most_are_those_of_all_whole_tables_a_few_hundred_times():
    done = [held_against_everything(np.random.default_rng([18, number])) for number in range(200)]
    assert sum(result is not None for result in done) > 170
    assert sum(result[1] for result in done if result) > 700


# --- facts, one by one -----------------------------------------------------------------------

CELL, OTHERS = np.array([1, 0]), np.array([0, 1])


def holds(found, counts):
    """Whether facts hold of rows of counts."""
    sums = [counts @ fact.parts for fact in found]
    return np.all(
        [(fact.least <= total) & (total <= fact.most) for fact, total in zip(found, sums, strict=True)], axis=0
    )


@pytest.mark.parametrize("step", steps.STEPS)
def test_the_facts_of_a_cell_hold_of_all_that_is_shown_alike_and_of_nothing_else(step):
    """Of every count of a known base, and, where it isn't known, of bases near it with the same step."""
    rng = np.random.default_rng(step)
    for base in [50, 51, 99, 100, 101, 199, 200, 201, *rng.integers(50, 400, 4)]:
        around = np.array([(m, b - m) for b in range(max(50, base - 4), base + 5) for m in range(b + 1)])
        around = around[np.maximum(step, steps.own_step(around.sum(1))) == max(step, steps.own_step(base))]
        shown = steps.shown(around[:, 0], around.sum(1), step)
        told = shown["state"] + shown["points"].astype("string").fillna("")
        is_base = around.sum(1) == base
        for n in {0, 10, 11, base // 40, base // 2, base - 11, base - 10, base, *rng.integers(0, base + 1, 4)}:
            state, points, width, _ = by_the_rule(int(n), int(base), step)
            said = facts.Said(state, points or 0, width or 0)
            alike = (told == told[is_base].iloc[n]).to_numpy()
            for people, among in ((int(base), is_base), (None, slice(None))):
                found = list(facts._of_cell(0, CELL, CELL + OTHERS, said, people, 10))
                assert (holds(found, around[among]) == alike[among]).all(), (n, base, people)


def test_the_facts_of_a_base_hold_of_all_bases_shown_alike_and_of_no_others():
    for step, base in itertools.product(steps.STEPS, [*range(0, 60), *range(90, 110), *range(190, 211), 294]):
        least, most = facts.shown_alike(base, step)
        alike = [other for other in range(max(0, base - 20), base + 20)
                 if by_the_rule(other, other, step)[3] == by_the_rule(base, base, step)[3]
                 and (other < 50) == (base < 50)
                 and by_the_rule(other // 2, other, step)[2] == by_the_rule(base // 2, base, step)[2]]  # fmt: skip
        assert list(range(least, most + 1)) == alike


def test_the_facts_of_a_mean_hold_of_all_means_given_alike_and_of_no_others():
    rng = np.random.default_rng(3)
    everybody = compositions(60, 3)
    for scores in ((-1, 0, 1), (1, 2, 5), (-20, 3, 40)):
        for counts in rng.multinomial(60, (0.3, 0.3, 0.4), 6):
            counts = np.maximum(counts, 11)
            asked = question([counts], scores=dict(zip("123", scores, strict=True)))
            states = np.full(3, steps.SHARE)
            (low, high) = facts.Table(asked, asked.items[0])._of_mean(0, states)
            tables = np.column_stack([everybody, np.zeros(len(everybody), int)])
            given = steps.shown_mean(Fraction(int(counts @ scores), int(counts.sum())))
            units, unit = given
            means = [Fraction(int(total), 60) for total in everybody @ np.array(scores)]
            alike = [(units - Fraction(1, 2)) * unit <= mean < (units + Fraction(1, 2)) * unit for mean in means]
            assert holds([low, high], tables).tolist() == alike
            assert 0 < sum(alike) < len(alike)


def test_a_group_of_boxes_lies_between_its_largest_box_and_their_sum():
    """Of boxes of 95 and 5 people a group can be 95, if the 5 are among the 95, up to 100, if none of them is."""
    first, second = np.arange(300) < 95, (np.arange(300) >= 95) & (np.arange(300) < 100)
    ticked = pd.DataFrame({"a": first, "b": second, "c": True})
    item = multiple(ticked, {"ab": ["a", "b"]})
    counts = dict.fromkeys(item.parts, 0) | {"a": 95, "b": 5, "c": 300, "ab": 100, "base": 300}
    for n in range(90, 105):
        table = np.array(list((counts | {"ab": n}).values()))
        assert (item.rules @ table >= 0).all() == (95 <= n <= 100)


def or_equal(place, cell, base, said, people, threshold):
    """The facts of a cell, with the wrong side of rounding."""
    for fact in RIGHT(place, cell, base, said, people, threshold):
        exact = people is not None and said.state == "share"
        yield fact._replace(most=fact.most + 1) if exact else fact._replace(least=0) if fact.least == 1 else fact


def without_groups(place, cell, base, said, people, threshold):
    """The facts of a cell, of single answers only."""
    yield from () if cell.sum() > 1 else RIGHT(place, cell, base, said, people, threshold)


def words_tell_nothing(place, cell, base, said, people, threshold):
    """The facts of a cell, as if a share might be of a few people as well."""
    yield from (fact for fact in RIGHT(place, cell, base, said, people, threshold) if fact.least != threshold + 1)


RIGHT = facts._of_cell


@pytest.mark.parametrize("mistake", [or_equal, without_groups, words_tell_nothing])
def test_a_mistake_in_the_facts_is_noticed(monkeypatch, mistake):
    monkeypatch.setattr(facts, "_of_cell", mistake)
    with pytest.raises(AssertionError):
        for number in (13, 23):
            held_against_everything(np.random.default_rng([18, number]))


# --- choosing --------------------------------------------------------------------------------

SCALE = ["1", "2", "3", "4", "5", "6"]
SIDES = {"agree": ["1", "2"], "disagree": ["4", "5"]}


def question(counts, unions=None, known=(), exact=None, scores=None, name="q"):
    """Say a table of counts to the attacker, a row a group (without groups: one row), a column an answer."""
    counts = np.atleast_2d(counts)
    group, answer = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    options = SCALE[: counts.shape[1]]
    answers = pd.Series(pd.Categorical.from_codes(answer, categories=options))
    by = pd.DataFrame(index=answers.index)
    if len(counts) > 1:
        by["g"] = pd.Categorical.from_codes(group, categories=[f"g{i}" for i in range(len(counts))])
    return Shown(name, (single(answers, unions, scores),), by, exact or {}, tuple(known))


def drawn(rng, shape):
    """One of the random tables: its counts, and what else is shown or printed of it."""
    people = int(rng.integers(60, 800))
    groups, answers = (int(rng.integers(2, 5)) if shape == "groups" else 1), int(rng.integers(2, 7))
    answers = 6 if "scale" in shape else answers
    weights = rng.dirichlet(np.ones(groups * answers) * (1 if groups == 1 else 0.7))
    counts = rng.multinomial(people, weights).reshape(groups, answers)
    unions = SIDES if "scale" in shape else {}
    sums = {side: int(counts[0, [SCALE.index(a) for a in inside]].sum()) for side, inside in unions.items()}
    known = [Known(side, n, n) for side, n in sums.items()] if "printed" in shape else []
    return counts, unions, known


def cells_of(counts, unions):
    """Count and base of each cell and each group of answers, of every group and of the whole."""
    whole = [counts.sum(0)] if len(counts) > 1 else []
    for row in [*counts, *whole]:
        yield from ((int(n), int(row.sum())) for n in row)
        yield from ((int(row[[SCALE.index(a) for a in inside]].sum()), int(row.sum())) for inside in unions.values())


def tally(number, seed, shapes=("one", "scale", "scale printed", "groups")):
    """Choose the steps of random tables, hold each to the aim, and count what is visible of them."""
    found = {"tables": 0, "cells": 0, "visible": 0, "off": [], "steps": [], "narrowest": 99}
    for shape in shapes:
        for at in range(number):
            counts, unions, known = drawn(np.random.default_rng([seed, len(shape), at]), shape)
            asked = question(counts, unions, known)
            choice = choose([asked])
            ((_, step, _),) = choice.steps.itertuples(index=False)
            left_out = len(choice.left_out) > 0
            shown = counts if not left_out else counts.sum(0, keepdims=True)
            printed = {fact.cell: fact.least for fact in known}
            if step:
                ends = intervals(asked, step, [] if left_out else list(asked.by))
                for cell, others, least, most in zip(ends.cell, ends.others, ends.least, ends.most, strict=True):
                    of = [printed[side] for side, inside in unions.items() if side in printed and cell in inside]
                    by_print = 0 if cell in printed and not others else min(of, default=99)
                    assert most - least >= min(5, by_print), (shape, at, cell, step)
                    if by_print >= 5:
                        found["narrowest"] = min(found["narrowest"], most - least)
            for n, base in cells_of(counts, unions):
                if n > 10 and base >= 50:
                    found["cells"] += 1
            for n, base in cells_of(shown, unions) if step else ():
                state, points, width, _ = by_the_rule(n, base, step)
                if n > 10 and base >= 50:
                    found["visible"] += 1
                if state == "share":
                    found["off"].append(abs(Fraction(100 * n, base) - points))
                    assert found["off"][-1] <= Fraction(width, 2)
            found["steps"].append((shape, step, left_out))
            found["tables"] += 1
    return found


@pytest.mark.long
def test_two_thousand_tables_keep_their_small_counts_and_show_nearly_all_others():
    found = tally(500, 2025)
    assert found["tables"] == 2000
    assert 5 <= found["narrowest"] < 99
    assert found["visible"] >= 0.95 * found["cells"] > 10_000
    assert sum(found["off"]) / len(found["off"]) < 1.5


def test_some_tables_keep_their_small_counts_and_show_nearly_all_others():
    found = tally(6, 7)
    assert found["narrowest"] >= 5
    assert found["visible"] >= 0.95 * found["cells"] > 100


def steps_of(choice):
    return dict(zip(choice.steps["question"], choice.steps["step"], strict=True))


TIGHT = [[189, 108, 3]]


def test_a_question_without_small_counts_needs_no_programme():
    choice = choose([question([[200, 150, 50]])])
    assert steps_of(choice) == {"q": 1}
    assert (choice.programmes, choice.narrowest, len(choice.left_out)) == (0, None, 0)


def test_the_step_is_the_least_that_keeps_the_count():
    """63 and 36 are 188 to 190 and 107 to 109 of 300; in steps of 2, 64 and 36 are 189 to 194 and 105 to 110."""
    ends = [intervals(question(TIGHT), step)[["least", "most"]].values.tolist() for step in (1, 2)]
    assert ends == [[[300 - 190 - 109, 300 - 188 - 107]], [[0, 300 - 189 - 105]]]
    choice = choose([question(TIGHT)])
    assert (steps_of(choice), choice.narrowest) == ({"q": 2}, 6)


def test_an_owner_may_set_a_coarser_step_and_never_gets_a_finer_one():
    questions = [question([[200, 150, 50]], name="a"), question(TIGHT, name="b")]
    assert steps_of(choose(questions, {"a": 5, "b": 1})) == {"a": 5, "b": 2}
    assert steps_of(choose(questions, {"b": 10})) == {"a": 1, "b": 10}
    with pytest.raises(ValueError, match="a step of 3 points isn't one of"):
        choose(questions, {"a": 3})
    with pytest.raises(ValueError, match="steps are set for c, of which nothing is shown"):
        choose(questions, {"c": 2})


def test_statements_put_together_as_one_question_have_one_step():
    calm, tight = (question(counts).items[0] for counts in ([[200, 99, 1]], TIGHT))
    by = pd.DataFrame(index=range(300))
    both = tuple(items.Item(**{**vars(item), "name": name}) for item, name in [(calm, "x"), (tight, "y")])
    assert steps_of(choose([Shown("q", both, by)])) == {"q": 2}


def test_a_grouping_that_no_step_keeps_is_left_out_alone():
    """Of 703 people 400 and 300 are in two groups: who knows these bases knows that 3 are in the third."""
    counts = [[250, 100, 50], [200, 70, 30], [1, 1, 1]]
    known = choose([question(counts, exact={"g": True})])
    assert known.left_out.values.tolist() == [["q", "g"]] and steps_of(known) == {"q": 1}
    assert len(choose([question(counts)]).left_out) == 0  # left to themselves such bases are known as shown
    ends = intervals(question(counts, exact={"g": True}), 10, ["g"])
    assert ends.loc[ends.cell.eq("base"), ["least", "most"]].values.tolist() == [[3, 3]]


def test_a_question_whose_whole_no_step_keeps_is_not_given():
    """A next question, of those who gave the second or the third answer, says that they are 4."""
    known = [Known("rest", 4, 4, printed=False)]
    choice = choose(
        [question([[150, 2, 2], [140, 4, 2]], {"rest": ["2", "3"]}, [Known("rest", 10, 10, printed=False)])]
    )
    assert steps_of(choice) == {"q": 1}
    choice = choose([question([[150, 1, 1], [140, 1, 1]], {"rest": ["2", "3"]}, known)])
    assert steps_of(choice) == {"q": attacker.NOT_GIVEN} and choice.left_out.values.tolist() == [["q", "g"]]


def test_what_print_gives_away_itself_is_no_reason():
    counts = [[285, 9, 6]]
    gives = [Known("base", 300, 300), Known("1", 285, 285), Known("2", 9, 9)]
    assert steps_of(choose([question(counts, known=gives)])) == {"q": 1}
    without_base = gives[1:]  # print alone tells nothing of the third then: the book's base would
    assert steps_of(choose([question(counts, known=without_base)])) == {"q": attacker.NOT_GIVEN}
    ours = [fact._replace(printed=False) for fact in gives]
    assert steps_of(choose([question(counts, known=ours)])) == {"q": attacker.NOT_GIVEN}


def test_what_print_narrows_is_not_narrowed_further():
    """Print says that 3 agree, so either part is 0 to 3; the book may leave no less than that."""
    counts, sides = [[1, 2, 200, 97]], {"agree": ["1", "2"]}
    printed = question(counts, sides, [Known("agree", 3, 3)])
    choice = choose([printed])
    assert steps_of(choice)["q"] > 0
    ends = intervals(printed, steps_of(choice)["q"]).set_index("cell")
    assert ends.loc[["1", "2"], ["least", "most"]].values.tolist() == [[0, 3], [0, 3]]


def test_print_that_the_answers_contradict_is_refused():
    known = [Known("1", 188, 188), Known("3", 4, 4), Known("2", 100, 110)]
    with pytest.raises(BadFactsError, match=r'"?q.*188.*against 189 in the answers.*against 3 in the answers'):
        choose([question(TIGHT, known=known)])


def people(rng, total, shape):
    """Draw a question with two groupings at random."""
    table = rng.multinomial(total, rng.dirichlet(np.ones(np.prod(shape)) * 0.8)).reshape(shape)
    one, two, answer = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(shape))
    by = pd.DataFrame({"g": pd.Categorical.from_codes(one, categories=list("xyz")[: shape[0]]),
                       "h": pd.Categorical.from_codes(two, categories=list("pqr")[: shape[1]])})  # fmt: skip
    return Shown("q", (single(pd.Series(pd.Categorical.from_codes(answer, categories=SCALE[: shape[2]]))),), by)


def closest(asked, step, by):
    ends = intervals(asked, step, by)
    return (ends["most"] - ends["least"]).min() if len(ends) else 99


def two_groupings(seed):
    """Choose for two groupings, and hold the choice to both together, each by itself, and the finer steps."""
    rng = np.random.default_rng([4, seed])
    asked = people(rng, int(rng.integers(150, 700)), (2, 3, int(rng.integers(2, 5))))
    choice = choose([asked])
    step, left_out = steps_of(choice)["q"], set(choice.left_out["grouping"])
    given = [by for by in asked.by if by not in left_out]
    assert step
    for by in [given, *([name] for name in given), []]:
        assert closest(asked, step, by) >= 5
    for finer in steps.STEPS[: steps.STEPS.index(step)]:
        assert closest(asked, finer, given) < 5
    if left_out:
        assert all(closest(asked, step, ["g", "h"]) < 5 for step in steps.STEPS)
    return step, len(left_out)


def test_two_groupings_shown_together_keep_what_each_keeps():
    found = [two_groupings(seed) for seed in range(12)]
    assert len({step for step, _ in found}) > 1


@pytest.mark.long
def test_many_pairs_of_groupings_keep_what_each_keeps():
    found = [two_groupings(seed) for seed in range(100)]
    assert {step for step, _ in found} == set(steps.STEPS)


@pytest.mark.parametrize(
    ("fail", "left_out"),
    [
        ([("g",), ("h",)], ["g", "h"]),  # by themselves
        ([("g", "h"), ("g", "k")], ["g"]),  # with most others
        ([("g", "k")], ["k"]),  # the last of equals
        ([("g", "h")], ["g"]),  # unless it has more bases with shares: g has two, h has three
        ([("g", "h"), ("h", "k"), ("g", "k")], ["k", "g"]),  # one after the other
    ],
)
def test_what_fails_at_every_step_is_left_out_and_no_more(monkeypatch, fail, left_out):
    def fails(self, item, view, step):
        return view not in fail, None

    monkeypatch.setattr(attacker._Attack, "_try", fails)
    by = pd.DataFrame({"g": list("aabb"), "h": list("abca"), "k": list("abab")}).loc[[0, 1, 2, 3] * 100]
    by = by.reset_index(drop=True).astype("category")
    answers = pd.Series(list("yn") * 200, dtype="category")
    choice = choose([Shown("q", (single(answers),), by)])
    assert choice.left_out["grouping"].tolist() == left_out
    assert steps_of(choice) == {"q": 1}


def test_a_step_that_keeps_each_grouping_may_not_keep_both():
    """The attacker needs both at once: some pair does at a wider step what each does at a finer one."""
    for seed in range(60):
        asked = people(np.random.default_rng([9, seed]), 400, (2, 3, 3))
        if (
            min(closest(asked, 1, []), closest(asked, 1, ["g"]), closest(asked, 1, ["h"]))
            >= 5
            > closest(asked, 1, ["g", "h"])
        ):
            assert steps_of(choose([asked]))["q"] > 1
            return
    pytest.fail("no such pair among those drawn")


def test_people_in_no_group_are_kept_too():
    """Of the whole less both groups little is left: 4 people, whose answers nobody may work out."""
    counts = [[120, 80, 40], [100, 90, 30], [2, 1, 1]]
    asked = question(counts)
    by = asked.by.assign(g=asked.by["g"].cat.remove_categories("g2"))
    nowhere = Shown("q", asked.items, by)
    found = intervals(nowhere, 1, ["g"])
    assert found[["group", "cell", "people"]].values.tolist()[:3] == [["", "1", 2], ["", "2", 1], ["", "3", 1]]
    assert closest(nowhere, steps_of(choose([nowhere]))["q"], ["g"]) >= 5


# --- what isn't found isn't relied on --------------------------------------------------------


class Result:
    def __init__(self, x, status):
        self.x, self.status = x, status


@pytest.mark.parametrize("x", [None, "zeros", "wild"])
def test_a_table_that_was_not_found_keeps_nobody(monkeypatch, x):
    """A solver that gives up, or gives tables that don't agree with the facts, leads to nothing being given."""
    given = {"zeros": np.zeros, "wild": lambda size: np.full(size, 1e6)}

    def milp(weights, **_):
        return Result(None if x is None else given[x](len(weights)), 1 if x is None else 0)

    monkeypatch.setattr(attacker, "milp", milp)
    assert steps_of(choose([question(TIGHT)])) == {"q": attacker.NOT_GIVEN}
    printed = [Known("base", 300, 300), Known("1", 189, 189), Known("2", 108, 108)]
    assert steps_of(choose([question(TIGHT, known=printed)])) == {"q": attacker.NOT_GIVEN}
    with pytest.raises(RuntimeError, match="q: a programme gave up"):
        intervals(question(TIGHT), 1)


def test_a_solver_that_simplifies_too_much_is_asked_again(monkeypatch):
    """HiGHS 1.12 finds of some programmes, once simplified, that not even the true table agrees."""
    real = attacker.milp

    def milp(weights, **how):
        return Result(None, 2) if how["options"]["presolve"] else real(weights, **how)

    monkeypatch.setattr(attacker, "milp", milp)
    choice = choose([question(TIGHT)])
    assert (steps_of(choice), choice.narrowest) == ({"q": 2}, 6)


# --- what is handed over ---------------------------------------------------------------------


def test_boxes_that_everybody_ticks_one_of_tell_of_each_other():
    """Of 300 people 150 ticked the first box and 145 the second: at most 10 ticked the third, but 3 or so had to."""
    ticked = pd.DataFrame({"a": [True] * 150 + [False] * 150, "b": [False] * 150 + [True] * 145 + [False] * 5,
                           "c": [False] * 295 + [True] * 5})  # fmt: skip
    ends = intervals(Shown("q", (multiple(ticked),), pd.DataFrame(index=ticked.index)), 1)
    third = ends[ends.cell.eq("c")]
    # 50 is 149 to 151 people and 48 (145 is 48.33) is 143 to 145: 300 - 151 - 145 = 4 ticked neither
    assert third[["people", "least", "most"]].values.tolist() == [[5, 4, 10]]


BOTH = pd.DataFrame({"a": [True], "b": [True]})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: single(pd.Series(["a", "b"])), "make them categorical"),
        (lambda: single(pd.Series(["a", "base"], dtype="category")), '"base" is named twice'),
        (lambda: single(pd.Series(["a"], dtype="category"), {"a": ["b"]}), '"a" is named twice; "b" is not one of a'),
        (lambda: multiple(pd.DataFrame({"a": [True, None]})), '"a" has missing ticks'),
        (lambda: multiple(BOTH, {"u": ["a", "b"], "v": ["b"]}), "one named group at most"),
        (lambda: multiple(BOTH, exclusive=["b"]), "1 people ticked an exclusive box"),
        (lambda: multiple(pd.DataFrame({"a": [True]}), exclusive=["z"]), '"z" is not one of a'),
    ],
)  # fmt: skip
def test_items_that_cannot_be_are_refused(make, said):
    with pytest.raises(BadFactsError, match=said):
        make()


def test_all_that_is_wrong_with_what_is_shown_is_named_at_once():
    asked = question([[3, 4]]).items
    by = pd.DataFrame({"g": ["x"] * 6})
    with pytest.raises(BadFactsError) as refused:
        Shown("q", asked, by, {"h": True})
    for said in ("has 7 people, the groupings have 6", 'grouping "g" is', 'there is no grouping "h"'):
        assert said in str(refused.value)
    with pytest.raises(BadFactsError, match="cell='9'.*isn't among what is shown"):
        Shown("q", asked, pd.DataFrame(index=range(7)), known=(Known("9", 1, 1),))
