"""Hold a text that is to be published against what respondents wrote, and search it for what may lead to a person.

A reviewer can overlook something; these are the traces that a machine can see. Nothing here returns a text or a
part of one: what is found is told by its kind and by the place of its word.
"""

import contextlib
import functools
import io
import logging
import re
from collections.abc import Collection, Iterable
from typing import Any

from babel.dates import get_month_names

from analysis.survey.questionnaire import Questionnaire
from analysis.words import LANGUAGES

GAP = re.compile(r"\[[^\[\]\s]+(?: [^\[\]\s]+){0,2}\]|…|\.{3,}")
"""What stands for something else: up to three words in square brackets for what was replaced, dots for what was cut."""
WORD = re.compile(r"[^\W\d_]+")
MONTHS = "|".join(sorted({name.strip(".").casefold() for language in LANGUAGES for width in ("wide", "abbreviated")
                          for name in get_month_names(width, locale=language).values()}))  # fmt: skip
STREETS = "straat|str|laan|weg|plein|gracht|kade|singel|dijk|steeg|hof|dreef|plantsoen|park|markt|pad"
TRACES = {
    "an e-mail address": r"[\w.+-]+@[\w-]+",
    "a handle": r"@\w+",
    "a web address": r"https?:\S*|www\.\S*|\w[\w-]+\.[^\W\d_]{2,}\S*",
    "a street and a house number": rf"(?:\w(?:{STREETS})|\bhuisnummer)\b[\s.,]*(?:nr|nummer)?[\s.]*\d+",
    "a date": rf"\d{{1,2}}[\s-]*(?:e|de|ste|st|nd|rd|th)?[\s-]*(?:of\s+)?(?:{MONTHS})\b"
    rf"|\b(?:{MONTHS})\b[\s.-]*['’]?\d+"
    r"|\d{1,2}\s?[-–/.]\s?\d{1,2}\s?[-–/.]\s?['’]?\d{2,4}\b",
    "a postcode": r"\b[1-9]\d{3}(?:\s?(?-i:[A-Z]{2})|[a-z]{2})\b",
    "a phone number": r"\d(?:[\W_]{0,3}\d){5,}",
    "a number of three digits or more": r"\d{3,}",
}
"""What is searched for, by its kind; what was found as one kind isn't taken for a later one too."""
NAMES = {
    "persoon": "a person's name",
    "locatie": "a place",
    "ziekenhuis": "an institution",
    "zorginstelling": "an institution",
}
"""What Deduce calls a name, and what we do."""
ORDINARY = ("AI", "ChatGPT", "Ik", "I")
"""Words with a capital that lead to nobody."""
BEGINS = re.compile(r"""(?:\A|\n|(?<!\.)[.!?]["'’”)]*\s)[\s"'‘“(-]*\Z""")
"""Before a word: the end of a sentence or of a line, and not dots for what was cut."""
ABBREVIATED = re.compile(r"\b(?:[^\W\d_]|drs?|mr|mw|mevr|dhr|hr|prof|ir|ing|st|psych)\.\s*\Z", re.IGNORECASE)
"""Before a word: an initial or a title, whose full stop ends no sentence."""


def stands(text: str, answers: Iterable[str]) -> bool:
    """Whether somebody wrote a text: each piece of it, in whole words and in this order, stands in one of the answers.

    Pieces lie between ellipses and square brackets. A text without a word of its own was written by nobody.

    >>> stands("it helps … in [place]", ["I think it helps, at home in Utopia"])
    True
    >>> stands("in [place] … it helps", ["I think it helps, at home in Utopia"]), stands("[it helps]", ["it helps"])
    (False, False)
    """
    pieces = [piece.strip() for piece in GAP.split(text)]
    whole = r"(?:(?=\W)|\b(?=\w)){}(?:(?<=\W)|(?<=\w)\b)"
    wanted = [re.compile(whole.format(re.escape(piece))) for piece in pieces if re.search(r"\w", piece)]
    return any(WORD.search(piece) for piece in pieces) and any(_in_order(wanted, answer) for answer in answers)


def _in_order(wanted: list[re.Pattern], answer: str) -> bool:
    at = 0
    for piece in wanted:
        found = piece.search(answer, at)
        if not found:
            return False
        at = found.end()
    return True


def traces(text: str) -> list[str]:
    """Say which kinds of address and number stand in a text.

    >>> traces("mail me@example.org or ring 06 12 34 56 78")
    ['an e-mail address', 'a phone number']
    """
    found = []
    for kind, pattern in TRACES.items():
        text, times = re.subn(pattern, " ", text, flags=re.IGNORECASE)
        found += [kind] * bool(times)
    return found


def names(text: str, vouched: Collection[str]) -> list[tuple[str, int]]:
    """Say what may be a name in a text: its kind, and as which word it begins; but for those `vouched` for, all words.

    Deduce looks, where it is installed, and offline: Menger and others (2018), *Telematics and Informatics* 35(4).
    Elsewhere each word with a capital counts that doesn't begin a sentence.
    """
    finder = _finder()
    if finder is None:
        found = [("a word with a capital inside a sentence", word.start(), word[0]) for word in WORD.finditer(text)
                 if word[0][0].isupper() and not _begins(text[: word.start()])]  # fmt: skip
    else:
        said = finder.deidentify(text).annotations
        found = sorted(((NAMES[a.tag], a.start_char, a.text) for a in said if a.tag in NAMES), key=lambda f: f[1])
    known = {word.casefold() for word in vouched}
    new = [(kind, len(re.findall(r"\S*\w\S*", text[: start + 1]))) for kind, start, words in found
           if not {word.casefold() for word in WORD.findall(words)} <= known]  # fmt: skip
    return list(dict.fromkeys(new))


def ordinary(questions: Questionnaire) -> set[str]:
    """Name the words with a capital that are no trace: ours, and those of answers that are names by themselves.

    These are the answers of questions whose text field is read for names, such as that of tools.
    """
    about_names = [answer for question in questions if question.named for answer in question.answers]
    said = " ".join(f"{answer.label} {answer.named_as}" for answer in about_names)
    return {*ORDINARY, *WORD.findall(said)}


def _begins(before: str) -> bool:
    """Whether a sentence begins behind a text."""
    return bool(BEGINS.search(before)) and not ABBREVIATED.search(before)


@functools.cache
def _finder() -> Any:
    """Open Deduce; None where it isn't installed. It writes to the screen, and sets the log of all to do so: undone."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import deduce

            return deduce.Deduce()
    except ImportError:
        return None
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
