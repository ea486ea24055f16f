"""What makes classes, such as ``dataclass``, ``Enum`` and ``NamedTuple``, and what of a class is from it."""

from __future__ import annotations

import dataclasses
import enum
import functools
import typing
from collections.abc import Iterator
from functools import cached_property
from typing import Any

_DECORATORS: tuple[Any, ...] = (
    *(dataclasses.dataclass, functools.total_ordering, enum.unique),
    *(typing.final, typing.runtime_checkable),
)
_OF_NAMEDTUPLE = {"_fields", "_field_defaults", "__slots__", "__match_args__"}
_METACLASSES = ("builtins", "abc", "enum")


def are_known(cls: type, decorators: list[Any]) -> bool:
    """Whether it is known here what the metaclass and the decorators of a class put into it."""
    kind = type(cls)
    usual = kind.__module__ in _METACLASSES or kind.__name__ == "_ProtocolMeta"
    return usual and all(any(each is one for one in _DECORATORS) for each in decorators)


def makes(cls: type, key: str) -> bool:
    """Whether an attribute is made by them: a field, a member, or what they need themselves."""
    if isinstance(cls, enum.EnumMeta):
        return key in cls.__members__ or (key.startswith("_") and key.endswith("_"))
    if key in getattr(cls, "__dataclass_fields__", {}):
        return True
    fields = getattr(cls, "_fields", ())
    return key in fields or (cls.__bases__ == (tuple,) and key in _OF_NAMEDTUPLE)


def documents(cls: type, text: Any) -> bool:
    """Whether a documentation is what they write where the class has none."""
    given = text is None or text == "An enumeration." or str(text).startswith(f"{cls.__name__}(")
    return given and (
        isinstance(cls, enum.EnumMeta) or hasattr(cls, "__dataclass_fields__") or _is_tuple(cls)
    )


def _is_tuple(cls: type) -> bool:
    return cls.__bases__ == (tuple,) and hasattr(cls, "_fields")


def of_members(cls: type) -> Iterator[tuple[str, Any]]:
    """The attributes that members of an Enum have beyond what making them gives: ``A.label`` and its value."""
    if not isinstance(cls, enum.EnumMeta):
        return
    makers = [getattr(cls, name, None) for name in ("__init__", "_new_member_", "__new_member__")]
    given = {name for each in makers for name in getattr(getattr(each, "__code__", None), "co_names", ())}
    member: Any
    for member in cls:
        value = member._value_
        parts = [value, *value] if isinstance(value, tuple) else [value]
        for key, each in getattr(member, "__dict__", {}).items():
            hidden = key.startswith("_") and key.endswith("_")
            if hidden or isinstance(vars(cls).get(key), cached_property):
                continue
            if key not in given or not any(each is part for part in parts):
                yield f"{member._name_}.{key}", each
