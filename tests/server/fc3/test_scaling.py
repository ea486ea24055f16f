"""Limits of instances and instances that are kept warm, through the official SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk

from fc_magic.wire import scaling
from tests.conftest import body, serving, zipped
from tests.server.calls import FUNCTIONS, Caller
from tests.server.fc3.making import PREFIX
from tests.server.fc3.versioned import called, put, refused, says
from tests.server.processes import Meeting, meeting_with, wait_for
from tests.server.test_functions import sdk_of

HOOKED = """
import os
begun = []
def init(context):
    begun.append(os.environ["FC_VER_ID"])
def handler(event, context):
    return f"{os.getpid()} {len(begun)} {context.service.version_id}"
"""


@pytest.fixture
def name(caller: Caller) -> str:
    made = PREFIX + "scaled"
    put(caller, made, "one")
    return made


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with meeting_with(16) as made:
        yield made


def limit(sdk: Sdk, name: str, most: Any) -> models.ConcurrencyConfig:
    asked = models.PutConcurrencyInput(reserved_concurrency=most)
    return sdk.put_concurrency_config(name, models.PutConcurrencyConfigRequest(body=asked)).body


def provision(sdk: Sdk, name: str, qualifier: str | None = None, **fields: Any) -> models.ProvisionConfig:
    asked = models.PutProvisionConfigInput(**fields)
    request = models.PutProvisionConfigRequest(body=asked, qualifier=qualifier)
    return sdk.put_provision_config(name, request).body


def provisioned(sdk: Sdk, name: str, qualifier: str | None = None) -> models.ProvisionConfig:
    return sdk.get_provision_config(name, models.GetProvisionConfigRequest(qualifier=qualifier)).body


def scale(sdk: Sdk, name: str, qualifier: str | None = None, **fields: Any) -> models.ScalingConfigStatus:
    asked = models.PutScalingConfigInput(**fields)
    request = models.PutScalingConfigRequest(body=asked, qualifier=qualifier)
    return sdk.put_scaling_config(name, request).body


def scaled(sdk: Sdk, name: str, qualifier: str | None = None) -> models.ScalingConfigStatus:
    return sdk.get_scaling_config(name, models.GetScalingConfigRequest(qualifier=qualifier)).body


def seen(sdk: Sdk, name: str, qualifier: str | None = None) -> list[models.InstanceInfo]:
    found = sdk.list_instances(name, models.ListInstancesRequest(qualifier=qualifier)).body.instances
    return [instance for instance in found if instance.status == "Running"]


def warm(sdk: Sdk, name: str, count: int, qualifier: str | None = None) -> None:
    """Waits until so many are there."""
    wait_for(lambda: provisioned(sdk, name, qualifier).current == count)


# ---------------------------------------------------------------- concurrency


def test_life_of_a_concurrency_config(sdk: Sdk, name: str) -> None:
    """It is put, shown, listed, put again and deleted."""
    refused(lambda: sdk.get_concurrency_config(name), "OnDemandConfigNotFound", 404)
    made = limit(sdk, name, 5)
    assert made.reserved_concurrency == 5
    assert made.function_arn.endswith(f":functions/{name}")
    assert sdk.get_concurrency_config(name).body.to_map() == made.to_map()
    assert limit(sdk, name, 7).reserved_concurrency == 7
    listed = sdk.list_concurrency_configs(models.ListConcurrencyConfigsRequest(function_name=name)).body
    assert [(c.function_arn, c.reserved_concurrency) for c in listed.configs] == [(made.function_arn, 7)]
    assert sdk.delete_concurrency_config(name).status_code == 204
    assert sdk.delete_concurrency_config(name).status_code == 204
    refused(lambda: sdk.get_concurrency_config(name), "OnDemandConfigNotFound", 404)


def test_no_instance_at_all(sdk: Sdk, name: str) -> None:
    """With 0 the function is blocked, whatever the qualifier and although an instance was there; then it goes on."""
    called(sdk, name)
    limit(sdk, name, 0)
    for qualifier in ("LATEST", "1"):
        assert name in refused(lambda q=qualifier: called(sdk, name, q), "ResourceExhausted", 429)
    assert seen(sdk, name) == []
    sdk.delete_concurrency_config(name)
    assert called(sdk, name)[0][0] == "one"


def test_limit_is_of_all_qualifiers(tmp_path: Path, meeting: Meeting) -> None:
    """Instances of LATEST and of versions count together; an idle one of another version makes room."""
    with serving(tmp_path, "--instance-wait=0.5") as server:
        caller, sdk = Caller(server.url), sdk_of(server)
        source = f"def handler(event, context):\n    if event == b'stay':\n        {meeting.knock(repr('stays'))}\n"
        assert caller.deploy(body("f", zipped(source), timeout=30)).status == 201
        limit(sdk, "f", 1)
        path = f"{FUNCTIONS}/f/invocations"
        for query in ("", "qualifier=1", ""):
            assert caller.call("POST", path, b"", query).status == 200
        assert len(seen(sdk, "f")) == 1
        with ThreadPoolExecutor() as pool:
            staying = pool.submit(caller.call, "POST", path, b"stay")
            meeting.visitor("stays")
            answer = caller.call("POST", path, b"", "qualifier=1")
            assert (answer.status, answer.code) == (429, "ResourceExhausted")
            limit(sdk, "f", 2)
            assert caller.call("POST", path, b"", "qualifier=1").status == 200
            limit(sdk, "f", 1)
            wait_for(lambda: len(seen(sdk, "f")) == 1)
            meeting.let_go("stays")
            assert staying.result().status == 200


@pytest.mark.parametrize("most", [None, -1, 10_001, "1", True, 1.5])
def test_wrong_limit(caller: Caller, name: str, most: Any) -> None:
    """It is a whole number from 0."""
    answer = caller.call("PUT", f"{FUNCTIONS}/{name}/concurrency", {"reservedConcurrency": most})
    assert (answer.status, answer.code) == (400, "InvalidArgument")


# ---------------------------------------------------------------- provision


def test_life_of_a_provision_config(sdk: Sdk, name: str) -> None:
    """Without one there is an answer with no functionArn; then it is put, shown, listed and deleted."""
    assert provisioned(sdk, name).function_arn is None
    made = provision(sdk, name, target=1)
    assert (made.target, made.function_arn.endswith(f":functions/{name}/LATEST")) == (1, True)
    warm(sdk, name, 1)
    provision(sdk, name, "1", default_target=2, target=1)
    warm(sdk, name, 2, "1")
    assert (provisioned(sdk, name, "1").default_target, provisioned(sdk, name, "1").target) == (2, 2)
    listed = sdk.list_provision_configs(models.ListProvisionConfigsRequest(function_name=name, limit=1)).body
    more = models.ListProvisionConfigsRequest(function_name=name, limit=1, next_token=listed.next_token)
    found = [*listed.provision_configs, *sdk.list_provision_configs(more).body.provision_configs]
    assert [c.function_arn.rpartition("/")[2] for c in found] == ["1", "LATEST"]
    assert (
        sdk.delete_provision_config(name, models.DeleteProvisionConfigRequest(qualifier="1")).status_code
        == 204
    )
    wait_for(lambda: [i.qualifier for i in seen(sdk, name)] == ["LATEST"])
    assert provisioned(sdk, name, "1").function_arn is None


def test_kept_instances_serve_without_a_cold_start(sdk: Sdk, caller: Caller) -> None:
    """They are there before anybody calls, and their initializer has run; its log says so."""
    name = PREFIX + "ahead"
    assert caller.deploy(body(name, zipped(HOOKED), entrypoint="index.init")).status == 201
    provision(sdk, name, target=2)
    warm(sdk, name, 2)
    answer = caller.invoke(name)
    assert answer.body.split()[1:] == [b"1", b"LATEST"]
    assert answer.headers["x-fc-cold-start-duration"] == "0.00"
    log = caller.call("GET", f"/v2/cn-hangzhou/deployments/{name}/logs").said["requests"]
    assert [entry["caller"] for entry in log] == ["initialize", "initialize", "invoke"]


def test_kept_instance_that_comes_too_late_goes(sdk: Sdk, caller: Caller, meeting: Meeting) -> None:
    """It began to start when it was to be there, and nobody wants it once it is."""
    name = PREFIX + "late"
    source = (
        f"import socket\ndef init(context):\n  with socket.socket(socket.AF_UNIX) as door:\n"
        f"    door.connect('\\0{meeting.name}'); door.sendall(b'begins\\n'); door.recv(1)\n"
        "def handler(event, context): return 1\n"
    )
    assert caller.deploy(body(name, zipped(source), entrypoint="index.init")).status == 201
    provision(sdk, name, target=1)
    meeting.visitor("begins")
    provision(sdk, name, target=0)
    meeting.let_go("begins")
    wait_for(lambda: rows(caller, name) == [])


def test_kept_instance_that_died_is_replaced(sdk: Sdk, caller: Caller, name: str) -> None:
    """Also while nobody calls."""
    source = (
        "import os\ndef handler(event, context):\n    if event: os._exit(1)\n    return str(os.getpid())\n"
    )
    caller.put(name, body(name, zipped(source)))
    provision(sdk, name, target=1)
    warm(sdk, name, 1)
    (first,) = seen(sdk, name)
    caller.invoke(name, b"die")
    wait_for(lambda: [i.instance_id for i in seen(sdk, name)] not in ([], [first.instance_id]))
    warm(sdk, name, 1)


def test_kept_instances_are_of_what_is_deployed(sdk: Sdk, caller: Caller, name: str) -> None:
    """A deployment replaces those of LATEST; those of an alias go with the version it points at."""
    asked = models.CreateAliasInput(alias_name="prod", version_id="1")
    sdk.create_alias(name, models.CreateAliasRequest(body=asked))
    provision(sdk, name, target=1)
    provision(sdk, name, "prod", target=1)
    wait_for(
        lambda: [(i.qualifier, i.state) for i in rows(caller, name)] == [("1", "idle"), ("LATEST", "idle")]
    )
    put(caller, name, "two")
    now = [("1", 1), ("LATEST", 2)]
    wait_for(lambda: [(i.qualifier, i.revision) for i in rows(caller, name) if i.state == "idle"] == now)
    move = models.UpdateAliasInput(version_id="2")
    sdk.update_alias(name, "prod", models.UpdateAliasRequest(body=move))
    wait_for(lambda: [i.qualifier for i in rows(caller, name) if i.state == "idle"] == ["2", "LATEST"])
    assert provisioned(sdk, name, "prod").current == 1


def rows(caller: Caller, name: str) -> list[Any]:
    from fc_magic.wire import fc3

    said = caller.call("GET", f"{FUNCTIONS}/{name}/instances").said["instances"]
    return sorted((fc3.decode_instance(name, item) for item in said), key=lambda i: i.qualifier)


def test_weights_share_out_kept_instances(sdk: Sdk, caller: Caller, name: str) -> None:
    """An alias with weights has some of each version."""
    put(caller, name, "two")
    asked = models.CreateAliasInput(alias_name="prod", version_id="1", additional_version_weight={"2": 0.5})
    sdk.create_alias(name, models.CreateAliasRequest(body=asked))
    provision(sdk, name, "prod", target=2)
    warm(sdk, name, 2, "prod")
    assert [i.qualifier for i in rows(caller, name)] == ["1", "2"]


def test_why_there_are_not_more(sdk: Sdk, caller: Caller, name: str) -> None:
    """currentError says why, and is gone when it is put right."""
    broken = "def init(context):\n    raise RuntimeError('no database')\ndef handler(event, context): pass\n"
    caller.put(name, body(name, zipped(broken), entrypoint="index.init"))
    provision(sdk, name, target=1)
    wait_for(lambda: "no database" in provisioned(sdk, name).current_error)
    assert provisioned(sdk, name).current == 0
    caller.put(name, body(name, says("mended")))
    warm(sdk, name, 1)
    assert provisioned(sdk, name).current_error == ""
    limit(sdk, name, 0)
    wait_for(lambda: "may have no more than 0" in provisioned(sdk, name).current_error)


def test_kept_instances_stay_and_come_again(tmp_path: Path) -> None:
    """They are not ended for being idle, and a server that is started again has them again."""
    with serving(tmp_path, "--instance-idle=0.2") as server:
        caller, sdk = Caller(server.url), sdk_of(server)
        put(caller, "f", "one")
        provision(sdk, "f", target=1)
        warm(sdk, "f", 1)
        (kept,) = seen(sdk, "f")
        called(sdk, "f", "1")
        wait_for(lambda: [i.instance_id for i in seen(sdk, "f")] == [kept.instance_id])
        server.kill()
    with serving(tmp_path) as server:
        warm(sdk_of(server), "f", 1)


def test_scheduled_action(sdk: Sdk, name: str) -> None:
    """From its time on there are as many as it says."""
    at = datetime.now(timezone.utc) + timedelta(seconds=1.5)
    action = models.ScheduledAction(
        name="soon", target=1, schedule_expression=f"at({at:%Y-%m-%dT%H:%M:%S.%f})"
    )
    made = provision(sdk, name, target=0, scheduled_actions=[action])
    assert (made.target, made.scheduled_actions[0].schedule_expression) == (0, action.schedule_expression)
    warm(sdk, name, 1)
    assert datetime.now(timezone.utc) >= at


def test_what_is_kept_and_has_no_effect(caller: Caller, name: str) -> None:
    """Policies by metrics come back as they were, with a warning."""
    policy = {
        "name": "p",
        "metricType": "CPUUtilization",
        "metricTarget": 0.6,
        "minCapacity": 1,
        "maxCapacity": 2,
    }
    config = {"target": 0, "targetTrackingPolicies": [policy], "alwaysAllocateCPU": False}
    said = caller.call("PUT", f"{FUNCTIONS}/{name}/provision-config", config).said
    assert (said["targetTrackingPolicies"], said["alwaysAllocateCPU"]) == ([policy], False)
    assert [text.partition(" ")[0] for text in said["warnings"]] == [
        "targetTrackingPolicies",
        "alwaysAllocateCPU",
    ]
    plain = {"target": 0, "scheduledActions": [], "targetTrackingPolicies": []}  # as the SDK writes them
    assert "warnings" not in caller.call("PUT", f"{FUNCTIONS}/{name}/provision-config", plain).said


ACTION = {"name": "a", "target": 1, "scheduleExpression": "cron(0 0 8 * * *)"}
WRONG: list[dict[str, Any]] = [
    {},
    {"target": -1},
    {"target": 10_001},
    {"target": "1"},
    {"target": 1, "defaultTarget": True},
    {"target": 1, "alwaysAllocateCPU": "yes"},
    {"target": 1, "scheduledActions": {}},
    {"target": 1, "scheduledActions": [{}]},
    {"target": 1, "scheduledActions": [{**ACTION, "target": None}]},
    *(
        {"target": 1, "scheduledActions": [{**ACTION, **wrong}]}
        for wrong in (
            {"scheduleExpression": "0 0 8 * * *"},
            {"scheduleExpression": "cron(0 8 * * *)"},
            {"scheduleExpression": "cron(x)"},
            {"scheduleExpression": "at(tomorrow)"},
            {"scheduleExpression": None},
            {"timeZone": "Mars/Phobos"},
            {"timeZone": 7},
            {"startTime": "soon"},
            {"endTime": 7},
        )
    ),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_provision_config(caller: Caller, name: str, wrong: dict[str, Any]) -> None:
    """It is refused in words, and nothing is kept."""
    answer = caller.call("PUT", f"{FUNCTIONS}/{name}/provision-config", wrong)
    assert (answer.status, answer.code) == (400, "InvalidArgument"), answer.body
    assert "functionArn" not in caller.call("GET", f"{FUNCTIONS}/{name}/provision-config").said


# ---------------------------------------------------------------- scaling


def test_life_of_a_scaling_config(sdk: Sdk, name: str) -> None:
    """minInstances are kept, all else comes back; without one there is no functionArn."""
    assert scaled(sdk, name).function_arn is None
    made = scale(sdk, name, min_instances=1, request_dispatch_policy="Balanced")
    assert (made.target_instances, made.min_instances, made.request_dispatch_policy) == (1, 1, "Balanced")
    assert made.function_arn.endswith(f"/{name}/LATEST")
    wait_for(lambda: scaled(sdk, name).current_instances == 1)
    listed = sdk.list_scaling_configs(
        models.ListScalingConfigsRequest(function_name=name)
    ).body.scaling_configs
    assert [c.function_arn for c in listed] == [made.function_arn]
    assert sdk.delete_scaling_config(name, models.DeleteScalingConfigRequest()).status_code == 204
    wait_for(lambda: seen(sdk, name) == [])
    assert scaled(sdk, name).function_arn is None


def test_one_or_the_other(sdk: Sdk, name: str) -> None:
    """Instances are kept by a provision config or by a scaling config of a qualifier, not by both."""
    provision(sdk, name, target=0)
    refused(lambda: scale(sdk, name, min_instances=1), "ProvisionConfigExist", 409)
    scale(sdk, name, "1", min_instances=0)
    refused(lambda: provision(sdk, name, "1", target=1), "ResidentScalingConfigExists", 409)


ABSENT: list[Callable[[Sdk, str, str], Any]] = [
    lambda sdk, name, qualifier: provision(sdk, name, qualifier, target=1),
    lambda sdk, name, qualifier: provisioned(sdk, name, qualifier),
    lambda sdk, name, qualifier: scale(sdk, name, qualifier, min_instances=1),
    lambda sdk, name, qualifier: scaled(sdk, name, qualifier),
]


@pytest.mark.parametrize("call", ABSENT)
def test_what_is_not_there(sdk: Sdk, name: str, call: Callable[[Sdk, str, str], Any]) -> None:
    """Function, version and alias are named by their own errors."""
    refused(lambda: call(sdk, PREFIX + "nobody", "LATEST"), "FunctionNotFound", 404)
    refused(lambda: call(sdk, name, "9"), "VersionNotFound", 404)
    refused(lambda: call(sdk, name, "prod"), "AliasNotFound", 404)


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk, name: limit(sdk, name, 1),
        lambda sdk, name: sdk.get_concurrency_config(name),
        lambda sdk, name: sdk.delete_concurrency_config(name),
        lambda sdk, name: sdk.delete_provision_config(name, models.DeleteProvisionConfigRequest()),
        lambda sdk, name: sdk.delete_scaling_config(name, models.DeleteScalingConfigRequest()),
    ],
)
def test_function_that_is_not_there(sdk: Sdk, call: Callable[[Sdk, str], Any]) -> None:
    """It is FunctionNotFound."""
    refused(lambda: call(sdk, PREFIX + "nobody"), "FunctionNotFound", 404)


def test_all_of_it_goes_with_the_function(sdk: Sdk, caller: Caller, name: str) -> None:
    """A new function of that name has no limit, and nothing is kept of it."""
    limit(sdk, name, 3)
    provision(sdk, name, target=1)
    warm(sdk, name, 1)
    caller.delete(name)
    put(caller, name, "one")
    refused(lambda: sdk.get_concurrency_config(name), "OnDemandConfigNotFound", 404)
    assert provisioned(sdk, name).function_arn is None
    assert seen(sdk, name) == []


@pytest.mark.parametrize("qualifier", ["1", "prod"])
def test_configs_go_with_their_qualifier(sdk: Sdk, caller: Caller, name: str, qualifier: str) -> None:
    """Nothing is listed of a version or alias that was deleted, and an alias made again begins without settings."""
    put(caller, name, "two")
    alias = models.CreateAliasInput(alias_name="prod", version_id="2")
    sdk.create_alias(name, models.CreateAliasRequest(body=alias))
    provision(sdk, name, qualifier, target=1)
    asked = models.PutAsyncInvokeConfigInput(max_async_retry_attempts=1)
    sdk.put_async_invoke_config(name, models.PutAsyncInvokeConfigRequest(qualifier=qualifier, body=asked))
    wait_for(lambda: provisioned(sdk, name, qualifier).current == 1)
    if qualifier == "1":
        sdk.delete_function_version(name, "1")
    else:
        sdk.delete_alias(name, "prod")
    provisions = models.ListProvisionConfigsRequest(function_name=name)
    assert sdk.list_provision_configs(provisions).body.provision_configs == []
    configs = models.ListAsyncInvokeConfigsRequest(function_name=name)
    assert sdk.list_async_invoke_configs(configs).body.configs == []
    if qualifier == "prod":
        sdk.create_alias(name, models.CreateAliasRequest(body=alias))
        assert provisioned(sdk, name, "prod").target == 0
        wait_for(lambda: seen(sdk, name, "prod") == [])


# ---------------------------------------------------------------- when

SINCE = datetime(2030, 1, 1, 12, 0, tzinfo=timezone.utc)


def on(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2030, 1, day, hour, minute, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("actions", "now", "target", "following"),
    [
        ([], on(2, 9), 1, None),
        (["cron(0 0 8 * * *)"], on(1, 13), 1, on(2, 8)),  # what was before the config counts no more
        (["cron(0 0 8 * * *)"], on(2, 8), 10, on(3, 8)),
        (["cron(0 0 8 * * *)", "cron(0 0 20 * * *)"], on(2, 9), 10, on(2, 20)),
        (["cron(0 0 8 * * *)", "cron(0 0 20 * * *)"], on(2, 21), 20, on(3, 8)),
        (["at(2030-01-02T08:00:00)"], on(2, 7), 1, on(2, 8)),
        (["at(2030-01-02T08:00:00Z)"], on(9, 7), 10, None),
        ([("cron(0 0 8 * * *)", {"timeZone": "Asia/Shanghai"})], on(2, 0), 10, on(3, 0)),
        ([("at(2030-01-02T08:00:00)", {"timeZone": "Asia/Shanghai"})], on(2, 0), 10, None),
        ([("cron(0 0 8 * * *)", {"startTime": "2030-01-03T00:00:00Z"})], on(2, 9), 1, on(3, 8)),
        ([("cron(0 0 8 * * *)", {"endTime": "2030-01-02T10:00:00Z"})], on(2, 9), 10, on(2, 10)),
        ([("cron(0 0 8 * * *)", {"endTime": "2030-01-02T10:00:00Z"})], on(2, 10), 1, None),
    ],
)
def test_how_many_when(actions: list[Any], now: datetime, target: int, following: datetime | None) -> None:
    """The last action that was due since the config was put says how many; before, and after its end, the default."""
    items = [item if isinstance(item, tuple) else (item, {}) for item in actions]
    given = {
        "target": 1,
        "scheduledActions": [
            {"name": f"a{n}", "target": n * 10, "scheduleExpression": expression, **more}
            for n, (expression, more) in enumerate(items, 1)
        ],
    }
    wanted = scaling.wanted(scaling.PROVISION, scaling.read_provision(json.loads(json.dumps(given))), SINCE)
    assert (wanted.at(now), wanted.next(now)) == (target, following)
