"""A story in which every operation of FC 3.0's API that is served is called: one table, told by each official client.

A request and an answer are spelled as the API spells them; ``STORY`` is plain data, so it is JSON for Node.js too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any

from tests.conftest import ACCOUNT, REGION, zipped
from tests.server.fc3.making import ECHO

#: bytes that are no text, with ends of lines and all others
EVENT = bytes(range(256)) * 40
#: stands for any value but none
THERE = "$THERE"


@dataclass(frozen=True)
class Step:
    """One call: what stands in its path, its query and body, and what of the answer must be true."""

    operation: str
    path: tuple[str, ...] = ()
    #: None: the method takes no request
    request: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    #: of InvokeFunction
    event: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    says: bytes = b""


def story(name: str) -> list[Step]:
    """The story of a function of this name."""
    names = {
        "name": name,
        "arn": f"acs:fc:{REGION}:{ACCOUNT}:functions/{name}",
        "layer": f"{name}-layer",
        "layerarn": f"acs:fc:{REGION}:{ACCOUNT}:layers/{name}-layer/versions/1",
        "domain": f"{name}.example.com",
        "task": f"{name}-task",
        "THERE": THERE,
    }
    return [Step(**{key: _told(value, names) for key, value in vars(step).items()}) for step in STORY]


def _told(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return Template(value).substitute(names)
    if isinstance(value, Mapping):
        return {key: _told(one, names) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_told(one, names) for one in value)
    return value


def spelled(step: Step) -> dict[str, Any]:
    """A step as JSON."""
    event = None if step.event is None else base64.b64encode(step.event).decode()
    said = {"operation": step.operation, "path": step.path, "request": step.request}
    return {**said, "event": event, "headers": step.headers}


def holds(said: Any, expected: Any) -> bool:
    """Whether all that is expected is in what was said."""
    if expected == THERE:
        return said not in (None, "", [], {})
    if isinstance(expected, Mapping):
        return isinstance(said, Mapping) and all(holds(said.get(key), one) for key, one in expected.items())
    if isinstance(expected, list):
        return isinstance(said, list) and len(said) == len(expected) and all(map(holds, said, expected))
    return bool(said == expected)


def _zip(source: str | Mapping[str, str | bytes]) -> dict[str, str]:
    return {"zipFile": base64.b64encode(zipped(source)).decode()}


def _routes(path: str) -> dict[str, Any]:
    return {"routeConfig": {"routes": [{"path": path, "functionName": "$name", "qualifier": "prod"}]}}


_OF = ("$name",)
_LATEST = {"qualifier": "LATEST"}
_CONFIG_OF = {"functionName": "$name"}
_TICK = json.dumps({"cronExpression": "@every 60m", "enable": False, "payload": "p"})
_WEB = json.dumps({"authType": "anonymous", "methods": ["GET"]})
_TAGGED = {"ResourceType": "function", "ResourceId": ["$arn"]}

STORY = [
    # functions
    Step("CreateFunction", (), {"body": {
        "functionName": "$name", "runtime": "python3.10", "handler": "index.handler", "code": _zip(ECHO),
        "tags": [{"Key": "a", "Value": "ü"}]}},
        {"functionName": "$name", "memorySize": 512, "functionArn": "$arn", "codeChecksum": THERE}),
    Step("GetFunction", _OF, {}, {"state": "Active", "lastUpdateStatus": "Successful"}),
    Step("UpdateFunction", _OF, {"body": {"timeout": 17, "environmentVariables": {"A": "é"}}},
         {"timeout": 17, "environmentVariables": {"A": "é"}}),
    Step("ListFunctions", (), {"prefix": "$name", "fcVersion": "v3", "limit": 100, "tags": [{"Key": "a"}]},
         {"functions": [{"functionName": "$name"}], "nextToken": None}),
    Step("GetFunctionCode", _OF, {}, {"url": THERE, "checksum": THERE}),
    Step("InvokeFunction", _OF, {}, event=EVENT, says=EVENT),
    Step("InvokeFunction", _OF, {}, event=b"", says=b""),
    Step("InvokeFunction", _OF, {}, says=b""),
    Step("InvokeFunction", _OF, {}, event=b"x", says=b"x", headers={"xFcLogType": "Tail"}),
    # versions and aliases
    Step("PublishFunctionVersion", _OF, {"body": {"description": "one"}}, {"versionId": "1", "description": "one"}),
    Step("ListFunctionVersions", _OF, {"direction": "BACKWARD"}, {"versions": [{"versionId": "1"}]}),
    Step("CreateAlias", _OF, {"body": {"aliasName": "prod", "versionId": "1"}}, {"aliasName": "prod"}),
    Step("GetAlias", ("$name", "prod"), None, {"versionId": "1"}),
    Step("UpdateAlias", ("$name", "prod"), {"body": {"description": "d"}}, {"description": "d", "versionId": "1"}),
    Step("ListAliases", _OF, {"prefix": "p"}, {"aliases": [{"aliasName": "prod"}]}),
    Step("InvokeFunction", _OF, {"qualifier": "prod"}, event=b"by alias", says=b"by alias"),
    # triggers and custom domains
    Step("CreateTrigger", _OF, {"body": {"triggerName": "tick", "triggerType": "timer", "triggerConfig": _TICK}},
         {"triggerName": "tick", "triggerConfig": THERE}),
    Step("CreateTrigger", _OF, {"body": {
        "triggerName": "web", "triggerType": "http", "triggerConfig": _WEB, "qualifier": "prod"}},
        {"qualifier": "prod", "httpTrigger": {"urlInternet": THERE}}),
    Step("GetTrigger", ("$name", "tick"), None, {"triggerType": "timer"}),
    Step("UpdateTrigger", ("$name", "tick"), {"body": {"description": "hourly"}}, {"description": "hourly"}),
    Step("ListTriggers", _OF, {}, {"triggers": [THERE, THERE]}),
    Step("CreateCustomDomain", (), {"body": {"domainName": "$domain", "protocol": "HTTP", **_routes("/*")}},
         {"domainName": "$domain"}),
    Step("GetCustomDomain", ("$domain",), None, {"routeConfig": {"routes": [{"functionName": "$name"}]}}),
    Step("UpdateCustomDomain", ("$domain",), {"body": _routes("/a/*")},
         {"routeConfig": {"routes": [{"path": "/a/*"}]}}),
    Step("ListCustomDomains", (), {"prefix": "$name"}, {"customDomains": [{"domainName": "$domain"}]}),
    Step("DeleteCustomDomain", ("$domain",), status=204),
    # layers
    Step("CreateLayerVersion", ("$layer",), {"body": {
        "compatibleRuntime": ["python3.10"], "code": _zip({"python/mine.py": "x = 1\n"})}},
        {"version": 1, "layerVersionArn": "$layerarn"}),
    Step("GetLayerVersion", ("$layer", "1"), None, {"layerName": "$layer", "code": {"location": THERE}}),
    Step("GetLayerVersionByArn", ("$layerarn",), None, {"layerName": "$layer", "version": 1}),
    Step("ListLayers", (), {"prefix": "$layer"}, {"layers": [{"layerName": "$layer"}], "nextToken": None}),
    Step("ListLayerVersions", ("$layer",), {}, {"layers": [{"version": 1}], "nextVersion": None}),
    Step("PutLayerACL", ("$layer",), {"acl": "0"}, status=204),
    Step("DeleteLayerVersion", ("$layer", "1"), status=204),
    # asynchronous calls
    Step("PutAsyncInvokeConfig", _OF, {"body": {"asyncTask": True, "maxAsyncRetryAttempts": 1}},
         {"asyncTask": True, "maxAsyncRetryAttempts": 1}),
    Step("GetAsyncInvokeConfig", _OF, {}, {"asyncTask": True}),
    Step("ListAsyncInvokeConfigs", (), _CONFIG_OF, {"configs": [{"asyncTask": True}]}),
    Step("InvokeFunction", _OF, {}, event=b"later", status=202,
         headers={"xFcInvocationType": "Async", "xFcAsyncTaskId": "$task"}),
    Step("GetAsyncTask", ("$name", "$task"), {}, {"taskId": "$task", "status": THERE}),
    Step("ListAsyncTasks", _OF, {"limit": 20, "includePayload": True}, {"tasks": [{"taskId": "$task"}]}),
    Step("DeleteAsyncInvokeConfig", _OF, {}, status=204),
    # instances
    Step("PutConcurrencyConfig", _OF, {"body": {"reservedConcurrency": 7}}, {"reservedConcurrency": 7}),
    Step("GetConcurrencyConfig", _OF, None, {"functionArn": "$arn", "reservedConcurrency": 7}),
    Step("ListConcurrencyConfigs", (), _CONFIG_OF, {"configs": [{"reservedConcurrency": 7}]}),
    Step("DeleteConcurrencyConfig", _OF, status=204),
    Step("PutProvisionConfig", _OF, {**_LATEST, "body": {"defaultTarget": 1}}, {"defaultTarget": 1, "target": 1}),
    Step("GetProvisionConfig", _OF, _LATEST, {"functionArn": "$arn/LATEST"}),
    Step("ListProvisionConfigs", (), _CONFIG_OF, {"provisionConfigs": [{"functionArn": "$arn/LATEST"}]}),
    Step("DeleteProvisionConfig", _OF, _LATEST, status=204),
    Step("PutScalingConfig", _OF, {**_LATEST, "body": {"minInstances": 1}}, {"minInstances": 1}),
    Step("GetScalingConfig", _OF, _LATEST, {"minInstances": 1}),
    Step("ListScalingConfigs", (), _CONFIG_OF, {"scalingConfigs": [{"minInstances": 1}]}),
    Step("DeleteScalingConfig", _OF, _LATEST, status=204),
    Step("ListInstances", _OF, {"withAllActive": True}, {"instances": THERE}),
    # beside
    Step("TagResources", (), {"body": {**_TAGGED, "Tag": [{"Key": "team", "Value": "infra"}]}}, status=204),
    Step("ListTagResources", (), {**_TAGGED, "Tag": [{"Key": "team"}]},
         {"TagResources": [{"TagKey": "a", "TagValue": "ü"}, {"TagKey": "team", "TagValue": "infra"}]}),
    Step("UntagResources", (), {**_TAGGED, "TagKey": ["team"]}, status=204),
    Step("ChangeResourceGroup", (), {"body": {
        "NewResourceGroupId": "rg-2", "ResourceId": "$arn", "ResourceType": "function"}},
        {"NewResourceGroupId": "rg-2"}),
    Step("CreateVpcBinding", _OF, {"body": {"vpcId": "vpc-1"}}, status=204),
    Step("ListVpcBindings", _OF, None, {"vpcIds": ["vpc-1"]}),
    Step("DeleteVpcBinding", ("$name", "vpc-1"), status=204),
    Step("DisableFunctionInvocation", _OF, {"reason": "a test"}, {"success": True}),
    Step("EnableFunctionInvocation", _OF, None, {"success": True}),
    Step("DescribeRegions", (), {"AcceptLanguage": "en-US"}, {"Regions": {"Region": THERE}}),
    # and away with it
    Step("DeleteTrigger", ("$name", "tick"), status=204),
    Step("DeleteTrigger", ("$name", "web"), status=204),
    Step("DeleteAlias", ("$name", "prod"), status=204),
    Step("DeleteFunctionVersion", ("$name", "1"), status=204),
    Step("DeleteFunction", _OF, status=204),
]  # fmt: skip
