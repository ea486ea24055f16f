"""The one-call spelling: what is written is what is read, for deployments, functions and errors."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.wire import runtimes, sources, triggers, v2
from fc_magic.wire.results import Function, Url
from fc_magic.wire.spec import Deployment, Image, Inline, Layer, Oss, VpcConfig, Zip
from fc_magic.wire.triggers import Http, Other, Timer

PROPERTY = settings(max_examples=200, deadline=None, derandomize=True)


def zipped(files: dict[str, str]) -> bytes:
    """A small ZIP, made in memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


ZIP = zipped({"index.py": "def handler(event, context): return event\n"})

# ---------------------------------------------------------------- deployments of every kind

ids = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", fullmatch=True)
free = st.text(max_size=30)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | free,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(free, inner, max_size=3),
    max_leaves=6,
)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
urls = st.builds(
    "{}://{}/{}".format, st.sampled_from(["http", "https"]), ids, st.text("ab/._%?=&é函", max_size=12)
)

inline = st.dictionaries(names, free, min_size=1, max_size=3).map(lambda files: Inline(zip=zipped(files)))
zips = st.builds(lambda url, here: Zip(zip_file=url, from_code=here), urls, st.booleans())
oss = st.builds(
    lambda bucket, key: Oss(oss_bucket=f"b-{bucket}", oss_object_key=key),
    st.from_regex(r"[a-z0-9]{2,20}", fullmatch=True),
    st.text(min_size=1, max_size=40).filter(lambda key: key[0] not in "/\\"),
)
images = st.builds(
    lambda name, tag, digest, config: Image(
        image_url=f"registry.example.com/{name}",
        image_tag=tag,
        image_digest_value=digest,
        custom_container_config=config,
    ),
    ids,
    st.none() | tags,
    st.none() | digests | digests.map("sha256:{}".format),
    st.none() | st.dictionaries(free, json_values, min_size=1, max_size=3),
)
common = {"description": free, "qualifier": st.sampled_from(["LATEST", "prod", "3"])}
schedules = st.sampled_from(
    ["@every 5m", "@every 1h30m", "0 0 4 * * *", "CRON_TZ=Asia/Shanghai 0 0 4 ? * MON-FRI"]
)


