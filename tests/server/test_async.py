"""Asynchronous calls: what is accepted runs, again if it failed, not too late; and who wants to know is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from fc_magic.errors import (
    AccessDenied,
    AliasNotFound,
    EntityTooLarge,
    FunctionNotFound,
    InvalidArgument,
    ResourceExhausted,
    VersionNotFound,
)
from fc_magic.server import sleeping
from fc_magic.server.asyncs import MAX_BYTES_OF_ONE, MAX_HOPS, MAX_OF_ONE, Asyncs
from fc_magic.server.identity import Identity
from fc_magic.server.logs import Logs
from fc_magic.server.queue import Call
from fc_magic.server.store import Store
from fc_magic.server.triggers import asynchronous
from fc_magic.server.triggers.asynchronous import Dispatcher
from fc_magic.server.worker.pool import Limits
from fc_magic.wire.aliases import Alias
from fc_magic.wire.tasks import MAX_EVENT, result_event
from tests.conftest import zipped
from tests.server.later import BEGIN, Later, arn, on_bench
from tests.server.processes import is_alive, until

#: says its event and which attempt it is, and fails as often as FAILS says
TRIES = """
import os, socket
def handler(event, context):
    with socket.socket(socket.AF_UNIX) as door:
        door.connect("\\0" + os.environ["DOOR"])
        door.sendall(f"{event.decode()} {context.retry_count}\\n".encode())
        door.recv(1)
    if context.retry_count < int(os.environ["FAILS"]):
        raise ValueError("not yet")
    return "done"
"""


async def tries(b: Later, name: str, fails: int) -> None:
    await b.deploy(name, code=zipped(TRIES), FAILS=str(fails))


# ---------------------------------------------------------------- running


def test_runs_once(tmp_path: Path) -> None:
    """What is accepted runs, once; its log says who called, and nothing of it stays."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        call = b.call("f", b"hello")
        await b.quiet()
        assert b.said() == ["hello"]
        (entry,) = b.logs("f")
        assert (entry.caller, entry.request_id, entry.error_type, entry.retry) == (
            "async",
            call.request,
            "",
            0,
        )
        assert b.engine.store.queue.waiting == 0
        for table in ("async_calls", "async_bodies"):
            assert b.engine.store._db.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)

    on_bench(tmp_path, test)


def test_failed_is_tried_again(tmp_path: Path) -> None:
    """A function that fails is called again after 1, 2 and 4 s, and is told how often it was; then no more."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=99)
        b.call("f", b"e")
        for seconds, expected in [(0, 1), (0.9, 1), (1, 2), (2.9, 2), (3, 3), (7, 4), (8000, 4)]:
            await b.at(seconds)
            assert b.said() == [f"e {n}" for n in range(expected)], seconds
        assert [(r.retry, r.error_type) for r in b.logs("f")] == [
            (n, "UnhandledInvocationError") for n in range(4)
        ]
        assert len({r.request_id for r in b.logs("f")}) == 1
        assert b.engine.store.queue.waiting == 0

    on_bench(tmp_path, test)


def test_until_it_succeeds(tmp_path: Path) -> None:
    """The first success is the end."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=1)
        b.call("f")
        for seconds in (1, 10, 100):
            await b.at(seconds)
        assert b.said() == ["e 0", "e 1"]

    on_bench(tmp_path, test)


@pytest.mark.parametrize("attempts", [0, 1, 8])
def test_number_of_retries(tmp_path: Path, attempts: int) -> None:
    """maxAsyncRetryAttempts says how often."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=99)
        b.config("f", maxAsyncRetryAttempts=attempts)
        b.call("f")
        for times in range(10):
            await b.at(2**times - 1)
        assert len(b.said()) == attempts + 1

    on_bench(tmp_path, test)


def test_delay(tmp_path: Path) -> None:
    """x-fc-async-delay puts a call off, and its age counts from then on."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", maxAsyncEventAgeInSeconds=1)
        b.call("f", b"late", delay="3600")
        b.call("f", b"now", delay="0")
        await b.at(0)
        await b.at(3599)
        assert b.said() == ["now"]
        await b.at(3600.5)
        assert b.said() == ["now", "late"]

    on_bench(tmp_path, test)


