"""The ZIP of a function as files of a folder, where it can be: a folder has what a person wants to edit."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from io import BytesIO

from fc_magic.errors import PackageError
from fc_magic.package.bundle import bundle
from fc_magic.package.folder import Files

#: unpacked in memory
MAX_FILES, MAX_BYTES = 20_000, 1 << 30


@dataclass(frozen=True)
class Unpacked:
    """The files of a ZIP, or why they cannot be files of a folder; ``same``: zipped again they are the same bytes."""

    files: Files | None
    why: str = ""
    same: bool = False


def unpack(raw: bytes) -> Unpacked:
    try:
        files = _files(raw)
        return Unpacked(files, same=files.zipped() == raw)
    except (
        PackageError,
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        return Unpacked(None, str(error).partition("\n")[0])


def _files(raw: bytes) -> Files:
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries):
            raise PackageError("it has symbolic links")
        if len({entry.filename for entry in entries}) < len(entries):
            raise PackageError("it has two files of one name")
        if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise PackageError("it is too large to be unpacked here")
        files = {entry.filename: archive.read(entry) for entry in entries}
    bundle(dict.fromkeys(files, b""))  # raises for paths that would leave the folder
    folded = {path.casefold() for path in files}
    if len(folded) < len(files):
        raise PackageError("it has names that differ only in large and small letters")
    return Files(files, frozenset(e.filename for e in entries if e.external_attr >> 16 & 0o111))
