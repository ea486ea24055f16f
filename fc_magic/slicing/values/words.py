"""What a value is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: type -> what its items are called
_COUNTED: Mapping[str, str] = {
    "list": "item",
    "tuple": "item",
    "set": "item",
    "frozenset": "item",
    "deque": "item",
    "dict": "entry",
    "defaultdict": "entry",
    "OrderedDict": "entry",
    "Counter": "entry",
    "str": "character",
    "bytes": "byte",
    "bytearray": "byte",
}


def described(obj: Any) -> str:
    """ "a list of 3 items"; no method of somebody's own class is called."""
    kind = type(obj)
    name = kind.__name__
    if kind.__module__ in ("builtins", "collections") and name in _COUNTED:
        return f"{_article(name)} {name} of {counted(len(obj), _COUNTED[name])}"
    if kind.__module__ == "numpy" and name == "ndarray":
        return f"an array of {obj.dtype}, {' × '.join(map(str, obj.shape)) or 'one item'}"
    if kind.__module__.partition(".")[0] == "pandas" and name == "DataFrame":
        return f"a table of {counted(len(obj), 'row')} and {counted(obj.shape[1], 'column')}"
    return f"{_article(name)} {name}"


def counted(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number:,} {word[:-1] + 'ies' if word.endswith('y') else word + 's'}"


def _article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou" else "a"
