"""Triggers through FC 3.0's own API as the official SDK calls it, and the same ones in the deployments API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException

from fc_magic.server import tables
from fc_magic.server.store import Store
from tests.conftest import ACCOUNT, REGION, Server, body, serving, zipped
from tests.server.buckets import bucket_at
from tests.server.calls import FUNCTIONS, Answer, Caller, send
from tests.server.processes import wait_for

ARN = f"acs:fc:{REGION}:{ACCOUNT}:functions"
TIMER = {"cronExpression": "@every 1h"}
OPEN = {"authType": "anonymous"}
TOKEN = "token-of-thirty-two-characters-or-more"


@pytest.fixture
def name(caller: Caller, request: pytest.FixtureRequest) -> str:
    """A deployed function without triggers."""
    made = "fc3-" + "".join(c if c.isalnum() else "-" for c in request.node.name)[:50]
    assert caller.deploy(body(made)).status == 201
    return made


def create(sdk: Sdk, function: str, name: str, kind: str, config: Any, **fields: Any) -> Any:
    text = config if isinstance(config, str) else json.dumps(config)
    asked = models.CreateTriggerInput(trigger_name=name, trigger_type=kind, trigger_config=text, **fields)
    return sdk.create_trigger(function, models.CreateTriggerRequest(body=asked)).body


def update(sdk: Sdk, function: str, name: str, config: Any = None, **fields: Any) -> Any:
    text = None if config is None else json.dumps(config)
    asked = models.UpdateTriggerInput(trigger_config=text, **fields)
    return sdk.update_trigger(function, name, models.UpdateTriggerRequest(body=asked)).body


def page(sdk: Sdk, function: str, **query: Any) -> Any:
    return sdk.list_triggers(function, models.ListTriggersRequest(**query)).body


def names(sdk: Sdk, function: str) -> list[str]:
    return [trigger.trigger_name for trigger in page(sdk, function).triggers]


def refused(call: Callable[[], Any]) -> ClientException:
    with pytest.raises(ClientException) as caught:
        call()
    assert caught.value.data["RequestId"]
    return caught.value


def path(function: str, name: str = "") -> str:
    return f"{FUNCTIONS}/{function}/triggers" + (f"/{name}" if name else "")


def asked(name: str = "t", kind: str = "timer", config: Any = TIMER, **fields: Any) -> dict[str, Any]:
    text = config if isinstance(config, str) else json.dumps(config)
    return {"triggerName": name, "triggerType": kind, "triggerConfig": text, **fields}


def details(answer: Answer) -> dict[str, str]:
    return {detail["field"]: detail["problem"] for detail in answer.said["Details"]}


# ---------------------------------------------------------------- what is created


def test_http(sdk: Sdk, server: Server, name: str) -> None:
    """An http trigger has every field of FC's model, and its URL answers at once."""
    config = {"authType": "anonymous", "methods": ["get", "POST"], "disableURLInternet": False}
    made = create(sdk, name, "web", "http", config, description="shop")
    url = f"{server.url}/fn/{name}/"
    assert (made.trigger_name, made.trigger_type, made.qualifier) == ("web", "http", "LATEST")
    assert (made.description, made.status, made.target_arn) == ("shop", "OK", f"{ARN}/{name}")
    assert json.loads(made.trigger_config) == {**config, "methods": ["GET", "POST"]}
    assert (made.http_trigger.url_internet, made.http_trigger.url_intranet) == (url, url)
    assert len(made.trigger_id) == 36
    assert made.created_time == made.last_modified_time
    assert made.created_time.endswith("Z")
    assert sdk.get_trigger(name, "web").body.to_map() == made.to_map()
    answered = send(server.url, "POST", f"/fn/{name}/a", {"Host": "127.0.0.1"}, b"hi")
    assert (answered.status, answered.said["rawPath"]) == (200, "/a")


