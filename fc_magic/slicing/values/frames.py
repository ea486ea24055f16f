"""Tables and indexes of pandas, by their arrays and dtypes. pandas is not imported: who has a table has it."""

from __future__ import annotations

import datetime
import sys
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from fc_magic.slicing.values.arrays import Columns
from fc_magic.slicing.values.atoms import quoted
from fc_magic.slicing.values.containers import only_contents
from fc_magic.slicing.values.graph import Graph
from fc_magic.slicing.values.shape import Item, Shape, Token
from fc_magic.slicing.values.written import Unwritable


def shape(obj: Any, graph: Graph) -> Shape | None:
    kind = type(obj)
    if kind.__module__.partition(".")[0] != "pandas" or "pandas" not in sys.modules:
        return None
    pandas: Any = sys.modules["pandas"]
    for name in ("NaT", "NA"):
        if obj is getattr(pandas, name):
            return Shape(graph.within(pandas, name), [], "", frozen=True)
    if isinstance(obj, pandas.api.extensions.ExtensionDtype):
        return _dtype(obj, graph, pandas)
    shaper = _SHAPERS.get(kind.__name__)
    return shaper(obj, graph, pandas) if shaper else None


def _call(graph: Graph, pandas: Any, name: str, *items: Item) -> Shape:
    return Shape(f"{graph.within(pandas, name)}(", list(items), ")")


def _array(values: Any, graph: Graph) -> Token:
    """The array of a column or an index: numpy's where pandas only wraps it."""
    return graph.copied(_held(values))


def _held(values: Any) -> Any:
    """pandas protects what it gives away."""
    if type(values.dtype).__module__.partition(".")[0] == "numpy":
        array = values.to_numpy()
        return array if array.flags.writeable else array.copy(order="K")
    return values.array


def _named(obj: Any, graph: Graph) -> list[Item]:
    return [] if obj.name is None else [("name=", graph.token(obj.name))]


def _attributes(obj: Any, graph: Graph) -> list[Item]:
    only_contents(obj, *(name for name in vars(obj) if str(name).startswith("_")))
    if not obj.flags.allows_duplicate_labels:
        raise Unwritable(f"a {type(obj).__name__} with flags")
    return [("attrs=", graph.copied(dict(obj.attrs)))] if obj.attrs else []


def _frame(obj: Any, graph: Graph, pandas: Any) -> Shape:
    plain, others = Columns(), dict[int, Any]()
    for number in range(obj.shape[1]):
        values = _held(obj.iloc[:, number])
        if type(values).__module__ == "numpy" and values.dtype.kind != "O":
            plain.append(values)
        else:
            others[number] = values
    items: list[Item] = [(graph.copied(plain),), (graph.copied(others),)]
    items += [(graph.copied(obj.index.copy()),), (graph.copied(obj.columns.copy()),)]
    return Shape("_fc_frame(", items + _attributes(obj, graph), ")")


def _series(obj: Any, graph: Graph, pandas: Any) -> Shape:
    items: list[Item] = [(_array(obj, graph),), (graph.copied(obj.index.copy()),)]
    return Shape("_fc_series(", items + _named(obj, graph) + _attributes(obj, graph), ")")


def _index(obj: Any, graph: Graph, pandas: Any) -> Shape:
    """pandas finds the type of an index by itself, but for objects, in which it would look for text."""
    if type(obj.dtype).__name__ == "StringDtype":
        items: list[Item] = [(graph.copied(_listed(obj.array)),), ("dtype=", graph.token(obj.dtype))]
    else:
        items = [(_array(obj, graph),), *([('dtype="object"',)] if obj.dtype.kind == "O" else [])]
    return _call(graph, pandas, "Index", *items, *_named(obj, graph))


def _range(obj: Any, graph: Graph, pandas: Any) -> Shape:
    items: list[Item] = [(graph.token(n),) for n in (obj.start, obj.stop, obj.step)]
    return _call(graph, pandas, "RangeIndex", *(items[:2] if obj.step == 1 else items), *_named(obj, graph))


