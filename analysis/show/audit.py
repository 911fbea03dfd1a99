"""The audit: every claim of a report held against a wave and against the others, told and listed.

`run` is the command. The rest sets the same findings as a CSV and as the tables of a page.
"""

import base64
from html import escape
from pathlib import Path

import pandas as pd

from analysis import words as lang
from analysis.report import audit
from analysis.report import claims as register
from analysis.report.claims import ATTAINABLE, VERDICTS
from analysis.show import tables
from analysis.stats import estimates, guards
from analysis.survey import datasets
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Condition, Questionnaire

# --- the page --------------------------------------------------------------------------------


def in_words(counts: pd.DataFrame, language: str) -> pd.DataFrame:
    """Name the rows and columns of `tally` in words."""
    kinds = {kind: lang.say(f"claims_{kind}", language) for kind in counts.index}
    verdicts = {verdict: _word(verdict, language) for verdict in counts.columns}
    return counts.rename(index=kinds, columns=verdicts).rename_axis(lang.say("audit_kind", language))


def table(found: pd.DataFrame, questions: Questionnaire) -> str:
    """Print all evaluated claims as one table that can be searched, a row each.

    Above it stands a form, hidden until `_static/filter.js` makes it work; without it the
    table is whole.
    """
    language = questions.language
    rows = [_row(claim, questions) for claim in found.to_dict("records")]
    caption = lang.say("audit_caption", language, count=lang.number(len(found), language))
    keys = ("claim", "printed", "recomputed", "base", "verdict", "exists")
    signs = tables.legend([lang.sign(reason, language) for reason in ("not_applicable", "not_calculable")])
    return f"{_form(language)}\n{tables.stacked(_names(keys, language), rows, caption, 'audit')}\n{signs}"


def _names(keys: tuple[str, ...], language: str) -> list[str]:
    return [lang.say(f"audit_{key}", language) for key in keys]


def _form(language: str) -> str:
    """The search field, the choice of a verdict, and the line that says how many rows are shown."""
    options = "".join(f'<option value="{v}">{escape(_word(v, language))}</option>' for v in VERDICTS)
    shown = lang.say("audit_shown", language, shown="{shown}", all="{all}")
    return (
        f'<form class="filter" role="search" data-table="audit" data-shown="{escape(shown)}" hidden>\n'
        f'<p><label for="audit-text">{escape(lang.say("audit_search", language))}</label> '
        f'<input id="audit-text" name="text" type="search" autocomplete="off" aria-controls="audit"></p>\n'
        f'<p><label for="audit-verdict">{escape(lang.say("audit_verdict", language))}</label> '
        f'<select id="audit-verdict" name="choice" aria-controls="audit">'
        f'<option value="">{escape(lang.say("audit_any", language))}</option>{options}</select></p>\n'
        f'<p role="status"></p></form>'
    )


def _row(claim: dict, questions: Questionnaire) -> tuple[str, list[str], str]:
    """A claim as a row: what it says and where, its cells, and what the search goes by."""
    language = questions.language
    where = f"{claim['claim']} · {claim[f'place_{language}']}"
    figure = lang.say("figure", language, number=claim["figure"]).lower()
    if claim["figure"] and figure not in where:
        where += f", {figure}"
    base = lang.number(int(claim["base"]), language) if claim["base"] else lang.sign("not_applicable", language)
    recomputed = _value(claim, claim["recomputed"], language)
    if claim["recomputed"] and claim["origin"] == "assumed":
        recomputed += f" ({lang.say('assumed', language)})"
    cells = [_printed(claim, language), recomputed, base]
    cells = [tables.spell(text) for text in (*cells, verdict(claim, questions), exists(claim, language))]
    place = " · ".join(filter(None, (escape(where), _link(claim["book"], language))))
    header = f"{escape(claim[f'about_{language}'])}<br><small>{place}</small>"
    attributes = f' id="claim-{escape(claim["claim"])}" data-choice="{claim["verdict"]}"'
    return header, cells, attributes