def test_http_is_signed_unless_it_says_otherwise(sdk: Sdk, server: Server, name: str) -> None:
    """FC's default authType is function, whatever that of a deployment is."""
    made = create(sdk, name, "web", "http", {})
    assert json.loads(made.trigger_config) == {"authType": "function", "disableURLInternet": False}
    assert send(server.url, "GET", f"/fn/{name}/", {"Host": "127.0.0.1"}).status == 400
    update(sdk, name, "web", OPEN)
    assert send(server.url, "GET", f"/fn/{name}/", {"Host": "127.0.0.1"}).status == 200


@pytest.mark.parametrize("spelled", [json.dumps, dict])
def test_secrets_are_fingerprints(
    sdk: Sdk, server: Server, caller: Caller, name: str, spelled: Callable[[Any], Any]
) -> None:
    """authConfig comes as text or as an object; answers have it as text, and its secrets in neither dialect."""
    tokens = {"tokens": [{"tokenName": "a", "tokenData": TOKEN}]}
    made = create(sdk, name, "web", "http", {"authType": "bearer", "authConfig": spelled(tokens)})
    config = json.loads(made.trigger_config)
    (token,) = json.loads(config["authConfig"])["tokens"]
    assert token["tokenName"] == "a"
    assert token["tokenData"].startswith("sha256:")
    for answer in (caller.get(name), caller.call("GET", path(name)), caller.call("GET", path(name, "web"))):
        assert TOKEN.encode() not in answer.body
    head = {"Host": "127.0.0.1", "Authorization": f"Bearer {TOKEN}"}
    assert send(server.url, "GET", f"/fn/{name}/", head).status == 200
    assert send(server.url, "GET", f"/fn/{name}/", {"Host": "127.0.0.1"}).status == 403
    error = caller.call("PUT", path(name, "web"), {"triggerConfig": made.trigger_config})
    assert (error.status, error.code, error.fields) == (400, "InvalidArgument", ["triggerConfig.authConfig"])


def test_timer_fires(sdk: Sdk, caller: Caller, name: str) -> None:
    """A timer that is attached to a running function fires, and does no more once it is deleted."""
    made = create(sdk, name, "tick", "timer", {"cronExpression": "@every 1s", "payload": "p"})
    config = json.loads(made.trigger_config)
    assert config == {"cronExpression": "@every 1s", "enable": True, "payload": "p"}
    assert made.http_trigger is None
    wait_for(lambda: caller.get(name).said["callsToday"])
    sdk.delete_trigger(name, "tick")
    assert names(sdk, name) == []


