"""A deployment in FC 3.0's own words: what is sent, what is found, and where things stand when it fails."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest

from fc_magic.client.client import Client
from fc_magic.errors import ApiError, FcError, InvalidArgument
from fc_magic.notebook.pull import pull
from fc_magic.wire import translation, v2
from fc_magic.wire.fc3 import cpu_for
from fc_magic.wire.results import Function
from fc_magic.wire.triggers import Http
from tests.client.endpoint import SECRET, Endpoint, Request, answer, client_of, refusal
from tests.conftest import ACCOUNT, REGION, Server, body, zipped

ECHO = zipped("def handler(event, context):\n    return event\n")
WEB = {"type": "http", "config": {"name": "web"}}
TICK = {"type": "timer", "config": {"name": "tick", "cronExpression": "@every 5m"}}


@pytest.fixture
def fc3(server: Server) -> Iterator[Client]:
    with server.client("fc3") as made:
        yield made
        for function in made.list("fc3-"):
            made.delete(function.name)


def put(client: Client, name: str, **fields: Any) -> Function:
    return client.deploy({"name": f"fc3-{name}", "code": ECHO, **fields}).info


def config(function: Function, name: str) -> dict[str, Any]:
    return next(t.config() for t in function.triggers if t.name == name)


# ---------------------------------------------------------------- what is deployed


def test_created_updated_unchanged(fc3: Client) -> None:
    """The outcome says what was done, and a version is published of other code or settings; triggers are neither."""
    found = [
        put(fc3, "echo"),
        put(fc3, "echo"),
        put(fc3, "echo", memory=256),
        put(fc3, "echo", memory=256, triggers=[TICK]),
    ]
    assert [(f.outcome, f.version) for f in found] == [
        ("created", "1"), ("unchanged", "1"), ("updated", "2"), ("updated", "2"),
    ]  # fmt: skip


def test_without_a_version(fc3: Client) -> None:
    """``publish`` False leaves it unpublished, until it is deployed without."""
    assert put(fc3, "none", publish=False).version == "LATEST"
    assert [v.id for v in fc3.versions("fc3-none")] == []
    found = [put(fc3, "none"), put(fc3, "none"), put(fc3, "none", publish=False)]
    assert [(f.outcome, f.version) for f in found] == [
        ("updated", "1"), ("unchanged", "1"), ("unchanged", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"environment": {"A": "b", "C": "ü"}, "description": "d", "timeout": 7},
        {"entrypoint": "index.begin", "handler": "index.handler"},
        {"runtime": "custom", "entrypoint": "python3 'my app.py' --port 9000", "handler": "x"},
        {"vpc_config": {"vpc_id": "v", "vswitch_ids": ["a", "b"], "security_group_id": "s"}},
        {"triggers": [WEB, TICK]},
        {
            "triggers": [
                {"type": "oss", "config": {"bucketName": "some-bucket", "filter": {"key": {"prefix": "in/"}}}}
            ]
        },
    ],
)
def test_both_dialects_deploy_the_same(server: Server, fc3: Client, fields: dict[str, Any]) -> None:
    """What one dialect deploys is for the other the same deployment, and neither has anything to change."""
    with server.client() as deployments:
        mine, theirs = put(fc3, "same", **fields), put(deployments, "same", **fields)
        assert (mine.outcome, theirs.outcome) == ("created", "unchanged")
        assert mine.settings() == theirs.settings()
        again = put(deployments, "same", **fields, memory=512), put(fc3, "same", **fields, memory=512)
        assert [f.outcome for f in again] == ["updated", "unchanged"]


def test_what_is_left_out_is_cleared(fc3: Client) -> None:
    """A deployment is whole: what the one before had and this one has not is gone."""
    full = {"environment": {"A": "b"}, "description": "d", "entrypoint": "index.begin", "triggers": [WEB]}
    put(fc3, "less", **full, vpc_config={"vpc_id": "v", "vswitch_ids": ["a"], "security_group_id": "s"})
    less = put(fc3, "less")
    assert (less.environment, less.description, less.initializer, less.triggers) == ({}, "", "", ())
    assert less.vpc_config is None


def test_what_only_fc3_can_set_stays(fc3: Client) -> None:
    """A deployment has no field for it, so it does not change it."""
    put(fc3, "own")
    path = "/2023-03-30/functions/fc3-own"
    change = {
        "diskSize": 10240,
        "instanceLifecycleConfig": {"preStop": {"handler": "index.end", "timeout": 9}},
    }
    fc3.session.call("UpdateFunction", "2023-03-30", "PUT", path, body=change)
    again = put(fc3, "own", memory=256)
    assert (again.disk, again.pre_stop.handler if again.pre_stop else None) == (10240, "index.end")


def test_role_is_optional(server: Server) -> None:
    """FC 3.0 needs none; the deployments API does, and a deployment by either has none in the end."""
    with server.client("fc3") as made:
        roleless = dataclasses.replace(made.target, role="")
        with Client(roleless, made.settings) as client:
            assert (put(client, "roleless").role, put(client, "roleless").outcome) == ("", "unchanged")
        made.delete("fc3-roleless")


# ---------------------------------------------------------------- triggers and addresses


def test_triggers_are_brought_in_line(fc3: Client) -> None:
    """New ones come, others change and keep their id, those that are gone go; another type is another trigger."""
    first = put(fc3, "called", triggers=[WEB, TICK])
    slower = {"type": "timer", "config": {"name": "tick", "cronExpression": "@every 9m", "payload": "p"}}
    second = put(fc3, "called", triggers=[slower])
    assert [t.name for t in second.triggers] == ["tick"]
    assert config(second, "tick")["cronExpression"] == "@every 9m"
    assert second.trigger_ids["tick"] == first.trigger_ids["tick"]
    third = put(fc3, "called", triggers=[{"type": "http", "config": {"name": "tick"}}])
    assert [t.type for t in third.triggers] == ["http"]


def test_address_is_a_custom_domain(server: Server, fc3: Client) -> None:
    """``url`` answers at its host and path; another path replaces it, and without one the domain is gone."""

    def asked(path: str) -> int:
        return requests.get(server.url + path, headers={"Host": "fc3.example.com"}, timeout=20).status_code

    def led(*paths: str) -> list[int]:
        triggers = [{"type": "http", "config": {"url": f"http://fc3.example.com{path}"}} for path in paths]
        put(fc3, "web", code=zipped("def handler(e, c):\n    return 'hi'\n"), triggers=triggers)
        return [asked("/a"), asked("/b")]

    assert led("/a") == [200, 404]
    assert led("/b") == [404, 200]
    assert [trigger.type for trigger in put(fc3, "web", triggers=[WEB]).triggers] == ["http"]
    assert asked("/b") == 403


def test_domain_of_two_functions(fc3: Client) -> None:
    """Each has its path; one that is taken is refused with whose it is, and the other's route stays."""

    def at(name: str, path: str) -> Function:
        return put(fc3, name, triggers=[{"type": "http", "config": {"url": f"http://two.example.com{path}"}}])

    at("one", "/one")
    at("two", "/two")
    with pytest.raises(InvalidArgument, match=r"two\.example\.com/one already leads to fc3-one"):
        at("two", "/one")
    fc3.delete("fc3-two")
    assert [u.url for u in fc3.get("fc3-one").info.urls][1:] == ["http://two.example.com/one"]


