"""Draw the one picture that is no table: of every hundred people, how many said what."""

import textwrap
from html import escape

WIDTH, TEXT, BOLD_LETTER = 360, 15, 7.4
"""Pixels: the picture's width, a line of text, and a letter of a heading."""
ACROSS, DOT = 25, 14
"""How many dots stand next to each other, and how far apart in pixels."""
FILLED = {0: 'fill="#0e6b68"', 1: 'fill="#a9d0cb"', 2: 'fill="#b8472a"'}
OPEN = 'fill="none" stroke="#566169"'
"""How dots look where the book's style sheet isn't, as in JupyterLab; the sheet goes before."""


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
            shapes.append(_dot(kind, x, at))
        y += DOT * (100 // ACROSS)
        for part, (_, words) in enumerate(parts):
            y += TEXT
            shapes.append(_dot(part, DOT / 2, y - 5))
            shapes.append(f'<text x="{DOT + 6}" y="{y}">{escape(words)}</text>')
        y += TEXT
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="{escape(description)}" xmlns="http://www.w3.org/2000/svg">{"".join(shapes)}</svg>'
    )


def _dot(kind: int | str, x: float, y: float) -> str:
    look = OPEN if kind == "open" else FILLED.get(int(kind), OPEN)
    return f'<circle class="dot-{kind}" cx="{x:g}" cy="{y:g}" r="{DOT / 2 - 2:g}" {look}/>'


def stamped(svg: str, words: str) -> str:
    """Write words across a picture, which then says of itself what it is wherever it goes; as it is when blank."""
    if not words:
        return svg
    text = f'<text class="stamp" x="50%" y="50%" text-anchor="middle">{escape(words)}</text>'
    return svg.replace("</svg>", f"{text}</svg>")
