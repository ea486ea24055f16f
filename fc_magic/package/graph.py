"""Who needs whom among some wheels, as their own metadata says: why each of them is in a package."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fc_magic.errors import PackageError
from fc_magic.package.platforms import Platform, normalized

_REQUIRES = re.compile(r"^Requires-Dist:[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)


def needs(
    wheels: Mapping[str, Path], roots: Mapping[str, Iterable[str]], platform: Platform
) -> dict[str, tuple[str, ...]]:
    """name -> what it needs, among ``wheels`` or not. ``roots``: what was asked for, with its extras."""
    metadata = {name: _requirements(path) for name, path in wheels.items()}
    found: dict[str, set[str]] = {name: set() for name in wheels}
    done: set[tuple[str, str]] = set()
    todo = [(name, extra) for name, extras in roots.items() for extra in ("", *extras)]
    todo += [(name, "") for name in wheels]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in done or name not in wheels:
            continue
        done.add((name, extra))
        for read in metadata[name]:
            if holds(read.marker, platform, extra):
                other = normalized(read.name)
                found[name].add(other)
                todo += [(other, ""), *((other, normalized(one)) for one in read.extras)]
    return {name: tuple(sorted(others - {name})) for name, others in found.items()}


def holds(marker: Any, platform: Platform, extra: str = "") -> bool:
    """Whether a requirement with that marker is one there; one that compares what cannot be compared is."""
    try:
        return marker is None or bool(marker.evaluate({**platform.markers, "extra": extra}))
    except ValueError:
        return True


def whys(edges: Mapping[str, Iterable[str]], roots: Iterable[str]) -> dict[str, str]:
    """name -> those that need it; nothing for what a person named."""
    out: dict[str, list[str]] = {name: [] for name in edges}
    for name, others in edges.items():
        for other in others:
            out.setdefault(other, []).append(name)
    named = set(roots)
    return {name: "" if name in named else ", ".join(sorted(above)) for name, above in out.items()}


def _requirements(path: Path) -> list[Any]:
    from packaging.requirements import InvalidRequirement, Requirement

    out = []
    for text in _REQUIRES.findall(_metadata(path)):
        try:
            out.append(Requirement(text.strip()))
        except InvalidRequirement:
            continue  # uv has read it, in its own way
    return out


def _metadata(path: Path) -> str:
    """The fields of a wheel's METADATA, without the description behind them."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
            text = archive.read(inside[0]).decode(errors="replace") if inside else ""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise PackageError(f"{path.name} is not a readable wheel ({str(error) or 'damaged'})") from error
    return text.replace("\r\n", "\n").partition("\n\n")[0]
