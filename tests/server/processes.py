"""What tests of processes share: who is alive, who belongs to an instance, waiting, and a door to meet functions.

A function sees no file of the test, and its process ids are not this machine's. What both share is the network: a
function knocks at a socket that has a name and no file, and the kernel tells the test which process it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fc_magic.wire.results import Invocation
from tests.conftest import FUNCTIONS, zipped

#: far more than anything here takes, even on a busy machine
LIMIT_S = 20.0


def wait_for(condition: Callable[[], Any]) -> Any:
    """What the condition says once it holds; fails if it never does."""
    ends = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)
    return found


async def until(condition: Callable[[], Any]) -> None:
    """The same inside an event loop."""
    ends = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        await asyncio.sleep(0.005)


def state(pid: int) -> str:
    """The letter of a process's state; nothing if there is no such process."""
    return _stat(pid)[0]


def is_alive(pid: int) -> bool:
    return state(pid) not in ("", "Z")


def children() -> set[int]:
    """The processes this one has started and not yet buried."""
    return {pid for pid in _pids() if _stat(pid)[1] == os.getpid()}


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _stat(pid: int) -> tuple[str, int]:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return (fields[0].decode(), int(fields[1])) if fields else ("", 0)


# ---------------------------------------------------------------- the door

#: what an instance knows itself by
INSTANCE = "os.environ['FC_INSTANCE_ID']"


@dataclass(frozen=True)
class Visitor:
    """A process that knocked: what it said, its id on this machine, and its process table."""

    said: str
    pid: int
    table: str

    def family(self) -> list[int]:
        """All processes of its instance that are alive: they have a process table of their own."""
        assert self.table != _table(os.getpid()), "the instance has no process table of its own"
        return [pid for pid in _pids() if _table(pid) == self.table and is_alive(pid)]


class Door:
    """Functions knock with a line of text and wait until they are let in, which is at once."""

    def __init__(self, name: str = "") -> None:
        self.name = name or f"fc-magic-test-{uuid.uuid4().hex}"
        self.visitors: list[Visitor] = []
        #: the process tables of visitors: the kernel gives the name of one that is gone to the next that is made
        self._tables: list[int] = []
        self._waiting: list[tuple[str, socket.socket]] = []
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind("\0" + self.name)
        self._socket.listen(64)
        threading.Thread(target=self._open, daemon=True).start()

    def _open(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._meet(self._socket.accept()[0])

    def _meet(self, knocking: socket.socket) -> None:
        credentials = knocking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid = struct.unpack("3i", credentials)[0]
        with knocking.makefile() as lines:
            said = lines.readline().rstrip("\n")
        with contextlib.suppress(OSError):
            self._tables.append(os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY))
        self.visitors.append(Visitor(said, pid, _table(pid)))
        with self._lock:
            self._waiting.append((said, knocking))
        self._let_in()

    def _let_in(self) -> None:
        with self._lock:
            inside = [w for w in self._waiting if self.may_come_in(w[0])]
            self._waiting = [w for w in self._waiting if w not in inside]
        for _, knocking in inside:
            with contextlib.suppress(OSError), knocking:
                knocking.sendall(b".")

    def may_come_in(self, said: str) -> bool:
        return True

    def visitor(self, said: str) -> Visitor:
        """Who said this, once somebody has; of several the last."""
        return wait_for(lambda: [v for v in self.visitors if v.said == said])[-1]

    def said(self) -> list[str]:
        return [visitor.said for visitor in self.visitors]

    def code(self, function: str, **files: str) -> bytes:
        """A package of a file of ``tests/functions``; its instances knock with their id when they import it."""
        source = (FUNCTIONS / f"{function}.py").read_text()
        return zipped({"index.py": f"{self.knock(INSTANCE)}\n{source}", **files})

    def instance(self, call: Invocation) -> Visitor:
        """The process that served a call of ``code``."""
        return self.visitor(call.instance_id)

    def knock(self, said: str) -> str:
        """A line of Python that knocks with what the expression says, and goes on when it is let in."""
        return (
            f"import os, socket; _s = socket.socket(socket.AF_UNIX); _s.connect('\\0{self.name}'); "
            f"_s.sendall(str({said}).encode() + b'\\n'); _s.recv(1); _s.close()"
        )

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for _, knocking in self._waiting:
            knocking.close()
        while self._tables:
            os.close(self._tables.pop())


class Meeting(Door):
    """Calls of ``waits``: each says that it runs, and goes on when it is let go."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._may_go: set[str] = set()
        self.threads = threads
        super().__init__()

    def may_come_in(self, said: str) -> bool:
        return said in self._may_go

    def call(self, function: Any, name: str = "") -> Future[Any]:
        """Begins a call and returns when it runs."""
        future = self.threads.submit(function.invoke, {"at": self.name, "name": name})
        wait_for(lambda: name in self.said() or future.done())
        return future

    def pid(self, name: str = "") -> int:
        return self.visitor(name).pid

    def let_go(self, name: str = "") -> None:
        self._may_go.add(name)
        self._let_in()


@contextlib.contextmanager
def meeting_with(threads: int = 8) -> Iterator[Meeting]:
    with ThreadPoolExecutor(threads) as pool:
        meeting = Meeting(pool)
        try:
            yield meeting
        finally:
            meeting.close()


def _table(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""
