"""FC 3.0's own API, driven by the official SDK as it is installed."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions

from tests.conftest import KEY_ID, SECRET, Server, body, function_file, zipped
from tests.server.calls import DEPLOYMENTS, FUNCTIONS, Caller

PREFIX = "sdk-"


def sdk_of(server: Server, **keys: str) -> Sdk:
    given = {"access_key_id": KEY_ID, "access_key_secret": SECRET, **keys}
    return Sdk(Config(endpoint=server.url.removeprefix("http://"), protocol="http", **given))


def shown(value: Any) -> str:
    """The id of a test: models of the SDK as what they hold, where ``str`` would be another one in each process."""
    return json.dumps(value, default=lambda model: model.to_map())


@pytest.fixture
def sdk(server: Server) -> Sdk:
    return sdk_of(server)


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    made = Caller(server.url)
    yield made
    for left in made.names(PREFIX):
        made.delete(left)


def made(caller: Caller, function: str, name: str = "", **fields: Any) -> str:
    name = name or PREFIX + function.replace("_", "-")
    assert caller.deploy(body(name, function_file(function), **fields)).status == 201
    return name


def invoke(sdk: Sdk, name: str, event: bytes | None = None, **headers: str) -> models.InvokeFunctionResponse:
    request = models.InvokeFunctionRequest(body=None if event is None else io.BytesIO(event))
    options = RuntimeOptions(read_timeout=60_000, connect_timeout=5_000)
    return sdk.invoke_function_with_options(name, request, models.InvokeFunctionHeaders(**headers), options)


@pytest.mark.parametrize("event", [b"hello", b"\x00\xff" * 100, "ß☃".encode(), b"x" * 3_000_000])
def test_invoke(sdk: Sdk, caller: Caller, event: bytes) -> None:
    """The function gets the bytes that were sent, and its bytes come back unchanged."""
    answer = invoke(sdk, made(caller, "echo"), event)
    assert answer.status_code == 200
    assert answer.body.read() == event
    assert "x-fc-error-type" not in answer.headers
    assert answer.headers["x-fc-request-id"].startswith("1-")


def test_invoke_without_an_event(sdk: Sdk, caller: Caller) -> None:
    """No body is an empty event."""
    assert invoke(sdk, made(caller, "echo")).body.read() == b""


def test_invoke_in_its_shortest_form(sdk: Sdk, caller: Caller) -> None:
    """The SDK's call without headers and options works too."""
    name = made(caller, "echo")
    answer = sdk.invoke_function(name, models.InvokeFunctionRequest(body=io.BytesIO(b"short")))
    assert answer.body.read() == b"short"


def test_headers_of_an_invocation(sdk: Sdk, caller: Caller) -> None:
    """Duration, memory, instance, version and checksum are told in headers."""
    name = made(caller, "echo")
    headers = invoke(sdk, name).headers
    assert float(headers["x-fc-invocation-duration"]) >= 0
    assert float(headers["x-fc-max-memory-usage"]) > 0
    assert headers["x-fc-instance-id"].startswith("c-")
    assert headers["x-fc-code-checksum"] == caller.get(name).said["codeChecksum"]
    assert headers["x-fc-invocation-service-version"] == "LATEST"


def test_failing_function_is_no_refusal(sdk: Sdk, caller: Caller) -> None:
    """A function that raises answers 200 with an error type and Function Compute's payload."""
    answer = invoke(sdk, made(caller, "raises"))
    assert answer.status_code == 200
    assert answer.headers["x-fc-error-type"] == "UnhandledInvocationError"
    said = json.loads(answer.body.read())
    assert said["errorType"] == "KeyError"
    assert "nope" in said["errorMessage"]
    assert said["stackTrace"]
    assert answer.headers["content-type"] == "application/json"


def log_of(answer: models.InvokeFunctionResponse) -> str:
    return base64.b64decode(answer.headers["x-fc-log-result"], validate=True).decode()


def test_log_tail(sdk: Sdk, caller: Caller) -> None:
    """With Tail the log comes in a header; without it, or with None, it does not."""
    name = made(caller, "raises")
    answer = invoke(sdk, name, x_fc_log_type="Tail")
    log = log_of(answer)
    request_id = answer.headers["x-fc-request-id"]
    assert f"FC Invoke Start RequestId: {request_id}" in log
    assert "starting" in log
    assert f"FC Invoke End RequestId: {request_id}" in log
    assert "x-fc-log-result" not in invoke(sdk, name).headers
    assert "x-fc-log-result" not in invoke(sdk, name, x_fc_log_type="None").headers


def test_log_tail_is_at_most_4_kb(sdk: Sdk, caller: Caller) -> None:
    """Of a long log the last 4 KB come, its end included."""
    log = log_of(invoke(sdk, made(caller, "prints_a_lot"), b"1", x_fc_log_type="Tail"))
    assert 4000 < len(log.encode()) <= 4096
    assert "the last line" in log
    assert "Duration" in log


