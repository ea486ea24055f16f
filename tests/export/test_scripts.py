"""``curl`` and ``python``: scripts that really run."""

from __future__ import annotations

import ast
import json
import os
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.wire.results import Function
from fc_magic.wire.triggers import METHODS
from tests.conftest import SECRET, Server, zipped
from tests.export.conftest import FULL, KEY, ODD, OWN, TOKEN, run

SHELLS = [shell for shell in ("sh", "bash", "dash", "busybox sh") if shutil.which(shell.split()[0])]


@pytest.mark.parametrize("shell", SHELLS)
def test_curl_deploys(client: Client, server: Server, full: str, tmp_path: Path, shell: str) -> None:
    """It creates what is gone, to the byte and to each setting, with secrets of the environment; then it updates."""
    before, code = client.get(full).info, client.code(full)
    path = client.export(full, "curl").write(tmp_path).files[0][0]
    client.delete(full)
    for outcome in ("created", "there"):
        done = run(server, *shell.split(), path, API_KEY=KEY, WEB_READER=TOKEN)
        assert done.returncode == 0, (outcome, done.stdout, done.stderr)
        assert json.loads(done.stdout)["name"] == full
    after = client.get(full).info
    assert (after.settings(), client.code(full)) == (before.settings(), code)
    assert after.environment["ODD"] == ODD


@pytest.mark.parametrize(
    "value", ["", "'", '"\\\n\t', "a\n\nb\n", "ü€😀", "$(id) `id` %s %% \\n", "-n", "\r\n"]
)
def test_curl_takes_any_secret(
    client: Client, server: Server, deploy: Any, tmp_path: Path, value: str
) -> None:
    """A value of the environment arrives as it is; an empty one is one that is missing."""
    function = deploy("echo", environment={"MY_SECRET": "x"})
    path = function.export("curl").write(tmp_path).files[0][0]
    done = run(server, "sh", path, MY_SECRET=value)
    assert bool(done.returncode) == (not value), done.stderr
    if value:
        assert client.get(function.info.name).info.environment["MY_SECRET"] == value


def test_curl_keeps_the_key(client: Client, server: Server, deploy: Any, tmp_path: Path) -> None:
    """No program is given the secret as an argument, where everybody could read it; what was written is removed."""
    path = deploy("echo").export("curl").write(tmp_path).files[0][0]
    work, bin_, seen = tmp_path / "work", tmp_path / "bin", tmp_path / "seen"
    work.mkdir()
    bin_.mkdir()
    for program in ("openssl", "curl", "sed", "awk", "od", "cut", "cat", "tr"):
        spy = bin_ / program
        spy.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "{program} $*" >>{seen}\nexec {shutil.which(program)} "$@"\n'
        )
        spy.chmod(0o755)
    done = run(server, "sh", path, TMPDIR=str(work), PATH=f"{bin_}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    arguments = seen.read_text()
    assert "openssl dgst" in arguments
    assert "curl " in arguments
    assert SECRET not in arguments
    assert list(work.iterdir()) == []


def test_curl_is_refused(client: Client, server: Server, deploy: Any, tmp_path: Path) -> None:
    """Without a key nothing is sent; what the endpoint answers is shown, and the status says that it failed."""
    path = deploy("echo").export("curl").write(tmp_path).files[0][0]
    missing = run(server, "sh", path, ALIBABA_CLOUD_ACCESS_KEY_SECRET="")
    assert missing.returncode
    assert "is needed" in missing.stderr
    wrong = run(server, "sh", path, ALIBABA_CLOUD_ACCESS_KEY_SECRET="another")
    assert wrong.returncode == 1
    assert json.loads(wrong.stdout)["Code"] == "SignatureNotMatch"
    assert "HTTP 403" in wrong.stderr


# ---------------------------------------------------------------- the official SDK


def module(client: Client, name: str, folder: Path) -> dict[str, Any]:
    """The script's names, with its secrets in the environment."""
    client.export(name, "python").write(folder)
    return runpy.run_path(str(folder / "deploy.py"))


def test_python_makes_requests(
    client: Client, full: str, program: str, tmp_path: Path, monkeypatch: Any
) -> None:
    """The SDK's models take every setting of the script, and lose none."""
    from alibabacloud_fc20230330 import models

    monkeypatch.setenv("API_KEY", KEY)
    monkeypatch.setenv("WEB_READER", TOKEN)
    for name in (full, program):
        said = module(client, name, tmp_path / name)
        body = said["function"]()
        made = models.CreateFunctionInput().from_map(body).to_map()
        assert {key: value for key, value in made.items() if value != []} == body
        for trigger in said["TRIGGERS"]:
            whole = said["trigger"](trigger)
            assert models.CreateTriggerInput().from_map(whole).to_map() == whole
    assert said["FUNCTION"]["customRuntimeConfig"] == OWN["customRuntimeConfig"]
    assert module(client, full, tmp_path / "again")["FUNCTION"]["environmentVariables"]["ODD"] == ODD


def test_python_makes_a_domain(client: Client, deploy: Any, tmp_path: Path) -> None:
    """A custom domain asks as the trigger does, and its settings are text where the SDK wants that."""
    from alibabacloud_fc20230330 import models

    jwks = {"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=", "alg": "HS256"}]}
    auth = {"jwks": jwks, "tokenLookup": "header:Authorization:Bearer"}
    config = {"url": "http://example.com/a", "authType": "jwt", "authConfig": auth}
    function = deploy("echo", triggers=[{"type": "http", "config": config}])
    script = function.export("python").files["deploy.py"].decode()
    ast.parse(script)
    assert jwks["keys"][0]["k"] not in script
    path = tmp_path / "deploy.py"
    path.write_text(script.replace("os.environ['HTTP_1_0']", "'k'"))
    said = runpy.run_path(str(path))
    (domain,) = [said["domain"](given) for given in said["DOMAINS"]]
    assert domain["domainName"] == "example.com"
    assert json.loads(domain["authConfig"]["authInfo"])["jwks"]["keys"][0]["k"] == "k"
    assert models.CreateCustomDomainInput().from_map(domain).to_map() == domain


