"""One invocation: an instance from the pool, its initializer if it is new, the handler, and what came of it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import math
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from fc_magic.errors import InternalServerError
from fc_magic.server.identity import Identity
from fc_magic.server.worker import limits, merge, runtimes
from fc_magic.server.worker.forkserver import Launcher
from fc_magic.server.worker.launch import InstanceGone, Place
from fc_magic.server.worker.pool import Lease, Pool
from fc_magic.server.worker.process import Answer, AnswerTooLarge, DeadlinePassed, Spec
from fc_magic.wire.fc3 import INITIALIZER_LIMIT_S
from fc_magic.wire.results import Function, Invocation

UNHANDLED = "UnhandledInvocationError"
INITIALIZATION = "InitializationError"
#: ours, for the log: nobody is there to be answered
CANCELED = "InvocationCanceled"
#: of every instance, whatever its function
PLATFORM = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "HOME": "/tmp",  # noqa: S108 - what a function sees as home
    "PYTHONUNBUFFERED": "1",
}


def _libraries(code: str, opt: str = merge.OPT) -> dict[str, str]:
    return {
        "PATH": f"{opt}/bin:/usr/local/bin:/usr/bin:/bin",
        "LD_LIBRARY_PATH": f"{code}:{code}/lib:/usr/local/lib:{opt}/lib",
    }


def revision(function: Function) -> str:
    """What an instance is started for. Versions begin anew when a name is deleted and created again: the id tells."""
    return f"{function.function_id}/{function.version}"


class Runner:
    """Runs functions in instances of ``pool``, as the account and region of ``identity``."""

    def __init__(
        self, pool: Pool, identity: Identity, folder: Path, initializer_limit_s: int = INITIALIZER_LIMIT_S
    ) -> None:
        self._pool, self._identity, self._initializer_limit_s = pool, identity, initializer_limit_s
        self._launcher = Launcher(folder, {**PLATFORM, **_libraries("/code")})

    async def prepare(self, runtime: str) -> None:
        """Makes ready what the first instance of a runtime would wait for."""
        interpreter = await runtimes.found(runtime)
        await self._launcher.place(interpreter.command, interpreter.shown)

    def isolation(self) -> dict[str, dict[str, str]]:
        """Of each runtime that has started: what keeps its instances apart, and why some of it is off."""
        layers = {r: self._launcher.layers(i.command, i.shown) for r, i in runtimes.known().items()}
        return {runtime: dict(off) for runtime, off in layers.items() if off}

    def close(self) -> None:
        """Ends every instance and what starts them."""
        self._pool.close()
        self._launcher.close()

    async def run(
        self, function: Function, folders: Sequence[Path], event: bytes, request_id: str
    ) -> Invocation:
        """Calls the function once; ``folders`` have its unpacked code, then each layer. Raises ResourceExhausted,
        InternalServerError.

        If it is cancelled while the function runs it still returns, so that the call can be logged, with CANCELED.
        """
        interpreter = await runtimes.found(function.runtime)
        try:
            lease = await self._pool.acquire(
                (function.name, revision(function)), lambda: self._spec(interpreter, function, folders)
            )
        except InstanceGone as error:
            text = f"no instance of {function.name} could be started: {error}"
            raise InternalServerError(text) from error
        try:
            return await self._call(function, lease, event, request_id, interpreter.banner)
        finally:
            self._pool.release(lease)

    async def _call(
        self, function: Function, lease: Lease, event: bytes, request_id: str, banner: str
    ) -> Invocation:
        instance, started = lease.instance, time.monotonic()
        log = f"{banner}\n{instance.take_log()}" if lease.cold_s else ""
        frame = {"request_id": request_id, "qualifier": "LATEST"}
        if function.initializer and not instance.initialized:
            hook = {**frame, "kind": "initialize", "handler": function.initializer}
            call = instance.call(hook, b"", self._initializer_limit_s)
            answer = await _ended(call, lease, self._initializer_limit_s)
            log += _section("Initialize", request_id, answer)
            instance.initialized = not answer.error_type
            if answer.error_type == CANCELED:
                return self._invocation(function, lease, answer, request_id, started, log)
            if answer.error_type:
                # the next call starts a new instance and tries again
                instance.kill()
                answer = dataclasses.replace(answer, error_type=INITIALIZATION)
                return self._invocation(function, lease, answer, request_id, started, log)
        call = instance.call(
            {**frame, "kind": "invoke", "handler": function.handler}, event, function.timeout
        )
        answer = await _ended(call, lease, function.timeout)
        log += _section("Invoke", request_id, answer)
        return self._invocation(function, lease, answer, request_id, started, log)

    def _invocation(
        self, function: Function, lease: Lease, answer: Answer, request_id: str, started: float, log: str
    ) -> Invocation:
        ms = (time.monotonic() - started) * 1000
        summary = (
            f"\nDuration: {ms:.2f} ms, Billed Duration: {math.ceil(ms)} ms, "
            f"Memory Size: {function.memory} MB, Max Memory Used: {answer.memory_mb:.2f} MB"
        )
        return Invocation(
            function=function.name,
            request_id=request_id,
            payload=answer.payload,
            error_type=answer.error_type,
            log=log + summary,
            duration_ms=round(ms, 2),
            cold_ms=round(lease.cold_s * 1000, 2),
            memory_mb=round(answer.memory_mb, 2),
            memory_limit_mb=function.memory,
            instance_id=lease.instance.id,
            version=function.version,
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
            "version": function.version,
            "region": self._identity.region,
            "account_id": self._identity.account_id,
            "credentials": self._identity.credentials,
            "logs": {"log_project": "", "log_store": ""},
            "path": path,
        }
        environment = self._environment(function, seen, opt)
        return Spec(
            interpreter.command, init, environment, files, place.launch, seen, function.memory, layers=layers
        )

    def _environment(self, function: Function, code: str, opt: str) -> dict[str, str]:
        """Built from nothing: what Function Compute sets, then the function's own variables."""
        key, secret, token = self._identity.credentials
        version = "FC_FUNCTION_VERSION" if function.runtime == "python3.12" else "FC_VER_ID"
        return {
            **PLATFORM,
            **_libraries(code, opt or merge.OPT),
            **merge.environment(function.runtime, opt),
            "FC_FUNC_CODE_PATH": code,
            "FC_ACCOUNT_ID": self._identity.account_id,
            "FC_FUNCTION_NAME": function.name,
            "FC_FUNCTION_HANDLER": function.handler,
            "FC_FUNCTION_MEMORY_SIZE": str(function.memory),
            "FC_REGION": self._identity.region,
            version: function.version,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": token,
            # ours: a region's endpoint has a name that everybody knows, and this one a port
            **({"OSS_ENDPOINT": self._identity.objects_url} if self._identity.objects_url else {}),
            **function.environment,
        }


