"""The last requests of each function, in memory: their lines, how they ended, and today's counts."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable

from fc_magic.wire.results import RequestLog

KEEP_REQUESTS = 500
KEEP_BYTES = 1 << 20


class Logs:
    """Bounded per function by requests and by bytes, so that a chatty function forgets only its own past."""

    def __init__(self) -> None:
        self._requests: dict[str, deque[RequestLog]] = {}
        self._bytes: dict[str, int] = {}
        self._today: dict[str, tuple[str, int, int]] = {}

    def add(self, function: str, request: RequestLog) -> None:
        kept = self._requests.setdefault(function, deque())
        kept.append(request)
        size = self._bytes.get(function, 0) + _size(request)
        while len(kept) > KEEP_REQUESTS or (size > KEEP_BYTES and len(kept) > 1):
            size -= _size(kept.popleft())
        self._bytes[function] = size
        self._count(function, request)

    def _count(self, function: str, request: RequestLog) -> None:
        day = request.started[:10]
        counted, calls, errors = self._today.get(function, (day, 0, 0))
        if counted != day:
            calls = errors = 0
        self._today[function] = (day, calls + 1, errors + bool(request.error_type))

    def fail(self, function: str, request_id: str, error_type: str, why: str) -> None:
        """Afterwards a request that was taken for good has failed, and its error says why."""
        kept = self._requests.get(function, deque())
        for place, request in enumerate(kept):
            if request.request_id == request_id and not request.error_type:
                error = {"errorType": error_type, "errorMessage": why}
                kept[place] = dataclasses.replace(request, error_type=error_type, error=error)
                self._bytes[function] += _size(kept[place]) - _size(request)
                day, calls, errors = self._today[function]
                self._today[function] = (day, calls, errors + (day == request.started[:10]))

    def today(self, function: str, day: str) -> tuple[int, int]:
        """(calls, errors) of a function on ``day`` (YYYY-MM-DD, UTC)."""
        counted, calls, errors = self._today.get(function, (day, 0, 0))
        return (calls, errors) if counted == day else (0, 0)

    def last(self, function: str, limit: int, request_id: str = "") -> tuple[RequestLog, ...]:
        kept: Iterable[RequestLog] = self._requests.get(function, ())
        found = [r for r in kept if not request_id or r.request_id == request_id]
        return tuple(found[-limit:])

    def forget(self, function: str) -> None:
        for table in (self._requests, self._bytes, self._today):
            table.pop(function, None)


def _size(request: RequestLog) -> int:
    return len(request.text) + len(str(request.error))
