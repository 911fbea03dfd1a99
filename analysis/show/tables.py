"""Turn estimates into an HTML table that a screen reader can follow; computes nothing.

Every table has a caption, scoped headers, the base of every row, and on an invented wave
the origin of every row in words. Signs of the list (`language.SIGNS`) are explained below it.
"""

from html import escape

import pandas as pd

from analysis import words as lang
from analysis.show import marks
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Condition, Questionnaire


def shares(estimates: pd.DataFrame, language: str, caption: str) -> str:
    """Set the shares of one question as a table, a block of rows per statement and group."""
    blocks = [block for _, block in estimates.groupby(["statement", "group"], sort=False)]
    several = len(blocks) > 1 or blocks[0]["group"].ne("").any()
    one_answer = several and all(len(block) == 1 for block in blocks)
    stub = "group" if one_answer and estimates["group"].ne("").all() else "statement" if one_answer else "answer"
    head = [stub, "n", "base", "share", "interval"]
    bodies = []
    for block in blocks:
        title = " · ".join(filter(None, (block["statement_label"].iloc[0], block["group_label"].iloc[0])))
        rows = []
        for row, share in zip(block.to_dict("records"), marks.percents(block, language), strict=True):
            cells = [
                lang.number(row["n"], language),
                lang.number(row["base"], language),
                share,
                lang.interval(row["low"], row["high"], language, absent="nobody"),
            ]
            rows.append((title if one_answer else row["label"], cells, row["origin"]))
        bodies.append(("" if one_answer or not several else title, rows))
    return _table(head, bodies, language, caption)


def statements(estimates: pd.DataFrame, totals: pd.DataFrame, row: str, language: str, caption: str) -> str:
    """Set statements on one scale as a wide table: a row each, a column an answer, in the order given.

    `row` is the column that names the rows, statement or group. Every cell holds a share,
    its count and on an invented wave its origin; both `totals` hold their interval as well.
    """
    answers = estimates.drop_duplicates("answer").sort_values("score", kind="stable", na_position="last")
    sides = [side for side in ("disagree", "agree") if totals["side"].eq(side).any()]
    names = [lang.say(row, language), *answers["label"]]
    names += [lang.say("together", language, side=lang.say(side, language)) for side in sides]
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in [*names, lang.say("base", language)])
    lines, signs = [], []
    for code, block in estimates.groupby(row, sort=False):
        given = block.set_index("answer").loc[answers["answer"]]
        added = totals[totals[row].eq(code)].set_index("side").loc[sides]
        shares = [marks.percents(part, language) for part in (given, added)]
        signs += [*shares[0], *shares[1]]
        cells = [_cell(*cell, language) for cell in zip(given.to_dict("records"), shares[0], strict=True)]
        cells += [_cell(*cell, language, True) for cell in zip(added.to_dict("records"), shares[1], strict=True)]
        cells.append(f"<td>{lang.number(block['base'].iloc[0], language)}</td>")
        lines.append(f'<tr><th scope="row">{escape(block[f"{row}_label"].iloc[0])}</th>{"".join(cells)}</tr>')
    told = lang.say("cells_hold_origin" if estimates["origin"].ne("").any() else "cells_hold", language)
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">\n'
        f'<p>{escape(told)}.</p>\n<table class="estimates statements"><caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n" + "\n".join(lines) + f"\n</tbody>\n</table>{legend(signs)}</div>"
    )


def _cell(row: dict, share: str, language: str, with_interval: bool = False) -> str:
    """Write a cell of `statements`: a share over its count, its interval if wanted, and its origin."""
    below = [lang.number(row["n"], language)]
    below += [lang.interval(row["low"], row["high"], language, absent="nobody")] if with_interval else []
    below += [lang.say(row["origin"], language)] if row["origin"] else []
    mark = f' class="{row["origin"]}"' if row["origin"] else ""
    small = "".join(f"<br><small>{escape(text)}</small>" for text in below)
    return f"<td{mark}>{spell(share)}{small}</td>"


def means(estimates: pd.DataFrame, language: str, caption: str) -> str:
    """Set means by group as a table, in the question's own unit, to one decimal."""
    rows = []
    for row in estimates.to_dict("records"):
        absent = "not_calculable" if row["base"] else "nobody"
        cells = [lang.number(row["base"], language)]
        cells += [lang.number(row[c], language, 1, absent) for c in ("mean", "sd")]
        cells.append(lang.interval(row["low"], row["high"], language, percentage=False, absent=absent))
        rows.append((row["group_label"] or lang.say("everyone", language), cells, row["origin"]))
    return _table(["group", "base", "mean", "sd", "interval"], [("", rows)], language, caption)


