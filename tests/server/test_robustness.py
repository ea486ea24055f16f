"""A function may do its worst: that call ends with Function Compute's error, and the next one works.

Each of them has one second, and so has whatever it left behind.
"""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from fc_magic.wire.results import Invocation
from tests.conftest import Deploy, Server
from tests.server.processes import children

TIMED_OUT = r"Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)"
EXITED = r"Process exited unexpectedly before completing request \(.*\)"
#: a call may take so long beyond its time-out, on a machine that does much else
MARGIN_S = 8.0

WORST = {
    "sleeps": ("import time; time.sleep(60)", TIMED_OUT),
    "computes": ("while True: pass", TIMED_OUT),
    "ignores SIGTERM": (
        "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(60)",
        TIMED_OUT,
    ),
    "blocks all signals": (
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\ntime.sleep(60)",
        TIMED_OUT,
    ),
    "stops itself": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", TIMED_OUT),
    "closes its pipe": ("import os; os.closerange(3, 1000)", EXITED),
    "closes everything": ("import os, time; os.closerange(0, 1000); time.sleep(60)", EXITED),
    "prints without end": ("while True: print('x' * 100_000)", TIMED_OUT),
    "allocates": ("held = []\nwhile True: held.append(bytearray(b'x') * (8 << 20))", EXITED),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", EXITED),
}
BOMBS = {
    "forks": "import os\nwhile True: os.fork()",
    "forks in spite of all": "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass",
    "forks into sessions": "import os\nwhile True:\n  try:\n    if not os.fork(): os.setsid()\n"
    "  except OSError: pass",
    "threads": "import threading, time\nwhile True:\n  try: threading.Thread(target=time.sleep, args=(9,)).start()\n"
    "  except RuntimeError: pass",
}


@contextmanager
def bounded(server: Server, seconds: float) -> Iterator[None]:
    """Kills the server, from a process that comes before all others, if this takes too long."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        os.close(tell)
        with suppress(OSError):  # only root may
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        if not select.select([told], [], [], seconds)[0]:
            os.kill(server.process.pid, 9)
        os._exit(0)
    os.close(told)
    try:
        yield
    finally:
        os.close(tell)
        os.waitpid(child, 0)


@pytest.mark.parametrize("how", WORST)
def test_worst(deploy: Deploy, how: str) -> None:
    """The call ends with FC's own error, and the next one is served."""
    statements, error = WORST[how]
    function = deploy("does", timeout=1)
    began = time.monotonic()
    call = function.invoke(statements)
    assert time.monotonic() - began < 1 + MARGIN_S
    assert re.fullmatch(error, call.error["errorMessage"]), call.error
    assert function("answer = 1") == 1


def test_prints_a_gigabyte(deploy: Deploy) -> None:
    """The answer comes, with the end of the log."""
    call = deploy("does", timeout=60).invoke(
        "import os\nfor _ in range(1024): os.write(1, b'x' * (1 << 20))\nprint('the end')\nanswer = 1"
    )
    assert call.value == 1, call.error
    assert "the end" in call.log


def test_disk_is_full(deploy: Deploy) -> None:
    """There is no space left on the device, which the function can catch."""
    fill = (
        "import errno\ntry:\n  with open('/tmp/big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))\n"
    )
    assert deploy("does", timeout=30)(fill + "except OSError as e: answer = e.errno == errno.ENOSPC") is True


@pytest.mark.parametrize("how", BOMBS)
def test_bombs(deploy: Deploy, server: Server, how: str) -> None:
    """The call ends soon after its time-out, another function answers all the while, and the next call works."""
    function, other = deploy("does", timeout=1, memory=1024), deploy("echo", name="other")
    function("answer = 1")
    other("x")

    def bomb() -> tuple[Invocation, float]:
        began = time.monotonic()
        return function.invoke(BOMBS[how]), time.monotonic() - began

    before = children()
    with bounded(server, 1 + MARGIN_S), ThreadPoolExecutor(1) as threads:
        running, answers = threads.submit(bomb), 0
        while not running.done():
            assert other("x") == "x"
            answers += 1
        call, seconds = running.result()
    assert children() <= before
    assert answers
    assert seconds < 1 + MARGIN_S
    ends = rf"{TIMED_OUT}|{EXITED}|\[Errno 11\] .*"
    assert re.fullmatch(ends, call.error["errorMessage"]), call.error
    assert function("answer = 1") == 1


def test_mapped_files_are_no_memory(deploy: Deploy) -> None:
    """A file of 300 MB that is mapped and read is on the disk, wherever that lies; shared memory is memory."""
    function = deploy("does", timeout=30)
    mapped = (
        "import mmap, time\nwith open('/tmp/big', 'wb') as f:\n  for _ in range(300): f.write(bytes(1 << 20))\n"
        "with open('/tmp/big', 'r+b') as f:\n  m = mmap.mmap(f.fileno(), 0)\n"
        "sum(m[n] for n in range(0, 300 << 20, 4096))\ntime.sleep(0.5)\nanswer = 1"
    )
    call = function.invoke(mapped)
    assert call.value == 1, (call.error, call.log)


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="needs Linux")
def test_what_the_server_does_beside_lets_it_answer(deploy: Deploy, server: Server) -> None:
    """Its threads push nobody aside, and least of all the one that answers."""
    deploy("echo")("x")
    pid = server.process.pid
    policies = {int(task): os.sched_getscheduler(int(task)) for task in os.listdir(f"/proc/{pid}/task")}
    assert policies.pop(pid) & ~os.SCHED_RESET_ON_FORK == os.SCHED_OTHER
    assert os.SCHED_BATCH in policies.values()
