"""A map that ends early, at any moment: each event is a value, an error, or still to be called."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy
import pytest

from fc_magic.client.client import Client
from fc_magic.client.fanout.results import MISSING, Results
from fc_magic.client.function import RemoteFunction
from fc_magic.errors import CallsFailed, Interrupted
from tests.conftest import Deploy, zipped

#: fails for three numbers that are called together
THREE = """
import json
def handler(event, context):
    number = json.loads(event)
    if number in (200, 201, 202):
        raise ValueError("one of three")
    return number
"""


@pytest.fixture
def echo(deploy: Deploy) -> RemoteFunction:
    return deploy("echo")


def places(results: Results) -> list[int]:
    """Of all that was taken: what has a value, failed, or was cancelled."""
    there = [index for index, value in enumerate(results._values) if value is not MISSING]
    return sorted([*there, *(one.index for one in [*results.errors, *results.cancelled])])


@contextmanager
def interrupted_in(name: str, nth: int) -> Iterator[None]:
    """A signal at the very moment that a function of this name is called, or returns, for the nth time."""
    seen = 0

    def looked(frame: Any, what: str, argument: Any) -> None:
        nonlocal seen
        if (
            frame.f_code.co_name == name
            and "fanout" in frame.f_code.co_filename
            and what in ("call", "return")
        ):
            seen += 1
            if seen == nth:
                os.kill(os.getpid(), signal.SIGINT)

    sys.setprofile(looked)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize(
    "name", ["put", "_record", "_judge", "take", "send", "_fill", "_heard", "add", "numbered"]
)
@pytest.mark.parametrize("nth", [40, 41])
def test_interrupted_anywhere(echo: RemoteFunction, name: str, nth: int) -> None:
    """Wherever an interrupt comes, nothing is lost."""
    with pytest.raises(Interrupted) as caught, interrupted_in(name, nth):
        echo.map(iter(range(400)), concurrency=8)
    results = caught.value.results
    found = places(results)
    assert found == list(range(len(found)))
    assert not results.ok
    assert results.retry().values() == list(range(400))


def test_max_errors_keeps_what_came(deploy: Deploy) -> None:
    """Calls that were answered together with the one too many are kept, and all of its kind."""
    three = deploy("three", code=zipped(THREE))
    three.map(range(100), concurrency=16)
    for _ in range(8):
        with pytest.raises(CallsFailed) as caught:
            three.map(range(1000), concurrency=16, max_errors=0)
        results = caught.value.results
        found = places(results)
        assert found == list(range(len(found)))
        full = results.retry()
        assert [one.index for one in full.errors] == [200, 201, 202]
        assert full.values(None) == [None if n in (200, 201, 202) else n for n in range(1000)]


def test_retried_twice(deploy: Deploy) -> None:
    """The same results may be tried again as often as one likes: what one takes is there for the other."""
    three = deploy("three", code=zipped(THREE))
    with pytest.raises(CallsFailed) as caught:
        three.map(iter(range(300)), concurrency=1, max_errors=0)
    results = caught.value.results
    for _ in range(3):
        again = results.retry()
        assert len(again) == 300
        assert [one.index for one in again.errors] == [200, 201, 202]


def test_retried_after_broken_events(echo: RemoteFunction) -> None:
    """What the events ended with is no less true of a second try."""

    def broken() -> Iterator[int]:
        yield from range(300)
        raise LookupError("no more")

    with pytest.raises(Interrupted) as caught, interrupted_in("put", 20):
        echo.map(broken(), concurrency=1)
    for _ in range(2):
        with pytest.raises(LookupError):
            caught.value.results.retry()
        assert echo.mapped is not None
        assert len(echo.mapped) == 300
        assert not echo.mapped.ok


def after(ready: threading.Event, seconds: tuple[float, ...] = (0.0,)) -> threading.Thread:
    def act() -> None:
        assert ready.wait(30)
        for pause in seconds:
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_a_generator_that_is_at_work(echo: RemoteFunction) -> None:
    """It does not hear of the interrupt, and goes on in the next try."""
    ready, heard = threading.Event(), []

    def slow() -> Iterator[int]:
        for number in range(10):
            try:
                if number == 5:
                    ready.set()
                    signal.sigtimedwait([], 0.2)
            except KeyboardInterrupt:
                heard.append(number)
                raise
            yield number

    helper = after(ready)
    with pytest.raises(Interrupted) as caught:
        echo.map(slow())
    helper.join()
    assert heard == []
    assert caught.value.results.retry().values() == list(range(10))


def test_a_generator_that_blocks(echo: RemoteFunction) -> None:
    """A second interrupt ends it, and then it is said that the rest is not known."""
    ready, ended = threading.Event(), threading.Event()

    def stuck() -> Iterator[int]:
        yield 1
        ready.set()
        try:
            threading.Event().wait(50)
        finally:
            ended.set()

    helper = after(ready, (0.0, 0.3))
    with pytest.raises(Interrupted) as caught:
        echo.map(stuck(), concurrency=1)
    helper.join()
    assert ended.is_set()
    results = caught.value.results
    assert "its rest is not known" in results.stopped
    again = results.retry()
    assert not again.ok
    with pytest.raises(CallsFailed, match="not known"):
        again.values()


@pytest.mark.parametrize("way", ["map", "stream"])
def test_who_interrupts_is_told_what_goes_on(echo: RemoteFunction, client: Client, way: str) -> None:
    """A generator does not hear of it: who waits for that is told, and need not think that nothing was heard."""
    told = threading.Event()
    client.session.interrupted = told.set

    def slow() -> Iterator[int]:
        yield 0
        os.kill(os.getpid(), signal.SIGINT)
        assert told.wait(20)
        yield 1

    events = slow()
    with pytest.raises(Interrupted):
        list(getattr(echo, way)(events))
    told.clear()
    with pytest.raises(Interrupted), interrupted_in("take", 20):
        list(getattr(echo, way)(iter(range(100))))
    assert not told.is_set()


def test_a_stream_leaves_the_generator_be(echo: RemoteFunction) -> None:
    """What makes the events goes on where it was."""
    ready = threading.Event()

    def slow() -> Iterator[int]:
        for number in range(100):
            if number == 50:
                ready.set()
                signal.sigtimedwait([], 0.2)
            yield number

    events = slow()
    helper = after(ready)
    with pytest.raises(Interrupted):
        list(echo.stream(events))
    helper.join()
    assert next(events) > 50


FIRST_LASTS = """
import json, time
def handler(event, context):
    number = json.loads(event)
    if number == 0:
        time.sleep(50)
    if number == 3:
        raise ValueError("no")
    return number
