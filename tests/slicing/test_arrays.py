"""Arrays and tables: dtypes, order, indexes and names come back as they were, or are refused."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.slicing.values import write
from tests.slicing.rebuilt import Slice, again, rebuilt, source


def same(one: Any, other: Any) -> bool:
    """Types, and bit by bit: nan is nan, and -0.0 is not 0.0."""
    if type(one) is not type(other) or one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype.hasobject:
        return all(
            type(a) is type(b) and (a == b or a != a) for a, b in zip(one.flat, other.flat, strict=True)
        )
    return one.tobytes() == other.tobytes() and one.flags.writeable == other.flags.writeable


PROTECTED = np.arange(3)
PROTECTED.flags.writeable = False
ALIGNED = np.dtype([("a", "i1"), ("b", "f8")], align=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([[0.0, 1.5], [3.0, np.nan]]), 'numpy.array([[0.0, 1.5], [3.0, float("nan")]])'),
        (np.array([1, 2]), "numpy.array([1, 2])"),
        (np.array([1, 2], dtype="uint8"), 'numpy.array([1, 2], dtype="uint8")'),
        (np.array([0.1], dtype="float32"), 'numpy.array([0.10000000149011612], dtype="float32")'),
        (np.array([True]), "numpy.array([True])"),
        (np.array([1 - 0j]), "numpy.array([complex(1.0, 0.0)])"),
        (np.array(5), "numpy.array(5)"),
        (np.array(["a", "bcd"]), 'numpy.array(["a", "bcd"], dtype="<U3")'),
        (np.array([1], dtype=">i4"), 'numpy.array([1], dtype=">i4")'),
        (np.zeros((0, 3)), 'numpy.empty((0, 3), dtype="float64")'),
        (np.array(["2020-01-01", "NaT"], dtype="M8[D]"), 'numpy.array(["2020-01-01", "NaT"], dtype="datetime64[D]")'),
        (np.array([5], dtype="m8[s]"), 'numpy.array([5], dtype="timedelta64[s]")'),
        (np.array([1, "a", None, [1]], dtype=object), '_fc_objects((4,), [1, "a", None, [1]])'),
        (PROTECTED, "_fc_fixed(numpy.array([0, 1, 2]))"),
        (np.arange(6).reshape(2, 3)[:, ::2], "numpy.array([[0, 2], [3, 5]])"),
        (np.arange(500), '_fc_array("x.npy")'),
        (np.asfortranarray(np.eye(3)), '_fc_array("x.npy")'),
        (np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), '_fc_array("x.npy")'),
        (np.array([b"a\x00"], dtype="S2"), '_fc_array("x.npy")'),
        (np.array([1], dtype="M8[25s]"), '_fc_array("x.npy")'),
    ],
)  # fmt: skip
def test_an_array_comes_back(value: Any, text: str, tmp_path: Path) -> None:
    assert source(value) == f"x = {text}\n"
    back = again({"x": value}, tmp_path)["x"]
    assert same(back, value)
    if value.flags.f_contiguous and not value.flags.c_contiguous:
        assert back.flags.f_contiguous


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(1.5), "numpy.float64(1.5)"),
        (np.float32(0.1), "numpy.float32(0.10000000149011612)"),
        (np.int32(3), "numpy.int32(3)"),
        (np.bool_(True), "numpy.bool_(True)"),
        (np.str_("x"), 'numpy.str_("x")'),
        (np.bytes_(b"x"), "numpy.bytes_(b'x')"),
        (np.datetime64("2020-01-01"), 'numpy.datetime64("2020-01-01", "D")'),
        (np.datetime64("NaT", "s"), 'numpy.datetime64("NaT", "s")'),
        (np.timedelta64(5, "s"), 'numpy.timedelta64(5, "s")'),
        (np.dtype("float32"), 'numpy.dtype("float32")'),
        (np.dtype(">i2"), 'numpy.dtype(">i2")'),
        (np.dtype([("a", "i4")]), 'numpy.dtype([("a", "<i4")])'),
        ([np.float32, np.sin, np.ma.masked], "[numpy.float32, numpy.sin, numpy.ma.masked]"),
        (pd.NaT, "pandas.NaT"),
        (pd.NA, "pandas.NA"),
        (pd.Int64Dtype(), 'pandas.api.types.pandas_dtype("Int64")'),
        (pd.Interval(1, 2), 'pandas.Interval(1, 2, closed="right")'),
        (pd.RangeIndex(0, 6, 2, name="r"), 'pandas.RangeIndex(0, 6, 2, name="r")'),
        (pd.Period("2020-01", freq="M"), 'pandas.Period(ordinal=600, freq="M")'),
    ],
)
def test_scalars_and_dtypes_are_written(value: Any, text: str) -> None:
    assert source(value) == f"x = {text}\n"


@pytest.mark.parametrize("name", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_random_numbers_go_on(name: str, tmp_path: Path) -> None:
    numbers = np.random.Generator(getattr(np.random, name)(7))
    numbers.random(3), numbers.integers(5, dtype="int32")
    back = again({"numbers": numbers}, tmp_path)["numbers"]
    assert list(back.random(3)) == list(numbers.random(3))
    assert back.spawn(1)[0].random() == numbers.spawn(1)[0].random()


def test_legacy_random_numbers_go_on(tmp_path: Path) -> None:
    numbers = np.random.RandomState(7)
    numbers.normal()
    back = again({"numbers": numbers}, tmp_path)["numbers"]
    assert list(back.normal(size=3)) == list(numbers.normal(size=3))


def test_a_masked_array_comes_back(tmp_path: Path) -> None:
    value = np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=9, hard_mask=True)
    back = again({"x": value}, tmp_path)["x"]
    assert type(back) is np.ma.MaskedArray
    assert (list(back.data), list(back.mask), back.fill_value, back.hardmask) == (
        [1, 2, 3],
        [False, True, False],
        9,
        True,
    )


def test_windows_on_the_same_memory_are_refused(tmp_path: Path) -> None:
    data = np.arange(10)
    written = write({"data": data, "part": data[2:4], "ok": np.arange(3)}, Slice().spell)
    assert written.refused == {
        "part": "it is an array that shares its memory with another value; a copy() of it does not"
    }
    table = np.arange(12).reshape(4, 3)
    back = again({"xs": table[:, :2], "y": table[:, 2]}, tmp_path)
    assert (back["xs"].shape, list(back["y"])) == ((4, 2), [2, 5, 8, 11])


def test_one_array_of_two_names_is_one_array(tmp_path: Path) -> None:
    data = np.arange(500)
    back = again({"data": data, "same": data, "held": {"by": [data]}}, tmp_path)
    assert back["data"] is back["same"] is back["held"]["by"][0]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.longdouble(1), "it is a longdouble of numpy"),
        (
            np.broadcast_to(0.0, (10_000, 10_000)),
            "it is too large: an array of 800,000,000 bytes, and all files may",
        ),
        (np.array([(1, [])], dtype=[("a", "i4"), ("b", "O")]), "which no file of numpy holds as it is"),
        (np.zeros(1, dtype=ALIGNED), "which no file of numpy holds as it is"),
        (np.array([1, open], dtype=object), "x[1] is"),
        (np.poly1d([1]), "it is an object of numpy.poly1d, which only numpy can write"),
        (pd.DataFrame({"a": pd.arrays.SparseArray([0, 1])}), "SparseArray, which only pandas can write"),
        (pd.DataFrame({"a": [1]}).groupby("a"), "which only pandas can write"),
        (pd.DataFrame({"a": [iter("")]}), "is an iterator"),
        (pd.Series([1]).set_flags(allows_duplicate_labels=False), "it is a Series with flags"),
    ],
)
def test_arrays_that_do_not_come_back_are_refused(value: Any, reason: str) -> None:
    slice_ = Slice()
    found = write({"x": value}, lambda obj: None if obj is open else slice_.spell(obj)).refused["x"]
    assert reason in found


def test_what_a_table_has_besides_is_not_lost() -> None:
    made = pd.DataFrame({"a": [1]})
    object.__setattr__(made, "source", "here")
    assert write({"x": made}, Slice().spell).refused == {
        "x": "it is a DataFrame with attributes of its own: source"
    }
    holidays = pd.offsets.CustomBusinessDay(holidays=["2020-01-02"])
    days = pd.date_range("2020-01-01", periods=3, freq=holidays)
    assert write({"x": days}, Slice().spell).refused["x"].startswith("it is an index of the frequency C")


def table(**more: Any) -> Any:
    made = pd.DataFrame(
        {
            "whole": [1, 2],
            "text": ["x", "y"],
            "real": [1.5, None],
            "day": pd.to_datetime(["2020-01-01", "2021-01-01"]),
            "there": pd.to_datetime(["2020-06-01", "2021-01-01"]).tz_localize("Europe/Berlin"),
            "kind": pd.Categorical(["u", "v"], categories=["v", "u"], ordered=True),
            "any": pd.Series([1, "a"], dtype=object),
            "maybe": pd.array([1, None], dtype="Int64"),
            "truth": pd.array([True, None], dtype="boolean"),
            "part": pd.array([1.5, None], dtype="Float32"),
            "word": pd.array(["w", None], dtype="string"),
            "month": pd.period_range("2020-01", periods=2, freq="M"),
            "span": pd.interval_range(0, 2),
            "long": pd.to_timedelta([1, None], unit="s"),
            "small": np.array([1, 2], dtype="int8"),
        }
    )
    return made.assign(**more)


INDEXES = [
    pd.RangeIndex(2),
    pd.Index(["a", "a"], name="twice"),
    pd.Index([1.5, np.nan]),
    pd.Index([1, "a"], dtype=object),
    pd.Index([True, False]),
    pd.Index([1, 2], dtype="int8"),
    pd.Index([1, None], dtype="Int64"),
    pd.date_range("2020-01-31", periods=2, freq="ME", name="at"),
    pd.date_range("2020-10-25", periods=2, freq="h", tz="Europe/Berlin"),
    pd.DatetimeIndex(["2020-01-01", None], tz="UTC"),
    pd.timedelta_range("1s", periods=2),
    pd.period_range("2020", periods=2, freq="Q"),
    pd.interval_range(0.0, 2.0, closed="left"),
    pd.CategoricalIndex(["b", "a"], categories=["b", "a", "c"]),
    pd.MultiIndex.from_tuples([("a", 1), ("b", None)], names=["x", None]),
]


def assert_same(one: Any, other: Any) -> None:
    check = {pd.DataFrame: pd.testing.assert_frame_equal, pd.Series: pd.testing.assert_series_equal}
    check.get(type(one), lambda a, b, **_: pd.testing.assert_index_equal(a, b, exact=True))(
        one, other, check_exact=True
    )
    if not isinstance(one, pd.Index):
        assert one.attrs == other.attrs
        pd.testing.assert_index_equal(one.index, other.index, exact=True)
        one, other = one.index, other.index
    assert getattr(one, "freq", None) == getattr(other, "freq", None)
    assert one.names == other.names


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: f"{type(index).__name__} {index.dtype}")
def test_an_index_comes_back(index: Any, tmp_path: Path) -> None:
    assert_same(index, again({"x": index}, tmp_path)["x"])
    framed = table().set_axis(index)
    framed.columns.name = "of all"
    framed.attrs["from"] = ["here"]
    assert_same(framed, again({"x": framed}, tmp_path)["x"])


@pytest.mark.parametrize("column", list(table()))
def test_a_column_comes_back(column: str, tmp_path: Path) -> None:
    value = table()[column]
    assert_same(value, again({"x": value}, tmp_path)["x"])


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame(),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame(columns=["a", "b"]),
        pd.DataFrame([[1, 2.5]], columns=["a", "a"], index=["r"]),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
        table().describe(include="all"),
        pd.concat([table()] * 300),
    ],
    ids=range(7),
)
def test_a_table_comes_back(value: Any, tmp_path: Path) -> None:
    assert_same(value, again({"x": value}, tmp_path)["x"])


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2020-01-01 01:02:03.000000004"),
        pd.Timestamp("2020-10-25 01:30", tz="UTC").tz_convert("Europe/Berlin"),
        pd.Timestamp("2020-01-01", tz="UTC"),
        pd.Timedelta("1s").as_unit("ms"),
        pd.CategoricalDtype(["a", "b"], ordered=True),
        pd.DatetimeTZDtype(tz="UTC"),
        pd.StringDtype("python"),
    ],
    ids=str,
)
def test_moments_and_types_come_back(value: Any, tmp_path: Path) -> None:
    back = again({"x": value}, tmp_path)["x"]
    assert (type(back), repr(back), back) == (type(value), repr(value), value)
    assert getattr(back, "unit", None) == getattr(value, "unit", None)


def test_a_large_table_is_files(tmp_path: Path) -> None:
    value = pd.DataFrame({"a": range(1_000), "b": [f"text {i}" for i in range(1_000)], "c": np.ones(1_000)})
    slice_ = Slice()
    written = write({"table": value}, slice_.spell)
    assert sorted(written.files) == ["values/table.json", "values/table.npz"]
    assert set(written.reasons.values()) == {"table: arrays of 2 columns", "table: a list of 1,000 items"}
    assert written.statements[-1].note == "a table of 1,000 rows and 3 columns"
    assert_same(value, rebuilt(written, slice_, tmp_path)["table"])
    assert write({"table": value}, slice_.spell).files == written.files


numbers = st.sampled_from(
    ["int8", "uint16", "int64", "float32", "float64", "complex128", "bool", ">f8", "M8[ns]", "m8[us]"]
)


@settings(deadline=None, max_examples=40)
@given(
    numbers, st.lists(st.integers(0, 4), max_size=3), st.binary(min_size=2048, max_size=2048), st.booleans()
)
def test_any_bits_of_an_array_come_back(dtype: str, shape: list[int], data: bytes, turned: bool) -> None:
    count = int(np.prod(shape, dtype=int))
    value = (
        np.frombuffer(data, dtype="u1").astype(dtype) if dtype == "bool" else np.frombuffer(data, dtype=dtype)
    )
    value = value[:count].reshape(shape).copy(order="F" if turned else "C")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bits of no number
        back = again({"x": value}, Path(folder))["x"]
    assert (back.dtype, back.shape) == (value.dtype, value.shape)
    np.testing.assert_array_equal(back, value)


def test_many_numbers_of_numpy_are_one_file(tmp_path: Path) -> None:
    value = [np.float64(i / 3) for i in range(500)] + [np.int8(3), np.bool_(True), np.float32(0.1)]
    back = again({"x": value}, tmp_path)["x"]
    assert [(type(a), a) for a in back] == [(type(a), a) for a in value]
    assert (tmp_path / "values/x.json").exists()


def test_neither_library_is_loaded_by_us() -> None:
    """Values without arrays do not ask for them."""
    code = "import sys; from fc_magic.slicing.values import write; write({'x': [1]}, lambda obj: None)"
    subprocess.run(
        [sys.executable, "-c", f"{code}; assert not {{'numpy', 'pandas', 'IPython'}} & set(sys.modules)"],
        check=True,
    )
