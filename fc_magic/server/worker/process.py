"""One event instance: a process that is started, called, and killed at its deadline.

Control frames go over a socket pair, the log comes from stdout and stderr through a pipe.
Single-threaded asyncio on both descriptors, without transports: a warm call must cost microseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from fc_magic.server.worker import limits, pipes
from fc_magic.server.worker.frames import HEAD, Heard, Slot, framed, header_of, whole
from fc_magic.server.worker.launch import Asked, InstanceGone, Launch, spawn
from fc_magic.server.worker.watch import Watch

#: nearly every answer fits into the first; for a buffer like the second the system may be asked for memory each time
SHORT_READ, READ = 1 << 14, 1 << 18
START_LIMIT_S = 30.0
TERM_GRACE_S = 0.1
#: a process that ended is buried by its parent, who then says what it held
BURIAL_S = 0.1
#: of one instance, when somebody wants to know what all of them hold
LOOK_LIMIT_S = 0.05
#: log text kept of one request; FC itself returns the last 4 KB
LOG_KEEP = 64 * 1024
#: a pipe holds at most 1 MB; a child that goes on writing must not hold up the answer
LOG_READ, DRAIN_READS = 1 << 16, 16
#: of one answer. FC documents 32 MB for an event; what it allows for an answer is not documented
MAX_ANSWER = 32 * 1024 * 1024


class AnswerTooLarge(InstanceGone):
    """It answers with more than a call may answer with; nothing of it was kept."""


class DeadlinePassed(Exception):
    """The call ran into its time-out; the process tree is dead."""


class Answer(NamedTuple):
    """What came back for one call; times in seconds, memory in MB. ``behind``: what an error does not say itself."""

    error_type: str
    payload: bytes
    log: str
    memory_mb: float
    seconds: float
    behind: tuple[Any, ...] = ()


@dataclass
class Spec:
    """Everything an instance needs to know to start; ``init`` is its first frame.

    ``code`` is the folder of the function's files on this machine, ``seen`` what the function is told it is;
    ``layers`` are the folders of its layers, the first on top; ``dumps`` says whether it writes where its threads
    are when it is told to end. Without ``internet`` it has only a network of its own.
    ``version`` is the published version of what it runs, or LATEST. ``farewell`` is called when the instance has
    served its last call, and waited for before it is ended; ``outgrown`` when one that nobody calls had to be ended
    for what it holds.
    """

    command: tuple[str, ...]
    init: dict[str, Any] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    code: Path
    launch: Launch = spawn
    seen: str = ""
    memory_mb: int = 128
    layers: tuple[Path, ...] = ()
    dumps: bool = True
    disk_mb: int = limits.DISK_MB
    internet: bool = True
    version: str = ""
    instance_id: str = field(default_factory=lambda: f"c-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:12]}")
    farewell: Callable[[Instance], Awaitable[None]] | None = None
    outgrown: Callable[[Instance], None] = lambda instance: None

    def instance(self) -> Instance:
        """What is started: a kind of instance of its own has a kind of spec of its own."""
        return Instance(self)

    def asked(self, descriptors: tuple[int, int, int]) -> Asked:
        environment = {**self.environment, "FC_INSTANCE_ID": self.instance_id}
        search = tuple(self.init.get("path", ()))
        return Asked(
            self.command,
            environment,
            self.code,
            descriptors,
            self.layers,
            search,
            seen=self.seen,
            disk_mb=self.disk_mb,
            internet=self.internet,
        )


class Instance:
    """A process of one revision. Use: ``await start()``, ``await call(...)`` one at a time, ``kill()``."""

    #: how many calls it serves at once
    concurrency = 1

    def __init__(self, spec: Spec) -> None:
        self.spec, self.id = spec, spec.instance_id
        self.born = self.used = time.monotonic()
        self.calls = 0
        self.initialized = False
        self.alive = False
        self._calling = self._ended = False
        self.memory_mb = 0.0
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Heard] | Slot | None = None
        self._log = bytearray()
        #: bytes of the log that are kept no longer
        self._cut = 0

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Returns when the process has read its settings. Raises InstanceGone if it cannot."""
        self._loop = asyncio.get_running_loop()
        self._calling = True
        await self._launch()
        try:
            code = self.spec.seen or str(self.spec.code)
            await self._send(framed(json.dumps({**self.spec.init, "code": code}).encode()), START_LIMIT_S)
            await self._receive(START_LIMIT_S)
            self._calling = False
        except (InstanceGone, DeadlinePassed):
            self.kill()
            raise InstanceGone(self.take_log() or "the process did not start") from None

    async def _launch(self) -> None:
        (ours, theirs), (self._life, lifeline) = socket.socketpair(), socket.socketpair()
        log_read, log_write = os.pipe()
        os.set_blocking(log_read, False)
        ours.setblocking(False)
        self._life.setblocking(False)
        asked = self.spec.asked((theirs.fileno(), log_write, lifeline.fileno()))
        try:
            self.first = await self.spec.launch(asked)
        except BaseException:
            os.close(log_read)
            ours.close()
            self._life.close()
            raise
        finally:
            theirs.close()
            os.close(log_write)
            lifeline.close()
        self._sock, self._log_fd = ours, log_read
        self._watch = Watch(self.first, self.spec.memory_mb, self._end, self.spec.disk_mb)
        self.alive = True
        self._loop.add_reader(ours.fileno(), self._readable)
        self._loop.add_reader(log_read, self._read_log)

    def kill(self) -> None:
        """Ends the whole process tree at once. May be called again."""
        if not self.alive:
            return
        self.alive = False
        self._watch.close()
        self.first.kill()
        self._read_log(drain=True)
        self._loop.remove_reader(self._sock.fileno())
        self._loop.remove_reader(self._log_fd)
        self._sock.close()
        os.close(self._log_fd)
        self._log_fd = -1  # the number may soon be another's
        self._life.close()
        self._fail()
        self._reap()

    def _end(self, why: str) -> None:
        self.kill()
        self._log += why.encode()

    def _reap(self) -> None:
        if not self.first.buried() and not self._loop.is_closed():
            self._loop.call_later(0.01, self._reap)

    # ------------------------------------------------------------ calls

    def begin(self, head: bytes, event: bytes, slot: Slot) -> bytes:
        """An invoke without a task; returns what could not be sent at once. When its slot has a good answer it is
        over with ``end``; ``rest``, at any time, makes it an ordinary call."""
        self.calls += 1
        self._waiting, self._calling, self.memory_mb = slot, True, 0.0
        if self._log:
            self._log.clear()
        data = HEAD.pack(len(head), len(event)) + head + event
        try:
            return data[self._sock.send(data) :]
        except OSError:
            return data  # it takes nothing now, or is gone: that is found out by who sends again

    def may_end(self, answer: Heard) -> bool:
        """Whether nothing has to be found out about what it held."""
        return not self._watch.suspects(answer[0].get("memory_kb", 0) / 1024)

    def end(self, answer: Heard) -> str:
        """A call went well; returns what it printed."""
        self._waiting, self._calling = None, False
        self._read_log(drain=True)
        self.used = time.monotonic()
        self.memory_mb = answer[0].get("memory_kb", 0) / 1024
        return self.take_log() if self._log else ""

    async def call(self, frame: Mapping[str, Any], event: bytes, limit_s: float) -> Answer:
        """One initialize or invoke. Raises DeadlinePassed or InstanceGone; the instance is dead then."""
        self.calls += frame["kind"] == "invoke"
        self._calling, self.memory_mb = True, 0.0
        self._log.clear()
        return await self.rest(framed(json.dumps(frame).encode(), event), time.monotonic(), limit_s)

    async def rest(self, unsent: bytes, started: float, limit_s: float) -> Answer:
        """The same for a call that was begun at ``started``."""
        answered = False
        try:
            await self._send(unsent, limit_s)
            self._watch.begin(time.monotonic() - started)
            header, payload = await self._receive(limit_s - (time.monotonic() - started))
            told_mb = header.get("memory_kb", 0) / 1024
            if why := await self._watch.was_over(told_mb):
                self._end(why)
                raise InstanceGone
            answered = not self._ended
        except DeadlinePassed:
            await asyncio.to_thread(self._measure)  # they may be many
            await self._dump()
            raise
        except InstanceGone:
            self.memory_mb = max(self._watch.peak_mb, await self._buried())
            raise
        except asyncio.CancelledError:
            self._measure()
            raise
        finally:
            self._calling = False
            self._watch.end()
            self._read_log(drain=True)
            if not answered:
                self.kill()
        self.used = time.monotonic()
        self.memory_mb = max(told_mb, self._watch.peak_mb)
        said = header.get("error_type", ""), payload, self.take_log(), self.memory_mb, self.used - started
        return Answer(*said, tuple(header.get("behind", ())))

    async def _dump(self) -> None:
        """A process that ran out of time may write where its threads are."""
        if self.spec.dumps:
            self._log += limits.DUMP.encode()
        self.first.terminate()
        with contextlib.suppress(DeadlinePassed, InstanceGone):
            await self._receive(TERM_GRACE_S)

    def _measure(self) -> None:
        """What the processes of this call held at most, while they can still be asked."""
        if self.alive:
            self.memory_mb = max(self._watch.peak_mb, self.first.held(limits.TASKS).peak_mb())

    def memory_now(self) -> float:
        """What its processes hold now, in MB, each shared page by its share."""
        return self.first.held(limits.TASKS).exact_mb(math.inf, LOOK_LIMIT_S)

    async def glance(self) -> None:
        """Looks whether it still may live, while nobody calls it."""
        if await self._watch.glance() and not self._calling:
            self.memory_mb = max(self.memory_mb, self._watch.peak_mb)
            self.spec.outgrown(self)

    async def _buried(self) -> float:
        """What a process that ended held at most, in MB; 0 if nobody says so."""
        if not self.alive:
            return 0.0
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            said = await asyncio.wait_for(self._loop.sock_recv(self._life, 64), BURIAL_S)
            return int(said or b"0") / 1024
        return 0.0

    def take_log(self) -> str:
        """The log since the last call began."""
        text = bytes(self._log).decode(errors="replace")
        self._log.clear()
        return text

    # ------------------------------------------------------------ descriptors

    def _sent(self, data: bytes) -> bytes:
        """What of it the instance does not take now."""
        try:
            return data[self._sock.send(data) :]
        except BlockingIOError:
            return data

    async def _send(self, data: bytes, limit_s: float) -> None:
        try:
            if data and (rest := self._sent(data)):
                await asyncio.wait_for(self._loop.sock_sendall(self._sock, rest), limit_s)
        except asyncio.TimeoutError:
            raise DeadlinePassed from None
        except OSError as error:
            raise InstanceGone from error

    async def _receive(self, limit_s: float) -> Heard:
        begun = self._waiting if isinstance(self._waiting, Slot) and self._waiting.done() else None
        if not (self.alive or begun):
            raise InstanceGone
        self._waiting = self._loop.create_future()
        if begun:
            begun.pass_on(self._waiting)
        timer = self._loop.call_later(limit_s, self._fail, DeadlinePassed())
        self._parse()
        if self._ended:
            self._fail()
        try:
            return await self._waiting
        finally:
            timer.cancel()
            self._waiting = None

    def _readable(self) -> None:
        try:
            data = self._sock.recv(READ if self._buffer else SHORT_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._sock.fileno())
            self._ended = True
            self._fail()
            if not self._calling:  # it ended between two calls, and nobody else would notice
                self.kill()
            return
        if not self._buffer and self._waiting and not self._waiting.done():
            try:
                answer = whole(data)
            except ValueError:
                answer = None
            if answer:
                self._waiting.set_result(answer)
                return
        self._buffer += data
        self._parse()

    def _parse(self) -> None:
        if self._waiting is None or self._waiting.done() or len(self._buffer) < HEAD.size:
            return
        head, payload = HEAD.unpack_from(self._buffer)
        if max(head, payload) > MAX_ANSWER:
            text = f"the answer has {payload:,} bytes; at most {MAX_ANSWER >> 20} MB are allowed"
            self._fail(AnswerTooLarge(text))
            return
        middle, end = HEAD.size + head, HEAD.size + head + payload
        if len(self._buffer) < end:
            return
        try:
            header = header_of(self._buffer[HEAD.size : middle])
        except ValueError:  # the function wrote to our descriptor
            self._fail()
            return
        body = bytes(self._buffer[middle:end])
        del self._buffer[:end]
        self._waiting.set_result((header, body))

    def _fail(self, error: Exception | None = None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or InstanceGone())

    def _read_log(self, drain: bool = False) -> None:
        """Takes what the pipe holds: a piece when called by the loop, all of it when draining."""
        if self._log_fd < 0 or (drain and pipes.is_empty(self._log_fd)):
            return
        for _ in range(DRAIN_READS if drain else 1):
            try:
                data = os.read(self._log_fd, LOG_READ)
            except (BlockingIOError, OSError):
                return
            if not data:
                with contextlib.suppress(ValueError, OSError):
                    self._loop.remove_reader(self._log_fd)
                return
            self._log += data
            if len(self._log) > 2 * LOG_KEEP:
                self._cut += len(self._log) - LOG_KEEP
                del self._log[:-LOG_KEEP]
