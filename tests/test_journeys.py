"""One function's life, told once and lived through each way in: the Python client, plain HTTP, the official SDK.

A new way in is a class with the verbs of ``Way``, or a few of them on top of another way, and its name in ``WAYS``.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions

from fc_magic.errors import ApiError
from fc_magic.wire.fc3 import cpu_for
from tests.conftest import FUNCTIONS, KEY_ID, ROLE, SECRET, Server, body, zipped
from tests.server.calls import DEPLOYMENTS, Answer, Caller
from tests.server.calls import FUNCTIONS as FC3_FUNCTIONS

FIRST = (FUNCTIONS / "story.py").read_text()
SECOND = FIRST.replace('"first"', '"second"')


@dataclass(frozen=True)
class Call:
    """What a call came to, whichever way it went."""

    value: Any
    error_type: str
    log: str
    request_id: str


class Refused(Exception):
    """A refusal, whichever way it came."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Way(Protocol):
    """The verbs of the story. Each raises ``Refused`` with the code of a refusal."""

    def deploy(self, name: str, source: str, **fields: Any) -> None: ...
    def get(self, name: str) -> Mapping[str, Any]: ...
    def names(self, prefix: str) -> list[str]: ...
    def call(self, name: str, event: Any) -> Call: ...
    def logged(self, name: str) -> dict[str, str]: ...
    def delete(self, name: str) -> None: ...


class Python:
    """``fc_magic.Client``."""

    api = "v2"

    def __init__(self, server: Server) -> None:
        self._server = server

    def _do(self, verb: str, *arguments: Any) -> Any:
        try:
            with self._server.client(self.api) as client:
                return getattr(client, verb)(*arguments)
        except ApiError as error:
            raise Refused(error.code) from error

    def deploy(self, name: str, source: str, **fields: Any) -> None:
        self._do("deploy", {"name": name, "code": zipped(source), **fields})

    def get(self, name: str) -> Mapping[str, Any]:
        info = self._do("get", name).info
        return {"memory": info.memory, "checksum": info.code_checksum, "modified": info.last_modified_time}

    def names(self, prefix: str) -> list[str]:
        return [found.name for found in self._do("list", prefix)]

    def call(self, name: str, event: Any) -> Call:
        done = self._do("invoke", name, event)
        return Call(done.value, done.error_type, done.log, done.request_id)

    def logged(self, name: str) -> dict[str, str]:
        return {r.request_id: r.text for r in self._do("logs", name).requests}

    def delete(self, name: str) -> None:
        self._do("delete", name)


class PythonFc3(Python):
    """The same through Function Compute 3.0's own API."""

    api = "fc3"


class Http:
    """The deployments API as it stands in its description: signed requests, one by one."""

    def __init__(self, server: Server) -> None:
        self._caller = Caller(server.url)

    def _do(self, method: str, path: str, *rest: Any, **more: Any) -> Answer:
        answer = self._caller.call(method, path, *rest, **more)
        if answer.status >= 300:
            raise Refused(answer.code)
        return answer

    def deploy(self, name: str, source: str, **fields: Any) -> None:
        whole = body(name, zipped(source), **fields)
        try:
            self._do("POST", DEPLOYMENTS, whole)
        except Refused as refused:
            if refused.code != "DeploymentAlreadyExists":
                raise
            self._do("PUT", f"{DEPLOYMENTS}/{name}", whole)

    def get(self, name: str) -> Mapping[str, Any]:
        said = self._do("GET", f"{DEPLOYMENTS}/{name}").said
        return {
            "memory": said["memory"],
            "checksum": said["codeChecksum"],
            "modified": said["lastModifiedTime"],
        }

    def names(self, prefix: str) -> list[str]:
        return [f["name"] for f in self._do("GET", DEPLOYMENTS, query=f"prefix={prefix}").said["deployments"]]

    def call(self, name: str, event: Any) -> Call:
        done = self._do("POST", f"{FC3_FUNCTIONS}/{name}/invocations", event, x_fc_log_type="Tail")
        return told(done.body, done.headers)

    def logged(self, name: str) -> dict[str, str]:
        said = self._do("GET", f"{DEPLOYMENTS}/{name}/logs").said
        return {r["requestId"]: r["log"] for r in said["requests"]}

    def delete(self, name: str) -> None:
        self._do("DELETE", f"{DEPLOYMENTS}/{name}")


