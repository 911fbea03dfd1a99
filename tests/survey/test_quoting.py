"""A quotation: whether somebody wrote it, and what in it may lead to a person. All texts here are invented."""

import logging
import sys
from types import SimpleNamespace

import pytest
from coders import everything, lay

import analysis
from analysis.survey import coding, quoting

ANSWER = "Ik praat er 's nachts mee, thuis in Utopia, en dat helpt... Overdag niet (nou ja, soms)."
HEAD = "text,question,theme,reviewer,date\n"


@pytest.fixture
def wave(tmp_path):
    return lay(tmp_path)


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """Names are looked for without Deduce, whether it is installed or not."""
    monkeypatch.setattr(quoting, "_finder", lambda: None)


def read(wave, rows, head=HEAD):
    (wave / "reviewed.csv").write_text(head + rows, encoding="utf-8")
    _, questions, frame = everything(wave)
    return coding.read_reviewed(wave, frame, questions)


def refusal(wave, rows, head=HEAD):
    with pytest.raises(ValueError) as error:
        read(wave, rows, head)
    return str(error.value)


# --- somebody wrote it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        "en dat helpt",
        "Ik praat er 's nachts mee … Overdag niet",
        "praat er ... dat helpt",
        "thuis in [plaats], en dat helpt",
        "[wie] praat er [wanneer] mee, [waar], en dat helpt … (nou ja, soms).",
        "thuis in [een andere plaats], en dat",
        "dat helpt... Overdag",
    ],
)
def test_an_answer_is_found_whole_or_in_pieces_that_stand_in_its_order(text):
    assert quoting.stands(text, ["iets anders", ANSWER])


@pytest.mark.parametrize(
    "text",
    [
        "Ik praat er overdag mee",
        "en dat help",  # not a whole word
        "raat er 's nachts mee",
        "Overdag niet … en dat helpt",  # another order
        "iets anders … en dat helpt",  # two answers
        "thuis in Utopia en dat helpt",  # a comma less
        "mee … mee",  # written once
        "[dat helpt]",
        "…",
        "[wie] … 3",
        "Ik praat er 's nachts mee [en ik kan niet meer zonder], thuis",  # more than a replacement
        "",
    ],
)
def test_what_nobody_wrote_is_not_found(text):
    assert not quoting.stands(text, ["iets anders", ANSWER])


def test_a_reviewed_text_is_read_as_it_stands_and_its_vouched_words_are_left_out(wave):
    rows = 'kept … charlie; fit,q2,t1,Reader,2026-01-31,\n" kept inside [wie]",q3_o_text,t3,Reader,2026-01-31,Utopia\n'
    found = read(wave, rows, HEAD.replace("date", "date,cleared"))
    assert list(found) == coding.REVIEWED
    assert found["text"].tolist() == ["kept … charlie; fit", " kept inside [wie]"]


def test_a_text_counts_at_its_own_field_only_and_space_around_an_answer_does_not(wave):
    export = wave / "export.csv"
    export.write_text(export.read_text("utf-8").replace("kept inside golf", "  kept inside golf "), "utf-8")
    assert len(read(wave, "  kept inside golf,q3_o_text,t1,Reader,2026-01-31\n")) == 1
    message = refusal(wave, "kept inside golf,q2,t1,Reader,2026-01-31\n")
    assert "1 problem.\n  reviewed.csv row 2: the text stands in no answer at q2; copy it as it was written" in message


def test_without_its_column_in_the_export_a_text_stands_nowhere(wave):
    read(wave, "kept inside golf,q3_o_text,t1,Reader,2026-01-31\n")
    export = wave / "export.csv"
    _, questions, frame = everything(wave)
    export.write_text(export.read_text(encoding="utf-8").replace("q3_o_text", "q3_x_text"), encoding="utf-8")
    with pytest.raises(ValueError, match="row 2: the text stands in no answer at q3_o_text"):
        coding.read_reviewed(wave, frame, questions)


# --- what leads to a person -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("mail jan.de-vries@example.org maar", ["an e-mail address"]),
        ("volg @janmetdepet daar", ["a handle"]),
        ("zie https://example.org/ik en www.example", ["a web address"]),
        ("op mijnverhaal.nl staat het", ["a web address"]),
        ("in de Kerkstraat 12a", ["a street and a house number"]),
        ("op de Oude Kerkweg, nr. 3", ["a street and a house number"]),
        ("sinds 3 mei", ["a date"]),
        ("de 12de september, 1e okt.", ["a date"]),
        ("in mei 2024", ["a date"]),
        ("op May 3", ["a date"]),
        ("geboren 3-5-'86 of 03 / 05 / 1986", ["a date"]),
        ("bij 1234 AB en 1234ab", ["a postcode"]),
        ("bel 06-1234 5678", ["a phone number"]),
        ("bel +31 (0)6 12 34 56 78", ["a phone number"]),
        ("bel 12.34.56", ["a date"]),
        ("in 2019 al", ["a number of three digits or more"]),
        ("wel 1.000 keer", ["a number of three digits or more"]),
        ("me@example.org, 06 12345678, in 2019", ["an e-mail address", "a phone number",
                                                  "a number of three digits or more"]),
        ("[me@example.org]", ["an e-mail address"]),
    ],
)  # fmt: skip
def test_addresses_and_numbers_are_found_by_kind(text, kinds):
    assert quoting.traces(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "24/7 bereikbaar, 2-3 keer per week en 10 minuten",
        "het is o.a. goedkoop, d.w.z. gratis, m.b.t. zorg e.d.",
        "ik ben 34 en praat 1 à 2 uur",
        "wat een weg 3 stappen terug",
        "goed... maar niet altijd",
        "mei was zwaar en in maart ook",
        "zie [nummer] in [plaats]",
    ],
)
def test_what_leads_to_nobody_is_let_by(text):
    assert quoting.traces(text) == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Mijn zus Aagje zei dat", [3]),
        ("Aagje zei dat. Bep ook! Cor? \"Dirk\" wel.\nEef niet.", []),  # a sentence begins with a capital
        ("ik zei: Aagje", [3]),
        ("bij dr. Pil en mevr. Pot, en A. Pan", [3, 6, 8, 9]),
        ("het helpt... Aagje weet dat … Bep niet", [3, 6]),
        ("in [Utopia] of [plaats]", [2]),
        ("[Utopia] is mooi", [1]),
        ("Anne-Fleur, en Marie-Fleur zei d'Artagnan", [1, 3, 5]),
        ("ik vroeg AI en ChatGPT's raad, AI-advies dus", []),
        ("ik zat bij de XYZ", [5]),
    ],
)  # fmt: skip
def test_a_capital_inside_a_sentence_may_be_a_name(text, places):
    assert quoting.names(text, quoting.ORDINARY) == [("a word with a capital inside a sentence", n) for n in places]


