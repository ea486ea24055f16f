"""What results keep, and what they count: errors in bounded room, frames that are joined, calls that were made."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest

from fc_magic.client import events
from fc_magic.client.fanout.job import Job, Kind
from fc_magic.client.fanout.results import Times
from fc_magic.client.fanout.threads import Threads
from fc_magic.client.function import RemoteFunction
from fc_magic.errors import CallsFailed, ConnectionFailed, FunctionError, UsageError
from tests.client.endpoint import Endpoint, answer, client_of, close
from tests.client.test_map import NTH, function_at
from tests.conftest import Deploy, serving, zipped
from tests.server.processes import Door


@pytest.fixture
def nth(deploy: Deploy) -> Any:
    return deploy("nth", code=zipped(NTH))


# ---------------------------------------------------------------- how many at once


def test_submitted_calls_are_all_under_way(deploy: Deploy) -> None:
    """As threads of one's own would make them, and not some after others: all have come before the first is over."""
    door = Door()
    source = (
        f"import time\ndef handler(event, context):\n    {door.knock('event.decode()')}\n    time.sleep(50)\n"
    )
    naps = deploy("naps", code=zipped(source))
    calls = [naps.submit(number) for number in range(10)]
    for number in range(10):
        door.visitor(str(number))
    assert not any(call.done() for call in calls)
    for call in calls:
        call.cancel()
    door.close()


# ---------------------------------------------------------------- errors


def test_errors_in_bounded_room(deploy: Deploy) -> None:
    """Of many that fail the messages are cut, and said to be; what kind they are stays."""
    long = deploy("long", code=zipped("def handler(event, context):\n    raise KeyError('x' * 100_000)\n"))
    error = long.map([1]).errors[0].error
    assert isinstance(error, FunctionError)
    assert error.message.startswith("KeyError: 'xxx")
    assert error.message.endswith("more characters")
    assert len(error.message) < 4200
    assert error.invocation.error["errorType"] == "KeyError"
    assert error.invocation.error["stackTrace"]
    assert error.invocation.request_id
    assert len(error.invocation.payload) < 10_000
    with pytest.raises(FunctionError, match=r"more characters in \.invocation\.error") as caught:
        long(1)
    assert len(caught.value.invocation.error["errorMessage"]) > 100_000


@pytest.mark.parametrize(
    "more",
    [
        {"rows": "y" * 2_000_000},
        ["z" * 4000] * 500,
        {str(n): {"m" * 500: [{"k": "v" * 5000}] * 99} for n in range(99)},
    ],
    ids=["dict", "list", "nested"],
)
def test_errors_of_any_shape_in_bounded_room(more: Any) -> None:
    """What a runtime of one's own answers as an error is cut, too, however it is nested."""
    error = {"errorMessage": "too large", "errorType": "E", "stackTrace": [["a.py", "line 1", "in f", "f()"]]}
    with Endpoint([answer(200, {**error, "data": more}, x_fc_error_type="E")]) as endpoint:
        (failed,) = function_at(endpoint.url).map([1]).errors
    assert isinstance(failed.error, FunctionError)
    assert len(failed.error.invocation.payload) < 100_000
    assert {name: failed.error.invocation.error[name] for name in error} == error


def test_what_is_refused_here_is_no_call(nth: RemoteFunction) -> None:
    """It has no time, and costs nothing; it has failed all the same."""
    results = nth.map([{1}, 2, {3}])
    assert (len(results.times), results.unsent, len(results.errors)) == (1, 2, 2)
    with pytest.raises(CallsFailed, match="2 of 3 calls"):
        results.values()


@pytest.mark.parametrize("hours", [0, 6, 1000])
def test_times_after_hours(hours: int) -> None:
    """What a call took is as exact at the end of a long map as at its beginning."""
    times = Times()
    for number in range(100):
        began = hours * 3600 + number * 0.01
        times.add(began, began + 0.0012, 1.0, 0.0, False)
    assert times.quantile(0.5) == pytest.approx(1.2, rel=1e-4)
    assert times.to_frame().eval("ended - began").median() == pytest.approx(0.0012, rel=1e-4)


# ---------------------------------------------------------------- frames


def test_a_frame_of_some(nth: RemoteFunction) -> None:
    """Results of the first rows of a table have the index of these rows."""
    series = pandas.Series(range(20), index=[f"row {n}" for n in range(20)])
    with pytest.raises(CallsFailed) as caught:
        nth.map(series, max_errors=0, concurrency=1)
    frame = caught.value.results.to_frame()
    assert len(frame) == 4
    assert list(frame.index) == list(series.index[:4])
    joined = series.to_frame("number").join(frame)
    assert joined.loc["row 2", "value"] == 4
    assert pandas.isna(joined.loc["row 10", "value"])
    assert "no threes" in joined.loc["row 3", "error"]