def test_expired(tmp_path: Path) -> None:
    """A call that has waited too long does not run any more, and the log says so."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", maxAsyncEventAgeInSeconds=60)
        await b.end()
        b.call("f")
        b.start()
        await b.at(60)
        assert b.said() == []
        (entry,) = b.logs("f")
        assert (entry.error_type, entry.caller) == ("Expired", "async")
        assert "60 s" in entry.error["errorMessage"]

    on_bench(tmp_path, test)


def test_expired_between_two_attempts(tmp_path: Path) -> None:
    """No attempt begins when the age is over, and nobody waits longer than that for the last word."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=99)
        await b.deploy("told")
        b.config(
            "f", maxAsyncEventAgeInSeconds=2, destinationConfig={"onFailure": {"destination": arn("told")}}
        )
        b.call("f")
        for seconds in (0, 1, 2):
            await b.at(seconds)
        assert [line for line in b.said() if not line.startswith("{")] == ["e 0", "e 1"]
        assert [t["requestContext"]["condition"] for t in b.told()] == ["Expired"]

    on_bench(tmp_path, test)


def test_no_instance_burns_no_attempt(tmp_path: Path) -> None:
    """While all instances are busy a call waits and is not counted as tried."""

    async def test(b: Later) -> None:
        await b.deploy("busy", "waits")
        await tries(b, "f", fails=0)
        b.config("f", maxAsyncRetryAttempts=0)
        held = asyncio.create_task(b.engine.invoke("busy", b.hold("held")))
        await until(lambda: b.said() == ["held"])
        b.call("f")
        for seconds in range(5):
            await b.at(600 * seconds)
        assert b.said() == ["held"]
        (entry,) = b.logs("f")
        assert (entry.error_type, entry.caller) == ("ResourceExhausted", "async")
        b.gate.let_go("held")
        await held
        await b.at(4000)
        assert b.said() == ["held", "e 0"]

    on_bench(tmp_path, test, Limits(instances=1, wait_s=0.05))


def test_refused_for_five_hours(tmp_path: Path) -> None:
    """What the platform refuses is given up after five hours, and the destination hears why."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        await b.deploy("told")
        b.config("f", destinationConfig={"onFailure": {"destination": arn("told")}})
        b.engine.pool.limits = none = Limits(instances_per_function=-1)
        b.call("f")
        await b.at(0)
        await b.at(5 * 3600 - 1)
        assert b.engine.store.queue.heads.keys() == {"f"}
        await b.at(5 * 3600 + 400)
        assert b.engine.store.queue.heads.keys() == {"told"}
        assert [entry.error_type for entry in b.logs("f")] == ["ResourceExhausted"] * 2
        b.engine.pool.limits = replace(none, instances_per_function=9)
        await b.at(6 * 3600)
        (event,) = b.told()
        assert event["requestContext"]["condition"] == "ResourceExhausted"
        assert event["responseContext"] == {"statusCode": 429, "functionError": ""}

    on_bench(tmp_path, test)


# ---------------------------------------------------------------- turns


def test_functions_take_turns(tmp_path: Path) -> None:
    """A function with many calls runs as many at once as it may, and another one does not wait behind it."""

    async def test(b: Later) -> None:
        await b.deploy("many", "waits")
        await b.deploy("one")
        event = b.hold("many")
        for _ in range(6):
            b.call("many", event)
        await until(lambda: b.said() == ["many"] * 2)
        b.call("one", b"one")
        await until(lambda: "one" in b.said())
        assert b.said() == ["many", "many", "one"]
        b.gate.let_go("many")
        await b.quiet()
        assert b.said().count("many") == 6

    on_bench(tmp_path, test, per_function=2, at_once=4)


def test_bounded_in_all(tmp_path: Path) -> None:
    """No more calls run at once than there may, and the fewest of a function come first."""

    async def test(b: Later) -> None:
        for name in "abc":
            await b.deploy(name, "waits")
        for name in "aabbcc":
            b.call(name, b.hold(name))
        await until(lambda: len(b.said()) == 3)
        assert sorted(b.said()) == ["a", "b", "c"]
        for name in "abc":
            b.gate.let_go(name)
        await b.quiet()
        assert sorted(b.said()) == list("aabbcc")

    on_bench(tmp_path, test, at_once=3)


def test_lines(tmp_path: Path) -> None:
    """Calls of one line run in their order, one at a time, also when one of them has to be tried again."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=1)
        for event in (b"1", b"2"):
            b.call("f", event, line="a")
        b.call("f", b"other", line="b")
        for seconds in (0, 1, 2, 3):
            await b.at(seconds)
        assert [said for said in b.said() if said[0] != "o"] == ["1 0", "1 1", "2 0", "2 1"]
        assert b.said().index("other 0") < b.said().index("1 1")

    on_bench(tmp_path, test)


