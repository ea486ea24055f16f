"""Asynchronous calls by the official SDK and over HTTP, against the server as a user starts it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions

from tests.conftest import ACCOUNT, KEY_ID, REGION, SECRET, Server, body, function_file, zipped
from tests.server.calls import FUNCTIONS, Caller, send
from tests.server.processes import Door, Meeting, is_alive, meeting_with, wait_for

PREFIX = "later-"


@pytest.fixture
def sdk(server: Server) -> Sdk:
    endpoint = server.url.removeprefix("http://")
    return Sdk(Config(endpoint=endpoint, protocol="http", access_key_id=KEY_ID, access_key_secret=SECRET))


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    made = Caller(server.url)
    yield made
    for left in made.names(PREFIX):
        made.delete(left)


@pytest.fixture
def door() -> Iterator[Door]:
    with contextlib.closing(Door()) as made:
        yield made


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with meeting_with() as made:
        yield made


def made(caller: Caller, name: str, function: str = "records", **fields: Any) -> str:
    code = fields.pop("code", None) or function_file(function)
    assert caller.deploy(body(PREFIX + name, code, **fields)).status == 201
    return PREFIX + name


def arn(name: str) -> str:
    return f"acs:fc:{REGION}:{ACCOUNT}:functions/{name}"


def put(sdk: Sdk, name: str, qualifier: str | None = None, **fields: Any) -> models.AsyncConfig:
    asked = models.PutAsyncInvokeConfigRequest(
        body=models.PutAsyncInvokeConfigInput(**fields), qualifier=qualifier
    )
    return sdk.put_async_invoke_config(name, asked).body


def later(sdk: Sdk, name: str, event: bytes = b"e", task: str | None = None, **common: str) -> Any:
    headers = models.InvokeFunctionHeaders(
        x_fc_invocation_type="Async", x_fc_async_task_id=task, common_headers=common or None
    )
    request = models.InvokeFunctionRequest(body=io.BytesIO(event))
    return sdk.invoke_function_with_options(name, request, headers, RuntimeOptions())


def task_of(sdk: Sdk, name: str, task: str) -> models.AsyncTask:
    return sdk.get_async_task(name, task, models.GetAsyncTaskRequest()).body


def ended(sdk: Sdk, name: str, task: str) -> models.AsyncTask:
    return wait_for(lambda: (found := task_of(sdk, name, task)).end_time and found)


def refused(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientException) as caught:
        call()
    return caught.value.code, caught.value.status_code


# ---------------------------------------------------------------- calls


def test_accepted(sdk: Sdk, caller: Caller, door: Door) -> None:
    """202 without a body and with a request id, before it has run; then it runs, and the log has it."""
    name = made(caller, "f", environment={"DOOR": door.name})
    answer = later(sdk, name, b"hello")
    assert (answer.status_code, answer.body.read()) == (202, b"")
    assert "x-fc-async-task-id" not in answer.headers
    assert wait_for(door.said) == ["hello"]
    log = f"/v2/{REGION}/deployments/{name}/logs"
    asked = "requestId=" + answer.headers["x-fc-request-id"]
    (entry,) = wait_for(lambda: caller.call("GET", log, query=asked).said["requests"])
    assert (entry["caller"], entry["errorType"]) == ("async", "")


def test_delay(sdk: Sdk, caller: Caller, door: Door) -> None:
    """x-fc-async-delay comes as a common header of the SDK."""
    name = made(caller, "f", environment={"DOOR": door.name})
    began = time.monotonic()
    assert later(sdk, name, **{"x-fc-async-delay": "1"}).status_code == 202
    wait_for(door.said)
    assert time.monotonic() - began >= 1


def test_refusals(sdk: Sdk, caller: Caller) -> None:
    """Each refusal has FC's code, and a request id."""
    name = made(caller, "f")
    assert refused(lambda: later(sdk, "nobody")) == ("FunctionNotFound", 404)
    assert refused(lambda: later(sdk, name, bytes(128 * 1024 + 1))) == ("EntityTooLarge", 400)
    assert refused(lambda: later(sdk, name, **{"x-fc-async-delay": "3601"})) == ("InvalidArgument", 400)
    assert refused(lambda: later(sdk, name, task="1")) == ("InvalidArgument", 400)
    assert refused(lambda: task_of(sdk, name, "t")) == ("AsyncTaskNotFound", 404)
    nothing = models.StopAsyncTaskRequest()
    assert refused(lambda: sdk.stop_async_task(name, "t", nothing)) == ("AsyncTaskNotFound", 404)
    asked = models.InvokeFunctionRequest(body=io.BytesIO(b""), qualifier="prod")
    headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async")
    call = lambda: sdk.invoke_function_with_options(name, asked, headers, RuntimeOptions())  # noqa: E731
    assert refused(call) == ("AliasNotFound", 404)


