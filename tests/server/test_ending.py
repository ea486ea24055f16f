"""A server that is told to stop, and those who have asked it something by then, or are about to."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import fc_magic
from fc_magic.config import Settings
from fc_magic.server.process import LocalServer
from tests.conftest import function_file

#: longer than the server takes to look whether it shall stop: it looks the moment it goes on
HELD_S = 0.2


class Raw:
    """A connection, and what is sent and read by it as it is."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80), 10)

    def ask(self) -> None:
        self.socket.sendall(b"GET /-/health HTTP/1.1\r\nHost: %s\r\n\r\n" % self._host.encode())

    def status(self) -> int:
        reply = HTTPResponse(self.socket)
        reply.begin()
        reply.read()
        return reply.status


def test_what_came_before_the_end_is_answered(tmp_path: Path) -> None:
    """Whether it waits to be taken, is there already, or has not sent its request yet."""
    with LocalServer.ensure(tmp_path) as server, ExitStack() as stack:

        def connected() -> Raw:
            raw = Raw(server.url)
            stack.callback(raw.socket.close)
            return raw

        kept = connected()
        kept.ask()
        assert kept.status() == 200
        os.kill(server.pid, signal.SIGSTOP)
        time.sleep(HELD_S)
        late, mute = [connected() for _ in range(20)], connected()
        for connection in (kept, *late):
            connection.ask()
        os.kill(server.pid, signal.SIGTERM)
        os.kill(server.pid, signal.SIGCONT)
        assert {connection.status() for connection in (kept, *late)} == {200}
        select.select([mute.socket], [], [], 10)
        mute.ask()
        assert mute.status() == 503  # which says that nothing was done


def test_calls_while_servers_come_and_go(tmp_path: Path) -> None:
    """Each call is answered, and carried out once, whichever server was ending at that moment."""
    with fc_magic.connect(Settings.load({}, home=str(tmp_path), idle_stop=30.0)) as client:
        function = client.deploy({"name": "f", "code": function_file("echo")})
        with ThreadPoolExecutor(6) as pool:
            calls = [pool.submit(function, n) for n in range(400)]
            for n in (50, 150, 250, 350):
                calls[n].result(30)
                LocalServer.ensure(tmp_path).stop()
            assert [call.result(30) for call in calls] == list(range(400))
        carried_out = client.stats("f").calls
        LocalServer.ensure(tmp_path).stop()
    assert carried_out == 400
