"""Calls of functions that have an instance waiting: without a task, a future or a timer of their own.

Nearly every call is one of these, and over in less time than all those would take. A call that lasts, or goes wrong,
becomes an ordinary one: then it is watched, has its deadline, and can be cancelled.
"""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import Callable
from datetime import datetime, timezone

from fc_magic.server.in_use import InUse
from fc_magic.server.live import Live
from fc_magic.server.logs import Brief
from fc_magic.server.request_ids import new_request_id
from fc_magic.server.runner import Runner
from fc_magic.server.worker.frames import Slot
from fc_magic.server.worker.pool import Lease, Pool
from fc_magic.wire.results import Function, Invocation
from fc_magic.wire.runtimes import is_custom

#: a call that takes longer becomes an ordinary one; before that nobody would look at what it holds either
LASTS_S = 0.02


class Begun(Slot):
    """A call under way. In the end ``answered`` is told what it gave, or ``lasts`` that who began it must wait for
    :meth:`Warm.rest`. A class of its own instead of functions, because making these takes time too."""

    __slots__ = ("began", "function", "lease", "request_id", "started", "unsent", "warm")

    def __init__(self, warm: Warm, function: Function, lease: Lease) -> None:
        self.answer = self.error = None
        self.warm, self.function, self.lease = warm, function, lease
        self.started, self.began = time.monotonic(), time.time()
        self.request_id = new_request_id(self.began)
        self.unsent = b""

    def heard(self) -> None:
        self.warm.heard(self)

    def answered(self, call: Brief, payload: bytes) -> None:
        raise NotImplementedError

    def lasts(self) -> None:
        raise NotImplementedError


class Warm:
    """``live`` says what serves a function, if it may be called; ``took`` writes down what became of a call of it,
    ``noted`` that it went well."""

    def __init__(
        self,
        pool: Pool,
        runner: Runner,
        in_use: InUse,
        live: Callable[[str], Live | None],
        took: Callable[[Function, Invocation, datetime], Invocation],
        noted: Callable[[Function, Brief], None],
    ) -> None:
        self._pool, self._runner, self._in_use = pool, runner, in_use
        self._live, self._took, self._noted = live, took, noted
        #: in the order in which they began
        self._under_way: dict[Begun, None] = {}
        self._looks = False

    def lease(self, name: str) -> tuple[Function, Lease] | None:
        """A waiting instance of the function, if it has one. It is for ``begin``, or else for ``decline``."""
        live = self._live(name)
        if live is None or is_custom(live.function.runtime):
            return None
        function, lease = live.function, self._pool.warm(live.revision)
        if lease and function.initializer and not lease.instance.initialized:
            self.decline(lease)
            return None
        return (function, lease) if lease else None

    def decline(self, lease: Lease) -> None:
        self._pool.release(lease)

    def begin(self, begun: Begun, event: bytes) -> None:
        """Never answers before it returns."""
        function = begun.function
        self._in_use.begin(function.name)
        self._under_way[begun] = None
        frame = f'{{"request_id": "{begun.request_id}", {_frame(function.handler)}'
        begun.unsent = begun.lease.instance.begin(frame.encode(), event, begun)
        if begun.unsent:
            self._lasts(begun)
        elif not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_later(LASTS_S, self._look)

    def heard(self, begun: Begun) -> None:
        if begun not in self._under_way:
            return
        good = begun.good
        function, instance = begun.function, begun.lease.held.instance
        if good is None or not instance.may_end(good):
            self._lasts(begun)
            return
        del self._under_way[begun]
        printed = instance.end(good)
        ms, mb = (instance.used - begun.started) * 1000, instance.memory_mb
        call = Brief(begun.request_id, begun.began, printed, ms, function.memory, mb, function.code_checksum)
        self._pool.release(begun.lease)
        self._in_use.end(function.name)
        self._noted(function, call)
        begun.answered(call, good[1])

    def _look(self) -> None:
        """One timer for all: which of them last."""
        loop, now = asyncio.get_running_loop(), time.monotonic()
        for begun in [begun for begun in self._under_way if now - begun.started >= LASTS_S]:
            self._lasts(begun)
        oldest = next(iter(self._under_way), None)
        self._looks = oldest is not None
        if oldest:
            # uvloop counts in whole milliseconds, and comes too early rather than too late
            loop.call_later(oldest.started + LASTS_S - now + 0.001, self._look)

    def _lasts(self, begun: Begun) -> None:
        del self._under_way[begun]
        begun.lasts()

    async def rest(self, begun: Begun) -> Invocation:
        """As ``Engine.invoke``, of a call that lasts."""
        function = begun.function
        try:
            invocation = await self._runner.rest(
                function, begun.lease, begun.request_id, begun.started, begun.unsent
            )
        finally:
            self._in_use.end(function.name)
        return self._took(function, invocation, datetime.fromtimestamp(begun.began, timezone.utc))


@functools.lru_cache(maxsize=256)
def _frame(handler: str) -> str:
    return json.dumps({"qualifier": "LATEST", "kind": "invoke", "handler": handler})[1:]
