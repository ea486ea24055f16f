"""A deployment that is run once: the contract of its runtime, and nothing that stays."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fc_magic.client import once
from fc_magic.client.client import Client
from fc_magic.errors import InvalidArgument
from tests.conftest import Server, body, serving, zipped
from tests.server.calls import Caller

ECHO = "def handler(event, context):\n    return [event.decode(), context.function.name]\n"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, whose folder can be looked at."""
    with serving(tmp_path_factory.mktemp("once")) as running:
        yield running


@pytest.fixture
def runs(alone: Server) -> Iterator[Client]:
    with alone.client() as client:
        yield client


def code_of(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "code").iterdir())


def wait_until_nothing_is_left(data: Path) -> None:
    ends = time.monotonic() + 10
    while code_of(data) and time.monotonic() < ends:
        time.sleep(0.01)
    assert code_of(data) == []


def test_nothing_stays(alone: Server, runs: Client) -> None:
    """It runs in an instance, and then there is no function, no version, no instance and no code."""
    call = once.run(runs, {"name": "one", "code": zipped(ECHO), "memory": 256, "timeout": 5}, "hello")
    assert (call.value, call.memory_limit_mb, call.function) == (["hello", "one"], 256, "one")
    assert call.cold_ms > 0
    assert call.request_id
    assert not runs.list()
    assert not runs.instances()
    wait_until_nothing_is_left(alone.data)


def test_beside_a_function_of_that_name(alone: Server, runs: Client) -> None:
    """What is deployed under the name is not touched: neither its code, nor its instances, nor its log."""
    counts = "n = []\ndef handler(e, c):\n    n.append(1)\n    return len(n)"
    function = runs.deploy({"name": "two", "code": zipped(counts)})
    assert function() == 1
    assert once.run(runs, {"name": "two", "code": zipped(ECHO)}, "x").value == ["x", "two"]
    same = once.run(runs, {"name": "two", "code": runs.code("two")}, "x")
    assert same.value == 1
    assert function() == 2
    assert len(function.logs().requests) == 2
    assert [version.id for version in runs.versions("two")] == ["1"]
    function.delete()
    wait_until_nothing_is_left(alone.data)


def test_failures_and_initializer(runs: Client) -> None:
    """A failing handler is an answer, with its log; an initializer runs before."""
    code = "def initialize(context): print('begun')\n"
    code += "def handler(event, context):\n    print('in it')\n    raise KeyError('x')\n"
    fields = {"name": "three", "code": zipped(code), "entrypoint": "index.initialize"}
    call = once.run(runs, fields)
    assert call.error["errorType"] == "KeyError"
    assert "begun" in call.log
    assert "in it" in call.log
    late = "import time\ndef handler(event, context): time.sleep(9)\n"
    call = once.run(runs, {"name": "three", "code": zipped(late), "timeout": 1})
    assert call.error["errorMessage"].startswith("Function timed out after 1 second")


def test_refusals(alone: Server, runs: Client) -> None:
    """Every wrong field is named, by this side and by the other; no code is left."""
    with pytest.raises(InvalidArgument) as caught:
        once.run(runs, {"name": "four", "code": zipped(ECHO), "memory": 7, "timeout": 0})
    assert [p.field for p in caught.value.problems] == ["memory", "timeout"]
    with pytest.raises(InvalidArgument) as caught:
        once.run(runs, {"name": "four", "code": zipped(ECHO), "layers": [{"name": "none", "version": "3"}]})
    assert [p.field for p in caught.value.problems] == ["layers.0"]
    wait_until_nothing_is_left(alone.data)


def test_layers(alone: Server, runs: Client) -> None:
    """It has the layers that it names; they stay, and are whole when one is deleted meanwhile."""
    layer = runs.publish_layer(
        "greets", zipped({"python/greets.py": "word = 'hello'\n"}), runtimes=("python3.10",)
    )
    code = "import time\ndef handler(event, context):\n    time.sleep(0.5)\n    import greets\n"
    code += "    return greets.word\n"
    fields = {
        "name": "five",
        "code": zipped(code),
        "layers": [{"name": "greets", "version": str(layer.version)}],
    }
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(once.run(runs, fields).value))
    thread.start()
    ends = time.monotonic() + 10
    while len(code_of(alone.data)) < 2 and time.monotonic() < ends:
        time.sleep(0.01)
    with alone.client() as other:
        other.delete_layer("greets", layer.version)
    thread.join()
    assert found == ["hello"]
    wait_until_nothing_is_left(alone.data)


@pytest.mark.parametrize(
    "code", ["import time\ndef handler(e, c): time.sleep(60)\n", "import time\ntime.sleep(60)\n"]
)
def test_caller_that_goes_away(alone: Server, runs: Client, code: str) -> None:
    """The call ends with who asked for it, however they end, and nothing is left."""
    raw = json.dumps({"deployment": body("six", zipped(code), timeout=60)}).encode()
    connection = http.client.HTTPConnection(urlsplit(alone.url).netloc)
    connection.request("POST", "/-/run", raw, Caller(alone.url).headers("POST", "/-/run", body=raw))
    ends = time.monotonic() + 10
    while not code_of(alone.data) and time.monotonic() < ends:
        time.sleep(0.01)
    assert code_of(alone.data)
    connection.close()
    wait_until_nothing_is_left(alone.data)


@pytest.mark.parametrize("event", ["%%%", "abc", "商店", "YQ==\n", "\ud800"])
def test_an_event_that_is_no_base64(alone: Server, event: str) -> None:
    raw = json.dumps({"deployment": body("seven", zipped(ECHO)), "event": event}).encode()
    connection = http.client.HTTPConnection(urlsplit(alone.url).netloc)
    connection.request("POST", "/-/run", raw, Caller(alone.url).headers("POST", "/-/run", body=raw))
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    assert (answer.status, said["Code"], said["Message"]) == (400, "InvalidArgument", "event is not Base64")


def test_only_signed(alone: Server) -> None:
    """Nobody runs code here without a key."""
    headers = Caller(alone.url).headers("POST", "/-/run", body=b"{}")
    connection = http.client.HTTPConnection(urlsplit(alone.url).netloc)
    connection.request("POST", "/-/run", b'{"event": ""}', headers)
    assert connection.getresponse().status == 403
    connection.close()
