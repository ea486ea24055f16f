"""A page of a listing: keys in order, those that share what stands before a delimiter folded into one prefix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

#: rows asked for at a time
BATCH = 1000
#: never a byte of UTF-8: ``prefix + _END`` comes after every key that begins with ``prefix``
_END = b"\xff"

#: (from this key on, not from this key but behind it, how many) -> keys in order with what they name
Fetch = Callable[[bytes, bool, int], Sequence[tuple[bytes, T]]]


@dataclass(frozen=True)
class Page(Generic[T]):
    """``next``: the last name on a page that is not the last one, else empty."""

    items: tuple[T, ...]
    prefixes: tuple[bytes, ...]
    next: bytes = b""


def page(
    fetch: Fetch[T],
    limit: int,
    prefix: bytes = b"",
    delimiter: bytes = b"",
    after: bytes = b"",
    batch: int = BATCH,
) -> Page[T]:
    """At most ``limit`` names (items and prefixes together) that begin with ``prefix`` and come after ``after``."""
    items: list[T] = []
    prefixes: list[bytes] = []
    last = b""
    cursor, behind = _start(prefix, delimiter, after)
    while True:
        rows = fetch(cursor, behind, batch)
        for key, item in rows:
            if not key.startswith(prefix):
                return Page(tuple(items), tuple(prefixes))
            cursor, behind = key, True
            if prefixes and key.startswith(prefixes[-1]):
                continue
            if len(items) + len(prefixes) == limit:
                return Page(tuple(items), tuple(prefixes), last)
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            if at < 0:
                items.append(item)
                last = key
            else:
                last = key[: at + len(delimiter)]
                prefixes.append(last)
        if len(rows) < batch:
            return Page(tuple(items), tuple(prefixes))
        if prefixes and cursor.startswith(prefixes[-1]):
            cursor = prefixes[-1] + _END  # a folder of a million keys is one step


def _start(prefix: bytes, delimiter: bytes, after: bytes) -> tuple[bytes, bool]:
    if after < prefix:
        return prefix, False
    if not after:
        return b"", False
    at = after.find(delimiter, len(prefix)) if delimiter and after.startswith(prefix) else -1
    if at >= 0 and at + len(delimiter) == len(after):
        return after + _END, True  # the page before ended with this prefix: its keys were folded into it
    return after, True
