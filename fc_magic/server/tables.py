"""The tables of the store, and how an older store becomes one of today."""

from __future__ import annotations

import json
import re
import sqlite3

from fc_magic.wire.source import public


def _first_tables(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE functions (name TEXT PRIMARY KEY, answer TEXT NOT NULL, code TEXT NOT NULL, "
        "modified TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE triggers (function TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, config TEXT "
        "NOT NULL, created TEXT NOT NULL, PRIMARY KEY (function, name)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX triggers_by_kind ON triggers (kind)")


def _no_credentials(db: sqlite3.Connection) -> None:
    """What a function says of its source had the URL it was fetched from as it was given."""
    for name, text in db.execute("SELECT name, answer FROM functions").fetchall():
        answer = json.loads(text)
        answer.pop("code", None)
        if answer.get("zip_file"):
            answer["zip_file"] = public(answer["zip_file"])
        db.execute("UPDATE functions SET answer=? WHERE name=?", (json.dumps(answer), name))


def _layers(db: sqlite3.Connection) -> None:
    """``last`` is the highest version there ever was: a number is not given twice."""
    db.execute(
        "CREATE TABLE layers (name TEXT PRIMARY KEY, last INTEGER NOT NULL, public INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE layer_versions (layer TEXT NOT NULL, version INTEGER NOT NULL, answer TEXT NOT NULL, "
        "code TEXT NOT NULL, compiled TEXT NOT NULL, PRIMARY KEY (layer, version)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE function_layers (function TEXT NOT NULL, number INTEGER NOT NULL, code TEXT NOT NULL, "
        "size INTEGER NOT NULL, PRIMARY KEY (function, number)) WITHOUT ROWID"
    )


def _versions(db: sqlite3.Connection) -> None:
    """Published versions with what they were made of, and aliases; ``last_versions``: an id is not given twice."""
    db.execute(
        "CREATE TABLE versions (function TEXT NOT NULL, id INTEGER NOT NULL, answer TEXT NOT NULL, code TEXT NOT "
        "NULL, PRIMARY KEY (function, id)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE version_layers (function TEXT NOT NULL, id INTEGER NOT NULL, number INTEGER NOT NULL, "
        "code TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (function, id, number)) WITHOUT ROWID"
    )
    db.execute("CREATE TABLE last_versions (function TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID")
    db.execute(
        "CREATE TABLE aliases (function TEXT NOT NULL, name TEXT NOT NULL, answer TEXT NOT NULL, "
        "PRIMARY KEY (function, name)) WITHOUT ROWID"
    )


def _configs(db: sqlite3.Connection) -> None:
    """Settings beside a function, by kind; and custom domains."""
    db.execute(
        "CREATE TABLE configs (kind TEXT NOT NULL, function TEXT NOT NULL, qualifier TEXT NOT NULL, answer TEXT "
        "NOT NULL, PRIMARY KEY (kind, function, qualifier)) WITHOUT ROWID"
    )
    db.execute("CREATE TABLE domains (name TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID")


def _tags(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE tags (function TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, "
        "PRIMARY KEY (function, key)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX tags_by_key ON tags (key, value)")


def _facts(db: sqlite3.Connection) -> None:
    """What a list is narrowed by, of each function."""
    db.execute(
        "CREATE TABLE facts (function TEXT PRIMARY KEY, runtime TEXT NOT NULL, description TEXT NOT NULL, "
        "gpu TEXT NOT NULL) WITHOUT ROWID"
    )
    for name, text in db.execute("SELECT name, answer FROM functions").fetchall():
        answer = json.loads(text)
        row = (name, str(answer.get("runtime", "")), str(answer.get("description") or ""), "")
        db.execute("INSERT INTO facts VALUES (?,?,?,?)", row)


def _published(db: sqlite3.Connection) -> None:
    """What was deployed before had a number and no version: its content becomes the version of that number."""
    rows = db.execute("SELECT name, answer, code FROM functions").fetchall()
    for name, text, code in rows:
        answer = json.loads(text)
        had = str(answer.get("version"))
        number = int(had) if re.fullmatch("[1-9][0-9]{0,9}", had) else 1
        answer |= {"version": str(number), "revision": number}
        db.execute("UPDATE functions SET answer=? WHERE name=?", (json.dumps(answer), name))
        made = answer.get("lastModifiedTime", "")
        content = {**answer, "triggers": [], "urls": []}
        said = {"versionId": str(number), "description": "", "createdTime": made, "lastModifiedTime": made}
        version = {**said, "content": content}
        db.execute("INSERT INTO versions VALUES (?,?,?,?)", (name, number, json.dumps(version), code))
        db.execute(
            "INSERT INTO version_layers SELECT function, ?, number, code, size FROM function_layers WHERE function=?",
            (number, name),
        )
        db.execute("INSERT INTO last_versions VALUES (?,?)", (name, number))


def _first_of_triggers(db: sqlite3.Connection) -> None:
    """``created`` is when a trigger became what it is, which intervals count from. ``first``: when it was made."""
    db.execute("ALTER TABLE triggers ADD COLUMN first TEXT NOT NULL DEFAULT ''")
    db.execute("UPDATE triggers SET first=created")


def _async_calls(db: sqlite3.Connection) -> None:
    """Asynchronous calls; ``due`` is null once there is nothing to do. What is large stands apart: a call is changed
    several times, and what it was sent never is."""
    db.execute(
        "CREATE TABLE async_calls (id INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, qualifier TEXT NOT "
        "NULL, request TEXT NOT NULL, task TEXT NOT NULL, caller TEXT NOT NULL, form TEXT NOT NULL, line TEXT NOT "
        "NULL, hops INTEGER NOT NULL, accepted INTEGER NOT NULL, begins INTEGER NOT NULL, due INTEGER, ended "
        "INTEGER, status TEXT NOT NULL, retries INTEGER NOT NULL, refusals INTEGER NOT NULL, size INTEGER NOT NULL, "
        "facts TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX async_due ON async_calls (function, due, id) WHERE due IS NOT NULL")
    db.execute("CREATE UNIQUE INDEX async_tasks ON async_calls (function, task) WHERE task <> ''")
    db.execute("CREATE INDEX async_times ON async_calls (function, accepted, id) WHERE task <> ''")
    db.execute("CREATE INDEX async_ended ON async_calls (function, ended) WHERE ended IS NOT NULL")
    db.execute("CREATE INDEX async_lines ON async_calls (line, id) WHERE line <> '' AND due IS NOT NULL")
    db.execute(
        "CREATE TABLE async_bodies (id INTEGER PRIMARY KEY, function TEXT NOT NULL, payload BLOB NOT NULL, "
        "result BLOB NOT NULL)"
    )
    db.execute("CREATE INDEX async_bodies_by_function ON async_bodies (function)")


def _stats(db: sqlite3.Connection) -> None:
    """What calls came to, in periods of ``span`` seconds."""
    db.execute(
        "CREATE TABLE stats (function TEXT NOT NULL, span INTEGER NOT NULL, began INTEGER NOT NULL, calls INTEGER "
        "NOT NULL, errors INTEGER NOT NULL, cold INTEGER NOT NULL, total_ms REAL NOT NULL, max_ms REAL NOT NULL, "
        "max_mb REAL NOT NULL, counts TEXT NOT NULL, PRIMARY KEY (function, span, began)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX stats_by_time ON stats (span, began)")


#: A migration is appended here and never changed: the list is the history.
MIGRATIONS = (
    _first_tables, _no_credentials, _layers, _versions, _configs, _tags, _published, _first_of_triggers,
    _facts, _async_calls, _stats,
)  # fmt: skip
#: every content that is kept for something
NAMED = (
    "SELECT code FROM functions UNION SELECT code FROM layer_versions UNION SELECT code FROM function_layers "
    "UNION SELECT code FROM versions UNION SELECT code FROM version_layers"
)
#: what is of one function, and goes with it
OF_FUNCTION = (
    "triggers", "function_layers", "versions", "version_layers", "last_versions", "aliases", "configs",
    "tags", "facts", "async_calls", "async_bodies", "stats",
)  # fmt: skip
