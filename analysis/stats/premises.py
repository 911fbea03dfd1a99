"""What can be built on when only print is known: who was asked what, who is left out, and the printed numbers.

Whoever is asked may leave it blank, but for as many as are printed to have answered. Everything is said of units, a
question or one statement of one. Units that have to be seen together stand in one block. Blocks hang on each other by
routing, as a tree: where blocks agree on how many people they share, whole people can be put together that agree with
all of them, so nothing is lost by counting each apart.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from analysis.survey.printed import Key, Printed, counts
from analysis.survey.questionnaire import Condition, Questionnaire

Unit = tuple[str, str]
"""A question and one of its statements, in codes; the statement is blank where it has none."""
Clause = tuple[Unit, frozenset[str]]
"""A unit and answers to it, any of which will do."""
Block = frozenset[Unit]
"""Units that have to be seen together."""
ASKABLE = ("single", "multiple", "statements")


@dataclass(frozen=True)
class Fact:
    """What was printed of answers to a unit, `among` a group; of no answers, how many answered."""

    key: Key
    unit: Unit
    answers: frozenset[str]
    among: tuple[Clause, ...]
    prints: tuple[Printed, ...]

    @property
    def bases(self) -> frozenset[int]:
        """How many answered, as every number of it says; more than one where they clash."""
        said = [p.base for p in self.prints if p.kind == "share" and p.base is not None]
        return frozenset(said + [int(p.number) for p in self.prints if p.kind == "count" and not self.answers])

    def allowed(self, summed: bool) -> frozenset[int] | None:
        """Which numbers of people it can be; None where any.

        With `summed` a number may be a sum of rounded parts, of which the total counts and not how it falls apart.
        Without, one that can't be anything else is left out.
        """
        found: frozenset[int] | None = None
        for p in self.prints if self.answers else ():
            if p.kind == "share" and p.base is None:
                continue
            those = _readings(p, summed)
            if those or summed or p.parts == 1:
                found = those if found is None else found & those
        return found


@functools.cache
def _readings(number: Printed, summed: bool) -> frozenset[int]:
    whole = number.kind == "count" or summed or number.parts == 1
    return frozenset(number.readings() if whole else counts(number.number, number.base or 0))


@dataclass(frozen=True, eq=False)
class Premises:
    """All that ranges rest on: the questionnaire, what was printed, and the number of people analysed."""

    questions: Questionnaire
    facts: tuple[Fact, ...]
    people: int
    memo: dict = field(default_factory=dict, repr=False)
    """What was worked out before, by what it was worked out from: shared with those that leave something out."""

    @cached_property
    def own(self) -> dict:
        """What was worked out before from all of these premises."""
        return {}

    def bases(self, unit: Unit) -> set[int]:
        """How many answered a unit, as every number says that was printed of everybody."""
        return {base for fact in self.facts if fact.unit == unit and not fact.among for base in fact.bases}

    @cached_property
    def sums(self) -> bool:
        """Whether anything printed must be a sum of rounded parts, or may be one and then says less."""
        return any(fact.allowed(True) != fact.allowed(False) for fact in self.facts)

    # --- the units, and what is said of each -------------------------------------------------

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Every unit that can be asked about, in the order of the questionnaire."""
        return tuple((q.code, s) for q in self.questions if q.kind in ASKABLE
                     for s in ([s.code for s in q.statements] or [""]))  # fmt: skip

    @cached_property
    def order(self) -> dict[Unit, int]:
        """The place of each unit in the questionnaire."""
        return {unit: place for place, unit in enumerate(self.units)}

    @cached_property
    def asked_if(self) -> dict[Unit, tuple[Clause, ...]]:
        """On what each unit is asked. A clause on a number is passed over: whom it stops may as well leave it blank."""
        return {unit: _known(self.questions[unit[0]].asked_if, self.questions)[0] for unit in self.units}

    @cached_property
    def excluded(self) -> tuple[tuple[Clause, ...], ...]:
        """What nobody analysed said: the exclusions, but for those that look at a number."""
        read = [_known(condition, self.questions) for _, condition, _ in self.questions.exclusions]
        return tuple(clauses for clauses, whole in read if whole)

    @cached_property
    def sets(self) -> dict[Unit, set[frozenset[str]]]:
        """The answers to each unit that have to be told apart from its others."""
        found: dict[Unit, set[frozenset[str]]] = {unit: set() for unit in self.units}
        for fact in self.facts:
            alone = self.questions[fact.unit[0]].kind == "multiple" and len(fact.answers) == 1 and not fact.among
            if fact.answers and not alone:
                found[fact.unit].add(fact.answers)
        for clauses in (*(f.among for f in self.facts), *self.asked_if.values(), *self.excluded):
            for unit, answers in clauses:
                found[unit].add(answers)
        return found

    @cached_property
    def _links(self) -> list[Block]:
        """Units that have to be seen together: one printed among a group of another, or named in one condition."""
        together = [{unit for unit, _ in clauses} for clauses in (*self.asked_if.values(), *self.excluded)]
        together += [{fact.unit, *(unit for unit, _ in fact.among)} for fact in self.facts]
        return list({frozenset(units) for units in together if len(units) > 1})

    # --- blocks ------------------------------------------------------------------------------

    def hangs_on(self, block: Block) -> tuple[Clause, ...]:
        """Say on what a block is asked, all of it outside the block; blank where everybody is."""
        return self.asked_if[min(block, key=self.order.__getitem__)]

    def _closed(self, units: Iterable[Unit]) -> Block:
        """Add to units what must be seen with them, until all that is asked first is asked of the same people."""
        block = frozenset(units)
        while True:
            grown = block.union(*(link for link in self._links if link & block))
            outside = {u: [c for c in self.asked_if[u] if c[0] not in grown] for u in grown}
            partly = [u for u in grown if 0 < len(outside[u]) < len(self.asked_if[u])]
            firsts = [u for u in grown if len(outside[u]) == len(self.asked_if[u])]
            if not partly and len({self.asked_if[u] for u in firsts}) > 1:
                partly = [max((u for u in firsts if outside[u]), key=self.order.__getitem__)]
            grown = grown.union(*({c[0] for c in outside[u]} for u in partly))
            if grown == block:
                return block
            block = grown

    def blocks(self, seeds: Iterable[Block] = ()) -> list[Block]:
        """Part the units that print or `seeds` speak of into blocks; the units of a seed stand in one."""
        return self._parted(list(self._blocks), [seed for seed in seeds if seed])

    @cached_property
    def _blocks(self) -> list[Block]:
        return self._parted([], [frozenset({fact.unit}) for fact in self.facts])

    def _parted(self, found: list[Block], waiting: list[Block]) -> list[Block]:
        while waiting:
            block = self._closed(waiting.pop())
            while touched := [b for b in found if b & block and b != block]:
                found = [b for b in found if b not in touched]
                block = self._closed(block.union(*touched))
            if block not in found:
                found.append(block)
            on = frozenset(unit for unit, _ in self.hangs_on(block))
            if on and not any(on <= b for b in found):
                waiting.append(on)
        return found

    def without(self, keys: Iterable[Key]) -> Premises:
        """Leave out printed numbers, and all that repeat them.

        `keys` are as `survey.printed` has them. A number repeats another that is of the same answers, spelled in any
        way, or of all the other answers to a question that takes one, among the same people. With a number goes the
        base that it was printed with, unless another says that too. Raises ValueError for what isn't in the questions.
        """
        gone = {self._said(fact) for fact in facts(dict.fromkeys(keys, []), self.questions)}
        return replace(self, facts=tuple(fact for fact in self.facts if self._said(fact) not in gone))

    def _said(self, fact: Fact) -> tuple:
        """What a fact is about, however it is spelled."""
        question, sides = self.questions[fact.unit[0]], {fact.answers}
        if question.kind != "multiple" and fact.answers:
            never = [answers for clauses in self.excluded for unit, answers in clauses
                     if len(clauses) == 1 and unit == fact.unit]  # fmt: skip
            sides = {fact.answers, frozenset(a.code for a in question.answers).difference(fact.answers, *never)}
        return fact.unit, frozenset(sides), frozenset(fact.among)