def of(cls: type[Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Instances of a model; its fields by their Python names."""
    return st.fixed_dictionaries({}, optional={**common, **parts}).map(lambda values: cls(**values))


TOKENS = {"tokens": [{"tokenName": "one", "tokenData": "t" * 32}]}
JWT = {
    "jwks": {"keys": [{"kty": "oct", "k": "eHh4" * 16}]},
    "tokenLookup": "header:Authorization:Bearer,query:t",
    "claimPassBy": "header:sub:X-Sub",
    "whitelist": ["/login"],
}
who_may_call = st.sampled_from(
    [
        {},
        {"auth_type": "function"},
        {"auth_type": "jwt", "auth_config": JWT},
        {"auth_type": "bearer", "auth_config": TOKENS},
    ]
)
cors = st.fixed_dictionaries(
    {},
    optional={
        "allowOrigins": st.just(["https://*.example.com"]),
        "exposeHeaders": st.just(["X-Own"]),
        "allowCredentials": st.booleans(),
        "maxAge": st.integers(0, 86400),
    },
)
https = st.builds(
    lambda who, config, values: Http(**who, **config, **values),
    who_may_call,
    st.fixed_dictionaries({}, optional={"cors_config": cors}),
    st.fixed_dictionaries(
        {},
        optional={
            **common,
            "url": st.none() | ids.map("https://{}/path".format),
            "methods": st.lists(st.sampled_from(triggers.METHODS), max_size=3).map(tuple),
            "disable_url_internet": st.booleans(),
        },
    ),
)
timers = st.builds(
    lambda schedule, values: Timer(cron_expression=schedule, **values),
    schedules,
    st.fixed_dictionaries({}, optional={**common, "enable": st.booleans(), "payload": free}),
)
others = st.builds(
    lambda kind, extra: triggers.from_config(kind, extra),
    st.sampled_from(["log", "mns_topic", "tablestore", "cdn_events", "eventbridge", "tomorrow"]),
    st.dictionaries(st.sampled_from(["events", "filter", "sourceArn", "invocationRole", "x"]), json_values),
)
trigger_lists = st.builds(
    lambda first, rest: triggers.named([*first, *rest]),
    st.lists(https, max_size=1),
    st.lists(timers | others, max_size=3),
)
vpcs = st.builds(
    lambda vpc, switches, group: VpcConfig(vpc_id=vpc, vswitch_ids=tuple(switches), security_group_id=group),
    ids,
    st.lists(ids, min_size=1, max_size=10),
    ids,
)
layers = st.builds(
    lambda name, version: Layer(name=name, version=version),
    ids,
    st.integers(1, 10**9).map(str) | st.just("latest"),
)
settings_of_all = {
    "description": free,
    "memory": st.integers(2, 512).map(lambda n: n * 64),
    "timeout": st.integers(1, 86400),
    "environment": st.dictionaries(
        st.from_regex(r"[A-EG-Z_][A-Za-z0-9_]{0,9}", fullmatch=True),
        free.filter(lambda v: "\0" not in v),
        max_size=4,
    ),
    "role": ids.map("acs:ram::1234567890123456:role/{}".format),
    "vpc_config": st.none() | vpcs,
    "triggers": trigger_lists,
    "layers": st.lists(layers, max_size=5).map(tuple),
}
handlers = st.builds("{}.{}".format, ids, ids)


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    """Any valid deployment: built-in, custom or container, from any code source."""
    code = draw(inline | zips | oss | images)
    known = [name for name in runtimes.KNOWN if name != runtimes.CONTAINER]
    runtime = runtimes.CONTAINER if isinstance(code, Image) else draw(st.sampled_from([*known, "rust1.80"]))
    said = draw(st.fixed_dictionaries({}, optional={k: v for k, v in settings_of_all.items() if k != "role"}))
    return Deployment(
        name=draw(names),
        runtime=runtime,
        entrypoint=draw(handlers),
        handler=draw(handlers),
        role=draw(settings_of_all["role"]),
        code=code,
        **said,
    )


def over_the_wire(body: dict[str, Any]) -> Any:
    """The body as the other side reads it."""
    return json.loads(json.dumps(body).encode())


@PROPERTY
@given(deployments())
def test_deployment_round_trip(deployment: Deployment) -> None:
    """decode(encode(d)) == d, without a warning."""
    found, warnings = v2.decode(over_the_wire(v2.encode(deployment)))
    assert found == deployment
    assert warnings == []


@PROPERTY
@given(deployments())
def test_function_of_a_deployment_has_its_settings(deployment: Deployment) -> None:
    """What was asked for and what exists compare as equal, so that a second deployment changes nothing."""
    body = over_the_wire(v2.encode(deployment))
    found = v2.decode_function(body)
    assert found.settings() == deployment.settings()
    assert over_the_wire(found.settings()) == over_the_wire(deployment.settings())


@st.composite
def functions(draw: st.DrawFn) -> Function:
    """Any function as the server would describe it."""
    d = draw(deployments())
    named = [t.name for t in d.triggers]
    return Function(
        name=d.name,
        region=draw(ids),
        arn=draw(free),
        runtime=d.runtime,
        handler=d.handler,
        entrypoint=d.entrypoint,
        memory=d.memory,
        timeout=d.timeout,
        role=d.role,
        description=d.description,
        environment=d.environment,
        vpc_config=d.vpc_config,
        triggers=d.triggers,
        trigger_ids=draw(st.sampled_from([{}, {n: f"id-{n}" for n in named if n}])),
        layers=d.layers,
        source=v2.source(d.code),
        state=draw(st.sampled_from(["Active", "Pending", "Failed"])),
        version=draw(st.sampled_from(["1", "LATEST", "27"])),
        code_checksum=draw(st.integers(0, 2**64 - 1).map(str)),
        code_size=draw(st.integers(0, 10**9)),
        created_time=draw(st.sampled_from(["", "2026-01-02T03:04:05Z"])),
        last_modified_time=draw(st.sampled_from(["", "2026-01-02T03:04:05Z"])),
        urls=tuple(draw(st.lists(st.builds(Url, names, urls), max_size=2))),
        warnings=tuple(draw(st.lists(free, max_size=2))),
        request_id=draw(free),
        calls_today=draw(st.integers(0, 9)),
        errors_today=draw(st.integers(0, 9)),
    )


@PROPERTY
@given(functions())
def test_function_round_trip(function: Function) -> None:
    """decode_function(encode_function(f)) == f."""
    assert v2.decode_function(over_the_wire(v2.encode_function(function))) == function


ANSWER_KEYS = [
    "name", "runtime", "handler", "entrypoint", "memory", "timeout", "environment", "role", "vpc_config",
    "triggers", "layers", "zip_file", "urls", "warnings", "codeSize", "version",
]  # fmt: skip
broken_parts = json_values | st.lists(
    st.dictionaries(st.sampled_from(["type", "config", "name", "url"]), json_values)
)


@PROPERTY
@given(json_values | st.dictionaries(st.sampled_from(ANSWER_KEYS), broken_parts))
def test_answer_that_is_no_function_raises_what_is_promised(answer: Any) -> None:
    """Whatever a foreign endpoint answers, it is read, or refused with one of the three promised errors."""
    with contextlib.suppress(KeyError, TypeError, ValueError):
        assert isinstance(v2.decode_function(answer), Function)


# ---------------------------------------------------------------- spellings, by example

MINIMAL: dict[str, Any] = {
    "name": "hello",
    "runtime": "python3.10",
    "entrypoint": "index.handler",
    "handler": "index.handler",
    "role": "acs:ram::1234567890123456:role/fcServiceRole",
    "code": base64.b64encode(ZIP).decode(),
}
CONTAINER = {**MINIMAL, "code": None, "runtime": "custom-container", "entrypoint": "python app.py"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (MINIMAL, Inline(zip=ZIP)),
        (
            {**MINIMAL, "code": "https://example.com/f.zip"},
            Zip(zip_file="https://example.com/f.zip", from_code=True),
        ),
        ({**MINIMAL, "code": None, "zip_file": "http://h/f.zip"}, Zip(zip_file="http://h/f.zip")),
        (
            {**MINIMAL, "code": "", "oss_bucket": "my-bucket", "oss_object_key": "myfunction.zip"},
            Oss(oss_bucket="my-bucket", oss_object_key="myfunction.zip"),
        ),
        (
            {**CONTAINER, "image_url": "https://example.com/myfunction:latest"},
            Image(image_url="https://example.com/myfunction:latest"),
        ),
        (
            {**CONTAINER, "image_url": "localhost:5000/a/b", "image_tag": "v1.0.0"},
            Image(image_url="localhost:5000/a/b", image_tag="v1.0.0"),
        ),
        (
            {**CONTAINER, "custom_container_config": {"image": "example.com/f:1", "port": 9000}},
            Image(custom_container_config={"image": "example.com/f:1", "port": 9000}),
        ),
        (
            {**CONTAINER, "image_url": f"h/f@sha256:{'0' * 64}", "image_digest_value": "0" * 64},
            Image(image_url=f"h/f@sha256:{'0' * 64}", image_digest_value="0" * 64),
        ),
    ],
)
def test_every_code_source_is_read(body: dict[str, Any], code: Any) -> None:
    """Each way to say where the code is becomes its own value."""
    assert v2.decode(body)[0].code == code


def test_documented_examples_of_triggers_and_layers_are_read() -> None:
    """The examples of the API's own page mean what they say."""
    body = {
        **MINIMAL,
        "triggers": [{"type": "http", "config": {"url": "https://example.com/myfunction"}}],
        "layers": [{"name": "nodejs14", "version": "14"}, {"name": "own", "version": 2}, {"name": "new"}],
        "vpc_config": {"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1"},
    }
    found = v2.decode(body)[0]
    assert found.triggers == (Http(name="http-1", url="https://example.com/myfunction"),)
    assert [(layer.name, layer.version) for layer in found.layers] == [
        ("nodejs14", "14"),
        ("own", "2"),
        ("new", "latest"),
    ]
    assert found.vpc_config == VpcConfig(vpc_id="vpc-1", vswitch_ids=("vsw-1",), security_group_id="sg-1")


def test_answer_holds_what_is_documented_and_no_code() -> None:
    """The keys of the documented answer are there; the ZIP is not."""
    deployment = v2.decode({**MINIMAL, "triggers": [{"type": "http"}]})[0]
    function = v2.decode_function(v2.encode(deployment) | {"code": None})
    answer = v2.encode_function(function)
    documented = (
        "requestId name region arn state version codeChecksum codeSize createdTime lastModifiedTime urls"
    )
    assert {*documented.split(), "triggers", "warnings"} <= set(answer)
    assert {"name", "type", "id"} <= set(answer["triggers"][0])
    assert "code" not in answer


@pytest.mark.parametrize(
    ("region", "name", "path"),
    [
        ("cn-hangzhou", "", "/v2/cn-hangzhou/deployments"),
        ("cn-hangzhou", "hello", "/v2/cn-hangzhou/deployments/hello"),
        ("a/b", "c d?é", "/v2/a%2Fb/deployments/c%20d%3F%C3%A9"),
    ],
)
def test_path_is_percent_encoded(region: str, name: str, path: str) -> None:
    """Nothing in a name can become another path."""
    assert v2.path(region, name) == path


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (ZIP, ""),
        (b"", "is not a readable ZIP (File is not a zip file)"),
        (b"def handler(): pass", "is not a readable ZIP (File is not a zip file)"),
        (ZIP[:-10], "is not a readable ZIP (File is not a zip file)"),
        (zipped({}), "is a ZIP with no file in it"),
    ],
)
def test_zip_problem_says_what_is_wrong(raw: bytes, said: str) -> None:
    """A ZIP is looked into before anything is stored."""
    assert sources.zip_problem(raw) == said


