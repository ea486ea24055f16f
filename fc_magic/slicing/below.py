"""Subclasses that a class is asked for: nothing names them, so they go along with the class."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Mapping
from typing import Any

_ASKING = "__subclasses__"


def is_asked(texts: Iterable[str], files: Mapping[str, bytes]) -> bool:
    return any(_ASKING in text for text in texts) or any(_ASKING.encode() in data for data in files.values())


def classes_of(modules: Iterable[str]) -> dict[str, type]:
    """The classes of modules that go along as files, by their paths."""
    loaded = {name: vars(sys.modules[name]) for name in sorted(modules) if name in sys.modules}
    return {
        f"{module}.{name}": thing
        for module, names in loaded.items()
        for name, thing in names.items()
        if isinstance(thing, type) and thing.__module__ == module
    }


def subclasses(things: Iterable[Any]) -> list[type]:
    """The subclasses of classes that the notebook has, without those that only wait to be cleared away."""
    gc.collect()
    found: dict[type, None] = {}
    for cls in things:
        if isinstance(cls, type):
            found |= dict.fromkeys(type.__subclasses__(cls))
    return [each for each in found if each.__module__ == "__main__"]
