"""Where everything stands: the folders of a checkout, and of a survey."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
DATA = ROOT / "data"
LOCALE = ROOT / "locale"
BUILD = ROOT / "_build"
"""Everything that is made; it may be deleted at any time."""
OPEN, CONFIDENTIAL = "editions", "confidential"
"""The folders in there for editions: the second for those of people's answers, which their owner alone can enter."""
LOCK = ROOT / "requirements.txt"
PACKAGE = ROOT / "analysis"
