"""Caches of ``functools`` that begin empty there: what such a cache holds cannot be had from Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fc_magic.slicing.attributes import parts_of
from fc_magic.slicing.functions import is_cached


def emptied(name: str, thing: Any) -> Iterator[str]:
    """What is to be said of a function, or of the methods of a class, whose cache has something here."""
    if isinstance(thing, type):
        for key, value in vars(thing).items():
            for part in parts_of(value):
                yield from _emptied(f"{name}.{key}", part)
    else:
        yield from _emptied(name, thing)


def _emptied(name: str, thing: Any) -> Iterator[str]:
    held = thing.cache_info().currsize if is_cached(thing) else 0
    if held:
        yield f"{name}: its cache starts empty there; it has {held} result{'s' if held > 1 else ''} here"
