"""Aliases and their weights, and triggers that call by one, through the official SDK."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.errors import FcError
from fc_magic.wire import aliases
from tests.conftest import Server, serving
from tests.server.calls import FUNCTIONS, Caller
from tests.server.fc3.making import PREFIX
from tests.server.fc3.versioned import called, change, put, refused
from tests.server.processes import wait_for
from tests.server.test_functions import sdk_of


def create(sdk: Sdk, name: str, alias: str = "prod", version: str = "1", **fields: Any) -> models.Alias:
    asked = models.CreateAliasInput(alias_name=alias, version_id=version, **fields)
    return sdk.create_alias(name, models.CreateAliasRequest(body=asked)).body


def update(sdk: Sdk, name: str, alias: str = "prod", **fields: Any) -> models.Alias:
    asked = models.UpdateAliasInput(**fields)
    return sdk.update_alias(name, alias, models.UpdateAliasRequest(body=asked)).body


def names(sdk: Sdk, name: str, **asked: Any) -> list[str]:
    return [a.alias_name for a in sdk.list_aliases(name, models.ListAliasesRequest(**asked)).body.aliases]


@pytest.fixture
def name(caller: Caller) -> str:
    """A function with two versions."""
    made = PREFIX + "aliased"
    put(caller, made, "one")
    put(caller, made, "two")
    return made


def test_life_of_an_alias(sdk: Sdk, name: str) -> None:
    """It is made, shown, changed field by field, and deleted."""
    made = create(sdk, name, description="live")
    assert (made.alias_name, made.version_id, made.description) == ("prod", "1", "live")
    assert made.created_time == made.last_modified_time
    assert made.created_time.endswith("Z")
    assert sdk.get_alias(name, "prod").body.to_map() == made.to_map()
    assert called(sdk, name, "prod")[0][0] == "one"
    assert update(sdk, name, version_id="2").description == "live"
    assert called(sdk, name, "prod")[0][0] == "two"
    assert update(sdk, name, description="").version_id == "2"
    assert update(sdk, name, additional_version_weight={"1": 0.5}).additional_version_weight == {"1": 0.5}
    assert update(sdk, name).additional_version_weight == {"1": 0.5}
    assert update(sdk, name, additional_version_weight={}).additional_version_weight == {}
    assert sdk.delete_alias(name, "prod").status_code == 204
    refused(lambda: sdk.get_alias(name, "prod"), "AliasNotFound", 404)
    refused(lambda: called(sdk, name, "prod"), "AliasNotFound", 404)


def test_what_is_called_by_an_alias_is_told(sdk: Sdk, name: str) -> None:
    """The qualifier is the alias, the version that of its version; GetFunction and ListInstances take it too."""
    create(sdk, name)
    assert called(sdk, name, "prod") == (["one", "prod", "1", "1", 1], "1")
    assert called(sdk, name, "1") == (["one", "1", "1", "1", 2], "1")
    change(sdk, name, memory_size=512)
    assert sdk.get_function(name, models.GetFunctionRequest(qualifier="prod")).body.memory_size == 128
    found = sdk.list_instances(name, models.ListInstancesRequest(qualifier="prod")).body.instances
    assert [(i.qualifier, i.version_id) for i in found] == [("1", "1")]


def test_weights(sdk: Sdk, name: str) -> None:
    """Calls are shared out by the weights; what they leave is for the main version."""
    create(sdk, name, additional_version_weight={"2": 0.5})
    served = Counter(called(sdk, name, "prod")[0][0] for _ in range(60))
    assert set(served) == {"one", "two"}
    assert min(served.values()) >= 10  # less once in a hundred million times
    update(sdk, name, additional_version_weight={"2": 1})
    assert {called(sdk, name, "prod")[0][0] for _ in range(10)} == {"two"}
    update(sdk, name, additional_version_weight={"2": 0})
    assert {called(sdk, name, "prod")[0][0] for _ in range(10)} == {"one"}
    found = sdk.list_instances(name, models.ListInstancesRequest(qualifier="prod")).body.instances
    assert {i.version_id for i in found} == {"1", "2"}


def test_list(sdk: Sdk, name: str) -> None:
    """In order of name, by prefix, and in pages."""
    for alias in ("b", "a2", "a1", "c"):
        create(sdk, name, alias)
    assert (names(sdk, name), names(sdk, name, prefix="a")) == (["a1", "a2", "b", "c"], ["a1", "a2"])
    page = sdk.list_aliases(name, models.ListAliasesRequest(limit=3)).body
    assert [a.alias_name for a in page.aliases] == ["a1", "a2", "b"]
    last = sdk.list_aliases(name, models.ListAliasesRequest(limit=3, next_token=page.next_token)).body
    assert ([a.alias_name for a in last.aliases], last.next_token) == (["c"], None)


# ---------------------------------------------------------------- refusals

WRONG: list[tuple[dict[str, Any], str, int]] = [
    ({"alias": "LATEST"}, "InvalidArgument", 400),
    ({"alias": "1st"}, "InvalidArgument", 400),
    ({"alias": "-a"}, "InvalidArgument", 400),
    ({"alias": "a b"}, "InvalidArgument", 400),
    ({"alias": ""}, "InvalidArgument", 400),
    ({"alias": "a" * 129}, "InvalidArgument", 400),
    ({"version": None}, "InvalidArgument", 400),
    ({"version": ""}, "InvalidArgument", 400),
    ({"version": "1" * 11}, "InvalidArgument", 400),
    ({"version": "3"}, "VersionNotFound", 404),
    ({"version": "01"}, "VersionNotFound", 404),
    ({"version": "LATEST"}, "VersionNotFound", 404),
    ({"description": "x" * 257}, "InvalidArgument", 400),
    ({"additional_version_weight": {"1": 0.1}}, "AdditionalVersionContainsMajorVersion", 400),
    ({"additional_version_weight": {"3": 0.1}}, "VersionNotFound", 404),
    ({"additional_version_weight": {"2": 1.5}}, "InvalidArgument", 400),
    ({"additional_version_weight": {"2": -0.1}}, "InvalidArgument", 400),
    ({"additional_version_weight": {"2": 0.6, "3": 0.6}}, "InvalidArgument", 400),
]


@pytest.mark.parametrize(("wrong", "code", "status"), WRONG)
def test_wrong_alias(sdk: Sdk, name: str, wrong: dict[str, Any], code: str, status: int) -> None:
    """What cannot be is refused, in a new alias and in one that is there, which stays as it was."""
    refused(lambda: create(sdk, name, **wrong), code, status)
    assert names(sdk, name) == []
    if "alias" not in wrong and wrong.get("version", "") is not None:
        create(sdk, name)
        fields = {"version_id" if key == "version" else key: value for key, value in wrong.items()}
        refused(lambda: update(sdk, name, **fields), code, status)
        assert sdk.get_alias(name, "prod").body.version_id == "1"


def test_alias_twice(sdk: Sdk, name: str) -> None:
    """A name is given once."""
    create(sdk, name)
    refused(lambda: create(sdk, name, version="2"), "AliasAlreadyExists", 409)
    assert sdk.get_alias(name, "prod").body.version_id == "1"


NOBODY: list[Callable[[Sdk, str], Any]] = [
    lambda sdk, name: create(sdk, name),
    lambda sdk, name: update(sdk, name, version_id="1"),
    lambda sdk, name: sdk.get_alias(name, "prod"),
    lambda sdk, name: sdk.delete_alias(name, "prod"),
    lambda sdk, name: names(sdk, name),
    lambda sdk, name: called(sdk, name, "prod"),
]


@pytest.mark.parametrize("call", NOBODY)
def test_function_or_alias_that_is_not_there(sdk: Sdk, name: str, call: Callable[[Sdk, str], Any]) -> None:
    """Without the function it is FunctionNotFound, without the alias AliasNotFound."""
    refused(lambda: call(sdk, PREFIX + "nobody"), "FunctionNotFound", 404)
    if call not in (NOBODY[0], NOBODY[4]):
        assert "prod" in refused(lambda: call(sdk, name), "AliasNotFound", 404)


def test_version_of_an_alias_is_not_deleted(sdk: Sdk, name: str) -> None:
    """Neither its main version nor one with a weight."""
    create(sdk, name, additional_version_weight={"2": 0.1})
    for version in ("1", "2"):
        assert "prod" in refused(
            lambda v=version: sdk.delete_function_version(name, v), "InvalidArgument", 400
        )
    update(sdk, name, additional_version_weight={})
    assert sdk.delete_function_version(name, "2").status_code == 204


def test_aliases_go_with_their_function(sdk: Sdk, caller: Caller, name: str) -> None:
    """A new function of that name has none."""
    create(sdk, name)
    caller.delete(name)
    put(caller, name, "one")
    assert names(sdk, name) == []


def test_aliases_outlive_the_server(tmp_path: Path) -> None:
    """They are there after a kill."""
    with serving(tmp_path) as server:
        put(Caller(server.url), "kept", "one")
        create(sdk_of(server), "kept")
        put(Caller(server.url), "kept", "two")
        server.kill()
    with serving(tmp_path) as server:
        assert called(sdk_of(server), "kept", "prod")[0][0] == "one"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"7", b'{"aliasName": 7, "versionId": "1"}'])
def test_body_that_is_none(caller: Caller, name: str, body: bytes) -> None:
    """It is refused in words."""
    answer = caller.call("POST", f"{FUNCTIONS}/{name}/aliases", body)
    assert (answer.status, answer.code) == (400, "InvalidArgument")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["1", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.fixed_dictionaries(
    {"aliasName": JSON | st.just("a"), "versionId": JSON | st.just("1")},
    optional={"description": JSON, "additionalVersionWeight": JSON | st.dictionaries(st.just("2"), JSON)},
)


@given(FIELDS | JSON)
def test_any_body_is_read_or_refused(body: Any) -> None:
    """What is read can be written and read again; all else is an error that can be sent."""
    try:
        found = aliases.read(body)
    except FcError as error:
        json.dumps([error.message, error.hint]).encode()
    else:
        written = json.loads(json.dumps(aliases.encode(found), allow_nan=False))
        assert aliases.decode(written) == found
        assert aliases.read(written) == found


# ---------------------------------------------------------------- triggers


def test_http_trigger_calls_by_its_qualifier(server: Server, sdk: Sdk, caller: Caller) -> None:
    """A deployment changes LATEST, and the URL goes on with the version of the alias until that is moved."""
    name = PREFIX + "url"
    triggers = [{"type": "http", "config": {"qualifier": "prod"}}]
    put(caller, name, "one", triggers=triggers)
    url = f"{server.url}/fn/{name}/"
    assert requests.get(url, timeout=30).json()["Code"] == "AliasNotFound"
    create(sdk, name)
    put(caller, name, "two", triggers=triggers)
    assert requests.get(url, timeout=30).json()[:3] == ["one", "prod", "1"]
    update(sdk, name, version_id="2")
    assert requests.get(url, timeout=30).json()[:3] == ["two", "prod", "2"]
    assert caller.get(name).said["warnings"] == []


def test_custom_runtime_hears_its_qualifier(server: Server, sdk: Sdk, caller: Caller) -> None:
    """By headers, at its trigger's URL and when it is invoked."""
    source = (
        "from http.server import BaseHTTPRequestHandler, HTTPServer\n"
        "class Tells(BaseHTTPRequestHandler):\n"
        "    protocol_version = 'HTTP/1.1'\n"
        "    def do_GET(self):\n"
        "        self.rfile.read(int(self.headers.get('content-length', 0)))\n"
        "        said = self.headers['x-fc-qualifier'] + ' ' + self.headers['x-fc-version-id']\n"
        "        self.send_response(200)\n"
        "        self.send_header('content-length', str(len(said)))\n"
        "        self.end_headers()\n"
        "        self.wfile.write(said.encode())\n"
        "    do_POST = do_GET\n"
        "HTTPServer(('0.0.0.0', 9000), Tells).serve_forever()\n"
    )
    from tests.conftest import body, zipped

    name = PREFIX + "program"
    fields = {"runtime": "custom.debian12", "entrypoint": "python3 app.py", "handler": "app.py"}
    triggers = [{"type": "http", "config": {"qualifier": "prod"}}]
    answer = caller.deploy(body(name, zipped({"app.py": source}), triggers=triggers, **fields))
    assert answer.status == 201, answer.body
    create(sdk, name)
    assert requests.get(f"{server.url}/fn/{name}/", timeout=30).text == "prod 1"
    for qualifier, said in (("", "LATEST LATEST"), ("1", "1 1"), ("prod", "prod 1")):
        query = f"qualifier={qualifier}" if qualifier else ""
        assert caller.call("POST", f"{FUNCTIONS}/{name}/invocations", b"", query).body == said.encode()


