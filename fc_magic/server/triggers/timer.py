"""Timers: sleeps until the store says something is due, then has it called asynchronously."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timezone

from fc_magic.errors import FcError
from fc_magic.server import sleeping
from fc_magic.server.asyncs import Asked
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
        #: of each timer: the call of its last firing
        self._last: dict[tuple[str, str], int] = {}

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
                await sleeping.until(store.changed, min(sleep, LONGEST_SLEEP_S))
                continue  # the timers may be others now
            since = self._fire(due, self._now())

    def _fire(self, due: list[tuple[datetime, DueTimer]], now: datetime) -> datetime:
        for at, timer in due:
            if at <= now and (now - at).total_seconds() < LATE_S:
                self._call(timer, at)
        fired = {(timer.function, timer.trigger.name or "") for _, timer in due}
        self._last = {timer: number for timer, number in self._last.items() if timer in fired}
        return now

    def _next(self, timer: DueTimer, since: datetime) -> datetime:
        after = max(since, timer.created)
        return Schedule.parse(timer.trigger.cron_expression).next(after, timer.created)

    def _call(self, timer: DueTimer, at: datetime) -> None:
        event = {
            "triggerTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "triggerName": timer.trigger.name,
            "payload": timer.trigger.payload,
        }
        own, asyncs = (timer.function, timer.trigger.name or ""), self._engine.asyncs
        if own in self._last and not asyncs.queue.has_begun(self._last[own]):
            log.warning("timer %s of %s is left out: the call before it still waits", own[1], own[0])
            return
        try:
            raw, asked = json.dumps(event, ensure_ascii=False).encode(), Asked(timer.trigger.qualifier)
            call = asyncs.accept(timer.function, raw, "timer", asked=asked)
        except FcError as error:
            log.warning("timer %s of %s did not fire: %s", own[1], own[0], error.message)
        else:
            self._last[own] = call.id
