"""What became of an asynchronous call: accepted, a task with its history, and FC's event for a destination."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fc_magic.wire.fc3 import functions_path
from fc_magic.wire.signature import percent

ENQUEUED, DEQUEUED, RUNNING, RETRYING = "Enqueued", "Dequeued", "Running", "Retrying"
SUCCEEDED, FAILED, EXPIRED, INVALID = "Succeeded", "Failed", "Expired", "Invalid"
STOPPING, STOPPED = "Stopping", "Stopped"
#: what may come after a status; nothing comes after the end
NEXT: dict[str, tuple[str, ...]] = {
    ENQUEUED: (DEQUEUED, STOPPED, EXPIRED, INVALID),
    # back in the queue: no instance was to be had, or the server ended meanwhile
    DEQUEUED: (RUNNING, ENQUEUED, RETRYING, FAILED, STOPPING, EXPIRED, INVALID),
    # the last two: a fault of ours left it so, and by now it is too late
    RUNNING: (SUCCEEDED, FAILED, RETRYING, ENQUEUED, STOPPING, EXPIRED, INVALID),
    RETRYING: (DEQUEUED, STOPPED, EXPIRED, INVALID),
    STOPPING: (STOPPED,),
    SUCCEEDED: (), FAILED: (), EXPIRED: (), INVALID: (), STOPPED: (),
}  # fmt: skip
STATUSES = tuple(NEXT)
ENDED = tuple(status for status, after in NEXT.items() if not after)
#: bytes of an event that is accepted for later
MAX_EVENT = 128 * 1024
#: seconds that a call may be put off
MAX_DELAY_S = 3600
#: UNCONFIRMED: bytes of an event for a destination; payloads are cut to that, and each has half if both are long
MAX_TOLD = MAX_EVENT
#: bytes that are kept of an answer
MAX_RESULT = 1024 * 1024
#: UNCONFIRMED: the words for what became of a delivery
DELIVERED, NOT_DELIVERED = "Succeeded", "Failed"
#: UNCONFIRMED: what ``condition`` says to a destination where there is no error code
CONDITIONS = {SUCCEEDED: "Success", EXPIRED: "Expired", INVALID: "Invalid"}


@dataclass(frozen=True)
class Accepted:
    """A call that will run: its request id, and its task id if its function has tasks. ``delay_s`` from then on."""

    function: str
    request_id: str
    task_id: str = ""
    delay_s: int = 0


@dataclass(frozen=True)
class TaskEvent:
    """One step; ``at`` in milliseconds since the epoch."""

    number: int
    status: str
    at: int
    detail: str = ""


@dataclass(frozen=True)
class Task:
    """An asynchronous call that can be looked up. Times are milliseconds since the epoch, 0 if there is none yet;
    ``started`` is when it was accepted. ``payload`` is only there if it was asked for."""

    function: str
    task_id: str
    request_id: str
    status: str
    qualifier: str = ""
    function_arn: str = ""
    started: int = 0
    ended: int = 0
    duration_ms: int = 0
    retries: int = 0
    instance_id: str = ""
    error: str = ""
    result: str = field(default="", repr=False)
    payload: str | None = field(default=None, repr=False)
    destination: str = ""
    events: tuple[TaskEvent, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status in ENDED


class Tasks(tuple[Task, ...]):
    """The tasks of ``function``, the newest first."""

    function: str = ""


def path(name: str, task_id: str = "") -> str:
    return functions_path(name) + "/async-tasks" + (f"/{percent(task_id)}" if task_id else "")


def encode(task: Task) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "alreadyRetriedTimes": task.retries,
        "destinationStatus": task.destination,
        "durationMs": task.duration_ms,
        "endTime": task.ended,
        "events": [
            {"eventId": e.number, "status": e.status, "eventDetail": e.detail, "timestamp": e.at}
            for e in task.events
        ],
        "functionArn": task.function_arn,
        "instanceId": task.instance_id,
        "qualifier": task.qualifier,
        "requestId": task.request_id,
        "returnPayload": task.result,
        "startedTime": task.started,
        "status": task.status,
        "taskErrorMessage": task.error,
        "taskId": task.task_id,
    }
    return answer if task.payload is None else {**answer, "taskPayload": task.payload}


def decode(name: str, answer: Mapping[str, Any]) -> Task:
    """Raises KeyError or TypeError if it is no task."""
    return Task(
        function=name,
        task_id=answer["taskId"],
        request_id=answer.get("requestId", ""),
        status=answer["status"],
        qualifier=answer.get("qualifier", ""),
        function_arn=answer.get("functionArn", ""),
        started=answer.get("startedTime") or 0,
        ended=answer.get("endTime") or 0,
        duration_ms=answer.get("durationMs") or 0,
        retries=answer.get("alreadyRetriedTimes") or 0,
        instance_id=answer.get("instanceId", ""),
        error=answer.get("taskErrorMessage", ""),
        result=answer.get("returnPayload", ""),
        payload=answer.get("taskPayload"),
        destination=answer.get("destinationStatus", ""),
        events=tuple(
            TaskEvent(e.get("eventId") or 0, e["status"], e.get("timestamp") or 0, e.get("eventDetail", ""))
            for e in answer.get("events") or ()
        ),
    )


def result_event(
    request_id: str,
    function_arn: str,
    at: int,
    condition: str,
    attempts: int,
    status_code: int,
    error: str,
    payload: bytes,
    result: bytes,
) -> bytes:
    """What a destination is told."""
    said = {
        "timestamp": at,
        "requestContext": {
            "requestId": request_id,
            "functionArn": function_arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": "",
        "responseContext": {"statusCode": status_code, "functionError": error},
        "responsePayload": "",
    }
    room = MAX_TOLD - len(_json(said))
    asked, answered = text(payload), text(result)
    said["requestPayload"] = _fitting(asked, max(room - len(_json(answered)), room // 2))
    said["responsePayload"] = _fitting(answered, room - len(_json(said["requestPayload"])))
    return _json(said)


def _json(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def _fitting(said: str, room: int) -> str:
    """As much from its beginning as has room when it is written as JSON."""
    while said and (size := len(_json(said))) > room:
        said = said[: max(len(said) * room // size, 0)]
    return said


def text(raw: bytes) -> str:
    """As JSON can hold it: what is not UTF-8 is shown by a mark. At most as much as is kept of an answer."""
    return raw[:MAX_RESULT].decode(errors="ignore" if len(raw) > MAX_RESULT else "replace")
