"""Objects that a library gives again by a name: ``logging.getLogger("shop")``, ``math.__spec__``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from fc_magic.slicing.pieces import CannotGo

_OF_IMPORT = {"ModuleSpec": "__spec__", "SourceFileLoader": "__loader__", "ExtensionFileLoader": "__loader__"}
#: what ``cache = lru_cache(None)`` binds
_CACHE = ("functools", "lru_cache.<locals>.decorating_function")
SpellModule = Callable[[ModuleType], str]


def expression(thing: Any, spell: SpellModule) -> str | None:
    """How such an object is had again; None if it is none. Raises CannotGo for one that was changed."""
    kind = type(thing)
    if kind.__module__ == "logging" and kind.__name__ == "Logger":
        return _logger(thing, spell)
    if kind is FunctionType and (thing.__module__, thing.__qualname__) == _CACHE:
        held = dict(zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True))
        said = ", ".join(f"{name}={cell.cell_contents!r}" for name, cell in held.items())
        return (
            f"{spell(sys.modules['functools'])}.lru_cache({said})"
            if set(held) == {"maxsize", "typed"}
            else None
        )
    if kind.__module__ in ("_frozen_importlib", "_frozen_importlib_external"):
        attribute = _OF_IMPORT.get(kind.__name__, "")
        module = sys.modules.get(thing.name) if attribute else None
        if isinstance(module, ModuleType) and vars(module).get(attribute) is thing:
            return f"{spell(module)}.{attribute}"
    return None


def _logger(thing: Any, spell: SpellModule) -> str | None:
    if thing.manager.loggerDict.get(thing.name) is not thing:
        return None
    if thing.handlers or thing.filters or thing.level or thing.disabled:
        raise CannotGo("it has a level, handlers or filters of its own", "set them inside of the function")
    return f"{spell(sys.modules['logging'])}.getLogger({thing.name!r})"


def as_member(function: FunctionType) -> tuple[type, str] | None:
    """The class that has a function as a method, and its name there, if it says so and that is so."""
    owner, dot, name = function.__qualname__.rpartition(".")
    if not dot or "." in owner:
        return None
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    held = [cell for free, cell in cells if free == "__class__"]
    try:
        cls = held[0].cell_contents if held else function.__globals__.get(owner)
    except ValueError:
        return None
    return (cls, name) if isinstance(cls, type) and vars(cls).get(name) is function else None
