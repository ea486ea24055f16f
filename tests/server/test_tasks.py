"""Asynchronous tasks: looked up, listed, stopped; each step is one that may come after the one before."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.errors import AsyncInvocationStopped, AsyncTaskAlreadyExists, AsyncTaskNotFound, InvalidArgument
from fc_magic.server import queue as queues
from fc_magic.server import tables
from fc_magic.server.queue import KEEP_BYTES, KEEP_EVENTS, KEEP_MS, KEEP_TASKS, Call, Queue
from fc_magic.server.tasks import TaskList, Wanted
from fc_magic.wire import tasks
from tests.conftest import zipped
from tests.server.later import BEGIN, Later, arn, on_bench
from tests.server.processes import is_alive, until
from tests.server.test_async import tries

NOW = int(BEGIN * 1000)


def steps(b: Later, name: str, task_id: str) -> list[str]:
    return [event.status for event in b.task(name, task_id).events]


# ---------------------------------------------------------------- the story of a task


def test_success(tmp_path: Path) -> None:
    """A task says each step, where it ran, for how long, and what came of it."""

    async def test(b: Later) -> None:
        await b.deploy("f", code=zipped("def handler(event, context):\n    return 'is ' + event.decode()\n"))
        b.config("f", asyncTask=True)
        call = b.call("f", b"it", task_id="first_one-1")
        await b.quiet()
        found = b.task("f", "first_one-1")
        assert [(e.number, e.status, e.at) for e in found.events] == [
            (n, s, NOW) for n, s in enumerate(("Enqueued", "Dequeued", "Running", "Succeeded"), 1)
        ]
        assert (found.status, found.request_id, found.qualifier) == ("Succeeded", call.request, "LATEST")
        assert (found.started, found.ended, found.retries, found.error) == (NOW, NOW, 0, "")
        assert found.function_arn == arn("f")
        assert (found.result, found.payload, found.destination) == ("is it", "it", "")
        assert found.duration_ms > 0
        assert found.instance_id.startswith("c-")

    on_bench(tmp_path, test)


def test_failure(tmp_path: Path) -> None:
    """A task that fails says so for each attempt, and why it has failed."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=99)
        b.config("f", asyncTask=True, maxAsyncRetryAttempts=1)
        b.call("f", task_id="t")
        await b.at(0)
        assert (b.task("f", "t").status, b.task("f", "t").retries) == ("Retrying", 1)
        await b.at(1)
        once = ["Dequeued", "Running"]
        assert steps(b, "f", "t") == ["Enqueued", *once, "Retrying", *once, "Failed"]
        found = b.task("f", "t")
        assert (found.status, found.error, found.retries) == ("Failed", "not yet", 1)
        assert json.loads(found.result)["errorType"] == "ValueError"

    on_bench(tmp_path, test)


def test_expired(tmp_path: Path) -> None:
    """A task that has waited too long is Expired."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True, maxAsyncEventAgeInSeconds=5)
        await b.end()
        b.call("f", task_id="t")
        b.start()
        await b.at(5)
        assert steps(b, "f", "t") == ["Enqueued", "Dequeued", "Expired"]
        assert "5 s" in b.task("f", "t").error

    on_bench(tmp_path, test)


def test_task_ids(tmp_path: Path) -> None:
    """An id of one's own is taken once for a function; without one it is made; without tasks there is none."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        await b.deploy("g")
        assert b.call("f", task_id="t").task == ""
        b.config("f", asyncTask=True)
        b.config("g", asyncTask=True)
        assert b.call("f", b"1", task_id="t").task == b.call("g", b"2", task_id="t").task == "t"
        with pytest.raises(AsyncTaskAlreadyExists, match="has a task t"):
            b.call("f", b"3", task_id="t")
        await b.quiet()
        with pytest.raises(AsyncTaskAlreadyExists):
            b.call("f", b"4", task_id="t")
        first, second = b.call("f").task, b.call("f").task
        assert first != second
        with pytest.raises(AsyncTaskNotFound):
            b.task("f", "nothing")
        with pytest.raises(AsyncTaskNotFound):
            b.engine.asyncs.task("f", "t", "1")
        await b.quiet()
        assert "3" not in b.said()
        assert "4" not in b.said()

    on_bench(tmp_path, test)


# ---------------------------------------------------------------- stopping


def test_stop_what_waits(tmp_path: Path) -> None:
    """A task that is stopped while it waits never runs."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True)
        b.call("f", task_id="t", delay="10")
        b.engine.asyncs.stop("f", "t")
        assert steps(b, "f", "t") == ["Enqueued", "Stopped"]
        with pytest.raises(AsyncInvocationStopped):
            b.engine.asyncs.stop("f", "t")
        await b.at(20)
        assert b.said() == []
        assert b.engine.store.queue.waiting == 0

    on_bench(tmp_path, test)


def test_stop_between_two_attempts(tmp_path: Path) -> None:
    """A task that is stopped before it is tried again is not tried again, and no destination hears of it."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=99)
        await b.deploy("told")
        b.config("f", asyncTask=True, destinationConfig={"onFailure": {"destination": arn("told")}})
        b.call("f", task_id="t")
        await b.at(0)
        b.engine.asyncs.stop("f", "t")
        await b.at(100)
        assert b.said() == ["e 0"]
        assert steps(b, "f", "t")[-2:] == ["Retrying", "Stopped"]

    on_bench(tmp_path, test)


