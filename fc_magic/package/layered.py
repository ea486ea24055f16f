"""Libraries as layers: named by the bytes that they are, so that one that is published already is found again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fc_magic.errors import PackageError
from fc_magic.package.contents import Wheel
from fc_magic.package.packed import Libraries, kept, key_of, libraries
from fc_magic.package.splice import LAYER
from fc_magic.wire.layers import MAX_DESCRIPTION, MAX_LAYER_BYTES, MAX_LAYERS_BYTES

#: names that are ours: of a runtime and the beginning of a digest
OURS = re.compile(r"fc-magic-[a-z0-9_]+-[0-9a-f]{12}")
_DIGITS = 12
#: of a layer, for the longer paths that files of a wheel have there
_ROOM = 0.01


@dataclass(frozen=True)
class Layered:
    """One layer of libraries, which a function of ``runtime`` finds in ``/opt/python``."""

    name: str
    runtime: str
    libraries: Libraries
    contents: tuple[str, ...]

    @property
    def description(self) -> str:
        said = ", ".join(self.contents)
        return said if len(said) <= MAX_DESCRIPTION else f"{said[: MAX_DESCRIPTION - 1]}…"


def layered(
    wheels: Sequence[Wheel],
    runtime: str,
    asked: Sequence[str] = (),
    cache: Path | None = None,
    most: int = MAX_LAYER_BYTES,
) -> tuple[Layered, ...]:
    """The same wheels are the same layers; several if one of ``most`` bytes cannot hold them. Raises PackageError."""
    made = tuple(_layer(part, runtime, asked, cache) for part in _parts(wheels, most))
    total = sum(one.libraries.size for one in made)
    if total > MAX_LAYERS_BYTES:
        raise PackageError(
            f"the libraries have {total >> 20} MB; a function takes layers of {MAX_LAYERS_BYTES >> 20} MB at most",
            hint="fewer libraries, or a container image: --image-url",
        )
    return made


def known(name: str, checksum: str, cache: Path) -> Libraries | None:
    """The libraries of a layer by its name and checksum, if they were packed on this machine."""
    found = kept(name.rpartition("-")[2], cache)
    return found if found and found.whole().checksum == checksum else None


def _layer(wheels: Sequence[Wheel], runtime: str, asked: Sequence[str], cache: Path | None) -> Layered:
    name = f"fc-magic-{runtime.replace('.', '_')}-{key_of(wheels, LAYER, asked)[:_DIGITS]}"
    return Layered(name, runtime, libraries(wheels, LAYER, asked, cache), labels(wheels))


def labels(wheels: Sequence[Wheel]) -> tuple[str, ...]:
    """``name version`` of each, those that a person named first."""
    return tuple(
        f"{one.name} {one.version}" for one in sorted(wheels, key=lambda one: (bool(one.why), one.name))
    )


def _parts(wheels: Sequence[Wheel], most: int) -> Iterator[list[Wheel]]:
    """As few layers as it takes: the largest wheel first, each where there is room."""
    sizes, room = {wheel: wheel.path.stat().st_size for wheel in wheels}, most * (1 - _ROOM)
    parts: list[list[Wheel]] = []
    for wheel in sorted(wheels, key=lambda one: (-sizes[one], one.name)):
        if sizes[wheel] > room:
            raise PackageError(
                f"{wheel.name} {wheel.version} has {sizes[wheel] >> 20} MB; a layer takes {most >> 20} MB",
                hint="a smaller build of it, or a container image: --image-url",
            )
        part = next((p for p in parts if sum(map(sizes.__getitem__, p)) + sizes[wheel] <= room), None)
        if part is None:
            parts.append(part := [])
        part.append(wheel)
    yield from parts
