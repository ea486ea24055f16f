"""An address that leads to a function has two names: the ``url`` of its http trigger, and a route of a custom domain.

What one of them says is said here in the words of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fc_magic.server.routes import Route
from fc_magic.wire import domains
from fc_magic.wire.domains import AUTH_TYPES, MAX_ROUTES, Domain, PathConfig
from fc_magic.wire.triggers import METHODS, Http


def implied(host: str, routes: Sequence[Route], created: str, changed: str) -> Domain | None:
    """The custom domain that the urls of triggers at a host are. None if none can be that: a domain has no bearer
    tokens, and says once for all its routes who may call."""
    trigger = routes[0].trigger
    if any(_of_host(route.trigger) != _of_host(trigger) for route in routes):
        return None
    said = {
        "domainName": host,
        "routeConfig": {"routes": [_led(route) for route in sorted(routes, key=lambda route: route.path)]},
        "authConfig": _auth(trigger),
        "corsConfig": trigger.cors_config,
        "createdTime": created,
        "lastModifiedTime": changed,
    }
    return _valid(said)


def refusal(domain: Domain, asked: Route, before: Route | None) -> str:
    """Why a domain cannot lead where the url of a trigger asks for; nothing if it can. ``before``: what the url was
    until now."""
    where, there = f"url {asked.host}{asked.path}", _at(domain, asked.path)
    if there and there.function_name != asked.function:
        return f"{where} already leads to {there.function_name}, by the custom domain {asked.host}"
    if there and _is_unchanged(asked, before):
        return ""
    kind, others = asked.trigger.auth_type, [route for route in domain.routes if route is not there]
    if kind not in AUTH_TYPES:
        return f"{where} is of a custom domain, and those have no authType {kind}"
    if others and _asks(domain) != (kind, asked.trigger.auth_config):
        other = _asks(domain)[0]
        what = f"authType {other}" if other != kind else "another authConfig"
        return f"the custom domain {asked.host} and its other routes ask for {what}, this trigger for {kind}"
    if len(others) >= MAX_ROUTES:
        return f"the custom domain {asked.host} has {MAX_ROUTES} routes, and none has more"
    return "" if led(domain, asked, before) else f"{where} has a path that no route of a custom domain has"


def led(domain: Domain, asked: Route, before: Route | None) -> Domain | None:
    """The domain as it also leads where the url of a trigger asks for; None if no domain can. What the trigger said
    before has been done: what was made of the domain since then stays."""
    there, trigger = _at(domain, asked.path), asked.trigger
    if there and _is_unchanged(asked, before):
        return domain
    old, kept = before.trigger if before else None, domains.keep(domain)
    route = _led(asked)
    if there and not trigger.methods and not (old and old.methods):
        route["methods"] = there.methods
    route["rewriteConfig"] = there.rewrite_config if there else None
    routes = [route if one is there else one for one in domain.routes] + ([] if there else [route])
    kept["routeConfig"] = {"routes": routes}
    if len(routes) == 1:
        kept["authConfig"] = _auth(trigger)
        if trigger.cors_config or (old and old.cors_config):
            kept["corsConfig"] = trigger.cors_config
    return _valid(kept)


def without(domain: Domain, function: str, path: str) -> Domain:
    """The domain as it leads there no more."""
    left = [one for one in domain.routes if (one.path, one.function_name) != (path, function)]
    return domains.kept({**domains.keep(domain), "routeConfig": {"routes": left}})


def _at(domain: Domain, path: str) -> PathConfig | None:
    return next((route for route in domain.routes if route.path == path), None)


def _led(route: Route) -> dict[str, Any]:
    """As a route of a domain."""
    return {
        "path": route.path,
        "functionName": route.function,
        "qualifier": route.trigger.qualifier,
        "methods": () if set(route.trigger.methods) >= set(METHODS) else route.trigger.methods,
    }


def _auth(trigger: Http) -> dict[str, Any]:
    return {"authType": trigger.auth_type, "authInfo": trigger.auth_config}


def _asks(domain: Domain) -> tuple[str, Any]:
    return domain.auth_config.auth_type, domain.auth_config.auth_info


def _of_host(trigger: Http) -> tuple[Any, ...]:
    """What a domain has once for all its routes."""
    return trigger.auth_type, trigger.auth_config, trigger.cors_config


def _is_unchanged(asked: Route, before: Route | None) -> bool:
    return before is not None and _said(asked.trigger) == _said(before.trigger)


def _said(trigger: Http) -> tuple[Any, ...]:
    """What a trigger says of an address."""
    return trigger.qualifier, {*(trigger.methods or METHODS)}, *_of_host(trigger)


def _valid(said: dict[str, Any]) -> Domain | None:
    try:
        return domains.kept(said)
    except ValueError:
        return None
