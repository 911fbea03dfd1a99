"""What a reader passes in each chapter of a built edition, with everything folded as delivered.

    python benchmarks/prose.py [EDITION]      by default 2025-reference

Prints for each chapter: words without those inside figures, which share of them is method (cells tagged `method` and
the notes on how numbers came about), and how easy its prose is to read by Flesch and Douma (1960): 206.84 - 0.93 times
words a sentence - 77 times syllables a word; 60 to 70 is plain. A number to look at, not a gate: what is clipped scores
well too.
"""

import json
import re
import sys

from bs4 import BeautifulSoup

from analysis import paths

FOLDED = "script, style, details, svg, .plot, .cell_input, .headerlink, .provenance, .description, noscript"
"""What a reader doesn't pass: code, what is folded or drawn, and what is said for who can't see a drawing."""
NOTES = "figure .notes"
VOWELS = re.compile(r"[aeiouyáéëïóöü]+", re.IGNORECASE)


def words(text: str) -> list[str]:
    """The words of a text, numbers included."""
    return re.findall(r"\w[\w.,%’'-]*", text)


def readability(prose: str) -> float:
    """Score Dutch prose by Flesch and Douma: 206.84 - 0.93 words a sentence - 77 syllables a word."""
    said = [word for word in words(prose) if word[0].isalpha()]
    ends = max(len(re.findall(r"[.?!:](?=\s|$)", prose)), 1)
    syllables = sum(max(len(VOWELS.findall(word)), 1) for word in said)
    return 206.84 - 0.93 * len(words(prose)) / ends - 77 * syllables / max(len(said), 1)


def main() -> None:
    edition = sys.argv[1] if len(sys.argv) > 1 else "2025-reference"
    print(f"{'chapter':<16} {'words':>6} {'method':>7} {'Douma':>6}")
    for page in sorted((paths.ROOT / "_build" / "editions" / edition / "nl" / "chapters").glob("*.html")):
        article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").article
        source = json.loads((paths.ROOT / "chapters" / f"{page.stem}.ipynb").read_text(encoding="utf-8"))["cells"]
        tagged = ["".join(c["source"]) for c in source if "method" in c["metadata"].get("tags", [])]
        for gone in article.select(FOLDED):
            gone.decompose()
        everything = words(article.get_text(" "))
        notes = [word for part in article.select(NOTES) for word in words(part.get_text(" "))]
        notes += [word for lines in tagged for word in words(re.sub(r"^\*In:.*$", "", lines, flags=re.M))]
        prose = " ".join(part.get_text(" ") for part in article.select("section > p, section > ul"))
        share = len(notes) / max(len(everything), 1)
        print(f"{page.stem:<16} {len(everything):>6} {share:>7.0%} {readability(prose):>6.0f}")


if __name__ == "__main__":
    main()
