"""What the values of an option mean, by the kind of its field. A value is a text, or what an expression made."""

from __future__ import annotations

import json
import operator
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fc_magic.notebook.line.expressions import Refused, text
from fc_magic.wire import triggers
from fc_magic.wire.spec import FieldDoc

#: what is surely the name of a variable, as names of them are written
_NAME = re.compile(r"(?=.{1,30}$)[A-Z]+(_[A-Z]+)*")


def variable(name: str, given: str) -> str:
    """Which one of the environment it is about: a refusal has no value of it."""
    key, equals, _ = given.partition("=")
    return f"{key}=…" if name == "environment" and equals and _NAME.fullmatch(key) else ""


def read(doc: FieldDoc, values: Sequence[Any]) -> Any:
    """Of an option that was given once or several times. Raises ValueError that says what is wrong."""
    if doc.name in _LISTS:
        return [item for value in values for item in _items(doc.name, value)]
    return _KINDS[doc.kind](values)


def several(value: Any) -> list[str]:
    """The texts of an option that may be given more than once: an expression may make them all."""
    return [text(item) for item in value] if isinstance(value, list | tuple) else [text(value)]


def _items(name: str, value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [item for one in value for item in _items(name, one)]
    return [dict(value)] if isinstance(value, Mapping) else _LISTS[name](text(value))


def _whole(values: Sequence[Any]) -> Any:
    value = values[-1]
    if not isinstance(value, str):
        try:
            return (
                value if isinstance(value, bool) else operator.index(value)
            )  # those of numpy are numbers, too
        except TypeError:
            value = text(value)
    # what is no number stays as it is: the spec says what is allowed, in the same words as everywhere
    value = value.strip()
    return int(value) if re.fullmatch(r"[+-]?[0-9]{1,18}", value) else value


def _truth(values: Sequence[Any]) -> Any:
    value = text(values[-1]).strip()
    return {"true": True, "false": False}.get(value.lower(), value)


def _map(values: Sequence[Any]) -> dict[str, str]:
    out: dict[str, Any] = {}
    for value in values:
        if isinstance(value, Mapping) or text(value).lstrip().startswith("{"):
            out.update({str(k): v for k, v in _object([value]).items()})
            continue
        key, equals, said = text(value).partition("=")
        if not equals and key in os.environ:
            said = os.environ[key]
        elif not equals or not key:
            if not equals and _NAME.fullmatch(key):
                instead = f"--env {key}=VALUE · export {key}=…"
                raise Refused(f"{key} is not KEY=VALUE, and no variable of the environment", instead)
            # anything else may be a value, and that a secret
            raise ValueError("is not KEY=VALUE, and no variable of the environment")
        out[key] = said
    nothing = [key for key, value in out.items() if value is None]
    if nothing and any(isinstance(value, Mapping) for value in values):
        raise ValueError(f"has no value for {', '.join(nothing)}: it is None")
    return out


def _object(values: Sequence[Any]) -> dict[str, Any]:
    found = dict(values[-1]) if isinstance(values[-1], Mapping) else _json(text(values[-1]))
    if not isinstance(found, dict):
        raise ValueError("is not a JSON object")
    return found


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from None


def _triggers(value: str) -> list[Any]:
    if value.lstrip().startswith(("{", "[")):
        found = _json(value)
        return found if isinstance(found, list) else [found]
    return [triggers.parse(value)]


def _layers(value: str) -> list[dict[str, str]]:
    if value.startswith("acs:"):
        return [{"name": value, "version": value.rpartition("/")[2]}]
    name, colon, version = value.rpartition(":")
    return [{"name": name, "version": version} if colon else {"name": value}]


_LISTS: dict[str, Callable[[str], list[Any]]] = {"triggers": _triggers, "layers": _layers}
_KINDS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "text": lambda values: text(values[-1]),
    "int": _whole,
    "bool": _truth,
    "map": _map,
    "object": _object,
}
