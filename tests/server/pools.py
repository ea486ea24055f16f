"""A pool without a server around it: real processes, and a clock that a test may push on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fc_magic.server.worker import runtimes, tree
from fc_magic.server.worker.launch import InstanceGone
from fc_magic.server.worker.pool import Lease, Limits, Pool
from fc_magic.server.worker.process import Instance, Spec
from tests.conftest import FUNCTIONS
from tests.server.processes import children, until


class Clock:
    """Monotonic seconds that a test may push on."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def spec(tmp_path: Path) -> Callable[[], Awaitable[Spec]]:
    """Makes an instance of ``counts`` without a server."""
    (tmp_path / "index.py").write_text((FUNCTIONS / "counts.py").read_text())
    init = {
        "runtime": "python3.10", "function": "f", "handler": "index.handler", "memory": 128, "timeout": 3,
        "version": "1", "region": "r", "account_id": "1", "credentials": ["", "", ""], "path": [],
        "logs": {"log_project": "", "log_store": ""},
    }  # fmt: skip
    return specs(runtimes.find("python3.10").command, init, {"PATH": "/usr/bin:/bin"}, tmp_path)


def specs(*fields: Any) -> Callable[[], Awaitable[Spec]]:
    async def make() -> Spec:
        return Spec(*fields)

    return make


#: what instances of these tests are, until a test has ended
PROCESSES: list[asyncio.subprocess.Process] = []


def in_pool(limits: Limits, test: Callable[[Pool], Awaitable[None]], clock: Clock | None = None) -> None:
    """Runs ``test`` with a pool, which is closed at the end."""

    async def run() -> None:
        before = children()
        pool = Pool(limits, clock or Clock())
        try:
            await asyncio.wait_for(test(pool), 30)
        finally:
            pool.close()
            await until(lambda: children() <= before)
            while PROCESSES:  # the loop hears of their end later than the process table
                await PROCESSES.pop().wait()

    asyncio.run(run())


async def counted(lease: Lease) -> int:
    frame = {"kind": "invoke", "handler": "index.handler", "request_id": "1", "qualifier": "LATEST"}
    answer = await lease.instance.call(frame, b"", 10)
    calls: int = json.loads(answer.payload)["calls"]
    return calls


ONE, TWO, OTHER = ("f", "1"), ("f", "2"), ("g", "1")


# ---------------------------------------------------------------- an instance that serves several calls at once

#: answers what it was asked when it hears "go": until then all of it is under way at once
SHARED = """
import sys
asked = []
for line in sys.stdin:
    if line.strip() != "go":
        asked.append(line)
        continue
    sys.stdout.write("".join(asked))
    sys.stdout.flush()
    asked.clear()
"""


class Shared(Instance):
    """A process that takes up to ``concurrency`` lines at once and answers each with itself."""

    def __init__(self, spec: SharedSpec) -> None:
        super().__init__(spec)
        self.concurrency = spec.concurrency

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SHARED, stdin=pipe, stdout=pipe
        )
        PROCESSES.append(self.process)
        self.alive = True
        self._answers: dict[str, asyncio.Future[None]] = {}
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self._answers.pop(line.decode().strip()).set_result(None)
        self.kill()

    async def asked(self, text: str) -> None:
        """Returns when it is answered. Raises InstanceGone."""
        answer = self._answers[text] = asyncio.get_running_loop().create_future()
        self.say(text)
        await answer
        self.used = time.monotonic()

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())

    def memory_now(self) -> float:
        return tree.held([self.process.pid]).most_mb

    def kill(self) -> None:
        if self.alive:
            self.alive = False
            for answer in self._answers.values():
                answer.set_exception(InstanceGone())
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()


@dataclass
class SharedSpec(Spec):
    concurrency: int = 3

    def instance(self) -> Shared:
        return Shared(self)


def shared(concurrency: int) -> Callable[[], Awaitable[Spec]]:
    async def make() -> Spec:
        return SharedSpec((), {}, {}, Path(), concurrency=concurrency)

    return make
