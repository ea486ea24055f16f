"""Objects of a notebook's own classes: their state as it is, and nothing of the class is called."""

from __future__ import annotations

import abc
import collections
import enum
import functools
import sys
import tempfile
import threading
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.slicing.values import write
from tests.slicing.rebuilt import Slice, again, rebuilt, source, why
from tests.slicing.same import same

HERE = sys.modules[__name__]


class Env(dict):  # type: ignore[type-arg]
    """As in Norvig's Lispy."""

    def __init__(self, names: Any = (), outer: Any = None) -> None:
        self.update(names)
        self.outer = outer

    def __setitem__(self, name: Any, value: Any) -> None:
        raise AssertionError("an object is looked at and not asked")

    __iter__ = items = keys = __getitem__ = __len__ = __setitem__  # type: ignore[assignment]


class Guarded:
    """Whatever asks it fails."""

    def __init__(self, value: Any) -> None:
        self.__dict__["value"] = value

    def __getattribute__(self, name: str) -> Any:
        if name == "__dict__":
            return object.__getattribute__(self, name)
        raise AssertionError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AssertionError(name)

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    def __hash__(self) -> int:
        raise AssertionError

    def __repr__(self) -> str:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError

    def __bool__(self) -> bool:
        raise AssertionError

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise AssertionError


class City:
    def __init__(self, name: str) -> None:
        self.name = name
        self.near: set[City] = set()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, City) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def greet(self) -> str:
        return f"hello from {self.name}"

    @classmethod
    def of(cls, name: str) -> City:
        return cls(name)


class Slotted:
    __slots__ = ("__hidden", "a", "unset")

    def __init__(self) -> None:
        self.a, self.__hidden = [1], 2

    @property
    def hidden(self) -> int:
        return self.__hidden


class Both(Slotted):
    def __init__(self) -> None:
        super().__init__()
        self.more = 3

    @functools.cached_property
    def slow(self) -> int:
        return 4


@dataclass
class Order:
    name: str
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Fixed:
    x: int


@dataclass
class Counted:
    x: int
    y: int = field(init=False)

    def __post_init__(self) -> None:
        self.y = self.x


class Row(typing.NamedTuple):
    a: int
    b: list[int]


Plain = collections.namedtuple("Plain", "a b")


class Checked(Plain):
    def __new__(cls, *of: Any) -> Checked:
        raise AssertionError


class Celsius(float):
    pass


class Named(str):
    __slots__ = ()


class Bag(collections.Counter):  # type: ignore[type-arg]
    pass


class Lists(collections.defaultdict):  # type: ignore[type-arg]
    pass


class Kept(collections.OrderedDict):  # type: ignore[type-arg]
    def __setitem__(self, key: Any, value: Any) -> None:
        raise AssertionError


class Items(list):  # type: ignore[type-arg]
    def append(self, item: Any) -> None:
        raise AssertionError


class Refused(ValueError):
    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what


class Color(enum.Enum):
    RED = 1
    ALSO_RED = 1


class Perm(enum.Flag):
    R = 4
    W = 2


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self) -> float: ...


class Square(Shape):
    def __init__(self, side: float) -> None:
        self.side = side

    def area(self) -> float:
        return self.side**2


class Closing:
    def __del__(self) -> None: ...


class Worker(threading.Thread):
    pass


class Shadowed:
    x = 1

    def __init__(self) -> None:
        self.__dict__["y"] = 2

    @property
    def y(self) -> int:
        return 3


class Holder:
    def __init__(self, **held: Any) -> None:
        self.__dict__.update(held)


def ordered() -> Kept:
    made = Kept()
    collections.OrderedDict.__setitem__(made, "b", 1)
    collections.OrderedDict.__setitem__(made, "a", 2)
    return made


