"""Values and blocks as Terraform's language has them, laid out as ``terraform fmt`` does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fc_magic.export.secrets import Secret

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
#: what begins a template is doubled
_TEMPLATE = re.compile(r"[$%](?=\{)")


@dataclass(frozen=True)
class Expression:
    """Code of the language, as it is."""

    text: str


@dataclass(frozen=True)
class Json:
    """A value that the provider takes as the text of its JSON."""

    value: Any


@dataclass(frozen=True)
class Block:
    """``head`` is its type and labels; attributes first, then blocks in it."""

    head: str
    attributes: Mapping[str, Any]
    blocks: Sequence[Block] = ()


def quoted(text: str) -> str:
    """A text with nothing in it that the language would run."""
    escaped = "".join(_ESCAPES.get(char) or (char if _shows(char) else _code(char)) for char in text)
    return '"' + _TEMPLATE.sub(r"\g<0>\g<0>", escaped) + '"'


def _shows(char: str) -> bool:
    return char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF


def _code(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def value(given: Any, depth: int = 0) -> str:
    """Any value as an expression; objects and lists that are not empty stand on lines of their own."""
    if isinstance(given, Secret):
        return f"var.{variable(given)}"
    if isinstance(given, Expression):
        return given.text
    if isinstance(given, Json):
        return f"jsonencode({value(given.value, depth)})"
    if isinstance(given, bool):
        return "true" if given else "false"
    if given is None:
        return "null"
    if isinstance(given, int | float):
        return repr(given)
    if isinstance(given, Mapping):
        return _object(given, depth)
    if isinstance(given, list | tuple):
        return f"[{', '.join(value(item, depth) for item in given)}]"
    return quoted(str(given))


def _object(given: Mapping[str, Any], depth: int) -> str:
    if not given:
        return "{}"
    rows = [(quoted(str(key)), value(inner, depth + 1)) for key, inner in given.items()]
    return "\n".join(["{", *_aligned(rows, depth + 1), "  " * depth + "}"])


def _aligned(rows: Sequence[tuple[str, str]], depth: int) -> list[str]:
    """``name = value`` with the signs in one column, as far as values of one line follow each other."""
    out: list[str] = []
    group: list[tuple[str, str]] = []
    for name, text in [*rows, ("", "\n")]:
        if "\n" not in text:
            group.append((name, text))
            continue
        width = max((len(n) for n, _ in group), default=0)
        out += ["  " * depth + f"{n:<{width}} = {t}" for n, t in group]
        out += ["  " * depth + f"{name} = {text}"] if name else []
        group = []
    return out


def block(given: Block, depth: int = 0) -> str:
    space = "  " * depth
    rows = [(name, value(inner, depth + 1)) for name, inner in given.attributes.items()]
    inside = "\n".join(_aligned(rows, depth + 1))
    below = "\n\n".join(block(inner, depth + 1) for inner in given.blocks)
    body = "\n\n".join(part for part in (inside, below) if part)
    return f"{space}{given.head} {{\n{body}\n{space}}}" if body else f"{space}{given.head} {{}}"


def variable(secret: Secret) -> str:
    """The name of the variable that has a secret."""
    return secret.name.lower()
