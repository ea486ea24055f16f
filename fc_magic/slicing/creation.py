"""What runs when a class is made: it may change values, which are written as they are after that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

from fc_magic.slicing.attributes import parts
from fc_magic.slicing.pieces import Piece

_UNCHANGING = (int, float, complex, str, bytes, bool, type(None), tuple, frozenset, range)
_OF_MEMBERS = ("__new__", "__init__", "_generate_next_value_")


def runs(cls: type) -> Iterator[FunctionType]:
    """The functions of the notebook that run when a class is made."""
    kind = type(cls)
    if kind.__module__ == "__main__":
        yield from (f for name in ("__new__", "__init__", "__prepare__") for f in parts(vars(kind).get(name)))
    for base in cls.__mro__[1:]:
        if base.__module__ == "__main__":
            yield from parts(vars(base).get("__init_subclass__"))
    for value in vars(cls).values():
        if type(value).__module__ == "__main__":
            yield from parts(vars(type(value)).get("__set_name__"))
    if hasattr(cls, "__members__"):
        yield from (f for name in _OF_MEMBERS for f in parts(vars(cls).get(name)))


def changeable(
    piece: Piece, cls: type, pieces: Mapping[str, Piece], values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The values that making a class may change, and the function by which."""
    functions = {function.__qualname__: set(_names(function.__code__)) for function in runs(cls)}
    called = [n for n in piece.found.now if n in pieces and pieces[n].kind == "definition"]
    functions |= {name: {name} for name in called if not _is_class(pieces[name])}
    for function, names in functions.items():
        for name in _reached(names, pieces):
            if name in values and not isinstance(values[name], _UNCHANGING):
                yield name, function


def _is_class(piece: Piece) -> bool:
    return piece.text.lstrip().startswith(("class ", "@"))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _reached(names: set[str], pieces: Mapping[str, Piece]) -> set[str]:
    found = set(names)
    waiting = list(names)
    while waiting:
        piece = pieces.get(waiting.pop())
        for name in piece.found.needed if piece else ():
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
