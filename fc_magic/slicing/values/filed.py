"""Large values as the bytes of a file, in a format that holds them exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fc_magic.slicing.values.sets import in_order
from fc_magic.slicing.values.shape import Filed, Node

#: the names that a JSON object has a meaning by, where it has no other
TAGS = frozenset(("tuple", "set", "frozenset", "dict", "complex", "int", "bytes", "str"))
#: what JSON says by itself
_SAFE = frozenset((float, bool, type(None)))
_DECIMAL = 8_192


def filed(node: Node) -> Filed:
    obj = node.obj
    if node.shape and node.shape.file:
        return node.shape.file
    if type(obj) is str:
        return _text(obj)
    if type(obj) is bytes:
        return Filed("bin", obj, "_fc_file({})")
    said = json.dumps(_said(obj), separators=(",", ":")).encode("ascii")
    return Filed("json", said, "_fc_json({})")


def _text(text: str) -> Filed:
    try:
        return Filed("txt", text.encode(), '_fc_file({}).decode("utf-8")')
    except UnicodeEncodeError:  # half of a pair, which no file of text may have
        data = text.encode("utf-8", "surrogatepass")
        return Filed("txt", data, '_fc_file({}).decode("utf-8", "surrogatepass")')


def _said(obj: Any) -> Any:
    kind = type(obj)
    if kind in _SAFE:
        return obj
    return _SAYS[kind](obj)


def _int(value: int) -> Any:
    return value if value.bit_length() <= _DECIMAL else {"int": hex(value)}


def _str(value: str) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"str": value.encode("utf-8", "surrogatepass").hex()}
    return value


def _items(obj: Any) -> list[Any]:
    return [_said(item) for item in obj]


def _dict(obj: dict[Any, Any]) -> Any:
    plain = all(type(key) is str and key.isascii() for key in obj)
    if plain and not (len(obj) == 1 and TAGS.issuperset(obj)):
        return {key: _said(value) for key, value in obj.items()}
    return {"dict": [[_said(key), _said(value)] for key, value in obj.items()]}


_SAYS: Mapping[type, Callable[[Any], Any]] = {
    int: _int,
    str: _str,
    list: _items,
    dict: _dict,
    tuple: lambda obj: {"tuple": _items(obj)},
    set: lambda obj: {"set": _items(in_order(obj, only_called=True).items)},
    frozenset: lambda obj: {"frozenset": _items(in_order(obj, only_called=True).items)},
    bytes: lambda obj: {"bytes": obj.decode("latin-1")},
    complex: lambda obj: {"complex": [obj.real, obj.imag]},
}
