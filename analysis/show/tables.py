"""Turn estimates into tables, as values of `show.parts`; computes nothing.

Every table has a caption, the base of every row, and on an invented wave the origin of every
row in words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.show import saying
from analysis.show.parts import Absent, Block, Cell, Phrase, Row, Several, Stacked, Table
from analysis.stats.bounds import value_of
from analysis.stats.estimates import mean_of, share_of
from analysis.stats.models import people_of, ratio_of
from analysis.stats.release import of_things
from analysis.stats.value import Value
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import Condition, Questionnaire
from analysis.words import Text, listing, text


def shares(estimates: pd.DataFrame, caption: Text | str) -> Table:
    """Set the shares of one question as a table, a block of rows per statement and group."""
    blocks = [block for _, block in estimates.groupby(["statement", "group"], sort=False)]
    several = len(blocks) > 1 or blocks[0]["group"].ne("").any()
    one_answer = several and all(len(block) == 1 for block in blocks)
    stub = "group" if one_answer and estimates["group"].ne("").all() else "statement" if one_answer else "answer"
    made, in_steps = [], "state" in estimates  # where counts of people are held back
    for block in blocks:
        title = " · ".join(filter(None, (block["statement_label"].iloc[0], block["group_label"].iloc[0])))
        rows = []
        for row in block.to_dict("records"):
            share = share_of(row)
            head = title if one_answer else row["label"]
            counts = () if in_steps else (share.count,)
            rows.append(Row(head, (*counts, share.base, share, share.interval), row["origin"]))
        made.append(Block(tuple(rows), "" if one_answer or not several else title))
    names = _names(stub, *(() if in_steps else ("n",)), "base", "share", "interval")
    return _with_origin(Table(caption, names, tuple(made)))


def statements(estimates: pd.DataFrame, totals: pd.DataFrame, row: str, caption: Text | str) -> Table:
    """Set statements on one scale as a wide table: a row each, a column an answer, in the order given.

    `row` is the column that names the rows, statement or group. Every cell holds a share,
    its count and on an invented wave its origin; both `totals` hold their interval as well.
    """
    answers = estimates.drop_duplicates("answer").sort_values("score", kind="stable", na_position="last")
    sides = [side for side in ("disagree", "agree") if totals["side"].eq(side).any()]
    rows = []
    for code, block in estimates.groupby(row, sort=False):
        given = block.set_index("answer").loc[answers["answer"]].to_dict("records")
        added = totals[totals[row].eq(code)].set_index("side").loc[sides].to_dict("records")
        cells = [_share_over_count(share_of(cell)) for cell in given]
        cells += [_share_over_count(share_of(cell), with_interval=True) for cell in added]
        rows.append(Row(block[f"{row}_label"].iloc[0], (*cells, share_of(given[0]).base)))
    names = (text(row), *answers["label"], *(text("together", side=text(side)) for side in sides), text("base"))
    held = "cells_hold_shares" if "state" in estimates else "cells_hold"
    note = text("cells_hold_origin" if estimates["origin"].ne("").any() and "state" not in estimates else held)
    note = Text(**{language: f"{said}." for language, said in note.items()})
    return Table(caption, names, (Block(tuple(rows)),), "estimates statements", note=note)


def _share_over_count(share: Value, with_interval: bool = False) -> Stacked:
    """A cell of `statements`: a share over its count, its interval if wanted, and its origin."""
    below: list[Cell] = [] if share.near or share.step or share.release == "hidden" else [share.count]
    below += [share.interval] if with_interval and share.known or with_interval and not share.release else []
    return Stacked((share, *below, *([text(share.origin)] if share.origin else [])))


def means(estimates: pd.DataFrame, caption: Text | str) -> Table:
    """Set means by group as a table, in the question's own unit, to one decimal."""
    rows = []
    for row in estimates.to_dict("records"):
        mean = mean_of(row)
        spread = _number(row["sd"], 1, mean.absent, mean.release)
        cells = (mean.base, mean, spread, mean.interval)
        rows.append(Row(row["group_label"] or text("everyone"), cells, row["origin"]))
    return _with_origin(Table(caption, _names("group", "base", "mean", "sd", "interval"), (Block(tuple(rows)),)))


