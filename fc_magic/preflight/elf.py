"""A reader of ELF files: for which machine a library is, and how new a C library it needs."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\x7fELF"
X86_64 = 62
_VERSIONS_NEEDED = 0x6FFFFFFE
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)")
#: what else begins like this
_OTHERS = {
    b"\xcf\xfa\xed\xfe": "macOS",
    b"\xce\xfa\xed\xfe": "macOS",
    b"\xca\xfe\xba\xbe": "macOS",
    b"MZ": "Windows",
}
_MACHINES = {3: "x86", 40: "arm", 183: "arm64", 243: "riscv64", 21: "ppc64", 22: "s390x"}


@dataclass(frozen=True)
class Binary:
    """``system``: Linux, macOS or Windows; ``glibc``: the newest version of its symbols, if it is for Linux."""

    system: str
    machine: str = "x86_64"
    bits: int = 64
    glibc: tuple[int, int] = (0, 0)


def read(raw: bytes) -> Binary | None:
    """None if it is no binary, or one that nobody can read."""
    if raw[:4] != MAGIC:
        system = next((name for magic, name in _OTHERS.items() if raw.startswith(magic)), "")
        return Binary(system) if system else None
    if len(raw) < 64:
        return None
    order = "<" if raw[5] == 1 else ">"
    (machine,) = struct.unpack_from(order + "H", raw, 18)
    bits = 64 if raw[4] == 2 else 32
    name = "x86_64" if machine == X86_64 else _MACHINES.get(machine, f"machine {machine}")
    try:
        glibc = max(_needed(raw, order), default=(0, 0)) if bits == 64 else (0, 0)
    except (struct.error, OverflowError):
        glibc = (0, 0)
    return Binary("Linux", name, bits, glibc)


def _needed(raw: bytes, order: str) -> Iterator[tuple[int, int]]:
    """The GLIBC versions among the versions of symbols that are needed (.gnu.version_r)."""
    (table,) = struct.unpack_from(order + "Q", raw, 40)
    size, count = struct.unpack_from(order + "HH", raw, 58)
    sections = [struct.unpack_from(order + "IIQQQQII", raw, table + size * n) for n in range(count)]
    for _, kind, _, _, start, length, link, _ in sections:
        if kind == _VERSIONS_NEEDED and link < len(sections):
            texts = sections[link][4]
            for at in _names(raw, order, start, length):
                found = _GLIBC.match(raw, texts + at)
                if found:
                    yield int(found[1]), int(found[2])


def _names(raw: bytes, order: str, start: int, length: int) -> Iterator[int]:
    """Where the names of needed versions are among the texts: a list of files, each with a list of versions."""
    entry, end = start, start + length
    while start <= entry < end:
        _, count, _, first, following = struct.unpack_from(order + "HHIII", raw, entry)
        at = entry + first
        for _ in range(min(count, length)):
            _, _, _, name, more = struct.unpack_from(order + "IHHII", raw, at)
            yield name
            if not more:
                break
            at += more
        if not following:
            return
        entry += following