# ---------------------------------------------------------------- addresses, in both dialects


@pytest.fixture
def both(server: Server, fc3: Client) -> Iterator[dict[str, Client]]:
    """A client of each dialect. No custom domain is left behind."""
    with server.client() as deployments:
        yield {"v2": deployments, "fc3": fc3}
    for host in domains(fc3):
        fc3.session.call("DeleteCustomDomain", "2023-03-30", "DELETE", f"{DOMAINS}/{host}")


DOMAINS = "/2023-03-30/custom-domains"
FIRST = pytest.mark.parametrize(("first", "second"), [("v2", "fc3"), ("fc3", "v2")])


def domains(fc3: Client) -> dict[str, dict[str, Any]]:
    found = fc3.session.call("ListCustomDomains", "2023-03-30", "GET", DOMAINS).read(dict)
    return {domain["domainName"]: domain for domain in found["customDomains"]}


def web(url: str = "", **config: Any) -> dict[str, Any]:
    return {"type": "http", "config": {"name": "web", **({"url": url} if url else {}), **config}}


def answers(server: Server, url: str) -> int:
    """The status of a request to this address."""
    host, _, path = url.removeprefix("http://").partition("/")
    return requests.get(f"{server.url}/{path}", headers={"Host": host}, timeout=20).status_code


