"""LocalServer: one Function Compute a folder, found or started, and outliving whoever started it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import fc_magic
from fc_magic.client.client import Client
from fc_magic.config import Settings
from fc_magic.errors import ServerStartFailed
from fc_magic.server.data_folder import INFO, LOCK
from fc_magic.server.keys import FILE as KEYS
from fc_magic.server.process import LocalServer
from tests.conftest import function_file, zipped


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder of this test; whatever serves it at the end is stopped."""
    folder = tmp_path / "home"
    yield folder
    found = LocalServer.find(folder)
    if found:
        found.stop()


def connect(home: Path) -> Client:
    return fc_magic.connect(Settings.load({}, home=str(home)))


STARTER = """
import sys
from pathlib import Path
from fc_magic import LocalServer
sys.stdin.readline()
print(LocalServer.ensure(Path(sys.argv[1])).pid, flush=True)
"""


def starter(home: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def told(process: subprocess.Popen[str]) -> int:
    """Lets a starter go and returns the pid it tells; it must end without a word of complaint."""
    out, complaint = process.communicate("go\n", timeout=40)
    assert (process.returncode, complaint) == (0, "")
    return int(out)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_there(home: Path) -> None:
    """A folder that does not exist is served by nobody, and looking does not make it."""
    assert LocalServer.find(home) is None
    assert not home.exists()


def test_ensure_finds_the_running_one(home: Path) -> None:
    """The first call starts a server, the second finds it."""
    first = LocalServer.ensure(home)
    assert LocalServer.ensure(home) == first == LocalServer.find(home)
    assert first.url.startswith("http://127.0.0.1:")
    assert is_alive(first.pid)


def test_stop(home: Path) -> None:
    """A stopped server is gone with its port and its info; stopping it twice is no harm."""
    server = LocalServer.ensure(home)
    with connect(home) as client:
        client.deploy({"name": "kept", "code": function_file("echo")})
    server.stop()
    server.stop()
    assert LocalServer.find(home) is None
    assert not (home / INFO).exists()
    with LocalServer.ensure(home) as again:
        assert again.pid != server.pid
        assert again.keys == server.keys
        with connect(home) as client:
            assert client.invoke("kept", "still").value == "still"
    assert LocalServer.find(home) is None


def test_two_starters_end_with_one(home: Path) -> None:
    """Processes that start a server for one folder at the same moment get the same one."""
    starters = [starter(home) for _ in range(3)]
    told_pids: list[int] = []
    threads = [threading.Thread(target=lambda p=p: told_pids.append(told(p))) for p in starters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = LocalServer.find(home)
    assert found is not None
    assert told_pids == [found.pid] * 3


def test_outlives_its_starter(home: Path) -> None:
    """The server goes on when the process that started it has ended."""
    pid = told(starter(home))
    assert is_alive(pid)
    with connect(home) as client:
        assert client.list() == ()
    assert LocalServer.ensure(home).pid == pid


def test_starters_interrupt_does_not_reach_it(home: Path) -> None:
    """The server is in a session of its own: Ctrl-C in the terminal is not for it."""
    server = LocalServer.ensure(home)
    assert os.getsid(server.pid) == server.pid != os.getsid(0)


def test_private_files(home: Path) -> None:
    """Only the user can read the keys, the info and the folder; the info has no secret."""
    server = LocalServer.ensure(home)
    assert stat.S_IMODE((home / KEYS).stat().st_mode) == 0o600
    assert stat.S_IMODE((home / INFO).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    shown = (home / INFO).read_text() + repr(server) + repr(server.keys)
    for secret in (server.keys.access_key_secret, server.keys.role_key_secret, server.keys.role_token):
        assert secret not in shown


def test_command_line_of_the_server_has_no_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``ps`` shows is the folder and no key."""
    monkeypatch.setenv("FC_MAGIC_ACCESS_KEY_SECRET", "NotForPs")
    server = LocalServer.ensure(home)
    line = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert os.fsencode(home) in line
    assert b"NotForPs" not in line
    assert server.keys.access_key_secret.encode() not in line


def test_kill_makes_room_for_a_new_one(home: Path) -> None:
    """A server that was killed does not count, though its info is still there; a new one has its functions."""
    old = LocalServer.ensure(home)
    with connect(home) as client:
        client.deploy({"name": "kept", "code": function_file("echo")})
    os.kill(old.pid, signal.SIGKILL)
    while is_alive(old.pid):
        pass
    assert (home / INFO).exists()
    assert LocalServer.find(home) is None
    new = LocalServer.ensure(home)
    assert new.pid != old.pid
    with connect(home) as client:
        assert client.invoke("kept", "still").value == "still"


@pytest.mark.parametrize(
    "stale",
    ["{}", "", "not json", "[]", '{"url": "http://127.0.0.1:9", "pid": 1}'],
    ids=lambda s: s or "empty",
)
def test_stale_info(home: Path, stale: str) -> None:
    """Whatever an old server.json says, a server is started and its own info replaces it."""
    home.mkdir()
    (home / INFO).write_text(stale)
    (home / LOCK).write_text("1")
    assert LocalServer.find(home) is None
    server = LocalServer.ensure(home)
    assert json.loads((home / INFO).read_text())["pid"] == server.pid


def test_unwritable_folder(tmp_path: Path) -> None:
    """A folder that cannot be made is named, with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerStartFailed, match="cannot be written") as caught:
        LocalServer.ensure(tmp_path / "file" / "home")
    assert "FC_MAGIC_HOME" in caught.value.hint


def test_server_that_cannot_start(home: Path) -> None:
    """A server that gives up is reported with what it said, at once."""
    with pytest.raises(ServerStartFailed, match=r"cannot listen on 203\.0\.113\.1"):
        LocalServer.start(home, host="203.0.113.1")
    assert LocalServer.find(home) is None


def test_broken_keys_file(home: Path) -> None:
    """A damaged keys file is named instead of being waited for."""
    home.mkdir()
    (home / KEYS).write_text("{")
    with pytest.raises(ServerStartFailed) as caught:
        LocalServer.ensure(home)
    assert KEYS in str(caught.value)


def test_functions_do_not_see_the_users_keys(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the user's cloud keys nor the kernel's own variables reach a function."""
    marked = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "users-id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "users-secret",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "users-token",
        "FC_MAGIC_ACCESS_KEY_SECRET": "magic-secret",
        "FC_MAGIC_SECURITY_TOKEN": "magic-token",
        "JPY_PARENT_PID": "kernels-parent",
        "PYTHONPATH": "/kernels/path",
        "SOME_TOKEN": "shell-token",
    }
    for name, value in marked.items():
        monkeypatch.setenv(name, value)
    server = LocalServer.ensure(home)
    with connect(home) as client:
        function = client.deploy({"name": "tells", "code": function_file("tells")})
        seen = function()["environ"]
    assert not set(marked.values()) & set(seen.values())
    assert not [name for name in seen if name.startswith(("FC_MAGIC_", "JPY_"))]
    assert server.keys.access_key_secret not in seen.values()
    server_sees = Path(f"/proc/{server.pid}/environ").read_bytes().split(b"\0")
    assert not [e for e in server_sees if e.startswith((b"ALIBABA_CLOUD_", b"FC_MAGIC_ACCESS", b"JPY_"))]


def test_region_and_account(home: Path) -> None:
    """What the server plays is told at its start and shows in its functions."""
    settings = Settings.load({}, home=str(home), region="cn-shanghai", account_id="42")
    with fc_magic.connect(settings) as client:
        function = client.deploy(
            {"name": "where", "code": zipped("def handler(e, c):\n    return c.region\n")}
        )
        assert function.info.arn == "acs:fc:cn-shanghai:42:functions/where"
        assert function.info.role.startswith("acs:ram::42:role/")
        assert function() == "cn-shanghai"


def test_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FC_MAGIC_HOME may be relative to where the kernel runs, and ~ is the home."""
    monkeypatch.chdir(tmp_path)
    settings = Settings.load({"FC_MAGIC_HOME": "here"})
    with fc_magic.connect(settings) as client:
        assert client.list() == ()
    found = LocalServer.find(tmp_path / "here")
    assert found is not None
    found.stop()
    assert Settings.load({"FC_MAGIC_HOME": "~/x"}).folder == Path.home() / "x"


def test_ends_after_its_last_kernel(home: Path) -> None:
    """A server with ``idle_stop`` stays while a process that uses it lives, and ends after it."""
    program = (
        "import sys, fc_magic\n"
        "from fc_magic import Settings\n"
        "client = fc_magic.connect(Settings.load({}, home=sys.argv[1], idle_stop=0.4))\n"
        "print(client.target.endpoint, flush=True)\n"
        "sys.stdin.read()\n"
    )
    kernel = subprocess.Popen(
        [sys.executable, "-c", program, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert kernel.stdout is not None
    assert kernel.stdin is not None
    url = kernel.stdout.readline().strip()
    server = LocalServer.find(home)
    assert server is not None
    assert server.url == url
    with pytest.raises(TimeoutError):
        ended(server.pid, 1.5)
    kernel.communicate("")
    ended(server.pid, 10)
    assert LocalServer.find(home) is None


def ended(pid: int, seconds: float) -> None:
    """Waits for the end of a process that is no child of ours. Raises TimeoutError."""
    import select

    handle = os.pidfd_open(pid)
    try:
        if not select.select([handle], [], [], seconds)[0]:
            raise TimeoutError
    finally:
        os.close(handle)
