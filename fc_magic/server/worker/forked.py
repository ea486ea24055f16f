"""The first process of an instance that a fork server started, as this server holds it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
from pathlib import Path

from fc_magic.server.worker import disk, tree

#: how often it is looked whether an instance that nobody waits for any more has ended
BURY_S = 0.01


class Forked:
    """The first process of a forked instance, held by its pidfd."""

    def __init__(self, handle: int, isolated: bool, own: Path | None = None, files: Path = Path()) -> None:
        self._handle, self._isolated = handle, isolated
        self._own, self._files = own, files
        self._open = True
        self.pid = _pid(handle)

    def kill(self) -> None:
        # alone in a process table the first process takes all others with it
        if not self._isolated and self._open and not _ended(self._handle):
            tree.kill_below(self.pid)
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)  # it passes that on

    def held(self, enough: int, pause_s: float = 0.0) -> tree.Held:
        # who forks without end leaves us little time to look: their number alone is quickly read
        if self._isolated and (number := tree.number(self.pid)) > enough:
            return tree.Held(tasks=number)
        # the first process is ours
        return tree.held(tree.children(self.pid), enough, pause_s)

    def written_mb(self) -> float | None:
        return disk.written_mb(self._own, self._files) if self._own else None

    def buried(self) -> bool:
        if self._open and _ended(self._handle):
            self._open = False
            os.close(self._handle)
            if self._own:
                disk.discard(self._own)
        return not self._open

    def _send(self, number: int) -> None:
        if not self._open:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)


def _ended(handle: int) -> bool:
    poll = select.poll()  # select cannot do with a high descriptor
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(0))


def _pid(handle: int) -> int:
    with open(f"/proc/self/fdinfo/{handle}") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pid:"))


def bury(first: Forked) -> None:
    """Now, or as soon as it has ended."""
    if not first.buried():
        asyncio.get_running_loop().call_later(BURY_S, bury, first)
