"""HTTP triggers of custom runtimes: the request goes on to the function's own program, its answer comes back.

Nothing is kept on the way: a body is read no faster than the other side takes it, an event that the program sends is
seen at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fc_magic.errors import ApiError, BadResponse, InvalidArgument, RequestTimeout
from fc_magic.server import callers, http
from fc_magic.server.engine import Engine
from fc_magic.server.gateway.admission import MAX_HEADERS
from fc_magic.server.gateway.call import Call
from fc_magic.server.runner import NOT_STARTED
from fc_magic.server.worker import connection
from fc_magic.server.worker.exchange import Passage
from fc_magic.server.worker.web import FAILED, UNHANDLED
from fc_magic.wire import fc3
from fc_magic.wire.results import Invocation

CONTROL_PATH = b"/http-invoke"
#: UNCONFIRMED: of a call whose program closed the connection; of one whose program does not start
STATUS_OF_FAILURE, STATUS_OF_NOT_STARTED = 502, 412
#: between one neighbour and the next only, or answered before (RFC 9110, 7.6.1)
_ONE_HOP = (
    b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect",
)  # fmt: skip
_NOT_PASSED_ON = (*_ONE_HOP, b"content-length")
_NOT_SETTABLE = (*_ONE_HOP, b"date", b"server")
#: bytes of a body that is read before the call
SMALL = 64 * 1024
#: seconds that a larger one may stand still; its end must come before the function's time-out, by this share of it
#: but not by more than a second: else the instance would be ended for what the caller does
STALL_S, MARGIN = 30.0, 0.5
#: bytes of an answer that waits for its log, which is whole when the call is over
SHORT, LOG = 1024 * 1024, "X-Fc-Log-Result"
#: pieces of an answer on their way
AHEAD = 4


async def answer(engine: Engine, call: Call) -> Response:
    """The answer of the function's program. Raises InvalidArgument, BadResponse."""
    read_first = is_small(call)
    limit_s = max(call.function.timeout - 1, call.function.timeout * MARGIN)
    passing = Passing(call.request, await outgoing(call, read_first), read_first, limit_s)
    request_id = call.request.state.request_id
    qualifier = call.trigger.qualifier
    passing.run(engine.invoke(call.function.name, passing, "http", request_id, qualifier, call.live))
    wants_log = call.header("x-fc-log-type").lower() == "tail"
    try:
        await passing.answered.wait()
        if wants_log and passing.is_short:
            await passing.gather()
    except asyncio.CancelledError:
        passing.task.cancel()
        raise
    if passing.begun and not passing.refusal:
        return Streamed(
            passing, _log(passing.task.result()) if wants_log and passing.is_short and passing.whole else {}
        )
    if passing.gone:
        raise ApiError("the caller went away", code="InvocationCanceled", status=499)
    invocation = await passing.task
    if passing.refusal:
        engine.refuse_answer(invocation, passing.refusal)
        raise passing.refusal
    return _failure(invocation, _log(invocation) if wants_log else {})


def _log(invocation: Invocation) -> dict[str, str]:
    return {LOG: fc3.encode_invocation(invocation, with_log=True)[LOG]}


def _failure(invocation: Invocation, log: Mapping[str, str]) -> Response:
    not_started = invocation.error_type == NOT_STARTED
    status = STATUS_OF_NOT_STARTED if not_started else STATUS_OF_FAILURE
    headers = {"X-Fc-Error-Type": invocation.error_type, **log}
    return Response(invocation.payload, status, headers, media_type="application/json")


# ---------------------------------------------------------------- out


async def outgoing(call: Call, read_first: bool) -> connection.Request:
    """The request as the function's program gets it."""
    query = call.raw_query.decode("latin-1")
    target = f"{call.raw_path or '/'}?{query}" if query else call.raw_path or "/"
    # whoever names there what the trigger has set cannot make it vanish
    named = set(_named(call.headers)) - {b"host"} - call.own
    headers = [
        (name, value)
        for name, value in call.headers
        if name not in _NOT_PASSED_ON and name not in named and not name.startswith(b"x-fc-")
    ]
    headers.append((b"x-fc-control-path", CONTROL_PATH))
    length, has_body = call.header("content-length"), _has_body(call)
    body = await call.body() if read_first else b""
    # where the body ends is said once and in one way, whatever the caller said: what follows is no request of its own
    if body or (read_first and has_body):
        headers.append((b"content-length", b"%d" % len(body)))
    elif has_body:
        headers.append((b"content-length", length.encode()) if length else (b"transfer-encoding", b"chunked"))
    return connection.Request(call.request.method, target, headers, body)


def _has_body(call: Call) -> bool:
    return bool(call.header("content-length") or call.header("transfer-encoding"))


def is_small(call: Call) -> bool:
    """Whether the body is read first, if it was not yet; a larger one is passed on as it is read."""
    length = call.header("content-length")
    if call.read is not None or not _has_body(call):
        return True
    return bool(length) and not SMALL < int(length) <= http.MAX_EVENT


# ---------------------------------------------------------------- back


