"""Table: runtime name -> the interpreter that runs it here, and how well it fits.

An interpreter counts only after it was run and said its version: a pyenv shim may exist and lead nowhere.
"""

from __future__ import annotations

import asyncio
import functools
import glob
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fc_magic.wire.runtimes import PYTHON

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
Version = tuple[int, int]

#: the file itself: the link to it in a virtual environment is not there where instances run
_ASK = "import os, sys; print(*sys.version_info[:2], os.path.realpath(sys.executable))"
_FLAGS = ("-I", "-S", "-X", "utf8", "-u")
_OLDEST, _NEWEST = (3, 9), (3, 14)
_PLACES = (
    "{pyenv}/versions/{v}.*/bin/python{v}",
    "{home}/.local/share/uv/python/cpython-{v}*/bin/python{v}",
    "{home}/miniconda3/envs/*/bin/python{v}",
    "{home}/anaconda3/envs/*/bin/python{v}",
    "/opt/homebrew/bin/python{v}",
    "/usr/local/bin/python{v}",
    "/usr/bin/python{v}",
)


@dataclass(frozen=True)
class Interpreter:
    """How a runtime runs on this machine. ``note`` is for the person who deploys, if something differs."""

    runtime: str
    command: tuple[str, ...]
    version: Version
    note: str = ""


def served() -> tuple[str, ...]:
    """The runtimes this server runs."""
    return PYTHON


@functools.cache
def find(runtime: str) -> Interpreter:
    """The interpreter of exactly this version, else the nearest one that is installed."""
    wanted = _version(runtime)
    for version in sorted(_candidates(), key=lambda v: _distance(v, wanted)):
        path = _installed(version)
        if path:
            return Interpreter(
                runtime, (path, *_FLAGS, str(BOOTSTRAP)), version, _note(runtime, wanted, version)
            )
    raise RuntimeError("no Python from 3.9 on was found, not even the one that runs this")


async def found(runtime: str) -> Interpreter:
    """The same for an event loop: the first look runs what may hang, as a shim does, for seconds each."""
    if runtime not in _FOUND:
        _FOUND[runtime] = await asyncio.to_thread(find, runtime)
    return _FOUND[runtime]


_FOUND: dict[str, Interpreter] = {}


def _version(runtime: str) -> Version:
    major, minor = runtime.removeprefix("python").split(".")
    return int(major), int(minor)


def _candidates() -> list[Version]:
    return [(3, minor) for minor in range(_OLDEST[1], _NEWEST[1] + 1)]


def _distance(have: Version, wanted: Version) -> tuple[int, bool]:
    # of two equally near, the newer one: code for 3.10 rather runs on 3.11 than on 3.9
    return abs(have[1] - wanted[1]), have < wanted


def _note(runtime: str, wanted: Version, have: Version) -> str:
    if have == wanted:
        return ""
    names = f"{have[0]}.{have[1]}", f"{wanted[0]}.{wanted[1]}"
    return f"{runtime} runs on Python {names[0]} here: Python {names[1]} was not found on this machine"


def _installed(version: Version) -> str:
    """The real path of an interpreter of this version, or nothing."""
    if version == sys.version_info[:2]:
        base = getattr(sys, "_base_executable", sys.executable)
        return _asked(base, version) or _asked(sys.executable, version)
    text = f"{version[0]}.{version[1]}"
    pyenv = os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv")
    patterns = [p.format(v=text, home=Path.home(), pyenv=pyenv) for p in _PLACES]
    found = [path for pattern in patterns for path in sorted(glob.glob(pattern), reverse=True)]
    on_path = shutil.which(f"python{text}")
    for path in [*found, on_path] if on_path else found:
        real = _asked(path, version)
        if real:
            return real
    return ""


@functools.cache
def _asked(path: str, version: Version) -> str:
    try:
        done = subprocess.run([path, "-I", "-S", "-c", _ASK], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    major, minor, *real = done.stdout.split(maxsplit=2) or ("0", "0")
    matches = done.returncode == 0 and (int(major), int(minor)) == version and real
    return real[0].strip() if matches else ""
