"""Print what is data: questionnaire, codebook, references, recommendations, errata.

Each of these is a table, kept by hand or made by cleaning. Here it becomes a listing with
headings, captions and scoped headers, in the language of the edition. Estimates come from
`analysis.stats`; nothing is counted here.
"""

from html import escape
from pathlib import Path

import pandas as pd

from analysis import words as lang
from analysis.show import exhibits, marks, tables
from analysis.survey import cleaning, waves
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Question, Questionnaire

# --- the instrument and the dataset ----------------------------------------------------------


def questionnaire(questions: Questionnaire) -> str:
    """Print the whole questionnaire: number, kind, who is asked, options, statements, jumps."""
    body = "\n".join(_question(question, questions) for question in questions)
    return f'<div class="listing">{body}</div>'


def _question(question: Question, questions: Questionnaire) -> str:
    language = questions.language
    title = f"{question.number}. {question.label}"
    facts = [lang.say(f"kind_{question.kind}", language), asked_of(question, questions)]
    if question.minimum is not None and question.maximum is not None:
        facts.append(lang.say("list_range", language, low=question.minimum, high=question.maximum))
    if question.printed_next:
        facts.append(_jump(question.printed_next, questions))
    parts = [f"<h3>{escape(title)}</h3>", f"<p>{escape(' · '.join(facts))}</p>"]
    if question.statements:
        rows = [(s.label, [s.code], "") for s in question.statements]
        parts.append(_listed(["statement", "list_code"], rows, "list_statements", title, language))
    if question.options:
        rows = [(a.label, [a.code, "; ".join(_remarks(a, questions))], "") for a in question.options]
        names = ["answer", "list_code", "list_remarks"]
        if not any(remark for _, (_, remark), _ in rows):
            names, rows = names[:2], [(label, cells[:1], "") for label, cells, _ in rows]
        caption = "list_scale" if question.statements else "list_answers"
        parts.append(_listed(names, rows, caption, title, language))
    if question.named:
        rows = [(a.label, [a.code], "") for a in question.named]
        parts.append(_listed(["answer", "list_code"], rows, "list_named", title, language))
    return "\n".join(parts)


def _remarks(answer, questions: Questionnaire) -> list[str]:
    language = questions.language
    remarks = [lang.say("list_text_field", language)] if answer.text else []
    remarks += [lang.say("list_exclusive", language)] if answer.exclusive else []
    return remarks + ([_jump(answer.printed_next, questions)] if answer.printed_next else [])


def _jump(target: str, questions: Questionnaire) -> str:
    language = questions.language
    numbers = {q.code: q.number for q in questions}
    if target in numbers:
        return lang.say("list_jump", language, number=numbers[target])
    return lang.say(f"list_jump_{target}", language)


def asked_of(question: Question, questions: Questionnaire) -> str:
    """Say who was asked a question."""
    who = instrument.in_words(question.asked_if, questions)
    language = questions.language
    return lang.say("asked_of", language, who=lang.say("asked_if", language, condition=who) if who
                    else lang.say("everyone", language))  # fmt: skip


def codebook(wave: str | Path, questions: Questionnaire) -> str:
    """Print the cleaned dataset's codebook: folded per question, every column, value and count."""
    language = questions.language
    label = waves.read_wave(wave)
    cleaning.prepare(label)
    book = pd.read_csv(label.clean / "codebook.csv", dtype=str, keep_default_na=False)
    parts = []
    for question in (*questions, *questions.derived):
        of_question = book["column"].eq(question.code) if question.source else book["question"].eq(question.code)
        rows = book[of_question & (book["kind"].eq("derived") == bool(question.source))]
        columns = list(dict.fromkeys(rows["column"]))
        bodies = []
        for column in columns:
            block = rows[rows["column"].eq(column)]
            what = block[f"label_{language}"].iloc[0]
            bodies.append((f"{column}: {what}", [_value(row, language) for row in block.to_dict("records")]))
        source = questions[question.source] if question.source else question
        number = lang.say("list_derived", language, number=source.number) if question.source else question.number
        title = f"{number}. {question.label}"
        names = [lang.say(key, language) for key in ("list_value", "list_meaning", "n")]
        count = lang.say("list_columns" if len(columns) > 1 else "list_column", language, count=len(columns))
        facts = f"{lang.say(f'kind_{source.kind}', language)} · {asked_of(question, questions)}"
        table = tables.write(names, bodies, lang.say("list_codebook", language, title=title), kind="words")
        parts.append(
            f'<details class="listing"><summary>{escape(title)} ({escape(count)})</summary>\n'
            f"<p>{escape(facts)}</p>\n{table}\n</details>"
        )
    return "\n".join(parts)


def _value(row: dict, language: str):
    """One value of a column: its code, its meaning, how many have it."""
    meaning = row[f"value_{language}"] or lang.words(language).get(f"value_{row['value']}", "")
    count = lang.number(int(row["n"]), language) if row["n"] else lang.sign("not_applicable", language)
    return row["value"], [meaning or lang.say("list_in_range", language), count], ""


