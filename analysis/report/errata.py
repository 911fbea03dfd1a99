"""Keep a report's errata in step with its claims, and their numbers out of hand.

An erratum is a row of `data/published/errata.csv`, read as text:

`number`    its address, `erratum-7`; a number stays with its erratum
`kind`      what sort of slip it is: `erratum_…` in locale/book.pot
`evidence`  how it is known, by the way that needs least: `evidence_…` there. `data`: a claim that it
            names differs from the data. `arithmetic`: no number of people gives a share that it
            names, or print contradicts itself more with its claims than without; no data are needed.
            These two are checked (`out_of_step`). The others, such as `text`, rest on what was held
            side by side, and their claims may be right
`claims`    which claims of claims.csv it is about, by code, with spaces between; blank for none
`place`, `printed`, `found`, each in every language: where, what it says, what turns out

In these texts a placeholder stands where a number comes from a claim:

`{claim}`            the value, recomputed
`{claim:n}`          how many people, recomputed; `{claim:base}` out of how many
`{claim/other}`      the people of one claim as a share of those of another, recomputed
`{claim:printed}`    the value in print; `{claim:printed_base}` its base there
`{claim:printed_n}`  the only number of people that print allows, whatever the data, also when shares
                     rounded apart were added; `{claim:printed_share}` is that out of the base
"""

import difflib
import re
from pathlib import Path

import pandas as pd

from analysis.report import audit
from analysis.report.claims import Data, Finding, attainable, share_shown
from analysis.report.consistency import together
from analysis.stats.release import of_things
from analysis.stats.value import Value
from analysis.survey import lists, terms
from analysis.words import LANGUAGES

LIST = "published/errata"
TEXTS = [(f"{side}_{language}", language) for side in lists.LISTS[LIST].spoken for language in LANGUAGES]
PLACE = re.compile(r"\{([^{}]*)\}")
FIELDS = ("n", "base", "printed", "printed_base", "printed_n", "printed_share")
CHECKED = ("data", "arithmetic")
"""The kinds of evidence that lie in the claims themselves."""


def read(wave: str | Path, claims: pd.DataFrame) -> pd.DataFrame:
    """Read the errata of the survey that a wave belongs to, one row an erratum, as text.

    Raises ValueError listing everything that is wrong with them at once, claims and
    placeholders that don't exist included.
    """
    by_code = claims.set_index("claim", drop=False).to_dict("index")
    return lists.read(wave, LIST, lambda row: _problems(row, by_code))


def _problems(row: dict, by_code: dict[str, dict]) -> list[str]:
    said = [] if row["number"].isdigit() else [f'number "{row["number"]}" is not a whole number']
    said += [f"claims: {_unknown(code, by_code)}" for code in row["claims"].split() if code not in by_code]
    if row["evidence"] in CHECKED and not row["claims"].split():
        said.append(f"claims is blank, and evidence {row['evidence']} is about claims")
    for column, _ in TEXTS:
        if set(PLACE.sub("", row[column])) & set("{}"):
            said.append(f"{column}: a brace without its pair")
        for place in PLACE.findall(row[column]):
            said += [f"{column}: {{{place}}}: {text}" for text in _objections(place, by_code)]
    return said


def _objections(place: str, by_code: dict[str, dict]) -> list[str]:
    """Say why a placeholder can't be filled, whatever the data."""
    codes, field = parts(place)
    unknown = [_unknown(code, by_code) for code in codes if code not in by_code]
    if unknown:
        return unknown
    if field and (len(codes) > 1 or field not in FIELDS):
        return [f'":{field}" behind one claim is not one of {", ".join(FIELDS)}; behind two nothing is allowed']
    said = []
    for claim in (by_code[code] for code in codes):
        counted = bool(claim["question"]) and claim["kind"] in ("share", "majority")
        number = claim["kind"] in ("count", "share", "majority", "mean", "test") and (
            claim["question"] or claim["options"]
        )
        there = {
            "": counted or claim["kind"] == "count" if len(codes) > 1 else number,
            "n": counted,
            "base": counted,
            "printed": claim["printed"],
            "printed_base": claim["base"],
            "printed_n": _only(claim),
            "printed_share": _only(claim),
        }
        if not there[field]:
            said.append(f"{claim['claim']}, of kind {claim['kind']}, has no such number")
    return said


def _unknown(code: str, by_code: dict[str, dict]) -> str:
    near = difflib.get_close_matches(code, by_code, 1)
    return f'claims.csv has no claim "{code}"' + (f'; did you mean "{near[0]}"?' if near else "")