# ---------------------------------------------------------------- refusals


def test_refusals(tmp_path: Path) -> None:
    """What cannot be accepted is refused before anything is kept."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        with pytest.raises(FunctionNotFound):
            b.call("nobody")
        with pytest.raises(EntityTooLarge, match="131073 bytes"):
            b.call("f", bytes(MAX_EVENT + 1))
        for delay in ("3601", "-1", "1.5", "x", "9" * 100, "٣"):
            with pytest.raises(InvalidArgument, match="x-fc-async-delay"):
                b.call("f", delay=delay)
        for task in ("1a", "a b", "a" * 129, "ä", "a/b", "-a"):
            with pytest.raises(InvalidArgument, match="task id"):
                b.call("f", task_id=task)
        assert b.engine.store.queue.waiting == 0
        b.call("f", bytes(MAX_EVENT), delay="1")
        assert b.engine.store.queue.waiting == 1

    on_bench(tmp_path, test)


def test_full(tmp_path: Path) -> None:
    """When too many calls wait the next one is turned away."""
    store = Store(tmp_path)
    full = Asyncs(store, Identity(), Logs(), lambda *_: None, lambda _: None, lambda: BEGIN, max_waiting=2)
    for _ in range(2):
        full.accept("f", b"")
    with pytest.raises(ResourceExhausted, match="2 asynchronous calls wait"):
        full.accept("f", b"")
    store.close()


def test_one_function_does_not_fill_it(tmp_path: Path) -> None:
    """One function has a share of the calls and of the bytes that may wait; what ended counts no more."""
    with contextlib.closing(Store(tmp_path)) as store:
        nothing = (lambda *_: None, lambda _: None, lambda: BEGIN)
        share = Asyncs(store, Identity(), Logs(), *nothing, max_of_one=3, max_bytes_of_one=100)
        calls = [share.accept("f", b"e") for _ in range(3)]
        with pytest.raises(ResourceExhausted, match="3 asynchronous calls of function 'f' wait"):
            share.accept("f", b"")
        share.accept("g", b"e" * 60)
        with pytest.raises(ResourceExhausted, match="'g' that wait have 60 bytes"):
            share.accept("g", b"e" * 41)
        share.accept("g", b"e" * 40)
        with pytest.raises(ResourceExhausted, match="of function 'f' wait"):
            share.told(calls[0], arn("f"), b"")
        store.queue.end(calls[0], "Succeeded", 0)
        share.told(calls[0], arn("f"), b"")
        share.accept("f", b"e")
        assert store.queue.load == {"f": (3, 3), "g": (2, 100)}
        store.queue.recover(0)
        assert store.queue.load == {"f": (3, 3), "g": (2, 100)}
    assert (MAX_OF_ONE, MAX_BYTES_OF_ONE) == (10_000, 256 << 20)


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"s" * 2_000_000, b"a" * 10),
        (b"s", b"\x01" * 900_000),
        (b'"' * 128_000, "ü".encode() * 500_000),
        (b"", b""),
    ],
)
def test_what_a_destination_is_told_is_an_event(sent: bytes, answered: bytes) -> None:
    """It has at most the bytes of an event, and begins as it was; what is short is whole."""
    event = result_event("1", "arn", 0, "Success", 1, 200, "", sent, answered)
    assert len(event) <= MAX_EVENT
    told = json.loads(event)
    assert sent.decode().startswith(told["requestPayload"])
    assert answered.decode().startswith(told["responsePayload"])
    assert len(answered) > 10 or told["responsePayload"] == answered.decode()
    assert len(sent) + len(answered) < 10 or len(event) > MAX_EVENT - 10


def test_qualifier(tmp_path: Path) -> None:
    """A call runs what its qualifier leads to when it runs, by the settings of that qualifier; what leads nowhere by
    then is Invalid, and the destination hears of it."""

    async def test(b: Later) -> None:
        for number in "12":
            code = TRIES.replace("{event.decode()}", number + " {event.decode()}")
            await b.deploy("f", code=zipped(code), FAILS="9")
        await b.deploy("told")
        await b.engine.aliases.create("f", Alias("prod", "1"))
        to = {"onFailure": {"destination": arn("told")}}
        b.engine.asyncs.put_config("f", "prod", {"maxAsyncRetryAttempts": 0, "destinationConfig": to})
        b.config("f", maxAsyncRetryAttempts=0)
        for qualifier in ("prod", "", "LATEST", "2"):
            b.call("f", qualifier.encode() or b"none", qualifier=qualifier)
        await b.at(0)
        assert sorted(said for said in b.said() if said[0] != "{") == [
            "1 prod 0",
            "2 2 0",
            "2 LATEST 0",
            "2 none 0",
        ]
        assert [told["requestContext"]["functionArn"] for told in b.told()] == [arn("f", "prod")]
        for nothing in ("3", "none"):
            with pytest.raises((VersionNotFound, AliasNotFound)):
                b.call("f", qualifier=nothing)
        b.call("f", qualifier="prod", delay="5")
        await b.engine.aliases.delete("f", "prod")
        await b.at(5)
        assert b.told()[-1]["requestContext"]["condition"] == "Invalid"
        assert "AliasNotFound" in [entry.error_type for entry in b.logs("f")]
        await b.engine.aliases.create("f", Alias("prod", "1"))
        assert b.engine.asyncs.config("f", "prod").on_failure == ""
        # the settings of another qualifier are its own: it is tried again
        assert [entry.version for entry in b.logs("f") if entry.retry] == ["2"]

    on_bench(tmp_path, test)


def test_disabled(tmp_path: Path) -> None:
    """A function that may not be invoked accepts nothing; what it had accepted waits until it may."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.call("f", delay="5")
        b.engine.beside.restrict("f", True)
        with pytest.raises(AccessDenied):
            b.call("f")
        await b.at(10)
        assert b.said() == []
        b.engine.beside.restrict("f", False)
        await b.at(20)
        assert b.said() == ["e"]

    on_bench(tmp_path, test)


