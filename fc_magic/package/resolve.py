"""Requirements -> the versions that go together on a platform, and their wheels. ``uv`` finds them.

Only wheels: what would have to be compiled here would be for this machine. What is installed here is not looked at.
uv reads its own settings (the index, proxies, its cache) from the environment of this process.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from fc_magic.errors import PackageError
from fc_magic.package import toml
from fc_magic.package.lock import File, Lock, Package, parse
from fc_magic.package.platforms import Platform
from fc_magic.package.wanted import Wanted, check

#: what a person is told every so often
TICK_S = 0.25
#: pip's variables -> uv's, which count if they are there
_PIP = {
    "PIP_INDEX_URL": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "PIP_EXTRA_INDEX_URL": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
}


class Unresolved(Exception):
    """uv found no answer; the message is what it says."""


def resolve(
    wanted: Wanted,
    platform: Platform,
    base: Path,
    before: Lock | None = None,
    tick: Callable[[float], None] = lambda seconds: None,
) -> Lock:
    """What uv finds, the versions of ``before`` first where they still fit. ``tick`` has the seconds that passed.

    Raises PackageError, Unresolved.
    """
    check(wanted)
    with tempfile.TemporaryDirectory(prefix="fc-magic-") as made:
        folder = Path(made)
        out, limits = folder / "pylock.toml", folder / "constraints.txt"
        if before_text := _preferred(before):
            out.write_text(before_text, encoding="utf-8")
        limits.write_text(_lines(wanted.constraints), encoding="utf-8")
        more = ["--constraint", str(limits)] if wanted.constraints else []
        command = [*_command(platform), "--output-file", str(out), *more, "-"]
        listed = [str(one.wheel.resolve()) if one.wheel else one.text for one in wanted.requirements]
        _run(command, _lines([*wanted.options, *listed]), base, tick)
        found = parse(out.read_text(encoding="utf-8"), "uv's answer")
    return replace(found, packages=tuple(_seen_from(package, folder, base) for package in found.packages))


def _lines(texts: Sequence[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def _seen_from(package: Package, folder: Path, base: Path) -> Package:
    """The same with every file of this machine as it is seen from the lock that is written."""
    return replace(package, wheels=tuple(_file_from(file, folder, base) for file in package.wheels))


def _file_from(file: File, folder: Path, base: Path) -> File:
    if file.url and not file.url.startswith("file:"):
        return file
    path = Path(url2pathname(urlsplit(file.url).path)) if file.url else folder / file.path
    return replace(file, url="", path=Path(os.path.relpath(path.resolve(), base.resolve())).as_posix())


def _command(platform: Platform) -> list[str]:
    return [
        *(uv(), "pip", "compile", "--quiet", "--no-progress", "--color", "never", "--no-header"),
        *("--format", "pylock.toml", "--python", sys.executable, "--python-version", platform.python),
        *("--python-platform", platform.system, "--only-binary", ":all:"),
    ]


def uv() -> str:
    """The program: the package's own, else the one on the path."""
    try:
        from uv import find_uv_bin

        return find_uv_bin()
    except (ImportError, OSError):
        found = shutil.which("uv")
    if not found:
        raise PackageError("uv was not found, which resolves requirements", hint="pip install uv")
    return found


@functools.cache
def usual_index() -> str:
    """Where uv looks if nobody says where; nothing if it does not tell."""
    plain = {name: value for name, value in environment().items() if not name.startswith(("UV_", "PIP_"))}
    command = (uv(), "pip", "compile", "--no-config", "--quiet", "--no-header", "--emit-index-url", "-")
    try:
        done = subprocess.run(
            command, input="", capture_output=True, text=True, env=plain, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"^--index-url (\S+)$", done.stdout, re.MULTILINE)
    return found[1] if found else ""


def _preferred(before: Lock | None) -> str:
    """What uv takes for its own answer of the last time; the versions of it are all that counts."""
    rows = []
    for package in before.packages if before else ():
        file = next((file for file in package.wheels if file.url), None)
        if file and package.version and not package.direct:
            wheel = {"url": file.url, "hashes": dict(file.hashes)}
            rows.append({"name": package.name, "version": package.version, "wheels": [wheel]})
    return f'lock-version = "1.0"\ncreated-by = "uv"\n{toml.lines("packages", rows)}' if rows else ""


def _run(command: Sequence[str], asked: str, base: Path, tick: Callable[[float], None]) -> None:
    began = time.monotonic()
    with tempfile.TemporaryFile() as listed, tempfile.TemporaryFile() as said:
        listed.write(asked.encode())
        listed.seek(0)
        process = subprocess.Popen(
            command, stdin=listed, stdout=said, stderr=said, env=environment(), cwd=base
        )
        try:
            while True:
                try:
                    status = process.wait(TICK_S)
                    break
                except subprocess.TimeoutExpired:
                    tick(time.monotonic() - began)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if status:
            said.seek(0)
            raise Unresolved(said.read().decode(errors="replace"))


def environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Without the virtual environment, which is not what it is for; pip's index counts if uv has none."""
    kept = {n: v for n, v in (os.environ if environ is None else environ).items() if n != "VIRTUAL_ENV"}
    for name, (theirs, old) in _PIP.items():
        if kept.get(name) and not kept.get(theirs) and not kept.get(old):
            kept[theirs] = kept[name]
    return kept
