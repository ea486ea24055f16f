"""Which objects get a name of their own, and which become files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from fc_magic.slicing.values import order
from fc_magic.slicing.values.constants import constants
from fc_magic.slicing.values.shape import Node
from fc_magic.slicing.values.written import LARGEST, SMALL

#: expressions in each other, before one gets a name: Python's parser has an end, and a reader's eye too
DEEP = 12
#: the same in a file
_DEEP_FILE = 100
#: what cannot change is written again for each that holds it, up to this length
_REPEATED = 200
#: what a name or the reading of a file takes
_BRIEF = 12


class Again(Exception):
    """The plan does not hold: ``node`` cannot be written, and is marked so."""

    def __init__(self, node: Node, why: str) -> None:
        super().__init__(why)
        node.wrong = why


class Plan:
    """``groups`` in the order in which they are made; ``late`` are made empty first; ``files`` are read."""

    def __init__(self, roots: Mapping[str, Node], taken: AbstractSet[str]) -> None:
        self.groups = order.circles(roots.values())
        self.late: set[Node] = set()
        self.files: set[Node] = set()
        self.sizes: dict[Node, int] = {}
        self._taken = set(taken)
        self._numbers: dict[str, int] = {}
        for group in self.groups:
            for node in group:
                node.names = []
        for name, node in roots.items():
            node.names.append(name)
        self._constants = constants(self.groups)
        self._name_shared()
        self._name_circles()
        self._choose_files()
        self._name_long()
        self._name_deep()

    def elsewhere(self, node: Node) -> bool:
        """It does not stand where it is needed."""
        return bool(node.names) or node in self.files

    def _name(self, node: Node) -> None:
        number = self._numbers.get(node.root, 1)
        while (name := f"_{node.root}_{number}") in self._taken:
            number += 1
        self._numbers[node.root] = number + 1
        self._taken.add(name)
        node.names.append(name)

    def _name_shared(self) -> None:
        """Whatever is needed in two places is one object there too."""
        for part in _shared(node for group in self.groups for node in group):
            if part not in self._constants and not part.names:
                self._name(part)

    def _name_circles(self) -> None:
        for group in filter(order.is_circle, self.groups):
            members = set(group)
            for node in group:
                assert node.shape is not None
                if node.shape.fill and not node.copied and members.isdisjoint(_first(node)):
                    self.late.add(node)
                    if not node.names:
                        self._name(node)
            at_once = order.inside(group, self.late)
            if at_once is None or any(
                node.shape and node.shape.hashes for node in at_once if not node.copied
            ):
                raise Again(group[0], "part of a circle in which none can be made before the other")

    def _choose_files(self) -> None:
        """The largest plain objects that nobody else knows a part of."""
        heights: dict[Node, int] = {}
        for group in self.groups:
            for node in group:
                plain = node.shape is None or (node.shape.json and not order.is_circle(group))
                self.sizes[node], heights[node] = self._measured(node, heights)
                if not plain or any(part.names or heights.get(part, -1) < 0 for part in node.parts):
                    heights[node] = -1
        self._shown = {node for group in self.groups for node in group if node.names}
        for group in reversed(self.groups):
            shown = not self._shown.isdisjoint(group)
            for node in group:
                if shown and SMALL < self.sizes[node] <= LARGEST and 0 <= heights[node] < _DEEP_FILE:
                    self.files.add(node)
                elif shown:
                    self._shown.update((node, *node.parts))
                    if node.shape and node.shape.file:
                        self.files.add(node)

    def _measured(self, node: Node, heights: Mapping[Node, int]) -> tuple[int, int]:
        """About how many characters it takes, and how deep it is."""
        if node.shape is None:
            return SMALL + 1, 1
        size = len(node.shape.open) + len(node.shape.close)
        for item in node.shape.items:
            size += 2
            for token in item:
                if isinstance(token, str):
                    size += len(token)
                else:
                    size += _BRIEF if token.names else self.sizes.get(token, _BRIEF)
        return size, 1 + max((heights.get(part, 0) for part in node.parts), default=0)

    def _name_long(self) -> None:
        """What cannot change is written again wherever it is needed, unless it is long."""
        parents = (n for group in self.groups for n in group if n in self._shown and n not in self.files)
        for part in _shared(parents):
            if not part.names and self.sizes[part] > _REPEATED:
                self._name(part)

    def _name_deep(self) -> None:
        heights: dict[Node, int] = {}
        for group in self.groups:
            for node in group:
                if node not in self._shown:
                    continue
                inside = (part for part in node.parts if not self.elsewhere(part))
                heights[node] = 1 + max((heights.get(part, 0) for part in inside), default=0)
                if heights[node] > DEEP and not self.elsewhere(node) and not node.copied:
                    self._name(node)


def _first(node: Node) -> list[Node]:
    assert node.shape is not None
    return [token for token in node.shape.empty if isinstance(token, Node)]


def _shared(parents: Iterable[Node]) -> list[Node]:
    """The parts that are needed a second time, in the order in which they are."""
    seen: set[Node] = set()
    again: dict[Node, None] = {}
    for node in parents:
        for part in node.parts:
            if part in seen:
                again[part] = None
            seen.add(part)
    return list(again)
