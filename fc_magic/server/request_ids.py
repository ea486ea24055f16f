"""The id of a request, as FC 3.0 writes it."""

from __future__ import annotations

import os
import time


def new_request_id(now: float = 0.0) -> str:
    """``1-<8 hex: the time in seconds>-<8 hex>-<12 hex>``."""
    noise = os.urandom(10).hex()
    return f"1-{int(now or time.time()):08x}-{noise[:8]}-{noise[8:]}"
