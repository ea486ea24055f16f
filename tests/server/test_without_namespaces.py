"""Where the machine allows no namespaces: functions run on its own file system, and Landlock keeps them apart."""

from __future__ import annotations

import contextlib
import http.client
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fc_magic.client.client import Client
from fc_magic.package.bundle import bundle
from fc_magic.server.worker import landlock
from tests.conftest import FUNCTIONS, KEY_ID, SECRET, Server, function_file, zipped
from tests.server import programs
from tests.server.calls import FUNCTIONS as FUNCTIONS_PATH
from tests.server.calls import Caller
from tests.server.processes import is_alive, meeting_with, wait_for

EXITED = r"Process exited unexpectedly before completing request \(.*\)"
TIMED_OUT = r"Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)"
#: the C library reads this one when a program starts: such an instance is not forked but run
RUN = {"MALLOC_ARENA_MAX": "2"}
LANDLOCK = "import ctypes, os; os._exit(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) < 1)"
needs_landlock = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", LANDLOCK], check=False).returncode != 0, reason="no Landlock here"
)


@contextlib.contextmanager
def serving(data: Path) -> Iterator[Server]:
    """A server that may make no namespaces."""
    inner = "echo 0 > /proc/sys/user/max_user_namespaces && exec " + shlex.join(
        [sys.executable, "-m", "fc_magic", "serve", f"--data={data}"]
    )
    environment = {**os.environ, "FC_MAGIC_ACCESS_KEY_ID": KEY_ID, "FC_MAGIC_ACCESS_KEY_SECRET": SECRET}
    words = ["unshare", "--user", "--map-root-user", "sh", "-c", inner]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        objects, ready = (process.stdout.readline().split()[-1] for _ in range(2))
        yield Server(ready, objects, data, process)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _lies_open(place: Path) -> bool:
    return str(place.resolve()).startswith(landlock.SHARED)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Its data is not below /tmp, which every function may read and write; a home may be."""
    if os.getuid():
        pytest.skip("only root can forbid namespaces to a process")
    place = Path.home()
    if _lies_open(place):
        place = Path(pwd.getpwuid(0).pw_dir)
    with tempfile.TemporaryDirectory(dir=place, prefix=".fc-magic-test-") as folder:
        with serving(Path(folder)) as running:
            yield running
        assert not (Path(folder) / "instances").exists()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.client(retries=0) as made:
        yield made


def deployed(client: Client, name: str, **fields: Any) -> Any:
    return client.deploy({"name": name, "code": function_file("does"), "timeout": 20, **fields})


def _descendants(pid: int) -> set[int]:
    found, queue = set(), [pid]
    while queue:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{queue.pop()}/task").iterdir():
                below = [int(child) for child in (task / "children").read_text().split()]
                found.update(below)
                queue += below
    return found


def test_all_ends_with_the_instance_and_the_server(tmp_path: Path) -> None:
    """Functions run, and end with everything they started; their folders go too, those that are left at a restart."""
    if os.getuid():
        pytest.skip("only root can forbid namespaces to a process")
    start = "import os, subprocess, time\nchild = subprocess.Popen(['setsid', 'sleep', '60'])\n"
    with serving(tmp_path) as server, server.client() as client:
        does = deployed(client, "f", timeout=1)
        assert does("import os; answer = os.getcwd()").startswith(str(tmp_path))
        pids = does(start + "answer = [os.getpid(), child.pid]")
        assert all(map(is_alive, pids))
        for _ in range(3):
            call = does.invoke(start + "time.sleep(60)")
            assert re.fullmatch(TIMED_OUT, call.error["errorMessage"])
            wait_for(lambda: len(_descendants(server.process.pid)) == 1)  # the fork server
        assert not any(map(is_alive, pids))
        wait_for(lambda: not list(tmp_path.glob("instances/*")))
        call = does.invoke(start + "os._exit(1)")
        assert re.fullmatch(EXITED, call.error["errorMessage"])
        assert does(start + "answer = 1") == 1
        below = _descendants(server.process.pid)
        server.process.send_signal(signal.SIGKILL)
        wait_for(lambda: not any(map(is_alive, below)))
    left = list(tmp_path.glob("instances/*"))
    with serving(tmp_path) as again, again.client() as client:
        client.list()  # what the last server left is cleared away before anybody is answered
        assert not any(place.exists() for place in left)


def _fork_server(server: Server) -> int:
    """Of a server of which nobody knows more than one: what it started itself."""
    pid = server.process.pid
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


@needs_landlock
def test_who_leaves_before_it_is_started(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of an instance whose caller left while it was started nothing stays: no process, and no copy of the code."""
    if os.getuid():
        pytest.skip("only root can forbid namespaces to a process")
    data = tmp_path_factory.mktemp("leaves")
    with serving(data) as server, server.client(retries=0) as client:
        function = deployed(client, "leaves")
        function("answer = 1")
        fork_server = _fork_server(server)
        deployed(client, "leaves", code=zipped({"index.py": "def handler(event, context): return 2"}))
        wait_for(lambda: not list(data.glob("instances/*")))
        os.kill(fork_server, signal.SIGSTOP)
        try:
            path = f"{FUNCTIONS_PATH}/leaves/invocations"
            hasty = http.client.HTTPConnection(urlsplit(server.url).netloc)
            hasty.request("POST", path, headers=Caller(server.url).headers("POST", path))
            wait_for(lambda: client.instances("leaves"))
            hasty.close()
            wait_for(lambda: not client.instances("leaves"))
        finally:
            os.kill(fork_server, signal.SIGCONT)
        assert client.invoke("leaves").value == 2
        wait_for(lambda: len(list(data.glob("instances/*"))) == 1)


