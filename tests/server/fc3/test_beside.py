"""What stands beside a function: tags, resource group, VPC bindings, and whether it may be invoked."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException

from fc_magic.errors import ApiError
from fc_magic.server.beside import Beside
from fc_magic.server.identity import Identity
from fc_magic.server.store import Store
from fc_magic.server.worker.pool import Pool
from tests.conftest import Deploy, body, function_file, serving
from tests.server.calls import Caller
from tests.server.fc3.making import PREFIX, Made, refused
from tests.server.processes import meeting_with
from tests.server.test_functions import sdk_of


def tag(sdk: Sdk, resources: list[str], kind: str = "function", **pairs: str) -> None:
    items = [models.Tag(key=k, value=v) for k, v in pairs.items()]
    body = models.TagResourcesInput(resource_id=resources, resource_type=kind, tag=items)
    assert sdk.tag_resources(models.TagResourcesRequest(body=body)).status_code == 204


def tags_of(function: models.Function) -> dict[str, str]:
    return {t.key: t.value for t in function.tags or ()}


def listed(sdk: Sdk, **asked: Any) -> list[tuple[str, str, str]]:
    """(function, key, value) of every page, two a page."""
    found: list[tuple[str, str, str]] = []
    token = None
    while True:
        request = models.ListTagResourcesRequest(resource_type="function", limit=2, next_token=token, **asked)
        body = sdk.list_tag_resources(request).body
        assert body.request_id
        rows = body.tag_resources or []
        assert {r.resource_type for r in rows} <= {"ALIYUN::FC::FUNCTION"}
        found += [(r.resource_id.rpartition("/")[2], r.tag_key, r.tag_value) for r in rows]
        token = body.next_token
        if token is None:
            return found


@pytest.mark.parametrize("kind", ["function", "FUNCTION", "ALIYUN::FC::FUNCTION", "ALIYUN::FC:FUNCTION"])
def test_tags(make: Made, kind: str) -> None:
    """Tags are added, replaced and removed by ARN, however the type is spelled, and Get shows them."""
    sdk, function = make.sdk, make("tags", tags=[models.Tag(key="a", value="1")])
    arn, name = function.function_arn, function.function_name
    tag(sdk, [arn], kind, a="2", b="3")
    assert tags_of(make.again(name)) == {"a": "2", "b": "3"}
    request = models.UntagResourcesRequest(resource_type=kind, resource_id=[arn], tag_key=["a"])
    assert sdk.untag_resources(request).status_code == 204
    assert tags_of(make.again(name)) == {"b": "3"}
    sdk.untag_resources(models.UntagResourcesRequest(resource_type=kind, resource_id=[arn], all=True))
    assert tags_of(make.again(name)) == {}
    assert make.again(name).last_modified_time == function.last_modified_time


def test_tags_are_listed(make: Made) -> None:
    """ListTagResources has every tag of every function once, by resource or by tag, in pages."""
    arns = [make(f"t{n}", tags=[models.Tag(key="odd", value=str(n % 2))]).function_arn for n in range(3)]
    tag(make.sdk, arns, own="fc3")
    names = [f"{PREFIX}t{n}" for n in range(3)]
    every = [(name, k, v) for n, name in enumerate(names) for k, v in (("odd", str(n % 2)), ("own", "fc3"))]
    assert listed(make.sdk, resource_id=arns) == every
    own, odd = (models.ListTagResourcesRequestTag(key=k, value=v) for k, v in (("own", "fc3"), ("odd", "1")))
    assert listed(make.sdk, tag=[own]) == every
    assert {name for name, _, _ in listed(make.sdk, tag=[odd])} == {f"{PREFIX}t1"}
    assert listed(make.sdk, resource_id=arns[1:2]) == every[2:4]


def test_functions_by_tag(make: Made) -> None:
    """ListFunctions has those with every tag that is asked for, of any value if none is said."""
    for n in range(4):
        make(f"by-{n}", tags=[models.Tag(key="n", value=str(n)), models.Tag(key="half", value=str(n // 2))])

    def names(*tags: models.Tag) -> list[str]:
        request = models.ListFunctionsRequest(prefix=f"{PREFIX}by-", tags=list(tags))
        return [f.function_name[-1] for f in make.sdk.list_functions(request).body.functions]

    assert names(models.Tag(key="half", value="1")) == ["2", "3"]
    assert names(models.Tag(key="half", value="1"), models.Tag(key="n", value="3")) == ["3"]
    assert names(models.Tag(key="half", value="1"), models.Tag(key="n", value="0")) == []
    assert names(models.Tag(key="n")) == ["0", "1", "2", "3"]


def test_tags_go_with_the_function(make: Made) -> None:
    """A new function of an old name has no tags, no group and no restriction of the one before."""
    name = make("again", tags=[models.Tag(key="a", value="1")], resource_group_id="rg-1").function_name
    make.sdk.disable_function_invocation(name, models.DisableFunctionInvocationRequest(reason="r"))
    make.sdk.delete_function(name)
    fresh = make("again")
    assert (fresh.tags, fresh.resource_group_id, fresh.invocation_restriction) == ([], None, None)
    assert make.invoke(name, b"x") == b"x"


def test_resource_group(make: Made) -> None:
    """A function moves to another resource group, which lists can be narrowed by."""
    function = make("group", resource_group_id="rg-1")
    body = models.ChangeResourceGroupInput(
        new_resource_group_id="rg-2", resource_id=function.function_arn, resource_type="function"
    )
    answer = make.sdk.change_resource_group(models.ChangeResourceGroupRequest(body=body)).body
    assert (answer.old_resource_group_id, answer.new_resource_group_id) == ("rg-1", "rg-2")
    assert answer.resource_id == function.function_arn
    assert make.again(function.function_name).resource_group_id == "rg-2"
    for group, found in (("rg-1", []), ("rg-2", [function.function_name])):
        request = models.ListFunctionsRequest(prefix=PREFIX, resource_group_id=group)
        assert [f.function_name for f in make.sdk.list_functions(request).body.functions] == found


def test_vpc_bindings(make: Made) -> None:
    """VPCs are bound, listed and unbound; binding twice is binding once."""
    sdk, name = make.sdk, make("vpc").function_name
    for vpc in ("vpc-b", "vpc-a", "vpc-b"):
        request = models.CreateVpcBindingRequest(body=models.CreateVpcBindingInput(vpc_id=vpc))
        assert sdk.create_vpc_binding(name, request).status_code == 204
    assert sdk.list_vpc_bindings(name).body.vpc_ids == ["vpc-a", "vpc-b"]
    assert sdk.delete_vpc_binding(name, "vpc-a").status_code == 204
    assert sdk.list_vpc_bindings(name).body.vpc_ids == ["vpc-b"]


@pytest.mark.parametrize(
    ("language", "name"),
    [("zh-CN", "华东1（杭州）"), ("en-US", "China (Hangzhou)"), ("", "China (Hangzhou)")],
)
def test_regions(sdk: Sdk, language: str, name: str) -> None:
    """Every region has its name in the language that is asked for."""
    body = sdk.describe_regions(models.DescribeRegionsRequest(accept_language=language)).body
    found = {r.region_id: r.local_name for r in body.regions.region}
    assert found["cn-hangzhou"] == name
    assert len(found) == 26


# ---------------------------------------------------------------- may it be invoked


def disable(sdk: Sdk, name: str, **how: Any) -> None:
    request = models.DisableFunctionInvocationRequest(**how)
    assert sdk.disable_function_invocation(name, request).body.success is True


def test_disabled(make: Made) -> None:
    """A disabled function is not invoked by any door, says why, and runs again once it is enabled."""
    name = make("off").function_name
    disable(make.sdk, name, reason="broken")
    error = refused(lambda: make.invoke(name))
    assert (error.code, error.status_code) == ("AccessDenied", 403)
    assert f"the invocation of function '{name}' is disabled: broken" in error.message
    restriction = make.again(name).invocation_restriction
    assert (restriction.disable, restriction.reason) == (True, "broken")
    assert restriction.last_modified_time
    assert make.change(name, timeout=9).invocation_restriction.disable is True
    assert make.sdk.enable_function_invocation(name).body.success is True
    assert make.again(name).invocation_restriction.disable is False
    assert make.invoke(name, b"on") == b"on"


def test_disabled_over_a_restart(tmp_path: Path) -> None:
    """What is disabled stays so when the server starts again, and so do tags and groups."""
    with serving(tmp_path) as first:
        own = Made(sdk_of(first))
        name = own("kept", tags=[models.Tag(key="a", value="1")], resource_group_id="rg").function_name
        disable(own.sdk, name)
    with serving(tmp_path) as second:
        own = Made(sdk_of(second))
        assert refused(lambda: own.invoke(name)).code == "AccessDenied"
        shown = own.again(name)
        assert (tags_of(shown), shown.resource_group_id) == ({"a": "1"}, "rg")


@pytest.mark.parametrize("abort", [True, False])
def test_ongoing_requests(sdk: Sdk, deploy: Deploy, abort: bool) -> None:
    """A call that runs already goes on, unless it is to be aborted; then it fails at once."""
    function = deploy("waits")
    with meeting_with() as meeting:
        call = meeting.call(function)
        disable(sdk, function.info.name, abort_ongoing_request=abort)
        if not abort:
            meeting.let_go()
        assert call.result(20).ok is not abort
    assert refused(lambda: Made(sdk).invoke(function.info.name)).code == "AccessDenied"


def test_requests_that_wait(tmp_path: Path) -> None:
    """A call that waits for an instance is refused when ongoing requests are aborted."""
    with serving(tmp_path, "--instances", "1") as small, small.client() as client, meeting_with() as meeting:
        function = client.deploy({"name": "waits", "code": function_file("waits")})
        running = meeting.call(function, "a")
        waiting = meeting.threads.submit(Made(sdk_of(small)).invoke, "waits")
        disable(sdk_of(small), "waits", abort_ongoing_request=True)
        assert not running.result(20).ok
        with pytest.raises(ClientException, match="is disabled"):
            waiting.result(20)


def test_a_function_with_dependants(tmp_path: Path) -> None:
    """Where dependants have to be removed first, what hangs on a function is counted."""
    with serving(tmp_path) as server:
        assert Caller(server.url).deploy(body("has", triggers=[{"type": "http"}])).status == 201
        make = Made(sdk_of(server))
        make("has-none")
    with contextlib.closing(Store(tmp_path)) as store:
        beside = Beside(store, Identity(), Pool())
        beside.check_empty(f"{PREFIX}has-none")
        with pytest.raises(ApiError, match=r"still has triggers \(1\), versions \(1\)") as caught:
            beside.check_empty("has")
        assert (caught.value.code, caught.value.status) == ("FunctionNotEmpty", 409)
