"""More of the table of refusals: of what hangs on a function or stands beside it, in the API's own words."""

from __future__ import annotations

import io
import json
import re
from typing import Any

from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from darabonba.runtime import RuntimeOptions

from tests.server.fc3.refusals import NOBODY, Call, Refusal


def calls(operation: str, *path: str, query: dict[str, Any] | None = None, **body: Any) -> Call:
    """A call of the SDK's method for an operation; ``$name`` in ``path`` is a function that exists."""
    method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()

    def call(sdk: Sdk, name: str) -> Any:
        request = getattr(models, f"{operation}Request", None)
        given = {**(query or {}), **({"body": body} if body else {})}
        asked = [request().from_map(given)] if request else []
        return getattr(sdk, method)(*(name if part == "$name" else part for part in path), *asked)

    return call


def all_of(*several: Call) -> Call:
    def call(sdk: Sdk, name: str) -> None:
        for one in several:
            one(sdk, name)

    return call


def asynchronous(task: str = "", event: bytes = b"") -> Call:
    headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_async_task_id=task or None)
    options = RuntimeOptions(read_timeout=20_000, connect_timeout=5_000)
    return lambda sdk, name: sdk.invoke_function_with_options(
        name, models.InvokeFunctionRequest(body=io.BytesIO(event)), headers, options
    )


_TIMER = json.dumps({"cronExpression": "@every 60m", "enable": False})
_TICK = {"triggerName": "tick", "triggerType": "timer", "triggerConfig": _TIMER}
_NO_ONE: dict[str, Any] = {"description": "x"}
_LATEST = {"qualifier": "LATEST"}
#: an operation on a function that is not there, by its path after the name and its request
_OF_NOBODY: list[tuple[str, tuple[str, ...], dict[str, Any], dict[str, Any]]] = [
    ("PublishFunctionVersion", (), {}, _NO_ONE),
    ("ListFunctionVersions", (), {}, {}),
    ("DeleteFunctionVersion", ("1",), {}, {}),
    ("CreateAlias", (), {}, {"aliasName": "prod", "versionId": "1"}),
    ("GetAlias", ("prod",), {}, {}),
    ("UpdateAlias", ("prod",), {}, _NO_ONE),
    ("DeleteAlias", ("prod",), {}, {}),
    ("ListAliases", (), {}, {}),
    ("CreateTrigger", (), {}, _TICK),
    ("GetTrigger", ("tick",), {}, {}),
    ("UpdateTrigger", ("tick",), {}, _NO_ONE),
    ("DeleteTrigger", ("tick",), {}, {}),
    ("ListTriggers", (), {}, {}),
    ("PutAsyncInvokeConfig", (), {}, {"maxAsyncRetryAttempts": 1}),
    ("GetAsyncInvokeConfig", (), {}, {}),
    ("DeleteAsyncInvokeConfig", (), {}, {}),
    ("GetAsyncTask", ("t",), {}, {}),
    ("ListAsyncTasks", (), {}, {}),
    ("StopAsyncTask", ("t",), {}, {}),
    ("PutConcurrencyConfig", (), {}, {"reservedConcurrency": 1}),
    ("GetConcurrencyConfig", (), {}, {}),
    ("DeleteConcurrencyConfig", (), {}, {}),
    ("PutProvisionConfig", (), _LATEST, {"defaultTarget": 1}),
    ("GetProvisionConfig", (), _LATEST, {}),
    ("DeleteProvisionConfig", (), _LATEST, {}),
    ("PutScalingConfig", (), _LATEST, {"minInstances": 1}),
    ("GetScalingConfig", (), _LATEST, {}),
    ("DeleteScalingConfig", (), _LATEST, {}),
    ("ListInstances", (), {}, {}),
]

