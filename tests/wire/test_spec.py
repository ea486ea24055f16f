"""The deployment: every field documented, every wrong value named, no secret ever said."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import checks, runtimes, spec, v2
from fc_magic.wire.spec import FIELDS, Deployment, Inline, Zip

PROPERTY = settings(max_examples=200, deadline=None, derandomize=True)


def zipped(name: str = "index.py") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "def handler(event, context): return event\n")
    return out.getvalue()


CODE = base64.b64encode(zipped()).decode()
BODY: dict[str, Any] = {
    "name": "hello",
    "runtime": "python3.10",
    "entrypoint": "index.handler",
    "handler": "index.handler",
    "role": "acs:ram::1234567890123456:role/fcServiceRole",
    "code": CODE,
}
NOTHING = {"code": None}
IMAGE = {"code": None, "runtime": "custom-container", "image_url": "registry.example.com/web"}
REQUIRED = ("name", "runtime", "entrypoint", "code", "handler", "role")


def refused(body: Any, served: Any = None) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as caught:
        v2.decode(body, served)
    return caught.value


def decoded(body: Any, served: Any = None) -> Deployment | InvalidArgument:
    """The deployment, or the refusal; anything else that is raised is a bug."""
    try:
        return v2.decode(body, served)[0]
    except InvalidArgument as error:
        return error


def named(error: InvalidArgument) -> dict[str, Problem]:
    """Problems by field; a field is named once."""
    assert len({p.field for p in error.problems}) == len(error.problems)
    return {p.field: p for p in error.problems}


# ---------------------------------------------------------------- the table of fields


def test_fields_are_the_twenty_of_the_api_in_its_order() -> None:
    """The deployments API documents twenty fields; so do we, in the same order, and one of our own."""
    assert list(FIELDS) == [
        "name", "description", "runtime", "entrypoint", "code", "handler", "memory", "timeout", "environment",
        "role", "vpc_config", "triggers", "layers", "zip_file", "image_url", "image_tag", "image_digest_value",
        "custom_container_config", "oss_bucket", "oss_object_key", "publish",
    ]  # fmt: skip


@pytest.mark.parametrize("doc", FIELDS.values(), ids=FIELDS)
def test_every_field_is_documented(doc: spec.FieldDoc) -> None:
    """Help, allowed values, an example and an option: what form, magics and README are made from."""
    assert doc.help
    assert doc.allowed
    assert doc.example
    assert doc.option == doc.option.lower()
    assert "_" not in doc.option
    assert doc.kind in ("text", "int", "bool", "map", "object", "list")
    assert (doc.minimum is not None) is (doc.kind == "int") is (doc.maximum is not None)
    assert bool(doc.unit) is (doc.kind == "int")
    assert "`" not in doc.help + doc.allowed + doc.example


def test_options_are_unique() -> None:
    """No two fields share an option of the magic line."""
    assert len({doc.option for doc in FIELDS.values()}) == len(FIELDS)


def test_required_fields_are_the_apis() -> None:
    """Six are required; code only unless another source is given."""
    assert tuple(name for name, doc in FIELDS.items() if doc.required) == REQUIRED


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("description", ""),
        ("memory", 128),
        ("timeout", 60),
        ("environment", {}),
        ("vpc_config", None),
        ("triggers", ()),
        ("layers", ()),
    ],
)
def test_defaults_are_the_apis(name: str, default: Any) -> None:
    """What is not said has the API's default, in the table and in the deployment; null is not saying it."""
    assert FIELDS[name].default == default
    assert getattr(v2.decode(BODY)[0], name) == default
    assert getattr(v2.decode({**BODY, name: None})[0], name) == default


EXAMPLES = {
    "vpc_config": json.loads,
    "custom_container_config": json.loads,
    "memory": int,
    "timeout": int,
    "publish": json.loads,
    "image_digest_value": lambda text: text.replace("<64 hex digits>", "0" * 64),
    "environment": lambda text: dict([text.split("=")]),
    "triggers": lambda text: [{"type": text}],
    "layers": lambda text: [dict(zip(("name", "version"), text.split(":"), strict=True))],
}
BESIDE: dict[str, dict[str, Any]] = {
    "zip_file": NOTHING,
    "image_url": IMAGE,
    "image_tag": IMAGE,
    "image_digest_value": IMAGE,
    "custom_container_config": IMAGE,
    "oss_bucket": {**NOTHING, "oss_object_key": "f.zip"},
    "oss_object_key": {**NOTHING, "oss_bucket": "my-bucket"},
    "entrypoint": {},
}