def test_a_word_that_is_vouched_for_is_let_by_whatever_its_capitals():
    assert not quoting.names("ik zat bij de XYZ", {"xyz"})
    assert quoting.names("ik zat bij XYZ", {"xy"})


def test_the_tools_that_were_asked_about_lead_to_nobody():
    allowed = quoting.ordinary(analysis.questions("2025-reference"))
    assert not quoting.names("ik vroeg Copilot en Perplexity", allowed)
    assert quoting.names("ik vroeg Coach", allowed), "of answers that are no names, words count as any other"


def test_deduce_finds_names_where_it_is_installed_and_leaves_the_log_as_it_was(monkeypatch, capsys):
    text = "Aagje Pan zei dat ik, 34, in Utopia bij het XYZ"
    found = {"Aagje Pan": "persoon", "34": "leeftijd", "XYZ": "ziekenhuis", "Utopia": "locatie"}

    class Deduce:
        def __init__(self):
            root.addHandler(logging.StreamHandler(sys.stdout))  # as basicConfig does when Deduce is imported
            root.setLevel(logging.DEBUG)
            logging.info("loading")

        def deidentify(self, text):
            return SimpleNamespace(annotations=[
                SimpleNamespace(text=name, start_char=text.index(name), tag=tag) for name, tag in found.items()
            ])  # fmt: skip

    monkeypatch.undo()
    root = logging.getLogger()
    before = list(root.handlers), root.level
    monkeypatch.setitem(sys.modules, "deduce", SimpleNamespace(Deduce=Deduce))
    quoting._finder.cache_clear()
    try:
        told = [("a person's name", 1), ("a place", 8), ("an institution", 11)]
        assert quoting.names(text, ()) == told
        assert quoting.names(text, {"Aagje", "Utopia"}) == [told[0], told[2]]
        assert quoting.names(text, {"pan", "Aagje", "Utopia", "xyz"}) == []
        assert (list(root.handlers), root.level) == before and capsys.readouterr().out == ""
    finally:
        quoting._finder.cache_clear()


# --- refused --------------------------------------------------------------------------------------


def test_all_that_is_wrong_comes_at_once_and_no_text_is_repeated(wave):
    export = wave / "export.csv"
    secret = "Mijn zus Aagje woont op de Kerkweg 9 en belt 06 1234 5678 of a@example.org"
    export.write_text(export.read_text(encoding="utf-8").replace("kept inside alpha", secret), encoding="utf-8")
    rows = f"{secret},q2,t1,Reader,2026-01-31\nAagje wenst me dood,q2,t1,Reader,2026-01-31\n"
    message, row = refusal(wave, rows), "  reviewed.csv row 2: "
    kinds = ("an e-mail address", "a street and a house number", "a phone number")
    remedy = "replace it, by [plaats] for example, or leave it out with …"
    assert message.splitlines()[1:] == [
        *(f"{row}{kind} stands in the text; {remedy}" for kind in kinds),
        *(f"{row}word {n} of the text may be a name: a word with a capital inside a sentence; replace "
          "it, by [naam] for example, or put it under cleared if it leads to nobody" for n in (3, 7)),
        "  reviewed.csv row 3: the text stands in no answer at q2; copy it as it was written, with … for what is left "
        "out and one to three words in square brackets, such as [plaats], for what is replaced",
    ]  # fmt: skip
    assert not [word for word in (*secret.split(), "wenst", "dood") if len(word) > 3 and word in message]


def test_a_mended_list_passes(wave):
    export = wave / "export.csv"
    secret = "Mijn zus Aagje woont op de Kerkweg 9 in Utopia en belt 06 1234 5678"
    export.write_text(export.read_text(encoding="utf-8").replace("kept inside alpha", secret), encoding="utf-8")
    text = "Mijn zus [naam] woont op de [adres] in Utopia en belt …"
    rows = f"{text},q2,t1,Reader,2026-01-31,"
    head = HEAD.replace("date", "date,cleared")
    assert "word 9 of the text may be a name" in refusal(wave, f"{rows}\n", head)
    assert read(wave, f"{rows}Eden|Utopia\n", head)["text"].tolist() == [text]
