"""A small HTTP endpoint that misbehaves as it is told, on a real socket."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fc_magic.client.client import Client
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings

SECRET, TOKEN = "SecretOfTheFaultyEndpoint", "TokenOfTheFaultyEndpoint"


@dataclass(frozen=True)
class Request:
    """One request as it came: ``reads`` is the sizes of the pieces, ``at`` when it was whole."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    reads: tuple[int, ...]
    at: float


Answer = Callable[[socket.socket, Request, threading.Event], None]


def answer(status: int, body: Any = b"", **headers: str) -> Answer:
    """A whole answer; ``body`` that is not bytes is sent as JSON; ``x_acs_y`` is the header x-acs-y."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join([*lines, "", ""]).encode() + raw
    return lambda connection, request, ended: connection.sendall(whole)


def refusal(status: int, code: str, **more: Any) -> Answer:
    return answer(status, {"Code": code, "Message": f"said {code}", "RequestId": "1-a", **more})


def close(connection: socket.socket, request: Request, ended: threading.Event) -> None:
    """Ends the connection without a word."""
    connection.close()


def reset(connection: socket.socket, request: Request, ended: threading.Event) -> None:
    """Ends the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def truncated(connection: socket.socket, request: Request, ended: threading.Event) -> None:
    """Promises a hundred bytes and sends seven."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"name"')
    connection.close()


def silence(connection: socket.socket, request: Request, ended: threading.Event) -> None:
    """Says nothing until the test is over."""
    ended.wait(30)
    connection.close()


@dataclass
class Endpoint:
    """Answers the first request with the first of ``script``, and so on; the last answers all that follow."""

    script: list[Answer]
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            while request := read(connection):
                with self._lock:
                    act = self.script[min(len(self.requests), len(self.script) - 1)]
                    self.requests.append(request)
                act(connection, request, self._ended)
        except OSError:
            pass
        finally:
            connection.close()

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def client(self, **settings: Any) -> Client:
        return client_of(self.url, **settings)


def client_of(url: str, renew: Any = None, api: str = "v2", token: str = TOKEN, **settings: Any) -> Client:
    target = Target(
        name="faulty",
        endpoint=url,
        region="cn-hangzhou",
        credentials=Credentials("AK", SECRET, token),
        account_id="1234567890123456",
        role="acs:ram::1234567890123456:role/r",
        api=api,
        when_gone="start it again",
    )
    return Client(target, Settings.load({}, **settings), renew)


def read(connection: socket.socket) -> Request | None:
    """The next request of a connection, or None at its end."""
    data, reads = b"", []
    while b"\r\n\r\n" not in data or len(data) < _whole(data):
        piece = connection.recv(1 << 20)
        if not piece or piece[0] == 0x16:  # the end, or the first byte of TLS
            return None
        reads.append(len(piece))
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body, tuple(reads), time.monotonic())


def _whole(data: bytes) -> int:
    head, _, _ = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(head) + 4 + int(line.partition(b":")[2])
    return len(head) + 4


#: a function as the deployments API answers it
FUNCTION = {
    "requestId": "1-a",
    "name": "f",
    "region": "cn-hangzhou",
    "runtime": "python3.10",
    "handler": "index.handler",
    "entrypoint": "index.handler",
    "memory": 128,
    "timeout": 60,
    "role": "acs:ram::1234567890123456:role/r",
    "codeChecksum": "1",
    "codeSize": 1,
}


class Wire:
    """A wire to a real server that counts the bytes it carries there."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._there = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.sent = 0
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._there)
            self._open += [near, far]
            for source, drain, counts in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._pump, args=(source, drain, counts), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pump(self, source: socket.socket, drain: socket.socket, counts: bool) -> None:
        try:
            while data := source.recv(1 << 16):
                self.sent += len(data) if counts else 0
                drain.sendall(data)
            drain.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for connection in self._open:
            connection.close()
