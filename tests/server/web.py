"""A web server on loopback that answers each path as it is told, for code that is fetched."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[["Handler"], None]


def whole(body: bytes, status: int = 200, **headers: str) -> Act:
    """A whole answer; ``x_y`` is the header x-y."""

    def act(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return act


def moved(target: str, status: int = 302) -> Act:
    return whole(b"moved", status, location=target)


def raw(*pieces: bytes) -> Act:
    """These bytes and the end of the connection."""

    def act(handler: Handler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)

    return act


def trickle(first: bytes, pieces: Iterable[bytes], every_s: float) -> Act:
    """``first``, then a piece now and then, until the other side or the test has enough."""

    def act(handler: Handler) -> None:
        handler.wfile.write(first)
        for piece in pieces:
            if handler.web.ended.wait(every_s):
                return
            handler.wfile.write(piece)

    return act


class Handler(BaseHTTPRequestHandler):
    web: Web

    def do_GET(self) -> None:
        self.web.seen.append((self.path, dict(self.headers)))
        with contextlib.suppress(OSError):  # the other side has heard enough
            self.web.paths.get(self.path, whole(b"no", 404))(self)

    def log_message(self, *_: Any) -> None:
        pass


class Web:
    """``with Web({"/f.zip": whole(data)}) as web: … web.url + "/f.zip"``; ``seen`` has paths and headers."""

    def __init__(self, paths: Mapping[str, Act]) -> None:
        self.paths = dict(paths)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"web": self}))
        self._server.daemon_threads = False
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
