"""Where the bytes of a package come from: the request, a URL, or the object store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from fc_magic.errors import InternalServerError
from fc_magic.server import fetch
from fc_magic.server.objects.late import Late
from fc_magic.wire import triggers
from fc_magic.wire.spec import Deployment, Inline, Oss, Zip
from fc_magic.wire.triggers import Trigger

#: packages that are fetched at once; more wait, and nothing else waits for them
FETCHES = 8


class Packages:
    """``objects``: the object store beside this server, if there is one."""

    def __init__(self, objects: Late | None) -> None:
        self._objects = objects
        self._fetching = ThreadPoolExecutor(FETCHES, "fetch")

    async def bytes_of(self, deployment: Deployment) -> bytes:
        """The ZIP. Raises InvalidArgument that names the field it could not be had by."""
        code = deployment.code
        if isinstance(code, Inline):
            return code.zip[:]
        if isinstance(code, Zip):
            field = "code" if code.from_code else "zip_file"
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._fetching, fetch.fetch_zip, code.zip_file, field)
        if isinstance(code, Oss):
            return await self.stored(code)
        raise InternalServerError(f"no way to get the code of {deployment.name}")

    async def stored(self, code: Oss) -> bytes:
        """An object's bytes, if they are a ZIP. Raises InvalidArgument."""
        if self._objects is None:
            raise InternalServerError("this Function Compute has no object store")
        from fc_magic.server.objects.code import read_zip

        store, loop = await self._objects.store(), asyncio.get_running_loop()
        return await loop.run_in_executor(self._fetching, read_zip, store, code)

    async def missing_buckets(self, asked: Iterable[Trigger]) -> list[str]:
        """Warnings about triggers of buckets that do not exist yet."""
        buckets = {trigger.bucket for trigger in asked if isinstance(trigger, triggers.Oss)}
        if not (buckets and self._objects):
            return []
        from fc_magic.server.objects.code import missing

        found = await asyncio.to_thread(missing, await self._objects.store(), buckets)
        then = "create it, and its objects call the function; a region refuses such a trigger"
        return [f"there is no bucket {bucket} yet: {then}" for bucket in found]

    def close(self) -> None:
        self._fetching.shutdown(wait=False, cancel_futures=True)
