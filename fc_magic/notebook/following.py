"""``%fclogs --follow``: a function's requests as they end, each once and in order, and a card when it is over.

Lines are printed, not displayed: that is what a terminal and a notebook show at once, and a notebook keeps as text.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Span, as_text, joined
from fc_magic.notebook.logs import are_apart, having, request_blocks
from fc_magic.wire.logs import MOST
from fc_magic.wire.results import Log, RequestLog

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.notebook.failures.cells import Sources

#: how long where nobody is there to end it
UNWATCHED_S = 10.0


@dataclass(frozen=True)
class Followed:
    """What was seen: ``log`` has the last requests, at most as many as a log keeps; ``count`` counts all."""

    log: Log
    count: int
    failed: int
    missed: int
    seconds: float
    #: why it is over
    why: str


class Follower:
    """Prints what is selected by ``first``, and what comes after it."""

    def __init__(self, client: Client, first: Log, cells: Sources | None = None) -> None:
        self._client, self._first, self._cells = client, first, cells
        self._kept: deque[RequestLog] = deque(maxlen=MOST)
        self._count = self._failed = self._missed = 0
        #: what was printed last
        self._before: tuple[Block, ...] = ()

    def run(self, seconds: float | None, over: str) -> Followed:
        """Until the time is over, the one request that is asked for has come, or somebody interrupts it. ``over``:
        what is said of that time."""
        began, why = time.monotonic(), over
        try:
            self._begin(seconds)
            for request in self._requests(seconds):
                self._tell(request)
                if request.request_id == self._first.request_id:
                    why = say("the request has ended")
                    break
        except KeyboardInterrupt:
            why = say("interrupted")
        from dataclasses import replace

        log = replace(self._first, requests=tuple(self._kept))
        return Followed(log, self._count, self._failed, self._missed, time.monotonic() - began, why)

    def _begin(self, seconds: float | None) -> None:
        until = say("until it is interrupted") if seconds is None else say("for {0}", words.seconds(seconds))
        self._print(Line(say("following {0} {1}", self._first.function, until)))

    def _print(self, *blocks: Block) -> None:
        """With the distance from what stands above that it has in the card of a log."""
        gap = [Line("")] if self._before and are_apart(self._before, blocks) else []
        print(as_text(Card((*gap, *blocks))), flush=True)
        self._before = blocks

    def _requests(self, seconds: float | None) -> Iterator[RequestLog]:
        first = self._first
        yield from first.requests
        for found in self._client.follow(
            first.function, seconds, errors=first.errors, after=first.next or "-"
        ):
            if found.missed:
                self._missed += found.missed
                self._print(Line(say("… {0} requests went by that the log no longer has", found.missed)))
            new = having(found, first.grep, MOST) if first.grep else found
            yield from (r for r in new.requests if first.request_id in ("", r.request_id))

    def _tell(self, request: RequestLog) -> None:
        self._print(*request_blocks(self._first, request, words.now(), self._cells))
        self._kept.append(request)
        self._count += 1
        self._failed += bool(request.error_type)


def followed_card(followed: Followed) -> Card:
    name, took = followed.log.function, words.seconds(followed.seconds)
    counts = [
        say("{0} requests", followed.count) if followed.count != 1 else say("{0} request", 1),
        say("{0} failed", followed.failed) if followed.failed else "",
        say("{0} missed", followed.missed) if followed.missed else "",
        took,
        followed.why,
    ]
    step = f"%fclogs {name} --errors" if followed.failed else f"%fcstats {name}"
    return Card((Line(joined([Span(name, "strong"), *counts])), Line(Span(step, "code"))))