def test_log_tail_begins_at_a_character(sdk: Sdk, caller: Caller) -> None:
    """The cut is never within a character."""
    for n in range(4):
        name = f"{PREFIX}cut-{n}"
        code = zipped(f"def handler(e, c):\n    print({'x' * n!r} + '☃' * 3000)\n")
        assert caller.deploy(body(name, code)).status == 201
        log = log_of(invoke(sdk, name, x_fc_log_type="Tail"))
        assert log.startswith("☃")
        assert len(log.encode()) <= 4096


@pytest.mark.parametrize("qualifier", ["LATEST", "", None])
def test_latest(sdk: Sdk, caller: Caller, qualifier: str | None) -> None:
    """LATEST is what runs, said or not."""
    name = made(caller, "echo")
    request = models.InvokeFunctionRequest(qualifier=qualifier, body=io.BytesIO(b"q"))
    assert sdk.invoke_function(name, request).body.read() == b"q"
    got = sdk.get_function(name, models.GetFunctionRequest(qualifier=qualifier))
    assert got.body.function_name == name


@pytest.mark.parametrize(
    ("qualifier", "code"),
    [("prod", "AliasNotFound"), ("3", "VersionNotFound"), ("1", "VersionNotFound"), ("v1", "AliasNotFound")],
)
def test_other_qualifier(sdk: Sdk, caller: Caller, qualifier: str, code: str) -> None:
    """A version or alias that is not there is refused by name, with Function Compute's own code."""
    name = made(caller, "echo")
    caller.put(name, body(name, function_file("echo"), memory=256))
    sdk.delete_function_version(name, "1")
    calls = [
        lambda: sdk.invoke_function(name, models.InvokeFunctionRequest(qualifier=qualifier)),
        lambda: sdk.get_function(name, models.GetFunctionRequest(qualifier=qualifier)),
    ]
    for call in calls:
        with pytest.raises(ClientException, match=rf"{name}.* has no (version|alias) {qualifier}") as caught:
            call()
        assert (caught.value.code, caught.value.status_code) == (code, 404)


def test_number_of_what_is_deployed(sdk: Sdk, caller: Caller) -> None:
    """The number of the version that runs leads to it."""
    name = made(caller, "echo")
    request = models.InvokeFunctionRequest(qualifier="1", body=io.BytesIO(b"q"))
    assert sdk.invoke_function(name, request).body.read() == b"q"
    assert sdk.get_function(name, models.GetFunctionRequest(qualifier="1")).body.function_name == name


@pytest.mark.parametrize("kind", ["Task", "later"])
def test_other_types_are_not_supported(sdk: Sdk, caller: Caller, kind: str) -> None:
    """An invocation that is neither synchronous nor asynchronous is refused in words, and not run."""
    name = made(caller, "counts")
    with pytest.raises(ClientException, match=f"x-fc-invocation-type {kind}") as caught:
        invoke(sdk, name, b"", x_fc_invocation_type=kind)
    assert (caught.value.code, caught.value.status_code) == ("NotSupported", 400)
    assert json.loads(invoke(sdk, name, x_fc_invocation_type="Sync").body.read())["calls"] == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk, name: sdk.get_function(name, models.GetFunctionRequest()),
        lambda sdk, name: sdk.invoke_function(name, models.InvokeFunctionRequest()),
        lambda sdk, name: sdk.delete_function(name),
        lambda sdk, name: sdk.invoke_function(name, models.InvokeFunctionRequest(qualifier="1")),
        lambda sdk, name: sdk.get_function(name, models.GetFunctionRequest(qualifier="1")),
    ],
    ids=["get", "invoke", "delete", "invoke 1", "get 1"],
)
@pytest.mark.parametrize("name", ["nobody", "a/b", "ü", "a b", "a%2Fb", "x" * 300])
def test_function_not_found(sdk: Sdk, call: Any, name: str) -> None:
    """A function that is not there is the SDK's exception with Function Compute's code, status and request id."""
    with pytest.raises(ClientException, match="does not exist") as caught:
        call(sdk, name)
    assert (caught.value.code, caught.value.status_code) == ("FunctionNotFound", 404)
    assert caught.value.data["RequestId"].startswith("1-")


def test_get(sdk: Sdk, caller: Caller) -> None:
    """The SDK's model finds every field it reads."""
    name = made(
        caller,
        "echo",
        memory=256,
        timeout=7,
        description="d",
        environment={"A": "ü"},
        entrypoint="index.init",
    )
    function = sdk.get_function(name, models.GetFunctionRequest()).body
    assert (function.function_name, function.memory_size, function.timeout) == (name, 256, 7)
    assert (function.runtime, function.handler, function.description) == ("python3.10", "index.handler", "d")
    assert function.environment_variables == {"A": "ü"}
    assert function.instance_lifecycle_config.initializer.handler == "index.init"
    assert function.function_arn.endswith(f"functions/{name}")
    assert (function.state, function.last_update_status) == ("Active", "Successful")
    assert function.code_size > 0
    assert function.code_checksum == caller.get(name).said["codeChecksum"]
    assert 0.05 <= function.cpu <= 16
    assert function.created_time
    assert function.function_id


