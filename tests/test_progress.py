"""A bar shows where somebody watches; everywhere else nothing happens."""

import importlib
import io

import pytest

from camdata._display import progress as _progress
from camdata._display.progress import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(monkeypatch):
    """Put a terminal in the place of stderr; a fixture's would be taken back before the test."""
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    return screen


def test_nothing_is_shown_where_nobody_watches(capsys):
    steps = iter(range(3))
    assert progress(steps, "steps") is steps
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_what_is_done_and_how_much(monkeypatch):
    terminal = watched(monkeypatch)
    pytest.importorskip("tqdm")
    monkeypatch.setattr(_progress, "DELAY", 0)
    assert list(progress(iter("abc"), "letters", 3)) == ["a", "b", "c"]
    assert "letters" in terminal.getvalue()
    assert "/3" in terminal.getvalue()


def test_what_is_done_at_once_shows_nothing(monkeypatch):
    terminal = watched(monkeypatch)
    pytest.importorskip("tqdm")
    assert list(progress(iter("abc"), "letters", 3)) == ["a", "b", "c"]
    assert "letters" not in terminal.getvalue()


def test_without_tqdm_the_steps_are_the_same(monkeypatch):
    terminal = watched(monkeypatch)

    def absent(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", absent)
    steps = iter("abc")
    assert progress(steps, "letters") is steps
    assert terminal.getvalue() == ""
