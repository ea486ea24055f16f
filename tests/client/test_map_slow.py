"""Events that take their time: answers are read, timed and given while the next event is made."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.endpoint import Endpoint, answer
from tests.client.test_map import at, function_at
from tests.conftest import Deploy

__all__ = ["at"]  # a fixture

#: more than the buffers of a connection hold
BIG = "x" * (1 << 24)


class Answering:
    """An endpoint that tells when an answer is out."""

    def __init__(self, value: Any = 7) -> None:
        self.answered = [threading.Event() for _ in range(20)]
        self._value = value

    def __call__(self, connection: Any, request: Any, over: Any) -> None:
        answer(200, self._value)(connection, request, over)
        self.answered[int(request.body)].set()


def test_answers_are_read_while_an_event_is_made() -> None:
    """The generator goes on only when the whole answer was taken; without that it would wait for ever."""
    endpoint = Answering(BIG)

    def numbers() -> Iterator[int]:
        for number in range(2):
            yield number
            assert endpoint.answered[number].wait(20)

    with Endpoint([endpoint]) as served:
        assert function_at(served.url).map(numbers(), concurrency=8).values() == [BIG] * 2


@pytest.mark.parametrize("quick", [1, 6])
def test_a_call_ends_when_its_answer_came(quick: int) -> None:
    """However long the generator takes for the next event, and whether or not those before came quickly."""
    endpoint, due = Answering(), list[float]()

    def pages() -> Iterator[int]:
        for page in range(3):
            numbers = range(page * quick, (page + 1) * quick)
            yield from numbers
            assert all(endpoint.answered[number].wait(20) for number in numbers)
            due.append(time.perf_counter() - began + 0.8)
            time.sleep(1)

    with Endpoint([endpoint]) as served:
        function, began = function_at(served.url), time.perf_counter()
        results = function.map(pages(), concurrency=64)
    assert results.values() == [7] * (3 * quick)
    ended = list(results.times.ended)
    for page in range(3):
        assert max(ended[page * quick : (page + 1) * quick]) < due[page]


def test_a_stream_gives_what_came_before_the_next_event(deploy: Deploy) -> None:
    """Not only when there are as many calls as may be at once."""
    endpoint, given = Answering(), list[int]()

    def numbers() -> Iterator[int]:
        for number in range(6):
            yield number
            assert endpoint.answered[number].wait(20)
            time.sleep(0.02)
            assert given[:number] == list(range(number))

    with Endpoint([endpoint]) as served:
        for outcome in function_at(served.url).stream(numbers(), concurrency=8):
            given.append(outcome.index)
    assert given == list(range(6))


def test_the_generator_runs_where_it_was_asked_for(deploy: Deploy) -> None:
    """Its thread is that of the caller; the one that reads ends with the map, and with a stream that is left."""
    echo, before = deploy("echo"), threading.active_count()
    seen = set()

    def numbers() -> Iterator[int]:
        for number in range(6):
            seen.add(threading.get_ident())
            time.sleep(0.01)
            yield number

    echo.map(numbers())
    stream = echo.stream(numbers())
    next(stream)
    stream.close()
    assert seen == {threading.get_ident()}
    assert threading.active_count() == before


def test_a_failure_of_the_generator_while_calls_run(deploy: Deploy) -> None:
    """What was read meanwhile is there."""
    endpoint = Answering()

    def numbers() -> Iterator[int]:
        yield from range(3)
        assert all(one.wait(20) for one in endpoint.answered[:3])
        raise LookupError("no more")

    with Endpoint([endpoint]) as served:
        function = function_at(served.url)
        with pytest.raises(LookupError):
            function.map(numbers(), concurrency=8)
    assert function.mapped is not None
    assert function.mapped.values(None) == [7] * 3


def test_each_way_times_its_answers(at: Any) -> None:
    """Also where each call has a thread, as it is in a region."""
    endpoint = Answering()

    def numbers() -> Iterator[int]:
        for number in range(3):
            yield number
            assert endpoint.answered[number].wait(20)
            time.sleep(1)

    with Endpoint([endpoint]) as served:
        results = at(served).map(numbers(), concurrency=8)
    assert results.values() == [7] * 3
    assert results.times.quantile(1) < 900
