"""Prose holds no typed result: every number in it is computed, cited, or not a result."""

import json
import re

import pytest
from conftest import ROOT

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
NOT_TEXT = [
    r"\{glue:text\}`[^`]*`",  # computed
    r"`[^`]*`",  # code
    r"\]\([^)]*\)",  # where a link leads
    r"^\s*\d+\. ",  # the number of a list
    r"0800-0113|113\.nl|\b113\b|\b112\b",  # help
    r"\b(?:19|20)\d\d[ab]?\b",  # years
    r"\b[Ff]igu(?:ur|ren) \d+(?:(?:, \d+)* (?:en|tot en met) \d+)?",  # the report's figures
    r"\b[Vv]ra(?:ag|gen) \d+(?:(?:, \d+)* (?:en|tot en met) \d+)?",  # its questions
    r"\b[Ss]telling(?:en)? \d+(?:(?:, \d+)* (?:en|tot en met) \d+)?",
    r"\b(?:[Bb]oven|onder|dan) (?:50%|de helft\b)",  # the line above which a majority lies
    r"\b[01]\b(?!,|\.\d| ?%)",  # the ends of a scale
]
DIGIT = re.compile(r"\d")
SMALL = "een|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien"
WORD = re.compile(
    rf"\b(?:(?:{SMALL}) ?(?:derde|vierde|vijfde|kwart)|de helft|(?:{SMALL}) (?:op|van) de (?:{SMALL}|honderd|duizend)"
    r"|\w+ procent|\w*(?:twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig|honderd|duizend)\w*"
    r"|verdubbel\w*|tweemaal|driemaal)\b",
    re.IGNORECASE,
)
CITED = re.compile(r"\[\^\w+\]|\([^()]*\b(?:19|20)\d\d[ab]?\)")


def passages(chapter):
    """The lines of a chapter's Markdown, a paragraph or a list item each."""
    for cell in json.loads(chapter.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            yield from "".join(cell["source"]).splitlines()


def typed(line):
    """What stands in a line that looks like a result and is neither computed nor cited where it stands."""
    for pattern in NOT_TEXT[:4]:
        line = re.sub(pattern, " ", line)
    found = []
    for sentence in re.split(r"(?<=[.?!])\s+(?=[^a-z(])", line):
        if CITED.search(sentence):
            continue
        for pattern in NOT_TEXT[4:]:
            sentence = re.sub(pattern, " ", sentence)
        found += [m[0] for m in WORD.finditer(sentence)] + ([sentence.strip()] if DIGIT.search(sentence) else [])
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.stem)
def test_no_result_is_typed_in_prose(chapter):
    assert [found for line in passages(chapter) for found in typed(line)] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Van de gebruikers is 38,1% jonger.", 1),
        ("Ruim een derde doet het.", 1),
        ("Drie op de vier, dus driekwart.", 2),
        ("Er waren 294 gebruikers.", 1),
        ("In een peiling was het 36% (MIND, 2025).", 0),
        ("Er stond 36% [^peiling].", 0),
        ("Wij vonden 38,1%. In een peiling was het 36% [^peiling].", 1),
        ("Driehonderd gebruikers, negen van de tien.", 2),
        ("Bijna vijf procent.", 1),
        ("Van hen {glue:text}`use.ipynb::users:s`, zie figuur 4 en vraag 3.", 0),
        ("Bel 113 of 0800-0113.", 0),
        ("Cramérs V loopt van 0 tot 1.", 0),
    ],
)
def test_the_test_itself_finds_what_is_typed(line, found):
    assert len(typed(line)) == found
