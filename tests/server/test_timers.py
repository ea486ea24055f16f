"""Timers: they fire with FC's event when they should, and at no other time. The clock is an argument."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.server.app import kept_up
from fc_magic.server.engine import Engine
from fc_magic.server.identity import Identity
from fc_magic.server.logs import Logs
from fc_magic.server.store import Store
from fc_magic.server.triggers.asynchronous import PER_FUNCTION, Backoff, Dispatcher
from fc_magic.server.triggers.timer import LATE_S, Timers
from fc_magic.server.worker.pool import Limits, Pool
from tests.conftest import ROLE, Deploy, function_file, serving
from tests.conftest import body as deployment
from tests.server.calls import DEPLOYMENTS, FUNCTIONS, Caller, send
from tests.server.processes import Door, children, until, wait_for

#: timers are created now, so the clock of a test begins later, on a full minute; a whole run takes a while
NOON = datetime.now(timezone.utc).replace(second=0, microsecond=0) + timedelta(hours=2)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def cron(moment: datetime) -> str:
    """A cron expression of that very second of the day, each day."""
    return f"{moment.second} {moment.minute} {moment.hour} * * *"


@dataclass
class Bench:
    """A real engine with a timer loop whose clock a test sets."""

    engine: Engine
    doors: dict[str, Door]
    now: datetime = NOON

    async def deploy(self, name: str, *timers: dict[str, Any], sleep: float = 0) -> None:
        """Deploys ``records`` with these timers, or updates it."""
        self.open_door(name)
        body = {
            "name": name,
            "runtime": "python3.10",
            "handler": "index.handler",
            "entrypoint": "index.handler",
            "role": ROLE,
            "timeout": 30,
            "code": base64.b64encode(function_file("records")).decode(),
            "environment": {"DOOR": self.doors[name].name, "SLEEP": str(sleep)},
            "triggers": [{"type": "timer", "config": timer} for timer in timers],
        }
        put = self.engine.update if self.engine.store.get(name) else self.engine.create
        await put(*self.engine.decode(body))
        await self.looked()

    def open_door(self, name: str) -> None:
        """Where the function says its events; the same after a restart."""
        if name not in self.doors:
            self.doors[name] = Door(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.engine.store.folder}/{name}").hex)

    async def set(self, moment: datetime) -> None:
        """Sets the clock, and returns when the timers have looked at it and gone to sleep again."""
        self.now = moment
        self.engine.store.changed.set()  # what would wake them is time
        await self.looked()

    async def looked(self) -> None:
        """Returns when the timers have taken notice: they clear the mark, and fire what is due, without a pause."""
        await until(lambda: not self.engine.store.changed.is_set())

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events the function got so far."""
        return [json.loads(event) for event in self.doors[name].said()] if name in self.doors else []

    async def fired(self, name: str, times: int) -> list[dict[str, Any]]:
        """The events, once there are that many; then nothing may be running any more."""
        await until(lambda: len(self.events(name)) >= times)
        await self.quiet()
        found = self.events(name)
        assert len(found) == times
        return found

    async def quiet(self) -> None:
        """Returns when no call is under way, or waits."""
        await asyncio.sleep(0)
        queue = self.engine.store.queue
        await until(lambda: not (queue.running or queue.waiting))


@contextlib.asynccontextmanager
async def bench(folder: Path, now: datetime = NOON) -> AsyncIterator[Bench]:
    folder.mkdir(exist_ok=True)
    before = children()
    store = Store(folder)
    engine = Engine(store, Pool(Limits()), Logs(), Identity(), lambda: "http://127.0.0.1:1")
    made = Bench(engine, {}, now)
    for function in store.list().functions:
        made.open_door(function.name)
    works = (Timers(engine, lambda: made.now).run(), Dispatcher(engine, Backoff(failed_s=0.01)).run())
    running = [asyncio.create_task(work) for work in works]
    await asyncio.sleep(0)  # from Python 3.12 on who waits for a test begins it before the timers
    try:
        yield made
        assert not any(task.done() for task in running), running
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        engine.close()
        await until(lambda: children() <= before)
        for door in made.doors.values():
            door.close()