def test_python_runs_anywhere(client: Client, full: str, tmp_path: Path) -> None:
    """It is ASCII, needs nothing of ours, and without a secret it says which one is missing."""
    export = client.export(full, "python")
    assert export.files["deploy.py"].isascii()
    assert b"fc_magic" not in export.files["deploy.py"]
    export.write(tmp_path)
    done = run(Server("", "", tmp_path, None), sys.executable, str(tmp_path / "deploy.py"))  # type: ignore[arg-type]
    assert done.returncode
    assert "KeyError: 'API_KEY'" in done.stderr


def deploys(server: Server, folder: Path) -> None:
    """Runs the script of a folder against the server."""
    done = run(
        server, sys.executable, f"{folder}/deploy.py", FC_ENDPOINT=server.url, API_KEY=KEY, WEB_READER=TOKEN
    )
    assert done.returncode == 0, done.stderr


def spelled_out(function: Function) -> dict[str, Any]:
    """Its settings; FC 3.0 wants every method of an http trigger named, and none means all of them."""
    found = function.settings()
    for trigger in found["triggers"]:
        if trigger["type"] == "http":
            trigger["methods"] = sorted(trigger["methods"] or METHODS)
    return found


def test_python_deploys(client: Client, server: Server, full: str, tmp_path: Path) -> None:
    """It creates what is gone, to the byte and to each setting; run again, it updates what somebody changed."""
    before, code = spelled_out(client.get(full).info), client.code(full)
    client.export(full, "python").write(tmp_path)
    client.delete(full)
    deploys(server, tmp_path)
    assert (spelled_out(client.get(full).info), client.code(full)) == (before, code)
    client.deploy(
        {**FULL, "memory": 512, "triggers": FULL["triggers"][:1], "code": zipped("def handler(e, c): 1")}
    )
    deploys(server, tmp_path)
    assert (spelled_out(client.get(full).info), client.code(full)) == (before, code)


def test_python_deploys_what_only_fc3_has(
    client: Client, server: Server, program: str, tmp_path: Path
) -> None:
    """Concurrency, disk, hooks and the program of a custom runtime."""
    before = client.live(program)
    client.export(program, "python").write(tmp_path)
    client.delete(program)
    deploys(server, tmp_path)
    assert client.live(program).settings == before.settings


def test_python_deploys_domains(client: Client, server: Server, deploy: Any, tmp_path: Path) -> None:
    """A ``url`` is a custom domain with a route to the function; another function keeps its own, also when the script
    is run again."""
    for name, path in (("first", "/a"), ("second", "/b")):
        config = {"url": f"http://shared.example.com{path}", "authType": "function"}
        function = deploy("echo", name=name, triggers=[{"type": "http", "config": config}])
        function.export("python").write(tmp_path / name)
        function.delete()
    for name in ("first", "second", "first"):
        deploys(server, tmp_path / name)
    place = "/2023-03-30/custom-domains/shared.example.com"
    domain = client.session.call("GetCustomDomain", "2023-03-30", "GET", place).read(dict)
    client.session.call("DeleteCustomDomain", "2023-03-30", "DELETE", place)
    routes = {(route["path"], route["functionName"]) for route in domain["routeConfig"]["routes"]}
    assert routes == {("/a", "first"), ("/b", "second")}
    assert domain["authConfig"]["authType"] == "function"
