"""Instances: which one serves a call, what it keeps, when it ends, and that everything it started ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import urlopen

import pytest

from fc_magic.client import fc3
from fc_magic.client.client import Client
from fc_magic.errors import ConnectionFailed, FcError, ResourceExhausted
from fc_magic.package.bundle import bundle
from fc_magic.server.identity import Identity
from fc_magic.server.live import live
from fc_magic.server.runner import Runner
from fc_magic.server.worker import runtimes
from fc_magic.server.worker.launch import InstanceGone
from fc_magic.server.worker.pool import Limits, Pool
from fc_magic.server.worker.process import Instance, Spec
from fc_magic.wire import v2
from fc_magic.wire.runtimes import PYTHON
from tests.conftest import FUNCTIONS, Deploy, Server, function_file, serving, zipped
from tests.server.pools import ONE, OTHER, TWO, Clock, counted, in_pool, specs
from tests.server.processes import (
    INSTANCE,
    Door,
    Meeting,
    is_alive,
    meeting_with,
    until,
    wait_for,
)

TIMED_OUT = r"Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)"
EXITED = (
    r"Process exited unexpectedly before completing request \(duration: \d+ms, maxMemoryUsage: [\d.]+MB\)"
)


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with meeting_with() as made:
        yield made


@pytest.fixture
def door() -> Iterator[Door]:
    with contextlib.closing(Door()) as made:
        yield made


# ---------------------------------------------------------------- which instance


def test_warm_instance_is_used_again(deploy: Deploy) -> None:
    """Calls one after another meet one process, which is started once."""
    function = deploy("counts")
    calls = [function.invoke() for _ in range(3)]
    assert [c.value["calls"] for c in calls] == [1, 2, 3]
    assert len({c.instance_id for c in calls}) == 1
    assert [c.cold_ms > 0 for c in calls] == [True, False, False]


def test_globals_and_files_stay_with_the_instance(deploy: Deploy) -> None:
    """What a call leaves in a global or in /tmp is there for the next call of the instance."""
    function = deploy("keeps")
    assert [function("a"), function("b"), function("last")] == [
        [["a"], "a"],
        [["a", "b"], "ab"],
        [["a", "b", "last"], "ablast"],
    ]


def test_error_does_not_end_the_instance(deploy: Deploy) -> None:
    """An exception is an answer like any other: the same instance serves the next call."""
    function = deploy("does")
    calls = [function.invoke(event) for event in ("1 / 0", "answer = 1", "raise OSError", "answer = 2")]
    assert [c.ok for c in calls] == [False, True, False, True]
    assert len({c.instance_id for c in calls}) == 1


def test_parallel_calls_have_instances_of_their_own(deploy: Deploy, meeting: Meeting) -> None:
    """An instance serves one call at a time; calls at the same time meet as many instances."""
    function = deploy("waits", timeout=30)
    calls = [meeting.call(function, name) for name in "abc"]
    pids = {meeting.pid(name) for name in "abc"}
    assert len(pids) == 3
    for name in "abc":
        meeting.let_go(name)
    assert len({c.result().instance_id for c in calls}) == 3
    meeting.let_go("d")
    assert meeting.call(function, "d").result().ok
    assert meeting.pid("d") in pids


def test_functions_with_the_same_code_share_no_instance(deploy: Deploy) -> None:
    """Two functions of one package have processes of their own."""
    functions = deploy("counts", name="same-one"), deploy("counts", name="same-two")
    first, second = ([function.invoke() for function in functions] for _ in range(2))
    assert [call.value["calls"] for call in (*first, *second)] == [1, 1, 2, 2]
    assert first[0].instance_id != first[1].instance_id


# ---------------------------------------------------------------- updates and deletion


def test_update_never_meets_old_code(deploy: Deploy, meeting: Meeting) -> None:
    """A running call ends on the code it began with; every call after the update meets the new one."""
    source = (FUNCTIONS / "waits.py").read_text()
    function = deploy("waits", timeout=30)
    running = [meeting.call(function, name) for name in "ab"]
    deploy("waits", code=zipped(source.replace("VERSION = 1", "VERSION = 2")), timeout=30)
    meeting.let_go("c")
    assert meeting.call(function, "c").result().value == 2
    for name in "ab":
        meeting.let_go(name)
    assert [call.result().value for call in running] == [1, 1]
    for name in "defg":
        meeting.let_go(name)
        assert meeting.call(function, name).result().value == 2
    wait_for(lambda: not any(is_alive(meeting.pid(name)) for name in "ab"))


def test_updates_under_load(deploy: Deploy) -> None:
    """While calls never stop, none that began after an update was acknowledged sees the version before."""
    source = "def handler(event, context):\n    return {}\n"
    function = deploy("x", code=zipped(source.format(0)))
    newest, ends = [0], time.monotonic() + 1

    def call() -> list[tuple[int, int]]:
        seen = []
        while time.monotonic() < ends:
            acknowledged = newest[0]
            seen.append((acknowledged, function()))
        return seen

    with ThreadPoolExecutor(3) as threads:
        calls = [threads.submit(call) for _ in range(3)]
        while time.monotonic() < ends:
            deploy("x", code=zipped(source.format(newest[0] + 1)))
            newest[0] += 1
        found = [pair for future in calls for pair in future.result()]
    assert newest[0] > 1
    assert [pair for pair in found if pair[1] < pair[0]] == []


def test_changed_setting_starts_a_new_instance(deploy: Deploy, door: Door) -> None:
    """An update of the environment alone is seen by the next call; deploying the same again keeps the instance."""
    event = "import os; answer = os.environ.get('MODE')"
    code = door.code("does")
    first, same, other = (
        deploy("does", code=code, environment={"MODE": mode}).invoke(event) for mode in ("one", "one", "two")
    )
    assert (first.value, same.value, other.value) == ("one", "one", "two")
    assert first.instance_id == same.instance_id != other.instance_id
    wait_for(lambda: not door.instance(first).family())


def test_deletion_lets_the_running_call_end(client: Client, deploy: Deploy, meeting: Meeting) -> None:
    """A call that runs while its function is deleted ends well, and its instance ends after it."""
    function = deploy("waits", timeout=30)
    running = meeting.call(function)
    client.delete(function.info.name)
    with pytest.raises(FcError, match="does not exist"):
        function.invoke()
    meeting.let_go()
    assert running.result().value == 1
    wait_for(lambda: not is_alive(meeting.pid()))


def test_name_created_anew_has_no_past(client: Client, deploy: Deploy, meeting: Meeting) -> None:
    """A call that was under way when its function was deleted is not in the log of the next function of that name."""
    old = deploy("waits", timeout=30)
    running = meeting.call(old)
    client.delete(old.info.name)
    new = deploy("waits", timeout=30)
    meeting.let_go()
    assert running.result().ok
    assert client.logs(new.info.name).requests == ()
    info = client.get(new.info.name).info
    assert (info.calls_today, info.errors_today) == (0, 0)


def test_name_created_anew_has_no_old_instance(client: Client, deploy: Deploy, meeting: Meeting) -> None:
    """A call of a deleted function does not give its instance to a new function of that name."""
    source = (FUNCTIONS / "waits.py").read_text()
    function = deploy("waits", timeout=30)
    running = meeting.call(function, "old")
    client.delete(function.info.name)
    again = deploy("waits", code=zipped(source.replace("VERSION = 1", "VERSION = 2")), timeout=30)
    assert again.info.version == function.info.version
    meeting.let_go("new")
    assert meeting.call(again, "new").result().value == 2
    meeting.let_go("old")
    assert running.result().value == 1
    for name in "abc":
        meeting.let_go(name)
        assert meeting.call(again, name).result().value == 2


# ---------------------------------------------------------------- the end of an instance


def test_time_out_ends_the_whole_tree(deploy: Deploy, door: Door) -> None:
    """At the time-out the process and what it started ends, also a child in a session of its own."""
    function = deploy("sleeps", code=door.code("sleeps"), timeout=1)
    asked = [{}, {"child": True}, {"child": True, "session": True}]
    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(function.invoke, {"seconds": 60, **how}) for how in asked]
        families = lambda: sorted(len(v.family()) for v in door.visitors)  # noqa: E731
        wait_for(lambda: families() == [2, 3, 3])  # the first of them is ours
        calls = [call.result() for call in running]
    for call in calls:
        assert call.error_type == "UnhandledInvocationError"
        assert set(call.error) == {"errorMessage"}
        assert re.fullmatch(TIMED_OUT, call.error["errorMessage"])
        assert 900 < call.duration_ms < 20_000
    wait_for(lambda: families() == [0, 0, 0])
    after = function.invoke({"seconds": 0})
    assert (after.value, after.cold_ms > 0) == ("woke", True)


def test_time_out_tells_where_the_threads_were(deploy: Deploy) -> None:
    """The log of a time-out has the stack of the function, then the end mark."""
    call = deploy("sleeps", timeout=1).invoke({"seconds": 60})
    dump = call.log.partition("Dumping stack trace after function timeout\n")[2]
    assert re.search(r'File "[^"]*index\.py", line \d+ in handler', dump)
    assert f"FC Invoke End RequestId: {call.request_id}, Error: Unhandled function error" in dump


STUBBORN = {
    "ignores SIGTERM": "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
    "catches all": "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
    "in C": "import re; re.match('(a+)+b', 'a' * 60)",
    "forks": "import os, time\nfor n in range(5):\n  if os.fork() == 0:\n    os.setsid()\n    break\ntime.sleep(60)",
    "orphans": "import subprocess, time\n"
    "subprocess.Popen(['sh', '-c', 'setsid sleep 60 & setsid sleep 60 & wait'])\ntime.sleep(60)",
}


def test_nothing_survives_a_time_out(deploy: Deploy, door: Door) -> None:
    """Whatever a function does against it, its time-out holds and no process is left."""
    function = deploy("does", code=door.code("does"), timeout=1)
    with ThreadPoolExecutor(len(STUBBORN)) as threads:
        calls = dict(zip(STUBBORN, threads.map(function.invoke, STUBBORN.values()), strict=True))
    for how, call in calls.items():
        assert re.fullmatch(TIMED_OUT, call.error["errorMessage"]), how
        wait_for(lambda call=call: not door.instance(call).family())


INITIALIZES = "import time\ndef initialize(_):\n    time.sleep({})\ndef handler(event, _):\n    return 1\n"


def test_initializer_has_a_time_out_of_its_own(deploy: Deploy) -> None:
    """An initializer may take longer than one call of the handler may."""
    code = zipped(INITIALIZES.format(1.2))
    call = deploy("x", code=code, entrypoint="index.initialize", timeout=1).invoke()
    assert (call.error, call.value) == ({}, 1)
    assert call.duration_ms > 1000


def test_initializer_that_does_not_end(tmp_path: Path) -> None:
    """It is stopped like a handler, at the limit for initializers."""
    files = tmp_path / "code" / "key" / "files"
    files.mkdir(parents=True)
    (files / "index.py").write_text(INITIALIZES.format(60))
    settings = {"runtime": "python3.10", "handler": "index.handler", "memory": 128, "timeout": 60}
    function = v2.decode_function({"name": "f", "entrypoint": "index.initialize", **settings})

    async def test(pool: Pool) -> None:
        runner = Runner(pool, Identity(), tmp_path, initializer_limit_s=1)
        call = await runner.run(live(function, (files,), None), b"", "1-2-3")
        runner.close()
        assert call.error_type == "InitializationError"
        assert re.fullmatch(TIMED_OUT, call.error["errorMessage"])

    in_pool(Limits(), test)


def test_a_call_in_time_is_not_cut(deploy: Deploy) -> None:
    """The clock runs for each call, not for the instance."""
    function = deploy("sleeps", timeout=1)
    calls = [function.invoke({"seconds": 0.4}) for _ in range(3)]
    assert [c.value for c in calls] == ["woke"] * 3
    assert len({c.instance_id for c in calls}) == 1


def test_children_of_an_instance_that_ended(deploy: Deploy, door: Door) -> None:
    """When the process ends by itself, what it left behind is ended too."""
    call = deploy("does", code=door.code("does")).invoke(
        "import os, subprocess\nsubprocess.Popen(['sleep', '60'], start_new_session=True)\nos._exit(1)"
    )
    assert re.fullmatch(EXITED, call.error["errorMessage"])
    wait_for(lambda: not door.instance(call).family())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_instances_end_with_the_server(tmp_path: Path, how: signal.Signals) -> None:
    """However the server ends, idle and busy instances end with it, and the children they started.

    At SIGTERM a call that runs has a moment to end well.
    """
    source = "import subprocess\ndef handler(event, _):\n    subprocess.Popen(['setsid', 'sleep', '60'])\n"
    with (
        serving(tmp_path / "data") as server,
        server.client(retries=0) as client,
        contextlib.closing(Door()) as door,
        meeting_with() as meeting,
    ):
        client.deploy({"name": "idle", "code": door.code("echo")})
        client.deploy({"name": "parent", "code": zipped(f"{door.knock(INSTANCE)}\n{source}")})
        busy = client.deploy({"name": "busy", "code": function_file("waits"), "timeout": 60})
        idle, parent = (door.instance(client.invoke(name)) for name in ("idle", "parent"))
        running = meeting.call(busy)
        wait_for(lambda: (len(idle.family()), len(parent.family())) == (2, 3))
        os.kill(server.process.pid, how)
        if how is signal.SIGTERM:
            wait_for(lambda: refused(server))
            meeting.let_go()
            assert running.result().value == 1
        else:
            with pytest.raises(FcError):
                running.result()
        assert server.process.wait(20) == (-how if how is signal.SIGKILL else 0)
        wait_for(lambda: not (idle.family() or parent.family() or meeting.visitor("").family()))


def refused(server: Server) -> bool:
    """Whether the server takes no new connections any more."""
    at = urlsplit(server.url)
    try:
        socket.create_connection((at.hostname, at.port), timeout=5).close()
    except OSError:
        return True
    return False


def test_server_goes_on_when_an_instance_is_killed(deploy: Deploy, meeting: Meeting) -> None:
    """An instance killed from outside fails its call, and no other."""
    function = deploy("waits", timeout=30)
    calls = [meeting.call(function, name) for name in "ab"]
    os.kill(meeting.pid("a"), signal.SIGKILL)
    assert re.fullmatch(EXITED, calls[0].result().error["errorMessage"])
    meeting.let_go("b")
    assert calls[1].result().value == 1


def test_idle_instance_killed_from_outside_is_replaced(deploy: Deploy, door: Door) -> None:
    """An idle instance that was killed is not handed to the next call."""
    function = deploy("counts", code=door.code("counts"))
    first = door.instance(function.invoke())
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not first.family())
    second = function.invoke()
    assert (second.ok, second.value["calls"]) == (True, 1)
    assert second.instance_id != first.said


# ---------------------------------------------------------------- the pool: limits, queue, idle time


def test_idle_instances_are_reclaimed(spec: Callable[[], Awaitable[Spec]]) -> None:
    """An instance that was not used for the idle time ends; one that was used since does not."""
    clock = Clock()

    async def test(pool: Pool) -> None:
        first, second = await pool.acquire(ONE, spec), await pool.acquire(OTHER, spec)
        pool.release(first)
        pool.release(second)
        assert 0 < pool.reclaim() <= 100
        assert first.instance.alive
        clock.ahead = 101
        second.instance.used = clock()
        pool.reclaim()
        assert (first.instance.alive, second.instance.alive) == (False, True)
        await until(lambda: not is_alive(first.instance.first.pid))
        again = await pool.acquire(ONE, spec)
        assert again.cold_s > 0

    in_pool(Limits(idle_s=100), test, clock)


def test_busy_instances_are_not_reclaimed(spec: Callable[[], Awaitable[Spec]]) -> None:
    """The idle time does not count while a call runs."""
    clock = Clock()

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec)
        clock.ahead = 10_000
        pool.reclaim()
        assert await counted(lease) == 1

    in_pool(Limits(idle_s=1), test, clock)


def test_a_full_pool_queues_in_order(spec: Callable[[], Awaitable[Spec]]) -> None:
    """When all instances are busy a call waits, first come first served, and gets the one that comes back, warm."""

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec)
        assert await counted(lease) == 1
        served: list[tuple[str, int, float]] = []

        async def wait(name: str) -> None:
            got = await pool.acquire(ONE, spec)
            served.append((name, await counted(got), got.cold_s))
            pool.release(got)

        waiting = []
        for name in "abc":
            waiting.append(asyncio.create_task(wait(name)))
            await asyncio.sleep(0)
        assert served == []
        pool.release(lease)
        await asyncio.gather(*waiting)
        assert served == [("a", 2, 0), ("b", 3, 0), ("c", 4, 0)]

    in_pool(Limits(instances=1, wait_s=20), test)


def test_waiting_has_an_end(spec: Callable[[], Awaitable[Spec]]) -> None:
    """A call that waited too long is refused with what to do, and the pool is as it was."""

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec)
        with pytest.raises(ResourceExhausted, match=r"all 1 instances were busy for 0\.05 s") as refused:
            await pool.acquire(OTHER, spec)
        assert (refused.value.status, bool(refused.value.hint)) == (429, True)
        pool.release(lease)
        assert await counted(await pool.acquire(OTHER, spec)) == 1

    in_pool(Limits(instances=1, wait_s=0.05), test)


def test_idle_instance_makes_room_for_another_function(spec: Callable[[], Awaitable[Spec]]) -> None:
    """At the limit the longest idle instance ends, so that another function need not wait."""

    async def test(pool: Pool) -> None:
        one, other = await pool.acquire(ONE, spec), await pool.acquire(OTHER, spec)
        pool.release(other)
        pool.release(one)
        one.instance.used, other.instance.used = 1.0, 2.0
        third = await pool.acquire(("h", "1"), spec)
        assert third.cold_s > 0
        assert (one.instance.alive, other.instance.alive) == (False, True)

    in_pool(Limits(instances=2, wait_s=0.05), test)


def test_never_more_instances_than_the_limit(spec: Callable[[], Awaitable[Spec]]) -> None:
    """However many calls of however many functions come, the limit holds and all are served."""
    alive: set[Instance] = set()
    most = 0

    async def test(pool: Pool) -> None:
        async def call(number: int) -> None:
            nonlocal most
            lease = await pool.acquire((f"f{number % 3}", "1"), spec)
            alive.add(lease.instance)
            most = max(most, sum(i.alive for i in alive))
            await counted(lease)
            pool.release(lease)

        await asyncio.gather(*map(call, range(12)))

    in_pool(Limits(instances=2, wait_s=25), test)
    assert most == 2


def test_who_gives_up_waiting_takes_nothing_along(spec: Callable[[], Awaitable[Spec]]) -> None:
    """A waiting call that is cancelled, before or just when it is served, leaves its place to the next."""

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec)
        early, late, last = (asyncio.create_task(pool.acquire(ONE, spec)) for _ in range(3))
        await asyncio.sleep(0)
        early.cancel()
        await asyncio.sleep(0)
        pool.release(lease)  # is handed to `late`
        late.cancel()
        assert (await last).instance is lease.instance
        assert early.cancelled()
        assert late.cancelled()

    in_pool(Limits(instances=1, wait_s=20), test)


def test_retired_revision_is_not_served(spec: Callable[[], Awaitable[Spec]]) -> None:
    """After an update idle instances of the old revision are ended at once, busy ones when they come back."""

    async def test(pool: Pool) -> None:
        idle, busy = await pool.acquire(ONE, spec), await pool.acquire(ONE, spec)
        pool.release(idle)
        pool.retire("f", "2")
        assert (idle.instance.alive, busy.instance.alive) == (False, True)
        pool.release(busy)
        assert not busy.instance.alive
        assert (await pool.acquire(TWO, spec)).instance not in (idle.instance, busy.instance)

    in_pool(Limits(), test)


def test_waiting_call_of_an_old_revision_leaves_new_instances_alone(
    spec: Callable[[], Awaitable[Spec]],
) -> None:
    """A call that waited while its function was updated runs on what it was called for, and ends with it."""

    async def test(pool: Pool) -> None:
        lease = await pool.acquire(ONE, spec)
        waiting = asyncio.create_task(pool.acquire(ONE, spec))
        await asyncio.sleep(0)
        pool.retire("f", "2")
        pool.release(lease)
        old = await waiting
        assert (old.revision, old.instance is lease.instance) == (ONE, False)
        pool.release(old)
        assert not old.instance.alive

    in_pool(Limits(instances=1, wait_s=20), test)


def test_instance_that_cannot_start(spec: Callable[[], Awaitable[Spec]], tmp_path: Path) -> None:
    """An interpreter that is not there, or that ends at once, is InstanceGone with the reason; nothing is kept."""

    async def test(pool: Pool) -> None:
        missing = (str(tmp_path / "nowhere"),)
        with pytest.raises(InstanceGone, match="nowhere"):
            await pool.acquire(ONE, specs(missing, {}, {}, tmp_path))
        talks = (sys.executable, "-c", "print('no such thing here')")
        with pytest.raises(InstanceGone, match=r"no such thing here|did not start"):
            await pool.acquire(ONE, specs(talks, {}, {}, tmp_path))
        assert await counted(await pool.acquire(ONE, spec)) == 1

    before = len(os.listdir("/proc/self/fd"))
    in_pool(Limits(instances=1, wait_s=0.05), test)
    assert len(os.listdir("/proc/self/fd")) == before


def test_closing_the_pool_ends_everything(spec: Callable[[], Awaitable[Spec]]) -> None:
    """Idle and busy instances end, and who waits is told."""

    async def test(pool: Pool) -> None:
        idle, busy = await pool.acquire(ONE, spec), await pool.acquire(OTHER, spec)
        pool.release(idle)
        third = await pool.acquire(("h", "1"), spec)
        waiting = asyncio.create_task(pool.acquire(("i", "1"), spec))
        await asyncio.sleep(0)
        pool.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await until(lambda: not any(is_alive(lease.instance.first.pid) for lease in (idle, busy, third)))

    in_pool(Limits(instances=2, wait_s=20), test)


# ---------------------------------------------------------------- interpreters


@pytest.mark.parametrize("runtime", PYTHON)
def test_interpreter_is_exact_or_says_so(runtime: str) -> None:
    """An interpreter has been run and said its version; any other version than the runtime's has a note."""
    found = runtimes.find(runtime)
    said = subprocess.run([found.command[0], "-c", runtimes._ASK], capture_output=True, text=True, check=True)
    major, minor, _ = said.stdout.split(maxsplit=2)
    assert found.version == (int(major), int(minor))
    assert bool(found.note) == (runtime != f"python{major}.{minor}")
    # a link to it, as a virtual environment has, is not there where instances run
    assert found.command[0] == os.path.realpath(found.command[0])


