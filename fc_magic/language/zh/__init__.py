"""Chinese: a file for each area, and all of them as one. Words as Alibaba Cloud's own console writes them.

A value that is a sentence of ours itself is written ``{0:say}``; every other value stays as it came.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from fc_magic.language.matching import Catalogue


def areas() -> dict[str, dict[str, str]]:
    """area -> template -> Chinese."""
    return {a.name: import_module(f"{__name__}.{a.name}").WORDS for a in iter_modules(__path__)}


@cache
def catalogue() -> Catalogue:
    """What every file here says."""
    from fc_magic.language.zh.fc import CODES

    return Catalogue({key: said for words in areas().values() for key, said in words.items()}, CODES)
