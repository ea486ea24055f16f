"""Which function answers at a host and path, in memory, because strangers ask too.

A route is put here by its owner: a function, for the ``url`` of its http trigger, or a custom domain. A host has
routes of functions or is one custom domain, never both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from fc_magic.errors import Problem
from fc_magic.wire import checks
from fc_magic.wire.rewrite import Rewrite
from fc_magic.wire.triggers import Http, Trigger, item

LATEST = "LATEST"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: where the API itself lives on this machine's own hosts: no trigger is asked there
OWN_PATHS = ("/v2", "/2023-03-30", "/fn", "/-")


@dataclass(frozen=True)
class Route:
    """``host`` (``*.example.com`` is any one label before it) and ``path`` (``/api/*`` is what is below, too) lead
    to ``function``, which sees the path as ``rewrite`` changes it. ``trigger`` says who may call there, by which
    methods, from which origins."""

    host: str
    path: str
    function: str
    trigger: Http
    rewrite: Rewrite | None = None

    def seen(self, raw_path: str, raw_query: bytes) -> tuple[str, bytes]:
        """Path and query as the function sees them."""
        if self.rewrite is None:
            return raw_path, raw_query
        path, query = self.rewrite.apply(raw_path, raw_query.decode("latin-1"))
        return path, query.encode("latin-1")

    def covers(self, path: str) -> bool:
        """Whether it takes this path: its own, or what is below it for ``/`` and ``…/*``."""
        own = self.path
        if own.endswith("/*"):
            return path.startswith(own[:-1]) or path == own[:-2]
        if own.endswith("*"):
            return path.startswith(own[:-1])
        return own == "/" or path.rstrip("/") == own.rstrip("/")


def of_triggers(function: str, triggers: Iterable[Trigger]) -> Iterator[Route]:
    """The routes that the ``url`` of http triggers are."""
    for trigger in triggers:
        if isinstance(trigger, Http) and trigger.url:
            yield Route(*_address(trigger.url), function, trigger)


def own_url(base_url: str, function: str, trigger: Trigger) -> str:
    """Where an http trigger answers in any case: each version and each alias may have one."""
    other = "" if trigger.qualifier == LATEST else f".{trigger.qualifier}"
    return f"{base_url}/fn/{function}{other}/"


def own_trigger(triggers: Iterable[Trigger], qualifier: str) -> Http | None:
    """The http trigger that answers there; without a qualifier that of LATEST, else the first."""
    found = [trigger for trigger in triggers if isinstance(trigger, Http)]
    asked = [trigger for trigger in found if trigger.qualifier == (qualifier or LATEST)]
    return next(iter(asked or ([] if qualifier else found)), None)


class Routes:
    """``hosts``: the names under which the server itself is called."""

    def __init__(self, hosts: tuple[str, ...] = LOOPBACK) -> None:
        self.hosts = hosts
        self._by_host: dict[str, dict[str, tuple[str, Route]]] = {}
        # a domain without routes is one too
        self._domains: set[str] = set()

    def put(self, owner: str, routes: Iterable[Route]) -> None:
        """From now on ``owner`` has these routes, and no other."""
        self.drop(owner)
        for route in routes:
            self._by_host.setdefault(route.host, {})[route.path] = owner, route

    def drop(self, owner: str) -> None:
        for host, paths in list(self._by_host.items()):
            left = {path: found for path, found in paths.items() if found[0] != owner}
            if left:
                self._by_host[host] = left
            else:
                del self._by_host[host]

    def put_domain(self, host: str, routes: Iterable[Route]) -> None:
        """From now on the custom domain ``host`` has these routes, and no other."""
        self.put(_owner(host), routes)
        self._domains.add(host)

    def drop_domain(self, host: str) -> None:
        self.drop(_owner(host))
        self._domains.discard(host)

    def owner_of_host(self, host: str) -> str:
        """The function whose trigger's ``url`` has this host; nothing if there is none."""
        return next((owner for owner, _ in self._by_host.get(host, {}).values() if owner != _owner(host)), "")

    def problem_of_domain(self, host: str) -> str:
        """Why no custom domain can have this name; nothing if one can."""
        return "is the host of this Function Compute itself" if host in self.hosts else ""

    def has(self, host: str) -> bool:
        return any(name in self._by_host or name in self._domains for name in _names(host))

    def find(self, host: str, path: str) -> Route | None:
        """The route that answers here: of the very host before ``*.``; the very path wins, else the longest."""
        if host in self.hosts and is_own(path):
            return None
        for name in _names(host):
            fit = [route for _, route in self._by_host.get(name, {}).values() if route.covers(path)]
            if fit:
                return max(fit, key=lambda route: (route.path == path, len(route.path)))
            if name in self._domains:
                return None  # the domain that answers here does not lead there
        return None

    def problems(self, function: str, triggers: Mapping[int, Trigger]) -> list[Problem]:
        """Addresses that ``function`` cannot have, by the place of their trigger. May run in a thread."""
        asked = [(n, route) for n, trigger in triggers.items() for route in of_triggers(function, [trigger])]
        wrong = ((n, self._refusal(function, route.host, route.path)) for n, route in asked)
        return [
            checks.problem(f"triggers.{n}", what, item(triggers[n]), hint="another host or path")
            for n, what in wrong
            if what
        ]

    def _refusal(self, owner: str, host: str, path: str) -> str:
        if host in self.hosts and is_own(path):
            return f"url {host}{path} belongs to the API of this Function Compute"
        if host in self._domains:
            return f"url {host}{path} already leads to the {_owner(host)}: add a route to that"
        found = self._by_host.get(host, {}).get(path)
        return f"url {host}{path} already leads to {found[0]}" if found and found[0] != owner else ""


def is_own(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in OWN_PATHS)


def _owner(domain: str) -> str:
    # no function is called so: its name has no space
    return f"custom domain {domain}"


def _names(host: str) -> tuple[str, ...]:
    """As what a host may be in the table."""
    _, dot, rest = host.partition(".")
    return (host, f"*.{rest}") if dot else (host,)


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), unquote(parts.path) or "/"
