"""Functions and classes that keep something which no name of the notebook stands for: a default, an attribute."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_Def = (ast.FunctionDef, ast.AsyncFunctionDef)
_FRESH = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Name, ast.Attribute)
_TELLING = (ast.Attribute, ast.Call, ast.Assign, ast.ClassDef, *_Def)


def keepers(nodes: Iterable[ast.AST]) -> set[str]:
    """The names of those that may keep something that changes, with what they are also called and who inherits."""
    found: set[str] = set()
    also: list[tuple[str, str]] = []
    for node in nodes:
        if isinstance(node, _TELLING):
            found.update(_kept_by(node))
            also += _same(node)
    size = -1
    while size != len(found):
        size = len(found)
        for one, other in also:
            if one in found or other in found:
                found |= {one, other}
    return found


def _kept_by(node: ast.AST) -> Iterator[str]:
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and not isinstance(node.ctx, ast.Load)
    ):
        yield node.value.id
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("setattr", "delattr")
    ):
        yield from (each.id for each in node.args[:1] if isinstance(each, ast.Name))
    elif isinstance(node, _Def) and _defaults(node.args):
        yield node.name
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and _defaults(node.value.args):
        yield from (each.id for each in node.targets if isinstance(each, ast.Name))
    elif isinstance(node, ast.ClassDef) and _is_stateful(node):
        yield node.name


def _same(node: ast.AST) -> list[tuple[str, str]]:
    """Pairs of names for one thing, and of a class and its base."""
    if isinstance(node, ast.Assign):
        names = [each.id for each in node.targets if isinstance(each, ast.Name)]
        values = [node.value.id] if isinstance(node.value, ast.Name) else []
        return [(a, b) for a, b in zip([*names, *values], [*names, *values][1:], strict=False)]
    if isinstance(node, ast.ClassDef):
        return [(node.name, base.id) for base in node.bases if isinstance(base, ast.Name)]
    return []


def _defaults(arguments: ast.arguments) -> bool:
    given = [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]
    return any(not isinstance(each, ast.Constant) for each in given)


def _is_stateful(node: ast.ClassDef) -> bool:
    """Whether its objects share something that may change, or it is told of what is made of it."""
    methods = {each.name for each in node.body if isinstance(each, _Def)}
    if "__init_subclass__" in methods or any(
        k.arg == "metaclass" and not ast.unparse(k.value).endswith("ABCMeta") for k in node.keywords
    ):
        return True
    for each in node.body:
        if isinstance(each, ast.Assign | ast.AnnAssign) and isinstance(each.value, _FRESH):
            return True
        is_made = isinstance(each, ast.Assign | ast.AnnAssign) and isinstance(each.value, ast.Call)
        if is_made and not ast.unparse(each).partition("(")[0].endswith("field"):
            return True
        if isinstance(each, _Def) and _defaults(each.args):
            return True
    return any(_is_of_class(each, node.name, methods) for each in ast.walk(node))


def _is_of_class(node: ast.AST, name: str, methods: set[str]) -> bool:
    """``cls.n``, ``Point.n``, ``type(self).n``, ``self.__class__.n``, where n is no method."""
    if not isinstance(node, ast.Attribute) or node.attr in methods or node.attr.startswith("__"):
        return False
    of = node.value
    if isinstance(of, ast.Name):
        return of.id in ("cls", name)
    if isinstance(of, ast.Call):
        return isinstance(of.func, ast.Name) and of.func.id == "type"
    return isinstance(of, ast.Attribute) and of.attr == "__class__"
