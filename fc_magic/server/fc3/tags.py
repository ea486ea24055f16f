"""Hears FC 3.0's own API about tags: TagResources, UntagResources, ListTagResources. Names are in Pascal case."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3, tags

PATH = f"/{fc3.VERSION}/tags-v2"


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Tags(engine)
    return [
        http.route(PATH, http.signed(api.tag, verifier), methods=["POST"]),
        http.route(PATH, http.signed(api.untag, verifier), methods=["DELETE"]),
        http.route(PATH, http.signed(api.list, verifier), methods=["GET"]),
    ]


class _Tags:
    def __init__(self, engine: Engine) -> None:
        self._beside, identity = engine.beside, engine.identity
        self._arn = f"acs:fc:{identity.region}:{identity.account_id}:functions/"

    async def tag(self, request: Request) -> Response:
        body = http.json_object(request)
        tags.check_type(body.get("ResourceType"))
        resources = tags.check_resources(body.get("ResourceId"))
        given, wrong = tags.read("Tag", body.get("Tag"))
        if wrong or not given:
            text = "; ".join(map(str, wrong)) or "Tag is empty"
            raise InvalidArgument(f"nothing was tagged: {text}", problems=wrong)
        self._beside.tag(resources, given)
        return http.empty()

    async def untag(self, request: Request) -> Response:
        query = request.query_params
        tags.check_type(query.get("ResourceType"))
        resources = tags.check_resources(tags.texts("ResourceId", query.get("ResourceId", "")))
        keys = tags.texts("TagKey", query.get("TagKey", ""))
        everything = query.get("All", "").lower() == "true"
        if not keys and not everything:
            raise InvalidArgument("TagKey is missing; give the keys to remove, or All=true")
        self._beside.untag(resources, keys or None)
        return http.empty()

    async def list(self, request: Request) -> Response:
        query = request.query_params
        tags.check_type(query.get("ResourceType"))
        resources = tags.check_resources(tags.texts("ResourceId", query.get("ResourceId", "")), 0)
        asked = tags.filters("Tag", query.get("Tag", ""))
        limit = http.page_limit(request, "Limit")
        name, _, key = http.token_name(query.get("NextToken", "")).partition("/")
        found = self._beside.tagged(resources, asked, (name, key), limit + 1)
        rows = list(tags.rows(found[:limit], self._arn))
        answer: dict[str, Any] = {"TagResources": rows, "RequestId": request.state.request_id}
        if len(found) > limit:
            answer["NextToken"] = http.name_token("/".join(found[limit - 1][:2]))
        return http.answer(answer)
