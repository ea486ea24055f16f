"""The instances of one function: which of them serves the next call, who waits for one, what can be seen of them."""

from __future__ import annotations

import asyncio
import bisect
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fc_magic.server.worker.process import Instance

#: whose instances (``NAME`` for what is deployed, ``NAME/3`` for its version 3), and what tells contents apart
Revision = tuple[str, str]


def function_of(name: str) -> str:
    """The function that a fleet serves: a name has no slash."""
    return name.partition("/")[0]


@dataclass(eq=False, slots=True)
class Held:
    """An instance as the pool holds it: for which revision, how many calls it serves now, whether it has started."""

    instance: Instance
    revision: Revision
    leases: int = 0
    ready: bool = False
    #: whether it serves anybody: one that is initialized serves only who started it
    shared: bool = False

    @property
    def state(self) -> str:
        return "starting" if not self.ready else "busy" if self.leases else "idle"

    def takes_leave(self) -> bool:
        """Whether its function wants to be told before it ends; one that failed to start, or died, tells nothing."""
        return self.instance.spec.farewell is not None and self.ready and self.instance.alive


@dataclass(eq=False)
class Waiter:
    """A call that waits. It gets an instance that is there, or None when one may be started for it."""

    given: asyncio.Future[Held | None]
    revision: Revision


def _leases(held: Held) -> int:
    return held.leases


@dataclass(eq=False)
class Fleet:
    """``current`` is the content that new calls are for, ``most`` the function's own limit (None: it has none), and
    ``concurrency`` how many calls one of its instances serves at once. ``kin`` are all fleets of the function, this
    one too: what is deployed and its versions have instances of their own, within one limit. ``least``: so many are
    kept also while nobody calls them."""

    name: str
    current: str
    kin: list[Fleet]
    concurrency: int = 1
    most: int | None = None
    least: int = 0
    members: dict[str, Held] = field(default_factory=dict)
    #: that can take one more call: the idle ones first, of these the longest idle; the fullest at the end
    room: list[Held] = field(default_factory=list)
    queue: deque[Waiter] = field(default_factory=deque)
    #: promised to a call, but not made yet; promised or made, but not ready yet
    promised: int = 0
    starting: int = 0
    #: when somebody who waited was last served, counted in such events
    served: int = 0

    @property
    def size(self) -> int:
        return len(self.members) + self.promised

    @property
    def function(self) -> str:
        return function_of(self.name)

    def of_function(self) -> int:
        """Instances of the function, whatever their version."""
        return sum(fleet.size for fleet in self.kin)

    def take(self, revision: Revision) -> Held | None:
        """The fullest instance that still has room, so that the others may become idle. It may be dead."""
        # all that have room are of the current revision; who waits may still want the one before
        room = self.room
        if not room or (held := room[-1]).revision != revision:
            return None
        held.leases += 1
        if held.leases >= held.instance.concurrency:
            room.pop()
        return held

    def put_back(self, held: Held) -> None:
        """After a call, or the start: it has room for one more."""
        if held.leases == held.instance.concurrency - 1:
            self.room.append(held)
            return
        if held in self.room:
            self.room.remove(held)
        self.room.insert(bisect.bisect_right(self.room, held.leases, key=_leases), held)

    def is_over(self) -> bool:
        """Whether its function has more instances than its own limit, which may have become less."""
        return self.most is not None and self.of_function() > self.most

    def alive(self) -> int:
        """Instances of the current content that serve, or are about to."""
        return sum(held.instance.alive or not held.ready for held in self._current()) + self.promised

    def ready(self) -> int:
        """Instances of the current content that serve."""
        return sum(held.instance.alive and held.shared for held in self._current())

    def _current(self) -> list[Held]:
        return [held for held in self.members.values() if held.revision[1] == self.current]

    def spare(self) -> list[Held]:
        """The idle ones that may end, the longest idle first."""
        return self.idle()[: max(self.size - self.least, 0)]

    def close_to_calls(self, held: Held) -> None:
        if held in self.room:
            self.room.remove(held)

    def idle(self) -> list[Held]:
        """The longest idle first."""
        return self.room[: bisect.bisect_right(self.room, 0, key=_leases)]

    def in_use(self) -> int:
        """Of the function, whatever their version."""
        return sum(fleet.size - len(fleet.idle()) for fleet in self.kin)

    def head(self) -> Waiter | None:
        """Who has waited longest, of those that still wait."""
        while self.queue and self.queue[0].given.done():
            self.queue.popleft()
        return self.queue[0] if self.queue else None

    def needs_more(self) -> bool:
        """Whether those who wait are more than will find room in what starts already."""
        return len(self.queue) > self.starting * (self.concurrency - 1)


class Fleets(dict[str, Fleet]):
    """By whose instances they are; and by function, that of what is deployed and those of its versions."""

    def __init__(self) -> None:
        super().__init__()
        self._kin: dict[str, list[Fleet]] = {}

    def new(self, revision: Revision) -> Fleet:
        kin = self._kin.setdefault(function_of(revision[0]), [])
        fleet = self[revision[0]] = Fleet(*revision, kin)
        kin.append(fleet)
        return fleet

    def of(self, function: str) -> list[Fleet]:
        return list(self._kin.get(function, ()))

    def count(self, revision: Revision) -> tuple[int, int]:
        """Instances that serve this content or are about to, and those of them that serve already."""
        fleet = self.get(revision[0])
        return (fleet.alive(), fleet.ready()) if fleet and fleet.current == revision[1] else (0, 0)

    def idle(self) -> list[Held]:
        """The instances that nobody calls now."""
        return [held for fleet in self.values() for held in fleet.idle()]

    def clear(self) -> None:
        super().clear()
        self._kin.clear()

    def forget(self, fleet: Fleet) -> None:
        del self[fleet.name]
        fleet.kin.remove(fleet)
        if not fleet.kin:
            del self._kin[fleet.function]


def spare(fleets: Iterable[Fleet]) -> Iterator[tuple[Fleet, Held]]:
    """The longest idle instance of each that may end."""
    for fleet in fleets:
        if fleet.room and not fleet.room[0].leases and fleet.size > fleet.least:
            yield fleet, fleet.room[0]


def longest(idle: Iterable[tuple[Fleet, Held]]) -> tuple[Fleet, Held]:
    return min(idle, key=lambda pair: pair[1].instance.used)


@dataclass(frozen=True)
class Seen:
    """An instance as it can be looked at: idle, busy, starting or draining; ``born`` and ``used`` are monotonic."""

    instance_id: str
    revision: Revision
    version: str
    state: str
    born: float
    calls: int
    memory_mb: float

    @classmethod
    def of(cls, held: Held, state: str = "") -> Seen:
        instance, state = held.instance, state or held.state
        memory = instance.memory_now() if instance.alive else 0.0
        version = str(instance.spec.version)
        return cls(instance.id, held.revision, version, state, instance.born, instance.calls, memory)