class OfficialSdk(Http):
    """Alibaba's own SDK; FC 3.0's API has no logs, so those by the deployments API."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        endpoint = server.url.removeprefix("http://")
        self._sdk = Sdk(
            Config(endpoint=endpoint, protocol="http", access_key_id=KEY_ID, access_key_secret=SECRET)
        )

    def _ask(self, verb: str, *arguments: Any) -> Any:
        try:
            return getattr(self._sdk, verb)(*arguments)
        except ClientException as error:
            raise Refused(error.code) from error

    def deploy(self, name: str, source: str, **fields: Any) -> None:
        """Everything that can be left out is said, so that it is what a deployment has."""
        memory = fields.get("memory", 128)
        whole = {
            "runtime": "python3.10",
            "handler": "index.handler",
            "memory_size": memory,
            "cpu": cpu_for(memory),
            "disk_size": 512,
            "timeout": fields.get("timeout", 60),
            "environment_variables": fields.get("environment", {}),
            "role": ROLE,
            "code": models.InputCodeLocation(zip_file=base64.b64encode(zipped(source)).decode()),
        }
        try:
            made = models.CreateFunctionInput(function_name=name, **whole)
            self._ask("create_function", models.CreateFunctionRequest(body=made))
        except Refused as refused:
            if refused.code != "FunctionAlreadyExists":
                raise
            change = models.UpdateFunctionRequest(body=models.UpdateFunctionInput(**whole))
            self._ask("update_function", name, change)

    def get(self, name: str) -> Mapping[str, Any]:
        found = self._ask("get_function", name, models.GetFunctionRequest()).body
        return {
            "memory": found.memory_size,
            "checksum": found.code_checksum,
            "modified": found.last_modified_time,
        }

    def names(self, prefix: str) -> list[str]:
        found = self._ask("list_functions", models.ListFunctionsRequest(prefix=prefix)).body.functions
        return [function.function_name for function in found or []]

    def call(self, name: str, event: Any) -> Call:
        request = models.InvokeFunctionRequest(body=io.BytesIO(json.dumps(event).encode()))
        headers = models.InvokeFunctionHeaders(x_fc_log_type="Tail")
        done = self._ask(
            "invoke_function_with_options", name, request, headers, RuntimeOptions(read_timeout=30_000)
        )
        return told(done.body.read(), done.headers)

    def delete(self, name: str) -> None:
        self._ask("delete_function", name)


def told(payload: bytes, headers: Mapping[str, str]) -> Call:
    """An invocation as FC 3.0 spells it."""
    return Call(
        json.loads(payload),
        headers.get("x-fc-error-type", ""),
        base64.b64decode(headers["x-fc-log-result"]).decode(),
        headers["x-fc-request-id"],
    )


WAYS: tuple[type[Way], ...] = (Python, PythonFc3, Http, OfficialSdk)


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest, server: Server) -> Iterator[Way]:
    made: Way = request.param(server)
    yield made
    caller = Caller(server.url)
    for left in caller.names("story-"):
        caller.delete(left)


def test_life_of_a_function(way: Way) -> None:
    """Deploy, invoke, update, unchanged, log, fail, time out, another name, delete: the same through each way."""
    # deploy and invoke
    way.deploy("story-hero", FIRST, environment={"MODE": "brave"})
    assert way.names("story-") == ["story-hero"]
    first = way.get("story-hero")
    answer = way.call("story-hero", {"do": "tell"}).value
    assert answer == {**answer, "edition": "first", "name": "story-hero", "mode": "brave"}

    # update: the next call runs the new code with the new settings, and no longer the old instance
    way.deploy("story-hero", SECOND, memory=256, timeout=1)
    second = way.get("story-hero")
    assert (first["memory"], second["memory"]) == (128, 256)
    assert first["checksum"] != second["checksum"]
    told = way.call("story-hero", {"do": "tell"}).value
    assert (told["edition"], told["mode"]) == ("second", None)
    assert told["instance"] != answer["instance"]

    # unchanged: nothing moves, and the instance stays warm
    way.deploy("story-hero", SECOND, memory=256, timeout=1)
    assert way.get("story-hero") == second
    again = way.call("story-hero", {"do": "tell"})
    assert again.value == told

    # log: with the call, and afterwards
    assert "second edition was asked to tell" in again.log
    assert "second edition was asked to tell" in way.logged("story-hero")[again.request_id]

    # fail: the function's own error, its log, and no harm to the next call
    failed = way.call("story-hero", {"do": "fail"})
    assert (failed.error_type, failed.value["errorType"]) == ("UnhandledInvocationError", "KeyError")
    assert failed.value["errorMessage"] == "'nothing'"
    assert "second edition was asked to fail" in failed.log
    assert way.call("story-hero", {"do": "tell"}).error_type == ""

    # time out: the call ends, and the next one has an instance that works
    late = way.call("story-hero", {"do": "dawdle"})
    assert late.error_type == "UnhandledInvocationError"
    assert "timed out after 1 seconds" in late.value["errorMessage"]
    assert "second edition was asked to dawdle" in late.log
    assert way.call("story-hero", {"do": "tell"}).value["edition"] == "second"
    assert {failed.request_id, late.request_id} <= set(way.logged("story-hero"))

    # another name is another function
    way.deploy("story-heir", FIRST)
    assert sorted(way.names("story-")) == ["story-heir", "story-hero"]
    assert way.names("story-he") != way.names("story-heir") == ["story-heir"]
    assert way.call("story-heir", {"do": "tell"}).value["name"] == "story-heir"
    assert way.get("story-hero") == second

    # delete: gone for every verb, and only this one
    way.delete("story-hero")
    for verb in (way.get, way.delete, way.logged, lambda name: way.call(name, {"do": "tell"})):
        with pytest.raises(Refused) as refused:
            verb("story-hero")
        assert refused.value.code in ("DeploymentNotFound", "FunctionNotFound")
    assert way.names("story-") == ["story-heir"]
    assert way.call("story-heir", {"do": "tell"}).value["edition"] == "first"

    # the name is free again, with no memory of what it was
    way.deploy("story-hero", FIRST)
    assert way.logged("story-hero") == {}
    assert way.get("story-hero")["memory"] == 128


def test_ways_meet(server: Server, way: Way) -> None:
    """What one way deploys, every other shows, calls and deletes."""
    for number, other in enumerate(kind(server) for kind in WAYS):
        name = f"story-meets-{number}"
        way.deploy(name, FIRST)
        assert other.get(name) == way.get(name)
        assert other.names("story-meets-") == [name]
        assert other.call(name, {"do": "tell"}).value == way.call(name, {"do": "tell"}).value
        other.delete(name)
        assert way.names("story-meets-") == []
