"""Modules that are files beside the notebook: which they are, what they import in turn, and whether they changed."""

from __future__ import annotations

import ast
import marshal
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from fc_magic.slicing.exact import is_literal, same_value
from fc_magic.slicing.proof import same

#: what is not shipped of a package
_LEFT_OUT = {"__pycache__", ".git", ".ipynb_checkpoints", ".venv", "node_modules"}
_INSTALLED = {"site-packages", "dist-packages"}


@lru_cache(1)
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    own = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return tuple(sorted({str(Path(path).resolve()) + "/" for path in own}))


@dataclass(frozen=True)
class Local:
    """A module that is neither Python's nor of an installed library. ``file`` is its own, ``folder`` that of a
    package; ``loaded``: the module, if it was imported."""

    name: str
    file: Path | None
    folder: Path | None
    loaded: ModuleType | None = None


def local(name: str, base: Path) -> Local | None:
    """``base``: the notebook's folder, in which modules are looked for that were not imported yet."""
    if name in sys.stdlib_module_names or not name.isidentifier():
        return None
    module = sys.modules.get(name)
    if not isinstance(module, ModuleType):
        return _beside(name, base) if module is None else None
    file = getattr(module, "__file__", None)
    paths = [str(path) for path in getattr(module, "__path__", None) or ()]
    places = [file] if isinstance(file, str) else paths[:1]
    if not places or not _is_own(name, Path(places[0]), base.resolve()):
        return None
    return Local(name, Path(file) if file else None, Path(paths[0]) if paths else None, module)


def _beside(name: str, base: Path) -> Local | None:
    file, folder = base / f"{name}.py", base / name
    if (folder / "__init__.py").is_file():
        return Local(name, folder / "__init__.py", folder)
    if file.is_file():
        return Local(name, file, None)
    return Local(name, None, folder) if folder.is_dir() and any(folder.glob("*.py")) else None


def _is_own(name: str, path: Path, base: Path) -> bool:
    path = path.resolve()
    if path.is_relative_to(base):
        return not _INSTALLED & set(path.relative_to(base).parts)
    if _INSTALLED & set(path.parts) or str(path).startswith(_library_folders()):
        return False
    return not _is_installed(name)


def _is_installed(name: str) -> bool:
    """Whether a distribution says that it has this module, such as one that is installed from a folder of its own."""
    return name.partition(".")[0] in _distributions()


@lru_cache(1)
def _distributions() -> dict[str, list[str]]:
    from importlib.metadata import packages_distributions

    return dict(packages_distributions())


def files(name: str, base: Path) -> Iterator[tuple[str, Path, Local]]:
    """Path in the package, file, and the module that it is of; with all local modules that these import."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        top = waiting.pop().partition(".")[0]
        found = None if top in seen else local(top, base)
        seen.add(top)
        if found is None:
            continue
        for path, file in _whole(found):
            yield path, file, found
            if file.suffix == ".py":
                waiting += imported(file.read_bytes())


def _whole(found: Local) -> Iterator[tuple[str, Path]]:
    root = found.folder
    if root is None:
        if found.file is not None:
            yield found.file.name, found.file
        return
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
    return _moved_on(module, source)


def _moved_on(module: ModuleType, source: bytes) -> str:
    """A value of a module that is not what its file says, such as what it has collected."""
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if not isinstance(target, ast.Name) or not isinstance(node, ast.Assign) or not is_literal(node.value):
            continue
        bound = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name) and n.id == target.id]
        once = sum(not isinstance(n.ctx, ast.Load) for n in bound) == 1
        value = vars(module).get(target.id, _GONE)
        if once and not same_value(ast.literal_eval(node.value), value):
            return f"its {target.id} is not what its file says any more"
    return ""


_GONE = object()


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