@pytest.mark.parametrize("name", FIELDS)
def test_every_example_is_a_valid_value(name: str) -> None:
    """What a message tells people to try works."""
    value = EXAMPLES.get(name, str)(FIELDS[name].example)
    v2.decode({**BODY, **BESIDE.get(name, {}), name: value})


# ---------------------------------------------------------------- one wrong value, one problem

LONG = "x" * 5000
WRONG: list[tuple[str, Any, str]] = [
    *(("name", v, "does not have the right form") for v in
      ("", "my function", "1st", "-a", "a.b", "a/b", "函数", "a\n", "a" * 65, LONG)),
    *(("name", v, "is not text") for v in (7, True, ["a"], {"a": 1}, 1.5)),
    ("name", "\ud800", "has text that is not Unicode"),
    ("description", "x" * 257, "is longer than 256 characters"),
    *(("description", v, "is not text") for v in (7, False, [], {})),
    *(("runtime", v, "does not have the right form") for v in
      ("", "Python3.10", "python 3.10", "3.10", LONG)),
    *(("runtime", v, "is not text") for v in (3.10, True, ["python3.10"])),
    ("runtime", "python3.6", "is past its end of life (FC called it python3)"),
    ("runtime", "python3.7", "is past its end of life"),
    ("runtime", "python3.11", "is not a runtime of Function Compute"),
    ("runtime", "nodejs22", "exists only as a layer for custom runtimes"),
    *(("entrypoint", v, "is not file.function") for v in
      ("index", "python app.py", ".handler", "index.", "in dex.h", "index.h\n")),
    ("entrypoint", "", "is empty"),
    ("entrypoint", LONG, "is longer than 4096 characters"),
    *(("entrypoint", v, "is not text") for v in (["python", "app.py"], 1)),
    *(("handler", v, "is not file.function") for v in ("handler", "index:handler", "index.hand ler")),
    ("handler", "", "is empty"),
    ("handler", "a." + "x" * 127, "is longer than 128 characters"),
    *(("handler", v, "is not text") for v in (1, ["index.handler"])),
    *(("memory", v, "is not a whole number") for v in
      ("abc", "512", "512MB", "", True, False, 256.5, [128], {})),
    *(("memory", v, "is too small") for v in (7, 0, -128, 64)),
    *(("memory", v, "is too large") for v in (32832, 999_999, 2**62, 1e15)),
    *(("memory", v, "is not a step of 64") for v in (129, 200, 1000)),
    *(("memory", v, "is not a finite number") for v in (float("nan"), float("inf"), float("-inf"))),
    ("memory", 10**400, "is too large a number"),
    *(("timeout", v, "is not a whole number") for v in ("60", "1m", True, 0.5, [60])),
    *(("timeout", v, "is too small") for v in (0, -1)),
    *(("timeout", v, "is too large") for v in (86401, 10**9)),
    *(("environment", v, "is not a JSON object") for v in (["A=1"], "A=1", 5, [{"name": "A", "value": "1"}])),
    ("environment", {"A": ["1"]}, "A is not text"),
    ("environment", {"A": {"b": "1"}}, "A is not text"),
    ("environment", {"1A": "x"}, "has the name '1A'"),
    ("environment", {"A B": "x", "": "y"}, "has the name 'A B', ''"),
    ("environment", {"A\n": "x"}, "has the name 'A\\n'"),
    ("environment", {"FC_X": "x"}, "has the reserved name FC_X"),
    ("environment", {"A": "x\0y"}, "has a NUL character in a value"),
    ("environment", {"A": "x" * 4096}, "has 4097 bytes"),
    ("environment", {"A": "函" * 1400}, "has 4201 bytes"),
    ("environment", {"FC_X": "x" * 4096, "a-b": "\0"}, "has the name 'a-b'; has the reserved name FC_X; "
     "has a NUL character in a value; has 4104 bytes"),
    ("environment", {"A": "\ud800"}, "has text that is not Unicode"),
    *(("role", v, "does not have the right form") for v in
      ("", "fcServiceRole", "acs:ram::x:role/a", "acs:ram::1:user/a", "acs:ram::1:role/",
       "acs:ram::1:role/a b", "acs:ram::١:role/a", "acs:ram::1:role/ä", "acs:ram::1:role/a\n")),
    ("role", "acs:ram::1:role/" + "x" * 300, "is longer than 300 characters"),
    *(("role", v, "is not text") for v in (1, {"arn": "acs:ram::1:role/a"})),
    *(("vpc_config", v, "is not a JSON object") for v in ("vpc-1", 1, ["vpc-1"], True)),
    ("vpc_config", {}, "vpc_id is required; vswitch_ids is required; security_group_id is required"),
    ("vpc_config", {"vpc_id": "v", "vswitch_ids": ["s"]}, "security_group_id is required"),
    ("vpc_config", {"vpc_id": "v", "vswitch_ids": [], "security_group_id": "g"}, "vswitch_ids is empty"),
    ("vpc_config", {"vpc_id": "v", "vswitch_ids": ["s"] * 11, "security_group_id": "g"},
     "vswitch_ids has more than 10"),
    ("vpc_config", {"vpc_id": "", "vswitch_ids": ["s"], "security_group_id": "g"}, "vpc_id is empty"),
    ("vpc_config", {"vpc_id": "v", "vswitch_ids": ["s", 1], "security_group_id": "g"},
     "vswitch_ids 1 is not text"),
    ("vpc_config", {"vpc_id": "v", "vswitch_ids": ["s"], "security_group_id": "g", "x": 1}, "x is not known"),
    *(("triggers", v, "is not a list") for v in ("http", {"type": "http"}, 5)),
    *(("triggers.0", [v], 'a trigger is {"type": …, "config": {…}}') for v in
      ("http", None, 5, [], {}, {"config": {}}, {"type": ""}, {"type": 5})),
    ("triggers.0", [{"type": "http", "config": []}], "the config of trigger http is not an object"),
    ("triggers.0", [{"type": "http", "url": "https://h/"}], "trigger http has the unknown key 'url'"),
    ("triggers.0", [{"type": "http", "config": {"type": "timer"}}], "http: type must be 'http'"),
    ("triggers.0", [{"type": "http", "config": {"url": "h"}}],
     "http: url must be http(s)://HOST[/PATH], without a query or a user"),
    ("triggers.0", [{"type": "http", "config": {"methods": ["GET", "\x1b[31m"]}}],
     "http: methods has '\\x1b[31M'; allowed are GET, POST, PUT, DELETE, HEAD, PATCH, OPTIONS"),
    ("triggers.0", [{"type": "http", "config": {"a\nb": 1}}], "http: a\\nb is not known"),
    ("triggers.0", [{"type": "a\nb", "config": 5}], "the config of trigger a\\nb is not an object"),
    ("triggers.0", [{"type": "http", "name": 5}], "http: name is not text"),
    ("triggers.0", [{"type": "timer"}], "timer: cronExpression is required"),
    ("triggers.0", [{"type": "timer", "config": {"cronExpression": "0 4 * * *"}}],
     "timer: cronExpression must have 6 fields (seconds first), not 5; "
     'with seconds first it is "0 0 4 * * *"'),
    ("triggers", [{"type": "http"}, {"type": "http"}],
     "has two http triggers for LATEST; there is at most one for each"),
    ("triggers", [{"type": "mns_topic", "name": "a"}, {"type": "log", "config": {"name": "a"}}],
     "has the trigger name a twice"),
    ("triggers", [{"type": "log"}] * 51, "has more than 50"),
    ("triggers.0", [{"type": "my type"}], "my type: type does not have the right form"),
    *(("layers", v, "is not a list") for v in ("a:1", {"name": "a"}, 5)),
    *(("layers.0", [v], "is not a JSON object") for v in ("a:1", 5, None, ["a"])),
    ("layers.0", [{"version": "1"}], "name is required"),
    ("layers.0", [{"name": ""}], "name is empty"),
    *(("layers.1", [{"name": "ok"}, {"name": "a", "version": v}],
       "version must be a whole number from 1, or latest")
      for v in ("0", 0, -1, "v1", 1.0, True, "", "newest", "1\n", "٣")),
    ("layers.0", [{"name": "a", "x": 1}], "x is not known"),
    ("layers", [{"name": "a"}] * 6, "has more than 5"),
    *(("code", v, "is not base64") for v in
      ("!!!", "abc", "函数", CODE[:76] + "\n" + CODE[76:], "data:;base64," + CODE)),
    *(("code", v, "is not text") for v in (5, ["a"], {"zipFile": CODE}, True)),
    ("code", base64.b64encode(b"print()").decode(), "is not a readable ZIP (File is not a zip file)"),
    ("code", "https://", "does not have the right form"),
    ("code", "", "is required unless another code source is given"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "said"), WRONG, ids=[f"{f}-{i}" for i, (f, _, _) in enumerate(WRONG)]
)
def test_wrong_value_is_one_problem_in_four_parts(field: str, value: Any, said: str) -> None:
    """One wrong value names its field, what is wrong, what is allowed and what to give instead."""
    error = refused({**BODY, checks.field_of(field): value})
    assert list(named(error)) == [field]
    problem = error.problems[0]
    assert problem.problem == said
    assert problem.allowed
    assert problem.hint
    assert all(len(part) <= 400 for part in (problem.problem, problem.given, problem.allowed, problem.hint))
    assert len(str(error).split("\n")) == 2


