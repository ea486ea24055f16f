"""{path: bytes} -> ZIP. Same files, same bytes: on any machine, at any time, in any order."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from io import BytesIO

from fc_magic.errors import PackageError

#: the earliest date a ZIP can hold; a real one would change the checksum at every build
EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE, _UNIX = 0o100644, 3
#: up to this size a file is stored as it is: what deflate makes of it depends on the zlib of the machine
STORED = 64 * 1024
#: bytes of a name and of a path that Linux, where functions run, can hold
MAX_NAME, MAX_PATH = 255, 4095


def bundle(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """A ZIP of ``files``, in order of path. ``executable``: the paths that get mode 0755 instead of 0644.

    Raises PackageError for a path that would leave the package, or cannot be unpacked.
    """
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compresslevel=6) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(_checked(path, files), EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (0o100755 if path in executable else _FILE) << 16
            entry.compress_type = zipfile.ZIP_STORED if len(files[path]) <= STORED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def _checked(path: str, files: Collection[str]) -> str:
    wrong = _wrong(path, files)
    if wrong:
        shown = repr(path if len(path) <= 60 else f"{path[:59]}…")
        raise PackageError(
            f"{shown} cannot be a path in a package: {wrong}", hint="use a relative path such as data/a.json"
        )
    return path


def _wrong(path: str, files: Collection[str]) -> str:
    parts = path.split("/")
    if {"", ".", ".."} & set(parts):
        return "it is empty, absolute, or not in its shortest form"
    if "\\" in path or "\0" in path:
        return "it has a backslash or a NUL"
    try:
        sizes = [len(part.encode()) for part in parts]
    except UnicodeEncodeError:
        return "it is not Unicode"
    if max(sizes) > MAX_NAME or sum(sizes) + len(sizes) > MAX_PATH + 1:
        return f"it is longer than {MAX_PATH} bytes, or a name in it than {MAX_NAME}"
    above = ("/".join(parts[:n]) for n in range(1, len(parts)))
    file = next((folder for folder in above if folder in files), "")
    return f"{file!r} is a file" if file else ""
