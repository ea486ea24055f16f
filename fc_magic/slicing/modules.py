"""Modules that are files beside the notebook: which they are, what they import in turn, and whether they changed."""

from __future__ import annotations

import ast
import marshal
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from fc_magic.slicing.proof import same

#: what is not shipped of a package
_LEFT_OUT = {"__pycache__", ".git", ".ipynb_checkpoints", ".venv", "node_modules"}
#: more than this is no module of a notebook
LARGEST = 50_000_000


@lru_cache(1)
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    own = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return tuple(sorted({str(Path(path).resolve()) + "/" for path in own}))


def is_local(module: ModuleType, folder: Path) -> bool:
    """Whether a module is a file that is neither Python's nor of an installed library."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or module.__name__.partition(".")[0] in sys.stdlib_module_names:
        return False
    path = Path(file).resolve()
    if path.is_relative_to(folder.resolve()):
        return not {"site-packages", "dist-packages"} & set(path.relative_to(folder.resolve()).parts)
    if {"site-packages", "dist-packages"} & set(path.parts):
        return False
    return not str(path).startswith(_library_folders()) and not _is_installed(module.__name__)


def _is_installed(name: str) -> bool:
    """Whether a distribution says that it has this module, such as one that is installed from a folder of its own."""
    return name.partition(".")[0] in _distributions()


@lru_cache(1)
def _distributions() -> dict[str, list[str]]:
    from importlib.metadata import packages_distributions

    return dict(packages_distributions())


def files(module: str, folder: Path) -> Iterator[tuple[str, Path, ModuleType]]:
    """Path in the package, file, and the module that is shipped by it; with all local modules that it imports."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        top = waiting.pop().partition(".")[0]
        loaded = sys.modules.get(top)
        if top in seen or not isinstance(loaded, ModuleType) or not is_local(loaded, folder):
            continue
        seen.add(top)
        for path, file in _whole(loaded):
            yield path, file, loaded
            if file.suffix == ".py":
                waiting += imported(file.read_bytes())


def _whole(module: ModuleType) -> Iterator[tuple[str, Path]]:
    file = Path(str(module.__file__))
    if file.stem != "__init__":
        yield file.name, file
        return
    root = file.parent
    for each in sorted(root.rglob("*")):
        inner = each.relative_to(root)
        plain = each.is_file() and not each.is_symlink() and each.suffix not in (".pyc", ".pyo")
        if plain and not _LEFT_OUT & set(inner.parts):
            yield f"{root.name}/{inner.as_posix()}", each


def imported(source: bytes) -> list[str]:
    """The modules that a file imports by their whole name."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return []
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module and not n.level]


def changed(module: ModuleType) -> str:
    """How a loaded module is not what its file says now; empty if no difference is seen."""
    file = getattr(module, "__file__", "") or ""
    if not file.endswith(".py"):
        return ""
    try:
        source = Path(file).read_bytes()
        now = compile(source, file, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return "its file cannot be read any more"
    loaded = _cached(module, len(source), Path(file).stat().st_mtime)
    if loaded is not None and not same(loaded, now):
        return "its file was edited after it was imported"
    known = [*_codes(now)]
    for name, value in vars(module).items():
        for function in _functions(value):
            if function.__globals__ is not vars(module) or function.__code__.co_filename != file:
                if function.__module__ == "__main__":
                    return f"{name} was replaced from the notebook"
                continue
            if not any(same(function.__code__, code) for code in known):
                return f"its file was edited after it was imported: {name} is another one there"
    return ""


def _cached(module: ModuleType, size: int, mtime: float) -> CodeType | None:
    """What was compiled when the module was imported, if that was from another state of the file."""
    path = getattr(module, "__cached__", None)
    try:
        raw = Path(str(path)).read_bytes()
    except OSError:
        return None
    flags, when, length = (int.from_bytes(raw[n : n + 4], "little") for n in (4, 8, 12))
    if flags or (when == int(mtime) & 0xFFFFFFFF and length == size & 0xFFFFFFFF):
        return None
    try:
        code = marshal.loads(raw[16:])  # noqa: S302  # Python's own file of what it runs
    except (ValueError, EOFError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _functions(value: Any) -> Iterator[FunctionType]:
    if isinstance(value, FunctionType):
        yield value
    elif isinstance(value, type):
        yield from (each for each in vars(value).values() if isinstance(each, FunctionType))
