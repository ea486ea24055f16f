"""Whether two values are the same: types, contents, order, and which of their parts are one object."""

from __future__ import annotations

import math
import struct
from collections import deque
from types import SimpleNamespace
from typing import Any

#: of which nobody asks which one they are
VALUES = (int, str, bytes, bool, type(None), type(...), float, complex)
FROZEN = (*VALUES, tuple, frozenset, range, slice)


def same(one: Any, other: Any) -> bool:
    """Walks both at once, without recursion; pairs that were compared are not compared again."""
    compared: set[tuple[int, int]] = set()
    there: dict[int, int] = {}
    back: dict[int, int] = {}
    waiting = [(one, other)]
    while waiting:
        a, b = waiting.pop()
        if type(a) is not type(b):
            return False
        if (id(a), id(b)) in compared:
            continue
        compared.add((id(a), id(b)))
        if type(a) not in FROZEN:
            if there.get(id(a), id(b)) != id(b) or back.get(id(b), id(a)) != id(a):
                return False
            there[id(a)], back[id(b)] = id(b), id(a)
        parts = _parts(a), _parts(b)
        if parts[0] is None or parts[1] is None:
            if not _equal(a, b):
                return False
            continue
        if len(parts[0]) != len(parts[1]):
            return False
        waiting += zip(*parts, strict=True)
    return True


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (
            math.isnan(a) and math.isnan(b) and math.copysign(1, a) == math.copysign(1, b)
        )
    if isinstance(a, complex):
        return _equal(a.real, b.real) and _equal(a.imag, b.imag)
    return bool(a == b)


def _parts(value: Any) -> list[Any] | None:
    """``same_by`` of a class of a test says which pairs its objects hold beside their attributes."""
    if hasattr(type(value), "same_by"):
        return [part for pair in (*vars(value).items(), *type(value).same_by(value)) for part in pair]
    if isinstance(value, list | tuple | deque):
        return [getattr(value, "maxlen", None), *value]
    if isinstance(value, dict):
        return [getattr(value, "default_factory", None), *(part for pair in value.items() for part in pair)]
    if isinstance(value, SimpleNamespace):
        return [part for pair in vars(value).items() for part in pair]
    if isinstance(value, set | frozenset):
        return sorted(value, key=_key)
    if isinstance(value, slice):
        return [value.start, value.stop, value.step]
    return None


def _key(value: Any) -> str:
    """An order of what can be in a set, for sets in sets have none."""
    inside = (
        sorted(map(_key, value))
        if isinstance(value, frozenset)
        else map(_key, value)
        if isinstance(value, tuple)
        else [repr(value)]
    )
    return f"{type(value).__name__}({', '.join(inside)})"
