"""Custom domains: kept in the store and in memory, their routes in the table that every request with a Host asks."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime, timezone

from fc_magic.errors import DomainNameAlreadyExists, DomainNameNotFound, FunctionNotFound, Problem
from fc_magic.server import served
from fc_magic.server.routes import Route, Routes
from fc_magic.server.store import Store
from fc_magic.wire import domains
from fc_magic.wire.domains import Domain
from fc_magic.wire.wording import clipped, reason

log = logging.getLogger("fc_magic.server")

# UNCONFIRMED for FC 3.0, so that it is easy to change: whether a route may lead to a function that is not there
MISSING_FUNCTION_IS_REFUSED = True
_AT_MOST_ONE_OWNER = "a host is either a custom domain or the url of http triggers"


class Domains:
    """``known`` raises if a function has no such qualifier."""

    def __init__(
        self,
        store: Store,
        routes: Routes,
        known: Callable[[str, str], object] = lambda function, qualifier: None,
    ) -> None:
        self._store, self._routes, self._known = store, routes, known
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
        if owner := self._routes.owner_of_host(name):
            text = f"the host '{name}' already leads to {owner}, by the url of its http trigger"
            raise DomainNameAlreadyExists(text, hint=_AT_MOST_ONE_OWNER)
        now = _now()
        made = asked.model_copy(update={"created_time": now, "last_modified_time": now})
        return self._put(made, None)

    async def update(self, name: str, asked: Callable[[Domain], Domain]) -> Domain:
        """``asked`` makes the new one of the old. Raises DomainNameNotFound, FunctionNotFound, InvalidArgument."""
        new = asked(self.get(name))
        await self._check_keys(new, "updated")
        old = self.get(name)
        return self._put(asked(old).model_copy(update={"last_modified_time": _now()}), old)

    def get(self, name: str) -> Domain:
        """Raises DomainNameNotFound."""
        found = self._domains.get(name.lower())
        if found is None:
            raise DomainNameNotFound(f"custom domain '{clipped(name)}' does not exist")
        return found

    def page(self, prefix: str = "", after: str = "", limit: int = 100) -> tuple[list[Domain], str]:
        """A page in order of name, and the name to go on after."""
        asked = sorted(name for name in self._domains if name.startswith(prefix) and name > after)
        return [self._domains[name] for name in asked[:limit]], asked[limit - 1] if len(asked) > limit else ""

    def delete(self, name: str) -> None:
        """Raises DomainNameNotFound."""
        gone = self.get(name).domain_name
        with self._store.transaction() as db:
            db.execute("DELETE FROM domains WHERE name=?", (gone,))
        del self._domains[gone]
        self._routes.drop_domain(gone)

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
        with self._store.transaction() as db:
            row = (domain.domain_name, json.dumps(domains.keep(domain)))
            db.execute("INSERT OR REPLACE INTO domains VALUES (?,?)", row)
        self._domains[domain.domain_name] = domain
        self._lead(domain)
        return domain

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


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
