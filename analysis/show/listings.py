"""Print what is data: questionnaire, codebook, references, recommendations.

Each of these is a table, kept by hand or made by cleaning. Here it becomes a listing with
headings, captions and scoped headers, as values of `show.parts`. Estimates come from
`analysis.stats`; nothing is counted here.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.show import exhibits
from analysis.show.parts import (
    Absent,
    Block,
    Cell,
    Facts,
    Folded,
    Heading,
    Items,
    Listing,
    Noted,
    Paragraph,
    Part,
    Row,
    Several,
    Strong,
    Table,
    out_of,
)
from analysis.stats import reliability
from analysis.stats.estimates import share_of
from analysis.stats.facts import Rule
from analysis.stats.release import of_things
from analysis.stats.value import ORIGINS, Value
from analysis.survey import cleaning, terms, waves
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Answer, Question, Questionnaire
from analysis.survey.terms import Terms
from analysis.words import SIGNS, Text, Voice, in_all, join, kept, knows, text

# --- the instrument and the dataset ----------------------------------------------------------


def questionnaire(questions: Questionnaire) -> Listing:
    """Lay out the whole questionnaire: number, kind, who is asked, options, statements, jumps."""
    return Listing(tuple(part for question in questions for part in _question(question, questions)))


def _question(question: Question, questions: Questionnaire) -> list[Part]:
    title = f"{question.number}. {question.label}"
    facts = [text(f"kind_{question.kind}"), asked_of(question, questions)]
    if question.minimum is not None and question.maximum is not None:
        facts.append(text("list_range", low=question.minimum, high=question.maximum))
    if question.printed_next:
        facts.append(_jump(question.printed_next, questions))
    parts: list[Part] = [Heading(title), Paragraph(join(" · ", *facts))]
    if question.statements:
        rows = [Row(s.label, (s.code,)) for s in question.statements]
        parts.append(_listed("list_statements", title, ("statement", "list_code"), rows))
    if question.options:
        remarks = [_remarks(answer, questions) for answer in question.options]
        columns = ("answer", "list_code", *(["list_remarks"] if any(remarks) else []))
        rows = [Row(a.label, (a.code, *([join("; ", *said)] if any(remarks) else [])))
                for a, said in zip(question.options, remarks, strict=True)]  # fmt: skip
        parts.append(_listed("list_scale" if question.statements else "list_answers", title, columns, rows))
    if question.named:
        rows = [Row(a.label, (a.code,)) for a in question.named]
        parts.append(_listed("list_named", title, ("answer", "list_code"), rows))
    return parts


def _remarks(answer: Answer, questions: Questionnaire) -> list[Text]:
    remarks = [text("list_text_field")] if answer.text else []
    remarks += [text("list_exclusive")] if answer.exclusive else []
    return remarks + ([_jump(answer.printed_next, questions)] if answer.printed_next else [])


def _jump(target: str, questions: Questionnaire) -> Text:
    numbers = {q.code: q.number for q in questions}
    return text("list_jump", number=numbers[target]) if target in numbers else text(f"list_jump_{target}")


def _listed(caption: str, title: str, columns: tuple[str, ...], rows: list[Row]) -> Table:
    names = tuple(text(column) for column in columns)
    return Table(text(caption, title=title), names, (Block(tuple(rows)),), "words")


def asked_of(question: Question, questions: Questionnaire) -> Text:
    """Say who was asked a question."""
    who = instrument.in_words(question.asked_if, questions)
    return text("asked_of", who=text("asked_if", condition=who) if who else text("everyone"))


def codebook(wave: str | Path, questions: Questionnaire) -> Listing:
    """Lay out the cleaned dataset's codebook: folded per question, every column, value and count.

    Of answers of people, and of people who were invented behind a report, the counts aren't given.
    """
    label = waves.read_wave(wave)
    uncounted = label.confidential or label.kind == "synthetic"
    cleaning.prepare(label)
    book = pd.read_csv(label.clean / "codebook.csv", dtype=str, keep_default_na=False)
    parts = []
    for question in (*questions, *questions.derived):
        of_question = book["column"].eq(question.code) if question.source else book["question"].eq(question.code)
        rows = book[of_question & (book["kind"].eq("derived") == bool(question.source))]
        blocks = []
        for column, block in rows.groupby("column", sort=False):
            values = tuple(_value(row, uncounted) for row in block.to_dict("records"))
            blocks.append(Block(values, join(": ", column, kept(block.iloc[0], "label"))))
        source = questions[question.source] if question.source else question
        number = text("list_derived", number=source.number) if question.source else question.number
        title = join(". ", number, question.label)
        columns = (text("list_value"), text("list_meaning"), *(() if uncounted else (text("n"),)))
        facts = Paragraph(join(" · ", text(f"kind_{source.kind}"), asked_of(question, questions)))
        table = Table(text("list_codebook", title=title), columns, tuple(blocks), "words")
        count = text("list_column", count=len(blocks))
        parts.append(Folded(join("", title, " (", count, ")"), (facts, table)))
    return Listing(tuple(parts))


UNREAD = "release_unread"
"""The words that stand for a reader's name until the edition is published (`analysis.publishing`)."""


