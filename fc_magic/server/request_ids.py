"""The id of a request, as FC 3.0 writes it."""

from __future__ import annotations

import os
import time

#: random digits of ids to come: to ask the system for many takes hardly longer than for one
_drawn: list[str] = []
_DIGITS, _AT_ONCE = 20, 64


def new_request_id(now: float = 0.0) -> str:
    """``1-<8 hex: the time in seconds>-<8 hex>-<12 hex>``."""
    try:
        noise = _drawn.pop()
    except IndexError:
        noise = _draw()
    return f"1-{int(now or time.time()):08x}-{noise}"


def _draw() -> str:
    drawn = os.urandom(_DIGITS // 2 * _AT_ONCE).hex()
    pieces = [drawn[at : at + _DIGITS] for at in range(0, len(drawn), _DIGITS)]
    first, *others = [f"{piece[:8]}-{piece[8:]}" for piece in pieces]
    _drawn.extend(others)
    return first
