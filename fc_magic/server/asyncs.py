"""Asynchronous calls as the engine knows them: put on disk, looked up, stopped; and how they are treated."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from fc_magic.errors import (
    ApiError,
    AsyncConfigNotExists,
    AsyncInvocationStopped,
    AsyncTaskAlreadyExists,
    AsyncTaskNotFound,
    EntityTooLarge,
    InvalidArgument,
    ResourceExhausted,
)
from fc_magic.server.configs import ASYNC, LEFT
from fc_magic.server.identity import Identity
from fc_magic.server.logs import Logs
from fc_magic.server.queue import EVENT, Call
from fc_magic.server.request_ids import new_request_id
from fc_magic.server.store import Store
from fc_magic.server.tasks import Wanted
from fc_magic.wire import async_config, tasks
from fc_magic.wire.async_config import LATEST, AsyncConfig
from fc_magic.wire.results import RequestLog
from fc_magic.wire.tasks import Task
from fc_magic.wire.wording import clipped

KIND = ASYNC
#: of all functions together: what comes then is turned away
MAX_WAITING = 100_000
#: of one function, calls and bytes of what they were sent: whoever may call one keeps no other from being called
MAX_OF_ONE, MAX_BYTES_OF_ONE = MAX_WAITING // 10, 256 << 20
#: results of calls that lead to calls: a function that is its own destination would go on for ever
MAX_HOPS = 16
TASK_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_DELAY = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Asked:
    """What a caller wants beside the event: the headers of InvokeFunction, as they were sent."""

    qualifier: str = ""
    task_id: str = ""
    delay: str = ""
    form: str = EVENT
    #: calls of one line run one after the other
    line: str = ""


class Asyncs:
    """``resolve`` is asked for what a name and a qualifier lead to, and raises if that is nothing; ``check_enabled``
    raises if a function may not be called. ``now``, later ``clock``, is seconds since the epoch."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        logs: Logs,
        resolve: Callable[[str, str], object],
        check_enabled: Callable[[str], None],
        now: Callable[[], float] = time.time,
        max_waiting: int = MAX_WAITING,
        max_of_one: int = MAX_OF_ONE,
        max_bytes_of_one: int = MAX_BYTES_OF_ONE,
    ) -> None:
        self._store, self._identity, self._logs = store, identity, logs
        self._resolve, self._check_enabled = resolve, check_enabled
        self.clock, self._max_waiting = now, max_waiting
        self._max_of_one, self._max_bytes_of_one = max_of_one, max_bytes_of_one
        self.queue = store.queue
        #: set by whoever runs the calls: ends one that runs
        self.cancel: Callable[[Call], None] = lambda call: None

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock() * 1000)

    # ------------------------------------------------------------ calls

    def accept(
        self,
        name: str,
        event: bytes,
        caller: str = "async",
        request_id: str = "",
        asked: Asked | None = None,
        size: int | None = None,
    ) -> Call:
        """The call, which is on disk from here on. ``size``: of what was sent, if ``event`` was made of it. Raises
        FunctionNotFound, EntityTooLarge, InvalidArgument, ResourceExhausted, AsyncTaskAlreadyExists."""
        asked, size = asked or Asked(), len(event) if size is None else size
        self._check_enabled(name)
        self._resolve(name, asked.qualifier)
        if size > tasks.MAX_EVENT:
            most = f"at most {tasks.MAX_EVENT >> 10} KB are allowed in an asynchronous call"
            raise EntityTooLarge(f"the body has {size} bytes; {most}", hint="put it into the object store")
        call = self._call(name, event, caller, request_id or new_request_id(), asked)
        self._check_room(name, len(event))
        kept = self.queue.put(call)
        if kept is None:
            raise AsyncTaskAlreadyExists(
                f"function '{name}' has a task {call.task} already", hint="another task id, or none"
            )
        return kept

    def _check_room(self, name: str, size: int) -> None:
        """Raises ResourceExhausted."""
        count, bytes_ = self.queue.load.get(name, (0, 0))
        if self.queue.waiting >= self._max_waiting:
            text = f"{self._max_waiting} asynchronous calls wait already"
        elif count >= self._max_of_one:
            text = f"{self._max_of_one} asynchronous calls of function '{name}' wait already"
        elif bytes_ + size > self._max_bytes_of_one:
            text = f"asynchronous calls of function '{name}' that wait have {bytes_} bytes already"
        else:
            return
        raise ResourceExhausted(text, hint="call again later")

    def _call(self, name: str, event: bytes, caller: str, request_id: str, asked: Asked) -> Call:
        qualifier, accepted = asked.qualifier or LATEST, self.now()
        return Call(
            function=name,
            request=request_id,
            payload=event,
            qualifier=qualifier,
            task=self._task_id(name, qualifier, asked.task_id),
            caller=caller,
            form=asked.form,
            line=asked.line,
            accepted=accepted,
            begins=accepted + _delay_s(asked.delay) * 1000,
        )

    def _task_id(self, name: str, qualifier: str, given: str) -> str:
        """Its own, or a new one; none if the function has no tasks."""
        if given and not TASK_ID.fullmatch(given):
            what = f"the task id {clipped(given)!r} does not have the right form"
            raise InvalidArgument(f"{what}: a letter or _, then letters, digits, _ and -; at most 128 in all")
        if not self.config(name, qualifier).task:
            return ""
        # a letter must come first
        return given or f"t-{uuid.uuid4().hex}"

    def note(self, call: Call, code: str, message: str, counts: bool = True) -> None:
        """Nobody waits for the answer: the function's log says what became of a call that did not run."""
        try:
            self._resolve(call.function, "")
        except ApiError:
            return  # deleted meanwhile, and its log with it
        why = {"errorType": code, "errorMessage": message}
        entry = RequestLog(
            request_id=call.request,
            started=datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            caller=call.caller,
            text="",
            duration_ms=0.0,
            error_type=code,
            cold=False,
            error=why,
            retry=call.retries,
        )
        self._logs.add(call.function, entry, counts)

    def arn(self, call: Call) -> str:
        own = self._identity
        return async_config.arn(own.region, own.account_id, call.function, call.qualifier)

    # ------------------------------------------------------------ destinations

    def told(self, call: Call, destination: str, event: bytes) -> Call:
        """The call that tells a destination. Raises ApiError if nothing can be delivered there."""
        found = async_config.function_of(destination)
        if found is None:
            raise InvalidArgument(f"{clipped(destination)} is no function: nothing else can be told here")
        region, _, name, qualifier = found
        if region != self._identity.region:
            raise InvalidArgument(f"{clipped(destination)} is in another region than {self._identity.region}")
        if call.hops + 1 > MAX_HOPS:
            text = f"the call is the last of a chain of {MAX_HOPS}: each was told how the one before it ended"
            raise ResourceExhausted(
                text, hint="a function that is its own destination, or two that are each other's"
            )
        self._resolve(name, qualifier)
        self._check_room(name, len(event))
        asked = Asked(qualifier=qualifier)
        return replace(self._call(name, event, "async", new_request_id(), asked), hops=call.hops + 1)

    # ------------------------------------------------------------ tasks

    def task(self, name: str, task_id: str, qualifier: str = "") -> Task:
        """Raises FunctionNotFound, AsyncTaskNotFound."""
        self._resolve(name, "")
        found = self._store.tasks.get(name, task_id)
        if found is None or (qualifier and qualifier != found.qualifier):
            raise _no_task(name, task_id)
        return self._named(found)

    def tasks(self, name: str, wanted: Wanted) -> tuple[list[Task], tuple[int, int] | None]:
        """A page of tasks, and after what the next one begins."""
        self._resolve(name, "")
        found, after = self._store.tasks.list(name, wanted)
        return [self._named(task) for task in found], after

    def _named(self, task: Task) -> Task:
        own = self._identity
        arn = async_config.arn(own.region, own.account_id, task.function, task.qualifier)
        return replace(task, function_arn=arn)

    def stop(self, name: str, task_id: str, qualifier: str = "") -> None:
        """A task that waits never runs, one that runs is ended. Raises AsyncInvocationStopped if it has been stopped,
        InvalidArgument if it has ended otherwise."""
        self._resolve(name, "")
        call = self._store.tasks.call(name, task_id)
        if call is None or (qualifier and qualifier != call.qualifier):
            raise _no_task(name, task_id)
        if call.status in (tasks.STOPPING, tasks.STOPPED):
            raise AsyncInvocationStopped(f"the task {task_id} was stopped already")
        if call.status in tasks.ENDED:
            raise InvalidArgument(f"the task {task_id} has ended: {call.status}")
        if self.queue.stop(call, self.now()) == tasks.STOPPING:
            self.cancel(call)

    # ------------------------------------------------------------ settings

    def config(self, name: str, qualifier: str = LATEST) -> AsyncConfig:
        """What counts for calls of this qualifier."""
        kept = (self._store.configs.get(kind, name, qualifier or LATEST) for kind in (ASYNC, LEFT))
        return async_config.kept(next(filter(None, kept), {}))

    def get_config(self, name: str, qualifier: str) -> AsyncConfig:
        """What was put. Raises FunctionNotFound, VersionNotFound, AliasNotFound, AsyncConfigNotExists."""
        self._resolve(name, qualifier)
        found = self._store.configs.get(KIND, name, qualifier or LATEST)
        if found is None:
            raise _no_config(name, qualifier)
        return async_config.kept(found)

    def put_config(self, name: str, qualifier: str, body: Any) -> AsyncConfig:
        """What ``body`` does not name stays as it is. Raises FunctionNotFound, VersionNotFound,
        AliasNotFound, InvalidArgument."""
        self._resolve(name, qualifier)
        old = self._store.configs.get(KIND, name, qualifier or LATEST)
        at = datetime.fromtimestamp(self.clock(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        new = async_config.read(body, async_config.kept(old or {"createdTime": at}))
        new = replace(new, modified=at)
        self._store.configs.put(KIND, name, async_config.keep(new), qualifier or LATEST)
        return new

    def warnings(self, name: str, config: AsyncConfig) -> list[str]:
        return list(async_config.warnings(config, name, self._identity.region, self._is_there))

    def _is_there(self, name: str) -> bool:
        try:
            self._resolve(name, "")
        except ApiError:
            return False
        return True

    def delete_config(self, name: str, qualifier: str) -> None:
        self._resolve(name, "")
        if not self._store.configs.delete(KIND, name, qualifier or LATEST):
            raise _no_config(name, qualifier)

    def configs(
        self, name: str, after: tuple[str, str], limit: int
    ) -> Iterator[tuple[str, str, AsyncConfig]]:
        """Function, qualifier and settings, of one function or of all."""
        for function, qualifier, answer in self._store.configs.list(KIND, name, after, limit):
            yield function, qualifier, async_config.kept(answer)

    def encode(self, name: str, qualifier: str, config: AsyncConfig) -> dict[str, Any]:
        own = self._identity
        arn = async_config.arn(own.region, own.account_id, name, qualifier or LATEST)
        return async_config.encode(config, arn, qualifier or LATEST)


def _delay_s(text: str) -> int:
    if not text:
        return 0
    if not _DELAY.fullmatch(text) or int(text) > tasks.MAX_DELAY_S:
        raise InvalidArgument(
            f"x-fc-async-delay is {clipped(text)!r}; allowed are 0 to {tasks.MAX_DELAY_S} seconds"
        )
    return int(text)


def _no_task(name: str, task_id: str) -> AsyncTaskNotFound:
    return AsyncTaskNotFound(f"function '{name}' has no task {clipped(task_id)}")


def _no_config(name: str, qualifier: str) -> AsyncConfigNotExists:
    return AsyncConfigNotExists(f"function '{name}' has no async config for {clipped(qualifier or LATEST)}")
