"""One object as an expression with gaps: what stands around its parts, and how it is made when it holds itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(eq=False, slots=True)
class Node:
    """An object of which it matters which one it is, or which has parts. ``root``: the value that first led to it.

    ``copied``: it was taken out of another object, and nobody else knows it. ``flat``: it holds atoms alone and is
    large, so nobody looks at its items before they are written. ``tried``: for how many around it that was not so.
    """

    obj: Any = field(repr=False)
    root: str = ""
    copied: bool = False
    flat: bool = False
    tried: int = 0
    shape: Shape | None = None
    parts: list[Node] = field(default_factory=list, repr=False)
    wrong: str = ""
    names: list[str] = field(default_factory=list)


#: text as it stands in the source, or an object whose text comes later
Token = str | Node
Item = tuple[Token, ...]


class Filed(NamedTuple):
    """``suffix`` of the file; ``expression`` reads it where {} is its name."""

    suffix: str
    data: bytes
    expression: str


class Said(NamedTuple):
    """What JSON has for an object that it has no type for: ``maker`` is what makes it of ``content``."""

    name: str
    maker: str
    content: Any


class Fill(NamedTuple):
    """The statement that gives a made object its parts: ``before`` NAME ``after`` items ``close``."""

    before: str
    after: str
    items: list[Item]
    close: str


@dataclass(eq=False, slots=True)
class Shape:
    """``open`` items ``close`` is the object. ``empty`` is the same object before ``fill``, for those in a circle.

    ``hashes``: filling it asks its items for their hash, so these come first. ``json``: JSON says it too, by the
    name of its type or by ``said``. ``loose``: the order of its items is the kernel's and nobody's promise.
    ``frozen``: if its parts are text it cannot change: two of them are as good as one. ``file``: it is one.
    """

    open: str
    items: list[Item]
    close: str
    empty: Item = ()
    fill: Fill | None = None
    hashes: bool = False
    json: bool = False
    loose: bool = False
    frozen: bool = False
    file: Filed | None = None
    said: Said | None = None

    def parts(self) -> list[Node]:
        """Each as often as it is there."""
        inside = [token for item in self.items for token in item if token.__class__ is Node]
        return inside + [token for token in self.empty if token.__class__ is Node and token not in inside]
