"""Values as the ``%%fcdeploy`` line that means the same: the inverse of ``options.parse``."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from fc_magic.errors import UsageError
from fc_magic.notebook import card
from fc_magic.notebook.form.masks import HIDING, MASK, masked
from fc_magic.notebook.line import grammar, options
from fc_magic.notebook.words import width
from fc_magic.wire import triggers
from fc_magic.wire.spec import FIELDS, read_trigger

MAGIC = "%%fcdeploy"
_BASICS = tuple(f"{options.option(name)} " for name in ("runtime", "memory", "timeout", "description"))


def words(line: options.Line, mask: bool = True) -> list[str]:
    """The line in pieces that belong together: the name, then each option with its value."""
    out = [shlex.quote(line.name)]
    for name, value in line.overrides.items():
        origin = line.origins.get(name)
        if origin and origin.expression:
            out.append(f"{options.option(name)} {_expression(origin.expression)}")
        else:
            out += [_option(options.option(name), text) for text in texts(name, value, mask)]
    for name, given in line.extra.items():
        out.append(
            f"--{name}"
            if name in options.FLAGS
            else _option(f"--{name}", masked(name, given) if mask else given)
        )
    for name, several in line.repeated.items():
        shown = masked(name, list(several)) if mask else several
        out += [_option(f"--{name}", one) for one in shown]
    return out


def line(given: options.Line, mask: bool = True) -> str:
    """All of it on one line."""
    return " ".join([MAGIC, *words(given, mask)])


def lines(given: options.Line, mask: bool = True) -> list[str]:
    """One line, if it can be read at a glance; else the name and the basics, and below them an option a line. As wide
    as a card is in this terminal, so that it can be copied from there."""
    whole, room = line(given, mask), min(card.columns(), card.COLUMNS)
    if width(whole) <= room:
        return [whole]
    name, *rest = words(given, mask)
    sign = "//" if str(given.overrides.get("runtime", "")).startswith("node") else "#"
    first = f"{MAGIC} {name}"
    while rest and rest[0].startswith(_BASICS) and width(f"{first} {rest[0]}") <= room:
        first += f" {rest.pop(0)}"
    return [first, *(f"{sign}| fc: {one}" for one in rest)]


def _option(option: str, value: str) -> str:
    # a value that begins with two dashes would be read as the next option
    return f"{option}{'=' if value.startswith('--') else ' '}{_quoted(value)}"


def _quoted(value: str) -> str:
    """As a shell reads it. A line is one line: a text with a line break is written as Python writes it, in braces."""
    return shlex.quote(value) if _is_one_line(value) else f"{{{value!a}}}"


def _expression(text: str) -> str:
    """In double quotes an expression in braces is one, and what stands around it is text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return text if len(grammar.scan(text).words) == 1 else f'"{escaped}"'


def can_be_written(name: str, origin: options.Origin) -> bool:
    """Whether the expression that a value was made by can stand on the line again: it is all of the value."""
    if not origin.expression or FIELDS[name].kind in ("list", "map"):
        return False
    # a text in it may be the secret, and one that is hidden is not what it was
    if MASK in origin.expression or (name in HIDING and set("'\"") & set(origin.expression)):
        return False
    found = grammar.scan(_expression(origin.expression))
    return not found.open and [word.text for word in found.words if not word.is_plain] == [origin.expression]


def texts(name: str, value: Any, mask: bool = True) -> list[str]:
    """A value as the words one types after its option; a list or map as one word an item."""
    if name == "environment" and mask:
        # a variable that the notebook's own environment has is named, and then needs no value
        return [key if _is_known(key, text) else _variable(str(key), MASK) for key, text in value.items()]
    value = masked(name, value) if mask else value
    if name == "triggers":
        return [_trigger(item) for item in value]
    if name == "layers":
        return [layer(item) for item in value]
    if isinstance(value, bool):
        return [str(value).lower()]
    if name == "environment":
        # what is no text stays wrong, and JSON says what it is
        return [
            _variable(str(key), text) if isinstance(text, str) else _json({key: text})
            for key, text in value.items()
        ]
    if isinstance(value, Mapping | list):
        return [_json(value)]
    return [str(value)]


def _json(value: Any) -> str:
    """In JSON a line break is written with two other characters, and those that few programs break at can be."""
    whole = json.dumps(value, ensure_ascii=False)
    return whole if _is_one_line(whole) else json.dumps(value)


def layer(item: Any) -> str:
    """``NAME:VERSION``; of an ARN the version is in it."""
    if not isinstance(item, Mapping):
        return str(item)
    name, version = str(item.get("name", "")), item.get("version")
    return name if name.startswith("acs:") or version is None else f"{name}:{version}"


def _is_known(key: str, value: Any) -> bool:
    return bool(value) and os.environ.get(key) == value and key.isidentifier()


@lru_cache(maxsize=256)
def _variable(key: str, value: str) -> str:
    plain = f"{key}={value}"
    return (
        plain if _is_one_line(plain) and _reads("environment", plain, {key: value}) else _json({key: value})
    )


def _trigger(item: Any) -> str:
    # by itself it would be read as something else, a text as a trigger's short form
    return _shortest(_json(item)) if isinstance(item, Mapping) else _json([item])


@lru_cache(maxsize=256)
def _shortest(whole: str) -> str:
    """The shortest spelling of a trigger, of which this is the JSON, that is read as the same."""
    item = json.loads(whole)
    fitting = (text for text in _short(item) if _is_one_line(text) and _reads("triggers", text, [item]))
    return next(fitting, whole)


def _short(item: Any) -> Iterator[str]:
    """Shorter spellings that may do."""
    if not isinstance(item, Mapping) or not isinstance(item.get("config"), Mapping):
        return
    config = item["config"]
    try:
        yield triggers.text(triggers.from_config(item["type"], config))
    except (ValueError, KeyError):
        # what is wrong is written as it would be if it were right, so that it can be corrected
        yield ":".join([str(item.get("type")), *map(str, config.values())][:2])


def _reads(name: str, text: str, value: Any) -> bool:
    try:
        found = options.parse(f"name {_option(options.option(name), text)}", namespace={}).overrides[name]
    except UsageError:
        return False
    return bool(found == value or (name == "triggers" and [normal(one) for one in found] == value))


def _is_one_line(text: str) -> bool:
    return text.splitlines() in ([text], [])


def normal(trigger: Any) -> Any:
    """``{"type", "config"}`` as ``wire`` spells it; what that refuses stays whatever it is, to be corrected."""
    try:
        found = read_trigger(trigger)
    except ValueError:
        return dict(trigger) if isinstance(trigger, Mapping) else trigger
    return {"type": found.type, "config": found.config()}
