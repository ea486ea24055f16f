"""What keeps an instance apart from the machine and from other instances, and what works in there all the same."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fc_magic.server.worker import runtimes
from fc_magic.server.worker.forkserver import Launcher
from fc_magic.server.worker.launch import InstanceGone
from fc_magic.server.worker.process import Instance, Spec
from fc_magic.wire.results import Invocation
from tests.conftest import FUNCTIONS, SECRET, Deploy, Server, serving, zipped
from tests.server.processes import INSTANCE, Door, children, is_alive, until, wait_for

EXITED = (
    r"Process exited unexpectedly before completing request \(duration: \d+ms, maxMemoryUsage: [\d.]+MB\)"
)
TIMED_OUT = r"Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)"
#: the C library reads this one when a program starts: such an instance is not forked but run
RUN = {"MALLOC_ARENA_MAX": "2"}

Do = Callable[[str], Any]


@pytest.fixture(params=["forked", "run"])
def do(deploy: Deploy, request: pytest.FixtureRequest) -> Do:
    """``do("answer = 1")`` is what statements in one instance of this test leave, however it was started."""
    environment = RUN if request.param == "run" else {}
    return deploy("does", name=f"does-{request.param}", timeout=20, environment=environment)  # type: ignore[no-any-return]


@pytest.fixture
def door() -> Iterator[Door]:
    with contextlib.closing(Door()) as made:
        yield made


# ---------------------------------------------------------------- what is seen

FIND = """
import os
answer = []
for at in {places}:
    try:
        answer += [at] if os.path.isfile(at) else [os.path.join(at, name) for name in os.listdir(at)]
    except OSError:
        pass
"""


def test_nothing_of_the_machine_is_seen(do: Do, server: Server) -> None:
    """The home directory, the data folder, the tests and other users' files do not exist in there."""
    machine = [str(Path.home() / name) for name in (".bashrc", ".ssh", ".cache", ".config")]
    places = [
        *machine,
        str(server.data),
        str(FUNCTIONS),
        "/tmp",
        "/var/tmp",
        "/home",
        "/mnt",
        "/run",
        "/media",
    ]
    assert FUNCTIONS.is_dir()
    assert do(FIND.format(places=places)) == []
    assert set(do("import os; answer = os.listdir('/')")) <= {
        ".fc", "bin", "code", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "mnt", "opt", "proc",
        "run", "sbin", "sys", "tmp", "usr", "var", *(Path(p).parts[1] for p in (sys.prefix, sys.base_prefix)),
    }  # fmt: skip
    assert do(FIND.format(places=["/.fc/code", "/.fc/own", "/opt"])) == []


def test_secrets_of_the_machine_are_not_seen(do: Do) -> None:
    """Of /etc there is what programs look for, and no password."""
    assert (
        do("import os; answer = [n for n in ('shadow', 'sudoers', 'ssh') if os.path.exists('/etc/' + n)]")
        == []
    )
    assert do("import pwd, os; answer = pwd.getpwuid(os.getuid()).pw_name")


def test_only_its_own_processes_are_seen(do: Do) -> None:
    """The process table has the instance's own; no environment or command line tells of the server."""
    pids, texts = do(
        "import os\npids = sorted(int(n) for n in os.listdir('/proc') if n.isdigit())\n"
        "def read(name):\n  try: return open(name, 'rb').read().decode(errors='replace')\n"
        "  except PermissionError: return ''\n"
        "answer = [pids, ''.join(read(f'/proc/{p}/environ') + read(f'/proc/{p}/cmdline') for p in pids)]"
    )
    assert pids == [1, 2]
    assert SECRET not in texts
    assert "FC_MAGIC" not in texts
    assert "--data" not in texts


