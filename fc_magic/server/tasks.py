"""Looks at tasks: asynchronous calls that stay to be looked at when they have ended."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from fc_magic.server.queue import CALL, Call, as_call
from fc_magic.wire.tasks import Task, TaskEvent, text

#: larger than any id and any time
_LAST = 1 << 62


@dataclass(frozen=True)
class Wanted:
    """Which tasks of a list: what is empty or 0 narrows nothing. ``after`` is the time and number of the last one
    that was seen, in the order of the list."""

    qualifier: str = ""
    prefix: str = ""
    status: str = ""
    since: int = 0
    until: int = 0
    newest_first: bool = True
    with_payload: bool = False
    after: tuple[int, int] | None = None
    limit: int = 20


class TaskList:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def call(self, function: str, task_id: str) -> Call | None:
        """As the queue knows it, without what it was sent."""
        asked = f"SELECT {CALL}, x'' FROM async_calls WHERE function=? AND task=?"  # noqa: S608
        row = self._db.execute(asked, (function, task_id)).fetchone() if task_id else None
        return as_call(row) if row else None

    def get(self, function: str, task_id: str) -> Task | None:
        asked = (
            f"SELECT {CALL}, payload, facts, ended, result FROM async_calls JOIN async_bodies USING (id) "  # noqa: S608
            "WHERE async_calls.function=? AND task=?"
        )
        row = self._db.execute(asked, (function, task_id)).fetchone() if task_id else None
        return _task(row, True) if row else None

    def list(self, function: str, wanted: Wanted) -> tuple[list[Task], tuple[int, int] | None]:
        """A page, and after what the next one begins; None on the last one."""
        sign, order = ("<", "DESC") if wanted.newest_first else (">", "ASC")
        after = wanted.after or ((_LAST, 0) if wanted.newest_first else (-1, 0))
        body = "payload" if wanted.with_payload else "x''"
        rows = self._db.execute(
            f"SELECT {CALL}, {body}, facts, ended, result FROM async_calls JOIN async_bodies USING (id) "  # noqa: S608
            "WHERE async_calls.function=? AND task<>'' AND task>=? AND task<? AND (?='' OR qualifier=?) "
            f"AND (?='' OR status=?) AND accepted>=? AND accepted<=? AND (accepted, id) {sign} (?,?) "
            f"ORDER BY accepted {order}, id {order} LIMIT ?",
            (
                *(function, wanted.prefix, wanted.prefix + "\U0010ffff"),
                *(wanted.qualifier, wanted.qualifier, wanted.status, wanted.status),
                *(wanted.since, wanted.until or _LAST, *after, wanted.limit + 1),
            ),
        ).fetchall()
        page = rows[: wanted.limit]
        found = [_task(row, wanted.with_payload) for row in page]
        if len(rows) <= wanted.limit:
            return found, None
        last = as_call(page[-1][:-3])
        return found, (last.accepted, last.id)


def _task(row: tuple[Any, ...], with_payload: bool) -> Task:
    *told, facts, ended, result = row
    call, known = as_call(tuple(told)), json.loads(facts)
    return Task(
        function=call.function,
        task_id=call.task,
        request_id=call.request,
        status=call.status,
        qualifier=call.qualifier,
        started=call.accepted,
        ended=ended or 0,
        duration_ms=known.get("duration", 0),
        retries=call.retries,
        instance_id=known.get("instance", ""),
        error=known.get("error", ""),
        result=text(result),
        payload=text(call.payload) if with_payload else None,
        destination=known.get("destination", ""),
        events=tuple(TaskEvent(number, status, at, detail) for number, status, at, detail in known["events"]),
    )
