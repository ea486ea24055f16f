"""The official Node.js SDK drives the embedded server, unchanged; so does what Serverless Devs uploads code with."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ACCOUNT, KEY_ID, REGION, SECRET, Server, zipped
from tests.server.fc3 import node
from tests.server.fc3.making import ECHO

#: the first run installs the packages
pytestmark = pytest.mark.timeout(300)
NAME = "fc3-node"


@pytest.fixture(scope="module")
def said(server: Server) -> dict[str, Any]:
    """What came of each step of ``story.js``."""
    story = {
        "url": server.url,
        "objects": server.objects_url,
        "id": KEY_ID,
        "secret": SECRET,
        "account": ACCOUNT,
        "region": REGION,
        "name": NAME,
        "zip": base64.b64encode(zipped(ECHO)).decode(),
    }
    return node.run(Path(__file__).with_name("story.js"), story)


#: step -> the HTTP status, and a part of the body
ANSWERS: dict[str, tuple[int, Any]] = {
    "create": (200, {"functionName": NAME, "memorySize": 512, "environmentVariables": {"A": "ü"}}),
    "get": (200, {"state": "Active", "lastUpdateStatus": "Successful"}),
    "update": (200, {"timeout": 9, "environmentVariables": {}, "layers": []}),
    "download": (200, True),
    "tag": (204, None),
    "untag": (204, None),
    "bind": (204, None),
    "bound": (200, {"vpcIds": ["vpc-1"]}),
    "unbind": (204, None),
    "group": (200, {"newResourceGroupId": "rg-2"}),
    "disable": (200, {"success": True}),
    "enable": (200, {"success": True}),
    "invoke": (200, "hello ☃"),
    "from a bucket": (200, {"functionName": NAME}),
    "delete": (204, None),
}
REFUSALS: dict[str, tuple[str, int, str]] = {
    "create again": ("FunctionAlreadyExists", 409, "already exists"),
    "without code": ("InvalidArgument", 400, "either ossBucketName and ossObjectName, or zipFile"),
    "invoke disabled": ("AccessDenied", 403, "is disabled: no"),
    "session": ("NotSupported", 400, "CreateSession is not served"),
    "get deleted": ("FunctionNotFound", 404, f"function '{NAME}' does not exist"),
}


@pytest.mark.parametrize("step", ANSWERS)
def test_answers(said: dict[str, Any], step: str) -> None:
    """Each operation is answered as the SDK reads it."""
    status, body = ANSWERS[step]
    found = said[step]
    assert found["status"] == status, found
    if isinstance(body, dict):
        camel = {_key(name): value for name, value in found["body"].items()}
        assert {name: camel.get(name) for name in body} == body
    elif body is not None:
        assert found["body"] == body


def _key(name: str) -> str:
    return name[0].lower() + name[1:]


@pytest.mark.parametrize("step", REFUSALS)
def test_refusals(said: dict[str, Any], step: str) -> None:
    """Each refusal is the SDK's error, with Function Compute's code, status and request id."""
    code, status, message = REFUSALS[step]
    found = said[step]
    assert (found["code"], found["status"]) == (code, status), found
    assert message in found["message"]
    assert found["requestId"].startswith("1-")


def test_what_is_kept(said: dict[str, Any]) -> None:
    """What is only kept comes back as it was sent."""
    points = [{"mountDir": "/mnt/a", "serverAddr": "nas:/a"}]
    assert said["get"]["body"]["nasConfig"] == {"userId": 1, "groupId": 1, "mountPoints": points}


def test_lists(said: dict[str, Any]) -> None:
    """Lists have what was asked for, in the SDK's own models."""
    assert [f["functionName"] for f in said["list"]["body"]["functions"]] == [NAME]
    assert "nextToken" not in said["list"]["body"]
    rows = said["tags"]["body"]["TagResources"]
    assert [(row["TagKey"], row["TagValue"]) for row in rows] == [("b", "2"), ("team", "infra")]
    regions = said["regions"]["body"]["Regions"]["Region"]
    assert {"RegionId": "cn-hangzhou", "LocalName": "华东1（杭州）"} in regions
