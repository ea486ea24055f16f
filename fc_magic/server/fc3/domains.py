"""Hears FC 3.0's own API about custom domains: create, get, update, list, delete."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.domains import notes
from fc_magic.server.engine import Engine
from fc_magic.wire import domains
from fc_magic.wire.domains import Domain


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Domains(engine)
    every, one = domains.path(), domains.path() + "/{name}"
    return [
        http.route(every, http.signed(api.create, verifier), methods=["POST"]),
        http.route(every, http.signed(api.list, verifier), methods=["GET"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.update, verifier), methods=["PUT"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
    ]


class _Domains:
    def __init__(self, engine: Engine) -> None:
        self._domains, self._account_id = engine.domains, engine.identity.account_id

    async def create(self, request: Request) -> Response:
        return self._answer(await self._domains.create(domains.read(http.json_body(request))))

    async def get(self, request: Request) -> Response:
        return self._answer(self._domains.get(request.path_params["name"]))

    async def update(self, request: Request) -> Response:
        body = http.json_body(request)
        name = request.path_params["name"]
        return self._answer(await self._domains.update(name, lambda old: domains.read_update(body, old)))

    async def list(self, request: Request) -> Response:
        query = request.query_params
        after, limit = http.token_name(query.get("nextToken", "")), http.page_limit(request)
        found, last = self._domains.page(query.get("prefix", ""), after, limit)
        answer: dict[str, Any] = {"customDomains": [self._encoded(domain) for domain in found]}
        return http.answer({**answer, "nextToken": http.name_token(last)} if last else answer)

    async def delete(self, request: Request) -> Response:
        await self._domains.delete(request.path_params["name"])
        return http.empty()

    def _encoded(self, domain: Domain) -> dict[str, Any]:
        return domains.encode(domain, self._account_id, notes(domain))

    def _answer(self, domain: Domain) -> Response:
        return http.answer(self._encoded(domain))
