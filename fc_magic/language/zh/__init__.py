"""Chinese: a file for each area, and all of them as one. Words as Alibaba Cloud's own console writes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules


@cache
def catalogue() -> Mapping[str, str]:
    """template -> Chinese, of every file here."""
    out: dict[str, str] = {}
    for found in iter_modules(__path__):
        out.update(import_module(f"{__name__}.{found.name}").WORDS)
    return out
