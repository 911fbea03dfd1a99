"""Where everything stands: the folders of a checkout, and of a survey."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
DATA = ROOT / "data"
LOCALE = ROOT / "locale"
BUILD = ROOT / "_build"
"""Everything that is made; it may be deleted at any time."""
CONFIDENTIAL = "confidential"
"""The folder in there for what is made of answers of people, which nobody but its owner can enter."""
LOCK = ROOT / "requirements.txt"
PACKAGE = ROOT / "analysis"
