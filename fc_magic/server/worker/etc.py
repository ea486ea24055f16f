"""Files of the machine that change while the server runs, and of which instances have a copy: who has which name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("/etc")
NAMES = ("hosts", "resolv.conf")


class Etc:
    """What changed since it was looked at last. A file may be replaced by another: only its name stays."""

    def __init__(self) -> None:
        self._known = {name: _mark(name) for name in NAMES}

    @contextlib.contextmanager
    def changed(self) -> Iterator[dict[str, int]]:
        """By name, open for reading. If whoever is told fails it counts as not told."""
        opened: dict[str, int] = {}
        try:
            marks = {name: _mark(name) for name in NAMES}
            changed = [name for name, mark in marks.items() if mark and mark != self._known[name]]
            for name in changed:
                opened[name] = os.open(FOLDER / name, os.O_RDONLY)
            yield opened
            self._known.update({name: marks[name] for name in changed})
        finally:
            for handle in opened.values():
                os.close(handle)


def _mark(name: str) -> tuple[int, ...]:
    try:
        found = os.stat(f"{FOLDER}/{name}")
    except OSError:
        return ()  # it may be just about to be replaced
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
