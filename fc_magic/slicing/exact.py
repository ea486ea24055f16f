"""Whether two values are the same in every respect: types, order, and signs of zero; nobody's ``__eq__`` is asked."""

from __future__ import annotations

import ast
from typing import Any

_PLAIN = (int, str, bytes, bool, type(None), type(...))


def same_value(a: Any, b: Any) -> bool:
    if a is b:
        return True
    kind = type(a)
    if kind is not type(b):
        return False
    if kind in _PLAIN:
        return bool(a == b)
    if kind in (float, complex):
        return repr(a) == repr(b)
    if kind in (tuple, list):
        return len(a) == len(b) and all(map(same_value, a, b))
    if kind is dict:
        return len(a) == len(b) and all(map(same_value, [*a, *a.values()], [*b, *b.values()]))
    if kind in (set, frozenset):
        return len(a) == len(b) and {*map(_key, a)} == {*map(_key, b)}
    return False


def _key(value: Any) -> Any:
    if type(value) is tuple:
        return (tuple, *map(_key, value))
    if type(value) is frozenset:
        return (frozenset, frozenset(map(_key, value)))
    return (type(value), repr(value)) if type(value) in (*_PLAIN, float, complex) else id(value)


def is_literal(expression: ast.expr) -> bool:
    try:
        ast.literal_eval(expression)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
