"""Values of the standard library, functions and types among values, and what is refused, with the reason."""

# the older spellings of types are values too
# ruff: noqa: UP006, UP007, F821

from __future__ import annotations

import _thread
import collections
import collections.abc
import contextvars
import datetime
import decimal
import fractions
import functools
import ipaddress
import itertools
import logging
import math
import operator
import pathlib
import random
import re
import socket
import sqlite3
import string
import sys
import threading
import time
import types
import typing
import unittest.mock
import urllib.parse
import uuid
import weakref
import zoneinfo
from pathlib import Path
from typing import Any

import pytest

from fc_magic.slicing.values import write
from tests.slicing.rebuilt import Slice, again, source, why


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime.datetime(2020, 1, 2), "datetime.datetime(2020, 1, 2, 0, 0)"),
        (
            datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc, fold=1),
            "datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc, fold=1)",
        ),
        (datetime.date(2020, 1, 1), "datetime.date(2020, 1, 1)"),
        (datetime.time(1, 2), "datetime.time(1, 2)"),
        (datetime.timedelta(-1, 5), "datetime.timedelta(days=-1, seconds=5)"),
        (
            datetime.timezone(datetime.timedelta(hours=2), "here"),
            'datetime.timezone(datetime.timedelta(seconds=7200), "here")',
        ),
        (zoneinfo.ZoneInfo("Europe/Berlin"), 'zoneinfo.ZoneInfo("Europe/Berlin")'),
        (decimal.Decimal("1.10"), 'decimal.Decimal("1.10")'),
        (fractions.Fraction(1, 3), "fractions.Fraction(1, 3)"),
        (uuid.UUID(int=5), 'uuid.UUID("00000000-0000-0000-0000-000000000005")'),
        (re.compile("a(b)", re.IGNORECASE | re.VERBOSE), 're.compile("a(b)", re.IGNORECASE | re.VERBOSE)'),
        (re.compile(b"x"), "re.compile(b'x')"),
        (string.Template("$x"), 'string.Template("$x")'),
        (pathlib.PurePosixPath("a/b"), 'pathlib.PurePosixPath("a/b")'),
        (ipaddress.ip_address("10.0.0.1"), 'ipaddress.IPv4Address("10.0.0.1")'),
        (ipaddress.ip_network("fe80::/16"), 'ipaddress.IPv6Network("fe80::/16")'),
        (collections.UserDict(a=1), 'collections.UserDict({"a": 1})'),
        ({"a": 1}.keys(), '{"a": 1}.keys()'),
        (functools.partial(int, base=2), "functools.partial(int, base=2)"),
        (functools.partial(max, 1, key=abs), "functools.partial(max, 1, key=abs)"),
        (operator.itemgetter(1, 2), "operator.itemgetter(1, 2)"),
        (operator.attrgetter("a.b"), 'operator.attrgetter("a.b")'),
        (operator.methodcaller("f", 1, k=2), 'operator.methodcaller("f", 1, k=2)'),
        (
            urllib.parse.urlparse("https://a.b/c?d"),
            'urllib_parse.ParseResult(\n    scheme="https",\n    netloc="a.b",\n    path="/c",\n    params="",\n'
            '    query="d",\n    fragment="",\n)',
        ),
        (logging.getLogger("of a notebook"), 'logging.getLogger("of a notebook")'),
        (ValueError("no", 1), 'ValueError("no", 1)'),
        ({"f": len, "g": math.sin, "h": str.upper}, '{"f": len, "g": math.sin, "h": str.upper}'),
        ([1, 2].append, "[1, 2].append"),
        ([int, datetime.date, type(None), re], "[int, datetime.date, type(None), re]"),
        (re.IGNORECASE, "re.RegexFlag.IGNORECASE"),
        (re.IGNORECASE | re.MULTILINE, "re.RegexFlag(10)"),
        (..., "..."),
        (NotImplemented, "NotImplemented"),
        (typing.Dict[str, int], "typing.Dict[str, int]"),
        (list[int], "list[int]"),
        (dict[str, tuple[int, ...]], "dict[str, tuple[int, ...]]"),
        (typing.Tuple[int, ...], "typing.Tuple[int, ...]"),
        (tuple[()], "tuple[()]"),
        (int | None, "int | None"),
        (typing.Union[int, str], "typing.Union[int, str]"),
        (typing.Callable[[int, str], bool], "typing.Callable[[int, str], bool]"),
        (collections.abc.Callable[..., int], "collections_abc.Callable[..., int]"),
        (typing.Literal["a", 1], 'typing.Literal["a", 1]'),
        (typing.Annotated[int, "m"], 'typing.Annotated[int, "m"]'),
        (typing.Any, "typing.Any"),
        (typing.List, "typing.List"),
        (typing.List["Later"], 'typing.List[typing.ForwardRef("Later")]'),
    ],
)
def test_one_types_what_is_written(value: Any, text: str) -> None:
    assert source(value) == f"x = {text}\n"


