"""The published versions of functions, as rows: what each was made of, in JSON and as keys of files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any


class Published:
    """They go with their function. An id is given once, also when its version is deleted."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def next_id(self, function: str) -> int:
        row = self._db.execute("SELECT id FROM last_versions WHERE function=?", (function,)).fetchone()
        return row[0] + 1 if row else 1

    def add(
        self,
        function: str,
        number: int,
        answer: Mapping[str, Any],
        code: str,
        layers: Sequence[tuple[str, int]],
    ) -> None:
        """Within a transaction of the caller's. ``layers``: their keys, and the sizes of their ZIPs."""
        self._db.execute(
            "INSERT INTO versions VALUES (?,?,?,?)", (function, number, json.dumps(answer), code)
        )
        rows = [(function, number, place, *layer) for place, layer in enumerate(layers)]
        self._db.executemany("INSERT INTO version_layers VALUES (?,?,?,?,?)", rows)
        self._db.execute("INSERT OR REPLACE INTO last_versions VALUES (?,?)", (function, number))

    def get(self, function: str, number: int) -> dict[str, Any] | None:
        asked = "SELECT answer FROM versions WHERE function=? AND id=?"
        row = self._db.execute(asked, (function, number)).fetchone()
        found: dict[str, Any] | None = json.loads(row[0]) if row else None
        return found

    def has(self, function: str, number: int) -> bool:
        asked = "SELECT 1 FROM versions WHERE function=? AND id=?"
        return self._db.execute(asked, (function, number)).fetchone() is not None

    def list(
        self, function: str, after: int = 0, limit: int = -1, backward: bool = True
    ) -> list[tuple[int, dict[str, Any]]]:
        """(id, answer) from the newest down, or from the oldest up, after the id ``after`` (0: all)."""
        beyond, order = ("<", "DESC") if backward else (">", "ASC")
        rows = self._db.execute(
            f"SELECT id, answer FROM versions WHERE function=? AND (?=0 OR id {beyond} ?) "  # noqa: S608 - two words of ours
            f"ORDER BY id {order} LIMIT ?",
            (function, after, after, limit),
        )
        return [(number, json.loads(answer)) for number, answer in rows]

    def with_code(self, function: str, code: str) -> Sequence[int]:
        """The versions with this code, the newest first."""
        asked = "SELECT id FROM versions WHERE function=? AND code=? ORDER BY id DESC"
        return [number for (number,) in self._db.execute(asked, (function, code))]

    def contents(self, function: str, number: int) -> tuple[str, ...]:
        """The keys of a version: its code's, then those of its layers; nothing if there is no such version."""
        code = self._db.execute("SELECT code FROM versions WHERE function=? AND id=?", (function, number))
        layers = "SELECT code FROM version_layers WHERE function=? AND id=? ORDER BY number"
        return tuple(key for (key,) in [*code.fetchall(), *self._db.execute(layers, (function, number))])

    def layer_sizes(self, function: str, number: int) -> tuple[int, ...]:
        sizes = "SELECT size FROM version_layers WHERE function=? AND id=? ORDER BY number"
        return tuple(size for (size,) in self._db.execute(sizes, (function, number)))

    def every_content(self, function: str) -> set[str]:
        """The keys of all versions of a function."""
        named = "SELECT code FROM versions WHERE function=? UNION SELECT code FROM version_layers WHERE function=?"
        return {key for (key,) in self._db.execute(named, (function, function))}

    def delete(self, function: str, number: int) -> bool:
        """Whether there was one. Within a transaction of the caller's."""
        self._db.execute("DELETE FROM version_layers WHERE function=? AND id=?", (function, number))
        gone = self._db.execute("DELETE FROM versions WHERE function=? AND id=?", (function, number))
        return bool(gone.rowcount)
