"""Values of the standard library, each by the call that one would type."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import functools
import ipaddress
import logging
import operator
import pathlib
import random
import re
import string
import time
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fc_magic.slicing.values.atoms import quoted
from fc_magic.slicing.values.containers import keywords, only_contents
from fc_magic.slicing.values.graph import Graph, Shaper
from fc_magic.slicing.values.shape import Item, Said, Shape
from fc_magic.slicing.values.written import Unwritable

_FLAGS = ("IGNORECASE", "MULTILINE", "DOTALL", "VERBOSE", "LOCALE", "ASCII")


def called(graph: Graph, kind: Any, *arguments: Any, **named: Any) -> Shape:
    """A call of what is spelled, with values."""
    items: list[Item] = [(graph.token(argument),) for argument in arguments]
    items += [(f"{name}=", graph.token(argument)) for name, argument in named.items()]
    return Shape(f"{graph.spelled(kind)}(", items, ")", frozen=True)


def _by(read: Callable[[Any], Iterable[Any]]) -> Shaper:
    """Made by a call of its type with these arguments."""
    return lambda obj, graph: called(graph, type(obj), *read(obj))


def _clock(obj: Any) -> list[int]:
    """Hours and what follows, without zeros at the end."""
    parts = [obj.hour, obj.minute, obj.second, obj.microsecond]
    while len(parts) > 2 and not parts[-1]:
        parts.pop()
    return parts


def _datetime(obj: datetime.datetime, graph: Graph) -> Shape:
    made = called(graph, type(obj), obj.year, obj.month, obj.day, *_clock(obj))
    made.items += _zone(obj, graph)
    if not obj.fold and (obj.tzinfo is None or obj.tzinfo is datetime.timezone.utc):
        _said(made, graph, type(obj), obj.isoformat(), ".fromisoformat")
    return made


def _said(shape: Shape, graph: Graph, kind: type, content: Any, by: str = "") -> Shape:
    name = graph.spelled(kind)
    shape.json, shape.said = True, Said(name, name + by, content)
    return shape


def _date(obj: datetime.date, graph: Graph) -> Shape:
    made = called(graph, type(obj), obj.year, obj.month, obj.day)
    return _said(made, graph, type(obj), obj.isoformat(), ".fromisoformat")


def _decimal(obj: decimal.Decimal, graph: Graph) -> Shape:
    return _said(called(graph, type(obj), str(obj)), graph, type(obj), str(obj))


def _time(obj: datetime.time, graph: Graph) -> Shape:
    made = called(graph, type(obj), *_clock(obj))
    made.items += _zone(obj, graph)
    return made


def _zone(obj: Any, graph: Graph) -> list[Item]:
    items: list[Item] = []
    if obj.tzinfo is datetime.timezone.utc:
        items.append((f"tzinfo={graph.spelled(datetime.timezone)}.utc",))
    elif obj.tzinfo is not None:
        items.append(("tzinfo=", graph.token(obj.tzinfo)))
    return [*items, ("fold=1",)] if obj.fold else items


def _timedelta(obj: datetime.timedelta, graph: Graph) -> Shape:
    named = {n: getattr(obj, n) for n in ("days", "seconds", "microseconds") if getattr(obj, n)}
    return called(graph, type(obj), **named)


def _timezone(obj: datetime.timezone, graph: Graph) -> Shape:
    if obj is datetime.timezone.utc:
        return Shape(f"{graph.spelled(datetime.timezone)}.utc", [], "", frozen=True)
    return called(graph, type(obj), *obj.__getinitargs__())  # type: ignore[attr-defined]


def _zoneinfo(obj: zoneinfo.ZoneInfo, graph: Graph) -> Shape:
    if not obj.key or zoneinfo.ZoneInfo(obj.key) is not obj:
        raise Unwritable("a ZoneInfo that is not from the system's own, by its key")
    return called(graph, type(obj), obj.key)


def _pattern(obj: re.Pattern[Any], graph: Graph) -> Shape:
    name = graph.within(re, "compile")
    flags = [graph.within(re, flag) for flag in _FLAGS if obj.flags & getattr(re, flag)]
    items: list[Item] = [(graph.token(obj.pattern),), *([(" | ".join(flags),)] if flags else [])]
    return Shape(f"{name}(", items, ")", frozen=True)


def _partial(obj: functools.partial[Any], graph: Graph) -> Shape:
    only_contents(obj)
    items: list[Item] = [(graph.token(obj.func),), *((graph.token(a),) for a in obj.args)]
    return Shape(f"{graph.spelled(functools.partial)}(", items + keywords(obj.keywords, graph), ")")


def _getter(obj: Any, graph: Graph) -> Shape:
    """What operator has keeps its arguments for pickle."""
    kind, arguments = obj.__reduce__()
    if kind is not type(obj):
        items: list[Item] = [(graph.token(a),) for a in (*kind.args, *arguments)]
        return Shape(f"{graph.spelled(type(obj))}(", items + keywords(kind.keywords, graph), ")")
    return called(graph, kind, *arguments)


def _uuid(obj: uuid.UUID, graph: Graph) -> Shape:
    safe = {} if obj.is_safe is uuid.SafeUUID.unknown else {"is_safe": obj.is_safe}
    return called(graph, uuid.UUID, str(obj), **safe)


def _path(obj: pathlib.PurePath, graph: Graph) -> Shape:
    if isinstance(obj, pathlib.Path):
        graph.warnings.append(f"{graph.root} has the path {obj} of this machine, which need not be there")
        return Shape(f"{graph.within(pathlib, 'Path')}(", [(quoted(str(obj)),)], ")", frozen=True)
    return Shape(f"{graph.within(pathlib, type(obj).__name__)}(", [(quoted(str(obj)),)], ")", frozen=True)


def _template(obj: string.Template, graph: Graph) -> Shape:
    only_contents(obj, "template")
    items: list[Item] = [(graph.token(obj.template),)]
    return Shape(f"{graph.spelled(string.Template)}(", items, ")")


def _random(obj: random.Random, graph: Graph) -> Shape:
    only_contents(obj, "gauss_next")
    state: Item = (graph.copied(random.Random.getstate(obj)),)
    return Shape("_fc_random(", [state], ")")


def _plain_object(obj: object, graph: Graph) -> Shape:
    """A mark that is nothing but itself."""
    return Shape(f"{graph.spelled(object)}()", [], "")


def _user(obj: Any, graph: Graph) -> Shape:
    """UserDict and its like: what they hold is an attribute."""
    only_contents(obj, "data")
    items: list[Item] = [(graph.copied(type(obj.data)(obj.data)),)]
    return Shape(f"{graph.spelled(type(obj))}(", items, ")")


def _logger(obj: logging.Logger, graph: Graph) -> Shape:
    """Loggers are known by their name; what is set up for one is not."""
    root = logging.getLogger()
    if obj is not root and logging.getLogger(obj.name) is not obj:
        raise Unwritable("a logger that logging does not know by its name")
    if obj.handlers or obj.filters or obj.disabled or not obj.propagate:
        raise Unwritable("a logger with handlers, filters or other settings of its own")
    name: list[Item] = [] if obj is root else [(graph.token(obj.name),)]
    if obj.level == (logging.WARNING if obj is root else logging.NOTSET):
        return Shape(f"{graph.within(logging, 'getLogger')}(", name, ")", frozen=True)
    items: list[Item] = [(str(obj.level),), *name]
    return Shape("_fc_logger(", items, ")", frozen=True)


_ADDRESSES = ("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface")

SHAPES: Mapping[type, Shaper] = {
    object: _plain_object,
    datetime.datetime: _datetime,
    datetime.date: _date,
    datetime.time: _time,
    datetime.timedelta: _timedelta,
    datetime.timezone: _timezone,
    zoneinfo.ZoneInfo: _zoneinfo,
    decimal.Decimal: _decimal,
    logging.Logger: _logger,
    logging.RootLogger: _logger,
    time.struct_time: _by(lambda obj: obj.__reduce__()[1]),
    fractions.Fraction: _by(lambda obj: (obj.numerator, obj.denominator)),
    uuid.UUID: _uuid,
    re.Pattern: _pattern,
    functools.partial: _partial,
    operator.itemgetter: _getter,
    operator.attrgetter: _getter,
    operator.methodcaller: _getter,
    random.Random: _random,
    string.Template: _template,
    collections.UserDict: _user,
    collections.UserList: _user,
    type(pathlib.PurePosixPath()): _path,
    pathlib.PureWindowsPath: _path,
    type(pathlib.Path()): _path,
    **{getattr(ipaddress, name): _by(lambda obj: (str(obj),)) for name in _ADDRESSES},
}
