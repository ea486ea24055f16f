"""The one-call API as its page describes it: statuses, fields, refusals, and what is stored after each."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ACCOUNT, REGION, ROLE, Server, body, function_file, serving, zipped
from tests.server.calls import DEPLOYMENTS, FUNCTIONS, Answer, Caller
from tests.server.web import Web, whole

PREFIX = "dep-"
HTTP = {"type": "http", "config": {}}
TIMER = {"type": "timer", "config": {"cronExpression": "@every 1h"}}


def named(prefix: str, text: str) -> str:
    return prefix + re.sub(r"[^a-z0-9]+", "-", text.lower())[:40].strip("-")


@pytest.fixture
def caller(server: Server) -> Caller:
    return Caller(server.url)


@pytest.fixture
def name(caller: Caller, request: pytest.FixtureRequest) -> Iterator[str]:
    """A name of this test; everything whose name begins with it is gone afterwards."""
    made = named(PREFIX, request.node.name)
    yield made
    for left in caller.names(made):
        caller.delete(left)


def refused(answer: Answer, status: int, code: str) -> Answer:
    """Holds an answer to be a refusal in Function Compute's form; returns it."""
    assert (answer.status, answer.code) == (status, code), answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.said["RequestId"] == answer.headers["x-fc-request-id"] != ""
    assert answer.said["Message"]
    return answer


# ---------------------------------------------------------------- the verbs


def test_life_of_a_deployment(caller: Caller, name: str) -> None:
    """Created 201, shown 200, replaced 200, removed 204, and then not found."""
    assert caller.get(name).status == 404
    created = caller.deploy(body(name, memory=256))
    assert created.status == 201, created.body
    shown = caller.get(name)
    assert shown.status == 200
    replaced = caller.put(name, body(name, timeout=9))
    assert replaced.status == 200
    assert (replaced.said["memory"], replaced.said["timeout"]) == (128, 9)
    removed = caller.delete(name)
    assert (removed.status, removed.body) == (204, b"")
    for answer in (caller.get(name), caller.delete(name), caller.put(name, body(name))):
        assert name in refused(answer, 404, "DeploymentNotFound").said["Message"]


