"""The author's own Python files: the entry, and what it imports in turn; and whether they can be loaded at all."""

from __future__ import annotations

import ast
import importlib.util
import sys
import warnings
from collections.abc import Iterator

from fc_magic.preflight.finding import Finding, Place
from fc_magic.preflight.view import Module, View, path_of, place


def modules(view: View) -> tuple[list[Module], list[Finding]]:
    """Each file once, the entry first; and what is wrong with those that no Python can load."""
    found: dict[str, Module] = {}
    wrong: list[Finding] = []
    is_known = True
    queue = [(view.entry, False)]
    if view.version and view.initializer:
        queue.append((path_of(view.initializer), False))
    while queue:
        path, late = queue.pop(0)
        if path in found or path not in view.contents.files:
            continue
        read = _read(view, path, late)
        if read is None:
            continue
        if isinstance(read, Finding):
            wrong.append(read)
            continue
        try:
            queue += [(inner, late or when) for inner, when in _imported(read)]
        except RecursionError:
            is_known = False  # it is nested too deeply to be followed, and can be loaded all the same
            continue
        found[path] = read
    if not is_known or any(module.moves_path for module in found.values()):
        for module in found.values():
            module.elsewhere = True
    return list(found.values()), wrong


def _read(view: View, path: str, late: bool) -> Module | Finding | None:
    """None for what only a newer Python than this one could read: the runtime has one, and may."""
    raw = view.contents.files[path]
    tree = None
    try:
        source = importlib.util.decode_source(raw)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
            compile(tree, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        if tree is None and view.version and view.version > sys.version_info[:2]:
            return None
        there = f"UserCodeSyntaxError: Syntax error in module {path.removesuffix('.py')!r}"
        return Finding(
            "syntax-error", place(view, path, error.lineno or 1), error.msg, there, _instead(error.msg)
        )
    except (ValueError, RecursionError, MemoryError) as error:
        return Finding("syntax-error", Place(path), f"the file cannot be read ({error})")
    return Module(view, path, source, tree, late)


def _instead(said: str) -> str:
    return (
        "await inside an async function, and asyncio.run(main()) in the handler" if "outside" in said else ""
    )


def _imported(module: Module) -> Iterator[tuple[str, bool]]:
    """Own files that a module imports, and whether only a function or a branch does."""
    for one in module.flow.imports:
        base = one.module
        if one.level:
            folder = module.path.split("/")[: -one.level]
            base = ".".join([*folder, *([one.module] if one.module else [])])
        parts = base.split(".")
        names = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
        for name in (*names, *([f"{base}.{one.name}".strip(".")] if one.name else [])):
            path = module.view.find(name)
            if path:
                yield path, one.when.late or not one.when.sure
