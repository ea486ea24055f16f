"""Waits until Function Compute has made what it was asked for: a container's image is fetched first."""

from __future__ import annotations

import time
from typing import Any

from fc_magic.client.session import Session
from fc_magic.errors import ApiError, ConnectionFailed
from fc_magic.wire import fc3

READY_S, LOOK_S = 600.0, 2.0


def until_ready(session: Session, name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Until the function is Active and its last update Successful; ``answer`` is what is known of it. Raises ApiError
    with FC's reason, or ConnectionFailed when it takes too long."""
    until, warnings = time.monotonic() + READY_S, answer.get("warnings")
    while True:
        state, update = answer.get("state") or "Active", answer.get("lastUpdateStatus") or "Successful"
        if "Failed" in (state, update):
            why = answer.get("stateReason") or answer.get("lastUpdateStatusReason") or "no reason was given"
            raise ApiError(f"{name} did not become ready: {why}", code="FunctionNotReady", status=400)
        if state != "Pending" and update == "Successful":
            return {**answer, "warnings": warnings}
        if time.monotonic() > until:
            raise ConnectionFailed(
                f"{name} is {state}, {update} after {READY_S:g} s", hint="look again later"
            )
        time.sleep(LOOK_S)
        answer = session.call("GetFunction", fc3.VERSION, "GET", fc3.functions_path(name)).read(dict)
