"""Hears FC 3.0's own API about triggers: create, get, update, list, delete."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3, fc3_triggers


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Triggers(engine)
    every = fc3.functions_path() + "/{name}/triggers"
    one = every + "/{trigger}"
    return [
        http.route(every, http.signed(api.create, verifier), methods=["POST"]),
        http.route(every, http.signed(api.list, verifier), methods=["GET"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.update, verifier), methods=["PUT"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
    ]


class _Triggers:
    def __init__(self, engine: Engine) -> None:
        self._triggers = engine.triggers

    async def create(self, request: Request) -> Response:
        asked = fc3_triggers.read(http.json_body(request))
        made = await self._triggers.create(request.path_params["name"], asked)
        return http.answer(fc3_triggers.encode(made))

    async def get(self, request: Request) -> Response:
        return http.answer(fc3_triggers.encode(self._triggers.get(*_place(request))))

    async def update(self, request: Request) -> Response:
        body = http.json_body(request)
        made = await self._triggers.update(*_place(request), lambda old: fc3_triggers.read_update(body, old))
        return http.answer(fc3_triggers.encode(made))

    async def list(self, request: Request) -> Response:
        query = request.query_params
        after, limit = http.token_name(query.get("nextToken", "")), http.page_limit(request)
        found, last = self._triggers.page(request.path_params["name"], query.get("prefix", ""), after, limit)
        answer: dict[str, Any] = {"triggers": [fc3_triggers.encode(attached) for attached in found]}
        return http.answer({**answer, "nextToken": http.name_token(last)} if last else answer)

    async def delete(self, request: Request) -> Response:
        await self._triggers.delete(*_place(request))
        return http.empty()


def _place(request: Request) -> tuple[str, str]:
    return request.path_params["name"], request.path_params["trigger"]