@pytest.mark.parametrize("labelled", [True, False])
def test_a_frame_as_they_came(nth: RemoteFunction, labelled: bool) -> None:
    """Each row says which event it is of, also one that failed."""
    numbers = range(15)
    given = pandas.Series(numbers, index=[f"row {n}" for n in numbers]) if labelled else list(numbers)
    frame = nth.map(given, ordered=False, concurrency=3).to_frame()
    assert len(frame) == 15
    for number in numbers:
        row = frame.loc[f"row {number}" if labelled else number]
        assert pandas.isna(row["value"]) if number % 10 == 3 else row["value"] == number**2
        assert pandas.notna(row["error"]) == (number % 10 == 3)


OWN = """\
import json
def handler(event, context):
    number = json.loads(event)
    if number % 10 == 3:
        raise ValueError("no threes")
    return {"v": number, "error": f"own {number}"} if number < 10 else None
"""


def test_a_frame_keeps_the_columns_of_the_function(deploy: Deploy) -> None:
    """What failed has a column beside those, also if the function has one of that name."""
    own = deploy("own", code=zipped(OWN))
    frame = own.map([1, 3]).to_frame()
    assert list(frame.columns) == ["error", "v", "call_error"]
    assert frame["error"][0] == "own 1"
    assert frame["call_error"].fillna("").tolist() == ["", "ValueError: no threes"]
    assert list(own.map([1, 2]).to_frame().columns) == ["error", "v"]


def test_a_frame_without_values(deploy: Deploy) -> None:
    """A function that returns nothing, and one that always fails: there is a column of values nevertheless."""
    own = deploy("own", code=zipped(OWN))
    frame = own.map([10, 11]).to_frame()
    assert list(frame.columns) == ["value"]
    assert frame["value"].tolist() == [None, None]
    assert list(own.map([3, 13]).to_frame().columns) == ["value", "error"]
    assert list(own.map([10, 1]).to_frame().columns) == ["error", "v"]


class Tagged(pandas.DataFrame):  # type: ignore[misc]
    """As other libraries make tables of their own."""


def test_tables_of_other_libraries() -> None:
    """What is made out of a table is one."""
    table = Tagged({"a": [1, 2]}, index=["x", "y"])
    assert list(events.each(table)) == [{"a": 1}, {"a": 2}]
    assert list(events.labels(table)) == ["x", "y"]
    assert json.loads(events.to_bytes(table)) == [{"a": 1}, {"a": 2}]


def test_a_retry_keeps_the_order(nth: RemoteFunction) -> None:
    """Values that are there stay where they are: another order is refused, and not passed over."""
    for ordered in (True, False):
        results = nth.map([3, 4], ordered=ordered)
        assert results.retry(ordered=ordered).values(None)[-1] == 16
        with pytest.raises(UsageError, match="ordered is that of the map"):
            results.retry(ordered=not ordered)


# ---------------------------------------------------------------- nobody there


def test_a_server_that_is_gone() -> None:
    """Once patience is over the other events are left alone, and that is said; a stream raises it."""
    taken = []

    def endless() -> Iterator[int]:
        while True:
            taken.append(1)
            yield len(taken)

    with Endpoint([close]) as endpoint:
        gone = function_at(endpoint.url, retries=1)
    results = gone.map(endless())
    assert len(taken) < 50
    assert "takes no connection" in results.stopped
    assert results.errors
    assert not results.ok
    with pytest.raises(ConnectionFailed, match="takes no connection"):
        list(gone.stream(endless()))
    assert len(taken) < 100


def test_goes_on_where_a_server_is_there_again(tmp_path: Path) -> None:
    """What was left alone is called by the next try."""
    code = zipped("def handler(event, context):\n    return event\n")
    with serving(tmp_path / "data") as first, first.client(retries=1) as client:
        echo = client.deploy({"name": "echo", "code": code})
        assert echo.map(range(3)).ok
        first.kill()
        results = echo.map(range(2000))
        assert results.stopped
        assert len(results.errors) < 50
    with serving(tmp_path / "data") as second, second.client() as client:
        echo = client.deploy({"name": "echo", "code": code})
        again = echo._again(results, {})
        assert again.values() == list(range(2000))