def test_deleted(tmp_path: Path) -> None:
    """What waits goes with its function, and does not run when there is one of that name again."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True)
        b.call("f", b"old", delay="10")
        await b.engine.delete("f")
        assert (b.engine.store.queue.waiting, b.engine.store.queue.heads) == (0, {})
        await b.deploy("f")
        b.call("f", b"new")
        await b.at(20)
        assert b.said() == ["new"]
        assert b.engine.asyncs.config("f").task is False

    on_bench(tmp_path, test)


def test_deleted_while_it_runs(tmp_path: Path) -> None:
    """A call whose function is deleted under it ends, and what came of it goes nowhere."""

    async def test(b: Later) -> None:
        await b.deploy("f", "waits")
        await b.deploy("told")
        b.config("f", asyncTask=True, destinationConfig={"onSuccess": {"destination": arn("told")}})
        b.call("f", b.hold("it"))
        await until(lambda: b.said() == ["it"])
        await b.engine.delete("f")
        b.gate.let_go("it")
        await b.quiet()
        assert b.said() == ["it"]
        assert b.engine.store._db.execute("SELECT COUNT(*) FROM async_calls").fetchone() == (0,)

    on_bench(tmp_path, test)


# ---------------------------------------------------------------- the end, and the beginning


def test_put_back(tmp_path: Path) -> None:
    """What runs when the server stops runs again after the next start, and counts as not tried."""

    async def test(b: Later) -> None:
        await b.deploy("f", "waits")
        b.config("f", asyncTask=True, maxAsyncRetryAttempts=0)
        b.call("f", b.hold("it"), task_id="it")
        await until(lambda: b.task("f", "it").status == "Running")
        await until(lambda: b.said() == ["it"])
        pid = b.gate.pid("it")
        await b.end()
        await until(lambda: not is_alive(pid))
        assert b.task("f", "it").status == "Enqueued"
        b.gate.let_go("it")
        b.start()
        await b.quiet()
        assert b.said() == ["it", "it"]
        assert (b.task("f", "it").status, b.task("f", "it").retries) == ("Succeeded", 0)

    on_bench(tmp_path, test)


def test_fault_of_ours(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A call that cannot even be tried keeps nobody else waiting, and is not lost."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        await b.deploy("g")
        db = b.engine.store._db
        db.execute("INSERT INTO configs VALUES ('async', 'f', 'LATEST', 'no JSON')")
        b.engine.store.queue.put(Call("f", "1-f", b"f", accepted=int(BEGIN * 1000), begins=int(BEGIN * 1000)))
        b.call("g", b"g")
        await until(lambda: b.said() == ["g"])
        await until(lambda: "1-f" in caplog.text)
        db.execute("DELETE FROM configs")
        await b.quiet()
        assert b.said() == ["g", "f"]

    on_bench(tmp_path, test)


@pytest.mark.parametrize("ends", [False, True])
def test_outcome_that_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    """A function that has run does not run again while the store cannot be written to, also if the server ends."""
    monkeypatch.setattr(asynchronous, "FAULT_PAUSE_S", 30.0 if ends else 0.05)

    async def test(b: Later) -> None:
        await b.deploy("f")
        db = b.engine.store._db
        full = "BEFORE DELETE ON async_calls BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        db.execute(f"CREATE TRIGGER full {full}")
        b.call("f", b"once")
        await until(lambda: caplog.text.count("cannot be written") >= (1 if ends else 3))
        assert b.engine.store.queue.waiting == 1
        db.execute("DROP TRIGGER full")
        if ends:
            await b.end()
            b.start()
        await b.quiet()
        assert b.said() == ["once"]
        assert b.engine.store.queue.waiting == 0

    on_bench(tmp_path, test)


def test_calls_that_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the calls goes on after a fault of the store."""
    monkeypatch.setattr(asynchronous, "FAULT_PAUSE_S", 0.05)

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True)
        db = b.engine.store._db
        full = "BEFORE UPDATE ON async_calls BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        await b.end()
        b.call("f", b"once", task_id="t")
        db.execute(f"CREATE TRIGGER full {full}")
        b.start()
        await until(lambda: "cannot be read" in caplog.text)
        db.execute("DROP TRIGGER full")
        await b.quiet()
        assert (b.said(), b.task("f", "t").status) == (["once"], "Succeeded")

    on_bench(tmp_path, test)


