"""Invocations of warm functions, straight from the connection: what most requests are, and in the least time.

Only what is usual comes this way: a whole, plainly written InvokeFunction that is verified, of a function that has an
instance waiting, and only until it is answered or lasts. All else goes the way of every other request, which parses,
verifies and refuses it as ever; so nothing is refused here.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from fc_magic.server import callers, http
from fc_magic.server.auth import Verifier
from fc_magic.server.connections import Caller
from fc_magic.server.engine import Engine
from fc_magic.server.invocations import answer_head
from fc_magic.server.logs import Brief
from fc_magic.server.plain import Asked
from fc_magic.server.warm import Begun, Warm
from fc_magic.server.worker.pool import Lease
from fc_magic.wire import fc3
from fc_magic.wire.results import Function


class Call(Begun):
    __slots__ = ("caller", "with_log")

    def __init__(self, warm: Warm, function: Function, lease: Lease, caller: Caller, with_log: bool) -> None:
        super().__init__(warm, function, lease)
        self.caller, self.with_log = caller, with_log

    def answered(self, call: Brief, payload: bytes) -> None:
        tail = fc3.encode_log(call.text) if self.with_log else ""
        head = fc3.encode_lines(
            call.request_id, self.lease.held.instance.id, self.function,
            len(payload), call.duration_ms, call.used_mb, tail,
        )  # fmt: skip
        self.caller.answered(head.encode("latin-1"), payload)

    def lasts(self) -> None:
        self.caller.lasts(self._rest)

    async def _rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            invocation = await callers.while_there(receive, self.warm.rest(self))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - every one is answered
            await http.instead_of(error, self.request_id)(scope, receive, send)
            return
        head = answer_head(invocation, self.with_log)
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": invocation.payload})


class Express:
    def __init__(self, engine: Engine, verifier: Verifier) -> None:
        self._warm, self._routes, self._verifier = engine.warm, engine.routes, verifier

    def begin(self, asked: Asked, caller: Caller) -> bool:
        """Whether the call has begun; then the caller is told what comes of it, once."""
        headers, warm = asked.headers, self._warm
        if http.host_name_of(headers.get("host", "").encode()) not in self._routes.hosts:
            return False
        found = warm.lease(asked.name)
        if found is None:
            return False
        function, lease = found
        if not self._verifier.takes(asked.path, headers, asked.body):
            warm.decline(lease)
            return False
        with_log = headers.get("x-fc-log-type", "").lower() == "tail"
        warm.begin(Call(warm, function, lease, caller, with_log), asked.body)
        return True
