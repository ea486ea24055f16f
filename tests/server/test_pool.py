"""Who gets which instance: limits of one function and of all, turns, instances that calls share, farewells."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fc_magic.errors import ResourceExhausted
from fc_magic.server.worker.launch import InstanceGone
from fc_magic.server.worker.pool import Lease, Limits, Pool
from fc_magic.server.worker.process import Instance, Spec
from tests.server.pools import ONE, OTHER, TWO, Clock, Shared, counted, in_pool, shared
from tests.server.processes import is_alive, until

Make = Callable[[], Awaitable[Spec]]


async def asking(
    pool: Pool, make: Make, name: str, count: int, order: list[str]
) -> list[asyncio.Task[Lease]]:
    """Calls that wait, in this order; each notes when it is served."""

    async def ask(number: int) -> Lease:
        lease = await pool.acquire((name, "1"), make)
        order.append(f"{name}{number}")
        return lease

    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(0)
    return tasks


def test_instance_that_ended_leaves_nothing(spec: Make) -> None:
    """What was known of an instance goes with it: it need not wait until the collector looks for cycles."""

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec)
        assert await counted(lease) == 1
        instance, first = weakref.ref(lease.instance), lease.instance.first
        lease.instance.kill()
        pool.release(lease)
        del lease
        await until(first.buried)
        await until(lambda: instance() is None)

    gc.collect()
    gc.disable()
    try:
        in_pool(Limits(), test)
    finally:
        gc.enable()


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(("all_", "one", "most"), [(100, 0, 90), (10, 0, 9), (2, 0, 2), (1, 0, 1), (9, 4, 4)])
def test_limit_of_one_function(all_: int, one: int, most: int) -> None:
    """Unless it is said, a function gets at most nine tenths of all instances, and always one."""
    assert Limits(instances=all_, instances_per_function=one).per_function == most


def test_function_at_its_limit_waits_and_others_do_not(spec: Make) -> None:
    """A function that has all it may have waits behind itself, for its own instances; others start at once."""

    async def test(pool: Pool) -> None:
        first, second = await pool.acquire(ONE, spec), await pool.acquire(ONE, spec)
        order: list[str] = []
        waiting = await asking(pool, spec, "f", 3, order)
        other = await pool.acquire(OTHER, spec)
        assert (order, other.cold_s > 0) == ([], True)
        pool.release(first)
        assert (await waiting[0]).instance is first.instance
        pool.release(second)
        assert (await waiting[1]).instance is second.instance
        assert order == ["f0", "f1"]
        pool.release(waiting[0].result())
        await waiting[2]

    in_pool(Limits(instances=5, instances_per_function=2, wait_s=20), test)


def test_refusal_names_the_limit_that_held(spec: Make) -> None:
    """Whoever waited too long is told whether the function or the whole machine was at its limit."""

    async def test(pool: Pool) -> None:
        await pool.acquire(ONE, spec)
        with pytest.raises(ResourceExhausted, match=r"all 1 instances that f may have were busy for 0\.05 s"):
            await pool.acquire(ONE, spec)
        await pool.acquire(OTHER, spec)
        with pytest.raises(ResourceExhausted, match=r"all 2 instances were busy for 0\.05 s"):
            await pool.acquire(("h", "1"), spec)

    in_pool(Limits(instances=2, instances_per_function=1, wait_s=0.05), test)


def test_function_has_a_limit_of_its_own(spec: Make) -> None:
    """A smaller limit that comes with the call counts for that function; none at all is refused at once."""

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec, most=1)
        with pytest.raises(ResourceExhausted, match="all 1 instances that f may have"):
            await pool.acquire(ONE, spec, most=1)
        await pool.acquire(ONE, spec, most=2)
        assert lease.instance.alive
        with pytest.raises(ResourceExhausted, match="g may have no instance"):
            await asyncio.wait_for(pool.acquire(OTHER, spec, most=0), 0.01)

    in_pool(Limits(wait_s=0.05), test)


# ---------------------------------------------------------------- turns


def test_flood_of_one_function_makes_no_other_wait(spec: Make) -> None:
    """With one instance for all, functions that wait take turns, however many calls one of them has."""

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec)
        order: list[str] = []
        tasks = await asking(pool, spec, "f", 6, order) + await asking(pool, spec, "g", 2, order)
        for count in range(8):
            pool.release(lease)
            await until(lambda count=count: len(order) == count + 1)
            done = next(t for t in tasks if t.done())
            tasks.remove(done)
            lease = done.result()
        assert order == ["g0", "f0", "g1", "f1", "f2", "f3", "f4", "f5"]

    in_pool(Limits(instances=1, wait_s=20), test)


def test_instances_are_shared_fairly(spec: Make) -> None:
    """Two functions that both want all instances come to have half of them each, and keep them: no cold starts go on
    between them."""

    async def test(pool: Pool) -> None:
        cold: list[str] = []

        async def flood(name: str, calls: int) -> None:
            for _ in range(calls):
                lease = await pool.acquire((name, "1"), spec)
                if lease.cold_s:
                    cold.append(name)
                await counted(lease)
                pool.release(lease)

        await asyncio.gather(*(flood(name, 15) for name in "ffffgggg"))
        assert len(cold) <= 12, cold  # four at first, and those that changed hands; there are 120 calls

    in_pool(Limits(instances=4, instances_per_function=4, wait_s=25), test)


# ---------------------------------------------------------------- several calls at once


def test_calls_share_an_instance() -> None:
    """An instance takes as many calls at once as it can, and only one more call starts another."""

    async def test(pool: Pool) -> None:
        make = shared(3)
        leases = [await pool.acquire(ONE, make, 3) for _ in range(4)]
        shared_ = {lease.instance for lease in leases[:3]}
        assert (len(shared_), leases[3].instance in shared_) == (1, False)
        assert [bool(lease.cold_s) for lease in leases] == [True, False, False, True]
        (instance,) = shared_
        assert isinstance(instance, Shared)
        calls = [asyncio.create_task(instance.asked(text)) for text in "abc"]
        await asyncio.sleep(0)
        instance.say("go")
        await asyncio.gather(*calls)

    in_pool(Limits(), test)


def test_fullest_instance_is_first() -> None:
    """Calls gather on the instance that has most of them, so that the others become idle and can go."""

    async def test(pool: Pool) -> None:
        make = shared(3)
        leases = [await pool.acquire(ONE, make, 3) for _ in range(6)]
        one, two = leases[0].instance, leases[3].instance
        for lease in (leases[0], leases[1], leases[3]):
            pool.release(lease)  # one has one call left, two has two
        assert (await pool.acquire(ONE, make, 3)).instance is two
        assert (await pool.acquire(ONE, make, 3)).instance is one
        pool.release(leases[2])
        assert [seen.state for seen in pool.seen("f")] == ["busy", "busy"]

    in_pool(Limits(), test)


def test_burst_waits_for_what_starts() -> None:
    """Many calls at once start no more instances than they need."""

    async def test(pool: Pool) -> None:
        make = shared(4)
        leases = await asyncio.gather(*(pool.acquire(ONE, make, 4) for _ in range(8)))
        assert len({lease.instance for lease in leases}) == 2

    in_pool(Limits(), test)


def test_killed_instance_fails_all_its_calls() -> None:
    """When a shared instance dies each of its calls fails, nobody is given it again, and its place is free once."""

    async def test(pool: Pool) -> None:
        make = shared(3)
        leases = [await pool.acquire(ONE, make, 3) for _ in range(2)]
        instance = leases[0].instance
        assert isinstance(instance, Shared)
        calls = [asyncio.create_task(instance.asked(text)) for text in "ab"]
        await asyncio.sleep(0)
        os.kill(instance.process.pid, signal.SIGKILL)
        said = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(error) for error in said] == [InstanceGone, InstanceGone]
        pool.release(leases[0])
        other = await pool.acquire(ONE, make, 3)
        assert other.instance is not instance
        pool.release(leases[1])
        with pytest.raises(ResourceExhausted):
            await pool.acquire(OTHER, make, 3)

    in_pool(Limits(instances=1, wait_s=0.05), test)


def test_update_of_a_shared_instance() -> None:
    """An instance of an old revision takes no new call, and ends with the last of those it has."""

    async def test(pool: Pool) -> None:
        make = shared(3)
        leases = [await pool.acquire(ONE, make, 3) for _ in range(2)]
        pool.retire("f", "2")
        new = await pool.acquire(TWO, make, 3)
        old = leases[0].instance
        assert new.instance is not old
        pool.release(leases[0])
        assert old.alive
        pool.release(leases[1])
        assert not old.alive

    in_pool(Limits(), test)


# ---------------------------------------------------------------- taking leave


class Farewells:
    """What instances are told before they end; each waits until it is let go."""

    def __init__(self, make: Make) -> None:
        self._make, self.told = make, list[Instance]()
        self.go = asyncio.Event()

    async def __call__(self) -> Spec:
        spec = await self._make()
        spec.farewell = self._tell
        return spec

    async def _tell(self, instance: Instance) -> None:
        assert instance.alive
        self.told.append(instance)
        await self.go.wait()


def in_pool_with_farewells(limits: Limits, spec: Make, test: Any, clock: Clock | None = None) -> None:
    async def run(pool: Pool) -> None:
        await test(pool, Farewells(spec))

    in_pool(limits, run, clock)


def test_idle_instance_takes_leave(spec: Make) -> None:
    """An instance that is reclaimed is told first; it serves nobody meanwhile, is seen as draining, and ends then."""
    clock = Clock()

    async def test(pool: Pool, make: Farewells) -> None:
        lease = await pool.acquire(ONE, make)
        pool.release(lease)
        clock.ahead = 1000
        pool.reclaim()
        await until(lambda: make.told == [lease.instance])
        assert [seen.state for seen in pool.seen("f")] == ["draining"]
        assert (await pool.acquire(ONE, make)).instance is not lease.instance
        assert lease.instance.alive
        make.go.set()
        await until(lambda: not is_alive(lease.instance.first.pid))
        assert [seen.state for seen in pool.seen("f")] == ["busy"]

    in_pool_with_farewells(Limits(), spec, test, clock)


def test_dead_instance_takes_no_leave(spec: Make) -> None:
    """One that was killed is told nothing."""

    async def test(pool: Pool, make: Farewells) -> None:
        lease = await pool.acquire(ONE, make)
        lease.instance.kill()
        pool.release(lease)
        assert pool.seen("f") == []
        assert make.told == []

    in_pool_with_farewells(Limits(), spec, test)


def test_evicted_instances_take_leave(spec: Make) -> None:
    """To make room no more instances are sent away than calls wait, and the limit holds while they take leave."""

    async def test(pool: Pool, make: Farewells) -> None:
        leases = [await pool.acquire(ONE, make) for _ in range(3)]
        for lease in leases:
            pool.release(lease)
        waiting = asyncio.create_task(pool.acquire(OTHER, spec))
        await until(lambda: make.told)
        assert (make.told, waiting.done()) == ([leases[0].instance], False)
        make.go.set()
        assert (await waiting).cold_s > 0
        assert [lease.instance.alive for lease in leases] == [False, True, True]

    in_pool_with_farewells(Limits(instances=3, wait_s=20), spec, test)


def test_end_has_a_limit(spec: Make) -> None:
    """At the end idle instances are told, and killed when they take too long over it."""

    async def test(pool: Pool, make: Farewells) -> None:
        idle, busy = await pool.acquire(ONE, make), await pool.acquire(ONE, make)
        pool.release(idle)
        await asyncio.wait_for(pool.shut(0.05), 5)
        assert make.told == [idle.instance]
        await until(lambda: not any(is_alive(lease.instance.first.pid) for lease in (idle, busy)))

    in_pool_with_farewells(Limits(), spec, test)
