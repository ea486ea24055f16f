"""Whose turn it is with a port, when those who wait leave at the wrong moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fc_magic.server.worker.turns import Turns

PORT = 9000


class Busy:
    """Has the port until it gives it back."""

    def make_room(self) -> None:
        pass


async def waiting(turns: Turns, instance: Busy) -> asyncio.Task[None]:
    task = asyncio.create_task(turns.take(PORT, instance))
    await asyncio.sleep(0)
    assert not task.done()
    return task


def with_two_who_wait(
    test: Callable[[Callable[[], None], asyncio.Task[None], asyncio.Task[None]], Awaitable[None]],
) -> None:
    """``test`` is given what gives the port back, and the two who wait for it."""

    async def run() -> None:
        turns, holder = Turns(), Busy()
        await turns.take(PORT, holder)
        first, second = [await waiting(turns, Busy()) for _ in range(2)]
        await test(lambda: turns.give_back(PORT, holder), first, second)
        await asyncio.wait_for(second, 5)
        assert first.cancelled()
        assert not turns.wanted(PORT)

    asyncio.run(run())


def test_who_was_woken_and_leaves_wakes_the_next() -> None:
    """A turn that was given to somebody who is cancelled before they take it is the next one's."""

    async def test(give_back: Callable[[], None], first: asyncio.Task[None], _: asyncio.Task[None]) -> None:
        give_back()
        first.cancel()

    with_two_who_wait(test)


def test_who_has_left_is_not_woken() -> None:
    """Somebody who is being cancelled is passed over."""

    async def test(give_back: Callable[[], None], first: asyncio.Task[None], _: asyncio.Task[None]) -> None:
        first.cancel()
        give_back()

    with_two_who_wait(test)
