"""How the SQLite files of a data folder are opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

#: pages of 4 KB that are written beside a database before they are taken in. SQLite's own 1,000 would let the file
#: beside a store of some KB grow to 4 MB
BESIDE = 256
#: NORMAL loses nothing when the process is killed; only a power cut could take the last writes
PRAGMAS = (
    "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000",
    f"wal_autocheckpoint={BESIDE}", f"journal_size_limit={BESIDE * 4096}",
)  # fmt: skip


def opened(folder: Path) -> sqlite3.Connection:
    """The database of a data folder's store, in which there is room for code too. Raises OSError or sqlite3.Error:
    to be found out before anything else of the store is there."""
    (folder / "code").mkdir(parents=True, exist_ok=True)
    database = connect(folder / "fc.sqlite")
    database.execute("PRAGMA user_version").fetchone()
    return database


def connect(path: Path | str, *, any_thread: bool = False) -> sqlite3.Connection:
    """Transactions are begun and ended by who uses it; ``any_thread``: and taken in turn by threads."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=not any_thread)
    for pragma in PRAGMAS:
        database.execute(f"PRAGMA {pragma}")
    return database
