"""Requests to one program, over as many connections as run at once; what is idle is used again."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any

from fc_magic.server.worker.connection import Connection, Dropped, Head, Request
from fc_magic.server.worker.process import MAX_ANSWER, AnswerTooLarge, DeadlinePassed


class Passage(ABC):
    """A request that is passed on, and its answer as it comes: ``begin`` once, ``piece`` for what follows."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.head = Head(0)

    @property
    def begun(self) -> bool:
        return self.head.status > 0

    async def begin(self, head: Head) -> None:
        self.head = head

    @abstractmethod
    async def piece(self, data: bytes) -> None:
        """Takes a piece of the body; the program waits for as long as this does."""


class Whole(Passage):
    """For who wants the whole answer, if it is not too large."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.pieces: list[bytes] = []
        self._size = 0

    async def piece(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MAX_ANSWER:
            raise AnswerTooLarge(f"the answer has more than {MAX_ANSWER >> 20} MB, which are allowed")
        self.pieces.append(data)


async def within(limit_s: float, work: Coroutine[Any, Any, Head]) -> Head:
    """Raises DeadlinePassed. No task of its own, as ``wait_for`` makes one: a warm call must cost microseconds."""
    late, mine = False, asyncio.current_task()

    def end() -> None:
        nonlocal late
        late = True
        if mine:
            mine.cancel()

    timer = asyncio.get_running_loop().call_later(limit_s, end)
    try:
        return await work
    except asyncio.CancelledError:
        if late:
            raise DeadlinePassed from None
        raise
    finally:
        timer.cancel()


class Connections:
    """To a program that listens at ``at``."""

    def __init__(self, at: tuple[str, int]) -> None:
        self._at = at
        self._idle: list[Connection] = []
        self._used: set[Connection] = set()

    def close(self) -> None:
        for connection in [*self._idle, *self._used]:
            connection.close()
        self._idle.clear()

    async def exchange(self, passage: Passage) -> Head:
        try:
            return await self._once(passage)
        except Dropped:
            # Function Compute repeats what changes nothing
            if passage.begun or not passage.request.repeatable:
                raise
        self._idle.clear()
        return await self._once(passage)

    async def _once(self, passage: Passage) -> Head:
        connection = await self._connection()
        self._used.add(connection)
        try:
            head = await connection.ask(passage.request)
            await passage.begin(head)
            while data := await connection.piece():
                await passage.piece(data)
        except BaseException:
            connection.close()
            raise
        finally:
            self._used.discard(connection)
        if connection.open:
            self._idle.append(connection)
        return head

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        _, made = await asyncio.get_running_loop().create_connection(Connection, *self._at)
        return made
