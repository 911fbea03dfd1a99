"""A stand-in for the report's own answers: other invented people who agree with print, taken for real.

Whoever holds the real answers gets a real audit by putting them in place. Nobody here has them; these people differ
from the reference wave where print leaves room, and must be judged as print allows all the same.
"""

import csv
import re

import pytest
from conftest import command, copy_project

OTHERWISE = {("q01", "", "a", ""): 560, ("q01", "", "b", ""): 211, ("q04", "", "b", ""): 215, ("q06", "", "f", ""): 81,
             ("q06", "", "g", ""): 133, ("q06", "", "m", ""): 29, ("q08", "", "c", ""): 22}  # fmt: skip
"""Margins of the reference wave that nobody knows, and another count that print allows as well."""
MISPRINTS = {"sample-16": "4.0", "use-05": "47.1", "frequency-04": "28.1", "role-02": "54.1", "help-03": "5.7"}
"""Claims of a share, and what a misprint could have made of them."""


def table(path, change):
    """Rewrite a CSV file, each row changed."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with path.open("w", encoding="utf-8", newline="") as lines:
        file = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        file.writeheader()
        file.writerows(change(row) for row in rows)


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """A project whose wave of 2025 is of other people, labelled as the report's own answers."""
    project = copy_project(tmp_path_factory.mktemp("stand-in") / "project")
    wave = project / "data" / "waves" / "2025-reference"
    key = ("question", "statement", "answer", "among")
    table(
        wave / "reconstruction" / "margins.csv",
        lambda row: row | {"count": OTHERWISE.get(tuple(row[c] for c in key), row["count"])},
    )
    label = (wave / "wave.toml").read_text(encoding="utf-8")
    (wave / "wave.toml").write_text(label.replace("seed = 2025", "seed = 7"), encoding="utf-8")
    before = (wave / "responses.csv").read_bytes()
    made = command(project, "reconstruct", "--wave", "2025-reference")
    assert made.returncode == 0 and (wave / "responses.csv").read_bytes() != before, made.stderr
    label = (wave / "wave.toml").read_text(encoding="utf-8")
    (wave / "wave.toml").write_text(label.replace('kind = "synthetic"', 'kind = "confidential"'), encoding="utf-8")
    (wave / "provenance.csv").unlink()
    return project


def should_hold(said):
    """The claims that the audit says should hold and don't."""
    return re.findall(r"^  ([a-z]+-\d+):", said.partition("Should hold and don't")[2], re.M)


@pytest.mark.long
def test_all_that_print_allows_comes_out_as_printed(stand_in):
    done = command(stand_in, "audit", "--wave", "2025-reference")
    assert done.returncode == 0 and should_hold(done.stdout) == [], done.stdout
    assert "Should hold and don't: 0" in done.stdout


@pytest.mark.long
def test_planted_misprints_are_found_and_no_others(stand_in):
    claims = stand_in / "data" / "published" / "claims.csv"
    whole = claims.read_bytes()
    table(claims, lambda row: row | ({"printed": MISPRINTS[row["claim"]]} if row["claim"] in MISPRINTS else {}))
    done = command(stand_in, "audit", "--wave", "2025-reference")
    claims.write_bytes(whole)
    assert done.returncode == 1 and sorted(should_hold(done.stdout)) == sorted(MISPRINTS), done.stdout
