"""Settings beside a function, such as its limit of instances: JSON by kind, function and qualifier."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

#: how asynchronous calls are treated; and the same of a qualifier that is gone, which calls that still wait end by
ASYNC, LEFT = "async", "async-left"
#: kind, function, qualifier
Key = tuple[str, str, str]


class Configs:
    """They go with their function. ``qualifier`` is empty for what is of the function as a whole."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, kind: str, function: str, qualifier: str = "") -> dict[str, Any] | None:
        asked = "SELECT answer FROM configs WHERE kind=? AND function=? AND qualifier=?"
        row = self._db.execute(asked, (kind, function, qualifier)).fetchone()
        found: dict[str, Any] | None = json.loads(row[0]) if row else None
        return found

    def put(self, kind: str, function: str, answer: Mapping[str, Any], qualifier: str = "") -> None:
        row = (kind, function, qualifier, json.dumps(answer))
        self._db.execute("INSERT OR REPLACE INTO configs VALUES (?,?,?,?)", row)

    def delete(self, kind: str, function: str, qualifier: str = "") -> bool:
        """Whether there was one."""
        gone = "DELETE FROM configs WHERE kind=? AND function=? AND qualifier=?"
        return bool(self._db.execute(gone, (kind, function, qualifier)).rowcount)

    def drop(self, function: str, qualifier: str) -> None:
        """Every kind: the version or alias is gone. Calls of it that wait are left what says whom to tell."""
        own = (function, qualifier)
        self._db.execute(
            "UPDATE OR REPLACE configs SET kind=? WHERE kind=? AND function=? AND qualifier=? AND EXISTS "
            "(SELECT 1 FROM async_calls WHERE function=? AND qualifier=? AND due IS NOT NULL)",
            (LEFT, ASYNC, *own, *own),
        )
        self._db.execute("DELETE FROM configs WHERE function=? AND qualifier=? AND kind<>?", (*own, LEFT))

    def list(
        self, kind: str, function: str = "", after: tuple[str, str] = ("", ""), limit: int = -1
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """(function, qualifier, answer) in order of function and qualifier, of one function or of all."""
        rows = self._db.execute(
            "SELECT function, qualifier, answer FROM configs WHERE kind=? AND (?='' OR function=?) "
            "AND (function, qualifier) > (?,?) ORDER BY function, qualifier LIMIT ?",
            (kind, function, function, *after, limit),
        )
        return [(name, qualifier, json.loads(answer)) for name, qualifier, answer in rows]
