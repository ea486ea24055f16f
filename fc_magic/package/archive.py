"""A ZIP as we write it: every header the same on every machine, whoever compressed what is behind it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

STORED, DEFLATED = 0, 8
#: the earliest date a ZIP can hold, as one has it; a real one would change the checksum at every build
DATE = 1 << 5 | 1
_UNIX, _UTF8 = 3, 0x800
_VERSION, _VERSION_64 = 20, 45
#: from here on a number stands in an extra field of 64 bits
_WORD, _COUNT = 0xFFFFFFFF, 0xFFFF
_LOCAL, _CENTRAL = struct.Struct("<4s5H3I2H"), struct.Struct("<4s2B5H3I5H2I")
_END, _END_64, _LOCATOR = struct.Struct("<4s4H2IH"), struct.Struct("<4sQ2H2I4Q"), struct.Struct("<4sIQI")


@dataclass(frozen=True)
class Entry:
    """A file of a ZIP: ``packed`` and ``size`` are its bytes as they are there and when unpacked, ``at`` is where its
    header begins."""

    path: str
    crc: int
    packed: int
    size: int
    method: int = STORED
    executable: bool = False
    at: int = 0

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.at + len(header(self)) + self.packed


def header(entry: Entry) -> bytes:
    """What stands before the bytes of a file."""
    name, flags = _name(entry.path)
    packed, size, extra = entry.packed, entry.size, b""
    if max(packed, size) >= _WORD:
        extra = struct.pack("<2H2Q", 1, 16, size, packed)
        packed = size = _WORD
    version = _VERSION_64 if extra else _VERSION
    return (
        _LOCAL.pack(
            *(b"PK\3\4", version, flags, entry.method, 0, DATE),
            *(entry.crc, packed, size, len(name), len(extra)),
        )
        + name
        + extra
    )


def listed(entry: Entry) -> bytes:
    """What the directory says of a file."""
    name, flags = _name(entry.path)
    wide = [n for n in (entry.size, entry.packed, entry.at) if n >= _WORD]
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version = _VERSION_64 if wide else _VERSION
    mode = 0o100755 if entry.executable else 0o100644
    return (
        _CENTRAL.pack(
            *(b"PK\1\2", version, _UNIX, version, flags, entry.method, 0, DATE, entry.crc),
            *(min(entry.packed, _WORD), min(entry.size, _WORD), len(name), len(extra)),
            *(0, 0, 0, mode << 16, min(entry.at, _WORD)),
        )
        + name
        + extra
    )


def directory(files: Mapping[str, bytes], at: int) -> bytes:
    """What stands at the end of a ZIP, from ``at`` on: its files in order of path, each as it is listed."""
    whole = b"".join([files[path] for path in sorted(files)])
    size, count, place, out = len(whole), len(files), at, [whole]
    if count >= _COUNT or max(size, at) >= _WORD:
        versions = (_VERSION_64 | _UNIX << 8, _VERSION_64)
        out.append(_END_64.pack(b"PK\6\6", 44, *versions, 0, 0, count, count, size, at))
        out.append(_LOCATOR.pack(b"PK\6\7", 0, at + size, 1))
        count, size, place = min(count, _COUNT), min(size, _WORD), min(at, _WORD)
    return b"".join([*out, _END.pack(b"PK\5\6", 0, 0, count, count, size, place, 0)])


def files_of(raw: bytes) -> dict[str, bytes]:
    """What ``directory`` was made of, from the bytes that it made."""
    found, at = dict[str, bytes](), 0
    while raw[at : at + 4] == b"PK\1\2":
        name, extra = struct.unpack_from("<2H", raw, at + 28)
        begins = at + _CENTRAL.size
        end = begins + name + extra
        found[raw[begins : begins + name].decode()] = raw[at:end]
        at = end
    return found


def _name(path: str) -> tuple[bytes, int]:
    return (path.encode(), 0) if path.isascii() else (path.encode(), _UTF8)
