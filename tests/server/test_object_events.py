"""``oss`` triggers: an object was put, and the functions that want to know are called with FC's event."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import pytest
import requests

from fc_magic.client.client import Client
from fc_magic.errors import InvalidArgument
from fc_magic.server.rules import MAX_PER_BUCKET
from tests.conftest import ACCOUNT, REGION, Deploy, Server, body, function_file, serving, zipped
from tests.server.buckets import bucket_at, client_at, oss2
from tests.server.calls import Caller
from tests.server.processes import Door, wait_for


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A bucket name of this test's own."""
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in request.node.name.lower())
    return f"{stem[:40].strip('-')}-{time.time_ns() % 10**9}"


@pytest.fixture
def bucket(server: Server, name: str) -> Iterator[oss2.Bucket]:
    with bucket_at(server.objects_url, name) as made:
        yield made


def trigger(bucket: str, *events: str, prefix: str = "", suffix: str = "", **more: Any) -> dict[str, Any]:
    key = {"prefix": prefix, "suffix": suffix}
    config = {"sourceArn": bucket, "filter": {"key": key}, **({"events": events} if events else {}), **more}
    return {"type": "oss", "config": config}


class Heard:
    """A function that tells each event it gets."""

    def __init__(self, deploy: Deploy, *triggers: dict[str, Any], name: str = "", sleep: float = 0) -> None:
        self.door = Door()
        environment = {"DOOR": self.door.name, "SLEEP": str(sleep)}
        named = {"name": name} if name else {}
        self.function = deploy("records", triggers=[*triggers], environment=environment, timeout=30, **named)

    def events(self, count: int) -> list[dict[str, Any]]:
        """The first ``count`` events, once there are as many."""
        wait_for(lambda: len(self.door.said()) >= count)
        return [event for said in self.door.said() for event in json.loads(said)["events"]]

    def told(self, count: int) -> list[tuple[str, str]]:
        return [(e["eventName"], e["oss"]["object"]["key"]) for e in self.events(count)]


@pytest.fixture
def hearing(deploy: Deploy) -> Iterator[Callable[..., Heard]]:
    made: list[Heard] = []

    def hear(*triggers: dict[str, Any], **more: Any) -> Heard:
        made.append(Heard(deploy, *triggers, **more))
        return made[-1]

    yield hear
    for heard in made:
        heard.door.close()


Hearing = Callable[..., Heard]


def test_event(hearing: Hearing, bucket: oss2.Bucket, client: Client, name: str) -> None:
    """A put is an asynchronous call with FC's event; the log says that it came from oss."""
    heard = hearing(trigger(name, prefix="in/", suffix=".png"))
    bucket.put_object("in/a.png", b"first", headers={"Content-Type": "image/png", "x-oss-meta-origin": "app"})
    answer = bucket.put_object("in/世 é.png", b"12345678")
    bucket.put_object("in/a.png", b"second!")
    events = heard.events(3)
    first = next(e for e in events if e["oss"]["object"]["size"] == 5)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("eventTime"))
    assert re.fullmatch(r"[0-9a-f]{40}", first["oss"].pop("ruleId"))
    assert re.fullmatch(r"[0-9A-F]{24}", first["responseElements"]["requestId"])
    assert first == {
        "eventName": "ObjectCreated:PutObject",
        "eventSource": "acs:oss",
        "eventVersion": "1.0",
        "region": REGION,
        "oss": {
            "ossSchemaVersion": "1.0",
            "bucket": {
                "name": name,
                "arn": f"acs:oss:{REGION}:{ACCOUNT}:{name}",
                "ownerIdentity": ACCOUNT,
                "virtualBucket": "",
            },
            "object": {
                "key": "in/a.png",
                "size": 5,
                "deltaSize": 5,
                "eTag": "8B04D5E3775D298E78455EFC5CA404D5",
                "objectMeta": {"mimeType": "image/png", "userMeta": {"x-oss-meta-origin": "app"}},
            },
        },
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": first["responseElements"],
        "userIdentity": {"principalId": ACCOUNT},
    }
    odd = next(e for e in events if e["oss"]["object"]["size"] == 8)
    assert odd["oss"]["object"]["key"] == "in/世 é.png"
    assert odd["responseElements"]["requestId"] == answer.request_id
    last = next(e for e in events if e["oss"]["object"]["size"] == 7)
    assert last["oss"]["object"]["deltaSize"] == 2
    entries = wait_for(lambda: (found := client.logs(heard.function.info.name).requests)[2:] and found)
    assert {(entry.caller, entry.error_type) for entry in entries} == {("oss", "")}