SOURCES: list[tuple[dict[str, Any], str, str]] = [
    *(({**NOTHING, "zip_file": v}, "zip_file", "does not have the right form") for v in
      ("f.zip", "ftp://h/f.zip", "https:///f.zip", "https://h/a b")),
    ({**NOTHING, "zip_file": 5}, "zip_file", "is not text"),
    ({**NOTHING, "zip_file": "https://h/" + LONG}, "zip_file", "is longer than 4096 characters"),
    ({**NOTHING, "oss_bucket": "my-bucket"}, "oss_object_key", "is required"),
    ({**NOTHING, "oss_object_key": "f.zip"}, "oss_bucket", "is required"),
    *(({**NOTHING, "oss_bucket": v, "oss_object_key": "f.zip"}, "oss_bucket", "does not have the right form")
      for v in ("ab", "My-Bucket", "-ab", "ab-", "a_b", "a" * 64)),
    *(({**NOTHING, "oss_bucket": "my-bucket", "oss_object_key": v}, "oss_object_key", said) for v, said in
      (("/f.zip", "does not have the right form"), ("\\f", "does not have the right form"),
       ("x" * 1024, "is longer than 1023 characters"), ("函" * 342, "is longer than 1023 bytes"))),
    *(({**IMAGE, "image_url": v}, "image_url", "does not have the right form") for v in
      ("a b", "h/a:", "h/a@sha256:12", "h/a?x=1", "h/ä", "h//a", "h/a:tag:tag")),
    *(({**IMAGE, "image_tag": v}, "image_tag", "does not have the right form") for v in
      ("-a", "a b", "tág", "x" * 129, "a:b")),
    *(({**IMAGE, "image_digest_value": v}, "image_digest_value", "does not have the right form") for v in
      ("sha256:12", "md5:" + "0" * 32, "A" * 64, "0" * 63)),
    ({**IMAGE, "custom_container_config": "port: 1"}, "custom_container_config", "is not a JSON object"),
    ({**IMAGE, "custom_container_config": [1]}, "custom_container_config", "is not a JSON object"),
    ({**IMAGE, "image_url": None, "image_tag": "v1"}, "image_url", "is required with the other image fields"),
    ({**IMAGE, "image_url": None, "custom_container_config": {"port": 1}}, "image_url",
     "is required with the other image fields"),
    ({**IMAGE, "image_url": "h/a:1", "image_tag": "2"}, "image_tag", "differs from the tag 1 in image_url"),
    ({**IMAGE, "image_url": "h/a@sha256:" + "0" * 64, "image_digest_value": "1" * 64}, "image_digest_value",
     "differs from the digest in image_url"),
    ({**IMAGE, "runtime": "python3.10"}, "runtime", "must be custom-container with an image"),
    ({**IMAGE, "runtime": 5}, "runtime", "must be custom-container with an image"),
    ({"runtime": "custom-container"}, "image_url", "is required with the runtime custom-container"),
    ({**IMAGE, "zip_file": "https://h/f.zip"}, "image_url", "conflicts with zip_file: one code source only"),
    ({**IMAGE, "oss_bucket": "b-1", "zip_file": "https://h/f.zip"}, "image_url",
     "conflicts with oss_bucket, zip_file: one code source only"),
    ({"oss_object_key": "f.zip", "zip_file": "https://h/f.zip"}, "oss_object_key",
     "conflicts with zip_file: one code source only"),
    (NOTHING, "code", "is required unless another code source is given"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "said"), SOURCES, ids=[f"{f}-{i}" for i, (_, f, _) in enumerate(SOURCES)]
)
def test_wrong_code_source_is_one_problem(change: dict[str, Any], field: str, said: str) -> None:
    """Exactly one code source, whole and well formed; conflicting ones are refused, not guessed."""
    problems = named(refused({**BODY, **change}))
    assert list(problems) == [field]
    assert problems[field].problem == said
    assert problems[field].allowed


