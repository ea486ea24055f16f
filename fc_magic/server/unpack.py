"""A ZIP -> a folder, or a refusal: nothing outside the folder, no links, no more than the limits."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath

from fc_magic.errors import InvalidArgument
from fc_magic.wire import checks
from fc_magic.wire.wording import clipped

#: bytes of all files. FC's own limit is not documented.
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_ENTRIES = 100_000
#: of one entry: what every file system takes below a data folder, and no tree that is only deep
MAX_PATH, MAX_DEPTH = 1024, 100
#: what everything that reads a ZIP understands; others are for archives
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PIECE = 1 << 20
#: the system's words for paths that do not fit together: the package's fault, not the disk's
_CLASHES = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ)


def unpack(raw: bytes, target: Path, max_bytes: int = MAX_UNPACKED, max_entries: int = MAX_ENTRIES) -> None:
    """Writes the files of ``raw`` below ``target`` (created). Raises InvalidArgument that names the entry."""
    target.mkdir()
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > max_entries:
                raise _refused(f"has {len(entries)} entries; at most {max_entries} are allowed")
            # zipfile gives no more of an entry than its header says, so that a lie ends in a wrong checksum
            if sum(entry.file_size for entry in entries) > max_bytes:
                raise _refused(f"is larger than {max_bytes >> 20} MB unpacked")
            for entry in entries:
                _write(archive, entry, target.joinpath(*_safe(entry).parts))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, struct.error) as error:
        raise _refused(f"is not a readable ZIP ({str(error) or type(error).__name__})") from error


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    try:
        if entry.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, open(path, "wb") as file:
            shutil.copyfileobj(source, file, _PIECE)
    except OSError as error:
        if error.errno not in _CLASHES:
            raise  # a full disk is not the package's fault
        what = f"has the entry {_quoted(entry)}, which cannot be written ({error.strerror})"
        raise _refused(what) from error
    mode = (entry.external_attr >> 16) & 0o777
    os.chmod(path, mode | 0o600 if mode else 0o644)  # a mode of 0 means that the zipper wrote none


def _safe(entry: zipfile.ZipInfo) -> PurePosixPath:
    """The entry's path, if it stays inside and is a plain file or folder."""
    # zipfile cuts a name at its first NUL and turns backslashes on Windows; look at what was written
    name = entry.orig_filename
    path, shown = PurePosixPath(name), _quoted(entry)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
        raise _refused(f"has the entry {shown}; only relative paths inside the package are allowed")
    if ":" in path.parts[0] and len(path.parts[0]) == 2:
        raise _refused(f"has the entry {shown}; drive letters are not allowed")
    if len(name.encode(errors="replace")) > MAX_PATH or len(path.parts) > MAX_DEPTH:
        limit = f"paths of {MAX_PATH} bytes and {MAX_DEPTH} folders"
        raise _refused(f"has the entry {shown}, whose path is too long; at most {limit} are allowed")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(
            f"has the entry {shown}, which is a link or a device; only files and folders are allowed"
        )
    if entry.flag_bits & 1:
        raise _refused(f"has the encrypted entry {shown}")
    if entry.compress_type not in _METHODS:
        method = f"method {entry.compress_type}"
        raise _refused(f"has the entry {shown}, compressed by {method}; allowed are 0 (none) and 8 (deflate)")
    return path


def _quoted(entry: zipfile.ZipInfo) -> str:
    return repr(clipped(entry.orig_filename))


def _refused(what: str) -> InvalidArgument:
    problem = checks.problem("code", what, hint="zip the files again, without links")
    return InvalidArgument(f"the code was refused: the ZIP {what}", problems=[problem])
