"""Objects of the notebook's own classes: their attributes as they are, set without asking the class."""

from __future__ import annotations

import collections
import dataclasses
import gc
import re
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fc_magic.slicing.values.containers import keywords, unseen
from fc_magic.slicing.values.graph import Graph
from fc_magic.slicing.values.sets import in_order
from fc_magic.slicing.values.shape import Fill, Item, Said, Shape, Token
from fc_magic.slicing.values.written import Unwritable

#: modules whose classes may be below a notebook's: they keep nothing but what is among an object's attributes
_BELOW = frozenset(
    ("abc", "ast", "collections", "collections.abc", "contextlib", "numbers", "string", "typing")
)
#: classes that hold something themselves: how that is taken out, without a call of what is overridden
_MUTABLE: Mapping[type, Callable[[Any], Any]] = {
    dict: lambda obj: dict(dict.items(obj)),
    list: lambda obj: list(list.__iter__(obj)),
    set: lambda obj: set(set.__iter__(obj)),
    collections.deque: lambda obj: list(collections.deque.__iter__(obj)),
    collections.OrderedDict: lambda obj: dict(collections.OrderedDict.items(obj)),
    collections.defaultdict: lambda obj: dict(dict.items(obj)),
}
_IMMUTABLE: Mapping[type, Callable[[Any], Any]] = {
    int: int.__pos__,
    float: float.__pos__,
    complex: complex.__pos__,
    str: str.__str__,
    bytes: lambda obj: bytes.__getitem__(obj, slice(None)),
    tuple: lambda obj: tuple(tuple.__iter__(obj)),
    frozenset: lambda obj: frozenset(frozenset.__iter__(obj)),
}
_HEAP_TYPE = 1 << 9
#: names of outputs: ``_``, ``___``, ``_12``, and 12 among all of them
_SHOWN = re.compile("_*[0-9]*")
#: modules of what keeps the last output
_SHOWING = frozenset(
    (
        "IPython.core.interactiveshell",
        "IPython.core.displayhook",
        "ipykernel.zmqshell",
        "ipykernel.displayhook",
    )
)
_LIBRARIES = frozenset(("site-packages", "dist-packages"))


class Kind(NamedTuple):
    """What is the same for all objects of a class: how it is spelled, the class below it that holds something itself,
    where its objects have their ``__dict__`` and their slots, and the dicts that the class has."""

    name: str
    base: type
    attributes: types.GetSetDescriptorType | None
    slots: Mapping[str, types.MemberDescriptorType]
    dicts: list[Any]

    @classmethod
    def of(cls, kind: type, graph: Graph) -> Kind:
        base = _holding(kind)
        if any("__del__" in vars(c) for c in kind.__mro__):
            raise Unwritable(f"an object of {kind.__name__}, which has __del__: a copy would run it too")
        own = [value for c in kind.__mro__ for name, value in vars(c).items() if name == "__dict__"]
        attributes = next((value for value in own if type(value) is types.GetSetDescriptorType), None)
        slots = {
            name: value
            for c in filter(is_ours, reversed(kind.__mro__))
            for name, value in vars(c).items()
            if type(value) is types.MemberDescriptorType
        }
        for name, slot in slots.items():
            if _class_attribute(kind, name) is not slot:
                raise Unwritable(f"an object of {kind.__name__}, which hides its slot {name}")
        dicts = [value for c in kind.__mro__ for value in vars(c).values() if issubclass(type(value), dict)]
        return cls(graph.spelled(kind), base, attributes, slots, dicts)


def shape(obj: Any, graph: Graph) -> Shape | None:
    type_ = type(obj)
    if issubclass(type_, BaseException) and type_.__module__ == "builtins":
        return _builtin_exception(obj, graph)
    kind = graph.kinds.get(type_)
    if kind is None:
        if not is_ours(type_):
            return _named_tuple(obj, "", graph) if issubclass(type_, tuple) else None
        kind = graph.kinds[type_] = Kind.of(type_, graph)
    state, name, base = _state(obj, kind), kind.name, kind.base
    if base is object:
        return _called(obj, name, state, graph) or _made(name, state, graph)
    if base in _IMMUTABLE:
        by_fields = _named_tuple(obj, name, graph) if base is tuple and not state else None
        return by_fields or _of_constant(name, base, _held_by(obj, base, graph), state, graph)
    if base in _MUTABLE:
        return _of_content(name, base, obj, state, graph)
    return _of_exception(obj, name, base, state, graph)


