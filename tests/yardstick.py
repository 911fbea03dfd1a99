"""What R says of invented tables and numbers, and of the reference wave; and how near to it is equal.

tests/stats/r/yardstick.R made expected.csv of the tables and numbers beside it.
"""

from pathlib import Path

import pandas as pd
import pytest

R = Path(__file__).parent / "stats" / "r"


def read_expected(path):
    return pd.read_csv(path).set_index(["dataset", "key", "statistic"])["value"].sort_index()


EXPECTED = read_expected(R / "expected.csv")
TABLES = pd.read_csv(R / "tables.csv")
NUMBERS = pd.read_csv(R / "numbers.csv")


def nearly(expected):
    """The same to nine digits, however small."""
    return {name: pytest.approx(value, rel=1e-9, abs=0 if value else 1e-15) for name, value in expected.items()}