@pytest.mark.parametrize(
    "source",
    [
        {"zip_file": "https://example.com/f.zip"},
        {"oss_bucket": "my-bucket", "oss_object_key": "f.zip"},
        {"image_url": "h/web:1", "runtime": "custom-container"},
        {"custom_container_config": {"image": "h/web:1"}, "runtime": "custom-container"},
    ],
)
@pytest.mark.parametrize("code", [CODE, "not base64!", "https://example.com/other.zip", 5])
def test_another_source_makes_code_ignored_with_a_warning(source: dict[str, Any], code: Any) -> None:
    """With another source, code is not even looked at; the answer says so."""
    deployment, warnings = v2.decode({**BODY, **source, "code": code})
    first = next(name for name in source if name != "runtime")
    assert not isinstance(deployment.code, Inline)
    assert warnings == [f"code was ignored: {first} is given, and another code source wins"]


@pytest.mark.parametrize("empty", ["", None, {}, []])
def test_an_empty_source_is_no_source(empty: Any) -> None:
    """Fields that are present but empty do not make code ignored."""
    deployment, warnings = v2.decode(
        {**BODY, "zip_file": empty, "image_url": empty, "custom_container_config": empty}
    )
    assert isinstance(deployment.code, Inline)
    assert warnings == []


# ---------------------------------------------------------------- all at once


