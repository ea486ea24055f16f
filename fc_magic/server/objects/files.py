"""The bytes of objects and parts: files in one folder, named by a random id and never by a key.

A file that no row names was never acknowledged (or is not wanted any more); the next start removes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from fastcrc import crc64

PIECE = 1 << 20


class Staged:
    """A file that is being written: what it has, until the store names it, nobody sees."""

    def __init__(self, path: Path) -> None:
        self.id = path.name
        self.size = 0
        self.crc = 0
        self._path = path
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._file = open(path, "xb", buffering=0)  # noqa: SIM115 - closed by close() or discard()

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._md5.update(data)
        self.crc = crc64.xz(data, self.crc)
        self.size += len(data)

    @property
    def md5(self) -> bytes:
        return self._md5.digest()

    @property
    def etag(self) -> str:
        return self._md5.hexdigest().upper()

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


class Files:
    """The folder. Its methods may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def new(self) -> Staged:
        return Staged(self.path(secrets.token_hex(16)))

    def path(self, name: str) -> Path:
        return self.folder / name

    def open(self, name: str) -> BinaryIO:
        return open(self.path(name), "rb")

    def read(self, name: str, start: int, length: int) -> Iterator[bytes]:
        """``length`` bytes from ``start``, in pieces."""
        with self.open(name) as file:
            file.seek(start)
            while length > 0:
                piece = file.read(min(PIECE, length))
                if not piece:
                    raise OSError(f"the file {name} of the object store is {length} bytes short")
                length -= len(piece)
                yield piece

    def clone(self, name: str) -> str:
        """Another name for the same bytes. Bytes that were acknowledged never change, so a link will do."""
        copy = secrets.token_hex(16)
        try:
            os.link(self.path(name), self.path(copy))
        except FileNotFoundError:
            raise
        except OSError:  # a file system without links
            shutil.copyfile(self.path(name), self.path(copy))
        return copy

    def extend(self, name: str, size: int, more: str, crc: int) -> int:
        """Writes the file ``more`` behind the first ``size`` bytes of ``name``; ``crc`` of those -> of all.

        What stood there was never acknowledged: it is left over from an append that did not end.
        """
        with open(self.path(name), "r+b") as file, self.open(more) as source:
            file.seek(size)
            file.truncate()
            while piece := source.read(PIECE):
                file.write(piece)
                crc = crc64.xz(piece, crc)
        return crc

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            if name:
                with contextlib.suppress(FileNotFoundError):
                    self.path(name).unlink()

    def sweep(self, named: Collection[str]) -> None:
        self.remove(path.name for path in self.folder.iterdir() if path.name not in named)
