"""The line that tells how far a map is, where a person is there to see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.notebook.progress import QUIET_S, SHOWN_S


@contextmanager
def telling(
    shell: Any, name: str, count: int | None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int, int], None]]:
    """One line that is rewritten, and stays with what came of it; nothing if it is over at once."""
    from fc_magic.notebook.watched import is_watched

    began, shown, width = clock(), 0.0, 0
    last = 0, 0
    watched = is_watched(shell)

    def write(text: str, end: str = "") -> None:
        nonlocal width
        print(f"\r{text.ljust(width)}", end=end, flush=True)
        width = len(text)

    def told(done: int, failed: int) -> None:
        nonlocal shown, last
        last = done, failed
        now = clock()
        if watched and now - began >= QUIET_S and now - shown >= SHOWN_S:
            shown = now
            write(_line(name, done, count, failed, now - began))

    try:
        yield told
    finally:
        if width:
            done, failed = last
            write(_line(name, done, count if done != count else None, failed, clock() - began), "\n")


def goes_on(shell: Any) -> None:
    """Said to who interrupted a map, and waits for its generator."""
    from fc_magic.notebook.watched import is_watched

    if is_watched(shell):  # below what the line of the map, or the terminal, has
        print(
            "\n" + say("interrupted; the generator is still at work: interrupt again to leave it"), flush=True
        )


def _line(name: str, done: int, count: int | None, failed: int, seconds: float) -> str:
    calls = say("{0} of {1} calls", f"{done:,}", f"{count:,}") if count else say("{0} calls", f"{done:,}")
    parts = [name, calls, say("{0} failed", f"{failed:,}") if failed else "", words.seconds(seconds)]
    return " · ".join(filter(None, parts))
