"""Hears FC 3.0's own API about how asynchronous calls are treated: put, get, list, delete."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import async_config, fc3


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Configs(engine)
    one = fc3.functions_path() + "/{name}/async-invoke-config"
    return [
        http.route(one, http.signed(api.put, verifier), methods=["PUT"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
        http.route(async_config.path(), http.signed(api.list, verifier), methods=["GET"]),
    ]


class _Configs:
    def __init__(self, engine: Engine) -> None:
        self._engine, self._asyncs = engine, engine.asyncs

    async def put(self, request: Request) -> Response:
        name, qualifier = _of(request)
        config = self._asyncs.put_config(name, qualifier, http.json_body(request))
        answer = self._asyncs.encode(name, qualifier, config)
        if warnings := self._asyncs.warnings(name, config):
            answer["warnings"] = warnings
        return http.answer(answer)

    async def get(self, request: Request) -> Response:
        name, qualifier = _of(request)
        return http.answer(self._asyncs.encode(name, qualifier, self._asyncs.get_config(name, qualifier)))

    async def delete(self, request: Request) -> Response:
        self._asyncs.delete_config(*_of(request))
        return http.empty()

    async def list(self, request: Request) -> Response:
        query, limit = request.query_params, http.page_limit(request)
        name = query.get("functionName", "")
        if name:
            self._engine.current(name)
        found = list(self._asyncs.configs(name, _after(query.get("nextToken", "")), limit + 1))
        page = found[:limit]
        answer: dict[str, object] = {"configs": [self._asyncs.encode(*item) for item in page]}
        if len(found) > limit:
            answer["nextToken"] = http.name_token("/".join(page[-1][:2]))
        return http.answer(answer)


def _of(request: Request) -> tuple[str, str]:
    return request.path_params["name"], request.query_params.get("qualifier", "")


def _after(token: str) -> tuple[str, str]:
    if not token:
        return "", ""
    name, slash, qualifier = http.token_name(token).partition("/")
    if not slash:
        raise InvalidArgument("nextToken is not one of this server")
    return name, qualifier
