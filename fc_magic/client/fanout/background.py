"""Calls that nobody waits for yet: a thread carries them, as long as there are any."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import threading
import time
from collections import deque
from concurrent.futures import Future, InvalidStateError
from typing import TYPE_CHECKING, Any

from fc_magic.client.events import to_bytes
from fc_magic.client.fanout import submitted
from fc_magic.client.fanout.fan import Done, Fan, invocation_of
from fc_magic.client.fanout.job import Job, Kind, Sender
from fc_magic.client.fanout.mapping import sender, widest
from fc_magic.client.session import Session
from fc_magic.errors import FcError, FunctionError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from fc_magic.client.client import Client
    from fc_magic.wire.results import Invocation, Log

#: seconds that thread and connections wait for more
KEPT_S = 1.0


#: seconds after which a loop that waits for calls turns once more
TURN_S = 0.1
#: the loops that wait for calls, for how many, and what turns them
_AWAITED: dict[asyncio.AbstractEventLoop, int] = {}
_TURNS: dict[asyncio.AbstractEventLoop, asyncio.TimerHandle] = {}


@contextlib.contextmanager
def turning(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """The loop turns several times a second. One that sleeps does not hear of an interrupt: a kernel's handler of the
    signal only tells the loop, and does not wake it."""

    def turn() -> None:
        _TURNS[loop] = loop.call_later(TURN_S, turn)

    _AWAITED[loop] = _AWAITED.get(loop, 0) + 1
    if _AWAITED[loop] == 1:
        turn()
    try:
        yield
    finally:
        _AWAITED[loop] -= 1
        if not _AWAITED[loop]:
            del _AWAITED[loop]
            _TURNS.pop(loop).cancel()


class Call(Future[Any]):
    """A call under way: a future of ``concurrent.futures``, which can be awaited, too.

    ``result()`` is the value or raises; ``cancel()`` ends the call where it runs; ``invocation`` is the whole story.
    """

    def __init__(self, background: Background, name: str, event: Any) -> None:
        super().__init__()
        self.function, self.event = name, event
        self._background = background
        self._answered: Invocation | None = None
        self._ends, self._is_dropped = threading.Lock(), False
        self.job = Job(0, event, to_bytes(event), self)

    def cancel(self) -> bool:
        """Closes its connection, by which it is cancelled where it runs. False if it is over."""
        if (
            not super().cancel()
        ):  # tells who waits for it; they may ask for the same, so nothing is locked here
            return False
        with self._ends:
            first, self._is_dropped = not self._is_dropped, True
        if first:
            self.set_running_or_notify_cancel()
            self._background.drop(self.job)
        return True

    def running(self) -> bool:
        return not self.done() and self.job.began > 0

    def result(self, timeout: float | None = None) -> Any:
        """Its value. Raises FunctionError if the function failed, TimeoutError if it is not over by then;
        an interrupt cancels it."""
        try:
            return super().result(timeout)
        except KeyboardInterrupt:
            if self.cancel():
                raise Interrupted(f"{self.function} was interrupted; the call was cancelled") from None
            raise Interrupted(f"{self.function} was interrupted; the call was over by then") from None

    def __await__(self) -> Generator[Any, None, Any]:
        return self._awaited().__await__()

    async def _awaited(self) -> Any:
        with turning(asyncio.get_running_loop()):
            return await asyncio.wrap_future(self)

    @property
    def invocation(self) -> Invocation:
        """Value or error, duration, memory, log, request id; waits for it."""
        error = self.exception()
        if isinstance(error, FunctionError):
            return error.invocation
        if error or self._answered is None:
            raise error or RuntimeError("there is no answer")
        return self._answered

    def logs(self) -> Log:
        """Its log; waits for the end of the call."""
        return self._background.client.logs(self.function, request_id=self.invocation.request_id)

    def ended(self, invocation: Invocation | None, error: BaseException | None) -> None:
        """Called by who carries it."""
        self._answered = invocation
        with contextlib.suppress(InvalidStateError):  # it was cancelled
            if error is not None:
                self.set_exception(error)
            elif invocation is not None:
                self.set_result(invocation.value)

    def __repr__(self) -> str:
        state = "cancelled" if self.cancelled() else "running" if not self.done() else "done"
        if state == "done" and self.exception():
            state = "failed"
        return f"<call of {self.function}: {state}>"


class Background:
    """The calls that were submitted of one function."""

    def __init__(self, client: Client, kind: Kind) -> None:
        self.client, self._kind = client, kind
        self._session: Session = client.session
        self._width = widest(self._session)
        self._new: deque[Job] = deque()
        self._dropped: deque[Job] = deque()
        #: what was taken, and nobody told of yet
        self._taken: dict[Job, None] = {}
        self._lock = threading.Lock()
        self._sender: Sender | None = None
        self._last = 0.0

    def submit(self, event: Any) -> Call:
        call = Call(self, self._kind.name, event)
        with self._lock:
            self._new.append(call.job)
            self._awake()
        submitted.add(call)
        return call

    def drop(self, job: Job) -> None:
        with self._lock:
            self._dropped.append(job)
            if self._sender:
                self._sender.wake()

    def _awake(self) -> None:
        if self._sender:
            self._sender.wake()
            return
        self._sender = sender(self._session, self._kind, self._width.most)
        threading.Thread(
            target=self._carry, args=(self._sender,), name=f"fc-magic {self._kind.name}", daemon=True
        ).start()

    def _carry(self, carrier: Sender) -> None:
        fan = self._fan(carrier)
        try:
            while not self._is_over(fan):
                for done in fan.step(KEPT_S, idle=True):
                    self._tell(done)
                self._drop(fan)
                if fan.gone:
                    self._give_up(fan.gone)
                    fan = self._fan(carrier)
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
            with self._lock:
                self._sender = None
                left = [*self._taken, *self._new]
                self._taken.clear()
                self._new.clear()
            for job in left:
                job.owner.ended(None, error)
        finally:
            carrier.close()

    def _fan(self, carrier: Sender) -> Fan:
        return Fan(carrier, self._kind, self._take, self._width, 0, self._session.settings.retries)

    def _give_up(self, error: FcError) -> None:
        """What was submitted meanwhile has been as patient; what is submitted later begins anew."""
        while job := self._take():
            self._taken.pop(job, None)
            job.owner.ended(None, copy.copy(error))  # each has its own traceback, and its own card

    def _is_over(self, fan: Fan) -> bool:
        now = time.monotonic()
        if not fan.is_idle or self._new:
            self._last = now
            return False
        with self._lock:
            if self._new or now - self._last < KEPT_S:
                return False
            self._sender = None
            return True

    def _take(self) -> Job | None:
        while self._new:
            job = self._new.popleft()
            if not job.owner.done():
                self._taken[job] = None
                return job
        return None

    def _drop(self, fan: Fan) -> None:
        while self._dropped:
            job = self._dropped.popleft()
            self._taken.pop(job, None)
            fan.forget(job)

    def _tell(self, done: Done) -> None:
        answer = done.answer
        invocation = invocation_of(self._kind.name, answer) if answer and done.error is None else None
        self._taken.pop(done.job, None)
        done.job.owner.ended(invocation, done.error)
