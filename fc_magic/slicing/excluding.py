"""What a person leaves out of a slice: names of the notebook, local modules as they are, changes of libraries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

_WORD = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
#: what comes behind a name in the names of lines that are about it
_LINE = re.compile(r" [#=]\d+$")


class Excluding:
    """``names`` as they were typed; those that something needed are remembered."""

    def __init__(self, names: frozenset[str], namespace: Mapping[str, Any]) -> None:
        self.names = names
        self._paths = {name: _path(name, namespace) for name in names}
        self._needed: set[str] = set()

    def __contains__(self, path: str) -> bool:
        """Whether a name, or something inside of a module, is excluded."""
        found = [name for name, whole in self._paths.items() if _is_in(path, name) or _is_in(path, whole)]
        self._needed.update(found)
        return bool(found)

    def warnings(self) -> Iterator[str]:
        for name in sorted(self.names - self._needed):
            yield f"--exclude {name}: nothing of the notebook by that name would go along"


def _path(name: str, namespace: Mapping[str, Any]) -> str:
    """What is typed by the name that the notebook has for a module, by the module's own."""
    first, dot, rest = name.partition(".")
    thing = namespace.get(first)
    return f"{thing.__name__}{dot}{rest}" if isinstance(thing, ModuleType) and dot else name


def _is_in(path: str, outer: str) -> bool:
    return path == outer or path.startswith(f"{outer}.")


def word(name: str, known: Iterable[str]) -> str:
    """What one types to exclude what a refusal calls ``name``, such as ``Box.total``; empty if there is nothing."""
    first = name.partition(".")[0]
    return first if _WORD.fullmatch(name) and first in known else ""


def of_lines(keys: str) -> list[str]:
    """``gs =2, gs #1, f`` -> the names that such lines are of, each once."""
    return list(dict.fromkeys(_LINE.sub("", key) for key in keys.split(", ")))
