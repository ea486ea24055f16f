"""What takes long is told in one line that is rewritten and stays, where a person is there to see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fc_magic.package.workplace import Step, Workplace

if TYPE_CHECKING:
    from fc_magic.config import Settings

#: between two writes of the line
SHOWN_S = 0.2
#: what is over by then is not told
QUIET_S = 1.0
MB = 1 << 20


class Progress:
    """The line of one thing that goes on."""

    def __init__(self, shell: Any, what: str) -> None:
        from fc_magic.notebook.display import is_watched

        self._watched, self._what, self._seconds, self._said = is_watched(shell), what, 0.0, False

    def __enter__(self) -> Progress:
        return self

    def step(self, what: str, doing: str, seconds: float) -> None:
        self._what, self._seconds = what, seconds
        self._write(f"{doing} · {seconds:.0f} s", "")

    def sent(self, done: int, size: int, seconds: float) -> None:
        self._seconds = seconds
        self._write(f"uploading · {done / MB:.0f} of {size / MB:.0f} MB", "")

    def done(self, size: str) -> None:
        if self._said:
            self._write(f"{size} in {self._seconds:.0f} s".ljust(40), "\n")
            self._said = False

    def __exit__(self, *_: object) -> None:
        if self._said:  # it failed: the error stands on a line of its own
            self._write("", "\n")

    def _write(self, text: str, end: str) -> None:
        if self._watched:
            self._said = True
            print(f"\r{self._what} · {text}", end=end, flush=True)


@contextmanager
def sending(shell: Any, what: str, size: int) -> Iterator[Callable[[int], None]]:
    """A line for an upload of so many bytes; it is told how many are there."""
    began, shown = time.monotonic(), -SHOWN_S
    with Progress(shell, what) as progress:

        def told(done: int) -> None:
            nonlocal shown
            seconds = time.monotonic() - began
            if done >= size or seconds - shown >= SHOWN_S:
                shown = seconds
                progress.sent(done, size, seconds)

        yield told
        progress.done(f"{size / MB:.0f} MB uploaded")


@contextmanager
def at_work(shell: Any, settings: Settings) -> Iterator[Workplace]:
    """A workplace whose steps are told in a line, once they take longer than a person likes to wait for nothing."""
    began = shown = 0.0
    with Progress(shell, "") as progress:

        def tell(step: Step) -> None:
            nonlocal began, shown
            now = time.monotonic()
            began = began or now
            if not step.doing:
                progress.done(f"{step.size / MB:.0f} MB")
                began = shown = 0.0
            elif now - began >= QUIET_S and now - shown >= SHOWN_S:
                shown = now
                progress.step(step.what, _doing(step), now - began)

        yield Workplace(settings.cache, tell, settings.leave_out)


def _doing(step: Step) -> str:
    return f"{step.doing} {step.done / MB:.0f} of {step.size / MB:.0f} MB" if step.size else step.doing
