"""A caller may go away while its call runs: then the call is cancelled, as on Function Compute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

from fc_magic.errors import ApiError

T = TypeVar("T")

#: a call that takes longer looks for its caller
LOOK_S = 0.25


async def while_there(receive: Receive, call: Awaitable[T]) -> T:
    """What ``call`` returns. It is cancelled when the caller closes the connection; the body must be read by then."""
    loop, mine = asyncio.get_running_loop(), asyncio.current_task()
    watching: list[asyncio.Task[None]] = []
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        if mine:
            mine.cancel()

    # most calls are over before anybody looks: they must not pay for a task
    timer = loop.call_later(LOOK_S, lambda: watching.append(loop.create_task(watch())))
    try:
        return await call
    except asyncio.CancelledError:
        if not gone:
            raise
        # nobody hears this; 499 is what a request log says of it
        raise ApiError("the caller went away", code="InvocationCanceled", status=499) from None
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()
