"""CreateFunction: what it needs, what it fills in, what it keeps, and that both dialects have the same function."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk

from fc_magic.wire.checksum import crc64
from tests.conftest import ACCOUNT, REGION, body, zipped
from tests.server.calls import FUNCTIONS, Caller
from tests.server.fc3.making import ECHO, PREFIX, Made, asked, code, refused
from tests.server.test_functions import shown


def test_least(make: Made) -> None:
    """Name, runtime, handler and code make a function that runs; the rest is as Function Compute has it."""
    function = make("least")
    name = f"{PREFIX}least"
    assert function.function_arn == f"acs:fc:{REGION}:{ACCOUNT}:functions/{name}"
    assert (function.memory_size, function.cpu, function.disk_size, function.timeout) == (512, 0.35, 512, 3)
    assert (function.internet_access, function.instance_concurrency, function.role) == (True, 1, "")
    assert (function.state, function.last_update_status) == ("Active", "Successful")
    assert function.code_checksum == crc64(zipped(ECHO))
    assert function.code_size == len(zipped(ECHO))
    assert function.function_id
    assert function.created_time == function.last_modified_time
    assert make.again(name).to_map() == function.to_map()
    assert make.invoke(name, b"hello") == b"hello"


def test_whole(make: Made) -> None:
    """Everything that is said comes back as it was said."""
    fields: dict[str, Any] = {
        "description": "ü",
        "memory_size": 1024,
        "cpu": 0.5,
        "disk_size": 10240,
        "timeout": 7,
        "environment_variables": {"A": "ü"},
        "internet_access": False,
        "role": f"acs:ram::{ACCOUNT}:role/r",
        "instance_lifecycle_config": models.InstanceLifecycleConfig(
            initializer=models.LifecycleHook(handler="index.begin", timeout=9),
            pre_stop=models.LifecycleHook(handler="index.end", timeout=8),
        ),
        "vpc_config": models.VPCConfig(
            vpc_id="vpc-1", v_switch_ids=["vsw-1"], security_group_id="sg-1", role="acs:ram::1:role/n"
        ),
        "tags": [models.Tag(key="team", value="infra"), models.Tag(key="a", value="")],
        "resource_group_id": "rg-1",
    }
    function = make("whole", **fields).to_map()
    given = asked("x", **fields).to_map()
    given.pop("code")
    given["tags"] = [{"Key": "a", "Value": ""}, {"Key": "team", "Value": "infra"}]
    assert {name: function[name] for name in given if name != "functionName"} == {
        name: value for name, value in given.items() if name != "functionName"
    }


def test_async_client(sdk: Sdk, make: Made) -> None:
    """The async client creates, gets, updates, lists and deletes, too."""
    name = f"{PREFIX}async"

    async def story() -> list[Any]:
        made = await sdk.create_function_async(models.CreateFunctionRequest(body=asked(name)))
        body = models.UpdateFunctionInput(timeout=9)
        await sdk.update_function_async(name, models.UpdateFunctionRequest(body=body))
        got = await sdk.get_function_async(name, models.GetFunctionRequest())
        page = await sdk.list_functions_async(models.ListFunctionsRequest(prefix=name))
        gone = await sdk.delete_function_async(name)
        return [made.body.timeout, got.body.timeout, len(page.body.functions), gone.status_code]

    assert asyncio.run(story()) == [3, 9, 1, 204]


@pytest.mark.parametrize("right", [True, False])
def test_checksum(make: Made, right: bool) -> None:
    """A package that is not the one the checksum was made of is refused."""
    said = crc64(zipped(ECHO)) if right else "1"
    if right:
        assert make("sum", code=code(checksum=said)).code_checksum == said
    else:
        error = refused(lambda: make("sum", code=code(checksum=said)))
        assert (error.code, error.status_code) == ("InvalidArgument", 400)
        assert "code.checksum 1: differs from" in error.message


@pytest.mark.parametrize(
    ("left_out", "says"),
    [
        ("code", "either ossBucketName and ossObjectName, or zipFile, must be given"),
        ("handler", "handler: is required"),
        ("runtime", "runtime: is required"),
        ("functionName", "functionName: is required"),
    ],
)
def test_required(caller: Caller, left_out: str, says: str) -> None:
    """What is missing is named by the message itself, which is all that an SDK shows."""
    given = {**asked(f"{PREFIX}less").to_map()}
    del given[left_out]
    answer = caller.call("POST", FUNCTIONS, given)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert says in answer.said["Message"]
    assert answer.fields == [left_out]


def test_everything_that_is_wrong(make: Made) -> None:
    """One refusal names every wrong field as this API calls it."""
    wrong = {
        "memory_size": 7,
        "timeout": 0,
        "disk_size": 1,
        "environment_variables": {"FC_A": "1"},
        "tags": [models.Tag(key="acs:x", value="1")],
        "nas_config": models.NASConfig(mount_points=[models.NASMountConfig(mount_dir="x" * 65)]),
        "runtime": "python2",
    }
    error = refused(lambda: make("1", **wrong))
    named = {
        "memorySize", "timeout", "diskSize", "environmentVariables", "tags.0",
        "nasConfig.mountPoints.0.mountDir", "runtime",
    }  # fmt: skip
    assert {detail["field"] for detail in error.data["Details"]} == named
    assert all(name in error.message for name in named)


def test_name_is_taken(make: Made) -> None:
    """A second function of a name is FunctionAlreadyExists, and the first stays."""
    first = make("once")
    error = refused(lambda: make("once", timeout=9))
    assert (error.code, error.status_code) == ("FunctionAlreadyExists", 409)
    assert make.again(first.function_name).timeout == 3


def test_placeholders(caller: Caller) -> None:
    """Empty lists, empty objects and null are what was not given."""
    given = asked(f"{PREFIX}empty").to_map() | {
        "tags": [], "layers": [], "nasConfig": {"mountPoints": []}, "vpcConfig": None, "logConfig": {},
        "customContainerConfig": {}, "customRuntimeConfig": {}, "gpuConfig": {}, "environmentVariables": {},
        "customDNS": {"dnsOptions": []}, "description": None, "timeout": None,
    }  # fmt: skip
    answer = caller.call("POST", FUNCTIONS, given)
    assert answer.status == 200, answer.said
    assert not {"nasConfig", "logConfig", "customDNS", "gpuConfig", "tags", "warnings"} & set(answer.said)
    assert answer.said["timeout"] == 3


def test_unknown_field(caller: Caller) -> None:
    """A field of a newer SDK is ignored, and a warning says so."""
    given = asked(f"{PREFIX}newer").to_map() | {"quantumConfig": {"qubits": 3}}
    answer = caller.call("POST", FUNCTIONS, given)
    assert answer.status == 200
    assert answer.said["warnings"] == ["quantumConfig is not known here, and was ignored"]


@pytest.mark.parametrize(
    "fields",
    [
        {
            "runtime": "custom-container",
            "custom_container_config": models.CustomContainerConfig(image="a/b:1"),
        },
        {"custom_container_config": models.CustomContainerConfig(image="a/b:1")},
        {"micro_sandbox_config": models.MicroSandboxConfig(image="a/b:1")},
        {"runtime": "micro-sandbox"},
        {"runtime": "java11"},
        {"runtime": "go1"},
    ],
    ids=shown,
)
def test_what_cannot_run(make: Made, fields: dict[str, Any]) -> None:
    """Containers and runtimes without interpreter are refused, and the refusal says what to do."""
    error = refused(lambda: make("box", **fields))
    assert (error.code, error.status_code) == ("NotSupported", 400)
    assert "custom" in error.data["Details"][0]["hint"]


def test_cpu_without_memory(make: Made) -> None:
    """A share of the CPU must fit the memory, said or not."""
    assert make("cpu", cpu=0.5).cpu == 0.5
    assert "cpu 1.0: does not fit the memory" in refused(lambda: make("cpu-1", cpu=1.0)).message
    assert make("memory", memory_size=2048).cpu == 1.4


def test_custom_runtime(make: Made) -> None:
    """A custom runtime has its command, concurrency and health check from the first."""
    custom = models.CustomRuntimeConfig(
        command=["python3"],
        args=["app.py"],
        port=9001,
        health_check_config=models.CustomHealthCheckConfig(http_get_url="/up"),
    )
    made = make("own", runtime="custom.debian12", custom_runtime_config=custom, instance_concurrency=20)
    assert made.instance_concurrency == 20
    shown = made.custom_runtime_config.to_map()
    assert (shown["command"], shown["args"], shown["port"]) == (["python3"], ["app.py"], 9001)
    assert shown["healthCheckConfig"]["httpGetUrl"] == "/up"


def test_made_here_changed_there(make: Made, caller: Caller) -> None:
    """The deployments API shows, updates and deletes a function that FC 3.0's API made, role or not."""
    name = make("both", description="d").function_name
    shown = caller.get(name).said
    assert (shown["role"], shown["entrypoint"], shown["memory"]) == ("", "index.handler", 512)
    fields = ("name", "description", "runtime", "entrypoint", "handler", "memory", "timeout", "environment")
    sent = {n: shown[n] for n in (*fields, "role", "triggers", "layers")}
    sent["code"] = base64.b64encode(zipped("def handler(e, c): return b'new'\n")).decode()
    answer = caller.put(name, sent)
    assert (answer.status, answer.said["role"]) == (200, "")
    assert make.invoke(name) == b"new"
    assert caller.delete(name).status == 204
    assert refused(lambda: make.again(name)).code == "FunctionNotFound"


def test_made_there_changed_here(make: Made, caller: Caller) -> None:
    """FC 3.0's API shows, updates, invokes and deletes what the deployments API made."""
    name = f"{PREFIX}there"
    assert caller.deploy(body(name)).status == 201
    assert make.again(name).timeout == 60
    assert make.change(name, timeout=9, role="").timeout == 9
    assert make.invoke(name, b"x") == b"x"
    assert make.sdk.delete_function(name).status_code == 204
    assert caller.get(name).status == 404
