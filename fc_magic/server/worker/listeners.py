"""Whose it is that listens on a port of this machine, where programs cannot be given ports of their own.

What comes with a request is for nobody but the function: a stranger at its port must not be taken for it. Read from
Linux's /proc; elsewhere, and where /proc does not say, nobody is known.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
from collections.abc import Iterable, Iterator

from fc_magic.server.worker import tree

#: who has more callers waiting than it takes lets the next one wait
ANSWER_S = 1.0
_LISTENS = "0A"
_MAPPED = bytes(10) + b"\xff\xff"
#: family, and which of its addresses get what is sent to 127.0.0.1, the nearest first
_TABLES = (
    ("tcp", (b"\x7f\0\0\1", bytes(4))),
    ("tcp6", (_MAPPED + b"\x7f\0\0\1", _MAPPED + bytes(4), bytes(16))),
)


async def answers(port: int) -> bool:
    """Whether somebody takes a connection at 127.0.0.1."""
    connecting = asyncio.get_running_loop().create_connection(asyncio.Protocol, "127.0.0.1", port)
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        transport, _ = await asyncio.wait_for(connecting, ANSWER_S)
        transport.abort()
        return True
    return False


def is_foreign(port: int, pid: int, mark: str) -> bool:
    """Whether it is known that who listens is not of the instance ``mark``, the processes that ``pid`` started."""
    found = _reached(port)
    ours = tree.members(pid, mark)
    return bool(found) and not found <= set(_sockets(ours)) and all(map(_is_readable, ours))


def who(port: int) -> str:
    """Names the process that listens, as far as it can be known."""
    found = _reached(port)
    for pid in tree.pids() if found else ():
        if found & set(_sockets([pid])):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/comm") as file:
                return f"{file.read().strip()} (process {pid})"
    return "another program"


def ports(pid: int, mark: str) -> set[int]:
    """Where the instance ``mark``, the processes that ``pid`` started, listens, at any address."""
    ours = set(_sockets(tree.members(pid, mark)))
    rows = [row for table, _ in _TABLES for row in _all_listening(table)]
    return {port for _, port, inode in rows if inode in ours}


def _reached(port: int) -> set[str]:
    """The sockets that get what is sent to the port at 127.0.0.1, by inode."""
    for table, addresses in _TABLES:
        rows = list(_listening(table, port))
        for address in addresses:
            if found := {inode for at, inode in rows if at == address}:
                return found
    return set()


def _listening(table: str, port: int) -> Iterator[tuple[bytes, str]]:
    return ((host, inode) for host, number, inode in _all_listening(table) if number == port)


def _all_listening(table: str) -> Iterator[tuple[bytes, int, str]]:
    with contextlib.suppress(OSError), open(f"/proc/net/{table}") as file:
        for line in list(file)[1:]:
            words = line.split()
            host, _, number = words[1].partition(":")
            if words[3] == _LISTENS:
                yield _address(host), int(number, 16), words[9]


def _address(text: str) -> bytes:
    """The kernel writes each four bytes as a number of this machine."""
    return b"".join(struct.pack("=I", int(text[at : at + 8], 16)) for at in range(0, len(text), 8))


def _sockets(pids: Iterable[int]) -> Iterator[str]:
    for pid in pids:
        with contextlib.suppress(OSError):  # it ended, or is not ours to read
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    kind, _, inode = os.readlink(f"/proc/{pid}/fd/{name}").partition(":[")
                    if kind == "socket":
                        yield inode.rstrip("]")


def _is_readable(pid: int) -> bool:
    try:
        os.listdir(f"/proc/{pid}/fd")
    except PermissionError:
        return False
    except OSError:
        return True  # it has ended
    return True
