"""Hears FC 3.0's own API about the account: its regions, resource groups, and VPCs that may call a function."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3, region_names, tags
from fc_magic.wire.wording import clipped

#: UNCONFIRMED: the length of a resource group's id
MAX_GROUP = 64
MAX_VPC = 50


def routes(engine: Engine, verifier: Verifier) -> list[Route]:
    api = _Account(engine)
    bindings = f"{fc3.functions_path()}/{{name}}/vpc-bindings"
    return [
        http.route(f"/{fc3.VERSION}/regions", http.signed(api.regions, verifier), methods=["GET"]),
        http.route(f"/{fc3.VERSION}/resource-groups", http.signed(api.move, verifier), methods=["PUT"]),
        http.route(bindings, http.signed(api.bind, verifier), methods=["POST"]),
        http.route(bindings, http.signed(api.bound, verifier), methods=["GET"]),
        http.route(bindings + "/{vpc}", http.signed(api.unbind, verifier), methods=["DELETE"]),
    ]


class _Account:
    def __init__(self, engine: Engine) -> None:
        self._beside = engine.beside

    async def regions(self, request: Request) -> Response:
        names = region_names.local_names(request.query_params.get("AcceptLanguage", ""))
        rows = [{"RegionId": region, "LocalName": name} for region, name in names.items()]
        return http.answer({"Regions": {"Region": rows}})

    async def move(self, request: Request) -> Response:
        body = http.json_object(request)
        tags.check_type(body.get("ResourceType"))
        resource = _text(body.get("ResourceId"), "ResourceId", 300)
        group = _text(body.get("NewResourceGroupId"), "NewResourceGroupId", MAX_GROUP)
        before = self._beside.move(resource, group)
        return http.answer(
            {"NewResourceGroupId": group, "OldResourceGroupId": before, "ResourceId": resource}
        )

    async def bind(self, request: Request) -> Response:
        vpc = _text(http.json_object(request).get("vpcId"), "vpcId", MAX_VPC)
        self._beside.bind(request.path_params["name"], vpc)
        return http.empty()

    async def bound(self, request: Request) -> Response:
        return http.answer({"vpcIds": self._beside.bound(request.path_params["name"])})

    async def unbind(self, request: Request) -> Response:
        self._beside.unbind(request.path_params["name"], request.path_params["vpc"])
        return http.empty()


def _text(value: object, name: str, most: int) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        said = "missing" if value is None else clipped(str(value))
        raise InvalidArgument(f"{name} is {said}; it is a text of 1 to {most} characters")
    return value
