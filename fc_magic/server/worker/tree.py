"""Ends everything an instance started: its process group, and what left the group.

A child that called ``setsid`` or was orphaned is found by its parent, or by the instance id in its environment.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_PROC = "/proc"
_PATIENCE_S = 0.1
#: processes looked at between two pauses: some tenths of a millisecond
_AT_A_TIME = 8
_PIECE = 1 << 16
#: how the kernel names memory that is shared and no file of anybody
_SHARED = (b"/dev/zero", b"/dev/shm/", b"/memfd:", b"/SYSV")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / (1 << 20) if hasattr(os, "sysconf") else 0.0


def members(pid: int, instance_id: str) -> set[int]:
    """``pid``, what it started, and what can be told to be of the instance by its environment."""
    return {pid, *_descendants(pid), *_marked(instance_id)}


def kill(pid: int, instance_id: str) -> None:
    """SIGKILL to the group of ``pid`` and to all its descendants, until none is left to find."""
    descendants = _descendants(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _kill_all(lambda: {*_descendants(pid), *_marked(instance_id)} - {pid}, descendants)


def kill_below(pid: int) -> None:
    """SIGKILL to all descendants of ``pid``, who takes in what loses its parent, until none is left to find."""
    if pid > 0:  # it was gone before anybody could ask for its number
        _kill_all(lambda: _descendants(pid))


def _kill_all(find: Callable[[], set[int]], first: Iterable[int] = ()) -> None:
    found = {*first, *find()}
    for _ in range(10):
        if not [p for p in found - {os.getpid()} if _send(p, signal.SIGKILL)]:
            return
        found = find()


def terminate(pid: int) -> None:
    """SIGTERM to the instance alone: it prints where its threads are."""
    _send(pid, signal.SIGTERM)


@dataclass
class Held:
    """What processes hold: at most, if nothing of it is shared between them, files that they map included.

    ``anonymous_mb`` is what is no file, by process.
    """

    anonymous_mb: dict[int, float] = field(default_factory=dict)
    most_mb: float = 0.0
    tasks: int = 0

    def exact_mb(self, enough: float, patience_s: float = math.inf) -> float:
        """Each shared page by its share, and no files; goes on no further than ``enough``, nor for long.

        Takes the kernel long for processes that hold much, or that fork: not for a thread that has to answer.
        """
        found, ends = 0.0, time.monotonic() + patience_s
        for pid in sorted(self.anonymous_mb, key=self.anonymous_mb.__getitem__, reverse=True):
            found += _own_kb(pid) / 1024
            if found > enough or time.monotonic() > ends:
                break
        return found

    def no_file_mb(self) -> float:
        """At most what is no file on a disk: the kernel keeps count of that. What is shared counts for each."""
        found = sum(self.anonymous_mb.values())
        for pid in self.anonymous_mb:
            with contextlib.suppress(OSError, ValueError):  # it is gone
                found += _behind(_read(f"{pid}/status"), b"RssShmem") / 1024
        return found

    def peak_mb(self) -> float:
        """What the largest of them ever held."""
        found = 0
        for pid in self.anonymous_mb:
            with contextlib.suppress(OSError, ValueError):  # it is gone
                found = max(found, _behind(_read(f"{pid}/status"), b"VmHWM"))
        return found / 1024


def held(pids: Iterable[int], enough: int = sys.maxsize, pause_s: float = 0.0) -> Held:
    """Of the processes and their descendants; goes on no further once it has counted ``enough`` tasks.

    Nor when it takes long: then so many processes run that it had better look at their number again. After each few
    it does nothing for ``pause_s``, so that another thread of this interpreter comes to its turn.
    """
    found = Held()
    queue, ends, pause_at = list(pids), time.monotonic() + _PATIENCE_S, _AT_A_TIME
    while queue and found.tasks <= enough and time.monotonic() < ends:
        pid = queue.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):  # it ended meanwhile
            threads = os.stat(f"{_PROC}/{pid}/task").st_nlink - 2
            resident, shared = map(int, _read(f"{pid}/statm").split()[1:3])
            found.most_mb += resident * _PAGE_MB
            found.anonymous_mb[pid] = (resident - shared) * _PAGE_MB
            found.tasks += threads
            for task in os.listdir(f"{_PROC}/{pid}/task") if threads != 1 else ("",):
                queue += children(pid, task)
        if pause_s and len(found.anonymous_mb) >= pause_at:
            pause_at += _AT_A_TIME
            time.sleep(pause_s)
            ends += pause_s
    return found


def _own_kb(pid: int) -> int:
    """What is a process's own in memory. A file that it maps is none of it, also where /tmp lies in memory."""
    with contextlib.suppress(OSError, ValueError):  # it is gone
        whole = _read(f"{pid}/smaps_rollup")
        own = _behind(whole, b"Pss_Anon")
        return own + _shared_kb(pid) if _behind(whole, b"Pss_Shmem") else own
    return 0


def _shared_kb(pid: int) -> int:
    """Its share of the memory that processes share, mapping by mapping: only their names tell it from files."""
    found, counts = 0, False
    with contextlib.suppress(OSError, ValueError):
        for line in _read(f"{pid}/smaps").splitlines():
            words = line.split(None, 5)
            if not words[0].endswith(b":"):
                counts = len(words) > 5 and words[5].startswith(_SHARED)
            elif counts and words[0] == b"Pss:":
                found += int(words[1])
    return found


def number(pid: int) -> int:
    """How many processes there are in the process table that ``pid`` sees."""
    try:
        return sum(name[0] in "123456789" for name in os.listdir(f"{_PROC}/{pid}/root/proc"))
    except OSError:
        return 0


def children(pid: int, task: str = "") -> list[int]:
    """The processes that a thread (without ``task``: the first thread) of ``pid`` started."""
    try:
        return [int(child) for child in _read(f"{pid}/task/{task or pid}/children").split()]
    except OSError:
        return []


def _read(name: str) -> bytes:
    # a file object would ask the kernel for twice as much
    handle = os.open(f"{_PROC}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = b""
        while piece := os.read(handle, _PIECE):
            text += piece
        return text
    finally:
        os.close(handle)


def _behind(text: bytes, key: bytes) -> int:
    """The number. Raises ValueError if there is none."""
    return int(text[text.index(key + b":") + len(key) + 1 :].split(None, 1)[0])


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return _stat(pid)[0] not in ("", "Z")


def pids() -> list[int]:
    """All processes of this machine that can be seen; none where there is no /proc."""
    if sys.platform != "linux":
        return []
    return [int(name) for name in os.listdir(_PROC) if name.isdigit()]


def _stat(pid: int) -> tuple[str, int]:
    """(state, parent) of a process; ("", 0) if it is gone. The name may hold anything, so read from its end."""
    try:
        with open(f"{_PROC}/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return fields[0].decode(), int(fields[1])
    except (OSError, IndexError, ValueError):
        return "", 0


def _descendants(pid: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for other in pids():
        children.setdefault(_stat(other)[1], []).append(other)
    found: set[int] = set()
    queue: Iterable[int] = [pid]
    while queue:
        queue = [c for p in queue for c in children.get(p, []) if c not in found]
        found.update(queue)
    return found


def _marked(instance_id: str) -> set[int]:
    mark = f"FC_INSTANCE_ID={instance_id}".encode()
    found = set()
    for pid in pids():
        try:
            with open(f"{_PROC}/{pid}/environ", "rb") as file:
                if mark in file.read().split(b"\0") and _stat(pid)[0] != "Z":
                    found.add(pid)
        except OSError:
            continue  # not ours to read, or gone
    return found