def _times(obj: Any, graph: Graph, pandas: Any) -> Shape:
    """With the frequency, which its array does not keep."""
    if obj.freq is not None and pandas.tseries.frequencies.to_offset(obj.freqstr) != obj.freq:
        raise Unwritable(f"an index of the frequency {obj.freqstr}, which says not all of it")
    freq: list[Item] = [] if obj.freq is None else [("freq=", graph.token(obj.freqstr))]
    return _call(graph, pandas, type(obj).__name__, (_array(obj, graph),), *freq, *_named(obj, graph))


def _wrapped(obj: Any, graph: Graph, pandas: Any) -> Shape:
    return _call(graph, pandas, type(obj).__name__, (graph.copied(obj.array),), *_named(obj, graph))


def _levels(obj: Any, graph: Graph, pandas: Any) -> Shape:
    levels = [level.copy() for level in obj.levels]
    items: list[Item] = [
        ("levels=", graph.copied([level.rename(None) for level in levels])),
        ("codes=", graph.copied([codes.tolist() for codes in obj.codes])),
        ("names=", graph.copied(list(obj.names))),
    ]
    return _call(graph, pandas, "MultiIndex", *items)


def _categories(obj: Any, graph: Graph, pandas: Any) -> Shape:
    codes: Item = (graph.copied(obj.codes.copy()),)
    categories: Item = ("categories=", graph.copied(obj.categories.copy()))
    ordered: list[Item] = [("ordered=True",)] if obj.ordered else []
    return _call(graph, pandas, "Categorical.from_codes", codes, categories, *ordered)


def _with_mask(obj: Any, graph: Graph, pandas: Any) -> Shape:
    values, mask = obj._data, obj._mask
    return _call(
        graph,
        pandas,
        f"arrays.{type(obj).__name__}",
        (graph.copied(values.copy()),),
        (graph.copied(mask.copy()),),
    )


def _texts(obj: Any, graph: Graph, pandas: Any) -> Shape:
    items: list[Item] = [(graph.copied(_listed(obj)),), ("dtype=", graph.token(obj.dtype))]
    return _call(graph, pandas, "array", *items)


def _listed(texts: Any) -> list[str | None]:
    """With None for what is missing, of which the dtype knows what it is."""
    return [
        None if gone else text for text, gone in zip(texts.to_numpy(dtype="O"), texts.isna(), strict=True)
    ]


def _with_zone(obj: Any, graph: Graph, pandas: Any) -> Shape:
    """Moments are in UTC, which has no hour twice."""
    utc: Item = (graph.copied(obj.tz_convert(None).to_numpy()),)
    made = f"{graph.within(pandas, 'DatetimeIndex')}("
    return Shape(
        "", [(made, *utc, ').tz_localize("UTC").tz_convert(', _zone(obj.tz, graph, pandas), ").array")], ""
    )


def _zone(zone: Any, graph: Graph, pandas: Any) -> Token:
    if type(zone) in (datetime.timezone, zoneinfo.ZoneInfo):
        return graph.token(zone)
    found = pandas.Timestamp(0, tz=str(zone)).tz
    if str(found) != str(zone) or _library(found) != _library(zone):
        raise Unwritable(f"a time in the zone {zone}, of {type(zone).__module__}")
    return graph.token(str(zone))


def _library(zone: Any) -> str:
    """A zone of pytz is one object for each of its offsets, and of the zone by its name."""
    return type(zone).__module__.partition(".")[0]


def _periods(obj: Any, graph: Graph, pandas: Any) -> Shape:
    return _call(
        graph,
        pandas,
        "arrays.PeriodArray",
        (graph.copied(obj.asi8.copy()),),
        ("dtype=", graph.token(obj.dtype)),
    )


