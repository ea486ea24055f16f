"""A request on its way through the store: what it asks for, its body in pieces, and who sent it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from fc_magic.server.objects import names
from fc_magic.server.objects.files import PIECE, Staged
from fc_magic.server.objects.refusals import Refused
from fc_magic.wire.oss_signature import Signable

T = TypeVar("T")

#: bytes of a body in XML: a thousand keys of a thousand bytes fit twice
MAX_XML = 5 << 20
#: what is read and thrown away of a body that is not wanted, so that its sender can read the refusal
MAX_DRAIN = 1 << 30


class Gone(Exception):
    """The client closed the connection before its body had ended."""


@dataclass
class Call:
    """One request. ``key_id``: who signed it ("": nobody)."""

    method: str
    bucket: str
    key: str
    pairs: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    host: str
    source_ip: str
    receive: Receive = field(repr=False)
    request_id: str = field(default_factory=lambda: secrets.token_hex(12).upper())
    key_id: str = ""
    sub: str = ""
    _more: bool = True

    def __post_init__(self) -> None:
        self.query = dict(self.pairs)

    @property
    def signable(self) -> Signable:
        headers = {name: as_text(value) for name, value in self.headers.items()}
        return Signable(self.method, self.bucket, self.key, self.pairs, headers)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number of the query, within its limits."""
        text = self.query.get(name, "")
        if not text and name not in self.query:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
            fields = {"ArgumentName": name, "ArgumentValue": text}
            raise Refused("InvalidArgument", f"{name} must be {low} to {high}.", fields)
        return int(text)

    @property
    def encoding(self) -> str:
        text = self.query.get("encoding-type", "")
        if text not in ("", "url"):
            fields = {"ArgumentName": "encoding-type", "ArgumentValue": text}
            raise Refused("InvalidArgument", "Invalid Encoding Method specified in Request.", fields)
        return text

    # ------------------------------------------------------------ the body

    async def pieces(self) -> AsyncIterator[bytes]:
        while self._more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self._more = False
                raise Gone
            self._more = message.get("more_body", False)
            if body := message.get("body", b""):
                yield body

    def declared(self) -> int:
        """The length that the head announces; -1: it does not say."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1

    async def into(self, staged: Staged, limit: int) -> None:
        """Writes the body to ``staged``, in a thread and in pieces, and checks the MD5 that was said."""
        said = self._said_md5()
        if self.declared() > limit:
            raise Refused("EntityTooLarge", MaxSizeAllowed=str(limit), ProposedSize=str(self.declared()))
        waiting: list[bytes] = []
        size = total = 0
        async for piece in self.pieces():
            waiting.append(piece)
            size, total = size + len(piece), total + len(piece)
            if total > limit:
                raise Refused("EntityTooLarge", MaxSizeAllowed=str(limit), ProposedSize=str(total))
            if size >= PIECE:
                await in_thread(staged.write, b"".join(waiting))
                waiting, size = [], 0
        if waiting:
            await in_thread(staged.write, b"".join(waiting))
        _check_md5(said, staged.md5)

    async def xml(self) -> bytes:
        said = self._said_md5()
        found: list[bytes] = []
        size = 0
        async for piece in self.pieces():
            size += len(piece)
            if size > MAX_XML:
                raise Refused("EntityTooLarge", MaxSizeAllowed=str(MAX_XML))
            found.append(piece)
        body = b"".join(found)
        _check_md5(said, hashlib.md5(body, usedforsecurity=False).digest())
        return body

    def _said_md5(self) -> bytes | None:
        text = self.headers.get("content-md5")
        if not text:
            return None
        try:
            said = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            said = b""
        if len(said) != 16:
            raise Refused("InvalidDigest", fields={"Content-MD5": text})
        return said

    async def drain(self) -> None:
        """Reads past a body that is not wanted, unless its sender waits to be asked for it."""
        if self.headers.get("expect", "").lower() == "100-continue":
            return
        size = 0
        async for piece in self.pieces():
            size += len(piece)
            if size > MAX_DRAIN:
                return


def _check_md5(said: bytes | None, found: bytes) -> None:
    if said is not None and said != found:
        texts = {
            "Content-MD5": base64.b64encode(found).decode(),
            "ClientComputedContentMD5": base64.b64encode(said).decode(),
        }
        raise Refused("InvalidDigest", fields=texts)


def as_text(wire: str) -> str:
    """A header's value as what its sender signed: UTF-8 where it is that, else Latin-1."""
    try:
        return wire.encode("latin-1").decode()
    except UnicodeError:
        return wire


def as_wire(text: str) -> str:
    """Text as a header's value. A line break would make it two headers."""
    if any(letter < " " and letter != "\t" for letter in text):
        raise Refused("InvalidArgument", "A header has no control characters.")
    return text.encode("utf-8", "replace").decode("latin-1")


async def in_thread(work: Callable[..., T], *values: object) -> T:
    """The disk is not touched on the event loop."""
    return await asyncio.to_thread(work, *values)


def header_map(scope: Scope) -> dict[str, str]:
    """Lower-case name -> value as on the wire (Latin-1); of a header that comes twice both, with a comma."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1").strip()
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def of_scope(scope: Scope, receive: Receive, headers: dict[str, str], host_bucket: str) -> Call:
    """Raises Refused if the path is no name. ``host_bucket``: the bucket that the host named, or ""."""
    raw_path = scope["raw_path"].decode("latin-1").partition("?")[0]
    bucket, key = (host_bucket, names.decoded(raw_path[1:])) if host_bucket else names.split_path(raw_path)
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    client = scope.get("client")
    return Call(
        scope["method"],
        bucket,
        key,
        tuple(pairs),
        headers,
        headers.get("host", ""),
        client[0] if client else "",
        receive,
    )
