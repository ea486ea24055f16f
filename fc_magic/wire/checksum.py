"""The checksum of a code package: CRC-64/XZ as an unsigned decimal, as OSS and Function Compute write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastcrc import crc64 as _crc64

if TYPE_CHECKING:
    from fc_magic.wire.source import InFile


def going_on(data: bytes, before: int = 0) -> int:
    """The checksum, as a number, of what had ``before`` with ``data`` behind it."""
    return int(_crc64.xz(data, before))


def crc64(data: bytes | InFile) -> str:
    return str(_crc64.xz(data)) if isinstance(data, bytes) else data.checksum
