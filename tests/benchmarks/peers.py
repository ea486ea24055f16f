"""What others do with the same work: servers that are started beside ours, in the same run.

``make bench`` installs them into an environment of their own; nothing of ours needs them.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PEERS = Path(sys.prefix) / "peers" / "bin"
FUNCTION = "def handler(request):\n    return request.get_data()\n"

#: one uvicorn worker, and one process that answers over a socket pair: neither signature, nor routes, nor functions
BARE = """
import asyncio, collections, os, socket, struct, sys, uvicorn
ours, theirs = socket.socketpair()
HEAD = struct.Struct(">I")
if not os.fork():
    ours.close()
    read = theirs.makefile("rb")
    while head := read.read(4):
        theirs.sendall(head + read.read(*HEAD.unpack(head)))
    os._exit(0)
theirs.close()
waiting = collections.deque()
async def answers(reader):
    while True:
        size, = HEAD.unpack(await reader.readexactly(4))
        waiting.popleft().set_result(await reader.readexactly(size))
async def app(scope, receive, send):
    global writer, task
    if scope["type"] == "lifespan":
        await receive()
        reader, writer = await asyncio.open_connection(sock=ours)
        task = asyncio.create_task(answers(reader))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message.get("more_body"):
            break
    answer = asyncio.get_running_loop().create_future()
    waiting.append(answer)
    writer.write(HEAD.pack(len(body)) + body)
    body = await answer
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_config=None)
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def needed(program: str) -> str:
    path = PEERS / program
    if not path.exists():
        pytest.skip(f"{program} is not installed: make bench does it")
    return str(path)


def until_it_listens(process: subprocess.Popen[bytes], port: int, limit_s: float = 30) -> None:
    ends = time.monotonic() + limit_s
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.001)
    raise AssertionError(f"{process.args} does not listen")


@contextlib.contextmanager
def started(command: list[str], port: int, folder: Path) -> Iterator[int]:
    # as installed: with bytecode
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet, env=environment)
    try:
        until_it_listens(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def under_gunicorn(folder: Path, *more: str) -> contextlib.AbstractContextManager[int]:
    """functions-framework under gunicorn with two workers, as it comes, or with ``more`` options."""
    (folder / "main.py").write_text(FUNCTION)
    port = free_port()
    words = [needed("gunicorn"), "--workers=2", *more, f"--bind=127.0.0.1:{port}"]
    return started([*words, "functions_framework:create_app('handler', 'main.py')"], port, folder)


def framework(folder: Path) -> contextlib.AbstractContextManager[int]:
    """functions-framework by its own command."""
    (folder / "main.py").write_text(FUNCTION)
    port = free_port()
    words = [needed("functions-framework"), "--target=handler", "--source=main.py", "--host=127.0.0.1"]
    return started([*words, f"--port={port}"], port, folder)


def bare_uvicorn(folder: Path) -> contextlib.AbstractContextManager[int]:
    port = free_port()
    return started([sys.executable, "-c", BARE, str(port)], port, folder)
