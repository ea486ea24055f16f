"""Hears the one-call API: ``/v2/{region_id}/deployments``; beside it, the log of a function."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import checks, v2
from fc_magic.wire.logs import Query
from fc_magic.wire.results import Function
from fc_magic.wire.spec import Deployment
from fc_magic.wire.wording import clipped


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Deployments(engine)
    base, one = "/v2/{region}/deployments", "/v2/{region}/deployments/{name}"
    limit = http.MAX_DEPLOYMENT
    return [
        http.route(base, http.signed(api.create, verifier, limit), methods=["POST"]),
        http.route(base, http.signed(api.list, verifier), methods=["GET"]),
        http.route(one, http.signed(api.update, verifier, limit), methods=["PUT"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
        http.route(one + "/logs", http.signed(api.logs, verifier), methods=["GET"]),
    ]


class _Deployments:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def create(self, request: Request) -> Response:
        body = await self._body(request)
        deployment, warnings = await asyncio.to_thread(self.engine.decode, body)
        return self._answer(request, await self.engine.create(deployment, warnings), 201)

    async def update(self, request: Request) -> Response:
        body, name = await self._body(request), request.path_params["name"]
        # made by FC 3.0's API it may have no role: what is shown of it can be sent back
        needs_role = bool(self.engine.get(name).role)
        deployment, warnings = await asyncio.to_thread(self._decode_named, body, name, needs_role)
        return self._answer(request, await self.engine.update(deployment, warnings))

    def _decode_named(self, body: Any, name: str, needs_role: bool) -> tuple[Deployment, list[str]]:
        """A body whose name is the one in the path, or not said. A name that differs is one more wrong field."""
        if not isinstance(body, dict) or body.get("name") in (None, name):
            body = body if not isinstance(body, dict) else {**body, "name": name}
            return self.engine.decode(body, needs_role=needs_role)
        what = f"differs from {clipped(name)}, the name in the path: a name cannot change"
        wrong = checks.problem("name", what, body["name"], hint=name)
        return self.engine.decode({**body, "name": name}, [wrong], needs_role)

    async def get(self, request: Request) -> Response:
        self._region(request)
        return self._answer(request, self.engine.get(request.path_params["name"]))

    async def list(self, request: Request) -> Response:
        self._region(request)
        query = request.query_params
        after = http.token_name(query.get("nextToken", ""))
        page = self.engine.list(query.get("prefix", ""), after, http.page_limit(request))
        answer: dict[str, Any] = {"deployments": [v2.encode_function(f.public()) for f in page.functions]}
        answer["requestId"] = request.state.request_id
        if page.unreadable:
            why = "is left out: what is stored of it can no longer be read; delete it and deploy it again"
            answer["warnings"] = [f"{name} {why}" for name in page.unreadable]
        if page.after:
            answer["nextToken"] = http.name_token(page.after)
        return http.answer(answer)

    async def delete(self, request: Request) -> Response:
        self._region(request)
        await self.engine.delete(request.path_params["name"])
        return http.empty()

    async def logs(self, request: Request) -> Response:
        self._region(request)
        try:
            query = Query.read(request.query_params)
        except ValueError as error:
            raise InvalidArgument(str(error)) from None
        log = self.engine.log(request.path_params["name"], query)
        if query.wait_s and not log.requests:
            await self.engine.logs.changed(log.function, query.after, query.wait_s)
            log = self.engine.log(log.function, query)
        return http.answer(v2.encode_log(log))

    async def _body(self, request: Request) -> Any:
        self._region(request)
        return await http.json_of(request)

    def _region(self, request: Request) -> None:
        region, own = request.path_params["region"], self.engine.identity.region
        if region != own:
            raise InvalidArgument(
                f"this Function Compute is region {own}, not {region}",
                hint=f"use {own}, or start another one with fc-magic serve --region {region} --data DIR",
            )

    def _answer(self, request: Request, function: Function, status: int = 200) -> Response:
        named = dataclasses.replace(function, request_id=request.state.request_id)
        return http.answer(v2.encode_function(named.public()), status)
