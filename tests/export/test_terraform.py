"""``terraform``: HCL that is read as it was meant, with arguments that the provider has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fc_magic.client.client import Client
from fc_magic.export import hcl, terraform
from fc_magic.export.secrets import Secret
from tests.conftest import ROLE
from tests.export.conftest import ODD

#: arguments of the provider's documentation, resource by resource
FUNCTION = {
    "code", "cpu", "custom_container_config", "custom_dns", "custom_runtime_config", "description", "disk_size",
    "environment_variables", "function_name", "gpu_config", "handler", "idle_timeout", "instance_concurrency",
    "instance_isolation_mode", "instance_lifecycle_config", "internet_access", "layers", "log_config",
    "memory_size", "nas_config", "oss_mount_config", "resource_group_id", "role", "runtime", "session_affinity",
    "session_affinity_config", "tags", "timeout", "vpc_config",
}  # fmt: skip
TRIGGER = {
    "description", "function_name", "invocation_role", "qualifier", "source_arn", "trigger_config", "trigger_name",
    "trigger_type",
}  # fmt: skip
DOMAIN = {"auth_config", "cors_config", "custom_domain_name", "protocol", "route_config"}
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unquoted(text: str) -> str:
    """What Terraform makes of a quoted text, as its documentation says."""
    inner = text[1:-1]
    assert not re.search(r"(?<![$%])(?:\$\$|%%)*[$%]\{", re.sub(r"[$%]{2}\{", "", inner)), "a template is run"
    out = re.sub(
        r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))",
        lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else ESCAPES[m[3]],
        inner,
    )
    return re.sub(r"([$%])\1\{", r"\1{", out)


def resources(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for item in hcl2.loads(text)["resource"]:
        for kind, named in item.items():
            for name, body in named.items():
                found[kind.strip('"'), name.strip('"')] = {
                    k: v for k, v in body.items() if not k.startswith("__")
                }
    return found


def main(client: Client, name: str) -> str:
    return client.export(name, "terraform").files["main.tf"].decode()


def test_everything(client: Client, full: str) -> None:
    """Function and triggers are resources, secrets sensitive variables, the package stands beside."""
    text = main(client, full)
    found = resources(text)
    function = found["alicloud_fcv3_function", "this"]
    assert set(function) <= FUNCTION
    assert (function["memory_size"], unquoted(function["role"])) == (256, ROLE)
    variables = {
        unquoted(k): v for k, v in function["environment_variables"].items() if not k.startswith("__")
    }
    assert unquoted(variables["ODD"]) == ODD
    assert variables["API_KEY"] == "${var.api_key}"
    assert 'variable "api_key"' in text
    assert text.count("sensitive   = true") == 2
    assert 'filebase64("${path.module}/code.zip")' in text
    triggers = {name: body for (kind, name), body in found.items() if kind == "alicloud_fcv3_trigger"}
    assert set(triggers) == {"web", "timer-1", "oss-1"}
    assert all(set(body) <= TRIGGER for body in triggers.values())
    assert "var.web_reader" in triggers["web"]["trigger_config"]


def test_custom_runtime(client: Client, program: str) -> None:
    """Blocks in blocks, as the provider has them."""
    function = resources(main(client, program))["alicloud_fcv3_function", "this"]
    (config,) = function["custom_runtime_config"]
    assert (config["port"], config["command"], config["args"]) == (8080, ['"python3"'], ['"app.py"'])
    (hooks,) = function["instance_lifecycle_config"]
    assert hooks["pre_stop"][0]["timeout"] == 3
    assert (function["instance_concurrency"], function["internet_access"]) == (20, False)


def test_domain(client: Client, deploy: Any) -> None:
    """A ``url`` is a custom domain with a route, and what pages may ask."""
    config = {"url": "http://a.example.com/x/*", "authType": "function", "corsConfig": {"maxAge": 5}}
    function = deploy("echo", triggers=[{"type": "http", "config": config}])
    domain = resources(main(client, function.info.name))["alicloud_fcv3_custom_domain", "this"]
    assert set(domain) <= DOMAIN
    assert unquoted(domain["custom_domain_name"]) == "a.example.com"
    assert unquoted(domain["route_config"][0]["routes"][0]["path"]) == "/x/*"
    assert unquoted(domain["auth_config"][0]["auth_type"]) == "function"
    assert domain["cors_config"][0]["max_age"] == 5


def test_every_argument_exists() -> None:
    """What the table leads to is an argument of the documentation."""
    names = {known if isinstance(known, str) else known[""] for known in terraform.ARGUMENTS.values()}
    assert names | {"function_name", "code"} == FUNCTION


TEXTS = st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from('$%{}"\\\n\t<E~'), max_size=30)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_text_is_not_run(text: str) -> None:
    """Whatever a text is, HCL reads it as that text, and no template in it."""
    assert unquoted(hcl.quoted(text)) == text
    assert unquoted(hcl2.loads(f"a = {hcl.quoted(text)}\n")["a"]) == text


JSON = st.recursive(
    TEXTS | st.booleans() | st.integers(-1000, 1000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.skipif(not shutil.which("terraform"), reason="needs terraform")
def test_terraform_itself_reads_it(client: Client, full: str, program: str, tmp_path: Path) -> None:
    """It finds nothing to format, and its values are those that were meant."""
    for name in (full, program):
        client.export(name, "terraform").write(tmp_path / name)
        done = subprocess.run(
            ["terraform", "fmt", "-check", "-diff", name], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
    value = {"a": [ODD, {"${b}": True, 'q"': []}], "n": 1.5, "%{x}": "", "lines\n": "a\n\u2028b"}
    (tmp_path / "x.tf").write_text(f'output "x" {{\n  value = {hcl.value(value, 1)}\n}}\n')
    terraform_ = ["terraform", f"-chdir={tmp_path}"]
    subprocess.run([*terraform_, "apply", "-auto-approve"], check=True, capture_output=True)
    said = subprocess.run([*terraform_, "output", "-json", "x"], check=True, capture_output=True)
    assert json.loads(said.stdout) == value


@settings(max_examples=100, deadline=None, derandomize=True)
@given(JSON)
def test_values_can_be_read(value: Any) -> None:
    """Every value is an expression of the language."""
    # Terraform reads an escaped directive, as the test above shows; this reader takes the end of a text for one
    assume("%{" not in json.dumps(value))
    hcl2.loads(f"a = {hcl.value({'v': value})}\n")


def test_secret() -> None:
    """It is a variable, wherever it stands."""
    assert hcl.value([Secret("A_KEY", "x", True)]) == "[var.a_key]"
