"""Count themes in open answers, and say how far two coders agree."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.stats import estimates
from analysis.stats.estimates import Shares
from analysis.survey import coding
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, TICKED, UNTICKED, Answer, Questionnaire
from analysis.words import LANGUAGES, Text

CELLS = ["both", "only_first", "only_second", "neither"]
"""How two coders may decide on a theme in a text."""


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
    """Say how far two coders agree, theme by theme and on average, over the answers that both read.

    Returns one row a pair of coders and theme, and one with a blank theme for the pair: `first`, `second` (coders),
    `theme`, `texts` (decisions made by both), `both`, `only_first`, `only_second`, `neither`, Cohen's `kappa` (1960),
    missing where both always decided alike in one way only, and `low`, `high`. The last row has the sums of the
    counts, and of the themes' kappas the mean: one kappa of all decisions together takes themes that are rare and
    themes that are not for agreement beyond chance. Its interval is the jackknife's over respondents (Efron and
    Stein 1981, with Student's t), missing with fewer than two of them. Without two coders of the same answers
    there is no row.
    """
    columns = ["first", "second", "theme", "texts", *CELLS, "kappa", "low", "high"]
    rows: list[tuple] = []
    for first, second in itertools.combinations(sorted(codes["coder"].unique()), 2):
        read = [_read_by(codes, coder) for coder in (first, second)]
        texts = [text for text in read[0] if text in read[1]]
        people = list(dict.fromkeys(respondent for respondent, _ in texts))
        cells = np.zeros((len(people), len(frame), 4), dtype=int)
        for i, (theme, listed) in enumerate(zip(frame["theme"], frame["questions"], strict=True)):
            for said in (t for t in texts if t[1] in listed.split("|")):
                a, b = (theme in read[coder][said] for coder in (0, 1))
                cells[people.index(said[0]), i, (0 if b else 1) if a else (2 if b else 3)] += 1
        total = cells.sum(axis=0)
        decided = total.sum(axis=1) > 0
        for theme, counts, kappa in zip(frame["theme"][decided], total[decided], _kappa(total[decided]), strict=True):
            rows.append((first, second, theme, counts.sum(), *counts, kappa, np.nan, np.nan))
        if texts:
            rows.append((first, second, "", total.sum(), *total.sum(axis=0), *_mean(cells)))
    return pd.DataFrame(rows, columns=columns)


def _mean(cells: np.ndarray) -> tuple[float, float, float]:
    """Average kappa over themes, with its interval; `cells` are of each respondent, theme and kind of agreement."""
    n, total = len(cells), cells.sum(axis=0)
    each = _kappa(np.concatenate([total[None], total - cells]))
    known = ~np.isnan(each)
    means = np.where(known, each, 0).sum(axis=1) / np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    kappa, without = means[0], means[1:]
    if n < 2 or np.isnan(without).any():
        return kappa, np.nan, np.nan
    half = stats.t.ppf((1 + estimates.CONFIDENCE) / 2, n - 1) * np.sqrt((n - 1) * without.var())
    return kappa, max(kappa - half, -1.0), min(kappa + half, 1.0)


def _read_by(codes: pd.DataFrame, coder: str) -> dict[tuple[str, str], set[str]]:
    """Map each answer that a coder read, as (respondent, question), to the themes found in it."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in codes[codes["coder"].eq(coder)].to_dict("records"):
        found.setdefault((row["respondent"], row["question"]), set()).add(row["theme"])
    return found


def _kappa(cells: np.ndarray) -> np.ndarray:
    """Cohen's kappa of tables whose four cells are last (`CELLS`); missing where chance alone would agree fully."""
    both, only_first, only_second, neither = np.moveaxis(cells.astype(float), -1, 0)
    n = cells.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = (both + neither) / n
        chance = ((both + only_first) * (both + only_second) + (neither + only_first) * (neither + only_second)) / n**2
        return np.where(chance < 1, (alike - chance) / (1 - chance), np.nan)