"""


@pytest.mark.parametrize("ordered", [True, False])
def test_a_stream_keeps_what_was_not_read(deploy: Deploy, ordered: bool) -> None:
    """Whatever came and was not given is there, and what ran; ``retry`` goes on as after a map."""
    first = deploy("first", code=zipped(FIRST_LASTS))
    given: list[int] = []
    events: list[Any] = list(range(1, 40))
    busy = threading.Event()

    def numbers() -> Iterator[Any]:
        yield 0
        for number in events:
            if number == 20:
                busy.set()
            yield number

    helper = after(busy, (0.5,))
    outcomes = first.stream(numbers(), ordered=ordered, concurrency=2)
    with pytest.raises(Interrupted) as caught:
        given.extend(outcome.index for outcome in outcomes)
    helper.join()
    left = caught.value.results
    assert left is first.mapped
    found = [*given, *left.indexes, *(one.index for one in [*left.errors, *left.cancelled])]
    assert sorted(found) == list(range(len(found)))
    assert 0 in [one.index for one in left.cancelled]
    if ordered:
        assert given == []
        assert [one.index for one in left.errors] == [3]
    left.cancelled = [one for one in left.cancelled if one.index]
    again = left.retry()
    assert sorted([0, *given, *again.indexes, *(one.index for one in again.errors)]) == list(range(40))
    assert list(again.indexes) == again.values(None)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(("name", "nth"), [("_outcome", 21), ("_outcome", 22), ("done", 21)])
def test_a_stream_interrupted_anywhere(echo: RemoteFunction, name: str, nth: int, ordered: bool) -> None:
    """An outcome that is just being made was not given, so it is there afterwards."""
    given: list[int] = []
    outcomes = echo.stream(range(100), ordered=ordered, concurrency=4)
    with pytest.raises(Interrupted) as caught, interrupted_in(name, nth):
        given.extend(outcome.index for outcome in outcomes)
    left = caught.value.results
    found = sorted([*given, *left.indexes, *(one.index for one in left.cancelled)])
    assert found == list(range(len(found)))
    assert sorted([*given, *left.retry().indexes]) == list(range(100))


def test_the_handler_is_as_it_was(echo: RemoteFunction) -> None:
    """Also while a stream is read, and for threads that are never interrupted."""
    before = signal.getsignal(signal.SIGINT)
    echo.map(range(3))
    for _ in echo.stream(range(3)):
        assert signal.getsignal(signal.SIGINT) is before
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(echo.map(range(3)).values()))
    thread.start()
    thread.join()
    assert results == [[0, 1, 2]]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_hole_is_no_value() -> None:
    """Results that lack a value are not ok, whatever the reason; any whole number is a place."""
    results = Results("f")
    results.put(1, 5)
    assert not results.ok
    with pytest.raises(CallsFailed):
        results.values()
    assert results[numpy.int64(1)] == 5
    with pytest.raises(CallsFailed):
        results[numpy.int64(0)]