def test_another_functions_code_is_not_seen(deploy: Deploy) -> None:
    """Two functions each find their own file at /code, and no way to the other's."""
    source = (FUNCTIONS / "does.py").read_text()
    one, two = (
        deploy("does", name=name, code=zipped({"index.py": source, name: name})) for name in ("one", "two")
    )
    listed = [sorted(f("import os; answer = os.listdir('/code')")) for f in (one, two)]
    assert [set(names) - {"__pycache__"} for names in listed] == [{"index.py", "one"}, {"index.py", "two"}]
    search = (
        "import os\nanswer = [os.path.join(at, 'two') for at, _, names in os.walk('/') "
        "if 'two' in names and not at.startswith(('/proc', '/usr', '/sys'))]"
    )
    assert one(search) == []


def test_the_machine_cannot_be_changed(do: Do) -> None:
    """Programs, settings of the kernel and of the machine are read-only, for root too."""
    tried = [
        "/usr/x", "/etc/x", "/etc/hosts", "/x", "/sys/x", "/.fc/bin/bootstrap.py",
        "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", f"{sys.base_prefix}/x",
    ]  # fmt: skip
    call = (
        f"answer = []\nfor path in {tried}:\n  try:\n    open(path, 'a').close(); answer.append(path)\n"
        "  except OSError: pass"
    )
    assert do(call) == []


def test_numbers_of_the_machine_are_left_alone(do: Do) -> None:
    """The limit of processes that holds inside is not the machine's."""
    before = Path("/proc/sys/kernel/pid_max").read_text()
    assert do("answer = 1") == 1
    assert Path("/proc/sys/kernel/pid_max").read_text() == before


def test_rights(do: Do) -> None:
    """No capability, none to gain by a program, no core dump, its own session and group, 100,000 files at most."""
    status, sid, pgid, core, files = do(
        "import os, resource\nstatus = dict(l.split(':\\t', 1) for l in open('/proc/self/status') if ':\\t' in l)\n"
        "answer = [{k: v.strip() for k, v in status.items()}, os.getsid(0), os.getpgrp(),\n"
        "  resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE)]"
    )
    for kind in ("Inh", "Prm", "Eff", "Amb"):
        assert int(status[f"Cap{kind}"], 16) == 0, kind
    assert status["NoNewPrivs"] == "1"
    assert (sid, pgid, core) == (2, 2, [0, 0])
    assert files[0] == files[1] <= 100_000
    refused = do(
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "answer = [libc.mount(b'x', b'/mnt', b'tmpfs', 0, None), libc.umount2(b'/code', 2),\n"
        "  libc.sethostname(b'x', 1)]"
    )
    assert refused == [-1, -1, -1]
    gained = do(
        "import subprocess, sys\nanswer = subprocess.run([sys.executable, '-c', \"print([l for l in "
        "open('/proc/self/status') if l.startswith('CapEff')])\"], capture_output=True, text=True).stdout"
    )
    assert "0000000000000000" in str(gained)


def test_descriptors_are_its_own(do: Do) -> None:
    """Input is /dev/null, output the log, and beside them there are two of the runtime's; one that was not forked
    reads its own memory too."""
    found = do(
        "import os\nanswer = {}\nfor n in range(256):\n  try: answer[n] = os.readlink(f'/proc/self/fd/{n}')\n"
        "  except OSError: pass"
    )
    assert found["0"] == "/dev/null"
    assert found["1"] == found["2"]
    rest = sorted(re.sub(r"\d+", "N", found[n]) for n in found if int(n) > 2)
    assert rest in (["socket:[N]", "socket:[N]"], ["/proc/N/status", "socket:[N]", "socket:[N]"])


# ---------------------------------------------------------------- /code and /tmp

WRITE = (
    "import os\nfor at in ('/code', '/tmp', '/var/tmp', '/dev/shm', '/run', '/home'):\n"
    "  open(at + '/{0}', 'w').write('{0}')\n"
)
LIST = "import os; answer = [at for at in ('/code', '/tmp', '/dev/shm') if os.path.exists(at + '/{}')]"


