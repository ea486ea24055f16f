"""The verbs: create, update, get, list, delete, invoke. Knows no HTTP and never calls back up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import math
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from fc_magic.errors import (
    DeploymentAlreadyExists,
    DeploymentNotFound,
    FunctionNotFound,
    InternalServerError,
    InvalidArgument,
    NotSupported,
    Problem,
    ResourceThrottled,
)
from fc_magic.server import fetch
from fc_magic.server.logs import Logs
from fc_magic.server.store import Store
from fc_magic.server.worker import runtimes
from fc_magic.server.worker.pool import Lease, Pool
from fc_magic.server.worker.process import Answer, DeadlinePassed, InstanceGone, Spec
from fc_magic.wire import spec, v2
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import Function, Functions, Invocation, Log, RequestLog, Url
from fc_magic.wire.spec import Deployment, Image, Inline, Oss, Zip
from fc_magic.wire.triggers import Http, Timer

#: FC stops an initializer after this many seconds, whatever the function's time-out is
INITIALIZER_LIMIT_S = 300
UNHANDLED = "UnhandledInvocationError"
INITIALIZATION = "InitializationError"


@dataclass(frozen=True)
class Identity:
    """Who this Function Compute is; ``credentials`` (id, secret, token) are the ones functions are given."""

    region: str = "cn-hangzhou"
    account_id: str = "1234567890123456"
    credentials: tuple[str, str, str] = field(default=("", "", ""), repr=False)

    @property
    def role(self) -> str:
        """The role that a local deployment may name when it has none of its own."""
        return f"acs:ram::{self.account_id}:role/fcServiceRole"


class Engine:
    """Collaborators come in through the front; ``base_url`` tells where the server listens."""

    def __init__(
        self, store: Store, pool: Pool, logs: Logs, identity: Identity, base_url: Callable[[], str]
    ) -> None:
        self.store, self.pool, self.logs, self.identity = store, pool, logs, identity
        self.base_url = base_url
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._functions: dict[str, Function] = {}
        self.closing = False

    # ------------------------------------------------------------ deployments

    def decode(self, body: Any) -> tuple[Deployment, list[str]]:
        """A body as this server can run it; every problem in one InvalidArgument."""
        return v2.decode(body, self.serves(body))

    def serves(self, body: Any) -> tuple[str, ...]:
        # an image needs custom-container: then it is not the runtime that cannot be served, but the image
        image = isinstance(body, Mapping) and any(body.get(n) for n in spec.IMAGE_FIELDS)
        return (*runtimes.served(), "custom-container") if image else runtimes.served()

    async def create(self, deployment: Deployment, warnings: list[str]) -> Function:
        async with self._alone(deployment.name):
            if self.store.get(deployment.name):
                raise DeploymentAlreadyExists(
                    f"a deployment named {deployment.name} exists; names must not repeat",
                    hint=f"update it with PUT …/deployments/{deployment.name}, or choose another name",
                )
            return await self._put(deployment, warnings, None)

    async def update(self, deployment: Deployment, warnings: list[str]) -> Function:
        async with self._alone(deployment.name):
            return await self._put(deployment, warnings, self._existing(deployment.name))

    async def _put(self, deployment: Deployment, warnings: list[str], old: Function | None) -> Function:
        self._refuse_unserved(deployment)
        self._refuse_taken_urls(deployment)
        raw = await self._code(deployment)
        key = await asyncio.to_thread(self.store.keep_code, raw)
        before = self.store.code_of(deployment.name)
        function = self._function(deployment, raw, old, [*warnings, *self._notes(deployment)])
        if old and old.code_checksum == function.code_checksum and old.settings() == function.settings():
            function = dataclasses.replace(
                function, version=old.version, last_modified_time=old.last_modified_time
            )
        self.store.put(function, key)
        self._functions.pop(function.name, None)
        self.pool.retire(function.name, function.version)
        if before != key:
            self.store.drop_code([before])
        return self._now(function)

    def _function(
        self, deployment: Deployment, raw: bytes, old: Function | None, warnings: list[str]
    ) -> Function:
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {t.name: old.trigger_ids.get(t.name or "", "") for t in old.triggers} if old else {}
        return Function(
            name=deployment.name,
            region=self.identity.region,
            arn=f"acs:fc:{self.identity.region}:{self.identity.account_id}:functions/{deployment.name}",
            runtime=deployment.runtime,
            handler=deployment.handler,
            entrypoint=deployment.entrypoint,
            memory=deployment.memory,
            timeout=deployment.timeout,
            role=deployment.role,
            description=deployment.description,
            environment=deployment.environment,
            vpc_config=deployment.vpc_config,
            triggers=deployment.triggers,
            trigger_ids={t.name or "": known.get(t.name) or str(uuid.uuid4()) for t in deployment.triggers},
            layers=deployment.layers,
            source=v2.source(deployment.code),
            version=str(int(old.version) + 1) if old else "1",
            function_id=old.function_id if old else str(uuid.uuid4()),
            code_checksum=crc64(raw),
            code_size=len(raw),
            created_time=old.created_time if old else now,
            last_modified_time=now,
            warnings=tuple(warnings),
        )

    def _refuse_unserved(self, deployment: Deployment) -> None:
        """What is valid for Function Compute, but not here yet, is refused by name: never accepted and dropped."""
        here = "the embedded Function Compute"
        found = []
        if isinstance(deployment.code, Oss):
            found.append(
                _unserved("oss_bucket", f"{here} has no object store", "code, or zip_file with a URL")
            )
        if isinstance(deployment.code, Image):
            found.append(_unserved("image_url", f"{here} runs no containers", "a built-in runtime with code"))
        if deployment.layers:
            found.append(_unserved("layers", f"{here} has no layers", "put the files into the ZIP"))
        for trigger in deployment.triggers:
            if not isinstance(trigger, Http | Timer):
                what = f"{here} does not fire {trigger.type} triggers"
                found.append(_unserved("triggers", what, "an http or timer trigger"))
            if isinstance(trigger, Http) and trigger.auth_type != "anonymous":
                what = f"{here} does not check authType {trigger.auth_type}"
                found.append(_unserved("triggers", what, '"authType": "anonymous"'))
        if found:
            text = f"{deployment.name} was not deployed: not everything it asks for exists here"
            hint = "a region runs it: set the target with %fctarget REGION"
            raise NotSupported(text, problems=found, hint=hint)

    def _refuse_taken_urls(self, deployment: Deployment) -> None:
        wanted = {_route(t.url) for t in deployment.triggers if isinstance(t, Http) and t.url}
        for other in self.store.all() if wanted else ():
            taken = {_route(t.url) for t in other.triggers if isinstance(t, Http) and t.url} & wanted
            if taken and other.name != deployment.name:
                host, path = taken.pop()
                what = f"url {host}{path} already leads to {other.name}"
                raise InvalidArgument(
                    f"{deployment.name} was not deployed: 1 setting needs attention",
                    problems=[spec.problem("triggers", what, hint="another host or path")],
                )

    def _notes(self, deployment: Deployment) -> list[str]:
        found = [runtimes.find(deployment.runtime).note]
        if deployment.vpc_config:
            found.append("vpc_config is kept, but one machine has no VPC: the function runs outside of it")
        for trigger in deployment.triggers:
            if isinstance(trigger, Timer) and any(c.isdigit() for c in _weekday(trigger)):
                found.append(
                    f"{trigger.name}: whether FC counts weekdays from 0 or 1 is not documented; MON to SUN is safe"
                )
        return [note for note in found if note]

    async def _code(self, deployment: Deployment) -> bytes:
        code = deployment.code
        if isinstance(code, Zip):
            return await asyncio.to_thread(
                fetch.fetch_zip, code.zip_file, "code" if code.from_code else "zip_file"
            )
        if not isinstance(code, Inline):
            raise InternalServerError(f"no way to get the code of {deployment.name}")
        return code.zip

    @contextlib.asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """One writer a name; the lock goes when nobody wants it any more."""
        lock, users = self._locks.get(name, (asyncio.Lock(), 0))
        self._locks[name] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[name]
            if users == 1:
                del self._locks[name]
            else:
                self._locks[name] = (lock, users - 1)

    # ------------------------------------------------------------ reading

    def _existing(self, name: str) -> Function:
        found = self.store.get(name)
        if found is None:
            raise DeploymentNotFound(f"there is no deployment named {name}")
        return found

    def get(self, name: str) -> Function:
        return self._now(self._existing(name))

    def list(self, prefix: str = "", after: str = "", limit: int = 100) -> tuple[Functions, str]:
        page, more = self.store.list(prefix, after, limit)
        return Functions(self._now(f) for f in page), more

    def _now(self, function: Function) -> Function:
        """The function with what only this moment knows: its URLs and today's counts."""
        calls, errors = self.logs.today(function.name, datetime.now(timezone.utc).strftime("%Y-%m-%d"))
        urls = tuple(
            Url(t.name or "", f"{self.base_url()}/fn/{function.name}/")
            for t in function.triggers
            if t.type == "http"
        )
        return dataclasses.replace(function, urls=urls, calls_today=calls, errors_today=errors)

    def log(self, name: str, limit: int = 20, request_id: str = "") -> Log:
        self._existing(name)
        return Log(name, self.logs.last(name, limit, request_id))

    async def delete(self, name: str) -> None:
        async with self._alone(name):
            self._existing(name)
            key = self.store.code_of(name)
            self.store.delete(name)
            self._functions.pop(name, None)
            self.pool.retire(name)
            self.logs.forget(name)
            self.store.drop_code([key])

    def has_host(self, host: str) -> bool:
        """Whether some http trigger's ``url`` has this host."""
        return any(
            isinstance(t, Http) and t.url and _route(t.url)[0] == host
            for f in self.store.all()
            for t in f.triggers
        )

    def by_host(self, host: str, path: str) -> tuple[Function, Http] | None:
        """The function whose http trigger answers at this host and path; the longest path wins."""
        found = []
        for function in self.store.all():
            for trigger in function.triggers:
                if isinstance(trigger, Http) and trigger.url:
                    own_host, own_path = _route(trigger.url)
                    if own_host == host.lower() and _covers(own_path, path):
                        found.append((len(own_path), function, trigger))
        return max(found, key=lambda row: row[0])[1:] if found else None

    # ------------------------------------------------------------ invoking

    def current(self, name: str) -> Function:
        """The function as it is now; kept in memory, because every call asks."""
        found = self._functions.get(name)
        if found is None:
            found = self.store.get(name)
            if found is None:
                raise FunctionNotFound(f"function '{name}' does not exist")
            self._functions[name] = found
        return found

    async def invoke(
        self, name: str, event: bytes, caller: str = "invoke", request_id: str = ""
    ) -> Invocation:
        """Runs the function once. A failing handler is an Invocation with an error; a refusal is raised."""
        if self.closing:
            raise ResourceThrottled("this Function Compute is stopping")
        function = self.current(name)
        request_id = request_id or new_request_id()
        started = datetime.now(timezone.utc)
        try:
            lease = await self.pool.acquire((name, function.version), lambda: self._spec(function))
        except InstanceGone as error:
            raise InternalServerError(f"no instance of {name} could be started: {error}") from error
        try:
            invocation = await self._run(function, lease, event, request_id)
        finally:
            self.pool.release(lease)
        self._record(invocation, started, caller)
        return invocation

    async def _run(self, function: Function, lease: Lease, event: bytes, request_id: str) -> Invocation:
        instance = lease.instance
        started = time.monotonic()
        log = instance.take_log()
        frame = {
            "kind": "invoke",
            "request_id": request_id,
            "qualifier": "LATEST",
            "handler": function.handler,
        }
        if function.entrypoint != function.handler and not instance.initialized:
            hook = {**frame, "kind": "initialize", "handler": function.entrypoint}
            answer = await _ended(
                instance.call(hook, b"", min(INITIALIZER_LIMIT_S, function.timeout)), lease, function
            )
            log += answer.log
            if answer.error_type:
                instance.kill()
                answer = dataclasses.replace(answer, error_type=INITIALIZATION, log=log)
                return self._invocation(function, lease, answer, request_id, started)
            instance.initialized = True
        answer = await _ended(instance.call(frame, event, function.timeout), lease, function)
        answer.log = log + answer.log
        return self._invocation(function, lease, answer, request_id, started)

    def _invocation(
        self, function: Function, lease: Lease, answer: Answer, request_id: str, started: float
    ) -> Invocation:
        ms = (time.monotonic() - started) * 1000
        memory = answer.memory_mb
        log = answer.log if answer.log.endswith("\n") or not answer.log else answer.log + "\n"
        summary = (
            f"\nDuration: {ms:.2f} ms, Billed Duration: {math.ceil(ms)} ms, "
            f"Memory Size: {function.memory} MB, Max Memory Used: {memory:.2f} MB"
        )
        return Invocation(
            function=function.name,
            request_id=request_id,
            payload=answer.payload,
            error_type=answer.error_type,
            log=log + summary,
            duration_ms=round(ms, 2),
            cold_ms=round(lease.cold_s * 1000, 2),
            memory_mb=round(memory, 2),
            memory_limit_mb=function.memory,
            instance_id=lease.instance.id,
            version=function.version,
            code_checksum=function.code_checksum,
        )

    def _record(self, invocation: Invocation, started: datetime, caller: str) -> None:
        at = started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.logs.add(
            invocation.function,
            RequestLog(
                request_id=invocation.request_id,
                started=at,
                caller=caller,
                text=invocation.log,
                duration_ms=invocation.duration_ms,
                error_type=invocation.error_type,
                cold=invocation.cold_ms > 0,
            ),
        )

    def _spec(self, function: Function) -> Spec:
        interpreter = runtimes.find(function.runtime)
        files = self.store.files(self.store.code_of(function.name))
        init = {
            "runtime": function.runtime,
            "function": function.name,
            "handler": function.handler,
            "memory": function.memory,
            "timeout": function.timeout,
            "version": function.version,
            "region": self.identity.region,
            "account_id": self.identity.account_id,
            "credentials": self.identity.credentials,
            "log": ["", ""],
            "path": [],
        }
        return Spec(interpreter.command, init, self._environment(function, str(files)), files)

    def _environment(self, function: Function, code: str) -> dict[str, str]:
        """Built from nothing: what Function Compute sets, then the function's own variables."""
        key, secret, token = self.identity.credentials
        version = "FC_FUNCTION_VERSION" if function.runtime == "python3.12" else "FC_VER_ID"
        return {
            "PATH": "/opt/bin:/usr/local/bin:/usr/bin:/bin",
            "LD_LIBRARY_PATH": f"{code}:{code}/lib:/usr/local/lib:/opt/lib",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "HOME": "/tmp",  # noqa: S108 - what a function sees as home
            "PYTHONUNBUFFERED": "1",
            "FC_FUNC_CODE_PATH": code,
            "FC_ACCOUNT_ID": self.identity.account_id,
            "FC_FUNCTION_NAME": function.name,
            "FC_FUNCTION_HANDLER": function.handler,
            "FC_FUNCTION_MEMORY_SIZE": str(function.memory),
            "FC_REGION": self.identity.region,
            version: function.version,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": token,
            **function.environment,
        }