def test_records_with_dates_and_prices_are_one_file(tmp_path: Path) -> None:
    day, zone = datetime.datetime(2020, 1, 1, 12), zoneinfo.ZoneInfo("Europe/Berlin")
    hours = [day + datetime.timedelta(hours=n, microseconds=n) for n in range(300)]
    rows = [
        {"at": h, "day": h.date(), "utc": h.astimezone(datetime.timezone.utc), "is": decimal.Decimal(h.hour)}
        for h in hours
    ]
    written = write({"rows": rows, "there": [h.replace(tzinfo=zone) for h in hours]}, Slice().spell)
    assert sorted(written.files) == ["values/rows.json"]
    assert again({"rows": rows}, tmp_path)["rows"] == rows


def test_a_logger_is_found_by_its_name() -> None:
    """With its level; handlers are not the notebook's to send."""
    logger = logging.getLogger("of a notebook.loud")
    logger.setLevel(logging.DEBUG)
    assert source(logger) == 'x = _fc_logger(10, "of a notebook.loud")\n'
    handler = logging.NullHandler()
    logger.addHandler(handler)
    assert why(logger) == "it is a logger with handlers, filters or other settings of its own"
    logger.removeHandler(handler)
    assert why(logging.Logger("x")) == "it is a logger that logging does not know by its name"


def test_a_moment_of_the_clock_comes_back(tmp_path: Path) -> None:
    moment = time.gmtime(0)
    back = again({"x": moment}, tmp_path)["x"]
    assert (back, back.tm_zone, back.tm_gmtoff) == (moment, moment.tm_zone, moment.tm_gmtoff)


def test_types_that_are_themselves_only(tmp_path: Path) -> None:
    user, item, number = (
        typing.NewType("User", int),
        typing.TypeVar("T", bound=int),
        typing.TypeVar("N", int, str),
    )
    back = again({"user": user, "item": item, "items": [item, item], "number": number}, tmp_path)
    assert (back["user"].__name__, back["user"].__supertype__) == ("User", int)
    assert (back["item"].__bound__, back["number"].__constraints__) == (int, (int, str))
    assert back["items"][0] is back["items"][1] is back["item"]


def test_a_mark_is_the_same_mark_everywhere(tmp_path: Path) -> None:
    missing = object()
    back = again({"missing": missing, "row": [1, missing, missing]}, tmp_path)
    assert back["row"][1] is back["row"][2] is back["missing"]


def test_random_numbers_go_on(tmp_path: Path) -> None:
    numbers = random.Random(5)
    numbers.gauss(0, 1)
    back = again({"numbers": numbers}, tmp_path)["numbers"]
    assert [back.gauss(0, 1), back.random()] == [numbers.gauss(0, 1), numbers.random()]


def test_a_view_follows_its_dict(tmp_path: Path) -> None:
    prices = {"a": 1}
    back = again(
        {"prices": prices, "names": prices.keys(), "shown": types.MappingProxyType(prices)}, tmp_path
    )
    back["prices"]["b"] = 2
    assert list(back["names"]) == list(back["shown"]) == ["a", "b"]