def test_expires_while_it_seems_to_run(tmp_path: Path) -> None:
    """A call that a fault left as running expires as any other."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True, maxAsyncEventAgeInSeconds=5)
        await b.end()
        call = b.call("f", task_id="t")
        b.engine.store.queue.mark(call, "Dequeued", 0)
        b.engine.store.queue.mark(call, "Running", 0)
        b.time += 6
        dispatching = Dispatcher(b.engine)
        taken = b.engine.store.queue.take("f", b.engine.asyncs.now())
        assert taken
        await dispatching._work(taken)
        b.engine.store.queue.give_back(taken)
        assert (b.said(), b.task("f", "t").status) == ([], "Expired")

    on_bench(tmp_path, test)


# ---------------------------------------------------------------- destinations


def test_destination_of_a_success(tmp_path: Path) -> None:
    """onSuccess is called with FC's event of the result."""

    async def test(b: Later) -> None:
        await b.deploy("f", code=zipped("def handler(event, context):\n    return 'so: ' + event.decode()\n"))
        await b.deploy("told")
        to = {
            "onSuccess": {"destination": arn("told", "LATEST")},
            "onFailure": {"destination": arn("nobody")},
        }
        b.config("f", destinationConfig=to)
        call = b.call("f", "ü".encode())
        await b.quiet()
        assert b.told() == [
            {
                "timestamp": int(BEGIN * 1000),
                "requestContext": {
                    "requestId": call.request,
                    "functionArn": arn("f"),
                    "condition": "Success",
                    "approximateInvokeCount": 1,
                },
                "requestPayload": "ü",
                "responseContext": {"statusCode": 200, "functionError": ""},
                "responsePayload": "so: ü",
            }
        ]
        assert [entry.caller for entry in b.logs("told")] == ["async"]

    on_bench(tmp_path, test)


