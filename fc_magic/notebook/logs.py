"""The card of a function's log: each request, why it failed if it did, and its own lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from fc_magic.language.speech import say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Listing, Span, joined
from fc_magic.notebook.cells import Sources
from fc_magic.notebook.failures import Failure, clipped, hint_for, place_line
from fc_magic.notebook.invocations import LOG_LINES, own_lines
from fc_magic.wire.results import Invocation, Log, RequestLog


def log_card(log: Log, now: datetime, cells: Sources | None = None) -> Card:
    if not log.requests and log.request_id:
        text = say(
            "{0} has no request {1} in its log: it has not run yet, or is not kept any more.",
            log.function,
            log.request_id,
        )
        return Card((Line(text), Line(Span(f"%fclogs {log.function}", "code"))))
    if not log.requests:
        step = Line(Span(f"%fcinvoke {log.function}", "code"))
        return Card((Line(say("{0} has no log yet.", log.function)), step))
    return Card(tuple(block for request in log.requests for block in _request(log, request, now, cells)))


def _request(log: Log, request: RequestLog, now: datetime, cells: Sources | None) -> Iterator[Block]:
    started = words.moment(request.started)
    at = words.clock(started, now) if started else request.started
    took = words.duration(request.duration_ms)
    head = joined(
        [
            Span(
                say("{0}, {1}", at, words.ago(request.started, now)) if started else at, title=request.started
            ),
            say("{0}, retry {1}", request.caller, request.retry) if request.retry else request.caller,
            Span(say("{0} (cold)", took) if request.cold else took, title=f"{request.duration_ms:.3f} ms"),
            Span(request.error_type, "strong"),
            say("request {0}", request.request_id),
        ]
    )
    yield Line(head, "error" if request.error_type else "")
    if request.error:
        yield from _failure(log.function, request, cells)
    source = cells.find(log.function, request.code_checksum) if cells and "/code/" in request.text else None
    lines = own_lines(request.text, request.request_id, request.error, source)
    if lines:
        yield Listing(tuple(lines), LOG_LINES, indent=2)


def _failure(function: str, request: RequestLog, cells: Sources | None) -> Iterator[Block]:
    """What failed, where, and what to do, in a line each: for a timer or an HTTP request nobody else says it."""
    payload = json.dumps(request.error).encode()
    call = Invocation(
        function,
        request.request_id,
        payload,
        request.error_type,
        request.text,
        code_checksum=request.code_checksum,
    )
    failure = Failure.of(call)
    if failure.meaning:
        yield Line(Span(failure.meaning, "strong"), indent=2)
    yield Line(Span(clipped(failure.head), "strong"), indent=2)
    for text in (*map(clipped, failure.details), place_line(call, cells)):
        if text:
            yield Line(text, indent=2)
    hint = hint_for(failure)
    if hint:
        yield Line(translated(hint), "hint", indent=2)
