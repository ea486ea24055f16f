"""In which order objects are made: parts first, and circles as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from fc_magic.slicing.values.shape import Node


def circles(roots: Iterable[Node]) -> list[list[Node]]:
    """All nodes in groups that need each other (Tarjan), each group after those that it needs."""
    found: list[list[Node]] = []
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    for root in roots:
        if root in index:
            continue
        work: list[tuple[Node, Iterator[Node]]] = [(root, iter(root.parts))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            part = next(rest, None)
            if part is None:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == index[node]:
                    group = [stack.pop()]
                    while group[-1] is not node:
                        group.append(stack.pop())
                    on_stack.difference_update(group)
                    found.append(group[::-1])
            elif part not in index:
                index[part] = low[part] = len(index)
                stack.append(part)
                on_stack.add(part)
                work.append((part, iter(part.parts)))
            elif part in on_stack:
                low[node] = min(low[node], index[part])
    return found


def is_circle(group: list[Node]) -> bool:
    return len(group) > 1 or group[0] in group[0].parts


def inside(group: list[Node], late: set[Node]) -> list[Node] | None:
    """Those of a circle that are made at once, in order, while the late ones are there empty; None: there is none."""
    rest = {node: None for node in group if node not in late}
    try:
        return list(TopologicalSorter({n: [p for p in n.parts if p in rest] for n in rest}).static_order())
    except CycleError:
        return None
