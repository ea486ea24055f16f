"""A caller may go away while its call runs: then the call is cancelled, as on Function Compute."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from fc_magic.errors import ApiError

T = TypeVar("T")

#: how often a call that takes longer looks for its caller
LOOK_S = 0.25


async def while_there(request: Request, call: Coroutine[Any, Any, T]) -> T:
    """What ``call`` returns. It is cancelled when the caller closes the connection; the body must be read by then."""
    task = asyncio.ensure_future(call)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
            if await request.is_disconnected():
                # nobody hears this; 499 is what a request log says of it
                raise ApiError("the caller went away", code="InvocationCanceled", status=499)
        return task.result()
    finally:
        if task.cancel():
            await asyncio.gather(task, return_exceptions=True)