def test_prefix_and_suffix(hearing: Hearing, bucket: oss2.Bucket, name: str) -> None:
    """Both must match, and a bucket that is another's is another."""
    heard = hearing(trigger(name, prefix="in/", suffix=".png"))
    for key in ("in/a.txt", "out/a.png", "in/.png", "n/in/a.png", "in/a.PNG", "in/b/c.png"):
        bucket.put_object(key, b"x")
    with bucket_at(bucket.endpoint, f"{name[:50]}-other") as other:
        other.put_object("in/a.png", b"x")
    bucket.put_object("in/end.png", b"x")
    assert {key for _, key in heard.told(3)} == {"in/.png", "in/b/c.png", "in/end.png"}
    assert len(heard.door.said()) == 3


def test_every_event(hearing: Hearing, bucket: oss2.Bucket, name: str) -> None:
    """The wildcard hears of what is new and whole; parts, removals and changes are heard when they are named."""
    new = hearing(trigger(name, prefix="k"), name="hears-new")
    rest = [
        *(
            f"oss:ObjectCreated:{part}"
            for part in ("InitiateMultipartUpload", "UploadPart", "UploadPartCopy")
        ),
        *(f"oss:ObjectRemoved:{what}" for what in ("DeleteObject", "DeleteObjects", "AbortMultipartUpload")),
        "oss:ObjectModified:UpdateObjectMeta",
    ]
    named = hearing(trigger(name, *rest, prefix="k"), name="hears-rest")
    upload = bucket.init_multipart_upload("k1").upload_id
    part = bucket.upload_part("k1", upload, 1, b"part")
    bucket.complete_multipart_upload("k1", upload, [oss2.models.PartInfo(1, part.etag)])
    bucket.copy_object(name, "k1", "k2")
    bucket.append_object("k3", 0, b"a")
    bucket.put_symlink("k1", "k4")
    bucket.put_object("k5", b"v")
    bucket.update_object_meta("k5", {"x-oss-meta-a": "b"})
    bucket.delete_object("k5")
    bucket.batch_delete_objects(["k4"])
    bucket.abort_multipart_upload("k6", bucket.init_multipart_upload("k6").upload_id)
    told = set(new.told(5))
    assert {
        ("ObjectCreated:CompleteMultipartUpload", "k1"),
        ("ObjectCreated:CopyObject", "k2"),
        ("ObjectCreated:AppendObject", "k3"),
        ("ObjectCreated:PutSymlink", "k4"),
        ("ObjectCreated:PutObject", "k5"),
    } <= told
    assert not {n for n, _ in told} & {"ObjectCreated:InitiateMultipartUpload", "ObjectCreated:UploadPart"}
    assert {
        ("ObjectCreated:InitiateMultipartUpload", "k1"),
        ("ObjectCreated:UploadPart", "k1"),
        ("ObjectRemoved:DeleteObject", "k5"),
        ("ObjectRemoved:DeleteObjects", "k4"),
        ("ObjectRemoved:AbortMultipartUpload", "k6"),
    } <= set(named.told(6))


def test_whoever_puts(hearing: Hearing, server: Server, bucket: oss2.Bucket, name: str) -> None:
    """The newer SDK, a presigned URL and a function are heard as well."""
    heard = hearing(trigger(name, prefix="in/"))
    with client_at(server.objects_url) as sdk:
        sdk.put_object(oss_v2.PutObjectRequest(bucket=name, key="in/sdk", body=b"x"))
    url = bucket.sign_url("PUT", "in/presigned", 60, slash_safe=True)
    with requests.Session() as session:
        assert session.put(url, data=b"x").status_code == 200
    put = {"name": "puts-objects", "code": function_file("stores")}
    with server.client() as other:
        other.deploy({**put, "environment": {"BUCKET": name, "KEY": "in/function"}})(b"x")
    assert {key for _, key in heard.told(3)} == {"in/sdk", "in/presigned", "in/function"}