def release_terms(wave: str | Path) -> Listing:
    """Say on which terms the answers of a confidential wave are shown, and which steps were chosen for its tables."""
    label = waves.read_wave(wave)
    agreed = Terms(label, pd.DataFrame(), *terms.read(label))
    rule = Rule.of(agreed.threshold, agreed.least_base)
    chosen = pd.Series(list(agreed.steps.values()), dtype="object")
    steps = [(step, int(chosen.eq(step).sum())) for step in terms.STEPS]
    given = Several(tuple(text("release_step", step=step, n=many) for step, many in steps if many), "; ")
    gone = [text("release_table", question=question, grouping=grouping or text("everyone"))
            for (question, grouping), step in agreed.steps.items() if step is None]  # fmt: skip
    facts: list[tuple[Text | str, Cell]] = [
        (text("release_words"), text("release_threshold", n=agreed.threshold, base=agreed.least_base)),
        (text("release_steps"), given if chosen.notna().any() else text("release_untried")),
        (text("release_left_out"), Several(tuple(gone), "; ") if gone else text("release_none")),
        (text("release_tried"), text("release_rule", apart=rule.apart, small=rule.small)),
        (text("release_read"), text(UNREAD)),
    ]
    if agreed.reason:
        facts.insert(1, (text("release_reason"), agreed.reason))
    return Listing((Heading(text("release_heading"), address="release-terms"), Facts(tuple(facts))))


def width(responses: pd.DataFrame) -> Value:
    """Count the columns of the cleaned dataset."""
    return of_things(len(responses.columns), "columns")


def _value(row: dict, uncounted: bool) -> Row:
    """One value of a column: its code, its meaning, how many have it unless that says something of people."""
    meaning = kept(row, "value")
    if not any(meaning.values()):
        standing = f"value_{row['value']}"
        meaning = text(standing if knows(standing) else "list_in_range")
    if uncounted:
        return Row(row["value"], (meaning,))
    return Row(row["value"], (meaning, of_things(int(row["n"])) if row["n"] else Absent("not_applicable")))


def signs() -> Table:
    """Set the list of signs as a table: what each says, and when it stands in the place of a number or beside it."""
    rows = tuple(Row(_sign(reason), (text(f"why_{reason}"),)) for reason in SIGNS)
    return Table(text("list_signs"), (text("list_sign"), text("list_when")), (Block(rows),), "words")


def _sign(reason: str) -> Text:
    """Say a sign with its words beside it, as it is explained and not as it stands for a number."""

    def say(voice: Voice) -> str:
        mark = voice.sign(reason)
        return f"{mark.sign} {mark.words}"

    return in_all(say)


# --- lists kept by hand ------------------------------------------------------------------------


def references(listed: pd.DataFrame) -> Table:
    """Set a bibliography as a table: who, when, what kind of source, what it is."""
    rows = tuple(Row(f"{row['authors']} ({row['year']})", (_about(row),)) for row in listed.to_dict("records"))
    return Table(text("list_references"), (text("list_source"), text("list_about")), (Block(rows),), "words")


def _about(row: dict) -> Text:
    """Say what a source is: its kind with a capital, and its own line."""

    def say(voice: Voice) -> str:
        kind = voice.say(f"reference_{row['kind']}")
        return f"{kind[0].upper()}{kind[1:]}. {row[f'about_{voice.language}']}"

    return in_all(say)


def recommendations(listed: pd.DataFrame, found: pd.DataFrame, questions: Questionnaire) -> Listing:
    """Lay out recommendations, each with the evidence `found` for it and what that can't say.

    The evidence is a list under each question and who was asked it: share, answer, count and
    base, interval, and of invented people the origin in words.
    """
    parts: list[Part] = []
    for item in listed.to_dict("records"):
        parts += [Heading(join(". ", item["number"], kept(item, "label"))), Paragraph(kept(item, "text"))]
        of_item = found[found["number"].eq(item["number"])]
        parts += [Paragraph(Strong(text("list_evidence")))] if len(of_item) else []
        for code, block in of_item.groupby("question", sort=False):
            parts.append(Paragraph(join(" · ", questions[code].label, _asked(block, questions[code]))))
            parts.append(Items(tuple(_evidence(row) for row in block.to_dict("records"))))
        parts.append(Paragraph(kept(item, "remark")))
    return Listing(tuple(parts))


def _asked(estimates: pd.DataFrame, question: Question) -> Text:
    return in_all(lambda voice: exhibits.asked_line(estimates, question, voice))


def _evidence(row: dict) -> Noted:
    """One piece of evidence as an item of a list, where how certain it is stands in words."""
    share, doubt = share_of(row), row["reliability"]
    if share.release == "hidden":  # words stand for it
        doubt = ""
    elif not share.of:  # no share of nobody; that is said among the notes
        doubt = share.absent
    notes: list[Cell] = [out_of(share), Several((text("interval"), share.interval), " ")]
    if share.absent in ORIGINS and not share.known:
        notes = [out_of(share)]
    notes += [text(share.origin)] if share.origin and share.known else []
    notes += [text(f"short_{doubt}")] if doubt not in ("", reliability.RELIABLE) else []
    lead = (Strong(replace(share, reliability="")),) if share.of or share.release == "hidden" else ()
    what = ": ".join(filter(None, (row["statement_label"], row["label"])))
    return Noted(Several((*lead, what), " "), tuple(notes))
