"""A ZIP that is not in memory: libraries in a file of the cache, and behind them what a function has of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fc_magic.errors import PackageError
from fc_magic.package import unread
from fc_magic.package.archive import directory, files_of, listed
from fc_magic.package.bundle import checked, stored
from fc_magic.package.shelf import Kept, Shelf
from fc_magic.package.splice import PACKAGE, Spliced, folders_of, splice
from fc_magic.wire.checksum import going_on

if TYPE_CHECKING:
    from fc_magic.package.contents import Wheel

#: changes when the same wheels become other bytes
FORMAT = 1
#: distribution -> reason -> files and bytes
LeftOut = Mapping[str, Mapping[str, Sequence[int]]]
PIECE = 8 << 20


class Packed:
    """Bytes: the first ``size`` of a file, and ``tail`` behind them. ``checksum`` is that of both, in decimal.

    They are read when somebody wants a part; the first who does finds out whether the file is as it was written.
    ``left_out`` is what of its libraries is not in it.
    """

    def __init__(
        self, file: Kept, size: int, crc: int, tail: bytes = b"", left_out: LeftOut | None = None
    ) -> None:
        self.left_out = left_out or {}
        self._file, self._size, self._crc, self._tail = file, size, crc, tail
        self._is_checked = False
        self.checksum = str(going_on(tail, crc) if tail else crc)

    def __len__(self) -> int:
        return self._size + len(self._tail)

    def __getitem__(self, part: slice) -> bytes:
        start, stop, step = part.indices(len(self))
        assert step == 1
        if not self._is_checked:
            self._check()
        filed = self._file.read(start, min(stop, self._size) - start)
        return filed + self._tail[max(start - self._size, 0) : max(stop - self._size, 0)]

    def pieces(self) -> Iterator[bytes]:
        for at in range(0, len(self), PIECE):
            yield self[at : at + PIECE]

    def _check(self) -> None:
        crc = 0
        for at in range(0, self._size, PIECE):
            crc = going_on(self._file.read(at, min(PIECE, self._size - at)), crc)
        if crc != self._crc:
            where = self._file.path
            raise PackageError(f"{where} is not as it was written: it is damaged", hint=f"rm {where}")
        self._is_checked = True


@dataclass(frozen=True)
class Libraries:
    """Wheels as a ZIP in a file. Up to ``end`` there are their files, then its directory."""

    file: Kept
    key: str
    end: int
    crc: int
    size: int
    crc_whole: int
    left_out: LeftOut

    def whole(self) -> Packed:
        """As a layer is."""
        return Packed(self.file, self.size, self.crc_whole, left_out=self.left_out)

    @cached_property
    def listing(self) -> Mapping[str, bytes]:
        return files_of(self.file.read(self.end, self.size - self.end))

    @cached_property
    def folders(self) -> frozenset[str]:
        return frozenset(folders_of(self.listing))

    @property
    def is_there(self) -> bool:
        """Whether the file is still the one of that path, and whole."""
        return self.file.is_there and self.file.size == self.size

    def beside(self, files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> Packed:
        """One ZIP of the libraries and of these files. Raises PackageError for a path that both have."""
        for path in files:
            checked(path, self.listing)
        if both := {path for path in files if path in self.listing or path in self.folders}:
            raise PackageError(
                f"{min(both)} would be in the package twice: it is in a library, too",
                hint="another name for the file",
            )
        pieces, entries = stored(files, executable, self.end)
        listing = {**self.listing, **{entry.path: listed(entry) for entry in entries}}
        at = self.end + sum(map(len, pieces))
        tail = b"".join([*pieces, directory(listing, at)])
        return Packed(self.file, self.end, self.crc, tail, self.left_out)


def libraries(
    wheels: Sequence[Wheel], place: str = PACKAGE, asked: Sequence[str] = (), cache: Path | None = None
) -> Libraries:
    """The ZIP of these wheels: that of the cache, or one that is made and kept there. Raises PackageError."""
    key = key_of(wheels, place, asked)
    if (cache, key) in _OPEN and _OPEN[cache, key].is_there:
        return _OPEN[cache, key]
    made = _found_or_made(key, wheels, place, asked, cache)
    if cache is not None:
        while len(_OPEN) >= MOST_OPEN:
            _OPEN.pop(next(iter(_OPEN)), None)
        _OPEN[cache, key] = made
    return made


def _found_or_made(
    key: str, wheels: Sequence[Wheel], place: str, asked: Sequence[str], cache: Path | None
) -> Libraries:
    shelf = Shelf(cache)
    found = shelf.find(key)
    if found is None:
        with shelf.making(key) as (half, keep):
            keep(_made(half, wheels, place, asked))
        found = shelf.made
    assert found is not None
    return Libraries(found[0], key, **found[1])


#: those that were asked for last: reading their directory takes longer than all that is done with it
_OPEN: dict[tuple[Path | None, str], Libraries] = {}
MOST_OPEN = 4


def kept(beginning: str, cache: Path) -> Libraries | None:
    """What is in the cache by a key that begins so."""
    shelf = Shelf(cache)
    key = shelf.begins(beginning)
    found = shelf.find(key) if key else None
    return Libraries(found[0], key, **found[1]) if found else None


def _made(file: BinaryIO, wheels: Sequence[Wheel], place: str, asked: Sequence[str]) -> dict[str, object]:
    """Writes the ZIP, and says what there is to know about it."""
    crc = 0

    def write(piece: bytes) -> None:
        nonlocal crc
        file.write(piece)
        crc = going_on(piece, crc)

    spliced: Spliced = splice(wheels, write, place, asked)
    end, crc_end = spliced.end, crc
    write(directory({entry.path: listed(entry) for entry in spliced.entries}, end))
    file.flush()
    return {
        **{"end": end, "crc": crc_end, "size": file.tell(), "crc_whole": crc},
        "left_out": spliced.left_out,
    }


def key_of(wheels: Sequence[Wheel], place: str = PACKAGE, asked: Sequence[str] = ()) -> str:
    """Names the bytes that these wheels become."""
    content = sorted([wheel.name, wheel.version, wheel.path.name, wheel.sha256] for wheel in wheels)
    rules = [[rule.patterns, rule.stays] for rule in unread.RULES]
    text = json.dumps([FORMAT, rules, place, list(asked), content])
    return hashlib.sha256(text.encode()).hexdigest()