def test_stop_what_runs(tmp_path: Path) -> None:
    """A task that is stopped while it runs loses its instance, and its log says that it was stopped."""

    async def test(b: Later) -> None:
        await b.deploy("f", "waits")
        b.config("f", asyncTask=True)
        b.call("f", b.hold("it"), task_id="t")
        await until(lambda: b.said() == ["it"])
        pid = b.gate.pid("it")
        b.engine.asyncs.stop("f", "t")
        assert b.task("f", "t").status == "Stopping"
        await b.quiet()
        await until(lambda: not is_alive(pid))
        assert steps(b, "f", "t")[-3:] == ["Running", "Stopping", "Stopped"]
        (entry,) = b.logs("f")
        assert entry.error_type == "AsyncInvocationStopped"
        with pytest.raises(AsyncInvocationStopped):
            b.engine.asyncs.stop("f", "t")

    on_bench(tmp_path, test)


def test_stop_at_once(tmp_path: Path) -> None:
    """A task that is stopped when it was taken and has not begun is stopped."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True)
        b.call("f", task_id="t")
        queue = b.engine.store.queue
        while not queue.running:  # one step of the loop after the other
            await asyncio.sleep(0)
        b.engine.asyncs.stop("f", "t")
        await b.quiet()
        assert b.task("f", "t").status == "Stopped"
        assert queue.waiting == 0

    on_bench(tmp_path, test)


def test_stop_what_has_ended(tmp_path: Path) -> None:
    """A task that has ended cannot be stopped."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True)
        b.call("f", task_id="t")
        await b.quiet()
        with pytest.raises(InvalidArgument, match="has ended: Succeeded"):
            b.engine.asyncs.stop("f", "t")
        with pytest.raises(AsyncTaskNotFound):
            b.engine.asyncs.stop("f", "other")

    on_bench(tmp_path, test)


# ---------------------------------------------------------------- the queue alone


@contextlib.contextmanager
def queue_in_memory() -> Iterator[tuple[Queue, TaskList, sqlite3.Connection]]:
    db = sqlite3.connect(":memory:", isolation_level=None)
    for migration in tables.MIGRATIONS:
        migration(db)

    @contextlib.contextmanager
    def transaction() -> Iterator[sqlite3.Connection]:
        db.execute("BEGIN")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    try:
        yield Queue(db, transaction), TaskList(db), db
    finally:
        db.close()


def a_task(number: int, **fields: object) -> Call:
    call = Call("f", f"1-{number}", b"payload", task=f"t{number}", accepted=number, begins=number)
    return replace(call, **fields)  # type: ignore[arg-type]


def test_history_is_bounded() -> None:
    """A task that is refused for hours keeps its beginning and its last steps."""
    with queue_in_memory() as (queue, listed, _):
        queue.put(a_task(1))
        for time in range(1, 200):
            call = queue.take("f", time)
            assert call
            queue.later(call, time + 1, time, tasks.ENQUEUED, "no instance", refusals=1)
            queue.give_back(call)
        found = listed.get("f", "t1")
        assert found
        numbers = [event.number for event in found.events]
        assert len(numbers) == KEEP_EVENTS
        assert (numbers[0], numbers[-1]) == (1, 399)


def test_few_tasks_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one function the oldest tasks that ended go, by number and by bytes; those that wait stay."""
    monkeypatch.setattr(queues, "KEEP_TASKS", 20)
    monkeypatch.setattr(queues, "KEEP_BYTES", 10_000)
    with queue_in_memory() as (queue, listed, db):
        for number in range(100):
            queue.put(a_task(number))
        for _ in range(99):
            call = queue.take("f", 1000)
            assert call
            assert queue.end(call, tasks.SUCCEEDED, 0) is False
            queue.mark(call, tasks.RUNNING, 0)
            queue.end(call, tasks.SUCCEEDED, call.accepted, result=b"r" * 10)
            queue.give_back(call)
            (count,) = db.execute("SELECT COUNT(*) FROM async_calls WHERE ended IS NOT NULL").fetchone()
            assert count <= 20
        kept = [task.task_id for task in listed.list("f", Wanted(limit=100))[0]]
        assert kept[0] == "t99"
        assert kept[1:] == [f"t{98 - n}" for n in range(len(kept) - 1)]
        assert len(kept) > 10
        big = queue.put(a_task(200, begins=0))
        assert big
        queue.mark(big, tasks.DEQUEUED, 0)
        queue.mark(big, tasks.RUNNING, 0)
        queue.end(big, tasks.SUCCEEDED, 200, result=b"r" * 8000)
        assert len(listed.list("f", Wanted(status="Succeeded", limit=100))[0]) < 10
        assert db.execute("SELECT COUNT(*) FROM async_bodies").fetchone() == (
            db.execute("SELECT COUNT(*) FROM async_calls").fetchone()
        )
    assert (KEEP_TASKS, KEEP_BYTES) == (1000, 64 << 20)


def test_texts_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why a task failed has 4 KB at most in each step, and all that is kept of a task counts."""
    monkeypatch.setattr(queues, "KEEP_BYTES", 40_000)
    with queue_in_memory() as (queue, listed, db):
        for number in range(10):
            queue.put(a_task(number))
            call = queue.take("f", 1000)
            assert call
            queue.mark(call, tasks.RUNNING, 0)
            queue.later(call, 0, 0, tasks.RETRYING, "ü" * 4_000_000, retries=1)
            queue.mark(call, tasks.DEQUEUED, 0)
            queue.mark(call, tasks.RUNNING, 0)
            queue.end(call, tasks.FAILED, number, "ü" * 4_000_000, error="ü" * 4_000_000)
            queue.give_back(call)
        found = listed.get("f", "t9")
        assert found
        assert [len(event.detail.encode()) for event in found.events] == [0, 0, 0, 4096, 0, 0, 4096]
        assert found.error == "ü" * 2048
        (count, size) = db.execute(
            "SELECT COUNT(*), SUM(LENGTH(CAST(facts AS BLOB))) FROM async_calls"
        ).fetchone()
        assert 0 < count < 4
        assert size <= 40_000


