"""The Serverless Devs CLI with its fc3 component drives the embedded server, unchanged."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk

from tests.clients.serverless_devs import PROGRAM, Cli, installed, project
from tests.conftest import ACCOUNT, REGION, Server, serving
from tests.server.test_functions import sdk_of

pytestmark = [
    pytest.mark.clients,
    pytest.mark.timeout(600),
    pytest.mark.skipif(PROGRAM not in os.environ, reason=f"{PROGRAM} names no program s: make clients does"),
]
NAME = "sd-story"
#: the event of an http trigger is text of JSON, in bytes as any other
SAYS = "def handler(event, context):\n    return 'ONE: ' + event.decode()\n"
ARN = f"acs:fc:{REGION}:{ACCOUNT}"
TRIGGERS = [
    {
        "triggerName": "web",
        "triggerType": "http",
        "qualifier": "LATEST",
        "triggerConfig": {"authType": "anonymous", "methods": ["GET"]},
    },
    {
        "triggerName": "tick",
        "triggerType": "timer",
        "triggerConfig": {"cronExpression": "@every 60m", "enable": True, "payload": "p"},
    },
    {
        "triggerName": "put",
        "triggerType": "oss",
        "sourceArn": f"acs:oss:{REGION}:{ACCOUNT}:sd-bucket",
        "invocationRole": f"acs:ram::{ACCOUNT}:role/oss",
        "triggerConfig": {
            "events": ["oss:ObjectCreated:*"],
            "filter": {"key": {"prefix": "in/", "suffix": ""}},
        },
    },
]
PROPS: dict[str, Any] = {
    "functionName": NAME,
    "memorySize": 512,
    "cpu": 0.35,
    "timeout": 20,
    "environmentVariables": {"A": "1"},
    "tags": [{"key": "team", "value": "infra"}],
    "triggers": TRIGGERS,
    "asyncInvokeConfig": {"maxAsyncRetryAttempts": 1, "asyncTask": True},
    "concurrencyConfig": {"reservedConcurrency": 5},
    "vpcBinding": {"vpcIds": ["vpc-1"]},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("fc")) as running:
        yield running


@pytest.fixture(scope="module")
def s(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return installed(tmp_path_factory.mktemp("home"), server)


@pytest.fixture
def sdk(server: Server) -> Sdk:
    return sdk_of(server)


def found(sdk: Sdk, name: str = NAME) -> models.Function:
    return sdk.get_function(name, models.GetFunctionRequest()).body


def names(sdk: Sdk) -> list[str]:
    return [f.function_name for f in sdk.list_functions(models.ListFunctionsRequest()).body.functions]


def result(said: str) -> str:
    return said.rpartition("Invoke Result:")[2].partition("✔")[0].strip()


def test_a_project_from_beginning_to_end(s: Cli, server: Server, sdk: Sdk, tmp_path: Path) -> None:
    """Deployed, called, changed, published, looked at and removed by the commands of the CLI."""
    layer = re.search(
        r"acs:fc:\S+:layers/sd-layer/versions/\d+", s(_layer(tmp_path), "layer", "publish", *_LAYER)
    )
    assert layer
    here = project(tmp_path / "p", SAYS, **PROPS, provisionConfig={"target": 1}, layers=[layer[0]])
    url = f"{server.url}/fn/{NAME}/"
    assert url in s(here, "deploy", "-y")
    made = found(sdk)
    assert (made.timeout, made.environment_variables, made.layers[0].arn) == (20, {"A": "1"}, layer[0])
    assert [(tag.key, tag.value) for tag in made.tags] == [("team", "infra")]
    triggers = sdk.list_triggers(NAME, models.ListTriggersRequest()).body.triggers
    assert sorted(trigger.trigger_name for trigger in triggers) == ["put", "tick", "web"]
    assert sdk.list_vpc_bindings(NAME).body.vpc_ids == ["vpc-1"]
    assert requests.get(url, timeout=20).status_code == 200
    assert result(s(here, "invoke", "-e", "hello")) == "ONE: hello"
    s(here, "invoke", "-e", "later", "--invocation-type", "Async", "--async-task-id", "one")
    assert sdk.get_async_task(NAME, "one", models.GetAsyncTaskRequest()).body.task_id == "one"

    project(here, SAYS.replace("ONE", "TWO"), **{**PROPS, "timeout": 30}, provisionConfig={"target": 1})
    assert "timeout: 20 => 30" in s(here, "plan")
    s(here, "deploy", "-y")
    assert (found(sdk).timeout, found(sdk).layers) == (30, [])
    assert result(s(here, "invoke", "-e", "x", "--timeout", "9")) == "TWO: x"

    s(here, "version", "publish", "--description", "second")
    assert "second" in s(here, "version", "list")
    s(here, "alias", "publish", "--alias-name", "prod", "--version-id", "latest")
    assert "prod" in s(here, "alias", "list")
    assert result(s(here, "invoke", "-e", "y", "--qualifier", "prod")) == "TWO: y"
    assert "instanceId" in s(here, "instance", "list")
    assert "reservedConcurrency: 6" in s(here, "concurrency", "put", "--reserved-concurrency", "6")
    assert re.search(r"target: +2", s(here, "provision", "put", "--qualifier", "LATEST", "--target", "2"))
    assert f"functions/{NAME}" in s(here, "info")
    s(here, "layer", "download", "--layer-name", "sd-layer", "--version-id", "1")

    s(here, "remove", "-y")
    assert names(sdk) == []


_LAYER = ("--layer-name", "sd-layer", "--code", "./code", "--compatible-runtime", "python3.10")


def _layer(folder: Path) -> Path:
    return project(folder / "layer", "x = 1\n", functionName="sd-unused")


def test_scaling(s: Cli, sdk: Sdk, tmp_path: Path) -> None:
    """scalingConfig keeps instances, as the API's own call does."""
    here = project(tmp_path, SAYS, functionName="sd-scaled", scalingConfig={"minInstances": 1})
    s(here, "deploy", "-y")
    kept = sdk.get_scaling_config("sd-scaled", models.GetScalingConfigRequest(qualifier="LATEST")).body
    assert kept.min_instances == 1
    s(here, "scaling", "remove", "--qualifier", "LATEST", "-y")
    s(here, "remove", "-y")
    assert names(sdk) == []


def test_what_is_exported(s: Cli, server: Server, sdk: Sdk, tmp_path: Path) -> None:
    """What export writes as s.yaml is deployed by the CLI as it was before."""
    here = project(tmp_path / "first", SAYS, **PROPS)
    s(here, "deploy", "-y")
    before = found(sdk).to_map()
    with server.client(api="fc3") as client:
        client.export(NAME, "s.yaml").write(tmp_path / "again")
    s(here, "remove", "-y")
    s(tmp_path / "again", "deploy", "-y")
    after = found(sdk).to_map()
    own = (
        "functionId",
        "createdTime",
        "lastModifiedTime",
        "lastUpdateStatus",
        "state",
        "codeSize",
        "codeChecksum",
    )
    assert {k: v for k, v in after.items() if k not in own} == {
        k: v for k, v in before.items() if k not in own
    }
    assert result(s(tmp_path / "again", "invoke", "-e", "z")) == "ONE: z"
    s(tmp_path / "again", "remove", "-y")