def test_oss_fires(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """An oss trigger has its source beside its config; an object that is put calls the function."""
    arn = f"acs:oss:{REGION}:{ACCOUNT}:pics-of-triggers"
    role = f"acs:ram::{ACCOUNT}:role/oss-calls"
    config = {"events": ["oss:ObjectCreated:*"], "filter": {"key": {"prefix": "in/", "suffix": ".png"}}}
    with bucket_at(server.objects_url, "pics-of-triggers") as bucket:
        made = create(sdk, name, "put", "oss", config, source_arn=arn, invocation_role=role)
        assert (made.source_arn, made.invocation_role) == (arn, role)
        assert json.loads(made.trigger_config) == config
        bucket.put_object("in/a.txt", b"no")
        bucket.put_object("in/a.png", b"yes")
        wait_for(lambda: caller.get(name).said["callsToday"])
        assert caller.get(name).said["callsToday"] == 1


def test_oss_of_a_bucket_that_is_not_there(caller: Caller, name: str) -> None:
    """What a trigger waits for may come later, and the answer says so."""
    arn = f"acs:oss:{REGION}:{ACCOUNT}:not-yet-there"
    made = caller.call("POST", path(name), asked("put", "oss", {"events": []}, sourceArn=arn))
    assert (made.status, details(made)) == (400, {"triggerConfig.events": "is empty"})
    config = {"events": ["oss:ObjectCreated:PutObject"], "filter": {"key": {"prefix": "in/*"}}}
    made = caller.call("POST", path(name), asked("put", "oss", config, sourceArn=arn))
    assert made.status == 200
    literal, missing = made.said["warnings"]
    assert "prefix in/* is no pattern" in literal
    assert "there is no bucket not-yet-there yet" in missing


#: what one machine cannot fire -> its source, and a config as FC's documents have it
KEPT: Mapping[str, tuple[str, dict[str, Any]]] = {
    "log": (
        f"acs:log:{REGION}:{ACCOUNT}:project/ops",
        {
            "sourceConfig": {"logstore": "app-log"},
            "jobConfig": {"triggerInterval": 60, "maxRetryTime": 3},
            "logConfig": {"project": "ops", "logstore": "fc-trigger-log"},
            "functionParameter": {"k": "v"},
            "enable": True,
        },
    ),
    "mns_topic": (
        f"acs:mns:{REGION}:{ACCOUNT}:/topics/orders",
        {"filterTag": "vip", "notifyContentFormat": "JSON", "notifyStrategy": "BACKOFF_RETRY"},
    ),
    "tablestore": (f"acs:ots:{REGION}:{ACCOUNT}:instance/i/table/t", {}),
    "cdn_events": (
        f"acs:cdn:*:{ACCOUNT}",
        {
            "eventName": "LogFileCreated",
            "eventVersion": "1.0.0",
            "notes": "logs",
            "filter": {"domain": ["www.example.com"]},
        },
    ),
    "eventbridge": (
        "",
        {
            "triggerEnable": True,
            "asyncInvocationType": False,
            "eventRuleFilterPattern": "{}",
            "eventSourceConfig": {
                "eventSourceType": "Kafka",
                "eventSourceParameters": {"sourceKafkaParameters": {"RegionId": REGION, "Topic": "t"}},
            },
            "eventSinkConfig": {"deliveryOption": {"eventSchema": "CloudEvents", "concurrency": 2}},
            "runOptions": {
                "mode": "event-streaming",
                "errorsTolerance": "ALL",
                "retryStrategy": {"PushRetryStrategy": "BACKOFF_RETRY"},
                "batchWindow": {"CountBasedWindow": 10, "TimeBasedWindow": 5},
                "deadLetterQueue": {"Arn": f"acs:mns:{REGION}:{ACCOUNT}:/queues/dlq"},
            },
        },
    ),
}


@pytest.mark.parametrize("kind", KEPT)
def test_what_one_machine_cannot_fire_is_kept(sdk: Sdk, caller: Caller, name: str, kind: str) -> None:
    """Such a trigger is returned as it came, with a warning; the function can still be updated and deployed."""
    arn, config = KEPT[kind]
    made = create(sdk, name, "t", kind, config, source_arn=arn or None, invocation_role="acs:ram::1:role/r")
    assert (json.loads(made.trigger_config), made.source_arn or "") == (config, arn)
    answer = caller.call("GET", path(name, "t"))
    (warning,) = answer.said["warnings"]
    assert f"has no source of {kind} events" in warning
    (deployed,) = caller.get(name).said["triggers"]
    assert (deployed["name"], deployed["type"], deployed["id"]) == ("t", kind, made.trigger_id)
    changed = caller.call("PUT", f"{FUNCTIONS}/{name}", {"timeout": 7})
    assert (changed.status, names(sdk, name)) == (200, ["t"])
    again = caller.put(name, body(name, triggers=[{"type": kind, "config": {}}]))
    assert (again.status, again.code) == (400, "NotSupported")
    assert names(sdk, name) == ["t"]


@pytest.mark.parametrize(
    ("kind", "arn", "config", "wrong"),
    [
        ("log", "acs:log:r:1:project/p", {}, ["triggerConfig.sourceConfig"]),
        (
            "log",
            "acs:log:r:1:project/p",
            {"sourceConfig": {"logstore": "l"}, "jobConfig": {"triggerInterval": 1, "maxRetryTime": 101}},
            ["triggerConfig.jobConfig.maxRetryTime", "triggerConfig.jobConfig.triggerInterval"],
        ),
        ("log", "", {"sourceConfig": {"logstore": "l"}}, ["sourceArn"]),
        ("log", "acs:oss:r:1:b", {"sourceConfig": {"logstore": "l"}}, ["sourceArn"]),
        ("mns_topic", "acs:mns:r:1:/topics/t", {"filterTag": "x" * 17}, ["triggerConfig.filterTag"]),
        (
            "mns_topic",
            "acs:mns:r:1:/topics/t",
            {"notifyStrategy": "NOW"},
            ["triggerConfig.notifyStrategy"],
        ),
        ("tablestore", "acs:ots:r:1:instance/i", {"a": 1}, ["triggerConfig.a"]),
        (
            "cdn_events",
            "acs:cdn:*:1",
            {"eventName": "Anything", "eventVersion": "2"},
            ["triggerConfig.eventName", "triggerConfig.eventVersion"],
        ),
        ("eventbridge", "", {}, ["triggerConfig.eventSourceConfig"]),
        (
            "eventbridge",
            "",
            {"eventSourceConfig": {"eventSourceType": "Default"}, "eventRuleFilterPattern": "[]"},
            ["triggerConfig.eventRuleFilterPattern"],
        ),
        (
            "eventbridge",
            "",
            {
                "eventSourceConfig": {"eventSourceType": "Default"},
                "runOptions": {"batchWindow": {"Count": 1}},
            },
            ["triggerConfig.runOptions.batchWindow.Count"],
        ),
    ],
)
def test_what_is_kept_is_checked(
    caller: Caller, name: str, kind: str, arn: str, config: Any, wrong: list[str]
) -> None:
    """What would be refused in a region is refused here, by the place that is wrong."""
    answer = caller.call("POST", path(name), asked("t", kind, config, **({"sourceArn": arn} if arn else {})))
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", wrong)


# ---------------------------------------------------------------- what is refused

WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    (
        {},
        dict.fromkeys(("triggerName", "triggerType", "triggerConfig"), "is required"),
    ),
    (asked("1a"), {"triggerName": "is not a name"}),
    (asked("a" * 129), {"triggerName": "is too long"}),
    (asked(kind="cron"), {"triggerType": "is no type of trigger"}),
    (asked(config="{"), {"triggerConfig": "is not JSON"}),
    (asked(config="[]"), {"triggerConfig": "is not a JSON object"}),
    (asked(config='{"a": 1e999}'), {"triggerConfig": "is not a finite number"}),
    (asked(config={}), {"triggerConfig.cronExpression": "is required"}),
    (
        asked(config={"cronExpression": "0 4 * * *", "colour": 1}),
        {
            "triggerConfig.cronExpression": "must have 6 fields (seconds first), not 5; with "
            'seconds first it is "0 0 4 * * *"',
            "triggerConfig.colour": "is not known",
        },
    ),
    (asked(description="x" * 257), {"description": "is too long"}),
    (asked(qualifier="a b"), {"qualifier": "is no version or alias"}),
    (asked(invocationRole=5), {"invocationRole": "is not text"}),
    (
        asked(kind="http", config={"methods": ["GET", "FETCH"], "authType": "none at all"}),
        {
            "triggerConfig.authType": "must be 'anonymous', 'function', 'jwt' or 'bearer'",
            "triggerConfig.methods": "has 'FETCH'; allowed are GET, POST, PUT, DELETE, HEAD, PATCH, OPTIONS",
        },
    ),
    (
        asked(kind="http", config={"url": "http://a.example.com", "name": "x"}),
        {
            "triggerConfig.url": "is not of a triggerConfig: a custom domain leads a host and a path to a function",
            "triggerConfig.name": "stands beside triggerConfig, not in it",
        },
    ),
    (
        asked(kind="oss", config={"events": ["oss:ObjectCreated:*"]}),
        {"sourceArn": "is required with the type oss"},
    ),
    (
        asked(kind="oss", config={}, sourceArn=f"acs:oss:cn-beijing:{ACCOUNT}:pics"),
        {
            "sourceArn": "sourceArn names the region cn-beijing; a bucket and its functions are in one, "
            f"here {REGION}"
        },
    ),
    (
        asked(kind="http", config={"authType": "jwt", "authConfig": {"tokenLookup": "header:A"}}),
        {"triggerConfig.authConfig": "jwks is required"},
    ),
    (
        asked(kind="http", config={"authType": "jwt"}),
        {"triggerConfig.authConfig": "is required with authType jwt"},
    ),
    ({**asked(), "colour": 1}, {"colour": "is not a field of a trigger"}),
]


