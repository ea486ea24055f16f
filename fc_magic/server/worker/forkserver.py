"""The fork servers as this server sees them: one process an interpreter, started when it is first needed.

A packet with three descriptors asks for an instance; the answer is a handle (pidfd) of its first process. Which of
the machine's means keep instances apart is found out by the fork server itself, and told here.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import json
import logging
import math
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fc_magic.server.worker import disk, limits, merge, runtimes
from fc_magic.server.worker.etc import Etc
from fc_magic.server.worker.forked import Forked, bury
from fc_magic.server.worker.launch import Asked, First, InstanceGone, Place, spawn

log = logging.getLogger("fc_magic.server")

PROGRAM = Path(__file__).with_name("zygote.py")
#: the file system of an isolated instance, see sandbox.py
CODE, PROGRAMS = "/code", "/.fc/bin"
PACKET = 1 << 16
START_LIMIT_S = 30.0
#: after a fork server did not start, instances are started from nothing for so long
PAUSE_S = 30.0
#: the C library reads these when a program starts: a forked one has those of its fork server
EARLY = ("LD_", "MALLOC_", "GLIBC_")
LIBRARIES = "LD_LIBRARY_PATH"

Answer = tuple[dict[str, Any], list[int]]


def _begins_alike(environment: Mapping[str, str], asked: Asked) -> bool:
    """Whether a process that began with ``environment`` does as one that begins with what is asked.

    Where an instance has folders of its own its LD_LIBRARY_PATH differs by them. A forked process does not search
    them for libraries: that is all the same if they have none.
    """

    def early(values: Mapping[str, str]) -> dict[str, str]:
        return {n: v for n, v in values.items() if n.startswith(EARLY) and n != LIBRARIES}

    if early(environment) != early(asked.environment):
        return False
    ours, theirs = environment.get(LIBRARIES, ""), asked.environment.get(LIBRARIES, "")
    return ours == theirs or _with_libraries(ours) == _with_libraries(theirs, asked.seen, str(asked.code))


def _with_libraries(path: str, seen: str = "", files: str = "") -> list[str]:
    """Those folders of LD_LIBRARY_PATH that have a library; the instance's own, at ``seen``, will have ``files``."""
    found = []
    for folder in path.split(":"):
        is_own = seen and (folder + "/").startswith(seen + "/")
        at = files + folder[len(seen) :] if is_own else os.path.join(files, folder)
        with contextlib.suppress(OSError):
            if any(".so" in name for name in os.listdir(at)):
                found.append(folder)
    return found


