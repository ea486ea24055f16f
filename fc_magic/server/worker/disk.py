"""The folders of instances that have no file system of their own: where they are, what they hold, and their end."""

from __future__ import annotations

import functools
import os
import shutil
import threading
import uuid
from pathlib import Path

#: below the data folder; nothing in it outlives the server
INSTANCES = "instances"


def new(folder: Path) -> Path:
    """A place for one instance. Nothing is there yet: its first process makes it."""
    (folder / INSTANCES).mkdir(mode=0o700, exist_ok=True)
    return folder / INSTANCES / uuid.uuid4().hex[:16]


def written_mb(own: Path, files: Path) -> float:
    """What was written to a place, beside the copy of the function's ``files`` that lies there."""
    return max(size(str(own)) - _copied(str(files)), 0) / (1 << 20)


def size(folder: str) -> int:
    """Bytes on the disk: a file with holes is as large as what is in it."""
    found, queue = 0, [folder]
    while queue:
        try:
            with os.scandir(queue.pop()) as entries:
                for entry in entries:
                    found += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        queue.append(entry.path)
        except OSError:
            continue  # it was deleted meanwhile
    return found


#: unpacked code lies under its checksum, and never changes
_copied = functools.lru_cache(size)


def discard(own: Path) -> None:
    """Removes a place, beside whatever else goes on."""
    threading.Thread(target=shutil.rmtree, args=(own, True)).start()


def discard_all(folder: Path) -> None:
    """Also what a server left behind that was killed."""
    shutil.rmtree(folder / INSTANCES, ignore_errors=True)