def test_code_and_tmp_are_private(deploy: Deploy, server: Server) -> None:
    """What an instance writes is there for its next call, for no other one, on no disk; gone when deployed anew."""
    function, other = deploy("does", name="mine"), deploy("does", name="other")
    assert function(WRITE.format("left") + "answer = 1") == 1
    assert function(LIST.format("left")) == ["/code", "/tmp", "/dev/shm"]
    assert other(LIST.format("left")) == []
    assert not list(server.data.rglob("left"))
    assert not [at for at in ("/tmp", "/var/tmp", "/dev/shm", "/run") if Path(at, "left").exists()]
    again = deploy("does", name="mine", environment={"MODE": "new"})
    assert again(LIST.format("left")) == []


#: every place where something is mounted, and the folders near the root
PLACES = (
    "import glob, os\nplaces = {*glob.glob('/*/'), *glob.glob('/.*/'), *glob.glob('/*/*/'), *glob.glob('/.*/*/')}\n"
    "places |= {line.split()[4] + '/' for line in open('/proc/self/mountinfo')}\n"
    "places = [at for at in sorted(places) if not at.startswith(('/proc/', '/sys/'))]\n"
)


def test_nothing_that_can_be_written_is_shared(deploy: Deploy) -> None:
    """Wherever an instance can write, another function's does not find it."""
    function, other = deploy("does", name="mine"), deploy("does", name="other")
    wrote = function(
        PLACES
        + "answer = []\nfor at in places:\n  try:\n    open(at + 'seen', 'w').close(); answer.append(at)\n"
        "  except OSError: pass\n"
    )
    assert {"/code/", "/tmp/"} <= set(wrote)
    assert other(PLACES + "answer = [at for at in places if os.path.exists(at + 'seen')]") == []


def test_changed_code_is_not_the_next_instances(deploy: Deploy) -> None:
    """A function that changes and deletes its own files does so for its instance alone."""
    files = {"index.py": (FUNCTIONS / "does.py").read_text(), "data.txt": "as deployed", "gone.txt": "here"}
    function = deploy("does", code=zipped(files))
    spoil = (
        "import os\nopen('data.txt', 'w').write('spoiled')\nos.unlink('gone.txt')\nos.rename('index.py', 'x.py')\n"
        "answer = sorted(n for n in os.listdir('/code') if n[0] != '_')"
    )
    assert function(spoil) == ["data.txt", "x.py"]
    assert function("answer = open('/code/data.txt').read()") == "spoiled"
    assert not function.invoke("import os; os._exit(1)").ok
    after = function("import os; answer = [open('data.txt').read(), os.path.exists('gone.txt')]")
    assert after == ["as deployed", True]


def test_disk_quota(do: Do) -> None:
    """The 512 MB are of all folders together; then there is no space left on device, and the next call works."""
    fill = (
        "import errno\nwritten, answer = 0, None\ntry:\n"
        "  for n, at in enumerate(['/code', '/tmp', '/dev/shm'] * 9):\n"
        "    with open(f'{at}/big{n}', 'wb') as f:\n      for _ in range(60):\n"
        "        f.write(bytes(1 << 20)); f.flush(); written += 1\n"
        "except OSError as error:\n  answer = [error.errno == errno.ENOSPC, error.strerror, written]"
    )
    full, text, written = do(fill)
    assert (full, text) == (True, "No space left on device")
    assert 480 <= written <= 512
    clean = (
        "import glob, os\nfor n in glob.glob('/*/big*') + glob.glob('/dev/shm/big*'): os.unlink(n)\n"
        "answer = open('/tmp/again', 'w').write('x')"
    )
    assert do(clean) == 1


# ---------------------------------------------------------------- the end of an instance

ESCAPES = {
    "setsid": "import os, subprocess\nsubprocess.Popen(['sleep', '60'], start_new_session=True)\n",
    "double fork": "import os, time\nif not os.fork():\n  os.setsid()\n  if not os.fork():\n"
    "    os.closerange(0, 99)\n    time.sleep(60)\n  os._exit(0)\nos.wait()\n",
    "ignores all": "import os, signal, time\nif not os.fork():\n  for n in range(1, 65):\n"
    "    try: signal.signal(n, 1)\n    except (OSError, ValueError): pass\n  time.sleep(60)\n",
    "many": "import os, time\nfor _ in range(200):\n  if not os.fork():\n    time.sleep(60); os._exit(0)\n",
}


