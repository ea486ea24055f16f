"""The containers of Python and of ``collections``."""

from __future__ import annotations

import array
import collections
import gc
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fc_magic.slicing.values.atoms import number, quoted
from fc_magic.slicing.values.graph import Graph
from fc_magic.slicing.values.sets import Order, in_order
from fc_magic.slicing.values.shape import Fill, Item, Shape
from fc_magic.slicing.values.words import named
from fc_magic.slicing.values.written import Unwritable


def pairs(items: Iterable[tuple[Any, Any]], graph: Graph) -> list[Item]:
    return [(graph.token(key), ": ", graph.token(value)) for key, value in items]


def _list(obj: list[Any], graph: Graph) -> Shape:
    items: list[Item] = [(graph.token(item),) for item in obj]
    return Shape("[", items, "]", ("[]",), Fill("", ".extend([", items, "])"), json=True)


def _tuple(obj: tuple[Any, ...], graph: Graph) -> Shape:
    items: list[Item] = [(graph.token(item),) for item in obj]
    return Shape("(", items, ",)" if len(obj) == 1 else ")", json=True, frozen=True)


def _dict(obj: dict[Any, Any], graph: Graph) -> Shape:
    items = pairs(obj.items(), graph)
    return Shape("{", items, "}", ("{}",), Fill("", ".update({", items, "})"), hashes=True, json=True)


def _set(obj: set[Any], graph: Graph) -> Shape:
    name = graph.spelled(set)
    items, called, loose = _items(obj, graph)
    if not obj:
        return Shape(f"{name}()", [], "", json=True)
    fill = Fill("", ".update([", items, "])")
    around = (f"{name}([", "])") if called else ("{", "}")
    return Shape(around[0], items, around[1], (f"{name}()",), fill, hashes=True, json=True, loose=loose)


def _frozenset(obj: frozenset[Any], graph: Graph) -> Shape:
    name = graph.spelled(frozenset)
    items, called, loose = _items(obj, graph)
    if not obj:
        return Shape(f"{name}()", [], "", json=True, frozen=True)
    around = (f"{name}([", "])") if called else (f"{name}({{", "})")
    return Shape(around[0], items, around[1], hashes=True, json=True, loose=loose, frozen=True)


def _items(obj: set[Any] | frozenset[Any], graph: Graph) -> tuple[list[Item], bool, bool]:
    order = in_order(obj)
    unseen(order, graph)
    return [(graph.token(item),) for item in order.items], order.called, order.loose


def unseen(order: Order, graph: Graph) -> None:
    """Tells of an order that cannot be kept."""
    if not order.kept:
        graph.warnings.append(f"{graph.root} has a set of numbers, whose order is another one there")


def only_contents(obj: Any, *known: str) -> None:
    """Some types of Python's own let one add attributes. Raises Unwritable for an object that has any."""
    more = vars(obj).keys() - set(known)
    if more:
        raise Unwritable(f"{named(obj)} with attributes of its own: {', '.join(sorted(map(str, more)))}")


def _deque(obj: collections.deque[Any], graph: Graph) -> Shape:
    name, length = graph.spelled(collections.deque), obj.maxlen
    end = "" if length is None else f"maxlen={number(length)}"
    content: Item = (graph.copied(list(obj)),)
    items: list[Item] = [content] if obj else []
    if end:
        items.append((end,))
    empty = f"{name}({end})"
    return Shape(f"{name}(", items, ")", (empty,), Fill("", ".extend(", [content], ")"))


def _defaultdict(obj: collections.defaultdict[Any, Any], graph: Graph) -> Shape:
    name, factory = graph.spelled(collections.defaultdict), graph.token(obj.default_factory)
    content: Item = (graph.copied(dict(obj)),)
    items: list[Item] = [(factory,), *([content] if obj else [])]
    return Shape(f"{name}(", items, ")", (f"{name}(", factory, ")"), _updated(content), hashes=True)


def _updated(content: Item) -> Fill:
    return Fill("", ".update(", [content], ")")


