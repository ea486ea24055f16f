"""Hears FC 3.0's own API about the limit of instances that a function has."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3, scaling


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Concurrency(engine)
    one = fc3.functions_path() + "/{name}/concurrency"
    return [
        http.route(one, http.signed(api.put, verifier), methods=["PUT"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
        http.route(f"/{fc3.VERSION}/concurrency-configs", http.signed(api.list, verifier), methods=["GET"]),
    ]


class _Concurrency:
    def __init__(self, engine: Engine) -> None:
        self._kept, self._identity = engine.concurrency, engine.identity

    def _encoded(self, name: str, config: dict[str, Any]) -> dict[str, Any]:
        return {"functionArn": self._identity.function_arn(name), **config}

    async def put(self, request: Request) -> Response:
        name, config = request.path_params["name"], scaling.read_concurrency(http.json_body(request))
        return http.answer(self._encoded(name, self._kept.put(name, config)))

    async def get(self, request: Request) -> Response:
        name = request.path_params["name"]
        return http.answer(self._encoded(name, self._kept.get(name)))

    async def delete(self, request: Request) -> Response:
        self._kept.delete(request.path_params["name"])
        return http.empty()

    async def list(self, request: Request) -> Response:
        query = request.query_params
        after = http.token_name(query.get("nextToken", ""))
        found, last = self._kept.list(query.get("functionName", ""), after, http.page_limit(request))
        answer: dict[str, Any] = {"configs": [self._encoded(*one) for one in found]}
        return http.answer({**answer, "nextToken": http.name_token(last)} if last else answer)
