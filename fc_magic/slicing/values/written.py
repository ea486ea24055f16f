"""What writing values comes to: statements and files, or the reasons why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

#: a value whose source is longer than this becomes a file, where a file holds it exactly
SMALL = 2_000
#: source that no file can stand for may be this long; compiling more would be felt at every cold start
LONGEST = 500_000
#: all files of one slice, in bytes
LARGEST = 64 * 2**20
#: objects that hold others, and what one of them may hold, before a value counts as too large to look through
OBJECTS = 200_000
ITEMS = 4_000_000
#: the folder of the files, beside the code
FOLDER = "values"
#: what every name begins with that is ours
OURS = "_fc_"


class Spell(Protocol):
    """How a class, a function or a module is spelled in the slice, which adds it there; None: it cannot be.

    Builtins are asked for too, as a notebook may have another ``set``.
    """

    def __call__(self, obj: Any) -> str | None: ...


@dataclass(frozen=True)
class Statement:
    """Whole lines that bind ``name`` (and ``also``), and after which it is as it was. ``note``: what it is."""

    name: str
    text: str
    note: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """``statements`` in order, each needing only those before it and what was spelled; ``files`` stand beside the
    code, with ``reasons`` why. ``refused``: name -> why it cannot be written, in words for a person."""

    statements: tuple[Statement, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Unwritable(Exception):
    """An object that no source makes again. The message goes on after "it is" or "it holds"."""
