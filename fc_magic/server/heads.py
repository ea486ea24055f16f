"""Caps the head of a request: the fast parser has no limit of its own (the pure-Python one has)."""

from __future__ import annotations

from typing import Any

MAX_HEAD = 64 * 1024
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%s"
)
_BODY = b'{"Code":"EntityTooLarge","Message":"the head of the request is larger than 64 KB","RequestId":""}'


def protocol() -> Any:
    """What to give uvicorn as ``http``: the fast parser with a cap, or the slow one's name."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "h11"

    class CappedHeads(HttpToolsProtocol):
        _head = 0
        _in_head = True

        def on_message_begin(self) -> None:
            self._in_head = True
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._in_head, self._head = False, 0
            super().on_headers_complete()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._in_head and self.parser is not None:
                self._head += len(data)
                if self._head > MAX_HEAD:
                    self.transport.write(_REFUSAL % (len(_BODY), _BODY))
                    self.transport.close()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._in_head = True

    return CappedHeads