class ForkServer:
    """Forks instances of the Python that ``command`` begins with, and starts those of other programs.

    ``folder`` holds ``code`` with all functions; ``shown`` are folders of the machine that instances see as well.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], shown: Sequence[str] = ()
    ) -> None:
        self._command, self._folder, self._environment = tuple(command), folder, dict(environment)
        self._shown = shown
        self._process: subprocess.Popen[bytes] | None = None
        #: each with the place that its instance will have
        self._waiting: deque[tuple[asyncio.Future[Answer], Path | None]] = deque()
        self._sending = asyncio.Lock()
        self._isolated = False
        self._reason = ""

    async def start(self) -> Place:
        """Raises InstanceGone if there can be no fork server."""
        self._etc = Etc()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = self._folder / "root"
        root.mkdir(exist_ok=True)
        words = [
            *self._command[:-1],
            str(PROGRAM),
            str(theirs.fileno()),
            str(root),
            str(self._folder / "code"),
            os.pathsep.join(self._shown),
            *self._command[:-1],
        ]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env=self._environment,
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise InstanceGone(str(error)) from error
        ours.setblocking(False)
        self._sock = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._readable)
        told, _ = await self._answer()
        self._isolated, self._reason = told["isolated"], told["reason"]
        own = None if self._isolated or told["off"]["landlock"] else functools.partial(disk.new, self._folder)
        no_quota = "" if self._isolated or own else "needs namespaces or Landlock"
        off = {**told["off"], "fork server": "", "memory limit": "", "disk limit": no_quota}
        return Place(
            self.fork, self._isolated, CODE if self._isolated else "", self._reason, told["in_turn"], own, off
        )

    @property
    def alive(self) -> bool:
        return self._process is not None

    async def fork(self, asked: Asked) -> First:
        """An instance. Raises InstanceGone."""
        seen = CODE if self._isolated else asked.seen or str(asked.code)
        own = None if self._isolated or seen == str(asked.code) else Path(seen).parent
        environment = {"TMPDIR": str(own / "tmp")} if own else {}
        packet = {
            "files": str(asked.code.relative_to(self._folder / "code")),
            "original": str(asked.code),
            "private": str(own or ""),
            "code": seen,
            "layers": [str(layer.relative_to(self._folder / "code")) for layer in asked.layers],
            "search": asked.search,
            "read": [str(merge.merged(asked.layers))] if own and asked.layers else [],
            "disk_mb": asked.disk_mb,
            "internet": asked.internet,
            "tasks": limits.TASKS,
            "too_many": limits.OUT_OF_TASKS.format(limit=limits.TASKS),
            "environment": {**environment, **asked.environment},
            "command": [] if self._can_fork(asked) else self._program(asked.command),
            "program": asked.own,
            "moved": asked.moved,
        }
        told, handles = await self._ask(packet, asked.descriptors, own)
        if not handles:
            raise InstanceGone(told["error"])
        return Forked(handles[0], self._isolated, own, asked.code)

    def _can_fork(self, asked: Asked) -> bool:
        return asked.command == self._command and _begins_alike(self._environment, asked)

    def _program(self, command: tuple[str, ...]) -> list[str]:
        """The words as an instance finds them: our own files are elsewhere there."""
        ours = str(runtimes.HERE) + os.sep
        return [
            w.replace(ours, PROGRAMS + "/", 1) if self._isolated and w.startswith(ours) else w
            for w in command
        ]

    # ------------------------------------------------------------ packets

    async def _ask(self, packet: dict[str, Any], descriptors: Sequence[int], own: Path | None) -> Answer:
        async with self._sending:
            while True:
                if not self.alive:
                    raise InstanceGone("the fork server ended")
                try:
                    self._send(packet, descriptors)
                    break
                except BlockingIOError:  # it has not yet heard all that was asked before
                    await self._has_room()
                except OSError as error:
                    self._lost(str(error))
                    raise InstanceGone(f"the fork server does not answer: {error}") from error
            waiting = self._expected(own)
        try:
            return await self._arrived(waiting)
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and not waiting.exception():
                self._end_unwanted(waiting.result()[1], own)
            raise

    def _send(self, packet: dict[str, Any], descriptors: Sequence[int]) -> None:
        nothing: contextlib.AbstractContextManager[dict[str, int]] = contextlib.nullcontext({})
        with self._etc.changed() if self._isolated else nothing as etc:
            whole = json.dumps({**packet, "etc": list(etc)}).encode()
            socket.send_fds(self._sock, [whole], [*descriptors, *etc.values()])

    async def _has_room(self) -> None:
        loop = asyncio.get_running_loop()
        room = asyncio.Event()
        loop.add_writer(self._sock.fileno(), room.set)
        try:
            await asyncio.wait_for(room.wait(), START_LIMIT_S)
        except asyncio.TimeoutError:
            self._lost("the fork server does not listen")
        finally:
            if self.alive:
                loop.remove_writer(self._sock.fileno())

    async def _answer(self) -> Answer:
        return await self._arrived(self._expected())

    def _expected(self, own: Path | None = None) -> asyncio.Future[Answer]:
        """The next answer but those that others wait for already: they come in the order of asking."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((answer, own))
        return answer

    async def _arrived(self, answer: asyncio.Future[Answer]) -> Answer:
        try:
            return await asyncio.wait_for(answer, START_LIMIT_S)
        except asyncio.TimeoutError:
            self._lost("the fork server does not answer")
            raise InstanceGone(f"the fork server gave no answer within {START_LIMIT_S:g} s") from None

    def _readable(self) -> None:
        try:
            packet, handles, _, _ = socket.recv_fds(self._sock, PACKET, 1)
        except BlockingIOError:
            return
        except OSError:
            packet, handles = b"", []
        if not packet:
            self._lost("the fork server ended")
            return
        answer, own = self._waiting.popleft()
        if not answer.done():
            answer.set_result((json.loads(packet), handles))
        else:
            self._end_unwanted(handles, own)

    def _end_unwanted(self, handles: Sequence[int], own: Path | None) -> None:
        """Nobody waits any more: what was started must not stay, nor its files."""
        for handle in handles:
            first = Forked(handle, self._isolated, own)
            first.kill()
            bury(first)

    def _lost(self, why: str) -> None:
        self.close()
        while self._waiting:
            answer, _ = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(InstanceGone(why))

    def close(self) -> None:
        """Ends the process, and with it every instance in its namespaces."""
        process, self._process = self._process, None
        if process is None:
            return
        asyncio.get_running_loop().remove_reader(self._sock.fileno())
        asyncio.get_running_loop().remove_writer(self._sock.fileno())
        self._sock.close()
        process.kill()
        process.wait()


