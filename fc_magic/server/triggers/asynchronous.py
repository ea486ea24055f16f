"""Runs asynchronous calls: sleeps until one is due, takes turns between functions, tries again, tells who asked."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from fc_magic.errors import AliasNotFound, ApiError, FunctionNotFound, VersionNotFound
from fc_magic.server import attempts, sleeping
from fc_magic.server.engine import Engine
from fc_magic.server.queue import BLOCKED, REQUEST, Call
from fc_magic.server.triggers.requests import Request
from fc_magic.wire import tasks
from fc_magic.wire.async_config import AsyncConfig
from fc_magic.wire.results import Invocation

log = logging.getLogger("fc_magic.server")

#: calls of one function at once, so that a thousand leave instances for others; and of all
PER_FUNCTION, AT_ONCE = 20, 200
#: the longest sleep: a laptop that was closed finds its calls again within this time
LONGEST_SLEEP_S = 30.0
#: between two looks for tasks that ended long ago
SWEEP_MS = 3600 * 1000
#: how long calls that are cancelled at the end may take to end
GRACE_S = 2.0
#: after a fault of ours; twice as long each time that what came of a call cannot be written
FAULT_PAUSE_S, LONGEST_FAULT_PAUSE_S = 1.0, 60.0
#: for so long a call is tried that the platform refuses
REFUSED_MS = 5 * 3600 * 1000
REFUSED, STOPPED = "Refused", "AsyncInvocationStopped"
_GONE = (FunctionNotFound, VersionNotFound, AliasNotFound)


@dataclass(frozen=True)
class Backoff:
    """Seconds until the next attempt, doubled each time up to ``most_s``: after the function failed (UNCONFIRMED),
    and after the platform had no instance for it."""

    failed_s: float = 1.0
    refused_s: float = 0.5
    most_s: float = 300.0

    def failed(self, retries: int) -> int:
        return self._ms(self.failed_s, retries)

    def refused(self, refusals: int) -> int:
        return self._ms(self.refused_s, refusals)

    def _ms(self, first_s: float, times: int) -> int:
        return int(min(first_s * 2 ** min(times, 30), self.most_s) * 1000)


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: a status of a task, or REFUSED. ``code`` and ``message`` say why it did not succeed,
    ``facts`` is what a task keeps of it."""

    status: str
    code: str = ""
    message: str = ""
    result: bytes = b""
    status_code: int = 200
    duration_ms: int = 0

    @classmethod
    def of(cls, invocation: Invocation, result: bytes) -> Outcome:
        status = tasks.FAILED if invocation.error_type else tasks.SUCCEEDED
        message = str(invocation.error.get("errorMessage", ""))
        return cls(status, invocation.error_type, message, result, duration_ms=round(invocation.duration_ms))

    @classmethod
    def refused(cls, error: ApiError) -> Outcome:
        # 403: its function may not be called for a while
        again = error.status in (403, 429) or error.status >= 500
        status = tasks.INVALID if isinstance(error, _GONE) else REFUSED if again else tasks.FAILED
        return cls(status, error.code, error.message, status_code=error.status)


