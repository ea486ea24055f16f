"""The connections of clients: between two requests they look whether the next one may take the shortest way."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Protocol, cast

from fc_magic.server.ending import goodbye
from fc_magic.server.plain import MAX_BODY, Asked, Form, read

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class Caller(Protocol):
    """The connection that a call came by."""

    def answered(self, head: bytes, body: bytes) -> None:
        """``head`` has the lines of the answer but the connection's own."""

    def lasts(self, app: ASGIApp) -> None:
        """``app`` will answer."""


class Way(Protocol):
    """Where a request goes that was read so."""

    def begin(self, asked: Asked, caller: Caller) -> bool:
        """Whether the call has begun; then the caller is told what comes of it, once."""


def protocol(base: Any, way: Way, port: int) -> Any:
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
            if not way.begin(asked, self):
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
            if self._may and (self.cycle is None or self.cycle.response_complete):
                # a request may be on its way; who has asked nothing finds a connection that has ended
                self.transport.write(goodbye())
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
