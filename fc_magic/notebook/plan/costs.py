"""What calls of a function cost, by what was measured of it, else by what is assumed; and advice from that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from fc_magic.errors import FcError
from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.wire import prices
from fc_magic.wire.fc3 import cpu_for, cpu_problem
from fc_magic.wire.prices import Cost, Rate

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.wire.results import Function

#: of a call that nobody measured
ASSUMED_MS = 100.0
USUAL_RATE = "1000/h"
#: what is looked at, so that a function that is another by now is not judged by what it was
RECENT = timedelta(days=1)
#: calls that advice takes at least
ENOUGH = 5
#: what a function may need beyond what it was seen to use
ROOM = 1.5
LEAST_MB, STEP_MB, MOST_MB, MOST_S = 128, 64, 32768, 86400
#: a shorter time-out hangs nobody for long
LONG_S = 300


@dataclass(frozen=True)
class Measured:
    """Of ``calls``: the mean and the longest duration, and the most memory (0: not known)."""

    calls: int
    mean_ms: float
    longest_ms: float
    memory_mb: float = 0.0


def measured(client: Client, name: str, now: datetime | None = None) -> Measured | None:
    """Of the last day, if there was a call, else of as long as it is kept; None where there was none, or where
    nobody counts."""
    since = (now or datetime.now(timezone.utc)) - RECENT
    try:
        found = client.stats(name, since)
        found = found if found.calls else client.stats(name)
    except FcError:
        return None
    if not found.calls:
        return None
    return Measured(found.calls, found.duration_ms.mean, found.duration_ms.max, found.memory_mb)


@dataclass(frozen=True)
class Estimate:
    """Of calls of a function with ``memory`` MB and ``timeout`` s. ``cpu`` 0 is what goes with the memory."""

    memory: int
    timeout: int
    rate: Rate
    measured: Measured | None = None
    cpu: float = 0.0
    disk: int = prices.FREE_DISK_MB
    #: whether somebody said how many calls there will be
    is_rate_given: bool = True

    @property
    def duration_ms(self) -> float:
        return self.measured.mean_ms if self.measured else ASSUMED_MS

    @property
    def vcpu(self) -> float:
        return self.cpu or cpu_for(self.memory)

    @property
    def each(self) -> float:
        """The CU of one call."""
        return prices.units(self.duration_ms, self.memory, cpu=self.vcpu, disk_mb=self.disk)

    @property
    def thousand(self) -> Cost:
        return prices.cost(1000, self.duration_ms, self.memory, cpu=self.vcpu, disk_mb=self.disk)

    @property
    def month(self) -> Cost:
        return prices.cost(
            self.rate.calls,
            self.duration_ms,
            self.memory,
            cpu=self.vcpu,
            disk_mb=self.disk,
            hours=self.rate.hours,
        )


def of(
    memory: int, timeout: int, rate: Rate, found: Measured | None = None, function: Function | None = None
) -> Estimate:
    """``function``: what has a CPU and a disk of its own already, which a deployment leaves as they are."""
    if function is None:
        return Estimate(memory, timeout, rate, found)
    cpu = function.cpu if function.cpu and not cpu_problem(function.cpu, memory) else 0.0
    return Estimate(memory, timeout, rate, found, cpu, function.disk)


# ---------------------------------------------------------------- in words


def duration(estimate: Estimate) -> str:
    found = estimate.measured
    took = words.duration(estimate.duration_ms)
    if found is None:
        return say("{0} (assumed)", took)
    return say("{0} (the mean of {1})", took, f"{found.calls:,}")


def thousand(estimate: Estimate) -> str:
    return say("about {0} for 1,000 calls of {1}", words.money(estimate.thousand.figure), duration(estimate))


def month(estimate: Estimate) -> str:
    """With the least that hours cost, where calls cost less."""
    found = estimate.month
    if found.least <= found.amount:
        return say("{0} a month at {1}", words.money(found.figure), estimate.rate.text)
    low, high = f"{found.figure}".split()[0], words.money(prices.money(found.least))
    return say("{0} to {1} a month at {2}", low, high, estimate.rate.text)


def sentence(estimate: Estimate) -> str:
    """Of a plan."""
    dated = estimate.month.dated
    if not estimate.is_rate_given:
        return say("{0}, by the list of {1}", thousand(estimate), dated)
    return say("{0}; {1}, by the list of {2}", thousand(estimate), month(estimate), dated)


def advice(estimate: Estimate) -> Iterator[str]:
    """Where memory or timeout are far from what was measured; nothing after a few calls only."""
    found = estimate.measured
    if found and found.calls >= ENOUGH:
        yield from _of_memory(estimate, found)
        yield from _of_timeout(estimate, found)


def _of_memory(estimate: Estimate, found: Measured) -> Iterator[str]:
    if not found.memory_mb:
        return
    enough = max(LEAST_MB, math.ceil(found.memory_mb * ROOM / STEP_MB) * STEP_MB)
    used = f"{found.memory_mb:.0f}"
    if found.memory_mb > 0.9 * estimate.memory and estimate.memory < MOST_MB:
        better = min(MOST_MB, max(enough, estimate.memory + STEP_MB))
        yield say("its calls used up to {0} of {1} MB: --memory {2}", used, estimate.memory, better)
    elif enough * 2 <= estimate.memory:
        share = f"{_per_second(enough) / _per_second(estimate.memory, estimate.vcpu):.0%}"
        yield say(
            "its calls used at most {0} of {1} MB: --memory {2} costs {3} a second, with {4} instead of {5} vCPU",
            used,
            estimate.memory,
            enough,
            share,
            f"{cpu_for(enough):g}",
            f"{estimate.vcpu:g}",
        )


def _per_second(memory: int, cpu: float = 0.0) -> float:
    return prices.units(1000, memory, cpu=cpu) - prices.CU_PER_CALL


def _of_timeout(estimate: Estimate, found: Measured) -> Iterator[str]:
    longest, given = found.longest_ms / 1000, estimate.timeout
    took = words.seconds(longest)
    if longest > 0.8 * given and given < MOST_S:
        better = min(MOST_S, max(given + 1, math.ceil(longest * 2)))
        yield say("its longest call took {0} of {1} s: --timeout {2}", took, given, better)
    elif given >= LONG_S and longest * 50 < given:
        better = max(10, math.ceil(longest * 10))
        yield say(
            "its longest call took {0} of {1} s: --timeout {2} ends one that hangs sooner",
            took,
            given,
            better,
        )
