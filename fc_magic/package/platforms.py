"""What a runtime is to a wheel: its Python, and the oldest and newest system that the wheel may be built for."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fc_magic.errors import UsageError

#: runtime -> its Python, and the newest system that uv may take wheels for (of Debian 9's 2.24 uv knows 2.17)
PLATFORMS: Mapping[str, tuple[str, str]] = {
    "python3.9": ("3.9", "x86_64-manylinux2014"),
    "python3.10": ("3.10", "x86_64-manylinux_2_28"),
    "python3.12": ("3.12", "x86_64-manylinux_2_31"),
}
#: the same of the images that have several Pythons, or that one brings its own for
_IMAGES: Mapping[str, str] = {
    "custom": "x86_64-manylinux2014",
    "custom.debian10": "x86_64-manylinux_2_28",
    "custom.debian11": "x86_64-manylinux_2_31",
    "custom.debian12": "x86_64-manylinux_2_36",
}
#: how a Python is named by a command, a folder of PATH and an official layer: python3.12, Python312
_PYTHON = re.compile(r"(?<![a-z])[Pp]ython3\.?(\d{1,2})(?!\d)")
#: what wheels were called before they named their glibc -> that glibc
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True)
class Platform:
    """``python`` is as 3.10, ``system`` as uv calls it."""

    runtime: str
    python: str
    system: str

    @property
    def minor(self) -> int:
        return int(self.python.partition(".")[2])

    @property
    def glibc(self) -> int:
        """The minor version of the newest glibc 2 that a wheel may need."""
        return 17 if self.system.endswith("manylinux2014") else int(self.system.rpartition("_")[2])

    def __str__(self) -> str:
        return f"{self.runtime} (Python {self.python}, {self.system})"

    @property
    def markers(self) -> dict[str, str]:
        """The environment of markers. uv takes the first release of a Python, and so do we."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }

    @property
    def tags(self) -> Mapping[str, int]:
        """What a wheel may be for -> how well that fits: 0 is best."""
        return _tags(self.minor, self.glibc)


def of(runtime: str, said: Iterable[str] = ()) -> Platform:
    """``said``: where the Python of a custom runtime may be named: command, PATH, layers. Raises UsageError."""
    if runtime in PLATFORMS:
        return Platform(runtime, *PLATFORMS[runtime])
    if runtime in _IMAGES:
        named = sorted({found[1] for text in said for found in _PYTHON.finditer(text)})
        if len(named) == 1:
            return Platform(runtime, f"3.{named[0]}", _IMAGES[runtime])
        what = f"it names {len(named)}" if named else "nothing names it"
        raise UsageError(
            f"which Python runs on {runtime} is not known: {what}",
            hint='--entrypoint "python3.12 app.py", or # requires-python: 3.12 in the cell',
        )
    raise UsageError(
        f"requirements are built for Python, not for {runtime}",
        hint=f"--runtime {', '.join(PLATFORMS)}; other files with --folder",
    )


def every() -> Iterator[Platform]:
    """Those of Function Compute's own runtimes, the oldest first."""
    return (Platform(runtime, *both) for runtime, both in PLATFORMS.items())


def that_run(tags: Iterable[str]) -> list[str]:
    """The runtimes that would take a wheel for any of these tags."""
    tags = set(tags)
    return [platform.runtime for platform in every() if tags & platform.tags.keys()]


@functools.cache
def _tags(minor: int, glibc: int) -> Mapping[str, int]:
    systems = [*_systems(glibc), "linux_x86_64"]
    own = f"cp3{minor}"
    pythons = [f"py3{minor}", "py3", *(f"py3{n}" for n in range(minor - 1, -1, -1))]
    order = [
        *(f"{own}-{abi}-{system}" for abi in (own, "abi3", "none") for system in systems),
        *(f"cp3{n}-abi3-{system}" for n in range(minor - 1, 1, -1) for system in systems),
        *(f"{python}-none-{system}" for python in pythons for system in systems),
        f"{own}-none-any",
        *(f"{python}-none-any" for python in pythons),
    ]
    return {tag: place for place, tag in enumerate(order)}


def _systems(glibc: int) -> Iterator[str]:
    for n in range(glibc, 4, -1):
        yield f"manylinux_2_{n}_x86_64"
        if n in _OLD_NAMES:
            yield f"{_OLD_NAMES[n]}_x86_64"


@dataclass(frozen=True)
class WheelName:
    """The parts of a wheel's file name."""

    distribution: str
    version: str
    tags: frozenset[str]
    build: str = ""

    def fits(self, platform: Platform) -> int | None:
        """How well; None: not at all."""
        known = platform.tags
        return min((known[tag] for tag in self.tags if tag in known), default=None)


def wheel_name(file: str) -> WheelName | None:
    """None for what is no wheel."""
    parts = file.removesuffix(".whl").split("-")
    if not file.endswith(".whl") or len(parts) not in (5, 6):
        return None
    pythons, abis, systems = (part.split(".") for part in parts[-3:])
    tags = frozenset(f"{p}-{a}-{s}" for p in pythons for a in abis for s in systems)
    build = parts[2] if len(parts) == 6 else ""
    return WheelName(normalized(parts[0]), parts[1].replace("_", "+"), tags, build)


def normalized(name: str) -> str:
    """A distribution's name as indexes and locks have it."""
    return re.sub(r"[-_.]+", "-", name).lower()
