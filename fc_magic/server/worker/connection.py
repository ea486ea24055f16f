"""One kept connection to a program that serves HTTP/1.1: a request goes out, its answer comes piece by piece."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import cast

import httptools

Headers = list[tuple[bytes, bytes]]
#: bytes of an answer that wait to be taken before no more are read
HIGH = 256 * 1024
#: what Function Compute repeats when the connection is dropped
IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "TRACE")
#: answers of these have no body, whatever their headers say
WITHOUT_BODY = (204, 304)
_FRAMES = (b"content-length", b"transfer-encoding")


class Dropped(Exception):
    """The program closed the connection, or spoke no HTTP, before its answer was whole."""


@dataclass
class Request:
    """What is asked: ``target`` is path and query as they came; a ``body`` that is no bytes comes as it is read."""

    method: str
    target: str
    headers: Headers = field(repr=False)
    body: bytes | AsyncIterator[bytes] = field(default=b"", repr=False)

    @property
    def repeatable(self) -> bool:
        return self.method in IDEMPOTENT and isinstance(self.body, bytes)


@dataclass
class Head:
    """The beginning of an answer; its body follows by ``Connection.piece``."""

    status: int
    headers: Headers = field(default_factory=list)

    def get(self, name: str) -> str:
        """The last header of this name, written small; nothing if there is none."""
        found = [value for key, value in self.headers if key.lower() == name.encode()]
        return found[-1].decode("latin-1") if found else ""


@functools.lru_cache(maxsize=512)
def canonical(name: bytes) -> bytes:
    """``x-fc-request-id`` as ``X-Fc-Request-Id``: some programs look for it that way."""
    return b"-".join(part.capitalize() for part in name.split(b"-"))


class Connection(asyncio.Protocol):
    """Use: ``ask``, then ``piece`` until it is empty; again, while it is ``open``."""

    def __init__(self) -> None:
        self.open = True
        self._parser: httptools.HttpResponseParser | None = None
        self._head: asyncio.Future[Head] | None = None
        self._headers: Headers = []
        self._pieces: list[bytes] = []
        self._held = 0
        self._whole = self._framed = self._paused = False
        self._broken: Exception | None = None
        self._more: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._full = False
        self._writing: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ what is used

    async def ask(self, request: Request) -> Head:
        """Raises Dropped; or what reading the request's own body raises."""
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._head = self._loop.create_future()
        self._pieces.clear()
        self._held, self._whole, self._framed, self._broken = 0, False, False, None
        self._without_body = request.method == "HEAD"
        if self._transport.is_closing():
            raise Dropped("the connection is closed")
        self._send(request)
        try:
            return await self._head
        except BaseException:
            self.close()
            raise

    async def piece(self) -> bytes:
        """What came of the body; empty at its end. Raises Dropped."""
        while not self._pieces:
            if self._broken:
                raise self._broken
            if self._whole:
                self._end()
                return b""
            self._more = self._loop.create_future()
            await self._more
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        if self._paused and not self._transport.is_closing():
            self._transport.resume_reading()
        self._paused = False
        return data

    def close(self) -> None:
        self.open = False
        if self._writing:
            self._writing.cancel()
        self._transport.abort()

    # ------------------------------------------------------------ out

    def _send(self, request: Request) -> None:
        head = [f"{request.method} {request.target} HTTP/1.1\r\n".encode("latin-1")]
        head += [b"%s: %s\r\n" % (canonical(name), value) for name, value in request.headers]
        head.append(b"\r\n")
        if isinstance(request.body, bytes):
            self._transport.write(b"".join([*head, request.body]))
            return
        self._transport.write(b"".join(head))
        chunked = any(name.lower() == b"transfer-encoding" for name, _ in request.headers)
        self._writing = self._loop.create_task(self._write(request.body, chunked))

    async def _write(self, body: AsyncIterator[bytes], chunked: bool) -> None:
        try:
            async for data in body:
                if data:
                    self._transport.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
                if self._full:
                    self._room = self._loop.create_future()
                    await self._room
            if chunked:
                self._transport.write(b"0\r\n\r\n")
        except Exception as error:  # noqa: BLE001 - the sender is gone, say: whoever waits for the answer is told
            self._break(error)

    # ------------------------------------------------------------ in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        if self._room and not self._room.done():
            self._room.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._parser is None:  # nobody has asked
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._break(Dropped("it changed the protocol, which nobody asked for"))
        except httptools.HttpParserError as error:
            if self._whole:  # the answer was right; only nobody asks here again
                self.open = False
            else:
                self._break(Dropped(f"what it answered is no HTTP: {error}"))

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        # an answer without a length ends with its connection
        ends_here = self._head and self._head.done() and not self._framed and error is None
        if self._parser is not None and not self._whole:
            if ends_here and not self._broken:
                self.on_message_complete()
            else:
                self._break(Dropped("it closed the connection"))
        self.resume_writing()

    def on_message_begin(self) -> None:
        if self._whole:  # a second answer to one question
            self.open = False
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        status = self._parser.get_status_code()
        if self._head is None or self._head.done() or 100 <= status < 200:
            return  # 100 Continue and the like: the answer comes later
        bodiless = status in WITHOUT_BODY
        said = {value for name, value in self._headers if name.lower() in _FRAMES}
        self._framed = bool(said) or bodiless
        # a body that should not be there would look like the next answer
        self.open = self.open and self._parser.should_keep_alive() and not (bodiless and said - {b"0"})
        self._head.set_result(Head(status, self._headers))
        self._headers = []  # what comes after a body in chunks is no part of the head
        if self._without_body or bodiless:
            # the parser waits for a body whose length is told: the next answer gets a parser of its own
            self._whole = True
            self._wake()

    def on_body(self, data: bytes) -> None:
        if self._whole:
            return
        self._pieces.append(data)
        self._held += len(data)
        if self._held > HIGH and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        if self._head is not None and self._head.done() and not self._whole:
            self._whole = True
            self._wake()

    # ------------------------------------------------------------ ends

    def _end(self) -> None:
        self._parser = None
        if self._writing is not None:
            if (
                not self._writing.done()
            ):  # it answered without hearing all: what is left would look like a request
                self.open = False
            self._writing.cancel()
            self._writing = None
        if not self.open:
            self.close()

    def _break(self, error: Exception) -> None:
        self.open = False
        self._broken = self._broken or error
        if self._head is not None and not self._head.done():
            self._head.set_exception(error)
        self._wake()
        if not self._transport.is_closing():
            self._transport.abort()

    def _wake(self) -> None:
        if self._more and not self._more.done():
            self._more.set_result(None)


def fields(pairs: Iterable[tuple[str, str]]) -> Headers:
    """Texts as they go out; what is no Latin-1 goes as UTF-8."""
    return [(name.encode("latin-1"), value.encode()) for name, value in pairs]
