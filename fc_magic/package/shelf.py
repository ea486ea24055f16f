"""Files that are kept by the key of their content: in the cache's folder, the oldest go first when it is full.

Several processes may use it at once: what is half made has a name of its own, and what is removed stays readable to
who has it open.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from fc_magic.errors import PackageError

#: bytes of all that is kept
MOST = 2 << 30
#: seconds after which nobody goes on with what is half made
ABANDONED_S = 86400.0
#: seconds within which a use of something is not noted again
NOTED_S = 60.0
_HALF = ".half-"


class Kept:
    """A file that can be read as long as somebody has this, also when it is removed meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path, self._descriptor = path, -1
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    @property
    def is_there(self) -> bool:
        """Whether its path still leads to it."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        except OSError:
            return False

    def read(self, at: int, size: int) -> bytes:
        """As many bytes as there are."""
        out = []
        while size > 0 and (read := os.pread(self._descriptor, size, at)):
            out.append(read)
            at, size = at + len(read), size - len(read)
        return out[0] if len(out) == 1 else b"".join(out)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


#: a file, and what is known of it
Found = tuple[Kept, dict[str, Any]]


class Shelf:
    """``folder`` None: nothing is kept beyond the life of the object."""

    def __init__(self, folder: Path | None, most: int = MOST) -> None:
        self._folder, self._most = folder, most
        self.made: Found | None = None

    def find(self, key: str) -> Found | None:
        """Open, with what was said of it; None if there is none, or it is not whole."""
        if self._folder is None:
            return None
        try:
            facts = json.loads(self._facts(key).read_bytes())
            file = Kept(self._zip(key))
        except (OSError, ValueError):
            return None
        if file.size != facts.get("size"):
            return None
        self._use(key)
        return file, facts

    def begins(self, beginning: str) -> str:
        """A key that begins so; nothing if there is none."""
        found = self._folder.glob(f"{beginning}*.zip") if self._folder else iter(())
        return next((path.stem for path in found), "")

    @contextlib.contextmanager
    def making(self, key: str) -> Iterator[tuple[BinaryIO, Callable[[dict[str, Any]], None]]]:
        """A file to write, and what is called with what is known of it when it is whole; else nothing is kept.
        Raises PackageError where it cannot be written."""
        facts: dict[str, Any] = {}
        try:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = tempfile.NamedTemporaryFile(prefix=_HALF, dir=self._folder, delete=False)  # noqa: SIM115
        except OSError as error:
            raise PackageError(f"{self._folder} cannot be written: {error.strerror}") from error
        try:
            with half:
                yield half.file, facts.update  # type: ignore[misc]
            self._keep(key, Path(half.name), facts)
        except OSError as error:
            raise PackageError(f"{half.name} cannot be written: {error.strerror}") from error
        finally:
            Path(half.name).unlink(missing_ok=True)

    def _keep(self, key: str, half: Path, facts: dict[str, Any]) -> None:
        made = Kept(half)
        self.made = made, facts
        if self._folder is None:
            return
        # a ZIP without its facts is none, so they come last
        made.path = half.rename(self._zip(key))
        half.write_text(json.dumps(facts))
        os.replace(half, self._facts(key))
        self._clean(key)

    def _zip(self, key: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{key}.zip"

    def _facts(self, key: str) -> Path:
        return self._zip(key).with_suffix(".json")

    def _use(self, key: str) -> None:
        with contextlib.suppress(OSError):
            if time.time() - self._facts(key).stat().st_mtime > NOTED_S:
                os.utime(self._facts(key))

    def _clean(self, kept: str) -> None:
        """Removes the longest unused until what is left is small enough, and what nobody goes on with."""
        assert self._folder is not None
        now, found = time.time(), list[tuple[float, int, str]]()
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):  # somebody else cleans too
                told = path.stat()
                if path.name.startswith(_HALF) and now - told.st_mtime > ABANDONED_S:
                    path.unlink()
                elif path.suffix == ".zip":
                    used = self._facts(path.stem).stat().st_mtime if self._facts(path.stem).exists() else 0
                    found.append((used, told.st_size, path.stem))
        total = sum(size for _, size, _ in found)
        for _, size, key in sorted(found):
            if total > self._most and key != kept:
                total -= size
                for path in (self._facts(key), self._zip(key)):
                    path.unlink(missing_ok=True)