def comparisons(results: pd.DataFrame, language: str, caption: str, titles: list[str]) -> str:
    """Set comparisons as an upright table, a column each under its title: size and interval before p."""
    columns = []
    for row in results.to_dict("records"):
        scale, decimals = (100, 1) if row["measure"] == "difference" else (1, 2)
        size = lang.number(scale * row["size"], language, decimals)
        none = "not_applicable" if row["test"].startswith("fisher") else "not_calculable"
        column = [
            lang.number(row["base"], language),
            lang.say(row["measure"], language, size=size),
            lang.interval(scale * row["low"], scale * row["high"], language, decimals, percentage=False),
            lang.say(row["test"], language),
            lang.number(row["statistic"], language, 2, none),
            lang.number(row["df"], language, 0 if float(row["df"]).is_integer() else 1, none),
            lang.p_value(row["p"], language),
        ]
        column += [lang.p_value(row["p_holm"], language)] if "p_holm" in row else []
        columns.append(column)
    keys = ["base", "size", "interval", "test", "statistic", "df", "p", "p_holm"]
    rows = [
        (lang.say(key, language), list(cells), "") for key, cells in zip(keys, zip(*columns, strict=True), strict=False)
    ]
    if results["origin"].ne("").any():
        origins = [lang.say(origin, language) if origin else "" for origin in results["origin"]]
        mark = "assumed" if results["origin"].eq("assumed").all() else ""
        rows.append((lang.say("origin", language), origins, mark))
    return write([lang.say("comparison", language), *titles], [("", rows)], caption, "estimates tests")


def model(terms: pd.DataFrame, language: str, caption: str) -> str:
    """Set the terms of a logistic regression as a table, a block a question."""
    bodies = []
    for _, block in terms.groupby("by", sort=False):
        rows = []
        for row in block.to_dict("records"):
            cells = [lang.number(row["n"], language), lang.number(row["base"], language)]
            cells.append(lang.number(row["odds_ratio"], language, 2))
            none = "not_applicable"
            cells.append(lang.interval(row["low"], row["high"], language, 2, percentage=False, absent=none))
            cells.append(lang.p_value(row["p"], language, none))
            cells.append(lang.number(100 * row["effect"], language, 1, none))
            bounds = (100 * row["effect_low"], 100 * row["effect_high"])
            cells.append(lang.interval(*bounds, language, percentage=False, absent=none))
            rows.append((row["title"], cells, row["origin"]))
        bodies.append(("", rows))
    head = ["group", "n", "base", "odds_ratio", "interval", "p", "effect", "interval"]
    return _table(head, bodies, language, caption)


def checks(results: pd.DataFrame, language: str) -> str:
    """Set the checks of a model as a table: what it says, degrees of freedom and p where it has them."""
    rows = []
    for row in results.to_dict("records"):
        whole = row["check"] in ("left_out_model",)
        cells = [lang.number(row["value"], language, 0 if whole else 2)]
        cells.append(lang.number(row["df"], language, absent="not_applicable"))
        cells.append(lang.p_value(row["p"], language, "not_applicable"))
        rows.append((lang.say(row["check"], language), cells, row["origin"]))
    return _table(["check", "value", "df", "p"], [("", rows)], language, lang.say("model_checks", language))


def counts(numbers: pd.DataFrame, language: str, caption: str) -> str:
    """Set whole numbers as a table with a total a row; the index, its name and the columns are words."""
    rows = [(name, [lang.number(n, language) for n in (*row, row.sum())], "") for name, row in numbers.iterrows()]
    names = [numbers.index.name, *numbers.columns, lang.say("total", language)]
    return write(names, [("", rows)], caption)


def routing(findings: pd.DataFrame, questionnaire: Questionnaire) -> str:
    """Set what `compare_routing` found as a table: a question, and what its printed jump does."""
    language = questionnaire.language
    rows = []
    for row in findings.to_dict("records"):
        question = questionnaire[row["question"]]
        when = instrument.in_words(Condition.parse(row["when"]), questionnaire)
        rows.append((f"{question.number}. {question.label}", [lang.say(row["finding"], language, when=when)], ""))
    names = [lang.say(key, language) for key in ("question_short", "printed_jump")]
    return write(names, [("", rows)], lang.say("routing_findings", language), kind="words")


