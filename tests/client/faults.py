"""A wire to a real server on which things go wrong: before a request gets there, or after its work was done."""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.client import endpoint
from tests.client.endpoint import Request, refusal

#: the server never hears of the request
BEFORE = ("refused", "reset", "429", "500", "503")
#: the server has done what was asked, and its answer does not come
AFTER = ("lost", "truncated", "late", "502", "reset-after")
FAULTS = (*BEFORE, *AFTER)
#: and ``corrupt``: the first byte of its body is another one when it gets there

#: a request -> what goes wrong with it; nothing is nothing
Plan = Callable[[Request], str]


def never(request: Request) -> str:
    return ""


def at_random(seed: int, share: float, faults: tuple[str, ...] = FAULTS) -> Plan:
    """``share`` of all requests, the same ones for the same seed and order of requests."""
    dice = random.Random(seed)
    return lambda request: dice.choice(faults) if dice.random() < share else ""


def once(fault: str, path: str, method: str = "") -> Plan:
    """The first request whose path has ``path`` in it."""
    left = [fault]

    def plan(request: Request) -> str:
        meant = path in request.path and method in ("", request.method)
        return left.pop() if meant and left else ""

    return plan


def always(fault: str, path: str, method: str = "") -> Plan:
    return lambda request: fault if path in request.path and method in ("", request.method) else ""


class FaultyWire:
    """``plan`` says what goes wrong, and may be changed at any time. ``late_s``: longer than the client waits."""

    def __init__(self, url: str, plan: Plan = never, late_s: float = 0.6) -> None:
        self._there, self.plan, self._late_s = url.removeprefix("http://"), plan, late_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}"
        self.requests: list[Request] = []
        self.injected: list[str] = []
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                time.sleep(0.005)  # refused for a while, or ended
                continue
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        host, _, port = self._there.partition(":")
        there = http.client.HTTPConnection(host, int(port), timeout=30)
        try:
            while request := endpoint.read(connection):
                self.requests.append(request)
                fault = self.plan(request)
                if fault:
                    self.injected.append(fault)
                if not self._pass(connection, request, there, fault):
                    return
        except OSError:
            pass
        finally:
            connection.close()
            there.close()

    def _pass(self, connection: socket.socket, request: Request, there: Any, fault: str) -> bool:
        """Whether the connection goes on."""
        if fault in BEFORE:
            return self._refuse(connection, request, fault)
        if fault == "corrupt":
            request = replace(request, body=b"?" + request.body[1:])
        whole = self._answer(request, there)
        if fault == "lost":
            return False
        if fault == "late":
            self._ended.wait(self._late_s)
            return False
        if fault == "reset-after":
            endpoint.reset(connection, request, self._ended)
            return False
        if fault == "truncated":
            connection.sendall(whole[: len(whole) - max(1, (len(whole) - whole.index(b"\r\n\r\n")) // 2)])
            return False
        if fault == "502":
            refusal(502, "")(connection, request, self._ended)
            return True
        connection.sendall(whole)
        return True

    def _refuse(self, connection: socket.socket, request: Request, fault: str) -> bool:
        if fault == "refused":
            self._close_for(0.05)
        if fault in ("refused", "reset"):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        codes = {"429": "ResourceThrottled", "500": "InternalServerError", "503": "ServiceUnavailable"}
        refusal(int(fault), codes[fault])(connection, request, self._ended)
        return True

    def _close_for(self, seconds: float) -> None:
        """Nobody listens for a while."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if not self._ended.wait(seconds):
            self._listener = socket.create_server(self._address[:2])

    def _answer(self, request: Request, there: http.client.HTTPConnection) -> bytes:
        """The server's answer, whole."""
        try:
            self._send(request, there)
            reply = there.getresponse()
        except (http.client.HTTPException, OSError):  # a connection that was kept too long
            there.close()
            self._send(request, there)
            reply = there.getresponse()
        body = reply.read()
        lines = [f"HTTP/1.1 {reply.status} {reply.reason}"]
        skipped = ("transfer-encoding", "connection", "content-length")
        lines += [f"{name}: {value}" for name, value in reply.getheaders() if name.lower() not in skipped]
        if reply.status != 204:
            length = reply.getheader("content-length", "0") if request.method == "HEAD" else len(body)
            lines.append(f"Content-Length: {length}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def _send(self, request: Request, there: http.client.HTTPConnection) -> None:
        there.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name != "connection":
                there.putheader(name, value.encode("latin-1"))
        there.endheaders(request.body or None)

    def __enter__(self) -> FaultyWire:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)
