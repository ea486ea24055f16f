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
DAY_S = 86400.0
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


class _Past:
    """What is kept of one function. Today's counts are of the day that begins at ``since`` (seconds of the epoch)."""

    __slots__ = ("calls", "errors", "requests", "since", "size")

    def __init__(self) -> None:
        self.requests: deque[RequestLog | Brief] = deque()
        self.size = self.calls = self.errors = 0
        self.since = 0.0

    def note(self, call: Brief) -> None:
        self.requests.append(call)
        self.size += len(call.printed) + AROUND
        if len(self.requests) > KEEP_REQUESTS or self.size > KEEP_BYTES:
            self._shrink()
        if not 0.0 <= call.began - self.since < DAY_S:
            self._begin_day(call.began)
        self.calls += 1

    def add(self, request: RequestLog) -> None:
        self.requests.append(request)
        self.size += _size(request)
        self._shrink()

    def count(self, request: RequestLog) -> None:
        began = _seconds(request.started)
        if not 0.0 <= began - self.since < DAY_S:
            self._begin_day(began)
        self.calls += 1
        self.errors += bool(request.error_type)

    def is_of_today(self, request: RequestLog) -> bool:
        return 0.0 <= _seconds(request.started) - self.since < DAY_S

    def _begin_day(self, moment: float) -> None:
        self.since = moment // DAY_S * DAY_S
        self.calls = self.errors = 0

    def _shrink(self) -> None:
        kept = self.requests
        while len(kept) > KEEP_REQUESTS or (self.size > KEEP_BYTES and len(kept) > 1):
            self.size -= _size(kept.popleft())


class Logs:
    """Bounded per function by requests and by bytes, so that a chatty function forgets only its own past."""

    def __init__(self) -> None:
        self._pasts: dict[str, _Past] = {}

    def note(self, function: str, call: Brief) -> None:
        past = self._pasts.get(function) or self._begin(function)
        past.note(call)

    def add(self, function: str, request: RequestLog, counts: bool = True) -> None:
        """``counts``: among today's calls; a hook of an instance is none."""
        past = self._pasts.get(function) or self._begin(function)
        past.add(request)
        if counts:
            past.count(request)

    def _begin(self, function: str) -> _Past:
        return self._pasts.setdefault(function, _Past())

    def fail(self, function: str, request_id: str, error_type: str, why: str) -> None:
        """Afterwards a request has failed, also one that was taken for good, and its error says why. Of several
        attempts it is the last."""
        past = self._pasts.get(function)
        kept = past.requests if past else ()
        places = [n for n, found in enumerate(kept) if found.request_id == request_id]
        for place in places[-1:]:
            assert past
            request, error = _whole(past.requests[place]), {"errorType": error_type, "errorMessage": why}
            changed = dataclasses.replace(request, error_type=error_type, error=error)
            past.requests[place] = changed
            past.size += _size(changed) - _size(request)
            past.errors += past.is_of_today(request) and not request.error_type

    def today(self, function: str, day: str) -> tuple[int, int]:
        """(calls, errors) of a function on ``day`` (YYYY-MM-DD, UTC)."""
        past = self._pasts.get(function)
        if past is None or past.since != _seconds(day):
            return 0, 0
        return past.calls, past.errors

    def last(self, function: str, limit: int, request_id: str = "") -> tuple[RequestLog, ...]:
        past = self._pasts.get(function)
        kept: Iterable[RequestLog | Brief] = past.requests if past else ()
        found = [r for r in kept if not request_id or r.request_id == request_id]
        return tuple(map(_whole, found[-limit:]))

    def forget(self, function: str) -> None:
        self._pasts.pop(function, None)


def _whole(request: RequestLog | Brief) -> RequestLog:
    return request.whole() if isinstance(request, Brief) else request


def _size(request: RequestLog | Brief) -> int:
    if isinstance(request, Brief):
        return len(request.printed) + AROUND
    return len(request.text) + len(str(request.error))


@lru_cache(maxsize=4)
def _seconds(written: str) -> float:
    """Of a moment, or the beginning of a day, in UTC."""
    moment = datetime.fromisoformat(written.replace("Z", "+00:00"))
    return moment.replace(tzinfo=timezone.utc).timestamp()
