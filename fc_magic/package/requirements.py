"""Requirements -> the libraries of a layer, for the Python and the system of a runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fc_magic.errors import UsageError
from fc_magic.package import dependencies, platforms
from fc_magic.package.contents import Wheel
from fc_magic.package.layered import labels
from fc_magic.package.packed import Packed, libraries
from fc_magic.package.splice import LAYER
from fc_magic.package.unread import checked
from fc_magic.package.wanted import gather
from fc_magic.package.workplace import Workplace


@dataclass(frozen=True)
class Built:
    """The ZIP of a layer, and the distributions in it, ``name version``."""

    zip: Packed
    contents: tuple[str, ...]
    wheels: tuple[Wheel, ...] = ()


def build(requirements: Sequence[str], runtime: str, at: Workplace) -> Built:
    """What ``requirements`` (or the lines of requirements files among them) need.

    Raises UsageError, PackageError with the name of what cannot be had.
    """
    wanted = gather(requirements)
    if not wanted:
        raise UsageError(
            "there is no requirement", hint='--requirements "pandas==2.2.* requests", or a file of them'
        )
    wheels = dependencies.of(wanted, platforms.of(runtime), at).wheels
    left_out = tuple(map(checked, at.leave_out.split()))
    made = libraries(wheels, LAYER, left_out, at.packages)
    return Built(made.whole(), labels(wheels), wheels)
