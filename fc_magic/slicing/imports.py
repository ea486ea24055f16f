"""The import that gives an object: the person's own statement if it still gives the same, else one that is made."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from fc_magic.slicing.history import Cell, History, Statement

_MISSING = object()


@dataclass(frozen=True)
class Import:
    """``text`` binds a name to something of ``module``; ``cell`` and ``line`` if a person wrote it so."""

    text: str
    module: str
    cell: Cell | None = None
    line: int = 0


def of_module(name: str, module: ModuleType, history: History) -> list[Import]:
    """The imports that bind ``name`` to a module, with those of its submodules that a person made by it."""
    found: dict[str, Import] = {}
    for statement in history.importing(name):
        for text, path, by_path in _statements(name, module, statement):
            line = statement.cell.line(statement.node.lineno)
            found.setdefault(text, Import(text, path, statement.cell, line))
            if not by_path and len(found) == 1:
                return [found[text]]
        if found and not hasattr(module, "__path__"):
            break
    if found:
        return list(found.values())
    whole = module.__name__
    package, _, last = whole.rpartition(".")
    shown = f"from {package} import {last}" if package else f"import {whole}"
    return [Import(shown if last == name else f"{shown} as {name}", whole)]


def _statements(name: str, module: ModuleType, statement: Statement) -> Iterator[tuple[str, str, bool]]:
    """Each alias of an import that binds ``name`` to the module, as a statement of its own; the module that it
    loads; and whether that may be one below, as in ``import a.b``."""
    node = statement.node
    for alias in getattr(node, "names", ()):
        if (alias.asname or alias.name.partition(".")[0]) != name:
            continue
        if isinstance(node, ast.Import):
            by_path = not alias.asname
            bound = sys.modules.get(alias.name.partition(".")[0] if by_path else alias.name)
            if bound is module and alias.name in sys.modules:
                yield ast.unparse(ast.Import([alias])), alias.name, by_path
        elif isinstance(node, ast.ImportFrom) and node.module and member(node.module, alias.name) is module:
            yield ast.unparse(ast.ImportFrom(node.module, [alias], 0)), module.__name__, False


def of_attribute(name: str, thing: Any, history: History) -> Import | None:
    """``from m import a as name`` whose ``m.a`` is the object: as it was written, by a star, or as it says itself."""
    for statement in history.importing(name):
        node = statement.node
        if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
            continue
        for alias in node.names:
            if (alias.asname or alias.name) == name and member(node.module, alias.name) is thing:
                text = ast.unparse(ast.ImportFrom(node.module, [alias], 0))
                return Import(text, node.module, statement.cell, statement.cell.line(node.lineno))
    for statement in history.stars:
        module = getattr(statement.node, "module", "") or ""
        if member(module, name) is thing and name in exported(module):
            line = statement.cell.line(statement.node.lineno)
            return Import(f"from {module} import {name}", module, statement.cell, line)
    place = where(thing)
    if not place or "." in place[1]:
        return None
    module, path = place
    return Import(f"from {module} import {path}{'' if path == name else f' as {name}'}", module)


def imports_it(source: str, name: str, thing: Any) -> bool:
    """Whether a text imports under this name what the notebook has by it."""
    for statement in History((Cell(None, source),)).importing(name):
        if isinstance(thing, ModuleType):
            return any(_statements(name, thing, statement))
        node = statement.node
        return isinstance(node, ast.ImportFrom) and any(
            (alias.asname or alias.name) == name and member(node.module or "", alias.name) is thing
            for alias in node.names
        )
    return False


def exported(module: str) -> frozenset[str]:
    """What ``from module import *`` binds."""
    loaded = sys.modules.get(module)
    if loaded is None:
        return frozenset()
    names = getattr(loaded, "__all__", None)
    return frozenset(names if names is not None else (n for n in vars(loaded) if not n.startswith("_")))


def member(module: str, path: str) -> Any:
    """``module.path`` as it is now, without running anything: a module that was not imported has nothing."""
    found: Any = sys.modules.get(module, _MISSING)
    if (
        path
        and isinstance(found, ModuleType)
        and f"{module}.{path}" in sys.modules
        and path not in vars(found)
    ):
        return sys.modules[f"{module}.{path}"]
    for each in path.split("."):
        if isinstance(found, ModuleType | type):
            # a module's own __getattr__ is how libraries load lazily
            found = getattr(found, each, _MISSING) if isinstance(found, type) else _of(found, each)
        else:
            return _MISSING
    return found


def _of(module: ModuleType, name: str) -> Any:
    found = vars(module).get(name, _MISSING)
    if found is _MISSING and "__getattr__" in vars(module):
        try:
            return getattr(module, name)
        except Exception:  # noqa: BLE001  # what a library does there is its own
            return _MISSING
    return found


def where(thing: Any) -> tuple[str, str] | None:
    """(module, path) by which a class or function says it can be had, if it is the one that is there."""
    kind = type(thing)
    if not (isinstance(thing, type) or kind.__name__ in _NAMED):
        return None
    module = getattr(thing, "__module__", None)
    path = getattr(thing, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(path, str) or module in ("__main__", "builtins"):
        return None
    public = _PUBLIC.get(module, module)
    for candidate in dict.fromkeys([public, module]):
        if member(candidate, path) is thing:
            return candidate, path
    return None


#: types of what has __module__ and __qualname__ of its own
_NAMED = {
    *("function", "builtin_function_or_method", "type", "_lru_cache_wrapper"),
    *("ufunc", "fused_cython_function", "cython_function_or_method", "_ArrayFunctionDispatcher"),
}
#: modules in C, and the ones by which they are known
_PUBLIC = {
    **{
        f"_{name}": name
        for name in ("operator", "functools", "collections", "random", "bisect", "heapq", "struct")
    },
    **{
        f"_{name}": name
        for name in ("json", "datetime", "decimal", "socket", "io", "csv", "statistics", "thread")
    },
    "_collections_abc": "collections.abc",
    "posixpath": "os.path",
    "posix": "os",
}
