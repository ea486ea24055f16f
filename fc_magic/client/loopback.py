"""``requests`` to a server of this machine: no proxies, no TLS, no redirects, so a call takes half the time."""

from __future__ import annotations

import contextlib
import logging
import select
import socket
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3.exceptions import MaxRetryError, NewConnectionError

log = logging.getLogger("fc_magic.client")

#: above this a copy costs more than a second write
SMALL = 64 * 1024
READ = 1 << 18
#: more than any server sends that speaks HTTP
MAX_HEAD = 1 << 20

Address = tuple[str, int]


class Broken(ConnectionError):
    """The connection ended, or what came is no HTTP."""


class Line:
    """One connection that is kept. What is read beyond an answer belongs to nobody, and ends it."""

    def __init__(self, address: Address, timeout: float | None) -> None:
        self._socket = socket.create_connection(address, timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._came = b""
        self.kept = False

    def close(self) -> None:
        self._socket.close()

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # there never was a connection
            self.close()

    def is_quiet(self) -> bool:
        """Whether nothing came since the last answer: neither its end."""
        return not self._came and not select.select([self._socket], [], [], 0)[0]

    def send(self, head: bytes, body: bytes, timeout: float | None) -> None:
        self._socket.settimeout(timeout)
        # who refuses a body need not read it, and has answered all the same
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(head + body if len(body) <= SMALL else head)
            if len(body) > SMALL:
                self._socket.sendall(body)

    def answer(self, timeout: float | None, has_body: bool) -> tuple[int, str, Mapping[str, str], bytes]:
        """Status, reason, headers and body."""
        self._socket.settimeout(timeout)
        status = 100
        while status < 200:
            first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            version, _, rest = first.partition(" ")
            if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
                raise Broken(f"{first[:80]!r} is no answer of HTTP")
            status = int(rest[:3])
        headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        for name, _, value in (line.partition(":") for line in lines):
            headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
        self.kept = version != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
        bodiless = not has_body or status in (204, 304)
        return status, rest[4:], headers, b"" if bodiless else self._body(headers)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        size = headers.get("content-length", "")
        if size.isdecimal():
            return self._exactly(int(size))
        self.kept, pieces = False, [self._came]
        while piece := self._socket.recv(READ):
            pieces.append(piece)
        return b"".join(pieces)

    def _chunk(self) -> bytes:
        size = int(self._until(b"\r\n").partition(b";")[0], 16)
        if size:
            chunk = self._exactly(size + 2)
            return chunk[:-2]
        while self._until(b"\r\n"):
            pass  # what follows the body
        return b""

    def _until(self, end: bytes) -> bytes:
        while (at := self._came.find(end)) < 0:
            if len(self._came) > MAX_HEAD:
                raise Broken("the head of the answer does not end")
            self._came += self._more()
        found, self._came = self._came[:at], self._came[at + len(end) :]
        return found

    def _exactly(self, size: int) -> bytes:
        pieces, have = [self._came], len(self._came)
        while have < size:
            pieces.append(self._more())
            have += len(pieces[-1])
        whole = b"".join(pieces) if len(pieces) > 1 else pieces[0]
        self._came = whole[size:]
        return whole[:size]

    def _more(self) -> bytes:
        piece = self._socket.recv(READ)
        if not piece:
            raise Broken("the remote end closed connection")
        return piece


class LoopbackAdapter(BaseAdapter):
    """Mount it for a host of this machine. Its answers are whole when they are returned."""

    def __init__(self) -> None:
        super().__init__()
        self._idle: defaultdict[Address, list[Line]] = defaultdict(list)

    def close(self) -> None:
        for lines in self._idle.values():
            while lines:
                lines.pop().close()

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, timeout: tuple[float, float] = (5.0, 60.0), **how: Any
    ) -> requests.Response:
        """Raises what ``requests`` raises."""
        head, body = _written(request)
        line = self._line(request, timeout[0])
        try:
            line.send(head, body, timeout[0])
            said = line.answer(timeout[1], request.method != "HEAD")
        except BaseException as error:  # whatever ends the wait ends the call
            line.close()
            if isinstance(error, TimeoutError):
                raise requests.ReadTimeout(error, request=request) from error
            if isinstance(error, OSError | ValueError):
                raise requests.ConnectionError(error, request=request) from error
            raise
        log.debug('"%s %s" %d, %d bytes', request.method, request.url, said[0], len(said[3]))
        if line.kept:
            self._idle[_address(request)].append(line)
        else:
            line.close()
        return _response(request, *said)

    def _line(self, request: requests.PreparedRequest, timeout: float) -> Line:
        address = _address(request)
        idle = self._idle[address]
        with contextlib.suppress(IndexError):  # another thread may take the last one
            while line := idle.pop():
                if line.is_quiet():
                    return line
                line.close()
        try:
            return Line(address, timeout)
        except TimeoutError as error:
            raise requests.ConnectTimeout(error, request=request) from error
        except OSError as error:
            new = NewConnectionError(f"{address[0]} port {address[1]}", str(error))  # type: ignore[arg-type]
            reason = MaxRetryError(None, request.url or "", new)  # type: ignore[arg-type]
            raise requests.ConnectionError(reason, request=request) from error


def _address(request: requests.PreparedRequest) -> Address:
    parts = urlsplit(request.url or "")
    return parts.hostname or "", parts.port or 80


def _written(request: requests.PreparedRequest) -> tuple[bytes, bytes]:
    """Head and body as they go out."""
    lines = [f"{request.method} {request.path_url} HTTP/1.1", "Accept-Encoding: identity"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if "Host" not in request.headers:
        lines.append(f"Host: {urlsplit(request.url or '').netloc}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise requests.exceptions.InvalidHeader("a header has an end of line in it", request=request)
    body = request.body or b""
    return f"{head}\r\n\r\n".encode("latin-1"), body.encode() if isinstance(body, str) else body


def _response(
    request: requests.PreparedRequest, status: int, reason: str, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    response = requests.Response()
    response.status_code, response.reason, response.url = status, reason, request.url or ""
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.request = request
    response._content, response._content_consumed = body, True  # type: ignore[attr-defined]
    return response
