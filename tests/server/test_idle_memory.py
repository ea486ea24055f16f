"""What instances hold between two calls: who grows then is ended, and looking costs next to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from fc_magic.client.client import Client
from tests.conftest import Deploy, zipped
from tests.server import programs
from tests.server.processes import wait_for
from tests.server.test_custom import zipped as program

#: goes on growing after the call has been answered
GROWS = """
import subprocess, sys, threading, time

def grow():
    held = []
    while True:
        held.append(bytearray(b"x") * (4 << 20))
        time.sleep(0.002)

def handler(event, context):
    if event == b"child":
        subprocess.Popen([sys.executable, "-c", "import time; held = bytearray(b'x') * (300 << 20); time.sleep(60)"])
    if event == b"thread":
        threading.Timer(0.1, grow).start()
    return "answered"
"""


def ended(client: Client, name: str) -> Any:
    """What the log says of the instance that was ended."""
    return wait_for(lambda: [r for r in client.logs(name).requests if r.caller == "idle"])[0]


@pytest.mark.parametrize("how", ["thread", "child"])
def test_idle_instance_that_grows(client: Client, deploy: Deploy, how: str) -> None:
    """An instance that takes too much between two calls is ended, the log says so, and the next call works."""
    function = deploy("x", code=zipped(GROWS))
    name = function.info.name
    first = function.invoke(how.encode())
    assert first.value == "answered"
    entry = ended(client, name)
    assert "Out of memory: the function held" in entry.text
    assert entry.error["errorMessage"].startswith("Process was ended while it was idle")
    assert client.get(name).info.calls_today == 1
    second = function.invoke(b"")
    assert (second.value, second.instance_id != first.instance_id) == ("answered", True)


def test_idle_program_that_grows(client: Client, deploy: Deploy) -> None:
    """So is the program of a custom runtime."""
    grow = "    def do_grow(self, body):\n        held = lambda: globals().update(x=bytearray(b'x') * (300 << 20))\n"
    grow += "        threading.Timer(0.1, held).start()\n        self.answer(200, b'soon')\n\n"
    code = program({"bootstrap": programs.THREADS.replace("    def do_sleep(", grow + "    def do_sleep(")})
    function = deploy("x", code=code, runtime="custom.debian12")
    assert function.invoke(b"do grow").payload == b"soon"
    assert "Out of memory" in ended(client, function.info.name).text
    assert function.invoke(b"x").ok