@pytest.mark.parametrize("started", ["forked", "run"])
def test_children_end_with_their_instance(deploy: Deploy, door: Door, started: str) -> None:
    """Whatever a child did to get away, it ends when its instance does: by itself, or at the time-out."""
    environment = RUN if started == "run" else {}
    # 200 forks, before one of them ends by itself, take time on a busy machine
    function = deploy("does", code=door.code("does"), timeout=3, environment=environment, memory=1024)
    ends = {"exits": ("os._exit(1)", EXITED), "time-out": ("time.sleep(60)", TIMED_OUT.replace("1 s", "3 s"))}

    def call(how: str, end: str) -> tuple[str, Invocation]:
        statements = f"import time\n{ESCAPES[how]}{door.knock(INSTANCE)}\n{ends[end][0]}"
        return ends[end][1], function.invoke(statements)

    with ThreadPoolExecutor(2) as threads:
        futures = [threads.submit(call, how, end) for how in ESCAPES for end in ends]
        calls = [future.result() for future in futures]
    for expected, ended in calls:
        assert re.fullmatch(expected, ended.error["errorMessage"])
        wait_for(lambda ended=ended: not door.instance(ended).family())
    assert function("answer = 1") == 1


def test_zombies_are_taken_in(deploy: Deploy, door: Door) -> None:
    """A grandchild that lost its parent is buried; none is left as a zombie."""
    function = deploy("does", code=door.code("does"))
    statements = (
        "import os\nfor _ in range(20):\n  if not os.fork():\n    if not os.fork(): os._exit(0)\n"
        "    os._exit(0)\n  os.wait()\n"
    )
    call = function.invoke(statements + "answer = 1")
    table = door.instance(call).table

    def zombies() -> list[str]:
        alive = [p for p in Path("/proc").glob("[0-9]*") if _table(p) == table]
        return [p.name for p in alive if not is_alive(int(p.name))]

    wait_for(lambda: not zombies())
    assert function("answer = 2") == 2


def _table(process: Path) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(process / "ns" / "pid")
    return ""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_got_away_ends_with_the_server(tmp_path: Path, door: Door, how: signal.Signals) -> None:
    """Grandchildren, fork servers and the mounts end with the server, even when it is killed."""
    with serving(tmp_path / "data") as server, server.client(retries=0) as client:
        function = client.deploy({"name": "f", "code": door.code("does"), "memory": 512})
        calls = [function.invoke(ESCAPES[escape]) for escape in ("double fork", "ignores all")]
        visitor = door.instance(calls[0])
        assert len(visitor.family()) > 2
        below = _descendants(server.process.pid)
        os.kill(server.process.pid, how)
        server.process.wait(20)
        wait_for(lambda: not any(map(is_alive, below)) and not visitor.family())
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()
    assert not any((tmp_path / "data" / "root").iterdir())


def _descendants(pid: int) -> set[int]:
    found, queue = set(), [pid]
    while queue:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{queue.pop()}/task").iterdir():
                below = [int(child) for child in (task / "children").read_text().split()]
                found.update(below)
                queue += below
    return found


# ---------------------------------------------------------------- what works in there