def test_answer_is_complete(caller: Caller, name: str) -> None:
    """The answer has what the API's page lists, and the body's own fields back without the code."""
    sent = body(
        name,
        description="déjà vu",
        memory=192,
        timeout=7,
        environment={"A": "1"},
        entrypoint="index.initialize",
        triggers=[HTTP, TIMER],
        vpc_config={"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1"},
    )
    said = caller.deploy(sent).said
    code = sent.pop("code")
    assert {key: said[key] for key in sent if key != "triggers"} == {
        key: value for key, value in sent.items() if key != "triggers"
    }
    assert said["region"] == REGION
    assert said["arn"] == f"acs:fc:{REGION}:{ACCOUNT}:functions/{name}"
    assert (said["state"], said["version"]) == ("Active", "1")
    assert said["codeSize"] == len(base64.b64decode(code))
    assert re.fullmatch(r"[0-9]{1,20}", said["codeChecksum"])
    times = said["createdTime"], said["lastModifiedTime"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", t) for t in times)
    assert said["requestId"].startswith("1-")
    assert [(t["name"], t["type"]) for t in said["triggers"]] == [("http-1", "http"), ("timer-1", "timer")]
    assert len({t["id"] for t in said["triggers"]} - {""}) == 2
    assert said["urls"] == [{"trigger": "http-1", "url": f"{caller.url}/fn/{name}/"}]
    assert "VPC" in " ".join(said["warnings"])
    assert code not in json.dumps(said)
    assert "code" not in said


def test_code_never_comes_back(caller: Caller, name: str) -> None:
    """No answer about a deployment has its code."""
    code = base64.b64encode(zipped("MARK = 'not to be shown'\ndef handler(e, c): return e\n")).decode()
    answers = [
        caller.deploy(body(name) | {"code": code}),
        caller.deploy(body(name) | {"code": code}),
        caller.put(name, body(name, memory=7) | {"code": code}),
        caller.put(name, body(name) | {"code": code}),
        caller.get(name),
        caller.call("GET", DEPLOYMENTS),
        caller.call("GET", f"{FUNCTIONS}/{name}"),
    ]
    assert [a.status for a in answers] == [201, 409, 400, 200, 200, 200, 200]
    assert [a for a in answers if code.encode() in a.body or b'"code":' in a.body] == []


def test_only_the_required_fields(caller: Caller, name: str) -> None:
    """What may be left out has the documented default."""
    said = caller.deploy(body(name)).said
    defaults = ("description", "memory", "timeout", "environment", "vpc_config", "triggers", "layers", "urls")
    assert [said[key] for key in defaults] == ["", 128, 60, {}, None, [], [], []]
    nulls = dict.fromkeys(("description", "memory", "timeout", "environment", "vpc_config", "triggers"))
    again = caller.put(name, {**body(name), **nulls})
    assert again.status == 200
    assert [again.said[key] for key in defaults] == [said[key] for key in defaults]


def test_put_keeps_what_identifies(caller: Caller, name: str) -> None:
    """An update keeps the date of creation and the ids of triggers, and counts the version."""
    first = caller.deploy(body(name, triggers=[HTTP])).said
    second = caller.put(name, body(name, triggers=[HTTP, TIMER], memory=256)).said
    for key in ("createdTime", "functionId", "arn"):
        assert second[key] == first[key]
    assert second["triggers"][0] == first["triggers"][0]
    assert (first["version"], second["version"]) == ("1", "2")
    assert caller.put(name, body(name, memory=256)).said["urls"] == []


def test_put_without_a_change(caller: Caller, name: str) -> None:
    """The same body again is no new version."""
    first = caller.deploy(body(name)).said
    same = caller.put(name, body(name)).said
    assert (same["version"], same["lastModifiedTime"]) == (first["version"], first["lastModifiedTime"])


def test_name_from_the_path(caller: Caller, name: str) -> None:
    """PUT takes the name from the path if the body has none."""
    caller.deploy(body(name))
    for unnamed in ({**body(name, memory=256), "name": None}, body(name, memory=256)):
        unnamed.pop("name") if unnamed["name"] else None
        answer = caller.put(name, unnamed)
        assert (answer.status, answer.said["name"], answer.said["memory"]) == (200, name, 256)


@pytest.mark.parametrize(
    "other", ["other", "", 5, ["x"], {}, "\ud800", "x" * 5000], ids=lambda v: repr(v)[:12]
)
def test_name_in_path_and_body_differ(caller: Caller, name: str, other: Any) -> None:
    """A deployment cannot be renamed; that is named beside every other wrong field."""
    caller.deploy(body(name))
    answer = refused(caller.put(name, body(name, memory=7) | {"name": other}), 400, "InvalidArgument")
    assert answer.fields == ["name", "memory"]
    assert name in answer.said["Details"][0]["problem"]
    assert len(answer.body) < 2000
    assert caller.get(name).said["memory"] == 128


def test_name_taken(caller: Caller, name: str) -> None:
    """A POST of a name that exists changes nothing and says what to do."""
    caller.deploy(body(name))
    answer = refused(caller.deploy(body(name, memory=256)), 409, "DeploymentAlreadyExists")
    assert name in answer.said["Message"]
    assert "PUT" in answer.said["Hint"]
    assert caller.get(name).said["memory"] == 128


def test_concurrent_posts(caller: Caller, name: str) -> None:
    """Of eight POSTs of one name at once exactly one is taken, and it is that one that is there."""
    bodies = [body(name, timeout=n + 1) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(caller.deploy, bodies))
    assert sorted(a.status for a in answers) == [201] + [409] * 7
    (taken,) = [a.said["timeout"] for a in answers if a.status == 201]
    assert caller.get(name).said["timeout"] == taken


def test_concurrent_puts(caller: Caller, name: str) -> None:
    """PUTs at once are carried out one after the other: each has a version of its own."""
    caller.deploy(body(name))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: caller.put(name, body(name, timeout=n + 1)), range(8)))
    assert {a.status for a in answers} == {200}
    assert sorted(int(a.said["version"]) for a in answers) == list(range(2, 10))


