"""One web instance: a program of the function's own that serves HTTP on its port, as custom runtimes do.

It has the verbs of an event instance, and one more, ``pass_on``. Several calls may run in it at once; what is
printed meanwhile is in the log of each of them, since nobody can tell whose it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.server.worker import commands, control, limits, listeners
from fc_magic.server.worker.connection import Dropped, Request
from fc_magic.server.worker.exchange import Connections, Passage, Whole, within
from fc_magic.server.worker.launch import Asked, InstanceGone, NotRun
from fc_magic.server.worker.process import BURIAL_S, Answer, AnswerTooLarge, Instance, Spec
from fc_magic.server.worker.turns import Turns

#: a program that was given no port of its own is asked so often whether it listens
LOOK_S, LONGEST_LOOK_S = 0.005, 0.05
#: what an instance that has ended leaves its port so soon
VACATED_S = 1.0
#: who listens on 127.0.0.1 may still listen where it counts
HIDDEN_GRACE_S = 1.0
#: who listens elsewhere, and not where it counts, has it in the log so soon
TELL_S = 1.5
#: how often it is looked how much memory a program ever held
MEASURE_S = 0.5
FAILED = "404"
UNHANDLED = "UnhandledInvocationError"


class NotStarted(InstanceGone):
    """The program does not serve; ``text`` is how Function Compute says so, the ended ``instance`` has the log."""

    def __init__(self, text: str, instance: WebInstance) -> None:
        super().__init__(text)
        self.text, self.instance = text, instance


class Left(asyncio.CancelledError):
    """Nobody waits any more for the program to serve; the ended ``instance`` has the log."""

    def __init__(self, instance: WebInstance) -> None:
        super().__init__()
        self.instance = instance


class NotListening(InstanceGone):
    """The program is alive and refuses connections: nobody can call it any more."""


@dataclass(frozen=True)
class HealthCheck:
    """When a program counts as started: ``customRuntimeConfig.healthCheckConfig``. No path: when it listens."""

    path: str = ""
    initial_delay_s: int = 0
    period_s: int = 3
    timeout_s: int = 1
    failures: int = 3
    successes: int = 1


@dataclass
class WebSpec(Spec):
    """``command`` is empty for ``bootstrap``. ``in_turn``: why it gets no port of its own; nothing if it does.

    ``elsewhere`` gets the log of a program that listens, but not at its port, while somebody waits for it.
    """

    port: int = 9000
    start_limit_s: float = 120.0
    concurrency: int = 1
    health: HealthCheck = field(default_factory=HealthCheck)
    in_turn: str = ""
    turns: Turns = field(default_factory=Turns)
    elsewhere: Callable[[WebInstance, str], None] = lambda instance, log: None

    def instance(self) -> WebInstance:
        return WebInstance(self)

    def asked(self, descriptors: tuple[int, int, int]) -> Asked:
        command = self.command or (f"{self.seen or self.code}/bootstrap",)
        moved = 0 if self.in_turn else self.port
        return replace(super().asked(descriptors), command=command, own=True, moved=moved)


class WebInstance(Instance):
    """Use: ``await start()``, ``call(...)`` or ``pass_on(...)``, ``concurrency`` at a time, ``kill()``."""

    spec: WebSpec

    def __init__(self, spec: WebSpec) -> None:
        super().__init__(spec)
        self.concurrency = spec.concurrency
        self._connections = Connections(("127.0.0.1", spec.port))
        self._listens: asyncio.Future[tuple[str, int]] | None = None
        self._elsewhere: dict[int, None] = {}
        self._running = 0
        #: where the log begins that was not taken yet; bytes since the start
        self._from = 0
        self._measured = 0.0
        self._dying: asyncio.Task[float] | None = None

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Returns when the program serves. Raises NotStarted, or Left if it is cancelled."""
        self._loop = asyncio.get_running_loop()
        self._calling = True
        if self.spec.in_turn:
            await self.spec.turns.take(self.spec.port, self)
        try:
            await self._started()
        except BaseException as error:
            self.kill()
            if not hasattr(self, "first"):
                self.spec.turns.give_back(self.spec.port, self)
            if isinstance(error, asyncio.CancelledError):
                raise Left(self) from None
            raise
        self._calling = False

    async def _started(self) -> None:
        self._listens = self._loop.create_future()
        if self.spec.in_turn:
            await self._port_is_free()
        try:
            await self._launch()
        except NotRun as error:
            raise self._not_run(error.number) from None
        self._watch.begin()
        looking = [self._loop.create_task(self._tell_elsewhere())]
        looking += [self._loop.create_task(self._look())] if self.spec.in_turn else []
        try:
            at = await asyncio.wait_for(self._listens, self.spec.start_limit_s)
            self._connections = Connections(at)
            await self._healthy()
        except asyncio.TimeoutError:
            raise self._unhealthy() from None
        finally:
            self._watch.end()
            for task in looking:
                task.cancel()

    async def _port_is_free(self) -> None:
        """Who had it before may still be ending."""
        ends = time.monotonic() + VACATED_S
        while await listeners.answers(self.spec.port):
            if time.monotonic() > ends:
                raise self._taken()
            await asyncio.sleep(LONGEST_LOOK_S)

    async def _look(self) -> None:
        pause = LOOK_S
        while not await listeners.answers(self.spec.port):
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK_S)
        if self._listens and not self._listens.done():
            # who comes later finds the port taken, as long as the program listens
            if listeners.is_foreign(self.spec.port, self.first.pid, self.id):
                self._listens.set_exception(self._taken())
            else:
                self._listens.set_result(("127.0.0.1", self.spec.port))

    async def _tell_elsewhere(self) -> None:
        """Once: whoever waits for an answer, for minutes perhaps, can read meanwhile why there is none."""
        while not self._elsewhere:
            await asyncio.sleep(TELL_S)
            if self.spec.in_turn:
                for port in sorted(await asyncio.to_thread(listeners.ports, self.first.pid, self.id)):
                    self._is_elsewhere(port)
        self._read_log(drain=True)
        self.spec.elsewhere(self, self._log.decode(errors="replace"))

    def _is_elsewhere(self, port: int) -> None:
        if port not in (*self._elsewhere, self.spec.port):
            self._elsewhere[port] = None
            self._note(limits.ELSEWHERE.format(found=port, port=self.spec.port))

    def _note(self, line: str) -> None:
        """Into the log, after what the program has printed."""
        self._read_log(drain=True)
        self._log += b"\n" if self._log and not self._log.endswith(b"\n") else b""
        self._log += line.encode()

    async def _healthy(self) -> None:
        check, failures, successes = self.spec.health, 0, 0
        if not check.path:
            return
        await asyncio.sleep(check.initial_delay_s)
        while successes < check.successes:
            good = await self._probed(check)
            successes, failures = (successes + 1, 0) if good else (0, failures + 1)
            if failures >= check.failures:
                raise self._unhealthy()
            if successes < check.successes:
                await asyncio.sleep(check.period_s)

    async def _probed(self, check: HealthCheck) -> bool:
        probe = Whole(Request("GET", check.path, [(b"host", b"127.0.0.1:%d" % self.spec.port)]))
        with contextlib.suppress(Dropped, OSError, asyncio.TimeoutError):
            head = await asyncio.wait_for(self._connections.exchange(probe), check.timeout_s)
            return 200 <= head.status < 400
        return False

    def kill(self) -> None:
        self._connections.close()
        super().kill()

    def make_room(self) -> None:
        """Somebody waits for the port: as soon as no call runs, this ends."""
        if not self._running and not self._calling:
            self.kill()

    def _reap(self) -> None:
        super()._reap()
        if self.first.buried():
            self.spec.turns.give_back(self.spec.port, self)

    # ------------------------------------------------------------ why it does not serve

    def _command(self) -> str:
        return shlex.join(self.spec.command) or "/code/bootstrap"

    def _not_run(self, number: int) -> NotStarted:
        if not self.spec.command and not (self.spec.code / "bootstrap").exists():
            return NotStarted(limits.NO_BOOTSTRAP, self)
        return NotStarted(commands.not_run(self.spec.command, number), self)

    def _exited(self, status: int) -> NotStarted:
        code = os.waitstatus_to_exitcode(status)
        message = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        text = limits.NOT_RUN.format(
            code=128 - code if code < 0 else code, message=message, command=self._command()
        )
        return NotStarted(text, self)

    def _unhealthy(self, why: str = "") -> NotStarted:
        self._log += why.encode()
        limit = round(self.spec.start_limit_s) or 1
        text = limits.UNHEALTHY.format(port=self.spec.port, limit=limit)
        if self._elsewhere:
            found = " and ".join(map(str, self._elsewhere))
            text += limits.NOT_THERE.format(found=found, port=self.spec.port)
        return NotStarted(text, self)

    def _taken(self) -> NotStarted:
        port = self.spec.port
        return NotStarted(limits.TAKEN.format(port=port, who=listeners.who(port)), self)

    def _parse(self) -> None:
        while b"\n" in self._buffer:
            line, _, rest = self._buffer.partition(b"\n")
            self._buffer = rest
            self._heard(json.loads(line))

    def _heard(self, told: dict[str, Any]) -> None:
        if self._listens is None or self._listens.done():
            return
        if "listening" in told:
            host, port = told["listening"]
            self._listens.set_result((host, port))
        elif "failed" in told:
            self._listens.set_exception(self._not_run(told["failed"]))
        elif "ended" in told:
            self._read_log(drain=True)
            self._listens.set_exception(self._exited(told["ended"]))
        elif "hidden" in told:
            self._loop.call_later(HIDDEN_GRACE_S, self._is_hidden)
        elif "elsewhere" in told:
            self._is_elsewhere(told["elsewhere"])

    def _is_hidden(self) -> None:
        if self._listens and not self._listens.done():
            self._listens.set_exception(self._unhealthy(limits.HIDDEN.format(port=self.spec.port)))

    def _fail(self, error: Exception | None = None) -> None:
        if self._listens and not self._listens.done():
            # what it printed, or why it was ended, is in the log
            self._listens.set_exception(NotStarted(limits.GONE.format(command=self._command()), self))

    # ------------------------------------------------------------ calls

    async def call(self, frame: Mapping[str, Any], event: bytes, limit_s: float) -> Answer:
        """One initialize, invoke or pre-stop. Raises DeadlinePassed or InstanceGone; the instance is dead then."""
        answer = Whole(control.request(frame["kind"], event, self.spec.port))
        done = await self.pass_on(frame, answer, limit_s)
        is_hook = frame["kind"] != "invoke"
        failed = done.error_type or (UNHANDLED if is_hook and not 200 <= answer.head.status < 300 else "")
        log = done.log
        if answer.head.status >= 400 and not (is_hook or failed):
            log += ("" if log.endswith("\n") or not log else "\n") + limits.STATUS.format(
                status=answer.head.status
            )
        return Answer(failed, b"".join(answer.pieces), log, done.memory_mb, done.seconds)

    async def pass_on(self, frame: Mapping[str, Any], passage: Passage, limit_s: float) -> Answer:
        """One request of any kind. The passage has the answer, so that its payload is empty here. Raises as
        ``call``, but a program that only closed a connection lives on."""
        self.calls += frame["kind"] == "invoke"
        request = passage.request
        request.headers = [*request.headers, *control.said(self.spec.init, frame)]
        since, started, lost = self._begin(), time.monotonic(), True
        try:
            head = await within(limit_s, self._connections.exchange(passage))
            lost = False
        except (Dropped, OSError) as error:
            lost = await self._is_dying()
            if not lost and isinstance(error, ConnectionRefusedError):
                lost = True
                raise NotListening(limits.NOT_LISTENING.format(port=self.spec.port)) from error
            if not lost:
                self._note(limits.UNANSWERED.format(why=error))
            raise InstanceGone(str(error)) from error
        except AnswerTooLarge:
            lost = False
            raise
        except asyncio.CancelledError:
            # who has seen its beginning may leave: the program finds out when it writes on. Else nobody knows
            # whether it ever ends
            lost = self._running == 1 and not passage.begun
            raise
        finally:
            self._measure()
            self._read_log(drain=True)
            self._end_call(since, lost)
        self.used = time.monotonic()
        failed = UNHANDLED if head.get("x-fc-status") == FAILED else ""
        return Answer(failed, b"", self.take_log(), self.memory_mb, self.used - started)

    # ------------------------------------------------------------ around a call

    def _begin(self) -> int:
        """Where its log begins: what was printed while no call ran belongs to the next one."""
        since = self._from if not self._running else self._cut + len(self._log)
        if not self._running:
            self._watch.begin()
        self._running += 1
        self._calling = True
        return since

    def _end_call(self, since: int, lost: bool) -> None:
        self._running -= 1
        self._calling = self._running > 0
        if not self._running:
            self._watch.end()
        if lost or self._ended or (not self._running and self.spec.turns.wanted(self.spec.port)):
            self.kill()
        self._from = since

    def take_log(self) -> str:
        """The log of the call that ended just now, or of the start."""
        text = bytes(self._log[max(self._from - self._cut, 0) :]).decode(errors="replace")
        if not self._running:
            self._cut += len(self._log)
            self._log.clear()
        self._from = self._cut + len(self._log)
        return text

    def _measure(self) -> None:
        """At most now and then: a call may take less time than this."""
        now = time.monotonic()
        if self._watch.peak_mb > self.memory_mb:
            self.memory_mb = self._watch.peak_mb
        elif self.alive and now > self._measured + MEASURE_S:
            self._measured = now
            super()._measure()

    async def _is_dying(self) -> bool:
        """Whether the program ended, and not only a connection; then also what it held."""
        ends = time.monotonic() + BURIAL_S
        if self._dying is None:
            self._dying = self._loop.create_task(self._buried())
        mb = await asyncio.shield(self._dying)
        self._dying = None
        self.memory_mb = max(self.memory_mb, mb)
        while not (gone := self._gone()) and time.monotonic() < ends:
            await asyncio.sleep(LOOK_S)  # nobody waits on it who would say at once that it ended
        return mb > 0 or gone

    def _gone(self) -> bool:
        return self._ended or not self.alive or self.first.buried()