def test_order_of_one_object(hearing: Hearing, bucket: oss2.Bucket, name: str) -> None:
    """What happens to one object is heard in its order, one at a time; other objects do not wait for it."""
    heard = hearing(trigger(name, "ObjectCreated:*", "ObjectRemoved:DeleteObject", prefix="k"), sleep=0.05)
    for size in range(1, 6):
        bucket.put_object("k", bytes(size))
    bucket.put_object("k-other", b"")
    bucket.delete_object("k")
    events = [e for e in heard.events(7) if e["oss"]["object"]["key"] == "k"]
    assert [e["oss"]["object"]["size"] for e in events] == [1, 2, 3, 4, 5, 5]
    assert events[-1]["eventName"] == "ObjectRemoved:DeleteObject"


def test_many_objects(hearing: Hearing, server: Server, bucket: oss2.Bucket, name: str) -> None:
    """A hundred uploads at once are heard of once each, and leave instances for other calls."""
    heard = hearing(trigger(name, prefix="k"))
    for number in range(100):
        bucket.put_object(f"k{number}", b"")
    assert sorted(key for _, key in heard.told(100)) == sorted(f"k{number}" for number in range(100))


def test_function_that_fails(client: Client, deploy: Deploy, bucket: oss2.Bucket, name: str) -> None:
    """A failing function does not fail the put, and its log has the failure."""
    function = deploy("raises", triggers=[trigger(name, prefix="k")])
    assert bucket.put_object("k", b"x").status == 200
    (entry,) = wait_for(lambda: client.logs(function.info.name).requests)
    assert (entry.caller, entry.error_type) == ("oss", "UnhandledInvocationError")


def test_call_that_could_not_be_run(tmp_path: Path) -> None:
    """A call that was refused is in the function's log too, with the reason."""
    with serving(tmp_path) as server, bucket_at(server.objects_url, "pics") as bucket:
        caller = Caller(server.url)
        code = zipped("import os, time\ndef handler(e, c):\n    time.sleep(0.01)\n")
        caller.deploy(body("f", code, triggers=[trigger("pics", prefix="k")]))
        key = next(path.name for path in (tmp_path / "code").iterdir())
        (tmp_path / "code" / key / "files").rename(tmp_path / "moved")
        bucket.put_object("k", b"x")
        (entry,) = wait_for(lambda: caller.call("GET", "/v2/cn-hangzhou/deployments/f/logs").said["requests"])
        assert entry["caller"] == "oss"
        assert entry["errorType"]


def test_it_stops_with_its_trigger(hearing: Hearing, client: Client, bucket: oss2.Bucket, name: str) -> None:
    """A trigger that was changed hears by its new rule only; a function that was deleted hears nothing."""
    heard = hearing(trigger(name, prefix="a"), name="hears")
    bucket.put_object("a", b"")
    heard.events(1)
    again = hearing(trigger(name, prefix="b"), name="hears")
    bucket.put_object("a", b"")
    bucket.put_object("b", b"")
    assert again.told(1) == [("ObjectCreated:PutObject", "b")]
    assert len(heard.door.said()) == 1
    client.delete("hears")
    bucket.put_object("b", b"")
    last = hearing(trigger(name, prefix="b2"), name="hears-too")
    bucket.put_object("b2", b"")
    last.events(1)
    assert len(again.door.said()) == 1


def test_restart_keeps_the_triggers(tmp_path: Path) -> None:
    """After a restart, even of a killed server, an upload calls the function without a deployment."""
    with contextlib.closing(Door()) as door:
        with serving(tmp_path) as server, bucket_at(server.objects_url, "pics"):
            given = [trigger("pics", prefix="a"), trigger("pics", prefix="b")]
            fields = body("f", function_file("records"), triggers=given, environment={"DOOR": door.name})
            assert Caller(server.url).deploy(fields).status == 201
            server.kill()
        with serving(tmp_path) as server, bucket_at(server.objects_url, "pics", make=False) as bucket:
            bucket.put_object("a", b"")
            bucket.put_object("b", b"")
            wait_for(lambda: len(door.said()) == 2)


class Closed(Door):
    """Lets nobody in until it is opened."""

    is_open = False

    def may_come_in(self, said: str) -> bool:
        return self.is_open