def test_by_the_asynchronous_client(sdk: Sdk, caller: Caller, door: Door) -> None:
    """The SDK's coroutines do the same."""
    name = made(caller, "f", environment={"DOOR": door.name})

    async def test() -> None:
        config = models.PutAsyncInvokeConfigInput(async_task=True)
        await sdk.put_async_invoke_config_async(name, models.PutAsyncInvokeConfigRequest(body=config))
        headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_async_task_id="mine")
        request = models.InvokeFunctionRequest(body=b"async")  # its coroutine reads no plain stream
        answer = await sdk.invoke_function_with_options_async(name, request, headers, RuntimeOptions())
        assert (answer.status_code, answer.headers["x-fc-async-task-id"]) == (202, "mine")
        found = await sdk.list_async_tasks_async(name, models.ListAsyncTasksRequest())
        assert [task.task_id for task in found.body.tasks] == ["mine"]

    asyncio.run(test())
    assert wait_for(door.said) == ["async"]


# ---------------------------------------------------------------- settings


def test_config(sdk: Sdk, caller: Caller) -> None:
    """Put, get, list, delete; what is not named keeps its value, and what was never put does not exist."""
    name = made(caller, "f")
    asked = models.GetAsyncInvokeConfigRequest()
    assert refused(lambda: sdk.get_async_invoke_config(name, asked)) == ("AsyncConfigNotExists", 404)
    first = put(sdk, name, max_async_retry_attempts=0)
    assert (first.async_task, first.max_async_retry_attempts) == (False, 0)
    assert first.max_async_event_age_in_seconds == 86400
    assert first.function_arn == arn(name)
    assert time.strptime(first.created_time, "%Y-%m-%dT%H:%M:%SZ")
    to = models.DestinationConfig(on_failure=models.Destination(destination=arn("nobody")))
    put(sdk, name, async_task=True, destination_config=to)
    found = sdk.get_async_invoke_config(name, asked).body
    assert (found.async_task, found.max_async_retry_attempts) == (True, 0)
    assert found.destination_config.on_failure.destination == arn("nobody")
    assert found.created_time == first.created_time <= found.last_modified_time
    put(sdk, name, destination_config=models.DestinationConfig())
    assert sdk.get_async_invoke_config(name, asked).body.destination_config.on_failure is None
    gone = models.DeleteAsyncInvokeConfigRequest()
    assert sdk.delete_async_invoke_config(name, gone).status_code == 204
    assert refused(lambda: sdk.delete_async_invoke_config(name, gone)) == ("AsyncConfigNotExists", 404)
    assert refused(lambda: put(sdk, "nobody")) == ("FunctionNotFound", 404)
    assert refused(lambda: put(sdk, name, "99")) == ("VersionNotFound", 404)


def test_list_of_configs(sdk: Sdk, caller: Caller) -> None:
    """Page by page, of all functions or of one."""
    names = [made(caller, letter) for letter in "abc"]
    for name in names:
        put(sdk, name, async_task=True)
    found, token = [], None
    while True:
        page = sdk.list_async_invoke_configs(
            models.ListAsyncInvokeConfigsRequest(limit=2, next_token=token)
        ).body
        found += [config.function_arn for config in page.configs]
        token = page.next_token
        if not token:
            break
    assert [a for a in found if PREFIX in a] == [arn(name) for name in names]
    one = sdk.list_async_invoke_configs(models.ListAsyncInvokeConfigsRequest(function_name=names[1])).body
    assert [config.function_arn for config in one.configs] == [arn(names[1])]
    assert not one.next_token
    caller.delete(names[1])
    left = sdk.list_async_invoke_configs(models.ListAsyncInvokeConfigsRequest(limit=100)).body
    assert arn(names[1]) not in [config.function_arn for config in left.configs]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"maxAsyncRetryAttempts": 9}, ["maxAsyncRetryAttempts"]),
        ({"maxAsyncRetryAttempts": True, "maxAsyncEventAgeInSeconds": 0}, 2),
        ({"maxAsyncEventAgeInSeconds": 604801}, ["maxAsyncEventAgeInSeconds"]),
        ({"maxAsyncEventAgeInSeconds": 1.5}, ["maxAsyncEventAgeInSeconds"]),
        ({"asyncTask": "yes"}, ["asyncTask"]),
        (
            {"destinationConfig": {"onSuccess": {"destination": "mine"}}},
            ["destinationConfig.onSuccess.destination"],
        ),
        ({"destinationConfig": {"onFailure": {"destination": "acs:fc:" + "x" * 600}}}, 1),
        ({"destinationConfig": {"onFailure": {"destination": 5}}}, 1),
        ({"destinationConfig": []}, ["destinationConfig"]),
        ([], []),
        (b"{", []),
    ],
)
def test_wrong_config(caller: Caller, given: Any, fields: Any) -> None:
    """Every wrong field is named, with what is allowed, and nothing is kept."""
    name = made(caller, "f")
    answer = caller.call("PUT", f"{FUNCTIONS}/{name}/async-invoke-config", given)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert fields in (answer.fields, len(answer.fields))
    assert caller.call("GET", f"{FUNCTIONS}/{name}/async-invoke-config").code == "AsyncConfigNotExists"