def _apart(reason: str) -> Place:
    """Instances that are ordinary processes."""
    memory = "" if sys.platform == "linux" else "needs Linux"
    names = ("namespaces", "landlock", "fork server", "process limit", "disk limit")
    off = {**dict.fromkeys(names, reason), "memory limit": memory}
    return Place(spawn, reason=reason, in_turn=reason, off=off)


@dataclass(frozen=True)
class Key:
    """What tells fork servers apart: the Python that runs one, and what is shown in there beside it."""

    command: tuple[str, ...]
    shown: tuple[str, ...] = ()


def _key(command: tuple[str, ...], shown: tuple[str, ...]) -> Key:
    is_python = command[-1:] == (str(runtimes.BOOTSTRAP),)
    return Key(command) if is_python else Key(runtimes.own(), shown)


class Launcher:
    """Where instances of each interpreter run: its fork server, started once; else each from nothing.

    A program that is no Python has none of its own: it is started by the one of the Python that runs this.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._servers: dict[Key, ForkServer] = {}
        self._places: dict[Key, asyncio.Task[Place]] = {}
        #: when a fork server that did not start is tried again
        self._again: dict[Key, float] = {}
        disk.discard_all(folder)

    async def place(self, command: tuple[str, ...], shown: tuple[str, ...] = ()) -> Place:
        """For the interpreter that ``command`` runs, and the folders of the machine that it needs to see."""
        return await self._place(_key(command, shown))

    async def _place(self, key: Key) -> Place:
        server, place = self._servers.get(key), self._places.get(key)
        gone = server is not None and not server.alive
        if place is None or (place.done() and (gone or time.monotonic() > self._again.get(key, math.inf))):
            place = self._places[key] = asyncio.create_task(self._started(key))
        # who asks may be cancelled; the fork server is started for all
        return await asyncio.shield(place)

    async def _started(self, key: Key) -> Place:
        if sys.platform != "linux":
            return _apart("fork is not safe on this system")
        server = self._servers[key] = ForkServer(key.command, self._folder, self._environment, key.shown)
        self._again.pop(key, None)
        try:
            place = await server.start()
        except (InstanceGone, OSError) as error:
            server.close()
            del self._servers[key]
            self._again[key] = time.monotonic() + PAUSE_S
            log.warning("instances of %s are neither forked nor isolated: %s", key.command[0], error)
            return _apart(f"the fork server did not start: {error}")
        if not place.isolated:
            log.warning("instances of %s are not isolated: %s", key.command[0], place.reason)
        return dataclasses.replace(place, launch=functools.partial(self._launch, key))

    def layers(self, command: tuple[str, ...], shown: tuple[str, ...] = ()) -> Mapping[str, str]:
        """Why each layer that keeps instances of this interpreter apart is off; empty before it is known."""
        place = self._places.get(_key(command, shown))
        known = place is not None and place.done() and not place.cancelled() and not place.exception()
        return place.result().off if place and known else {}

    async def _launch(self, key: Key, asked: Asked) -> First:
        server = self._servers.get(key)
        if server and server.alive:
            try:
                return await server.fork(asked)
            except InstanceGone:
                if server.alive:
                    raise
        # it was ended from outside: nothing of the instance has run, so a new one can start it
        await self._place(key)
        if key in self._servers:
            return await self._servers[key].fork(asked)
        raise InstanceGone("the fork server ended, and does not start again")

    def close(self) -> None:
        for task in self._places.values():
            task.cancel()
        for server in self._servers.values():
            server.close()
        disk.discard_all(self._folder)
