"""PostObject: an upload from a browser's form, whose fields carry key, policy and signature."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode, urlsplit

from starlette.responses import Response

from fc_magic.server.objects import headers, names, policy
from fc_magic.server.objects.access import allow
from fc_magic.server.objects.answers import answer, empty
from fc_magic.server.objects.call import Call, as_wire, in_thread
from fc_magic.server.objects.files import PIECE, Staged
from fc_magic.server.objects.model import CONTENT_HEADERS
from fc_magic.server.objects.operations import Surroundings
from fc_magic.server.objects.refusals import Refused
from fc_magic.server.objects.writing import made_headers, staging

#: bytes of all fields before the file
MAX_FIELDS = 2 << 20
_KEPT = frozenset(CONTENT_HEADERS)
_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?')


async def post(call: Call, at: Surroundings) -> Response:
    match = _BOUNDARY.search(call.headers.get("content-type", ""))
    if not match or not call.headers["content-type"].lower().startswith("multipart/form-data"):
        raise Refused("MalformedPOSTRequest")
    form = _Form(call.pieces(), match[1].encode())
    fields, filename = await form.fields()
    call.key = names.check_key(fields.get("key", "").replace("${filename}", filename))
    low, high = 0, at.max_object
    if fields.keys() & {"policy", "signature", "x-oss-signature"}:
        low, allowed = policy.check(fields, call.bucket, at.verifier)
        high = min(high, at.max_object if allowed is None else allowed)
    else:
        await in_thread(allow, "writer", call, at.store)
    meta = headers.meta_of(
        {name: as_wire(value) for name, value in fields.items() if name in _KEPT or name.startswith("x-oss-")}
    )
    forbid = fields.get("x-oss-forbid-overwrite", "").lower() == "true"
    await in_thread(at.store.bucket, call.bucket)
    async with staging(at) as staged:
        await form.file(staged, high)
        if staged.size < low:
            raise Refused("EntityTooSmall", MinSizeAllowed=str(low), ProposedSize=str(staged.size))
        await call.drain()  # fields behind the file do not count
        written = await in_thread(lambda: at.store.keep(call.bucket, call.key, staged, meta, forbid=forbid))
    at.changed(call, "ObjectCreated:PostObject", written.object, written.delta)
    return _answer(call, fields, written.object.etag, made_headers(written.object))


def _answer(call: Call, fields: dict[str, str], etag: str, head: dict[str, str]) -> Response:
    place = f"http://{call.host}/{call.bucket}/{headers.target_header(call.key)}"
    redirect = fields.get("success_action_redirect", "")
    if urlsplit(redirect).scheme in ("http", "https"):
        about = urlencode({"bucket": call.bucket, "key": call.key, "etag": f'"{etag}"'})
        return empty(
            303, {**head, "location": as_wire(f"{redirect}{'&' if '?' in redirect else '?'}{about}")}
        )
    status = fields.get("success_action_status", "")
    if status == "201":
        body = [("Bucket", call.bucket), ("Location", place), ("Key", call.key), ("ETag", f'"{etag}"')]
        response = answer("PostResponse", body, head)
        response.status_code = 201
        return response
    return empty(200 if status == "200" else 204, {**head, "location": place})


class _Form:
    """multipart/form-data as it arrives: the fields, then the file, which is never in memory as a whole."""

    def __init__(self, pieces: AsyncIterator[bytes], boundary: bytes) -> None:
        self._pieces = pieces
        self._mark = b"\r\n--" + boundary
        self._have = b"\r\n"  # the first boundary has no line before it
        self._read = 0

    async def fields(self) -> tuple[dict[str, str], str]:
        """Name in lower case -> value of all before the file, and the file's own name."""
        found: dict[str, str] = {}
        await self._until(self._mark)
        while True:
            if await self._take(2) != b"\r\n":
                raise Refused("IncorrectNumberOfFilesInPOSTRequest")
            head = _head(await self._until(b"\r\n\r\n", 2))
            name = _parameter(head.get("content-disposition", ""), "name")
            if name is None:
                raise Refused("MalformedPOSTRequest")
            if name == "file":
                found.setdefault("content-type", head.get("content-type", ""))
                return found, _parameter(head.get("content-disposition", ""), "filename") or ""
            found[name.lower()] = (await self._until(self._mark)).decode("utf-8", "replace")

    async def file(self, staged: Staged, limit: int) -> None:
        """Writes the file; its end is a boundary, which may come in two pieces."""
        while (at := self._have.find(self._mark)) < 0:
            if len(self._have) > PIECE:
                keep = len(self._have) - len(self._mark)
                await self._write(staged, self._have[:keep], limit)
                self._have = self._have[keep:]
            await self._more()
        await self._write(staged, self._have[:at], limit)

    async def _write(self, staged: Staged, data: bytes, limit: int) -> None:
        if staged.size + len(data) > limit:
            sizes = {"MaxSizeAllowed": str(limit), "ProposedSize": str(staged.size + len(data))}
            raise Refused("EntityTooLarge", fields=sizes)
        await in_thread(staged.write, data)

    async def _until(self, mark: bytes, back: int = 0) -> bytes:
        """What stands before ``mark``. ``back``: bytes before here that may be part of the mark."""
        self._have = b"\r\n"[:back] + self._have
        while (at := self._have.find(mark)) < 0:
            if self._read > MAX_FIELDS:
                raise Refused(
                    "MalformedPOSTRequest", f"The fields before the file exceed {MAX_FIELDS >> 20} MB."
                )
            self._read += await self._more()
        found, self._have = self._have[:at], self._have[at + len(mark) :]
        return found

    async def _take(self, count: int) -> bytes:
        while len(self._have) < count:
            await self._more()
        found, self._have = self._have[:count], self._have[count:]
        return found

    async def _more(self) -> int:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            raise Refused("MalformedPOSTRequest") from None
        self._have += piece
        return len(piece)


def _head(raw: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in raw.decode("utf-8", "replace").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _parameter(disposition: str, name: str) -> str | None:
    match = re.search(rf'(?:^|;)\s*{name}="([^"]*)"', disposition) or re.search(
        rf"(?:^|;)\s*{name}=([^;\s]+)", disposition
    )
    return match[1] if match else None
