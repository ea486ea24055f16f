"""The way to a package index: logins that stay with their host, the person's proxies, and one that can be cut off."""

from __future__ import annotations

import base64
import http.client
import netrc
import os
import ssl
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from fc_magic.package.secrets import shown

#: seconds without a byte
TIMEOUT_S = 30.0
#: what a broken connection is to urllib
TROUBLE = (OSError, http.client.HTTPException)


class Transport:
    """``urls`` may name a user and a password, which are sent to that host alone, and may be signed: a lock has them
    without that. Only of these a ``${NAME}`` is of the environment. Used by several threads."""

    def __init__(self, urls: Iterable[str] = (), timeout: float = TIMEOUT_S) -> None:
        self._timeout = timeout
        given = [os.path.expandvars(url) for url in urls]
        self._logins = dict(filter(None, map(_login, given)))
        self._signed = {_bare(url): url for url in given}
        self._sockets: set[Any] = set()
        self._lock = threading.Lock()
        self._opener: OpenerDirector | None = None
        self.over = threading.Event()

    def open(self, url: str, accept: str = "*/*") -> Any:
        """The answer, to be read and closed. Raises what is in TROUBLE."""
        url = self._signed.get(_bare(url), url)
        parts = urlsplit(url)
        request = Request(_without_login(parts), headers={"Accept": accept, "User-Agent": "fc-magic"})  # noqa: S310
        login = (_login(url) or ("", ""))[1] or self._logins.get(_origin(parts)) or _of_netrc(parts.hostname)
        if login:
            request.add_unredirected_header("Authorization", f"Basic {login}")
        return self._opened().open(request, timeout=self._timeout)

    def cut(self) -> None:
        """Ends everything that is under way: who waits for a byte is told at once."""
        self.over.set()
        with self._lock:
            sockets = list(self._sockets)
        for one in sockets:
            with suppress(OSError):
                one.shutdown(2)

    def _opened(self) -> OpenerDirector:
        with self._lock:
            if self._opener is None:
                self._opener = build_opener(_Http(self), _Https(self))
            return self._opener

    @property
    def is_cut(self) -> bool:
        return self.over.is_set()

    def hold(self, socket: Any) -> None:
        with self._lock:
            self._sockets = {one for one in self._sockets if one.fileno() >= 0} | {socket}
        if self.over.is_set():
            raise OSError("it was interrupted")


def _context() -> ssl.SSLContext:
    """The system's authorities; those of certifi too, as some Pythons come with none."""
    context = ssl.create_default_context()
    if not os.environ.get("SSL_CERT_FILE"):
        with suppress(ImportError, OSError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context


class _Http(HTTPHandler):
    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    def http_open(self, req: Request) -> Any:
        return self.do_open(_held(http.client.HTTPConnection, self._transport), req)


class _Https(HTTPSHandler):
    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport, self._ours = transport, _context()

    def https_open(self, req: Request) -> Any:
        return self.do_open(_held(http.client.HTTPSConnection, self._transport), req, context=self._ours)


def _held(kind: Any, transport: Transport) -> Any:
    """That kind of connection, known to the transport as soon as it has a socket."""

    class Held(kind):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            transport.hold(self.sock)

    return Held


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def _bare(url: str) -> str:
    return shown(url).partition("#")[0]


def _without_login(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


def _login(url: str) -> tuple[str, str] | None:
    """(origin, the login as a header has it) of a URL that names a user."""
    parts = urlsplit(url)
    if parts.username is None:
        return None
    return _origin(parts), _basic(unquote(parts.username), unquote(parts.password or ""))


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _of_netrc(host: str | None, environ: Mapping[str, str] | None = None) -> str:
    try:
        found = netrc.netrc((environ or os.environ).get("NETRC") or None).authenticators(host or "")
    except (OSError, netrc.NetrcParseError):
        return ""
    return _basic(found[0], found[2] or "") if found else ""


def reason(error: BaseException) -> str:
    """Why there was no answer, in a few words."""
    if isinstance(error, HTTPError):
        return f"{error.code} {error.reason}"
    if isinstance(error, URLError):
        return reason(error.reason) if isinstance(error.reason, BaseException) else str(error.reason)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.IncompleteRead):
        return "it broke off"
    return (getattr(error, "strerror", "") or str(error) or type(error).__name__).lower()
