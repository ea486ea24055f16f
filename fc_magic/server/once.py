"""A deployment that is run once and is nowhere deployed: in no list, without a version, and its code goes with it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any

from fc_magic.server import made
from fc_magic.server.identity import Identity
from fc_magic.server.layers import Layers
from fc_magic.server.lines import CANCELED
from fc_magic.server.live import Live
from fc_magic.server.packages import Packages
from fc_magic.server.reading import Reading
from fc_magic.server.runner import Runner
from fc_magic.server.store import Store
from fc_magic.server.worker.pool import Pool
from fc_magic.wire.results import Invocation


class Once:
    """Its instance is one of its own, however its function is called: it ends with the call."""

    def __init__(
        self,
        store: Store,
        pool: Pool,
        identity: Identity,
        reading: Reading,
        packages: Packages,
        layers: Layers,
        runner: Runner,
    ) -> None:
        self._store, self._pool, self._identity = store, pool, identity
        self._reading, self._packages, self._layers, self._runner = reading, packages, layers, runner

    async def run(self, body: Mapping[str, Any], event: bytes, request_id: str) -> Invocation:
        """``body`` as one of the deployments API; its triggers call nothing. Raises ApiError with every wrong field.

        If it is cancelled the call ends, and what was made for it goes all the same.
        """
        deployment, warnings = await asyncio.to_thread(self._reading.decode, body, needs_role=False)
        raw = await self._packages.bytes_of(deployment)
        layers = [kept.key for kept in self._layers.pinned(deployment.layers)]
        place = f"-{uuid.uuid4().hex}"  # a name of a function begins with a letter
        # from now on the files of layers stay, also of those that are deleted
        with self._store.holding(layers):
            key = await self._code(raw)
            try:
                function = made.function(deployment, raw, None, warnings, self._identity)
                folders = tuple(self._store.files(one) for one in (key, *layers))
                live = Live(function, folders, (place, function.function_id))
                invocation = await self._runner.run(live, event, request_id)
            finally:
                self._pool.retire(place)
                self._store.release_code(key)
        if invocation.error_type == CANCELED:
            raise asyncio.CancelledError
        return invocation

    async def _code(self, raw: bytes) -> str:
        """The key of the unpacked code; whoever goes away while it is written leaves none."""
        writing = asyncio.ensure_future(asyncio.to_thread(self._store.keep_code, raw))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            writing.add_done_callback(self._unwanted)
            raise

    def _unwanted(self, writing: asyncio.Future[str]) -> None:
        if not writing.cancelled() and not writing.exception():
            self._store.release_code(writing.result())
