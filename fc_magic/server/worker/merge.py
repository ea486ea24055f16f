"""What an instance finds of its layers: the folders that are searched, and one folder of several layers.

With namespaces the layers are merged where they are mounted, at ``/opt``. Without them a folder of links takes its
place: nothing of it is an instance's own then.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fc_magic.wire import runtimes

#: where a function looks for its layers
OPT = "/opt"
#: of the name of each content in that of what is merged of several
_SHORT = 16


def search(runtime: str, version: tuple[int, ...], opt: str) -> list[str]:
    """What of ``opt`` a language searches for modules, before what comes with it; ``version`` is what really runs.

    Other languages are told by a variable, see :func:`environment`.
    """
    if not opt or runtime not in runtimes.PYTHON:
        return []
    return [f"{opt}/python/lib/python{version[0]}.{version[1]}/site-packages", f"{opt}/python"]


def environment(runtime: str, opt: str) -> dict[str, str]:
    """What tells a built-in runtime's language where its layers are. A custom runtime says it itself."""
    return {"NODE_PATH": f"{opt}/nodejs/node_modules"} if opt and runtime in runtimes.NODE else {}


def is_of(name: str, key: str) -> bool:
    """Whether the folder ``name`` was merged of the content ``key``, among others."""
    return f"{key[:_SHORT]}+" in name


def merged(folders: Sequence[Path]) -> Path:
    """One folder with the files of all, the first winning; each is the ``files`` of a content named by its key.

    It lies beside them, and goes with the first of them that is removed.
    """
    if len(folders) == 1:
        return folders[0]
    place = folders[0].parent.parent
    target = place / "".join(f"{folder.parent.name[:_SHORT]}+" for folder in folders)
    if not target.is_dir():
        building = Path(tempfile.mkdtemp(prefix=".", dir=place))
        try:
            for folder in reversed(folders):
                _add(folder, building / "files")
            with contextlib.suppress(OSError):  # somebody was first, with the same files
                building.rename(target)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return target / "files"


def _add(folder: Path, target: Path) -> None:
    """Lays the files of a folder over what is there."""
    target.mkdir(exist_ok=True)
    for entry in os.scandir(folder):
        at = target / entry.name
        if entry.name == "__pycache__":
            continue  # one that a function wrote there may pass for that of another layer's module
        if entry.is_dir():
            if at.exists() and not at.is_dir():
                at.unlink()
            _add(Path(entry.path), at)
            continue
        if at.is_dir():
            shutil.rmtree(at)
        at.unlink(missing_ok=True)
        _link(entry.path, at)


def _link(source: str, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copy2(source, target)