@pytest.mark.parametrize(("given", "problems"), WRONG)
def test_wrong_ones(caller: Caller, name: str, given: dict[str, Any], problems: dict[str, str]) -> None:
    """A refusal names the trigger and every wrong field, and nothing is attached."""
    answer = caller.call("POST", path(name), given)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert details(answer) == problems
    which = f"trigger '{given['triggerName'][:57]}" if given.get("triggerName") else "the trigger"
    assert answer.said["Message"].startswith(which)
    assert "was not created" in answer.said["Message"]
    assert caller.call("GET", path(name)).said["triggers"] == []


def test_a_name_is_given_once(sdk: Sdk, name: str) -> None:
    """A second trigger of a name is refused with 409, whatever it is."""
    create(sdk, name, "t", "timer", TIMER)
    error = refused(lambda: create(sdk, name, "t", "http", OPEN))
    assert (error.code, error.status_code) == ("TriggerAlreadyExists", 409)


def test_what_is_not_there(sdk: Sdk, name: str) -> None:
    """Every call about a function or a trigger that does not exist says which of the two it is."""
    absent = "fc3-absent"
    for call in (
        lambda: create(sdk, absent, "t", "timer", TIMER),
        lambda: sdk.get_trigger(absent, "t"),
        lambda: update(sdk, absent, "t", TIMER),
        lambda: sdk.delete_trigger(absent, "t"),
        lambda: page(sdk, absent),
    ):
        error = refused(call)
        assert (error.code, error.status_code) == ("FunctionNotFound", 404)
        assert error.message.startswith(f"code: 404, function '{absent}' does not exist")
    for call in (
        lambda: sdk.get_trigger(name, "t"),
        lambda: update(sdk, name, "t", TIMER),
        lambda: sdk.delete_trigger(name, "t"),
    ):
        error = refused(call)
        assert (error.code, error.status_code) == ("TriggerNotFound", 404)


