"""Which code may bind or change any name at all: ``exec``, ``globals()`` that is written to, who calls such code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from fc_magic.slicing.static.own_names import block
from fc_magic.slicing.static.statements import Statement
from fc_magic.slicing.static.tokens import Effects

_Def = ast.FunctionDef | ast.AsyncFunctionDef
_SPACES = frozenset({"globals", "locals", "vars"})
#: what can be done to a namespace without changing it
_READING = frozenset({"get", "keys", "items", "values", "copy", "__contains__"})
_LOOKING = frozenset({"len", "sorted", "list", "print", "set", "dict", "tuple", "any", "all", "format"})


class Anything:
    """Asked for each statement in turn."""

    def __init__(self, statements: Iterable[Statement], does: Callable[[Iterable[ast.AST]], bool]) -> None:
        self._does = does
        self._functions: set[str] = set()
        self._methods: set[str] = set()
        self._is_loose = False
        for statement in statements:
            if statement.names.opaque and statement.node:
                self._know(statement.node)

    def _know(self, top: ast.stmt) -> None:
        for node in ast.walk(top):
            if isinstance(node, ast.ClassDef):
                self._methods |= {
                    m.name for m in node.body if isinstance(m, _Def) and self._does(ast.walk(m))
                }
            elif isinstance(node, _Def) and self._does(ast.walk(node)):
                self._functions.add(node.name)
            elif (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Lambda)
                and self._does(ast.walk(node))
            ):
                self._functions |= {t.id for t in node.targets if isinstance(t, ast.Name)}

    def may(self, statement: Statement, effects: Iterable[Effects]) -> bool:
        """Whether the statement may: at once, or by what it calls."""
        if statement.node is None:
            return False
        if statement.names.opaque and self._does(block([statement.node])):
            return True
        if not (self._functions or self._methods):
            return False
        called = {name for each in effects for name in each.calls}
        functions = [n.func for n in block([statement.node]) if isinstance(n, ast.Call)]
        methods = {func.attr for func in functions if isinstance(func, ast.Attribute)}
        is_loose = self._is_loose and any(each.lively for each in effects)
        self._is_loose |= bool(self._functions & {name for each in effects for name in each.escapes})
        return is_loose or bool(called & self._functions or methods & self._methods)


def evaluates(nodes: Iterable[ast.AST]) -> bool:
    """A text that is made when it runs: what it calls may change something, but it binds nothing."""
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "eval" and not _is_text(n)
        for n in nodes
    )


def _is_text(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Constant)


def writes_any_name(nodes: Iterable[ast.AST]) -> bool:
    found = list(nodes)
    harmless = {id(each) for node in found for each in _only_read(node)}
    return any(_is_opaque(node) and id(node) not in harmless for node in found)


def _only_read(node: ast.AST) -> Iterator[ast.AST]:
    """The calls of ``globals()`` in it that are only looked into."""
    is_item = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
    if is_item or (isinstance(node, ast.Attribute) and node.attr in _READING):
        yield node.value  # type: ignore[attr-defined]
    elif isinstance(node, ast.Compare):
        yield from node.comparators
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _LOOKING:
        yield from node.args
    elif isinstance(node, ast.For | ast.comprehension):
        yield node.iter
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        yield node.right


def _is_opaque(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        return (
            (name == "exec")
            or (name in _SPACES and not node.args)
            or (name in ("__import__", "import_module") and ast.unparse(node).find("__main__") > 0)
        )
    if isinstance(node, ast.Import | ast.ImportFrom):
        named = {alias.name for alias in node.names} | {getattr(node, "module", "")}
        return "__main__" in named
    return isinstance(node, ast.Attribute) and node.attr in ("__globals__", "f_globals", "modules")
