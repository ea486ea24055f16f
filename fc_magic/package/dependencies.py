"""What is asked for -> its wheels, by way of the lock beside the notebook.

While nothing changes, neither uv nor an index is asked: what a lock comes to is remembered in the cache, by the
lock's own bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fc_magic.errors import PackageError
from fc_magic.package.contents import Wheel
from fc_magic.package.lock import File
from fc_magic.package.platforms import Platform
from fc_magic.package.store import Store
from fc_magic.package.wanted import Wanted
from fc_magic.package.workplace import Workplace


@dataclass(frozen=True)
class How:
    """``lock``: the file beside the notebook, if there is to be one; ``renew``: what a person types to have it anew.
    ``locked``: it must be there and fit; ``upgrade``: the newest versions are taken; ``dry``: the file stays as it
    is, whatever comes of it."""

    lock: Path | None = None
    base: Path = Path()
    title: str = ""
    renew: str = "--upgrade"
    locked: bool = False
    upgrade: bool = False
    dry: bool = False


@dataclass(frozen=True)
class Dependencies:
    """Wheels in the order of their names; ``written``: the lock that is new or another than before."""

    wheels: tuple[Wheel, ...] = ()
    written: Path | None = None
    warnings: tuple[str, ...] = ()


def of(wanted: Wanted, platform: Platform, at: Workplace, how: How | None = None) -> Dependencies:
    """Raises UsageError, PackageError; then the lock is what it was."""
    how = how or How()
    path = wanted.lock or how.lock
    raw = _read(path) if path else b""
    if raw and not how.upgrade and (known := _recall(at.cache, _key(wanted, platform, raw))):
        return Dependencies(known)
    from fc_magic.package.obtaining import Obtaining

    found = Obtaining(wanted, platform, at, how, path, raw).done()
    if found.raw and not found.warnings:
        _remember(at.cache, _key(wanted, platform, found.raw), found.wheels, found.files)
    return Dependencies(found.wheels, path if found.is_written else None, found.warnings)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise PackageError(f"{path.name} cannot be read: {error.strerror}") from error


def _key(wanted: Wanted, platform: Platform, raw: bytes) -> str:
    about = f"{wanted.stamp} {platform} {hashlib.sha256(raw).hexdigest()}"
    return hashlib.sha256(about.encode()).hexdigest()


def _note(cache: Path, key: str) -> Path:
    return cache / "locks" / f"{key}.json"


def _recall(cache: Path, key: str) -> tuple[Wheel, ...]:
    """The wheels that a lock came to, if every one of them is still here."""
    try:
        rows = [tuple(map(str, row)) for row in json.loads(_note(cache, key).read_text())]
    except (OSError, ValueError, TypeError):
        return ()
    store, out = Store(cache), []
    for name, version, sha256, why, file, kind, digest_ in rows:
        path = store.find(File(file, {kind: digest_}))
        if path is None:
            return ()
        out.append(Wheel(name, version, path, sha256, why))
    return tuple(out)


def _remember(cache: Path, key: str, wheels: Sequence[Wheel], files: Sequence[File]) -> None:
    rows = [
        [wheel.name, wheel.version, wheel.sha256, wheel.why, file.name, *file.key]
        for wheel, file in zip(wheels, files, strict=True)
    ]
    note = _note(cache, key)
    part = note.with_name(f".{key}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(rows))
        os.replace(part, note)
    except OSError:
        part.unlink(missing_ok=True)  # it is only slower next time