def test_fifty(sdk: Sdk, name: str) -> None:
    """A function has 50 triggers at most; the next one is refused with FC's code."""
    for number in range(50):
        create(sdk, name, f"t{number:02}", "timer", {"cronExpression": f"@every {number + 1}h"})
    error = refused(lambda: create(sdk, name, "more", "timer", TIMER))
    assert (error.code, error.status_code) == ("LimitExceededError", 400)
    found, token = [], None
    while True:
        part = page(sdk, name, limit=20, next_token=token, prefix="t")
        found += [trigger.trigger_name for trigger in part.triggers]
        token = part.next_token
        if token is None:
            break
    assert found == [f"t{number:02}" for number in range(50)]
    assert [t.trigger_name for t in page(sdk, name, prefix="t4").triggers] == [f"t4{n}" for n in range(10)]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "nextToken=%25"])
def test_bad_pages(caller: Caller, name: str, query: str) -> None:
    """A page has 1 to 100 triggers, and goes on where this server said."""
    answer = caller.call("GET", path(name), query=query)
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_last_page_names_no_next(caller: Caller, name: str) -> None:
    """The key is not there, and an empty token asks for the first page."""
    answer = caller.call("GET", path(name), query="nextToken=")
    assert (answer.status, answer.said) == (200, {"triggers": []})


