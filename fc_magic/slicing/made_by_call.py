"""Classes without a class statement: what ``namedtuple("P", "x y")`` and ``Enum("Color", "RED GREEN")`` made."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from fc_magic.slicing import makers
from fc_magic.slicing.attributes import GIVEN, parts, spelled
from fc_magic.slicing.pieces import Piece, Writing


def by_call(name: str, cls: type, writing: Writing) -> Piece | None:
    for make in (_namedtuple, _enum):
        found = make(name, cls, writing)
        if found:
            note = f"{name}: a class that was made by a call"
            added = tuple(_added(name, cls, writing))
            return Piece((name,), f"{name} = {found}\n", "definition", note=note, late=added)
    return None


def _added(name: str, cls: type, writing: Writing) -> Iterator[str]:
    """Statements that give it what it got later."""
    for key, value in vars(cls).items():
        found = [f.__code__.co_filename in writing.history.files for f in parts(value)]
        is_data = not (found or key in GIVEN or makers.makes(cls, key))
        if any(found) or is_data or (key == "__doc__" and not makers.documents(cls, value)):
            yield f"{name}.{key} = {spelled(value, f'{name}.{key}', writing)}\n"
    for path, value in makers.of_members(cls):
        yield f"{name}.{path} = {spelled(value, f'{name}.{path}', writing)}\n"


def _namedtuple(name: str, cls: type, writing: Writing) -> str:
    fields: Any = vars(cls).get("_fields")
    if cls.__bases__ != (tuple,) or not isinstance(fields, tuple):
        return ""
    defaults: dict[str, Any] = vars(cls).get("_field_defaults", {})
    collections = writing.spell(sys.modules["collections"])
    given = [repr(cls.__name__), repr(" ".join(fields))]
    if defaults:
        values = [writing.spelled(defaults[f], f"{name}.{f}") for f in fields if f in defaults]
        given.append(f"defaults=[{', '.join(values)}]")
    return f"{collections}.namedtuple({', '.join(given)})"


def _enum(name: str, cls: type, writing: Writing) -> str:
    enum: Any = sys.modules.get("enum")
    if enum is None or type(cls) is not enum.EnumMeta or len(cls.__bases__) != 1:
        return ""
    base = writing.spell(cls.__bases__[0])
    members = ", ".join(f"{key!r}: {value}" for key, value in _members(name, cls, writing))
    return f"{base}({cls.__name__!r}, {{{members}}})" if base else ""


def _members(name: str, cls: Any, writing: Writing) -> Iterator[tuple[str, str]]:
    for key, member in cls.__members__.items():
        yield key, writing.spelled(member.value, f"{name}.{key}")
