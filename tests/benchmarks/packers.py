"""How others make a package of the same libraries, from the same wheels on this machine, without an index."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from fc_magic.package.contents import Wheel
from tests.benchmarks.peers import PEERS

HANDLER = "import pandas\ndef handler(event, context):\n    return pandas.__version__\n"
PYTHON, SYSTEM = "3.10", "manylinux_2_28"
#: Chalice's own way from a project to a ZIP
CHALICE = """
import sys
from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.utils import OSUtils, UI
os = OSUtils()
print(LambdaDeploymentPackager(os, DependencyBuilder(os), UI()).create_deployment_package(sys.argv[1], sys.argv[2]))
"""


def run(command: Sequence[object], folder: Path, **environment: str) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _zipped(install: Callable[[Path], None], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    target = folder / "code"
    target.mkdir(parents=True)
    install(target)
    (target / "index.py").write_text(HANDLER)
    if not shutil.which("zip"):
        pytest.skip("zip is not installed")
    run(["zip", "-q", "-r", folder / "code.zip", "."], target)


def pip(wheels: Sequence[Wheel], folder: Path) -> None:
    """``pip install -t`` and ``zip -r``."""

    def install(target: Path) -> None:
        run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--no-index", "--no-deps", "--target", target, "--only-binary", ":all:"),
                *("--python-version", PYTHON, "--platform", f"{SYSTEM}_x86_64"),
                *("--platform", "manylinux2014_x86_64", *(wheel.path for wheel in wheels)),
            ],
            folder,
        )

    _zipped(install, folder)


def uv(wheels: Sequence[Wheel], folder: Path) -> None:
    """``uv pip install --target`` and ``zip -r``; uv has the wheels in its cache, unpacked."""

    def install(target: Path) -> None:
        run(
            [
                *(Path(sys.prefix) / "bin" / "uv", "pip", "install", "--quiet", "--no-index", "--no-deps"),
                *("--target", target, "--python", sys.executable, "--python-version", PYTHON),
                *("--python-platform", f"x86_64-{SYSTEM}", *(wheel.path for wheel in wheels)),
            ],
            folder,
        )

    _zipped(install, folder)


def chalice(wheels: Sequence[Wheel], folder: Path) -> float:
    """Chalice's packager, which resolves and downloads itself: seconds, of the second time."""
    python = PEERS / "python"
    if not (PEERS / "chalice").exists():
        pytest.skip("Chalice is not installed: make bench does it")
    project = folder / "project"
    (project / ".chalice").mkdir(parents=True)
    (project / "app.py").write_text("from chalice import Chalice\napp = Chalice(app_name='x')\n")
    (project / ".chalice" / "config.json").write_text(json.dumps({"version": "2.0", "app_name": "x"}))
    named = [f"{wheel.name}=={wheel.version}" for wheel in wheels if not wheel.why]
    (project / "requirements.txt").write_text("\n".join(named))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    seconds = 0.0
    for _ in range(2):
        shutil.rmtree(project / ".chalice" / "deployments", ignore_errors=True)
        began = time.perf_counter()
        run([python, "-c", CHALICE, project, version], folder)
        seconds = time.perf_counter() - began
    return seconds
