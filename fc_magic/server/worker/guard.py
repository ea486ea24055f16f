"""Nobody in an instance forks without being let: its first process counts, and holds up who forks without end.

Standard library only, Python 3.9 to 3.14: it runs in the first process of an instance.

A limit in the kernel bites only after a fork has copied all it copies: a thousand processes that try again and again
keep each other, and the whole machine, waiting for the same locks. Here they wait for one process, and sleep.
"""

from __future__ import annotations

import contextlib
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from fc_magic.server.worker.notify import Answers, Notice

#: clone is of both; fork, which has no arguments and so asks with what it finds, is nobody's any more
FORKS, COPIES = ("clone", "clone3", "fork", "vfork"), ("clone", "fork")
CLONE_VM = 0x100
#: with more than so many, the next one that copies a whole process has to wait for a moment
CROWD, PACE_S = 256, 0.002
#: so few already, if copies copy themselves: longer for each that does so, up to the most
SPREAD, COPYING, COPYING_PACE_S, MOST_PACE_S = 16, 8, 0.01, 0.1
#: and from then on everybody else comes first
LAST = 19


class Guard:
    """Lets forks pass up to ``limit`` processes and threads; ``count`` says how many there are, and takes long.

    ``end`` is called when there are more, while who asked still waits.
    """

    def __init__(self, limit: int, count: Callable[[], int], end: Callable[[], NoReturn]) -> None:
        self._limit, self._count, self._end = limit, count, end
        self._most = self._counted = 1
        #: who copied itself, and is alive as far as is known
        self._copying: set[int] = set()

    @property
    def answers(self) -> Answers:
        return dict.fromkeys(FORKS, self._let)

    def _let(self, notice: Notice) -> None:
        if not self._may():
            self._end()
        # a thread, or a program that is run, is made with CLONE_VM or in another call
        if notice.name in COPIES and not notice.arguments[0] & CLONE_VM:
            self._copying.add(notice.thread)
            if self._most > CROWD:
                time.sleep(PACE_S)
            if self._most > SPREAD and len(self._copying) > COPYING:
                self._hold_up(notice.thread)

    def _hold_up(self, thread: int) -> None:
        """Who starts many is a pool; where many each start some, as a script may for a while, there may be no end."""
        self._forget_ended()
        copying = len(self._copying) - COPYING
        if copying > 0:
            with contextlib.suppress(OSError):  # it ended meanwhile
                os.setpriority(os.PRIO_PROCESS, thread, LAST)
            time.sleep(min(copying * COPYING_PACE_S, MOST_PACE_S))

    def _forget_ended(self) -> None:
        self._copying = {thread for thread in self._copying if os.path.exists(f"/proc/{thread}")}

    def _may(self) -> bool:
        # ends are not counted, so this is at least how many there are; now and then it is worth to know
        self._most += 1
        if self._most > min(max(SPREAD, 2 * self._counted), self._limit):
            self._counted = self._count()
            self._most = self._counted + 1
            self._forget_ended()
        return self._most <= self._limit


def tasks(pids: list[str]) -> int:
    """Processes and threads."""
    found = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it ended meanwhile
            found += os.stat(f"/proc/{pid}/task").st_nlink - 2
    return found


def in_table() -> int:
    """Of this process table."""
    return tasks([name for name in os.listdir("/proc") if name.isdigit()])


def below() -> int:
    """Of this process and all it started."""
    found, queue = [], [str(os.getpid())]
    while queue:
        pid = queue.pop()
        found.append(pid)
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as file:
                    queue += file.read().split()
        except OSError:
            pass  # it ended meanwhile
    return tasks(found)
