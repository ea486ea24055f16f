"""Hears FC 3.0's own API about instances that are kept warm: by provision configs, or by scaling configs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.provision import Key, Status, key_of
from fc_magic.wire import fc3, scaling
from fc_magic.wire.scaling import PROVISION, SCALING

#: kind -> the path of the list of all, and the name of the list in its answer
LISTS = {PROVISION: ("provision-configs", "provisionConfigs"), SCALING: ("scaling-configs", "scalingConfigs")}


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    return [route for kind in LISTS for route in _routes(_Kept(engine, kind), kind, verifier)]


def _routes(api: _Kept, kind: str, verifier: Verifier) -> list[Route]:
    one = fc3.functions_path() + "/{name}/" + kind
    return [
        http.route(one, http.signed(api.put, verifier), methods=["PUT"]),
        http.route(one, http.signed(api.get, verifier), methods=["GET"]),
        http.route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
        http.route(f"/{fc3.VERSION}/{LISTS[kind][0]}", http.signed(api.list, verifier), methods=["GET"]),
    ]


class _Kept:
    def __init__(self, engine: Engine, kind: str) -> None:
        self._kept, self._identity, self._kind = engine.provisions, engine.identity, kind

    async def put(self, request: Request) -> Response:
        key, given = self._key(request), scaling.READ[self._kind](http.json_body(request))
        self._kept.put(key, given)
        answer = self._encoded(key, given)
        notes = list(scaling.notes(given))
        return http.answer({**answer, "warnings": notes} if notes else answer)

    async def get(self, request: Request) -> Response:
        key = self._key(request)
        given = self._kept.get(key)
        # without a config there is an answer, and no functionArn in it
        return http.answer(
            _STATUS[self._kind](Status(0, 0, "")) if given is None else self._encoded(key, given)
        )

    async def delete(self, request: Request) -> Response:
        self._kept.delete(self._key(request))
        return http.empty()

    async def list(self, request: Request) -> Response:
        query = request.query_params
        name, _, qualifier = http.token_name(query.get("nextToken", "")).partition("/")
        found, last = self._kept.list(
            self._kind, query.get("functionName", ""), (name, qualifier), http.page_limit(request)
        )
        answer: dict[str, Any] = {LISTS[self._kind][1]: [self._encoded(*one) for one in found]}
        return http.answer({**answer, "nextToken": http.name_token("/".join(last))} if last[0] else answer)

    def _key(self, request: Request) -> Key:
        return key_of(self._kind, request.path_params["name"], request.query_params.get("qualifier", ""))

    def _encoded(self, key: Key, given: Mapping[str, Any]) -> dict[str, Any]:
        arn = f"{self._identity.function_arn(key.function)}/{key.qualifier}"
        return {"functionArn": arn, **given, **_STATUS[self._kind](self._kept.status(key))}


#: kind -> how the status of a config is spelled
_STATUS: dict[str, Callable[[Status], dict[str, Any]]] = {
    PROVISION: lambda is_: {"target": is_.target, "current": is_.current, "currentError": is_.error},
    SCALING: lambda is_: {
        "targetInstances": is_.target,
        "currentInstances": is_.current,
        "currentError": is_.error,
    },
}
