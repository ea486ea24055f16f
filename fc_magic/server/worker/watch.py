"""The watchdog of one instance: looks at what its processes hold while a call lasts, and ends what takes too much.

A limit of the kernel on a process's address space would break programs that only reserve it, and says nothing of
the children; so it is the resident memory of the whole tree that counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar

from fc_magic.server.worker import limits
from fc_magic.server.worker.launch import First

#: most calls are over before the first look, and pay nothing
FIRST_LOOK_S, LOOK_S = 0.02, 0.025
#: that many calls at once are each looked at as often as one; with more of them each also grows more slowly
CROWD = 8
#: looking takes at most one part in this many of the server's time
SHARE = 20


class Watch:
    """``begin`` and ``end`` stand around a call; ``over`` is told, once, why it must be ended."""

    _crowd: ClassVar[set[Watch]] = set()

    def __init__(self, first: First, memory_mb: int, over: Callable[[str], None]) -> None:
        self._first, self._memory_mb, self._over = first, memory_mb, over
        self._timer: asyncio.TimerHandle | None = None
        self.peak_mb = 0.0

    def begin(self) -> None:
        self.peak_mb = 0.0
        self._timer = asyncio.get_running_loop().call_later(FIRST_LOOK_S, self._look)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._crowd.discard(self)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._crowd.add(self)
        began = time.thread_time()
        why = self._found()
        took = time.thread_time() - began
        pause = max(LOOK_S * max(1, len(self._crowd) / CROWD), SHARE * took)
        self._timer = loop.call_later(pause, self._look)
        if why:
            self.end()
            self._over(why)

    def _found(self) -> str:
        """Why the call must end; nothing if it need not."""
        held = self._first.held(limits.TASKS)
        if held.tasks > limits.TASKS:
            return limits.OUT_OF_TASKS.format(limit=limits.TASKS)
        mb = held.most_mb
        if mb > self._memory_mb and len(held.pids) > 1:
            mb = held.exact_mb()  # what forked processes share was counted for each of them
        self.peak_mb = max(self.peak_mb, mb)
        return limits.OUT_OF_MEMORY.format(mb=mb, limit=self._memory_mb) if mb > self._memory_mb else ""
