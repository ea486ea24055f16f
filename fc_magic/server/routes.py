"""Which function answers at a host and path: the ``url`` of http triggers, in memory, because strangers ask too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

from fc_magic.errors import Problem
from fc_magic.wire import checks
from fc_magic.wire.triggers import Http, Trigger

LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: where the API itself lives on this machine's own hosts: no trigger is asked there
OWN_PATHS = ("/v2", "/2023-03-30", "/fn", "/-")


class Routes:
    """``hosts``: the names under which the server itself is called."""

    def __init__(self, hosts: tuple[str, ...] = LOOPBACK) -> None:
        self.hosts = hosts
        self._by_host: dict[str, dict[str, tuple[str, Http]]] = {}

    def put(self, function: str, triggers: Iterable[Trigger]) -> None:
        """From now on ``function`` answers at the addresses of these triggers, and at no other."""
        self.drop(function)
        for trigger in triggers:
            if isinstance(trigger, Http) and trigger.url:
                host, path = _address(trigger.url)
                self._by_host.setdefault(host, {})[path] = function, trigger

    def drop(self, function: str) -> None:
        for host, paths in list(self._by_host.items()):
            left = {path: owner for path, owner in paths.items() if owner[0] != function}
            if left:
                self._by_host[host] = left
            else:
                del self._by_host[host]

    def has(self, host: str) -> bool:
        return host in self._by_host

    def find(self, host: str, path: str) -> tuple[str, Http] | None:
        """The function and its trigger that answer here; the very path wins, else the longest."""
        if host in self.hosts and is_own(path):
            return None
        paths = self._by_host.get(host, {})
        found = [own for own in paths if _covers(own, path)]
        return paths[max(found, key=lambda own: (own == path, len(own)))] if found else None

    def problems(self, function: str, triggers: Mapping[int, Trigger]) -> list[Problem]:
        """Addresses that ``function`` cannot have, by the place of their trigger. May run in a thread."""
        asked = [(n, *_address(t.url)) for n, t in triggers.items() if isinstance(t, Http) and t.url]
        wrong = ((n, self._refusal(function, host, path)) for n, host, path in asked)
        return [
            checks.problem(f"triggers.{n}", what, hint="another host or path") for n, what in wrong if what
        ]

    def _refusal(self, function: str, host: str, path: str) -> str:
        if host in self.hosts and is_own(path):
            return f"url {host}{path} belongs to the API of this Function Compute"
        owner, _ = self._by_host.get(host, {}).get(path, (function, None))
        return f"url {host}{path} already leads to {owner}" if owner != function else ""


def is_own(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in OWN_PATHS)


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), unquote(parts.path) or "/"


def _covers(own: str, path: str) -> bool:
    """Whether a trigger's path takes this one: itself, or what is below it for ``/`` and ``…/*``."""
    if own.endswith("/*"):
        return path.startswith(own[:-1]) or path == own[:-2]
    if own.endswith("*"):
        return path.startswith(own[:-1])
    return own == "/" or path.rstrip("/") == own.rstrip("/")
