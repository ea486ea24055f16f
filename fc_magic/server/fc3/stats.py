"""Tells what the calls of a function came to: an extension, FC has its monitoring for that."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import stats, times
from fc_magic.wire.wording import clipped


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    async def answer(request: Request) -> Response:
        since = request.query_params.get("since", "")
        found = engine.stats(request.path_params["name"], _seconds(since) if since else None)
        return http.answer(stats.encode(found))

    return [http.route("/-/stats/{name}", http.signed(answer, verifier), methods=["GET"])]


def _seconds(since: str) -> float:
    try:
        return times.seconds(since)
    except (ValueError, OverflowError):
        what = f"since is {clipped(since)!r}; allowed is a time such as 2026-11-27T10:00:00Z"
        raise InvalidArgument(what) from None
