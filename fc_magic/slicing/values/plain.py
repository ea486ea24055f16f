"""Whether a value is a tree of containers and atoms, at the speed that large ones need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fc_magic.slicing.values.written import ITEMS, LARGEST, Unwritable

CONTAINERS = frozenset((list, tuple, dict, set, frozenset))
#: what is in no container that Python lets us change
_CHANGEABLE = frozenset((list, dict, set))
#: atoms that a file can hold
_ATOMS = frozenset((int, float, complex, str, bytes, bool, type(None)))
#: containers in each other; JSON is read by a function that calls itself
DEEP = 90


@dataclass
class Tree:
    """``changeable``: the ids of all lists, dicts and sets in it."""

    items: int = 0
    length: int = 0
    changeable: set[int] = field(default_factory=set)


def plain(obj: Any, deep: int = DEEP) -> Tree | None:
    """The tree, with so many levels below the first, or None: something is of another type, there twice, or deeper.

    Raises Unwritable if it is too large to be looked through.
    """
    tree = Tree()
    return tree if _grows(tree, obj, deep) else None


def _grows(tree: Tree, obj: Any, deep: int) -> bool:
    if type(obj) in _CHANGEABLE:
        if id(obj) in tree.changeable:
            return False
        tree.changeable.add(id(obj))
    tree.items += len(obj)
    if tree.items > ITEMS or tree.length > LARGEST:
        raise Unwritable(f"too large: more than {ITEMS:,} items, or {LARGEST:,} characters")
    return all(_holds(tree, items, deep) for items in ((obj, obj.values()) if type(obj) is dict else (obj,)))


def _holds(tree: Tree, items: Any, deep: int) -> bool:
    kinds = set(map(type, items))
    if not kinds - _ATOMS <= CONTAINERS:
        return False
    if not kinds.isdisjoint((str, bytes)):
        tree.length += sum(len(item) for item in items if type(item) in (str, bytes))
    if kinds <= _ATOMS:
        return True
    return deep > 0 and all(_grows(tree, item, deep - 1) for item in items if type(item) in CONTAINERS)