CODE = zipped("def handler(event, context):\n    return 'hi'\n")


HS_KEY = {"kty": "oct", "alg": "HS256", "k": "c29tZS1zZWNyZXQtb2Ytb3Vycy10aGF0LWlzLWxvbmctZW5vdWdo"}


@FIRST
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"methods": ["GET"]},
        {"corsConfig": {"allowOrigins": ["https://app.example.com"]}},
        {
            "authType": "jwt",
            "authConfig": {
                "jwks": {"keys": [HS_KEY]},
                "tokenLookup": "query:t",
            },
        },
    ],
)
def test_an_address_in_both_dialects(
    server: Server, both: dict[str, Client], first: str, second: str, fields: dict[str, Any]
) -> None:
    """What one dialect deployed with a url, the other shows, has nothing to change of, and takes back."""
    url = "http://ways.example.com/a"
    status = 403 if fields.get("authType") else 200
    made = put(both[first], "ways", code=CODE, triggers=[web(url, **fields)])
    before = domains(both["fc3"])
    shown = both[second].get("fc3-ways").info
    assert url in [*(u.url for u in shown.urls), *urls(shown)]
    again = put(both[second], "ways", code=CODE, triggers=[web(url, **fields)])
    assert (again.outcome, again.version) == ("unchanged", made.version)
    assert domains(both["fc3"]) == before
    for client in both.values():
        assert urls(client.get("fc3-ways").info) == [url]
        assert put(client, "ways", code=CODE, triggers=[web(url, **fields)]).outcome == "unchanged"
    assert answers(server, url) == status
    gone = put(both[second], "ways", code=CODE, triggers=[web(**fields)])
    assert gone.outcome == "updated"
    for client in both.values():
        assert urls(client.get("fc3-ways").info) == []
        assert put(client, "ways", code=CODE, triggers=[web(**fields)]).outcome == "unchanged"
    assert domains(both["fc3"]) == {}
    assert answers(server, url) == 403


def urls(function: Function) -> list[str]:
    return [trigger.url for trigger in function.triggers if isinstance(trigger, Http) and trigger.url]


@FIRST
def test_moving_an_address(server: Server, both: dict[str, Client], first: str, second: str) -> None:
    """Another host or path takes the place of the one before, whoever deployed that."""
    old = "http://moves.example.com/a"
    put(both[first], "moves", code=CODE, triggers=[web(old)])
    put(both[second], "moves", code=CODE, triggers=[web(old)])
    for new in ("http://moves.example.com/b", "http://moved.example.com/a"):
        put(both[second], "moves", code=CODE, triggers=[web(new)])
        assert (answers(server, new), answers(server, old)) in ((200, 403), (200, 404))
        old = new
    assert list(domains(both["fc3"])) == ["moved.example.com"]


