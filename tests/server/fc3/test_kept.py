"""Settings that one machine cannot honour: kept as they came, named in a warning, cleared by what tools send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_fc20230330 import models

from tests.server.calls import FUNCTIONS, Caller
from tests.server.fc3.making import PREFIX, Made, asked, code, refused

#: as they are sent -> what a tool sends to clear them
KEPT: dict[str, tuple[Any, Any]] = {
    "nasConfig": (
        {
            "userId": 1, "groupId": -1,
            "mountPoints": [{"mountDir": "/mnt/a", "serverAddr": "n:/a", "enableTLS": True}],
        },
        {"userId": 0, "groupId": 0, "mountPoints": []},
    ),
    "ossMountConfig": (
        {"mountPoints": [{"bucketName": "pics", "mountDir": "/mnt/b", "endpoint": "http://o", "readOnly": True}]},
        {"mountPoints": []},
    ),
    "polarFsConfig": ({"mountPoints": [{"instanceId": "i", "mountDir": "/p"}]}, {"mountPoints": []}),
    "juiceFsConfig": (
        {"envs": {"A": "1"}, "mountPoints": [{"mountDir": "/j", "volumeName": "v", "args": ["-x"]}]},
        {"mountPoints": [], "envs": {}},
    ),
    "logConfig": (
        {"project": "p", "logstore": "l", "enableRequestMetrics": True, "logBeginRule": "DefaultRegex"},
        {
            "project": "", "logstore": "", "enableInstanceMetrics": False, "enableRequestMetrics": False,
            "logBeginRule": "None",
        },
    ),
    "gpuConfig": ({"gpuType": "fc.gpu.tesla.1", "gpuMemorySize": 4096}, {"gpuType": "", "gpuMemorySize": 0}),
    "customDNS": (
        {"nameServers": ["1.1.1.1"], "searches": ["a"], "dnsOptions": [{"name": "ndots", "value": "5"}]},
        {"dnsOptions": []},
    ),
    "tracingConfig": ({"type": "Jaeger", "params": {"endpoint": "http://t"}}, {}),
    "idleTimeout": (60, 0),
    "disableOndemand": (True, False),
    "enableLongLiving": (True, False),
    "instanceIsolationMode": ("SESSION_EXCLUSIVE", ""),
    "sessionAffinity": ("HEADER_FIELD", ""),
    "sessionAffinityConfig": (
        '{"affinityHeaderFieldName": "my-session", "sessionTTLInSeconds": 600, "newer": 1}', "",
    ),
}  # fmt: skip


def test_everything_is_kept(caller: Caller) -> None:
    """Each comes back as it was sent, by Create, Get, List and Update, and has one warning."""
    name = f"{PREFIX}kept"
    sent = {field: value for field, (value, _) in KEPT.items()}
    made = caller.call("POST", FUNCTIONS, asked(name).to_map() | sent)
    assert made.status == 200, made.said
    answers = [
        made.said,
        caller.call("GET", f"{FUNCTIONS}/{name}").said,
        caller.call("GET", FUNCTIONS, query=f"prefix={name}").said["functions"][0],
        caller.call("PUT", f"{FUNCTIONS}/{name}", {"timeout": 9}).said,
    ]
    for answer in answers:
        assert {field: answer.get(field) for field in sent} == sent
    for answer in (answers[0], answers[1], answers[3]):
        assert [text.partition(" ")[0] for text in answer["warnings"]] == list(sent)
    assert caller.get(name).said["warnings"] == answers[0]["warnings"]


@pytest.mark.parametrize("field", KEPT)
def test_cleared(caller: Caller, field: str) -> None:
    """What a tool sends for "none" clears a setting, and its warning; others stay."""
    name, (value, nothing) = f"{PREFIX}clear", KEPT[field]
    other = {"idleTimeout": 7} if field != "idleTimeout" else {"gpuConfig": KEPT["gpuConfig"][0]}
    caller.call("POST", FUNCTIONS, asked(name).to_map() | {field: value} | other)
    said = caller.call("PUT", f"{FUNCTIONS}/{name}", {field: nothing}).said
    assert field not in said
    assert {n: said[n] for n in other} == other
    assert len(said["warnings"]) == 1
    assert field not in caller.call("GET", f"{FUNCTIONS}/{name}").said


def test_kept_by_a_deployment(caller: Caller) -> None:
    """A deployment that knows nothing of them leaves them as they are, and says so."""
    name = f"{PREFIX}stay"
    caller.call("POST", FUNCTIONS, asked(name).to_map() | {"nasConfig": KEPT["nasConfig"][0]})
    shown = caller.get(name).said
    fields = ("name", "runtime", "entrypoint", "handler", "memory", "role")
    sent = {n: shown[n] for n in fields} | {"timeout": 33, "code": code().zip_file}
    answer = caller.put(name, sent)
    assert answer.status == 200, answer.said
    assert any("nasConfig is kept" in text for text in answer.said["warnings"])
    after = caller.call("GET", f"{FUNCTIONS}/{name}").said
    assert (after["timeout"], after["nasConfig"]) == (33, KEPT["nasConfig"][0])


def test_a_kept_setting_is_a_change(make: Made) -> None:
    """Another value is another content; the same value is none."""
    first = make("changes", idle_timeout=60)
    assert make.change(first.function_name, idle_timeout=60).last_modified_time == first.last_modified_time
    assert make.change(first.function_name, idle_timeout=61).idle_timeout == 61


#: what is sent -> the place that is named
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "mounts": ({"nasConfig": {"mountPoints": [{}] * 6}}, "nasConfig.mountPoints"),
    "mount": ({"nasConfig": {"mountPoints": [{"mountDir": "x" * 65}]}}, "nasConfig.mountPoints.0.mountDir"),
    "address": ({"nasConfig": {"mountPoints": [{"serverAddr": "x" * 129}]}}, "nasConfig.mountPoints.0.serverAddr"),
    "oss mounts": ({"ossMountConfig": {"mountPoints": [{"bucketName": "pics"}] * 6}}, "ossMountConfig.mountPoints"),
    "bucket": ({"ossMountConfig": {"mountPoints": [{"bucketName": "p"}]}}, "ossMountConfig.mountPoints.0.bucketName"),
    "volume": ({"juiceFsConfig": {"mountPoints": [{"mountDir": "/j"}]}}, "juiceFsConfig.mountPoints.0.volumeName"),
    "project": ({"logConfig": {"project": "x" * 64}}, "logConfig.project"),
    "rule": ({"logConfig": {"logBeginRule": "Any"}}, "logConfig.logBeginRule"),
    "gpu": ({"gpuConfig": {"gpuMemorySize": 1000}}, "gpuConfig.gpuMemorySize"),
    "option": ({"customDNS": {"dnsOptions": [{"name": "x" * 257}]}}, "customDNS.dnsOptions.0.name"),
    "no object": ({"logConfig": "p"}, "logConfig"),
    "idle": ({"idleTimeout": "60"}, "idleTimeout"),
    "on demand": ({"disableOndemand": "yes"}, "disableOndemand"),
    "isolation": ({"instanceIsolationMode": "ALONE"}, "instanceIsolationMode"),
    "affinity": ({"sessionAffinity": "STICKY"}, "sessionAffinity"),
    "affinity object": ({"sessionAffinityConfig": {"a": 1}}, "sessionAffinityConfig"),
    "affinity text": ({"sessionAffinityConfig": "{"}, "sessionAffinityConfig"),
    "affinity header": (
        {"sessionAffinityConfig": '{"affinityHeaderFieldName": "X-Fc-Session"}'},
        "sessionAffinityConfig.affinityHeaderFieldName",
    ),
    "affinity idle": (
        {"sessionAffinityConfig": json.dumps({"sessionTTLInSeconds": 5, "sessionIdleTimeoutInSeconds": 6})},
        "sessionAffinityConfig.sessionIdleTimeoutInSeconds",
    ),
    "affinity calls": (
        {"sessionAffinityConfig": '{"sessionConcurrencyPerInstance": 201}'},
        "sessionAffinityConfig.sessionConcurrencyPerInstance",
    ),
    "credentials": ({"disableInjectCredentials": "Some"}, "disableInjectCredentials"),
    "not finite": ({"tracingConfig": {"params": {"a": [[[]] * 3] * 3, "b": 2**70}}}, "tracingConfig"),
    "group": ({"resourceGroupId": 7}, "resourceGroupId"),
    "tags": ({"tags": {"a": "b"}}, "tags"),
    "tag": ({"tags": [{"Key": "a", "Value": 7}]}, "tags.0"),
    "many tags": ({"tags": [{"Key": f"k{n}", "Value": ""} for n in range(21)]}, "tags"),
    "both": ({"code": {"zipFile": code().zip_file, "ossBucketName": "b", "ossObjectName": "o"}}, "code"),
    "half": ({"code": {"ossBucketName": "pics"}}, "code.ossObjectName"),
    "no bucket": ({"code": {"ossBucketName": "nobody", "ossObjectName": "a.zip"}}, "code.ossBucketName"),
    "no zip": ({"code": {"zipFile": "bm8="}}, "code.zipFile"),
    "layer": ({"layers": ["acs:fc:cn-hangzhou:1:layers/none/versions/1"]}, "layers.0"),
    "name": ({"functionName": "1a"}, "functionName"),
    "long name": ({"functionName": "x" * 65}, "functionName"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong(caller: Caller, wrong: str) -> None:
    """Each limit is checked, and what is wrong is named by its place; nothing is made."""
    fields, place = WRONG[wrong]
    answer = caller.call("POST", FUNCTIONS, asked(f"{PREFIX}wrong").to_map() | fields)
    assert (answer.status, answer.code) == (400, "InvalidArgument"), answer.said
    assert place in answer.fields
    assert place in answer.said["Message"]
    assert caller.call("GET", f"{FUNCTIONS}/{PREFIX}wrong").status == 404


SEES = """
import json, os
def handler(event, context):
    names = [n for n in os.environ if n.startswith("ALIBABA_CLOUD_")]
    return json.dumps([bool(names and os.environ[names[0]]), bool(context.credentials.access_key_id)])
