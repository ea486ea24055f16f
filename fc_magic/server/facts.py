"""What lists of functions are narrowed by, as columns: not every function has to be read to find a few."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from fc_magic.server.tags import Asked, matching
from fc_magic.wire.results import Function


@dataclass(frozen=True)
class Wanted:
    """What is empty does not matter. ``description`` is a part of it; of ``tags`` a function has every one."""

    name: str = ""
    description: str = ""
    runtime: str = ""
    gpu: str = ""
    group: str = ""
    tags: Sequence[Asked] = ()

    def sql(self) -> tuple[str, list[str]]:
        """What follows a condition on the table of facts, and its values."""
        # as the setting is written
        group = json.dumps({"id": self.group}) if self.group else ""
        given = (self.name, self.description, self.runtime, self.gpu, group)
        asked = [(text, value) for text, value in zip(_CONDITIONS, given, strict=True) if value]
        tagged, values = matching(self.tags, "facts.function")
        return "".join(f" AND {text}" for text, _ in asked) + tagged, [
            *(value for _, value in asked),
            *values,
        ]


_CONDITIONS = (
    "facts.function=?",
    "instr(description, ?) > 0",
    "runtime=?",
    "gpu=?",
    "EXISTS (SELECT 1 FROM configs c WHERE c.kind='resource-group' AND c.function=facts.function AND c.answer=?)",
)


def select(prefix: str, after: str, wanted: Wanted) -> tuple[str, tuple[str, ...]]:
    """(name, answer) in order of name: through the facts, which are small, to the functions, which are not."""
    where, values = wanted.sql()
    text = (
        "SELECT name, answer FROM facts CROSS JOIN functions ON name = facts.function "  # noqa: S608
        f"WHERE facts.function > ? AND facts.function >= ? AND facts.function < ?{where} ORDER BY facts.function"
    )
    return text, (after, prefix, prefix + "\U0010ffff", *values)


def put(db: sqlite3.Connection, function: Function) -> None:
    gpu = (function.kept.get("gpuConfig") or {}).get("gpuType") or ""
    row = (function.name, function.runtime, function.description, gpu)
    db.execute("INSERT OR REPLACE INTO facts VALUES (?,?,?,?)", row)
