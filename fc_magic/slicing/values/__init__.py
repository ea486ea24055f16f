"""A live value -> readable source that makes it again as it is now, or the reason why there is none.

The kernel's objects are looked at and not asked: of a notebook's class runs at most what hashing its objects takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from fc_magic.slicing.values import arrays, containers, frames, instances, named, proof, standard, typed
from fc_magic.slicing.values.graph import Graph, Shaper
from fc_magic.slicing.values.plan import Again
from fc_magic.slicing.values.refusals import refusals
from fc_magic.slicing.values.shape import Node, Shape, Token
from fc_magic.slicing.values.writer import Writer
from fc_magic.slicing.values.written import Spell, Statement, Written

__all__ = ["Spell", "Statement", "Written", "write"]


def _by_type(obj: Any, graph: Graph) -> Shape | None:
    shaper = containers.SHAPES.get(type(obj)) or standard.SHAPES.get(type(obj))
    return shaper(obj, graph) if shaper else None


SHAPERS: tuple[Shaper, ...] = (
    _by_type,
    named.shape,
    typed.shape,
    arrays.shape,
    frames.shape,
    instances.shape,
)


def write(values: Mapping[str, Any], spell: Spell, taken: AbstractSet[str] = frozenset()) -> Written:
    """``values`` by their names, written together, so that what two of them share is shared there too.

    ``taken`` are the names of the slice that no name made here may be.
    """
    left, refused = dict(values), dict[str, str]()
    while True:
        graph = Graph(spell, SHAPERS)
        roots = {name: graph.value(name, value) for name, value in left.items()}
        arrays.refuse_windows(graph.nodes())
        written = _written(graph, roots, taken)
        wrong = written.refused or _unproved(graph, roots, written, taken)
        if not wrong:
            return replace(written, refused=refused, warnings=tuple(graph.warnings))
        refused.update(wrong)
        left = {name: value for name, value in left.items() if name not in wrong}


def _written(graph: Graph, roots: Mapping[str, Token], taken: AbstractSet[str]) -> Written:
    while True:
        try:
            return Writer(roots, graph, taken).write()
        except Again:
            # one more is refused now
            continue


def _unproved(
    graph: Graph, roots: Mapping[str, Token], written: Written, taken: AbstractSet[str]
) -> dict[str, str]:
    """The values that do not come out of what was written: name -> why."""
    if not proof.possible(graph.spelt):
        return {}
    try:
        space = proof.made(written, graph.spelt)
        again = Graph(graph.spelling, SHAPERS)
        remade = {name: again.value(name, space[name]) for name in roots}
        proof.compare(written, _written(again, remade, taken), graph.loose)
    except proof.Unproved as unproved:
        nodes = {name: token for name, token in roots.items() if isinstance(token, Node)}
        graph.named(unproved.name).wrong = unproved.why
        return refusals(nodes)
    return {}