def premises(questions: Questionnaire, printed: Mapping[Key, list[Printed]] | None = None) -> Premises:
    """Gather what ranges rest on: a questionnaire and what was printed, if not given what it can say itself.

    Numbers about a question that can't be asked about (a number or a text), in themselves or by their group, are left
    out. Raises ValueError where nothing was printed, or not how many people were analysed.
    """
    printed = questions.printed() if printed is None and questions.printed else printed or {}
    people = {p.number for p in printed.get(("", "", "analysed", ""), [])}
    if len(people) != 1:
        raise ValueError(
            f"how many people were analysed is printed as {' and '.join(sorted(people)) or 'nothing'}; a claim of kind "
            "count with options `analysed` says it. For a wave of invented people datasets.questions(wave) reads it."
        )
    return Premises(questions, facts(printed, questions), int(people.pop()))


def facts(printed: Mapping[Key, list[Printed]], questions: Questionnaire) -> tuple[Fact, ...]:
    """Say printed numbers of the questions that were asked: of derived variables by what they are made from."""
    found = []
    for key, prints in printed.items():
        code, statements, answers, among = key
        if not code or questions[questions[code].source or code].kind not in ASKABLE:
            continue
        groups, whole = _known(Condition.parse(among, questions), questions)
        for statement in statements.split("|") if whole else ():
            question = questions[code]
            unit = (question.source or question.code, question.statement(statement).code if statement else "")
            codes = _spelled(code, question.codes(answers), questions) if answers else frozenset()
            found.append(Fact(key, unit, codes, groups, tuple(prints)))
    return tuple(found)


def _spelled(code: str, answers: str, questions: Questionnaire) -> frozenset[str]:
    """Say answers by those of the question that was asked."""
    made = dict(questions[code].values)
    return frozenset(value for answer in answers.split("|") for value in made.get(answer, (answer,)))


def _known(condition: Condition, questions: Questionnaire) -> tuple[tuple[Clause, ...], bool]:
    """Give the clauses of a condition that can be asked about, and whether those are all."""
    clauses = [((questions[code].source or questions[code].code, ""), _spelled(code, "|".join(values), questions))
               for code, values in condition.clauses]  # fmt: skip
    known = [(unit, answers) for unit, answers in clauses if questions[unit[0]].kind in ASKABLE]
    return tuple(sorted(known, key=lambda clause: (clause[0], sorted(clause[1])))), len(known) == len(clauses)


def clauses(text: str, questions: Questionnaire) -> tuple[Clause, ...]:
    """Read items joined by ` & `, each as `questions.item` reads it, in the codes of what was asked.

    Raises ValueError for what isn't there, and for a number or a text, of which print says nothing.
    """
    found = []
    for part in map(str.strip, text.split("&")):
        for code, _ in Condition.parse(part).clauses:
            question, _ = questions.unit(code)
            asked = questions[question.source or question.code]
            if asked.kind not in ASKABLE:
                able = ", ".join(q.code for q in questions if q.kind in ASKABLE)
                raise ValueError(f'"{part}" asks about {asked.code}, of kind {asked.kind}; ranges are of {able}')
        question, answers, statement = questions.item(part)
        found.append(((question.source or question.code, statement), _spelled(question.code, answers, questions)))
    return tuple(found)