"""


@pytest.mark.parametrize(
    ("withheld", "sees"),
    [(None, [True, True]), ("None", [True, True]), ("Env", [False, True]), ("Request", [True, False]),
     ("All", [False, False])],
)  # fmt: skip
def test_credentials_are_withheld(make: Made, withheld: str | None, sees: list[bool]) -> None:
    """``disableInjectCredentials`` is honoured, without a warning."""
    name = make("keys", code=code(SEES), disable_inject_credentials=withheld).function_name
    assert json.loads(make.invoke(name)) == sees
    assert "warnings" not in make.again(name).to_map()


def test_role_of_the_network(make: Made) -> None:
    """``role`` of vpcConfig comes back with it, and goes with it."""
    vpc = {"vpc_id": "v", "v_switch_ids": ["s"], "security_group_id": "g", "role": "acs:ram::1:role/n"}
    name = make("net", vpc_config=models.VPCConfig(**vpc)).function_name
    assert make.again(name).vpc_config.role == "acs:ram::1:role/n"
    none = models.VPCConfig(vpc_id="", v_switch_ids=[], security_group_id="")
    assert make.change(name, vpc_config=none).vpc_config is None
    assert make.again(name).vpc_config is None


def test_another_name(make: Made, caller: Caller) -> None:
    """A function cannot be renamed; its own name may be said."""
    name = make("same").function_name
    said = caller.call("PUT", f"{FUNCTIONS}/{name}", {"functionName": name, "timeout": 4}).said
    assert said["timeout"] == 4
    answer = caller.call("PUT", f"{FUNCTIONS}/{name}", {"functionName": "other"})
    assert (answer.code, answer.fields) == ("InvalidArgument", ["functionName"])
    assert refused(lambda: make.again("other")).code == "FunctionNotFound"