def _intervals(obj: Any, graph: Graph, pandas: Any) -> Shape:
    ends: list[Item] = [(graph.copied(obj.left.copy()),), (graph.copied(obj.right.copy()),)]
    return _call(
        graph, pandas, "arrays.IntervalArray.from_arrays", *ends, ("closed=", graph.token(obj.closed))
    )


def _timestamp(obj: Any, graph: Graph, pandas: Any) -> Shape:
    said = obj.isoformat() if obj.tz is None else obj.tz_convert("UTC").isoformat()
    item: Item = (f"{graph.within(pandas, 'Timestamp')}(", graph.token(said), ")")
    if obj.tz is not None:
        item = (*item, ".tz_convert(", _zone(obj.tz, graph, pandas), ")")
    return Shape("", [(*item, *_unit(obj, graph))], "", frozen=True)


def _timedelta(obj: Any, graph: Graph, pandas: Any) -> Shape:
    item: Item = (f"{graph.within(pandas, 'Timedelta')}(", graph.token(obj.value), ', unit="ns")')
    return Shape("", [(*item, *_unit(obj, graph))], "", frozen=True)


def _unit(obj: Any, graph: Graph) -> Item:
    """pandas 2 and later keep more than nanoseconds."""
    return (".as_unit(", graph.token(obj.unit), ")") if hasattr(obj, "unit") else ()


def _period(obj: Any, graph: Graph, pandas: Any) -> Shape:
    items: list[Item] = [("ordinal=", graph.token(obj.ordinal)), ("freq=", graph.token(obj.freqstr))]
    return _call(graph, pandas, "Period", *items)


def _interval(obj: Any, graph: Graph, pandas: Any) -> Shape:
    items: list[Item] = [(graph.token(end),) for end in (obj.left, obj.right)]
    return _call(graph, pandas, "Interval", *items, ("closed=", graph.token(obj.closed)))


def _dtype(obj: Any, graph: Graph, pandas: Any) -> Shape:
    """By its name, where that leads to the same."""
    if type(obj).__name__ == "StringDtype":
        if getattr(obj, "na_value", pandas.NA) is not pandas.NA:
            return Shape(f"_fc_text({quoted(obj.storage)})", [], "", frozen=True)
        items: list[Item] = [("storage=", graph.token(obj.storage))]
        return Shape(f"{graph.within(pandas, 'StringDtype')}(", items, ")", frozen=True)
    if type(obj).__name__ == "CategoricalDtype" and obj.categories is not None:
        categories: Item = (graph.copied(obj.categories.copy()),)
        return _call(graph, pandas, "CategoricalDtype", categories, ("ordered=", graph.token(obj.ordered)))
    if not _by_name(obj, pandas):
        raise Unwritable(f"of the dtype {obj}")
    return _call(graph, pandas, "api.types.pandas_dtype", (graph.token(str(obj)),))


def _by_name(obj: Any, pandas: Any) -> bool:
    try:
        found = pandas.api.types.pandas_dtype(str(obj))
    except (TypeError, ValueError):
        return False
    return type(found) is type(obj) and found == obj


_SHAPERS: Mapping[str, Callable[[Any, Graph, Any], Shape]] = {
    "DataFrame": _frame,
    "Series": _series,
    "Index": _index,
    "Int64Index": _index,
    "UInt64Index": _index,
    "Float64Index": _index,
    "RangeIndex": _range,
    "DatetimeIndex": _times,
    "TimedeltaIndex": _times,
    "PeriodIndex": _wrapped,
    "CategoricalIndex": _wrapped,
    "IntervalIndex": _wrapped,
    "MultiIndex": _levels,
    "Categorical": _categories,
    "IntegerArray": _with_mask,
    "FloatingArray": _with_mask,
    "BooleanArray": _with_mask,
    "StringArray": _texts,
    "ArrowStringArray": _texts,
    "DatetimeArray": _with_zone,
    "PeriodArray": _periods,
    "IntervalArray": _intervals,
    "Timestamp": _timestamp,
    "Timedelta": _timedelta,
    "Period": _period,
    "Interval": _interval,
}
