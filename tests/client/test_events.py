"""Events as bytes: what JSON has as JSON, and what numpy and pandas have as what JSON has."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import date, datetime, timezone
from typing import Any

import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.client.events import each, to_bytes
from fc_magic.errors import UsageError

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=20)


@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES) | st.integers() | st.booleans())
def test_json_comes_as_it_went(value: Any) -> None:
    """What JSON has arrives the same."""
    assert json.loads(to_bytes(value)) == value


@given(st.recursive(LEAVES | st.just(math.nan), lambda v: st.lists(v) | st.dictionaries(st.text(), v)))
def test_missing_numbers_are_null(value: Any) -> None:
    """Whatever is sent is JSON by its own rules: NaN, which it does not have, is null, however deep."""

    def without(one: Any) -> Any:
        if isinstance(one, float) and math.isnan(one):
            return None
        if isinstance(one, list):
            return [without(v) for v in one]
        return {k: without(v) for k, v in one.items()} if isinstance(one, dict) else one

    def refuse(name: str) -> None:
        raise AssertionError(name)

    sent = to_bytes([value])
    assert json.loads(sent, parse_constant=refuse) == [without(value)]


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        (None, b""),
        (b"\x00\xff", b"\x00\xff"),
        (memoryview(b"ab"), b"ab"),
        ("你好", "你好".encode()),
        (numpy.int64(3), b"3"),
        (numpy.float32(0.5), b"0.5"),
        (numpy.float64("nan"), b"null"),
        (numpy.bool_(True), b"true"),
        (numpy.array([[1, 2], [3, 4]]), b"[[1, 2], [3, 4]]"),
        (numpy.array([1.5, numpy.nan]), b"[1.5, null]"),
        (numpy.array(3), b"3"),
        (numpy.datetime64("2026-01-02T03:04:05"), b'"2026-01-02T03:04:05"'),
        (numpy.datetime64("NaT"), b"null"),
        (numpy.array(["2026-01-02", "NaT"], "datetime64[D]"), b'["2026-01-02", null]'),
        (pandas.Timestamp("2026-01-02 03:04:05", tz="UTC"), b'"2026-01-02T03:04:05+00:00"'),
        (pandas.NaT, b"null"),
        (pandas.NA, b"null"),
        (pandas.Series([1, 2], index=["a", "b"]), b'{"a": 1, "b": 2}'),
        (pandas.Series([1.0, None], index=[10, 20]), b'{"10": 1.0, "20": null}'),
        (pandas.Index([1, 2]), b"[1, 2]"),
        (pandas.DataFrame({"a": [1, 2], "b": ["x", None]}), b'[{"a": 1, "b": "x"}, {"a": 2, "b": null}]'),
        ({"at": datetime(2026, 1, 2, 3, tzinfo=timezone.utc)}, b'{"at": "2026-01-02T03:00:00+00:00"}'),
        ([date(2026, 1, 2)], b'["2026-01-02"]'),
        ({numpy.int64(1): numpy.int64(2)}, b'{"1": 2}'),
        ({"a": {"b": numpy.array([numpy.nan])}}, b'{"a": {"b": [null]}}'),
    ],
)
def test_values_of_libraries(event: Any, sent: bytes) -> None:
    """Numbers, arrays, moments and missing values of numpy and pandas are those of JSON."""
    made = to_bytes(event)
    if sent.startswith((b"[{", b"[", b"{")):
        assert json.loads(made) == json.loads(sent)
    else:
        assert made == sent


@pytest.mark.parametrize("event", [{1, 2}, {"a": object()}, [b"x"], math.inf, {"a": -math.inf}, {(1, 2): 3}])
def test_what_json_has_not_is_refused(event: Any) -> None:
    """The error names the kind of event, and says what can be sent."""
    with pytest.raises(
        UsageError, match=f"the event is of type {type(event).__name__} and cannot be sent"
    ) as caught:
        to_bytes(event)
    assert "dict, list" in caught.value.hint


class Broken:
    """Of a library that cannot make JSON of it."""

    __module__ = "numpy"

    def tolist(self) -> Any:
        raise RuntimeError("no list")


@pytest.mark.parametrize(
    "event",
    ["a\ud800", {"a": "\udc80"}, ["\udfff"], 10**5000, [10**5000], Broken()],
    ids=["text", "in a dict", "in a list", "number", "numbers", "library"],
)
def test_what_has_no_bytes_is_refused(event: Any) -> None:
    """Half of a character, as in the names of odd files; a number without digits; what fails when it is asked."""
    with pytest.raises(UsageError, match=f"the event is of type {type(event).__name__} and cannot be sent"):
        to_bytes(event)


def test_what_holds_itself_is_refused() -> None:
    """A list that is in itself has no end."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(UsageError):
        to_bytes(endless)


def test_rows_of_a_frame() -> None:
    """A DataFrame is many events: its rows, as dicts of Python's own values."""
    frame = pandas.DataFrame({"n": [1, 2], "at": pandas.to_datetime(["2026-01-02", None]), 3: ["x", "y"]})
    assert [json.loads(to_bytes(row)) for row in each(frame)] == [
        {"n": 1, "at": "2026-01-02T00:00:00", "3": "x"},
        {"n": 2, "at": None, "3": "y"},
    ]


def test_series_and_arrays() -> None:
    """Their elements; of a table of numbers the rows."""
    assert [to_bytes(one) for one in each(pandas.Series([1, 2]))] == [b"1", b"2"]
    assert [to_bytes(one) for one in each(numpy.array([[1, 2], [3, 4]]))] == [b"[1, 2]", b"[3, 4]"]


@pytest.mark.parametrize("events", ["abc", b"abc", {"a": 1}, 3, None])
def test_one_event_is_not_many(events: Any) -> None:
    """A text, a dict or a number is one event, and a loop over it would surprise."""
    with pytest.raises(UsageError, match="the events are of type"):
        each(events)


def test_columns_of_the_same_name() -> None:
    """One of them would be lost."""
    with pytest.raises(UsageError, match="a more than once"):
        each(pandas.DataFrame([[1, 2]], columns=["a", "a"]))


def test_no_library_is_imported() -> None:
    """Whoever has neither numpy nor pandas needs neither."""
    code = "import sys; from fc_magic.client.events import each, to_bytes; "
    code += "list(each([1])); to_bytes({'a': float('nan')}); "
    code += "assert not {'numpy', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
