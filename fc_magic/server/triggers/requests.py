"""A request to the program of a custom runtime that is kept for later, and its answer."""

from __future__ import annotations

import base64
import json

from fc_magic.server.worker import connection
from fc_magic.server.worker.exchange import Whole


def keep(request: connection.Request) -> bytes:
    """As the queue has it."""
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers]
    body = request.body if isinstance(request.body, bytes) else b""
    said = {"method": request.method, "target": request.target, "headers": headers}
    return json.dumps({**said, "body": base64.b64encode(body).decode()}).encode()


class Request(Whole):
    """``result`` is the body of the answer."""

    @classmethod
    def kept(cls, raw: bytes) -> Request:
        said = json.loads(raw)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in said["headers"]]
        body = base64.b64decode(said["body"])
        return cls(connection.Request(said["method"], said["target"], headers, body))

    @property
    def result(self) -> bytes:
        return b"".join(self.pieces)
