"""One invocation: an instance from the pool, its initializer if it is new, the handler, and what came of it."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Any

from fc_magic.errors import InternalServerError
from fc_magic.server import advice, attempts, lines
from fc_magic.server.identity import Identity
from fc_magic.server.lines import CANCELED, section
from fc_magic.server.live import Live
from fc_magic.server.request_ids import new_request_id
from fc_magic.server.surroundings import PLATFORM, environment, libraries, served_at
from fc_magic.server.worker import limits, merge, runtimes
from fc_magic.server.worker.exchange import Passage
from fc_magic.server.worker.forkserver import Launcher
from fc_magic.server.worker.launch import InstanceGone, Place
from fc_magic.server.worker.pool import Lease, Pool
from fc_magic.server.worker.process import Answer, AnswerTooLarge, DeadlinePassed, Instance, Spec
from fc_magic.server.worker.turns import Turns
from fc_magic.server.worker.web import (
    UNHANDLED,
    HealthCheck,
    Left,
    NotListening,
    NotStarted,
    WebInstance,
    WebSpec,
)
from fc_magic.wire.custom import Custom
from fc_magic.wire.fc3 import INITIALIZER_LIMIT_S
from fc_magic.wire.results import LATEST, Function, Hook, Invocation
from fc_magic.wire.runtimes import is_custom

INITIALIZATION = "InitializationError"
#: of a custom runtime whose program does not serve
NOT_STARTED = "FunctionNotStarted"


class Runner:
    """Runs functions in instances of ``pool``, as the account and region of ``identity``.

    Before an instance ends its function's pre-stop hook runs: ``using`` is held meanwhile, for the files of the code,
    and ``told`` gets what came of it, and what it was; also of an idle instance that took too much.
    """

    def __init__(
        self,
        pool: Pool,
        identity: Identity,
        folder: Path,
        initializer_limit_s: int = INITIALIZER_LIMIT_S,
        using: Callable[[str], AbstractContextManager[Any]] = nullcontext,
        told: Callable[[Function, Invocation, str], None] = lambda function, invocation, what: None,
    ) -> None:
        self._pool, self._identity, self._initializer_limit_s = pool, identity, initializer_limit_s
        self._using, self._told = using, told
        self._launcher = Launcher(folder, {**PLATFORM, **libraries("/code")})
        self._turns = Turns()

    async def prepare(self, runtime: str) -> None:
        """Makes ready what the first instance of a runtime would wait for."""
        interpreter = await runtimes.found(runtime)
        await self._launcher.place(interpreter.command, interpreter.shown)

    async def notes(self, runtime: str, own: Mapping[str, Any]) -> list[str]:
        """What somebody who deploys for this runtime should know of this machine; ``own`` is what the deployment
        has no field for."""
        interpreter = await runtimes.found(runtime)
        if not is_custom(runtime) and own.get("internet", True):
            return advice.of_machine(interpreter, None, own)
        place = await self._launcher.place(interpreter.command, interpreter.shown)
        return advice.of_machine(interpreter, place, own)

    def isolation(self) -> dict[str, dict[str, str]]:
        """Of each runtime that has started: what keeps its instances apart, and why some of it is off."""
        layers = {r: self._launcher.layers(i.command, i.shown) for r, i in runtimes.known().items()}
        return {runtime: dict(off) for runtime, off in layers.items() if off}

    def close(self) -> None:
        """Ends every instance and what starts them."""
        self._pool.close()
        self._launcher.close()

    async def run(
        self, live: Live, event: bytes | Passage, request_id: str, qualifier: str = LATEST
    ) -> Invocation:
        """Calls the function once; ``qualifier`` is what it was called by. Raises ResourceExhausted,
        InternalServerError.

        A passage is a request that is passed on to the program of a custom runtime.

        If it is cancelled it still returns, so that the call can be logged, with CANCELED.
        """
        function, folders, *_ = live
        interpreter, asked = await runtimes.found(function.runtime), time.monotonic()
        try:
            lease = await self._pool.acquire(
                live.revision,
                lambda: self._spec(interpreter, function, folders),
                function.instance_concurrency,
                live.most,
                alone=bool(function.initializer),
            )
        except asyncio.CancelledError as error:
            left = _without_answer(CANCELED, limits.CANCELED, time.monotonic() - asked)
            log = error.instance.take_log() if isinstance(error, Left) else ""
            return self._invocation(function, None, left, request_id, asked, log)
        except NotStarted as error:
            return self._not_started(function, error, request_id, interpreter.language.banner)
        except InstanceGone as error:
            text = f"no instance of {function.name} could be started: {error}"
            raise InternalServerError(text) from error
        try:
            frame = {"request_id": request_id, "qualifier": qualifier, **attempts.begun(lease.instance.id)}
            return await self._call(function, lease, event, frame, interpreter.language.banner)
        finally:
            self._pool.release(lease)

    async def _call(
        self, function: Function, lease: Lease, event: bytes | Passage, frame: dict[str, Any], banner: str
    ) -> Invocation:
        request_id = frame["request_id"]
        instance, cold_s, started = lease.instance, lease.cold_s, time.monotonic()
        log = (banner and banner + "\n") + instance.take_log() if cold_s else ""
        if function.initializer and not instance.initialized:
            answer = await self._initialize(function, instance, frame)
            log += section("Initialize", request_id, answer)
            if answer.error_type:
                return self._invocation(function, instance, answer, request_id, started, log, cold_s)
            self._pool.share(lease)
        frame |= {"kind": "invoke", "handler": function.handler}
        if isinstance(event, Passage):
            assert isinstance(instance, WebInstance)
            call = instance.pass_on(frame, event, function.timeout)
        else:
            call = instance.call(frame, event, function.timeout)
        answer = await _ended(call, instance, function.timeout)
        log += section("Invoke", request_id, answer)
        return self._invocation(function, instance, answer, request_id, started, log, cold_s)

    async def rest(
        self, function: Function, lease: Lease, request_id: str, started: float, unsent: bytes
    ) -> Invocation:
        """As ``run``, of a call that was begun at ``started``; ``unsent`` is what its instance has not got yet."""
        try:
            call = lease.instance.rest(unsent, started, function.timeout)
            answer = await _ended(call, lease.instance, function.timeout, started)
            log = section("Invoke", request_id, answer)
            return self._invocation(function, lease.instance, answer, request_id, started, log)
        finally:
            self._pool.release(lease)

    async def _initialize(self, function: Function, instance: Instance, frame: Mapping[str, str]) -> Answer:
        hook = {**frame, "kind": "initialize", "handler": function.initializer}
        limit = min(function.initializer_timeout or self._initializer_limit_s, self._initializer_limit_s)
        answer = await _ended(instance.call(hook, b"", limit), instance, limit)
        instance.initialized = not answer.error_type
        if answer.error_type and answer.error_type != CANCELED:
            # the next call starts a new instance and tries again
            instance.kill()
            answer = answer._replace(error_type=INITIALIZATION)
        return answer

    async def ahead(self, live: Live) -> None:
        """Starts one more instance before anybody calls, its initializer too. Raises ResourceExhausted, and
        InternalServerError with why it does not start."""
        function, folders, revision, most = live
        interpreter = await runtimes.found(function.runtime)
        try:
            lease = await self._pool.ahead(
                revision,
                lambda: self._spec(interpreter, function, folders),
                function.instance_concurrency,
                most,
            )
        except InstanceGone as error:
            raise InternalServerError(getattr(error, "text", "") or str(error)) from error
        try:
            if function.initializer:
                await self._begin(function, lease.instance)
            self._pool.share(lease)
        finally:
            self._pool.release(lease)

    async def _begin(self, function: Function, instance: Instance) -> None:
        request_id, started = new_request_id(), time.monotonic()
        frame = {"request_id": request_id, "qualifier": function.qualifier}
        answer = await self._initialize(function, instance, frame)
        if answer.error_type == CANCELED:
            raise asyncio.CancelledError
        log = section("Initialize", request_id, answer)
        self._told(
            function, self._invocation(function, instance, answer, request_id, started, log), "initialize"
        )
        if answer.error_type:
            raise InternalServerError(
                f"the initializer failed: {json.loads(answer.payload).get('errorMessage')}"
            )

    def _farewell(self, function: Function) -> Callable[[Instance], Awaitable[None]] | None:
        hook = function.pre_stop
        if hook is None:
            return None

        def begin(instance: Instance) -> Awaitable[None]:
            used = ExitStack()
            used.enter_context(
                self._using(function.name)
            )  # now: the function may be deleted before the hook runs
            return self._pre_stop(function, hook, instance, used)

        return begin

    async def _pre_stop(self, function: Function, hook: Hook, instance: Instance, used: ExitStack) -> None:
        with used:
            if function.initializer and not instance.initialized:
                return  # nothing was begun that could be ended
            request_id, started = new_request_id(), time.monotonic()
            frame = {
                "request_id": request_id,
                "qualifier": function.qualifier,
                "kind": "pre_stop",
                "handler": hook.handler,
            }
            answer = await _ended(instance.call(frame, b"", hook.timeout), instance, hook.timeout)
            log = section("PreStop", request_id, answer)
            self._told(
                function, self._invocation(function, instance, answer, request_id, started, log), "pre-stop"
            )

    def _outgrown(self, function: Function, instance: Instance) -> None:
        text = limits.EXITED_IDLE.format(mb=instance.memory_mb)
        answer = Answer(UNHANDLED, json.dumps({"errorMessage": text}).encode(), "", instance.memory_mb, 0.0)
        log, now = instance.take_log(), time.monotonic()
        self._told(function, self._invocation(function, instance, answer, new_request_id(), now, log), "idle")

    def _elsewhere(self, function: Function, instance: Instance, log: str) -> None:
        answer, since = Answer("", b"", "", instance.memory_mb, 0.0), instance.born
        self._told(
            function, self._invocation(function, instance, answer, new_request_id(), since, log), "start"
        )

    def _not_started(self, function: Function, error: NotStarted, request_id: str, banner: str) -> Invocation:
        instance = error.instance
        seconds = time.monotonic() - instance.born
        payload = json.dumps({"errorMessage": error.text, "errorType": NOT_STARTED}).encode()
        log = f"{banner}\n{instance.take_log()}"
        answer = Answer(NOT_STARTED, payload, "", instance.memory_mb, seconds)
        return self._invocation(function, instance, answer, request_id, instance.born, log, seconds)

    def _invocation(
        self,
        function: Function,
        instance: Instance | None,
        answer: Answer,
        request_id: str,
        started: float,
        log: str,
        cold_s: float = 0.0,
    ) -> Invocation:
        ms = (time.monotonic() - started) * 1000
        return Invocation(
            function=function.name,
            request_id=request_id,
            payload=answer.payload,
            error_type=answer.error_type,
            behind=answer.behind,
            log=log + lines.summary(ms, function.memory, answer.memory_mb),
            duration_ms=round(ms, 2),
            cold_ms=round(cold_s * 1000, 2),
            memory_mb=round(answer.memory_mb, 2),
            memory_limit_mb=function.memory,
            instance_id=instance.id if instance else "",
            version=function.qualifier,
            code_checksum=function.code_checksum,
        )

    async def _spec(
        self, interpreter: runtimes.Interpreter, function: Function, folders: Sequence[Path]
    ) -> Spec:
        place = await self._launcher.place(interpreter.command, interpreter.shown)
        files, layers = folders[0], tuple(dict.fromkeys(folders[1:]))
        seen = place.seen(files)
        opt = await _opt(place, layers)
        path = merge.search(function.runtime, interpreter.version, opt)
        init = {
            "runtime": function.runtime,
            "function": function.name,
            "handler": function.handler,
            "memory": function.memory,
            "timeout": function.timeout,
            "version": function.qualifier,
            "region": self._identity.region,
            "account_id": self._identity.account_id,
            "credentials": self._identity.given(function.kept, "Request"),
            "logs": {"log_project": "", "log_store": ""},
            "path": path,
        }
        variables = environment(self._identity, function, seen, opt)
        common: dict[str, Any] = {
            "init": init,
            "code": files,
            "launch": place.launch,
            "seen": seen,
            "memory_mb": function.memory,
            "layers": layers,
            "farewell": self._farewell(function),
            "outgrown": functools.partial(self._outgrown, function),
            "disk_mb": limits.disk_mb(function.disk),
            "internet": function.internet,
            "version": function.version,
        }
        if not is_custom(function.runtime):
            # who sets the options of Node.js may mean its heap
            fixed = "NODE_OPTIONS" in variables
            command = interpreter.command if fixed else interpreter.sized(function.memory)
            return Spec(command, environment=variables, dumps=interpreter.language.dumps, **common)
        custom = function.custom or Custom()
        return WebSpec(
            function.command,
            environment={
                **variables,
                **served_at(custom.port, variables, interpreter.path),
                **function.environment,
            },
            port=custom.port,
            concurrency=function.instance_concurrency,
            health=HealthCheck(**custom.health.model_dump()) if custom.health else HealthCheck(),
            start_limit_s=self._pool.limits.start_s,
            in_turn=place.in_turn,
            turns=self._turns,
            elsewhere=functools.partial(self._elsewhere, function),
            **common,
        )


async def _opt(place: Place, layers: Sequence[Path]) -> str:
    """Where the function finds its layers; nothing if there is no such folder."""
    if place.isolated:
        return merge.OPT
    return str(await asyncio.to_thread(merge.merged, layers)) if layers else ""


async def _ended(
    call: Coroutine[Any, Any, Answer], instance: Instance, limit: int, started: float = 0.0
) -> Answer:
    """The answer, or what Function Compute says when the process did not live to give one."""
    started, kind = started or time.monotonic(), UNHANDLED
    try:
        return await call
    except DeadlinePassed:
        text = limits.TIMED_OUT
    except (AnswerTooLarge, NotListening) as error:
        text = str(error)
    except InstanceGone:
        text = limits.EXITED
    except asyncio.CancelledError:
        kind, text = CANCELED, limits.CANCELED
    seconds = time.monotonic() - started
    return _without_answer(kind, text, seconds, limit, instance.memory_mb, instance.take_log())


def _without_answer(
    kind: str, text: str, seconds: float, limit: int = 0, mb: float = 0.0, log: str = ""
) -> Answer:
    payload = json.dumps({"errorMessage": text.format(limit=limit, ms=round(seconds * 1000), mb=mb)}).encode()
    return Answer(kind, payload, log, mb, seconds)
