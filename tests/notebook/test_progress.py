"""The line that is rewritten while something is uploaded."""

from __future__ import annotations

import io
import threading
from contextlib import redirect_stdout

import pytest

from fc_magic.config import Settings
from fc_magic.notebook import progress
from fc_magic.notebook.reach import Reach
from fc_magic.package.workplace import Step
from tests.client.endpoint import client_of

MB = 1 << 20


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_one_line_that_stays() -> None:
    """Every write begins the same line anew, the last one covers it and ends it."""
    with redirect_stdout(Terminal()) as said:
        with progress.sending(None, "shop", 90 * MB) as told:
            for done in (0, 8, 90):
                told(done * MB)
    *steps, last = said.getvalue().split("\r")[1:]
    assert steps[0] == "shop · uploading · 0 of 90 MB"
    assert steps[-1] == "shop · uploading · 90 of 90 MB"
    assert last.startswith("shop · 90 MB uploaded in 0 s")
    assert last.endswith("\n")
    assert len(last.rstrip("\n")) >= max(map(len, steps))


def test_it_is_not_written_at_every_step() -> None:
    """A fast upload of many parts writes a few times."""
    with redirect_stdout(Terminal()) as said, progress.sending(None, "shop", 1000 * MB) as told:
        for done in range(0, 1000 * MB, MB):
            told(done)
    assert said.getvalue().count("\r") < 20


def test_a_failure_stands_on_a_line_of_its_own() -> None:
    """The line ends where it is."""
    line = progress.sending(None, "shop", MB)
    with redirect_stdout(Terminal()) as said:
        line.__enter__()(0)
        line.__exit__(OSError, OSError("gone"), None)
    assert said.getvalue().endswith("\n")
    assert "uploaded in" not in said.getvalue()


def test_nobody_watches() -> None:
    """Nothing is written into a file or a pipe."""
    with redirect_stdout(io.StringIO()) as said, progress.sending(None, "shop", MB) as told:
        told(MB)
    assert said.getvalue() == ""


def test_uploads_of_a_notebook_are_told() -> None:
    """The client that a notebook reaches tells how far an upload is."""
    with client_of("http://127.0.0.1:9") as client, redirect_stdout(Terminal()) as said:
        with Reach(None, lambda settings: client).client().session.progress("shop", MB) as told:
            told(MB)
    assert "shop · 1 MB uploaded" in said.getvalue()


def test_a_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for the local Function Compute to start reads so, and at last how long it took; a quick start says
    nothing, and in a file or a pipe no start does."""
    monkeypatch.setattr(progress, "QUIET_S", 0.0)
    shown = Shown()
    with redirect_stdout(shown), progress.starting(None):
        assert shown.written.wait(10)
    assert shown.getvalue().startswith(
        "\rstarting the local Function Compute …\rthe local Function Compute started in"
    )
    assert shown.getvalue().endswith("\n")

    monkeypatch.setattr(progress, "QUIET_S", 60.0)
    with redirect_stdout(Terminal()) as quick, progress.starting(None):
        pass
    assert quick.getvalue() == ""
    monkeypatch.setattr(progress, "QUIET_S", 0.0)
    with redirect_stdout(io.StringIO()) as unwatched, progress.starting(None):
        pass
    assert unwatched.getvalue() == ""


class Shown(Terminal):
    """Says when something was written into it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def flush(self) -> None:
        super().flush()
        self.written.set()


def told(*steps: Step) -> str:
    """What a terminal has of these steps, of which each comes a second after the one before."""
    seconds = iter(range(1, 100))
    with redirect_stdout(Terminal()) as said:
        with progress.at_work(None, Settings.load({}), lambda: float(next(seconds))) as at:
            for step in steps:
                at.tell(step)
    return said.getvalue()


def test_what_is_fetched() -> None:
    """Resolving and fetching are one line, which stays with how much it was, how long it took, and what it wrote."""
    what = "pandas, numpy and 4 more"
    said = told(
        Step("pandas", "resolving"),
        Step("pandas", "resolving"),
        Step(what, "fetching", 34 * MB, 61 * MB),
        Step(what, "", 61 * MB, 61 * MB, "pylock.api.toml written"),
    )
    assert [part.rstrip() for part in said.split("\r")] == [
        "",
        "pandas · resolving · 1 s",
        "pandas, numpy and 4 more · fetching 34 of 61 MB · 2 s",
        "pandas, numpy and 4 more · 61 MB in 3 s · pylock.api.toml written",
    ]
    assert said.endswith("\n")


def test_what_is_over_at_once_is_not_told() -> None:
    """A step that takes less than a second."""
    assert told(Step("pandas", "resolving"), Step("pandas", "", 1, 1)) == ""
