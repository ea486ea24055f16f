"""``requests`` over connections that send a request's head and small body in one piece.

http.client writes them one after the other, which wakes the other side twice: a third of a warm call's time.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any
from weakref import WeakValueDictionary

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

#: above this a copy costs more than a second write
SMALL = 64 * 1024


#: the connection that each thread asked by last
_LAST: WeakValueDictionary[int, Any] = WeakValueDictionary()
#: threads that were cut before they asked
_CUT: set[int] = set()


def forget(thread: int) -> None:
    """From here on there is nothing of this thread to cut."""
    _LAST.pop(thread, None)
    _CUT.discard(thread)


def cut(thread: int) -> None:
    """Ends the connection that a thread waits at for its answer; if it did not ask yet, it will not."""
    _CUT.add(thread)
    connection = _LAST.pop(thread, None)
    sock = getattr(connection, "sock", None)
    sock = getattr(sock, "socket", sock)  # TLS inside of a proxy's TLS
    if isinstance(sock, socket.socket):
        with contextlib.suppress(OSError):  # it is closed already
            # past TLS, which would say goodbye and is not made for two threads
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def asked(connection: Any) -> None:
    """Whoever cuts this thread from here on ends ``connection``, by its ``sock``. Raises OSError if it was cut
    before."""
    mine = threading.get_ident()
    _LAST[mine] = connection
    if mine in _CUT:
        raise ConnectionAbortedError  # nobody waits for it any more


class _OneWrite:
    """Collects what ``request`` sends and writes it at its end."""

    _held: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        asked(self)
        self._held = []
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
            self._flush()
        finally:
            self._held = None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        asked(self)  # who was cut meanwhile had nothing to close yet

    def send(self, data: Any) -> None:
        if self._held is None or not isinstance(data, bytes) or len(data) > SMALL:
            self._flush()
            super().send(data)  # type: ignore[misc]
        else:
            self._held.append(data)

    def _flush(self) -> None:
        held, self._held = self._held, None
        if held:
            super().send(b"".join(held))  # type: ignore[misc]


class _Http(_OneWrite, HTTPConnection):
    pass


class _Https(_OneWrite, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class OneWriteAdapter(HTTPAdapter):
    """Mount it on a session for ``http://`` and ``https://``."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **how)
        if not proxy.lower().startswith("socks"):  # which makes its connections in its own way
            manager.pool_classes_by_scheme = _POOLS
        return manager
