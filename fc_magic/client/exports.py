"""A live function as the formats of ``export`` want it: its settings in both spellings, its code, and where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fc_magic.client.session import Session
from fc_magic.errors import ApiError
from fc_magic.export import beside, live
from fc_magic.export.live import Live
from fc_magic.wire import fc3, v2
from fc_magic.wire.results import Function

if TYPE_CHECKING:
    from fc_magic.client.client import Client


def of(client: Client, name: str) -> Live:
    """Raises FunctionNotFound, or what the endpoint refuses with."""
    function, target = client.get(name).info, client.target
    return Live(
        function,
        live.settings(_answer(client.session, function)),
        None if function.runtime == live.CONTAINER else client.code(name),
        target.region,
        target.account_id or _account(function.arn),
        v2.PUBLIC_HOST if target.is_cloud and target.api != "v2" else target.endpoint,
        not target.is_cloud,
        beside.of(dict(_beside(client.session, name))),
    )


#: what stands beside a function -> the operation that tells it, and its path
_BESIDE = {
    "asyncInvokeConfig": ("GetAsyncInvokeConfig", "/async-invoke-config"),
    "concurrencyConfig": ("GetConcurrencyConfig", "/concurrency"),
    "provisionConfig": ("GetProvisionConfig", "/provision-config"),
    "scalingConfig": ("GetScalingConfig", "/scaling-config"),
    "aliases": ("ListAliases", "/aliases"),
}
#: there is no such setting, or the endpoint has none of that kind
_NONE = (400, 404, 405)


def _beside(session: Session, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, (action, path) in _BESIDE.items():
        try:
            yield kind, session.call(action, fc3.VERSION, "GET", fc3.functions_path(name) + path).read(dict)
        except ApiError as error:
            if error.status not in _NONE:
                raise


def _answer(session: Session, function: Function) -> dict[str, Any]:
    """What GetFunction says; of an endpoint that has only the deployments API, what can be made of that."""
    try:
        reply = session.call("GetFunction", fc3.VERSION, "GET", fc3.functions_path(function.name))
        return reply.read(dict)
    except ApiError as error:
        if error.status not in _NONE:
            raise
        return fc3.encode_function(function)


def _account(arn: str) -> str:
    return (arn.split(":") + [""] * 4)[3]
