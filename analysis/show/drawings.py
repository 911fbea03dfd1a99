"""Draw a study as SVG: who was asked what, who was left out, and of every hundred people how many said what."""

import textwrap
from html import escape

from analysis.show import saying
from analysis.stats.estimates import Flow
from analysis.stats.value import Value
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Questionnaire
from analysis.words import Voice

WIDTH, INDENT, PAD, TEXT, LETTER, BOLD_LETTER = 360, 16, 8, 15, 6.6, 7.4
"""Pixels: the picture's width, a level of indent, the space inside a box, a line of text."""
ACROSS, DOT = 25, 14
"""How many dots stand next to each other, and how far apart in pixels."""


def boxes(blocks: list[tuple[int, list[str]]], title: str) -> str:
    """Draw boxes below one another as SVG, each with lines of text and its level of indent.

    A box hangs by a line from the nearest box above it that is one level less deep.
    """
    shapes, y = [], 2
    stems: dict[int, tuple[float, int]] = {}
    for level, lines in blocks:
        x = 2 + level * INDENT
        room = WIDTH - x - 2 * PAD
        wrapped = [(part, i == 0) for i, line in enumerate(lines)
                   for part in textwrap.wrap(line, int(room / (LETTER if i else BOLD_LETTER))) or [""]]  # fmt: skip
        height = 2 * PAD + TEXT * len(wrapped)
        if level and level - 1 in stems:
            stem = stems[level - 1]
            shapes.append(f'<path class="stem" d="M{stem[0]} {stem[1]}V{y + height / 2:g}H{x}"/>')
        shapes.append(f'<rect class="box" x="{x}" y="{y}" width="{WIDTH - x - 2}" height="{height}" rx="4"/>')
        for i, (part, first) in enumerate(wrapped):
            weight = ' class="first"' if first else ""
            shapes.append(f'<text{weight} x="{x + PAD}" y="{y + PAD + TEXT * i + 12}">{escape(part)}</text>')
        stems = {k: v for k, v in stems.items() if k < level} | {level: (x + INDENT / 2, y + height)}
        y += height + 8
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">{"".join(shapes)}</svg>'
    )


def hundreds(blocks: list[tuple[str, list[tuple[int, str]]]], description: str) -> str:
    """Draw a hundred dots for each block below its heading, in the colours of its parts, and what each part is.

    A part is its number of dots and its words; dots that no part has stay open.
    """
    shapes, y = [], 0
    for heading, parts in blocks:
        for line in textwrap.wrap(heading, int(WIDTH / BOLD_LETTER)):
            y += TEXT
            shapes.append(f'<text class="first" x="0" y="{y}">{escape(line)}</text>')
        kinds = [part for part, (dots, _) in enumerate(parts) for _ in range(dots)]
        y += DOT
        for i in range(100):
            kind = kinds[i] if i < len(kinds) else "open"
            x, at = DOT / 2 + DOT * (i % ACROSS), y + DOT * (i // ACROSS)
            shapes.append(f'<circle class="dot-{kind}" cx="{x:g}" cy="{at:g}" r="{DOT / 2 - 2:g}"/>')
        y += DOT * (100 // ACROSS)
        for part, (_, words) in enumerate(parts):
            y += TEXT
            shapes.append(f'<circle class="dot-{part}" cx="{DOT / 2:g}" cy="{y - 5}" r="{DOT / 2 - 2:g}"/>')
            shapes.append(f'<text x="{DOT + 6}" y="{y}">{escape(words)}</text>')
        y += TEXT
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="{escape(description)}" xmlns="http://www.w3.org/2000/svg">{"".join(shapes)}</svg>'
    )


def stamped(svg: str, words: str) -> str:
    """Write words across a picture, which then says of itself what it is wherever it goes; as it is when blank."""
    if not words:
        return svg
    text = f'<text class="stamp" x="50%" y="50%" text-anchor="middle">{escape(words)}</text>'
    return svg.replace("</svg>", f"{text}</svg>")


def routing(questionnaire: Questionnaire, people: dict[str, Value], voice: Voice) -> tuple[str, int]:
    """Draw the way through the questionnaire: a box for each run of questions with one condition.

    `people` counts who was asked each question, by code. Returns the picture and its
    number of boxes. A box is indented under the question that its condition looks at.
    """
    depth: dict[str, int] = {}
    blocks: list[tuple[int, list[str]]] = []
    previous = None
    for question in questionnaire:
        condition = question.asked_if
        level = max((depth[code] + 1 for code, _ in condition.clauses), default=0)
        depth[question.code] = level
        line = f"{question.number}. {question.label}"
        if blocks and condition == previous:
            blocks[-1][1].append(line)
            continue
        previous = condition
        who = instrument.in_words(condition, questionnaire)
        asked = voice.say("asked_if", condition=who) if who else voice.say("everyone")
        count = saying.people(people[question.code], voice)
        blocks.append((level, [f"{count}: {asked}", line]))
    title = voice.say("routing_title")
    return boxes(blocks, title), len(blocks)


def respondents(flow: Flow, voice: Voice) -> str:
    """Draw the flow of respondents from taking part to the analysis, out of `analysis.flow`."""
    blocks = []
    for row in flow.frame.to_dict("records"):
        count = saying.people(flow.people(row), voice)
        inner = row["step"] in ("took_part", "analysed")
        what = voice.say(row["step"] if inner else "left_out")
        reason = row[f"label_{voice.language}"]
        blocks.append((0 if inner else 1, [f"{count}: {what}", *([reason] if reason else [])]))
    return boxes(blocks, voice.say("flow_title"))
