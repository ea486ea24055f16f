"""Which attempt of an asynchronous call is made: known to whoever makes it and to whoever runs the function, and to
nothing on the way between them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Attempt:
    """``retries`` were made before; ``began`` hears which instance has it."""

    retries: int
    began: Callable[[str], None]


_CURRENT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextlib.contextmanager
def making(attempt: Attempt) -> Iterator[None]:
    token = _CURRENT.set(attempt)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def begun(instance_id: str) -> dict[str, int]:
    """An instance has the call now. What the function's context is told of the attempt."""
    attempt = _CURRENT.get()
    if attempt is None:
        return {}
    attempt.began(instance_id)
    return {"retry_count": attempt.retries}


def retries() -> int:
    attempt = _CURRENT.get()
    return attempt.retries if attempt else 0
