"""Prose holds no typed result, keeps to one word for one thing, and its sentences can be taken in at once."""

import json
import re

import pandas as pd
import pytest
from babel.messages.pofile import read_po
from conftest import ROOT

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
NOT_TEXT = [
    r"\{eval\}`[^`]*`",  # computed
    r"`[^`]*`",  # code
    r"\]\([^)]*\)",  # where a link leads
    r"^\s*\d+\. ",  # the number of a list
    r"0800-0113|113\.nl|\b113\b|\b112\b|088 0767 000",  # help
    r"Python 3\.11|CC BY 4\.0",  # names of things
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
            yield from (line for line in "".join(cell["source"]).splitlines() if not line.startswith(":"))


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
        ("Van hen {eval}`use.base`, zie figuur 4 en vraag 3.", 0),
        ("Bel 113 of 0800-0113.", 0),
        ("Cramérs V loopt van 0 tot 1.", 0),
    ],
)
def test_the_test_itself_finds_what_is_typed(line, found):
    assert len(typed(line)) == found


# --- words ----------------------------------------------------------------------------------

INSTEAD = {
    r"\brondes?\b": "meting",
    r"\b[Gg]edrukte?\b|\bde druk\b": "staat in het rapport",
    r"[Zz]orgverlener": "hulpverlener",
    r"\b[Aa]arzel": "twijfel",
    r"te onzeker\b": "ruwe schatting",
    r"[Ff]outmarge|[Ss]teekproeffout": "rekeninterval",
    r"\b[Rr]espondent": "deelnemer",
    r"[Pp]atiënt": "cliënt",
    r"\b[Kk]il\b|\b[Ee]ng\b|[Gg]een idee": "the questionnaire's own word",
    r"[Zz]elfmoord": "zelfdoding",
}
"""What isn't said, and what is said instead."""
SPOKEN = {("certainty", "‘foutmarge’"): "the one place that says why the word isn't used"}
LONGEST = 30
"""Words in a sentence; a number counts as one."""


def words_of(path):
    """All Dutch that a file says: prose of a notebook, translations of a catalogue, Dutch columns of a table."""
    if path.suffix == ".ipynb":
        return re.sub(
            r"`[^`]*`|\([^()]*\.ipynb[^()]*\)|^\([\w-]+\)=$", " ", "\n".join(passages(path)), flags=re.MULTILINE
        )
    if path.suffix == ".po":
        return "\n".join(str(message.string) for message in read_po(path.open("rb"), "nl"))
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return "\n".join("\n".join(frame[column]) for column in frame if column.endswith("_nl"))


SPEAKING = [
    *CHAPTERS,
    *EXERCISES,
    ROOT / "locale" / "nl" / "LC_MESSAGES" / "book.po",
    *sorted(
        path
        for path in (ROOT / "data").rglob("*.csv")
        if not {"clean", "reconstruction"} & set(path.parts) and "_nl" in path.open(encoding="utf-8").readline()
    ),
]


@pytest.mark.parametrize("path", SPEAKING, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_one_word_stands_for_one_thing(path):
    text = words_of(path)
    for (page, words), _ in SPOKEN.items():
        if (page, "chapters") == (path.stem, path.parent.name):
            assert words in text
            text = text.replace(words, " ")
    assert [found[0] for pattern in INSTEAD for found in re.finditer(pattern, text)] == []


@pytest.mark.parametrize("chapter", [*CHAPTERS, *EXERCISES], ids=lambda c: f"{c.parent.name}-{c.stem}")
def test_a_sentence_has_thirty_words_at_most(chapter):
    assert [s for line in passages(chapter) for s in sentences(line) if len(s.split()) > LONGEST] == []


def sentences(line):
    """The sentences of a line of prose, without markup, a number or a name of code as one word."""
    plain = re.sub(r"`[^`]*`", "x", re.sub(r"(?<=[.?!*])\{eval\}`[^`]*`", " ", line))
    plain = re.sub(r"\{eval\}x", "1", plain)
    plain = re.sub(r"\]\([^)]*\)|\[\^\w+\]:?|[*\[\]]|^\s*(?:-|\d+\.) ", " ", plain)
    return re.split(r"(?<=[.?!:;])\s+", plain)


def test_sentences_are_told_apart():
    line = "**Een.**{eval}`a.b` Twee {eval}`c` drie? [Vier](vijf.ipynb)"
    assert [said.split() for said in sentences(line)] == [["Een."], ["Twee", "1", "drie?"], ["Vier"]]
