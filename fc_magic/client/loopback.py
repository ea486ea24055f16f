"""``requests`` to a server of this machine: no proxies, no TLS, no redirects, so a call takes half the time."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3.exceptions import MaxRetryError, NewConnectionError

from fc_magic.client.adapter import SMALL, asked
from fc_magic.client.answers import Answer, Reader

log = logging.getLogger("fc_magic.client")

READ = 1 << 18

Address = tuple[str, int]


class Line:
    """One connection that is kept."""

    def __init__(self, address: Address, timeout: float | None) -> None:
        self.sock = socket.create_connection(address, timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = Reader()

    def close(self) -> None:
        self.sock.close()

    def __del__(self) -> None:
        if hasattr(self, "sock"):  # else there never was a connection
            self.close()

    def is_quiet(self) -> bool:
        """Whether nothing came that nobody asked for: neither its end."""
        self.sock.setblocking(False)
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def send(self, head: bytes, body: bytes, timeout: float | None) -> None:
        self.sock.settimeout(timeout)
        # who refuses a body need not read it, and has answered all the same
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.sock.sendall(head + body if len(body) <= SMALL else head)
            if len(body) > SMALL:
                self.sock.sendall(body)

    def answer(self, timeout: float | None, bodiless: bool) -> Answer:
        self.sock.settimeout(timeout)
        while True:
            answer = self._reader.feed(self.sock.recv(READ), bodiless)
            if answer:
                return answer


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
            asked(line)
            line.send(head, body, timeout[0])
            answer = line.answer(timeout[1], request.method == "HEAD")
        except BaseException as error:  # whatever ends the wait ends the call
            line.close()
            if isinstance(error, TimeoutError):
                raise requests.ReadTimeout(error, request=request) from error
            if isinstance(error, OSError | ValueError):
                raise requests.ConnectionError(error, request=request) from error
            raise
        log.debug('"%s %s" %d, %d bytes', request.method, request.url, answer.status, len(answer.body))
        if answer.kept:
            self._idle[_address(request)].append(line)
        else:
            line.close()
        return _response(request, answer)

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


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code, response.reason, response.url = answer.status, answer.reason, request.url or ""
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.request = request
    response._content, response._content_consumed = answer.body, True  # type: ignore[attr-defined]
    return response