@FIRST
def test_two_functions_of_two_dialects(
    server: Server, both: dict[str, Client], first: str, second: str
) -> None:
    """Each has its path of one host, keeps it when the other goes, and is not given that of the other."""
    one, two = "http://share.example.com/one", "http://share.example.com/two"
    put(both[first], "one", code=CODE, triggers=[web(one)])
    put(both[second], "two", code=CODE, triggers=[web(two)])
    assert [answers(server, url) for url in (one, two)] == [200, 200]
    assert put(both[first], "one", code=CODE, triggers=[web(one)]).outcome == "unchanged"
    with pytest.raises(InvalidArgument, match="already leads to fc3-one"):
        put(both[second], "two", code=CODE, triggers=[web(one)])
    both[second].delete("fc3-two")
    assert [answers(server, url) for url in (one, two)] in ([200, 404], [200, 403])
    assert put(both[first], "one", code=CODE, triggers=[web(one)]).outcome == "unchanged"
    put(both[first], "one", code=CODE, triggers=[web()])
    assert domains(both["fc3"]) == {}


@pytest.mark.parametrize(("first", "second"), [("v2", "fc3"), ("fc3", "v2"), ("fc3", "fc3")])
def test_who_may_call_at_an_address(server: Server, both: dict[str, Client], first: str, second: str) -> None:
    """authType and methods change at the address, too, whoever deployed it."""
    url = "http://may.example.com/a"
    put(both[first], "may", code=CODE, triggers=[web(url, methods=["GET"])])
    assert put(both[second], "may", code=CODE, triggers=[web(url, methods=["PUT"])]).outcome == "updated"
    assert answers(server, url) == 405
    assert put(both[second], "may", code=CODE, triggers=[web(url)]).outcome == "updated"
    assert answers(server, url) == 200
    assert put(both[second], "may", code=CODE, triggers=[web(url, authType="function")]).outcome == "updated"
    assert answers(server, url) == 400
    assert put(both[first], "may", code=CODE, triggers=[web(url, authType="function")]).outcome == "unchanged"


@FIRST
def test_addresses_of_two_qualifiers(
    server: Server, both: dict[str, Client], first: str, second: str
) -> None:
    """The url of each http trigger is its own."""
    one = {"type": "http", "config": {"name": "now", "url": "http://now.example.com/"}}
    two = {"type": "http", "config": {"name": "was", "url": "http://was.example.com/", "qualifier": "1"}}
    put(both[first], "many", code=CODE)
    mine = put(both[first], "many", code=CODE, triggers=[one, two])
    theirs = put(both[second], "many", code=CODE, triggers=[one, two])
    assert theirs.outcome == "unchanged"
    assert theirs.settings() == mine.settings()
    listed = {function.name: urls(function) for function in both["fc3"].list("fc3-")}
    assert sorted(listed["fc3-many"]) == ["http://now.example.com/", "http://was.example.com/"]


def test_an_explicit_domain_is_not_of_a_deployment(server: Server, both: dict[str, Client]) -> None:
    """Deploying the same without a url by the one-call API neither changes nor loses a domain that leads there."""
    v2_, fc3_ = both["v2"], both["fc3"]
    put(v2_, "apart", code=CODE, triggers=[web()])
    leads = {"routes": [{"path": "/x", "functionName": "fc3-apart", "methods": ["GET"]}]}
    made = {"domainName": "apart.example.com", "routeConfig": leads}
    fc3_.session.call("CreateCustomDomain", "2023-03-30", "POST", DOMAINS, body=made)
    before = domains(fc3_)
    shown = v2_.get("fc3-apart").info
    assert ([u.url for u in shown.urls][1:], urls(shown)) == (["http://apart.example.com/x"], [])
    assert [u.url for u in v2_.list("fc3-apart")[0].urls][1:] == ["http://apart.example.com/x"]
    assert put(v2_, "apart", code=CODE, triggers=[web()]).outcome == "unchanged"
    assert put(v2_, "apart", code=CODE, triggers=[web()], memory=256).outcome == "updated"
    assert domains(fc3_) == before
    added = put(v2_, "apart", code=CODE, triggers=[web("http://apart.example.com/y")], memory=256)
    assert added.outcome == "updated"
    assert answers(server, "http://apart.example.com/y") == 200


