"""The Serverless Devs CLI with its fc3 component, in a home of its own.

``FC_MAGIC_TEST_S`` is its program ``s``. It loads the components fc3 and fc3-domain from its own registry at first
use; ``FC_MAGIC_TEST_S_COMPONENTS`` is a folder that has both, built, for where that cannot be reached.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ACCOUNT, KEY_ID, SECRET, Server

PROGRAM, COMPONENTS = "FC_MAGIC_TEST_S", "FC_MAGIC_TEST_S_COMPONENTS"
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Cli:
    """``s``, as somebody runs it in a folder with an ``s.yaml``."""

    home: Path
    environment: Mapping[str, str]

    def __call__(self, folder: Path, *arguments: str) -> str:
        """What it printed. Fails if it failed."""
        command = [os.environ[PROGRAM], *arguments]
        done = subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, text=True, timeout=150
        )
        said = _COLOUR.sub("", done.stdout + done.stderr)
        assert done.returncode == 0, said
        return said


def installed(home: Path, server: Server) -> Cli:
    """With the key of the server; what it asks is asked of the server."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("FC_", "ALIBABA_CLOUD_"))},
        "HOME": str(home),
        "FC_CLIENT_CUSTOM_ENDPOINT": server.url,
        "FC_CODE_TEMP_OSS_ENDPOINT": server.objects_url,
    }
    _link_components(home)
    cli = Cli(home, environment)
    keys = {"AccessKeyID": KEY_ID, "AccessKeySecret": SECRET, "AccountID": ACCOUNT}
    cli(
        home,
        "config",
        "add",
        "-a",
        "default",
        "-f",
        *(part for k, v in keys.items() for part in (f"--{k}", v)),
    )
    return cli


def _link_components(home: Path) -> None:
    """Where the CLI keeps what it has loaded."""
    given = os.environ.get(COMPONENTS)
    if not given:
        return
    kept = home / ".s" / "components" / "devsapp.cn" / "v3"
    kept.mkdir(parents=True)
    for name in ("fc3", "fc3-domain"):
        (kept / name).mkdir()
        for part in Path(given, name).iterdir():
            (kept / name / part.name).symlink_to(part)
        lock = kept / name / ".s.lock"
        lock.unlink(missing_ok=True)
        lock.write_text(json.dumps({"version": "999.0.0", "lastUpdateCheck": 1 << 53}))


def project(folder: Path, code: str, **props: Any) -> Path:
    """A folder with ``s.yaml`` and the code beside it."""
    (folder / "code").mkdir(parents=True, exist_ok=True)
    (folder / "code" / "index.py").write_text(code)
    least = {"region": "cn-hangzhou", "runtime": "python3.10", "handler": "index.handler", "code": "./code"}
    resource = {"component": "fc3", "props": {**least, **props}}
    content = {"edition": "3.0.0", "name": "story", "access": "default", "resources": {"one": resource}}
    (folder / "s.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return folder
