"""Where in a cell something is asked for that an error names without a line: an import, or the end of the process."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from fc_magic.notebook.failures.cells import CellSource, tree

_MISSING = re.compile(r"No module named '([\w.]+)'|cannot import name '[^']*' from '([\w.]+)'")
_EXITS = {("sys", "exit"), ("os", "_exit"), ("os", "abort"), ("", "exit"), ("", "quit"), ("", "SystemExit")}
_KILLS = {("os", "kill"), ("signal", "raise_signal"), ("os", "killpg")}
#: more would be a list of the program
MOST = 2

Place = tuple[CellSource, int]


def imports(source: CellSource, said: str) -> list[Place]:
    """Where the module of an import error is imported."""
    found = _MISSING.search(said)
    module = (found[1] or found[2]) if found else ""
    return _places(source, lambda node: _imports(node, module)) if module else []


def returns(source: CellSource) -> list[Place]:
    """What the handler returns; nothing where something else than its own ``return`` may give the answer."""
    handler = _handler(source)
    own = list(_inside(handler)) if handler else []
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own):  # it returns a generator
        return []
    lines = [node.lineno for node in own if isinstance(node, ast.Return) and node.value]
    return [(source._replace(sliced=None), line) for line in sorted(lines)][-MOST:]


def _handler(source: CellSource) -> ast.FunctionDef | None:
    """If it is certain that this function is what is called, and that nothing is around it."""
    found = tree(source.source)
    if not found or not source.handler:
        return None
    bound = [node for node in ast.walk(found) if _binds(node, source.handler)]
    plain = [n for n in found.body if isinstance(n, ast.FunctionDef) and not n.decorator_list]
    return next((node for node in plain if bound == [node]), None)


def _binds(node: ast.AST, name: str) -> bool:
    """Whether it may be what gives the name its value, in whatever scope."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) in (name, "*")
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def _inside(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Its own statements and expressions, without those of functions and classes in it."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def exits(source: CellSource) -> list[Place]:
    """Where the process is ended."""
    return _places(source, _ends)


def ends(source: CellSource) -> str:
    """What is called there first; nothing if no line is known to end it."""
    cell, line = next(iter(exits(source)), (source, 0))
    found = tree(cell.source)
    calls = (node for node in (ast.walk(found) if found else ()) if isinstance(node, ast.Call))
    names = (".".join(filter(None, _called(node))) for node in calls if node.lineno == line and _ends(node))
    return next(names, "")


def _ends(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node) in _EXITS | _KILLS


def _places(source: CellSource, wanted: Callable[[ast.AST], bool]) -> list[Place]:
    cells = [source._replace(sliced=None), *source.others.values()]
    return [(cell, line) for cell in cells for line in sorted(set(_lines(cell, wanted)))][:MOST]


def _lines(cell: CellSource, wanted: Callable[[ast.AST], bool]) -> Iterator[int]:
    found = tree(cell.source)
    for node in ast.walk(found) if found else ():
        if isinstance(node, ast.stmt | ast.expr) and wanted(node):
            yield node.lineno


def _imports(node: ast.AST, module: str) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name == module or alias.name.startswith(f"{module}.") for alias in node.names)
    if isinstance(node, ast.ImportFrom) and not node.level:
        name = node.module or ""
        names = {f"{name}.{alias.name}" for alias in node.names}
        return name == module or name.startswith(f"{module}.") or module in names
    return False


def _called(node: ast.Call) -> tuple[str, str]:
    function = node.func
    if isinstance(function, ast.Name):
        return "", function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id, function.attr
    return "", ""
