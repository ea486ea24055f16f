"""The front door: the few public names, each where the README says, and none of it felt at import."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import fc_magic

ROOT = Path(__file__).parents[1]
HEAVY = (
    "IPython",
    "ipywidgets",
    "requests",
    "urllib3",
    "pydantic",
    "starlette",
    "uvicorn",
    "sqlite3",
    "asyncio",
)


def python(program: str) -> str:
    """What a new Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", fc_magic.__all__)
def test_names(name: str) -> None:
    """Every public name can be had, in its own process too, and is listed."""
    assert getattr(fc_magic, name) is not None
    assert name in dir(fc_magic)
    assert python(f"from fc_magic import {name}; print({name}.__name__)").rpartition(".")[2] == name


def test_names_are_the_documented_ones() -> None:
    """The table of the README names what is public, and nothing is public that it does not name."""
    page = (ROOT / "README.md").read_text()
    rows = page[page.index("| `connect(") :].partition("\n\n")[0].splitlines()
    documented = {re.match(r"\| `(\w+)", row)[1] for row in rows}
    # what deploy() returns is no name of the front door; the extension is loaded by its module's name
    assert documented - {"RemoteFunction"} == set(fc_magic.__all__) - {"load_ipython_extension"}
    assert "%load_ext fc_magic" in page


def test_star() -> None:
    """``from fc_magic import *`` gives the public names and no others."""
    program = "from fc_magic import *; print(*sorted(n for n in globals() if not n.startswith('__')))"
    assert python(program).split() == sorted(fc_magic.__all__)


def test_name_that_is_none() -> None:
    """Any other name is Python's own error."""
    with pytest.raises(AttributeError, match="has no attribute 'Clinet'"):
        fc_magic.Clinet  # noqa: B018


def test_version() -> None:
    """The version is said in one place."""
    assert fc_magic.__version__ == metadata.version("fc-magic")


@pytest.mark.parametrize(
    "module", ["fc_magic", "fc_magic.errors", "fc_magic.config", "fc_magic.notebook.magics"]
)
def test_import_is_light(module: str) -> None:
    """The door, the errors and what ``%load_ext`` needs load none of what takes time."""
    program = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    assert python(program) == ""


@pytest.mark.parametrize(
    ("module", "foreign"),
    [
        ("fc_magic.client.client", ("IPython", "ipywidgets", "starlette", "uvicorn")),
        ("fc_magic.server.app", ("IPython", "ipywidgets", "requests")),
    ],
)
def test_halves_are_apart(module: str, foreign: tuple[str, ...]) -> None:
    """The client is a plain library, and the server has not heard of notebooks."""
    assert python(f"import sys, {module}; print(*sorted(set({foreign!r}) & set(sys.modules)))") == ""


def test_typed() -> None:
    """Who says that it is typed must tell type checkers so (PEP 561)."""
    assert "Typing :: Typed" in (metadata.metadata("fc-magic").get_all("Classifier") or [])
    assert (ROOT / "fc_magic" / "py.typed").read_bytes() == b""


def test_command() -> None:
    """``fc-magic`` and ``python -m fc_magic`` are one thing."""
    (command,) = metadata.entry_points(group="console_scripts", name="fc-magic")
    assert command.load() is __import__("fc_magic.cli", fromlist=["main"]).main


def test_wheel(tmp_path: Path) -> None:
    """The wheel holds the package, whole, and nothing else."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    ours = (ROOT / "fc_magic").rglob("*")
    sources = {str(p.relative_to(ROOT)) for p in ours if p.is_file() and "__pycache__" not in p.parts}
    assert packed == sources