def test_one_code_in_many_functions(caller: Caller, name: str) -> None:
    """Functions that share their code do not take it from each other, however they come and go at once."""
    code = function_file("echo")

    def live(number: int) -> list[tuple[int, bytes]]:
        own, seen = f"{name}-{number}", []
        for _ in range(6):
            assert caller.deploy(body(own, code)).status == 201
            called = caller.invoke(own, b"here")
            seen.append((called.status, called.body))
            caller.delete(own)
        return seen

    with ThreadPoolExecutor(4) as pool:
        seen = [row for rows in pool.map(live, range(4)) for row in rows]
    assert set(seen) == {(200, b"here")}


# ---------------------------------------------------------------- lists


def test_pages(caller: Caller, name: str) -> None:
    """A list is paged by limit and nextToken, in order of name; the last page has no token."""
    names = [f"{name}-{n}" for n in range(5)]
    for each in reversed(names):
        caller.deploy(body(each))
    seen, token, sizes = [], "", []
    while True:
        page = caller.call("GET", DEPLOYMENTS, query=f"limit=2&prefix={name}&nextToken={token}").said
        assert page["requestId"]
        seen += [d["name"] for d in page["deployments"]]
        sizes.append(len(page["deployments"]))
        token = page.get("nextToken", "")
        if not token:
            break
    assert (seen, sizes) == (names, [2, 2, 1])
    assert "nextToken" not in caller.call("GET", DEPLOYMENTS, query=f"limit=5&prefix={name}").said


def test_prefix(caller: Caller, name: str) -> None:
    """A prefix is one, letter by letter: no pattern, and case counts."""
    for end in ("_a", "_b", "-c"):
        caller.deploy(body(name + end))
    assert caller.names(name + "_") == [name + "_a", name + "_b"]
    assert caller.names(name.upper()) == caller.names(name[:-1] + "%25") == caller.names(name + "%00") == []


def test_listed_as_shown(caller: Caller, name: str) -> None:
    """An item of a list is what GET shows."""
    caller.deploy(body(name, triggers=[HTTP], environment={"A": "ß"}))
    (listed,) = caller.call("GET", DEPLOYMENTS, query=f"prefix={name}").said["deployments"]
    shown = caller.get(name).said
    assert {**listed, "requestId": ""} == {**shown, "requestId": ""}


@pytest.mark.parametrize("limit", ["0", "101", "-1", "abc", "1.5", "%C2%B2", "%D9%A3", "9" * 5000, "1e1"])
def test_limit_that_is_none(caller: Caller, limit: str) -> None:
    """A limit is 1 to 100."""
    for path in (DEPLOYMENTS, FUNCTIONS):
        answer = refused(caller.call("GET", path, query=f"limit={limit}"), 400, "InvalidArgument")
        assert "1 to 100" in answer.said["Message"]


@pytest.mark.parametrize("token", ["!!!!", "a", "%FF%FE", "gICA", "____"])
def test_next_token_that_is_none(caller: Caller, token: str) -> None:
    """A token of nobody is refused instead of beginning anew."""
    answer = caller.call("GET", DEPLOYMENTS, query=f"nextToken={token}")
    assert "nextToken" in refused(answer, 400, "InvalidArgument").said["Message"]


# ---------------------------------------------------------------- region and path


@pytest.mark.parametrize(
    ("method", "end"), [("GET", ""), ("POST", ""), *((m, "/a") for m in ("GET", "PUT", "DELETE"))]
)
def test_wrong_region(caller: Caller, method: str, end: str) -> None:
    """One server plays one region, and says which."""
    answer = caller.call(method, f"/v2/cn-beijing/deployments{end}", body("a") if method[0] == "P" else b"")
    message = refused(answer, 400, "InvalidArgument").said["Message"]
    assert REGION in message
    assert "cn-beijing" in message


def test_slash_in_a_name_is_no_path(caller: Caller, name: str) -> None:
    """An escaped slash belongs to the name: it does not lead to another call."""
    caller.deploy(body(name))
    refused(caller.call("GET", f"{DEPLOYMENTS}/{name}%2Flogs"), 404, "DeploymentNotFound")
    refused(caller.call("GET", f"{DEPLOYMENTS}/{name}%2flogs"), 404, "DeploymentNotFound")
    assert caller.call("GET", f"{DEPLOYMENTS}/{name}/logs").status == 200


