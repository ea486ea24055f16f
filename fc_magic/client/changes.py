"""When this process changed something at a target: what it was told before is out of date."""

from __future__ import annotations

import time

_last = 0.0


def made() -> None:
    global _last
    _last = time.monotonic()


def last() -> float:
    """By the monotonic clock; 0 if there was none."""
    return _last
