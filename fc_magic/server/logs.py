"""The last requests of each function, in memory: their lines, how they ended, and today's counts."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from fc_magic.server import attempts, lines
from fc_magic.wire.results import LATEST, Invocation, RequestLog

KEEP_REQUESTS = 500
KEEP_BYTES = 1 << 20
#: what stands around that which a function printed, about
AROUND = 240
#: of the error of a request: a stack may have a thousand frames, and a message a megabyte
KEPT_TEXT, KEPT_FRAMES = 2000, 10


class Brief(NamedTuple):
    """A warm call that went well: nearly all are, most are never looked at, and each is to cost next to nothing.
    ``began`` is in seconds since the epoch; ``printed`` what the function wrote."""

    request_id: str
    began: float
    printed: str
    duration_ms: float
    memory_mb: int
    used_mb: float
    code_checksum: str

    @property
    def text(self) -> str:
        return lines.of_good(self.request_id, self.printed, self.duration_ms, self.memory_mb, self.used_mb)

    def whole(self) -> RequestLog:
        return RequestLog(
            request_id=self.request_id,
            started=_written(datetime.fromtimestamp(self.began, timezone.utc)),
            caller="invoke",
            text=self.text,
            duration_ms=round(self.duration_ms, 2),
            code_checksum=self.code_checksum,
            version=LATEST,
        )


def entry(invocation: Invocation, started: datetime, caller: str) -> RequestLog:
    """What the log keeps of a call."""
    return RequestLog(
        request_id=invocation.request_id,
        started=_written(started),
        caller=caller,
        text=invocation.log,
        duration_ms=invocation.duration_ms,
        error_type=invocation.error_type,
        cold=invocation.cold_ms > 0,
        error=_kept(invocation.error),
        code_checksum=invocation.code_checksum,
        version=invocation.version,
        retry=attempts.retries(),
    )


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _kept(error: Mapping[str, Any]) -> dict[str, Any]:
    stack = error.get("stackTrace")
    kept = {name: str(text)[:KEPT_TEXT] for name, text in error.items() if name != "stackTrace"}
    return {**kept, "stackTrace": stack[-KEPT_FRAMES:]} if isinstance(stack, list) else kept


class Logs:
    """Bounded per function by requests and by bytes, so that a chatty function forgets only its own past."""

    def __init__(self) -> None:
        self._requests: dict[str, deque[RequestLog | Brief]] = {}
        self._bytes: dict[str, int] = {}
        self._today: dict[str, tuple[str, int, int]] = {}

    def add(self, function: str, request: RequestLog | Brief, counts: bool = True) -> None:
        """``counts``: among today's calls; a hook of an instance is none."""
        kept = self._requests.get(function)
        if kept is None:
            kept = self._requests[function] = deque()
        kept.append(request)
        size = self._bytes.get(function, 0) + _size(request)
        while len(kept) > KEEP_REQUESTS or (size > KEEP_BYTES and len(kept) > 1):
            size -= _size(kept.popleft())
        self._bytes[function] = size
        if counts:
            self._count(function, request)

    def _count(self, function: str, request: RequestLog | Brief) -> None:
        if isinstance(request, Brief):
            day, failed = _day(request.began // 86400), False
        else:
            day, failed = request.started[:10], bool(request.error_type)
        counted, calls, errors = self._today.get(function, (day, 0, 0))
        if counted != day:
            calls = errors = 0
        self._today[function] = (day, calls + 1, errors + failed)

    def fail(self, function: str, request_id: str, error_type: str, why: str) -> None:
        """Afterwards a request has failed, also one that was taken for good, and its error says why. Of several
        attempts it is the last."""
        kept = self._requests.get(function, deque())
        places = [n for n, found in enumerate(kept) if found.request_id == request_id]
        for place in places[-1:]:
            request, error = _whole(kept[place]), {"errorType": error_type, "errorMessage": why}
            changed = kept[place] = dataclasses.replace(request, error_type=error_type, error=error)
            self._bytes[function] += _size(changed) - _size(request)
            day, calls, errors = self._today[function]
            new = day == request.started[:10] and not request.error_type
            self._today[function] = (day, calls, errors + new)

    def today(self, function: str, day: str) -> tuple[int, int]:
        """(calls, errors) of a function on ``day`` (YYYY-MM-DD, UTC)."""
        counted, calls, errors = self._today.get(function, (day, 0, 0))
        return (calls, errors) if counted == day else (0, 0)

    def last(self, function: str, limit: int, request_id: str = "") -> tuple[RequestLog, ...]:
        kept: Iterable[RequestLog | Brief] = self._requests.get(function, ())
        found = [r for r in kept if not request_id or r.request_id == request_id]
        return tuple(map(_whole, found[-limit:]))

    def forget(self, function: str) -> None:
        for table in (self._requests, self._bytes, self._today):
            table.pop(function, None)


def _whole(request: RequestLog | Brief) -> RequestLog:
    return request.whole() if isinstance(request, Brief) else request


def _size(request: RequestLog | Brief) -> int:
    if isinstance(request, Brief):
        return len(request.printed) + AROUND
    return len(request.text) + len(str(request.error))


@lru_cache(maxsize=4)
def _day(number: float) -> str:
    """YYYY-MM-DD, of days since the epoch."""
    return datetime.fromtimestamp(number * 86400, timezone.utc).strftime("%Y-%m-%d")
