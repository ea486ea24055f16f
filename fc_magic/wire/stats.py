"""What the calls of a function came to, over time: counts, and a histogram of how long they took.

Durations are milliseconds, as billed; memory is MB of 1,048,576 bytes; times are UTC. A duration is counted in a
bucket whose ends differ by a fixed ratio, so whatever is read from the histogram is within ``ERROR`` of what was
measured, for a millisecond as for a day, and histograms of any two periods can be added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

#: a percentile is at most this much above or below the duration that it stands for, as a share of it
ERROR = 0.02
#: what is shorter, in milliseconds, counts as this long
LEAST_MS = 0.01
RATIO = (1 + ERROR) / (1 - ERROR)
#: buckets to a factor of e
PER_E = 1 / math.log(RATIO)
#: the bucket of LEAST_MS is number 0
SHIFT = -math.log(LEAST_MS) * PER_E


def bucket(ms: float) -> int:
    """The bucket of a duration. Who counts on a hot path has the same line."""
    return int(math.log(ms) * PER_E + SHIFT) if ms > LEAST_MS else 0


def middle(number: int) -> float:
    """The duration that stands for a bucket: as near, by ratio, to both of its ends."""
    return LEAST_MS * RATIO**number * (1 + ERROR)


@dataclass(frozen=True)
class Period:
    """The calls that ended in a period which began at ``began``, in seconds since the epoch. ``counts``: bucket ->
    how many; ``total_ms`` of all of them; ``max_mb`` the most that the processes of an instance held."""

    began: int
    calls: int = 0
    errors: int = 0
    cold_starts: int = 0
    total_ms: float = 0.0
    max_ms: float = 0.0
    max_mb: float = 0.0
    counts: Mapping[int, int] = field(default_factory=dict, repr=False)

    def percentile(self, share: float) -> float:
        """The duration within which that share of the calls ended: the least that as many took or less."""
        rank, seen = max(1, math.ceil(share * sum(self.counts.values()) - 1e-9)), 0
        for number in sorted(self.counts):
            seen += self.counts[number]
            if seen >= rank:
                return min(middle(number), self.max_ms)
        return 0.0


def merged(began: int, periods: Iterable[Period]) -> Period:
    """Several as one."""
    given = list(periods)
    counts: dict[int, int] = {}
    for period in given:
        for number, count in period.counts.items():
            counts[number] = counts.get(number, 0) + count
    return Period(
        began,
        sum(p.calls for p in given),
        sum(p.errors for p in given),
        sum(p.cold_starts for p in given),
        sum(p.total_ms for p in given),
        max((p.max_ms for p in given), default=0.0),
        max((p.max_mb for p in given), default=0.0),
        counts,
    )


def grouped(periods: Iterable[Period], step_s: int) -> tuple[Period, ...]:
    """In periods of ``step_s`` seconds that begin at its multiples, in order; those without calls are left out."""
    found: dict[int, list[Period]] = {}
    for period in periods:
        found.setdefault(period.began // step_s * step_s, []).append(period)
    return tuple(merged(began, found[began]) for began in sorted(found))


@dataclass(frozen=True)
class Durations:
    """Milliseconds, within ``ERROR``; ``max`` and ``mean`` are exact."""

    p50: float
    p95: float
    p99: float
    max: float
    mean: float

    @classmethod
    def of(cls, period: Period) -> Durations:
        p50, p95, p99 = (period.percentile(share) for share in (0.5, 0.95, 0.99))
        return cls(p50, p95, p99, period.max_ms, period.total_ms / period.calls if period.calls else 0.0)


@dataclass(frozen=True)
class Stats:
    """The calls of a function that ended from ``since`` until ``until``, failed ones included, of all its versions.
    ``periods``, of ``step_s`` seconds each, are those in which there were any. ``memory_limit_mb`` is that of the
    function as it is deployed now; what it held before may be more."""

    function: str
    since: str
    until: str
    step_s: int = 60
    memory_limit_mb: int = 0
    periods: tuple[Period, ...] = field(default=(), repr=False)

    @cached_property
    def total(self) -> Period:
        return merged(0, self.periods)

    @property
    def calls(self) -> int:
        return self.total.calls

    @property
    def errors(self) -> int:
        return self.total.errors

    @property
    def cold_starts(self) -> int:
        """Calls for which an instance was started."""
        return self.total.cold_starts

    @property
    def memory_mb(self) -> float:
        """The most that an instance held."""
        return self.total.max_mb

    @cached_property
    def duration_ms(self) -> Durations:
        return Durations.of(self.total)


# ---------------------------------------------------------------- as JSON, between our own client and server


def encode(stats: Stats) -> dict[str, Any]:
    return {
        "function": stats.function,
        "since": stats.since,
        "until": stats.until,
        "stepSeconds": stats.step_s,
        "memoryLimitMb": stats.memory_limit_mb,
        "periods": [
            {
                "began": p.began,
                "calls": p.calls,
                "errors": p.errors,
                "coldStarts": p.cold_starts,
                "totalMs": round(p.total_ms, 3),
                "maxMs": round(p.max_ms, 3),
                "maxMb": round(p.max_mb, 2),
                "counts": [[number, p.counts[number]] for number in sorted(p.counts)],
            }
            for p in stats.periods
        ],
    }


def decode(answer: Mapping[str, Any]) -> Stats:
    return Stats(
        function=answer["function"],
        since=answer["since"],
        until=answer["until"],
        step_s=answer["stepSeconds"],
        memory_limit_mb=answer["memoryLimitMb"],
        periods=tuple(
            Period(
                began=p["began"],
                calls=p["calls"],
                errors=p["errors"],
                cold_starts=p["coldStarts"],
                total_ms=p["totalMs"],
                max_ms=p["maxMs"],
                max_mb=p["maxMb"],
                counts=dict(p["counts"]),
            )
            for p in answer["periods"]
        ),
    )
