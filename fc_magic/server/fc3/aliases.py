"""Hears FC 3.0's own API about aliases: create, get, update, list, delete."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import aliases, fc3


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Aliases(engine)
    every = fc3.functions_path() + "/{name}/aliases"
    one = every + "/{alias}"
    return [
        http.route(every, http.signed(api.create, verifier), methods=["POST"]),
        http.route(every, http.signed(api.list, verifier), methods=["GET"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.update, verifier), methods=["PUT"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
    ]


class _Aliases:
    def __init__(self, engine: Engine) -> None:
        self._aliases = engine.aliases

    async def create(self, request: Request) -> Response:
        alias = aliases.read(http.json_body(request))
        return http.answer(aliases.encode(await self._aliases.create(request.path_params["name"], alias)))

    async def get(self, request: Request) -> Response:
        return http.answer(aliases.encode(self._aliases.get(*_place(request))))

    async def update(self, request: Request) -> Response:
        body = http.json_body(request)
        alias = await self._aliases.update(*_place(request), lambda old: aliases.changed(old, body))
        return http.answer(aliases.encode(alias))

    async def list(self, request: Request) -> Response:
        query = request.query_params
        after = http.token_name(query.get("nextToken", ""))
        found, last = self._aliases.list(
            request.path_params["name"], query.get("prefix", ""), after, http.page_limit(request)
        )
        answer: dict[str, Any] = {"aliases": [aliases.encode(alias) for alias in found]}
        return http.answer({**answer, "nextToken": http.name_token(last)} if last else answer)

    async def delete(self, request: Request) -> Response:
        await self._aliases.delete(*_place(request))
        return http.empty()


def _place(request: Request) -> tuple[str, str]:
    return request.path_params["name"], request.path_params["alias"]