@pytest.mark.parametrize("path", ["%00", "%ED%A0%80", "%FF", "..", "%20", "x" * 5000, "%E2%98%83", "a'--"])
def test_name_of_any_form_in_the_path(caller: Caller, path: str) -> None:
    """Whatever stands for a name in the path is a name that is not there."""
    for method in ("GET", "DELETE"):
        refused(caller.call(method, f"{DEPLOYMENTS}/{path}"), 404, "DeploymentNotFound")


# ---------------------------------------------------------------- what is refused


def test_every_wrong_field_at_once(caller: Caller, name: str) -> None:
    """Details names every wrong field in the API's order, each with problem and allowed values."""
    wrong = {
        "name": "7 of 9",
        "description": "x" * 257,
        "runtime": "cobol",
        "entrypoint": "",
        "code": "%%%",
        "handler": "",
        "memory": 7,
        "timeout": 0,
        "environment": {"FC_X": "1"},
        "role": "admin",
        "vpc_config": {"vpc_id": "v"},
        "triggers": [{"type": "timer", "config": {"cronExpression": "often"}}],
        "layers": [{"name": ""}],
        "memroy": 128,
    }
    answer = refused(caller.deploy(wrong), 400, "InvalidArgument")
    places = {"triggers": ["triggers.0"], "layers": ["layers.0"]}
    assert answer.fields == [place for field in wrong for place in places.get(field, [field])]
    for detail in answer.said["Details"]:
        assert detail["problem"]
        assert detail["allowed"] or detail["field"] in ("memroy", "layers")
    assert answer.said["Details"][-1]["hint"] == "memory"
    assert caller.names(name) == []


def test_every_required_field_is_named(caller: Caller) -> None:
    """An empty object is told all it lacks."""
    answer = refused(caller.deploy({}), 400, "InvalidArgument")
    assert answer.fields == ["name", "runtime", "entrypoint", "code", "handler", "role"]
    assert {d["problem"].partition(" unless")[0] for d in answer.said["Details"]} == {"is required"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("runtime", "python3.6", "python3.10"),
        ("runtime", "python3", "python3.10"),
        ("runtime", "python3.1", "python3.10"),
        ("runtime", "go1", "python3.10"),
        ("runtime", "Python3.10", "python3.10"),
        ("triggers", [HTTP, HTTP], "two http triggers"),
        ("triggers", [{"type": "http", "config": {"name": "t"}}, TIMER | {"name": "t"}], "t twice"),
        ("memory", True, "whole number"),
        ("memory", "128", "whole number"),
        ("memory", 128.5, "whole number"),
        ("memory", 10**30, "too large"),
        ("name", "", "1 to 64"),
        ("name", "ñ", "1 to 64"),
        ("name", "a\0b", "1 to 64"),
        ("environment", {"A": "x\0y"}, "NUL"),
        ("environment", {"A": "x" * 4096}, "4096"),
        ("description", "\ud800", "Unicode"),
        ("environment", {"A": "\udfff"}, "Unicode"),
        ("role", None, "required"),
    ],
    ids=lambda v: repr(v)[:30],
)
def test_one_wrong_field(caller: Caller, name: str, field: str, value: Any, says: str) -> None:
    """The one wrong field is named with what is allowed or what to do."""
    answer = refused(caller.deploy({**body(name), field: value}), 400, "InvalidArgument")
    assert answer.fields == [field]
    assert says in json.dumps(answer.said["Details"])
    assert caller.names(name) == []


def test_end_of_life_names_where_to_go(caller: Caller, name: str) -> None:
    """python3.6 is told that it is past its end, and the runtimes to move to."""
    (detail,) = caller.deploy(body(name, runtime="python3.6")).said["Details"]
    assert "end of life" in detail["problem"]
    assert all(r in detail["allowed"] for r in ("python3.9", "python3.10", "python3.12"))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (
            {"code": None, "runtime": "custom-container", "image_url": "registry.example.com/a/b:1"},
            "image_url",
        ),
        ({"triggers": [{"type": "log", "config": {"project": "b"}}]}, "triggers.0"),
        ({"triggers": [TIMER, {"type": "log", "config": {}}]}, "triggers.1"),
    ],
    ids=lambda v: str(v)[:50],
)
def test_not_supported_here(caller: Caller, name: str, more: dict[str, Any], field: str) -> None:
    """What is valid but cannot be done here is refused by name and nothing of it is stored."""
    answer = refused(caller.deploy({**body(name), **more}), 400, "NotSupported")
    assert answer.fields == [field]
    assert answer.said["Hint"]
    assert caller.names(name) == []
    caller.deploy(body(name, memory=256))
    refused(caller.put(name, {**body(name), **more}), 400, "NotSupported")
    assert caller.get(name).said["memory"] == 256