def signs(language: str) -> str:
    """Print the list of signs: what each says, and when it stands in the place of a number or beside it."""
    rows = []
    for reason in lang.SIGNS:
        sign = lang.sign(reason, language)
        rows.append((f"{sign} {sign.words}", [lang.say(f"why_{reason}", language)], ""))
    names = [lang.say(key, language) for key in ("list_sign", "list_when")]
    return tables.write(names, [("", rows)], lang.say("list_signs", language), kind="words")


# --- lists kept by hand ------------------------------------------------------------------------


def references(listed: pd.DataFrame, language: str) -> str:
    """Print a bibliography: who, when, what kind of source, what it is."""
    rows = []
    for row in listed.to_dict("records"):
        kind = lang.say(f"reference_{row['kind']}", language)
        about = f"{kind[0].upper()}{kind[1:]}. {row[f'about_{language}']}"
        rows.append((f"{row['authors']} ({row['year']})", [about], ""))
    names = [lang.say(key, language) for key in ("list_source", "list_about")]
    return tables.write(names, [("", rows)], lang.say("list_references", language), kind="words")


def errata(listed: pd.DataFrame, language: str) -> str:
    """Print errata under their kinds: where, what it says, what turns out, how that was found.

    Each has an address, its number: `erratum-7`.
    """
    parts = []
    for kind, block in listed.groupby("kind", sort=False):
        parts.append(f'<h3 id="errata-{kind}">{escape(lang.say(f"erratum_{kind}", language))}</h3>')
        for row in block.to_dict("records"):
            facts = [(side, escape(row[f"{side}_{language}"])) for side in ("printed", "found")]
            facts.append(("how", escape(lang.say(f"evidence_{row['evidence']}", language))))
            codes = ", ".join(
                f'<a href="audit.html#claim-{escape(code)}"><code>{escape(code)}</code></a>'
                for code in row["claims"].split()
            )
            facts += [("claims", codes)] if codes else []
            told = "\n".join(f"<dt>{escape(lang.say(f'list_{name}', language))}</dt><dd>{text}</dd>"
                             for name, text in facts)  # fmt: skip
            address, title = f"erratum-{row['number']}", f"{row['number']}. {row[f'place_{language}']}"
            parts.append(
                f'<article class="erratum" id="{address}">\n<h4><a href="#{address}">{escape(title)}</a></h4>\n'
                f"<dl>\n{told}\n</dl></article>"
            )
    return f'<div class="listing">{chr(10).join(parts)}</div>'


def recommendations(listed: pd.DataFrame, found: pd.DataFrame, questions: Questionnaire) -> str:
    """Print recommendations, each with the evidence `found` for it and what that can't say.

    The evidence is a list under each question and who was asked it: share, answer, count and
    base, interval, and on an invented wave the origin in words.
    """
    language = questions.language
    parts = []
    for item in listed.to_dict("records"):
        title = f"{item['number']}. {item[f'label_{language}']}"
        parts.append(f"<h3>{escape(title)}</h3>\n<p>{escape(item[f'text_{language}'])}</p>")
        of_item = found[found["number"].eq(item["number"])]
        if len(of_item):
            parts.append(f"<p><b>{escape(lang.say('list_evidence', language))}</b></p>")
        for code, block in of_item.groupby("question", sort=False):
            asked = f"{questions[code].label} · {exhibits.asked_line(block, questions[code], questions)}"
            values = "".join(_evidence(row, language) for row in block.to_dict("records"))
            parts.append(f"<p>{escape(asked)}</p>\n<ul>{values}</ul>")
        parts.append(f"<p>{escape(item[f'remark_{language}'])}</p>")
    return f'<div class="listing">{chr(10).join(parts)}</div>'


def _evidence(row: dict, language: str) -> str:
    """One piece of evidence as an item of a list."""
    what = ": ".join(filter(None, (row["statement_label"], row["label"])))
    interval = f"{lang.say('interval', language)} {lang.interval(row['low'], row['high'], language)}"
    count = f"{lang.number(row['n'], language)} {lang.say('of', language)} {lang.number(row['base'], language)}"
    notes = [count, interval, *([lang.say(row["origin"], language)] if row["origin"] else [])]
    (share,) = marks.percents(pd.DataFrame([row]), language)
    if isinstance(share, lang.Sign):
        share, notes = share.value, [*notes, share.words]
    return f"<li><b>{escape(share)}</b> {escape(what)} ({escape('; '.join(notes))})</li>"


def _listed(names: list[str], rows: list[tuple], caption: str, title: str, language: str) -> str:
    words = [lang.say(name, language) for name in names]
    return tables.write(words, [("", rows)], lang.say(caption, language, title=title), kind="words")
