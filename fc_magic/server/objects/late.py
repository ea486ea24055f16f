"""The object store of a server, opened at its first use: it takes longer to import than all the rest to start.

Nothing here is imported at once but what the server has anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fc_magic.errors import InternalServerError
from fc_magic.server.auth import Key
from fc_magic.server.grants import Grants
from fc_magic.server.identity import Identity

if TYPE_CHECKING:
    from fc_magic.server.objects.app import Parts
    from fc_magic.server.objects.changes import Change
    from fc_magic.server.objects.store import Store

log = logging.getLogger("fc_magic.server")

_BROKEN = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code><Message>%s</Message></Error>'
)


class Late:
    """An ASGI application, and the store behind it. ``notify`` hears of every change, on the event loop."""

    def __init__(
        self,
        folder: Path,
        keys: Mapping[str, Key],
        identity: Identity,
        hosts: tuple[str, ...],
        grants: Grants | None = None,
    ) -> None:
        self._grants = grants
        self._folder, self._keys, self._identity, self._hosts = folder, keys, identity, hosts
        self._opening = asyncio.Lock()
        self._parts: Parts | None = None
        self.notify: Callable[[Change], None] = lambda change: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            parts = self._parts or await self._open()
        except InternalServerError:
            answer = Response(
                _BROKEN % b"The object store cannot be used.", 500, media_type="application/xml"
            )
            await answer(scope, receive, send)
        else:
            await parts.app(scope, receive, send)

    async def store(self) -> Store:
        """The store itself. Raises InternalServerError if its files cannot be used."""
        return (self._parts or await self._open()).store

    async def _open(self) -> Parts:
        async with self._opening:  # who comes meanwhile waits for the same one
            if self._parts is None:
                self._parts = await asyncio.to_thread(self._built)
            return self._parts

    def _built(self) -> Parts:
        import sqlite3

        from fc_magic.server.objects import app

        identity = self._identity
        try:
            return app.build(
                *(self._folder, self._keys, identity.region, identity.account_id),
                lambda change: self.notify(change),
                self._hosts,
                grants=self._grants,
            )
        except (OSError, sqlite3.Error) as error:
            log.error("the object store in %s cannot be used: %s", self._folder, error)
            raise InternalServerError(
                f"the object store in {self._folder} cannot be used: {error}",
                hint="move what is in the way, or name another folder",
            ) from error

    async def close(self) -> None:
        async with self._opening:
            if self._parts is not None:
                self._parts.close()
