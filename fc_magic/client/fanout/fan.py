"""Keeps as many calls under way as do good, judges what comes, and tries again what may be tried again."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fc_magic.client.events import to_bytes
from fc_magic.client.failing import failure
from fc_magic.client.fanout.answers import Answer, header
from fc_magic.client.fanout.job import Job, Kind, Sender
from fc_magic.client.fanout.width import Width
from fc_magic.client.refusals import refusal
from fc_magic.client.session import NOT_DONE, pause
from fc_magic.errors import (
    AccessDenied,
    AliasNotFound,
    ApiError,
    ConnectionFailed,
    FcError,
    FunctionError,
    FunctionNotFound,
    UsageError,
    VersionNotFound,
)
from fc_magic.wire import fc3
from fc_magic.wire.results import Invocation

#: refusals of the function or the key as such: every other call would be refused, too
ALL = (AccessDenied, AliasNotFound, FunctionNotFound, VersionNotFound)

WORKED, COLD = header("x-fc-invocation-duration"), header("x-fc-cold-start-duration")
FAILED = header("x-fc-error-type")
#: events that are refused here, before others are looked at
AT_ONCE = 1000


class Done(NamedTuple):
    """What came of a job: a good answer, or the error; when its last try began and ended, milliseconds that its
    instance worked, and that it took to start."""

    job: Job
    answer: Answer | None
    error: FcError | None
    began: float
    ended: float
    worked_ms: float = 0.0
    cold_ms: float = 0.0


class Fan:
    """``take`` gives the next job, or None if there is none now. ``retries``: how often what failed, or may have been
    carried out, is called again. What was surely not carried out is called again without that, until ``patience``
    waits in a row brought nothing at all."""

    def __init__(
        self,
        sender: Sender,
        kind: Kind,
        take: Callable[[], Job | None],
        width: Width,
        retries: int = 0,
        patience: int = 3,
    ) -> None:
        self._sender, self._kind, self._take, self.width = sender, kind, take, width
        self._retries, self._patience = retries, max(patience, 1)
        self.under_way: dict[Job, None] = {}
        self._later: list[tuple[float, int, Job]] = []
        #: waits since a call got through, and when the last one began
        self._dry, self._dry_since = 0, 0.0
        #: when something came, or the first call was sent
        self._heard = 0.0
        #: why there is no use in calling any more: nobody listens there, and patience is over
        self.gone: ConnectionFailed | None = None
        #: calls that were tried again
        self.repeated = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, nor to be tried again."""
        return not self.under_way and not self._later

    def unfinished(self) -> list[Job]:
        return [*self.under_way, *(job for _, _, job in self._later)]

    def forget(self, job: Job) -> None:
        """Cancels it where it runs; nothing comes of it any more."""
        if self.under_way.pop(job, job) is None:
            self._sender.drop(job)
        self._later = [row for row in self._later if row[2] is not job]
        heapq.heapify(self._later)

    def step(self, timeout: float | None = None, idle: bool = False) -> list[Done]:
        """Sends what there is room for, waits until something comes, and says what is done. ``idle``: it waits
        also if nothing is under way, for somebody who wakes it."""
        done = self._fill()
        if done or not (self.under_way or self._later or idle):
            return done
        came = self._sender.came(0.0 if done else self._wait(timeout))
        now = time.perf_counter()
        if came:
            self._heard = now
        elif len(self.under_way) >= self.width.now:
            self.width.quiet(self._heard, now)
        # one that was cancelled while its answer was on the way is not there any more
        known = [one for one in came if self.under_way.pop(one[0], one) is None]
        judged = [self._judge(job, answer, now) for job, answer in known]
        # the next ones are on their way before anybody looks at these
        return [*self._fill(), *(one for one in judged if one)]

    def _wait(self, timeout: float | None) -> float | None:
        if len(self.under_way) >= self.width.now:
            short = self.width.look_s
            return timeout if short is None else short if timeout is None else min(short, timeout)
        if not self._later:
            return timeout
        due = max(self._later[0][0] - time.perf_counter(), 0.0)
        return due if timeout is None else min(due, timeout)

    def _fill(self) -> list[Done]:
        """Sends; an event that cannot be sent is done at once."""
        done: list[Done] = []
        under_way, width = self.under_way, self.width.now
        while len(under_way) < width and len(done) < AT_ONCE:
            job = self._next()
            if job is None:
                break
            if not (job.owner or job.tries or job.refused):
                try:
                    job.body = to_bytes(job.event)
                except UsageError as error:
                    now = time.perf_counter()
                    done.append(Done(job, None, error, now, now))
                    continue
            if not under_way:
                self._heard = time.perf_counter()
            under_way[job] = None
            self._sender.send(job)
        return done

    def _next(self) -> Job | None:
        if self._later and self._later[0][0] <= time.perf_counter():
            return heapq.heappop(self._later)[2]
        return self._take()

    # ------------------------------------------------------------ judging

    def _judge(self, job: Job, answer: Answer | FcError, now: float) -> Done | None:
        """None if it is to be called again."""
        error = self._error(answer)
        if error is not None and self._again(job, error, now):
            return None
        if isinstance(answer, FcError):
            return Done(job, None, error, job.began, now)
        worked, cold = answer.number(WORKED), answer.number(COLD)
        if error is None or isinstance(
            error, FunctionError
        ):  # it ran, and says as much of how long that takes
            self._dry, self.gone = 0, None
            self.width.came(job.began, now, worked, cold)
        return Done(job, answer, error, job.began, now, worked, cold)

    def _error(self, answer: Answer | FcError) -> FcError | None:
        if isinstance(answer, FcError):
            return answer
        if answer.status >= 300:
            return refusal(answer.status, answer.headers, answer.body)
        if answer.has(FAILED):
            return failure(invocation_of(self._kind.name, answer))
        return None

    def _again(self, job: Job, error: FcError, now: float) -> bool:
        if _not_done(error):
            if error.status in NOT_DONE:
                self.width.refused(job.began, now)
            if self._is_dry(job, now):
                self.gone = error if isinstance(error, ConnectionFailed) else None
                return False
            wait, job.refused = pause(self._dry), True
        else:
            if isinstance(error, FunctionError):
                self._dry = 0
            if job.tries >= self._retries or isinstance(error, (UsageError, *ALL)):
                return False
            wait = pause(job.tries)
            job.tries += 1
        self.repeated += 1
        heapq.heappush(self._later, (now + wait, id(job), job))
        return True

    def _is_dry(self, job: Job, now: float) -> bool:
        """Whether waiting is of no use any more. While others are under way there is hope, and refusals of calls that
        were sent together are one."""
        if not self.under_way and job.began >= self._dry_since:
            self._dry, self._dry_since = self._dry + 1, now
        return self._dry > self._patience


class _ByAnyName(dict[str, str]):
    """Headers by their names in small letters, asked for in any."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return super().get(name.lower(), default)


def invocation_of(name: str, answer: Answer) -> Invocation:
    return fc3.decode_invocation(name, _ByAnyName(answer.headers), answer.body)


def _not_done(error: FcError) -> bool:
    """Whether the call was surely not carried out, so that it may be made again without a word."""
    if error.maybe_done:
        return False
    return isinstance(error, ConnectionFailed) or (isinstance(error, ApiError) and error.status in NOT_DONE)


def is_of_all(error: FcError) -> bool:
    return isinstance(error, ALL)


__all__: Sequence[str] = ["Done", "Fan", "invocation_of", "is_of_all"]
