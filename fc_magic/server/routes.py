"""Which function answers at a host and path, in memory, because strangers ask too.

A route is put here for the ``url`` of an http trigger, or for a custom domain. At the host of a domain only that
leads; the urls there are among its routes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fc_magic.wire.rewrite import Rewrite
from fc_magic.wire.triggers import Http, Trigger, address

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
            yield Route(*address(trigger.url), function, trigger)


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
        # the urls of triggers, by the path of each host, and by their function
        self._by_host: dict[str, dict[str, Route]] = {}
        self._urls: dict[str, tuple[Route, ...]] = {}
        # a domain without routes is one too; by function, the hosts of domains that lead to it
        self._domains: dict[str, tuple[Route, ...]] = {}
        self._led: dict[str, set[str]] = {}

    # ------------------------------------------------------------ urls of triggers

    def put(self, function: str, routes: Iterable[Route]) -> None:
        """From now on the triggers of ``function`` have these urls, and no other."""
        self.drop(function)
        self._urls[function] = tuple(routes)
        for route in self._urls[function]:
            self._by_host.setdefault(route.host, {})[route.path] = route

    def drop(self, function: str) -> None:
        for route in self._urls.pop(function, ()):
            there = self._by_host.get(route.host, {})
            if route.path in there and there[route.path].function == function:
                del there[route.path]
            if not there:
                self._by_host.pop(route.host, None)

    def urls_of(self, function: str) -> tuple[Route, ...]:
        return self._urls.get(function, ())

    def urls_at(self, host: str) -> tuple[Route, ...]:
        return tuple(self._by_host.get(host, {}).values())

    def url_hosts(self) -> Iterable[str]:
        return self._by_host.keys()

    # ------------------------------------------------------------ custom domains

    def put_domain(self, host: str, routes: Iterable[Route]) -> None:
        """From now on the custom domain ``host`` has these routes, and no other."""
        self.drop_domain(host)
        self._domains[host] = tuple(routes)
        for route in self._domains[host]:
            self._led.setdefault(route.function, set()).add(host)

    def drop_domain(self, host: str) -> None:
        for route in self._domains.pop(host, ()):
            self._led.get(route.function, set()).discard(host)

    def of_domains(self, function: str) -> list[Route]:
        """The routes of custom domains that lead to a function."""
        hosts = sorted(self._led.get(function, ()))
        return [route for host in hosts for route in self._domains[host] if route.function == function]

    def problem_of_domain(self, host: str) -> str:
        """Why no custom domain can have this name; nothing if one can."""
        return "is the host of this Function Compute itself" if host in self.hosts else ""

    # ------------------------------------------------------------ both

    def has(self, host: str) -> bool:
        return any(name in self._by_host or name in self._domains for name in _names(host))

    def find(self, host: str, path: str) -> Route | None:
        """The route that answers here: of the very host before ``*.``; the very path wins, else the longest."""
        if host in self.hosts and is_own(path):
            return None
        for name in _names(host):
            domain = self._domains.get(name)
            there = self._by_host.get(name, {}).values() if domain is None else domain
            fit = [route for route in there if route.covers(path)]
            if fit:
                return max(fit, key=lambda route: (route.path == path, len(route.path)))
            if domain is not None:
                return None  # the domain that answers here does not lead there
        return None

    def refusal(self, asked: Route) -> str:
        """Why a function cannot have this url, where there is no custom domain; nothing if it can."""
        where = f"url {asked.host}{asked.path}"
        if asked.host in self.hosts and is_own(asked.path):
            return f"{where} belongs to the API of this Function Compute"
        found = self._by_host.get(asked.host, {}).get(asked.path)
        return (
            f"{where} already leads to {found.function}" if found and found.function != asked.function else ""
        )


def is_own(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in OWN_PATHS)


def _names(host: str) -> tuple[str, ...]:
    """As what a host may be in the table."""
    _, dot, rest = host.partition(".")
    return (host, f"*.{rest}") if dot else (host,)
