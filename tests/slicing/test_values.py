"""Values of a notebook as source: what comes back is the same, down to which parts are one object."""

from __future__ import annotations

import array
import collections
import tempfile
import threading
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.slicing.values import Written, write
from tests.slicing.rebuilt import Slice, again, rebuilt, source, why
from tests.slicing.same import same

atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(st.characters()),
    st.text(st.characters(categories=["Cs", "Lu"]), max_size=4),
    st.binary(),
    st.just(...),
)
ordered = st.one_of(st.booleans(), st.integers(), st.text(), st.binary(), st.tuples(st.integers(), st.text()))
keys = st.recursive(
    ordered, lambda below: st.tuples(below, below) | st.frozensets(below, max_size=3), max_leaves=4
)
values = st.recursive(
    atoms,
    lambda below: st.one_of(
        st.lists(below),
        st.tuples(below, below),
        st.lists(below).map(tuple),
        st.dictionaries(keys, below),
        st.sets(keys),
        st.frozensets(keys),
        st.builds(collections.deque, st.lists(below), st.none() | st.integers(0, 5)),
        st.dictionaries(keys, below).map(collections.OrderedDict),
        st.dictionaries(keys, below).map(lambda d: collections.defaultdict(list, d)),
        st.dictionaries(keys, st.integers()).map(collections.Counter),
        st.builds(range, st.integers(-9, 9), st.integers(), st.integers(1, 9)),
        st.builds(slice, below, below, below),
        st.binary().map(bytearray),
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(values)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert same(again({"x": value}, Path(folder))["x"], value)


@settings(deadline=None, max_examples=30)
@given(values)
def test_a_large_value_comes_back_as_it_was(value: Any) -> None:
    """Most of it is in files then."""
    many = [value, ["y" * 50] * 60, value, tuple(range(900)), {i: (i, str(i)) for i in range(400)}]
    with tempfile.TemporaryDirectory() as folder:
        assert same(again({"x": many}, Path(folder))["x"], many)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Containers that hold each other: parts shared, in circles, and known by two names."""
    pool: list[Any] = [[], {}, collections.deque()]
    makers = [
        lambda picked: list(picked),
        lambda picked: tuple(picked),
        lambda picked: dict(enumerate(picked)),
        lambda picked: collections.defaultdict(list, {"a": picked}),
        lambda picked: types.SimpleNamespace(**{f"a{i}": x for i, x in enumerate(picked)}),
        lambda picked: collections.deque(picked, 7),
        lambda picked: {(1, "k"): set(range(len(picked))), "l": picked},
    ]
    for _ in range(draw(st.integers(0, 8))):
        picked = draw(st.lists(st.sampled_from(range(len(pool))), max_size=4))
        pool.append(draw(st.sampled_from(makers))([pool[i] for i in picked]))
    for one in pool:
        target = pool[draw(st.integers(0, len(pool) - 1))]
        if type(one) is list:
            one.append(target)
        elif type(one) is dict:
            one["late"] = target
    names = draw(st.lists(st.sampled_from(range(len(pool))), min_size=1, max_size=4))
    return {f"v{i}": pool[n] for i, n in enumerate(names)}


lasting = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.tuples(st.integers(0, 40))
)


@settings(deadline=None)
@given(st.sets(lasting), st.booleans(), st.booleans())
def test_a_set_of_numbers_goes_through_them_as_before(items: set[Any], frozen: bool, turned: bool) -> None:
    ordered = sorted(items, key=repr, reverse=turned)
    value = frozenset(ordered) if frozen else set(ordered)
    slice_ = Slice()
    written = write({"x": value}, slice_.spell)
    with tempfile.TemporaryDirectory() as folder:
        back = rebuilt(written, slice_, Path(folder))["x"]
    assert list(back) == list(value) or "order" in written.warnings[0]


def test_a_set_of_numbers_that_was_another_one(tmp_path: Path) -> None:
    """What was in it once has left its place."""
    for number in range(3, 60):
        value = set(range(0, 1_000, number))
        assert list(again({"x": value}, tmp_path)["x"]) == list(value)
    value = {0, 7, -33}
    value.discard(0)
    assert list(again({"x": value}, tmp_path)["x"]) == list(value)


@settings(deadline=None)
@given(graphs())
def test_what_is_one_object_stays_one_object(named: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = again(named, Path(folder))
    assert same(back, named)


@settings(deadline=None, max_examples=30)
@given(values)
def test_the_same_value_is_the_same_text(value: Any) -> None:
    first, second = (write({"x": value}, Slice().spell) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (float("nan"), 'float("nan")'),
        (-float("inf"), '-float("inf")'),
        (-0.0, "-0.0"),
        (1e300, "1e+300"),
        (complex(-0.0, 2), "complex(-0.0, 2.0)"),
        ("it's", '"it\'s"'),
        ('say "no"', "'say \"no\"'"),
        ("\ud800", '"\\ud800"'),
        (b"\x00ab", "b'\\x00ab'"),
        ((), "()"),
        ((1,), "(1,)"),
        (set(), "set()"),
        ({3, 1, 2}, "{1, 2, 3}"),
        ({"b", "a"}, '{"a", "b"}'),
        (frozenset({1}), "frozenset({1})"),
        ({"b": 1, "a": [2]}, '{"b": 1, "a": [2]}'),
        (range(3), "range(3)"),
        (range(1, 9, 2), "range(1, 9, 2)"),
        (slice(None, 3), "slice(None, 3, None)"),
        (bytearray(b"ab"), "bytearray(b'ab')"),
        (array.array("d", [1, 2.5]), 'array.array("d", [1.0, 2.5])'),
        (collections.deque([1], 3), "collections.deque([1], maxlen=3)"),
        (collections.deque(), "collections.deque()"),
        (collections.defaultdict(list, a=[1]), 'collections.defaultdict(list, {"a": [1]})'),
        (collections.Counter("aab"), 'collections.Counter({"a": 2, "b": 1})'),
        (collections.OrderedDict(b=1, a=2), 'collections.OrderedDict({"b": 1, "a": 2})'),
        (collections.ChainMap({"a": 1}, {}), 'collections.ChainMap({"a": 1}, {})'),
        (types.SimpleNamespace(a=1), "types.SimpleNamespace(a=1)"),
        (types.SimpleNamespace(**{"class": 1}), 'types.SimpleNamespace(**{"class": 1})'),
        (types.MappingProxyType({"a": 1}), 'types.MappingProxyType({"a": 1})'),
    ],
)
def test_small_values_read_as_one_would_type_them(value: Any, text: str) -> None:
    assert source(value) == f"x = {text}\n"


def test_long_lists_are_wrapped() -> None:
    text = source(list(range(60)))
    assert text.startswith("x = [\n    0, 1, 2, 3,")
    assert max(map(len, text.splitlines())) <= 100
    assert text.endswith("59,\n]\n")


def test_long_text_stands_line_by_line() -> None:
    assert source("one line of it\n" * 8) == "x = (\n" + '    "one line of it\\n"\n' * 8 + ")\n"


def test_records_stand_one_a_line() -> None:
    text = source([{"name": f"order {i}", "price": i * 1.5, "tags": ["a", "b"]} for i in range(4)])
    assert text.splitlines()[1] == '    {"name": "order 0", "price": 0.0, "tags": ["a", "b"]},'


def test_two_names_for_one_list() -> None:
    shared = [1]
    written = write({"a": shared, "b": shared, "c": [shared]}, Slice().spell)
    assert [s.text for s in written.statements] == ["a = [1]\nb = a\n", "c = [a]\n"]
    assert written.statements[0].also == ("b",)


def test_a_part_of_two_values_has_a_name() -> None:
    shared = [1]
    written = write({"a": [shared], "b": {"of a": shared}}, Slice().spell)
    assert [s.text for s in written.statements] == ["_a_1 = [1]\n", "a = [_a_1]\n", 'b = {"of a": _a_1}\n']


def test_a_made_name_is_none_that_is_taken() -> None:
    shared = [1]
    written = write({"a": [shared, shared], "_a_1": 5}, Slice().spell, taken={"_a_2"})
    assert "_a_3 = [1]\n" in [s.text for s in written.statements]


def test_what_holds_itself_is_made_empty_and_filled() -> None:
    loop: list[Any] = [1]
    loop.append({"back": loop})
    assert source(loop) == 'x = []\n_x_1 = {}\nx.extend([1, _x_1])\n_x_1.update({"back": x})\n'


def test_ten_thousand_links(tmp_path: Path) -> None:
    """Neither we nor Python's parser recurse."""
    link: Any = None
    for number in range(10_000):
        link = [number, link]
    back = again({"x": link}, tmp_path)["x"]
    assert same(back, link)


def test_doubling_does_not_double_the_source(tmp_path: Path) -> None:
    both: Any = ([],)
    for _ in range(60):
        both = (both, both)
    written = write({"x": both}, Slice().spell)
    assert sum(len(s.text) for s in written.statements) < 5_000
    assert same(again({"x": both}, tmp_path)["x"], both)


def files(written: Written) -> dict[str, int]:
    return {path: len(data) for path, data in written.files.items()}


def test_large_values_are_files(tmp_path: Path) -> None:
    named = {
        "orders": [{"id": i, "price": i / 7} for i in range(500)],
        "story": "Once upon a time…\r\n" * 500,
        "blob": bytes(range(256)) * 20,
        "pairs": {(i, i + 1): {i} for i in range(500)},
        "odd": "\ud800" * 3_000,
        "tricky": [
            {"tuple": [1]},
            "\ud83d\ude00" * 900,
            {"é": 1},
            1 << 9_000,
            -0.0,
            float("inf"),
            2j,
            b"\xff",
        ],
    }
    slice_ = Slice()
    written = write(named, slice_.spell)
    names = ["blob.bin", "odd.txt", "orders.json", "pairs.json", "story.txt", "tricky.json"]
    assert sorted(written.files) == [f"values/{name}" for name in names]
    assert written.reasons["values/orders.json"] == "orders: a list of 500 items"
    assert same({n: v for n, v in rebuilt(written, slice_, tmp_path).items() if n in named}, named)


def test_a_large_part_of_a_small_value_is_a_file(tmp_path: Path) -> None:
    value = {
        "name": "it",
        "rows": [(i, str(i)) for i in range(900)],
        "text": "x" * 3_000,
        "q": collections.deque(),
    }
    slice_ = Slice()
    written = write({"x": value}, slice_.spell)
    assert sorted(written.files) == ["values/x.json", "values/x.txt"]
    assert '"name": "it"' in written.statements[-1].text
    assert same(rebuilt(written, slice_, tmp_path)["x"], value)


def test_names_that_differ_by_case_are_two_files() -> None:
    written = write({"text": "x" * 3_000, "Text": "y" * 3_000}, Slice().spell)
    assert sorted(written.files) == ["values/Text1.txt", "values/text.txt"]


@pytest.mark.parametrize("number", [900, 3_000])
def test_what_is_shared_is_not_copied_into_a_file(number: int, tmp_path: Path) -> None:
    rows = [[i] for i in range(number)]
    values = {"first": rows[0], "rows": rows, "last": {"of": rows[-1]}, "half": rows[::2]}
    back = again(values, tmp_path)
    assert same(back, values)


def test_two_large_trees_with_a_common_branch(tmp_path: Path) -> None:
    branch = {"k": [1]}
    values = {"a": [[i] for i in range(3_000)] + [branch], "b": {"c": [branch], "d": list(range(3_000))}}
    assert same(again(values, tmp_path), values)


def test_many_of_one_long_text_are_too_large() -> None:
    text = "x" * 2**20
    assert "too large" in why([[text] for _ in range(9_000)])


@pytest.mark.parametrize(
    "large", [[0] * 50_000_000, "x" * 65 * 2**20, bytes(65 * 2**20), {0: [0] * 4_500_000}]
)
def test_too_large_is_refused_at_once(large: Any) -> None:
    assert "too large" in why(large)


def test_the_first_of_many_refusals_is_told_each() -> None:
    lock = threading.Lock()
    written = write({"good": [1], "bad": {"k": [lock]}, "worse": lock}, Slice().spell)
    assert set(written.refused) == {"bad", "worse"}
    assert [s.text for s in written.statements] == ["good = [1]\n"]


def test_a_shadowed_builtin_is_spelled_as_the_slice_says() -> None:
    def spell(obj: Any) -> str | None:
        return f"builtins.{obj.__name__}" if isinstance(obj, type) else None

    values = {"a": set(), "b": frozenset({1}), "c": float("inf"), "d": range(2), "e": 1j}
    texts = "".join(s.text for s in write(values, spell).statements)
    for name in ("set", "frozenset", "float", "range", "complex"):
        assert f" builtins.{name}(" in texts