def celsius() -> Celsius:
    made = Celsius(36.6)
    made.place = "mouth"  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Order("a", [1]), 'Order(name="a", lines=[1])'),
        (Fixed(1), "Fixed(x=1)"),
        (Counted(5), "_fc_made(Counted, x=5, y=5)"),
        (City("Ulm"), '_fc_made(City, name="Ulm", near=set())'),
        (Slotted(), "_fc_made(Slotted, _Slotted__hidden=2, a=[1])"),
        (Both(), "_fc_made(Both, more=3, _Slotted__hidden=2, a=[1])"),
        (Row(1, [2]), "Row(a=1, b=[2])"),
        (Plain(1, 2), "Plain(a=1, b=2)"),
        (tuple.__new__(Checked, (1, 2)), "tuple.__new__(Checked, (1, 2))"),
        (Env({"x": 1}, [2]), '_fc_filled(dict.__new__(Env), {"x": 1}, outer=[2])'),
        (Celsius(36.6), "float.__new__(Celsius, 36.6)"),
        (celsius(), '_fc_filled(float.__new__(Celsius, 36.6), place="mouth")'),
        (Named("x"), 'str.__new__(Named, "x")'),
        (Bag("aab"), '_fc_filled(dict.__new__(Bag), {"a": 2, "b": 1})'),
        (
            Lists(list, {"a": [1]}),
            '_fc_filled(collections.defaultdict.__new__(Lists), {"a": [1]}, default_factory=list)',
        ),
        (ordered(), '_fc_filled(collections.OrderedDict.__new__(Kept), {"b": 1, "a": 2})'),
        (Items([1]), "_fc_filled(list.__new__(Items), [1])"),
        (Items(), "list.__new__(Items)"),
        (Refused("a", "b"), '_fc_filled(ValueError.__new__(Refused, "a: b"), what="a")'),
        (Color.ALSO_RED, "Color.RED"),
        (Perm.R | Perm.W, "Perm(6)"),
        (Square(2), "_fc_made(Square, side=2)"),
        (City("Ulm").greet, '_fc_made(City, name="Ulm", near=set()).greet'),
        (City.of, "City.of"),
        ({"k": City}, '{"k": City}'),
        (Holder(**{"class": 1, "a": 2}), '_fc_made(Holder, **{"class": 1, "a": 2})'),
        (Holder(kind=1, made=2), "_fc_made(Holder, kind=1, made=2)"),
        (Holder(), "_fc_made(Holder)"),
    ],
)
def test_an_object_is_made_as_it_is(value: Any, text: str, tmp_path: Path) -> None:
    assert source(value, HERE) == f"x = {text}\n"
    assert type(again({"x": value}, tmp_path, HERE)["x"]) is type(value)


def test_nothing_of_an_object_is_asked(tmp_path: Path) -> None:
    assert source({"k": Guarded([1])}, HERE) == 'x = {"k": _fc_made(Guarded, value=[1])}\n'
    back = again({"x": Guarded([1])}, tmp_path, HERE)["x"]
    assert object.__getattribute__(back, "__dict__") == {"value": [1]}


def test_what_was_computed_stays_computed(tmp_path: Path) -> None:
    both = Both()
    assert both.slow == 4
    back = again({"both": both}, tmp_path, HERE)["both"]
    assert vars(back) == {"more": 3, "slow": 4}
    assert (back.hidden, back.a) == (2, [1])
    assert not hasattr(back, "unset")


def test_an_environment_that_leads_to_itself(tmp_path: Path) -> None:
    env = Env({"pi": 3}, Env({"e": 2}))
    dict.__setitem__(env, "me", env)
    env.others = [env.outer]
    back = again({"env": env}, tmp_path, HERE)["env"]
    held = dict(dict.items(back))
    assert held == {"pi": 3, "me": back}
    assert back.others == [back.outer]
    assert type(back.outer) is Env


def test_a_map_of_neighbours(tmp_path: Path) -> None:
    """Objects whose hash is of their attributes are in sets of each other: attributes come first."""
    ulm, bonn = City("Ulm"), City("Bonn")
    ulm.near.add(bonn)
    bonn.near.add(ulm)
    back = again({"cities": {ulm: 1, bonn: 2}}, tmp_path, HERE)["cities"]
    assert back == {City("Ulm"): 1, City("Bonn"): 2}
    first, second = back
    assert (first.near, second.near) == ({second}, {first})


def test_a_list_of_many_links(tmp_path: Path) -> None:
    link: Any = None
    for number in range(3_000):
        link = Holder(number=number, rest=link)
    back = again({"link": link}, tmp_path, HERE)["link"]
    for number in reversed(range(3_000)):
        assert back.number == number
        back = back.rest
    assert back is None


def test_a_tree_that_knows_its_parents(tmp_path: Path) -> None:
    root = Holder(name="root", parent=None)
    root.children = [Holder(name=f"child {i}", parent=root) for i in range(5)]
    back = again({"tree": root}, tmp_path, HERE)["tree"]
    assert [child.name for child in back.children] == [f"child {i}" for i in range(5)]
    assert all(child.parent is back for child in back.children)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Closing(), "it is an object of Closing, which has __del__: a copy would run it too"),
        (Worker(), "it is an object of Worker, of which Thread keeps what cannot be read"),
        (Shadowed(), "it is an object of Shadowed, which hides its attribute y"),
        (Holder(log=sys.stderr), "x.log is an open file or stream"),
        (Order("a", [1, iter([])]), "x.lines[1] is an iterator (list_iterator), which may be half consumed"),
        (Env({"k": sys.stderr}), 'x["k"] is an open file or stream'),
    ],
)
def test_what_cannot_be_seen_is_refused(value: Any, reason: str) -> None:
    assert why(value, HERE) == reason


