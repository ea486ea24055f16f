"""A folder or a ZIP of this machine -> the files of a layer, where each language looks for them."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from fc_magic.errors import PackageError, UsageError
from fc_magic.package.bundle import bundle

#: what Function Compute, or a program of any language, looks for in /opt
KNOWN_TOP = ("python", "nodejs", "java", "php", "bin", "lib")
#: what is of the machine and not of the layer
_LEFT_OUT = frozenset({"__pycache__", ".git", ".DS_Store", ".ipynb_checkpoints", ".lock"})
_SITE = re.compile(r"lib/python3\.\d+/site-packages/")


@dataclass(frozen=True)
class Files:
    """Files by their path, those of them that are programs, and what was done with them."""

    files: Mapping[str, bytes]
    executable: frozenset[str] = frozenset()
    note: str = ""

    def zipped(self) -> bytes:
        return bundle(self.files, self.executable)


def read_folder(folder: Path, option: str = "--folder DIR") -> Files:
    """Every file below a folder; links are followed, because a package has none. ``option``: what a person typed, or
    can. Raises UsageError, PackageError."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder", hint=option)
    files: dict[str, bytes] = {}
    executable: set[str] = set()
    seen: set[str] = set()
    for at, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name not in _LEFT_OUT and _is_new(Path(at, name), seen)]
        for name in set(names) - _LEFT_OUT:
            path = Path(at, name)
            inside = path.relative_to(folder).as_posix()
            try:
                files[inside] = path.read_bytes()
            except OSError as error:
                raise PackageError(f"{path} cannot be read: {error.strerror}") from error
            if os.access(path, os.X_OK):
                executable.add(inside)
    if not files:
        raise UsageError(f"{folder}: there is no file in it", hint=option)
    return Files(files, frozenset(executable))


def _is_new(folder: Path, seen: set[str]) -> bool:
    """Whether a linked folder leads anywhere but round."""
    real = os.path.realpath(folder)
    if folder.is_symlink() and (real in seen or str(folder).startswith(real + os.sep)):
        return False
    seen.add(real)
    return True


def read_zip(path: Path, option: str = "--zip FILE.zip") -> tuple[bytes, Files]:
    """The bytes of a ZIP, and its files. ``option``: what a person can type. Raises UsageError, PackageError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=option) from error
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise PackageError(f"{path} is not a readable ZIP ({str(error) or 'damaged'})") from error
    programs = frozenset(entry.filename for entry in entries if entry.external_attr >> 16 & 0o111)
    return raw, Files(files, programs)


def laid_out(found: Files) -> Files:
    """The same where languages look for it: modules go below ``python/`` unless the files have their places."""
    top = _top(found.files)
    if not top:
        return found
    files = {f"{top}/{path}": raw for path, raw in found.files.items()}
    note = f"put below {top}/, where functions look for them"
    return Files(files, frozenset(f"{top}/{path}" for path in found.executable), note)


def _top(paths: Iterable[str]) -> str:
    """The folder that is missing above these paths; nothing if they stand where they should."""
    paths = list(paths)
    first = {path.partition("/")[0] for path in paths}
    if any(_SITE.match(path) for path in paths):
        return "python"  # as an environment has them: FC looks below /opt/python for that too
    if first & set(KNOWN_TOP):
        return ""
    if "node_modules" in first:
        return "nodejs"
    return "python" if any(path.endswith((".py", ".so")) for path in paths) else ""
