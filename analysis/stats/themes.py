"""Count themes in open answers, and say how far two coders agree."""

import itertools
from dataclasses import replace

import pandas as pd
from statsmodels.stats.inter_rater import cohens_kappa

from analysis.stats import estimates
from analysis.stats.estimates import Shares
from analysis.survey import coding
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, TICKED, UNTICKED, Answer, Questionnaire
from analysis.words import LANGUAGES, Text


def count(
    codes: pd.DataFrame, field: str, frame: pd.DataFrame, responses: pd.DataFrame, wrote: pd.DataFrame,
    questions: Questionnaire,
) -> Shares:  # fmt: skip
    """Estimate what share of those who wrote something at `field` named each theme.

    An answer has a theme when every coder who read it found it there. Its frame has the columns of
    `estimates.shares`, one row a theme that the frame has at this field: `base` wrote
    something, `no_answer` were asked and didn't.
    """
    source = coding.fields(questions)[field]
    listed = frame[frame["questions"].str.split("|").map(lambda named: field in named)]
    labels = [Text(**{x: row[f"label_{x}"] for x in LANGUAGES}) for row in listed.to_dict("records")]
    answers = tuple(Answer(theme, label[questions.language], labels=label)
                    for theme, label in zip(listed["theme"], labels, strict=True))  # fmt: skip
    question = replace(source, kind="multiple", answers=answers, provenance=None)
    status = pd.Series(NO_ANSWER, index=responses.index)
    if source.kind == "text":
        status[responses[source.code].eq(NOT_ASKED)] = NOT_ASKED
    else:
        option = next(a.code for a in source.text_answers if source.text_column(a.code) == field)
        status[responses[source.column(option)].ne(TICKED)] = NOT_ASKED
    given = wrote[field].fillna(False).astype(bool)
    here = codes[codes["question"].eq(field)]
    readers = here.groupby("respondent")["coder"].nunique()
    finders = here.groupby(["theme", "respondent"])["coder"].nunique()
    typed = pd.DataFrame(index=responses.index)
    for answer in question.answers:
        found = finders.get(answer.code, pd.Series(dtype=int)) if answer.code in finders.index else pd.Series(dtype=int)
        agreed = found.index[found.eq(readers.reindex(found.index))]
        named = pd.Series(UNTICKED, index=responses.index)
        named[responses.index.isin(agreed)] = TICKED
        typed[question.column(answer.code)] = named.where(given, status)
    return estimates.shares(typed, question)


def kappas(codes: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Say how far two coders agree, theme by theme and overall, over the answers that both read.

    Returns one row a pair of coders and theme, and one with a blank theme for all decisions of
    the pair together: `first`, `second` (coders), `theme`, `texts` (decisions made by both), `both`,
    `only_first`, `only_second`, `neither`, and Cohen's `kappa` (1960), missing where both always
    decided alike in one way only. Without two coders of the same answers there is no row.
    """
    columns = ["first", "second", "theme", "texts", "both", "only_first", "only_second", "neither", "kappa"]
    rows = []
    for first, second in itertools.combinations(sorted(codes["coder"].unique()), 2):
        read = [_read_by(codes, coder) for coder in (first, second)]
        texts = [text for text in read[0] if text in read[1]]
        total = [0, 0, 0, 0]
        for theme, listed in zip(frame["theme"], frame["questions"], strict=True):
            decided = [t for t in texts if t[1] in listed.split("|")]
            cells = [0, 0, 0, 0]
            for text in decided:
                a, b = (theme in read[i][text] for i in (0, 1))
                cells[(0 if b else 1) if a else (2 if b else 3)] += 1
            if decided:
                total = [x + y for x, y in zip(total, cells, strict=True)]
                rows.append((first, second, theme, len(decided), *cells, _kappa(cells)))
        if texts:
            rows.append((first, second, "", sum(total), *total, _kappa(total)))
    return pd.DataFrame(rows, columns=columns)


def _read_by(codes: pd.DataFrame, coder: str) -> dict[tuple[str, str], set[str]]:
    """Map each answer that a coder read, as (respondent, question), to the themes found in it."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in codes[codes["coder"].eq(coder)].to_dict("records"):
        found.setdefault((row["respondent"], row["question"]), set()).add(row["theme"])
    return found


def _kappa(cells: list[int]) -> float:
    """Cohen's kappa of a two by two table; missing where chance alone would agree fully."""
    both, only_first, only_second, neither = cells
    by_first, by_second, n = both + only_first, both + only_second, sum(cells)
    if not n or (by_first, by_second) in ((0, 0), (n, n)):
        return float("nan")
    return float(cohens_kappa([[both, only_first], [only_second, neither]]).kappa)
