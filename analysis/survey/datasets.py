"""The shared cleaned dataset of a wave, made anew whenever it has to be, and what stands beside it."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.survey import printed, questionnaire, reading, terms, waves


def load(wave: str | Path) -> pd.DataFrame:
    """Return the typed responses of a wave: one row a respondent, one column an item.

    `wave` is the name of a folder in `data/waves/`, or such a folder. The cleaned
    dataset is made first if it isn't there or no longer fits what it was made from. Who has opened
    answers of people is held to their terms from then on (`survey.terms`).
    """
    people = pd.read_parquet(_made(wave) / "responses.parquet")
    terms.opened(waves.read_wave(wave), people)
    return people.copy(deep=False)


def questions(wave: str | Path, language: str = "nl") -> questionnaire.Questionnaire:
    """Return the questionnaire that a wave was asked, with its labels in `language`.

    Of invented people behind a report it can say what that printed.
    """
    label = waves.read_wave(wave)
    found = questionnaire.read(label.questionnaire, language, reading.read_provenance(label))
    return replace(found, printed=partial(printed.read, label)) if label.kind == "synthetic" else found


def flow(wave: str | Path) -> pd.DataFrame:
    """Count the respondents of a wave step by step: `step`, `label_nl`, `label_en`, `n`."""
    return pd.read_csv(_made(wave) / "flow.csv", keep_default_na=False)


def log(wave: str | Path) -> pd.DataFrame:
    """List every exclusion and every changed cell of a wave, with its reason."""
    return pd.read_csv(_made(wave) / "log.csv", dtype=str, keep_default_na=False)


def provenance(wave: str | Path) -> pd.DataFrame | None:
    """Say of an invented wave where each count comes from: an origin of `stats.value`; None for a real one."""
    return reading.read_provenance(waves.read_wave(wave))


def _made(wave: str | Path) -> Path:
    """Return the folder of a wave's cleaned dataset, made anew if it has to be."""
    label = waves.read_wave(wave)
    if not waves.is_fresh(label):
        from analysis.survey import cleaning  # only where it must run, so that it counts as read only then

        cleaning.prepare(label)
    return label.clean
