"""What slicing comes to: the parts of one file, each with the cell it is from, and the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """Some whole lines of the deployed file.

    ``names``: what they bind; ``kind``: import, definition, value, statement, or cell, the deployed one itself.
    ``cell``: the number that the notebook shows for the cell they are from, ``line`` the first of them in it, from
    1; without a cell (None, 0) they were made, and ``note`` says of what. ``head``: so many lines of ``text`` stand
    before those of the cell: a comment, and what keeps parts apart.
    """

    names: tuple[str, ...]
    text: str
    kind: str
    cell: int | None = None
    line: int = 0
    note: str = ""
    head: int = 0

    @property
    def count(self) -> int:
        return self.text.count("\n")


@dataclass(frozen=True)
class Slice:
    """``parts`` in the order in which they stand in the file, the cell's own last; ``files`` are beside it.

    ``reasons``: path -> why that file is there. ``reads``: files beside the notebook that it reads as it starts.
    ``known``: the names that the notebook has, needed or not.
    """

    parts: tuple[Part, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        return "".join(part.text for part in self.parts)

    def named(self, part: Part) -> tuple[str, ...]:
        """What the notebook calls it; other names were made for the file, and nobody has written them."""
        return tuple(name for name in part.names if name in self.known)

    def origin(self, number: int) -> tuple[Part, int] | None:
        """The part that line ``number`` of the file is in, and the line of that part's cell (0: it has none)."""
        first = 1
        for part in self.parts:
            if first <= number < first + part.count:
                inner = number - first - part.head
                return part, part.line + inner if part.line and inner >= 0 else 0
            first += part.count
        return None
