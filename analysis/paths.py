"""Where everything stands: the folders of a checkout, and of a survey."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
DATA = ROOT / "data"
LOCALE = ROOT / "locale"
BUILD = ROOT / "_build"
"""Everything that is made; it may be deleted at any time."""
LOCK = ROOT / "requirements.txt"
PACKAGE = ROOT / "analysis"


def survey_of(wave: Path) -> Path:
    """Return the folder of the survey that a wave's folder belongs to: the one that holds `waves/`."""
    return wave.parents[1]
