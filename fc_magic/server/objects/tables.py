"""The store's SQLite file: its tables, and one connection that threads take in turn."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fc_magic.server.database import connect


def _first_tables(db: sqlite3.Connection) -> None:
    # keys are bytes: SQLite then sorts them as OSS does, and what follows a prefix is prefix + ff
    db.execute(
        "CREATE TABLE buckets (name TEXT PRIMARY KEY, created REAL NOT NULL, acl TEXT NOT NULL, "
        "storage TEXT NOT NULL, redundancy TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE objects (bucket TEXT NOT NULL, key BLOB NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, "
        "etag TEXT NOT NULL, crc TEXT NOT NULL, modified REAL NOT NULL, kind TEXT NOT NULL, meta TEXT NOT NULL, "
        "PRIMARY KEY (bucket, key)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE uploads (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, created REAL NOT NULL, "
        "meta TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX uploads_by_key ON uploads (bucket, key, id)")
    db.execute(
        "CREATE TABLE parts (upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, "
        "size INTEGER NOT NULL, etag TEXT NOT NULL, crc TEXT NOT NULL, modified REAL NOT NULL, "
        "PRIMARY KEY (upload, number)) WITHOUT ROWID"
    )


#: A migration is appended here and never changed: the list is the history.
MIGRATIONS = (_first_tables,)

Row = tuple[Any, ...]


class Database:
    """``with database:`` is a turn (nobody else reads or writes), ``with database.transaction():`` all or nothing."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = connect(path, any_thread=True)
        (done,) = self._db.execute("PRAGMA user_version").fetchone()
        for number, migration in enumerate(MIGRATIONS[done:], start=done + 1):
            with self.transaction():
                migration(self._db)
                self._db.execute(f"PRAGMA user_version={number}")

    def __enter__(self) -> Database:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with self:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def run(self, sql: str, *values: Any) -> int:
        with self:
            return self._db.execute(sql, values).rowcount

    def close(self) -> None:
        with self:
            self._db.close()
