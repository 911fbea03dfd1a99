"""Set what was found beside the truth as tables, for the chapter that only waves to practise on have."""

import pandas as pd

from analysis.show import saying
from analysis.show.parts import Absent, Block, Cell, Row, Stacked, Table
from analysis.stats.estimates import label_of
from analysis.stats.truth import Item
from analysis.stats.value import Value
from analysis.survey.questionnaire import Questionnaire
from analysis.words import Text, join, text


def intervals(summed: pd.DataFrame, questions: Questionnaire) -> Table:
    """Set `truth.by_question` as a table: a row a question, how many of its intervals hold the true share."""
    rows = []
    for row in summed.to_dict("records"):
        question = questions[row["question"]]
        cells = (
            Value("count", int(row["intervals"]), "intervals"), Value("count", int(row["held"]), "intervals"),
            Value("share", row["redrawn"], "share"),
        )  # fmt: skip
        rows.append(Row(join(". ", question.number, question.labels), cells))
    names = _names("question_short", "truth_intervals", "truth_held", "truth_redrawn")
    return Table(text("truth_intervals_title"), names, (Block(tuple(rows)),))


def differences(found: pd.DataFrame, questions: Questionnaire) -> Table:
    """Set `truth.differences` as a table: a row a comparison, the truth first and what came of it last."""
    rows = []
    for row in found.to_dict("records"):
        seen = Value("difference", row["seen"], "points", low=row["low"], high=row["high"])
        cells = (_points(row["difference"]), seen, seen.interval, Value("p", row["p_holm"]),
                 text(f"truth_{row['outcome']}"))  # fmt: skip
        rows.append(Row(_compared(row, questions), cells))
    names = _names("comparison", "truth_real", "truth_seen", "interval", "p_holm", "truth_outcome")
    return Table(text("truth_differences_title"), names, (Block(tuple(rows)),), narrow=True)


def often(summed: pd.DataFrame, questions: Questionnaire) -> Table:
    """Set `truth.by_comparison` as a table: in what share of rounds a difference is found, or wrongly claimed."""
    rows = []
    for row in summed.to_dict("records"):
        found: list[Cell] = [Value("share", row[column], "share") for column in ("found", "found_alone")]
        if not row["difference"]:  # there is nothing to find
            found = [Absent("not_applicable")] * 2
        wrong = [Value("share", row[column], "share") for column in ("wrong", "wrong_alone")]
        rows.append(Row(_compared(row, questions), (_points(row["difference"]), *found, *wrong)))
    keys = ("truth_found_holm", "truth_found_alone", "truth_wrong_holm", "truth_wrong_alone")
    names = _names("comparison", "truth_real", *keys)
    return Table(text("truth_often_title"), names, (Block(tuple(rows)),), narrow=True)


def keenness(seen: dict[Item, pd.DataFrame]) -> Table:
    """Set `truth.keenness` of several items as a table, a block each: a row a ratio."""
    blocks = []
    for item, frame in seen.items():
        rows = []
        for row in frame.to_dict("records"):
            cells = (Value("share", row["seen"], "share"), _points(row["off"]), Value("share", row["held"], "share"))
            rows.append(Row(Value("ratio", row["ratio"], decimals=2), cells))
        true = Value("share", frame["truth"].iloc[0], "share")
        blocks.append(Block(tuple(rows), text("truth_of", item=_said(item), share=saying.text(true))))
    names = _names("truth_ratio", "truth_share_seen", "truth_off", "truth_held_share")
    return Table(text("truth_keenness_title"), names, tuple(blocks))


def _compared(row: dict, questions: Questionnaire) -> Stacked:
    """Say what is compared: an answer, and below it two groups."""
    by = questions[row["by"]]
    groups = text("against", first=by[row["first"]].labels, second=by[row["second"]].labels)
    return Stacked((_said(Item(questions[row["question"]], row["answer"], row["statement"])), groups))


def _said(item: Item) -> Text:
    """Say what a share is of: the question and the answer; of a statement or a derived group that alone."""
    asked = "" if item.statement or item.question.source else item.question.labels
    return join(": ", asked, label_of(item.question, item.answers, item.statement))


def _points(difference: float) -> Value:
    return Value("difference", difference, "points")


def _names(*keys: str) -> tuple[Text, ...]:
    return tuple(text(key) for key in keys)
