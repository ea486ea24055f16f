"""``%fcpull``: deploy, pull, deploy changes nothing; and ``%fcexport`` in a notebook and in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fc_magic.client.client import Client
from fc_magic.notebook.pull import pull
from fc_magic.package.bundle import bundle
from tests.conftest import Server, zipped
from tests.export.conftest import FULL, KEY, TOKEN
from tests.notebook.conftest import Shell, deploying, words_of_html


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory is one of this test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def own(shell: Shell) -> Iterator[Client]:
    """The client of the shell's functions; what a test deployed is deleted."""
    import fc_magic

    with fc_magic.connect() as client:
        yield client
        for function in client.list():
            client.delete(function.name)


def pulled(shell: Shell, line: str) -> str:
    """The cell that is offered."""
    shell.ip.rl_next_input = None
    ran = shell.run(f"%fcpull {line}")
    assert ran.success, ran.text
    assert shell.ip.rl_next_input == ran.value.cell
    return str(ran.value.cell)


def outcome(shell: Shell, cell: str) -> str:
    ran = shell.run(cell)
    assert ran.success, ran.text
    return str(ran.value.info.outcome)


CELLS = {
    "python": deploying("a", "return 1"),
    "options": deploying(
        "a", "return 1", """--memory 512 --timeout 5 --env "A=b c" --env 'Q="'"'"' # x' --env B="""
    ),
    "text": deploying("a", "return 'ü€😀'", """--description "it's # -- \\"odd\\"" """),
    "dashes": deploying("a", "return 1", "--description='--memory 7' --env=A=--x"),
    "handler": deploying(
        "a",
        "def first(e, c):\n    return 1\ndef start(c):\n    pass",
        "--handler index.first --entrypoint index.start",
    ),
    "timer": deploying("a", "return 1", "--trigger 'timer:@every 5h' --trigger 'timer:0 0 4 * * *'"),
    "named": deploying(
        "a",
        "return 1",
        """--trigger '{"type": "timer", "config": {"name": "x", "cronExpression": "@every 9h", "payload": "\\n"}}'""",
    ),
    "http": deploying("a", "return 1", "--trigger http:http://a.example.com/x/*"),
    "signed": deploying(
        "a",
        "return 1",
        """--trigger '{"type": "http", "config": {"authType": "function", "methods": ["GET", "PUT"]}}'""",
    ),
    "oss": deploying("a", "return 1", "--trigger 'oss:pics/in/*.png'"),
    "vpc": deploying(
        "a", "return 1", """--vpc-config '{"vpc_id": "v", "vswitch_ids": ["w"], "security_group_id": "s"}'"""
    ),
    "node": "%%fcdeploy a --runtime nodejs20\nexports.handler = async () => 1;\n",
    "module": "%%fcdeploy a --runtime nodejs20\nexport const handler = async () => 1;\n",
    "command": "%%fcdeploy a --runtime custom.debian12 --entrypoint 'python3 app.py --port 9000'\nprint(1)\n",
    "bootstrap": "%%fcdeploy a --runtime custom.debian12\n#!/usr/bin/env python3\nprint(1)\n",
}


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_comes_back(shell: Shell, own: Client, kind: str) -> None:
    """Of any language and with any option: the pulled cell deploys nothing new, and its code is the cell's own."""
    assert outcome(shell, CELLS[kind]) == "created"
    before = own.get("a").info
    cell = pulled(shell, "a")
    assert cell.partition("\n")[2].rstrip("\n") == CELLS[kind].partition("\n")[2].rstrip("\n")
    assert outcome(shell, cell) == "unchanged"
    own.delete("a")
    assert outcome(shell, cell) == "created"
    assert own.get("a").info.settings() == before.settings()


