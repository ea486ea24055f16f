"""What Function Compute asks of the program of a custom runtime, beside the requests that it passes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fc_magic.server.worker.connection import Headers, Request, fields

_PATHS = {
    "invoke": ("POST", "/invoke"),
    "initialize": ("POST", "/initialize"),
    "pre_stop": ("GET", "/pre-stop"),
}
#: header -> what an event instance is told under this name
_HEADERS = {
    "function-name": "function",
    "function-handler": "handler",
    "function-memory": "memory",
    "function-timeout": "timeout",
    "region": "region",
    "account-id": "account_id",
    "version-id": "version",
}


def request(kind: str, event: bytes, port: int) -> Request:
    """Invoke, initialize or pre-stop."""
    method, path = _PATHS[kind]
    headers = [
        (b"host", b"127.0.0.1:%d" % port),
        (b"content-type", b"application/octet-stream"),
        (b"content-length", b"%d" % len(event)),
        (b"x-fc-control-path", path.encode()),
    ]
    return Request(method, path, headers, event)


def said(init: Mapping[str, Any], frame: Mapping[str, Any]) -> Headers:
    """What Function Compute tells a program with every request."""
    return fields(_said(init, frame["request_id"], frame["qualifier"]))


def _said(init: Mapping[str, Any], request_id: str, qualifier: str) -> Iterator[tuple[str, str]]:
    yield "x-fc-request-id", request_id
    names = ("access-key-id", "access-key-secret", "security-token")
    yield from ((f"x-fc-{name}", value) for name, value in zip(names, init["credentials"], strict=True))
    yield from ((f"x-fc-{name}", str(init[key])) for name, key in _HEADERS.items())
    yield "x-fc-qualifier", qualifier
