"""Which names a piece of Python needs from outside, when, and which it binds: from its text alone, nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from fc_magic.slicing.walk import Reader

_KEPT = 1000


@dataclass(frozen=True)
class Opaque:
    """A place that can reach any name at all, such as ``eval`` of a text that is made when it runs."""

    line: int
    what: str


@dataclass(frozen=True)
class Names:
    """What a text needs and binds at its top level; each name with the line of its first use, from 1.

    ``now``: needed while the text runs (statements, decorators, defaults, bases, class bodies, annotations) and not
    bound before. ``later``: needed when its functions are called, and not surely bound when the text has run.
    ``hinted``: only in annotations that are texts; who reads them looks these up. Names of builtins are among all of
    these. ``bound``: surely bound afterwards; ``maybe``: in some branch only, or by a ``global`` in a function.
    ``imports``: modules that are imported anywhere in it. ``guarded``: needed, but the text expects that they may be
    missing. ``stars``: modules of ``from m import *``.
    """

    now: Mapping[str, int] = field(default_factory=dict)
    later: Mapping[str, int] = field(default_factory=dict)
    hinted: Mapping[str, int] = field(default_factory=dict)
    bound: Mapping[str, int] = field(default_factory=dict)
    maybe: Mapping[str, int] = field(default_factory=dict)
    imports: Mapping[str, int] = field(default_factory=dict)
    guarded: frozenset[str] = frozenset()
    stars: tuple[tuple[str, int], ...] = ()
    opaque: tuple[Opaque, ...] = ()
    futures: frozenset[str] = frozenset()

    @property
    def needed(self) -> Mapping[str, int]:
        """``now`` and ``later`` together, in the order of lines."""
        both = {**self.later, **self.now}
        for name in self.later.keys() & self.now.keys():
            both[name] = min(self.later[name], self.now[name])
        return dict(sorted(both.items(), key=lambda item: (item[1], item[0])))


def analyse(source: str | ast.Module, futures: frozenset[str] = frozenset()) -> Names:
    """``futures``: features of ``__future__`` that hold even if the text imports none. Raises SyntaxError."""
    return _of_text(source, futures) if isinstance(source, str) else _of_tree(source, futures)


@lru_cache(_KEPT)
def _of_text(text: str, futures: frozenset[str]) -> Names:
    # the parts of a slice are the same ones each time a cell is deployed again
    return _of_tree(ast.parse(text), futures)


def _of_tree(tree: ast.Module, futures: frozenset[str]) -> Names:
    found = Reader(frozenset({*futures, *_futures(tree)}))
    try:
        found.block(tree.body)
    except RecursionError:
        return Names(opaque=(Opaque(1, "code that is nested too deeply to be read"),))
    sure = found.module.sure
    return Names(
        now=found.now,
        later={name: line for name, line in found.later().items() if name not in sure},
        hinted={name: line for name, line in found.hinted.items() if name not in sure},
        bound={name: line for name, line in found.module.bound.items() if name in sure},
        maybe={name: line for name, line in found.module.bound.items() if name not in sure},
        imports=found.imports,
        guarded=frozenset(found.guarded),
        stars=tuple(found.stars),
        opaque=tuple(Opaque(line, what) for line, what in sorted(found.opaque)),
        futures=found.futures,
    )


def _futures(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    )