def test_one_http_trigger_for_each_qualifier(sdk: Sdk, server: Server, name: str) -> None:
    """A version or an alias has an http trigger of its own, at its own URL; a second one is refused."""
    create(sdk, name, "web", "http", OPEN)
    error = refused(lambda: create(sdk, name, "web2", "http", OPEN))
    assert (error.code, error.status_code) == ("InvalidArgument", 400)
    assert error.data["Details"][0]["field"] == "triggerType"
    other = create(sdk, name, "web-1", "http", {**OPEN, "methods": ["PUT"]}, qualifier="1")
    assert other.http_trigger.url_internet == f"{server.url}/fn/{name}.1/"
    host = {"Host": "127.0.0.1"}
    assert send(server.url, "GET", f"/fn/{name}/", host).status == 200
    assert send(server.url, "GET", f"/fn/{name}.1/x", host).status == 405
    assert send(server.url, "PUT", f"/fn/{name}.1/x", host, b"{}").said["rawPath"] == "/x"
    assert send(server.url, "GET", f"/fn/{name}.2/", host).status == 404
    error = refused(lambda: update(sdk, name, "web-1", qualifier="LATEST"))
    assert error.code == "InvalidArgument"


# ---------------------------------------------------------------- changes


def test_update(sdk: Sdk, caller: Caller, name: str) -> None:
    """What an update names is changed, the rest stays; id and creation stay what they were."""
    made = create(sdk, name, "t", "timer", {**TIMER, "payload": "p"}, description="d")
    was = sdk.update_trigger(name, "t", models.UpdateTriggerRequest(body=models.UpdateTriggerInput())).body
    assert {**was.to_map(), "lastModifiedTime": ""} == {**made.to_map(), "lastModifiedTime": ""}
    new = update(sdk, name, "t", {"cronExpression": "@every 2h", "enable": False})
    config = {"cronExpression": "@every 2h", "enable": False, "payload": ""}
    assert (json.loads(new.trigger_config), new.description) == (config, "d")
    assert (new.trigger_id, new.created_time) == (made.trigger_id, made.created_time)
    assert new.last_modified_time >= made.last_modified_time
    last = update(sdk, name, "t", description="e", qualifier="1", invocation_role="acs:ram::1:role/r")
    said = (last.description, last.qualifier, last.invocation_role, json.loads(last.trigger_config))
    assert said == ("e", "1", "acs:ram::1:role/r", config)
    assert sdk.get_trigger(name, "t").body.to_map() == last.to_map()
    assert [t.to_map() for t in page(sdk, name).triggers] == [last.to_map()]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"triggerType": "http"}, "triggerType"), ({"sourceArn": "acs:oss:r:1:b"}, "sourceArn")],
)
def test_what_cannot_change(caller: Caller, name: str, given: dict[str, Any], field: str) -> None:
    """Type and source stay: another type is another trigger. What they are may be said again."""
    assert caller.call("POST", path(name), asked()).status == 200
    answer = caller.call("PUT", path(name, "t"), given)
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", [field])
    assert "trigger 't' was not updated" in answer.said["Message"]
    assert caller.call("PUT", path(name, "t"), asked()).status == 200


def test_a_bad_update_changes_nothing(sdk: Sdk, name: str) -> None:
    """What is wrong is named, and the trigger is what it was."""
    made = create(sdk, name, "t", "timer", TIMER)
    error = refused(lambda: update(sdk, name, "t", {"cronExpression": "often"}, description="new"))
    assert (error.code, error.data["Details"][0]["field"]) == (
        "InvalidArgument",
        "triggerConfig.cronExpression",
    )
    assert sdk.get_trigger(name, "t").body.to_map() == made.to_map()


