"""Show a question, or all of them, as a student reads it: number, words, who was asked, and the answers.

The same card is said as text, for a terminal, and as HTML, for a notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment

from analysis.words import voice

if TYPE_CHECKING:
    from analysis.survey.questionnaire import Question, Questionnaire

Rows = list[tuple[str, ...]]
"""A small table, its head first."""


class Card(NamedTuple):
    """What is shown: a title, a few facts in words, and small tables."""

    title: str
    facts: tuple[str, ...]
    tables: tuple[Rows, ...]


HTML = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<div class="card">
{% if card.title %}
<p><strong>{{ card.title }}</strong></p>
{% endif %}
{% for fact in card.facts %}
<p>{{ fact }}</p>
{% endfor %}
{% for rows in card.tables %}
<table>
<thead><tr>{% for cell in rows[0] %}<th scope="col">{{ cell }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows[1:] %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
{% endfor %}
</div>
""")


def question_as_text(question: Question) -> str:
    """Show one question as text."""
    return _text(_question(question))


def question_as_html(question: Question) -> str:
    """Show one question as HTML."""
    return HTML.render(card=_question(question))


def overview_as_text(questions: Questionnaire) -> str:
    """List all questions and derived variables as text, one a line."""
    return _text(_overview(questions))


def overview_as_html(questions: Questionnaire) -> str:
    """List all questions and derived variables as HTML, one a row."""
    return HTML.render(card=_overview(questions))


def _question(question: Question) -> Card:
    speaker = voice(question.language)
    code, name, answer, statement = map(speaker.say, ("list_code", "list_name", "answer", "statement"))
    title = f"{question.number}. {question.label}" if question.number else question.label
    facts = (
        f"{name}: {question.name} · {code}: {question.code}",
        f"{question.asked[speaker.language]} · {speaker.say(f'kind_{question.kind}')}".removeprefix(" · "),
    )
    tables: list[Rows] = []
    if question.statements:
        tables.append([(code, name, statement), *((s.code, s.name, s.label) for s in question.statements)])
    if question.source:
        made = {group: f"{question.source}={'|'.join(values)}" for group, values in question.values}
        head = (code, name, answer, speaker.say("list_source"))
        tables.append([head, *((a.code, a.name, a.label, made[a.code]) for a in question.answers)])
    elif question.answers:
        tables.append([(code, name, answer), *((a.code, a.name, a.label) for a in question.answers)])
    return Card(title, facts, tuple(tables))


def _overview(questions: Questionnaire) -> Card:
    speaker = voice(questions.language)
    head = ("", *map(speaker.say, ("list_code", "list_name", "question_short")), "")
    rows = [(q.number, q.code, q.name, q.label, q.asked[speaker.language]) for q in (*questions, *questions.derived)]
    return Card("", (), ([head, *rows],))


def _text(card: Card) -> str:
    """Write a card as text, the columns of its tables one under another."""
    parts = ["\n".join(filter(None, (card.title, *card.facts)))]
    for rows in card.tables:
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        parts.append("\n".join(lines))
    return "\n\n".join(filter(None, parts))
