"""A function called with many events: in order or as they come, when some fail, and when it ends early."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy
import pandas
import pytest

from fc_magic.client.client import Client
from fc_magic.client.fanout.fan import Fan
from fc_magic.client.fanout.job import Job, Kind
from fc_magic.client.fanout.mapping import pairs, width
from fc_magic.client.fanout.threads import Threads
from fc_magic.client.function import RemoteFunction
from fc_magic.errors import (
    AliasNotFound,
    CallsFailed,
    ConnectionFailed,
    FunctionError,
    FunctionNotFound,
    Interrupted,
    ResourceExhausted,
    UsageError,
)
from fc_magic.wire.results import Function
from tests.client.endpoint import (
    SECRET,
    TOKEN,
    Endpoint,
    answer,
    client_of,
    close,
    refusal,
    truncated,
)
from tests.conftest import Deploy, serving, zipped
from tests.server.processes import wait_for

NTH = """
import json
def handler(event, context):
    number = json.loads(event)
    if number % 10 == 3:
        raise ValueError(f"no threes: {number}")
    return number * number
"""
NAPS = """
import time
def handler(event, context):
    time.sleep(float(event))
    return event
"""
#: an instance fails for each event when it sees that for the first time, but for 1
SECOND = """
seen = {b"1"}
def handler(event, context):
    if event not in seen:
        seen.add(event)
        raise RuntimeError("not yet")
    return "now"