def origins(counts: pd.DataFrame, questionnaire: Questionnaire) -> str:
    """Set `reconstruction.count_origins` as a table: a question, and its answers by origin."""
    language = questionnaire.language
    rows = []
    for code, row in counts.iterrows():
        question = questionnaire[code]
        rows.append((f"{question.number}. {question.label}", [lang.number(n, language) for n in row], ""))
    names = [lang.say("question_short", language), *(lang.say(origin, language) for origin in counts.columns)]
    return write(names, [("", rows)], lang.say("origins_title", language))


def readings(results: pd.DataFrame, questionnaire: Questionnaire) -> str:
    """Set `reconstruction.compare_readings` as a table: a reading of the test in each row."""
    language = questionnaire.language
    rows = []
    for row in results.to_dict("records"):
        cells = [lang.number(row["base"], language)]
        cells += [lang.number(row[c], language, 1) for c in ("mean_first", "mean_second", "sd_first", "sd_second")]
        cells += [lang.number(row["t"], language, 2), lang.number(row["df"], language)]
        rows.append((lang.say(row["reading"], language), cells, "assumed"))
    head = ["test", "base", "mean_first", "mean_second", "sd_first", "sd_second", "t", "df"]
    return _table(head, [("", rows)], language, lang.say("readings_title", language))


def _table(head: list[str], bodies, language: str, caption: str) -> str:
    """Name the columns, and add each row's origin in words where the wave is invented."""
    names = [lang.say(key, language) for key in head]
    if any(origin for _, rows in bodies for *_, origin in rows):
        names.append(lang.say("origin", language))
        bodies = [
            (
                title,
                [
                    (stub, [*cells, lang.say(origin, language) if origin else ""], origin)
                    for stub, cells, origin in rows
                ],
            )
            for title, rows in bodies
        ]
    return write(names, bodies, caption)


def write(names: list[str], bodies, caption: str, kind: str = "estimates") -> str:
    """Write the table: `bodies` is a list of (title, rows), a row is (stub, cells, origin); `kind` is its style."""
    lines = [f'<div class="table-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">']
    lines.append(f'<table class="{kind}"><caption>{escape(caption)}</caption>')
    lines.append("<thead><tr>" + "".join(f'<th scope="col">{escape(n)}</th>' for n in names) + "</tr></thead>")
    for title, rows in bodies:
        lines.append("<tbody>")
        if title:
            lines.append(f'<tr><th scope="rowgroup" colspan="{len(names)}">{escape(title)}</th></tr>')
        for stub, cells, origin in rows:
            mark = f' class="{origin}"' if origin else ""
            values = "".join(f"<td>{spell(cell)}</td>" for cell in cells)
            lines.append(f'<tr{mark}><th scope="row">{escape(stub)}</th>{values}</tr>')
        lines.append("</tbody>")
    signs = [cell for _, rows in bodies for _, cells, _ in rows for cell in cells]
    lines.append(f"</table>{legend(signs)}</div>")
    return "\n".join(lines)


def spell(cell: str) -> str:
    """Write the text of a cell; a sign is read aloud as its words."""
    if not isinstance(cell, lang.Sign):
        return escape(cell)
    return (
        f'{escape(cell.value)} <span class="sign" aria-hidden="true">{escape(cell.sign)}</span>'
        f'<span class="visually-hidden">{escape(cell.words)}</span>'
    ).lstrip()


def legend(cells: list[str]) -> str:
    """Explain the signs among the cells of a table, each once; nothing where there are none."""
    signs = {cell.sign: cell.words for cell in cells if isinstance(cell, lang.Sign)}
    return (
        f'<p class="signs">{escape("; ".join(f"{sign} {words}" for sign, words in signs.items()))}</p>' if signs else ""
    )


def stacked(names: list[str], rows: list[tuple[str, list[str], str]], caption: str, identity: str = "") -> str:
    """Write a table whose rows become blocks on a narrow screen, where each cell is named.

    A row is (header, cells, attributes), all three HTML already. Roles are written out, for
    a changed layout may take them from a table.
    """
    heads = "".join(f'<th scope="col" role="columnheader">{escape(name)}</th>' for name in names)
    lines = []
    for header, cells, attributes in rows:
        named = zip(names[1:], cells, strict=True)
        values = "".join(f'<td role="cell" data-label="{escape(name)}">{cell}</td>' for name, cell in named)
        lines.append(f'<tr role="row"{attributes}><th scope="row" role="rowheader">{header}</th>{values}</tr>')
    called = f' id="{escape(identity)}"' if identity else ""
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">\n'
        f'<table class="words stacked"{called} role="table"><caption>{escape(caption)}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">\n'
        + "\n".join(lines)
        + "\n</tbody></table></div>"
    )
