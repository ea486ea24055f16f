"""Hears FC 3.0's own API about versions: publish, list, delete."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3, versions
from fc_magic.wire.wording import clipped

#: as ListFunctionVersions has it -> whether the newest comes first. UNCONFIRMED: which is the default
DIRECTIONS = {"": True, "BACKWARD": True, "FORWARD": False}


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Versions(engine)
    every = fc3.functions_path() + "/{name}/versions"
    return [
        http.route(every, http.signed(api.publish, verifier), methods=["POST"]),
        http.route(every, http.signed(api.list, verifier), methods=["GET"]),
        http.route(every + "/{version}", http.signed(api.delete, verifier), methods=["DELETE"]),
    ]


class _Versions:
    def __init__(self, engine: Engine) -> None:
        self._versions = engine.versions

    async def publish(self, request: Request) -> Response:
        description = versions.read(http.json_body(request) if request.state.body else None)
        version = await self._versions.publish(request.path_params["name"], description)
        return http.answer(versions.encode(version))

    async def list(self, request: Request) -> Response:
        query = request.query_params
        direction = query.get("direction", "")
        if direction not in DIRECTIONS:
            allowed = " or ".join(filter(None, DIRECTIONS))
            raise InvalidArgument(f"direction is {clipped(direction)}; allowed is {allowed}")
        after = _after(query.get("nextToken", ""))
        found, last = self._versions.list(
            request.path_params["name"], after, http.page_limit(request), DIRECTIONS[direction]
        )
        answer: dict[str, Any] = {
            "versions": [versions.encode(version) for version in found],
            "direction": direction or "BACKWARD",
        }
        return http.answer({**answer, "nextToken": http.name_token(str(last))} if last else answer)

    async def delete(self, request: Request) -> Response:
        await self._versions.delete(request.path_params["name"], request.path_params["version"])
        return http.empty()


def _after(token: str) -> int:
    text = http.token_name(token)
    if text and not versions.ID.fullmatch(text):
        raise InvalidArgument("nextToken is not one of this server")
    return int(text or 0)
