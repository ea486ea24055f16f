"""What cells did to the process beside binding names, as far as a slice feels it: it is refused or told."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

from fc_magic.slicing import imports, states
from fc_magic.slicing.effects import Effect, Spelled, calls, effects, of_functions, words
from fc_magic.slicing.history import Cell, History


def felt(
    source: str, imported: set[str], history: History, namespace: Mapping[str, Any], shipped: set[str]
) -> Iterator[tuple[Cell, Effect]]:
    """``source``: all text but that of values, ``imported`` its modules; ``shipped``: the local ones beside it."""
    used = {name.partition(".")[0] for name in imported}
    for cell, effect in done(history, _spelled(namespace, history)):
        top, _, attribute = effect.path.partition(".")
        if states.is_looked_at(effect.path):
            continue
        if not effect.changed:
            if effect.is_felt(source):
                yield cell, effect
        elif top in shipped or (top in used and attribute.rpartition(".")[2] in words(source)):
            yield cell, effect
        elif top in used:
            # the library itself may feel it
            yield cell, replace(effect, changed=False)


def done(history: History, spelled: Spelled) -> Iterator[tuple[Cell, Effect]]:
    """What cells did, by themselves and by calls of the notebook's functions."""
    cells = list(dict.fromkeys(each for each in history.cells if each.number is not None))
    for cell in cells:
        for effect in effects(cell.source, spelled):
            yield cell, effect
    by_function: dict[str, list[Effect]] = {}
    for cell in cells:
        by_function.update(of_functions(cell.source, spelled))
    waiting, told = list(by_function), set[tuple[int, int, str]]()
    while waiting:
        name = waiting.pop()
        for cell in history.containing(name):
            for _, call, around in calls(cell.source, {name}):
                if around and around not in by_function:
                    by_function[around] = by_function[name]
                    waiting.append(around)
                if not around and cell.number is not None:
                    yield from _by_call(cell, call, by_function[name], told)


def _by_call(
    cell: Cell, call: ast.Call, effects: list[Effect], told: set[tuple[int, int, str]]
) -> Iterator[tuple[Cell, Effect]]:
    for effect in effects:
        key = cell.number or 0, call.lineno, effect.path
        if key not in told:
            told.add(key)
            called = ast.unparse(call.func)
            yield cell, replace(effect, line=call.lineno, what=f"{effect.what}, which {called}(…) did,")


def _spelled(namespace: Mapping[str, Any], history: History) -> Spelled:
    @cache
    def spelled(name: str) -> str:
        thing = namespace.get(name)
        if isinstance(thing, ModuleType):
            return thing.__name__
        if thing is os.environ:
            return "os.environ"
        place = imports.where(thing)
        return ".".join(place) if place else _of_instance(thing)

    return spelled


def _of_instance(thing: Any) -> str:
    """``from random import seed``: a method of an object that the module has."""
    name, owner = getattr(thing, "__name__", None), getattr(thing, "__self__", None)
    if not callable(thing) or not isinstance(name, str) or isinstance(owner, ModuleType | None):
        return ""
    for module in ("random", "numpy.random", "calendar"):
        if vars(sys.modules.get(module, object)).get(name) == thing:
            return f"{module}.{name}"
    return ""


def said(cell: Cell, effect: Effect) -> str:
    """A warning about a setting."""
    line = cell.line(effect.line)
    hint = f"; --env {effect.key}=VALUE sets it" if effect.path == "os.environ" and effect.key else ""
    return f"{effect.what} of {cell.place}, line {line}, was for the notebook: the function does not have it{hint}"
