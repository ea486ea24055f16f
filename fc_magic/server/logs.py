"""The last requests of each function, in memory: their lines, and how they ended."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import re
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from fc_magic.server import attempts, lines
from fc_magic.server.stats import Statistics
from fc_magic.wire.logs import Query
from fc_magic.wire.results import LATEST, Invocation, Log, RequestLog
from fc_magic.wire.times import seconds

KEEP_REQUESTS = 500
KEEP_BYTES = 1 << 20
#: of requests; Python reads no number of thousands of digits
_NUMBER = re.compile(r"[0-9]{1,18}")
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
            memory_mb=round(self.used_mb, 2),
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
        memory_mb=invocation.memory_mb,
    )


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _kept(error: Mapping[str, Any]) -> dict[str, Any]:
    stack = error.get("stackTrace")
    kept = {name: str(text)[:KEPT_TEXT] for name, text in error.items() if name != "stackTrace"}
    return {**kept, "stackTrace": stack[-KEPT_FRAMES:]} if isinstance(stack, list) else kept


class _Kept:
    """What is kept of one function. ``added`` counts what ever was, so that a reader knows how far it has come;
    ``born`` tells this log from one of another server, or of another function of that name."""

    __slots__ = ("added", "born", "requests", "size")

    def __init__(self) -> None:
        self.requests: deque[RequestLog | Brief] = deque()
        self.size = self.added = 0
        self.born = f"{time.time_ns():x}"

    def put(self, request: RequestLog | Brief, size: int) -> None:
        self.requests.append(request)
        self.added += 1
        self.size += size
        if len(self.requests) > KEEP_REQUESTS or self.size > KEEP_BYTES:
            self._shrink()

    def _shrink(self) -> None:
        requests = self.requests
        while len(requests) > KEEP_REQUESTS or (self.size > KEEP_BYTES and len(requests) > 1):
            self.size -= _size(requests.popleft())


class Logs:
    """Bounded per function by requests and by bytes, so that a chatty function forgets only its own past."""

    def __init__(self, stats: Statistics | None = None) -> None:
        self._kept: dict[str, _Kept] = {}
        self._awaited: list[tuple[str, asyncio.Event]] = []
        self.stats = stats or Statistics()

    def add(self, function: str, request: RequestLog | Brief, counts: bool = True) -> None:
        """``counts``: among the calls; a hook of an instance is none."""
        kept = self._kept.get(function) or self._begin(function)
        kept.put(request, _size(request))
        if counts:
            self._count(function, request)
        if self._awaited:
            self._tell(function)

    def _count(self, function: str, request: RequestLog | Brief) -> None:
        if isinstance(request, Brief):
            self.stats.add(function, _ended(request), request.duration_ms, request.used_mb)
        else:
            failed, ended = bool(request.error_type), _ended(request)
            self.stats.add(function, ended, request.duration_ms, request.memory_mb, failed, request.cold)

    def _begin(self, function: str) -> _Kept:
        kept = self._kept[function] = _Kept()
        return kept

    def fail(self, function: str, request_id: str, error_type: str, why: str) -> None:
        """Afterwards a request has failed, also one that was taken for good, and its error says why. Of several
        attempts it is the last."""
        kept = self._kept.get(function)
        requests = kept.requests if kept else deque[RequestLog | Brief]()
        places = [n for n, found in enumerate(requests) if found.request_id == request_id]
        for place in places[-1:]:
            before, error = requests[place], {"errorType": error_type, "errorMessage": why}
            request, ended = _whole(before), _ended(before)
            changed = requests[place] = dataclasses.replace(request, error_type=error_type, error=error)
            if kept:
                kept.size += _size(changed) - _size(before)
            if not request.error_type:
                self.stats.failed(function, ended)

    # ------------------------------------------------------------ reading

    def last(self, function: str, query: Query) -> Log:
        """What is asked for of what is kept, the oldest first; and from where to go on."""
        kept = self._kept.get(function)
        if kept is None:
            return Log(function)
        gone = kept.added - len(kept.requests)
        seen = _seen(query.after, kept)
        new = itertools.islice(kept.requests, max(0, seen - gone), None)
        found = [request for request in new if _fits(request, query)]
        shown = tuple(map(_whole, found[-query.limit :]))
        missed = max(0, gone - seen) if query.after else 0
        return Log(function, shown, next=f"{kept.born}-{kept.added}", missed=missed)

    async def changed(self, function: str, after: str, seconds: float) -> None:
        """Waits until there is something that comes after ``after``, or so many seconds."""
        kept = self._kept.get(function)
        if kept and _seen(after, kept) < kept.added:
            return
        event = asyncio.Event()
        self._awaited.append((function, event))
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            self._awaited.remove((function, event))

    def _tell(self, function: str) -> None:
        for name, event in self._awaited:
            if name == function:
                event.set()

    def forget(self, function: str) -> None:
        self._kept.pop(function, None)
        self.stats.forget(function)


def _seen(after: str, kept: _Kept) -> int:
    """How many of what was added a reader has seen that got ``after`` with the last of it."""
    born, _, number = after.partition("-")
    return int(number) if born == kept.born and _NUMBER.fullmatch(number) else 0


def _fits(request: RequestLog | Brief, query: Query) -> bool:
    if query.request_id and request.request_id != query.request_id:
        return False
    if isinstance(request, Brief):
        return not query.errors and request.began >= query.since
    return (not query.errors or bool(request.error_type)) and (
        not query.since or seconds(request.started) >= query.since
    )


def _ended(request: RequestLog | Brief) -> float:
    """In seconds since the epoch. What a call counts in, so that its failure counts there, too."""
    began = request.began if isinstance(request, Brief) else seconds(request.started)
    return began + request.duration_ms / 1000


def _whole(request: RequestLog | Brief) -> RequestLog:
    return request.whole() if isinstance(request, Brief) else request


def _size(request: RequestLog | Brief) -> int:
    if isinstance(request, Brief):
        return len(request.printed) + AROUND
    return len(request.text) + len(str(request.error))