"""


@pytest.fixture
def echo(deploy: Deploy) -> Any:
    return deploy("echo")


@pytest.fixture
def nth(deploy: Deploy) -> Any:
    return deploy("nth", code=zipped(NTH))


# ---------------------------------------------------------------- what comes back


def test_values_in_order(echo: RemoteFunction) -> None:
    """As many values as events, each at the place of its event."""
    results = echo.map(range(300))
    assert list(results) == results.values() == list(range(300))
    assert (len(results), results[0], results[-1], results[10:12]) == (300, 0, 299, [10, 11])
    assert results.ok
    assert results.errors == []
    assert results.at_once >= 2
    assert len(results.times) == len(list(results.times)) == 300
    first = results.times[0]
    assert 0 <= first.began < first.ended <= results.seconds
    assert not any(call.failed for call in results.times)
    assert results.times[-2:] == list(results.times)[298:]
    assert repr(results.times).startswith("<times of 300 calls: p50 ")
    assert list(results.times.to_frame().columns) == ["began", "ended", "worked_ms", "cold_ms", "failed"]
    assert 0 < results.p50_ms <= results.p95_ms
    assert echo.mapped is results


def test_none(echo: RemoteFunction) -> None:
    """No events, no calls."""
    results = echo.map([])
    assert results.values() == []
    assert results.ok


def test_as_they_come(deploy: Deploy) -> None:
    """Without order a value is there when it is there, and says which event it is of."""
    naps = deploy(
        "naps",
        code=zipped(
            "import time\ndef handler(event, context):\n    time.sleep(float(event))\n    return event\n"
        ),
    )
    results = naps.map([0.5, 0.01, 0.02], ordered=False, concurrency=3)
    assert sorted(results) == [0.01, 0.02, 0.5]
    assert results[-1] == 0.5
    assert list(results.indexes)[-1] == 0


@pytest.mark.parametrize("size", [1, 70_000, 3_000_000])
def test_bytes(deploy: Deploy, size: int) -> None:
    """Bytes go and come as they are, also such as take many writes and reads."""
    same = deploy("same", code=zipped("def handler(event, context):\n    return event\n"))
    blobs = [bytes([n]) + b"\xff" * size for n in range(4)]
    assert same.map(blobs).values() == blobs


def test_rows_and_values(echo: RemoteFunction) -> None:
    """Rows of a DataFrame go as dicts; what comes back is a frame with the same index."""
    frame = pandas.DataFrame(
        {
            "n": numpy.array([1, 2], "int32"),
            "x": [0.5, numpy.nan],
            "at": pandas.to_datetime(["2026-01-02", None]),
        },
        index=["a", "b"],
    )
    results = echo.map(frame)
    assert results[0] == {"n": 1, "x": 0.5, "at": "2026-01-02T00:00:00"}
    assert results[1] == {"n": 2, "x": None, "at": None}
    back = results.to_frame()
    assert list(back.index) == ["a", "b"]
    assert list(back["n"]) == [1, 2]
    assert echo.map(numpy.arange(3)).to_frame()["value"].tolist() == [0, 1, 2]


# ---------------------------------------------------------------- generators


def test_generators_are_lazy(echo: RemoteFunction) -> None:
    """A stream of endless events takes no more of them than it is ahead of who reads."""
    taken = []

    def numbers() -> Iterator[int]:
        number = 0
        while True:
            taken.append(number)
            yield number
            number += 1

    stream = echo.stream(numbers())
    assert taken == []
    first = [next(stream) for _ in range(5)]
    assert [(one.index, one.event, one.value) for one in first] == [(n, n, n) for n in range(5)]
    assert len(taken) < 60
    stream.close()  # type: ignore[attr-defined]


def test_stream_of_failures(nth: RemoteFunction) -> None:
    """An outcome that failed has the error and the event; those after it come all the same."""
    found = list(nth.stream(range(15), concurrency=3))
    assert [one.index for one in found] == list(range(15))
    assert [one.index for one in found if not one.ok] == [3, 13]
    assert found[4].value == 16
    with pytest.raises(FunctionError, match="no threes: 13"):
        _ = found[13].value
    assert sorted(one.index for one in nth.stream(range(15), ordered=False)) == list(range(15))


def test_a_generator_that_fails(echo: RemoteFunction) -> None:
    """Its error is the error; what came before is kept."""

    def broken() -> Iterator[int]:
        yield from range(20)
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        echo.map(broken())
    assert echo.mapped is not None
    assert echo.mapped.values(None) == list(range(20))
    with pytest.raises(CallsFailed, match="the events ended with LookupError: no more"):
        echo.mapped.values()
    stream = echo.stream(broken())
    assert [next(stream).value for _ in range(20)] == list(range(20))
    with pytest.raises(LookupError):
        next(stream)


# ---------------------------------------------------------------- errors


def test_some_fail(nth: RemoteFunction) -> None:
    """The others have their values; the errors have index, event and the whole invocation."""
    results = nth.map(range(25))
    assert [(one.index, one.event) for one in results.errors] == [(3, 3), (13, 13), (23, 23)]
    error = results.errors[0].error
    assert isinstance(error, FunctionError)
    assert error.message == "ValueError: no threes: 3"
    assert error.invocation.request_id
    assert results.values(None)[2:5] == [4, None, 16]
    assert results[4] == 16
    for wrong in (results.values, lambda: list(results), lambda: results[2:4]):
        with pytest.raises(CallsFailed, match=r"3 of 25 calls of \S+ failed") as caught:
            wrong()
        assert caught.value.results is results
    with pytest.raises(FunctionError, match="no threes: 3"):
        _ = results[3]
    frame = results.to_frame()
    assert frame["error"].notna().sum() == 3


def test_last_ones_fail(nth: RemoteFunction) -> None:
    """There is a place for each, also if no value comes after."""
    results = nth.map([1, 3])
    assert len(results) == 2
    assert results.values("-") == [1, "-"]


def test_an_event_that_cannot_be_sent(echo: RemoteFunction) -> None:
    """It is refused here, and no other event suffers."""
    results = echo.map([1, {2, 3}, 4, "\ud800", 10**5000])
    assert results.values(None) == [1, None, 4, None, None]
    assert all(isinstance(one.error, UsageError) for one in results.errors)


def test_retry(deploy: Deploy) -> None:
    """Only what failed is called again, by its own index."""
    second = deploy("second", code=zipped(SECOND))
    results = second.map(range(4), concurrency=1)
    assert results.values(0) == [0, "now", 0, 0]
    again = results.retry(concurrency=1)
    assert again.values() == ["now"] * 4
    assert len(again.times) == 3
    assert second.mapped is again
    assert results.values(0) == [0, "now", 0, 0]


def test_retries(deploy: Deploy) -> None:
    """``retries`` calls an event that failed again, and no other."""
    second = deploy("second", code=zipped(SECOND))
    results = second.map(range(4), retries=1, concurrency=1)
    assert results.values() == ["now"] * 4
    assert results.repeated == 3


def test_retries_end(nth: RemoteFunction) -> None:
    """What fails always has failed then."""
    results = nth.map([3, 4], retries=1)
    assert results.repeated == 1
    assert results.values(None) == [None, 16]


def test_max_errors(nth: RemoteFunction) -> None:
    """More errors than are allowed end it; what came is in the error, and goes on from there."""
    with pytest.raises(CallsFailed, match="max_errors is 1") as caught:
        nth.map(iter(range(40)), max_errors=1, concurrency=1)
    results = caught.value.results
    assert len(results.errors) == 2
    assert len(results) == 14
    assert results[:3] == [0, 1, 4]
    rest = results.retry(max_errors=None)
    assert len(rest) == 40
    assert [one.index for one in rest.errors] == [3, 13, 23, 33]


def test_a_function_that_is_not_there(client: Client, echo: RemoteFunction) -> None:
    """What is refused to one is refused to all: it ends at once."""
    client.delete(echo.info.name)
    with pytest.raises(FunctionNotFound):
        echo.map(iter(int, 1))


def test_results_are_pickled(nth: RemoteFunction) -> None:
    """Without the way to the function: no key goes along."""
    raw = pickle.dumps(nth.map(range(5)))
    assert b"TestSecret" not in raw
    found = pickle.loads(raw)
    assert found.values(None) == [0, 1, 4, None, 16]
    with pytest.raises(CallsFailed):
        found.retry()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"concurrency": 0}, "concurrency 0: must be a whole number from 1"),
        ({"concurrency": "4"}, "concurrency '4'"),
        ({"concurrency": 1001}, "concurrency 1001: must be a whole number from 1 to 1000"),
        ({"retries": -1}, "retries -1"),
        ({"max_errors": 1.5}, r"max_errors 1\.5"),
    ],
)
def test_wrong_options(echo: RemoteFunction, how: dict[str, Any], said: str) -> None:
    """Each is named with what it may be, and nothing is called."""
    with pytest.raises(UsageError) as caught:
        echo.map([1], **how)
    assert said.replace("\\", "").split(":")[0] in str(caught.value.problems[0])


# ---------------------------------------------------------------- versions


def test_at(client: Client, deploy: Deploy) -> None:
    """``at`` is the function as a version or an alias has it."""
    one = deploy("v", name="t-map-at", code=zipped("def handler(event, context):\n    return 1\n"))
    client.put_alias(one.info.name, "prod", one.info.version)
    two = deploy("v", name="t-map-at", code=zipped("def handler(event, context):\n    return 2\n"))
    prod = two.at("prod")
    assert (two(), prod(), prod.submit().result()) == (2, 1, 1)
    assert prod.map(range(3)).values() == [1, 1, 1]
    assert ":prod" in repr(prod)
    with pytest.raises(AliasNotFound):
        two.at("nope").map([1])


# ---------------------------------------------------------------- futures


def test_submit(nth: RemoteFunction) -> None:
    """A future of ``concurrent.futures``: result, exception, the invocation with its log, and the log."""
    good, bad = nth.submit(4), nth.submit(3)
    assert good.result(10) == 16
    assert (good.done(), good.cancelled(), good.exception()) == (True, False, None)
    assert "FC Invoke Start" in good.invocation.log
    assert good.logs().requests[0].request_id == good.invocation.request_id
    with pytest.raises(FunctionError, match="no threes"):
        bad.result(10)
    assert bad.invocation.error_type
    assert bad.logs().requests
    assert not good.cancel()


def test_submitted_together(echo: RemoteFunction) -> None:
    """``wait`` and ``as_completed`` know them, and a cancelled one too."""
    calls = [echo.submit(number) for number in range(30)]
    assert sorted(call.result() for call in concurrent.futures.as_completed(calls, 20)) == list(range(30))
    done, waiting = concurrent.futures.wait(calls, 1)
    assert (len(done), len(waiting)) == (30, 0)


def test_await(nth: RemoteFunction) -> None:
    """In an event loop it is awaited."""

    async def both() -> list[Any]:
        return await asyncio.gather(nth.submit(2), nth.submit(5))

    async def failing() -> None:
        await nth.submit(3)

    assert asyncio.run(both()) == [4, 25]
    with pytest.raises(FunctionError):
        asyncio.run(failing())


def test_submit_what_cannot_be_sent(echo: RemoteFunction) -> None:
    """It is refused at once."""
    for event in ({1, 2}, "\ud800"):
        with pytest.raises(UsageError):
            echo.submit(event)


def test_awaited_one_after_another(echo: RemoteFunction) -> None:
    """Nothing is left of one that is over, as long as the loop runs."""

    async def many() -> int:
        loop = asyncio.get_running_loop()
        later, made = loop.call_at, list[asyncio.TimerHandle]()

        def counted(*how: Any, **more: Any) -> asyncio.TimerHandle:
            made.append(later(*how, **more))
            return made[-1]

        loop.call_at = counted  # type: ignore[method-assign]
        for number in range(50):
            assert await echo.submit(number) == number
        return sum(not timer.cancelled() and timer.when() > loop.time() for timer in made)

    assert asyncio.run(many()) == 0


def busy(client: Client, name: str) -> int:
    return sum(one.state == "busy" for one in client.instances(name))


def is_over(client: Client, name: str) -> Callable[[], bool]:
    return lambda: not busy(client, name)


def test_cancel(client: Client, deploy: Deploy) -> None:
    """Cancelling ends the call where it runs."""
    waits = deploy("sleeps")
    call = waits.submit({"seconds": 50})
    wait_for(lambda: busy(client, waits.info.name))
    assert call.running()
    assert call.cancel()
    assert call.cancelled()
    assert call.cancel()
    with pytest.raises(concurrent.futures.CancelledError):
        call.result()
    assert concurrent.futures.wait([call], 1).done == {call}
    wait_for(is_over(client, waits.info.name))
    assert waits.submit({"seconds": 0}).result(20) == "woke"


def test_cancelled_by_its_own_callback(deploy: Deploy) -> None:
    """Who is told of the end may cancel once more."""
    sleeps = deploy("sleeps")
    call, told = sleeps.submit({"seconds": 50}), []
    call.add_done_callback(lambda one: told.append(one.cancel()))
    helper = threading.Thread(target=call.cancel, daemon=True)
    helper.start()
    helper.join(20)
    assert not helper.is_alive()
    assert told == [True]
    assert concurrent.futures.wait([call], 20).done == {call}


def test_cancelled_by_a_loop(client: Client, deploy: Deploy) -> None:
    """A task that is cancelled cancels the call that it awaits."""
    sleeps = deploy("sleeps")

    async def briefly() -> None:
        task = asyncio.ensure_future(asyncio.wait_for(_awaited(sleeps.submit({"seconds": 50})), 30))
        while not busy(client, sleeps.info.name):
            await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(briefly())
    wait_for(is_over(client, sleeps.info.name))


async def _awaited(call: Any) -> Any:
    return await call


def test_a_stream_that_is_left(client: Client, deploy: Deploy) -> None:
    """Who leaves the loop cancels what runs."""
    sleeps = deploy("sleeps")
    for outcome in sleeps.stream([{"seconds": 0}, {"seconds": 50}], concurrency=2):
        assert outcome.value == "woke"
        break
    wait_for(is_over(client, sleeps.info.name))


def interrupting(when: Callable[[], Any]) -> threading.Thread:
    def act() -> None:
        wait_for(when)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_interrupted(client: Client, deploy: Deploy) -> None:
    """What came is kept, what runs is cancelled there, and ``retry`` goes on with it."""
    sleeps = deploy("sleeps")
    events = [{"seconds": 0}, {"seconds": 0}, {"seconds": 30}, {"seconds": 0}]
    helper = interrupting(lambda: sleeps.mapped and len(sleeps.mapped.times) >= 2)
    with pytest.raises(Interrupted) as caught:
        sleeps.map(iter(events), concurrency=1)
    helper.join()
    results = caught.value.results
    assert results is sleeps.mapped
    assert results.values(None) == ["woke", "woke"]
    assert [one.event for one in results.cancelled] == [{"seconds": 30}]
    wait_for(is_over(client, sleeps.info.name))
    with pytest.raises(CallsFailed, match="interrupted after 2 calls"):
        results.values()
    results.cancelled[0].event["seconds"] = 0
    assert results.retry().values() == ["woke"] * 4


def test_waiting_interrupted(client: Client, deploy: Deploy) -> None:
    """Who interrupts the wait for a result cancels the call."""
    sleeps = deploy("sleeps")
    call = sleeps.submit({"seconds": 50})
    helper = interrupting(lambda: busy(client, sleeps.info.name))
    with pytest.raises(Interrupted, match="the call was cancelled"):
        call.result()
    helper.join()
    assert call.cancelled()
    wait_for(is_over(client, sleeps.info.name))


# ---------------------------------------------------------------- throttled, broken, gone


def test_throttled(tmp_path: Path) -> None:
    """Where there is no room for so many, fewer are called at once, and none is lost."""
    options = ("--instances-per-function=1", "--instance-wait=0.02")
    with serving(tmp_path / "data", *options) as server, server.client(retries=3) as client:
        code = zipped("import time\ndef handler(event, context):\n    time.sleep(0.05)\n    return event\n")
        naps = client.deploy({"name": "naps", "code": code})
        results = naps.map(range(30), concurrency=6)
        assert results.values() == list(range(30))
        assert results.repeated > 0


def function_at(url: str, **settings: Any) -> Any:
    """A function at an endpoint that does as it is told."""
    names = ("runtime", "region", "role", "handler", "entrypoint")
    info = Function(name="f", arn="", memory=128, timeout=60, **dict.fromkeys(names, "x"))
    return RemoteFunction(client_of(url, **settings), info)


HOSTS = ("127.0.0.1", "0.0.0.0")


@pytest.fixture(params=HOSTS, ids=["lanes", "threads"])
def at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Endpoint], Any]:
    """The same endpoint as one of this machine, and by a name that could be anywhere."""
    monkeypatch.setenv("NO_PROXY", "*")
    return lambda endpoint, **settings: function_at(
        endpoint.url.replace("127.0.0.1", request.param), **settings
    )


def test_refused_for_now(at: Any) -> None:
    """What was not carried out is called again without a word."""
    script = [refusal(429, "ResourceExhausted"), refusal(503, "ResourceThrottled"), answer(200, 1)]
    with Endpoint(script) as endpoint:
        results = at(endpoint).map([1, 2], concurrency=1)
        assert results.values() == [1, 1]
        assert results.repeated == 2


def test_refused_for_good(at: Any) -> None:
    """Patience has an end, for all of them together; what was not called yet is left alone, and that is said."""
    with Endpoint([refusal(429, "ResourceExhausted")]) as endpoint:
        function = at(endpoint, retries=2)
        results = function.map(range(50))
        assert 0 < len(results.errors) < 50
        assert all(isinstance(one.error, ResourceExhausted) for one in results.errors)
        assert results.stopped == "said ResourceExhausted"
        assert len(endpoint.requests) < 25
        calls = [function.submit(number) for number in range(50)]
        errors = [call.exception(20) for call in calls]
        assert all(isinstance(error, ResourceExhausted) for error in errors)
        assert len(set(map(id, errors))) == 50
        endpoint.script = [answer(200, 7)]
        assert results.retry().values() == [7] * 50


@pytest.mark.parametrize("fault", [close, truncated])
def test_broken(at: Any, fault: Any) -> None:
    """What may have been carried out is called again only if that was asked for."""
    for retries, made in ((0, 1), (1, 2)):
        with Endpoint([fault, answer(200, 7)]) as endpoint:
            results = at(endpoint).map([1], retries=retries)
            assert len(endpoint.requests) == made
            if retries:
                assert results.values() == [7]
            else:
                error = results.errors[0].error
                assert isinstance(error, ConnectionFailed)
                assert error.maybe_done


def test_nobody_listens(at: Any) -> None:
    """It says so of each, with what to do."""
    with Endpoint([close]) as endpoint:
        gone = at(endpoint, retries=1)
    results = gone.map([1, 2])
    assert [type(one.error) for one in results.errors] == [ConnectionFailed] * 2
    assert results.errors[0].error is not None
    assert results.errors[0].error.hint == "start it again"


def test_a_connection_that_is_not_kept(at: Any) -> None:
    """An endpoint may end each connection, or each answer by its end."""
    with Endpoint([answer(200, 5, Connection="close")]) as endpoint:
        assert at(endpoint).map(range(20)).values() == [5] * 20


def test_cancelled_on_its_way(at: Any) -> None:
    """The connection of a call that is cancelled is closed."""
    ended = threading.Event()

    def watched(connection: Any, request: Any, over: Any) -> None:
        if connection.recv(1) == b"":
            ended.set()
        connection.close()

    with Endpoint([watched]) as endpoint:
        call = at(endpoint).submit(1)
        wait_for(lambda: endpoint.requests)
        assert call.cancel()
        assert ended.wait(10)


def test_secrets(at: Any) -> None:
    """Neither key nor token are in what can be seen of results and errors; both sign."""
    with Endpoint([refusal(400, "InvalidArgument"), close, answer(200, 1)]) as endpoint:
        function = at(endpoint)
        results = function.map([1, 2, 3], concurrency=1)
        call = function.submit(1)
        call.result(10)
        shown = (
            f"{results!r} {results.errors!r} {results.errors[0].error} {results.errors[1].error!r} {call!r}"
        )
        shown += repr(vars(results))
        assert SECRET not in shown
        assert TOKEN not in shown
        sent = endpoint.requests[0].headers
        assert sent["x-acs-security-token"] == TOKEN
        assert "x-acs-security-token" in sent["authorization"]
        assert SECRET not in json.dumps(sent)


def test_found_anew(tmp_path: Path) -> None:
    """A server that ended is started again, and the calls go there."""
    with serving(tmp_path / "data") as first:
        with first.client() as client:
            echo = client.deploy(
                {"name": "echo", "code": zipped("def handler(event, context):\n    return event\n")}
            )
            assert echo.map([1]).values() == [1]
        target = first.client().target
        first.stop()
    with serving(tmp_path / "data") as second:
        fresh = second.client().target
        anew = Client(target, renew=lambda: fresh)
        with anew:
            assert RemoteFunction(anew, echo.info).map([1, 2]).values() == [1, 2]


# ---------------------------------------------------------------- by threads


def test_threads(client: Client, nth: RemoteFunction) -> None:
    """Any endpoint is called by threads, with the same outcomes."""
    kind, source = Kind(nth.info.name), pairs(range(40))
    carrier = Threads(client.session, kind, 4)
    fan = Fan(carrier, kind, lambda: source.take(carrier), width(client.session, 4))
    found = {}
    while not (source.is_empty and fan.is_idle):
        for done in fan.step():
            found[done.job.index] = done.error or done.answer
    carrier.close()
    assert sorted(found) == list(range(40))
    assert isinstance(found[13], FunctionError)
    assert found[4].body == b"16"  # type: ignore[union-attr]


def test_cancelled_with_its_answer_on_the_way(client: Client, echo: RemoteFunction) -> None:
    """Nothing comes of it any more, and no other call suffers."""
    carrier, left = Threads(client.session, Kind(echo.info.name), 2), [Job(n, n, b"%d" % n) for n in range(2)]
    first, second = left
    answered = threading.Semaphore(0)

    class Noticed(SimpleQueue):  # type: ignore[type-arg]
        def put(self, one: Any, *how: Any) -> None:
            super().put(one, *how)
            answered.release()

    carrier._came = Noticed()
    fan = Fan(carrier, Kind(echo.info.name), lambda: left.pop(0) if left else None, width(client.session, 2))
    assert fan._fill() == []
    assert answered.acquire(timeout=20)
    assert answered.acquire(timeout=20)
    fan.forget(second)
    assert [done.job for done in fan.step(20)] == [first]
    assert fan.is_idle
    carrier.close()


# ---------------------------------------------------------------- many


def memory_kb() -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


def test_ten_thousand(echo: RemoteFunction) -> None:
    """Nothing is kept but values and times; no connection or thread is left."""
    echo.map(range(1000))
    before, files, threads = memory_kb(), len(os.listdir("/proc/self/fd")), threading.active_count()
    results = echo.map(iter(range(10_000)))
    assert sum(results) == sum(range(10_000))
    assert memory_kb() - before < 8_000
    # what a test before left may end meanwhile
    assert len(os.listdir("/proc/self/fd")) <= files
    assert threading.active_count() <= threads


def test_thread_ends(echo: RemoteFunction) -> None:
    """The thread that carries submitted calls ends when there are none."""
    assert echo.submit(1).result(10) == 1
    wait_for(lambda: not any(t.name == f"fc-magic {echo.info.name}" for t in threading.enumerate()))
    assert echo.submit(2).result(10) == 2


def test_watched(echo: RemoteFunction, client: Client) -> None:
    """Who looks on is told how far it is."""
    from contextlib import contextmanager

    told: list[tuple[int, int]] = []

    @contextmanager
    def watching(name: str, count: int | None) -> Iterator[Callable[[int, int], None]]:
        assert (name, count) == (echo.info.name, 50)
        yield lambda done, failed: told.append((done, failed))

    client.watching = watching  # type: ignore[method-assign]
    echo.map(list(range(50)))
    assert told[-1] == (50, 0)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_watched_once_more(deploy: Deploy, client: Client) -> None:
    """What is told of a retry is how many of those that it calls."""
    from contextlib import contextmanager

    counts: list[int | None] = []

    @contextmanager
    def watching(name: str, count: int | None) -> Iterator[Callable[[int, int], None]]:
        counts.append(count)
        yield lambda done, failed: None

    client.watching = watching  # type: ignore[method-assign]
    deploy("second", code=zipped(SECOND)).map(range(4), concurrency=1).retry()
    assert counts == [4, 3]
