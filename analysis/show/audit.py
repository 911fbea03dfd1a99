"""The audit on the page: evaluated claims as tables, a form to search them, and the whole list as a file."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.report import audit
from analysis.report import claims as register
from analysis.report.claims import ATTAINABLE
from analysis.show.edition import edition
from analysis.show.parts import (
    Absent,
    Block,
    Cell,
    Download,
    Link,
    Listing,
    Noted,
    Phrase,
    Row,
    SearchForm,
    Several,
    Stacked,
    Table,
    out_of,
)
from analysis.stats import estimates, guards, quantities
from analysis.stats.estimates import share_of
from analysis.stats.release import of_things
from analysis.stats.value import Value
from analysis.survey import datasets
from analysis.survey import questionnaire as instrument
from analysis.survey.printed import decimals as places
from analysis.survey.questionnaire import Condition, Questionnaire
from analysis.words import Text, Voice, in_all, join, kept, text


def in_words(counts: pd.DataFrame) -> pd.DataFrame:
    """Name the rows and columns of `tally` in words, in the voice of the edition."""
    voice = edition()
    kinds = {kind: voice.say(f"claims_{kind}") for kind in counts.index}
    verdicts = {verdict: _word(verdict)[voice.language] for verdict in counts.columns}
    return counts.rename(index=kinds, columns=verdicts).rename_axis(voice.say("audit_kind"))


def table(found: pd.DataFrame, questions: Questionnaire) -> Listing:
    """Set all evaluated claims as one table that can be searched, a row each, with the form to search it by."""
    rows = [_row(claim, questions) for claim in found.to_dict("records")]
    columns = ("claim", "printed", "recomputed", "base", "verdict", "exists")
    form = SearchForm("audit", "verdict", text("audit_search"), text("audit_verdict"), text("audit_any"),
                      tuple((verdict, _word(verdict)) for verdict in audit.verdicts(found)),
                      text("audit_shown", shown="{shown}", all="{all}"))  # fmt: skip
    return Listing((form, _narrow(text("audit_caption", count=len(found)), columns, rows, "audit")))


def _narrow(caption: Text, columns: tuple[str, ...], rows: list[Row], address: str = "") -> Table:
    """A table of words that fits a narrow screen, its columns named by keys."""
    names = tuple(text(f"audit_{column}") for column in columns)
    return Table(caption, names, (Block(tuple(rows)),), "words", narrow=True, address=address)


def _row(claim: dict, questions: Questionnaire) -> Row:
    """A claim as a row: what it says and where, its cells, and what the search goes by."""
    base = of_things(int(claim["base"]), "people") if claim["base"] else Absent("not_applicable")
    recomputed = number(claim, claim["recomputed"])
    cells = (_printed(claim), recomputed, base, verdict(claim, questions), exists(claim))
    link = _link(claim["book"])
    where = Several((_where(claim), *([link] if link else [])), " · ")
    head = Stacked((kept(claim, "about"), where))
    return Row(head, cells, address=f"claim-{claim['claim']}", choice=claim["verdict"])


def _where(claim: dict) -> Text:
    """Say where a claim stands: its code, the place, and the figure unless the place names it."""

    def say(voice: Voice) -> str:
        where = f"{claim['claim']} · {claim[f'place_{voice.language}']}"
        figure = voice.say("figure", number=claim["figure"]).lower()
        return f"{where}, {figure}" if claim["figure"] and figure not in where else where

    return in_all(say)


def _link(place: str) -> Link | None:
    """Lead to a chapter, or a figure in it; None where the book doesn't have it."""
    chapter, _, figure = place.partition("#")
    if not chapter:
        return None
    words = text("audit_to_figure" if figure else "audit_to_chapter")
    return Link(words, f"{chapter}.html#{figure}" if figure else f"{chapter}.html")


def _word(verdict: str) -> Text:
    return text(f"verdict_{verdict.replace(' ', '_')}")


def verdict(claim: dict, questions: Questionnaire) -> Text:
    """Say the verdict on an evaluated claim in words, with its reasons."""
    reasons = tuple((key, {name: _answers(claim, value, questions) if name == "rival" else value
                           for name, value in values.items()}) for key, values in claim["reasons"])  # fmt: skip
    return join(": ", _word(claim["verdict"]), register.explain(reasons))


def _answers(claim: dict, rival: str, questions: Questionnaire) -> str:
    """Name a rival: a group by its condition, or an answer by its label."""
    if "=" in rival:
        return instrument.in_words(Condition.parse(rival), questions)
    return f"‘{questions[claim['question']][rival].label}’"


def exists(claim: dict) -> Text | None:
    """Say in words how many people a printed share can be; nothing of what isn't one."""
    how, numbers = register.possible(claim)
    if not how:
        return None
    span = f"{numbers[0]}..{numbers[-1]}" if len(numbers) > 1 else "".join(map(str, numbers))
    return in_all(lambda voice: voice.say(f"exists_{how.replace(' ', '_')}", n=voice.numerals(span)))


def _printed(claim: dict) -> Cell:
    """What is printed; of what is said in words, which numbers they allow if that is laid down."""
    if claim["printed"]:
        return number(claim, claim["printed"])
    if claim["kind"] != "share" or not claim["against"]:
        return text("audit_words")
    limits = {"at_least": "0", "below": "100"} | quantities.bounds(claim["against"])
    span = f"{limits.get('above', limits['at_least'])}..{limits['below']}"
    return in_all(lambda voice: voice.say("audit_words_allow", allowed=voice.numerals(span) + "%"))