def _link(place: str, language: str) -> str:
    """Lead to a chapter, or a figure in it; blank where the book doesn't have it."""
    chapter, _, figure = place.partition("#")
    if not chapter:
        return ""
    words = lang.say("audit_to_figure" if figure else "audit_to_chapter", language)
    return f'<a href="{escape(f"{chapter}.html#{figure}" if figure else f"{chapter}.html")}">{escape(words)}</a>'


def _word(verdict: str, language: str) -> str:
    return lang.say(f"verdict_{verdict.replace(' ', '_')}", language)


def verdict(claim: dict, questions: Questionnaire) -> str:
    """Say the verdict on an evaluated claim in words, with its reasons."""
    reasons = tuple((key, {name: _answers(claim, value, questions) if name == "rival" else value
                           for name, value in values.items()}) for key, values in claim["reasons"])  # fmt: skip
    said = register.explain(reasons, questions.language)
    return _word(claim["verdict"], questions.language) + (f": {said}" if said else "")


def _answers(claim: dict, text: str, questions: Questionnaire) -> str:
    """Name a rival: a group by its condition, or an answer by its label."""
    if "=" in text:
        return instrument.in_words(Condition.parse(text), questions)
    return f"‘{questions[claim['question']][text].label}’"


def exists(claim: dict, language: str) -> str:
    """Say in words how many people a printed share can be, a sign for what isn't one."""
    how, numbers = register.possible(claim)
    if not how:
        return lang.sign("not_applicable", language)
    span = lang.numerals(f"{numbers[0]}..{numbers[-1]}" if len(numbers) > 1 else "".join(map(str, numbers)), language)
    return lang.say(f"exists_{how.replace(' ', '_')}", language, n=span)


def _printed(claim: dict, language: str) -> str:
    """Write what is printed; of what is said in words, which numbers they allow if that is laid down."""
    if claim["printed"]:
        return _value(claim, claim["printed"], language)
    if claim["kind"] != "share" or not claim["against"]:
        return lang.say("audit_words", language)
    return lang.say("audit_words_allow", language, allowed=lang.numerals(claim["against"], language) + "%")


def _value(claim: dict, text: str, language: str) -> str:
    """Write a number, or two set against each other, in the unit of a claim."""
    if not text:
        return lang.sign("not_calculable", language)
    if text[0] == "<":
        return f"< {lang.numerals(text[1:], language)}"
    if claim["kind"] == "test" and claim["options"] == "p":
        return lang.p_value(float(text), language)
    percent = claim["kind"] in ("share", "majority") or (claim["kind"] == "rank" and claim["options"])
    numbers = [lang.numerals(number, language) + "%" * bool(percent) for number in text.split(" and ")]
    return lang.say("against", language, first=numbers[0], second=numbers[1]) if len(numbers) > 1 else numbers[0]


def download(found: pd.DataFrame, wave: str | Path, language: str) -> str:
    """Offer the whole audit as a CSV inside the page: the file that the command writes, byte for byte."""
    content = audit.as_csv(found, datasets.questions(wave, "en"))
    size = lang.number(len(content) / 1000, language)
    words = escape(lang.say("audit_download", language, size=size))
    data = base64.b64encode(content).decode("ascii")
    return f'<p><a download="audit.csv" href="data:text/csv;charset=utf-8;base64,{data}">{words}</a></p>'


