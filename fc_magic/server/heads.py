"""Caps the head of a request: the fast parser has no limit of its own (the pure-Python one has)."""

from __future__ import annotations

import json
from typing import Any

from fc_magic.server.request_ids import new_request_id

MAX_HEAD = 64 * 1024
#: how long a refused sender may go on sending before the connection is closed under it
LINGER_S = 2.0
_REFUSAL = (
    b"HTTP/1.1 %s\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
)


def refusal(status: str, code: str, message: str) -> bytes:
    """A whole answer, the last of its connection. ``status`` with its reason."""
    body = json.dumps({"RequestId": new_request_id(), "Code": code, "Message": message}).encode()
    return _REFUSAL % (status.encode(), len(body), body)


def protocol() -> Any:
    """What to give uvicorn as ``http``: the fast parser with a cap, or the slow one's name."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "h11"

    class CappedHeads(HttpToolsProtocol):
        """Feeds the parser at most as much at a time as a head may have, and looks where that has led."""

        _head = 0
        _in_head = True
        _completed = False
        _refused = False

        def on_headers_complete(self) -> None:
            self._in_head, self._completed = False, True
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._in_head, self._head = True, 0

        def data_received(self, data: bytes) -> None:
            while data and not self._refused and not self.transport.is_closing():
                room = MAX_HEAD - self._head if self._in_head else MAX_HEAD
                piece, data = (data, b"") if len(data) <= room else (data[:room], data[room:])
                self._feed(piece)

        def _feed(self, piece: bytes) -> None:
            was_in_head, self._completed = self._in_head, False
            super().data_received(piece)
            # what began behind the end of another message is not counted: it has less than one piece
            if was_in_head and self._in_head and not self._completed:
                self._head += len(piece)
                if self._head >= MAX_HEAD and not self.transport.is_closing():
                    self._refuse()

        def _refuse(self) -> None:
            self._refused = True
            too_large = f"the head of the request is larger than {MAX_HEAD >> 10} KB"
            self.transport.write(refusal("400 Bad Request", "EntityTooLarge", too_large))
            # closing at once would reset the connection, and the refusal would be lost with it
            self.loop.call_later(LINGER_S, self.transport.close)

    return CappedHeads
