"""How many instances there may be, and the right to a call on one of them."""

from __future__ import annotations

from dataclasses import dataclass

from fc_magic.server.worker.fleet import Fleet, Held, Revision
from fc_magic.server.worker.process import Instance


@dataclass(frozen=True)
class Limits:
    """Instances in all and of one function, seconds a request may wait for one, seconds an idle one is kept, seconds
    the program of a custom runtime may take until it listens.

    Without a limit of its own (0) a function gets at most nine tenths of all, as in a region.
    """

    instances: int = 100
    wait_s: float = 30.0
    idle_s: float = 300.0
    instances_per_function: int = 0
    start_s: float = 120.0

    @property
    def per_function(self) -> int:
        return self.instances_per_function or -(-self.instances * 9 // 10)


@dataclass(eq=False, slots=True)
class Lease:
    """The right to one call at a time on an instance, and how long it took to start (0 if it was there). ``alone``:
    nobody else gets it yet."""

    held: Held
    fleet: Fleet
    cold_s: float = 0.0
    alone: bool = False

    @property
    def instance(self) -> Instance:
        return self.held.instance

    @property
    def revision(self) -> Revision:
        return self.held.revision
