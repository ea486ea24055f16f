"""A function that takes more than its instance has: that call fails as on Function Compute, and nothing else does."""

from __future__ import annotations

import contextlib
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fc_magic.wire.results import Invocation
from tests.conftest import Deploy, zipped
from tests.server.processes import Door, wait_for

EXITED = (
    r"Process exited unexpectedly before completing request \(duration: (\d+)ms, maxMemoryUsage: ([\d.]+)MB\)"
)

#: more than there is, each in its own way
GREEDY = {
    "at once": "held = bytearray(b'x') * (400 << 20)",
    "piece by piece": "held = []\nwhile True: held.append(bytearray(b'x') * (4 << 20))",
    "in a child": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', "
    "\"import time; held = bytearray(b'x') * (400 << 20); time.sleep(60)\"])",
    "in many children": "import os\nfor _ in range(12):\n  if not os.fork():\n"
    "    held = bytearray(b'x') * (30 << 20); time.sleep(60)\n",
    "in a thread": "import threading\ndef take():\n  held = bytearray(b'x') * (400 << 20); time.sleep(60)\n"
    "threading.Thread(target=take).start()",
    "in a session of its own": "import os\nif not os.fork():\n  os.setsid()\n  if os.fork(): os._exit(0)\n"
    "  held = bytearray(b'x') * (400 << 20); time.sleep(60)\nos.wait()",
    "shared": "import mmap\nheld = mmap.mmap(-1, 400 << 20)\nfor n in range(0, 400 << 20, 4096): held[n] = 1",
}


def used(call: Invocation) -> float:
    """The memory that the error of a call that ended unexpectedly tells of."""
    found = re.fullmatch(EXITED, call.error["errorMessage"])
    assert found, call.error
    return float(found[2])


@pytest.mark.parametrize("how", GREEDY)
def test_out_of_memory(deploy: Deploy, how: str) -> None:
    """The call fails with FC's text and the peak, its log says that memory ran out, and the next call is served."""
    function = deploy("does", timeout=30)
    call = function.invoke(f"import time\n{GREEDY[how]}\ntime.sleep(60)")
    assert used(call) > 128
    assert set(call.error) == {"errorMessage"}
    line = r"^Out of memory: the function held (\d+) MB, its limit is 128 MB; deploy it with more memory$"
    held = re.search(line, call.log, re.MULTILINE)
    assert held, call.log
    assert int(held[1]) > 128
    assert call.log.index(held[0]) < call.log.index("FC Invoke End")
    assert call.memory_mb > 128
    assert function("answer = 1") == 1


#: what is over before anybody looks, when 100 MB are held already
BRIEF = {
    "own": "m = mmap.mmap(-1, 40 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n{}",
    "own, given back": "m = mmap.mmap(-1, 40 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n{}\nm.close()",
    "shared": "import builtins\nm = builtins.m = mmap.mmap(-1, 40 << 20)\n{}",
}


@pytest.mark.parametrize("how", BRIEF)
def test_out_of_memory_for_a_moment(deploy: Deploy, how: str) -> None:
    """A call that held too much fails also if it is over sooner than anybody looks, and ends its instance."""
    function = deploy("does", timeout=20)
    before = function.invoke("import builtins; builtins.held = bytearray(b'x') * (100 << 20)\nanswer = 1")
    assert before.value == 1
    touch = "for n in range(0, 40 << 20, 4096): m[n] = 1"
    call = function.invoke("import mmap\n" + BRIEF[how].format(touch))
    assert 128 < used(call) < 170
    assert re.search(
        r"^Out of memory: the function held 1\d\d MB, its limit is 128 MB", call.log, re.MULTILINE
    )
    after = function.invoke("answer = 1")
    assert (after.value, call.instance_id) == (1, before.instance_id)
    assert after.instance_id != call.instance_id


@pytest.mark.parametrize("folder", ["/tmp", "/code"])
def test_files_mapped_for_a_moment_are_no_memory(deploy: Deploy, folder: str) -> None:
    """What was only a file in memory does not count when the call is over, nor in the calls after it."""
    function = deploy("does", timeout=20)
    write = f"with open('{folder}/big', 'wb') as f:\n  for _ in range(200): f.write(bytes(1 << 20))"
    look = f"import mmap\nf = open('{folder}/big', 'r+b')\nm = mmap.mmap(f.fileno(), 0)\nm[::4096]\n"
    first = function.invoke(write)
    held = function.invoke(look + "import builtins; builtins.m = m\nanswer = 1")
    later = function.invoke("import builtins; builtins.m.close()\nanswer = 1")
    again = function.invoke("answer = 1")
    assert [call.value for call in (held, later, again)] == [1, 1, 1], (held.log, later.log, again.log)
    assert len({call.instance_id for call in (first, held, later, again)}) == 1


def test_initializer_out_of_memory(deploy: Deploy) -> None:
    """An initializer that takes too much fails as one that ended its process."""
    source = (
        "import time\ndef initialize(context):\n    held = bytearray(b'x') * (400 << 20)\n    time.sleep(60)\n"
        "def handler(event, context): return 1\n"
    )
    call = deploy("x", code=zipped(source), entrypoint="index.initialize", timeout=20).invoke()
    assert call.error_type == "InitializationError"
    assert used(call) > 128
    assert "Out of memory" in call.log


