"""``s.yaml``: what Serverless Devs and its component fc3 read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.client.client import Client
from fc_magic.export import project
from tests.conftest import ROLE, zipped
from tests.export.conftest import OWN

#: of the component's schema (devsapp/fc3, src/schema.json): what a project may have and must have
PROPS = {
    "region", "functionName", "runtime", "handler", "code", "cpu", "customContainerConfig", "customDNS",
    "customRuntimeConfig", "description", "diskSize", "environmentVariables", "gpuConfig", "instanceConcurrency",
    "instanceIsolationMode", "instanceLifecycleConfig", "internetAccess", "layers", "logConfig", "memorySize",
    "nasConfig", "ossMountConfig", "resourceGroupId", "role", "sessionAffinity", "sessionAffinityConfig", "tags",
    "timeout", "tracingConfig", "triggers", "vpcConfig", "customDomain",
}  # fmt: skip
TRIGGER = {
    "triggerName",
    "triggerType",
    "triggerConfig",
    "description",
    "qualifier",
    "sourceArn",
    "invocationRole",
}
REQUIRED = {
    "http": {"authType", "methods"},
    "timer": {"cronExpression", "enable"},
    "oss": {"events", "filter"},
}


def read(client: Client, name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    export = client.export(name, "s.yaml")
    whole = yaml.safe_load(export.files["s.yaml"])
    assert (whole["edition"], whole["name"], whole["access"]) == ("3.0.0", name, "default")
    (resource,) = whole["resources"].values()
    assert resource["component"] == "fc3"
    return resource["props"], dict(export.files)


def check(props: dict[str, Any]) -> None:
    """As the component's schema does."""
    assert set(props) <= PROPS
    assert {"region", "functionName", "runtime", "handler", "code"} <= set(props)
    for trigger in props.get("triggers", ()):
        assert set(trigger) <= TRIGGER
        assert REQUIRED[trigger["triggerType"]] <= set(trigger["triggerConfig"])


def test_everything(client: Client, full: str) -> None:
    """All settings in the component's words, triggers with their config as an object, and the code as files."""
    props, files = read(client, full)
    check(props)
    assert (props["memorySize"], props["timeout"], props["role"]) == (256, 30, ROLE)
    assert props["environmentVariables"] == {"LEVEL": "1e3", "API_KEY": "${env('API_KEY')}", "EMPTY": ""}
    assert props["vpcConfig"] == {"vpcId": "vpc-1", "vSwitchIds": ["vsw-1"], "securityGroupId": "sg-1"}
    assert props["instanceLifecycleConfig"]["initializer"]["handler"] == "index.initialize"
    web, timer, bucket = props["triggers"]
    assert web["triggerConfig"]["authConfig"]["tokens"][0]["tokenData"] == "${env('WEB_READER')}"
    assert (timer["triggerType"], timer["triggerConfig"]["enable"]) == ("timer", True)
    assert bucket["triggerConfig"]["filter"] == {"key": {"prefix": "in/", "suffix": ""}}
    assert bucket["sourceArn"].startswith("acs:oss:")
    assert set(files) == {"s.yaml", "code/index.py", "code/data/a.txt"}


def test_what_the_tool_would_run_is_left_out(client: Client, full: str) -> None:
    """Serverless Devs runs ``${…}`` in any text: such a value is not in the file, and that is told by its place."""
    notes = client.export(full, "s.yaml").notes
    assert any("environmentVariables.ODD is left out" in note for note in notes)
    assert any("triggers.1.triggerConfig.payload is left out" in note for note in notes)


def test_custom_runtime(client: Client, program: str) -> None:
    """Command, port, hooks and what FC 3.0 alone has."""
    props, _ = read(client, program)
    check(props)
    assert props["customRuntimeConfig"] == OWN["customRuntimeConfig"]
    assert props["instanceLifecycleConfig"] == OWN["instanceLifecycleConfig"]
    assert (props["instanceConcurrency"], props["diskSize"], props["internetAccess"]) == (20, 10240, False)


def test_domain_and_layers(client: Client, deploy: Any) -> None:
    """A ``url`` is a custom domain that asks as the trigger does; layers are ARNs."""
    client.publish_layer("lib", zipped({"python/a.py": "A = 1\n"}))
    config = {"url": "https://example.com/a/*", "authType": "function"}
    layers = [{"name": "lib", "version": "1"}]
    function = deploy("echo", triggers=[{"type": "http", "config": config}], layers=layers)
    props, _ = read(client, function.info.name)
    client.delete_layer("lib", 1)
    assert props["customDomain"] == {
        "domainName": "example.com",
        "protocol": "HTTP,HTTPS",
        "authConfig": {"authType": "function"},
        "route": {"path": "/a/*", "qualifier": "LATEST"},
    }
    assert props["layers"] == ["acs:fc:cn-hangzhou:1234567890123456:layers/lib/versions/1"]
    notes = "\n".join(function.export("s.yaml").notes)
    assert "certConfig" in notes
    assert "layers are named" in notes


def test_program_stays_a_program(client: Client, deploy: Any, tmp_path: Path) -> None:
    """A file that can be run can be run where it was written."""
    from fc_magic.package.bundle import bundle

    code = bundle({"bootstrap": b"#!/bin/sh\n", "a.txt": b"a"}, frozenset(["bootstrap"]))
    function = deploy("x", runtime="custom.debian12", code=code)
    function.export("s.yaml").write(tmp_path / "p")
    assert (tmp_path / "p/code/bootstrap").stat().st_mode & 0o100
    assert not (tmp_path / "p/code/a.txt").stat().st_mode & 0o100


VALUES = st.recursive(
    st.text(max_size=20)
    | st.booleans()
    | st.integers()
    | st.sampled_from(["1e3", "0o14", "yes", "NaN", "~", "1:30"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=4))
def test_yaml_says_the_same(content: dict[str, Any]) -> None:
    """Whatever is written is read again as it was."""
    assert yaml.safe_load(project.dump(content)) == content


def test_texts_that_other_readers_take_for_numbers() -> None:
    """A reader of YAML 1.2 sees texts, too: they are between quotes."""
    for text in ("1e3", "0o14", "0x1f", "yes", "null", "1_000", "12e03", "2001-01-01", "=", "<<"):
        assert project.dump({"a": text}) in (f"a: '{text}'\n", f'a: "{text}"\n')
