"""Events as bytes, and what is many events: rows of a table, elements of an array, whatever can be iterated.

Values of numpy and pandas are recognised by the modules of their types, so that neither is imported here.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from fc_magic.errors import UsageError

_LIBRARIES = ("numpy", "pandas", "polars")


class _Refused(TypeError):
    """No JSON has a value for this."""


class _NoJson(_Refused):
    def __init__(self, value: Any) -> None:
        super().__init__(f"Object of type {type(value).__name__} is not JSON serializable")
        self.value = value


def to_bytes(event: Any) -> bytes:
    """Bytes as they are, text as UTF-8, None as nothing, anything else as JSON: missing values are null, moments ISO
    text, arrays lists, a row or a dict-like an object. Raises UsageError."""
    try:
        if type(event) is int:  # as JSON has it, in less time
            return b"%d" % event
        if event is None:
            return b""
        if isinstance(event, bytes | bytearray | memoryview):
            return bytes(event)
        if isinstance(event, str):
            return event.encode()
        try:
            return _ENCODER.encode(event).encode()
        except (
            TypeError,
            ValueError,
        ):  # a missing value, or a key that is no text: seldom, so looked for last
            return _ENCODER.encode(_plain(event)).encode()
    except Exception as error:  # noqa: BLE001 - values of other libraries turn into JSON by code of their own
        raise _unsent(event, error) from None


def _unsent(event: Any, error: Exception) -> UsageError:
    value = error.value if isinstance(error, _NoJson) else None
    said = f"the event is of type {type(event).__name__} and cannot be sent as JSON: {error}"
    if value is event:  # the reason is the type itself, and no more than what is said already
        said = f"the event is of type {type(event).__name__} and cannot be sent as JSON"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        hint = "from dataclasses import asdict; asdict(value) is a dict of it"
    else:
        hint = "send bytes, text, or what JSON has: dict, list, str, int, float, bool, None"
    return UsageError(said, hint=hint)


def _default(value: Any) -> Any:
    """What the encoder does not know itself."""
    if isinstance(value, datetime | date | time):
        # a missing moment of pandas calls itself a datetime
        return None if value != value else value.isoformat()
    if _library(value):
        return _of_library(value)
    raise _NoJson(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_default)


def _library(value: Any) -> str:
    """The library that a value is of, if it is one of those; also if its class is made out of one of theirs."""
    names = (kind.__module__.partition(".")[0] for kind in type(value).__mro__)
    return next((name for name in names if name in _LIBRARIES), "")


def _is(value: Any, name: str) -> bool:
    return any(kind.__name__ == name for kind in type(value).__mro__)


def _of_library(value: Any) -> Any:
    kind = type(value).__name__
    if kind in ("NAType", "NaTType"):
        return None
    if kind == "datetime64":
        text = str(value)
        return None if text == "NaT" else text
    if _is(value, "DataFrame"):
        return list(_rows(value))
    if _is(value, "ndarray") and value.dtype.kind in "M":
        return [_plain(one) for one in value]
    for convert in ("to_dict", "tolist", "to_list", "item"):
        if hasattr(value, convert):
            made = getattr(value, convert)()
            if type(made) is not type(value):
                return made
    raise _NoJson(value)


def _plain(value: Any) -> Any:
    """The same in JSON's own types, all through."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            raise ValueError("JSON has no infinity")
        return float(value)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {_key(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return _plain(_default(value))


def _key(name: Any) -> Any:
    if isinstance(name, str | int | float) or name is None:
        return name
    found = _default(name)
    if isinstance(found, list | dict):
        raise _Refused(f"keys must be text or numbers, not {type(name).__name__}")
    return found


# ---------------------------------------------------------------- many


def each(events: Any) -> Iterator[Any]:
    """The events one by one, taken as they are needed. Raises UsageError of what is one event and not many."""
    if isinstance(events, str | bytes | bytearray | memoryview | Mapping):
        raise UsageError(
            f"the events are of type {type(events).__name__}, which is one event",
            hint="put it into a list, or call the function with it",
        )
    if _library(events) and hasattr(events, "columns"):
        return _rows(events)
    if not isinstance(events, Iterable):
        raise UsageError(
            f"the events are of type {type(events).__name__}, which has none",
            hint="a list, a generator, a DataFrame, an array: what a for loop takes",
        )
    return iter(events)


def _rows(frame: Any) -> Iterator[dict[str, Any]]:
    """The rows of a table as dicts."""
    names = [str(name) for name in frame.columns]
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise UsageError(
            f"the table has {', '.join(sorted(double))} more than once as a column", hint="rename one"
        )
    rows = frame.iter_rows() if hasattr(frame, "iter_rows") else frame.itertuples(index=False, name=None)
    return (dict(zip(names, row, strict=True)) for row in rows)


def are_at_hand(events: Any) -> bool:
    """Whether none of them has to be waited for."""
    return isinstance(events, list | tuple | range) or bool(_library(events))


def count(events: Any) -> int | None:
    """How many there are, if that is known."""
    try:
        return len(events)
    except TypeError:
        return None


def labels(events: Any) -> Any:
    """The index of a DataFrame or Series, by which results are joined to it."""
    return events.index if _library(events) == "pandas" and hasattr(events, "iloc") else None
