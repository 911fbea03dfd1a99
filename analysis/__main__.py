"""The command line: `python -m analysis --help`."""

import argparse
import signal
import sys
from pathlib import Path

from analysis.build import processes

REFERENCE = "2025-reference"
INTERRUPTED = 130
"""The exit code of a command that was told to stop."""

# Each command imports the rooms it needs itself, so that none waits for another's.


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code, 1 when what was asked can't be had."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis", description="From a survey's export to a book: clean, check, reconstruct, build."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(function, text, example, wave=True):
        sub = commands.add_parser(
            function.__name__, help=text, description=text, epilog=f"example: python -m analysis {example}"
        )
        sub.set_defaults(run=function)
        if wave:
            help_text = "name of a folder in data/waves, or its path (default: %(default)s)"
            sub.add_argument("--wave", default=REFERENCE, help=help_text)
        return sub

    def language(sub):
        sub.add_argument(
            "--language", default="nl", choices=["nl"], help="language of the edition (default: %(default)s)"
        )

    command(
        check,
        "hold an export, and what stands beside it, against what is asked of them; list what is still to be written",
        "check --wave 2026",
    )
    command(clean, "make the shared cleaned dataset that the chapters read", "clean --wave 2026")

    def named(sub):
        sub.add_argument("--name", help="name of the edition (default: its wave's)")

    command(routing, "say where the printed jumps contradict who was asked", "routing")
    command(reconstruct, "make an invented wave from published figures", "reconstruct")
    command(
        invent, "draw a wave to practise on from its model, and write the truth beside it", "invent --wave practice-1"
    )
    command(audit, "hold every claim of the report against the data; write the whole list", "audit --wave 2026")

    def built(sub):
        language(sub)
        named(sub)
        sub.add_argument("--timeout", type=_seconds, default=120, help="seconds a cell may take (default: %(default)s)")
        sub.add_argument(
            "--no-longer-confidential", action="store_true",
            help="build a wave in the open that was built here as confidential; the record keeps that this was said",
        )  # fmt: skip
        return sub

    built(command(book, "run the chapters that must run, and build the book", "book --wave 2026 --language nl"))
    sub = built(command(
        serve,
        "show an edition on this machine alone, and keep it true while you write: save a chapter, a table or a module, "
        "and the page in the browser is new; nothing is published",
        "serve --wave 2026",
    ))  # fmt: skip
    sub.add_argument("--port", type=int, default=8000, help="where: http://127.0.0.1:PORT (default: %(default)s)")
    sub = command(
        publish, "write editions into a folder for publishing; one of people's answers only with its gate record whole",
        "publish --to public --edition 2025-reference practice-1", wave=False,
    )  # fmt: skip
    language(sub)
    sub.add_argument("--edition", nargs="+", required=True, metavar="NAME", help="which editions")
    sub.add_argument("--to", type=Path, required=True, metavar="DIR", help="where to")
    sub.add_argument("--reader", default="", help="who read an edition of people's answers, word for word")
    sub = command(verify, "hold a published edition against the checkout", "verify --wave 2026")
    language(sub)
    named(sub)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def check(options: argparse.Namespace) -> int:
    from analysis.survey import cleaning, coding, lists, pictures, questionnaire, reading, study, unwritten, waves

    wave = waves.read_wave(options.wave)
    questions, export = questionnaire.read(wave.questionnaire), reading.read_export(wave)
    problems = cleaning.check(export, wave, questions)
    full_list = cleaning.write_list(problems, wave, wave.lists() / "check")
    print(cleaning.report(problems, wave, len(export), full_list))
    wrong = len(problems) > 0
    if wave.settings["kind"] == "public" and not wave.source:
        missing = ", ".join(waves.PUBLISHED)
        print(f"{wave.folder / 'wave.toml'}: kind is public, and [published] doesn't say {missing}. Until it says all "
              "three this wave is confidential.", file=sys.stderr)  # fmt: skip
        wrong = True

    def coded():
        if not (wave.survey / "themes").exists():
            return
        frame = coding.read_frame(options.wave, questions)
        coding.read_reviewed(options.wave, frame, questions)
        if not wrong:  # what was coded is held against who answered
            coding.read_codes(options.wave, frame, cleaning.clean(export, wave, questions)[0], questions)

    for look in (lambda: wave.fieldwork, lambda: lists.see_report(options.wave), lambda: reading.read_provenance(wave),
                 lambda: pictures.read(wave, questions), lambda: study.read(options.wave), coded):  # fmt: skip
        try:
            look()
        except (ValueError, OSError) as error:
            print(error, file=sys.stderr)
            wrong = True
    if problems.empty:
        print(unwritten.report(unwritten.find(wave, export, questions)))
    return int(wrong)


def clean(options: argparse.Namespace) -> int:
    from analysis.survey import cleaning, waves

    wave = waves.read_wave(options.wave)
    made = cleaning.prepare(wave, wave.lists() / "check")
    print(f"{wave.clean}: {'made' if made else 'nothing to do'}")
    return 0


def routing(options: argparse.Namespace) -> int:
    from analysis.survey import questionnaire, waves
    from analysis.survey import routing as ways

    wave = waves.read_wave(options.wave)
    findings = ways.compare_routing(questionnaire.read(wave.questionnaire))
    print("nothing to report" if findings.empty else findings.to_string(index=False))
    return 0


def audit(options: argparse.Namespace) -> int:
    from analysis.report import audit

    return audit.run(options.wave)


def reconstruct(options: argparse.Namespace) -> int:
    from analysis.survey import reconstruction, waves

    wave = waves.read_wave(options.wave)
    reconstruction.write(wave.folder)
    print(f"{wave.responses} and provenance.csv beside it: made")
    return 0


def invent(options: argparse.Namespace) -> int:
    from analysis.survey import invention

    made = invention.write(options.wave)
    print("\n".join(f"{path}: made" for path in made))
    return 0


def book(options: argparse.Namespace) -> int:
    from analysis import edition
    from analysis.build import book, telling

    def stop(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        parameters = edition.parameters(options.wave, options.language)
        name = options.name or parameters["wave"]
        with telling.told() as (say, progress):
            book.build(
                name, parameters, options.language, say=say, timeout=options.timeout,
                opened=options.no_longer_confidential, progress=progress,
            )  # fmt: skip
    except book.BuildError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The book that was there is unchanged.", file=sys.stderr)
        return INTERRUPTED
    return 0


def serve(options: argparse.Namespace) -> int:
    from analysis import edition
    from analysis.build import live

    parameters = edition.parameters(options.wave, options.language)
    name = options.name or parameters["wave"]
    live.serve(
        name, parameters, options.language, options.port, opened=options.no_longer_confidential, timeout=options.timeout
    )
    return 0


def publish(options: argparse.Namespace) -> int:
    from analysis import publishing

    for place in publishing.publish(options.edition, options.language, options.to, options.reader):
        _say(f"published {place / 'index.html'}")
    return 0


def verify(options: argparse.Namespace) -> int:
    from analysis.build import book

    differences = book.verify(options.name or Path(options.wave).name, options.language)
    if differences:
        print(f"{len(differences)} differences:\n  " + "\n  ".join(differences), file=sys.stderr)
        return 1
    print("the published book is what the checkout makes")
    return 0


def _seconds(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of seconds above 0")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    processes.leave(main())
