"""What goes into a package before it is bytes: files, and the wheels that are spliced in beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fc_magic.errors import PackageError
from fc_magic.package.bundle import bundle

if TYPE_CHECKING:
    from fc_magic.package.packed import Packed

#: why a file that the cell became is in the package
CELL = "the cell"


@dataclass(frozen=True)
class Wheel:
    """A distribution as it was fetched. ``why``: what asked for it, empty if a person did by name."""

    name: str
    version: str
    path: Path
    sha256: str
    why: str = ""


@dataclass(frozen=True)
class Contents:
    """``files`` by their path, those of them that are programs, and why each is there. ``wheels`` are unpacked
    beside them where the language looks for libraries, without what nobody reads and what ``left_out`` names.
    ``warnings``: what is to be said of them."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict)
    wheels: tuple[Wheel, ...] = ()
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def beside(self, other: Contents) -> Contents:
        """Both together. Raises PackageError for a path that both have with other bytes."""
        for path in self.files.keys() & other.files.keys():
            if self.files[path] != other.files[path]:
                why = [one.reasons.get(path, "the code") for one in (self, other)]
                raise PackageError(f"{path} would be in the package twice: by {why[0]} and by {why[1]}")
        return Contents(
            {**self.files, **other.files},
            self.executable | other.executable,
            {**self.reasons, **other.reasons},
            (*self.wheels, *other.wheels),
            (*self.left_out, *other.left_out),
            (*self.warnings, *other.warnings),
        )

    def zipped(self, cache: Path | None = None) -> bytes | Packed:
        """One ZIP of all. Libraries that were packed before are in the folder ``cache``; what has libraries is a file
        there. Raises PackageError."""
        if not self.wheels:
            return bundle(self.files, self.executable)
        from fc_magic.package.packed import libraries

        return libraries(self.wheels, asked=self.left_out, cache=cache).beside(self.files, self.executable)
