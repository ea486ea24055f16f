"""Ends everything an instance started: its process group, and what left the group.

A child that called ``setsid`` or was orphaned is found by its parent, or by the instance id in its environment.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable

_PROC = "/proc"


def kill(pid: int, instance_id: str) -> None:
    """SIGKILL to the group of ``pid`` and to all its descendants, until none is left to find."""
    descendants = _descendants(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for _ in range(10):
        strays = {*descendants, *_descendants(pid), *_marked(instance_id)} - {pid, os.getpid()}
        alive = [p for p in strays if _send(p, signal.SIGKILL)]
        descendants = set()
        if not alive:
            return


def terminate(pid: int) -> None:
    """SIGTERM to the instance alone: it prints where its threads are."""
    _send(pid, signal.SIGTERM)


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return _stat(pid)[0] not in ("", "Z")


def _pids() -> list[int]:
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
    for other in _pids():
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
    for pid in _pids():
        try:
            with open(f"{_PROC}/{pid}/environ", "rb") as file:
                if mark in file.read().split(b"\0") and _stat(pid)[0] != "Z":
                    found.add(pid)
        except OSError:
            continue  # not ours to read, or gone
    return found