@FIRST
def test_pulled_with_its_address(both: dict[str, Client], first: str, second: str) -> None:
    """The cell that is made of a live function asks by FC 3.0 for the address that it has, whoever deployed it."""
    url = "http://pulled.example.com/x"
    for dialect in (first, second):
        put(both[dialect], "pulled", code=CODE, triggers=[web(url, methods=["GET"])])
        assert url in pull(both["fc3"], "fc3-pulled").cell


# ---------------------------------------------------------------- half-way


def test_refused_half_way(fc3: Client) -> None:
    """The error says what is done and what is not; what was created runs, and deploying again finishes it."""
    elsewhere = {
        "type": "oss",
        "config": {"name": "up", "sourceArn": f"acs:oss:cn-beijing:{ACCOUNT}:a-bucket"},
    }
    with pytest.raises(InvalidArgument) as refused:
        put(fc3, "half", triggers=[WEB, elsewhere])
    assert (
        "done: create the function, create trigger web; not done: create trigger up" in refused.value.message
    )
    assert fc3.invoke("fc3-half", {"a": 1}).value == {"a": 1}
    whole = put(fc3, "half", triggers=[WEB])
    assert (whole.outcome, whole.version, [t.name for t in whole.triggers]) == ("updated", "1", ["web"])


def test_refused_update_leaves_what_ran(fc3: Client) -> None:
    """An update that is refused changes nothing, and says so."""
    put(fc3, "kept")
    with pytest.raises(ApiError) as refused:
        put(fc3, "kept", code=zipped("x = 1"), layers=[{"name": "no-such-layer", "version": "9"}])
    assert (
        "not done: update the function, publish a version; what ran before still runs"
        in refused.value.message
    )
    assert fc3.invoke("fc3-kept", "x").value == "x"


FOUND = {
    "functionName": "f",
    "runtime": "python3.10",
    "handler": "index.handler",
    "memorySize": 128,
    "functionArn": f"acs:fc:{REGION}:{ACCOUNT}:functions/f",
    "codeChecksum": "1",
}


