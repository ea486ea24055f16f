"""Gives a program another port than the one it asks for, so that several can serve at "0.0.0.0:9000" side by side.

Standard library only, Python 3.9 to 3.14: it runs in the first process of an instance. The kernel stops the program
in bind(2), listen(2) and connect(2) and asks that process first (seccomp_unotify(2)), which takes the socket and
binds it to loopback, at a port that is free. The network stays the machine's own: everything out there is reachable.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import select
import signal
import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# <linux/seccomp.h>, <linux/audit.h>, <linux/filter.h>
SET_MODE_FILTER, GET_ACTION_AVAIL, NEW_LISTENER = 1, 2, 8
RET_ALLOW, RET_USER_NOTIF = 0x7FFF0000, 0x7FC00000
LD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER_AT, ARCH_AT = 0, 4
#: _IOWR('!', 0, …), _IOWR('!', 1, …), _IOW('!', 2, u64)
RECEIVE, SEND, IS_VALID = 0xC0502100, 0xC0182101, 0x40082102
#: id, pid, flags, {number, architecture, instruction, six arguments}; id, value, error, flags
CALL, ANSWER = struct.Struct("QIIiIQ6Q"), struct.Struct("QqiI")
GO_ON = 1
PIDFD_GETFD = 438
#: machine -> (architecture, seccomp, bind, listen, connect)
NUMBERS = {
    "x86_64": (0xC000003E, 317, 49, 50, 42),
    "aarch64": (0xC00000B7, 277, 200, 201, 203),
}
MOST_OF_ADDRESS = 28
MAPPED = bytes(10) + b"\xff\xff"

_libc = ctypes.CDLL(None, use_errno=True)


def _call(*words: Any) -> int:
    result = _libc.syscall(*words)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)


def unavailable() -> str:
    """Why ports cannot be moved on this machine; nothing if they can."""
    numbers = NUMBERS.get(os.uname().machine)
    if numbers is None:
        return f"the system calls of {os.uname().machine} are not known here"
    try:
        _call(numbers[1], GET_ACTION_AVAIL, 0, struct.pack("I", RET_USER_NOTIF))
    except OSError as error:
        return f"the kernel tells no process of another's calls: {error.strerror}"
    try:
        _call(PIDFD_GETFD, -1, 0, 0)
    except OSError as error:
        # a container may forbid it; allowed, it finds that -1 is no descriptor
        return "" if error.errno == errno.EBADF else f"pidfd_getfd: {error.strerror}"
    return ""


def watched() -> int:
    """From now on the kernel asks before this process, or what it starts, binds, listens or connects. The descriptor
    is for whoever is asked. Needs no_new_privs."""
    architecture, seccomp, *asked = NUMBERS[os.uname().machine]
    ahead = len(asked)
    rows = [
        (LD, 0, 0, ARCH_AT),
        (JUMP_IF_EQUAL, 0, ahead + 1, architecture),
        (LD, 0, 0, NUMBER_AT),
        *((JUMP_IF_EQUAL, ahead - n, 0, number) for n, number in enumerate(asked)),
        (RETURN, 0, 0, RET_ALLOW),
        (RETURN, 0, 0, RET_USER_NOTIF),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    head = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(program))
    return _call(seccomp, SET_MODE_FILTER, NEW_LISTENER, head)


class Ports:
    """Answers what the kernel asks of one instance, whose programs want ``port``; ``say`` tells the server."""

    def __init__(self, port: int, say: Callable[[dict[str, Any]], None]) -> None:
        self.port, self.say = port, say
        self.listener = -1
        #: where they got it: (host, port) as the server reaches it
        self.real: tuple[str, int] | None = None
        #: who binds it to loopback is not reached there
        self.hidden: set[int] = set()
        _, _, bind, listen, connect = NUMBERS[os.uname().machine]
        self.answers = {bind: self.bind, listen: self.listen, connect: self.connect}
        self._wake, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._poll = select.poll()
        self._poll.register(self._wake, select.POLLIN)

    def attend(self, sock: socket.socket) -> None:
        """The descriptor of ``watched`` comes over ``sock``, unless its process ended before."""
        _, descriptors, _, _ = socket.recv_fds(sock, 1, 1)
        sock.close()
        if descriptors:
            self.listener = descriptors[0]
            self._poll.register(self.listener, select.POLLIN)

    def until_signal(self) -> None:
        """Answers until a signal came, such as a child's end."""
        while True:
            ready = dict(self._poll.poll())
            if self._wake in ready:
                os.read(self._wake, 512)
                return
            if ready.get(self.listener, 0) & select.POLLIN:
                self.hear()
            elif self.listener in ready:  # nobody is left who could ask
                self._poll.unregister(self.listener)

    def hear(self) -> None:
        packed = bytearray(CALL.size)
        try:
            fcntl.ioctl(self.listener, RECEIVE, packed, True)
        except OSError:  # who asked was ended meanwhile
            return
        id, thread, _, number, _, _, *arguments = CALL.unpack(packed)
        try:
            result = self.answers[number](id, thread, *arguments[:3])
            answer = ANSWER.pack(id, 0, 0, GO_ON) if result is None else ANSWER.pack(id, 0, result, 0)
        except OSError as error:
            answer = ANSWER.pack(id, 0, -(error.errno or errno.EACCES), 0)
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.listener, SEND, answer)

    # ------------------------------------------------------------ the three calls: an error, or None to go on

    def bind(self, id: int, thread: int, number: int, address: int, size: int) -> int | None:
        said = self._address(id, thread, address, size)
        if said is None or said[1] != self.port:
            return None
        host, _ = said
        with self._taken(thread, number) as sock:
            if sock.type != socket.SOCK_STREAM:
                return None
            real = (self._loopback(sock), self.real[1] if self.real and not _is_loopback(host) else 0)
            sock.bind(real)
            port = sock.getsockname()[1]
            if _is_loopback(host):
                self.hidden.add(port)
            else:
                self.real = (real[0].replace("::ffff:", ""), port)
        return 0

    def listen(self, id: int, thread: int, number: int, backlog: int, _: int) -> int | None:
        with self._taken(thread, number) as sock:
            if sock.family not in (socket.AF_INET, socket.AF_INET6) or sock.type != socket.SOCK_STREAM:
                return None
            port = sock.getsockname()[1]
            if port in self.hidden:
                self.say({"hidden": True})
            elif self.real is None or port != self.real[1]:
                if port:
                    self.say({"elsewhere": port})
                return None
            # inherited by what it accepts: who writes head and body of an answer apart would wait for our
            # acknowledgement of the first, which takes 40 ms
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # done here and not there: now the server knows that it is done
            sock.listen(ctypes.c_int(backlog & 0xFFFFFFFF).value)
            if self.real and port == self.real[1]:
                self.say({"listening": self.real})
        return 0

    def connect(self, id: int, thread: int, _: int, address: int, size: int) -> int | None:
        """Who calls themselves at the port they asked for mean the one they got: the address itself is changed."""
        said = self._address(id, thread, address, size)
        if said is None or self.real is None or said[1] != self.port:
            return None
        host, _ = said
        if not (_is_loopback(host) or not any(host)):
            return None
        changed = {2: struct.pack("!H", self.real[1])}
        if len(host) == 16:
            real = bytes(15) + b"\1" if ":" in self.real[0] else MAPPED + socket.inet_aton("127.0.0.1")
            changed[8] = real
        with open(f"/proc/{thread}/mem", "r+b", buffering=0) as memory:
            for place, data in changed.items():
                os.pwrite(memory.fileno(), data, address + place)
        return None

    # ------------------------------------------------------------ looking at who asks

    def _address(self, id: int, thread: int, address: int, size: int) -> tuple[bytes, int] | None:
        """(host, port) of an internet address in the memory of who asks; None for any other kind."""
        try:
            with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
                self._still(id)
                raw = os.pread(memory.fileno(), min(size, MOST_OF_ADDRESS), address)
        except OSError:
            return None  # the kernel finds for itself what is wrong with it
        if len(raw) < 16:
            return None
        family, port = struct.unpack_from("H", raw)[0], struct.unpack_from("!H", raw, 2)[0]
        if family == socket.AF_INET:
            return raw[4:8], port
        return (raw[8:24], port) if family == socket.AF_INET6 and len(raw) >= 24 else None

    def _still(self, id: int) -> None:
        """Raises OSError if who asked is gone: its number may be another's by now."""
        fcntl.ioctl(self.listener, IS_VALID, struct.pack("Q", id))

    def _taken(self, thread: int, number: int) -> socket.socket:
        """A descriptor of ours for the same socket. Raises OSError if it is none."""
        with open(f"/proc/{thread}/status") as file:
            process = next(int(line.split()[1]) for line in file if line.startswith("Tgid:"))
        handle = os.pidfd_open(process)
        try:
            return _socket(_call(PIDFD_GETFD, handle, ctypes.c_int(number & 0xFFFFFFFF).value, 0))
        finally:
            os.close(handle)

    def _loopback(self, sock: socket.socket) -> str:
        if sock.family == socket.AF_INET:
            return "127.0.0.1"
        only = sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
        return "::1" if only else "::ffff:127.0.0.1"


def _socket(descriptor: int) -> socket.socket:
    try:
        return socket.socket(fileno=descriptor)
    except OSError:
        os.close(descriptor)
        raise


def _is_loopback(host: bytes) -> bool:
    if len(host) == 16:
        return host == bytes(15) + b"\1" or (host.startswith(MAPPED) and host[12] == 127)
    return host[0] == 127


def lines(control: int) -> Callable[[dict[str, Any]], None]:
    """What tells the server something, a line of JSON each time."""

    def say(what: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # it is gone, and soon so are we
            os.write(control, json.dumps(what).encode() + b"\n")

    return say
