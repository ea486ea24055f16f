"""Modules that are files beside the notebook: found by their name and shipped, with what they import in turn."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fc_magic.slicing.static.statements import Statement

#: what of a package's folder is not shipped
_LEFT_OUT = frozenset({"__pycache__", ".git", ".ipynb_checkpoints", ".venv", "node_modules"})


def modules(
    wanted: Sequence[Statement], source: str, folder: Path, written: Mapping[str, str]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files, and for each the reason why it is there. ``written``: those that a cell writes, with their text."""
    waiting = [
        (name, f"In[{s.cell.number or s.position + 1}]")
        for s in wanted
        if s.node
        for name in imported(s.node)
    ]
    waiting += [(name, "the cell") for name in imported(ast.parse(source))]
    files: dict[str, bytes] = {}
    reasons: dict[str, str] = {}
    seen: set[str] = set()
    while waiting:
        name, where = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        for path, raw in _files(name, folder, written):
            files[path] = raw
            reasons[path] = f"module {name}, imported in {where}"
            if path.endswith(".py"):
                waiting += [(each, path) for each in _of_file(files[path])]
    return files, reasons


def imported(tree: ast.AST) -> Iterator[str]:
    """The first names of the modules that code imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _of_file(raw: bytes) -> Iterable[str]:
    try:
        return list(imported(ast.parse(raw)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _files(name: str, folder: Path, written: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """A package wins over a module, as for Python; a folder without ``__init__.py`` is one that has Python in it."""
    package, module = folder / name, folder / f"{name}.py"
    if (package / "__init__.py").is_file() or (
        package.is_dir() and not module.is_file() and any(package.glob("*.py"))
    ):
        for each in sorted(package.rglob("*")):
            inside = each.relative_to(package)
            if each.is_file() and not each.is_symlink() and not _LEFT_OUT & {*inside.parts}:
                yield f"{name}/{inside.as_posix()}", each.read_bytes()
    elif module.is_file() and module.name not in written:
        yield module.name, module.read_bytes()
    for path, text in written.items():
        if path == module.name or path.startswith(f"{name}/"):
            yield path, text.encode()
