"""The tags of functions, as rows that a list can be narrowed by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

#: key, and value if one is asked for
Asked = tuple[str, str | None]


class Tags:
    """They go with their function."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def of(self, function: str) -> dict[str, str]:
        rows = self._db.execute("SELECT key, value FROM tags WHERE function=? ORDER BY key", (function,))
        return dict(rows)

    def put(self, function: str, tags: Mapping[str, str]) -> None:
        """Adds these; one of the same key has the new value."""
        rows = [(function, key, value) for key, value in tags.items()]
        self._db.executemany("INSERT OR REPLACE INTO tags VALUES (?,?,?)", rows)

    def drop(self, function: str, keys: Iterable[str] | None) -> None:
        """Removes those of these keys; None: all."""
        if keys is None:
            self._db.execute("DELETE FROM tags WHERE function=?", (function,))
        else:
            gone = "DELETE FROM tags WHERE function=? AND key=?"
            self._db.executemany(gone, [(function, key) for key in keys])

    def list(
        self,
        functions: Sequence[str] | None,
        asked: Sequence[Asked],
        after: tuple[str, str],
        limit: int,
    ) -> list[tuple[str, str, str]]:
        """(function, key, value) in order, of these functions (None: of all) that have every tag asked for."""
        where, values = matching(asked, "tags.function")
        if functions is not None:
            where += f" AND function IN ({','.join('?' * len(functions))})"
            values += functions
        rows = self._db.execute(
            f"SELECT function, key, value FROM tags WHERE (function, key) > (?,?){where} "  # noqa: S608
            "ORDER BY function, key LIMIT ?",
            (*after, *values, limit),
        )
        return rows.fetchall()


def matching(asked: Sequence[Asked], column: str) -> tuple[str, list[str]]:
    """SQL that follows a condition: whose ``column`` names a function with every one of these tags."""
    where, values = "", []
    for key, value in asked:
        of_value = "" if value is None else " AND t.value=?"
        where += f" AND EXISTS (SELECT 1 FROM tags t WHERE t.function={column} AND t.key=?{of_value})"  # noqa: S608
        values += [key] if value is None else [key, value]
    return where, values