class Dispatcher:
    """One worker for all functions. Whoever cancels ``run`` puts back what runs."""

    def __init__(
        self,
        engine: Engine,
        backoff: Backoff | None = None,
        per_function: int = PER_FUNCTION,
        at_once: int = AT_ONCE,
    ) -> None:
        self._engine, self._asyncs, self._queue = engine, engine.asyncs, engine.store.queue
        self._backoff = backoff or Backoff()
        self._per_function, self._at_once = per_function, at_once
        self._working: dict[int, asyncio.Task[None]] = {}
        self._swept = 0
        self._asyncs.cancel = self._cancel

    async def run(self) -> None:
        """Until cancelled."""
        self._queue.recover(self._asyncs.now())
        try:
            while True:
                self._queue.changed.clear()
                try:
                    self._begin_due()
                    self._sweep()
                except Exception:
                    log.exception("asynchronous calls cannot be read")
                    await asyncio.sleep(FAULT_PAUSE_S)
                    continue
                await sleeping.until(self._queue.changed, self._sleep_s())
        finally:
            await self._put_back()

    # ------------------------------------------------------------ whose turn it is

    def _begin_due(self) -> None:
        while len(self._working) < self._at_once:
            function = self._next()
            if not function:
                return
            call = self._queue.take(function, self._asyncs.now())
            if call:
                task = asyncio.create_task(self._work(call))
                self._working[call.id] = task
                task.add_done_callback(lambda done, call=call: self._worked(call, done))  # type: ignore[misc]

    def _next(self) -> str:
        """Of those whose call is due the function with the fewest that run."""
        now = self._asyncs.now()
        due = [(self._runs(f), at, f) for f, at in self._queue.heads.items() if at <= now]
        return min((f for f in due if f[0] < self._per_function), default=(0, 0, ""))[2]

    def _runs(self, function: str) -> int:
        return len(self._queue.running.get(function, ()))

    def _sleep_s(self) -> float:
        """Who is at its limit is looked at when one of its calls has ended."""
        if len(self._working) >= self._at_once:
            return LONGEST_SLEEP_S
        free = (at for f, at in self._queue.heads.items() if self._runs(f) < self._per_function)
        soonest = min(free, default=BLOCKED) - self._asyncs.now()
        return max(min(soonest / 1000, LONGEST_SLEEP_S), 0.001)

    def _sweep(self) -> None:
        now = self._asyncs.now()
        if abs(now - self._swept) >= SWEEP_MS:
            self._swept = now
            self._queue.sweep(now)

    # ------------------------------------------------------------ the end

    def _cancel(self, call: Call) -> None:
        task = self._working.get(call.id)
        if task:
            task.cancel()

    async def _put_back(self) -> None:
        working = set(self._working.values())
        for task in working:
            task.cancel()
        if working:
            await asyncio.wait(working, timeout=GRACE_S)

    # ------------------------------------------------------------ one call

    async def _work(self, call: Call) -> None:
        try:
            await self._attempt(call)
        except asyncio.CancelledError:
            self._cancelled(call)
        except Exception:
            # a fault of ours: the call stays where it is, and the others are not to wait
            log.exception("asynchronous call %s of %s failed", call.request, call.function)
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(FAULT_PAUSE_S)
            with contextlib.suppress(Exception):  # the same fault still, and the log has it
                self._queue.later(call, call.due, self._asyncs.now(), tasks.ENQUEUED, "a fault of the server")

    def _worked(self, call: Call, task: asyncio.Task[None]) -> None:
        self._working.pop(call.id, None)
        if task.cancelled():  # before it did anything
            self._cancelled(call)
        self._queue.give_back(call)

    def _cancelled(self, call: Call) -> None:
        now, why = self._asyncs.now(), "stopped by a caller"
        if self._is_stopping(call):
            self._queue.end(call, tasks.STOPPED, now, why, error=why)
            self._engine.logs.fail(call.function, call.request, STOPPED, why)
        else:
            self._queue.later(call, call.due, now, tasks.ENQUEUED, "the server ended meanwhile")

    def _is_stopping(self, call: Call) -> bool:
        if not call.task:
            return False
        found = self._engine.store.tasks.call(call.function, call.task)
        return found is not None and found.id == call.id and found.status == tasks.STOPPING

    async def _attempt(self, call: Call) -> None:
        config, now = self._asyncs.config(call.function, call.qualifier), self._asyncs.now()
        if now - call.begins >= config.max_age_s * 1000:
            text = f"it waited for more than {config.max_age_s} s, which maxAsyncEventAgeInSeconds allows"
            await self._write(call, Outcome(tasks.EXPIRED, "Expired", text))
            return
        await self._write(call, await self._outcome(call))

    async def _write(self, call: Call, outcome: Outcome) -> None:
        """Once the function has run it does not run again because the disk is full or the store locked."""
        pause_s = FAULT_PAUSE_S
        while True:
            try:
                return self._settle(call, outcome)
            except Exception:
                log.exception("what came of %s of %s cannot be written", call.request, call.function)
            try:
                await asyncio.sleep(pause_s)
            except asyncio.CancelledError:
                return self._settle(call, outcome)  # the last chance: the server ends
            pause_s = min(pause_s * 2, LONGEST_FAULT_PAUSE_S)

    async def _outcome(self, call: Call) -> Outcome:
        began = attempts.Attempt(call.retries, lambda instance: self._began(call, instance))
        with attempts.making(began):
            try:
                return await self._invoke(call)
            except ApiError as error:
                return Outcome.refused(error)

    async def _invoke(self, call: Call) -> Outcome:
        """The one place that calls the engine."""
        passage = Request.kept(call.payload) if call.form == REQUEST else None
        event = passage or call.payload
        invocation = await self._engine.invoke(
            call.function, event, call.caller, call.request, call.qualifier
        )
        return Outcome.of(
            invocation, passage.result if passage and not invocation.payload else invocation.payload
        )

    def _began(self, call: Call, instance: str) -> None:
        self._queue.mark(call, tasks.RUNNING, self._asyncs.now(), instance=instance)

    def _settle(self, call: Call, outcome: Outcome) -> None:
        """What comes of an attempt, by the settings as they are now."""
        if self._is_stopping(call):
            self._cancelled(call)  # it ended at the very moment that somebody stopped it
            return
        config, now = self._asyncs.config(call.function, call.qualifier), self._asyncs.now()
        expires = call.begins + config.max_age_s * 1000
        if outcome.status == REFUSED and now < call.begins + REFUSED_MS:
            due = min(now + self._backoff.refused(call.refusals), expires)
            if not call.refusals:
                self._asyncs.note(call, outcome.code, f"{outcome.message}; it is tried again", counts=False)
            self._queue.later(call, due, now, tasks.ENQUEUED, outcome.message, refusals=1)
        elif outcome.status == tasks.FAILED and outcome.status_code == 200 and call.retries < config.retries:
            due = min(now + self._backoff.failed(call.retries), expires)
            self._queue.later(call, due, now, tasks.RETRYING, outcome.message, retries=1)
        else:
            self._end(call, config, outcome)

    def _end(self, call: Call, config: AsyncConfig, outcome: Outcome) -> None:
        status = tasks.FAILED if outcome.status == REFUSED else outcome.status
        destination = config.on_success if status == tasks.SUCCEEDED else config.on_failure
        then, told, why = self._told(call, destination, status, outcome)
        facts = {"duration": outcome.duration_ms, "error": outcome.message, "destination": told}
        now = self._asyncs.now()
        if not self._queue.end(call, status, now, outcome.message, outcome.result, then, **facts):
            return  # deleted meanwhile
        if outcome.status_code != 200 or status in (tasks.EXPIRED, tasks.INVALID):
            self._asyncs.note(call, outcome.code, outcome.message)
        if why:
            log.warning("%s of %s: %s", call.request, call.function, why)
            self._asyncs.note(call, "DestinationDeliveryFailed", why, counts=False)

    def _told(
        self, call: Call, destination: str, status: str, outcome: Outcome
    ) -> tuple[Call | None, str, str]:
        """The call that tells the destination, what became of that, and why it could not be."""
        if not destination:
            return None, "", ""
        event = tasks.result_event(
            call.request,
            self._asyncs.arn(call),
            self._asyncs.now(),
            tasks.CONDITIONS.get(status, outcome.code),
            call.retries + (status not in (tasks.EXPIRED, tasks.INVALID)),
            outcome.status_code,
            outcome.code if outcome.status_code == 200 and status == tasks.FAILED else "",
            call.payload,
            outcome.result,
        )
        try:
            return self._asyncs.told(call, destination, event), tasks.DELIVERED, ""
        except ApiError as error:
            return None, f"{tasks.NOT_DELIVERED}: {error.message}", error.message