def test_empty_body_names_every_required_field() -> None:
    """Nothing given: the six required fields, in the order of the API."""
    error = refused({})
    assert tuple(named(error)) == REQUIRED
    assert error.message == "the deployment was refused: 6 settings need attention"
    assert all(p.problem.startswith("is required") and p.allowed and p.hint for p in error.problems)


def test_every_wrong_field_is_reported_in_one_answer() -> None:
    """Twelve mistakes, one answer; each field once, in the order of the API, unknown names last."""
    error = refused(
        {
            "naem": "x",
            "name": "my function",
            "description": "x" * 300,
            "runtime": "python3.6",
            "entrypoint": "start",
            "code": "!!!",
            "handler": "go",
            "memory": 7,
            "timeout": "60",
            "environment": {"FC_A": "1"},
            "role": "me",
            "vpc_config": {},
            "triggers": "http",
            "layers": "a:1",
        }
    )
    assert list(named(error)) == [*spec.ORDER[:13], "naem"]
    assert error.message == "my function was not deployed: 14 settings need attention"
    by_name = named(error)
    assert (by_name["memory"].given, by_name["memory"].hint) == ("7", "128")
    assert by_name["naem"] == Problem("naem", "is not a field of a deployment", hint="name")
    assert all(p.allowed and p.hint for p in error.problems if p.field != "naem")


def test_every_wrong_item_of_a_list_is_reported() -> None:
    """Each wrong trigger and layer has a problem of its own that says which, with all that is wrong in it."""
    error = refused(
        {
            **BODY,
            "triggers": [
                {"type": "timer", "config": {"cronExpression": "often", "colour": 1}},
                {"type": "http"},
                "http",
            ],
            "layers": [{"name": ""}, {"name": "ok"}, {"version": "x"}],
        }
    )
    assert [p.field for p in error.problems] == ["triggers.0", "triggers.2", "layers.0", "layers.2"]
    first, second, *_, last = error.problems
    assert "cronExpression" in first.problem
    assert "colour is not known" in first.problem
    assert (first.given, second.given, second.allowed) == ("timer:often", "str", FIELDS["triggers"].allowed)
    assert "name is required" in last.problem
    assert "version must be" in last.problem
    assert error.message == "hello was not deployed: 4 settings need attention"


@pytest.mark.parametrize("missing", [name for name in REQUIRED if name != "code"])
def test_each_required_field_is_missed(missing: str) -> None:
    """A required field that is absent or null is named, and nothing else is."""
    without = {k: v for k, v in BODY.items() if k != missing}
    assert list(named(refused(without))) == [missing]
    assert list(named(refused({**BODY, missing: None}))) == [missing]


