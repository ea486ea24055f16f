"""What tests of processes share: who is alive, who belongs to an instance, and waiting for a condition."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: far more than anything here takes, even on a busy machine
LIMIT_S = 20.0


def wait_for(condition: Callable[[], Any]) -> Any:
    """What the condition says once it holds; fails if it never does."""
    ends = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)
    return found


async def until(condition: Callable[[], Any]) -> None:
    """The same inside an event loop."""
    ends = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        await asyncio.sleep(0.005)


def state(pid: int) -> str:
    """The letter of a process's state; nothing if there is no such process."""
    return _stat(pid)[0]


def is_alive(pid: int) -> bool:
    return state(pid) not in ("", "Z")


def marked(instance_id: str) -> list[int]:
    """Processes that have this instance's id in their environment."""
    mark = f"FC_INSTANCE_ID={instance_id}".encode()
    return [pid for pid in _pids() if mark in _read(pid, "environ").split(b"\0") and is_alive(pid)]


def children() -> set[int]:
    """The processes this one has started and not yet buried."""
    return {pid for pid in _pids() if _stat(pid)[1] == os.getpid()}


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _stat(pid: int) -> tuple[str, int]:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return (fields[0].decode(), int(fields[1])) if fields else ("", 0)
