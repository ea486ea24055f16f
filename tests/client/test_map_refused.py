"""Calls that are refused for a while: none is lost, the endpoint is left in peace meanwhile, and patience is time."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fc_magic.client.fanout.mapping import AHEAD
from fc_magic.client.function import RemoteFunction
from fc_magic.errors import ResourceExhausted
from tests.client.endpoint import Answer, Endpoint, answer, refusal
from tests.client.test_map import at as at  # a fixture: by lanes, and by threads
from tests.conftest import Deploy, serving, zipped

BUSY, DONE = refusal(429, "ResourceExhausted"), answer(200, 7)


def busy_for(seconds: float) -> Answer:
    """Refuses all for so long, from the first request on."""
    until: list[float] = []

    def act(connection: Any, request: Any, ended: threading.Event) -> None:
        until[:] = until or [time.monotonic() + seconds]
        (DONE if time.monotonic() > until[0] else BUSY)(connection, request, ended)

    return act


def map_of(function: Any, count: int) -> list[Any]:
    return function.map(range(count)).values()  # type: ignore[no-any-return]


def one_by_one(function: Any, count: int) -> list[Any]:
    return function.map(range(count), concurrency=1).values()  # type: ignore[no-any-return]


def submitted(function: Any, count: int) -> list[Any]:
    return [call.result(20) for call in [function.submit(number) for number in range(count)]]


def streamed(function: Any, count: int) -> list[Any]:
    return [one.value for one in function.stream(range(count))]


@pytest.mark.parametrize("way", [map_of, one_by_one, submitted, streamed])
def test_refused_for_half_a_second(at: Any, way: Callable[[Any, int], list[Any]]) -> None:
    """Whatever comes meanwhile waits, and nobody asks all the time."""
    with Endpoint([busy_for(0.5)]) as endpoint:
        assert way(at(endpoint), 300) == [7] * 300
        assert len(endpoint.requests) < 300 + 200


def test_refusals_of_calls_that_were_sent_together_are_one(at: Any) -> None:
    """However long it takes until the last of them is on its way: half as many are called then, and not fewer."""
    turns, lock, running, most = itertools.count(), threading.Lock(), [0], [0]

    def act(connection: Any, request: Any, ended: threading.Event) -> None:
        with lock:
            is_refused = next(turns) < 100
            running[0] += not is_refused
            most[0] = max(most[0], running[0])
        if is_refused:
            return BUSY(connection, request, ended)
        ended.wait(0.5)  # so that those that are called at once are seen
        with lock:
            running[0] -= 1
        DONE(connection, request, ended)

    with Endpoint([act]) as endpoint:
        assert at(endpoint).map(range(200), concurrency=100).values() == [7] * 200
    assert 40 <= most[0] <= 60


def test_one_call_is_as_patient(at: Any) -> None:
    """Patience does not depend on how many there are: each wait is twice as long."""
    with Endpoint([BUSY]) as endpoint:
        results = at(endpoint, retries=2).map([1])
        times = [request.at for request in endpoint.requests]
    assert isinstance(results.errors[0].error, ResourceExhausted)
    waits = [after - before for before, after in itertools.pairwise(times)]
    assert len(waits) == 2
    assert waits[0] >= 0.25
    assert waits[1] >= 0.5
    assert results.repeated == 2


@pytest.mark.parametrize("header", ["x_acs_retry_after", "Retry_After"])
def test_as_long_as_it_is_told(at: Any, header: str) -> None:
    """An endpoint that says when to come back is not asked earlier, not even with other events."""
    told = answer(429, {"Code": "ResourceExhausted", "Message": "later"}, **{header: "1"})
    with Endpoint([told, DONE]) as endpoint:
        assert at(endpoint).map(range(20), concurrency=1).values() == [7] * 20
        first, second, *_ = endpoint.requests
    assert second.at - first.at >= 1.0


def test_later_ones_begin_anew(at: Any) -> None:
    """After patience had an end a call that is submitted has its own."""
    with Endpoint([BUSY] * 3 + [DONE]) as endpoint:
        function = at(endpoint, retries=1)
        with pytest.raises(ResourceExhausted):
            function.submit(1).result(20)
        assert function.submit(2).result(20) == 7


def test_patient_while_one_runs(tmp_path: Path) -> None:
    """As long as a call is under way there will be room again, however long that takes."""
    options = ("--instances-per-function=1", "--instance-wait=0.02")
    with serving(tmp_path / "data", *options) as server, server.client(retries=1) as client:
        code = zipped(
            "import time\ndef handler(event, context):\n    time.sleep(float(event))\n    return 1\n"
        )
        naps = client.deploy({"name": "naps", "code": code})
        assert naps.map([3, *[0.01] * 9], concurrency=3).values() == [1] * 10


def test_a_stream_waits_with_what_failed(deploy: Deploy) -> None:
    """Events are taken only as far as outcomes are read, also if calls wait to be called again."""
    bad = deploy("bad", code=zipped("def handler(event, context):\n    raise ValueError('no')\n"))
    taken: list[int] = []

    def endless() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            yield number

    assert isinstance(bad, RemoteFunction)
    for ordered in (True, False):
        taken.clear()
        stream = bad.stream(endless(), retries=4, concurrency=4, ordered=ordered)
        assert not next(stream).ok
        assert len(taken) <= AHEAD + 4
        stream.close()  # type: ignore[attr-defined]
