"""Asynchronous calls on disk: what waits, and what became of tasks. Knows no function and runs nothing.

A call is on disk before it is accepted, and stays until it has ended: whoever takes it out does so in memory only, so
that after ``kill -9`` it waits again.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from fc_magic.wire import tasks

#: what a call is: an event for a handler, or a request to the program of a custom runtime
EVENT, REQUEST = "event", "request"
#: of a call that waits for the one before it
BLOCKED = 1 << 62
#: UNCONFIRMED: how long FC keeps a task that has ended
KEEP_MS = 7 * 24 * 3600 * 1000
#: of one function: tasks that have ended, and bytes of what they were sent and answered
KEEP_TASKS, KEEP_BYTES = 1000, 64 << 20
#: bytes that are kept of one text about a task, such as why it failed
KEEP_TEXT = 4096
#: steps that are kept of a task
KEEP_EVENTS = 100
_COLUMNS = (
    "function", "qualifier", "request", "task", "caller", "form", "line", "hops", "accepted", "begins", "due",
    "retries", "refusals", "status", "size",
)  # fmt: skip
CALL = ", ".join(f"async_calls.{name}" for name in ("id", *_COLUMNS))
_INSERT = f"INSERT INTO async_calls ({', '.join(_COLUMNS)}, facts) VALUES ({', '.join('?' * len(_COLUMNS))}, '{{}}')"  # noqa: S608


@dataclass(frozen=True)
class Call:
    """One asynchronous call. Times are milliseconds since the epoch: ``begins`` is when it may run at first, ``due``
    when it may run next. Calls of one ``line`` run one after the other. ``hops``: results of calls that led to it."""

    function: str
    request: str
    payload: bytes = field(repr=False)
    qualifier: str = "LATEST"
    task: str = ""
    caller: str = "async"
    form: str = EVENT
    line: str = ""
    hops: int = 0
    accepted: int = 0
    begins: int = 0
    due: int = 0
    retries: int = 0
    refusals: int = 0
    status: str = tasks.ENQUEUED
    size: int = 0
    id: int = 0


class Queue:
    """Times are arguments. ``changed`` is set whenever somebody who sleeps until the next call is due must look."""

    def __init__(
        self,
        db: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:
        self._db, self._transaction = db, transaction
        self.changed = asyncio.Event()
        self.running: defaultdict[str, dict[int, Call]] = defaultdict(dict)
        #: of each function that has calls that nobody has taken: when the first is due
        self.heads: dict[str, int] = {}
        #: of each function that has calls that have not ended: how many, and bytes of what they were sent
        self.load: dict[str, tuple[int, int]] = {}
        self._ended: dict[str, tuple[int, int]] = {}
        self.waiting = 0
        self._look_anew()

    def _look_anew(self) -> None:
        rows = self._db.execute(
            "SELECT function, COUNT(*), SUM(size), MIN(due) FROM async_calls WHERE due IS NOT NULL GROUP BY function"
        ).fetchall()
        self.load = {function: (count, size) for function, count, size, _ in rows}
        self.waiting = sum(count for _, count, _, _ in rows)
        self.heads = {function: due for function, _, _, due in rows}
        for function in self.running:
            self._look(function)

    # ------------------------------------------------------------ in

    def put(self, call: Call) -> Call | None:
        """The call as it is kept, on disk; None if its function has a task of that id."""
        with self._transaction():
            kept = self._insert(call)
        if kept:
            self._added(kept)
        return kept

    def _insert(self, call: Call) -> Call | None:
        due = BLOCKED if call.line and self._first(call.line) else call.begins
        call = dataclasses.replace(call, due=due, size=len(call.payload))
        try:
            number = self._db.execute(_INSERT, [getattr(call, name) for name in _COLUMNS]).lastrowid
        except sqlite3.IntegrityError:
            return None
        call = dataclasses.replace(call, id=number or 0)
        self._db.execute(
            "INSERT INTO async_bodies VALUES (?,?,?,x'')", (call.id, call.function, call.payload)
        )
        if call.task:
            self._step(call, tasks.ENQUEUED, call.accepted, "", {})
        return call

    def _added(self, call: Call) -> None:
        self._weigh(call, 1)
        self.heads[call.function] = min(call.due, self.heads.get(call.function, BLOCKED))
        self.changed.set()

    def _weigh(self, call: Call, sign: int) -> None:
        """One call more, or one less."""
        count, size = self.load.get(call.function, (0, 0))
        self.waiting += sign
        if count + sign:
            self.load[call.function] = count + sign, size + sign * call.size
        else:
            self.load.pop(call.function, None)

    def _first(self, line: str) -> int:
        """The call of a line that has its turn."""
        asked = "SELECT id FROM async_calls WHERE line=? AND due IS NOT NULL ORDER BY id LIMIT 1"
        row = self._db.execute(asked, (line,)).fetchone()
        return row[0] if row else 0

    # ------------------------------------------------------------ out

    def take(self, function: str, now: int) -> Call | None:
        """The next call of a function that is due. It stays on disk; until ``give_back`` nobody else gets it."""
        found = self._next(function)
        if found is None or found[1] > now:
            self._look(function)
            return None
        row = self._db.execute(
            f"SELECT {CALL}, payload FROM async_calls JOIN async_bodies USING (id) WHERE id=?",  # noqa: S608
            (found[0],),
        ).fetchone()
        call = as_call(row)
        self.mark(call, tasks.DEQUEUED, now)
        self.running[function][call.id] = call
        self._look(function)
        return call

    def _next(self, function: str) -> tuple[int, int] | None:
        """Number and time of the first call that nobody has taken."""
        taken = self.running.get(function, {})
        rows = self._db.execute(
            "SELECT id, due FROM async_calls WHERE function=? AND due IS NOT NULL ORDER BY due, id LIMIT ?",
            (function, len(taken) + 1),
        ).fetchall()
        return next(((number, due) for number, due in rows if number not in taken), None)

    def _look(self, function: str) -> None:
        found = self._next(function)
        if found:
            self.heads[function] = found[1]
        else:
            self.heads.pop(function, None)

    def give_back(self, call: Call) -> None:
        """Whoever took the call has done with it, whatever came of it."""
        taken = self.running.get(call.function, {})
        taken.pop(call.id, None)
        if not taken:
            self.running.pop(call.function, None)
        self._look(call.function)
        self.changed.set()

    def has_begun(self, number: int) -> bool:
        """Whether the call is one that nobody must wait for any more: it runs, it has run, or it is gone."""
        asked = "SELECT function, retries FROM async_calls WHERE id=? AND due IS NOT NULL"
        row = self._db.execute(asked, (number,)).fetchone()
        return row is None or row[1] > 0 or number in self.running.get(row[0], {})

    # ------------------------------------------------------------ steps

    def mark(self, call: Call, status: str, now: int, detail: str = "", **facts: Any) -> bool:
        """One step of a task, on disk; nothing for other calls. False if it cannot come after the step before."""
        if not call.task:
            return True
        with self._transaction():
            return self._step(call, status, now, detail, facts)

    def _step(self, call: Call, status: str, now: int, detail: str, facts: dict[str, Any]) -> bool:
        row = self._db.execute("SELECT status, facts FROM async_calls WHERE id=?", (call.id,)).fetchone()
        if row is None:
            return False
        known = json.loads(row[1])
        events = known.get("events", [])
        if events and status not in tasks.NEXT[row[0]]:
            return False
        events.append([events[-1][0] + 1 if events else 1, status, now, _cut(detail)])
        if len(events) > KEEP_EVENTS:
            del events[1]
        facts = {name: _cut(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        text = json.dumps({**known, **facts, "events": events}, ensure_ascii=False)
        self._db.execute("UPDATE async_calls SET status=?, facts=? WHERE id=?", (status, text, call.id))
        return True

    def later(
        self, call: Call, due: int, now: int, status: str, detail: str, retries: int = 0, refusals: int = 0
    ) -> None:
        """It runs again when it is due: ``retries`` more attempts were made, or ``refusals`` that count for none."""
        with self._transaction():
            if call.task and not self._step(call, status, now, detail, {}):
                return
            changes = (due, call.retries + retries, call.refusals + refusals, call.id)
            self._db.execute("UPDATE async_calls SET due=?, retries=?, refusals=? WHERE id=?", changes)

    def end(
        self,
        call: Call,
        status: str,
        now: int,
        detail: str = "",
        result: bytes = b"",
        then: Call | None = None,
        **facts: Any,
    ) -> bool:
        """It has ended: a task stays to be looked at, any other call goes. ``then`` is put as one with that. False if
        it had ended before, or is gone with its function."""
        with self._transaction():
            gone = (
                self._end_task(call, status, now, detail, result, facts) if call.task else self._remove(call)
            )
            if not gone:
                return False
            if call.line and (following := self._first(call.line)):
                self._db.execute("UPDATE async_calls SET due=?, begins=? WHERE id=?", (now, now, following))
            kept = self._insert(then) if then else None
        self._weigh(call, -1)
        if call.line:
            self._look(call.function)
        if kept:
            self._added(kept)
        if call.task:
            self._trim(call.function, call.id)
        self.changed.set()
        return True

    def _remove(self, call: Call) -> bool:
        self._db.execute("DELETE FROM async_bodies WHERE id=?", (call.id,))
        return bool(self._db.execute("DELETE FROM async_calls WHERE id=?", (call.id,)).rowcount)

    def _end_task(
        self, call: Call, status: str, now: int, detail: str, result: bytes, facts: dict[str, Any]
    ) -> bool:
        if not self._step(call, status, now, detail, facts):
            return False
        result = result[: tasks.MAX_RESULT]
        self._db.execute(
            "UPDATE async_calls SET due=NULL, ended=?, size=size+?+LENGTH(CAST(facts AS BLOB)) WHERE id=?",
            (now, len(result), call.id),
        )
        if result:
            self._db.execute("UPDATE async_bodies SET result=? WHERE id=?", (result, call.id))
        return True

    # ------------------------------------------------------------ the end of one, and of all

    def recover(self, now: int) -> None:
        """At a start: what ran when the server ended waits again, what was being stopped has been."""
        asked = f"SELECT {CALL}, x'' FROM async_calls WHERE due IS NOT NULL AND status IN (?,?,?)"  # noqa: S608
        rows = self._db.execute(asked, (tasks.DEQUEUED, tasks.RUNNING, tasks.STOPPING)).fetchall()
        for call in map(as_call, rows):
            if call.status == tasks.STOPPING:
                self.end(call, tasks.STOPPED, now, "the server ended meanwhile")
            else:
                self.later(call, now, now, tasks.ENQUEUED, "the server ended meanwhile")
        self._look_anew()

    def stop(self, call: Call, now: int) -> str:
        """Its status from here on: Stopped if it waited, Stopping if it runs and somebody has to end it."""
        if call.id in self.running.get(call.function, {}):
            return tasks.STOPPING if self.mark(call, tasks.STOPPING, now, "stopped by a caller") else ""
        done = self.end(call, tasks.STOPPED, now, "stopped by a caller, before it ran")
        self._look(call.function)
        return tasks.STOPPED if done else ""

    def forget(self, function: str) -> None:
        """The function is deleted, and its rows with it."""
        self.heads.pop(function, None)
        self._ended.pop(function, None)
        self.load.pop(function, None)
        (self.waiting,) = self._db.execute(
            "SELECT COUNT(*) FROM async_calls WHERE due IS NOT NULL"
        ).fetchone()
        self.changed.set()

    def sweep(self, now: int) -> None:
        """Removes tasks that ended long ago."""
        old = "SELECT id FROM async_calls WHERE ended < ?"
        self._drop([number for (number,) in self._db.execute(old, (now - KEEP_MS,))])
        self._ended.clear()

    def _trim(self, function: str, ended: int) -> None:
        """Of too many tasks that ended the oldest go, and some more, so that this happens rarely."""
        asked = "SELECT id, size FROM async_calls WHERE function=? AND ended IS NOT NULL ORDER BY ended DESC, id DESC"
        count, size = self._ended.get(function, (KEEP_TASKS, KEEP_BYTES))
        added = self._db.execute("SELECT size FROM async_calls WHERE id=?", (ended,)).fetchone()
        count, size = count + 1, size + added[0]
        if count > KEEP_TASKS or size > KEEP_BYTES:
            rows = self._db.execute(asked, (function,)).fetchall()
            full = len(rows) > KEEP_TASKS or sum(size for _, size in rows) > KEEP_BYTES
            count, size, most = 0, 0, (KEEP_TASKS * 9 // 10, KEEP_BYTES * 9 // 10)
            for _, bytes_ in rows:
                if full and (count + 1 > most[0] or size + bytes_ > most[1]):
                    break
                count, size = count + 1, size + bytes_
            self._drop([number for number, _ in rows[count:]])
        self._ended[function] = count, size

    def _drop(self, numbers: list[int]) -> None:
        with self._transaction():
            for table in ("async_calls", "async_bodies"):
                self._db.executemany(f"DELETE FROM {table} WHERE id=?", [(number,) for number in numbers])  # noqa: S608


def _cut(text: str) -> str:
    """As it can be kept: not too long, and nothing in it that is no UTF-8."""
    return text.encode(errors="replace")[:KEEP_TEXT].decode(errors="ignore")


def as_call(row: tuple[Any, ...]) -> Call:
    number, *values, payload = row
    return Call(**dict(zip(_COLUMNS, values, strict=True)), payload=payload, id=number)