def test_nearest_interpreter_is_named(tmp_path: Path) -> None:
    """Where Python 3.9, 3.10 or 3.12 is missing the nearest one runs the function, and the deployment says so.

    An interpreter that is on PATH but does not run, as a shim may, does not count.
    """
    for version in ("3.9", "3.10", "3.12"):
        shim = tmp_path / f"python{version}"
        shim.write_text("#!/bin/sh\nexit 127\n")
        shim.chmod(0o755)
    bare = {"HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    with serving(tmp_path / "data", environment=bare) as server, server.client() as client:
        for runtime in PYTHON:
            function = client.deploy({"name": "f", "code": function_file("tells"), "runtime": runtime})
            version = ".".join(map(str, function()["python"]))
            wanted = runtime.removeprefix("python")
            note = f"{runtime} runs on Python {version} here: Python {wanted} was not found on this machine"
            assert list(function.info.warnings) == ([] if version == wanted else [note])
            assert list(client.get("f").info.warnings) == list(function.info.warnings)


def test_shim_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    """While an interpreter is looked for, other requests are answered."""
    shim = tmp_path / "python3.9"
    shim.write_text(
        f"#!/bin/sh\ntouch {tmp_path}/asked\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.02; done\nexit 1\n"
    )
    shim.chmod(0o755)
    bare = {"HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    with serving(tmp_path / "data", environment=bare) as server, server.client() as client:
        with ThreadPoolExecutor(1) as threads:
            fields = {"name": "f", "code": function_file("echo"), "runtime": "python3.9"}
            deploying = threads.submit(client.deploy, fields)
            wait_for((tmp_path / "asked").exists)
            try:
                with urlopen(f"{server.url}/-/health", timeout=5) as answer:
                    assert answer.status == 200
                assert not deploying.done()
            finally:
                (tmp_path / "go").touch()
            assert deploying.result()(b"here") == "here"


def _ask_and_leave(at: SplitResult, name: str, body: str, meeting: Meeting) -> None:
    with socket.create_connection((at.hostname, at.port)) as connection:
        head = f"POST /fn/{name}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head + body).encode())
        wait_for(lambda: "gone" in meeting.said())


def test_caller_that_leaves_before_the_function_runs(client: Client, deploy: Deploy) -> None:
    """Who leaves while an instance starts is in the log too."""
    program = "import time\ntime.sleep(30)\n"
    settings = {"runtime": "custom", "entrypoint": "python3 app.py", "handler": "index.handler"}
    name = deploy("x", code=bundle({"app.py": program.encode()}), **settings).info.name
    with pytest.raises(ConnectionFailed):
        fc3.invoke(client.session, name, b"", read_timeout=1)
    (entry,) = wait_for(lambda: client.logs(name).requests)
    assert entry.error_type == "InvocationCanceled"
    assert entry.error["errorMessage"].startswith("Invocation canceled by client")


@pytest.mark.parametrize("caller", ["http", "invoke"])
def test_call_ends_when_its_caller_leaves(
    server: Server, client: Client, deploy: Deploy, meeting: Meeting, caller: str
) -> None:
    """A caller that closes its connection cancels the call: its instance ends, the log says so, others go on."""
    source = (
        "import json, waits\ndef handler(event, context):\n    print('began')\n"
        "    asked = json.loads(event)\n    return waits.handler(asked.get('body', event), context)\n"
    )
    code = zipped({"index.py": source, "waits.py": (FUNCTIONS / "waits.py").read_text()})
    name = deploy("waits", code=code, timeout=60, triggers=[{"type": "http"}]).info.name
    at, body = urlsplit(server.url), json.dumps({"at": meeting.name, "name": "gone"})
    if caller == "invoke":
        with pytest.raises(ConnectionFailed):
            fc3.invoke(client.session, name, body.encode(), read_timeout=1)
    else:
        _ask_and_leave(at, name, body, meeting)
    wait_for(lambda: not is_alive(meeting.pid("gone")))
    (entry,) = wait_for(lambda: client.logs(name).requests)
    assert entry.caller == caller
    ident = entry.request_id
    assert re.search(
        rf"^FC Invoke Start RequestId: {ident}\nbegan\nFC Invoke End RequestId: {ident}, Error: "
        r"Invocation canceled by client \(duration: \d+ms, maxMemoryUsage: [\d.]+MB\)$",
        entry.text,
        re.MULTILINE,
    )
    function = deploy("waits", timeout=60)
    meeting.let_go("next")
    assert meeting.call(function, "next").result().ok