def test_instances_stay(sdk: Sdk, caller: Caller, name: str) -> None:
    """A trigger is no new revision of its function: version, times and instances are what they were."""
    before = caller.get(name).said
    first = caller.invoke(name).headers["x-fc-instance-id"]
    create(sdk, name, "t", "timer", TIMER)
    update(sdk, name, "t", {"cronExpression": "@every 3h"})
    create(sdk, name, "web", "http", OPEN)
    sdk.delete_trigger(name, "t")
    assert caller.invoke(name).headers["x-fc-instance-id"] == first
    after = caller.get(name).said
    assert [t["name"] for t in after["triggers"]] == ["web"]
    changing = ("requestId", "triggers", "urls", "callsToday")
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in before.items() if k not in changing
    }


def test_both_dialects(sdk: Sdk, caller: Caller, name: str) -> None:
    """What a deployment has can be seen and changed here, and the other way round; a PUT replaces all of them."""
    config = {"url": "http://both.example.com/a", "methods": ["GET"]}
    triggers = [{"type": "http", "config": config}, {"type": "timer", "config": TIMER}]
    deployed = caller.put(name, body(name, triggers=triggers)).said
    ids = {t["name"]: t["id"] for t in deployed["triggers"]}
    assert {t.trigger_name: t.trigger_id for t in page(sdk, name).triggers} == ids
    web = sdk.get_trigger(name, "http-1").body
    assert json.loads(web.trigger_config) == {
        "authType": "anonymous",
        "disableURLInternet": False,
        "methods": ["GET"],
    }
    update(sdk, name, "http-1", {**OPEN, "methods": ["GET", "PUT"]})
    said = caller.get(name).said["triggers"][0]
    assert said["config"] == {**config, "methods": ["GET", "PUT"], "name": "http-1"}
    host = {"Host": "both.example.com"}
    assert send(caller.url, "PUT", "/a", host, b"{}").status == 200
    create(sdk, name, "more", "timer", {"cronExpression": "@every 9h"})
    assert [t["name"] for t in caller.get(name).said["triggers"]] == ["http-1", "timer-1", "more"]
    assert caller.put(name, body(name, triggers=triggers[:1])).status == 200
    assert names(sdk, name) == ["http-1"]
    sdk.delete_trigger(name, "http-1")
    assert send(caller.url, "GET", "/a", host).status == 403
    assert caller.get(name).said["urls"] == []


def test_warnings_follow(sdk: Sdk, caller: Caller, name: str) -> None:
    """A deployment's warnings are those of the triggers that it has now."""
    create(sdk, name, "a", "timer", TIMER)
    create(sdk, name, "b", "timer", TIMER)
    (warning,) = caller.get(name).said["warnings"]
    assert warning == "b: it does what a does: the function is called twice, by each of them"
    assert caller.call("GET", path(name, "b")).said["warnings"] == [warning]
    assert "warnings" not in caller.call("GET", path(name, "a")).said
    sdk.delete_trigger(name, "a")
    assert caller.get(name).said["warnings"] == []


def test_deleted_with_its_function(sdk: Sdk, caller: Caller, name: str) -> None:
    """A function that is created again under the name begins without triggers."""
    create(sdk, name, "web", "http", OPEN)
    sdk.delete_function(name)
    assert caller.deploy(body(name)).status == 201
    assert names(sdk, name) == []


def test_async_client(sdk: Sdk, name: str) -> None:
    """The SDK's coroutines do the same."""

    async def go() -> list[str]:
        asked = models.CreateTriggerInput(
            trigger_name="t", trigger_type="timer", trigger_config=json.dumps(TIMER)
        )
        await sdk.create_trigger_async(name, models.CreateTriggerRequest(body=asked))
        change = models.UpdateTriggerInput(description="d")
        await sdk.update_trigger_async(name, "t", models.UpdateTriggerRequest(body=change))
        assert (await sdk.get_trigger_async(name, "t")).body.description == "d"
        found = await sdk.list_triggers_async(name, models.ListTriggersRequest())
        await sdk.delete_trigger_async(name, "t")
        return [trigger.trigger_name for trigger in found.body.triggers]

    assert asyncio.run(go()) == ["t"]
    assert names(sdk, name) == []


