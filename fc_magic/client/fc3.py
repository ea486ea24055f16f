"""Calls, and looks at instances, in Function Compute 3.0's own words: every target has them."""

from __future__ import annotations

from fc_magic.client.session import Reply, Session
from fc_magic.wire import fc3
from fc_magic.wire.results import Instances, Invocation

#: beside a function's own time-out: waiting for an instance, its start and its initializer
CALL_MARGIN_S = 400.0


def invoke(session: Session, name: str, event: bytes, read_timeout: float, qualifier: str = "") -> Invocation:
    """Calls the function once and returns what happened, failed or not."""
    reply = call(session, name, event, read_timeout, qualifier)
    return fc3.decode_invocation(name, reply.headers, reply.body)


def call(
    session: Session,
    name: str,
    event: bytes,
    read_timeout: float,
    qualifier: str = "",
    with_log: bool = True,
    once: bool = False,
) -> Reply:
    """The answer as it came. ``once``: what is refused is not repeated, whoever asks decides."""
    return session.call(
        "InvokeFunction",
        fc3.VERSION,
        "POST",
        fc3.functions_path(name) + "/invocations",
        query={"qualifier": qualifier} if qualifier else None,
        raw=event,
        headers={"x-fc-invocation-type": "Sync", "x-fc-log-type": "Tail" if with_log else "None"},
        read_timeout=read_timeout,
        repeatable=False,
        once=once,
    )


def instances(session: Session, name: str) -> Instances:
    """The instances of a function as they are now."""
    path = fc3.functions_path(name) + "/instances"
    reply = session.call("ListInstances", fc3.VERSION, "GET", path)
    found = reply.read(
        lambda answer: Instances(fc3.decode_instance(name, item) for item in answer["instances"])
    )
    found.function = name
    return found
