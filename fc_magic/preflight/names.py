"""Names that are used and that nothing there binds."""

from __future__ import annotations

import builtins
import difflib
from collections.abc import Collection, Iterator, Mapping

from fc_magic.preflight.finding import Finding
from fc_magic.preflight.view import Module
from fc_magic.slicing.names import analyse

#: what a notebook's kernel gives to its cells
NOTEBOOK = frozenset(
    {"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "display", "get_ipython"}
)
#: names of every module
_MODULE = """
    __annotations__ __builtins__ __cached__ __doc__ __file__ __loader__ __name__ __package__ __path__ __spec__
"""
#: builtins that came with a later version than 3.9
SINCE: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("aiter", "anext", "EncodingWarning"), (3, 10)),
    **dict.fromkeys(("BaseExceptionGroup", "ExceptionGroup"), (3, 11)),
    "PythonFinalizationError": (3, 13),
}
_INSTEAD = {"display": "print(…), or return the value"}
#: put there for people at a prompt; a module has them all the same
_OF_SITE = frozenset({"copyright", "credits", "exit", "license", "quit"})
_BUILTINS = frozenset(dir(builtins)) - SINCE.keys() - NOTEBOOK | _OF_SITE | set(_MODULE.split())


def examine(module: Module) -> Iterator[Finding]:
    names = analyse(module.tree)
    if names.stars or names.opaque:
        return  # what else there is cannot be known
    version = module.view.version
    known = names.bound.keys() | names.maybe.keys() | _BUILTINS | names.guarded
    for name, line in names.needed.items():
        if name in known or module.flow.is_dead(line):
            continue
        since = SINCE.get(name)
        if since is None or (version and since > version):
            now = name in names.now and not module.late
            yield _finding(module, name, line, now, since, known)


def _finding(
    module: Module, name: str, line: int, now: bool, since: tuple[int, int] | None, known: Collection[str]
) -> Finding:
    place = module.place(line)
    said = f"name '{name}' is not defined"
    there = f'UserCodeError: Module initialization error: "{said}"' if now else f"NameError: {said}"
    if since:
        said = f"{name} came with Python {since[0]}.{since[1]}"
        return Finding("missing-name", place, said, there, "--runtime python3.12")
    if name in NOTEBOOK:
        return Finding(
            "notebook-only-name", place, f"{name} exists only in a notebook", there, _INSTEAD.get(name, "")
        )
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.75)
    hint = f"did you mean {close[0]}?" if close else f"bind {name} in the cell, or run the cell that binds it"
    return Finding("undefined-name", place, f"{name} is bound nowhere", there, hint)
