"""Requests with ``X-Fc-Invocation-Type: Async``: kept for later, and answered at once."""

from __future__ import annotations

import json

from starlette.responses import Response

from fc_magic.errors import EntityTooLarge, InvalidArgument
from fc_magic.server.asyncs import Asked
from fc_magic.server.engine import Engine
from fc_magic.server.gateway import event, passing
from fc_magic.server.gateway.call import Call
from fc_magic.server.invocations import accepted_head
from fc_magic.server.queue import EVENT, REQUEST
from fc_magic.server.triggers import requests
from fc_magic.wire.runtimes import is_custom


def is_wanted(call: Call) -> bool:
    return call.header("x-fc-invocation-type").lower() == "async"


async def answer(engine: Engine, call: Call) -> Response:
    """202, once the request is on disk. Raises InvalidArgument, ResourceExhausted, AsyncTaskAlreadyExists."""
    request_id, body, own = call.request.state.request_id, await call.body(), is_custom(call.function.runtime)
    if own:
        payload = requests.keep(await passing.outgoing(call, True))
    else:
        said = event.of(call, body, engine.identity.account_id, request_id)
        payload = json.dumps(said, ensure_ascii=False).encode()
    asked = Asked(
        qualifier=call.trigger.qualifier,
        task_id=call.header("x-fc-async-task-id"),
        delay=call.header("x-fc-async-delay"),
        form=REQUEST if own else EVENT,
    )
    try:
        kept = engine.asyncs.accept(call.function.name, payload, "http", request_id, asked, len(body))
    except EntityTooLarge as error:
        raise InvalidArgument(error.message) from None  # FC's code at a trigger's URL
    return Response(status_code=202, headers=accepted_head(kept))
