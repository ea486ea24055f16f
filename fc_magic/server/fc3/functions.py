"""Hears FC 3.0's own API, version 2023-03-30: invoke, get, update, list, delete, instances."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import (
    DeploymentNotFound,
    FunctionNotFound,
    InvalidArgument,
    NotSupported,
)
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.invocations import Invocations
from fc_magic.wire import fc3, functions
from fc_magic.wire.results import Function
from fc_magic.wire.wording import clipped


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Functions(engine)
    base, one = fc3.functions_path(), fc3.functions_path() + "/{name}"
    return [
        Route(one + "/invocations", Invocations(engine, verifier), methods=["POST"]),
        http.route(base, http.signed(api.create, verifier, http.MAX_DEPLOYMENT), methods=["POST"]),
        http.route(base, http.signed(api.list, verifier), methods=["GET"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.update, verifier, http.MAX_DEPLOYMENT), methods=["PUT"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
        http.route(one + "/instances", http.signed(api.instances, verifier), methods=["GET"]),
    ]


class _Functions:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def create(self, request: Request) -> Response:
        body = await http.json_of(request)
        try:
            return http.answer(fc3.encode_function(await self.engine.define(body)))
        except (InvalidArgument, NotSupported) as error:
            name = body.get("functionName") if isinstance(body, dict) else None
            raise functions.in_words(error, name if isinstance(name, str) else "", "created") from None

    async def get(self, request: Request) -> Response:
        name, qualifier = request.path_params["name"], request.query_params.get("qualifier", "")
        try:
            return http.answer(fc3.encode_function(self.engine.get(name, qualifier)))
        except DeploymentNotFound:
            raise _missing(name) from None

    async def list(self, request: Request) -> Response:
        query = request.query_params
        after = http.token_name(query.get("nextToken", ""))
        wanted = _filter(query)
        page = self.engine.list(query.get("prefix", ""), after, http.page_limit(request), wanted)
        answer: dict[str, Any] = {"functions": [fc3.encode_function(f, listed=True) for f in page.functions]}
        if page.after:
            answer["nextToken"] = http.name_token(page.after)
        return http.answer(answer)

    async def update(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            body = await http.json_of(request)
            return http.answer(fc3.encode_function(await self.engine.change(name, body)))
        except (InvalidArgument, NotSupported) as error:
            raise functions.in_words(error, name, "updated") from None
        except DeploymentNotFound:
            raise _missing(name) from None

    async def instances(self, request: Request) -> Response:
        name, query = request.path_params["name"], request.query_params
        wanted = _instance_filter(query)
        try:
            every = self.engine.instances(name, query.get("qualifier", ""))
            found = [item for item in map(fc3.encode_instance, every) if wanted(item)]
        except DeploymentNotFound:
            raise _missing(name) from None
        return http.answer(
            {"instances": found[: http.page_limit(request)], "requestId": request.state.request_id}
        )

    async def delete(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            await self.engine.delete(name)
        except DeploymentNotFound:
            raise _missing(name) from None
        return http.empty()


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


def _instance_filter(query: Mapping[str, str]) -> Callable[[Mapping[str, Any]], bool]:
    """What ListInstances can be narrowed by. Those that ended are not kept, so there is never one of them."""
    ids, statuses = _names(query, "instanceIds"), _names(query, "instanceStatus")
    strange = [status for status in statuses or () if status not in fc3.STATUSES]
    if strange:
        allowed = ", ".join(fc3.STATUSES)
        raise InvalidArgument(f"instanceStatus is {clipped(strange[0])}; allowed are {allowed}")
    return lambda item: (
        (not ids or item["instanceId"] in ids) and (not statuses or item["status"] in statuses)
    )


def _names(query: Mapping[str, str], name: str) -> list[str]:
    try:
        found = json.loads(query.get(name) or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise InvalidArgument(f'{name} is not a list of texts as JSON, such as ["a", "b"]')
    return found


def _missing(name: str) -> FunctionNotFound:
    return FunctionNotFound(f"function '{name}' does not exist")