def test_everything_not_supported_at_once(caller: Caller, name: str) -> None:
    """All that cannot be done here is named in one answer."""
    more = {
        "triggers": [{"type": "mns_topic", "config": {}}, HTTP, {"type": "log", "config": {}}],
    }
    answer = refused(caller.deploy({**body(name), **more}), 400, "NotSupported")
    assert answer.fields == ["triggers.0", "triggers.2"]


def test_wrong_and_not_supported_at_once(caller: Caller, name: str) -> None:
    """What is wrong, what cannot be done here and what another function has are named in one answer."""
    url = {"type": "http", "config": {"url": f"http://{name}.example.com/"}}
    caller.deploy(body(f"{name}-1", triggers=[url]))
    wrong = {
        "memory": 7,
        "layers": [{"name": "a"}],
        "triggers": [TIMER, {"type": "log", "config": {}}, {"type": "timer", "config": {}}, "http", url],
    }
    fields = ["memory", "triggers.1", "triggers.2", "triggers.3", "triggers.4", "layers.0"]
    answer = refused(caller.deploy(body(name, **wrong)), 400, "InvalidArgument")
    assert answer.fields == fields
    assert "6 settings need attention" in answer.said["Message"]
    caller.deploy(body(name))
    renamed = body(name, **wrong) | {"name": "another"}
    assert refused(caller.put(name, renamed), 400, "InvalidArgument").fields == ["name", *fields]


def test_half_an_oss_object(caller: Caller, name: str) -> None:
    """A source that is not whole is wrong, not unsupported."""
    answer = refused(caller.deploy({**body(name), "oss_bucket": "my-bucket"}), 400, "InvalidArgument")
    assert answer.fields == ["oss_object_key"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"hello", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b'{"name": "\xff"}', "not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}", "attention"),
        (b'{"name": 1' + b"0" * 5000 + b"}", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"NaN", "not a JSON object"),
        (b'{"memory": NaN, "timeout": Infinity}', "attention"),
        (b'{"name": "a\\u0000b"}', "attention"),
        (b'{"name": "\\ud800", "\\udfff": 1}', "attention"),
        (b"\0" * 100, "not JSON"),
    ],
    ids=lambda v: repr(v)[:24],
)
def test_body_that_is_no_deployment(caller: Caller, name: str, raw: bytes, says: str) -> None:
    """Whatever the body is, the answer is a refusal in words."""
    answer = refused(caller.call("POST", DEPLOYMENTS, raw), 400, "InvalidArgument")
    assert says in answer.said["Message"]
    caller.deploy(body(name))
    refused(caller.put(name, raw), 400, "InvalidArgument")
    assert caller.get(name).status == 200


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "name", "description", "runtime", "entrypoint", "code", "handler", "memory", "timeout", "environment",
    "role", "vpc_config", "triggers", "layers", "zip_file", "image_url", "image_tag", "image_digest_value",
    "custom_container_config", "oss_bucket", "oss_object_key",
)  # fmt: skip


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(st.sampled_from(FIELDS), JSONS, min_size=1))
def test_any_value_in_any_field(caller: Caller, wrong: dict[str, Any]) -> None:
    """No value of any field makes the server fail: it is taken, or refused with the field's name."""
    wrong.setdefault("name", "0")  # not a name, so that nothing is deployed
    answer = caller.deploy({**body("x"), **wrong})
    assert answer.status == 400, answer.body
    assert answer.code in ("InvalidArgument", "NotSupported")
    assert {field.partition(".")[0] for field in answer.fields} <= {*FIELDS, ""}
    assert answer.fields


# ---------------------------------------------------------------- sources


def test_qualifier_of_a_trigger_is_warned_of(caller: Caller, name: str) -> None:
    """A trigger may name an alias that comes later, or the version that it is deployed with; the first is told."""
    triggers = [
        {"type": "timer", "config": {"cronExpression": "@every 1h", "qualifier": q}}
        for q in ("LATEST", "prod", "1")
    ]
    (warning,) = caller.deploy(body(name, triggers=triggers)).said["warnings"]
    assert warning == "timer-2: there is no version or alias prod yet: its calls fail until there is one"


