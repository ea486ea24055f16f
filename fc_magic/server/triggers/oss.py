"""Object events: an object was put, removed or changed; whoever wants to know is called, and the put does not wait.

What happens to one object reaches a function in its order, one event at a time; different objects do not wait for
each other. Events are in memory: those that wait when the server ends are lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import deque
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from fc_magic.errors import FcError
from fc_magic.server.engine import Engine
from fc_magic.server.request_ids import new_request_id
from fc_magic.wire.results import RequestLog

if TYPE_CHECKING:
    from fc_magic.server.objects.changes import Change

log = logging.getLogger("fc_magic.server")

#: calls for events at once, so that a thousand uploads leave instances for others; more wait
AT_ONCE = 20
#: events that may wait; who comes then is turned away
MAX_WAITING = 10_000
#: how long a call that is cancelled at the end may take to end
GRACE_S = 2.0

#: a function, one of its triggers, and an object: what must stay in order
Line = tuple[str, str, str, str]


class ObjectEvents:
    """Calls functions for the changes it hears of. Made on the event loop, and closed there."""

    def __init__(self, engine: Engine, max_waiting: int = MAX_WAITING) -> None:
        self._engine, self._max_waiting = engine, max_waiting
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._lines: dict[Line, deque[tuple[bytes, str]]] = {}
        self._waiting = 0
        self._running: set[asyncio.Task[None]] = set()

    def hear(self, change: Change) -> None:
        """One change, after it is on disk. Returns at once and never fails for a function's sake."""
        identity = self._engine.identity
        for function, trigger in self._engine.rules.wanting(change.bucket, change.name, change.key):
            name = trigger.name or ""
            event = change.event(identity.region, identity.account_id, _rule_id(function, name))
            raw = json.dumps({"events": [event]}, ensure_ascii=False).encode()
            self._add((function, name, change.bucket, change.key), raw, trigger.qualifier)

    def _add(self, line: Line, event: bytes, qualifier: str) -> None:
        if self._waiting >= self._max_waiting:
            error = FcError(f"{self._max_waiting} events of objects wait already; this one was dropped")
            self._not_run(line, new_request_id(), error)
            return
        self._waiting += 1
        if line in self._lines:
            self._lines[line].append((event, qualifier))
            return
        self._lines[line] = deque([(event, qualifier)])
        task = asyncio.create_task(self._work(line))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _work(self, line: Line) -> None:
        events = self._lines[line]
        while events:
            async with self._turns:
                self._waiting -= 1
                await self._invoke(line, *events.popleft())
        del self._lines[line]

    async def _invoke(self, line: Line, event: bytes, qualifier: str) -> None:
        request_id = new_request_id()
        try:
            await self._engine.invoke(line[0], event, "oss", request_id, qualifier)
        except FcError as error:
            self._not_run(line, request_id, error)
        except Exception:
            # a fault of ours: the next event of the line is not to wait for ever
            log.exception("%s of %s failed", line[1], line[0])

    def _not_run(self, line: Line, request_id: str, error: FcError) -> None:
        """Nobody waits for the answer: the function's log says that a call could not be run, and why."""
        function, trigger, bucket, key = line
        log.warning("%s of %s did not run for %s/%s: %s", trigger, function, bucket, key, error.message)
        try:
            self._engine.current(function)
        except FcError:
            return  # deleted meanwhile, and its log with it
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        why = {"errorType": error.code, "errorMessage": error.message}
        entry = RequestLog(
            request_id=request_id,
            started=now,
            caller="oss",
            text="",
            duration_ms=0.0,
            error_type=error.code,
            cold=False,
            error=why,
        )
        self._engine.logs.add(function, entry)

    async def close(self) -> None:
        """Ends the calls that run; what waits is lost, and the server's log says how much."""
        if self._waiting:
            log.warning("stopping: %d events of objects were not delivered", self._waiting)
        running = set(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=GRACE_S)


def _rule_id(function: str, trigger: str) -> str:
    """Forty letters that stay the same for a trigger, as OSS has for a rule."""
    return hashlib.sha1(f"{function}/{trigger}".encode(), usedforsecurity=False).hexdigest()
