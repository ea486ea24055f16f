"""The cards of asynchronous calls: what was accepted, and what became of tasks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from fc_magic.language.speech import counted, say
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Pieces, Rows, Span, joined
from fc_magic.wire.tasks import FAILED, SUCCEEDED, Accepted, Task, Tasks

_HEADER = ("task", "status", "accepted", "took", "retries", "error")
_NUMBERS = frozenset({3, 4})
#: characters of an error in a table
_ERROR = 40


def accepted_card(accepted: Accepted, now: datetime) -> Card:
    when = say("runs as soon as it can")
    if accepted.delay_s:
        at = words.clock(now + timedelta(seconds=accepted.delay_s), now)
        when = say("runs in {0}, at {1}", words.seconds(accepted.delay_s), at)
    task = say("task {0}", accepted.task_id) if accepted.task_id else ""
    log = f"%fclogs {accepted.function} --request {accepted.request_id}"
    return Card(
        (
            Line([Span(f"✓ {accepted.function}", "strong"), "  " + say("was accepted, {0}", when)], "head"),
            Line(joined([task, say("request {0}", accepted.request_id)]), indent=2),
            Line(Span(log, "code"), indent=2),
        ),
        "ok",
    )


def task_card(task: Task, now: datetime) -> Card:
    head = joined([Span(f"{task.function} {task.task_id}", "strong"), task.status, *_numbers(task, now)])
    blocks: list[Block] = [Line(head, "head")]
    if task.error:
        blocks.append(Line(task.error, "error", indent=2))
    if task.result and task.status == SUCCEEDED:
        blocks.append(Line(say("answered {0}", _short(task.result)), indent=2))
    if task.destination:
        blocks.append(Line(say("destination {0}", task.destination), indent=2))
    rows = tuple(
        (Span(e.status), Span(words.clock(_moment(e.at), now), title=_iso(e.at)), e.detail)
        for e in task.events
    )
    blocks.append(Rows(rows))
    log = f"%fclogs {task.function} --request {task.request_id}"
    blocks.append(Line(Span(log, "code"), indent=2))
    return Card(tuple(blocks), "error" if task.status == FAILED else "")


def tasks_card(tasks: Tasks, now: datetime) -> Card:
    if not tasks:
        return Card((Line(say("{0} has no tasks.", tasks.function)),))
    rows = tuple(_row(task, now) for task in tasks)
    return Card(
        (Line(Span(tasks.function, "strong"), "head"), Rows(rows, tuple(map(say, _HEADER)), _NUMBERS))
    )


def _row(task: Task, now: datetime) -> tuple[Pieces, ...]:
    return (
        Span(task.task_id, "code"),
        task.status,
        Span(words.ago(_iso(task.started), now), title=_iso(task.started)),
        words.duration(task.duration_ms) if task.duration_ms else "–",
        str(task.retries),
        _short(task.error),
    )


def _numbers(task: Task, now: datetime) -> list[str]:
    took = words.duration(task.duration_ms) if task.duration_ms else ""
    retries = counted(task.retries, "{0} retry", "{0} retries") if task.retries else ""
    return [say("accepted {0}", words.ago(_iso(task.started), now)), took, retries]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _ERROR else line[: _ERROR - 1] + "…"


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, timezone.utc)


def _iso(ms: int) -> str:
    return _moment(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
