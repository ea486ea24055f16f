"""What is deployed: one SQLite file, and the code and layers as files named by their hash.

The store takes and returns our nouns, never rows. Code is on disk before the row that names it is written, so
after a crash there may be a file that nobody names (swept at the next start) and never a row without its code.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import logging
import shutil
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fc_magic.errors import InternalServerError
from fc_magic.server import facts, tables, unpack
from fc_magic.server.configs import Configs
from fc_magic.server.database import opened
from fc_magic.server.facts import Wanted
from fc_magic.server.published import Published
from fc_magic.server.queue import Queue
from fc_magic.server.tags import Tags
from fc_magic.server.tallies import Tallies
from fc_magic.server.tasks import TaskList
from fc_magic.server.worker import merge
from fc_magic.wire import fc3, triggers, v2, versions
from fc_magic.wire.results import Function, Functions
from fc_magic.wire.triggers import Http, Oss, Timer, Trigger
from fc_magic.wire.versions import Version
from fc_magic.wire.wording import reason

log = logging.getLogger("fc_magic.server")


@dataclasses.dataclass(frozen=True)
class DueTimer:
    """An enabled timer, and since when it exists (intervals count from there)."""

    function: str
    trigger: Timer
    created: datetime


@dataclasses.dataclass(frozen=True)
class Page:
    """A part of a list, the name to go on after ("" on the last one), and who belongs here but cannot be read."""

    functions: Functions
    after: str = ""
    unreadable: tuple[str, ...] = ()


class Store:
    """State below ``folder``; ``database``: if it was opened already."""

    def __init__(self, folder: Path, database: sqlite3.Connection | None = None) -> None:
        self.folder, self.code_folder = folder, folder / "code"
        self.code_folder.mkdir(parents=True, exist_ok=True)
        self._db = database or opened(folder)
        self._migrate()
        self._sweep()
        self.configs, self.published = Configs(self._db), Published(self._db)
        self.tags, self.tallies = Tags(self._db), Tallies(self._db, self.transaction)
        self.queue, self.tasks = Queue(self._db, self.transaction), TaskList(self._db)
        # code that was kept for a function whose row is not written yet, and how many want it
        self._held: Counter[str] = Counter()
        self._code_lock = threading.Lock()
        self._remover = ThreadPoolExecutor(1, "remove")
        self._complained: set[str] = set()
        #: set whenever triggers may have changed; the timer clears it
        self.changed = asyncio.Event()

    def close(self) -> None:
        """Waits for what is being removed."""
        self._remover.shutdown()
        self._db.close()

    def _migrate(self) -> None:
        (done,) = self._db.execute("PRAGMA user_version").fetchone()
        for number, migration in enumerate(tables.MIGRATIONS[done:], start=done + 1):
            with self.transaction():
                migration(self._db)
                self._db.execute(f"PRAGMA user_version={number}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Within one that has begun it is a part of that."""
        if self._db.in_transaction:
            yield self._db
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk may have ended it
                self._db.execute("ROLLBACK")
            raise

    def rows(self, asked: str, *values: Any) -> list[tuple[Any, ...]]:
        """For a look: whoever writes to the store meanwhile keeps nobody waiting."""
        return self._db.execute(asked, values).fetchall()

    # ------------------------------------------------------------ functions

    def get(self, name: str) -> Function | None:
        """Raises InternalServerError if what is stored can no longer be read."""
        row = self._db.execute("SELECT answer FROM functions WHERE name=?", (name,)).fetchone()
        return _function(name, row[0]) if row else None

    def put(
        self,
        function: Function,
        code: str,
        layers: Sequence[tuple[str, int]] = (),
        publish: Version | None = None,
    ) -> None:
        """Writes the function and its triggers as one; an unchanged trigger keeps its dates.

        ``code`` is a key that ``keep_code`` returned; from here on the row holds it. ``layers``: the keys of the
        function's layers and the sizes of their ZIPs. ``publish``: the version that its content becomes.
        """
        with self.released(code), self.transaction():
            self._put_triggers(function)
            row4 = (function.name, json.dumps(_kept(function)), code, function.last_modified_time)
            self._db.execute("INSERT OR REPLACE INTO functions VALUES (?,?,?,?)", row4)
            facts.put(self._db, function)
            self._db.execute("DELETE FROM function_layers WHERE function=?", (function.name,))
            rows = [(function.name, number, *layer) for number, layer in enumerate(layers)]
            self._db.executemany("INSERT INTO function_layers VALUES (?,?,?,?)", rows)
            if publish:
                self.published.add(function.name, int(publish.id), _frozen(function, publish), code, layers)
        self.changed.set()

    def publish(self, function: Function, version: Version) -> Function:
        """The content of a function becomes a version; returns the function as it is then."""
        function = dataclasses.replace(function, version=version.id)
        with self.transaction():
            code, *_ = self.contents(function.name)
            layers = self._db.execute(
                "SELECT code, size FROM function_layers WHERE function=? ORDER BY number", (function.name,)
            )
            self.published.add(
                function.name, int(version.id), _frozen(function, version), code, layers.fetchall()
            )
            self.rewrite(function)
        return function

    def rewrite(self, function: Function) -> None:
        """Keeps what is said of a function; its code, layers and triggers stay."""
        answer = json.dumps(_kept(function))
        self._db.execute("UPDATE functions SET answer=? WHERE name=?", (answer, function.name))

    def frozen(self, name: str, number: int) -> Function | None:
        """What a version was made of. Raises InternalServerError if that can no longer be read."""
        answer = self.published.get(name, number)
        if answer is None:
            return None
        function = _function(name, answer.get("content"))
        return dataclasses.replace(function, version=str(number), qualifier=str(number))

    def put_triggers(self, function: Function) -> None:
        """Writes the triggers of a function that is there, and nothing else of it."""
        with self.transaction():
            self._put_triggers(function)
            self.rewrite(function)
        self.changed.set()

    def _put_triggers(self, function: Function) -> None:
        """A trigger is created once; what it does counts from its last change."""
        now = datetime.now(timezone.utc).isoformat()
        old = self.trigger_dates(function.name)
        rows = self._db.execute("SELECT name, kind, config FROM triggers WHERE function=?", (function.name,))
        same = {name: (kind, config) for name, kind, config in rows}
        self._db.execute("DELETE FROM triggers WHERE function=?", (function.name,))
        for trigger in function.triggers:
            name, config = trigger.name or "", json.dumps(trigger.config(), sort_keys=True)
            first, changed = old.get(name, (now, now))
            if same.get(name) != (trigger.type, config):
                changed = now
            row = (function.name, name, trigger.type, config, changed, first)
            self._db.execute("INSERT INTO triggers VALUES (?,?,?,?,?,?)", row)

    def trigger_dates(self, name: str) -> dict[str, tuple[str, str]]:
        """When each trigger of a function was created, and when it was changed last."""
        rows = self._db.execute("SELECT name, first, created FROM triggers WHERE function=?", (name,))
        return {trigger: (first, changed) for trigger, first, changed in rows}

    def delete(self, name: str) -> bool:
        with self.transaction():
            for table in tables.OF_FUNCTION:
                self._db.execute(f"DELETE FROM {table} WHERE function=?", (name,))  # noqa: S608
            gone = self._db.execute("DELETE FROM functions WHERE name=?", (name,)).rowcount
        self.queue.forget(name)
        self.changed.set()
        return bool(gone)

    def list(
        self,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        wanted: Wanted = Wanted(),  # noqa: B008
    ) -> Page:
        """A page in order of name, of the functions that are ``wanted``."""
        rows = self._db.execute(*facts.select(prefix, after, wanted))
        found: list[Function] = []
        unreadable: list[str] = []
        for name, answer in rows:
            try:
                function = _function(name, answer)
            except InternalServerError as error:
                unreadable.append(name)
                self._complain(error.message)
                continue
            if len(found) == limit:
                return Page(
                    Functions(found), found[-1].name, tuple(n for n in unreadable if n < found[-1].name)
                )
            found.append(function)
        return Page(Functions(found), "", tuple(unreadable))

    def timers(self) -> tuple[DueTimer, ...]:
        """The timers that are enabled."""
        found = self._triggers("timer")
        return tuple(DueTimer(f, t, at) for f, t, at in found if isinstance(t, Timer) and t.enable)

    def https(self) -> dict[str, tuple[Http, ...]]:
        """The http triggers, by the names of their functions."""
        found: dict[str, tuple[Http, ...]] = {}
        for function, trigger, _ in self._triggers("http"):
            if isinstance(trigger, Http):
                found[function] = (*found.get(function, ()), trigger)
        return found

    def osses(self) -> tuple[tuple[str, Oss], ...]:
        """The oss triggers, with the names of their functions."""
        return tuple((f, t) for f, t, _ in self._triggers("oss") if isinstance(t, Oss))

    def _triggers(self, kind: str) -> Iterator[tuple[str, Trigger, datetime]]:
        """Each that can be read: what has become unreadable must not stop the others."""
        rows = self._db.execute("SELECT function, name, config, created FROM triggers WHERE kind=?", (kind,))
        for function, name, config, created in rows.fetchall():
            try:
                trigger = triggers.from_config(kind, {**json.loads(config), "name": name})
                yield function, trigger, datetime.fromisoformat(created)
            except (TypeError, ValueError) as error:
                self._complain(f"trigger {name} of {function} is left out: {reason(error)}")

    def _complain(self, what: str) -> None:
        """Once: timers are read every half minute."""
        if what not in self._complained:
            self._complained.add(what)
            log.warning("%s", what)

    # ------------------------------------------------------------ code

    def keep_code(self, raw: bytes) -> str:
        """Writes a ZIP and its unpacked files, whole or not at all; returns its key. May run in a thread.

        The code is held until ``put`` writes a row with the key: another function with the same code may be
        deleted meanwhile.
        """
        key = hashlib.sha256(raw).hexdigest()
        with self._code_lock:
            self._held[key] += 1
        try:
            if not (self.code_folder / key).is_dir():
                self._write_code(raw, self.code_folder / key)
        except BaseException:
            self._release(key)
            raise
        return key

    def _write_code(self, raw: bytes, target: Path) -> None:
        building = self._aside()
        try:
            (building / "code.zip").write_bytes(raw)
            unpack.unpack(raw, building / "files")
            try:
                building.rename(target)
            except OSError:
                if not target.is_dir():  # else somebody was first: theirs has the same bytes
                    raise
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _aside(self) -> Path:
        """A new folder, only for its user, that no function names: the next start would remove it."""
        return Path(tempfile.mkdtemp(prefix=".", dir=self.code_folder))

    def _release(self, key: str) -> None:
        with self._code_lock:
            self._held[key] -= 1
            if self._held[key] <= 0:
                del self._held[key]

    @contextlib.contextmanager
    def released(self, key: str) -> Iterator[None]:
        """What is written meanwhile holds the code from here on."""
        try:
            yield
        finally:
            self._release(key)

    @contextlib.contextmanager
    def holding(self, keys: Iterable[str]) -> Iterator[None]:
        """Meanwhile this code stays, whoever is deleted."""
        held = list(keys)
        with self._code_lock:
            self._held.update(held)
        try:
            yield
        finally:
            for key in held:
                self.release_code(key)

    def release_code(self, key: str) -> None:
        """Code that was kept is not deployed after all."""
        self._release(key)
        self.drop_code([key])

    def contents(self, name: str) -> tuple[str, ...]:
        """The keys of a function: its code's, then those of its layers; nothing if there is no such function."""
        code = self._db.execute("SELECT code FROM functions WHERE name=?", (name,)).fetchall()
        layers = "SELECT code FROM function_layers WHERE function=? ORDER BY number"
        return tuple(key for (key,) in [*code, *self._db.execute(layers, (name,))])

    def folders(self, name: str) -> tuple[Path, ...]:
        """The same as folders with the unpacked files."""
        return tuple(self.files(key) for key in self.contents(name))

    def layer_sizes(self, name: str) -> tuple[int, ...]:
        """Bytes of the ZIP of each layer of a function."""
        sizes = "SELECT size FROM function_layers WHERE function=? ORDER BY number"
        return tuple(size for (size,) in self._db.execute(sizes, (name,)))

    def files(self, key: str) -> Path:
        """The folder with the unpacked code."""
        return self.code_folder / key / "files"

    def package(self, key: str) -> Path:
        """The package as it was deployed."""
        return self.code_folder / key / "code.zip"

    def zip(self, key: str) -> bytes:
        return self.package(key).read_bytes()

    def drop_code(self, keys: Iterable[str]) -> None:
        """Removes code that nothing names any more, and what was merged of it."""
        for key in filter(None, set(keys)):
            with self._code_lock:
                used = self._db.execute(f"SELECT 1 FROM ({tables.NAMED}) WHERE code=?", (key,)).fetchone()  # noqa: S608
                if used or self._held[key]:
                    continue
                # out of the way in one step: who keeps the same code meanwhile finds all of it or nothing
                aside = self._aside()
                merged = [path for path in self.code_folder.iterdir() if merge.is_of(path.name, key)]
                for path in [self.code_folder / key, *merged]:
                    with contextlib.suppress(OSError):
                        path.rename(aside / path.name)
            # a large package has many files, and the caller others to serve
            self._remover.submit(shutil.rmtree, aside, ignore_errors=True)

    def _sweep(self) -> None:
        named = {key for (key,) in self._db.execute(tables.NAMED)}
        for path in self.code_folder.iterdir():
            if path.name not in named:
                shutil.rmtree(path, ignore_errors=True)


def _kept(function: Function) -> dict[str, Any]:
    return {**v2.encode_function(function), "own": fc3.keep_own(function)}


def _frozen(function: Function, version: Version) -> dict[str, Any]:
    """A version as it is kept. Triggers are of the function, not of a version."""
    content = dataclasses.replace(function, triggers=(), trigger_ids={}, urls=())
    return {**versions.encode(version), "content": _kept(content)}


def _function(name: str, answer: Any) -> Function:
    try:
        kept = json.loads(answer) if isinstance(answer, str) else answer
        return fc3.with_own(v2.decode_function(kept), fc3.kept_own(kept.get("own")))
    except (KeyError, TypeError, ValueError) as error:
        text = f"what is stored of {name} can no longer be read: {reason(error)}"
        raise InternalServerError(text, hint="delete it and deploy it again") from error