UNDER = {
    "reserved, not touched": "import mmap\nheld = mmap.mmap(-1, 4 << 30)",
    "in pieces": "held = bytearray(b'x') * (60 << 20)\ndel held\nheld = bytearray(b'x') * (60 << 20)",
    "shared by forks": "import os\nheld = bytearray(b'x') * (60 << 20)\npids = []\n"
    "for _ in range(8):\n  pid = os.fork()\n  if not pid: time.sleep(0.5); os._exit(0)\n"
    "  pids.append(pid)\nfor pid in pids: os.waitpid(pid, 0)",
    "files": "f = open('/tmp/big', 'wb')\nfor _ in range(200): f.write(bytes(1 << 20))",
    "many threads": "import threading\ndone = threading.Event()\n"
    "ts = [threading.Thread(target=done.wait) for _ in range(300)]\n"
    "for t in ts: t.start()\ntime.sleep(0.2)\ndone.set()",
}  # fmt: skip


@pytest.mark.parametrize("how", UNDER)
def test_below_the_limit(deploy: Deploy, how: str) -> None:
    """What is only reserved, given back, shared, or on disk does not count; the function is left alone."""
    call = deploy("does", timeout=20).invoke(f"import time\n{UNDER[how]}\ntime.sleep(0.2)\nanswer = 1")
    assert call.value == 1, call.error
    assert call.memory_mb < 128


def test_more_memory_when_deployed_with_more(deploy: Deploy) -> None:
    """The limit is the function's own."""
    statements = "import time\nheld = bytearray(b'x') * (200 << 20)\ntime.sleep(0.2)\nanswer = 1"
    assert not deploy("does", timeout=20).invoke(statements).ok
    call = deploy("does", timeout=20, memory=256).invoke(statements)
    assert call.value == 1
    assert 200 < call.memory_mb < 256


TOO_MANY = {
    "processes": "import os\nfor _ in range(1300):\n  if not os.fork(): time.sleep(60); os._exit(0)",
    "threads": "import threading\nthreading.stack_size(65536)\nfor _ in range(1200):\n"
    "  threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
}


@pytest.mark.parametrize("how", TOO_MANY)
def test_too_many_processes(deploy: Deploy, how: str) -> None:
    """More than 1024 processes and threads end the call, and the log says so; the next call is served."""
    function = deploy("does", timeout=30, memory=3072)
    statements = (
        f"import time\ntry:\n  exec({TOO_MANY[how]!r})\nexcept Exception as e: print(e)\ntime.sleep(60)"
    )
    call = function.invoke(statements)
    used(call)
    assert "Too many processes: the function ran more than 1024 processes and threads" in call.log
    assert function("answer = 1") == 1


def test_children_that_stay_end_at_the_time_out(deploy: Deploy) -> None:
    """Two hundred sleeping children, each in a session of its own, end with the call that ran out of time."""
    with contextlib.closing(Door()) as door:
        function = deploy("does", code=door.code("does"), timeout=1, memory=3072)
        call = function.invoke(
            "import os, time\nfor _ in range(200):\n  if not os.fork():\n    os.setsid()\n    break\ntime.sleep(60)"
        )
        assert call.error["errorMessage"].startswith("Function timed out after 1 seconds")
        wait_for(lambda: not door.instance(call).family())
        assert function("answer = 1") == 1


def test_memory_is_of_this_call(deploy: Deploy) -> None:
    """However a call ends, what it tells of its memory is its own, also when it was over before anybody looked."""
    function = deploy("does", timeout=3, memory=256)  # taking it lasts on a busy machine
    take = "import os, time\nheld = bytearray(b'x') * (100 << 20)\n"
    assert function.invoke("answer = 1").memory_mb < 60
    assert used(function.invoke(take + "os._exit(1)")) > 100
    assert used(function.invoke("import os; os._exit(1)")) < 60
    timed_out = function.invoke(take + "time.sleep(60)")
    assert timed_out.error["errorMessage"].startswith("Function timed out")
    assert timed_out.memory_mb > 100
    child = "import time; held = bytearray(b'x') * (100 << 20); time.sleep(0.3)"
    run = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    assert function.invoke(run).memory_mb > 100


def test_others_go_on_meanwhile(deploy: Deploy) -> None:
    """While functions take memory and processes without end, another one answers each call."""
    other = deploy("echo", name="other")
    other("x")
    greedy = deploy("does", name="greedy", timeout=20)

    def bad(statements: str) -> Any:
        return greedy.invoke(f"import time\n{statements}\ntime.sleep(60)")

    with ThreadPoolExecutor(2) as threads:
        calls = [
            threads.submit(bad, GREEDY[how]) for how in ("at once", "in many children", "piece by piece")
        ]
        answers, longest = 0, 0.0
        while not all(call.done() for call in calls):
            began = time.monotonic()
            assert other("x") == "x"
            longest = max(longest, time.monotonic() - began)
            answers += 1
    assert answers > 3
    assert longest < 5
    assert all(used(call.result()) > 128 for call in calls)