FIND = """
import os
answer = []
for at in {places}:
    try:
        answer += [at] if os.path.isfile(at) and open(at, 'rb') else os.listdir(at)
    except OSError:
        pass
"""


COMMAND = "answer = open('/proc/self/cmdline').read().split('\\0')"


@pytest.mark.parametrize(
    ("files", "environment", "is_forked"),
    [
        ({}, {}, True),
        ({"lib/data.txt": ""}, {}, True),
        ({}, RUN, False),
        ({"lib/libfoo.so.1": ""}, {}, False),
        ({"libfoo.so": ""}, {}, False),
        ({"sub/libfoo.so": ""}, {"LD_LIBRARY_PATH": "sub"}, False),
        ({}, {"LD_PRELOAD": "libc.so.6"}, False),
    ],
)
def test_who_is_forked(
    client: Client, files: dict[str, str], environment: dict[str, str], is_forked: bool
) -> None:
    """An instance is forked unless the C library must know of something from its start, as of its own libraries."""
    code = zipped({"index.py": (FUNCTIONS / "does.py").read_text(), **files})
    command = deployed(client, "begins", code=code, environment=environment)(COMMAND)
    assert any(word.endswith("/zygote.py") for word in command) is is_forked
    assert any(word.endswith("/bootstrap.py") for word in command[:7]) is not is_forked


def test_library_of_its_own(client: Client) -> None:
    """A library in the function's own folder is found by its name, as in a region."""
    find = "import ctypes\nctypes.CDLL('libmine.so')\nanswer = True"
    real = next(Path("/usr/lib").glob("*/libz.so.1")).read_bytes()
    files = {"index.py": (FUNCTIONS / "does.py").read_bytes(), "lib/libmine.so": real}
    assert deployed(client, "finds", code=zipped(files))(find) is True


@needs_landlock
@pytest.mark.parametrize("environment", [{}, RUN], ids=["forked", "run"])
def test_nothing_else_can_be_read(server: Server, client: Client, environment: dict[str, str]) -> None:
    """The home, the data folder, other functions and secrets are closed; its own folder and programs are open."""
    function = deployed(client, "reads", environment=environment)
    places = [str(server.data.parent), str(server.data), str(server.data / "code"), "/etc/shadow"]
    # a checkout or a home below the machine's /tmp lies open
    places += [str(place) for place in (FUNCTIONS, Path.home()) if not _lies_open(place)]
    places += [str(server.data / name) for name in ("keys.json", "fc.sqlite", "instances")]
    places += [f"/proc/{server.process.pid}/environ", "/root", "/"]
    assert function(FIND.format(places=places)) == []
    assert function("answer = open('index.py').read()") == (FUNCTIONS / "does.py").read_text()
    inside = f"import os, subprocess\nanswer = subprocess.run(['ls', {str(server.data)!r}]).returncode"
    assert function(inside) != 0
    assert function("import subprocess; answer = subprocess.run(['ls', '/usr'], stdout=-3).returncode") == 0


@needs_landlock
def test_nothing_else_can_be_written(server: Server, client: Client) -> None:
    """Programs, settings and the home are read-only; /tmp is the machine's, and TMPDIR one of the instance's own."""
    function = deployed(client, "writes")
    tried = [str(server.data.parent / "x"), str(server.data / "x"), "/usr/x", "/etc/x", "/opt/x", "/var/x"]
    assert (
        function(
            f"answer = []\nfor path in {tried}:\n  try:\n    open(path, 'a').close(); answer.append(path)\n"
            "  except OSError: pass"
        )
        == []
    )
    own = "import os, tempfile\nwith tempfile.NamedTemporaryFile() as f: answer = f.name"
    assert function(own).startswith(str(server.data / "instances"))
    shared = "import tempfile\nwith tempfile.NamedTemporaryFile(dir='/tmp') as f: answer = f.write(b'x')"
    assert function(shared) == 1


@needs_landlock
def test_nobody_outside_can_be_signalled(server: Server, client: Client) -> None:
    """The server's process is out of reach."""
    call = f"import os\ntry: os.kill({server.process.pid}, 0)\nexcept OSError as e: answer = type(e).__name__"
    assert deployed(client, "kills")(call) == "PermissionError"


