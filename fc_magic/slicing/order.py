"""The order of pieces: what one needs when it is made comes before it, else they stand as in the notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fc_magic.slicing.pieces import CannotGo


@dataclass
class Node:
    """``place`` sorts as the notebook has it. ``now``: the nodes that must be there before; ``later``: those that its
    functions use when they are called."""

    place: tuple[Any, ...]
    now: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)


def ordered(nodes: Mapping[str, Node]) -> list[str]:
    """Raises CannotGo, with the nodes of it, for a cycle of what must be there before."""
    return _Order(nodes).run()


class _Order:
    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes, self.done = nodes, {}  # type: Mapping[str, Node], dict[str, None]
        self.active: list[str] = []

    def run(self) -> list[str]:
        for key in self._sorted(self.nodes):
            self._visit(key)
        return list(self.done)

    def _sorted(self, keys: Iterable[str]) -> list[str]:
        return sorted(keys, key=lambda key: (self.nodes[key].place, key))

    def _visit(self, key: str) -> None:
        if key in self.done:
            return
        if key in self.active:
            cycle = ", ".join(self.active[self.active.index(key) :])
            raise CannotGo(f"{cycle}: each needs the other when it is made")
        self.active.append(key)
        for other in self._sorted(self.nodes[key].now):
            self._visit(other)
        # what is called while it is made needs what it calls; that is no order where it comes back to this
        for other in self._sorted(self._reached(self.nodes[key].now, _both)):
            if other not in self.done and not self._comes_back(other):
                self._visit(other)
        self.active.pop()
        self.done[key] = None

    def _comes_back(self, key: str) -> bool:
        return bool(({key} | self._reached({key}, _strict)) & set(self.active))

    def _reached(self, keys: Iterable[str], edges: Callable[[Node], set[str]]) -> set[str]:
        found: set[str] = set()
        waiting = list(keys)
        while waiting:
            for other in edges(self.nodes[waiting.pop()]):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found


def _strict(node: Node) -> set[str]:
    return node.now


def _both(node: Node) -> set[str]:
    return node.now | node.later