def test_end_with_events_under_way(tmp_path: Path) -> None:
    """Calls that run and events that wait do not keep the server from ending, and run after the next start."""
    with contextlib.closing(Closed()) as door:
        with serving(tmp_path) as server, bucket_at(server.objects_url, "pics") as bucket:
            fields = body("f", function_file("records"), triggers=[trigger("pics", prefix="k")], timeout=60)
            Caller(server.url).deploy({**fields, "environment": {"DOOR": door.name}})
            for size in range(3):
                bucket.put_object("k", bytes(size))
            wait_for(door.said)
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 10
            assert len(door.said()) == 1
        assert "Traceback" not in "".join(server.output)
        door.is_open = True
        with serving(tmp_path):
            wait_for(lambda: len(door.said()) >= 4)
        sizes = [json.loads(said)["events"][0]["oss"]["object"]["size"] for said in door.said()]
        assert sizes == [0, 0, 1, 2]


# ---------------------------------------------------------------- what is said of a trigger


def test_filled_in(client: Client, deploy: Deploy, name: str) -> None:
    """A bucket becomes its ARN and a trigger has OSS's own role; deployed again, nothing has changed."""
    given = [{"type": "oss", "config": {"sourceArn": name, "filter": {"key": {"suffix": ".x"}}}}]
    function = deploy("echo", triggers=given)
    (found,) = function.info.triggers
    assert found.source_arn == f"acs:oss:{REGION}:{ACCOUNT}:{name}"
    assert found.invocation_role == f"acs:ram::{ACCOUNT}:role/AliyunOSSEventNotificationRole"
    assert found.events == ("oss:ObjectCreated:*",)
    assert deploy("echo", triggers=given).info.outcome == "unchanged"
    caller_sent = Caller(client.target.endpoint).put(
        function.info.name, body(function.info.name, function_file("echo"), triggers=given)
    )
    assert caller_sent.said["triggers"][0]["config"]["sourceArn"] == found.source_arn


def test_notes(server: Server, bucket: oss2.Bucket, name: str) -> None:
    """A trigger that may call itself without end, one without a bucket, and one of another account are warned of."""
    caller = Caller(server.url)
    quiet = caller.deploy(body(f"a-{name}"[:60], triggers=[trigger(name, prefix="in/")])).said
    assert quiet["warnings"] == []
    wide = caller.deploy(body(f"b-{name}"[:60], triggers=[trigger(name)])).said
    assert ["without end" in text for text in wide["warnings"]] == [True]
    missing = caller.deploy(body(f"c-{name}"[:60], triggers=[trigger("nowhere-yet", suffix=".x")])).said
    assert ["no bucket nowhere-yet" in text for text in missing["warnings"]] == [True]
    foreign = trigger(f"acs:oss:{REGION}:99:{name}", suffix=".x")
    other = caller.deploy(body(f"d-{name}"[:60], triggers=[foreign])).said
    assert ["account 99" in text for text in other["warnings"]] == [True]
    for letter in "abcd":
        assert caller.delete(f"{letter}-{name}"[:60]).status == 204


def test_other_region(server: Server, name: str) -> None:
    """A bucket of another region is refused, with its name in this one."""
    given = [trigger(name, suffix=".a"), trigger(f"acs:oss:cn-beijing:{ACCOUNT}:{name}", suffix=".b")]
    answer = Caller(server.url).deploy(body("never", triggers=given))
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", ["triggers.1"])
    (detail,) = answer.said["Details"]
    assert "cn-beijing" in detail["problem"]
    assert detail["hint"] == f"acs:oss:{REGION}:{ACCOUNT}:{name}"


def test_triggers_of_one_bucket(client: Client, deploy: Deploy, name: str) -> None:
    """A bucket has ten triggers at most, of all functions together."""
    some = [trigger(name, prefix=str(number)) for number in range(MAX_PER_BUCKET)]
    deploy("echo", triggers=some[:6], name="six")
    deploy("echo", triggers=some[6:], name="four")
    with pytest.raises(InvalidArgument, match="has 10 oss triggers already") as refused:
        deploy("echo", triggers=[trigger(name, prefix="x")], name="one")
    assert [problem.field for problem in refused.value.problems] == ["triggers.0"]
    assert "four, six" in refused.value.problems[0].problem
    deploy("echo", triggers=some[:6], name="six", memory=256)
    client.delete("four")
    deploy("echo", triggers=[trigger(name, prefix="x")], name="one")