def test_triggers_that_mean_something_else(caller: Caller, name: str) -> None:
    """Two that do the same, and a filter that looks like a pattern, are deployed with a warning each."""
    key = {"prefix": "in/?", "suffix": ".[pj]*g"}
    timer = {"type": "timer", "config": {"cronExpression": "@every 1h"}}
    triggers = [
        timer,
        {"type": "oss", "config": {"sourceArn": "pics", "filter": {"key": key}}},
        {**timer, "name": "again"},
        {"type": "timer", "config": {"cronExpression": "@every 1h", "payload": "other"}},
    ]
    warnings = caller.deploy(body(name, triggers=triggers)).said["warnings"]
    assert warnings[1:] == [
        "oss-1: prefix in/? is no pattern: a key must have these very characters",
        "oss-1: suffix .[pj]*g is no pattern: a key must have these very characters",
        "again: it does what timer-1 does: the function is called twice, by each of them",
    ]


def test_a_wrong_trigger_is_told_apart(caller: Caller, name: str) -> None:
    """A refusal says which of several is wrong, and what its own type allows."""
    triggers = [
        {"type": "timer", "config": {"cronExpression": "@every 1h"}},
        {"type": "timer", "name": "nightly", "config": {"cronExpression": "4 o'clock"}},
        {"type": "oss", "config": {"sourceArn": "pics", "events": ["all"]}},
        {"type": "log", "name": "lines"},
    ]
    details = caller.deploy(body(name, triggers=triggers)).said["Details"]
    assert [(d["field"], d["given"]) for d in details] == [
        ("triggers.1", "nightly (timer:4 o'clock)"),
        ("triggers.2", "oss:pics"),
        ("triggers.3", "lines (log)"),
    ]
    assert "six fields" in details[0]["allowed"]
    assert "http" not in details[0]["allowed"]
    assert details[1]["allowed"].startswith("oss:BUCKET")


def test_two_http_triggers(caller: Caller, name: str) -> None:
    """Each version or alias may have one, at a URL of its own."""
    triggers = [{"type": "http", "config": {"qualifier": q}} for q in ("LATEST", "1")]
    made = caller.deploy(body(name, triggers=triggers))
    assert (made.status, [url["url"].rpartition("/fn/")[2] for url in made.said["urls"]]) == (
        201,
        [f"{name}/", f"{name}.1/"],
    )


def test_code_is_ignored_beside_another_source(caller: Caller, name: str) -> None:
    """Another source wins over code, and the answer says so."""
    with Web({"/f.zip": whole(zipped("def handler(e, c): return 'fetched'\n"))}) as web:
        said = caller.deploy(body(name, zip_file=web.url + "/f.zip")).said
        again = caller.put(name, body(name, zip_file=web.url + "/f.zip") | {"code": "not even base64"}).said
    assert "code was ignored" in " ".join(said["warnings"])
    assert "zip_file" in " ".join(again["warnings"])
    assert said["zip_file"] == web.url + "/f.zip"
    assert caller.invoke(name).body == b"fetched"


def test_two_sources(caller: Caller, name: str) -> None:
    """Two other sources are refused, not guessed."""
    more = {"zip_file": "http://127.0.0.1:9/f.zip", "oss_bucket": "my-bucket", "oss_object_key": "k"}
    answer = refused(caller.deploy(body(name, **more)), 400, "InvalidArgument")
    assert "one code source only" in json.dumps(answer.said["Details"])


# ---------------------------------------------------------------- an update is whole or not at all


