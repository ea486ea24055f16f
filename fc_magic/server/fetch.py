"""Code from a URL: http and https, loopback included, with limits on size, time and redirects."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import string
import threading
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from fc_magic.errors import InvalidArgument
from fc_magic.wire import checks, source, sources
from fc_magic.wire.wording import clipped

MAX_REDIRECTS = 5
TIMEOUT_S = 10.0
TOTAL_S = 60.0
_PIECE = 1 << 18
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REDIRECTS = (301, 302, 303, 307, 308)


def fetch_zip(url: str, field: str, timeout_s: float = TIMEOUT_S, total_s: float = TOTAL_S) -> bytes:
    """The bytes of the ZIP at ``url``. Raises InvalidArgument about ``field``. Blocks: call it in a thread.

    ``timeout_s`` bounds each wait for the other side, ``total_s`` all of them together.
    """
    deadline = _Deadline(total_s)
    try:
        with deadline:
            raw = _read(url, timeout_s, deadline)
    except (OSError, ValueError, http.client.HTTPException) as error:
        what = f"it took longer than {total_s:g} s" if deadline.passed else _reason(error)
        raise _refused(field, url, f"could not be fetched ({what})") from error
    broken = sources.zip_problem(raw)
    if broken:
        raise _refused(field, url, broken)
    return raw


def _read(url: str, timeout_s: float, deadline: _Deadline) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        try:
            with _opener(url, deadline).open(_request(url), timeout=timeout_s) as reply:
                return _body(reply)
        except urllib.error.HTTPError as error:
            with error:
                target = error.headers.get("Location")
                if error.code not in _REDIRECTS or not target:
                    raise ValueError(f"HTTP {error.code}") from None
        url = urljoin(url, target)
        scheme = urlsplit(url).scheme
        if scheme not in ("http", "https"):
            raise ValueError(f"it redirects to {clipped(scheme)}:, which is not http or https")
    raise ValueError(f"it redirects more than {MAX_REDIRECTS} times")


def _body(reply: http.client.HTTPResponse) -> bytes:
    pieces, size = [], reply.length or 0
    while size <= source.MAX_CODE_BYTES and (piece := reply.read1(_PIECE)):
        pieces.append(piece)
        size = sum(map(len, pieces)) + (reply.length or 0)
    if size > source.MAX_CODE_BYTES:
        raise ValueError(f"it is larger than {source.MAX_CODE_BYTES >> 20} MB")
    if reply.length:
        raise ValueError(f"it ended {reply.length} bytes early")
    return b"".join(pieces)


def _request(url: str) -> urllib.request.Request:
    """The request for ``url``; a name and password in it become a header, for that host alone."""
    parts = urlsplit(quote(url, safe=string.punctuation))
    headers = {"User-Agent": "fc-magic"}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    parts = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
    return urllib.request.Request(urlunsplit(parts), headers=headers)  # noqa: S310 - scheme was checked


def _opener(url: str, deadline: _Deadline) -> urllib.request.OpenerDirector:
    handlers: list[Any] = [_NoRedirects(), _Http(deadline), _Https(deadline)]
    if urlsplit(url).hostname in _LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Each redirect is looked at here: urllib would read its body to the end, and take it along to ftp."""

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> None:
        return None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Deadline:
    """Ends every connection it was told of when the time is over.

    The time-out of a socket bounds each wait; a server that sends a byte now and then passes it for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self.passed and kind is None:
            raise TimeoutError  # the end of a connection can look like the end of an answer

    def watch(self, opened: socket.socket) -> None:
        with self._lock:
            if self.passed:
                raise TimeoutError
            self._sockets.append(opened)

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            for opened in self._sockets:
                with contextlib.suppress(OSError):  # closed already
                    # not the method of a TLS socket, which takes the socket away from the thread that reads it
                    socket.socket.shutdown(opened, socket.SHUT_RDWR)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: Any) -> Any:
        return self.do_open(_watched(http.client.HTTPConnection, self._deadline), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, req: Any) -> Any:
        return self.do_open(_watched(http.client.HTTPSConnection, self._deadline), req)


def _watched(kind: Any, deadline: _Deadline) -> Any:
    class Watched(kind):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    return Watched


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error) or type(error).__name__


def _refused(field: str, url: str, what: str) -> InvalidArgument:
    problem = checks.problem(field, what, url, hint="a URL that answers with the ZIP")
    return InvalidArgument(f"the code was refused: {field} {what}", problems=[problem])