def on_bench(folder: Path, test: Callable[[Bench], Awaitable[None]], now: datetime = NOON) -> None:
    async def run() -> None:
        async with bench(folder, now) as made:
            await asyncio.wait_for(test(made), 40)

    asyncio.run(run())


# ---------------------------------------------------------------- firing


def test_event(tmp_path: Path) -> None:
    """A firing is an event with the time it was due, the trigger's name and the payload as text."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": cron(at(5)), "name": "nightly", "payload": '{"ü": 1}'})
        await b.set(at(4.9))
        assert b.events("f") == []
        await b.set(at(5.5))
        (event,) = await b.fired("f", 1)
        due = at(5).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert event == {"triggerTime": due, "triggerName": "nightly", "payload": '{"ü": 1}'}
        assert list(event) == ["triggerTime", "triggerName", "payload"]
        (entry,) = b.engine.log("f").requests
        assert (entry.caller, entry.error_type) == ("timer", "")

    on_bench(tmp_path, test)


def test_payload_and_name_by_default(tmp_path: Path) -> None:
    """Without a payload it is empty text, without a name the trigger's number; a JSON payload is its text."""

    async def test(b: Bench) -> None:
        await b.deploy(
            "f", {"cronExpression": cron(at(5))}, {"cronExpression": cron(at(5)), "payload": {"a": 1}}
        )
        await b.set(at(5))
        found = {e["triggerName"]: e["payload"] for e in await b.fired("f", 2)}
        assert found == {"timer-1": "", "timer-2": '{"a": 1}'}

    on_bench(tmp_path, test)


