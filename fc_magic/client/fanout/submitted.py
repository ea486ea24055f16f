"""The calls that were submitted and that somebody holds, for who ends them together."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any
from weakref import WeakKeyDictionary

#: when each was submitted
_WHEN: WeakKeyDictionary[Future[Any], float] = WeakKeyDictionary()
_LOCK = threading.Lock()


def add(call: Future[Any]) -> None:
    with _LOCK:
        _WHEN[call] = time.monotonic()


def cancel_since(began: float) -> None:
    """Cancels what was submitted since then (of the monotonic clock) and still runs."""
    with _LOCK:
        found = [call for call, when in _WHEN.items() if when >= began]
    for call in found:
        call.cancel()
