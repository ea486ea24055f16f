"""What was written is run once, here: whether it makes the same values is seen by writing these."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from typing import Any

from fc_magic.slicing.values.written import FOLDER, Statement, Written

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class Unproved(Exception):
    """The source of ``name`` does not make its value again."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name, self.why = name, why


def possible(spelt: Mapping[str, Any]) -> bool:
    """Only dotted names can be given their meaning here."""
    return all(map(_DOTTED.fullmatch, spelt))


def made(written: Written, spelt: Mapping[str, Any]) -> dict[str, Any]:
    """The names that the source binds, if it runs here. ``spelt``: text -> what it stands for in the slice."""
    space: dict[str, Any] = {"__name__": "__main__", **_names(spelt)}
    for statement in written.statements:
        if statement.name == "_fc_file":
            space["_fc_file"] = lambda name: written.files[f"{FOLDER}/{name}"]
            continue
        try:
            exec(compile(statement.text, "<values>", "exec"), space)  # noqa: S102
        except Exception as error:  # noqa: BLE001
            raise Unproved(statement.name, f"not made again by its source: {_said(error)}") from None
    return space


def compare(written: Written, again: Written, loose: set[str]) -> None:
    """``loose``: values with parts in no order, which may be written in another one."""
    refused = next(iter(again.refused), None)
    if refused is not None:
        raise Unproved(refused, "not made again by its source as it is")
    theirs = {statement.name: statement for statement in again.statements}
    for statement in written.statements:
        if statement.name not in loose and theirs.get(statement.name) != statement:
            raise Unproved(statement.name, _difference(statement, theirs.get(statement.name)))
    for path, data in written.files.items():
        name = written.reasons[path].partition(":")[0]
        if name not in loose and again.files.get(path) != data:
            raise Unproved(name, "not the same after it was a file")


def _difference(one: Statement, other: Statement | None) -> str:
    lines = zip(one.text.splitlines(), (other.text if other else "").splitlines(), strict=False)
    differs = next((pair for pair in lines if pair[0] != pair[1]), ("", ""))
    return f"not made again by its source as it is: {differs[0].strip()[:80]!r} becomes {differs[1].strip()[:80]!r}"


def _said(error: Exception) -> str:
    """``str`` of an error of somebody's class may be anything."""
    return f"{type(error).__name__}: {error.args[0] if error.args and type(error.args[0]) is str else ''}"[
        :200
    ]


def _names(spelt: Mapping[str, Any]) -> dict[str, Any]:
    """A namespace in which each spelling leads to its thing."""
    space: dict[str, Any] = {}
    for text, thing in sorted(spelt.items(), key=lambda item: item[0].count(".")):
        first, *rest = text.split(".")
        if not rest:
            space[first] = thing
            continue
        holder = space.setdefault(first, types.SimpleNamespace())
        for name in rest[:-1]:
            if type(holder) is types.SimpleNamespace and name not in vars(holder):
                setattr(holder, name, types.SimpleNamespace())
            holder = getattr(holder, name)
        if type(holder) is types.SimpleNamespace:
            setattr(holder, rest[-1], thing)
    return space
