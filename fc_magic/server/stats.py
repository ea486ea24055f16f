"""Statistics of calls: counted in memory, minute by minute, and written down when there is time.

Every call is counted, also one that is answered in 100 microseconds: counting it costs less than a hundredth of
that. What was counted is on disk within a minute, and when the server stops; one that is killed loses that minute.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from math import ceil, log

from fc_magic.server.tallies import HOUR, KEEP, MINUTE, Tallies
from fc_magic.wire.stats import LEAST_MS, PER_E, SHIFT, Period, Stats, grouped
from fc_magic.wire.times import iso

DAY = 24 * HOUR
#: what was counted is written this long after the first of it
WRITE_S = 60.0
#: an answer has at most so many periods, each of one of these lengths
MOST = 96
_STEPS = (60, 120, 300, 600, 900, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY)


class _Tally:
    """A minute of a function, while it is counted."""

    __slots__ = ("began", "calls", "cold", "counts", "end", "errors", "max_mb", "max_ms", "total_ms")

    def __init__(self, began: int) -> None:
        self.began, self.end = began, began + MINUTE
        self.calls = self.errors = self.cold = 0
        self.total_ms = self.max_ms = self.max_mb = 0.0
        self.counts: dict[int, int] = {}

    def period(self) -> Period:
        return Period(
            self.began, self.calls, self.errors, self.cold, self.total_ms, self.max_ms, self.max_mb,
            dict(self.counts),
        )  # fmt: skip


class Statistics:
    """``kept`` is where they are on disk; without it they are in memory. ``clock`` is seconds since the epoch."""

    def __init__(self, kept: Tallies | None = None, clock: Callable[[], float] = time.time) -> None:
        self._kept, self.clock = kept, clock
        #: the minute that is counted, of each function; and by their beginning all that are not written yet
        self._now: dict[str, _Tally] = {}
        self._open: dict[str, dict[int, _Tally]] = {}
        #: calls and errors that are written, of each function, on the day that began then
        self._day, self._written = 0, dict[str, tuple[int, int]]()
        self._anything = asyncio.Event()
        if kept:
            kept.drop_old(clock())

    # ------------------------------------------------------------ counting

    def add(
        self, function: str, ended: float, ms: float, mb: float, failed: bool = False, cold: bool = False
    ) -> None:
        """A call that ended then, in seconds since the epoch."""
        now = self._now.get(function)
        if now is None or not now.began <= ended < now.end:
            now = self._turn(function, ended)
        now.calls += 1
        now.total_ms += ms
        if ms > now.max_ms:
            now.max_ms = ms
        if mb > now.max_mb:
            now.max_mb = mb
        if failed:
            now.errors += 1
        if cold:
            now.cold += 1
        # as wire.stats.bucket has it, where a call would take as long as all the rest
        number = int(log(ms) * PER_E + SHIFT) if ms > LEAST_MS else 0
        counts = now.counts
        counts[number] = counts.get(number, 0) + 1

    def failed(self, function: str, ended: float) -> None:
        """A call that was counted as good when it ended, in that minute, was not."""
        self._turn(function, ended).errors += 1

    def _turn(self, function: str, at: float) -> _Tally:
        began = int(at) // MINUTE * MINUTE
        minutes = self._open.setdefault(function, {})
        if began not in minutes:
            minutes[began] = _Tally(began)
            self._anything.set()
        tally = self._now[function] = minutes[began]
        return tally

    def forget(self, function: str) -> None:
        """It is gone; what is on disk of it goes with its row in the store."""
        for table in (self._now, self._open, self._written):
            table.pop(function, None)

    # ------------------------------------------------------------ reading

    def today(self, function: str) -> tuple[int, int]:
        """Calls and errors since midnight, UTC."""
        began = int(self.clock()) // DAY * DAY
        if began != self._day:
            self._day = began
            kept = self._kept.since(began) if self._kept else ()
            self._written = {name: (calls, errors) for name, calls, errors in kept}
        calls, errors = self._written.get(function, (0, 0))
        for tally in self._open.get(function, {}).values():
            if tally.began >= began:
                calls, errors = calls + tally.calls, errors + tally.errors
        return calls, errors

    def read(self, function: str, since: float | None = None, memory_mb: int = 0) -> Stats:
        """From ``since`` on, in seconds since the epoch, or everything that is kept. It begins with a period, and so
        may begin a little earlier. The periods are as short as the time since the first call allows."""
        now = self.clock()
        minutes = [tally.period() for tally in self._open.get(function, {}).values()]
        begin = (
            self._first(function, HOUR, now - KEEP[HOUR]) if since is None else max(since, now - KEEP[HOUR])
        )
        span = MINUTE if begin >= now - KEEP[MINUTE] - MINUTE else HOUR
        begin = int(begin) // span * span
        long = now - self._first(function, span, begin)
        step = next((s for s in _STEPS if s >= span and long / s < MOST), DAY)
        # a period may have begun before what is still kept of it
        begin = max(begin // step * step, ceil((now - KEEP[span]) / span) * span)
        kept = self._kept.of(function, span, begin, now) if self._kept else ()
        found = [*kept, *(minute for minute in minutes if minute.began >= begin)]
        return Stats(function, iso(begin), iso(now), step, memory_mb, grouped(found, step))

    def _first(self, function: str, span: int, since: float) -> float:
        """When the first call was, to the period; now, if there was none."""
        first = self._kept.first(function, span, since) if self._kept else None
        counted = [minute for minute in self._open.get(function, {}) if minute >= since // span * span]
        return min([*([] if first is None else [first]), *counted], default=self.clock())

    # ------------------------------------------------------------ writing

    async def keep(self) -> None:
        """Writes what was counted, for ever. Nothing wakes up where nobody calls."""
        while True:
            await self._anything.wait()
            await asyncio.sleep(WRITE_S)
            for function in list(self._open):
                self._write(function)
                await asyncio.sleep(0)  # calls come first
            if not self._open:
                self._anything.clear()

    def write(self) -> None:
        """All of it, now."""
        for function in list(self._open):
            self._write(function)

    def _write(self, function: str) -> None:
        minutes = self._open.get(function)
        if not minutes or not self._kept:
            return
        written = self.today(function)
        self._kept.add(function, [tally.period() for tally in minutes.values()], self.clock())
        self._written[function] = written
        self._now.pop(function, None)
        del self._open[function]