def is_ours(kind: type) -> bool:
    """It is the notebook's, or of a module beside it."""
    module = kind.__module__
    if not kind.__flags__ & _HEAP_TYPE or not isinstance(module, str):
        return False
    if module.partition(".")[0] in sys.stdlib_module_names and module != "__main__":
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    return module == "__main__" or file is None or _LIBRARIES.isdisjoint(Path(file).parts)


def _holding(kind: type) -> type:
    """The class below that keeps more than attributes, or object."""
    for base in kind.__mro__:
        if base is object or base in _MUTABLE or base in _IMMUTABLE:
            return base
        if issubclass(base, BaseException) and base.__module__ == "builtins":
            if base.__basicsize__ == BaseException.__basicsize__:
                return base
            break
        if not is_ours(base) and base.__module__ not in _BELOW:
            break
    raise Unwritable(f"an object of {kind.__name__}, of which {base.__name__} keeps what cannot be read")


def _state(obj: Any, kind: Kind) -> dict[Any, Any]:
    """What is in its ``__dict__`` and in its slots, as they are, past any property."""
    state = _attributes(obj, kind) if kind.attributes else {}
    for name in state.keys() - {"__dict__"}:
        found = _class_attribute(type(obj), name)
        if hasattr(type(found), "__set__"):
            raise Unwritable(f"an object of {type(obj).__name__}, which hides its attribute {name}")
    for name, slot in kind.slots.items():
        try:
            state[name] = slot.__get__(obj)
        except AttributeError:
            continue
    return state


def _attributes(obj: Any, kind: Kind) -> dict[Any, Any]:
    """Its ``__dict__``: by its items, or as itself where somebody else has it too, as in ``self.__dict__ = self``."""
    assert kind.attributes
    held, references = _held(kind.attributes, obj)
    if id(held) in map(id, kind.dicts):
        raise Unwritable(f"an object of {type(obj).__name__}, which shares its attributes with its class")
    alone = type(held) is dict and (references <= _ALONE or _is_only_shown(held, obj))
    return dict(held) if alone else {"__dict__": held}


def _is_only_shown(held: Any, obj: Any) -> bool:
    """Whether nobody else has it but the outputs of the notebook, which do not go along."""
    its = id(held)  # whatever here had it in a closure would be one more
    for holder in gc.get_referrers(held):
        if holder is obj or type(holder) is types.FrameType or type(holder).__module__ in _SHOWING:
            continue
        outputs = type(holder) is dict and (
            "_oh" in holder or holder is vars(sys.modules["__main__"]).get("_oh")
        )
        if not outputs or any(id(v) == its and not _SHOWN.fullmatch(str(k)) for k, v in holder.items()):
            return False
    return True


def _held(slot: types.GetSetDescriptorType, obj: Any) -> tuple[Any, int]:
    held = slot.__get__(obj)
    return held, sys.getrefcount(held)


class _Sample:
    """Its ``__dict__`` is nobody else's."""


#: how many references are counted then
_ALONE = _held(vars(_Sample)["__dict__"], _Sample())[1]


def _class_attribute(kind: type, name: Any) -> Any:
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)


def _made(name: str, state: dict[Any, Any], graph: Graph) -> Shape:
    attributes = keywords(state, graph)
    items: list[Item] = [(name,), *attributes]
    made = Shape("_fc_made(", items, ")", (f"_fc_made({name})",), _filling(attributes))
    return _said(made, name, f"lambda held: _fc_made({name}, **held)", state)


def _said(shape: Shape, name: str, maker: str, content: Any) -> Shape:
    """In JSON it is its content, by the name of its class."""
    shape.json = type(content) is list or all(type(key) is str for key in content)
    shape.said = Said(name, maker, content)
    return shape


def _filling(items: list[Item]) -> Fill:
    return Fill("_fc_filled(", ", ", items, ")")


def _held_by(obj: Any, base: type, graph: Graph) -> Any:
    """What the class below keeps. That of a set is a list, where it has an order to keep: a copy has another."""
    if base is set or base is frozenset:
        order = in_order(obj, only_called=True)
        if not order.loose:
            unseen(order, graph)
            return order.items
    return {**_MUTABLE, **_IMMUTABLE}[base](obj)


def _of_constant(name: str, base: type, value: Any, state: dict[Any, Any], graph: Graph) -> Shape:
    """``int.__new__(Celsius, 5)``."""
    made: Item = (f"{graph.spelled(base)}.__new__({name}, ", graph.copied(value), ")")
    return _with(made, [], keywords(state, graph))


