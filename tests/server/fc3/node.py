"""Alibaba's own Node.js packages, installed once into a cache of the tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

#: the SDK, and what the fc3 component of Serverless Devs has beside it
PACKAGES = {"@alicloud/fc20230330": "4.7.6", "@alicloud/fc2": "2.6.6", "ali-oss": "6.18.1"}
CACHE = Path(__file__).parents[3] / ".pytest_cache" / "node"
INSTALL_S = 240


def installed() -> Path:
    """The folder with ``node_modules``. Skips where there is no npm, or nowhere to get packages from."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed: the Node.js SDK is not tested")
    marks = "-".join(version for _, version in sorted(PACKAGES.items()))
    target = CACHE / marks
    if not target.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=CACHE))
        try:
            _install(building)
            building.rename(target)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return target


def _install(folder: Path) -> None:
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S)
    if done.returncode:
        pytest.skip(f"npm cannot install the Node.js SDK: {done.stderr.strip()[-200:]}")


def run(script: Path, story: dict[str, str]) -> dict[str, dict[str, object]]:
    """What a script prints that requires the packages; ``story`` is what it is told."""
    environment = {**os.environ, "STORY": json.dumps(story), "NODE_PATH": str(installed() / "node_modules")}
    done = subprocess.run(["node", str(script)], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said: dict[str, dict[str, object]] = json.loads(done.stdout)
    return said
