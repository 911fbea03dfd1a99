"""From a survey's export to a book: the front door that chapters come in by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from analysis.questionnaire import Questionnaire
    from analysis.waves import Wave

# The rooms are imported where they are needed: the command line must be able to say
# "nothing changed" without opening all of them.


def load(wave: str | Path) -> pd.DataFrame:
    """Return the typed responses of a wave: one row a respondent, one column an item.

    `wave` is the name of a folder in `data/waves/`, or such a folder. The cleaned
    dataset is made first if it isn't there or no longer fits what it was made from.
    """
    import pandas as pd

    return pd.read_parquet(_made(wave) / "responses.parquet")


def wave(name: str | Path) -> Wave:
    """Return the label of a wave: what kind of data it holds, and its settings."""
    from analysis import waves

    return waves.read_wave(name)


def questions(wave: str | Path, language: str = "nl") -> Questionnaire:
    """Return the questionnaire that a wave was asked, with its labels in `language`."""
    from analysis import questionnaire, reading, waves

    label = waves.read_wave(wave)
    return questionnaire.read(label.questionnaire, language, reading.read_provenance(label))


def flow(wave: str | Path) -> pd.DataFrame:
    """Count the respondents of a wave step by step: `step`, `label_nl`, `label_en`, `n`."""
    import pandas as pd

    return pd.read_csv(_made(wave) / "flow.csv", keep_default_na=False)


def log(wave: str | Path) -> pd.DataFrame:
    """List every exclusion and every changed cell of a wave, with its reason."""
    import pandas as pd

    return pd.read_csv(_made(wave) / "log.csv", dtype=str, keep_default_na=False)


def provenance(wave: str | Path) -> pd.DataFrame | None:
    """Say of an invented wave what was published, derived or assumed; None for a real one."""
    from analysis import reading, waves

    return reading.read_provenance(waves.read_wave(wave))


def _made(wave: str | Path) -> Path:
    """Return the folder of a wave's cleaned dataset, made anew if it has to be."""
    from analysis import waves

    label = waves.read_wave(wave)
    if not waves.is_fresh(label):
        from analysis import cleaning

        cleaning.prepare(label)
    return label.clean
