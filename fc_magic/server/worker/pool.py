"""Which instance serves this call: one of the same revision that has room, else a new one, else wait in turn.

A built-in runtime serves one call at a time, so its instance is handed to one caller and comes back; others are
shared by as many calls as they can serve at once. Of functions that wait, the one with the fewest instances in use
is next: who is called too much waits behind itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from fc_magic.errors import ResourceExhausted
from fc_magic.server.worker.fleet import (
    Fleet,
    Fleets,
    Held,
    Revision,
    Seen,
    Waiter,
    function_of,
    longest,
    spare,
)
from fc_magic.server.worker.lease import Lease, Limits
from fc_magic.server.worker.process import Spec

__all__ = ["Lease", "Limits", "Pool", "Revision", "Seen"]

HINT = "call again later, or make fewer calls at once"


@dataclass
class Pool:
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._fleets = Fleets()
        self.count, self.idle = self._fleets.count, self._fleets.idle
        self._waiting: dict[str, Fleet] = {}
        #: out of service, but their function is still told that they end
        self._draining: dict[str, tuple[Held, asyncio.Future[None]]] = {}
        self._total = self._served = 0

    async def acquire(
        self,
        revision: Revision,
        make: Callable[[], Awaitable[Spec]],
        concurrency: int = 1,
        most: int | None = None,
        alone: bool = False,
    ) -> Lease:
        """A lease that must be given back with :meth:`release`. Raises ResourceExhausted, InstanceGone.

        ``concurrency`` is what an instance that ``make`` describes can serve at once, ``most`` a limit of instances
        that the function itself has. ``alone``: who gets a new instance shares it only when they say so.
        """
        fleet = self._fleets.get(revision[0]) or self._fleets.new(revision)
        fleet.concurrency, fleet.most = concurrency, most
        held = self._take(fleet, revision) or await self._turn(fleet, revision)
        if held:
            return Lease(held, fleet)
        lease = await self._cold(fleet, revision, make)
        if not alone:
            self.share(lease)
        return lease

    def warm(self, revision: Revision) -> Lease | None:
        """A lease of an instance that waits for a call, if there is one and nobody waits for it."""
        fleet = self._fleets.get(revision[0])
        held = fleet.take(revision) if fleet and not fleet.queue else None
        lease = Lease(held, fleet) if fleet and held else None
        if lease and not lease.instance.alive:
            self.release(lease)
            return None
        return lease

    def share(self, lease: Lease) -> None:
        """From now on a new instance serves others as well."""
        if not lease.alone:
            return
        lease.alone, held, fleet = False, lease.held, lease.fleet
        held.shared = True
        fleet.starting -= 1
        if held.instance.concurrency > 1 and fleet.current == held.revision[1] and held.instance.alive:
            fleet.put_back(held)
        self._wake()

    def _take(self, fleet: Fleet, revision: Revision) -> Held | None:
        while (held := fleet.take(revision)) and not held.instance.alive:
            held.leases -= 1
            self._leave(fleet, held)
        return held

    async def _cold(self, fleet: Fleet, revision: Revision, make: Callable[[], Awaitable[Spec]]) -> Lease:
        began, held = self.clock(), None
        try:
            instance = (await make()).instance()
            held = fleet.members[instance.id] = Held(instance, revision, 1)
            fleet.promised -= 1
            await instance.start()
        except BaseException:
            if held is None:
                self._unpromise(fleet)
            else:
                fleet.starting -= 1
                self._leave(fleet, held)
                self._wake()
            raise
        held.ready = True
        return Lease(held, fleet, self.clock() - began, alone=True)

    def release(self, lease: Lease) -> None:
        """Gives a lease back. An instance whose revision is no longer the current one ends with its last call; one
        that died makes room at once."""
        held, fleet = lease.held, lease.fleet
        held.leases -= 1
        fleet.starting -= lease.alone
        if (
            held.instance.alive
            and fleet.current == held.revision[1]
            and (fleet.most is None or not fleet.is_over())
        ):
            fleet.put_back(held)
        elif not (held.leases and held.instance.alive):
            self._leave(fleet, held)
        else:
            fleet.close_to_calls(held)
        if self._waiting:
            self._wake()

    def retire(self, name: str, content: str = "") -> None:
        """From now on only ``content`` serves ``name``, a function or one of its versions; without one, nothing does.
        Busy instances finish."""
        fleet = self._fleets.get(name)
        if fleet is None:
            if content:
                # a call that found the content before may be on its way here
                self._fleets.new((name, content))
            return
        fleet.current = content
        for held in [h for h in fleet.room if h.revision[1] != content]:
            fleet.close_to_calls(held)
            if not held.leases:
                self._leave(fleet, held)
        self._forget_if_empty(fleet)
        self._wake()

    def retire_all(self, function: str) -> None:
        """From now on nothing serves a function, nor any version of it."""
        for fleet in self._fleets.of(function):
            self.retire(fleet.name)

    def abort(self, function: str, why: Exception) -> None:
        """Ends the instances of a function that are in use, and with them their calls; who waits gets ``why``."""
        for fleet in self._fleets.of(function):
            for waiter in fleet.queue:
                if not waiter.given.done():
                    waiter.given.set_exception(why)
            for held in list(fleet.members.values()):
                if held.leases:
                    held.instance.kill()

    def limit(self, function: str, most: int | None) -> None:
        """From now on a function has no more instances. Of those it has, idle ones end now, busy ones with their
        call."""
        for fleet in self._fleets.of(function):
            fleet.most = most
        for fleet in self._fleets.of(function):
            for held in fleet.idle():
                if fleet.is_over():
                    self._leave(fleet, held)
        self._wake()

    def keep(self, name: str, least: int, late: int = 0) -> None:
        """So many instances of a function, or of a version of it, stay while nobody calls; those beyond end now if
        there were to be more before, or if they came ``late``: they were to be there when they began to start."""
        fleet = self._fleets.get(name)
        if fleet is None:
            return
        fewer, fleet.least = fleet.least - least + late, least
        for held in fleet.spare()[: max(fewer, 0)]:
            self._leave(fleet, held)
        self._wake()

    async def ahead(
        self,
        revision: Revision,
        make: Callable[[], Awaitable[Spec]],
        concurrency: int = 1,
        most: int | None = None,
    ) -> Lease:
        """A lease of one more instance, before anybody calls; nobody else has it yet. Raises ResourceExhausted if
        there is no place for it now, InstanceGone."""
        fleet = self._fleets.get(revision[0]) or self._fleets.new(revision)
        fleet.concurrency, fleet.most = concurrency, most
        if fleet.of_function() >= self._most(fleet):
            text = f"{fleet.function} may have no more than {self._most(fleet)} instances"
            raise ResourceExhausted(text, hint=HINT)
        if self._total >= self.limits.instances and not any(self._evictable()):
            raise ResourceExhausted(f"all {self.limits.instances} instances are in use", hint=HINT)
        self._promise(fleet)
        return await self._cold(fleet, revision, make)

    def reclaim(self) -> float:
        """Ends instances that were idle too long; returns the seconds until the next one would be."""
        oldest = 0.0
        for fleet in list(self._fleets.values()):
            for held in fleet.idle():
                if not held.instance.alive:
                    self._leave(fleet, held)
            for held in fleet.spare():
                age = self.clock() - held.instance.used
                if age >= self.limits.idle_s:
                    self._leave(fleet, held)
                else:
                    oldest = max(oldest, age)
        self._wake()
        return max(self.limits.idle_s - oldest, 0.1)

    def seen(self, function: str) -> list[Seen]:
        """The instances of a function and its versions as they are now, the oldest first."""
        found = [Seen.of(held) for fleet in self._fleets.of(function) for held in fleet.members.values()]
        leaving = [held for held, _ in self._draining.values() if function_of(held.revision[0]) == function]
        found += [Seen.of(held, "draining") for held in leaving]
        return sorted(found, key=lambda seen: seen.born)

    # ------------------------------------------------------------ the end

    def _leave(self, fleet: Fleet, held: Held) -> None:
        """Takes an instance that nobody uses out of service: its function is told, if it wants to, then it ends."""
        fleet.close_to_calls(held)
        if not fleet.members.pop(held.instance.id, None):
            return  # it died, and has been let go by another of its calls
        farewell = held.instance.spec.farewell
        if farewell and held.takes_leave():
            task = asyncio.ensure_future(farewell(held.instance))
            self._draining[held.instance.id] = held, task
            task.add_done_callback(lambda _: self._drained(held))
        else:
            self._end(held)
        self._forget_if_empty(fleet)

    def _drained(self, held: Held) -> None:
        if self._draining.pop(held.instance.id, None):
            self._end(held)
            self._wake()

    def _end(self, held: Held) -> None:
        held.instance.kill()
        self._total -= 1

    def _forget_if_empty(self, fleet: Fleet) -> None:
        """A function that was deleted leaves nothing behind."""
        if not (fleet.current or fleet.size or fleet.queue) and self._fleets.get(fleet.name) is fleet:
            self._fleets.forget(fleet)

    async def shut(self, grace_s: float) -> None:
        """Ends every instance; those that are idle have ``grace_s`` to take leave of their function."""
        for fleet in list(self._fleets.values()):
            for held in fleet.idle():
                self._leave(fleet, held)
        leaving = [task for _, task in self._draining.values()]
        if leaving:
            await asyncio.wait(leaving, timeout=grace_s)
        self.close()

    def close(self) -> None:
        """Ends every instance at once, busy ones too."""
        for waiter in [w for fleet in self._waiting.values() for w in fleet.queue]:
            waiter.given.cancel()
        busy = [held for fleet in self._fleets.values() for held in fleet.members.values()]
        leaving, self._draining = self._draining, {}
        for _, task in leaving.values():
            task.cancel()
        for held in [*busy, *(held for held, _ in leaving.values())]:
            held.instance.kill()
        self._fleets.clear()
        self._waiting.clear()

    # ------------------------------------------------------------ limits

    async def _turn(self, fleet: Fleet, revision: Revision) -> Held | None:
        """Waits for an instance of the revision that has room, or (None) until one more may be started: then the
        place for it is promised."""
        if self._most(fleet) <= 0:
            raise ResourceExhausted(f"{fleet.function} may have no instance", hint=HINT)
        loop = asyncio.get_running_loop()
        waiter = Waiter(loop.create_future(), revision)
        fleet.queue.append(waiter)
        self._waiting[fleet.name] = fleet
        self._wake()
        timer = loop.call_later(self.limits.wait_s, self._give_up, fleet, waiter)
        try:
            return await waiter.given
        except asyncio.CancelledError:
            if waiter.given.done() and not waiter.given.cancelled() and not waiter.given.exception():
                self._decline(fleet, waiter.given.result())
            raise
        finally:
            timer.cancel()
            self._stop_waiting(fleet, waiter)

    def _stop_waiting(self, fleet: Fleet, waiter: Waiter) -> None:
        if waiter in fleet.queue:
            fleet.queue.remove(waiter)
        if not fleet.queue:
            self._waiting.pop(fleet.name, None)
            self._forget_if_empty(fleet)

    def _decline(self, fleet: Fleet, given: Held | None) -> None:
        """Whoever waited is gone, and what they were given goes to the next."""
        if given is None:
            self._unpromise(fleet)
        else:
            self.release(Lease(given, fleet))

    def _unpromise(self, fleet: Fleet) -> None:
        fleet.promised -= 1
        fleet.starting -= 1
        self._total -= 1
        self._forget_if_empty(fleet)
        self._wake()

    def _give_up(self, fleet: Fleet, waiter: Waiter) -> None:
        if not waiter.given.done():
            most = self._most(fleet)
            whose = f"{most} instances that {fleet.function} may have" if fleet.of_function() >= most else ""
            text = (
                f"all {whose or f'{self.limits.instances} instances'} were busy for {self.limits.wait_s:g} s"
            )
            waiter.given.set_exception(ResourceExhausted(text, hint=HINT))

    def _most(self, fleet: Fleet) -> int:
        """Of a function; what it was given for itself counts within what any may have."""
        allowed = self.limits.per_function
        return allowed if fleet.most is None else min(allowed, fleet.most)

    def _wake(self) -> None:
        """Gives what there is to those who wait, one after the other; makes room if there is nothing."""
        while self._waiting:
            able = [fleet for fleet in self._waiting.values() if self._can_serve(fleet)]
            if not able:
                self._make_room()
                return
            # an instance that is there is kept where it is unless another function has none at all
            fleet = min(able, key=lambda f: (n := f.in_use(), n > 0 and not f.room, f.served))
            self._serve(fleet)

    def _can_serve(self, fleet: Fleet) -> bool:
        waiter = fleet.head()
        if waiter is None:
            return False
        if fleet.room and fleet.room[-1].revision == waiter.revision:
            return True
        allowed = fleet.of_function() < self._most(fleet) or any(spare(fleet.kin))
        has_place = self._total < self.limits.instances or any(self._evictable())
        return fleet.needs_more() and allowed and has_place

    def _serve(self, fleet: Fleet) -> None:
        waiter = fleet.queue[0]
        held = self._take(fleet, waiter.revision)
        if held is None and not self._can_serve(fleet):
            return  # what was there turned out to be dead
        if held is None:
            self._promise(fleet)
        self._served += 1
        fleet.served = self._served
        waiter.given.set_result(held)
        self._stop_waiting(fleet, waiter)

    def _promise(self, fleet: Fleet) -> None:
        if fleet.of_function() >= self._most(fleet):
            self._leave(*longest(spare(fleet.kin)))  # of another revision than who waits
        if self._total >= self.limits.instances:
            self._leave(*longest(self._evictable()))
        fleet.promised += 1
        fleet.starting += 1
        self._total += 1

    def _evictable(self) -> Iterator[tuple[Fleet, Held]]:
        """The longest idle instance of each function, as far as it can go at once."""
        return (pair for pair in spare(self._fleets.values()) if not pair[1].takes_leave())

    def _make_room(self) -> None:
        """Those that first take leave of their function go too, but no more of them than there are calls waiting."""
        while len(self._draining) < sum(len(fleet.queue) for fleet in self._waiting.values()):
            idle = list(spare(self._fleets.values()))
            if not idle or self._total < self.limits.instances:
                return
            self._leave(*longest(idle))