@pytest.mark.parametrize("body", [None, 5, "text", [], [BODY], True])
def test_body_that_is_no_object(body: Any) -> None:
    """Not a JSON object: said in one sentence."""
    assert refused(body).message == "the body is not a JSON object"


@pytest.mark.parametrize(
    ("given_value", "hint"),
    [
        (7, "128"),
        (200, "192"),
        (1000, "1024"),
        (999_999, "32768"),
        (-5, "128"),
        (0, "128"),
        ("abc", "128"),
        (256.5, "256"),
        ("256MB", "256"),
        ("2 GB", "2048"),
        ("0.5GB", "512"),
        ("1.5 g", "1536"),
    ],
)
def test_memory_hint_is_the_nearest_allowed(given_value: Any, hint: str) -> None:
    """The value to try is close to what was meant."""
    assert named(refused({**BODY, "memory": given_value}))["memory"].hint == hint


@pytest.mark.parametrize("name", ["custom_container_config", "triggers"])
def test_deeply_nested_values_are_refused(name: str) -> None:
    """A bottomless object is a wrong value, not a crash."""
    deep: dict[str, Any] = {}
    for _ in range(900):
        deep = {"a": deep}
    value = deep if name == "custom_container_config" else [{"type": "log", "config": deep}]
    error = refused({**BODY, **(IMAGE if name == "custom_container_config" else {}), name: value})
    assert named(error)[name].problem == "is nested more than 32 deep"


# ---------------------------------------------------------------- runtimes

SERVED = ("python3.10", "python3.12", "nodejs20")


@pytest.mark.parametrize("runtime", [r for r in runtimes.KNOWN if r != runtimes.CONTAINER])
def test_known_runtime_is_accepted(runtime: str) -> None:
    """Without a list of what is served, every runtime of Function Compute passes."""
    assert v2.decode({**BODY, "runtime": runtime})[0].runtime == runtime


@pytest.mark.parametrize("runtime", ["python3.14", "rust1", "python3.9-next"])
def test_unknown_runtime_is_left_to_the_endpoint(runtime: str) -> None:
    """A name we do not know is passed on; the endpoint that knows what it serves refuses it."""
    assert v2.decode({**BODY, "runtime": runtime})[0].runtime == runtime
    problem = named(refused({**BODY, "runtime": runtime}, SERVED))["runtime"]
    assert problem.problem == "is not a runtime of Function Compute"
    assert problem.allowed == "python3.10, python3.12, nodejs20"
    assert problem.hint in SERVED


@pytest.mark.parametrize("runtime", ["java11", "nodejs18", "php7.2", "custom"])
def test_runtime_that_is_not_served_here(runtime: str) -> None:
    """A real runtime this Function Compute cannot run is told apart from one that does not exist."""
    assert named(refused({**BODY, "runtime": runtime}, SERVED))["runtime"].problem == (
        "cannot run in this Function Compute"
    )


@pytest.mark.parametrize("served", [None, SERVED, ["python3.12"], iter(["python3.12"])])
def test_python36_names_where_to_move(served: Any) -> None:
    """python3.6 of old examples: a clear error that names the runtimes to move to."""
    problem = named(refused({**BODY, "runtime": "python3.6"}, served))["runtime"]
    assert problem.problem == "is past its end of life (FC called it python3)"
    assert "python3.12" in problem.allowed
    assert problem.hint == "python3.10"


@pytest.mark.parametrize(
    ("runtime", "handler", "entrypoint", "initializer"),
    [
        ("python3.10", "index.handler", "index.handler", ""),
        ("python3.10", "index.handler", "index.start", "index.start"),
        ("nodejs20", "src/index.handler", "src/index.handler", ""),
        ("java11", "example.App::handle", "example.App::start", "example.App::start"),
        ("custom.debian12", "handler", "python app.py --port 9000", ""),
    ],
)
def test_entrypoint_is_initializer_or_command(
    runtime: str, handler: str, entrypoint: str, initializer: str
) -> None:
    """Equal to the handler: nothing extra; another file.function: the initializer; custom: a command."""
    body = {**BODY, "runtime": runtime, "handler": handler, "entrypoint": entrypoint}
    deployed = v2.decode_function({**v2.encode(v2.decode(body)[0])})
    assert deployed.initializer == initializer