def test_a_method_is_of_its_object(tmp_path: Path) -> None:
    seen: list[int] = []
    back = again({"seen": seen, "add": seen.append, "get": {"k": seen}.get}, tmp_path)
    back["add"](5)
    assert back["seen"] == [5]
    assert back["get"]("k") is back["seen"]


def test_a_path_of_this_machine_is_told() -> None:
    written = write({"where": [pathlib.Path("/tmp/x")]}, Slice().spell)
    assert written.warnings == ("where has the path /tmp/x of this machine, which need not be there",)
    assert written.statements[-1].text == 'where = [pathlib.Path("/tmp/x")]\n'


def raised() -> Exception:
    try:
        raise ValueError("x")
    except ValueError as error:
        return error


async def later() -> None: ...


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (threading.Lock, "it is a lock, which belongs to this process"),
        (_thread.RLock, "it is a lock, which belongs to this process"),
        (threading.Event, "it is a thread, or a lock of threads (threading.Event)"),
        (threading.Thread, "it is a thread, or a lock of threads (threading.Thread)"),
        (lambda: (i for i in []), "it is a generator, which may be half consumed"),
        (lambda: iter([1]), "it is an iterator (list_iterator), which may be half consumed"),
        (lambda: zip([1], strict=False), "it is an iterator (zip), which may be half consumed"),
        (itertools.count, "it is an iterator (itertools.count), which may be half consumed"),
        (lambda: sys.stdout, "it is an open file or stream"),
        (lambda: weakref.ref(Slice), "it is a weak reference"),
        (lambda: memoryview(b""), "it is a memoryview, a window on another object's memory"),
        (lambda: contextvars.ContextVar("v"), "it is a context variable (_contextvars.ContextVar)"),
        (unittest.mock.Mock, "it is a mock (unittest.mock.Mock)"),
        (raised, "it is a ValueError that was raised, and leads to its frames"),
        (lambda: OSError("x"), "it is an object of OSError, of which OSError keeps what cannot be read"),
        (lambda: lambda x: x, "it is a function (<lambda>) that the slice cannot name"),
        (lambda: raised.__code__, "it is compiled code"),
        (lambda: property(), "it is a property"),
        (lambda: random.SystemRandom(), "it is an object of random.SystemRandom, for which there is no literal"),
        (pytest.MonkeyPatch, "it is an object of _pytest.monkeypatch.MonkeyPatch, which only _pytest can write"),
    ],
)  # fmt: skip
def test_what_no_source_makes_is_refused_in_words(make: Any, reason: str) -> None:
    assert why(make()) == reason


def test_attributes_that_nobody_expects_are_not_lost() -> None:
    prices = collections.OrderedDict(a=1)
    prices.currency = "EUR"  # type: ignore[attr-defined]
    assert why(prices) == "it is an OrderedDict with attributes of its own: currency"


def test_open_connections_are_refused(tmp_path: Path) -> None:
    with socket.socket() as one, open(tmp_path / "f", "w") as file:
        assert why(one) == "it is a socket, a connection of this process (socket.socket)"
        assert why(file) == "it is an open file or stream"
    database = sqlite3.connect(":memory:")
    assert why(database) == "it is a connection to a database, or a part of one (sqlite3.Connection)"
    database.close()
    task = later()
    assert why(task) == "it is a coroutine, which may be half done"
    task.close()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([1, (2, threading.Lock())], "x[1][1] is a lock, which belongs to this process"),
        (
            {"a b": {3: [iter(())]}},
            'x["a b"][3][0] is an iterator (tuple_iterator), which may be half consumed',
        ),
        (types.SimpleNamespace(log=sys.stderr), "x.log is an open file or stream"),
        (collections.deque([sys.stderr]), "x[0] is an open file or stream"),
        (
            collections.defaultdict(lambda: 0),
            "x.default_factory is a function (<lambda>) that the slice cannot name",
        ),
    ],
)
def test_the_way_to_what_is_refused_is_told(value: Any, reason: str) -> None:
    assert why(value) == reason