@needs_landlock
def test_changed_code_is_not_the_next_instances(client: Client) -> None:
    """An instance has a copy of the function's files: what it spoils there is spoiled for it alone."""
    files = {
        "index.py": (FUNCTIONS / "does.py").read_text(),
        "data.txt": "as deployed",
        "sub/gone.txt": "here",
    }
    function = deployed(client, "spoils", code=zipped(files))
    function("import os\nopen('data.txt', 'r+').write('spoiled')\nos.unlink('sub/gone.txt')\nanswer = 1")
    assert function("answer = open('data.txt').read()") == "spoiledoyed"
    assert not function.invoke("import os; os._exit(1)").ok
    assert function("import os; answer = [open('data.txt').read(), os.listdir('sub')]") == [
        "as deployed", ["gone.txt"],
    ]  # fmt: skip


@needs_landlock
def test_disk_quota(client: Client) -> None:
    """Who writes more than the disk of an instance holds is ended, the log says why, and the next call works."""
    function = deployed(client, "fills")
    fill = "import time\nfor n in range(4):\n  with open(f'big{n}', 'wb') as f:\n"
    fill += "    for _ in range(150): f.write(bytes(1 << 20))\ntime.sleep(60)"
    call = function.invoke(fill)
    assert re.fullmatch(EXITED, call.error["errorMessage"])
    assert re.search(
        r"^Out of disk: the function wrote \d+ MB, the limit of an instance is 512 MB$", call.log, re.M
    )
    assert function("answer = 1") == 1
    large = "f = open('/tmp/fc-magic-large', 'wb')\nimport errno, os\nos.unlink(f.name)\n"
    large += "try: f.truncate(600 << 20)\nexcept OSError as e: answer = e.errno == errno.EFBIG"
    assert function(large) is True


@needs_landlock
def test_too_many_processes(client: Client) -> None:
    """The limit of processes holds without a process table of its own, too."""
    function = deployed(client, "forks", memory=3072)
    statements = (
        "import os, time\nfor _ in range(1100):\n"
        "  if not os.fork(): time.sleep(60); os._exit(0)\ntime.sleep(60)"
    )
    call = function.invoke(statements)
    assert re.fullmatch(EXITED, call.error["errorMessage"])
    assert "Too many processes" in call.log
    assert function("answer = 1") == 1


@needs_landlock
def test_layers_are_told(server: Server, client: Client) -> None:
    """The health of the server says what keeps functions apart here, and why the rest does not."""
    deployed(client, "told")("answer = 1")
    told = client.isolation()["python3.10"]
    assert told["namespaces"]
    on = {name for name, why in told.items() if not why}
    assert on >= {"landlock", "fork server", "process limit", "memory limit", "disk limit"}


# ---------------------------------------------------------------- what else runs here


@needs_landlock
@pytest.mark.skipif(not shutil.which("node"), reason="no Node.js here")
def test_node(client: Client) -> None:
    """A Node.js function runs, in an instance whose files are its own."""
    code = "const fs = require('fs')\nexports.handler = async (event) => {\n  try { fs.readFileSync('/etc/shadow') }"
    code += " catch (error) { return [error.code, process.cwd(), event.toString()] }\n}\n"
    function = client.deploy(
        {
            "name": "node",
            "runtime": "nodejs20",
            "code": zipped({"index.js": code}),
            "handler": "index.handler",
        }
    )
    code_, folder, event = function("hello")
    assert (code_, event) == ("EACCES", "hello")
    assert "/instances/" in folder


@needs_landlock
def test_programs_side_by_side(server: Server, client: Client) -> None:
    """Two instances of a custom runtime serve at the same port at once, each with a copy of the files."""
    with meeting_with() as meeting, ThreadPoolExecutor(2) as threads:
        knock = meeting.knock("body.decode()[-1]")
        meet = f"    def do_meet(self, body):\n        {knock}\n        self.answer(200, b'')\n\n"
        program = programs.SERIAL.replace("    def do_sleep(", meet + "    def do_sleep(")
        program = program.replace("text[3:])", "text[3:].split()[0])")
        fields = {"runtime": "custom.debian12", "triggers": [{"type": "http"}], "timeout": 20}
        code = bundle({"bootstrap": program.encode()}, frozenset({"bootstrap"}))
        function = client.deploy({"name": "web", "code": code, **fields})
        calls = [threads.submit(function.invoke, f"do meet {who}".encode()) for who in "ab"]
        for who in "ab":
            meeting.visitor(who)
        assert [i.state for i in client.instances("web")] == ["busy", "busy"]
        for who in "ab":
            meeting.let_go(who)
        assert len({call.result().instance_id for call in calls}) == 2
    assert function.invoke("x").value[6].startswith(str(server.data / "instances"))
    assert not [w for w in function.info.warnings if "at a time" in w]


@needs_landlock
def test_layers(client: Client) -> None:
    """A function finds its layers, the first one first, although there is no /opt of its own."""
    for name in ("lower", "upper"):
        client.publish_layer(
            name, zipped({"python/told.py": f"WHO = {name!r}\n", f"python/{name}_only.py": ""})
        )
    function = deployed(client, "layered", layers=[{"name": "upper"}, {"name": "lower"}])
    assert function("import lower_only, upper_only\nfrom told import WHO as answer") == "upper"
    assert not function.invoke("import told; open(told.__file__, 'a')").ok
