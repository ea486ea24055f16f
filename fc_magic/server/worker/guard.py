"""Nobody in an instance forks without being let: its first process counts, and holds up who forks without end.

Standard library only, Python 3.9 to 3.14: it runs in the first process of an instance, and in what that starts.

A limit in the kernel bites only after a fork has copied all it copies: a thousand processes that try again and again
keep each other, and the whole machine, waiting for the same locks. Here they wait for one process, and sleep.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

# <linux/seccomp.h>, <linux/filter.h>, <linux/audit.h>
SET_MODE_FILTER, SPEC_ALLOW, NEW_LISTENER, WAIT_KILLABLE = 1, 4, 8, 32
NOTIFY, ALLOW = 0x7FC00000, 0x7FFF0000
RECV, SEND, SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082104
SYNC_WAKE_UP, CONTINUE = 1, 1
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
#: machine -> its number in <linux/audit.h>, that of seccomp, and those of fork, vfork, clone and clone3
CALLS = {
    "x86_64": (0xC000003E, 317, (56, 57, 58, 435)),
    "aarch64": (0xC00000B7, 277, (220, 435)),
}
#: clone of both; fork, which has no arguments and so asks with what it finds, is nobody's any more
COPIES = (56, 220)
#: id, pid, flags, number of the call, machine, address, its first argument, five more
NOTICE, REPLY = struct.Struct("QIIiIQQ40x"), struct.Struct("QqiI")
CLONE_VM = 0x100

#: with more than so many, the next one that copies a whole process has to wait for a moment
CROWD, PACE_S = 256, 0.002


def install() -> int:
    """This process and all it starts ask before they fork, from here on: at this descriptor. Raises OSError."""
    machine = CALLS.get(os.uname().machine)
    if machine is None:
        raise OSError(errno.ENOSYS, "system calls of this machine are not known")
    arch, seccomp, numbers = machine
    steps = [(LOAD, 0, 0, 4), (JUMP_EQUAL, 0, len(numbers) + 1, arch), (LOAD, 0, 0, 0)]
    steps += [(JUMP_EQUAL, len(numbers) - n, 0, number) for n, number in enumerate(numbers)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, NOTIFY)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    whole = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (WAIT_KILLABLE, 0):  # the first from Linux 5.19 on: a signal does not begin a fork anew
        listener: int = libc.syscall(seccomp, SET_MODE_FILTER, NEW_LISTENER | SPEC_ALLOW | flags, whole)
        if listener >= 0:
            return listener
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "seccomp")


def hand_over(sock: socket.socket) -> None:
    """The process that is to be guarded hands what ``install`` gives to ``take``, or nothing."""
    with sock:
        try:
            listener = install()
        except OSError:
            return
        socket.send_fds(sock, [b"."], [listener])
        os.close(listener)


def take(sock: socket.socket) -> int:
    """The descriptor of ``hand_over``; -1 if the machine has none to give."""
    with sock:
        return next(iter(socket.recv_fds(sock, 1, 1)[1]), -1)


def possible() -> str:
    """Why nobody can be guarded here; nothing if all is well. Tries it in a child."""
    child = os.fork()
    if not child:
        try:
            ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # no_new_privs, as an instance has it
            install()
        except OSError as error:
            os._exit(error.errno or errno.EPERM)
        os._exit(0)
    number = os.WEXITSTATUS(os.waitpid(child, 0)[1])
    return f"seccomp: {os.strerror(number)}" if number else ""


class Guard:
    """Lets forks pass up to ``limit`` processes and threads; ``count`` says how many there are, and takes long."""

    def __init__(self, listener: int, limit: int, count: Callable[[], int]) -> None:
        self._listener, self._limit, self._count = listener, limit, count
        self._most = self._counted = 1
        with contextlib.suppress(OSError):  # before Linux 6.6 it takes some microseconds longer
            fcntl.ioctl(listener, SET_FLAGS, struct.pack("Q", SYNC_WAKE_UP))

    def answer(self) -> bool:
        """Whether all is well; else there are too many, and who asked still waits."""
        asked = bytearray(NOTICE.size)
        with contextlib.suppress(OSError):  # who asked is gone, or was interrupted and asks again
            fcntl.ioctl(self._listener, RECV, asked)
            identity, _, _, number, _, _, flags = NOTICE.unpack(asked)
            if not self._may():
                return False
            # a thread, or a program that is run, is made with CLONE_VM or in another call
            if self._most > CROWD and number in COPIES and not flags & CLONE_VM:
                time.sleep(PACE_S)
            fcntl.ioctl(self._listener, SEND, REPLY.pack(identity, 0, 0, CONTINUE))
        return True

    def _may(self) -> bool:
        # ends are not counted, so this is at least how many there are; now and then it is worth to know
        self._most += 1
        if self._most > min(max(CROWD, 2 * self._counted), self._limit):
            self._counted = self._count()
            self._most = self._counted + 1
        return self._most <= self._limit


def serve(
    listener: int, limit: int, count: Callable[[], int], bury: Callable[[], None], end: Callable[[], NoReturn]
) -> NoReturn:
    """The rest of the first process's life: answers who forks, and calls ``bury`` when a child may have ended.

    ``end`` is called when there are more than ``limit``.
    """
    woken, wake = os.pipe()
    for side in (woken, wake):
        os.set_blocking(side, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(woken, select.POLLIN)
    guard = None
    if listener >= 0:
        poll.register(listener, select.POLLIN)
        guard = Guard(listener, limit, count)
    bury()
    while True:
        for ready, event in poll.poll():
            if ready == woken:
                os.read(woken, 512)
                bury()
            elif event & select.POLLIN and guard:
                if not guard.answer():
                    end()
            else:  # all who could ask are gone
                poll.unregister(listener)


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
