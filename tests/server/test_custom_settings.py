"""Custom runtimes as FC 3.0's own API sets them: calls at once, hooks, command, port and health check."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk

from fc_magic.client.client import Client
from tests.conftest import Server, function_file, serving
from tests.server.calls import FUNCTIONS, Caller
from tests.server.processes import wait_for
from tests.server.test_custom import ask, deployed
from tests.server.test_functions import sdk_of
from tests.server.test_lifecycle import update

AT_ONCE = 4
#: tells what became of it; "meet" answers once AT_ONCE requests are there
PROGRAM = f"""#!/usr/bin/env python3
import json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ["FC_SERVER_PORT"])
all_there = threading.Barrier({AT_ONCE})
asked = []

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        status, said = 200, [os.environ["FC_INSTANCE_ID"], PORT, sys.argv[1:], list(asked)]
        if self.path in ("/initialize", "/pre-stop"):
            print(self.command, self.path, repr(body), flush=True)
            status = int(os.environ.get("HOOKS", 200))
            time.sleep(0.2)
        asked.append(self.path)
        if "meet" in (body, self.path.strip("/")):
            all_there.wait(15)
        if "exit" == body:
            os._exit(1)
        if self.path == "/health":
            status = 200 if asked.count("/health") >= int(os.environ["HEALTHY"]) else 500
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do

    def log_message(self, *_):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 100