# ---------------------------------------------------------------- environment


@pytest.mark.parametrize(
    ("given_values", "kept"),
    [
        ({}, {}),
        ({"A": "1", "_b": "", "C9": "ü"}, {"A": "1", "_b": "", "C9": "ü"}),
        ({"A": 1, "B": True, "C": False, "D": 1.5}, {"A": "1", "B": "true", "C": "false", "D": "1.5"}),
        ({"A": None, "B": "x"}, {"B": "x"}),
        ({"fc_x": "1", "FCX": "2"}, {"fc_x": "1", "FCX": "2"}),
        ({"A": "x" * 4095}, {"A": "x" * 4095}),
    ],
)
def test_environment_becomes_text(given_values: dict[str, Any], kept: dict[str, str]) -> None:
    """Numbers and booleans become text, null removes the name, 4096 bytes fit."""
    assert v2.decode({**BODY, "environment": given_values})[0].environment == kept


# ---------------------------------------------------------------- secrets

SECRET = "hunter2-s3cr3t"
SECRETIVE: list[dict[str, Any]] = [
    {"environment": {"PASSWORD": SECRET}},
    {"environment": {"PASSWORD": [SECRET]}},
    {"environment": {"PASSWORD": {"value": SECRET}}},
    {"environment": {"FC_PASSWORD": SECRET, "a b": SECRET}},
    {"environment": {"PASSWORD": SECRET + "\0"}},
    {"environment": {"PASSWORD": SECRET * 400}},
    {"environment": {"PASSWORD": SECRET + "\ud800"}},
    {"environment": [SECRET]},
    {"environment": f"PASSWORD={SECRET}"},
    {"code": SECRET},
    {"code": base64.b64encode(SECRET.encode()).decode()},
    {"code": [SECRET]},
    {"code": f"https://user:{SECRET}@example.com/f.zip?Signature={SECRET}"},
    {"code": f"https://user:{SECRET}@example.com/ f.zip"},
    {**NOTHING, "zip_file": f"https://user:{SECRET}@example.com/f.zip?Signature={SECRET}"},
    {**NOTHING, "zip_file": f"https://u:{SECRET}@h/ f.zip"},
    {**NOTHING, "zip_file": f"https://h/f.zip?Signature={SECRET}", "oss_bucket": "my-bucket"},
    {**IMAGE, "custom_container_config": {"registry": {"password": SECRET}}},
    {**IMAGE, "custom_container_config": {"registry": {"password": SECRET}}, "zip_file": "https://h/f.zip"},
    {**IMAGE, "custom_container_config": f'{{"password": "{SECRET}"}}'},
    {**IMAGE, "image_url": f"https://u:{SECRET}@registry/web"},
    {"triggers": [{"type": "http", "config": {"authType": "jwt", "authConfig": {"tokens": [SECRET]}}}]},
    {"triggers": [{"type": "timer", "config": {"cronExpression": "@every 5m", "payload": SECRET}}]},
    {"triggers": [{"type": "timer", "config": {"payload": SECRET}}]},
    {"triggers": SECRET},
]


@pytest.mark.parametrize("change", SECRETIVE, ids=range(len(SECRETIVE)))
@pytest.mark.parametrize("wrong", [{}, {"memory": 7}])
def test_no_secret_is_ever_said(change: dict[str, Any], wrong: dict[str, Any]) -> None:
    """Environment values, code and credentials are in no problem, no error, no warning and no repr."""
    found = decoded({**BODY, **change, **wrong})
    if isinstance(found, InvalidArgument):
        said = [str(found), repr(found), *map(repr, found.problems), *map(str, found.problems)]
        said += [*found._render_traceback_(), repr(found.__cause__), repr(found.__context__)]
    else:
        said = [repr(found), str(found), repr(found.code), repr(v2.decode_function(v2.encode(found)))]
        said += v2.decode({**BODY, **change, **wrong})[1]
    assert [text for text in said if SECRET in text] == []


def test_validation_error_does_not_quote_what_was_given() -> None:
    """Who builds a Deployment directly gets pydantic's error, without the values in it."""
    with pytest.raises(ValidationError) as caught:
        Deployment(name="a b", environment={"A": [SECRET]}, code=Zip(zip_file="https://h/f"))
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert SECRET not in "".join(map(str, checks.problems(caught.value, {"environment": {"A": [SECRET]}})))