@PROPERTY
@given(st.binary(max_size=40), st.integers(0, len(ZIP)), st.binary(max_size=6))
def test_damaged_zip_is_a_sentence(head: bytes, at: int, splice: bytes) -> None:
    """However a ZIP is damaged, the answer is text, not an exception of the unzipper."""
    assert isinstance(sources.zip_problem(head), str)
    assert isinstance(sources.zip_problem(ZIP[:at] + splice + ZIP[at + len(splice) :]), str)
    assert isinstance(sources.zip_problem(ZIP[:at] + splice + ZIP[at:]), str)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://h/f.zip", "https://h/f.zip"),
        ("https://bob:pw@h:8/a@b/f.zip?Signature=s@x#y", "https://h:8/a@b/f.zip"),
        ("http://bob:p@w@h/f.zip#s", "http://h/f.zip"),
        ("http://token@h?s", "http://h"),
    ],
)
def test_answer_has_a_url_without_its_credentials(url: str, said: str) -> None:
    """Where the code came from is told without user, password and query; as ``code`` it is not told at all."""
    function = v2.decode_function({**MINIMAL, "memory": 128, "timeout": 60, "code": url, "zip_file": url})
    assert function.source == {"zip_file": said}
    assert v2.encode_function(function)["zip_file"] == said
    for code in (Zip(zip_file=url), Zip(zip_file=url, from_code=True)):
        assert v2.source(code) == ({} if code.from_code else {"zip_file": said})
        assert url not in repr(code)


def test_other_extra_keys_survive() -> None:
    """Settings of a trigger type we do not know come back as they were given."""
    config = {"sourceArn": "acs:log:r:1:project/b", "deep": {"a": [1, None]}}
    found = v2.decode({**MINIMAL, "triggers": [{"type": "log", "config": config}]})[0]
    assert isinstance(found.triggers[0], Other)
    assert v2.encode(found)["triggers"] == [{"type": "log", "config": {**config, "name": "log-1"}}]
