"""Hears FC 3.0's own API, version 2023-03-30: invoke, get, list, delete."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import DeploymentNotFound, FcError, FunctionNotFound, InvalidArgument, NotSupported
from fc_magic.server import callers, http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Functions(engine)
    base, one = fc3.functions_path(), fc3.functions_path() + "/{name}"
    return [
        Route(one + "/invocations", http.signed(api.invoke, verifier, http.MAX_EVENT), methods=["POST"]),
        Route(base, http.signed(api.list, verifier), methods=["GET"]),
        Route(one, http.signed(api.get, verifier), methods=["GET"]),
        Route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
    ]


class _Functions:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def invoke(self, request: Request) -> Response:
        headers, name = request.headers, request.path_params["name"]
        kind = headers.get("x-fc-invocation-type", "Sync")
        self._latest(request, name)
        if kind.lower() != "sync":
            text = f"x-fc-invocation-type {kind} is not served by the embedded Function Compute"
            raise NotSupported(text, hint="leave the header out, or send Sync")
        call = self.engine.invoke(name, request.state.body, "invoke", request.state.request_id)
        invocation = await callers.while_there(request, call)
        with_log = headers.get("x-fc-log-type", "None").lower() == "tail"
        return Response(
            invocation.payload,
            200,
            fc3.encode_invocation(invocation, with_log),
            media_type="application/json" if invocation.error_type else "application/octet-stream",
        )

    async def get(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._latest(request, name)
        try:
            return http.answer(fc3.encode_function(self.engine.get(name)))
        except DeploymentNotFound as error:
            raise _in_fc_words(error, name) from None

    async def list(self, request: Request) -> Response:
        query = request.query_params
        after = http.token_name(query.get("nextToken", ""))
        page, more = self.engine.list(query.get("prefix", ""), after, http.page_limit(request))
        answer: dict[str, Any] = {"functions": [fc3.encode_function(f, listed=True) for f in page]}
        if more:
            answer["nextToken"] = http.name_token(more)
        return http.answer(answer)

    async def delete(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            await self.engine.delete(name)
        except DeploymentNotFound as error:
            raise _in_fc_words(error, name) from None
        return http.empty()

    def _latest(self, request: Request, name: str) -> None:
        qualifier = request.query_params.get("qualifier") or "LATEST"
        if qualifier != "LATEST":
            self.engine.current(name)
            raise InvalidArgument(
                f"the embedded Function Compute serves LATEST only, not qualifier {qualifier!r}"
            )


def _in_fc_words(error: FcError, name: str) -> FcError:
    return FunctionNotFound(f"function '{name}' does not exist")
