"""How a server ends: what has reached it by then is answered, and what comes later never seems to have been taken."""

from __future__ import annotations

import array
import asyncio
import contextlib
import select
import socket
import struct
import sys
import time

import uvicorn

from fc_magic.server.heads import refusal

#: rounds of the event loop from a connection that is taken to the request that it has sent being read
ROUNDS = 8
#: where new ones cannot be kept out
TAKEN_S = 0.5
#: Linux: SO_ATTACH_FILTER, and a filter of one instruction that lets nothing through
_FILTER = 26
_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)


class Server(uvicorn.Server):
    """A socket that is closed resets the connections that nobody has taken from it yet, and their clients cannot know
    whether something was done. So first no new ones are let in, then all that are there are taken and read."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for sock in sockets or ():
            _let_nobody_in(sock)
        waiting = select.poll()
        for sock in sockets or ():
            waiting.register(sock, select.POLLIN)
        ends = time.monotonic() + TAKEN_S
        while waiting.poll(0) and time.monotonic() < ends:
            await asyncio.sleep(0)
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        await super().shutdown(sockets)


def _let_nobody_in(sock: socket.socket) -> None:
    """Who tries is neither taken nor refused, and tries again after a second. Only Linux can."""
    if sys.platform == "linux":
        code = array.array("B", _NOTHING)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _FILTER, struct.pack("HP", 1, code.buffer_info()[0]))


def goodbye() -> bytes:
    """For whoever may just be sending something: it was not done, and the connection ends."""
    return refusal("503 Service Unavailable", "ResourceThrottled", "this Function Compute is stopping")
