"""Custom runtimes where there is no fork server: each program is started from nothing, one at a time has the port."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import platform
import re
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from fc_magic.server.worker import runtimes
from fc_magic.server.worker.launch import InstanceGone, Spawned, spawn
from fc_magic.server.worker.web import NotStarted, WebInstance, WebSpec
from tests.server import programs
from tests.server.processes import children, until
from tests.server.test_custom import FRAME, INIT


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def program(port: int) -> str:
    return programs.THREADS.replace("9000", str(port))


def with_spawned(folder: Path, code: str, test: Callable[[WebInstance], Awaitable[None]], port: int) -> None:
    """Runs ``test`` with an instance that is not started yet, and sees that nothing is left of it."""
    (folder / "bootstrap").write_text(code)
    (folder / "bootstrap").chmod(0o755)
    path = {"PATH": runtimes.PATH, "PYTHONUNBUFFERED": "1"}
    before = children()

    async def run() -> None:
        spec = WebSpec((), INIT, path, folder, spawn, port=port, in_turn="no fork server", start_limit_s=20)
        spec.command = (str(folder / "bootstrap"),)
        instance = spec.instance()
        try:
            await asyncio.wait_for(test(instance), 40)
        finally:
            instance.kill()
            await until(lambda: children() == before)

    asyncio.run(run())


def test_serves_and_ends(tmp_path: Path) -> None:
    """A program that is started from nothing serves; that it ended is noticed amid a call, and between two."""
    port = free_port()

    async def test(instance: WebInstance) -> None:
        await instance.start()
        answer = await instance.call(FRAME, b"print hello", 20)
        assert json.loads(answer.payload)[3] == "print hello"
        assert "hello\n" in answer.log
        pid = json.loads(answer.payload)[4]
        with pytest.raises(InstanceGone):
            await instance.call(FRAME, b"do exit", 20)
        assert not instance.alive
        again = instance.spec.instance()
        await again.start()
        pid = json.loads((await again.call(FRAME, b"", 20)).payload)[4]
        os.kill(pid, 9)
        await until(lambda: not again.alive)

    with_spawned(tmp_path, program(port), test, port)


def test_how_it_ended(tmp_path: Path) -> None:
    """A program that ends before it serves is told of in Function Compute's words, with its log."""

    async def test(instance: WebInstance) -> None:
        with pytest.raises(NotStarted, match=r"\(code 3, message:exit status 3\)") as caught:
            await instance.start()
        assert caught.value.instance.take_log() == "no\n"

    with_spawned(tmp_path, "#!/bin/sh\necho no\nexit 3\n", test, free_port())


@contextlib.contextmanager
def stranger(port: int) -> Iterator[list[bytes]]:
    """A program that is not the function's has its port; what it was sent."""
    heard: list[bytes] = []

    def serve(sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                with sock.accept()[0] as peer:
                    peer.settimeout(1)  # who only looked may not have hung up yet
                    with contextlib.suppress(TimeoutError):
                        heard.append(peer.recv(9999))

    with socket.create_server(("127.0.0.1", port)) as sock:
        thread = threading.Thread(target=serve, args=(sock,))
        thread.start()
        try:
            yield heard
        finally:
            sock.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_port_is_taken(tmp_path: Path) -> None:
    """Who has the port before the program is named, and is sent nothing; no program is started."""
    port = free_port()

    async def test(instance: WebInstance) -> None:
        with stranger(port) as heard, pytest.raises(NotStarted) as caught:
            await instance.start()
        assert re.search(
            rf"^Port {port} of this machine is taken by .+ \(process {os.getpid()}\), and", caught.value.text
        )
        assert not any(heard)
        assert not instance.alive

    with_spawned(tmp_path, program(port), test, port)


@pytest.mark.skipif(sys.platform != "linux", reason="no /proc")
def test_stranger_comes_first(tmp_path: Path) -> None:
    """Who takes the port while the program starts is not taken for the program, and is sent nothing."""
    port = free_port()
    waits = "#!/bin/sh\ntouch started\nsleep 60\n"

    async def test(instance: WebInstance) -> None:
        starting = asyncio.create_task(instance.start())
        await until((tmp_path / "started").exists)
        with stranger(port) as heard, pytest.raises(NotStarted, match="is taken by"):
            await starting
        assert not any(heard)

    with_spawned(tmp_path, waits, test, port)


@pytest.mark.skipif(sys.platform != "linux", reason="no /proc")
@pytest.mark.parametrize("host", ["", "::", "127.0.0.1", "::ffff:127.0.0.1"])
def test_child_that_left_serves(tmp_path: Path, host: str) -> None:
    """A program that serves from a child in a session of its own, whose parent has ended, is the function's."""
    port = free_port()
    code = "#!/usr/bin/env python3\nimport os, socket, time\nif os.fork(): time.sleep(60)\n"
    code += f"os.setsid()\nif os.fork(): os._exit(0)\nsock = socket.socket({10 if ':' in host else 2})\n"
    code += f"sock.bind(({host!r}, {port}))\nsock.listen()\ntime.sleep(60)\n"

    async def test(instance: WebInstance) -> None:
        await instance.start()

    with_spawned(tmp_path, code, test, port)


SERVER = """
import fcntl, socket, struct, sys
from pathlib import Path

with socket.socket() as sock:  # loopback is down in a new network
    fcntl.ioctl(sock, 0x8914, struct.pack("16sh14x", b"lo", 0x49))

from tests.conftest import serving
from tests.server import programs
from tests.server.test_custom import deny, deployed

deny(int(sys.argv[2]))
with serving(Path(sys.argv[1])) as server, server.client(retries=0) as client:
    web = deployed(client, {"bootstrap": programs.THREADS})
    calls = [web.invoke("x") for _ in range(2)]
    assert [call.value[3] for call in calls] == ["x", "x"], calls
    assert calls[0].instance_id == calls[1].instance_id
    print(*web.info.warnings)
"""
#: prctl(2): a fork server cannot begin without it
PRCTL = {"x86_64": 157}.get(platform.machine(), 167)


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_fork_server_does_not_start(tmp_path: Path) -> None:
    """A server whose fork server cannot start runs custom runtimes all the same."""
    words = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c", SERVER]
    done = subprocess.run(
        [*words, str(tmp_path), str(PRCTL)],
        capture_output=True,
        text=True,
        timeout=50,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "has port 9000 of this machine: the fork server did not start" in done.stdout


def test_killed_and_forgotten() -> None:
    """Who kills a process and looks no more, as when its loop closes, leaves no warning of one that still runs."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    spawned = Spawned(process, "")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        spawned.kill()
        del spawned, process
        gc.collect()
    assert [str(one.message) for one in said if one.category is ResourceWarning] == []
