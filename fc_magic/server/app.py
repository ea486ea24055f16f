"""Builds the parts and joins them; the only place that knows all of them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import logging
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from fc_magic.errors import AccessDenied, InvalidArgument, PathNotSupported, ResourceThrottled
from fc_magic.server import callers, http, keys, v2
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.express import Express
from fc_magic.server.fc3 import functions
from fc_magic.server.gateway.front import Gateway
from fc_magic.server.grants import Grants
from fc_magic.server.identity import Identity
from fc_magic.server.leases import Leases
from fc_magic.server.links import Links
from fc_magic.server.logs import Logs
from fc_magic.server.objects.late import Late
from fc_magic.server.routes import LOOPBACK, Routes
from fc_magic.server.stats import Statistics
from fc_magic.server.store import Store
from fc_magic.server.triggers.asynchronous import Dispatcher
from fc_magic.server.triggers.oss import ObjectEvents
from fc_magic.server.triggers.timer import Timers
from fc_magic.server.worker import idle
from fc_magic.server.worker.pool import Limits, Pool
from fc_magic.wire import fc3, region_names
from fc_magic.wire.wording import clipped

log = logging.getLogger("fc_magic.server")

#: after a failure of what runs beside the requests
PAUSE_S = 5.0
#: between two looks for idle instances, however soon they are to end
LOOK_S = 0.1


@dataclass
class Parts:
    """A built Function Compute: ``app`` and ``objects`` to serve, and what its surroundings ask about."""

    app: ASGIApp
    engine: Engine
    leases: Leases
    routes: Callable[[], tuple[Route, ...]]
    objects: ASGIApp
    express: Express
    #: what goes on beside the requests, for as long as it is entered
    beside: Callable[[], contextlib.AbstractAsyncContextManager[None]]


def build(
    folder: Path,
    own: keys.Keys,
    more_keys: Mapping[str, str],
    identity: Identity,
    base_url: Callable[[], str],
    hosts: tuple[str, ...] = LOOPBACK,
    limits: Limits | None = None,
    since: float = 0.0,
    database: sqlite3.Connection | None = None,
) -> Parts:
    """Everything for one data folder. ``base_url`` is asked when an answer names a URL, not before. ``since``: nobody
    signed for this server before. ``database``: the store's, if it was opened already."""
    store = Store(folder, database)
    accepted = own.accepted(more_keys)
    grants, links = Grants(), Links()
    objects = Late(folder, accepted, identity, (*hosts, *region_names.object_hosts(identity.region)), grants)
    # a client that was pointed here by a proxy still names its region
    hosts = (*hosts, *region_names.api_hosts(identity.region, identity.account_id))
    logs = Logs(Statistics(store.tallies))
    engine = Engine(store, Pool(limits or Limits()), logs, identity, base_url, hosts, objects)
    leases = Leases()
    verifier = Verifier(accepted, since=since)
    gateway = Gateway(engine, verifier)
    by_host = http.answering(gateway.by_host)
    rest = _Rest(engine.routes, by_host)
    seldom = _Seldom(rest, engine, verifier, objects, grants, links)
    routes = [
        *functions.routes(engine, verifier),  # invoking is asked for most, so it is looked up first
        *v2.routes(engine, verifier),
        *gateway.routes(),
        Route("/-/health", _Health(engine).answer, methods=["GET"]),
        Route("/-/run", http.signed(_Run(engine).answer, verifier, http.MAX_DEPLOYMENT), methods=["POST"]),
        Route("/-/kernels", http.signed(_Kernels(leases).take, verifier), methods=["POST"]),
        Route("/{path:path}", seldom),
    ]
    # the catch-all must not turn /x into a redirect to /x/: signatures cover the path
    router = Router(routes, redirect_slashes=False, default=rest)
    door = Door(router, by_host, engine.routes)

    def all_routes() -> tuple[Route, ...]:
        return (*routes, *seldom.routes)

    express, beside = Express(engine, verifier), functools.partial(_beside, engine, objects)
    return Parts(door, engine, leases, all_routes, objects, express, beside)


@contextlib.asynccontextmanager
async def _beside(engine: Engine, objects: Late) -> AsyncIterator[None]:
    objects.notify = ObjectEvents(engine).hear
    works = {
        "asynchronous calls": Dispatcher(engine).run,
        "timers": Timers(engine).run,
        "instances that are kept warm": engine.provisions.run,
        "statistics": engine.logs.stats.keep,
        "idle instances": lambda: _reclaim(engine.pool),
        "memory of idle instances": lambda: idle.watch(engine.pool),
    }
    running = [asyncio.create_task(kept_up(what, work)) for what, work in works.items()]
    try:
        yield
    finally:
        engine.closing = True
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await engine.stop()
        await objects.close()


