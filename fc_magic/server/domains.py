"""Custom domains: kept in the store and in memory, their routes in the table that every request with a Host asks.

A host where the urls of http triggers lead is one too, as far as a domain can say the same; to change it as a domain
makes one of its own of it. From then on the urls there are among its routes: a trigger has its ``url`` as long as the
domain leads there, and a deployment adds and removes routes by the urls that it names, and those it no longer names.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timezone

from fc_magic.errors import DomainNameAlreadyExists, DomainNameNotFound, FunctionNotFound, Problem
from fc_magic.server import addresses, served
from fc_magic.server.routes import Route, Routes, of_triggers, own_url
from fc_magic.server.store import Store
from fc_magic.wire import checks, domains
from fc_magic.wire.domains import Domain
from fc_magic.wire.results import LATEST, Function, Url
from fc_magic.wire.triggers import Http, Trigger, address, item
from fc_magic.wire.wording import clipped, reason

log = logging.getLogger("fc_magic.server")

# UNCONFIRMED for FC 3.0, so that it is easy to change: whether a route may lead to a function that is not there
MISSING_FUNCTION_IS_REFUSED = True
_NO_FORM = (
    f"the triggers there have bearer tokens, do not agree who may call, or are more than {domains.MAX_ROUTES}"
)

#: what custom domains become; None: it goes
Become = Mapping[str, Domain | None]


class Domains:
    """``alone`` lets one writer at a function, ``changed`` is told whose triggers are others now, ``known`` raises if
    a function has no such qualifier."""

    def __init__(
        self,
        store: Store,
        routes: Routes,
        alone: Callable[[str], AbstractAsyncContextManager[None]],
        changed: Callable[[str], object],
        known: Callable[[str, str], object] = lambda function, qualifier: None,
    ) -> None:
        self._store, self._routes = store, routes
        self._alone, self._changed, self._known = alone, changed, known
        for function, https in store.https().items():
            self._routes.put(function, of_triggers(function, https))
        self._domains = self._load()
        for domain in self._domains.values():
            self._lead(domain)

    def _load(self) -> dict[str, Domain]:
        found = {}
        with self._store.transaction() as db:
            rows = db.execute("SELECT name, answer FROM domains").fetchall()
        for name, answer in rows:
            try:
                found[name] = domains.kept(json.loads(answer))
            except (TypeError, ValueError) as error:
                log.warning("custom domain %s cannot be read: %s", name, reason(error))
        return found

    async def create(self, asked: Domain) -> Domain:
        """Raises DomainNameAlreadyExists, FunctionNotFound, InvalidArgument."""
        await self._check_keys(asked, "created")
        # nothing is awaited from here on: two that are created at once are not both the first
        name = asked.domain_name
        if name in self._domains:
            raise DomainNameAlreadyExists(f"custom domain '{name}' exists", hint="update it")
        if owners := ", ".join(self._owners(name)):
            text = f"the host '{name}' already leads to {owners}, by the url of its http trigger"
            raise DomainNameAlreadyExists(text, hint="update it" if self._find(name) else _NO_FORM)
        now = _now()
        made = asked.model_copy(update={"created_time": now, "last_modified_time": now})
        return self._put(made, None)

    async def update(self, name: str, asked: Callable[[Domain], Domain]) -> Domain:
        """``asked`` makes the new one of the old. Raises DomainNameNotFound, FunctionNotFound, InvalidArgument."""
        new = asked(self.get(name))
        await self._check_keys(new, "updated")
        async with self._alone_at(new.domain_name):
            old = self.get(name)
            return self._put(asked(old).model_copy(update={"last_modified_time": _now()}), old)

    async def delete(self, name: str) -> None:
        """Raises DomainNameNotFound."""
        async with self._alone_at(self.get(name).domain_name):
            self._write(self.get(name).domain_name, None)

    # ------------------------------------------------------------ looking

    def get(self, name: str) -> Domain:
        """Raises DomainNameNotFound."""
        host = name.lower()
        if found := self._find(host):
            return found
        if owners := ", ".join(self._owners(host)):
            text = f"'{clipped(host)}' is the url of http triggers of {owners}, and no custom domain"
            raise DomainNameNotFound(text, hint=_NO_FORM)
        raise DomainNameNotFound(f"custom domain '{clipped(name)}' does not exist")

    def page(self, prefix: str = "", after: str = "", limit: int = 100) -> tuple[list[Domain], str]:
        """A page in order of name, and the name to go on after."""
        hosts = {*self._domains, *self._routes.url_hosts()}
        found: list[Domain] = []
        for name in sorted(host for host in hosts if host.startswith(prefix) and host > after):
            if domain := self._find(name):
                if len(found) == limit:
                    return found, found[-1].domain_name if found else ""
                found.append(domain)
        return found, ""

    def _find(self, host: str) -> Domain | None:
        return self._domains.get(host) or self._implied(host)

    def _implied(self, host: str) -> Domain | None:
        """What the urls of triggers at a host are as a domain, if they can be one."""
        routes = self._routes.urls_at(host)
        if not 0 < len(routes) <= domains.MAX_ROUTES or self._routes.problem_of_domain(host):
            return None
        known = [self._store.trigger_dates(r.function).get(r.trigger.name or "", ("", "")) for r in routes]
        first, last = min(first for first, _ in known), max(last for _, last in known)
        return addresses.implied(host, routes, _seconds(first), _seconds(last))

    def _owners(self, host: str) -> list[str]:
        """The functions whose triggers have a url there."""
        return sorted({route.function for route in self._routes.urls_at(host)})

    def urls(self, base_url: str, function: Function) -> tuple[Url, ...]:
        """Where a function can be reached: at the URL of each http trigger, and by custom domains."""
        https = [trigger for trigger in function.triggers if isinstance(trigger, Http)]
        own = [Url(t.name or "", own_url(base_url, function.name, t)) for t in https]
        if function.qualifier != LATEST:
            return tuple(own)
        names = {trigger.qualifier: trigger.name or "" for trigger in https}
        said = {address(trigger.url): trigger.url for trigger in https if trigger.url}
        return (
            *own,
            *(
                Url(
                    names.get(r.trigger.qualifier, ""), said.get((r.host, r.path), f"http://{r.host}{r.path}")
                )
                for r in self._routes.of_domains(function.name)
            ),
        )

    # ------------------------------------------------------------ deployments

    def problems(self, function: str, triggers: Mapping[int, Trigger]) -> list[Problem]:
        """Addresses that ``function`` cannot have, by the place of their trigger. May run in a thread."""
        asked = [(n, route) for n, trigger in triggers.items() for route in of_triggers(function, [trigger])]
        before = self._said(function)
        return [
            checks.problem(f"triggers.{n}", what, item(triggers[n]), hint="another host or path")
            for n, route in asked
            if (what := self._refusal(route, before))
        ]

    def _refusal(self, asked: Route, before: Mapping[tuple[str, str], Route]) -> str:
        domain = self._domains.get(asked.host)
        if domain is None:
            return self._routes.refusal(asked)
        return addresses.refusal(domain, asked, before.get((asked.host, asked.path)))

    def _said(self, function: str) -> dict[tuple[str, str], Route]:
        return {(route.host, route.path): route for route in self._routes.urls_of(function)}

    def named(self, old: Function | None, triggers: Iterable[Trigger]) -> Function | None:
        """A function as if it had named those of its addresses that ``triggers`` name: that changes nothing."""
        if old is None:
            return None
        known = {r.trigger.name: r.trigger.url for r in of_triggers(old.name, triggers) if self._leads(r)}
        return dataclasses.replace(
            old,
            triggers=tuple(
                trigger.model_copy(update={"url": known[trigger.name]})
                if isinstance(trigger, Http) and not trigger.url and trigger.name in known
                else trigger
                for trigger in old.triggers
            ),
        )

    def _leads(self, asked: Route) -> bool:
        domain = self._domains.get(asked.host)
        return domain is not None and addresses.led(domain, asked, None) == domain

    def become(self, function: str, triggers: Iterable[Trigger]) -> Become:
        """The custom domains that change when a function has these triggers, for which there are no problems."""
        asked = {(route.host, route.path): route for route in of_triggers(function, triggers)}
        before = self._said(function)
        hosts = {host for host, _ in (*asked, *before)} & self._domains.keys()
        found = {host: self._become(function, host, asked, before) for host in hosts}
        return {host: domain for host, domain in found.items() if domain != self._domains[host]}

    def _become(
        self,
        function: str,
        host: str,
        asked: Mapping[tuple[str, str], Route],
        before: Mapping[tuple[str, str], Route],
    ) -> Domain | None:
        domain = old = self._domains[host]
        for key in before.keys() - asked.keys():
            domain = addresses.without(domain, function, key[1]) if key[0] == host else domain
        for key, route in asked.items():
            found = addresses.led(domain, route, before.get(key)) if key[0] == host else None
            domain = found or domain
        if old.routes and not domain.routes and not domain.cert_config:
            return None  # unless it has a certificate: somebody took trouble with it
        return domain if domain == old else domain.model_copy(update={"last_modified_time": _now()})

    def keep(self, become: Become) -> None:
        """Writes them, within a transaction of the caller's."""
        with self._store.transaction() as db:
            for host, domain in become.items():
                if domain is None:
                    db.execute("DELETE FROM domains WHERE name=?", (host,))
                else:
                    row = (host, json.dumps(domains.keep(domain)))
                    db.execute("INSERT OR REPLACE INTO domains VALUES (?,?)", row)

    def settle(self, function: str, triggers: Iterable[Trigger], become: Become) -> None:
        """What is written leads from now on."""
        self._routes.put(function, of_triggers(function, triggers))
        self._remember(become)

    def _remember(self, become: Become) -> None:
        for host, domain in become.items():
            if domain is None:
                self._domains.pop(host, None)
                self._routes.drop_domain(host)
            else:
                self._domains[host] = domain
                self._lead(domain)

    # ------------------------------------------------------------ writing

    async def _check_keys(self, domain: Domain, done: str) -> None:
        for route in domain.routes[:1]:
            if wrong := await asyncio.to_thread(served.unusable_keys, domain.trigger(route)):
                raise domains.refusal([Problem("authConfig.authInfo", wrong)], domain.domain_name, done)

    def _put(self, domain: Domain, old: Domain | None) -> Domain:
        if wrong := self._routes.problem_of_domain(domain.domain_name):
            done = "updated" if old else "created"
            raise domains.refusal(
                [Problem("domainName", wrong, hint="another host")], domain.domain_name, done
            )
        before = {(route.function_name, route.qualifier) for route in old.routes} if old else set()
        for route in domain.routes:
            if (route.function_name, route.qualifier) not in before:
                self._check_function(route.function_name, route.qualifier)
        self._write(domain.domain_name, domain)
        return domain

    def _write(self, host: str, domain: Domain | None) -> None:
        """The domain, or that there is none, and the urls of triggers that lead there no more."""
        others = [*self._without_urls(host, domain)]
        with self._store.transaction():
            self.keep({host: domain})
            for function in others:
                self._store.put_triggers(function)
        for function in others:
            self._routes.put(function.name, of_triggers(function.name, function.triggers))
            self._changed(function.name)
        self._remember({host: domain})

    def _without_urls(self, host: str, domain: Domain | None) -> Iterable[Function]:
        """The functions whose urls at a host lead nowhere now, without these."""
        leads = {(route.path, route.function_name) for route in domain.routes} if domain else set()
        gone = [r for r in self._routes.urls_at(host) if (r.path, r.function) not in leads]
        for name in sorted({route.function for route in gone}):
            paths = {(host, route.path) for route in gone if route.function == name}
            if function := self._store.get(name):
                yield dataclasses.replace(
                    function, triggers=tuple(_without(trigger, paths) for trigger in function.triggers)
                )

    @contextlib.asynccontextmanager
    async def _alone_at(self, host: str) -> AsyncIterator[None]:
        """One writer at each function whose triggers have a url there: they may lose it."""
        while True:
            owners = self._owners(host)
            async with contextlib.AsyncExitStack() as all_of_them:
                for name in owners:
                    await all_of_them.enter_async_context(self._alone(name))
                if set(self._owners(host)) <= set(owners):
                    yield
                    return

    def _check_function(self, name: str, qualifier: str) -> None:
        """One that is deleted later leaves its route behind, which then says so."""
        if not MISSING_FUNCTION_IS_REFUSED:
            return
        if not self._store.contents(name):
            raise FunctionNotFound(f"function '{name}' does not exist", hint="create it first")
        self._known(name, qualifier)

    def _lead(self, domain: Domain) -> None:
        host = domain.domain_name
        own = (
            Route(host, route.path, route.function_name, domain.trigger(route), route.rewrite_config)
            for route in domain.routes
        )
        self._routes.put_domain(host, own)


def notes(domain: Domain) -> list[str]:
    """What is kept, and means something else here."""
    found = []
    if "HTTPS" in domain.protocol:
        found.append("the embedded Function Compute serves this domain by HTTP: it has no TLS")
    if domain.tls_config:
        found.append("tlsConfig is kept, and means nothing here")
    if domain.waf_config and domain.waf_config.enable_waf:
        found.append("wafConfig is kept, but one machine has no firewall for it")
    return found


def _without(trigger: Trigger, addresses_: set[tuple[str, str]]) -> Trigger:
    is_there = isinstance(trigger, Http) and trigger.url and address(trigger.url) in addresses_
    return trigger.model_copy(update={"url": None}) if is_there else trigger


def _seconds(stored: str) -> str:
    """As FC has a time; the store knows it to the microsecond."""
    return f"{stored[:19]}Z"


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