def test_a_store_of_before(tmp_path: Path) -> None:
    """A trigger of a store that knew one date was created and changed then."""
    done = [migration.__name__ for migration in tables.MIGRATIONS].index("_first_of_triggers")
    at = "2020-01-02T03:04:05.678901+00:00"
    with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite")) as db, db:
        for migration in tables.MIGRATIONS[:done]:
            migration(db)
        db.execute("INSERT INTO triggers VALUES ('old', 't', 'timer', '{}', ?)", (at,))
        db.execute(f"PRAGMA user_version={done}")
    store = Store(tmp_path)
    assert store.trigger_dates("old") == {"t": (at, at)}
    store.close()


def test_qualifiers(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """A trigger calls the version that it names, and only one that is there."""
    for qualifier, code in (("99", "VersionNotFound"), ("prod", "AliasNotFound")):
        error = refused(lambda q=qualifier: create(sdk, name, "web", "http", OPEN, qualifier=q))
        assert (error.code, error.status_code) == (code, 404)
    source = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'second'}\n"
    assert caller.put(name, body(name, code=zipped(source))).said["version"] == "2"
    made = create(sdk, name, "web", "http", OPEN, qualifier="2")
    # the triggers of a deployment replace it, those of FC 3.0's API stay
    assert caller.call("PUT", f"{FUNCTIONS}/{name}", {"timeout": 9}).status == 200
    answered = send(server.url, "GET", f"/fn/{name}.2/", {"Host": "127.0.0.1"})
    assert (answered.status, answered.body) == (200, b"second")
    assert made.target_arn == f"{ARN}/{name}"
    error = refused(lambda: update(sdk, name, "web", qualifier="99"))
    assert (error.code, sdk.get_trigger(name, "web").body.qualifier) == ("VersionNotFound", "2")


def test_created_at_once(caller: Caller, name: str) -> None:
    """Writers of one function wait for each other: none is lost, also beside an update of the function."""
    from concurrent.futures import ThreadPoolExecutor

    def make(number: int) -> int:
        if number % 5 == 4:
            return caller.call("PUT", f"{FUNCTIONS}/{name}", {"timeout": 10 + number}).status
        config = {"cronExpression": f"@every {number + 1}h"}
        return caller.call("POST", path(name), asked(f"t{number}", "timer", config)).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(make, range(20))) == {200}
    found = {t["triggerName"] for t in caller.call("GET", path(name)).said["triggers"]}
    assert found == {f"t{number}" for number in range(20) if number % 5 != 4}


def test_kept_over_a_restart(tmp_path: Path) -> None:
    """Triggers, their ids and their dates are there again, and all URLs of a function lead to it."""
    with serving(tmp_path) as first:
        caller = Caller(first.url)
        triggers = [
            {"type": "http", "config": {"url": f"http://{q}.example.com/", "qualifier": q}}
            for q in ("LATEST", "1")
        ]
        assert caller.deploy(body("kept", triggers=triggers)).status == 201
        assert caller.call("POST", path("kept"), asked()).status == 200
        before = caller.call("GET", path("kept")).said["triggers"]
        first.kill()
    with serving(tmp_path) as second:
        caller = Caller(second.url)
        after = caller.call("GET", path("kept")).said["triggers"]
        for trigger in (*before, *after):
            trigger.pop("httpTrigger", None)
        assert after == before
        for host in ("latest.example.com", "1.example.com"):
            assert send(second.url, "GET", "/", {"Host": host}).status == 200


def test_not_signed(server: Server, name: str) -> None:
    """These calls are signed like all others."""
    answer = send(server.url, "GET", path(name), {"Host": "127.0.0.1"})
    assert (answer.status, answer.code) == (400, "MissingRequiredHeader")
