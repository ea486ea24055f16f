"""The table of refusals: each documented error of each operation, and the call of the official SDK that provokes it.

A new operation adds rows here. ``name`` is a function that exists; ``NOBODY`` is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk

from tests.server.fc3.making import asked, code

NOBODY = "fc3-nobody"
ARN = "acs:fc:cn-hangzhou:1234567890123456:functions/{}"
NO_LAYER = "acs:fc:cn-hangzhou:1234567890123456:layers/none/versions/1"

Call = Callable[[Sdk, str], Any]


@dataclass(frozen=True)
class Refusal:
    """``first`` is called before, and succeeds; ``says`` is a part of the message."""

    operation: str
    code: str
    status: int
    call: Call
    says: str = ""
    first: Call | None = None


def create(name: str = NOBODY, **fields: Any) -> Call:
    request = models.CreateFunctionRequest(body=asked(name, **fields))
    return lambda sdk, _: sdk.create_function(request)


def again(sdk: Sdk, name: str) -> Any:
    return create(name)(sdk, name)


def update(**fields: Any) -> Call:
    request = models.UpdateFunctionRequest(body=models.UpdateFunctionInput(**fields))
    return lambda sdk, name: sdk.update_function(name, request)


def listed(**fields: Any) -> Call:
    return lambda sdk, _: sdk.list_functions(models.ListFunctionsRequest(**fields))


def tag(resource: str = ARN, kind: str = "function", **pairs: str) -> Call:
    items = [models.Tag(key=key, value=value) for key, value in pairs.items()]

    def call(sdk: Sdk, name: str) -> Any:
        body = models.TagResourcesInput(resource_id=[resource.format(name)], resource_type=kind, tag=items)
        return sdk.tag_resources(models.TagResourcesRequest(body=body))

    return call


def untag(resource: str = ARN, kind: str = "function", **how: Any) -> Call:
    return lambda sdk, name: sdk.untag_resources(
        models.UntagResourcesRequest(resource_type=kind, resource_id=[resource.format(name)], **how)
    )


def tags(**how: Any) -> Call:
    return lambda sdk, _: sdk.list_tag_resources(models.ListTagResourcesRequest(**how))


def group(resource: str = ARN, kind: str = "function", to: str | None = "rg") -> Call:
    def call(sdk: Sdk, name: str) -> Any:
        body = models.ChangeResourceGroupInput(
            new_resource_group_id=to, resource_id=resource.format(name), resource_type=kind
        )
        return sdk.change_resource_group(models.ChangeResourceGroupRequest(body=body))

    return call


def bind(vpc: str | None) -> Call:
    request = models.CreateVpcBindingRequest(body=models.CreateVpcBindingInput(vpc_id=vpc))
    return lambda sdk, name: sdk.create_vpc_binding(name, request)


def disable(**how: Any) -> Call:
    request = models.DisableFunctionInvocationRequest(**how)
    return lambda sdk, name: sdk.disable_function_invocation(name, request)


def invoke(**how: Any) -> Call:
    return lambda sdk, name: sdk.invoke_function(name, models.InvokeFunctionRequest(**how))


def of_nobody(call: Call) -> Call:
    return lambda sdk, _: call(sdk, NOBODY)


def get(**how: Any) -> Call:
    return lambda sdk, name: sdk.get_function(name, models.GetFunctionRequest(**how))


def package(**how: Any) -> Call:
    return lambda sdk, name: sdk.get_function_code(name, models.GetFunctionCodeRequest(**how))


def session(sdk: Sdk, name: str) -> Any:
    body = models.CreateSessionInput()
    return sdk.create_session(name, models.CreateSessionRequest(body=body))


def snapshots(sdk: Sdk, name: str) -> Any:
    return sdk.list_snapshots(models.ListSnapshotsRequest())


_SO_MANY = {f"k{n}": "v" for n in range(20)}
_CONTAINER = {"custom_container_config": models.CustomContainerConfig(image="a/b:1")}
_NOWHERE = models.InputCodeLocation(oss_bucket_name="nobody", oss_object_name="a.zip")

REFUSALS = [
    # functions
    Refusal("CreateFunction", "FunctionAlreadyExists", 409, again, "already exists"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(code=None), "either ossBucketName and ossObjectName"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(code=code("", checksum="1")), "code.checksum"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(code=_NOWHERE), "code.ossBucketName"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(memory_size=100), "memorySize 100"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(cpu=0.07), "cpu 0.07"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(timeout=86401), "timeout 86401"),
    Refusal("CreateFunction", "InvalidArgument", 400, create("1a"), "functionName 1a"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(runtime="python9"), "runtime python9"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(layers=[NO_LAYER]), "layers.0"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(role="me"), "role me"),
    Refusal("CreateFunction", "InvalidArgument", 400, create(tags=[models.Tag(key="acs:a", value="")]), "tags.0"),
    Refusal("CreateFunction", "NotSupported", 400, create(runtime="custom-container", **_CONTAINER), "containers"),
    Refusal("CreateFunction", "NotSupported", 400, create(runtime="java11"), "no interpreter"),
    Refusal("UpdateFunction", "FunctionNotFound", 404, of_nobody(update(timeout=3)), "does not exist"),
    Refusal("UpdateFunction", "InvalidArgument", 400, update(timeout=0), "was not updated: timeout 0"),
    Refusal("UpdateFunction", "NotSupported", 400, update(**_CONTAINER), "customContainerConfig"),
    Refusal("GetFunction", "FunctionNotFound", 404, of_nobody(get()), f"function '{NOBODY}' does not exist"),
    Refusal("GetFunction", "VersionNotFound", 404, get(qualifier="99")),
    Refusal("GetFunction", "AliasNotFound", 404, get(qualifier="none")),
    Refusal("GetFunctionCode", "FunctionNotFound", 404, of_nobody(package())),
    Refusal("GetFunctionCode", "VersionNotFound", 404, package(qualifier="99")),
    Refusal("GetFunctionCode", "AliasNotFound", 404, package(qualifier="none")),
    Refusal("DeleteFunction", "FunctionNotFound", 404, lambda sdk, _: sdk.delete_function(NOBODY)),
    Refusal("ListFunctions", "InvalidArgument", 400, listed(limit=0), "limit"),
    Refusal("ListFunctions", "InvalidArgument", 400, listed(limit=101), "1 to 100"),
    Refusal("ListFunctions", "InvalidArgument", 400, listed(next_token="***"), "nextToken"),
    Refusal("InvokeFunction", "FunctionNotFound", 404, of_nobody(invoke())),
    Refusal("InvokeFunction", "AccessDenied", 403, invoke(), "is disabled: for a test", disable(reason="for a test")),
    Refusal("DisableFunctionInvocation", "FunctionNotFound", 404, of_nobody(disable())),
    Refusal("DisableFunctionInvocation", "InvalidArgument", 400, disable(reason="x" * 257), "reason"),
    Refusal("EnableFunctionInvocation", "FunctionNotFound", 404,
            lambda sdk, _: sdk.enable_function_invocation(NOBODY)),
    # tags, resource groups, VPC bindings
    Refusal("TagResources", "FunctionNotFound", 404, of_nobody(tag(a="1"))),
    Refusal("TagResources", "FunctionNotFound", 404, tag("acs:fc:cn-beijing:1:functions/{}", a="1")),
    Refusal("TagResources", "InvalidArgument", 400, tag(kind="bucket", a="1"), "ResourceType is bucket"),
    Refusal("TagResources", "InvalidArgument", 400, tag(), "Tag is empty"),
    Refusal("TagResources", "InvalidArgument", 400, tag(aliyun="1"), "aliyun"),
    Refusal("TagResources", "InvalidArgument", 400, tag(**{"x" * 65: "1"}), "64"),
    Refusal("TagResources", "InvalidArgument", 400, tag(**_SO_MANY, more="1"), "21 tags"),
    Refusal("TagResources", "LimitExceededError", 400, tag(more="1"), "more than 20 tags", tag(**_SO_MANY)),
    Refusal("UntagResources", "FunctionNotFound", 404, of_nobody(untag(all=True))),
    Refusal("UntagResources", "InvalidArgument", 400, untag(), "TagKey is missing"),
    Refusal("UntagResources", "InvalidArgument", 400, untag(kind="", all=True), "ResourceType"),
    Refusal("ListTagResources", "FunctionNotFound", 404, tags(resource_type="function", resource_id=[NOBODY])),
    Refusal("ListTagResources", "InvalidArgument", 400, tags(resource_type="layer"), "ResourceType is layer"),
    Refusal("ListTagResources", "InvalidArgument", 400, tags(resource_type="function", limit=1000), "Limit"),
    Refusal("ChangeResourceGroup", "FunctionNotFound", 404, of_nobody(group())),
    Refusal("ChangeResourceGroup", "InvalidArgument", 400, group(kind="x"), "ResourceType"),
    Refusal("ChangeResourceGroup", "InvalidArgument", 400, group(to=None), "NewResourceGroupId is missing"),
    Refusal("CreateVpcBinding", "FunctionNotFound", 404, of_nobody(bind("vpc-1"))),
    Refusal("CreateVpcBinding", "InvalidArgument", 400, bind(None), "vpcId is missing"),
    Refusal("CreateVpcBinding", "InvalidArgument", 400, bind("x" * 51), "vpcId"),
    Refusal("ListVpcBindings", "FunctionNotFound", 404, lambda sdk, _: sdk.list_vpc_bindings(NOBODY)),
    Refusal("DeleteVpcBinding", "FunctionNotFound", 404, lambda sdk, _: sdk.delete_vpc_binding(NOBODY, "vpc-1")),
    # what is not done here
    Refusal("CreateSession", "NotSupported", 400, session, "CreateSession is not served"),
    Refusal("ListSnapshots", "NotSupported", 400, snapshots, "ListSnapshots is not served"),
]  # fmt: skip