def test_old_tasks_go() -> None:
    """A week after its end a task is gone; one that waits stays."""
    with queue_in_memory() as (queue, listed, _):
        for number in (1, 2):
            queue.put(a_task(number))
        call = queue.take("f", 10)
        assert call
        queue.mark(call, tasks.RUNNING, 10)
        queue.end(call, tasks.SUCCEEDED, 10)
        queue.give_back(call)
        queue.sweep(10 + KEEP_MS)
        assert listed.get("f", "t1")
        queue.sweep(11 + KEEP_MS)
        assert listed.get("f", "t1") is None
        assert listed.get("f", "t2")


def test_large_result_is_cut() -> None:
    """A preview of a result has a megabyte at most, and does not end within a character."""
    with queue_in_memory() as (queue, listed, _):
        queue.put(a_task(1))
        call = queue.take("f", 10)
        assert call
        queue.mark(call, tasks.RUNNING, 10)
        queue.end(call, tasks.SUCCEEDED, 10, result=b"x" + "ü".encode() * tasks.MAX_RESULT)
        found = listed.get("f", "t1")
        assert found
        assert found.result.strip("xü") in ("", "\ufffd")
        assert len(found.result.encode()) <= tasks.MAX_RESULT + 2


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["take", "run", "succeed", "fail", "retry", "refuse", "expire", "stop", "cancel", "restart"]
        ),
        st.integers(0, 2),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(OPERATIONS)
def test_every_story_is_one_of_the_table(operations: list[tuple[str, int]]) -> None:
    """Whatever comes in whatever order: a step follows one that it may follow, an end is the end, and what has not
    ended waits or runs."""
    with queue_in_memory() as (queue, listed, _):
        for number in range(3):
            queue.put(a_task(number, begins=0))
        for time, (what, number) in enumerate(operations, 1):
            _do(queue, listed, what, number, time)
        for number in range(3):
            found, call = listed.get("f", f"t{number}"), listed.call("f", f"t{number}")
            assert found
            assert call
            story = [event.status for event in found.events]
            assert story[0] == tasks.ENQUEUED
            assert story[-1] == found.status
            assert all(b in tasks.NEXT[a] for a, b in itertools.pairwise(story)), story
            assert found.is_over == bool(found.ended) == (call.due is None)
        left = sum(not task.is_over for task in listed.list("f", Wanted())[0])
        assert queue.waiting == left
        queue.running.clear()
        queue.recover(1000)
        while call := queue.take("f", 2000):
            queue.mark(call, tasks.RUNNING, 2000)
            assert queue.end(call, tasks.SUCCEEDED, 2000)
            queue.give_back(call)
        assert queue.waiting == 0
        assert all(task.is_over for task in listed.list("f", Wanted())[0])


def _do(queue: Queue, listed: TaskList, what: str, number: int, time: int) -> None:
    call = queue.running.get("f", {}).get(number + 1)
    known = listed.call("f", f"t{number}")
    assert known
    if what == "take":
        queue.take("f", time)
    elif what == "restart":
        queue.running.clear()
        queue.recover(time)
    elif what == "stop" and known.status not in (*tasks.ENDED, tasks.STOPPING):
        queue.stop(known, time)
    elif call is None:
        return
    elif what == "run":
        queue.mark(call, tasks.RUNNING, time)
    elif what in ("succeed", "fail", "expire", "cancel"):
        status = {
            "succeed": tasks.SUCCEEDED,
            "fail": tasks.FAILED,
            "expire": tasks.EXPIRED,
            "cancel": tasks.STOPPED,
        }
        queue.end(call, status[what], time)
        queue.give_back(call)
    elif what in ("retry", "refuse"):
        status_ = tasks.RETRYING if what == "retry" else tasks.ENQUEUED
        queue.later(call, time, time, status_, "", retries=what == "retry", refusals=what == "refuse")
        queue.give_back(call)
