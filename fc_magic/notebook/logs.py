"""The card of a function's log: each request, why it failed if it did, and its own lines."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from fc_magic.language.speech import say, translated
from fc_magic.notebook import grep, words
from fc_magic.notebook.card import Block, Card, Line, Listing, Span, Tail, joined
from fc_magic.notebook.failures.cells import Sources
from fc_magic.notebook.failures.failures import Failure, clipped, hint_of, place_line
from fc_magic.notebook.invocations import LOG_LINES, own_lines, request_line
from fc_magic.wire.results import Invocation, Log, RequestLog


def having(log: Log, text: str, limit: int) -> Log:
    """The last ``limit`` of its requests whose lines, or whose error, have what is searched for."""
    wanted = grep.pattern(text)
    found = [request for request in log.requests if _has(request, wanted)]
    return dataclasses.replace(log, requests=tuple(found[-limit:]), grep=text)


def _has(request: RequestLog, wanted: re.Pattern[str]) -> bool:
    """The type of an error and its message are searched too: in the log they stand in the runtime's own line."""
    lines = own_lines(request.text, request.request_id, request.error)
    said = (str(request.error.get(name, "")) for name in ("errorType", "errorMessage"))
    return bool(grep.matching([*lines, request.error_type, *said], wanted))


def log_card(log: Log, now: datetime, cells: Sources | None = None) -> Card:
    if not log.requests:
        return _none(log, now)
    found = [request_blocks(log, request, now, cells) for request in log.requests]
    return Card(tuple(_apart(found)))


def _apart(requests: Sequence[tuple[Block, ...]]) -> Iterator[Block]:
    """One after the other."""
    for before, blocks in zip(((), *requests), requests, strict=False):
        if before and are_apart(before, blocks):
            yield Line("", "gap")
        yield from blocks


def are_apart(before: Sequence[Block], after: Sequence[Block]) -> bool:
    """Where there is more than a line of a request, it is kept apart from its neighbours."""
    return max(len(before), len(after)) > 1


def _none(log: Log, now: datetime) -> Card:
    name, every = log.function, Line(Span(f"%fclogs {log.function}", "code"))
    if log.request_id:
        why = "{0} has no request {1} in its log: it has not run yet, or is not kept any more."
        return Card((Line(say(why, name, log.request_id)), every))
    began = words.moment(log.since) if log.since else None
    asked = [
        say("only failed ones were asked for") if log.errors else "",
        say("since {0}", words.clock(began, now)) if began else "",
        f"--grep {log.grep}" if log.grep else "",
    ]
    if any(asked):
        return Card(
            (Line(say("{0} has no such request in its log.", name)), Line(joined(asked), "dim"), every)
        )
    kept = Line(say("the local Function Compute keeps logs as long as it runs"), "dim")
    return Card((Line(say("{0} has no log yet.", name)), kept, Line(Span(f"%fcinvoke {name}", "code"))))


def request_blocks(
    log: Log, request: RequestLog, now: datetime, cells: Sources | None = None
) -> tuple[Block, ...]:
    """What one request is in the card."""
    return tuple(_request(log, request, now, cells, grep.pattern(log.grep) if log.grep else None))


def _request(
    log: Log, request: RequestLog, now: datetime, cells: Sources | None, wanted: re.Pattern[str] | None
) -> Iterator[Block]:
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
    # what is searched for is searched in the log as it is
    source = cells.find(log.function, request.code_checksum) if cells and not wanted else None
    lines = own_lines(request.text, request.request_id, request.error, source)
    if lines and wanted:
        shown, marks = grep.excerpt(lines, grep.matching(lines, wanted), LOG_LINES)
        yield Listing(tuple(shown), indent=2, marks=marks)
    elif lines:
        everything = request_line(log.function, request.request_id)
        # who asks for one request wants to see all of it
        limit = 0 if log.request_id else LOG_LINES
        yield Listing(tuple(lines), limit, indent=2, tail=Tail(everything))


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
    hint = hint_of(call, cells)
    if hint:
        yield Line(translated(hint), "hint", indent=2)