async def _ended(call: Any, lease: Lease, function: Function) -> Answer:
    """The answer, or what Function Compute says when the process did not live to give one."""
    started = time.monotonic()
    try:
        answer: Answer = await call
        return answer
    except DeadlinePassed:
        limit = function.timeout
        text = f"Function timed out after {limit} seconds (maxMemoryUsage: {lease.instance.memory_mb:.2f}MB)"
    except InstanceGone:
        ms = round((time.monotonic() - started) * 1000)
        memory = f"maxMemoryUsage: {lease.instance.memory_mb:.2f}MB"
        text = f"Process exited unexpectedly before completing request (duration: {ms}ms, {memory})"
    return Answer(
        UNHANDLED,
        _message(text),
        lease.instance.take_log(),
        lease.instance.memory_mb,
        time.monotonic() - started,
    )


def _message(text: str) -> bytes:
    return b'{"errorMessage": "' + text.encode() + b'"}'


def _unserved(name: str, what: str, instead: str) -> Problem:
    return Problem(name, what, hint=instead)


def _route(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.path or "/"


def _covers(own: str, path: str) -> bool:
    """Whether a trigger's path takes this one: itself, or what is below it for ``/`` and ``…/*``."""
    if own.endswith("*"):
        return path.startswith(own[:-1]) or path == own[:-2]
    return own == "/" or path.rstrip("/") == own.rstrip("/")


def _weekday(timer: Timer) -> str:
    fields = timer.cron_expression.split()
    return "" if timer.cron_expression.startswith("@") else fields[-1]


def new_request_id() -> str:
    """``1-<8 hex: the time in seconds>-<8 hex>-<12 hex>``, as FC 3.0 writes them."""
    noise = secrets.token_hex(10)
    return f"1-{int(time.time()):08x}-{noise[:8]}-{noise[8:]}"
