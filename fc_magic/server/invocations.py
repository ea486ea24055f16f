"""Hears InvokeFunction: asked for most, so nothing stands between a request and its function that need not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fc_magic.errors import NotSupported
from fc_magic.server import callers, http
from fc_magic.server.asyncs import Asked
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.queue import Call
from fc_magic.server.request_ids import new_request_id
from fc_magic.wire import fc3
from fc_magic.wire.results import Invocation
from fc_magic.wire.wording import clipped

OF_VALUE, OF_ERROR = b"application/octet-stream", b"application/json"


class Invocations:
    """As an ASGI application, without request and response objects: they would take longer than all else here."""

    def __init__(self, engine: Engine, verifier: Verifier) -> None:
        self._engine, self._verifier = engine, verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = new_request_id()
        try:
            headers = http.head(scope)
            event = await http.verified(scope, receive, headers, self._verifier, http.MAX_EVENT)
            if headers.get("x-fc-invocation-type", "").lower() == "async":
                await self._accept(scope, headers, event, request_id)(scope, receive, send)
                return
            invocation = await self._invoke(scope, receive, headers, event, request_id)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - every one is answered
            await http.instead_of(error, request_id)(scope, receive, send)
            return
        with_log = headers.get("x-fc-log-type", "").lower() == "tail"
        await send(
            {"type": "http.response.start", "status": 200, "headers": answer_head(invocation, with_log)}
        )
        await send({"type": "http.response.body", "body": invocation.payload})

    async def _invoke(
        self, scope: Scope, receive: Receive, headers: Mapping[str, str], event: bytes, request_id: str
    ) -> Invocation:
        name, kind = scope["path_params"]["name"], headers.get("x-fc-invocation-type", "Sync")
        qualifier = _qualifier(scope)
        if kind.lower() != "sync":
            text = f"x-fc-invocation-type {clipped(kind)} is not served by the embedded Function Compute"
            raise NotSupported(text, hint="leave the header out, or send Sync or Async")
        return await callers.while_there(
            receive, self._engine.invoke(name, event, "invoke", request_id, qualifier)
        )

    def _accept(self, scope: Scope, headers: Mapping[str, str], event: bytes, request_id: str) -> Response:
        """It is on disk before it is answered."""
        asked = Asked(
            _qualifier(scope), headers.get("x-fc-async-task-id", ""), headers.get("x-fc-async-delay", "")
        )
        kept = self._engine.asyncs.accept(scope["path_params"]["name"], event, "async", request_id, asked)
        return Response(status_code=202, headers=accepted_head(kept))


def _qualifier(scope: Scope) -> str:
    if not scope["query_string"]:
        return ""
    query: dict[str, str] = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    return query.get("qualifier", "")


def accepted_head(call: Call) -> dict[str, str]:
    """The headers of 202."""
    task = {"X-Fc-Async-Task-Id": call.task} if call.task else {}
    return {"X-Fc-Request-Id": call.request, **task}


def answer_head(invocation: Invocation, with_log: bool) -> list[tuple[bytes, bytes]]:
    head = [
        (name.lower().encode(), value.encode("latin-1"))
        for name, value in fc3.encode_invocation(invocation, with_log).items()
    ]
    head.append((b"content-type", OF_ERROR if invocation.error_type else OF_VALUE))
    head.append((b"content-length", str(len(invocation.payload)).encode()))
    return head
