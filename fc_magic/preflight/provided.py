"""Which modules a list of files brings, as an import finds them."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Iterable, Iterator

from fc_magic.package.contents import Wheel

_PURE = (".py", ".pyc")
_NATIVE = ".so"
_PLACES = ("purelib/", "platlib/")


def modules(paths: Iterable[str]) -> frozenset[str]:
    """``a.py`` -> a; ``b/__init__.py`` -> b; of a folder without one, what is below it: ``google.protobuf``."""
    packages, others = set(), []
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name.startswith("__init__.") and name.endswith((*_PURE, _NATIVE)):
            packages.add(folder)
        elif name.endswith((*_PURE, _NATIVE)) and "__pycache__" not in folder:
            others.append(path)
    return frozenset(found for path in (*packages, *others) for found in _named(path, packages))


def _named(path: str, packages: set[str]) -> Iterator[str]:
    parts = path.split("/")
    above = ("/".join(parts[:count]) for count in range(1, len(parts)))
    if any(folder in packages for folder in above):
        return  # its package says it
    parts[-1] = parts[-1].partition(".")[0]
    if all(part.isidentifier() for part in parts):
        yield ".".join(parts)


def below(paths: Iterable[str], folder: str) -> list[str]:
    """The paths within a folder, as they are seen from it."""
    start = f"{folder}/" if folder else ""
    return [path[len(start) :] for path in paths if path.startswith(start)]


def has(module: str, provided: frozenset[str]) -> bool:
    """Whether an import of ``module`` finds something: it, what it is in, or a folder above what is there."""
    parts = module.split(".")
    if any(".".join(parts[:count]) in provided for count in range(1, len(parts) + 1)):
        return True
    return any(name.startswith(f"{module}.") for name in provided)


def of_wheel(wheel: Wheel) -> frozenset[str]:
    return _of_wheel(str(wheel.path), wheel.sha256)


@functools.lru_cache(maxsize=256)
def _of_wheel(path: str, sha256: str) -> frozenset[str]:
    return modules(_installed(entry.filename) for entry in _entries(path))


def unpacked(wheel: Wheel) -> int:
    """Bytes of its files."""
    return _unpacked(str(wheel.path), wheel.sha256)


@functools.lru_cache(maxsize=256)
def _unpacked(path: str, sha256: str) -> int:
    return sum(entry.file_size for entry in _entries(path))


def _entries(path: str) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except (OSError, zipfile.BadZipFile):
        return []  # who packs it says what is wrong with it


def _installed(path: str) -> str:
    """Where a file of a wheel lands: what is below ``NAME.data/purelib/`` goes beside the rest."""
    top, _, rest = path.partition("/")
    if top.endswith(".data"):
        return next((rest[len(place) :] for place in _PLACES if rest.startswith(place)), "")
    return path


def vendored(files: Iterable[str], record: Iterable[str]) -> frozenset[str]:
    """Those of ``files`` that the RECORD of an unpacked distribution names: they are not the author's own."""
    named = {line.rpartition(",")[0].rpartition(",")[0].strip('"') for line in record}
    return frozenset(path for path in files if path in named)
