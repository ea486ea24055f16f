"""Which named values lead to something that no source makes again, and the way there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from fc_magic.slicing.values import order
from fc_magic.slicing.values.shape import Item, Node

#: what is shown of a key on the way
_KEY = 40


def refusals(roots: Mapping[str, Node]) -> dict[str, str]:
    """Name -> why: "it is a lock", or "orders[3].lock is a lock"."""
    bad: set[Node] = set()
    for group in order.circles(roots.values()):
        parts = (part for node in group for part in node.parts)
        if any(node.wrong for node in group) or any(part in bad for part in parts):
            bad.update(group)
    return {name: _why(name, node, bad) for name, node in roots.items() if node in bad}


def _why(name: str, root: Node, bad: set[Node]) -> str:
    """By the shortest way."""
    ways = {root: ""}
    for node in (queue := [root]):
        if node.wrong:
            return f"{name}{ways[node]} is {node.wrong}" if ways[node] else f"it is {node.wrong}"
        items = node.shape.items if node.shape else []
        for number, item in enumerate(items):
            for part in item:
                if isinstance(part, Node) and part in bad and part not in ways:
                    ways[part] = ways[node] + _step(node, number, item, part)
                    queue.append(part)
        for part in node.parts:
            if part in bad and part not in ways:
                ways[part] = ways[node]
                queue.append(part)
    raise AssertionError("a value is refused for what it leads to")


def _step(node: Node, number: int, item: Item, part: Node) -> str:
    """How a part is reached: ``[3]``, ``['key']``, ``.name``; nothing where the kernel sees one object."""
    first = item[0]
    if part.copied:
        return ""
    if item[1:2] == (": ",):
        if part is first:
            return "'s key"
        return f"[{first if isinstance(first, str) and len(first) <= _KEY else '…'}]"
    if isinstance(first, str) and first.endswith("="):
        return f".{first[:-1]}"
    if type(node.obj) is defaultdict:
        return ".default_factory"
    return f"[{number}]" if type(node.obj) in (list, tuple) else "'s item"
