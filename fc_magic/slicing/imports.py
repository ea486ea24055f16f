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


def of_module(name: str, module: ModuleType, history: History) -> Iterator[Import]:
    """The imports that bind ``name`` to a module, with those of its submodules that a person made by it."""
    whole = module.__name__
    found: dict[str, Import] = {}
    for statement in history.importing(name):
        for alias, text, path in _aliases(statement):
            if (alias.asname or alias.name.partition(".")[0]) == name and text not in found:
                bound = _bound(alias, path)
                loaded = not path or path in sys.modules
                if bound is module and loaded:
                    line = statement.cell.line(statement.node.lineno)
                    found[text] = Import(text, path or whole, statement.cell, line)
    direct = [text for text in found if f" as {name}" in text or text == f"import {name}"]
    if direct and any(f" as {name}" in text for text in direct):
        found = {direct[0]: found[direct[0]]}
    if found:
        yield from found.values()
    elif whole == name:
        yield Import(f"import {name}", whole)
    elif "." in whole:
        package, _, last = whole.rpartition(".")
        yield Import(f"from {package} import {last}{'' if last == name else f' as {name}'}", whole)
    else:
        yield Import(f"import {whole} as {name}", whole)


def _aliases(statement: Statement) -> Iterator[tuple[ast.alias, str, str]]:
    """Each alias of an import, as a statement of its own, and the module that ``import`` names."""
    node = statement.node
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias, ast.unparse(ast.Import([alias])), alias.name
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        for alias in node.names:
            if alias.name != "*":
                yield alias, ast.unparse(ast.ImportFrom(node.module, [alias], 0)), ""


def _bound(alias: ast.alias, path: str) -> Any:
    """What ``import path`` binds now."""
    return sys.modules.get(path if alias.asname else path.partition(".")[0])


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
    for statement in history.stars():
        module = getattr(statement.node, "module", "") or ""
        if member(module, name) is thing and name in exported(module):
            line = statement.cell.line(statement.node.lineno)
            return Import(f"from {module} import {name}", module, statement.cell, line)
    place = where(thing)
    if not place or "." in place[1]:
        return None
    module, path = place
    return Import(f"from {module} import {path}{'' if path == name else f' as {name}'}", module)


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
    module = thing.__module__
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
