"""Every format says everything of a function, or tells what it does not say; secrets are in none."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.errors import FunctionNotFound, UsageError
from fc_magic.export import beside, described, kinds, live
from fc_magic.export.kinds import KINDS
from fc_magic.export.result import Export
from tests.conftest import KEY_ID, ROLE, SECRET
from tests.export.conftest import FULL, KEY, ODD, TOKEN

WITH_SETTINGS = [kind for kind in KINDS if kind != "zip"]


def text_of(export: Export) -> str:
    return "\n".join(
        raw.decode("utf-8", "replace") for path, raw in export.files.items() if not path.endswith(".zip")
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_in_a_file(client: Client, full: str, kind: str) -> None:
    """Neither the function's, nor the trigger's, nor our own key; and the notes tell what is missing."""
    export = client.export(full, kind)
    found = b"".join(export.files.values()).decode("utf-8", "replace")
    assert not [mark for mark in (KEY, TOKEN, SECRET, KEY_ID) if mark in found]
    if kind != "zip":
        notes = "\n".join(export.notes)
        assert "API_KEY is a secret" in notes
        assert "WEB_READER" in notes
        assert "API_KEY" in found


@pytest.mark.parametrize("kind", WITH_SETTINGS)
def test_with_secrets(client: Client, full: str, kind: str, tmp_path: Path) -> None:
    """A secret is written when that is asked for, into files that nobody else can read."""
    export = client.export(full, kind, with_secrets=True)
    assert KEY in text_of(export)
    assert not any("API_KEY is" in note for note in export.notes)
    written = export.write(tmp_path / ("out" if export.home else "file"))
    assert {Path(path).stat().st_mode & 0o077 for path, _ in written.files} == {0}


def test_zip_is_the_package(client: Client, full: str) -> None:
    """Byte for byte."""
    assert client.export(full, "zip").files == {"full.zip": FULL["code"]}


def test_json_could_be_sent(client: Client, full: str) -> None:
    """With its secrets put in, the body deploys what is there: nothing changes."""
    (raw,) = client.export(full, "json").files.values()
    text = raw.decode().replace("${API_KEY}", KEY).replace("${WEB_READER}", TOKEN)
    body = json.loads(text)
    assert base64.b64decode(body["code"]) == FULL["code"]
    assert body["environment"]["ODD"] == ODD
    assert body["role"] == ROLE
    before = client.get(full).info
    client.session.call(
        "UpdateDeployment", "v2", "PUT", f"/v2/{client.target.region}/deployments/{full}", body=body
    )
    assert client.get(full).info.settings() == before.settings()
    assert client.get(full).info.version == before.version


def test_what_the_deployments_api_cannot_say(client: Client, program: str) -> None:
    """It is told by the names that FC 3.0 has for it."""
    notes = "\n".join(client.export(program, "json").notes)
    for name in ("instanceConcurrency", "diskSize", "internetAccess", "customRuntimeConfig.port", "preStop"):
        assert name in notes
    assert "instanceConcurrency" not in "\n".join(client.export(program, "s.yaml").notes)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_usual_needs_no_note(client: Client, deploy: Any, kind: str) -> None:
    """Of a plain function only the account in its role is to be replaced."""
    export = deploy("echo").export(kind)
    assert all("account" in note or "the code alone" in note for note in export.notes)


def test_wrong_words(client: Client, full: str) -> None:
    """A format that is none is answered with those there are, a name that is none as everywhere."""
    with pytest.raises(UsageError, match=r"there are s\.yaml, zip, json, curl, terraform, python") as caught:
        client.export(full, "teraform")
    assert caught.value.hint == "--to terraform"
    with pytest.raises(FunctionNotFound):
        client.export("nobody", "zip")


def container(answer: Mapping[str, Any]) -> live.Live:
    from fc_magic.wire.results import Function

    function = Function("web", "cn-hangzhou", "", "custom-container", "handler", "handler", 1024, 60, ROLE)
    return live.Live(function, live.settings(answer), None, "cn-hangzhou", "1", "https://fc.aliyuncs.com")


#: what a region says of a container with settings that nothing here knows
ANSWER: dict[str, Any] = {
    "functionName": "web",
    "functionArn": "acs:fc:cn-hangzhou:1:functions/web",
    "runtime": "custom-container",
    "handler": "handler",
    "memorySize": 1024,
    "cpu": 0.7,
    "diskSize": 512,
    "customContainerConfig": {
        "image": "registry.example.com/team/web:1.4",
        "port": 9000,
        "resolvedImageUri": "registry.example.com/team/web@sha256:0",
        "registryConfig": {"authConfig": {"userName": "me", "password": KEY}},
    },
    "nasConfig": {"userId": 1, "groupId": 1, "mountPoints": [{"serverAddr": "a:/b", "mountDir": "/mnt"}]},
    "logConfig": {"project": "", "logstore": "", "enableRequestMetrics": False, "logBeginRule": "None"},
    "tracingConfig": {"type": "Jaeger", "params": {"endpoint": "http://x"}},
    "tags": [{"Key": "team", "Value": "infra"}],
    "internetAccess": False,
    "sessionAffinity": "NONE",
    "state": "Active",
    "warnings": ["x"],
}


@pytest.mark.parametrize("kind", WITH_SETTINGS)
def test_container(kind: str) -> None:
    """An image instead of code, and its password is a secret; what is empty or of the server itself stays out."""
    export = kinds.export(container(ANSWER), kind)
    text = text_of(export)
    assert "registry.example.com/team/web:1.4" in text
    assert KEY not in text
    assert not [word for word in ("resolvedImageUri", "logConfig", "log_config", "Active") if word in text]
    assert not [path for path in export.files if path.endswith("code.zip")]
    said = text + "\n".join(export.notes)
    assert "REGISTRYCONFIG_PASSWORD" in said.upper() or "registryConfig" in said
    assert "nas" in said.lower()
    assert "tracingConfig" in said


@pytest.mark.parametrize("kind", [kind for kind in WITH_SETTINGS if kind not in ("json", "curl")])
def test_tags(kind: str) -> None:
    """The key of a tag is a name; its value is a secret where that name says so."""
    tags = [{"Key": "team", "Value": "infra"}, {"Key": "API_TOKEN", "Value": KEY}]
    export = kinds.export(container({**ANSWER, "tags": tags}), kind)
    text = text_of(export)
    assert all(word in text for word in ("team", "infra", "API_TOKEN"))
    assert KEY not in text
    assert not [note for note in export.notes if "TAGS_0" in note]


def test_container_has_no_zip() -> None:
    """That is said."""
    with pytest.raises(UsageError, match="is a container"):
        kinds.export(container(ANSWER), "zip")


def test_a_domain_that_would_let_everybody_in(client: Client, deploy: Any) -> None:
    """A custom domain knows no bearer tokens: it is left out, and that is told."""
    config = {"url": "https://example.com/x", "authType": "bearer"}
    config["authConfig"] = {"tokens": [{"tokenName": "a", "tokenData": TOKEN}]}  # type: ignore[assignment]
    function = deploy("echo", triggers=[{"type": "http", "config": config}])
    found = described.describe(client.live(function.info.name))
    assert found.domain is None
    for kind in ("s.yaml", "terraform", "python"):
        export = function.export(kind)
        assert any("would let everybody in" in note for note in export.notes)
        assert "example.com" not in text_of(export).replace("registry.example.com", "")


#: what stands beside a function, as FC 3.0 answers it
BESIDE: dict[str, Any] = {
    "asyncInvokeConfig": {
        "functionArn": "acs:fc:x",
        "maxAsyncRetryAttempts": 2,
        "asyncTask": True,
        "destinationConfig": {"onFailure": {"destination": "acs:fc:cn-hangzhou:1:functions/on-error"}},
        "createdTime": "2026-01-01T00:00:00Z",
    },
    "concurrencyConfig": {"functionArn": "acs:fc:x", "reservedConcurrency": 0},
    "provisionConfig": {"defaultTarget": 2, "current": 1},
    "aliases": {"aliases": [{"aliasName": "prod", "versionId": "1"}]},
}


@pytest.mark.parametrize("kind", WITH_SETTINGS)
def test_what_stands_beside(kind: str) -> None:
    """Asynchronous invocation, concurrency and provision are in the files or told; what only the server knows is in
    none, and a limit of 0 is a limit."""
    found = dataclasses.replace(container(ANSWER), beside=beside.of(BESIDE))
    export = kinds.export(found, kind)
    text, notes = text_of(export), "\n".join(export.notes)
    assert "createdTime" not in text
    assert "alias prod" in notes
    for name, word in (
        ("asyncInvokeConfig", "on-error"),
        ("concurrencyConfig", "0"),
        ("provisionConfig", "2"),
    ):
        assert (name in notes) or (word in text and (kind != "s.yaml" or name in text))
    if kind == "terraform":
        assert "reserved_concurrency = 0" in text
        assert "max_async_retry_attempts = 2" in " ".join(text.split())


def test_nothing_beside() -> None:
    """An answer without settings, as FC gives it where there are none, says nothing."""
    assert (
        beside.of({"scalingConfig": {}, "provisionConfig": {"current": 0}, "aliases": {"aliases": []}}) == {}
    )