def test_a_cell_with_parts_of_others(shell: Shell, own: Client) -> None:
    """What a cell was completed with is in the cell that comes back, which deploys nothing new either."""
    shell.run("from __future__ import annotations\nimport math\nrate = 0.19")
    shell.run("def tax(x):\n    return math.floor(x * rate)")
    assert outcome(shell, deploying("a", "return tax(100)")) == "created"
    ran = shell.run("%fcpull a")
    assert "anew" not in ran.text
    assert outcome(shell, ran.value.cell) == "unchanged"
    assert shell.run("a()").value == 19


@pytest.mark.parametrize("kind", ["options", "handler", "named", "signed", "oss", "vpc", "module", "command"])
def test_both_dialects(shell: Shell, own: Client, kind: str) -> None:
    """What FC 3.0's own API says of a function is the same cell, and deployed there it changes nothing."""
    assert outcome(shell, CELLS[kind]) == "created"
    cell = pulled(shell, "a")
    assert pulled(shell, "a --api fc3") == cell
    line, _, body = cell.partition("\n")
    assert outcome(shell, f"{line} --api fc3\n{body}") == "unchanged"


def test_a_bucket_of_the_same_account(shell: Shell, own: Client) -> None:
    """It needs no ARN in the cell; one of another account keeps it."""
    assert outcome(shell, CELLS["oss"]) == "created"
    assert "--trigger 'oss:pics/in/*.png'" in pulled(shell, "a")
    other = {"sourceArn": "acs:oss:cn-hangzhou:1:pics"}
    own.deploy(
        {"name": "a", "code": zipped("def handler(e, c): 1"), "triggers": [{"type": "oss", "config": other}]}
    )
    assert "acs:oss:cn-hangzhou:1:pics" in pulled(shell, "a")


FOLDERS = {
    "several": {
        "code": zipped(
            {"index.py": "def handler(e, c):\n    return 1\n", "a b/ü.txt": "x", "c.bin": b"\xff\0"}
        )
    },
    "another name": {"code": zipped({"main.py": "def go(e, c):\n    return 1\n"}), "handler": "main.go"},
    "windows": {"code": zipped({"index.py": "def handler(e, c):\r\n    return 1\r\n"})},
    "program": {
        "code": bundle({"bin/app": b"#!/bin/sh\n", "data": b""}, frozenset(["bin/app"])),
        "runtime": "custom.debian12",
        "entrypoint": "bin/app",
        "handler": "x",
    },
    "node": {
        "code": zipped({"index.js": "exports.handler = 1", "node_modules/a/index.js": ""}),
        "runtime": "nodejs20",
    },
}


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_folder_comes_back(shell: Shell, own: Client, here: Path, kind: str) -> None:
    """Code that is no cell is written beside the notebook, and deployed from there: nothing changes."""
    own.deploy({"name": "b", **FOLDERS[kind]})
    cell = pulled(shell, "b --out 'my code'")
    assert cell.startswith("%fcdeploy b --folder 'my code' --runtime")
    assert outcome(shell, cell) == "unchanged"
    assert pulled(shell, "b --out 'my code'") == cell
    own.delete("b")
    assert outcome(shell, cell) == "created"


def test_code_that_is_not_of_a_cell(shell: Shell, own: Client) -> None:
    """One file becomes a cell, also if it was none: that it is sent anew is told, and then nothing changes."""
    own.deploy({"name": "c", "code": zipped("def handler(e, c):\n    return 1\n")})
    cell = pulled(shell, "c")
    assert "sends the code anew" in shell.run("%fcpull c").value.notes[0]
    assert cell == "%%fcdeploy c --runtime python3.10\ndef handler(e, c):\n    return 1\n"
    assert [outcome(shell, cell), outcome(shell, pulled(shell, "c"))] == ["updated", "unchanged"]