def test_deployment_is_frozen() -> None:
    """Built once, checked once, frozen from then on."""
    deployment = v2.decode(BODY)[0]
    with pytest.raises(ValidationError):
        deployment.memory = 256  # type: ignore[misc]


# ---------------------------------------------------------------- any body at all

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(max_size=20),
    st.text(st.characters(), max_size=5),
    st.sampled_from(["http", "timer", "@every 5m", "custom-container", "python3.10", CODE]),
)
KEYS = st.text(max_size=8) | st.sampled_from(
    [
        "type",
        "config",
        "name",
        "version",
        "vpc_id",
        "vswitch_ids",
        "cronExpression",
        "url",
        "authConfig",
        "image",
    ]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
NEAR = st.dictionaries(st.sampled_from(spec.ORDER), JSON, max_size=20).map(lambda change: {**BODY, **change})
TRIGGERS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["http", "timer", "oss", "cron"]) | JSON},
        optional={"config": JSON | st.dictionaries(KEYS, JSON, max_size=4), "name": JSON, "id": JSON},
    ),
    max_size=3,
)


def answers(body: Any, served: Any = None) -> None:
    """A body is taken, and then can be written out again, or is refused with an error that can be sent."""
    found = decoded(body, served)
    if isinstance(found, InvalidArgument):
        assert found.problems or not isinstance(body, dict)
        assert len(str(found).split("\n")) == 1 + len(found.problems) + bool(found.hint)
        str(found).encode()
        json.dumps([vars(p) for p in found.problems], ensure_ascii=False, allow_nan=False).encode()
        named(found)
    else:
        text = json.dumps(v2.encode(found), ensure_ascii=False, allow_nan=False).encode()
        assert decoded(json.loads(text)) == found
        json.dumps(found.settings())


@PROPERTY
@given(JSON, st.sampled_from([None, (), SERVED]))
@example({"\ud800": 1, "x" * 10_000: 2}, None)
@example({"name": "\ud800"}, None)
def test_any_json_is_answered(body: Any, served: Any) -> None:
    """No JSON body makes decode raise anything but InvalidArgument."""
    answers(body, served)


@PROPERTY
@given(NEAR, st.sampled_from([None, SERVED]))
def test_any_values_under_the_right_names_are_answered(body: dict[str, Any], served: Any) -> None:
    """Right fields with random values are either taken whole or refused by name."""
    answers(body, served)


@PROPERTY
@given(TRIGGERS)
def test_any_triggers_are_answered(items: list[Any]) -> None:
    """Random triggers are either taken whole or refused by name."""
    answers({**BODY, "triggers": items})


@PROPERTY
@given(JSON, st.sampled_from(spec.ORDER))
def test_shown_is_short_and_can_be_written(value: Any, name: str) -> None:
    """What is shown of a given value fits a line, whatever it is."""
    text = checks.shown(name, value)
    assert len(text) <= 60 * 10
    assert "\n" not in text
    text.encode()


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("memory", "256MB", "256"),
        ("memory", "2 GB", "2048"),
        ("memory", "200m", "192"),
        ("memory", "abc", "128"),
        ("timeout", "30s", "30"),
        ("timeout", "1m", "60"),
        ("timeout", "2h", "7200"),
    ],
)
def test_number_with_a_unit(field: str, value: str, hint: str) -> None:
    """A number may not have its unit, and the hint is the number that was meant."""
    assert refused({**BODY, field: value}).problems[0].hint == hint


@pytest.mark.parametrize(
    ("kind", "cron", "hint"),
    [
        ("htp", "", "http"),
        ("timr", "", "timer:@every 5m"),
        ("timer", "*/5 * * * *", "timer:0 */5 * * * *"),
        ("timer", "CRON_TZ=Asia/Shanghai 0 4 * * *", "timer:CRON_TZ=Asia/Shanghai 0 0 4 * * *"),
        ("timer", "@hourly", "timer:@every 1h"),
        ("timer", "every 5m", "timer:@every 5m"),
        ("timer", "now and then", "timer:@every 5m"),
    ],
)
def test_trigger_that_was_meant(kind: str, cron: str, hint: str) -> None:
    """What to write for a refused trigger is as near as can be told to what was meant."""
    config = {"cronExpression": cron} if cron else {}
    assert refused({**BODY, "triggers": [{"type": kind, "config": config}]}).problems[0].hint == hint
