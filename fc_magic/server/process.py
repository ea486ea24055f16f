"""LocalServer: finds the Function Compute that runs for a data folder, or starts one as a process of its own."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fc_magic.errors import ServerStartFailed
from fc_magic.server import keys, leases
from fc_magic.server.data_folder import INFO, LOCK, LOG, READY

START_LIMIT_S = 30.0
#: never handed to the server: it has keys of its own, and its functions must not see the user's
_KEPT_BACK = (
    "ALIBABA_CLOUD_",
    "FC_MAGIC_ACCESS_KEY",
    "FC_MAGIC_SECURITY",
    "JPY_",
    "PYTHONPATH",
    "PYTHONHOME",
)


@dataclass(frozen=True)
class LocalServer:
    """A running Function Compute. ``keys`` are the ones it made for this user, and its object store's too."""

    url: str
    objects_url: str
    pid: int
    region: str
    account_id: str
    role: str
    keys: keys.Keys
    folder: Path

    @classmethod
    def find(cls, folder: Path) -> LocalServer | None:
        """The one that serves ``folder`` now, or None. A server that was killed does not count, zombie or not."""
        holder = _lock_holder(folder)
        # a killed process is over before the last of its threads has let go of the lock
        if holder is None or not leases.birth(holder):
            return None
        try:
            info = json.loads((folder / INFO).read_text())
            if info["pid"] != holder:
                return None
            own = keys.read(folder)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return cls(
            url=info["url"],
            objects_url=info.get("objects_url", ""),
            pid=info["pid"],
            region=info["region"],
            account_id=info["account_id"],
            role=info["role"],
            keys=own,
            folder=folder,
        )

    @classmethod
    def ensure(cls, folder: Path, **options: Any) -> LocalServer:
        """The running one, or a new one. Raises ServerStartFailed."""
        _reap()
        return cls.find(folder) or cls.start(folder, **options)

    @classmethod
    def start(cls, folder: Path, idle_stop: float = 600.0, **options: Any) -> LocalServer:
        """Starts one, or waits for one that somebody else is starting. ``options`` as of ``fc-magic serve``."""
        ends = time.monotonic() + START_LIMIT_S
        process, said = _launch(folder, {"idle-stop": idle_stop, **options}, ends)
        while time.monotonic() < ends:
            found = cls.find(folder)
            if found:
                return found
            if process.poll() is not None and _lock_holder(folder) is None:
                break
            # another process won the race for the folder and is about to write where it listens
            time.sleep(0.02)
        raise ServerStartFailed(
            f"the local Function Compute did not start: {said.strip() or _last_words(folder)}"
        )

    def stop(self) -> None:
        """Ends it and waits until its folder is free."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        self.wait(15)

    def wait(self, seconds: float) -> None:
        """Until it has ended and its folder is free, but no longer than that. One that was told to stop takes no
        connection any more, and still answers those that it has."""
        ends = time.monotonic() + seconds
        while _lock_holder(self.folder) == self.pid and time.monotonic() < ends:
            time.sleep(0.01)

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _launch(folder: Path, options: Mapping[str, Any], ends: float) -> tuple[subprocess.Popen[bytes], str]:
    """Starts the process and returns when it is ready or has given up, with what it said in that case."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = open(folder / LOG, "ab")  # noqa: SIM115 - handed to the process
    except OSError as error:
        raise ServerStartFailed(
            f"the data folder {folder} cannot be written: {error.strerror}",
            hint="set FC_MAGIC_HOME to another folder",
        ) from error
    given = [
        f"--{name.replace('_', '-')}={value}" for name, value in options.items() if value not in (None, "")
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_KEPT_BACK)}
    with log:
        log.truncate(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "fc_magic", "serve", f"--data={folder}", *given],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd=folder,
            # a session of its own: an interrupt of the kernel goes to the kernel's whole group
            start_new_session=True,
            # a line that waits in a buffer of ours is one that select() does not see
            bufsize=0,
        )
    assert process.stdout is not None
    with process.stdout as stdout:
        while time.monotonic() < ends:
            if not select.select([stdout], [], [], max(ends - time.monotonic(), 0))[0]:
                break
            line = stdout.readline()
            if not line or line.startswith(READY.encode()):
                break
    if not (folder / INFO).exists():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
    _started.append(process)
    return process, _last_words(folder) if process.poll() not in (None, 0) else ""


#: processes this one started and has not yet buried
_started: list[subprocess.Popen[bytes]] = []


def _reap() -> None:
    _started[:] = [process for process in _started if process.poll() is None]


def _let_live() -> None:
    """At our end the server goes on, as it should: without a warning about a child left behind."""
    for process in _started:
        process.returncode = 0


atexit.register(_let_live)


def _last_words(folder: Path) -> str:
    try:
        return (folder / LOG).read_text(errors="replace")[-2000:]
    except OSError:
        return ""


def _lock_holder(folder: Path) -> int | None:
    """The process that holds the folder's lock. The system frees a lock when its process ends, however it does."""
    try:
        with open(folder / LOCK) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = lock.read().strip()
                return int(text) if text.isdigit() else -1
            return None
    except OSError:
        return None
