"""``map`` and ``stream`` of a function: events in, results out, and nothing of them lost when it ends early."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from fc_magic.client import events as many
from fc_magic.client.fanout.fan import Done, Fan, is_of_all
from fc_magic.client.fanout.job import Job, Kind, Sender
from fc_magic.client.fanout.results import Outcome, Results
from fc_magic.client.fanout.watching import Watching
from fc_magic.client.fanout.width import Width
from fc_magic.client.session import Session
from fc_magic.client.target import is_this_machine
from fc_magic.errors import CallsFailed, Interrupted, Problem, UsageError
from fc_magic.wire.results import value_of

#: calls at once, where nobody says how many: at first, and at most. Here they share the cores of this machine: with
#: four the server always has one at hand, and a few events are not worth the start of so many instances
HERE, THERE = (4, 64), (8, 100)
A_FEW, FOR_A_FEW = 100, 2
#: seconds after which who looks on is told that nothing came
SAID_S = 0.5
#: of a stream: results that wait for one before them, for each call under way
AHEAD = 16


class How(NamedTuple):
    """``concurrency``: calls at once, else as many as do good; ``retries``: of a call that failed; ``ordered``:
    values in the order of the events, else as they come; ``max_errors``: if more fail, it ends."""

    concurrency: int | None = None
    retries: int = 0
    ordered: bool = True
    max_errors: int | None = None

    def checked(self) -> How:
        problems = []
        least = {"concurrency": 1, "retries": 0, "max_errors": 0}
        for name, low in least.items():
            given = getattr(self, name)
            optional = given is None and name != "retries"
            if not optional and (not isinstance(given, int) or isinstance(given, bool) or given < low):
                hint = f"{name}={max(low, 2)}"
                problems.append(
                    Problem(name, f"must be a whole number from {low}", given=repr(given), hint=hint)
                )
        if problems:
            raise UsageError("nothing was called", problems=problems)
        return self


def sender(session: Session, kind: Kind) -> Sender:
    endpoint = session.target.endpoint
    if endpoint.startswith("http://") and is_this_machine(endpoint) and session.key_lasts:
        from fc_magic.client.fanout.lanes import Lanes

        return Lanes(session, kind)
    from fc_magic.client.fanout.threads import Threads

    return Threads(session, kind)


def width(session: Session, concurrency: int | None = None, total: int | None = None) -> Width:
    """``total``: events, if their number is known."""
    if concurrency:
        return Width(concurrency, fixed=True)
    here = is_this_machine(session.target.endpoint)
    first, most = HERE if here else THERE
    if here and total is not None and total < A_FEW:
        first = FOR_A_FEW
    return Width(most, first=first, here=here)


class Source:
    """Events with their numbers, taken as they are needed. If they end with an error, what was sent is waited for,
    and the error is raised then."""

    def __init__(self, pairs: Iterator[tuple[int, Any]]) -> None:
        self.pairs, self.is_empty = pairs, False
        self.error: Exception | None = None

    def take(self) -> Job | None:
        if self.is_empty:
            return None
        try:
            for index, event in self.pairs:
                return Job(index, event)
        except Exception as error:  # noqa: BLE001 - whatever a generator of somebody else raises
            self.error = error
        self.is_empty = True
        return None

    def end(self) -> None:
        if self.error:
            raise self.error


# ---------------------------------------------------------------- map


class Map:
    """One run of ``map``."""

    def __init__(
        self, session: Session, kind: Kind, how: How, watching: Watching, results: Results, source: Source
    ) -> None:
        self.results, self._source, self._how, self._watching = results, source, how, watching
        self._sender = sender(session, kind)
        self._left = results.missing()
        self._width = width(session, how.concurrency, self._left)
        patience = session.settings.retries
        self._fan = Fan(self._sender, kind, source.take, self._width, how.retries, patience)
        self._began = 0.0

    def run(self) -> Results:
        results, fan, source = self.results, self._fan, self._source
        self._began = time.perf_counter()
        with self._watching(results.function, results.total) as told:
            try:
                while not (source.is_empty and fan.is_idle):
                    for done in fan.step(SAID_S):
                        self._record(done)
                    if len(fan.under_way) > results.at_once:
                        results.at_once = len(fan.under_way)
                    told(len(results.times), len(results.errors))
                    if self._left is not None:
                        self._width.left = self._left - len(results.times)
                if source.error:
                    results.stopped = f"the events ended with {type(source.error).__name__}: {source.error}"
                source.end()
            except KeyboardInterrupt:
                count = len(results.times)
                results.stopped = f"interrupted after {count:,} calls"
                what = (
                    f"{results.function} was interrupted after {count:,} calls; those that ran were cancelled"
                )
                raise Interrupted(what, results=results) from None
            finally:
                self._end()
        return results

    def _end(self) -> None:
        self._sender.close()
        results = self.results
        results.cancelled = [Outcome(job.index, job.event) for job in self._fan.unfinished()]
        results.repeated = self._fan.repeated
        results.seconds = time.perf_counter() - self._began
        results.errors.sort(key=lambda one: one.index)

    def _record(self, done: Done) -> None:
        results, start = self.results, self._began
        job, answer, error, began, ended, worked, cold = done
        results.times.add(began - start, ended - start, worked, cold, error is not None)
        if error is None and answer is not None:
            results.put(job.index, value_of(answer.body))
            return
        results.fail(Outcome(job.index, job.event, error=done.error))
        if done.error and is_of_all(done.error):
            results.stopped = done.error.message
            raise done.error
        most = self._how.max_errors
        if most is not None and len(results.errors) > most:
            results.stopped = f"it ended there, because max_errors is {most}"
            raise CallsFailed(
                results.sentence(),
                results=results,
                hint=".mapped of the function has what came; .mapped.retry() goes on",
            )


def again(before: Results, name: str) -> tuple[Results, Source]:
    """Results that have the values of others already, and what is still to be called."""
    results = Results(name, before.target, before.total, before.ordered)
    results.memory_mb, results.cpu, results.disk_mb = before.memory_mb, before.cpu, before.disk_mb
    results.labels = before.labels
    results._values, results.indexes = list(before._values), before.indexes[:]
    left = sorted([*before.errors, *before.cancelled], key=lambda one: one.index)
    rest = before.rest.pairs if before.rest and not before.rest.is_empty else iter(())
    return results, Source(chain([(one.index, one.event) for one in left], rest))


# ---------------------------------------------------------------- stream


def stream(session: Session, kind: Kind, how: How, source: Source) -> Iterator[Outcome]:
    """Outcomes one by one; events are taken only as far as results are."""
    carrier = sender(session, kind)
    waiting: dict[int, Outcome] = {}
    calls = width(session, how.concurrency)

    def take() -> Job | None:
        full = len(waiting) + len(fan.under_way) >= AHEAD * calls.now
        return None if full else source.take()

    fan = Fan(carrier, kind, take, calls, how.retries, session.settings.retries)
    due = 0
    try:
        while not (source.is_empty and fan.is_idle):
            for done in fan.step():
                outcome = _outcome(done)
                if how.ordered:
                    waiting[outcome.index] = outcome
                else:
                    yield outcome
            while due in waiting:
                yield waiting.pop(due)
                due += 1
        source.end()
    except KeyboardInterrupt:
        raise Interrupted(f"{kind.name} was interrupted; the calls that ran were cancelled") from None
    finally:
        carrier.close()


def _outcome(done: Done) -> Outcome:
    job, answer = done.job, done.answer
    value = value_of(answer.body) if answer is not None and done.error is None else None
    return Outcome(job.index, job.event, value, done.error)


def pairs(events: Any) -> Source:
    return Source(enumerate(many.each(events)))
