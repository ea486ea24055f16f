"""{path: bytes} -> ZIP. Same files, same bytes: on any machine, at any time, in any order."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath

from fc_magic.errors import PackageError

#: the earliest date a ZIP can hold; a real one would change the checksum at every build
EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE, _UNIX = 0o100644, 3
#: up to this size a file is stored as it is: what deflate makes of it depends on the zlib of the machine
STORED = 64 * 1024


def bundle(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """A ZIP of ``files``, in order of path. ``executable``: the paths that get mode 0755 instead of 0644.

    Raises PackageError for a path that would leave the package.
    """
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compresslevel=6) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(_checked(path), EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (0o100755 if path in executable else _FILE) << 16
            entry.compress_type = zipfile.ZIP_STORED if len(files[path]) <= STORED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def _checked(path: str) -> str:
    pure = PurePosixPath(path)
    if (
        not path
        or pure.is_absolute()
        or ".." in pure.parts
        or "\\" in path
        or "\0" in path
        or str(pure) != path
    ):
        raise PackageError(
            f"{path!r} cannot be a path in a package", hint="use a relative path such as data/a.json"
        )
    return path
