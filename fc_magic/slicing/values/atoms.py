"""Values of which nobody asks which one they are: numbers, short text, and the constants."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

#: longer text is a node: it may become a file, or stand once for many
SHORT = 88
#: bits above which Python refuses to say an int in decimal digits, with room to spare
_DECIMAL = 8_192


def quoted(text: str) -> str:
    """A literal of it, with the quotes that the house prefers."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in text else plain


def number(value: int) -> str:
    return repr(value) if value.bit_length() <= _DECIMAL else hex(value)


def real(value: float, name: str) -> str:
    """``name`` is how float is spelled."""
    if math.isfinite(value):
        return repr(value)
    sign = "-" if math.copysign(1, value) < 0 else ""
    return f'{sign}{name}("{"nan" if math.isnan(value) else "inf"}")'


def compound(value: complex, spelled: Callable[[type], str]) -> str:
    """By its two parts, as ``1-0j`` and ``-0j`` do not say the signs of zeros."""
    parts = (real(part, spelled(float)) for part in (value.real, value.imag))
    return f"{spelled(complex)}({', '.join(parts)})"


def atom(value: Any, spelled: Callable[[type], str]) -> str | None:
    """Its text, or None if it is no atom, or one so long that it is written once only."""
    kind = type(value)
    if kind is int:
        return number(value) if value.bit_length() <= _DECIMAL else None
    if kind is str:
        return quoted(value) if len(value) <= SHORT else None
    if kind is float:
        return real(value, spelled(float) if not math.isfinite(value) else "")
    if kind is bytes:
        return repr(value) if len(value) <= SHORT else None
    if kind is complex:
        return compound(value, spelled)
    return repr(value) if kind in (bool, type(None)) else None
