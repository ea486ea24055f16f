"""Names of distributions -> their files, for the Python and the system of a runtime. ``uv`` does it.

Only wheels: what would have to be compiled here would be for this machine. uv reads its own settings (the index,
proxies, its cache) from the environment of this process.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fc_magic.errors import PackageError, UsageError
from fc_magic.package.folder import Files, read_folder

#: runtime -> its Python, and the newest system that wheels may be for (glibc 2.24 of Debian 9 takes 2.17 and older)
PLATFORMS: Mapping[str, tuple[str, str]] = {
    "python3.9": ("3.9", "x86_64-manylinux2014"),
    "python3.10": ("3.10", "x86_64-manylinux_2_28"),
    "python3.12": ("3.12", "x86_64-manylinux_2_31"),
}
#: what a person is told every so often
TICK_S = 0.25
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
#: around uv's reason
_UV_SAYS = (
    r"^error: ",
    r"^No solution found when resolving dependencies:? ?",
    r"^Because ",
    r",?( and you require [^,]*,)? we can conclude that your requirements are unsatisfiable\.?$",
)
_RECORD = re.compile(r"^(?:\.\./)*bin/")


@dataclass(frozen=True)
class Built:
    """Files by their path in a layer, and the distributions they are, ``name version``."""

    files: Files
    contents: tuple[str, ...]

    def zipped(self) -> bytes:
        return self.files.zipped()


def build(
    requirements: Sequence[str], runtime: str, progress: Callable[[float], None] = lambda seconds: None
) -> Built:
    """What ``requirements`` (or the lines of requirements files among them) need.

    ``progress`` is called with the seconds that have passed. Raises UsageError, PackageError with the name of what
    cannot be had.
    """
    if runtime not in PLATFORMS:
        raise UsageError(
            f"requirements are built for Python, not for {runtime}",
            hint=f"--runtime {', '.join(PLATFORMS)}; other files with --folder",
        )
    with tempfile.TemporaryDirectory(prefix="fc-magic-") as folder:
        target = Path(folder) / "python"
        _run([*_command(target, runtime), *_arguments(requirements)], runtime, progress)
        found = read_folder(target)
    files = {f"python/{path}": raw for path, raw in _clean(found.files).items()}
    programs = frozenset(path for path in files if path.removeprefix("python/") in found.executable)
    said = [re.fullmatch(r"python/([^/]+)-([^/-]+)\.dist-info/METADATA", path) for path in files]
    contents = tuple(sorted(f"{name[1]} {name[2]}" for name in said if name))
    return Built(Files(files, programs), contents)


def _arguments(requirements: Sequence[str]) -> list[str]:
    wrong = [word for word in requirements if word.startswith("-")]
    if wrong or not requirements:
        what = f"{wrong[0]} is not a requirement" if wrong else "there is no requirement"
        raise UsageError(what, hint='--requirements "pandas==2.2.* requests", or a file of them')
    files = {word for word in requirements if Path(word).suffix in (".txt", ".in", ".toml")}
    missing = [word for word in files if not Path(word).is_file()]
    if missing:
        raise UsageError(f"{missing[0]}: there is no such file", hint="--requirements FILE.txt")
    return [part for word in requirements for part in (["--requirements", word] if word in files else [word])]


def _command(target: Path, runtime: str) -> list[str]:
    version, platform = PLATFORMS[runtime]
    return [
        *(_uv(), "pip", "install", "--quiet", "--no-progress", "--color", "never"),
        *("--target", str(target), "--python", sys.executable),
        *("--python-version", version, "--python-platform", platform, "--only-binary", ":all:"),
    ]


def _uv() -> str:
    """The program: the package's own, else the one on the path."""
    try:
        import uv

        return uv.find_uv_bin()
    except (ImportError, OSError):
        found = shutil.which("uv")
    if not found:
        raise PackageError("uv was not found, which fetches requirements", hint="pip install uv")
    return found


def _run(command: Sequence[str], runtime: str, progress: Callable[[float], None]) -> None:
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=_environment()
        )
        try:
            while True:
                try:
                    status = process.wait(TICK_S)
                    break
                except subprocess.TimeoutExpired:
                    progress(time.monotonic() - began)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if status:
            said.seek(0)
            raise _refusal(said.read().decode(errors="replace"), runtime)


def _environment() -> dict[str, str]:
    """Without the virtual environment, which is not what is installed into; pip's index counts if uv has none."""
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    index = kept.get("PIP_INDEX_URL", "")
    return {"UV_DEFAULT_INDEX": index, **kept} if index and "UV_INDEX_URL" not in kept else kept


def _refusal(said: str, runtime: str) -> PackageError:
    """uv's reason, and what is true of the runtime that it does not know."""
    version, platform = PLATFORMS[runtime]
    text = " ".join(said.partition("hint:")[0].replace("cause:", "").split())
    for words in _UV_SAYS:
        text = re.sub(words, "", text)
    text = re.sub(r"://[^/@\s]*@", "://", text)  # an index may be named with a password
    where = f"{runtime} (Python {version}, {platform})"
    if "no usable wheels" in text or "no wheels" in text:
        hint = "choose a version that has a wheel, or another runtime: --runtime python3.12"
    elif "no version of" in text or "was not found" in text or "not found in the" in text:
        hint = "check the name and the version"
    else:
        hint = ""
    return PackageError(f"the requirements cannot be met for {where}: {text[:1000]}", hint=hint)


def _clean(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Without what is of this machine: scripts that begin with the path of its Python, and their lines in RECORD."""
    kept = {path: raw for path, raw in files.items() if not path.startswith("bin/") and path != ".lock"}
    for path, raw in kept.items():
        if path.endswith(".dist-info/RECORD"):
            lines = [line for line in raw.decode().splitlines() if not _RECORD.match(line)]
            kept[path] = "".join(f"{line}\n" for line in lines).encode()
    return kept


def names(requirements: Sequence[str]) -> list[str]:
    """The distributions as a person named them, without versions."""
    found = [_NAME.match(word) for word in requirements]
    return [name[0] for name in found if name]
