"""How many calls at once: simulated, on machines whose cores and calls are known."""

from __future__ import annotations

import os
import time
from multiprocessing import get_context

import pytest

from fc_magic.client.fanout.cores import Cores
from fc_magic.client.fanout.width import Width


def simulated(
    width: Width, seconds: float, calls: int, cores: float = 1e9, worked_ms: float = 50, now: float = 0.0
) -> list[int]:
    """Calls that take so long, and longer when they share fewer cores. Returns the width after each."""
    running, seen = list[list[float]](), list[int]()
    while len(seen) < calls:
        while len(running) < width.now:
            running.append([seconds, now])
        speed = min(1.0, cores / len(running))
        first = min(running)
        passed = first[0]
        now += passed / speed
        for call in running:
            call[0] -= passed
        running.remove(first)
        width.came(first[1], now, worked_ms, 0)
        seen.append(width.now)
    return seen


def test_calls_that_wait() -> None:
    """Twice as many bring twice as much: it goes up to the most, in a few rounds."""
    seen = simulated(Width(64, first=2, here=True), 0.05, 400)
    assert seen[-1] == 64
    assert seen.index(64) < 150


@pytest.mark.parametrize("cores", [2, 4])
def test_calls_that_compute(cores: int) -> None:
    """More than the cores bring nothing: it comes back, and tries again ever more seldom."""
    seen = simulated(Width(64, first=2, here=True), 0.05, 1000, cores)
    assert max(seen) == 2 * cores
    assert sum(n > cores for n in seen) < len(seen) / 4


def test_calls_that_are_over_at_once() -> None:
    """No instance is started for a call that is over before it has started."""
    assert set(simulated(Width(64, first=2, here=True), 0.0004, 1000, worked_ms=0.3)) == {2}


def test_few_calls() -> None:
    """No instance is started for calls that are over by then; a person can still say how many."""
    width = Width(64, first=2, here=True)
    width.came(0.0, 0.4, 4, 400)
    width.left = 60
    assert set(simulated(width, 0.006, 60, worked_ms=4)) == {2}


def test_short_calls_elsewhere() -> None:
    """Where the way takes longer than the call, more are under way."""
    assert simulated(Width(100, first=8), 0.03, 800, worked_ms=0.3)[-1] == 100


def test_what_a_person_says() -> None:
    """Stays as it is."""
    assert set(simulated(Width(7, fixed=True), 0.05, 200, 1)) == {7}


def test_first_calls_that_are_slow() -> None:
    """A new instance is slow at first: wider for that is taken back."""
    width = Width(64, first=2, here=True)
    assert max(simulated(width, 0.01, 20)) > 2
    assert simulated(width, 0.0004, 100, worked_ms=0.3, now=1.0)[-1] == 2


def test_refusals() -> None:
    """Half as many; those that were sent together count once; what a person asked for comes back step by step."""
    width = Width(64, fixed=True)
    for _ in range(64):
        width.refused(0.5, 1.0)
    assert width.now == 32
    width.refused(1.5, 2.0)
    assert width.now == 16
    seen = simulated(width, 0.5, 4000, now=2.0)
    assert seen[-1] == 64
    assert seen == sorted(seen)


def test_never_none() -> None:
    """One is always tried."""
    width = Width(4, fixed=True)
    for n in range(10):
        width.refused(n + 0.5, n + 0.6)
    assert width.now == 1


@pytest.mark.parametrize("idle", [True, False])
def test_nothing_comes(idle: bool) -> None:
    """Calls that wait for something leave the cores idle: more are made before the first is over. Those that compute
    do not."""
    width = Width(64, first=2, here=True, idle=lambda: idle)
    seen = []
    for tick in range(1, 60):
        width.quiet(0.0, tick * 0.05)
        seen.append(width.now)
    assert seen[0] == 2
    assert seen[20] == (64 if idle else 2)
    assert (width.look_s is None) == idle


def test_answers_keep_it_as_it_is() -> None:
    """It is not quiet while answers come."""
    width = Width(64, first=2, here=True, idle=lambda: True)
    for tick in range(1, 60):
        width.quiet(tick * 0.05 - 0.01, tick * 0.05)
    assert width.now == 2


def test_nothing_comes_elsewhere() -> None:
    """There the cores are not ours."""
    width = Width(100, first=8)
    for tick in range(1, 60):
        width.quiet(0.0, tick * 0.1)
    assert width.now == 100


def spin(until: float) -> None:
    while time.monotonic() < until:
        pass


def test_idle_cores() -> None:
    """A machine that is fully at work has none idle."""
    until = time.monotonic() + 1.0
    workers = [
        get_context("spawn").Process(target=spin, args=(until,)) for _ in range(2 * (os.cpu_count() or 1))
    ]
    for worker in workers:
        worker.start()
    spin(time.monotonic() + 0.2)
    cores = Cores()
    spin(time.monotonic() + 0.5)
    assert not cores.idle()
    for worker in workers:
        worker.join()
