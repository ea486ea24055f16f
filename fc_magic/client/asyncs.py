"""Asynchronous calls in Function Compute 3.0's own words: call, look up, list, stop."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fc_magic.client.session import Session
from fc_magic.client.target import Target
from fc_magic.errors import AsyncConfigNotExists, UsageError
from fc_magic.wire import async_config, fc3, tasks
from fc_magic.wire.async_config import AsyncConfig
from fc_magic.wire.tasks import Accepted, Task, Tasks

MAX_PAGE = 100


def invoke(
    session: Session, name: str, event: bytes, delay: int, task_id: str, qualifier: str = ""
) -> Accepted:
    """Has the function called, and returns when that is certain."""
    if not 0 <= delay <= tasks.MAX_DELAY_S:
        raise UsageError(f"the delay is {delay} s: must be 0 to {tasks.MAX_DELAY_S} s", hint="--delay 60")
    headers = {"x-fc-invocation-type": "Async"}
    if delay:
        headers["x-fc-async-delay"] = str(delay)
    if task_id:
        headers["x-fc-async-task-id"] = task_id
    reply = session.call(
        "InvokeFunction",
        fc3.VERSION,
        "POST",
        fc3.functions_path(name) + "/invocations",
        query={"qualifier": qualifier} if qualifier else None,
        raw=event,
        headers=headers,
        repeatable=False,
    )
    said = reply.headers
    return Accepted(name, said.get("X-Fc-Request-Id", ""), said.get("X-Fc-Async-Task-Id", ""), delay)


def task(session: Session, name: str, task_id: str) -> Task:
    reply = session.call("GetAsyncTask", fc3.VERSION, "GET", tasks.path(name, task_id))
    return reply.read(lambda answer: tasks.decode(name, answer))


def listed(session: Session, name: str, status: str, prefix: str, limit: int) -> Tasks:
    """The newest ones first, ``limit`` at most."""
    found: list[Task] = []
    token = ""
    while len(found) < limit:
        asked = {
            "status": status,
            "prefix": prefix,
            "nextToken": token,
            "sortOrderByTime": "desc",
            "limit": str(min(limit - len(found), MAX_PAGE)),
        }
        query = {key: value for key, value in asked.items() if value}
        reply = session.call("ListAsyncTasks", fc3.VERSION, "GET", tasks.path(name), query=query)
        page, token = reply.read(lambda answer: _page(name, answer))
        found += page
        if not token:
            break
    made = Tasks(found)
    made.function = name
    return made


def _page(name: str, answer: Any) -> tuple[list[Task], str]:
    return [tasks.decode(name, item) for item in answer["tasks"]], answer.get("nextToken") or ""


def stop(session: Session, name: str, task_id: str) -> None:
    # stopped by a try whose answer got lost: then the next one is told so, and that is as it should be
    path = tasks.path(name, task_id) + "/stop"
    session.call("StopAsyncTask", fc3.VERSION, "PUT", path, done_status=412)


#: what a config can be changed by -> its field in FC's body
_FIELDS = {"task": "asyncTask", "retries": "maxAsyncRetryAttempts", "max_age_s": "maxAsyncEventAgeInSeconds"}
_SIDES = {"on_success": "onSuccess", "on_failure": "onFailure"}
_BOTH = "destinationConfig"


def config(session: Session, target: Target, name: str, changes: Mapping[str, Any]) -> AsyncConfig:
    """As it is after the changes; what FC takes to be there where nothing was put."""
    strange = [field for field in changes if field not in _FIELDS and field not in _SIDES]
    if strange:
        allowed = ", ".join([*_FIELDS, *_SIDES])
        raise UsageError(f"{strange[0]} is not a setting of asynchronous calls; allowed are {allowed}")
    path = async_config.path(name)
    said: dict[str, Any] = {}
    live = AsyncConfig()
    with suppress(AsyncConfigNotExists):
        reply = session.call("GetAsyncInvokeConfig", fc3.VERSION, "GET", path)
        said, live = reply.read(lambda answer: (answer, async_config.kept(answer)))
    if not changes:
        return live
    # UNCONFIRMED: whether a field that is not put keeps its value. So all that the live config says is said again:
    # right if the body replaces it, and if it changes it
    body = {key: said[key] for key in (*_FIELDS.values(), _BOTH) if said.get(key) is not None}
    body |= {_FIELDS[field]: value for field, value in changes.items() if field in _FIELDS}
    if changes.keys() & _SIDES.keys():
        sides = {side: changes.get(field, getattr(live, field)) for field, side in _SIDES.items()}
        body[_BOTH] = {s: {"destination": _arn(target, to)} for s, to in sides.items() if to}
    reply = session.call("PutAsyncInvokeConfig", fc3.VERSION, "PUT", path, body=body)
    return reply.read(async_config.kept)


def _arn(target: Target, to: str) -> str:
    return to if ":" in to else async_config.arn(target.region, target.account_id, to)
