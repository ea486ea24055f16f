"""Hears FC 3.0's own API, version 2023-03-30: invoke, get, update, list, delete, instances."""

from __future__ import annotations

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
from fc_magic.server.facts import Wanted
from fc_magic.server.invocations import Invocations
from fc_magic.wire import fc3, functions, tags
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


#: UNCONFIRMED: a function goes with its triggers, versions and aliases. False: they are to be removed before
DEPENDANTS_GO_TOO = True


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
        wanted, limit = _wanted(query), http.page_limit(request)
        if query.get("fcVersion") not in (None, "", "v3"):
            return http.answer({"functions": []})  # of the older generation there is none here
        page = self.engine.list(query.get("prefix", ""), after, limit, wanted)
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
        if not DEPENDANTS_GO_TOO:
            self.engine.beside.check_empty(name)
        try:
            await self.engine.delete(name)
        except DeploymentNotFound:
            raise _missing(name) from None
        return http.empty()


def _wanted(query: Mapping[str, str]) -> Wanted:
    """What ListFunctions can be narrowed by, beside the prefix."""
    return Wanted(
        name=query.get("functionName", ""),
        description=query.get("description", ""),
        runtime=query.get("runtime", ""),
        gpu=query.get("gpuType", ""),
        group=query.get("resourceGroupId", ""),
        tags=tags.filters("tags", query.get("tags", "")),
    )


def _instance_filter(query: Mapping[str, str]) -> Callable[[Mapping[str, Any]], bool]:
    """What ListInstances can be narrowed by. Those that ended are not kept, so there is never one of them."""
    ids, statuses = (tags.texts(name, query.get(name, "")) for name in ("instanceIds", "instanceStatus"))
    strange = [status for status in statuses or () if status not in fc3.STATUSES]
    if strange:
        allowed = ", ".join(fc3.STATUSES)
        raise InvalidArgument(f"instanceStatus is {clipped(strange[0])}; allowed are {allowed}")
    return lambda item: (
        (not ids or item["instanceId"] in ids) and (not statuses or item["status"] in statuses)
    )


def _missing(name: str) -> FunctionNotFound:
    return FunctionNotFound(f"function '{name}' does not exist")
