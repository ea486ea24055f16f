"""An interrupt that is heard at once and acted on only between two steps, so that it loses nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Heard:
    """``asked``: somebody interrupted. Whoever interrupts once more means it, and is let through; ``close``: there is
    nothing to interrupt any more."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self.asked = self._closed = False
        #: who is told of an interrupt that is let through
        self.before: Any = None

    def close(self) -> None:
        self._closed = True

    def __call__(self, number: int, frame: Any) -> None:
        if self._closed:
            return
        if self.asked and callable(self.before):
            self.before(number, frame)
        self.asked = True
        self._wake()


@contextmanager
def hearing(heard: Heard) -> Iterator[Heard]:
    """An interrupt goes to ``heard`` meanwhile. Only the main thread is ever interrupted."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield heard
        return
    heard.before = before
    signal.signal(signal.SIGINT, heard)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
