"""{path: bytes} -> ZIP. Same files, same bytes: on any machine, at any time, in any order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zlib import crc32

from fc_magic.errors import PackageError
from fc_magic.package.archive import Entry, directory, header, listed

#: bytes of a name and of a path that Linux, where functions run, can hold
MAX_NAME, MAX_PATH = 255, 4095


def bundle(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """A ZIP of ``files``, in order of path. ``executable``: the paths that get mode 0755 instead of 0644.

    Raises PackageError for a path that would leave the package, or cannot be unpacked.
    """
    pieces, entries = stored(files, executable)
    listing = {entry.path: listed(entry) for entry in entries}
    return b"".join([*pieces, directory(listing, sum(map(len, pieces)))])


def stored(
    files: Mapping[str, bytes], executable: frozenset[str] = frozenset(), at: int = 0
) -> tuple[list[bytes], list[Entry]]:
    """Headers and files as they stand in a ZIP from ``at`` on, and what its directory says of them.

    Files are stored as they are: what deflate makes of one depends on the zlib of the machine.
    """
    pieces, entries = list[bytes](), list[Entry]()
    for path in sorted(files):
        raw = files[path]
        size = len(raw)
        entry = Entry(checked(path, files), crc32(raw), size, size, executable=path in executable, at=at)
        above = header(entry)
        at += len(above) + size
        pieces += [above, raw]
        entries.append(entry)
    return pieces, entries


def checked(path: str, files: Collection[str]) -> str:
    """A path of ``files`` that can be unpacked. Raises PackageError."""
    wrong = unfit(path, files)
    if wrong:
        shown = repr(path if len(path) <= 60 else f"{path[:59]}…")
        raise PackageError(
            f"{shown} cannot be a path in a package: {wrong}", hint="use a relative path such as data/a.json"
        )
    return path


def unfit(path: str, files: Collection[str] = ()) -> str:
    """Why a path cannot be in a package; nothing if it can. ``files``: the paths that are files there."""
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