BESIDE = [
    *(
        Refusal(operation, "FunctionNotFound", 404, calls(operation, NOBODY, *path, query=query, **body))
        for operation, path, query, body in _OF_NOBODY
    ),
    # versions and aliases
    Refusal("DeleteFunctionVersion", "VersionNotFound", 404, calls("DeleteFunctionVersion", "$name", "9")),
    Refusal("ListFunctionVersions", "InvalidArgument", 400,
            calls("ListFunctionVersions", "$name", query={"direction": "UP"}), "direction"),
    Refusal("CreateAlias", "VersionNotFound", 404, calls("CreateAlias", "$name", aliasName="prod", versionId="9")),
    Refusal("CreateAlias", "InvalidArgument", 400, calls("CreateAlias", "$name", aliasName="1", versionId="9")),
    Refusal("CreateAlias", "AliasAlreadyExists", 409, calls("CreateAlias", "$name", aliasName="a", versionId="1"),
            first=all_of(calls("PublishFunctionVersion", "$name", description="x"),
                         calls("CreateAlias", "$name", aliasName="a", versionId="1"))),
    Refusal("CreateAlias", "AdditionalVersionContainsMajorVersion", 400,
            calls("CreateAlias", "$name", aliasName="b", versionId="1", additionalVersionWeight={"1": 0.1}),
            first=calls("PublishFunctionVersion", "$name", description="x")),
    Refusal("GetAlias", "AliasNotFound", 404, calls("GetAlias", "$name", "none")),
    Refusal("UpdateAlias", "AliasNotFound", 404, calls("UpdateAlias", "$name", "none", description="x")),
    Refusal("DeleteAlias", "AliasNotFound", 404, calls("DeleteAlias", "$name", "none")),
    # triggers
    Refusal("CreateTrigger", "InvalidArgument", 400,
            calls("CreateTrigger", "$name", **{**_TICK, "triggerConfig": "{}"}), "cronExpression"),
    Refusal("CreateTrigger", "InvalidArgument", 400, calls("CreateTrigger", "$name", **{**_TICK, "triggerType": "x"}),
            "triggerType"),
    Refusal("CreateTrigger", "TriggerAlreadyExists", 409, calls("CreateTrigger", "$name", **_TICK),
            first=calls("CreateTrigger", "$name", **_TICK)),
    Refusal("GetTrigger", "TriggerNotFound", 404, calls("GetTrigger", "$name", "none")),
    Refusal("UpdateTrigger", "TriggerNotFound", 404, calls("UpdateTrigger", "$name", "none", description="x")),
    Refusal("DeleteTrigger", "TriggerNotFound", 404, calls("DeleteTrigger", "$name", "none")),
    # custom domains
    Refusal("CreateCustomDomain", "InvalidArgument", 400,
            calls("CreateCustomDomain", domainName="-", protocol="HTTP"), "domainName"),
    Refusal("GetCustomDomain", "DomainNameNotFound", 404, calls("GetCustomDomain", "no.example.com")),
    Refusal("UpdateCustomDomain", "DomainNameNotFound", 404,
            calls("UpdateCustomDomain", "no.example.com", protocol="HTTP")),
    Refusal("DeleteCustomDomain", "DomainNameNotFound", 404, calls("DeleteCustomDomain", "no.example.com")),
    Refusal("ListCustomDomains", "InvalidArgument", 400, calls("ListCustomDomains", query={"limit": 0}), "limit"),
    # layers
    Refusal("CreateLayerVersion", "InvalidArgument", 400,
            calls("CreateLayerVersion", "l", compatibleRuntime=[], code={"zipFile": "!"}), "code.zipFile"),
    Refusal("GetLayerVersion", "LayerNotFound", 404, calls("GetLayerVersion", "none", "1")),
    Refusal("GetLayerVersionByArn", "LayerNotFound", 404,
            calls("GetLayerVersionByArn", "acs:fc:cn-hangzhou:1234567890123456:layers/none/versions/1")),
    Refusal("ListLayerVersions", "LayerNotFound", 404, calls("ListLayerVersions", "none")),
    Refusal("DeleteLayerVersion", "LayerNotFound", 404, calls("DeleteLayerVersion", "none", "1")),
    Refusal("PutLayerACL", "LayerNotFound", 404, calls("PutLayerACL", "none", query={"acl": "1"})),
    # asynchronous calls
    Refusal("PutAsyncInvokeConfig", "InvalidArgument", 400,
            calls("PutAsyncInvokeConfig", "$name", maxAsyncRetryAttempts=9), "maxAsyncRetryAttempts"),
    Refusal("GetAsyncInvokeConfig", "AsyncConfigNotExists", 404, calls("GetAsyncInvokeConfig", "$name")),
    Refusal("ListAsyncTasks", "InvalidArgument", 400, calls("ListAsyncTasks", "$name", query={"limit": 101}),
            "limit"),
    Refusal("InvokeFunction", "EntityTooLarge", 400, asynchronous(event=b"x" * (1 << 20))),
    Refusal("InvokeFunction", "AsyncTaskAlreadyExists", 409, asynchronous("one"),
            first=all_of(calls("PutAsyncInvokeConfig", "$name", asyncTask=True), asynchronous("one"))),
    # instances
    Refusal("PutConcurrencyConfig", "InvalidArgument", 400,
            calls("PutConcurrencyConfig", "$name", reservedConcurrency=-1), "reservedConcurrency"),
    Refusal("GetConcurrencyConfig", "OnDemandConfigNotFound", 404, calls("GetConcurrencyConfig", "$name")),
    Refusal("PutProvisionConfig", "InvalidArgument", 400,
            calls("PutProvisionConfig", "$name", query=_LATEST, defaultTarget=-1), "defaultTarget"),
    Refusal("PutProvisionConfig", "VersionNotFound", 404,
            calls("PutProvisionConfig", "$name", query={"qualifier": "9"}, defaultTarget=1)),
    Refusal("PutScalingConfig", "InvalidArgument", 400,
            calls("PutScalingConfig", "$name", query=_LATEST, minInstances=-1), "minInstances"),
    Refusal("PutScalingConfig", "ProvisionConfigExist", 409,
            calls("PutScalingConfig", "$name", query=_LATEST, minInstances=1),
            first=calls("PutProvisionConfig", "$name", query=_LATEST, defaultTarget=1)),
    Refusal("PutProvisionConfig", "ResidentScalingConfigExists", 409,
            calls("PutProvisionConfig", "$name", query=_LATEST, defaultTarget=1),
            first=calls("PutScalingConfig", "$name", query=_LATEST, minInstances=1)),
]  # fmt: skip
