"""Objects that cannot change, down to their last part: two that are alike are as good as one.

Python itself makes one of two alike in the same file, so it must not matter which.
"""

from __future__ import annotations

from typing import Any

from fc_magic.slicing.values import order
from fc_magic.slicing.values.shape import Item, Node


def constants(groups: list[list[Node]]) -> set[Node]:
    """The constants among these, of which each part now is the first that is like it."""
    first: dict[Node, Node] = {}
    known: dict[tuple[Any, ...], Node] = {}
    for group in groups:
        for node in group:
            shape = node.shape
            if shape is None:
                continue
            if any(first.get(part, part) is not part for part in node.parts):
                shape.items = [_first(item, first) for item in shape.items]
                node.parts = shape.parts()
            if shape.frozen and not order.is_circle(group) and all(part in first for part in node.parts):
                key = (type(node.obj), shape.open, tuple(shape.items), shape.close)
                first[node] = known.setdefault(key, node)
    return set(first)


def _first(item: Item, first: dict[Node, Node]) -> Item:
    return tuple(token if isinstance(token, str) else first.get(token, token) for token in item)