def test_waits_until_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that is being made is asked for until it is Active; one that failed says why."""
    monkeypatch.setattr("fc_magic.client.ready.LOOK_S", 0.01)
    pending = {**FOUND, "state": "Pending", "lastUpdateStatus": "InProgress"}
    failed = {**FOUND, "state": "Failed", "stateReason": "no such image"}
    script = [
        refusal(404, "FunctionNotFound"),
        answer(200, pending),
        answer(200, pending),
        answer(200, failed),
    ]
    with Endpoint(script) as endpoint, client_of(endpoint.url, api="fc3") as client:
        with pytest.raises(FcError, match="did not become ready: no such image"):
            client.deploy({"name": "f", "code": ECHO})
        assert [r.headers["x-acs-action"] for r in endpoint.requests] == [
            "GetFunction", "CreateFunction", "GetFunction", "GetFunction",
        ]  # fmt: skip


# ---------------------------------------------------------------- as the official SDK says it


@pytest.mark.parametrize("live", [{}, {"maxAsyncRetryAttempts": 1, "maxAsyncEventAgeInSeconds": 60}])
def test_async_config_that_is_put_is_whole(live: dict[str, Any]) -> None:
    """What was there is put again with what changes, and nothing that was not: so it stays if a put replaces all."""
    to = {"onFailure": {"destination": f"acs:fc:{REGION}:{ACCOUNT}:functions/told"}}
    there = {**live, "destinationConfig": to, "functionArn": "acs:fc", "createdTime": "2026-01-01T00:00:00Z"}
    script = [answer(200, there)] if live else [refusal(404, "AsyncConfigNotExists")]
    with Endpoint([*script, answer(200, there)]) as endpoint, client_of(endpoint.url, api="fc3") as client:
        client.async_config("f", task=True)
        put = endpoint.requests[-1]
    whole = {**live, "destinationConfig": to} if live else {}
    assert (put.method, json.loads(put.body)) == ("PUT", {**whole, "asyncTask": True})


def recorded(act: Any) -> Request:
    with Endpoint([answer(200, {"versionId": "1", "aliasName": "prod"})]) as endpoint:
        act(endpoint.url)
        return endpoint.requests[-1]


def sdk(url: str) -> Sdk:
    return Sdk(
        Config(
            endpoint=url.removeprefix("http://"),
            protocol="http",
            access_key_id="AK",
            access_key_secret=SECRET,
        )
    )


def ours(url: str) -> Client:
    return client_of(url, api="fc3", token="")


SAME = {
    "CreateAlias": (
        lambda url: ours(url).put_alias("f", "prod", 1, canary={2: 0.1}),
        lambda url: sdk(url).create_alias("f", models.CreateAliasRequest(body=models.CreateAliasInput(
            alias_name="prod", version_id="1", additional_version_weight={"2": 0.1}))),
    ),
    "PublishFunctionVersion": (
        lambda url: ours(url).publish("f", "d"),
        lambda url: sdk(url).publish_function_version("f", models.PublishFunctionVersionRequest(
            body=models.PublishVersionInput(description="d"))),
    ),
    "GetAlias": (lambda url: ours(url).alias("f", "prod"), lambda url: sdk(url).get_alias("f", "prod")),
    "DeleteAlias": (lambda url: ours(url).delete_alias("f", "a-b"), lambda url: sdk(url).delete_alias("f", "a-b")),
}  # fmt: skip


@pytest.mark.parametrize("action", SAME)
def test_requests_are_those_of_the_official_sdk(action: str) -> None:
    """Method, path, body, and the signed headers; signed by the SDK's own code ours has the same signature."""
    mine, theirs = (recorded(act) for act in SAME[action])
    assert (mine.method, mine.path) == (theirs.method, theirs.path)
    assert json.loads(mine.body or "null") == json.loads(theirs.body or "null")
    for header in ("x-acs-action", "x-acs-version", "content-type", "accept"):
        assert mine.headers.get(header) == theirs.headers.get(header)
    names = mine.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = DaraRequest()
    request.method, request.pathname = mine.method, mine.path
    request.headers = {name: mine.headers[name] for name in names}
    payload = mine.headers["x-acs-content-sha256"]
    signed = Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, "AK", SECRET)
    assert mine.headers["authorization"] == signed


# ---------------------------------------------------------------- translation


@pytest.mark.parametrize(
    ("image", "whole"),
    [
        ({"image_url": "r.example.com/t/web", "image_tag": "1.4"}, "r.example.com/t/web:1.4"),
        ({"image_url": "https://r.example.com/web:2"}, "r.example.com/web:2"),
        (
            {"image_url": "r.example.com/web", "image_digest_value": "a" * 64},
            "r.example.com/web@sha256:" + "a" * 64,
        ),
    ],
)
def test_container_in_fc3_words(image: dict[str, str], whole: str) -> None:
    """An image is one reference, and its entrypoint a list of words."""
    given = {
        **body("web"),
        "runtime": "custom-container",
        "handler": "h",
        "entrypoint": "/app/start --port 9000",
    }
    del given["code"]
    deployment, _ = v2.decode({**given, **image, "memory": 1024, "custom_container_config": {"args": "-v"}})
    sent = translation.encode(deployment, {}, [])
    assert sent["customContainerConfig"] == {
        "image": whole, "port": 9000, "entrypoint": ["/app/start", "--port", "9000"], "command": ["-v"],
    }  # fmt: skip
    assert (sent["cpu"], sent["diskSize"], "code" in sent) == (cpu_for(1024), 512, False)


@pytest.mark.parametrize("api", ["v2", "fc3"])
def test_going_back_looks_at_every_version(server: Server, api: str) -> None:
    """Back from an old version is the one before it, however many there are since."""
    with server.client(api) as client:
        for number in range(13):
            put(client, "old", code=zipped(f"def handler(e, c):\n    return {number}\n"))
        assert client.rollback("fc3-old", 2).info.version == "2"
        assert client.rollback("fc3-old").info.version == "1"
        assert client.invoke("fc3-old").value == 0
        client.delete("fc3-old")
