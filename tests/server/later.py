"""A real engine with its dispatcher of asynchronous calls, whose clock a test sets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fc_magic.server.asyncs import Asked
from fc_magic.server.engine import Engine
from fc_magic.server.identity import Identity
from fc_magic.server.logs import Logs
from fc_magic.server.queue import Call
from fc_magic.server.store import Store
from fc_magic.server.triggers.asynchronous import Backoff, Dispatcher
from fc_magic.server.worker.pool import Limits, Pool
from fc_magic.wire.logs import Query
from fc_magic.wire.results import RequestLog
from fc_magic.wire.tasks import Task
from tests.conftest import ROLE, function_file
from tests.server.processes import Meeting, children, until

#: when the clock of a test begins, in seconds since the epoch
BEGIN = 1_800_000_000.0


def arn(name: str, qualifier: str = "") -> str:
    own = Identity()
    return f"acs:fc:{own.region}:{own.account_id}:functions/{name}" + (f"/{qualifier}" if qualifier else "")


class Gate(Meeting):
    """Lets in at once whoever is not held."""

    held: set[str]

    def may_come_in(self, said: str) -> bool:
        return said not in self.held or super().may_come_in(said)


@dataclass
class Later:
    """``gate``: functions say their event there."""

    engine: Engine
    gate: Gate
    time: float = BEGIN
    dispatching: asyncio.Task[None] | None = None
    how: dict[str, Any] = field(default_factory=dict)

    async def deploy(
        self, name: str, function: str = "records", code: bytes = b"", **environment: str
    ) -> None:
        body = {
            "name": name,
            "runtime": "python3.10",
            "handler": "index.handler",
            "entrypoint": "index.handler",
            "role": ROLE,
            "timeout": 30,
            "code": base64.b64encode(code or function_file(function)).decode(),
            "environment": {"DOOR": self.gate.name, **environment},
        }
        put = self.engine.update if self.engine.store.get(name) else self.engine.create
        await put(*self.engine.decode(body))

    def hold(self, name: str) -> bytes:
        """An event for ``waits``, which does not go on until it is let go."""
        self.gate.held.add(name)
        return json.dumps({"at": self.gate.name, "name": name}).encode()

    def config(self, name: str, **fields: Any) -> None:
        self.engine.asyncs.put_config(name, "", fields)

    def call(self, name: str, event: bytes = b"e", **asked: str) -> Call:
        return self.engine.asyncs.accept(name, event, asked=Asked(**asked))

    def task(self, name: str, task_id: str) -> Task:
        return self.engine.asyncs.task(name, task_id)

    def start(self) -> None:
        self.dispatching = asyncio.create_task(Dispatcher(self.engine, **self.how).run())

    async def end(self) -> None:
        """As the server stops it: what runs is put back."""
        if self.dispatching:
            assert not self.dispatching.done(), self.dispatching
            self.dispatching.cancel()
            await asyncio.gather(self.dispatching, return_exceptions=True)
            self.dispatching = None

    async def at(self, seconds: float) -> None:
        """Sets the clock, and returns when what is due by then has run."""
        self.time = BEGIN + seconds
        self.engine.store.queue.changed.set()  # what would wake the dispatcher is time
        await self.quiet()

    async def quiet(self) -> None:
        """Returns when nothing runs and nothing is due."""
        queue = self.engine.store.queue
        await until(
            lambda: (
                not queue.changed.is_set()
                and not queue.running
                and min(queue.heads.values(), default=1 << 60) > self.time * 1000
            )
        )

    def logs(self, name: str) -> list[RequestLog]:
        return list(self.engine.log(name, Query(100)).requests)

    def said(self) -> list[str]:
        return self.gate.said()

    def told(self) -> list[dict[str, Any]]:
        """What a destination was told."""
        return [json.loads(said) for said in self.said() if said.startswith("{")]


@contextlib.asynccontextmanager
async def later(folder: Path, limits: Limits | None = None, **how: Any) -> AsyncIterator[Later]:
    before = children()
    with ThreadPoolExecutor(1) as threads, contextlib.closing(Gate(threads)) as gate:
        gate.held = set()
        engine = Engine(
            Store(folder), Pool(limits or Limits()), Logs(), Identity(), lambda: "http://127.0.0.1:1"
        )
        made = Later(engine, gate, how={"backoff": Backoff(1.0, 0.5, 300.0), **how})
        engine.asyncs.clock = lambda: made.time
        made.start()
        await asyncio.sleep(0)
        try:
            yield made
        finally:
            await made.end()
            engine.close()
            await until(lambda: children() <= before)


def on_bench(
    folder: Path, test: Callable[[Later], Awaitable[None]], limits: Limits | None = None, **how: Any
) -> None:
    async def run() -> None:
        async with later(folder, limits, **how) as made:
            await asyncio.wait_for(test(made), 40)

    asyncio.run(run())
