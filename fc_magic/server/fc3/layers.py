"""Hears FC 3.0's own API about layers: publish, get, list, delete, and who may use them."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.links import Links
from fc_magic.wire import fc3, layers
from fc_magic.wire.layers import LayerVersion
from fc_magic.wire.wording import clipped

_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_TRUTH = {"0": False, "1": True, "false": False, "true": True}


def routes(engine: Engine, verifier: Verifier, links: Links) -> list[Route]:
    api = _Layers(engine, links)
    base = layers.path()
    every, one = base + "/{name}/versions", base + "/{name}/versions/{version}"
    return [
        Route(base, http.signed(api.list, verifier), methods=["GET"]),
        Route(every, http.signed(api.create, verifier, http.MAX_DEPLOYMENT), methods=["POST"]),
        Route(every, http.signed(api.versions, verifier), methods=["GET"]),
        Route(one, http.signed(api.get, verifier), methods=["GET"]),
        Route(one, http.signed(api.delete, verifier), methods=["DELETE"]),
        Route(base + "/{name}/acl", http.signed(api.share, verifier), methods=["PUT"]),
        Route(f"/{fc3.VERSION}/layerarn/{{arn:path}}", http.signed(api.by_arn, verifier), methods=["GET"]),
    ]


class _Layers:
    def __init__(self, engine: Engine, links: Links) -> None:
        self._layers, self._base_url, self._links = engine.layers, engine.base_url, links

    async def create(self, request: Request) -> Response:
        name = request.path_params["name"]
        asked = await asyncio.to_thread(lambda: layers.read(name, http.json_body(request)))
        return http.answer(layers.encode(await self._layers.publish(name, asked)))

    async def get(self, request: Request) -> Response:
        return self._whole(self._layers.get(request.path_params["name"], _version(request)))

    async def by_arn(self, request: Request) -> Response:
        # a slash within the ARN may come as it is or encoded
        return self._whole(self._layers.by_arn(unquote(request.path_params["arn"])))

    def _whole(self, layer: LayerVersion) -> Response:
        """With where its ZIP can be downloaded."""
        url = self._base_url() + self._links.package(self._layers.code_key(layer), layer.name)
        return http.answer({**layers.encode(layer), "code": {"repositoryType": "OSS", "location": url}})

    async def list(self, request: Request) -> Response:
        query = request.query_params
        after = http.token_name(query.get("nextToken", ""))
        limit, public = http.page_limit(request), _truth(query.get("public", ""))
        found, last = self._layers.latest(query.get("prefix", ""), after, limit, public)
        if _truth(query.get("official", "")):
            found, last = [], ""  # what Alibaba Cloud publishes is not here
        answer: dict[str, Any] = {"layers": [layers.encode(layer) for layer in found]}
        return http.answer({**answer, "nextToken": http.name_token(last)} if last else answer)

    async def versions(self, request: Request) -> Response:
        start = request.query_params.get("startVersion") or "1"
        first = _number("startVersion", start) if start != "0" else 1
        found, following = self._layers.versions(request.path_params["name"], first, http.page_limit(request))
        answer: dict[str, Any] = {"layers": [layers.encode(layer) for layer in found]}
        return http.answer({**answer, "nextVersion": following} if following else answer)

    async def delete(self, request: Request) -> Response:
        self._layers.delete(request.path_params["name"], _version(request))
        return http.empty()

    async def share(self, request: Request) -> Response:
        query = request.query_params
        asked = query.get("acl") or query.get("public")
        if not asked:
            raise InvalidArgument("acl is missing; allowed are 0 (private) and 1 (public)")
        self._layers.share(request.path_params["name"], _truth(asked))
        return http.empty()


def _version(request: Request) -> int:
    return _number("version", request.path_params["version"])


def _number(what: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise InvalidArgument(f"{what} is {clipped(text)!r}; allowed are whole numbers from 1")
    return int(text)


def _truth(text: str) -> bool:
    if text and text.lower() not in _TRUTH:
        raise InvalidArgument(f"{clipped(text)!r} is neither true nor false")
    return _TRUTH.get(text.lower(), False)