def test_timer_and_bucket_call_by_their_qualifier(server: Server, sdk: Sdk, caller: Caller) -> None:
    """What calls by itself goes to the version of the alias too, and the log says which it was."""
    name = PREFIX + "by-itself"
    bucket = "by-itself"
    client = server.client()
    put_bucket = requests.put(f"{server.objects_url}/{bucket}", auth=client.objects.auth, timeout=30)
    assert put_bucket.status_code in (200, 409)
    triggers = [
        {"type": "timer", "config": {"cronExpression": "@every 1s", "enable": True, "qualifier": "prod"}},
        {
            "type": "oss",
            "config": {"bucketName": bucket, "events": ["oss:ObjectCreated:*"], "qualifier": "prod"},
        },
    ]
    put(caller, name, "one")
    create(sdk, name)
    put(caller, name, "two", triggers=triggers)

    def heard() -> set[tuple[str, str]]:
        log = caller.call("GET", f"/v2/cn-hangzhou/deployments/{name}/logs").said["requests"]
        return {(entry["caller"], entry["version"]) for entry in log}

    requests.put(f"{server.objects_url}/{bucket}/key", data=b"x", auth=client.objects.auth, timeout=30)
    wait_for(lambda: heard() == {("timer", "1"), ("oss", "1")})
    client.close()