async def kept_up(what: str, work: Callable[[], Awaitable[None]], pause_s: float = PAUSE_S) -> None:
    """Work that never ends: if it fails, the log says so and it begins anew. Nobody waits for it who would notice."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s: failed, and go on in %g s", what, pause_s)
        await asyncio.sleep(pause_s)


async def _reclaim(pool: Pool) -> None:
    while True:
        await asyncio.sleep(max(min(pool.reclaim(), pool.limits.idle_s / 2), LOOK_S))


class Door:
    """Who may come in at all: requests that name this machine, or a host that a trigger answers at.

    A web page that resolves its own name to 127.0.0.1 is neither.
    """

    def __init__(self, inside: ASGIApp, by_host: http.Endpoint, routes: Routes) -> None:
        self._inside, self._by_host, self._routes = inside, by_host, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        host = http.host_name(scope)
        if host in self._routes.hosts:
            await self._inside(_with_slashes_kept(scope), receive, send)
            return
        request = Request(scope, receive)
        if self._routes.has(host):
            response = await self._by_host(request)
        else:
            response = await _foreign(request, host)
        await response(scope, receive, send)


def _with_slashes_kept(scope: Scope) -> Scope:
    """Routes look at the decoded path; a slash within a name must not become one between names."""
    raw = scope["raw_path"]
    if b"%2" not in raw:
        return scope
    kept = re.sub("%2f", "%252F", raw.decode("latin-1"), flags=re.IGNORECASE)
    return {**scope, "path": unquote(kept)}


async def _foreign(request: Request, host: str) -> Response:
    async def refuse(_: Request) -> Response:
        if not host:
            raise InvalidArgument("the header Host is missing")
        raise AccessDenied(
            f"the host {host!r} is not served here", hint="use 127.0.0.1, or the url of an http trigger"
        )

    return await http.answering(refuse)(request)


class _Health:
    """That the server is ready, and what keeps functions apart on this machine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def answer(self, _: Request) -> Response:
        said = {"ready": True, "pid": os.getpid(), "isolation": self._engine.isolation()}
        return http.answer(said)


class _Rest:
    """Any other path, and any other method, of this machine's own hosts: an http trigger's ``url`` may lead here too,
    else it is no call. As an ASGI application, because a route of a function has methods."""

    def __init__(self, routes: Routes, by_host: http.Endpoint) -> None:
        self._routes, self._by_host = routes, by_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = unquote(scope["raw_path"].decode("latin-1"))
        has_trigger = self._routes.find(http.host_name(scope), path)
        endpoint = self._by_host if has_trigger else http.answering(self._refuse)
        response = await endpoint(Request(scope, receive))
        await response(scope, receive, send)

    async def _refuse(self, request: Request) -> Response:
        await http.read_body(request, http.MAX_SMALL)
        what = clipped(f"{request.method} {request.scope['path']}")
        raise PathNotSupported(f"{what} is not a call of this Function Compute")


class _Seldom:
    """The calls that are made seldom, and what is none: who answers them is imported when the first one comes."""

    def __init__(self, rest: ASGIApp, *parts: Any) -> None:
        self._rest, self._parts = rest, parts

    @functools.cached_property
    def routes(self) -> tuple[Route, ...]:
        from fc_magic.server.fc3 import seldom

        return (*seldom.routes(*self._parts), Route("/{path:path}", self._rest))

    @functools.cached_property
    def _router(self) -> Router:
        return Router(self.routes, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._router(scope, receive, send)


class _Run:
    """A deployment that is run once, and leaves nothing. It ends with its caller."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def answer(self, request: Request) -> Response:
        asked = await http.json_of(request)
        if not isinstance(asked, dict):
            raise InvalidArgument("the body is not a JSON object")
        if self._engine.closing:
            raise ResourceThrottled("this Function Compute is stopping")
        try:
            event = base64.b64decode(str(asked.get("event") or "").encode(), validate=True)
        except ValueError:
            raise InvalidArgument("event is not Base64") from None
        call = self._engine.once.run(asked.get("deployment") or {}, event, request.state.request_id)
        invocation = await callers.while_there(request.receive, call)
        return Response(invocation.payload, headers=fc3.encode_invocation(invocation, True))


class _Kernels:
    """A kernel says that it uses this server; the server ends some time after the last one did."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases

    async def take(self, request: Request) -> Response:
        body = http.json_body(request)
        pid = body.get("pid") if isinstance(body, dict) else None
        if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 0:
            raise InvalidArgument("pid is not a process id")
        self._leases.take(pid)
        return http.empty()
