"""Which kernels use this server, and since when none does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable


class Leases:
    """A kernel is known by its process id and, where the system tells, by when that process began."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[int, str] = {}
        self._last = clock()

    def take(self, pid: int) -> None:
        self._held[pid] = birth(pid)
        self._last = self._clock()

    def idle_s(self) -> float:
        """Seconds since the last kernel ended; 0 while one lives."""
        self._held = {pid: born for pid, born in self._held.items() if birth(pid) == born != ""}
        if self._held:
            self._last = self._clock()
        return self._clock() - self._last


def birth(pid: int) -> str:
    """Something that differs for another process of the same id; "" if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return "" if fields[0] == b"Z" else fields[19].decode()
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return ""
    except OSError:
        return "alive"
    return "" if os.path.isdir("/proc/self") else "alive"
