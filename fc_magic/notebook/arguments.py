"""Reads the lines of the magics that take a name and two or three options."""

from __future__ import annotations

from fc_magic.errors import UsageError


def required(name: str, usage: str) -> str:
    if not name or " " in name:
        raise UsageError("a name is missing" if not name else f"{name!r} is not one name", hint=usage)
    return name


def named(line: str, defaults: dict[str, str], usage: str) -> tuple[str, dict[str, str]]:
    """A name and ``--option value`` pairs."""
    words, given, name = line.split(), dict(defaults), ""
    while words:
        word = words.pop(0)
        option, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            name = f"{name} {word}".strip()
        elif option in given and (equals or words):
            given[option] = value if equals else words.pop(0)
        else:
            raise UsageError(f"{word} is not an option, or has no value", hint=usage)
    return required(name, usage), given
