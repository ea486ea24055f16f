"""``%fcinvoke --async``: what is read from the line, what is shown of what was accepted, and of tasks."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.client.client import Client
from fc_magic.errors import AliasNotFound, AsyncTaskAlreadyExists, FunctionNotFound, UsageError
from fc_magic.notebook import calls
from fc_magic.notebook.display import bundle, text
from fc_magic.wire.async_config import AsyncConfig
from fc_magic.wire.tasks import Accepted, Task, TaskEvent, Tasks
from tests.conftest import Deploy
from tests.notebook.conftest import Shell, deploying
from tests.server.processes import wait_for

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
MS = int(NOW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("line", "event", "later"),
    [
        ("f", "", None),
        ('f {"a": 1}', '{"a": 1}', None),
        ("f --async", "", {}),
        ("f --async  text  of it", "text  of it", {}),
        ("f --delay 5 e", "e", {"delay": 5}),
        ("f --async --delay=60 --task t-1 -- e", "-- e", {"delay": 60, "task_id": "t-1"}),
        ("f --task=t --async", "", {"task_id": "t"}),
        ("f --other e", "--other e", None),
        ("f --async --other", "--other", {}),
        ("f e --async", "e --async", None),
        ("--async f e", "e", {}),
        ("--delay 3 f --task t e", "e", {"delay": 3, "task_id": "t"}),
    ],
)
def test_line(line: str, event: str, later: dict[str, Any] | None) -> None:
    """Options stand between the name and the event; what is none begins the event."""
    assert calls.read(line, None) == calls.Asked("f", event, "", later)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--other f",
        "f --async --dely 3",
        "f --asinc",
        "f --delay",
        "f --delay x",
        "f --delay -1",
        "f --task",
        "f --delay 1.5 e",
    ],
)
def test_line_that_is_wrong(line: str) -> None:
    """A name or a value that is missing is asked for."""
    with pytest.raises(UsageError):
        calls.read(line, None)


@given(
    st.text(alphabet=st.characters(exclude_categories=["Z", "C"]), min_size=1).filter(lambda t: t[:2] != "--")
)
def test_event_as_it_is(event: str) -> None:
    """An event is taken as it stands, also after options."""
    assert calls.read(f"f --async {event}", None).event == event
    assert calls.read("f --delay 3", event) == calls.Asked("f", event, "", {"delay": 3})


def test_accepted() -> None:
    """What was accepted says when it runs and what to type to see what came of it."""
    said = text(Accepted("hello", "1-a-b-c", "t-1", 90), now=NOW)
    assert said == (
        "✓ hello  was accepted, runs in 1 min 30 s, at 03:05:35\n"
        "  task t-1 · request 1-a-b-c\n"
        "  %fclogs hello --request 1-a-b-c"
    )
    assert "runs as soon as it can" in text(Accepted("hello", "1-a-b-c"), now=NOW)


def test_task_cards() -> None:
    """A task shows its steps and why it failed; a list of them is a table; nothing in them is taken for markup."""
    events = (TaskEvent(1, "Enqueued", MS), TaskEvent(2, "Failed", MS, "<b>no</b>"))
    found = Task(
        "f", "t-1", "1-a", "Failed", "LATEST", "", MS, MS, 1500, 3, "c-1", "<b>no</b>", events=events
    )
    said = text(found, now=NOW)
    assert said.splitlines()[0] == "f t-1 · Failed · accepted just now · 1.50 s · 3 retries"
    assert "<b>no</b>" in said
    assert "%fclogs f --request 1-a" in said
    tasks = Tasks([found])
    tasks.function = "f"
    for thing in (found, tasks):
        assert "<b>no" not in bundle(thing, now=NOW)["text/html"]
    assert "t-1" in text(tasks, now=NOW)
    none = Tasks()
    none.function = "f"
    assert text(none) == "f has no tasks."


def test_in_a_notebook(shell: Shell) -> None:
    """The magic returns what was accepted; its line for the log shows what came of it."""
    assert shell.run(deploying("later", "print('it ran'); return event")).success
    done = shell.run("%fcinvoke later --async --delay 0 hello")
    accepted = done.value
    assert isinstance(accepted, Accepted)
    line = f"%fclogs later --request {accepted.request_id}"
    assert line in done.text
    assert "text/html" in shell.bundle(accepted)
    ran = wait_for(lambda: (found := shell.run(line)).value.requests and found)
    assert "async" in ran.text
    assert "it ran" in ran.text
    assert isinstance(shell.run("%fcinvoke nobody --async").error, FunctionNotFound)
    assert shell.run("later.later('x')").value.function == "later"


def test_client(deploy: Deploy, client: Client) -> None:
    """The client puts settings, looks tasks up, lists and stops them."""
    name = deploy("echo").info.name
    assert client.async_config(name) == AsyncConfig()
    assert client.async_config(name, task=True, retries=0).task
    assert (client.async_config(name).retries, client.async_config(name).on_failure) == (0, "")
    assert client.async_config(name, on_failure=name).on_failure.endswith(f":functions/{name}")
    assert client.async_config(name, on_success="").on_failure.endswith(f":functions/{name}")
    with pytest.raises(UsageError, match="speed is not"):
        client.async_config(name, speed=1)
    named = client.invoke_async(name, "again", task_id="mine")
    assert (named.task_id, named.delay_s) == ("mine", 0)
    with pytest.raises(AsyncTaskAlreadyExists):
        client.invoke_async(name, task_id="mine")
    task = wait_for(lambda: (found := client.task(name, "mine")).is_over and found)
    assert (task.status, task.result, task.payload) == ("Succeeded", "again", "again")
    client.invoke_async(name, delay=600, task_id="other")
    client.stop_task(name, "other")
    with pytest.raises(AliasNotFound):
        client.invoke_async(name, qualifier="none")
    assert [(t.task_id, t.status) for t in client.tasks(name)] == [
        ("other", "Stopped"),
        ("mine", "Succeeded"),
    ]
    assert [t.task_id for t in client.tasks(name, status="Stopped", prefix="o", limit=1)] == ["other"]
    for delay in (3601, -1):
        with pytest.raises(UsageError, match="delay"):
            client.invoke_async(name, delay=delay)
