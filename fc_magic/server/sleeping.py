"""Sleeps until an event, or until some time has passed."""

from __future__ import annotations

import asyncio


async def until(event: asyncio.Event, seconds: float) -> None:
    """Sets the event when the time has passed. Not ``wait_for``: before Python 3.12 that goes on if it is cancelled
    at the very moment of the event, and whoever cancels would wait for ever."""
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