def _mapped(kind: type) -> Callable[[Any, Graph], Shape]:
    """Made by a call of its class with a dict."""

    def shape(obj: Any, graph: Graph) -> Shape:
        only_contents(obj)
        content: Item = (graph.copied(dict(obj.items())),)
        name = graph.spelled(kind)
        return Shape(
            f"{name}(", [content] if obj else [], ")", (f"{name}()",), _updated(content), hashes=True
        )

    return shape


def _chain(obj: collections.ChainMap[Any, Any], graph: Graph) -> Shape:
    only_contents(obj, "maps")
    name = graph.spelled(collections.ChainMap)
    items: list[Item] = [(graph.token(one),) for one in obj.maps]
    return Shape(f"{name}(", items, ")", (f"{name}()",), Fill("", ".maps[:] = [", items, "]"))


def keywords(attributes: Mapping[Any, Any], graph: Graph) -> list[Item]:
    """``x=1, y=2``, or ``**{…}`` where a name is no name of Python's."""
    from keyword import iskeyword

    if all(type(name) is str and name.isidentifier() and not iskeyword(name) for name in attributes):
        return [(f"{name}=", graph.token(value)) for name, value in attributes.items()]
    return [("**", graph.copied(dict(attributes)))]


def _namespace(obj: types.SimpleNamespace, graph: Graph) -> Shape:
    name, items = graph.spelled(types.SimpleNamespace), keywords(vars(obj), graph)
    return Shape(f"{name}(", items, ")", (f"{name}()",), Fill("", ".__dict__.update(", items, ")"))


def _proxy(obj: types.MappingProxyType[Any, Any], graph: Graph) -> Shape:
    """What it is a view of is the same object as elsewhere."""
    (shown,) = gc.get_referents(obj)
    return Shape(f"{graph.within(types, 'MappingProxyType')}(", [(graph.token(shown),)], ")")


def _view(method: str) -> Callable[[Any, Graph], Shape]:
    """``prices.keys()``: it follows the dict that it is of."""

    def shape(obj: Any, graph: Graph) -> Shape:
        (shown,) = gc.get_referents(obj)
        items: list[Item] = [(graph.token(shown), f".{method}()")]
        return Shape("", items, "")

    return shape


def _array(obj: array.array[Any], graph: Graph) -> Shape:
    content = obj.tounicode() if obj.typecode in "uw" else list(obj)
    items: list[Item] = [(quoted(obj.typecode),), (graph.copied(content),)]
    return Shape(f"{graph.spelled(array.array)}(", items, ")")


def _bytearray(obj: bytearray, graph: Graph) -> Shape:
    return Shape(f"{graph.spelled(bytearray)}(", [(graph.copied(bytes(obj)),)] if obj else [], ")")


def _slice(obj: slice, graph: Graph) -> Shape:
    parts = (obj.start, obj.stop, obj.step)
    return Shape(f"{graph.spelled(slice)}(", [(graph.token(part),) for part in parts], ")", frozen=True)


def _range(obj: range, graph: Graph) -> Shape:
    parts = [obj.start, obj.stop, obj.step]
    shown = parts[1:2] if parts[::2] == [0, 1] else parts[:2] if obj.step == 1 else parts
    return Shape(f"{graph.spelled(range)}(", [(graph.token(part),) for part in shown], ")", frozen=True)


SHAPES: Mapping[type, Callable[[Any, Graph], Shape]] = {
    list: _list,
    tuple: _tuple,
    dict: _dict,
    set: _set,
    frozenset: _frozenset,
    range: _range,
    slice: _slice,
    bytearray: _bytearray,
    array.array: _array,
    collections.deque: _deque,
    collections.defaultdict: _defaultdict,
    collections.OrderedDict: _mapped(collections.OrderedDict),
    collections.Counter: _mapped(collections.Counter),
    collections.ChainMap: _chain,
    type({}.keys()): _view("keys"),
    type({}.values()): _view("values"),
    type({}.items()): _view("items"),
    types.SimpleNamespace: _namespace,
    types.MappingProxyType: _proxy,
}
