"""A live function as the formats of ``export`` want it: its settings in both spellings, its code, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fc_magic.client.session import Session
from fc_magic.errors import ApiError
from fc_magic.export import live
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
    )


def _answer(session: Session, function: Function) -> dict[str, Any]:
    """What GetFunction says; of an endpoint that has only the deployments API, what can be made of that."""
    try:
        reply = session.call("GetFunction", fc3.VERSION, "GET", fc3.functions_path(function.name))
        return reply.read(dict)
    except ApiError as error:
        if error.status not in (400, 404, 405):
            raise
        return fc3.encode_function(function)


def _account(arn: str) -> str:
    return (arn.split(":") + [""] * 4)[3]
