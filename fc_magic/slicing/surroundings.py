"""What cells did to the process beside binding names, as far as a slice feels it: it is refused or told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from fc_magic.slicing import imports
from fc_magic.slicing.effects import Effect, effects
from fc_magic.slicing.history import WORD, Cell, History


def felt(
    source: str, imported: set[str], history: History, namespace: Mapping[str, Any], shipped: set[str]
) -> Iterator[tuple[Cell, Effect]]:
    """``source``: all text but that of values, ``imported`` its modules; ``shipped``: the local ones beside it."""
    used = {name.partition(".")[0] for name in imported}
    known = frozenset(WORD.findall(source))
    spelled = _spelled(namespace)
    for cell in dict.fromkeys(each for each in history.cells if each.number is not None):
        for effect in effects(cell.source, spelled):
            top, _, attribute = effect.path.partition(".")
            if not effect.changed:
                if effect.is_felt(source):
                    yield cell, effect
            elif top in shipped or (top in used and attribute.rpartition(".")[2] in known):
                yield cell, effect


def _spelled(namespace: Mapping[str, Any]) -> Callable[[str], str]:
    def spelled(name: str) -> str:
        thing = namespace.get(name)
        if isinstance(thing, ModuleType):
            return thing.__name__
        if thing is os.environ:
            return "os.environ"
        place = imports.where(thing)
        return ".".join(place) if place else ""

    return spelled


def said(cell: Cell, effect: Effect) -> str:
    """A warning about a setting."""
    line = cell.line(effect.line)
    hint = f"; --env {effect.key}=VALUE sets it" if effect.path == "os.environ" and effect.key else ""
    return f"{effect.what} of {cell.place}, line {line}, was for the notebook: the function does not have it{hint}"
