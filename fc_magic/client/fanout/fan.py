"""Keeps as many calls under way as do good, judges what comes, and tries again what may be tried again."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fc_magic.client.answers import Answer, header
from fc_magic.client.events import to_bytes
from fc_magic.client.failing import about_event, failure
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
#: seconds of the first wait after a refusal; the next ones are twice as long, each
REFUSED_S = 0.5
#: events that are refused here, before others are looked at
AT_ONCE = 1000
#: seconds that an event may take until it is looked for answers before the next one is taken
SLOW_S = 0.001
#: calls that failed and wait to be called again, before no other events are taken
WAITING = 1000


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
    carried out, is called again. What was surely not carried out is called again without that: all wait together, and
    nothing is sent meanwhile, until ``patience`` such waits in a row brought nothing at all."""

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
        #: what failed, and when it is called again
        self._later: list[tuple[float, int, Job]] = []
        #: what was not carried out, and why; called again when the wait is over
        self._refused: dict[Job, FcError] = {}
        #: when the last wait began, when it is over (0 if there is none), and until when the other side wants it
        self._wait_began, self._wait_ends, self._told = 0.0, 0.0, 0.0
        #: waits since a call got through, and those of them in which none was under way
        self._waits, self._dry = 0, 0
        #: when something came, or the first call was sent
        self._heard = 0.0
        #: whether the last event took its time, and whether others are not taken yet for that
        self._slow = self._cut = False
        #: why there is no use in calling any more: patience is over
        self.gone: FcError | None = None
        #: calls that were tried again
        self.repeated = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, nor to be tried again."""
        return not self.unfinished

    @property
    def unfinished(self) -> int:
        """Calls that are under way, or to be tried again."""
        return len(self.under_way) + len(self._later) + len(self._refused)

    def forget(self, job: Job) -> None:
        """Cancels it where it runs; nothing comes of it any more."""
        if self.under_way.pop(job, job) is None:
            self._sender.drop(job)
        self._refused.pop(job, None)
        self._later = [row for row in self._later if row[2] is not job]
        heapq.heapify(self._later)

    def step(self, timeout: float | None = None, idle: bool = False) -> list[Done]:
        """Sends what there is room for, waits until something comes, and says what is done. ``idle``: it waits
        also if nothing is under way, for somebody who wakes it."""
        done = self._fill()
        if done or (self.is_idle and not idle):
            return done
        came = self._sender.came(0.0 if self._cut else self._timeout(timeout))
        now = time.perf_counter()
        if came:
            self._heard = now
        elif len(self.under_way) >= self.width.now:
            self.width.quiet(self._heard, now)
        # one that was cancelled while its answer was on the way is not there any more
        known = [one for one in came if self.under_way.pop(one[0], one) is None]
        judged = [self._judge(job, answer, now) for job, answer in known]
        given_up = self._given_up(now)
        # the next ones are on their way before anybody looks at these, but if these had to wait for that
        return [*([] if self._slow else self._fill()), *(one for one in judged if one), *given_up]

    def _timeout(self, timeout: float | None) -> float | None:
        """Until there is something to send, or to look after."""
        if self._wait_ends:
            due = self._wait_ends - time.perf_counter()
        elif len(self.under_way) >= self.width.now:
            if self.width.look_s is None:
                return timeout
            due = self.width.look_s
        elif self._later:
            due = self._later[0][0] - time.perf_counter()
        else:
            return timeout
        return max(due, 0.0) if timeout is None else min(max(due, 0.0), timeout)

    def _fill(self) -> list[Done]:
        """Sends; an event that cannot be sent is done at once."""
        done: list[Done] = []
        self._cut = False
        if self._wait_ends and not self._wait_is_over():
            return done
        under_way, width = self.under_way, self.width.now
        while len(under_way) < width and len(done) < AT_ONCE and not self._cut:
            job = self._repetition()
            if job is None:
                if self.gone or len(self._later) >= WAITING or not (job := self._taken()):
                    break
                self._cut = self._slow
                if job.owner is None:
                    try:
                        job.body = to_bytes(job.event)
                    except UsageError as error:
                        now = time.perf_counter()
                        done.append(Done(job, None, error, now, now))
                        continue
            if not under_way:
                self._heard = time.perf_counter()
            under_way[job], job.sent, job.ended = None, time.perf_counter(), 0.0
            self._sender.send(job)
        return done

    def _taken(self) -> Job | None:
        began = time.perf_counter()
        job = self._take()
        self._slow = time.perf_counter() - began > SLOW_S
        return job

    def _wait_is_over(self) -> bool:
        if time.perf_counter() < self._wait_ends:
            return False
        self._wait_ends = 0.0
        self._dry += not self.under_way  # while others are under way there is hope
        return True

    def _repetition(self) -> Job | None:
        """What is to be called again now."""
        job = None
        if self._refused:
            job = next(iter(self._refused))
            del self._refused[job]
        elif self._later and self._later[0][0] <= time.perf_counter():
            job = heapq.heappop(self._later)[2]
        self.repeated += job is not None
        return job

    # ------------------------------------------------------------ judging

    def _judge(self, job: Job, answer: Answer | FcError, now: float) -> Done | None:
        """None if it is to be called again."""
        error = self._error(job, answer)
        if error is not None and _not_done(error):
            self._wait(job, error, now)
            return None
        ran = error is None or isinstance(error, FunctionError)
        if ran and self._waits:
            self._got_through(now)
        if error is not None and self._again(job, error, now):
            return None
        ended = job.ended or now
        if isinstance(answer, FcError):
            return Done(job, None, error, job.began, ended)
        worked, cold = answer.number(WORKED), answer.number(COLD)
        if ran:  # and says how long that takes
            self.width.came(job.began, ended, worked, cold)
        return Done(job, answer, error, job.began, ended, worked, cold)

    def _error(self, job: Job, answer: Answer | FcError) -> FcError | None:
        if isinstance(answer, FcError):
            return answer
        if answer.status >= 300:
            return refusal(answer.status, answer.headers, answer.body)
        if answer.has(FAILED):
            invocation = invocation_of(self._kind.name, answer)
            return failure(invocation, about_event(job.event, invocation))
        return None

    def _again(self, job: Job, error: FcError, now: float) -> bool:
        """Whether it is called again, because that was asked for."""
        if job.tries >= self._retries or isinstance(error, (UsageError, *ALL)):
            return False
        heapq.heappush(self._later, (now + pause(job.tries), id(job), job))
        job.tries += 1
        return True

    def _wait(self, job: Job, error: FcError, now: float) -> None:
        """With the others that were not carried out."""
        self._refused[job] = error
        if error.status in NOT_DONE:
            self.width.refused(job.sent, now)
        if job.sent >= self._wait_began:  # refusals of calls that were sent together are one
            self._wait_began, self._wait_ends = now, now + pause(self._waits, REFUSED_S)
            self._waits += 1
        if error.retry_after:
            self._told = now + error.retry_after
        self._wait_ends = max(self._wait_ends, self._told)

    def _given_up(self, now: float) -> list[Done]:
        """All that waits, when patience is over."""
        refused = self._refused
        if not refused or self.under_way or self._dry < self._patience:
            return []
        self.gone = self.gone or next(reversed(refused.values()))
        self._refused, self._wait_ends = {}, 0.0
        return [Done(job, None, error, job.began, now) for job, error in refused.items()]

    def _got_through(self, now: float) -> None:
        """There is room again, but for what the other side said."""
        self._waits, self._dry, self.gone = 0, 0, None
        self._wait_ends = self._told if self._told > now else 0.0


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