def comparisons(results: pd.DataFrame, caption: Text | str, titles: Sequence[Text | str]) -> Table:
    """Set comparisons as an upright table, a column each under its title: size and interval before p."""
    columns = []
    for row in results.to_dict("records"):
        difference = row["measure"] == "difference"
        size = Value(
            "difference" if difference else "effect", row["size"], "points" if difference else "",
            low=row["low"], high=row["high"], origin=row["origin"], **_state(row),
        )  # fmt: skip
        none = "not_applicable" if row["test"].startswith("fisher") else "not_calculable"
        decimals, release = 0 if float(row["df"]).is_integer() else 1, row.get("release", "")
        column: list[Cell] = [
            people_of(row), Phrase(row["measure"], (("size", size),)), size.interval,
            text(row["test"]), _number(row["statistic"], 2, none, release), _number(row["df"], decimals, none, release),
            Value("p", row["p"], **_state(row)),
        ]  # fmt: skip
        column += [Value("p", row["p_holm"], **_state(row))] if "p_holm" in row else []
        columns.append(column)
    keys = ["base", "size", "interval", "test", "statistic", "df", "p", "p_holm"]
    rows = [Row(text(key), cells) for key, cells in zip(keys, zip(*columns, strict=True), strict=False)]
    if results["origin"].ne("").any():
        origins = tuple(text(origin) if origin else "" for origin in results["origin"])
        rows.append(Row(text("origin"), origins))
    return Table(caption, (text("comparison"), *titles), (Block(tuple(rows)),), "estimates tests")


def model(terms: pd.DataFrame, caption: Text | str) -> Table:
    """Set the terms of a logistic regression as a table, a block a question."""
    blocks, in_steps = [], "release" in terms
    for _, block in terms.groupby("by", sort=False):
        rows = []
        for row in block.to_dict("records"):
            none = "not_applicable"
            ratio = ratio_of(row)
            state = _state(row) | {"absent": none}
            effect = Value("difference", row["effect"], "points", low=row["effect_low"], high=row["effect_high"],
                           **state)  # fmt: skip
            counts = () if in_steps else (Value("count", row["n"], "people"),)
            cells = (
                *counts, people_of(row), ratio, Absent(none) if math.isnan(row["low"]) else ratio.interval,
                Value("p", row["p"], **state), effect,
                Absent(none) if math.isnan(row["effect_low"]) else effect.interval,
            )  # fmt: skip
            rows.append(Row(row["title"], cells, row["origin"]))
        blocks.append(Block(tuple(rows)))
    names = _names("group", *(() if in_steps else ("n",)), "base", "odds_ratio", "interval", "p", "effect", "interval")
    return _with_origin(Table(caption, names, tuple(blocks)))


def checks(results: pd.DataFrame) -> Table:
    """Set the checks of a model as a table: what it says, degrees of freedom and p where it has them."""
    rows = []
    for row in results.to_dict("records"):
        state = _state(row) | {"absent": "not_applicable"}
        value = _number(row["value"], 0 if row["check"] == "left_out_model" else 2, release=state["release"])
        cells = (value, _number(row["df"], 0, "not_applicable", state["release"]), Value("p", row["p"], **state))
        rows.append(Row(text(row["check"]), cells, row["origin"]))
    return _with_origin(Table(text("model_checks"), _names("check", "value", "df", "p"), (Block(tuple(rows)),)))


def counts(numbers: pd.DataFrame, things: pd.DataFrame, caption: Text | str, head: Text | str) -> Table:
    """Set a tally of things as a table with a total a row; the index and the columns are words, `head` names the rows.

    The first row counts all `things`: ValueError where it doesn't, TypeError where they may be people.
    """
    if int(numbers.iloc[0].sum()) != int(saying.how_many(things)):
        raise ValueError(f"these numbers are no tally of the {len(things)} things that come with them")
    rows = [Row(name, tuple(of_things(int(n)) for n in (*row, row.sum()))) for name, row in numbers.iterrows()]
    return Table(caption, (head, *numbers.columns, text("total")), (Block(tuple(rows)),))


