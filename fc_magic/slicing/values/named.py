"""What a slice has by its name: classes, functions, modules, members of enumerations, and methods of something."""

from __future__ import annotations

import enum
import functools
import re
import types
from typing import Any

from fc_magic.slicing.values.atoms import quoted
from fc_magic.slicing.values.graph import Graph
from fc_magic.slicing.values.shape import Item, Shape
from fc_magic.slicing.values.written import Unwritable

_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    type(re.compile("").sub),  # of a method in C that knows its class
)
#: libraries that give the same object again by its name: a logger, the loader of a module
_GIVEN_AGAIN = ("logging", "_frozen_importlib", "_frozen_importlib_external")
_CACHED = type(functools.lru_cache(len))


def shape(obj: Any, graph: Graph) -> Shape | None:
    kind = type(obj)
    if obj is type(None):
        return Shape(f"{graph.spelled(type)}(None)", [], "", frozen=True)
    if issubclass(kind, type):
        return _spelled(obj, graph, "a class")
    if kind in _FUNCTIONS or kind is _CACHED or kind is types.ModuleType or _is_ufunc(kind):
        text = graph.spelling(obj)
        if text is not None:
            return Shape(text, [], "", frozen=True)
        return _method(obj, graph) if kind in _FUNCTIONS else _spelled(obj, graph, f"a {kind.__name__}")
    if kind.__module__ in _GIVEN_AGAIN:
        text = graph.spelling(obj)
        return None if text is None else Shape(text, [], "", frozen=True)
    if kind is types.MethodType:
        return _bound(obj, graph)
    if isinstance(kind, enum.EnumMeta):
        return _member(obj, graph)
    return None


def _is_ufunc(kind: type) -> bool:
    return (kind.__module__, kind.__name__) == ("numpy", "ufunc")


def _spelled(obj: Any, graph: Graph, what: str) -> Shape:
    text = graph.spelling(obj)
    if text is None:
        name = getattr(obj, "__name__", "")
        raise Unwritable(f"{what} ({name}) that the slice cannot name" if name else f"{what} without a name")
    return Shape(text, [], "", frozen=True)


def _method(obj: Any, graph: Graph) -> Shape:
    """``str.upper``, ``[].append``: by what it is of."""
    owner = getattr(obj, "__objclass__", None) or getattr(obj, "__self__", None)
    if type(obj) is types.FunctionType or owner is None or type(owner) is types.ModuleType:
        return _spelled(obj, graph, "a function")
    return _attribute(owner, obj.__name__, graph)


def _attribute(owner: Any, name: str, graph: Graph) -> Shape:
    token = graph.token(owner)
    items: list[Item] = [(token, f".{name}")]
    return Shape("", items, "", frozen=True)


def _bound(obj: types.MethodType, graph: Graph) -> Shape:
    """By its name where that leads to it, without a look that anybody's code could answer."""
    owner, function = obj.__self__, obj.__func__
    name = getattr(function, "__name__", "")
    for base in (owner if isinstance(owner, type) else type(owner)).__mro__:
        if name in vars(base):
            found = vars(base)[name]
            if getattr(found, "__func__", found) is function:
                return _attribute(owner, name, graph)
            break
    items: list[Item] = [(graph.token(function),), (graph.token(owner),)]
    return Shape(f"{graph.within(types, 'MethodType')}(", items, ")")


def _member(obj: enum.Enum, graph: Graph) -> Shape:
    """``Color.RED``; a combination of flags by its number."""
    kind = type(obj)
    members = vars(kind)["_member_map_"]
    held = object.__getattribute__(obj, "__dict__")
    name = held.get("_name_")
    text = graph.spelled(kind)
    if name is not None and members.get(name) is obj:
        by_name = f".{name}" if name.isidentifier() else f"[{quoted(name)}]"
        return Shape(text + by_name, [], "", frozen=True)
    if issubclass(kind, enum.Flag):
        return Shape(f"{text}(", [(graph.token(held["_value_"]),)], ")", frozen=True)
    raise Unwritable(f"of {kind.__qualname__}, which has no such member any more")
