"""Functions with everything that can be exported, at the real server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fc_magic.client.client import Client
from tests.conftest import KEY_ID, SECRET, Server, zipped

KEY, TOKEN = "TheKeyOfTheFunctionThatMustNotShow", "TheTokenOfTheTriggerThatMustNotShow"
ODD = "a\nb\t\"c\" \\ ${HOME} %{x} $(id) `id` ü\u2028\U0001f600 'd'"

#: a function with every setting that the deployments API has
FULL: dict[str, Any] = {
    "name": "full",
    "description": 'it\'s "odd" ü',
    "entrypoint": "index.initialize",
    "memory": 256,
    "timeout": 30,
    "environment": {"LEVEL": "1e3", "ODD": ODD, "API_KEY": KEY, "EMPTY": ""},
    "vpc_config": {"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1"},
    "triggers": [
        {
            "type": "http",
            "config": {
                "name": "web",
                "authType": "bearer",
                "authConfig": {"tokens": [{"tokenName": "reader", "tokenData": TOKEN}]},
            },
        },
        {"type": "timer", "config": {"cronExpression": "@every 5h", "payload": {"k": "${x}"}}},
        {"type": "oss", "config": {"bucketName": "pics", "filter": {"key": {"prefix": "in/"}}}},
    ],
    "code": zipped(
        {
            "index.py": "def handler(event, context):\n    return 'full'\n\ndef initialize(context):\n    pass\n",
            "data/a.txt": "a",
        }
    ),
}
#: what FC 3.0's API has set of a custom runtime beside
OWN: dict[str, Any] = {
    "instanceConcurrency": 20,
    "diskSize": 10240,
    "internetAccess": False,
    "customRuntimeConfig": {"command": ["python3"], "args": ["app.py"], "port": 8080},
    "instanceLifecycleConfig": {"preStop": {"handler": "stop", "timeout": 3}},
}


@pytest.fixture
def full(client: Client) -> str:
    client.deploy(FULL)
    return "full"


@pytest.fixture
def program(client: Client) -> str:
    fields = {"name": "program", "runtime": "custom.debian12", "entrypoint": "python3 app.py"}
    client.deploy({**fields, "code": zipped({"app.py": "print('hello')\n"})})
    client.session.call("UpdateFunction", "2023-03-30", "PUT", "/2023-03-30/functions/program", body=OWN)
    return "program"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory is one of this test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(server: Server, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command as a person runs it who has the server's key in the environment."""
    kept: Mapping[str, str] = {
        k: v for k, v in os.environ.items() if not k.startswith(("FC_", "ALIBABA_CLOUD_"))
    }
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET}
    return subprocess.run(
        command, env={**kept, **keys, **more}, capture_output=True, text=True, timeout=50, check=False
    )