class Passing(Passage):
    """A request on its way, and its answer. ``answered``: it has begun, or it never will. A body that the request
    does not have yet must come within ``limit_s``."""

    def __init__(
        self, request: Request, outgoing: connection.Request, has_body: bool, limit_s: float
    ) -> None:
        super().__init__(outgoing)
        self._limit_s = limit_s
        self.answered = asyncio.Event()
        self.refusal: ApiError | None = None
        self.gone = False
        self._incoming = request
        self._heard = asyncio.Event()
        if has_body:
            self._heard.set()
        else:
            outgoing.body = self._body()
        self._pieces: deque[bytes] = deque()
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    def run(self, call: Coroutine[Any, Any, Invocation]) -> None:
        loop = asyncio.get_running_loop()
        self.task = loop.create_task(call)
        # most calls are over before anybody looks: they must not pay for a task
        self._timer = loop.call_later(callers.LOOK_S, self._watch)
        self.task.add_done_callback(self._ended)

    async def begin(self, head: connection.Head) -> None:
        await super().begin(head)
        if wrong := _wrong(head):
            self.refusal = BadResponse(wrong)
        else:
            self.answered.set()

    async def piece(self, data: bytes) -> None:
        while len(self._pieces) >= AHEAD:
            self._room.clear()
            await self._room.wait()
        if not self.refusal:
            self._pieces.append(data)
            self._news.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            while self._pieces:
                yield self._pieces.popleft()
                self._room.set()
            if self.task.done():
                return
            self._news.clear()
            await self._news.wait()

    @property
    def is_short(self) -> bool:
        """Whether its length is known, and small enough to wait for all of it."""
        length = self.head.get("content-length")
        return self.head.status in connection.WITHOUT_BODY or (length.isdigit() and int(length) <= SHORT)

    async def gather(self) -> None:
        """Waits for the end of the answer and keeps it."""
        self._pieces.extend([data async for data in self.pieces()])

    @property
    def whole(self) -> bool:
        """Whether the answer came to its end; a call that failed on the way has a payload of its own."""
        return not self.task.cancelled() and not self.task.exception() and not self.task.result().payload

    def _ended(self, _: object) -> None:
        self._timer.cancel()
        if self._watching:
            self._watching.cancel()
        self.answered.set()
        self._news.set()

    async def _body(self) -> AsyncIterator[bytes]:
        size, pieces = 0, self._incoming.stream()
        end = asyncio.get_running_loop().time() + self._limit_s
        try:
            while (data := await self._next(pieces, end)) is not None:
                size += len(data)
                if size > http.MAX_EVENT:
                    text = f"the body has more than {http.MAX_EVENT >> 20} MB, which are allowed"
                    self._refuse(InvalidArgument(text))
                yield data
        except ClientDisconnect:
            self._leave()
            raise
        self._heard.set()

    async def _next(self, pieces: AsyncIterator[bytes], end: float) -> bytes | None:
        left = end - asyncio.get_running_loop().time()
        try:
            return await asyncio.wait_for(anext(pieces, None), min(STALL_S, left))
        except asyncio.TimeoutError:
            text = f"the body did not come: it stood still for {STALL_S:.0f} s, or took more than {self._limit_s:g} s"
            self._refuse(RequestTimeout(text, hint="send it faster, or give the function a longer timeout"))

    def _refuse(self, refusal: ApiError) -> NoReturn:
        """The program loses only this connection."""
        self.refusal = refusal
        raise connection.Dropped(refusal.message)

    def _watch(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._until_gone())

    async def _until_gone(self) -> None:
        await self._heard.wait()
        while (await self._incoming.receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _leave(self) -> None:
        self.gone = True
        self.task.cancel()


class Streamed(Response):
    """The program's own answer: its status, its headers, each piece of its body when it comes."""

    def __init__(self, passing: Passing, log: Mapping[str, str]) -> None:
        self._passing = passing
        self.status_code, self.background = passing.head.status, None
        self.raw_headers = [(name.lower(), value) for name, value in _settable(passing.head)]
        if passing.head.get("x-fc-status") == FAILED:
            self.raw_headers.append((b"x-fc-error-type", UNHANDLED.encode()))
        self.raw_headers += [(name.lower().encode(), value.encode()) for name, value in log.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for data in self._passing.pieces():
            await send({"type": "http.response.body", "body": data, "more_body": True})
        # cut off: without an end the caller knows that it was not all
        if self._passing.whole:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _named(headers: connection.Headers) -> Iterator[bytes]:
    """What ``Connection`` names: for the next neighbour only."""
    for name, value in headers:
        if name.lower() == b"connection":
            yield from (part.strip().lower() for part in value.split(b","))


def _wrong(head: connection.Head) -> str:
    """Why it cannot be answered so; nothing if it can."""
    if not 200 <= head.status <= 599:
        return f"the function's status is {head.status:03d}; allowed are 200 to 599"
    size = sum(len(name) + len(value) for name, value in head.headers)
    if size > MAX_HEADERS:
        return f"the function's headers have {size} bytes; at most {MAX_HEADERS} are allowed"
    return ""


def _settable(head: connection.Head) -> Iterator[tuple[bytes, bytes]]:
    dropped = (*_NOT_SETTABLE, b"content-length") if head.status in connection.WITHOUT_BODY else _NOT_SETTABLE
    named = set(_named(head.headers))
    for name, value in head.headers:
        small = name.lower()
        if small not in dropped and small not in named and not small.startswith(b"x-fc-"):
            yield name, value
