"""Logs and statistics: what an embedded Function Compute tells, and that a region is said to tell neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.errors import ApiError, ConnectionFailed, FunctionNotFound, NotSupported
from tests.client import endpoint
from tests.client.endpoint import Answer, Endpoint, answer, refusal
from tests.conftest import Deploy, zipped

VERBS: dict[str, Callable[[Client], Any]] = {
    "logs": lambda client: client.logs("f"),
    "stats": lambda client: client.stats("f"),
    "follow": lambda client: next(iter(client.follow("f", 1))),
}
verbs = pytest.mark.parametrize("verb", VERBS)
UNKNOWN = (
    refusal(400, "PathNotSupported"),
    refusal(404, "NotFound"),
    answer(405, b""),
    answer(404, b"<h1>no</h1>"),
)


@verbs
@pytest.mark.parametrize("api", ["v2", "fc3"])
@pytest.mark.parametrize("unknown", UNKNOWN, ids=["PathNotSupported", "404", "405", "page"])
def test_a_region_does_not_tell(verb: str, api: str, unknown: Answer) -> None:
    """It is said where they are, and there is something to type."""
    with Endpoint([unknown, answer(200, endpoint.FUNCTION)]) as region:
        with endpoint.client_of(region.url, api=api) as client, pytest.raises(NotSupported) as refused:
            VERBS[verb](client)
    where = "CloudMonitor" if verb == "stats" else "Log Service"
    assert f"faulty does not tell the {'statistics' if verb == 'stats' else 'logs'} of f itself" in str(
        refused.value
    )
    assert where in refused.value.message
    assert refused.value.hint in ("%fcinvoke f", "%fclist f")


@verbs
@pytest.mark.parametrize("api", ["v2", "fc3"])
def test_a_function_that_is_not_there_is_said_to_be_missing(verb: str, api: str) -> None:
    with Endpoint([refusal(400, "PathNotSupported"), refusal(404, "FunctionNotFound")]) as region:
        with endpoint.client_of(region.url, api=api) as client, pytest.raises(FunctionNotFound):
            VERBS[verb](client)


@verbs
@pytest.mark.parametrize("status", [401, 403, 500])
def test_other_refusals_stay_what_they_are(verb: str, status: int) -> None:
    with Endpoint([refusal(status, "No")]) as region, region.client(retries=0) as client:
        with pytest.raises(ApiError, match="said No") as refused:
            VERBS[verb](client)
    assert not isinstance(refused.value, NotSupported)


@verbs
def test_an_endpoint_that_breaks_off(verb: str) -> None:
    with Endpoint([endpoint.truncated]) as region, region.client(retries=0) as client:
        with pytest.raises(ConnectionFailed):
            VERBS[verb](client)


def test_following_has_each_request_once(client: Client, deploy: Deploy) -> None:
    """Also those that come while nobody looks, over a new deployment, and of a function of that name that is new."""
    code = zipped("def handler(event, context):\n    return event\n")
    name = deploy("any", code=code).info.name
    client.invoke(name, "before")
    looks = client.follow(name, 30)
    seen: list[str] = []

    def next_of(call: Callable[[], str]) -> None:
        made = call()
        while made not in seen:
            seen.extend(r.request_id for r in next(looks).requests)

    next(looks)  # from now on
    calls = []

    def invoke() -> str:
        calls.append(client.invoke(name, "x").request_id)
        return calls[-1]

    next_of(invoke)
    invoke()
    next_of(invoke)
    client.delete(name)
    client.deploy({"name": name, "code": code})
    next_of(invoke)
    assert seen == calls
