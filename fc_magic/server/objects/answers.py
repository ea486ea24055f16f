"""What goes back: XML, refusals, and the bytes of an object in pieces."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import BinaryIO

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fc_magic.server.objects import xml
from fc_magic.server.objects.call import Call, in_thread
from fc_magic.server.objects.files import PIECE
from fc_magic.server.objects.refusals import Refused


def answer(name: str, children: xml.Value, headers: Mapping[str, str] | None = None) -> Response:
    return Response(xml.document(name, children), 200, headers, media_type=xml.MEDIA_TYPE)


def empty(status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(b"", status, headers)


def refuse(refused: Refused, call: Call) -> Response:
    return refusal(refused, call.request_id, call.host, call.method)


def refusal(refused: Refused, request_id: str, host: str, method: str) -> Response:
    fields = [
        ("Code", refused.code),
        ("Message", refused.message),
        ("RequestId", request_id),
        ("HostId", host),
    ]
    body = xml.document("Error", [*fields, *refused.fields.items()])
    headers = {**refused.headers, "x-oss-request-id": request_id}
    if method == "HEAD":  # its answer has no body; both SDKs look here
        headers["x-oss-err"] = base64.b64encode(body).decode()
        body = b""
    return Response(body, refused.status, headers, media_type=xml.MEDIA_TYPE)


class Download:
    """Part of a file as an answer. The head says how long it is; the file is closed however it ends."""

    def __init__(
        self, file: BinaryIO, start: int, length: int, status: int, headers: Mapping[str, str]
    ) -> None:
        self._file, self._start, self._length, self._status = file, start, length, status
        self.headers = {**headers, "content-length": str(length)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            head = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
            piece = await in_thread(self._first)
            await send({"type": "http.response.start", "status": self._status, "headers": head})
            left = self._length
            while left:
                left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
                if left:
                    piece = await in_thread(self._read, left)
            if not self._length:
                await send({"type": "http.response.body", "body": b""})
        finally:
            self._file.close()

    def _first(self) -> bytes:
        self._file.seek(self._start)
        return self._read(self._length)

    def _read(self, left: int) -> bytes:
        piece = self._file.read(min(PIECE, left))
        if left and not piece:
            raise OSError("the file of an object is shorter than the object")
        return piece


Answer = Response | Download