def test_destination_of_a_failure(tmp_path: Path) -> None:
    """onFailure is called when the last attempt has failed, with the error."""

    async def test(b: Later) -> None:
        await tries(b, "f", fails=99)
        await b.deploy("told")
        b.config("f", maxAsyncRetryAttempts=1, destinationConfig={"onFailure": {"destination": arn("told")}})
        b.call("f")
        await b.at(0)
        assert b.told() == []
        await b.at(1)
        (event,) = b.told()
        assert event["requestContext"]["condition"] == "UnhandledInvocationError"
        assert event["requestContext"]["approximateInvokeCount"] == 2
        assert event["responseContext"] == {"statusCode": 200, "functionError": "UnhandledInvocationError"}
        assert json.loads(event["responsePayload"])["errorMessage"] == "not yet"

    on_bench(tmp_path, test)


@pytest.mark.parametrize(
    ("destination", "why"),
    [
        (arn("nobody"), "does not exist"),
        ("acs:mns:cn-hangzhou:1:/queues/q/messages", "no function"),
        ("acs:fc:cn-beijing:1:functions/f", "another region"),
    ],
)
def test_destination_that_cannot_be_told(tmp_path: Path, destination: str, why: str) -> None:
    """A delivery that fails is seen in the task and in the log, and the call has succeeded all the same."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", asyncTask=True, destinationConfig={"onSuccess": {"destination": destination}})
        call = b.call("f")
        await b.quiet()
        task = b.task("f", call.task)
        assert task.status == "Succeeded"
        assert task.destination.startswith("Failed: ")
        assert why in task.destination
        ran, failed = b.logs("f")
        assert (ran.error_type, failed.error_type) == ("", "DestinationDeliveryFailed")
        assert b.engine.get("f").errors_today == 0

    on_bench(tmp_path, test)


def test_own_destination(tmp_path: Path) -> None:
    """A function that is its own destination does not go on for ever, and its log says where the chain was cut."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        b.config("f", destinationConfig={"onSuccess": {"destination": arn("f")}})
        b.call("f")
        await b.quiet()
        await until(lambda: b.logs("f")[-1].error_type == "DestinationDeliveryFailed")
        assert len(b.logs("f")) == MAX_HOPS + 2
        assert f"a chain of {MAX_HOPS}" in b.logs("f")[-1].error["errorMessage"]

    on_bench(tmp_path, test)


def test_sleep_that_is_cancelled_as_it_ends() -> None:
    """Whoever is cancelled at the very moment that something happens ends, too."""

    async def test() -> None:
        event = asyncio.Event()
        task = asyncio.create_task(sleeping.until(event, 60))
        await asyncio.sleep(0)
        event.set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(test())
