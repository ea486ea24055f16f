"""The ``url`` of an http trigger in FC 3.0's words: a custom domain with a route to the function."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Mapping
from typing import Any

from fc_magic.client.session import Session
from fc_magic.client.steps import Steps
from fc_magic.errors import DomainNameAlreadyExists, DomainNameNotFound, InvalidArgument, PathNotSupported
from fc_magic.wire import auth_config, checks, fc3, v2
from fc_magic.wire.cors import Cors
from fc_magic.wire.domains import AUTH_TYPES
from fc_magic.wire.results import LATEST
from fc_magic.wire.signature import percent
from fc_magic.wire.spec import Deployment
from fc_magic.wire.translation import Address
from fc_magic.wire.triggers import METHODS, Http, address

#: to see one's own route in a domain that others change at the same time
TRIES = 8


class Domains:
    """What leads to a function in one account; looked up once, and anew after a change."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: list[dict[str, Any]] | None = None
        #: addresses that were taken back
        self.warnings: list[str] = []

    @property
    def _all(self) -> list[dict[str, Any]]:
        if self._found is None:
            self._found = _all(self._session)
        return self._found

    def of(self, name: str, called_by: Iterable[Mapping[str, Any]]) -> list[Address]:
        """What leads to a function; nothing is looked for without an http trigger."""
        if all(trigger.get("triggerType") != "http" for trigger in called_by):
            return []
        return [
            Address(f"{_scheme(domain)}://{domain['domainName']}{route['path']}", _qualifier(route))
            for domain, route in self._leading_to(name)
        ]

    def _leading_to(self, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [
            (domain, route)
            for domain in self._all
            for route in _routes(domain)
            if route.get("functionName") == name
        ]

    def take_back(self, deployment: Deployment, called_by: Iterable[Mapping[str, Any]], steps: Steps) -> bool:
        """The routes that no ``url`` asks for; whether there were any. Before their trigger goes: as long as it is
        there a repetition looks for them."""
        name, wanted, count = deployment.name, _wanted(deployment), len(steps.done)
        if not wanted and all(trigger.get("triggerType") != "http" for trigger in called_by):
            return False
        for domain, route in self._leading_to(name):
            host, path = domain["domainName"], route["path"]
            if (host, path) not in wanted:
                with steps.step(f"withdraw the address {host}{path}"):
                    _take_back(self._session, host, name, path)
                self.warnings.append(
                    f"{host}{path} led to it and no longer does: no url of the deployment names it"
                )
        return self._changed(count, steps)

    def check(self, deployment: Deployment) -> None:
        """Raises InvalidArgument for an address that the function cannot have, before anything is changed."""
        for (host, path), trigger in _wanted(deployment).items():
            _auth_body(trigger)
            domain = _find(self._session, host)
            if domain and (what := _conflict(domain, host, path, deployment.name, trigger)):
                raise _refused(what, deployment.name)

    def lead(self, deployment: Deployment, steps: Steps) -> bool:
        """Creates or extends the domain of each ``url``; whether anything was done."""
        count = len(steps.done)
        for (host, path), trigger in _wanted(deployment).items():
            _lead(self._session, host, path, deployment.name, trigger, steps)
        return self._changed(count, steps)

    def _changed(self, before: int, steps: Steps) -> bool:
        if len(steps.done) > before:
            self._found = None
        return len(steps.done) > before

    def withdraw(self, name: str) -> None:
        """No custom domain leads to the function any more."""
        for domain, route in self._leading_to(name):
            _take_back(self._session, domain["domainName"], name, route["path"])


def _wanted(deployment: Deployment) -> dict[tuple[str, str], Http]:
    return {address(t.url): t for t in deployment.triggers if isinstance(t, Http) and t.url}


def _lead(session: Session, host: str, path: str, name: str, trigger: Http, steps: Steps) -> None:
    """A domain has no routes of its own that one could add: whoever changes it at the same moment writes all of them.
    So it is looked whether ours is there."""
    domain = _find(session, host)
    if domain is None:
        with steps.step(f"create the custom domain {host}"):
            try:
                _call(
                    session,
                    "CreateCustomDomain",
                    "POST",
                    "",
                    _new(host, _route(path, name, trigger), trigger),
                )
                return
            except DomainNameAlreadyExists:
                domain = _find(session, host)
                if domain is None:
                    raise  # it is somebody else's, or what no custom domain can be
    if _leads(domain, path, name, trigger):
        return
    with steps.step(f"lead {host}{path} to it", "it leads where it led"):
        for _ in range(TRIES):
            if what := _conflict(domain, host, path, name, trigger):
                raise _refused(what, name)
            _call(session, "UpdateCustomDomain", "PUT", host, _with_route(domain, path, name, trigger))
            domain = _find(session, host) or {}
            if _leads(domain, path, name, trigger):
                return
            time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 - so that two do not meet again


def _route(path: str, name: str, trigger: Http) -> dict[str, Any]:
    return {"path": path, "functionName": name, "qualifier": trigger.qualifier, **_methods(trigger)}


def _leads(domain: Mapping[str, Any], path: str, name: str, trigger: Http) -> bool:
    """Whether the domain does what the trigger says. What its other routes share with it is not ours to change."""
    there, others = _split(domain, path)
    ours = bool(there) and there.get("functionName") == name and _is_same(there, trigger)
    return ours and _asks_the_same(domain, trigger) and (bool(others) or _cors(domain) == _cors_of(trigger))


def _split(domain: Mapping[str, Any], path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The route of a path, and the others."""
    routes = _routes(domain)
    there = next((one for one in routes if one.get("path") == path), {})
    return there, [one for one in routes if one is not there]


def _with_route(domain: Mapping[str, Any], path: str, name: str, trigger: Http) -> dict[str, Any]:
    """The body of UpdateCustomDomain that makes the domain lead there."""
    there, others = _split(domain, path)
    rewrite = {"rewriteConfig": there["rewriteConfig"]} if there.get("rewriteConfig") else {}
    change: dict[str, Any] = {
        "routeConfig": {"routes": [*others, {**_route(path, name, trigger), **rewrite}]}
    }
    if not _asks_the_same(domain, trigger):
        change |= _auth_body(trigger)
    if not others and _cors(domain) != _cors_of(trigger):
        change["corsConfig"] = _cors_of(trigger)
    return change


def _cors(domain: Mapping[str, Any]) -> dict[str, Any]:
    """As a trigger would say it; what cannot be read is as it is."""
    given = {key: value for key, value in (domain.get("corsConfig") or {}).items() if value is not None}
    try:
        return _said(Cors.model_validate(given)) if given else {}
    except ValueError:
        return given


def _cors_of(trigger: Http) -> dict[str, Any]:
    return _said(trigger.cors_config) if trigger.cors_config else {}


def _said(cors: Cors) -> dict[str, Any]:
    return cors.model_dump(by_alias=True, exclude_defaults=True, mode="json")


def _conflict(domain: Mapping[str, Any], host: str, path: str, name: str, trigger: Http) -> str:
    """Why the domain cannot lead there; nothing if it can."""
    there, others = _split(domain, path)
    if there and there.get("functionName") != name:
        return f"{host}{path} already leads to {there.get('functionName')}"
    if not _asks_the_same(domain, trigger) and others:
        asked = f"{host} and its other routes ask for authType {_auth(domain)}"
        return f"{asked}, this trigger for {trigger.auth_type}"
    return ""


def _refused(what: str, name: str) -> InvalidArgument:
    return v2.refusal([checks.problem("triggers", what, hint="another host or path")], name)


def _methods(trigger: Http) -> dict[str, Any]:
    """All of them are what a route has that names none."""
    return {"methods": list(trigger.methods)} if set(METHODS) - set(trigger.methods or METHODS) else {}


def _is_same(route: Mapping[str, Any], trigger: Http) -> bool:
    methods = set(route.get("methods") or METHODS)
    return _qualifier(route) == trigger.qualifier and methods == set(trigger.methods or METHODS)


def _qualifier(route: Mapping[str, Any]) -> str:
    return str(route.get("qualifier") or LATEST)


def _asks_the_same(domain: Mapping[str, Any], trigger: Http) -> bool:
    """Whether a domain lets in whom the trigger does: what is secret is compared by its fingerprint."""
    if _auth(domain) != trigger.auth_type:
        return False
    try:
        there = auth_config.read(trigger.auth_type, (domain.get("authConfig") or {}).get("authInfo"))
    except ValueError:
        return True  # a region may write it in another way, and this is no reason to change it every time
    return auth_config.public(there) == auth_config.public(trigger.auth_config)


def _take_back(session: Session, host: str, name: str, path: str) -> None:
    """A domain without a route is deleted, unless it has a certificate: somebody took trouble with it."""
    domain = _find(session, host)
    if domain is None:
        return
    left = [r for r in _routes(domain) if (r.get("functionName"), r.get("path")) != (name, path)]
    if left or domain.get("certConfig"):
        _call(session, "UpdateCustomDomain", "PUT", host, {"routeConfig": {"routes": left}})
    else:
        _call(session, "DeleteCustomDomain", "DELETE", host)


def _new(host: str, route: Mapping[str, Any], trigger: Http) -> dict[str, Any]:
    body = {
        "domainName": host,
        "protocol": "HTTP",
        "routeConfig": {"routes": [dict(route)]},
        **_auth_body(trigger),
    }
    return {**body, "corsConfig": _cors_of(trigger)} if trigger.cors_config else body


def _auth_body(trigger: Http) -> dict[str, Any]:
    """A domain asks for itself who may call: it must not let in whom the trigger would not."""
    if trigger.auth_type not in AUTH_TYPES:
        what = f"a custom domain has no authType {trigger.auth_type}"
        raise InvalidArgument(what, hint=f"without url, or one of {', '.join(AUTH_TYPES)}")
    auth: dict[str, Any] = {"authType": trigger.auth_type}
    if trigger.auth_config:
        auth["authInfo"] = json.dumps(trigger.auth_config, ensure_ascii=False, sort_keys=True)
    return {"authConfig": auth}


def _auth(domain: Mapping[str, Any]) -> str:
    return str((domain.get("authConfig") or {}).get("authType") or "anonymous")


def _scheme(domain: Mapping[str, Any]) -> str:
    return "https" if "HTTPS" in str(domain.get("protocol") or "HTTP").upper().split(",") else "http"


def _routes(domain: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list((domain.get("routeConfig") or {}).get("routes") or ())


def _find(session: Session, host: str) -> dict[str, Any] | None:
    try:
        return session.call("GetCustomDomain", fc3.VERSION, "GET", _path(host)).read(dict)
    except DomainNameNotFound:
        return None


def _all(session: Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        query = {"limit": "100", **({"nextToken": token} if token else {})}
        try:
            reply = session.call("ListCustomDomains", fc3.VERSION, "GET", _path(), query=query)
        except PathNotSupported:
            return found  # an endpoint that has none
        page, token = reply.read(
            lambda said: (list(said.get("customDomains") or ()), said.get("nextToken") or "")
        )
        found += page
        if not token:
            return found


def _call(session: Session, action: str, method: str, host: str, body: Any = None) -> None:
    session.call(
        action, fc3.VERSION, method, _path(host), body=body, done_status=404 if method == "DELETE" else 0
    )


def _path(host: str = "") -> str:
    return f"/{fc3.VERSION}/custom-domains" + (f"/{percent(host)}" if host else "")
