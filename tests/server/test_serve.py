"""``fc-magic serve`` as a process: how it starts, refuses to start, ends, and what it keeps through kill -9."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest

import fc_magic
from fc_magic.cli import main
from fc_magic.config import Settings
from fc_magic.server.data_folder import INFO, LOCK
from fc_magic.server.keys import FILE as KEYS
from fc_magic.server.process import LocalServer
from tests.conftest import SECRET, Server, body, function_file, serving, zipped
from tests.server.calls import DEPLOYMENTS, FUNCTIONS, Caller, send

SCRIPT = str(Path(sys.executable).with_name("fc-magic"))
MODULE = (sys.executable, "-m", "fc_magic")


def clean(**more: str) -> dict[str, str]:
    """The environment without anything of ours, and what is said here."""
    ours = ("FC_MAGIC_", "ALIBABA_CLOUD_")
    return {**{k: v for k, v in os.environ.items() if not k.startswith(ours)}, **more}


def run(
    *arguments: object, command: tuple[str, ...] = MODULE, **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command that must end by itself."""
    line = [*command, *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=30, env=clean(**more), check=False)


def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Waits for a condition, bounded."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come true in time"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {p for p, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@contextmanager
def started(
    *arguments: object, command: tuple[str, ...] = MODULE, **more: str
) -> Iterator[subprocess.Popen[str]]:
    """A server that this test starts and looks at itself."""
    process = subprocess.Popen(
        [*command, "serve", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean(**more),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ready(process: subprocess.Popen[str]) -> str:
    """The URL of the ready line, which comes after that of the object store."""
    return both(process)[0]


def both(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Where Function Compute is, and where its object store."""
    assert process.stdout is not None
    assert process.stderr is not None
    objects, line = process.stdout.readline(), process.stdout.readline()
    match = re.fullmatch(r"Function Compute is ready at (http://\S+:\d+)\n", line)
    store = re.fullmatch(r"Object store at (http://\S+:\d+)\n", objects)
    assert match, objects + line + process.stderr.read()
    assert store
    return match[1], store[1]


# ---------------------------------------------------------------- it starts


@pytest.mark.parametrize("command", [MODULE, (SCRIPT,)], ids=["python -m fc_magic", "fc-magic"])
def test_what_it_says_when_ready(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Two lines on standard output say where it is, the last when it is ready: requests are accepted from then on.
    Nothing else is said."""
    with started(f"--data={tmp_path}", command=command) as process:
        url, objects = both(process)
        assert url.startswith("http://127.0.0.1:")
        assert objects.startswith("http://127.0.0.1:")
        assert b"AccessDenied" in send(objects, "GET", "/", {"host": objects.removeprefix("http://")}).body
        health = send(url, "GET", "/-/health", {"host": url.removeprefix("http://")})
        assert (health.status, health.said) == (200, {"ready": True, "pid": process.pid, "isolation": {}})
        process.terminate()
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0


def test_info_and_keys(tmp_path: Path) -> None:
    """Its folder tells where it listens and has its keys, both for this user only."""
    data = tmp_path / "new" / "folder"
    with serving(data) as server:
        info = json.loads((data / INFO).read_text())
        assert (info["url"], info["pid"]) == (server.url, server.process.pid)
        assert {p.name: oct(stat.S_IMODE(p.stat().st_mode)) for p in (data / INFO, data / KEYS)} == {
            INFO: "0o600",
            KEYS: "0o600",
        }
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert SECRET not in (data / KEYS).read_text()  # what was given is not kept
        kept = (data / KEYS).read_bytes()
    with serving(data):
        assert (data / KEYS).read_bytes() == kept


def test_data_is_for_its_user_alone(tmp_path: Path) -> None:
    """Whatever is in the data folder, and whoever wrote it before, others cannot read it; a function's own files are
    as in a region."""
    data = tmp_path / "shared"
    data.mkdir(mode=0o755)
    (data / "notes.txt").write_text("the user's own")
    source = "import os\ndef handler(event, context):\n    os.umask(mask := os.umask(0))\n    return mask\n"
    for _ in range(2):
        with serving(data) as server:
            caller = Caller(server.url)
            caller.deploy(body("f", zipped(source), environment={"PASSWORD": "secret"}))
            assert caller.invoke("f").body == b"18"  # 0o022
            found = {p.name: stat.S_IMODE(p.stat().st_mode) for p in data.iterdir()}
            assert {"fc.sqlite", "fc.sqlite-wal", "fc.sqlite-shm", "code", KEYS, INFO, LOCK} <= set(found)
            found.pop("notes.txt")
            assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}
            server.kill()
        for path in data.iterdir():
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert stat.S_IMODE((data / "notes.txt").stat().st_mode) == 0o644
    assert stat.S_IMODE(data.stat().st_mode) == 0o755


def test_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative folder is one of where it was started."""
    monkeypatch.chdir(tmp_path)
    with started("--data=here") as process:
        ready(process)
        assert (tmp_path / "here" / INFO).exists()


def test_folder_from_the_environment(tmp_path: Path) -> None:
    """FC_MAGIC_HOME names the folder; --data wins."""
    with started(FC_MAGIC_HOME=str(tmp_path / "home")) as process:
        ready(process)
        assert (tmp_path / "home" / INFO).exists()
    with started(f"--data={tmp_path / 'data'}", FC_MAGIC_HOME=str(tmp_path / "other")) as process:
        ready(process)
        assert (tmp_path / "data" / INFO).exists()
    assert not (tmp_path / "other").exists()


def test_port(tmp_path: Path) -> None:
    """The port is the one that was asked for, and free again after the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for _ in range(2):
        with started(f"--data={tmp_path}", "--port", port) as process:
            assert ready(process) == f"http://127.0.0.1:{port}"
            process.terminate()
            assert process.wait(20) == 0


def test_object_port(tmp_path: Path) -> None:
    """The port of the object store is the one that was asked for; one that is taken is named with its option."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with started(f"--data={tmp_path}", "--object-port", port) as process:
        _, objects = both(process)
        assert objects == f"http://127.0.0.1:{port}"
        taken = run("serve", f"--data={tmp_path / 'other'}", f"--object-port={port}")
        assert (taken.returncode, taken.stdout) == (1, "")
        assert f"port {port}" in taken.stderr
        assert "--object-port 0" in taken.stderr
    same = run("serve", f"--data={tmp_path / 'other'}", f"--object-port={port}", f"--port={port}")
    assert (same.returncode, same.stdout) == (1, "")


def test_ipv6(tmp_path: Path) -> None:
    """It listens on ::1 and writes its URL as one must."""
    with started(
        f"--data={tmp_path}", "--host", "::1", FC_MAGIC_ACCESS_KEY_ID="a", FC_MAGIC_ACCESS_KEY_SECRET="b"
    ) as p:
        url = ready(p)
        assert url.startswith("http://[::1]:")
        assert Caller(url, "a", "b").call("GET", DEPLOYMENTS).status == 200


def test_named_host(tmp_path: Path) -> None:
    """A name of this machine is an address too, and requests may name it."""
    with started(f"--data={tmp_path}", "--host", "localhost") as process:
        url = ready(process)
        port = url.rpartition(":")[2]
        assert send(url, "GET", "/-/health", {"host": f"localhost:{port}"}).status == 200


@pytest.mark.parametrize(
    ("options", "environment", "pair"),
    [
        (["--access-key-id=O", "--access-key-secret=o"], {}, ("O", "o")),
        ([], {"FC_MAGIC_ACCESS_KEY_ID": "F", "FC_MAGIC_ACCESS_KEY_SECRET": "f"}, ("F", "f")),
        ([], {"ALIBABA_CLOUD_ACCESS_KEY_ID": "A", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a"}, ("A", "a")),
        (["--access-key-id=O"], {"FC_MAGIC_ACCESS_KEY_SECRET": "f"}, ("O", "f")),
        (
            ["--access-key-id=O", "--access-key-secret=o"],
            {"FC_MAGIC_ACCESS_KEY_ID": "F", "FC_MAGIC_ACCESS_KEY_SECRET": "f"},
            ("O", "o"),
        ),
        (
            [],
            {
                "FC_MAGIC_ACCESS_KEY_ID": "F",
                "FC_MAGIC_ACCESS_KEY_SECRET": "f",
                "ALIBABA_CLOUD_ACCESS_KEY_ID": "A",
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a",
            },
            ("F", "f"),
        ),
    ],
    ids=["option", "environment", "cloud environment", "both", "option wins", "own name wins"],
)
def test_key_of_ones_own(
    tmp_path: Path, options: list[str], environment: dict[str, str], pair: tuple[str, str]
) -> None:
    """A key is given by option or environment, and is accepted beside the generated one."""
    with started(f"--data={tmp_path}", *options, **environment) as process:
        url = ready(process)
        kept = json.loads((tmp_path / KEYS).read_text())
        for key_id, secret in (pair, (kept["access_key_id"], kept["access_key_secret"])):
            assert Caller(url, key_id, secret).call("GET", DEPLOYMENTS).status == 200
        others = {"O", "F", "A"} - {pair[0]}
        for key_id in others:
            answer = Caller(url, key_id, key_id.lower()).call("GET", DEPLOYMENTS)
            assert answer.code == "InvalidAccessKeyID"


# ---------------------------------------------------------------- it does not start

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    """``said("serve", …)``: status, output and complaint of a command that is refused before it serves."""
    for name in os.environ:
        if name.startswith(("FC_MAGIC_", "ALIBABA_CLOUD_")):
            monkeypatch.delenv(name)

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as end:  # argparse
            status = int(str(end.code))
        return status, *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port=abc"], "--port"),
        (["--port="], "--port"),
        (["--idle-stop=abc"], "--idle-stop"),
        (["--idle-stop=-1"], "--idle-stop"),
        (["--idle-stop=nan"], "--idle-stop"),
        (["--idle-stop=inf"], "--idle-stop"),
        (["--host="], "--host"),
        (["--nope"], "--nope"),
        (["more"], "more"),
        (["--access-key-id=AK"], "an id and a secret"),
        (["--access-key-secret=hush"], "an id and a secret"),
    ],
    ids=lambda v: v[0] if isinstance(v, list) else "",
)
def test_used_wrongly(tmp_path: Path, said: Said, options: list[str], says: str) -> None:
    """An option that is none ends with 2 and its name, before anything is made."""
    data = tmp_path / "data"
    status, out, complaint = said("serve", f"--data={data}", *options)
    assert (status, out) == (2, "")
    assert says in complaint
    assert "hush" not in complaint
    assert not data.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port=70000"], "port 70000"),
        (["--port=-1"], "port -1"),
        (["--host=203.0.113.1"], "cannot listen on 203.0.113.1"),
        (["--host=nobody.invalid"], "cannot listen on nobody.invalid"),
        (["--host=a..b"], "cannot listen on a..b"),
        (["--host=" + "a" * 300], "cannot listen on a"),
    ],
    ids=lambda v: v[0][:30] if isinstance(v, list) else "",
)
def test_address_that_cannot_be(tmp_path: Path, said: Said, options: list[str], says: str) -> None:
    """An address where nobody can listen ends with 1, is named, and leaves the folder free."""
    status, out, complaint = said("serve", f"--data={tmp_path}", *options)
    assert (status, out) == (1, "")
    assert says in complaint
    assert not (tmp_path / INFO).exists()
    assert LocalServer.find(tmp_path) is None


def test_port_taken(tmp_path: Path) -> None:
    """A port that is taken is named, with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", f"--data={tmp_path}", f"--port={port}")
    assert ended.returncode == 1
    assert f"port {port}" in ended.stderr
    assert "in use" in ended.stderr
    assert "--port 0" in ended.stderr


def in_the_way(data: Path, what: str) -> None:
    """Makes a data folder that cannot be used."""
    data.mkdir()
    if what.endswith("/"):
        (data / what).mkdir()
    else:
        (data / what).write_text("in the way")


@pytest.mark.parametrize("what", ["code", "fc.sqlite", "fc.sqlite/", f"{LOCK}/", KEYS, f"{KEYS}/"])
def test_folder_that_cannot_be_used(tmp_path: Path, what: str) -> None:
    """With something in the way within its folder it ends with 1 and a message that names the folder."""
    in_the_way(tmp_path / "data", what)
    ended = run("serve", f"--data={tmp_path / 'data'}")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert str(tmp_path / "data") in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 2


@pytest.mark.parametrize("data", ["file", "file/below", "/proc/fc-magic", "/dev/null"])
def test_folder_that_is_none(tmp_path: Path, said: Said, data: str) -> None:
    """A folder that cannot be made or written is named, with what to do."""
    (tmp_path / "file").write_text("")
    status, out, complaint = said("serve", f"--data={tmp_path / data}")
    assert (status, out) == (1, "")
    assert "cannot be written" in complaint
    assert "--data DIR" in complaint


def test_one_server_a_folder(tmp_path: Path) -> None:
    """A second server on a folder is told where the first one is, and the first one does not notice."""
    with serving(tmp_path) as server:
        ended = run("serve", f"--data={tmp_path}")
        assert (ended.returncode, ended.stdout) == (1, "")
        assert server.url in ended.stderr
        assert str(server.process.pid) in ended.stderr
        assert json.loads((tmp_path / INFO).read_text())["url"] == server.url
        assert Caller(server.url).call("GET", DEPLOYMENTS).status == 200
    with serving(tmp_path):
        pass


def test_many_start_at_once(tmp_path: Path) -> None:
    """Of servers that start on one folder at the same moment one is ready, and the others end."""
    with (
        started(f"--data={tmp_path}") as a,
        started(f"--data={tmp_path}") as b,
        started(f"--data={tmp_path}") as c,
    ):
        outputs = [process.stdout for process in (a, b, c)]
        lines = [output.readline() for output in outputs if output]
        assert sorted(bool(line) for line in lines) == [False, False, True]
        assert sorted((p.wait(20) if not line else 0) for p, line in zip((a, b, c), lines, strict=True)) == [
            0,
            1,
            1,
        ]


def test_ensure_uses_the_one_that_serves(tmp_path: Path) -> None:
    """Notebooks of a folder that is served by hand use that server, and do not end it."""
    with serving(tmp_path) as server:
        found = LocalServer.ensure(tmp_path)
        assert (found.url, found.pid) == (server.url, server.process.pid)
        with fc_magic.connect(Settings.load({}, home=str(tmp_path), idle_stop=0.1)) as client:
            assert client.list() == ()
        assert server.process.poll() is None


def test_two_ensures_at_once(tmp_path: Path) -> None:
    """Threads that want a server of one folder at the same moment get the same one."""
    barrier = threading.Barrier(4)

    def ensure(_: int) -> LocalServer:
        barrier.wait()
        return LocalServer.ensure(tmp_path, idle_stop=60)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ensure, range(4)))
    with found[0] as server:
        assert len(set(found)) == 1
        assert is_alive(server.pid)
    assert LocalServer.find(tmp_path) is None


# ---------------------------------------------------------------- words


def test_help() -> None:
    """Help names every option and ends with 0; without a command the use is shown."""
    shown = run("serve", "--help", command=(SCRIPT,))
    assert (shown.returncode, shown.stderr) == (0, "")
    for option in (
        "host",
        "port",
        "object-port",
        "data",
        "region",
        "account-id",
        "access-key-id",
        "access-key-secret",
        "idle-stop",
    ):
        assert f"--{option}" in shown.stdout
    assert "serve" in run("--help").stdout
    assert run("--version").stdout == f"fc-magic {fc_magic.__version__}\n"
    assert run().returncode == run("nope").returncode == 2


# ---------------------------------------------------------------- it ends


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    """Told to stop it ends with 0, with every process it started, and its folder is free."""
    with serving(tmp_path) as server:
        caller = Caller(server.url)
        for name in ("a", "b"):
            caller.deploy(body(name, function_file("counts")))
            assert caller.invoke(name).status == 200
        processes = descendants(server.process.pid)
        assert len(processes) >= 2
        server.process.send_signal(how)
        assert server.process.wait(20) == 0
        until(lambda: not any(map(is_alive, processes)))
        assert not (tmp_path / INFO).exists()
        assert LocalServer.find(tmp_path) is None
    assert server.output == []


def test_ends_in_the_middle_of_a_call(tmp_path: Path) -> None:
    """A call in flight does not keep it: it ends with 0, and so does the function's process tree."""
    with serving(tmp_path) as server:
        caller = Caller(server.url)
        caller.deploy(body("sleeps", function_file("sleeps")))
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(caller.invoke, "sleeps", b'{"seconds": 50, "child": true}')
            until(lambda: len(descendants(server.process.pid)) >= 2)
            processes = descendants(server.process.pid)
            assert server.stop() == 0
            until(lambda: not any(map(is_alive, processes)))
            # not 503: that would say that the function was not run, and it may be repeated
            assert (call.result(20).status, call.result().code) == (500, "InternalServerError")
            assert "stopped" in call.result().said["Message"]
    assert "Traceback" not in "".join(server.output)


def test_same_port_again(tmp_path: Path) -> None:
    """A URL that somebody kept works after a restart: the port of last time is taken if it is free."""
    with started(f"--data={tmp_path}") as process:
        first, objects = both(process)
        process.terminate()
        process.wait(10)
    with started(f"--data={tmp_path}") as process:
        assert both(process) == (first, objects)
        with started(f"--data={tmp_path / 'other'}", f"--port={first.rpartition(':')[2]}") as other:
            assert other.wait(10) == 1
        process.terminate()
        process.wait(10)
    host, port = first.removeprefix("http://").split(":")
    with socket.create_server((host, int(port))), started(f"--data={tmp_path}") as process:
        assert ready(process) != first


def test_stop_command(tmp_path: Path) -> None:
    """``fc-magic stop`` ends the server of a folder, whoever started it, and says so when there is none."""
    with started(f"--data={tmp_path}") as process:
        url = ready(process)
        done = run("stop", f"--data={tmp_path}")
        assert (done.returncode, done.stdout, done.stderr) == (0, f"stopped {url}\n", "")
        assert process.wait(10) == 0
    again = run("stop", FC_MAGIC_HOME=str(tmp_path))
    assert (again.returncode, again.stdout) == (0, f"no Function Compute runs for {tmp_path}\n")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_when_just_ready(tmp_path: Path, how: signal.Signals) -> None:
    """Right behind its ready line, while it is still importing, it ends with 0 and in silence; who asked has an
    answer or a closed connection."""
    with serving(tmp_path) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 20) as asking:
            asking.sendall(b"GET /-/health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            server.process.send_signal(how)
            assert server.process.wait(20) == 0
            assert asking.recv(12) in (b"", b"HTTP/1.1 200")
    assert server.output == []
    assert LocalServer.find(tmp_path) is None


def test_asked_when_just_ready(tmp_path: Path) -> None:
    """The very first requests, many at once and each on a connection of its own, have their answers."""
    with serving(tmp_path) as server:
        host, port = server.url.removeprefix("http://").split(":")
        asking = [socket.create_connection((host, int(port)), 20) for _ in range(10)]
        for line in asking:
            line.sendall(b"GET /-/health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        for line in asking:
            with line:
                assert line.recv(12) == b"HTTP/1.1 200"
    assert server.output == []


def test_store_of_another_age(tmp_path: Path) -> None:
    """A store that is there and cannot be read ends the server with 1, at the latest when somebody would ask."""
    with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite")) as database:
        database.execute("CREATE TABLE functions (other TEXT)")
    ended = run("serve", f"--data={tmp_path}")
    assert ended.returncode == 1
    assert str(tmp_path) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_told_to_stop_while_it_starts(tmp_path: Path) -> None:
    """A signal that comes before it is ready ends it too."""
    with started(f"--data={tmp_path}") as process:
        until((tmp_path / KEYS).exists)
        process.terminate()
        assert process.wait(20) in (0, -signal.SIGTERM)
        until(lambda: LocalServer.find(tmp_path) is None)


def test_ends_when_idle(tmp_path: Path) -> None:
    """With --idle-stop it ends by itself when no kernel uses it, with 0."""
    with started(f"--data={tmp_path}", "--idle-stop", "0.2") as process:
        ready(process)
        assert process.wait(20) == 0
        assert not (tmp_path / INFO).exists()


def test_stays_for_a_kernel(tmp_path: Path) -> None:
    """It stays while a process that said so lives, and ends after it."""
    with serving(tmp_path, "--idle-stop", "0.3") as server:
        kernel = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        answer = Caller(server.url).call("POST", "/-/kernels", {"pid": kernel.pid})
        assert answer.status == 204
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(1.2)
        kernel.communicate(b"\n")
        assert server.process.wait(20) == 0


@pytest.mark.parametrize("pid", [0, -1, True, "1", None, 1.5, [], 10**40], ids=repr)
def test_kernel_that_is_none(server: Server, pid: object) -> None:
    """What is no process is no kernel; one that does not exist keeps nothing."""
    answer = Caller(server.url).call("POST", "/-/kernels", {"pid": pid})
    if pid == 10**40:
        assert answer.status == 204
    else:
        assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert Caller(server.url).call("GET", DEPLOYMENTS).status == 200


# ---------------------------------------------------------------- kill -9


def test_nothing_outlives_a_killed_server(tmp_path: Path) -> None:
    """When the server is killed its functions' processes end, idle or busy."""
    with serving(tmp_path) as server:
        caller = Caller(server.url)
        for name in ("counts", "sleeps"):
            caller.deploy(body(name, function_file(name)))
        caller.invoke("counts")
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(caller.invoke, "sleeps", b'{"seconds": 40}')
            until(lambda: len(descendants(server.process.pid)) >= 2)
            processes = descendants(server.process.pid)
            server.kill()
            until(lambda: not any(map(is_alive, processes)))
            assert isinstance(call.exception(20), OSError | HTTPException)


@dataclass
class Life:
    """One name's history: what was acknowledged last, and what was asked when the server died."""

    name: str
    number: int = 0
    acknowledged: str | None = None
    asked: set[str | None] = field(default_factory=set)

    def step(self, caller: Caller) -> None:
        """Creates, replaces or deletes, in turn."""
        self.number += 1
        marker = None if self.number % 4 == 0 else f"{self.name} {self.number}"
        self.asked = {marker}
        if marker is None:
            answer = caller.delete(self.name)
        else:
            code = zipped({"index.py": f"def handler(e, c):\n    return {marker!r}\n", "more": marker * 500})
            sent = body(self.name, code, description=marker, triggers=[{"type": "http", "config": {}}])
            answer = caller.deploy(sent) if self.acknowledged is None else caller.put(self.name, sent)
        assert answer.status in (200, 201, 204), answer.body
        self.acknowledged, self.asked = marker, set()


def found(caller: Caller, name: str) -> str | None:
    """What a name does now, after holding that settings, trigger and code are of one deployment."""
    shown = caller.get(name)
    if shown.status == 404:
        assert caller.invoke(name).code == "FunctionNotFound"
        return None
    called = caller.invoke(name)
    assert (called.status, called.body.decode()) == (200, shown.said["description"])
    assert called.headers["x-fc-code-checksum"] == shown.said["codeChecksum"]
    assert send(caller.url, "GET", f"/fn/{name}/", {"host": "127.0.0.1"}).body == called.body
    return called.body.decode()


def test_kill_and_restart(tmp_path: Path) -> None:
    """Through kill -9 in the middle of it, what was acknowledged is there and nothing half-done is."""
    lives = [Life(f"life-{n}") for n in range(5)]
    for kill_after in (5, 30):
        with serving(tmp_path) as server:
            caller = Caller(server.url)
            storm(server, caller, lives, kill_after)
        with serving(tmp_path) as server:
            caller = Caller(server.url)
            for life in lives:
                now = found(caller, life.name)
                assert now in {life.acknowledged, *life.asked}
                life.acknowledged, life.asked = now, set()
            there = {life.name for life in lives if life.acknowledged is not None}
            assert set(caller.names()) == there
            kept = [p.name for p in (tmp_path / "code").iterdir()]
            paths = [f"{FUNCTIONS}/{name}/versions" for name in there]
            published = [v for path in paths for v in caller.call("GET", path).said["versions"]]
            assert len(kept) == len(published)  # each has code of its own
            assert not [name for name in kept if name.startswith(".")]
            assert server.stop() == 0


def storm(server: Server, caller: Caller, lives: list[Life], kill_after: int) -> None:
    """Every life goes on as fast as it can, until the server is killed after so many acknowledgements."""
    done = threading.Semaphore(0)
    failed: list[BaseException] = []

    def live(life: Life) -> None:
        try:
            while True:
                life.step(caller)
                done.release()
        except AssertionError as error:
            failed.append(error)
        except Exception:
            return  # the server is gone

    threads = [threading.Thread(target=live, args=(life,)) for life in lives]
    for thread in threads:
        thread.start()
    for _ in range(kill_after):
        assert done.acquire(timeout=30), failed
    server.kill()
    for thread in threads:
        thread.join(30)
    assert failed == []


def test_restart_keeps_everything(tmp_path: Path) -> None:
    """A function is after a restart what it was before it: the same answer, the same id, the same keys."""
    with serving(tmp_path) as server:
        caller = Caller(server.url)
        triggers = [
            {"type": "http", "config": {}},
            {"type": "timer", "config": {"cronExpression": "@every 1h"}},
        ]
        before = caller.deploy(body("kept", function_file("echo"), triggers=triggers, memory=256)).said
        assert server.stop() == 0
    with serving(tmp_path) as server:
        caller = Caller(server.url)
        after = caller.get("kept").said
        assert {k: v for k, v in after.items() if k not in ("requestId", "urls")} == {
            k: v for k, v in before.items() if k not in ("requestId", "urls")
        }
        assert after["urls"][0]["url"].startswith(server.url)
        assert caller.invoke("kept", b"x").body == b"x"


def test_what_a_crash_left_is_swept(tmp_path: Path) -> None:
    """Code that no function names, whole or half-written, is removed at the start."""
    with serving(tmp_path) as server:
        Caller(server.url).deploy(body("kept", function_file("echo")))
        kept = {p.name for p in (tmp_path / "code").iterdir()}
        server.kill()
    (tmp_path / "code" / ".half").mkdir()
    (tmp_path / "code" / ("0" * 64)).mkdir()
    with serving(tmp_path) as server:
        assert Caller(server.url).invoke("kept", b"x").body == b"x"
        assert {p.name for p in (tmp_path / "code").iterdir()} == kept
