"""The verbs: create, update, get, list, delete, invoke. Knows no HTTP and never calls back up."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from fc_magic.errors import (
    ApiError,
    DeploymentAlreadyExists,
    DeploymentNotFound,
    FunctionAlreadyExists,
    FunctionNotFound,
    ResourceThrottled,
)
from fc_magic.server import advice, instances, made, served
from fc_magic.server.aliases import Aliases
from fc_magic.server.asyncs import Asyncs
from fc_magic.server.attached import Triggers
from fc_magic.server.beside import Beside
from fc_magic.server.concurrency import Concurrency
from fc_magic.server.domains import Domains
from fc_magic.server.facts import Wanted
from fc_magic.server.identity import Identity
from fc_magic.server.in_use import InUse
from fc_magic.server.layers import Layers
from fc_magic.server.lines import CANCELED
from fc_magic.server.live import Live, place, revision
from fc_magic.server.logs import Brief, Logs, entry
from fc_magic.server.objects.late import Late
from fc_magic.server.once import Once
from fc_magic.server.packages import Packages
from fc_magic.server.provision import Provisions
from fc_magic.server.reading import Reading
from fc_magic.server.request_ids import new_request_id
from fc_magic.server.routes import LOOPBACK, Route, Routes
from fc_magic.server.rules import Rules
from fc_magic.server.runner import Runner
from fc_magic.server.store import Page, Store
from fc_magic.server.versions import Versions
from fc_magic.server.warm import Warm
from fc_magic.server.worker import runtimes
from fc_magic.server.worker.exchange import Passage
from fc_magic.server.worker.pool import Pool
from fc_magic.server.writers import Writers
from fc_magic.wire import fc3, functions, v2
from fc_magic.wire.function_fields import Asked, checksum_problem
from fc_magic.wire.logs import Query
from fc_magic.wire.results import LATEST, Function, Functions, Instances, Invocation, Log
from fc_magic.wire.runtimes import is_custom
from fc_magic.wire.spec import Deployment
from fc_magic.wire.stats import Stats

#: at the end pre-stop hooks of all instances together may take this long
LEAVE_S = 5.0


class Engine:
    """Collaborators come in through the front; ``base_url`` tells where the server listens, ``hosts`` the names
    that lead to it."""

    def __init__(
        self,
        store: Store,
        pool: Pool,
        logs: Logs,
        identity: Identity,
        base_url: Callable[[], str],
        hosts: tuple[str, ...] = LOOPBACK,
        objects: Late | None = None,
    ) -> None:
        self.store, self.pool, self.logs, self.identity = store, pool, logs, identity
        self.base_url = base_url
        self._packages = Packages(objects)
        self.beside = Beside(store, identity, pool)
        self.layers = Layers(store, identity, self._packages.stored if objects else None)
        self.asyncs = Asyncs(store, identity, logs, self.resolve, self.beside.check_enabled)
        self.routes = Routes(hosts)
        self.rules = Rules(identity.region)
        self.rules.add(store.osses())
        self._in_use, writers = InUse(store.drop_code), Writers()
        self._alone = writers.alone
        self.aliases = Aliases(store, writers, changed=self._leads_elsewhere, gone=self._alias_gone)
        self.versions = Versions(
            store, writers, self.aliases, self._version_gone, changed=self._leads_elsewhere
        )
        self.concurrency = Concurrency(store, self._limited)
        self.domains = Domains(store, self.routes, self._alone, self.versions.forget, self.resolve)
        self._reading = Reading(identity, self.layers, self.domains, self.rules)
        self.decode = self._reading.decode
        self.triggers = Triggers(
            store,
            self.routes,
            self.rules,
            identity,
            base_url,
            alone=self._alone,
            changed=self.versions.forget,
            missing=self._packages.missing_buckets,
            known=self.resolve,
        )
        self._runner = Runner(pool, identity, store.folder, using=self._in_use.using, told=self._told)
        self.once = Once(store, pool, identity, self._reading, self._packages, self.layers, self._runner)
        self.provisions = Provisions(store, self.versions, pool, self._runner.ahead, self._in_use.using)
        self._preparing: set[asyncio.Task[None]] = set()
        self.warm = Warm(pool, self._runner, self._in_use, self._open, self._took, self._noted)
        self.closing = False

    # ------------------------------------------------------------ deployments

    async def create(self, deployment: Deployment, warnings: list[str]) -> Function:
        async with self._alone(deployment.name):
            if self.store.get(deployment.name):
                text = f"a deployment named {deployment.name} exists; names must not repeat"
                hint = f"update it with PUT …/deployments/{deployment.name}, or choose another name"
                raise DeploymentAlreadyExists(text, hint=hint)
            return await self._put(deployment, warnings, None)

    async def update(self, deployment: Deployment, warnings: list[str]) -> Function:
        async with self._alone(deployment.name):
            return await self._put(deployment, warnings, self._existing(deployment.name))

    async def define(self, body: Any) -> Function:
        """Makes what ``body``, one of CreateFunction, describes. Raises ApiError with every wrong field."""
        # in threads: a package may be large, and the first look for an interpreter runs it
        asked = await asyncio.to_thread(functions.create, body, runtimes.served())
        deployment, warnings = await asyncio.to_thread(self._reading.asked, asked)
        async with self._alone(deployment.name):
            if self.store.get(deployment.name):
                raise FunctionAlreadyExists(f"function '{deployment.name}' already exists")
            return await self._put(deployment, warnings, None, asked)

    async def change(self, name: str, body: Any) -> Function:
        """Changes the fields that ``body``, one of UpdateFunction, names. Raises ApiError with every wrong one."""
        async with self._alone(name):
            old = self._existing(name)
            raw = await asyncio.to_thread(self.store.zip, self.store.contents(name)[0])
            asked = await asyncio.to_thread(functions.change, body, old, raw, runtimes.served())
            # they are not of this call, and some of them no deployment could have here
            del asked.body["triggers"]
            deployment, warnings = await asyncio.to_thread(self._reading.asked, asked)
            deployment = deployment.model_copy(update={"triggers": old.triggers})
            return await self._put(deployment, warnings, old, asked)

    async def _put(
        self,
        deployment: Deployment,
        warnings: list[str],
        old: Function | None,
        asked: Asked | None = None,
    ) -> Function:
        self._prepare(deployment.runtime)
        raw = await self._packages.bytes_of(deployment)
        asked = asked or Asked({})
        if differs := checksum_problem(asked.checksum, raw):
            raise v2.refusal(differs, deployment.name)
        notes = await self._packages.missing_buckets(deployment.triggers)
        # what a deployment has no field for stays as it is
        own = {**(fc3.own(old) if old else {}), **asked.own}
        notes += await self._runner.notes(deployment.runtime, own)
        interpreter = await runtimes.found(deployment.runtime)
        key = await asyncio.to_thread(self.store.keep_code, raw)
        while not self.store.files(key).is_dir():
            # whoever had the same code was deleted in between, and took it along
            key = await asyncio.to_thread(self.store.keep_code, raw)
        # nothing is awaited from here on: what holds now holds when it is written
        wrong = self._reading.taken(deployment.name, dict(enumerate(deployment.triggers)))
        wrong += self.layers.problems(dict(enumerate(deployment.layers)), deployment.runtime)
        if wrong:
            self.store.release_code(key)
            raise v2.refusal(wrong, deployment.name)
        layers = self.layers.pinned(deployment.layers)
        deployment = deployment.model_copy(update={"layers": tuple(kept.pin for kept in layers)})
        before = self.store.contents(deployment.name)
        notes += self.layers.notes(layers, deployment.runtime, interpreter.version)
        notes += served.notes(deployment, self.identity.account_id, own)
        notes += advice.of_command(deployment, interpreter, self.store.files, key, layers)
        old = self.domains.named(old, deployment.triggers)
        function = made.function(deployment, raw, old, [*warnings, *notes], self.identity)
        function, version = made.unless_same(old, fc3.with_own(function, own)), None
        if not deployment.publish and function.version == LATEST:
            function = dataclasses.replace(function, version=self.versions.same(function, key))
        elif function.version == LATEST:
            version = self.versions.next(function.name, function.description)
            function = dataclasses.replace(function, version=version.id)
        become = self.domains.become(function.name, function.triggers)
        with self.store.transaction():
            self.store.put(function, key, [(kept.key, kept.layer.code_size) for kept in layers], version)
            self.domains.keep(become)
            if not old:
                self.beside.begin(function.name, asked.tags, asked.group)
        self.domains.settle(function.name, function.triggers, become)
        self.rules.put(function.name, function.triggers)
        self.versions.forget(function.name)
        self.pool.retire(*revision(function))
        self._in_use.discard(function.name, set(before) - set(self.store.contents(function.name)))
        now = self._now(function)
        return dataclasses.replace(now, warnings=(*now.warnings, *self.triggers.unresolved(function)))

    def _prepare(self, runtime: str) -> None:
        """Meanwhile: whoever deploys calls next."""
        task = asyncio.create_task(self._runner.prepare(runtime))
        self._preparing.add(task)
        task.add_done_callback(self._preparing.discard)

    # ------------------------------------------------------------ reading

    def _existing(self, name: str) -> Function:
        found = self.store.get(name)
        if found is None:
            raise _not_deployed(name)
        return found

    def get(self, name: str, qualifier: str = "") -> Function:
        """The function, or what a qualifier leads to. Raises DeploymentNotFound, VersionNotFound, AliasNotFound."""
        function = self._existing(name)
        return self._now(self.versions.named(name, qualifier)[0].function if qualifier else function)

    def list(
        self,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        wanted: Wanted = Wanted(),  # noqa: B008
    ) -> Page:
        """A page of what is deployed, of the functions that are ``wanted``."""
        page = self.store.list(prefix, after, limit, wanted)
        return dataclasses.replace(page, functions=Functions(self._now(f) for f in page.functions))

    def _now(self, function: Function) -> Function:
        """The function with what only this moment knows: its URLs and today's counts."""
        calls, errors = self.logs.stats.today(function.name)
        sizes = self.versions.layer_sizes(function) if function.layers else ()
        return function.having(
            urls=self.domains.urls(self.base_url(), function),
            calls_today=calls,
            errors_today=errors,
            layer_sizes=sizes,
            **self.beside.of(function.name),
        )

    def log(self, name: str, query: Query = Query()) -> Log:  # noqa: B008
        self._existing(name)
        return self.logs.last(name, query)

    def stats(self, name: str, since: float | None = None) -> Stats:
        return self.logs.stats.read(name, since, self._existing(name).memory)

    def instances(self, name: str, qualifier: str = "") -> Instances:
        """The instances of a function as they are now; with a qualifier only of what that leads to. Raises
        DeploymentNotFound, VersionNotFound, AliasNotFound."""
        self._existing(name)
        found = self.versions.named(name, qualifier) if qualifier else ()
        return instances.seen(self.pool, name, {live.function.qualifier for live in found})

    async def delete(self, name: str) -> None:
        async with self._alone(name):
            # not decoded: what can no longer be read can still be deleted
            keys = {*self.store.contents(name), *self.store.published.every_content(name)}
            become = self.domains.become(name, ())
            with self.store.transaction():
                self.domains.keep(become)
                if not self.store.delete(name):
                    raise _not_deployed(name)
            self.domains.settle(name, (), become)
            self.rules.drop(name)
            self.versions.forget(name)
            self.provisions.forget(name)
            self.pool.retire_all(name)
            self.logs.forget(name)
            self.beside.forget(name)
            self._in_use.discard(name, keys)

    def by_host(self, host: str, path: str) -> tuple[Function, Route] | None:
        """The function that answers at this host and path, by the ``url`` of its http trigger or a custom domain."""
        found = self.routes.find(host, path)
        return (self.current(found.function), found) if found else None

    # ------------------------------------------------------------ invoking

    def current(self, name: str) -> Function:
        """The function as it is now. Raises FunctionNotFound."""
        return self.versions.resolve(name).function

    def resolve(self, name: str, qualifier: str = "") -> Live:
        """What a call with this qualifier is served by: LATEST, a version, or what an alias points at. Raises
        FunctionNotFound, VersionNotFound, AliasNotFound."""
        return self.versions.resolve(name, qualifier)

    def _leads_elsewhere(self) -> None:
        self.provisions.changed.set()

    def _limited(self, name: str, most: int | None) -> None:
        self.versions.forget(name)
        self.pool.limit(name, most)

    def _alias_gone(self, name: str, alias: str) -> None:
        self.provisions.drop(name, alias)

    def _version_gone(self, name: str, number: int, keys: tuple[str, ...]) -> None:
        self.provisions.drop(name, str(number))
        self.pool.retire(place(name, str(number)))
        self._in_use.discard(name, keys)

    async def invoke(
        self,
        name: str,
        event: bytes | Passage,
        caller: str = "invoke",
        request_id: str = "",
        qualifier: str = "",
        live: Live | None = None,
    ) -> Invocation:
        """Runs the function once. A failing handler is an Invocation with an error; a refusal is raised. A passage
        goes on to the program of a custom runtime, and takes its answer as it comes. ``live``: what the qualifier was
        found to lead to; else it is looked up.

        Cancelling it ends the instance, and the call is in the log as canceled by its client.
        """
        if self.closing:
            raise ResourceThrottled("this Function Compute is stopping")
        self.beside.check_enabled(name)
        live = live or self.versions.resolve(name, qualifier)
        function = live.function
        if isinstance(event, Passage) and not is_custom(function.runtime):
            raise ResourceThrottled(f"{name} was updated just now; call it again")
        started = datetime.now(timezone.utc)
        with self._in_use.using(name):
            invocation = await self._runner.run(
                live, event, request_id or new_request_id(), qualifier or LATEST
            )
        return self._took(function, invocation, started, caller)

    def _open(self, name: str) -> Live | None:
        """What a call without a qualifier is served by; None if it has to be refused."""
        try:
            self.beside.check_enabled(name)
            return None if self.closing else self.versions.resolve(name)
        except ApiError:
            return None

    def _took(
        self, function: Function, invocation: Invocation, started: datetime, caller: str = "invoke"
    ) -> Invocation:
        """Raises CancelledError if the call was cancelled."""
        # it may have been deleted while it ran: a new function of that name begins without a past
        if self._is_deployed(function):
            self.logs.add(function.name, entry(invocation, started, caller))
        if invocation.error_type == CANCELED:
            raise asyncio.CancelledError
        return invocation

    def _noted(self, function: Function, call: Brief) -> None:
        if self._is_deployed(function):
            self.logs.add(function.name, call)

    def _told(self, function: Function, invocation: Invocation, what: str) -> None:
        """What became of an instance without a call, such as its hook at the end: in its log, and not counted."""
        started = datetime.now(timezone.utc) - timedelta(milliseconds=invocation.duration_ms)
        if not self.closing and self._is_deployed(function):
            self.logs.add(function.name, entry(invocation, started, what), counts=False)

    def _is_deployed(self, function: Function) -> bool:
        try:
            return self.current(function.name).function_id == function.function_id
        except FunctionNotFound:
            return False

    def refuse_answer(self, invocation: Invocation, error: ApiError) -> None:
        """Whoever asked can do nothing with the function's answer: then the call has failed, in its log too."""
        self.logs.fail(invocation.function, invocation.request_id, error.code, error.message)

    def isolation(self) -> dict[str, dict[str, str]]:
        """By runtime: what keeps instances apart; the text says why it is off, and is empty where it is on."""
        return self._runner.isolation()

    async def stop(self) -> None:
        """Ends every instance, and whatever else is under way; what is idle may take leave of its function."""
        self.closing = True
        await self.pool.shut(LEAVE_S)
        self.close()

    def close(self) -> None:
        """The same at once."""
        self.closing = True
        self._packages.close()
        for task in self._preparing:
            task.cancel()
        self._runner.close()
        self.logs.stats.write()
        self.store.close()


def _not_deployed(name: str) -> DeploymentNotFound:
    return DeploymentNotFound(f"there is no deployment named {name}")
