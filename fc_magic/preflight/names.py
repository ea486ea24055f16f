"""Names that are used and that nothing there binds."""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Collection, Iterator, Mapping

from fc_magic.preflight.finding import Finding
from fc_magic.preflight.view import Module
from fc_magic.slicing.names import Names

#: what a notebook's kernel gives to its cells
NOTEBOOK = frozenset(
    {"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "display", "get_ipython"}
)
#: names of every module
_MODULE = """
    __annotations__ __builtins__ __cached__ __doc__ __file__ __loader__ __name__ __package__ __path__ __spec__
"""
#: a name of every method
_OF_METHODS = "__class__"
#: builtins that came with a later version than 3.9
SINCE: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("aiter", "anext", "EncodingWarning"), (3, 10)),
    **dict.fromkeys(("BaseExceptionGroup", "ExceptionGroup"), (3, 11)),
    "PythonFinalizationError": (3, 13),
}
_INSTEAD = {"display": "print(…), or return the value"}
#: what Python 2 had; files for both ask which one it is, in ways that only a run can tell
_PYTHON_2 = (
    "WindowsError basestring buffer cmp execfile file long raw_input reduce reload unichr unicode xrange"
)
_ASKS = ("PY2", "PY3", "version_info", "python_version")
#: put there for people at a prompt; a module has them all the same
_OF_SITE = frozenset({"copyright", "credits", "exit", "license", "quit"})
_BUILTINS = frozenset(dir(builtins)) - SINCE.keys() - NOTEBOOK | _OF_SITE | {_OF_METHODS, *_MODULE.split()}


def examine(module: Module) -> Iterator[Finding]:
    names = module.names
    if names.stars or names.opaque or _reaches_itself(module):
        return  # what else there is cannot be known
    version = module.view.version
    known = names.bound.keys() | names.maybe.keys() | _BUILTINS | names.guarded | set(_added(module))
    for name, first in names.needed.items():
        line = names.now.get(name, first)
        if name in known:
            yield from _too_early(module, names, name)
            continue
        if module.flow.is_dead(line) or _is_elsewhere(module, name):
            continue
        since = SINCE.get(name)
        if since is None or (version and since > version):
            now = name in names.now and not module.late
            yield _finding(module, name, line, now, since, known)


def _reaches_itself(module: Module) -> bool:
    """``setattr(sys.modules[__name__], …)`` may bind any name."""
    indexed = (node for node in module.nodes if isinstance(node, ast.Subscript))
    return any(
        isinstance(node.slice, ast.Name)
        and node.slice.id == "__name__"
        and module.flow.dotted(node.value) == "sys.modules"
        for node in indexed
    )


def _added(module: Module) -> Iterator[str]:
    """Names that a module adds to the builtins, where every module finds them."""
    translated = any(one.module == "gettext" for one in module.flow.imports)
    for node, _ in module.flow.attributes:
        if translated and node.attr == "install":
            yield "_"
        elif isinstance(node.ctx, ast.Store) and module.flow.dotted(node.value) == "builtins":
            yield node.attr


def _too_early(module: Module, names: Names, name: str) -> Iterator[Finding]:
    """A name that is used where it is surely not bound yet: all that binds it stands below, and nothing decides
    whether that line runs."""
    line, bound = names.now.get(name), {**names.maybe, **names.bound}.get(name)
    if line is None or bound is None or bound < line or module.late or name in _BUILTINS | module.of_classes:
        return
    if name not in names.guarded and not module.flow.is_dead(line) and _surely_runs(module, line):
        there = f"UserCodeError: Module initialization error: \"name '{name}' is not defined\""
        said = f"{name} is used before it is bound"
        yield Finding("undefined-name", module.place(line), said, there, f"bind {name} above this line")


def _surely_runs(module: Module, line: int) -> bool:
    """Whether the statement of a line is one of those that run when a module is loaded, one after the other."""
    around = (node for node in module.tree.body if node.lineno <= line <= (node.end_lineno or line))
    simple = (ast.Assign, ast.AugAssign, ast.Expr, ast.AnnAssign, ast.Assert, ast.Delete)
    return any(isinstance(node, simple) and not _decides(node) for node in around)


def _decides(node: ast.stmt) -> bool:
    """Whether parts of a statement may be passed over."""
    choices = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.GeneratorExp, ast.comprehension, ast.Compare)
    return any(isinstance(inner, choices) for inner in ast.walk(node))


def _is_elsewhere(module: Module, name: str) -> bool:
    """A name that a class body binds in some branch, or one of Python 2 in a file that asks for the version."""
    if name in _PYTHON_2.split() and any(word in module.source for word in _ASKS):
        return True
    return name in module.of_classes


def _finding(
    module: Module, name: str, line: int, now: bool, since: tuple[int, int] | None, known: Collection[str]
) -> Finding:
    place = module.place(line)
    said = f"name '{name}' is not defined"
    there = f'UserCodeError: Module initialization error: "{said}"' if now else f"NameError: {said}"
    if name in module.view.excluded:
        return Finding("excluded-name", place, f"{name} is defined nowhere else (--exclude)", there)
    if since:
        said = f"{name} came with Python {since[0]}.{since[1]}"
        return Finding("missing-name", place, said, there, "--runtime python3.12")
    if name in NOTEBOOK:
        return Finding(
            "notebook-only-name", place, f"{name} exists only in a notebook", there, _INSTEAD.get(name, "")
        )
    close = _close(module, name, known)
    hint = f"did you mean {close}?" if close else ""
    view = module.view
    if view.sliced is None or module.path != view.entry:
        hint = hint or f"define {name} in {module.path}"
        return Finding("undefined-name", place, f"{name} is not defined in {module.path}", there, hint)
    hint = hint or f"define {name} in the cell, or run the cell that defines it"
    return Finding(
        "undefined-name", place, f"{name} is not defined in this cell or the notebook", there, hint
    )


def _close(module: Module, name: str, known: Collection[str]) -> str:
    """The name that was meant, if one is like it: of the author's own rather than of Python's."""
    sliced = module.view.sliced
    notebook = {one for one in sliced.known if not one.startswith("_")} - NOTEBOOK if sliced else set()
    own = (set(known) - _BUILTINS) | notebook
    for names in (own, _BUILTINS):
        found = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.75)
        if found:
            return found[0]
    return ""
