"""The verbs: create, update, get, list, delete, invoke. Knows no HTTP and never calls back up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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
from fc_magic.server.identity import Identity
from fc_magic.server.logs import Logs
from fc_magic.server.runner import CANCELED, Runner, revision
from fc_magic.server.store import Store
from fc_magic.server.worker import runtimes
from fc_magic.server.worker.pool import Pool
from fc_magic.wire import checks, spec, v2
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import Function, Functions, Invocation, Log, RequestLog, Url
from fc_magic.wire.spec import Deployment, Image, Inline, Oss, Zip
from fc_magic.wire.triggers import Http, Timer


class Engine:
    """Collaborators come in through the front; ``base_url`` tells where the server listens."""

    def __init__(
        self, store: Store, pool: Pool, logs: Logs, identity: Identity, base_url: Callable[[], str]
    ) -> None:
        self.store, self.pool, self.logs, self.identity = store, pool, logs, identity
        self.base_url = base_url
        self._runner = Runner(pool, identity)
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._live: dict[str, tuple[Function, Path]] = {}
        self._calls: Counter[str] = Counter()
        self._garbage: defaultdict[str, set[str]] = defaultdict(set)
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
        while not self.store.files(key).is_dir():
            # whoever had the same code was deleted in between, and took it along
            key = await asyncio.to_thread(self.store.keep_code, raw)
        # nothing is awaited from here on: what holds now holds when it is written
        try:
            self._refuse_taken_urls(deployment)
        except InvalidArgument:
            self.store.drop_code([key])
            raise
        before = self.store.code_of(deployment.name)
        function = self._function(deployment, raw, old, [*warnings, *self._notes(deployment)])
        if old and old.code_checksum == function.code_checksum and old.settings() == function.settings():
            function = dataclasses.replace(
                function, version=old.version, last_modified_time=old.last_modified_time
            )
        self.store.put(function, key)
        self._live.pop(function.name, None)
        self.pool.retire(function.name, revision(function))
        if before != key:
            self._discard(function.name, before)
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
                    problems=[checks.problem("triggers", what, hint="another host or path")],
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
            self._live.pop(name, None)
            self.pool.retire(name)
            self.logs.forget(name)
            self._discard(name, key)

    def _discard(self, name: str, code: str = "") -> None:
        """Removes code that is no longer deployed, once no call of the function can still need its files."""
        if code:
            self._garbage[name].add(code)
        if not self._calls[name]:
            self.store.drop_code(self._garbage.pop(name, ()))

    def has_host(self, host: str) -> bool:
        """Whether some http trigger's ``url`` has this host."""
        return any(
            isinstance(t, Http) and t.url and _route(t.url)[0] == host
            for f in self.store.all()
            for t in f.triggers
        )

    def by_host(self, host: str, path: str) -> tuple[Function, Http] | None:
        """The function whose http trigger answers at this host and path; the very path wins, else the longest."""
        found = []
        for function in self.store.all():
            for trigger in function.triggers:
                if isinstance(trigger, Http) and trigger.url:
                    own_host, own_path = _route(trigger.url)
                    if own_host == host.lower() and _covers(own_path, path):
                        found.append((own_path == path, len(own_path), function, trigger))
        return max(found, key=lambda row: row[:2])[2:] if found else None

    # ------------------------------------------------------------ invoking

    def current(self, name: str) -> Function:
        """The function as it is now. Raises FunctionNotFound."""
        return self._current(name)[0]

    def _current(self, name: str) -> tuple[Function, Path]:
        # kept in memory, because every call asks
        live = self._live.get(name)
        if live is None:
            found = self.store.get(name)
            if found is None:
                raise FunctionNotFound(f"function '{name}' does not exist")
            live = self._live[name] = (found, self.store.files(self.store.code_of(name)))
        return live

    async def invoke(
        self, name: str, event: bytes, caller: str = "invoke", request_id: str = ""
    ) -> Invocation:
        """Runs the function once. A failing handler is an Invocation with an error; a refusal is raised.

        Cancelling it ends the instance, and the call is in the log as canceled by its client.
        """
        if self.closing:
            raise ResourceThrottled("this Function Compute is stopping")
        function, files = self._current(name)
        started = datetime.now(timezone.utc)
        self._calls[name] += 1
        try:
            invocation = await self._runner.run(function, files, event, request_id or new_request_id())
        finally:
            self._calls[name] -= 1
            if not self._calls[name]:
                del self._calls[name]
                if name in self._garbage:
                    self._discard(name)
        self._record(invocation, started, caller)
        if invocation.error_type == CANCELED:
            raise asyncio.CancelledError
        return invocation

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


def _unserved(name: str, what: str, instead: str) -> Problem:
    return Problem(name, what, hint=instead)


def _route(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), unquote(parts.path) or "/"


def _covers(own: str, path: str) -> bool:
    """Whether a trigger's path takes this one: itself, or what is below it for ``/`` and ``…/*``."""
    if own.endswith("/*"):
        return path.startswith(own[:-1]) or path == own[:-2]
    if own.endswith("*"):
        return path.startswith(own[:-1])
    return own == "/" or path.rstrip("/") == own.rstrip("/")


def _weekday(timer: Timer) -> str:
    fields = timer.cron_expression.split()
    return "" if timer.cron_expression.startswith("@") else fields[-1]


def new_request_id() -> str:
    """``1-<8 hex: the time in seconds>-<8 hex>-<12 hex>``, as FC 3.0 writes them."""
    noise = os.urandom(10).hex()
    return f"1-{int(time.time()):08x}-{noise[:8]}-{noise[8:]}"
