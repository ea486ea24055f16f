"""Whether cores of this machine have nothing to do."""

from __future__ import annotations

import os

#: of one core's time that has to be left to call it idle
IDLE = 0.7


class Cores:
    """Counts since it was asked before. Says no where that cannot be told."""

    def __init__(self) -> None:
        self._before = _counts()

    def idle(self) -> bool:
        before, now = self._before, _counts()
        if before is None or now is None:
            return False
        passed = (now[1] - before[1]) / max(os.cpu_count() or 1, 1)
        if passed < 1:  # the counts grow a hundred times a second
            return False
        self._before = now
        return now[0] - before[0] >= IDLE * passed


def _counts() -> tuple[int, int] | None:
    """Time of all cores: idle, or waiting for a disk, and all of it."""
    try:
        with open("/proc/stat", "rb") as file:
            counts = [int(word) for word in file.readline().split()[1:9]]
    except (OSError, ValueError):
        return None
    return counts[3] + counts[4], sum(counts)
