"""``map`` and ``stream`` of a function: events in, results out, and nothing of them lost when it ends early."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, tee
from typing import Any, NamedTuple

from fc_magic.client import events as many
from fc_magic.client.failing import kept
from fc_magic.client.fanout.fan import Done, Fan, is_of_all
from fc_magic.client.fanout.interrupts import Heard, hearing
from fc_magic.client.fanout.job import Job, Kind, Sender
from fc_magic.client.fanout.results import Outcome, Results
from fc_magic.client.fanout.watching import Watching
from fc_magic.client.fanout.width import Width, never
from fc_magic.client.session import Session
from fc_magic.client.target import is_this_machine
from fc_magic.errors import CallsFailed, FcError, FunctionError, Interrupted, Problem, UsageError
from fc_magic.wire.results import value_of

#: calls at once, where nobody says how many: at first, and at most. Here they share the cores of this machine: with
#: four the server always has one at hand, and a few events are not worth the start of so many instances
HERE, THERE = (4, 64), (8, 100)
A_FEW, FOR_A_FEW = 100, 2
#: calls at once, whoever asks for them: each has a connection, and in a region a thread
MOST = 1000
#: seconds after which who looks on is told that nothing came
SAID_S = 0.5
#: of a stream: results that wait for one before them, and calls that are not over; more where many are at once
AHEAD, AHEAD_OF_EACH = 48, 3


class How(NamedTuple):
    """``concurrency``: calls at once, else as many as do good; ``retries``: of a call that failed; ``ordered``:
    values in the order of the events, else as they come; ``max_errors``: if more fail, it ends."""

    concurrency: int | None = None
    retries: int = 0
    ordered: bool = True
    max_errors: int | None = None

    def checked(self) -> How:
        problems = []
        limits = {"concurrency": (1, MOST), "retries": (0, None), "max_errors": (0, None)}
        for name, (low, most) in limits.items():
            given = getattr(self, name)
            if given is None and name != "retries":
                continue
            is_whole = isinstance(given, int) and not isinstance(given, bool)
            if not is_whole or given < low or (most is not None and given > most):
                said = f"must be a whole number from {low}"
                if most is not None:
                    said = f"must be a whole number from {low} to {most}"
                problems.append(Problem(name, said, given=repr(given), hint=f"{name}={max(low, 2)}"))
        if problems:
            raise UsageError("nothing was called", problems=problems)
        return self


def sender(session: Session, kind: Kind, most: int) -> Sender:
    endpoint = session.target.endpoint
    if endpoint.startswith("http://") and is_this_machine(endpoint) and session.key_lasts:
        from fc_magic.client.fanout.lanes import Lanes

        return Lanes(session, kind)
    from fc_magic.client.fanout.threads import Threads

    return Threads(session, kind, most)


def widest(session: Session) -> Width:
    """For calls that somebody asked for one by one: all at once."""
    return Width((HERE if is_this_machine(session.target.endpoint) else THERE)[1], fixed=True)


def width(session: Session, concurrency: int | None = None, total: int | None = None) -> Width:
    """``total``: events, if their number is known."""
    if concurrency:
        return Width(concurrency, fixed=True)
    here = is_this_machine(session.target.endpoint)
    first, most = HERE if here else THERE
    if here and total is not None and total < A_FEW:
        first = FOR_A_FEW
    from fc_magic.client.fanout.cores import Cores

    return Width(most, first=first, here=here, idle=Cores().idle if here else never)


class Ended(NamedTuple):
    """Stands where the events ended with an error. As one of them, so that everybody who takes them comes by it."""

    error: BaseException


def numbered(events: Iterator[Any]) -> Iterator[tuple[int, Any]]:
    __tracebackhide__ = True  # a traceback is the person's own
    try:
        yield from enumerate(events)
    except GeneratorExit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a generator of somebody else raises, and an interrupt
        yield -1, Ended(error)


class Source:
    """Events with their numbers, taken as they are needed. If they end with an error, what was sent is waited for,
    and the error is raised then. ``at_hand``: none of them takes its time."""

    def __init__(self, pairs: Iterator[tuple[int, Any]], at_hand: bool) -> None:
        self.pairs, self.at_hand, self.is_empty = pairs, at_hand, False
        #: whether the next one is being made
        self.at_work = False
        self.error: BaseException | None = None
        #: what was taken and nothing came of yet
        self.taken: dict[int, Job] = {}

    def take(self, carrier: Sender) -> Job | None:
        """The next one; ``carrier`` goes on while that is made."""
        if self.is_empty:
            return None
        if self.at_hand:
            return self._next()
        self.at_work = True
        try:
            return carrier.meanwhile(self._next)
        finally:
            self.at_work = False

    def _next(self) -> Job | None:
        for index, event in self.pairs:
            if isinstance(event, Ended):
                self.error = event.error
                break
            job = self.taken[index] = Job(index, event)
            return job
        self.is_empty = True
        return None

    def done(self, job: Job) -> None:
        self.taken.pop(job.index, None)

    def shared(self) -> Iterator[tuple[int, Any]]:
        """What is left, without taking it away from here."""
        self.pairs, others = tee(self.pairs)
        return others

    def end(self) -> None:
        __tracebackhide__ = True  # a traceback is the person's own
        if self.error:
            raise self.error


# ---------------------------------------------------------------- map


class Map:
    """One run of ``map``."""

    def __init__(
        self, session: Session, kind: Kind, how: How, watching: Watching, results: Results, source: Source
    ) -> None:
        self.results, self._source, self._how, self._watching = results, source, how, watching
        self._left = results.missing()
        self._width = width(session, how.concurrency, self._left)
        self._sender = sender(session, kind, self._width.most)
        patience = session.settings.retries
        self._heard = Heard(self._sender.wake, lambda: source.at_work, session.interrupted)
        self._fan = Fan(self._sender, kind, self._take, self._width, how.retries, patience)
        self._began = 0.0

    def run(self) -> Results:
        __tracebackhide__ = True  # a traceback is the person's own
        self._began = time.perf_counter()
        with hearing(self._heard):
            try:
                self._run()
            except KeyboardInterrupt:
                self._interrupted()
            except BaseException as error:
                if not self.results.stopped:
                    self.results.stopped = f"it ended with {type(error).__name__}: {error}"
                raise
            finally:
                self._heard.close()
                self._end()
        return self.results

    def _take(self) -> Job | None:
        return None if self._heard.asked else self._source.take(self._sender)

    def _run(self) -> None:
        __tracebackhide__ = True  # a traceback is the person's own
        results, fan, source = self.results, self._fan, self._source
        with self._watching(results.function, self._left) as told:
            while not ((source.is_empty or fan.gone) and fan.is_idle):
                refused = None
                # all that came together, before it ends for any of it
                for done in fan.step(SAID_S):
                    self._record(done)
                    if done.error and is_of_all(done.error):
                        refused = done.error
                results.at_once = max(results.at_once, len(fan.under_way))
                done_here = len(results.times) + results.unsent
                told(done_here, len(results.errors))
                if self._left is not None:
                    self._width.left = self._left - done_here
                self._stop(refused)
            if fan.gone and not source.is_empty and self._left != done_here:
                results.stopped = fan.gone.message
            if source.error and not isinstance(source.error, KeyboardInterrupt):
                results.stopped = f"the events ended with {type(source.error).__name__}: {source.error}"
            source.end()

    def _stop(self, refused: FcError | None) -> None:
        """Raises if it ends here."""
        results, most = self.results, self._how.max_errors
        if refused:
            results.stopped = refused.message
            raise refused
        if most is not None and len(results.errors) > most:
            results.stopped = f"it ended there, because max_errors is {most}"
            raise CallsFailed(
                results.sentence(),
                results=results,
                hint=".mapped of the function has what came; .mapped.retry() goes on",
            )
        if self._heard.asked:
            raise KeyboardInterrupt

    def _interrupted(self) -> None:
        """Raises what says so."""
        results, count = self.results, len(self.results.times)
        results.stopped = f"interrupted after {count:,} calls"
        what = f"{results.function} was interrupted after {count:,} calls; those that ran were cancelled"
        if self._source.error:  # it was inside of what makes the events, which cannot go on from there
            results.stopped = (
                f"interrupted after {count:,} calls, inside of the generator: its rest is not known"
            )
        raise Interrupted(what, results=results) from None

    def _end(self) -> None:
        self._sender.close()
        results = self.results
        results.cancelled = [Outcome(job.index, job.event) for job in self._source.taken.values()]
        results.repeated = self._fan.repeated
        results.seconds = time.perf_counter() - self._began
        results.errors.sort(key=lambda one: one.index)

    def _record(self, done: Done) -> None:
        record(self.results, done, self._began)
        self._source.done(done.job)


def record(results: Results, done: Done, start: float) -> None:
    job, answer, error, began, ended, worked, cold = done
    if job.began:
        results.times.add(began - start, ended - start, worked, cold, error is not None)
    else:
        results.unsent += 1
    if isinstance(error, FunctionError):
        error = kept(error)
    if error is None and answer is not None:
        results.put(job.index, value_of(answer.body))
    else:
        results.fail(Outcome(job.index, job.event, error=error))


def again(before: Results, name: str) -> tuple[Results, Source]:
    """Results that have the values of others already, and what is still to be called."""
    results = Results(name, before.target, before.total, before.ordered)
    results.memory_mb, results.cpu, results.disk_mb = before.memory_mb, before.cpu, before.disk_mb
    results.labels = before.labels
    results._values, results.indexes = list(before._values), before.indexes[:]
    left = sorted([*before.errors, *before.cancelled], key=lambda one: one.index)
    rest: Iterator[tuple[int, Any]] = iter(())
    at_hand = True
    if before.rest and not before.rest.is_empty:
        rest, at_hand = before.rest.shared(), before.rest.at_hand
    elif before.rest and before.rest.error:  # of what ended there nobody knows the rest now either
        results.stopped = before.stopped
    return results, Source(chain([(one.index, one.event) for one in left], rest), at_hand)


# ---------------------------------------------------------------- stream


def stream(session: Session, kind: Kind, how: How, source: Source, unread: Results) -> Iterator[Outcome]:
    """Outcomes one by one; events are taken only as far as results are. If it is interrupted, ``unread`` has what
    came and was not given, and what was cancelled."""
    __tracebackhide__ = True  # a traceback is the person's own
    #: what came and was not given, as it came
    waiting: dict[int, Done] = {}
    calls = width(session, how.concurrency)
    carrier = sender(session, kind, calls.most)
    heard = Heard(carrier.wake, lambda: source.at_work, session.interrupted)

    def take() -> Job | None:
        full = len(waiting) + fan.unfinished >= max(AHEAD, AHEAD_OF_EACH * calls.now)
        return None if full or heard.asked else source.take(carrier)

    fan = Fan(carrier, kind, take, calls, how.retries, session.settings.retries)
    due, began = 0, time.perf_counter()
    try:
        while not ((source.is_empty or fan.gone) and fan.is_idle):
            with hearing(heard):  # not while who reads is at work
                waiting.update((done.job.index, done) for done in fan.step())
            if heard.asked:
                raise KeyboardInterrupt
            while (index := due if how.ordered else next(iter(waiting), due)) in waiting:
                # an interrupt may come in the midst of this: it is there until it is given
                outcome = _outcome(waiting[index])
                source.done(waiting[index].job)
                del waiting[index]
                yield outcome
                due += 1
        if fan.gone and not source.is_empty:
            raise fan.gone
        source.end()
    except KeyboardInterrupt:
        for done in waiting.values():
            record(unread, done, began)
            source.done(done.job)
        unread.cancelled = [Outcome(job.index, job.event) for job in source.taken.values()]
        unread.repeated, unread.seconds = fan.repeated, time.perf_counter() - began
        what = f"{kind.name} was interrupted; the calls that ran were cancelled"
        unread.stopped = "interrupted; these results came and were not read"
        raise Interrupted(what, results=unread) from None
    finally:
        heard.close()
        carrier.close()


def _outcome(done: Done) -> Outcome:
    job, answer = done.job, done.answer
    value = value_of(answer.body) if answer is not None and done.error is None else None
    return Outcome(job.index, job.event, value, done.error)


def pairs(events: Any) -> Source:
    return Source(numbered(many.each(events)), many.are_at_hand(events))
