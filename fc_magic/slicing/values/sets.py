"""In which order the items of a set are written, so that the new set goes through them as the old one does."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

#: longer ones are not tried out
_TRIED = 2_000
_BITS = 8_192


class Order(NamedTuple):
    """``called``: as a list that the type is called with. ``loose``: no order is the same in every process.
    ``kept``: nobody will see a new order.
    """

    items: list[Any]
    called: bool = False
    loose: bool = False
    kept: bool = True


def in_order(obj: set[Any] | frozenset[Any], only_called: bool = False) -> Order:
    """Sorted, where the new set then goes through its items as the old one does: that of a set of numbers is seen.

    The order of text changes with every start of Python, so nobody counts on one. Of an object of a notebook's class
    the items are taken without asking it.
    """
    kind: Any = set if isinstance(obj, set) else frozenset
    items = list(kind.__iter__(obj))
    try:
        ordered = sorted(items, key=_rank)
    except (TypeError, RecursionError):
        return Order(items, only_called, loose=True)
    if len(items) <= _TRIED and all(map(_lasts, items)):
        for candidate in (ordered, items, items[::-1], ordered[::-1]):
            if not only_called and list(kind(_displayed(candidate))) == items:
                return Order(candidate)
            if list(kind(candidate)) == items:
                return Order(candidate, called=True)
        return Order(ordered, only_called, kept=False)
    return Order(ordered, only_called)


def _displayed(items: list[Any]) -> set[Any]:
    """As ``{1, 2}`` makes it, which is not how ``set([1, 2])`` does."""
    made: set[Any] = eval(f"{{{repr(items)[1:-1]}}}", {}) if items else set()  # noqa: S307
    return made


def _lasts(value: Any) -> bool:
    """Its hash is the same in every process."""
    kind = type(value)
    if kind is tuple:
        return all(map(_lasts, value))
    if kind is int:
        return bool(value.bit_length() <= _BITS)
    return kind is bool or (kind is float and math.isfinite(value))


def _rank(value: Any) -> tuple[Any, ...]:
    """Raises TypeError for what has no order that is known not to run anybody's code."""
    kind = type(value)
    if kind in (bool, int, float):
        return ("number", value) if value == value else ("nan", 0)
    if kind in (str, bytes):
        return (kind.__name__, value)
    if kind is tuple:
        return ("tuple", tuple(map(_rank, value)))
    if kind is frozenset:
        return ("set", tuple(sorted(map(_rank, value))))
    if value is None:
        return ("", 0)
    raise TypeError
