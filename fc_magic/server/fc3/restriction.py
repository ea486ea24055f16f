"""Hears FC 3.0's own API about whether a function may be invoked: DisableFunctionInvocation, and Enable…"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3

#: UNCONFIRMED: of the reason
MAX_REASON = 256


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api, one = _Restriction(engine), f"{fc3.functions_path()}/{{name}}/invoke"
    return [
        http.route(f"{one}/disable", http.signed(api.disable, verifier), methods=["POST"]),
        http.route(f"{one}/enable", http.signed(api.enable, verifier), methods=["POST"]),
    ]


class _Restriction:
    def __init__(self, engine: Engine) -> None:
        self._beside = engine.beside

    async def disable(self, request: Request) -> Response:
        body = http.json_object(request) if request.state.body else {}
        reason, abort = body.get("reason") or "", body.get("abortOngoingRequest") or False
        if not isinstance(reason, str) or len(reason) > MAX_REASON:
            raise InvalidArgument(f"reason is not a text of at most {MAX_REASON} characters")
        if not isinstance(abort, bool):
            raise InvalidArgument("abortOngoingRequest is neither true nor false")
        self._beside.restrict(request.path_params["name"], True, reason, abort)
        return http.answer({"success": True})

    async def enable(self, request: Request) -> Response:
        self._beside.restrict(request.path_params["name"], False)
        return http.answer({"success": True})
