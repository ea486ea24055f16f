"""One event on its way, and who carries it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from fc_magic.client.answers import Answer
from fc_magic.errors import FcError


class Kind(NamedTuple):
    """What all calls of one sender have in common: the function, which version or alias of it, whether its log comes
    with the answer, and how many seconds an answer may take."""

    name: str
    qualifier: str = ""
    with_log: bool = False
    limit_s: float = 86400.0


class Job:
    """``index`` counts the events as they were taken. ``tries`` counts repetitions that were asked for.
    ``sent`` is when the present try was given to the sender, ``began`` when it went out, ``ended`` when its answer
    was there, which may be long before anybody asks for it. ``owner`` waits for it, and has made its body."""

    __slots__ = ("began", "body", "ended", "event", "index", "owner", "sent", "tries")

    def __init__(self, index: int, event: Any, body: bytes = b"", owner: Any = None) -> None:
        self.index, self.event, self.body, self.owner = index, event, body, owner
        self.tries, self.sent, self.began, self.ended = 0, 0.0, 0.0, 0.0


#: a job, and its answer or why there is none
Came = tuple[Job, Answer | FcError]


class Sender(Protocol):
    """Sends jobs side by side, each once. Only ``wake`` may be called by another thread."""

    def send(self, job: Job) -> None:
        """Never waits for the answer. What goes wrong comes with ``came``."""

    def came(self, timeout: float | None) -> Sequence[Came]:
        """What came since, waiting for it until ``timeout`` or ``wake``."""

    def meanwhile(self, make: Callable[[], Job | None]) -> Job | None:
        """What ``make`` gives, however long that takes: answers are read and timed meanwhile."""

    def drop(self, job: Job) -> None:
        """Closes its connection, by which the call is cancelled where it runs. Nothing comes of it any more."""

    def wake(self) -> None: ...

    def close(self) -> None:
        """Drops whatever is under way."""
