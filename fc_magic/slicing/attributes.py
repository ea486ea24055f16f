"""The attributes of a class: of which functions they are made, and how they are written."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from functools import cached_property
from types import FunctionType
from typing import Any

from fc_magic.slicing.pieces import Writing

#: what Python, or what a library makes of a class, puts there
GIVEN = {
    *("__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__annotations__", "__slots__"),
    *("__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__", "__classdictcell__"),
    *("__orig_bases__", "__parameters__", "__type_params__", "__abstractmethods__", "_abc_impl", "__hash__"),
    *("_is_protocol", "_is_runtime_protocol", "__protocol_attrs__", "__non_callable_proto_members__"),
    *("__classcell__", "__match_args__", "__dataclass_fields__", "__dataclass_params__"),
    *("__annotations_cache__", "__callable_proto_members_only__"),
}


def registered(cls: type) -> list[type]:
    """The classes that an abstract class was told of."""
    dump = getattr(abc, "_get_dump", None)
    if type(cls) is not abc.ABCMeta or dump is None:
        return []
    known = [reference() for reference in dump(cls)[0]]
    return sorted((each for each in known if each is not None), key=lambda each: each.__qualname__)


def parts(value: Any) -> Iterator[FunctionType]:
    """The functions that an attribute of a class is made of."""
    yield from (part for part in parts_of(value) if isinstance(part, FunctionType))


def parts_of(value: Any) -> Iterator[Any]:
    if isinstance(value, property):
        yield from (f for f in (value.fget, value.fset, value.fdel) if f is not None)
    elif isinstance(value, staticmethod | classmethod):
        yield from parts_of(value.__func__)
    elif isinstance(value, cached_property):
        yield from parts_of(value.func)
    else:
        yield value


def spelled(value: Any, path: str, writing: Writing) -> str:
    """An attribute as an expression."""
    if isinstance(value, staticmethod | classmethod):
        return f"{type(value).__name__}({writing.spelled(value.__func__, path)})"
    if type(value) is property:
        given = [writing.spelled(f, path) if f else "None" for f in (value.fget, value.fset, value.fdel)]
        return f"property({', '.join(given)})"
    return writing.spelled(value, path)


def is_member(value: Any) -> bool:
    return hasattr(type(value), "__members__")