def test_list(sdk: Sdk, caller: Caller) -> None:
    """Lists come by prefix and in pages, which the SDK follows by nextToken."""
    names = [made(caller, "echo", f"{PREFIX}page-{n}") for n in range(5)]
    seen: list[str] = []
    token = None
    for _ in range(3):
        page = sdk.list_functions(
            models.ListFunctionsRequest(limit=2, prefix=f"{PREFIX}page-", next_token=token)
        ).body
        seen += [f.function_name for f in page.functions]
        token = page.next_token
    assert seen == names
    assert token is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"runtime": "python3.12"}, [1, 3, 5]),
        ({"runtime": "python3.9"}, []),
        ({"function_name": f"{PREFIX}few-2"}, [2]),
        ({"function_name": f"{PREFIX}few"}, []),
        ({"description": "third"}, [0, 3]),
        ({"description": "third", "runtime": "python3.12"}, [3]),
        ({"fc_version": "v3"}, [0, 1, 2, 3, 4, 5]),
        ({"fc_version": "v2"}, []),
        ({"gpu_type": "fc.gpu.tesla.1"}, []),
        ({"tags": [models.Tag(key="a", value="b")]}, []),
    ],
    ids=shown,
)
def test_list_that_is_narrowed(sdk: Sdk, caller: Caller, asked: dict[str, Any], found: list[int]) -> None:
    """A list has what was asked for and nothing else, and full pages of it."""
    for n in range(6):
        fields = {"description": f"every third {n}" if n % 3 == 0 else "", "runtime": f"python3.1{n % 2 * 2}"}
        made(caller, "echo", f"{PREFIX}few-{n}", **fields)
    seen: list[list[str]] = []
    token = None
    while token is not None or not seen:
        request = models.ListFunctionsRequest(limit=2, prefix=f"{PREFIX}few-", next_token=token, **asked)
        page = sdk.list_functions(request).body
        seen.append([f.function_name for f in page.functions])
        token = page.next_token
    names = [f"{PREFIX}few-{n}" for n in found]
    assert seen == ([names[at : at + 2] for at in range(0, len(names), 2)] or [[]])


def test_list_of_nothing(sdk: Sdk) -> None:
    """No function is an empty list."""
    page = sdk.list_functions(models.ListFunctionsRequest(prefix="nobody has a name like this")).body
    assert (page.functions, page.next_token) == ([], None)


def test_delete(sdk: Sdk, caller: Caller) -> None:
    """What is deleted is gone in both dialects, with its http trigger."""
    name = made(caller, "echo", triggers=[{"type": "http", "config": {}}])
    assert sdk.delete_function(name).status_code == 204
    assert caller.get(name).status == 404
    assert caller.call("GET", f"/fn/{name}/").code == "FunctionNotFound"
    assert name not in caller.names(PREFIX)


def test_new_version_answers_the_next_call(sdk: Sdk, caller: Caller) -> None:
    """An update is what the next call runs."""
    name = made(caller, "echo")
    assert invoke(sdk, name, b"1").body.read() == b"1"
    caller.put(name, body(name, zipped("def handler(e, c): return b'new ' + e\n")))
    assert invoke(sdk, name, b"2").body.read() == b"new 2"


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"access_key_secret": "wrong"}, "SignatureNotMatch"),
        ({"access_key_id": "unknown"}, "InvalidAccessKeyID"),
    ],
    ids=lambda v: str(v),
)
def test_refusals_reach_the_sdk(server: Server, keys: dict[str, str], code: str) -> None:
    """Refused credentials are the SDK's exception with the code, and no secret in it."""
    with pytest.raises(ClientException) as caught:
        sdk_of(server, **keys).list_functions(models.ListFunctionsRequest())
    assert (caught.value.code, caught.value.status_code) == (code, 403)
    assert SECRET not in str(caught.value)


def test_logs_of_what_was_invoked(sdk: Sdk, caller: Caller) -> None:
    """Each call is in the function's log by its request id."""
    name = made(caller, "raises")
    ids = [invoke(sdk, name).headers["x-fc-request-id"] for _ in range(3)]
    log = caller.call("GET", f"{DEPLOYMENTS}/{name}/logs", query="limit=2").said["requests"]
    assert [r["requestId"] for r in log] == ids[1:]
    assert {r["errorType"] for r in log} == {"UnhandledInvocationError"}
    one = caller.call("GET", f"{DEPLOYMENTS}/{name}/logs", query=f"requestId={ids[0]}").said["requests"]
    assert [r["requestId"] for r in one] == ids[:1]
    assert caller.call("GET", f"{FUNCTIONS}/{name}").said["functionName"] == name