def parts(place: str) -> tuple[list[str], str]:
    """Take a placeholder apart: the codes of its claims, one or two, and its field."""
    code, _, field = place.partition(":")
    return code.split("/", 1), field


def _only(claim: dict) -> str:
    """Return the only number of people that print allows, or blank."""
    found = re.fullmatch(r"(?:yes|as a sum): (\d+)", attainable(claim))
    return found[1] if found else ""


# --- numbers ---------------------------------------------------------------------------------


def value(codes: list[str], field: str, by_code: dict[str, dict], data: Data) -> Value | str:
    """Make the value that stands for a placeholder; of `printed` and a claim's result the number as it is written.

    `codes` and `field` are its parts, as `parts` takes them apart.
    """
    claims = [by_code[code] for code in codes]
    claim = claims[0]
    if field == "printed":
        return str(claim["printed"])
    if field == "printed_base":
        return of_things(int(claim["base"]), "people")
    if field == "printed_n":
        return of_things(int(_only(claim)), "people")
    if field == "printed_share":
        only, whole = int(_only(claim)), int(claim["base"])
        return Value("share", only / whole, "share", n=only, of=whole, release="released")
    if not field and len(claims) == 1:
        return findings(by_code, data)[claim["claim"]].recomputed
    if terms.bound():
        return _shown(claims, field, data)
    first, *others = (_people(claim, by_code, data) for claim in claims)
    if others:
        people = others[0].count
        nobody = people.known and not int(people)
        return Value("share", None, "share", absent="nobody") if nobody else first.count / people
    return first.base if field == "base" else first.count


def findings(by_code: dict[str, dict], data: Data) -> dict[str, Finding]:
    """Judge all claims, once for the same data."""
    return data.once(("findings",), lambda: dict(zip(by_code, audit.findings([*by_code.values()], data), strict=True)))


def _people(claim: dict, by_code: dict[str, dict], data: Data) -> Value:
    """The people of a claim as a value: a share of them, or where it counts them their number."""
    if claim["kind"] in ("share", "majority"):
        return share_shown(claim, data)
    number = findings(by_code, data)[claim["claim"]].recomputed
    return Value(
        "count", int(number) if number.isdigit() else None, "people", n=int(number) if number.isdigit() else None
    )


def _shown(claims: list[dict], field: str, data: Data) -> Value:
    """Of a confidential wave give what the door shows of the people a placeholder stands for."""
    if any(claim["kind"] not in ("share", "majority") for claim in claims):
        return Value("count", None, "people", release="hidden", absent="withheld")
    first, *others = (share_shown(claim, data) for claim in claims)
    return first.count / others[0].count if others else first.base if field == "base" else first.count


# --- both ways ---------------------------------------------------------------------------------


def out_of_step(errata: pd.DataFrame, claims: pd.DataFrame, data: Data) -> list[str]:
    """Say where errata and claims don't go together, a line each; none when they do.

    Errata whose evidence lies in the claims (`CHECKED`) must name every claim that is marked as not
    holding and every printed share that no number of people gives, and without the claims they name
    print must not contradict itself. The other way, their evidence must be there.
    """
    named = errata["claims"].str.split()
    records = claims.to_dict("records")
    judged = findings({claim["claim"]: claim for claim in records}, data)
    impossible = {c["claim"] for c in records if attainable(c) and not attainable(c).startswith("yes")}
    marked = {c["claim"] for c in records if c["holds"] == "no"}

    def contradictions(without: set[str]) -> pd.DataFrame:
        found = together(claims[~claims["claim"].isin(without)], data.questions, data.steps)
        return found[~found["agree"].astype(bool)]

    checked = set(named[errata["evidence"].isin(CHECKED)].explode().dropna())
    said = [f"{code}: marked as not holding, and no erratum says so" for code in sorted(marked - checked)]
    said += [f"{code}: no number of people gives it, and no erratum says so" for code in sorted(impossible - checked)]
    left = contradictions(checked)
    said += [f"{row.people}: {row.found}: print contradicts itself, and no erratum names the claim at fault"
             for row in left.itertuples()]  # fmt: skip
    for number, evidence, codes in zip(errata["number"], errata["evidence"], map(set, named), strict=True):
        if evidence == "data" and all(judged[code].verdict not in audit.WRONG for code in codes):
            said.append(f"erratum {number}: none of its claims differs from the data")
        if evidence == "arithmetic" and not codes & impossible and len(contradictions(checked - codes)) <= len(left):
            said.append(f"erratum {number}: its claims are possible, and print contradicts itself no more with them")
    return said
