"""Which instance serves this call: a warm one of the same revision, else a new one, else wait in turn.

A built-in runtime serves one call at a time, so an instance is handed out to one caller and comes back.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fc_magic.errors import ResourceExhausted
from fc_magic.server.worker.process import Instance, Spec

Revision = tuple[str, str]  # (function name, what tells its versions apart)
#: gets a warm instance, or None when one may be started
Waiter = asyncio.Future["Instance | None"]


@dataclass(frozen=True)
class Limits:
    """Instances in all, seconds a request may wait for one, seconds an idle instance is kept, seconds the program of
    a custom runtime may take until it listens."""

    instances: int = 100
    wait_s: float = 30.0
    idle_s: float = 300.0
    start_s: float = 120.0


@dataclass
class Lease:
    """An instance in use, and how long it took to start (0 if it was warm)."""

    instance: Instance
    revision: Revision
    cold_s: float = 0.0


@dataclass
class Pool:
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._idle: defaultdict[str, deque[tuple[Revision, Instance]]] = defaultdict(deque)
        self._busy: dict[str, Instance] = {}
        self._current: dict[str, str] = {}
        self._queue: deque[tuple[Waiter, Revision]] = deque()
        self._reserved = 0

    async def acquire(self, revision: Revision, make: Callable[[], Awaitable[Spec]]) -> Lease:
        """A lease that must be given back with :meth:`release`. Raises ResourceExhausted, InstanceGone."""
        self._current[revision[0]] = revision[1]
        warm = self._warm(revision) or await self._turn(revision)
        if warm is None:
            try:
                return await self._cold(revision, make)
            finally:
                self._reserved -= 1
                self._wake()
        self._busy[warm.id] = warm
        return Lease(warm, revision)

    async def _cold(self, revision: Revision, make: Callable[[], Awaitable[Spec]]) -> Lease:
        began = self.clock()
        instance = (await make()).instance()
        try:
            await instance.start()
        except BaseException:
            instance.kill()
            raise
        self._busy[instance.id] = instance
        return Lease(instance, revision, self.clock() - began)

    def _warm(self, revision: Revision) -> Instance | None:
        # all idle instances of a function are of its current revision; who waits may still want the one before
        idle = self._idle.get(revision[0])
        while idle and idle[-1][0] == revision:
            _, instance = idle.pop()
            if instance.alive:
                return instance
        return None

    def release(self, lease: Lease) -> None:
        """Gives an instance back; one that died, or whose revision is no longer the current one, is ended."""
        instance, (name, version) = lease.instance, lease.revision
        self._busy.pop(instance.id, None)
        if instance.alive and self._current.get(name) == version:
            self._idle[name].append((lease.revision, instance))
        else:
            instance.kill()
        self._wake()

    def retire(self, name: str, version: str = "") -> None:
        """From now on only ``version`` serves ``name``; without one, nothing does. Busy instances finish."""
        if version:
            self._current[name] = version
        else:
            self._current.pop(name, None)
        for revision, instance in list(self._idle.get(name, ())):
            if revision[1] != version:
                self._idle[name].remove((revision, instance))
                instance.kill()
        if not self._idle.get(name):
            self._idle.pop(name, None)
        self._wake()

    def reclaim(self) -> float:
        """Ends instances that were idle too long; returns the seconds until the next one would be."""
        oldest = 0.0
        for name, idle in list(self._idle.items()):
            keep: deque[tuple[Revision, Instance]] = deque()
            for revision, instance in idle:
                age = self.clock() - instance.used
                if age >= self.limits.idle_s or not instance.alive:
                    instance.kill()
                else:
                    keep.append((revision, instance))
                    oldest = max(oldest, age)
            self._idle[name] = keep
            if not keep:
                del self._idle[name]
        return max(self.limits.idle_s - oldest, 0.1)

    def close(self) -> None:
        """Ends every instance, busy ones too."""
        for waiter, _ in self._queue:
            waiter.cancel()
        for instance in [*self._busy.values(), *(i for q in self._idle.values() for _, i in q)]:
            instance.kill()
        self._idle.clear()
        self._busy.clear()

    # ------------------------------------------------------------ limits

    def _full(self) -> bool:
        idle = sum(len(q) for q in self._idle.values())
        return len(self._busy) + self._reserved + idle >= self.limits.instances and not self._evict()

    async def _turn(self, revision: Revision) -> Instance | None:
        """Waits, in the order of asking, for an instance of the revision that came back, or (None) until one
        more may be started: then the place for it is reserved."""
        if not self._queue and not self._full():
            self._reserved += 1
            return None
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._queue.append((waiter, revision))
        timer = asyncio.get_running_loop().call_later(self.limits.wait_s, self._give_up, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                self._decline(waiter.result(), revision)
            raise
        finally:
            timer.cancel()
            if (waiter, revision) in self._queue:
                self._queue.remove((waiter, revision))

    def _decline(self, given: Instance | None, revision: Revision) -> None:
        """Whoever waited is gone, and what they were given goes to the next."""
        if given is None:
            self._reserved -= 1
            self._wake()
        else:
            self.release(Lease(given, revision))

    def _give_up(self, waiter: Waiter) -> None:
        if not waiter.done():
            text = f"all {self.limits.instances} instances were busy for {self.limits.wait_s:g} s"
            waiter.set_exception(
                ResourceExhausted(text, hint="call again later, or make fewer calls at once")
            )

    def _evict(self) -> bool:
        """Ends the longest idle instance of any function to make room."""
        idle = [(instance.used, name) for name, q in self._idle.items() for _, instance in q]
        if not idle:
            return False
        name = min(idle)[1]
        self._idle[name].popleft()[1].kill()
        if not self._idle[name]:
            del self._idle[name]
        return True

    def _wake(self) -> None:
        while self._queue:
            waiter, revision = self._queue[0]
            warm = None if waiter.done() else self._warm(revision)
            if not (warm or waiter.done()) and self._full():
                return
            self._queue.popleft()
            if warm:
                self._busy[warm.id] = warm  # handed over: nobody may come between
                waiter.set_result(warm)
            elif not waiter.done():
                self._reserved += 1
                waiter.set_result(None)