def majorities(listed: pd.DataFrame, responses: pd.DataFrame, questions: Questionnaire) -> str:
    """Hold each thing that is called a majority against half: share, interval, and whether that lies above it."""
    language, rows = questions.language, []
    called = listed[listed["kind"].eq("majority") & listed["question"].ne("")]
    for claim in called.drop_duplicates(["question", "statement", "options", "among"]).to_dict("records"):
        question = questions[claim["question"]]
        people = responses[Condition.parse(claim["among"]).holds(responses, questions)]
        found = estimates.share(people, question, claim["options"], claim["statement"]).iloc[0]
        outcome = guards.majority(people, questions, f"{question.column(claim['statement'])}={claim['options']}")
        cells = [f"{lang.percent(found['share'], language)} ({lang.number(found['n'], language)} "
                 f"{lang.say('of', language)} {lang.number(found['base'], language)})",
                 lang.interval(found["low"], found["high"], language),
                 lang.say(f"majority_{outcome.state}", language)]  # fmt: skip
        if found["origin"] == "assumed":
            cells[0] += f" ({lang.say('assumed', language)})"
        rows.append((escape(claim[f"about_{language}"]), [escape(cell) for cell in cells], ""))
    names = _names(("claim",), language) + [lang.say(key, language) for key in ("share", "interval", "majority_clear")]
    return tables.stacked(names, rows, lang.say("majority_table", language))


def sums(found: pd.DataFrame, language: str) -> str:
    """Print the shares that no number of people gives, with the totals that are left for them."""
    rows = []
    for claim in found.to_dict("records"):
        how, numbers = register.possible(claim)
        if how in ("", ATTAINABLE):
            continue
        base = int(claim["base"])
        shares = [lang.percent(n / base, language, register.decimals(claim["printed"])) for n in numbers]
        left = [lang.number(n, language) for n in numbers]
        absent = tables.spell(lang.sign("not_calculable", language))
        cells = [_value(claim, claim["printed"], language), lang.number(base, language)]
        cells += ["; ".join(left) or absent, "; ".join(shares) or absent]
        rows.append((escape(claim[f"about_{language}"]), cells, ""))
    names = _names(("claim", "printed", "base", "total", "total_share"), language)
    return tables.stacked(names, rows, lang.say("audit_sums", language))


def power_table(table: pd.DataFrame, language: str) -> str:
    """Print `powers`."""
    rows = []
    for row in table.to_dict("records"):
        cells = [lang.number(row[c], language) for c in ("decimals", "shares", "impossible")]
        cells.append(lang.percent(float(row["power"]), language))
        rows.append((lang.number(row["base"], language), cells, ""))
    names = _names(("base", "decimals", "shares", "impossible", "power"), language)
    return tables.stacked(names, rows, lang.say("audit_powers", language))


def contradictions(checks: pd.DataFrame, claims: pd.DataFrame, questions: Questionnaire) -> str:
    """Print the joint checks in which claims contradict each other: about what, which check, what was found.

    And which claims are marked as not holding there; where none is, which claims take part.
    """
    language, by_code, rows = questions.language, claims.set_index("claim"), []
    for check in checks[~checks["agree"].astype(bool)].to_dict("records"):
        marked = [code for code in check["claims"] if by_code.at[code, "holds"] == "no"]
        cells = [lang.say(f"check_{check['check']}", language), register.explain(check["reasons"], language)]
        links = ", ".join(f'<a href="#claim-{escape(c)}">{escape(c)}</a>' for c in marked or check["claims"])
        subject = escape(_subject(check, by_code, questions))
        rows.append((subject, [*(escape(text) for text in cells), links], ""))
    names = _names(("subject", "check", "found", "claims"), language)
    return tables.stacked(names, rows, lang.say("audit_contradictions", language))


def _subject(check: dict, claims: pd.DataFrame, questions: Questionnaire) -> str:
    """Say which number a joint check is about: the claim in words, or question and answers."""
    if check["check"] in ("majority", "order"):
        return claims.at[check["claims"][0], f"about_{questions.language}"]
    if check["key"] is None:
        return lang.say("flow_title", questions.language)
    code, statement, options, among = check["key"]
    question = questions[code]
    what = next((s.label for s in question.statements if s.code == statement), question.label)
    labels = lang.listing([f"‘{question[option].label}’" for option in options], questions.language)
    group = instrument.in_words(Condition.parse(among), questions)
    return f"{what}: {labels}" + (f" ({group})" if group else "")
