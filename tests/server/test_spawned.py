"""Custom runtimes where there is no fork server: each program is started from nothing, one at a time has the port."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from fc_magic.server.worker import runtimes
from fc_magic.server.worker.launch import InstanceGone, spawn
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