def test_secrets(shell: Shell, own: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is named, and its value taken from the notebook's environment; a token stands as what nobody can
    deploy by mistake."""
    own.deploy(FULL)
    ran = shell.run("%fcpull full")
    html = words_of_html(shell.bundle(ran.value)["text/html"])
    for text in (ran.text, html, ran.value.cell, repr(ran.value)):
        assert KEY not in text
        assert TOKEN not in text
    assert "--env API_KEY " in ran.value.cell
    assert "${WEB_READER}" in ran.value.cell
    assert any("API_KEY" in note for note in ran.value.notes)
    assert any("WEB_READER" in note for note in ran.value.notes)
    assert not shell.run(ran.value.cell).success  # the variable is not set
    monkeypatch.setenv("API_KEY", KEY)
    assert not shell.run(ran.value.cell).success  # the token is none
    assert outcome(shell, ran.value.cell.replace("${WEB_READER}", TOKEN)) == "unchanged"
    whole = pulled(shell, "full --with-secrets")
    assert KEY in whole
    assert outcome(shell, whole.replace("${WEB_READER}", TOKEN)) == "unchanged"


def test_files_that_are_there(shell: Shell, own: Client, here: Path) -> None:
    """A file with another content is not written over, unless that is asked for."""
    own.deploy({"name": "b", **FOLDERS["several"]})
    (here / "b").mkdir()
    (here / "b/index.py").write_text("mine")
    refused = shell.run("%fcpull b")
    assert "b/index.py exists" in refused.text
    assert (here / "b/index.py").read_text() == "mine"
    assert outcome(shell, pulled(shell, "b --force")) == "unchanged"
    (here / "b/more").write_text("x")
    again = shell.run("%fcpull b")
    assert any("has other files" in note for note in again.value.notes)


def test_what_no_option_says(shell: Shell, own: Client) -> None:
    """Settings of FC 3.0 alone are told by name; deploying again leaves them as they are."""
    assert outcome(shell, CELLS["command"]) == "created"
    change = {"instanceConcurrency": 7, "diskSize": 10240}
    own.session.call("UpdateFunction", "2023-03-30", "PUT", "/2023-03-30/functions/a", body=change)
    before = own.live("a").settings
    ran = shell.run("%fcpull a")
    assert any("instanceConcurrency" in note and "diskSize" in note for note in ran.value.notes)
    assert (
        outcome(shell, ran.value.cell) == "updated"
    )  # a version is published of what was changed in between
    assert own.live("a").settings == before
    assert outcome(shell, ran.value.cell) == "unchanged"


WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    environment=st.dictionaries(st.from_regex(r"[A-EG-Z][A-Z0-9_]{0,5}", fullmatch=True), WORDS, max_size=3),
    description=st.text(
        alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30
    ),
    memory=st.sampled_from([128, 256, 1024]),
    payload=WORDS,
    text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20),
)
def test_any_function_comes_back(
    shell: Shell, own: Client, environment: Any, description: str, memory: int, payload: str, text: str
) -> None:
    """Whatever its settings and its text are: deploy, pull, deploy is unchanged."""
    trigger = {"type": "timer", "config": {"cronExpression": "@every 9h", "payload": payload}}
    comment = next(iter(text.splitlines()), "")
    source = f"# %%fcdeploy\nTEXT = {text!a}\n# {comment}\ndef handler(e, c): 1\n"
    own.deploy(
        {
            "name": "p",
            "code": zipped(source),
            "environment": environment,
            "description": " ".join(description.split()),
            "memory": memory,
            "triggers": [trigger],
        }
    )
    assert outcome(shell, pull(own, "p", force=True, with_secrets=True).cell) == "unchanged"


# ---------------------------------------------------------------- %fcexport


def test_export_card(shell: Shell, own: Client, here: Path) -> None:
    """Files with their sizes, what is not in them, and what to type next; both faces say the same."""
    outcome(shell, deploying("a", "return 1", "--env API_KEY=secret"))
    ran = shell.run("%fcexport a --to s.yaml --out project")
    assert (here / "project/s.yaml").exists()
    html = words_of_html(shell.bundle(ran.value)["text/html"])
    for face in (ran.text, html):
        for said in (
            "exported as s.yaml",
            "project/code/index.py",
            "API_KEY is a secret",
            "cd project && s deploy",
        ):
            assert said in " ".join(face.split())
    again = shell.run("%fcexport a --to s.yaml --out project")
    assert not again.success
    assert "project/s.yaml" in again.text
    assert shell.run("%fcexport a --to s.yaml --out project --force").success


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%fcexport", "a name is missing"),
        ("%fcexport a", "there is no format"),
        ("%fcexport a --to yaml", "is not a format"),
        ("%fcexport a --kind zip", "--kind is not an option"),
        ("%fcexport a --to", "--to has no value"),
        ("%fcexport nobody --to zip", "there is no deployment named nobody"),
        ("%fcpull", "a name is missing"),
        ("%fcpull a b", "is not one name"),
        ("%fcpull nobody", "there is no deployment named nobody"),
    ],
)
def test_mistakes(shell: Shell, own: Client, line: str, said: str) -> None:
    """Each says what is wrong, and nothing is written."""
    ran = shell.run(line)
    assert not ran.success
    assert said in ran.text
    assert os.listdir() == []


def command(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    keys = {"FC_MAGIC_TARGET": server.url, "FC_MAGIC_ACCESS_KEY_ID": "LTAITestKey"}
    keys["FC_MAGIC_ACCESS_KEY_SECRET"] = "TestSecretThatMustNeverShow"
    return subprocess.run(
        [sys.executable, "-m", "fc_magic", *arguments],
        env={**os.environ, **keys, "FC_MAGIC_SECURITY_TOKEN": ""},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_terminal(server: Server, client: Client, deploy: Any, here: Path) -> None:
    """The same in a terminal: files or the cell on standard output, notes on the other."""
    name = deploy("echo", environment={"API_KEY": "secret"}).info.name
    done = command(server, "export", name, "--to", "terraform", "--out", "tf")
    assert (done.returncode, done.stdout) == (0, "tf/main.tf\ntf/code.zip\n"), done.stderr
    assert "note: API_KEY is a secret" in done.stderr
    assert command(server, "export", name, "--to", "terraform", "--out", "tf").returncode == 2
    done = command(server, "pull", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"%%fcdeploy {name} --runtime python3.10 ")
    assert "--env API_KEY" in done.stdout
    assert "note: API_KEY" in done.stderr
    assert command(server, "pull", "nobody").returncode == 1


# ---------------------------------------------------------------- --folder, --env KEY


@pytest.mark.parametrize(
    ("options", "said"),
    [("--folder nowhere", "there is no such folder"), ("--folder . --code x.zip", "there are two sources")],
)
def test_folders_that_are_none(shell: Shell, own: Client, here: Path, options: str, said: str) -> None:
    """A folder is there, and the only source."""
    (here / "index.py").write_text("def handler(e, c): 1")
    assert said in shell.run(f"%fcdeploy a {options}").text


def test_a_cell_beside_a_folder(shell: Shell, own: Client, here: Path) -> None:
    """Its code is ignored, and that is told; the function is that of the folder."""
    (here / "index.py").write_text("def handler(e, c):\n    return 'folder'\n")
    ran = shell.run(deploying("a", "return 'cell'", "--folder ."))
    assert "the cell's own code was ignored: --folder is given" in ran.text
    assert ran.value() == "folder"


def test_value_of_the_environment(shell: Shell, own: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--env KEY`` takes it from there, an empty one too; one that is not set is refused by name of the option."""
    monkeypatch.setenv("FROM_HERE", "a=b c")
    monkeypatch.setenv("EMPTY_HERE", "")
    ran = shell.run(deploying("a", "return 1", "--env FROM_HERE --env EMPTY_HERE --env OTHER=x"))
    assert dict(ran.value.info.environment) == {"FROM_HERE": "a=b c", "EMPTY_HERE": "", "OTHER": "x"}
    refused = shell.run(deploying("a", "return 1", "--env NOT_SET_HERE"))
    assert [problem.problem for problem in refused.error.problems] == [
        "NOT_SET_HERE is not KEY=VALUE, and no variable of the environment"
    ]
