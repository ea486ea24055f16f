"""The watchdog of one instance: looks at what its processes hold while a call lasts, and ends what takes too much.

A limit of the kernel on a process's address space would break programs that only reserve it, and says nothing of
the children; so it is the resident memory of the whole tree that counts.
"""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import Callable
from typing import ClassVar

from fc_magic.server.worker import limits, tree
from fc_magic.server.worker.launch import First

#: most calls are over before the first look, and pay nothing
FIRST_LOOK_S, LOOK_S = 0.02, 0.025
#: that many calls at once are each looked at as often as one; with more of them each also grows more slowly
CROWD = 8
#: looking takes at most one part in this many of the server's time
SHARE = 20
#: to look at more processes than so takes milliseconds: that is not for the thread which has others to answer
FEW = 8
#: nor does the thread that looks keep the interpreter for itself: its turns are short, and these lie between them
PAUSE_S = 0.0005
#: where the file system of an instance is not its own and limits nothing
DISK_LOOK_S = 0.5
#: so long the memory of one tree may be added up before the next look
WEIGH_S = 0.5


def _nobody(why: str) -> None:
    pass


class Watch:
    """``begin`` and ``end`` stand around a call; ``over`` is told, once, why it must be ended."""

    _crowd: ClassVar[set[Watch]] = set()

    def __init__(
        self, first: First, memory_mb: int, over: Callable[[str], None], disk_mb: int = limits.DISK_MB
    ) -> None:
        self._first, self._memory_mb, self._over, self._disk_mb = first, memory_mb, over, disk_mb
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Future[tuple[tree.Held, float]] | None = None
        self._tasks = 0
        self._weighing: asyncio.Future[float] | None = None
        self._weigh_again = 0.0
        #: what it seemed to hold when it was last added up between two calls: who sleeps holds the same
        self._weighed_mb = 0.0
        self._disk: asyncio.TimerHandle | asyncio.Future[float | None] | None = None
        self.peak_mb = 0.0
        #: what of the memory of this call was seen to be files, or shared; the highest that any call told of
        self._files_mb = self._told_mb = 0.0

    def begin(self, passed_s: float = 0.0) -> None:
        """``passed_s``: how long the call lasts already."""
        self.peak_mb = self._files_mb = 0.0
        self._timer = asyncio.get_running_loop().call_later(max(0.0, FIRST_LOOK_S - passed_s), self._look)
        self._disk = asyncio.get_running_loop().call_later(DISK_LOOK_S, self._look_at_disk)

    def end(self) -> None:
        self._weighing = self._looking = None
        if self._disk is not None:
            self._disk.cancel()
            self._disk = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._crowd.discard(self)

    def close(self) -> None:
        """The instance has ended: nobody is told any more, so that who held this watch need not stay."""
        self.end()
        self._over = _nobody

    def _look(self) -> None:
        self._crowd.add(self)
        if self._tasks <= FEW:
            held, took = self._held(FEW)
            if held.tasks <= FEW:
                self._looked(held, took)
                return

        def looked(done: asyncio.Future[tuple[tree.Held, float]]) -> None:
            if self._looking is done and not done.cancelled() and not done.exception():
                self._looked(*done.result())

        self._looking = asyncio.get_running_loop().run_in_executor(None, self._held, limits.TASKS, PAUSE_S)
        self._looking.add_done_callback(looked)

    def _held(self, enough: int, pause_s: float = 0.0) -> tuple[tree.Held, float]:
        """And how long that took."""
        began = time.thread_time()
        held = self._first.held(enough, pause_s)
        self._tasks = held.tasks
        return held, time.thread_time() - began

    def _looked(self, held: tree.Held, took: float) -> None:
        pause = max(LOOK_S * max(1, len(self._crowd) / CROWD), SHARE * took)
        self._timer = asyncio.get_running_loop().call_later(pause, self._look)
        if why := self._found(held):
            self._stop(why)

    def _look_at_disk(self) -> None:
        loop = asyncio.get_running_loop()
        measuring = loop.run_in_executor(None, self._first.written_mb)

        def measured(done: asyncio.Future[float | None]) -> None:
            if self._disk is not done or done.cancelled() or done.exception() or done.result() is None:
                return
            mb = done.result() or 0.0
            if mb > self._disk_mb:
                self._stop(limits.OUT_OF_DISK.format(mb=mb, limit=self._disk_mb))
            else:
                self._disk = loop.call_later(DISK_LOOK_S, self._look_at_disk)

        self._disk = measuring
        measuring.add_done_callback(measured)

    def _stop(self, why: str) -> None:
        self.end()
        self._over(why)

    async def glance(self) -> bool:
        """One look between two calls; whether that was the end."""
        held, _ = self._held(FEW)
        if held.tasks > FEW:
            held, _ = await asyncio.to_thread(self._held, limits.TASKS, PAUSE_S)
        why = self._at_once(held)
        if not why and held.most_mb > self._memory_mb and held.most_mb != self._weighed_mb:
            self._weighed_mb = held.most_mb
            weigh = functools.partial(held.exact_mb, float(self._memory_mb), WEIGH_S)
            mb = await asyncio.get_running_loop().run_in_executor(None, weigh)
            why = self._too_much(mb) if mb > self._memory_mb else ""
        if why:
            self._stop(why)
        return bool(why)

    def suspects(self, told_mb: float) -> bool:
        """Whether a call that has ended should be judged by ``was_over``."""
        return told_mb > max(self._memory_mb, self._told_mb)

    async def was_over(self, told_mb: float) -> str:
        """Why a call that has ended should have been ended before, by the most its process ever held; else nothing.

        It may be over before the first look, or hold much between two of them. Files that it maps are in that number.
        """
        if not self.suspects(told_mb):
            return ""
        self._told_mb = told_mb
        self.end()  # what it finds from now on would be said too late
        held, _ = await asyncio.to_thread(self._held, limits.TASKS, PAUSE_S)
        exact_mb = await asyncio.to_thread(held.exact_mb, math.inf, WEIGH_S)
        mb = max(exact_mb, told_mb - max(self._files_mb, held.most_mb - exact_mb))
        return self._too_much(mb) if mb > self._memory_mb else ""

    def _at_once(self, held: tree.Held) -> str:
        """Why it must end, as far as that can be seen without adding up what is shared."""
        if held.tasks > limits.TASKS:
            return limits.OUT_OF_TASKS.format(limit=limits.TASKS)
        own = list(held.anonymous_mb.values())
        if len(own) == 1 and own[0] > self._memory_mb:
            return self._too_much(own[0])
        return ""

    def _found(self, held: tree.Held) -> str:
        """Why the call must end; nothing if it need not."""
        if why := self._at_once(held):
            return why
        self._files_mb = max(self._files_mb, held.most_mb - sum(held.anonymous_mb.values()))
        at_most = held.most_mb
        if at_most > self._memory_mb and len(held.anonymous_mb) == 1:
            # to weigh a process that holds much, the kernel keeps a core to itself for milliseconds
            at_most = held.no_file_mb()
        if at_most <= self._memory_mb:
            self.peak_mb = max(self.peak_mb, at_most)
        elif self._weighing is None and time.monotonic() > self._weigh_again:
            self._weigh(held)
        return ""

    def _weigh(self, held: tree.Held) -> None:
        """Beside the loop: what forked processes share was counted for each of them, and so were files."""
        began = time.monotonic()
        weighing = asyncio.get_running_loop().run_in_executor(
            None, held.exact_mb, float(self._memory_mb), WEIGH_S
        )

        def weighed(done: asyncio.Future[float]) -> None:
            if self._weighing is not done or done.cancelled() or done.exception():
                return  # the call was over before
            self._weighing = None
            self._weigh_again = time.monotonic() + SHARE * (time.monotonic() - began)
            if done.result() > self._memory_mb:
                self._stop(self._too_much(done.result()))
            else:
                self.peak_mb = max(self.peak_mb, done.result())

        self._weighing = weighing
        weighing.add_done_callback(weighed)

    def _too_much(self, mb: float) -> str:
        # told with two digits: more than the limit is never told as the limit
        self.peak_mb = max(self.peak_mb, math.ceil(mb * 100) / 100)
        return limits.OUT_OF_MEMORY.format(mb=math.ceil(mb), limit=self._memory_mb)