@pytest.mark.parametrize(
    "broken",
    [
        {"memory": 7},
        {"code": base64.b64encode(b"PK nonsense").decode()},
        {"code": base64.b64encode(zipped("x")[:-30]).decode()},
        {"zip_file": "http://127.0.0.1:9/nobody"},
        {"layers": [{"name": "a"}]},
        {"runtime": "python3.6"},
    ],
    ids=lambda v: str(v)[:30],
)
def test_failed_put_changes_nothing(caller: Caller, name: str, broken: dict[str, Any]) -> None:
    """Whatever makes an update fail, what ran before still runs: code, settings, triggers, instance."""
    code = function_file("counts")
    before = caller.deploy(body(name, code, triggers=[HTTP], memory=192)).said
    first = json.loads(caller.invoke(name).body)
    assert caller.put(name, {**body(name), **broken}).status == 400
    after = caller.get(name).said
    varying = {"requestId", "callsToday"}
    assert {k: v for k, v in after.items() if k not in varying} == {
        k: v for k, v in before.items() if k not in varying
    }
    assert json.loads(caller.invoke(name).body) == {**first, "calls": 2}


def test_url_of_another_function(caller: Caller, name: str) -> None:
    """A host and path leads to one function."""
    routed = {"type": "http", "config": {"url": f"http://{name}.example.com/api"}}
    caller.deploy(body(name + "-1", triggers=[routed]))
    answer = refused(caller.deploy(body(name + "-2", triggers=[routed])), 400, "InvalidArgument")
    assert answer.fields == ["triggers.0"]
    assert name + "-1" in answer.said["Details"][0]["problem"]
    assert caller.put(name + "-1", body(name + "-1", triggers=[routed], memory=256)).status == 200


# ---------------------------------------------------------------- one thing in two dialects


def test_both_dialects_show_the_same(caller: Caller, name: str) -> None:
    """What the deployments API deploys, FC 3.0's own API shows, lists, invokes and deletes."""
    said = caller.deploy(
        body(
            name,
            function_file("echo"),
            description="both",
            memory=512,
            timeout=11,
            environment={"A": "1"},
            vpc_config={"vpc_id": "v", "vswitch_ids": ["s"], "security_group_id": "g"},
        )
    ).said
    function = caller.call("GET", f"{FUNCTIONS}/{name}").said
    assert {
        "functionName": said["name"],
        "functionArn": said["arn"],
        "functionId": said["functionId"],
        "description": said["description"],
        "runtime": said["runtime"],
        "handler": said["handler"],
        "memorySize": said["memory"],
        "timeout": said["timeout"],
        "environmentVariables": said["environment"],
        "role": ROLE,
        "codeSize": said["codeSize"],
        "codeChecksum": said["codeChecksum"],
        "createdTime": said["createdTime"],
        "lastModifiedTime": said["lastModifiedTime"],
        "state": said["state"],
        "vpcConfig": {"vpcId": "v", "vSwitchIds": ["s"], "securityGroupId": "g"},
    }.items() <= function.items()
    (listed,) = caller.call("GET", FUNCTIONS, query=f"prefix={name}").said["functions"]
    assert listed.items() <= function.items()
    assert caller.invoke(name, b"x").body == b"x"
    assert caller.call("DELETE", f"{FUNCTIONS}/{name}").status == 204
    refused(caller.get(name), 404, "DeploymentNotFound")
    refused(caller.call("GET", f"{FUNCTIONS}/{name}"), 404, "FunctionNotFound")
    refused(caller.call("DELETE", f"{FUNCTIONS}/{name}"), 404, "FunctionNotFound")


def test_initializer_in_both_dialects(caller: Caller, name: str) -> None:
    """An entrypoint beside the handler is the other dialect's initializer."""
    caller.deploy(body(name, function_file("counts"), entrypoint="index.initialize"))
    function = caller.call("GET", f"{FUNCTIONS}/{name}").said
    initializer = function["instanceLifecycleConfig"]["initializer"]
    # its time-out is not the function's: FC lets it be set by itself, up to 300 s
    assert initializer == {"handler": "index.initialize", "timeout": 300}
    caller.put(name, body(name, function_file("counts")))
    assert "instanceLifecycleConfig" not in caller.call("GET", f"{FUNCTIONS}/{name}").said


def test_another_region_and_account(tmp_path: Any) -> None:
    """The region and account of the server are those of its functions."""
    with serving(tmp_path / "data", "--region=cn-shanghai", "--account-id=42") as other:
        caller = Caller(other.url)
        answer = caller.call("POST", "/v2/cn-shanghai/deployments", body("there"))
        assert answer.said["arn"] == "acs:fc:cn-shanghai:42:functions/there"
        refused(caller.deploy(body("here")), 400, "InvalidArgument")