POOL = "import multiprocessing as m\nwith m.get_context('{}').Pool(2) as p: answer = p.map(abs, [-1, 2])"
WORKS = {
    **{f"multiprocessing {how}": POOL.format(how) for how in ("fork", "spawn", "forkserver")},
    "lock": "import multiprocessing as m\nwith m.Lock(): answer = [1, 2]",
    "shared memory": "from multiprocessing.shared_memory import SharedMemory as S\n"
    "s = S(create=True, size=9)\ns.buf[0] = 1\nanswer = [s.buf[0], 2]\ns.close(); s.unlink()",
    "threads": "from concurrent.futures import ThreadPoolExecutor as T\n"
    "with T(4) as t: answer = list(t.map(abs, [-1, 2]))",
    "asyncio": "import asyncio\nasync def f():\n"
    "  p = await asyncio.create_subprocess_exec('echo', '1', stdout=-1)\n"
    "  return [int((await p.communicate())[0]), 2]\nanswer = asyncio.run(f())",
    "sqlite3": "import sqlite3\nd = sqlite3.connect('/tmp/d.sqlite')\nd.execute('create table t (n)')\n"
    "d.execute('insert into t values (1)'); d.commit()\n"
    "answer = [d.execute('select n from t').fetchone()[0], 2]",
    "ssl": "import ssl\nanswer = [ssl.create_default_context().check_hostname + 0, 2]",
    "zoneinfo": "import datetime as d, zoneinfo\nz = zoneinfo.ZoneInfo('Asia/Shanghai')\n"
    "answer = [1, d.datetime(2026, 1, 1, tzinfo=z).utcoffset().seconds // 14400]",
    "localhost": "import socket\nanswer = [len(socket.getaddrinfo('localhost', 80)) and 1, 2]",
    "tempfile": "import tempfile\nwith tempfile.TemporaryDirectory() as d:\n"
    "  with tempfile.NamedTemporaryFile(dir=d) as f: answer = [f.write(b'x'), 2]",
    "shell": "import subprocess\nout = subprocess.run('echo $((3 - 2))', shell=True, capture_output=True).stdout\n"
    "answer = [int(out), 2]",
    "python": "import json, subprocess, sys\nwords = [sys.executable, '-c', 'import ssl; print([1, 2])']\n"
    "answer = json.loads(subprocess.run(words, capture_output=True).stdout)",
    "random": "import os, random, uuid\nrandom.random(); uuid.uuid4()\nanswer = [len(os.urandom(1)), 2]",
    "devices": "answer = [open('/dev/null', 'w').write('x'), len(open('/dev/urandom', 'rb', 0).read(2))]",
    "a port": "import socket\nwith socket.create_server(('127.0.0.1', 0)) as s: answer = [bool(s) + 0, 2]",
    "signals": "import os, signal\nhit = []\nsignal.signal(signal.SIGUSR1, lambda *a: hit.append(1))\n"
    "os.kill(os.getpid(), signal.SIGUSR1)\nanswer = [*hit, 2]",
    "exit codes": "import subprocess\nend = lambda n: subprocess.run(['sh', '-c', f'exit {n}']).returncode\n"
    "answer = [end(1), end(2)]",
}


def test_ordinary_programs_work(do: Do) -> None:
    """Processes of every kind, threads, databases, certificates, time zones, names and commands: as anywhere."""
    assert {how: do(statements) for how, statements in WORKS.items()} == {how: [1, 2] for how in WORKS}


def test_forked_instances_share_no_chance(deploy: Deploy) -> None:
    """Instances that come from one process do not draw the same numbers."""
    draw = (
        "import random, tempfile, uuid\n"
        "answer = [random.random(), str(uuid.uuid4()), next(tempfile._get_candidate_names())]"
    )
    drawn = [deploy("does", name=f"draw-{n}")(draw) for n in range(3)]
    assert all(len(set(values)) == 3 for values in zip(*drawn, strict=True))


def test_early_variables_count(deploy: Deploy) -> None:
    """A variable that the C library or the loader reads at the start of a program counts as it does there."""
    function = deploy("does", environment={"LD_LIBRARY_PATH": "/code/mine", **RUN})
    assert function("import os; answer = os.environ['LD_LIBRARY_PATH']") == "/code/mine"
    assert function("answer = 'MALLOC_ARENA_MAX=2' in open('/proc/self/environ').read()") is True


