"""Gives a program another port than the one it asks for, so that several can serve at "0.0.0.0:9000" side by side.

Standard library only, Python 3.9 to 3.14: it runs in the first process of an instance. The kernel stops the program
in bind(2), listen(2) and connect(2) and asks that process first (see notify.py), which takes the socket and
binds it to loopback, at a port that is free. The network stays the machine's own: everything out there is reachable.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from fc_magic.server.worker.notify import Answers, Notice

PIDFD_GETFD = 438
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
    """Why ports cannot be moved here, where processes can be asked; nothing if they can."""
    try:
        _call(PIDFD_GETFD, -1, 0, 0)
    except OSError as error:
        # a container may forbid it; allowed, it finds that -1 is no descriptor
        return "" if error.errno == errno.EBADF else f"pidfd_getfd: {error.strerror}"
    return ""


class Ports:
    """Answers what the kernel asks of one instance, whose programs want ``port``; ``say`` tells the server."""

    def __init__(self, port: int, say: Callable[[dict[str, Any]], None]) -> None:
        self.port, self.say = port, say
        #: where they got it: (host, port) as the server reaches it
        self.real: tuple[str, int] | None = None
        #: who binds it to loopback is not reached there
        self.hidden: set[int] = set()

    @property
    def answers(self) -> Answers:
        return {"bind": self.bind, "listen": self.listen, "connect": self.connect}

    # ------------------------------------------------------------ the three calls: an error, or None to go on

    def bind(self, notice: Notice) -> int | None:
        said = _address(notice)
        if said is None or said[1] != self.port:
            return None
        host, _ = said
        with self._taken(notice) as sock:
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

    def listen(self, notice: Notice) -> int | None:
        with self._taken(notice) as sock:
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
            sock.listen(_int(notice.arguments[1]))
            if self.real and port == self.real[1]:
                self.say({"listening": self.real})
        return 0

    def connect(self, notice: Notice) -> int | None:
        """Who calls themselves at the port they asked for mean the one they got: the address itself is changed."""
        said = _address(notice)
        if said is None or self.real is None or said[1] != self.port:
            return None
        host, _ = said
        if not (_is_loopback(host) or not any(host)):
            return None
        changed = {2: struct.pack("!H", self.real[1])}
        if len(host) == 16:
            real = bytes(15) + b"\1" if ":" in self.real[0] else MAPPED + socket.inet_aton("127.0.0.1")
            changed[8] = real
        with open(f"/proc/{notice.thread}/mem", "r+b", buffering=0) as memory:
            for place, data in changed.items():
                os.pwrite(memory.fileno(), data, notice.arguments[1] + place)
        return None

    def _taken(self, notice: Notice) -> socket.socket:
        """A descriptor of ours for the same socket. Raises OSError if it is none."""
        with open(f"/proc/{notice.thread}/status") as file:
            process = next(int(line.split()[1]) for line in file if line.startswith("Tgid:"))
        handle = os.pidfd_open(process)
        try:
            return _socket(_call(PIDFD_GETFD, handle, _int(notice.arguments[0]), 0))
        finally:
            os.close(handle)

    def _loopback(self, sock: socket.socket) -> str:
        if sock.family == socket.AF_INET:
            return "127.0.0.1"
        only = sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
        return "::1" if only else "::ffff:127.0.0.1"


def _address(notice: Notice) -> tuple[bytes, int] | None:
    """(host, port) of an internet address in the memory of who asks; None for any other kind."""
    _, address, size, *_ = notice.arguments
    try:
        with open(f"/proc/{notice.thread}/mem", "rb", buffering=0) as memory:
            notice.still()
            raw = os.pread(memory.fileno(), min(size, MOST_OF_ADDRESS), address)
    except (OSError, OverflowError):
        return None  # the kernel finds for itself what is wrong with it
    if len(raw) < 16:
        return None
    family, port = struct.unpack_from("H", raw)[0], struct.unpack_from("!H", raw, 2)[0]
    if family == socket.AF_INET:
        return raw[4:8], port
    return (raw[8:24], port) if family == socket.AF_INET6 and len(raw) >= 24 else None


def only_here(answer: Callable[[Notice], int | None] | None) -> Callable[[Notice], int | None]:
    """In the place of ``answer`` to connect(2): no other machine is reached, as if there were no way there.

    Datagrams that are sent without it are not held back.
    """

    def connect(notice: Notice) -> int | None:
        said = _address(notice)
        if said is not None and any(said[0]) and not _is_loopback(said[0]):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        return answer(notice) if answer else None

    return connect


def _int(argument: int) -> int:
    """An argument as C has it in an int."""
    return ctypes.c_int(argument & 0xFFFFFFFF).value


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
