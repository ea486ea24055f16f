"""Types that are no classes: what annotations and aliases are made of."""

from __future__ import annotations

import collections.abc
import types
import typing
from typing import Any

from fc_magic.slicing.values.graph import Graph
from fc_magic.slicing.values.shape import Item, Shape, Token
from fc_magic.slicing.values.written import Unwritable

_ALIAS = type(typing.List[int])  # noqa: UP006
_UNION = type(typing.Optional[int])  # noqa: UP045
_SUBSCRIPTED = (types.GenericAlias, type(collections.abc.Callable[[int], int]))
_LITERAL = type(typing.Literal[1])
_CALLABLE = type(typing.Callable[[int], int])
_ANNOTATED = type(typing.Annotated[int, 1])
#: what ``List[int]`` and its like are objects of
_ALIASES = (_ALIAS, _UNION, _LITERAL, _CALLABLE)


def shape(obj: Any, graph: Graph) -> Shape | None:
    kind = type(obj)
    if kind in _SUBSCRIPTED:
        return _subscripted(graph.token(typing.get_origin(obj)), list(typing.get_args(obj)), graph)
    if kind is types.UnionType:
        return _joined(obj, graph)
    if kind is _ANNOTATED:
        return _subscripted(_named("Annotated", graph), [obj.__origin__, *obj.__metadata__], graph)
    if kind in _ALIASES:
        return _alias(obj, graph)
    if kind.__module__ != "typing":
        return None
    if kind is typing.TypeVar:
        return _variable(obj, graph)
    if kind is typing.NewType:
        named: list[Item] = [(graph.token(obj.__name__),), (graph.token(obj.__supertype__),)]
        return Shape(f"{_named('NewType', graph)}(", named, ")")
    if kind is typing.ForwardRef:
        items: list[Item] = [(graph.token(obj.__forward_arg__),)]
        return Shape(f"{_named('ForwardRef', graph)}(", items, ")", frozen=True)
    name = getattr(obj, "_name", None)
    if type(name) is str and getattr(typing, name, None) is obj:
        return Shape(_named(name, graph), [], "", frozen=True)
    raise Unwritable(f"a {kind.__name__} of typing")


def _named(name: str, graph: Graph) -> str:
    return graph.within(typing, name)


def _alias(obj: Any, graph: Graph) -> Shape:
    """``typing.List[int]`` knows its name; a generic class of a notebook is its origin."""
    arguments = list(typing.get_args(obj))
    if obj.__origin__ is typing.Union:
        return _subscripted(_named("Union", graph), arguments, graph)
    if obj.__origin__ is typing.Literal:
        return _subscripted(_named("Literal", graph), arguments, graph)
    name = getattr(obj, "_name", None)
    if type(name) is str and hasattr(typing, name):
        return _subscripted(_named(name, graph), arguments, graph)
    return _subscripted(graph.token(obj.__origin__), arguments, graph)


def _subscripted(origin: Token, arguments: list[Any], graph: Graph) -> Shape:
    """One item: a comma between a type and its argument would be another type."""
    inside = [_argument(argument, graph) for argument in arguments] or [("()",)]
    return Shape("", [(origin, "[", *_separated(inside, ", "), "]")], "", frozen=True)


def _argument(argument: Any, graph: Graph) -> Item:
    """The parameters of a callable are a list."""
    if type(argument) is list:
        return ("[", *_separated([_argument(one, graph) for one in argument], ", "), "]")
    return ("None",) if argument is type(None) else (graph.token(argument),)


def _separated(items: list[Item], by: str) -> Item:
    return tuple(token for number, item in enumerate(items) for token in (*((by,) if number else ()), *item))


def _joined(obj: types.UnionType, graph: Graph) -> Shape:
    """``int | None``"""
    parts = [_argument(argument, graph) for argument in obj.__args__]
    return Shape("", [_separated(parts, " | ")], "", frozen=True)


def _variable(obj: typing.TypeVar, graph: Graph) -> Shape:
    items: list[Item] = [(graph.token(obj.__name__),)]
    items += [(graph.token(constraint),) for constraint in obj.__constraints__]
    if obj.__bound__ is not None:
        items.append(("bound=", graph.token(obj.__bound__)))
    items += [(f"{name}=True",) for name in ("covariant", "contravariant") if getattr(obj, f"__{name}__")]
    return Shape(f"{_named('TypeVar', graph)}(", items, ")")
