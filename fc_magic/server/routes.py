"""Which function answers at a host and path, in memory, because strangers ask too.

A route is put here by its owner: a function, for the ``url`` of its http trigger. A custom domain is another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from fc_magic.errors import Problem
from fc_magic.wire import checks
from fc_magic.wire.triggers import Http, Trigger

LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: where the API itself lives on this machine's own hosts: no trigger is asked there
OWN_PATHS = ("/v2", "/2023-03-30", "/fn", "/-")


@dataclass(frozen=True)
class Route:
    """``host`` (``*.example.com`` is any one label before it) and ``path`` (``/api/*`` is what is below, too) lead
    to ``function``. ``trigger`` says who may call there, by which methods, from which origins."""

    host: str
    path: str
    function: str
    trigger: Http

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


class Routes:
    """``hosts``: the names under which the server itself is called."""

    def __init__(self, hosts: tuple[str, ...] = LOOPBACK) -> None:
        self.hosts = hosts
        self._by_host: dict[str, dict[str, tuple[str, Route]]] = {}

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

    def has(self, host: str) -> bool:
        return any(name in self._by_host for name in _names(host))

    def find(self, host: str, path: str) -> Route | None:
        """The route that answers here: of the very host before ``*.``; the very path wins, else the longest."""
        if host in self.hosts and is_own(path):
            return None
        for name in _names(host):
            fit = [route for _, route in self._by_host.get(name, {}).values() if route.covers(path)]
            if fit:
                return max(fit, key=lambda route: (route.path == path, len(route.path)))
        return None

    def problems(self, function: str, triggers: Mapping[int, Trigger]) -> list[Problem]:
        """Addresses that ``function`` cannot have, by the place of their trigger. May run in a thread."""
        asked = [(n, route) for n, trigger in triggers.items() for route in of_triggers(function, [trigger])]
        wrong = ((n, self._refusal(function, route.host, route.path)) for n, route in asked)
        return [
            checks.problem(f"triggers.{n}", what, hint="another host or path") for n, what in wrong if what
        ]

    def _refusal(self, owner: str, host: str, path: str) -> str:
        if host in self.hosts and is_own(path):
            return f"url {host}{path} belongs to the API of this Function Compute"
        found = self._by_host.get(host, {}).get(path)
        return f"url {host}{path} already leads to {found[0]}" if found and found[0] != owner else ""


def is_own(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in OWN_PATHS)


def _names(host: str) -> tuple[str, ...]:
    """As what a host may be in the table."""
    _, dot, rest = host.partition(".")
    return (host, f"*.{rest}") if dot else (host,)


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), unquote(parts.path) or "/"