def test_cancelled_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection is closed there, too."""
    closed, got = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def serve() -> None:
            connection, _ = proxy.accept()
            with connection:
                connection.recv(65536)
                got.set()
                connection.settimeout(20)
                if connection.recv(10) == b"":
                    closed.set()

        helper = threading.Thread(target=serve)
        helper.start()
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        carrier, job = Threads(client_of("http://fc.example.invalid").session, Kind("f"), 1), Job(0, 1, b"1")
        carrier.send(job)
        assert got.wait(20)
        carrier.drop(job)
        helper.join()
        carrier.close()
    assert closed.is_set()


def test_cancelled_here_by_a_thread() -> None:
    """Where keys are renewed threads go to a server of this machine, too; a call that is cancelled ends there."""
    got, ended = threading.Event(), threading.Event()

    def watched(connection: Any, request: Any, over: Any) -> None:
        got.set()
        if connection.recv(1) == b"":
            ended.set()

    with Endpoint([watched]) as endpoint:
        carrier, job = Threads(endpoint.client().session, Kind("f"), 1), Job(0, 1, b"1")
        carrier.send(job)
        assert got.wait(20)
        carrier.drop(job)
        assert ended.wait(10)
        carrier.close()


def test_cancelled_while_it_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that was cancelled before there was a connection is not sent on it."""
    monkeypatch.setenv("NO_PROXY", "*")
    looks, goes_on = threading.Event(), threading.Event()
    find = socket.getaddrinfo

    def slowly(*what: Any, **how: Any) -> Any:
        looks.set()
        assert goes_on.wait(20)
        return find(*what, **how)

    with Endpoint([answer(200, 1)]) as endpoint:
        url = endpoint.url.replace("127.0.0.1", "0.0.0.0")
        carrier, job = Threads(client_of(url).session, Kind("f"), 1), Job(0, 1, b"1")
        monkeypatch.setattr(socket, "getaddrinfo", slowly)
        carrier.send(job)
        assert looks.wait(20)
        carrier.drop(job)
        goes_on.set()
        carrier._pool.shutdown(wait=True)
        assert endpoint.requests == []


def test_a_connection_that_ended_while_nobody_looked() -> None:
    """A stream whose reader takes its time loses no event on it."""

    def last(connection: Any, request: Any, over: Any) -> None:
        answer(200, 7)(connection, request, over)
        connection.close()

    with Endpoint([answer(200, 7), last, answer(200, 7)]) as endpoint:
        outcomes = function_at(endpoint.url).stream(range(5), concurrency=1)
        first = next(outcomes)
        for thread in endpoint._threads[1:]:  # the next call is answered meanwhile, and its connection over
            thread.join(20)
        assert [one.value for one in [first, *outcomes]] == [7] * 5
        assert len(endpoint.requests) == 5


def test_a_connection_that_ended_while_an_event_was_made() -> None:
    """A look at kept connections does not hold for what a slow generator gives afterwards."""
    answered = [threading.Event() for _ in range(5)]
    connections: dict[int, socket.socket] = {}

    def act(connection: Any, request: Any, over: Any) -> None:
        number = int(request.body)
        connections[number] = connection
        answer(200, 7)(connection, request, over)
        answered[number].set()

    def numbers() -> Iterator[int]:
        yield from range(2)
        assert all(one.wait(20) for one in answered[:2])
        yield from (2, 3)  # of the two that are kept now, one is used
        assert all(one.wait(20) for one in answered[2:4])
        for connection in {*connections.values()} - {connections[3]}:
            connection.shutdown(socket.SHUT_RDWR)
        time.sleep(0.05)
        yield 4

    with Endpoint([act]) as endpoint:
        results = function_at(endpoint.url).map(numbers(), concurrency=3)
    assert results.values() == [7] * 5


def test_as_many_threads_as_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for many at once in a region has as many."""
    monkeypatch.setenv("NO_PROXY", "*")
    together = threading.Barrier(200)

    def act(connection: Any, request: Any, over: Any) -> None:
        together.wait(30)
        answer(200, 7)(connection, request, over)

    with Endpoint([act]) as endpoint:
        function = function_at(endpoint.url.replace("127.0.0.1", "0.0.0.0"))
        assert function.map(range(400), concurrency=200).values() == [7] * 400
        assert len(endpoint._open) == 200


def test_a_version_has_no_cell(nth: RemoteFunction) -> None:
    """It says so, and what has one."""
    with pytest.raises(UsageError, match="nth:1 cannot run here: a version has no cell") as caught:
        nth.at(1).local(2)
    assert caught.value.hint.endswith("local(event) runs the cell as it is now")
