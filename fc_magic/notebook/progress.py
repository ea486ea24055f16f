"""What takes long is told in one line that is rewritten and stays, where a person is there to see it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fc_magic.language.speech import say, translated, word
from fc_magic.notebook import words
from fc_magic.notebook.watched import is_watched
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
        self._watched, self._what, self._seconds, self._said = is_watched(shell), what, 0.0, False

    def __enter__(self) -> Progress:
        return self

    def step(self, what: str, doing: str, seconds: float) -> None:
        self._what, self._seconds = what, seconds
        self._write(say("{0} · {1} s", doing, f"{seconds:.0f}"), "")

    def sent(self, done: int, size: int, seconds: float) -> None:
        self._seconds = seconds
        self._write(say("uploading · {0} of {1} MB", f"{done / MB:.0f}", f"{size / MB:.0f}"), "")

    def after(self, seconds: float) -> None:
        self._seconds = seconds

    def done(self, size: str, note: str = "") -> None:
        if self._said:
            text = say("{0} in {1} s", size, f"{self._seconds:.0f}")
            self._write(words.pad(f"{text} · {note}" if note else text, 40), "\n")
            self._said = False

    def __exit__(self, *_: object) -> None:
        if self._said:  # it failed: the error stands on a line of its own
            self._write("", "\n")

    def _write(self, text: str, end: str) -> None:
        if self._watched:
            self._said = True
            print(f"\r{self._what} · {text}", end=end, flush=True)


_TOLD = threading.local()


@contextmanager
def told_otherwise() -> Iterator[None]:
    """What this thread waits for is said where somebody looks for it, and not in a line."""
    _TOLD.otherwise = True
    try:
        yield
    finally:
        _TOLD.otherwise = False


@contextmanager
def starting(shell: Any) -> Iterator[None]:
    """A line while the local Function Compute starts, once that takes longer than a person likes to wait for
    nothing. Meanwhile this thread waits: another one writes."""
    if getattr(_TOLD, "otherwise", False) or not is_watched(shell):
        yield
        return
    began, said = time.monotonic(), threading.Event()
    what = say("starting the local Function Compute …")

    def tell() -> None:
        said.set()
        print(f"\r{what}", end="", flush=True)

    timer = threading.Timer(QUIET_S, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if said.is_set():
            took = say("the local Function Compute started in {0} s", f"{time.monotonic() - began:.0f}")
            # one that did not start says so itself, below
            failed = sys.exc_info()[0] is not None
            print("" if failed else f"\r{words.pad(took, words.width(what))}", flush=True)


@contextmanager
def sending(shell: Any, what: str, size: int) -> Iterator[Callable[[int], None]]:
    """A line for an upload of so many bytes; it is told how many are there."""
    with Progress(shell, what) as progress:
        began, shown = time.monotonic(), -SHOWN_S

        def told(done: int) -> None:
            nonlocal shown
            seconds = time.monotonic() - began
            if done >= size or seconds - shown >= SHOWN_S:
                shown = seconds
                progress.sent(done, size, seconds)

        yield told
        progress.done(say("{0} MB uploaded", f"{size / MB:.0f}"))


@contextmanager
def at_work(
    shell: Any, settings: Settings, clock: Callable[[], float] = time.monotonic
) -> Iterator[Workplace]:
    """A workplace whose steps are told in a line, once they take longer than a person likes to wait for nothing."""
    began = shown = 0.0
    with Progress(shell, "") as progress:

        def tell(step: Step) -> None:
            nonlocal began, shown
            now = clock()
            began = began or now
            if not step.doing:
                progress.after(now - began)
                progress.done(f"{step.size / MB:.0f} MB", translated(step.note))
                began = shown = 0.0
            elif now - began >= QUIET_S and now - shown >= SHOWN_S:
                shown = now
                progress.step(translated(step.what), _doing(step), now - began)

        yield Workplace(settings.cache, tell, settings.leave_out)


def _doing(step: Step) -> str:
    doing = word(step.doing)
    if not step.size:
        return doing
    return say("{0} {1} of {2} MB", doing, f"{step.done / MB:.0f}", f"{step.size / MB:.0f}")
