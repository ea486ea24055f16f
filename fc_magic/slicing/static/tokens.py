"""The words of the analysis: a token stands for objects, a value is tokens and a kind.

A token is a name of the notebook, ``=f`` for what a function or class keeps, ``$p`` for what a parameter was given,
or ``@m`` for the state of a library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from fc_magic.slicing.static.known import Kind

Tokens = frozenset[str]
#: how deep a change goes
SOFT, HARD, BELOW = 0, 1, 2
NONE: Tokens = frozenset()


class Value(NamedTuple):
    """What an expression is: the tokens whose objects may be in it, and its kind. ``lazy``: it is run through once,
    which uses up nothing that has the kind DATA, but itself."""

    tokens: Tokens = NONE
    kind: Kind = Kind.CONST
    lazy: bool = False

    @property
    def kept(self) -> Value:
        """The same for who keeps it: a lazy one is another one after it was used."""
        return Value(self.tokens, Kind.OTHER) if self.lazy else self

    def and_(self, *others: Value) -> Value:
        """One of these, or something that holds them all."""
        values = [value.kept for value in (self, *others)]
        return Value(NONE.union(*(v.tokens for v in values)), Kind.joined(v.kind for v in values))

    def held(self) -> Value:
        """Something new that holds this."""
        return Value(self.tokens, Kind.OTHER if self.lazy or self.kind > Kind.DATA else Kind.DATA)


CONST = Value()


def part(value: Value) -> Value:
    """An element or an attribute."""
    return Value(value.tokens, min(value.kind, Kind.OTHER))


@dataclass(eq=False)
class Effects:
    """What code may do. ``changes``: token -> how deep; ``links``: pairs that may share an object from now on;
    ``rebinds``: names that a ``global`` of a called function sets; ``escapes``: functions that become values;
    ``inner``: what functions made here do when somebody calls them, ``later``: those that nobody calls at once;
    ``lively``: it runs code that is not in front of us."""

    changes: dict[str, int] = field(default_factory=dict)
    links: set[tuple[str, str]] = field(default_factory=set)
    rebinds: set[str] = field(default_factory=set)
    escapes: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    inner: list[Effects] = field(default_factory=list)
    later: list[Effects] = field(default_factory=list)
    result: Value | None = None
    lively: bool = False

    def change(self, tokens: Iterable[str], depth: int) -> None:
        for token in tokens:
            self.changes[token] = max(depth, self.changes.get(token, SOFT))

    def link(self, one: Tokens, other: Tokens) -> None:
        self.links.update((a, b) for a in one for b in other)

    @property
    def size(self) -> tuple[int, ...]:
        """It only grows, and has stopped when this stays."""
        hard = sum(self.changes.values())
        found = len(self.result.tokens) * 10 + self.result.kind if self.result else -1
        parts = (self.changes, self.links, self.rebinds, self.escapes, self.calls)
        return (hard, found, *(len(part) for part in parts))
