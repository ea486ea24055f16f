"""Invocations of warm functions, straight from the connection: what most requests are, and in the least time.

Only what is usual comes this way: a whole, plainly written InvokeFunction that is verified, of a function that has an
instance waiting, and only until it is answered or lasts. All else goes the way of every other request, which parses,
verifies and refuses it as ever; so nothing is refused here.
"""

from __future__ import annotations

import asyncio
import functools
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, cast

from starlette.types import ASGIApp, Receive, Scope, Send

from fc_magic.errors import FcError
from fc_magic.server import callers, http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.invocations import answer_head
from fc_magic.server.logs import Brief
from fc_magic.server.warm import Begun, Warm
from fc_magic.server.worker.pool import Lease
from fc_magic.wire import fc3
from fc_magic.wire.results import Function

#: a longer request is rare, and takes its time anyhow
MAX_HEAD, MAX_BODY = 8 * 1024, 64 * 1024
_START = b"POST /2023-03-30/functions/"
_LINE = re.compile(r"POST (/2023-03-30/functions/([A-Za-z0-9_-]+)/invocations) HTTP/1\.1")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
#: with these a request may mean something else
_UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade", "trailer", "te"})
#: what may be in a head beside the ends of lines
_SIGNS = bytes(range(0x20, 0x7F))
#: of FC's own headers those that are understood here
_KNOWN = frozenset({"x-fc-invocation-type", "x-fc-log-type"})
_MAY_SAY = frozenset({"connection", "x-fc-invocation-type"})


class Form(NamedTuple):
    """How the headers of a request are written: their names in small letters; with what each line begins, and how
    long that is; whether none of them has a say in what the request is."""

    names: tuple[str, ...]
    begins: tuple[str, ...]
    cuts: tuple[int, ...]
    is_usual: bool

    def fits(self, lines: list[str]) -> bool:
        return len(lines) == len(self.cuts) and all(map(str.startswith, lines, self.begins))


class Asked(NamedTuple):
    """A request that is whole, or lacks ``missing`` bytes of its body."""

    name: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    missing: int
    form: Form


def read(data: bytes, form: Form | None = None) -> Asked | None:
    """The request that ``data`` is, if it is nothing but one InvokeFunction, and written as clients write it: what is
    read here means the same to the parser of other requests. ``form``: of the one before, because a client's requests
    are alike."""
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD) if data.startswith(_START) else -1
    if end < 0:
        return None
    try:
        first, *lines = str(data[:end], "ascii").split("\r\n")
        if form is None or not form.fits(lines):
            form = _form(tuple([line[: line.index(": ")] for line in lines]))
    except ValueError:
        return None
    target = _target(first)
    # parsers differ about what to do with a space at the end of a line
    if b" \r\n" in data[: end + 2]:
        return None
    # what is left must be the ends of lines
    if not (form and target) or data[:end].translate(None, _SIGNS) != b"\r\n" * len(lines):
        return None
    values = [line[cut:].lstrip() for line, cut in zip(lines, form.cuts)]  # noqa: B905 - as many of both
    headers = dict(zip(form.names, values))  # noqa: B905
    size = headers.get("content-length", "")
    if not (size.isdecimal() and len(size) < 6 and (form.is_usual or _is_usual(headers))):
        return None
    missing = end + 4 + int(size) - len(data)
    if missing < 0 or int(size) > MAX_BODY:
        return None
    return Asked(target[1], target[0], headers, data[end + 4 :], missing, form)


@functools.lru_cache(maxsize=256)
def _target(line: str) -> tuple[str, str] | None:
    """Path and function of the first line."""
    match = _LINE.fullmatch(line)
    return (match[1], match[2]) if match else None


@functools.lru_cache(maxsize=256)
def _form(written: tuple[str, ...]) -> Form | None:
    """None if one is no name, comes twice or is unusual."""
    names = tuple(name.lower() for name in written)
    own = {name for name in names if name.startswith("x-fc-")}
    if len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    if _UNUSUAL.intersection(names) or not own <= _KNOWN:
        return None
    begins = tuple(f"{name}: " for name in written)
    return Form(names, begins, tuple(map(len, begins)), _MAY_SAY.isdisjoint(names))


def _is_usual(headers: Mapping[str, str]) -> bool:
    connection, kind = headers.get("connection"), headers.get("x-fc-invocation-type")
    return (connection is None or connection.lower() == "keep-alive") and (
        kind is None or kind.lower() == "sync"
    )


class Caller(Protocol):
    """The connection that a call came by."""

    def answered(self, head: bytes, body: bytes) -> None:
        """``head`` has the lines of the answer but the connection's own."""

    def lasts(self, app: ASGIApp) -> None:
        """``app`` will answer."""


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
        try:
            claim, key = self._verifier.claim(headers)
            self._verifier.check(claim, key, "POST", asked.path, "", headers, asked.body)
        except FcError:
            warm.decline(lease)
            return False
        with_log = headers.get("x-fc-log-type", "").lower() == "tail"
        warm.begin(Call(warm, function, lease, caller, with_log), asked.body)
        return True


