"""Hears FC 3.0's own API about asynchronous tasks: get, list, stop."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.tasks import Wanted
from fc_magic.wire import fc3, tasks
from fc_magic.wire.wording import clipped

#: of ListAsyncTasks
DEFAULT_LIMIT = "20"
_MOMENT = re.compile(r"[0-9]{1,15}")
_ORDERS = {"": True, "desc": True, "asc": False}
_TRUTH = {"": False, "false": False, "true": True, "0": False, "1": True}
_POSITION = re.compile(r"([0-9]{1,15})/([0-9]{1,15})")


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Tasks(engine)
    every = fc3.functions_path() + "/{name}/async-tasks"
    return [
        http.route(every, http.signed(api.list, verifier), methods=["GET"]),
        http.route(every + "/{task}", http.signed(api.get, verifier), methods=["GET"]),
        http.route(every + "/{task}/stop", http.signed(api.stop, verifier), methods=["PUT"]),
    ]


class _Tasks:
    def __init__(self, engine: Engine) -> None:
        self._asyncs = engine.asyncs

    async def get(self, request: Request) -> Response:
        return http.answer(tasks.encode(self._asyncs.task(*_one(request))))

    async def stop(self, request: Request) -> Response:
        self._asyncs.stop(*_one(request))
        return http.empty()

    async def list(self, request: Request) -> Response:
        found, after = self._asyncs.tasks(request.path_params["name"], _wanted(request))
        answer: dict[str, Any] = {"tasks": [tasks.encode(task) for task in found]}
        if after:
            answer["nextToken"] = http.name_token("{}/{}".format(*after))
        return http.answer(answer)


def _one(request: Request) -> tuple[str, str, str]:
    path = request.path_params
    return path["name"], path["task"], request.query_params.get("qualifier", "")


def _wanted(request: Request) -> Wanted:
    query = request.query_params
    status = query.get("status", "")
    if status and status not in tasks.STATUSES:
        raise InvalidArgument(f"status is {clipped(status)!r}; allowed are {', '.join(tasks.STATUSES)}")
    return Wanted(
        qualifier=query.get("qualifier", ""),
        prefix=query.get("prefix", ""),
        status=status,
        since=_moment(query.get("startedTimeBegin", ""), "startedTimeBegin"),
        until=_moment(query.get("startedTimeEnd", ""), "startedTimeEnd"),
        newest_first=_choice(query.get("sortOrderByTime", ""), "sortOrderByTime", _ORDERS),
        with_payload=_choice(query.get("includePayload", ""), "includePayload", _TRUTH),
        after=_after(query.get("nextToken", "")),
        limit=http.page_limit(request, default=DEFAULT_LIMIT),
    )


def _moment(text: str, name: str) -> int:
    if not text:
        return 0
    if not _MOMENT.fullmatch(text):
        raise InvalidArgument(f"{name} is {clipped(text)!r}, not milliseconds since 1970")
    return int(text)


def _choice(text: str, name: str, choices: dict[str, bool]) -> bool:
    if text.lower() not in choices:
        raise InvalidArgument(f"{name} is {clipped(text)!r}; allowed are {', '.join(filter(None, choices))}")
    return choices[text.lower()]


def _after(token: str) -> tuple[int, int] | None:
    if not token:
        return None
    found = _POSITION.fullmatch(http.token_name(token))
    if not found:
        raise InvalidArgument("nextToken is not one of this server")
    return int(found[1]), int(found[2])
