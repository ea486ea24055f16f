"""Statistics on disk: what the calls of each function came to, by minutes for a day and by hours for a month."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from fc_magic.wire.stats import Period, merged

MINUTE, HOUR = 60, 3600
#: how long a period of so many seconds is kept, in seconds
KEEP = {MINUTE: 24 * HOUR, HOUR: 30 * 24 * HOUR}
_COLUMNS = "began, calls, errors, cold, total_ms, max_ms, max_mb, counts"


class Tallies:
    """Rows are added to: a minute may be written in several parts, by one server after the other."""

    def __init__(
        self, db: sqlite3.Connection, transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]
    ) -> None:
        self._db, self._transaction = db, transaction

    def add(self, function: str, periods: Iterable[Period], now: float) -> None:
        """Minutes of a function; what is too old by now is dropped."""
        with self._transaction() as db:
            for period in periods:
                for span in KEEP:
                    self._add(function, span, period)
            for span, keep in KEEP.items():
                gone = "DELETE FROM stats WHERE function=? AND span=? AND began<?"
                db.execute(gone, (function, span, now - keep))

    def _add(self, function: str, span: int, period: Period) -> None:
        began = period.began // span * span
        whole = merged(began, [*self.of(function, span, began, began), period])
        counts = json.dumps([[number, whole.counts[number]] for number in sorted(whole.counts)])
        row = (function, span, began, whole.calls, whole.errors, whole.cold_starts, whole.total_ms)
        put = f"INSERT OR REPLACE INTO stats (function, span, {_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)"  # noqa: S608
        self._db.execute(put, (*row, whole.max_ms, whole.max_mb, counts))

    def of(self, function: str, span: int, since: float, until: float) -> Iterator[Period]:
        """The periods of a function that began from ``since`` to ``until``, in order."""
        asked = f"SELECT {_COLUMNS} FROM stats WHERE function=? AND span=? AND began BETWEEN ? AND ? ORDER BY began"  # noqa: S608
        for row in self._db.execute(asked, (function, span, since, until)).fetchall():
            began, calls, errors, cold, total_ms, max_ms, max_mb, counts = row
            yield Period(began, calls, errors, cold, total_ms, max_ms, max_mb, dict(json.loads(counts)))

    def first(self, function: str, span: int, since: float) -> int | None:
        """When the oldest period began, from ``since`` on, in which it was called."""
        asked = "SELECT min(began) FROM stats WHERE function=? AND span=? AND began>=?"
        found: int | None = self._db.execute(asked, (function, span, since)).fetchone()[0]
        return found

    def since(self, began: float) -> Iterator[tuple[str, int, int]]:
        """(function, calls, errors) in the hours from ``began`` on."""
        asked = (
            "SELECT function, sum(calls), sum(errors) FROM stats WHERE span=? AND began>=? GROUP BY function"
        )
        yield from self._db.execute(asked, (HOUR, began)).fetchall()

    def drop_old(self, now: float) -> None:
        """Of functions that nobody calls any more."""
        for span, keep in KEEP.items():
            self._db.execute("DELETE FROM stats WHERE span=? AND began<?", (span, now - keep))
