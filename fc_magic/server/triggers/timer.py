"""Timers: sleeps until the store says something is due, then invokes it and does not wait for the answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from datetime import datetime, timezone

from fc_magic.errors import FcError
from fc_magic.server.engine import Engine
from fc_magic.server.store import DueTimer
from fc_magic.wire.schedule import Schedule

log = logging.getLogger("fc_magic.server")

#: the longest sleep: a laptop that was closed finds its timers again within this time
LONGEST_SLEEP_S = 30.0
#: a firing that is later than this was slept through and is left out
LATE_S = 60.0


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


class Timers:
    """Fires every enabled timer of the store. ``now`` is an argument, so that tests need not wait."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine, self._now = engine, now
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        store, since = self._engine.store, self._now()
        while True:
            if (since - self._now()).total_seconds() > LATE_S:
                since = (
                    self._now()
                )  # the clock was set back; a smaller step is waited for, or it would fire twice
            store.changed.clear()
            timers = store.timers()
            due = [(self._next(t, since), t) for t in timers]
            sleep = min([(at - self._now()).total_seconds() for at, _ in due], default=LONGEST_SLEEP_S)
            if sleep > 0:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(store.changed.wait(), min(sleep, LONGEST_SLEEP_S))
                    continue  # the timers may be others now
            since = self._fire(due, self._now())

    def _fire(self, due: list[tuple[datetime, DueTimer]], now: datetime) -> datetime:
        for at, timer in due:
            if at <= now and (now - at).total_seconds() < LATE_S:
                task = asyncio.create_task(self._invoke(timer, at))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        return now

    def _next(self, timer: DueTimer, since: datetime) -> datetime:
        after = max(since, timer.created)
        return Schedule.parse(timer.trigger.cron_expression).next(after, timer.created)

    async def _invoke(self, timer: DueTimer, at: datetime) -> None:
        event = {
            "triggerTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "triggerName": timer.trigger.name,
            "payload": timer.trigger.payload,
        }
        try:
            raw = json.dumps(event, ensure_ascii=False).encode()
            await self._engine.invoke(timer.function, raw, "timer", qualifier=timer.trigger.qualifier)
        except FcError as error:
            log.warning("timer %s of %s did not run: %s", timer.trigger.name, timer.function, error.message)
