"""Wheels of this machine by what they are: ``<cache>/wheels/<digest>/<file name>``, once each and never half.

Two processes may fetch the same wheel at once: each has a part file of its own, and the last rename wins over the
same bytes. A wheel that was changed since it was verified is verified again, and removed if it is not what it was.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from fc_magic.errors import PackageError
from fc_magic.package.lock import File

_CHUNK = 1 << 20
#: bytes of all wheels together
MOST = 4 << 30
#: seconds after which nobody goes on with a part, and within which a use is not noted again
ABANDONED_S, NOTED_S = 86400.0, 3600.0
_PART, _VERIFIED = ".part-", "verified"


class Store:
    """``folder`` is made when the first wheel comes."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache / "wheels"

    def place(self, file: File) -> Path:
        kind, digest_ = file.key
        return self.folder / (digest_ if kind == "sha256" else f"{kind}-{digest_}") / file.name

    def find(self, file: File) -> Path | None:
        """The wheel, if it is here and what it must be."""
        path = self.place(file)
        try:
            now = stamp(path)
            note = path.with_name(_VERIFIED)
            if _read(note) == now:
                if time.time() - note.stat().st_mtime > NOTED_S:
                    os.utime(note)
                return path
            if digest(path, file.key[0]) == file.key[1]:
                self._verified(path, now)
                return path
            path.unlink(missing_ok=True)
        except OSError:
            pass
        return None

    @contextmanager
    def adding(self, file: File) -> Iterator[tuple[BinaryIO, Callable[[], Path]]]:
        """A file to write into, and what to call when the whole wheel is in it and verified."""
        path = self.place(file)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=_PART, dir=self.folder)
        except OSError as error:
            raise PackageError(
                f"wheels cannot be kept in {self.folder}: {error.strerror}",
                hint="FC_MAGIC_HOME names another folder",
            ) from error
        part = Path(name)

        def keep() -> Path:
            out.flush()
            part.chmod(0o644)
            os.replace(part, path)
            self._verified(path, stamp(path))
            return path

        try:
            with os.fdopen(handle, "wb") as out:
                yield out, keep
        finally:
            part.unlink(missing_ok=True)
            _remove_empty(path.parent)

    def tidy(self, most: int = MOST) -> None:
        """Removes what nobody goes on with, and the wheels that were not used for longest, if there is too much."""
        now = time.time()
        with suppress(OSError):
            parts = [
                path for path in self.folder.glob(f"{_PART}*") if now - path.stat().st_mtime > ABANDONED_S
            ]
            for path in parts:
                path.unlink(missing_ok=True)
        used = sorted(filter(None, map(_used, self.folder.glob("*/*.whl"))), reverse=True)
        total = 0
        for _, size, wheel in used:
            total += size
            if total > most:
                with suppress(OSError):
                    wheel.unlink()
                    wheel.with_name(_VERIFIED).unlink(missing_ok=True)
                    wheel.parent.rmdir()

    def _verified(self, path: Path, stamped: str) -> None:
        part = path.with_name(f"{_PART}{os.getpid()}-{threading.get_ident()}-{_VERIFIED}")
        part.write_text(stamped)
        os.replace(part, path.with_name(_VERIFIED))


def _used(wheel: Path) -> tuple[float, int, Path] | None:
    """When a wheel was used last, and its size."""
    try:
        return wheel.with_name(_VERIFIED).stat().st_mtime, wheel.stat().st_size, wheel
    except OSError:
        return None


def stamp(path: Path) -> str:
    """Changes with the file, unless somebody goes out of their way."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"


def digest(path: Path, kind: str = "sha256") -> str:
    found = hashlib.new(kind)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
