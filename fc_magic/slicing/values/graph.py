"""The walk: every object that values lead to becomes a node, once, and its parts are found. Nothing recurses."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

from fc_magic.slicing.values import words
from fc_magic.slicing.values.atoms import atom, number, quoted
from fc_magic.slicing.values.plain import CONTAINERS, DEEP, plain
from fc_magic.slicing.values.shape import Node, Shape, Token
from fc_magic.slicing.values.written import ITEMS, LARGEST, OBJECTS, Spell, Unwritable

#: what has more items, and is as plain as JSON, is not looked through item by item
FLAT = 2_000
#: how many levels of what is not plain are looked through for it
_TRIES = 6

#: an object -> its shape, or None: somebody else has to know it
Shaper = Callable[[Any, "Graph"], "Shape | None"]


class Graph:
    """All nodes of one slice. ``shapers`` are asked in order."""

    def __init__(self, spell: Spell, shapers: tuple[Shaper, ...]) -> None:
        self.warnings: list[str] = []
        #: named values with parts that have no order
        self.loose: set[str] = set()
        #: how things were spelled -> the thing
        self.spelt: dict[str, Any] = {}
        self._spell, self._shapers = spell, shapers
        self._nodes: dict[int, Node] = {}
        self._spelled: dict[int, tuple[Any, str | None]] = {}
        self._waiting: list[Node] = []
        #: what the room for objects knows of their classes
        self.kinds: dict[type, Any] = {}
        #: the value that is being walked
        self.root = ""
        self._tried = 0
        self._items = 0
        #: parts of flat ones that can be changed -> the flat one; and those that are flat no more
        self._inside: dict[int, Node] = {}
        self._opened: set[Node] = set()

    def value(self, name: str, obj: Any) -> Token:
        """The token of a named value, which is walked to its ends."""
        self.root, self._tried = name, 0
        token = self.token(obj)
        while self._waiting:
            self._look(self._waiting.pop())
        return token

    def nodes(self) -> list[Node]:
        return list(self._nodes.values())

    def find(self, obj: Any) -> Node | None:
        return self._nodes.get(id(obj))

    def named(self, name: str) -> Node:
        """The node that was given this name."""
        return next(node for node in self._nodes.values() if name in node.names)

    def token(self, obj: Any) -> Token:
        text = atom(obj, self.spelled)
        return self._node(obj) if text is None else text

    def copied(self, obj: Any) -> Token:
        """The same for what was made only now, out of another object."""
        token = self.token(obj)
        if isinstance(token, Node):
            token.copied = True
        return token

    def spelled(self, obj: Any) -> str:
        """Raises Unwritable where the slice cannot name it."""
        text = self.spelling(obj)
        if text is None:
            name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", "")
            raise Unwritable(f"of {name}, which cannot be named there")
        return text

    def within(self, module: types.ModuleType, name: str) -> str:
        """How something is spelled that does not know where it is from."""
        return f"{self.spelled(module)}.{name}"

    def spelling(self, obj: Any) -> str | None:
        if id(obj) not in self._spelled:
            text = self._spell(obj)
            self._spelled[id(obj)] = obj, text
            if text is not None:
                self.spelt[text] = obj
        return self._spelled[id(obj)][1]

    def _node(self, obj: Any) -> Node:
        node = self._nodes.get(id(obj))
        if node is None:
            node = self._nodes[id(obj)] = Node(obj, self.root, tried=self._tried)
            self._waiting.append(node)
            if id(obj) in self._inside:
                self._open(self._inside[id(obj)])
        return node

    def _look(self, node: Node) -> None:
        try:
            self._count(node.obj)
            if type(node.obj) in CONTAINERS and node not in self._opened:
                node.flat = self._is_flat(node)
            if not node.flat:
                self._tried = node.tried + 1
                self._walk(node)
        except Unwritable as unwritable:
            node.wrong = str(unwritable)
        except Exception as error:  # noqa: BLE001 - classes of others may do anything
            node.wrong = (
                f"an object of {type(node.obj).__name__}, which cannot be read: {type(error).__name__}"
            )

    def _walk(self, node: Node) -> None:
        node.shape = self._shape(node.obj)
        node.parts = node.shape.parts()
        if node.shape.loose:
            self.loose.add(node.root)

    def _is_flat(self, node: Node) -> bool:
        """A large one that is a file as it is: nobody else knows a part of it."""
        if len(node.obj) <= FLAT and node.tried > _TRIES:
            return False
        tree = plain(node.obj, 0 if node.tried > _TRIES else DEEP)
        if tree is None:
            return False
        if tree.items <= FLAT:
            node.tried = _TRIES  # its parts are smaller still
            return False
        self._items += tree.items
        inside = tree.changeable - {id(node.obj)}
        if not inside.isdisjoint(self._nodes) or not inside.isdisjoint(self._inside):
            return False
        self._inside.update(dict.fromkeys(inside, node))
        return True

    def _open(self, node: Node) -> None:
        """Somebody does know a part of it: it is walked as others are."""
        if node.flat:
            node.flat = False
            self._inside = {key: other for key, other in self._inside.items() if other is not node}
            self._waiting.append(node)
            self._opened.add(node)

    def _count(self, obj: Any) -> None:
        kind = type(obj)
        if kind in CONTAINERS:
            self._items += len(obj)
        if len(self._nodes) > OBJECTS or self._items > ITEMS:
            raise Unwritable(f"too large: more than {OBJECTS:,} objects or {ITEMS:,} items")
        if kind in (str, bytes, bytearray) and len(obj) > LARGEST:
            raise Unwritable(f"too large: {len(obj):,} characters, and all files may have {LARGEST:,} bytes")

    def _shape(self, obj: Any) -> Shape:
        kind = type(obj)
        if kind in _LONG:
            return _LONG[kind](obj)
        for shaper in self._shapers:
            shape = shaper(obj, self)
            if shape is not None:
                return shape
        raise Unwritable(words.refusal(obj))


def _literal(say: Callable[[Any], str], json: bool = True) -> Callable[[Any], Shape]:
    return lambda obj: Shape(say(obj), [], "", json=json, frozen=True)


#: atoms that are long enough to stand once, or that no file has
_LONG: Mapping[type, Callable[[Any], Shape]] = {
    int: _literal(number),
    str: _literal(quoted),
    bytes: _literal(repr),
    type(...): _literal(lambda _: "...", json=False),
    type(NotImplemented): _literal(repr, json=False),
}
