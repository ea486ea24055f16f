"""A ZIP -> a folder, or a refusal: nothing outside the folder, no links, no more than the limits."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath

from fc_magic.errors import InvalidArgument
from fc_magic.wire import checks

#: bytes of all files, counted while they are written: a header may lie. FC's own limit is not documented.
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_ENTRIES = 100_000
_PIECE = 1 << 20


def unpack(raw: bytes, target: Path) -> None:
    """Writes the files of ``raw`` below ``target`` (created). Raises InvalidArgument that names the entry."""
    target.mkdir()
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise _refused(f"has {len(entries)} entries; at most {MAX_ENTRIES} are allowed")
            left = MAX_UNPACKED
            for entry in entries:
                left -= _write(archive, entry, target, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise _refused(f"is not a readable ZIP ({str(error) or type(error).__name__})") from error


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    path = target.joinpath(*_safe(entry).parts)
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(entry) as source, open(path, "wb") as file:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > left:
                raise _refused(f"is larger than {MAX_UNPACKED >> 20} MB unpacked")
            file.write(piece)
    mode = (entry.external_attr >> 16) & 0o777
    os.chmod(path, mode | 0o600 if mode else 0o644)  # a mode of 0 means that the zipper wrote none
    return size


def _safe(entry: zipfile.ZipInfo) -> PurePosixPath:
    """The entry's path, if it stays inside and is a plain file or folder."""
    # zipfile cuts a name at its first NUL and turns backslashes on Windows; look at what was written
    name = entry.orig_filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
        raise _refused(f"has the entry {name!r}; only relative paths inside the package are allowed")
    if ":" in path.parts[0] and len(path.parts[0]) == 2:
        raise _refused(f"has the entry {name!r}; drive letters are not allowed")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(
            f"has the entry {name!r}, which is a link or a device; only files and folders are allowed"
        )
    if entry.flag_bits & 1:
        raise _refused(f"has the encrypted entry {name!r}")
    return path


def _refused(what: str) -> InvalidArgument:
    problem = checks.problem("code", what, hint="zip the files again, without links")
    return InvalidArgument(f"the code was refused: the ZIP {what}", problems=[problem])
