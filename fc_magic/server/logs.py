"""The last requests of each function, in memory: their lines, how they ended, and today's counts."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fc_magic.wire.results import Invocation, RequestLog

KEEP_REQUESTS = 500
KEEP_BYTES = 1 << 20
#: of the error of a request: a stack may have a thousand frames, and a message a megabyte
KEPT_TEXT, KEPT_FRAMES = 2000, 10


def entry(invocation: Invocation, started: datetime, caller: str) -> RequestLog:
    """What the log keeps of a call."""
    return RequestLog(
        request_id=invocation.request_id,
        started=started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        caller=caller,
        text=invocation.log,
        duration_ms=invocation.duration_ms,
        error_type=invocation.error_type,
        cold=invocation.cold_ms > 0,
        error=_kept(invocation.error),
        code_checksum=invocation.code_checksum,
        version=invocation.version,
    )


def _kept(error: Mapping[str, Any]) -> dict[str, Any]:
    stack = error.get("stackTrace")
    kept = {name: str(text)[:KEPT_TEXT] for name, text in error.items() if name != "stackTrace"}
    return {**kept, "stackTrace": stack[-KEPT_FRAMES:]} if isinstance(stack, list) else kept


class Logs:
    """Bounded per function by requests and by bytes, so that a chatty function forgets only its own past."""

    def __init__(self) -> None:
        self._requests: dict[str, deque[RequestLog]] = {}
        self._bytes: dict[str, int] = {}
        self._today: dict[str, tuple[str, int, int]] = {}

    def add(self, function: str, request: RequestLog, counts: bool = True) -> None:
        """``counts``: among today's calls; a hook of an instance is none."""
        kept = self._requests.setdefault(function, deque())
        kept.append(request)
        size = self._bytes.get(function, 0) + _size(request)
        while len(kept) > KEEP_REQUESTS or (size > KEEP_BYTES and len(kept) > 1):
            size -= _size(kept.popleft())
        self._bytes[function] = size
        if counts:
            self._count(function, request)

    def _count(self, function: str, request: RequestLog) -> None:
        day = request.started[:10]
        counted, calls, errors = self._today.get(function, (day, 0, 0))
        if counted != day:
            calls = errors = 0
        self._today[function] = (day, calls + 1, errors + bool(request.error_type))

    def fail(self, function: str, request_id: str, error_type: str, why: str) -> None:
        """Afterwards a request has failed, also one that was taken for good, and its error says why."""
        kept = self._requests.get(function, deque())
        for place, request in enumerate(kept):
            if request.request_id == request_id:
                error = {"errorType": error_type, "errorMessage": why}
                kept[place] = dataclasses.replace(request, error_type=error_type, error=error)
                self._bytes[function] += _size(kept[place]) - _size(request)
                day, calls, errors = self._today[function]
                self._today[function] = (
                    day,
                    calls,
                    errors + (day == request.started[:10] and not request.error_type),
                )

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
