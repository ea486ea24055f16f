"""What instances know of the machine's names: its resolv.conf and hosts as they are now."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fc_magic.server.worker import sandbox
from tests.conftest import KEY_ID, SECRET, Server, function_file

OWN_ETC = "mount --bind {etc} /etc && exec {python} -m fc_magic serve --data={data}"
FOUND = "import socket; answer = [open('/etc/resolv.conf').read(), socket.gethostbyname('fc-magic.test')]"


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_changes_reach_instances(tmp_path: Path) -> None:
    """A file that is replaced by another, or written to, is what the next instance finds, and running ones too."""
    etc = tmp_path / "etc"
    etc.mkdir()
    for path in map(Path, sandbox.etc()):
        copy = shutil.copyfile if path.is_file() else shutil.copytree
        if path.exists():
            copy(path, etc / path.name)
    _replace(etc / "resolv.conf", "# first\n")
    _replace(etc / "hosts", "127.0.0.1 fc-magic.test\n")
    words = OWN_ETC.format(
        etc=shlex.quote(str(etc)), python=sys.executable, data=shlex.quote(str(tmp_path / "data"))
    )
    environment = {**os.environ, "FC_MAGIC_ACCESS_KEY_ID": KEY_ID, "FC_MAGIC_ACCESS_KEY_SECRET": SECRET}
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", words]
    process = subprocess.Popen(inside, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        objects, ready = (process.stdout.readline().split()[-1] for _ in range(2))
        with Server(ready, objects, tmp_path, process).client() as client:
            does = client.deploy({"name": "f", "code": function_file("does")})
            other = client.deploy({"name": "g", "code": function_file("does")})
            assert does(FOUND) == ["# first\n", "127.0.0.1"]
            _replace(etc / "resolv.conf", "# second\n")
            with (etc / "hosts").open("w") as hosts:
                hosts.write("127.0.0.77 fc-magic.test\n")
            assert other(FOUND) == ["# second\n", "127.0.0.77"]
            assert does(FOUND) == ["# second\n", "127.0.0.77"]
            assert not does.invoke("open('/etc/hosts', 'a')").ok
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _replace(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
