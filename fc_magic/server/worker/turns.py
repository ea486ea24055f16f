"""Who has which port of this machine, where programs cannot be given ports of their own: one instance at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol


class Holder(Protocol):
    """An instance that has a port, or waits for it."""

    def make_room(self) -> None:
        """Somebody waits for the port: ends the instance as soon as no call runs in it."""


class Turns:
    """``take`` waits until a port is free; it is given back when nothing is left of the instance."""

    def __init__(self) -> None:
        self._holders: dict[int, Holder] = {}
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}

    async def take(self, port: int, instance: Holder) -> None:
        waiting = self._waiting.setdefault(port, deque())
        while port in self._holders:
            free: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiting.append(free)
            self._holders[port].make_room()
            try:
                await free
            except BaseException:
                if free in waiting:
                    waiting.remove(free)
                else:
                    self._wake(port)
                raise
        self._holders[port] = instance

    def wanted(self, port: int) -> bool:
        return bool(self._waiting.get(port))

    def give_back(self, port: int, instance: Holder) -> None:
        if self._holders.get(port) is not instance:
            return
        del self._holders[port]
        self._wake(port)

    def _wake(self, port: int) -> None:
        """The next who still waits; whoever was woken and leaves without the port wakes the one after."""
        waiting = self._waiting.get(port)
        while waiting and port not in self._holders:
            free = waiting.popleft()
            if not free.done():
                free.set_result(None)
                return