def test_end_of_a_forked_instance_is_that_of_a_program(do: Do) -> None:
    """exit() in a handler runs what the function registered for the end, and an interrupt shows where it was."""
    last = "threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()"
    for statements, seen in [
        ("import atexit, sys\natexit.register(print, 'at the end')\nsys.exit(3)", "at the end"),
        (f"import threading, time\n{last}\nexit()", "thread"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ]:
        call = do.invoke(statements)  # type: ignore[attr-defined]
        assert re.fullmatch(EXITED, call.error["errorMessage"])
        assert seen in call.log.splitlines()


# ---------------------------------------------------------------- the fork server


def test_killed_fork_server_is_replaced(tmp_path: Path) -> None:
    """Each of its processes may be killed: a running call fails as FC says, and the next call is served."""
    with (
        serving(tmp_path) as server,
        server.client(retries=0) as client,
        contextlib.closing(Door()) as door,
        ThreadPoolExecutor(1) as threads,
    ):
        function = client.deploy({"name": "f", "code": door.code("does"), "timeout": 30})
        while True:
            assert function("answer = 1") == 1
            before = len(door.visitors)
            running = threads.submit(function.invoke, f"{door.knock('1')}\nimport time; time.sleep(60)")
            wait_for(lambda: len(door.visitors) > before)  # noqa: B023
            chain = _fork_server(_children(server.process.pid)[0])
            os.kill(chain[min(before // 2, len(chain) - 1)], signal.SIGKILL)
            assert re.fullmatch(EXITED, running.result().error["errorMessage"])
            wait_for(lambda: not any(map(is_alive, chain)))  # noqa: B023
            if before // 2 >= len(chain):
                break
        assert function("answer = 2") == 2


def _fork_server(started: int) -> list[int]:
    """From the process that a server started to the one that forks."""
    found = [started]
    for _ in range(2):
        found.append(_children(found[-1])[0])
    return found


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


INIT = {
    "runtime": "python3.10", "function": "f", "handler": "index.handler", "memory": 128, "timeout": 3,
    "version": "1", "region": "r", "account_id": "1", "credentials": ["", "", ""], "path": [],
    "logs": {"log_project": "", "log_store": ""},
}  # fmt: skip
FRAME = {"kind": "invoke", "handler": "index.handler", "request_id": "1", "qualifier": "LATEST"}
COMMAND = runtimes.find("python3.10").command
PATHS = {"PATH": "/usr/bin:/bin"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one function."""
    (tmp_path / "code" / "f").mkdir(parents=True)
    (tmp_path / "code" / "f" / "index.py").write_text((FUNCTIONS / "does.py").read_text())
    return tmp_path


@dataclass
class Bench:
    """A launcher without a server."""

    launcher: Launcher
    make: Callable[[], Instance]
    processes: set[int]

    def forks(self) -> int:
        """The process that forks."""
        (started,) = children() - self.processes
        return _fork_server(started)[-1]


def launching(folder: Path, test: Callable[[Bench], Awaitable[None]]) -> None:
    """Runs ``test`` with a launcher; at the end nothing of it may be left."""

    async def run() -> None:
        processes = children()
        launcher = Launcher(folder, PATHS)
        try:
            place = await launcher.place(COMMAND)

            def instance() -> Instance:
                return Instance(Spec(COMMAND, INIT, PATHS, folder / "code" / "f", place.launch, place.code))

            assert place.isolated, place.reason
            await asyncio.wait_for(test(Bench(launcher, instance, processes)), 50)
        finally:
            launcher.close()
        await until(lambda: children() <= processes)

    descriptors = len(os.listdir("/proc/self/fd"))
    asyncio.run(run())
    assert len(os.listdir("/proc/self/fd")) <= descriptors


def _sockets_and_the_like(pid: int) -> list[str]:
    """What a process has open beside files: it may be in the middle of an import."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(os.readlink(descriptor))
    return sorted(target for target in found if not target.startswith("/"))


async def did(instance: Instance, statements: str) -> Any:
    answer = await instance.call(FRAME, statements.encode(), 20)
    assert not answer.error_type, answer.payload
    return json.loads(answer.payload)


def test_cold_starts_leave_nothing_behind(folder: Path) -> None:
    """Sixteen at once, and two hundred one after another: no process, descriptor, mount or file stays."""

    async def test(b: Bench) -> None:
        async def one(number: int) -> int:
            instance = b.make()
            await instance.start()
            value: int = await did(instance, f"answer = {number}")
            instance.kill()
            await until(instance.first.buried)
            return value

        assert await one(7) == 7
        forks = b.forks()

        def held() -> tuple[list[str], int, str]:
            mounts = Path(f"/proc/{forks}/mountinfo").read_text()
            return _sockets_and_the_like(forks), len(_descendants(forks)), mounts

        await until(lambda: not _descendants(forks))
        before, descriptors = held(), len(os.listdir("/proc/self/fd"))
        assert await asyncio.gather(*map(one, range(16))) == list(range(16))
        for number in range(200):
            assert await one(number) == number
        await until(lambda: held() == before)
        assert len(os.listdir("/proc/self/fd")) <= descriptors
        assert b.forks() == forks

    launching(folder, test)
    assert sorted(p.name for p in folder.rglob("*")) == ["code", "f", "index.py", "root"]


def test_start_that_is_cancelled_leaves_nothing(folder: Path) -> None:
    """However far a start was when its caller left, no process and no descriptor stays."""

    async def test(b: Bench) -> None:
        forks = b.forks()
        before = len(os.listdir("/proc/self/fd"))
        for moment in range(40):
            instance = b.make()
            start = asyncio.create_task(instance.start())
            for _ in range(moment // 4):
                await asyncio.sleep(0.0005 * (moment % 4))
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            instance.kill()
        await until(lambda: not _descendants(forks) and len(os.listdir("/proc/self/fd")) <= before)
        alive = b.make()
        await alive.start()
        assert await did(alive, "answer = 3") == 3
        alive.kill()
        await until(alive.first.buried)

    launching(folder, test)


def test_fork_server_that_ends_during_a_fork(folder: Path) -> None:
    """Starts that were under way are repeated with a new one, or fail as instances do; nothing stays."""

    async def test(b: Bench) -> None:
        for _ in range(5):
            instances = [b.make() for _ in range(8)]
            starts = [asyncio.create_task(instance.start()) for instance in instances]
            await asyncio.sleep(0.003)
            os.kill(b.forks(), signal.SIGKILL)
            ended = await asyncio.gather(*starts, return_exceptions=True)
            assert all(e is None or isinstance(e, InstanceGone) for e in ended), ended
            for instance in instances:
                instance.kill()
            after = b.make()
            await after.start()
            assert await did(after, "answer = 4") == 4
            after.kill()
            await until(after.first.buried)

    launching(folder, test)


def test_closing_while_a_fork_server_starts(folder: Path) -> None:
    """A launcher that is closed at once ends what it has begun."""

    async def run() -> None:
        before = children()
        launcher = Launcher(folder, PATHS)
        asking = asyncio.create_task(launcher.place(COMMAND))
        await until(lambda: children() > before)
        launcher.close()
        await asyncio.gather(asking, return_exceptions=True)
        await until(lambda: children() <= before)

    asyncio.run(run())


def test_interpreter_without_a_fork_server(folder: Path) -> None:
    """Where it does not start instances are started one by one, and the place says why."""

    async def run() -> None:
        launcher = Launcher(folder, PATHS)
        place = await launcher.place(("/bin/false", str(runtimes.BOOTSTRAP)))
        launcher.close()
        assert (place.isolated, place.code) == (False, "")
        assert "the fork server did not start" in place.reason

    asyncio.run(run())


def test_full_socket_loses_nothing(folder: Path) -> None:
    """More starts than the fork server's socket holds wait for their turn, and a call that runs goes on."""

    async def test(b: Bench) -> None:
        running = b.make()
        await running.start()
        call = asyncio.create_task(did(running, "import time; time.sleep(1); answer = [7]"))
        os.kill(b.forks(), signal.SIGSTOP)
        instances = [b.make() for _ in range(60)]
        for instance in instances:
            instance.spec.environment = {**PATHS, **{f"VARIABLE_{n}": "x" * 500 for n in range(16)}}
        starts = [asyncio.create_task(instance.start()) for instance in instances]
        await asyncio.sleep(0)
        os.kill(b.forks(), signal.SIGCONT)
        await asyncio.gather(*starts)
        assert await call == [7]
        for instance in (running, *instances):
            instance.kill()
            await until(instance.first.buried)

    launching(folder, test)


AS_ANOTHER_USER = """
import asyncio, json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fc_magic.server.worker import runtimes
from fc_magic.server.worker.forkserver import Launcher
from fc_magic.server.worker.process import Instance, Spec

folder, paths = Path(sys.argv[1], "data"), {"PATH": "/usr/bin:/bin"}
command = (sys.executable, *runtimes._FLAGS, str(runtimes.BOOTSTRAP))

async def main():
    launcher = Launcher(folder, paths)
    place = await launcher.place(command)
    instance = Instance(Spec(command, INIT, paths, folder / "code" / "f", place.launch, place.code, 128))
    await instance.start()
    held = "[line.split()[1] for line in open('/proc/self/status') if line.startswith('Cap')]"
    said = f"import os; answer = [os.getpid(), os.getuid(), {held}]"
    answer = await instance.call(FRAME, said.encode(), 20)
    instance.kill()
    while not instance.first.buried():
        await asyncio.sleep(0.01)
    launcher.close()
    print(json.dumps([place.isolated, place.reason, json.loads(answer.payload)]))

asyncio.run(main())
"""


def test_user_that_is_not_root() -> None:
    """Isolation is for everybody: what the namespaces allow lasts until an instance begins, and no longer."""
    other = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="fc-magic-") as temporary:
        top = Path(temporary)
        shutil.copytree(ROOT / "fc_magic", top / "fc_magic", ignore=shutil.ignore_patterns("__pycache__"))
        (top / "data" / "code" / "f").mkdir(parents=True)
        shutil.copy(FUNCTIONS / "does.py", top / "data" / "code" / "f" / "index.py")
        program = f"INIT, FRAME = {INIT!r}, {FRAME!r}\n{AS_ANOTHER_USER}"
        if other:
            top.chmod(0o755)
            os.chown(top / "data", 65534, 65534)
        done = subprocess.run(
            [readable_python(), "-c", program, temporary],
            capture_output=True, text=True, timeout=50, cwd="/", **other,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    isolated, reason, (pid, user, capabilities) = json.loads(done.stdout)
    assert (isolated, reason, pid) == (True, "", 2)
    assert user == (other["user"] if other else os.getuid())
    inherited, permitted, effective, _, ambient = [int(text, 16) for text in capabilities]
    assert inherited == permitted == effective == ambient == 0


def readable_python() -> str:
    """A Python that anybody may run: ours may be in a home."""
    anybody = {"user": 65534} if os.geteuid() == 0 else {}
    for path in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with contextlib.suppress(OSError):
            if subprocess.run([path, "-c", "import ctypes"], **anybody, check=False).returncode == 0:
                return path
    raise AssertionError("no Python that another user may run")


def test_own_files_come_before_what_was_prepared(deploy: Deploy) -> None:
    """A file of the function is found whatever was imported beforehand, in the first instance and in later ones."""
    numbers = itertools.count(128, 64)  # another setting, another instance
    prepared = "import sys; answer = 'uuid' in sys.modules"
    wait_for(lambda: deploy("does", memory=next(numbers))(prepared))
    own = ("csv", "uuid", "random", "sandbox", "bootstrap", "contextlib")
    files = {f"{name}.py": f"own = {name!r}\n" for name in own}
    source = (
        "def handler(event, context):\n"
        f"    names = {own!r}\n"
        "    from http import own\n"
        "    return [__import__(name).own for name in names] + [own]\n"
    )
    function = deploy("x", code=zipped({**files, "http/__init__.py": "own = 'http'\n", "index.py": source}))
    assert function() == [*own, "http"]
