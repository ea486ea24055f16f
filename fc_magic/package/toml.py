"""TOML, as far as requirements and locks need it: read by the standard library, written in one order."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TomlError = tomllib.TOMLDecodeError
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def loads(text: str) -> dict[str, Any]:
    """Raises TomlError."""
    try:
        found: dict[str, Any] = tomllib.loads(text)
        return found
    except RecursionError:
        raise TomlError("it is nested too deeply") from None


def value(thing: Any) -> str:
    """A value on one line. JSON's text is TOML's but for the one control sign that JSON lets through."""
    if isinstance(thing, bool | int):
        return str(thing).lower()
    if isinstance(thing, str):
        return json.dumps(thing, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(thing, Mapping):
        inside = ", ".join(f"{key(name)} = {value(one)}" for name, one in thing.items())
        return f"{{ {inside} }}" if inside else "{}"
    return f"[{', '.join(value(one) for one in thing)}]"


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else value(name)


def lines(name: str, things: list[Any]) -> str:
    """An array with a line for each value."""
    inside = "".join(f"    {value(thing)},\n" for thing in things)
    return f"{key(name)} = [\n{inside}]\n" if things else f"{key(name)} = []\n"
