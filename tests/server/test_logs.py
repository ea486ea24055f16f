"""The log of a function as its API tells it: what is asked for, from where on, and that it can be waited for."""

from __future__ import annotations

import threading
import time

import pytest

from fc_magic.client.client import Client
from fc_magic.errors import InvalidArgument
from fc_magic.server.logs import KEEP_REQUESTS, Brief, Logs
from fc_magic.wire import times, v2
from fc_magic.wire.logs import Query
from fc_magic.wire.results import Log
from tests.conftest import REGION, Deploy, zipped

CODE = zipped(
    "def handler(event, context):\n    if event == b'bad':\n        raise ValueError(event)\n    return 1\n"
)


def asked(client: Client, name: str, query: Query) -> Log:
    path = v2.path(REGION, name) + "/logs"
    reply = client.session.call("GetDeploymentLogs", v2.VERSION, "GET", path, query=query.query())
    return reply.read(v2.decode_log)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": "0"}, "limit is '0'; allowed are 1 to 500"),
        ({"limit": "501"}, "allowed are 1 to 500"),
        ({"limit": "²"}, "allowed are 1 to 500"),
        ({"since": "yesterday"}, "since is 'yesterday'; allowed is a time such as"),
        ({"since": "9999-99-99T00:00:00Z"}, "allowed is a time such as"),
        ({"wait": "long"}, "wait is 'long'; allowed are seconds"),
        ({"wait": "nan"}, "allowed are seconds"),
    ],
)
def test_a_query_that_cannot_be(client: Client, deploy: Deploy, query: dict[str, str], words: str) -> None:
    name = deploy("any", code=CODE).info.name
    with pytest.raises(InvalidArgument) as refused:
        client.session.call(
            "GetDeploymentLogs", v2.VERSION, "GET", v2.path(REGION, name) + "/logs", query=query
        )
    assert words in refused.value.message


def test_what_comes_after_an_answer(client: Client, deploy: Deploy) -> None:
    name = deploy("any", code=CODE).info.name
    first, second = client.invoke(name, "a").request_id, client.invoke(name, "bad").request_id
    all_ = asked(client, name, Query())
    assert [r.request_id for r in all_.requests] == [first, second]
    assert asked(client, name, Query(after=all_.next)).requests == ()
    third = client.invoke(name, "c").request_id
    later = asked(client, name, Query(after=all_.next))
    assert ([r.request_id for r in later.requests], later.missed) == ([third], 0)
    assert [r.request_id for r in asked(client, name, Query(errors=True)).requests] == [second]
    assert asked(client, name, Query(errors=True, after=all_.next)).requests == ()


def test_after_another_log_begins_at_the_beginning(client: Client, deploy: Deploy) -> None:
    """Of a server, or a function, that is no more."""
    name = deploy("any", code=CODE).info.name
    client.invoke(name, "a")
    born = asked(client, name, Query()).next.partition("-")[0]
    for after in ("-", "18beef-7", "nonsense", "18beef-x", f"{born}-{'9' * 5000}", f"{born}-٣"):
        assert len(asked(client, name, Query(after=after)).requests) == 1


def test_since_is_to_the_millisecond(client: Client, deploy: Deploy) -> None:
    name = deploy("any", code=CODE).info.name
    for event in "abc":
        client.invoke(name, event)
        time.sleep(0.005)  # so that no two begin in the same millisecond
    requests = asked(client, name, Query()).requests
    for number, request in enumerate(requests):
        since = times.seconds(request.started)
        assert asked(client, name, Query(since=since)).requests == requests[number:]


def test_waiting_ends_when_there_is_something(client: Client, deploy: Deploy) -> None:
    """At once, also for a function that nobody ever called; and if nothing comes, when the time is over."""
    name = deploy("any", code=CODE).info.name
    began = time.monotonic()
    assert asked(client, name, Query(after="-", wait_s=0.3)).requests == ()
    assert time.monotonic() - began >= 0.3

    caller = threading.Timer(0.2, client.invoke, (name, "a"))
    caller.start()
    found = asked(client, name, Query(after="-", wait_s=2))
    took = time.monotonic() - began
    caller.join()
    assert len(found.requests) == 1
    assert took < 2.2


def test_what_is_missed_is_counted() -> None:
    logs = Logs()
    for number in range(KEEP_REQUESTS + 30):
        if number == 10:
            seen = logs.last("f", Query()).next
        logs.add("f", Brief(f"1-{number}", time.time(), "", 1.0, 128, 10.0, ""))
    found = logs.last("f", Query(limit=500, after=seen))
    assert (len(found.requests), found.missed) == (KEEP_REQUESTS, 20)
    assert logs.last("f", Query()).missed == 0


def test_a_failure_afterwards_takes_no_room_of_others() -> None:
    """As many are kept as if none had failed."""
    logs = Logs()
    for number in range(15_000):
        logs.add("f", Brief(f"1-{number}", time.time(), "", 1.0, 128, 10.0, ""))
        logs.fail("f", f"1-{number}", "BadResponse", "the answer is no response")
    for number in range(KEEP_REQUESTS):
        logs.add("f", Brief(f"2-{number}", time.time(), "", 1.0, 128, 10.0, ""))
    assert len(logs.last("f", Query(limit=KEEP_REQUESTS)).requests) == KEEP_REQUESTS


def test_a_query_is_read_as_it_was_said() -> None:
    for query in (Query(), Query(7, "1-a", 1_795_737_600.25, True, "18beef-7", 1.5)):
        assert Query.read(query.query()) == query


def test_half_a_character(client: Client, deploy: Deploy) -> None:
    """A lone surrogate in an error, which UTF-8 cannot say, is told in every answer that has the error."""
    code = "def handler(event, context):\n    raise ValueError('x \\ud800 y')\n"
    name = deploy("lone", code=zipped(code)).info.name
    assert client.invoke(name, "1").error["errorMessage"] == "x \ud800 y"
    (told,) = asked(client, name, Query()).requests
    assert told.error["errorMessage"] == "x \ud800 y"
    assert client.stats(name).errors == 1