Server(("0.0.0.0", PORT), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits less long for a program that does not serve."""
    with serving(tmp_path_factory.mktemp("fc"), "--start-limit=5") as running:
        yield running


@pytest.fixture
def client(own: Server) -> Iterator[Client]:
    with own.client() as made:
        yield made
        for function in made.list():
            made.delete(function.name)


@pytest.fixture
def sdk(own: Server) -> Sdk:
    return sdk_of(own)


@pytest.fixture
def web(client: Client) -> Any:
    return deployed(client, {"bootstrap": PROGRAM})


def shown(sdk: Sdk, name: str = "web") -> dict[str, Any]:
    found: dict[str, Any] = sdk.get_function(name, models.GetFunctionRequest()).body.to_map()
    return found


def hooks(**timeouts: int) -> models.InstanceLifecycleConfig:
    given = {n: models.LifecycleHook(handler="any", timeout=t) for n, t in timeouts.items()}
    return models.InstanceLifecycleConfig(**given)


def runtime(**fields: Any) -> models.CustomRuntimeConfig:
    return models.CustomRuntimeConfig(**fields)


# ---------------------------------------------------------------- calls at once


@pytest.mark.parametrize("how", ["invoke", "http"])
def test_calls_share_an_instance(sdk: Sdk, client: Client, web: Any, how: str) -> None:
    """As many calls, or http requests, as ``instanceConcurrency`` says meet in one instance."""
    assert update(sdk, "web", instance_concurrency=AT_ONCE).instance_concurrency == AT_ONCE
    calls = {"invoke": lambda: web.invoke("meet").value, "http": lambda: ask(web, "GET", "/meet").said}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        met = [threads.submit(calls[how]) for _ in range(AT_ONCE)]
        assert len({call.result()[0] for call in met}) == 1
        (idle,) = client.instances("web")
        assert (idle.state, idle.calls) == ("idle", AT_ONCE)
        waiting = [threads.submit(calls[how]) for _ in range(AT_ONCE - 1)]
        (busy,) = wait_for(lambda: [i for i in client.instances("web") if i.calls == 2 * AT_ONCE - 1])
        assert (busy.instance_id, busy.state) == (idle.instance_id, "busy")
        assert calls[how]()[0] == idle.instance_id
        assert len({call.result()[0] for call in waiting}) == 1


def test_another_runtime_serves_one_call_at_a_time(sdk: Sdk, client: Client, web: Any) -> None:
    """What only a custom runtime has goes when a deployment makes it a built-in one."""
    update(sdk, "web", instance_concurrency=9, custom_runtime_config=runtime(port=8080))
    client.deploy({"name": "web", "code": function_file("echo")})
    now = shown(sdk)
    assert (now["instanceConcurrency"], "customRuntimeConfig" in now) == (1, False)


# ---------------------------------------------------------------- hooks


def test_initializer_of_a_shared_instance(sdk: Sdk, client: Client, web: Any) -> None:
    """``POST /initialize`` comes once, without a body, and before every call, however many wait for it."""
    update(sdk, "web", instance_concurrency=AT_ONCE, instance_lifecycle_config=hooks(initializer=9))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        calls = [call.result() for call in [threads.submit(web.invoke, "meet") for _ in range(AT_ONCE)]]
    ids = {call.value[0] for call in calls}
    asked = web.invoke().value[3]
    assert (len(ids), asked.count("/initialize"), asked[0]) == (1, 1, "/initialize")
    first = next(call for call in calls if call.cold_ms)
    assert (
        f"FC Initialize Start RequestId: {first.request_id}\nPOST /initialize ''\nFC Initialize End"
        in first.log
    )


def test_initializer_that_fails(sdk: Sdk, client: Client, web: Any) -> None:
    """Another status than 2xx fails the call and ends the instance, which is not told so; the next tries anew."""
    config = hooks(initializer=9, pre_stop=9)
    update(sdk, "web", instance_lifecycle_config=config, environment_variables={"HOOKS": "500"})
    for call in (web.invoke(), web.invoke()):
        assert (call.error_type, call.cold_ms > 0) == ("InitializationError", True)
    assert ask(web, "GET", "/").headers["x-fc-error-type"] == "InitializationError"
    update(sdk, "web", environment_variables={})
    assert web.invoke().ok
    assert {r.caller for r in client.logs("web").requests} == {"invoke", "http"}
    assert "GET /pre-stop" not in "".join(r.text for r in client.logs("web").requests)


def test_pre_stop_hook(sdk: Sdk, client: Client, web: Any) -> None:
    """``GET /pre-stop`` comes when an instance ends that no call failed in, and the log has it."""
    update(sdk, "web", instance_lifecycle_config=hooks(pre_stop=9), instance_concurrency=2)
    assert web.invoke().ok
    update(sdk, "web", memory_size=256)
    entry = wait_for(lambda: [r for r in client.logs("web").requests if r.caller == "pre-stop"])[0]
    marks = [f"FC PreStop {mark} RequestId: {entry.request_id}\n" for mark in ("Start", "End")]
    assert entry.text.startswith("GET /pre-stop ''\n".join(marks))
    assert not web.invoke("exit").ok
    update(sdk, "web", memory_size=128)
    assert web.invoke().ok
    assert [r.caller for r in client.logs("web").requests].count("pre-stop") == 1


# ---------------------------------------------------------------- customRuntimeConfig


def test_runtime_config(sdk: Sdk, client: Client) -> None:
    """Command, arguments and port are stored, shown and used, over deployments and until another command comes."""
    web = deployed(client, {"app.py": PROGRAM}, "python3 app.py")
    assert shown(sdk)["customRuntimeConfig"] == {"command": ["python3", "app.py"], "port": 9000}
    check = models.CustomHealthCheckConfig(http_get_url="/health", period_seconds=1)
    given = runtime(
        command=["python3", "app.py"], args=["--say", "a b"], port=8080, health_check_config=check
    )
    update(sdk, "web", custom_runtime_config=given, environment_variables={"HEALTHY": "1"})
    told = {
        "command": ["python3", "app.py"],
        "args": ["--say", "a b"],
        "port": 8080,
        "healthCheckConfig": {
            "httpGetUrl": "/health",
            "initialDelaySeconds": 0,
            "periodSeconds": 1,
            "timeoutSeconds": 1,
            "failureThreshold": 3,
            "successThreshold": 1,
        },
    }
    assert shown(sdk)["customRuntimeConfig"] == told
    assert web.invoke().value[1:] == [8080, ["--say", "a b"], ["/health"]]
    assert client.get("web").info.entrypoint == "python3 app.py --say 'a b'"
    deployed(client, {"app.py": PROGRAM}, "python3 app.py --other", environment={"HEALTHY": "1"})
    assert web.invoke().value[1:] == [8080, ["--other"], ["/health"]]
    command = ["python3", "app.py", "--other"]
    expected = {**told, "command": command}
    del expected["args"]
    assert shown(sdk)["customRuntimeConfig"] == expected


def test_bootstrap_of_a_config_without_a_command(sdk: Sdk, client: Client) -> None:
    """Without a command the bootstrap file is started, as on Function Compute."""
    web = deployed(client, {"bootstrap": PROGRAM, "app.py": "1 / 0"}, "python3 app.py")
    assert not web.invoke().ok
    update(sdk, "web", custom_runtime_config=runtime(port=80))
    assert web.invoke().value[1] == 80
    assert shown(sdk)["customRuntimeConfig"] == {"port": 80}


def test_ports_side_by_side(sdk: Sdk, client: Client) -> None:
    """Functions that want the same port, or others, serve at the same time."""
    ports = {"web-1": 8080, "web-2": 8080, "web-3": 3000}
    functions = [deployed(client, {"bootstrap": PROGRAM}, name=name) for name in ports]
    for name, port in ports.items():
        update(sdk, name, custom_runtime_config=runtime(port=port))
    assert [function.invoke().value[1] for function in functions] == list(ports.values())
    assert len({function.invoke().value[0] for function in functions}) == 3


def test_health_check_decides_when_a_program_has_started(sdk: Sdk, client: Client, web: Any) -> None:
    """Calls wait for as many good answers as are wanted; after too many bad ones in a row the start has failed."""
    check = models.CustomHealthCheckConfig(
        http_get_url="/health", period_seconds=1, failure_threshold=3, success_threshold=2
    )
    update(
        sdk,
        "web",
        custom_runtime_config=runtime(health_check_config=check),
        environment_variables={"HEALTHY": "2"},
    )
    call = web.invoke()
    assert (call.value[3], call.cold_ms > 2000) == (["/health"] * 3, True)
    update(sdk, "web", environment_variables={"HEALTHY": "9"})
    failed = web.invoke()
    assert (failed.error_type, failed.error["errorMessage"]) == (
        "FunctionNotStarted",
        "Function instance health check failed on port 9000 in 5 seconds.",
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("python3 app.py", "is not an object"),
        ({"command": "python3 app.py"}, "command is not a list"),
        ({"command": [7]}, "command.0 is not text"),
        ({"args": ["x"]}, "has args and no command"),
        ({"command": ["x" * 1024] * 5}, "command and args have more than 4096 characters"),
        ({"port": 0}, "port is too small"),
        ({"port": 65536}, "port is too large"),
        ({"port": "9000"}, "port is not a whole number"),
        ({"ports": 1}, "ports is not known"),
        ({"healthCheckConfig": {"periodSeconds": 0}}, "healthCheckConfig.periodSeconds is too small"),
        ({"healthCheckConfig": {"timeoutSeconds": 4}}, "healthCheckConfig.timeoutSeconds is too large"),
        (
            {"healthCheckConfig": {"httpGetUrl": "/a b\r\nX: 1"}},
            "healthCheckConfig.httpGetUrl does not have the right form",
        ),
    ],
    ids=str,
)
def test_wrong_runtime_config(own: Server, sdk: Sdk, web: Any, config: Any, said: str) -> None:
    """What is wrong in it is named as the API spells it, and nothing changes."""
    before = shown(sdk)
    answer = Caller(own.url).call("PUT", f"{FUNCTIONS}/web", {"customRuntimeConfig": config})
    assert (answer.status, answer.fields) == (400, ["customRuntimeConfig"])
    assert answer.said["Details"][0]["problem"] == said
    assert shown(sdk) == before


def test_runtime_config_of_a_built_in_runtime(own: Server, client: Client, sdk: Sdk) -> None:
    """Only custom runtimes have one; an empty one says nothing."""
    client.deploy({"name": "f", "code": function_file("echo")})
    answer = Caller(own.url).call("PUT", f"{FUNCTIONS}/f", {"customRuntimeConfig": {"port": 9000}})
    assert (answer.code, answer.fields) == ("InvalidArgument", ["customRuntimeConfig"])
    update(sdk, "f", custom_runtime_config=runtime(command=[], args=[]), memory_size=256)
    assert shown(sdk, "f")["memorySize"] == 256


def test_settings_outlive_the_server(tmp_path: Any) -> None:
    """What FC 3.0's API set of a custom runtime is there, and used, after a restart."""
    for start in range(2):
        with serving(tmp_path) as server, server.client() as client:
            if not start:
                deployed(client, {"bootstrap": PROGRAM})
                update(
                    sdk_of(server),
                    "web",
                    instance_concurrency=AT_ONCE,
                    custom_runtime_config=runtime(port=8080),
                    instance_lifecycle_config=hooks(initializer=7, pre_stop=8),
                    disk_size=10240,
                    internet_access=False,
                )
            said = shown(sdk_of(server))
            assert (said["instanceConcurrency"], said["customRuntimeConfig"]["port"]) == (AT_ONCE, 8080)
            timeouts = {name: hook["timeout"] for name, hook in said["instanceLifecycleConfig"].items()}
            assert timeouts == {"initializer": 7, "preStop": 8}
            assert (said["diskSize"], said["internetAccess"]) == (10240, False)
            asked = client.get("web").invoke().value
            assert (asked[1], asked[3]) == (8080, ["/initialize"])
            assert any("connects to nothing but this machine" in w for w in client.get("web").info.warnings)
