"""An instance's processes ask its first process before certain system calls (seccomp_unotify(2)), and wait meanwhile.

Standard library only, Python 3.9 to 3.14: it runs in the first process of an instance, and in what that starts. The
kernel takes one listener for a process and all it starts, so everybody who wants to be asked is in one table.
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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn

# <linux/seccomp.h>, <linux/filter.h>
SET_MODE_FILTER, SPEC_ALLOW, NEW_LISTENER, WAIT_KILLABLE = 1, 4, 8, 32
NOTIFY, ALLOW = 0x7FC00000, 0x7FFF0000
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER_AT, ARCH_AT = 0, 4
#: _IOWR('!', 0, …), _IOWR('!', 1, …), _IOW('!', 2, u64), _IOW('!', 4, u64)
RECEIVE, SEND, IS_VALID, SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082102, 0x40082104
SYNC_WAKE_UP, GO_ON = 1, 1
#: id, pid, flags, {number, architecture, instruction, six arguments}; id, value, error, flags
NOTICE, REPLY = struct.Struct("QIIiIQ6Q"), struct.Struct("QqiI")
#: machine -> (its number in <linux/audit.h>, that of seccomp, those of the calls)
MACHINES = {
    "x86_64": (
        0xC000003E,
        317,
        {"clone": 56, "fork": 57, "vfork": 58, "clone3": 435, "bind": 49, "listen": 50, "connect": 42},
    ),
    "aarch64": (0xC00000B7, 277, {"clone": 220, "clone3": 435, "bind": 200, "listen": 201, "connect": 203}),
}


class Notice:
    """One call that waits: ``thread`` makes it, with ``arguments`` as the kernel has them."""

    __slots__ = ("arguments", "id", "listener", "name", "thread")

    def __init__(self, listener: int, id: int, thread: int, name: str, arguments: tuple[int, ...]) -> None:
        self.listener, self.id, self.thread, self.name, self.arguments = listener, id, thread, name, arguments

    def still(self) -> None:
        """Raises OSError if who asked is gone: its number may be another's by now."""
        fcntl.ioctl(self.listener, IS_VALID, struct.pack("Q", self.id))


if TYPE_CHECKING:
    #: what the call returns, or None: then it goes on. OSError is the call's own error
    Answers = Mapping[str, Callable[[Notice], int | None]]


def install(names: Iterable[str]) -> int:
    """This process and all it starts ask before these calls, from here on: at this descriptor. Raises OSError.

    Needs no_new_privs. A call that the machine does not have is left out.
    """
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        raise OSError(errno.ENOSYS, "system calls of this machine are not known")
    arch, seccomp, calls = machine
    numbers = [calls[name] for name in names if name in calls]
    steps = [(LOAD, 0, 0, ARCH_AT), (JUMP_EQUAL, 0, len(numbers) + 1, arch), (LOAD, 0, 0, NUMBER_AT)]
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


def possible() -> str:
    """Why nobody can be asked here; nothing if all is well. Tries it in a child."""
    child = os.fork()
    if not child:
        try:
            ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # no_new_privs, as an instance has it
            install(["fork"])
        except OSError as error:
            os._exit(error.errno or errno.EPERM)
        os._exit(0)
    number = os.WEXITSTATUS(os.waitpid(child, 0)[1])
    return f"seccomp: {os.strerror(number)}" if number else ""


def hand_over(sock: socket.socket, names: Iterable[str]) -> None:
    """The process that will ask hands what ``install`` gives to ``take``, or nothing."""
    with sock:
        try:
            listener = install(names)
        except OSError:
            return
        socket.send_fds(sock, [b"."], [listener])
        os.close(listener)


def take(sock: socket.socket) -> int:
    """The descriptor of ``hand_over``; -1 if the machine has none to give, or its process ended before."""
    with sock:
        return next(iter(socket.recv_fds(sock, 1, 1)[1]), -1)


def serve(listener: int, answers: Answers, bury: Callable[[], None]) -> NoReturn:
    """The rest of the first process's life: answers who asks, and calls ``bury`` when a child may have ended."""
    woken, wake = os.pipe()
    for side in (woken, wake):
        os.set_blocking(side, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(woken, select.POLLIN)
    if listener >= 0:
        poll.register(listener, select.POLLIN)
        with contextlib.suppress(OSError):  # before Linux 6.6 it takes some microseconds longer
            fcntl.ioctl(listener, SET_FLAGS, struct.pack("Q", SYNC_WAKE_UP))
    names = (
        {number: name for name, number in MACHINES[os.uname().machine][2].items()} if listener >= 0 else {}
    )
    bury()
    while True:
        for ready, event in poll.poll():
            if ready == woken:
                os.read(woken, 512)
                bury()
            elif event & select.POLLIN:
                with contextlib.suppress(OSError):  # who asked is gone, or was interrupted and asks again
                    _answer(listener, answers, names)
            else:  # all who could ask are gone
                poll.unregister(listener)


def _answer(listener: int, answers: Answers, names: Mapping[int, str]) -> None:
    asked = bytearray(NOTICE.size)
    fcntl.ioctl(listener, RECEIVE, asked)
    id, thread, _, number, _, _, *arguments = NOTICE.unpack(asked)
    name = names[number]
    try:
        result = answers[name](Notice(listener, id, thread, name, tuple(arguments)))
        reply = REPLY.pack(id, 0, 0, GO_ON) if result is None else REPLY.pack(id, result, 0, 0)
    except OSError as error:
        reply = REPLY.pack(id, 0, -(error.errno or errno.EACCES), 0)
    except Exception:  # noqa: BLE001 - whatever a program asks, it must not end who answers: the kernel judges it
        reply = REPLY.pack(id, 0, 0, GO_ON)
    fcntl.ioctl(listener, SEND, reply)