def test_many_objects_are_one_file(tmp_path: Path) -> None:
    """JSON has their attributes, and the source says of what class they are."""
    orders = [Order(f"order {i}", [i]) for i in range(900)]
    rows = {Plain(i, "k"): City(f"city {i}") for i in range(900)}
    slice_ = Slice(HERE)
    written = write({"orders": orders, "rows": rows}, slice_.spell)
    assert written.refused == {}
    texts = {s.name: s.text for s in written.statements}
    assert texts["orders"] == 'orders = _fc_json("orders.json", {"new Order": lambda held: Order(**held)})\n'
    assert texts["rows"].splitlines() == [
        'rows = _fc_json("rows.json", {',
        '    "new Plain": lambda held: Plain(*held),',
        '    "new City": lambda held: _fc_made(City, **held),',
        "})",
    ]
    back = rebuilt(written, slice_, tmp_path)
    assert back["orders"] == orders
    assert list(back["rows"]) == list(rows)
    assert {type(key) for key in back["rows"]} == {Plain}
    assert list(back["rows"].values()) == list(rows.values())


def test_objects_of_many_that_share_something_are_source(tmp_path: Path) -> None:
    shared = [1]
    orders = [Order(f"order {i}", shared) for i in range(200)]
    back = again({"orders": orders}, tmp_path, HERE)["orders"]
    assert back == orders
    assert all(order.lines is back[0].lines for order in back)


def test_a_dict_is_not_taken_for_an_object(tmp_path: Path) -> None:
    value = [{"new Order": {"name": "x"}}, {"tuple": [1]}, *[Order(f"order {i}") for i in range(200)]]
    assert again({"x": value}, tmp_path, HERE)["x"] == value


def test_a_class_that_has_no_name_there_is_told() -> None:
    class Local:
        pass

    assert "Local" in why([Local()], HERE)


def test_functions_come_before_what_calls_them() -> None:
    written = write({"x": Holder(a=1)}, Slice(HERE).spell)
    assert [s.name for s in written.statements] == ["_fc_filled", "_fc_made", "x"]


class Dotted(dict):  # type: ignore[type-arg]
    """As many have typed it."""

    def __init__(self, **held: Any) -> None:
        super().__init__(**held)
        self.__dict__ = self


class Shared:
    state: typing.ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        self.__dict__ = self.state


def test_a_dict_that_is_its_own_attributes(tmp_path: Path) -> None:
    assert source(Dotted(a=1), HERE) == 'x = dict.__new__(Dotted)\n_fc_filled(x, {"a": 1}, __dict__=x)\n'
    back = again({"x": Dotted(a=1)}, tmp_path, HERE)["x"]
    back.b = 2
    assert back == {"a": 1, "b": 2}


def test_attributes_that_have_a_name_of_their_own(tmp_path: Path) -> None:
    holder = Holder(a=1)
    back = again({"holder": holder, "held": vars(holder)}, tmp_path, HERE)
    back["held"]["b"] = 2
    assert back["holder"].b == 2


def test_attributes_that_are_those_of_a_class_are_refused() -> None:
    assert why(Shared(), HERE) == "it is an object of Shared, which shares its attributes with its class"


class Thing:
    """Compared and hashed by which one it is."""

    same_by = staticmethod(lambda self: ())


class Book(dict):  # type: ignore[type-arg]
    same_by = staticmethod(dict.items)


class Listed(list):  # type: ignore[type-arg]
    same_by = staticmethod(enumerate)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Objects, dicts with objects as keys, and containers, that hold each other in any way."""
    pool: list[Any] = [Thing(), Thing(), Book(), Listed(), [], {}]
    hashed = [0, 1]
    for _ in range(draw(st.integers(0, 8))):
        picked = [pool[i] for i in draw(st.lists(st.sampled_from(range(len(pool))), max_size=3))]
        kind = draw(st.sampled_from([tuple, list, Thing, Book, Listed, Row, collections.deque, "keys"]))
        if kind == "keys":
            pool.append({pool[i]: picked for i in hashed[:2]})
        elif kind is Row:
            pool.append(Row(1, picked))
        elif kind is Thing:
            hashed.append(len(pool))
            pool.append(Thing())
            vars(pool[-1]).update({f"a{n}": one for n, one in enumerate(picked)})
        else:
            pool.append(kind(dict(enumerate(picked)) if kind is Book else picked))
    for one in pool:
        target = pool[draw(st.integers(0, len(pool) - 1))]
        if isinstance(one, list):
            one.append(target)
        elif isinstance(one, dict):
            one["late"] = target
        elif isinstance(one, Thing | Book | Listed):
            one.late = target  # type: ignore[union-attr]
    names = draw(st.lists(st.sampled_from(range(len(pool))), min_size=1, max_size=4))
    return {f"v{i}": pool[n] for i, n in enumerate(names)}


@settings(deadline=None, max_examples=200)
@given(graphs())
def test_objects_that_hold_each_other_come_back(named: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = again(named, Path(folder), HERE)
    assert same(back, named)