def _of_content(name: str, base: type, obj: Any, state: dict[Any, Any], graph: Graph) -> Shape:
    if base is collections.deque and obj.maxlen is not None:
        raise Unwritable(f"an object of {type(obj).__name__}, which is a deque with a maxlen")
    if base is collections.defaultdict:
        state = {"default_factory": vars(base)["default_factory"].__get__(obj), **state}
    content = _held_by(obj, base, graph)
    items: list[Item] = [(graph.copied(content),)] if content else []
    made: Item = (f"{graph.spelled(base)}.__new__({name})",)
    found = _with(made, items, keywords(state, graph))
    found.hashes = base not in (list, collections.deque)
    return found


def _builtin_exception(obj: BaseException, graph: Graph) -> Shape:
    name = graph.spelled(type(obj))
    if _holding(type(obj)) is not type(obj) or vars(obj):
        raise Unwritable(f"a {type(obj).__name__} with more than its message")
    return Shape(f"{name}(", [(argument,) for argument in _arguments(obj, graph)], ")")


def _of_exception(obj: Any, name: str, base: type, state: dict[Any, Any], graph: Graph) -> Shape:
    made: Item = (f"{graph.spelled(base)}.__new__({name}",)
    for argument in _arguments(obj, graph):
        made = (*made, ", ", argument)
    return _with((*made, ")"), [], keywords(state, graph))


def _arguments(obj: BaseException, graph: Graph) -> list[Token]:
    """What an exception was made with, if it was never raised: then it leads to frames."""
    held = [vars(BaseException)[n].__get__(obj) for n in ("__traceback__", "__cause__", "__context__")]
    if any(one is not None for one in held):
        raise Unwritable(f"a {type(obj).__name__} that was raised, and leads to its frames")
    return [graph.token(argument) for argument in vars(BaseException)["args"].__get__(obj)]


def _with(made: Item, content: list[Item], attributes: list[Item]) -> Shape:
    """An object that was made, with its content and attributes."""
    items = [*content, *attributes]
    if not items:
        return Shape("", [made], "", made)
    return Shape("_fc_filled(", [made, *items], ")", made, _filling(items))


def _called(obj: Any, name: str, state: dict[Any, Any], graph: Graph) -> Shape | None:
    """``Point(x=1, y=2)`` for an object of a dataclass whose own ``__init__`` does nothing but set these."""
    kind = type(obj)
    parameters = vars(kind).get("__dataclass_params__")
    if (
        parameters is None
        or _class_attribute(kind, "__new__") is not vars(object)["__new__"]
        or hasattr(kind, "__post_init__")
    ):
        return None
    init = vars(kind).get("__init__")
    if type(init) is not types.FunctionType or init.__code__.co_filename != "<string>":
        return None
    if _class_attribute(kind, "__setattr__") is not vars(object)["__setattr__"] and not parameters.frozen:
        return None
    fields = vars(kind)["__dataclass_fields__"]
    plain = all(f._field_type is dataclasses._FIELD and f.init for f in fields.values())  # type: ignore[attr-defined]
    if not plain or list(fields) != list(state):
        return None
    attributes = keywords(state, graph)
    made = Shape(f"{name}(", attributes, ")", (f"_fc_made({name})",), _filling(attributes))
    return _said(made, name, f"lambda held: {name}(**held)", state)


def _named_tuple(obj: Any, name: str, graph: Graph) -> Shape | None:
    """By a call of its class, if its ``__new__`` is the one that ``namedtuple`` wrote."""
    kind = type(obj)
    fields, new = _class_attribute(kind, "_fields"), _class_attribute(kind, "__new__")
    written = getattr(getattr(new, "__func__", new), "__globals__", {}).get("__name__", "")
    if not written.startswith("namedtuple_") or len(fields) != tuple.__len__(obj):
        return None
    if any("__dict__" in vars(base) for base in kind.__mro__) and not name:
        return None  # a library's, with attributes besides
    name = name or graph.spelled(kind)
    items: list[Item] = [(f"{f}=", graph.token(v)) for f, v in zip(fields, tuple.__iter__(obj), strict=True)]
    made = Shape(f"{name}(", items, ")", frozen=True)
    return _said(made, name, f"lambda held: {name}(*held)", list(tuple.__iter__(obj)))
