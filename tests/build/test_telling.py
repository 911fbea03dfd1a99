"""What a build tells: a bar at a terminal, lines alone in a log."""

import io
import sys

from analysis.build import telling


class Terminal(io.StringIO):
    """Stands for a screen."""

    def isatty(self):
        return True


def told(monkeypatch, **environment):
    """What stands on a screen after a line and some progress."""
    monkeypatch.delenv("CI", raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal())
    with telling.told() as (say, progress):
        say("run       use: its code [changed]")
        progress(["care", "use"], 2, 5)
    return sys.stdout.getvalue()


def test_a_person_at_a_terminal_sees_how_many_are_done_and_what_is_running(monkeypatch):
    screen = told(monkeypatch)
    assert "run       use: its code [changed]\n" in screen and "2/5" in screen and "care, use" in screen


def test_a_log_has_lines_alone(monkeypatch):
    assert told(monkeypatch, CI="true") == "run       use: its code [changed]\n"
