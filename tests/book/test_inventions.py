"""Other invented people behind the same print: the same book. No page, hover, JSON, CSV or search index knows them."""

import csv
import random
import re
from collections import Counter

import pytest
from conftest import command, copy_project, published

from analysis.stats.value import KNOWN
from analysis.survey import questionnaire as instrument

WAVE = "data/waves/2025-reference"
BASES = {"q04": 294, "q06": 294, "q08": 294, "q10": 272, "q12": 105, "q13": 22, "q16": 477}
"""How many were asked each question with tick boxes; of the other two that is drawn."""
LABEL = {"seed = 2025": "seed = {}", "sd = 15.0": "sd = 13.5", "oldest = 85": "oldest = 88"}
HASH = re.compile(rb"\b[0-9a-f]{12,64}\b")


def invent_otherwise(place, seed):
    """Draw anew every count that nobody knows, ages and all prices; our own rules are left out.

    The same rows stay, so that as many counts are recorded as before.
    """
    folder = place / WAVE
    margins, rules = (folder / "reconstruction" / name for name in ("margins.csv", "rules.csv"))
    label = folder / "wave.toml"
    with margins.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    draw(rows, random.Random(seed), instrument.read(place / "data" / "questionnaire"))
    with margins.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    rules.write_text(rules.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    said = label.read_text(encoding="utf-8")
    for old, new in LABEL.items():
        assert old in said
        said = said.replace(old, new.format(seed))
    label.write_text(said, encoding="utf-8")


def draw(rows, rng, questions):
    """Draw the counts of margins that nobody knows: ticks freely, a single choice within each sum that is known."""
    counts = {(row["question"], row["statement"], row["answer"], row["among"]): row for row in rows}
    blocks = {}
    for (code, statement, answers, among), row in counts.items():
        if answers and not among:
            known, unknown = blocks.setdefault((code, statement), ([], []))
            (known if row["origin"] in KNOWN else unknown).append(answers)

    def count(code, answers, statement=""):
        return sum(int(counts[code, statement, answer, ""]["count"]) for answer in answers.split("|"))

    def put(number, code, answers, statement="", among=""):
        counts[code, statement, answers, among]["count"] = str(number)

    for (code, statement), (known, unknown) in blocks.items():
        left = [answer for answer in unknown if "|" not in answer]
        if questions[code].kind == "multiple":
            base = BASES.get(code) or count("q20", "a|c")
            for answer in left:
                alone = questions[code][answer].exclusive
                put(rng.randint(0, 3) if alone else rng.randint(min(11, base // 3), base // 2), code, answer)
            continue
        for whole in [*(answers for answers in known if "|" in answers), "|".join(left)]:
            parts = [answer for answer in left if answer in whole.split("|")]
            people = sum(count(code, part, statement) for part in parts)
            weights = [rng.random() for _ in parts]
            drawn = Counter(rng.choices(parts, weights, k=people) if parts else [])
            for part in parts:
                put(drawn[part], code, part, statement)
                left.remove(part)
        for answers in unknown:
            put(count(code, answers, statement), code, answers, statement)
    no_care = rng.randint(80, 100)  # of a hundred users among both; the second are 20 people
    put(no_care, "q03", "a", among="q02=c")
    put(100 - no_care, "q03", "a", among="q02=d")
    put(rng.randint(0, 22), "q06", "l", among="q02=b")
    put(rng.randint(0, min(22, count("q08", "c"))), "q08", "c", among="q02=b")
    for code in ("q24", "q25"):
        everybody = [answer.code for answer in questions[code].options for _ in range(count(code, answer.code))]
        users = Counter(rng.sample(everybody, 294))
        for answer in questions[code].options:
            put(users[answer.code], code, answer.code, among="q03=a")


def pages(place):
    """Every file of the book, but for hashes and its record, which hold what it was made from."""
    folder = published(place)
    return {path.relative_to(folder).as_posix(): HASH.sub(b"#", path.read_bytes())
            for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "provenance.json"}  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    place = copy_project(tmp_path_factory.mktemp("one") / "project")
    built = command(place, "book")
    assert built.returncode == 0, built.stdout + built.stderr
    return pages(place)


@pytest.mark.long
@pytest.mark.parametrize("seed", [7, 77, 777])
def test_other_invented_people_give_the_same_book(book, tmp_path, seed):
    place = copy_project(tmp_path / "project")
    before = {name: (place / WAVE / name).read_text(encoding="utf-8") for name in ("responses.csv", "provenance.csv")}
    invent_otherwise(place, seed)
    for wanted in (["reconstruct"], ["book"]):
        done = command(place, *wanted)
        assert done.returncode == 0, done.stdout + done.stderr
    after = {name: (place / WAVE / name).read_text(encoding="utf-8") for name in before}
    assert all(after[name] != before[name] and after[name].count("\n") == before[name].count("\n") for name in before)
    found = pages(place)
    assert found.keys() == book.keys()
    assert [name for name in book if found[name] != book[name]] == []
