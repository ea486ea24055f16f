"""Published versions and qualifiers, through the official SDK and the deployments API."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk

from fc_magic.server import tables
from tests.conftest import Server, body, serving
from tests.server.calls import FUNCTIONS, Caller
from tests.server.fc3.making import PREFIX
from tests.server.fc3.versioned import called, change, ids, publish, put, refused
from tests.server.processes import wait_for
from tests.server.test_functions import sdk_of

# ---------------------------------------------------------------- the deployments API


def test_every_deployment_that_changes_something_publishes_a_version(sdk: Sdk, caller: Caller) -> None:
    """Its number is in the answer, and what it was made of goes on under that number."""
    name = PREFIX + "every"
    first = put(caller, name, "one", description="the first")
    second = put(caller, name, "two")
    again = put(caller, name, "two")
    assert [answer.said["version"] for answer in (first, second, again)] == ["1", "2", "2"]
    versions = sdk.list_function_versions(name, models.ListFunctionVersionsRequest()).body.versions
    assert [(v.version_id, v.description) for v in versions] == [("2", ""), ("1", "the first")]
    assert all(v.created_time.endswith("Z") and v.last_modified_time == v.created_time for v in versions)
    assert [called(sdk, name, q)[0][0] for q in ("1", "2", "LATEST", None)] == ["one", "two", "two", "two"]


def test_deployment_that_does_not_publish(sdk: Sdk, caller: Caller) -> None:
    """With "publish": false it is LATEST only, until it is deployed again without."""
    name = PREFIX + "skips"
    assert put(caller, name, "one", publish=False).said["version"] == "LATEST"
    assert ids(sdk, name) == []
    assert put(caller, name, "one").said["version"] == "1"
    assert put(caller, name, "one", publish=False).said["version"] == "1"
    assert put(caller, name, "two", publish=False).said["version"] == "LATEST"
    assert [called(sdk, name, q)[0][0] for q in ("1", "LATEST")] == ["one", "two"]


@pytest.mark.parametrize("given", [0, 1, "true", "no", [], {}])
def test_publish_is_true_or_false(caller: Caller, given: Any) -> None:
    """Anything else is one more wrong field."""
    answer = caller.deploy(body(PREFIX + "wrong", publish=given))
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", ["publish"])


# ---------------------------------------------------------------- what a function sees


def test_what_a_version_is_told(sdk: Sdk, caller: Caller) -> None:
    """Context, environment and headers have qualifier and version; LATEST is LATEST, published or not."""
    name = PREFIX + "told"
    put(caller, name, "one")
    assert called(sdk, name) == (["one", "LATEST", "LATEST", "LATEST", 1], "LATEST")
    assert called(sdk, name, "1") == (["one", "1", "1", "1", 1], "1")
    log = caller.call("GET", f"/v2/cn-hangzhou/deployments/{name}/logs").said["requests"]
    assert [entry["version"] for entry in log] == ["LATEST", "1"]


def test_version_is_frozen(sdk: Sdk, caller: Caller) -> None:
    """Settings of a version stay as they were when it was published."""
    name = PREFIX + "frozen"
    put(caller, name, "one", memory=256, environment={"A": "1"})
    change(sdk, name, memory_size=512, environment_variables={"A": "2"})
    was = sdk.get_function(name, models.GetFunctionRequest(qualifier="1")).body
    now = sdk.get_function(name, models.GetFunctionRequest(qualifier="LATEST")).body
    assert (was.memory_size, was.environment_variables) == (256, {"A": "1"})
    assert (now.memory_size, now.environment_variables) == (512, {"A": "2"})
    assert caller.get(name).said["version"] == "LATEST"


# ---------------------------------------------------------------- FC 3.0's own operations


def test_publish(sdk: Sdk, caller: Caller) -> None:
    """Updating publishes nothing; publishing gives the next number, and the body may be missing."""
    name = PREFIX + "publish"
    put(caller, name, "one", publish=False)
    first = publish(sdk, name, "stable")
    assert (first.version_id, first.description) == ("1", "stable")
    change(sdk, name, timeout=9)
    assert ids(sdk, name) == ["1"]
    bare = sdk.publish_function_version(name, models.PublishFunctionVersionRequest()).body
    assert (bare.version_id, bare.description) == ("2", "")
    change(sdk, name, timeout=10)
    raw = caller.call("POST", f"{FUNCTIONS}/{name}/versions")
    assert (raw.status, raw.said["versionId"]) == (200, "3")


def test_publishing_the_same_again(sdk: Sdk, caller: Caller) -> None:
    """A call that is repeated doubles nothing; another description makes another version."""
    name = PREFIX + "same"
    put(caller, name, "one", publish=False)
    assert [publish(sdk, name, text).version_id for text in ("a", "a", None, "b")] == ["1", "1", "1", "2"]


def test_instances_stay_when_what_they_run_is_published(sdk: Sdk, caller: Caller) -> None:
    """Publishing does not start LATEST anew."""
    name = PREFIX + "stays"
    put(caller, name, "one", publish=False)
    assert called(sdk, name)[0][-1] == 1
    publish(sdk, name)
    assert called(sdk, name)[0][-1] == 2


def test_list_in_pages(sdk: Sdk, caller: Caller) -> None:
    """The newest comes first unless FORWARD is asked for; pages go on by nextToken."""
    name = PREFIX + "pages"
    for n in range(5):
        put(caller, name, str(n))
    assert ids(sdk, name) == ids(sdk, name, direction="BACKWARD") == ["5", "4", "3", "2", "1"]
    assert ids(sdk, name, limit=1) == ["5"]
    for direction, pages in (("FORWARD", ["12", "34", "5"]), ("BACKWARD", ["54", "32", "1"])):
        token: str | None = ""
        for expected in pages:
            asked = models.ListFunctionVersionsRequest(limit=2, direction=direction, next_token=token)
            page = sdk.list_function_versions(name, asked).body
            assert ("".join(v.version_id for v in page.versions), page.direction) == (expected, direction)
            token = page.next_token
        assert token is None


def test_delete(sdk: Sdk, caller: Caller) -> None:
    """A version that was deleted is gone, its number is not given again, and LATEST goes on."""
    name = PREFIX + "delete"
    put(caller, name, "one")
    put(caller, name, "two")
    assert sdk.delete_function_version(name, "2").status_code == 204
    assert (ids(sdk, name), caller.get(name).said["version"]) == (["1"], "LATEST")
    assert called(sdk, name)[0][0] == "two"
    refused(lambda: called(sdk, name, "2"), "VersionNotFound", 404)
    assert publish(sdk, name).version_id == "3"


def test_number_begins_anew_with_the_function(sdk: Sdk, caller: Caller) -> None:
    """A function that is deleted takes its versions along."""
    name = PREFIX + "anew"
    put(caller, name, "one")
    put(caller, name, "two")
    assert called(sdk, name, "1")[0][0] == "one"
    caller.delete(name)
    assert put(caller, name, "three").said["version"] == "1"
    assert called(sdk, name, "1") == (["three", "1", "1", "1", 1], "1")


NOBODY = [
    lambda sdk: publish(sdk, PREFIX + "nobody"),
    lambda sdk: ids(sdk, PREFIX + "nobody"),
    lambda sdk: sdk.delete_function_version(PREFIX + "nobody", "1"),
    lambda sdk: called(sdk, PREFIX + "nobody", "1"),
]


@pytest.mark.parametrize("call", NOBODY)
def test_function_that_is_not_there(sdk: Sdk, call: Callable[[Sdk], Any]) -> None:
    """It is FunctionNotFound, whatever was asked of its versions."""
    assert PREFIX + "nobody" in refused(lambda: call(sdk), "FunctionNotFound", 404)


@pytest.mark.parametrize("version", ["2", "0", "01", "-1", "1.0", "9" * 12, "x", "LATEST", "ü"])
def test_version_that_is_not_there(sdk: Sdk, caller: Caller, version: str) -> None:
    """A number is written as it was given; nothing else is a version."""
    name = PREFIX + "missing"
    put(caller, name, "one")
    refused(lambda: sdk.delete_function_version(name, version), "VersionNotFound", 404)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"description": "x" * 257}, "description"),
        ({"description": 7}, "description"),
        ([], "not a JSON object"),
        (b"{", "not JSON"),
    ],
)
def test_publish_with_a_wrong_body(caller: Caller, sent: Any, said: str) -> None:
    """It is refused, and nothing is published."""
    name = PREFIX + "body"
    put(caller, name, "one", publish=False)
    answer = caller.call("POST", f"{FUNCTIONS}/{name}/versions", sent)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert said in answer.said["Message"]
    assert caller.call("GET", f"{FUNCTIONS}/{name}/versions").said["versions"] == []


@pytest.mark.parametrize(
    "asked", [{"direction": "UP"}, {"limit": 0}, {"limit": 101}, {"next_token": "??"}, {"next_token": "eA=="}]
)
def test_list_with_wrong_queries(sdk: Sdk, caller: Caller, asked: dict[str, Any]) -> None:
    """Direction, limit and token are looked at."""
    name = PREFIX + "queries"
    put(caller, name, "one")
    refused(lambda: ids(sdk, name, **asked), "InvalidArgument", 400)


# ---------------------------------------------------------------- instances


def test_latest_and_versions_have_instances_of_their_own(sdk: Sdk, caller: Caller) -> None:
    """They are there at the same time, a new LATEST ends only the old one, and each is listed by its qualifier."""
    name = PREFIX + "own"
    put(caller, name, "one")
    for qualifier in ("1", "LATEST", "1", "LATEST"):
        called(sdk, name, qualifier)
    assert (called(sdk, name, "1")[0][-1], called(sdk, name)[0][-1]) == (3, 3)
    put(caller, name, "two")
    assert (called(sdk, name, "1")[0][-1], called(sdk, name)[0][-1]) == (4, 1)

    def seen(qualifier: str | None = None) -> list[tuple[str, str]]:
        found = sdk.list_instances(name, models.ListInstancesRequest(qualifier=qualifier)).body.instances
        return sorted((i.qualifier, i.version_id) for i in found)

    assert seen() == [("1", "1"), ("LATEST", "0")]
    assert (seen("1"), seen("LATEST"), seen("2")) == ([("1", "1")], [("LATEST", "0")], [])
    refused(lambda: seen("3"), "VersionNotFound", 404)
    sdk.delete_function_version(name, "1")
    wait_for(lambda: seen() == [("LATEST", "0")])


def test_code_stays_while_a_version_has_it(server: Server, sdk: Sdk, caller: Caller) -> None:
    """The files of a version are there until the last that names them is gone."""
    name = PREFIX + "files"
    before = {path.name for path in (server.data / "code").iterdir()}

    def kept() -> int:
        return len({path.name for path in (server.data / "code").iterdir()} - before)

    put(caller, name, "files of one")
    put(caller, name, "files of two")
    put(caller, name, "files of one")
    assert (ids(sdk, name), kept()) == (["3", "2", "1"], 2)
    sdk.delete_function_version(name, "1")
    assert (called(sdk, name, "3")[0][0], kept()) == ("files of one", 2)
    sdk.delete_function_version(name, "2")
    wait_for(lambda: kept() == 1)
    caller.delete(name)
    wait_for(lambda: kept() == 0)


# ---------------------------------------------------------------- stores


def test_versions_outlive_the_server(tmp_path: Path) -> None:
    """They are there after a kill, and the next number goes on."""
    with serving(tmp_path) as server:
        put(Caller(server.url), "kept", "one")
        put(Caller(server.url), "kept", "two")
        sdk_of(server).delete_function_version("kept", "2")
        server.kill()
    with serving(tmp_path) as server:
        assert called(sdk_of(server), "kept", "1")[0][0] == "one"
        assert put(Caller(server.url), "kept", "three").said["version"] == "3"


def test_store_of_before_there_were_versions(tmp_path: Path) -> None:
    """What was deployed then is the version whose number it had, and the next deployment has the next number."""
    with serving(tmp_path) as server:
        put(Caller(server.url), "old", "one", layers=[])
    before = [migration.__name__ for migration in tables.MIGRATIONS].index("_published")
    with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite")) as db:
        ((name, text, *rest),) = db.execute("SELECT * FROM functions").fetchall()
    for file in tmp_path.glob("fc.sqlite*"):
        file.unlink()
    with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite")) as db, db:
        for migration in tables.MIGRATIONS[:before]:
            migration(db)
        answer = {key: value for key, value in json.loads(text).items() if key != "revision"}
        row = (name, json.dumps({**answer, "version": "7"}), *rest)
        db.execute("INSERT INTO functions VALUES (?,?,?,?)", row)
        db.execute(f"PRAGMA user_version={before}")
    with serving(tmp_path) as server:
        caller, sdk = Caller(server.url), sdk_of(server)
        assert (ids(sdk, "old"), caller.get("old").said["version"]) == (["7"], "7")
        assert called(sdk, "old", "7") == (["one", "7", "7", "7", 1], "7")
        assert put(caller, "old", "one").said["version"] == "7"
        assert put(caller, "old", "two").said["version"] == "8"