def test_warnings(caller: Caller) -> None:
    """What cannot be told, or calls itself, is kept with a warning."""
    name, path = made(caller, "f"), f"{FUNCTIONS}/{PREFIX}f/async-invoke-config"

    def said(side: str, destination: str) -> str:
        answer = caller.call("PUT", path, {"destinationConfig": {side: {"destination": destination}}})
        assert answer.said["destinationConfig"] == {side: {"destination": destination}}
        return " ".join(answer.said.get("warnings", []))

    assert "only functions can be" in said("onSuccess", f"acs:mns:{REGION}:{ACCOUNT}:/queues/q/messages")
    assert "only functions can be" in said("onFailure", f"acs:eventbridge:{REGION}:{ACCOUNT}:eventbus/b")
    assert "is region" in said("onFailure", "acs:fc:cn-beijing:1:functions/f")
    assert "calls itself" in said("onSuccess", arn(name))
    assert "no such function yet" in said("onSuccess", arn("nobody"))
    assert said("onSuccess", arn(made(caller, "g"))) == ""


# ---------------------------------------------------------------- tasks


def test_task(sdk: Sdk, caller: Caller) -> None:
    """A task as the SDK reads it."""
    name = made(caller, "f", "echo")
    put(sdk, name, async_task=True)
    answer = later(sdk, name, b"payload")
    task_id = answer.headers["x-fc-async-task-id"]
    found = ended(sdk, name, task_id)
    assert (found.status, found.return_payload, found.task_payload) == ("Succeeded", "payload", "payload")
    assert (found.task_id, found.request_id) == (task_id, answer.headers["x-fc-request-id"])
    assert [event.event_id for event in found.events] == [1, 2, 3, 4]
    assert found.started_time <= found.events[-1].timestamp == found.end_time
    assert abs(found.started_time - time.time() * 1000) < 60_000
    assert found.function_arn == arn(name)


def test_same_id_twice(sdk: Sdk, caller: Caller) -> None:
    """A task id that was used is refused."""
    name = made(caller, "f", "echo")
    put(sdk, name, async_task=True)
    later(sdk, name, task="once")
    assert refused(lambda: later(sdk, name, task="once")) == ("AsyncTaskAlreadyExists", 409)


def test_list_of_tasks(sdk: Sdk, caller: Caller) -> None:
    """By prefix, status, qualifier and time, in both orders, page by page."""
    name = made(caller, "f", "echo")
    put(sdk, name, async_task=True)
    for task in ("a-1", "a-2", "b-1", "a_3"):
        later(sdk, name, task=task)
        ended(sdk, name, task)
    later(sdk, name, task="c", **{"x-fc-async-delay": "600"})

    def listed(**asked: Any) -> list[str]:
        page = sdk.list_async_tasks(name, models.ListAsyncTasksRequest(**asked)).body
        assert not page.next_token
        return [task.task_id for task in page.tasks]

    assert listed() == ["c", "a_3", "b-1", "a-2", "a-1"]
    assert listed(sort_order_by_time="asc") == ["a-1", "a-2", "b-1", "a_3", "c"]
    assert listed(prefix="a-") == ["a-2", "a-1"]
    assert listed(prefix="a") == ["a_3", "a-2", "a-1"]
    assert listed(status="Enqueued") == ["c"]
    assert listed(status="Succeeded", prefix="b") == ["b-1"]
    assert listed(qualifier="LATEST", limit=100) == listed()
    assert listed(qualifier="1") == []
    middle = task_of(sdk, name, "b-1").started_time
    assert listed(started_time_begin=middle)[:2] == ["c", "a_3"]
    assert "a_3" not in listed(started_time_end=middle)
    assert listed(started_time_begin=middle, started_time_end=middle) == ["b-1"]
    for order in ("asc", "desc"):
        found, token = [], None
        while True:
            asked = models.ListAsyncTasksRequest(limit=2, next_token=token, sort_order_by_time=order)
            page = sdk.list_async_tasks(name, asked).body
            assert all(task.task_payload is None for task in page.tasks)
            found += [task.task_id for task in page.tasks]
            token = page.next_token
            if not token:
                break
        assert found == listed(sort_order_by_time=order)
    with_payload = sdk.list_async_tasks(name, models.ListAsyncTasksRequest(include_payload=True)).body
    assert {task.task_payload for task in with_payload.tasks} == {"e"}
    for wrong in ({"status": "Done"}, {"sort_order_by_time": "up"}, {"limit": 101}, {"next_token": "eA=="}):
        assert refused(lambda asked=wrong: listed(**asked)) == ("InvalidArgument", 400)