def test_each_firing_once(tmp_path: Path) -> None:
    """However often the clock is looked at, each due moment fires once."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "*/10 * * * * *"})
        for tenth in range(0, 350, 7):
            await b.set(at(tenth / 10))
        times = [e["triggerTime"] for e in await b.fired("f", 3)]
        assert sorted(times) == [at(s).strftime("%Y-%m-%dT%H:%M:%SZ") for s in (10, 20, 30)]

    on_bench(tmp_path, test)


def test_cron_in_a_time_zone(tmp_path: Path) -> None:
    """Cron is read in UTC, with CRON_TZ in that zone; triggerTime is UTC in both."""

    async def test(b: Bench) -> None:
        shanghai = at(5) + timedelta(hours=8)
        await b.deploy("utc", {"cronExpression": cron(at(5))})
        await b.deploy("zone", {"cronExpression": f"CRON_TZ=Asia/Shanghai {cron(shanghai)}"})
        await b.deploy("not", {"cronExpression": cron(shanghai)})
        await b.set(at(5))
        (one,), (two,) = await b.fired("utc", 1), await b.fired("zone", 1)
        assert one["triggerTime"] == two["triggerTime"] == at(5).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert b.events("not") == []

    on_bench(tmp_path, test)


def test_interval_counts_from_the_creation(tmp_path: Path) -> None:
    """@every 90s fires in steps of 90 seconds from when the trigger was made."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "@every 90s"})
        (timer,) = b.engine.store.timers()
        first = timer.created + timedelta(seconds=90) * (1 + (NOON - timer.created) // timedelta(seconds=90))
        await b.set(first - timedelta(seconds=1))
        assert b.events("f") == []
        for step in range(3):
            await b.set(first + timedelta(seconds=90 * step, milliseconds=100))
        times = [e["triggerTime"] for e in await b.fired("f", 3)]
        expected = [(first + timedelta(seconds=90 * n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(3)]
        assert sorted(times) == expected

    on_bench(tmp_path, test)


def test_disabled_timer_does_not_fire(tmp_path: Path) -> None:
    """enable: false keeps the trigger and does not fire it; enabling it again does."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "* * * * * *", "enable": False})
        await b.deploy("other", {"cronExpression": "* * * * * *"})
        await b.set(at(1))
        await b.fired("other", 1)
        assert b.events("f") == []
        assert b.engine.get("f").triggers[0].type == "timer"
        await b.deploy("f", {"cronExpression": "* * * * * *", "enable": True})
        await b.set(at(2))
        await b.fired("f", 1)

    on_bench(tmp_path, test)


def test_update_changes_the_schedule(tmp_path: Path) -> None:
    """From an update on the new schedule counts and the old one does not; other settings leave it alone."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": cron(at(5)), "payload": "old"})
        await b.deploy("f", {"cronExpression": cron(at(8)), "payload": "new"})
        await b.set(at(6))
        assert b.events("f") == []
        await b.deploy("f", {"cronExpression": cron(at(8)), "payload": "new"}, sleep=0.01)
        await b.set(at(8))
        assert [e["payload"] for e in await b.fired("f", 1)] == ["new"]

    on_bench(tmp_path, test)


@pytest.mark.parametrize("how", ["deleted", "without its trigger"])
def test_what_is_gone_does_not_fire(tmp_path: Path, how: str) -> None:
    """A deleted function, or one that lost its timer, is not called."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "* * * * * *"})
        await b.deploy("other", {"cronExpression": "* * * * * *"})
        await (b.engine.delete("f") if how == "deleted" else b.deploy("f"))
        await b.looked()
        await b.set(at(1))
        await b.fired("other", 1)
        assert b.events("f") == []

    on_bench(tmp_path, test)


def test_slow_function_delays_nobody(tmp_path: Path) -> None:
    """While one function runs others fire, and so does the slow one itself."""

    async def test(b: Bench) -> None:
        await b.deploy("slow", {"cronExpression": "* * * * * *"}, sleep=20)
        await b.deploy("quick", {"cronExpression": "* * * * * *"})
        for second in (1, 2, 3):
            await b.set(at(second))
        await until(lambda: len(b.events("slow")) == len(b.events("quick")) == 3)
        b.engine.pool.close()

    on_bench(tmp_path, test)


def test_failing_function_goes_on_firing(tmp_path: Path) -> None:
    """A function that fails is fired again at its next time, and the failure is in its log."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "* * * * * *"}, sleep=-1)
        b.engine.asyncs.put_config("f", "", {"maxAsyncRetryAttempts": 0})
        for second in (1, 2):
            await b.set(at(second))
            await b.fired("f", second)
        assert [r.error_type for r in b.engine.log("f").requests] == ["UnhandledInvocationError"] * 2

    on_bench(tmp_path, test)


def test_failed_firing_is_tried_again(tmp_path: Path) -> None:
    """A firing is an asynchronous call: if the function fails it is called again with the same event."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": cron(at(5))}, sleep=-1)
        b.engine.asyncs.put_config("f", "", {"maxAsyncRetryAttempts": 2})
        await b.set(at(5))
        first, *others = await b.fired("f", 3)
        assert others == [first, first]
        assert [(r.caller, r.retry) for r in b.engine.log("f").requests] == [("timer", n) for n in range(3)]

    on_bench(tmp_path, test)


def test_firings_do_not_pile_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """While a firing waits that nobody could run yet, the next one is left out, and the server's log says so."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "* * * * * *"}, sleep=20)
        for second in range(1, PER_FUNCTION + 1):
            await b.set(at(second))
        await until(lambda: len(b.events("f")) == PER_FUNCTION)
        for second in range(PER_FUNCTION + 1, PER_FUNCTION + 6):
            await b.set(at(second))
        assert b.engine.store.queue.waiting == PER_FUNCTION + 1
        assert caplog.text.count("the call before it still waits") == 4

    on_bench(tmp_path, test)


# ---------------------------------------------------------------- clocks


def test_slept_through_firings_are_left_out(tmp_path: Path) -> None:
    """After a long sleep nothing is made up for; the next due moment fires."""

    async def test(b: Bench) -> None:
        await b.deploy(
            "f", {"cronExpression": cron(at(5))}, {"cronExpression": cron(at(7200)), "payload": "next"}
        )
        await b.set(at(5 + LATE_S + 1))
        await b.quiet()
        assert b.events("f") == []
        await b.set(at(7200))
        assert [e["payload"] for e in await b.fired("f", 1)] == ["next"]

    on_bench(tmp_path, test)


def test_a_little_late_still_fires_once(tmp_path: Path) -> None:
    """A busy moment does not lose a firing, nor repeat it for every step that passed."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "* * * * * *"})
        await b.set(at(30))
        await b.set(at(30.5))
        (event,) = await b.fired("f", 1)
        assert event["triggerTime"] == at(1).strftime("%Y-%m-%dT%H:%M:%SZ")
        await b.set(at(31))
        await b.fired("f", 2)

    on_bench(tmp_path, test)


def test_clock_set_forward(tmp_path: Path) -> None:
    """A clock that jumps ahead skips what lies between and goes on from there."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "0 * * * * *"})
        await b.set(at(3600 * 5 + 90))
        await b.quiet()
        assert b.events("f") == []
        await b.set(at(3600 * 5 + 120))
        await b.fired("f", 1)

    on_bench(tmp_path, test)


def test_clock_set_back(tmp_path: Path) -> None:
    """A clock that is set back does not stop the timers until the old time comes again."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "0 * * * * *"})
        await b.set(at(7200))
        await b.quiet()
        before = len(b.events("f"))
        await b.set(at(7200 - 3600))
        await b.set(at(7200 - 3600 + 60))
        await b.fired("f", before + 1)

    on_bench(tmp_path, test)


def test_small_step_back_fires_nothing_twice(tmp_path: Path) -> None:
    """A clock that is corrected by a moment does not repeat what it fired."""

    async def test(b: Bench) -> None:
        await b.deploy("f", {"cronExpression": "*/5 * * * * *"})
        await b.set(at(5.01))
        await b.fired("f", 1)
        for moment in (4.98, 4.99, 5.0, 5.02, 9.9):
            await b.set(at(moment))
        await b.quiet()
        assert len(b.events("f")) == 1
        await b.set(at(10))
        await b.fired("f", 2)

    on_bench(tmp_path, test)


def test_nothing_is_made_up_for_at_a_start(tmp_path: Path) -> None:
    """What was due while the server was down is left out; what comes after its start fires."""

    async def deploy(b: Bench) -> None:
        await b.deploy(
            "f", {"cronExpression": cron(at(5))}, {"cronExpression": cron(at(15)), "payload": "after"}
        )

    async def again(b: Bench) -> None:
        await b.looked()
        await b.set(at(15))
        assert [e["payload"] for e in await b.fired("f", 1)] == ["after"]

    on_bench(tmp_path, deploy)
    on_bench(tmp_path, again, now=at(10))


# ---------------------------------------------------------------- what fails must not stop the rest


def test_work_that_fails_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """What runs beside the requests begins anew after a failure, and the log has the reason."""
    begun = []

    async def work() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise ValueError("out of order")
        await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(kept_up("the work", work, pause_s=0.001))
        await until(lambda: len(begun) == 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert [r.getMessage().partition(":")[0] for r in caplog.records] == ["the work"] * 2
    assert "out of order" in caplog.text


def test_row_that_can_no_longer_be_read(tmp_path: Path) -> None:
    """A function whose time zone is gone stops nobody: others fire, a list names it, and it can be deleted."""
    timer = {"type": "timer", "config": {"cronExpression": "CRON_TZ=Asia/Tokyo * * * * * *"}}
    every = {"type": "timer", "config": {"cronExpression": "@every 1s"}}
    with contextlib.closing(Door()) as door, serving(tmp_path / "data") as server:
        caller = Caller(server.url)
        caller.deploy(
            deployment("bad", triggers=[timer, {"type": "http", "config": {"url": "http://bad.com"}}])
        )
        caller.deploy(
            deployment("good", function_file("records"), triggers=[every], environment={"DOOR": door.name})
        )
        assert server.stop() == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "fc.sqlite")) as db, db:
        db.execute("UPDATE triggers SET config=replace(config, 'Asia/Tokyo', 'Mars/Phobos')")
        db.execute("UPDATE functions SET answer=replace(answer, 'Asia/Tokyo', 'Mars/Phobos')")
    with contextlib.closing(Door(door.name)), serving(tmp_path / "data") as server:
        caller = Caller(server.url)
        wait_for(lambda: caller.get("good").said["callsToday"])
        page = caller.call("GET", DEPLOYMENTS)
        assert [d["name"] for d in page.said["deployments"]] == ["good"]
        (warning,) = page.said["warnings"]
        assert warning.startswith("bad is left out")
        assert [f["functionName"] for f in caller.call("GET", FUNCTIONS).said["functions"]] == ["good"]
        for answer in (
            caller.get("bad"),
            caller.invoke("bad"),
            caller.put("bad", deployment("bad")),
            send(server.url, "GET", "/", {"host": "bad.com"}),
        ):
            assert (answer.status, answer.code) == (500, "InternalServerError")
            assert "can no longer be read" in answer.said["Message"]
            assert "Mars/Phobos" in answer.said["Message"]
            assert "delete it" in answer.said["Hint"]
        assert caller.invoke("good").status == 200
        assert caller.delete("bad").status == 204
        assert send(server.url, "GET", "/", {"host": "bad.com"}).code == "AccessDenied"
        assert caller.deploy(deployment("bad")).status == 201
        assert "warnings" not in caller.call("GET", DEPLOYMENTS).said
    assert [line for line in server.output if "Traceback" in line] == []
    assert sum("Mars/Phobos" in line for line in server.output) >= 1


# ---------------------------------------------------------------- the real clock, the real server


def test_real_timer_fires_and_stops(client: Client, deploy: Deploy) -> None:
    """On the server a timer fires by itself, one call a second, and stops with its trigger."""
    function = deploy(
        "echo", triggers=[{"type": "timer", "config": {"cronExpression": "@every 1s", "payload": "p"}}]
    )
    name = function.info.name
    calls = wait_for(lambda: (found := client.logs(name).requests)[1:] and found)
    assert {c.caller for c in calls} == {"timer"}
    assert all(re.search(r"^FC Invoke End RequestId: \S+$", c.text, re.MULTILINE) for c in calls)
    deploy("echo", triggers=[])
    settled = len(client.logs(name).requests)
    assert function(b"still there") == "still there"
    time.sleep(1.5)  # that nothing happens takes time to see
    assert len([c for c in client.logs(name).requests if c.caller == "timer"]) <= settled


def test_restart_keeps_the_timers(tmp_path: Path) -> None:
    """After a restart, even of a killed server, a timer goes on without a deployment."""
    door = Door()
    with serving(tmp_path / "data") as server, server.client() as client:
        timer = {"type": "timer", "config": {"cronExpression": "@every 1s", "name": "tick", "payload": "p"}}
        fields = {
            "name": "f",
            "code": function_file("records"),
            "triggers": [timer],
            "environment": {"DOOR": door.name},
        }
        client.deploy(fields)
        wait_for(door.said)
        server.kill()
    door.close()
    with serving(tmp_path / "data"), contextlib.closing(Door(door.name)) as door:
        event = json.loads(wait_for(door.said)[0])
    assert (event["triggerName"], event["payload"]) == ("tick", "p")
    due = datetime.strptime(event["triggerTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert abs((datetime.now(timezone.utc) - due).total_seconds()) < 60
