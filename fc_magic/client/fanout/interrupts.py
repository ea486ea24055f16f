"""An interrupt that is heard at once and acted on only between two steps, so that it loses nothing."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: seconds after which who interrupted is told what still goes on
TOLD_S = 0.5


class Heard:
    """``asked``: somebody interrupted. Whoever interrupts once more means it, and is let through, and is told so with
    ``tell`` where ``goes_on`` does; ``close``: there is nothing to interrupt any more."""

    def __init__(
        self, wake: Callable[[], None], goes_on: Callable[[], bool], tell: Callable[[], None]
    ) -> None:
        self._wake, self._goes_on, self._tell = wake, goes_on, tell
        self._over = threading.Event()
        self.asked = self._closed = False
        #: who is told of an interrupt that is let through
        self.before: Any = None

    def close(self) -> None:
        self._closed = True
        self._over.set()

    def __call__(self, number: int, frame: Any) -> None:
        if self._closed:
            return
        if self.asked and callable(self.before):
            self.before(number, frame)
        if not self.asked:  # without a lock of ``threading``: whoever is interrupted here may have it
            _thread.start_new_thread(self._look, ())
        self.asked = True
        self._wake()

    def _look(self) -> None:
        if not self._over.wait(TOLD_S) and self._goes_on():
            self._tell()


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