def test_stop(sdk: Sdk, caller: Caller, meeting: Meeting) -> None:
    """A task that runs is stopped: its process ends, and a second stop says that it was stopped."""
    name, nothing = made(caller, "f", "waits", timeout=60), models.StopAsyncTaskRequest()
    put(sdk, name, async_task=True)
    later(sdk, name, json.dumps({"at": meeting.name, "name": "it"}).encode(), task="it")
    wait_for(lambda: meeting.said() == ["it"])
    pid = meeting.pid("it")
    assert sdk.stop_async_task(name, "it", nothing).status_code == 204
    found = ended(sdk, name, "it")
    assert found.status == "Stopped"
    wait_for(lambda: not is_alive(pid))
    assert refused(lambda: sdk.stop_async_task(name, "it", nothing)) == ("AsyncInvocationStopped", 412)
    later(sdk, name, task="never", **{"x-fc-async-delay": "600"})
    sdk.stop_async_task(name, "never", nothing)
    assert task_of(sdk, name, "never").status == "Stopped"


# ---------------------------------------------------------------- http triggers

HTTP = {"type": "http", "config": {"methods": ["GET", "POST"]}}


def test_http_trigger(server: Server, caller: Caller, door: Door) -> None:
    """A request that says Async is answered 202 at once, and the function gets it as an event."""
    name = made(caller, "f", environment={"DOOR": door.name}, triggers=[HTTP])
    here = {
        "host": server.url.removeprefix("http://"),
        "x-fc-invocation-type": "Async",
        "content-type": "text/plain",
    }
    answer = send(server.url, "POST", f"/fn/{name}/a%20b?q=1", here, "ü".encode())
    assert (answer.status, answer.body) == (202, b"")
    (event,) = map(json.loads, wait_for(door.said))
    assert (event["body"], event["rawPath"], event["queryParameters"]) == ("ü", "/a%20b", {"q": "1"})
    assert event["requestContext"]["requestId"] == answer.headers["x-fc-request-id"]
    large = send(server.url, "POST", f"/fn/{name}/", here, bytes(128 * 1024 + 1))
    assert (large.status, large.code) == (400, "InvalidArgument")
    whole = send(server.url, "POST", f"/fn/{name}/", {**here, "content-type": "image/png"}, bytes(128 * 1024))
    assert whole.status == 202


PROGRAM = """
import os, socket
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        with socket.socket(socket.AF_UNIX) as door:
            door.connect("\\0" + os.environ["DOOR"])
            door.sendall(f"{self.path} {body} {self.headers['x-own']} {self.headers['x-fc-request-id']}\\n".encode())
            door.recv(1)
        self.send_response(200)
        self.send_header("x-fc-status", "404" if body == "fail" else "200")
        self.send_header("content-length", "6")
        self.end_headers()
        self.wfile.write(b"answer")
    def log_message(self, *_):
        pass
HTTPServer(("0.0.0.0", 9000), Handler).serve_forever()
"""


def test_http_trigger_of_a_program(server: Server, caller: Caller, door: Door, sdk: Sdk) -> None:
    """The program of a custom runtime gets the very request, later; what it answers is the task's result."""
    name = made(
        caller,
        "f",
        code=zipped({"app.py": PROGRAM}),
        runtime="custom.debian10",
        entrypoint="python3 app.py",
        environment={"DOOR": door.name},
        triggers=[HTTP],
    )
    put(sdk, name, async_task=True, max_async_retry_attempts=1)
    here = {"host": server.url.removeprefix("http://"), "x-own": "mine", "x-fc-invocation-type": "async"}
    answer = send(server.url, "POST", f"/fn/{name}/way?a=b", {**here, "x-fc-async-task-id": "t"}, b"body")
    assert (answer.status, answer.headers["x-fc-async-task-id"]) == (202, "t")
    found = ended(sdk, name, "t")
    assert (found.status, found.return_payload) == ("Succeeded", "answer")
    request_id = answer.headers["x-fc-request-id"]
    assert door.said() == [f"/way?a=b body mine {request_id}"]
    send(server.url, "POST", f"/fn/{name}/", {**here, "x-fc-async-task-id": "u"}, b"fail")
    assert (ended(sdk, name, "u").status, len(door.said())) == ("Failed", 3)
