"""Terminals and pipes: who gets colour, progress and tables."""

from __future__ import annotations

import io
import sys

import pytest

from repoint.cli import output
from repoint.cli import progress as progress_module
from repoint.cli.progress import progress, silent
from repoint.reporting.layout import Line


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called in the test's body: pytest sets the streams anew after the fixtures."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm-256color")
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="colour depends on the console there")
def test_colour_is_for_terminals_whose_user_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_terminal(monkeypatch)
    assert output.has_colour()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not output.has_colour()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not output.has_colour()


def test_a_pipe_has_no_colour() -> None:
    assert not output.has_colour()


def test_blocks_go_through_rich_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    output.print_blocks([Line("words")])
    assert "words" in terminal.getvalue()


def test_progress_is_silent_without_a_terminal_and_when_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    with progress(quiet=True) as watch:
        assert watch is silent
        watch("analysing", 1, 2)
    assert terminal.getvalue() == ""


def test_progress_keeps_still_for_half_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    with progress(quiet=False) as watch:
        watch("analysing", 1, 2)
    assert terminal.getvalue() == ""


def test_progress_shows_the_stage_and_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    with progress(quiet=False) as watch:
        watch("reading", 0, 0)
        watch("analysing", 115, 230)
    assert "115/230" in terminal.getvalue()
    assert "analysing" in terminal.getvalue()


def test_progress_takes_what_a_command_says_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    monkeypatch.setattr(progress_module, "WONDER", 0)
    with progress(quiet=False) as watch:
        watch("gate: [/bin/true]", 1, 2)
    assert "[/bin/true]" in terminal.getvalue() and "for 0 s" in terminal.getvalue()


def test_what_is_printed_beside_a_bar_goes_where_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    file = io.StringIO()
    monkeypatch.setattr(sys, "stdout", file)
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    with progress(quiet=False) as watch:
        watch("committing", 1, 2)
        print("0123456789  tests")
    assert file.getvalue() == "0123456789  tests\n"
    assert "tests" not in terminal.getvalue()