def number(claim: dict, written: str) -> Cell:
    """Make a value of a number as it is written, or of two set against each other, in the unit of a claim."""
    if not written:
        return Absent("not_calculable")
    if written[0] == "<":
        return Several(("< ", number(claim | {"options": ""}, written[1:])), "")
    first, _, second = written.partition(" and ")
    if second:
        return Phrase("against", (("first", number(claim, first)), ("second", number(claim, second))))
    if claim["kind"] == "test" and claim["options"] == "p":
        return Value("p", float(written), release="released")
    percent = claim["kind"] in ("share", "majority") or (claim["kind"] == "rank" and claim["options"])
    if not re.fullmatch(r"-?\d+(\.\d+)?", written):
        return in_all(lambda voice: voice.numerals(written) + "%" * bool(percent))
    found, decimals = float(written), places(written)
    if percent:
        return Value("share", found / 100, "share", decimals=decimals, release="released")
    kind = "count" if claim["kind"] == "count" else "mean"
    return Value(kind, found, decimals=decimals, release="released")


def download(found: pd.DataFrame, wave: str | Path) -> Download:
    """Offer the whole audit as a CSV inside the page: the file that the command writes, byte for byte."""
    content = audit.as_csv(found, datasets.questions(wave, "en"))
    return Download("audit.csv", content, text("audit_download", size=round(len(content) / 1000)))


def majorities(listed: pd.DataFrame, responses: pd.DataFrame, questions: Questionnaire) -> Table:
    """Hold each thing that is called a majority against half: share, interval, and whether that lies above it."""
    rows = []
    called = listed[listed["kind"].eq("majority") & listed["question"].ne("")]
    for claim in called.drop_duplicates(["question", "statement", "options", "among"]).to_dict("records"):
        question = questions[claim["question"]]
        people = responses[Condition.parse(claim["among"]).holds(responses, questions)]
        found = estimates.share(people, question, claim["options"], claim["statement"])
        share = share_of(found.frame.iloc[0].to_dict())
        outcome = guards.majority(people, questions, f"{question.column(claim['statement'])}={claim['options']}")
        said = Noted(share, (out_of(share),))
        rows.append(Row(kept(claim, "about"), (said, share.interval, text(f"majority_{outcome.state}"))))
    columns = tuple(text(key) for key in ("audit_claim", "share", "interval", "majority_clear"))
    return Table(text("majority_table"), columns, (Block(tuple(rows)),), "words", narrow=True)


def sums(found: pd.DataFrame) -> Table:
    """Set the shares that no number of people gives as a table, with the totals that are left for them."""
    rows = []
    for claim in found.to_dict("records"):
        how, numbers = register.possible(claim)
        if how in ("", ATTAINABLE):
            continue
        base, decimals = int(claim["base"]), places(claim["printed"])
        left = tuple(of_things(n, "people") for n in numbers)  # by print alone
        shares = tuple(of_things(n / base, "share", decimals, "share") for n in numbers)
        totals = [Several(values, "; ") if values else Absent("not_calculable") for values in (left, shares)]
        printed = number(claim, claim["printed"])
        rows.append(Row(kept(claim, "about"), (printed, of_things(base, "people"), *totals)))
    return _narrow(text("audit_sums"), ("claim", "printed", "base", "total", "total_share"), rows)


def power(row: Mapping) -> Value:
    """Say how much the test of printed shares can notice, of a row of `powers`: print alone decides that."""
    return of_things(float(row["power"]), "share", 1, "share")


def power_table(table: pd.DataFrame) -> Table:
    """Set `powers` as a table."""
    rows = []
    for row in table.to_dict("records"):
        counts = [of_things(int(row[column])) for column in ("decimals", "shares", "impossible")]
        rows.append(Row(of_things(int(row["base"]), "people"), (*counts, power(row))))
    return _narrow(text("audit_powers"), ("base", "decimals", "shares", "impossible", "power"), rows)


def contradictions(checks: pd.DataFrame, claims: pd.DataFrame, questions: Questionnaire) -> Table:
    """Set the joint checks in which claims contradict each other: about what, which check, what was found.

    And which claims are marked as not holding there; where none is, which claims take part.
    """
    by_code, rows = claims.set_index("claim"), []
    for check in checks[~checks["agree"].astype(bool)].to_dict("records"):
        marked = [code for code in check["claims"] if by_code.at[code, "holds"] == "no"]
        links = Several(tuple(Link(code, f"#claim-{code}") for code in marked or check["claims"]))
        cells = (text(f"check_{check['check']}"), register.explain(check["reasons"]), links)
        rows.append(Row(_subject(check, by_code, questions), cells))
    return _narrow(text("audit_contradictions"), ("subject", "check", "found", "claims"), rows)


def _subject(check: dict, claims: pd.DataFrame, questions: Questionnaire) -> Text:
    """Say which number a joint check is about: the claim in words, or question and answers."""
    if check["check"] in ("majority", "order"):
        return kept(claims.loc[check["claims"][0]], "about")
    if check["key"] is None:
        return text("flow_title")
    code, statement, options, among = check["key"]
    question = questions[code]
    what = next((s.label for s in question.statements if s.code == statement), question.label)
    labels = [f"‘{question[option].label}’" for option in options]
    group = instrument.in_words(Condition.parse(among), questions)
    return in_all(lambda voice: f"{what}: {voice.listing(labels)}" + (f" ({group})" if group else ""))
