"""The wheels of a lock -> files of this machine: several at once, each verified while it comes, and kept."""

from __future__ import annotations

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.parse import urlsplit

from fc_magic.errors import PackageError
from fc_magic.package.lock import File
from fc_magic.package.store import Store
from fc_magic.package.transport import TROUBLE, Transport, reason

#: at once: an index serves that many to one person
WORKERS = 8
TRIES = 3
_PAUSE_S = 0.5
_CHUNK = 1 << 18
_TOLD_S = 0.1
#: seconds for what was cut off
_LEAVE_S = 2.0
#: (bytes that are there, bytes in all): 0 in all is not known
Told = Callable[[int, int], None]


def fetch(
    files: Iterable[File],
    store: Store,
    base: Path,
    transport: Transport,
    told: Told = lambda done, size: None,
) -> Mapping[File, Path]:
    """Where each file is now. A path of a lock is seen from ``base``. ``told`` is called by this thread.

    Raises PackageError; then, and when it is interrupted, nothing goes on and nothing is left half.
    """
    wanted = list(dict.fromkeys(files))
    there = {file: found for file in wanted if (found := store.find(file))}
    missing = [file for file in wanted if file not in there]
    if not missing:
        return there
    came = _Fetching(missing, store, base, transport).run(told)
    store.tidy()
    return {**there, **came}


@dataclass
class _Fetching:
    """The threads of one call, and what they found."""

    files: list[File]
    store: Store
    base: Path
    transport: Transport
    found: dict[File, Path] = field(default_factory=dict)
    came: dict[File, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, told: Told) -> dict[File, Path]:
        waiting: queue.SimpleQueue[File] = queue.SimpleQueue()
        for file in sorted(self.files, key=lambda file: -file.size):  # the longest first
            waiting.put(file)
        over: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        size = sum(file.size for file in self.files) if all(file.size for file in self.files) else 0
        count = min(WORKERS, len(self.files))
        threads = [
            threading.Thread(target=self._work, args=(waiting, over), daemon=True) for _ in range(count)
        ]
        try:
            for thread in threads:
                thread.start()
            while len(self.found) < len(self.files):
                try:
                    error = over.get(timeout=_TOLD_S)
                except queue.Empty:
                    pass
                else:
                    if error:
                        raise error
                told(sum(list(self.came.values())), size)
        except BaseException:
            self.transport.cut()
            raise
        finally:
            until = time.monotonic() + _LEAVE_S
            for thread in threads:  # one that has no connection yet ends by itself, with nothing
                thread.join(max(until - time.monotonic(), 0) if self.transport.is_cut else None)
        return self.found

    def _work(self, waiting: queue.SimpleQueue[File], over: queue.SimpleQueue[BaseException | None]) -> None:
        while not self.transport.is_cut:
            try:
                file = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                path = self._one(file)
            except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for it
                over.put(error)
                return
            with self.lock:
                self.found[file] = path
            over.put(None)

    def _one(self, file: File) -> Path:
        self.came[file] = 0
        if file.path:
            return self._copied(file)
        for left in range(TRIES - 1, -1, -1):
            self.came[file] = 0  # what came of it before is thrown away
            try:
                return self._fetched(file)
            except TROUBLE as error:
                if not left or self.transport.is_cut or _is_final(error):
                    raise _refusal(file, error) from error
                self.transport.over.wait(_PAUSE_S * (TRIES - left))
        raise AssertionError

    def _fetched(self, file: File) -> Path:
        with self.transport.open(file.url) as answer, self.store.adding(file) as (out, keep):
            self._copy(answer, out, file)
            return self._kept(keep)

    def _copied(self, file: File) -> Path:
        path = self.base / file.path
        try:
            source = path.open("rb")
        except OSError as error:
            raise PackageError(
                f"{file.name} is not where its lock says ({file.path}): {error.strerror}",
                hint="--upgrade writes the lock anew",
            ) from error
        try:
            with source, self.store.adding(file) as (out, keep):
                self._copy(source, out, file)
                return self._kept(keep)
        except OSError as error:
            raise _refusal(file, error) from error

    def _copy(self, source: BinaryIO, out: BinaryIO, file: File) -> None:
        kind, must = file.key
        found = hashlib.new(kind)
        while chunk := source.read(_CHUNK):
            if self.transport.is_cut:
                raise OSError("it was interrupted")
            found.update(chunk)
            out.write(chunk)
            self.came[file] += len(chunk)
        if getattr(source, "length", 0):  # http.client says nothing of an answer that is too short
            raise OSError("it broke off")
        if found.hexdigest() != must:
            raise _Other(f"{kind} {found.hexdigest()}")

    def _kept(self, keep: Callable[[], Path]) -> Path:
        with self.lock:
            if self.transport.is_cut:
                raise OSError("it was interrupted")
            return keep()


class _Other(OSError):
    """Something else came than what was locked."""


def _is_final(error: BaseException) -> bool:
    if isinstance(error, _Other):
        return True
    return isinstance(error, HTTPError) and error.code < 500 and error.code not in (408, 429)


def _refusal(file: File, error: BaseException) -> PackageError:
    host = urlsplit(file.url).netloc.rpartition("@")[2]
    if isinstance(error, _Other):
        return PackageError(
            f"{file.name} from {host or 'this machine'} is not the file that was locked: it has {error}, "
            f"not {file.key[1]}",
            hint="ask who runs the index; --upgrade locks what is there now",
        )
    refused = isinstance(error, HTTPError) and error.code in (401, 403)
    hint = "name a user and a password in UV_DEFAULT_INDEX, or in ~/.netrc" if refused else ""
    if isinstance(error, HTTPError) and error.code in (404, 410):
        hint = "--upgrade writes the lock anew"
    return PackageError(
        f"{file.name} was not fetched from {host or 'this machine'}: {reason(error)}", hint=hint
    )
