"""The checksum of a code package: CRC-64/XZ as an unsigned decimal, as OSS and Function Compute write it."""

from __future__ import annotations

from fastcrc import crc64 as _crc64


def crc64(data: bytes) -> str:
    return str(_crc64.xz(data))
