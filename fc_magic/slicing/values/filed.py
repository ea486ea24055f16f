"""Large values as the bytes of a file, in a format that holds them exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fc_magic.slicing.values.sets import in_order
from fc_magic.slicing.values.shape import Filed, Node

#: the names that a JSON object has a meaning by, where it has no other
TAGS = frozenset(("tuple", "set", "frozenset", "dict", "complex", "int", "bytes", "str"))
#: before the name of a class
_NEW = "new "
#: what JSON says by itself
_SAFE = frozenset((float, bool, type(None)))
_DECIMAL = 8_192


def filed(node: Node, find: Callable[[Any], Node | None]) -> Filed:
    """``find`` knows the nodes of objects that JSON has no type for."""
    obj = node.obj
    if node.shape and node.shape.file:
        return node.shape.file
    if type(obj) is str:
        return _text(obj)
    if type(obj) is bytes:
        return Filed("bin", obj, "_fc_file({})")
    said = _Json(find)
    data = json.dumps(said(obj), separators=(",", ":")).encode("ascii")
    return Filed("json", data, f"_fc_json({{}}{_argument(said.makers)})")


def _argument(makers: Mapping[str, str]) -> str:
    """With braces doubled, as the name of the file is put in later."""
    if not makers:
        return ""
    lines = [f'"{name}": {maker}' for name, maker in makers.items()]
    if len(lines) == 1:
        return f", {{{{{lines[0]}}}}}"
    return ", {{\n" + "".join(f"    {line},\n" for line in lines) + "}}"


def _text(text: str) -> Filed:
    try:
        return Filed("txt", text.encode(), '_fc_file({}).decode("utf-8")')
    except UnicodeEncodeError:  # half of a pair, which no file of text may have
        data = text.encode("utf-8", "surrogatepass")
        return Filed("txt", data, '_fc_file({}).decode("utf-8", "surrogatepass")')


class _Json:
    """Values as JSON has them. ``makers``: the names that it used for what it has no type for, and what makes it."""

    def __init__(self, find: Callable[[Any], Node | None]) -> None:
        self.makers: dict[str, str] = {}
        self._find = find

    def __call__(self, obj: Any) -> Any:
        kind = type(obj)
        if kind in _SAFE:
            return obj
        say = _SAYS.get(kind)
        return self._made(obj) if say is None else say(obj, self)

    def _made(self, obj: Any) -> Any:
        node = self._find(obj)
        assert node
        assert node.shape
        assert node.shape.said
        name, maker, content = node.shape.said
        self.makers[f"{_NEW}{name}"] = maker
        return {f"{_NEW}{name}": self(content)}


def _int(value: int, said: _Json) -> Any:
    return value if value.bit_length() <= _DECIMAL else {"int": hex(value)}


def _str(value: str, said: _Json) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"str": value.encode("utf-8", "surrogatepass").hex()}
    return value


def _dict(obj: dict[Any, Any], said: _Json) -> Any:
    plain = all(type(key) is str and key.isascii() for key in obj)
    if plain and not (len(obj) == 1 and _has_meaning(next(iter(obj)))):
        return {key: said(value) for key, value in obj.items()}
    return {"dict": [[said(key), said(value)] for key, value in obj.items()]}


def _has_meaning(key: str) -> bool:
    return key in TAGS or key.startswith(_NEW)


def _set(obj: Any, said: _Json) -> Any:
    return {type(obj).__name__: [said(item) for item in in_order(obj, only_called=True).items]}


_SAYS: Mapping[type, Callable[[Any, _Json], Any]] = {
    int: _int,
    str: _str,
    list: lambda obj, said: [said(item) for item in obj],
    dict: _dict,
    tuple: lambda obj, said: {"tuple": [said(item) for item in obj]},
    set: _set,
    frozenset: _set,
    bytes: lambda obj, said: {"bytes": obj.decode("latin-1")},
    complex: lambda obj, said: {"complex": [obj.real, obj.imag]},
}
