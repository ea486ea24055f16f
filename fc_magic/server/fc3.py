"""Hears FC 3.0's own API, version 2023-03-30: invoke, get, list, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import (
    AliasNotFound,
    DeploymentNotFound,
    FcError,
    FunctionNotFound,
    NotSupported,
    VersionNotFound,
)
from fc_magic.server import callers, http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3
from fc_magic.wire.results import Function
from fc_magic.wire.wording import clipped


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
        wanted = _filter(query)
        page = self.engine.list(query.get("prefix", ""), after, http.page_limit(request), wanted)
        answer: dict[str, Any] = {"functions": [fc3.encode_function(f, listed=True) for f in page.functions]}
        if page.after:
            answer["nextToken"] = http.name_token(page.after)
        return http.answer(answer)

    async def delete(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            await self.engine.delete(name)
        except DeploymentNotFound as error:
            raise _in_fc_words(error, name) from None
        return http.empty()

    def _latest(self, request: Request, name: str) -> None:
        """Refuses a qualifier that means anything but what is deployed now."""
        qualifier = request.query_params.get("qualifier") or "LATEST"
        if qualifier == "LATEST" or qualifier == self.engine.current(name).version:
            return
        hint = "leave the qualifier out: LATEST is all there is"
        if qualifier.isdecimal():
            text = f"function '{name}' has no version {clipped(qualifier)}"
            raise VersionNotFound(text, hint=hint)
        raise AliasNotFound(f"function '{name}' has no alias {clipped(qualifier)}", hint=hint)


#: what ListFunctions can be narrowed by, beside the prefix -> whether a function is meant by a value
_FILTERS: dict[str, Callable[[Function, str], bool]] = {
    "functionName": lambda function, value: value == function.name,
    "description": lambda function, value: value in function.description,
    "runtime": lambda function, value: value == function.runtime,
    "fcVersion": lambda function, value: value == "v3",
    # no function here has any
    **dict.fromkeys(("gpuType", "resourceGroupId", "tags"), lambda function, value: False),
}


def _filter(query: Mapping[str, str]) -> Callable[[Function], bool]:
    asked = [(fits, query[name]) for name, fits in _FILTERS.items() if query.get(name)]
    return lambda function: all(fits(function, value) for fits, value in asked)


def _in_fc_words(error: FcError, name: str) -> FcError:
    return FunctionNotFound(f"function '{name}' does not exist")
