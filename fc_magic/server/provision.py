"""Instances that are kept warm: as many as the provision and scaling configs of functions ask for, at any time.

They are started ahead, replaced when they die and when what they serve changes, and started again with the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from typing import Any, NamedTuple

from fc_magic.errors import FcError, ProvisionConfigExist, ResidentScalingConfigExists
from fc_magic.server.live import Live
from fc_magic.server.store import Store
from fc_magic.server.versions import Versions
from fc_magic.server.worker.pool import Pool
from fc_magic.wire.results import LATEST
from fc_magic.wire.scaling import PROVISION, SCALING, Wanted, wanted
from fc_magic.wire.wording import reason

log = logging.getLogger("fc_magic.server")

#: an instance that died is missed after so long
LOOK_S = 0.5
#: after one did not start, the next is tried so much later, twice as long each time
PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
#: that start at once
AT_ONCE = 4


class Key(NamedTuple):
    """A config: its kind, its function, and the qualifier as it was given."""

    kind: str
    function: str
    qualifier: str


class Status(NamedTuple):
    """Of a config: how many there are to be now, how many there are, and why there are not more."""

    target: int
    current: int
    error: str


class Failed(NamedTuple):
    why: str
    pause_s: float
    until: float


class Provisions:
    """``start`` starts one instance more; ``using`` keeps its files meanwhile."""

    def __init__(
        self,
        store: Store,
        versions: Versions,
        pool: Pool,
        start: Callable[[Live], Awaitable[None]],
        using: Callable[[str], AbstractContextManager[Any]],
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._store, self._versions, self._pool = store, versions, pool
        self._start, self._using, self._now = start, using, now
        #: set when there may be something to do
        self.changed = asyncio.Event()
        self._wanted = dict(self._load())
        #: by whose instances: how many start, how many are kept, and what went wrong
        self._starting: Counter[str] = Counter()
        self._kept: dict[str, int] = {}
        self._failed: dict[str, Failed] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def _load(self) -> Iterator[tuple[Key, Wanted]]:
        for kind in (PROVISION, SCALING):
            for function, qualifier, kept in self._store.configs.list(kind):
                try:
                    since = datetime.fromisoformat(kept["since"])
                    yield Key(kind, function, qualifier), wanted(kind, kept["given"], since)
                except (KeyError, TypeError, ValueError, FcError) as error:
                    log.warning("%s of %s cannot be read: %s", kind, function, reason(error))

    # ------------------------------------------------------------ configs

    def put(self, key: Key, given: dict[str, Any]) -> None:
        """Raises FunctionNotFound, VersionNotFound, AliasNotFound, and an error if instances are kept elsewhere."""
        self._versions.named(key.function, key.qualifier)
        other = key._replace(kind=SCALING if key.kind == PROVISION else PROVISION)
        if other in self._wanted:
            kinds = {PROVISION: ResidentScalingConfigExists, SCALING: ProvisionConfigExist}
            text = f"instances of function '{key.function}' are kept by its {other.kind} already"
            raise kinds[key.kind](text, hint="delete that one first")
        since = self._now()
        self._wanted[key] = wanted(key.kind, given, since)
        kept = {"given": given, "since": since.isoformat()}
        self._store.configs.put(key.kind, key.function, kept, key.qualifier)
        self._again(key.function)

    def get(self, key: Key) -> dict[str, Any] | None:
        """What was put, or None. Raises FunctionNotFound, VersionNotFound, AliasNotFound."""
        self._versions.named(key.function, key.qualifier)
        kept = self._store.configs.get(key.kind, key.function, key.qualifier)
        return dict(kept["given"]) if kept else None

    def delete(self, key: Key) -> None:
        """There need not be one, nor still the alias. Raises FunctionNotFound."""
        self._versions.resolve(key.function)
        self._store.configs.delete(key.kind, key.function, key.qualifier)
        if self._wanted.pop(key, None):
            self._again(key.function)

    def list(
        self, kind: str, function: str, after: tuple[str, str], limit: int
    ) -> tuple[list[tuple[Key, dict[str, Any]]], tuple[str, str]]:
        """The configs in order of function and qualifier, and where to go on."""
        rows = self._store.configs.list(kind, function, after, limit + 1)
        found = [(Key(kind, name, qualifier), kept["given"]) for name, qualifier, kept in rows[:limit]]
        return found, found[-1][0][1:] if len(rows) > limit else ("", "")

    def drop(self, function: str, qualifier: str) -> None:
        """The version or alias is gone, and its configs with it."""
        for kind in (PROVISION, SCALING):
            self._wanted.pop(Key(kind, function, qualifier), None)
        self._again(function)

    def forget(self, function: str) -> None:
        """It is gone, and its configs with it."""
        self._wanted = {key: asked for key, asked in self._wanted.items() if key.function != function}
        self._again(function)

    def _again(self, function: str) -> None:
        for place in [place for place in self._failed if place.partition("/")[0] == function]:
            del self._failed[place]
        self.changed.set()

    def status(self, key: Key) -> Status:
        asked = self._wanted.get(key)
        if asked is None:
            return Status(0, 0, "")
        target, current, errors = asked.at(self._now()), 0, []
        try:
            for live, count in self._shares(key, target):
                current += min(self._pool.count(live.revision)[1], count)
                if failed := self._failed.get(live.revision[0]):
                    errors.append(failed.why)
        except FcError as error:
            errors.append(error.message)
        return Status(target, current, "; ".join(errors) if current < target else "")

    # ------------------------------------------------------------ keeping

    async def run(self) -> None:
        """Without end."""
        try:
            while True:
                self.changed.clear()
                self._bring_in_line()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), self._pause_s())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _pause_s(self) -> float | None:
        if any(asked.at(self._now()) for asked in self._wanted.values()):
            return LOOK_S
        due = [at for asked in self._wanted.values() if (at := asked.next(self._now()))]
        # a clock may be set meanwhile
        return min((min(due) - self._now()).total_seconds() + 0.01, 30.0) if due else None

    def _bring_in_line(self) -> None:
        plan: dict[str, tuple[Live, int]] = {}
        for key, asked in self._wanted.items():
            with contextlib.suppress(FcError):  # its version or alias is gone; its status says so
                for live, count in self._shares(key, asked.at(self._now())):
                    before = plan[live.revision[0]][1] if live.revision[0] in plan else 0
                    plan[live.revision[0]] = live, before + count
        for place in self._kept.keys() - plan.keys():
            self._pool.keep(place, 0)
        self._kept = {place: count for place, (_, count) in plan.items()}
        for place, (live, count) in plan.items():
            self._pool.keep(place, count)
            self._start_missing(place, live, count)

    def _start_missing(self, place: str, live: Live, count: int) -> None:
        failed = self._failed.get(place)
        if failed and time.monotonic() < failed.until:
            return
        missing = count - self._pool.count(live.revision)[0]
        for _ in range(min(missing, AT_ONCE - self._starting.total() if missing else 0)):
            self._starting[place] += 1
            task = asyncio.create_task(self._one(place, live))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _one(self, place: str, live: Live) -> None:
        try:
            with self._using(live.function.name):
                await self._start(live)
            self._failed.pop(place, None)
            kept = self._kept.get(place, 0)
            if self._pool.count(live.revision)[0] > kept:
                self._pool.keep(place, kept, late=1)
        except FcError as error:
            self._fail(place, error.message)
        except Exception as error:  # a fault of ours
            log.exception("an instance of %s cannot be started", place)
            self._fail(place, f"a fault of the server: {reason(error)}")
        finally:
            self._starting[place] -= 1
            self._starting += Counter()  # without those that are 0
            self.changed.set()

    def _fail(self, place: str, why: str) -> None:
        before = self._failed.get(place)
        pause_s = min(before.pause_s * 2, LONGEST_PAUSE_S) if before else PAUSE_S
        self._failed[place] = Failed(why, pause_s, time.monotonic() + pause_s)

    def _shares(self, key: Key, target: int) -> Iterator[tuple[Live, int]]:
        """What a qualifier leads to, and how many instances of it: of an alias with weights each has its share."""
        found = self._versions.named(key.function, key.qualifier)
        weights = self._versions.weights(key.function, key.qualifier)
        others = [(live, round(target * weight)) for live, weight in zip(found[1:], weights, strict=True)]
        yield found[0], max(target - sum(count for _, count in others), 0)
        yield from others


def key_of(kind: str, function: str, qualifier: str) -> Key:
    return Key(kind, function, qualifier or LATEST)
