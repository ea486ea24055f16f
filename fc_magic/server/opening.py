"""The server from its first moment: it listens, and its parts are imported.

To import them takes longer than everything else until then, and who has just heard that the server is ready seldom
asks at the same moment. Who does waits until they are there; nothing is answered before.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from fc_magic.server.app import Parts
    from fc_magic.server.connections import Caller
    from fc_magic.server.plain import Asked

#: what ``build`` imports: beforehand, in a thread, so that signals and connections are heard meanwhile
LATE = "fc_magic.server.app"


class Opening:
    """An ASGI application, and the way of the shortest calls. ``build`` makes its parts; ``objects_port`` is where
    the object store answers."""

    def __init__(self, build: Callable[[], Parts], objects_port: int) -> None:
        self._build, self._objects_port = build, objects_port
        self.parts: Parts | None = None
        self._opened = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._app: ASGIApp = self._wait
        self._open_parts = contextlib.AsyncExitStack()

    def begin_to_open(self) -> asyncio.Task[None]:
        """The task raises what ``build`` raises: then nobody will ever be answered."""
        self._opening = asyncio.create_task(self._open())
        return self._opening

    async def _open(self) -> None:
        await asyncio.to_thread(importlib.import_module, LATE)
        parts = self._build()
        await self._open_parts.enter_async_context(parts.beside())
        self.parts, self._app = parts, self._by_port(parts)
        self._opened.set()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """No coroutine of its own, because every request goes by."""
        return self._app(scope, receive, send)

    def begin(self, asked: Asked, caller: Caller) -> bool:
        """As :meth:`Express.begin`."""
        return self.parts is not None and self.parts.express.begin(asked, caller)

    def _by_port(self, parts: Parts) -> ASGIApp:
        port, objects, others = self._objects_port, parts.objects, parts.app

        def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            if scope["type"] == "http" and scope["server"][1] == port:
                return objects(scope, receive, send)
            return others(scope, receive, send)

        return app

    async def _wait(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await self._opened.wait()
        await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._opening:
            # a thread that imports cannot be told to stop; why it failed is said by who began to open
            await asyncio.wait([self._opening])
        await self._open_parts.aclose()
        await send({"type": "lifespan.shutdown.complete"})
