"""Runs code once in an instance of a local Function Compute, where nothing of it stays."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fc_magic.client import code
from fc_magic.client.events import to_bytes
from fc_magic.client.fc3 import CALL_MARGIN_S
from fc_magic.errors import Interrupted
from fc_magic.wire import fc3, v2
from fc_magic.wire.results import Invocation

if TYPE_CHECKING:
    from fc_magic.client.client import Client


def run(client: Client, fields: Mapping[str, Any], event: Any = None) -> Invocation:
    """``fields`` as those of a deployment; its triggers call nothing. A failing function is no exception here.

    Raises InvalidArgument with every wrong field, ApiError, ConnectionFailed.
    """
    deployment = client.complete({**fields, "triggers": []})
    try:
        with code.sent(client.session, deployment) as sent:
            body = {"deployment": v2.encode(sent), "event": base64.b64encode(to_bytes(event)).decode()}
            limit = deployment.timeout + CALL_MARGIN_S
            reply = client.session.call(
                "RunOnce", v2.VERSION, "POST", "/-/run", body=body, read_timeout=limit, repeatable=False
            )
    except KeyboardInterrupt as error:
        if isinstance(error, Interrupted):
            raise
        raise Interrupted(f"{deployment.name} was interrupted; the call was cancelled") from None
    invocation = fc3.decode_invocation(deployment.name, reply.headers, reply.body)
    return dataclasses.replace(invocation, kept=False)