async def _opt(place: Place, layers: Sequence[Path]) -> str:
    """Where the function finds its layers; nothing if there is no such folder."""
    if place.isolated:
        return merge.OPT
    return str(await asyncio.to_thread(merge.merged, layers)) if layers else ""


async def _ended(call: Coroutine[Any, Any, Answer], lease: Lease, limit: int) -> Answer:
    """The answer, or what Function Compute says when the process did not live to give one."""
    started, instance, kind = time.monotonic(), lease.instance, UNHANDLED
    try:
        return await call
    except DeadlinePassed:
        text = limits.TIMED_OUT
    except AnswerTooLarge as error:
        text = str(error)
    except InstanceGone:
        text = limits.EXITED
    except asyncio.CancelledError:
        kind, text = CANCELED, limits.CANCELED
    seconds, mb = time.monotonic() - started, instance.memory_mb
    payload = json.dumps({"errorMessage": text.format(limit=limit, ms=round(seconds * 1000), mb=mb)}).encode()
    return Answer(kind, payload, instance.take_log(), mb, seconds)


def _section(kind: str, request_id: str, answer: Answer) -> str:
    """What was printed, between the runtime's own marks. The runtime prints them itself on Function Compute; here
    that would wake the server twice a call, and a process that was killed could not write the second."""
    printed = answer.log if answer.log.endswith("\n") or not answer.log else answer.log + "\n"
    failed = ", Error: Unhandled function error" if answer.error_type else ""
    if answer.error_type == CANCELED:
        failed = f", Error: {json.loads(answer.payload)['errorMessage']}"
    return (
        f"FC {kind} Start RequestId: {request_id}\n{printed}FC {kind} End RequestId: {request_id}{failed}\n"
    )
