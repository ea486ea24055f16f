"""Types that are no classes: ``T = TypeVar("T")``, ``Vector = list[float]``, as they were written."""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Mapping
from types import GenericAlias, UnionType
from typing import Any

from fc_magic.slicing.functions import named
from fc_magic.slicing.pieces import Piece, Writing

#: calls that make such a type: what is made has these attributes
_MAKING = {
    "TypeVar": ("__name__", "__bound__", "__constraints__", "__covariant__", "__contravariant__"),
    "NewType": ("__name__", "__supertype__"),
    "ParamSpec": ("__name__", "__bound__", "__covariant__", "__contravariant__"),
    "TypeVarTuple": ("__name__",),
}
_NOTHING = object()


def define(name: str, thing: Any, writing: Writing) -> Piece | None:
    """The last statement that binds a type, if it surely still means that."""
    statement = next(writing.history.binding(name), None)
    if statement is None or not is_hint(thing):
        return None
    node = statement.node
    if isinstance(node, ast.Assign) and (len(node.targets) > 1 or not isinstance(node.targets[0], ast.Name)):
        return None
    expression = getattr(node, "value", None)
    is_alias = type(node).__name__ == "TypeAlias"
    if not is_alias and (expression is None or not _is(thing, expression, writing.namespace)):
        return None
    if node.col_offset:
        return None
    return Piece((name,), statement.text, "definition", statement.cell, statement.line)


def is_hint(thing: Any) -> bool:
    kind = type(thing)
    return kind in (GenericAlias, UnionType) or (kind.__module__ == "typing" and not isinstance(thing, type))


def _is(thing: Any, expression: ast.expr, scope: Mapping[str, Any]) -> bool:
    if isinstance(expression, ast.Call):
        kind = type(thing).__name__
        made = named(expression.func, scope)
        if kind not in _MAKING or made is not type(thing) or not expression.args:
            return False
        arguments = [_value(a, scope) for a in expression.args]
        options = {k.arg: _value(k.value, scope) for k in expression.keywords if k.arg}
        if any(value is _NOTHING for value in [*arguments, *options.values()]):
            return False
        again = made(*arguments, **options)
        return all(getattr(again, each) == getattr(thing, each) for each in _MAKING[kind])
    found = _value(expression, scope)
    return found is not _NOTHING and type(found) is type(thing) and bool(found == thing)


def _value(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    """What an expression of types means; nothing of the notebook's own code runs by it."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        items = [_value(item, scope) for item in node.elts]
        if any(item is _NOTHING for item in items):
            return _NOTHING
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.Subscript):
        return _applied(operator.getitem, _value(node.value, scope), _value(node.slice, scope))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _applied(operator.or_, _value(node.left, scope), _value(node.right, scope))
    found = named(node, scope)
    return found if is_hint(found) or isinstance(found, type) or _is_of_library(found) else _NOTHING


def _applied(operation: Any, left: Any, right: Any) -> Any:
    if (
        left is _NOTHING
        or right is _NOTHING
        or not (_is_of_library(left) or _is_generic(left) or is_hint(left))
    ):
        return _NOTHING
    try:
        return operation(left, right)
    except TypeError:
        return _NOTHING


def _is_of_library(thing: Any) -> bool:
    module = getattr(type(thing) if not isinstance(thing, type) else thing, "__module__", "")
    return module in sys.modules and module != "__main__"


def _is_generic(thing: Any) -> bool:
    """A class of the notebook whose ``[]`` is that of ``typing.Generic``."""
    if not isinstance(thing, type) or type(thing).__module__ == "__main__":
        return False
    own = next((c for c in thing.__mro__ if "__class_getitem__" in vars(c)), None)
    return own is not None and own.__module__ == "typing"
