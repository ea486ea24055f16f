"""Hears FC 3.0's own API about packages: GetFunctionCode, and the downloads that it and GetLayerVersion lead to."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fc_magic.errors import AccessDenied, FunctionNotFound
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.links import PACKAGE, Links
from fc_magic.wire import fc3


def routes(engine: Engine, verifier: Verifier, links: Links) -> list[Route]:
    api, one = _Code(engine, links), fc3.functions_path() + "/{name}"
    return [
        http.route(f"{one}/code", http.signed(api.link, verifier), methods=["GET"]),
        http.route(PACKAGE, http.answering(api.download), methods=["GET"]),
    ]


class _Code:
    def __init__(self, engine: Engine, links: Links) -> None:
        self._engine, self._links = engine, links

    async def link(self, request: Request) -> Response:
        name = request.path_params["name"]
        live = self._engine.resolve(name, request.query_params.get("qualifier", ""))
        url = self._engine.base_url() + self._links.package(live.folders[0].parent.name, name)
        return http.answer({"url": url, "checksum": live.function.code_checksum})

    async def download(self, request: Request) -> Response:
        query, key = request.query_params, request.path_params["key"]
        path, until = request.scope["path"], query.get("Expires", "")
        if not re.fullmatch(r"[0-9]{1,12}", until) or not self._links.is_good(
            path, until, query.get("Signature", "")
        ):
            hint = "ask for a new one with GetFunctionCode or GetLayerVersion"
            raise AccessDenied("this link is not good, or no longer", hint=hint)
        package = self._engine.store.package(key)
        if not package.is_file():
            raise FunctionNotFound("the code that this link leads to was removed")
        return FileResponse(package, media_type="application/zip", filename=path.rpartition("/")[2])