def protocol(base: Any, express: Express, port: int) -> Any:
    """The class of connections that uvicorn is given: ``base``, but for such requests at ``port``. The slow parser,
    which is only a name, stays as it is."""
    if isinstance(base, str):
        return base
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    class Connection(base):  # type: ignore[misc]
        """Looks at what comes between two requests before the parser does."""

        #: a request of the ordinary way has begun, and has not come to its end
        _within = False
        #: no longer for a connection that wants another protocol
        _may = True
        #: an express call is under way; what came meanwhile, or the beginning of a request
        _calling = False
        _early = b""
        #: the server ends
        _last = False
        _idle_since = -math.inf
        _date: tuple[object, bytes] = (None, b"")
        _form: Form | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._may = self.server is not None and self.server[1] == port

        def on_message_begin(self) -> None:
            self._within = True
            super().on_message_begin()

        def on_message_complete(self) -> None:
            self._within = False
            super().on_message_complete()

        def _unsupported_upgrade_warning(self) -> None:
            self._may = False
            super()._unsupported_upgrade_warning()

        # -------------------------------------------------------- in

        def data_received(self, data: bytes) -> None:
            if self._calling:
                self._early += data
                if len(self._early) > MAX_BODY:
                    self.flow.pause_reading()
                return
            if self._early:
                data, self._early = self._early + data, b""
            asked = read(data, self._form) if self._may and self._is_between() else None
            if asked is None:
                super().data_received(data)
                return
            self._form = asked.form
            if asked.missing:
                self._early = data
                return
            self._calling = True
            if not express.begin(asked, self):
                self._calling = False
                super().data_received(data)

        def _is_between(self) -> bool:
            """Whether no other request has begun, or is to be answered first."""
            return not (self._within or self.flow.write_paused or self.pipeline) and (
                self.cycle is None or self.cycle.response_complete
            )

        # -------------------------------------------------------- out

        def answered(self, head: bytes, body: bytes) -> None:
            self._calling = False
            self.server_state.total_requests += 1
            if self.transport.is_closing():
                return
            closes = b"connection: close\r\n" if self._last else b""
            head = b"HTTP/1.1 200 OK\r\n%s%s%s\r\n" % (self._own_lines(), head, closes)
            if len(body) > MAX_BODY:  # a copy would take longer than a second write
                self.transport.write(head)
                head = b""
            self.transport.write(head + body)
            if self._last:
                self.transport.close()
                return
            self._idle_since = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._keep(self.timeout_keep_alive)
            self._go_on()

        def _own_lines(self) -> bytes:
            """Date and the like, which uvicorn makes anew every second."""
            known, lines = Connection._date
            headers = self.server_state.default_headers
            if known is not headers:
                lines = b"".join([b"%s: %s\r\n" % pair for pair in headers])
                Connection._date = headers, lines
            return lines

        def _go_on(self) -> None:
            if self._early and not self.transport.is_closing():
                self.flow.resume_reading()
                data, self._early = self._early, b""
                self.data_received(data)

        def lasts(self, app: ASGIApp) -> None:
            """From here on it is a request like all others."""
            self._calling = False
            self._unset_keepalive_if_required()
            cycle = self.cycle = RequestResponseCycle(
                scope=cast("Any", {"type": "http", "method": "POST", "headers": []}),
                transport=self.transport,
                flow=self.flow,
                logger=self.logger,
                access_logger=self.access_logger,
                access_log=self.access_log,
                default_headers=self.server_state.default_headers,
                message_event=asyncio.Event(),
                expect_100_continue=False,
                keep_alive=not self._last,
                on_response=self.on_response_complete,
            )
            cycle.more_body = False
            cycle.disconnected = self.parser is None
            task = self.loop.create_task(cycle.run_asgi(cast("Any", app)))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
            self._go_on()

        # -------------------------------------------------------- ends

        def shutdown(self) -> None:
            if self._calling:
                self._last = True
                return
            if self._early:
                early, self._early = self._early, b""
                super().data_received(early)
            super().shutdown()

        def _keep(self, seconds: float) -> None:
            self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

        def timeout_keep_alive_handler(self) -> None:
            """One timer for all such requests: it asks how long ago the last one was."""
            if self.parser is None:
                return  # the connection has ended
            left = self._idle_since + self.timeout_keep_alive - self.loop.time()
            if self._calling or self._early or left > 0:
                self._keep(max(left, 1.0))
            else:
                super().timeout_keep_alive_handler()

    return cast("Any", Connection)
