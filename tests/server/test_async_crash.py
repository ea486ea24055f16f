"""Nothing that was accepted is lost, whenever the server is killed."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import threading
import time
from pathlib import Path

from fc_magic.client.client import Client
from fc_magic.errors import FcError
from tests.conftest import body, function_file, serving
from tests.server.calls import FUNCTIONS, Caller
from tests.server.processes import Door, meeting_with, wait_for

ROUNDS = 4


def calling(caller: Caller, name: str, accepted: set[str], done: threading.Event) -> None:
    """Calls until the server is gone, and notes what it has accepted."""
    for number in itertools.count():
        event = f"{name}-{number}"
        try:
            if caller.invoke("f", event.encode(), x_fc_invocation_type="Async").status == 202:
                accepted.add(event)
        except (OSError, http.client.HTTPException):
            return
        if done.is_set():
            return


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Round after round the server is killed while calls are accepted and run: each one that was accepted runs."""
    accepted: set[str] = set()
    with contextlib.closing(Door()) as door:
        for round_ in range(ROUNDS):
            with serving(tmp_path) as server:
                caller = Caller(server.url)
                if not round_:
                    fields = body("f", function_file("records"), environment={"DOOR": door.name}, timeout=30)
                    assert caller.deploy(fields).status == 201
                    caller.call("PUT", f"{FUNCTIONS}/f/async-invoke-config", {"asyncTask": True})
                done = threading.Event()

                threads = [
                    threading.Thread(target=calling, args=(caller, f"e{round_}-{number}", accepted, done))
                    for number in range(2)
                ]
                for thread in threads:
                    thread.start()
                had = len(accepted)
                wait_for(lambda had=had: len(accepted) > had + 5)
                time.sleep(random.random() * 0.4)  # the moment is what this is about
                server.kill()
                done.set()
                for thread in threads:
                    thread.join(10)
        with serving(tmp_path) as server:
            wait_for(lambda: accepted <= set(door.said()))
            caller = Caller(server.url)
            path, left = f"{FUNCTIONS}/f/async-tasks", "status=Enqueued&limit=1"
            wait_for(lambda: not caller.call("GET", path, query=left).said["tasks"])
            for status in ("Dequeued", "Running"):
                wait_for(lambda s=status: not caller.call("GET", path, query=f"status={s}").said["tasks"])
            assert "Traceback" not in "".join(server.output)
    assert len(accepted) > 5 * ROUNDS


def test_killed_while_it_runs(tmp_path: Path) -> None:
    """A call that ran when the server was killed runs again, with its id; one that was put off keeps its time."""
    with meeting_with() as meeting:
        with serving(tmp_path) as server, server.client() as client:
            client.deploy({"name": "f", "code": function_file("waits"), "timeout": 60})
            client.invoke_async("f", {"at": meeting.name, "name": "it"})
            began = time.monotonic()
            client.invoke_async("f", {"at": meeting.name, "name": "late"}, delay=4)
            wait_for(lambda: meeting.said() == ["it"])
            server.kill()
        meeting.let_go("it")
        meeting.let_go("late")
        with serving(tmp_path) as server:
            wait_for(lambda: sorted(meeting.said()) == ["it", "it", "late"])
            assert time.monotonic() - began >= 4
            assert _ran(server.client(), "f") == 2


def _ran(client: Client, name: str) -> int:
    """How many calls its log has, once there are as many as there will be."""
    with client:
        return len(wait_for(lambda: len(found := client.logs(name).requests) == 2 and found))


def test_stopped_while_it_runs(tmp_path: Path) -> None:
    """A stop of the server puts back what runs, and is not held up by what waits."""
    with meeting_with() as meeting:
        with serving(tmp_path) as server, server.client() as client:
            client.deploy({"name": "f", "code": function_file("waits"), "timeout": 60})
            for _ in range(30):
                client.invoke_async("f", {"at": meeting.name, "name": "it"})
            wait_for(lambda: len(meeting.said()) == 20)
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 10
            assert "Traceback" not in "".join(server.output)
        meeting.let_go("it")
        with serving(tmp_path):
            wait_for(lambda: len(meeting.said()) == 50)


def test_deleted_and_killed(tmp_path: Path) -> None:
    """What waited for a function that was deleted does not come back."""
    with serving(tmp_path) as server, server.client() as client:
        client.deploy({"name": "f", "code": function_file("echo")})
        client.invoke_async("f", b"", delay=600)
        client.delete("f")
        server.kill()
    with serving(tmp_path) as server, server.client() as client:
        client.deploy({"name": "f", "code": function_file("echo")})
        with contextlib.suppress(FcError):
            assert client.tasks("f") == ()
        assert client.logs("f").requests == ()
