"""What this book hands the build, by the names in `_config.yml`: all that the build can't know of a survey.

Each function but the first and the last takes the parameters of an edition: its `wave` and its `language`.
"""

from html import escape

from analysis import paths
from analysis.build.chapters import PLOTLY
from analysis.files import digest, write_whole
from analysis.survey import waves
from analysis.words import voice


def parameters(wave: str, language: str) -> dict[str, str]:
    """Return what chapters are given for a wave, by its name or folder; ValueError for one that isn't of this book."""
    label = waves.read_wave(wave)
    if label.folder.parent != paths.DATA / "waves":
        raise ValueError(
            f"{label.folder} is not a wave of this book, so a change in it would go unseen. "
            f"Put it in {paths.DATA / 'waves'}, or a link to it."
        )
    return {"wave": label.name, "language": language}


def prepare(given: dict[str, str]) -> str:
    """Clean the wave if that has to be, once, so that chapters don't each do so; say what was done."""
    label = waves.read_wave(given["wave"])
    if waves.is_fresh(label):
        return ""
    from analysis.survey import cleaning

    cleaning.prepare(label, label.lists() / "check")
    return f"{label.name}: cleaned"


def words(given: dict[str, str]) -> dict[str, str]:
    """Say in the language of the edition what the build puts on pages."""
    label, speaker = waves.read_wave(given["wave"]), voice(given["language"])
    source = " " + speaker.say("published_by", **label.source) if label.kind == "public" else ""
    ours = label.edition != "questionnaire"
    same = ("figure_failed", "show_code", "hide_code", "sentence_head", "not_found", "not_found_why")
    hashes = {name: f"{{{name}}}" for name in ("chapter", "data", "parameters", "lock")}
    made_from = "made_from_without_answers" if label.confidential else "made_from"  # a small table is found by its hash
    return {name: speaker.say(name) for name in same} | {
        "figure": speaker.say("figure_own").lower(),
        "title": "" if ours else label.title(speaker.language),
        "help": label.settings.get(f"help_{speaker.language}") or (speaker.say("help") if ours else ""),
        "banner": "" if label.kind == "public" else speaker.say(f"banner_{label.kind}"),
        "notice": "" if label.kind == "public" else speaker.say(f"notice_{label.kind}"),
        "footer": speaker.say("edition", wave=label.title(speaker.language), commit="{commit}") + source,
        "report": speaker.say("source_is", report="{report}") if label.edition in ("reference", "report") else "",
        "contact": speaker.say("contact_is", contact="{contact}"),
        "provenance": speaker.say(made_from, **hashes),
        "robots": "noindex" if label.kind in ("practice", "confidential") else "",
        "preview": f"_static/preview-{speaker.language}.png" if label.edition == "reference" else "",
        "install": speaker.say("install", source="{source}"),
        "not_here": speaker.say("state_not_here"),
        "contradicted": speaker.say("state_contradicted"),
        "unknown": speaker.say("state_unknown"),
    }


def private(given: dict[str, str]) -> bool:
    """Whether the edition is for its maker alone: it is of people whose answers were never published."""
    return waves.read_wave(given["wave"]).confidential


def kind(given: dict[str, str]) -> str:
    """Say which kind of edition this is."""
    return waves.read_wave(given["wave"]).edition


def outputs(given: dict[str, str], found: list[dict]) -> list[dict]:
    """Let out what came through the door; a raw output is framed as invented where people are, and stops else.

    A bare frame, something printed and a figure of one's own carry no state of release, so nobody can tell what stands
    in them. Of an invented wave they are shown behind a line that says so; a confidential wave raises ValueError, and
    so does a figure that the book can't draw.
    """
    raw = [output for output in found if not released(output)]
    if not raw:
        return found
    for figure in (output["data"][PLOTLY] for output in raw if PLOTLY in output.get("data", {})):
        from analysis.show import figures  # Plotly's package takes its time

        figures.refuse_unknown(figure)
    kind = waves.read_wave(given["wave"]).kind
    if kind == "public":
        return found
    if kind == "confidential":
        raise ValueError(
            "it shows something that no door let out: a bare table, something printed or a figure of its own. Show it "
            "with show, show_table or show_figure, or say values in prose; these are answers of people"
        )
    words = voice(given["language"]).say("raw_invented")
    frame = {"output_type": "display_data", "metadata": {}, "data": {
        "text/html": f'<p class="invented">{escape(words)}</p>', "text/plain": words,
    }}  # fmt: skip
    return [*(output for output in found if released(output)), frame, *raw]


def released(output: dict) -> bool:
    """Whether an output came through the door."""
    return bool(output.get("metadata", {}).get("survey", {}).get("released"))


def settle(given: dict[str, str], notes: list[str]) -> str:
    """Try what chapters let out of a confidential wave; say so where other steps were chosen, which they then read."""
    label = waves.read_wave(given["wave"])
    if not label.confidential:
        return ""
    from analysis.survey import terms

    asked = digest("\n".join(notes).encode())
    if terms.is_settled(label, asked):
        return ""
    import pandas as pd

    from analysis.stats import settle as attack
    from analysis.survey import datasets

    agreed = terms.Terms(label, pd.read_parquet(label.clean / "responses.parquet"), *terms.read(label))
    steps, found = attack.settle(notes, agreed, datasets.questions(label.folder))
    path = label.folder / "release.csv"
    changed = not path.exists() or path.read_bytes() != steps
    if changed:
        write_whole(path, steps)
        path.chmod(0o600)
    terms.keep(found, label, asked)
    return f"{found['tables']} tables tried, {path.name} written" if changed else ""


def record(given: dict[str, str]) -> dict[str, str]:
    """Say what the record of the book says of the edition: its wave, and what kind of answers these are."""
    label = waves.read_wave(given["wave"])
    return {"wave": label.name, "kind": label.kind, "edition": label.edition}


def rule(expression: str, data: dict) -> str:
    """Say why the value of an expression may not stand in prose; blank when it may.

    A value, a guard's mark or a text of ours has its words in both languages; a plain number or string hasn't, and
    would leave unseen by the door that numbers go out by.
    """
    if "application/vnd.survey.text+json" in data or "application/vnd.survey.mark+json" in data:
        return ""
    return (
        "it gives a plain Python value. Give a value of `shares`, a guard's mark, or a text that one of our functions "
        "made"
    )
