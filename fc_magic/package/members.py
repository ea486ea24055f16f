"""The files of a wheel: where an installer would put each, and where its compressed bytes are. Nothing is unpacked.

A wheel comes from anywhere. What could not be unpacked as it says, or says two things, is refused with its name.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fc_magic.errors import PackageError
from fc_magic.package.archive import DEFLATED, STORED
from fc_magic.package.bundle import unfit

if TYPE_CHECKING:
    from fc_magic.package.contents import Wheel

#: what deflate can make of one byte
MOST_RATIO = 1032
#: bytes of a wheel when unpacked: the largest disk of an instance
MOST_UNPACKED = 10 << 30
_HEADER, _NAMES_AT = 30, 26
#: beside its name a header may have so much before its file begins, and be read at once with it
_ROOM = 64
#: of a file that is read at once
PIECE = 4 << 20
#: what is beside the modules in a wheel goes where an installer would put it
_DATA = re.compile(r"[^/]+\.data/(purelib|platlib|data|headers|scripts)/(.+)")
_PLACES = {"purelib": "", "platlib": "", "data": "", "headers": "include/", "scripts": ""}


@dataclass(frozen=True)
class Member:
    """``path``: below the folder of the libraries, of a ``script`` below the one of programs. ``at``: where its
    header begins in the wheel."""

    path: str
    crc: int
    packed: int
    size: int
    method: int
    executable: bool
    script: bool
    at: int
    name: bytes


class Opened:
    """A wheel that is read: ``with Opened(wheel) as found: found.members``. Raises PackageError."""

    def __init__(self, wheel: Wheel) -> None:
        self.wheel = wheel
        try:
            self._file = open(wheel.path, "rb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise self.refused(f"cannot be read: {error.strerror}") from error
        try:
            self.members = list(self._members())
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def refused(self, why: str) -> PackageError:
        """``why`` goes on after the name of the wheel."""
        return PackageError(
            f"the wheel {self.wheel.path.name} {why}; nothing of it was packed",
            hint=f"another version of {self.wheel.name}",
        )

    def _members(self) -> Iterator[Member]:
        try:
            with zipfile.ZipFile(io.BufferedReader(_Unclosed(self._file))) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
            raise self.refused(f"is not a readable ZIP ({str(error) or 'damaged'})") from error
        found = [self._member(info) for info in infos if not info.is_dir()]
        if twice := _twice(member.path for member in found):
            raise self.refused(f"has {twice} twice")
        if sum(member.size for member in found) > MOST_UNPACKED:
            raise self.refused(f"would have more than {MOST_UNPACKED >> 30} GB when unpacked")
        end = 0
        for member in sorted(found, key=lambda one: one.at):
            if member.at < end:
                raise self.refused(f"has {member.path} where another file is")
            end = member.at + _HEADER + len(member.name) + member.packed
        yield from found

    def _member(self, info: zipfile.ZipInfo) -> Member:
        name, mode = info.filename, info.external_attr >> 16
        wrong = unfit(name) or _unfit(info, mode)
        if name != info.orig_filename or wrong:
            raise self.refused(
                f"has {info.orig_filename[:60]!r}, which cannot be packed: {wrong or 'its name'}"
            )
        kind, path = (found[1], found[2]) if (found := _DATA.fullmatch(name)) else ("", name)
        return Member(
            path=_PLACES.get(kind, "") + path,
            crc=info.CRC,
            packed=info.compress_size,
            size=info.file_size,
            method=info.compress_type,
            executable=bool(mode & 0o111) or kind == "scripts",
            script=kind == "scripts",
            at=info.header_offset,
            name=name.encode("utf-8" if info.flag_bits & 0x800 else "cp437"),
        )

    def packed(self, member: Member) -> bytes:
        """The bytes of a file as they are in the wheel, compressed or not."""
        return b"".join(self.pieces(member))

    def pieces(self, member: Member) -> Iterator[bytes]:
        """The same, a large file in pieces."""
        names, first = len(member.name), min(member.packed, PIECE)
        read = self._read(member.at, _HEADER + names + _ROOM + first)
        if (
            len(read) < _HEADER + names
            or read[:4] != b"PK\3\4"
            or read[_HEADER : _HEADER + names] != member.name
        ):
            raise self.refused(f"does not have {member.path} where it says")
        begins = _HEADER + sum(struct.unpack_from("<2H", read, _NAMES_AT))
        piece = read[begins : begins + member.packed]
        done = len(piece)
        yield piece
        while done < member.packed:
            piece = self._read(member.at + begins + done, min(member.packed - done, PIECE))
            if not piece:
                raise self.refused(f"ends before {member.path} does")
            done += len(piece)
            yield piece

    def read(self, member: Member) -> bytes:
        """The file itself."""
        raw = self.packed(member)
        try:
            raw = zlib.decompress(raw, -15, member.size) if member.method == DEFLATED else raw
        except zlib.error as error:
            raise self.refused(f"has {member.path}, which is damaged: {error}") from error
        if len(raw) != member.size or zlib.crc32(raw) != member.crc:
            raise self.refused(f"has {member.path}, which is damaged: it is not as long, or not what it says")
        return raw

    def _read(self, at: int, size: int) -> bytes:
        """As many bytes as there are: a read may bring fewer than were asked for only at the end of a file."""
        return os.pread(self._file.fileno(), size, at)


class _Unclosed(io.RawIOBase):
    """A file that stays open when who reads it is done."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        return self._file.readinto(buffer)


def _unfit(info: zipfile.ZipInfo, mode: int) -> str:
    if info.flag_bits & 1:
        return "it is encrypted"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link" if stat.S_ISLNK(mode) else "it is no plain file"
    if info.compress_type not in (STORED, DEFLATED):
        return (
            f"it is compressed by method {info.compress_type}; 0 (stored) and 8 (deflate) are read everywhere"
        )
    is_as_it_is = info.compress_size == info.file_size
    if info.file_size > MOST_RATIO * info.compress_size if info.compress_type else not is_as_it_is:
        return "its sizes cannot be true"
    return ""


def _twice(paths: Iterator[str]) -> str:
    seen: set[str] = set()
    return next((path for path in paths if path in seen or seen.add(path)), "")  # type: ignore[func-returns-value]