def ranges(rows: pd.DataFrame, caption: Text | str) -> Table:
    """Set what shares can be, as `bounds.ranges` has it, as a table: a row each, from the least to the most."""
    made = []
    for row in rows.to_dict("records"):
        value, whole = value_of(row), value_of(row, whole=True)
        same = (value.least, value.most) == (whole.least, whole.most)
        width = Value("difference", row["width"], "points", release="released")
        made.append(Row(row["label"], (value.range, width, text("range_same") if same else whole.range, value.base)))
    names = _names("answer", "range_all", "range_width", "range_whole", "base")
    return Table(caption, names, (Block(tuple(made)),))


def by_question(rows: pd.DataFrame, caption: Text | str, head: Text | str) -> Table:
    """Set answers, a row each with what it is `about` and its `label`, as a table: a row a question or statement."""
    made = [Row(about, (saying.how_many(part), ", ".join(part["label"])))
            for about, part in rows.groupby("about", sort=False)]  # fmt: skip
    return Table(caption, (head, *_names("how_many_answers", "which_answers")), (Block(tuple(made)),), "words")


def settling(rows: pd.DataFrame, caption: Text | str, head: Text | str) -> Table:
    """Set which answers settle each other, as `bounds.one_more` has it, as a table: a row a question or statement."""
    made = []
    for about, part in rows[rows["settles"].ne("")].groupby("about", sort=False):
        labels = part.set_index("answer")["label"]
        sets = [
            sorted({answer, *others.split("|")}) for answer, others in zip(labels.index, part["settles"], strict=True)
        ]
        told = dict.fromkeys(listing(labels[codes]) for codes in sets)
        made.append(Row(about, (Several(tuple(told), "; "),)))
    return Table(caption, (head, *_names("settle_each_other")), (Block(tuple(made)),), "words")


def routing(findings: pd.DataFrame, questionnaire: Questionnaire) -> Table:
    """Set what `compare_routing` found as a table: a question, and what its printed jump does."""
    rows = []
    for row in findings.to_dict("records"):
        question = questionnaire[row["question"]]
        when = instrument.in_words(Condition.parse(row["when"]), questionnaire)
        rows.append(Row(f"{question.number}. {question.label}", (text(row["finding"], when=when),)))
    return Table(text("routing_findings"), _names("question_short", "printed_jump"), (Block(tuple(rows)),), "words")


def origins(counts: pd.DataFrame, questionnaire: Questionnaire) -> Table:
    """Set `reconstruction.count_origins` as a table: a question, and its answers by origin."""
    rows = []
    for code, row in counts.iterrows():
        question = questionnaire[code]
        cells = tuple(Value("count", int(n), "answers") for n in row)
        rows.append(Row(f"{question.number}. {question.label}", cells))
    return Table(text("origins_title"), _names("question_short", *counts.columns), (Block(tuple(rows)),))


def readings(results: pd.DataFrame) -> Table:
    """Set `reconstruction.compare_readings` as a table: a reading of the test in each row."""
    rows = []
    for row in results.to_dict("records"):
        cells = tuple(Value("count", row[column], "people") for column in ("base", "missing"))
        rows.append(Row(text(row["reading"]), cells))
    return Table(text("readings_title"), _names("test", "base", "missing_numbers"), (Block(tuple(rows)),))


def _number(number: float, decimals: int = 0, absent: str = "not_calculable", release: str = "") -> Value:
    """A plain number as a value, written with so many decimals."""
    return Value("mean", number, decimals=decimals, absent=absent, release=release)


def _state(row: dict) -> dict[str, Any]:
    """Whether what stands in a row of results may leave, and why not, as slots of a value."""
    return {"release": row.get("release", ""), "absent": row.get("absent", "not_calculable")}


def _names(*keys: str) -> tuple[Text, ...]:
    return tuple(text(key) for key in keys)


def _with_origin(table: Table) -> Table:
    """Add each row's origin in words where the wave is invented."""
    if not any(row.origin for row in table.rows):
        return table
    blocks = []
    for block in table.blocks:
        rows = [replace(row, cells=(*row.cells, text(row.origin) if row.origin else "")) for row in block.rows]
        blocks.append(replace(block, rows=tuple(rows)))
    return replace(table, columns=(*table.columns, text("origin")), blocks=tuple(blocks))
